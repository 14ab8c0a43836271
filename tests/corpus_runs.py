"""Runs of an embedding, and what they leave."""

from concurrent.futures import Future

import corpus_models
import numpy as np
import pytest

from toolkit import corpus
from toolkit.corpus import pools
from toolkit.corpus import worker as corpus_worker

SIZE = (64, 48)


def embed_in_processes(paths, folder, *, model=corpus_models.numbers, n_jobs=1, **options):
    return corpus.embed_videos(paths, folder, model=model, n_jobs=n_jobs, progress=False, **options)


class InProcess:
    """A pool that does each job at once, in this process."""

    def __init__(self, settings, count):
        self.settings = settings

    def room(self):
        return 1

    def submit(self, job):
        future = Future()
        future.set_result(corpus_worker.embed_video(job, self.settings))
        return future

    def outcome(self, future):
        return future.result()

    def close(self, futures):
        pass


def embed(paths, folder, **options):
    """Embed videos in this process: what is done with them is the same, and no worker has to be started."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pools, "Processes", InProcess)
        patch.setattr(corpus_worker, "use_one_thread", lambda: None)
        return embed_in_processes(paths, folder, **options)


def status(table):
    return dict(zip(table["video_id"], table["status"], strict=True))


def arrays(path):
    with np.load(path, allow_pickle=False) as archive:
        return {name: archive[name] for name in archive.files}


def check_whole(folder, ids):
    """Check that a folder holds files of these videos, whole, and nothing that is half."""
    assert sorted(path.name for path in folder.glob("*.npz")) == sorted(f"{video_id}.npz" for video_id in ids)
    for video_id in ids:
        assert arrays(folder / f"{video_id}.npz")["embeddings"][:, 0].tolist() == [0, 10, 20]
    assert {path.name for path in folder.iterdir() if path.suffix != ".npz"} <= {"errors.csv"}
