"""Images in batches: an array, a Frames or an iterator of Frames, read the same way."""

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
