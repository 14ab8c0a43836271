"""Colours: the dominant colours of a frame, and the colour fingerprint of a film.

A frame's pixels are grouped by k-means, in a space where distance is close to difference as it is seen. The means of
the groups, ordered by how many pixels they have, are the frame's dominant colours. One colour of several groups is
brighter and truer than the frame's average: red and green average to mud, which is nowhere in the picture.

Spaces
------
``"cielab"`` (the default)
    CIE 1976 L*a*b*, white point D65: L* in [0, 100], a* (green to red) and b* (blue to yellow) about [-108, 108].
``"oklab"``
    Ottosson's OKLab: L in [0, 1], a and b about [-0.32, 0.28]. Its hues stay truer when colours are mixed. Its cube
    roots begin at black: there a step of one level of 255 is a lightness of 0.07, and the noise of dark scenes, of
    which films have many, is taken for colours. CIELAB is straight near black, and that is why it is the default.
``"rgb"``
    The levels themselves, in [0, 255].

All are of sRGB, as images are. A cluster's colour is the mean of its pixels in the space, converted back.

How it is done
--------------
A frame has far fewer distinct colours than pixels. They are counted exactly, and clustered with their counts as
weights. Many starts by greedy k-means++ are made on a coarser version of the colours (those that agree in the upper
bits of each channel are taken together, at their mean, until there are about two thousand), the best of them are
carried on with Lloyd's algorithm on the exact colours, and the one with the least inertia is taken. Shares are of all
pixels.

References
----------
CIE 15:2018, Colorimetry. B. Ottosson, A perceptual color space for image processing, 2020,
https://bottosson.github.io/posts/oklab. IEC 61966-2-1:1999, for sRGB. S. P. Lloyd, Least squares quantization in PCM,
IEEE Transactions on Information Theory 28, 1982. D. Arthur and S. Vassilvitskii, k-means++, SODA 2007.
"""

import csv
import functools
import itertools
import os
import re
from pathlib import Path

import joblib
import numpy as np

from toolkit import _bars, _color_kernels
from toolkit.checks import check_choice, check_count
from toolkit.errors import DataError, ParameterError
from toolkit.records import Frames, image_batches
from toolkit.storage import progress_bar, write_whole

__all__ = [
    "dominant_colors",
    "fingerprint",
    "from_space",
    "read_fingerprint",
    "to_hex",
    "to_space",
    "write_fingerprint",
]

SPACES = ("cielab", "oklab", "rgb")
STARTS, TRIALS, KEPT = 32, 2, 3
COARSE = 2048
ROUNDS = 100
# the inertia's relative fall that ends a start, and the last rounds
ROUGH, FINE = 1e-3, 1e-5
# how much of the frames a worker is handed at a time
BLOCK_BYTES = 4 << 20

_TO_XYZ = np.array(
    [[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750], [0.0193339, 0.1191920, 0.9503041]]
)
# white is (1, 1, 1) in what L*a*b* compares, and grays have a* = b* = 0
_TO_WHITE = _TO_XYZ / _TO_XYZ.sum(axis=1, keepdims=True)
_CIELAB = np.array([[0, 116, 0], [500, -500, 0], [0, 200, -200]], np.float64)
_TO_CONES = np.array(
    [
        [0.4122214708, 0.5363325363, 0.0514459929],
        [0.2119034982, 0.6806995451, 0.1073969566],
        [0.0883024619, 0.2817188376, 0.6299787005],
    ]
)
_OKLAB = np.array(
    [
        [0.2104542553, 0.7936177850, -0.0040720468],
        [1.9779984951, -2.4285922050, 0.4505937099],
        [0.0259040371, 0.7827717662, -0.8086757660],
    ]
)


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
        Where the groups are formed and averaged; see the module.
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
    settings = _settings(n_colors, n_clusters, space, seed)
    if n_jobs is not None and (isinstance(n_jobs, bool) or not isinstance(n_jobs, (int, np.integer)) or n_jobs == 0):
        raise ParameterError(f"n_jobs must be a number of workers, or -1 for one a core; got {n_jobs!r}")
    whole = isinstance(images, (np.ndarray, Frames))
    batches = _cropped(images, box)
    colors, shares = [], []
    known = len(images) if whole else None
    with (
        joblib.Parallel(n_jobs=n_jobs, prefer="threads") as parallel,
        progress_bar(total=known, description="colours", unit="frame", progress=progress) as bar,
    ):
        # a round at a time: joblib would read an iterator from its workers' threads, and some backends all of it
        blocks, workers = _blocks(batches), joblib.effective_n_jobs(n_jobs)
        while block := list(itertools.islice(blocks, 2 * workers)):
            for found in parallel(joblib.delayed(_dominant_of_block)(part, settings) for part in block):
                colors += [color for color, _ in found]
                shares += [share for _, share in found]
            bar.update(sum(len(part) for part in block))
            block.clear()
    if not colors:
        raise ParameterError(
            "images must hold at least one frame to take colours from; got none. "
            "An iterator is empty once it was read: make it anew with toolkit.video.iter_frames"
        )
    return np.stack(colors), np.stack(shares)


def to_space(colors, space="cielab"):
    """Return RGB colours in a space.

    Parameters
    ----------
    colors : ndarray of uint8, (..., 3)
    space : {"cielab", "oklab", "rgb"}

    Returns
    -------
    ndarray of float64, (..., 3)
        For the ranges see the module.

    Raises
    ------
    ParameterError
        If an argument is of the wrong kind.
    """
    check_choice("space", space, SPACES)
    colors = np.asarray(colors)
    if colors.dtype != np.uint8 or colors.shape[-1:] != (3,):
        raise ParameterError(f"colors must be uint8, (..., 3) in RGB; got {colors.dtype}, shape {colors.shape}")
    return np.ascontiguousarray(_convert(colors.reshape(-1, 3).T, space, np.float64).T).reshape(colors.shape)


def from_space(values, space="cielab"):
    """Return colours of a space in RGB, uint8 (..., 3), the nearest level of each channel; `to_space` the other way.

    What screens cannot show is cut off at 0 and 255.

    Raises
    ------
    ParameterError
        If an argument is of the wrong kind, or a value is not finite.
    """
    check_choice("space", space, SPACES)
    try:
        values = np.asarray(values, dtype=np.float64)
    except (TypeError, ValueError):
        raise ParameterError(f"values must be numbers, (..., 3); got {type(values).__name__}") from None
    if values.shape[-1:] != (3,) or not np.isfinite(values).all():
        raise ParameterError(f"values must be finite numbers, (..., 3); got shape {values.shape}")
    if space == "oklab":
        linear = (values @ np.linalg.inv(_OKLAB).T) ** 3 @ np.linalg.inv(_TO_CONES).T
    elif space == "cielab":
        bent = (values + (16, 0, 0)) @ np.linalg.inv(_CIELAB).T
        xyz = np.where(bent > 6 / 29, bent**3, 3 * (6 / 29) ** 2 * (bent - 4 / 29))
        linear = xyz @ np.linalg.inv(_TO_WHITE).T
    if space != "rgb":
        linear = np.clip(linear, 0, 1)
        values = 255 * np.where(linear <= 0.0031308, 12.92 * linear, 1.055 * linear ** (1 / 2.4) - 0.055)
    return np.clip(np.floor(values + 0.5), 0, 255).astype(np.uint8)


def write_fingerprint(path, colors, shares, times):
    """Write a fingerprint as a table of hex colours (.csv), or as arrays (.npz).

    A .csv has a row a frame: time, color_1, share_1, color_2, share_2 and so on, colours like ``#8a5a2b``. An .npz has
    the arrays colors, shares and times. The file appears whole or not at all.

    Parameters
    ----------
    path : path
        Ends in .csv or .npz.
    colors : ndarray of uint8, (n, n_colors, 3)
    shares : ndarray of float64, (n, n_colors)
    times : ndarray of float64, (n,)
        Seconds of the frames.

    Raises
    ------
    ParameterError
        If the arrays do not fit each other, or the path is of another kind or in no folder.
    """
    path = Path(_check_path(path))
    check_choice("the suffix of path", path.suffix, (".csv", ".npz"))
    colors, shares, times = _check_fingerprint(colors, shares, times)
    with write_whole(path) as partial:
        if path.suffix == ".npz":
            np.savez_compressed(partial, colors=colors, shares=shares, times=times)
            return
        with open(partial, "w", encoding="utf-8", newline="") as file:
            lines = csv.writer(file, lineterminator="\n")
            lines.writerow(_header(colors.shape[1]))
            for time, row, parts in zip(times.tolist(), colors.tolist(), shares.tolist(), strict=True):
                pairs = ((to_hex(color), repr(part)) for color, part in zip(row, parts, strict=True))
                lines.writerow([repr(time), *itertools.chain.from_iterable(pairs)])


def read_fingerprint(path):
    """Return the colors, shares and times that `write_fingerprint` wrote, equal to the last bit.

    Raises
    ------
    DataError
        If there is no such file, or it is not a fingerprint.
    ParameterError
        If `path` is no path.
    """
    path = Path(_check_path(path))
    if path.suffix not in (".csv", ".npz") or not path.is_file():
        raise DataError(f"{path} is no .csv or .npz file of a fingerprint; write one with colors.write_fingerprint")
    try:
        if path.suffix == ".npz":
            with open(path, "rb") as file, np.load(file, allow_pickle=False) as arrays:
                return _check_fingerprint(arrays["colors"], arrays["shares"], arrays["times"])
        with open(path, encoding="utf-8", newline="") as file:
            header, *rows = csv.reader(file)
        if not rows or header != _header(len(header) // 2) or any(len(row) != len(header) for row in rows):
            raise ValueError(f"expected rows of {','.join(_header(1))} and so on")
        colors = np.array([[_from_hex(text) for text in row[1::2]] for row in rows], np.uint8)
        shares = np.array([row[2::2] for row in rows], np.float64)
        times = np.array([row[0] for row in rows], np.float64)
        return _check_fingerprint(colors, shares, times)
    # whatever a damaged file makes zipfile, zlib, csv and numpy raise
    except Exception as error:
        raise DataError(f"{path} cannot be read as a fingerprint ({error}); write it anew") from error


def to_hex(color):
    """Return an RGB colour as the web writes it: (138, 90, 43) is ``#8a5a2b``."""
    return "#" + "".join(f"{level:02x}" for level in color)


def _from_hex(text):
    if not re.fullmatch(r"#[0-9a-f]{6}", text, re.IGNORECASE):
        raise ValueError(f"expected a colour like #8a5a2b; got {text!r}")
    return [int(text[start : start + 2], 16) for start in (1, 3, 5)]


def _header(n_colors):
    names = ((f"color_{number}", f"share_{number}") for number in range(1, n_colors + 1))
    return ["time", *itertools.chain.from_iterable(names)]


def _check_fingerprint(colors, shares, times):
    """Return the arrays of a fingerprint if they fit each other."""
    try:
        colors, shares, times = np.asarray(colors), np.asarray(shares, np.float64), np.asarray(times, np.float64)
    except (TypeError, ValueError) as error:
        raise ParameterError(
            f"a fingerprint has colors, shares and times that are arrays of numbers; {error}"
        ) from None
    fits = colors.ndim == 3 and colors.shape[1:] == (*shares.shape[1:], 3) and colors.shape[1] > 0
    if colors.dtype != np.uint8 or not fits or shares.shape[:1] != times.shape or len(times) != len(colors):
        raise ParameterError(
            "a fingerprint has colors uint8 (n, n_colors, 3), shares (n, n_colors) and times (n,); "
            f"got {colors.dtype} {colors.shape}, {shares.shape} and {times.shape}"
        )
    if not len(times) or not np.isfinite(times).all() or not ((shares >= 0) & (shares <= 1)).all():
        raise ParameterError("a fingerprint has at least one frame, finite times, and shares from 0 to 1")
    return colors, shares, times


def _check_path(path):
    if not isinstance(path, (str, os.PathLike)):
        raise ParameterError(f"path must be that of a .csv or .npz file; got {path!r}")
    return path


def _settings(n_colors, n_clusters, space, seed):
    n_colors = check_count("n_colors", n_colors, at_least=1)
    n_clusters = n_colors + 2 if n_clusters is None else check_count("n_clusters", n_clusters, at_least=1)
    if n_colors > n_clusters:
        raise ParameterError(
            f"n_colors must be at most n_clusters, from which the colours are taken; got n_colors={n_colors} "
            f"of n_clusters={n_clusters}. Take more clusters: {n_colors + 2}, say, as by default"
        )
    return n_colors, n_clusters, check_choice("space", space, SPACES), check_count("seed", seed)


def _check_image(image):
    wanted = "image must be one image, uint8, (height, width, 3) in RGB or (height, width) in gray"
    if isinstance(image, np.ndarray) and image.dtype == np.uint8:
        if image.size and (image.ndim == 2 or (image.ndim == 3 and image.shape[2] == 3)):
            return image
        hint = ". For many images there is colors.fingerprint" if image.ndim in (3, 4) else ""
        raise ParameterError(f"{wanted}; got shape {image.shape}{hint}")
    got = type(image).__name__
    hint = ""
    if isinstance(image, Frames):
        hint = ". For many images there is colors.fingerprint"
    elif isinstance(image, np.ndarray):
        got = f"dtype {image.dtype}"
        if image.dtype.kind == "f":
            hint = ". Were the pixels in [0, 1]? Then (image * 255).round().astype('uint8')"
    raise ParameterError(f"{wanted}; got {got}{hint}")


def _cropped(images, box):
    """Return an iterator of batches of images, cut to the box."""
    if isinstance(box, str):
        check_choice("box", box, ("auto",))
    elif box is not None:
        try:
            top, left, height, width = box
        except (TypeError, ValueError):
            raise ParameterError(f'box must be "auto", None or (top, left, height, width); got {box!r}') from None
        box = check_count("top", top), check_count("left", left)
        box += check_count("height", height, at_least=1), check_count("width", width, at_least=1)
    return _boxed(image_batches(images), box)


def _boxed(batches, box):
    size, counted = None, 0
    for images in batches:
        if not len(images):
            continue
        size = size or images.shape[1:]
        if images.shape[1:] != size:
            raise ParameterError(
                f"images must all be of one size; got {size} first and {images.shape[1:]} later. "
                "Read the film with one size=(width, height)"
            )
        height, width = size[:2]
        top, left, tall, wide = box if box not in ("auto", None) else (0, 0, height, width)
        if top + tall > height or left + wide > width:
            raise ParameterError(f"box must lie in the picture, {width}x{height} (width x height); got {box!r}")
        if box == "auto":
            counted = counted + _bars.votes(images)
            top, left, tall, wide = _bars.box(counted, height, width)
        yield images[:, top : top + tall, left : left + wide]


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
        found, sizes = colors, counts.astype(np.float64)
    else:
        centers, sizes = _clusters(colors, counts, n_clusters, space, seed)
        found = from_space(centers, space)
    red, green, blue = found.T.astype(np.int64)
    order = np.lexsort((-blue, -red, -green, -(299 * red + 587 * green + 114 * blue), -sizes))
    order = order[sizes[order] > 0]
    shares = np.zeros(n_colors)
    shares[: len(order)] = (sizes[order] / counts.sum())[:n_colors]
    return found[np.resize(order, n_colors)], shares


def _count_colors(image):
    """Return the distinct colours of an image, uint8 (d, 3), and how often each is there, int64 (d,)."""
    if image.ndim == 2:
        counts = np.bincount(image.ravel(), minlength=256)
        levels = np.flatnonzero(counts)
        return np.repeat(levels.astype(np.uint8)[:, None], 3, axis=1), counts[levels]
    return _color_kernels.count_colors(np.ascontiguousarray(image).reshape(-1, 3))


def _clusters(colors, counts, n_clusters, space, seed):
    """Return the means of the clusters in `space`, float32 (k, 3), and how many pixels each has, float64 (k,)."""
    points = np.ascontiguousarray(_convert(colors.T, space, np.float32))
    weights = counts.astype(np.float64)
    coarse, sums = points, weights
    for shift in (2, 3, 4):
        if coarse.shape[1] > COARSE:
            coarse, sums = _color_kernels.merge(colors, points, weights, shift)
    starts = _color_kernels.best_starts(coarse, sums, _chances(seed, n_clusters), KEPT, ROUNDS, ROUGH)
    ends = [(*_color_kernels.settle(points, weights, centers, ROUNDS, FINE), centers) for centers in starts]
    _, sizes, centers = min(ends, key=lambda end: end[0])
    return centers, sizes


@functools.lru_cache(maxsize=8)
def _chances(seed, n_clusters):
    return np.random.default_rng(seed).random((STARTS, n_clusters, TRIALS))


def _convert(channels, space, dtype):
    """Return colours in a space, (3, n) of a dtype, from their RGB levels, (3, n)."""
    if space == "rgb":
        return channels.astype(dtype)
    linear = np.take(_linear_levels().astype(dtype), channels)
    if space == "oklab":
        return _OKLAB.astype(dtype) @ np.cbrt(_TO_CONES.astype(dtype) @ linear)
    xyz = _TO_WHITE.astype(dtype) @ linear
    bent = np.cbrt(xyz)
    dark = xyz <= (6 / 29) ** 3
    bent[dark] = xyz[dark] * dtype((29 / 6) ** 2 / 3) + dtype(4 / 29)
    values = _CIELAB.astype(dtype) @ bent
    values[0] -= 16
    return values


@functools.cache
def _linear_levels():
    """Return how much light each of the 256 levels of sRGB is, in [0, 1]."""
    level = np.arange(256) / 255
    return np.where(level <= 0.04045, level / 12.92, ((level + 0.055) / 1.055) ** 2.4)
