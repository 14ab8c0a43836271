"""Measure how fast shots are detected, and in what memory.

    python -m benchmarks.speed.cuts [--quick]

Which cuts and gradual changes are found is measured by `quality`, which benchmarks/quality/dialogues.py runs.
There a cut is found when one is told within two frames of it. A cut that a peer tells within a gradual change is not
held against it; against ours it is. A gradual change is found when one of its kind is told with an intersection over
union of at least 0.5.

Peers are the detectors of PySceneDetect at their defaults, on the same files: sample films and, where
TOOLKIT_REAL_DATA is set, three real clips.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
import warnings
from pathlib import Path

import av
import numpy as np

from toolkit import metrics, samples
from toolkit.shots import cuts as shot_cuts
from toolkit.shots import detect_shots
from toolkit.shots import gradual as shot_gradual

TOLERANCE = 2
CLIPS = ("nosferatu.mp4", "sintel_clip.mp4", "big_buck_bunny_0_30.webm")
THRESHOLDS = (1.8, 1.95, 2.1, 2.25, 2.4, 2.55, 2.7)
MIXTURES = (0.018, 0.022, 0.026, 0.03, 0.036)

MEMORY = """
import resource, sys
from toolkit.shots.cuts import detect_shots
detect_shots(sys.argv[1], progress=False)
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
"""


def load_films(seeds):
    """Return a dict of name -> (path, cuts, gradual changes as (kind, first, end)), real clips first."""
    films = {}
    real = os.environ.get("TOOLKIT_REAL_DATA")
    if real:
        truth = json.loads(Path(real, "truth", "clips.json").read_text(encoding="utf-8"))
        for name in CLIPS:
            gradual = [
                (change["type"].split("-")[0], change["frames"][0], change["frames"][1] + 1)
                for change in truth[name].get("gradual", [])
            ]
            films[name] = Path(real, "films", name), truth[name]["cuts"], gradual
    else:
        print("The real clips are left out: TOOLKIT_REAL_DATA is not set.")
    for seed in seeds:
        film = samples.sample_film(seed, progress=False)
        shots = film.shots
        cuts = shots.start_frame[shots.transition == "cut"].tolist()
        changes = shots[~shots.transition.isin(["start", "cut"])]
        columns = changes[["transition", "transition_start_frame", "transition_end_frame"]]
        films[f"sample {seed}"] = film.path, cuts, [tuple(row) for row in columns.itertuples(index=False)]
    return films


def sharp(table):
    """Return the frames at which a table's shots begin at once: all but those that split a gradual change."""
    inside = (table.transition_start_frame < table.start_frame) & (table.start_frame < table.transition_end_frame)
    return table.start_frame[~inside & (table.start_frame > 0)].to_numpy()


def count_cuts(found, true, forgiven=()):
    """Return (right, false, missed); what is told within a change that is forgiven is not false."""
    pairs = metrics.match_cuts(found, true, tolerance=TOLERANCE)
    left = np.delete(found, pairs[:, 0])
    false = [frame for frame in left if not any(first - 1 <= frame <= end for _, first, end in forgiven)]
    return np.array([len(pairs), len(false), len(true) - len(pairs)])


def count_changes(table, true):
    """Return (right, false, missed) of gradual changes."""
    rows = table[~table.transition.isin(["start", "cut"])]
    left = list(rows[["transition", "transition_start_frame", "transition_end_frame"]].itertuples(index=False))
    right = 0
    for kind, first, end in true:
        for row in left:
            common = min(end, row[2]) - max(first, row[1])
            if row[0] == kind and common / (max(end, row[2]) - min(first, row[1])) >= 0.5:
                left.remove(row)
                right += 1
                break
    return np.array([right, len(left), len(true) - right])


def f1(counts):
    right, false, missed = counts
    return 2 * right / max(1, 2 * right + false + missed)


def report(title, value="", promise="", kept=None):
    verdict = "" if kept is None else ("kept" if kept else "BROKEN")
    print(f"{title:66s}{value:>22s}   {promise:12s} {verdict}".rstrip())
    return kept


def of(films, real):
    return [name for name in films if (name in CLIPS) == real]


def quality(seeds):
    """Print what is found in each film, by each method, and yield whether the promises are kept."""
    films = load_films(seeds)
    peers = tuple(shot_cuts.PEERS)
    methods = ["toolkit", *peers]
    counts = {method: {} for method in methods}
    changes = {}
    print("\nHard cuts: right / false / missed")
    print(f"{'':28s}" + "".join(f"{method:>14s}" for method in methods))
    for name, (path, cuts, gradual) in films.items():
        for method in methods:
            table = detect_shots(path, method, progress=False)
            counts[method][name] = count_cuts(sharp(table), cuts, () if method == "toolkit" else gradual)
            if method == "toolkit":
                changes[name] = count_changes(table, gradual)
        print(f"{name:28s}" + "".join(f"{'/'.join(map(str, counts[m][name])):>14s}" for m in methods))
    print("\nGradual changes, right / false / missed: ", end="")
    print(", ".join(f"{name} {'/'.join(map(str, c))}" for name, c in changes.items()), end="\n\n")
    for real, title in ((True, "three real clips"), (False, "sample films")):
        names = of(films, real)
        if not names:
            continue
        total = {method: sum(counts[method][name] for name in names) for method in methods}
        ours = total["toolkit"]
        if real:
            yield report(f"hard cuts, {title}", "/".join(map(str, ours)), "18/0/0", tuple(ours) == (18, 0, 0))
        else:
            yield report(f"hard cuts, {title}: F1", f"{f1(ours):.4f}", ">= 0.97", f1(ours) >= 0.97)
        best = max(peers, key=lambda method: f1(total[method]))
        ratio = f1(ours) / f1(total[best])
        value = f"{f1(ours):.3f}/{f1(total[best]):.3f} = {ratio:.2f}"
        yield report(f"    to PySceneDetect's best, {best}", value, ">= 1", ratio >= 1)
        found = sum(changes[name] for name in names)
        if real:
            kept = found[0] == sum(len(films[name][2]) for name in names)
            yield report("    iris of nosferatu, fade-in of big_buck_bunny", "/".join(map(str, found)), "both", kept)
        else:
            yield report(f"gradual changes, {title}: F1", f"{f1(found):.3f}", ">= 0.8", f1(found) >= 0.8)
    left_out(films)


def left_out(films):
    """Print scores of films that had no say in the choice of the two thresholds."""
    cut_counts, change_counts = {}, {}
    mixed = shot_gradual.MIXED
    for name, (path, cuts, gradual) in films.items():
        batches = list(shot_cuts._small_frames(path, False))
        for threshold in THRESHOLDS:
            cut_counts[name, threshold] = count_cuts(sharp(shot_cuts._shots(batches, threshold)), cuts)
        for mixture in MIXTURES:
            shot_gradual.MIXED = mixture
            change_counts[name, mixture] = count_changes(shot_cuts._shots(batches, THRESHOLDS[3]), gradual)
        shot_gradual.MIXED = mixed

    def best(counts, choices, names):
        # of equals the middle one
        scores = [f1(sum(counts[name, choice] for name in names)) for choice in choices]
        equal = [choice for choice, score in zip(choices, scores, strict=True) if score == max(scores)]
        return equal[len(equal) // 2]

    real, drawn = of(films, True), of(films, False)
    print("\nLeft out: thresholds chosen anew on other films")
    for clip in real:
        others = [name for name in real if name != clip] + drawn[::2]
        choice = best(cut_counts, THRESHOLDS, others)
        report(f"hard cuts of {clip}, threshold {choice} from the rest", f"{f1(cut_counts[clip, choice]):.3f}")
    for title, test, train in (("odd", drawn[1::2], drawn[::2]), ("even", drawn[::2], drawn[1::2])):
        choice = best(cut_counts, THRESHOLDS, real + train)
        score = f1(sum(cut_counts[name, choice] for name in test))
        report(f"hard cuts of {title} sample films, threshold {choice} from the rest", f"{score:.3f}")
        choice = best(change_counts, MIXTURES, real + train)
        score = f1(sum(change_counts[name, choice] for name in test))
        report(f"gradual changes of {title} sample films, mixture {choice} from the rest", f"{score:.3f}")


def speed(films, rounds):
    """Yield whether each film is gone through as fast as by PySceneDetect's adaptive detector."""
    import scenedetect

    works = {
        "ours": lambda path: detect_shots(path, progress=False),
        "peer": lambda path: scenedetect.detect(str(path), scenedetect.AdaptiveDetector()),
    }
    print("\nSpeed: the best of", rounds, "rounds, in turn")
    for name in films:
        wall, cpu = {key: [] for key in works}, {key: [] for key in works}
        for _ in range(rounds):
            for key, work in works.items():
                began, used = time.perf_counter(), time.process_time()
                work(films[name][0])
                wall[key].append(time.perf_counter() - began)
                cpu[key].append(time.process_time() - used)
        ratio = min(wall["peer"]) / min(wall["ours"])
        value = f"{min(wall['ours']):.2f} s/{min(wall['peer']):.2f} s = {ratio:.2f}"
        yield report(f"{name}: peer's time to ours", value, ">= 1", ratio >= 1)
        report("    processor time", f"{min(cpu['peer']) / min(cpu['ours']):.2f}")


def repeat(path, target, times):
    """Write a film that is another one several times over, without coding it anew."""
    with av.open(str(target), "w") as out:
        shift, written = 0, None
        for _ in range(times):
            with av.open(str(path)) as source:
                stream = source.streams.video[0]
                if written is None:
                    written = out.add_stream_from_template(stream)
                end = 0
                for packet in source.demux(stream):
                    if packet.dts is None:
                        continue
                    end = max(end, packet.pts + packet.duration)
                    packet.pts, packet.dts, packet.stream = packet.pts + shift, packet.dts + shift, written
                    out.mux(packet)
                shift += end
    return target


def memory(films):
    """Yield whether a film eight times as long takes no more memory."""
    path = films["sample 0"][0]
    with tempfile.TemporaryDirectory() as folder:
        peaks = []
        for times in (1, 8):
            target = repeat(path, Path(folder, f"{times}.mp4"), times)
            command = [sys.executable, "-c", MEMORY, str(target)]
            peaks.append(float(subprocess.run(command, check=True, capture_output=True, text=True).stdout))
    print()
    value = f"{peaks[0]:.0f} to {peaks[1]:.0f} MB"
    yield report("memory: 2 minutes of film, and 16", value, "+ <= 32 MB", peaks[1] - peaks[0] <= 32)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="fewer rounds")
    quick = parser.parse_args().quick
    try:
        import scenedetect
    except ImportError:
        print('The peer is missing: pip install "scenedetect-headless>=0.7,<0.8"')
        return 1
    warnings.simplefilter("error")
    print(f"PySceneDetect {scenedetect.__version__}; load average at the start: {os.getloadavg()[0]:.1f}")
    films = load_films(range(2))
    kept = [*speed(films, 2 if quick else 3), *memory(films)]
    print(f"\n{sum(kept)} of {len(kept)} promises kept")
    return 0 if all(kept) else 1


if __name__ == "__main__":
    sys.exit(main())
