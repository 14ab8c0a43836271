"""Spaces of colours against other people's, there and back."""

import cv2
import numpy as np
import pytest

from toolkit import ParameterError, colors

SPACES = ("cielab", "oklab", "rgb")


def test_cielab_is_opencvs():
    pixels = np.random.default_rng(0).integers(0, 256, (1, 5000, 3), np.uint8)
    expected = cv2.cvtColor((pixels / 255).astype(np.float32), cv2.COLOR_RGB2Lab)
    # opencv's own are interpolated in a table of 33 levels a channel
    assert np.abs(colors.to_space(pixels) - expected).max() < 0.5


def test_cielab_by_hand():
    # B. Lindbloom's calculator, sRGB, D65
    known = {(255, 0, 0): (53.2408, 80.0925, 67.2032), (0, 0, 255): (32.2970, 79.1875, -107.8602)}
    for color, lab in known.items():
        assert colors.to_space(np.array(color, np.uint8)) == pytest.approx(lab, abs=0.005)
    assert colors.to_space(np.array([255, 255, 255], np.uint8)) == pytest.approx((100, 0, 0), abs=1e-9)
    # below the cube root: L* = 903.3 Y
    assert colors.to_space(np.array([1, 1, 1], np.uint8))[0] == pytest.approx(903.2963 / 255 / 12.92, abs=1e-4)


def test_oklab_by_hand():
    # B. Ottosson, as CSS Color 4 gives them for sRGB's primaries
    known = {
        (255, 0, 0): (0.62796, 0.22486, 0.12585),
        (0, 255, 0): (0.86644, -0.23389, 0.17950),
        (0, 0, 255): (0.45201, -0.03246, -0.31153),
    }
    for color, lab in known.items():
        assert colors.to_space(np.array(color, np.uint8), "oklab") == pytest.approx(lab, abs=5e-5)
    assert colors.to_space(np.array([255, 255, 255], np.uint8), "oklab") == pytest.approx((1, 0, 0), abs=1e-6)


@pytest.mark.parametrize("space", SPACES)
def test_every_color_survives_the_way_there_and_back(space):
    levels = np.arange(0, 256, 5, dtype=np.uint8)
    cube = np.stack(np.meshgrid(levels, levels, levels), axis=-1)
    assert np.array_equal(colors.from_space(colors.to_space(cube, space), space), cube)
    grays = np.repeat(np.arange(256, dtype=np.uint8)[:, None], 3, axis=1)
    assert np.array_equal(colors.from_space(colors.to_space(grays, space), space), grays)


def test_what_a_screen_cannot_show_is_cut_off():
    assert colors.from_space([[120, 0, 0], [-5, 0, 0], [50, 300, 0]])[:2].tolist() == [[255] * 3, [0] * 3]
    assert colors.from_space([300, -2, 127.5], "rgb").tolist() == [255, 0, 128]


# bad input


def test_values_and_colors_of_the_wrong_kind_are_refused():
    with pytest.raises(ParameterError, match="colors must be uint8"):
        colors.to_space([0.5, 0.5, 0.5])
    with pytest.raises(ParameterError, match="space must be one of"):
        colors.to_space(np.zeros(3, np.uint8), "lab")
    with pytest.raises(ParameterError, match="values must be finite"):
        colors.from_space([np.nan, 0, 0])
    with pytest.raises(ParameterError, match=r"got shape \(2,\)"):
        colors.from_space([1, 2])
    with pytest.raises(ParameterError, match=r"values must be finite numbers, \(\.\.\., 3\); got str"):
        colors.from_space("#8a5a2b")
