"""The cuts of a film to look at and to correct: frames on both sides of each, and what is changed saved at once."""

import ipywidgets
import numpy as np

from toolkit.checks import check_count, check_number
from toolkit.explorers.cut_corrections import CutCorrections
from toolkit.explorers.cut_frames import FilmFrames, neighbor_of, paint_sides, parse_seconds
from toolkit.explorers.cut_rows import CutRow
from toolkit.explorers.explorer import PROBLEMS, Explorer
from toolkit.explorers.pictures import Picture, button
from toolkit.plots import clock
from toolkit.plots.style import count_of
from toolkit.shots.corrections import is_number, result_of, setups_of

# shots a page
ROWS = 6
# frames to the left and right, at most: of more there would be nothing to see
MOST_FRAMES = 4


class CutsExplorer(Explorer):
    """An explorer of a film's cuts, in which they can be corrected by hand.

    Each row is a shot: frames before its beginning and after, a red line between them. Beside it the kind of change
    can be chosen, the cut be moved by a frame or be removed, and the shot be given to another set-up, a number or a
    name. A new name is for all shots of the set-up, unless that is unchecked; a number, or the name of another one, is
    for the shot alone. Where a cut is missing, type the time into *look at* (seconds, or minutes and seconds as
    1:02.50), or click on a frame, go on frame by frame, and add it.

    With a folder every change is saved at once, as `shots.corrected.csv` and `setups.corrected.csv`, which all
    notebooks read before what they find. What these hold already is read first and goes on; the files as they were
    are kept, as `shots.corrected-1.csv` and so on. What another program or explorer saves there later is left as it is:
    no more is changed here until the cell is run again. Set-ups are saved once one of them was changed; until then the
    notebooks group the corrected shots themselves.

    Parameters
    ----------
    film : path
    cuts : DataFrame
        The shots as they were found, from `shots.detect_shots`.
    folder : path, optional
        The film's folder, `out/<film>`; None: nothing is saved.
    setups : DataFrame, optional
        start, end (seconds), setup, and where these have names name, as from `exports.read_setups`; what
        `setups.corrected.csv` says goes before it. Without, `setups.csv` of the folder is read, if it is there.
    page : int
        Which to show, from 1; each has six shots.
    around : int
        How many frames to show on each side of a cut, 1 to 4.
    at : float, optional
        Seconds of the film to look at, below the shots.
    changes : sequence of tuple
        Made one after the other before anything is shown; see `shots.correct_shots`. Only without a folder.

    Attributes
    ----------
    result : DataFrame
        The corrected table, as of `shots.complete_shots`, where set-ups are known with `setup` (int64; -1 where that of
        a shot is not), and `name` where they have names.
    rows : tuple of CutRow
        The shots of the page, each with its controls.
    add, earlier, later, undo : ipywidgets.Button
        Add a cut before the frame that is looked at; look at the frame before, or after; take back the last change.
    whole : ipywidgets.Checkbox
        Whether a new name is for all shots of a set-up.

    Raises
    ------
    ParameterError
        If an argument does not fit, or a change cannot be made.
    VideoError, DataError
        If the film, or a table of the folder, cannot be read.
    """

    texts = {
        "page": ("page", "Which six shots to show"),
        "around": ("frames on each side", "How many frames to show before a cut, and how many after"),
        "at": ("look at", "A time in seconds, or in minutes and seconds"),
        "whole": (
            "a new name is for all shots of the set-up",
            "Else, and as numbers and names of other set-ups always are, for the shot alone",
        ),
    }

    def __init__(self, film, cuts, *, folder=None, setups=None, page=1, around=2, at=None, changes=()):
        self._corrections = CutCorrections(folder, cuts, setups, changes)
        self._film = FilmFrames(film, cuts)
        around, pages = check_count("around", around, at_least=1, at_most=MOST_FRAMES), self._pages()
        self._at = None if at is None else self._film.stamp(check_number("at", at, unit="seconds"))
        page = check_count("page", page, at_least=1, at_most=pages, hint=f"; the shots fill {count_of(pages, 'page')}")
        self.rows, self._look, self._last_undone = (), Picture(), ""
        page = ipywidgets.BoundedIntText(page, 1, pages, layout={"width": "150px"})
        around = ipywidgets.BoundedIntText(around, 1, MOST_FRAMES, layout={"width": "190px"})
        time = ipywidgets.Text(self._at_text(), placeholder="1:02.50", layout={"width": "160px"})
        time.continuous_update = False
        self.undo = button("undo", "undo", "Take back the last change", self._take_back)
        self.earlier = button("frame earlier", "step-backward", "Look at the frame before", lambda: self._step(-1))
        self.later = button("frame later", "step-forward", "Look at the next frame", lambda: self._step(1))
        self.add = button("add a cut here", "plus", "A new shot begins at the red line", self._add)
        layout = {"width": "310px", "display": None if setups_of(self._corrections.state) else "none"}
        self.whole = self.label("whole", ipywidgets.Checkbox(True, indent=False, layout=layout))
        self._grid = ipywidgets.VBox()
        super().__init__({"page": page, "around": around, "at": time}, [])
        layout = {"align_items": "center"}
        above = ipywidgets.HBox([page, around, self.undo, self.whole], layout=layout)
        below = ipywidgets.HBox([time, self.earlier, self.later, self.add], layout=layout)
        self.widget.children = [above, self._grid, below, self._look, self._status, self._code]

    # what is shown

    def wanted(self):
        """Return the values of the controls, and without a folder the changes so far."""
        values = super().wanted()
        text = values["at"].strip()
        values["at"] = self._at
        if text != self._at_text():
            values["at"] = self._film.stamp(parse_seconds(text)) if text else None
        return values if self._corrections.folder else values | {"changes": tuple(self._corrections.changes)}

    def refresh(self):
        """Show what the controls say; an invalid time does not stay, where the next change would meet it."""
        super().refresh()
        self.set_controls({"at": self._at_text()})

    def compute(self, *, page, around, at, **_):
        """Return the corrected table; read the frames that are shown of it."""
        table = result_of(self._corrections.state)
        starts = table["start"].iloc[ROWS * (page - 1) : ROWS * page].tolist()
        self._frames = self._film.around(starts if at is None else [*starts, at], around)
        return table

    def draw(self):
        """Draw the page's shots, and the frames that are looked at."""
        table, page, around = self.result, self.parameters["page"], self.parameters["around"]
        self._at = self.parameters["at"]
        numbers = range(ROWS * (page - 1), min(ROWS * page, len(table)))
        names = setups_of(self._corrections.state)
        all_names = list(dict.fromkeys(names or ()))
        if not self.rows or self._layout != (page, around, len(table)):
            for row in self.rows:
                row.close()
            self.rows = tuple(CutRow(number, self.hear, self.change, self.look_at) for number in numbers)
            self._layout, self._grid.children = (page, around, len(table)), [row.widget for row in self.rows]
        with self.unheard():
            for number, row, sides in zip(numbers, self.rows, self._frames, strict=False):
                row.show(table.iloc[number], sides, around, names[number] if names else "", all_names)
            self.controls["page"].max, self.controls["page"].description = self._pages(), f"page (of {self._pages()})"
        looks = self._at is not None
        self._look.layout.display = None if looks else "none"
        if looks:
            self._look.show(paint_sides(*self._frames[-1], around), f"frames on both sides of {clock(self._at)}")
        for control in (self.earlier, self.later, self.add):
            control.disabled = not looks
        self.undo.disabled = len(self._corrections.states) == 1
        self.pictures = (*(row.picture for row in self.rows), *([self._look] if looks else ()))
        line = f"{count_of(len(table) - 1, 'change')}, shots {numbers[0]} to {numbers[-1]} of {len(table)}"
        if len(table) == 1:
            line = "no cuts: the film is one shot. Where you see one, look at its time and add it"
        undone = f"; taken back: {self._last_undone}" if self._last_undone else ""
        return f"{line}{undone}; {self._corrections.where_saved()}"

    def call(self, **parameters):
        """Return the line that gives the corrected table."""
        return self._corrections.code(parameters.get("changes"))

    # what is changed

    def change(self, *change):
        """Make a change, as of `shots.correct_shots`, save it and show it; if that fails, the problem is shown.

        A name that no set-up has yet is one for all shots of a set-up, unless `whole` is unchecked; a number is not.
        """
        if change[0] == "setup" and self.whole.value:
            name, names = " ".join(change[2].split()), setups_of(self._corrections.state)
            if names and name not in names and not is_number(name):
                change = ("name", *change[1:])
        try:
            self._corrections.change(change)
        except PROBLEMS as error:
            self.tell_problem(f"not changed: {error}")
            with self.unheard():
                for row in self.rows:
                    row.restore()
            return
        self._last_undone = ""
        self._turn_to(self._page_of(change[1]) if change[0] == "add" else self.controls["page"].value)

    def _take_back(self):
        if len(self._corrections.states) == 1:
            return
        try:
            what, start, *_ = self._corrections.undo()
        except PROBLEMS as error:
            self.tell_problem(f"not taken back: {error}")
            return
        self._last_undone = f"{what} at {clock(start)}"
        self._turn_to(self._page_of(start))

    def _page_of(self, start):
        """Return the page with the shot that starts next to an instant, in seconds."""
        starts = np.array([row.start for row in self._corrections.state.rows])
        return int(np.abs(starts - start).argmin()) // ROWS + 1

    def _pages(self):
        return -(-len(self._corrections.state.rows) // ROWS)

    def _turn_to(self, page):
        """Show a page, the last one if there are fewer."""
        with self.unheard():
            self.controls["page"].max = self._pages()
            self.controls["page"].value = min(page, self._pages())
        self.refresh()

    # what is looked at

    def look_at(self, seconds):
        """Show the frame of an instant."""
        self.controls["at"].value = f"{seconds:.9f}"

    def _at_text(self):
        return "" if self._at is None else clock(self._at)

    def _step(self, frames):
        neighbor = neighbor_of(*self._film.around([self._at], 1)[0], frames)
        if neighbor:
            self.look_at(neighbor[0])

    def _add(self):
        if self._at is not None:
            self.change("add", self._at)


explore_cuts = CutsExplorer
