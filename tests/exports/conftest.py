"""A film and its tables, for the tests of every form."""

import numpy as np
import pytest
from span_tables import FPS

from toolkit import samples
from toolkit.dialogue import find_dialogues
from toolkit.subtitles import read_subtitles


@pytest.fixture(scope="module")
def film():
    return samples.sample_film(0)


@pytest.fixture(scope="module")
def tables(film):
    """Return the tables that the notebooks make of a film."""
    frames = film.shots["end_frame"] - film.shots["start_frame"]
    labels = np.repeat(film.setups, frames)
    dialogues = find_dialogues(labels, inserts=1, max_gap=1000, times=np.arange(len(labels)) / FPS)
    assert len(dialogues) > 2
    setups = film.shots[["start", "end", "start_frame", "end_frame"]].assign(setup=film.setups, close_up=film.close_up)
    subtitles = read_subtitles(film.subtitles)
    return {
        "shots": film.shots,
        "setups": setups,
        "dialogues": dialogues,
        "scenes": film.scenes,
        "subtitles": subtitles,
    }
