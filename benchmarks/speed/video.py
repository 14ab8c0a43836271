"""Reading frames against the ffmpeg command line on the same cores.

The film is ten minutes of 1080p H.264: a minute of the sample film enlarged and encoded with x264's own defaults, its
packets repeated ten times. Needs an `ffmpeg` command for the peer; without one that is said and nothing is compared.

    python -m benchmarks.speed.video [--runs 5]
"""

import argparse
import shutil
import subprocess
import tempfile
import time
from pathlib import Path

import av

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
    with av.open(str(path), "w") as out:
        stream = None
        for repeat in range(repeats):
            with av.open(str(minute)) as source:
                if stream is None:
                    stream = out.add_stream_from_template(source.streams.video[0])
                shift = int(repeat * seconds / source.streams.video[0].time_base)
                for packet in source.demux(source.streams.video[0]):
                    if packet.size:
                        packet.pts, packet.dts, packet.stream = packet.pts + shift, packet.dts + shift, stream
                        out.mux(packet)


def timed(function):
    begin = time.perf_counter()
    result = function()
    return time.perf_counter() - begin, result


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=3)
    runs = parser.parse_args().runs
    ffmpeg = shutil.which("ffmpeg")
    if ffmpeg is None:
        print("left out: no ffmpeg command to compare with (install it for this benchmark only)")
        return
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "ten_minutes.mp4")
        print("making the film ...", flush=True)
        make_film(path)
        info = video.probe(path)
        print(f"{info.duration:.0f} s of {info.width}x{info.height}, {path.stat().st_size / 1e6:.0f} MB, {info.codec}")
        raw = Path(folder, "frames.raw")
        peer = [ffmpeg, "-loglevel", "error", "-y", "-i", str(path), "-vf", f"fps=1,scale={WIDTH}:{HEIGHT}"]
        peer += ["-f", "rawvideo", "-pix_fmt", "rgb24", str(raw)]
        rows = {"ffmpeg": [], "exact": [], "keyframe": []}
        for _ in range(runs):
            rows["ffmpeg"].append(timed(lambda: subprocess.run(peer, check=True))[0])
            for accuracy in ("exact", "keyframe"):
                seconds, frames = timed(
                    lambda accuracy=accuracy: video.read_frames(
                        path, fps=1, size=(WIDTH, HEIGHT), accuracy=accuracy, progress=False
                    )
                )
                rows[accuracy].append(seconds)
                print(f"  {accuracy}: {len(frames)} frames in {seconds:.2f} s", flush=True)
        best = {name: min(times) for name, times in rows.items()}
        print(f"{'':10} {'seconds':>8} {'x ffmpeg':>9}   promised")
        for name, promise in (("ffmpeg", ""), ("exact", "at least 1"), ("keyframe", "at least 5")):
            print(f"{name:10} {best[name]:8.2f} {best['ffmpeg'] / best[name]:9.2f}   {promise}")


if __name__ == "__main__":
    main()
