"""Frames extracted to a folder of image files, resumably, and read back."""

import contextlib
import csv
import json
import os
import re
from fractions import Fraction
from pathlib import Path

import numpy as np
import pandas as pd

from toolkit.checks import check_choice, check_count
from toolkit.errors import DataError, ParameterError
from toolkit.records import Frames
from toolkit.storage import file_key, remove_partials, write_whole
from toolkit.video import decoding
from toolkit.video.batches import evenly
from toolkit.video.frames import check_sampling, sample_pictures, sampling_plan, scaled_size

FORMATS = ("jpg", "png")
JOURNAL = "frames.partial.csv"
_FRAME_FILE = re.compile(r"(.*?)(\d+)\.(?:jpe?g|png)", re.IGNORECASE)
_SECONDS = re.compile(r"-?\d+(\.\d+)?(e[+-]?\d+)?")


def extract_frames(
    path,
    folder,
    *,
    fps=1.0,
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
    from PIL import Image

    check_choice("format", format, FORMATS)
    check_count("quality", quality, at_least=1, at_most=95)
    sampling = check_sampling(fps, n_frames, times, start, end, accuracy)
    if not isinstance(folder, (str, os.PathLike)):
        raise ParameterError(f"folder must be the path of a folder; got {folder!r}")
    folder = Path(folder)
    with decoding.open_film(path) as film:
        name = film.path.stem
        plan = sampling_plan(film, sampling)
        size = scaled_size(film.size, size)
        _claim(folder, {**_settings(path, sampling), "size": size, "format": format, "quality": quality}, overwrite)
        rows = _done(folder, name, format)
        with open(folder / JOURNAL, "w", encoding="utf-8", newline="") as journal:
            lines = csv.writer(journal, lineterminator="\n")
            lines.writerows([("file", "time"), *rows])
            for stamp, image in sample_pictures(film, plan, size, accuracy, skip=len(rows), progress=progress):
                file = f"{name}_frame{len(rows)}.{format}"
                with write_whole(folder / file) as partial:
                    Image.fromarray(image).save(partial, quality=quality)
                rows.append((file, stamp))
                lines.writerow(rows[-1])
                journal.flush()
    table = pd.DataFrame(rows, columns=["file", "time"])
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
    from PIL import Image

    first = 0 if first is None else check_count("first", first)
    last = None if last is None else check_count("last", last)
    limit = None if limit is None else check_count("limit", limit, at_least=1)
    files = numbered_pictures(folder, _FRAME_FILE)
    films = sorted({prefix for _, prefix, _ in files})
    if len(films) > 1:
        raise ParameterError(
            f"{folder} holds frames of more than one film ({', '.join(films[:3])}); give each its own folder"
        )
    frames = [(number, file) for number, _, file in files if number >= first and (last is None or number < last)]
    if not frames:
        raise ParameterError(
            f"no frame is in [{first}, {last}); the frames of {folder} are {files[0][0]} to {files[-1][0]}"
        )
    if limit is not None:
        frames = [frames[place] for place in evenly(len(frames), limit)]
    images = None
    for index, (_, file) in enumerate(frames):
        try:
            with Image.open(file) as opened:
                picture = opened.convert("RGB")
        except OSError as error:
            raise DataError(
                f"{file} cannot be read as a picture ({error}); remove it or extract the frames again"
            ) from error
        shape = scaled_size(picture.size, size)
        if picture.size != shape:
            picture = picture.resize(shape, Image.Resampling.BICUBIC)
        if images is None:
            images = np.empty((len(frames), shape[1], shape[0], 3), dtype=np.uint8)
        if images.shape[1:3] != shape[::-1]:
            raise ParameterError(
                f"pictures of mixed size: {file.name} is {shape[0]}x{shape[1]}, "
                f"{frames[0][1].name} is {images.shape[2]}x{images.shape[1]}; give size=(width, height)"
            )
        images[index] = np.asarray(picture)
    return Frames(images, _frame_times(frames), re.sub(r"_frame$", "", films[0]))


def numbered_pictures(folder, pattern):
    """Return the pictures of a folder as (number, film, file), sorted; film and number are a pattern's groups."""
    if not isinstance(folder, (str, os.PathLike)) or not os.path.isdir(folder):
        raise ParameterError(f"folder must be a folder of frames, as video.extract_frames writes them; got {folder!r}")
    files = [
        (int(match[2]), match[1], file) for file in Path(folder).iterdir() if (match := pattern.fullmatch(file.name))
    ]
    if not files:
        raise ParameterError(f"{folder} holds no frames; expected pictures named like film_frame0.jpg")
    return sorted(files)


def _settings(path, sampling):
    """Return what decides the frames of a film, in a form that JSON gives back unchanged."""
    plain = {key: value.tolist() if isinstance(value, np.ndarray) else value for key, value in sampling.items()}
    plain["fps"] = None if plain["fps"] is None else str(Fraction(plain["fps"]))
    return {"film": Path(path).name, "key": file_key(path), **plain}


def _claim(folder, settings, overwrite):
    """Make `folder` ready for frames of these settings; refuse where it holds others."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except (OSError, ValueError) as error:
        raise ParameterError(f"folder must be a folder to write to; {folder} cannot be made ({error})") from error
    settings = json.loads(json.dumps(settings))
    settings_file = folder / "extraction.json"
    before = None
    if settings_file.is_file():
        with contextlib.suppress(ValueError):
            before = json.loads(settings_file.read_text(encoding="utf-8"))
        before = before if isinstance(before, dict) else {}
    frames = [file for file in folder.glob("*_frame*") if re.fullmatch(r".*_frame\d+\.(jpg|png)", file.name)]
    if before != settings and (before is not None or frames):
        if not overwrite:
            what = "frames that video.extract_frames did not write"
            if before:
                differing = [key for key in settings if before.get(key) != settings[key]]
                what = f"frames made with other settings ({', '.join(differing)})"
            raise ParameterError(
                f"{folder} holds {what}; choose another folder, "
                "or overwrite=True (--overwrite in a terminal) to replace them"
            )
        for file in [*frames, settings_file, folder / "frames.csv", folder / JOURNAL]:
            file.unlink(missing_ok=True)
    remove_partials(folder)
    if before != settings:
        with write_whole(settings_file) as partial:
            partial.write_text(json.dumps(settings, indent=1) + "\n", encoding="utf-8")


def _done(folder, name, format):
    """Return the (file, time) rows of the frames that are there, up to the first that is missing or not as written."""
    rows = []
    tables = [table for table in (folder / "frames.csv", folder / JOURNAL) if table.is_file()]
    if tables:
        # a line that a kill cut short has no end
        whole = tables[0].read_text(encoding="utf-8", errors="replace").rpartition("\n")[0]
        for number, row in enumerate(csv.reader(whole.splitlines()[1:])):
            file = f"{name}_frame{number}.{format}"
            if len(row) != 2 or row[0] != file or not (folder / file).is_file() or not _SECONDS.fullmatch(row[1]):
                break
            rows.append((file, float(row[1])))
    return rows


def _frame_times(frames):
    listed = frames[0][1].with_name("frames.csv")
    if not listed.is_file():
        return np.array([float(number) for number, _ in frames])
    try:
        table = pd.read_csv(listed).set_index("file")["time"].astype(float)
        return table.loc[[file.name for _, file in frames]].to_numpy()
    except (KeyError, ValueError) as error:
        raise DataError(
            f"{listed} does not give a time for each frame ({error}); expected the columns file and time. "
            "Remove it, or extract the frames again"
        ) from error
