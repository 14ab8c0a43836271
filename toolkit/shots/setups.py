"""Camera set-ups: shots that return to the same picture.

Frames of a shot stay together, and shots are compared by the means of their frames' vectors. `times_in_shots` gives the
instants at which to read them.

Labels are int, numbered from 0 in order of first sight; -1 for a shot without a frame.
"""

import warnings

import numpy as np

from toolkit.checks import check_array, check_number, check_times
from toolkit.shots.tables import shots_of
from toolkit.shots.trees import check_features, cut_tree
from toolkit.tables import check_spans

# of group_setups: shots of one set-up are less apart than this share of the median between all shots,
MEDIAN_SHARE = 0.5
# and than so many times the spread within them; a spread this share of the threshold is as good as none,
SPREADS, MIN_SPREAD_SHARE = 1.5, 0.1
# or they are apart by less than this share of the spread, whatever the other shots
ANY_SPREAD_SHARE = 0.4


def shot_distances(features, times, shot_spans):
    """Return how far shots are from each other: the distances of the means of their frames' vectors.

    Parameters
    ----------
    features, times, shot_spans
        As of `group_setups`.

    Returns
    -------
    ndarray of float64, (n_shots, n_shots)
        In the unit of the features, 0 for a shot and itself; NaN for a shot without a frame.

    Raises
    ------
    ParameterError
        As of `group_setups`.
    """
    return _looks_of_shots(features, times, shot_spans)[0]


def suggest_setup_threshold(distances):
    """Return the distance below which two shots may be of one set-up: half the median between all pairs of shots.

    Most pairs are of different set-ups, so that the median is how far apart set-ups are.

    Parameters
    ----------
    distances : ndarray of float, (n_shots, n_shots)
        As from `shot_distances`.

    Returns
    -------
    float
        0.0 where all shots are the same; 1.0 for fewer than two shots.

    Raises
    ------
    ParameterError
        If the distances are not of that shape.
    """
    wanted = "(n_shots, n_shots), as shots.shot_distances gives them"
    distances = check_array("distances", distances, ("n", "n"), wanted=wanted, finite=False)
    pairs = distances[np.triu_indices(len(distances), 1)].astype(np.float64)
    pairs = pairs[np.isfinite(pairs)]
    return float(MEDIAN_SHARE * np.median(pairs)) if len(pairs) else 1.0


def group_setups(features, times, shot_spans, distance_threshold=None):
    """Return the camera set-up of each shot.

    The frames of a shot stay together. Two shots are apart by the distance D of their means. They may be of one set-up
    if D is below the threshold, and below 1.5 times the spread within them, the root mean square of the distances
    between frames of a shot, the mean of the two shots; so that two sheets of paper that differ little, but do not
    move at all, are two. A spread below a tenth of the threshold counts as a tenth. Set-ups are grown by complete
    linkage: all their shots are such pairs.

    Without a threshold it is that of `suggest_setup_threshold`; and as that does not hold in a film of a single set-up,
    shots with a D below 0.4 times their spread may be of one set-up in any case.

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

    if distance_threshold is not None:
        distance_threshold = check_number("distance_threshold", distance_threshold, above=0)
    apart, spreads = _looks_of_shots(features, times, shot_spans)
    setups = np.full(len(apart), -1, np.int64)
    places = np.flatnonzero(np.isfinite(np.diag(apart)))
    if len(places) < len(apart):
        missing = np.setdiff1d(np.arange(len(apart)), places)
        warnings.warn(
            f"{len(missing)} of {len(apart)} shots have no frame, the first of them shot {missing[0]}; their set-up "
            "is -1. Read frames more densely, or at times within each shot",
            stacklevel=2,
        )
    if len(places) == 0:
        return setups
    apart, spreads = apart[np.ix_(places, places)], spreads[places]
    has_spread = np.isfinite(spreads)
    spreads[~has_spread] = np.median(spreads[has_spread]) if has_spread.any() else np.inf
    pairs = np.triu_indices(len(places), 1)
    near = suggest_setup_threshold(apart) if distance_threshold is None else distance_threshold
    spread = (spreads[:, None] + spreads)[pairs] / 2
    limit = np.minimum(near, SPREADS * np.maximum(spread, MIN_SPREAD_SHARE * near))
    if distance_threshold is None and has_spread.any():
        limit = np.maximum(limit, ANY_SPREAD_SHARE * spread)
    # shots that are the same to the last bit are one set-up, even where nothing moves and all limits are 0
    ratio = np.divide(apart[pairs], limit, out=np.zeros(len(limit)), where=apart[pairs] > 0)
    tree = linkage(ratio, "complete") if len(places) > 1 else np.empty((0, 4))
    setups[places] = cut_tree(tree, 1.0)
    return setups


def _looks_of_shots(features, times, shot_spans):
    """Return the distances between shots, (n_shots, n_shots), and the spread within each; NaN where not known."""
    from scipy.spatial.distance import pdist, squareform

    features = check_features(features)
    times = check_times(times, len(features))
    spans = check_spans(shot_spans)
    shot_of = shots_of(spans, times)
    apart, spreads = np.full((len(spans), len(spans)), np.nan), np.full(len(spans), np.nan)
    places = np.unique(shot_of[shot_of >= 0])
    if len(places):
        means, spreads[places] = zip(*(_mean_and_spread(features[shot_of == shot]) for shot in places), strict=True)
        apart[np.ix_(places, places)] = squareform(pdist(np.stack(means)))
    return apart, spreads


def _mean_and_spread(vectors):
    """Return the mean of a shot's vectors, and the root mean square of their distances, NaN for one."""
    mean = vectors.mean(axis=0, dtype=np.float64)
    if len(vectors) == 1:
        return mean, np.nan
    # row by row: a long shot of long vectors need not be in memory twice
    squares = sum(float(np.sum((vector - mean) ** 2)) for vector in vectors)
    return mean, np.sqrt(2 * squares / (len(vectors) - 1))
