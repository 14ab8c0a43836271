"""Results of `corpus.embed_videos` in a folder: the list of them, one vector a video, and the errors.

Videos that failed are in the folder's ``errors.csv``.
"""

import contextlib
import csv
import io
import os
import time
import warnings
from pathlib import Path

import numpy as np
import pandas as pd

from toolkit.checks import check_choice
from toolkit.corpus import files as corpus_files
from toolkit.errors import DataError, ParameterError
from toolkit.storage import write_whole

ERRORS = "errors.csv"
ERROR_COLUMNS = ("video_id", "video", "error", "size", "changed")
# seconds between two writings of the file of errors: a run that is killed forgets no more
PAUSE = 2.0
AGGREGATES = {
    "mean": lambda vectors: vectors.mean(axis=0, dtype=np.float64),
    "max": lambda vectors: vectors.max(axis=0),
    "median": lambda vectors: np.median(vectors, axis=0),
    "std": lambda vectors: vectors.std(axis=0, dtype=np.float64),
    "mean+std": lambda vectors: np.concatenate(
        [vectors.mean(axis=0, dtype=np.float64), vectors.std(axis=0, dtype=np.float64)]
    ),
}


def embedded_videos(folder) -> pd.DataFrame:
    """Return what `embed_videos` has written to a folder.

    Returns
    -------
    DataFrame
        A row for each file: video_id, video (the path it was made of), frames, values (a frame's vector has so many),
        model, every, warning, and file. Videos that are not there any more, or have another name now, are among them:
        their files stay until they are removed. Files that are broken, another program's, or of another folder of
        embeddings within this one are left out, with a warning that names them.

    Raises
    ------
    ParameterError
        If there is no such folder.
    """
    columns = ("video_id", "video", "frames", "values", "model", "every", "warning", "file")
    rows, left_out = [], []
    for path, told, wrong in read_files(corpus_files.embedding_files(_there(folder))):
        if wrong:
            left_out.append(wrong)
            continue
        made = told["settings"]
        values = told["video_id"], told["source"]["path"], told["frames"], told["values"], made["model"], made["every"]
        rows.append((*values, told["warning"], str(path)))
    _warn_of(left_out)
    return table_of(rows, columns, **dict.fromkeys(("frames", "values", "every"), np.int64))


def load_embeddings(folder, aggregate="mean") -> pd.DataFrame:
    """Return one vector a video of what `embed_videos` has written to a folder.

    Parameters
    ----------
    folder : path
    aggregate : {"mean", "max", "median", "std", "mean+std"} or callable
        Over a video's frames, each value by itself; the standard deviation is that of these frames (divided by n), 0
        of one. ``"mean+std"`` has the one after the other, 2 d values. A callable is given the embeddings, float32
        (n, d), and returns a vector of finite numbers.

    Returns
    -------
    DataFrame of float32, (videos, d)
        Indexed by `video_id`, video2 before video10. Which files count is told at `embedded_videos`: one of a video
        that has another name now does, beside that of its new name.

    Raises
    ------
    ParameterError
        If there is no such folder or nothing in it, or a callable returns something else.
    DataError
        If the files were made with different models or options, or their vectors differ in length.
    """
    if not callable(aggregate):
        aggregate = AGGREGATES[check_choice("aggregate", aggregate, tuple(AGGREGATES))]
    files = corpus_files.embedding_files(_there(folder))
    names, left_out, first, vectors = [], [], None, None
    for path, read, wrong in read_files(files, corpus_files.read_embeddings):
        if wrong:
            left_out.append(wrong)
            continue
        embeddings, told = read
        made = _kind(told["settings"]), embeddings.shape[1]
        first = first or (made, path)
        if made != first[0]:
            raise DataError(
                f"{folder} must hold embeddings of one kind; got {_in_words(*first[0])} in {first[1].name} and "
                f"{_in_words(*made)} in {path.name}. Keep each kind in a folder of its own"
            )
        vector = _aggregated(aggregate, embeddings, path)
        if vectors is None:
            vectors = np.empty((len(files), len(vector)), np.float32)
        if len(vector) != vectors.shape[1]:
            raise ParameterError(
                f"aggregate must return vectors of one length; got {vectors.shape[1]} values first and "
                f"{len(vector)} for {told['video_id']}"
            )
        vectors[len(names)] = vector
        names.append(told["video_id"])
    _warn_of(left_out)
    if not names:
        raise ParameterError(f"{folder} holds no embeddings; expected files that corpus.embed_videos wrote")
    return pd.DataFrame(vectors[: len(names)], index=pd.Index(names, name="video_id", dtype=object))


def read_files(files, read=corpus_files.read_settings):
    """Yield the path of each of a folder's .npz files, what `read` returns of it, and why it is none of the folder's.

    The latter is "" of the folder's own files, which have the ids that they are given by.
    """
    # one after the other: in threads this takes twice as long, and numpy's parsing of headers is not safe in them
    for video_id, path in files.items():
        yield path, *_checked(read, video_id, path)


def _checked(read, video_id, path):
    try:
        found = read(path)
    except DataError as error:
        return None, str(error)
    if found is None:
        return None, f"{path} is no file of corpus.embed_videos"
    told = found if isinstance(found, dict) else found[1]
    if told["video_id"] != video_id:
        return None, f"{path} was written to another folder, or as {told['video_id']}.npz"
    return found, ""


def _there(folder):
    if not isinstance(folder, (str, os.PathLike)) or not os.path.isdir(folder):
        raise ParameterError(f"folder must be one that corpus.embed_videos wrote to; got {folder!r}")
    return Path(folder)


def _warn_of(left_out):
    """Warn of files that were left out: how many, and of some what is wrong."""
    if not left_out:
        return
    more = f"; and {len(left_out) - 3} more" if len(left_out) > 3 else ""
    warnings.warn(
        f"{len(left_out)} of the .npz files were left out: {'; '.join(left_out[:3])}{more}",
        stacklevel=3,
    )


def _kind(settings):
    return settings["model"], settings["version"], tuple(sorted(settings["options"].items())), settings["every"]


def _in_words(kind, values):
    model, _, options, every = kind
    given = "".join(f", {name}={value!r}" for name, value in options)
    return f"{values} values of {model}{given}, every={every}"


def _aggregated(aggregate, embeddings, path):
    """Return one vector of a video's, checked."""
    vector = np.asarray(aggregate(embeddings))
    if vector.ndim == 1 and len(vector) and vector.dtype.kind in "fiub":
        # what float32 cannot hold is infinite in it
        with np.errstate(over="ignore"):
            kept = vector.astype(np.float32)
        if np.isfinite(kept).all():
            return kept
    raise ParameterError(
        f"aggregate must return a vector of finite numbers (float32) for embeddings of shape {embeddings.shape}; got "
        f"{vector.dtype} of shape {vector.shape} for {path.name}"
    )


def table_of(rows, columns, **types):
    """Return a table of rows, its texts as Python has them: names of files may be no Unicode, which pandas refuses."""
    return pd.DataFrame(list(rows), columns=columns, dtype=object).astype(types)


def ahead(pool, function, items, count=32):
    """Yield the results of a function in order, computed by a pool, few of them ahead."""
    waiting = []
    for item in items:
        waiting.append(pool.submit(function, item))
        if len(waiting) > count:
            yield waiting.pop(0).result()
    for future in waiting:
        yield future.result()


class Errors:
    """The videos of a folder that could not be embedded, in memory and in its ``errors.csv``."""

    def __init__(self, folder):
        """Read the file, if it is there; a ParameterError tells of one that is another's."""
        self.path = Path(folder, ERRORS)
        self.rows = self._read()
        self.changed, self.written = False, time.monotonic()

    def _read(self):
        try:
            text = self.path.read_text(encoding="utf-8-sig", errors="surrogateescape")
        except FileNotFoundError:
            return {}
        except OSError as error:
            raise ParameterError(f"{self.path} cannot be read: {error}; move it away") from None
        if text and text.partition("\n")[0] != ",".join(ERROR_COLUMNS):
            raise ParameterError(f"{self.path} was not written by embed_videos; choose another folder, or move it away")
        rows = []
        # what comes after a damaged line is lost
        with contextlib.suppress(csv.Error):
            rows.extend(csv.DictReader(io.StringIO(text, newline="")))
        return {row["video"]: row for row in rows if set(row) == set(ERROR_COLUMNS) and None not in row.values()}

    def of(self, video):
        """Return the error of a video that has not changed since; None if there was none."""
        row = self.rows.get(str(video))
        if row is None:
            return None
        now = {name: "" if value is None else str(value) for name, value in corpus_files.stamp(video).items()}
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
