"""Drawing with OpenCV on a supersampled board: polygons, lines, discs, gradients, texture."""

from dataclasses import dataclass

import cv2
import numpy as np

SUPERSAMPLING = 2

# of red, green and blue in gray (BT.601)
GRAY_SHARES = (0.299, 0.587, 0.114)


def shade(color, factor):
    """Return an RGB colour made lighter or darker."""
    return tuple(int(min(max(channel * factor, 0), 255)) for channel in color)


def mix(color, other, share):
    """Return `color` with a share of another in it."""
    return tuple(int(round(a * (1 - share) + b * share)) for a, b in zip(color, other, strict=True))


def lighter(color, share):
    """Return a color with a share of white in it."""
    return tuple(int(value + (255 - value) * share) for value in color)


def darker(color, share):
    """Return a color with a share of black in it."""
    return shade(color, 1 - share)


def arc(center, radii, start=0, stop=360, n=40):
    """Return n points of an ellipse's arc, in degrees; 0 is to the right and 90 is down."""
    angles = np.radians(np.linspace(start, stop, n))
    return np.stack([center[0] + radii[0] * np.cos(angles), center[1] + radii[1] * np.sin(angles)], axis=1)


@dataclass(frozen=True)
class Board:
    """A canvas and the view it shows: left and top edge in units, pixels in a unit.

    `ink` is the width of an outline in units where a call gives none (0: no outlines); `ink_shade` makes the
    outline's colour of that inside it. OpenCV takes coordinates as whole numbers with `point_bits` binary digits after
    the point.
    """

    point_bits = 4

    canvas: np.ndarray
    left: float
    top: float
    scale: float
    ink: float = 0.025
    ink_shade: float = 0.5

    def points(self, pairs):
        """Return points in units as OpenCV takes them."""
        pairs = np.asarray(pairs, dtype=float).reshape(-1, 2)
        return np.round((pairs - (self.left, self.top)) * self.scale * 2**self.point_bits).astype(np.int32)

    def thickness(self, width):
        """Return a width in units as whole pixels, at least 1."""
        return max(1, round(width * self.scale))

    def polygon(self, pairs, color, *, ink=None):
        """Fill a polygon and ink its outline."""
        outline, ink = self.points(pairs), self.ink if ink is None else ink
        cv2.fillPoly(self.canvas, [outline], (*color, 255), cv2.LINE_AA, self.point_bits)
        if ink:
            self.stroke(outline, shade(color, self.ink_shade), self.thickness(ink), closed=True)

    def rectangle(self, left, top, right, bottom, color, *, ink=None):
        """Fill a rectangle and ink its outline."""
        self.polygon([(left, top), (right, top), (right, bottom), (left, bottom)], color, ink=ink)

    def taper(self, x, top, half_top, bottom, half_bottom, color, *, ink=None):
        """Fill a shape around an upright axis at x, of one half width at its top and another at its bottom."""
        upper, lower = (
            [(x - half_top, top), (x + half_top, top)],
            [(x + half_bottom, bottom), (x - half_bottom, bottom)],
        )
        self.polygon([*upper, *lower], color, ink=ink)

    def disc(self, x, y, radius, color, *, tall=None, ink=None, start=0, stop=360, n=36):
        """Fill a disc, or a part of one, and ink its outline."""
        self.polygon(arc((x, y), (radius, tall or radius), start, stop, n), color, ink=ink)

    def line(self, pairs, color, width, *, closed=False):
        """Draw a line through points."""
        self.stroke(self.points(pairs), color, self.thickness(width), closed=closed)

    def gradient(self, top, bottom, above, below):
        """Fade from the colour `above` to the colour `below` between two heights."""
        y = self.top + np.arange(self.canvas.shape[0]) / self.scale
        share = np.clip((y - top) / (bottom - top), 0, 1)[:, None]
        rows = (np.asarray(above) * (1 - share) + np.asarray(below) * share).astype(np.uint8)
        inside = y <= bottom
        self.canvas[inside] = rows[inside][:, None]

    def stroke(self, points, color, thickness, *, closed=False):
        """Draw a line through points of the canvas, `thickness` pixels wide."""
        cv2.polylines(self.canvas, [points], closed, (*color, 255), thickness, cv2.LINE_AA, self.point_bits)


def dim(picture, levels, scale=1 / 255):
    """Return a picture times a gray one, uint8 `(height, width)`, and `scale`."""
    return cv2.multiply(picture, cv2.cvtColor(levels, cv2.COLOR_GRAY2RGB), scale=scale)


def new_board(center, width, size):
    """Return an empty board, `width` units wide."""
    canvas = np.zeros((size[1] * SUPERSAMPLING, size[0] * SUPERSAMPLING, 3), dtype=np.uint8)
    scale = canvas.shape[1] / width
    return Board(canvas, center[0] - width / 2, center[1] - canvas.shape[0] / scale / 2, scale)


def finish(board, size, place, lights, generator, blur=0.0):
    """Light, texture and shrink a painted board. A light is (x, y, radius, strength) in units."""
    picture = cv2.resize(board.canvas, size, interpolation=cv2.INTER_AREA)
    if blur:
        picture = cv2.GaussianBlur(picture, (0, 0), blur)
    height, width = picture.shape[:2]
    scale = board.scale / SUPERSAMPLING
    x = board.left + np.arange(width, dtype=np.float32)[None, :] / scale
    y = board.top + np.arange(height, dtype=np.float32)[:, None] / scale
    gain = np.full((height, width), place.colors.get("ambient", 0.82), dtype=np.float32)
    for light_x, light_y, radius, strength in lights:
        gain += strength * np.exp(-((x - light_x) ** 2 + (y - light_y) ** 2) / radius**2)
    gain *= _texture((height, width), generator)
    return np.clip(picture * (gain[:, :, None] * np.array(place.light, dtype=np.float32)), 0, 255).astype(np.uint8)


def _texture(shape, generator):
    """Return float32 factors around 1, like paint on paper: coarse and fine blotches."""
    height, width = shape
    texture = np.ones((height, width), dtype=np.float32)
    for cell, share in ((120, 0.5), (34, 0.3), (9, 0.2)):
        grid = generator.normal(size=(height // cell + 3, width // cell + 3)).astype(np.float32)
        texture += 0.08 * share * cv2.resize(grid, (width, height), interpolation=cv2.INTER_CUBIC)
    return texture
