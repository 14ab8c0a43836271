"""Tables whose rows are spans of seconds: the checks that all of them go through."""

import math
import re

import numpy as np
import pandas as pd

from toolkit.errors import DataError, ParameterError
from toolkit.tables.texts import printable

SECONDS = ("start", "end")
# floats tell all whole numbers below
EXACT_LIMIT = 2**53

# seconds that times may be early or late, also where a person or ELAN has rounded them
ROUNDING_SECONDS, SAME_SECONDS = 1e-6, 2e-3
# by which what was written down a little late may be after the film's end
LATE_SECONDS = 1.0
# of a table whose starts are NaN
TIMES_HINT = ". Was it made without times? find_dialogues takes times="


def check_table(name, table):
    """Return `table` if it is a table whose columns have names; otherwise raise a ParameterError."""
    if not isinstance(table, pd.DataFrame):
        raise ParameterError(f"{name} must be a table (pandas.DataFrame); got {type(table).__name__}")
    if not all(isinstance(column, str) and column for column in table.columns) or not table.columns.is_unique:
        raise ParameterError(f"{name} must have columns with names, each once; got {list(table.columns)}")
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
        check_spans(check_table(name, table), name, ordered=False, at_least=0)
        check_columns(name, table, '=;"')
        last = table["end"].to_numpy(np.float64).max(initial=0)
        if last >= EXACT_LIMIT / rate:
            raise ParameterError(
                f"{name} must end before {EXACT_LIMIT / rate:g} seconds, where {rate:g} units a second are counted; "
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


def check_spans(spans, name="shot_spans", *, columns=SECONDS, ordered=True, at_least=-math.inf, lasting=False):
    """Return spans, a table or an array, as float64 (n, 2) if none ends before it starts.

    Parameters
    ----------
    spans : DataFrame with `columns`, or array_like (n, 2)
    name : str
        What they are called in errors.
    columns : pair of str
        Where a table has its starts and ends.
    ordered : bool
        Whether they must be in order and without overlap, but for rounding.
    at_least : float
        The earliest start.
    lasting : bool
        Whether each must end after its start; otherwise it may end there.

    Raises
    ------
    ParameterError
        For anything else, with the row of the table's file where that is known.
    """
    is_table = isinstance(spans, pd.DataFrame)
    wanted = f"{table_name(name, spans)} must be a table with the columns {' and '.join(columns)}"
    wanted += ("" if is_table else ", or an array (n, 2)") + (", in seconds" if tuple(columns) == SECONDS else "")
    if is_table and not set(columns) <= set(spans.columns):
        raise ParameterError(f"{wanted}; got the columns {', '.join(map(str, spans.columns)) or 'none'}")
    try:
        # fails for pandas' own kinds of times, which are no numbers of seconds
        array = np.asarray(spans[list(columns)].to_numpy(na_value=np.nan) if is_table else spans)
        if array.size and array.dtype.kind not in "buifO":
            raise TypeError
        array = array.astype(np.float64)
    except (TypeError, ValueError, OverflowError):
        raise ParameterError(f"{wanted}; got {type(spans).__name__} with what is not a number") from None
    if array.size == 0 and array.ndim in (1, 2):
        array = array.reshape(0, 2)
    if array.ndim != 2 or array.shape[1] != 2:
        raise ParameterError(f"{wanted}; got shape {array.shape}")
    start, end = array.T
    times_hint = TIMES_HINT if is_table and np.isnan(start).any() else ""
    early = np.zeros(len(array), bool)
    if ordered:
        early[1:] = start[1:] < end[:-1] - ROUNDING_SECONDS
    for wrong, rule, hint in (
        (~np.isfinite(array).all(axis=1), "without NaN or infinity", times_hint),
        (start < at_least, f"from {at_least:g} on", ""),
        (end <= start if lasting else end < start, f"each ending {'after' if lasting else 'not before'} its start", ""),
        (early, "in order and without overlap", ". Sort the table by start"),
    ):
        if wrong.any():
            row = int(np.argmax(wrong))
            place = row_of(spans, row) or f" in row {row}"
            raise ParameterError(f"{wanted}, {rule}; got {start[row]:g} to {end[row]:g}{place}{hint}")
    return array


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
