"""Movies in batches for a network: split into train and test, padded to one length, and back."""

import numpy as np

from toolkit.checks import check_array, check_choice, check_count, check_seed
from toolkit.errors import ParameterError
from toolkit.records import MODALITIES, Movie
from toolkit.scenes.movies import check_movies, feature_dimensions


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
    movies = check_movies(movies)
    if len(movies) < 2:
        raise ParameterError("movies must be at least two, one to train on and one to test on; got one")
    hint = f". Some of the {len(movies)} movies are to test on: try {min(len(movies) - 1, round(len(movies) * 0.8))}"
    train_size = check_count("train_size", train_size, at_least=1, below=len(movies), hint=hint)
    seed = check_seed(seed)
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
    movies = check_movies(movies)
    columns = _columns(movies, features)
    longest = max(movie.n_shots for movie in movies)
    hint = f". The longest movie has {longest} shots"
    length = longest if length is None else check_count("length", length, at_least=longest, hint=hint)
    without = [movie.imdb_id for movie in movies if movie.boundaries is None]
    if 0 < len(without) < len(movies):
        raise ParameterError(f"all movies must have boundaries, or none; {without[0]!r} has none. Leave it out")
    X = np.zeros((len(movies), length, sum(columns.values())), np.float32)
    y = None if without else np.zeros((len(movies), length), bool)
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
    wanted = "bool (n_movies, length), True first and False then, as pad_movies gives it"
    padded, mask = np.asarray(padded), check_array("mask", mask, ("n_movies", "length"), "b", wanted=wanted)
    if (mask[:, 1:] > mask[:, :-1]).any():
        raise ParameterError(f"mask must be {wanted}; got False before True")
    if padded.shape not in (mask.shape, (*mask.shape, 1)):
        raise ParameterError(f"padded must have the shape of the mask, {mask.shape}; got {padded.shape}")
    return [row[: flags.sum()].copy() for row, flags in zip(padded.reshape(mask.shape), mask, strict=True)]


def _columns(movies, features):
    """Return the dimension of each modality that some movie has."""
    if isinstance(features, str):
        features = (features,)
    if not hasattr(features, "__iter__") or not all(isinstance(name, str) for name in features):
        raise ParameterError(f"features must be names of modalities; got {type(features).__name__}")
    features = list(features)
    if len(set(features)) < len(features):
        raise ParameterError(f"features must name each modality once; got {', '.join(features)}")
    names = list(dict.fromkeys(name for movie in movies for name in movie.features))
    for name in features:
        if name not in MODALITIES:
            check_choice("features", name, names)
    dimensions = feature_dimensions(movies, features)
    if not dimensions:
        raise ParameterError(f"no movie has any of the features {', '.join(features)}; they have {', '.join(names)}")
    return {name: dimensions[name] for name in features if name in dimensions}
