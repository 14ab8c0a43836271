"""Vectors that models return, checked, and what those of a user's function depend on."""

import numpy as np

from toolkit.checks import check_array
from toolkit.errors import DataError, ParameterError


def check_vectors(option, vectors, n, things, *, model=None):
    """Return vectors as float32 (n, d), finite.

    Parameters
    ----------
    option : str
        The argument that names what gave them.
    n, things : int, str
        How many there must be, and of what: one for each.
    model : str, optional
        The name of a model of the toolkit, which gives nothing else unless its weights are broken.

    Raises
    ------
    ParameterError, or of numbers that a `model` gave DataError
    """
    name, wanted = f"the result of {option}", f"an array of finite numbers, ({n}, d) for {n} {things}"
    array = check_array(name, vectors, (n, "d"), "fiub", wanted=wanted, finite=False)
    if not array.size:
        raise ParameterError(f"{name} must be {wanted}; got shape {array.shape}")
    with np.errstate(over="ignore"):
        array = array.astype(np.float32, copy=False)
    if np.isfinite(array).all():
        return array
    if model:
        raise DataError(f"{model} gives NaN or infinity: its weights are broken. Fetch them again")
    raise ParameterError(f"{name} must be {wanted}; got NaN, infinity, or a number beyond float32")


def cache_key(function, what):
    """Return the `cache_key` of a function, by which its results are kept; None where it has none."""
    key = getattr(function, "cache_key", None)
    if key is not None and (not isinstance(key, str) or not key):
        raise ParameterError(f"the cache_key of {what} must be a string that is not empty; got {key!r}")
    return key
