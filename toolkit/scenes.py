"""Scenes: shot features and scene boundaries of many movies, loaded safely, split, padded, and written.

The format is that of the eluv.io challenge on MovieScenes: one file a movie (``tt0052357.pkl``), a dict with
``imdb_id``; the modalities ``place`` (n, 2048), ``cast`` (n, 512), ``action`` (n, 512) and ``audio`` (n, 512) as
floats; ``scene_transition_boundary_ground_truth`` and ``scene_transition_boundary_prediction`` (n - 1);
``shot_end_frame`` (n). Other dimensions, other modalities, and files without some of these are read alike. Beside
pickles there are two formats that cannot run anything, ``.npz`` and ``.safetensors``.

Boundary i is the place between shot i and shot i + 1: n shots have n - 1 boundaries.

`film_features` makes such a movie of one's own film, and `group_shots` finds its scenes without training.

A pickle is a program, and who opens one runs it. `load_movie` runs none: it interprets what tensors and arrays need and
refuses the rest (`toolkit._safe_pickle`).

References
----------
A. Rao et al., A local-to-global approach to multi-modal movie scene segmentation, CVPR 2020, for MovieScenes.
"""

import dataclasses
from pathlib import Path

import numpy as np

from toolkit._film_features import film_features
from toolkit._movie_files import (
    END_FRAMES,
    FORMATS,
    PREDICTION,
    TRUTH,
    format_of,
    is_table,
    numbers,
    read_values,
    reading,
    replace_prediction,
    shape_of,
    text,
    write_values,
)
from toolkit._scene_grouping import group_shots, shot_distances
from toolkit._scene_tables import boundaries_at, scene_table
from toolkit.checks import check_choice, check_count, check_seed
from toolkit.errors import DataError, ParameterError
from toolkit.records import MODALITIES, Movie, listed_movies
from toolkit.storage import progress_bar

__all__ = [
    "Movie",
    "boundaries_at",
    "film_features",
    "group_shots",
    "load_movie",
    "load_movies",
    "pad_movies",
    "scene_table",
    "shot_distances",
    "split_movies",
    "unpad",
    "write_movie",
    "write_predictions",
]


def load_movie(path) -> Movie:
    """Return the movie in a file, running nothing that the file holds.

    Parameters
    ----------
    path : path
        A pickle (``.pkl``, ``.pickle``, ``.pt``, ``.pth``) of torch tensors, numpy arrays or lists in a dict, also one
        that `torch.save` wrote; or an ``.npz`` or ``.safetensors`` file, as `write_movie` writes them.

    Returns
    -------
    Movie
        Its features are the modalities that the file has, and whatever else in it is a table of floats with a row a
        shot. Without an imdb_id it has the file's name. Memory of up to four times the file is needed meanwhile.

    Raises
    ------
    ParameterError
        If the path ends otherwise.
    DataError
        If the file is missing, broken, holds no movie, or asks for more than tensors and arrays need, which is named.
        Whatever it asked for has not happened.
    """
    path = Path(path)
    format_of(path)
    with reading(path):
        return _movie(read_values(path), path)


def load_movies(folder, *, progress=True) -> list[Movie]:
    """Return the movies of all files in a folder, sorted by imdb_id, as `load_movie` reads them.

    Files that end otherwise, hidden ones and folders are passed over.

    Raises
    ------
    ParameterError
        If there is no such folder, or no movie in it.
    DataError
        If a file cannot be loaded, or two are of the same movie.
    """
    folder = Path(folder)
    if not folder.is_dir():
        raise ParameterError(f"folder must be one of movies' files; {folder} is not a folder")
    paths = sorted(
        path
        for path in folder.iterdir()
        if path.suffix.lower() in FORMATS and not path.name.startswith(".") and not path.is_dir()
    )
    if not paths:
        raise ParameterError(f"there is no movie in {folder}: no file ends in one of {', '.join(FORMATS)}")
    movies = {}
    for path in progress_bar(paths, description="movies", unit="movie", progress=progress):
        movie = load_movie(path)
        other = movies.setdefault(movie.imdb_id, movie)
        if other is not movie:
            raise DataError(f"{other.path} and {path} are of one movie, {movie.imdb_id!r}; keep one of them")
    return [movies[imdb_id] for imdb_id in sorted(movies)]


def write_movie(movie, path) -> Path:
    """Write a movie to a file, which appears whole or not at all, and return its path.

    Parameters
    ----------
    movie : Movie
    path : path
        Ends in ``.npz`` or ``.safetensors``, or ``.pkl`` for the challenge's own format (torch tensors in a dict).

    Raises
    ------
    ParameterError
        If the path ends otherwise, its folder does not exist, or a modality has the name of another part of the file.
    """
    _check_movie(movie)
    path = Path(path)
    format_of(path)
    taken = {"imdb_id", TRUTH, PREDICTION, END_FRAMES} & set(movie.features)
    if taken:
        raise ParameterError(f"a modality cannot have the name {taken.pop()!r}, which is another part of the file's")
    values = {"imdb_id": movie.imdb_id, **movie.features}
    for name, array in ((TRUTH, movie.boundaries), (END_FRAMES, movie.shot_end_frame), (PREDICTION, movie.predictions)):
        if array is not None:
            values[name] = array
    write_values(path, values)
    return path


def write_predictions(movie, predictions, path=None) -> Movie:
    """Write predictions into a movie's file, or into a copy of it, and return the movie with them.

    All else in the file stays as it is, also what is no part of a Movie. The predictions come in the container that
    they were in before (a tensor, an array or a list); where there were none, as a tensor if the file has tensors, else
    as an array. They are written in the precision that was there if that is exact, else in float64. The file is
    replaced whole: after a kill at any moment it is the old one or the new one.

    Parameters
    ----------
    movie : Movie
    predictions : array of float, (n_shots - 1,)
        For each boundary how likely a scene changes there.
    path : path, optional
        Where to write, by default to `movie.path`. If it is another, that file is made anew: from the movie's file
        where both are of one format, else from the movie.

    Raises
    ------
    ParameterError
        If the movie comes from no file and no path is given, or the predictions do not fit.
    DataError
        If the movie's file cannot be read, or has other shots by now. Nothing is written then.
    """
    _check_movie(movie)
    if predictions is None:
        raise ParameterError(f"predictions must be {movie.n_shots - 1} numbers, one a boundary; got None")
    predicted = dataclasses.replace(movie, predictions=predictions)
    if path is None and movie.path is None:
        raise ParameterError(f"the movie {movie.imdb_id!r} comes from no file: give the path to write to")
    target = Path(path if path is not None else movie.path)
    if movie.path is None or format_of(movie.path) != format_of(target):
        write_movie(predicted, target)
    else:

        def check(values):
            imdb_id, features, parts = _parts(values, Path(movie.path))
            n_shots = _count_shots(features, parts)
            if (imdb_id, n_shots) != (movie.imdb_id, movie.n_shots):
                raise DataError(
                    f"it holds {n_shots} shots of {imdb_id!r} by now, not {movie.n_shots} of {movie.imdb_id!r}; load "
                    "it again"
                )

        replace_prediction(movie.path, target, predicted.predictions, check)
    return dataclasses.replace(predicted, path=target)


def split_movies(movies, train_size=52, seed=42) -> tuple[list[Movie], list[Movie]]:
    """Return movies to train on and movies to test on.

    The movies are sorted by imdb_id and shuffled by ``np.random.RandomState(seed).permutation``; the first `train_size`
    are to train on. The split does not depend on the order in which they are given.

    Raises
    ------
    ParameterError
        If there are not two movies at least, `train_size` leaves none to test on, two have one imdb_id, or the seed is
        not from 0 to 2**32 - 1.
    """
    movies = _check_movies(movies)
    train_size = check_count("train_size", train_size, at_least=1)
    seed = check_seed(seed)
    if len(movies) < 2:
        raise ParameterError("movies must be at least two, one to train on and one to test on; got one")
    if train_size >= len(movies):
        raise ParameterError(
            f"train_size must leave movies to test on; got {train_size} of {len(movies)} movies. Try "
            f"{min(len(movies) - 1, round(len(movies) * 0.8))}"
        )
    movies = sorted(movies, key=lambda movie: movie.imdb_id)
    for movie, other in zip(movies, movies[1:], strict=False):
        if movie.imdb_id == other.imdb_id:
            raise ParameterError(f"there are two movies {movie.imdb_id!r}: one could be trained and tested on alike")
    order = np.random.RandomState(seed).permutation(len(movies))
    return [movies[i] for i in order[:train_size]], [movies[i] for i in order[train_size:]]


def pad_movies(movies, features=MODALITIES, length=None):
    """Return features and labels of several movies as arrays, shorter movies filled up with zeros.

    Position i of a row is shot i, and the label there is that of boundary i, between shot i and shot i + 1: whether
    shot i is the last of its scene. The last shot of a movie has no boundary behind it and no label. A movie of two
    shots has one label, at position 0, and its mask begins True, False.

    Parameters
    ----------
    movies : list of Movie
    features : tuple of str
        The modalities, side by side in this order. Where a movie lacks one that others have, its columns are 0. One of
        the usual four ("place", "cast", "action", "audio") that no movie has is left out.
    length : int, optional
        Shots of a row, by default those of the longest movie.

    Returns
    -------
    X : ndarray of float32, (n_movies, length, d)
    y : ndarray of bool, (n_movies, length), or None
        False where the mask is False. None if no movie has boundaries.
    mask : ndarray of bool, (n_movies, length)
        True at the n_shots - 1 positions of a movie that have a label.

    Raises
    ------
    ParameterError
        If there are no movies, `length` is below the longest, a modality differs in dimension or is in no movie, or
        only some of the movies have boundaries.
    """
    movies = _check_movies(movies)
    columns = _columns(movies, features)
    longest = max(movie.n_shots for movie in movies)
    length = longest if length is None else check_count("length", length, at_least=1)
    if length < longest:
        raise ParameterError(f"length must be at least that of the longest movie, {longest} shots; got {length}")
    known = [movie.boundaries is not None for movie in movies]
    if any(known) and not all(known):
        unknown = movies[known.index(False)].imdb_id
        raise ParameterError(f"all movies must have boundaries, or none; {unknown!r} has none. Leave it out")
    X = np.zeros((len(movies), length, sum(columns.values())), np.float32)
    y = np.zeros((len(movies), length), bool) if all(known) else None
    mask = np.zeros((len(movies), length), bool)
    for row, movie in enumerate(movies):
        first = 0
        for name, dimension in columns.items():
            if name in movie.features:
                X[row, : movie.n_shots, first : first + dimension] = movie.features[name]
            first += dimension
        mask[row, : movie.n_shots - 1] = True
        if y is not None:
            y[row, : movie.n_shots - 1] = movie.boundaries
    return X, y, mask


def unpad(padded, mask) -> list[np.ndarray]:
    """Return what a padded array holds of each movie: exactly its n_shots - 1 boundaries.

    Parameters
    ----------
    padded : ndarray, (n_movies, length) or (n_movies, length, 1)
        For example predictions for the X of `pad_movies`.
    mask : ndarray of bool, (n_movies, length)
        The mask of `pad_movies`.

    Raises
    ------
    ParameterError
        If the two differ in shape, or a row of the mask is not True first and False then.
    """
    padded, mask = np.asarray(padded), np.asarray(mask)
    if mask.dtype != bool or mask.ndim != 2 or (mask[:, 1:] > mask[:, :-1]).any():
        raise ParameterError(
            f"mask must be bool (n_movies, length), True first and False then, as pad_movies gives it; got dtype "
            f"{mask.dtype}, shape {mask.shape}"
        )
    if padded.shape not in (mask.shape, (*mask.shape, 1)):
        raise ParameterError(f"padded must have the shape of the mask, {mask.shape}; got {padded.shape}")
    return [row[: flags.sum()].copy() for row, flags in zip(padded.reshape(mask.shape), mask, strict=True)]


def _check_movie(movie):
    if not isinstance(movie, Movie):
        raise ParameterError(f"movie must be a Movie, as load_movie returns it; got {type(movie).__name__}")


def _check_movies(movies):
    movies = listed_movies(movies)
    for movie in movies:
        _check_movie(movie)
    return movies


def _columns(movies, features):
    """Return the dimension of each modality that some movie has."""
    if isinstance(features, str):
        features = (features,)
    if not hasattr(features, "__iter__") or not all(isinstance(name, str) for name in features):
        raise ParameterError(f"features must be names of modalities; got {type(features).__name__}")
    features = list(features)
    if len(set(features)) < len(features):
        raise ParameterError(f"features must name each modality once; got {', '.join(features)}")
    there = list(dict.fromkeys(name for movie in movies for name in movie.features))
    columns = {}
    for name in features:
        dimensions = {movie.features[name].shape[1]: movie.imdb_id for movie in movies if name in movie.features}
        if len(dimensions) > 1:
            told = ", ".join(f"{dimension} in {imdb_id!r}" for dimension, imdb_id in dimensions.items())
            raise ParameterError(f"the feature {name!r} must be of one dimension in all movies; it is {told}")
        if dimensions:
            columns[name] = dimensions.popitem()[0]
        elif name not in MODALITIES:
            check_choice("features", name, there)
    if not columns:
        raise ParameterError(f"no movie has any of the features {', '.join(features)}; they have {', '.join(there)}")
    return columns


def _movie(values, path):
    """Return the Movie that a file's values tell of."""
    imdb_id, features, parts = _parts(values, path)
    # in other files each is a part of its own
    if format_of(path) == ".pkl" and sum(value.nbytes() for value in features.values()) > path.stat().st_size:
        raise DataError("its features show the same numbers again and again; save copies of them, with .clone()")
    try:
        features = {name: value.array(floats=np.float32) for name, value in features.items()}
        return Movie(imdb_id, features, **parts, path=path)
    except ParameterError as error:
        raise DataError(f"it holds no movie that fits together: {error}") from None


def _parts(values, path):
    """Return the imdb_id, the features as they are in the file, and the other parts of a Movie."""
    imdb_id = path.stem
    if values.get("imdb_id") is not None:
        imdb_id = text(values["imdb_id"])
        if not imdb_id:
            raise DataError("its imdb_id is not a short text")
    keys = {"boundaries": TRUTH, "shot_end_frame": END_FRAMES, "predictions": PREDICTION}
    parts = {name: _flat(values.get(key)) for name, key in keys.items()}
    features = {name: values[name] for name in MODALITIES if values.get(name) is not None}
    for name, value in features.items():
        if shape_of(value) is None:
            raise DataError(f"its {name!r} is a {type(value).__name__}; a tensor or an array was expected")
    n_shots = _count_shots(features, parts)
    for name, value in values.items():
        if isinstance(name, str) and name not in (*MODALITIES, *keys.values()) and is_table(value, n_shots):
            features[name] = value
    return imdb_id, features, parts


def _count_shots(features, parts):
    """Return the number of shots by the first part that tells it, or None."""
    for value in features.values():
        if shape_of(value):
            return shape_of(value)[0]
    for name, more in (("boundaries", 1), ("shot_end_frame", 0), ("predictions", 1)):
        if parts[name] is not None and parts[name].ndim == 1:
            return len(parts[name]) + more
    return None


def _flat(value):
    """Return numbers of one row, also where they stand in a table of one row or column."""
    if value is None:
        return None
    array = numbers(value)
    return array.reshape(-1) if array.ndim == 2 and 1 in array.shape else array
