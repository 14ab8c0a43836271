"""What many videos are: durations, sizes and rates, read from the files in parallel."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pandas as pd

from toolkit import video
from toolkit.checks import check_captions
from toolkit.corpus import files as corpus_files
from toolkit.corpus import worker
from toolkit.corpus.embedding import worker_count
from toolkit.corpus.results import table_of
from toolkit.errors import ParameterError
from toolkit.storage import progress_bar

# what is read of a video itself: attributes of its record, and columns of the same names
FACTS = ("duration", "width", "height", "fps", "codec", "has_audio")
KEYS = ("video_id", "video", "duration", "width", "height", "fps", "frames", "codec", "has_audio", "captions", "error")


def video_stats(paths, captions=None, *, n_jobs=-1, progress=True) -> pd.DataFrame:
    """Return what the files of many videos hold, and how many captions they have.

    Parameters
    ----------
    paths : path, or sequence of path; or table, Series or dict of paths by video_id
        The videos, or a folder of them (see `find_videos`); or, where their names are to be those of `embed_videos`,
        its table.
    captions : dict of video_id to list of str, optional
        As `load_captions` or `load_msrvtt` returns them, of the same names. Empty ones do not count.
    n_jobs : int
        How many are read at a time; -1 for one a core.
    progress : bool

    Returns
    -------
    DataFrame
        A row for each video, in their order: video_id, video (its path), duration in seconds, width, height (as
        displayed), fps, frames, codec, has_audio, captions (<NA> where none were given), and error, why it cannot be
        read, else "". What is not known of a video that cannot be read is NaN or <NA>.

    Raises
    ------
    ParameterError
        If an argument is of the wrong kind.
    """
    if captions is not None and not isinstance(captions, dict):
        raise ParameterError(f"captions must be a dict of video_id to captions; got {type(captions).__name__}")
    if isinstance(paths, (dict, pd.DataFrame)) or (isinstance(paths, pd.Series) and paths.index.name == "video_id"):
        by_id = corpus_files.paths_by_id("paths", paths)
        if not by_id:
            raise ParameterError("paths must name at least one video; got none")
    else:
        videos = corpus_files.video_paths(paths)
        by_id = dict(zip(corpus_files.video_ids(videos), map(str, videos), strict=True))
    counts = {name: pd.NA if captions is None else len(check_captions(captions.get(name, ()), name)) for name in by_id}
    with ThreadPoolExecutor(worker_count(n_jobs)) as pool:
        probed = progress_bar(
            pool.map(_probed, by_id.values()), total=len(by_id), description="stats", unit="video", progress=progress
        )
        rows = [
            {"video_id": video_id, "video": path, "captions": counts[video_id], **row}
            for (video_id, path), row in zip(by_id.items(), probed, strict=True)
        ]
    whole = dict.fromkeys(("width", "height", "frames", "captions"), "Int64")
    return table_of(rows, KEYS, duration=np.float64, fps=np.float64, has_audio="boolean", **whole)


def _probed(path):
    """Return a video's row of the table of `video_stats`, less its name."""
    try:
        info = video.probe(path)
    # whatever a broken file brings about is told, and the others are read
    except Exception as error:
        return dict.fromkeys(FACTS) | {"error": worker.describe(error)}
    return {name: getattr(info, name) for name in FACTS} | {"frames": info.frame_count, "error": ""}
