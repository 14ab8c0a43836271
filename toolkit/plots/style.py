"""Colors, sizes and names that all figures share."""

import functools

import numpy as np
from matplotlib.colors import to_rgb

from toolkit.plots.lettering import shorten

# at least 16 steps of CIELAB from each other, also as seen without red, green or blue cones; the first ones, and those
# that follow each other, more
CLUSTER_COLORS = (
    "#0072b2", "#e69f00", "#8f1466", "#56b4e9", "#d55e00", "#009e73", "#cc79a7", "#3d298f", "#e0cca3", "#663d29"
)  # fmt: skip
NO_CLUSTER = "#dddddd"
INK, GRAY, MARK = "#1f3b57", "#8a939c", "#d1495b"

# inches: a bar over time, and a row of a barcode
LANE, ROW = 0.34, 0.165
# points
POINTS = 7.5
# letters of a cluster's name beside its row, and where there is less room
NAME_LENGTH, TAG_LENGTH = 24, 12

THUMBNAIL, GAP = 144, 5


def cluster_colors(labels):
    """Return the colour of each cluster, float (n, 3) in [0, 1]; a light gray for -1, which is none."""
    palette = np.array([to_rgb(color) for color in (*CLUSTER_COLORS, NO_CLUSTER)])
    labels = np.asarray(labels, dtype=np.int64)
    return palette[np.where(labels < 0, len(CLUSTER_COLORS), labels % len(CLUSTER_COLORS))]


def cluster_name(cluster, names, lettering, letters=NAME_LENGTH):
    """Return what a cluster is called, of at most so many letters: its name, or its number where it has none."""
    return shorten(lettering.spell(str(names.get(cluster, cluster))), letters)


@functools.cache
def image_font(size, *, bold=False):
    """Return the font of the charts, so many pixels high, for text in images."""
    from matplotlib import font_manager
    from PIL import ImageFont

    weight = "bold" if bold else "normal"
    return ImageFont.truetype(font_manager.findfont(f"DejaVu Sans:{weight}"), size)


def thumbnail(image, size=None):
    """Return a picture in RGB, at most THUMBNAIL wide, or of a size (width, height)."""
    import cv2

    height, width = image.shape[:2]
    if size is None and width > THUMBNAIL:
        size = (THUMBNAIL, max(1, round(height * THUMBNAIL / width)))
    if size is not None and size != (width, height):
        method = cv2.INTER_AREA if size[0] <= width else cv2.INTER_LINEAR
        image = cv2.resize(np.ascontiguousarray(image), size, interpolation=method)
    return image if image.ndim == 3 else np.repeat(image[..., None], 3, axis=2)


def count_of(number, noun):
    """Return a number with its noun, in the plural where it must be."""
    return f"{number} {noun}" if number == 1 else f"{number} {'irises' if noun == 'iris' else f'{noun}s'}"
