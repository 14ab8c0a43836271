"""Films: what a file holds, its frames at given instants, and the frame's own borders.

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

import csv
import json
import math
import re
from fractions import Fraction
from numbers import Rational
from pathlib import Path

import numpy as np
import pandas as pd
from PIL import Image

from toolkit import _bars, _decoding, _proxy
from toolkit.checks import check_choice, check_count, check_images, check_number, check_times
from toolkit.errors import DataError, ParameterError
from toolkit.records import Frames, VideoInfo, evenly, image_batches
from toolkit.storage import (
    cache_folder,
    data_folder,
    file_key,
    progress_bar,
    remove_partials,
    require_writable,
    write_whole,
)

# one object, so that a rate that was asked for is told from the one that was not
ONE_A_SECOND = float("1.0")
FORMATS = ("jpg", "png")
JOURNAL = "frames.partial.csv"
LARGEST_SIDE = 16384


def probe(path) -> VideoInfo:
    """Return what a film's file holds; see `VideoInfo` for the units.

    Raises
    ------
    VideoError
        If the file is missing, empty, not a film, or has no picture stream that can be decoded.
    """
    with _decoding.open_film(path, count=True) as film:
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
    fps=ONE_A_SECOND,
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
        Frames a second; None for every picture of the film, once.
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
        times = check_times(times)
        order = np.argsort(times, kind="stable")
        times = times[order]
    sampling = _check_sampling(fps, n_frames, times, start, end, accuracy)
    with _decoding.open_film(path) as film:
        plan = _plan(film, sampling)
        size = _scaled(film.size, size)
        width, height = size
        count = len(plan[0]) if plan[0] is not None else len(_decoding.stamps(film, *plan[1:]))
        need = count * height * width * 3 / 1e9
        if need > max_gb:
            raise ParameterError(
                f"{count:,} frames of {width}x{height} would take {need:.1f} GB, more than max_gb={max_gb:g}; "
                "ask for a smaller size or fewer frames, stream them with video.iter_frames, "
                f"or set max_gb={need + 0.1:.1f}"
            )
        images = np.empty((count, height, width, 3), dtype=np.uint8)
        stamps = np.empty(count)
        filled = 0
        for stamp, image in _shown(film, plan, size, accuracy, progress=progress):
            images[filled], stamps[filled] = image, stamp
            filled += 1
    images, stamps = images[:filled], stamps[:filled]
    if order is not None and accuracy == "exact" and not np.array_equal(order, np.arange(len(order))):
        back = np.argsort(order, kind="stable")
        back = back[back < filled]
        images, stamps = images[back], stamps[back]
    return Frames(images, stamps, Path(path).stem)


def iter_frames(
    path,
    *,
    batch=64,
    fps=ONE_A_SECOND,
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
    times = None if times is None else check_times(times, order="ascending")
    sampling = _check_sampling(fps, n_frames, times, start, end, accuracy)
    with _decoding.open_film(path) as film:
        _plan(film, sampling)
        _scaled(film.size, size)
    return _iter_batches(path, sampling, size, batch, progress)


def proxy(path, *, width=320, longer_than=20.0, cache=None, progress=True) -> Path:
    """Return a small copy of a long film to look at in its place, made if there is none yet.

    Editors call it so: the same pictures at the same timestamps, so wide, in H.264 with two key frames a second, and no
    sound. Reading all of it takes a small part of the time that the film takes, so that of several looks at a whole
    film only one waits for it. It is lossy: levels differ by one or two of 255 on the mean. Of two hours it takes some
    hundred megabytes to a gigabyte; to make it takes hardly longer than to read all of the film. Ask `probe` of the
    film, not of the copy, which ends where a damaged film does and tells another mean rate.

    Parameters
    ----------
    path : path
        The film.
    width : int
        Of the copy, at least 16; its height follows.
    longer_than : float
        Minutes: a film that is no longer is returned itself, as is one that is not twice as wide, and one whose clock
        begins below 0.
    cache : path or False, optional
        Where copies are kept: a folder, made if need be, by default `proxies` in the toolkit's data folder; False makes
        none, and returns the film. A film is known by its content, not its name.
    progress : bool
        Whether to show a progress bar while it is made.

    Returns
    -------
    Path

    Warns
    -----
    UserWarning
        If the film breaks off or is damaged: when the copy is made, and whenever it is returned.

    Raises
    ------
    VideoError
        If the film cannot be read.
    ParameterError
        If an option is out of range, or copies cannot be kept.
    """
    width = check_count("width", width, at_least=16)
    longer_than = check_number("longer_than", longer_than, at_least=0, unit="minutes")
    with _decoding.open_film(path) as film:
        path = Path(path)
        long = film.seconds(film.end - film.first) > 60 * longer_than
        if not long or film.size[0] < 2 * width or film.first < 0:
            return path
        # where it cannot be made, this raises: who wants a copy is not to wait for the film instead
        folder = cache_folder(data_folder() / "proxies" if cache is None else cache, "proxies")
        if folder is None:
            return path
        key = file_key(path)
        with require_writable(folder):
            return _proxy.small_copy(film, folder, key, _scaled(film.size, width), progress=progress)


def _iter_batches(path, sampling, size, batch, progress):
    with _decoding.open_film(path) as film:
        plan = _plan(film, sampling)
        size = _scaled(film.size, size)
        images, stamps = [], []
        for stamp, image in _shown(film, plan, size, sampling["accuracy"], progress=progress):
            images.append(image)
            stamps.append(stamp)
            if len(images) == batch:
                yield Frames(np.stack(images), np.array(stamps), Path(path).stem)
                images, stamps = [], []
        if images:
            yield Frames(np.stack(images), np.array(stamps), Path(path).stem)


def extract_frames(
    path,
    folder,
    *,
    fps=ONE_A_SECOND,
    n_frames=None,
    times=None,
    size=None,
    start=0.0,
    end=None,
    accuracy="exact",
    format="jpg",
    quality=92,
    overwrite=False,
    progress=True,
) -> pd.DataFrame:
    """Write a film's frames as pictures, and go on where an earlier run was stopped.

    The pictures are `<film>_frame<N>.jpg`, N from 0, unpadded; `frames.csv` lists them in the end. Each file appears
    whole or not at all. Beside them, `extraction.json` holds the film and the options they were made with: a later call
    with the same ones does only what is missing, one with others is refused.

    Parameters
    ----------
    path : path
        The film.
    folder : path
        Where the pictures go; created if need be. One folder holds the frames of one film.
    fps, n_frames, times, size, start, end, accuracy, progress
        As in `iter_frames`.
    format : "jpg" or "png"
    quality : int
        Of JPEG, 1 to 95.
    overwrite : bool
        Whether to remove frames in the folder that were made otherwise.

    Returns
    -------
    DataFrame
        With columns file (name in the folder) and time (seconds), as in frames.csv.

    Raises
    ------
    VideoError
        If the film cannot be read. Nothing is left behind.
    ParameterError
        If an option is out of range, or the folder holds other frames.
    """
    check_choice("format", format, FORMATS)
    if not 1 <= check_count("quality", quality) <= 95:
        raise ParameterError(f"quality must be a whole number from 1 to 95; got {quality!r}")
    times = None if times is None else check_times(times, order="ascending")
    sampling = _check_sampling(fps, n_frames, times, start, end, accuracy)
    try:
        folder = Path(folder)
        taken = folder.exists() and not folder.is_dir()
    except (TypeError, ValueError, OSError) as error:
        raise ParameterError(f"folder must be the path of a folder; got {folder!r} ({error})") from None
    if taken:
        raise ParameterError(f"folder must be a folder to write to; {folder} is a file")
    with _decoding.open_film(path) as film:
        name = film.path.stem
        plan = _plan(film, sampling)
        size = _scaled(film.size, size)
        _claim(folder, {**_settings(path, sampling), "size": size, "format": format, "quality": quality}, overwrite)
        done = _done(folder, name, format)
        with open(folder / JOURNAL, "w", encoding="utf-8", newline="") as journal:
            lines = csv.writer(journal, lineterminator="\n")
            lines.writerows([("file", "time"), *done])
            for stamp, image in _shown(film, plan, size, accuracy, skip=len(done), progress=progress):
                file = f"{name}_frame{len(done)}.{format}"
                with write_whole(folder / file) as partial:
                    Image.fromarray(image).save(partial, quality=quality)
                done.append((file, stamp))
                lines.writerow(done[-1])
                journal.flush()
    table = pd.DataFrame(done, columns=["file", "time"])
    with write_whole(folder / "frames.csv") as partial:
        table.to_csv(partial, index=False)
    (folder / JOURNAL).unlink()
    return table


def load_frames(folder, *, size=None, first=None, last=None, limit=None) -> Frames:
    """Return pictures of a folder as frames, sorted by the number at the end of their names.

    Parameters
    ----------
    folder : path
        Holds .jpg, .jpeg or .png pictures of one film, such as `film_frame0.jpg`; other files are passed over.
    size : None, int or (int, int)
        None for the pictures' own size, an int for a width that keeps the aspect, or (width, height).
    first, last : int
        Frame numbers, `[first, last)`.
    limit : int, optional
        Of more frames than this so many, evenly spaced, are loaded.

    Returns
    -------
    Frames
        Times are those of `frames.csv` where the folder has it, otherwise the frame numbers, as if one a second.

    Raises
    ------
    ParameterError
        If there is no such folder, no picture in it, pictures of more than one film, or of mixed sizes with
        `size=None`.
    DataError
        If a picture cannot be read.
    """
    folder = Path(folder)
    if not folder.is_dir():
        raise ParameterError(
            f"{folder} is not a folder; expected one that holds frames, as video.extract_frames writes them"
        )
    first = 0 if first is None else check_count("first", first)
    last = None if last is None else check_count("last", last)
    limit = None if limit is None else check_count("limit", limit, at_least=1)
    pattern = re.compile(r"(.*?)(\d+)\.(?:jpe?g|png)", re.IGNORECASE)
    found = [(int(match[2]), match[1], file) for file in folder.iterdir() if (match := pattern.fullmatch(file.name))]
    if not found:
        raise ParameterError(f"{folder} holds no frames; expected pictures named like film_frame0.jpg")
    films = sorted({prefix for _, prefix, _ in found})
    if len(films) > 1:
        raise ParameterError(
            f"{folder} holds frames of more than one film ({', '.join(films[:3])}); give each its own folder"
        )
    chosen = sorted((number, file) for number, _, file in found if number >= first and (last is None or number < last))
    if not chosen:
        numbers = [number for number, _, _ in found]
        raise ParameterError(
            f"no frame is in [{first}, {last}); the frames of {folder} are {min(numbers)} to {max(numbers)}"
        )
    if limit is not None:
        chosen = [chosen[place] for place in evenly(len(chosen), limit)]
    images = None
    for index, (_, file) in enumerate(chosen):
        try:
            with Image.open(file) as opened:
                picture = opened.convert("RGB")
        except OSError as error:
            raise DataError(
                f"{file} cannot be read as a picture ({error}); remove it or extract the frames again"
            ) from error
        wanted = _scaled(picture.size, size)
        if picture.size != wanted:
            picture = picture.resize(wanted, Image.Resampling.BICUBIC)
        if images is None:
            images = np.empty((len(chosen), wanted[1], wanted[0], 3), dtype=np.uint8)
        if images.shape[1:3] != wanted[::-1]:
            raise ParameterError(
                f"pictures of mixed size: {file.name} is {wanted[0]}x{wanted[1]}, "
                f"{chosen[0][1].name} is {images.shape[2]}x{images.shape[1]}; give size=(width, height)"
            )
        images[index] = np.asarray(picture)
    return Frames(images, _frame_times(folder, chosen), re.sub(r"_frame$", "", films[0]))


def mask_region(images, top, left, height, width, *, value=0):
    """Return images with a rectangle painted over, such as a burnt-in caption or a channel's logo.

    Parameters
    ----------
    images : array, Frames, or iterator of Frames
    top, left, height, width : int
        The rectangle in pixels, inside the picture.
    value : int or (int, int, int)
        What to paint, 0 to 255: a gray, or RGB.

    Returns
    -------
    As given: an array, a Frames, or an iterator of them. The images passed in are unchanged.

    Raises
    ------
    ParameterError
        If the rectangle is empty or reaches outside the picture.
    """
    top, left = check_count("top", top), check_count("left", left)
    height, width = check_count("height", height, at_least=1), check_count("width", width, at_least=1)
    paint = np.asarray(value)
    if paint.dtype.kind not in "iu" or paint.shape not in ((), (3,)) or paint.min() < 0 or paint.max() > 255:
        raise ParameterError(f"value must be a gray from 0 to 255 or an RGB triple of such; got {value!r}")

    def masked(array):
        _check_region(array, top, left, height, width)
        if array.ndim == 3 and paint.shape == (3,):
            raise ParameterError("value must be one gray, 0 to 255, for gray images; got an RGB triple")
        copy = array.copy()
        copy[:, top : top + height, left : left + width] = paint
        return copy

    return _mapped(images, masked)


def find_bars(images) -> tuple[int, int, int, int]:
    """Return the picture inside the black bars, as (top, left, height, width).

    A row or column at the border is a bar where it is black (at most 24 of 255) and even (spread of at most 16) in 98
    pixels of 100, in 98 frames of 100. Frames that are black all over say nothing and are left out, and a dark scene,
    being uneven or lit at other times, is no bar. Without a bar, or where all is black, the box is the whole picture.

    Parameters
    ----------
    images : array, Frames, or iterator of Frames
        Frames from all over the film: a few dozen are enough.

    Raises
    ------
    ParameterError
        If there are no images.
    """
    votes = shape = None
    for array in image_batches(images):
        if not len(array):
            continue
        batch = _bars.votes(array)
        if shape not in (None, array.shape[1:3]):
            raise ParameterError(f"images must have one size; got {shape} and {array.shape[1:3]}")
        shape = array.shape[1:3]
        votes = batch if votes is None else votes + batch
    if votes is None:
        raise ParameterError("images must hold at least one frame to find bars in; got none")
    return _bars.box(votes, *shape)


def crop(images, box):
    """Return images cut to a box (top, left, height, width), such as `find_bars` gives.

    Raises
    ------
    ParameterError
        If the box is empty or reaches outside the picture.
    """
    try:
        top, left, height, width = box
    except (TypeError, ValueError):
        raise ParameterError(f"box must be (top, left, height, width); got {box!r}") from None
    top, left = check_count("top", top), check_count("left", left)
    height, width = check_count("height", height, at_least=1), check_count("width", width, at_least=1)

    def cut(array):
        _check_region(array, top, left, height, width)
        return array[:, top : top + height, left : left + width].copy()

    return _mapped(images, cut)


def _check_sampling(fps, n_frames, times, start, end, accuracy):
    """Return checked options of sampling; the rate that was not asked for gives way to n_frames and times."""
    given = [name for name, value in (("n_frames", n_frames), ("times", times)) if value is not None]
    if fps is not ONE_A_SECOND:
        given.insert(0, "fps")
    if len(given) > 1:
        raise ParameterError(f"give one of fps, n_frames and times; got {' and '.join(given)}")
    if fps is not None:
        rate = check_number("fps", fps, above=0, unit="frames a second")
        fps = Fraction(int(fps.numerator), int(fps.denominator)) if isinstance(fps, Rational) else rate
    if n_frames is not None:
        n_frames = check_count("n_frames", n_frames, at_least=1)
    start = check_number("start", start, unit="seconds")
    end = None if end is None else check_number("end", end, unit="seconds")
    if end is not None and end <= start:
        raise ParameterError(f"end must be after start; got start={start:g}, end={end:g} (seconds)")
    if times is not None and (start != 0 or end is not None):
        raise ParameterError("times are given instants: leave start and end out")
    check_choice("accuracy", accuracy, ("exact", "keyframe"))
    if fps is None and accuracy == "keyframe" and not given[1:]:
        raise ParameterError('fps=None asks for every picture: leave accuracy="exact", or give a rate')
    return {"fps": fps, "n_frames": n_frames, "times": times, "start": start, "end": end, "accuracy": accuracy}


def _plan(film, sampling):
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
        return None, film.threshold(grid), film.threshold(stop) if end is not None else film.end + _decoding.ENDLESS
    rate = Fraction(fps) if n_frames is None else n_frames / (stop - grid)
    if rate > 1000:
        raise ParameterError(
            f"at most 1000 frames a second can be read; got {float(rate):g}. "
            f"The film has {float(1 / (film.step * film.time_base)):g}"
        )
    count = n_frames or max(1, math.ceil((stop - film.slack - grid) * rate))
    return film.thresholds(grid, rate, count), film.first, film.end


def _shown(film, plan, size, accuracy, *, skip=0, progress=True):
    """Yield (seconds, image) of the frames of a plan, from the one numbered `skip` on."""
    thresholds, low, high = plan
    if thresholds is None:
        found, passed, total = _decoding.all_pictures(film, low, high), skip, None
        if low <= film.first and high >= film.end:
            total = film.frame_count or None
    elif accuracy == "keyframe":
        found, passed, total = _decoding.key_pictures(film, thresholds), skip, None
    else:
        # decoding can begin where the first frame that is wanted lies
        found, passed, total = _decoding.pictures(film, thresholds[skip:]), 0, len(thresholds)
    if total == skip:
        return
    image, image_stamp = None, None
    with progress_bar(total=total, description=film.path.name, unit="frame", progress=progress) as bar:
        bar.update(skip - passed)
        for number, (stamp, frame) in enumerate(found):
            if number >= passed:
                if stamp != image_stamp:
                    image, image_stamp = _decoding.rgb(film, frame, size), stamp
                yield film.seconds(stamp), image
            bar.update()


def _scaled(own, size):
    """Return the (width, height) that a `size` option means for pictures of the size `own`."""
    if size is None:
        return own
    if np.ndim(size) == 0:
        width = check_count("size", size, at_least=1)
        size = width, max(1, round(width * own[1] / own[0]))
    elif len(size) != 2:
        raise ParameterError(f"size must be None, a width, or (width, height); got {size!r}")
    size = tuple(check_count("size", side, at_least=1) for side in size)
    if max(size) > LARGEST_SIDE:
        raise ParameterError(f"size must be at most {LARGEST_SIDE} pixels a side; got {size[0]}x{size[1]}")
    return size


def _settings(path, sampling):
    """Return what decides the frames of a film, in a form that JSON gives back unchanged."""
    plain = {key: value.tolist() if isinstance(value, np.ndarray) else value for key, value in sampling.items()}
    plain["fps"] = None if plain["fps"] is None else str(Fraction(plain["fps"]))
    return {"film": Path(path).name, "key": file_key(path), **plain}


def _claim(folder, settings, overwrite):
    """Make `folder` ready for frames of these settings; refuse where it holds others."""
    settings = json.loads(json.dumps(settings))
    settings_file = folder / "extraction.json"
    held = None
    if settings_file.is_file():
        try:
            held = json.loads(settings_file.read_text(encoding="utf-8"))
        except ValueError:
            held = None
        if not isinstance(held, dict):
            held = {}
    others = [file for file in folder.glob("*_frame*") if re.fullmatch(r".*_frame\d+\.(jpg|png)", file.name)]
    if held != settings and (held is not None or others):
        if not overwrite:
            differing = [key for key in settings if (held or {}).get(key) != settings[key]]
            what = "frames that video.extract_frames did not write"
            if held:
                what = f"frames made with other settings ({', '.join(differing)})"
            raise ParameterError(
                f"{folder} holds {what}; choose another folder, "
                "or overwrite=True (--overwrite in a terminal) to replace them"
            )
        for file in [*others, settings_file, folder / "frames.csv", folder / JOURNAL]:
            file.unlink(missing_ok=True)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except (OSError, ValueError) as error:
        raise ParameterError(f"folder must be one that can be written to; {folder} cannot be made ({error})") from error
    remove_partials(folder)
    if held != settings:
        with write_whole(settings_file) as partial:
            partial.write_text(json.dumps(settings, indent=1) + "\n", encoding="utf-8")


def _done(folder, name, format):
    """Return the (file, time) rows of the frames that are there, up to the first that is missing or not as written."""
    listed = folder / "frames.csv"
    if not listed.is_file():
        listed = folder / JOURNAL
    rows = []
    if listed.is_file():
        # a line that a kill cut short has no end
        whole = listed.read_text(encoding="utf-8", errors="replace").rpartition("\n")[0]
        for number, row in enumerate(csv.reader(whole.splitlines()[1:])):
            file = f"{name}_frame{number}.{format}"
            if len(row) != 2 or row[0] != file or not (folder / file).is_file() or not _is_number(row[1]):
                break
            rows.append((file, float(row[1])))
    return rows


def _is_number(text):
    try:
        return math.isfinite(float(text))
    except ValueError:
        return False


def _frame_times(folder, chosen):
    listed = folder / "frames.csv"
    if not listed.is_file():
        return np.array([float(number) for number, _ in chosen])
    try:
        table = pd.read_csv(listed).set_index("file")["time"].astype(float)
        return table.loc[[file.name for _, file in chosen]].to_numpy()
    except (KeyError, ValueError) as error:
        raise DataError(
            f"{listed} does not give a time for each frame ({error}); expected the columns file and time. "
            "Remove it, or extract the frames again"
        ) from error


def _mapped(images, change):
    """Return images changed, in the form in which they came."""
    if isinstance(images, Frames):
        return Frames(change(images.images), images.times, images.name)
    if isinstance(images, (np.ndarray, str)) or not hasattr(images, "__iter__"):
        return change(check_images(images))
    return (
        Frames(change(batch.images), batch.times, batch.name)
        if isinstance(batch, Frames)
        else change(check_images(batch))
        for batch in images
    )


def _check_region(array, top, left, height, width):
    rows, columns = array.shape[1:3]
    if top + height > rows or left + width > columns:
        raise ParameterError(
            f"the region must lie inside the {columns}x{rows} picture (width x height); "
            f"got rows {top} to {top + height} and columns {left} to {left + width}"
        )
