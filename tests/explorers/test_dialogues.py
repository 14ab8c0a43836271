"""The explorer of dialogues: each control is moved, and what is drawn compared with what the toolkit tells."""

import io

import numpy as np
import pandas as pd
import pytest
from matplotlib.collections import PolyCollection
from matplotlib.colors import to_rgb
from PIL import Image

from toolkit import ParameterError, dialogue, plots
from toolkit.explorers import dialogues, explore_dialogues
from toolkit.explorers.pictures import Picture, lanes, new_figure
from toolkit.plots.style import CLUSTER_COLORS, GRAY
from toolkit.records import Frames

# 0 and 1 take five turns; 2 and 3 four, with an insert of 4 between each two (which so takes turns with either); 5 and
# 6, seen from afar, six; 7 is alone
LABELS = np.repeat([0, 1, 0, 1, 0, 7, 2, 4, 3, 4, 2, 4, 3, 7, 5, 6, 5, 6, 5, 6, 7], 5)
TIMES = np.arange(len(LABELS)) / 2
CLOSE_UP = np.where(np.isin(LABELS, [0, 1]), 0.9, np.where(np.isin(LABELS, [2, 3]), 0.6, 0.0))
IMAGES = np.repeat(np.arange(8, dtype=np.uint8)[LABELS] * 30, 18 * 32 * 3).reshape(-1, 18, 32, 3)
SAID = pd.DataFrame({"start": [1.0, 20.0], "end": [4.0, 23.0], "text": ["a", "b"]})
START = {"inserts": 1, "min_close_up": 0.5, "max_gap": 20}


def encoded(figure):
    """Return what a picture shows of a figure."""
    picture = Picture()
    picture.show(figure, "")
    return picture.value


def explorer(**options):
    return explore_dialogues(LABELS, CLOSE_UP, times=TIMES, **{**START, **options})


def pixels(picture):
    return np.asarray(Image.open(io.BytesIO(picture.value)))


def seen(picture, color):
    """Return how many pixels of a picture have a colour."""
    return int((pixels(picture) == np.round(255 * np.array(to_rgb(color)))).all(axis=-1).sum())


def told(explored, **more):
    """Return what the explorer's line of code gives."""
    names = {"dialogue": dialogue, "labels": LABELS, "close_up": CLOSE_UP, "times": TIMES}
    return eval(explored.code, {**names, **more})


def bars(explored):
    """Return start, end of the strip's bars of dialogues, from their collections."""
    ax = explored._strip_ax
    found = [c for c in ax.collections if isinstance(c, PolyCollection) and c.get_animated()]
    halves = [[(p.vertices[:, 0].min(), p.vertices[:, 0].max()) for p in c.get_paths()] for c in found[-2:]]
    assert halves[0] == halves[1]
    return halves[0]


MOVES = [
    ("inserts", [0, 2, 1]),
    ("min_alternations", [4, 5, 6, 3]),
    ("min_close_up", [0.0, 0.7, 1.0, 0.5]),
    ("max_gap", [3, 10, 60]),
    ("overlaps", ["longest", "keep"]),
]


@pytest.mark.parametrize(("name", "values"), MOVES)
def test_a_control_shows_what_find_dialogues_tells(name, values):
    explored = explorer(frames=IMAGES)
    for value in values:
        explored.controls[name].value = value
        options = {**START, "overlaps": "keep", name: value}
        least = options.pop("min_alternations", 3)
        expected = dialogue.find_dialogues(LABELS, CLOSE_UP, times=TIMES, **options)
        expected = expected[expected["alternations"] >= least].reset_index(drop=True)
        pd.testing.assert_frame_equal(explored.result, expected)
        assert explored.parameters[name] == value
        assert bars(explored) == list(zip(expected["start"], expected["end"], strict=True))
        pd.testing.assert_frame_equal(told(explored), explored.result)


def test_controls_change_the_pictures_as_the_dialogues_do():
    explored = explorer()
    assert explored.result[["speaker_a", "speaker_b"]].to_numpy().tolist() == [[0, 1], [2, 3]]
    before = [picture.value for picture in explored.pictures]
    assert seen(explored.pictures[0], CLUSTER_COLORS[2]) > 0
    explored.controls["inserts"].value = 0
    assert explored.result[["speaker_a", "speaker_b"]].to_numpy().tolist() == [[0, 1]]
    assert seen(explored.pictures[0], CLUSTER_COLORS[2]) == 0
    assert seen(explored.pictures[0], CLUSTER_COLORS[0]) > 0
    assert all(picture.value != old for picture, old in zip(explored.pictures, before, strict=True))
    explored.controls["inserts"].value = 1
    assert [picture.value for picture in explored.pictures] == before


def test_the_lane_of_close_ups_has_the_set_ups_that_are_near_enough():
    explored = explorer()
    each = []
    for share in (0.0, 0.6, 0.61, 0.95):
        explored.controls["min_close_up"].value = share
        each.append(seen(explored.pictures[0], GRAY))
    # those of 0 to 3, the others having no close-up; of 0 and 1; none: 9, 5 and 0 runs of the same length
    runs = np.array(each) / max(each[0], 1) * 9
    np.testing.assert_allclose(runs, [9, 9, 5, 0], atol=0.5)


def test_dialogues_below_each_other_are_those_of_the_plot():
    names = {4: "Anna", 5: "Ben"}
    explored = explorer(frames=IMAGES, subtitles=SAID, names=names, min_close_up=0.0)
    figure = new_figure(*explored._rows_ax.figure.get_size_inches())
    ax = figure.add_axes(explored._rows_ax.get_position().bounds)
    plots.plot_dialogues(explored.result, LABELS, TIMES, images=IMAGES, subtitles=SAID, names=names, rows=4, ax=ax)
    assert {"Anna", "Ben"} <= {text.get_text() for text in ax.texts}
    assert explored.pictures[1].value == encoded(figure)


def test_the_table_and_its_code_call_speakers_as_the_pictures_do():
    names = {4: "Anna", 5: "Ben"}
    explored = explorer(names=names, min_close_up=0.0)
    pd.testing.assert_frame_equal(explored.result, dialogue.name_speakers(explorer(min_close_up=0.0).result, names))
    pd.testing.assert_frame_equal(told(explored, names=names), explored.result)
    assert {"Anna", "Ben"} <= {*explored.result["speaker_a"], *explored.result["speaker_b"]}


@pytest.mark.parametrize(("name", "values"), MOVES)
def test_parameters_show_the_same_again(name, values):
    data = {"times": TIMES, "frames": Frames(IMAGES[::4], TIMES[::4], "x"), "subtitles": SAID}
    explored = explore_dialogues(LABELS, CLOSE_UP, **data, **START)
    for value in values:
        explored.controls[name].value = value
    again = explore_dialogues(LABELS, CLOSE_UP, **data, **explored.parameters)
    assert again.parameters == explored.parameters
    assert (again.code, repr(again)) == (explored.code, repr(explored))
    assert [p.value for p in again.pictures] == [p.value for p in explored.pictures]
    assert [p.alt for p in again.pictures] == [p.alt for p in explored.pictures]


def test_the_line_filters_only_where_more_alternations_are_asked_for():
    options = "min_close_up=0.5, inserts=1, max_gap=20, overlaps='keep'"
    line = f"dialogue.find_dialogues(labels, close_up, times=times, {options})"
    assert explorer().code == line
    more = explorer(min_alternations=4)
    assert more.code == line + '.query("alternations >= 4").reset_index(drop=True)'
    assert more.result["alternations"].tolist() == [4]


def test_overlapping_dialogues_lie_below_each_other():
    labels = np.repeat([0, 1, 2, 0, 1, 2, 0, 1, 2, 0, 1], 4)
    times = np.arange(len(labels)) * 1.0
    explored = explore_dialogues(labels, times=times, inserts=1)
    assert len(explored.result) == 3
    assert lanes(np.array([0, 2, 4, 6]), np.array([4, 5, 6, 8])).tolist() == [0, 1, 0, 0]
    assert all(seen(explored.pictures[0], CLUSTER_COLORS[speaker]) > 0 for speaker in range(3))
    explored.controls["overlaps"].value = "longest"
    assert len(explored.result) == 1


def test_time_in_two_dialogues_counts_once():
    found = pd.DataFrame({"start": [0.0, 5.0, 30.0], "end": [10.0, 8.0, 31.0]})
    assert dialogues._covered(found) == 11
    assert "2 dialogues, 30 s, 57% of the film" in explorer()._status.value


def test_without_close_ups_every_pair_may_speak_and_the_share_has_no_effect():
    explored = explore_dialogues(LABELS, times=TIMES, inserts=1)
    assert len(explored.result) == 5
    assert explored.controls["min_close_up"].disabled
    assert "the close-up share has no effect" in explored._status.value
    before = explored.pictures[0].value
    explored.controls["min_close_up"].value = 1.0
    assert explored.pictures[0].value == before
    assert "close_up" not in explored.code
    pd.testing.assert_frame_equal(told(explored), explored.result)


@pytest.mark.parametrize("frames", [None, IMAGES[:0], Frames(IMAGES[:0], TIMES[:0], "x")])
@pytest.mark.parametrize("labels", [LABELS[:0], LABELS[:1], LABELS[:10]])
def test_a_film_without_dialogues_is_drawn_and_says_so(labels, frames):
    if isinstance(frames, np.ndarray):
        frames = IMAGES[: len(labels)]
    times = TIMES[: len(labels)]
    explored = explore_dialogues(labels, np.ones(len(labels)), times=times, frames=frames, subtitles=SAID)
    assert len(explored.result) == 0
    assert "0 dialogues" in explored._status.value
    assert [text.get_text() for text in explored._strip_ax.texts] == ["no dialogue"]
    assert "no dialogue" in [text.get_text() for text in explored._rows_ax.texts]
    assert seen(explored.pictures[0], GRAY) > 0
    names = {"labels": labels, "close_up": np.ones(len(labels)), "times": times}
    pd.testing.assert_frame_equal(told(explored, **names), explored.result)


def test_none_found_says_so_and_dialogues_come_back():
    explored = explorer(min_close_up=1.0)
    assert [text.get_text() for text in explored._strip_ax.texts] == ["no dialogue"]
    explored.controls["min_close_up"].value = 0.5
    assert not explored._strip_ax.texts
    assert "no dialogue" not in [text.get_text() for text in explored._rows_ax.texts]


def test_pictures_stay_small_and_say_what_they_show():
    explored = explorer(frames=np.random.default_rng(0).integers(0, 255, (len(LABELS), 90, 160, 3), dtype=np.uint8))
    assert sum(len(picture.value) for picture in explored.pictures) < 250_000
    assert explored.pictures[0].alt.startswith("2 dialogues over the film: 0:00.00 to 0:12.50, 0:15.00 to ")


def test_every_control_says_what_it_does_in_words():
    for control in explorer().controls.values():
        assert control.tooltip
        assert "_" not in control.description


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"times": TIMES[:3]}, "one for each of the 105 labels"),
        ({"times": TIMES[::-1]}, "each after the one before"),
        ({"frames": IMAGES[:3]}, "frames must be one for each of the 105 labels, or Frames; got 3"),
        ({"frames": "film.mp4"}, "frames must be uint8"),
        ({"subtitles": [1]}, "subtitles must be a table with start, end and text"),
        ({"inserts": -1}, "inserts must be a whole number of at least 0"),
        ({"min_alternations": 2}, "min_alternations must be a whole number of at least 3"),
        ({"min_close_up": 50}, "min_close_up must be a finite number of at least 0 and at most 1; got 50"),
        ({"max_gap": 1.5}, "max_gap must be a whole number"),
        ({"overlaps": "none"}, "overlaps must be one of 'keep', 'longest'"),
    ],
)
def test_what_cannot_be_explored_is_refused(given, message):
    with pytest.raises(ParameterError, match=message):
        explore_dialogues(LABELS, CLOSE_UP, **{"times": TIMES, **given})


def test_labels_and_close_ups_are_checked():
    with pytest.raises(ParameterError, match="labels must be whole numbers"):
        explore_dialogues([0.5, 1.5], times=[0, 1])
    with pytest.raises(ParameterError, match="close_up must be bool"):
        explore_dialogues(LABELS, CLOSE_UP[:4], times=TIMES)
