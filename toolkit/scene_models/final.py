"""The last training, on all movies, with predictions written into their files; saving and loading a network."""

import dataclasses
import os
from pathlib import Path

from toolkit.errors import ParameterError
from toolkit.networks import load_model as load_model
from toolkit.networks import save_model as save_model
from toolkit.scene_models.training import predict, train
from toolkit.scenes import write_predictions
from toolkit.scenes.movies import check_movies

# bytes; file systems end at 255
MAX_NAME_BYTES = 200


def refit(model, movies, *, epochs=20, folder=None, write=True, seed=0, progress=True, **options):
    """Return the chosen model trained on all movies, none kept out, and the movies with its predictions.

    The predictions are on movies that it was trained on: they say nothing about how well it finds the scenes of others.

    Parameters
    ----------
    model : keras model
        A new one of the chosen settings, as `build_wavenet` or `build_bilstm` returns it; it is changed.
    movies : list of Movie
    epochs : int
        How many times to go through them.
    folder : path, optional
        Where to write movies with their predictions, each in a file of the name that it has, or as .npz where it has
        none. None: into each movie's own file. No two may come into one file.
    write : bool
        Whether to write them at all.
    seed, progress
        As in `train`.
    options
        Others of `train`, but for `validation`: no movie is kept out.

    Returns
    -------
    keras model, list of Movie

    Raises
    ------
    ParameterError
        As in `train`; or if a movie is of no file and no folder is given, its name cannot be a file's, or two would be
        written into one file. Nothing is trained then.
    DataError
        If a movie's file cannot be read any more. Those before it have been written then, whole.
    """
    movies = check_movies(movies)
    if "validation" in options:
        raise ParameterError("refit trains on all movies and takes no validation; to keep some out use train")
    paths = _places(movies, folder) if write else []
    train(model, movies, validation=0, epochs=epochs, seed=seed, progress=progress, **options)
    predictions = predict(model, movies, progress=progress)
    if not write:
        return model, [dataclasses.replace(movie, predictions=p) for movie, p in zip(movies, predictions, strict=True)]
    return model, [write_predictions(*each) for each in zip(movies, predictions, paths, strict=True)]


def _places(movies, folder):
    """Return the file that each movie is to be written into."""
    if folder is not None and not (isinstance(folder, (str, os.PathLike)) and Path(folder).is_dir()):
        raise ParameterError(f"folder must be a folder; there is none at {folder!r}")
    paths, names = [], {}
    for movie in movies:
        if movie.path is not None:
            path = movie.path if folder is None else Path(folder, movie.path.name)
        elif folder is None:
            raise ParameterError(
                f"the movie {movie.imdb_id!r} comes from no file: name a folder to write to, or give write=False"
            )
        else:
            # one with a slash would lie elsewhere
            is_name = not any(sign in movie.imdb_id for sign in "/\\\0")
            if not is_name or len(movie.imdb_id.encode(errors="ignore")) > MAX_NAME_BYTES:
                raise ParameterError(
                    f"the movie {movie.imdb_id!r:.80} comes from no file, and its imdb_id cannot be a file's name; "
                    "write it with write_movie first"
                )
            path = Path(folder, f"{movie.imdb_id}.npz")
        where = path.resolve()
        if where in names:
            raise ParameterError(
                f"the movies {names[where]!r} and {movie.imdb_id!r} would both be written into {path}; give each a "
                "file name of its own, or write=False"
            )
        names[where] = movie.imdb_id
        paths.append(path)
    return paths
