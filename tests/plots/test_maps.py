import base64
import io
import warnings

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.collections import LineCollection, PathCollection
from matplotlib.colors import to_rgba
from PIL import Image

from toolkit import ParameterError, plots
from toolkit.plots import maps
from toolkit.records import Frames

CORNERS = np.array([[0.0, 0.0], [10.0, 0.0], [0.0, 10.0], [10.0, 10.0]])
COLORS = np.array([[200, 30, 30], [30, 200, 30], [30, 30, 200], [200, 200, 30]], np.uint8)


def plain(colors=COLORS, height=18, width=32):
    return np.broadcast_to(colors[:, None, None], (len(colors), height, width, 3)).copy()


def shown(ax):
    """Return the figure as it is seen, and a function from data to its pixels."""
    ax.figure.canvas.draw()
    pixels = np.asarray(ax.figure.canvas.buffer_rgba())[..., :3].astype(int)

    def at(point):
        x, y = ax.transData.transform(point)
        return pixels[len(pixels) - 1 - round(y), round(x)]

    return pixels, at


def dots(ax):
    return [found for found in ax.collections if isinstance(found, PathCollection) and len(found.get_offsets())]


# maps


def test_dots_are_where_the_points_are_upwards_and_in_proportion():
    points = np.array([[0.0, 0], [4, 0], [0, 1]])
    ax = plots.plot_map(points)
    np.testing.assert_array_equal(dots(ax)[0].get_offsets(), points)
    ax.figure.canvas.draw()
    corner, right, up = ax.transData.transform(points)
    assert right[0] - corner[0] == pytest.approx(4 * (up[1] - corner[1]))
    assert up[1] > corner[1]


def test_pictures_are_where_their_points_are():
    ax = plots.plot_map(CORNERS, images=plain())
    _, at = shown(ax)
    for point, color in zip(CORNERS, COLORS, strict=True):
        assert np.abs(at(point) - color).max() < 10
    assert (at((5, 5)) == 255).all()


def test_gray_pictures_and_frames_are_drawn():
    gray = np.full((4, 18, 32), 90, np.uint8)
    for images in (gray, Frames(plain(), np.arange(4)), Frames(gray, np.arange(4))):
        _, at = shown(plots.plot_map(CORNERS, images=images))
        assert (at(CORNERS[0]) != 255).any()


def test_pictures_have_the_size_asked_for():
    ax = plots.plot_map(CORNERS, images=plain(), size=0.25)
    pixels, at = shown(ax)
    low, high = ax.get_xlim()
    # of the first picture, half its width to both sides and no more
    half = 0.125 * (high - low)
    assert np.abs(at((0.94 * half, 0)) - COLORS[0]).max() < 10
    assert (at((1.06 * half, 0)) == 255).all()


def test_a_picture_that_would_hide_another_is_a_dot():
    points = np.vstack([CORNERS, [[0.05, 0.05]]])
    ax = plots.plot_map(points, images=plain(COLORS[[0, 1, 2, 3, 1]]))
    assert dots(ax)[0].get_offsets().tolist() == [[0.05, 0.05]]
    _, at = shown(ax)
    assert np.abs(at((-0.2, 0)) - COLORS[0]).max() < 10


def test_kept_pictures_are_apart_and_the_others_are_near_one():
    middles = np.random.default_rng(0).random((800, 2)) * 12
    kept = maps._apart(middles)
    gaps = np.abs(middles[:, None] - middles[kept]).max(axis=-1)
    np.fill_diagonal(own := gaps[kept], np.inf)
    assert own.min() >= maps.MIN_GAP
    assert gaps[~kept].min(axis=1).max() < maps.MIN_GAP


def test_pictures_left_are_spread_through_the_film():
    order = maps._spread_order(100)
    assert sorted(order) == list(range(100))
    for count in (4, 8, 25):
        assert np.diff(sorted([*order[:count], 100])).max() <= 2 * 100 / count
    assert maps._spread_order(1).tolist() == [0]


def test_thousands_of_frames_leave_some_hundred_pictures():
    points = np.random.default_rng(0).normal(size=(3000, 2))
    ax = plots.plot_map(points, images=np.zeros((3000, 9, 16), np.uint8))
    assert len(ax.images) == 1
    left = 3000 - len(dots(ax)[0].get_offsets())
    assert 100 <= left < 1000


def test_time_is_colour():
    times = np.array([0.0, 20, 40, 90])
    ax = plots.plot_map(CORNERS, times=times)
    scale = plt.get_cmap(maps.TIME_COLORS)
    np.testing.assert_allclose(dots(ax)[0].get_facecolors(), scale(times / 90))
    (bar,) = ax.child_axes
    ax.figure.canvas.draw()
    np.testing.assert_allclose(bar.get_window_extent().intervaly, ax.get_window_extent().intervaly)
    assert bar.get_ylabel() == "minutes and seconds"
    assert "1:20" in [label.get_text() for label in bar.get_yticklabels()]


def test_rims_have_the_colour_of_the_time():
    ax = plots.plot_map(CORNERS, images=plain(), times=np.arange(4), size=0.25)
    low, high = ax.get_xlim()
    _, at = shown(ax)
    rim = at((0.125 * (high - low) * 1.02, 0))
    assert np.abs(rim - 255 * np.array(plt.get_cmap(maps.TIME_COLORS)(0.0)[:3])).max() < 40


def test_path_goes_through_the_frames_in_order_of_time():
    ax = plots.plot_map(CORNERS, times=np.array([3.0, 0, 1, 2]), path=True)
    (lines,) = (found for found in ax.collections if isinstance(found, LineCollection) and found.axes is ax)
    np.testing.assert_array_equal(lines.get_segments(), np.stack([CORNERS[[1, 2, 3]], CORNERS[[2, 3, 0]]], axis=1))
    ax = plots.plot_map(CORNERS, path=True)
    (lines,) = (found for found in ax.collections if isinstance(found, LineCollection))
    np.testing.assert_array_equal(lines.get_segments(), np.stack([CORNERS[:3], CORNERS[1:]], axis=1))


def test_groups_have_colours_and_a_legend():
    ax = plots.plot_map(CORNERS, labels=["b", "a", "b", "c"], times=np.arange(4))
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["a", "b", "c"]
    colors = dots(ax)[0].get_facecolors()
    expected = [to_rgba(maps.LABEL_COLORS[group]) for group in (1, 0, 1, 2)]
    np.testing.assert_allclose(colors, expected)
    many = plots.plot_map(np.random.default_rng(0).normal(size=(60, 2)), labels=np.arange(60) // 3)
    assert many.get_legend() is None
    assert len(np.unique(dots(many)[0].get_facecolors(), axis=0)) == 20


def test_a_given_axes_is_drawn_on_and_returned():
    _, axes = plt.subplots(1, 2)
    assert plots.plot_map(CORNERS, title="mds", ax=axes[1]) is axes[1]
    assert axes[1].get_title() == "mds"
    assert not axes[0].collections


@pytest.mark.parametrize("points", [np.zeros((1, 2)), np.zeros((7, 2)), [[1, 1], [1, 2]]])
def test_points_in_one_place_or_on_a_line_are_drawn(points):
    ax = plots.plot_map(points, images=np.zeros((len(points), 9, 16), np.uint8), times=np.zeros(len(points)), path=True)
    ax.figure.canvas.draw()


def test_arguments_of_a_map_are_checked():
    def refused(message, points=CORNERS, **options):
        with pytest.raises(ParameterError, match=message):
            plots.plot_map(points, **options)

    refused(r"points must be finite numbers, \(n, 2\), of at least one frame; got shape \(0, 2\)", np.zeros((0, 2)))
    refused(r"got shape \(4,\)", np.zeros(4))
    refused(r"got NaN at \(0, 1\)", [[0, np.nan]])
    refused("got str", "points")
    refused("images must be one for each of the 4 points; got 3", images=plain()[:3])
    refused("images must be uint8", images=plain() / 255)
    refused(r"times must be finite seconds, one for each of the 4 points; got list of shape \(2,\)", times=[1, 2])
    refused("one for each of the 4 points; got list with what is not a number", times=["a"] * 4)
    refused("labels must be one for each of the 4 points; got 1", labels=["a"])
    refused("size must be a finite number above 0 and at most 1", size=0)
    refused(r"size must be a finite number above 0 and at most 1 \(a share of the map's width\); got 2", size=2)


# the widget


def test_widget_shows_a_picture_for_each_frame():
    widget = plots.scatter_map({"mds": CORNERS, "tsne": -CORNERS}, images=plain(), times=[0, 1, 2, 90])
    assert list(widget.scatters) == ["mds", "tsne"]
    for name, points in (("mds", CORNERS), ("tsne", -CORNERS)):
        table = widget.scatters[name]._data
        x, y = (getattr(widget.scatters[name], axis)()[axis] for axis in "xy")
        np.testing.assert_array_equal(table[[x, y]], points)
        assert table["at"].tolist() == ["0:00.00", "0:01.00", "0:02.00", "1:30.00"]
        for url, color in zip(table["picture"], COLORS, strict=True):
            assert url.startswith("data:image/jpeg;base64,")
            picture = Image.open(io.BytesIO(base64.b64decode(url.partition(",")[2])))
            assert picture.size == (192, 108)
            assert np.abs(np.asarray(picture)[50, 90].astype(int) - color).max() < 12
        shown = widget.scatters[name].widget
        assert (shown.tooltip_enable, shown.tooltip_preview, shown.tooltip_preview_type) == (True, "picture", "image")


def test_widget_sends_little_until_a_frame_is_pointed_at():
    points = np.random.default_rng(0).normal(size=(300, 2))
    images = np.random.default_rng(0).integers(0, 256, (300, 36, 64, 3), np.uint8)
    widget = plots.scatter_map({"mds": points, "tsne": points}, images=images, times=np.arange(300))
    sent = 0
    for scatter in widget.scatters.values():
        state = scatter.widget.get_state()
        # beside jupyter-scatter's own script
        sent += sum(len(repr(value)) for key, value in state.items() if key != "_esm") + scatter.widget.points.nbytes
    assert sent < 200_000


def test_widget_of_one_projection_without_pictures():
    widget = plots.scatter_map({"mds": CORNERS})
    assert widget.scatters["mds"]._data["at"].tolist() == ["frame 0", "frame 1", "frame 2", "frame 3"]
    assert widget.scatters["mds"].widget.tooltip_preview is None


def test_widget_warns_of_nothing():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        plots.scatter_map({"mds": CORNERS, "b": CORNERS}, times=range(4))


def test_arguments_of_the_widget_are_checked():
    with pytest.raises(ParameterError, match="projections must be a dict of names to points"):
        plots.scatter_map(CORNERS)
    with pytest.raises(ParameterError, match="the same frames; got 4 first and 3 of 'b'"):
        plots.scatter_map({"a": CORNERS, "b": CORNERS[:3]})
    with pytest.raises(ParameterError, match="images must be one for each of the 4 points; got 2"):
        plots.scatter_map({"a": CORNERS}, images=plain()[:2])
    with pytest.raises(ParameterError, match="height must be a whole number of at least 100; got 3.5"):
        plots.scatter_map({"a": CORNERS}, height=3.5)


@pytest.mark.parametrize("labels", [["a", None, "b", 1], [1, "x", 2.5, (3, 4)], [1.5, 2, 1.5, 2]])
def test_labels_may_be_of_several_kinds(labels):
    ax = plots.plot_map(np.array([[0, 0], [1, 0], [0, 1], [1, 1.0]]), labels=labels)
    assert len(ax.get_legend().get_texts()) == len(set(map(str, labels)))


def test_points_in_one_place_far_from_0_are_drawn():
    ax = plots.plot_map([[1e4, 1e4]], images=np.zeros((1, 20, 30, 3), np.uint8))
    assert np.diff(ax.get_xlim()) > 0
    assert np.diff(ax.get_ylim()) > 0
