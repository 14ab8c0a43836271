"""Reading frames against the ffmpeg command line on the same cores.

The film is ten minutes of 1080p H.264: a minute of the sample film enlarged and encoded with x264's own defaults, its
packets repeated ten times. Needs an `ffmpeg` command for the peer; without one that is said and nothing is compared.

    python -m benchmarks.speed.video [--runs 3]
"""

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import av

from benchmarks.shared import finish, heading, in_turns, machine, parser_of, repeat_film, report
from toolkit import samples, video

WIDTH, HEIGHT = 320, 240


def make_film(path, *, seconds=60, repeats=10, fps=24):
    """Write the benchmark's film to `path`."""
    source = samples.sample_film(0)
    minute = path.with_name("minute.mp4")
    with av.open(str(minute), "w") as out:
        stream = out.add_stream("libx264", rate=fps)
        stream.width, stream.height, stream.pix_fmt = 1920, 1080, "yuv420p"
        for frames in video.iter_frames(source.path, fps=None, end=float(seconds), batch=16, progress=False):
            for image in frames.images:
                frame = av.VideoFrame.from_ndarray(image, format="rgb24").reformat(1920, 1080, "yuv420p")
                frame.pts = None
                out.mux(stream.encode(frame))
        out.mux(stream.encode(None))
    repeat_film(minute, path, repeats)


def main():
    parser = parser_of(__doc__)
    parser.add_argument("--runs", type=int, default=3)
    runs = parser.parse_args().runs
    ffmpeg = shutil.which("ffmpeg")
    if ffmpeg is None:
        print("left out: no ffmpeg command to compare with (install it for this benchmark only)")
        return 0
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "ten_minutes.mp4")
        print("making the film ...", flush=True)
        make_film(path)
        info = video.probe(path)
        print(f"{info.duration:.0f} s of {info.width}x{info.height}, {path.stat().st_size / 1e6:.0f} MB, {info.codec}")
        print(f"{machine()}\n")
        command = [ffmpeg, "-loglevel", "error", "-y", "-i", str(path), "-vf", f"fps=1,scale={WIDTH}:{HEIGHT}"]
        command += ["-f", "rawvideo", "-pix_fmt", "rgb24", str(Path(folder, "frames.raw"))]

        def read(accuracy):
            return video.read_frames(path, fps=1, size=(WIDTH, HEIGHT), accuracy=accuracy, progress=False)

        works = {
            "ffmpeg": lambda: subprocess.run(command, check=True),
            "exact": lambda: read("exact"),
            "keyframe": lambda: read("keyframe"),
        }
        best = in_turns(runs, works)
    heading("one frame a second", peer="ffmpeg")
    peer, kept = best["ffmpeg"].seconds, []
    for accuracy, least in (("exact", 1), ("keyframe", 5)):
        seconds, frames = best[accuracy].seconds, best[accuracy].result
        row = f"{accuracy}, {len(frames)} frames", f"{seconds:.2f} s", f">= {least}", peer / seconds >= least
        kept.append(report(*row, peer=f"{peer:.2f} s", ratio=f"{peer / seconds:.1f}"))
    return finish(kept)


if __name__ == "__main__":
    sys.exit(main())
