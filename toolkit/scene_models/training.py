"""Training of networks of scene boundaries, and prediction by them."""

import os

import numpy as np

from toolkit import metrics
from toolkit.checks import check_choice, check_count, check_number, check_seed
from toolkit.errors import ParameterError
from toolkit.networks import import_keras, load_model, one_thread, training_bar
from toolkit.records import Movie
from toolkit.scene_models import networks
from toolkit.scene_models.batches import compare, inputs, padded_movies, segments
from toolkit.scene_models.directions import fit_projections
from toolkit.scenes.movies import check_movies
from toolkit.storage import progress_bar

LOSSES = ("weighted", "focal", "plain")
# movies, and shots of them together, from which on some are kept out: ten films of 40 shots each are better all learned
# from than watched
MIN_MOVIES_TO_SPLIT = 6
MIN_SHOTS_TO_SPLIT = 1000
# of a modality's largest value: beyond, the squares of its distances have no place in float32
MIN_VALUE, MAX_VALUE = 1e-15, 1e15
NOT_FINITE = (
    "training ended in numbers that are not finite: learning_rate is too high, or features of one modality are of very "
    "different scales in different movies; got a learning_rate of {rate:g}. Try the default with a new network"
)


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
        Movies to keep out, or the share of `movies` to keep out. None: a sixth of them where there are at least six, of
        1,000 shots together; of less, too little would be kept out to tell anything, and for a published network none
        are. 0: none, and every epoch is trained.
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
        At most 1; by default 3e-3, which falls to nothing by the last epoch, and 2e-5 where published.
    augment : bool
        Leave a modality out of a stretch now and then, as it may be missing in others.
    seed : int
        Of the movies kept out, the order and the augmentation; 0 to 2**32 - 1.
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
        on and kept out, none has two shots, an option is out of range, or training goes beyond what numbers hold.
    """
    keras = import_keras()
    published = _check_model(model)
    movies = check_labelled(model, movies)
    check_choice("loss", loss, LOSSES)
    epochs = check_count("epochs", (10 if published else 12) if epochs is None else epochs, at_least=1)
    batch_size = check_count("batch_size", (2 if published else 16) if batch_size is None else batch_size, at_least=1)
    patience, seed = check_count("patience", patience, at_least=1), check_seed(seed)
    rate = (2e-5 if published else 3e-3) if learning_rate is None else learning_rate
    rate = check_number("learning_rate", rate, above=0, at_most=1, hint=". It is best far below 1")
    movies, kept_out = _keep_out(model, movies, validation, published, seed)
    movies = [movie for movie in movies if movie.n_shots > 1]
    if not movies:
        raise ParameterError("movies must hold at least one of two shots or more to train on; all have one")
    networks.quicken(model)
    with training_bar(epochs, progress=progress) as bar:
        if published:
            trained = model
            shown, callbacks = _as_published(keras, model, movies, kept_out, batch_size, rate, seed)
        else:
            fit_projections(model, movies, seed)
            trained = model.get_layer(networks.TRUNK)
            # what training does not change is computed once
            compared = compare(model, movies)
            weight = _boundary_weight(movies) if loss != "plain" else 1.0
            shown = segments(movies, compared, batch_size, weight, augment, seed)
            falling = keras.optimizers.schedules.CosineDecay(rate, len(shown) * epochs, alpha=0.02)
            kind = keras.losses.BinaryFocalCrossentropy if loss == "focal" else keras.losses.BinaryCrossentropy
            trained.compile(
                optimizer=keras.optimizers.AdamW(falling, weight_decay=1e-2, clipnorm=1.0),
                loss=kind(reduction="mean_with_sample_weight"),
                jit_compile=False,
            )
            callbacks = _until_best(keras, model, kept_out, patience) if kept_out else []
        try:
            trained.fit(shown, epochs=epochs, callbacks=[*callbacks, bar], shuffle=False, verbose=0)
        except RuntimeError as error:
            # what torch says of probabilities that are not finite
            if "between 0 and 1" not in str(error):
                raise
            raise ParameterError(NOT_FINITE.format(rate=rate)) from None
    if not all(np.isfinite(weights).all() for weights in trained.get_weights()):
        raise ParameterError(NOT_FINITE.format(rate=rate))
    model.history = trained.history
    return model


def _as_published(keras, model, movies, kept_out, batch_size, rate, seed):
    """Compile a model as it was published, and return what it is shown, and the callbacks of its training."""
    model.compile(
        optimizer=keras.optimizers.RMSprop(rate), loss="binary_crossentropy", metrics=["accuracy"], jit_compile=False
    )

    def stop_when_accurate(epoch, logs):
        model.stop_training = logs["accuracy"] > 0.95

    callbacks = [_watch(keras, kept_out, lambda: _predictions(model, kept_out))] if kept_out else []
    callbacks.append(keras.callbacks.LambdaCallback(on_epoch_end=stop_when_accurate))
    return padded_movies(model, movies, batch_size, seed), callbacks


def _until_best(keras, model, kept_out, patience):
    """Return the callbacks that end the training of a trunk when it gets no better on movies kept out."""
    trunk = model.get_layer(networks.TRUNK)
    compared = [{name: values[None] for name, values in parts.items()} for parts in compare(model, kept_out)]
    best = keras.callbacks.EarlyStopping("val_mAP", mode="max", patience=patience, restore_best_weights=True)

    def predictions():
        return [_probabilities(trunk, arrays, movie) for arrays, movie in zip(compared, kept_out, strict=True)]

    return [_watch(keras, kept_out, predictions), best]


def _watch(keras, kept_out, predictions):
    """Return a callback that records the mean average precision on validation movies after each epoch, as val_mAP."""

    def watch(epoch, logs):
        logs["val_mAP"] = score(kept_out, predictions())

    return keras.callbacks.LambdaCallback(on_epoch_end=watch)


def predict(model, movies, *, progress=True):
    """Return for each place between two shots how probable it is that a scene ends there.

    Each movie is told by itself, so that no movie's result depends on the others'. With the weight that boundaries have
    in training, predictions are higher than the share of boundaries among places told so. `divide` makes scenes of
    them; or choose a threshold by `toolkit.metrics.choose_threshold` on movies that were not trained on.

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
        If a movie has no feature that the model takes, or one of another dimension, or of a scale so far from that of
        the movies trained on that nothing can be told.
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
    padding = networks.PUBLISHED_LENGTH if networks.is_published(model) else 0
    predictions = []
    for movie in movies:
        arrays = inputs(model, [movie], max(movie.n_shots, padding))
        predictions.append(_probabilities(model, arrays, movie)[: movie.n_shots - 1])
    return predictions


def _probabilities(model, arrays, movie):
    """Return what a model, or its trunk, predicts of a movie, float64 (length - 1,)."""
    probabilities = np.array(model.predict_on_batch(arrays), dtype=np.float64)[0, :-1, 0]
    if not np.isfinite(probabilities).all():
        raise ParameterError(
            f"the model tells nothing finite of the movie {movie.imdb_id!r}: features must be of about the scale of "
            "those that it was trained on. If they are, its learning_rate was too high"
        )
    return probabilities


def _check_model(model):
    """Return whether a model of this toolkit is a published one."""
    keras = import_keras()
    if not isinstance(model, keras.Model) or not networks.modalities_of(model):
        raise ParameterError(
            f"model must be one of build_wavenet or build_bilstm, or a file's by load_model; got {type(model).__name__}"
        )
    return networks.is_published(model)


def _check_features(model, movies):
    """Return movies that a model can be given: those of its modalities that a movie has are of the right dimension."""
    movies = check_movies(movies)
    dimensions = networks.modalities_of(model)
    for movie in movies:
        names = [name for name in dimensions if name in movie.features]
        if not names:
            raise ParameterError(
                f"the movie {movie.imdb_id!r} has none of the features that the model takes, {', '.join(dimensions)}; "
                f"it has {', '.join(movie.features) or 'none'}"
            )
        for name in names:
            values = movie.features[name]
            d = values.shape[1]
            # a modality of no dimension is one that the movie lacks
            if d not in (0, dimensions[name]):
                raise ParameterError(
                    f"the model takes {name!r} of {dimensions[name]} dimensions; the movie {movie.imdb_id!r} has {d}"
                )
            if d:
                # what is too large or too small cannot be multiplied by itself
                largest = max(float(values.max()), -float(values.min()))
                if largest and not MIN_VALUE <= largest <= MAX_VALUE:
                    raise ParameterError(
                        f"features must have a largest value from {MIN_VALUE:g} to {MAX_VALUE:g}, or 0; that of "
                        f"{name!r} of the movie {movie.imdb_id!r} is {largest:g}. Divide {name!r} of all movies by one "
                        "number of about that size"
                    )
    return movies


def check_labelled(model, movies):
    """Return movies that a model can be trained on."""
    movies = _check_features(model, movies)
    for movie in movies:
        if movie.boundaries is None:
            raise ParameterError(f"movies must have boundaries to be trained on; {movie.imdb_id!r} has none")
    return movies


def _keep_out(model, movies, validation, published, seed):
    """Return the movies to train on and those to keep out."""
    if validation is None:
        few = len(movies) < MIN_MOVIES_TO_SPLIT or sum(movie.n_shots for movie in movies) < MIN_SHOTS_TO_SPLIT
        validation = 0 if published or few else 1 / 6
    if isinstance(validation, (list, tuple)):
        if not len(validation):
            return movies, []
        kept_out = check_labelled(model, validation)
        both = {movie.imdb_id for movie in movies} & {movie.imdb_id for movie in kept_out}
        if both:
            raise ParameterError(
                f"movies that are kept out must not be trained on; {min(both)!r} is in movies and in validation"
            )
        return movies, kept_out
    share = check_number("validation", validation, at_least=0, below=1, hint=". Or name the movies: a list of Movie")
    if not share:
        return movies, []
    if len(movies) < 2:
        raise ParameterError("validation needs a second movie to keep out; give validation=0 to train on one alone")
    count = min(max(1, round(share * len(movies))), len(movies) - 1)
    # by name, that the order in which they are given does not matter
    names = sorted({movie.imdb_id for movie in movies})
    ids = {names[i] for i in np.random.RandomState(seed).permutation(len(names))[:count]}
    kept_out = [movie for movie in movies if movie.imdb_id in ids]
    rest = [movie for movie in movies if movie.imdb_id not in ids]
    if not rest:
        raise ParameterError("movies must have an imdb_id each, that some can be kept out; all have the same")
    return rest, kept_out


def _boundary_weight(movies):
    true = sum(int(movie.boundaries.sum()) for movie in movies)
    places = sum(len(movie.boundaries) for movie in movies)
    return float(np.sqrt((places - true) / true)) if 0 < true < places else 1.0


def score(movies, predictions):
    """Return the mean average precision of predictions of movies that have boundaries."""
    # two files may hold one movie, so that no id of its own is left
    judged = [
        Movie(str(number), {}, movie.boundaries, predictions=predicted)
        for number, (movie, predicted) in enumerate(zip(movies, predictions, strict=True))
    ]
    return metrics.evaluate(judged)["mAP"]
