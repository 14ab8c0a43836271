import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from judged_movies import bools, random_movies

from toolkit import ParameterError
from toolkit.metrics import boundary_scores, evaluate, evaluate_cuts, match_cuts, miou_of_spans


def naive_pairs(found, true, tolerance):
    """Return how many pairs can be made at most, by trying all ways."""
    if not found:
        return 0
    best = naive_pairs(found[1:], true, tolerance)
    for j, cut in enumerate(true):
        if abs(found[0] - cut) <= tolerance:
            best = max(best, 1 + naive_pairs(found[1:], true[:j] + true[j + 1 :], tolerance))
    return best


def test_cuts_within_the_tolerance_are_right():
    result = evaluate_cuts([10, 52, 80], [12, 49, 80, 200])
    assert (result["right"], result["false"], result["missed"]) == (2, 1, 2)
    assert result["Precision"] == pytest.approx(2 / 3)
    assert result["Recall"] == 0.5
    assert result["F1"] == pytest.approx(4 / 7)


def test_a_true_cut_is_found_once():
    result = evaluate_cuts([9, 10, 11, 10], [10])
    assert (result["right"], result["false"], result["missed"]) == (1, 3, 0)


def test_pairs_are_made_so_that_most_are_right():
    # the nearest to 12 is 11, which 10 needs, for 13 is too far from it
    assert match_cuts([13, 11], [10, 12]).tolist() == [[1, 0], [0, 1]]
    assert evaluate_cuts([11, 13], [10, 12])["F1"] == 1


@settings(max_examples=200, deadline=None)
@given(
    st.lists(st.integers(0, 12), max_size=5), st.lists(st.integers(0, 12), max_size=5), st.sampled_from([0, 1, 2, 4])
)
def test_no_way_of_pairing_makes_more_pairs(found, true, tolerance):
    pairs = match_cuts(found, true, tolerance=tolerance)
    assert len(pairs) == naive_pairs(found, true, tolerance)
    assert len(set(pairs[:, 0])) == len(set(pairs[:, 1])) == len(pairs)
    for i, j in pairs:
        assert abs(found[i] - true[j]) <= tolerance


def test_cuts_in_seconds_take_a_tolerance_in_seconds():
    assert evaluate_cuts(pd.Series([1.05, 7.5]), (1.0, 7.0), tolerance=0.1)["right"] == 1


@pytest.mark.parametrize(("found", "true"), [([], [5]), ([5], []), ([], [])])
def test_no_cuts_score_0(found, true):
    result = evaluate_cuts(found, true)
    assert (result["Precision"], result["Recall"], result["F1"], result["right"]) == (0, 0, 0, 0)
    assert (result["false"], result["missed"]) == (len(found), len(true))


def test_boundaries_may_be_off_by_the_tolerance_in_shots():
    found, true = bools("0100010000"), bools("0010000010")
    result = boundary_scores(found, true)
    assert (result["right"], result["false"], result["missed"], result["F1"]) == (1, 1, 1, 0.5)
    assert boundary_scores(found, true, tolerance=0)["right"] == 0
    assert boundary_scores(found, true, tolerance=3)["F1"] == 1


def test_without_tolerance_boundaries_score_as_a_movies_do():
    for item in random_movies(20, seed=9):
        result = evaluate([item])
        exact = boundary_scores(item.predictions >= 0.5, item.boundaries, tolerance=0)
        assert [exact[name] for name in ("Precision", "Recall", "F1")] == [
            result[name] for name in ("Precision", "Recall", "F1")
        ]


def test_miou_of_spans_by_hand_with_gaps_and_overlaps():
    # found [0, 4) against [0, 2) and [2, 6): 1/2 and 1/3; found [10, 12) meets none
    assert miou_of_spans([(0, 4), (10, 12)], [(0, 2), (2, 6)]) == pytest.approx((1 / 4 + (1 / 2 + 1 / 3) / 2) / 2)
    assert miou_of_spans([(0, 4), (0, 2)], [(0, 4)]) == pytest.approx((3 / 4 + 1) / 2)
    assert miou_of_spans([], [(0, 4)]) == miou_of_spans([(0, 4)], []) == miou_of_spans([], []) == 0


def test_spans_of_tables_are_read_in_frames_or_else_in_seconds():
    frames = pd.DataFrame({"start": [0.0, 9.0], "end": [9.0, 10.0], "start_frame": [0, 50], "end_frame": [50, 100]})
    seconds = pd.DataFrame({"start": [0.0, 5.0], "end": [5.0, 10.0]})
    assert miou_of_spans(frames, [(0, 50), (50, 100)]) == 1
    assert miou_of_spans(seconds, [(0, 5), (5, 10)]) == 1
    assert miou_of_spans(frames, seconds) == pytest.approx(((5 / 9 + 1 / 5) + (5 / 9 + 4 / 10)) / 4)
    assert miou_of_spans(frames[["start", "end"]], [(0, 9), (9, 10)]) == 1
    assert miou_of_spans(frames.iloc[:0], frames) == 0


# errors


def test_cuts_and_boundaries_of_the_wrong_kind_are_errors():
    with pytest.raises(ParameterError, match=r"found must be finite numbers, \(n,\); got NaN at 1"):
        evaluate_cuts([1, np.nan], [1])
    with pytest.raises(ParameterError, match=r"true must be finite numbers, \(n,\); got shape \(1, 1\)"):
        evaluate_cuts([1], [[1]])
    with pytest.raises(ParameterError, match="found must be .*; got list of dtype bool. np.flatnonzero returns"):
        evaluate_cuts([True, False], [1])
    with pytest.raises(ParameterError, match="true must be finite numbers, .*; got set of dtype object"):
        match_cuts([1], {1})
    with pytest.raises(ParameterError, match="found must be .*; got list: int too large"):
        match_cuts([10**400], [1])
    with pytest.raises(ParameterError, match="tolerance must be a finite number of at least 0; got -1"):
        match_cuts([1], [1], tolerance=-1)
    with pytest.raises(ParameterError, match="found must be bool"):
        boundary_scores([0.5], [True])
    with pytest.raises(ParameterError, match="must be of the same shots; got 2 and 1 places for a boundary"):
        boundary_scores([True, False], [True])
    with pytest.raises(ParameterError, match="tolerance must be a whole number of at least 0; got 0.5"):
        boundary_scores([True], [True], tolerance=0.5)


def test_spans_of_the_wrong_kind_are_errors():
    good = [(0, 1)]
    with pytest.raises(
        ParameterError,
        match=r"true must be a table .*, each ending after its start; got 3 to 3 in row 0",
    ):
        miou_of_spans(good, [(3, 3)])
    with pytest.raises(ParameterError, match="found must be a table .* without NaN or infinity; got 0 to nan"):
        miou_of_spans([(0, np.nan)], good)
    with pytest.raises(ParameterError, match=r"found must be a table .*; got shape \(3,\)"):
        miou_of_spans([0, 1, 2], good)
    with pytest.raises(ParameterError, match="found must be a table .*; got str with what is not a number"):
        miou_of_spans("spans", good)
    with pytest.raises(ParameterError, match="a table with the columns start and end, .*; got the columns from, to"):
        miou_of_spans(pd.DataFrame({"from": [0], "to": [1]}), good)
