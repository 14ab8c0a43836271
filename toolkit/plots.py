"""Pictures: each function draws on an Axes and returns it; none shows, saves, or sets a style.

Times are seconds. Where no `ax` is given, a new figure is made, of a size that suits what is drawn.
"""

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.patches import Rectangle
from matplotlib.ticker import MaxNLocator

from toolkit._axes import WIDTH, clock, color_bar, set_clock
from toolkit._plots_clusters import plot_barcode, plot_cluster_strips
from toolkit._plots_colors import (
    plot_color_plane,
    plot_color_ring,
    plot_color_strip,
    plot_color_wave,
    plot_fingerprint_poster,
)
from toolkit._plots_corpus import (
    plot_choose_k,
    plot_cluster_examples,
    plot_cluster_map,
    plot_cluster_sizes,
    plot_silhouettes,
    plot_video_grid,
    plot_video_stats,
)
from toolkit._plots_maps import plot_map, scatter_map
from toolkit._plots_scenes import plot_boundaries, plot_scenes
from toolkit._plots_shots import plot_cuts, plot_dialogues, plot_face_scale, plot_pace
from toolkit._plots_tree import plot_dendrogram, plot_threshold_sensitivity
from toolkit.checks import check_count
from toolkit.errors import ParameterError
from toolkit.records import Frames
from toolkit.video import evenly

__all__ = [
    "clock",
    "plot_barcode",
    "plot_boundaries",
    "plot_box",
    "plot_choose_k",
    "plot_cluster_examples",
    "plot_cluster_map",
    "plot_cluster_sizes",
    "plot_cluster_strips",
    "plot_color_plane",
    "plot_color_ring",
    "plot_color_strip",
    "plot_color_wave",
    "plot_curve",
    "plot_cuts",
    "plot_dendrogram",
    "plot_dialogues",
    "plot_distances",
    "plot_face_scale",
    "plot_fingerprint_poster",
    "plot_frames",
    "plot_map",
    "plot_pace",
    "plot_scenes",
    "plot_silhouettes",
    "plot_threshold_sensitivity",
    "plot_video_grid",
    "plot_video_stats",
    "scatter_map",
]

GAP = 6
LETTERS = 8.5


def plot_frames(frames, *, columns=6, limit=24, times=True, ax=None):
    """Draw frames as a contact sheet, row by row, each with its time.

    Parameters
    ----------
    frames : Frames, or ndarray of uint8, (n, height, width, 3) or (n, height, width)
    columns : int
        Frames in a row.
    limit : int
        Draw at most so many, evenly spaced.
    times : bool
        Write each frame's time under it; an array of images has none.

    Raises
    ------
    ParameterError
        If there are no frames.
    """
    columns, limit = check_count("columns", columns, at_least=1), check_count("limit", limit, at_least=1)
    images = frames.images if isinstance(frames, Frames) else np.asarray(frames)
    if not len(images):
        raise ParameterError("frames must hold at least one picture to draw; got none")
    chosen = evenly(len(images), limit)
    columns = min(columns, len(chosen))
    rows = -(-len(chosen) // columns)
    height, width = images.shape[1:3]
    inches = WIDTH * min(1.0, 0.3 * columns)
    sheet_width = columns * (width + GAP) - GAP
    captioned = times and isinstance(frames, Frames)
    # a line that holds letters of LETTERS points, in pixels of the sheet
    caption = round(1.6 * LETTERS / 72 * sheet_width / inches) if captioned else 0
    sheet = np.full((rows * (height + caption + GAP) - GAP, sheet_width, 3), 255, dtype=np.uint8)
    if ax is None:
        ax = plt.figure(figsize=(inches, inches * sheet.shape[0] / sheet_width)).add_axes((0, 0, 1, 1))
    for place, index in enumerate(chosen):
        top, left = place // columns * (height + caption + GAP), place % columns * (width + GAP)
        picture = images[index]
        sheet[top : top + height, left : left + width] = picture if picture.ndim == 3 else picture[..., None]
        if caption:
            middle = left + width / 2
            ax.text(
                middle, top + height + caption / 2, clock(frames.times[index]), ha="center", va="center", size=LETTERS
            )
    ax.imshow(sheet, interpolation="antialiased")
    ax.set_axis_off()
    return ax


def plot_box(image, box, *, ax=None):
    """Draw a picture and, over it, the outline of a box (top, left, height, width) in pixels."""
    if ax is None:
        _, ax = plt.subplots(figsize=(WIDTH / 2, WIDTH / 2 * image.shape[0] / image.shape[1]))
    top, left, height, width = box
    ax.imshow(image, cmap="gray", vmin=0, vmax=255)
    ax.add_patch(Rectangle((left - 0.5, top - 0.5), width, height, fill=False, edgecolor="#ff7f0e", linewidth=2.5))
    ax.set_axis_off()
    return ax


def plot_distances(matrix, *, times=None, spans=None, each="frame", title="", ax=None):
    """Draw a distance matrix as a picture, dark where two frames are alike.

    Parameters
    ----------
    matrix : ndarray, (n, n)
    times : ndarray, (n,), optional
        Seconds of the frames, for the axes; otherwise the axes count frames.
    spans : array of int, (m, 2), optional
        Half-open spans of frames, such as scenes, each drawn as a square on the diagonal.
    each : str
        What the rows are, on axes that count them: "frame", or "shot".
    title : str

    Raises
    ------
    ParameterError
        If arguments do not fit each other.
    """
    matrix = np.asarray(matrix)
    if matrix.ndim != 2 or (times is not None and len(times) != len(matrix)):
        raise ParameterError(f"matrix must be (n, n), with a time for each frame if given; got shape {matrix.shape}")
    if ax is None:
        _, ax = plt.subplots(figsize=(WIDTH / 2, WIDTH / 2 * 0.84), layout="constrained")
    extent = (-0.5, len(matrix) - 0.5, len(matrix) - 0.5, -0.5)
    timed = times is not None and len(times) > 1
    if timed:
        extent = (times[0], times[-1], times[-1], times[0])
    # of one frame, or of frames that are all the same, everything is as near as can be
    highest = np.max(matrix, initial=0.0, where=np.isfinite(matrix)) or 1.0
    options = {"cmap": "magma", "vmin": 0, "vmax": highest, "interpolation": "antialiased", "aspect": "equal"}
    drawn = ax.imshow(matrix, extent=extent, **options)
    color_bar(ax, drawn).set_label("distance: dark is alike")
    ax.set(title=title, xlabel=each, ylabel=each)
    for start, end in _check_spans(spans, len(matrix)):
        low, high = (times[start], times[end - 1]) if timed else (start - 0.5, end - 0.5)
        ax.add_patch(Rectangle((low, low), high - low, high - low, fill=False, edgecolor="white", linewidth=1.2))
    for axis in (ax.xaxis, ax.yaxis):
        if timed:
            set_clock(axis)
        else:
            axis.set_major_locator(MaxNLocator(integer=True, min_n_ticks=1))
    return ax


def _check_spans(spans, n):
    """Return spans of n frames as ints (m, 2)."""
    spans = np.empty((0, 2), int) if spans is None else np.asarray(spans)
    fit = spans.ndim == 2 and spans.shape[1] == 2 and spans.dtype.kind in "iu"
    if not fit or not ((spans[:, 0] >= 0) & (spans[:, 0] < spans[:, 1]) & (spans[:, 1] <= n)).all():
        raise ParameterError(f"spans must be whole numbers (m, 2), each [start, end) of the {n} frames")
    return spans


def plot_curve(values, *, times=None, cuts=(), label="distance to the frame before", ax=None):
    """Draw a value a frame over time, with cuts as marks above the curve.

    Parameters
    ----------
    values : ndarray, (n,)
    times : ndarray, (n,), optional
        Seconds; otherwise the axis counts frames.
    cuts : sequence of float
        Where to mark a cut, on the same axis.
    label : str
        What the values are.
    """
    if ax is None:
        _, ax = plt.subplots(figsize=(WIDTH, 2.6), layout="constrained")
    values = np.asarray(values, dtype=float)
    if values.ndim != 1 or (times is not None and len(times) != len(values)):
        raise ParameterError(f"values must be (n,), with a time for each if times are given; got shape {values.shape}")
    positions = np.arange(len(values)) if times is None else np.asarray(times)
    ax.plot(positions, values, color="#1f3b57", linewidth=0.8)
    finite = values[np.isfinite(values)]
    highest = float(np.max(finite, initial=0.0)) or 1.0
    if len(cuts):
        ax.plot(cuts, np.full(len(cuts), 1.06 * highest), "v", color="#d1495b", markersize=5, label=f"{len(cuts)} cuts")
        ax.legend(loc="upper left", bbox_to_anchor=(1.0, 1.02), frameon=False)
    ax.margins(x=0.005)
    ax.set(xlabel="frame", ylabel=label, ylim=(0, 1.13 * highest))
    if times is not None:
        set_clock(ax.xaxis)
    ax.spines[["top", "right"]].set_visible(False)
    return ax
