"""Drawing with OpenCV on a supersampled board: polygons, lines, discs, gradients, texture."""

from dataclasses import dataclass

import cv2
import numpy as np

from toolkit.samples.film.people import shade

_SUPERSAMPLING = 2


@dataclass(frozen=True)
class Board:
    """A canvas and the view it shows: left and top edge in units, pixels in a unit."""

    canvas: np.ndarray
    left: float
    top: float
    scale: float


def paint_texture(shape, generator, *, strength=0.08):
    """Return float32 factors around 1, like paint on paper: coarse and fine blotches."""
    height, width = shape
    texture = np.ones((height, width), dtype=np.float32)
    for cell, share in ((120, 0.5), (34, 0.3), (9, 0.2)):
        grid = generator.normal(size=(height // cell + 3, width // cell + 3)).astype(np.float32)
        texture += strength * share * cv2.resize(grid, (width, height), interpolation=cv2.INTER_CUBIC)
    return texture


def new_board(center, width, size):
    """Return an empty board, `width` units wide."""
    canvas = np.zeros((size[1] * _SUPERSAMPLING, size[0] * _SUPERSAMPLING, 3), dtype=np.uint8)
    scale = canvas.shape[1] / width
    return Board(canvas, center[0] - width / 2, center[1] - canvas.shape[0] / scale / 2, scale)


def finish(board, size, place, lights, generator, blur):
    """Light, texture and shrink a painted board. A light is (x, y, radius, strength) in units."""
    picture = cv2.resize(board.canvas, size, interpolation=cv2.INTER_AREA)
    if blur:
        picture = cv2.GaussianBlur(picture, (0, 0), blur)
    height, width = picture.shape[:2]
    scale = board.scale / _SUPERSAMPLING
    x = board.left + np.arange(width, dtype=np.float32)[None, :] / scale
    y = board.top + np.arange(height, dtype=np.float32)[:, None] / scale
    gain = np.full((height, width), place.colors.get("ambient", 0.82), dtype=np.float32)
    for light_x, light_y, radius, strength in lights:
        gain += strength * np.exp(-((x - light_x) ** 2 + (y - light_y) ** 2) / radius**2)
    gain *= paint_texture((height, width), generator)
    return np.clip(picture * (gain[:, :, None] * np.array(place.light, dtype=np.float32)), 0, 255).astype(np.uint8)


def _points(board, pairs):
    pairs = np.asarray(pairs, dtype=float).reshape(-1, 2)
    return np.round((pairs - (board.left, board.top)) * board.scale * 16).astype(np.int32)


def polygon(board, pairs, color, *, ink=0.025):
    """Fill a polygon and ink its outline."""
    outline = _points(board, pairs)
    cv2.fillPoly(board.canvas, [outline], color, cv2.LINE_AA, 4)
    if ink:
        cv2.polylines(board.canvas, [outline], True, shade(color, 0.5), _thick(board, ink), cv2.LINE_AA, 4)


def rectangle(board, left, top, right, bottom, color, *, ink=0.025):
    """Fill a rectangle and ink its outline."""
    polygon(board, [(left, top), (right, top), (right, bottom), (left, bottom)], color, ink=ink)


def disc(board, x, y, radius, color, *, tall=None, ink=0.025, start=0, stop=360):
    """Fill a disc, or a part of one, and ink its outline."""
    angles = np.radians(np.linspace(start, stop, 36))
    pairs = np.stack([x + radius * np.cos(angles), y + (tall or radius) * np.sin(angles)], axis=1)
    polygon(board, pairs, color, ink=ink)


def line(board, pairs, color, width):
    """Draw a line through points."""
    cv2.polylines(board.canvas, [_points(board, pairs)], False, color, _thick(board, width), cv2.LINE_AA, 4)


def _thick(board, width):
    return max(1, round(width * board.scale))


def gradient(board, top, bottom, above, below):
    """Fade from the colour `above` to the colour `below` between two heights."""
    height = board.canvas.shape[0]
    y = board.top + np.arange(height) / board.scale
    share = np.clip((y - top) / (bottom - top), 0, 1)[:, None]
    rows = (np.asarray(above) * (1 - share) + np.asarray(below) * share).astype(np.uint8)
    inside = y <= bottom
    board.canvas[inside] = rows[inside][:, None]
