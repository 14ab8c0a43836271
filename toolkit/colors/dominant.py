"""The dominant colors of a frame, and the color fingerprint of a film.

A frame's pixels are grouped by k-means, in a space where distance is close to difference as it is seen (see
`toolkit.colors.spaces`). The means of the groups, ordered by how many pixels they have, are the frame's dominant
colors. One color of several groups is brighter and truer than the frame's average: red and green average to mud, which
is nowhere in the picture.

How it is done
--------------
A frame has far fewer distinct colours than pixels. They are counted exactly, and clustered with their counts as
weights. Many starts by greedy k-means++ are made on a coarser version of the colours (those that agree in the upper
bits of each channel are taken together, at their mean, until there are about two thousand), the best of them are
carried on with Lloyd's algorithm on the exact colours, and the one with the least inertia is taken. Shares are of all
pixels.

References
----------
S. P. Lloyd, Least squares quantization in PCM,
IEEE Transactions on Information Theory 28, 1982. D. Arthur and S. Vassilvitskii, k-means++, SODA 2007.
"""

import functools
import itertools

import numpy as np

from toolkit.checks import check_choice, check_count
from toolkit.colors.spaces import SPACES, convert, from_space
from toolkit.errors import ParameterError
from toolkit.records import Frames
from toolkit.storage import progress_bar
from toolkit.video import image_batches, of_one_size
from toolkit.video.regions import check_box, inside_box

STARTS, TRIALS, BEST_STARTS = 32, 2, 3
MAX_MERGED_COLORS = 2048
ROUNDS = 100
# the inertia's relative fall that ends a start, and the last rounds
START_TOLERANCE, END_TOLERANCE = 1e-3, 1e-5
# how much of the frames a worker is handed at a time
BLOCK_BYTES = 4 << 20


def dominant_colors(image, n_colors=5, n_clusters=None, *, space="cielab", seed=0):
    """Return the colours that a frame has most of, and the share of its pixels that each stands for.

    Parameters
    ----------
    image : ndarray of uint8, (height, width, 3) in RGB or (height, width) in gray
    n_colors : int
        How many colours are returned, at most `n_clusters`.
    n_clusters : int, optional
        How many groups the pixels are divided into; by default two more than colours.
    space : {"cielab", "oklab", "rgb"}
        Where the groups are formed and averaged; see `toolkit.colors.spaces`.
    seed : int
        Decides where the clustering starts. The same image and seed give the same colours.

    Returns
    -------
    colors : ndarray of uint8, (n_colors, 3)
        RGB, the largest share first; of equal shares the brighter. An image with fewer distinct colours than
        `n_colors` has them cycled.
    shares : ndarray of float64, (n_colors,)
        In [0, 1]; a colour that is there again by cycling has the share 0, so that shares never add up to more than 1.

    Raises
    ------
    ParameterError
        If an argument is of the wrong kind, or `n_colors` is above `n_clusters`.
    """
    settings = _settings(n_colors, n_clusters, space, seed)
    return _dominant(_check_image(image), *settings)


def fingerprint(images, n_colors=1, n_clusters=None, *, n_jobs=-1, seed=0, space="cielab", box="auto", progress=True):
    """Return the dominant colours of each frame of a film.

    Parameters
    ----------
    images : ndarray of uint8, (n, height, width, 3) in RGB or (n, height, width) in gray; Frames; or iterator of either
        An iterator's frames are read as they are needed, and forgotten.
    n_colors, n_clusters, seed, space
        As in `dominant_colors`, which gives the same colours of each frame by itself.
    n_jobs : int or None
        How many workers; -1 for one a core. They are threads, unless a `joblib.parallel_config` says otherwise; the
        result is the same. None leaves the number to that, too.
    box : "auto", None or (top, left, height, width)
        Which part of the pictures counts. "auto" leaves black bars out, those that `video.find_bars` finds: in an array
        or a Frames, in all of it. What an iterator will bring is not known: each batch loses the bars that its frames
        and those before it have had, and in a dark opening black edges may be taken for bars until there is light. To
        have one box for all, find it in frames from all over the film, and pass it. None keeps all.
    progress : bool
        Whether to show a progress bar.

    Returns
    -------
    colors : ndarray of uint8, (n, n_colors, 3)
    shares : ndarray of float64, (n, n_colors)
        Of the pixels in the box. Both as in `dominant_colors`.

    Raises
    ------
    ParameterError
        If an argument is of the wrong kind, there are no images, or `n_colors` is above `n_clusters`.
    """
    import joblib

    settings = _settings(n_colors, n_clusters, space, seed)
    if n_jobs is not None and (isinstance(n_jobs, bool) or not isinstance(n_jobs, (int, np.integer)) or n_jobs == 0):
        raise ParameterError(f"n_jobs must be a number of workers, or -1 for one a core; got {n_jobs!r}")
    whole = isinstance(images, (np.ndarray, Frames))
    if isinstance(box, str):
        check_choice("box", box, ("auto",))
    elif box is not None:
        box = check_box(box, '"auto", None or (top, left, height, width)')
    batches = _cropped(of_one_size(image_batches(images)), box)
    frames = []
    total = len(images) if whole else None
    with (
        joblib.Parallel(n_jobs=n_jobs, prefer="threads") as parallel,
        progress_bar(total=total, description="colours", unit="frame", progress=progress) as bar,
    ):
        # a round at a time: joblib would read an iterator from its workers' threads, and some backends all of it
        blocks, workers = _blocks(batches), joblib.effective_n_jobs(n_jobs)
        while block := list(itertools.islice(blocks, 2 * workers)):
            for part in parallel(joblib.delayed(_dominant_of_block)(images, settings) for images in block):
                frames += part
            bar.update(sum(map(len, block)))
            block.clear()
    if not frames:
        raise ParameterError(
            "images must hold at least one frame to take colours from; got none. "
            "An iterator is empty once it was read: make it anew with toolkit.video.iter_frames"
        )
    colors, shares = zip(*frames, strict=True)
    return np.stack(colors), np.stack(shares)


def _settings(n_colors, n_clusters, space, seed):
    n_colors = check_count("n_colors", n_colors, at_least=1, at_most=1 << 24)
    hint = f" for n_colors={n_colors}, which are taken from the clusters. The default is two clusters more"
    n_clusters = n_colors + 2 if n_clusters is None else n_clusters
    n_clusters = check_count("n_clusters", n_clusters, at_least=n_colors, hint=hint)
    return n_colors, n_clusters, check_choice("space", space, SPACES), check_count("seed", seed)


def _check_image(image):
    is_array = isinstance(image, np.ndarray)
    is_uint8 = is_array and image.dtype == np.uint8
    if is_uint8 and image.size and (image.ndim == 2 or (image.ndim == 3 and image.shape[2] == 3)):
        return image
    came, hint = type(image).__name__, ""
    if is_array:
        came = f"shape {image.shape}" if is_uint8 else f"dtype {image.dtype}"
    if isinstance(image, Frames) or (is_uint8 and image.ndim > 2):
        hint = ". For many images there is colors.fingerprint"
    elif is_array and image.dtype.kind == "f":
        hint = ". Were the pixels in [0, 1]? Then (image * 255).round().astype('uint8')"
    wanted = "one image, uint8, (height, width, 3) in RGB or (height, width) in gray"
    raise ParameterError(f"image must be {wanted}; got {came}{hint}")


def _cropped(batches, box):
    """Yield batches of images, cut to the box."""
    from toolkit.video import bars

    votes = 0
    for images in batches:
        if box is None:
            yield images
        elif box == "auto":
            votes = votes + bars.count_votes(images)
            yield inside_box(images, bars.box_of_votes(votes, *images.shape[1:3]))
        else:
            yield inside_box(images, box)


def _blocks(batches):
    """Yield as many images as a worker is handed at a time."""
    for images in batches:
        step = max(1, BLOCK_BYTES // images[0].nbytes)
        for start in range(0, len(images), step):
            yield images[start : start + step]


def _dominant_of_block(images, settings):
    return [_dominant(image, *settings) for image in images]


def _dominant(image, n_colors, n_clusters, space, seed):
    """Return the (colors, shares) of a checked image."""
    colors, counts = _count_colors(image)
    if len(colors) <= n_clusters:
        candidates, sizes = colors, counts.astype(np.float64)
    else:
        centers, sizes = _clusters(colors, counts, n_clusters, space, seed)
        candidates = from_space(centers, space)
    red, green, blue = candidates.T.astype(np.int64)
    order = np.lexsort((-blue, -red, -green, -(299 * red + 587 * green + 114 * blue), -sizes))
    order = order[sizes[order] > 0]
    shares = np.zeros(n_colors)
    shares[: len(order)] = (sizes[order] / counts.sum())[:n_colors]
    return candidates[np.resize(order, n_colors)], shares


def _count_colors(image):
    """Return the distinct colours of an image, uint8 (d, 3), and how often each is there, int64 (d,)."""
    from toolkit.colors import kernels

    if image.ndim == 2:
        counts = np.bincount(image.ravel(), minlength=256)
        levels = np.flatnonzero(counts)
        return np.repeat(levels.astype(np.uint8)[:, None], 3, axis=1), counts[levels]
    return kernels.count_colors(np.ascontiguousarray(image).reshape(-1, 3))


def _clusters(colors, counts, n_clusters, space, seed):
    """Return the means of the clusters in `space`, float32 (k, 3), and how many pixels each has, float64 (k,)."""
    from toolkit.colors import kernels

    points = np.ascontiguousarray(convert(colors.T, space, np.float32))
    weights = counts.astype(np.float64)
    coarse, sums = points, weights
    for shift in (2, 3, 4):
        if coarse.shape[1] > MAX_MERGED_COLORS:
            coarse, sums = kernels.merge(colors, points, weights, shift)
    starts = kernels.best_starts(coarse, sums, _chances(seed, n_clusters), BEST_STARTS, ROUNDS, START_TOLERANCE)
    ends = [(*kernels.settle(points, weights, centers, ROUNDS, END_TOLERANCE), centers) for centers in starts]
    _, sizes, centers = min(ends, key=lambda end: end[0])
    return centers, sizes


@functools.lru_cache(maxsize=8)
def _chances(seed, n_clusters):
    return np.random.default_rng(seed).random((STARTS, n_clusters, TRIALS))
