"""How far a projection can be trusted: trustworthiness and preserved neighbors.

References
----------
J. Venna and S. Kaski, Neighborhood preservation in nonlinear projection methods, ICANN 2001.
"""

import numpy as np

from toolkit.checks import check_choice, check_count
from toolkit.errors import ParameterError
from toolkit.projections.inputs import METRICS, check_data, check_points
from toolkit.projections.neighbors import distance_rows, nearest_neighbors


def trustworthiness(data, points, n_neighbors=None, *, metric="euclidean"):
    """Return how far neighbours among the points are neighbours among the frames too, in [0, 1].

    One less the sum over frames, and over those of their `n_neighbors` nearest points that are not among the frame's
    nearest, of how much further down they come in the frame's own order; as a share of the worst there is (Venna and
    Kaski, 2001). 1: no false neighbours. Random points: about 0.5. It needs one row of distances at a time, not all.

    Parameters
    ----------
    data : ndarray of numbers, (n, d), or (n, n) with metric="precomputed"
    points : ndarray of numbers, (n, 2)
        From `project`.
    n_neighbors : int, optional
        Fewer than half of the frames; by default 12, or as many as that allows. Ties go to the frame that comes
        first.
    metric : {"euclidean", "precomputed"}

    Raises
    ------
    ParameterError
        If an argument is of the wrong kind, or there are too many neighbours for the frames.
    """
    data, points, k = _check_neighbors(data, points, n_neighbors, metric)
    n, excess = len(data), 0
    index = np.arange(n)
    for rows, far in distance_rows(data, metric == "precomputed"):
        for places in nearest_neighbors(_point_distances(points, rows), k).T:
            own = far[np.arange(len(far)), places][:, None]
            before = (far < own) | ((far == own) & (index < places[:, None]))
            excess += int(np.maximum(np.count_nonzero(before, axis=1) + 1 - k, 0).sum())
    return 1.0 - excess * 2.0 / (n * k * (2.0 * n - 3.0 * k - 1.0))


def neighbor_preservation(data, points, n_neighbors=None, *, metric="euclidean"):
    """Return what share of the frames' nearest neighbours are among the nearest of their points too, in [0, 1].

    Random points: about ``n_neighbors / n``.

    Parameters
    ----------
    data : ndarray of numbers, (n, d), or (n, n) with metric="precomputed"
    points : ndarray of numbers, (n, 2)
        From `project`.
    n_neighbors : int, optional
        Fewer than half of the frames; by default 12, or as many as that allows. Ties go to the frame that comes
        first.
    metric : {"euclidean", "precomputed"}

    Raises
    ------
    ParameterError
        If an argument is of the wrong kind, or there are too many neighbours for the frames.
    """
    data, points, k = _check_neighbors(data, points, n_neighbors, metric)
    common = 0
    for rows, far in distance_rows(data, metric == "precomputed"):
        near = _point_distances(points, rows)
        for places, own in zip(nearest_neighbors(near, k), nearest_neighbors(far, k), strict=True):
            common += len(np.intersect1d(places, own, assume_unique=True))
    return common / (len(data) * k)


def _point_distances(points, rows):
    """Return the squared distances of points to all, with infinity to themselves."""
    squares = sum(np.square(points[rows, axis, None] - points[:, axis]) for axis in (0, 1))
    squares[np.arange(len(squares)), np.arange(rows.start, rows.stop)] = np.inf
    return squares


def _check_neighbors(data, points, n_neighbors, metric):
    data, _ = check_data(data, check_choice("metric", metric, METRICS))
    points = check_points(points)
    if len(points) != len(data):
        raise ParameterError(f"points must be one for each of the {len(data)} frames; got {len(points)}")
    if len(data) < 3:
        raise ParameterError(f"neighbours can be compared of at least 3 frames; got {len(data)}")
    most = (len(data) - 1) // 2
    hint = f". They are fewer than half of the {len(data)} frames; use a smaller number"
    n_neighbors = min(12, most) if n_neighbors is None else n_neighbors
    return data, points, check_count("n_neighbors", n_neighbors, at_least=1, at_most=most, hint=hint)
