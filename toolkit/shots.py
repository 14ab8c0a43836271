"""Shots, and the camera set-ups they come back to.

Frames that look alike are put together by Ward's agglomerative clustering: `linkage_tree` once, then `cut_tree` at any
threshold in milliseconds. Where the cuts are known, `group_setups` is the better way: frames of a shot stay together,
and shots are compared.

Labels are int, numbered from 0 in order of first sight. Times are float64 seconds; a span of frames or of time is
half-open, ``[start, end)``. A table of shots has a row a shot, in order, with the columns `start` and `end`; a frame
lies in a shot if ``start <= time < end``, a microsecond early or late forgiven, as times that went through a file are.

References
----------
J. H. Ward, Hierarchical grouping to optimize an objective function, Journal of the American Statistical Association 58
(1963). P. J. Rousseeuw, Silhouettes, Journal of Computational and Applied Mathematics 20 (1987). B. Salt, Film style
and technology: history and analysis (1983), for average shot lengths.
"""

import warnings

import numpy as np
import pandas as pd

from toolkit import _ward
from toolkit._checks import ParameterError, check_count, check_number
from toolkit._cuts import detect_shots

__all__ = [
    "cluster_frames",
    "cut_tree",
    "detect_shots",
    "group_setups",
    "labels_at",
    "linkage_tree",
    "pace",
    "setup_shares",
    "shot_statistics",
    "shot_table",
    "suggest_threshold",
]

# of group_setups: shots of one set-up are less apart than this share of the median between all shots,
NEAR = 0.5
# and than so many times the spread within them; a spread this share of the threshold is as good as none,
WITHIN, STILL = 1.5, 0.1
# or they are apart by less than this share of the spread, whatever the other shots
MINGLED = 0.4
# seconds
FORGIVEN = 1e-6
# squares of larger values would not be finite
LARGEST = 1e150
# what a silhouette of nought may come to when it is summed up
ROUNDING = 1e-9


def linkage_tree(features):
    """Return the tree of Ward's agglomerative clustering of frame vectors.

    For at most some 2e9 differences (n^2 d / 2) distances are taken plainly, and the tree is the one scikit-learn
    cuts. Beyond, they come from products of blocks in float64, exact to about 1e-8 of the vectors' distance from
    their mean. Beside the features it takes memory for two float64 for each pair of frames: 0.5 GB for 7,800.

    Parameters
    ----------
    features : ndarray of real numbers, (n, d), or what becomes one
        A vector a frame, as from `toolkit.embeddings.embed`; in the order of the frames, as `suggest_threshold` wants.

    Returns
    -------
    ndarray of float64, (n - 1, 4)
        As of `scipy.cluster.hierarchy.linkage`. Empty for one frame.

    Raises
    ------
    ParameterError
        If `features` are not finite numbers of that shape, or there is no frame.
    """
    return _ward.linkage_tree(_check_features(features))


def cut_tree(tree, distance_threshold):
    """Return the cluster of each frame when the tree is cut at a height.

    Merges below the threshold are done; one at the threshold is not, as in scikit-learn's AgglomerativeClustering.

    Parameters
    ----------
    tree : ndarray of float64, (n - 1, 4)
        As from `linkage_tree`.
    distance_threshold : float
        At least 0; in the unit of the features, times the root of the frames merged.

    Returns
    -------
    ndarray of int64, (n,)
        Numbered from 0 in order of first sight.

    Raises
    ------
    ParameterError
        If the tree is none, or the threshold no number of at least 0.
    """
    return _ward.cut(_ward.check_tree(tree), check_number("distance_threshold", distance_threshold, at_least=0))


def cluster_frames(features, distance_threshold=None):
    """Return the cluster of each frame by Ward's agglomerative clustering.

    The labels are those of scikit-learn's ``AgglomerativeClustering(n_clusters=None, linkage="ward",
    distance_threshold=...)`` up to renaming. To try several thresholds, make the tree once and cut it.

    Parameters
    ----------
    features : ndarray of real numbers, (n, d)
        A vector a frame, in the order of the frames.
    distance_threshold : float, optional
        At least 0; by default that of `suggest_threshold`.

    Returns
    -------
    ndarray of int64, (n,)
        Numbered from 0 in order of first sight.

    Raises
    ------
    ParameterError
        As `linkage_tree` and `cut_tree` do.
    """
    if distance_threshold is not None:
        check_number("distance_threshold", distance_threshold, at_least=0)
    tree = linkage_tree(features)
    return cut_tree(tree, suggest_threshold(tree) if distance_threshold is None else distance_threshold)


def suggest_threshold(tree):
    """Return the height to cut Ward's tree at, so that clusters are as much apart as they can be.

    Of all numbers of clusters the one of the highest silhouette is taken, and the height midway between the merges it
    lies between. Ward's heights tell all that is needed: the squares within each cluster, and how far apart are the
    means of the two merged. So the silhouette of a cluster C, merged next with a cluster N, is taken as
    ``(b - a) / max(a, b)``, a the root mean square of distances within C, b that of the distances from C to N; 0 for
    a single frame. Clusters count by their frames.

    A shot that moves falls into pieces as well, one after the other in time, which are no set-ups. So where a cluster
    is one run of frames and is split into two runs, the silhouette of its pieces is 0, unless they are farther apart
    than the halves of an even, straight movement: ``D^2 > 6 (u + v)``, D the distance of their means, u and v their
    variances. The frames must have been in order of time.

    Parameters
    ----------
    tree : ndarray of float64, (n - 1, 4)
        As from `linkage_tree`; only of Ward's linkage do the heights say what is read from them.

    Returns
    -------
    float
        Above the top of the tree, so that all frames are one cluster, where no number of clusters has a silhouette
        above 0, as with fewer than three frames.

    Raises
    ------
    ParameterError
        If the tree is none.
    """
    tree = _ward.check_tree(tree)
    count = len(tree) + 1
    # heights below and above a cut into 0, 1, ..., n clusters; frames merged at one height cannot be told apart
    heights = np.concatenate([[0.0], tree[:, 2]])
    top = float(heights[-1])
    scores = _ward.scores(tree)
    clusters = np.arange(2, count + 1)
    can_be_cut = heights[count - clusters] < heights[count - clusters + 1]
    scores = np.where(can_be_cut, scores[2:], 0.0)
    if not len(scores) or scores.max() <= ROUNDING:
        return 2 * top if top > 0 else 1.0
    best = clusters[scores.argmax()]
    below, above = heights[count - best], heights[count - best + 1]
    middle = (below + above) / 2
    return float(middle if middle > below else above)


def group_setups(features, times, shot_spans, distance_threshold=None):
    """Return the camera set-up of each shot.

    The frames of a shot stay together. Two shots are apart by the distance D of their means. They may be of one set-up
    if D is below the threshold, and below 1.5 times the spread within them, the root mean square of the distances
    between frames of a shot, the mean of the two shots; so that two sheets of paper that differ little, but do not
    move at all, are two. A spread below a tenth of the threshold counts as a tenth. Set-ups are grown by complete
    linkage: all their shots are such pairs.

    Without a threshold it is half the median of D between all pairs of shots, most of which are of different set-ups;
    and as that does not hold in a film of a single one, shots with a D below 0.4 times their spread may be of one
    set-up in any case.

    A few frames of each shot will do. Of a shot of a single frame the spread is taken to be the median of the others.

    Parameters
    ----------
    features : ndarray of real numbers, (n, d)
        A vector a frame.
    times : ndarray of float, (n,)
        Seconds of the frames, in any order.
    shot_spans : DataFrame with the columns start and end, or array of float, (n_shots, 2)
        Seconds; in order, without overlap. Frames in no shot are left out.
    distance_threshold : float, optional
        Above 0, in the unit of the features.

    Returns
    -------
    ndarray of int64, (n_shots,)
        Numbered from 0 in order of first sight; -1 for a shot without a frame.

    Warns
    -----
    UserWarning
        If there are shots without a frame.

    Raises
    ------
    ParameterError
        If an argument is of the wrong kind, or they do not fit each other.
    """
    from scipy.cluster.hierarchy import linkage
    from scipy.spatial.distance import pdist, squareform

    features = _check_features(features)
    times = _check_times(times, len(features))
    spans = _check_spans(shot_spans)
    if distance_threshold is not None:
        distance_threshold = check_number("distance_threshold", distance_threshold, above=0)
    shot_of = _shots_of(spans, times)
    setups = np.full(len(spans), -1, np.int64)
    seen = np.unique(shot_of[shot_of >= 0])
    if len(seen) < len(spans):
        missing = np.setdiff1d(np.arange(len(spans)), seen)
        warnings.warn(
            f"{len(missing)} of {len(spans)} shots have no frame, the first of them shot {missing[0]}; their set-up "
            "is -1. Read frames more densely, or at times within each shot",
            stacklevel=2,
        )
    if len(seen) == 0:
        return setups
    means, spreads = zip(*(_mean_and_spread(features[shot_of == shot]) for shot in seen), strict=True)
    spreads = np.array(spreads)
    known = np.isfinite(spreads)
    spreads[~known] = np.median(spreads[known]) if known.any() else np.inf
    apart = squareform(pdist(np.stack(means)))
    pairs = np.triu_indices(len(seen), 1)
    near = distance_threshold
    if near is None:
        near = NEAR * np.median(apart[pairs]) if len(seen) > 1 else 1.0
    spread = (spreads[:, None] + spreads)[pairs] / 2
    limit = np.minimum(near, WITHIN * np.maximum(spread, STILL * near))
    if distance_threshold is None and known.any():
        limit = np.maximum(limit, MINGLED * spread)
    # shots that are the same to the last bit are one set-up, even where nothing moves and all limits are 0
    ratio = np.divide(apart[pairs], limit, out=np.zeros(len(limit)), where=apart[pairs] > 0)
    tree = linkage(ratio, "complete") if len(seen) > 1 else np.empty((0, 4))
    setups[seen] = cut_tree(tree, 1.0)
    return setups


def labels_at(shot_spans, labels, times):
    """Return the label that the shot at each time has.

    Parameters
    ----------
    shot_spans : DataFrame with the columns start and end, or array of float, (n_shots, 2)
        Seconds; in order, without overlap.
    labels : ndarray of int, (n_shots,)
    times : ndarray of float, (n,)
        Seconds, in any order.

    Returns
    -------
    ndarray of int64, (n,)
        -1 where there is no shot.

    Raises
    ------
    ParameterError
        If an argument is of the wrong kind, or there is not one label a shot.
    """
    spans = _check_spans(shot_spans)
    labels = _check_labels(labels, len(spans))
    shot_of = _shots_of(spans, _check_times(times))
    return np.append(labels, -1)[shot_of]


def shot_table(labels, times=None, *, min_length=None, end=None):
    """Return the runs of equal labels as a table.

    With `min_length`, shorter runs are given away, the shortest first (of equals, the earliest): to both neighbours at
    once where these have the same label, else to the longer (of equals, the earlier). Runs that meet with the same
    label become one. So it goes on until no run is short, or one is left.

    Parameters
    ----------
    labels : ndarray of int, (n,)
        A label a frame.
    times : ndarray of float, (n,), optional
        Seconds of the frames, rising.
    min_length : number, optional
        Seconds where there are times, else a number of frames.
    end : float, optional
        Seconds at which the last frame ends; by default it lasts as long as the median frame. Only with times.

    Returns
    -------
    DataFrame
        label, start_frame, end_frame, and with times start, end (seconds). Frames are positions in `labels`; a run
        ends where the next one starts. No row for no frames.

    Raises
    ------
    ParameterError
        If an argument is of the wrong kind, or they do not fit each other.
    """
    labels = _check_labels(labels)
    if times is None:
        if end is not None:
            raise ParameterError(f"end is that of the last frame in seconds, and needs times; got end={end!r} alone")
        edges = np.arange(len(labels) + 1)
        least = 0 if min_length is None else check_count("min_length", min_length)
    else:
        edges = _frame_edges(_check_times(times, len(labels)), end)
        least = 0 if min_length is None else check_number("min_length", min_length, at_least=0, unit="seconds")
    starts = np.flatnonzero(np.diff(labels, prepend=labels[:1] - 1))
    starts, values = _without_short(starts, labels[starts], edges, least)
    ends = np.append(starts, len(labels))[1:]
    table = pd.DataFrame({"label": values, "start_frame": starts, "end_frame": ends})
    if times is not None:
        table["start"], table["end"] = edges[table["start_frame"]], edges[table["end_frame"]]
    return table


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
    lengths = np.diff(_check_spans(shot_spans), axis=1)[:, 0]
    duration = lengths.sum()
    some = len(lengths) > 0
    return pd.Series(
        {
            "shots": float(len(lengths)),
            "duration": duration,
            "average_length": lengths.mean() if some else np.nan,
            "median_length": np.median(lengths) if some else np.nan,
            "shortest": lengths.min() if some else np.nan,
            "longest": lengths.max() if some else np.nan,
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
    spans = _check_spans(shot_spans)
    values, index = np.unique(_check_labels(labels, len(spans)), return_inverse=True)
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
    spans = _check_spans(shot_spans)
    window = check_number("window", window, above=0, unit="seconds")
    step = window / 2 if step is None else check_number("step", step, above=0, unit="seconds")
    spans = spans[spans[:, 1] > spans[:, 0]]
    begin, finish = (spans[0, 0], spans[-1, 1]) if len(spans) else (0.0, 0.0)
    # the last window is the first one that reaches the end
    count = 1 + max(0, int(np.ceil((finish - begin - window) / step - FORGIVEN))) if len(spans) else 0
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


def _mean_and_spread(vectors):
    """Return the mean of a shot's vectors, and the root mean square of their distances, NaN for one."""
    mean = vectors.mean(axis=0, dtype=np.float64)
    if len(vectors) == 1:
        return mean, np.nan
    # row by row: a long shot of long vectors need not be in memory twice
    squares = sum(float(np.sum((vector - mean) ** 2)) for vector in vectors)
    return mean, np.sqrt(2 * squares / (len(vectors) - 1))


def _without_short(starts, values, edges, least):
    """Return the starts and labels of runs when those shorter than `least` are given away."""
    values = values.copy()
    while len(starts) > 1:
        lengths = np.diff(edges[starts], append=edges[-1])
        short = int(lengths.argmin())
        if lengths[short] >= least:
            break
        before = lengths[short - 1] if short else -np.inf
        after = lengths[short + 1] if short + 1 < len(starts) else -np.inf
        if short and short + 1 < len(starts) and values[short - 1] == values[short + 1]:
            drop = [short, short + 1]
        elif before >= after:
            drop = short
        else:
            values[short] = values[short + 1]
            drop = short + 1
        starts, values = np.delete(starts, drop), np.delete(values, drop)
    return starts, values


def _frame_edges(times, end):
    """Return when each frame starts, and when the last one ends."""
    if (np.diff(times) <= 0).any():
        raise ParameterError("times must rise from frame to frame; got some that do not. Were the frames sorted?")
    if end is not None:
        end = check_number("end", end, unit="seconds")
        if len(times) and end <= times[-1]:
            raise ParameterError(f"end must lie after the last frame, at {times[-1]:g} s; got {end!r}")
    elif len(times):
        end = times[-1] + (np.median(np.diff(times)) if len(times) > 1 else 0.0)
    return np.append(times, end if len(times) else 0.0)


def _shots_of(spans, times):
    """Return the shot each time lies in, or -1."""
    if len(spans) == 0:
        return np.full(len(times), -1)
    shot = np.searchsorted(spans[:, 0] - FORGIVEN, times, side="right") - 1
    inside = (shot >= 0) & (times < spans[shot, 1] - FORGIVEN)
    return np.where(inside, shot, -1)


def _check_features(features):
    wanted = "features must be finite numbers, (n, d), a vector a frame"
    try:
        features = np.asarray(features)
    except ValueError:
        raise ParameterError(f"{wanted}; got rows of different lengths") from None
    if features.dtype.kind not in "fiub":
        raise ParameterError(f"{wanted}; got {features.dtype}. Take toolkit.embeddings.embed(images)")
    if features.ndim != 2 or features.shape[1] == 0:
        hint = ". Are these images? Take toolkit.embeddings.embed(images)" if features.ndim > 2 else ""
        raise ParameterError(f"{wanted}; got shape {features.shape}{hint}")
    if len(features) == 0:
        raise ParameterError(f"{wanted}; got no frame at all")
    if features.dtype == np.float16 or features.dtype.kind == "b":
        features = features.astype(np.float32)
    # the extremes tell of NaN too, and need no array as large as the features
    with np.errstate(invalid="ignore"):
        extreme = np.maximum(abs(float(features.min())), abs(float(features.max())))
    if not extreme <= LARGEST:
        raise ParameterError(f"{wanted}; got {'NaN' if np.isnan(extreme) else f'values of {extreme:g}'}")
    return features


def _check_times(times, count=None):
    wanted = "times must be finite numbers of seconds, one a frame"
    try:
        times = np.asarray(times, dtype=np.float64)
    except (TypeError, ValueError):
        raise ParameterError(f"{wanted}; got {type(times).__name__}") from None
    if times.ndim != 1 or (count is not None and len(times) != count):
        raise ParameterError(f"{wanted}; got shape {times.shape}{'' if count is None else f' for {count} frames'}")
    if not np.isfinite(times).all():
        raise ParameterError(f"{wanted}; got NaN or infinity")
    return times


def _check_labels(labels, count=None):
    wanted = "labels must be whole numbers, one a " + ("frame" if count is None else "shot")
    try:
        labels = np.asarray(labels)
    except ValueError:
        raise ParameterError(f"{wanted}; got rows of different lengths") from None
    if labels.ndim != 1 or (count is not None and len(labels) != count):
        raise ParameterError(f"{wanted}; got shape {labels.shape}{'' if count is None else f' for {count} shots'}")
    if len(labels) and labels.dtype.kind not in "iu":
        raise ParameterError(f"{wanted}; got {labels.dtype}")
    return labels.astype(np.int64)


def _check_spans(shot_spans):
    """Return spans as an array of float64, (n_shots, 2)."""
    wanted = "shot_spans must be a table with the columns start and end, or an array (n_shots, 2), in seconds"
    if isinstance(shot_spans, pd.DataFrame):
        if not {"start", "end"} <= set(shot_spans.columns):
            raise ParameterError(f"{wanted}; got the columns {', '.join(map(str, shot_spans.columns)) or 'none'}")
        shot_spans = shot_spans[["start", "end"]]
    try:
        spans = np.asarray(shot_spans, dtype=np.float64)
    except (TypeError, ValueError):
        raise ParameterError(f"{wanted}; got {type(shot_spans).__name__}") from None
    if spans.size == 0 and spans.ndim in (1, 2):
        spans = spans.reshape(0, 2)
    if spans.ndim != 2 or spans.shape[1] != 2:
        raise ParameterError(f"{wanted}; got shape {spans.shape}")
    if not np.isfinite(spans).all():
        raise ParameterError(f"{wanted}; got NaN or infinity")
    if (spans[:, 1] < spans[:, 0]).any():
        raise ParameterError(f"{wanted}; shot {np.argmax(spans[:, 1] < spans[:, 0])} ends before it starts")
    overlapping = spans[1:, 0] < spans[:-1, 1] - FORGIVEN
    if overlapping.any():
        raise ParameterError(
            f"{wanted}, in order and without overlap; shot {1 + np.argmax(overlapping)} starts before the one before "
            "it ends. Sort the table by start"
        )
    return spans
