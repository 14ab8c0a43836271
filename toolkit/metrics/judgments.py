"""Movies with true and predicted scene boundaries, checked for scoring."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from toolkit.checks import check_array
from toolkit.errors import ParameterError


@dataclass(frozen=True, eq=False)
class Judged:
    """What is read of a movie.

    Attributes
    ----------
    imdb_id : str
    true : ndarray of bool, (n_shots - 1,)
    predicted : ndarray of float, (n_shots - 1,), or None
    ends : ndarray of int64, (n_shots,)
        One past each shot's last frame.
    """

    imdb_id: str
    true: np.ndarray
    predicted: np.ndarray | None
    ends: np.ndarray


def read_movies(movies, predicted=True):
    """Return what is needed of each movie, checked; what was read before is returned as it is."""
    if not hasattr(movies, "__iter__") or isinstance(movies, (str, bytes, dict, pd.DataFrame)):
        hint = ". One movie alone is [movie]" if hasattr(movies, "boundaries") else ""
        raise ParameterError(f"movies must be a list of Movie; got {type(movies).__name__}{hint}")
    read = [movie if isinstance(movie, Judged) else _read_movie(movie, predicted) for movie in movies]
    if not read:
        raise ParameterError("movies must hold at least one movie to be scored; got none")
    ids = pd.Index([movie.imdb_id for movie in read])
    if not ids.is_unique:
        raise ParameterError(
            f"movies must each have an imdb_id of their own; {ids[ids.duplicated()][0]!r} is there twice"
        )
    return read


def _read_movie(movie, predicted):
    missing = [name for name in ("imdb_id", "boundaries", "predictions", "shot_end_frame") if not hasattr(movie, name)]
    if missing:
        raise ParameterError(
            f"movies must be a list of Movie; got one that is a {type(movie).__name__}, without {', '.join(missing)}"
        )
    name = movie.imdb_id
    if movie.boundaries is None:
        raise ParameterError(f"boundaries of movie {name!r} are needed, and are None: there is no truth to judge by")
    true = flags(f"boundaries of movie {name!r}", movie.boundaries)
    predictions = _predictions(name, movie.predictions, len(true)) if predicted else None
    if movie.shot_end_frame is None:
        return Judged(name, true, predictions, np.arange(1, len(true) + 2))
    n = len(true) + 1
    wanted = f"whole numbers from 0, never falling, one for each of {n} shots"
    frames = f"shot_end_frame of movie {name!r}"
    ends = check_array(frames, movie.shot_end_frame, (n,), "iuf", wanted=wanted).astype(np.float64)
    wrong = (ends != np.floor(ends)) | (ends < 0) | (np.diff(ends, prepend=0) < 0) | (ends > 2**52)
    if wrong.any():
        raise ParameterError(f"{frames} must be {wanted}; got {ends[wrong][0]:g} for shot {np.argmax(wrong)}")
    return Judged(name, true, predictions, ends.astype(np.int64) + 1)


def _predictions(name, predictions, n):
    def hint(array):
        if predictions is None:
            return ". dataclasses.replace(movie, predictions=...) sets them"
        return ". Cut padding off first" if array.ndim == 1 and len(array) > n else ""

    wanted = f"finite numbers, one for each of {n} places for a boundary"
    array = check_array(f"predictions of movie {name!r}", predictions, (n,), "biuf", wanted=wanted, hint=hint)
    return array if array.dtype.kind == "f" else array.astype(np.float64)


def flags(name, values):
    """Return `values` as bool (n,) if they are bool or 0 and 1."""
    wanted = "bool, (n_shots - 1,)"
    array = check_array(name, values, ("n_shots - 1",), "biuf", wanted=wanted)
    other = array[~np.isin(array, (0, 1))]
    if len(other):
        raise ParameterError(f"{name} must be {wanted}; got dtype {array.dtype} with {other[0]:g}")
    return array.astype(bool)


def moments(name, values):
    """Return the times of cuts, float64 (n,), if they are finite numbers; otherwise raise a ParameterError."""

    def hint(array):
        return ". np.flatnonzero returns where they are True" if array.dtype == bool else ""

    return check_array(name, values, ("n",), "iuf", hint=hint).astype(np.float64)
