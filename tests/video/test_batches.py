"""Batches of images."""

import numpy as np
import pytest

from toolkit import ParameterError
from toolkit.records import Frames
from toolkit.video import image_batches

IMAGES = np.arange(5 * 4 * 6 * 3, dtype=np.uint16).astype(np.uint8).reshape(5, 4, 6, 3)


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
