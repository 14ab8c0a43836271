"""What is passed along: the small frozen records that several modules share.

Images are uint8 `(n, height, width, 3)` in RGB. Times are float64 seconds: a picture's own presentation timestamp, the
container's start not subtracted. Spans are half-open, `[start, end)`.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd

from toolkit._checks import ParameterError, check_images


@dataclass(frozen=True)
class VideoInfo:
    """What a film's file says of its pictures.

    Attributes
    ----------
    path : Path
    duration : float
        Seconds from the first picture's timestamp to the end of the last.
    width, height : int
        Pixels as displayed: pixel aspect and rotation applied.
    fps : float
        Average pictures a second.
    frame_count : int
        Pictures in the file.
    codec : str
        For example "h264".
    rotation : int
        Degrees clockwise, 0, 90, 180 or 270, by which stored pictures are turned for display.
    pixel_aspect : float
        Width of a stored pixel over its height; 1.0 for square pixels.
    has_audio : bool
    start : float
        Presentation timestamp of the first picture, in seconds.
    """

    path: Path
    duration: float
    width: int
    height: int
    fps: float
    frame_count: int
    codec: str
    rotation: int
    pixel_aspect: float
    has_audio: bool
    start: float = 0.0


@dataclass(frozen=True, eq=False)
class Frames:
    """Frames of a film.

    Attributes
    ----------
    images : ndarray of uint8, (n, height, width, 3) in RGB, or (n, height, width) in gray
    times : ndarray of float64, (n,)
        Seconds, each picture's own presentation timestamp.
    name : str
        Name of the film.

    Raises
    ------
    ParameterError
        If the arrays do not fit each other.
    """

    images: np.ndarray
    times: np.ndarray
    name: str = ""

    def __post_init__(self):
        check_images(self.images)
        times = np.asarray(self.times, dtype=np.float64)
        if times.shape != (len(self.images),):
            raise ParameterError(
                f"times must hold one time for each of the {len(self.images)} images; got shape {times.shape}"
            )
        object.__setattr__(self, "times", times)

    def __len__(self):
        return len(self.images)

    def __getitem__(self, index):
        """Return the frames of a slice, a mask or a list of positions."""
        if isinstance(index, (int, np.integer)):
            raise ParameterError(
                f"a Frames is cut by slices: use frames[{index}:{index + 1}], or frames.images[{index}] for the picture"
            )
        return Frames(self.images[index], self.times[index], self.name)

    def __repr__(self):
        size = "x".join(str(side) for side in self.images.shape[2:0:-1])
        span = f", {self.times[0]:.3f} to {self.times[-1]:.3f} s" if len(self) else ""
        return f"Frames({self.name!r}, {len(self)} of {size}{span})"


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


def image_batches(images) -> Iterator[np.ndarray]:
    """Yield checked arrays of images from an array, a Frames, or an iterator of either."""
    if isinstance(images, (np.ndarray, Frames)):
        images = (images,)
    elif not hasattr(images, "__iter__") or isinstance(images, (str, bytes, Path)):
        raise ParameterError(
            f"images must be an array, a Frames, or an iterator of Frames; got {type(images).__name__}. "
            "Read a film with toolkit.video.read_frames or toolkit.video.iter_frames first"
        )
    for batch in images:
        yield batch.images if isinstance(batch, Frames) else check_images(batch)
