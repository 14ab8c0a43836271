"""Training the close-up network: balanced batches of varied frames, with whole films held out for validation."""

import numpy as np
import pandas as pd

from toolkit.checks import check_array, check_count, check_number
from toolkit.closeups.labels import SIDE, shrink
from toolkit.closeups.network import build_model, check_labels, check_own, check_seed, stretch
from toolkit.errors import ParameterError
from toolkit.networks import epoch_batches, import_keras, training_bar
from toolkit.video import image_batches

CHOICES = 1000
MIN_BATCHES = 20


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
    labels = check_labels(labels, len(gray))
    epochs, patience = check_count("epochs", epochs, at_least=1), check_count("patience", patience, at_least=1)
    batch_size, seed = check_count("batch_size", batch_size, at_least=1), check_seed(seed)
    kept_out = validation_split(labels, films=films, validation=validation, seed=seed)
    keras = import_keras()
    model = build_model(seed=seed) if model is None else check_own(model)
    pictures = stretch(gray)
    weights = _balanced(labels[~kept_out]), _balanced(labels[kept_out])
    batch_size = min(batch_size, int((~kept_out).sum()))
    shown = _shown_frames(pictures[~kept_out], labels[~kept_out], weights[0], batch_size, augment, seed)
    watched = pictures[kept_out][..., None], labels[kept_out].astype(np.float32)[:, None], weights[1]
    rate = keras.optimizers.schedules.CosineDecay(2e-3, len(shown) * epochs, alpha=0.02)
    model.compile(
        optimizer=keras.optimizers.Adam(rate),
        loss=keras.losses.BinaryCrossentropy(label_smoothing=0.05),
        metrics=[keras.metrics.BinaryAccuracy(name="accuracy"), keras.metrics.Recall(name="recall")],
        jit_compile=False,
    )
    stop = keras.callbacks.EarlyStopping("val_loss", patience=patience, restore_best_weights=True)
    with training_bar(epochs, names=("loss", "val_loss"), progress=progress) as bar:
        model.fit(
            shown,
            validation_data=watched,
            validation_batch_size=256,
            epochs=epochs,
            callbacks=[stop, bar],
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
    labels = check_labels(labels)
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
        if any(len(np.unique(labels[side])) < 2 for side in (kept_out, ~kept_out)):
            raise ParameterError(
                f"the films to keep out ({', '.join(validation)}), and those to train on, must each have "
                "frames of both classes; name other films, or label more frames"
            )
        return kept_out
    share = check_number("validation", validation, above=0, below=1, hint=". Or give the names of films to hold out")
    if len(unique) < 2:
        raise ParameterError(
            "films must name at least two films, that some be kept out of training; all frames are of "
            f"{str(unique[0])!r}. For a model for one film, name its stretches instead: "
            "read_labels(path, stretches=8), or films=(times // 60).astype(int) for its minutes"
        )
    counts = np.stack([np.bincount(which[labels == kind], minlength=len(unique)) for kind in (False, True)])
    orders = np.random.default_rng(seed).permuted(np.tile(np.arange(len(unique)), (CHOICES, 1)), axis=1)
    # (kind, choice, how many of its films are kept out, less one)
    sizes = counts[:, orders].cumsum(axis=2)[:, :, :-1]
    fits = ((sizes > 0) & (sizes < counts.sum(axis=1)[:, None, None])).all(axis=0)
    if not fits.any():
        raise ParameterError(
            "no films can be kept out so that both those and the others have frames of both classes; "
            "label close-ups and other frames in at least two films (or stretches of one)"
        )
    gaps = np.where(fits, np.abs(sizes.sum(axis=0) / len(labels) - share), np.inf)
    choice, last = np.unravel_index(np.argmin(gaps), gaps.shape)
    return np.isin(which, orders[choice, : last + 1])


def _balanced(labels):
    """Return each frame's weight, so that both classes weigh the same."""
    counts = np.bincount(labels, minlength=2)
    return (len(labels) / (2 * counts))[labels.astype(int)].astype(np.float32)


def _check_films(films, n):
    wanted = f"the film's name for each of the {n} frames"
    listed = np.iterable(films) and not isinstance(films, (str, bytes, np.ndarray))
    names = check_array("films", list(films) if listed else films, (n,), "OUSbiufM", wanted=wanted, finite=False)
    if pd.isna(names).any():
        raise ParameterError(f"films must be {wanted}; got none at {np.argmax(pd.isna(names))}")
    return names.astype(str)


def _shown_frames(pictures, labels, weights, batch_size, augment, seed):
    """Return the frames to train on in random order, again and again where they are few, a data set of keras."""

    def batch(epoch, index):
        rounds = range(index * batch_size // len(labels), -(-(index + 1) * batch_size // len(labels)))
        orders = [np.random.default_rng((seed, epoch, turn)).permutation(len(labels)) for turn in rounds]
        first = index * batch_size - rounds[0] * len(labels)
        places = np.concatenate(orders)[first : first + batch_size]
        batch_pictures = pictures[places]
        if augment:
            random = np.random.default_rng((seed, epoch, index, 1))
            batch_pictures = np.stack([vary(picture, random) for picture in batch_pictures])
        return batch_pictures[..., None], labels[places].astype(np.float32)[:, None], weights[places]

    return epoch_batches(max(-(-len(labels) // batch_size), MIN_BATCHES), batch)


def vary(picture, random):
    """Return a picture, float32 in [0, 1], by chance mirrored, shifted, sized, and of other brightness and contrast."""
    import cv2

    height, width = picture.shape
    scale = random.uniform(0.94, 1.06)
    across, down = random.uniform(-0.1, 0.1, 2) * (width, height)
    sign = -scale if random.random() < 0.5 else scale
    left, top = width / 2 * (1 - sign) - 0.5 + sign * 0.5 + across, height / 2 * (1 - scale) + down
    move = np.float32([[sign, 0, left], [0, scale, top]])
    varied = cv2.warpAffine(picture, move, (width, height), borderMode=cv2.BORDER_REPLICATE)
    varied **= np.float32(2 ** random.uniform(-0.6, 0.6))
    varied = (varied - 0.5) * random.uniform(0.75, 1.25) + 0.5 + random.uniform(-0.12, 0.12)
    if random.random() < 0.3:
        varied += random.normal(0, random.uniform(0, 0.06), varied.shape)
    return np.clip(varied, 0, 1).astype(np.float32)
