"""Clusters of videos: k-means, and what cannot be clustered."""

import numpy as np
import pandas as pd
import pytest
from clustered import LINE, blobs
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn import metrics

from toolkit import ParameterError
from toolkit.clustering import choose_k, cluster_videos

# clusters


def test_clusters_by_hand():
    found = cluster_videos(LINE, 3)
    assert found.video_ids == ["a", "b", "c", "d", "e"]
    # of one size, that of the earlier video is first
    assert found.labels.tolist() == [0, 1, 0, 1, 2]
    assert found.labels.dtype == np.int64
    np.testing.assert_allclose(found.centers, [[0.5], [10.5], [30]])
    np.testing.assert_allclose(found.distances[1], [9.5, 0.5, 20])
    # (b - a) / max(a, b) of the video at 0: 1 to its own, 10.5 to the next
    a, b, c, d = 1 - 1 / 10.5, 1 - 1 / 9.5, 1 - 1 / 9.5, 1 - 1 / 10.5
    np.testing.assert_allclose(found.video_silhouettes, [a, b, c, d, 0])
    np.testing.assert_allclose(found.cluster_silhouettes, [(a + c) / 2, (b + d) / 2, 0])
    assert found.silhouette == pytest.approx((a + b + c + d) / 5)
    # spreads 0.5, 0.5 and 0; centres 10, 19.5 and 29.5 apart
    assert found.davies_bouldin == pytest.approx((1 / 10 + 1 / 10 + 0.5 / 19.5) / 3)
    between = 2 * 9.9**2 + 2 * 0.1**2 + 19.6**2
    assert found.calinski_harabasz == pytest.approx((between / 2) / (1 / 2))


@pytest.mark.parametrize("seed", [0, 28, 2**40])
def test_what_lies_apart_is_found_with_any_seed(seed):
    vectors, kinds = blobs(spread=0.1)
    assert metrics.adjusted_rand_score(kinds, cluster_videos(vectors, 5, seed=seed).labels) == 1


def test_the_same_seed_gives_the_same_clusters():
    vectors = np.random.default_rng(0).normal(size=(300, 10))
    once, again = cluster_videos(vectors, 9), cluster_videos(vectors, 9)
    np.testing.assert_array_equal(once.labels, again.labels)
    np.testing.assert_array_equal(once.centers, again.centers)
    assert not np.array_equal(once.labels, cluster_videos(vectors, 9, seed=1).labels)


def test_the_largest_cluster_is_0():
    sizes = cluster_videos(np.random.default_rng(0).normal(size=(300, 10)), 9).sizes
    assert (np.diff(sizes) <= 0).all()


@settings(max_examples=20)
@given(st.floats(1e-150, 1e80), st.floats(-1e3, 1e3), st.integers(0, 3))
def test_units_and_origin_do_not_matter(scale, shift, seed):
    vectors, _ = blobs(n=40, k=3, d=3, seed=seed)
    plain, moved = cluster_videos(vectors, 3), cluster_videos((vectors + shift) * scale, 3)
    np.testing.assert_array_equal(moved.labels, plain.labels)
    # (vectors + shift) rounds the 13th digit away
    np.testing.assert_allclose(moved.video_silhouettes, plain.video_silhouettes, atol=1e-7)
    np.testing.assert_allclose(moved.centers, (plain.centers + shift) * scale, rtol=1e-7, atol=1e-9 * scale)
    assert moved.davies_bouldin == pytest.approx(plain.davies_bouldin)


def test_more_clusters_than_videos_are_as_many_as_videos():
    with pytest.warns(UserWarning, match="n_clusters 20 is too many for 5 videos: lowered to 5") as warned:
        found = cluster_videos(LINE)
    assert warned[0].filename == __file__
    assert sorted(found.labels) == [0, 1, 2, 3, 4]
    assert np.isnan(found.silhouette)
    assert found.distances.min(axis=1).tolist() == [0] * 5


def test_of_one_video_there_is_one_cluster():
    with pytest.warns(UserWarning, match="n_clusters 2 is too many for 1 video: lowered to 1"):
        cluster_videos(np.ones((1, 3)), 2)


def test_videos_that_are_the_same_cannot_be_parted():
    vectors = np.repeat([[0.0, 1], [5, 5], [0.1, 0.2]], [4, 2, 3], axis=0)
    with pytest.warns(UserWarning, match="n_clusters 4 is too many for 3 different vectors, of 9 videos: lowered to 3"):
        found = cluster_videos(vectors, 4)
    assert found.labels.tolist() == [0] * 4 + [2] * 2 + [1] * 3
    assert found.video_silhouettes.tolist() == [1] * 9
    assert found.davies_bouldin == 0
    assert found.calinski_harabasz == np.inf


def test_vectors_that_differ_by_rounding_are_clustered_without_complaint():
    vectors = np.array([[1.0, 1], [1, 1 + 2e-16], [1 + 4e-16, 1], [3, 3]])
    assert cluster_videos(vectors, 2).labels.tolist() == [0, 0, 0, 1]


@pytest.mark.parametrize("vectors", [np.full((6, 3), 0.7), np.full((1, 3), 5.0), np.zeros((2, 1))])
def test_constant_vectors_are_one_cluster(vectors):
    with pytest.warns(UserWarning, match="lowered to 1"):
        found = cluster_videos(vectors, 3)
    assert found.labels.tolist() == [0] * len(vectors)
    np.testing.assert_array_equal(found.centers, vectors[:1])
    assert not found.distances.any()


def test_a_table_of_any_numbers_and_names_is_taken():
    table = pd.DataFrame({0: [1, 2, 9], 1: np.array([1, 2, 9], np.float32)}, index=[7, 8, 9])
    assert cluster_videos(table, 2).video_ids == ["7", "8", "9"]
    assert cluster_videos([[1], [2], [9]], 2).video_ids == ["0", "1", "2"]
    assert cluster_videos(np.array([[True], [False]]), 1).centers.tolist() == [[0.5]]


def test_what_is_given_is_not_changed():
    vectors = blobs()[0]
    before = vectors.copy()
    cluster_videos(vectors, 3)
    np.testing.assert_array_equal(vectors, before)


WANTED = r"embeddings must be a DataFrame of numbers indexed by video_id, or an array of numbers, \(n, d\)"


@pytest.mark.parametrize(
    ("embeddings", "message"),
    [
        (LINE.reset_index(), f"{WANTED}; its column 'index' is none. Is video_id the index"),
        (LINE.assign(x=[1, 2, np.nan, 3, 4]), "that of the video 'c' has NaN"),
        (LINE.astype("Float64").assign(x=pd.array([1, 2, None, 3, 4], "Float64")), "that of the video 'c' has NaN"),
        (LINE.replace({"x": {30: np.inf}}), "that of the video 'e' has NaN, infinity"),
        (LINE * 1e101, "that of the video 'b' has NaN, infinity, or a number beyond 1e"),
        (LINE.rename(index={"e": "a"}), "no two the same; got 'a' twice"),
        (LINE.rename(index={"e": ""}), "none empty; got ''"),
        (LINE[:0], rf"{WANTED}, of at least one video; got shape \(0, 1\)"),
        (LINE[[]], r"got shape \(5, 0\)"),
        (np.zeros((2, 3, 4)), r"got shape \(2, 3, 4\)"),
        (np.zeros(3), r"got shape \(3,\)"),
        ([[1, 2], [3]], "got rows of different lengths"),
        (["a", "b"], "got list of dtype <U1"),
        (None, "got NoneType of dtype object"),
        ({"a": [1, 2]}, "got dict of dtype object"),
    ],
)
def test_what_is_no_embeddings_is_refused(embeddings, message):
    with pytest.raises(ParameterError, match=message):
        cluster_videos(embeddings, 2)
    with pytest.raises(ParameterError, match=message):
        choose_k(embeddings, [2], progress=False)


@pytest.mark.parametrize("n_clusters", [0, -1, 2.0, "3", True, None])
def test_a_number_of_clusters_is_a_whole_number(n_clusters):
    with pytest.raises(ParameterError, match="n_clusters must be a whole number of at least 1"):
        cluster_videos(LINE, n_clusters)


def test_a_seed_is_a_whole_number():
    for seed in (-1, None, 0.5):
        with pytest.raises(ParameterError, match="seed must be a whole number of at least 0"):
            cluster_videos(LINE, 2, seed=seed)


# how many


def test_the_number_there_is_has_the_highest_silhouette():
    vectors, _ = blobs(spread=0.3, k=6)
    table = choose_k(vectors, range(2, 12), progress=False)
    assert table["k"].tolist() == list(range(2, 12))
    assert table["k"][table["silhouette"].argmax()] == 6
    assert table["k"][table["davies_bouldin"].argmin()] == 6
    assert (table["inertia"].diff().dropna() < 0).all()


def test_measures_by_number_are_those_of_the_clusters():
    vectors, _ = blobs()
    for row in choose_k(vectors, [9, 3, 3], seed=4, progress=False).itertuples():
        found = cluster_videos(vectors, row.k, seed=4)
        nearest = found.distances[np.arange(len(vectors)), found.labels]
        np.testing.assert_allclose(row.inertia, (nearest**2).sum())
        np.testing.assert_allclose(row.silhouette, found.silhouette, atol=1e-12)
        assert (row.davies_bouldin, row.calinski_harabasz) == (found.davies_bouldin, found.calinski_harabasz)


def test_numbers_that_are_too_many_are_left_out():
    assert choose_k(LINE, progress=False)["k"].tolist() == [2, 3, 4]
    assert choose_k(np.repeat(LINE.to_numpy(), 3, axis=0), progress=False)["k"].tolist() == [2, 3, 4]


@pytest.mark.parametrize(
    ("ks", "message"),
    [
        ([], "below that of different videos, 5; got none"),
        ([5, 9], r"below that of different videos, 5; got \[5, 9\]"),
        ([1, 2], "each of ks must be a whole number of at least 2; got 1"),
        ([2.5], "each of ks must be a whole number of at least 2; got 2.5"),
        (7, "ks must be numbers of clusters, such as range"),
        ("23", "ks must be numbers of clusters, such as range"),
    ],
)
def test_numbers_of_clusters_must_be_some(ks, message):
    with pytest.raises(ParameterError, match=message):
        choose_k(LINE, ks, progress=False)
