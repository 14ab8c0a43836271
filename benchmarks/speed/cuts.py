"""How fast shots are detected, beside PySceneDetect's adaptive detector, and in what memory.

    python -m benchmarks.speed.cuts [--quick]

Films are two sample films and, where TOOLKIT_REAL_DATA is set, three real clips. Which cuts are found is measured in
benchmarks/quality/cuts.py.
"""

import sys
import tempfile
import warnings
from pathlib import Path

from benchmarks.shared import (
    finish,
    heading,
    in_process,
    in_turns,
    machine,
    parser_of,
    real_clips,
    repeat_film,
    report,
)
from toolkit import samples
from toolkit.shots import detect_shots

MB = 1 << 20

MEMORY = """
import sys
from toolkit.shots import detect_shots
detect_shots(sys.argv[1], progress=False)
print(resident("VmHWM"))
"""


def speed(paths, rounds):
    """Yield whether each film is gone through as fast as by PySceneDetect's adaptive detector."""
    import scenedetect

    for path in paths:
        works = {
            "ours": lambda path=path: detect_shots(path, progress=False),
            "peer": lambda path=path: scenedetect.detect(str(path), scenedetect.AdaptiveDetector()),
        }
        best = in_turns(rounds, works)
        ours, peer = best["ours"], best["peer"]
        ratio = peer.seconds / ours.seconds
        row = f"{path.stem}: peer's time to ours", f"{ours.seconds:.2f} s", ">= 1", ratio >= 1
        yield report(*row, peer=f"{peer.seconds:.2f} s", ratio=f"{ratio:.2f}")
        row = "    processor's time", f"{ours.processor:.2f} s"
        report(*row, peer=f"{peer.processor:.2f} s", ratio=f"{peer.processor / ours.processor:.2f}")


def memory(path):
    """Yield whether a film eight times as long takes no more memory."""
    peaks = []
    with tempfile.TemporaryDirectory() as folder:
        for times in (1, 8):
            target = repeat_film(path, Path(folder, f"{times}.mp4"), times)
            peaks.append(in_process(MEMORY, target)[0] / MB)
    value = f"{peaks[0]:.0f} to {peaks[1]:.0f} MB"
    yield report("memory: 2 minutes of film, and 16", value, "+ <= 32 MB", peaks[1] - peaks[0] <= 32)


def main():
    quick = parser_of(__doc__, "fewer rounds").parse_args().quick
    try:
        import scenedetect
    except ImportError:
        print('The peer is missing: pip install "scenedetect-headless>=0.7,<0.8"')
        return 1
    warnings.simplefilter("error")
    rounds = 2 if quick else 3
    print(f"PySceneDetect {scenedetect.__version__}, the best of {rounds} rounds, in turn; {machine()}\n")
    drawn = [samples.sample_film(seed, progress=False).path for seed in range(2)]
    paths = [*real_clips(), *drawn]
    heading()
    return finish([*speed(paths, rounds), *memory(drawn[0])])


if __name__ == "__main__":
    sys.exit(main())
