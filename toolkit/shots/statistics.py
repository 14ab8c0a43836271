"""Statistics of shots: lengths, pace, and the shares of set-ups."""

import numpy as np
import pandas as pd

from toolkit.checks import check_labels, check_number
from toolkit.tables import ROUNDING_SECONDS, check_spans


def shot_statistics(shot_spans):
    """Return what scholars of style count: how many shots, how long, how fast.

    Parameters
    ----------
    shot_spans : DataFrame with the columns start and end, or array of float, (n_shots, 2)
        Seconds; in order, without overlap.

    Returns
    -------
    Series of float64
        shots (how many), duration (seconds in shots), average_length, median_length, shortest, longest (seconds), and
        shots_per_minute. NaN for what no shots do not have.

    Raises
    ------
    ParameterError
        If `shot_spans` are not spans.
    """
    lengths = pd.Series(np.diff(check_spans(shot_spans), axis=1)[:, 0])
    duration = lengths.sum()
    return pd.Series(
        {
            "shots": float(len(lengths)),
            "duration": duration,
            "average_length": lengths.mean(),
            "median_length": lengths.median(),
            "shortest": lengths.min(),
            "longest": lengths.max(),
            "shots_per_minute": 60 * len(lengths) / duration if duration > 0 else np.nan,
        }
    )


def setup_shares(shot_spans, labels):
    """Return how much of the film each set-up has.

    Parameters
    ----------
    shot_spans : DataFrame with the columns start and end, or array of float, (n_shots, 2)
        Seconds; in order, without overlap.
    labels : ndarray of int, (n_shots,)
        The set-up of each shot.

    Returns
    -------
    DataFrame
        label, shots (how many), seconds, share (of the time in all shots, in [0, 1]), the greatest share first; of
        equals the lower label.

    Raises
    ------
    ParameterError
        If an argument is of the wrong kind, or there is not one label a shot.
    """
    spans = check_spans(shot_spans)
    values, index = np.unique(check_labels(labels, len(spans), "shot"), return_inverse=True)
    seconds = np.bincount(index, np.diff(spans, axis=1)[:, 0], len(values))
    total = seconds.sum()
    share = seconds / total if total > 0 else np.zeros(len(values))
    shots = np.bincount(index, minlength=len(values))
    table = pd.DataFrame({"label": values, "shots": shots, "seconds": seconds, "share": share})
    return table.iloc[np.lexsort((values, -share))].reset_index(drop=True)


def pace(shot_spans, *, window=60.0, step=None):
    """Return how long shots are over time, in windows that move along the film.

    A shot counts in a window by the part of it that lies there: a window of 60 seconds that holds one shot and the
    half of another holds 1.5 shots, of 40 seconds on average.

    Parameters
    ----------
    shot_spans : DataFrame with the columns start and end, or array of float, (n_shots, 2)
        Seconds; in order, without overlap.
    window : float
        Seconds, above 0. Windows are cut off at the end of the film; a film shorter than one is one window.
    step : float, optional
        Seconds from one window to the next, above 0; by default half a window.

    Returns
    -------
    DataFrame
        start, end (seconds), shots (how many, in parts), average_length (seconds in shots over shots; NaN without).

    Raises
    ------
    ParameterError
        If an argument is of the wrong kind.
    """
    spans = check_spans(shot_spans)
    window = check_number("window", window, above=0, unit="seconds")
    step = window / 2 if step is None else check_number("step", step, above=0, unit="seconds")
    spans = spans[spans[:, 1] > spans[:, 0]]
    begin, finish = (spans[0, 0], spans[-1, 1]) if len(spans) else (0.0, 0.0)
    # the last window is the first one that reaches the end
    count = 1 + max(0, int(np.ceil((finish - begin - window) / step - ROUNDING_SECONDS))) if len(spans) else 0
    starts = begin + step * np.arange(count)
    ends = np.minimum(starts + window, finish)
    # seconds in shots, and shots in parts, up to an instant: straight lines between the shots' ends
    lengths = np.diff(spans, axis=1)[:, 0]
    edges = spans.ravel()
    seconds, shots = np.zeros(len(edges)), np.zeros(len(edges))
    seconds[1::2], shots[1::2] = lengths, 1.0
    seconds, shots = np.cumsum(seconds), np.cumsum(shots)
    if count:
        seconds, shots = (
            np.interp(ends, edges, values) - np.interp(starts, edges, values) for values in (seconds, shots)
        )
    average = np.divide(seconds, shots, out=np.full(count, np.nan), where=shots > 0)
    return pd.DataFrame({"start": starts, "end": ends, "shots": shots, "average_length": average})
