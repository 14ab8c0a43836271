"""The explorer of distances: clicks are simulated as the browser tells them, pictures are decoded and looked at."""

import io

import numpy as np
import pytest
from PIL import Image

from toolkit import ParameterError, distances
from toolkit.explorers import distances as explorer_distances
from toolkit.explorers import explore_distances
from toolkit.explorers.distances import MATRIX
from toolkit.records import Frames

N = 20


def _frames(n=N, height=18, width=32):
    """Return frames of one colour each, every one another."""
    shades = np.linspace(0, 240, n).astype(np.uint8)
    images = np.stack([shades, shades[::-1], np.full(n, 60, np.uint8)], axis=1)
    return Frames(np.broadcast_to(images[:, None, None], (n, height, width, 3)).copy(), np.arange(n) * 0.5)


@pytest.fixture
def frames():
    return _frames()


def _pixels(explorer):
    return np.asarray(Image.open(io.BytesIO(explorer.pictures[0].value))).astype(int)


def _click(explorer, across, down):
    """Click at a share of the matrix, from its left and its top."""
    count = (explorer.pictures[0].pointed or [0, 0, 0])[2] + 1
    top = 1 - MATRIX[1] - MATRIX[3]
    explorer.pictures[0].pointed = [MATRIX[0] + across * MATRIX[2], top + down * MATRIX[3], count]


def _still(explorer, which):
    """Return the middle colour of one of the two frames shown."""
    left, low, width, height = explorer_distances.FRAMES[which]
    pixels = _pixels(explorer)
    return pixels[round((1 - low - height / 2) * len(pixels)), round((left + width / 2) * pixels.shape[1])]


def _same(explorer, frames, matrix=None):
    again = explore_distances(frames, matrix, **explorer.parameters)
    assert again.pictures[0].value == explorer.pictures[0].value
    assert (again.code, again.result) == (explorer.code, explorer.result)
    return True


@pytest.mark.parametrize("metric", ["gray", "hsl"])
def test_the_distance_is_that_of_the_two_frames(frames, metric):
    explorer = explore_distances(frames, metric=metric)
    expected = distances.pairwise(frames, metric)
    for first, second in ((0, 0), (3, 11), (19, 2)):
        explorer.controls["first"].value = first
        explorer.controls["second"].value = second
        assert explorer.result == expected[first, second]
        assert explorer.parameters == {"metric": metric, "first": first, "second": second}
        assert explorer.code == f'distances.pairwise(frames, "{metric}")[{first}, {second}]'
        assert eval(explorer.code, {"distances": distances, "frames": frames}) == explorer.result
        assert f"distance {explorer.result:.4g}" in explorer.pictures[0].alt
        assert _same(explorer, frames)


def test_each_slider_changes_its_own_frame(frames):
    explorer = explore_distances(frames, first=0, second=19)
    for which, index in ((0, 0), (1, 19)):
        assert np.abs(_still(explorer, which) - frames.images[index, 0, 0]).max() < 8
    explorer.controls["first"].value = 10
    assert np.abs(_still(explorer, 0) - frames.images[10, 0, 0]).max() < 8
    assert np.abs(_still(explorer, 1) - frames.images[19, 0, 0]).max() < 8
    explorer.controls["second"].value = 5
    assert np.abs(_still(explorer, 0) - frames.images[10, 0, 0]).max() < 8
    assert np.abs(_still(explorer, 1) - frames.images[5, 0, 0]).max() < 8


@pytest.mark.parametrize(
    ("across", "down", "first", "second"),
    [(0, 0, 0, 0), (1, 0, 0, 19), (0, 1, 19, 0), (1, 1, 19, 19), (0.5, 0.5, 10, 10), (0.26, 0.74, 14, 5)],
)
def test_a_click_goes_to_the_row_and_column_under_it(frames, across, down, first, second):
    explorer = explore_distances(frames, first=7, second=8)
    _click(explorer, across, down)
    assert (explorer.parameters["first"], explorer.parameters["second"]) == (first, second)
    assert (explorer.controls["first"].value, explorer.controls["second"].value) == (first, second)
    assert explorer.result == distances.pairwise(frames)[first, second]
    assert _same(explorer, frames)


def test_the_matrix_is_drawn_where_clicks_are_looked_for():
    # one pair of frames is far from all others: its square is bright where a click finds it
    images = np.zeros((10, 9, 16, 3), np.uint8)
    images[7] = 255
    explorer = explore_distances(images, first=0, second=0)
    pixels = _pixels(explorer).sum(axis=2)
    for row in range(10):
        for column in range(10):
            x = MATRIX[0] + MATRIX[2] * (column + 0.75) / 10
            y = 1 - MATRIX[1] - MATRIX[3] + MATRIX[3] * (row + 0.75) / 10
            bright = pixels[int(y * len(pixels)), int(x * pixels.shape[1])] > 500
            assert bright == ((row == 7) != (column == 7))


def test_lines_cross_at_the_two_positions(frames):
    explorer = explore_distances(np.zeros((10, 9, 16, 3), np.uint8), first=2, second=6)
    pixels = _pixels(explorer).min(axis=2)
    top, left = (1 - MATRIX[1] - MATRIX[3]) * len(pixels), MATRIX[0] * pixels.shape[1]
    inner = pixels[int(top) + 4 : int(top + MATRIX[3] * len(pixels)) - 4, int(left) + 4 : int(left) + 350]
    row, column = (int(np.median(np.argmax(inner, axis=axis))) for axis in (0, 1))
    assert (row + 4) / (MATRIX[3] * len(pixels)) == pytest.approx(0.25, abs=0.01)
    assert (column + 4) / (MATRIX[2] * pixels.shape[1]) == pytest.approx(0.65, abs=0.01)


@pytest.mark.parametrize("place", [(-0.01, 0.5), (1.01, 0.5), (0.5, -0.01), (0.5, 1.01), (1.6, 0.3)])
def test_a_click_beside_the_matrix_changes_nothing(frames, place):
    explorer = explore_distances(frames, first=7, second=8)
    before = explorer.pictures[0].value
    _click(explorer, *place)
    assert explorer.parameters == {"metric": "gray", "first": 7, "second": 8}
    assert explorer.pictures[0].value == before


def test_a_click_draws_once(frames, monkeypatch):
    explorer = explore_distances(frames)
    drawn = []
    monkeypatch.setattr(explorer, "draw", lambda: drawn.append(1) or "drawn")
    _click(explorer, 0.1, 0.9)
    assert drawn == [1]


def test_a_metric_is_computed_and_drawn_once(frames, monkeypatch):
    pairwise, asked = distances.pairwise, []
    monkeypatch.setattr(distances, "pairwise", lambda images, metric: asked.append(metric) or pairwise(images, metric))
    plot, drawn = explorer_distances.plots.plot_distances, []
    monkeypatch.setattr(
        explorer_distances.plots, "plot_distances", lambda *given, **options: drawn.append(1) or plot(*given, **options)
    )
    explorer = explore_distances(frames)
    for position in range(5):
        explorer.controls["first"].value = position
    gray = explorer.pictures[0].value
    explorer.controls["metric"].value = "hsl"
    assert explorer.pictures[0].value != gray
    np.testing.assert_array_equal(explorer.matrix, pairwise(frames, "hsl"))
    explorer.controls["metric"].value = "gray"
    assert explorer.pictures[0].value == gray
    assert asked == ["gray", "hsl"]
    assert len(drawn) == 3


def test_matrices_at_hand_are_taken(frames, monkeypatch):
    matrices = {metric: distances.pairwise(frames, metric) for metric in ("gray", "hsl")}
    mine = np.abs(np.subtract.outer(np.arange(N), np.arange(N))).astype(float)
    expected = explore_distances(frames).pictures[0].value
    assert explore_distances(frames, matrices["gray"]).pictures[0].value == expected
    explorer = explore_distances(frames, {**matrices, "mine": mine}, metric="mine", first=3, second=9)
    assert explorer.controls["metric"].options == ("gray", "hsl", "mine")
    assert explorer.result == 6
    assert eval(explorer.code, {"matrix": {"mine": mine}}) == 6
    assert _same(explorer, frames, {"mine": mine})


def test_of_a_matrix_that_is_given_by_itself_the_code_is_a_place_in_it(frames):
    mine = np.abs(np.subtract.outer(np.arange(N), np.arange(N))).astype(float)
    for metric, matrix in (("mine", mine), ("gray", distances.pairwise(frames, "gray"))):
        explorer = explore_distances(frames, matrix, metric=metric, first=3, second=9)
        assert explorer.code == "matrix[3, 9]"
        assert eval(explorer.code, {"matrix": matrix}) == explorer.result
    with pytest.raises(ParameterError, match="metric must be a name"):
        explore_distances(frames, mine, metric=["mine"])


def test_a_long_film_is_drawn_by_means_and_told_exactly(monkeypatch):
    monkeypatch.setattr(explorer_distances, "MOST_ROWS", 8)
    frames = _frames(64)
    explorer = explore_distances(frames)
    assert explorer._figure.axes[0].images[0].get_array().shape == (8, 8)
    _click(explorer, 1, 0)
    assert explorer.result == distances.pairwise(frames)[0, 63]
    assert explore_distances(frames.images).code == 'distances.pairwise(frames, "gray")[21, 42]'


@pytest.mark.parametrize("n", [1, 2])
def test_few_frames(n):
    explorer = explore_distances(_frames(n))
    _click(explorer, 0.99, 0.01)
    assert explorer.result == distances.pairwise(_frames(n))[0, n - 1]
    assert _same(explorer, _frames(n))


def test_no_frames_are_told():
    frames = _frames()[:0]
    explorer = explore_distances(frames)
    assert explorer.result is None
    assert eval(explorer.code) is None
    assert "no frames" in explorer.pictures[0].alt
    explorer.controls["metric"].value = "hsl"
    _click(explorer, 0.5, 0.5)
    assert explorer.problem == ""
    assert _same(explorer, frames)


def test_gray_frames_without_times_are_told_by_number():
    images = _frames().images[..., 0]
    explorer = explore_distances(images, first=2, second=3)
    assert "frame 2 to frame 3" in explorer.pictures[0].alt
    assert np.abs(_still(explorer, 1) - images[3, 0, 0]).max() < 8


def test_it_says_what_it_is_in_words_that_stay(frames):
    explorer = explore_distances(frames, first=1, second=2)
    assert repr(explorer) == 'DistanceExplorer: distances.pairwise(frames, "gray")[1, 2]'
    assert all(control.description and control.tooltip for control in explorer.controls.values())


def test_pictures_are_small():
    images = np.random.default_rng(0).integers(0, 256, (300, 90, 160, 3), np.uint8)
    assert len(explore_distances(images).pictures[0].value) < 250_000


def test_arguments_are_checked(frames):
    gray = distances.pairwise(frames)

    def refused(message, *data, **options):
        with pytest.raises(ParameterError, match=message):
            explore_distances(*data, **options)

    refused("metric must be one of 'gray', 'hsl'; got 'rgb'", frames, metric="rgb")
    refused(
        "first must be a whole number .* and below 20; got 20; there are 20 frames, counted from 0", frames, first=20
    )
    refused("second must be a whole number of at least 0 .*; got -1", frames, second=-1)
    refused("frames must be uint8", frames.images / 255)
    refused(r"matrix must be numbers, \(n, n\), of the 20 frames, .*got shape \(5, 5\)", frames, gray[:5, :5])
    refused(r"matrix must be what distances.pairwise\(frames, 'hsl'\) returns", frames, gray, metric="hsl")
    refused("matrix must be what", frames, {"hsl": gray})
    refused("got str of dtype", frames, "matrix")
