"""Which video is in which cluster, in a file."""

import numpy as np
import pandas as pd
import pytest
from clustered import LINE

from toolkit import DataError, ParameterError
from toolkit.clustering import cluster_videos, read_mapping, write_mapping

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
    with pytest.raises(
        ParameterError, match="clusters must be VideoClusters, of clustering.cluster_videos; got DataFrame"
    ):
        write_mapping(tmp_path, LINE)
    with pytest.raises(ParameterError, match="cannot write .*name too long"):
        write_mapping(tmp_path / f"{'x' * 300}.csv", found)
    with pytest.raises(ParameterError, match="path must be that of a .csv file, without NUL in it; got"):
        write_mapping(tmp_path / "a\0.csv", found)
    assert list(tmp_path.iterdir()) == []
