"""Boundaries of scenes corrected by hand: step by step, each saved in the film's folder, and undone."""

import numpy as np

from toolkit import scenes
from toolkit.checks import check_array
from toolkit.errors import ParameterError
from toolkit.explorers.explorer import PROBLEMS, Explorer
from toolkit.explorers.pictures import button
from toolkit.exports.corrections import CorrectedTable, notes_of, with_notes

# columns of the toolkit's own; others are notes
COLUMNS = ("start", "end", "start_frame", "end_frame", "first_shot", "last_shot")


class SceneCorrections:
    """Where scenes begin, as corrected by hand, and what other columns of the file say of each scene.

    Attributes
    ----------
    firsts : tuple of int, or None
        The shots with which scenes begin, but for the first; None where nothing is corrected.
    notes : dict of int to dict
        By a scene's first shot.
    history : list of tuple
        firsts, notes and the chosen cut before each step.
    """

    def __init__(self, folder, cuts, n_shots, firsts=None):
        self.file, self._cuts, self._n_shots = CorrectedTable(folder, "scenes"), cuts, n_shots
        self.firsts, self.notes, self.history = *self._read(), []
        self.file.begin(self._table(self.firsts, self.notes))
        if firsts is not None:
            firsts = self._check(firsts)
            self._save(firsts, {first: note for first, note in self.notes.items() if first in (0, *firsts)})

    def boundaries(self, firsts):
        """Return whether there is a boundary at each cut, bool (n_shots - 1,)."""
        return np.isin(np.arange(1, self._n_shots), firsts)

    def change(self, firsts, notes, place, *, aside=False):
        """Save other corrections, or set their file aside; the former ones, and the chosen cut, can be gone back to."""
        before = self.firsts, self.notes, place
        self._save(firsts, notes, aside=aside)
        self.history.append(before)

    def undo(self):
        """Save the corrections of before the last step."""
        self._save(*self.history[-1][:2])
        self.history.pop()

    def _save(self, firsts, notes, *, aside=False):
        if aside:
            self.file.set_aside()
        else:
            self.file.save(self._table(firsts, notes))
        self.firsts, self.notes = firsts, notes

    def _check(self, firsts):
        wanted = f"the shots that begin scenes, whole numbers from 1 to {self._n_shots - 1}"
        firsts = list(firsts) if np.iterable(firsts) and not isinstance(firsts, str) else firsts
        array = np.unique(check_array("corrected", firsts, ("n",), "iu", wanted=wanted)).astype(np.int64)
        wrong = array[(array < 1) | (array >= self._n_shots)]
        if len(wrong):
            raise ParameterError(f"corrected must be {wanted}; got {wrong[0]}")
        return tuple(array.tolist())

    def _read(self):
        """Return the first shots of scenes that are saved in the folder, or None, and the notes of scenes by these."""
        table, notes = self.file.read(), {}
        if table is None:
            return None, notes
        for start, note in zip(table["start"], notes_of(table, COLUMNS), strict=True):
            boundary = np.flatnonzero(scenes.boundaries_at([(start, start)], self._cuts))
            notes.setdefault(int(boundary[0]) + 1 if len(boundary) else 0, note)
        return tuple((np.flatnonzero(scenes.boundaries_at(table, self._cuts)) + 1).tolist()), notes

    def _table(self, firsts, notes):
        """Return corrections as they are saved, None for none."""
        if firsts is None:
            return None
        table = scenes.scene_table(self.boundaries(firsts), self._cuts)
        return with_notes(table, [notes.get(first, {}) for first in table["first_shot"]])


class ScenesByHand(Explorer):
    """The correcting half of `SceneExplorer`, whose `_corrections`, `_spans`, `_bar` and `controls` it uses."""

    @property
    def _firsts(self):
        """The shots with which scenes begin, but for the first."""
        return self.result["first_shot"].tolist()[1:]

    def step(self, by):
        """Choose the boundary before (-1) or after (1) the chosen cut."""
        place = self.controls["place"].value
        ahead = [first for first in self._firsts if (first - place) * by > 0]
        if ahead:
            self.controls["place"].value = min(ahead, key=lambda first: abs(first - place))
        else:
            self.tell_problem(f"there is no boundary {'before' if by < 0 else 'after'} the chosen cut")

    def shift(self, by):
        """Move the boundary at the chosen cut by a number of shots."""
        place, firsts = self.controls["place"].value, self._firsts
        target = place + by
        if place not in firsts:
            self.tell_problem("there is no boundary at the chosen cut to move")
        elif target in firsts or not 0 < target < len(self._spans):
            self.tell_problem("a scene has one shot at least: remove the boundary to put two scenes together")
        else:
            notes = {target if first == place else first: note for first, note in self._corrections.notes.items()}
            self._correct({*firsts, target} - {place}, notes, target)

    def add(self):
        """Let a scene begin at the chosen cut."""
        place, firsts = self.controls["place"].value, self._firsts
        if place in firsts or not place:
            self.tell_problem("a scene begins at the chosen cut already" if place else "there is no cut to choose")
        else:
            self._correct({*firsts, place}, self._corrections.notes, place)

    def remove(self):
        """Remove the boundary at the chosen cut."""
        place, firsts = self.controls["place"].value, self._firsts
        if place in firsts:
            notes = {first: note for first, note in self._corrections.notes.items() if first != place}
            self._correct({*firsts} - {place}, notes, place)
        else:
            self.tell_problem("there is no boundary at the chosen cut to remove")

    def undo(self):
        """Take the last correction back, or that they were given up."""
        if self._corrections.history:
            firsts, _, place = self._corrections.history[-1]
            self._do(self._corrections.undo, firsts, place)

    def back(self):
        """Give the corrections up: the scenes of the threshold or the number are shown. Their file is kept aside."""
        if self._corrections.firsts is not None:
            place = self.controls["place"].value
            self._do(lambda: self._corrections.change(None, {}, place, aside=True), None, place)

    def _correct(self, firsts, notes, place):
        firsts, before = tuple(sorted(firsts)), self.controls["place"].value
        self._do(lambda: self._corrections.change(firsts, notes, before), firsts, place)

    def _do(self, change, firsts, place):
        """Make a change, after which corrections are `firsts`, and show it with the cut at `place` chosen."""
        if self.problem:
            # what was asked for and cannot be shown would stand in the way of going back
            self.set_controls(self.parameters)
        try:
            # what cannot be shown is not saved
            self.compute(**self.wanted() | {"corrected": firsts})
            change()
        except PROBLEMS as error:
            self.tell_problem(f"not saved, and so not done: {error}")
            return
        self.set_controls({"place": place})
        self.refresh()

    def _new_buttons(self):
        move = "Move the boundary at the chosen cut"
        rows = (
            ("previous", "boundary before", "step-backward", "Choose the boundary before", lambda: self.step(-1)),
            ("next", "boundary after", "step-forward", "Choose the boundary after", lambda: self.step(1)),
            ("earlier", "one shot earlier", "arrow-left", move, lambda: self.shift(-1)),
            ("later", "one shot later", "arrow-right", move, lambda: self.shift(1)),
            ("add", "add", "plus", "Let a scene begin at the chosen cut", self.add),
            ("remove", "remove", "minus", "Remove the boundary at the chosen cut", self.remove),
            ("undo", "undo", "undo", "Take the last correction back", self.undo),
            ("back", "back to scenes as found", "refresh", "Give the corrections by hand up", self.back),
        )
        return {name: button(*row) for name, *row in rows}

    def _on_point(self, change):
        if len(self._spans) > 1:
            self.controls["place"].value = self._bar.cut_at(change["new"][0], self._firsts)
