import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from matplotlib.collections import LineCollection, PolyCollection
from matplotlib.colors import to_rgb
from matplotlib.offsetbox import AnnotationBbox, OffsetImage

from toolkit import ParameterError, colors, dialogue, plots, shots
from toolkit.plots import shots as plot_shots
from toolkit.plots import style
from toolkit.records import Frames

# frames of three places, the first one shown again: clusters 0 0 1 1 0 2
FEATURES = np.array([[0.0], [0.1], [10.0], [10.1], [0.2], [30.0]])
LABELS = np.array([0, 0, 1, 1, 0, 2])
TIMES = np.array([0.0, 1, 2, 3, 4, 5])
TREE = shots.linkage_tree(FEATURES)
TABLE = pd.DataFrame(
    {
        "start_frame": [0, 50, 100],
        "end_frame": [50, 100, 200],
        "start": [0.0, 2.0, 4.0],
        "end": [2.0, 4.0, 8.0],
        "transition": ["start", "cut", "dissolve"],
        "transition_start_frame": [np.nan, np.nan, 75.0],
        "transition_end_frame": [np.nan, np.nan, 125.0],
    }
)
# as seen without red, green and blue cones, on linear RGB (Machado and others, 2009, severity 1)
CONES_MISSING = (
    [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
    [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]],
    [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]],
)


@pytest.fixture(autouse=True)
def _close():
    yield
    plt.close("all")


def plain(values, height=18, width=32):
    values = np.asarray(values, np.uint8)
    return np.broadcast_to(values[:, None, None, None], (len(values), height, width, 3)).copy()


def bars(ax):
    """Return (left, right, low, high) of each bar that is drawn, and the colour of each."""
    found, painted = [], []
    for collection in ax.collections:
        if isinstance(collection, PolyCollection):
            faces = collection.get_facecolors()
            for i, path in enumerate(collection.get_paths()):
                (left, low), (right, high) = path.vertices.min(axis=0), path.vertices.max(axis=0)
                found.append((left, right, low, high))
                painted.append(faces[i % len(faces), :3])
    return np.array(found).reshape(-1, 4), np.array(painted).reshape(-1, 3)


def texts(ax):
    return [text.get_text() for text in ax.texts]


def drawn(ax):
    ax.figure.canvas.draw()
    return np.asarray(ax.figure.canvas.buffer_rgba())[..., :3].astype(int)


def linear(rgb):
    return np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)


def encoded(rgb):
    rgb = np.clip(rgb, 0, 1)
    return np.where(rgb <= 0.0031308, rgb * 12.92, 1.055 * rgb ** (1 / 2.4) - 0.055)


# colours


def test_a_cluster_has_the_colour_of_its_number():
    found = style.cluster_colors([3, 0, 3, -1])
    np.testing.assert_array_equal(found[0], found[2])
    np.testing.assert_allclose(found[0], to_rgb(style.CLUSTER_COLORS[3]))
    np.testing.assert_allclose(found[3], to_rgb(style.NO_CLUSTER))
    again = len(style.CLUSTER_COLORS)
    np.testing.assert_array_equal(style.cluster_colors([again + 3])[0], found[0])


@pytest.mark.parametrize("matrix", [np.eye(3), *CONES_MISSING])
def test_colours_of_clusters_differ_also_to_the_color_blind(matrix):
    seen = encoded(linear(style.cluster_colors(range(10))) @ np.array(matrix).T)
    lab = colors.to_space((255 * seen).round().astype(np.uint8))
    apart = np.linalg.norm(lab[:, None] - lab, axis=-1)
    assert apart[np.triu_indices(10, 1)].min() > 15


# the tree


def test_a_tree_is_cut_where_the_line_is():
    ax = plots.plot_dendrogram(TREE, threshold=5)
    forks = next(found for found in ax.collections if isinstance(found, LineCollection))
    heights = sorted(segment[:, 1].max() for segment in forks.get_segments())
    np.testing.assert_allclose(heights, TREE[:, 2])
    assert [line.get_ydata()[0] for line in ax.lines] == [5]
    assert "5\n3 clusters" in texts(ax)


def test_branches_below_the_threshold_have_the_colours_of_their_clusters():
    ax = plots.plot_dendrogram(TREE, threshold=5)
    forks = next(found for found in ax.collections if isinstance(found, LineCollection))
    for segment, color in zip(forks.get_segments(), forks.get_colors(), strict=True):
        # left of 3 are the frames of cluster 0, between 3 and 5 those of cluster 1
        expected = 0 if segment[:, 0].max() < 3 else 1
        below = segment[:, 1].max() < 5
        wanted = style.cluster_colors([expected])[0] if below else to_rgb(style.PALE)
        np.testing.assert_allclose(color[:3], wanted)


def test_clusters_are_named_in_order_of_first_sight():
    ax = plots.plot_dendrogram(TREE, threshold=5)
    named = {text.get_text(): text.get_position()[0] for text in ax.texts}
    assert [named[name] for name in "012"] == [1.5, 4.0, 5.5]


def test_many_frames_are_drawn_as_wedges():
    features = np.random.default_rng(0).normal(size=(400, 2)) + 30 * np.arange(400)[:, None] // 100
    tree = shots.linkage_tree(features)
    ax = plots.plot_dendrogram(tree, leaves=12)
    wedges, _ = bars(ax)
    assert len(wedges) == 12
    np.testing.assert_allclose(np.sort(wedges[:, 0]), np.arange(12) + 0.14)
    np.testing.assert_allclose(wedges[:, 3].max(), tree[-12, 2])


def test_a_wedge_of_several_clusters_says_how_many():
    ax = plots.plot_dendrogram(TREE, threshold=0.01, leaves=2)
    assert {"(5)", "5"} <= set(texts(ax)), texts(ax)


def test_a_tree_of_thousands_of_frames_in_a_chain_is_drawn():
    chain = shots.linkage_tree(np.cumsum(np.arange(3000.0))[:, None] ** 2)
    drawn(plots.plot_dendrogram(chain))


@pytest.mark.parametrize("features", [[[1.0]], [[1.0], [1.0]], [[1.0], [2.0]], np.zeros((9, 3))])
def test_trees_of_few_or_like_frames_are_drawn(features):
    tree = shots.linkage_tree(features)
    drawn(plots.plot_dendrogram(tree))
    drawn(plots.plot_threshold_sensitivity(tree))
    drawn(plots.plot_threshold_sensitivity(tree, threshold=0))


def test_a_threshold_far_above_the_tree_is_told():
    ax = plots.plot_dendrogram(TREE, threshold=1e6)
    drawn(ax)
    assert "1e+06\n1 cluster" in texts(ax)
    assert ax.get_ylim()[1] < 2 * TREE[-1, 2]


def test_arguments_of_a_dendrogram_are_checked():
    with pytest.raises(ParameterError, match="tree must be a linkage tree"):
        plots.plot_dendrogram(FEATURES)
    with pytest.raises(ParameterError, match="leaves must be a whole number of at least 2; got 1"):
        plots.plot_dendrogram(TREE, leaves=1)
    with pytest.raises(ParameterError, match="distance_threshold must be a finite number of at least 0; got -1"):
        plots.plot_dendrogram(TREE, threshold=-1)


# the threshold


def test_the_curve_counts_the_clusters_of_each_threshold():
    ax = plots.plot_threshold_sensitivity(TREE, threshold=5)
    x, y = ax.lines[0].get_data()
    for threshold in (0.09, 0.15, 5, 20, 40):
        expected = shots.cut_tree(TREE, threshold).max() + 1
        assert y[np.searchsorted(x, threshold, side="right") - 1] == expected


def test_the_chosen_threshold_and_its_range_are_marked():
    ax = plots.plot_threshold_sensitivity(TREE, threshold=5)
    assert ax.lines[1].get_xydata().tolist() == [[5, 3]]
    low, high = TREE[2, 2], TREE[3, 2]
    assert texts(ax) == [f"3 clusters from {low:.3g} to {high:.3g}"]
    suggested = shots.suggest_threshold(TREE)
    assert plots.plot_threshold_sensitivity(TREE).lines[1].get_xdata()[0] == suggested


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
    with pytest.raises(ParameterError, match="each of the 3 spans; got ndarray of shape"):
        plots.plot_barcode(LABELS, spans=TABLE)
    with pytest.raises(ParameterError, match="times must be finite seconds.* one for each of the 6 frames"):
        plots.plot_barcode(LABELS, times=TIMES[:2])
    with pytest.raises(ParameterError, match="labels must be whole numbers, one for each frame; got dtype float64"):
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
    assert len(x) <= plot_shots.CURVE
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
    with pytest.raises(ParameterError, match="shot_table must be a table with start.*got the columns end"):
        plots.plot_cuts(TIMES, TIMES, TABLE[["end"]])
    with pytest.raises(ParameterError, match="shot_table must have numbers in start; got"):
        plots.plot_cuts(TIMES, TIMES, TABLE.assign(start=["a", "b", "c"]))
    with pytest.raises(ParameterError, match="shot_table must have seconds in start; got NaN"):
        plots.plot_cuts(TIMES, TIMES, TABLE.assign(start=[0, 1, np.nan]))
    with pytest.raises(ParameterError, match="distances must be numbers.*got what is none"):
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
    with pytest.raises(ParameterError, match="pace must be a table with start, end and average_length.*got ndarray"):
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
        to_rgb(style.PALE),
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
