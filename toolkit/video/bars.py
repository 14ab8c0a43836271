"""Black bars: which rows and columns of a frame look like one, and the box that the votes of many frames leave."""

import numba
import numpy as np

BLACK_LEVEL = 24
MAX_SPREAD = 16


def count_votes(images):
    """Return how many images say anything of bars, and how many that a row, or a column, is one: int64 (1 + h + w,).

    An image that is black all over says nothing. To the others a bar is what is black (at most BLACK_LEVEL of 255) and
    even (spread of at most MAX_SPREAD) in 98 pixels of 100. `images` are checked.
    """
    height, width = images.shape[1:3]
    counted = np.zeros(1 + height + width, np.int64)
    rows, columns = np.empty(height, bool), np.empty(width, bool)
    for image in images:
        planes = np.ascontiguousarray(image).reshape(height, width, -1)
        _mark_lines(planes, rows)
        if not rows.all():
            _mark_lines(planes.transpose(1, 0, 2), columns)
            counted += np.concatenate([[True], rows, columns])
    return counted


def box_of_votes(counted, height, width):
    """Return (top, left, height, width) of the picture inside the bars, of votes added up, int (1 + height + width,).

    A row or column at the border is a bar where 98 frames in 100 say so, of those that say anything. Without a bar,
    or where no frame says anything, the box is the whole picture.
    """
    if not counted[0]:
        return 0, 0, height, width
    bars = counted[1:] >= 0.98 * counted[0]
    top, bottom = _borders(bars[:height])
    left, right = _borders(bars[height:])
    return top, left, bottom - top, right - left


def _borders(bars):
    """Return [first, end) of what lies inside the bars at both ends."""
    inside = np.flatnonzero(~bars)
    return (int(inside[0]), int(inside[-1]) + 1) if len(inside) else (0, len(bars))


@numba.njit(nogil=True, cache=True)
def _mark_lines(lines, marks):
    """Write to `marks` which of `lines`, uint8 (n, length, channels), are black and even; a pixel is its brightest."""
    length = lines.shape[1]
    for i in range(lines.shape[0]):
        darkest, bright = 255, 0
        for k in range(length):
            pixel = _brightest(lines[i, k])
            darkest = min(darkest, pixel)
            bright += pixel > BLACK_LEVEL
            # most lines are of the picture: no more of them is looked at than tells
            if bright / length > 0.02:
                break
        marks[i] = bright / length <= 0.02
        if marks[i] and darkest + MAX_SPREAD < BLACK_LEVEL:
            bright = 0
            for k in range(length):
                bright += _brightest(lines[i, k]) > darkest + MAX_SPREAD
            marks[i] = bright / length <= 0.02


@numba.njit(nogil=True, cache=True)
def _brightest(pixel):
    """Return the greatest channel of a pixel."""
    greatest = 0
    for channel in range(len(pixel)):
        greatest = max(greatest, np.int64(pixel[channel]))
    return greatest
