"""Tables that are put right click by click: `<name>.corrected.csv` of a film's folder, which others may write as well.

A step is saved at once. The file that this session wrote takes the place of its last one, and no copy is kept of each
click; a file of another hand, there before or saved meanwhile, is kept beside it as `<name>.corrected-1.csv`, or the
next number that is free. What others say of a row in columns of their own, its notes, goes with the row.
"""

import itertools
import os
from pathlib import Path

import pandas as pd

from toolkit import exports
from toolkit._checks import ParameterError
from toolkit._csv_tables import check_columns, set_aside, write_csv
from toolkit.storage import write_whole


class CorrectedTable:
    """A corrected table of a folder, in one session.

    Parameters
    ----------
    folder : path, optional
        Where there is none, nothing is there and nothing is saved.
    name : str
        Such as "shots".
    """

    def __init__(self, folder, name):
        if folder is not None and not isinstance(folder, str | os.PathLike):
            raise ParameterError(f"folder must be the path of a folder, or None; got {folder!r}")
        self.folder, self.name = None if folder is None else Path(folder), name
        self._path = None if folder is None else self.folder / f"{name}.corrected.csv"
        self._written, self._last = None, None

    @property
    def is_there(self):
        """Whether there is such a file."""
        return self._path is not None and self._path.exists()

    def read(self):
        """Return the table as it is in the file, with start in seconds, or None; a DataError if it is no such table."""
        return exports.read_csv(self._path, columns=("start",)) if self.is_there else None

    def begin(self, table):
        """Take a table as what the file says, None for no file: it is not saved until it changes."""
        self._last = table

    def save(self, table):
        """Have the file hold a table; None takes back what this session wrote."""
        if self._path is None or _same(table, self._last):
            return
        if table is None:
            self._take_back()
        elif self._is_ours():
            check_columns(self.name, table, ";")
            with write_whole(self._path) as partial:
                write_csv(partial, table)
            self._written = self._path.read_bytes()
        else:
            exports.write_table(self.folder, self.name, table, corrected=True, replace=True)
            self._written = self._path.read_bytes()
        self._last = table

    def set_aside(self):
        """Let the file be read no more, by whomever it is, and keep it under the next number."""
        if self.is_there:
            set_aside(self._path, (f"{self._path.stem}-{number}.csv" for number in itertools.count(1)))
        self._written, self._last = None, None

    def _take_back(self):
        if self._is_ours():
            self._path.unlink()
            self._written = None
        else:
            self.set_aside()

    def _is_ours(self):
        """Return whether the file is as this session wrote it."""
        return self._written is not None and self.is_there and self._path.read_bytes() == self._written


def notes_of(table, own):
    """Return what a table says of each row in columns other than its `own`: a list of dicts."""
    return table.drop(columns=list(own), errors="ignore").to_dict("records")


def with_notes(table, notes):
    """Return a table with the notes of its rows, a dict for each; a row without one has an empty cell."""
    for name in dict.fromkeys(name for note in notes for name in note):
        table = table.assign(**{name: pd.Series([note.get(name) for note in notes], dtype=object)})
    return table


def _same(table, other):
    return table is other or (table is not None and other is not None and table.equals(other))
