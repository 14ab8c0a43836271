"""How well cuts were found, boundaries within a tolerance, and spans that need not tile the film.

What is undefined is decided as in `toolkit.metrics`: where nothing is found precision is 0, where nothing is true
recall is 0, and F1 is 0 where both are.
"""

import numpy as np
import pandas as pd

from toolkit.checks import check_count, check_number
from toolkit.errors import ParameterError
from toolkit.metrics.judgments import flags, moments
from toolkit.tables import SECONDS, check_spans


def match_cuts(found, true, *, tolerance=2):
    """Return which cuts that were found are which true ones: as many pairs as can be made.

    Each is in one pair at most. Pairs are made in order of time, of the earliest that are within the tolerance; no
    other way makes more. Of two that were found near one true cut it is therefore the earlier that is paired.

    Parameters
    ----------
    found, true : array_like of numbers, (n,) and (m,)
        Frames, or seconds, in any order. What is there twice counts twice.
    tolerance : float
        How far apart the two of a pair may be, in the same unit, inclusive.

    Returns
    -------
    ndarray of int, (pairs, 2)
        Positions in `found` and in `true`, by time.

    Raises
    ------
    ParameterError
        If `found` or `true` are not finite numbers, or the tolerance is below 0.
    """
    found = moments("found", found)
    true = moments("true", true)
    tolerance = check_number("tolerance", tolerance, at_least=0)
    found_order, true_order = np.argsort(found, kind="stable"), np.argsort(true, kind="stable")
    lefts, rights = found[found_order].tolist(), true[true_order].tolist()
    pairs, i, j = [], 0, 0
    while i < len(lefts) and j < len(rights):
        if abs(lefts[i] - rights[j]) <= tolerance:
            pairs.append((found_order[i], true_order[j]))
            i, j = i + 1, j + 1
        elif lefts[i] < rights[j]:
            i += 1
        else:
            j += 1
    return np.array(pairs, dtype=np.int64).reshape(-1, 2)


def evaluate_cuts(found, true, *, tolerance=2):
    """Return precision, recall and F1 of cuts, each true cut paired with at most one that was found.

    Parameters
    ----------
    found, true : array_like of numbers, (n,) and (m,)
    tolerance : float
        As in `match_cuts`.

    Returns
    -------
    dict
        "Precision", "Recall", "F1" as floats in [0, 1], and "right", "false", "missed" as ints. To score many films as
        one, add up these: F1 is ``2 right / (2 right + false + missed)``.

    Raises
    ------
    ParameterError
        As in `match_cuts`.
    """
    right = len(match_cuts(found, true, tolerance=tolerance))
    return count(right, np.size(found) - right, np.size(true) - right)


def boundary_scores(found, true, *, tolerance=1):
    """Return precision, recall and F1 of one movie's scene boundaries, told to within some shots.

    Parameters
    ----------
    found, true : array_like of bool, (n_shots - 1,)
        Whether there is a boundary between shot i and shot i + 1, as `toolkit.scenes.group_shots` returns it.
    tolerance : int
        How many shots a boundary may be off, from 0. Each true one is paired with at most one that was found.

    Returns
    -------
    dict
        As `evaluate_cuts` returns it.

    Raises
    ------
    ParameterError
        If the arrays are not bool or differ in length, or the tolerance is not a whole number from 0.
    """
    found, true = flags("found", found), flags("true", true)
    if len(found) != len(true):
        raise ParameterError(
            f"found and true must be of the same shots; got {len(found)} and {len(true)} places for a boundary"
        )
    tolerance = check_count("tolerance", tolerance)
    return evaluate_cuts(np.flatnonzero(found), np.flatnonzero(true), tolerance=tolerance)


def miou_of_spans(found, true):
    """Return Miou of spans of frames or time, which need not tile the film.

    Parameters
    ----------
    found, true : DataFrame or array_like of numbers, (n, 2) and (m, 2)
        Half-open spans, ``[start, end)``, in the same unit. Of tables the columns start_frame and end_frame are read
        or, where either table has none, start and end. An array beside a table that has start_frame and end_frame is
        therefore taken to be in frames; for one in seconds give ``table[["start", "end"]]``.

    Returns
    -------
    float
        In [0, 1]: ``(a + b) / 2``, a the mean over `found` of the best intersection over union with any of `true`, b
        the reverse. 0 where either is empty.

    Raises
    ------
    ParameterError
        If a span is not finite or does not end after its start, or a table has no such columns.
    """
    frames = {"start_frame", "end_frame"}
    counted = all(frames <= set(spans.columns) for spans in (found, true) if isinstance(spans, pd.DataFrame))
    columns = ("start_frame", "end_frame") if counted else SECONDS
    found = check_spans(found, "found", columns=columns, ordered=False, lasting=True)
    true = check_spans(true, "true", columns=columns, ordered=False, lasting=True)
    if not len(found) or not len(true):
        return 0.0
    best_found, best_true = np.zeros(len(found)), np.zeros(len(true))
    # a row at a time, for all pairs of many spans would not fit in memory
    for i, (start, end) in enumerate(found):
        common = np.maximum(np.minimum(end, true[:, 1]) - np.maximum(start, true[:, 0]), 0)
        overlap = common / ((end - start) + (true[:, 1] - true[:, 0]) - common)
        best_found[i] = overlap.max()
        np.maximum(best_true, overlap, out=best_true)
    return float((best_found.mean() + best_true.mean()) / 2)


def count(right, false, missed):
    """Return precision, recall and F1 beside the numbers that they come from."""
    return {
        "Precision": right / max(1, right + false),
        "Recall": right / max(1, right + missed),
        "F1": 2 * right / max(1, 2 * right + false + missed),
        "right": right,
        "false": false,
        "missed": missed,
    }
