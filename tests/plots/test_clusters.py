"""Clusters along a film: barcodes and strips of frames."""

import numpy as np
import pytest
from matplotlib.colors import to_rgb
from plotted_shots import LABELS, TABLE, TIMES, bars, drawn, plain, texts

from toolkit import ParameterError, plots
from toolkit.plots import style
from toolkit.records import Frames

# the barcode


def test_a_barcode_has_the_runs_over_time_and_a_row_for_each_cluster():
    ax = plots.plot_barcode(LABELS, times=TIMES)
    found, painted = bars(ax)
    spans = [(0, 2), (2, 4), (4, 5), (5, 6)]
    assert [tuple(bar) for bar in found[:4, :2]] == spans
    assert [tuple(bar) for bar in found[4:, :2]] == spans
    np.testing.assert_allclose(painted, style.cluster_colors([0, 1, 0, 2] * 2))
    # in one lane, and below it in rows by cluster
    assert len(set(found[:4, 2])) == 1
    assert found[4, 2] == found[6, 2] < found[5, 2] < found[7, 2]
    assert [label.get_text() for label in ax.get_yticklabels()] == ["all", "0", "1", "2"]
    assert texts(ax) == ["50%", "33%", "17%"]


def test_a_barcode_of_shots_has_their_spans():
    for spans in (TABLE, TABLE[["start", "end"]].to_numpy()):
        found, _ = bars(plots.plot_barcode([0, 1, 0], spans=spans))
        assert [tuple(bar) for bar in found[:3, :2]] == [(0, 2), (2, 4), (4, 8)]


def test_a_barcode_without_times_counts_frames():
    ax = plots.plot_barcode(LABELS)
    assert ax.get_xlabel() == "frame"
    assert bars(ax)[0][:4, :2].tolist() == [[0, 2], [2, 4], [4, 5], [5, 6]]


def test_clusters_beyond_the_rows_are_put_together():
    labels = np.repeat(np.arange(6), [5, 1, 4, 1, 3, 1])
    ax = plots.plot_barcode(labels, rows=4)
    assert [label.get_text() for label in ax.get_yticklabels()] == ["all", "0", "2", "4", "3 more"]
    assert texts(ax) == ["33%", "27%", "20%", "20%"]
    assert len(plots.plot_barcode(labels, rows=6).get_yticklabels()) == 7


def test_a_frame_of_no_cluster_has_no_row():
    found, painted = bars(plots.plot_barcode([0, -1, 0], times=[0, 1, 2]))
    assert len(found) == 3 + 2
    np.testing.assert_allclose(painted[1], to_rgb(style.NO_CLUSTER))


@pytest.mark.parametrize("labels", [[], [0], [-1], [-1, -1]])
def test_barcodes_of_almost_nothing_are_drawn(labels):
    labels = np.array(labels, int)
    drawn(plots.plot_barcode(labels))
    drawn(plots.plot_barcode(labels, times=np.arange(len(labels))))
    drawn(plots.plot_barcode(labels, spans=np.arange(2 * len(labels)).reshape(-1, 2)))


def test_arguments_of_a_barcode_are_checked():
    with pytest.raises(ParameterError, match="give one of them"):
        plots.plot_barcode(LABELS, times=TIMES, spans=TABLE)
    with pytest.raises(ParameterError, match=r"each of the 3 spans; got shape \(6,\)"):
        plots.plot_barcode(LABELS, spans=TABLE)
    with pytest.raises(ParameterError, match="times must be finite seconds.* one for each of the 6 frames"):
        plots.plot_barcode(LABELS, times=TIMES[:2])
    with pytest.raises(
        ParameterError, match="labels must be whole numbers, one for each frame; got .* of dtype float64"
    ):
        plots.plot_barcode([0.5])
    with pytest.raises(ParameterError, match="rows must be a whole number of at least 1; got 0"):
        plots.plot_barcode(LABELS, rows=0)


# strips


def test_each_cluster_has_a_row_of_its_frames():
    ax = plots.plot_cluster_strips(plain([10, 20, 100, 110, 30, 200]), LABELS, times=TIMES, columns=2)
    sheet = ax.images[0].get_array()
    grays = sorted({int(value) for value in np.unique(sheet)} - {255})
    # of three frames of cluster 0 two, from the middles of its halves
    assert grays == [10, 30, 100, 110, 200]
    rows = {gray: int(np.argwhere((sheet == gray).all(axis=-1))[:, 0].min()) for gray in grays}
    assert rows[10] == rows[30] < rows[100] == rows[110] < rows[200]
    assert texts(ax)[:4] == ["0", "50%", "0:00.00", "0:04.00"]
    np.testing.assert_allclose(ax.patches[1].get_facecolor()[:3], style.cluster_colors([1])[0])


def test_strips_left_out_are_counted():
    ax = plots.plot_cluster_strips(plain(range(6)), LABELS, rows=1)
    assert texts(ax) == ["0", "50%", "and 2 more, 50% of the frames"]


def test_the_largest_clusters_are_shown_in_order_of_first_sight():
    labels = np.array([4, 1, 1, 2, 2, 2])
    shown = texts(plots.plot_cluster_strips(plain(range(6)), labels, rows=2))
    assert [name for name in shown if name.isdigit()] == ["1", "2"]


def test_strips_of_gray_and_large_pictures_and_of_frames_are_drawn():
    gray = np.full((6, 300, 400), 90, np.uint8)
    ax = plots.plot_cluster_strips(Frames(gray, TIMES), LABELS)
    assert "0:05.00" in texts(ax)
    sheet = ax.images[0].get_array()
    assert sheet.shape[1] < 6 * 200
    assert (drawn(ax) == 90).any()


def test_arguments_of_strips_are_checked():
    with pytest.raises(ParameterError, match="images must be uint8"):
        plots.plot_cluster_strips(np.zeros((6, 4, 4)), LABELS)
    with pytest.raises(ParameterError, match="labels must be whole numbers, one for each of the 2 images"):
        plots.plot_cluster_strips(plain([1, 2]), LABELS)
    with pytest.raises(ParameterError, match="at least one frame of a cluster to draw; got none"):
        plots.plot_cluster_strips(plain([1, 2]), [-1, -1])
    with pytest.raises(ParameterError, match="columns must be a whole number of at least 1; got 0"):
        plots.plot_cluster_strips(plain([1, 2]), [0, 0], columns=0)
    with pytest.raises(ParameterError, match="times must be finite seconds"):
        plots.plot_cluster_strips(plain([1, 2]), [0, 0], times=[1.0])
