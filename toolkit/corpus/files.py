"""Files of a corpus: which videos there are, the id of each, and its file of embeddings.

A video's file, ``<video_id>.npz``, holds `embeddings` float32 (n, d), `frame_indexes` int64 (n,), `times` float64 (n,)
and `made_by`, a JSON text: the settings it was made with, the video it was made of, and its video_id. A file that tells
another video_id than its place in a folder does is of another folder, which lies in this one, and not looked at.
"""

import hashlib
import json
import os
import re
import unicodedata
import zipfile
import zlib
from collections import Counter
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pandas as pd

from toolkit.checks import check_video_ids
from toolkit.errors import DataError, ParameterError
from toolkit.storage import file_hash, write_whole

# what a file of embeddings says it was written by
PROGRAM = "film-toolkit corpus 1"
# what else it says, and of what kind that is
SETTINGS = {"model": str, "version": str, "every": int, "options": dict}
MADE_BY = {
    "program": str,
    "settings": SETTINGS,
    "source": {"path": str},
    "video_id": str,
    "frames": int,
    "values": int,
    "warning": str,
}
ARRAYS = ("embeddings", "frame_indexes", "times")
# what numpy raises of a file that is not what its name says
FILE_ERRORS = (ValueError, KeyError, EOFError, OSError, SyntaxError, RuntimeError, zipfile.BadZipFile, zlib.error)
# bytes of a part of a video_id: file systems hold names of 255, of which ".npz" takes four; what tells two apart
MAX_NAME_BYTES, MARK_BYTES = 251, len("~01234567")
ENDINGS = (
    *(".3gp", ".asf", ".avi", ".divx", ".flv", ".gif", ".m2ts", ".m4v", ".mkv", ".mov", ".mp4", ".mpeg", ".mpg"),
    *(".mts", ".mxf", ".ogm", ".ogv", ".ts", ".vob", ".webm", ".wmv"),
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
    folder = check_folder(folder, "a folder of videos")
    paths = [path for path in files_in(folder) if path.suffix.lower() in ENDINGS]
    if not paths:
        raise ParameterError(f"{folder} holds no videos; expected files such as .mp4, .mkv or .webm in it")
    return sorted(paths, key=lambda path: natural(str(path)))


def check_folder(folder, wanted):
    """Return the path of a folder that is there; `wanted` says of which kind it must be."""
    # "" would be the current folder
    if not isinstance(folder, (str, os.PathLike)) or not os.fspath(folder) or not os.path.isdir(folder):
        raise ParameterError(f"folder must be {wanted}; got {folder!r}: there is no such folder")
    return Path(folder)


def files_in(folder):
    """Yield the files in a folder and in the folders in it, but for hidden ones."""
    for place, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if not name.startswith(".")]
        yield from (Path(place, name) for name in names if not name.startswith("."))


def video_paths(paths) -> list[Path]:
    """Return videos as absolute paths, each once: those of a folder, one file, or those of a sequence."""
    wanted = "paths must be a folder of videos, or the paths of videos"
    if isinstance(paths, (str, os.PathLike)):
        if not os.path.exists(paths):
            raise ParameterError(f"{wanted}; {paths} does not exist")
        paths = find_videos(paths) if os.path.isdir(paths) else [paths]
    try:
        names = [os.fspath(path) for path in paths]
        videos = dict.fromkeys(Path(os.path.abspath(name)) for name in names)
    except (TypeError, ValueError) as error:
        raise ParameterError(f"{wanted}; got {error}") from None
    if "" in names:
        raise ParameterError(f"{wanted}; got '' among them")
    if not videos:
        raise ParameterError("paths must name at least one video; got none")
    return list(videos)


def paths_by_id(name, videos) -> dict[str, str]:
    """Return paths by video_id, of a dict or Series of them, or of a table with video (a path) and video_id.

    Raises
    ------
    ParameterError
        If it is none of these; `name` is what it is called.
    """
    wanted = (
        f"{name} must tell each video's path by its video_id: a dict, a Series, or the table of corpus.embed_videos"
    )
    if isinstance(videos, pd.DataFrame):
        if "video_id" in videos.columns:
            videos = videos.set_index("video_id")
        if "video" not in videos.columns:
            raise ParameterError(f"{wanted}, with the column video; got {', '.join(map(str, videos.columns))}")
        videos = videos["video"]
    if not isinstance(videos, (Mapping, pd.Series)):
        raise ParameterError(f"{wanted}; got {type(videos).__name__}")
    try:
        ids = check_video_ids(videos.keys())
    except ParameterError as error:
        raise ParameterError(f"{wanted}; {error}") from None
    paths = list(videos.values() if isinstance(videos, Mapping) else videos)
    for path in paths:
        if not isinstance(path, (str, os.PathLike)) or not os.fspath(path):
            raise ParameterError(f"{wanted}; got {path!r:.80} for a path")
    return {video_id: os.fspath(path) for video_id, path in zip(ids, paths, strict=True)}


def natural(text):
    """Return a key by which video2 comes before video10."""
    return [(int(part), "") if part.isdecimal() else (-1, part) for part in re.split(r"([0-9]+)", text) if part]


def video_ids(paths, taken=()) -> list[str]:
    """Return a name for each path, different from all others and from those `taken`: its stem, where that will do.

    Of ``a/clip.mp4`` and ``b/clip.mp4`` the names are "a/clip" and "b/clip"; of ``a/clip.mp4`` and ``a/clip.mkv``
    "clip.mp4" and "clip.mkv". Names that differ in capitals alone are alike to some file systems, and so here. A path
    that is there twice has one name. In names letters and their accents are one character (Unicode's NFC) however a
    file system has them, a dot at the beginning, which hides files, is "_", and what is too long for the name of a file
    is cut.

    Raises
    ------
    ParameterError
        If they are not paths.
    """
    try:
        if isinstance(paths, (str, bytes)):
            raise TypeError(f"one text, {paths!r}")
        order = [Path(path) for path in paths]
    except TypeError as error:
        raise ParameterError(f"paths must be the paths of videos; got {error}") from None
    taken = {_alike(name) for name in taken}
    paths = list(dict.fromkeys(order))
    stems = Counter((path.parent, _alike(stem_of(path.name))) for path in paths)
    parts = []
    for path in paths:
        last = path.name if stems[path.parent, _alike(stem_of(path.name))] > 1 else stem_of(path.name)
        # ".." of a path that is not absolute would lead out of a folder
        above = [part for part in path.parent.parts if part not in (path.anchor, "..")]
        parts.append([_plain(part) for part in (*above, last)])
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
        names[at] = _with_mark(names[at], str(paths[at]))
    name_of = dict(zip(paths, names, strict=True))
    return [name_of[path] for path in order]


def stem_of(name):
    """Return the name of a file without its ending, if it has that of a video: "Dr. No" has none."""
    return Path(name).stem if Path(name).suffix.lower() in ENDINGS else name


def compose(name):
    """Return a name with letters and their accents as one character: macOS divides them, most others do not."""
    return unicodedata.normalize("NFC", name)


def _plain(part):
    """Return a part of a path as it may be one of a video_id."""
    hidden = len(part) - len(part.lstrip("."))
    part = "_" * hidden + compose(part[hidden:])
    return part if len(_bytes(part)) <= MAX_NAME_BYTES else _with_mark(part, part)


def _with_mark(name, source):
    """Return a name with a mark at its end made from `source`; its last part is cut where that is too long."""
    above, slash, last = name.rpartition("/")
    while len(_bytes(last)) > MAX_NAME_BYTES - MARK_BYTES:
        last = last[:-1]
    return f"{above}{slash}{last}~{hashlib.sha256(_bytes(source)).hexdigest()[:8]}"


def _bytes(name):
    # names of files may be no Unicode
    return name.encode("utf-8", "surrogatepass")


def _alike(name):
    return compose(name).casefold()


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


def read_embeddings(path, *, vectors=True):
    """Return what a video's file says of how it was made, and its embeddings; None of another program's file.

    Without `vectors` the embeddings are None, but all of the file is read to know whether it is whole.

    Raises
    ------
    DataError
        If the file is broken.
    """
    try:
        # opened here: numpy leaves a broken file open
        with open(path, "rb") as file:
            archive = np.load(file, allow_pickle=False)
            # a .npy under another name is an array
            if not isinstance(archive, np.lib.npyio.NpzFile) or not {"made_by", *ARRAYS} <= set(archive.files):
                return None
            made_by = _made_by(archive["made_by"])
            if made_by is None:
                return None
            if not vectors and (damaged := archive.zip.testzip()) is not None:
                raise DataError(f"{path} is broken: {damaged} in it is damaged")
            embeddings = archive["embeddings"] if vectors else None
    except PermissionError:
        raise
    except FILE_ERRORS as error:
        raise DataError(f"{path} is broken, half written, or no .npz: {error}") from error
    if vectors and (embeddings.dtype != np.float32 or embeddings.ndim != 2 or 0 in embeddings.shape):
        raise DataError(f"{path} is broken: its embeddings are {embeddings.dtype} of shape {embeddings.shape}")
    return made_by, embeddings


def _made_by(text):
    """Return what the array of a file says of how it was made, None if that is not what `write_embeddings` writes."""
    try:
        made_by = json.loads(str(text))
    except (ValueError, RecursionError):
        return None
    return made_by if _fits(made_by, MADE_BY) and made_by["program"] == PROGRAM else None


def _fits(value, kind):
    """Return whether a value is of a kind, or a dict that has for each name what is of its kind."""
    if not isinstance(kind, dict):
        return isinstance(value, kind)
    return isinstance(value, dict) and all(_fits(value.get(name), part) for name, part in kind.items())


def embedding_files(folder):
    """Return the .npz files in a folder and in the folders in it, by the id that each is named by, in their order."""
    paths = {
        compose(path.relative_to(folder).as_posix()).removesuffix(".npz"): path
        for path in files_in(folder)
        if path.name.endswith(".npz")
    }
    return dict(sorted(paths.items(), key=lambda item: natural(item[0])))


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
        # of all that is in it: a change in the middle may leave size, beginning and end as they were
        return file_hash(path) == source.get("key")
    except OSError:
        return False
