import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from matplotlib.collections import LineCollection
from matplotlib.colors import to_rgb
from matplotlib.offsetbox import AnnotationBbox, OffsetImage
from plotted_shots import LABELS, TABLE, TIMES, TREE, bars, drawn, plain, texts

from toolkit import ParameterError, dialogue, plots, shots
from toolkit.plots import shots as plot_shots
from toolkit.plots import style
from toolkit.records import Frames

# names of clusters


def test_clusters_are_called_by_the_names_that_they_have():
    names = {0: "Ellen at the window, at night", 2: "a$_x^$"}
    labels = [label.get_text() for label in plots.plot_barcode(LABELS, names=names).get_yticklabels()]
    assert labels == ["all", "Ellen at the w… at night", "1", "a$_x^$"]
    strips = texts(plots.plot_cluster_strips(plain(range(6)), LABELS, names=names))
    assert strips[::2] == ["Ellen a…ight", "1", "a$_x^$"]
    for spoken in (SPOKEN, dialogue.name_speakers(SPOKEN, names)):
        speakers = texts(plots.plot_dialogues(spoken, TURNS, CLOCK, names=names))
        assert speakers[1:] == ["Ellen a…ight", "1"]


def test_speakers_whose_set_up_was_renamed_are_told():
    told = dialogue.name_speakers(SPOKEN, {0: "Ellen", 1: "Orlok"})
    with pytest.warns(UserWarning, match="speakers that no set-up is called: Orlok. Was one renamed?"):
        plots.plot_dialogues(told, TURNS, CLOCK, names={0: "Ellen", 1: "Count Orlok"})


def test_anchors_in_seconds_are_those_in_frames():
    frames = ["anchor_start_frame", "anchor_end_frame", "start_frame", "end_frame"]
    clock = np.append(CLOCK, 2 * CLOCK[-1] - CLOCK[-2])
    anchor = {f"anchor_{side}": clock[SPOKEN[f"anchor_{side}_frame"]] for side in ("start", "end")}
    seconds = SPOKEN.drop(columns=frames).assign(**anchor)
    whole = SPOKEN.drop(columns=frames)
    pictures = []
    for told in (SPOKEN, seconds, whole):
        figure = plots.plot_dialogues(told, TURNS, CLOCK).figure
        figure.canvas.draw()
        pictures.append(figure.canvas.buffer_rgba().tobytes())
    assert pictures[0] == pictures[1] != pictures[2]


def test_names_that_are_no_dict_are_refused():
    draw = (
        lambda names: plots.plot_barcode(LABELS, names=names),
        lambda names: plots.plot_cluster_strips(plain(range(6)), LABELS, names=names),
        lambda names: plots.plot_dialogues(SPOKEN, TURNS, CLOCK, names=names),
        lambda names: dialogue.name_speakers(SPOKEN, names),
    )
    for function in draw:
        with pytest.raises(ParameterError, match="names must be a dict of number to text, .*; got list"):
            function(["Anna"])


# cuts


def test_changes_are_marked_by_kind_and_gradual_ones_by_their_span():
    ax = plots.plot_cuts(np.arange(8.0), np.arange(8.0), TABLE)
    found, painted = bars(ax)
    cut, dissolve = (to_rgb(plot_shots.TRANSITION_COLORS[kind]) for kind in ("cut", "dissolve"))
    assert found[0, :2].tolist() == [2, 2]
    np.testing.assert_allclose(painted[0], cut)
    # frame 75 of a film of 25 frames a second, then 4.0 s and a quarter of the third shot
    np.testing.assert_allclose(found[1:, :2], [[3, 5], [3, 5]])
    np.testing.assert_allclose(painted[1:], [dissolve, dissolve])
    assert found[0, 2] > 7 > found[2, 2] == 0
    assert texts(ax) == ["1 cut", "1 dissolve"]


def test_a_table_by_hand_marks_all_but_the_first_as_cuts():
    ax = plots.plot_cuts(TIMES, TIMES, TABLE[["start"]])
    assert bars(ax)[0][:, 0].tolist() == [2, 4]
    assert texts(ax) == ["2 cuts"]
    bare = TABLE[["start", "transition"]]
    assert texts(plots.plot_cuts(TIMES, TIMES, bare)) == ["1 cut", "1 dissolve"]


def test_kinds_of_ones_own_are_marked_too():
    ax = plots.plot_cuts(TIMES, TIMES, TABLE.assign(transition=["start", "wipe", "wipe"]))
    assert texts(ax) == ["2 wipes"]


def test_no_peak_of_a_long_curve_is_lost():
    values = np.zeros(100_000)
    values[[5, 77_777]] = 3, 8
    x, y = plots.plot_cuts(np.arange(100_000.0), values, TABLE).lines[0].get_data()
    assert len(x) <= plot_shots.MAX_POINTS
    assert x[y == 3].tolist() == [5]
    assert x[y == 8].tolist() == [77_777]


def test_cuts_of_almost_nothing_are_drawn():
    drawn(plots.plot_cuts([], [], TABLE.iloc[:0]))
    drawn(plots.plot_cuts([0.5], [np.nan], TABLE.iloc[:1]))
    drawn(plots.plot_cuts(TIMES, np.zeros(6), TABLE))


def test_arguments_of_cuts_are_checked():
    with pytest.raises(ParameterError, match="times must be finite seconds"):
        plots.plot_cuts(TIMES[:3], TIMES, TABLE)
    with pytest.raises(
        ParameterError, match=r"distances must be numbers, \(n,\), one for each time; got shape \(1, 6\)"
    ):
        plots.plot_cuts(TIMES, TIMES[None], TABLE)
    with pytest.raises(ParameterError, match="shot_table must be a table with start.*got .* the columns end"):
        plots.plot_cuts(TIMES, TIMES, TABLE[["end"]])
    with pytest.raises(ParameterError, match="shot_table must have numbers in start; got"):
        plots.plot_cuts(TIMES, TIMES, TABLE.assign(start=["a", "b", "c"]))
    with pytest.raises(ParameterError, match="shot_table must have seconds in start; got NaN"):
        plots.plot_cuts(TIMES, TIMES, TABLE.assign(start=[0, 1, np.nan]))
    with pytest.raises(ParameterError, match="distances must be numbers.*got list of dtype <U1"):
        plots.plot_cuts(TIMES, ["a"] * 6, TABLE)


# pace


def test_each_shot_is_a_line_as_high_as_it_is_long():
    pace = shots.pace(TABLE, window=4)
    ax = plots.plot_pace(pace, shot_spans=TABLE)
    segments = ax.collections[0].get_segments()
    np.testing.assert_allclose(segments, [[(0, 2), (2, 2)], [(2, 2), (4, 2)], [(4, 4), (8, 4)]])
    median, average = (line.get_ydata() for line in ax.lines)
    assert median[0] == 2
    np.testing.assert_allclose(average, pace["average_length"])
    assert texts(ax) == ["average", "median 2.0 s"]
    assert ax.get_yscale() == "log"


def test_pace_of_almost_nothing_is_drawn():
    drawn(plots.plot_pace(shots.pace(TABLE.iloc[:0])))
    drawn(plots.plot_pace(shots.pace(TABLE.iloc[:1]), shot_spans=TABLE.iloc[:1]))
    drawn(plots.plot_pace(shots.pace(TABLE), shot_spans=[[0, 0], [0, 8]]))


def test_arguments_of_pace_are_checked():
    with pytest.raises(ParameterError, match="pace must be a table with start, end, average_length.*got ndarray"):
        plots.plot_pace(TIMES)
    with pytest.raises(ParameterError, match="shot_spans must be a table"):
        plots.plot_pace(shots.pace(TABLE), shot_spans=TIMES)
    with pytest.raises(ParameterError, match="pace must have numbers in average_length"):
        plots.plot_pace(shots.pace(TABLE).assign(average_length="long"))


# dialogues: 0 and 1 take turns, 2 cuts in once


TURNS = np.repeat([3, 0, 1, 0, 2, 1, 0, 2, 3], 2)
CLOCK = 0.5 * np.arange(len(TURNS))
SPOKEN = dialogue.find_dialogues(TURNS, times=CLOCK, inserts=1).query("speaker_a == 0 and speaker_b == 1")


def test_turns_are_in_the_lanes_of_their_speakers():
    ax = plots.plot_dialogues(SPOKEN, TURNS, CLOCK)
    found, painted = bars(ax)
    # the scene reaches from the second run to the eighth, a cutaway, by which it has grown
    np.testing.assert_allclose(found[:, :2], [[i, i + 1] for i in range(7)])
    lanes = [0, 1, 0, 2, 1, 0, 2]
    np.testing.assert_allclose(painted, style.cluster_colors(lanes))
    tops = np.unique(found[:, 2].round(6))
    np.testing.assert_allclose(found[:, 2], tops[lanes])
    anchor = next(lines for lines in ax.collections if isinstance(lines, LineCollection))
    assert [segment[0, 0] for segment in anchor.get_segments()] == [0, 6]
    assert "0:01.00" in texts(ax)


def test_pictures_are_of_the_speakers():
    grays = np.array([50, 100, 150, 200])[TURNS]
    for images in (plain(grays), Frames(plain(grays[::2]), CLOCK[::2])):
        ax = plots.plot_dialogues(SPOKEN, TURNS, CLOCK, images=images)
        boxes = [box for box in ax.get_children() if isinstance(box, AnnotationBbox)]
        shown = [box.offsetbox.get_children()[0].get_array() for box in boxes if isinstance(box.offsetbox, OffsetImage)]
        assert [int(picture[0, 0, 0]) for picture in shown] == [50, 100]
        edges = [box.patch.get_edgecolor()[:3] for box in boxes]
        np.testing.assert_allclose(edges, style.cluster_colors([0, 1]))


def test_a_speaker_without_a_picture_is_gray():
    only = Frames(plain([50]), CLOCK[2:3])
    ax = plots.plot_dialogues(SPOKEN, TURNS, CLOCK, images=only)
    boxes = [box for box in ax.get_children() if isinstance(box, AnnotationBbox)]
    assert [int(box.offsetbox.get_children()[0].get_array()[0, 0, 0]) for box in boxes] == [50, 221]
    drawn(plots.plot_dialogues(SPOKEN, TURNS, CLOCK, images=Frames(plain([]), [])))


def test_subtitles_are_lines_within_the_dialogue():
    spoken = pd.DataFrame({"start": [0.5, 3.0, 8.5], "end": [1.5, 4.0, 9.0], "text": ["a", "b", "c"]})
    ax = plots.plot_dialogues(SPOKEN, TURNS, CLOCK, subtitles=spoken)
    lines = [found for found in ax.collections if isinstance(found, LineCollection)][1]
    np.testing.assert_allclose([segment[:, 0] for segment in lines.get_segments()], [[0, 0.5], [2, 3]])


def test_the_longest_dialogues_are_shown_in_their_order():
    labels = np.concatenate([np.repeat([0, 1, 0, 1], size) for size in (3, 1, 2)] + [[5]])
    labels[12:16] += 10
    labels[16:24] += 20
    times = np.arange(len(labels), dtype=float)
    found = dialogue.find_dialogues(labels, times=times)
    ax = plots.plot_dialogues(found, labels, times, rows=2)
    assert [text for text in texts(ax) if ":" in text] == ["0:00.00", "0:16.00"]
    assert ax.get_xlabel() == "minutes and seconds from the beginning of each (the 2 longest of 3)"


def test_no_dialogue_is_said():
    for labels, times in ((TURNS, CLOCK), (np.zeros(0, int), np.zeros(0)), (np.zeros(1, int), np.zeros(1))):
        ax = plots.plot_dialogues(SPOKEN.iloc[:0], labels, times)
        drawn(ax)
        assert texts(ax) == ["no dialogue"]


def test_arguments_of_dialogues_are_checked():
    with pytest.raises(ParameterError, match="dialogues must be a table with speaker_a.*got list"):
        plots.plot_dialogues([], TURNS, CLOCK)
    with pytest.raises(ParameterError, match="times must be finite seconds.* one for each of the 18 frames"):
        plots.plot_dialogues(SPOKEN, TURNS, CLOCK[:4])
    with pytest.raises(ParameterError, match="dialogues must have frames from 0 to 18"):
        plots.plot_dialogues(SPOKEN.assign(end_frame="16"), TURNS, CLOCK)
    with pytest.raises(ParameterError, match="each after the one before"):
        plots.plot_dialogues(SPOKEN, TURNS, CLOCK[::-1])
    with pytest.raises(ParameterError, match="labels must be whole numbers, one for each frame; got rows of different"):
        plots.plot_dialogues(SPOKEN, [[1], 2], CLOCK)
    with pytest.raises(ParameterError, match="images must be one for each of the 18 times, or Frames; got 2"):
        plots.plot_dialogues(SPOKEN, TURNS, CLOCK, images=plain([1, 2]))
    with pytest.raises(
        ParameterError, match="dialogues must have frames from 0 to 4, of the 4 labels that they were found in"
    ):
        plots.plot_dialogues(SPOKEN, TURNS[:4], CLOCK[:4])
    with pytest.raises(ParameterError, match="subtitles must be a table"):
        plots.plot_dialogues(SPOKEN, TURNS, CLOCK, subtitles=[1])


def test_a_given_axes_is_drawn_on_and_returned():
    calls = [
        lambda ax: plots.plot_dendrogram(TREE, ax=ax),
        lambda ax: plots.plot_threshold_sensitivity(TREE, ax=ax),
        lambda ax: plots.plot_barcode(LABELS, ax=ax),
        lambda ax: plots.plot_cluster_strips(plain(range(6)), LABELS, ax=ax),
        lambda ax: plots.plot_cuts(TIMES, TIMES, TABLE, ax=ax),
        lambda ax: plots.plot_pace(shots.pace(TABLE), ax=ax),
        lambda ax: plots.plot_dialogues(SPOKEN, TURNS, CLOCK, ax=ax),
    ]
    figure, axes = plt.subplots(1, len(calls))
    for call, ax in zip(calls, axes, strict=True):
        assert call(ax) is ax
    assert plt.get_fignums() == [figure.number]


# how near faces are


def dots(ax):
    """Return where the dots outside of the range lie, and those inside."""
    return [np.asarray(collection.get_offsets()) for collection in ax.collections]


def test_faces_within_the_range_are_dark_dots_in_the_band_and_others_pale():
    ax = plots.plot_face_scale([0.0, 0.3, 0.6, 0.8], [0.0, 1, 2, 3], low=0.3, high=0.6)
    outside, inside = dots(ax)
    np.testing.assert_allclose(inside, [[1, 0.3]])
    np.testing.assert_allclose(outside, [[0, 0.0], [2, 0.6], [3, 0.8]])
    band = ax.patches[0].get_bbox()
    assert (band.y0, band.y1) == (0.3, 0.6)
    assert [tuple(collection.get_facecolor()[0, :3]) for collection in ax.collections] == [
        to_rgb(style.GRAY),
        to_rgb(style.INK),
    ]


def test_the_range_of_a_probability_ends_at_the_top():
    ax = plots.plot_face_scale([0.2, 1.0], [0.0, 1.0], low=0.5, high=1.01, label="probability")
    assert ax.get_ylim() == (0, 1)
    assert ax.patches[0].get_bbox().y1 == 1
    assert ax.get_ylabel() == "probability"
    np.testing.assert_allclose(dots(ax)[1], [[1, 1]])


def test_faces_of_no_frame_are_an_empty_picture():
    assert [len(part) for part in dots(plots.plot_face_scale([], []))] == [0, 0]


@pytest.mark.parametrize(
    ("scale", "times", "match"),
    [
        ([[0.1]], [0.0], "one for each time; got shape"),
        (["near"], [0.0], "scale must be numbers"),
        ([0.1, 0.2], [0.0], "times must be"),
        ([0.1, 0.2], [1.0, 0.0], "each after the one before"),
    ],
)
def test_faces_that_do_not_fit_the_times_are_refused(scale, times, match):
    with pytest.raises(ParameterError, match=match):
        plots.plot_face_scale(scale, times)


def test_dialogues_corrected_by_hand_are_drawn_by_their_seconds():
    by_frames = plots.plot_dialogues(SPOKEN, TURNS, CLOCK)
    corrected = SPOKEN[["speaker_a", "speaker_b"]].assign(start=SPOKEN["start"], end=SPOKEN["end"])
    by_seconds = plots.plot_dialogues(corrected, TURNS, CLOCK)
    for drawn_ones, expected in zip(bars(by_seconds), bars(by_frames), strict=True):
        np.testing.assert_allclose(drawn_ones, expected)


def test_a_speaker_that_no_one_named_is_a_question_mark():
    corrected = pd.DataFrame({"speaker_a": pd.array([0, None], "Int64"), "speaker_b": [1, 1]})
    ax = plots.plot_dialogues(corrected.assign(start=[0.0, 4.0], end=[4.0, 8.0]), TURNS, CLOCK)
    assert [text for text in texts(ax) if ":" not in text] == ["0", "1", "?", "1"]
