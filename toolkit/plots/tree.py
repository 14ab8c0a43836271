"""Figures of the tree of frames: where a threshold cuts it, and how much depends on that.

As in `toolkit.plots`, which holds these functions too, each draws on an Axes and returns it.
"""

import numpy as np
from matplotlib.collections import LineCollection, PolyCollection
from matplotlib.colors import to_rgb
from matplotlib.patches import Rectangle
from matplotlib.ticker import FixedLocator, FuncFormatter, NullFormatter, NullLocator

from toolkit import shots
from toolkit.checks import check_count
from toolkit.plots.axes import WIDTH, hide_spines, new_axes, note
from toolkit.plots.style import GRAY, INK, MARK, NO_CLUSTER, cluster_colors, count_of

# the smallest threshold that is drawn, as a share of the one that is marked
MIN_SHARE = 1 / 30


def plot_dendrogram(tree, *, threshold=None, leaves=60, ax=None):
    """Draw Ward's tree of a film's frames, the clusters below the threshold in their colours.

    Of two branches that of the earlier frame is to the left. Frames whose merges are too many to draw are a wedge, as
    high as the highest of these. Under the tree is the number of each cluster, as of `shots.cut_tree`; under a wedge of
    several clusters, in parentheses, how many.

    Parameters
    ----------
    tree : ndarray of float64, (n - 1, 4)
        From `shots.linkage_tree`.
    threshold : float, optional
        Where it is cut; by default that of `shots.suggest_threshold`.
    leaves : int
        Draw at most so many, at least 2. Wedges of several clusters are gray.

    Raises
    ------
    ParameterError
        If the tree is none, or an option is out of range.
    """
    leaves = check_count("leaves", leaves, at_least=2)
    threshold = shots.suggest_threshold(tree) if threshold is None else threshold
    shots.cut_tree(tree, threshold)
    ax = ax or new_axes(WIDTH, 4.2)
    Dendrogram(tree, leaves=leaves, ax=ax).cut(threshold)
    return ax


class Dendrogram:
    """A tree drawn on an Axes by `plot_dendrogram`, that can be cut again elsewhere without being drawn anew."""

    def __init__(self, tree, *, leaves, ax):
        self._tree, self.ax = tree, ax
        merges = np.asarray(tree, dtype=np.float64)
        n = len(merges) + 1
        # frames are the nodes before n; of the others, those from `top` on are drawn as merges
        top = max(n, 2 * n - leaves)
        heights, first = np.concatenate([np.zeros(n), merges[:, 2]]), np.arange(2 * n - 1)
        children = merges[:, :2].astype(int)
        for node, (a, b) in enumerate(children.tolist(), n):
            first[node] = min(first[a], first[b])
        places, self._merged, self._tips = _places(children, first, top, n)
        self._heights, self._first, self._highest = heights, first, float(heights[-1]) or 1.0
        self._beneath = [_frames_under(tip, children, n) for tip in self._tips]
        forks = []
        for node in self._merged:
            a, b = sorted(children[node - n], key=places.get)
            (left, right), high = (places[a], places[b]), heights[node]
            forks.append([(left, heights[a]), (left, high), (right, high), (right, heights[b])])
        self._forks = ax.add_collection(LineCollection(forks, linewidths=1.2, capstyle="projecting"))
        wedges = [[(places[tip] - 0.36, 0), (places[tip] + 0.36, 0), (places[tip], heights[tip])] for tip in self._tips]
        self._wedges = ax.add_collection(PolyCollection(wedges, linewidths=0.5))
        self._line = ax.axhline(0, color=MARK, linewidth=1, linestyle=(0, (5, 3)), zorder=3)
        self._note = note(ax, "", (1, 0), (4, 0), x="axes fraction", va="center", color=MARK, size=9)
        self._bars, self._names = [], []
        ax.set(xlim=(0, len(self._tips)), xticks=[], ylabel="height of the merge")
        ax.set_xlabel(f"clusters of {count_of(n, 'frame')}", labelpad=24)
        hide_spines(ax, "bottom")

    def cut(self, threshold):
        """Draw the tree as it is cut at a threshold."""
        labels = shots.cut_tree(self._tree, threshold)
        below = self._heights < threshold
        colors = np.where(below[:, None], cluster_colors(labels[self._first]), to_rgb(GRAY))
        self._forks.set_color(colors[self._merged])
        self._wedges.set_color(colors[self._tips])
        # a threshold far above the tree is only told
        near = min(threshold, 1.5 * self._highest)
        self._line.set_ydata([threshold, threshold])
        self._note.set_text(f"{threshold:.3g}\n{count_of(int(labels.max()) + 1, 'cluster')}")
        self._note.xy = 1, near
        self.ax.set_ylim(0, 1.07 * max(self._highest, near))
        self._name_tips(labels, below)

    def _name_tips(self, labels, below):
        """Write under the tree the number of each cluster, over its colour; of several in a wedge, how many."""
        n, tips = len(labels), self._tips
        whole = [int(labels[self._first[tip]]) if tip < n or below[tip] else None for tip in tips]
        starts = [0] + [i for i in range(1, len(tips)) if whole[i] is None or whole[i] != whole[i - 1]]
        names = [
            str(whole[start]) if whole[start] is not None else f"({len(np.unique(labels[self._beneath[start]]))})"
            for start in starts
        ]
        under = self.ax.get_xaxis_transform()
        size = float(np.clip(1200 / len(starts) / max(2, *map(len, names)), 5, 9))
        for _ in range(len(self._bars), len(starts)):
            bar = Rectangle((0, -0.035), 1, 0.025, transform=under, clip_on=False)
            self._bars.append(self.ax.add_patch(bar))
            self._names.append(self.ax.text(0, -0.05, "", transform=under, ha="center", va="top"))
        for place, (bar, text) in enumerate(zip(self._bars, self._names, strict=True)):
            shown = place < len(starts)
            bar.set_visible(shown)
            text.set_visible(shown)
            if shown:
                start, end = starts[place], [*starts[1:], len(tips)][place]
                several = whole[start] is None
                bar.set_x(start + 0.08)
                bar.set_width(end - start - 0.16)
                bar.set_facecolor(to_rgb(NO_CLUSTER) if several else cluster_colors([whole[start]])[0])
                text.set(text=names[place], x=(start + end) / 2, size=size, color=GRAY if several else "black")


def plot_threshold_sensitivity(tree, *, threshold=None, ax=None):
    """Draw how many clusters a threshold gives, both in logarithms, and the range in which the number stays.

    Parameters
    ----------
    tree : ndarray of float64, (n - 1, 4)
        From `shots.linkage_tree`.
    threshold : float, optional
        The one to mark; by default that of `shots.suggest_threshold`.

    Raises
    ------
    ParameterError
        If the tree is none, or the threshold no number of at least 0.
    """
    threshold = shots.suggest_threshold(tree) if threshold is None else threshold
    count = int(shots.cut_tree(tree, threshold).max()) + 1
    heights = np.asarray(tree, dtype=np.float64)[:, 2]
    n = len(heights) + 1
    ax = ax or new_axes(WIDTH, 2.9)
    # merges of frames that are the same are at 0, which no logarithm has
    low = heights[heights > 0].min(initial=max(threshold, 1e-12)) / 2
    high = 2 * max(heights.max(initial=low), min(threshold, 2 * heights.max(initial=low)))
    edges = np.concatenate([[low], heights[heights > 0], [high]])
    clusters = n - np.searchsorted(heights, edges, side="right")
    ax.step(edges, clusters, where="post", color=INK, linewidth=1.2)
    below = heights[heights < threshold].max(initial=low)
    above = heights[heights >= threshold].min(initial=high)
    ax.axvspan(max(below, low), above, color=MARK, alpha=0.13, linewidth=0)
    ax.plot([threshold], [count], "o", color=MARK, markersize=6, zorder=3)
    digits = 3 if f"{below:.3g}" != f"{above:.3g}" else 6
    until = f"to {above:.{digits}g}" if above < high else "upward"
    since = f"from {below:.{digits}g} " if below > low else ""
    note(ax, f"{count_of(count, 'cluster')} {since}{until}", (threshold, count), (9, 7), color=MARK, size=9)
    ax.set(xscale="log", yscale="log", xlabel="threshold", ylabel="clusters")
    # smaller differences than these are between neighbouring frames
    least = max(low, threshold * MIN_SHARE)
    most = n - np.searchsorted(heights, least, side="right")
    ax.set(xlim=(least, high), ylim=(0.8, 1.3 * max(most, 1)))
    # a threshold is seldom told by powers of ten
    ax.yaxis.set_major_locator(FixedLocator(_steps(most)))
    ax.yaxis.set_minor_locator(NullLocator())
    ax.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    ax.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    ax.xaxis.set_minor_formatter(FuncFormatter(lambda value, _: f"{value:g}") if high < 40 * least else NullFormatter())
    hide_spines(ax)
    return ax


def _places(children, first, top, n):
    """Return where on the axis each drawn node stands; the merges, children before parents; and the tips in order."""
    order, stack = [], [len(first) - 1]
    while stack:
        node = stack.pop()
        order.append(node)
        if node >= top:
            # popped last is drawn rightmost, so the earlier branch is pushed last
            stack.extend(sorted(children[node - n], key=lambda child: -first[child]))
    tips = [node for node in order if node < top]
    merges = [node for node in reversed(order) if node >= top]
    places = {tip: place + 0.5 for place, tip in enumerate(tips)}
    for node in merges:
        places[node] = np.mean([places[child] for child in children[node - n]])
    return places, merges, tips


def _frames_under(node, children, n):
    """Return the frames beneath a node of a tree."""
    stack, found = [node], []
    while stack:
        node = stack.pop()
        if node < n:
            found.append(node)
        else:
            stack.extend(children[node - n].tolist())
    return np.array(found)


def _steps(n):
    """Return 1, 2, 5, 10, ... up to n."""
    return [step * 10**power for power in range(len(str(n))) for step in (1, 2, 5) if step * 10**power <= n]
