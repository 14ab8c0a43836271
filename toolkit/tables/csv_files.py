"""Tables of spans as CSV files, and back: clock times, lists, and the encodings of spreadsheets."""

import csv
import io
import json
import math
import re
import threading

import numpy as np
import pandas as pd

from toolkit.errors import DataError
from toolkit.tables.edits import check_file
from toolkit.tables.spans import EXACT_LIMIT, SECONDS, counts_frames
from toolkit.tables.texts import FALSE, TRUE, decode_text, json_value, parse_value, printable

# letters of a cell, of which Python reads 131,072 by default
MAX_CELL_LETTERS = 2**31 - 1
_LIMIT = threading.Lock()

# a word such as 007 is no number
_INTEGER = re.compile(r"[+-]?(0|[1-9]\d{0,17})")
_NUMBER = re.compile(r"[+-]?((0|[1-9]\d*)(\.\d*)?|\.\d+)([eE][+-]?\d+)?")
_SECONDS = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?")
_CLOCK = re.compile(r"(?:(\d{1,9}):(?=[0-5]\d:))?(\d{1,9}):([0-5]\d(?:[.,]\d*)?)")


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
        return json.dumps(json_value(value))
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
            name: _series(column, str) if name in texts else _column(name, column, places, path, mark)
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


def read_cells(path, columns=()):
    """Return a CSV file as text: a dict of column to list of str, the number of each row, and what divides columns.

    Parameters, errors and what is forgiven are those of `read_csv`.
    """
    path = check_file(path)
    text = decode_text(path.read_bytes())
    if "\0" in text:
        raise DataError(f"{path} is not a table of comma-separated values; was it saved as CSV, not as a spreadsheet?")
    header = next((line for line in text.splitlines() if line.strip(" ,;\t")), "")
    mark = max(",;\t", key=header.count)
    rows = []
    # the limit is one of the whole process
    with _LIMIT:
        before = csv.field_size_limit(MAX_CELL_LETTERS)
        try:
            rows.extend(csv.reader(io.StringIO(text, newline=""), delimiter=mark, strict=True))
        except csv.Error as error:
            raise DataError(
                f"{path} is not a table of comma-separated values ({error}) in row {len(rows) + 1}; was it saved as "
                "CSV?"
            ) from error
        finally:
            csv.field_size_limit(before)
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


def _column(name, cells, places, path, mark):
    """Return a column's values: whole numbers, numbers, booleans, lists, or text; NaN or <NA> where a cell is empty.

    Nothing but an empty cell is missing: "NA" and "None" are words that someone may say.
    """
    filled = [cell for cell in cells if cell]
    is_seconds = name in SECONDS
    numbers = _from_clock(cells, mark) if is_seconds else _with_points(cells, mark)
    if is_seconds or counts_frames(name):
        for cell, number, place in zip(cells, numbers, places, strict=True):
            if cell and not _is_time(number, whole=not is_seconds):
                kind = "seconds" if is_seconds else "a frame's number"
                raise DataError(f"{path} must have {kind} in the column {name}; got {cell!r} in row {place}")
        whole = not is_seconds and all(re.fullmatch(r"[+-]?\d{1,18}", number) for number in numbers if number)
        return _series(numbers, int if whole else float, np.float64 if is_seconds else None)
    if not filled:
        return _series(cells, str)
    if all(cell.startswith("[") and isinstance(parse_value(cell), list) for cell in filled):
        return pd.Series([parse_value(cell) if cell else [] for cell in cells], dtype=object)
    if all(_INTEGER.fullmatch(number) for number in numbers if number):
        return _series(numbers, int, "Int64" if len(filled) < len(cells) else None)
    if all(_is_number(number) for number in numbers if number):
        return _series(numbers, float)
    if all(cell.lower() in TRUE | FALSE for cell in filled):
        return _series(cells, lambda cell: cell.lower() in TRUE)
    return _series(cells, str)


def _is_time(number, *, whole):
    """Return whether a text is a finite number, and where it is to be `whole` such as a frame can have."""
    if not (_SECONDS.fullmatch(number) and math.isfinite(float(number))):
        return False
    return not whole or (float(number).is_integer() and abs(float(number)) < EXACT_LIMIT)


def _is_number(text):
    """Return whether a text is a number that comes back: 1e999 would be infinite."""
    return text in ("inf", "-inf") or (_NUMBER.fullmatch(text) and math.isfinite(float(text)))


def _series(cells, convert, dtype=None):
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
