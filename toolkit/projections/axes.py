"""Classical scaling: points from distances by leading eigenvectors, turned to principal axes.

References
----------
W. Torgerson, Multidimensional scaling: I. Theory and method, Psychometrika 17, 1952. C. Musco and C. Musco, Randomized
block Krylov methods, NeurIPS 2015, for leading eigenvectors.
"""

import numpy as np

from toolkit.projections.neighbors import row_blocks

# of the search for eigenvectors: below, all are found at once; powers a time, and how often it begins anew at most
SMALL, POWERS, RESTARTS = 200, 5, 40


def classical_scaling(data, distances, components=2):
    """Return the first principal components of centred vectors, or of distances by classical scaling."""
    n = len(data)

    def apply(vectors):
        if not distances:
            part = vectors.astype(data.dtype)
            return (data @ (data.T @ part)).astype(np.float64)
        # minus half of the squared distances, centred on both sides
        centered = vectors - vectors.mean(axis=0)
        product = np.empty_like(centered)
        for rows in row_blocks(n):
            product[rows] = np.square(data[rows], dtype=np.float64) @ centered
        return (product.mean(axis=0) - product) / 2

    values, vectors = _leading(apply, n, components, 1e-5 if data.dtype == np.float32 else 1e-10)
    return vectors * np.sqrt(np.maximum(values, 0))


def _leading(apply, n, count, tolerance):
    """Return the largest eigenvalues, (count,), of a symmetric operator on vectors (n, m), and eigenvectors.

    By a block Krylov method, begun anew until the residuals are below `tolerance` times the largest eigenvalue.
    """
    if n <= SMALL:
        matrix = apply(np.eye(n))
        values, vectors = np.linalg.eigh((matrix + matrix.T) / 2)
        return values[::-1][:count], vectors[:, ::-1][:, :count]
    block = np.linalg.qr(np.random.default_rng(0).standard_normal((n, count + 6)))[0]
    for _ in range(RESTARTS):
        blocks, images = [block], [apply(block)]
        for _ in range(POWERS):
            known, block = np.hstack(blocks), images[-1]
            # thrice, that what is left by rounding of a block with nothing new is new too
            for _ in range(3):
                block = np.linalg.qr(block - known @ (known.T @ block))[0]
            blocks.append(block)
            images.append(apply(block))
        basis, image = np.hstack(blocks), np.hstack(images)
        matrix = basis.T @ image
        values, vectors = np.linalg.eigh((matrix + matrix.T) / 2)
        values, vectors = values[::-1][: count + 6], vectors[:, ::-1][:, : count + 6]
        block = basis @ vectors
        residuals = np.linalg.norm(image @ vectors[:, :count] - block[:, :count] * values[:count], axis=0)
        if residuals.max() <= tolerance * abs(values[0]):
            break
    return values[:count], block[:, :count]


def turn_to_axes(points):
    """Return points centred and turned to their principal axes, the farthest along each on its positive side."""
    points = points - points.mean(axis=0)
    points = points @ np.linalg.eigh(points.T @ points)[1][:, ::-1]
    reach = np.abs(points)
    # the first of those that are as far but for rounding
    farthest = np.argmax(reach >= reach.max(axis=0) * (1 - 1e-6), axis=0)
    return points * np.where(points[farthest, [0, 1]] < 0, -1.0, 1.0)
