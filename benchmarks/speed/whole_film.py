"""What a whole film takes: all notebooks on two hours of 1080p, and where the time goes.

    python -m benchmarks.speed.whole_film [--minutes 120] [--film FILM ...] [--only 05 06] [--keep FOLDER]

The film is the sample film and, where TOOLKIT_REAL_DATA names their folder, the real clips, or what is named: one after
the other, scaled to 1920x1080, 24 pictures a second, encoded as H.264 with their sound, and repeated until it is so
long. The peer is to decode it once, every picture, as `video.iter_frames` does. A picture is looked at for faces once,
however often it comes again: what faces would take more in a film that does not repeat itself is added.
"""

import re
import subprocess
import sys
import tempfile
import threading
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import psutil

from benchmarks.shared import finish, heading, parser_of, real_data, repeat_film, report, timed
from toolkit import closeups, samples, shots, sound, tables, video

WIDTH, HEIGHT, RATE, SOUND_RATE = 1920, 1080, 24, 48_000
MINUTES, GIGABYTES, MEGABYTES = 45, 8, 15


def encode(sources, path):
    """Write films anew, one after the other, in 1080p with their sound."""
    with av.open(str(path), "w") as out:
        stream = out.add_stream("libx264", rate=RATE, options={"preset": "veryfast"})
        stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        voice = out.add_stream("aac", rate=SOUND_RATE, layout="mono")
        shown = 0
        for source in sources:
            info, begin = video.probe(source), shown
            for batch in video.iter_frames(source, fps=RATE, size=(WIDTH, HEIGHT), batch=8, progress=False):
                for image in batch.images:
                    picture = av.VideoFrame.from_ndarray(image, format="rgb24").reformat(format="yuv420p")
                    picture.pts, picture.time_base = shown, Fraction(1, RATE)
                    out.mux(stream.encode(picture))
                    shown += 1
            heard = np.zeros((shown - begin) * SOUND_RATE // RATE, np.float32)
            if info.has_audio:
                read = sound.read_audio(source, SOUND_RATE, start=info.start)[: len(heard)]
                heard[: len(read)] = read
            for first in range(0, len(heard), 1024):
                part = av.AudioFrame.from_ndarray(heard[None, first : first + 1024], format="fltp", layout="mono")
                part.sample_rate = SOUND_RATE
                out.mux(voice.encode(part))
        out.mux(stream.encode(None))
        out.mux(voice.encode(None))


def films():
    """Return the sample film, and the real clips where they are there."""
    folder = real_data("films")
    clips = sorted(path for path in folder.iterdir() if path.suffix in (".mp4", ".webm")) if folder else []
    return [samples.sample_film().path, *clips]


class Memory(threading.Thread):
    """Note the most memory that a process and its children have together."""

    def __init__(self, pid):
        super().__init__(daemon=True)
        self.process, self.most, self.over = psutil.Process(pid), 0, threading.Event()

    def run(self):
        """Look twice a second."""
        while not self.over.wait(0.5):
            held = 0
            try:
                for process in (self.process, *self.process.children(recursive=True)):
                    # pages shared by several count once
                    held += process.memory_full_info().pss
            except psutil.Error:
                continue
            self.most = max(self.most, held)


def notebooks(film, folder, only):
    """Run the notebooks; return of each its seconds and the most memory in bytes, and the exit code of all."""
    command = [sys.executable, "-m", "toolkit", "notebooks", "--film", str(film), "--out", str(folder)]
    command += ["--only", *only] if only else []
    times = {}
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    watch = Memory(process.pid)
    watch.start()
    for line in process.stdout:
        print("   ", line.rstrip(), flush=True)
        found = re.search(r"(\d\d_\w+).*done in ([\d.]+) (s|min)", line)
        if found:
            times[found[1]] = float(found[2]) * (60 if found[3] == "min" else 1), watch.most
            watch.most = 0
    code = process.wait()
    watch.over.set()
    return times, code


def repeated_faces(film, once, table):
    """Return the seconds that are saved because the film repeats itself: by faces found once."""
    times = shots.times_in_shots(tables.read_csv(table)).ravel()
    frames = video.read_frames(film, times=times[:96], size=320, progress=False)
    each = timed(lambda: closeups.face_scale(frames, cache=False, progress=False)).seconds / len(frames)
    again = len(times) * (1 - video.probe(once).duration / video.probe(film).duration)
    return each * again


def decode(film):
    for _ in video.iter_frames(film, fps=None, size=320, progress=False):
        pass


def make_film(sources, place, minutes):
    """Return the paths of the film, which is made where it is not yet, and of what it repeats."""
    once, film = place / "once.mp4", place / f"{sources[0].stem}_{len(sources)}_{minutes:g}min.mp4"
    if not film.exists():
        encode(sources, once)
        repeat_film(once, film, max(1, round(60 * minutes / video.probe(once).duration)), sound=True)
    return film, once


def measure(film, once, out, only):
    """Print what notebooks take, beside a decoding of the film, and yield whether the promises are kept."""
    decoding = timed(lambda: decode(film)).seconds
    run = timed(lambda: notebooks(film, out, only))
    times, code = run.result
    found = sorted(out.rglob("shots.csv"))
    more = repeated_faces(film, once, found[0]) if found else 0.0
    seconds, memory = run.seconds + more, max(most for _, most in times.values())
    print()
    heading("", "minutes", "GB", "decodings")
    report("decoding every picture once", f"{decoding / 60:.1f}")
    for name, (taken, most) in times.items():
        report(name, f"{taken / 60:.1f}", peer=f"{most / 1e9:.1f}", ratio=f"{taken / decoding:.2f}")
    report("faces, if no picture came again", f"{more / 60:.1f}", ratio=f"{more / decoding:.2f}")
    yield report("all notebooks end well", f"exit {code}", "exit 0", code == 0)
    row = "all", f"{seconds / 60:.1f}", f"<= {MINUTES} min", seconds <= 60 * MINUTES
    yield report(*row, ratio=f"{seconds / decoding:.2f}")
    yield report("memory", f"{memory / 1e9:.1f} GB", f"< {GIGABYTES} GB", memory < GIGABYTES * 1e9)
    pages = {page: page.stat().st_size / 1e6 for page in out.rglob("*.html")}
    largest = max(pages, key=pages.get)
    row = f"largest page, {largest.name}", f"{pages[largest]:.1f} MB"
    yield report(*row, f"< {MEGABYTES} MB", pages[largest] < MEGABYTES)


def main():
    parser = parser_of(__doc__)
    parser.add_argument("--minutes", type=float, default=120)
    parser.add_argument("--film", nargs="+", default=[], help="other films than these")
    parser.add_argument("--only", nargs="+", default=[], help="these notebooks")
    parser.add_argument("--keep", help="where the film and what is found go, to stay there")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        place = Path(options.keep or scratch)
        place.mkdir(parents=True, exist_ok=True)
        sources = [Path(source) for source in options.film or films()]
        film, once = make_film(sources, place, options.minutes)
        info = video.probe(film)
        size = f"{info.width}x{info.height}, {film.stat().st_size / 1e6:.0f} MB"
        print(f"{', '.join(source.name for source in sources)}: {info.duration / 60:.1f} minutes of {size}", flush=True)
        return finish([*measure(film, once, place / "out", options.only)])


if __name__ == "__main__":
    sys.exit(main())
