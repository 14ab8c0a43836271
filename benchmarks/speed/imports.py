"""How fast the doors open: each package with every name it hands out, beside ``import numpy, av, pandas``.

    python -m benchmarks.speed.imports

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

from benchmarks.shared import finish, in_process, in_turns, machine, parser_of, report

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


def seconds_to_first_frame(*command):
    """Return the seconds from the start of a process until there is a file in the folder that its command ends with."""
    with tempfile.TemporaryDirectory() as folder:
        start = time.perf_counter()
        process = subprocess.Popen([*command, folder], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
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


def doors():
    """Yield whether packages open as fast as promised."""
    codes = {"": PEER} | {name: OPEN.format(name) for name in (*LIMITS, *OTHERS)}
    works = {name: lambda code=code: in_process(TIMED.format(code))[0] for name, code in codes.items()}
    best = in_turns(ROUNDS, works)
    peer = best.pop("").seconds
    report("import numpy, av, pandas", f"{1000 * peer:.0f} ms")
    for name, run in best.items():
        row, ratio = f"toolkit.{name}, all names", run.seconds / peer
        if name in LIMITS:
            yield report(row, f"{ratio:.2f}", f"<= {LIMITS[name]}", ratio <= LIMITS[name])
        else:
            report(row, f"{ratio:.2f}")


def first_frame():
    """Yield whether the first frame is written as soon as promised."""
    with tempfile.TemporaryDirectory() as folder:
        film = Path(folder, "small.mp4")
        write_film(film)
        frames = sys.executable, "-m", "toolkit", "frames", str(film), "--out"
        works = {
            "ours": lambda: seconds_to_first_frame(*frames),
            "peer": lambda: seconds_to_first_frame(sys.executable, "-c", DECODE, str(film)),
        }
        best = in_turns(ROUNDS, works)
    ratio = best["ours"].seconds / best["peer"].seconds
    title = "python -m toolkit frames, to the first frame"
    yield report(title, f"{ratio:.2f}", f"<= {COMMAND_LIMIT}", ratio <= COMMAND_LIMIT)


def main():
    parser_of(__doc__).parse_args()
    print(f"{machine()}\n")
    return finish([*doors(), *first_frame()])


if __name__ == "__main__":
    sys.exit(main())
