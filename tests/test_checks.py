"""The checks of arguments that many functions share."""

from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest

from toolkit import ParameterError
from toolkit.checks import check_array, check_choice, check_count, check_number


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


@pytest.mark.parametrize("values", [[[1, 2], [3, 4]], np.ones((2, 2), np.float16), np.eye(2, dtype=bool)])
def test_arrays_of_the_shape_come_back_in_their_own_dtype(values):
    array = check_array("points", values, ("n", 2))
    assert array.dtype == np.asarray(values).dtype
    np.testing.assert_array_equal(array, values)


def test_an_array_is_not_copied():
    values = np.zeros((3, 2))
    assert check_array("points", values, ("n", 2)) is values


def test_the_kind_of_an_empty_array_does_not_matter():
    assert check_array("labels", [], ("n",), "iu").shape == (0,)
    for kind in ("U1", "M8[s]", object):
        assert check_array("sound", np.array([], kind), ("n",), "f").dtype == np.float64


def test_infinity_may_be_allowed():
    assert np.isinf(check_array("points", [np.inf], ("n",), finite=False)).all()


@pytest.mark.parametrize(
    ("values", "shape", "kinds", "message"),
    [
        ([[1], [1, 2]], ("n", 2), "f", r"points must be finite numbers, \(n, 2\); got rows of different lengths"),
        (["a"], ("n",), "biuf", r"points must be finite numbers, \(n,\); got list of dtype <U1. Try points"),
        ([0.5], ("n",), "iu", r"points must be whole numbers, \(n,\); got list of dtype float64"),
        ([1, 2], ("n", 2), "iu", r"got shape \(2,\). Try points"),
        ([1, 2], (3,), "iu", r"points must be whole numbers, \(3,\); got shape \(2,\)"),
        ([[0, 1], [np.nan, 0]], None, "f", r"points must be finite numbers; got NaN at \(1, 0\). Try points"),
        ([0.0, -np.inf], ("n",), "f", "got infinity at 1"),
    ],
)
def test_an_array_that_does_not_fit_is_refused(values, shape, kinds, message):
    with pytest.raises(ParameterError, match=message):
        check_array("points", values, shape, kinds, hint=lambda array: ". Try points")


def test_a_tensor_with_a_gradient_is_refused_with_its_reason():
    import torch

    with pytest.raises(ParameterError, match="got Tensor: Can't call numpy"):
        check_array("points", torch.ones(2, requires_grad=True), ("n",))


def test_a_letter_of_a_shape_is_one_length_wherever_it_stands():
    assert check_array("matrix", np.ones((3, 3)), ("n", "n")).shape == (3, 3)
    with pytest.raises(ParameterError, match=r"matrix must be finite numbers, \(n, n\); got shape \(2, 3\)"):
        check_array("matrix", np.ones((2, 3)), ("n", "n"))


def test_fractions_are_numbers_and_none_is_nan_where_that_may_be():
    assert check_array("times", [Fraction(1, 4), Fraction(1, 2)], ("n",)).tolist() == [0.25, 0.5]
    assert check_array("times", [Decimal("0.5"), Fraction(1, 2), 0.5, 3], ("n",)).tolist() == [0.5, 0.5, 0.5, 3]
    assert np.isnan(check_array("scale", [0.5, None], ("n",), finite=False)[1])
    with pytest.raises(ParameterError, match="got list of dtype object"):
        check_array("scale", [0.5, None], ("n",))


def test_a_count_of_too_many_digits_to_write_is_refused():
    with pytest.raises(ParameterError, match="got one of 33220 bits"):
        check_count("n", 10**10_000, at_most=9)
