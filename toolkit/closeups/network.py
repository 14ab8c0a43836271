"""A small network that recognizes medium close-ups: built, and run on frames.

The network sees gray pictures of 128x128, squeezed whatever their shape was, with their contrast stretched: gray levels
from the 1st to the 99th in a hundred of the picture's middle are spread over the whole scale (no more than eightfold,
that darkness stays dark), so that faded, dark and colour film look alike to it. Black bars would be squeezed along:
cut them off first with `video.crop`. A label of 1 or True is a medium close-up.
"""

import os

import numpy as np

from toolkit.checks import check_array, check_count
from toolkit.closeups.labels import SIDE, resize, shrink
from toolkit.errors import ParameterError
from toolkit.networks import import_keras, one_thread, quiet_arrays
from toolkit.networks import load_model as load_model
from toolkit.networks import save_model as save_model
from toolkit.storage import progress_bar
from toolkit.video import image_batches

# by its name a model of our own is told from an older one, which takes gray levels as they are
NAME = "close_up_128"
MAX_GAIN = 8.0

# keras takes ten times as much and a digit as 32 bits
SEED_LIMIT = 2**28


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
        picture /= max(ceiling - floor, 255 / MAX_GAIN)
    return np.clip(stretched, 0, 1, out=stretched)


def build_model(*, seed=0):
    """Return a small untrained network, a keras model: gray (n, 128, 128, 1) in [0, 1] to probabilities (n, 1).

    Four convolutions shrink a picture to a grid of 4x4 places, and what was found in each is weighed. It has some
    50,000 weights, 0.2 MB.

    Parameters
    ----------
    seed : int
        Of the random weights it begins with, below 2 ** 28.
    """
    seed = check_seed(seed)
    keras = import_keras()
    layers = keras.layers
    form = {"data_format": "channels_last", "dtype": "float32"}
    with quiet_arrays():
        model = keras.Sequential([layers.Input((SIDE, SIDE, 1), dtype="float32")], name=NAME)
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


def check_seed(seed):
    """Return a seed that numpy and keras accept; otherwise raise a ParameterError."""
    return check_count("seed", seed, below=SEED_LIMIT, hint=". Any small number will do")


def check_labels(labels, n=None):
    """Return labels as bool (n,), both of them there; otherwise raise a ParameterError."""

    def hint(array):
        return ". Leave out frames without a label" if array.dtype.kind == "f" else ""

    wanted = "True or False, or 1 or 0, one for each " + ("frame" if n is None else f"of the {n} images")
    array = check_array("labels", labels, ("n" if n is None else n,), "biuf", wanted=wanted, hint=hint)
    other = np.flatnonzero(~np.isin(array, (0, 1)))
    if len(other):
        raise ParameterError(f"labels must be {wanted}; got {array[other[0]]:g} at {other[0]}{hint(array)}")
    positive = int(array.sum())
    if not 0 < positive < len(array):
        raise ParameterError(
            f"labels must hold both medium close-ups and other frames; got {positive} and {len(array) - positive}"
        )
    return array.astype(bool)


def check_own(model):
    """Return a model if it has the form that `build_model` gives; otherwise raise a ParameterError."""
    if tuple(getattr(model, "input_shape", ())) != (None, SIDE, SIDE, 1) or tuple(model.output_shape) != (None, 1):
        raise ParameterError(
            "model must be one of build_model or train, with input (128, 128, 1) and one output; "
            f"got {getattr(model, 'input_shape', type(model).__name__)}"
        )
    return model


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
    probabilities = [np.empty(0)]
    bar = progress_bar(description="close-ups", unit="frame", progress=progress)
    with bar, one_thread(import_keras()), quiet_arrays():
        for batch in image_batches(images):
            for first in range(0, len(batch), batch_size):
                part = batch[first : first + batch_size]
                probabilities.append(_probabilities(model, _inputs(part, *form)))
                bar.update(len(part))
    return np.concatenate(probabilities)


def _form(model):
    """Return the height, width and channels that a model takes, and what white is to it; 0: stretched."""
    keras = import_keras()
    if not isinstance(model, keras.Model):
        raise ParameterError(f"model must be a keras model, or the path of one; got {type(model).__name__}")
    try:
        shape, outputs = model.input_shape, model.output_shape
    except AttributeError:
        raise ParameterError("model must be built, with one input; call build_model or load_model") from None
    if not isinstance(shape, tuple) or len(shape) != 4 or shape[3] not in (1, 3):
        raise ParameterError(f"model must take pictures (n, height, width, 1), or 3 for RGB; this one takes {shape}")
    if not isinstance(outputs, tuple) or outputs not in ((None, 1), (shape[0], 1), (None,)):
        raise ParameterError(
            f"model must return one probability for each picture, (n, 1); this one returns {outputs}. Of several, "
            "which is the close-up cannot be known: end the model with one"
        )
    first = next((layer for layer in model.layers if not isinstance(layer, keras.layers.InputLayer)), None)
    white = 255.0 if isinstance(first, keras.layers.Rescaling) else 1.0
    return shape[1] or SIDE, shape[2] or SIDE, shape[3], 0.0 if model.name == NAME else white


def _inputs(images, height, width, channels, white):
    if not white:
        return stretch(shrink(images))[..., None]
    return resize(images, height, width, channels) * np.float32(white / 255)


def _probabilities(model, pictures):
    values = np.asarray(model.predict_on_batch(pictures), dtype=np.float64).reshape(len(pictures))
    wrong = values[~((values >= 0) & (values <= 1))]
    if len(wrong):
        raise ParameterError(
            f"model must return probabilities, 0 to 1; got {wrong[0]:g}. Does it end without a sigmoid?"
        )
    return values
