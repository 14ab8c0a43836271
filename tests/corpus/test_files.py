"""What videos are called, and the files that are written of them."""

import json
import os
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from toolkit import DataError, ParameterError
from toolkit.corpus import files, find_videos, video_ids
from toolkit.corpus.files import embedding_files, paths_by_id, read_embeddings, write_embeddings
from toolkit.corpus.results import Errors

TOLD = {
    "program": files.PROGRAM,
    "settings": {"model": "layout", "version": "1", "every": 10, "options": {}},
    "source": {"path": "/films/a.mp4", "size": 1, "changed": 2, "key": "k"},
    "frames": 3,
    "values": 2,
    "warning": "",
    "video_id": "a",
}


def read_settings(path):
    return read_embeddings(path, vectors=False)


HEADER = b"video_id,video,error,size,changed\n"


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
        (["/f/é.mp4", "/g/e\u0301.mp4"], ["f/é", "g/é"]),
        (["/f/Ka\u0308se.mp4", "/e\u0301/x.mp4", "/b/x.mp4"], ["Käse", "é/x", "b/x"]),
        (["/f/.x.mp4", "/f/..mp4", "/.a/y.mp4", "/b/y.mp4"], ["_x", "_", "_a/y", "b/y"]),
        (["/f/x.mp4", "/f/x.mp4"], ["x", "x"]),
    ],
)
def test_videos_are_called_by_their_names_and_where_two_have_one_by_their_folders(paths, ids):
    assert video_ids(paths) == ids


def test_videos_that_nothing_else_tells_apart_are_numbered_by_their_paths():
    assert len(set(video_ids(["/f/.x.mp4", "/f/_x.mp4"]))) == 2
    one, other = video_ids(["x.mp4", "../x.mp4"])
    assert one.startswith("x~")
    assert other.startswith("x~")
    assert one != other
    assert video_ids(["../x.mp4", "x.mp4"]) == [other, one]


def test_names_that_are_too_long_for_a_file_are_cut_and_told_apart(tmp_path):
    paths = [f"/f/{'y' * 252}.ts", f"/f/{'x' * 250}.mp4", f"/f/{'x' * 250}.mkv", f"/f/{'ü' * 126}.mp4"]
    same = [f"/f/{'z' * 246}.mp4", f"/g/{'z' * 246}.mp4", "/g/ok.mp4"]
    found = video_ids(paths + same)
    assert len(set(found)) == 7
    for video_id in found:
        file = tmp_path / f"{video_id}.npz"
        file.parent.mkdir(exist_ok=True)
        file.touch()
    assert found[0].startswith("y" * 200)
    assert found[-3:] == [f"f/{'z' * 246}", f"g/{'z' * 246}", "ok"]
    assert video_ids(paths) == found[:4]


@pytest.mark.parametrize("paths", ["ab", b"ab", [5], None, 5])
def test_what_is_no_paths_has_no_names(paths):
    with pytest.raises(ParameterError, match="paths must be the paths of videos; got"):
        video_ids(paths)


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


def test_digits_that_are_no_numbers_do_no_harm(tmp_path):
    for name in ("1²3.mp4", "12.mp4"):
        (tmp_path / name).touch()
    assert [path.name for path in find_videos(tmp_path)] == ["1²3.mp4", "12.mp4"]


# the empty text, as of a variable in a shell that is not set, is not the current folder
@pytest.mark.parametrize("folder", ["nowhere", None, "a\0b", ""])
def test_what_is_no_folder_of_videos_is_told(folder):
    with pytest.raises(ParameterError, match="folder must be"):
        find_videos(folder)


def test_a_file_of_embeddings_comes_back(tmp_path):
    vectors = np.arange(6, dtype=np.float32).reshape(3, 2)
    write_embeddings(tmp_path / "a.npz", vectors, [0, 10, 20], [0.0, 0.4, 0.8], TOLD)
    told, found = read_embeddings(tmp_path / "a.npz")
    np.testing.assert_array_equal(found, vectors)
    assert told == TOLD
    assert read_settings(tmp_path / "a.npz") == (TOLD, None)


@pytest.mark.parametrize(
    "change",
    [
        {"settings": 5},
        {"settings": {"model": "layout"}},
        {"settings": TOLD["settings"] | {"options": 5}},
        {"source": 5},
        {"source": {}},
        {"frames": "3"},
        {"warning": None},
    ],
)
def test_a_file_that_tells_something_else_is_another_programs(tmp_path, change):
    write_embeddings(tmp_path / "a.npz", np.ones((1, 2), np.float32), [0], [0.0], TOLD | change)
    assert read_settings(tmp_path / "a.npz") is None


def test_files_are_known_by_composed_names(tmp_path):
    (tmp_path / "Ka\u0308se.npz").touch()
    assert list(embedding_files(tmp_path)) == ["Käse"]


@pytest.mark.parametrize("place", [0, 1, 2])
def test_a_file_of_which_a_part_is_damaged_is_told(tmp_path, place):
    path = tmp_path / "a.npz"
    write_embeddings(path, np.ones((300, 2), np.float32), range(300), range(300), TOLD)
    data = bytearray(path.read_bytes())
    start = (500, 3500, 6000)[place]
    data[start : start + 50] = bytes(50) if place else b"\1" * 50
    path.write_bytes(data)
    with pytest.raises(DataError, match=r"a\.npz is broken: .* in it is damaged"):
        read_settings(path)


@pytest.mark.parametrize(
    "told", ["no json", "[1]", '{"program": "another"}', '{"program": "' + files.PROGRAM + '"}', "[" * 100_000]
)
def test_a_file_that_tells_nothing_is_another_programs(tmp_path, told):
    arrays = {"embeddings": np.zeros((1, 2), np.float32), "frame_indexes": [0], "times": [0.0]}
    np.savez(tmp_path / "a.npz", **arrays, made_by=told)
    assert read_settings(tmp_path / "a.npz") is None
    np.savez(tmp_path / "b.npz", **arrays)
    assert read_embeddings(tmp_path / "b.npz") is None


def test_an_array_under_another_name_is_another_programs(tmp_path):
    with open(tmp_path / "a.npz", "wb") as file:
        np.save(file, np.arange(3))
    assert read_settings(tmp_path / "a.npz") is None


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


def test_a_link_to_nowhere_is_a_broken_file(tmp_path):
    (tmp_path / "a.npz").symlink_to(tmp_path / "nowhere")
    for read in (read_settings, read_embeddings):
        with pytest.raises(DataError, match=r"a\.npz is broken, half written, or no \.npz: .*No such file"):
            read(tmp_path / "a.npz")


TABLE = pd.DataFrame({"video_id": ["a", "b"], "video": ["/f/a.mp4", "/f/b.mp4"], "status": "kept"})


@pytest.mark.parametrize(
    "videos",
    [
        TABLE,
        TABLE.set_index("video_id"),
        TABLE.set_index("video_id")["video"],
        {"a": "/f/a.mp4", "b": Path("/f/b.mp4")},
    ],
)
def test_paths_by_id_come_in_many_forms(videos):
    assert paths_by_id("videos", videos) == {"a": "/f/a.mp4", "b": "/f/b.mp4"}


@pytest.mark.parametrize(
    ("videos", "message"),
    [
        (["/f/a.mp4"], "videos must tell each video's path by its video_id: .*; got list"),
        (TABLE["video"], "none empty; got 0"),
        (TABLE[["video_id"]], "with the column video; got "),
        ({"a": 5}, "got 5 for a path"),
        ({"a": ""}, "got '' for a path"),
        (pd.concat([TABLE, TABLE]), "no two the same; got 'a' twice"),
    ],
)
def test_what_tells_no_paths_by_id_is_refused(videos, message):
    with pytest.raises(ParameterError, match=message):
        paths_by_id("videos", videos)


def test_errors_are_those_of_unchanged_files(tmp_path):
    video = tmp_path / "a.mp4"
    video.write_bytes(b"broken")
    errors = Errors(tmp_path)
    errors.add("a", video, 'it is "broken", really', files.stamp(video))
    errors.add("gone", tmp_path / "gone.mp4", "it is not there", files.stamp(tmp_path / "gone.mp4"))
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


@pytest.mark.parametrize("text", [b"", HEADER, HEADER + b"\xff\xfe\0", HEADER + b'a,"b\n', HEADER + b"a,b\n"])
def test_a_damaged_file_of_errors_tells_nothing(tmp_path, text):
    (tmp_path / "errors.csv").write_bytes(text)
    assert Errors(tmp_path).rows == {}


@pytest.mark.parametrize("text", [b"my;own;data\n1;2;3\n", b"video_id,video\na,b\n", b"\0"])
def test_another_programs_file_of_errors_is_refused(tmp_path, text):
    (tmp_path / "errors.csv").write_bytes(text)
    with pytest.raises(ParameterError, match=r"errors\.csv was not written by embed_videos; choose another folder"):
        Errors(tmp_path)
    (tmp_path / "errors.csv").unlink()
    (tmp_path / "errors.csv").mkdir()
    with pytest.raises(ParameterError, match=r"errors\.csv cannot be read: .*; move it away"):
        Errors(tmp_path)
