"""The layout descriptor of a frame: which colours, edges and lights are where. No weights, nothing to download.

A frame is squeezed to 96x72 pixels by area averaging (whatever its aspect: places are relative to the frame), and four
parts are taken from it, which weigh the same:

colours
    How much of the frame has which colour: a joint histogram of CIELAB, 7 levels of L* in [0, 100] by 13 of a* and 13
    of b* in [-48, 48], colours beyond that counted at the border. A moving camera changes it little.
places
    In each of 4x4 blocks the histograms of L*, a* and b*, of the same levels.
edges
    In each of 4x4 blocks how much of the frame's gradient has which of 8 orientations, of luma by Sobel's filter.
light
    The luma of 16x12 blocks less its mean, divided by its norm: the picture's light and dark, whatever the exposure.

A pixel between two levels, or a gradient between two orientations, counts for both in proportion, so that a small
change of colour or angle is a small change of the vector. Of histograms the square root is taken (Hellinger's
distance); edges and light are shares of their total plus a constant, so that the grain of an empty frame does not pass
for structure. Each part's norm is at most 1, and that of the whole at most 1: Euclidean distances lie in [0, 1.6].

References
----------
CIE 15:2018, Colorimetry, for CIELAB (white D65), and IEC 61966-2-1 for sRGB. N. Dalal and B. Triggs, Histograms of
oriented gradients for human detection, CVPR 2005. R. Arandjelovic and A. Zisserman, Three things everyone should know
to improve object retrieval, CVPR 2012, for the square root.
"""

from concurrent.futures import ThreadPoolExecutor

import numba
import numpy as np
from numba.core import config

from toolkit.colors.spaces import linear_levels

# changed with whatever changes a descriptor's values
VERSION = "1"

WIDTH, HEIGHT = 96, 72
BLOCKS = 4
LEVELS, TINTS, CHROMA = 7, 13, 48.0
ORIENTATIONS = 8
CELL = 6
# gray levels, below which gradients and contrasts count little
FAINT_EDGE, FAINT_LIGHT = 0.8, 4.0

COLORS = LEVELS * TINTS * TINTS
PLACES = BLOCKS * BLOCKS * (LEVELS + 2 * TINTS)
EDGES = BLOCKS * BLOCKS * ORIENTATIONS
LIGHTS = (WIDTH // CELL) * (HEIGHT // CELL)
LENGTH = COLORS + PLACES + EDGES + LIGHTS


def describe(images):
    """Return the layout descriptor of each image.

    Parameters
    ----------
    images : ndarray of uint8, (n, height, width, 3) in RGB or (n, height, width) in gray

    Returns
    -------
    ndarray of float32, (n, 2031)
        The same whatever the number of images in a call, or of threads.
    """
    vectors = np.empty((len(images), LENGTH), np.float32)
    share = -(-len(images) // config.NUMBA_NUM_THREADS)
    parts = [slice(start, start + share) for start in range(0, len(images), max(share, 1))]
    with ThreadPoolExecutor(config.NUMBA_NUM_THREADS) as pool:
        list(pool.map(lambda part: _describe(images[part], vectors[part]), parts))
    return vectors


def _describe(images, vectors):
    import cv2

    for image, vector in zip(images, vectors, strict=True):
        small = cv2.resize(np.ascontiguousarray(image), (WIDTH, HEIGHT), interpolation=cv2.INTER_AREA)
        if small.ndim == 2:
            small = np.repeat(small[..., None], 3, axis=2)
        _write_vector(small, linear_levels(), vector)


@numba.njit(nogil=True, cache=True)
def _write_vector(image, linear, vector):
    """Write the descriptor of an image, uint8 (72, 96, 3), to `vector`, float32 (2031,)."""
    colors = np.zeros((LEVELS, TINTS, TINTS))
    places = np.zeros((BLOCKS, BLOCKS, LEVELS + 2 * TINTS))
    luma = np.empty((HEIGHT, WIDTH))
    for y in range(HEIGHT):
        for x in range(WIDTH):
            r, g, b = image[y, x, 0], image[y, x, 1], image[y, x, 2]
            luma[y, x] = 0.299 * r + 0.587 * g + 0.114 * b
            _count_color(linear[r], linear[g], linear[b], colors, places[y * BLOCKS // HEIGHT, x * BLOCKS // WIDTH])
    edges = np.zeros((BLOCKS, BLOCKS, ORIENTATIONS))
    total = _add_gradients(luma, edges)
    light = _light(luma)
    # the whole is halved: four parts of norm 1 have together a norm of 2
    pixels = HEIGHT * WIDTH
    vector[:COLORS] = 0.5 * np.sqrt(colors.ravel() / pixels)
    vector[COLORS : COLORS + PLACES] = 0.5 * np.sqrt(places.ravel() / (3 * pixels))
    vector[COLORS + PLACES : -LIGHTS] = 0.5 * np.sqrt(edges.ravel() / (total + FAINT_EDGE * pixels))
    vector[-LIGHTS:] = 0.5 * light.ravel()


@numba.njit(nogil=True, cache=True)
def _count_color(red, green, blue, colors, place):
    """Count a pixel of linear light in the frame's joint histogram, and in its block's three."""
    fx = _lab_curve((0.4124564 * red + 0.3575761 * green + 0.1804375 * blue) / 0.95047)
    fy = _lab_curve(0.2126729 * red + 0.7151522 * green + 0.0721750 * blue)
    fz = _lab_curve((0.0193339 * red + 0.1191920 * green + 0.9503041 * blue) / 1.08883)
    level, above = _level((116 * fy - 16) / 100, LEVELS)
    a, above_a = _level(500 * (fx - fy) / (2 * CHROMA) + 0.5, TINTS)
    b, above_b = _level(200 * (fy - fz) / (2 * CHROMA) + 0.5, TINTS)
    for dl in range(2):
        wl = above if dl else 1 - above
        for da in range(2):
            wa = wl * (above_a if da else 1 - above_a)
            colors[level + dl, a + da, b] += wa * (1 - above_b)
            colors[level + dl, a + da, b + 1] += wa * above_b
    place[level] += 1 - above
    place[level + 1] += above
    place[LEVELS + a] += 1 - above_a
    place[LEVELS + a + 1] += above_a
    place[LEVELS + TINTS + b] += 1 - above_b
    place[LEVELS + TINTS + b + 1] += above_b


@numba.njit(nogil=True, cache=True)
def _lab_curve(t):
    """Return CIELAB's f(t): the cube root, and a line near 0."""
    return np.cbrt(t) if t > 216 / 24389 else (24389 / 27 * t + 16) / 116


@numba.njit(nogil=True, cache=True)
def _level(share, levels):
    """Return the level below a share in [0, 1], and how far above it the share lies, in [0, 1]."""
    position = min(max(share, 0.0), 1.0) * (levels - 1)
    below = min(int(position), levels - 2)
    return below, position - below


@numba.njit(nogil=True, cache=True)
def _add_gradients(luma, edges):
    """Add each pixel's gradient to its block's orientations; return the sum of all their lengths."""
    total = 0.0
    for y in range(HEIGHT):
        # mirrored at the border, where there is no pixel beyond
        up, down = abs(y - 1), HEIGHT - 1 - abs(HEIGHT - 2 - y)
        for x in range(WIDTH):
            left, right = abs(x - 1), WIDTH - 1 - abs(WIDTH - 2 - x)
            dx = luma[up, right] - luma[up, left] + 2 * (luma[y, right] - luma[y, left])
            dx += luma[down, right] - luma[down, left]
            dy = luma[down, left] - luma[up, left] + 2 * (luma[down, x] - luma[up, x])
            dy += luma[down, right] - luma[up, right]
            length = np.sqrt(dx * dx + dy * dy) / 8
            if length > 0:
                total += length
                # an edge has no direction: opposite gradients are one orientation
                position = np.arctan2(dy, dx) / np.pi * ORIENTATIONS
                below = int(np.floor(position))
                above = position - below
                block = edges[y * BLOCKS // HEIGHT, x * BLOCKS // WIDTH]
                block[below % ORIENTATIONS] += length * (1 - above)
                block[(below + 1) % ORIENTATIONS] += length * above
    return total


@numba.njit(nogil=True, cache=True)
def _light(luma):
    """Return the mean luma of cells, less the mean of all, over its norm plus that of a faint contrast."""
    light = np.zeros((HEIGHT // CELL, WIDTH // CELL))
    for y in range(HEIGHT):
        for x in range(WIDTH):
            light[y // CELL, x // CELL] += luma[y, x] / (CELL * CELL)
    light -= light.mean()
    return light / (np.sqrt(np.sum(light * light)) + FAINT_LIGHT * np.sqrt(light.size))
