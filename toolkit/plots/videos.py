"""Figures of videos as frames: grids with captions, and examples of each cluster.

As in `toolkit.plots`, which holds these functions too, each draws on an Axes and returns it. A video is given as one of
its pictures, or as its file, of which the picture in the middle is read, and only if it is drawn.
"""

import os
from collections import namedtuple

import numpy as np
from matplotlib.patches import Rectangle

from toolkit.checks import check_count, check_number
from toolkit.clustering import cards
from toolkit.errors import ParameterError
from toolkit.plots.axes import WIDTH, new_sheet
from toolkit.plots.lettering import Lettering, shorten, wrap
from toolkit.plots.style import POINTS, cluster_colors, count_of

# pixels of a picture in a grid, and between two
CELL, GAP = 240, 8
# of clusters' numbers and words, in pictures
GUTTER = 0.75
# of a caption
LINES = 3
# width of a letter and height of a line, in sizes of the letters
LETTER, LINE = 0.62, 1.3

# a video of a grid, an image or a path, with its captions, and where it is, in pictures
Cell = namedtuple("Cell", "row column video captions")
# a drawn grid: its Axes, pixels from row to row and of a picture's height, and points in a pixel
Grid = namedtuple("Grid", "ax step high point")


def plot_video_grid(videos, captions=None, *, number=12, columns=4, width=None, seed=0, ax=None):
    """Draw pictures of videos in a grid, with a caption under each.

    Parameters
    ----------
    videos : sequence of paths, or of images, uint8 (height, width, 3) or (height, width); or Frames
        Pictures may be of different sizes: each is fitted into a cell of the grid.
    captions : sequence of str, or of sequences of str; optional
        Of each video; of several the first is drawn, shortened to three lines.
    number : int
        The most to draw, chosen by chance and in their order.
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
    videos = cards.check_videos(videos)
    captions = cards.captions_of(captions, len(videos))
    chosen = np.sort(np.random.default_rng(check_count("seed", seed)).permutation(len(videos))[:number])
    columns = max(1, min(columns, len(chosen)))
    width = WIDTH * min(1.0, 0.3 * columns) if width is None else check_number("width", width, above=0, unit="inches")
    cells = [Cell(*divmod(place, columns), videos[i], captions[i][:1]) for place, i in enumerate(chosen.tolist())]
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
        The most to draw of each. None is drawn twice.
    rows : int
        The most clusters to draw, the first ones.
    words : dict of int to words, optional
        Of each cluster, as `keywords.describe_clusters` returns them.
    width : float
        Inches of a new figure.

    Raises
    ------
    ParameterError
        If arguments do not fit each other.
    """
    cards.check_clusters(clusters)
    n = len(clusters.video_ids)
    videos, captions = cards.check_videos(videos, n), cards.captions_of(captions, n, clusters.video_ids)
    nearest, farthest = check_count("nearest", nearest, at_least=1), check_count("farthest", farthest)
    rows, width = check_count("rows", rows, at_least=1), check_number("width", width, above=0, unit="inches")
    words = cards.words_of(words, clusters.n_clusters)
    clusters_by_row = np.flatnonzero(clusters.sizes)[:rows].tolist()
    gap, cells = 0.25 if farthest else 0.0, []
    for row, cluster in enumerate(clusters_by_row):
        members = clusters.members(cluster)
        near, far = members[:nearest], members[max(nearest, len(members) - farthest) :]
        columns = [*range(len(near)), *(nearest + gap + np.arange(len(far)))]
        pairs = zip(columns, [*near, *far], strict=True)
        cells += [Cell(row, column, videos[i], captions[i][:1]) for column, i in pairs]
    # of clusters that have fewer videos pictures are no larger
    across = max((cell.column for cell in cells), default=0) + 1
    width *= (GUTTER + across) / (GUTTER + nearest + gap + farthest)
    lettering = Lettering()
    grid = _draw_cells(cells, width, GUTTER, lettering, ax)
    left, letters = 0.09 * CELL, max(4, int((GUTTER - 0.1) * CELL * grid.point / (LETTER * POINTS)))
    # lines that there is room for
    room = int((grid.high * grid.point - 18) / (LINE * POINTS))
    for row, cluster in enumerate(clusters_by_row):
        top = row * grid.step
        color = cluster_colors([cluster])[0]
        grid.ax.add_patch(Rectangle((0, top), 0.05 * CELL, grid.high, facecolor=color, zorder=2))
        grid.ax.text(left, top, cluster, va="top", size=12, weight="bold")
        lines = [count_of(int(clusters.sizes[cluster]), "video")]
        lines += [line for word in words[cluster] for line in wrap(lettering.spell(word), letters)]
        _write(grid.ax, left, top + 18 / grid.point, lines[:room], lettering, "#444444", linespacing=LINE)
    lettering.warn()
    return grid.ax


def _draw_cells(cells, width, gutter, lettering, ax):
    """Draw cells as a grid `width` inches wide, right of a gutter measured in widths of a picture."""
    if not cells:
        raise ParameterError("videos must hold at least one video to draw; got none")
    pictures = [cards.picture_of(cell.video, 2 * CELL) for cell in cells]
    high = cards.cell_height(pictures, CELL)
    rows = max(cell.row for cell in cells) + 1
    across = round((gutter + max(cell.column for cell in cells) + 1) * (CELL + GAP)) - GAP
    if ax is not None:
        width = ax.get_position().width * ax.figure.get_figwidth()
    point = 72 * width / across
    letters = max(6, int(CELL * point / (LETTER * POINTS)))
    wrapped = [
        wrap(lettering.spell("".join(cell.captions)), letters, max_lines=LINES, placeholder=" …") for cell in cells
    ]
    caption = round((max(map(len, wrapped)) * LINE * POINTS + 4) / point) if any(wrapped) else 0
    step = high + caption + GAP
    sheet = np.full((rows * step - GAP, across, 3), 255, np.uint8)
    ax = ax or new_sheet(width, width * len(sheet) / across)
    for cell, picture, lines in zip(cells, pictures, wrapped, strict=True):
        top, left = cell.row * step, round((gutter + cell.column) * (CELL + GAP))
        place = sheet[top : top + high, left : left + CELL]
        if picture is None:
            place[:] = 225
            name = shorten(" ".join(lettering.spell(os.path.basename(cell.video)).split()), letters)
            x, y, message = left + CELL / 2, top + high / 2, ["cannot be read:", name]
            _write(ax, x, y, message, lettering, "#444444", ha="center", va="center")
        else:
            cards.paste(place, picture)
        _write(ax, left, top + high + 3 / point, lines, lettering, "#222222", linespacing=0.9 * LINE)
    ax.imshow(sheet, interpolation="antialiased")
    ax.set_axis_off()
    return Grid(ax, step, high, point)


def _write(ax, x, y, lines, lettering, color, *, va="top", **options):
    ax.text(x, y, "\n".join(lines), va=va, size=POINTS, color=color, **options, **lettering.style)
