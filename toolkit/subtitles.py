"""Subtitles: what is said, and when, from .srt and .vtt files and from the film itself.

Conventions. A subtitle has a start and an end in seconds on the film's own clock, `[start, end)`: that of frames, sound
and shots, the container's start not subtracted. Files beside a film have no clock of their own; their times are taken
as they stand. Text is cleaned: no tags, positions, colours or fonts; a subtitle of several lines keeps its line breaks.

References
----------
WebVTT: W3C Candidate Recommendation, https://www.w3.org/TR/webvtt1/. SubRip (.srt) has no standard; what is read here
is what players accept. Streams within a film are read by FFmpeg's libraries through PyAV.
"""

import codecs
import html
import itertools
import os
import re
import warnings
from pathlib import Path

import av
import numpy as np
import pandas as pd

from toolkit.errors import DataError, ParameterError, VideoError
from toolkit.tables import check_spans
from toolkit.video import containers

__all__ = ["find_subtitles", "read_subtitles", "spoken_between"]

TEXT_SUFFIXES = (".srt", ".vtt", ".webvtt")
HEAD_BYTES = 1 << 16
MAX_FILE_BYTES = 64 << 20
MAX_TIMING_CHARACTERS = 200
# of a file of these alone there is nothing to read: zeros, white space, byte order marks
BLANK_BYTES = b"\0 \t\n\v\f\r\xef\xbb\xbf\xfe\xff"
# for a subtitle whose end is missing or lies before its start: until the next, and no longer
MAX_GUESS_SECONDS = 5.0
# what may stand between a film's name and the ending of its subtitles: en, pt-BR, english, forced, mp4
_WORDS = re.compile(r"(?:\.[a-z][a-z0-9]+(?:[-_][a-z0-9]+)*)*", re.I)

BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)

_TIME = r"(-?)\s*(?:(\d+)\s*:\s*)?(\d{1,2})\s*:\s*(\d{1,2})(?:\s*[,.:;]\s*(\d{1,9}))?"
_TIMING = re.compile(rf"^\s*{_TIME}\s*(?:-{{1,3}}\s*>|[–—]\s*>|→)\s*{_TIME}(?!\d)")
_TAG = re.compile(
    r"</?(?:i|b|u|s|em|strong|font|span|p|c|v|lang|ruby|rt|rp)(?:[.\s][^<>]*)?/?>|<(?:\d+:)?\d{2}:\d{2}\.\d{3}>", re.I
)
_BREAK = re.compile(r"(?i:<br\s*/?>)|\\N")
# {\an8} of SubStation, {y:i} of MicroDVD
_OVERRIDE = re.compile(r"\{\\[^{}]*\}|\{[a-zA-Z]:[^{}]*\}")
_ENTITY = re.compile(r"&(?:amp|lt|gt|nbsp|quot|apos|lrm|rlm|#\d{1,7}|#x[0-9a-fA-F]{1,6});")
_INVISIBLES = dict.fromkeys([0x00AD, 0x200B, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2060, 0x206A), 0xFEFF])
# packets whose bytes are read here; others are decoded by FFmpeg
_TEXT_CODECS = {"subrip", "srt", "webvtt", "text"}
_SUBSTATION_CODECS = {"ass", "ssa"}


def read_subtitles(path, *, encoding=None, language=None) -> pd.DataFrame:
    """Return the subtitles of a file or of a film.

    Parameters
    ----------
    path : path
        A .srt or .vtt file, a film with a stream of text subtitles, or another subtitle file that FFmpeg reads (.ass).
    encoding : str, optional
        Of a file's bytes, for example "cp1250". By default a byte order mark decides, else what is valid UTF-8 is UTF-8
        and what alternates with zeros is UTF-16; of what is left, text in another alphabet than the Latin is guessed by
        charset-normalizer, and Latin text is taken for Windows' Western cp1252: Polish or Czech must be named.
    language : str, optional
        Of a film with several streams, the one with this language, as the film writes it ("eng"). By default the one
        that the film marks as default, else the first that is not marked as forced.

    Returns
    -------
    DataFrame
        start, end (float, seconds) and text (str), by start. Subtitles may overlap. One without text is left out; one
        that ends before it starts, or whose end is not told, lasts until the next, five seconds at most.

    Raises
    ------
    DataError
        If a subtitle file is missing, broken, or holds no subtitle.
    VideoError
        If a film cannot be read, or has no text subtitles.
    ParameterError
        If `encoding` is not known, or `language` is not among the film's.
    """
    if encoding is not None:
        _check_encoding(encoding)
    if language is not None and not isinstance(language, str):
        raise ParameterError(f'language must be a word such as "eng"; got {language!r}')
    if _is_subtitle_file(path):
        if language is not None:
            raise ParameterError(f"language chooses among a film's streams; {path} is a file of one")
        return _table(_parsed(_text_of(Path(path), encoding), path), path)
    return _table(_embedded(containers.check_film_path(path), encoding, language), path)


def find_subtitles(film):
    """Return where a film's subtitles are: in a file beside it, or in the film itself.

    Parameters
    ----------
    film : path

    Returns
    -------
    Path or None
        What `read_subtitles` reads: the .srt or .vtt file beside the film that has its name, as `film.srt`, or its name
        and words such as a language, as `film.en.srt`; upper and lower case do not matter, and a file of a longer name
        that another film has is that one's. Of several the one with the fewest such words, without "forced", and .srt
        before .vtt; then by name. A file that is empty, or holds white space alone, is passed over. Without a file,
        the film itself if it holds a stream of text subtitles; else None.

    Raises
    ------
    VideoError
        If the film is missing, or if there is no file beside it and it cannot be read.
    """
    film = containers.check_film_path(film)
    name = film.stem.lower()
    files = [file for file in film.parent.iterdir() if file.stem.lower().startswith(name) and file.is_file()]
    others = {file.stem.lower() for file in files if file.suffix.lower() not in TEXT_SUFFIXES} - {name}
    beside = []
    for file in files:
        words = file.stem[len(name) :].lower()
        if file.suffix.lower() in TEXT_SUFFIXES and _WORDS.fullmatch(words) and file.stem.lower() not in others:
            order = "forced" in words, words.count("."), TEXT_SUFFIXES.index(file.suffix.lower())
            beside.append((order, file.name, file))
    for _, _, file in sorted(beside):
        if not _is_blank(file):
            return file
    with containers.open_container(film) as container:
        return film if _text_streams(container) else None


def _is_blank(path):
    """Return whether a file holds nothing to read; of one that cannot be opened `read_subtitles` says so."""
    try:
        with open(path, "rb") as file:
            while part := file.read(HEAD_BYTES):
                if part.strip(BLANK_BYTES):
                    return False
    except OSError:
        return False
    return True


def spoken_between(subtitles, start, end) -> pd.DataFrame:
    """Return the subtitles that are on screen at some time of `[start, end)`.

    Parameters
    ----------
    subtitles : DataFrame
        As `read_subtitles` gives it.
    start, end : float
        Seconds.

    Returns
    -------
    DataFrame
        The rows, their index kept.

    Raises
    ------
    ParameterError
        If `subtitles` has not those columns, a row has no start and end in seconds with its end not before its start,
        `start` and `end` are not numbers, or `end` is before `start`.
    """
    if not isinstance(subtitles, pd.DataFrame) or not {"start", "end", "text"} <= set(subtitles.columns):
        raise ParameterError(
            f"subtitles must be a table with start, end and text, as subtitles.read_subtitles gives it; "
            f"got {type(subtitles).__name__}"
        )
    starts, ends = check_spans(subtitles, "subtitles", ordered=False).T
    try:
        start, end = float(start), float(end)
    except (TypeError, ValueError):
        raise ParameterError(f"start and end must be seconds; got {start!r} and {end!r}") from None
    if not start <= end:
        raise ParameterError(f"end must not be before start; got start={start:g}, end={end:g} (seconds)")
    return subtitles[(starts < end) & (ends > start)]


def _check_encoding(encoding):
    try:
        codecs.lookup(encoding)
        # some that Python knows are not of text, as "hex", or stop at what is damaged, as "idna"
        bytes(range(128, 256)).decode(encoding, errors="replace")
    except (LookupError, TypeError, ValueError):
        raise ParameterError(
            f'encoding must be one of text that Python knows, such as "utf-8", "cp1250" or "shift_jis"; '
            f"got {encoding!r}"
        ) from None


def _is_subtitle_file(path):
    """Return whether a path is to be read as text: by its name, or by what it begins with."""
    if not isinstance(path, (str, os.PathLike)):
        raise DataError(f"subtitles are named by the path of their file or film; got {path!r}")
    path = Path(path)
    if path.suffix.lower() in TEXT_SUFFIXES:
        return True
    try:
        with open(path, "rb") as file:
            head = file.read(HEAD_BYTES)
    except (OSError, ValueError):
        return False
    # in UTF-16 and 32 there are zeros between
    has_mark = head.startswith(tuple(mark for mark, _ in BOMS))
    return (has_mark or b"\0" not in head) and b"-->" in head.replace(b"\0", b"")


def _text_of(path, encoding):
    """Return the text of a subtitle file."""
    try:
        if path.stat().st_size > MAX_FILE_BYTES:
            raise DataError(f"{path} is no subtitle file: it is larger than {MAX_FILE_BYTES >> 20} MB")
        data = path.read_bytes()
    except FileNotFoundError:
        raise DataError(f"{path} does not exist; expected the path of a .srt or .vtt file, or of a film") from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise DataError(f"{path} cannot be read ({reason}); expected a .srt or .vtt file, or a film") from error
    if not data.strip(BLANK_BYTES):
        raise DataError(f"{path} is empty; was it copied or downloaded to its end?")
    return _decoded(data, encoding, path)


def _decoded(data, encoding, path):
    """Return bytes as text; warn of characters that are not of their encoding."""
    names = (name for mark, name in BOMS if data.startswith(mark))
    name = encoding or next(names, None) or _guessed_encoding(data)
    text = data.decode(name, errors="replace").lstrip("\ufeff")
    if "\ufffd" in text and name == "cp1252":
        return data.decode("latin-1")
    if "\ufffd" in text:
        warnings.warn(
            f"{path} has {text.count(chr(0xFFFD))} characters that are not {name}; "
            "each is shown as \ufffd. Try another encoding=",
            stacklevel=4,
        )
    return text


def _guessed_encoding(data):
    """Return the name of the encoding of bytes without a byte order mark, as `read_subtitles` tells it."""
    pairs = np.frombuffer(data[: len(data) // 2 * 2], np.uint8).reshape(-1, 2)
    zeros = (pairs == 0).mean(axis=0) if len(pairs) else (0, 0)
    # also of text in Chinese, line ends, digits and arrows have a zero
    if max(zeros) > 0.1 and max(zeros) > 5 * min(zeros):
        return "utf-16-le" if zeros[1] > zeros[0] else "utf-16-be"
    try:
        data.decode("utf-8")
        return "utf-8"
    except UnicodeDecodeError:
        high = int((np.frombuffer(data, np.uint8) > 127).sum())
    damaged = data.decode("utf-8", errors="replace").count("\ufffd")
    # a few damaged characters make no other encoding
    if damaged * 20 < high:
        return "utf-8"
    letters = len(re.findall(rb"[A-Za-z]", data))
    if high > 0.3 * letters:
        from charset_normalizer import from_bytes

        best = from_bytes(data).best()
        if best is not None:
            return best.encoding
    return "cp1252"


def _seconds(sign, hours, minutes, seconds, fraction):
    whole = int(hours or 0) * 3600 + int(minutes) * 60 + int(seconds)
    return float(f"{sign}{whole}.{fraction or 0}")


def _parsed(text, path):
    """Return (start, end, text) of each subtitle of a .srt or .vtt file, text not cleaned yet."""
    # pysubs2 1.8 fails here. It drops a line as 00:01 --> 00:02.500, takes hour 123 for 23 and loses a minus and
    # microseconds, all silently, and adds the notes of WebVTT to what is said
    lines = re.sub(r"\r+\n|\r|\x85|\u2028", "\n", text).split("\n")
    # cut short, so that a line of spaces alone cannot keep the pattern busy
    short = [line.strip()[:MAX_TIMING_CHARACTERS] if ">" in line or "→" in line else "" for line in lines]
    timings = [(number, match.groups()) for number, line in enumerate(short) if (match := _TIMING.match(line))]
    if not timings:
        raise DataError(
            f"{path} holds no subtitle: no line like 00:01:02,500 --> 00:01:04,000 is in it; "
            "expected a .srt or .vtt file, or a film with text subtitles. Was it saved in an unusual encoding? "
            "Then name it with encoding="
        )
    rows = []
    for (number, parts), (end, _) in itertools.pairwise([*timings, (len(lines), None)]):
        body = lines[number + 1 : end]
        if lines[0].strip().startswith("WEBVTT"):
            # a blank line ends it; what follows is a note, a style, or the next one's name
            body = itertools.takewhile(str.strip, body)
        elif end < len(lines) and body and re.fullmatch(r"\s*\d+\s*", body[-1]):
            body = body[:-1]
        rows.append((_seconds(*parts[:5]), _seconds(*parts[5:]), "\n".join(body)))
    return rows


def _embedded(path, encoding, language):
    """Return (start, end, text) of each subtitle of a film's stream, text not cleaned yet."""
    with containers.open_container(path) as container:
        stream = _text_stream(container, path, language)
        containers.leave_unread(container, stream)
        codec = stream.codec_context.codec.canonical_name

        def row(packet):
            if not packet.size or packet.pts is None:
                return
            start = float(packet.pts * packet.time_base)
            end = float((packet.pts + packet.duration) * packet.time_base) if packet.duration else np.nan
            yield start, end, _packet_text(codec, stream, packet)

        raw = list(containers.decode_packets(container, stream, row, path, "subtitles there are missing"))
    # one encoding for all, guessed from all
    joined = b"\0\n".join(part for _, _, part in raw)
    name = encoding or _guessed_encoding(joined.replace(b"\0", b""))
    return [(start, end, part.decode(name, errors="replace")) for start, end, part in raw]


def _text_streams(container):
    return [
        stream
        for stream in container.streams.subtitles
        if stream.codec_context is not None and stream.codec_context.codec.text_sub
    ]


def _text_stream(container, path, language):
    """Return the stream of text subtitles to read."""
    texts = _text_streams(container)
    if not texts:
        problem = (
            "holds no subtitles: there is no subtitle stream in it. Is there a .srt or .vtt file beside it "
            "(find_subtitles looks for one)? (Subtitles that are part of the picture cannot be read)"
        )
        if container.streams.subtitles:
            problem = (
                "has subtitles as pictures, which hold no text; read them with a program for character recognition "
                "(such as Subtitle Edit) into a .srt file, and read that"
            )
        raise VideoError(f"{path} {problem}")
    if language is not None:
        fitting = [stream for stream in texts if (stream.language or "").lower() == language.lower()]
        if not fitting:
            listed = ", ".join(repr(stream.language or "") for stream in texts)
            raise ParameterError(f"language must be one of those of {path}: {listed}; got {language!r}")
        texts = fitting
    kind = av.stream.Disposition

    def rank(stream):
        return not stream.disposition & kind.default, bool(stream.disposition & kind.forced)

    return min(texts, key=rank)


def _packet_text(codec, stream, packet):
    """Return the text of a packet as bytes."""
    if codec in _TEXT_CODECS:
        return bytes(packet)
    if codec in _SUBSTATION_CODECS:
        return _substation_text(bytes(packet))
    if codec == "mov_text":
        data = bytes(packet)
        return data[2 : 2 + int.from_bytes(data[:2], "big")]
    subtitle = stream.codec_context.decode2(packet)
    return b"\n".join(_substation_text(part.ass) for part in subtitle or ())


def _substation_text(line):
    """Return the text of a line of SubStation: what follows its eight fields, drawings left out."""
    text = line.split(b",", 8)[-1]
    return b"" if re.search(rb"\\p[1-9]", text) else text.replace(b"\\n", b" ")


def clean_text(text):
    """Return a subtitle's text without tags, positions and what cannot be seen."""
    text = _BREAK.sub("\n", _OVERRIDE.sub("", text)).replace("\\h", " ")
    text = _TAG.sub("", text)
    text = _ENTITY.sub(lambda match: html.unescape(match.group()), text).translate(_INVISIBLES)
    # \x00-\x1f but line breaks are what broken files hold; they count as spaces
    lines = (" ".join(re.sub(r"[\x00-\x09\x0b-\x1f\x7f]", " ", line).split()) for line in text.split("\n"))
    return "\n".join(line for line in lines if line)


def _table(subtitles, path):
    """Return subtitles (start, end, text not cleaned yet) as a table, ends that are missing or wrong guessed."""
    rows = [(start, end, text) for start, end, raw in subtitles if (text := clean_text(raw))]
    rows.sort(key=lambda row: row[0])
    table = pd.DataFrame(rows, columns=["start", "end", "text"])
    table = table.astype({"start": np.float64, "end": np.float64, "text": str})
    wrong = ~(table["end"] > table["start"])
    if wrong.any():
        starts = table["start"].to_numpy()
        # the next that starts later, not at the same time
        later = np.append(starts, np.inf)[np.searchsorted(starts, starts, side="right")]
        guess = np.minimum(later, starts + MAX_GUESS_SECONDS)
        backward = int((table["end"] <= table["start"]).sum())
        if backward:
            warnings.warn(
                f"{backward} subtitles of {path} do not end after they start; "
                f"each is taken to last until the next, {MAX_GUESS_SECONDS:g} seconds at most",
                stacklevel=3,
            )
        table["end"] = table["end"].where(~wrong, guess)
    return table
