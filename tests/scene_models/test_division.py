"""Predictions made a division into scenes: against every division there is, and cases decided by hand."""

import itertools

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from toolkit import ParameterError
from toolkit.scene_models import divide

PROBABILITIES = st.lists(st.floats(0, 1), max_size=9)


def naive_sum(told, ends, alike):
    """Return the sum over pairs of shots in one scene of how probable it is that they are, less `alike`."""
    scene = np.concatenate([[0], np.cumsum(ends)])
    pairs = itertools.combinations(range(len(scene)), 2)
    return sum(np.prod(1 - np.array(told[i:j])) - alike for i, j in pairs if scene[i] == scene[j])


def naive_best(told, alike):
    return max(naive_sum(told, ends, alike) for ends in itertools.product([False, True], repeat=len(told)))


def ends_of(told, **options):
    return np.flatnonzero(divide([told], **options)[0] >= 0.5).tolist()


@given(PROBABILITIES, st.floats(0.01, 0.99))
@example([1.0, 1.0], 0.5)
@example([0.0, 0.0], 0.99)
def test_no_division_is_better(told, alike):
    (found,) = divide([told], alike=alike)
    assert naive_sum(told, found >= 0.5, alike) == pytest.approx(naive_best(told, alike), abs=1e-9)


@given(PROBABILITIES)
def test_places_keep_their_order_at_boundaries_and_elsewhere(told):
    (found,) = divide([told])
    told, ends = np.array(told), found >= 0.5
    np.testing.assert_array_equal(found[ends], (1 + told[ends]) / 2)
    np.testing.assert_array_equal(found[~ends], told[~ends] / 2)


@given(st.lists(st.booleans(), max_size=30))
def test_what_is_certain_comes_back(ends):
    np.testing.assert_array_equal(divide([np.array(ends, float)])[0], ends)


def test_boundary_that_no_place_has_most_of_is_one():
    told = np.full(21, 0.01)
    told[9:12] = 0.45, 0.49, 0.45
    assert ends_of(told) == [10]


def test_two_sure_boundaries_side_by_side_stay_two():
    told = np.full(21, 0.01)
    told[9:11] = 0.97
    assert ends_of(told) == [9, 10]


def test_of_equally_good_divisions_last_scenes_are_longest():
    # a pair that is as probable as `alike` may be together or apart
    assert ends_of([0.5], alike=0.5) == []
    assert ends_of([0.5, 0.5], alike=0.5) == [0]


def test_the_higher_alike_the_more_scenes():
    told = np.random.default_rng(0).random(60) ** 2
    counts = [len(ends_of(told, alike=alike)) for alike in (0.02, 0.1, 0.3, 0.6, 0.9)]
    assert counts == sorted(counts)
    assert counts[0] < counts[-1]


def test_each_movie_is_divided_by_itself():
    some = [np.random.default_rng(seed).random(seed) for seed in range(4)]
    for told, alone in zip(divide(some), some, strict=True):
        np.testing.assert_array_equal(told, divide([alone])[0])


def test_a_movie_of_one_shot_has_no_places():
    (found,) = divide([[]])
    assert found.shape == (0,)
    assert found.dtype == np.float64


@pytest.mark.parametrize(
    ("predictions", "message"),
    [
        (0.5, "a list of arrays.*got float"),
        ({"tt1": [0.5]}, "got dict"),
        ([0.5, 0.5], r"got shape \(\). One movie's alone are \[predictions\]"),
        ([np.zeros((3, 1))], r"got shape \(3, 1\)"),
        ([["high"]], "got list of dtype <U4"),
        ([[0.5, 1.5]], "numbers from 0 to 1.*got values from 0.5 to 1.5"),
        ([[0.5, np.nan]], "from 0 to 1.*got NaN"),
        ([np.array([0.5 + 0.1j])], "got ndarray of dtype complex128"),
        ([[0.5, 1j]], "got list of dtype complex128"),
        ([[10**400]], "got list: int too large"),
    ],
)
def test_predictions_that_are_none_are_refused(predictions, message):
    with pytest.raises(ParameterError, match=message):
        divide(predictions)


@pytest.mark.parametrize("alike", [0, 1, -0.5, 2])
def test_alike_must_be_between_0_and_1(alike):
    with pytest.raises(ParameterError, match="alike must be"):
        divide([[0.5]], alike=alike)
