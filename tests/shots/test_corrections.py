"""Tables of shots put right: changes one after the other, each by hand-made truth, and what is no change refused."""

import numpy as np
import pandas as pd
import pytest

from toolkit import ParameterError, shots
from toolkit.shots.corrections import apply_change, begin_state, keep_setups, result_of

FPS = 24
STARTS, LAST = np.array([0, 10, 20, 33, 41, 60, 77, 90]), 96
TABLE = pd.DataFrame(
    {
        "start_frame": STARTS,
        "end_frame": np.append(STARTS[1:], LAST),
        "start": STARTS / FPS,
        "end": np.append(STARTS[1:], LAST) / FPS,
        "transition": ["start", *["cut"] * 7],
        "transition_start_frame": STARTS,
        "transition_end_frame": STARTS,
    }
)
SETUPS = [0, 1, 0, 1, 2, 0, 3, 2]
KNOWN = TABLE[["start", "end"]].assign(setup=SETUPS)


def test_a_name_is_for_all_shots_of_a_set_up():
    found = shots.correct_shots(TABLE, [("name", 20 / FPS, "letter")], setups=KNOWN)
    assert found["name"].tolist() == ["letter", "1", "letter", "1", "2", "letter", "3", "2"]
    # where no set-up is known, a shot alone is named
    found = shots.correct_shots(TABLE, [("name", 0.0, "letter")], setups=KNOWN[4:])
    assert found["name"].tolist() == ["letter", "", "", "", "2", "0", "3", "2"]


def test_changes_are_made_one_after_the_other():
    changes = [("add", 1.0), ("move", 1.0, 1.1), ("kind", 1.1, "fade"), ("remove", 10 / FPS), ("setup", 1.1, "x")]
    found = shots.correct_shots(TABLE, changes, setups=KNOWN)
    assert found["start"].tolist()[:3] == pytest.approx([0, 20 / FPS, 1.1])
    assert found["transition"].tolist()[:3] == ["start", "cut", "fade"]
    # in the middle of the first two shots, which are one now, the second was seen
    assert found["name"].tolist()[:4] == ["1", "0", "x", "1"]


@pytest.mark.parametrize(
    ("change", "match"),
    [
        (("turn", 1.0), "changes must be a list of tuples such as"),
        (("add",), "changes must be a list of tuples such as"),
        ("add", "changes must be a list of tuples such as"),
        (("add", "soon"), "the start of a shot must be a finite number"),
        (("add", 99.0), "a cut must lie within the film, after 0 s and before 4 s"),
        (("add", 0.0), "a cut must lie within the film"),
        (("add", 10 / FPS), "where there is none yet"),
        (("remove", 0.2), "no shot starts at 0.2 s; the nearest starts at 0"),
        (("remove", 0.0), "the first shot begins where the film does"),
        (("move", 10 / FPS, 1.0), "must start between its neighbours, after 0 s and before 0.833333 s; got 1 s"),
        (("move", 10 / FPS, None), "the start of a shot must be a finite number"),
        (
            ("kind", 10 / FPS, "start"),
            "a kind of change must be a word, such as cut, dissolve, fade, iris; got 'start'",
        ),
        (("kind", 10 / FPS, 3), "a kind of change must be a word"),
        (("kind", 10 / FPS, "start "), "a kind of change must be a word, .*; got 'start '"),
        (("setup", 0.0, 2.5), "a set-up must be a whole number or a name; got '2.5'"),
        (("setup", 0.0, None), "a set-up must be a whole number or a name; got None"),
        (([], 1.0), "changes must be a list of tuples such as"),
    ],
)
def test_changes_that_cannot_be_made_are_refused(change, match):
    with pytest.raises(ParameterError, match=match):
        shots.correct_shots(TABLE, [change], setups=KNOWN)


@pytest.mark.parametrize("changes", [None, 3, "add", {"add": 1.0}])
def test_changes_that_are_no_list_are_refused(changes):
    with pytest.raises(ParameterError, match="changes must be a list of tuples such as .*; got"):
        shots.correct_shots(TABLE, changes)


def test_without_changes_the_shots_are_as_they_were():
    pd.testing.assert_frame_equal(shots.correct_shots(TABLE), TABLE)
    pd.testing.assert_frame_equal(shots.correct_shots(TABLE, setups=KNOWN), TABLE.assign(setup=SETUPS))


def test_what_is_added_removed_and_moved_tiles_the_film():
    found = shots.correct_shots(TABLE, [("add", 50 / FPS), ("remove", 33 / FPS), ("move", 77 / FPS, 80 / FPS)])
    assert (found["start"] * FPS).round(6).tolist() == [0, 10, 20, 41, 50, 60, 80, 90]
    assert found["start_frame"].tolist() == [0, 10, 20, 41, 50, 60, 80, 90]
    assert found["end"].tolist() == [*found["start"][1:], LAST / FPS]


def test_a_start_may_be_named_to_two_milliseconds():
    assert len(shots.correct_shots(TABLE, [("remove", 0.418)])) == 7
    with pytest.raises(ParameterError, match="no shot starts at 0.42 s; the nearest starts at 0.416667 s"):
        shots.correct_shots(TABLE, [("remove", 0.42)])


def test_set_ups_are_numbers_until_one_has_a_name():
    found = shots.correct_shots(TABLE, [("setup", 0.0, 7), ("setup", 10 / FPS, "7.0")], setups=KNOWN)
    assert found["setup"].tolist() == [7, 7, 0, 1, 2, 0, 3, 2]
    assert "name" not in found
    named = shots.correct_shots(TABLE, [("setup", 0.0, " the  letter ")], setups=KNOWN)
    assert named["name"].tolist() == ["the letter", "1", "0", "1", "2", "0", "3", "2"]
    assert named["setup"].tolist() == [0, 1, 2, 1, 3, 2, 4, 3]


def test_set_ups_of_another_film_are_refused():
    with pytest.raises(ParameterError, match=r"setups must lie within the film, which ends at .* got 4000 s. Is it of"):
        shots.correct_shots(TABLE, setups=pd.DataFrame({"start": [3000.0], "end": [4000.0], "setup": [0]}))


def test_a_shot_without_a_set_up_has_none():
    part = KNOWN.iloc[2:4]
    assert shots.correct_shots(TABLE, setups=part)["setup"].tolist() == [-1, -1, 0, 1, -1, -1, -1, -1]
    missing = pd.DataFrame(KNOWN).assign(setup=pd.array([None, *[5] * (len(KNOWN) - 1)], "Int64"))
    assert shots.correct_shots(TABLE, setups=missing)["setup"].tolist() == [-1, *[5] * (len(KNOWN) - 1)]
    named = shots.correct_shots(TABLE, [("setup", 20 / FPS, "a")], setups=part)
    assert named["name"].tolist() == ["", "", "a", "1", "", "", "", ""]
    assert named["setup"].tolist() == [-1, -1, 0, 1, -1, -1, -1, -1]


def test_once_given_by_hand_a_set_up_goes_with_its_shot():
    # before, each shot has what is at its middle: of the third that is now the second's, of the fourth the third's
    move = [("move", 33 / FPS, 22 / FPS), ("move", 20 / FPS, 12 / FPS)]
    assert shots.correct_shots(TABLE, move, setups=KNOWN)["setup"].tolist() == [0, 1, 1, 0, 2, 0, 3, 2]
    first = [("setup", 0.0, 0)]
    assert shots.correct_shots(TABLE, first + move, setups=KNOWN)["setup"].tolist() == SETUPS


def test_a_change_leaves_the_state_it_is_made_from():
    state = begin_state(TABLE, KNOWN)
    apply_change(apply_change(state, ("remove", 10 / FPS)), ("setup", 0.0, "x"))
    pd.testing.assert_frame_equal(result_of(state), TABLE.assign(setup=SETUPS))
    assert not state.cuts_by_hand
    assert not state.setups_by_hand


def test_notes_go_with_their_shots():
    notes = [{"note": str(number)} for number in range(8)]
    state = keep_setups(begin_state(TABLE, KNOWN, corrected=TABLE, notes=notes), [{"who": n} for n in SETUPS])
    state = apply_change(apply_change(apply_change(state, ("move", 20 / FPS, 1.0)), ("remove", 10 / FPS)), ("add", 3.0))
    assert [row.notes.get("note") for row in state.rows] == ["0", "2", "3", "4", "5", None, "6", "7"]
    assert [row.setup_notes.get("who") for row in state.rows] == [0, 0, 1, 2, 0, None, 3, 2]
    assert state.cuts_by_hand
    assert state.setups_by_hand


def test_what_is_no_table_is_refused():
    with pytest.raises(ParameterError, match="detected must be a table of shots"):
        shots.correct_shots(KNOWN)
    with pytest.raises(ParameterError, match="setups must be a table with start, end and setup"):
        shots.correct_shots(TABLE, setups=SETUPS)
    with pytest.raises(ParameterError, match="set-ups are not known: give setups="):
        shots.correct_shots(TABLE, [("setup", 0.0, "x")])
