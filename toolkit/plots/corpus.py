"""Figures of many videos: grids with captions, clusters, and maps with the words of each cluster.

As in `toolkit.plots`, which holds these functions too, each draws on an Axes and returns it. A video is given as one of
its pictures, or as its file, of which the picture in the middle is read, and only if it is drawn.
"""

import os
from dataclasses import dataclass

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle
from matplotlib.patheffects import withStroke
from matplotlib.text import Text
from matplotlib.ticker import MaxNLocator

from toolkit.checks import check_count, check_labels, check_number
from toolkit.clustering import VideoClusters
from toolkit.clustering.cards import captions_of, cell_height, check_plane, check_videos, paste, picture_of, words_of
from toolkit.errors import ParameterError
from toolkit.plots.axes import WIDTH, new_axes, new_sheet
from toolkit.plots.labels import Apart
from toolkit.plots.lettering import Lettering, shorten, wrap
from toolkit.plots.style import INK, MARK, PALE, SMALL, cluster_colors, count_of

# what choose_k tells, and which end of it is good
MEASURES = {
    "silhouette": ("silhouette", "high is good", np.nanargmax),
    "davies_bouldin": ("Davies-Bouldin", "low is good", np.nanargmin),
    "calinski_harabasz": ("Calinski-Harabasz", "high is good", np.nanargmax),
    "inertia": ("inertia", "it falls always; look where it falls slower", None),
}
# pixels of a picture in a grid, and between two
CELL, GAP = 240, 8
# of clusters' numbers and words, in pictures
GUTTER = 0.75
# of a caption
LINES = 3
# of sizes, rates and numbers of captions: the others are counted together
MOST_COUNTED = 5
# width of a letter and height of a line, in sizes of the letters
LETTER, LINE = 0.62, 1.3
# of a label on a map: words at most, and clusters beyond which it has none
MOST_WORDS, MANY = 3, 25
# a part of the width of a picture of sizes, which words have at most
WORDED = 0.62


def plot_video_grid(videos, captions=None, *, number=12, columns=4, width=None, seed=0, ax=None):
    """Draw pictures of videos in a grid, with a caption under each.

    Parameters
    ----------
    videos : sequence of paths, or of images, uint8 (height, width, 3) or (height, width); or Frames
        Pictures may be of different sizes: each is fitted into a cell of the grid.
    captions : sequence of str, or of sequences of str; optional
        Of each video; of several the first is drawn, shortened to three lines.
    number : int
        Draw at most so many, chosen by chance and in their order.
    columns : int
        Videos in a row.
    width : float, optional
        Inches of a new figure; by default 11, or less for fewer than three columns.
    seed : int
        Of the choice.

    Raises
    ------
    ParameterError
        If there is no video, or arguments do not fit each other.
    """
    number, columns = check_count("number", number, at_least=1), check_count("columns", columns, at_least=1)
    videos = check_videos(videos)
    texts = [next(iter(told), "") for told in captions_of(captions, len(videos))]
    rng = np.random.default_rng(check_count("seed", seed))
    chosen = np.sort(rng.permutation(len(videos))[:number])
    columns = max(1, min(columns, len(chosen)))
    width = WIDTH * min(1.0, 0.3 * columns) if width is None else check_number("width", width, above=0, unit="inches")
    cells = [(place // columns, place % columns, videos[i], texts[i]) for place, i in enumerate(chosen)]
    lettering = Lettering()
    ax = _draw_cells(cells, width, 0, lettering, ax).ax
    lettering.warn()
    return ax


def plot_cluster_examples(
    clusters, videos, captions=None, *, nearest=3, farthest=2, rows=12, words=None, width=WIDTH, ax=None
):
    """Draw videos of each cluster in a row: those nearest its centre, and beyond a gap those farthest from it.

    Parameters
    ----------
    clusters : VideoClusters
    videos : sequence of paths or images, or Frames
        One for each of the clusters' videos, as for `plot_video_grid`.
    captions : sequence of str or of sequences of str, or dict by video_id; optional
    nearest, farthest : int
        Draw at most so many of each. None is drawn twice.
    rows : int
        Draw at most so many clusters, the first ones.
    words : dict of int to words, optional
        Of each cluster, as `keywords.describe_clusters` returns them.
    width : float
        Inches of a new figure.

    Raises
    ------
    ParameterError
        If arguments do not fit each other.
    """
    clusters = _check_clusters(clusters)
    n = len(clusters.video_ids)
    videos = check_videos(videos, n)
    texts = [next(iter(told), "") for told in captions_of(captions, n, clusters.video_ids)]
    nearest, farthest = check_count("nearest", nearest, at_least=1), check_count("farthest", farthest)
    rows, width = check_count("rows", rows, at_least=1), check_number("width", width, above=0, unit="inches")
    words = words_of(words, clusters.n_clusters)
    cells, shown = [], [k for k in range(clusters.n_clusters) if clusters.sizes[k]][:rows]
    gap = 0.25 if farthest else 0.0
    for row, cluster in enumerate(shown):
        members = clusters.members(cluster)
        near = members[:nearest]
        far = members[nearest:][-farthest:] if farthest else []
        cells += [(row, column, videos[i], texts[i]) for column, i in enumerate(near)]
        cells += [(row, nearest + gap + column, videos[i], texts[i]) for column, i in enumerate(far)]
    # of clusters that have fewer videos pictures are no larger
    across = max((column for _, column, *_ in cells), default=0) + 1
    lettering = Lettering()
    grid = _draw_cells(cells, width * (GUTTER + across) / (GUTTER + nearest + gap + farthest), GUTTER, lettering, ax)
    left, letters = 0.09 * CELL, int((GUTTER - 0.1) * CELL * grid.point / (LETTER * SMALL))
    for row, cluster in enumerate(shown):
        top = row * grid.step
        color = cluster_colors([cluster])[0]
        grid.ax.add_patch(Rectangle((0, top), 0.05 * CELL, grid.high, facecolor=color, zorder=2))
        grid.ax.text(left, top, cluster, va="top", size=12, weight="bold")
        lines = [count_of(int(clusters.sizes[cluster]), "video")]
        # as many as there is room for
        room = int((grid.high * grid.point - 18) / (LINE * SMALL))
        for word in words[cluster]:
            lines += wrap(lettering.spell(word), max(4, letters))
        grid.ax.text(
            left, top + 18 / grid.point, "\n".join(lines[:room]), va="top", size=SMALL, color="#444444",
            parse_math=False, linespacing=LINE, family=lettering.fonts,
        )  # fmt: skip
    lettering.warn()
    return grid.ax


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
    ax.set_title(lettering.spell(title), family=lettering.fonts)
    ax.spines[:].set_color("#bbbbbb")
    most = MOST_WORDS if k <= MANY else 0
    told = [[lettering.spell(word) for word in words[cluster][:most]] for cluster in range(k)]
    labels = [_labels(cluster, told[cluster]) for cluster in range(k)]
    notes = [
        ax.annotate(
            labels[cluster][-1], centers[cluster], xytext=(0, 0), textcoords="offset points", ha="left", va="bottom",
            size=9, weight="bold", parse_math=False, path_effects=[withStroke(linewidth=3, foreground="white")],
            zorder=5, family=lettering.fonts, in_layout=False,
        )
        for cluster in range(k)
    ]  # fmt: skip
    (lines,) = ax.plot([], [], color=PALE, linewidth=0.8, zorder=4)
    ax.add_artist(Apart(points, centers, notes, labels, lines))
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
    clusters = _check_clusters(clusters)
    k, sizes = clusters.n_clusters, clusters.sizes
    words = words_of(words, k)
    # points from the left of the bars to the right of their labels, of a new figure once it is laid out
    ax = ax or new_axes(0.7 * WIDTH, 0.7 + 0.27 * k)
        room = 0.9 * 72 * 0.7 * WIDTH
    else:
        room = 72 * ax.get_position().width * ax.figure.get_figwidth()
    ax.barh(np.arange(k), sizes, color=cluster_colors(np.arange(k)), height=0.8)
    lettering = Lettering()
    # as far as all bars with their labels fit
    end = 1.1 * max(1, sizes.max())
    for cluster in range(k):
        note = ax.annotate(
            "", (sizes[cluster], cluster), xytext=(5, 0), textcoords="offset points", va="center", size=SMALL + 1,
            parse_math=False, in_layout=False,
        )  # fmt: skip
        told = [lettering.spell(word) for word in words[cluster][:MOST_WORDS]]
        note.set_family(lettering.fonts)
        wide = _write_within(note, _labels(sizes[cluster], told), WORDED * room)
        # saved in fewer dots, letters are up to a twelfth wider
        end = max(end, sizes[cluster] * room / (room - 13 / 12 * wide - 8))
    lettering.warn()
    ax.set(ylim=(k - 0.4, -0.6), xlim=(0, end), xlabel="videos", ylabel="cluster")
    ax.set_yticks(np.arange(k), [str(cluster) for cluster in range(k)], size=SMALL + 1)
    ax.xaxis.set_major_locator(MaxNLocator(6, integer=True))
    ax.tick_params(axis="y", length=0)
    hide_spines(ax, "left")
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
    clusters = _check_clusters(clusters)
    values, k = clusters.video_silhouettes, clusters.n_clusters
    if not np.isfinite(values).all() or not len(values):
        raise ParameterError("clusters must have silhouettes of their videos: at least two clusters, fewer than videos")
    gap = max(1, round(0.012 * len(values)))
    ax = ax or new_axes(0.7 * WIDTH, float(np.clip(0.9 + 0.3 * k, 3, 8)))
    top, ticks = 0, []
    for cluster in range(k):
        blade = np.sort(values[clusters.labels == cluster])[::-1]
        rows = top + np.arange(len(blade) + 1)
        color = cluster_colors([cluster])[0]
        ax.fill_betweenx(rows, 0, np.append(blade, blade[-1:]), step="post", color=color, linewidth=0)
        ticks.append(top + len(blade) / 2)
        mean = clusters.cluster_silhouettes[cluster]
        told = f"{mean:.2f}" if np.isfinite(mean) else ""
        ax.text(1.01, ticks[-1], told, transform=ax.get_yaxis_transform(), va="center", size=SMALL + 1)
        top += len(blade) + gap
    ax.axvline(0, color=INK, linewidth=0.8)
    ax.axvline(clusters.silhouette, color=MARK, linewidth=1, linestyle=(0, (5, 3)))
    ax.annotate(
        f"mean {clusters.silhouette:.2f}", (clusters.silhouette, 1), xycoords=("data", "axes fraction"),
        xytext=(0, 3), textcoords="offset points", ha="center", color=MARK, size=9,
    )  # fmt: skip
    low = min(values.min(), 0.0)
    ax.set(ylim=(top, -gap), xlim=(low - 0.02, max(values.max(), clusters.silhouette) * 1.04 + 0.02))
    ax.set(xlabel="silhouette of each video", ylabel="cluster")
    ax.set_yticks(ticks, [str(cluster) for cluster in range(k)], size=SMALL + 1)
    ax.tick_params(axis="y", length=0)
    hide_spines(ax, "left")
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
    if not isinstance(table, pd.DataFrame) or not {"k", *MEASURES} <= set(table.columns) or not len(table):
        raise ParameterError("table must be that of clustering.choose_k, of at least one number of clusters")
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
            part.annotate(
                f"{ks[place]}",
                (ks[place], values[place]),
                xytext=(7, 5),
                textcoords="offset points",
                color=MARK,
                size=9,
            )
        if k is not None:
            part.axvline(k, color=PALE, linewidth=1, linestyle=(0, (5, 3)), zorder=0)
        part.set_title(f"{title}: {good}", size=9, loc="left", pad=3)
        part.xaxis.set_major_locator(MaxNLocator(16, integer=True, min_n_ticks=1))
        part.yaxis.set_major_locator(MaxNLocator(3))
        part.set_xlim(ks.min() - 0.4, ks.max() + 0.6)
        part.margins(y=0.18)
        hide_spines(part)
        part.tick_params(labelsize=SMALL, labelbottom=row == len(MEASURES) - 1)
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
    wanted = {"duration", "width", "height", "fps", "captions", "error"}
    if not isinstance(stats, pd.DataFrame) or not wanted <= set(stats.columns) or not len(stats):
        raise ParameterError("stats must be the table of corpus.video_stats, of at least one video")
    ax = ax or new_axes(WIDTH, 2.4)
    readable = stats[stats["error"] == ""]
    broken = len(stats) - len(readable)
    ax.set_axis_off()
    ax.set_title(
        f"{count_of(len(stats), 'video')}{f', {broken} cannot be read' if broken else ''}", size=10, loc="left"
    )
    duration, captions = (readable[name].to_numpy(np.float64) for name in ("duration", "captions"))
    sizes = [f"{width:.0f}x{height:.0f}" for width, height in readable[["width", "height"]].to_numpy(np.float64)]
    parts = [ax.inset_axes((0.26 * column, 0.2, 0.2, 0.68)) for column in range(4)]
    columns = (duration, sizes, readable["fps"].round(2), captions[np.isfinite(captions)])
    parts[0].hist(duration, bins=min(30, max(len(duration), 1)), color=INK)
    for part, values in zip(parts[1:], columns[1:], strict=True):
        counts = pd.Series(values).value_counts().sort_values(ascending=False)
        names = [f"{name:g}" if isinstance(name, float) else name for name in counts.index[:MOST_COUNTED]]
        shown = counts.to_numpy()[:MOST_COUNTED]
        if len(counts) > MOST_COUNTED:
            names, shown = [*names, "others"], np.append(shown, counts.to_numpy()[MOST_COUNTED:].sum())
        part.barh(np.arange(len(shown)), shown, color=INK)
        part.set_yticks(np.arange(len(shown)), names)
        part.set_ylim(max(len(shown), MOST_COUNTED) - 0.5, -0.5)
    for part, title in zip(parts, ("seconds", "width x height", "pictures a second", "captions a video"), strict=True):
        part.set_title(title, size=9, loc="left")
        hide_spines(part)
        part.tick_params(labelsize=SMALL)
        (part.yaxis if part is parts[0] else part.xaxis).set_major_locator(MaxNLocator(3, integer=True))
    for part, values in zip(parts, columns, strict=True):
        if not len(values):
            part.set(xticks=[], yticks=[])
            part.text(0.5, 0.5, "none", transform=part.transAxes, ha="center", va="center", size=9, color=PALE)
    return ax


@dataclass(frozen=True)
class Grid:
    """A drawn grid: its Axes, pixels from row to row and of a picture's height, and points in a pixel."""

    ax: Axes
    step: int
    high: int
    point: float


def _draw_cells(cells, width, gutter, lettering, ax):
    """Draw (row, column, video, text) in a grid of so many inches, right of a gutter as wide as so many pictures."""
    if not cells:
        raise ParameterError("videos must hold at least one video to draw; got none")
    pictures = [picture_of(item, 2 * CELL) for _, _, item, _ in cells]
    high = cell_height(pictures, CELL)
    rows = max(row for row, *_ in cells) + 1
    across = round((gutter + max(column for _, column, *_ in cells) + 1) * (CELL + GAP)) - GAP
    if ax is not None:
        width = ax.get_position().width * ax.figure.get_figwidth()
    point = 72 * width / across
    letters = max(6, int(CELL * point / (LETTER * SMALL)))
    wrapped = [wrap(lettering.spell(text), letters, max_lines=LINES, placeholder=" …") for *_, text in cells]
    caption = round((max(map(len, wrapped)) * LINE * SMALL + 4) / point) if any(wrapped) else 0
    step = high + caption + GAP
    sheet = np.full((rows * step - GAP, across, 3), 255, np.uint8)
    ax = ax or new_sheet(width, width * len(sheet) / across)
    for (row, column, item, _), picture, lines in zip(cells, pictures, wrapped, strict=True):
        top, left = row * step, round((gutter + column) * (CELL + GAP))
        if picture is None:
            sheet[top : top + high, left : left + CELL] = 225
            name = shorten(" ".join(lettering.spell(os.path.basename(item)).split()), letters)
            ax.text(
                left + CELL / 2, top + high / 2, f"cannot be read:\n{name}", ha="center", va="center", size=SMALL,
                color="#444444", parse_math=False, family=lettering.fonts,
            )  # fmt: skip
        else:
            paste(sheet[top : top + high, left : left + CELL], picture)
        ax.text(
            left, top + high + 3 / point, "\n".join(lines), va="top", size=SMALL, color="#222222", parse_math=False,
            linespacing=0.9 * LINE, family=lettering.fonts,
        )  # fmt: skip
    ax.imshow(sheet, interpolation="antialiased")
    ax.set_axis_off()
    return Grid(ax, step, high, point)


def _labels(number, words):
    """Return labels: a number, that with a word, with two, and so on."""
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


def _check_clusters(clusters):
    if not isinstance(clusters, VideoClusters):
        raise ParameterError(
            f"clusters must be VideoClusters, of clustering.cluster_videos; got {type(clusters).__name__}"
        )
    return clusters


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
        centers = np.stack([np.median(points[labels == cluster], axis=0) for cluster in range(len(counts))])
    centers = check_plane("centers", centers)
    if labels.max() >= len(centers):
        raise ParameterError(f"labels must be below the number of centers, {len(centers)}; got {labels.max()}")
    return points, labels, centers
