"""Figures of many videos: clusters, their sizes and measures, and maps with the words of each cluster.

As in `toolkit.plots`, which holds these functions too, each draws on an Axes and returns it.
"""

import numpy as np
import pandas as pd
from matplotlib.patheffects import withStroke
from matplotlib.text import Text
from matplotlib.ticker import MaxNLocator

from toolkit.checks import check_count, check_labels
from toolkit.clustering.cards import centers_of, check_clusters, check_plane, words_of
from toolkit.errors import ParameterError
from toolkit.plots.axes import WIDTH, check_table, hide_spines, new_axes, note
from toolkit.plots.labels import Apart
from toolkit.plots.lettering import Lettering, shorten
from toolkit.plots.style import GRAY, INK, MARK, POINTS, cluster_colors, count_of

# columns of choose_k: their titles, which end is good, and where it is
MEASURES = {
    "silhouette": ("silhouette", "high is good", np.nanargmax),
    "davies_bouldin": ("Davies-Bouldin", "low is good", np.nanargmin),
    "calinski_harabasz": ("Calinski-Harabasz", "high is good", np.nanargmax),
    "inertia": ("inertia", "it falls always; look where it falls slower", None),
}
# of sizes, rates and numbers of captions: others are counted together
MAX_BARS = 5
# of a label on a map, and clusters beyond which it has none
MAX_WORDS, MAX_WORDED_CLUSTERS = 3, 25
# a part of the width of a picture of sizes, which words have at most
WORDS_SHARE = 0.62


def plot_cluster_map(points, labels, *, centers=None, words=None, title="", ax=None):
    """Draw videos as dots in the colours of their clusters, and each cluster's number and words at its centre.

    Labels lie neither over each other nor over a centre, whatever size the map is drawn in. Where there is no room for
    that, they have fewer words, or only the number; a number that has no room either is left out. Of more than 25
    clusters only numbers are written.

    Parameters
    ----------
    points : ndarray of numbers, (n, 2)
        Of the videos, from `projections.project`.
    labels : ndarray of int, (n,)
        The cluster of each.
    centers : ndarray of numbers, (k, 2), optional
        Where the clusters' centres are: project videos and centres together, as t-SNE places nothing afterwards, and
        cut the result. By default the medians of their videos' points.
    words : dict of int to words, optional
        Of each cluster, as `keywords.describe_clusters` returns them; three are written.
    title : str

    Raises
    ------
    ParameterError
        If there is no video, or arguments do not fit each other.
    """
    points, labels, centers = _check_map(points, labels, centers)
    k = len(centers)
    words = words_of(words, k)
    ax = ax or new_axes(0.72 * WIDTH, 0.72 * WIDTH)
    colors = cluster_colors(labels)
    ax.scatter(*points.T, s=float(np.clip(6000 / len(points), 5, 45)), c=colors, linewidths=0, alpha=0.75)
    ax.scatter(*centers.T, s=110, c=cluster_colors(np.arange(k)), marker="X", edgecolors="white", linewidths=1.2)
    every = np.concatenate([points, centers])
    middle = every.min(axis=0) / 2 + every.max(axis=0) / 2
    # a plane that is narrower than what a float tells apart there has no axes
    half = max(0.56 * np.ptp(every, axis=0).max() or 1.0, 1e-9 * np.abs(middle).max(), 1e-99)
    ax.set(xlim=middle[0] + np.array([-1, 1]) * half, ylim=middle[1] + np.array([-1, 1]) * half)
    lettering = Lettering("bold")
    ax.set(xticks=[], yticks=[], aspect="equal")
    title = lettering.spell(title)
    ax.set_title(title, family=lettering.style["family"])
    ax.spines[:].set_color("#bbbbbb")
    count = MAX_WORDS if k <= MAX_WORDED_CLUSTERS else 0
    texts = [_labels(cluster, words[cluster][:count], lettering) for cluster in range(k)]
    style = {"size": 9, "weight": "bold", "path_effects": [withStroke(linewidth=3, foreground="white")], "zorder": 5}
    style |= {"ha": "left", "va": "bottom", "in_layout": False, **lettering.style}
    notes = [note(ax, labels[-1], center, (0, 0), **style) for labels, center in zip(texts, centers, strict=True)]
    (lines,) = ax.plot([], [], color=GRAY, linewidth=0.8, zorder=4)
    ax.add_artist(Apart(points, centers, notes, texts, lines))
    lettering.warn()
    return ax


def plot_cluster_sizes(clusters, *, words=None, ax=None):
    """Draw how many videos are in each cluster, with its words.

    Parameters
    ----------
    clusters : VideoClusters
    words : dict of int to words, optional
        As for `plot_cluster_map`; fewer, or shortened, where they are too long for the width of the picture.
    """
    check_clusters(clusters)
    k, sizes = clusters.n_clusters, clusters.sizes
    words = words_of(words, k)
    # points from the left of the bars to the right of their labels, of a new figure once it is laid out
    room = 0.9 * 72 * 0.7 * WIDTH if ax is None else 72 * ax.get_position().width * ax.figure.get_figwidth()
    ax = ax or new_axes(0.7 * WIDTH, 0.7 + 0.27 * k)
    ax.barh(np.arange(k), sizes, color=cluster_colors(np.arange(k)), height=0.8)
    lettering = Lettering()
    # as far as all bars with their labels fit
    end = 1.1 * max(1, sizes.max())
    for cluster in range(k):
        texts = _labels(sizes[cluster], words[cluster][:MAX_WORDS], lettering)
        style = {"va": "center", "size": POINTS + 1, "in_layout": False, **lettering.style}
        wide = _write_within(note(ax, "", (sizes[cluster], cluster), (5, 0), **style), texts, WORDS_SHARE * room)
        # saved in fewer dots, letters are up to a twelfth wider
        end = max(end, sizes[cluster] * room / (room - 13 / 12 * wide - 8))
    lettering.warn()
    ax.set(ylim=(k - 0.4, -0.6), xlim=(0, end), xlabel="videos")
    _name_clusters(ax, np.arange(k))
    ax.xaxis.set_major_locator(MaxNLocator(6, integer=True))
    return ax


def plot_silhouettes(clusters, *, ax=None):
    """Draw each video's silhouette, by clusters and from high to low, with the mean of each cluster and of all.

    A blade that stays right of 0 is a cluster whose videos are nearer to each other than to those of any other; videos
    left of 0 would lie better in another.

    Parameters
    ----------
    clusters : VideoClusters
        With silhouettes of its videos.

    Raises
    ------
    ParameterError
        If they are not known, as of a single cluster.
    """
    check_clusters(clusters)
    values, k = clusters.video_silhouettes, clusters.n_clusters
    if not np.isfinite(values).all() or not len(values):
        raise ParameterError("clusters must have silhouettes of their videos: at least two clusters, fewer than videos")
    gap = max(1, round(0.012 * len(values)))
    ax = ax or new_axes(0.7 * WIDTH, float(np.clip(0.9 + 0.3 * k, 3, 8)))
    top, middles = 0, []
    for cluster in range(k):
        blade = np.sort(values[clusters.labels == cluster])[::-1]
        rows = top + np.arange(len(blade) + 1)
        color = cluster_colors([cluster])[0]
        ax.fill_betweenx(rows, 0, np.append(blade, blade[-1:]), step="post", color=color, linewidth=0)
        middles.append(top + len(blade) / 2)
        mean = clusters.cluster_silhouettes[cluster]
        text = f"{mean:.2f}" if np.isfinite(mean) else ""
        ax.text(1.01, middles[-1], text, transform=ax.get_yaxis_transform(), va="center", size=POINTS + 1)
        top += len(blade) + gap
    mean = clusters.silhouette
    ax.axvline(0, color=INK, linewidth=0.8)
    ax.axvline(mean, color=MARK, linewidth=1, linestyle=(0, (5, 3)))
    note(ax, f"mean {mean:.2f}", (mean, 1), (0, 3), y="axes fraction", ha="center", color=MARK, size=9)
    low = min(values.min(), 0.0)
    ax.set(ylim=(top, -gap), xlim=(low - 0.02, max(values.max(), mean) * 1.04 + 0.02))
    ax.set_xlabel("silhouette of each video")
    _name_clusters(ax, middles)
    return ax


def plot_choose_k(table, *, k=None, ax=None):
    """Draw the measures of clusterings by their number of clusters, one above the other.

    Parameters
    ----------
    table : DataFrame
        From `clustering.choose_k`.
    k : int, optional
        A number of clusters to mark.

    Returns
    -------
    Axes
        The one that the measures are drawn in; theirs are its `child_axes`.

    Raises
    ------
    ParameterError
        If the table is another, or empty.
    """
    check_table("table", table, ["k", *MEASURES], "clustering.choose_k", "number of clusters")
    if k is not None:
        check_count("k", k, at_least=1)
    ax = ax or new_axes(0.72 * WIDTH, 6.2)
    ax.set_axis_off()
    ks, high = table["k"].to_numpy(), 1 / len(MEASURES)
    for row, (name, (title, good, best)) in enumerate(MEASURES.items()):
        part = ax.inset_axes((0, 1 - (row + 1) * high, 1, 0.8 * high))
        values = table[name].to_numpy(np.float64)
        part.plot(ks, values, "-o", color=INK, linewidth=1.2, markersize=3)
        if best is not None and np.isfinite(values).any():
            place = best(values)
            part.plot(ks[place], values[place], "o", color=MARK, markersize=7, zorder=3)
            note(part, f"{ks[place]}", (ks[place], values[place]), (7, 5), color=MARK, size=9)
        if k is not None:
            part.axvline(k, color=GRAY, linewidth=1, linestyle=(0, (5, 3)), zorder=0)
        part.set_title(f"{title}: {good}", size=9, loc="left", pad=3)
        part.xaxis.set_major_locator(MaxNLocator(16, integer=True, min_n_ticks=1))
        part.yaxis.set_major_locator(MaxNLocator(3))
        part.set_xlim(ks.min() - 0.4, ks.max() + 0.6)
        part.margins(y=0.18)
        hide_spines(part)
        part.tick_params(labelsize=POINTS, labelbottom=row == len(MEASURES) - 1)
    part.set_xlabel("number of clusters")
    return ax


def plot_video_stats(stats, *, ax=None):
    """Draw how long videos are, how large, how many pictures a second they have, and how many captions.

    Parameters
    ----------
    stats : DataFrame
        From `corpus.video_stats`. Videos that cannot be read are left out, and counted in the title.

    Returns
    -------
    Axes
        The one that the four are drawn in; theirs are its `child_axes`.

    Raises
    ------
    ParameterError
        If the table is another, or empty.
    """
    wanted = ("duration", "width", "height", "fps", "captions", "error")
    check_table("stats", stats, wanted, "corpus.video_stats", "video")
    ax = ax or new_axes(WIDTH, 2.4)
    readable = stats[stats["error"] == ""]
    broken = len(stats) - len(readable)
    ax.set_axis_off()
    title = count_of(len(stats), "video") + (f", {broken} cannot be read" if broken else "")
    ax.set_title(title, size=10, loc="left")
    duration, captions = (readable[name].to_numpy(np.float64) for name in ("duration", "captions"))
    sizes = [f"{width:.0f}x{height:.0f}" for width, height in readable[["width", "height"]].to_numpy(np.float64)]
    titles = ("seconds", "width x height", "pictures a second", "captions a video")
    columns = (duration, sizes, readable["fps"].round(2), captions[np.isfinite(captions)])
    for place, (title, values) in enumerate(zip(titles, columns, strict=True)):
        part = ax.inset_axes((0.26 * place, 0.2, 0.2, 0.68))
        if place == 0:
            part.hist(values, bins=min(30, max(len(values), 1)), color=INK)
        else:
            _draw_counts(part, pd.Series(values).value_counts().sort_values(ascending=False))
        part.set_title(title, size=9, loc="left")
        hide_spines(part)
        part.tick_params(labelsize=POINTS)
        (part.xaxis if place else part.yaxis).set_major_locator(MaxNLocator(3, integer=True))
        if not len(values):
            part.set(xticks=[], yticks=[])
            part.text(0.5, 0.5, "none", transform=part.transAxes, ha="center", va="center", size=9, color=GRAY)
    return ax


def _draw_counts(ax, counts):
    """Draw how often each value is there, the most frequent at the top, and beyond MAX_BARS all others as one bar."""
    names = [f"{name:g}" if isinstance(name, float) else name for name in counts.index[:MAX_BARS]]
    numbers = counts.to_numpy()[:MAX_BARS]
    if len(counts) > MAX_BARS:
        names, numbers = [*names, "others"], np.append(numbers, counts.to_numpy()[MAX_BARS:].sum())
    ax.barh(np.arange(len(numbers)), numbers, color=INK)
    ax.set_yticks(np.arange(len(numbers)), names)
    ax.set_ylim(max(len(numbers), MAX_BARS) - 0.5, -0.5)


def _name_clusters(ax, middles):
    """Write clusters' numbers along the axis of their bars, the first one at the top."""
    ax.set_ylabel("cluster")
    ax.set_yticks(middles, [str(cluster) for cluster in range(len(middles))], size=POINTS + 1)
    ax.tick_params(axis="y", length=0)
    hide_spines(ax, "left")


def _labels(number, words, lettering):
    """Return labels: a number, that with a word, with two, and so on."""
    words = [lettering.spell(word) for word in words]
    return [f"{number}  {', '.join(words[:count])}".rstrip() for count in range(len(words) + 1)]


def _write_within(note, labels, points):
    """Write the longest label that is no wider than so many points, or the first word in part; return its width."""
    parts = [shorten(labels[1], letters) for letters in range(len(labels[1]), 3, -1)] if len(labels) > 1 else []
    for text in [*labels[::-1][:-1], *parts, labels[0]]:
        note.set_text(text)
        wide = Text.get_window_extent(note).width * 72 / note.figure.dpi
        if wide <= points:
            break
    return wide


def _check_map(points, labels, centers):
    points = check_plane("points", points)
    if not len(points):
        raise ParameterError("points must be of at least one video; got none")
    labels = check_labels(labels, len(points), "point")
    if labels.min() < 0:
        raise ParameterError(f"labels must be clusters, from 0; got {labels.min()}")
    if centers is None:
        counts = np.bincount(labels)
        if not counts.all():
            raise ParameterError(
                f"labels must be of each cluster from 0 where no centers are given; there is no {np.argmin(counts)}"
            )
        centers = centers_of(points, labels, len(counts))
    centers = check_plane("centers", centers)
    if labels.max() >= len(centers):
        raise ParameterError(f"labels must be below the number of centers, {len(centers)}; got {labels.max()}")
    return points, labels, centers
