"""One vector a video, of what was embedded."""

import json

import numpy as np
import pytest

from toolkit import DataError, ParameterError, corpus
from toolkit.corpus import files

SETTINGS = {"model": "layout", "version": "1", "every": 10, "options": {}}
BY_HAND = np.array([[0, 4], [2, 0], [7, 2]], np.float32)


def write(path, vectors, video_id=None, **settings):
    vectors = np.asarray(vectors, np.float32)
    told = {"program": files.PROGRAM, "settings": SETTINGS | settings, "warning": ""}
    told |= {"source": {"path": f"/films/{path.stem}.mp4"}, "frames": len(vectors), "values": vectors.shape[1]}
    told["video_id"] = video_id or path.stem
    path.parent.mkdir(exist_ok=True)
    files.write_embeddings(path, vectors, range(len(vectors)), range(len(vectors)), told)


@pytest.fixture
def folder(tmp_path):
    write(tmp_path / "video10.npz", BY_HAND)
    write(tmp_path / "video2.npz", [[1, 5]])
    (tmp_path / "errors.csv").write_text("not read\n")
    return tmp_path


@pytest.mark.parametrize(
    ("aggregate", "of_three", "of_one"),
    [
        ("mean", [3, 2], [1, 5]),
        ("max", [7, 4], [1, 5]),
        ("median", [2, 2], [1, 5]),
        ("std", [np.sqrt(26 / 3), np.sqrt(8 / 3)], [0, 0]),
        ("mean+std", [3, 2, np.sqrt(26 / 3), np.sqrt(8 / 3)], [1, 5, 0, 0]),
        (lambda vectors: vectors[-1], [7, 2], [1, 5]),
        (lambda vectors: [vectors.sum()], [15], [6]),
    ],
)
def test_a_video_is_one_vector(folder, aggregate, of_three, of_one):
    table = corpus.load_embeddings(folder, aggregate)
    assert table.index.name == "video_id"
    assert table.index.tolist() == ["video2", "video10"]
    assert set(table.dtypes) == {np.dtype(np.float32)}
    np.testing.assert_allclose(table.loc["video10"], of_three, rtol=1e-6)
    np.testing.assert_array_equal(table.loc["video2"], of_one)


def test_a_mean_of_many_frames_is_exact(tmp_path):
    write(tmp_path / "a.npz", np.full((100_000, 1), 0.1))
    assert corpus.load_embeddings(tmp_path).iloc[0, 0] == np.float32(0.1)


def test_files_that_are_broken_or_anothers_are_left_out_with_a_warning(folder):
    (folder / "half.npz").write_bytes((folder / "video10.npz").read_bytes()[:500])
    np.savez(folder / "mine.npz", a=np.arange(3))
    (folder / ".video3.abcdefgh.partial.npz").write_bytes(b"being written")
    told = r"2 of the \.npz files were left out: .*half\.npz is broken, half written.*mine\.npz is no file of"
    with pytest.warns(UserWarning, match=told):
        assert corpus.load_embeddings(folder).index.tolist() == ["video2", "video10"]
    with pytest.warns(UserWarning, match=told):
        assert corpus.embedded_videos(folder)["video_id"].tolist() == ["video2", "video10"]


def test_files_of_another_folder_and_those_that_are_not_what_they_were_are_left_out(folder):
    write(folder / "layout" / "video1.npz", [[1, 2]])
    write(folder / "renamed.npz", [[1, 2]], "video7")
    crafted = {"program": files.PROGRAM, "settings": 5, "source": {}, "frames": 1, "values": 2, "warning": ""}
    files.write_embeddings(folder / "video8.npz", np.ones((1, 2), np.float32), [0], [0], crafted)
    (folder / "video9.npz").symlink_to(folder / "nowhere.npz")
    told = (
        r"4 of .* left out: .*layout/video1\.npz was written to another folder, or as video1\.npz; "
        r".*renamed\.npz was written to another folder, or as video7\.npz; .*video8\.npz is no file of .*; and 1 more"
    )
    with pytest.warns(UserWarning, match=told):
        assert corpus.load_embeddings(folder).index.tolist() == ["video2", "video10"]
    with pytest.warns(UserWarning, match=told):
        assert corpus.embedded_videos(folder)["video_id"].tolist() == ["video2", "video10"]
    assert corpus.load_embeddings(folder / "layout").index.tolist() == ["video1"]


def test_what_is_damaged_is_listed_nowhere(folder):
    data = bytearray((folder / "video2.npz").read_bytes())
    at = data.index(np.float32([1, 5]).tobytes())
    data[at : at + 8] = bytes(8)
    (folder / "video2.npz").write_bytes(data)
    for read in (corpus.embedded_videos, corpus.load_embeddings):
        with pytest.warns(UserWarning, match=r"1 of the .*video2\.npz is broken"):
            assert len(read(folder)) == 1


def test_of_many_broken_files_some_are_named(folder):
    for number in range(9):
        (folder / f"half{number}.npz").write_bytes(b"")
    with pytest.warns(UserWarning, match=r"9 of the \.npz files .*half2.*; and 6 more"):
        corpus.load_embeddings(folder)


@pytest.mark.parametrize(
    ("vectors", "settings", "told"),
    [
        ([[1, 2, 3]], {}, "2 values of layout, every=10 in video2.npz and 3 values of layout, every=10 in video11.npz"),
        ([[1, 2]], {"model": "clip"}, "and 2 values of clip, every=10 in video11.npz"),
        ([[1, 2]], {"options": {"crop": True}}, "and 2 values of layout, crop=True, every=10 in video11.npz"),
        ([[1, 2]], {"every": 5}, "and 2 values of layout, every=5 in video11.npz"),
    ],
)
def test_a_folder_holds_embeddings_of_one_kind(folder, vectors, settings, told):
    write(folder / "video11.npz", vectors, **settings)
    with pytest.raises(DataError, match=f"must hold embeddings of one kind; got .*{told}"):
        corpus.load_embeddings(folder)


def test_a_list_tells_what_was_embedded(folder):
    write(folder / "sub" / "video2.npz", [[1, 2], [3, 4]], "sub/video2")
    table = corpus.embedded_videos(folder).set_index("video_id")
    assert table.index.tolist() == ["sub/video2", "video2", "video10"]
    assert table["frames"].tolist() == [2, 1, 3]
    assert table["values"].tolist() == [2, 2, 2]
    assert table["video"]["video10"] == "/films/video10.mp4"
    assert table["file"]["sub/video2"] == str(folder / "sub" / "video2.npz")
    assert set(table["model"]) == {"layout"}


@pytest.mark.parametrize(
    ("aggregate", "message"),
    [
        ("sum", "aggregate must be one of 'mean', 'max', 'median', 'std', 'mean\\+std'; got 'sum'"),
        (
            lambda vectors: vectors,
            r"aggregate must return a vector of finite numbers .*for embeddings of shape \(1, 2\)",
        ),
        (lambda vectors: vectors.mean(), "aggregate must return a vector of finite numbers"),
        (lambda vectors: [np.nan], "aggregate must return a vector of finite numbers"),
        (lambda vectors: [1e300], r"aggregate must return a vector of finite numbers \(float32\)"),
        (lambda vectors: vectors.ravel(), "aggregate must return vectors of one length; got 2 values first and 6 for"),
    ],
)
def test_a_wrong_aggregate_is_told(folder, aggregate, message):
    with pytest.raises(ParameterError, match=message):
        corpus.load_embeddings(folder, aggregate)


def test_a_folder_without_embeddings_is_told(tmp_path):
    with pytest.raises(ParameterError, match="holds no embeddings; expected files that corpus.embed_videos wrote"):
        corpus.load_embeddings(tmp_path)
    with pytest.raises(ParameterError, match="folder must be one that corpus.embed_videos wrote to; got None"):
        corpus.load_embeddings(None)
    assert len(corpus.embedded_videos(tmp_path)) == 0


def test_made_by_is_json(folder):
    with np.load(folder / "video2.npz") as archive:
        assert json.loads(str(archive["made_by"]))["settings"] == SETTINGS
