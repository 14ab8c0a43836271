"""A folder of videos to a folder of embeddings, one .npz file a video, each whole or absent; here or on a Dask cluster.

A video is known by its `video_id`: the name of its file without its ending, as in the captions of MSR-VTT ("video0"),
and where two have one name, with their folders ("a/clip", "b/clip"). Which of them have one name depends on which there
are: the captions of a folder, and those of a part of it, find their videos with ``load_captions(path, videos=table)``,
where `table` is that of `embed_videos`.
"""

import contextlib
import os
from pathlib import Path

import numpy as np
import pandas as pd

from toolkit.checks import check_count
from toolkit.corpus import files as corpus_files
from toolkit.corpus import pools, worker
from toolkit.corpus.results import ERRORS, Errors, read_files, table_of
from toolkit.embeddings import clip, vgg16
from toolkit.errors import DataError, ParameterError
from toolkit.storage import locked, progress_bar, remove_partials

COLUMNS = ("video_id", "video", "status", "frames", "seconds", "error", "warning")


def embed_videos(
    paths,
    folder,
    *,
    model="layout",
    every=10,
    n_jobs=-1,
    client=None,
    retry=False,
    overwrite=False,
    progress=True,
    **options,
) -> pd.DataFrame:
    """Embed every 10th frame of each video; write one file a video, and go on where an earlier run was stopped.

    A video's file, ``<folder>/<video_id>.npz``, holds `embeddings` float32 (n, d), `frame_indexes` int64 (n,), `times`
    float64 (n,) in seconds, and `made_by`, what they were made of and how, as JSON. It is whole or absent. Videos whose
    file is there and that have not changed are passed over, and those that failed before too: they are listed in
    ``<folder>/errors.csv``. A video that cannot be read, or that ends its worker process twice, is a row with its
    error, and the others go on. Of a video that has changed and fails now, the file of before is removed; of one that
    is not there any more, or has another name, it stays.

    Parameters
    ----------
    paths : path, or sequence of path
        The videos, or a folder of them (see `find_videos`).
    folder : path
        Where the files go; created if need be. One folder holds embeddings of one kind.
    model : {"layout", "vgg16", "clip"} or callable
        As in `embeddings.embed`. A callable is sent to the workers (cloudpickle), and should load what is large when
        it is first called there; it is known by its `cache_key` if it has one, else by its name: two functions of one
        name, as all lambdas of a module are, are one to it, and what the first has made is kept for the second.
    every : int
        1 for every frame, 2 for every other. The first is always among them.
    n_jobs : int
        How many processes, each with one thread for computing; -1 for one a core. They are started also for 1.
    client : dask.distributed.Client, optional
        Do the work on its cluster instead.
    retry : bool
        Whether to try those again that failed before. One that has changed since is tried in any case.
    overwrite : bool
        Whether to remove embeddings in the folder that were made with another model or other options. Other folders of
        embeddings that lie in it are left alone.
    progress : bool
    **options
        Of `embeddings.embed`: pooling, weights, crop, model_id, revision, batch_size.

    Returns
    -------
    DataFrame
        A row for each video, in their order: video_id; video (its path); status, "embedded", "kept" (was there) or
        "failed"; frames (how many were embedded); seconds (how long that took, NaN if it was not this time); error,
        why it failed, else ""; warning, such as that the video breaks off, else "".

    Raises
    ------
    ParameterError
        If an argument is of the wrong kind, a model's weights are not to be had, the folder holds something else in
        the place of a file, or another run is writing to it.
    OSError
        If results cannot be written, or the cluster is lost. What was done is kept.
    """
    every = check_count("every", every, at_least=1)
    workers = worker_count(n_jobs)
    if client is not None:
        pools.check_client(client)
    videos = corpus_files.video_paths(paths)
    folder = _writable(folder)
    settings = {"model": model, "every": every, "options": options, "record": _record(model, every, options)}
    if client is None:
        worker.check_model(model, options, progress=progress)
    with _lock_folder(folder):
        errors = Errors(folder)
        earlier, others = _earlier_files(folder, settings["record"], overwrite)
        rows, jobs = _plan(videos, folder, earlier, None if retry else errors)
        for path in others:
            path.unlink()
        try:
            if jobs and client is None:
                _work(jobs, pools.Processes(settings, min(workers, len(jobs))), rows, errors, progress)
            elif jobs:
                _work(jobs, pools.Cluster(client, settings, folder), rows, errors, progress)
        finally:
            errors.write()
            _remove_partials(folder)
    return table_of(rows.values(), COLUMNS, frames=np.int64, seconds=np.float64)


def worker_count(n_jobs):
    """Return the number of workers for `n_jobs`."""
    import joblib

    if isinstance(n_jobs, bool) or not isinstance(n_jobs, (int, np.integer)) or n_jobs == 0:
        raise ParameterError(f"n_jobs must be a number of workers, or -1 for one a core; got {n_jobs!r}")
    return int(n_jobs) if n_jobs > 0 else max(1, joblib.cpu_count() + 1 + int(n_jobs))


# a run of embed_videos
def _writable(folder):
    try:
        if not os.fspath(folder):
            raise ValueError("no name")
        path = Path(os.path.abspath(folder))
        path.mkdir(parents=True, exist_ok=True)
    except (TypeError, ValueError, OSError) as error:
        raise ParameterError(f"folder must be a folder to write to; got {folder!r} ({error})") from None
    return path


def _record(model, every, options):
    """Return settings as files keep them: two runs with the same make the same."""
    # loaded here, as it is heavy
    from toolkit.embeddings import layout

    if callable(model):
        name = getattr(model, "__qualname__", type(model).__qualname__)
        name = getattr(model, "cache_key", None) or f"{getattr(model, '__module__', '')}.{name}"
        model = f"callable {name}"
    plain = {
        name: value if isinstance(value, (str, int, type(None))) else str(value)
        for name, value in sorted(options.items())
        if name != "batch_size"
    }
    rooms = {"layout": layout, "vgg16": vgg16, "clip": clip}
    version = rooms[model].VERSION if model in rooms else ""
    return {"model": str(model), "version": version, "every": every, "options": plain}


@contextlib.contextmanager
def _lock_folder(folder):
    """Let one run at a time write to a folder."""
    block = contextlib.ExitStack()
    try:
        block.enter_context(locked(folder / ERRORS, timeout=1.0))
    except TimeoutError:
        raise ParameterError(
            f"another run is writing to {folder}; wait for its end, or choose another folder"
        ) from None
    with block:
        _remove_partials(folder)
        yield


def _remove_partials(folder):
    """Remove what killed workers left, in the folder and in those in it."""
    for place, folders, _ in os.walk(folder):
        # in one that has a lock of its own another run may be writing
        folders[:] = [
            name for name in folders if not name.startswith(".") and not Path(place, name, f".{ERRORS}.lock").exists()
        ]
        remove_partials(place)


def _earlier_files(folder, settings, overwrite):
    """Return what the folder's own files tell of how they were made, by video_id, and the paths of those to remove.

    These were made with other settings; without `overwrite` they are refused. What is half written, by whomever, is
    done anew.
    """
    current, others = {}, {}
    for path, made_by, _, wrong in read_files(folder):
        if not wrong:
            own = made_by["settings"] == settings
            (current if own else others)[made_by["video_id"]] = made_by | {"file": path}
    if others and not overwrite:
        first = next(iter(others.values()))["settings"]
        differing = [name for name in settings if first.get(name) != settings[name]]
        raise ParameterError(
            f"{folder} holds embeddings made with other settings ({', '.join(differing)}); choose another folder, or "
            "overwrite=True (--overwrite in a terminal) to remove them"
        )
    return current, [made_by["file"] for made_by in others.values()]


def _check_own(file, video_id):
    """Raise a ParameterError if a file in the place of a video's is whole, but another program's or folder's."""
    with contextlib.suppress(DataError):
        made_by, _ = corpus_files.read_embeddings(file, vectors=False) or (None, None)
        if made_by is None or made_by["video_id"] != video_id:
            by = "not written by embed_videos" if made_by is None else "written by embed_videos to another folder"
            raise ParameterError(f"{file} was {by}; choose another folder, or move it away")


def _ids(videos, earlier):
    """Return a video_id for each video: the one it has had before, if it is there or has moved, or a new one."""
    ids_by_path = {made_by["source"]["path"]: video_id for video_id, made_by in earlier.items()}
    paths = set(map(str, videos))
    # of videos that are neither asked for nor there any more, the names are free
    free = {name for path, name in ids_by_path.items() if path not in paths and not os.path.exists(path)}
    new = [path for path in videos if str(path) not in ids_by_path]
    ids = ids_by_path | dict(zip(map(str, new), corpus_files.video_ids(new, taken=set(earlier) - free), strict=True))
    return [ids[str(path)] for path in videos]


def _plan(videos, folder, earlier, errors):
    """Return the row of each video by its id, and the jobs: the videos that are not done, and have not failed."""
    rows, jobs = {}, []
    for video_id, path in zip(_ids(videos, earlier), videos, strict=True):
        row = dict.fromkeys(COLUMNS, "") | {"video_id": video_id, "video": str(path), "frames": 0, "seconds": np.nan}
        made_by = earlier.get(video_id)
        error = None if errors is None else errors.of(path)
        if made_by is not None and corpus_files.is_unchanged(path, made_by["source"]):
            row |= {"status": "kept", "frames": made_by["frames"], "warning": made_by["warning"]}
        elif error is not None:
            row |= {"status": "failed", "error": error}
        else:
            file = folder / f"{video_id}.npz" if made_by is None else made_by["file"]
            if made_by is None and file.exists():
                _check_own(file, video_id)
            jobs.append({"video_id": video_id, "video": path, "file": file, "stamp": corpus_files.stamp(path)})
        rows[video_id] = row
    return rows, jobs


def _work(jobs, pool, rows, errors, progress):
    """Have jobs done by a pool; write what comes of each into its row, and into the list of those that failed."""
    files = {job["video_id"]: job["file"] for job in jobs}
    bad = 0
    # closed before the folder is tidied: no worker writes to it any more
    with (
        contextlib.closing(pools.run(jobs, pool)) as outcomes,
        progress_bar(total=len(jobs), description="videos", unit="video", progress=progress) as bar,
    ):
        for outcome in outcomes:
            row = rows[outcome["video_id"]]
            row |= {name: outcome[name] for name in ("frames", "seconds", "error", "warning")}
            row["status"] = "failed" if row["error"] else "embedded"
            if row["error"]:
                # what was made of another video; of one that is not to be reached now it may still be right
                if outcome["source"]["size"] is not None:
                    files[row["video_id"]].unlink(missing_ok=True)
                errors.add(row["video_id"], row["video"], row["error"], outcome["source"])
                bad += 1
                bar.set_postfix(failed=bad, refresh=False)
            else:
                errors.drop(row["video"])
            bar.update()
