"""What a film's file holds, and its frames at given instants.

Conventions. Images are uint8 `(n, height, width, 3)` in RGB, as displayed: pixel aspect and rotation applied,
interlaced pictures deinterlaced. Times are float64 seconds, each picture's own presentation timestamp; the container's
start is not subtracted, so that subtitles, sound and frames share one clock. Sampling follows timestamps, never frame
counts: the picture at an instant is the one on screen then, whatever the film's frame rate, constant or not.

A film is sampled by exactly one of

- `fps`: the instants `g + k / fps`, where the grid's start `g` is the later of `start` and the first picture;
  None gives every picture of the film, once;
- `n_frames`: that many instants evenly spaced from `g`, as `fps = n_frames / (end - g)` gives them;
- `times`: given instants in seconds.

Decoding is done by FFmpeg's libraries through PyAV (https://pyav.basswood-io.com).
"""

import math
from fractions import Fraction
from numbers import Rational
from pathlib import Path

import numpy as np

from toolkit.checks import check_choice, check_count, check_number, check_times
from toolkit.errors import ParameterError
from toolkit.records import Frames, VideoInfo
from toolkit.storage import progress_bar
from toolkit.video import decoding
from toolkit.video.batches import in_batches
from toolkit.video.scaling import rgb

# what `fps` is by default, in every signature: it yields to n_frames and times
DEFAULT_FPS = 1.0
MAX_SIDE_PIXELS = 16384


def probe(path) -> VideoInfo:
    """Return what a film's file holds; see `VideoInfo` for the units.

    Raises
    ------
    VideoError
        If the file is missing, empty, not a film, or has no picture stream that can be decoded.
    """
    with decoding.open_film(path, count=True) as film:
        stream = film.stream
        return VideoInfo(
            path=Path(path),
            duration=film.seconds(film.end - film.first),
            width=film.size[0],
            height=film.size[1],
            fps=float(stream.average_rate or stream.guessed_rate),
            frame_count=film.frame_count,
            codec=stream.codec_context.name,
            rotation=film.rotation,
            pixel_aspect=float(stream.sample_aspect_ratio or 1),
            has_audio=bool(film.container.streams.audio),
            start=film.seconds(film.first),
        )


def read_frames(
    path,
    *,
    fps=1.0,
    n_frames=None,
    times=None,
    size=None,
    start=0.0,
    end=None,
    accuracy="exact",
    max_gb=4.0,
    progress=True,
) -> Frames:
    """Return frames of a film, all in memory.

    Parameters
    ----------
    path : path
        The film.
    fps : float or None
        Frames a second; None for every picture of the film, once. The default yields to `n_frames` and `times`.
    n_frames : int
        That many frames, evenly spaced.
    times : sequence of float
        Instants in seconds, in any order; the frames come in that order. An instant before the first picture gives the
        first.
    size : None, int or (int, int)
        None for the size as displayed, an int for a width that keeps the aspect, or (width, height).
    start, end : float
        Seconds of the film, `[start, end)`; `end=None` is its end. Not used with `times`. Of a film whose clock begins
        below 0 (`probe` tells its start), pictures before 0 are read with that `start`, or by their times.
    accuracy : "exact" or "keyframe"
        "exact" gives the picture on screen at each instant. "keyframe" gives the last key frame not after it, each at
        most once and with its own time: fewer frames, many times faster.
    max_gb : float
        Refuse to read frames that take more memory than this, `n * height * width * 3 / 1e9` gigabytes.
    progress : bool
        Whether to show a progress bar.

    Returns
    -------
    Frames
        With images uint8 `(n, height, width, 3)`, times float64 `(n,)`, and the film's name. Of a film that breaks off,
        what could be decoded, with a warning that says how much is missing.

    Raises
    ------
    VideoError
        If the film cannot be read.
    ParameterError
        If an option is out of range, two of fps, n_frames and times are given, or the frames would take more than
        `max_gb`.
    """
    max_gb = check_number("max_gb", max_gb, above=0, unit="gigabytes")
    order = None
    if times is not None:
        order = np.argsort(check_times(times), kind="stable")
        times = np.asarray(times)[order]
    sampling = check_sampling(fps, n_frames, times, start, end, accuracy)
    with decoding.open_film(path) as film:
        plan = sampling_plan(film, sampling)
        size = scaled_size(film.size, size)
        width, height = size
        count = len(plan[0]) if plan[0] is not None else len(decoding.stamps(film, *plan[1:]))
        need = count * height * width * 3 / 1e9
        if need > max_gb:
            raise ParameterError(
                f"{count:,} frames of {width}x{height} would take {need:.1f} GB, more than max_gb={max_gb:g}; "
                "ask for a smaller size or fewer frames, stream them with video.iter_frames, "
                f"or set max_gb={need + 0.1:.1f}"
            )
        images = np.empty((count, height, width, 3), dtype=np.uint8)
        stamps = np.empty(count)
        number = 0
        for stamp, image in sample_pictures(film, plan, size, accuracy, progress=progress):
            images[number], stamps[number] = image, stamp
            number += 1
    images, stamps = images[:number], stamps[:number]
    if order is not None and accuracy == "exact" and not np.array_equal(order, np.arange(len(order))):
        back = np.argsort(order, kind="stable")
        back = back[back < number]
        images, stamps = images[back], stamps[back]
    return Frames(images, stamps, Path(path).stem)


def iter_frames(
    path,
    *,
    batch=64,
    fps=1.0,
    n_frames=None,
    times=None,
    size=None,
    start=0.0,
    end=None,
    accuracy="exact",
    progress=True,
):
    """Yield a film's frames in batches of at most `batch`, in constant memory.

    The options are those of `read_frames`, except that `times` must be ascending. The film is opened, and what is wrong
    with it or with an option is raised, at once, not at the first batch.

    Returns
    -------
    iterator of Frames
    """
    batch = check_count("batch", batch, at_least=1)
    sampling = check_sampling(fps, n_frames, times, start, end, accuracy)
    with decoding.open_film(path) as film:
        sampling_plan(film, sampling)
        scaled_size(film.size, size)
    return _iter_batches(path, sampling, size, batch, progress)


def _iter_batches(path, sampling, size, batch, progress):
    with decoding.open_film(path) as film:
        plan = sampling_plan(film, sampling)
        size = scaled_size(film.size, size)
        pictures = sample_pictures(film, plan, size, sampling["accuracy"], progress=progress)
        yield from in_batches(pictures, batch, film.path.stem)


def check_sampling(fps, n_frames, times, start, end, accuracy):
    """Return checked options of sampling, `times` ascending; the default rate yields to n_frames and times."""
    if fps is not None:
        rate = check_number("fps", fps, above=0, unit="frames a second")
        fps = Fraction(int(fps.numerator), int(fps.denominator)) if isinstance(fps, Rational) else rate
    options = {"fps": fps != DEFAULT_FPS, "n_frames": n_frames is not None, "times": times is not None}
    names = [name for name, is_chosen in options.items() if is_chosen]
    if len(names) > 1:
        raise ParameterError(f"give one of fps, n_frames and times; got {' and '.join(names)}")
    if n_frames is not None:
        n_frames = check_count("n_frames", n_frames, at_least=1)
    start, end = check_part(start, end)
    if times is not None:
        times = check_times(times, order="ascending")
        if start != 0 or end is not None:
            raise ParameterError("times are given instants: leave start and end out")
    check_choice("accuracy", accuracy, ("exact", "keyframe"))
    if fps is None and accuracy == "keyframe":
        raise ParameterError('fps=None asks for every picture: leave accuracy="exact", or give a rate')
    return {"fps": fps, "n_frames": n_frames, "times": times, "start": start, "end": end, "accuracy": accuracy}


def check_part(start, end, *, at_least=-math.inf):
    """Return start and end of a part of a film in seconds, `end` None where it is that of the film."""
    start = check_number("start", start, at_least=at_least, unit="seconds")
    end = None if end is None else check_number("end", end, unit="seconds")
    if end is not None and end <= start:
        raise ParameterError(f"end must be after start; got start={start:g}, end={end:g} (seconds)")
    return start, end


def sampling_plan(film, sampling):
    """Return (thresholds or None for every picture, first tick, end tick) of what is to be read."""
    fps, n_frames, times, start, end, _ = sampling.values()
    film_end = film.end * film.time_base
    # of few films the clock begins below 0
    lowest = min(0.0, film.seconds(film.first))
    for name, earliest in (("start", start), ("times", 0.0 if times is None else times[0])):
        if earliest < lowest:
            raise ParameterError(f"{name} must be seconds from {lowest:g} on; got {earliest:g}")
    if times is not None:
        if times[-1] > film_end + film.step * film.time_base:
            raise ParameterError(
                f"times must lie in the film, which ends at {float(film_end):.3f} s; got {times[-1]:.3f} s. "
                "Were they in seconds?"
            )
        thresholds = np.array([film.threshold(float(time)) for time in times], dtype=np.int64)
        return thresholds, film.first, film.end
    grid = max(Fraction(start), film.first * film.time_base)
    stop = film_end if end is None else min(Fraction(end), film_end)
    if grid >= film_end:
        raise ParameterError(f"start must lie in the film, which ends at {float(film_end):.3f} s; got start={start:g}")
    if stop <= grid:
        raise ParameterError(f"end must be after the film's first picture, at {float(grid):.3f} s; got end={end:g}")
    if n_frames is None and fps is None:
        return None, film.threshold(grid), math.inf if end is None else film.threshold(stop)
    rate = Fraction(fps) if n_frames is None else n_frames / (stop - grid)
    if rate > 1000:
        raise ParameterError(
            f"at most 1000 frames a second can be read; got {float(rate):g}. "
            f"The film has {float(1 / (film.step * film.time_base)):g}"
        )
    count = n_frames or max(1, math.ceil((stop - film.slack - grid) * rate))
    return film.thresholds(grid, rate, count), film.first, film.end


def sample_pictures(film, plan, size, accuracy, *, skip=0, progress=True):
    """Yield (seconds, image) of the frames of a plan, from the one numbered `skip` on."""
    thresholds, low, high = plan
    if thresholds is None:
        pictures, first, total = decoding.all_pictures(film, low, high), skip, None
        if low <= film.first and high >= film.end:
            total = film.frame_count or None
    elif accuracy == "keyframe":
        pictures, first, total = decoding.key_pictures(film, thresholds), skip, None
    else:
        # decoding can begin where the first frame that is wanted lies
        pictures, first, total = decoding.pictures(film, thresholds[skip:]), 0, len(thresholds)
    if total == skip:
        return
    image, image_stamp = None, None
    with progress_bar(total=total, description=film.path.name, unit="frame", progress=progress) as bar:
        bar.update(skip - first)
        for number, (stamp, frame) in enumerate(pictures):
            if number >= first:
                if stamp != image_stamp:
                    image, image_stamp = rgb(film, frame, size), stamp
                yield film.seconds(stamp), image
            bar.update()


def scaled_size(own, size):
    """Return the (width, height) that a `size` option means for pictures of the size `own`."""
    if size is None:
        return own
    if np.ndim(size) == 0:
        width = check_count("size", size, at_least=1)
        size = width, max(1, round(width * own[1] / own[0]))
    elif len(size) != 2:
        raise ParameterError(f"size must be None, a width, or (width, height); got {size!r}")
    return tuple(check_count("size", side, at_least=1, at_most=MAX_SIDE_PIXELS, hint=" (pixels)") for side in size)
