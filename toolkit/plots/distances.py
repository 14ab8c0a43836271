"""Distance matrices and curves of distances over time."""

import numpy as np
from matplotlib.patches import Rectangle
from matplotlib.ticker import MaxNLocator

from toolkit.checks import check_array
from toolkit.errors import ParameterError
from toolkit.plots.axes import WIDTH, color_bar, hide_spines, new_axes, set_clock


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
    n = "n" if times is None else len(times)
    wanted = "(n, n), with a time for each frame if given"
    matrix = check_array("matrix", matrix, (n, n), wanted=wanted, finite=False)
    ax = ax or new_axes(WIDTH / 2, WIDTH / 2 * 0.84)
    extent = (-0.5, len(matrix) - 0.5, len(matrix) - 0.5, -0.5)
    timed = times is not None and len(times) > 1
    if timed:
        extent = (times[0], times[-1], times[-1], times[0])
    # of one frame, or of frames that are all the same, everything is as near as can be
    highest = np.max(matrix, initial=0.0, where=np.isfinite(matrix)) or 1.0
    options = {"cmap": "magma", "vmin": 0, "vmax": highest, "interpolation": "antialiased", "aspect": "equal"}
    picture = ax.imshow(matrix, extent=extent, **options)
    color_bar(ax, picture).set_label("distance: dark is alike")
    ax.set(title=title, xlabel=each, ylabel=each)
    for start, end in () if spans is None else _check_spans(spans, len(matrix)):
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
    wanted = f"whole numbers (m, 2), each [start, end) of the {n} frames"
    spans = check_array("spans", spans, ("m", 2), "iu", wanted=wanted)
    wrong = (spans[:, 0] < 0) | (spans[:, 0] >= spans[:, 1]) | (spans[:, 1] > n)
    if wrong.any():
        raise ParameterError(f"spans must be {wanted}; got {spans[np.argmax(wrong)].tolist()}")
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
    ax = ax or new_axes(WIDTH, 2.6)
    n = "n" if times is None else len(times)
    wanted = "(n,), with a time for each if times are given"
    values = check_array("values", values, (n,), wanted=wanted, finite=False).astype(float)
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
    hide_spines(ax)
    return ax
