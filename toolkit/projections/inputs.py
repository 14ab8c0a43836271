"""Checks of what is projected: vectors, distance matrices and the options of each method."""

import warnings

import numpy as np

from toolkit.checks import check_choice, check_count, check_number
from toolkit.errors import ParameterError
from toolkit.projections.neighbors import ROWS, row_blocks
from toolkit.records import Frames

# the options of each method and their defaults; None is chosen by the number of frames
OPTIONS = {
    "mds": {"max_iter": 300, "eps": 1e-6},
    "tsne": {"perplexity": None, "max_iter": 750, "early_exaggeration": 12.0, "angle": 0.5, "gradient": None},
    "multicore_tsne": {"perplexity": None, "max_iter": 750, "early_exaggeration": 12.0, "angle": 0.5},
    "umap": {"n_neighbors": None, "min_dist": 0.1, "spread": 1.0, "max_iter": None},
    "pca": {},
}
METRICS = ("euclidean", "precomputed")
GRADIENTS = ("exact", "barnes_hut", "fft")

# how far distances may be from symmetric, non-negative, and 0 to themselves, as a share of the largest: rounding
ROUNDING = 1e-5
# beyond these, squares of float64 values, and of float32 distances, cannot be told apart from 0 or infinity
HUGE, LARGE = 1e100, 1e15


def lower_to_most(name, value, most, n):
    """Return the value, or if that is less the most there can be for n frames, with a warning."""
    if value > most:
        # of the line that called project
        warnings.warn(f"{name} {value:g} is too much for {n} frames: lowered to {most:.4g}", UserWarning, stacklevel=4)
    return min(value, most)


def check_options(method, given):
    """Return the options of a method, checked, with the defaults of those not given."""
    known = OPTIONS[method]
    for name in given:
        if name not in known:
            listed = ", ".join(map(repr, known)) or "none"
            raise ParameterError(f"unknown option {name!r} of method={method!r}: it has {listed}")
    options = known | given
    for name, value in given.items():
        if value is None and known[name] is None:
            continue
        if name == "max_iter":
            check_count(name, value, at_least=1)
        elif name == "n_neighbors":
            check_count(name, value, at_least=2)
        elif name == "gradient":
            check_choice(name, value, GRADIENTS)
        elif name in ("eps", "min_dist"):
            options[name] = check_number(name, value, at_least=0)
        elif name in ("perplexity", "early_exaggeration"):
            options[name] = check_number(name, value, at_least=1)
        else:
            options[name] = check_number(name, value, above=0)
    if "angle" in options and not 0.1 <= options["angle"] <= 1:
        raise ParameterError(f"angle must be a number in [0.1, 1]; got {options['angle']:g}")
    if "spread" in options and options["min_dist"] > options["spread"]:
        raise ParameterError(f"min_dist must be at most spread; got {options['min_dist']:g} and {options['spread']:g}")
    return options


def check_data(data, metric):
    """Return vectors, centred and divided by their largest value, or distances as given; and the largest value.

    Vectors are float32 where that holds their numbers, otherwise float64.
    """
    if metric == "precomputed":
        return _check_distances(_check_array("distances must be numbers, (n, n)", data))
    data = _check_array("data must be numbers, (n, d), a vector a frame", data)
    if not data.size:
        return data, 0.0
    # less the first: exactly 0 where all vectors are equal
    vectors = np.subtract(data, data[0], dtype=np.result_type(data.dtype, np.float32), order="C")
    vectors -= vectors.mean(axis=0, dtype=np.float64)
    scale = max(float(np.abs(vectors[rows]).max()) for rows in row_blocks(len(vectors), data.shape[1]))
    if not scale < HUGE:
        raise ParameterError(f"data must be numbers that differ by less than {HUGE:g}; got {scale:g}")
    if scale:
        vectors /= scale
    return vectors, scale


def _check_array(wanted, data):
    if isinstance(data, Frames) or (isinstance(data, np.ndarray) and data.ndim > 2):
        raise ParameterError(f"{wanted}; got images. Describe them by vectors first: toolkit.embeddings.embed(images)")
    try:
        array = np.asarray(data)
    except ValueError:
        raise ParameterError(f"{wanted}; got rows of different lengths") from None
    if array.dtype.kind not in "buif":
        raise ParameterError(f"{wanted}; got {type(data).__name__} of dtype {array.dtype}")
    if array.dtype.itemsize > 8:
        array = array.astype(np.float64)
    if array.ndim != 2 or (len(array) and not array.shape[1]):
        raise ParameterError(f"{wanted}; got shape {array.shape}")
    for rows in row_blocks(len(array), array.shape[1]):
        bad = ~np.isfinite(array[rows]).all(axis=1)
        if bad.any():
            raise ParameterError(f"{wanted}; got NaN or infinity in row {rows.start + int(np.argmax(bad))}")
    return array


def _check_distances(array):
    n = len(array)
    if array.shape != (n, n):
        raise ParameterError(
            f"distances must be (n, n), of every frame to every other; got shape {array.shape}. "
            "For vectors leave metric='euclidean'"
        )
    if array.dtype not in (np.float32, np.float64):
        array = array.astype(np.result_type(array.dtype, np.float32))
    scale = max((float(array[rows].max()) for rows in row_blocks(n)), default=0.0)
    slack, clean = ROUNDING * scale, True
    parts = row_blocks(n, ROWS)
    for i, rows in enumerate(parts):
        least = array[rows].min()
        if least < -slack:
            raise ParameterError(f"distances must not be negative; got {least:g}. Are these similarities?")
        own = np.abs(np.diagonal(array)[rows]).max()
        if own > slack:
            raise ParameterError("distances must be 0 from each frame to itself. Are these similarities?")
        clean = clean and least >= 0 and own == 0
        for columns in parts[: i + 1]:
            gap = np.abs(array[rows, columns] - array[columns, rows].T).max()
            if gap > slack:
                raise ParameterError(
                    f"distances must be symmetric; got two that differ by {gap:g}. "
                    "Use (distances + distances.T) / 2 if both ways are as good"
                )
    if scale and not 1 / LARGE < scale < LARGE:
        raise ParameterError(
            f"the largest distance must be between {1 / LARGE:g} and {LARGE:g}; got {scale:g}. Multiply all by a number"
        )
    if not clean:
        array = np.maximum(array, 0)
        np.fill_diagonal(array, 0)
    return array, scale


def check_points(points):
    """Return points as float64 (n, 2); otherwise raise a ParameterError."""
    points = _check_array("points must be numbers, (n, 2)", points)
    if points.shape[1] != 2:
        raise ParameterError(f"points must be numbers, (n, 2); got shape {points.shape}")
    return points.astype(np.float64)
