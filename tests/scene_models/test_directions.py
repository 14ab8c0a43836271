import numpy as np
import pytest

from toolkit.records import Movie
from toolkit.scene_models import build_wavenet
from toolkit.scene_models import directions as scene_directions

# keras's conversion of a torch tensor to an array, which numpy wants otherwise
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")


def _movies(n=6, d=5, informative=2, seed=0):
    """Return movies whose scenes differ in one column alone, which is not the one of most spread."""
    rng = np.random.default_rng(seed)
    found = []
    for number in range(n):
        boundaries = np.zeros(99, bool)
        boundaries[9::10] = True
        scene = np.concatenate([[0], np.cumsum(boundaries)])
        values = rng.normal(size=(100, d)) * np.linspace(5, 1, d)
        values[:, informative] = 4 * rng.normal(size=10)[scene] + rng.normal(size=100)
        found.append(Movie(f"movie {number}", {"place": values.astype(np.float32)}, boundaries))
    return found


def test_projections_begin_with_what_tells_scenes_apart():
    directions, centre = scene_directions.discriminant(_movies(), "place", 0)
    scaled = np.abs(directions[:, 0]) * np.linspace(5, 1, 5)
    assert scaled.argmax() == 2
    assert centre.shape == (5,)


def test_the_spread_within_scenes_becomes_1():
    movies = _movies()
    directions, _ = scene_directions.discriminant(movies, "place", 0)
    rest = np.concatenate(
        [
            values - np.repeat(values.reshape(10, 10, -1).mean(axis=1), 10, axis=0)
            for values in (movie.features["place"] @ directions[:, :1] for movie in movies)
        ]
    )
    # a tenth of the spread is taken as the same in all directions
    assert 0.5 < np.sqrt((rest**2).mean()) < 1.1


def test_projections_of_many_columns_find_the_same():
    movies = _movies(d=400, informative=399)
    directions, _ = scene_directions.discriminant(movies, "place", 0)
    assert directions.shape == (400, scene_directions.MAX_DIRECTIONS)
    assert np.abs(directions[:, 0]).argmax() == 399


def test_projections_of_nothing_are_left_to_chance():
    movies = [Movie("still", {"place": np.ones((20, 3), np.float32)}, np.arange(19) == 9)]
    assert scene_directions.discriminant(movies, "place", 0) == (None, None)
    assert scene_directions.discriminant([], "place", 0) == (None, None)


def test_a_trained_networks_projections_stay():
    model = build_wavenet({"place": 5}, num_layers=1, num_blocks=1, filters1=4, filters2=2, projection=3, dropout=0)
    scene_directions.fit_projections(model, _movies(), 0)
    first = model.get_layer("front").get_layer("project 0").get_weights()
    scene_directions.fit_projections(model, _movies(seed=1), 0)
    assert all(map(np.array_equal, first, model.get_layer("front").get_layer("project 0").get_weights()))
    assert not model.get_layer("front").get_layer("project 0").trainable
