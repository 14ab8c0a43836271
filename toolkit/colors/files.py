"""Fingerprints as files, .csv with hex codes or .npz, and back."""

import csv
import itertools
import os
import re
from pathlib import Path

import numpy as np

from toolkit.checks import check_array, check_times
from toolkit.errors import DataError, ParameterError
from toolkit.storage import write_whole
from toolkit.tables import check_path


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
    path = check_path(path, ".csv", ".npz")
    colors, shares, times = _check_fingerprint(colors, shares, times)
    with write_whole(path) as partial:
        if path.suffix.lower() == ".npz":
            # given a path that does not end in lower case, numpy writes beside it
            with open(partial, "wb") as file:
                np.savez_compressed(file, colors=colors, shares=shares, times=times)
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
    if not isinstance(path, (str, os.PathLike)):
        raise ParameterError(f"path must be that of a .csv or .npz file; got {path!r}")
    path = Path(path)
    if path.suffix.lower() not in (".csv", ".npz") or not path.is_file():
        raise DataError(f"{path} is no .csv or .npz file of a fingerprint; write one with colors.write_fingerprint")
    try:
        if path.suffix.lower() == ".npz":
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
    colors = check_array("colors", colors, ("n", "n_colors", 3), "u", wanted="uint8 (n, n_colors, 3)")
    shares = check_array("shares", shares, colors.shape[:2], wanted="(n, n_colors), from 0 to 1, as colors has them")
    if colors.dtype != np.uint8 or not colors.size or not ((shares >= 0) & (shares <= 1)).all():
        raise ParameterError(
            "a fingerprint has at least one frame, colors uint8 (n, n_colors, 3), and shares from 0 to 1; "
            f"got {colors.dtype} {colors.shape}, and shares from {shares.min(initial=0):g} to {shares.max(initial=1):g}"
        )
    return colors, shares.astype(np.float64), check_times(times, len(colors))
