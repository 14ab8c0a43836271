"""Movies as files: shot features and scene boundaries, loaded safely and written.

The format is that of the eluv.io challenge on MovieScenes: one file a movie (``tt0052357.pkl``), a dict with
``imdb_id``; the modalities ``place`` (n, 2048), ``cast`` (n, 512), ``action`` (n, 512) and ``audio`` (n, 512) as
floats; ``scene_transition_boundary_ground_truth`` and ``scene_transition_boundary_prediction`` (n - 1);
``shot_end_frame`` (n). Other dimensions, other modalities, and files without some of these are read alike. Beside
pickles there are two formats that cannot run anything, ``.npz`` and ``.safetensors``.

Boundary i is the place between shot i and shot i + 1: n shots have n - 1 boundaries.

`film_features` makes such a movie of one's own film, and `group_shots` finds its scenes without training.

A pickle is a program, and who opens one runs it. `load_movie` runs none: it reads what tensors and arrays need and
refuses the rest (`toolkit.scenes.files.pickles`).

References
----------
A. Rao et al., A local-to-global approach to multi-modal movie scene segmentation, CVPR 2020, for MovieScenes.
"""

import dataclasses
import os
from pathlib import Path

import numpy as np

from toolkit.errors import DataError, ParameterError
from toolkit.records import MODALITIES, Movie
from toolkit.scenes.files import formats
from toolkit.scenes.files.formats import END_FRAMES, PREDICTION, TRUTH
from toolkit.scenes.files.tensors import copied
from toolkit.storage import progress_bar

# the parts of a Movie that are no features: their keys in files, and by how many shots there are more than values
PARTS = {"boundaries": (TRUTH, 1), "shot_end_frame": (END_FRAMES, 0), "predictions": (PREDICTION, 1)}


def check_movies(movies) -> list[Movie]:
    """Return movies as a list of at least one; a ParameterError says what they are instead."""
    if isinstance(movies, (Movie, str, os.PathLike)) or not hasattr(movies, "__iter__"):
        raise ParameterError(f"movies must be a list of Movie; got {type(movies).__name__}. One alone is [movie]")
    movies = list(movies)
    if not movies:
        raise ParameterError("movies must be a list of at least one Movie; got none")
    for movie in movies:
        _check_movie(movie)
    return movies


def feature_dimensions(movies, names=None):
    """Return the dimension of each modality that some movie has, of all or of `names`.

    A ParameterError names one that differs between movies.
    """
    firsts = {}
    for movie in movies:
        for name in movie.features if names is None else [name for name in names if name in movie.features]:
            first = firsts.setdefault(name, movie)
            dimension, other = first.features[name].shape[1], movie.features[name].shape[1]
            if dimension != other:
                raise ParameterError(
                    f"the feature {name!r} must be of one dimension in all movies; it is {dimension} in "
                    f"{first.imdb_id!r}, {other} in {movie.imdb_id!r}"
                )
    return {name: movie.features[name].shape[1] for name, movie in firsts.items()}


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
    formats.format_of(path)
    with formats.reading(path):
        return _movie(formats.read_values(path), path)


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
        if path.suffix.lower() in formats.FORMATS and not path.name.startswith(".") and not path.is_dir()
    )
    if not paths:
        raise ParameterError(f"there is no movie in {folder}: no file ends in one of {', '.join(formats.FORMATS)}")
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
    formats.format_of(path)
    parts = {"imdb_id": movie.imdb_id, **{key: getattr(movie, name) for name, (key, _) in PARTS.items()}}
    for name in parts:
        if name in movie.features:
            raise ParameterError(f"a modality cannot have the name {name!r}, which is another part of the file's")
    formats.write_values(path, {name: value for name, value in (parts | movie.features).items() if value is not None})
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
    if movie.path is None or formats.format_of(movie.path) != formats.format_of(target):
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

        formats.replace_prediction(movie.path, target, predicted.predictions, check)
    return dataclasses.replace(predicted, path=target)


def _check_movie(movie):
    if not isinstance(movie, Movie):
        raise ParameterError(f"movie must be a Movie, as load_movie returns it; got {type(movie).__name__}")


def _movie(values, path):
    """Return the Movie that a file's values tell of."""
    imdb_id, features, parts = _parts(values, path)
    # in other files each is a part of its own
    if formats.format_of(path) == ".pkl" and sum(value.nbytes for value in features.values()) > path.stat().st_size:
        raise DataError("its features show the same numbers again and again; save copies of them, with .clone()")
    try:
        features = {name: copied(value, np.float32) for name, value in features.items()}
        return Movie(imdb_id, features, **parts, path=path)
    except ParameterError as error:
        raise DataError(f"it holds no movie that fits together: {error}") from None


def _parts(values, path):
    """Return the imdb_id, the features as they are in the file, and the other parts of a Movie."""
    imdb_id = path.stem
    if values.get("imdb_id") is not None:
        imdb_id = formats.text(values["imdb_id"])
        if not imdb_id:
            raise DataError("its imdb_id is not a short text")
    parts = {name: _flat(values.get(key)) for name, (key, _) in PARTS.items()}
    features = {name: values[name] for name in MODALITIES if values.get(name) is not None}
    for name, value in features.items():
        if formats.shape_of(value) is None:
            raise DataError(f"its {name!r} is a {type(value).__name__}; a tensor or an array was expected")
    n_shots = _count_shots(features, parts)
    for name, value in values.items():
        others = (*MODALITIES, TRUTH, END_FRAMES, PREDICTION)
        if isinstance(name, str) and name not in others and formats.is_table(value, n_shots):
            features[name] = value
    return imdb_id, features, parts


def _count_shots(features, parts):
    """Return the number of shots by the first part that tells it, or None."""
    for value in features.values():
        if formats.shape_of(value):
            return formats.shape_of(value)[0]
    for name, (_, more) in PARTS.items():
        if parts[name] is not None and parts[name].ndim == 1:
            return len(parts[name]) + more
    return None


def _flat(value):
    """Return numbers of one row, also where they stand in a table of one row or column."""
    if value is None:
        return None
    array = formats.numbers(value)
    return array.reshape(-1) if array.ndim == 2 and 1 in array.shape else array
