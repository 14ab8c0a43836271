"""The tree of frames, its cuts, and the threshold that is suggested."""

import os
import subprocess
import sys
import warnings
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.cluster.hierarchy import linkage
from scipy.spatial.distance import pdist
from sklearn.cluster import AgglomerativeClustering
from sklearn.metrics import adjusted_rand_score
from takes import takes

from toolkit import ParameterError
from toolkit.shots import (
    cluster_frames,
    cut_tree,
    linkage_tree,
    suggest_threshold,
    ward,
)


def sklearn_labels(features, threshold):
    model = AgglomerativeClustering(n_clusters=None, distance_threshold=threshold, linkage="ward")
    with warnings.catch_warnings():
        # three frames of three equal values could be a matrix of distances, it says
        warnings.filterwarnings("ignore", message="The symmetric non-negative hollow observation matrix")
        return model.fit_predict(np.asarray(features, np.float64))


def in_order_of_first_sight(labels):
    """Return labels renamed as they first come, the slow way."""
    names = {}
    return [names.setdefault(label, len(names)) for label in labels]


# the tree, and cutting it


def test_two_frames_merge_at_their_distance():
    np.testing.assert_array_equal(linkage_tree([[0, 0], [3, 4]]), [[0, 1, 5, 2]])


def test_wards_height_grows_with_the_frames_merged():
    # means 0 and 6 of two pairs: sqrt(2 * 2 * 2 / (2 + 2)) * 6
    tree = linkage_tree(np.array([[0.0], [0.0], [6.0], [6.0]]))
    np.testing.assert_allclose(tree[:, 2], [0, 0, np.sqrt(2) * 6])


def test_the_tree_is_scipys():
    features = np.random.default_rng(0).random((40, 7)).astype(np.float32)
    np.testing.assert_array_equal(linkage_tree(features), linkage(pdist(features.astype(np.float64)), "ward"))


@given(
    st.integers(2, 25).flatmap(
        lambda n: st.lists(st.lists(st.integers(0, 4), min_size=3, max_size=3), min_size=n, max_size=n)
    ),
    st.data(),
)
@settings(max_examples=60)
def test_labels_are_scikit_learns_also_where_the_threshold_is_a_merge(rows, data):
    features = np.array(rows, np.float64)
    tree = linkage_tree(features)
    threshold = data.draw(st.one_of(st.sampled_from(tree[:, 2].tolist()), st.floats(0, 20)))
    got = cut_tree(tree, threshold)
    assert got.tolist() == in_order_of_first_sight(sklearn_labels(features, threshold))


def test_vectors_that_could_be_distances_are_vectors():
    # scipy warns here when it is handed vectors: three alike, or a symmetric square with a hollow diagonal
    assert cluster_frames(np.zeros((3, 3)), 1).tolist() == [0, 0, 0]
    np.testing.assert_allclose(linkage_tree([[0.0, 2.0], [2.0, 0.0]])[0, 2], np.sqrt(8))


def test_a_merge_at_the_threshold_is_not_done():
    tree = linkage_tree([[0, 0], [3, 4]])
    assert cut_tree(tree, 5).tolist() == [0, 1]
    assert cut_tree(tree, np.nextafter(5, 6)).tolist() == [0, 0]


def test_threshold_nought_leaves_every_frame_alone_as_scikit_learn_does():
    features = np.zeros((4, 2))
    assert cluster_frames(features, 0).tolist() == [0, 1, 2, 3] == sorted(sklearn_labels(features, 0))


def test_labels_are_numbered_in_order_of_first_sight():
    features = np.array([[5.0], [0.0], [5.1], [9.0], [0.1], [9.1]])
    assert cluster_frames(features, 1).tolist() == [0, 1, 0, 2, 1, 2]


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64, np.uint8, np.int32])
def test_any_kind_of_number_will_do(dtype):
    features = np.array([[0, 0], [9, 0], [1, 0], [9, 1]], dtype)
    assert cluster_frames(features, 3).tolist() == [0, 1, 0, 1]


def test_one_frame_is_one_cluster():
    tree = linkage_tree(np.ones((1, 3)))
    assert tree.shape == (0, 4)
    assert cut_tree(tree, 1).tolist() == [0]
    assert cluster_frames(np.ones((1, 3))).tolist() == [0]


def test_distances_by_blocks_are_the_plain_ones(monkeypatch):
    # blocks of three rows, the last of one; vectors far from nought and near each other, as of a film
    monkeypatch.setattr(ward, "BLOCK_BYTES", 3 * 8 * 50)
    features = (100 + np.random.default_rng(0).random((22, 50))).astype(np.float32)
    features[7] = features[3]
    got, plain = ward.distances(features), pdist(features.astype(np.float64))
    np.testing.assert_allclose(got, plain, rtol=1e-9, atol=1e-6)
    monkeypatch.setattr(ward, "PLAIN_DIFFERENCES", 0)
    labels = cut_tree(linkage_tree(features), 3.2)
    assert labels.tolist() == in_order_of_first_sight(sklearn_labels(features, 3.2))
    assert 1 < labels.max() < 21


def test_a_tree_is_left_as_it_was():
    tree = linkage_tree(np.random.default_rng(0).random((9, 2)))
    before = tree.copy()
    cut_tree(tree, 0.5)
    suggest_threshold(tree)
    np.testing.assert_array_equal(tree, before)


@pytest.mark.parametrize(
    ("features", "message"),
    [
        ([[1, np.nan]], "got NaN"),
        ([[1, np.inf], [0, -np.inf]], "got infinity"),
        ([[0, -np.inf]], "got infinity"),
        ([[1, 0], [0, -1e200]], r"values of 1e\+200"),
        (np.zeros((0, 5)), "no frame at all"),
        (np.zeros((5, 0)), "shape"),
        (np.zeros(5), r"\(n, d\).*shape \(5,\)"),
        (np.zeros((2, 4, 4, 3), np.uint8), "embeddings.embed"),
        ([["a", "b"]], "finite numbers"),
        ([[1, 2], [3]], "different lengths"),
        (None, "finite numbers"),
        ([[1j, 2]], "complex"),
    ],
)
def test_what_are_no_features_is_refused(features, message):
    with pytest.raises(ParameterError, match=message):
        linkage_tree(features)


@pytest.mark.parametrize(
    ("tree", "message"),
    [
        (np.zeros((3, 2)), "shape.*cluster_frames"),
        ("tree", "got str"),
        ([[0, 1, 2, 2], [0, 2, 3, 3]], "each node merged once"),
        ([[0, 1, 2, 2], [2, 3, 1, 3]], "never falling"),
        ([[0, 1, np.nan, 2]], "finite"),
        ([[0, 1, np.inf, 2]], "finite"),
        ([[0, 1, -1, 2]], "at least 0"),
        ([[0, 7, 1, 2]], "each node merged once"),
        ([[0, 0.5, 1, 2]], "each node merged once"),
    ],
)
def test_what_is_no_tree_is_refused(tree, message):
    for use in (lambda: cut_tree(tree, 1), lambda: suggest_threshold(tree)):
        with pytest.raises(ParameterError, match=message):
            use()


@pytest.mark.parametrize("threshold", [-1, np.nan, np.inf, "5", None, True])
def test_a_threshold_is_a_number_of_at_least_nought(threshold):
    with pytest.raises(ParameterError, match="distance_threshold must be a finite number of at least 0"):
        cut_tree(linkage_tree([[0], [1]]), threshold)


def test_a_bad_threshold_is_refused_before_the_work():
    with pytest.raises(ParameterError, match="distance_threshold"):
        cluster_frames("nothing", -1)


# the suggested threshold


def naive_score(features, labels, tree):
    """Return the silhouette that `suggest_threshold` states, from the vectors themselves; no shot may move."""
    count = len(features)
    members = [{frame} for frame in range(count)]
    for a, b, *_ in tree:
        members.append(members[int(a)] | members[int(b)])
    total = 0.0
    for label in set(labels):
        cluster = set(np.flatnonzero(labels == label).tolist())
        node = members.index(cluster)
        merge = next(row for row in tree if node in row[:2])
        other = members[int(merge[1] if merge[0] == node else merge[0])]
        if len(cluster) > 1:
            own, others = features[sorted(cluster)], features[sorted(other)]
            within = np.sqrt(np.mean(pdist(own) ** 2))
            between = np.sqrt(np.mean(np.sum((own[:, None] - others) ** 2, axis=2)))
            total += len(cluster) * (between - within) / max(between, within)
    return total / count


@pytest.mark.parametrize("seed", range(5))
def test_scores_are_those_of_the_vectors(seed):
    rng = np.random.default_rng(seed)
    # every other frame of another place: no cluster is a run
    features = rng.random((24, 3)) + 2 * (np.arange(24) % 4)[:, None] * rng.random(3)
    features = features[np.argsort(np.arange(24) % 7, kind="stable")]
    tree = linkage_tree(features)
    scores = ward.scores(tree)
    moving = [count for count in range(2, 24) if not np.isclose(scores[count], 0)]
    heights = np.concatenate([[0], tree[:, 2]])
    checked = 0
    for count in moving:
        labels = cut_tree(tree, (heights[24 - count] + heights[25 - count]) / 2)
        if all(np.count_nonzero(np.diff(np.flatnonzero(labels == label)) > 1) for label in set(labels)):
            assert scores[count] == pytest.approx(naive_score(features, labels, tree))
            checked += 1
    assert checked > 0


def test_places_that_come_back_are_found():
    features, shot = takes([0, 1, 0, 2, 1, 0], [8, 12, 5, 9, 7, 6])
    labels = cluster_frames(features)
    assert adjusted_rand_score(np.array([0, 1, 0, 2, 1, 0])[shot], labels) == 1


def test_the_threshold_lies_midway_between_the_merges():
    features = np.array([[0.0], [1.0], [20.0], [21.0], [0.5], [20.5]])
    tree = linkage_tree(features)
    assert suggest_threshold(tree) == pytest.approx((tree[-2, 2] + tree[-1, 2]) / 2)


def test_a_steady_movement_is_one_cluster():
    for n in (3, 4, 7, 50, 333):
        features = np.linspace(0, 1, n)[:, None] * [3.0, 4.0]
        assert set(cluster_frames(features)) == {0}


def test_a_shot_that_moves_stays_whole_beside_others():
    features, shot = takes([0, 1, 0, 2], [12, 40, 12, 12], noise=0.02, drift=0.0)
    features[shot == 1, -1] += np.linspace(-3, 3, 40)
    assert adjusted_rand_score(np.array([0, 1, 0, 2])[shot], cluster_frames(features)) == 1


def test_two_scenes_do_not_pass_for_a_movement():
    # each scene goes to and fro between two places; the film falls into two runs, less apart than each is wide
    scene = np.repeat([0, 1] * 4, 6)
    places = np.concatenate([scene, 2 + scene])
    corners = np.array([[0.0, 0.0], [0.0, 10.0], [11.0, 0.0], [11.0, 10.0]])
    features = corners[places] + 0.1 * np.random.default_rng(0).standard_normal((96, 2))
    assert cut_tree(linkage_tree(features), 60).tolist() == [0] * 48 + [1] * 48
    assert cluster_frames(features).tolist() == places.tolist()


def test_a_jump_between_two_still_shots_is_no_movement():
    features = np.repeat([[0.0], [1.0]], [6, 9], axis=0)
    assert cluster_frames(features).tolist() == [0] * 6 + [1] * 9


def test_the_unit_of_the_features_does_not_matter():
    features, _ = takes([0, 1, 0, 2, 1, 0], [8, 12, 5, 9, 7, 6], noise=1.5)
    threshold = suggest_threshold(linkage_tree(features))
    for factor in (1e-6, 1e6):
        assert suggest_threshold(linkage_tree(factor * features)) == pytest.approx(factor * threshold)


@pytest.mark.parametrize("n", [1, 2, 3, 10])
def test_frames_all_alike_are_one_cluster(n):
    assert cluster_frames(np.ones((n, 4))).tolist() == [0] * n


def test_two_frames_are_one_cluster():
    assert cluster_frames([[0.0], [1.0]]).tolist() == [0, 0]


@given(st.lists(st.lists(st.floats(-5, 5), min_size=2, max_size=2), min_size=1, max_size=15))
@settings(max_examples=60)
def test_a_threshold_is_always_there_and_cuts(rows):
    tree = linkage_tree(np.array(rows))
    threshold = suggest_threshold(tree)
    assert 0 < threshold < np.inf
    # exactly the merges of the chosen number are done: a threshold is none of the heights, unless floats ran out
    labels = cut_tree(tree, threshold)
    assert labels.max() + 1 == len(rows) - np.count_nonzero(tree[:, 2] < threshold)


# as other modules and other processors see it


def test_without_compiling_the_results_are_the_same():
    program = """
import numpy as np
from toolkit import shots
features = np.random.default_rng(0).random((30, 4)) + 3 * (np.arange(30) % 3)[:, None]
tree = shots.linkage_tree(features)
print(repr(shots.suggest_threshold(tree)), shots.cut_tree(tree, 1.0).tolist())
"""
    run = [
        subprocess.run(
            [sys.executable, "-W", "error", "-c", program],
            env=os.environ | {"NUMBA_DISABLE_JIT": disabled},
            cwd=Path(__file__).parents[2],
            capture_output=True,
            text=True,
            timeout=300,
            check=True,
        ).stdout
        for disabled in "01"
    ]
    assert run[0] == run[1] != ""
