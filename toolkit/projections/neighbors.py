"""Exact nearest neighbors of vectors or distances, in blocks of rows that fit the memory."""

import itertools

import numpy as np

# how many neighbours are looked at beyond those asked for
EXTRA_NEIGHBORS = 16
# rows at most at a time of what has a value for every pair
ROWS = 1024


def row_blocks(n):
    """Return slices of n rows, of which each part of the work has about four million values."""
    step = min(max(1, (1 << 22) // max(1, n)), ROWS)
    return [slice(start, min(start + step, n)) for start in range(0, n, step)]


def block_pairs(n):
    """Yield slices of the rows and columns of an (n, n) array's tiles, on the diagonal and below it."""
    return itertools.combinations_with_replacement(reversed(row_blocks(n)), 2)


def _vector_distances(data, squares, rows, columns):
    """Return the distances of vectors to others by their products, |a|^2 + |b|^2 - 2ab, of the vectors' dtype."""
    square = data[rows] @ data[columns].T
    square *= -2
    square += squares[rows, None]
    square += squares[columns]
    # what is left by rounding of vectors that are equal
    square[square < 4 * np.finfo(data.dtype).eps * squares[rows, None]] = 0
    return np.sqrt(square, out=square)


def _squares(data):
    return np.einsum("ij,ij->i", data, data)


def all_distances(data):
    """Return the Euclidean distances between vectors, float32 (n, n)."""
    n, squares = len(data), _squares(data)
    distances = np.empty((n, n), np.float32)
    for rows, columns in block_pairs(n):
        tile = _vector_distances(data, squares, rows, columns)
        distances[rows, columns] = tile
        distances[columns, rows] = tile.T
    np.fill_diagonal(distances, 0)
    return distances


def distance_rows(data, distances):
    """Yield slices of the frames and their distances to all, with infinity to themselves."""
    squares = None if distances else _squares(data)
    for rows in row_blocks(len(data)):
        block = data[rows].copy() if distances else _vector_distances(data, squares, rows, slice(None))
        block[np.arange(len(block)), np.arange(rows.start, rows.stop)] = np.inf
        yield rows, block


def nearest_neighbors(block, k):
    """Return the places of the k least values of each row, in their order; of equal ones the first."""
    reach = np.partition(block, k - 1, axis=1)[:, k - 1]
    places = np.empty((len(block), k), np.int64)
    for i, row in enumerate(block):
        near = np.flatnonzero(row <= reach[i])
        places[i] = near[np.argsort(row[near], kind="stable")[:k]]
    return places


def all_nearest_neighbors(data, distances, k):
    """Return the nearest frames of each, int64 (n, k), and how far they are, float64 (n, k), in ascending order.

    scikit-learn's NearestNeighbors takes 1.3 to 2.3 times as long, of 7,800 frames, and may order equal ones otherwise.
    """
    from toolkit.projections import tsne

    n = len(data)
    index, near = np.empty((n, k), np.int64), np.empty((n, k))
    for rows, block in distance_rows(data, distances):
        # products of float32 are off where vectors are close: of some more, those that are nearest by differences
        places = nearest_neighbors(block, k if distances else min(k + EXTRA_NEIGHBORS, n - 1))
        block = np.take_along_axis(block, places, axis=1)
        if not distances:
            tsne.measure(data, places, rows.start, block)
        order = np.argsort(block, axis=1, kind="stable")[:, :k]
        index[rows] = np.take_along_axis(places, order, axis=1)
        near[rows] = np.take_along_axis(block, order, axis=1)
    return index, near
