"""The gradient of t-SNE without approximation, for openTSNE to descend, and distances to neighbours.

With ``q_ij = 1 / (1 + |y_i - y_j|^2)`` and ``Z`` their sum over all pairs, the gradient at point i is

    sum over j of p_ij q_ij (y_i - y_j)  -  1/Z sum over j of q_ij^2 (y_i - y_j)

but for a factor of 4, which openTSNE leaves out (van der Maaten and Hinton, 2008, equation 5). The first sum goes over
the neighbours in the sparse matrix of affinities; the second over all points, each pair once, in tiles of TILE by TILE
in float32 that are added up in float64. That is quadratic, but a processor does it eight or sixteen pairs at a time:
below some ten thousand points it takes less time than a tree, and it comes out the same for any number of threads.
"""

from concurrent.futures import ThreadPoolExecutor

import numba
import numpy as np

TILE = 512
# the sums are made in so many parts, for as many threads at most
PARTS = 16


def objective(pool: ThreadPoolExecutor):
    """Return the function that openTSNE calls for the divergence and its gradient."""

    def divergence(embedding, affinities, *, should_eval_error=False, **_):
        points = np.asarray(embedding, dtype=np.float64)
        n = len(points)
        x, y = (points[:, axis].astype(np.float32) for axis in (0, 1))
        tiles = np.stack(np.triu_indices(-(-n // TILE)), axis=1)
        rows = np.linspace(0, n, PARTS + 1).astype(int)
        attraction, pushes, similarities = np.empty((n, 2)), np.zeros((PARTS, n, 2)), np.zeros(PARTS)

        def work(part):
            attract(affinities.indptr, affinities.indices, affinities.data, points, *rows[part : part + 2], attraction)
            similarities[part] = repulse(x, y, np.float32(1), tiles[part::PARTS], pushes[part])

        list(pool.map(work, range(PARTS)))
        repulsion = pushes.sum(axis=0)
        # less the similarity of each point to itself, 1
        total = similarities.sum() - n
        error = _error(affinities, points, total) if should_eval_error else None
        return error, attraction - repulsion / total

    return divergence


def _error(affinities, points, total):
    """Return the Kullback-Leibler divergence of the points' similarities from the affinities."""
    rows = np.repeat(np.arange(len(points)), np.diff(affinities.indptr))
    squares = np.square(points[rows] - points[affinities.indices]).sum(axis=1)
    share = affinities.data
    return float(np.sum(share * np.log(np.maximum(share, np.finfo(float).tiny) * (1 + squares) * total)))


@numba.njit(nogil=True, cache=True)
def attract(indptr, indices, data, points, start, stop, attraction):
    """Write the pull of its neighbours on each point from `start` to `stop`, float64 (n, 2)."""
    for i in range(start, stop):
        x, y, pull_x, pull_y = points[i, 0], points[i, 1], 0.0, 0.0
        for k in range(indptr[i], indptr[i + 1]):
            dx, dy = x - points[indices[k], 0], y - points[indices[k], 1]
            pull = data[k] / (1.0 + dx * dx + dy * dy)
            pull_x += pull * dx
            pull_y += pull * dy
        attraction[i, 0], attraction[i, 1] = pull_x, pull_y


@numba.njit(nogil=True, cache=True, error_model="numpy", fastmath={"reassoc", "contract", "arcp", "nsz"})
def repulse(x, y, one, tiles, push):
    """Add to `push`, float64 (n, 2), the push of points on each other, and return the sum of their similarities.

    In the given tiles, int64 (m, 2), row and column, none below the diagonal. `x`, `y` and `one`, which is 1, are
    float32.
    """
    n, zero, total = len(x), one - one, 0.0
    back_x, back_y = np.empty(TILE, x.dtype), np.empty(TILE, x.dtype)
    for t in range(len(tiles)):
        row, column = tiles[t, 0] * TILE, tiles[t, 1] * TILE
        far_x, far_y = x[column : column + TILE], y[column : column + TILE]
        width = len(far_x)
        back_x[:], back_y[:] = zero, zero
        similarity = 0.0
        for i in range(row, min(row + TILE, n)):
            here_x, here_y, sum_x, sum_y, sum_q = x[i], y[i], zero, zero, zero
            for k in range(width):
                dx, dy = here_x - far_x[k], here_y - far_y[k]
                q = one / (one + dx * dx + dy * dy)
                sum_q += q
                push_x, push_y = q * q * dx, q * q * dy
                sum_x += push_x
                sum_y += push_y
                back_x[k] -= push_x
                back_y[k] -= push_y
            push[i, 0] += sum_x
            push[i, 1] += sum_y
            similarity += sum_q
        total += similarity
        # a tile on the diagonal has every pair twice
        if row != column:
            total += similarity
            for k in range(width):
                push[column + k, 0] += back_x[k]
                push[column + k, 1] += back_y[k]
    return total


@numba.njit(nogil=True, cache=True, fastmath={"reassoc", "contract"})
def measure(vectors, neighbors, first, distances):
    """Write the distance of each vector, from `first` on, to its neighbours, int64 (m, k), by differences."""
    for i in range(neighbors.shape[0]):
        vector = vectors[first + i]
        for place in range(neighbors.shape[1]):
            neighbor = vectors[neighbors[i, place]]
            total = vector[0] - vector[0]
            for k in range(len(vector)):
                total += (vector[k] - neighbor[k]) * (vector[k] - neighbor[k])
            distances[i, place] = np.sqrt(total)
