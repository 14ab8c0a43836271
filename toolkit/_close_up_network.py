"""A small network that tells medium close-ups: training by film, prediction, models saved and loaded.

The network sees gray pictures of 128x128, squeezed whatever their shape was, with their contrast stretched: gray levels
from the 1st to the 99th in a hundred of the picture's middle are spread over the whole scale (no more than eightfold,
that darkness stays dark), so that faded, dark and colour film look alike to it. Black bars would be squeezed along:
cut them off first with `video.crop`. A label of 1 or True is a medium close-up.
"""

import os

import numpy as np
import pandas as pd

from toolkit._close_up_labels import SIDE, shrink, squeeze
from toolkit.checks import check_count, check_number
from toolkit.errors import ParameterError
from toolkit.networks import import_keras, load_model, one_thread, quiet_arrays, show_epochs
from toolkit.storage import progress_bar
from toolkit.video import image_batches

# by its name a model of our own is told from an older one, which takes gray levels as they are
NAME = "close_up_128"
MOST_GAIN = 8.0
CHOICES = 1000
LEAST_BATCHES = 20
# keras takes ten times as much and a digit as 32 bits
MOST_SEED = 2**28


def stretch(gray):
    """Return gray pictures with their contrast stretched, float32 in [0, 1].

    Parameters
    ----------
    gray : ndarray of uint8, (n, height, width)
    """
    height, width = gray.shape[1:]
    # bars that were left, the corners of old film and captions lie outside
    middle = gray[:, height // 6 : height - height // 6, width // 8 : width - width // 8]
    levels = np.percentile(middle.reshape(len(gray), -1), (1, 99), axis=1) if len(gray) else np.empty((2, 0))
    low, high = levels.astype(np.float32)
    stretched = gray.astype(np.float32)
    for picture, floor, ceiling in zip(stretched, low, high, strict=True):
        picture -= floor
        picture /= max(ceiling - floor, 255 / MOST_GAIN)
    return np.clip(stretched, 0, 1, out=stretched)


# training
def build_model(*, seed=0):
    """Return a small untrained network, a keras model: gray (n, 128, 128, 1) in [0, 1] to probabilities (n, 1).

    Four convolutions shrink a picture to a grid of 4x4 places, and what was found in each is weighed. It has some
    50,000 weights, 0.2 MB.

    Parameters
    ----------
    seed : int
        Of the random weights it begins with, below 2 ** 28.
    """
    seed = _check_seed(seed)
    keras = import_keras()
    with quiet_arrays():
        return _built(keras, seed)


def _built(keras, seed):
    layers = keras.layers
    form = {"data_format": "channels_last", "dtype": "float32"}
    model = keras.Sequential(name=NAME)
    model.add(layers.Input((SIDE, SIDE, 1), dtype="float32"))
    for depth, (filters, size, step) in enumerate(((16, 7, 4), (32, 3, 2), (48, 3, 2), (64, 3, 2))):
        start = keras.initializers.HeNormal(seed=seed * 10 + depth)
        convolution = {"strides": step, "padding": "same", "use_bias": False, "kernel_initializer": start}
        model.add(layers.Conv2D(filters, size, **convolution, **form))
        model.add(layers.BatchNormalization(axis=-1, momentum=0.9, dtype="float32"))
        model.add(layers.ReLU(dtype="float32"))
    model.add(layers.Flatten(**form))
    model.add(layers.Dropout(0.4, seed=seed, dtype="float32"))
    start = keras.initializers.GlorotUniform(seed=seed * 10 + 9)
    model.add(layers.Dense(1, activation="sigmoid", kernel_initializer=start, dtype="float32"))
    return model


def train(
    images,
    labels,
    *,
    films,
    validation=0.25,
    epochs=20,
    patience=6,
    batch_size=32,
    augment=True,
    model=None,
    seed=0,
    progress=True,
):
    """Return a network trained to tell medium close-ups.

    Frames of a film are alike, so that a network tested on frames of the films that it was trained on looks better than
    it is. Some films are therefore kept out whole (see `validation_split`): training ends when the network no longer
    gets better on these, and it is given back as it was when best on them. Both classes weigh the same, however many
    frames they have.

    Parameters
    ----------
    images : ndarray of uint8, Frames, or iterator of them
        Frames, in RGB or gray, of any size; kept as 128x128 gray, 16 kB each.
    labels : array_like of bool, (n,)
        Whether each is a medium close-up; 0 and 1 will do.
    films : sequence of str or int, (n,)
        Which film each is of. To train for one film only, name its stretches or scenes instead: frames of one name are
        kept together (`read_labels(path, stretches=8)`).
    validation : float or sequence
        Share of the frames to keep out, by whole films, or the names of the films to keep out.
    epochs : int
        How many times at most to go through the frames; few frames are shown several times each time, in 20 batches.
    patience : int
        End after so many times without getting better.
    batch_size : int
        Frames at once.
    augment : bool
        Show each frame anew each time: mirrored, shifted and sized by up to a tenth, brighter or darker, of more or
        less contrast.
    model : keras model, optional
        One of `build_model` or `train` to begin with, such as one trained on other films; it is changed. None: a new
        one.
    seed : int
        Below 2 ** 28.
    progress : bool
        Whether to show a progress bar.

    Returns
    -------
    keras model
        ``model.history.history`` has the loss, accuracy and recall of each time, val_ for the films kept out.

    Raises
    ------
    ParameterError
        If images, labels and films differ in length, there are frames of one class or of one film only, or an option is
        out of range.
    """
    gray = np.concatenate([np.empty((0, SIDE, SIDE), np.uint8), *map(shrink, image_batches(images))])
    labels = _check_labels(labels, len(gray))
    epochs, patience = check_count("epochs", epochs, at_least=1), check_count("patience", patience, at_least=1)
    batch_size, seed = check_count("batch_size", batch_size, at_least=1), _check_seed(seed)
    kept_out = validation_split(labels, films=films, validation=validation, seed=seed)
    keras = import_keras()
    if model is None:
        model = build_model(seed=seed)
    else:
        _check_own(model)
    pictures = stretch(gray)
    weights = _balanced(labels[~kept_out]), _balanced(labels[kept_out])
    batch_size = min(batch_size, int((~kept_out).sum()))
    shown = _shown_frames(keras, pictures[~kept_out], labels[~kept_out], weights[0], batch_size, augment, seed)
    watched = pictures[kept_out][..., None], labels[kept_out].astype(np.float32)[:, None], weights[1]
    steps = len(shown) * epochs
    rate = keras.optimizers.schedules.CosineDecay(2e-3, steps, alpha=0.02)
    model.compile(
        optimizer=keras.optimizers.Adam(rate),
        loss=keras.losses.BinaryCrossentropy(label_smoothing=0.05),
        metrics=[keras.metrics.BinaryAccuracy(name="accuracy"), keras.metrics.Recall(name="recall")],
        jit_compile=False,
    )
    stop = keras.callbacks.EarlyStopping("val_loss", patience=patience, restore_best_weights=True)
    bar = progress_bar(total=epochs, description="training", unit="epoch", progress=progress)
    with bar, one_thread(keras), quiet_arrays():
        model.fit(
            shown,
            validation_data=watched,
            validation_batch_size=256,
            epochs=epochs,
            callbacks=[stop, show_epochs(keras, bar, names=("loss", "val_loss"))],
            shuffle=False,
            verbose=0,
        )
    return model


def validation_split(labels, *, films, validation=0.25, seed=0):
    """Return which frames `train` keeps out to see when to end, bool (n,): whole films, with frames of both classes.

    Parameters
    ----------
    labels : array_like of bool, (n,)
    films : sequence of str or int, (n,)
    validation : float or sequence
        The share of frames to keep out: of a thousand random choices of films that leave both classes on both sides,
        the nearest to it. Or the films' names.
    seed : int

    Raises
    ------
    ParameterError
        If no films can be kept out so that both classes are on both sides.
    """
    labels = _check_labels(labels, None)
    names = _check_films(films, len(labels))
    seed = check_count("seed", seed)
    unique, which = np.unique(names, return_inverse=True)
    if np.iterable(validation) and not isinstance(validation, (str, bytes)):
        validation = [str(name) for name in validation]
        unknown = [name for name in validation if name not in unique]
        if unknown or not validation:
            raise ParameterError(
                f"validation must name films of {', '.join(unique[:5])}; got {unknown[0] if unknown else 'no name'!r}"
            )
        kept_out = np.isin(names, validation)
        if not _both_classes(labels, kept_out):
            raise ParameterError(
                f"the films to keep out ({', '.join(validation)}), and those to train on, must each have "
                "frames of both classes; name other films, or label more frames"
            )
        return kept_out
    share = check_number("validation", validation, above=0)
    if share >= 1:
        raise ParameterError(f"validation must be a share of the frames below 1, or names of films; got {validation!r}")
    if len(unique) < 2:
        raise ParameterError(
            "films must name at least two films, that some be kept out of training; all frames are of "
            f"{str(unique[0])!r}. For a model for one film, name its stretches instead: "
            "read_labels(path, stretches=8), or films=(times // 60).astype(int) for its minutes"
        )
    counts = np.stack([np.bincount(which[labels == kind], minlength=len(unique)) for kind in (False, True)])
    orders = np.random.default_rng(seed).permuted(np.tile(np.arange(len(unique)), (CHOICES, 1)), axis=1)
    # (kind, choice, how many of its films are kept out, less one)
    taken = counts[:, orders].cumsum(axis=2)[:, :, :-1]
    fits = ((taken > 0) & (taken < counts.sum(axis=1)[:, None, None])).all(axis=0)
    if not fits.any():
        raise ParameterError(
            "no films can be kept out so that both those and the others have frames of both classes; "
            "label close-ups and other frames in at least two films (or stretches of one)"
        )
    gaps = np.where(fits, np.abs(taken.sum(axis=0) / len(labels) - share), np.inf)
    choice, last = np.unravel_index(np.argmin(gaps), gaps.shape)
    return np.isin(which, orders[choice, : last + 1])


def _both_classes(labels, kept_out):
    return all(0 < labels[side].sum() < side.sum() for side in (kept_out, ~kept_out))


def _balanced(labels):
    """Return each frame's weight, so that both classes weigh the same."""
    counts = np.bincount(labels, minlength=2)
    return (len(labels) / (2 * counts))[labels.astype(int)].astype(np.float32)


def _check_seed(seed):
    seed = check_count("seed", seed)
    if seed >= MOST_SEED:
        raise ParameterError(
            f"seed must be below 2 ** 28; got one of {seed.bit_length()} bits. Any small number will do"
        )
    return seed


def _check_labels(labels, n):
    try:
        array = np.asarray(labels)
        if array.dtype.kind == "c":
            raise TypeError
        values = array.astype(np.float64)
    except (TypeError, ValueError):
        raise ParameterError("labels must be True or False, or 1 or 0, one for each frame") from None
    if array.ndim != 1 or (n is not None and len(array) != n):
        wanted = "" if n is None else f", one for each of the {n} images"
        raise ParameterError(f"labels must be (n,){wanted}; got shape {array.shape}")
    wrong = np.flatnonzero(~np.isin(values, (0, 1)))
    if len(wrong):
        raise ParameterError(
            f"labels must be 0 or 1; got {values[wrong[0]]:g} at {wrong[0]}. Leave out frames without a label"
        )
    if not 0 < values.sum() < len(values):
        raise ParameterError(
            f"labels must hold both medium close-ups and other frames; got {int(values.sum())} and "
            f"{int(len(values) - values.sum())}"
        )
    return values.astype(bool)


def _check_films(films, n):
    listed = np.iterable(films) and not isinstance(films, np.ndarray)
    try:
        names = np.asarray(list(films) if listed else films)
    except ValueError:
        raise ParameterError(
            f"films must name the film of each of the {n} frames, one name each; got sequences of different lengths"
        ) from None
    if isinstance(films, (str, bytes)) or names.shape != (n,):
        raise ParameterError(f"films must name the film of each of the {n} frames; got shape {names.shape}")
    if pd.isna(names).any():
        raise ParameterError(f"films must name the film of each frame; got none at {np.argmax(pd.isna(names))}")
    return names.astype(str)


def _check_own(model):
    if tuple(getattr(model, "input_shape", ())) != (None, SIDE, SIDE, 1) or tuple(model.output_shape) != (None, 1):
        raise ParameterError(
            "model must be one of build_model or train, with input (128, 128, 1) and one output; "
            f"got {getattr(model, 'input_shape', type(model).__name__)}"
        )


def _shown_frames(keras, pictures, labels, weights, batch_size, augment, seed):
    """Return the frames to train on in random order, again and again where they are few, a data set of keras."""

    class Shown(keras.utils.PyDataset):
        epoch = 0

        def __len__(self):
            return max(-(-len(labels) // batch_size), LEAST_BATCHES)

        def __getitem__(self, index):
            rounds = range(index * batch_size // len(labels), -(-(index + 1) * batch_size // len(labels)))
            orders = [np.random.default_rng((seed, self.epoch, turn)).permutation(len(labels)) for turn in rounds]
            first = index * batch_size - rounds[0] * len(labels)
            chosen = np.concatenate(orders)[first : first + batch_size]
            batch = pictures[chosen]
            if augment:
                random = np.random.default_rng((seed, self.epoch, index, 1))
                batch = np.stack([vary(picture, random) for picture in batch])
            return batch[..., None], labels[chosen].astype(np.float32)[:, None], weights[chosen]

        def on_epoch_end(self):
            self.epoch += 1

    return Shown()


def vary(picture, random):
    """Return a picture, float32 in [0, 1], by chance mirrored, shifted, sized, and of other brightness and contrast."""
    import cv2

    height, width = picture.shape
    scale = random.uniform(0.94, 1.06)
    across, down = random.uniform(-0.1, 0.1, 2) * (width, height)
    mirrored = random.random() < 0.5
    sign = -scale if mirrored else scale
    move = np.float32(
        [
            [sign, 0, width / 2 * (1 - sign) - 0.5 + sign * 0.5 + across],
            [0, scale, height / 2 * (1 - scale) + down],
        ]
    )
    varied = cv2.warpAffine(picture, move, (width, height), borderMode=cv2.BORDER_REPLICATE)
    varied **= np.float32(2 ** random.uniform(-0.6, 0.6))
    varied = (varied - 0.5) * random.uniform(0.75, 1.25) + 0.5 + random.uniform(-0.12, 0.12)
    if random.random() < 0.3:
        varied += random.normal(0, random.uniform(0, 0.06), varied.shape)
    return np.clip(varied, 0, 1).astype(np.float32)


# prediction
def predict(model, images, *, batch_size=64, progress=True):
    """Return how probable it is that frames are medium close-ups, float64 (n,) in [0, 1].

    Parameters
    ----------
    model : keras model or path
        As `train` returns it, or a file as `load_model` takes it. Older models of other sizes are given the size they
        take, in gray or RGB; other than those of `train`, they are given levels as they are, in [0, 1], or in 0 to 255
        where they begin with a Rescaling layer of their own.
    images : ndarray of uint8, Frames, or iterator of them
        In RGB or gray, of any size.
    batch_size : int
        Frames at once. Sums are made in another order in batches of another size, so that what is found may differ, by
        less than 0.000001.
    progress : bool
        Whether to show a progress bar.

    Raises
    ------
    ParameterError
        If the model does not take pictures or does not return one probability for each.
    DataError
        If a file holds no model, a broken or an unsafe one.
    """
    batch_size = check_count("batch_size", batch_size, at_least=1)
    if isinstance(model, (str, os.PathLike)):
        model = load_model(model)
    form = _form(model)
    found = [np.empty(0)]
    bar = progress_bar(description="close-ups", unit="frame", progress=progress)
    with bar, one_thread(import_keras()), quiet_arrays():
        for batch in image_batches(images):
            for first in range(0, len(batch), batch_size):
                part = batch[first : first + batch_size]
                found.append(_probabilities(model, _given(part, *form)))
                bar.update(len(part))
    return np.concatenate(found)


def _form(model):
    """Return the height, width and channels that a model takes, and what white is to it; 0: stretched."""
    keras = import_keras()
    if not isinstance(model, keras.Model):
        raise ParameterError(f"model must be a keras model, or the path of one; got {type(model).__name__}")
    try:
        taken, returned = model.input_shape, model.output_shape
    except AttributeError:
        raise ParameterError("model must be built, with one input; call build_model or load_model") from None
    if not isinstance(taken, tuple) or len(taken) != 4 or taken[3] not in (1, 3):
        raise ParameterError(f"model must take pictures (n, height, width, 1), or 3 for RGB; this one takes {taken}")
    if not isinstance(returned, tuple) or returned not in ((None, 1), (taken[0], 1), (None,)):
        raise ParameterError(
            f"model must return one probability for each picture, (n, 1); this one returns {returned}. Of several, "
            "which is the close-up cannot be known: end the model with one"
        )
    first = next((layer for layer in model.layers if not isinstance(layer, keras.layers.InputLayer)), None)
    white = 255.0 if isinstance(first, keras.layers.Rescaling) else 1.0
    return taken[1] or SIDE, taken[2] or SIDE, taken[3], 0.0 if model.name == NAME else white


def _given(images, height, width, channels, white):
    import cv2

    if not white:
        return stretch(shrink(images))[..., None]
    given = np.empty((len(images), height, width, channels), np.float32)
    for image, place in zip(images, given, strict=True):
        place[:] = squeeze(cv2, image, height, width, channels).reshape(height, width, channels)
    return given * np.float32(white / 255)


def _probabilities(model, given):
    found = np.asarray(model.predict_on_batch(given), dtype=np.float64).reshape(len(given))
    if not ((found >= 0) & (found <= 1)).all():
        wrong = found[~((found >= 0) & (found <= 1))][0]
        raise ParameterError(f"model must return probabilities, 0 to 1; got {wrong:g}. Does it end without a sigmoid?")
    return found
