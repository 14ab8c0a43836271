"""Pictures of discs, a network that tells the large ones, and one that tells the mean."""

import cv2
import numpy as np
import pytest

from toolkit.networks import import_keras

# where a test calls keras itself: its conversion of torch's tensors to arrays, which numpy wants otherwise
keras_warns = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")


def disc(radius, rng, size=64):
    """Return a gray picture of a bright disc on a dark ground, with grain."""
    picture = np.full((size, size), 60.0, np.float32)
    centre = rng.integers(size * 3 // 8, size * 5 // 8, 2)
    cv2.circle(picture, [int(side) for side in centre], radius, float(rng.uniform(150, 230)), -1)
    return np.clip(picture + rng.normal(0, 5, picture.shape), 0, 255).astype(np.uint8)


def discs(films, each, seed=0):
    """Return pictures of large discs (labelled 1) and small ones, and which film each is of."""
    rng = np.random.default_rng(seed)
    labels = np.tile([True, False, False], films * each // 3 + 1)[: films * each]
    images = np.stack([disc(rng.integers(15, 22) if large else rng.integers(4, 8), rng) for large in labels])
    return images, labels, np.repeat([f"film {number}" for number in range(films)], each)


def mean_model(form, *, scale=None, units=1, activation="sigmoid"):
    """Return a model that gives the sigmoid of the mean of what it takes."""
    keras = import_keras()
    layers = [keras.layers.Input(form)]
    if scale:
        layers.append(keras.layers.Rescaling(scale))
    layers += [keras.layers.GlobalAveragePooling2D(), keras.layers.Dense(units, activation=activation)]
    model = keras.Sequential(layers)
    model.layers[-1].set_weights([np.full((form[-1], units), 1 / form[-1]), np.zeros(units)])
    return model
