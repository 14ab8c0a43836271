"""Parts of the frame: black bars found and cut off, captions and logos masked."""

import numpy as np

from toolkit.checks import check_count, check_images
from toolkit.errors import ParameterError
from toolkit.records import Frames
from toolkit.video.batches import image_batches, of_one_size


def mask_region(images, top, left, height, width, *, value=0):
    """Return images with a rectangle painted over, such as a burnt-in caption or a channel's logo.

    Parameters
    ----------
    images : array, Frames, or iterator of Frames
    top, left, height, width : int
        The rectangle in pixels, inside the picture.
    value : int or (int, int, int)
        What to paint, 0 to 255: a gray, or RGB.

    Returns
    -------
    As given: an array, a Frames, or an iterator of them. The images passed in are unchanged.

    Raises
    ------
    ParameterError
        If the rectangle is empty or reaches outside the picture.
    """
    box = check_box((top, left, height, width))
    paint = np.asarray(value)
    if paint.dtype.kind not in "iu" or paint.shape not in ((), (3,)) or paint.min() < 0 or paint.max() > 255:
        raise ParameterError(f"value must be a gray from 0 to 255 or an RGB triple of such; got {value!r}")

    def masked(array):
        if array.ndim == 3 and paint.shape == (3,):
            raise ParameterError("value must be one gray, 0 to 255, for gray images; got an RGB triple")
        copy = array.copy()
        inside_box(copy, box)[:] = paint
        return copy

    return _mapped(images, masked)


def find_bars(images) -> tuple[int, int, int, int]:
    """Return the picture inside the black bars, as (top, left, height, width).

    A row or column at the border is a bar where it is black (at most 24 of 255) and even (spread of at most 16) in 98
    pixels of 100, in 98 frames of 100. Frames that are black all over say nothing and are left out, and a dark scene,
    being uneven or lit at other times, is no bar. Without a bar, or where all is black, the box is the whole picture.

    Parameters
    ----------
    images : array, Frames, or iterator of Frames
        Frames from all over the film: a few dozen are enough.

    Raises
    ------
    ParameterError
        If there are no images.
    """
    from toolkit.video import bars

    votes, shape = 0, None
    for array in of_one_size(image_batches(images)):
        votes, shape = votes + bars.count_votes(array), array.shape[1:3]
    if shape is None:
        raise ParameterError("images must hold at least one frame to find bars in; got none")
    return bars.box_of_votes(votes, *shape)


def crop(images, box):
    """Return images cut to a box (top, left, height, width), such as `find_bars` gives.

    Raises
    ------
    ParameterError
        If the box is empty or reaches outside the picture.
    """
    box = check_box(box)
    return _mapped(images, lambda array: inside_box(array, box).copy())


def check_box(box, wanted="(top, left, height, width)"):
    """Return a box (top, left, height, width) as a tuple of whole numbers, at least one pixel high and wide."""
    try:
        top, left, height, width = box
    except (TypeError, ValueError):
        raise ParameterError(f"box must be {wanted}; got {box!r}") from None
    corner = check_count("top", top), check_count("left", left)
    return *corner, check_count("height", height, at_least=1), check_count("width", width, at_least=1)


def inside_box(images, box):
    """Return the part of images that lies in a box, a view; raise a ParameterError if the box reaches outside."""
    top, left, height, width = box
    rows, columns = images.shape[1:3]
    if top + height > rows or left + width > columns:
        raise ParameterError(
            f"the box must lie inside the {columns}x{rows} picture (width x height); "
            f"got rows {top} to {top + height} and columns {left} to {left + width}"
        )
    return images[:, top : top + height, left : left + width]


def _mapped(images, change):
    """Return images changed, in the form in which they came."""

    def change_batch(batch):
        if isinstance(batch, Frames):
            return Frames(change(batch.images), batch.times, batch.name)
        return change(check_images(batch))

    if isinstance(images, (np.ndarray, Frames, str)) or not hasattr(images, "__iter__"):
        return change_batch(images)
    return (change_batch(batch) for batch in images)
