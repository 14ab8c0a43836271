"""What the pictures show, read back from the drawn artists."""

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pytest

from toolkit import ParameterError, plots
from toolkit.plots import frames
from toolkit.records import Frames

mpl.use("agg")


def frames_of_grays(n):
    images = np.repeat(np.arange(n, dtype=np.uint8), 6 * 8 * 3).reshape(n, 6, 8, 3)
    return Frames(images, np.arange(n) / 4, "film")


def test_a_contact_sheet_shows_frames_in_reading_order_with_their_times():
    ax = plots.plot_frames(frames_of_grays(5), columns=3)
    sheet = ax.images[0].get_array()
    tops = [row for row in range(len(sheet)) if sheet[row, 0, 0] == 0 or sheet[row, 0, 0] == 3]
    shown = [int(sheet[row, column, 0]) for row in (tops[0], tops[-1]) for column in (0, 14, 28)]
    assert shown == [0, 1, 2, 3, 4, 255]
    assert [text.get_text() for text in ax.texts] == ["0:00.00", "0:00.25", "0:00.50", "0:00.75", "0:01.00"]


def test_a_long_film_is_shown_from_first_to_last_within_the_limit():
    ax = plots.plot_frames(frames_of_grays(101), limit=5)
    assert [text.get_text() for text in ax.texts] == ["0:00.00", "0:06.25", "0:12.50", "0:18.75", "0:25.00"]


def test_gray_images_and_arrays_without_times_are_drawn():
    ax = plots.plot_frames(frames_of_grays(2).images[..., 0], columns=2)
    assert ax.images[0].get_array().shape == (6, 2 * 8 + frames.GAP, 3)
    assert len(ax.texts) == 0


def test_no_frames_are_refused():
    with pytest.raises(ParameterError, match="at least one picture to draw"):
        plots.plot_frames(frames_of_grays(3)[:0])


def test_a_box_outlines_its_pixels():
    ax = plots.plot_box(np.zeros((40, 60, 3), np.uint8), (5, 10, 20, 30))
    box = ax.patches[0]
    assert (box.get_x(), box.get_y(), box.get_width(), box.get_height()) == (9.5, 4.5, 30, 20)


def test_drawing_on_given_axes_returns_them():
    _, ax = plt.subplots()
    assert plots.plot_curve([1.0, 2.0], ax=ax) is ax
    assert plots.plot_distances(np.zeros((2, 2)), ax=ax) is ax
    assert plots.plot_frames(frames_of_grays(2), ax=ax) is ax
    assert plots.plot_box(np.zeros((4, 4), np.uint8), (0, 0, 2, 2), ax=ax) is ax


@pytest.mark.parametrize(
    ("seconds", "written"),
    [(0, "0:00.00"), (7.5, "0:07.50"), (59.999, "1:00.00"), (3600.25, "1:00:00.25"), (754.04, "12:34.04")],
)
def test_times_are_written_as_a_clock_shows_them(seconds, written):
    assert plots.clock(seconds) == written
