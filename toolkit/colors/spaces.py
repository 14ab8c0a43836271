"""Color spaces: sRGB to CIELAB and OKLab, and back.

``"cielab"`` (the default)
    CIE 1976 L*a*b*, white point D65: L* in [0, 100], a* (green to red) and b* (blue to yellow) about [-108, 108].
``"oklab"``
    Ottosson's OKLab: L in [0, 1], a and b about [-0.32, 0.28]. Its hues stay truer when colours are mixed. Its cube
    roots begin at black: there a step of one level of 255 is a lightness of 0.07, and the noise of dark scenes, of
    which films have many, is taken for colours. CIELAB is straight near black, and that is why it is the default.
``"rgb"``
    The levels themselves, in [0, 255].

All are of sRGB, as images are. A cluster's colour is the mean of its pixels in the space, converted back.

References
----------
CIE 15:2018, Colorimetry. B. Ottosson, A perceptual color space for image processing, 2020,
https://bottosson.github.io/posts/oklab. IEC 61966-2-1:1999, for sRGB.
"""

import functools

import numpy as np

from toolkit.checks import check_array, check_choice
from toolkit.errors import ParameterError

SPACES = ("cielab", "oklab", "rgb")

_TO_XYZ = np.array(
    [[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750], [0.0193339, 0.1191920, 0.9503041]]
)
# white is (1, 1, 1) in what L*a*b* compares, and grays have a* = b* = 0
_TO_WHITE = _TO_XYZ / _TO_XYZ.sum(axis=1, keepdims=True)
_CIELAB = np.array([[0, 116, 0], [500, -500, 0], [0, 200, -200]], np.float64)
_TO_CONES = np.array(
    [
        [0.4122214708, 0.5363325363, 0.0514459929],
        [0.2119034982, 0.6806995451, 0.1073969566],
        [0.0883024619, 0.2817188376, 0.6299787005],
    ]
)
_OKLAB = np.array(
    [
        [0.2104542553, 0.7936177850, -0.0040720468],
        [1.9779984951, -2.4285922050, 0.4505937099],
        [0.0259040371, 0.7827717662, -0.8086757660],
    ]
)


def to_space(colors, space="cielab"):
    """Return RGB colours in a space.

    Parameters
    ----------
    colors : ndarray of uint8, (..., 3)
    space : {"cielab", "oklab", "rgb"}

    Returns
    -------
    ndarray of float64, (..., 3)
        For the ranges see the module.

    Raises
    ------
    ParameterError
        If an argument is of the wrong kind.
    """
    check_choice("space", space, SPACES)
    colors = np.asarray(colors)
    if colors.dtype != np.uint8 or colors.shape[-1:] != (3,):
        raise ParameterError(f"colors must be uint8, (..., 3) in RGB; got {colors.dtype}, shape {colors.shape}")
    return np.ascontiguousarray(convert(colors.reshape(-1, 3).T, space, np.float64).T).reshape(colors.shape)


def from_space(values, space="cielab"):
    """Return colours of a space in RGB, uint8 (..., 3), the nearest level of each channel; `to_space` the other way.

    What screens cannot show is cut off at 0 and 255.

    Raises
    ------
    ParameterError
        If an argument is of the wrong kind, or a value is not finite.
    """
    check_choice("space", space, SPACES)
    values = check_array("values", values, None, wanted="finite numbers, (..., 3)").astype(np.float64)
    if values.shape[-1:] != (3,):
        raise ParameterError(f"values must be finite numbers, (..., 3); got shape {values.shape}")
    if space == "oklab":
        linear = (values @ np.linalg.inv(_OKLAB).T) ** 3 @ np.linalg.inv(_TO_CONES).T
    elif space == "cielab":
        bent = (values + (16, 0, 0)) @ np.linalg.inv(_CIELAB).T
        xyz = np.where(bent > 6 / 29, bent**3, 3 * (6 / 29) ** 2 * (bent - 4 / 29))
        linear = xyz @ np.linalg.inv(_TO_WHITE).T
    if space != "rgb":
        linear = np.clip(linear, 0, 1)
        values = 255 * np.where(linear <= 0.0031308, 12.92 * linear, 1.055 * linear ** (1 / 2.4) - 0.055)
    return np.clip(np.floor(values + 0.5), 0, 255).astype(np.uint8)


def convert(channels, space, dtype):
    """Return colours in a space, (3, n) of a dtype, from their RGB levels, (3, n)."""
    if space == "rgb":
        return channels.astype(dtype)
    linear = np.take(linear_levels().astype(dtype), channels)
    if space == "oklab":
        return _OKLAB.astype(dtype) @ np.cbrt(_TO_CONES.astype(dtype) @ linear)
    xyz = _TO_WHITE.astype(dtype) @ linear
    bent = np.cbrt(xyz)
    dark = xyz <= (6 / 29) ** 3
    bent[dark] = xyz[dark] * dtype((29 / 6) ** 2 / 3) + dtype(4 / 29)
    values = _CIELAB.astype(dtype) @ bent
    values[0] -= 16
    return values


@functools.cache
def linear_levels():
    """Return how much light each of the 256 levels of sRGB is, in [0, 1]."""
    level = np.arange(256) / 255
    return np.where(level <= 0.04045, level / 12.92, ((level + 0.055) / 1.055) ** 2.4)
