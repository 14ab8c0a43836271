"""Bars over time: runs of equal labels, drawn as spans, and the time axis below them."""

import numpy as np
import pandas as pd
from matplotlib.collections import PolyCollection

from toolkit import shots
from toolkit.checks import check_labels
from toolkit.errors import ParameterError
from toolkit.plots.axes import hide_spines, set_clock
from toolkit.tables import check_spans


def runs_of(labels, times, spans):
    """Return start, end and label of successive stretches of one cluster."""
    if spans is not None:
        if times is not None:
            raise ParameterError("times are those of frames and spans those of shots; give one of them")
        spans = check_spans(spans, "spans")
        labels = check_labels(labels, len(spans), "span")
        return pd.DataFrame({"start": spans[:, 0], "end": spans[:, 1], "label": labels})
    edges = ["start_frame", "end_frame"] if times is None else ["start", "end"]
    runs = shots.shot_table(labels, times)[[*edges, "label"]].set_axis(["start", "end", "label"], axis=1)
    if len(runs) and runs["end"].iloc[-1] == runs["start"].iloc[-1]:
        # of a single frame it is not known how long it lasts
        runs.loc[len(runs) - 1, "end"] += 1.0
    return runs


def draw_bars(ax, starts, ends, low, high, colors, *, rim, alpha=1.0):
    """Draw upright bars, a collection of them; a rim of so many points keeps the thinnest in sight."""
    corners = np.stack([starts, low, starts, high, ends, high, ends, low], axis=-1).reshape(-1, 4, 2).astype(float)
    edges = colors if rim else "none"
    bars = PolyCollection(corners, facecolors=colors, edgecolors=edges, linewidths=rim, alpha=alpha, antialiaseds=False)
    bars.set_joinstyle("miter")
    ax.add_collection(bars)
    return bars


def limits(starts, ends):
    """Return the ends of an axis over spans, never of no width."""
    if not len(starts):
        return 0.0, 1.0
    low, high = float(np.min(starts)), float(np.max(ends))
    return low, high if high > low else low + 1.0


def time_axis(ax, timed):
    """Label an axis of frames, or of times by a clock."""
    ax.set_xlabel("frame")
    if timed:
        set_clock(ax.xaxis)
    hide_spines(ax, "left")
