"""Tables as the tiers of ELAN files (.eaf), and back; times in whole milliseconds."""

import os
import re
from pathlib import Path

import numpy as np

from toolkit.errors import DataError
from toolkit.tables import SECONDS, check_file, check_path, check_row, check_tables, counts_frames, write_beside_edited
from toolkit.tables.edits import content_hash
from toolkit.tables.lines import from_rows, read_line, tiers_of, write_line
from toolkit.tables.texts import json_value, printable

# the only kinds of film that ELAN knows by name
MIME_TYPES = {".mp4": "video/mp4", ".mov": "video/quicktime", ".mpg": "video/mpeg", ".mpeg": "video/mpeg"}
ANY_VIDEO = "video/*"
# the property of a file that holds the hash of what was written
HASH_PROPERTY = "film_toolkit_written"


def write_elan(path, tables, *, film=None) -> Path:
    """Write tables as the tiers of an ELAN file.

    A file of that name that was edited since it was written here, or was not written here, is kept: it is renamed to
    `film.edited.eaf` (`film.edited-2.eaf` and so on), and a warning says how to take it in.

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
        The film that ELAN is to show. It is found where it is now, and where it lies from the .eaf: both may be moved
        together.

    Returns
    -------
    Path
        Of the file.

    Raises
    ------
    ParameterError
        If an argument is of the wrong kind, or a row has no span of seconds, or one before 0.
    """
    path = check_path(path, ".eaf")
    tables = check_tables(tables, 1000)
    import pympi

    eaf = pympi.Elan.Eaf(author="film-toolkit")
    eaf.remove_tier("default")
    eaf.add_linguistic_type("columns")
    eaf.add_linguistic_type("text")
    if film is not None:
        _link(eaf, Path(film), path)
    for name, table in tables.items():
        own = [column for column in table.columns if column not in SECONDS and not counts_frames(column)]
        plain = own == ["text"]
        for tier, rows in tiers_of(name, table, 1000).items():
            eaf.add_tier(tier, "text" if plain else "columns")
            for start, end, row in rows:
                eaf.add_annotation(tier, start, end, printable(_plain(row["text"]) if plain else write_line(row)))
    eaf.add_property(HASH_PROPERTY, _hash(eaf, _tiers(eaf)))
    with write_beside_edited(path, _is_edited, "read_elan") as partial:
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
        `text`. A tier that depends on another has its parent's spans, or where it divides them and tells no times,
        equal parts of them.

    Raises
    ------
    DataError
        If the file is missing, or is no ELAN file; or an annotation ends before it starts, or starts before 0.
    """
    path = check_file(path)
    _, tiers = _read(path)
    rows = {}
    for name, (kind, annotations) in tiers.items():
        base = re.sub(r" \(\d+\)$", "", name)
        rows_of_tier = rows.setdefault(base if base in tiers else name, [])
        for number, (start, end, value) in enumerate(annotations, 1):
            check_row(start / 1000, end / 1000, path, f"annotation {number} of the tier {name}, {(value or '')[:60]!r}")
            columns = {"text": value or ""} if kind == "text" else read_line(value or "")
            rows_of_tier.append({"start": start / 1000, "end": end / 1000} | columns)
    return {name: from_rows(rows_of_tier) for name, rows_of_tier in rows.items()}


def _read(path):
    """Return an ELAN file and its tiers."""
    import pympi

    try:
        eaf = pympi.Elan.Eaf(str(path), suppress_version_warning=True)
        return eaf, _tiers(eaf)
    except Exception as error:  # pympi raises plain Exceptions, and whatever a broken file makes Python raise
        raise DataError(f"{path} is not an ELAN file ({error}); expected an .eaf that ELAN can open") from error


def _tiers(eaf):
    """Return the kind and the annotations (start, end, value) of each tier by its name."""
    spans = {}
    for aligned, *_ in eaf.tiers.values():
        spans |= _spans(eaf, aligned)
    return {
        name: (parts[2].get("LINGUISTIC_TYPE_REF"), _annotations(eaf, name, spans)) for name, parts in eaf.tiers.items()
    }


def _is_edited(path):
    """Return whether a file's tiers are others than those that were written, or it cannot be told."""
    try:
        eaf, tiers = _read(path)
    except DataError:
        return True
    return dict(eaf.properties).get(HASH_PROPERTY) != _hash(eaf, tiers)


def _hash(eaf, tiers):
    """Return a hash of the tiers' names and annotations, in whatever order they are."""
    return content_hash(
        {
            # how many there are tells also of those that have no span
            name: [sum(map(len, eaf.tiers[name][:2])), sorted((start, end, value or "") for start, end, value in found)]
            for name, (_, found) in tiers.items()
        }
    )


def _annotations(eaf, tier, spans):
    """Return (start, end, value) of each annotation of a tier; `spans` are those of the annotations that have one."""
    aligned, dependent = eaf.tiers[tier][:2]
    found = [(*spans[name], value) for name, (_, _, value, *_) in aligned.items() if name in spans]
    for above, value, *_ in dependent.values():
        # no file has more generations than tiers
        for _ in eaf.tiers:
            if above in spans:
                found.append((*spans[above], value))
                break
            above = eaf.tiers[eaf.annotations[above]][1][above][0]
    return found


def _spans(eaf, aligned):
    """Return the start and end of a tier's annotations by their names; times that are not told lie evenly between."""
    used = {slot for first, last, *_ in aligned.values() for slot in (first, last)}
    slots = {slot: time for slot, time in eaf.timeslots.items() if slot in used}
    places = [place for place, time in enumerate(slots.values()) if time is not None]
    if not places:
        return {}
    times = np.interp(range(len(slots)), places, [time for time in slots.values() if time is not None])
    times = dict(zip(slots, times.round().tolist(), strict=True))
    return {name: (times[first], times[last]) for name, (first, last, *_) in aligned.items()}


def _plain(text):
    """Return what is to stand in an annotation, nothing for what is missing."""
    text = json_value(text)
    # nan is not equal to itself
    return "" if text is None or text != text else str(text)


def _link(eaf, film, path):
    """Name the film in the file, as ELAN does: it takes the names as they are, with spaces and all."""
    film = film.resolve()
    try:
        relative = Path(os.path.relpath(film, path.resolve().parent)).as_posix()
    except ValueError:  # on another drive
        relative = None
    if relative is not None and not relative.startswith("../"):
        relative = f"./{relative}"
    kind = MIME_TYPES.get(film.suffix.lower(), ANY_VIDEO)
    eaf.add_linked_file(f"file:///{film.as_posix().lstrip('/')}", relpath=relative, mimetype=kind)
