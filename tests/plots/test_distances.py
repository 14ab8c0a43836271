"""Matrices of distances, and curves."""

import itertools

import matplotlib as mpl
import numpy as np
import pytest

from toolkit import ParameterError, plots

mpl.use("agg")


def test_a_matrix_lies_on_the_films_clock():
    matrix = np.abs(np.subtract.outer(np.arange(4.0), np.arange(4.0)))
    ax = plots.plot_distances(matrix, times=np.array([1.0, 2.0, 3.0, 4.0]), title="gray")
    assert np.array_equal(ax.images[0].get_array(), matrix)
    assert ax.images[0].get_extent() == [1.0, 4.0, 4.0, 1.0]
    assert (ax.get_title(), ax.get_xlabel()) == ("gray", "minutes and seconds")
    assert plots.plot_distances(matrix).get_xlabel() == "frame"


@pytest.mark.parametrize(("matrix", "limits"), [(np.zeros((1, 1)), (0, 1)), ([[0, 7.0], [np.inf, 0]], (0, 7))])
def test_the_darkest_is_no_distance_and_frames_are_counted_whole(matrix, limits):
    ax = plots.plot_distances(matrix)
    assert ax.images[0].get_clim() == limits
    ax.figure.canvas.draw()
    assert all(tick == round(tick) for tick in ax.get_xticks())


@pytest.mark.parametrize(
    ("seconds", "down", "across"),
    [
        (1.5, ["0:00", "0:00.20", "0:00.40"], None),
        (117, ["0:00", "0:15", "0:30"], ["0:00", "0:30", "1:00", "1:30"]),
        (7190, ["0:00", "15:00", "30:00"], ["0:00", "30:00", "1:00:00", "1:30:00"]),
        (36000, ["0:00", "2:00:00", "4:00:00"], ["0:00", "4:00:00", "8:00:00"]),
    ],
)
def test_times_are_written_where_a_clock_has_them_and_apart(seconds, down, across):
    ax = plots.plot_distances(np.zeros((9, 9)), times=np.linspace(0, seconds, 9))
    ax.figure.canvas.draw()
    for axis, wanted in ((ax.yaxis, down), (ax.xaxis, across)):
        shown = [label for label in axis.get_ticklabels() if label.get_text()]
        boxes = [label.get_window_extent() for label in shown]
        assert not any(one.overlaps(other) for one, other in itertools.pairwise(boxes))
        texts = [label.get_text() for label in shown]
        assert wanted is None or texts[: len(wanted)] == wanted
    assert ax.get_xlabel() == ("minutes and seconds" if seconds < 3600 else "hours, minutes and seconds")


def test_cuts_are_marked_above_the_curve():
    ax = plots.plot_curve([1.0, 5.0, 2.0], times=[0.0, 1.0, 2.0], cuts=[1.0])
    curve, marks = ax.lines
    assert curve.get_xydata().tolist() == [[0, 1], [1, 5], [2, 2]]
    assert marks.get_xdata().tolist() == [1.0]
    assert marks.get_ydata()[0] > 5.0
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["1 cuts"]


def test_a_curve_without_cuts_or_values_is_drawn():
    assert plots.plot_curve([]).get_legend() is None
    assert plots.plot_curve([0.0, 0.0]).get_ylim()[1] > 0


def test_what_is_not_finite_leaves_a_gap():
    ax = plots.plot_curve([1.0, np.nan, 3.0, np.inf])
    assert ax.get_ylim()[1] == pytest.approx(1.13 * 3)
    plots.plot_curve([np.nan, np.nan])


def test_times_that_do_not_fit_are_refused():
    with pytest.raises(ParameterError, match="with a time for each if times are given"):
        plots.plot_curve([1.0, 2.0, 3.0], times=[0.0, 1.0])
    with pytest.raises(ParameterError, match=r"matrix must be \(n, n\)"):
        plots.plot_distances(np.eye(3), times=[0.0, 1.0])
    with pytest.raises(ParameterError, match=r"got shape \(4,\)"):
        plots.plot_distances(np.zeros(4))
