import importlib.util
import json
import os
import subprocess
import sys
import warnings
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numba
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.spatial.distance import cdist
from sklearn import manifold
from sklearn.decomposition import PCA

from toolkit import ParameterError
from toolkit.projections import (
    inputs,
    methods,
    neighbors,
    project,
    scale_to_box,
    smacof,
    trustworthiness,
    tsne,
)
from toolkit.records import Frames

KERNELS = """
import json
from concurrent.futures import ThreadPoolExecutor
import numpy as np
from scipy.sparse import csr_matrix
from toolkit.projections import smacof, tsne

vectors = np.random.default_rng(0).normal(size=(40, 5))
distances = np.sqrt(np.square(vectors[:, None] - vectors).sum(-1))
points, _ = smacof.descend(distances, vectors[:, :2].copy(), scale=1.0, max_iter=20, eps=0.0)
affinities = csr_matrix(np.where(distances < 2, 1.0 - np.eye(40), 0.0) / 400)
with ThreadPoolExecutor(2) as pool:
    _, gradient = tsne.objective(pool)(points, affinities)
print(json.dumps([points.tolist(), gradient.tolist()]))"""
# that take no minute
QUICK = {
    "mds": {},
    "tsne": {"max_iter": 150},
    "multicore_tsne": {"max_iter": 150},
    "umap": {"max_iter": 50},
    "pca": {},
}
OF_DISTANCES = [method for method in QUICK if method != "multicore_tsne"]


def groups(n=60, d=8, count=3, seed=0):
    """Return vectors in well separated groups, one after the other, and the group of each."""
    rng = np.random.default_rng(seed)
    group = np.arange(n) * count // n
    return 20 * rng.normal(size=(count, d))[group] + rng.normal(size=(n, d)), group


def cloud(n=50, d=6, seed=0):
    return np.random.default_rng(seed).normal(size=(n, d)) * np.linspace(3, 0.5, d)


def same_group_nearest(points, group):
    distances = cdist(points, points)
    np.fill_diagonal(distances, np.inf)
    return np.mean(group[distances.argmin(axis=1)] == group)


# what every method does


@pytest.mark.parametrize("method", QUICK)
def test_groups_stay_together_and_seeds_repeat(method):
    vectors, group = groups()
    points = project(vectors, method, seed=3, **QUICK[method])
    assert points.shape == (60, 2)
    assert points.dtype == np.float64
    assert same_group_nearest(points, group) == 1
    np.testing.assert_array_equal(project(vectors, method, seed=3, **QUICK[method]), points)


@pytest.mark.parametrize("method", OF_DISTANCES)
def test_distances_give_the_map_of_their_vectors(method):
    vectors, group = groups(seed=1)
    points = project(cdist(vectors, vectors), method, metric="precomputed", **QUICK[method])
    assert same_group_nearest(points, group) == 1
    if method in ("mds", "pca"):
        np.testing.assert_allclose(points, project(vectors, method), atol=1e-3)


@pytest.mark.parametrize("method", QUICK)
def test_vectors_all_alike_lie_in_one_place(method):
    # a number that binary digits do not hold, whose mean is another
    assert project(np.full((30, 3), 0.1), method).tolist() == [[0, 0]] * 30
    assert project(np.full((30, 3), np.float32(0.1)), method).tolist() == [[0, 0]] * 30
    assert project(np.zeros((1, 3)), method).tolist() == [[0, 0]]
    assert project(np.zeros((0, 3)), method).shape == (0, 2)


@pytest.mark.parametrize("method", OF_DISTANCES)
def test_distances_of_0_lie_in_one_place(method):
    assert project(np.zeros((20, 20)), method, metric="precomputed").tolist() == [[0, 0]] * 20
    assert project(np.zeros((0, 0)), method, metric="precomputed").shape == (0, 2)


@pytest.mark.parametrize("method", QUICK)
def test_odd_frames_have_places(method):
    five, repeated = cloud(5), np.repeat(cloud(4), 6, axis=0)
    for vectors in (five, repeated, cloud(20, 1), np.repeat([[0.0], [1.0]], 10, axis=0), cloud(20) > 0):
        points = project(vectors, method, **QUICK[method])
        assert points.shape == (len(vectors), 2)
        assert np.isfinite(points).all()


@pytest.mark.parametrize("method", QUICK)
def test_data_are_taken_as_they_lie_in_memory_and_left_alone(method):
    vectors = np.asfortranarray(groups()[0])[::-1]
    vectors.flags.writeable = False
    kept = vectors.copy()
    points = project(vectors, method, **QUICK[method])
    np.testing.assert_array_equal(vectors, kept)
    np.testing.assert_array_equal(project(kept, method, **QUICK[method]), points)


@pytest.mark.parametrize("method", ["tsne", "multicore_tsne", "umap"])
def test_neighbourhoods_need_five_frames(method):
    with pytest.raises(ParameterError, match="needs at least 5 frames; got 4. Use method='mds' or"):
        project(cloud(4), method)


def test_nothing_global_is_changed():
    vectors, _ = groups(40)
    before = np.random.get_state()[1].copy()  # noqa: NPY002
    filters, threads = list(warnings.filters), numba.get_num_threads()
    for method in QUICK:
        project(vectors, method, **QUICK[method])
    np.testing.assert_array_equal(np.random.get_state()[1], before)  # noqa: NPY002
    assert warnings.filters == filters
    assert numba.get_num_threads() == threads


def test_threads_are_as_before_after_umap_was_stopped(monkeypatch):
    import umap

    def stop(*arguments, **options):
        numba.set_num_threads(1)
        raise KeyboardInterrupt

    monkeypatch.setattr(umap.UMAP, "fit_transform", stop)
    threads = numba.get_num_threads()
    with pytest.raises(KeyboardInterrupt):
        project(cloud(), "umap")
    assert numba.get_num_threads() == threads


# pca


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize(("n", "d"), [(30, 5), (5, 30), (400, 40), (300, 700)])
def test_pca_is_that_of_scikit_learn(n, d, dtype):
    vectors = (cloud(n, d) + 5).astype(dtype)
    expected = PCA(2, svd_solver="full").fit_transform(vectors.astype(np.float64))
    points = project(vectors, "pca")
    # up to the sign of an axis; near eigenvalues make float32 vectors vague
    np.testing.assert_allclose(np.abs(points), np.abs(expected), atol=2e-3 if dtype == np.float32 else 1e-6)


@pytest.mark.parametrize("n", [30, 400])
def test_pca_of_distances_is_classical_scaling(n):
    rng = np.random.default_rng(0)
    distances = np.abs(rng.normal(size=(n, n))) + cdist(cloud(n), cloud(n))
    distances = (distances + distances.T) / 2
    np.fill_diagonal(distances, 0)
    centered = np.eye(n) - 1 / n
    values, vectors = np.linalg.eigh(-centered @ distances**2 @ centered / 2)
    expected = vectors[:, :-3:-1] * np.sqrt(values[:-3:-1])
    points = project(distances, "pca", metric="precomputed")
    np.testing.assert_allclose(np.abs(points), np.abs(expected), atol=1e-6)


def test_axes_have_the_farthest_frame_on_their_positive_side():
    line = np.array([[0.0, 0], [1, 0], [2, 0], [10, 0]])
    for method in ("pca", "mds"):
        points = project(line, method)
        np.testing.assert_allclose(points[:, 0], [-3.25, -2.25, -1.25, 6.75], atol=1e-4)
        np.testing.assert_allclose(points[:, 1], 0, atol=1e-4)
        np.testing.assert_allclose(project(-line, method), points, atol=1e-4)


def test_of_two_that_are_as_far_the_first_is_on_the_positive_side():
    np.testing.assert_allclose(project([[0.0, 3], [0, 7]], "pca"), [[2, 0], [-2, 0]], atol=1e-12)


# mds


@settings(max_examples=20)
@given(st.integers(0, 10**6), st.integers(4, 40), st.sampled_from([1e-3, 1.0, 1e4]))
def test_mds_finds_points_of_the_plane_again(seed, n, scale):
    plane = scale * np.random.default_rng(seed).normal(size=(n, 2))
    distances = cdist(plane, plane)
    for given_ in (distances, distances.astype(np.float32)):
        points = project(given_, "mds", metric="precomputed")
        np.testing.assert_allclose(cdist(points, points), distances, atol=1e-4 * distances.max())
    points = project(plane, "mds")
    np.testing.assert_allclose(cdist(points, points), distances, atol=1e-4 * distances.max())


@pytest.mark.parametrize(("dtype", "accuracy"), [(np.float64, 1e-12), (np.float32, 1e-4)])
def test_smacof_goes_the_way_of_scikit_learn(dtype, accuracy):
    vectors = cloud(80, 10)
    distances, start = cdist(vectors, vectors), vectors[:, :2].copy()
    for max_iter, eps in ((1, 0.0), (25, 0.0), (300, 1e-4)):
        points, share = smacof.descend(distances.astype(dtype), start, scale=1.0, max_iter=max_iter, eps=eps)
        options = {"init": start, "n_init": 1, "max_iter": max_iter, "eps": eps, "normalized_stress": False}
        expected, stress = manifold.smacof(distances, **options)
        np.testing.assert_allclose(points, expected, atol=accuracy)
        assert share == pytest.approx(2 * stress / np.square(cdist(points, points)).sum(), rel=1e-3)


def test_each_step_lowers_the_stress():
    vectors = cloud(60, 8)
    distances = cdist(vectors, vectors)
    stresses = []
    for steps in range(12):
        points = project(vectors, "mds", max_iter=max(steps, 1), eps=0.0) if steps else project(vectors, "pca")
        stresses.append(np.square(cdist(points, points) - distances).sum())
    assert (np.diff(stresses) <= 1e-6 * stresses[0]).all()
    assert stresses[-1] < 0.9 * stresses[0]


def test_mds_parts_frames_that_classical_scaling_puts_in_one_place():
    # the last two differ only in a third direction
    vectors = np.array([[10.0, 0, 0], [-10, 0, 0], [0, 8, 0], [0, -8, 0], [0, 0, 2], [0, 0, -2]])
    pca, mds = project(vectors, "pca"), project(vectors, "mds")
    assert np.linalg.norm(pca[4] - pca[5]) < 1e-6
    assert np.linalg.norm(mds[4] - mds[5]) > 1


def test_mds_of_frames_all_as_far_apart_is_no_line():
    points = project(1.0 - np.eye(12), "mds", metric="precomputed")
    assert points.std(axis=0).min() > 0.2


@pytest.mark.parametrize(
    "environment", [{"NUMBA_NUM_THREADS": "1"}, {"NUMBA_DISABLE_JIT": "1"}, {"NUMBA_CPU_NAME": "generic"}]
)
def test_kernels_do_the_same_on_other_machines(environment):
    root = Path(__file__).parents[2]
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", KERNELS],
        env=os.environ | environment,
        cwd=root,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    here = {}
    exec(KERNELS.rpartition("\n")[0], here)
    points, gradient = json.loads(done.stdout)
    np.testing.assert_allclose(points, here["points"], rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(gradient, here["gradient"], rtol=1e-4, atol=1e-6)


# t-SNE and umap


@pytest.mark.parametrize("gradient", inputs.GRADIENTS)
def test_tsne_keeps_neighbours_whatever_its_gradient(gradient):
    vectors, _ = groups(90, 6, 3)
    points = project(vectors, "tsne", gradient=gradient, max_iter=150)
    assert trustworthiness(vectors, points) > 0.85
    assert trustworthiness(vectors, points) > trustworthiness(vectors, project(vectors, "pca"))
    np.testing.assert_array_equal(project(vectors, "tsne", gradient=gradient, max_iter=150), points)


@pytest.mark.parametrize("n", [60, 700, 1100])
@pytest.mark.parametrize("scale", [1e-4, 1, 40])
def test_exact_gradient_is_that_of_the_formula(n, scale):
    from openTSNE.affinity import PerplexityBasedNN
    from openTSNE.tsne import kl_divergence_bh

    affinities = PerplexityBasedNN(cloud(n), perplexity=10, method="exact").P
    points = scale * cloud(n, 2, seed=1)
    p = affinities.toarray()
    differences = points[:, None] - points
    q = 1 / (1 + np.square(differences).sum(axis=-1))
    np.fill_diagonal(q, 0)
    expected = np.einsum("ij,ijk->ik", p * q - q * q / q.sum(), differences)
    there = p > 0
    divergence = np.sum(p[there] * np.log(p[there] / (q / q.sum())[there]))
    with ThreadPoolExecutor(2) as pool:
        error, gradient = tsne.objective(pool)(points, affinities, should_eval_error=True)
    assert error == pytest.approx(divergence, rel=1e-6)
    # of float32 sums
    np.testing.assert_allclose(gradient, expected, atol=1e-4 * np.abs(expected).max())
    # openTSNE's own; it takes points closer than 1e-6 for one
    if scale >= 1:
        error, gradient = kl_divergence_bh(points, affinities, 1, {"theta": 0.0}, should_eval_error=True)
        assert error == pytest.approx(divergence, rel=1e-6)
        np.testing.assert_allclose(gradient, expected, atol=1e-5 * np.abs(expected).max())


def test_gradient_is_chosen_by_the_number_of_frames(monkeypatch):
    import openTSNE

    asked = []

    class Model:
        def __init__(self, **options):
            asked.append(options["negative_gradient_method"])

        def fit(self, affinities, initialization):
            return initialization

    monkeypatch.setattr(openTSNE, "TSNE", Model)
    monkeypatch.setattr(methods, "MIN_TREE_FRAMES", 40)
    monkeypatch.setattr(methods, "MIN_GRID_FRAMES", 50)
    for n in (39, 40, 49, 50):
        project(cloud(n), "tsne")
    assert callable(asked[0])
    assert asked[1:] == ["bh", "bh", "fft"]


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_neighbours_are_the_nearest_in_their_order(dtype):
    # far from 0 and from each other, where products of float32 tell little of small distances
    vectors = (np.repeat(100 * cloud(6), 15, axis=0) + 0.01 * cloud(90)).astype(dtype).astype(np.float64)
    distances = cdist(vectors, vectors)
    index, near = neighbors.all_nearest_neighbors(inputs.check_data(vectors.astype(dtype), "euclidean")[0], False, 10)
    np.fill_diagonal(distances, np.inf)
    if dtype == np.float64:
        np.testing.assert_array_equal(index, np.argsort(distances, axis=1)[:, :10])
    found = np.take_along_axis(distances, index, axis=1)
    np.testing.assert_allclose(found, np.sort(distances, axis=1)[:, :10], rtol=5e-3)
    np.testing.assert_allclose(near / near.max(), found / found.max(), rtol=5e-3)
    assert (np.diff(near, axis=1) >= 0).all()


def test_seeds_differ():
    vectors = cloud(60)
    for method in ("tsne", "multicore_tsne", "umap"):
        first, second = (project(vectors, method, seed=seed, **QUICK[method]) for seed in (0, 1))
        assert not np.array_equal(first, second)


def test_no_seed_is_a_new_one_each_time():
    vectors = cloud(60)
    for method in ("tsne", "umap"):
        first, second = (project(vectors, method, seed=None, **QUICK[method]) for _ in range(2))
        assert not np.array_equal(first, second)


def test_multicore_tsne_takes_long_vectors_by_their_components():
    rng = np.random.default_rng(0)
    vectors, group = groups(80, 20, 4)
    long = np.hstack([vectors, 0.01 * rng.normal(size=(80, 100))]) @ np.linalg.qr(rng.normal(size=(120, 120)))[0]
    assert same_group_nearest(project(long, "multicore_tsne"), group) == 1


def test_multicore_tsne_that_is_missing_says_how_to_get_it(monkeypatch):
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    message = "needs the package MulticoreTSNE, .*make multicore,.*DIST_EXTRA_CONFIG=build.cfg pip install Multi"
    with pytest.raises(ParameterError, match=message):
        project(cloud(), "multicore_tsne")


def test_multicore_tsne_that_fails_tells_its_reason(monkeypatch):
    monkeypatch.setattr(methods, "MULTICORE", "raise SystemExit('out of memory')")
    with pytest.raises(RuntimeError, match="MulticoreTSNE failed:\nout of memory"):
        project(cloud(), "multicore_tsne")


def test_too_many_neighbours_are_lowered_with_a_warning():
    for method in ("tsne", "multicore_tsne"):
        with pytest.warns(UserWarning, match="perplexity 30 is too much for 31 frames: lowered to 10") as caught:
            project(cloud(31), method, perplexity=30, max_iter=50)
        assert caught[0].filename == __file__
    with pytest.warns(UserWarning, match="n_neighbors 99 is too much for 31 frames: lowered to 30") as caught:
        project(cloud(31), "umap", n_neighbors=99, max_iter=20)
    assert caught[0].filename == __file__


@pytest.mark.parametrize("n", [5, 12, 13, 20, 40])
def test_defaults_suit_any_number_of_frames_without_a_warning(n):
    for method in ("tsne", "umap"):
        assert np.isfinite(project(cloud(n), method, **QUICK[method])).all()


def test_umap_gets_a_twelfth_of_the_frames_as_neighbours(monkeypatch):
    import umap

    asked = []

    class Model:
        def __init__(self, **options):
            asked.append(options["n_neighbors"])

        def fit_transform(self, data):
            return np.zeros((len(data), 2))

    monkeypatch.setattr(umap, "UMAP", Model)
    for n in (5, 20, 240, 600, 3000):
        project(cloud(n), "umap")
    assert asked == [4, 5, 20, 50, 50]


# the box


@given(st.lists(st.tuples(*[st.floats(-1e308, 1e308)] * 2), min_size=1, max_size=20))
def test_a_box_is_filled_on_each_axis(points):
    points = np.array(points)
    boxed = scale_to_box(points)
    assert boxed.dtype == np.float64
    for axis in (0, 1):
        if np.ptp(points[:, axis] / 2) == 0:
            np.testing.assert_allclose(boxed[:, axis], 0.5)
        else:
            assert boxed[:, axis].min() == pytest.approx(0.1)
            assert boxed[:, axis].max() == pytest.approx(0.9)
            assert (np.diff(boxed[np.argsort(points[:, axis]), axis]) >= 0).all()


def test_box_by_hand():
    assert scale_to_box([[0, 5], [4, 5], [1, 5]], 0, 8).tolist() == [[0, 4], [8, 4], [2, 4]]
    assert scale_to_box(np.zeros((0, 2))).shape == (0, 2)


def test_a_box_has_a_size():
    with pytest.raises(ParameterError, match="high must be a finite number above 0.5; got 0.5"):
        scale_to_box(np.zeros((3, 2)), 0.5, 0.5)
    with pytest.raises(ParameterError, match=r"points must be finite numbers, \(n, 2\); got NaN at \(1, 0\)"):
        scale_to_box([[0, 1], [np.nan, 2]])
    with pytest.raises(ParameterError, match=r"got shape \(3, 3\)"):
        scale_to_box(np.zeros((3, 3)))


# what is refused


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (np.zeros((3, 4, 4, 3), np.uint8), "got images. Describe them by vectors first: toolkit.embeddings.embed"),
        (Frames(np.zeros((3, 4, 4), np.uint8), np.arange(3)), "got images. Describe them by vectors first"),
        (np.zeros(5), r"data must be finite numbers, \(n, d\), a vector a frame; got shape \(5,\)"),
        (np.zeros((5, 0)), r"got shape \(5, 0\)"),
        ([[1, 2], [3]], "got rows of different lengths"),
        (np.zeros((5, 2), complex), "got ndarray of dtype complex128"),
        (None, "got NoneType of dtype object"),
        (iter([[1, 2]]), "got list_iterator of dtype object"),
        ([[1, 2], [3, np.nan]], r"got NaN at \(1, 1\)"),
        ([[np.inf, 2], [3, 4]], r"got infinity at \(0, 0\)"),
        ([[1e300, 2], [3, 4]], r"data must be numbers that differ by less than 1e\+100"),
    ],
)
def test_data_that_are_no_vectors_are_refused(data, message):
    with pytest.raises(ParameterError, match=message):
        project(data)


def test_distances_that_are_none_are_refused():
    good = cdist(cloud(9), cloud(9))

    def refused(distances, message):
        with pytest.raises(ParameterError, match=message):
            project(distances, metric="precomputed")

    refused(good[:, :5], r"distances must be \(n, n\), .*got shape \(9, 5\). For vectors leave metric='euclidean'")
    refused(good - 1, "distances must not be negative; got -1. Are these similarities")
    refused(good + np.eye(9), "distances must be 0 from each frame to itself. Are these similarities")
    refused(good + np.tri(9, k=-1), "distances must be symmetric; got two that differ by 1")
    refused(np.where(good > 3, np.nan, good), r"distances must be finite numbers, \(n, n\); got NaN at \(")
    refused(
        good * 1e30,
        r"the largest distance must be a finite number above 1e-15 and below 1e\+15.*Multiply all by a number",
    )
    refused(good.astype(str), "got ndarray of dtype <U")


def test_rounding_of_distances_is_let_through():
    vectors = cloud(30)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    cosines = 1 - vectors.astype(np.float32) @ vectors.astype(np.float32).T
    cosines[3, 3], cosines[1, 2] = -1e-7, cosines[1, 2] * (1 + 1e-6)
    for method in OF_DISTANCES:
        assert np.isfinite(project(cosines, method, metric="precomputed", **QUICK[method])).all()


@pytest.mark.parametrize(
    ("method", "options", "message"),
    [
        ("pca", {"max_iter": 3}, "unknown option 'max_iter' of method='pca': it has none"),
        ("mds", {"perplexity": 3}, "unknown option 'perplexity' of method='mds': it has 'max_iter', 'eps'"),
        ("tsne", {"n_neighbors": 3}, "unknown option 'n_neighbors' of method='tsne': it has 'perplexity', 'max_iter'"),
        ("mds", {"max_iter": 0}, "max_iter must be a whole number of at least 1; got 0"),
        ("mds", {"max_iter": None}, "max_iter must be a whole number of at least 1; got None"),
        ("mds", {"eps": -1}, "eps must be a finite number of at least 0; got -1"),
        ("tsne", {"perplexity": 0.5}, "perplexity must be a finite number of at least 1; got 0.5"),
        ("tsne", {"angle": 2}, "angle must be a finite number of at least 0.1 and at most 1; got 2"),
        ("tsne", {"gradient": "bh"}, "gradient must be one of 'exact', 'barnes_hut', 'fft'; got 'bh'"),
        ("multicore_tsne", {"early_exaggeration": "a"}, "early_exaggeration must be a finite number of at least 1"),
        ("umap", {"n_neighbors": 1}, "n_neighbors must be a whole number of at least 2; got 1"),
        ("umap", {"min_dist": 2}, "min_dist must be at most spread; got 2 and 1"),
        ("umap", {"spread": 0}, "spread must be a finite number above 0; got 0"),
        ("lle", {}, "method must be one of 'mds', 'tsne', 'multicore_tsne', 'umap', 'pca'; got 'lle'"),
        ("mds", {"metric": "cosine"}, "metric must be one of 'euclidean', 'precomputed'; got 'cosine'"),
        ("umap", {"seed": -1}, "seed must be a whole number of at least 0 and below 2,147,483,648; got -1"),
        ("umap", {"seed": 2**31}, "seed must be a whole number of at least 0 and below 2,147,483,648; got 2147483648"),
    ],
)
def test_options_are_checked(method, options, message):
    with pytest.raises(ParameterError, match=message):
        project(cloud(), method, **options)


def test_multicore_tsne_takes_no_distances():
    with pytest.raises(ParameterError, match="takes vectors; got metric='precomputed'. Use method='tsne'"):
        project(1.0 - np.eye(9), "multicore_tsne", metric="precomputed")


def test_distances_are_not_copied(monkeypatch):
    distances = (1.0 - np.eye(300)).astype(np.float32)
    data, scale = inputs.check_data(distances, "precomputed")
    assert data is distances
    assert scale == 1
    seen = []
    descend = smacof.descend
    monkeypatch.setattr(
        smacof, "descend", lambda given, *rest, **more: seen.append(given) or descend(given, *rest, **more)
    )
    project(distances, "mds", metric="precomputed", max_iter=1)
    assert seen[0] is distances


def test_importing_loads_no_method():
    program = "import sys, toolkit.projections\nprint(*{'umap', 'openTSNE', 'matplotlib', 'torch'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == ""


def test_a_box_that_keeps_proportions_is_filled_by_the_wider_axis():
    points = np.array([[0.0, 0.0], [4.0, 1.0], [2.0, 2.0]])
    boxed = scale_to_box(points, keep_proportions=True)
    np.testing.assert_allclose(boxed, [[0.1, 0.3], [0.9, 0.5], [0.5, 0.7]])
    np.testing.assert_allclose(scale_to_box(points[:, ::-1], keep_proportions=True), boxed[:, ::-1])
    np.testing.assert_allclose(scale_to_box(np.ones((3, 2)), keep_proportions=True), 0.5)
