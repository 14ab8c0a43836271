"""A threshold that can be seen: Ward's tree of a film's frames, cut where a slider says."""

import ipywidgets
import numpy as np

from toolkit import shots
from toolkit.checks import check_count, check_number
from toolkit.explorers.explorer import Explorer
from toolkit.explorers.pictures import Picture, button, check_frames, new_figure
from toolkit.plots.clusters import paint_barcode, paint_cluster_strips
from toolkit.plots.style import GRAY, count_of
from toolkit.plots.tree import Dendrogram
from toolkit.records import Frames

# a slider that goes through so many thresholds, evenly in their logarithms, from such a part of the suggested one
STEPS, SMALLEST_PART = 400, 50
# pictures are drawn of the largest clusters
ROWS, COLUMNS, LEAVES, LANES = 6, 8, 40, 12


class ThresholdExplorer(Explorer):
    """An explorer of Ward's tree of a film's frames: what clusters there are, wherever it is cut.

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

    Attributes
    ----------
    result : DataFrame
        The table of `shots.shot_table`: label, start_frame, end_frame, and with times start and end.
    labels : ndarray of int64, (n,)
        The cluster of each frame.
    suggested : float
        The suggested threshold.
    parameters : dict
        distance_threshold and min_length.

    Raises
    ------
    ParameterError
        If `tree` is not a linkage tree, frames and times are not those of the tree, or a number is below 0.
    """

    texts = {
        "distance_threshold": ("threshold", "The height at which the tree is cut: lower gives more clusters"),
        "min_length": ("merge runs shorter than", "Give shorter runs to the runs beside them; 0 leaves all"),
        "n_clusters": ("clusters", "How many clusters there are; another number moves the threshold"),
    }

    def __init__(self, tree, frames, times=None, *, distance_threshold=None, min_length=0):
        self.suggested, self.labels, self._dendrogram = shots.suggest_threshold(tree), None, None
        self._tree, self._heights = tree, np.asarray(tree, dtype=np.float64)[:, 2]
        self._times_code = "times" if times is not None else "frames.times" if isinstance(frames, Frames) else None
        n = len(self._heights) + 1
        self._images, self._times = check_frames(frames, times, n=n, owner="tree", order="rising")
        threshold = self.suggested if distance_threshold is None else distance_threshold
        self._exact = check_number("distance_threshold", threshold, at_least=0)
        low, high = self._thresholds()
        slider = ipywidgets.FloatLogSlider(min(max(self._exact, low), high), min=np.log10(low), max=np.log10(high))
        slider.step, slider.readout_format, slider.layout.width = float(np.log10(high / low)) / STEPS, ".3g", "480px"
        self._slid, self._may_snap = slider.value, True
        most, layout = max(self._count(low), self._count(self._exact)), {"width": "150px"}
        number = ipywidgets.BoundedIntText(1, 1, most, continuous_update=False, layout=layout)
        self.n_clusters = self.label("n_clusters", number)
        self.hear(self.n_clusters, self._on_number)
        hint = "Go back to the threshold at which clusters are as compact, and as far from each other, as can be"
        self.back = button(f"suggested: {self.suggested:.3g}", "", hint, lambda: self._cut_at(self.suggested))
        more = [ipywidgets.HBox([self.n_clusters, self.back], layout={"align_items": "center"})]
        controls = {"distance_threshold": slider, "min_length": self._length_field(min_length)}
        super().__init__(controls, [Picture() for _ in range(3)], more=more)
        unit = "frames" if self._times is None else "seconds"
        controls["min_length"].description = f"merge runs shorter than ({unit})"

    def _thresholds(self):
        """Return the least and the largest threshold that the slider reaches."""
        positive = self._heights[self._heights > 0]
        low = max(positive.min(initial=self.suggested) / 2, self.suggested / SMALLEST_PART)
        high = 2 * max(self._heights.max(initial=0), self.suggested)
        return (min(low, self._exact), max(high, self._exact)) if self._exact > 0 else (low, high)

    def _length_field(self, min_length):
        layout = {"width": "290px"}
        if self._times is None:
            value = check_count("min_length", min_length)
            return ipywidgets.BoundedIntText(value, 0, max(value, len(self._images)), layout=layout)
        value = check_number("min_length", min_length, at_least=0, unit="seconds")
        return ipywidgets.BoundedFloatText(value, min=0, max=max(value, 600), step=0.1, layout=layout)

    def wanted(self):
        """Return the values of the controls; the threshold as it was set, which a slider may not reach."""
        values = super().wanted()
        new = values["distance_threshold"]
        # a browser answers a value between two steps with the nearest step: that is no wish of the user's
        step = self.controls["distance_threshold"].step
        if self._may_snap and 0 < abs(np.log10(new / self._slid)) <= 0.5 * step + 1e-9:
            self._slid, self._may_snap = new, False
        elif new != self._slid:
            self._exact, self._slid, self._may_snap = new, new, False
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
            ax = new_figure(10.5, 2.9).add_axes((0.06, 0.18, 0.85, 0.79))
            ax.axhline(self.suggested, color=GRAY, linewidth=1, linestyle=":", zorder=1)
            self._dendrogram = Dendrogram(self._tree, leaves=LEAVES, ax=ax)
        self._dendrogram.cut(threshold)
        counts = f"{count_of(count, 'cluster')} in {count_of(len(runs), 'run')}"
        tree = self._dendrogram.ax.figure
        self.pictures[0].show(tree, f"the tree of the frames, cut at {threshold:.3g} into {counts}")
        labels, lengths = runs["label"].to_numpy(), (runs["end_frame"] - runs["start_frame"]).to_numpy()
        by_frame = np.repeat(labels, lengths)
        if self._times is not None and runs["end"].iloc[-1] > runs["start"].iloc[0]:
            bars = paint_barcode(labels, spans=runs, rows=LANES)
        else:
            bars = paint_barcode(by_frame, rows=LANES)
        self.pictures[1].show(bars, f"{counts} over time", photo=False)
        strips = paint_cluster_strips(self._images, by_frame, times=self._times, rows=ROWS, columns=COLUMNS)
        self.pictures[2].show(strips, f"frames of the {min(ROWS, len(np.unique(labels)))} largest clusters")
        self._show_number(count)
        return f"{counts}; suggested is a threshold of {self.suggested:.3g}"

    def call(self, *, distance_threshold, min_length):
        """Return the line that gives the runs, the threshold in no more digits than it takes."""
        merges = np.searchsorted(self._heights, distance_threshold)
        digits = next(
            d for d in range(3, 18) if np.searchsorted(self._heights, float(f"{distance_threshold:.{d}g}")) == merges
        )
        arguments = [f"shots.cut_tree(tree, {float(f'{distance_threshold:.{digits}g}')!r})"]
        arguments += [self._times_code] if self._times_code else []
        arguments += [f"min_length={min_length!r}"] if min_length else []
        return f"shots.shot_table({', '.join(arguments)})"

    # the number of clusters

    def _count(self, threshold):
        return len(self._images) - int(np.searchsorted(self._heights, threshold))

    def _cut_at(self, threshold):
        """Set the threshold, also to what the slider does not reach."""
        self.set_controls({"distance_threshold": threshold})
        self._exact, self._slid, self._may_snap = threshold, self.controls["distance_threshold"].value, True
        self.refresh()

    def _on_number(self, change):
        count, heights, n = change["new"], self._heights, len(self._images)
        below = heights[n - count - 1] if count < n else 0.0
        above = heights[n - count] if count > 1 else 2 * below or 1.0
        if below < above:
            middle = float((below + above) / 2)
            self._cut_at(middle if middle > below else float(above))
        elif count == n:
            # not even frames that are the same are merged
            self._cut_at(0.0)
        else:
            self._show_number(self._count(self._exact))
            before, after = self._count(below), self._count(np.nextafter(below, np.inf))
            self.tell_problem(
                f"the tree has no {count} clusters: merges at {below:.3g} are done at once, {before} become {after}"
            )

    def _show_number(self, count):
        with self.unheard():
            self.n_clusters.max = max(self.n_clusters.max, count)
            self.n_clusters.value = count


explore_threshold = ThresholdExplorer
