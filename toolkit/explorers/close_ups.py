"""Frames of a film to click on: which of them are medium close-ups."""

import functools

import ipywidgets
import numpy as np

from toolkit import video
from toolkit.checks import check_array, check_count
from toolkit.closeups import read_label_table
from toolkit.errors import DataError, ParameterError
from toolkit.explorers.close_up_grid import FrameGrid
from toolkit.explorers.close_up_table import CloseUpTable
from toolkit.explorers.explorer import PROBLEMS, Explorer
from toolkit.explorers.pictures import button
from toolkit.plots.style import count_of

# twice as many pixels as a frame has in a grid of five: sharp on fine screens
PIXELS = 320


class CloseUpLabels(Explorer):
    """A grid of a film's frames in which a click says that a frame is a medium close-up, or that it is not.

    A frame framed in yellow is a medium close-up. Click those that are wrong (or go there with the tab key and press
    the space bar), then *All right, next page*. What you clicked is saved at once, and all of a page with that button;
    pages that you have not seen are not saved, so that a model is never trained on guesses. Labelling that was broken
    off resumes where it stopped, also on another day.

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

    Attributes
    ----------
    result : DataFrame or None
        The table as it is saved, None where nothing is yet.
    labels : ndarray of bool, (n,)
        The frames' labels as they are shown, those not yet reviewed as they were passed.
    looked_at : ndarray of bool, (n,)
        Whether a frame's label is in the table.
    page : int
        The page that is shown, from 1.
    frames : tuple of ipywidgets.ToggleButton
        Those of the page, one a frame, pressed where it is a medium close-up.
    table : DataFrame
        The labels of these frames that are saved: film, file, time (seconds) and label (bool).
    settings : dict
        The arguments with which this page is shown again, folder and path among them.

    Raises
    ------
    ParameterError
        If the folder holds no frames or those of several films, or an argument does not fit.
    DataError
        If the table or a picture cannot be read.
    """

    texts = {"page": ("Page", "Which page of frames to show")}

    def __init__(self, folder, *, path, labels=None, film=None, columns=5, rows=4, page=None):
        self._folder, self._table = folder, CloseUpTable(path, folder, film)
        n = len(self._table.files)
        columns, rows = check_count("columns", columns, at_least=1), check_count("rows", rows, at_least=1)
        self._options, self._size = {"film": self._table.film, "columns": columns, "rows": rows}, columns * rows
        self.labels, self.looked_at = _check_labels(labels, n, folder), np.zeros(n, dtype=bool)
        saved = self.table.set_index("file")["label"].to_dict()
        for place, file in enumerate(self._table.files):
            if file in saved:
                self.labels[place], self.looked_at[place] = saved[file], True
        self._pages = -(-n // self._size)
        if page is None:
            page = 1 if self.looked_at.all() else int(np.argmin(self.looked_at)) // self._size + 1
        hint = f"; the frames fill {count_of(self._pages, 'page')}"
        check_count("page", page, at_least=1, at_most=self._pages, hint=hint)
        self._grid, self._page_read, self._page_drawn = FrameGrid(columns), None, None
        self.jump = ipywidgets.BoundedIntText(page, 1, self._pages, layout={"width": "9em"})
        self.back = button("Back", "arrow-left", None, lambda: self._turn_to(self.page - 1), {"width": "6em"})
        self.confirm = button("", "check", None, self._confirm, {"width": "14em"})
        self.confirm.button_style = "primary"
        super().__init__({"page": self.jump}, [])
        self.jump.style.description_width, self._status.layout.margin = "3em", "0 0 0 1em"
        widgets = [self.back, self.confirm, self.jump, self._status]
        controls = ipywidgets.HBox(widgets, layout={"align_items": "center"})
        self.widget.children = [self._grid.style, self._grid.box, controls, self._code]

    @property
    def page(self):
        """The page that is shown, from 1."""
        return self.parameters["page"]

    @property
    def frames(self):
        """The buttons of the page that is shown, one a frame, pressed where it is a medium close-up."""
        return self._grid.box.children

    @property
    def settings(self):
        """The arguments with which `label_close_ups` shows this page again."""
        return {"folder": str(self._folder), "path": str(self._table.path), **self._options, "page": self.page}

    @property
    def table(self):
        """The labels of these frames that are saved: film, file, time (seconds) and label (bool)."""
        return self._table.read()

    def wanted(self):
        """Return the page, what has no control, and the labels as they are shown."""
        return super().wanted() | self._options | {"labels": self.labels.tolist()}

    def refresh(self):
        """Show the page that the control says; one that cannot be shown does not stay."""
        super().refresh()
        self.set_controls({"page": self.page})

    def compute(self, *, page, **_):
        """Return the table as it is saved; read the frames of the page."""
        # first: a table that cannot be read leaves the page, and the times of its frames, as they are
        table = read_label_table(self._table.path) if self._table.path.exists() else None
        if page != self._page_read:
            first, last = self._table.numbers[self._places(page)][[0, -1]]
            try:
                self._frames = video.load_frames(self._folder, size=PIXELS, first=first, last=last + 1)
            except PROBLEMS as error:
                raise DataError(f"page {page} cannot be shown: {error}") from error
            self._page_read = page
        return table

    def draw(self):
        """Show the page's frames, and how many have been looked at."""
        if self.page != self._page_drawn:
            places = self._places(self.page)
            files = [self._table.files[place] for place in places]
            buttons = self._grid.show(self._frames, files, self.labels[places])
            for place, widget in zip(places, buttons, strict=True):
                self.hear(widget, functools.partial(self._flip, place))
            self._page_drawn = self.page
        self.confirm.description = "All right" if self.page == self._pages else "All right, next page"
        self.back.disabled = self.page == 1
        return f"{self._counts()}; page {self.page} of {self._pages}"

    def call(self, **_):
        """Return the line that reads the table."""
        if self.result is None:
            return "# no labels are saved yet"
        return f"closeups.read_label_table({str(self._table.path)!r})"

    def __repr__(self):
        return f"CloseUpLabels({self._table.film!r}, {self._counts()})"

    def _counts(self):
        close_ups = int((self.labels & self.looked_at).sum())
        return f"{int(self.looked_at.sum())} of {len(self.labels)} frames looked at, close-ups: {close_ups}"

    def _places(self, page):
        return list(range((page - 1) * self._size, min(page * self._size, len(self.labels))))

    def _flip(self, place, change):
        self.labels[place] = change["new"]
        self.parameters["labels"] = self.labels.tolist()
        if self._save([place]):
            self.refresh()

    def _confirm(self):
        if self._save(self._places(self.page)):
            self._turn_to(min(self.page + 1, self._pages))

    def _turn_to(self, page):
        self.set_controls({"page": page})
        self.refresh()

    def _save(self, places):
        """Save the labels of frames of the page; return whether that went well, otherwise show the problem."""
        times = self._frames.times[np.array(places) % self._size]
        try:
            self._table.save(places, times, self.labels[places])
        except PROBLEMS as error:
            self.tell_problem(f"not saved: {error}")
            return False
        self.looked_at[places] = True
        return True


label_close_ups = CloseUpLabels


def _check_labels(labels, n, folder):
    if labels is None:
        return np.zeros(n, dtype=bool)
    wanted = f"True or False, one for each of the {n} frames of {folder}"
    values = check_array("labels", labels, (n,), "biuf", wanted=wanted)
    wrong = values[~np.isin(values, (0, 1))]
    if len(wrong):
        raise ParameterError(f"labels must be {wanted}; got {wrong[0]}")
    return values.astype(bool)
