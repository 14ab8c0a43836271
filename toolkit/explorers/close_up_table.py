"""The labels of a film's frames in a table, into which several notebooks may write at the same time."""

import os
from pathlib import Path

import numpy as np
import pandas as pd

from toolkit.closeups import read_label_table
from toolkit.closeups.labels import frame_files, write_label_table
from toolkit.errors import ParameterError
from toolkit.storage import locked
from toolkit.tables import check_path


class CloseUpTable:
    """The rows of a folder's frames in a .csv, which holds those of other films and frames too.

    Attributes
    ----------
    path : Path
    film : str
        What the film is called in the table.
    numbers : ndarray of int64, (n,)
        Of the frames, rising.
    files : list of str
        The frames, as the table names them.
    """

    def __init__(self, path, folder, film=None):
        self.path = check_path(path, ".csv").expanduser()
        if not self.path.parent.is_dir():
            raise ParameterError(f"path must be in a folder that is there; there is no {self.path.parent}")
        frames, base = frame_files(folder), self.path.parent.resolve()
        self.film, self.numbers = _check_film(film, frames["film"].unique(), folder), frames["number"].to_numpy()
        self.files = [Path(os.path.relpath(file.resolve(), base)).as_posix() for file in frames["file"]]

    def read(self):
        """Return the rows of these frames that have a label: film, file, time (seconds) and label (bool)."""
        if not self.path.exists():
            return pd.DataFrame({"film": [], "file": [], "time": np.empty(0), "label": np.empty(0, dtype=bool)})
        rows = read_label_table(self.path)
        rows = rows[rows["file"].isin(self.files) & (rows["label"] != "")]
        times = pd.to_numeric(rows["time"], errors="coerce") if "time" in rows else np.nan
        rows = rows.assign(time=times, label=rows["label"] == "1")
        return rows[["film", "file", "time", "label"]].reset_index(drop=True)

    def save(self, places, times, labels):
        """Write the labels of frames, by their places, in the order of the frames; other rows stay where they are."""
        rows = pd.DataFrame({"film": self.film, "file": [self.files[place] for place in places]})
        rows["time"], rows["label"] = [f"{time:.6g}" for time in times], [str(int(label)) for label in labels]
        with locked(self.path):
            if self.path.exists():
                table = read_label_table(self.path)
                rows = pd.concat([table[~table["file"].isin(rows["file"])], rows]).fillna("")
                order = {file: place for place, file in enumerate(self.files)}
                rows = rows.sort_values("file", key=lambda files: files.map(order).fillna(-1), kind="stable")
            write_label_table(self.path, rows)


def _check_film(film, films, folder):
    if len(films) > 1:
        raise ParameterError(f"{folder} must hold frames of one film; it holds those of {', '.join(films[:3])}")
    if film is None:
        return films[0]
    if not isinstance(film, str) or not film.strip():
        raise ParameterError(f"film must be the film's name; got {film!r}")
    return film
