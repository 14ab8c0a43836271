"""Points of the plane from vectors or distances, by MDS, t-SNE, UMAP or PCA.

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
J. Melville, UMAP, arXiv 1802.03426. J. Venna and S. Kaski, Neighborhood preservation in nonlinear projection methods,
ICANN 2001, for trustworthiness. See `toolkit.projections.smacof` for SMACOF.
"""

import importlib.util
import inspect
import json
import subprocess
import sys
import tempfile
import warnings
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np

from toolkit.checks import check_choice, check_count, check_number
from toolkit.errors import ParameterError
from toolkit.projections.axes import classical_scaling, turn_to_axes
from toolkit.projections.inputs import GRADIENTS, METRICS, check_data, check_options, check_points, lower_to_most
from toolkit.projections.neighbors import all_distances, all_nearest_neighbors

# fewer frames have no neighbourhoods to keep
MIN_FRAMES = 5
PERPLEXITY = 30.0
# iterations of t-SNE with exaggerated neighbours, at most a third of all
EXAGGERATION_STEPS = 250
# below so many frames all pairs take less time than openTSNE's tree; from so many on, its interpolation takes less
MIN_TREE_FRAMES, MIN_GRID_FRAMES = 20_000, 40_000
# principal components that MulticoreTSNE gets of longer vectors: its search for neighbours visits every value
COMPONENTS = 50

# how far points are moved from where classical scaling puts them, as a share of the largest distance: those it puts
# in one place, or all on one line, could never part
JITTER = 1e-6

MULTICORE = """
import json
import sys
import numpy as np
from MulticoreTSNE import MulticoreTSNE

folder, settings = sys.argv[1:]
model = MulticoreTSNE(**json.loads(settings))
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
    function = METHODS[check_choice("method", method, tuple(METHODS))]
    parameters = inspect.signature(function).parameters
    defaults = {name: each.default for name, each in parameters.items() if each.kind is each.KEYWORD_ONLY}
    options = check_options(method, defaults, options)
    data, scale = check_data(data, check_choice("metric", metric, METRICS))
    if seed is not None:
        seed = check_count("seed", seed, below=2**31)
    inputs = {"data": data, "distances": metric == "precomputed", "scale": scale, "seed": seed}
    if inputs["distances"] and "distances" not in parameters:
        raise ParameterError(
            f"method={method!r} takes vectors; got metric='precomputed'. Use method='tsne' for distances"
        )
    n = len(data)
    if n == 0 or scale == 0:
        return np.zeros((n, 2))
    if n < MIN_FRAMES and method not in ("mds", "pca"):
        raise ParameterError(
            f"method={method!r} needs at least {MIN_FRAMES} frames; got {n}. Use method='mds' or method='pca' for few"
        )
    return function(**{name: inputs[name] for name in parameters if name in inputs}, **options)


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
    points = check_points(points)
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


def _pca(data, distances, scale):
    points = turn_to_axes(classical_scaling(data, distances))
    return points if distances else points * scale


def _mds(data, distances, scale, *, max_iter=300, eps=1e-6):
    from toolkit.projections import smacof

    start, reach = classical_scaling(data, distances), 1.0
    if distances:
        data, start, reach = np.ascontiguousarray(data), start / scale, 1.0 / scale
    else:
        data = all_distances(data)
    start += JITTER * np.abs(start).max() * np.random.default_rng(0).standard_normal(start.shape)
    points, _ = smacof.descend(data, start, scale=reach, max_iter=max_iter, eps=eps)
    return turn_to_axes(points) * scale


def _open_tsne(
    data, distances, seed, *, perplexity=None, max_iter=750, early_exaggeration=12.0, angle=0.5, gradient=None
):
    import openTSNE
    from numba import config
    from openTSNE.affinity import PerplexityBasedNN
    from openTSNE.nearest_neighbors import PrecomputedNeighbors

    from toolkit.projections import tsne

    n = len(data)
    gradient = gradient or GRADIENTS[(n >= MIN_TREE_FRAMES) + (n >= MIN_GRID_FRAMES)]
    perplexity = lower_to_most("perplexity", perplexity, PERPLEXITY, (n - 1) / 3, n)
    index, near = all_nearest_neighbors(data, distances, max(1, min(n - 1, int(3 * perplexity))))
    neighbors = PrecomputedNeighbors(index, near / near.max() if near.max() > 0 else near)
    affinities = PerplexityBasedNN(knn_index=neighbors, perplexity=perplexity)
    start = turn_to_axes(classical_scaling(data, distances))
    start /= start[:, 0].std()
    # or points on a line would never leave it
    start += 0.01 * np.random.default_rng(seed).standard_normal(start.shape)
    early = min(EXAGGERATION_STEPS, max_iter // 3)
    with ThreadPoolExecutor(config.NUMBA_NUM_THREADS) as pool:
        model = openTSNE.TSNE(
            early_exaggeration_iter=early,
            n_iter=max_iter - early,
            early_exaggeration=early_exaggeration,
            theta=angle,
            negative_gradient_method={"exact": tsne.objective(pool), "barnes_hut": "bh", "fft": "fft"}[gradient],
            n_jobs=config.NUMBA_NUM_THREADS,
            random_state=seed,
        )
        # small, that the forces between neighbours begin alike everywhere
        embedding = model.fit(affinities=affinities, initialization=1e-4 * start)
    return np.array(embedding, dtype=np.float64)


def _multicore_tsne(data, seed, *, perplexity=None, max_iter=750, early_exaggeration=12.0, angle=0.5):
    from numba import config

    if importlib.util.find_spec("MulticoreTSNE") is None:
        raise ParameterError(
            "method='multicore_tsne' needs the package MulticoreTSNE, which is not installed. With a C++ compiler, "
            "run: make multicore, where the Makefile is. Without that, and with cmake too, put the lines [build_ext] "
            "and cmake_args=-DCMAKE_POLICY_VERSION_MINIMUM=3.5 into a file build.cfg and run: "
            "DIST_EXTRA_CONFIG=build.cfg pip install MulticoreTSNE. Or use method='tsne', which does the same"
        )
    if data.shape[1] > COMPONENTS:
        data = classical_scaling(data, False, components=COMPONENTS)
    n = len(data)
    perplexity = lower_to_most("perplexity", perplexity, PERPLEXITY, (n - 1) / 3, n)
    settings = {
        "perplexity": perplexity,
        "n_iter": max_iter,
        "n_iter_early_exag": min(EXAGGERATION_STEPS, max_iter // 3),
        "early_exaggeration": early_exaggeration,
        "learning_rate": max(200.0, n / early_exaggeration),
        "angle": angle,
        # the C library takes 0 for 1
        "random_state": -1 if seed is None else seed + 1,
        "n_jobs": config.NUMBA_NUM_THREADS if seed is None else 1,
    }
    # in a process of its own: it seeds the C library's random numbers, once it has drawn some, so that in one process
    # the first points would differ from all later ones, and other users of those numbers would be seeded too
    with tempfile.TemporaryDirectory() as folder:
        np.save(Path(folder, "vectors.npy"), data.astype(np.float64))
        command = [sys.executable, "-c", MULTICORE, folder, json.dumps(settings)]
        process = subprocess.run(command, capture_output=True, text=True)
        if process.returncode == 0:
            return np.load(Path(folder, "points.npy"))
    raise RuntimeError(f"MulticoreTSNE failed:\n{process.stderr}")


def _umap(data, distances, seed, *, n_neighbors=None, min_dist=0.1, spread=1.0, max_iter=None):
    import numba

    n = len(data)
    n_neighbors = lower_to_most("n_neighbors", n_neighbors, min(max(n // 12, 5), 50), n - 1, n)
    index, near = all_nearest_neighbors(data, distances, n_neighbors - 1)
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
            init="spectral" if n > 12 else turn_to_axes(classical_scaling(data, distances)),
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
