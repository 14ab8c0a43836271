"""The cuts of a film to look at and to put right: frames on both sides of each, and what is changed saved at once."""

import contextlib

import ipywidgets
import numpy as np

from toolkit import exports
from toolkit.checks import check_count, check_number
from toolkit.errors import ParameterError
from toolkit.explorers.cut_frames import FilmFrames, paint_sides, parse_seconds
from toolkit.explorers.cut_rows import CutRow
from toolkit.explorers.explorer import PROBLEMS, Explorer
from toolkit.explorers.pictures import Picture, button
from toolkit.exports.corrections import CorrectedTable, notes_of, with_notes
from toolkit.plots import clock
from toolkit.plots.style import count_of
from toolkit.shots.corrections import (
    apply_change,
    begin_state,
    check_changes,
    have_names,
    is_number,
    keep_setups,
    result_of,
    setups_of,
    shots_of,
)

# shots a page
ROWS = 6
# frames to the left and right, at most: of more there would be nothing to see
MOST = 4
# what the toolkit says of a shot, and of a set-up; other columns are notes
OWN = ("start_frame", "end_frame", "start", "end", "transition", "transition_start_frame", "transition_end_frame")
OWN_OF_SETUPS = ("start", "end", "setup", "start_frame", "end_frame")


def explore_cuts(film, cuts, *, folder=None, setups=None, page=1, around=2, at=None, changes=()):
    """Return an explorer of a film's cuts, in which they can be put right by hand.

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

    Returns
    -------
    CutsExplorer
        It shows itself as a cell's result. `result` is the corrected table, as of `shots.complete_shots`, where
        set-ups are known with `setup` (int64; -1 where that of a shot is not), and `name` where they have names.

    Raises
    ------
    ParameterError
        If an argument does not fit, or a change cannot be made.
    VideoError, DataError
        If the film, or a table of the folder, cannot be read.
    """
    return CutsExplorer(film, cuts, folder, setups, page=page, around=around, at=at, changes=changes)


class CutsExplorer(Explorer):
    """Cuts being looked at and put right; see `explore_cuts`.

    Attributes
    ----------
    rows : tuple of CutRow
        The shots of the page, each with its controls.
    add, earlier, later, undo : ipywidgets.Button
        Add a cut before the frame that is looked at; look at the frame before, or after; take back the last change.
    whole : ipywidgets.Checkbox
        Whether a new name is for all shots of a set-up.
    """

    def __init__(self, film, cuts, folder, setups, *, page, around, at, changes):
        self._shots, self._setups = CorrectedTable(folder, "shots"), CorrectedTable(folder, "setups")
        self._folder, self._given = self._shots.folder, setups is not None
        changes = check_changes(changes)
        if changes and folder is not None:
            raise ParameterError("changes must be none where there is a folder: its corrected tables hold them")
        self._states, self._log = [self._opened(cuts, setups)], changes
        for change in changes:
            self._states.append(apply_change(self._states[-1], change))
        # what is wrong with the tables is raised here
        result_of(self._states[-1])
        for file, table in self._tables():
            file.begin(table)
        self._film = FilmFrames(film, cuts)
        check_count("around", around, at_least=1)
        if around > MOST:
            raise ParameterError(f"around must be a number of frames from 1 to {MOST}; got {around}")
        self._at = None if at is None else self._film.stamp(check_number("at", at, unit="seconds"))
        self.rows, self._look, self._hears, self._undone = (), Picture(), True, ""
        self._build(check_count("page", page, at_least=1), around)

    def _opened(self, cuts, setups):
        """Return the shots, and set-ups, as they are in the folder, or as they were given."""
        corrected = self._shots.read()
        notes = None if corrected is None else notes_of(corrected, OWN)
        if self._setups.is_there or (setups is None and self._folder):
            setups, self._given = exports.read_setups(self._folder), False
        state = begin_state(cuts, setups, corrected=corrected, notes=notes)
        if not self._setups.is_there:
            return state
        # names that the numbers stand for are no notes
        own = (*OWN_OF_SETUPS, "name") if have_names(setups) else OWN_OF_SETUPS
        return keep_setups(state, notes_of(setups, own))

    def _build(self, page, around):
        pages = self._pages()
        if page > pages:
            raise ParameterError(f"page must be one of the {pages} there are; got {page}")
        controls = {
            "page": ipywidgets.BoundedIntText(
                value=page, min=1, max=pages, description=f"page (of {pages})", layout={"width": "150px"},
                tooltip="Which six shots to show",
            ),
            "around": ipywidgets.BoundedIntText(
                value=around, min=1, max=MOST, description="frames on each side", layout={"width": "190px"},
                tooltip="How many frames to show before a cut, and how many after",
            ),
            "at": ipywidgets.Text(
                value=self._at_text(), placeholder="1:02.50", description="look at", continuous_update=False,
                layout={"width": "160px"}, tooltip="A time in seconds, or in minutes and seconds",
            ),
        }  # fmt: skip
        self.undo = button("undo", "undo", "Take back the last change", self._take_back)
        self.earlier = button("frame earlier", "step-backward", "Look at the frame before", lambda: self._step(-1))
        self.later = button("frame later", "step-forward", "Look at the next frame", lambda: self._step(1))
        self.add = button("add a cut here", "plus", "A new shot begins at the red line", self._add)
        self.whole = ipywidgets.Checkbox(
            value=True, description="a new name is for all shots of the set-up", indent=False,
            layout={"width": "310px", "display": None if setups_of(self._states[-1]) else "none"},
            tooltip="Else, and as numbers and names of other set-ups always are, for the shot alone",
        )  # fmt: skip
        self._grid = ipywidgets.VBox()
        super().__init__(controls, [])
        center = {"align_items": "center"}
        self.widget.children = [
            ipywidgets.HBox([controls["page"], controls["around"], self.undo, self.whole], layout=center),
            self._grid,
            ipywidgets.HBox([controls["at"], self.earlier, self.later, self.add], layout=center),
            self._look, self._status, self._code,
        ]  # fmt: skip

    # what is shown

    def wanted(self):
        """Return the values of the controls, and without a folder the changes so far."""
        values = super().wanted()
        typed = values["at"].strip()
        if typed == self._at_text():
            values["at"] = self._at
        else:
            values["at"] = self._film.stamp(parse_seconds(typed)) if typed else None
        return values if self._folder else values | {"changes": tuple(self._log)}

    def refresh(self):
        """Show what the controls say; a time that is none does not stay, where the next change would meet it."""
        super().refresh()
        with self._unheard():
            self.controls["at"].value = self._at_text()

    def compute(self, *, page, around, at, **_):
        """Return the corrected table; read the frames that are shown of it."""
        table = result_of(self._states[-1])
        starts = table["start"].iloc[ROWS * (page - 1) : ROWS * page].tolist()
        self._frames = self._film.around(starts if at is None else [*starts, at], around)
        return table

    def draw(self):
        """Draw the page's shots, and the frames that are looked at."""
        table, (page, around) = self.result, (self.parameters["page"], self.parameters["around"])
        self._at = self.parameters["at"]
        numbers = range(ROWS * (page - 1), min(ROWS * page, len(table)))
        shown = (page, around, len(table))
        if not self.rows or self._shown != shown:
            for row in self.rows:
                row.close()
            self.rows = tuple(CutRow(number, self.change, self.look_at) for number in numbers)
            self._shown, self._grid.children = shown, [row.widget for row in self.rows]
        names = setups_of(self._states[-1])
        known = list(dict.fromkeys(names or ()))
        for number, row, sides in zip(numbers, self.rows, self._frames, strict=False):
            row.show(table.iloc[number], sides, around, names[number] if names else "", known)
        looks = self._at is not None
        self._look.layout.display = None if looks else "none"
        if looks:
            self._look.show(paint_sides(*self._frames[-1], around), f"frames on both sides of {clock(self._at)}")
        for control in (self.earlier, self.later, self.add):
            control.disabled = not looks
        self.undo.disabled = len(self._states) == 1
        with self._unheard():
            self.controls["page"].max, self.controls["page"].description = self._pages(), f"page (of {self._pages()})"
        self.pictures = (*(row.picture for row in self.rows), *([self._look] if looks else ()))
        return self._told(table, numbers)

    def _told(self, table, numbers):
        cuts = len(table) - 1
        told = f"{count_of(cuts, 'change')}, shots {numbers[0]} to {numbers[-1]} of {len(table)}"
        if not cuts:
            told = "no cuts: the film is one shot. Where you see one, look at its time and add it"
        if self._undone:
            told += f"; taken back: {self._undone}"
        state = self._states[-1]
        if not self._folder:
            return f"{told}; not saved, as no folder is given"
        by_hand = {"shots": state.cuts_by_hand, "setups": state.setups_by_hand}
        names = [f"{name}.corrected.csv" for name in by_hand if by_hand[name]]
        if state.cuts_by_hand and state.setups is not None and not state.setups_by_hand:
            told += "; set-ups are grouped anew by the notebooks, as long as you change none here"
        return f"{told}; saved in {' and '.join(names)}" if names else f"{told}; nothing changed yet"

    def call(self, **parameters):
        """Return the line that gives the corrected table."""
        state, cuts = self._states[-1], "cuts"
        setups = None if state.setups is None else "setups" if self._given else "exports.read_setups(folder)"
        if self._folder:
            setups = "exports.read_setups(folder)" if state.setups_by_hand else setups
            if state.cuts_by_hand:
                cuts = 'shots.complete_shots(exports.read_table(folder, "shots", columns=("start",)), cuts)'
                if setups is None:
                    return cuts
        arguments = [cuts]
        arguments += [repr(list(parameters["changes"]))] if parameters.get("changes") else []
        arguments += [f"setups={setups}"] if setups else []
        return f"shots.correct_shots({', '.join(arguments)})"

    # what is changed

    def change(self, *change):
        """Make a change, as of `shots.correct_shots`, save it and show it; what is wrong with it is told.

        A name that no set-up has yet is one for all shots of a set-up, unless `whole` is unchecked; a number is not.
        """
        if change[0] == "setup" and self.whole.value:
            name, known = " ".join(change[2].split()), setups_of(self._states[-1])
            if known and name not in known and not is_number(name):
                change = ("name", *change[1:])
        try:
            self._states.append(apply_change(self._states[-1], change))
            try:
                self._save()
            except PROBLEMS:
                self._states.pop()
                raise
        except PROBLEMS as error:
            self.tell_problem(f"not changed: {error}")
            for row in self.rows:
                row.restore()
            return
        self._log.append(change)
        self._undone = ""
        self._turn_to(self._page_of(change[1]) if change[0] == "add" else self.controls["page"].value)

    def _take_back(self):
        if len(self._states) == 1:
            return
        last = self._states.pop()
        try:
            self._save()
        except PROBLEMS as error:
            self._states.append(last)
            self.tell_problem(f"not taken back: {error}")
            return
        what, start, *_ = self._log.pop()
        self._undone = f"{what} at {clock(start)}"
        self._turn_to(self._page_of(start))

    def _page_of(self, start):
        """Return the page with the shot that starts next to so many seconds."""
        starts = np.array([row.start for row in self._states[-1].rows])
        return int(np.abs(starts - start).argmin()) // ROWS + 1

    def _save(self):
        tables = self._tables()
        # neither is saved where one cannot be
        for file, _ in tables:
            file.check()
        for file, table in tables:
            file.save(table)

    def _tables(self):
        """Return the files of shots and of set-ups, each with its table: None for what is not put right by hand."""
        state = self._states[-1]
        table = shots_of(state)
        cuts = with_notes(table, [row.notes for row in state.rows]) if state.cuts_by_hand else None
        if not state.setups_by_hand:
            return (self._shots, cuts), (self._setups, None)
        spans = table[["start", "end", "start_frame", "end_frame"]].assign(setup=[row.setup for row in state.rows])
        spans = with_notes(spans, [row.setup_notes for row in state.rows])
        return (self._shots, cuts), (self._setups, spans[spans["setup"] != ""])

    def _pages(self):
        return -(-len(self._states[-1].rows) // ROWS)

    def _turn_to(self, page):
        """Show a page, the last one if there are fewer."""
        with self._unheard():
            self.controls["page"].max = self._pages()
            self.controls["page"].value = min(page, self._pages())
        self.refresh()

    @contextlib.contextmanager
    def _unheard(self):
        """Let nothing come of controls that are set meanwhile."""
        heard, self._hears = self._hears, False
        try:
            yield
        finally:
            self._hears = heard

    def _on_change(self, change):
        if self._hears:
            super()._on_change(change)

    # what is looked at

    def look_at(self, seconds):
        """Look at the frame that is shown at so many seconds."""
        self.controls["at"].value = f"{seconds:.9f}"

    def _at_text(self):
        return "" if self._at is None else clock(self._at)

    def _step(self, frames):
        before, after = self._film.around([self._at], 1)[0]
        there = before[-1:] if frames < 0 else after[1:2]
        if there:
            self.look_at(there[0][0])

    def _add(self):
        if self._at is not None:
            self.change("add", self._at)
