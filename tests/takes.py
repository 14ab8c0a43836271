"""Vectors of the frames of shots, made for the tests."""

import numpy as np


def takes(places, lengths, *, noise=0.1, drift=0.0, d=6, seed=0):
    """Return the frames of shots, and the shot of each: each shot is a place, noise about it, and a steady movement."""
    rng = np.random.default_rng(seed)
    centers = 10 * np.eye(d)
    frames = []
    for place, length in zip(places, lengths, strict=True):
        way = np.zeros((length, d))
        way[:, -1] = drift * np.linspace(-1, 1, length)
        frames.append(centers[place] + way + noise * rng.standard_normal((length, d)))
    return np.concatenate(frames), np.repeat(np.arange(len(places)), lengths)
