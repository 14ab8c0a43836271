"""A worker process of a corpus: embeds one video after another, each with one thread.

In a process here, `main` takes videos from a pipe and answers through it; on a Dask cluster `embed_video` is the task.
What computes is not loaded before the number of threads is settled.
"""

import contextlib
import os
import pickle
import queue
import signal
import sys
import threading
import time
import warnings
from multiprocessing.connection import Connection
from pathlib import Path

import numpy as np

from toolkit.checks import check_count
from toolkit.corpus import files as corpus_files
from toolkit.errors import DataError, ParameterError, VideoError
from toolkit.storage import file_hash

# how libraries are told to use one thread
ONE_THREAD = {f"{library}_NUM_THREADS": "1" for library in ("MKL", "NUMBA", "NUMEXPR", "OMP", "OPENBLAS")}
ONE_THREAD["VECLIB_MAXIMUM_THREADS"] = "1"


def use_one_thread():
    """Keep what computes in this process to one thread, as far as that can still be said."""
    # numba fails where the variable changes after it has begun, as in a process that is not the worker's own
    if "numba" not in sys.modules:
        for name, value in ONE_THREAD.items():
            os.environ.setdefault(name, value)
    import cv2

    cv2.setNumThreads(1)
    if "torch" in sys.modules:
        sys.modules["torch"].set_num_threads(1)


def check_model(model, options, *, progress=False):
    """Raise what `embeddings.embed` would of a model and its options; weights that are not here yet are downloaded."""
    from toolkit.embeddings import vectors as embedding_vectors

    defaults = {name: default for own in embedding_vectors.OPTIONS.values() for name, default in own.items()}
    defaults["batch_size"] = 32
    unknown = [name for name in options if name not in defaults]
    if unknown:
        raise ParameterError(
            f"options must be of {', '.join(defaults)}, as embeddings.embed has them; got {unknown[0]}"
        )
    options = defaults | options
    embedding_vectors.model_of(model, options, check_count("batch_size", options["batch_size"], at_least=1), progress)


def check(folder, model, options):
    """Return what is wrong with a model and its options, or with the folder, as seen from here; None if nothing is."""
    use_one_thread()
    try:
        check_model(model, options)
    except (ParameterError, DataError) as error:
        return error
    if not Path(folder).is_dir():
        return ParameterError(
            f"folder must be seen by the workers under the same path; on one of them {folder} does not exist"
        )
    return None


def embed_video(job, settings):
    """Embed one video and write its file; return its outcome.

    Parameters
    ----------
    job : dict
        video_id, video (a path), and file, where the embeddings go.
    settings : dict
        model, every, options (of `embeddings.embed`), and record: what is written of them.

    Raises
    ------
    OSError
        If the file cannot be written: that is no fault of the video.
    """
    use_one_thread()
    from toolkit import embeddings

    start = time.perf_counter()
    outcome = outcome_of(job, corpus_files.stamp(job["video"]))
    source, indexes, times = outcome["source"], [], []
    with warnings.catch_warnings(record=True) as messages:
        warnings.simplefilter("ignore")
        warnings.simplefilter("always", UserWarning)
        try:
            images = _images(job["video"], settings["every"], indexes, times)
            options = {"cache": False, "progress": False, **settings["options"]}
            vectors = embeddings.embed(images, settings["model"], **options)
            source["key"] = file_hash(job["video"])
        # whatever a broken video, or a function of one's own, raises is told, and the others go on
        except Exception as error:
            outcome["error"] = describe(error)
    outcome["warning"] = "; ".join(dict.fromkeys(_line(warning.message) for warning in messages))[:1000]
    outcome["seconds"] = time.perf_counter() - start
    if not outcome["error"]:
        outcome["frames"] = len(vectors)
        made_by = {name: outcome[name] for name in ("video_id", "source", "frames", "warning")}
        made_by |= {"program": corpus_files.PROGRAM, "settings": settings["record"], "values": vectors.shape[1]}
        path = Path(job["file"])
        path.parent.mkdir(parents=True, exist_ok=True)
        corpus_files.write_embeddings(path, vectors, indexes, times, made_by)
    return outcome


def outcome_of(job, stamp, error=""):
    """Return what has come of a job: the stamp of the video that it was, and for now no more than an error."""
    source = {"path": str(job["video"]), **stamp}
    return {"video_id": job["video_id"], "source": source, "frames": 0, "error": error, "warning": "", "seconds": 0.0}


def describe(error):
    """Return an error in a line: the toolkit's own as they are, others with their kind."""
    text = _line(error) or "no reason given"
    if not isinstance(error, (DataError, ParameterError, VideoError)):
        text = f"{type(error).__name__}: {text}"
    return text[:2000]


def _line(text):
    return " ".join(str(text).split())


def _images(path, every, indexes, times):
    """Yield every `every`-th picture of a film, uint8 (1, height, width, 3), and note its number and its time."""
    from toolkit.video import decoding, scaling

    with decoding.open_film(path) as film:
        stamps = np.unique(decoding.stamps(film))
        last = None
        for stamp, frame in decoding.pictures(film, stamps[::every]):
            # in the place of a picture that is missing the one before it is on screen
            if stamp != last:
                last = stamp
                indexes.append(max(0, int(np.searchsorted(stamps, stamp, side="right")) - 1))
                times.append(film.seconds(stamp))
                yield scaling.rgb(film, frame, film.size)[None]


def main(handle):
    """Answer one job after another through the pipe of this handle: the life of a worker process."""
    # an interrupt at the keyboard is the parent's to answer
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    os.set_inheritable(handle, False)
    pipe, asked = Connection(handle), queue.SimpleQueue()
    threading.Thread(target=_listen, args=(pipe, asked), daemon=True).start()
    try:
        settings = pickle.loads(asked.get())
        use_one_thread()
        from toolkit.embeddings import vectors as embedding_vectors  # noqa: F401
    # whatever keeps a function of one's own from being rebuilt here
    except Exception as error:
        pipe.send(describe(error))
        return
    pipe.send(None)
    # where the parent is gone no one hears the answer
    with contextlib.suppress(BrokenPipeError):
        while True:
            job = asked.get()
            try:
                outcome = embed_video(job, settings)
            # the file cannot be written, which ends the run
            except Exception as error:
                outcome = error
            pipe.send(outcome)


def _listen(pipe, asked):
    """Put what the parent asks into a queue; where it is gone, end this process, whatever that is at."""
    try:
        while True:
            asked.put(pipe.recv())
    # also where it went in the middle of a word
    finally:
        os._exit(1)
