"""Labels over time: barcodes, and strips of the frames of each cluster."""

from functools import partial

import numpy as np
from matplotlib.patches import Rectangle

from toolkit import shots
from toolkit.checks import check_count, check_images, check_labels, check_names, check_times
from toolkit.errors import ParameterError
from toolkit.plots.axes import CLOCK_STEPS, TICKS, WIDTH, clock, minutes, new_axes, new_sheet, ticks, time_name
from toolkit.plots.bars import draw_bars, limits, runs_of, time_axis
from toolkit.plots.lettering import Lettering
from toolkit.plots.style import GAP, LANE, POINTS, ROW, TAG_LENGTH, cluster_colors, cluster_name, image_font, thumbnail
from toolkit.records import Frames

SPAN = ["start", "end"]


def plot_barcode(labels, *, times=None, spans=None, names=None, rows=40, ax=None):
    """Draw clusters over time: one bar for the film in the colours of the clusters, and below it a row for each.

    A row has the cluster's number, or name, to the left and its share of the time to the right. The rows are in order
    of first sight; where there are more clusters than rows, those of the smallest shares are put together in the last.

    Parameters
    ----------
    labels : ndarray of int, (n,)
        The cluster of each frame, or of each shot; -1 is none, and has no row.
    times : ndarray, (n,), optional
        Seconds of the frames, rising; otherwise the axis counts frames.
    spans : DataFrame with the columns start and end, or array of float, (n, 2); optional
        Where the labels are those of shots: their seconds, in order.
    names : dict of int to str, optional
        What clusters are called, in place of their numbers; such as from `exports.setup_names`.
    rows : int
        Draw at most so many, at least 1.

    Raises
    ------
    ParameterError
        If arguments do not fit each other.
    """
    rows, names = check_count("rows", rows, at_least=1), check_names(names)
    runs = runs_of(labels, times, spans)
    lettering = Lettering()
    row_of, tags, shares = _lanes(runs, rows, lambda label: cluster_name(label, names, lettering))
    lane = LANE / ROW
    ax = ax or new_axes(WIDTH, 0.6 + LANE + ROW * (len(tags) + 1))

    starts, ends, clusters = (runs[name].to_numpy() for name in (*SPAN, "label"))
    colors = cluster_colors(clusters)
    draw_bars(ax, starts, ends, np.zeros(len(runs)), np.full(len(runs), lane), colors, rim=0.0)
    rowed = clusters >= 0
    row = lane + 0.5 + np.array([row_of[label] for label in clusters[rowed]], dtype=float)
    draw_bars(ax, starts[rowed], ends[rowed], row + 0.12, row + 0.88, colors[rowed], rim=0.7)

    middles = lane + 1 + np.arange(len(tags))
    ax.hlines(middles + 0.5, *limits(starts, ends), color="#eeeeee", linewidth=0.5, zorder=0)
    for middle, share in zip(middles, shares, strict=True):
        ax.text(1.006, middle, share, transform=ax.get_yaxis_transform(), va="center", size=POINTS)
    ax.set(xlim=limits(starts, ends), ylim=(lane + 0.6 + len(tags), 0))
    ax.set_yticks([lane / 2, *middles], ["all", *tags], size=POINTS, **lettering.style)
    lettering.warn()
    time_axis(ax, times is not None or spans is not None)
    return ax


def paint_barcode(labels, *, spans=None, rows=12, width=880, height=222):
    """Return what `plot_barcode` draws as an image, uint8 (height, width, 3), painted in a few milliseconds.

    Parameters are those of `plot_barcode`, checked by the caller. A bar is a pixel wide at least.
    """
    from PIL import Image, ImageDraw

    runs = runs_of(labels, None, spans)
    row_of, tags, shares = _lanes(runs, rows)
    left, right, foot, lane, rim = 64, 50, 40, 24, 2
    low, high = limits(runs["start"], runs["end"])
    across, timed = width - left - right, spans is not None
    first, last = (((runs[name].to_numpy() - low) * across / (high - low)).round() for name in SPAN)
    first = np.minimum(first, across - 1).astype(int)
    counts = np.maximum(last.astype(int) - first, 1)
    # -1 is no cluster, which has a colour too
    bars = np.full((1 + len(tags), across), -2)
    columns = np.repeat(first - np.cumsum(counts) + counts, counts) + np.arange(counts.sum())
    clusters = np.repeat(runs["label"].to_numpy(), counts)
    bars[0, columns] = clusters
    lines = np.repeat([row_of.get(label, -1) + 1 for label in runs["label"].tolist()], counts).astype(int)
    bars[lines[lines > 0], columns[lines > 0]] = clusters[lines > 0]
    colors = np.where((bars == -2)[..., None], 255, (255 * cluster_colors(bars)).round()).astype(np.uint8)
    step = min(lane, (height - lane - 6 - foot) / max(len(tags), 1))
    tops = [0, *(lane + 6 + step * np.arange(len(tags)))]
    sheet = np.full((height, width, 3), 255, np.uint8)
    for line, top in enumerate(tops):
        below = round(top + (step if line else lane)) - (rim if line else 0)
        sheet[round(top) : below, left:-right] = colors[line]
    sheet = Image.fromarray(sheet)
    draw, end = ImageDraw.Draw(sheet), height - foot
    write = partial(draw.text, fill="black", font=image_font(11))
    for top, tag, share in zip(tops, ["all", *tags], ["", *shares], strict=True):
        middle = top + (lane if top == 0 else step - rim) / 2
        write((left - 6, middle), tag, anchor="rm")
        write((width - right + 6, middle), share, anchor="lm")
    draw.line((left, end, width - right - 1, end), fill="black")
    for at in _ticks(low, high, timed):
        place = left + (at - low) / (high - low) * (across - 1)
        draw.line((place, end, place, end + 4), fill="black")
        write((place, end + 6), minutes(at) if timed else f"{at:g}", anchor="ma")
    write(((left + width - right) / 2, height - 2), time_name(high) if timed else "frame", anchor="md")
    return np.asarray(sheet)


def plot_cluster_strips(images, labels, *, times=None, names=None, rows=12, columns=8, ax=None):
    """Draw frames of each cluster in a row: its colour, number or name, share, then frames evenly from it.

    The clusters of the largest shares are drawn, in order of first sight; a line says how many are not.

    Parameters
    ----------
    images : ndarray of uint8, (n, height, width, 3) or (n, height, width), or Frames
    labels : ndarray of int, (n,)
        -1 is no cluster, and left out.
    times : ndarray, (n,), optional
        Seconds, written under the frames; those of Frames are taken from them.
    names : dict of int to str, optional
        What clusters are called, in place of their numbers; such as from `exports.setup_names`.
    rows, columns : int
        Draw at most so many clusters, and so many frames of each.

    Raises
    ------
    ParameterError
        If arguments do not fit each other, or there is no frame.
    """
    rows, columns = check_count("rows", rows, at_least=1), check_count("columns", columns, at_least=1)
    names = check_names(names)
    if isinstance(images, Frames):
        images, times = images.images, images.times if times is None else times
    images = check_images(images)
    labels = check_labels(labels, len(images), "image")
    times = None if times is None else check_times(times, len(images), "image")
    strips, rest = _strips(labels, rows, columns)
    columns = max(len(frames) for _, _, frames in strips)

    height, width = thumbnail(images[0]).shape[:2]
    gutter = round((1.2 if names else 0.62) * width)
    sheet_width = gutter + columns * (width + GAP)
    inches = WIDTH * min(1.0, 0.125 * columns + 0.1)
    point = sheet_width / inches / 72
    caption = round(1.45 * POINTS * point) if times is not None else 0
    step = height + caption + GAP
    note = round(2 * POINTS * point) if rest else 0
    sheet = np.full((len(strips) * step + note, sheet_width, 3), 255, np.uint8)
    ax = ax or new_sheet(inches, inches * sheet.shape[0] / sheet_width)
    lettering = Lettering("bold")
    for row, (cluster, share, frames) in enumerate(strips):
        top = row * step
        ax.add_patch(Rectangle((0, top), 0.09 * width, height, facecolor=cluster_colors([cluster])[0], zorder=2))
        name = cluster_name(cluster, names, lettering, TAG_LENGTH)
        bold = {"size": POINTS + 1.5 if names else 11, "weight": "bold", **lettering.style}
        ax.text(0.15 * width, top + 2 * point, name, va="top", **bold)
        ax.text(0.15 * width, top + 17 * point, _percent(share), va="top", size=POINTS, color="#444444")
        for column, frame in enumerate(frames):
            left = gutter + column * (width + GAP)
            sheet[top : top + height, left : left + width] = thumbnail(images[frame])
            if caption:
                middle = top + height + caption / 2
                ax.text(left, middle, clock(times[frame]), va="center", size=POINTS - 1, color="#444444")
    if rest:
        ax.text(0, sheet.shape[0] - note / 3, rest, va="center", size=POINTS + 1.5, color="#444444")
    ax.imshow(sheet, interpolation="antialiased")
    ax.set_axis_off()
    lettering.warn()
    return ax


def paint_cluster_strips(images, labels, *, times=None, rows=6, columns=8, width=880):
    """Return what `plot_cluster_strips` draws as an image, uint8 (height, width, 3), painted in a few milliseconds.

    Parameters are those of `plot_cluster_strips`, checked by the caller; each row has room for all columns.
    """
    from PIL import Image, ImageDraw

    strips, rest = _strips(labels, rows, columns)
    gutter, gap = 62, 4
    wide = (width - gutter) // columns - gap
    high = max(1, round(wide * images.shape[1] / images.shape[2]))
    step = max(high + (14 if times is not None else 0), 34) + gap
    painted = Image.new("RGB", (width, len(strips) * step + (20 if rest else 0)), "white")
    # at 13 to 15 pixels the bold digits are drawn as if they had serifs
    draw, (small, large) = ImageDraw.Draw(painted), (image_font(10), image_font(16, bold=True))
    for row, (cluster, share, frames) in enumerate(strips):
        top = row * step
        for column, frame in enumerate(frames):
            left = gutter + column * (wide + gap)
            painted.paste(Image.fromarray(thumbnail(images[frame], (wide, high))), (left, top))
            if times is not None:
                draw.text((left, top + high), clock(times[frame]), fill="#444444", font=small)
        color = tuple((255 * cluster_colors([cluster])[0]).round().astype(int).tolist())
        draw.rectangle((0, top, 9, top + high - 1), fill=color)
        draw.text((14, top), f"{cluster}", fill="black", font=large)
        draw.text((14, top + 19), _percent(share), fill="#444444", font=small)
    if rest:
        draw.text((0, len(strips) * step + 2), rest, fill="#444444", font=image_font(12))
    return np.asarray(painted)


def _lanes(runs, rows, name=str):
    """Return the row of each cluster in a barcode, and the rows' names and shares; the last may be of several."""
    shares = shots.setup_shares(runs[SPAN], runs["label"].to_numpy()).set_index("label")["share"]
    ranked = [label for label in shares.index if label >= 0]
    own = set(ranked if len(ranked) <= rows else ranked[: rows - 1])
    labels = [label for label in runs["label"].unique().tolist() if label >= 0]
    lanes, others = [[label] for label in labels if label in own], [label for label in labels if label not in own]
    tags = [name(label) for (label,) in lanes]
    if others:
        lanes, tags = [*lanes, others], [*tags, f"{len(others)} more"]
    row_of = {label: row for row, lane in enumerate(lanes) for label in lane}
    return row_of, tags, [_percent(shares[lane].sum()) for lane in lanes]


def _ticks(low, high, timed):
    """Return where an axis has ticks, at most TICKS or so."""
    powers = 10.0 ** np.arange(-2, 9)
    steps = sorted(step * power for step in (1, 2, 5) for power in powers)
    if timed and high - low >= 2:
        steps = CLOCK_STEPS
    return ticks(low, high, steps, TICKS)


def _strips(labels, rows, columns):
    """Return (cluster, share, frames to show) of the largest clusters, and what is to be told of the others."""
    clusters, begins, counts = np.unique(labels[labels >= 0], return_index=True, return_counts=True)
    if not len(clusters):
        raise ParameterError("images must hold at least one frame of a cluster to draw; got none")
    largest = np.lexsort((clusters, -counts))[:rows]
    largest = largest[np.argsort(begins[largest])]
    shares = counts / counts.sum()
    strips = [(clusters[i], shares[i], _evenly(np.flatnonzero(labels == clusters[i]), columns)) for i in largest]
    others = len(clusters) - len(largest)
    rest = 1 - counts[largest].sum() / counts.sum()
    return strips, f"and {others} more, {_percent(rest)} of the frames" if others else ""


def _evenly(places, count):
    """Return at most so many of the places, each from the middle of an equal part of them."""
    count = min(count, len(places))
    return places[((np.arange(count) + 0.5) / count * len(places)).astype(int)]


def _percent(share):
    """Return a share as it is written: with a decimal below ten percent."""
    return f"{share:.1%}" if share < 0.0995 else f"{share:.0%}"
