"""A film of speckled colours, made for the tests."""

import numpy as np


def film(n, height=24, width=32, seed=0):
    """Return frames of a few speckled colours each."""
    rng = np.random.default_rng(seed)
    images = rng.integers(0, 256, (n, 4, 3))[np.arange(n)[:, None, None], rng.integers(0, 4, (n, height, width))]
    return np.clip(images + rng.integers(-6, 7, images.shape), 0, 255).astype(np.uint8)
