"""Movies with predictions, made for the tests of scores."""

from types import SimpleNamespace

import numpy as np


def movie(true, predicted=None, ends=None, name="tt1"):
    return SimpleNamespace(imdb_id=name, boundaries=true, predictions=predicted, shot_end_frame=ends)


def bools(text):
    """Return True for each 1 in a text of 0 and 1."""
    return np.array([letter == "1" for letter in text], bool)


def random_movie(rng, n_shots, name="tt1", steps=5, dtype=np.float64):
    """Return a movie with predictions in steps, so that many tie, and shots of 1 to 6 frames."""
    true = rng.random(n_shots - 1) < rng.choice([0, 0.1, 0.3, 0.6, 1], p=[0.05, 0.3, 0.4, 0.2, 0.05])
    predicted = rng.integers(0, steps + 1, n_shots - 1) / steps
    return movie(true, predicted.astype(dtype), np.cumsum(rng.integers(1, 7, n_shots)) - 1, name)


def random_movies(n, seed=0, longest=40, **options):
    rng = np.random.default_rng(seed)
    return [random_movie(rng, int(rng.integers(2, longest)), f"tt{i}", **options) for i in range(n)]
