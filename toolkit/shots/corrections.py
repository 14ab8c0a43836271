"""Shots corrected by hand: changes applied one after the other, and the set-up of each shot.

What is put right is a `ShotState`: the shots in order, each with what was given it by hand. A change makes another
state of it and leaves the first as it is, so that it can be gone back to.
"""

import numbers
import re
from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd

from toolkit.checks import check_number
from toolkit.errors import ParameterError
from toolkit.shots.tables import complete_shots, labels_at
from toolkit.tables import SAME_SECONDS, check_within
from toolkit.tables.texts import printable

# how a shot may begin; other words are let be
KINDS = ("cut", "dissolve", "fade", "iris")
# how many values a change has
CHANGES = {"add": 2, "remove": 2, "move": 3, "kind": 3, "setup": 3, "name": 3}


def correct_shots(cuts, changes=(), *, setups=None):
    """Return a table of shots with changes made, and the set-up of each shot.

    Parameters
    ----------
    cuts : DataFrame
        The shots, from `detect_shots`.
    changes : sequence of tuple
        Made one after the other: ``("add", start)`` lets a shot begin with a cut at so many seconds,
        ``("remove", start)`` joins the shot that starts there to the one before, ``("move", start, to)`` lets it start
        elsewhere between its neighbours, ``("kind", start, "dissolve")`` says how it begins,
        ``("setup", start, "letter")`` gives it a set-up, a whole number or a name, and ``("name", start, "letter")``
        gives it to all shots of its set-up.
    setups : DataFrame, optional
        start, end (seconds), setup, and where these have names name. A shot has the set-up that is there at its middle;
        from the first change of a set-up on each shot keeps its own, and one that is added has that of the shot it
        is cut from.

    Returns
    -------
    DataFrame
        As of `complete_shots`; with setups also setup (int64; -1 where it is not known), and where not all of them are
        whole numbers name (str), as of `exports.read_setups`.

    Raises
    ------
    ParameterError
        If the tables are none, or a change cannot be made.
    """
    state = begin_state(cuts, setups)
    for change in check_changes(changes):
        state = apply_change(state, change)
    return result_of(state)


@dataclass(frozen=True)
class ShotRow:
    """A shot: its start, how it begins, its set-up if it was given by hand, and what else tables say of it."""

    start: float
    kind: str
    setup: str | None = None
    notes: dict = field(default_factory=dict)
    setup_notes: dict = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class ShotState:
    """Shots, what they are made from, and whether they, and their set-ups, are put right by hand."""

    detected: pd.DataFrame
    setups: pd.DataFrame | None
    rows: tuple
    cuts_by_hand: bool = False
    setups_by_hand: bool = False


def begin_state(detected, setups=None, *, corrected=None, notes=None):
    """Return the state of shots as they were found, or as `corrected` says, with its notes, a dict for each."""
    table = complete_shots(detected if corrected is None else corrected, detected)
    starts, kinds = table["start"].tolist(), table["transition"].tolist()
    notes = [{}] * len(table) if notes is None else notes
    rows = tuple(ShotRow(start, kind, notes=note) for start, kind, note in zip(starts, kinds, notes, strict=True))
    return ShotState(detected, setups, rows, corrected is not None)


def keep_setups(state, notes):
    """Return a state in which set-ups are put right by hand as they are now; `notes` are those of its set-ups' rows."""
    notes = list(zip(state.setups["start"], notes, strict=True))
    rows = (
        replace(
            row, setup=name, setup_notes=next((note for at, note in notes if abs(at - row.start) <= SAME_SECONDS), {})
        )
        for row, name in zip(state.rows, setups_of(state), strict=True)
    )
    return replace(state, rows=tuple(rows), setups_by_hand=True)


def shots_of(state):
    """Return the shots of a state as `complete_shots` gives them."""
    rows = pd.DataFrame({"start": [row.start for row in state.rows], "transition": [row.kind for row in state.rows]})
    return complete_shots(rows, state.detected)


def setups_of(state):
    """Return the set-up of each shot as text, "" where it is not known; None where none is."""
    if state.setups_by_hand:
        return [row.setup for row in state.rows]
    setups = state.setups
    if setups is None:
        return None
    if not {"start", "end", "setup"} <= set(getattr(setups, "columns", ())):
        raise ParameterError("setups must be a table with start, end and setup, as exports.read_setups gives it")
    table = shots_of(state)
    place = labels_at(setups, np.arange(len(setups)), (table["start"] + table["end"]) / 2)
    check_within("setups", setups, setups["end"].to_numpy(), table["end"].iloc[-1])
    names = setups["name" if have_names(setups) else "setup"]
    texts = ["" if missing else _check_setup(setup) for setup, missing in zip(names, names.isna(), strict=True)]
    return [texts[i] if i >= 0 else "" for i in place]


def have_names(setups):
    """Return whether the numbers of set-ups stand for their names."""
    return "name" in setups.columns and np.array_equal(pd.factorize(setups["name"])[0], setups["setup"])


def result_of(state):
    """Return the table of `correct_shots`."""
    table, names = shots_of(state), setups_of(state)
    if names is None:
        return table
    if all(is_number(name) for name in names if name):
        return table.assign(setup=[int(name) if name else -1 for name in names])
    numbers, _ = pd.factorize(np.array([name or None for name in names], object))
    return table.assign(setup=numbers.astype(np.int64), name=names)


def apply_change(state, change):
    """Return a state after a change, which is checked, but for its form: see `check_changes`."""
    what, start, *more = change
    rows, starts = list(state.rows), np.array([row.start for row in state.rows])
    finish = float(state.detected["end"].iloc[-1])
    near = int(np.abs(starts - start).argmin())
    if what == "add":
        if not starts[0] < start < finish or abs(starts[near] - start) <= SAME_SECONDS:
            raise ParameterError(
                f"a cut must lie within the film, after {starts[0]:g} s and before {finish:g} s, where there is none "
                f"yet; got {start:g} s"
            )
        place = int(np.searchsorted(starts, start))
        rows.insert(place, ShotRow(start, "cut", rows[place - 1].setup))
        return replace(state, rows=tuple(rows), cuts_by_hand=True)
    if abs(starts[near] - start) > SAME_SECONDS:
        raise ParameterError(f"no shot starts at {start:g} s; the nearest starts at {starts[near]:g} s")
    if what in ("setup", "name"):
        names = setups_of(state)
        if names is None:
            raise ParameterError("set-ups are not known: give setups=, such as exports.read_setups(folder)")
        # of shots whose set-up is not known one is named, not all of these
        old, new, whole = names[near], _check_setup(more[0]), what == "name" and names[near]
        names = [new if (whole and name == old) or place == near else name for place, name in enumerate(names)]
        rows = (replace(row, setup=name) for row, name in zip(rows, names, strict=True))
        return replace(state, rows=tuple(rows), setups_by_hand=True)
    if near == 0:
        raise ParameterError("the first shot begins where the film does: that is no cut to remove, move or name")
    if what == "remove":
        del rows[near]
    elif what == "kind":
        rows[near] = replace(rows[near], kind=_check_kind(more[0]))
    else:
        to = check_number("the start of a shot", more[0], unit="seconds")
        after = starts[near + 1] if near + 1 < len(rows) else finish
        if not starts[near - 1] + SAME_SECONDS < to < after - SAME_SECONDS:
            raise ParameterError(
                f"a shot must start between its neighbours, after {starts[near - 1]:g} s and before {after:g} s; "
                f"got {to:g} s"
            )
        rows[near] = replace(rows[near], start=to)
    return replace(state, rows=tuple(rows), cuts_by_hand=True)


def check_changes(changes):
    """Return changes as a list of tuples if they have the form of any; otherwise raise a ParameterError."""
    listed = list(changes) if isinstance(changes, tuple | list) else [changes]
    for change in listed:
        is_tuple = isinstance(change, tuple | list) and change and isinstance(change[0], str)
        if not is_tuple or CHANGES.get(change[0]) != len(change):
            raise ParameterError(
                'changes must be a list of tuples such as ("add", 3.04), ("remove", 3.04), ("move", 3.04, 3.08), '
                f'("kind", 3.04, "dissolve"), ("setup", 3.04, "letter") and ("name", 3.04, "letter"); got {change!r}'
            )
        check_number("the start of a shot", change[1], unit="seconds")
    return [tuple(change) for change in listed]


def is_number(name):
    """Return whether the name of a set-up is a whole number."""
    return re.fullmatch(r"[+-]?(0|[1-9]\d{0,17})", name) is not None


def _check_kind(kind):
    if not isinstance(kind, str) or not re.fullmatch(r"[^\W\d_]([\w -]*\w)?", kind) or kind == "start":
        raise ParameterError(f"a kind of change must be a word, such as {', '.join(KINDS)}; got {kind!r}")
    return kind


def _check_setup(name):
    """Return a set-up as text: a whole number, or a name that comes back from a file as it is."""
    text = " ".join(printable(str(name)).split()) if isinstance(name, str | numbers.Real) else ""
    try:
        number = float(text.replace(",", "."))
    except ValueError:
        number = None
    if not text or (number is not None and not number.is_integer()):
        raise ParameterError(f"a set-up must be a whole number or a name; got {(text or name)!r}")
    whole = re.fullmatch(r"([+-]?(?:0|[1-9]\d{0,17}))(?:[.,]0*)?", text)
    return str(int(whole[1])) if whole else text
