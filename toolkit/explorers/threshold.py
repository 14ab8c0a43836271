"""A threshold that can be seen: Ward's tree of a film's frames, cut where a slider says."""

import ipywidgets
import numpy as np

from toolkit import shots
from toolkit.checks import check_count, check_images, check_number, check_times
from toolkit.errors import ParameterError
from toolkit.explorers.explorer import Explorer
from toolkit.explorers.pictures import Picture, new_figure
from toolkit.plots.clusters import paint_barcode, paint_cluster_strips
from toolkit.plots.style import PALE, count_of
from toolkit.plots.tree import Dendrogram
from toolkit.records import Frames

# a slider that goes through so many thresholds, evenly in their logarithms, from such a part of the suggested one
STEPS, SMALLEST = 400, 50
# pictures are drawn of the largest clusters
ROWS, COLUMNS, LEAVES, LANES = 6, 8, 40, 12


def explore_threshold(tree, frames, times=None, *, distance_threshold=None, min_length=0):
    """Return an explorer of Ward's tree of a film's frames: what clusters there are, wherever it is cut.

    A slider sets the threshold, in even steps of its logarithm; a button goes back to the one that
    `shots.suggest_threshold` takes, which is a dotted line in the tree. `clusters` asks for a number of them: the
    threshold goes midway between the heights that give so many. Below the tree are the clusters over time, and frames
    of the largest. Runs of a cluster that are shorter than `min_length` are given to their neighbours, by the rule of
    `shots.shot_table`.

    Parameters
    ----------
    tree : ndarray of float64, (n - 1, 4)
        From `shots.linkage_tree`.
    frames : ndarray of uint8, (n, height, width, 3) or (n, height, width), or Frames
        The pictures that the tree is of. Small ones will do, some 100 wide.
    times : ndarray of float, (n,), optional
        Seconds of the frames, rising; those of Frames are taken from them. Without, frames are counted.
    distance_threshold : float, optional
        Where to cut the tree, at least 0; None: where it is suggested.
    min_length : number
        Seconds, or without times a number of frames; 0: no run is given away.

    Returns
    -------
    ThresholdExplorer
        It shows itself as a cell's result. `result` is the table of `shots.shot_table`: label, start_frame, end_frame,
        and with times start and end; `labels` the cluster of each frame, int64 (n,); `suggested` the suggested
        threshold; `parameters` are distance_threshold and min_length.

    Raises
    ------
    ParameterError
        If the tree is none, frames and times are not those of the tree, or a number is below 0.
    """
    return ThresholdExplorer(tree, frames, times, distance_threshold=distance_threshold, min_length=min_length)


class ThresholdExplorer(Explorer):
    """A tree cut at a threshold; see `explore_threshold`."""

    def __init__(self, tree, frames, times, *, distance_threshold, min_length):
        self.suggested = shots.suggest_threshold(tree)
        self._tree, self._heights = tree, np.asarray(tree, dtype=np.float64)[:, 2]
        self._called = "times" if times is not None else "frames.times" if isinstance(frames, Frames) else None
        self._images, self._times = _pictures(frames, times, len(self._heights) + 1)
        threshold = self.suggested if distance_threshold is None else distance_threshold
        self._exact = check_number("distance_threshold", threshold, at_least=0)
        self.labels, self._dendrogram = None, None
        slider, merge, self.n_clusters = self._controls(min_length)
        self._shown, self._may_snap = slider.value, True
        self.back = ipywidgets.Button(
            description=f"suggested: {self.suggested:.3g}", layout={"width": "auto"},
            tooltip="Go back to the threshold at which clusters are as compact, and as far from each other, as can be",
        )  # fmt: skip
        self.back.on_click(lambda _: self._cut_at(self.suggested))
        self.n_clusters.observe(self._on_number, "value")
        more = [ipywidgets.HBox([self.n_clusters, self.back], layout={"align_items": "center"})]
        super().__init__({"distance_threshold": slider, "min_length": merge}, [Picture() for _ in range(3)], more=more)

    def _controls(self, min_length):
        positive = self._heights[self._heights > 0]
        low = max(positive.min(initial=self.suggested) / 2, self.suggested / SMALLEST)
        high = 2 * max(self._heights.max(initial=0), self.suggested)
        if self._exact > 0:
            low, high = min(low, self._exact), max(high, self._exact)
        slider = ipywidgets.FloatLogSlider(
            value=min(max(self._exact, low), high), base=10, min=np.log10(low), max=np.log10(high),
            step=float(np.log10(high / low)) / STEPS, description="threshold", readout_format=".3g",
            tooltip="The height at which the tree is cut: lower gives more clusters", layout={"width": "480px"},
        )  # fmt: skip
        rule = {
            "min": 0, "description": f"merge runs shorter than ({'frames' if self._times is None else 'seconds'})",
            "tooltip": "Give shorter runs to the runs beside them; 0 leaves all", "layout": {"width": "290px"},
        }  # fmt: skip
        if self._times is None:
            value = check_count("min_length", min_length)
            merge = ipywidgets.BoundedIntText(value=value, max=max(value, len(self._images)), **rule)
        else:
            value = check_number("min_length", min_length, at_least=0, unit="seconds")
            merge = ipywidgets.BoundedFloatText(value=value, max=max(value, 600), step=0.1, **rule)
        most = self._count(slider.value if 0 < self._exact < low else low)
        number = ipywidgets.BoundedIntText(
            value=1, min=1, max=max(most, self._count(self._exact)), description="clusters", continuous_update=False,
            style={"description_width": "initial"}, layout={"width": "150px"},
            tooltip="How many clusters there are; another number moves the threshold",
        )  # fmt: skip
        return slider, merge, number

    def wanted(self):
        """Return the values of the controls; the threshold as it was set, which a slider may not reach."""
        values = super().wanted()
        new = values["distance_threshold"]
        # a browser answers a value between two steps with the nearest step: that is no wish of the user's
        step = self.controls["distance_threshold"].step
        if self._may_snap and 0 < abs(np.log10(new / self._shown)) <= 0.5 * step + 1e-9:
            self._shown, self._may_snap = new, False
        elif new != self._shown:
            self._exact, self._shown, self._may_snap = new, new, False
        return values | {"distance_threshold": self._exact}

    def compute(self, *, distance_threshold, min_length):
        """Return the runs of clusters at a threshold."""
        self.labels = shots.cut_tree(self._tree, distance_threshold)
        return shots.shot_table(self.labels, self._times, min_length=min_length or None)

    def draw(self):
        """Draw the tree, the clusters over time, and frames of each."""
        threshold = self.parameters["distance_threshold"]
        count, runs = int(self.labels.max()) + 1, self.result
        if self._dendrogram is None:
            self._dendrogram = self._drawn_tree()
        self._dendrogram.cut(threshold)
        told = f"{count_of(count, 'cluster')} in {count_of(len(runs), 'run')}"
        self.pictures[0].show(self._dendrogram.ax.figure, f"the tree of the frames, cut at {threshold:.3g} into {told}")
        kept, each = runs["label"].to_numpy(), (runs["end_frame"] - runs["start_frame"]).to_numpy()
        timed = self._times is not None and runs["end"].iloc[-1] > runs["start"].iloc[0]
        spans = {"spans": runs} if timed else {}
        bars = paint_barcode(kept if timed else np.repeat(kept, each), **spans, rows=LANES)
        self.pictures[1].show(bars, f"{told} over time", photo=False)
        strips = paint_cluster_strips(
            self._images, np.repeat(kept, each), times=self._times, rows=ROWS, columns=COLUMNS
        )
        self.pictures[2].show(strips, f"frames of the {min(ROWS, len(np.unique(kept)))} largest clusters")
        self._show_number(count)
        return f"{told}; suggested is a threshold of {self.suggested:.3g}"

    def call(self, *, distance_threshold, min_length):
        """Return the line that gives the runs, the threshold in no more digits than it takes."""
        merges = np.searchsorted(self._heights, distance_threshold)
        digits = next(
            d for d in range(3, 18) if np.searchsorted(self._heights, float(f"{distance_threshold:.{d}g}")) == merges
        )
        arguments = [f"shots.cut_tree(tree, {float(f'{distance_threshold:.{digits}g}')!r})"]
        arguments += [self._called] if self._called else []
        arguments += [f"min_length={min_length!r}"] if min_length else []
        return f"shots.shot_table({', '.join(arguments)})"

    def _drawn_tree(self):
        """Return the tree drawn on axes of its own, to be cut again and again."""
        ax = new_figure(10.5, 2.9).add_axes((0.06, 0.18, 0.85, 0.79))
        ax.axhline(self.suggested, color=PALE, linewidth=1, linestyle=":", zorder=1)
        return Dendrogram(self._tree, leaves=LEAVES, ax=ax)

    # the number of clusters

    def _count(self, threshold):
        return len(self._images) - int(np.searchsorted(self._heights, threshold))

    def _cut_at(self, threshold):
        """Set the threshold, also to what the slider does not reach."""
        slider = self.controls["distance_threshold"]
        slider.unobserve(self._on_change, "value")
        slider.value = threshold
        slider.observe(self._on_change, "value")
        self._exact, self._shown, self._may_snap = threshold, slider.value, True
        self.refresh()

    def _on_number(self, change):
        wanted, heights, n = change["new"], self._heights, len(self._images)
        below = heights[n - wanted - 1] if wanted < n else 0.0
        above = heights[n - wanted] if wanted > 1 else 2 * below or 1.0
        if below < above:
            middle = float((below + above) / 2)
            self._cut_at(middle if middle > below else float(above))
            return
        if wanted == n:
            # not even frames that are the same are merged
            self._cut_at(0.0)
            return
        self._show_number(self._count(self._exact))
        near = self._count(below), self._count(np.nextafter(below, np.inf))
        self.tell_problem(
            f"the tree has no {wanted} clusters: merges at {below:.3g} are done at once, {near[0]} become {near[1]}"
        )

    def _show_number(self, count):
        self.n_clusters.unobserve(self._on_number, "value")
        self.n_clusters.max = max(self.n_clusters.max, count)
        self.n_clusters.value = count
        self.n_clusters.observe(self._on_number, "value")


def _pictures(frames, times, n):
    """Return the frames' images, and their seconds or None, one for each leaf of a tree."""
    if isinstance(frames, Frames):
        frames, times = frames.images, frames.times if times is None else times
    images = check_images(frames, "frames")
    if len(images) != n:
        raise ParameterError(f"frames must be those of the tree, {n}; got {len(images)}")
    return images, None if times is None else check_times(times, n, order="rising")
