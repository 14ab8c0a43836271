"""Frames with and without faces, and the data folder."""

import numpy as np
import pytest
from found_faces import face_scale

from toolkit import samples, video


@pytest.fixture(scope="module")
def film():
    """Return the frame in the middle of each shot of a sample film, and whether it is a medium close-up."""
    film = samples.sample_film(0)
    times = (film.shots["start"] + film.shots["end"]) / 2
    return video.read_frames(film.path, times=times.to_numpy(), size=320, progress=False), film.close_up


@pytest.fixture(scope="module")
def scales(film):
    return face_scale(film[0])


@pytest.fixture(scope="module")
def few(film, scales):
    """Return six frames, close-ups first, and their scales."""
    order = np.concatenate([np.flatnonzero(film[1])[:3], np.flatnonzero(~film[1])[:3]])
    return film[0].images[order], scales[order]


@pytest.fixture
def data(tmp_path, monkeypatch):
    """Give the toolkit an empty data folder."""
    monkeypatch.setenv("TOOLKIT_DATA", str(tmp_path / "data"))
    return tmp_path / "data"
