"""Tables of a film in a folder of CSV files, for other tools and for correction by hand, and back.

`write_table` and `read_table` use one file a table. A table has `start` and `end` in seconds on the film's clock,
`[start, end)`, and columns of its own; lists are written as ``[3, 7]``. A `<name>.corrected.csv` beside `<name>.csv`,
edited by hand, wins. `read_setups` reads set-ups, which may have names.

Files appear whole or not at all. Seconds are those of the film's own clock: where that does not begin at 0 (`start` of
`video.probe`), a program that counts from the first picture shows them later by as much.
"""

import math
import os
import re
from pathlib import Path

import numpy as np
import pandas as pd

from toolkit import tables
from toolkit.checks import check_times
from toolkit.errors import DataError, ParameterError
from toolkit.storage import write_whole
from toolkit.tables import LONGEST_NAME, SECONDS, read_csv


def write_table(folder, name, table, *, corrected=False, replace=False) -> Path:
    """Write a table to `<folder>/<name>.csv`, or `<name>.corrected.csv`.

    Numbers are written so that they come back the same, lists as JSON, text without control characters. For the rest
    text is written as it is: one that begins with = + - or @, which a spreadsheet program may take for a formula, is
    not changed. Do not open a table of texts from a source that you do not trust in one.

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
    replace : bool
        Whether this correction takes the place of one that is there already, which is then kept as
        `<name>.corrected-1.csv`, or the next number that is free; `read_table` does not read it.

    Returns
    -------
    Path
        Of the file.

    Raises
    ------
    ParameterError
        If `folder` is none, `name` cannot be a file's name, `table` is no table or has a column whose name would not
        come back, or a correction is there already and is not to be replaced.
    """
    folder = _check_folder(folder)
    path = folder / f"{_check_name(name)}{'.corrected' if corrected else ''}.csv"
    tables.check_columns(name, tables.check_table(name, table), ";")
    if corrected and not replace and path.exists():
        raise ParameterError(
            f"{path} is there already, and may hold work by hand; with replace=True it is kept as "
            f"{path.stem}-1.csv, or the next free number, and this one takes its place"
        )
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except (FileExistsError, NotADirectoryError):
        raise ParameterError(f"folder must be a folder, which is created if need be; got the file {folder}") from None
    with write_whole(path) as partial:
        tables.write_csv(partial, table)
        if corrected and path.exists():
            tables.set_aside(path)
    return path


def read_table(folder, name, *, columns=SECONDS, texts=(), end=None):
    """Return the table `name` of a film's folder, as corrected by hand where it is.

    Parameters
    ----------
    folder, name : path, str
        `<name>.corrected.csv` is read if it is there, else `<name>.csv`.
    columns : sequence of str
        Which the table must have.
    texts : sequence of str
        Further columns in which all is text, as of `read_csv`.
    end : float, optional
        Where the film ends, in seconds: a row that ends more than a second later is refused.

    Returns
    -------
    DataFrame or None
        None if there is neither file.

    Raises
    ------
    ParameterError
        If `folder` is none, `name` cannot be a file's name, or a row ends after the film.
    DataError
        As `read_csv`.
    """
    path = _table_file(folder, name)
    if path is None:
        return None
    table = read_csv(path, columns=columns, texts=texts)
    if end is not None and "end" in table:
        tables.check_within(name, table, table["end"], end)
    return table


def read_setups(folder):
    """Return the table of set-ups of a film's folder, as corrected by hand where it is, with numbers for names.

    Parameters
    ----------
    folder : path
        `setups.corrected.csv` is read if it is there, else `setups.csv`.

    Returns
    -------
    DataFrame or None
        start and end (seconds), `setup` (int64), and whatever else the file has. Where not all set-ups are whole
        numbers they are names, such as "letter": they are numbered from 0 in order of first sight, and `name` (str) has
        them, in place of what else is called so in the file. None if there is neither file.

    Raises
    ------
    DataError
        As `read_csv`; and if a set-up is missing or is a fraction. The message names the row as a spreadsheet counts
        it.
    """
    path = _table_file(folder, "setups")
    if path is None:
        return None
    table, places = tables.read_rows(path, (*SECONDS, "setup"), texts=("text", "setup"))
    cells = table["setup"].tolist()
    numbers = [_setup_number(cell, path, place) for cell, place in zip(cells, places, strict=True)]
    if None in numbers:
        table["name"] = [cell if number is None else str(number) for cell, number in zip(cells, numbers, strict=True)]
        numbers = pd.factorize(table["name"])[0]
    table["setup"] = np.array(numbers, dtype=np.int64)
    return table


def setup_names(setups) -> dict:
    """Return what set-ups are called, by their number: what `name` has of them, nothing where they have numbers only.

    A column `name` that has not one name for each set-up, and for each another, holds something else.

    Parameters
    ----------
    setups : DataFrame
        As from `read_setups`.
    """
    if "name" not in setups:
        return {}
    pairs = setups.loc[setups["setup"] >= 0, ["setup", "name"]].drop_duplicates()
    names = dict(zip(pairs["setup"], pairs["name"], strict=True))
    return names if pairs["name"].notna().all() and len(names) == pairs["name"].nunique() == len(pairs) else {}


def add_frames(table, times) -> pd.DataFrame:
    """Return a table with start_frame and end_frame: the first frame not before each start and each end.

    Parameters
    ----------
    table : DataFrame
        With start and end in seconds.
    times : sequence of float, (n,)
        Seconds of the frames, each after the one before, at least one. Half the least time between two of them may be
        lost in rounding.

    Returns
    -------
    DataFrame
        A copy; frames are positions in `times`, spans half-open.

    Raises
    ------
    ParameterError
        If `table` has no start and end, or `times` do not rise.
    """
    tables.check_spans(tables.check_table("table", table), "table", ordered=False, at_least=0)
    table = table.copy()
    times = check_times(times, order="rising")
    slack = np.diff(times).min() / 2 if len(times) > 1 else 0.0
    for name in SECONDS:
        table[f"{name}_frame"] = np.searchsorted(times, table[name].to_numpy(np.float64) - slack)
    return table


def _check_name(name):
    fits = isinstance(name, str) and re.fullmatch(r"\w[\w .-]*", name)
    if not fits or re.search(r"\.(csv|corrected(-\d+)?)$", name):
        raise ParameterError(f'name must be a table\'s name without folder or ending, such as "shots"; got {name!r}')
    # room for what follows it, .corrected-1.csv
    if len(os.fsencode(name)) > LONGEST_NAME - 30:
        raise ParameterError(f"name must have {LONGEST_NAME - 30} bytes at most; got {len(os.fsencode(name))}")
    return name


def _check_folder(folder):
    if not isinstance(folder, (str, os.PathLike)) or "\0" in str(folder):
        raise ParameterError(f"folder must be the path of a folder; got {folder!r}")
    return Path(folder)


def _table_file(folder, name):
    """Return the path of the file that holds a table of a folder, None if there is none."""
    folder = _check_folder(folder)
    _check_name(name)
    paths = [folder / file for file in (f"{name}.corrected.csv", f"{name}.csv")]
    return next((path for path in paths if path.exists()), None)


def _setup_number(cell, path, place):
    """Return the whole number that stands for a set-up in a file, None if a name does."""
    try:
        number = float(cell.replace(",", ".")) if isinstance(cell, str) else math.nan
    except ValueError:
        return None
    if not number.is_integer():
        got = repr(cell) if isinstance(cell, str) else "an empty cell"
        raise DataError(f"{path} must have a whole number or a name in the column setup; got {got} in row {place}")
    # a word such as 007 is no number
    match = re.fullmatch(r"([+-]?(?:0|[1-9]\d{0,17}))(?:[.,]0*)?", cell)
    return int(match[1]) if match else None
