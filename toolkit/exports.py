"""Tables of shots, set-ups, dialogues and scenes as files, for other tools and for correction by hand, and back.

Conventions. A table has `start` and `end` in seconds on the film's clock, `[start, end)`, and columns of its own.

- CSV: `write_table` and `read_table`, one file a table in a film's folder. A `<name>.corrected.csv` beside
  `<name>.csv`, edited by hand, wins. Lists are written as ``[3, 7]``.
- ELAN (.eaf): `write_elan` and `read_elan`, all tables in one file, a tier each; times in whole milliseconds.
- OpenTimelineIO (.otio) and edit decision lists (.edl): `write_timeline` and `read_timeline`, times in whole frames; an
  .edl holds one table, without overlaps.

In ELAN and in edit lists a row is told in one line, ``transition=cut; setup=3``: what is corrected there comes back
into its columns, and a line of another form comes back as `text`. Files appear whole or not at all.

References
----------
ELAN: Max Planck Institute for Psycholinguistics, https://archive.mpi.nl/tla/elan, its files by pympi-ling.
OpenTimelineIO: https://opentimelineio.readthedocs.io; edit lists (CMX 3600) by its adapter otio-cmx3600-adapter.
"""

import csv
import io
import json
import math
import mimetypes
import os
import re
from pathlib import Path

import numpy as np
import pandas as pd

from toolkit._checks import DataError, ParameterError, check_number
from toolkit.storage import write_whole

__all__ = [
    "add_frames",
    "read_csv",
    "read_elan",
    "read_table",
    "read_timeline",
    "write_elan",
    "write_table",
    "write_timeline",
]

TIMELINES = (".otio", ".edl")
# what OpenTimelineIO holds of ours
METADATA = "film_toolkit"
SECONDS = ("start", "end")
A_DAY = 24 * 3600
_ITEM = re.compile(r'\s*([^=;"]+?)\s*=\s*("(?:[^"\\]|\\.)*"|\[[^\]]*\]|[^;"=]*?)\s*(?:;|$)')
_UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")


def write_table(folder, name, table, *, corrected=False) -> Path:
    """Write a table to `<folder>/<name>.csv`, or `<name>.corrected.csv`.

    Numbers are written so that they come back the same, lists as JSON.

    Parameters
    ----------
    folder : path
        It is created if need be.
    name : str
        For example "shots".
    table : DataFrame
        Its index is not written.
    corrected : bool
        Whether this is the table as corrected in another program, that is to win over what the toolkit finds: such as
        ``write_table(folder, "shots", read_elan(path)["shots"], corrected=True)``. A correction that is there already
        is never written over.

    Returns
    -------
    Path
        Of the file.

    Raises
    ------
    ParameterError
        If `name` cannot be a file's name, `table` is no table, or a correction is there already.
    """
    path = Path(folder) / f"{_check_name(name)}{'.corrected' if corrected else ''}.csv"
    table = _check_table(name, table)
    if corrected and path.exists():
        raise ParameterError(f"{path} is there already, and may hold work by hand; remove or rename it first")
    path.parent.mkdir(parents=True, exist_ok=True)
    written = table.apply(lambda column: column.map(_as_text) if column.dtype == object else column)
    with write_whole(path) as partial:
        written.to_csv(partial, index=False, encoding="utf-8", lineterminator="\n")
    return path


def read_table(folder, name, *, columns=SECONDS):
    """Return the table `name` of a film's folder, as corrected by hand where it is.

    Parameters
    ----------
    folder, name : path, str
        `<name>.corrected.csv` is read if it is there, else `<name>.csv`.
    columns : sequence of str
        Which the table must have.

    Returns
    -------
    DataFrame or None
        None if there is neither file.

    Raises
    ------
    DataError
        As `read_csv`.
    """
    _check_name(name)
    for file in (f"{name}.corrected.csv", f"{name}.csv"):
        path = Path(folder) / file
        if path.exists():
            return read_csv(path, columns=columns)
    return None


def read_csv(path, *, columns=SECONDS) -> pd.DataFrame:
    """Return a table from a CSV file, also from one that a spreadsheet program has saved.

    Columns may be divided by commas, semicolons (numbers then with decimal points or commas) or tabs; rows that hold
    nothing are left out.

    Parameters
    ----------
    path : path
    columns : sequence of str
        Which the table must have.

    Returns
    -------
    DataFrame
        Lists that were written as ``[3, 7]`` are lists again. Rows with a start are in its order.

    Raises
    ------
    DataError
        If the file is missing or is no table, lacks a column, or has in `start`, `end` or a column of frame numbers
        what is no number, or a row that ends before it starts. The message names the row as a spreadsheet counts it.
    """
    path = _check_file(path)
    text = _file_text(path)
    header = next((line for line in text.splitlines() if line.strip(" ,;\t")), "")
    mark = max(",;\t", key=header.count)
    try:
        rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=mark, strict=True))
    except csv.Error as error:
        raise DataError(f"{path} is not a table of comma-separated values ({error}); was it saved as CSV?") from error
    rows = [(number, row) for number, row in enumerate(rows, 1) if any(cell.strip() for cell in row)]
    if not rows:
        raise DataError(f"{path} is empty; expected a line with the names of the columns")
    names = [name.strip() for name in rows[0][1]]
    while names and not names[-1]:
        names.pop()
    if len(set(names)) < len(names) or not all(names):
        raise DataError(f"{path} must name each column once in its first line; got {', '.join(names)}")
    missing = [name for name in columns if name not in names]
    if missing:
        raise DataError(f"{path} lacks the column {missing[0]}; its first line names {', '.join(names)}")
    for number, row in rows[1:]:
        if any(cell.strip() for cell in row[len(names) :]):
            raise DataError(f"{path} has {len(row)} values in row {number}, but {len(names)} columns")
    places = [number for number, _ in rows[1:]]
    cells = [[*(cell.strip() for cell in row[: len(names)])] + [""] * (len(names) - len(row)) for _, row in rows[1:]]
    table = pd.DataFrame(
        {
            name: _column(name, [row[at] for row in cells], places, path, comma=mark == ";")
            for at, name in enumerate(names)
        }
    )
    return _ordered(table, places, path)


def write_elan(path, tables, *, film=None) -> Path:
    """Write tables as the tiers of an ELAN file.

    Annotations of one tier must not overlap: rows that do go to further tiers, "dialogues (2)". Columns of frame
    numbers are left out, for they would no longer hold when an annotation is moved; `add_frames` brings them back.

    Parameters
    ----------
    path : path
        Of the .eaf file.
    tables : dict of str to DataFrame
        With start and end in seconds; each key is the name of a tier. Of a table that has besides those only `text`
        (as subtitles), the annotations are that text.
    film : path, optional
        The film that ELAN is to show.

    Returns
    -------
    Path
        Of the file.

    Raises
    ------
    ParameterError
        If an argument is of the wrong kind, or a row has no span of seconds, or one before 0.
    """
    path = _check_path(path, (".eaf",))
    tables = _check_tables(tables)
    import pympi

    eaf = pympi.Elan.Eaf(author="film-toolkit")
    eaf.remove_tier("default")
    eaf.add_linguistic_type("columns")
    eaf.add_linguistic_type("text")
    if film is not None:
        _link(eaf, Path(film), path)
    for name, table in tables.items():
        plain = _own_columns(table) == ["text"]
        layers = _layers(table)
        for number, rows in enumerate(layers, 1):
            tier = name if number == 1 else f"{name} ({number})"
            eaf.add_tier(tier, "text" if plain else "columns")
            for row in rows:
                start = round(row["start"] * 1000)
                told = str(row["text"]) if plain else _told(row, frames=False)
                eaf.add_annotation(tier, start, max(start + 1, round(row["end"] * 1000)), _UNPRINTABLE.sub("", told))
    with write_whole(path) as partial:
        partial.write_bytes(pympi.Elan.to_string(eaf, encoding="UTF-8"))
    return path


def read_elan(path) -> dict:
    """Return the tiers of an ELAN file, also of one that was corrected by hand or made in ELAN.

    Parameters
    ----------
    path : path
        Of the .eaf file.

    Returns
    -------
    dict of str to DataFrame
        The table of each tier, by start: start and end (seconds) first, then the columns that its annotations tell, or
        `text`. A tier that depends on another has its parent's spans. Annotations without a time are left out.

    Raises
    ------
    DataError
        If the file is missing, or is no ELAN file.
    """
    path = _check_file(path)
    import pympi

    try:
        eaf = pympi.Elan.Eaf(str(path), suppress_version_warning=True)
        tiers = {
            name: (eaf.tiers[name][2].get("LINGUISTIC_TYPE_REF"), eaf.get_annotation_data_for_tier(name))
            for name in eaf.get_tier_names()
        }
    except Exception as error:  # pympi raises plain Exceptions, and whatever a broken file makes Python raise
        raise DataError(f"{path} is not an ELAN file ({error}); expected an .eaf that ELAN can open") from error
    rows = {}
    for name, (kind, annotations) in tiers.items():
        base = re.sub(r" \(\d+\)$", "", name)
        spans = rows.setdefault(base if base in tiers else name, [])
        for start, end, value, *_ in annotations:
            if start is not None and end is not None:
                told = {"text": value or ""} if kind == "text" else _read_told(value or "")
                spans.append({"start": start / 1000, "end": end / 1000} | told)
    return {name: _from_rows(spans) for name, spans in rows.items()}


def write_timeline(path, tables, *, fps, film=None) -> Path:
    """Write tables as the tracks of a timeline for editing programs.

    Parameters
    ----------
    path : path
        Of the .otio or .edl file.
    tables : dict of str to DataFrame
        With start and end in seconds; each is a track with a clip for each row. Rows that overlap go to further tracks,
        "dialogues (2)". An .edl holds one table, with rows, and without overlaps.
    fps : float
        Of the film: starts and ends are those of its nearest frames.
    film : path, optional
        The film that the clips are of.

    Returns
    -------
    Path
        Of the file.

    Raises
    ------
    ParameterError
        If an argument is of the wrong kind, or a row has no span of seconds, or one before 0; and for an .edl, if there
        are several tables, overlaps or no rows, or `fps` is no rate of a timecode.
    """
    path = _check_path(path, TIMELINES)
    tables = _check_tables(tables)
    fps = check_number("fps", fps, above=0, unit="frames a second")
    import opentimelineio as otio

    edl = path.suffix.lower() == ".edl"
    if edl:
        fps = _timecode_rate(otio, fps)
        if len(tables) != 1:
            raise ParameterError(
                f"an .edl holds one table; got {len(tables)}: {', '.join(tables)}. Write a file for each, or one .otio"
            )
    timeline = otio.schema.Timeline(name=path.stem if film is None else Path(film).stem)
    for name, table in tables.items():
        layers = _layers(table, 1 / fps)
        if edl and not len(table):
            raise ParameterError(f"an .edl holds one row at least; {name} has none. Write an .otio")
        if edl and table["end"].max() >= A_DAY:
            raise ParameterError(f"an .edl counts to 24 hours; {name} goes on for longer. Write an .otio")
        if edl and len(layers) > 1:
            raise ParameterError(
                f"an .edl cannot hold rows that overlap, as those of {name} do; write an .otio, "
                'or for dialogues use find_dialogues(..., overlaps="longest")'
            )
        for number, rows in enumerate(layers, 1):
            track = otio.schema.Track(name if number == 1 else f"{name} ({number})", kind=otio.schema.TrackKind.Video)
            track.metadata[METADATA] = {"table": name}
            _fill(otio, track, rows, fps, None if film is None else Path(film))
            timeline.tracks.append(track)
    with write_whole(path) as partial:
        options = {"rate": fps} if edl else {}
        otio.adapters.write_to_file(timeline, str(partial), **options)
    return path


def read_timeline(path, *, fps=None) -> dict:
    """Return the tracks of a timeline, also of one that was corrected in an editing program.

    A clip's span is that of the film which it shows, wherever the clip lies in the timeline.

    Parameters
    ----------
    path : path
        Of the .otio or .edl file.
    fps : float, optional
        Of an .edl, which does not say it: frames a second. An .otio says it.

    Returns
    -------
    dict of str to DataFrame
        The table of each track, by start: start and end (seconds), and the clips' columns. Where no clip was moved or
        added, a table of an .otio is as it was written; else columns of frame numbers are left out, which `add_frames`
        brings back. The table of an .edl is named as the file.

    Raises
    ------
    DataError
        If the file is missing, or cannot be read as a timeline.
    ParameterError
        If `fps` is missing for an .edl, or not wanted.
    """
    path = _check_file(path)
    edl = _check_path(path, TIMELINES).suffix.lower() == ".edl"
    if edl != (fps is not None):
        raise ParameterError(
            "fps must be given for an .edl, which does not say how many frames a second its timecodes count"
            if edl
            else "fps is told by the .otio itself; leave it out"
        )
    if not path.read_bytes().strip():
        raise DataError(f"{path} is empty; was it copied or downloaded to its end?")
    import opentimelineio as otio

    options = {"rate": _timecode_rate(otio, check_number("fps", fps, above=0))} if edl else {}
    try:
        timeline = otio.adapters.read_from_file(str(path), **options)
        clips = [
            (_track_table(track, path, edl), _read_clip(clip))
            for track in timeline.video_tracks()
            for clip in track.find_clips()
        ]
        names = [_track_table(track, path, edl) for track in timeline.video_tracks()]
    except Exception as error:  # adapters raise errors of many kinds over a broken file
        raise DataError(f"{path} cannot be read as a timeline ({error}); expected an .otio, or a CMX 3600 .edl") from (
            error
        )
    tables = {}
    for name in dict.fromkeys(names):
        rows = [row for of, row in clips if of == name]
        if not all(known for _, known in rows):
            rows = [({key: row[key] for key in row if not _counts_frames(key)}, known) for row, known in rows]
        tables[name] = _from_rows([row for row, _ in rows])
    return tables


def add_frames(table, times) -> pd.DataFrame:
    """Return a table with start_frame and end_frame: the first frame not before each start and each end.

    Parameters
    ----------
    table : DataFrame
        With start and end in seconds.
    times : sequence of float, (n,)
        Seconds of the frames, ascending. Half the least time between two of them may be lost in rounding.

    Returns
    -------
    DataFrame
        A copy; frames are positions in `times`, spans half-open.

    Raises
    ------
    ParameterError
        If `table` has no start and end, or `times` do not ascend.
    """
    table = _check_table("table", table, spans=True).copy()
    try:
        times = np.asarray(times, dtype=np.float64)
    except (TypeError, ValueError):
        times = np.full(1, np.nan)
    if times.ndim != 1 or not np.isfinite(times).all() or np.any(np.diff(times) <= 0):
        raise ParameterError("times must be the seconds of the frames, finite and each after the one before")
    slack = np.diff(times).min() / 2 if len(times) > 1 else 0.0
    for name in SECONDS:
        table[f"{name}_frame"] = np.searchsorted(times, table[name].to_numpy(np.float64) - slack)
    return table


# what is passed in


def _check_name(name):
    if not isinstance(name, str) or not re.fullmatch(r"\w[\w .-]*", name) or name.endswith((".csv", ".corrected")):
        raise ParameterError(f'name must be a table\'s name without folder or ending, such as "shots"; got {name!r}')
    return name


def _check_path(path, suffixes):
    wanted = f"path must be that of a {' or '.join(suffixes)} file"
    if not isinstance(path, (str, os.PathLike)) or Path(path).suffix.lower() not in suffixes or Path(path).is_dir():
        raise ParameterError(f"{wanted}; got {str(path)!r}")
    return Path(path)


def _check_file(path):
    try:
        path = Path(path)
        if path.is_file():
            return path
    except (TypeError, ValueError):
        raise DataError(f"a file is named by its path; got {path!r}") from None
    raise DataError(f"{path} {'is a folder' if path.is_dir() else 'does not exist'}; expected the path of a file")


def _check_table(name, table, *, spans=False):
    if not isinstance(table, pd.DataFrame):
        raise ParameterError(f"{name} must be a table (pandas.DataFrame); got {type(table).__name__}")
    if not all(isinstance(column, str) and column for column in table.columns) or not table.columns.is_unique:
        raise ParameterError(f"{name} must have columns with names, each once; got {list(table.columns)}")
    if not spans:
        return table
    missing = [column for column in SECONDS if column not in table.columns]
    if missing:
        raise ParameterError(f"{name} must have start and end in seconds; {missing[0]} is missing")
    try:
        start, end = (table[column].to_numpy(np.float64) for column in SECONDS)
    except (TypeError, ValueError):
        raise ParameterError(f"{name} must have start and end in seconds; got what is not a number") from None
    wrong = ~(np.isfinite(start) & np.isfinite(end) & (start >= 0) & (end >= start))
    if wrong.any():
        row = int(np.flatnonzero(wrong)[0])
        hint = ". find_dialogues knows seconds where it is given times=" if np.isnan(start[row]) else ""
        raise ParameterError(
            f"{name} must have in each row a start from 0 and an end not before it, in seconds; "
            f"got {start[row]:g} and {end[row]:g} in row {row}{hint}"
        )
    return table


def _check_tables(tables):
    if not isinstance(tables, dict) or not tables or not all(isinstance(name, str) and name.strip() for name in tables):
        raise ParameterError(
            f'tables must be a dict of tables by their names, such as {{"shots": shots}}; got {type(tables).__name__}'
        )
    for name, table in tables.items():
        if re.search(r" \(\d+\)$", name) or _UNPRINTABLE.search(name):
            raise ParameterError(
                f"tables must have printable names that do not end like (2), which marks a further tier; got {name!r}"
            )
        _check_table(name, table, spans=True)
        wrong = [column for column in table.columns if re.search(r'[=;"\n]', column)]
        if wrong:
            raise ParameterError(f"{name} must have columns without = ; and quotes in their names; got {wrong[0]!r}")
    return tables


# rows as text, and back


def _counts_frames(name):
    return name.endswith("_frame") or name == "frame"


def _own_columns(table):
    return [name for name in table.columns if name not in SECONDS and not _counts_frames(name)]


def _layers(table, least=0.001):
    """Return a table's rows as dicts, by start, in as few lists as hold none that overlap; `least` is a row's length.

    There is one list at least.
    """
    layers, reached = [[]], [-math.inf]
    for row in table.sort_values("start", kind="stable").to_dict("records"):
        # a start may be rounded down where the end before it is rounded up
        place = next((n for n, end in enumerate(reached) if end <= row["start"] + 1e-9), None)
        if place is None:
            place = len(layers)
            layers.append([])
            reached.append(-math.inf)
        layers[place].append(row)
        reached[place] = max(row["end"], row["start"] + least)
    return layers


def _native(value):
    """Return a value as what JSON can hold."""
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, (list, tuple, np.ndarray)):
        return [_native(part) for part in value]
    if value is None or value is pd.NA or value is pd.NaT:
        return None
    return value if isinstance(value, (str, bool, int, float)) else str(value)


def _as_text(value):
    """Return lists as JSON, and other values as they are."""
    return json.dumps(_native(value)) if isinstance(value, (list, tuple, np.ndarray)) else value


def _told(row, *, frames):
    """Return a row's own columns in a line."""
    parts = []
    for name, value in row.items():
        if name in SECONDS or (_counts_frames(name) and not frames):
            continue
        value = _native(value)
        bare = isinstance(value, str) and re.fullmatch(r"[^\s=;\"\[\]{}]([^=;\"\[\]{}\n\r\t]*[^\s=;\"\[\]{}])?", value)
        # a word that would be read as a number is quoted
        if not bare or _value(value) != value:
            value = json.dumps(value, ensure_ascii=False)
        parts.append(f"{name}={value}")
    return "; ".join(parts)


def _value(text):
    """Return what a text stands for: a number, a list, a quoted text, or itself."""
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return text
    return value if not isinstance(value, dict) else text


def _read_told(line):
    """Return the columns that a line tells; of a line of another form, the line as `text`."""
    told, at = {}, 0
    while at < len(line) and (match := _ITEM.match(line, at)):
        told[match[1]] = _value(match[2])
        at = match.end()
    if line[at:].strip() or any(name in SECONDS for name in told):
        return {"text": line}
    return told


def _from_rows(rows):
    table = pd.DataFrame(rows, columns=None if rows else list(SECONDS))
    table = table.astype(dict.fromkeys(SECONDS, np.float64))
    return table.sort_values("start", kind="stable", ignore_index=True)


# CSV


def _file_text(path):
    data = path.read_bytes()
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data.decode("utf-16", errors="replace").lstrip("\ufeff")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = data.decode("cp1252", errors="replace")
    if "\0" in text:
        raise DataError(f"{path} is not a table of comma-separated values; was it saved as CSV, not as a spreadsheet?")
    return text


def _column(name, cells, places, path, *, comma):
    """Return a column's values: whole numbers, numbers, booleans, lists, or text."""
    counts, seconds = _counts_frames(name), name in SECONDS
    if comma:
        cells = [re.sub(r"^([+-]?\d+),(\d+(?:[eE][+-]?\d+)?)$", r"\1.\2", cell) for cell in cells]
    if seconds or counts:
        for cell, place in zip(cells, places, strict=True):
            if cell and not _is_number(cell):
                kind = "seconds" if seconds else "a frame's number"
                raise DataError(f"{path} must have {kind} in the column {name}; got {cell!r} in row {place}")
    if cells and all(cell.startswith("[") and isinstance(_value(cell), list) for cell in cells):
        return pd.Series([_value(cell) for cell in cells], dtype=object)
    values = _converted(cells)
    return pd.Series(values, dtype=np.float64 if seconds else None)


def _converted(cells):
    """Return cells as whole numbers, numbers, booleans or text, NaN where empty: what all that are not empty can be.

    Nothing but an empty cell is missing: "NA" and "None" are words that someone may say.
    """
    filled = [cell for cell in cells if cell]
    if not filled:
        return [np.nan] * len(cells)
    if all(re.fullmatch(r"[+-]?\d{1,18}", cell) for cell in filled):
        convert = int
    elif all(re.fullmatch(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?|[+-]?inf", cell) for cell in filled):
        convert = float
    elif all(cell.lower() in ("true", "false") for cell in filled):
        return [cell.lower() == "true" if cell else np.nan for cell in cells]
    else:
        convert = str
    return [convert(cell) if cell else np.nan for cell in cells]


def _is_number(cell):
    try:
        return math.isfinite(float(cell))
    except ValueError:
        return False


def _ordered(table, places, path):
    """Return the table by start; what ends before it starts is refused."""
    if not set(SECONDS) <= set(table.columns):
        return table
    wrong = np.flatnonzero((table["end"] < table["start"]).to_numpy())
    if len(wrong):
        row = table.iloc[wrong[0]]
        raise DataError(
            f"{path} must have no row that ends before it starts; "
            f"got {row['start']:g} and {row['end']:g} in row {places[wrong[0]]}"
        )
    if len(table) > 1 and not table["start"].isna().any():
        return table.sort_values("start", kind="stable", ignore_index=True)
    return table


# ELAN


def _link(eaf, film, path):
    kind = mimetypes.guess_type(film.name)[0] or "video/mp4"
    film = film.resolve()
    try:
        relative = "./" + Path(os.path.relpath(film, path.resolve().parent)).as_posix()
    except ValueError:  # on another drive
        relative = None
    eaf.add_linked_file(film.as_uri(), relpath=relative, mimetype=kind)


# OpenTimelineIO


def _timecode_rate(otio, fps):
    nearest = otio.opentime.RationalTime.nearest_smpte_timecode_rate(fps)
    if abs(nearest - fps) > 0.001 * fps:
        raise ParameterError(
            f"fps must be a rate that timecodes have for an .edl, such as 24, 25 or 30; got {fps:g}. Write an .otio"
        )
    return nearest


def _fill(otio, track, rows, fps, film):
    """Put a clip on a track for each row, and gaps between."""
    opentime = otio.opentime
    reel = _reel(film)
    done = 0
    for row in rows:
        start = round(row["start"] * fps)
        end = max(start + 1, round(row["end"] * fps))
        start = max(start, done)
        end = max(end, start + 1)
        if start > done:
            gap = opentime.TimeRange(opentime.RationalTime(0, fps), opentime.RationalTime(start - done, fps))
            track.append(otio.schema.Gap(source_range=gap))
        span = opentime.TimeRange(opentime.RationalTime(start, fps), opentime.RationalTime(end - start, fps))
        media = otio.schema.MissingReference() if film is None else _media(otio, film)
        clip = otio.schema.Clip(_told(row, frames=False), media_reference=media, source_range=span)
        kept = json.dumps({name: _native(value) for name, value in row.items()})
        clip.metadata[METADATA] = {"row": kept, "frames": [start, end]}
        clip.metadata["cmx_3600"] = {"reel": reel}
        track.append(clip)
        done = end


def _reel(film):
    """Return the name of an edit list's reel: eight characters, none that divides, and none of those for black."""
    name = re.sub(r"[^A-Za-z0-9]", "", "" if film is None else film.stem)[:8]
    return "AX" if name.upper() in ("", "BL", "BLACK", "BARS") else name


def _media(otio, film):
    return otio.schema.ExternalReference(target_url=film.resolve().as_uri())


def _track_table(track, path, edl):
    """Return the name of the table that a track belongs to."""
    if edl:
        return path.stem
    return str(track.metadata.get(METADATA, {}).get("table") or track.name or path.stem)


def _read_clip(clip):
    """Return a clip's row, and whether its frames are those that were written."""
    span = clip.trimmed_range()
    frames = [span.start_time.to_frames(), span.end_time_exclusive().to_frames()]
    seconds = {"start": span.start_time.to_seconds(), "end": span.end_time_exclusive().to_seconds()}
    kept = clip.metadata.get(METADATA)
    if kept is None:
        return seconds | _read_told(clip.name or ""), False
    row = json.loads(kept["row"])
    if list(kept["frames"]) == frames:
        return row, True
    return row | seconds, False
