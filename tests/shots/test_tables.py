"""Spans of shots: their labels, instants in them, and tables of runs and of corrected shots."""

import re

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from toolkit import ParameterError, tables
from toolkit.shots import (
    complete_shots,
    group_setups,
    labels_at,
    pace,
    setup_shares,
    shot_statistics,
    shot_table,
    times_in_shots,
)


def test_a_time_lies_in_the_shot_that_starts_with_it():
    spans = [[0, 1], [1, 2], [3, 4]]
    assert labels_at(spans, [5, 7, 9], [0, 1, 1.999, 2, 2.5, 3, 4, -0.1]).tolist() == [5, 7, 7, -1, -1, 9, -1, -1]


def test_times_that_went_through_a_file_lie_where_they_lay():
    exact = np.array([1001 / 24000 * 7, 1001 / 24000 * 31])
    rounded = np.round(exact, 6)
    spans = np.stack([np.append(0, rounded[:1]), rounded], axis=1)
    assert labels_at(spans, [0, 1], exact[:1]).tolist() == [1]
    assert labels_at(spans, [0, 1], exact[1:]).tolist() == [-1]


def test_labels_at_without_shots_or_times():
    assert labels_at(np.empty((0, 2)), np.empty(0, int), [1.0]).tolist() == [-1]
    assert labels_at([[0, 1]], [3], []).tolist() == []


@pytest.mark.parametrize("times", [[[1.0, 2.0]], "then", [np.nan], [[1], [2, 3]], [None]])
def test_times_without_labels_are_checked_too(times):
    with pytest.raises(ParameterError, match="times must be"):
        labels_at([[0, 1]], [0], times)


# instants


def changing_table():
    """Return three shots of 24, 24 and 12 frames, a second being 24: a dissolve of 8 frames, then a cut."""
    return pd.DataFrame(
        {
            "start_frame": [0, 24, 48],
            "end_frame": [24, 48, 60],
            "start": [0.0, 1.0, 2.0],
            "end": [1.0, 2.0, 2.5],
            "transition": ["start", "dissolve", "cut"],
            "transition_start_frame": [0, 20, 48],
            "transition_end_frame": [0, 28, 48],
        }
    )


def test_instants_are_the_middles_of_equal_parts():
    np.testing.assert_allclose(times_in_shots([[0, 6], [10, 11]]), [[1, 3, 5], [10 + 1 / 6, 10.5, 10 + 5 / 6]])
    assert times_in_shots([[0, 6], [10, 11]], 1).tolist() == [[3], [10.5]]


def test_instants_keep_out_of_a_change_at_either_end():
    got = times_in_shots(changing_table(), 2) * 24
    np.testing.assert_allclose(got, [[5, 15], [33, 43], [51, 57]])


def test_a_table_without_frames_tells_of_no_change():
    table = changing_table()
    plain = times_in_shots(table[["start", "end"]].to_numpy())
    np.testing.assert_array_equal(times_in_shots(table.drop(columns="transition_end_frame")), plain)
    table[["transition_start_frame", "transition_end_frame"]] = np.nan
    np.testing.assert_array_equal(times_in_shots(table), plain)


def test_a_shot_that_is_all_change_is_looked_at_as_a_whole():
    table = changing_table()
    table.loc[2, "transition_start_frame"] = 26
    np.testing.assert_allclose(times_in_shots(table)[1], 1 + np.array([1, 3, 5]) / 6)


def test_instants_of_no_shots_and_of_shots_without_length():
    assert times_in_shots(np.empty((0, 2))).shape == (0, 3)
    assert times_in_shots(changing_table().iloc[:0], 2).shape == (0, 2)
    assert times_in_shots([[4, 4]], 2).tolist() == [[4, 4]]
    table = changing_table().iloc[:1].assign(start_frame=0, end_frame=0, end=0.0)
    assert times_in_shots(table, 1).tolist() == [[0]]


@given(st.lists(st.integers(1, 40), min_size=1, max_size=8), st.integers(1, 7), st.data())
def test_instants_lie_inside_and_rise(lengths, n, data):
    edges = np.concatenate([[0], np.cumsum(lengths)])
    around = data.draw(st.lists(st.tuples(st.integers(0, 20), st.integers(0, 20)), min_size=len(lengths)))
    table = pd.DataFrame({"start_frame": edges[:-1], "end_frame": edges[1:]})
    table["start"], table["end"] = 3 + table["start_frame"] / 25, 3 + table["end_frame"] / 25
    table["transition_start_frame"] = [edge - a for edge, (a, _) in zip(edges[:-1], around, strict=False)]
    table["transition_end_frame"] = [edge + b for edge, (_, b) in zip(edges[:-1], around, strict=False)]
    got = times_in_shots(table, n)
    assert (got > table[["start"]].to_numpy()).all()
    assert (got < table[["end"]].to_numpy()).all()
    assert (np.diff(got, axis=1) > 0).all()
    assert labels_at(table, np.arange(len(table)), got.ravel()).tolist() == np.repeat(np.arange(len(table)), n).tolist()


@pytest.mark.parametrize("n", [0, -1, 1.5, "three", None, True])
def test_there_is_at_least_one_instant_a_shot(n):
    with pytest.raises(ParameterError, match="n must be a whole number of at least 1"):
        times_in_shots([[0, 1]], n)


def test_frames_of_changes_are_numbers():
    table = changing_table().assign(transition_end_frame="soon")
    with pytest.raises(ParameterError, match="transition_end_frame must be numbers of frames"):
        times_in_shots(table)


# spans


@pytest.mark.parametrize(
    ("spans", "message"),
    [
        ([[0, 1, 2]], r"shape \(1, 3\)"),
        (pd.DataFrame({"begin": [0], "end": [1]}), "columns start and end.*got the columns begin, end"),
        ([[0, np.nan]], "NaN"),
        ([[0, 2], [1, 3]], "without overlap; got 1 to 3 in row 1. Sort"),
        ([[3, 4], [0, 1]], "Sort the table"),
        ([[2, 1]], "not before its start; got 2 to 1 in row 0"),
        ("spans", "got str"),
        ([["a", "b"]], "start and end"),
    ],
)
def test_what_are_no_spans_is_refused(spans, message):
    for use in (
        lambda: group_setups(np.eye(2), [0, 1], spans),
        lambda: labels_at(spans, [0], [1.0]),
        lambda: shot_statistics(spans),
        lambda: setup_shares(spans, [0]),
        lambda: pace(spans),
        lambda: times_in_shots(spans),
    ):
        with pytest.raises(ParameterError, match=message):
            use()


@pytest.mark.parametrize(
    ("labels", "message"),
    [
        ([0.0, 1.0], "whole numbers.*float64"),
        ([0], r"2 shots; got shape \(1,\)"),
        (["a", "b"], "whole numbers"),
    ],
)
def test_labels_must_fit_the_shots(labels, message):
    with pytest.raises(ParameterError, match=message):
        labels_at([[0, 1], [1, 2]], labels, [0.5])


# runs


def test_runs_as_a_table():
    table = shot_table([3, 3, 1, 3])
    assert table.to_dict("list") == {"label": [3, 1, 3], "start_frame": [0, 2, 3], "end_frame": [2, 3, 4]}


def test_a_run_ends_when_the_next_one_starts():
    table = shot_table([0, 0, 1, 1], [10.0, 10.2, 10.4, 10.9])
    assert table["start"].tolist() == [10.0, 10.4]
    assert table["end"].tolist() == pytest.approx([10.4, 11.1])
    assert shot_table([0, 0, 1, 1], [10.0, 10.2, 10.4, 10.9], end=12)["end"].tolist() == [10.4, 12]


def test_a_short_run_between_two_of_one_label_vanishes():
    assert shot_table([0, 0, 0, 1, 0, 0], min_length=2).to_dict("list") == {
        "label": [0],
        "start_frame": [0],
        "end_frame": [6],
    }


def test_a_short_run_between_others_goes_to_the_longer():
    assert shot_table([0, 0, 1, 2, 2, 2], min_length=2)["start_frame"].tolist() == [0, 2]
    assert shot_table([0, 0, 0, 1, 2, 2], min_length=2)["start_frame"].tolist() == [0, 4]
    # of equals, to the earlier
    assert shot_table([0, 0, 1, 2, 2], min_length=2)["start_frame"].tolist() == [0, 3]


def test_a_short_run_at_an_end_goes_to_its_only_neighbour():
    assert shot_table([1, 0, 0, 0, 2], min_length=2).to_dict("list") == {
        "label": [0],
        "start_frame": [0],
        "end_frame": [5],
    }


def test_the_shortest_run_goes_first():
    # 2 first: then 1 lasts four frames, and none is short
    assert shot_table([0] * 5 + [1] * 3 + [2] + [3] * 2, min_length=2)["label"].tolist() == [0, 1, 3]


def test_with_times_short_is_in_seconds():
    times = [0.0, 1.0, 2.0, 2.1, 3.0]
    assert shot_table([0, 0, 1, 2, 2], times, min_length=0.5)["label"].tolist() == [0, 2]
    assert len(shot_table([0, 0, 1, 2, 2], times, min_length=0.05)) == 3


@given(st.lists(st.integers(0, 3), max_size=30), st.integers(0, 6))
def test_runs_tile_the_frames_and_none_is_short(labels, least):
    table = shot_table(labels, min_length=least)
    edges = [*table["start_frame"], len(labels)]
    assert edges[:1] == [0]
    assert table["end_frame"].tolist() == edges[1:]
    assert len(table) <= 1 or (np.diff(edges) >= max(least, 1)).all()
    assert (np.diff(table["label"]) != 0).all()
    assert set(table["label"]) <= set(labels)


@given(st.lists(st.integers(-2, 3), max_size=30))
def test_without_a_least_length_every_run_stays(labels):
    table = shot_table(labels)
    assert np.repeat(table["label"], table["end_frame"] - table["start_frame"]).tolist() == labels


def test_no_frames_are_no_runs():
    assert shot_table([]).empty
    assert shot_table([], []).columns.tolist() == ["label", "start_frame", "end_frame", "start", "end"]
    assert shot_table(np.array([4]), [1.5])[["start", "end"]].values.tolist() == [[1.5, 1.5]]


@pytest.mark.parametrize(
    ("arguments", "options", "message"),
    [
        (([0.5, 1],), {}, "whole numbers"),
        (([0, 1], [0.0]), {}, r"times must be .* shape \(1,\)"),
        (([0, 1], [1.0, 1.0]), {}, "each after the one before.*got 1 after 1"),
        (([0, 1],), {"end": 3}, "needs times"),
        (([0, 1], [0, 1]), {"end": 1}, "after the last frame, at 1 s"),
        (([0, 1],), {"min_length": 1.5}, "min_length must be a whole number"),
        (([0, 1], [0, 1]), {"min_length": -1}, "min_length must be a finite number"),
    ],
)
def test_what_makes_no_runs_is_refused(arguments, options, message):
    with pytest.raises(ParameterError, match=message):
        shot_table(*arguments, **options)


# shots corrected by hand


DETECTED = pd.DataFrame(
    {
        "start_frame": [0, 50, 100],
        "end_frame": [50, 100, 250],
        "start": [0.5, 2.5, 4.5],
        "end": [2.5, 4.5, 10.5],
        "transition": ["start", "cut", "dissolve"],
        "transition_start_frame": [0, 50, 90],
        "transition_end_frame": [0, 50, 110],
    }
)


def test_shots_that_were_left_as_they_are_come_back_whole():
    pd.testing.assert_frame_equal(complete_shots(DETECTED[["start", "transition"]], DETECTED), DETECTED)
    # as ELAN rounds them
    rounded = DETECTED[["start", "transition"]].assign(start=DETECTED["start"] + 0.0004)
    pd.testing.assert_frame_equal(complete_shots(rounded, DETECTED), DETECTED)


def test_a_shot_added_by_hand_has_frames_and_shots_tile_the_film():
    corrected = pd.DataFrame({"start": [0.5, 2.5, 4.5, 6.5], "transition": ["start", "cut", "dissolve", "cut"]})
    table = complete_shots(corrected, DETECTED)
    assert table["start_frame"].tolist() == [0, 50, 100, 150]
    assert table["end_frame"].tolist() == [50, 100, 150, 250]
    assert table["end"].tolist() == [2.5, 4.5, 6.5, 10.5]
    assert table["transition_start_frame"].tolist() == [0, 50, 90, 150]
    assert list(table.columns) == list(DETECTED.columns)


def test_a_change_that_is_not_told_is_a_cut_also_where_others_are_numbers():
    corrected = pd.DataFrame({"start": [0.5, 2.5], "transition": pd.array([5, None], dtype="Int64")})
    assert complete_shots(corrected, DETECTED)["transition"].tolist() == ["5", "cut"]


def test_shots_that_do_not_fit_are_told_with_their_file_and_row(tmp_path):
    path = tmp_path / "shots.corrected.csv"
    path.write_text("start\n0:00.5\n\n1:00\n2.5\n")
    corrected = tables.read_csv(path, columns=("start",))
    with pytest.raises(ParameterError, match=rf"{re.escape(str(path))}.* got one at 60 s in row 4\."):
        complete_shots(corrected, DETECTED)
    # of a part of it no row is told
    with pytest.raises(ParameterError, match=r"shots\.corrected\.csv.* got one at 60 s\."):
        complete_shots(corrected[1:], DETECTED)


def test_a_shot_taken_out_goes_to_the_one_before():
    table = complete_shots(pd.DataFrame({"start": [0.5, 4.5]}), DETECTED)
    assert table["end"].tolist() == [4.5, 10.5]
    assert table["transition"].tolist() == ["start", "cut"]
    # it begins with a cut now, so the frames of the dissolve are none of its own
    assert table["transition_start_frame"].tolist() == [0, 100]


def test_a_shot_that_was_moved_has_the_frame_of_its_time():
    table = complete_shots(pd.DataFrame({"start": [0.5, 2.9]}), DETECTED)
    assert table["start_frame"].tolist() == [0, 60]


@pytest.mark.parametrize(
    ("corrected", "message"),
    [
        (pd.DataFrame({"begin": [1.0]}), "with the column start"),
        ([0.5], "with the column start"),
        (pd.DataFrame({"start": []}), "a row for each shot; got none"),
        (pd.DataFrame({"start": [0.5, 60.0]}), r"within the film, from 0.5 to 10.5 s; got one at 60 s"),
        (pd.DataFrame({"start": [0.1, 2.0]}), r"got one at 0.1 s"),
        (pd.DataFrame({"start": [2.0, 1.0]}), "each after the one before"),
        (
            pd.DataFrame({"start": [1.999, 2.001]}),
            "each after the one before, and not at once; got 2.001 after 1.999 s",
        ),
        (pd.DataFrame({"start": [0.5, np.nan]}), "finite seconds"),
        (pd.DataFrame({"start": ["one"]}), "must be"),
    ],
)
def test_corrected_shots_must_lie_in_the_film(corrected, message):
    with pytest.raises(ParameterError, match=message):
        complete_shots(corrected, DETECTED)
    with pytest.raises(ParameterError, match="detected must be a table of shots"):
        complete_shots(pd.DataFrame({"start": [0.5]}), DETECTED[["start", "end"]])
