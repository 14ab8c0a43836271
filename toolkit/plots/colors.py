"""Figures of a film's colors: poster, strip, wave of the sound, ring and color plane.

Thousands of bars are no artists of their own: they are painted as one picture when the figure is drawn, at the size it
then has in pixels, so that they are crisp at any dpi. A bar narrower than a pixel counts with the part that it covers.
"""

from functools import partial

import numpy as np
from matplotlib.colors import to_rgb
from matplotlib.font_manager import FontProperties
from matplotlib.image import AxesImage
from matplotlib.patches import Rectangle
from matplotlib.textpath import text_to_path
from matplotlib.transforms import Affine2D

from toolkit import colors as color_spaces
from toolkit.checks import check_array, check_choice, check_number, check_times
from toolkit.errors import ParameterError
from toolkit.plots.axes import WIDTH, new_axes, new_sheet
from toolkit.plots.bars import time_axis
from toolkit.plots.lettering import Lettering

POSTER, MARGIN = 9.0, 0.07
# of the poster's side: the tallest letters, and the most that a title takes, of at most so many lines
LETTER, TITLE, TITLE_LINES = 0.075, 0.28, 6
PAPER = "#f8f6f1"
MAX_LETTERS = 500
RING_HOLE = 0.42
# the least height of a bar of the wave, so that silence is a line
HAIR = 0.012


def plot_fingerprint_poster(colors, shares=None, *, title="", font=None, background=PAPER, ax=None):
    """Draw a film's colours as a square poster: a bar a frame from left to right, the title over it.

    Parameters
    ----------
    colors : ndarray of uint8, (n, n_colors, 3) or (n, 3)
        As `colors.fingerprint` gives them.
    shares : ndarray of float, (n, n_colors), optional
        How high each colour stands in its bar, the first at the bottom; a bar is filled whatever they add up to.
        Without them all are of one height.
    title : str
        In lines where it has line breaks; a long one is broken, and letters are as large as fit.
    font : str, optional
        A font family of this machine, or matplotlib's own. Letters that it lacks are taken from another.
    background : color
        Of the paper. Letters are dark on a light one and light on a dark one.

    Raises
    ------
    ParameterError
        If an argument is of the wrong kind, or there are no frames.

    Warns
    -----
    UserWarning
        If no font of this machine has a letter of the title; a box stands for it.
    """
    colors, bounds = _stacks(colors, shares)
    paper, ink = _paper(background)
    title, style = _spell(title, font)
    ax = ax or new_sheet(POSTER, POSTER, facecolor=paper)
    ax.add_patch(Rectangle((0, 0), 1, 1, facecolor=paper, edgecolor="none", zorder=-1))
    ax.set(xlim=(0, 1), ylim=(0, 1), aspect="equal")
    ax.set_axis_off()
    lines, size = _break_title(title, style, 1 - 2 * MARGIN)
    size = min(size, TITLE / (1.25 * max(1, len(lines))))
    top = 1 - MARGIN - (len(lines) * 1.25 * size + 0.6 * MARGIN if lines else 0)
    for number, line in enumerate(lines):
        base = 1 - MARGIN - (1.25 * number + 0.85) * size
        ax.text(MARGIN, base, line, fontsize=size * _side_in_points(ax), color=ink, **style)
    edges = np.linspace(0, 1, len(colors) + 1)
    _paint(ax, (MARGIN, 1 - MARGIN, MARGIN, top), partial(_bars, colors, bounds, edges))
    return ax


def plot_color_strip(colors, shares=None, *, times=None, ax=None):
    """Draw a film's colours as a strip along its time: of each frame a bar, from its time to that of the next.

    Parameters
    ----------
    colors, shares
        As in `plot_fingerprint_poster`.
    times : ndarray, (n,), optional
        Seconds of the frames, ascending; otherwise the axis counts frames.
    """
    colors, bounds = _stacks(colors, shares)
    return _draw_over_time(ax, 1.7, colors, bounds, times, (0, 1))


def plot_color_wave(colors, loudness, *, times=None, ax=None):
    """Draw a film's sound as a wave of bars: as high as the frame is loud, in its dominant colour.

    Parameters
    ----------
    colors : ndarray of uint8, (n, n_colors, 3) or (n, 3)
        Of several colours of a frame the first is taken.
    loudness : ndarray of float, (n,)
        Decibels, as `sound.loudness` gives them. The loudest frame is as high as the picture, and 10 decibels less are
        half as high, as they are heard (S. S. Stevens 1955); silence is a line.
    times : ndarray, (n,), optional
        Seconds of the frames, ascending; otherwise the axis counts frames.
    """
    colors, _ = _stacks(colors, None)
    wanted = f"finite decibels, one for each of the {len(colors)} frames"
    loudness = check_array("loudness", loudness, (len(colors),), wanted=wanted).astype(np.float64)
    heights = np.maximum(HAIR, 2 ** ((loudness - loudness.max()) / 10))
    bounds = 0.5 + np.stack([-heights, heights], axis=1) / 2
    return _draw_over_time(ax, 3.2, colors[:, :1], bounds, times, (-0.04, 1.04))


def plot_color_ring(colors, shares=None, *, title="", ax=None):
    """Draw a film's colours as a ring, from the top clockwise, a frame's colours from the inside outwards.

    Parameters
    ----------
    colors, shares
        As in `plot_fingerprint_poster`.
    title : str
        Stands in the middle of the ring, in lines where it has line breaks.
    """
    colors, bounds = _stacks(colors, shares)
    title, style = _spell(title, None)
    ax = ax or new_sheet(0.65 * WIDTH, 0.65 * WIDTH, margin=0.02)
    ax.set(xlim=(-1, 1), ylim=(-1, 1), aspect="equal")
    ax.set_axis_off()
    _paint(ax, (-1, 1, -1, 1), partial(_ring, colors, bounds))
    lines, size = _break_title(title, style, 1.5 * RING_HOLE)
    size = min(size, 0.07)
    style |= {"ha": "center", "va": "center", "color": "#222222", "fontsize": size * _side_in_points(ax) / 2}
    for number, line in enumerate(lines):
        ax.text(0, ((len(lines) - 1) / 2 - number) * 1.3 * size, line, **style)
    return ax


def plot_color_plane(colors, shares=None, *, space="cielab", limit=None, ax=None):
    """Draw frames as dots in the colour plane, each in its own colour: hue is the direction, saturation the distance.

    Parameters
    ----------
    colors : ndarray of uint8, (n, n_colors, 3) or (n, 3)
    shares : ndarray of float, (n, n_colors), optional
        The area of the dots.
    space : {"cielab", "oklab"}
    limit : float, optional
        How far the axes reach from the middle, such as 80 in CIELAB, to compare films; otherwise as far as the colours.
    """
    colors, bounds = _stacks(colors, shares)
    check_choice("space", space, ("cielab", "oklab"))
    shares = np.diff(bounds, axis=1).ravel()
    visible = shares > 0
    values = color_spaces.to_space(colors, space).reshape(-1, 3)[visible]
    ax = ax or new_axes(0.6 * WIDTH, 0.6 * WIDTH)
    reach = 1.1 * max(np.abs(values[:, 1:]).max(), 20 if space == "cielab" else 0.05)
    reach = reach if limit is None else check_number("limit", limit, above=0)
    # dots that many lie over each other are small; the large ones are drawn first
    area = 4000 * shares[visible] / np.sqrt(len(values))
    order = np.argsort(-area, kind="stable")
    ax.set_facecolor("#dedede")
    for line in (ax.axhline, ax.axvline):
        line(0, color="white", linewidth=1.2, zorder=0)
    dots = colors.reshape(-1, 3)[visible][order] / 255
    ax.scatter(*values[order, 1:].T, s=area[order], c=dots, linewidths=0)
    star = "*" if space == "cielab" else ""
    ax.set(xlim=(-reach, reach), ylim=(-reach, reach), aspect="equal")
    ax.set(xlabel=f"a{star}: green to red", ylabel=f"b{star}: blue to yellow")
    ax.spines[:].set_visible(False)
    return ax


class _Painting(AxesImage):
    """A picture that is painted again, by a function of the places of its pixels, whenever it is drawn."""

    def __init__(self, ax, extent, painter):
        super().__init__(ax, extent=extent, origin="upper")
        self.painter = painter
        # what the base class asks for; never shown
        self.set_data(np.zeros((1, 1, 4), np.uint8))

    def make_image(self, renderer, magnification=1.0, unsampled=False):
        """Return the picture, its place in pixels, and no transformation, as AxesImage.draw expects them."""
        left, right, low, high = self.get_extent()
        corners = np.sort(self.axes.transData.transform([(left, low), (right, high)]), axis=0)
        (x0, y0), (x1, y1) = corners[0].round(), np.maximum(corners[1].round(), corners[0].round() + 1)
        # of what is zoomed into, no more than is seen
        window = self.axes.bbox
        first = max(x0, np.floor(window.x0)), max(y0, np.floor(window.y0))
        last = min(x1, np.ceil(window.x1)), min(y1, np.ceil(window.y1))
        if first[0] >= last[0] or first[1] >= last[1]:
            return None, 0, 0, Affine2D()
        width, height = (max(1, round((end - start) * magnification)) for start, end in zip(first, last, strict=True))
        columns = (np.linspace(first[0], last[0], width + 1) - x0) / (x1 - x0)
        rows = (y1 - np.linspace(last[1], first[1], height + 1)) / (y1 - y0)
        # renderers count rows from below
        return self.painter(columns, rows)[::-1], first[0], first[1], Affine2D()


def _draw_over_time(ax, height, colors, bounds, times, limits):
    """Paint stacked bars from each frame's time to the next, on axes of a height in inches."""
    edges, low, high = _time_edges(times, len(colors))
    ax = ax or new_axes(WIDTH, height)
    _paint(ax, (low, high, 0, 1), partial(_bars, colors, bounds, edges))
    ax.set(xlim=(low, high), ylim=limits, yticks=[])
    time_axis(ax, times is not None)
    return ax


def _paint(ax, extent, painter):
    picture = _Painting(ax, extent, painter)
    picture.set_clip_path(ax.patch)
    ax.add_image(picture)


def _bars(colors, bounds, edges, columns, rows):
    """Paint stacked bars: RGBA uint8 (height, width, 4).

    `colors` are uint8 (n, k, 3); `bounds`, (n, k + 1) from 0 to 1, are where each begins and ends from below, and
    `edges`, (n + 1,) from 0 to 1, where a bar does from the left. `columns`, (width + 1,), and `rows`, (height + 1,),
    are where the pixels end, from 0 at the left and at the top to 1.
    """
    n, k = colors.shape[:2]
    # what a bar adds to a pixel at each level: its colour, and that it is there; nothing below and above
    levels = np.zeros((n, k + 2, 4))
    levels[:, 1 : k + 1, :3] = colors
    levels[:, 1 : k + 1, 3] = 1
    sums = np.zeros((n + 1, 4))
    widths = np.diff(columns)[:, None]
    picture = np.zeros((len(rows) - 1, len(columns) - 1, 4), np.uint8)
    before = None
    for y, middle in enumerate((rows[:-1] + rows[1:]) / 2):
        stacked = (bounds <= 1 - middle).sum(axis=1)
        if before is not None and np.array_equal(stacked, before):
            picture[y] = picture[y - 1]
            continue
        before = stacked
        np.cumsum(levels[np.arange(n), stacked] * np.diff(edges)[:, None], axis=0, out=sums[1:])
        there = np.stack([np.diff(np.interp(columns, edges, sums[:, plane])) for plane in range(4)], axis=1) / widths
        picture[y] = _pixels(there)
    return picture


def _ring(colors, bounds, columns, rows):
    """Paint stacked bars bent to a ring, RGBA uint8 (height, width, 4), of the mean of 3x3 points in each pixel."""
    height, width = len(rows) - 1, len(columns) - 1
    x, y = (2 * _thirds(edges) - 1 for edges in (columns, rows))
    picture = np.empty((height, width, 4), np.uint8)
    n = len(colors)
    for top in range(0, height, 32):
        strip = -y[3 * top : 3 * (top + 32), None]
        bar = np.minimum((np.arctan2(x, strip) / (2 * np.pi) % 1 * n).astype(int), n - 1)
        level = (np.hypot(x, strip) - RING_HOLE) / (1 - RING_HOLE)
        inside = (level >= 0) & (level < 1)
        stacked = (bounds[:, 1:-1].T[:, bar] <= level).sum(axis=0)
        points = np.concatenate([colors[bar, stacked], np.ones((*bar.shape, 1))], axis=2) * inside[..., None]
        picture[top : top + 32] = _pixels(points.reshape(-1, 3, width, 3, 4).mean(axis=(1, 3)))
    return picture


def _pixels(parts):
    """Return RGBA uint8 of colours times the part of a pixel that they cover, and that part, (..., 4)."""
    colors, covered = parts[..., :3], parts[..., 3:]
    return (np.concatenate([colors / np.maximum(covered, 1e-12), 255 * covered], axis=-1) + 0.5).astype(np.uint8)


def _thirds(edges):
    """Return the middles of the thirds between edges that are evenly spaced."""
    count = 3 * (len(edges) - 1)
    return edges[0] + (np.arange(count) + 0.5) * (edges[-1] - edges[0]) / count


def _stacks(colors, shares):
    """Return colours, uint8 (n, k, 3), and where each begins and ends in its bar, (n, k + 1) from 0 to 1."""
    if isinstance(colors, tuple):
        raise ParameterError(
            "colors must be an array; got a tuple. colors.fingerprint returns two, colors and shares: pass each"
        )
    colors = np.asarray(colors)
    if colors.dtype != np.uint8 or colors.ndim not in (2, 3) or colors.shape[-1] != 3 or 0 in colors.shape:
        raise ParameterError(
            "colors must be uint8, (n, n_colors, 3) or (n, 3), of at least one frame, as colors.fingerprint gives "
            f"them; got {colors.dtype}, shape {colors.shape}"
        )
    colors = colors.reshape(len(colors), -1, 3)
    wanted = f"finite numbers from 0, one for each of the colors, {colors.shape[:2]}"
    wanted += ", above 0 for at least one colour of each frame"
    shares = np.ones(colors.shape[:2]) if shares is None else shares
    shares = check_array("shares", shares, colors.shape[:2], wanted=wanted).astype(np.float64)
    sums = np.cumsum(shares, axis=1)
    if (shares < 0).any() or not ((sums[:, -1] > 0) & np.isfinite(sums[:, -1])).all():
        raise ParameterError(f"shares must be {wanted}; got {shares.min():g} to {shares.max():g}")
    return colors, np.concatenate([np.zeros((len(colors), 1)), sums / sums[:, -1:]], axis=1)


def _time_edges(times, n):
    """Return where bars begin and end, (n + 1,) from 0 to 1, and the ends of the axis."""
    if times is None:
        return np.linspace(0, 1, n + 1), 0, n
    times = check_times(times, n, order="ascending")
    steps = np.diff(times)
    edges = np.append(times, times[-1] + (np.median(steps[steps > 0]) if steps.any() else 1.0))
    return (edges - edges[0]) / (edges[-1] - edges[0]), edges[0], edges[-1]


def _paper(background):
    """Return the RGB of the paper, and of letters that can be read on it."""
    try:
        paper = to_rgb(background)
    except ValueError:
        raise ParameterError(f"background must be a colour that matplotlib knows; got {background!r}") from None
    return paper, "#1d1d1f" if np.dot(paper, (0.299, 0.587, 0.114)) > 0.5 else "#f2efe8"


def _spell(title, font):
    """Return a title in letters that fonts have, and its style; warn of letters that no font has."""
    if not isinstance(title, str):
        raise ParameterError(f"title must be text; got {type(title).__name__}")
    if len(title) > MAX_LETTERS:
        raise ParameterError(f"title must have at most {MAX_LETTERS} letters; got {len(title)}")
    lettering = Lettering(font=font)
    title = lettering.spell(title.replace("\t", " "))
    lettering.warn(stacklevel=4)
    return title, lettering.style


def _side_in_points(ax):
    """Return how long the shorter side of the axes is in points, in which letters are measured."""
    box, figure = ax.get_position(), ax.figure
    return 72 * min(box.width * figure.get_figwidth(), box.height * figure.get_figheight())


def _break_title(title, style, width):
    """Return the lines of a title, broken to be about as long as each other, and the size of letters that fit."""
    font = FontProperties(family=style["family"])
    lines = [line.strip() for line in title.strip().split("\n")] if title.strip() else []
    if not lines:
        return [], 0.0

    def length(line):
        # a little more than the letters take, for at low dpi they are moved to whole pixels
        return 1.03 * text_to_path.get_text_width_height_descent(line, font, ismath=False)[0] / font.get_size()

    while True:
        longest = max(range(len(lines)), key=lambda i: length(lines[i]))
        size = min(LETTER, width / max(length(lines[longest]), 1e-6))
        words = lines[longest].split()
        # letters as large as they may be, or as breaking can make them
        if size >= 0.6 * LETTER or len(words) < 2 or len(lines) >= TITLE_LINES:
            return lines, size
        cut = min(range(1, len(words)), key=lambda i: max(length(" ".join(words[:i])), length(" ".join(words[i:]))))
        lines[longest : longest + 1] = [" ".join(words[:cut]), " ".join(words[cut:])]
