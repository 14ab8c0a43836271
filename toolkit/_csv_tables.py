"""Tables as text, for `exports`: what a table must be, its CSV files, and its rows each told in a line.

A row's line, ``transition=cut; setup=3``, is what ELAN and edit lists show and a person corrects there.
"""

import csv
import io
import json
import re
from pathlib import Path

import numpy as np
import pandas as pd

from toolkit._checks import DataError, ParameterError

SECONDS = ("start", "end")
TRUE = {"true", "wahr", "vrai", "vero", "verdadero"}
FALSE = {"false", "falsch", "faux", "falso"}

_ITEM = re.compile(r'\s*([^=;"]+?)\s*=\s*("(?:[^"\\]|\\.)*"|\[[^\]]*\]|[^;"=]*?)\s*(?:;|$)')
_UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
# a word such as 007 is no number
_WHOLE = re.compile(r"[+-]?(0|[1-9]\d{0,17})")
_NUMBER = re.compile(r"[+-]?((0|[1-9]\d*)(\.\d*)?|\.\d+)([eE][+-]?\d+)?")
_SECONDS = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?")


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


def check_tables(tables):
    """Return `tables` if they are tables with spans, by names that come back; otherwise raise a ParameterError."""
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
        wrong = [column for column in table.columns if re.search(r'[=;"\n]', column)]
        if wrong:
            raise ParameterError(f"{name} must have columns without = ; and quotes in their names; got {wrong[0]!r}")
    return tables


def check_file(path):
    """Return the path of a file that is there; otherwise raise a DataError."""
    try:
        path = Path(path)
        if path.is_file():
            return path
    except (TypeError, ValueError):
        raise DataError(f"a file is named by its path; got {path!r}") from None
    raise DataError(f"{path} {'is a folder' if path.is_dir() else 'does not exist'}; expected the path of a file")


def counts_frames(name):
    """Return whether a column of this name has frame numbers."""
    return name.endswith("_frame") or name == "frame"


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
        value = json.loads(text)
    except (ValueError, RecursionError):
        return text
    return value if not isinstance(value, dict) else text


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
    while at < len(line) and (match := _ITEM.match(line, at)):
        columns[match[1]] = _value(match[2])
        at = match.end()
    if line[at:].strip() or any(name in SECONDS for name in columns):
        return {"text": line}
    return columns


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
    """Return a table of rows that are dicts, by start."""
    table = pd.DataFrame(rows, columns=None if rows else list(SECONDS))
    table = table.astype(dict.fromkeys(SECONDS, np.float64))
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


def read_csv(path, *, columns=SECONDS) -> pd.DataFrame:
    """Return a table from a CSV file, also from one that a spreadsheet program has saved.

    Columns may be divided by commas, semicolons or tabs, and numbers have decimal points or commas, also with marks
    between thousands where it is clear which is which; rows that hold nothing are left out. What is in a column named
    `text` is text; other columns are numbers, booleans or lists where all their cells are. A cell such as 007 is no
    number. Spaces around a cell's text are lost.

    Parameters
    ----------
    path : path
    columns : sequence of str
        Which the table must have.

    Returns
    -------
    DataFrame
        Lists that were written as ``[3, 7]`` are lists again, empty ones where their cell is empty; elsewhere an empty
        cell is NaN. Rows are in the order of their start, where each has one.

    Raises
    ------
    DataError
        If the file is missing or is no table, lacks a column, or has in `start`, `end` or a column of frame numbers
        what is no number, or a row that ends before it starts. The message names the row as a spreadsheet counts it.
    """
    cells, places, mark = read_cells(path, columns)
    table = pd.DataFrame({name: _column(name, column, places, path, mark) for name, column in cells.items()})
    return _ordered(table, places, path)


def read_cells(path, columns):
    """Return a CSV file as text: a dict of column to list of str, the number of each row, and what divides columns.

    Parameters, errors and what is forgiven are those of `read_csv`.
    """
    path = check_file(path)
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
    names = [name.strip() for name in rows.pop(0)[1]]
    while names and not names[-1]:
        names.pop()
    if len(set(names)) < len(names) or not all(names):
        raise DataError(f"{path} must name each column once in its first line; got {', '.join(names)}")
    missing = [name for name in columns if name not in names]
    if missing:
        raise DataError(f"{path} lacks the column {missing[0]}; its first line names {', '.join(names)}")
    for number, row in rows:
        if any(cell.strip() for cell in row[len(names) :]):
            raise DataError(f"{path} has {len(row)} values in row {number}, but {len(names)} columns")
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
    """Return a column's values: whole numbers, numbers, booleans, lists, or text; NaN where a cell is empty.

    Nothing but an empty cell is missing: "NA" and "None" are words that someone may say.
    """
    filled = [cell for cell in cells if cell]
    numbers = _with_points(cells, mark)
    if name in SECONDS or counts_frames(name):
        for cell, number, place in zip(cells, numbers, places, strict=True):
            if cell and not _SECONDS.fullmatch(number):
                kind = "seconds" if name in SECONDS else "a frame's number"
                raise DataError(f"{path} must have {kind} in the column {name}; got {cell!r} in row {place}")
        whole = name not in SECONDS and all(re.fullmatch(r"[+-]?\d{1,18}", number) for number in numbers if number)
        return _converted(numbers, int if whole else float, np.float64 if name in SECONDS else None)
    if name == "text" or not filled:
        return _converted(cells, str)
    if all(cell.startswith("[") and isinstance(_value(cell), list) for cell in filled):
        return pd.Series([_value(cell) if cell else [] for cell in cells], dtype=object)
    if all(_WHOLE.fullmatch(number) for number in numbers if number):
        return _converted(numbers, int)
    if all(_NUMBER.fullmatch(number) or number in ("inf", "-inf") for number in numbers if number):
        return _converted(numbers, float)
    if all(cell.lower() in TRUE | FALSE for cell in filled):
        return _converted(cells, lambda cell: cell.lower() in TRUE)
    return _converted(cells, str)


def _converted(cells, convert, dtype=None):
    return pd.Series([convert(cell) if cell else np.nan for cell in cells], dtype=dtype)


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


def _ordered(table, places, path):
    """Return the table by start where each row has one; what ends before it starts is refused."""
    if set(SECONDS) <= set(table.columns):
        wrong = np.flatnonzero((table["end"] < table["start"]).to_numpy())
        if len(wrong):
            row = table.iloc[wrong[0]]
            raise DataError(
                f"{path} must have no row that ends before it starts; "
                f"got {row['start']:g} and {row['end']:g} in row {places[wrong[0]]}"
            )
    if "start" in table.columns and not table["start"].isna().any():
        return table.sort_values("start", kind="stable", ignore_index=True)
    return table
