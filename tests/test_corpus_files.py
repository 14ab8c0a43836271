"""What videos are called, and the files that are written of them."""

import json
import os

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from toolkit import DataError, ParameterError, _corpus_files
from toolkit._corpus_files import Errors, find_videos, made_by, read_embeddings, video_ids, write_embeddings

TOLD = {
    "program": _corpus_files.PROGRAM,
    "settings": {"model": "layout", "version": "1", "every": 10, "options": {}},
    "source": {"path": "/films/a.mp4", "size": 1, "changed": 2, "key": "k"},
    "frames": 3,
    "values": 2,
    "warning": "",
}


@pytest.mark.parametrize(
    ("paths", "ids"),
    [
        (["/f/video0.mp4", "/f/video1.mp4"], ["video0", "video1"]),
        (["/f/a/x.mp4", "/f/b/x.mp4", "/f/y.mp4"], ["a/x", "b/x", "y"]),
        (["/a/f/x.mp4", "/b/f/x.mp4"], ["a/f/x", "b/f/x"]),
        (["/f/x.mp4", "/f/x.mkv", "/f/x"], ["x.mp4", "x.mkv", "x"]),
        (["/f/x.mp4", "/f/x.mkv", "/g/x.mp4"], ["x.mp4", "x.mkv", "x"]),
        (["/x.mp4", "/a/x.mp4"], ["x", "a/x"]),
        (["/f/X.mp4", "/g/x.mp4"], ["f/X", "g/x"]),
        (["/f/Dr. No.mp4", "/f/Dr. Mabuse"], ["Dr. No", "Dr. Mabuse"]),
        (["/f/é.mp4", "/g/e\u0301.mp4"], ["f/é", "g/e\u0301"]),
    ],
)
def test_videos_are_called_by_their_names_and_where_two_have_one_by_their_folders(paths, ids):
    assert video_ids(paths) == ids


def test_videos_that_nothing_else_tells_apart_are_numbered_by_their_paths():
    one, other = video_ids(["x.mp4", "../x.mp4"])
    assert one.startswith("x~")
    assert other.startswith("x~")
    assert one != other
    assert video_ids(["../x.mp4", "x.mp4"]) == [other, one]


def test_a_name_that_is_taken_is_not_given_again():
    assert video_ids(["/f/a/x.mp4", "/f/a/y.mp4"], taken=["X"]) == ["a/x", "y"]
    assert video_ids(["/f/a/x.mp4"], taken=["x", "a/x"]) == ["f/a/x"]


@given(st.lists(st.lists(st.sampled_from(["a", "A", "b", "x.mp4", "x.mkv"]), min_size=1, max_size=4), max_size=8))
def test_no_two_videos_have_one_name(parts):
    paths = list(dict.fromkeys("/" + "/".join(part) for part in parts))
    found = video_ids(paths)
    assert len({name.casefold() for name in found}) == len(paths)
    assert not any(".." in name or name.startswith("/") for name in found)
    assert video_ids(paths[::-1]) == found[::-1]


def test_videos_of_a_folder_are_found_in_the_order_of_their_numbers(tmp_path):
    for name in ("video10.mp4", "video2.MKV", "notes.txt", ".hidden.mp4", "sub/video1.webm", ".git/video3.mp4"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    assert [path.relative_to(tmp_path).as_posix() for path in find_videos(tmp_path)] == [
        *("sub/video1.webm", "video2.MKV", "video10.mp4")
    ]


@pytest.mark.parametrize("folder", ["nowhere", None, "a\0b"])
def test_what_is_no_folder_of_videos_is_told(folder):
    with pytest.raises(ParameterError, match="folder must be"):
        find_videos(folder)


def test_a_file_of_embeddings_comes_back(tmp_path):
    vectors = np.arange(6, dtype=np.float32).reshape(3, 2)
    write_embeddings(tmp_path / "a.npz", vectors, [0, 10, 20], [0.0, 0.4, 0.8], TOLD)
    found, told = read_embeddings(tmp_path / "a.npz")
    np.testing.assert_array_equal(found, vectors)
    assert told == TOLD == made_by(tmp_path / "a.npz")


@pytest.mark.parametrize(
    "told", ["no json", "[1]", '{"program": "another"}', '{"program": "' + _corpus_files.PROGRAM + '"}', "[" * 100_000]
)
def test_a_file_that_tells_nothing_is_another_programs(tmp_path, told):
    arrays = {"embeddings": np.zeros((1, 2), np.float32), "frame_indexes": [0], "times": [0.0]}
    np.savez(tmp_path / "a.npz", **arrays, made_by=told)
    assert made_by(tmp_path / "a.npz") is None
    np.savez(tmp_path / "b.npz", **arrays)
    assert read_embeddings(tmp_path / "b.npz") is None


def test_an_array_under_another_name_is_another_programs(tmp_path):
    with open(tmp_path / "a.npz", "wb") as file:
        np.save(file, np.arange(3))
    assert made_by(tmp_path / "a.npz") is None


@pytest.mark.parametrize("kind", ["empty", "text", "cut", "flipped", "objects", "misshapen"])
def test_a_broken_file_is_told(tmp_path, kind):
    path = tmp_path / "a.npz"
    write_embeddings(path, np.ones((300, 2), np.float32), range(300), range(300), TOLD)
    data = path.read_bytes()
    if kind in ("objects", "misshapen"):
        embeddings = np.array([{}]) if kind == "objects" else np.ones(3)
        np.savez(path, embeddings=embeddings, frame_indexes=[0], times=[0.0], made_by=json.dumps(TOLD))
    else:
        flipped = data[:1000] + bytes(255 - byte for byte in data[1000:1010]) + data[1010:]
        path.write_bytes({"empty": b"", "text": b"no arrays", "cut": data[:-100], "flipped": flipped}[kind])
    with pytest.raises(DataError, match=r"a\.npz is broken"):
        read_embeddings(path)


def test_errors_are_those_of_unchanged_files(tmp_path):
    video = tmp_path / "a.mp4"
    video.write_bytes(b"broken")
    errors = Errors(tmp_path)
    errors.add("a", video, 'it is "broken", really', _corpus_files.stamp(video))
    errors.add("gone", tmp_path / "gone.mp4", "it is not there", _corpus_files.stamp(tmp_path / "gone.mp4"))
    errors.write()
    again = Errors(tmp_path)
    assert again.of(video) == 'it is "broken", really'
    assert again.of(tmp_path / "gone.mp4") == "it is not there"
    assert again.of(tmp_path / "b.mp4") is None
    os.utime(video, (0, 0))
    assert again.of(video) is None
    again.drop(video)
    again.drop(tmp_path / "gone.mp4")
    again.write()
    assert os.listdir(tmp_path) == ["a.mp4"]


@pytest.mark.parametrize("text", [b"", b"\xff\xfe\0", b"video_id,video\na,b\n", b'a,"b\n', b"\0"])
def test_a_damaged_file_of_errors_tells_nothing(tmp_path, text):
    (tmp_path / "errors.csv").write_bytes(text)
    assert Errors(tmp_path).rows == {}
