"""Tables of shots, set-ups, dialogues and scenes as files, for other tools and for correction by hand, and back.

Conventions. A table has `start` and `end` in seconds on the film's clock, `[start, end)`, and columns of its own.

- CSV: `write_table` and `read_table`, one file a table in a film's folder. A `<name>.corrected.csv` beside
  `<name>.csv`, edited by hand, wins. Lists are written as ``[3, 7]``.
- ELAN (.eaf): `write_elan` and `read_elan`, all tables in one file, a tier each; times in whole milliseconds.
- OpenTimelineIO (.otio) and edit decision lists (.edl): `write_timeline` and `read_timeline`, times in whole frames; an
  .edl holds one table, without overlaps.

In ELAN and in edit lists a row is told in one line, ``transition=cut; setup=3``: what is corrected there comes back
into its columns, and a line of another form comes back as `text`. Files appear whole or not at all.
Seconds are those of the film's own clock: where that does not begin at 0 (`start` of `video.probe`), a program that
counts from the first picture shows them so much late.

References
----------
ELAN: Max Planck Institute for Psycholinguistics, https://archive.mpi.nl/tla/elan, its files by pympi-ling.
OpenTimelineIO: https://opentimelineio.readthedocs.io; edit lists (CMX 3600) by its adapter otio-cmx3600-adapter.
"""

import re
from pathlib import Path

import numpy as np
import pandas as pd

from toolkit._checks import ParameterError, check_times
from toolkit._csv_tables import SECONDS, check_spans, check_table, read_csv, write_csv
from toolkit._elan import read_elan, write_elan
from toolkit._timelines import read_timeline, write_timeline
from toolkit.storage import write_whole

__all__ = [
    "add_frames",
    "read_csv",
    "read_elan",
    "read_table",
    "read_timeline",
    "write_elan",
    "write_table",
    "write_timeline",
]


def write_table(folder, name, table, *, corrected=False) -> Path:
    """Write a table to `<folder>/<name>.csv`, or `<name>.corrected.csv`.

    Numbers are written so that they come back the same, lists as JSON, text without control characters.

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

    Returns
    -------
    Path
        Of the file.

    Raises
    ------
    ParameterError
        If `name` cannot be a file's name, `table` is no table, or a correction is there already.
    """
    path = Path(folder) / f"{_check_name(name)}{'.corrected' if corrected else ''}.csv"
    check_table(name, table)
    if corrected and path.exists():
        raise ParameterError(f"{path} is there already, and may hold work by hand; remove or rename it first")
    path.parent.mkdir(parents=True, exist_ok=True)
    with write_whole(path) as partial:
        write_csv(partial, table)
    return path


def read_table(folder, name, *, columns=SECONDS):
    """Return the table `name` of a film's folder, as corrected by hand where it is.

    Parameters
    ----------
    folder, name : path, str
        `<name>.corrected.csv` is read if it is there, else `<name>.csv`.
    columns : sequence of str
        Which the table must have.

    Returns
    -------
    DataFrame or None
        None if there is neither file.

    Raises
    ------
    DataError
        As `read_csv`.
    """
    _check_name(name)
    for file in (f"{name}.corrected.csv", f"{name}.csv"):
        path = Path(folder) / file
        if path.exists():
            return read_csv(path, columns=columns)
    return None


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
    table = check_spans("table", table).copy()
    times = check_times(times, order="rising")
    slack = np.diff(times).min() / 2 if len(times) > 1 else 0.0
    for name in SECONDS:
        table[f"{name}_frame"] = np.searchsorted(times, table[name].to_numpy(np.float64) - slack)
    return table


def _check_name(name):
    if not isinstance(name, str) or not re.fullmatch(r"\w[\w .-]*", name) or name.endswith((".csv", ".corrected")):
        raise ParameterError(f'name must be a table\'s name without folder or ending, such as "shots"; got {name!r}')
    return name
