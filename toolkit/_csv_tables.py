"""Tables as text, for `exports`: what a table must be, its CSV files, and its rows each told in a line.

A row's line, ``transition=cut; setup=3``, is what ELAN and edit lists show and a person corrects there. And how what a
person did in a file is kept when the file is written anew.
"""

import contextlib
import csv
import io
import itertools
import json
import math
import os
import re
import warnings
from pathlib import Path

import numpy as np
import pandas as pd

from toolkit._checks import DataError, ParameterError
from toolkit.storage import write_whole

SECONDS = ("start", "end")
# floats tell all whole numbers below
WHOLE = 2**53
# bytes of a file's name, on the common file systems
LONGEST_NAME = 255
TRUE = {"true", "wahr", "vrai", "vero", "verdadero"}
FALSE = {"false", "falsch", "faux", "falso"}

_SPACES = re.compile(r"\s*")
_QUOTED = re.compile(r'"(?:[^"\\]|\\.)*"')
_IN_LIST = re.compile(r'"(?:[^"\\]|\\.)*"|[\[\]=;"]')
_BARE = re.compile(r'[^;"=]*')
_UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
# a word such as 007 is no number
_WHOLE = re.compile(r"[+-]?(0|[1-9]\d{0,17})")
_NUMBER = re.compile(r"[+-]?((0|[1-9]\d*)(\.\d*)?|\.\d+)([eE][+-]?\d+)?")
_SECONDS = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?")
_CLOCK = re.compile(r"(?:(\d{1,9}):(?=[0-5]\d:))?(\d{1,9}):([0-5]\d(?:[.,]\d*)?)")


# what a table must be


def check_table(name, table):
    """Return `table` if it is a table whose columns have names; otherwise raise a ParameterError."""
    if not isinstance(table, pd.DataFrame):
        raise ParameterError(f"{name} must be a table (pandas.DataFrame); got {type(table).__name__}")
    if not all(isinstance(column, str) and column for column in table.columns) or not table.columns.is_unique:
        raise ParameterError(f"{name} must have columns with names, each once; got {list(table.columns)}")
    return table


def check_spans(name, table):
    """Return `table` if each row has a span of seconds from 0 on; otherwise raise a ParameterError."""
    check_table(name, table)
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


def check_columns(name, table, marks):
    """Raise a ParameterError if a column's name does not come back from a file in which `marks` mean something."""
    for column in table.columns:
        if set(column) & {*marks, "\t", "\n"} or printable(column).strip() != column:
            listed = " ".join(marks).replace(' "', " and quotes")
            raise ParameterError(
                f"{name} must have columns without {listed} in their names, and without tabs, line breaks and spaces "
                f"around them; got {column!r}"
            )


def check_tables(tables, rate):
    """Return `tables` if they have spans that whole numbers, `rate` a second, can tell, and names that come back.

    Otherwise raise a ParameterError.
    """
    if not isinstance(tables, dict) or not tables or not all(isinstance(name, str) and name.strip() for name in tables):
        raise ParameterError(
            f'tables must be a dict of tables by their names, such as {{"shots": shots}}; got {type(tables).__name__}'
        )
    for name, table in tables.items():
        if re.search(r" \(\d+\)$", name) or printable(name) != name:
            raise ParameterError(
                f"tables must have printable names that do not end like (2), which marks a further tier; got {name!r}"
            )
        check_spans(name, table)
        check_columns(name, table, '=;"')
        last = table["end"].to_numpy(np.float64).max(initial=0)
        if last >= WHOLE / rate:
            raise ParameterError(
                f"{name} must end before {WHOLE / rate:g} seconds, where {rate:g} units a second are counted; "
                f"got {last:g}"
            )
    return tables


def check_path(path, *endings):
    """Return the path of a file that can be written, by its ending; otherwise raise a ParameterError."""
    named = isinstance(path, (str, os.PathLike)) and Path(path).suffix.lower() in endings
    fits = named and len(os.fsencode(Path(path).name)) <= LONGEST_NAME and "\0" not in str(path)
    if not fits or Path(path).is_dir():
        raise ParameterError(
            f"path must be that of a {' or '.join(endings)} file; got {str(path)[:LONGEST_NAME]!r}"
            f"{'' if fits or not named else f', whose name is none, or longer than {LONGEST_NAME} bytes'}"
        )
    return Path(path)


def check_file(path):
    """Return the path of a file that is there; otherwise raise a DataError."""
    try:
        path = Path(path)
        if path.is_file():
            return path
    except (TypeError, ValueError):
        raise DataError(f"a file is named by its path; got {path!r}") from None
    except OSError as error:
        raise DataError(f"{path} cannot be read: {error.strerror}") from error
    raise DataError(f"{path} {'is a folder' if path.is_dir() else 'does not exist'}; expected the path of a file")


def check_row(start, end, path, place):
    """Raise a DataError unless a row read from a file has a span of seconds from 0 on; `place` tells where it is."""
    numbers = all(isinstance(second, (int, float)) and math.isfinite(second) for second in (start, end))
    if not numbers or not 0 <= start <= end:
        raise DataError(
            f"{path} must have no row without a start from 0 and an end not before it, in seconds; "
            f"got {start!r} and {end!r} in {place}"
        )


def counts_frames(name):
    """Return whether a column of this name has frame numbers."""
    return name.endswith("_frame") or name == "frame"


# files that may hold work by hand


def set_aside(path, names):
    """Rename a file to the first of `names` that no file beside it has, and return its new path."""
    for name in names:
        kept = path.with_name(name)
        try:
            # taken before it is used, so that no other file is written over
            kept.touch(exist_ok=False)
        except FileExistsError:
            continue
        try:
            return path.replace(kept)
        except OSError:
            kept.unlink()
            raise


@contextlib.contextmanager
def write_beside_edited(path, is_edited, reader):
    """Give a path to write to, as `storage.write_whole`; what a person did in the file that is there is kept.

    If `is_edited` says so of its path, the old file is renamed, `film.edited.eaf`, just before the new one appears, and
    a warning tells of it. `reader` is the name of the function that reads it.
    """
    kept = None
    with write_whole(path) as partial:
        yield partial
        if path.exists() and is_edited(path):
            numbers = itertools.chain([""], (f"-{number}" for number in itertools.count(2)))
            kept = set_aside(path, (f"{path.stem}.edited{number}{path.suffix}" for number in numbers))
    if kept is not None:
        warnings.warn(
            f"{path} was edited since it was written, or made elsewhere: it is kept as {kept.name}, and a new one "
            f"stands in its place. To take in what was edited: exports.{reader}({str(kept)!r}) gives its tables, and "
            "exports.write_table(..., corrected=True) makes one of them win",
            stacklevel=4,
        )


# values as text, and back


def native(value):
    """Return a value as what JSON can hold."""
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, (list, tuple, np.ndarray)):
        return [native(part) for part in value]
    if value is None or value is pd.NA or value is pd.NaT:
        return None
    return value if isinstance(value, (str, bool, int, float)) else str(value)


def printable(text):
    """Return text without what files of text cannot hold, its lines divided by a line feed."""
    return _UNPRINTABLE.sub("", re.sub("\r\n?", "\n", text))


def _value(text):
    """Return what a text stands for: a number, a list, a quoted text, or itself."""
    try:
        value = _DECODER.decode(text)
    except (ValueError, RecursionError):
        return text
    return value if not isinstance(value, dict) else text


def _finite(digits):
    """Return the number of its digits; raise a ValueError if it is too great, as 1e999, and would be infinite."""
    number = float(digits)
    if math.isinf(number):
        raise ValueError(f"{digits} is too great for a number")
    return number


_DECODER = json.JSONDecoder(parse_float=_finite)


# rows as lines, and back


def told(row):
    """Return a row's own columns in a line, without spans and frame numbers."""
    parts = []
    for name, value in row.items():
        if name in SECONDS or counts_frames(name):
            continue
        value = native(value)
        bare = isinstance(value, str) and re.fullmatch(r"[^\s=;\"\[\]{}]([^=;\"\[\]{}\n\r\t]*[^\s=;\"\[\]{}])?", value)
        # a word that would be read as a number is quoted
        if not bare or _value(value) != value:
            value = json.dumps(value, ensure_ascii=False)
        parts.append(f"{name}={value}")
    return "; ".join(parts)


def read_told(line):
    """Return the columns that a line tells; of a line of another form, the line as `text`."""
    columns, at = {}, 0
    while (sign := line.find("=", at)) >= 0:
        name = line[at:sign].strip()
        value, end = _read_value(line, sign + 1)
        if not name or re.search('[;"]', name) or end is None:
            break
        columns[name] = value
        at = end
    if line[at:].strip() or any(name in SECONDS for name in columns):
        return {"text": line}
    return columns


def _read_value(line, at):
    """Return the value that stands in a line, and where what follows it begins: None where it is of another form.

    No part of the line is read more than a few times, however it is made.
    """
    at = _SPACES.match(line, at).end()
    if line.startswith("[", at) and (last := _list_end(line, at)) is not None:
        value, end = _value(line[at:last]), _after_value(line, last)
        if isinstance(value, list) and end is not None:
            return value, end
    match = (line.startswith('"', at) and _QUOTED.match(line, at)) or _BARE.match(line, at)
    return _value(match[0].strip()), _after_value(line, match.end())


def _list_end(line, at):
    """Return where the list ends that begins at a place, None if no list does: it has = and ; in quotes alone."""
    depth = 0
    for match in _IN_LIST.finditer(line, at):
        if match[0] in ("=", ";", '"'):
            return None
        depth += {"[": 1, "]": -1}.get(match[0], 0)
        if depth == 0:
            return match.end()
    return None


def _after_value(line, at):
    """Return where the next item begins, None if the value is not followed by one or by the line's end."""
    at = _SPACES.match(line, at).end()
    if at == len(line):
        return at
    return at + 1 if line[at] == ";" else None


def layers(table, rate):
    """Return the rows as (start, end, row) in as few lists as hold none that overlap, one at least.

    Rows are by start; starts and ends are whole numbers, `rate` a second, so that spans that touch still do, and no
    span is shorter than one.
    """
    found = [[]]
    for row in table.sort_values("start", kind="stable").to_dict("records"):
        start = round(row["start"] * rate)
        end = max(start + 1, round(row["end"] * rate))
        layer = next((rows for rows in found if not rows or rows[-1][1] <= start), None)
        if layer is None:
            layer = []
            found.append(layer)
        layer.append((start, end, row))
    return found


def from_rows(rows):
    """Return a table of rows that are dicts, by start; whole numbers stay whole where some rows have none."""
    table = pd.DataFrame(rows, columns=None if rows else list(SECONDS))
    table = table.astype(dict.fromkeys(SECONDS, np.float64))
    for name in table.columns:
        if name not in SECONDS and not counts_frames(name):
            cells = [row.get(name) for row in rows]
            missing = [cell is None or cell != cell for cell in cells]  # nan is not equal to itself
            whole = [type(cell) is int and abs(cell) < 2**63 for cell in cells]
            if any(missing) and any(whole) and sum(missing) + sum(whole) == len(rows):
                cells = [pd.NA if gone else cell for cell, gone in zip(cells, missing, strict=True)]
                table[name] = pd.array(cells, dtype="Int64")
    return table.sort_values("start", kind="stable", ignore_index=True)


# CSV


def write_csv(path, table):
    """Write a table to a CSV file, lists as JSON."""
    written = pd.DataFrame(
        {
            name: column if pd.api.types.is_numeric_dtype(column) else column.astype(object).map(_as_text)
            for name, column in table.items()
        }
    )
    written.to_csv(path, index=False, encoding="utf-8", lineterminator="\n")


def _as_text(value):
    """Return lists as JSON, text as files can hold it, and other values as they are."""
    if isinstance(value, (list, tuple, np.ndarray)):
        return json.dumps(native(value))
    return printable(value) if isinstance(value, str) else value


def read_csv(path, *, columns=SECONDS, texts=()) -> pd.DataFrame:
    """Return a table from a CSV file, also from one that a spreadsheet program has saved.

    Columns may be divided by commas, semicolons or tabs, and numbers have decimal points or commas, also with marks
    between thousands where it is clear which is which; `start` and `end` may also be told by the clock, as 1:02:03.5 or
    2:03. Rows that hold nothing are left out. What is in a column named `text` is text; other columns are numbers,
    booleans or lists where all their cells are. A cell such as 007 is no number. Spaces around a cell's text are lost.

    Parameters
    ----------
    path : path
    columns : sequence of str
        Which the table must have. A column `Start` is taken for `start`, if there is no other.
    texts : sequence of str
        Further columns in which all is text, also what looks like a number.

    Returns
    -------
    DataFrame
        Lists that were written as ``[3, 7]`` are lists again, empty ones where their cell is empty. Whole numbers with
        empty cells among them are Int64 with <NA>; elsewhere, and in frame numbers, an empty cell is NaN. Rows are in
        the order of their start, where each has one.

        The `attrs` of a `<name>.corrected.csv` tell its path, `file`, and the number of each of its `rows`.

    Raises
    ------
    DataError
        If the file is missing or is no table, lacks a column, has in `start`, `end` or a column of frame numbers what
        is no number, an empty cell in `start`, or a row that ends before it starts. The message names the row as a
        spreadsheet counts it.
    """
    return read_rows(path, columns, ("text", *texts))[0]


def read_rows(path, columns, texts=("text",)):
    """Return a table as `read_csv` does, and the number of each of its rows; columns of `texts` are text."""
    cells, places, mark = read_cells(path, columns)
    table = pd.DataFrame(
        {
            name: _converted(column, str) if name in texts else _column(name, column, places, path, mark)
            for name, column in cells.items()
        }
    )
    places = np.array(places, dtype=np.int64)
    if "start" in columns and table["start"].isna().any():
        row = places[table["start"].isna()][0]
        raise DataError(f"{path} has no start in row {row}; each row needs one, in seconds")
    _check_order(table, places, path)
    if "start" in table.columns and not table["start"].isna().any():
        order = np.argsort(table["start"].to_numpy(), kind="stable")
        table, places = table.iloc[order].reset_index(drop=True), places[order]
    # for errors found later; by hand alone, as such tables are short, and pandas copies attrs at each step
    if str(path).endswith(".corrected.csv"):
        table.attrs |= {"file": str(path), "rows": places.tolist()}
    return table, places


def read_cells(path, columns):
    """Return a CSV file as text: a dict of column to list of str, the number of each row, and what divides columns.

    Parameters, errors and what is forgiven are those of `read_csv`.
    """
    path = check_file(path)
    text = _file_text(path)
    header = next((line for line in text.splitlines() if line.strip(" ,;\t")), "")
    mark = max(",;\t", key=header.count)
    rows = []
    try:
        rows.extend(csv.reader(io.StringIO(text, newline=""), delimiter=mark, strict=True))
    except csv.Error as error:
        raise DataError(
            f"{path} is not a table of comma-separated values ({error}) in row {len(rows) + 1}; was it saved as CSV?"
        ) from error
    rows = [(number, row) for number, row in enumerate(rows, 1) if any(cell.strip() for cell in row)]
    if not rows:
        raise DataError(f"{path} is empty; expected a line with the names of the columns")
    names = [name.strip() for name in rows.pop(0)[1]]
    while names and not names[-1]:
        names.pop()
    if len(set(names)) < len(names) or not all(names):
        raise DataError(f"{path} must name each column once in its first line; got {', '.join(names)}")
    for column in set(columns) - set(names):
        alike = [at for at, name in enumerate(names) if name.lower() == column.lower() and name not in columns]
        if len(alike) == 1:
            names[alike[0]] = column
    missing = [name for name in columns if name not in names]
    if missing:
        raise DataError(f"{path} lacks the column {missing[0]}; its first line names {', '.join(names)}")
    for number, row in rows:
        if any(cell.strip() for cell in row[len(names) :]):
            hint = ". Are there decimal commas? Put such numbers in quotes, or write points" if mark == "," else ""
            raise DataError(f"{path} has {len(row)} values in row {number}, but {len(names)} columns{hint}")
    cells = {name: [row[at].strip() if at < len(row) else "" for _, row in rows] for at, name in enumerate(names)}
    return cells, [number for number, _ in rows], mark


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


def _column(name, cells, places, path, mark):
    """Return a column's values: whole numbers, numbers, booleans, lists, or text; NaN or <NA> where a cell is empty.

    Nothing but an empty cell is missing: "NA" and "None" are words that someone may say.
    """
    filled = [cell for cell in cells if cell]
    if name in SECONDS:
        numbers = _from_clock(cells, mark)
    else:
        numbers = _with_points(cells, mark)
    if name in SECONDS or counts_frames(name):
        for cell, number, place in zip(cells, numbers, places, strict=True):
            if cell and not _is_time(number, whole=name not in SECONDS):
                kind = "seconds" if name in SECONDS else "a frame's number"
                raise DataError(f"{path} must have {kind} in the column {name}; got {cell!r} in row {place}")
        whole = name not in SECONDS and all(re.fullmatch(r"[+-]?\d{1,18}", number) for number in numbers if number)
        return _converted(numbers, int if whole else float, np.float64 if name in SECONDS else None)
    if not filled:
        return _converted(cells, str)
    if all(cell.startswith("[") and isinstance(_value(cell), list) for cell in filled):
        return pd.Series([_value(cell) if cell else [] for cell in cells], dtype=object)
    if all(_WHOLE.fullmatch(number) for number in numbers if number):
        return _converted(numbers, int, "Int64" if len(filled) < len(cells) else None)
    if all(_is_number(number) for number in numbers if number):
        return _converted(numbers, float)
    if all(cell.lower() in TRUE | FALSE for cell in filled):
        return _converted(cells, lambda cell: cell.lower() in TRUE)
    return _converted(cells, str)


def _is_time(number, *, whole):
    """Return whether a text is a finite number, and where it is to be `whole` such as a frame can have."""
    if not (_SECONDS.fullmatch(number) and math.isfinite(float(number))):
        return False
    return not whole or (float(number).is_integer() and abs(float(number)) < WHOLE)


def _is_number(text):
    """Return whether a text is a number that comes back: 1e999 would be infinite."""
    return text in ("inf", "-inf") or (_NUMBER.fullmatch(text) and math.isfinite(float(text)))


def _converted(cells, convert, dtype=None):
    missing = pd.NA if dtype == "Int64" else np.nan
    return pd.Series([convert(cell) if cell else missing for cell in cells], dtype=dtype)


def _from_clock(cells, mark):
    """Return a column of seconds with decimal points, what the clock tells (1:02:03.5, 2:03) as seconds too."""
    clocks = [_CLOCK.fullmatch(cell) for cell in cells]
    numbers = _with_points(["" if clock else cell for cell, clock in zip(cells, clocks, strict=True)], mark)
    for at, clock in enumerate(clocks):
        if clock:
            hours, minutes, seconds = clock.groups(default="0")
            numbers[at] = repr(3600 * int(hours) + 60 * int(minutes) + float(seconds.replace(",", ".")))
    return numbers


def _with_points(cells, mark):
    """Return a column of numbers with decimal points and nothing between thousands; any other as it is."""
    commas = [cell for cell in cells if "," in cell]
    both = [cell for cell in commas if "." in cell]
    if both:
        point = max(",.", key=both[0].rfind)
        between = "." if point == "," else ","
        grouped = re.compile(rf"[+-]?(\d+|\d{{1,3}}(\{between}\d{{3}})+)(\{point}\d+)?")
        if not all(grouped.fullmatch(cell) for cell in cells if cell):
            return cells
        return [cell.replace(between, "").replace(point, ".") for cell in cells]
    # where commas divide the columns, a number such as 1,234 may be either
    if mark == "," and all(re.fullmatch(r"[+-]?\d{1,3},\d{3}", cell) for cell in commas):
        return cells
    numbers = [cell.replace(",", ".") for cell in cells]
    return numbers if all(_SECONDS.fullmatch(number) for number in numbers if number) else cells


def _check_order(table, places, path):
    """Raise a DataError if a row ends before it starts."""
    if set(SECONDS) <= set(table.columns):
        wrong = np.flatnonzero((table["end"] < table["start"]).to_numpy())
        if len(wrong):
            row = table.iloc[wrong[0]]
            raise DataError(
                f"{path} must have no row that ends before it starts; "
                f"got {row['start']:g} and {row['end']:g} in row {places[wrong[0]]}"
            )
