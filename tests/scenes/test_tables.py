"""Scenes as tables and as boundaries: truth by hand, and each made again from the other."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from toolkit import ParameterError
from toolkit.exports import read_table
from toolkit.scenes import boundaries_at, scene_table

SHOTS = pd.DataFrame({"start": [0.0, 2, 3, 7, 9], "end": [2.0, 3, 7, 9, 10]})
SHOTS = SHOTS.assign(start_frame=[0, 20, 30, 70, 90], end_frame=[20, 30, 70, 90, 100])


def test_a_scene_is_from_its_first_shots_start_to_its_lasts_end():
    table = scene_table(np.array([False, True, False, True]), SHOTS)
    assert table.to_dict("list") == {
        "start_frame": [0, 30, 90],
        "end_frame": [30, 90, 100],
        "start": [0.0, 3.0, 9.0],
        "end": [3.0, 9.0, 10.0],
        "first_shot": [0, 2, 4],
        "last_shot": [1, 3, 4],
    }


def test_shots_without_frame_numbers_give_scenes_without():
    table = scene_table(np.array([True]), np.array([[0.0, 1.0], [1.5, 2.0]]))
    assert table.to_dict("list") == {"start": [0.0, 1.5], "end": [1.0, 2.0], "first_shot": [0, 1], "last_shot": [0, 1]}


def test_a_film_of_one_shot_is_one_scene_and_of_none_no_scene():
    assert len(scene_table(np.zeros(0, bool), SHOTS[:1])) == 1
    assert len(scene_table([], SHOTS[:1])) == 1
    assert len(scene_table(np.zeros(0, bool), SHOTS[:0])) == 0
    assert boundaries_at(SHOTS[:1], SHOTS[:1]).shape == (0,)


@given(st.lists(st.booleans(), max_size=30), st.lists(st.floats(0.1, 50), min_size=31, max_size=31))
def test_boundaries_come_back_from_their_scenes(flags, lengths):
    boundaries = np.array(flags, bool)
    edges = np.cumsum([0, *lengths[: len(flags) + 1]])
    spans = np.stack([edges[:-1], edges[1:]], axis=1)
    table = scene_table(boundaries, spans)
    np.testing.assert_array_equal(boundaries_at(table, spans), boundaries)
    np.testing.assert_array_equal(boundaries_at(table[["start", "end"]].to_numpy(), spans), boundaries)


def test_a_scene_begins_at_the_nearest_shot_and_of_two_at_the_earlier():
    # 2.4 is nearest to the shot at 2, 2.6 to that at 3, 8 as near to that at 7 as to that at 9
    assert boundaries_at(pd.DataFrame({"start": [0, 2.4]}), SHOTS).tolist() == [True, False, False, False]
    assert boundaries_at(pd.DataFrame({"start": [0, 2.6]}), SHOTS).tolist() == [False, True, False, False]
    assert boundaries_at(pd.DataFrame({"start": [0, 8.0]}), SHOTS).tolist() == [False, False, True, False]


def test_scenes_in_any_order_a_little_beyond_the_film_or_twice_at_one_shot_are_taken():
    starts = pd.DataFrame({"start": [10.5, 3.1, 2.9, -5.0]})
    assert boundaries_at(starts, SHOTS).tolist() == [False, True, False, True]
    assert not boundaries_at(pd.DataFrame({"start": []}), SHOTS).any()


def test_a_scene_after_the_film_is_told_with_its_file_and_row(tmp_path):
    (tmp_path / "scenes.corrected.csv").write_text("start\n0\n\n99\n")
    message = r"scenes \(.*scenes.corrected.csv\) must lie within the film, .* 10 s; got 99 s in row 4"
    with pytest.raises(ParameterError, match=message):
        boundaries_at(read_table(tmp_path, "scenes", columns=("start",)), SHOTS)


@pytest.mark.parametrize(
    ("boundaries", "message"),
    [
        (np.zeros(3, bool), r"one between each two of the 5 shots; got shape \(3,\)"),
        (np.zeros(4, int), r"boundaries must be bool, .* got ndarray of dtype int64"),
        (np.zeros((4, 1), bool), r"shape \(4, 1\)"),
        ([[True], [True, False]], "got rows of different lengths"),
    ],
)
def test_boundaries_that_do_not_fit_the_shots_are_refused(boundaries, message):
    with pytest.raises(ParameterError, match=message):
        scene_table(boundaries, SHOTS)


@pytest.mark.parametrize(
    ("scenes", "message"),
    [
        (pd.DataFrame({"end": [1.0]}), r"a table with the column start, .* in seconds; got the columns end"),
        (pd.DataFrame(), "got the columns none"),
        (pd.DataFrame({"start": [0.0, np.nan]}), "one for each of the 2 scenes; got nan"),
        (pd.DataFrame({"start": ["a"]}), "with what is not a number"),
        ("scenes.csv", r"or an array \(n, 2\), in seconds; got str"),
        (np.zeros(3), r"in seconds; got shape \(3,\)"),
        ([[0, 10**400]], "in seconds; got list"),
    ],
)
def test_scenes_without_starts_are_refused(scenes, message):
    with pytest.raises(ParameterError, match=message):
        boundaries_at(scenes, SHOTS)


def test_scenes_of_another_film_are_refused():
    with pytest.raises(ParameterError, match=r"which ends at 10 s; got 4000 s. Is it of another film"):
        boundaries_at(pd.DataFrame({"start": [0.0, 4000.0]}), SHOTS)


def test_a_film_without_shots_has_no_place_for_a_boundary():
    with pytest.raises(ParameterError, match="at least one shot; got none"):
        boundaries_at(SHOTS, SHOTS[:0])
