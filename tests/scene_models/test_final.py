import dataclasses

import numpy as np
import pytest
from scene_movies import QUIET, SMALL, noisy_movie

from toolkit import ParameterError, scene_models, scenes
from toolkit.scene_models import batches

# keras's conversion of a torch tensor to an array, which numpy wants otherwise
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")


@pytest.fixture(scope="module")
def movies():
    return [noisy_movie(f"movie {number}") for number in range(8)]


@pytest.fixture(autouse=True)
def _few_batches(monkeypatch):
    """Keep training short where nothing need be learned."""
    monkeypatch.setattr(batches, "MIN_BATCHES", 2)


def test_refit_trains_on_all_and_writes_every_prediction(movies, tmp_path):
    for movie in movies[:2]:
        scenes.write_movie(movie, tmp_path / f"{movie.imdb_id}.npz")
    stored = scenes.load_movies(tmp_path)
    model = scene_models.build_wavenet(stored, **SMALL)
    model, told = scene_models.refit(model, stored, epochs=2, **QUIET)
    assert len(model.history.history["loss"]) == 2
    for movie, again in zip(told, scenes.load_movies(tmp_path), strict=True):
        assert np.array_equal(movie.predictions, again.predictions)
        assert np.array_equal(movie.predictions, scene_models.predict(model, [movie], **QUIET)[0])


def test_refit_writes_into_a_folder_or_nothing(movies, tmp_path):
    model = scene_models.build_wavenet(movies, **SMALL)
    _, told = scene_models.refit(model, movies[:1], epochs=1, folder=tmp_path, **QUIET)
    assert told[0].path == tmp_path / "movie 0.npz"
    _, told = scene_models.refit(model, movies[:1], epochs=1, write=False, **QUIET)
    assert told[0].path is None
    assert len(told[0].predictions) == 149


def test_refit_says_before_it_trains_that_it_cannot_write(movies, tmp_path):
    model = scene_models.build_wavenet(movies, **SMALL)
    with pytest.raises(ParameterError, match="comes from no file: name a folder"):
        scene_models.refit(model, movies, **QUIET)
    with pytest.raises(ParameterError, match="folder must be a folder"):
        scene_models.refit(model, movies, folder=tmp_path / "none", **QUIET)
    with pytest.raises(ParameterError, match="takes no validation"):
        scene_models.refit(model, movies, folder=tmp_path, validation=0.3, **QUIET)


def test_refit_writes_no_two_movies_into_one_file(movies, tmp_path):
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        scenes.write_movie(movies[0], tmp_path / name / "movie.npz")
    stored = [*scenes.load_movies(tmp_path / "a"), *scenes.load_movies(tmp_path / "b")]
    with pytest.raises(ParameterError, match="'movie 0' and 'movie 0' would both be written into"):
        scene_models.refit(None, stored, folder=tmp_path, **QUIET)
    with pytest.raises(ParameterError, match="would both be written into"):
        scene_models.refit(None, [movies[0], movies[0]], folder=tmp_path, **QUIET)


@pytest.mark.parametrize("imdb_id", ["../esc", "/abs/x", "a\\b", "a\0b", "long" * 60])
def test_refit_writes_nothing_outside_its_folder(imdb_id, movies, tmp_path):
    with pytest.raises(ParameterError, match="its imdb_id cannot be a file's name"):
        scene_models.refit(None, [dataclasses.replace(movies[0], imdb_id=imdb_id)], folder=tmp_path, **QUIET)
