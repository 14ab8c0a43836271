"""Classical scaling: points from distances by leading eigenvectors, turned to principal axes.

References
----------
W. Torgerson, Multidimensional scaling: I. Theory and method, Psychometrika 17, 1952.
"""

import numpy as np

from toolkit.projections.neighbors import row_blocks

# frames up to which all eigenvectors are computed at once
MAX_DENSE = 200
# of eigenvalues, as a share of them
TOLERANCE = {np.dtype(np.float32): 1e-5, np.dtype(np.float64): 1e-10}


def classical_scaling(data, distances, components=2):
    """Return the first principal components of centred vectors, or of distances by classical scaling."""
    from scipy.sparse.linalg import LinearOperator, eigsh

    n = len(data)

    def multiply(vectors):
        if not distances:
            return (data @ (data.T @ vectors.astype(data.dtype))).astype(np.float64)
        # by minus half of the squared distances, centred on both sides, without an array of them
        part = (vectors - vectors.mean(axis=0)).astype(data.dtype)
        products = np.concatenate([np.square(data[rows]) @ part for rows in row_blocks(n)]).astype(np.float64)
        return (products.mean(axis=0) - products) / 2

    if n <= MAX_DENSE:
        matrix = multiply(np.eye(n))
        values, vectors = np.linalg.eigh((matrix + matrix.T) / 2)
    else:
        chance = np.random.default_rng(0)
        operator = LinearOperator((n, n), matvec=multiply, dtype=np.float64)
        options = {"v0": chance.standard_normal(n), "rng": chance, "tol": TOLERANCE[data.dtype]}
        values, vectors = eigsh(operator, components, which="LA", **options)
    return (vectors * np.sqrt(np.maximum(values, 0)))[:, : -components - 1 : -1]


def turn_to_axes(points):
    """Return points centred and turned to their principal axes, the farthest along each on its positive side."""
    points = points - points.mean(axis=0)
    points = points @ np.linalg.eigh(points.T @ points)[1][:, ::-1]
    reach = np.abs(points)
    # the first of those that are as far but for rounding
    farthest = np.argmax(reach >= reach.max(axis=0) * (1 - 1e-6), axis=0)
    return points * np.where(points[farthest, [0, 1]] < 0, -1.0, 1.0)
