"""What files of movies hold, what was read of them, and what reading took."""

import tracemalloc

import numpy as np

from toolkit import DataError


def a_movie(n=12, seed=0, kind="torch"):
    """Return the dict of a movie, with tensors of torch, with arrays, or with lists where there are rows."""
    rng = np.random.default_rng(seed)
    values = {
        "imdb_id": "tt0052357",
        "place": rng.normal(size=(n, 8)).astype(np.float32),
        "cast": rng.normal(size=(n, 4)).astype(np.float32),
        "action": np.asfortranarray(rng.normal(size=(n, 3))),
        "audio": rng.normal(size=(n, 2)).astype(np.float16),
        "scene_transition_boundary_ground_truth": rng.random(n - 1) < 0.2,
        "scene_transition_boundary_prediction": rng.random(n - 1).astype(np.float32),
        "shot_end_frame": np.cumsum(rng.integers(5, 90, n)),
    }
    if kind == "torch":
        import torch

        return {name: value if name == "imdb_id" else torch.from_numpy(value.copy()) for name, value in values.items()}
    if kind == "lists":
        return {name: value.tolist() if getattr(value, "ndim", 0) == 1 else value for name, value in values.items()}
    return values


def plain(value):
    """Return a value that plain pickle read as an array."""
    return value.detach().numpy() if hasattr(value, "detach") else np.asarray(value)


def assert_is(movie, values):
    """Hold a Movie to the dict that plain pickle reads from its file."""
    assert movie.imdb_id == values["imdb_id"]
    for name in ("place", "cast", "action", "audio"):
        assert np.array_equal(movie.features[name], plain(values[name]).astype(np.float32))
        assert movie.features[name].dtype == np.float32
    assert np.array_equal(movie.boundaries, plain(values["scene_transition_boundary_ground_truth"]).reshape(-1))
    assert np.array_equal(movie.predictions, plain(values["scene_transition_boundary_prediction"]).reshape(-1))
    assert np.array_equal(movie.shot_end_frame, plain(values["shot_end_frame"]).reshape(-1))
    assert movie.boundaries.dtype == bool
    assert movie.shot_end_frame.dtype == np.int64


SLACK = 20 << 20


def peak_of(call):
    """Return what the call returned or the DataError that it raised, and the most memory that it took."""
    tracemalloc.start()
    try:
        result = call()
    except DataError as error:
        result = error
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return result, peak
