"""Frames labeled by hand as medium close-ups or not: tables and folders of them, in the form the network takes."""

import os
import re
import warnings

import numpy as np
import pandas as pd

from toolkit.checks import check_count
from toolkit.errors import DataError
from toolkit.networks import check_there
from toolkit.storage import write_whole
from toolkit.tables import FALSE, TRUE, read_cells
from toolkit.video.folders import numbered_pictures

SIDE = 128
FOLDERS = {"close_up": True, "other": False}
COLUMNS = ("film", "file", "label")
YES, NO = TRUE | {"1", "1.0", "yes"}, FALSE | {"0", "0.0", "no"}
_FRAME_FILE = re.compile(r"(.*?)_?(?:frame)?_?(\d+)\.(?:jpe?g|png)", re.IGNORECASE)


def shrink(images):
    """Return images as gray of 128x128, uint8 (n, 128, 128)."""
    return resize(images, SIDE, SIDE, 1)[..., 0]


def resize(images, height, width, channels):
    """Return images in gray or color, uint8 (n, height, width, channels): luma (ITU-R BT.601), areas averaged."""
    import cv2

    small = np.empty((len(images), height, width, channels), np.uint8)
    for image, place in zip(images, small, strict=True):
        if image.ndim == 3 and channels == 1:
            image = cv2.cvtColor(np.ascontiguousarray(image), cv2.COLOR_RGB2GRAY)
        elif image.ndim == 2 and channels == 3:
            image = np.repeat(image[..., None], 3, axis=2)
        if image.shape[:2] != (height, width):
            method = cv2.INTER_AREA if image.shape[0] >= height and image.shape[1] >= width else cv2.INTER_LINEAR
            image = cv2.resize(np.ascontiguousarray(image), (width, height), interpolation=method)
        place[:] = image.reshape(place.shape)
    return small


def read_labels(path, *, stretches=None):
    """Return labelled frames, as `train` takes them.

    Parameters
    ----------
    path : path
        A .csv with the columns film, file and label (others are passed over), as `explorers.label_close_ups` writes it:
        each file is sought from the table's folder; label is 1 or 0, true or false, yes or no, and a row without a
        label is passed over. Or a folder that holds two folders of pictures (.jpg or .png), `close_up` and `other`,
        named as `video.extract_frames` names them, `<film>_frame<N>.jpg`, which gives the film.
    stretches : int, optional
        Divide each film into so many stretches, one after the other, with as many labelled frames each, and let each
        count as a film in `films`: for a model tuned to one film, which is then watched on stretches of the film that
        it is not trained on. At least 4 or so; of too many, neighbouring frames come to lie on both sides.

    Returns
    -------
    images : ndarray of uint8, (n, 128, 128)
        Gray, 16 kB each.
    labels : ndarray of bool, (n,)
    films : ndarray of str, (n,)
        The films' names; with `stretches`, such as "film 1/8".

    Raises
    ------
    ParameterError
        If there is no such file or folder.
    DataError
        If a table has no such columns, a label is none, or a picture is missing or broken.
    """
    if stretches is not None:
        stretches = check_count("stretches", stretches, at_least=2)
    path = check_there(path)
    rows = _rows_of_folder(path) if path.is_dir() else _rows_of_table(path)
    # os.path's, which takes a name that no file can have for that of none
    missing = [str(file) for file, _, _ in rows if not os.path.isfile(file)]
    if missing:
        first = missing[0] if len(missing[0]) <= 300 else f"{missing[0]:.300}..."
        raise DataError(
            f"{path} names {len(missing)} pictures that are not there, the first {first}; "
            "file must be a path from the table's folder. Was the table moved without its pictures?"
        )
    images = np.empty((len(rows), SIDE, SIDE), np.uint8)
    for at, (file, _, _) in enumerate(rows):
        images[at] = shrink(_read_picture(file)[None])[0]
    labels = np.array([label for _, label, _ in rows], dtype=bool)
    films = np.array([film for _, _, film in rows], dtype=str)
    if stretches is not None:
        films = _stretches(films, [_number(file) for file, _, _ in rows], stretches)
    return images, labels, films


def read_label_table(path):
    """Return a table of labels as it was written, with all its columns.

    Parameters
    ----------
    path : path
        A .csv with the columns film, file and label, as `explorers.label_close_ups` writes it.

    Returns
    -------
    DataFrame
        All of it text; label is "1", "0", or "" where it is empty, and paths in file use "/".

    Raises
    ------
    DataError
        If it cannot be read, lacks one of those columns, or has a label that is neither yes nor no.
    """
    cells, places, _ = read_cells(path, COLUMNS)
    table = pd.DataFrame(cells, dtype=str)
    for place, word in zip(places, table["label"], strict=True):
        if word and word.lower() not in YES | NO:
            raise DataError(f"{path} must have 0 or 1 in the column label; got {word!r} in row {place}")
    table["label"] = [word and ("1" if word.lower() in YES else "0") for word in table["label"]]
    table["file"] = table["file"].str.replace("\\", "/")
    return table


def write_label_table(path, table):
    """Write a table of labels as CSV, whole or not at all."""
    with write_whole(path) as partial:
        table.to_csv(partial, index=False, encoding="utf-8")


def frame_files(folder):
    """Return the pictures of a folder as a table of number, film and file (Path), sorted by number."""
    return pd.DataFrame(numbered_pictures(folder, _FRAME_FILE), columns=["number", "film", "file"])


def _rows_of_folder(path):
    missing = [name for name in FOLDERS if not (path / name).is_dir()]
    if missing:
        others = ", ".join(sorted(child.name for child in path.iterdir() if child.is_dir())[:5]) or "none"
        raise DataError(f"{path} must hold two folders, close_up and other, not {others}; there is no {missing[0]}")
    rows = []
    for name, label in FOLDERS.items():
        files = [file for file in (path / name).iterdir() if not file.name.startswith(".")]
        pictures = [file for file in files if file.suffix.lower() in (".jpg", ".jpeg", ".png")]
        rows += sorted((_film(file), _number(file), file, label) for file in pictures)
    return [(file, label, film) for film, _, file, label in rows]


def _rows_of_table(path):
    table = read_label_table(path)
    table = table[table["label"] != ""]
    nameless = table.index[table["file"] == ""]
    if len(nameless):
        raise DataError(f"{path} must name a file in each row; got none in row {nameless[0] + 2}")
    rows = zip(*(table[name] for name in COLUMNS), strict=True)
    return [(path.parent / file, label == "1", film or _film(path.parent / file)) for film, file, label in rows]


def _film(file):
    match = _FRAME_FILE.fullmatch(file.name)
    if not match or not match[1]:
        raise DataError(
            f"{file} does not say which film it is of; name pictures <film>_frame<N>.jpg, or fill the column film "
            "of a table of film, file and label"
        )
    return match[1]


def _number(file):
    match = _FRAME_FILE.fullmatch(file.name)
    return int(match[2]) if match else 0


def _stretches(films, numbers, count):
    """Name for each frame the stretch of its film that it is in."""
    names = films.astype(object)
    for film in np.unique(films):
        places = np.flatnonzero(films == film)
        places = places[np.argsort(np.array(numbers)[places], kind="stable")]
        for index, stretch_places in enumerate(np.array_split(places, min(count, len(places)))):
            names[stretch_places] = f"{film} {index + 1}/{count}"
    return names.astype(str)


def _read_picture(file):
    from PIL import Image

    try:
        with warnings.catch_warnings():
            # large pictures, as scans are, are read; Pillow refuses those twice as large as it warns of
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            with Image.open(file) as opened:
                return np.asarray(opened.convert("L"))
    # a broken picture makes Pillow raise SyntaxError and ValueError too
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        raise DataError(f"{file} cannot be read as a picture ({error}); remove it, or its row") from error
