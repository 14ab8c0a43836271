"""Frames, batches of images, and the checks of arguments that many functions share."""

import numpy as np
import pytest

from toolkit import ParameterError
from toolkit.checks import check_choice, check_count, check_number
from toolkit.records import Frames
from toolkit.video import image_batches

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


def test_batches_come_from_arrays_frames_and_streams_of_either():
    frames = Frames(IMAGES, np.arange(5))
    for images in (IMAGES, frames, iter([frames[:2], frames[2:]]), [IMAGES[:1], IMAGES[1:]]):
        assert np.array_equal(np.concatenate(list(image_batches(images))), IMAGES)


@pytest.mark.parametrize(
    ("images", "message"),
    [
        ("film.mp4", "images must be an array, a Frames, or an iterator of Frames; got str"),
        (3, "got int"),
        (IMAGES.astype(float) / 255, r"got dtype float64. Were the pixels in \[0, 1\]"),
        (IMAGES.astype(np.int64), "got dtype int64"),
        (IMAGES[0, :, :, 0], r"got shape \(4, 6\). One image alone is images\[None\]"),
        (np.zeros((20, 30, 3), np.uint8), "looks like one RGB image"),
        (np.zeros((2, 4, 6, 4), np.uint8), r"got shape \(2, 4, 6, 4\)"),
        (np.zeros((2, 0, 6, 3), np.uint8), "images without pixels"),
    ],
)
def test_what_is_not_images_is_refused(images, message):
    with pytest.raises(ParameterError, match=message):
        list(image_batches(images))


@pytest.mark.parametrize("value", [0, -1.0, float("nan"), float("inf"), "3", None, True, 1j])
def test_a_number_above_zero_is_finite_real_and_no_flag(value):
    with pytest.raises(ParameterError, match=r"rate must be a finite number above 0 \(Hz\); got"):
        check_number("rate", value, above=0, unit="Hz")


@pytest.mark.parametrize("value", [0, -3, 1.0, "3", None, True, np.float64(2)])
def test_a_count_is_a_whole_number(value):
    with pytest.raises(ParameterError, match="n must be a whole number of at least 1; got"):
        check_count("n", value, at_least=1)


def test_numbers_of_numpy_are_numbers():
    assert check_count("n", np.int64(3)) == 3
    assert check_number("x", np.float32(0.5)) == 0.5


def test_a_choice_lists_itself():
    assert check_choice("metric", "gray", ("gray", "hsl")) == "gray"
    for value in ("Gray", None, ["gray"]):
        with pytest.raises(ParameterError, match=r"metric must be one of 'gray', 'hsl'; got"):
            check_choice("metric", value, ("gray", "hsl"))
