"""How good the clusters of a clustering are: silhouettes, Davies-Bouldin and Calinski-Harabasz.

Three measures tell how well videos lie in their clusters. They compare clusterings of the same videos; none of them
knows what a person would put together.

silhouette
    Of a video (b - a) / max(a, b), where a is its mean distance to the other videos of its cluster and b the least mean
    distance to those of another cluster; 0 for the only video of a cluster. In [-1, 1]; high is good. It is computed
    from the distances of all pairs, not of a sample; where one video is 1e8 times as far away as clusters are wide, the
    distances within them are rounded.
Davies-Bouldin
    Mean over clusters of the largest (s_i + s_j) / d_ij, where s is the mean distance of a cluster's videos to its
    centre and d the distance between two centres. From 0; low is good.
Calinski-Harabasz
    Dispersion between clusters over that within, (B / (k - 1)) / (W / (n - k)), of squared distances. From 0, infinite
    where every video is at its centre; high is good.

Davies-Bouldin and Calinski-Harabasz are computed from the distances to centres that a clustering has anyway: of 10,000
vectors of 512 numbers both take 0.001 s, where scikit-learn's functions take 0.34 s from the vectors, and its
Calinski-Harabasz is 1 where every video is at its centre.

All are NaN for one cluster, and for as many clusters as videos.

References
----------
P. Rousseeuw, Silhouettes, Journal of Computational and Applied Mathematics 20, 1987. D. Davies and D. Bouldin, A
cluster separation measure, IEEE Transactions on Pattern Analysis and Machine Intelligence 1, 1979. T. Calinski and
J. Harabasz, A dendrite method for cluster analysis, Communications in Statistics 3, 1974.
"""

import numpy as np

# distances that are held at a time
BLOCK = 1 << 22


def silhouette_values(vectors, labelings):
    """Return the silhouette of each video in each of several clusterings, (n,) each; NaN where it is not defined."""
    n = len(vectors)
    sizes = [np.bincount(labels) for labels in labelings]
    ends = np.cumsum([len(counts) for counts in sizes])
    # 1 where a video is in a cluster, those of all clusterings side by side: distances times it are sums by cluster
    belongs = np.zeros((n, ends[-1]))
    for labels, end, counts in zip(labelings, ends, sizes, strict=True):
        belongs[np.arange(n), end - len(counts) + labels] = 1
    squares = np.einsum("ij,ij->i", vectors, vectors)
    rows_of_silhouettes = [np.full(n, np.nan) for _ in labelings]
    step = max(1, BLOCK // n)
    for start in range(0, n, step):
        rows = np.arange(start, min(start + step, n))
        block = vectors[rows] @ vectors.T
        block *= -2
        block += squares[rows, None]
        block += squares
        # what is left by rounding of vectors that are equal
        block[block < 8 * np.finfo(np.float64).eps * (squares[rows, None] + squares)] = 0
        block[np.arange(len(rows)), rows] = 0
        sums = np.split(np.sqrt(block, out=block) @ belongs, ends[:-1], axis=1)
        for silhouettes, labels, counts, total in zip(rows_of_silhouettes, labelings, sizes, sums, strict=True):
            if 1 < len(counts) < n:
                silhouettes[rows] = _silhouette_rows(total, labels[rows], counts)
    return rows_of_silhouettes


def _silhouette_rows(sums, labels, sizes):
    """Return silhouettes from the sums of a video's distances to each cluster's videos, (m, k)."""
    places = np.arange(len(labels))
    others = sizes[labels] - 1
    within = sums[places, labels] / np.maximum(others, 1)
    means = sums / sizes
    means[places, labels] = np.inf
    beyond = means.min(axis=1)
    larger = np.maximum(within, beyond)
    return np.where((others > 0) & (larger > 0), (beyond - within) / np.where(larger > 0, larger, 1), 0.0)


def davies_bouldin(distances, labels, centers):
    """Return the Davies-Bouldin index of 1 < k < n clusters, from the distances (n, k) of videos to centers."""
    from scipy.spatial.distance import cdist

    spread = np.bincount(labels, distances[np.arange(len(labels)), labels]) / np.bincount(labels)
    apart = cdist(centers, centers)
    np.fill_diagonal(apart, np.inf)
    return float(((spread[:, None] + spread) / apart).max(axis=1).mean())


def calinski_harabasz(distances, labels, centers):
    """Return the Calinski-Harabasz index of 1 < k < n clusters, from the distances (n, k) of videos to centers."""
    n, k = distances.shape
    within = np.square(distances[np.arange(n), labels]).sum()
    # the middle of all is 0
    between = np.bincount(labels) @ np.square(centers).sum(axis=1)
    return float(between / (k - 1) / (within / (n - k))) if within else np.inf
