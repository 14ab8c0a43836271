"""Ward's tree of many long vectors, and the silhouettes that follow from its heights.

A tree is an array as scipy writes it, float64 (n - 1, 4): the two nodes merged, the height of the merge, the frames
beneath. Nodes 0 to n - 1 are the frames; merge i makes node n + i.
"""

import numba
import numpy as np

# up to so many differences all pairs are taken plainly: to the last bit what scikit-learn takes
PLAIN_DIFFERENCES = 2e9
# how much the rows being multiplied may take, in float64
BLOCK_BYTES = 256 << 20
# what two halves of an even, straight movement reach, and those of no other movement pass
EVEN_MOVEMENT = 6.0


def linkage_tree(features):
    """Return Ward's tree of checked features, (n, d) with n >= 1."""
    from scipy.cluster.hierarchy import linkage
    from scipy.spatial.distance import pdist

    count, length = features.shape
    if count == 1:
        return np.empty((0, 4))
    if count * (count - 1) / 2 * length <= PLAIN_DIFFERENCES:
        return linkage(pdist(features.astype(np.float64, copy=False)), "ward")
    return linkage(distances(features), "ward")


def distances(features):
    """Return the Euclidean distance of each pair of rows, float64, in the order of scipy's pdist.

    ``|a - b|^2 = |a|^2 + |b|^2 - 2 a b``, in float64, block by block; the mean is taken off first, so that little is
    lost where vectors are long and near each other.
    """
    count, length = features.shape
    mean = features.mean(axis=0, dtype=np.float64)
    step = max(1, BLOCK_BYTES // (8 * length))
    result = np.empty(count * (count - 1) // 2)
    squares = np.empty(count)
    for start in range(0, count, step):
        block = features[start : start + step] - mean
        squares[start : start + step] = np.einsum("ij,ij->i", block, block)
    for start in range(0, count, step):
        rows = features[start : start + step] - mean
        for other in range(start, count, step):
            products = rows @ (rows if other == start else features[other : other + step] - mean).T
            _write_distances(products, squares, start, other, count, result)
    return result


@numba.njit(nogil=True, cache=True)
def _write_distances(products, squares, start, other, count, result):
    for i in range(products.shape[0]):
        row = start + i
        before = row * count - row * (row + 1) // 2 - row - 1
        for j in range(products.shape[1]):
            column = other + j
            if column > row:
                square = squares[row] + squares[column] - 2 * products[i, j]
                result[before + column] = np.sqrt(max(square, 0.0))


@numba.njit(nogil=True, cache=True)
def scores(tree):
    """Return the silhouette of each number of clusters, 0 to n, as `shots.suggest_threshold` reads it from heights."""
    count = len(tree) + 1
    nodes = 2 * count - 1
    size = np.ones(nodes)
    scatter = np.zeros(nodes)
    first, last = np.arange(nodes), np.arange(nodes)
    for i in range(count - 1):
        a, b, node = int(tree[i, 0]), int(tree[i, 1]), count + i
        size[node] = size[a] + size[b]
        # by as much as this does Ward's merge add to the squares
        scatter[node] = scatter[a] + scatter[b] + tree[i, 2] ** 2 / 2
        first[node], last[node] = min(first[a], first[b]), max(last[a], last[b])
    value = np.zeros(nodes)
    for i in range(count - 2, -1, -1):
        a, b, node = int(tree[i, 0]), int(tree[i, 1]), count + i
        gap = tree[i, 2] ** 2 * size[node] / (2 * size[a] * size[b])
        runs = last[node] - first[node] + 1 == size[node]
        runs = runs and last[a] - first[a] + 1 == size[a] and last[b] - first[b] + 1 == size[b]
        spread = scatter[a] / max(size[a] - 1, 1) + scatter[b] / max(size[b] - 1, 1)
        moving = runs and gap <= EVEN_MOVEMENT * spread
        if not moving:
            apart = np.sqrt(gap + scatter[a] / size[a] + scatter[b] / size[b])
            for child in (a, b):
                if size[child] > 1:
                    within = np.sqrt(2 * scatter[child] / (size[child] - 1))
                    value[child] = (apart - within) / max(apart, within) if apart > 0 else 0.0
    result = np.zeros(count + 1)
    total = 0.0
    for clusters in range(2, count + 1):
        node = 2 * count - clusters
        a, b = int(tree[node - count, 0]), int(tree[node - count, 1])
        total += size[a] * value[a] + size[b] * value[b] - size[node] * value[node]
        result[clusters] = total / count
    return result
