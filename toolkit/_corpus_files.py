"""The files of `corpus`: which videos there are, what each is called, its file of embeddings, and what failed.

A video's file, ``<video_id>.npz``, holds `embeddings` float32 (n, d), `frame_indexes` int64 (n,), `times` float64 (n,)
and `made_by`, a JSON text: the settings it was made with and the video it was made of. ``errors.csv`` beside them
lists the videos that could not be embedded.
"""

import contextlib
import csv
import hashlib
import io
import json
import os
import re
import time
import unicodedata
import zipfile
import zlib
from collections import Counter
from pathlib import Path

import numpy as np

from toolkit._checks import DataError, ParameterError
from toolkit.storage import file_key, write_whole

# what a file of embeddings says it was written by
PROGRAM = "film-toolkit corpus 1"
TOLD = ("settings", "source", "frames", "values", "warning")
ARRAYS = ("embeddings", "frame_indexes", "times")
# what numpy raises of a file that is not what its name says
BROKEN = (ValueError, KeyError, EOFError, OSError, SyntaxError, NotImplementedError, zipfile.BadZipFile, zlib.error)
ERRORS = "errors.csv"
ERROR_COLUMNS = ("video_id", "video", "error", "size", "changed")
# seconds between two writings of the file of errors: a run that is killed forgets no more
PAUSE = 2.0
ENDINGS = frozenset(
    f".{ending}"
    for ending in (
        *("3gp", "asf", "avi", "divx", "flv", "gif", "m2ts", "m4v", "mkv", "mov", "mp4", "mpeg", "mpg", "mts", "mxf"),
        *("ogm", "ogv", "ts", "vob", "webm", "wmv"),
    )
)


# videos and their names


def find_videos(folder) -> list[Path]:
    """Return the videos in a folder and in the folders in it, by their names, numbers in them by their size.

    A video is a file that ends like one (.mp4, .mkv, .webm, .mov, .avi and others); hidden files and folders are
    passed over.

    Raises
    ------
    ParameterError
        If there is no such folder, or no video in it.
    """
    try:
        folder = Path(folder)
        is_folder = folder.is_dir()
    except (TypeError, ValueError, OSError) as error:
        raise ParameterError(f"folder must be the path of a folder of videos; got {folder!r} ({error})") from None
    if not is_folder:
        raise ParameterError(f"folder must be a folder of videos; {folder} is none, or does not exist")
    found = []
    for place, folders, files in os.walk(folder, followlinks=False):
        folders[:] = [name for name in folders if not name.startswith(".")]
        found += [Path(place, name) for name in files if _is_video(name)]
    if not found:
        raise ParameterError(f"{folder} holds no videos; expected files such as .mp4, .mkv or .webm in it")
    return sorted(found, key=lambda path: natural(str(path)))


def listed(paths) -> list[Path]:
    """Return videos as absolute paths, each once: those of a folder, one file, or those of a sequence."""
    if isinstance(paths, (str, os.PathLike)):
        if not os.path.exists(paths):
            raise ParameterError(f"paths must be a folder of videos, or the paths of videos; {paths} does not exist")
        paths = find_videos(paths) if os.path.isdir(paths) else [paths]
    try:
        found = [Path(os.path.abspath(path)) for path in paths]
    except (TypeError, ValueError) as error:
        raise ParameterError(f"paths must be a folder of videos, or the paths of videos; got {error}") from None
    if not found:
        raise ParameterError("paths must name at least one video; got none")
    return list(dict.fromkeys(found))


def natural(text):
    """Return a key by which video2 comes before video10."""
    return [(int(part), "") if part.isdigit() else (-1, part) for part in re.split(r"([0-9]+)", text) if part]


def video_ids(paths, taken=()) -> list[str]:
    """Return a name for each path, different from all others and from those `taken`: its stem, where that will do.

    Of ``a/clip.mp4`` and ``b/clip.mp4`` the names are "a/clip" and "b/clip"; of ``a/clip.mp4`` and ``a/clip.mkv``
    "clip.mp4" and "clip.mkv". Names that differ in capitals alone are alike to some file systems, and so here.
    """
    taken = {_alike(name) for name in taken}
    paths = [Path(path) for path in paths]
    stems = Counter((path.parent, _alike(_stem(path))) for path in paths)
    parts = []
    for path in paths:
        last = path.name if stems[path.parent, _alike(_stem(path))] > 1 else _stem(path)
        # ".." of a path that is not absolute would lead out of a folder
        parts.append([part for part in path.parent.parts if part not in (path.anchor, "..")] + [last])
    depths = [1] * len(paths)
    while True:
        names = ["/".join(own[-depth:]) for own, depth in zip(parts, depths, strict=True)]
        counts = Counter(map(_alike, names))
        clashing = [at for at, name in enumerate(names) if counts[_alike(name)] > 1 or _alike(name) in taken]
        deeper = [at for at in clashing if depths[at] < len(parts[at])]
        if not deeper:
            break
        for at in deeper:
            depths[at] += 1
    for at in clashing:
        names[at] += "~" + hashlib.sha256(str(paths[at]).encode("utf-8", "surrogateescape")).hexdigest()[:8]
    return names


def _is_video(name):
    return not name.startswith(".") and Path(name).suffix.lower() in ENDINGS


def _stem(path):
    # "Dr. No" has no ending
    return path.stem if path.suffix.lower() in ENDINGS else path.name


def _alike(name):
    return unicodedata.normalize("NFC", name).casefold()


# files of embeddings


def write_embeddings(path, embeddings, frame_indexes, times, made_by):
    """Write a video's file, whole."""
    with write_whole(path) as partial:
        np.savez(
            partial,
            embeddings=embeddings,
            frame_indexes=np.array(frame_indexes, dtype=np.int64),
            times=np.array(times, dtype=np.float64),
            made_by=np.array(json.dumps(made_by)),
        )


def made_by(path):
    """Return what a video's file says of how it was made; None of a file that `write_embeddings` did not write.

    Raises
    ------
    DataError
        If the file is broken.
    """
    with _opened(path) as archive:
        return None if archive is None else _made_by(archive)


def read_embeddings(path):
    """Return a video's embeddings and what their file says of how they were made; None of another program's file.

    Raises
    ------
    DataError
        If the file is broken.
    """
    with _opened(path) as archive:
        told = None if archive is None else _made_by(archive)
        if told is None:
            return None
        vectors = archive["embeddings"]
    if vectors.dtype != np.float32 or vectors.ndim != 2 or 0 in vectors.shape:
        raise DataError(f"{path} is broken: its embeddings are {vectors.dtype} of shape {vectors.shape}")
    return vectors, told


@contextlib.contextmanager
def _opened(path):
    """Give an open .npz, or None for a .npy under another name; whatever is wrong with the file is a DataError."""
    try:
        # opened here: numpy leaves a broken file open
        with open(path, "rb") as file:
            archive = np.load(file, allow_pickle=False)
            with archive if isinstance(archive, np.lib.npyio.NpzFile) else contextlib.nullcontext() as opened:
                yield opened
    except (FileNotFoundError, PermissionError):
        raise
    except BROKEN as error:
        raise DataError(f"{path} is broken, half written, or no .npz: {error}") from error


def _made_by(archive):
    if "made_by" not in archive.files or not set(ARRAYS) <= set(archive.files):
        return None
    text = archive["made_by"]
    if text.dtype.kind != "U" or text.ndim:
        return None
    try:
        told = json.loads(str(text))
    except (ValueError, RecursionError):
        return None
    whole = isinstance(told, dict) and told.get("program") == PROGRAM and set(TOLD) <= set(told)
    return told if whole else None


def embedding_files(folder):
    """Return the .npz files in a folder and in the folders in it, by the id that each is named by, in their order."""
    folder = Path(folder)
    found = {}
    for place, folders, files in os.walk(folder):
        folders[:] = [name for name in folders if not name.startswith(".")]
        for name in files:
            if name.endswith(".npz") and not name.startswith("."):
                path = Path(place, name)
                found[path.relative_to(folder).as_posix().removesuffix(".npz")] = path
    return dict(sorted(found.items(), key=lambda item: natural(item[0])))


def file_of(folder, video_id) -> Path:
    """Return the path of a video's file."""
    return Path(folder, *f"{video_id}.npz".split("/"))


# which video it was


def stamp(path):
    """Return a file's size and when it was changed, in nanoseconds; None for both where there is none."""
    try:
        stat = os.stat(path)
    except (OSError, ValueError):
        return {"size": None, "changed": None}
    return {"size": stat.st_size, "changed": stat.st_mtime_ns}


def is_unchanged(path, source):
    """Return whether the video at `path` is the one that was told as `source`: a copy of it is."""
    now = stamp(path)
    if now["size"] is None or now["size"] != source.get("size"):
        return False
    if now["changed"] == source.get("changed") and str(path) == source.get("path"):
        return True
    try:
        return file_key(path) == source.get("key")
    except OSError:
        return False


# what failed


class Errors:
    """The videos of a folder that could not be embedded, in memory and in its ``errors.csv``."""

    def __init__(self, folder):
        self.path = Path(folder, ERRORS)
        self.rows = self._read()
        self.changed, self.written = False, time.monotonic()

    def _read(self):
        try:
            text = self.path.read_text(encoding="utf-8-sig", errors="surrogateescape")
        except OSError:
            return {}
        try:
            rows = list(csv.DictReader(io.StringIO(text, newline="")))
        except csv.Error:
            return {}
        return {row["video"]: row for row in rows if set(row) == set(ERROR_COLUMNS) and None not in row.values()}

    def of(self, video):
        """Return the error of a video that has not changed since; None if there was none."""
        row = self.rows.get(str(video))
        if row is None:
            return None
        now = {name: "" if value is None else str(value) for name, value in stamp(video).items()}
        return row["error"] if all(row[name] == value for name, value in now.items()) else None

    def add(self, video_id, video, error, source):
        """Keep an error; `source` is the video's stamp before it was read."""
        told = {name: "" if source[name] is None else str(source[name]) for name in ("size", "changed")}
        self.rows[str(video)] = {"video_id": video_id, "video": str(video), "error": error, **told}
        self._write_soon()

    def drop(self, video):
        """Forget a video that was embedded."""
        if self.rows.pop(str(video), None) is not None:
            self._write_soon()

    def _write_soon(self):
        self.changed = True
        if time.monotonic() - self.written > PAUSE:
            self.write()

    def write(self):
        """Write the file, or remove it when nothing failed."""
        if not self.changed:
            return
        if self.rows:
            with (
                write_whole(self.path) as partial,
                open(partial, "w", encoding="utf-8", errors="surrogateescape", newline="") as file,
            ):
                lines = csv.DictWriter(file, ERROR_COLUMNS, lineterminator="\n")
                lines.writeheader()
                lines.writerows(self.rows.values())
        else:
            self.path.unlink(missing_ok=True)
        self.changed, self.written = False, time.monotonic()
