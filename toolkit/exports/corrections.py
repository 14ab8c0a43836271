"""Tables corrected click by click: `<name>.corrected.csv` in a film's folder, which other programs may write too.

A step is saved at once. The file that this session wrote takes the place of its last one, and no copy is kept of each
click; a file of another hand that was there before is kept beside it as `<name>.corrected-1.csv`, or the next number
that is free, and one that was saved meanwhile is left as it is. What others say of a row in columns of their own, its
notes, goes with the row.
"""

import os
from pathlib import Path

import pandas as pd

from toolkit import tables
from toolkit.errors import DataError, ParameterError
from toolkit.exports import folders
from toolkit.storage import write_whole
from toolkit.tables import check_columns, set_aside, write_csv


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
        self._ours, self._last = False, None
        # the file as this session last read or wrote it
        self._read = self._bytes()

    @property
    def is_there(self):
        """Whether there is such a file."""
        return self._path is not None and self._path.exists()

    def read(self):
        """Return the table as it is in the file, with start in seconds, or None; a DataError if it is no such table."""
        return tables.read_csv(self._path, columns=("start",)) if self.is_there else None

    def begin(self, table):
        """Take a table as what the file says, None for no file: it is not saved until it changes."""
        self._last = table

    def check(self):
        """Raise a DataError if another hand has saved the file since this session last read or wrote it."""
        if (now := self._bytes()) is not None and now != self._read:
            raise DataError(
                f"{self._path} was saved meanwhile by another program or explorer, and is left as it is; run the cell "
                "again to go on from what it says now"
            )

    def save(self, table):
        """Have the file hold a table; None takes back what this session wrote. A DataError as of `check`."""
        if self._path is None or _same(table, self._last):
            return
        self.check()
        ours = self._ours and self.is_there
        if table is None and ours:
            self._path.unlink()
        elif table is None:
            self.set_aside()
        elif ours:
            check_columns(self.name, table, ";")
            with write_whole(self._path) as partial:
                write_csv(partial, table)
        else:
            folders.write_table(self.folder, self.name, table, corrected=True, replace=True)
        self._ours, self._last, self._read = table is not None, table, self._bytes()

    def set_aside(self):
        """Let the file be read no more, and keep it under the next number. A DataError as of `check`."""
        self.check()
        if self.is_there:
            set_aside(self._path)
        self._ours, self._last, self._read = False, None, None

    def _bytes(self):
        return self._path.read_bytes() if self._path is not None and self._path.is_file() else None


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
