"""Clusters of videos: k-means, the measures against scikit-learn's, what cannot be clustered, the file of them."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn import metrics

from toolkit import DataError, ParameterError
from toolkit.clustering import VideoClusters, choose_k, cluster_videos, measures, read_mapping, write_mapping

# two pairs and one alone, on a line: the clusters are plain
LINE = pd.DataFrame({"x": [0.0, 10, 1, 11, 30]}, index=["a", "b", "c", "d", "e"])


def blobs(n=200, k=5, d=12, spread=0.5, seed=0):
    """Return vectors about k middles, and the middle of each."""
    rng = np.random.default_rng(seed)
    kinds = rng.integers(k, size=n)
    return rng.normal(size=(k, d))[kinds] + spread * rng.normal(size=(n, d)), kinds


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


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("far", [0, 1000])
def test_measures_are_scikit_learns(dtype, far):
    vectors = (blobs()[0] + far).astype(dtype)
    found = cluster_videos(vectors, 7)
    exact = vectors.astype(np.float64)
    assert found.silhouette == pytest.approx(metrics.silhouette_score(exact, found.labels), abs=1e-9)
    np.testing.assert_allclose(found.video_silhouettes, metrics.silhouette_samples(exact, found.labels), atol=1e-9)
    assert found.davies_bouldin == pytest.approx(metrics.davies_bouldin_score(exact, found.labels))
    assert found.calinski_harabasz == pytest.approx(metrics.calinski_harabasz_score(exact, found.labels))
    for k in range(7):
        np.testing.assert_allclose(found.centers[k], exact[found.labels == k].mean(axis=0))
        np.testing.assert_allclose(found.distances[:, k], np.linalg.norm(exact - found.centers[k], axis=1))


def test_silhouettes_are_the_same_in_blocks_of_any_size(monkeypatch):
    vectors, _ = blobs()
    whole = cluster_videos(vectors, 4).video_silhouettes
    monkeypatch.setattr(measures, "BLOCK", 7 * len(vectors))
    np.testing.assert_allclose(cluster_videos(vectors, 4).video_silhouettes, whole, atol=1e-12)


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


def test_one_cluster_has_no_measures():
    found = cluster_videos(LINE, 1)
    assert found.labels.tolist() == [0] * 5
    assert np.isnan([found.silhouette, found.davies_bouldin, found.calinski_harabasz]).all()
    assert np.isnan(found.cluster_silhouettes).all()
    np.testing.assert_allclose(found.distances[:, 0], [10.4, 0.4, 9.4, 0.6, 19.6])


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


# the file

NAMES = ["007", "NA", 'a "b", c', "süß\n2", " spaced ", "=1+1", "a\rb", "7.0"]


@pytest.fixture
def named():
    table = pd.DataFrame({"x": np.arange(len(NAMES)) // 3}, index=NAMES)
    return cluster_videos(table, 3)


def test_a_mapping_comes_back_whatever_videos_are_called(named, tmp_path):
    path = write_mapping(tmp_path, named)
    assert path == tmp_path / "video_cluster_mapping.csv"
    table = read_mapping(path)
    assert table.columns.tolist() == ["video_id", "cluster_id"]
    assert table["video_id"].tolist() == NAMES
    assert table["cluster_id"].tolist() == named.labels.tolist()
    assert table["cluster_id"].dtype == np.int64
    assert read_mapping(tmp_path).equals(table)


def test_a_mapping_is_a_plain_table(tmp_path):
    path = write_mapping(str(tmp_path / "mine.csv"), cluster_videos(LINE, 3))
    assert path.read_text(encoding="utf-8").splitlines() == ["video_id,cluster_id", "a,0", "b,1", "c,0", "d,1", "e,2"]


def test_names_that_are_no_unicode_are_escaped(tmp_path):
    ids = pd.Index(["x\udcff", "y\ud800", "süß"], dtype=object)
    path = write_mapping(tmp_path, cluster_videos(pd.DataFrame({"x": [0, 1, 2]}, index=ids), 1))
    assert path.read_text(encoding="utf-8").splitlines()[1:] == ["x\\udcff,0", "y\\ud800,0", "süß,0"]
    assert read_mapping(path)["video_id"].tolist() == ["x\\udcff", "y\\ud800", "süß"]


def test_a_mapping_saved_by_another_program_is_read(tmp_path):
    path = tmp_path / "theirs.csv"
    path.write_bytes('\ufeffcluster_id,note,video_id\n 3 ,x,vidéo\n0,"a,b",NA\n'.encode())
    assert read_mapping(path).to_dict("list") == {"video_id": ["vidéo", "NA"], "cluster_id": [3, 0]}


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "it is no CSV in UTF-8"),
        (b"video_id,cluster_id\n\xff,1\n", "it is no CSV in UTF-8"),
        (b"video,cluster_id\na,1\n", "must have the columns video_id and cluster_id; got video, cluster_id"),
        (b"video_id,cluster_id\na,1\nb,\n", "must have whole numbers as cluster_id; got ''"),
        (b"video_id,cluster_id\na,1.5\n", "must have whole numbers as cluster_id; got '1.5'"),
        (b"video_id,cluster_id\na,-1\n", "must have whole numbers as cluster_id; got '-1'"),
        (b"video_id,cluster_id\nv1,1,9\n", "must have a value for each column in each row; got a row with more"),
        (b"video_id,cluster_id\nv1,1,9\nv2,2\n", "got a row with more"),
        (b"video_id,cluster_id\na,1\na,2\n", "no two the same; got 'a' twice"),
        (b"video_id,cluster_id\na,1,2,3\nb\n", "got a row with more"),
    ],
)
def test_what_is_no_mapping_is_refused(tmp_path, content, message):
    path = tmp_path / "file.csv"
    path.write_bytes(content)
    with pytest.raises(DataError, match=message):
        read_mapping(path)


def test_a_mapping_that_is_not_there_is_told(tmp_path):
    with pytest.raises(DataError, match="cannot read the clusters of videos in .*No such file"):
        read_mapping(tmp_path / "none.csv")
    with pytest.raises(DataError, match="cannot read the clusters of videos in .*name too long"):
        read_mapping(tmp_path / f"{'x' * 300}.csv")
    with pytest.raises(DataError, match="cannot read the clusters of videos in"):
        read_mapping(tmp_path / "a\0.csv")


def test_a_mapping_is_written_to_a_csv_file_that_can_be(tmp_path):
    found = cluster_videos(LINE, 2)
    with pytest.raises(ParameterError, match="or of a folder that exists; got"):
        write_mapping(tmp_path / "none", found)
    with pytest.raises(ParameterError, match="create it first"):
        write_mapping(tmp_path / "none" / "x.csv", found)
    with pytest.raises(ParameterError, match=r"path must be that of a .csv file, or of a folder for it; got 7"):
        write_mapping(7, found)
    with pytest.raises(ParameterError, match="clusters must be VideoClusters, of cluster_videos; got DataFrame"):
        write_mapping(tmp_path, LINE)
    with pytest.raises(ParameterError, match="cannot write .*name too long"):
        write_mapping(tmp_path / f"{'x' * 300}.csv", found)
    with pytest.raises(ParameterError, match="path must be that of a .csv file, without NUL in it; got"):
        write_mapping(tmp_path / "a\0.csv", found)
    assert list(tmp_path.iterdir()) == []


# the record


def given_clusters(**changed):
    return VideoClusters(
        **{
            "video_ids": ("a", "b"),
            "labels": [1, 0],
            "centers": [[1, 2], [3, 4], [5, 6]],
            "distances": [[1, 0, 2], [0, 1, 2]],
            **changed,
        }
    )


def test_clusters_made_otherwise_have_measures_that_are_not_known():
    found = given_clusters()
    assert found.video_ids == ["a", "b"]
    assert (found.labels.dtype, found.centers.dtype, found.distances.dtype) == (np.int64, np.float64, np.float64)
    assert found.n_clusters == 3
    assert found.sizes.tolist() == [1, 1, 0]
    assert np.isnan(found.silhouette)
    assert np.isnan(found.cluster_silhouettes).tolist() == [True] * 3
    assert np.isnan(found.video_silhouettes).tolist() == [True] * 2
    assert repr(cluster_videos(LINE, 3)) == "VideoClusters(5 videos in 3 clusters, silhouette 0.720)"


def test_members_are_the_nearest_first():
    found = cluster_videos(pd.DataFrame({"x": [0.0, 4, 5, 50, 51, 57, 51]}), 2)
    assert found.members(0).tolist() == [4, 6, 3, 5]
    assert found.members(1).tolist() == [1, 2, 0]
    assert given_clusters().members(2).tolist() == []
    with pytest.raises(ParameterError, match="cluster must be below 2, the number of clusters; got 2"):
        found.members(2)
    with pytest.raises(ParameterError, match="cluster must be a whole number"):
        found.members(-1)


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"video_ids": "ab"}, "video_ids must be texts, one for each video; got str"),
        ({"video_ids": ["a", 2]}, "none empty; got 2"),
        ({"video_ids": ["a", "a"]}, "no two the same; got 'a' twice"),
        ({"labels": [0]}, "labels must be whole numbers, one for each of the 2 videos"),
        ({"labels": [0, 3]}, "labels must be from 0 to 2, one of the 3 centres; got 0 to 3"),
        ({"labels": [-1, 0]}, "got -1 to 0"),
        ({"centers": [1, 2, 3]}, r"centers must be finite numbers, \(k, d\), a centre a cluster; got shape \(3,\)"),
        ({"centers": [[np.nan]]}, "centers must be finite numbers.*; got NaN or infinity"),
        ({"distances": [[1, 0], [0, 1]]}, r"distances must be \(2, 3\).*; got shape \(2, 2\)"),
        ({"distances": [[1, 0, -1], [0, 1, 2]]}, "from 0; got shape .* from -1"),
        ({"silhouette": "high"}, "silhouette must be a number"),
        ({"davies_bouldin": [1.0]}, r"davies_bouldin must be a number; got shape \(1,\)"),
        ({"cluster_silhouettes": [0.5]}, r"cluster_silhouettes must be \(3,\), one a cluster; got shape \(1,\)"),
        ({"video_silhouettes": [[0.5]]}, r"video_silhouettes must be numbers; got shape \(1, 1\)"),
    ],
)
def test_parts_of_clusters_must_fit(changed, message):
    with pytest.raises(ParameterError, match=message):
        given_clusters(**changed)
