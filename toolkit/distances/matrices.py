"""Distances between frames: all pairs, those within a window, and each frame to the next.

Two metrics, both 0 for identical frames:

``"gray"``, in [0, 255]
    The mean over pixels of ``|y1 - y2|``, y the 8-bit luma of ITU-R BT.601, ``round(0.299 R + 0.587 G + 0.114 B)``,
    halves upwards. Sums are exact integers: the result is ``float32(sum / pixels)``, divided in float64.
``"hsl"``, in [0, 3]
    The mean over pixels of ``(s1 - s2)^2 + (l1 - l2)^2 + 2 min(d, 1 - d)``, ``d = |h1 - h2|``, with hue in [0, 1),
    saturation and lightness in [0, 1]; the last term is 0 where either pixel is gray (R = G = B) and so has no hue.
    Lightness is exact, saturation is rounded to steps of 1/2040, hue to steps of 1/65536 of the circle: a distance is
    at most 0.0011 from the formula's, whatever the frames. Sums of the rounded values are exact integers.

Frames are compared tile by tile of the matrix, and in a tile slab by slab of pixels; a slab is coded, compared and
forgotten, so that little memory is needed beyond the frames and the result (under 64 MB). Sums fit their integers up to
a billion pixels a frame.

The kernels are compiled at first use, in seconds, and kept on disk. Gray sums use the sum of absolute differences that
x86-64 processors with AVX-512 or AVX2 have as an instruction, and a portable twin elsewhere; results are the same to
the last bit. On arm64 nothing has been tested. The work is spread over ``NUMBA_NUM_THREADS`` threads, by default one a
core, by kernels that release Python's lock. Numba's own threading layers are not used: of those, one aborts the process
when two threads call at once, another when a forked child goes on; these functions may be called in both.

References
----------
ITU-R Recommendation BT.601-7 (2011), section 2.5.1, for luma. G. H. Joblove and D. Greenberg, Color spaces for computer
graphics, SIGGRAPH 1978, for hue, saturation and lightness.
"""

import functools
import itertools
import math
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from toolkit.checks import check_choice, check_count, check_images
from toolkit.errors import ParameterError
from toolkit.records import Frames
from toolkit.storage import progress_bar, write_whole
from toolkit.video import image_batches, of_one_size

METRICS = ("gray", "hsl")
# frames on a side of a tile of the matrix: once coded, a frame is compared with so many others
TILE = 1024
# how much the slabs being compared may take
SLAB_BYTES = 16 << 20


def pairwise(images, metric="gray", *, window=None, out=None, progress=False):
    """Return the distance of every frame to every other, or to those that follow within a window.

    Parameters
    ----------
    images : ndarray of uint8, (n, height, width, 3) in RGB or (n, height, width) in gray; Frames; or iterator of either
        The batches of an iterator may be of any length; all images are of one size. To ``"hsl"`` a gray image is one
        with R = G = B. Of an iterator's frames those still to be compared are held, in luma for ``"gray"`` and in RGB
        for ``"hsl"``: all of them, or with `window` about that many.
    metric : {"gray", "hsl"}
    window : int, optional
        With how many of the frames that follow it each frame is compared, from 0.
    out : path, optional
        A ``.npy`` file to write the distances to, part by part, so that they may be larger than memory. It appears
        whole or not at all, and replaces an older one.
    progress : bool
        Whether to show a progress bar.

    Returns
    -------
    ndarray of float32, (n, n), or (n, window + 1)
        Exactly symmetric, the diagonal exactly 0. With `window`, row i holds the distances of frame i to frames i to
        i + window, and NaN for those beyond the last frame. With `out`, a read-only memory map of the file. No frames
        give (0, 0) or (0, window + 1); one frame gives ``[[0]]`` or ``[[0, NaN, ...]]``.

    Raises
    ------
    ParameterError
        If an argument is of the wrong kind, or the images differ in size.
    """
    coding = _coding(check_choice("metric", metric, METRICS))
    if window is not None:
        window = check_count("window", window)
    if out is None:
        with _threads() as pool:
            if window is None:
                return _matrix(*_tiles(images, coding, pool, progress))
            return _stack(_strips(images, coding, window, pool, progress), window)
    if not isinstance(out, (str, os.PathLike)) or Path(out).suffix != ".npy" or Path(out).is_dir():
        raise ParameterError(f"out must be the path of a .npy file to write; got {out!r}")
    with write_whole(out) as partial, open(partial, "wb") as file, _threads() as pool:
        if window is None:
            _write_matrix(file, *_tiles(images, coding, pool, progress))
        else:
            _write_strips(file, _strips(images, coding, window, pool, progress), window)
    return np.load(out, mmap_mode="r")


def consecutive(images, metric="gray"):
    """Return the distance of every frame to the next, holding few of an iterator's frames at a time.

    Parameters
    ----------
    images : ndarray of uint8, (n, height, width, 3) in RGB or (n, height, width) in gray; Frames; or iterator of either
        As in `pairwise`.
    metric : {"gray", "hsl"}

    Returns
    -------
    ndarray of float32, (n - 1,)
        Value i is the distance of frame i to frame i + 1. Empty for one frame and for none.

    Raises
    ------
    ParameterError
        If an argument is of the wrong kind, or the images differ in size.
    """
    return pairwise(images, metric, window=1)[:-1, 1].copy()


def luma(images):
    """Return the luma of images as the metric ``"gray"`` compares it.

    Parameters
    ----------
    images : ndarray of uint8, (n, height, width, 3) in RGB or (n, height, width) in gray; or Frames

    Returns
    -------
    ndarray of uint8, (n, height, width)
        ``round(0.299 R + 0.587 G + 0.114 B)``, halves upwards (ITU-R BT.601); a gray array is returned itself.

    Raises
    ------
    ParameterError
        If `images` are not images.
    """
    images = images.images if isinstance(images, Frames) else check_images(images)
    with _threads() as pool:
        return _to_luma(images, pool)


@dataclass(frozen=True)
class Coding:
    """How a metric codes pixels and compares what it coded.

    Attributes
    ----------
    code : function of (pixels, start, coded)
        Codes pixels, uint8 (frames, n) or (frames, n, 3), from `start` on, as many as go into `coded`.
    add_sums : function of (a, b, squares, sums)
        Adds up the distances of slab to slab; see `toolkit.distances.kernels`.
    unit : int
        What a distance of 1 between two pixels adds to a sum.
    chunk : int
        How many pixels are compared at a time, at most.
    planes : tuple of int
        What there is of a pixel: () or (3,).
    dtype : type
        Of a coded pixel.
    """

    code: Callable
    add_sums: Callable
    unit: int
    chunk: int
    planes: tuple
    dtype: type


def _code_gray(pixels, start, coded):
    from toolkit.distances import kernels

    if pixels.ndim == 3:
        kernels.code_luma(pixels, start, coded)
    else:
        part = pixels[:, start : start + coded.shape[1]]
        coded[:, : part.shape[1]] = part
        coded[:, part.shape[1] :] = 0


def _code_hsl(pixels, start, coded):
    from toolkit.distances import kernels

    if pixels.ndim == 2:
        pixels, start = np.repeat(pixels[:, start : start + coded.shape[2], None], 3, axis=2), 0
    kernels.code_hsl(pixels, start, coded)


def _coding(metric):
    """Return how a metric codes and compares pixels."""
    from toolkit.distances import kernels

    if metric == "gray":
        return Coding(_code_gray, kernels.add_gray_sums, 1, kernels.GRAY_CHUNK, (), np.uint8)
    return Coding(_code_hsl, kernels.add_hsl_sums, kernels.HSL_UNIT, kernels.HSL_CHUNK, (3,), np.uint16)


def _threads():
    from numba import config

    return ThreadPoolExecutor(config.NUMBA_NUM_THREADS)


def _matrix(n, tiles):
    matrix = np.empty((n, n), np.float32)
    for rows, columns, tile in tiles:
        matrix[rows, columns] = tile
    return matrix


def _write_matrix(file, n, tiles):
    # a file, not a memory map: what is written to a map stays resident, and more around it
    _write_header(file, (n, n))
    first = file.tell()
    for rows, columns, tile in tiles:
        for i, row in enumerate(np.ascontiguousarray(tile), start=rows.start):
            file.seek(first + (i * n + columns.start) * row.itemsize)
            file.write(row)


def _stack(strips, window):
    distances = np.empty((0, window + 1), np.float32)
    for strip in strips:
        count = len(distances)
        # grown in place: a list of strips would be held beside what they are joined to
        distances.resize((count + len(strip), window + 1), refcheck=False)
        distances[count:] = strip
    return distances


def _write_strips(file, strips, window):
    # the number of rows is known at the end; numpy's header leaves room for it
    _write_header(file, (0, window + 1))
    count = 0
    for strip in strips:
        file.write(strip)
        count += len(strip)
    file.seek(0)
    _write_header(file, (count, window + 1))


def _write_header(file, shape):
    header = {"descr": np.dtype(np.float32).str, "fortran_order": False, "shape": shape}
    np.lib.format.write_array_header_1_0(file, header)


def _tiles(images, coding, pool, progress):
    """Return the number of frames, and an iterator of (rows, columns, distances): the tiles of the matrix."""
    blocks = list(_runs(images, coding, pool, lambda pixels: TILE))
    n = sum(len(block) for block in blocks)
    spans = [slice(start, min(start + TILE, n)) for start in range(0, n, TILE)]

    def tiles():
        pairs = list(itertools.combinations_with_replacement(range(len(blocks)), 2))
        for i, j in progress_bar(pairs, description="distances", unit="tile", progress=progress):
            tile = _tile(blocks[i], blocks[j], spans[j].start - spans[i].start, n, coding, pool)
            if i == j:
                yield spans[i], spans[i], np.triu(tile) + np.triu(tile, 1).T
            else:
                yield spans[i], spans[j], tile
                yield spans[j], spans[i], tile.T

    return n, tiles()


def _strips(images, coding, window, pool, progress):
    """Yield the distances within a window, float32 (some rows, window + 1), in order."""

    def rows_at_once(pixels):
        # many, that few frames are moved or coded twice, as far as memory allows
        return min(TILE, max(16, min(max(64, window), (2 << 20) // (window + 1), (16 << 20) // pixels)))

    total = len(images) if isinstance(images, (np.ndarray, Frames)) else None
    with progress_bar(total=total, description="distances", unit="frame", progress=progress) as bar:
        for frames in _runs(images, coding, pool, rows_at_once, window):
            rows = min(len(frames), rows_at_once(math.prod(frames.shape[1:3])))
            strip = np.full((rows, window + 1), np.nan, np.float32)
            for start in range(0, len(frames), TILE):
                tile = _tile(frames[:rows], frames[start : start + TILE], start, window, coding, pool)
                for i in range(rows):
                    first = max(start, i)
                    stop = max(first, min(start + tile.shape[1], i + window + 1))
                    strip[i, first - i : stop - i] = tile[i, first - start : stop - start]
            yield strip
            bar.update(rows)


def _runs(images, coding, pool, rows_at_once, overlap=0):
    """Yield runs of frames, each of some rows and the `overlap` that follow them; the next begins after the rows.

    How many rows, `rows_at_once` tells from the pixels of a frame; fewer are left at the end. Runs of an array are its
    views. An iterator's frames are copied, and with an overlap every run into the same memory.
    """
    if isinstance(images, (np.ndarray, Frames)):
        # kernels are compiled for plain arrays, a memory map is one too
        (array,) = map(np.asarray, image_batches(images))
        rows = rows_at_once(max(1, math.prod(array.shape[1:3])))
        for start in range(0, len(array), rows):
            yield array[start : start + rows + overlap]
        return
    buffer, rows, count = None, 1, 0
    for batch in map(np.asarray, of_one_size(image_batches(images))):
        left = _to_luma(batch, pool) if coding.code is _code_gray else batch
        if buffer is None:
            rows = rows_at_once(math.prod(left.shape[1:3]))
            buffer = np.empty((rows + overlap, *left.shape[1:]), np.uint8)
        while len(left):
            part = left[: len(buffer) - count]
            buffer[count : count + len(part)] = part
            count, left = count + len(part), left[len(part) :]
            if count == len(buffer):
                yield buffer
                buffer, count = _move_down(buffer, rows, overlap), overlap
    for start in range(0, count, rows):
        yield buffer[start:count]


def _move_down(buffer, rows, overlap):
    """Return an array like `buffer` that begins with its last `overlap` frames: itself if there are any."""
    if not overlap:
        return np.empty_like(buffer)
    # in parts that are clear of where they go, or numpy would copy them all
    for start in range(0, overlap, rows):
        stop = min(start + rows, overlap)
        buffer[start:stop] = buffer[start + rows : stop + rows]
    return buffer


def _to_luma(images, pool):
    from toolkit.distances import kernels

    if images.ndim == 3:
        return images
    converted = np.empty(images.shape[:3], np.uint8)

    def convert(part):
        for i in range(part.start, part.stop):
            pixels = np.ascontiguousarray(images[i]).reshape(1, -1, 3)
            kernels.code_luma(pixels, 0, converted[i].reshape(1, -1))

    list(pool.map(convert, _parts(len(images))))
    return converted


def _tile(rows, columns, offset, window, coding, pool):
    """Return the distances, float32 (rows, columns), of frames to frames of which the first comes `offset` later.

    With an offset of 0 one array begins with the other. Only frames 0 to `window` apart are compared.
    """
    from toolkit.distances import kernels

    pixels = math.prod(columns.shape[1:3])
    squares = _squares(len(rows), len(columns), offset, window)
    shares = [squares[part] for part in _parts(len(squares))]
    padded_rows, padded_columns = (-(-len(frames) // kernels.SIDE) * kernels.SIDE for frames in (rows, columns))
    sums = np.zeros((padded_rows, padded_columns), np.int64)

    chunk = min(coding.chunk, -(-pixels // kernels.LANES) * kernels.LANES)
    frame_bytes = math.prod(coding.planes) * chunk * np.dtype(coding.dtype).itemsize
    chunks = max(1, min(SLAB_BYTES // (frame_bytes * (padded_rows + padded_columns)), -(-pixels // chunk)))
    slab = row_slab = _aligned_empty((chunks, padded_columns, *coding.planes, chunk), coding.dtype)
    if offset:
        row_slab = _aligned_empty((chunks, padded_rows, *coding.planes, chunk), coding.dtype)

    for start in range(0, pixels, chunks * chunk):
        used = min(chunks, -(-(pixels - start) // chunk))
        _fill(slab[:used], columns, start, coding, pool)
        if offset:
            _fill(row_slab[:used], rows, start, coding, pool)
        add = functools.partial(coding.add_sums, row_slab[:used], slab[:used])
        list(pool.map(add, shares, itertools.repeat(sums)))
    return (sums[: len(rows), : len(columns)] / (pixels * coding.unit)).astype(np.float32)


def _squares(rows, columns, offset, window):
    """Return the squares of a tile with frames 0 to `window` apart, int (m, 2), neighbours one after the other."""
    from toolkit.distances import kernels

    side = kernels.SIDE
    apart = offset + side * (np.arange(-(-columns // side)) - np.arange(-(-rows // side))[:, None])
    i, j = np.nonzero((apart + side > 0) & (apart - side < window))
    order = np.lexsort((j, i, j // 8, i // 8))
    return np.stack([i[order], j[order]], axis=1)


def _fill(slab, frames, start, coding, pool):
    """Code pixels of frames, from `start` on, into a slab (chunks, frames and some, ..., chunk)."""
    chunk = slab.shape[-1]

    def code(part):
        pixels, first = _flat_pixels(frames[part], start, start + len(slab) * chunk)
        for k, coded in enumerate(slab):
            coding.code(pixels, first + k * chunk, coded[part])

    list(pool.map(code, _parts(len(frames))))


def _flat_pixels(frames, start, stop):
    """Return frames as C-contiguous (frames, n[, 3]), copying no more lines than needed, and where pixel `start` is."""
    if not frames.flags.c_contiguous:
        width = frames.shape[2]
        first_line = start // width
        frames = np.ascontiguousarray(frames[:, first_line : -(-stop // width)])
        start -= first_line * width
    return frames.reshape(len(frames), -1, *frames.shape[3:]), start


def _aligned_empty(shape, dtype):
    """Return an empty array that begins with a cache line: SIMD loads that straddle two lines are slower."""
    size = math.prod(shape) * np.dtype(dtype).itemsize
    memory = np.empty(size + 63, np.uint8)
    first = -memory.ctypes.data % 64
    return memory[first : first + size].view(dtype).reshape(shape)


def _parts(count):
    """Return slices that share out `count` things, several for each thread."""
    from numba import config

    step = max(1, math.ceil(count / (4 * config.NUMBA_NUM_THREADS)))
    return [slice(start, min(start + step, count)) for start in range(0, count, step)]
