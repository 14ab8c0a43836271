"""The frame map: where projections put the frames of a film, as a JSON file and as a page to look at.

The JSON file is a list with an object for each frame, as viewers that pile images read it:

    {"src": "frames/film_frame0.jpg", "time": 0.04, "mds_gray": [0.1, 0.52], "umap_hsl": [0.31, 0.9]}

`src` is the picture's path from the folder of the JSON file, with slashes; `time`, in seconds, is there where times
were given. Every other name is a projection.

The page holds everything in one file and asks for nothing: thumbnails in sheets (WebP), the points, and the script that
draws them. It is made from `frame_map.html`.
"""

import json
import os
from pathlib import Path

import numpy as np
from PIL import Image, UnidentifiedImageError

from toolkit.checks import check_array, check_times
from toolkit.errors import DataError, ParameterError
from toolkit.storage import page_bytes, page_title, picture_sheets, thumbnail_width, write_whole
from toolkit.tables import check_path
from toolkit.video.regions import check_box

TEMPLATE = Path(__file__).with_name("frame_map.html")
RESERVED = ("src", "time")

# of the thumbnails
MAX_WIDTH, QUALITY = 320, 68


def write_frame_map(path, sources, projections, *, times=None, html=False, title=None, box=None):
    """Write where projections put the frames of a film, as JSON, and on request as a page to look at.

    Parameters
    ----------
    path : path
        Of the ``.json`` file; its folder must exist. A file that is there is replaced.
    sources : sequence of path
        The frames' picture files, such as `video.extract_frames` writes.
    projections : dict of str to array of numbers, (n, 2)
        Points by the name of their projection, any but "src" and "time". They are written as they are; viewers that
        expect a box get it from `scale_to_box`.
    times : sequence of float, (n,), optional
        Seconds.
    html : bool
        Whether to write a page too, of the same name and ending in ``.html``: it shows the frames as pictures on the
        map and needs neither a server nor a network. Each projection is fitted to the window with its proportions
        kept.
    title : str, optional
        Of the page, such as the film's name; by default the name of the file.
    box : (top, left, height, width), optional
        Which part of the pictures the page shows, in their pixels: without bars, as `video.find_bars` finds it.

    Returns
    -------
    Path
        Of the JSON file, or of the page if there is one.

    Raises
    ------
    ParameterError
        If arguments are of the wrong kind or do not fit each other, or a picture is missing or cannot be read.
    """
    path = check_path(path, ".json")
    sources = _check_sources(sources, path.parent)
    projections = _check_projections(projections, len(sources))
    times = None if times is None else check_times(times, len(sources), "source").tolist()
    title = page_title(title, path)
    _check_text(title)
    box = _check_box(box)
    columns = {"src": [Path(os.path.relpath(each.resolve(), path.parent.resolve())).as_posix() for each in sources]}
    columns |= ({} if times is None else {"time": times}) | projections
    lines = ",\n".join(
        json.dumps(dict(zip(columns, frame, strict=True)), ensure_ascii=False)
        for frame in zip(*columns.values(), strict=True)
    )
    files = {path: f"[\n{lines}\n]\n".encode() if lines else b"[]\n"}
    if html:
        width, height, sheets = _sheets(sources, box)
        data = {"src": columns["src"], "times": times, "projections": projections}
        data |= {"thumb": [width, height], "sheets": sheets}
        files[path.with_suffix(".html")] = page_bytes(TEMPLATE, title, data)
    for file, content in files.items():
        with write_whole(file) as partial:
            partial.write_bytes(content)
    return file


def read_frame_map(path):
    """Return what `write_frame_map` wrote to a JSON file.

    Parameters
    ----------
    path : path

    Returns
    -------
    sources : list of Path
        The frames' picture files, from the current folder or absolute as `path` is. They need not be there.
    projections : dict of str to ndarray of float64, (n, 2)
    times : ndarray of float64, (n,), or None
        Seconds.

    Raises
    ------
    DataError
        If the file is missing, or is not a frame map.
    ParameterError
        If `path` is no path.
    """
    if not isinstance(path, (str, os.PathLike)):
        raise ParameterError(f"path must be that of a frame map's .json file; got {path!r}")
    path = Path(path)
    try:
        frames = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise DataError(f"cannot read the frame map {path}: {error.strerror or error}") from None
    except (ValueError, RecursionError) as error:
        raise DataError(f"cannot read the frame map {path}: it is not JSON ({error})") from None
    wanted = f"the frame map {path} must be a list of objects, each with a src, and each with the same projections"
    if not isinstance(frames, list) or not all(isinstance(frame, dict) for frame in frames):
        raise DataError(f"{wanted}; got something else")
    for number, frame in enumerate(frames):
        if not isinstance(frame.get("src"), str) or frame.keys() != frames[0].keys():
            raise DataError(f"{wanted}; object {number} has {', '.join(map(repr, frame)) or 'nothing'}")
    n, columns = len(frames), {name: [frame[name] for frame in frames] for name in (frames[0] if frames else ())}
    sources = [path.parent / source for source in columns.pop("src", ())]
    for name, column in columns.items():
        shape, each = ((n,), "a finite number") if name == "time" else ((n, 2), "two finite numbers")
        try:
            columns[name] = check_array(repr(name), column, shape, "iuf", wanted=each).astype(np.float64)
        except ParameterError as error:
            raise DataError(f"{wanted}; {error}") from None
    times = columns.pop("time", None)
    return sources, columns, times


def _check_sources(sources, folder):
    if isinstance(sources, (str, os.PathLike)) or not hasattr(sources, "__iter__"):
        raise ParameterError(f"sources must be a sequence of picture files, one a frame; got {sources!r}")
    sources = list(sources)
    for source in sources:
        if not isinstance(source, (str, os.PathLike)):
            raise ParameterError(f"sources must be paths of picture files; got {type(source).__name__}")
        if not Path(source).is_file():
            hint = ""
            if not Path(source).is_absolute() and (folder / source).is_file():
                hint = f". Paths are from the current folder: did you mean {folder / source}?"
            raise ParameterError(f"sources must be picture files; there is no {source}{hint}")
        _check_text(os.fspath(source))
    return [Path(source) for source in sources]


def _check_text(text):
    """Raise if a name or a title cannot be written as UTF-8."""
    try:
        os.fsdecode(text).encode()
    except UnicodeEncodeError:
        raise ParameterError(f"names must be text that can be written as UTF-8; got {text!r}. Rename it") from None


def _check_projections(projections, n):
    if not isinstance(projections, dict) or not projections:
        raise ParameterError(
            f"projections must be a dict of names to points, such as {{'mds_gray': points}}; got {projections!r:.80}"
        )
    points_by_name = {}
    for name, points in projections.items():
        if not isinstance(name, str) or not name or name in RESERVED:
            raise ParameterError(f"a projection's name must be text, and not 'src' or 'time'; got {name!r}")
        _check_text(name)
        wanted = f"finite numbers, ({n}, 2), one for each source"
        points = check_array(f"points of {name!r}", points, (n, 2), wanted=wanted)
        points_by_name[name] = points.astype(np.float64).tolist()
    return points_by_name


def _check_box(box):
    """Return a box as (left, top, right, bottom), or None."""
    if box is None:
        return None
    top, left, height, width = check_box(box)
    return left, top, left + width, top + height


def _sheets(sources, box):
    """Return the width and height of thumbnails, and sheets of them as data URLs."""
    if not sources:
        return 1, 1, []
    with _open(sources[0]) as first:
        own_width, own_height = (box[2] - box[0], box[3] - box[1]) if box else first.size
        aspect = min(max(own_width / own_height, 0.25), 4.0)
    width = min(thumbnail_width(len(sources), aspect, MAX_WIDTH), own_width)
    height = max(1, round(width / aspect))
    thumbnails = (_thumbnail(source, width, height, box) for source in sources)
    return width, height, picture_sheets(thumbnails, len(sources), width, height, QUALITY)


def _thumbnail(source, width, height, box):
    """Return a picture, or a box of it, fitted into (width, height), on black where its proportions are others."""
    with _open(source) as opened:
        if box is None:
            # JPEG decodes to a fraction of its size in a fraction of the time
            opened.draft("RGB", (width, height))
        elif box[2] > opened.width or box[3] > opened.height:
            raise ParameterError(
                f"box must lie inside the pictures; {source} has {opened.width}x{opened.height} pixels"
            )
        try:
            picture = _eight_bits(opened, source)
            picture = picture if box is None else picture.crop(box)
            share = min(width / picture.width, height / picture.height)
            size = max(1, round(picture.width * share)), max(1, round(picture.height * share))
            # a pixel of rounding is no bar
            size = tuple(
                whole if abs(whole - side) <= 1 else side for side, whole in zip(size, (width, height), strict=True)
            )
            fitted = picture.convert("RGB").resize(size, Image.Resampling.BICUBIC, reducing_gap=2.0)
        except (OSError, SyntaxError, ValueError) as error:
            raise ParameterError(f"sources must be pictures; {source} cannot be read: {error}") from None
    if size == (width, height):
        return fitted
    thumbnail = Image.new("RGB", (width, height))
    thumbnail.paste(fitted, ((width - size[0]) // 2, (height - size[1]) // 2))
    return thumbnail


def _eight_bits(picture, source):
    """Return a picture of 16 bits a pixel as one of 8; raise where it is not known which number is white."""
    if picture.mode.startswith("I;16"):
        return Image.fromarray((np.asarray(picture).astype(np.uint16) >> 8).astype(np.uint8))
    if picture.mode in ("I", "F"):
        raise ParameterError(f"sources must be pictures of 8 or 16 bits; {source} has numbers of 32 bits")
    return picture


def _open(source):
    try:
        return Image.open(source)
    except (UnidentifiedImageError, OSError, Image.DecompressionBombError) as error:
        raise ParameterError(f"sources must be pictures; {source} cannot be read: {error}") from None
