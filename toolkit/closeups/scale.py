"""Is a frame a medium close-up? By the height of its faces.

A medium close-up shows a person from the head to the chest. It is the shot in which people of a film speak to each
other. Shot scales have no sharp borders, and writers draw them differently; here they are drawn in shares of the
picture's height, bars left out, that a face takes from hairline to chin. A standing person is some seven and a half
heads tall, and such a face is four fifths of a head; with half a head's room above, a picture that ends at the waist
(three heads down) has a face of 0.23, one that ends at the elbows 0.26, one that ends at the chest (two heads down)
0.32.

`face_scale` measures faces and needs no training: it is where to begin. Of the frames of ten sample films it finds 98
medium close-ups in 100 and takes at most 4 other frames in 100 for one. Real film is harder: of the two medium
close-ups among the 21 shots of the real clips in the tests, with a tilted and with a small face, the cascades find
neither and the network one; neither takes another frame for one. For a film that it does not do well, label some
hundred frames and `train` a network on them.

References
----------
D. Bordwell and K. Thompson, Film art: an introduction, chapter 5, for shot scales. S. Benini, M. Svanera, N. Adami,
R. Leonardi and A. B. Kovács, Shot scale distribution in art films, Multimedia Tools and Applications 75 (2016), for
measuring them.
"""

from concurrent.futures import ThreadPoolExecutor

import numpy as np

from toolkit.checks import check_array, check_number
from toolkit.closeups import faces as closeup_faces
from toolkit.errors import ParameterError
from toolkit.records import Frames
from toolkit.storage import progress_bar
from toolkit.video import image_batches, of_one_size

# frames that are looked at between two steps of the progress bar
BLOCK = 32


def face_scale(images, detector="haar", *, model=None, cache=None, progress=True):
    """Return how tall the tallest face of each frame is, as a share of the picture's height.

    The height is that of the picture inside the film's black bars, found as `video.find_bars` finds them in all the
    frames given together. So a frame's value does not depend on how the frames come in batches, but it may on which
    frames come along: give those of the whole film, or some dozens from all over it, not a dark scene alone; or cut the
    bars off beforehand, with `video.crop`. Frames should have the film's own aspect, as `read_frames(..., size=320)`
    gives them.

    Parameters
    ----------
    images : ndarray of uint8, (n, height, width, 3) in RGB or (n, height, width) in gray; Frames; or iterator of either
        All of one size. A width of 320 is enough. Of an iterator one batch is held at a time.
    detector : {"haar", "ultraface"}
        "haar": OpenCV's cascades for faces from the front and from both sides. Nothing to download. They see faces that
        are upright and lit, not those that are bowed, aslant or half hidden; faces of less than a seventh of the
        frame's height are not looked for.
        "ultraface": a small network that finds more, small and bowed faces too, in a tenth of the time. Its model must
        be there: see `download_ultraface`, which is never called by itself.
    model : path, optional
        For "ultraface": its file, version-RFB-320.onnx. By default the one in the toolkit's data folder.
    cache : path or False, optional
        Where faces that were found are kept, picture by picture: a folder, made if need be, by default `faces` in the
        toolkit's data folder; False to keep none.
    progress : bool
        Whether to show a progress bar.

    Returns
    -------
    ndarray of float64, (n,)
        In [0, 1]; 0 where no face is found. The same for any number of threads.

    Raises
    ------
    ParameterError
        If an argument is of the wrong kind, the images differ in size, the model is not there, or faces cannot be kept.
    DataError
        If the file is not the published model.
    """
    from numba import config

    from toolkit.video import bars

    faces = closeup_faces.Finder(detector, model, cache=cache)
    count = len(images) if isinstance(images, (np.ndarray, Frames)) else None
    heights, votes, shape = [], 0, None
    with (
        ThreadPoolExecutor(config.NUMBA_NUM_THREADS) as pool,
        progress_bar(total=count, description="faces", unit="frame", progress=progress) as bar,
    ):
        for batch in of_one_size(image_batches(images)):
            shape = batch.shape[1:3]
            for first in range(0, len(batch), BLOCK):
                block = np.asarray(batch[first : first + BLOCK])
                heights += [boxes[:, 3].max(initial=0.0) for boxes in faces.find(pool, block)]
                votes = votes + bars.count_votes(block)
                bar.update(len(block))
    if shape is None:
        return np.empty(0)
    _, _, height, _ = bars.box_of_votes(votes, *shape)
    return np.minimum(np.array(heights, dtype=np.float64) / height, 1.0)


def is_close_up(scale, low=0.28, high=0.75):
    """Return which frames are medium close-ups, by the height of their tallest face.

    The range begins between a picture that ends at the elbows and one that ends at the chest, and above the medium
    shot, which ends at the waist. It goes on through the close-up, which dialogues are told in as well, and ends where
    the face alone fills three quarters of the height. An extreme close-up, of which the face overflows the picture, is
    none, and detectors find no face in it: its scale is 0, or that of something small beside it.

    Parameters
    ----------
    scale : array-like of float, (n,)
        As `face_scale` returns it.
    low, high : float
        A frame is a medium close-up where ``low <= scale < high``. For medium close-ups in the narrow sense, without
        close-ups, try ``high=0.5``; to include medium shots, ``low=0.2``.

    Returns
    -------
    ndarray of bool, (n,)

    Raises
    ------
    ParameterError
        If a scale is not a number of at least 0, or `high` is not above `low`.
    """
    high = check_number("high", high, above=0)
    low = check_number("low", low, at_least=0, below=high, hint=", where the range is low <= scale < high")
    wanted = "the height of a face for each frame, (n,), as face_scale returns it"
    values = check_array("scale", scale, ("n",), "buif", wanted=wanted, finite=False).astype(np.float64)
    # NaN too
    if not (values >= 0).all():
        raise ParameterError(
            f"scale must be {wanted}; got {values[~(values >= 0)][0]:g} at position "
            f"{np.flatnonzero(~(values >= 0))[0]}. It is 0 where a frame has no face"
        )
    return (low <= values) & (values < high)
