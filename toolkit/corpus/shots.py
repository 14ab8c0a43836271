"""One vector a shot of a film, as if its shots were videos."""

import numpy as np
import pandas as pd

from toolkit import embeddings, shots, video
from toolkit.checks import check_count
from toolkit.corpus import worker
from toolkit.errors import ParameterError, VideoError
from toolkit.tables import check_spans


def embed_shots(path, shot_spans, *, model="layout", every=10, size=320, progress=True, **options) -> pd.DataFrame:
    """Return one vector for each shot of a film: the mean of those of every 10th of its frames.

    Parameters
    ----------
    path : path
        The film.
    shot_spans : DataFrame with the columns start and end, or array of float, (n_shots, 2)
        The shots, in seconds, as `shots.detect_shots` returns them.
    model, **options
        As in `embeddings.embed`.
    every : int
        1 for every frame, 2 for every other, at the film's average rate. Of each shot one at least is looked at.
    size : int or (int, int), optional
        Of the frames that are read, as in `video.read_frames`.
    progress : bool

    Returns
    -------
    DataFrame of float32, (n_shots, d)
        Indexed by video_id: "shot 0", "shot 1" ... A shot that is missing in a film that breaks off is
        left out.

    Raises
    ------
    ParameterError
        If an argument is of the wrong kind, there is no shot, or one lies beyond the film.
    VideoError
        If the film cannot be read, or no shot lies in it.
    """
    every = check_count("every", every, at_least=1)
    worker.check_model(model, options, progress=progress)
    step = every / video.probe(path).fps
    middles = shots.times_in_shots(shot_spans, 1)[:, 0]
    if not len(middles):
        raise ParameterError("shot_spans must hold at least one shot; got none")
    spans = check_spans(shot_spans)
    times, owner = [], []
    for shot, (start, end) in enumerate(spans):
        # in the middle of each step, and so neither on a cut nor behind it
        inside = np.arange(start + step / 2, end, step) if end - start > step else middles[shot : shot + 1]
        times.append(inside)
        owner.append(np.full(len(inside), shot))
    times, owner = np.concatenate(times), np.concatenate(owner)
    sums, counts, done = None, np.zeros(len(spans)), 0
    for batch in video.iter_frames(path, times=times, size=size, progress=progress):
        vectors = embeddings.embed(batch, model, cache=False, progress=False, **options)
        if sums is None:
            sums = np.zeros((len(spans), vectors.shape[1]))
        of = owner[done : done + len(batch)]
        np.add.at(sums, of, vectors)
        np.add.at(counts, of, 1)
        done += len(batch)
    if sums is None:
        raise VideoError(f"{path} holds no picture within its shots")
    numbers = np.flatnonzero(counts)
    index = pd.Index([f"shot {shot}" for shot in numbers], name="video_id")
    return pd.DataFrame((sums[numbers] / counts[numbers, None]).astype(np.float32), index=index)
