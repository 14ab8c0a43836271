"""Results of `corpus.embed_videos` in a folder: the list of them, one vector a video, and the errors.

Videos that failed are in the folder's ``errors.csv``.
"""

import contextlib
import csv
import io
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
WRITE_INTERVAL_SECONDS = 2.0
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
    rows = []
    # no comprehension: its own frame would be the one that the warning names
    for path, made_by, _ in _own_files(folder):
        rows.append(made_by | made_by["settings"] | {"video": made_by["source"]["path"], "file": str(path)})
    columns = ("video_id", "video", "frames", "values", "model", "every", "warning", "file")
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
    vectors, first = {}, None
    for path, made_by, embeddings in _own_files(folder, vectors=True):
        kind = made_by["settings"], embeddings.shape[1]
        first = first or (kind, path)
        if kind != first[0]:
            raise DataError(
                f"{folder} must hold embeddings of one kind; got {_in_words(*first[0])} in {first[1].name} and "
                f"{_in_words(*kind)} in {path.name}. Keep each kind in a folder of its own"
            )
        vector = _aggregate(aggregate, embeddings, path)
        size = len(next(iter(vectors.values()), vector))
        if len(vector) != size:
            raise ParameterError(
                f"aggregate must return vectors of one length; got {size} values first and {len(vector)} for "
                f"{made_by['video_id']}"
            )
        vectors[made_by["video_id"]] = vector
    if not vectors:
        raise ParameterError(f"{folder} holds no embeddings; expected files that corpus.embed_videos wrote")
    index = pd.Index(list(vectors), name="video_id", dtype=object)
    return pd.DataFrame(np.stack(list(vectors.values())), index=index)


def read_files(folder, *, vectors=False):
    """Yield of each .npz file in a folder its path, how it was made, its `vectors`, and why it is none of the folder's.

    The latter is "" of the folder's own files, which have the ids that they are named by.
    """
    # one after the other: in threads this takes twice as long, and numpy's parsing of headers is not safe in them
    for video_id, path in corpus_files.embedding_files(folder).items():
        made_by = embeddings = None
        try:
            made_by, embeddings = corpus_files.read_embeddings(path, vectors=vectors) or (None, None)
            wrong = "" if made_by else f"{path} is no file of corpus.embed_videos"
            if made_by and made_by["video_id"] != video_id:
                wrong = f"{path} was written to another folder, or as {made_by['video_id']}.npz"
        except DataError as error:
            wrong = str(error)
        yield path, made_by, embeddings, wrong


def _own_files(folder, *, vectors=False):
    """Yield what `read_files` does of a folder's own files; a warning counts and names others."""
    left_out = []
    folder = corpus_files.check_folder(folder, "one that corpus.embed_videos wrote to")
    for *file, wrong in read_files(folder, vectors=vectors):
        if wrong:
            left_out.append(wrong)
        else:
            yield file
    if left_out:
        more = f"; and {len(left_out) - 3} more" if len(left_out) > 3 else ""
        warnings.warn(f"{len(left_out)} of the .npz files were left out: {'; '.join(left_out[:3])}{more}", stacklevel=3)


def _in_words(settings, values):
    options = "".join(f", {name}={value!r}" for name, value in settings["options"].items())
    return f"{values} values of {settings['model']}{options}, every={settings['every']}"


def _aggregate(aggregate, embeddings, path):
    """Return one vector of a video's, checked."""
    vector = np.asarray(aggregate(embeddings))
    if vector.ndim == 1 and len(vector) and vector.dtype.kind in "fiub":
        # what float32 cannot hold is infinite in it
        with np.errstate(over="ignore"):
            floats = vector.astype(np.float32)
        if np.isfinite(floats).all():
            return floats
    raise ParameterError(
        f"aggregate must return a vector of finite numbers (float32) for embeddings of shape {embeddings.shape}; got "
        f"{vector.dtype} of shape {vector.shape} for {path.name}"
    )


def table_of(rows, columns, **types):
    """Return a table of rows, its texts as Python has them: names of files may be no Unicode, which pandas refuses."""
    return pd.DataFrame(list(rows), columns=columns, dtype=object).astype(types)


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
        return row["error"] if row and _cells(corpus_files.stamp(video)).items() <= row.items() else None

    def add(self, video_id, video, error, source):
        """Keep an error; `source` is the video's stamp before it was read."""
        self.rows[str(video)] = {"video_id": video_id, "video": str(video), "error": error, **_cells(source)}
        self._write_soon()

    def drop(self, video):
        """Forget a video that was embedded."""
        if self.rows.pop(str(video), None) is not None:
            self._write_soon()

    def _write_soon(self):
        self.changed = True
        if time.monotonic() - self.written > WRITE_INTERVAL_SECONDS:
            self.write()

    def write(self):
        """Write the file, or remove it when nothing failed."""
        if not self.changed:
            return
        if self.rows:
            errors = table_of(self.rows.values(), ERROR_COLUMNS)
            with write_whole(self.path) as partial:
                errors.to_csv(partial, index=False, lineterminator="\n", errors="surrogateescape")
        else:
            self.path.unlink(missing_ok=True)
        self.changed, self.written = False, time.monotonic()


def _cells(source):
    """Return the stamp of a video as it is written into a row."""
    return {name: "" if source[name] is None else str(source[name]) for name in ("size", "changed")}
