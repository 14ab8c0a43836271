"""What a whole film takes: all notebooks on two hours of 1080p, and where the time goes.

    python -m benchmarks.speed.whole_film [--minutes 120] [--film FILM ...] [--only 05 06] [--keep FOLDER]

The film is the sample film and, where TOOLKIT_REAL_DATA names their folder, the real clips, or what is named: one after
the other, scaled to 1920x1080, 24 pictures a second, encoded as H.264 with their sound, and repeated until it is so
long. The peer is to decode it once, every picture, as `video.iter_frames` does. A picture is looked at for faces once,
however often it comes again: what faces would take more in a film that does not repeat itself is added.
"""

import argparse
import os
import re
import subprocess
import sys
import tempfile
import threading
import time
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import psutil

from toolkit import closeups, samples, shots, sound, video
from toolkit import tables as the_tables

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
                samples = sound.read_audio(source, SOUND_RATE, start=info.start)[: len(heard)]
                heard[: len(samples)] = samples
            for first in range(0, len(heard), 1024):
                part = av.AudioFrame.from_ndarray(heard[None, first : first + 1024], format="fltp", layout="mono")
                part.sample_rate = SOUND_RATE
                out.mux(voice.encode(part))
        out.mux(stream.encode(None))
        out.mux(voice.encode(None))


def films():
    """Return the sample film, and the real clips where they are there."""
    real = os.environ.get("TOOLKIT_REAL_DATA")
    clips = sorted(path for path in Path(real, "films").iterdir() if path.suffix in (".mp4", ".webm")) if real else []
    return [samples.sample_film().path, *clips]


def repeat(path, out_path, seconds):
    """Write a film again and again, without encoding it anew, until it is so long."""
    with av.open(str(path)) as old:
        length = max(float(stream.duration * stream.time_base) for stream in old.streams)
    with av.open(str(out_path), "w") as out:
        streams = None
        for turn in range(max(1, round(seconds / length))):
            with av.open(str(path)) as old:
                if streams is None:
                    streams = {stream.index: out.add_stream_from_template(stream) for stream in old.streams}
                for packet in old.demux():
                    if packet.dts is None:
                        continue
                    shift = round(turn * length / packet.time_base)
                    packet.pts, packet.dts = packet.pts + shift, packet.dts + shift
                    packet.stream = streams[packet.stream.index]
                    out.mux(packet)
    return out_path


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


def run(film, folder, only):
    """Run the notebooks; return of each its seconds and the most memory in bytes, seconds of all, and the exit code."""
    command = [sys.executable, "-m", "toolkit", "notebooks", "--film", str(film), "--out", str(folder)]
    command += ["--only", *only] if only else []
    begin, times = time.perf_counter(), {}
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
    return times, time.perf_counter() - begin, code


def repeated_faces(film, once, table):
    """Return the seconds that are saved because the film repeats itself: by faces found once."""
    times = shots.times_in_shots(the_tables.read_csv(table)).ravel()
    frames = video.read_frames(film, times=times[:96], size=320, progress=False)
    begin = time.perf_counter()
    closeups.face_scale(frames, cache=False, progress=False)
    each = (time.perf_counter() - begin) / len(frames)
    again = len(times) * (1 - video.probe(once).duration / video.probe(film).duration)
    return each * again


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--minutes", type=float, default=120)
    parser.add_argument("--film", nargs="+", default=[], help="other films than these")
    parser.add_argument("--only", nargs="+", default=[], help="these notebooks")
    parser.add_argument("--keep", help="where the film and what is found go, to stay there")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        place = Path(options.keep or scratch)
        place.mkdir(parents=True, exist_ok=True)
        sources = [Path(source) for source in options.film or films()]
        film = place / f"{sources[0].stem}_{len(sources)}_{options.minutes:g}min.mp4"
        if not film.exists():
            encode(sources, place / "once.mp4")
            repeat(place / "once.mp4", film, 60 * options.minutes)
        info = video.probe(film)
        size = f"{info.width}x{info.height}, {os.path.getsize(film) / 1e6:.0f} MB"
        print(f"{', '.join(source.name for source in sources)}: {info.duration / 60:.1f} minutes of {size}")
        begin = time.perf_counter()
        for _ in video.iter_frames(film, fps=None, size=320, progress=False):
            pass
        decoding = time.perf_counter() - begin
        times, seconds, code = run(film, place / "out", options.only)
        memory = max(most for _, most in times.values())
        print(f"\n{'decoding every picture once':40s} {decoding / 60:7.1f} min")
        for name, (taken, most) in times.items():
            print(f"{name:40s} {taken / 60:7.1f} min {taken / decoding:6.2f} decodings {most / 1e9:5.1f} GB")
        tables = sorted((place / "out").rglob("shots.csv"))
        more = repeated_faces(film, place / "once.mp4", tables[0]) if tables else 0.0
        print(f"{'faces, if no picture came again':40s} {more / 60:7.1f} min {more / decoding:6.2f} decodings more")
        seconds += more
        print(f"{'all':40s} {seconds / 60:7.1f} min {seconds / decoding:6.2f} decodings, {memory / 1e9:.1f} GB\n")
        pages = {page: page.stat().st_size / 1e6 for page in (place / "out").rglob("*.html")}
        largest = max(pages, key=pages.get)
        kept = {
            "all notebooks end well": code == 0,
            f"within {MINUTES} minutes": seconds <= 60 * MINUTES,
            f"under {GIGABYTES} GB": memory < GIGABYTES * 1e9,
            f"each page under {MEGABYTES} MB (largest {largest.name}, {pages[largest]:.1f})": pages[largest]
            < MEGABYTES,
        }
        for promise, is_kept in kept.items():
            print(f"{'kept  ' if is_kept else 'BROKEN'}  {promise}")
    return 0 if all(kept.values()) else 1


if __name__ == "__main__":
    sys.exit(main())
