"""What `corpus.embed_videos` has written to a folder: a list of it, and one vector a video."""

import os
import warnings
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pandas as pd

from toolkit import _corpus_files
from toolkit._checks import DataError, ParameterError, check_choice

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
        model, every, warning, and file. Files that are broken or another program's are left out, with a warning that
        names them.

    Raises
    ------
    ParameterError
        If there is no such folder.
    """
    columns = ("video_id", "video", "frames", "values", "model", "every", "warning", "file")
    rows, left_out = [], []
    for video_id, path in _corpus_files.embedding_files(_there(folder)).items():
        told = _told_of(path, left_out)
        if told is not None:
            made = told["settings"]
            values = video_id, told["source"]["path"], told["frames"], told["values"], made["model"], made["every"]
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
        Indexed by `video_id`, video2 before video10. Files that are broken, half written or another program's are left
        out, with a warning that names them.

    Raises
    ------
    ParameterError
        If there is no such folder or nothing in it, or a callable returns something else.
    DataError
        If the files were made with different models or options, or their vectors differ in length.
    """
    if not callable(aggregate):
        aggregate = AGGREGATES[check_choice("aggregate", aggregate, tuple(AGGREGATES))]
    files = _corpus_files.embedding_files(_there(folder))
    names, left_out, first, vectors = [], [], None, None
    with ThreadPoolExecutor(min(8, os.cpu_count() or 1)) as pool:
        for (video_id, path), read in zip(files.items(), ahead(pool, _read, files.values()), strict=True):
            if isinstance(read, DataError) or read is None:
                left_out.append((path, read))
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
                    f"{len(vector)} for {video_id}"
                )
            vectors[len(names)] = vector
            names.append(video_id)
    _warn_of(left_out)
    if not names:
        raise ParameterError(f"{folder} holds no embeddings; expected files that corpus.embed_videos wrote")
    return pd.DataFrame(vectors[: len(names)], index=pd.Index(names, name="video_id", dtype=object))


def _there(folder):
    if not isinstance(folder, (str, os.PathLike)) or not os.path.isdir(folder):
        raise ParameterError(f"folder must be one that corpus.embed_videos wrote to; got {folder!r}")
    return Path(folder)


def _read(path):
    """Return a file's embeddings and how they were made; the error if it is broken, None if it is another's."""
    try:
        return _corpus_files.read_embeddings(path)
    except DataError as error:
        return error


def _told_of(path, left_out):
    """Return how a file was made; where it is broken or another's note that, and return None."""
    error = None
    try:
        told = _corpus_files.made_by(path)
    except DataError as wrong:
        told, error = None, wrong
    if told is None:
        left_out.append((path, error))
    return told


def _warn_of(left_out):
    """Warn of files that were left out: their names, and of some what is wrong."""
    if not left_out:
        return
    told = [str(error) if error else f"{path} is no file of corpus.embed_videos" for path, error in left_out[:3]]
    more = len(left_out) - len(told)
    warnings.warn(
        f"{len(left_out)} of the .npz files were left out: {'; '.join(told)}{f'; and {more} more' if more else ''}",
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
    if vector.ndim != 1 or not len(vector) or vector.dtype.kind not in "fiub" or not np.isfinite(vector).all():
        raise ParameterError(
            f"aggregate must return a vector of finite numbers for embeddings of shape {embeddings.shape}; got "
            f"{vector.dtype} of shape {vector.shape} for {path.name}"
        )
    return vector


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
