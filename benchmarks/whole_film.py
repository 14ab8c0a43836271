"""What a whole film takes: all notebooks on two hours of 1080p, and where the time goes.

    python benchmarks/whole_film.py [--minutes 120] [--film FILM] [--only 05 06] [--keep FOLDER]

The film is the sample film, or the one named, such as a real clip, scaled to 1920x1080, encoded as H.264 with its sound
and repeated until it is so long. The peer is to decode it once, every picture, as `video.iter_frames` does.
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
import psutil

from toolkit import samples, video

WIDTH, HEIGHT, RATE = 1920, 1080, 48_000
MINUTES, GIGABYTES, MEGABYTES = 45, 8, 15


def encode(source, path):
    """Write a film anew, in 1080p with its sound."""
    info = video.probe(source)
    rate = Fraction(info.fps).limit_denominator(1001)
    with av.open(str(path), "w") as out, av.open(str(source)) as old:
        stream = out.add_stream("libx264", rate=rate, options={"preset": "veryfast"})
        stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        sound = out.add_stream("aac", rate=RATE, layout="stereo") if info.has_audio else None
        for number, frame in enumerate(old.decode(video=0)):
            picture = frame.reformat(WIDTH, HEIGHT, "yuv420p")
            picture.pts, picture.time_base = number, 1 / rate
            out.mux(stream.encode(picture))
        out.mux(stream.encode(None))
        if sound is not None:
            old.seek(0)
            resampler = av.AudioResampler("fltp", "stereo", RATE)
            for frame in old.decode(audio=0):
                for part in resampler.resample(frame):
                    part.pts = None
                    out.mux(sound.encode(part))
            out.mux(sound.encode(None))


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


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--minutes", type=float, default=120)
    parser.add_argument("--film", help="other than the sample film")
    parser.add_argument("--only", nargs="+", default=[], help="these notebooks")
    parser.add_argument("--keep", help="where the film and what is found go, to stay there")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        place = Path(options.keep or scratch)
        place.mkdir(parents=True, exist_ok=True)
        source = Path(options.film or samples.sample_film().path)
        film = place / f"{source.stem}_{options.minutes:g}min.mp4"
        if not film.exists():
            encode(source, place / "once.mp4")
            repeat(place / "once.mp4", film, 60 * options.minutes)
        info = video.probe(film)
        size = f"{info.width}x{info.height}, {os.path.getsize(film) / 1e6:.0f} MB"
        print(f"{source.name}: {info.duration / 60:.1f} minutes of {size}")
        begin = time.perf_counter()
        for _ in video.iter_frames(film, fps=None, size=320, progress=False):
            pass
        decoding = time.perf_counter() - begin
        times, seconds, code = run(film, place / "out", options.only)
        memory = max(most for _, most in times.values())
        print(f"\n{'decoding every picture once':40s} {decoding / 60:7.1f} min")
        for name, (taken, most) in times.items():
            print(f"{name:40s} {taken / 60:7.1f} min {taken / decoding:6.2f} decodings {most / 1e9:5.1f} GB")
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
