"""Images in batches: an array, a Frames or an iterator of Frames, read the same way."""

import itertools
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from toolkit.checks import check_images
from toolkit.errors import ParameterError
from toolkit.records import Frames


def evenly(n, limit):
    """Return the places of at most `limit` of n, evenly spaced from the first to the last: int, rising."""
    return np.linspace(0, n - 1, min(limit, n)).round().astype(int)


def image_batches(images) -> Iterator[np.ndarray]:
    """Yield checked arrays of images from an array, a Frames, or an iterator of either."""
    if isinstance(images, (np.ndarray, Frames)):
        images = (images,)
    elif not hasattr(images, "__iter__") or isinstance(images, (str, bytes, Path)):
        raise ParameterError(
            f"images must be an array, a Frames, or an iterator of Frames; got {type(images).__name__}. "
            "Read a film with toolkit.video.read_frames or toolkit.video.iter_frames first"
        )
    for batch in images:
        yield batch.images if isinstance(batch, Frames) else check_images(batch)


def of_one_size(batches) -> Iterator[np.ndarray]:
    """Yield the batches that hold images; raise a ParameterError if these are not all of one size, gray or in RGB."""
    size = None
    for batch in batches:
        if not len(batch):
            continue
        size = size or batch.shape[1:]
        if batch.shape[1:] != size:
            raise ParameterError(
                f"images must all be of one size, and gray or in RGB; got {size} first and {batch.shape[1:]} later. "
                "Read the film with one size=(width, height)"
            )
        yield batch


def in_batches(pictures, n, name) -> Iterator[Frames]:
    """Yield (seconds, image) pairs as Frames of n images; of fewer at the end."""
    pictures = iter(pictures)
    while part := list(itertools.islice(pictures, min(n, sys.maxsize))):
        yield _as_frames(part, name)


def _as_frames(part, name):
    """Return pairs as Frames and empty their list, which nobody needs while the next is read."""
    frames = Frames(np.stack([image for _, image in part]), np.array([seconds for seconds, _ in part]), name)
    part.clear()
    return frames
