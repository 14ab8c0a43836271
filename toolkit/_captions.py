"""Captions of videos, from tables and JSON of many makes.

All come as a dict of video_id to a list of captions. What names a video, such as "clips/video7.mp4", becomes its
video_id, "video7", as `corpus` names the videos themselves.
"""

import ast
import json
import math
import numbers
import re
import warnings

from toolkit import _csv_tables
from toolkit._checks import DataError
from toolkit._corpus_files import video_ids

# names of columns and keys, the likeliest first
VIDEOS = (
    *("video_id", "videoid", "video_name", "videoname", "video", "vid", "clip_id", "clipid", "clip_name", "clip"),
    *("file_name", "filename", "file", "image_id", "path", "name", "id"),
)
CAPTIONS = ("caption", "captions", "sentence", "sentences", "description", "descriptions", "text", "texts", "title")
# such as caption_1, "Caption 2", sentence3
NUMBERED = re.compile(rf"({'|'.join(CAPTIONS)})[ _.-]?\d+")


def load_captions(path, *, video=None, captions=None) -> dict[str, list[str]]:
    """Return the captions of videos in a CSV or JSON file.

    A CSV file, in any of the usual encodings and divided by commas, semicolons or tabs, has a column that names the
    video (video_id, video, clip, file, name, id or the like) and one or several of captions (caption, sentence,
    description, text or the like, or caption_1, caption_2 ...); a video may have several rows. A JSON file is a dict of
    a video's name to its caption or captions, a list of dicts such as ``{"video": ..., "caption": ...}``, or a dict
    that has such a list as its "sentences" or "annotations", as MSR-VTT. A .jsonl file has one such dict a line.

    Parameters
    ----------
    path : path
    video : str, optional
        The column, or key, that names the video, if it has none of the usual names.
    captions : str or list of str, optional
        Those of captions.

    Returns
    -------
    dict of str to list of str
        By video_id, the name of a video's file without its ending, or with its folder where two have one name; in the
        order of the file. Spaces and line breaks in a caption are one space each. Captions that are empty, or that a
        video has already, are left out, with a warning that counts them; a video without any is not in the dict.

    Raises
    ------
    DataError
        If the file is missing, is neither, or has no such columns.
    """
    path = _csv_tables.check_file(path)
    columns = [captions] if isinstance(captions, str) else captions
    if path.suffix.lower() in (".json", ".jsonl"):
        pairs = pairs_of_json(read_json(path), path, video, columns)
    else:
        pairs = pairs_of_table(path, video, columns)
    found, empty, twice = gathered(pairs, path, once=True)
    warn_of(path, empty, twice)
    return found


# from files to pairs of a video's name and a caption


def pairs_of_table(path, video, columns):
    cells, _, _ = _csv_tables.read_cells(path, [name for name in (video, *(columns or ())) if name])
    video = video or video_column(cells, path)
    columns = columns or [name for name in caption_columns(cells) if name != video]
    if not columns:
        raise DataError(
            f"{path} must have a column of captions, such as caption or sentence; its first line names "
            f'{", ".join(cells)}. Name it: captions="..."'
        )
    for row, name in enumerate(cells[video]):
        for column in columns:
            for caption in _listed(cells[column][row]):
                yield name, caption


def video_column(cells, path):
    column = _likeliest(cells, VIDEOS)
    if column is None:
        raise DataError(
            f"{path} must have a column that names the video, such as video_id; its first line names "
            f'{", ".join(cells)}. Name it: video="..."'
        )
    return column


def caption_columns(names):
    one = _likeliest(names, CAPTIONS)
    numbered = [name for name in names if NUMBERED.fullmatch(name.lower())]
    return ([one] if one is not None else []) + numbered


def _likeliest(names, wanted):
    """Return the first of the wanted names that is there, whatever its capitals; None if none is."""
    there = {name.lower().replace(" ", "_"): name for name in reversed(list(names)) if isinstance(name, str)}
    return next((there[name] for name in wanted if name in there), None)


def _listed(cell):
    """Return the captions in a cell: one, or those of a list, as JSON or Python write it."""
    if cell.startswith("[") and cell.endswith("]"):
        for read in (json.loads, ast.literal_eval):
            try:
                value = read(cell)
            except (ValueError, SyntaxError, RecursionError, MemoryError):
                continue
            if isinstance(value, list) and all(isinstance(part, str) for part in value):
                return value
    return [cell]


def pairs_of_json(table, path, video, columns):
    if isinstance(table, dict):
        rows = next((table[key] for key in ("sentences", "annotations") if isinstance(table.get(key), list)), None)
        if rows is None:
            for name, own in table.items():
                yield from _pairs_of_value(name, own, path, columns)
            return
        table = rows
    if not isinstance(table, list):
        raise DataError(f"{path} must hold a dict or a list of captions; got {type(table).__name__}")
    for number, row in enumerate(table):
        if not isinstance(row, dict):
            raise DataError(
                f"{path} must hold a list of dicts that name a video and its caption; got {type(row).__name__} as "
                f"number {number}"
            )
        key = video or _likeliest(row, VIDEOS)
        keys = columns or [name for name in caption_columns(row) if name != key]
        if key not in row or not keys or any(name not in row for name in keys):
            raise DataError(
                f"{path} must name in each dict a video and its caption, such as video_id and caption; number {number} "
                f'has {", ".join(map(str, row)) or "nothing"}. Name them: video="...", captions="..."'
            )
        for name in keys:
            yield from _pairs_of_value(row[key], row[name], path, None)


def _pairs_of_value(name, value, path, columns):
    """Yield pairs of what stands for a video's captions: one, a list, or a dict that has them."""
    if isinstance(value, dict):
        keys = columns or caption_columns(value)
        if not keys or any(key not in value for key in keys):
            raise DataError(f"{path} must have captions for {name!r}; got a dict of {', '.join(map(str, value))}")
        value = [value[key] for key in keys]
    for caption in value if isinstance(value, list) else [value]:
        if isinstance(caption, (list, dict)):
            yield from _pairs_of_value(name, caption, path, columns)
        else:
            yield name, caption


def read_json(path):
    try:
        text = decoded(path.read_bytes())
        if path.suffix.lower() == ".jsonl":
            return [json.loads(line) for line in text.splitlines() if line.strip()]
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise DataError(f"{path} is no JSON, or broken: {error}") from error


def decoded(data):
    encoding = json.detect_encoding(data)
    try:
        return data.decode(encoding).lstrip("\ufeff")
    except UnicodeDecodeError:
        return data.decode("cp1252", errors="replace")


# from pairs to lists


def gathered(pairs, path, *, once):
    """Return captions by video_id, how many were empty, and with `once` how many a video had already."""
    by_name, empty, twice = {}, 0, 0
    for name, caption in pairs:
        if isinstance(name, bool) or not isinstance(name, (str, int)):
            raise DataError(f"{path} must name each video with a text or a whole number; got {name!r}")
        if isinstance(caption, bool) or not isinstance(caption, (str, numbers.Real, type(None))):
            raise DataError(f"{path} must have captions that are texts; got {caption!r:.80} for {name!r}")
        missing = caption is None or (isinstance(caption, float) and math.isnan(caption))
        caption = "" if missing else " ".join(str(caption).split())
        own = by_name.setdefault(str(name).strip(), {} if once else [])
        if not caption or not str(name).strip():
            empty += 1
        elif once:
            twice += caption in own
            own[caption] = None
        else:
            own.append(caption)
    names = [name for name, own in by_name.items() if own]
    if not names:
        raise DataError(f"{path} holds no captions")
    return {video_id: list(by_name[name]) for video_id, name in zip(named(names), names, strict=True)}, empty, twice


def named(names):
    """Return the video_ids of videos that are named with or without folders and endings."""
    return video_ids([name.replace("\\", "/") for name in names])


def warn_of(path, empty, twice):
    told = [f"{count} that {what}" for count, what in ((empty, "are empty"), (twice, "are there twice")) if count]
    if told:
        warnings.warn(f"captions of {path} were left out: {', '.join(told)}", stacklevel=3)
