"""Checks of what is projected: vectors, distance matrices and the options of each method."""

import warnings
from functools import partial

import numpy as np

from toolkit.checks import check_array, check_choice, check_count, check_number
from toolkit.errors import ParameterError
from toolkit.projections.neighbors import block_pairs
from toolkit.records import Frames

METRICS = ("euclidean", "precomputed")
GRADIENTS = ("exact", "barnes_hut", "fft")

# how each option of a method is checked
CHECKS = {
    "max_iter": partial(check_count, at_least=1),
    "n_neighbors": partial(check_count, at_least=2),
    "gradient": partial(check_choice, choices=GRADIENTS),
    "perplexity": partial(check_number, at_least=1),
    "early_exaggeration": partial(check_number, at_least=1),
    "eps": partial(check_number, at_least=0),
    "min_dist": partial(check_number, at_least=0),
    "spread": partial(check_number, above=0),
    "angle": partial(check_number, at_least=0.1, at_most=1),
}

# how far distances may be from symmetric, non-negative, and 0 to themselves, as a share of the largest: rounding
ROUNDING = 1e-5
# beyond these, squares of float64 values, and of float32 distances, cannot be told apart from 0 or infinity
MAX_VALUE, MAX_RATIO = 1e100, 1e15


def lower_to_most(name, value, default, most, n):
    """Return the value, or the default for None, but no more than there can be for n frames; a value with a warning."""
    if value is not None and value > most:
        # of the line that called project
        warnings.warn(f"{name} {value:g} is too much for {n} frames: lowered to {most:.4g}", UserWarning, stacklevel=4)
    return min(default if value is None else value, most)


def check_options(method, defaults, options):
    """Return the options of a method that were given, checked; of one whose default is None, None is one too."""
    for name in options:
        if name not in defaults:
            names = ", ".join(map(repr, defaults)) or "none"
            raise ParameterError(f"unknown option {name!r} of method={method!r}: it has {names}")
    options = {
        name: None if value is None and defaults[name] is None else CHECKS[name](name, value)
        for name, value in options.items()
    }
    values = defaults | options
    if "spread" in values and values["min_dist"] > values["spread"]:
        raise ParameterError(f"min_dist must be at most spread; got {values['min_dist']:g} and {values['spread']:g}")
    return options


def check_data(data, metric):
    """Return vectors, centred and divided by their largest value, or distances as given; and the largest value.

    Vectors are float32 where that holds their numbers, otherwise float64.
    """
    if metric == "precomputed":
        return _check_distances(_check_rows("distances", "finite numbers, (n, n)", data))
    data = _check_rows("data", "finite numbers, (n, d), a vector a frame", data)
    if not data.size:
        return data, 0.0
    # less the first: exactly 0 where all vectors are equal
    vectors = np.subtract(data, data[0], dtype=np.result_type(data.dtype, np.float32), order="C")
    vectors -= vectors.mean(axis=0, dtype=np.float64)
    scale = float(max(vectors.max(), -vectors.min()))
    if not scale < MAX_VALUE:
        raise ParameterError(f"data must be numbers that differ by less than {MAX_VALUE:g}; got {scale:g}")
    if scale:
        vectors /= scale
    return vectors, scale


def _check_rows(name, wanted, data):
    if isinstance(data, Frames) or (isinstance(data, np.ndarray) and data.ndim > 2):
        raise ParameterError(
            f"{name} must be {wanted}; got images. Describe them by vectors first: toolkit.embeddings.embed(images)"
        )
    array = check_array(name, data, ("n", "d"), wanted=wanted)
    if len(array) and not array.shape[1]:
        raise ParameterError(f"{name} must be {wanted}; got shape {array.shape}")
    return array.astype(np.float64) if array.dtype.itemsize > 8 else array


def _check_distances(array):
    n = len(array)
    if array.shape != (n, n):
        raise ParameterError(
            f"distances must be (n, n), of every frame to every other; got shape {array.shape}. "
            "For vectors leave metric='euclidean'"
        )
    if array.dtype not in (np.float32, np.float64):
        array = array.astype(np.result_type(array.dtype, np.float32))
    least, scale = (float(array.min()), float(array.max())) if n else (0.0, 0.0)
    slack, own = ROUNDING * scale, np.abs(np.diagonal(array)).max(initial=0)
    gap = max((np.abs(array[a, b] - array[b, a].T).max() for a, b in block_pairs(n)), default=0)
    both = "Use (distances + distances.T) / 2 if both ways are as good"
    for wrong, words in (
        (least < -slack, f"not be negative; got {least:g}. Are these similarities?"),
        (own > slack, "be 0 from each frame to itself. Are these similarities?"),
        (gap > slack, f"be symmetric; got two that differ by {gap:g}. {both}"),
    ):
        if wrong:
            raise ParameterError(f"distances must {words}")
    if scale:
        hint = ". Multiply all by a number"
        check_number("the largest distance", scale, above=1 / MAX_RATIO, below=MAX_RATIO, hint=hint)
    if least < 0 or own:
        array = np.maximum(array, 0)
        np.fill_diagonal(array, 0)
    return array, scale


def check_points(points):
    """Return points as float64 (n, 2); otherwise raise a ParameterError."""
    return check_array("points", points, ("n", 2)).astype(np.float64)
