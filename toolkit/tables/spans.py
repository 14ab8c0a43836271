"""Tables whose rows are spans of seconds: the checks that all of them go through."""

import math
import re

import numpy as np
import pandas as pd

from toolkit.errors import DataError, ParameterError

SECONDS = ("start", "end")
# floats tell all whole numbers below
WHOLE = 2**53

_UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")

# seconds that times may be early or late, also where a person or ELAN has rounded them
ROUNDING_SECONDS, SAME_SECONDS = 1e-6, 2e-3
# by which what was written down a little late may be after the film's end
LATE_SECONDS = 1.0


def check_table(name, table):
    """Return `table` if it is a table whose columns have names; otherwise raise a ParameterError."""
    if not isinstance(table, pd.DataFrame):
        raise ParameterError(f"{name} must be a table (pandas.DataFrame); got {type(table).__name__}")
    if not all(isinstance(column, str) and column for column in table.columns) or not table.columns.is_unique:
        raise ParameterError(f"{name} must have columns with names, each once; got {list(table.columns)}")
    return table


def check_span_table(name, table):
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
        check_span_table(name, table)
        check_columns(name, table, '=;"')
        last = table["end"].to_numpy(np.float64).max(initial=0)
        if last >= WHOLE / rate:
            raise ParameterError(
                f"{name} must end before {WHOLE / rate:g} seconds, where {rate:g} units a second are counted; "
                f"got {last:g}"
            )
    return tables


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


def printable(text):
    """Return text without what files of text cannot hold, its lines divided by a line feed."""
    return _UNPRINTABLE.sub("", re.sub("\r\n?", "\n", text))


def check_spans(shot_spans):
    """Return spans that are in order and do not overlap, a table or an array, as float64 (n_shots, 2), in seconds."""
    given = shot_spans
    wanted = (
        f"{table_name('shot_spans', given)} must be a table with the columns start and end, or an array (n_shots, 2), "
    )
    wanted += "in seconds"
    if isinstance(shot_spans, pd.DataFrame):
        if not {"start", "end"} <= set(shot_spans.columns):
            raise ParameterError(f"{wanted}; got the columns {', '.join(map(str, shot_spans.columns)) or 'none'}")
        shot_spans = shot_spans[["start", "end"]]
    try:
        spans = np.asarray(shot_spans, dtype=np.float64)
    except (TypeError, ValueError):
        raise ParameterError(f"{wanted}; got {type(shot_spans).__name__}") from None
    if spans.size == 0 and spans.ndim in (1, 2):
        spans = spans.reshape(0, 2)
    if spans.ndim != 2 or spans.shape[1] != 2:
        raise ParameterError(f"{wanted}; got shape {spans.shape}")
    infinite = np.flatnonzero(~np.isfinite(spans).all(axis=1))
    if len(infinite):
        raise ParameterError(f"{wanted}; got NaN or infinity{row_of(given, infinite[0])}")
    if (spans[:, 1] < spans[:, 0]).any():
        raise ParameterError(f"{wanted}; shot {np.argmax(spans[:, 1] < spans[:, 0])} ends before it starts")
    overlapping = spans[1:, 0] < spans[:-1, 1] - ROUNDING_SECONDS
    if overlapping.any():
        here = 1 + int(np.argmax(overlapping))
        raise ParameterError(
            f"{wanted}, in order and without overlap; shot {here}{row_of(given, here)} starts before the one "
            "before it ends. Sort the table by start"
        )
    return spans


def check_within(name, table, times, end):
    """Raise a ParameterError if one of a table's times, one a row, is more than a second after the film's end."""
    late = np.flatnonzero(np.asarray(times, np.float64) > end + LATE_SECONDS)
    if len(late):
        raise ParameterError(
            f"{table_name(name, table)} must lie within the film, which ends at {end:g} s; got {times[late[0]]:g} s"
            f"{row_of(table, late[0])}. Is it of another film, or in other units?"
        )


def table_name(name, table):
    """Return what a table is called in errors: with the file by hand that it was read from, if it was."""
    file = getattr(table, "attrs", {}).get("file")
    return name if file is None else f"{name} ({file})"


def row_of(table, place):
    """Return where a row of a table is in its file, as " in row 3"; "" where that is not known."""
    rows = getattr(table, "attrs", {}).get("rows", ())
    return f" in row {rows[place]}" if len(rows) == len(table) else ""
