"""The data folder and the cache folders: where they are, and what happens if they cannot be written."""

import contextlib
import functools
import os
import warnings
from pathlib import Path

from toolkit.errors import ParameterError

# what to do where nothing can be written
WRITABLE_HINT = (
    "Free the disk, or name a folder that can be written to: in the environment variable TOOLKIT_DATA, or as cache= "
    "where that can be given"
)


def data_folder() -> Path:
    """Return the folder for what is generated or downloaded, created if need be.

    It is the environment variable TOOLKIT_DATA where that is set, else `data/` of the checkout that the package runs
    from, else `film-toolkit` in the user's cache folder. In a checkout TOOLKIT_DATA is taken to be within it if it is
    relative, wherever a notebook or a terminal is.

    Raises
    ------
    ParameterError
        If it cannot be created.
    """
    folder = _data_path()
    with require_writable(folder):
        folder.mkdir(parents=True, exist_ok=True)
    return folder


def _data_path():
    variable = os.environ.get("TOOLKIT_DATA")
    checkout = Path(__file__).resolve().parents[2]
    if (checkout / "pyproject.toml").is_file():
        return checkout / Path(variable or "data").expanduser()
    if variable:
        return Path(variable).expanduser()
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "film-toolkit"


@contextlib.contextmanager
def require_writable(path):
    """Say what to do where a block cannot write what others cannot do without.

    Raises
    ------
    ParameterError
        In place of an OSError.
    """
    try:
        yield
    except OSError as error:
        raise ParameterError(f"{path} cannot be written: {error.strerror or error}. {WRITABLE_HINT}") from error


def warn_not_cached(folder, error):
    """Warn that what is found cannot be kept in a folder, which stops no one; once for a folder and a reason."""
    _warn_once(
        f"nothing can be kept in {folder}: {getattr(error, 'strerror', None) or error}. The work goes on, and will be "
        f"done anew the next time. {WRITABLE_HINT}"
    )


@functools.cache
def _warn_once(message):
    warnings.warn(message, stacklevel=4)


def cache_folder(cache, name):
    """Return the folder in which what is named so is kept, made if need be: `cache`, or for None the toolkit's own.

    None for `cache=False`, which keeps nothing, and, with a warning, where the toolkit's own cannot be made.

    Raises
    ------
    ParameterError
        If `cache` is none of these, or a folder that cannot be made.
    """
    if cache is False:
        return None
    if cache is not None and not isinstance(cache, (str, os.PathLike)):
        raise ParameterError(f"cache must be a folder, None for the toolkit's own, or False for none; got {cache!r}")
    folder = _data_path() / name if cache is None else Path(cache).expanduser()
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        if cache is None:
            warn_not_cached(folder, error)
            return None
        raise ParameterError(
            f"{name} cannot be kept: {error}. Name another folder with cache=, or pass cache=False"
        ) from error
    return folder
