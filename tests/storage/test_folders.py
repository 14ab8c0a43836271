"""The data folder: where it is, and what happens if it cannot be written."""

import errno
from pathlib import Path

import pytest

from toolkit import ParameterError, storage
from toolkit.storage import files


def test_the_data_folder_is_where_the_variable_says(tmp_path, monkeypatch):
    monkeypatch.setenv("TOOLKIT_DATA", str(tmp_path / "here"))
    assert storage.data_folder() == tmp_path / "here"
    assert (tmp_path / "here").is_dir()


def test_a_relative_data_folder_is_the_same_from_everywhere(tmp_path, monkeypatch):
    checkout = Path(files.__file__).parents[2]
    monkeypatch.setenv("TOOLKIT_DATA", "data")
    monkeypatch.chdir(tmp_path)
    assert storage.data_folder() == checkout / "data"
    assert not (tmp_path / "data").exists()


def test_a_data_folder_that_cannot_be_written_is_told_with_what_to_do(tmp_path, monkeypatch):
    (tmp_path / "file").touch()
    monkeypatch.setenv("TOOLKIT_DATA", str(tmp_path / "file" / "data"))
    with pytest.raises(ParameterError, match=r"file.data cannot be written: Not a directory\. .* TOOLKIT_DATA"):
        storage.data_folder()

    def make(folder):
        raise OSError(errno.ENOSPC, "No space left on device")

    with pytest.raises(ParameterError, match=r"sample cannot be written: No space left on device\. Free the disk"):
        storage.load_or_make(tmp_path / "sample", lambda: None, make)
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


@pytest.mark.parametrize("place", ["link", "broken link", "file", "folder"])
def test_whatever_is_in_the_place_of_a_folder_is_replaced(tmp_path, place):
    folder, other = tmp_path / "sample", tmp_path / "other"
    if place.endswith("link"):
        folder.symlink_to(other)
    if place == "file":
        folder.touch()
    if place == "folder":
        (folder / "old").mkdir(parents=True)
    if place == "link":
        (other / "old").mkdir(parents=True)
    load = lambda: (folder / "made").is_file() or None  # noqa: E731
    assert storage.load_or_make(folder, load, lambda made: (made / "made").touch())
    assert [path.name for path in folder.iterdir()] == ["made"]
    assert {path.name for path in tmp_path.iterdir()} == {"sample"} | ({"other"} if place == "link" else set())
    assert place != "link" or (other / "old").is_dir()
