"""Measure how fast frames are clustered, beside scikit-learn, and in what memory.

    python -m benchmarks.speed.setups [--quick]

How well clusters and set-ups are found is measured by `quality`, which benchmarks/quality/dialogues.py runs.
There frames are read at 5 a second, their vectors are those of the layout model. Scores are adjusted Rand indices,
frame by frame: of Ward's clusters at the suggested threshold, and of set-ups of shots, with the true cuts, with the
detected ones, and with the true and the detected cuts and three frames a shot. The real clips are looked for in
TOOLKIT_REAL_DATA, in the folders `films` and `truth`; without it they are left out.

The suggested threshold has no number that was fitted. `group_setups` has one that matters, the share of the median
distance between shots; left out means that the share which is best for the other films is taken for this one.
"""

import argparse
import json
import os
import subprocess
import sys
import time
import warnings
from pathlib import Path

import numpy as np
from sklearn.cluster import AgglomerativeClustering
from sklearn.metrics import adjusted_rand_score

from toolkit import embeddings, samples, shots, video
from toolkit.shots import setups as shot_setups

FPS = 5
CLIPS = {
    # the least score by frames, by shots
    "nosferatu.mp4": (0.8, 0.95),
    "big_buck_bunny_0_30.webm": (0.8, 0.95),
    "sintel_clip.mp4": (None, 0.9),
}
SAMPLES = (0.9, 0.95)
SHARES = (0.3, 0.35, 0.4, 0.45, 0.5, 0.55, 0.6, 0.65, 0.7)

MEMORY = """
import resource, sys, time
import numpy as np
from toolkit import shots

n, d = 7800, 25088
rng = np.random.default_rng(0)
features = np.empty((n, d), np.float32)
for row in features:
    row[:] = rng.random(d, dtype=np.float32)
start = time.perf_counter()
shots.cut_tree(shots.linkage_tree(features), 1.0)
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024, time.perf_counter() - start)
"""


def report(title, ours, promise="", kept=None):
    """Print a row, and return whether its promise is kept; a row without one returns nothing."""
    verdict = {None: "", True: "kept", False: "NOT KEPT"}[kept]
    print(f"{title:<60}{ours:>22}   {promise:<16}{verdict}".rstrip(), flush=True)
    return kept


def best_of(rounds, work):
    best = np.inf
    for _ in range(rounds):
        start = time.perf_counter()
        work()
        best = min(best, time.perf_counter() - start)
    return best


def films(seeds):
    """Yield the name of each film, its path, the spans of its shots and their true set-ups, and the least scores."""
    folder = os.environ.get("TOOLKIT_REAL_DATA")
    if folder:
        truth = json.loads(Path(folder, "truth", "clips.json").read_text())
        for name, least in CLIPS.items():
            path, clip = Path(folder, "films", name), truth[name]
            edges = video.probe(path).start + np.array([0, *clip["cuts"], clip["frames"]]) / clip["fps"]
            names = clip.get("shots", list(range(len(edges) - 1)))
            yield name, path, np.stack([edges[:-1], edges[1:]], axis=1), np.unique(names, return_inverse=True)[1], least
    else:
        print("The real clips are left out: TOOLKIT_REAL_DATA names no folder.")
    for seed in seeds:
        film = samples.sample_film(seed, progress=False)
        yield f"sample film {seed}", film.path, film.shots[["start", "end"]].to_numpy(), film.setups, SAMPLES


def three_a_shot(table, times):
    """Return positions of three frames of each shot, those nearest the instants that the toolkit names."""
    return np.unique(np.abs(times[:, None] - shots.times_in_shots(table).ravel()).argmin(axis=0))


def quality(seeds):
    """Print how well the frames and shots of each film are put together, and yield whether the promises are kept."""
    rows, known = [], {}
    head = (
        "film",
        "clusters",
        "by frames",
        "true cuts",
        "detected",
        "three of true",
        "of detected",
        "true set-ups",
        "found",
    )
    print(("{:<28}" + "{:>14}" * 8).format(*head))
    for name, path, spans, setups, least in films(seeds):
        frames = video.read_frames(path, fps=FPS, size=(320, 240), progress=False)
        features, times = embeddings.embed(frames.images, progress=False), frames.times
        true = shots.labels_at(spans, setups, times)
        clusters = shots.cluster_frames(features)
        found = shots.group_setups(features, times, spans)
        cuts = shots.detect_shots(path, progress=False)
        scores = [adjusted_rand_score(true, clusters)]
        some = [(table, three_a_shot(table, times)) for table in (spans, cuts)]
        for table, chosen in ((spans, slice(None)), (cuts, slice(None)), *some):
            with warnings.catch_warnings(action="ignore", category=UserWarning):
                grouped = shots.group_setups(features[chosen], times[chosen], table)
            scores.append(adjusted_rand_score(true, shots.labels_at(table, grouped, times)))
        counts = len(set(setups)), found.max() + 1
        print(f"{name:<28}{clusters.max() + 1:>14}" + "".join(f"{value:>14.3f}" for value in (*scores, *counts)))
        rows.append((name, least, scores))
        known[name] = features, times, spans, true
    print()
    for name, (by_frames, by_shots), scores in rows:
        if by_frames is not None:
            yield report(f"{name}: by frames", f"{scores[0]:.3f}", f">= {by_frames}", scores[0] >= by_frames)
        yield report(f"{name}: true cuts", f"{scores[1]:.3f}", f">= {by_shots}", scores[1] >= by_shots)
        yield report(f"{name}: detected cuts", f"{scores[2]:.3f}", f">= {by_shots}", scores[2] >= by_shots)
        title = f"{name}: detected cuts, three frames a shot"
        yield report(title, f"{scores[4]:.3f}", f">= {by_shots}", scores[4] >= by_shots)
    left_out(known)
    yield from same_as_sklearn(next(iter(known.values()))[0])


def left_out(known):
    """Print the score of each film with the share of the median that is best for the other films."""
    default, scores = shot_setups.NEAR, {}
    for share in SHARES:
        shot_setups.NEAR = share
        scores[share] = {}
        for name, (features, times, spans, true) in known.items():
            grouped = shots.group_setups(features, times, spans)
            scores[share][name] = adjusted_rand_score(true, shots.labels_at(spans, grouped, times))
    shot_setups.NEAR = default
    print()
    for share in SHARES:
        values = list(scores[share].values())
        report(f"share {share:.2f}, true cuts: mean and least of all films", f"{np.mean(values):.3f} {min(values):.3f}")
    for name in known:
        share = max(SHARES, key=lambda share: np.mean([scores[share][other] for other in known if other != name]))
        report(f"left out: {name}", f"share {share:.2f}: {scores[share][name]:.3f}")
    print()


def same_as_sklearn(features):
    tree = shots.linkage_tree(features)
    thresholds = [*np.quantile(tree[:, 2], [0.1, 0.5, 0.9, 0.97, 1]), shots.suggest_threshold(tree)]
    same = 0
    for threshold in thresholds:
        model = AgglomerativeClustering(n_clusters=None, distance_threshold=threshold, linkage="ward")
        theirs = model.fit_predict(features.astype(np.float64))
        same += adjusted_rand_score(theirs, shots.cut_tree(tree, threshold)) == 1
    title = "thresholds with the clusters of scikit-learn, some at a merge"
    yield report(title, f"{same} of {len(thresholds)}", "all", same == len(thresholds))


def speed():
    n, d = 7800, 64
    features = np.random.default_rng(0).random((n, d))
    tree = shots.linkage_tree(features)
    threshold = shots.suggest_threshold(tree)
    shots.cut_tree(tree, threshold)
    ours = best_of(20, lambda: shots.cut_tree(tree, threshold))
    model = AgglomerativeClustering(n_clusters=None, distance_threshold=threshold, linkage="ward")
    theirs = best_of(1, lambda: model.fit(features))
    yield report(f"a cut anew of {n:,} frames", f"{ours * 1e3:.2f} ms", "< 10 ms", ours < 0.01)
    report("    peer: scikit-learn's anew, and over ours", f"{theirs:.1f} s {theirs / ours:,.0f}")
    whole = best_of(1, lambda: shots.cluster_frames(features, threshold))
    report(f"cluster_frames of {n:,} x {d} (peer: scikit-learn's)", f"{whole:.1f} s {theirs / whole:.2f}")
    report("suggest_threshold", f"{best_of(5, lambda: shots.suggest_threshold(tree)) * 1e3:.1f} ms")


def memory():
    command = [sys.executable, "-c", MEMORY]
    printed = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    peak, seconds = map(float, printed.split())
    report("tree of 7,800 x 25,088 float32", f"{seconds:.0f} s")
    yield report("    peak memory, features and all", f"{peak / 1e9:.1f} GB", "< 8 GB", peak < 8e9)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="no memory is measured")
    quick = parser.parse_args().quick
    print(f"{os.cpu_count()} cores, load average at the start {os.getloadavg()[0]:.1f}\n")
    kept = [*speed(), *([] if quick else memory())]
    print(f"\n{sum(kept)} of {len(kept)} promises kept")
    return 0 if all(kept) else 1


if __name__ == "__main__":
    sys.exit(main())
