"""How soon explorers answer: from a change of a control to the encoded pictures, for a film of 7,800 frames.

    python -m benchmarks.speed.explorers

The peer is the same picture drawn anew by the plots and encoded as PNG, as one would without an explorer. Data
that no control changes (the tree, distances, small pictures) is made once, before.
"""

import io
import sys

import matplotlib
import numpy as np

from benchmarks.shared import best_of, finish, heading, machine, parser_of, report, timed
from toolkit import dialogue, explorers, plots, scenes, shots
from toolkit.records import Frames, Movie

FRAMES, SETUPS, PROMISED = 7800, 60, 100


def film(seed=0):
    """Return vectors, small pictures, times and set-ups of frames: shots of 3 to 9 frames, some in dialogues."""
    rng = np.random.default_rng(seed)
    labels = []
    while len(labels) < FRAMES:
        a, b = rng.integers(0, SETUPS, 2)
        turns = [a, b] * rng.integers(2, 8) if rng.random() < 0.15 else [a]
        for turn in turns:
            labels += [turn] * int(rng.integers(3, 10))
    labels = np.array(labels[:FRAMES])
    centers = rng.normal(size=(SETUPS, 32))
    vectors = (centers[labels] + 0.3 * rng.normal(size=(FRAMES, 32))).astype(np.float32)
    colors = rng.integers(30, 220, (SETUPS, 3))
    images = np.repeat(np.repeat(colors[labels][:, None, None], 54, axis=1), 96, axis=2).astype(np.uint8)
    return vectors, Frames(images, np.arange(FRAMES, dtype=float), "film"), labels


def drawn(draw):
    """Draw by a plot of its own figure, and encode it."""
    written = io.BytesIO()
    ax = draw()
    ax.figure.savefig(written, format="png")
    matplotlib.pyplot.close(ax.figure)


def moved(explorer, name, values):
    """Return the most milliseconds that a control takes to any of its values, each the least of three ways there."""
    control, back = explorer.controls[name], explorer.controls[name].value

    def milliseconds(value):
        taken = []
        for _ in range(3):
            control.value = back
            taken.append(timed(lambda: setattr(control, "value", value)).seconds)
        return 1e3 * min(taken)

    worst = max(milliseconds(value) for value in values)
    control.value = back
    return worst


def anew(draw):
    """Return the least milliseconds of two that pictures take which are drawn anew."""
    return 1e3 * best_of(2, draw).seconds


def threshold(frames, vectors):
    """Yield the control, its milliseconds, and those of the plots."""
    tree = shots.linkage_tree(vectors)
    explorer = explorers.explore_threshold(tree, frames)
    clusters = shots.cut_tree(tree, explorer.suggested)

    def by_plots():
        drawn(lambda: plots.plot_dendrogram(tree))
        drawn(lambda: plots.plot_barcode(clusters, times=frames.times))
        drawn(lambda: plots.plot_cluster_strips(frames, clusters))

    slow = anew(by_plots)
    values = explorer.suggested * np.geomspace(0.3, 2, 7)
    yield "threshold", moved(explorer, "distance_threshold", values), slow


def dialogues(frames, labels):
    """Yield of each control the same."""
    times = frames.times
    close = np.random.default_rng(1).random(SETUPS)[labels] < 0.7
    explorer = explorers.explore_dialogues(labels, close, times=times, frames=frames, min_close_up=0.0, inserts=1)
    found = dialogue.find_dialogues(labels, close, times=times, min_close_up=0.0, inserts=1)
    slow = anew(lambda: drawn(lambda: plots.plot_dialogues(found, labels, times, images=frames)))
    for name, values in (("inserts", range(4)), ("min_close_up", (0.2, 0.5, 0.8)), ("min_alternations", (3, 5, 8))):
        yield f"dialogues: {name}", moved(explorer, name, values), slow


def scene_threshold(frames, labels):
    """Yield the same of the scenes' threshold."""
    times = frames.times
    cuts = shots.shot_table(labels, times)[["start", "end"]]
    count, rng = len(cuts), np.random.default_rng(2)
    truth = rng.random(count - 1) < 0.1
    sure = np.clip(0.5 * truth + 0.6 * rng.random(count - 1), 0, 1)
    movie = Movie("film", {"place": rng.normal(size=(count, 8))}, truth, predictions=sure)
    small = Frames(frames.images[:count], times[:count], "film")
    explorer = explorers.explore_scenes(movie, cuts, frames=small, truth=scenes.scene_table(truth, cuts))
    lanes = {"scenes": scenes.scene_table(sure >= 0.5, cuts), "truth": scenes.scene_table(truth, cuts)}
    slow = anew(lambda: drawn(lambda: plots.plot_scenes(lanes, shot_spans=cuts)))
    yield f"scenes of {count} shots: threshold", moved(explorer, "threshold", (0.2, 0.4, 0.6, 0.8)), slow


def main():
    parser_of(__doc__).parse_args()
    matplotlib.use("agg")
    vectors, frames, labels = film()
    print(f"{FRAMES} frames, from a change to the pictures, and plots anew; {machine()}\n")
    heading(peer="plots", ratio="faster")
    rows = [*threshold(frames, vectors), *dialogues(frames, labels), *scene_threshold(frames, labels)]
    kept = []
    for name, taken, slow in rows:
        row = name, f"{taken:.0f} ms", f"< {PROMISED} ms", taken < PROMISED
        kept.append(report(*row, peer=f"{slow:.0f} ms", ratio=f"{slow / taken:.1f}"))
    return finish(kept)


if __name__ == "__main__":
    sys.exit(main())
