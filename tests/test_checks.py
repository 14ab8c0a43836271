"""The checks of arguments that many functions share."""

import numpy as np
import pytest

from toolkit import ParameterError
from toolkit.checks import check_choice, check_count, check_number


@pytest.mark.parametrize("value", [0, -1.0, float("nan"), float("inf"), "3", None, True, 1j])
def test_a_number_above_zero_is_finite_real_and_no_flag(value):
    with pytest.raises(ParameterError, match=r"rate must be a finite number above 0 \(Hz\); got"):
        check_number("rate", value, above=0, unit="Hz")


@pytest.mark.parametrize("value", [0, -3, 1.0, "3", None, True, np.float64(2)])
def test_a_count_is_a_whole_number(value):
    with pytest.raises(ParameterError, match="n must be a whole number of at least 1; got"):
        check_count("n", value, at_least=1)


def test_numbers_of_numpy_are_numbers():
    assert check_count("n", np.int64(3)) == 3
    assert check_number("x", np.float32(0.5)) == 0.5


def test_a_choice_lists_itself():
    assert check_choice("metric", "gray", ("gray", "hsl")) == "gray"
    for value in ("Gray", None, ["gray"]):
        with pytest.raises(ParameterError, match=r"metric must be one of 'gray', 'hsl'; got"):
            check_choice("metric", value, ("gray", "hsl"))
