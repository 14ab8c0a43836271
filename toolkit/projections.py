"""Projections: frames as points of the plane, from their vectors or from the distances between them.

``"pca"``
    The first two principal components; of distances, classical scaling (Torgerson, 1952), which is the same for
    Euclidean ones. Keeps large distances; a point's position is a weighted sum of its vector.
``"mds"``
    Metric multidimensional scaling by SMACOF, from where ``"pca"`` puts the points: all distances as well as the plane
    allows, in their own units.
``"tsne"``
    t-SNE (van der Maaten and Hinton, 2008) by openTSNE, from where ``"pca"`` puts the points, with exact neighbours
    and, of films that are not too long, exact forces. Keeps neighbours; sizes of groups and distances between them say
    little.
``"multicore_tsne"``
    The same by the package MulticoreTSNE, from random points, with approximate neighbours. Of vectors only.
``"umap"``
    UMAP (McInnes, Healy and Melville, 2018) by umap-learn, with exact neighbours. Keeps neighbours, and groups closer
    together than t-SNE.

``"pca"`` and ``"mds"`` know no chance. Their axes are principal axes of the points, centred, the widest first, each
turned so that its farthest point has a positive coordinate.

References
----------
W. Torgerson, Multidimensional scaling: I. Theory and method, Psychometrika 17, 1952. L. van der Maaten and G. Hinton,
Visualizing data using t-SNE, JMLR 9, 2008. D. Kobak and P. Berens, The art of using t-SNE for single-cell
transcriptomics, Nature Communications 10, 2019, for the start and the rate of learning. L. McInnes, J. Healy and
J. Melville, UMAP, arXiv 1802.03426. C. Musco and C. Musco, Randomized block Krylov methods, NeurIPS 2015, for leading
eigenvectors. J. Venna and S. Kaski, Neighborhood preservation in nonlinear projection methods, ICANN 2001, for
trustworthiness. See `toolkit._smacof` for SMACOF.
"""

import importlib.util
import subprocess
import sys
import tempfile
import warnings
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numba
import numpy as np
from numba import config

from toolkit import _smacof, _tsne
from toolkit._frame_map import read_frame_map, write_frame_map
from toolkit.checks import check_choice, check_count, check_number
from toolkit.errors import ParameterError
from toolkit.records import Frames

__all__ = [
    "project",
    "read_frame_map",
    "scale_to_box",
    "trustworthiness",
    "neighbor_preservation",
    "write_frame_map",
]

# the options of each method and their defaults; None is chosen by the number of frames
OPTIONS = {
    "mds": {"max_iter": 300, "eps": 1e-6},
    "tsne": {"perplexity": None, "max_iter": 750, "early_exaggeration": 12.0, "angle": 0.5, "gradient": None},
    "multicore_tsne": {"perplexity": None, "max_iter": 750, "early_exaggeration": 12.0, "angle": 0.5},
    "umap": {"n_neighbors": None, "min_dist": 0.1, "spread": 1.0, "max_iter": None},
    "pca": {},
}
METRICS = ("euclidean", "precomputed")
GRADIENTS = ("exact", "barnes_hut", "fft")

# fewer frames have no neighbourhoods to keep
FEWEST = 5
PERPLEXITY = 30.0
# iterations of t-SNE with exaggerated neighbours, at most a third of all
EXAGGERATED = 250
# below so many frames all pairs take less time than openTSNE's tree; from so many on, its interpolation takes less
FEW, MANY = 20_000, 40_000
# principal components that MulticoreTSNE gets of longer vectors: its search for neighbours visits every value
COMPONENTS = 50
# how far distances may be from symmetric, non-negative, and 0 to themselves, as a share of the largest: rounding
ROUNDING = 1e-5
# beyond these, squares of float64 values, and of float32 distances, cannot be told apart from 0 or infinity
HUGE, LARGE = 1e100, 1e15
# how many neighbours are looked at beyond those asked for
SPARE = 16
# rows at most at a time of what has a value for every pair
ROWS = 1024
# of the search for eigenvectors: below, all are found at once; powers a time, and how often it begins anew at most
SMALL, POWERS, RESTARTS = 200, 5, 40
# how far points are moved from where classical scaling puts them, as a share of the largest distance: those it puts
# in one place, or all on one line, could never part
JITTER = 1e-6

MULTICORE = """
import sys
import numpy as np
from MulticoreTSNE import MulticoreTSNE

folder, perplexity, max_iter, exaggerated, exaggeration, rate, angle, seed, jobs = sys.argv[1:]
model = MulticoreTSNE(
    perplexity=float(perplexity), n_iter=int(max_iter), n_iter_early_exag=int(exaggerated), angle=float(angle),
    early_exaggeration=float(exaggeration), learning_rate=float(rate), random_state=int(seed), n_jobs=int(jobs),
)
np.save(folder + "/points.npy", model.fit_transform(np.load(folder + "/vectors.npy")))
"""


def project(data, method="mds", *, metric="euclidean", seed=0, **options):
    """Return a point of the plane for each frame, near those of frames that are alike.

    Parameters
    ----------
    data : ndarray of numbers, (n, d), or (n, n) with metric="precomputed"
        A vector a frame; or the distances between frames, symmetric, non-negative and 0 to themselves (deviations of
        1e-5 of the largest distance are taken for rounding).
    method : {"mds", "tsne", "multicore_tsne", "umap", "pca"}
        See the module.
    metric : {"euclidean", "precomputed"}
    seed : int or None
        The same seed gives the same points, in one environment. None takes a new one each time and, for
        ``"multicore_tsne"`` and ``"umap"``, all cores. ``"mds"`` and ``"pca"`` know no chance.
    **options
        max_iter : int
            Iterations at most: 300 for ``"mds"``, 750 for t-SNE, and for ``"umap"`` chosen by umap-learn.
        eps : float
            ``"mds"`` stops when a step lowers the stress by less than so much (1e-6) of the sum of squared distances
            between the points, as scikit-learn does.
        perplexity : float
            Of t-SNE: how many neighbours count, about; 30, or (n - 1) / 3 if that is less.
        early_exaggeration : float
            Of t-SNE: how much stronger neighbours pull in the first 250 iterations, or third of all; 12.
        angle : float
            Of t-SNE by a tree: how coarsely points far away are taken together, in [0.1, 1]; 0.5.
        gradient : {"exact", "barnes_hut", "fft"}
            Of ``"tsne"``: over all pairs, by a tree, or by interpolation on a grid; the first below 20,000 frames, the
            last from 40,000 on. Only ``"barnes_hut"`` heeds `angle`.
        n_neighbors : int
            Of ``"umap"``: how many neighbours count; a twelfth of the frames, but at least 5 and at most 50.
        min_dist, spread : float
            Of ``"umap"``: how close points may lie, 0.1, to the scale at which they are spread, 1.

    Returns
    -------
    ndarray of float64, (n, 2)
        One frame, or frames that are all alike, lie at (0, 0). No frames give (0, 2).

    Raises
    ------
    ParameterError
        If an argument is of the wrong kind, an option unknown to the method, or if the method is t-SNE or UMAP and
        there are fewer than 5 frames; for ``"multicore_tsne"`` if the package is not installed or `metric` is
        "precomputed".

    Warns
    -----
    UserWarning
        If `perplexity` or `n_neighbors` asks for more neighbours than there are; both are lowered then.
    """
    check_choice("method", method, tuple(OPTIONS))
    options = _check_options(method, options)
    data, scale = _check_data(data, check_choice("metric", metric, METRICS))
    if seed is not None and check_count("seed", seed) >= 2**31:
        raise ParameterError(f"seed must be below 2**31; got {seed}")
    distances = metric == "precomputed"
    if distances and method == "multicore_tsne":
        raise ParameterError(
            "method='multicore_tsne' takes vectors; got metric='precomputed'. Use method='tsne' for distances"
        )
    n = len(data)
    if n == 0 or scale == 0:
        return np.zeros((n, 2))
    if n < FEWEST and method not in ("mds", "pca"):
        raise ParameterError(
            f"method={method!r} needs at least {FEWEST} frames; got {n}. Use method='mds' or method='pca' for so few"
        )
    return METHODS[method](data, distances, scale, seed, **options)


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
    for rows, far in _distance_rows(data, metric == "precomputed"):
        for shown in _nearest(_point_distances(points, rows), k).T:
            own = far[np.arange(len(far)), shown][:, None]
            before = (far < own) | ((far == own) & (index < shown[:, None]))
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
    kept = 0
    for rows, far in _distance_rows(data, metric == "precomputed"):
        near = _point_distances(points, rows)
        for shown, own in zip(_nearest(near, k), _nearest(far, k), strict=True):
            kept += len(np.intersect1d(shown, own, assume_unique=True))
    return kept / (len(data) * k)


def scale_to_box(points, low=0.1, high=0.9, *, keep_proportions=False):
    """Return points moved and scaled into the box from `low` to `high` on both axes, as viewers of maps expect.

    An axis on which all points are equal is put in the middle.

    Parameters
    ----------
    points : ndarray of numbers, (n, 2)
    low, high : float
    keep_proportions : bool
        Whether both axes are scaled by one factor, so that the wider fills the box and the other is centred; otherwise
        each fills it.

    Returns
    -------
    ndarray of float64, (n, 2)

    Raises
    ------
    ParameterError
        If the points are not finite numbers (n, 2), or `low` is not below `high`.
    """
    points = _check_points(points)
    low = check_number("low", low)
    high = check_number("high", high, above=low)
    if not len(points):
        return points.copy()
    least, most = points.min(axis=0), points.max(axis=0)
    # halves, that the width of a box of the largest floats is finite
    width = most / 2 - least / 2
    scale = np.maximum(width, width.max()) if keep_proportions else width
    share = np.full_like(points, 0.5)
    np.divide(points / 2 - least / 2 + (scale - width) / 2, scale, out=share, where=scale > 0)
    return low + share * (high - low)


def _pca(data, distances, scale, seed):
    points = _turned(_classical(data, distances))
    return points if distances else points * scale


def _mds(data, distances, scale, seed, max_iter, eps):
    start, reach = _classical(data, distances), 1.0
    if distances:
        data, start, reach = np.ascontiguousarray(data), start / scale, 1.0 / scale
    else:
        data = _all_distances(data)
    start += JITTER * np.abs(start).max() * np.random.default_rng(0).standard_normal(start.shape)
    points, _ = _smacof.descend(data, start, scale=reach, max_iter=max_iter, eps=eps)
    return _turned(points) * scale


def _open_tsne(data, distances, scale, seed, perplexity, max_iter, early_exaggeration, angle, gradient):
    import openTSNE
    from openTSNE.affinity import PerplexityBasedNN
    from openTSNE.nearest_neighbors import PrecomputedNeighbors

    n = len(data)
    gradient = gradient or GRADIENTS[(n >= FEW) + (n >= MANY)]
    most = (n - 1) / 3
    perplexity = _lowered("perplexity", perplexity or min(PERPLEXITY, most), most, n)
    index, near = _all_nearest(data, distances, max(1, min(n - 1, int(3 * perplexity))))
    neighbors = PrecomputedNeighbors(index, near / near.max() if near.max() > 0 else near)
    affinities = PerplexityBasedNN(knn_index=neighbors, perplexity=perplexity)
    start = _turned(_classical(data, distances))
    start /= start[:, 0].std()
    # or points on a line would never leave it
    start += 0.01 * np.random.default_rng(seed).standard_normal(start.shape)
    early = min(EXAGGERATED, max_iter // 3)
    with ThreadPoolExecutor(config.NUMBA_NUM_THREADS) as pool:
        model = openTSNE.TSNE(
            early_exaggeration_iter=early,
            n_iter=max_iter - early,
            early_exaggeration=early_exaggeration,
            theta=angle,
            negative_gradient_method={"exact": _tsne.objective(pool), "barnes_hut": "bh", "fft": "fft"}[gradient],
            n_jobs=config.NUMBA_NUM_THREADS,
            random_state=seed,
        )
        # small, that the forces between neighbours begin alike everywhere
        embedding = model.fit(affinities=affinities, initialization=1e-4 * start)
    return np.array(embedding, dtype=np.float64)


def _multicore_tsne(data, distances, scale, seed, perplexity, max_iter, early_exaggeration, angle):
    if importlib.util.find_spec("MulticoreTSNE") is None:
        raise ParameterError(
            "method='multicore_tsne' needs the package MulticoreTSNE, which is not installed. With a C++ compiler, "
            "run: make multicore, where the Makefile is. Without that, and with cmake too, put the lines [build_ext] "
            "and cmake_args=-DCMAKE_POLICY_VERSION_MINIMUM=3.5 into a file build.cfg and run: "
            "DIST_EXTRA_CONFIG=build.cfg pip install MulticoreTSNE. Or use method='tsne', which does the same"
        )
    if data.shape[1] > COMPONENTS:
        data = _classical(data, False, components=COMPONENTS)
    n = len(data)
    most = (n - 1) / 3
    perplexity = _lowered("perplexity", perplexity or min(PERPLEXITY, most), most, n)
    arguments = [
        perplexity,
        max_iter,
        min(EXAGGERATED, max_iter // 3),
        early_exaggeration,
        max(200.0, n / early_exaggeration),
        angle,
        # the C library takes 0 for 1
        -1 if seed is None else seed + 1,
        config.NUMBA_NUM_THREADS if seed is None else 1,
    ]
    # in a process of its own: it seeds the C library's random numbers, once it has drawn some, so that in one process
    # the first points would differ from all later ones, and other users of those numbers would be seeded too
    with tempfile.TemporaryDirectory() as folder:
        np.save(Path(folder, "vectors.npy"), data.astype(np.float64))
        command = [sys.executable, "-c", MULTICORE, folder, *map(str, arguments)]
        done = subprocess.run(command, capture_output=True, text=True)
        if done.returncode == 0:
            return np.load(Path(folder, "points.npy"))
    raise RuntimeError(f"MulticoreTSNE failed:\n{done.stderr}")


def _umap(data, distances, scale, seed, n_neighbors, min_dist, spread, max_iter):
    n = len(data)
    n_neighbors = _lowered("n_neighbors", n_neighbors or min(max(n // 12, 5), 50, n - 1), n - 1, n)
    index, near = _all_nearest(data, distances, n_neighbors - 1)
    # each frame is its own first neighbour, as umap-learn counts
    index = np.hstack([np.arange(n)[:, None], index]).astype(np.int32)
    near = np.hstack([np.zeros((n, 1)), near]).astype(np.float32)
    threads = numba.get_num_threads()
    with warnings.catch_warnings():
        # of umap-learn's choices for us: one thread for a seed, no inverse, another start for separate groups
        warnings.simplefilter("ignore")
        import umap

        model = umap.UMAP(
            n_neighbors=n_neighbors,
            min_dist=min_dist,
            spread=spread,
            n_epochs=max_iter,
            metric="precomputed" if distances else "euclidean",
            init="spectral" if n > 12 else _turned(_classical(data, distances)),
            # exact, in less time than umap-learn needs to compile its search
            precomputed_knn=(index, near, None),
            random_state=seed,
            n_jobs=-1 if seed is None else 1,
        )
        try:
            points = model.fit_transform(data)
        finally:
            # umap-learn sets them to one, and back only where nothing comes between
            numba.set_num_threads(threads)
    return np.array(points, dtype=np.float64)


METHODS = {"mds": _mds, "tsne": _open_tsne, "multicore_tsne": _multicore_tsne, "umap": _umap, "pca": _pca}


def _classical(data, distances, components=2):
    """Return the first principal components of centred vectors, or of distances by classical scaling."""
    n = len(data)

    def apply(vectors):
        if not distances:
            part = vectors.astype(data.dtype)
            return (data @ (data.T @ part)).astype(np.float64)
        # minus half of the squared distances, centred on both sides
        centered = vectors - vectors.mean(axis=0)
        product = np.empty_like(centered)
        for rows in _rows(n):
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


def _turned(points):
    """Return points centred and turned to their principal axes, the farthest along each on its positive side."""
    points = points - points.mean(axis=0)
    points = points @ np.linalg.eigh(points.T @ points)[1][:, ::-1]
    reach = np.abs(points)
    # the first of those that are as far but for rounding
    farthest = np.argmax(reach >= reach.max(axis=0) * (1 - 1e-6), axis=0)
    return points * np.where(points[farthest, [0, 1]] < 0, -1.0, 1.0)


def _rows(n, width=0):
    """Return slices of n rows, of which each part of the work has about four million values."""
    step = min(max(1, (1 << 22) // max(1, n, width)), ROWS)
    return [slice(start, min(start + step, n)) for start in range(0, n, step)]


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


def _all_distances(data):
    """Return the Euclidean distances between vectors, float32 (n, n)."""
    n, squares = len(data), _squares(data)
    distances = np.empty((n, n), np.float32)
    parts = _rows(n, ROWS)
    for i, rows in enumerate(parts):
        for columns in parts[: i + 1]:
            tile = _vector_distances(data, squares, rows, columns)
            distances[rows, columns] = tile
            distances[columns, rows] = tile.T
    np.fill_diagonal(distances, 0)
    return distances


def _distance_rows(data, distances):
    """Yield slices of the frames and their distances to all, with infinity to themselves."""
    n = len(data)
    squares = None if distances else _squares(data)
    for rows in _rows(n):
        if distances:
            block = data[rows].copy()
        else:
            block = _vector_distances(data, squares, rows, slice(None))
        block[np.arange(len(block)), np.arange(rows.start, rows.stop)] = np.inf
        yield rows, block


def _nearest(block, k):
    """Return the places of the k least values of each row, in their order; of equal ones the first."""
    reach = np.partition(block, k - 1, axis=1)[:, k - 1]
    places = np.empty((len(block), k), np.int64)
    for i, row in enumerate(block):
        near = np.flatnonzero(row <= reach[i])
        places[i] = near[np.argsort(row[near], kind="stable")[:k]]
    return places


def _all_nearest(data, distances, k):
    """Return the nearest frames of each, int64 (n, k), and how far they are, float64 (n, k), in ascending order."""
    n = len(data)
    index, near = np.empty((n, k), np.int64), np.empty((n, k))
    for rows, block in _distance_rows(data, distances):
        # products of float32 are off where vectors are close: of some more, those that are nearest by differences
        places = _nearest(block, k if distances else min(k + SPARE, n - 1))
        block = np.take_along_axis(block, places, axis=1)
        if not distances:
            _tsne.measure(data, places, rows.start, block)
        order = np.argsort(block, axis=1, kind="stable")[:, :k]
        index[rows] = np.take_along_axis(places, order, axis=1)
        near[rows] = np.take_along_axis(block, order, axis=1)
    return index, near


def _point_distances(points, rows):
    """Return the squared distances of points to all, with infinity to themselves."""
    squares = sum(np.square(points[rows, axis, None] - points[:, axis]) for axis in (0, 1))
    squares[np.arange(len(squares)), np.arange(rows.start, rows.stop)] = np.inf
    return squares


def _lowered(name, value, most, n):
    """Return the value, or if that is less the most there can be for n frames, with a warning."""
    if value > most:
        # of the line that called project
        warnings.warn(f"{name} {value:g} is too much for {n} frames: lowered to {most:.4g}", UserWarning, stacklevel=4)
    return min(value, most)


def _check_options(method, given):
    """Return the options of a method, checked, with the defaults of those not given."""
    known = OPTIONS[method]
    for name in given:
        if name not in known:
            listed = ", ".join(map(repr, known)) or "none"
            raise ParameterError(f"unknown option {name!r} of method={method!r}: it has {listed}")
    options = known | given
    for name, value in given.items():
        if value is None and known[name] is None:
            continue
        if name == "max_iter":
            check_count(name, value, at_least=1)
        elif name == "n_neighbors":
            check_count(name, value, at_least=2)
        elif name == "gradient":
            check_choice(name, value, GRADIENTS)
        elif name in ("eps", "min_dist"):
            options[name] = check_number(name, value, at_least=0)
        elif name in ("perplexity", "early_exaggeration"):
            options[name] = check_number(name, value, at_least=1)
        else:
            options[name] = check_number(name, value, above=0)
    if "angle" in options and not 0.1 <= options["angle"] <= 1:
        raise ParameterError(f"angle must be a number in [0.1, 1]; got {options['angle']:g}")
    if "spread" in options and options["min_dist"] > options["spread"]:
        raise ParameterError(f"min_dist must be at most spread; got {options['min_dist']:g} and {options['spread']:g}")
    return options


def _check_data(data, metric):
    """Return vectors, centred and divided by their largest value, or distances as given; and the largest value.

    Vectors are float32 where that holds their numbers, otherwise float64.
    """
    if metric == "precomputed":
        return _check_distances(_check_array("distances must be numbers, (n, n)", data))
    data = _check_array("data must be numbers, (n, d), a vector a frame", data)
    if not data.size:
        return data, 0.0
    # less the first: exactly 0 where all vectors are equal
    vectors = np.subtract(data, data[0], dtype=np.result_type(data.dtype, np.float32), order="C")
    vectors -= vectors.mean(axis=0, dtype=np.float64)
    scale = max(float(np.abs(vectors[rows]).max()) for rows in _rows(len(vectors), data.shape[1]))
    if not scale < HUGE:
        raise ParameterError(f"data must be numbers that differ by less than {HUGE:g}; got {scale:g}")
    if scale:
        vectors /= scale
    return vectors, scale


def _check_array(wanted, data):
    if isinstance(data, Frames) or (isinstance(data, np.ndarray) and data.ndim > 2):
        raise ParameterError(f"{wanted}; got images. Describe them by vectors first: toolkit.embeddings.embed(images)")
    try:
        array = np.asarray(data)
    except ValueError:
        raise ParameterError(f"{wanted}; got rows of different lengths") from None
    if array.dtype.kind not in "buif":
        raise ParameterError(f"{wanted}; got {type(data).__name__} of dtype {array.dtype}")
    if array.dtype.itemsize > 8:
        array = array.astype(np.float64)
    if array.ndim != 2 or (len(array) and not array.shape[1]):
        raise ParameterError(f"{wanted}; got shape {array.shape}")
    for rows in _rows(len(array), array.shape[1]):
        bad = ~np.isfinite(array[rows]).all(axis=1)
        if bad.any():
            raise ParameterError(f"{wanted}; got NaN or infinity in row {rows.start + int(np.argmax(bad))}")
    return array


def _check_distances(array):
    n = len(array)
    if array.shape != (n, n):
        raise ParameterError(
            f"distances must be (n, n), of every frame to every other; got shape {array.shape}. "
            "For vectors leave metric='euclidean'"
        )
    if array.dtype not in (np.float32, np.float64):
        array = array.astype(np.result_type(array.dtype, np.float32))
    scale = max((float(array[rows].max()) for rows in _rows(n)), default=0.0)
    slack, clean = ROUNDING * scale, True
    parts = _rows(n, ROWS)
    for i, rows in enumerate(parts):
        least = array[rows].min()
        if least < -slack:
            raise ParameterError(f"distances must not be negative; got {least:g}. Are these similarities?")
        own = np.abs(np.diagonal(array)[rows]).max()
        if own > slack:
            raise ParameterError("distances must be 0 from each frame to itself. Are these similarities?")
        clean = clean and least >= 0 and own == 0
        for columns in parts[: i + 1]:
            gap = np.abs(array[rows, columns] - array[columns, rows].T).max()
            if gap > slack:
                raise ParameterError(
                    f"distances must be symmetric; got two that differ by {gap:g}. "
                    "Use (distances + distances.T) / 2 if both ways are as good"
                )
    if scale and not 1 / LARGE < scale < LARGE:
        raise ParameterError(
            f"the largest distance must be between {1 / LARGE:g} and {LARGE:g}; got {scale:g}. Multiply all by a number"
        )
    if not clean:
        array = np.maximum(array, 0)
        np.fill_diagonal(array, 0)
    return array, scale


def _check_points(points):
    points = _check_array("points must be numbers, (n, 2)", points)
    if points.shape[1] != 2:
        raise ParameterError(f"points must be numbers, (n, 2); got shape {points.shape}")
    return points.astype(np.float64)


def _check_neighbors(data, points, n_neighbors, metric):
    data, _ = _check_data(data, check_choice("metric", metric, METRICS))
    points = _check_points(points)
    if len(points) != len(data):
        raise ParameterError(f"points must be one for each of the {len(data)} frames; got {len(points)}")
    if len(data) < 3:
        raise ParameterError(f"neighbours can be compared of at least 3 frames; got {len(data)}")
    n_neighbors = min(12, (len(data) - 1) // 2) if n_neighbors is None else n_neighbors
    check_count("n_neighbors", n_neighbors, at_least=1)
    if 2 * n_neighbors >= len(data):
        raise ParameterError(
            f"n_neighbors must be fewer than half of the {len(data)} frames; got {n_neighbors}. Use a smaller number"
        )
    return data, points, int(n_neighbors)
