"""Spans of seconds: accepted as tables and arrays, refused with the row and what to try."""

import numpy as np
import pandas as pd
import pytest

from toolkit.errors import ParameterError
from toolkit.tables import check_spans


def table(*rows):
    return pd.DataFrame(rows, columns=["start", "end"])


@pytest.mark.parametrize("spans", [[[0, 1], [1, 3]], np.array([[0, 1], [1, 3]]), table((0, 1), (1, 3))])
def test_tables_and_arrays_become_the_same_floats(spans):
    array = check_spans(spans)
    assert array.dtype == np.float64
    np.testing.assert_array_equal(array, [[0, 1], [1, 3]])


@pytest.mark.parametrize("spans", [[], np.empty((0, 2)), table()])
def test_no_spans_are_an_empty_array(spans):
    assert check_spans(spans).shape == (0, 2)


def test_overlap_within_rounding_is_none():
    check_spans([[0, 1 + 1e-7], [1, 2]])


def test_columns_may_be_frames():
    frames = pd.DataFrame({"start_frame": [3], "end_frame": [9]})
    np.testing.assert_array_equal(check_spans(frames, "scenes", columns=("start_frame", "end_frame")), [[3, 9]])


def test_missing_numbers_of_nullable_columns_are_refused_as_nan():
    with pytest.raises(ParameterError, match="without NaN or infinity; got 0 to nan in row 0"):
        check_spans(pd.DataFrame({"start": [0], "end": pd.array([None], dtype="Int64")}))


@pytest.mark.parametrize(
    ("spans", "options", "message"),
    [
        (None, {}, "shot_spans must be a table with the columns start and end, or an array .n, 2., in seconds"),
        ([[1, 2, 3]], {}, "got shape"),
        ([["a", "b"]], {}, "with what is not a number"),
        (table((0, 2), (1, 3)), {}, "in order and without overlap; got 1 to 3 in row 1. Sort the table by start"),
        ([[2, 1]], {"ordered": False}, "each ending not before its start; got 2 to 1 in row 0"),
        ([[1, 1]], {"lasting": True}, "each ending after its start; got 1 to 1 in row 0"),
        ([[-1, 1]], {"at_least": 0}, "from 0 on; got -1 to 1 in row 0"),
        (pd.DataFrame({"start": [1]}), {}, "got the columns start"),
        (pd.concat([table((0, 1))] * 2, axis=1), {}, "got shape .1, 4."),
        ([[0, np.inf]], {}, "without NaN or infinity; got 0 to inf"),
        ([[10**400, 0]], {}, "not a number"),
        (pd.to_timedelta(table((0, 1)).stack(), unit="s").unstack(), {}, "DataFrame with what is not a number"),
    ],
)
def test_what_is_no_spans_is_refused(spans, options, message):
    with pytest.raises(ParameterError, match=message):
        check_spans(spans, **options)


def test_unordered_spans_may_overlap():
    check_spans([[1, 3], [0, 2]], ordered=False)


def test_only_a_table_without_a_start_is_asked_whether_it_was_made_without_times():
    with pytest.raises(ParameterError, match="Was it made without times"):
        check_spans(table((0, 1), (np.nan, 1)))
    with pytest.raises(ParameterError, match="got 0 to inf in row 0$"):
        check_spans(table((0, np.inf)))
    with pytest.raises(ParameterError, match="got nan to 1 in row 0$"):
        check_spans([[np.nan, 1]])


def test_the_row_of_the_file_is_told():
    spans = table((0, 2), (1, 3))
    spans.attrs = {"file": "shots.corrected.csv", "rows": [2, 3]}
    with pytest.raises(ParameterError, match=r"shot_spans \(shots.corrected.csv\) must .* in row 3. Sort"):
        check_spans(spans)
