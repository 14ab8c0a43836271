"""Frames."""

from fractions import Fraction

import numpy as np
import pytest

from toolkit import ParameterError
from toolkit.records import Frames

IMAGES = np.arange(5 * 4 * 6 * 3, dtype=np.uint16).astype(np.uint8).reshape(5, 4, 6, 3)


def test_frames_are_cut_like_arrays_with_their_times():
    frames = Frames(IMAGES, np.arange(5) / 2, "film")
    part = frames[1:4]
    assert len(part) == 3
    assert part.times.tolist() == [0.5, 1.0, 1.5]
    assert np.array_equal(part.images, IMAGES[1:4])
    assert frames[[4, 0]].times.tolist() == [2.0, 0.0]
    assert repr(frames) == "Frames('film', 5 of 6x4, 0.000 to 2.000 s)"
    with pytest.raises(ParameterError, match=r"use frames\[2:3\], or frames.images\[2\]"):
        frames[2]


def test_each_image_has_a_time():
    with pytest.raises(ParameterError, match=r"one time for each of the 5 images; got shape \(4,\)"):
        Frames(IMAGES, np.arange(4))


def test_times_may_be_fractions():
    times = [Fraction(1, 3), Fraction(2, 3)]
    assert Frames(np.zeros((2, 4, 4), np.uint8), times).times.tolist() == [1 / 3, 2 / 3]
