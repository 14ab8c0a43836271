"""How fast the doors open: each package with every name it hands out, beside ``import numpy, av, pandas``.

A fresh process a measurement, the clock starting after Python has; all take turns, and the best of seven counts. Then
``python -m toolkit frames`` from its start to the first frame in the folder, beside a script that imports the three,
decodes the same frame and writes it.
"""

import subprocess
import sys
import tempfile
import time
from pathlib import Path

import av
import numpy as np
from shared import report

ROUNDS = 7
LIMITS = {"video": 1.3, "shots": 1.5, "scenes": 1.5, "scene_models": 1.5, "plots": 2.2, "explorers": 2.8}
OTHERS = ("closeups", "clustering", "colors", "corpus", "distances", "embeddings", "exports", "keywords", "metrics")
OTHERS += ("projections", "reports", "samples", "sound", "subtitles", "dialogue", "commands")
COMMAND_LIMIT = 1.5

TIMED = "import time; start = time.perf_counter(); {}; print(time.perf_counter() - start)"
PEER = "import numpy, av, pandas"
OPEN = "from toolkit import {0}; [getattr({0}, name) for name in {0}.__all__]"
DECODE = """
import sys, numpy, av, pandas
with av.open(sys.argv[1]) as film:
    next(film.decode(video=0)).to_image().save(sys.argv[2] + "/frame.jpg")
"""


def seconds_inside(code):
    done = subprocess.run([sys.executable, "-c", TIMED.format(code)], capture_output=True, text=True, check=True)
    return float(done.stdout)


def seconds_to_first_frame(command, folder):
    """Return the seconds from the start of a process until there is a file in its folder."""
    start = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    while not list(Path(folder).glob("*.jpg")) and process.poll() is None:
        time.sleep(0.002)
    seconds = time.perf_counter() - start
    process.wait()
    return seconds


def write_film(path):
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=24, width=320, height=180, pix_fmt="yuv420p")
        for n in range(48):
            image = np.full((180, 320, 3), 5 * n, np.uint8)
            container.mux(stream.encode(av.VideoFrame.from_ndarray(image)))
        container.mux(stream.encode())


def main():
    codes = {"numpy, av, pandas": PEER} | {name: OPEN.format(name) for name in (*LIMITS, *OTHERS)}
    best = dict.fromkeys(codes, float("inf"))
    for _ in range(ROUNDS):
        for name, code in codes.items():
            best[name] = min(best[name], seconds_inside(code))
    peer = best.pop("numpy, av, pandas")
    kept = [report("import numpy, av, pandas", f"{1000 * peer:.0f} ms")]
    for name, seconds in best.items():
        ratio, limit = seconds / peer, LIMITS.get(name)
        wanted = "" if limit is None else f"<= {limit}"
        kept.append(report(f"toolkit.{name}, all names", f"{ratio:.2f}", wanted, limit is None or ratio <= limit))
    with tempfile.TemporaryDirectory() as folder:
        film = Path(folder, "small.mp4")
        write_film(film)
        seconds = {"toolkit": float("inf"), "peer": float("inf")}
        for n in range(ROUNDS):
            outs = [Path(folder, f"{name}{n}") for name in seconds]
            for out in outs:
                out.mkdir()
            ours = [sys.executable, "-m", "toolkit", "frames", str(film), "--out", str(outs[0])]
            theirs = [sys.executable, "-c", DECODE, str(film), str(outs[1])]
            seconds["toolkit"] = min(seconds["toolkit"], seconds_to_first_frame(ours, outs[0]))
            seconds["peer"] = min(seconds["peer"], seconds_to_first_frame(theirs, outs[1]))
        ratio = seconds["toolkit"] / seconds["peer"]
        name = "python -m toolkit frames, to the first frame"
        kept.append(report(name, f"{ratio:.2f}", f"<= {COMMAND_LIMIT}", ratio <= COMMAND_LIMIT))
    return 0 if all(kept) else 1


if __name__ == "__main__":
    sys.exit(main())
