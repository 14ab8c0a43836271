"""Checks of arguments that many functions share: each returns the value it accepts, or raises a ParameterError.

Every message says what was expected, what came, and what to try.
"""

import math
import numbers
from decimal import Decimal

import numpy as np
import pandas as pd

from toolkit.errors import ParameterError


def check_choice(name, value, choices):
    """Return `value` if it is one of `choices`; otherwise raise a ParameterError that lists them."""
    if not isinstance(value, str) or value not in choices:
        listed = ", ".join(repr(choice) for choice in choices)
        raise ParameterError(f"{name} must be one of {listed}; got {value!r}")
    return value


def check_number(
    name, value, *, above=-math.inf, at_least=-math.inf, below=math.inf, at_most=math.inf, unit="", hint=""
):
    """Return `value` as a float if it is a finite number within the bounds; otherwise raise a ParameterError.

    The error ends with `hint`, which says what to try.
    """
    bounds = _bounds(above=above, at_least=at_least, below=below, at_most=at_most)
    wanted = f"{name} must be a finite number{bounds}{f' ({unit})' if unit else ''}"
    is_real = isinstance(value, numbers.Real) and not isinstance(value, (bool, np.bool_))
    try:
        number = float(value) if is_real else math.nan
    except OverflowError:
        number = math.inf
    if not (math.isfinite(number) and above < number < below and at_least <= number <= at_most):
        raise ParameterError(f"{wanted}; got {value!r}{hint}")
    return number


def check_count(name, value, *, at_least=0, below=math.inf, at_most=math.inf, hint=""):
    """Return `value` as an int if it is a whole number within the bounds; otherwise raise a ParameterError.

    The error ends with `hint`, which says what to try.
    """
    whole = isinstance(value, numbers.Integral) and not isinstance(value, (bool, np.bool_))
    if not whole or not at_least <= value <= at_most or value >= below:
        bounds = _bounds(at_least=at_least, below=below, at_most=at_most)
        came = f"one of {value.bit_length()} bits" if whole and abs(value) > 1 << 256 else f"{value!r:.80}"
        raise ParameterError(f"{name} must be a whole number{bounds}; got {came}{hint}")
    return int(value)


def _bounds(**bounds):
    """Return bounds as " of at least 0 and below 1"; "" without any."""
    words = {"above": "above", "at_least": "of at least", "below": "below", "at_most": "at most"}
    listed = [f"{words[name]} {bound:,.10g}" for name, bound in bounds.items() if abs(bound) < math.inf]
    return f" {' and '.join(listed)}" if listed else ""


def check_seed(seed):
    """Return `seed` if it is a whole number from 0 to 2**32 - 1, as numpy takes it; else raise a ParameterError."""
    return check_count("seed", seed, below=2**32)


def check_images(images, name="images"):
    """Return `images` as an array if they are uint8 `(n, height, width[, 3])` with pixels in them.

    An array of no images is let through: what that means is the caller's to decide.
    """
    wanted = f"{name} must be uint8, (n, height, width, 3) in RGB or (n, height, width) in gray"
    if not isinstance(images, np.ndarray):
        raise ParameterError(f"{wanted}; got {type(images).__name__}. Read a film with toolkit.video.read_frames first")
    if images.dtype != np.uint8:
        hint = ""
        if images.dtype.kind == "f":
            hint = ". Were the pixels in [0, 1]? Then (images * 255).round().astype('uint8')"
        raise ParameterError(f"{wanted}; got dtype {images.dtype}{hint}")
    if not (images.ndim == 3 or (images.ndim == 4 and images.shape[3] == 3)):
        hint = ". One image alone is images[None]" if images.ndim in (2, 3) else ""
        raise ParameterError(f"{wanted}; got shape {images.shape}{hint}")
    if images.ndim == 3 and images.shape[2] == 3 and min(images.shape[:2]) >= 16:
        raise ParameterError(f"{wanted}; got shape {images.shape}, which looks like one RGB image: use images[None]")
    if len(images) and 0 in images.shape:
        raise ParameterError(f"{wanted}; got images without pixels, shape {images.shape}")
    return images


def check_times(times, n=None, each="frame", *, order=None, at_least=-math.inf):
    """Return `times` as float64 `(n,)` if they are finite seconds; otherwise raise a ParameterError.

    There must be `n` of them, one for each of what `each` names, or where `n` is None at least one. `order` is
    "ascending" where none may be before the one before it, and "rising" where each must be after it; none may be below
    `at_least`.
    """
    wanted = f"times must be finite seconds{f' from {at_least:g}' if math.isfinite(at_least) else ''}"
    wanted += {None: "", "ascending": ", ascending", "rising": ", each after the one before"}[order]
    wanted += ", at least one" if n is None else f", one for each of the {n} {each}s"
    try:
        array = np.asarray(times, dtype=np.float64)
    except (TypeError, ValueError, OverflowError):
        raise ParameterError(f"{wanted}; got {type(times).__name__} with what is not a number") from None
    if array.ndim != 1 or not (len(array) if n is None else len(array) == n):
        raise ParameterError(f"{wanted}; got {type(times).__name__} of shape {array.shape}")
    wrong = array[~(np.isfinite(array) & (array >= at_least))]
    if len(wrong):
        raise ParameterError(f"{wanted}; got {wrong[0]:g}")
    if order is not None:
        steps = np.diff(array)
        fallen = np.flatnonzero(steps < 0 if order == "ascending" else steps <= 0)
        if len(fallen):
            raise ParameterError(f"{wanted}; got {array[fallen[0] + 1]:g} after {array[fallen[0]]:g}")
    return array


def check_labels(labels, n=None, each="frame"):
    """Return `labels` as int64 `(n,)` if they are whole numbers, one for each of what `each` names.

    With None for n they may be of any length; of none the kind does not matter.
    """
    wanted = "whole numbers, one for each " + (each if n is None else f"of the {n} {each}s")

    def hint(array):
        kind = array.dtype.kind if array.ndim == 1 and len(array) else ""
        if kind == "f":
            return f"; were {each}s without a cluster left in? Drop them, then labels.astype(int)"
        return "; number names with pandas.factorize(labels)[0] first" if kind and kind in "OUST" else ""

    array = check_array("labels", labels, ("n" if n is None else n,), "iu", wanted=wanted, hint=hint)
    if array.dtype == np.uint64 and array.max(initial=0) > np.iinfo(np.int64).max:
        raise ParameterError(f"labels must be {wanted}; got {array.max()}, which is too large")
    return array.astype(np.int64)


def check_names(names):
    """Return names of set-ups or clusters by number, a dict; none for None. Otherwise raise a ParameterError."""
    if names is not None and not isinstance(names, dict):
        raise ParameterError(
            "names must be a dict of number to text, such as {0: 'Anna'}, or what exports.setup_names returns; "
            f"got {type(names).__name__}"
        )
    return names or {}


def check_captions(texts, name):
    """Return the captions of a video as a list of str on one line each, empty ones left out."""
    wanted = f"captions of {name!r:.80} must be a list of texts"
    if isinstance(texts, (str, bytes)) or not hasattr(texts, "__iter__"):
        hint = ". A single one goes into a list: [caption]" if isinstance(texts, str) else ""
        raise ParameterError(f"{wanted}; got {type(texts).__name__}{hint}")
    found = []
    for text in texts:
        if text is None or text is pd.NA or (isinstance(text, float) and np.isnan(text)):
            continue
        if not isinstance(text, str):
            raise ParameterError(f"{wanted}; got {type(text).__name__} among them")
        # half of a character, as a JSON file cut in the wrong place has it, is nothing that models or files can take
        if line := " ".join(text.encode("utf-8", "replace").decode().split()):
            found.append(line)
    return found


def check_array(name, values, shape, kinds="buif", *, wanted=None, finite=True, hint=None):
    """Return `values` as an array of this shape and of one of these kinds of dtype; otherwise raise a ParameterError.

    Parameters
    ----------
    name : str
        What the values are called in errors.
    values : array_like
    shape : tuple of int and str, or None
        The length of each axis; a str, as in ``("n", 2)``, names one of any length, the same wherever it stands. None
        takes any shape.
    kinds : str
        Letters of ``dtype.kind``: "buif" for numbers, "iu" for whole ones. Of an empty array the kind does not matter.
    wanted : str, optional
        What the values must be, in words; by default made of `kinds` and `shape`.
    finite : bool
        Whether NaN and infinity are refused. A numeric array is read twice for it, and not copied.
    hint : callable, optional
        Takes an array that does not fit and returns what to try, or "", as the end of the error.
    """
    if wanted is None:
        kind = "whole numbers" if set(kinds) <= {"i", "u"} else "finite numbers" if finite else "numbers"
        wanted = kind if shape is None else f"{kind}, ({', '.join(map(str, shape))}{',' * (len(shape) == 1)})"
    wanted = f"{name} must be {wanted}"
    try:
        array = np.asarray(values)
        if array.dtype.kind == "O" and "O" not in kinds:
            # plain numbers in a column of objects, or of pandas' nullable kinds
            array = np.asarray(array.tolist())
            numeric = (numbers.Real, Decimal) if finite else (numbers.Real, Decimal, type(None))
            if array.ndim and "f" in kinds and all(isinstance(value, numeric) for value in array.flat):
                array = array.astype(np.float64)
    except ValueError:
        raise ParameterError(f"{wanted}; got rows of different lengths") from None
    # a tensor with a gradient, or on another device
    except (TypeError, RuntimeError, OverflowError) as error:
        raise ParameterError(f"{wanted}; got {type(values).__name__}: {error}") from error
    if array.dtype.kind not in kinds and array.size:
        came = f"{type(values).__name__} of dtype {array.dtype}"
    elif shape is not None and not _fits(array, shape):
        came = f"shape {array.shape}"
    elif finite and array.dtype.kind in "fc" and array.size and (place := _not_finite(array)) is not None:
        came = f"{'NaN' if np.isnan(array[place]) else 'infinity'} at {place[0] if len(place) == 1 else place}"
    else:
        # without values a column of texts or dates is an empty one like any other
        return array if array.size or array.dtype.kind in "buif" else np.zeros(array.shape)
    raise ParameterError(f"{wanted}; got {came}{hint(array) if hint else ''}")


def _fits(array, shape):
    lengths, sides = zip(shape, array.shape, strict=False), {}
    same = (sides.setdefault(n, length if isinstance(n, str) else n) == length for n, length in lengths)
    return array.ndim == len(shape) and all(same)


def _not_finite(array):
    """Return where the first NaN or infinity is, a tuple of int; None if all is finite."""
    with np.errstate(invalid="ignore"):
        extremes = array.min(), array.max()
    return None if np.isfinite(extremes).all() else tuple(np.argwhere(~np.isfinite(array))[0].tolist())


def check_video_ids(video_ids, n=None):
    """Return `video_ids` as a list of texts, no two the same and none empty, n of them if that is given."""
    wanted = f"video_ids must be texts, {'one for each video' if n is None else f'one for each of the {n} videos'}"
    if isinstance(video_ids, (str, bytes)) or not hasattr(video_ids, "__iter__"):
        raise ParameterError(f"{wanted}; got {type(video_ids).__name__}")
    found = list(video_ids)
    if n is not None and len(found) != n:
        raise ParameterError(f"{wanted}; got {len(found)}")
    ids = set()
    for video_id in found:
        if not isinstance(video_id, str) or not video_id:
            raise ParameterError(f"{wanted}, none empty; got {video_id!r:.80}")
        if video_id in ids:
            raise ParameterError(f"{wanted}, no two the same; got {video_id!r:.80} twice")
        ids.add(video_id)
    return found
