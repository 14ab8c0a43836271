"""Folders of clips, some of them broken or deadly."""

import shutil
from pathlib import Path

import corpus_models
import pytest
from corpus_runs import SIZE
from films import write_film, write_sound

DEADLY = (corpus_models.DEADLY, 48)


@pytest.fixture(scope="module")
def clips(tmp_path_factory):
    """Return a folder of three clips of 24 numbered pictures, one of a single picture, and three that are broken."""
    folder = tmp_path_factory.mktemp("videos")
    for name in ("a", "b", "c"):
        write_film(folder / f"{name}.mp4", 24, size=SIZE)
    write_film(folder / "single.mp4", 1, size=SIZE)
    (folder / "broken.mp4").write_bytes(b"no film" * 1000)
    (folder / "empty.mp4").write_bytes(b"")
    write_sound(folder / "sound.mp4")
    return folder


@pytest.fixture
def videos(clips, tmp_path):
    return Path(shutil.copytree(clips, tmp_path / "videos"))


@pytest.fixture(scope="module")
def deadly_videos(tmp_path_factory):
    """Return a folder of ten clips, of which the third and the eighth are of the deadly size."""
    folder = tmp_path_factory.mktemp("deadly")
    write_film(folder / "0.mp4", 24, size=SIZE)
    write_film(folder / "2.mp4", 12, size=DEADLY)
    for number in (1, 3, 4, 5, 6, 8, 9):
        shutil.copy(folder / "0.mp4", folder / f"{number}.mp4")
    shutil.copy(folder / "2.mp4", folder / "7.mp4")
    return folder
