"""Movies with true and predicted scene boundaries, checked for scoring."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

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
    """Return what is needed of each movie, checked."""
    if not hasattr(movies, "__iter__") or isinstance(movies, (str, bytes, dict, pd.DataFrame)):
        hint = ". One movie alone is [movie]" if hasattr(movies, "boundaries") else ""
        raise ParameterError(f"movies must be a list of Movie; got {type(movies).__name__}{hint}")
    read = [_read_movie(movie, predicted) for movie in movies]
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
    values = None
    if predicted:
        values = _predictions(name, movie.predictions, len(true))
    if movie.shot_end_frame is None:
        return Judged(name, true, values, np.arange(1, len(true) + 2))
    wanted = f"shot_end_frame of movie {name!r} must be whole numbers from 0, never falling, one for each shot"
    ends = moments(wanted, movie.shot_end_frame)
    if len(ends) != len(true) + 1:
        raise ParameterError(f"{wanted}; got {len(ends)} for {len(true)} places for a boundary")
    wrong = (ends != np.floor(ends)) | (ends < 0) | (np.diff(ends, prepend=0) < 0) | (ends > 2**52)
    if wrong.any():
        raise ParameterError(f"{wanted}; got {ends[wrong][0]:g} for shot {np.argmax(wrong)}")
    return Judged(name, true, values, ends.astype(np.int64) + 1)


def _predictions(name, predictions, n):
    wanted = f"predictions of movie {name!r} must be finite numbers, one for each of {n} places for a boundary"
    if predictions is None:
        raise ParameterError(f"{wanted}; they are None. dataclasses.replace(movie, predictions=...) sets them")
    values = numbers(wanted, predictions)
    if values.shape != (n,):
        hint = ". Cut padding off first" if values.ndim == 1 and len(values) > n else ""
        raise ParameterError(f"{wanted}; got shape {values.shape}{hint}")
    wrong = ~np.isfinite(values)
    if wrong.any():
        raise ParameterError(f"{wanted}; got {values[wrong][0]} at place {np.argmax(wrong)}")
    return values


def flags(name, values):
    """Return `values` as bool (n,) if they are bool or 0 and 1."""
    try:
        array = np.asarray(values)
    except ValueError:
        raise ParameterError(f"{name} must be bool, (n_shots - 1,); got lists of different lengths") from None
    if array.ndim != 1 or not (array.dtype.kind in "biuf" or not len(array)) or not np.isin(array, (0, 1)).all():
        raise ParameterError(f"{name} must be bool, (n_shots - 1,); got dtype {array.dtype} of shape {array.shape}")
    return array.astype(bool)


def numbers(wanted, values):
    """Return `values` as an array of floats, in their own dtype if they are floats; text is no number."""
    try:
        array = np.asarray(values)
        if array.dtype.kind == "f":
            return array
        if array.dtype.kind in "biuO":
            return array.astype(np.float64)
    except (TypeError, ValueError):
        pass
    except OverflowError:
        raise ParameterError(f"{wanted}; got {type(values).__name__} with a number too large for a float") from None
    raise ParameterError(f"{wanted}; got {type(values).__name__} with what is not a number")


def moments(wanted, values):
    """Return `values` as float64 (n,) if they are finite numbers; otherwise raise a ParameterError."""
    array = numbers(wanted, values).astype(np.float64)
    if np.asarray(values).dtype == bool:
        raise ParameterError(f"{wanted}; got bool. np.flatnonzero tells where they are True")
    if array.ndim != 1:
        raise ParameterError(f"{wanted}; got shape {array.shape}")
    if not np.isfinite(array).all():
        raise ParameterError(f"{wanted}; got {array[~np.isfinite(array)][0]}")
    return array
