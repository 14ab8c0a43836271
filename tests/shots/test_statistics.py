"""Lengths of shots, shares of set-ups, and pace."""

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from toolkit import ParameterError
from toolkit.shots import (
    pace,
    setup_shares,
    shot_statistics,
)


def test_statistics_by_hand():
    got = shot_statistics([[0, 2], [2, 3], [3, 12]])
    assert got.to_dict() == {
        "shots": 3,
        "duration": 12,
        "average_length": 4,
        "median_length": 2,
        "shortest": 1,
        "longest": 9,
        "shots_per_minute": 15,
    }


def test_no_shots_have_no_length():
    got = shot_statistics(np.empty((0, 2)))
    assert got["shots"] == got["duration"] == 0
    assert got.drop(["shots", "duration"]).isna().all()


def test_shares_of_setups_by_hand():
    got = setup_shares([[0, 2], [2, 3], [3, 12], [12, 20]], [4, 1, 1, -1])
    assert got.to_dict("list") == {
        "label": [1, -1, 4],
        "shots": [2, 1, 1],
        "seconds": [10, 8, 2],
        "share": [0.5, 0.4, 0.1],
    }


def test_shares_of_no_shots():
    assert setup_shares(np.empty((0, 2)), np.empty(0, int)).empty
    assert setup_shares([[1, 1]], [0])["share"].tolist() == [0]


def test_pace_by_hand():
    # 10 shots of 1 s, then 2 of 10 s, in windows of 10 s
    edges = np.array([*range(11), 20, 30])
    got = pace(np.stack([edges[:-1], edges[1:]], axis=1), window=10, step=5)
    assert got["start"].tolist() == [0, 5, 10, 15, 20]
    assert got["end"].tolist() == [10, 15, 20, 25, 30]
    np.testing.assert_allclose(got["shots"], [10, 5.5, 1, 1, 1])
    np.testing.assert_allclose(got["average_length"], [1, 10 / 5.5, 10, 10, 10])


def test_pace_leaves_out_what_is_in_no_shot():
    got = pace([[0, 2], [8, 10]], window=5, step=5)
    np.testing.assert_allclose(got["average_length"], [2, 2])
    np.testing.assert_allclose(got["shots"], [1, 1])


def test_pace_of_a_film_shorter_than_a_window_is_its_average():
    got = pace([[3, 5], [5, 9]])
    assert got.values.tolist() == [[3, 9, 2, 3]]


def test_pace_of_no_shots():
    assert pace(np.empty((0, 2))).empty
    assert pace([[2, 2]]).empty


@given(st.lists(st.floats(0.05, 30), min_size=1, max_size=20), st.floats(1, 100))
def test_windows_side_by_side_hold_every_shot_once(lengths, window):
    assume(sum(lengths) / window < 500)
    edges = np.concatenate([[0], np.cumsum(lengths)])
    got = pace(np.stack([edges[:-1], edges[1:]], axis=1), window=window, step=window)
    assert got["shots"].sum() == pytest.approx(len(lengths), abs=1e-3)
    assert got["end"].iloc[-1] == pytest.approx(edges[-1], abs=1e-3)


@pytest.mark.parametrize("options", [{"window": 0}, {"window": 5, "step": 0}, {"window": np.inf}])
def test_windows_are_above_nought(options):
    with pytest.raises(ParameterError, match="must be a finite number above 0"):
        pace([[0, 1]], **options)
