"""Frames of a film to click on: which of them are medium close-ups."""

import base64
import io
import os
from pathlib import Path

import ipywidgets
import numpy as np
import pandas as pd
from PIL import Image

from toolkit import video
from toolkit.checks import check_count
from toolkit.closeups.labels import frame_files, read_label_table, write_label_table
from toolkit.errors import DataError, ParameterError
from toolkit.plots import clock
from toolkit.storage import locked

# twice as many pixels as a frame has in a grid of five: sharp on fine screens
PIXELS = 320
_STYLE = """
.{name} {{ gap: 6px; }}
.{name} .jupyter-button {{
  width: auto; height: auto; margin: 0; padding: 0 0 5px; aspect-ratio: {aspect:.4f}; border-radius: 4px; border: none;
  display: flex; align-items: flex-end; justify-content: center; line-height: 1.2; font-size: 12px; color: #fff;
  background-color: #222; background-size: 100% 100%; opacity: 1; box-shadow: inset 0 0 0 1px rgba(128, 128, 128, 0.6);
  text-shadow: 0 0 3px #000, 0 0 2px #000; overflow: hidden; }}
.{name} .jupyter-button:hover {{ box-shadow: inset 0 0 0 2px #fff, 0 1px 5px rgba(0, 0, 0, 0.5); color: #fff; }}
.{name} .jupyter-button.mod-active {{
  box-shadow: inset 0 0 0 5px #ffb000; font-weight: bold; color: #ffc94d; background-color: #222; }}
.{name} .jupyter-button:focus-visible {{ outline: 3px solid #1e88e5; outline-offset: 1px; }}
"""
_PICTURE = """
.{name} .{name}-{slot} {{
  background-image: linear-gradient(transparent 70%, rgba(0, 0, 0, 0.75)), url("data:image/jpeg;base64,{data}"); }}
"""


def label_close_ups(folder, *, path, labels=None, film=None, columns=5, rows=4, page=None):
    """Return a grid of a film's frames in which a click says that a frame is a medium close-up, or that it is none.

    A frame framed in yellow is a medium close-up. Click those that are wrong (or go there with the tab key and press
    the space bar), then *All right, next page*. What you clicked is saved at once, and all of a page with that button;
    pages that you have not seen are not saved, so that a model is never trained on guesses. Labelling that was broken
    off goes on where it stopped, also on another day.

    From a film to a model tuned for it, with two hundred frames spaced evenly over the film, however long it is::

        video.extract_frames("film.mp4", "frames", n_frames=200, size=320)
        guess = closeups.is_close_up(closeups.face_scale(video.load_frames("frames")))
        explorers.label_close_ups("frames", path="close_ups.csv", labels=guess)
        # when all of its pages are done
        images, labels, films = closeups.read_labels("close_ups.csv", stretches=8)
        model = closeups.train(images, labels, films=films)
        closeups.save_model(model, "close_ups.keras")
        close_up = closeups.predict("close_ups.keras", video.iter_frames("film.mp4", fps=5, size=320)) > 0.5

    Notebook 6 takes the saved model instead of the faces: set `close_up_model = "/path/to/close_ups.keras"` in its cell
    under *Parameters*, the whole path, since a notebook looks from its own folder. Where a film has few close-ups, take
    more frames.

    Parameters
    ----------
    folder : path
        Holds frames of one film, as `video.extract_frames` writes them.
    path : path
        The table of labels, a .csv with the columns film, file (from the table's folder), time (seconds) and label (1
        or 0), which `closeups.read_labels` reads. Where it is there already, its labels are shown, and its rows of
        other films and frames stay. Several notebooks may write into one table at the same time.
    labels : array_like of bool, optional
        What to begin with, one for each frame of the folder in order; labels in the table go before them.
    film : str, optional
        The film's name in the table; None: as the files are named.
    columns, rows : int
        Of a page.
    page : int, optional
        The page to begin with, from 1; None: the first on which there are frames without a label in the table.

    Returns
    -------
    CloseUpLabels
        It shows itself as a cell's result. Its `labels`, `looked_at`, `table` and `settings` can be read at any time.

    Raises
    ------
    ParameterError
        If the folder holds no frames or those of several films, or an argument does not fit.
    DataError
        If the table or a picture cannot be read.
    """
    return CloseUpLabels(folder, path=path, labels=labels, film=film, columns=columns, rows=rows, page=page)


class CloseUpLabels:
    """Frames being labelled; see `label_close_ups`.

    Attributes
    ----------
    labels : ndarray of bool, (n,)
        The frames' labels as they are shown, those that no one has looked at as they were given.
    looked_at : ndarray of bool, (n,)
        Whether a frame's label is in the table.
    page : int
        The page that is shown, from 1.
    widget : ipywidgets.VBox
    """

    def __init__(self, folder, *, path, labels=None, film=None, columns=5, rows=4, page=None):
        self._frames = frame_files(folder)
        self._folder, self._path, self._film = folder, _check_csv(path), _check_film(film, self._frames, folder)
        n = len(self._frames)
        self._columns = check_count("columns", columns, at_least=1)
        self._rows = check_count("rows", rows, at_least=1)
        self.labels = _check_start(labels, n, folder)
        self.looked_at = np.zeros(n, dtype=bool)
        base = self._path.parent.resolve()
        self._files = [Path(os.path.relpath(file.resolve(), base)).as_posix() for file in self._frames["file"]]
        if self._path.exists():
            known = dict(self._own_rows()[["file", "label"]].itertuples(index=False))
            for place, file in enumerate(self._files):
                if known.get(file):
                    self.labels[place], self.looked_at[place] = known[file] == "1", True
        size = self._columns * self._rows
        self._pages = -(-n // size)
        if page is None:
            page = 1 if self.looked_at.all() else int(np.argmin(self.looked_at)) // size + 1
        self.page = check_count("page", page, at_least=1)
        if self.page > self._pages:
            raise ParameterError(f"page must be one of the {self._pages} there are; got {page}")
        self._problem = ""
        self._build()
        self._show()

    # what can be read back

    @property
    def settings(self):
        """The arguments with which `label_close_ups` shows this page again."""
        return {
            "folder": str(self._folder),
            "path": str(self._path),
            "film": self._film,
            "columns": self._columns,
            "rows": self._rows,
            "page": self.page,
        }

    @property
    def table(self):
        """The labels of these frames that are saved: film, file, time (seconds) and label (bool)."""
        if not self._path.exists():
            return pd.DataFrame({"film": [], "file": [], "time": np.empty(0), "label": np.empty(0, dtype=bool)})
        rows = self._own_rows()
        rows = rows[rows["label"] != ""]
        times = pd.to_numeric(rows["time"], errors="coerce") if "time" in rows else np.nan
        return rows.assign(time=times, label=rows["label"] == "1")[["film", "file", "time", "label"]].reset_index(
            drop=True
        )

    def __repr__(self):
        seen, n = int(self.looked_at.sum()), len(self.labels)
        return f"CloseUpLabels({self._film!r}, {seen} of {n} frames looked at, close-ups: {self._found()})"

    def _repr_mimebundle_(self, **options):
        bundle = self.widget._repr_mimebundle_(**options) or {}
        return {**bundle, "text/plain": repr(self)}

    # the controls

    def _build(self):
        self._name = f"frames-{id(self):x}"
        self._style, self._status = ipywidgets.HTML(), ipywidgets.HTML()
        self._grid = ipywidgets.GridBox(layout={"grid_template_columns": f"repeat({self._columns}, minmax(0, 1fr))"})
        self._grid.add_class(self._name)
        self.back = ipywidgets.Button(description="Back", icon="arrow-left", layout={"width": "6em"})
        self.confirm = ipywidgets.Button(icon="check", button_style="primary", layout={"width": "14em"})
        self.jump = ipywidgets.BoundedIntText(
            value=self.page, min=1, max=self._pages, description="Page", layout={"width": "9em"}
        )
        self.jump.style.description_width = "3em"
        self.back.on_click(lambda _: self._go(self.page - 1))
        self.confirm.on_click(lambda _: self._confirm())
        self.jump.observe(lambda change: self._go(change["new"]), "value")
        controls = ipywidgets.HBox([self.back, self.confirm, self.jump, self._status])
        controls.layout.align_items = "center"
        self.widget = ipywidgets.VBox([self._style, self._grid, controls])

    @property
    def frames(self):
        """The buttons of the page that is shown, one a frame, pressed where it is a medium close-up."""
        return self._grid.children

    def _places(self):
        size = self._columns * self._rows
        return range((self.page - 1) * size, min(self.page * size, len(self.labels)))

    def _show(self):
        """Show the page's frames, on buttons of its own: a click that comes late from the last page meets none."""
        places = self._places()
        numbers = self._frames["number"]
        shown = video.load_frames(self._folder, size=PIXELS, first=numbers[places[0]], last=numbers[places[-1]] + 1)
        self._times = dict(zip(places, shown.times, strict=True))
        height, width = shown.images.shape[1:3]
        pictures = [
            _PICTURE.format(name=self._name, slot=slot, data=_jpeg(image)) for slot, image in enumerate(shown.images)
        ]
        buttons = [self._button(slot, place) for slot, place in enumerate(places)]
        self._style.value = f"<style>{_STYLE.format(name=self._name, aspect=width / height)}{''.join(pictures)}</style>"
        old, self._grid.children = self._grid.children, buttons
        for button in old:
            button.unobserve_all()
            button.close()
        last = self.page == self._pages
        self.confirm.description = "All right" if last else "All right, next page"
        self.back.disabled = self.page == 1
        self.jump.value = self.page
        self._tell()

    def _button(self, slot, place):
        button = ipywidgets.ToggleButton(value=bool(self.labels[place]), tooltip=self._files[place])
        button.add_class(f"{self._name}-{slot}")

        def tell():
            time = clock(self._times[place])
            button.description = f"close-up  {time}" if button.value else time

        def flip(change):
            self.labels[place] = change["new"]
            tell()
            self._save([place])

        tell()
        button.observe(flip, "value")
        return button

    def _confirm(self):
        self._save(self._places())
        if not self._problem and self.page < self._pages:
            self._go(self.page + 1)

    def _go(self, page):
        if page == self.page:
            return
        before, self.page = self.page, page
        try:
            self._show()
        except (ParameterError, DataError, OSError) as error:
            self.page, self._problem = before, f"page {page} cannot be shown: {error}"
            self.jump.value = before
            self._tell()

    def _tell(self):
        seen, n = int(self.looked_at.sum()), len(self.labels)
        text = f"{seen} of {n} frames looked at, close-ups: {self._found()}; page {self.page} of {self._pages}"
        if self._problem:
            text = f'<b style="color: #d32f2f">{_plain(self._problem)}</b>'
        self._status.value = f'<span style="margin-left: 1em">{text}</span>'

    def _found(self):
        return int((self.labels & self.looked_at).sum())

    # the table

    def _own_rows(self):
        table = read_label_table(self._path)
        return table[table["file"].isin(self._files)]

    def _save(self, places):
        """Write the labels of frames into the table, in which others may write other frames' at the same time."""
        try:
            with locked(self._path):
                self._write(places)
            self.looked_at[list(places)] = True
            self._problem = ""
        except (OSError, ParameterError, DataError) as error:
            self._problem = f"not saved: {error}"
        self._tell()

    def _write(self, places):
        rows = pd.DataFrame(
            {
                "film": self._film,
                "file": [self._files[place] for place in places],
                "time": [f"{self._times[place]:.6g}" for place in places],
                "label": [str(int(self.labels[place])) for place in places],
            }
        )
        if self._path.exists():
            table = read_label_table(self._path)
            rows = pd.concat([table[~table["file"].isin(rows["file"])], rows]).fillna("")
            # other films' rows stay where they are, this one's are in the order of the frames
            order = {file: place for place, file in enumerate(self._files)}
            rows = rows.sort_values("file", key=lambda files: files.map(order).fillna(-1), kind="stable")
        write_label_table(self._path, rows)


def _jpeg(image):
    written = io.BytesIO()
    Image.fromarray(image).save(written, "JPEG", quality=80)
    return base64.b64encode(written.getvalue()).decode("ascii")


def _plain(text):
    return text.replace("&", "&amp;").replace("<", "&lt;")


def _check_csv(path):
    if not isinstance(path, (str, os.PathLike)) or Path(path).suffix.lower() != ".csv":
        raise ParameterError(f"path must be where the labels are saved, a .csv; got {path!r}")
    path = Path(path).expanduser()
    if not path.parent.is_dir():
        raise ParameterError(f"path must be in a folder that is there; there is no {path.parent}")
    return path


def _check_film(film, frames, folder):
    films = frames["film"].unique()
    if len(films) > 1:
        raise ParameterError(f"{folder} must hold frames of one film; it holds those of {', '.join(films[:3])}")
    if film is None:
        return films[0]
    if not isinstance(film, str) or not film.strip():
        raise ParameterError(f"film must be the film's name; got {film!r}")
    return film


def _check_start(labels, n, folder):
    if labels is None:
        return np.zeros(n, dtype=bool)
    values = np.asarray(labels)
    if values.shape != (n,) or values.dtype.kind not in "biuf" or not np.isin(values, (0, 1)).all():
        raise ParameterError(
            f"labels must be True or False, one for each of the {n} frames of {folder}; "
            f"got shape {values.shape} of {values.dtype}"
        )
    return values.astype(bool)
