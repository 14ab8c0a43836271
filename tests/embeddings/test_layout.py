"""The layout descriptor: against a plain version, what it tells apart and what not, how often it finds the set-up."""

import json
import os
from pathlib import Path

import cv2
import numpy as np
import pytest

from toolkit import samples, video
from toolkit.embeddings import layout

REAL_DATA = os.environ.get("TOOLKIT_REAL_DATA")
PARTS = {
    "colours": slice(0, 1183),
    "places": slice(1183, 1711),
    "edges": slice(1711, 1839),
    "light": slice(1839, 2031),
}


def noise(n=6, height=72, width=96, seed=0):
    return np.random.default_rng(seed).integers(0, 256, (n, height, width, 3), dtype=np.uint8)


def shares(values, low, high, levels):
    """Return how much of each value counts for each level: (levels, ...), a hat function around each."""
    position = (np.clip(values, low, high) - low) / (high - low) * (levels - 1)
    return np.maximum(0, 1 - np.abs(position[None] - np.arange(levels).reshape(-1, *[1] * values.ndim)))


def cielab(image):
    """Return CIELAB (white D65) of sRGB, by the matrix and the curves of the standards."""
    value = image / 255
    light = np.where(value <= 0.04045, value / 12.92, ((value + 0.055) / 1.055) ** 2.4)
    matrix = [[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750], [0.0193339, 0.1191920, 0.9503041]]
    t = light @ np.array(matrix).T / (0.95047, 1.0, 1.08883)
    x, y, z = np.moveaxis(np.where(t > (6 / 29) ** 3, np.cbrt(t), t / (3 * (6 / 29) ** 2) + 4 / 29), -1, 0)
    return np.stack([116 * y - 16, 500 * (x - y), 200 * (y - z)], axis=-1)


def naive_descriptor(image):
    """Return the descriptor of one 72x96 image by hat functions and OpenCV's Sobel filter."""
    lab = cielab(image)
    channels = [
        shares(lab[..., 0], 0, 100, 7),
        shares(lab[..., 1], -48, 48, 13),
        shares(lab[..., 2], -48, 48, 13),
    ]
    colors = np.einsum("lyx,ayx,byx->lab", *channels) / 6912
    luma = image @ np.array([0.299, 0.587, 0.114])
    dx = cv2.Sobel(luma, cv2.CV_64F, 1, 0, borderType=cv2.BORDER_REFLECT_101) / 8
    dy = cv2.Sobel(luma, cv2.CV_64F, 0, 1, borderType=cv2.BORDER_REFLECT_101) / 8
    length, angle = np.hypot(dx, dy), np.arctan2(dy, dx) % np.pi / np.pi * 8
    # the ninth orientation is the first again
    turned = np.maximum(0, 1 - np.abs(angle[None] - np.arange(9).reshape(-1, 1, 1)))
    turned[0] += turned[8]
    places, edges = [], []
    for top in range(0, 72, 18):
        for left in range(0, 96, 24):
            block = (slice(None), slice(top, top + 18), slice(left, left + 24))
            places += [channel[block].sum(axis=(1, 2)) / 6912 / 3 for channel in channels]
            edges.append((turned[:8] * length)[block].sum(axis=(1, 2)) / (length.sum() + 0.8 * 6912))
    light = luma.reshape(12, 6, 16, 6).mean(axis=(1, 3))
    light -= light.mean()
    light /= np.linalg.norm(light) + 4 * np.sqrt(light.size)
    histograms = [colors.ravel(), np.concatenate(places), np.concatenate(edges)]
    return np.concatenate([*map(np.sqrt, histograms), light.ravel()]) / 2


def test_the_compiled_loops_agree_with_the_plain_version():
    images = np.concatenate([noise(3), cv2.GaussianBlur(noise(1, seed=1)[0], (0, 0), 4)[None]])
    for image, vector in zip(images, layout.describe(images), strict=True):
        # float32, and the square root of what rounding leaves of an empty bin
        np.testing.assert_allclose(vector, naive_descriptor(image), atol=1e-6)


def test_opencv_sees_the_same_colours():
    image = noise(1)[0]
    # OpenCV looks its values up in a table
    np.testing.assert_allclose(cv2.cvtColor(np.float32(image) / 255, cv2.COLOR_RGB2LAB), cielab(image), atol=0.5)


@pytest.mark.parametrize("part", PARTS)
def test_each_part_weighs_the_same(part):
    vector = layout.describe(noise())[:, PARTS[part]]
    # edges and light stay below, by the constant that keeps grain from passing for structure
    assert np.all(np.linalg.norm(vector, axis=1) <= 0.5 + 1e-6)
    assert np.all(np.linalg.norm(vector, axis=1) > 0.3)


@pytest.mark.parametrize("value", [0, 255, (200, 30, 30)])
def test_a_frame_of_one_colour_has_no_edges_and_no_light(value):
    vector = layout.describe(np.full((1, 40, 50, 3), value, dtype=np.uint8))[0]
    assert np.all(np.isfinite(vector))
    assert not vector[PARTS["edges"]].any()
    np.testing.assert_allclose(vector[PARTS["light"]], 0, atol=1e-9)
    np.testing.assert_allclose(np.linalg.norm(vector[PARTS["colours"]]), 0.5, atol=1e-6)


def test_black_is_counted_at_the_lowest_level_without_tint():
    colors = layout.describe(np.zeros((1, 72, 96, 3), np.uint8))[0, PARTS["colours"]].reshape(7, 13, 13)
    np.testing.assert_allclose(colors[0, 6, 6], 0.5, atol=1e-6)


def test_a_gray_image_is_one_with_equal_channels():
    gray = noise()[..., 0]
    np.testing.assert_array_equal(layout.describe(gray), layout.describe(np.repeat(gray[..., None], 3, axis=3)))


def test_a_frames_vector_does_not_depend_on_its_neighbours(monkeypatch):
    images = noise(7)
    together = layout.describe(images)
    np.testing.assert_array_equal(np.concatenate([layout.describe(images[i : i + 1]) for i in range(7)]), together)
    monkeypatch.setattr(layout.config, "NUMBA_NUM_THREADS", 5)
    np.testing.assert_array_equal(layout.describe(images), together)


def test_no_frames_give_no_vectors():
    assert layout.describe(np.zeros((0, 10, 10, 3), np.uint8)).shape == (0, layout.LENGTH)


@pytest.mark.parametrize("size", [(1, 1), (3, 200), (72, 96), (240, 320), (1080, 1920)])
def test_frames_of_any_size_have_vectors_of_one_length(size):
    vector = layout.describe(noise(1, *size))
    assert vector.shape == (1, 2031)
    assert np.isfinite(vector).all()


def test_a_view_with_gaps_is_read_as_its_copy():
    images = noise(2, 144, 192)[:, ::2, ::-1]
    np.testing.assert_array_equal(layout.describe(images), layout.describe(images.copy()))


def test_opposites_are_within_the_stated_range():
    half = np.zeros((72, 96, 3), np.uint8)
    half[:36] = 255
    red, cyan = np.full((72, 96, 3), (255, 0, 0), np.uint8), np.full((72, 96, 3), (0, 255, 255), np.uint8)
    vectors = layout.describe(np.stack([half, half[::-1], red, cyan]))
    distances = np.linalg.norm(vectors[:, None] - vectors[None], axis=2)
    assert distances.max() <= 1.6
    assert distances[0, 1] > 0.8
    # two parts of the four tell them apart
    np.testing.assert_allclose(distances[2, 3], 1.0, atol=0.2)


def test_a_small_change_of_exposure_or_colour_is_a_small_change():
    image = cv2.GaussianBlur(noise(1)[0], (0, 0), 3)
    other = cv2.GaussianBlur(noise(1, seed=5)[0][::-1], (0, 0), 9)
    darker = (image * 0.95).astype(np.uint8)
    vectors = layout.describe(np.stack([image, darker, other]))
    assert np.linalg.norm(vectors[0] - vectors[1]) < 0.4 * np.linalg.norm(vectors[0] - vectors[2])


def neighbours_of_the_same_setup(vectors, times, setups):
    """Return of each frame whether its nearest neighbour, at least 0.4 s away, is of its set-up."""
    products = vectors @ vectors.T
    distances = np.diag(products)[:, None] + np.diag(products)[None] - 2 * products
    distances[np.abs(times[:, None] - times[None]) < 0.4 - 1e-6] = np.inf
    return setups[distances.argmin(axis=1)] == setups


def test_a_sample_films_neighbours_are_of_the_same_setup():
    film = samples.sample_film()
    frames = video.read_frames(film.path, fps=5, size=(320, 240), progress=False)
    shots = np.searchsorted(film.shots["start"], frames.times + 1e-6, side="right") - 1
    found = neighbours_of_the_same_setup(layout.describe(frames.images), frames.times, film.setups[shots])
    assert found.mean() >= 0.98


@pytest.mark.skipif(not REAL_DATA, reason="TOOLKIT_REAL_DATA is not set: no real clips")
def test_real_clips_neighbours_are_of_the_same_setup():
    truth = json.loads((Path(REAL_DATA) / "truth" / "clips.json").read_text())
    vectors, times, setups = [], [], []
    for number, (name, clip) in enumerate(item for item in truth.items() if item[0] != "_note"):
        frames = video.read_frames(Path(REAL_DATA) / "films" / name, fps=5, size=(320, 240), progress=False)
        shots = np.searchsorted(clip["cuts"], np.round((frames.times - frames.times[0]) * clip["fps"]), side="right")
        labels = clip.get("shots") or range(len(clip["cuts"]) + 1)
        vectors.append(layout.describe(frames.images))
        times.append(frames.times + 1000 * number)
        setups += [f"{name} {labels[shot]}" for shot in shots]
    found = neighbours_of_the_same_setup(np.concatenate(vectors), np.concatenate(times), np.array(setups))
    assert found.mean() >= 0.97
