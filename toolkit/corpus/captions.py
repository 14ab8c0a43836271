"""Captions of videos, from tables and JSON of many makes.

All come as a dict of video_id to a list of captions. What names a video, such as "clips/video7.mp4", becomes its
video_id, "video7", as `corpus` names the videos themselves; or, where these are given, it is sought among them.
"""

import ast
import itertools
import json
import math
import numbers
import re
import warnings

from toolkit import tables
from toolkit.corpus.files import compose, paths_by_id, stem_of, video_ids
from toolkit.errors import DataError, ParameterError

# names of columns and keys, the likeliest first
VIDEOS = (
    *("video_id", "videoid", "video_name", "videoname", "video", "vid", "clip_id", "clipid", "clip_name", "clip"),
    *("file_name", "filename", "file", "image_id", "path", "name", "id"),
)
CAPTIONS = ("caption", "captions", "sentence", "sentences", "description", "descriptions", "text", "texts", "title")
# such as caption_1, "Caption 2", sentence3
CAPTION_NUMBER = re.compile(rf"({'|'.join(CAPTIONS)})[ _.-]?\d+")


def load_captions(path, *, video=None, captions=None, videos=None) -> dict[str, list[str]]:
    """Return the captions of videos in a CSV or JSON file.

    A CSV file, in any of the usual encodings and divided by commas, semicolons or tabs, has a column that names the
    video (video_id, video, clip, file, name, id or the like) and one or several of captions (caption, sentence,
    description, text or the like, or caption_1, caption_2 ...); a video may have several rows. A JSON file is a dict of
    a video's name to its caption or captions, a list of dicts such as ``{"video": ..., "caption": ...}``, or a dict
    that has such a list as its "sentences", "annotations" or "videos", as MSR-VTT. A .jsonl file has one such dict a
    line.

    Parameters
    ----------
    path : path
    video : str, optional
        The column, or key, that names the video, if it has none of the usual names.
    captions : str or list of str, optional
        Those of captions.
    videos : table, Series or dict of paths by video_id; optional
        The videos that the captions are of, such as the table of `embed_videos`, or its column `video` indexed by
        video_id. A name in the file is then that of the video whose path ends as it does, in most of its parts: of
        "train/clip1.mp4" it is ".../train/clip1.mp4" before ".../clip1.mp4". Capitals count, endings only where the
        names are the same. A video has the captions of one name, the one that fits it best; where two fit as well,
        those of none.

    Returns
    -------
    dict of str to list of str
        By video_id, the name of a video's file without its ending, or with its folder where two in the file have one
        name; with `videos`, the ids that they have there. In the order of the file. "video7.mp4" and "video7" are one
        video. Spaces and line breaks in a caption are one space each. Captions that are empty, or that a video has
        already, are left out, with a warning that counts them; so are, with `videos`, those that are of none of them.
        A video without any is not in the dict.

    Raises
    ------
    ParameterError
        If an argument is of the wrong kind.
    DataError
        If the file is missing, is neither, or has no such columns.
    """
    columns = [captions] if isinstance(captions, str) else captions
    texts = isinstance(columns, (list, tuple)) and columns and all(isinstance(name, str) for name in columns)
    if not (columns is None or texts) or not isinstance(video, (str, type(None))):
        raise ParameterError(
            f"video must name a column, and captions one or a list of some; got video={video!r}, captions={captions!r}"
        )
    videos = None if videos is None else paths_by_id("videos", videos)
    path = tables.check_file(path)
    by_name = gather_captions(pairs_of(path, video, columns), path, once=True)
    return by_id(by_name) if videos is None else of_videos(by_name, videos, path)


# from files to pairs of a video's name and a caption


def pairs_of(path, video=None, columns=None):
    """Yield (video, caption) pairs of a file."""
    if path.suffix.lower() in (".json", ".jsonl"):
        yield from pairs_of_json(read_json(path), path, video, columns)
        return
    cells, *_ = tables.read_cells(path, [name for name in (video, *(columns or ())) if name])
    video, columns = keys_of(cells, path, "its first line", video, columns)
    for row, name in enumerate(cells[video]):
        for column in columns:
            for caption in _captions_in(cells[column][row]):
                yield name, caption


def keys_of(names, path, place, video=None, captions=None):
    """Return which of the names of columns, or keys, names the video, and which have its captions."""
    video = video or _likeliest(names, VIDEOS)
    captions = captions or [name for name in caption_columns(names) if name != video]
    if video in names and captions and all(name in names for name in captions):
        return video, captions
    missing, wanted = ("captions", "caption or sentence") if video in names else ("video", "video_id")
    raise DataError(
        f"{path} must name its {missing}, such as {wanted}; {place} has {', '.join(map(str, names)) or 'nothing'}. "
        f'Name {"it" if missing == "video" else "them"}: {missing}="..."'
    )


def caption_columns(names):
    """Return the columns that hold captions."""
    one = _likeliest(names, CAPTIONS)
    numbered = [name for name in names if CAPTION_NUMBER.fullmatch(name.lower())]
    return ([one] if one is not None else []) + numbered


def _likeliest(names, wanted):
    """Return the first of the wanted names that is there, whatever its capitals; None if none is."""
    there = {name.lower().replace(" ", "_"): name for name in reversed(list(names)) if isinstance(name, str)}
    return next((there[name] for name in wanted if name in there), None)


def _captions_in(cell):
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


def pairs_of_json(table, path, video=None, columns=None):
    """Return (video, caption) pairs of a JSON file."""
    if isinstance(table, dict):
        lists = [key for key in ("sentences", "annotations", "videos") if isinstance(table.get(key), list)]
        if not lists:
            for name, own in table.items():
                yield from _pairs_of_value(name, own, path, columns)
            return
        rows = table[lists[0]]
        if lists == ["videos"] and not any(columns or caption_columns(row) for row in rows if isinstance(row, dict)):
            raise DataError(
                f'{path} must have captions, as a list "sentences" or "annotations", beside its "videos"; got a dict '
                f"of {', '.join(table)}"
            )
        table = rows
    if not isinstance(table, list):
        raise DataError(f"{path} must hold a dict or a list of captions; got {type(table).__name__}")
    for number, row in enumerate(table):
        if not isinstance(row, dict):
            raise DataError(
                f"{path} must hold a list of dicts that name a video and its caption; got {type(row).__name__} as "
                f"number {number}"
            )
        key, keys = keys_of(row, path, f"number {number}", video, columns)
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
    """Return what a JSON file holds, or raise a DataError."""
    try:
        text = tables.decode_text(path.read_bytes())
        if path.suffix.lower() == ".jsonl":
            # of line breaks only this one is none within a text of JSON
            return [json.loads(line, object_pairs_hook=_object) for line in text.split("\n") if line.strip()]
        return json.loads(text, object_pairs_hook=_object)
    except (ValueError, RecursionError) as error:
        raise DataError(f"{path} is no JSON, or broken: {error}") from error


def _object(pairs):
    """Return an object of JSON as a dict; what has one name has all values, in a list."""
    values = {}
    for name, value in pairs:
        values[name] = [values[name], value] if name in values else value
    return values


# from pairs to lists


def gather_captions(pairs, path, *, once):
    """Return captions by what names their video; a warning counts those that are empty or, with `once`, repeated."""
    pairs = list(pairs)
    alike = _one_name(str(name).strip() for name, _ in pairs)
    by_name, empty, twice = {}, 0, 0
    for name, caption in pairs:
        if isinstance(name, bool) or not isinstance(name, (str, int)):
            raise DataError(f"{path} must name each video with a text or a whole number; got {name!r}")
        if isinstance(caption, bool) or not isinstance(caption, (str, numbers.Real, type(None))):
            raise DataError(f"{path} must have captions that are texts; got {caption!r:.80} for {name!r}")
        missing = caption is None or (isinstance(caption, float) and math.isnan(caption))
        caption = "" if missing else " ".join(str(caption).split())
        own = by_name.setdefault(alike[str(name).strip()], [])
        if caption and str(name).strip():
            own.append(caption)
        else:
            empty += 1
    if once:
        for name, own in by_name.items():
            by_name[name] = list(dict.fromkeys(own))
            twice += len(own) - len(by_name[name])
    filled = {name: own for name, own in by_name.items() if own}
    if not filled:
        raise DataError(f"{path} holds no captions")
    reasons = [f"{count} that {what}" for count, what in ((empty, "are empty"), (twice, "are there twice")) if count]
    if reasons:
        warnings.warn(f"captions of {path} were left out: {', '.join(reasons)}", stacklevel=3)
    return filled


def _one_name(names):
    """Return for each name the one that its video goes by: "video7" is "video7.mp4", if no other ending is there."""
    endings = {}
    for name in dict.fromkeys(names):
        parts, ending = _parts(name)
        endings.setdefault(parts, {}).setdefault(ending, []).append(name)
    name_of = {}
    for own in endings.values():
        if len(own) == 2 and "" in own:
            own = {"": [name for same in own.values() for name in same]}
        name_of |= {name: same[0] for same in own.values() for name in same}
    return name_of


def _parts(name):
    """Return the parts of a path or name from its end, the first without its ending, and that in small letters."""
    parts = [part for part in compose(name.replace("\\", "/")).split("/") if part not in ("", ".", "..")]
    *above, last = parts or [""]
    stem = stem_of(last)
    return (stem, *above[::-1]), last[len(stem) :].lower()


def by_id(captions):
    """Return captions by video_id, of a dict of them by what names their video."""
    return dict(zip(video_ids_of(captions), captions.values(), strict=True))


def of_videos(captions, videos, path):
    """Return captions by the ids of the videos whose paths end as the names do, of dicts by name and by id."""
    # by the ends of their paths, with their own ending and with any
    ends = {}
    for video_id, place in videos.items():
        parts, own_ending = _parts(place)
        for depth, ending in itertools.product(range(1, len(parts) + 1), (own_ending, None)):
            ends.setdefault((parts[:depth], ending), []).append(video_id)
    claims, waiting = {}, []
    for name in captions:
        parts, ending = _parts(name)
        depth = next((depth for depth in range(len(parts), 0, -1) if (parts[:depth], None) in ends), 0)
        same = ends.get((parts[:depth], ending))
        # how well it fits: the longest end, whether all of the name is in it, and whether the ending is another
        rank = depth, depth == len(parts), 2 if same else not ending
        waiting.append((rank, name, same or ends.get((parts[:depth], None), ())))
    # those that fit one video first, and of the others the longest: they take away what shorter ones fit too
    for rank, name, fitting in sorted(waiting, key=lambda claim: (len(claim[2]) != 1, *(-part for part in claim[0]))):
        if len(fitting) > 1 and rank[1]:
            fitting = [video_id for video_id in fitting if max(claims.get(video_id, [(rank,)]))[0] <= rank]
        if len(fitting) == 1:
            claims.setdefault(fitting[0], []).append((rank, name))
        elif compose(name) in videos:
            claims.setdefault(compose(name), []).append(((0, False, 0), name))
    owners = {}
    for video_id, own in claims.items():
        best = [name for rank, name in own if rank == max(own)[0]]
        if len(best) == 1:
            owners[best[0]] = video_id
    rest = [name for name in captions if name not in owners]
    if rest:
        warnings.warn(
            f"captions of {path} were left out: those of {len(rest)} names that fit none of the {len(videos)} videos, "
            f"or several alike, such as {', '.join(map(repr, rest[:3]))}",
            stacklevel=3,
        )
    return {owners[name]: own for name, own in captions.items() if name in owners}


def video_ids_of(names):
    """Return the video_ids of videos that are named with or without folders and endings."""
    return video_ids([name.replace("\\", "/") for name in names])
