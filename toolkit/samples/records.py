"""The records of samples with their truth: `SampleFilm` and `SampleCorpus`."""

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd

from toolkit.checks import check_video_ids
from toolkit.errors import ParameterError


@dataclass(frozen=True, eq=False)
class SampleFilm:
    """A rendered film and its truth. Times are seconds; spans are half-open.

    Attributes
    ----------
    path : Path
        The film, an .mp4.
    shots : DataFrame
        start_frame, end_frame, start, end, transition ("start", "cut", "dissolve", "fade" or "iris": how the shot
        begins), transition_start_frame, transition_end_frame. Shots tile the film; a gradual change splits at its
        middle.
    setups : ndarray of int, (n_shots,)
        Camera set-up of each shot, numbered in order of first sight.
    close_up : ndarray of bool, (n_shots,)
        Whether the shot is a medium close-up.
    dialogues : DataFrame
        start, end, start_frame, end_frame, speaker_a, speaker_b (set-ups), inserts (how many shots break the
        alternation).
    scenes : DataFrame
        start, end, start_frame, end_frame, first_shot, last_shot (inclusive), place, strand.
    subtitles : Path
        The .srt beside the film.
    """

    path: Path
    shots: pd.DataFrame
    setups: np.ndarray
    close_up: np.ndarray
    dialogues: pd.DataFrame
    scenes: pd.DataFrame
    subtitles: Path = field(repr=False)


@dataclass(frozen=True, eq=False)
class SampleCorpus:
    """Short rendered clips of a few kinds, with captions, and the truth of them.

    Attributes
    ----------
    folder : Path
        Where the clips are, and `captions.csv`, with the columns video_id and caption.
    videos : DataFrame
        video_id, path, kind: one row a clip.
    captions : dict of str to list of str
        Each clip's captions, by its video_id.
    topics : dict of str to str
        Of each kind the noun that its captions are about.
    """

    folder: Path
    videos: pd.DataFrame
    captions: dict[str, list[str]] = field(repr=False)
    topics: dict[str, str]

    def __post_init__(self):
        absent = {"video_id", "path", "kind"} - set(self.videos.columns)
        if absent:
            raise ParameterError(f"videos must have the columns video_id, path and kind; {min(absent)} is missing")
        ids = check_video_ids(self.videos["video_id"])
        if set(self.captions) != set(ids):
            raise ParameterError("captions must be a dict of one list a video, by its video_id")
        without = set(self.videos["kind"]) - set(self.topics)
        if without:
            raise ParameterError(f"topics must name the topic of each kind; {min(without)!r} is missing")
