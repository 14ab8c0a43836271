"""Metric multidimensional scaling by SMACOF: points in the plane whose distances come close to given ones.

Each step is the Guttman transform (de Leeuw, 1977): with distances ``d`` between points ``x``, and wanted ones ``D``,

    x_i <- 1/n sum over j of (D_ij / d_ij) (x_i - x_j)

which never raises the stress, the sum over pairs of ``(D - d)^2``. A row of it needs a row of `D` and all points, so
rows are shared out over threads; no (n, n) array is made. With float32 distances the terms are float32, their sums over
BLOCK terms too, and the sums of those float64.

References
----------
J. de Leeuw, Applications of convex analysis to multidimensional scaling, in Recent Developments in Statistics, 1977.
I. Borg and P. Groenen, Modern Multidimensional Scaling, 2nd edition, 2005, chapter 8.
"""

import itertools
import math
from concurrent.futures import ThreadPoolExecutor

import numba
import numpy as np
from numba import config

BLOCK = 1024
# of squared distances: keeps the ratio of two points in one place finite, and is lost in any other
MIN_SQUARE = 1e-30


def descend(distances, points, *, scale, max_iter, eps):
    """Return points with less stress, and their stress as a share of the sum of squared distances between them.

    Parameters
    ----------
    distances : ndarray of float32 or float64, (n, n), C-contiguous
        Symmetric and non-negative.
    points : ndarray of float64, (n, 2)
        Where to start; of the distances times `scale`.
    scale : float
        What the distances are multiplied by, so that the largest is about 1.
    max_iter : int
        Steps at most.
    eps : float
        Stop when a step lowers the stress by less than so much of the sum of squared distances between the points.
    """
    n = len(distances)
    with ThreadPoolExecutor(config.NUMBA_NUM_THREADS) as pool:
        # sums are by row and added up in their order: the same for any number of threads
        step = max(1, math.ceil(n / (4 * config.NUMBA_NUM_THREADS)))
        parts = [(start, min(start + step, n)) for start in range(0, n, step)]
        transformed, sums = np.empty((n, 2)), np.empty((n, 2))
        last = None
        for steps in range(max_iter + 1):
            x, y = (points[:, axis].astype(distances.dtype) for axis in (0, 1))
            # scalars of the dtype, that float32 terms stay float32
            work = itertools.repeat((distances, *map(distances.dtype.type, (scale, MIN_SQUARE)), x, y))
            list(pool.map(lambda part, arrays: transform(*arrays, *part, transformed, sums), parts, work))
            stress, squares = sums.sum(axis=0)
            if steps == max_iter or squares == 0 or (steps > 1 and last - stress < eps * squares):
                return points, stress / squares if squares else stress
            last, points = stress, transformed / n


@numba.njit(nogil=True, cache=True, error_model="numpy", fastmath={"reassoc", "contract", "nsz"})
def transform(distances, scale, tiny, x, y, start, stop, transformed, sums):
    """Write rows `start` to `stop` of n times the Guttman transform, and of each the stress and squared distances.

    `x` and `y` have the dtype of `distances`; `transformed` and `sums` are float64 (n, 2).
    """
    n = distances.shape[0]
    zero = scale - scale
    for i in range(start, stop):
        total_x, total_y, total_stress, total_squares = 0.0, 0.0, 0.0, 0.0
        row, here_x, here_y = distances[i], x[i], y[i]
        for first in range(0, n, BLOCK):
            sum_x, sum_y, stress, squares = zero, zero, zero, zero
            for j in range(first, min(first + BLOCK, n)):
                wanted = row[j] * scale
                dx, dy = here_x - x[j], here_y - y[j]
                square = dx * dx + dy * dy
                distance = np.sqrt(square + tiny)
                ratio = wanted / distance
                sum_x += ratio * dx
                sum_y += ratio * dy
                stress += (wanted - distance) * (wanted - distance)
                squares += square
            total_x += sum_x
            total_y += sum_y
            total_stress += stress
            total_squares += squares
        transformed[i, 0], transformed[i, 1] = total_x, total_y
        sums[i, 0], sums[i, 1] = total_stress, total_squares
