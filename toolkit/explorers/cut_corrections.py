"""Cuts and set-ups corrected by hand: a state after each change, of which the last is saved in the film's folder."""

from toolkit import exports
from toolkit.errors import ParameterError
from toolkit.exports.corrections import CorrectedTable, notes_of, with_notes
from toolkit.shots.corrections import (
    apply_change,
    begin_state,
    check_changes,
    have_names,
    keep_setups,
    result_of,
    shots_of,
)

# columns of the toolkit's own; others are notes
COLUMNS = ("start_frame", "end_frame", "start", "end", "transition", "transition_start_frame", "transition_end_frame")
SETUP_COLUMNS = ("start", "end", "setup", "start_frame", "end_frame")


class CutCorrections:
    """Shots, their set-ups and the changes made to them, one after the other.

    Attributes
    ----------
    folder : Path or None
    states : list of ShotState
        As it was at first, and after each change.
    changes : list of tuple
    """

    def __init__(self, folder, cuts, setups, changes):
        self._shots, self._setups = CorrectedTable(folder, "shots"), CorrectedTable(folder, "setups")
        self.folder, self.changes = self._shots.folder, check_changes(changes)
        if self.changes and folder is not None:
            raise ParameterError("changes must be none where there is a folder: its corrected tables hold them")
        self._passed_setups = setups is not None
        self.states = [self._begin(cuts, setups)]
        for change in self.changes:
            self.states.append(apply_change(self.state, change))
        # what is wrong with the tables is raised here
        result_of(self.state)
        for file, table in self._tables(self.state):
            file.begin(table)

    @property
    def state(self):
        """The shots as they are now."""
        return self.states[-1]

    def change(self, change):
        """Make a change and save it; if that fails, nothing is changed."""
        state = apply_change(self.state, change)
        self._save(state)
        self.states.append(state)
        self.changes.append(change)

    def undo(self):
        """Take the last change back, and return it."""
        self._save(self.states[-2])
        self.states.pop()
        return self.changes.pop()

    def code(self, changes):
        """Return the line that gives the corrected table, of changes where no folder holds them."""
        state, cuts = self.state, "cuts"
        setups = None if state.setups is None else "setups" if self._passed_setups else "exports.read_setups(folder)"
        if self.folder:
            setups = "exports.read_setups(folder)" if state.setups_by_hand else setups
            if state.cuts_by_hand:
                cuts = 'shots.complete_shots(exports.read_table(folder, "shots", columns=("start",)), cuts)'
                if setups is None:
                    return cuts
        arguments = [cuts]
        arguments += [repr(list(changes))] if changes else []
        arguments += [f"setups={setups}"] if setups else []
        return f"shots.correct_shots({', '.join(arguments)})"

    def where_saved(self):
        """Return in words where the corrections are saved."""
        if not self.folder:
            return "not saved, as no folder is given"
        state, words = self.state, ""
        by_hand = {"shots": state.cuts_by_hand, "setups": state.setups_by_hand}
        names = [f"{name}.corrected.csv" for name in by_hand if by_hand[name]]
        if state.cuts_by_hand and state.setups is not None and not state.setups_by_hand:
            words = "set-ups are grouped anew by the notebooks, as long as you change none here; "
        return words + (f"saved in {' and '.join(names)}" if names else "nothing changed yet")

    def _begin(self, cuts, setups):
        """Return the shots, and set-ups, as they are in the folder, or as they were passed."""
        corrected = self._shots.read()
        notes = None if corrected is None else notes_of(corrected, COLUMNS)
        if self._setups.is_there or (setups is None and self.folder):
            setups, self._passed_setups = exports.read_setups(self.folder), False
        state = begin_state(cuts, setups, corrected=corrected, notes=notes)
        if not self._setups.is_there:
            return state
        # names that the numbers stand for are no notes
        return keep_setups(state, notes_of(setups, [*SETUP_COLUMNS, *(["name"] if have_names(setups) else [])]))

    def _save(self, state):
        tables = self._tables(state)
        # neither is saved where one cannot be
        for file, _ in tables:
            file.check()
        for file, table in tables:
            file.save(table)

    def _tables(self, state):
        """Return the files of shots and of set-ups, each with its table: None for what is not corrected by hand."""
        cuts = setups = None
        table = shots_of(state)
        if state.cuts_by_hand:
            cuts = with_notes(table, [row.notes for row in state.rows])
        if state.setups_by_hand:
            spans = table[["start", "end", "start_frame", "end_frame"]].assign(setup=[row.setup for row in state.rows])
            setups = with_notes(spans, [row.setup_notes for row in state.rows])[lambda rows: rows["setup"] != ""]
        return (self._shots, cuts), (self._setups, setups)
