"""What is passed along: the small frozen records that several modules share.

Images are uint8 `(n, height, width, 3)` in RGB. Times are float64 seconds: a picture's own presentation timestamp, the
container's start not subtracted. Spans are half-open, `[start, end)`.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from toolkit.checks import check_array, check_images
from toolkit.errors import ParameterError


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
        count = len(self.images)
        wanted = f"one time for each of the {count} images"
        times = check_array("times", self.times, (count,), wanted=wanted, finite=False)
        object.__setattr__(self, "times", times.astype(np.float64, copy=False))

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


# of the MovieScenes challenge, in its order
MODALITIES = ("place", "cast", "action", "audio")


@dataclass(frozen=True, eq=False)
class Movie:
    """What is known of a movie's shots, and where its scenes change.

    Boundary i is the place between shot i and shot i + 1: n shots have n - 1 boundaries, and ``boundaries[i]`` says
    whether shot i is the last of its scene.

    Attributes
    ----------
    imdb_id : str
        For example "tt0052357"; any name does.
    features : dict of str to ndarray of float32, (n_shots, d)
        Vectors of the shots by modality ("place", "cast", "action", "audio", or others), each of its own d. Other
        floats are converted. Values are finite: what is not known is 0, or the modality is left out.
    boundaries : ndarray of bool, (n_shots - 1,), or None
        The truth; None where it is not known.
    shot_end_frame : ndarray of int64, (n_shots,), or None
        The last frame of each shot, inclusive, rising.
    predictions : ndarray of float64, (n_shots - 1,), or None
        For each boundary how likely a scene changes there; finite.
    path : Path or None
        The file that the movie was read from.

    Raises
    ------
    ParameterError
        If the arrays do not fit each other.
    """

    imdb_id: str
    features: dict[str, np.ndarray]
    boundaries: np.ndarray | None = None
    shot_end_frame: np.ndarray | None = None
    predictions: np.ndarray | None = None
    path: Path | None = None

    def __post_init__(self):
        if not isinstance(self.imdb_id, str) or not self.imdb_id:
            raise ParameterError(f"imdb_id must be the movie's name; got {self.imdb_id!r:.80}")
        if not isinstance(self.features, dict) or not all(isinstance(name, str) for name in self.features):
            raise ParameterError(
                f"features must be a dict of one (n_shots, d) array a modality; got {type(self.features).__name__}"
            )
        found = {"features": {name: _feature(name, values) for name, values in self.features.items()}}
        shots = {f"features[{name!r}]": len(values) for name, values in found["features"].items()}
        parts = {"boundaries": (_flags, 1), "shot_end_frame": (_end_frames, 0), "predictions": (_likelihoods, 1)}
        for name, (check, more_shots) in parts.items():
            if (values := getattr(self, name)) is not None:
                found[name] = check(values)
                shots[name] = len(found[name]) + more_shots
        if not shots or 0 in shots.values():
            raise ParameterError(f"the movie {self.imdb_id!r:.80} has no shots: give features or boundaries of some")
        if len(set(shots.values())) > 1:
            counts = ", ".join(f"{name} is of {count}" for name, count in shots.items())
            raise ParameterError(f"the parts of the movie {self.imdb_id!r:.80} must be of the same shots; {counts}")
        found["path"] = None if self.path is None else Path(self.path)
        for name, value in found.items():
            object.__setattr__(self, name, value)

    @property
    def n_shots(self) -> int:
        """Number of shots."""
        for values in (*self.features.values(), self.shot_end_frame):
            if values is not None:
                return len(values)
        return len(self.boundaries if self.boundaries is not None else self.predictions) + 1

    def __repr__(self):
        parts = [f"{name} {values.shape[1]}" for name, values in self.features.items()]
        if self.boundaries is not None:
            parts.append(f"{self.boundaries.sum()} boundaries")
        return f"Movie({', '.join([repr(self.imdb_id), f'{self.n_shots} shots', *parts])})"


def _feature(name, values):
    name = f"features[{name!r:.80}]"
    array = check_array(name, values, ("n_shots", "d"), "f", wanted="floats of shape (n_shots, d)", finite=False)
    with np.errstate(over="ignore"):
        array = np.asarray(array, dtype=np.float32)
    return check_array(
        name, array, array.shape, wanted="finite float32, (n_shots, d)", hint=lambda _: ". Fill what is unknown with 0"
    )


def _flags(values):
    wanted = "truth values of shape (n_shots - 1,)"
    array = check_array("boundaries", values, ("n_shots - 1",), wanted=wanted, finite=False)
    if array.dtype != bool and not np.isin(array, (0, 1)).all():
        raise ParameterError(f"boundaries must be {wanted}; got numbers other than 0 and 1")
    return array.astype(bool)


def _end_frames(values):
    wanted = "the last frame of each shot: whole numbers from 0, rising, of shape (n_shots,)"
    array = check_array("shot_end_frame", values, ("n_shots",), "iuf", wanted=wanted, finite=False)
    with np.errstate(invalid="ignore"):
        whole = array.astype(np.int64)
    if not np.array_equal(whole, array) or (whole < 0).any() or (np.diff(whole) <= 0).any():
        raise ParameterError(f"shot_end_frame must be {wanted}")
    return whole


def _likelihoods(values):
    wanted = "finite numbers of shape (n_shots - 1,)"
    return check_array("predictions", values, ("n_shots - 1",), wanted=wanted).astype(np.float64)
