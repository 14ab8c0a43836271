import json
import os
import re
import subprocess
import sys
import warnings
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy.cluster.hierarchy import linkage
from scipy.spatial.distance import pdist
from sklearn.cluster import AgglomerativeClustering
from sklearn.metrics import adjusted_rand_score

from toolkit import ParameterError, shots, tables
from toolkit.shots import (
    cluster_frames,
    complete_shots,
    cut_tree,
    group_setups,
    labels_at,
    linkage_tree,
    pace,
    setup_shares,
    shot_distances,
    shot_statistics,
    shot_table,
    suggest_setup_threshold,
    suggest_threshold,
    times_in_shots,
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


def takes(places, lengths, *, noise=0.1, drift=0.0, d=6, seed=0):
    """Return the frames of shots, and the shot of each: each shot is a place, noise about it, and a steady movement."""
    rng = np.random.default_rng(seed)
    centers = 10 * np.eye(d)
    frames = []
    for place, length in zip(places, lengths, strict=True):
        way = np.zeros((length, d))
        way[:, -1] = drift * np.linspace(-1, 1, length)
        frames.append(centers[place] + way + noise * rng.standard_normal((length, d)))
    return np.concatenate(frames), np.repeat(np.arange(len(places)), lengths)


def spans_of(lengths, fps=5.0):
    edges = np.concatenate([[0], np.cumsum(lengths)]) / fps
    return np.stack([edges[:-1], edges[1:]], axis=1)


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
    monkeypatch.setattr(ward, "PLAIN", 0)
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
        ([[1, np.inf], [0, -np.inf]], "values of inf"),
        ([[0, -np.inf]], "values of inf"),
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


# set-ups


def test_shots_of_one_place_are_one_setup():
    places, lengths = [0, 1, 0, 1, 2, 0], [10, 8, 5, 12, 9, 4]
    features, _ = takes(places, lengths)
    times = np.arange(sum(lengths)) / 5
    assert group_setups(features, times, spans_of(lengths)).tolist() == [0, 1, 0, 1, 2, 0]


def test_frames_of_a_shot_stay_together_however_they_move():
    places, lengths = [0, 1, 0, 2, 3, 1], [20, 20, 20, 20, 20, 20]
    features, _ = takes(places, lengths, drift=4.0)
    times = np.arange(120) / 5
    assert group_setups(features, times, spans_of(lengths)).tolist() == [0, 1, 0, 2, 3, 1]


def test_two_letters_that_do_not_move_are_two_setups():
    # apart by 0.5, where places are apart by 14: the median alone would put them together
    lengths = [10] * 5
    features, shot = takes([0, 1, 0, 2, 3], lengths, noise=0.0)
    features[shot == 2, 4] += 1.2
    times = np.arange(50) / 5
    assert group_setups(features, times, spans_of(lengths)).tolist() == [0, 1, 2, 3, 4]
    features[shot == 2, 4] -= 1.2
    assert group_setups(features, times, spans_of(lengths)).tolist() == [0, 1, 0, 2, 3]


def test_a_film_of_a_single_setup_is_one():
    lengths = [20] * 4
    features, _ = takes([0, 0, 0, 0], lengths, noise=1.0)
    assert group_setups(features, np.arange(80) / 5, spans_of(lengths)).tolist() == [0, 0, 0, 0]


def test_a_setup_holds_only_shots_that_are_all_near_each_other():
    # a chain of places: each is near the next, the first is not near the last
    centers = np.array([[0.0], [1.0], [2.0], [50.0]])
    features = np.repeat(centers, 4, axis=0) + np.tile([[-0.4], [0.4], [-0.4], [0.4]], (4, 1))
    setups = group_setups(features, np.arange(16), spans_of([4] * 4, fps=1), distance_threshold=1.5)
    assert len({setups[0], setups[2]}) == 2
    assert setups[3] not in setups[:3]


def test_the_threshold_given_is_the_limit():
    features, _ = takes([0, 1], [6, 6], noise=9.0, seed=3)
    apart = np.linalg.norm(features[:6].mean(0) - features[6:].mean(0))
    spans, times = spans_of([6, 6]), np.arange(12) / 5
    assert group_setups(features, times, spans, 0.999 * apart).tolist() == [0, 1]
    assert group_setups(features, times, spans, 1.001 * apart).tolist() == [0, 0]


def test_the_order_of_the_frames_and_their_unit_do_not_matter():
    places, lengths = [0, 1, 0, 1, 2, 0], [10, 8, 5, 12, 9, 4]
    features, _ = takes(places, lengths, noise=2.0)
    times = np.arange(sum(lengths)) / 5
    order = np.random.default_rng(0).permutation(len(times))
    expected = group_setups(features, times, spans_of(lengths)).tolist()
    assert group_setups(1e-3 * features[order], times[order], spans_of(lengths)).tolist() == expected


def test_a_shot_without_a_frame_has_no_setup_and_is_told():
    features, times = np.eye(3), [0.5, 2.5, 9.0]
    with pytest.warns(UserWarning, match="1 of 3 shots have no frame, the first of them shot 1"):
        setups = group_setups(features, times, [[0, 1], [1, 2], [2, 3]])
    assert setups.tolist() == [0, -1, 1]
    with pytest.warns(UserWarning, match="1 of 1 shots"):
        assert group_setups(features, times, [[20, 21]]).tolist() == [-1]


def test_one_frame_a_shot_will_do():
    features = np.array([[0.0], [9.0], [0.1], [9.2], [30.0], [0.05]])
    assert group_setups(features, np.arange(6), spans_of([1] * 6, fps=1)).tolist() == [0, 1, 0, 1, 2, 0]


def test_one_shot_is_one_setup_and_no_shots_are_none():
    assert group_setups(np.eye(3), [0, 1, 2], [[0, 3]]).tolist() == [0]
    none = group_setups(np.eye(3), [0, 1, 2], pd.DataFrame({"start": [], "end": []}))
    assert none.tolist() == []
    assert none.dtype == np.int64


def test_a_table_of_shots_is_as_good_as_an_array():
    table = pd.DataFrame({"end": [1.0, 2.0], "start": [0.0, 1.0], "transition": ["start", "cut"]})
    assert group_setups(np.eye(2), [0.5, 1.5], table).tolist() == [0, 1]


def test_a_time_lies_in_the_shot_that_starts_with_it():
    spans = [[0, 1], [1, 2], [3, 4]]
    assert labels_at(spans, [5, 7, 9], [0, 1, 1.999, 2, 2.5, 3, 4, -0.1]).tolist() == [5, 7, 7, -1, -1, 9, -1, -1]


def test_times_that_went_through_a_file_lie_where_they_lay():
    exact = np.array([1001 / 24000 * 7, 1001 / 24000 * 31])
    rounded = np.round(exact, 6)
    spans = np.stack([np.append(0, rounded[:1]), rounded], axis=1)
    assert labels_at(spans, [0, 1], exact[:1]).tolist() == [1]
    assert labels_at(spans, [0, 1], exact[1:]).tolist() == [-1]


def test_labels_at_without_shots_or_times():
    assert labels_at(np.empty((0, 2)), np.empty(0, int), [1.0]).tolist() == [-1]
    assert labels_at([[0, 1]], [3], []).tolist() == []


@pytest.mark.parametrize("times", [[[1.0, 2.0]], "then", [np.nan], [[1], [2, 3]], [None]])
def test_times_without_labels_are_checked_too(times):
    with pytest.raises(ParameterError, match="times must be"):
        labels_at([[0, 1]], [0], times)


# instants


def changing_table():
    """Return three shots of 24, 24 and 12 frames, a second being 24: a dissolve of 8 frames, then a cut."""
    return pd.DataFrame(
        {
            "start_frame": [0, 24, 48],
            "end_frame": [24, 48, 60],
            "start": [0.0, 1.0, 2.0],
            "end": [1.0, 2.0, 2.5],
            "transition": ["start", "dissolve", "cut"],
            "transition_start_frame": [0, 20, 48],
            "transition_end_frame": [0, 28, 48],
        }
    )


def test_instants_are_the_middles_of_equal_parts():
    np.testing.assert_allclose(times_in_shots([[0, 6], [10, 11]]), [[1, 3, 5], [10 + 1 / 6, 10.5, 10 + 5 / 6]])
    assert times_in_shots([[0, 6], [10, 11]], 1).tolist() == [[3], [10.5]]


def test_instants_keep_out_of_a_change_at_either_end():
    got = times_in_shots(changing_table(), 2) * 24
    np.testing.assert_allclose(got, [[5, 15], [33, 43], [51, 57]])


def test_a_table_without_frames_tells_of_no_change():
    table = changing_table()
    plain = times_in_shots(table[["start", "end"]].to_numpy())
    np.testing.assert_array_equal(times_in_shots(table.drop(columns="transition_end_frame")), plain)
    table[["transition_start_frame", "transition_end_frame"]] = np.nan
    np.testing.assert_array_equal(times_in_shots(table), plain)


def test_a_shot_that_is_all_change_is_looked_at_as_a_whole():
    table = changing_table()
    table.loc[2, "transition_start_frame"] = 26
    np.testing.assert_allclose(times_in_shots(table)[1], 1 + np.array([1, 3, 5]) / 6)


def test_instants_of_no_shots_and_of_shots_without_length():
    assert times_in_shots(np.empty((0, 2))).shape == (0, 3)
    assert times_in_shots(changing_table().iloc[:0], 2).shape == (0, 2)
    assert times_in_shots([[4, 4]], 2).tolist() == [[4, 4]]
    table = changing_table().iloc[:1].assign(start_frame=0, end_frame=0, end=0.0)
    assert times_in_shots(table, 1).tolist() == [[0]]


@given(st.lists(st.integers(1, 40), min_size=1, max_size=8), st.integers(1, 7), st.data())
def test_instants_lie_inside_and_rise(lengths, n, data):
    edges = np.concatenate([[0], np.cumsum(lengths)])
    around = data.draw(st.lists(st.tuples(st.integers(0, 20), st.integers(0, 20)), min_size=len(lengths)))
    table = pd.DataFrame({"start_frame": edges[:-1], "end_frame": edges[1:]})
    table["start"], table["end"] = 3 + table["start_frame"] / 25, 3 + table["end_frame"] / 25
    table["transition_start_frame"] = [edge - a for edge, (a, _) in zip(edges[:-1], around, strict=False)]
    table["transition_end_frame"] = [edge + b for edge, (_, b) in zip(edges[:-1], around, strict=False)]
    got = times_in_shots(table, n)
    assert (got > table[["start"]].to_numpy()).all()
    assert (got < table[["end"]].to_numpy()).all()
    assert (np.diff(got, axis=1) > 0).all()
    assert labels_at(table, np.arange(len(table)), got.ravel()).tolist() == np.repeat(np.arange(len(table)), n).tolist()


@pytest.mark.parametrize("n", [0, -1, 1.5, "three", None, True])
def test_there_is_at_least_one_instant_a_shot(n):
    with pytest.raises(ParameterError, match="n must be a whole number of at least 1"):
        times_in_shots([[0, 1]], n)


def test_frames_of_changes_are_numbers():
    table = changing_table().assign(transition_end_frame="soon")
    with pytest.raises(ParameterError, match="transition_end_frame must be numbers of frames"):
        times_in_shots(table)


# spans


@pytest.mark.parametrize(
    ("spans", "message"),
    [
        ([[0, 1, 2]], r"shape \(1, 3\)"),
        (pd.DataFrame({"begin": [0], "end": [1]}), "columns start and end.*got the columns begin, end"),
        ([[0, np.nan]], "NaN"),
        ([[0, 2], [1, 3]], "shot 1 starts before the one before it ends. Sort"),
        ([[3, 4], [0, 1]], "Sort the table"),
        ([[2, 1]], "shot 0 ends before it starts"),
        ("spans", "got str"),
        ([["a", "b"]], "start and end"),
    ],
)
def test_what_are_no_spans_is_refused(spans, message):
    for use in (
        lambda: group_setups(np.eye(2), [0, 1], spans),
        lambda: labels_at(spans, [0], [1.0]),
        lambda: shot_statistics(spans),
        lambda: setup_shares(spans, [0]),
        lambda: pace(spans),
        lambda: times_in_shots(spans),
    ):
        with pytest.raises(ParameterError, match=message):
            use()


@pytest.mark.parametrize(
    ("times", "message"),
    [
        ([0], r"times must be .* shape \(1,\)"),
        ([0, np.nan], "times must be finite"),
        ("no", "times must be"),
        ([[0, 1]], "shape"),
    ],
)
def test_times_must_fit_the_frames(times, message):
    with pytest.raises(ParameterError, match=message):
        group_setups(np.eye(2), times, [[0, 2]])


def test_a_threshold_of_setups_is_above_nought():
    with pytest.raises(ParameterError, match="above 0"):
        group_setups(np.eye(2), [0, 1], [[0, 1]], 0)


@pytest.mark.parametrize(
    ("labels", "message"),
    [
        ([0.0, 1.0], "whole numbers.*float64"),
        ([0], r"2 shots; got list of shape \(1,\)"),
        (["a", "b"], "whole numbers"),
    ],
)
def test_labels_must_fit_the_shots(labels, message):
    with pytest.raises(ParameterError, match=message):
        labels_at([[0, 1], [1, 2]], labels, [0.5])


# runs


def test_runs_as_a_table():
    table = shot_table([3, 3, 1, 3])
    assert table.to_dict("list") == {"label": [3, 1, 3], "start_frame": [0, 2, 3], "end_frame": [2, 3, 4]}


def test_a_run_ends_when_the_next_one_starts():
    table = shot_table([0, 0, 1, 1], [10.0, 10.2, 10.4, 10.9])
    assert table["start"].tolist() == [10.0, 10.4]
    assert table["end"].tolist() == pytest.approx([10.4, 11.1])
    assert shot_table([0, 0, 1, 1], [10.0, 10.2, 10.4, 10.9], end=12)["end"].tolist() == [10.4, 12]


def test_a_short_run_between_two_of_one_label_vanishes():
    assert shot_table([0, 0, 0, 1, 0, 0], min_length=2).to_dict("list") == {
        "label": [0],
        "start_frame": [0],
        "end_frame": [6],
    }


def test_a_short_run_between_others_goes_to_the_longer():
    assert shot_table([0, 0, 1, 2, 2, 2], min_length=2)["start_frame"].tolist() == [0, 2]
    assert shot_table([0, 0, 0, 1, 2, 2], min_length=2)["start_frame"].tolist() == [0, 4]
    # of equals, to the earlier
    assert shot_table([0, 0, 1, 2, 2], min_length=2)["start_frame"].tolist() == [0, 3]


def test_a_short_run_at_an_end_goes_to_its_only_neighbour():
    assert shot_table([1, 0, 0, 0, 2], min_length=2).to_dict("list") == {
        "label": [0],
        "start_frame": [0],
        "end_frame": [5],
    }


def test_the_shortest_run_goes_first():
    # 2 first: then 1 lasts four frames, and none is short
    assert shot_table([0] * 5 + [1] * 3 + [2] + [3] * 2, min_length=2)["label"].tolist() == [0, 1, 3]


def test_with_times_short_is_in_seconds():
    times = [0.0, 1.0, 2.0, 2.1, 3.0]
    assert shot_table([0, 0, 1, 2, 2], times, min_length=0.5)["label"].tolist() == [0, 2]
    assert len(shot_table([0, 0, 1, 2, 2], times, min_length=0.05)) == 3


@given(st.lists(st.integers(0, 3), max_size=30), st.integers(0, 6))
def test_runs_tile_the_frames_and_none_is_short(labels, least):
    table = shot_table(labels, min_length=least)
    edges = [*table["start_frame"], len(labels)]
    assert edges[:1] == [0]
    assert table["end_frame"].tolist() == edges[1:]
    assert len(table) <= 1 or (np.diff(edges) >= max(least, 1)).all()
    assert (np.diff(table["label"]) != 0).all()
    assert set(table["label"]) <= set(labels)


@given(st.lists(st.integers(-2, 3), max_size=30))
def test_without_a_least_length_every_run_stays(labels):
    table = shot_table(labels)
    assert np.repeat(table["label"], table["end_frame"] - table["start_frame"]).tolist() == labels


def test_no_frames_are_no_runs():
    assert shot_table([]).empty
    assert shot_table([], []).columns.tolist() == ["label", "start_frame", "end_frame", "start", "end"]
    assert shot_table(np.array([4]), [1.5])[["start", "end"]].values.tolist() == [[1.5, 1.5]]


@pytest.mark.parametrize(
    ("arguments", "options", "message"),
    [
        (([0.5, 1],), {}, "whole numbers"),
        (([0, 1], [0.0]), {}, r"times must be .* shape \(1,\)"),
        (([0, 1], [1.0, 1.0]), {}, "each after the one before.*got 1 after 1"),
        (([0, 1],), {"end": 3}, "needs times"),
        (([0, 1], [0, 1]), {"end": 1}, "after the last frame, at 1 s"),
        (([0, 1],), {"min_length": 1.5}, "min_length must be a whole number"),
        (([0, 1], [0, 1]), {"min_length": -1}, "min_length must be a finite number"),
    ],
)
def test_what_makes_no_runs_is_refused(arguments, options, message):
    with pytest.raises(ParameterError, match=message):
        shot_table(*arguments, **options)


# statistics


def test_statistics_by_hand():
    got = shot_statistics([[0, 2], [2, 3], [3, 12]])
    assert got.to_dict() == {
        "shots": 3,
        "duration": 12,
        "average_length": 4,
        "median_length": 2,
        "shortest": 1,
        "longest": 9,
        "shots_per_minute": 15,
    }


def test_no_shots_have_no_length():
    got = shot_statistics(np.empty((0, 2)))
    assert got["shots"] == got["duration"] == 0
    assert got.drop(["shots", "duration"]).isna().all()


def test_shares_of_setups_by_hand():
    got = setup_shares([[0, 2], [2, 3], [3, 12], [12, 20]], [4, 1, 1, -1])
    assert got.to_dict("list") == {
        "label": [1, -1, 4],
        "shots": [2, 1, 1],
        "seconds": [10, 8, 2],
        "share": [0.5, 0.4, 0.1],
    }


def test_shares_of_no_shots():
    assert setup_shares(np.empty((0, 2)), np.empty(0, int)).empty
    assert setup_shares([[1, 1]], [0])["share"].tolist() == [0]


def test_pace_by_hand():
    # 10 shots of 1 s, then 2 of 10 s, in windows of 10 s
    edges = np.array([*range(11), 20, 30])
    got = pace(np.stack([edges[:-1], edges[1:]], axis=1), window=10, step=5)
    assert got["start"].tolist() == [0, 5, 10, 15, 20]
    assert got["end"].tolist() == [10, 15, 20, 25, 30]
    np.testing.assert_allclose(got["shots"], [10, 5.5, 1, 1, 1])
    np.testing.assert_allclose(got["average_length"], [1, 10 / 5.5, 10, 10, 10])


def test_pace_leaves_out_what_is_in_no_shot():
    got = pace([[0, 2], [8, 10]], window=5, step=5)
    np.testing.assert_allclose(got["average_length"], [2, 2])
    np.testing.assert_allclose(got["shots"], [1, 1])


def test_pace_of_a_film_shorter_than_a_window_is_its_average():
    got = pace([[3, 5], [5, 9]])
    assert got.values.tolist() == [[3, 9, 2, 3]]


def test_pace_of_no_shots():
    assert pace(np.empty((0, 2))).empty
    assert pace([[2, 2]]).empty


@given(st.lists(st.floats(0.05, 30), min_size=1, max_size=20), st.floats(1, 100))
def test_windows_side_by_side_hold_every_shot_once(lengths, window):
    assume(sum(lengths) / window < 500)
    edges = np.concatenate([[0], np.cumsum(lengths)])
    got = pace(np.stack([edges[:-1], edges[1:]], axis=1), window=window, step=window)
    assert got["shots"].sum() == pytest.approx(len(lengths), abs=1e-3)
    assert got["end"].iloc[-1] == pytest.approx(edges[-1], abs=1e-3)


@pytest.mark.parametrize("options", [{"window": 0}, {"window": 5, "step": 0}, {"window": np.inf}])
def test_windows_are_above_nought(options):
    with pytest.raises(ParameterError, match="must be a finite number above 0"):
        pace([[0, 1]], **options)


# as other modules and other processors see it


def test_all_names_are_there():
    assert all(callable(getattr(shots, name)) for name in shots.__all__)
    assert sorted(shots.__all__) == shots.__all__


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


# real clips


@pytest.mark.skipif("TOOLKIT_REAL_DATA" not in os.environ, reason="TOOLKIT_REAL_DATA names no folder of real clips")
@pytest.mark.parametrize(
    ("film", "by_frames", "by_shots"),
    [("nosferatu.mp4", 0.8, 0.95), ("big_buck_bunny_0_30.webm", 0.8, 0.95), ("sintel_clip.mp4", 0.0, 0.9)],
)
def test_setups_of_a_real_clip(film, by_frames, by_shots):
    from toolkit import embeddings, video

    folder = Path(os.environ["TOOLKIT_REAL_DATA"])
    truth = json.loads((folder / "truth" / "clips.json").read_text())[film]
    edges = np.array([0, *truth["cuts"], truth["frames"]]) / truth["fps"]
    spans = np.stack([edges[:-1], edges[1:]], axis=1)
    names = truth.get("shots", list(range(len(spans))))
    frames = video.read_frames(folder / "films" / film, fps=5, size=(320, 240), progress=False)
    times = frames.times - video.probe(folder / "films" / film).start
    features = embeddings.embed(frames.images, progress=False)
    true = labels_at(spans, np.array(in_order_of_first_sight(names)), times)
    assert adjusted_rand_score(true, cluster_frames(features)) >= by_frames
    with warnings.catch_warnings(action="error"):
        setups = group_setups(features, times, spans)
    assert adjusted_rand_score(true, labels_at(spans, setups, times)) >= by_shots


# shots corrected by hand

DETECTED = pd.DataFrame(
    {
        "start_frame": [0, 50, 100],
        "end_frame": [50, 100, 250],
        "start": [0.5, 2.5, 4.5],
        "end": [2.5, 4.5, 10.5],
        "transition": ["start", "cut", "dissolve"],
        "transition_start_frame": [0, 50, 90],
        "transition_end_frame": [0, 50, 110],
    }
)


def test_shots_that_were_left_as_they_are_come_back_whole():
    pd.testing.assert_frame_equal(complete_shots(DETECTED[["start", "transition"]], DETECTED), DETECTED)
    # as ELAN rounds them
    rounded = DETECTED[["start", "transition"]].assign(start=DETECTED["start"] + 0.0004)
    pd.testing.assert_frame_equal(complete_shots(rounded, DETECTED), DETECTED)


def test_a_shot_added_by_hand_has_frames_and_shots_tile_the_film():
    corrected = pd.DataFrame({"start": [0.5, 2.5, 4.5, 6.5], "transition": ["start", "cut", "dissolve", "cut"]})
    table = complete_shots(corrected, DETECTED)
    assert table["start_frame"].tolist() == [0, 50, 100, 150]
    assert table["end_frame"].tolist() == [50, 100, 150, 250]
    assert table["end"].tolist() == [2.5, 4.5, 6.5, 10.5]
    assert table["transition_start_frame"].tolist() == [0, 50, 90, 150]
    assert list(table.columns) == list(DETECTED.columns)


def test_a_change_that_is_not_told_is_a_cut_also_where_others_are_numbers():
    corrected = pd.DataFrame({"start": [0.5, 2.5], "transition": pd.array([5, None], dtype="Int64")})
    assert complete_shots(corrected, DETECTED)["transition"].tolist() == ["5", "cut"]


def test_shots_that_do_not_fit_are_told_with_their_file_and_row(tmp_path):
    path = tmp_path / "shots.corrected.csv"
    path.write_text("start\n0:00.5\n\n1:00\n2.5\n")
    corrected = tables.read_csv(path, columns=("start",))
    with pytest.raises(ParameterError, match=rf"{re.escape(str(path))}.* got one at 60 s in row 4\."):
        complete_shots(corrected, DETECTED)
    # of a part of it no row is told
    with pytest.raises(ParameterError, match=r"shots\.corrected\.csv.* got one at 60 s\."):
        complete_shots(corrected[1:], DETECTED)


def test_a_shot_taken_out_goes_to_the_one_before():
    table = complete_shots(pd.DataFrame({"start": [0.5, 4.5]}), DETECTED)
    assert table["end"].tolist() == [4.5, 10.5]
    assert table["transition"].tolist() == ["start", "cut"]
    # it begins with a cut now, so the frames of the dissolve are none of its own
    assert table["transition_start_frame"].tolist() == [0, 100]


def test_a_shot_that_was_moved_has_the_frame_of_its_time():
    table = complete_shots(pd.DataFrame({"start": [0.5, 2.9]}), DETECTED)
    assert table["start_frame"].tolist() == [0, 60]


@pytest.mark.parametrize(
    ("corrected", "message"),
    [
        (pd.DataFrame({"begin": [1.0]}), "with the column start"),
        ([0.5], "with the column start"),
        (pd.DataFrame({"start": []}), "a row for each shot; got none"),
        (pd.DataFrame({"start": [0.5, 60.0]}), r"within the film, from 0.5 to 10.5 s; got one at 60 s"),
        (pd.DataFrame({"start": [0.1, 2.0]}), r"got one at 0.1 s"),
        (pd.DataFrame({"start": [2.0, 1.0]}), "each after the one before"),
        (
            pd.DataFrame({"start": [1.999, 2.001]}),
            "each after the one before, and not at once; got 2.001 after 1.999 s",
        ),
        (pd.DataFrame({"start": [0.5, np.nan]}), "finite seconds"),
        (pd.DataFrame({"start": ["one"]}), "must be"),
    ],
)
def test_corrected_shots_must_lie_in_the_film(corrected, message):
    with pytest.raises(ParameterError, match=message):
        complete_shots(corrected, DETECTED)
    with pytest.raises(ParameterError, match="detected must be a table of shots"):
        complete_shots(pd.DataFrame({"start": [0.5]}), DETECTED[["start", "end"]])


# how far shots are from each other


def test_shots_are_as_far_apart_as_the_means_of_their_frames():
    spans = [[0, 2], [2, 4], [4, 5]]
    apart = shot_distances([[0.0], [2.0], [11.0], [11.0]], [0, 1, 2, 3], spans)
    np.testing.assert_allclose(apart[:2, :2], [[0, 10], [10, 0]])
    # of the third shot there is no frame
    assert np.isnan(apart[2]).all()
    assert np.isnan(apart[:, 2]).all()
    assert suggest_setup_threshold(apart) == 5


def test_the_threshold_of_setups_is_half_the_median_between_shots():
    assert suggest_setup_threshold([[0, 1, 4], [1, 0, 9], [4, 9, 0]]) == 2
    assert suggest_setup_threshold(np.zeros((3, 3))) == 0
    assert suggest_setup_threshold(np.zeros((1, 1))) == 1
    for wrong in (np.zeros(3), np.zeros((2, 3)), "near"):
        with pytest.raises(ParameterError, match="distances must be"):
            suggest_setup_threshold(wrong)


@given(st.integers(2, 12), st.integers(0, 9))
def test_the_suggested_threshold_given_by_hand_parts_the_same_shots_unless_they_mingle(n, seed):
    rng = np.random.default_rng(seed)
    places = rng.integers(0, 4, n) * 50.0
    features = np.repeat(places, 3)[:, None] + rng.normal(0, 1, (3 * n, 1))
    spans = np.stack([np.arange(n), np.arange(n) + 1], axis=1)
    times = np.repeat(np.arange(n), 3) + np.tile([0.2, 0.5, 0.8], n)
    threshold = suggest_setup_threshold(shot_distances(features, times, spans))
    assume(threshold > 10)
    assert np.array_equal(group_setups(features, times, spans, threshold), group_setups(features, times, spans))
