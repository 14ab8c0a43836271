"""Films of several files of tests."""

import pytest
from films import write_film


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("films")


@pytest.fixture(scope="module")
def film(folder):
    """Return two seconds at 24 frames a second, a key frame every 12, each picture showing its number."""
    return write_film(folder / "film.mp4", 48, options={"x264-params": "keyint=12:min-keyint=12:scenecut=0"})
