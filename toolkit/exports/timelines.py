"""Tables as timelines for editing programs, OpenTimelineIO (.otio) and edit lists (.edl), and back; whole frames."""

import json
import re
from pathlib import Path

from toolkit.checks import check_number
from toolkit.errors import DataError, ParameterError
from toolkit.storage import write_whole
from toolkit.tables import check_file, check_path, check_row, check_tables, counts_frames, write_beside_edited
from toolkit.tables.edits import content_hash
from toolkit.tables.lines import from_rows, read_line, tiers_of, write_line
from toolkit.tables.texts import json_value, printable

# what OpenTimelineIO holds of ours
METADATA = "film_toolkit"
ENDINGS = (".otio", ".edl")
# bytes, of some 150,000 clips: such a file is read within a laptop's memory
MAX_FILE_BYTES = 2**28
# what is nested deeper ends OpenTimelineIO's reader, and Python with it
MAX_DEPTH = 500
# what OpenTimelineIO writes where it has written a thing before
REFERENCE = "SerializableObjectRef"


def write_timeline(path, tables, *, fps, film=None) -> Path:
    """Write tables as the tracks of a timeline for editing programs.

    An .otio of that name that was edited since it was written here, or was not written here, is kept: it is renamed to
    `film.edited.otio` (`film.edited-2.otio` and so on), and a warning says how to take it in. An .edl is replaced.

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
    path = check_path(path, *ENDINGS)
    fps = check_number("fps", fps, above=0, unit="frames a second")
    tables = check_tables(tables, fps)
    import opentimelineio as otio

    edl = path.suffix.lower() == ".edl"
    if edl:
        fps = _timecode_rate(otio, fps)
    tracks = {name: tiers_of(name, table, fps) for name, table in tables.items()}
    if edl:
        _check_edl(otio, tracks, fps)
    timeline = otio.schema.Timeline(name=printable(Path(path if film is None else film).stem))
    for name, tiers in tracks.items():
        for tier, rows in tiers.items():
            track = otio.schema.Track(tier, kind=otio.schema.TrackKind.Video)
            track.metadata[METADATA] = {"table": name}
            _fill(otio, track, rows, fps, None if film is None else Path(film))
            timeline.tracks.append(track)
    # written by Python: OpenTimelineIO's own writer does not tell of a full disk
    if edl:
        text = otio.adapters.write_to_string(timeline, "cmx_3600", rate=fps)
        with write_whole(path) as partial:
            partial.write_bytes(text.encode("utf-8"))
        return path
    content = json.loads(otio.adapters.write_to_string(timeline, "otio_json"))
    content["metadata"][METADATA] = {}
    content["metadata"][METADATA]["written"] = content_hash(content)
    data = json.dumps(content, indent=4).encode("utf-8")
    if len(data) > MAX_FILE_BYTES:
        raise ParameterError(f"an .otio holds {MAX_FILE_BYTES >> 20} MiB at most; {', '.join(tables)} have more rows")
    with write_beside_edited(path, _is_edited, "read_timeline") as partial:
        partial.write_bytes(data)
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
        If the file is missing, or cannot be read as a timeline: also if it is larger than 256 MiB, or is nested as no
        program does; or if a clip ends before it starts, or starts before 0.
    ParameterError
        If `fps` is missing for an .edl, or not wanted.
    """
    path = check_path(check_file(path), *ENDINGS)
    edl = path.suffix.lower() == ".edl"
    if edl != (fps is not None):
        raise ParameterError(
            "fps must be given for an .edl, which does not say how many frames a second its timecodes count"
            if edl
            else "fps is told by the .otio itself; leave it out"
        )
    if path.stat().st_size > MAX_FILE_BYTES:
        raise DataError(f"{path} is larger than {MAX_FILE_BYTES >> 20} MiB, too large for a timeline")
    data = path.read_bytes()
    if not data.strip():
        raise DataError(f"{path} is empty; was it copied or downloaded to its end?")
    import opentimelineio as otio

    options = {"adapter_name": "otio_json"}
    if edl:
        # what the film shows counts; where a hand has corrected that alone, the clip's place is not minded
        rate = _timecode_rate(otio, check_number("fps", fps, above=0))
        options = {"adapter_name": "cmx_3600", "rate": rate, "ignore_timecode_mismatch": True}
    try:
        text = data.decode("utf-8-sig") if edl else _checked(data)
        timeline = otio.adapters.read_from_string(text, **options)
        unnamed = _unnamed(text) if edl else None
        tables = {}
        for track in timeline.video_tracks():
            rows = tables.setdefault(_track_table(track, path, edl), [])
            for number, clip in enumerate(track.find_clips(), 1):
                place = f"clip {number} of the track {track.name}, {clip.name[:60]!r}"
                rows.append(_read_clip(clip, unnamed, path, place))
    except DataError:
        raise
    except Exception as error:  # adapters raise errors of many kinds over a broken file
        raise DataError(f"{path} cannot be read as a timeline ({error}); expected an .otio, or a CMX 3600 .edl") from (
            error
        )
    return {name: _table(rows) for name, rows in tables.items()}


def _is_edited(path):
    """Return whether an .otio is another than was written, however it is laid out, or it cannot be told."""
    try:
        content = json.loads(path.read_bytes())
        return content["metadata"][METADATA].pop("written") != content_hash(content)
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return True


def _checked(data):
    """Return an .otio's text as Python reads it, if OpenTimelineIO can read it too; otherwise raise a ValueError.

    OpenTimelineIO goes down into what is nested, and around in what holds itself, until the process ends.
    """
    try:
        content = json.loads(data)
    except RecursionError:
        raise ValueError("it is nested too deeply") from None
    level = [content]
    for _ in range(MAX_DEPTH):
        if not level:
            return json.dumps(content)
        parts = [(None, part) for node in level if isinstance(node, list) for part in node]
        parts += [pair for node in level if isinstance(node, dict) for pair in node.items()]
        for name, part in parts:
            held = part if name == "children" and isinstance(part, list) else [part] if name == "tracks" else []
            if any(isinstance(one, dict) and str(one.get("OTIO_SCHEMA")).startswith(REFERENCE) for one in held):
                raise ValueError("a track or clip stands at two places")
        level = [part for _, part in parts if isinstance(part, (dict, list))]
    raise ValueError("it is nested too deeply")


def _check_edl(otio, tracks, fps):
    """Raise a ParameterError unless tracks, the tiers of each table, are one that an .edl can hold."""
    if len(tracks) != 1:
        raise ParameterError(
            f"an .edl holds one table; got {len(tracks)}: {', '.join(tracks)}. Write a file for each, or one .otio"
        )
    ((name, tiers),) = tracks.items()
    rows, *further = tiers.values()
    if not rows:
        raise ParameterError(f"an .edl holds one row at least; {name} has none. Write an .otio")
    if further:
        raise ParameterError(
            f"an .edl cannot hold rows that overlap, as those of {name} do; write an .otio, "
            'or for dialogues use find_dialogues(..., overlaps="longest")'
        )
    # timecodes start again after 24 hours
    _, end, _ = rows[-1]
    timecode = otio.opentime.to_timecode(otio.opentime.RationalTime(end, fps), fps)
    if otio.opentime.from_timecode(timecode, fps).value != end:
        raise ParameterError(f"an .edl counts to 24 hours; {name} goes on for longer. Write an .otio")


def _timecode_rate(otio, fps):
    nearest = otio.opentime.RationalTime.nearest_smpte_timecode_rate(fps)
    if abs(nearest - fps) > 0.001 * fps:
        raise ParameterError(
            f"fps must be a rate that timecodes have for an .edl, such as 24, 25 or 30; got {fps:g}. Write an .otio"
        )
    return nearest


def _fill(otio, track, rows, fps, film):
    """Put a clip on a track for each row, and gaps between."""

    def span(start, end):
        return otio.opentime.TimeRange(
            otio.opentime.RationalTime(start, fps), otio.opentime.RationalTime(end - start, fps)
        )

    position = 0
    for start, end, row in rows:
        if start > position:
            track.append(otio.schema.Gap(source_range=span(0, start - position)))
        media = otio.schema.MissingReference()
        if film is not None:
            media = otio.schema.ExternalReference(target_url=film.resolve().as_uri())
        clip = otio.schema.Clip(printable(write_line(row)), media_reference=media, source_range=span(start, end))
        columns = json.dumps({name: json_value(value) for name, value in row.items()})
        clip.metadata[METADATA] = {"row": columns, "frames": [start, end]}
        clip.metadata["cmx_3600"] = {"reel": _reel(film)}
        track.append(clip)
        position = end


def _reel(film):
    """Return the name of an edit list's reel: eight characters, none that divides, and none of those for black."""
    name = re.sub(r"[^A-Za-z0-9]", "", "" if film is None else film.stem)[:8]
    return "AX" if name.upper() in ("", "BL", "BLACK", "BARS") else name


def _track_table(track, path, edl):
    """Return the name of the table that a track belongs to."""
    if edl:
        return path.stem
    return str(track.metadata.get(METADATA, {}).get("table") or track.name or path.stem)


def _read_clip(clip, unnamed, path, place):
    """Return a clip's row, and whether its frames are those that were written; raise a DataError if it has no span.

    `unnamed` has the names that stand for none; it is None for an .otio.
    """
    span = clip.trimmed_range()
    frames = [span.start_time.to_frames(), span.end_time_exclusive().to_frames()]
    seconds = {"start": span.start_time.to_seconds(), "end": span.end_time_exclusive().to_seconds()}
    check_row(*seconds.values(), path, place)
    name = "" if unnamed is not None and _is_unnamed(clip, unnamed) else clip.name or ""
    columns = read_line(name)
    metadata = clip.metadata.get(METADATA)
    if metadata is None:
        return seconds | columns, False
    row = json.loads(metadata["row"])
    # a clip may have been corrected by its name, and editing programs name clips as they like
    if columns != {"text": name}:
        row |= columns
    if list(metadata["frames"]) == frames:
        check_row(row.get("start"), row.get("end"), path, place)
        return row, True
    return row | seconds, False


def _unnamed(text):
    """Return the names that the reader of an .edl makes up for clips without one; not what `text` itself names so."""
    return {"None"} - set(re.findall(r"(?:FROM|TO) CLIP NAME:?\s*(None)\s*$", text, re.MULTILINE))


def _is_unnamed(clip, unnamed):
    """Return whether a clip of an .edl had no name, and was given its number or that of its film, or another."""
    film = Path(getattr(clip.media_reference, "target_url", None) or "").stem
    return clip.name.isdecimal() or clip.name == film or clip.name in unnamed


def _table(rows):
    """Return the table of rows of which it is known if all their frames are as written; else without frame numbers."""
    if all(is_unmoved for _, is_unmoved in rows):
        return from_rows([row for row, _ in rows])
    return from_rows([{name: row[name] for name in row if not counts_frames(name)} for row, _ in rows])
