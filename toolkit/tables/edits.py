"""Tables and files that a person edits: names that are allowed, and edited files that are kept, never overwritten."""

import contextlib
import hashlib
import itertools
import json
import os
import warnings
from pathlib import Path

from toolkit.errors import DataError, ParameterError
from toolkit.storage import write_whole

# bytes of a file's name, on the common file systems
LONGEST_NAME = 255


def check_path(path, *endings):
    """Return the path of a file that can be written, by its ending; otherwise raise a ParameterError."""
    is_path = isinstance(path, (str, os.PathLike)) and Path(path).suffix.lower() in endings
    fits = is_path and len(os.fsencode(Path(path).name)) <= LONGEST_NAME and "\0" not in str(path)
    if not fits or Path(path).is_dir():
        raise ParameterError(
            f"path must be that of a {' or '.join(endings)} file; got {str(path)[:LONGEST_NAME]!r}"
            f"{'' if fits or not is_path else f', whose name is none, or longer than {LONGEST_NAME} bytes'}"
        )
    return Path(path)


def check_file(path):
    """Return the path of a file that is there; otherwise raise a DataError."""
    try:
        path = Path(path)
        if path.is_file():
            return path
    except (TypeError, ValueError):
        raise DataError(f"a file is named by its path; got {path!r}") from None
    except OSError as error:
        raise DataError(f"{path} cannot be read: {error.strerror}") from error
    raise DataError(f"{path} {'is a folder' if path.is_dir() else 'does not exist'}; expected the path of a file")


# files that may hold work by hand
def content_hash(content):
    """Return a hash of what JSON can hold, by which a file shows later whether it was edited."""
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


def set_aside(path, names=None):
    """Rename a file to the first of `names` that no file beside it has, and return its new path.

    By default these are numbered, as `shots.corrected-1.csv`.
    """
    for name in names or (f"{path.stem}-{number}{path.suffix}" for number in itertools.count(1)):
        place = path.with_name(name)
        try:
            # taken before it is used, so that no other file is written over
            place.touch(exist_ok=False)
        except FileExistsError:
            continue
        try:
            return path.replace(place)
        except OSError:
            place.unlink()
            raise


@contextlib.contextmanager
def write_beside_edited(path, is_edited, reader):
    """Give a path to write to, as `storage.write_whole`; what a person did in the file that is there is kept.

    If `is_edited` says so of its path, the old file is renamed, `film.edited.eaf`, just before the new one appears, and
    a warning tells of it. `reader` is the name of the function that reads it.
    """
    copy = None
    with write_whole(path) as partial:
        yield partial
        if path.exists() and is_edited(path):
            numbers = itertools.chain([""], (f"-{number}" for number in itertools.count(2)))
            copy = set_aside(path, (f"{path.stem}.edited{number}{path.suffix}" for number in numbers))
    if copy is not None:
        warnings.warn(
            f"{path} was edited since it was written, or made elsewhere: it is kept as {copy.name}, and a new one "
            f"stands in its place. To take in what was edited: exports.{reader}({str(copy)!r}) gives its tables, and "
            "exports.write_table(..., corrected=True) makes one of them win",
            stacklevel=4,
        )
