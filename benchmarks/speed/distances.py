"""What `toolkit.distances` promises of speed and memory, each measured beside its peer in the same run.

    python -m benchmarks.speed.distances [--quick]

Times are wall clock, the best of five, ours and the peers' in turn, on frames of 320x240; `--quick` takes two rounds
and fewer frames, too few for what is promised of 512. Scipy gets its frames as rows of float64, converted before the
clock starts. The ceiling is a C program for AVX2, gray_limit.c, looked for in the folder `limits` of TOOLKIT_REAL_DATA
and compiled here with gcc; without it that row is left out.

Peak memory is measured in processes of their own, on Linux: the most that was ever resident (VmHWM; ru_maxrss would
begin at what the parent had) less what was resident when the kernels had been compiled and used once and the frames
filled in, less the matrix.
"""

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
from scipy.spatial.distance import pdist

from benchmarks.shared import finish, heading, in_process, in_turns, machine, parser_of, real_data, report
from toolkit import distances

HEIGHT, WIDTH = 240, 320
MB = 1 << 20

MEMORY = """
import sys, time
import numpy as np
from toolkit import distances

what, n, height, width, metric = sys.argv[1], *map(int, sys.argv[2:5]), sys.argv[5]
noise = np.random.default_rng(0).integers(0, 256, (height, width, 3), np.uint8)

def film():
    for start in range(0, n, 50):
        yield np.stack([np.roll(noise, i, axis=0) for i in range(start, min(start + 50, n))])

def run(images):
    if what == "array":
        return distances.pairwise(images, metric)
    if what == "file":
        return distances.pairwise(images, metric, out=sys.argv[6])
    if what == "window":
        return distances.pairwise(images, metric, window=20)
    return distances.consecutive(images, metric)

small = np.stack([noise] * 9)
run(iter([small]) if what in ("window", "consecutive") else small)
images = film()
if what in ("array", "file"):
    images = np.empty((n, height, width, 3), np.uint8)
    for i in range(n):
        images[i] = np.roll(noise, i, axis=0)
before = resident("VmRSS")
start = time.perf_counter()
result = run(images)
seconds = time.perf_counter() - start
output = 0 if isinstance(result, np.memmap) else result.nbytes
print(resident("VmHWM") - before - output, seconds)
"""

COMPILE = """
import time
start = time.perf_counter()
import numpy as np
from toolkit import distances
imported = time.perf_counter()
images = np.random.default_rng(0).integers(0, 256, (5, 8, 8, 3), np.uint8)
for metric in ("gray", "hsl"):
    distances.pairwise(images, metric)
    distances.consecutive(images, metric)
    distances.pairwise(images[..., 0].copy(), metric, window=2)
print(imported - start, time.perf_counter() - imported)
"""


def naive_hsl_of_pair(one, other):
    """Return the HSL distance of two RGB images as a numpy user writes it: convert both, then compare."""

    def convert(image):
        r, g, b = np.moveaxis(image / 255, 2, 0)
        high, low = np.maximum(np.maximum(r, g), b), np.minimum(np.minimum(r, g), b)
        spread = high - low
        lightness = (high + low) / 2
        divisor = 1 - np.abs(2 * lightness - 1)
        saturation = np.divide(spread, divisor, out=np.zeros_like(spread), where=spread > 0)
        safe = np.where(spread > 0, spread, 1)
        sixths = np.where(high == r, (g - b) / safe % 6, np.where(high == g, (b - r) / safe + 2, (r - g) / safe + 4))
        return sixths / 6, saturation, lightness, spread > 0

    h1, s1, l1, colored1 = convert(one)
    h2, s2, l2, colored2 = convert(other)
    d = np.abs(h1 - h2)
    hue = np.where(colored1 & colored2, 2 * np.minimum(d, 1 - d), 0)
    return float(np.mean((s1 - s2) ** 2 + (l1 - l2) ** 2 + hue))


def c_ceiling(folder):
    """Return the path of the compiled ceiling, or None and a sentence that says why not."""
    source = real_data("limits", "gray_limit.c")
    if not source:
        return None, "The C ceiling is left out: TOOLKIT_REAL_DATA names no folder with limits/gray_limit.c."
    if not shutil.which("gcc"):
        return None, "The C ceiling is left out: there is no gcc."
    program = Path(folder, "gray_limit")
    subprocess.run(["gcc", "-O3", "-mavx2", "-fopenmp", str(source), "-o", str(program)], check=True)
    return str(program), ""


def compiling():
    with tempfile.TemporaryDirectory() as folder:
        imported, compiled = in_process(COMPILE, NUMBA_CACHE_DIR=folder)
        _, cached = in_process(COMPILE, NUMBA_CACHE_DIR=folder)
    report("import", f"{imported:.2f} s")
    yield report("first calls, all kernels compiled", f"{compiled:.1f} s", "< 20 s", compiled < 20)
    row = "the same in a second process (peer: the first)", f"{cached:.2f} s", "<= 1/3", cached < compiled / 3
    yield report(*row, peer=f"{compiled:.1f} s", ratio=f"{cached / compiled:.2f}")


def least(rounds, works):
    """Return the least seconds of each of several works, done in turn."""
    return {name: run.seconds for name, run in in_turns(rounds, works).items()}


def all_pairs_of_gray(rgb, rounds):
    n = len(rgb)
    pixels, pairs = HEIGHT * WIDTH, n * (n - 1) / 2
    gray = distances.luma(rgb)
    rows = gray.reshape(n, pixels).astype(np.float64)
    works = {"ours": lambda: distances.pairwise(gray), "scipy": lambda: pdist(rows, "cityblock")}
    with tempfile.TemporaryDirectory() as folder:
        program, reason = c_ceiling(folder)
        if program:
            command = [program, str(n), str(pixels)]
            works["C"] = lambda: float(subprocess.run(command, check=True, capture_output=True).stdout.split()[3])
        distances.pairwise(gray)
        best = least(rounds, works)
    ours = f"{best['ours'] * 1e3:.0f} ms"
    report("gray: pixel differences a second", f"{pixels * pairs / best['ours'] / 1e9:.0f} G")
    ratio = best["scipy"] / best["ours"]
    row = "gray (peer: scipy pdist cityblock)", ours, ">= 100", ratio >= 100
    yield report(*row, peer=f"{best['scipy']:.2f} s", ratio=f"{ratio:.0f}")
    if program:
        ratio = best["C"] / best["ours"]
        row = "gray (peer: the C ceiling for AVX2)", ours, ">= 0.7", ratio >= 0.7
        yield report(*row, peer=f"{best['C'] * 1e3:.0f} ms", ratio=f"{ratio:.2f}")
    else:
        print(reason)

    works = {
        "rgb": lambda: distances.pairwise(rgb),
        "gray": lambda: distances.pairwise(gray),
        "luma": lambda: distances.luma(rgb),
    }
    best = least(rounds, works)
    row = "gray from RGB (peer: from gray)", f"{best['rgb'] * 1e3:.0f} ms"
    report(*row, peer=f"{best['gray'] * 1e3:.0f} ms", ratio=f"{best['gray'] / best['rgb']:.2f}")
    report("conversion from RGB alone, distances.luma", f"{best['luma'] * 1e3:.0f} ms")


def all_pairs_of_hsl(rgb, rounds):
    pairs = len(rgb) * (len(rgb) - 1) / 2
    sample = 4
    works = {
        "ours": lambda: distances.pairwise(rgb, "hsl"),
        "numpy": lambda: [naive_hsl_of_pair(rgb[0], rgb[i]) for i in range(1, sample + 1)],
    }
    distances.pairwise(rgb[:4], "hsl")
    best = least(rounds, works)
    ours, peer = best["ours"] / pairs, best["numpy"] / sample
    row = "hsl, a pair, from RGB (peer: numpy loop)", f"{ours * 1e6:.1f} us", ">= 1000", peer / ours >= 1000
    yield report(*row, peer=f"{peer * 1e3:.1f} ms", ratio=f"{peer / ours:.0f}")


def consecutive(rgb, rounds):
    best = least(rounds, {metric: lambda m=metric: distances.consecutive(rgb, m) for metric in ("gray", "hsl")})
    for metric, seconds in best.items():
        report(f"{metric}, consecutive, from RGB: frames a second", f"{len(rgb) / seconds:.0f}")


def memory(count):
    extra, seconds = in_process(MEMORY, "array", count, HEIGHT, WIDTH, "gray")
    yield report(f"gray, {count:,} RGB frames", f"{seconds:.1f} s", "< 60 s", seconds < 60)
    yield report("    peak memory", f"{extra / MB:.0f} MB", "<= 64 MB", extra <= 64 * MB)
    with tempfile.TemporaryDirectory() as folder:
        for title, arguments in {
            "hsl, 7,800 RGB frames of 64x48: peak memory": ("array", 7800, 48, 64, "hsl"),
            "gray, 7,800 RGB frames of 64x48, out=: peak memory": ("file", 7800, 48, 64, "gray", f"{folder}/d.npy"),
            "gray, 20,000 frames streamed, window=20: peak memory": ("window", 20000, 120, 160, "gray"),
            "hsl, 5,000 frames streamed, consecutive: peak memory": ("consecutive", 5000, 120, 160, "hsl"),
        }.items():
            extra, _ = in_process(MEMORY, *arguments)
            yield report(title, f"{extra / MB:.0f} MB", "<= 64 MB", extra <= 64 * MB)


def main():
    quick = parser_of(__doc__, "two rounds and fewer frames").parse_args().quick
    n, rounds, many = (256, 2, 2000) if quick else (512, 5, 7800)
    rgb = np.random.default_rng(0).integers(0, 256, (n, HEIGHT, WIDTH, 3), np.uint8)
    print(f"{n} frames of {WIDTH}x{HEIGHT}, all pairs, unless said otherwise; best of {rounds}")
    print(f"{machine()}; other work slows ours, on all cores, most\n")
    heading()
    kept = [*compiling(), *all_pairs_of_gray(rgb, rounds), *all_pairs_of_hsl(rgb, rounds)]
    consecutive(rgb, rounds)
    return finish([*kept, *memory(many)])


if __name__ == "__main__":
    sys.exit(main())
