"""Pictures of scenes and boundaries: what is drawn is read back from the Axes."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from matplotlib.collections import LineCollection, PolyCollection
from matplotlib.colors import to_rgb
from matplotlib.patches import Rectangle

from toolkit import ParameterError, plots
from toolkit.plots import scenes as plot_scenes
from toolkit.plots import style
from toolkit.records import Movie

SCENES = pd.DataFrame({"start": [0.0, 10.0, 30.0], "end": [10.0, 30.0, 60.0]})
MOVIE = Movie(
    "a film",
    {"place": np.ones((6, 2), np.float32)},
    boundaries=[True, False, True, False, False],
    predictions=[0.9, 0.6, 0.2, 0.1, 0.5],
)


def bars(ax, color):
    """Return (left, right, low, high) of the bars of a colour, (n, 4)."""
    found = []
    for collection in ax.collections:
        if isinstance(collection, PolyCollection):
            faces = collection.get_facecolors()
            for i, path in enumerate(collection.get_paths()):
                if np.allclose(faces[i % len(faces), :3], to_rgb(color)):
                    (left, low), (right, high) = path.vertices.min(axis=0), path.vertices.max(axis=0)
                    found.append((left, right, low, high))
    return np.array(found).reshape(-1, 4)


def texts(ax):
    return [text.get_text() for text in ax.texts]


def test_each_scene_is_a_bar_in_its_colour_with_its_number():
    ax = plots.plot_scenes(SCENES)
    for number, (start, end) in enumerate(SCENES.to_numpy()):
        np.testing.assert_allclose(bars(ax, style.CLUSTER_COLORS[number]), [(start, end, -0.4, 0.4)])
    assert texts(ax) == ["0", "1", "2", "3 scenes"]
    assert ax.get_xlim() == (0, 60)


def test_several_tables_are_bars_below_each_other_under_their_names():
    ax = plots.plot_scenes({"found": SCENES, "the truth": SCENES[:1].to_numpy()})
    assert [label.get_text() for label in ax.get_yticklabels()] == ["found", "the truth"]
    assert bars(ax, style.CLUSTER_COLORS[0])[:, 2].tolist() == [-0.4, 0.6]
    assert texts(ax)[-1] == "1 scene"
    low, high = ax.get_ylim()
    assert low > high


def test_a_line_is_where_each_shot_but_the_first_begins():
    ax = plots.plot_scenes(SCENES, shot_spans=np.array([[0, 5], [5, 10], [10, 62.0]]))
    [lines] = [c for c in ax.collections if isinstance(c, LineCollection)]
    assert [line[0, 0] for line in lines.get_segments()] == [5, 10]
    assert ax.get_xlim() == (0, 62)


def test_a_scene_too_short_for_its_number_has_none():
    ax = plots.plot_scenes(np.array([[0.0, 1000.0], [1000.0, 1001.0]]))
    assert texts(ax) == ["0", "2 scenes"]


def test_numbers_can_be_read_on_their_colour():
    ax = plots.plot_scenes(np.arange(20.0).reshape(-1, 2))
    for text in ax.texts[:-1]:
        color = style.cluster_colors([int(text.get_text())])[0]
        assert abs(to_rgb(text.get_color())[0] - color @ (0.299, 0.587, 0.114)) > 0.4


def test_names_are_written_as_they_are_and_long_ones_cut_short():
    names = ["$\\bad{$", "a$_x^$", "x" * 24, "y" * 25]
    ax = plots.plot_scenes(dict.fromkeys(names, SCENES))
    ax.figure.canvas.draw()
    assert [label.get_text() for label in ax.get_yticklabels()] == [*names[:3], "y" * 14 + "…" + "y" * 9]


@pytest.mark.parametrize("scenes", [np.empty((0, 2)), SCENES[:0], {"found": SCENES[:0]}])
def test_a_film_without_scenes_is_an_empty_bar(scenes):
    assert texts(plots.plot_scenes(scenes)) == ["0 scenes"]


@pytest.mark.parametrize(
    ("scenes", "message"),
    [
        ({}, "a dict of at least one; got an empty dict"),
        (pd.DataFrame({"a": [1]}), "with the columns start and end"),
        (np.array([[3.0, 2.0]]), "each ending not before its start; got 3 to 2 in row 0"),
    ],
)
def test_what_is_no_scenes_is_refused(scenes, message):
    with pytest.raises(ParameterError, match=message):
        plots.plot_scenes(scenes)


def test_bars_stand_between_the_shots_and_say_what_is_right():
    ax = plots.plot_boundaries(MOVIE, threshold=0.6)
    right, false, missed = (plot_scenes.VERDICTS[name] for name in ("right", "false", "missed"))
    np.testing.assert_allclose(bars(ax, right), [(0.6, 1.4, 0, 0.9)])
    np.testing.assert_allclose(bars(ax, false), [(1.6, 2.4, 0, 0.6)])
    np.testing.assert_allclose(bars(ax, missed), [(2.6, 3.4, 0, 0.2)])
    assert len(bars(ax, style.GRAY)) == 2
    assert texts(ax) == ["1 right", "1 false", "1 missed"]
    triangles = np.concatenate([line.get_xdata() for line in ax.lines if line.get_marker() == "^"])
    assert triangles.tolist() == [1, 3]
    assert ax.get_xlim() == (0, 6)


def test_without_the_truth_it_is_only_said_what_is_told():
    ax = plots.plot_boundaries(replace(MOVIE, boundaries=None))
    assert len(bars(ax, style.INK)) == 3
    assert texts(ax) == ["3 told"]


def test_a_part_of_a_movie_has_the_places_between_its_shots():
    ax = plots.plot_boundaries(MOVIE, threshold=0.6, first=2, last=5)
    assert texts(ax) == ["0 right", "0 false", "1 missed"]
    assert ax.get_xlim() == (2, 5)
    assert plots.plot_boundaries(MOVIE, last=100).get_xlim() == (0, 6)


def test_predictions_of_any_range_are_drawn_from_their_own_foot():
    ax = plots.plot_boundaries(replace(MOVIE, predictions=[-5.0, -1, -2, -3, -4]), threshold=-2)
    assert ax.get_ylim()[0] < -5
    assert texts(ax) == ["1 right", "1 false", "1 missed"]


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"movie": replace(MOVIE, predictions=None)}, "a Movie with predictions"),
        ({"movie": SCENES}, "a Movie with predictions"),
        ({"first": 5}, "at least two of the movie's 6 shots; got 5 and 6"),
        ({"first": 4, "last": 2}, "got 4 and 2"),
        ({"threshold": np.nan}, "threshold must be a finite number"),
        ({"last": 1.5}, "last must be a whole number"),
    ],
)
def test_what_cannot_be_drawn_of_boundaries_is_refused(given, message):
    with pytest.raises(ParameterError, match=message):
        plots.plot_boundaries(**{"movie": MOVIE, **given})


def test_spans_are_squares_on_the_diagonal_of_distances():
    ax = plots.plot_distances(np.zeros((5, 5)), spans=np.array([[0, 2], [2, 5]]), each="shot")
    squares = [patch for patch in ax.patches if isinstance(patch, Rectangle)]
    assert [(*square.get_xy(), square.get_width(), square.get_height()) for square in squares] == [
        (-0.5, -0.5, 2, 2),
        (1.5, 1.5, 3, 3),
    ]
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("shot", "shot")


@pytest.mark.parametrize("spans", [[[0, 6]], [[-1, 2]], [[2, 2]], [[0.0, 1.0]], [0, 1]])
def test_spans_beyond_the_frames_are_refused(spans):
    with pytest.raises(ParameterError, match=r"spans must be whole numbers \(m, 2\), each \[start, end\) of the 5"):
        plots.plot_distances(np.zeros((5, 5)), spans=spans)
