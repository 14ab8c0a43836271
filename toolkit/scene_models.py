"""Networks that find scene boundaries in the features of shots: built, trained, searched for, and run.

Two networks were published for this task, a WaveNet of dilated convolutions and a BiLSTM, with the way to train them
(RMSprop at 2e-5, ten epochs, every movie filled up with zeros to 3,100 shots, and an end when accuracy passes 0.95);
``published=True`` builds and trains exactly those. They find nothing: the rate is too low for so few steps, what is
told right is mostly padding, and to tell no boundary at all is right in 92 places of 100. The networks built without it
have the same parts behind a front that compares the shots before a place with those after it
(`toolkit._scene_networks`), and are trained so that they learn: padding counts nowhere, boundaries weigh more than
other places, and the end comes by average precision on movies kept out.

Movies are lists of `toolkit.scenes.Movie`, of any lengths, modalities and dimensions; a movie may lack a modality that
others have. Boundary i is between shot i and shot i + 1.

References
----------
A. van den Oord et al., WaveNet: a generative model for raw audio, 2016, for gated dilated convolutions with residuals.
R. A. Fisher, The use of multiple measurements in taxonomic problems, 1936, for the projections that training begins
with. T.-Y. Lin et al., Focal loss for dense object detection, ICCV 2017.
"""

import dataclasses
import hashlib
import json
import os
import time
from pathlib import Path

import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator

from toolkit import _scene_networks as networks
from toolkit._checks import DataError, ParameterError, check_choice, check_count, check_number
from toolkit._close_up_network import load_model, save_model
from toolkit._networks import import_keras, one_thread
from toolkit.records import Movie
from toolkit.scenes import write_predictions
from toolkit.storage import progress_bar, write_whole

__all__ = [
    "SceneNetwork",
    "build_bilstm",
    "build_wavenet",
    "load_model",
    "mean_average_precision",
    "predict",
    "random_search",
    "refit",
    "save_model",
    "search_ranges",
    "train",
]

USUAL = ("place", "cast", "action", "audio")
NETWORKS = ("wavenet", "bilstm")
LOSSES = ("weighted", "focal", "plain")
# shots of the stretches that movies are cut into for training: more steps, less padding
SEGMENT = 256
# of an epoch; where movies are few they are gone through several times
LEAST_BATCHES = 16
# how often a modality is left out of one, that others are learned from too
LEFT_OUT = 0.1
# columns of features from which on other threads are worth the waiting in training
ONE_THREAD_BELOW = 512


# the networks


def build_wavenet(
    movies,
    *,
    published=False,
    num_layers=4,
    num_blocks=2,
    filters1=None,
    filters2=None,
    projection=16,
    dropout=0.2,
    seed=0,
):
    """Return an untrained network of dilated convolutions, a keras model.

    Parameters
    ----------
    movies : list of Movie, or dict of str to int
        The movies it is for, or their modalities and the dimension of each, such as ``{"place": 2048, "cast": 512}``.
    published : bool
        The published network: `num_blocks` times `num_layers` convolutions of `filters1` filters over 2 shots, at
        distances 1, 2, 4 ..., each followed by ReLU; a convolution of `filters2` filters over 1; and one output.
        Without it each layer is gated, has a residual and norms, and the features are compared first.
    num_layers, num_blocks : int
        How many layers a block has, and how many blocks there are.
    filters1, filters2 : int, optional
        By default 10 and 5 where published, else 32 and 16.
    projection : int
        Into how many dimensions each modality is projected. Not of the published network.
    dropout : float
        Share of values left out in training, [0, 1). Not of the published network.
    seed : int
        Of the random weights it begins with.

    Raises
    ------
    ParameterError
        If the movies differ in the dimension of a modality, or an option is out of range.
    """
    dimensions = _dimensions(movies)
    counts = {
        "num_layers": num_layers,
        "num_blocks": num_blocks,
        "filters1": (10 if published else 32) if filters1 is None else filters1,
        "filters2": (5 if published else 16) if filters2 is None else filters2,
    }
    counts = {name: check_count(name, value, at_least=1) for name, value in counts.items()}
    if counts["num_layers"] > 12:
        raise ParameterError(
            f"num_layers must be at most 12, where a layer reaches over 2,048 shots; got {num_layers}. More blocks "
            "make a network deeper too"
        )
    seed = check_count("seed", seed)
    if published:
        return networks.published_wavenet(dimensions, **counts, seed=seed)
    return networks.wavenet(dimensions, **counts, **_front(projection, dropout), seed=seed)


def build_bilstm(movies, *, published=False, n_layers=2, n_neurons=32, projection=16, dropout=0.2, seed=0):
    """Return an untrained network of bidirectional LSTMs, a keras model.

    Parameters
    ----------
    movies : list of Movie, or dict of str to int
        The movies it is for, or their modalities and the dimension of each.
    published : bool
        The published network: `n_layers` bidirectional LSTMs of `n_neurons` in each direction, and one output for each
        shot. Without it the features are compared first, and layers have norms.
    n_layers, n_neurons : int
    projection, dropout, seed
        As in `build_wavenet`.

    Raises
    ------
    ParameterError
        As in `build_wavenet`.
    """
    dimensions = _dimensions(movies)
    counts = {"n_layers": n_layers, "n_neurons": n_neurons}
    counts = {name: check_count(name, value, at_least=1) for name, value in counts.items()}
    seed = check_count("seed", seed)
    if published:
        return networks.published_bilstm(dimensions, **counts, seed=seed)
    return networks.bilstm(dimensions, **counts, **_front(projection, dropout), seed=seed)


def _front(projection, dropout):
    dropout = check_number("dropout", dropout, at_least=0)
    if dropout >= 1:
        raise ParameterError(f"dropout must be a share below 1; got {dropout:g}")
    return {"projection": check_count("projection", projection, at_least=1), "dropout": dropout}


def _dimensions(movies):
    """Return the dimension of each modality: the usual four in their order, then others by name."""
    if isinstance(movies, dict):
        found = {str(name): check_count(f"the dimension of {name!r}", d, at_least=1) for name, d in movies.items()}
    else:
        found = {}
        for movie in _check_movies(movies):
            for name, values in movie.features.items():
                if found.setdefault(name, values.shape[1]) != values.shape[1]:
                    raise ParameterError(
                        f"the feature {name!r} must be of one dimension in all movies; it is {found[name]} in some and "
                        f"{values.shape[1]} in {movie.imdb_id!r}"
                    )
        found = {name: d for name, d in found.items() if d}
    if not found:
        raise ParameterError("movies must have features, or name modalities and their dimensions; there are none")
    order = [name for name in USUAL if name in found] + sorted(set(found) - set(USUAL))
    return {name: found[name] for name in order}


# training


def train(
    model,
    movies,
    *,
    validation=None,
    epochs=None,
    batch_size=None,
    patience=4,
    loss="weighted",
    learning_rate=None,
    augment=True,
    seed=0,
    progress=True,
):
    """Return a model trained to find the scene boundaries of movies.

    A network of this toolkit is shown stretches of 256 shots, anew each epoch; what fills up shorter ones counts
    nowhere. Some movies are kept out: training ends when the network no longer gets better on these, by mean average
    precision, and it is given back as it was when best. A published network is trained as it was published: on whole
    movies filled up with zeros to 3,100 shots, which count as shots without a boundary, by RMSprop, for ten epochs,
    until accuracy on what it is trained on is above 0.95. Memory beyond the movies' own is that of a batch.

    Parameters
    ----------
    model : keras model
        One of `build_wavenet` or `build_bilstm`, new or trained before; it is changed.
    movies : list of Movie
        With boundaries. Movies of one shot teach nothing and are passed over.
    validation : list of Movie, float, or None
        Movies to keep out, or the share of `movies` to keep out. None: a sixth of them where there are at least six;
        but of fewer none, and for a published network none. 0: none, and every epoch is trained.
    epochs : int, optional
        How many times at most to go through the movies; by default 12, and 10 where published. Of few movies each
        time is several, in 16 batches.
    batch_size : int, optional
        Stretches, or movies where published, at once; by default 16, and 2.
    patience : int
        End after so many epochs without getting better.
    loss : {"weighted", "focal", "plain"}
        Cross-entropy with boundaries weighted by the square root of how rare they are; focal loss with that weight; or
        plain cross-entropy, which published networks are trained with always.
    learning_rate : float, optional
        By default 3e-3, which falls to nothing by the last epoch, and 2e-5 where published.
    augment : bool
        Leave a modality out of a stretch now and then, as it may be missing in others.
    seed : int
        Of the movies kept out, the order and the augmentation.
    progress : bool
        Whether to show a progress bar.

    Returns
    -------
    keras model
        ``model.history.history`` has the loss of each epoch and, where movies are kept out, their mean average
        precision as val_mAP; of a published network accuracy too.

    Raises
    ------
    ParameterError
        If the movies lack boundaries or a feature has another dimension than the model takes, a movie is both trained
        on and kept out, none has two shots, or an option is out of range.
    """
    keras = import_keras()
    published = _check_model(model)
    movies = _check_labelled(model, movies)
    check_choice("loss", loss, LOSSES)
    epochs = check_count("epochs", (10 if published else 12) if epochs is None else epochs, at_least=1)
    batch_size = check_count("batch_size", (2 if published else 16) if batch_size is None else batch_size, at_least=1)
    patience, seed = check_count("patience", patience, at_least=1), check_count("seed", seed)
    rate = (2e-5 if published else 3e-3) if learning_rate is None else learning_rate
    rate = check_number("learning_rate", rate, above=0)
    movies, kept_out = _keep_out(model, movies, validation, published, seed)
    movies = [movie for movie in movies if movie.n_shots > 1]
    if not movies:
        raise ParameterError("movies must hold at least one of two shots or more to train on; all have one")
    networks.quicken(model)
    callbacks = []
    if published:
        shown = _padded_movies(keras, model, movies, batch_size, seed)
        model.compile(
            optimizer=keras.optimizers.RMSprop(rate),
            loss="binary_crossentropy",
            metrics=["accuracy"],
            jit_compile=False,
        )
        callbacks.append(_accurate_enough(keras))
    else:
        networks.fit_projections(model, movies, seed)
        weight = _boundary_weight(movies) if loss != "plain" else 1.0
        shown = _segments(keras, model, movies, batch_size, weight, augment, seed)
        falling = keras.optimizers.schedules.CosineDecay(rate, len(shown) * epochs, alpha=0.02)
        kind = keras.losses.BinaryFocalCrossentropy if loss == "focal" else keras.losses.BinaryCrossentropy
        model.compile(
            optimizer=keras.optimizers.AdamW(falling, weight_decay=1e-2, clipnorm=1.0),
            loss=kind(reduction="mean_with_sample_weight"),
            jit_compile=False,
        )
    if kept_out:
        callbacks.append(_watch(keras, kept_out))
        if not published:
            callbacks.append(
                keras.callbacks.EarlyStopping("val_mAP", mode="max", patience=patience, restore_best_weights=True)
            )
    bar = progress_bar(total=epochs, description="training", unit="epoch", progress=progress)
    small = sum(networks.modalities_of(model).values()) < ONE_THREAD_BELOW
    with bar, one_thread(keras, small):
        callbacks.append(keras.callbacks.LambdaCallback(on_epoch_end=lambda _, logs: _tell(bar, logs)))
        model.fit(shown, epochs=epochs, callbacks=callbacks, shuffle=False, verbose=0)
    return model


def _check_model(model):
    """Return whether a model of this toolkit is a published one."""
    keras = import_keras()
    if not isinstance(model, keras.Model) or not networks.modalities_of(model):
        raise ParameterError(
            f"model must be one of build_wavenet or build_bilstm, or a file's by load_model; got {type(model).__name__}"
        )
    return networks.is_published(model)


def _check_movies(movies):
    if isinstance(movies, (Movie, str, os.PathLike)) or not hasattr(movies, "__iter__"):
        raise ParameterError(f"movies must be a list of Movie; got {type(movies).__name__}. One alone is [movie]")
    movies = list(movies)
    for movie in movies:
        if not isinstance(movie, Movie):
            raise ParameterError(f"movies must be a list of Movie; got one that is a {type(movie).__name__}")
    if not movies:
        raise ParameterError("movies must be a list of at least one Movie; got none")
    return movies


def _check_features(model, movies):
    """Return movies that a model can be given: those of its modalities that a movie has are of the right dimension."""
    movies = _check_movies(movies)
    dimensions = networks.modalities_of(model)
    for movie in movies:
        known = [name for name in dimensions if name in movie.features]
        if not known:
            raise ParameterError(
                f"the movie {movie.imdb_id!r} has none of the features that the model takes, {', '.join(dimensions)}; "
                f"it has {', '.join(movie.features) or 'none'}"
            )
        for name in known:
            d = movie.features[name].shape[1]
            # a modality of no dimension is one that the movie lacks
            if d not in (0, dimensions[name]):
                raise ParameterError(
                    f"the model takes {name!r} of {dimensions[name]} dimensions; the movie {movie.imdb_id!r} has {d}"
                )
    return movies


def _check_labelled(model, movies):
    movies = _check_features(model, movies)
    for movie in movies:
        if movie.boundaries is None:
            raise ParameterError(f"movies must have boundaries to be trained on; {movie.imdb_id!r} has none")
    return movies


def _keep_out(model, movies, validation, published, seed):
    """Return the movies to train on and those to keep out."""
    if validation is None:
        validation = 0 if published or len(movies) < 6 else 1 / 6
    if isinstance(validation, (list, tuple)):
        if not len(validation):
            return movies, []
        kept_out = _check_labelled(model, validation)
        both = {movie.imdb_id for movie in movies} & {movie.imdb_id for movie in kept_out}
        if both:
            raise ParameterError(
                f"movies that are kept out must not be trained on; {min(both)!r} is in movies and in validation"
            )
        return movies, kept_out
    share = check_number("validation", validation, at_least=0)
    if share >= 1:
        raise ParameterError(f"validation must be a list of Movie, or a share of the movies below 1; got {share:g}")
    if not share:
        return movies, []
    if len(movies) < 2:
        raise ParameterError("validation needs a second movie to keep out; give validation=0 to train on one alone")
    count = min(max(1, round(share * len(movies))), len(movies) - 1)
    # by name, that the order in which they are given does not matter
    names = sorted({movie.imdb_id for movie in movies})
    chosen = {names[i] for i in np.random.RandomState(seed).permutation(len(names))[:count]}
    kept_out = [movie for movie in movies if movie.imdb_id in chosen]
    rest = [movie for movie in movies if movie.imdb_id not in chosen]
    if not rest:
        raise ParameterError("movies must have an imdb_id each, that some can be kept out; all have the same")
    return rest, kept_out


def _boundary_weight(movies):
    true = sum(int(movie.boundaries.sum()) for movie in movies)
    places = sum(len(movie.boundaries) for movie in movies)
    return float(np.sqrt((places - true) / true)) if true else 1.0


def _tell(bar, logs):
    bar.set_postfix({name: f"{value:.2f}" for name, value in logs.items()}, refresh=False)
    bar.update()


def _watch(keras, kept_out):
    """Return what notes, after each epoch, the mean average precision on movies kept out as val_mAP."""

    class Watch(keras.callbacks.Callback):
        def on_epoch_end(self, epoch, logs=None):
            logs["val_mAP"] = mean_average_precision(kept_out, _predictions(self.model, kept_out))

    return Watch()


def _accurate_enough(keras):
    class AccurateEnough(keras.callbacks.Callback):
        def on_epoch_end(self, epoch, logs=None):
            if logs["accuracy"] > 0.95:
                self.model.stop_training = True

    return AccurateEnough()


def _known(model, movie):
    """Return, by modality, which shots a movie knows it of: those with anything but zeros, bool (n_shots,)."""
    known = {}
    for name in networks.modalities_of(model):
        values = movie.features.get(name)
        if values is not None and values.shape[1]:
            known[name] = values[:, 0] != 0
            rest = np.flatnonzero(~known[name])
            known[name][rest] = values[rest].any(axis=1)
    return known


def _inputs(model, pieces, length, known, random=None):
    """Return what a model is given of several stretches of movies, filled up with zeros to `length`.

    Parameters
    ----------
    pieces : list of (Movie, int, int)
        A movie, and the stretch [start, end) of its shots.
    length : int
    known : list of dict
        For each piece, which shots of its movie are known, as `_known` returns it.
    random : numpy Generator, optional
        By which modalities are left out of some.
    """
    dimensions = networks.modalities_of(model)
    given = {"known": np.zeros((len(pieces), length, len(dimensions)), np.float32)}
    for column, (name, d) in enumerate(dimensions.items()):
        values = np.zeros((len(pieces), length, d), np.float32)
        for row, (movie, start, end) in enumerate(pieces):
            if name in known[row] and (random is None or random.random() >= LEFT_OUT):
                values[row, : end - start] = movie.features[name][start:end]
                given["known"][row, : end - start, column] = known[row][name][start:end]
        given[networks.input_name(name)] = values
    if networks.is_published(model):
        del given["known"]
    else:
        given["shots"] = np.zeros((len(pieces), length, 1), np.float32)
        for row, (_, start, end) in enumerate(pieces):
            given["shots"][row, : end - start] = 1
    return given


def _segments(keras, model, movies, batch_size, weight, augment, seed):
    """Return stretches of movies to train on in random order, a data set of keras."""
    # how many stretches each movie is cut into, and what is known of it
    counts = [-(-movie.n_shots // SEGMENT) for movie in movies]
    total = sum(counts)
    batch_size = min(batch_size, total)
    known = [_known(model, movie) for movie in movies]

    class Segments(keras.utils.PyDataset):
        epoch = 0

        def __len__(self):
            return max(-(-total // batch_size), LEAST_BATCHES)

        def pieces(self, turn):
            random = np.random.default_rng((seed, self.epoch, turn))
            found = []
            for number, (movie, count) in enumerate(zip(movies, counts, strict=True)):
                # cut elsewhere each time, that the places at the cuts are learned from too
                edges = np.linspace(0, movie.n_shots, count + 1)
                edges[1:-1] += random.uniform(-0.25, 0.25) * movie.n_shots / count
                edges = np.round(edges).astype(int)
                found += [(number, *edges[i : i + 2]) for i in range(count)]
            return [found[i] for i in random.permutation(total)]

        def __getitem__(self, index):
            first = index * batch_size
            turn, first = divmod(first, total)
            chosen = self.pieces(turn)[first : first + batch_size]
            if len(chosen) < batch_size and total < batch_size * LEAST_BATCHES:
                chosen += self.pieces(turn + 1)[: batch_size - len(chosen)]
            length = max(end - start for _, start, end in chosen)
            true = np.zeros((len(chosen), length, 1), np.float32)
            weights = np.zeros((len(chosen), length), np.float32)
            for row, (number, start, end) in enumerate(chosen):
                # the place after a stretch's last shot has no shot on its other side
                boundaries = movies[number].boundaries[start : end - 1]
                true[row, : len(boundaries), 0] = boundaries
                weights[row, : len(boundaries)] = np.where(boundaries, weight, 1)
            random = np.random.default_rng((seed, self.epoch, index)) if augment else None
            pieces = [(movies[number], start, end) for number, start, end in chosen]
            given = _inputs(model, pieces, length, [known[number] for number, _, _ in chosen], random)
            return given, true, weights

        def on_epoch_end(self):
            self.epoch += 1

    return Segments()


def _padded_movies(keras, model, movies, batch_size, seed):
    """Return whole movies as the published networks were given them, a data set of keras."""
    length = max([networks.PUBLISHED_LENGTH, *(movie.n_shots for movie in movies)])
    known = [_known(model, movie) for movie in movies]

    class PaddedMovies(keras.utils.PyDataset):
        epoch = 0

        def __len__(self):
            return -(-len(movies) // batch_size)

        def __getitem__(self, index):
            order = np.random.default_rng((seed, self.epoch)).permutation(len(movies))
            chosen = order[index * batch_size : (index + 1) * batch_size]
            true = np.zeros((len(chosen), length, 1), np.float32)
            for row, number in enumerate(chosen):
                true[row, : movies[number].n_shots - 1, 0] = movies[number].boundaries
            pieces = [(movies[number], 0, movies[number].n_shots) for number in chosen]
            return _inputs(model, pieces, length, [known[number] for number in chosen]), true

        def on_epoch_end(self):
            self.epoch += 1

    return PaddedMovies()


def mean_average_precision(movies, predictions):
    """Return the mean over movies of the average precision of their boundaries, in [0, 1]; 0 for one without any.

    Parameters
    ----------
    movies : list of Movie
        With boundaries.
    predictions : list of array, (n_shots - 1,)
    """
    from sklearn.metrics import average_precision_score

    found = [
        average_precision_score(movie.boundaries, predicted) if movie.boundaries.any() else 0.0
        for movie, predicted in zip(movies, predictions, strict=True)
    ]
    return float(np.mean(found))


# prediction


def predict(model, movies, *, progress=True):
    """Return for each place between two shots how probable it is that a scene ends there.

    Each movie is told by itself, so that no movie's result depends on the others'. With the weight that boundaries have
    in training, predictions are higher than the share of boundaries among places told so: choose a threshold by
    `toolkit.metrics.choose_threshold` on movies that were not trained on.

    Parameters
    ----------
    model : keras model or path
        As `train` returns it, or a file as `load_model` takes it.
    movies : list of Movie
        Boundaries are not needed.
    progress : bool
        Whether to show a progress bar.

    Returns
    -------
    list of ndarray of float64, (n_shots - 1,), in [0, 1]

    Raises
    ------
    ParameterError
        If a movie has no feature that the model takes, or one of another dimension.
    DataError
        If a file holds no model, a broken or an unsafe one.
    """
    if isinstance(model, (str, os.PathLike)):
        model = load_model(model)
    _check_model(model)
    movies = _check_features(model, movies)
    networks.quicken(model)
    with one_thread(import_keras()):
        return _predictions(model, progress_bar(movies, description="scenes", unit="movie", progress=progress))


def _predictions(model, movies):
    found = []
    for movie in movies:
        length = max(movie.n_shots, networks.PUBLISHED_LENGTH) if networks.is_published(model) else movie.n_shots
        given = _inputs(model, [(movie, 0, movie.n_shots)], length, [_known(model, movie)])
        told = np.asarray(model.predict_on_batch(given), dtype=np.float64)[0, :, 0]
        found.append(told[: movie.n_shots - 1].copy())
    return found


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
        none. None: into each movie's own file.
    write : bool
        Whether to write them at all.
    seed, progress
        As in `train`.
    options
        Others of `train`.

    Returns
    -------
    keras model, list of Movie

    Raises
    ------
    ParameterError
        As in `train`; or if a movie is of no file and no folder is given.
    DataError
        If a movie's file cannot be read any more. Those before it have been written then, whole.
    """
    movies = _check_movies(movies)
    paths = []
    if write:
        if folder is not None and not Path(folder).is_dir():
            raise ParameterError(f"folder must be a folder; there is none at {folder}")
        for movie in movies:
            if movie.path is None and folder is None:
                raise ParameterError(
                    f"the movie {movie.imdb_id!r} comes from no file: name a folder to write to, or give write=False"
                )
            name = movie.path.name if movie.path is not None else f"{movie.imdb_id}.npz"
            paths.append(movie.path if folder is None else Path(folder, name))
    train(model, movies, validation=0, epochs=epochs, seed=seed, progress=progress, **options)
    predictions = predict(model, movies, progress=progress)
    if not write:
        return model, [dataclasses.replace(movie, predictions=p) for movie, p in zip(movies, predictions, strict=True)]
    return model, [write_predictions(*each) for each in zip(movies, predictions, paths, strict=True)]


# search


class SceneNetwork(BaseEstimator):
    """A network of this module as an estimator of scikit-learn, so that its searches and validations run on it.

    X is a list of Movie and y is not needed: a movie is one sample, and folds keep movies whole by themselves. The
    score is mean average precision.

    Parameters
    ----------
    network : {"wavenet", "bilstm"}
    published : bool
    num_layers, num_blocks, filters1, filters2, projection, dropout
        Of `build_wavenet`.
    n_layers, n_neurons
        Of `build_bilstm`.
    epochs, batch_size, loss, learning_rate, seed
        Of `train`; seed also of the weights.
    """

    def __init__(
        self,
        network="wavenet",
        *,
        published=False,
        num_layers=4,
        num_blocks=2,
        filters1=None,
        filters2=None,
        n_layers=2,
        n_neurons=32,
        projection=16,
        dropout=0.2,
        epochs=None,
        batch_size=None,
        loss="weighted",
        learning_rate=None,
        seed=0,
    ):
        self.network = network
        self.published = published
        self.num_layers = num_layers
        self.num_blocks = num_blocks
        self.filters1 = filters1
        self.filters2 = filters2
        self.n_layers = n_layers
        self.n_neurons = n_neurons
        self.projection = projection
        self.dropout = dropout
        self.epochs = epochs
        self.batch_size = batch_size
        self.loss = loss
        self.learning_rate = learning_rate
        self.seed = seed

    def build(self, movies):
        """Return an untrained network of these settings for movies."""
        settings = self.get_params()
        build = {"wavenet": build_wavenet, "bilstm": build_bilstm}[check_choice("network", self.network, NETWORKS)]
        return build(movies, **{name: settings[name] for name in BUILDING[self.network]})

    def fit(self, movies, y=None):
        """Train a new network on a list of Movie, and return this estimator; the network is its `model_`."""
        settings = {name: getattr(self, name) for name in ("epochs", "batch_size", "loss", "learning_rate", "seed")}
        self.model_ = train(self.build(movies), movies, **settings, progress=False)
        return self

    def predict(self, movies):
        """Return the predictions for a list of Movie, as `predict` does."""
        return predict(self.model_, movies, progress=False)

    def score(self, movies, y=None):
        """Return the mean average precision on a list of Movie."""
        return mean_average_precision(movies, self.predict(movies))


_SHARED = ("published", "projection", "dropout", "seed")
BUILDING = {
    "wavenet": ("num_layers", "num_blocks", "filters1", "filters2", *_SHARED),
    "bilstm": ("n_layers", "n_neurons", *_SHARED),
}


def search_ranges(network="wavenet"):
    """Return the ranges that the published search went through, for `random_search`.

    Parameters
    ----------
    network : {"wavenet", "bilstm"}
    """
    if check_choice("network", network, NETWORKS) == "bilstm":
        return {"n_layers": list(range(1, 11)), "n_neurons": list(range(2, 65, 2))}
    return {
        "num_blocks": [2, 3],
        "num_layers": list(range(4, 11)),
        "filters1": list(range(10, 21)),
        "filters2": list(range(2, 11)),
    }


def random_search(estimator, movies, ranges=None, *, n_draws=3, n_folds=3, path=None, seed=0, progress=True):
    """Return how well settings that are drawn at random do, each on movies kept out.

    The movies are divided into folds; each setting is trained on all folds but one and judged on that one, in turn.

    Parameters
    ----------
    estimator : SceneNetwork, or "wavenet" or "bilstm"
        Its settings are those of every draw, but for what the ranges say.
    movies : list of Movie
        With boundaries.
    ranges : dict of str to list or scipy distribution, optional
        For each setting what to draw from. None: as published (`search_ranges`).
    n_draws, n_folds : int
    path : path, optional
        A .json file that results are kept in as they come: where it is there, the search goes on from it.
    seed : int
        Of the draws and the folds.
    progress : bool
        Whether to show a progress bar.

    Returns
    -------
    DataFrame
        A row a setting, best first: the settings that were drawn, mAP (mean over folds), std_mAP, a column for each
        fold (fold_0 ...), and seconds, how long it took in all.

    Raises
    ------
    ParameterError
        If a setting is unknown, there are fewer movies than folds, or the file is of another search.
    DataError
        If the file is broken.
    """
    from sklearn.base import clone
    from sklearn.model_selection import GroupKFold, ParameterSampler

    if isinstance(estimator, str):
        estimator = SceneNetwork(check_choice("estimator", estimator, NETWORKS))
    if not isinstance(estimator, SceneNetwork):
        raise ParameterError(f"estimator must be a SceneNetwork, or one of {NETWORKS}; got {type(estimator).__name__}")
    movies = _check_labelled(estimator.build(movies), movies)
    ranges = search_ranges(estimator.network) if ranges is None else ranges
    if not isinstance(ranges, dict) or not ranges:
        raise ParameterError(f"ranges must be a dict of what to draw for each setting; got {ranges!r:.80}")
    for name in ranges:
        check_choice("a setting of ranges", name, sorted(estimator.get_params()))
    n_draws, seed = check_count("n_draws", n_draws, at_least=1), check_count("seed", seed)
    n_folds = check_count("n_folds", n_folds, at_least=2)
    groups = [movie.imdb_id for movie in movies]
    if len(set(groups)) < n_folds:
        raise ParameterError(f"n_folds must be at most the number of movies, {len(set(groups))}; got {n_folds}")
    try:
        draws = [
            {name: value.item() if isinstance(value, np.generic) else value for name, value in draw.items()}
            for draw in ParameterSampler(ranges, n_draws, random_state=seed)
        ]
    except (TypeError, ValueError) as error:
        raise ParameterError(f"ranges must give a list or a scipy distribution for each setting: {error}") from None
    folds = list(GroupKFold(n_folds, shuffle=True, random_state=seed).split(movies, groups=groups))
    results = _Results(path, _fingerprint(estimator, movies, n_folds, seed))
    rows = []
    bar = progress_bar(total=len(draws) * n_folds, description="search", unit="fold", progress=progress)
    with bar:
        for draw in draws:
            scores, seconds = [], 0.0
            for number, (learned, judged) in enumerate(folds):
                key = json.dumps([draw, number], sort_keys=True)
                if key not in results.found:
                    results.add(key, *_run(clone(estimator).set_params(**draw), movies, learned, judged))
                score, took = results.found[key]
                scores.append(score)
                seconds += took
                bar.update()
            each = {f"fold_{number}": score for number, score in enumerate(scores)}
            rows.append({**draw, "mAP": np.mean(scores), "std_mAP": np.std(scores), **each, "seconds": seconds})
    return pd.DataFrame(rows).sort_values("mAP", ascending=False, kind="stable", ignore_index=True)


def _run(estimator, movies, learned, judged):
    start = time.perf_counter()
    estimator.fit([movies[i] for i in learned])
    score = estimator.score([movies[i] for i in judged])
    return score, time.perf_counter() - start


def _fingerprint(estimator, movies, n_folds, seed):
    """Return a name for all that a search's results depend on, but for what is drawn."""
    digest = hashlib.sha256(json.dumps([estimator.get_params(), n_folds, seed], sort_keys=True, default=str).encode())
    for movie in movies:
        digest.update(repr((movie.imdb_id, movie.n_shots)).encode())
        digest.update(movie.boundaries.tobytes())
        for name, values in sorted(movie.features.items()):
            digest.update(repr((name, values.shape)).encode())
            digest.update(np.ascontiguousarray(values[:: max(1, len(values) // 16)]).tobytes())
    return digest.hexdigest()


class _Results:
    """The scores of a search that were found already, kept in a file that is whole at any moment."""

    def __init__(self, path, search):
        self.path, self.search, self.found = path, search, {}
        if path is None:
            return
        self.path = Path(path)
        if self.path.suffix != ".json":
            raise ParameterError(f"path must end in .json; got {path}")
        if not self.path.is_file():
            return
        try:
            stored = json.loads(self.path.read_text(encoding="utf-8"))
            other, found = stored["search"], {key: (float(s), float(t)) for key, (s, t) in stored["found"].items()}
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            raise DataError(f"{path} does not hold the results of a search: {error}. Name another file") from None
        if other != search:
            raise ParameterError(
                f"{path} holds the results of another search, of other movies, folds, seed or settings; name "
                "another file"
            )
        self.found = found

    def add(self, key, score, seconds):
        self.found[key] = (score, seconds)
        if self.path is not None:
            with write_whole(self.path) as partial:
                partial.write_text(json.dumps({"search": self.search, "found": self.found}), encoding="utf-8")
