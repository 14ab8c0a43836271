"""Parts of pictures: black bars, boxes cut out, and masks."""

import os
from pathlib import Path

import numpy as np
import pytest

from toolkit import ParameterError, video
from toolkit.records import Frames

REAL = os.environ.get("TOOLKIT_REAL_DATA")
needs_real_films = pytest.mark.skipif(
    not REAL, reason="real clips: set TOOLKIT_REAL_DATA to the folder that holds films/"
)
QUIET = {"progress": False}


def lit(n=10, height=60, width=80, seed=0):
    return np.random.default_rng(seed).integers(30, 256, (n, height, width, 3), dtype=np.uint8)


def test_letterbox_and_pillarbox_are_found():
    images = lit()
    assert video.find_bars(images) == (0, 0, 60, 80)
    images[:, :7], images[:, 52:] = 0, 2
    assert video.find_bars(images) == (7, 0, 45, 80)
    images[:, :, :10] = 1
    assert video.find_bars(images) == (7, 10, 45, 70)


def test_a_dark_scene_is_no_bar():
    images = lit()
    images[:5] //= 12
    assert video.find_bars(images) == (0, 0, 60, 80)
    night = np.random.default_rng(1).integers(0, 22, (10, 60, 80, 3), dtype=np.uint8)
    assert video.find_bars(night) == (0, 0, 60, 80)
    images = lit()
    images[:4, :20] = 0
    assert video.find_bars(images) == (0, 0, 60, 80)


def test_black_frames_say_nothing_about_bars():
    images = lit(20)
    images[:, :6] = 0
    images[:15] = 0
    assert video.find_bars(images) == (6, 0, 54, 80)
    assert video.find_bars(np.zeros((3, 60, 80, 3), dtype=np.uint8)) == (0, 0, 60, 80)


def test_bars_are_the_same_from_gray_and_from_a_stream():
    images = lit()
    images[:, :9] = 0
    stream = (Frames(images[k : k + 3], np.arange(len(images[k : k + 3])), "film") for k in range(0, 10, 3))
    assert video.find_bars(stream) == video.find_bars(images) == video.find_bars(images[..., 1]) == (9, 0, 51, 80)
    with pytest.raises(ParameterError, match="at least one frame"):
        video.find_bars(images[:0])


def test_crop_cuts_the_box_out():
    images = lit()
    assert np.array_equal(video.crop(images, (5, 8, 20, 30)), images[:, 5:25, 8:38])
    with pytest.raises(ParameterError, match="the box must lie inside the 80x60 picture"):
        video.crop(images, (50, 0, 20, 30))
    with pytest.raises(ParameterError, match=r"box must be \(top, left, height, width\)"):
        video.crop(images, (1, 2, 3))


def test_a_mask_paints_the_region_and_leaves_what_was_given():
    images = lit()
    before = images.copy()
    masked = video.mask_region(images, 50, 10, 8, 60, value=128)
    assert (masked[:, 50:58, 10:70] == 128).all()
    masked[:, 50:58, 10:70] = images[:, 50:58, 10:70]
    assert np.array_equal(masked, before)
    assert np.array_equal(images, before)
    assert (video.mask_region(images, 0, 0, 2, 2, value=(1, 2, 3))[:, 1, 1] == (1, 2, 3)).all()


def test_a_mask_comes_back_in_the_form_that_went_in():
    frames = Frames(lit(4), np.arange(4.0), "film")
    masked = video.mask_region(frames, 0, 0, 5, 5)
    assert isinstance(masked, Frames)
    assert masked.name == "film"
    streamed = list(video.mask_region(iter([frames, frames[:2]]), 0, 0, 5, 5))
    assert [len(batch) for batch in streamed] == [4, 2]
    assert np.array_equal(streamed[0].images, masked.images)


@pytest.mark.parametrize(
    ("region", "message"),
    [
        ((0, 0, 61, 10), "the box must lie inside the 80x60 picture"),
        ((0, 75, 10, 10), "the box must lie inside"),
        ((-1, 0, 5, 5), "top must be a whole number of at least 0"),
        ((0, 0, 0, 5), "height must be a whole number of at least 1"),
        ((0, 0, 5, 2.5), "width must be a whole number"),
    ],
)
def test_a_region_outside_the_picture_is_refused(region, message):
    with pytest.raises(ParameterError, match=message):
        video.mask_region(lit(), *region)


@pytest.mark.parametrize("value", [-1, 256, 0.5, (1, 2), "black"])
def test_a_mask_is_painted_in_a_colour(value):
    with pytest.raises(ParameterError, match="value must be"):
        video.mask_region(lit(), 0, 0, 5, 5, value=value)


@pytest.mark.parametrize(
    "images", [[[1, 2], [3, 4]], np.zeros((2, 4, 4, 3)), np.zeros((4, 4), dtype=np.uint8), "film.mp4"]
)
def test_what_is_not_images_is_refused(images):
    with pytest.raises(ParameterError, match="images must be"):
        video.find_bars(images)


# --- real clips


@needs_real_films
def test_the_letterbox_of_a_real_film_is_found():
    frames = video.read_frames(Path(REAL, "films", "sintel_clip.mp4"), n_frames=24, **QUIET)
    top, left, height, width = video.find_bars(frames)
    assert (left, width) == (0, 848)
    # by eye: the first lit row is 58, the last 420; compression blurs both edges
    assert top == pytest.approx(58, abs=4)
    assert top + height == pytest.approx(421, abs=4)
