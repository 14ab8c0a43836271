"""The explorer of scenes: controls are moved, buttons pressed, what is drawn compared with what the toolkit tells."""

import io
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from matplotlib.colors import to_rgb
from PIL import Image

from toolkit import DataError, ParameterError, exports, metrics, plots, scenes, tables
from toolkit.explorers import explore_scenes
from toolkit.explorers.pictures import Picture, new_figure
from toolkit.explorers.scene_pictures import TILE
from toolkit.plots.style import CLUSTER_COLORS, MARK
from toolkit.records import Frames, Movie

# twelve shots of four scenes; scores for boundaries before the shots 1 to 11
SHOTS = pd.DataFrame({"start": np.arange(12) * 5.0, "end": np.arange(12) * 5.0 + 5})
SHOTS["start_frame"], SHOTS["end_frame"] = np.arange(12) * 50, np.arange(12) * 50 + 50
TRUE = np.isin(np.arange(1, 12), [3, 6, 9])
SURE = np.array([0.1, 0.2, 0.9, 0.1, 0.3, 0.7, 0.4, 0.5, 0.35, 0.1, 0.05])
PLACES = np.repeat(np.eye(4, dtype=np.float32), 3, axis=0) + 0.01 * np.arange(12, dtype=np.float32)[:, None] % 0.03
MOVIE = Movie("a film", {"place": PLACES}, boundaries=TRUE, predictions=SURE, shot_end_frame=np.arange(12) * 50 + 49)
PLAIN = replace(MOVIE, boundaries=None, predictions=None)
IMAGES = np.repeat(np.arange(12, dtype=np.uint8) * 20, 18 * 32 * 3).reshape(-1, 18, 32, 3)


def pixels(picture):
    return np.asarray(Image.open(io.BytesIO(picture.value)).convert("RGB"))


def seen(picture, color):
    """Return how many pixels of a picture have a colour."""
    return int((pixels(picture) == np.round(255 * np.array(to_rgb(color)))).all(axis=-1).sum())


def firsts(explored):
    return explored.result["first_shot"].tolist()


def check_code(explored, movie=MOVIE, cuts=SHOTS):
    """Hold what the explorer's line of code gives against its result."""
    names = {"scenes": scenes, "exports": exports, "np": np, "movie": movie, "cuts": cuts}
    pd.testing.assert_frame_equal(eval(explored.code, names), explored.result)


def shown(explored):
    return [picture.value for picture in explored.pictures]


@pytest.mark.parametrize("value", [0.0, 0.3, 0.35, 0.5, 0.7, 0.95, 1.0])
def test_the_threshold_gives_the_scenes_and_scores_of_the_toolkit(value):
    explored = explore_scenes(MOVIE, SHOTS, frames=IMAGES)
    explored.controls["threshold"].value = value
    pd.testing.assert_frame_equal(explored.result, scenes.scene_table(value <= SURE, SHOTS))
    scores = metrics.evaluate([MOVIE], value)
    assert f"Miou {scores['Miou']:.2f}, F1 {scores['F1']:.2f}" in explored._status.value
    assert explored.pictures[1].alt.startswith(f"precision {scores['Precision']:.2f}, recall {scores['Recall']:.2f}")
    [dot] = [line for line in explored._curves.precision_recall.lines if line.get_animated()]
    assert (dot.get_xdata()[0], dot.get_ydata()[0]) == (scores["Recall"], scores["Precision"])
    assert explored.code == f"scenes.scene_table(movie.predictions >= {value}, cuts)"
    check_code(explored)


def test_the_film_is_drawn_as_the_plot_draws_it():
    explored = explore_scenes(MOVIE, SHOTS, threshold=0.35)
    explored.controls["threshold"].value = 0.45
    figure = new_figure(*explored._bar.figure.get_size_inches())
    ax = figure.add_axes(explored._bar.ax.get_position().bounds)
    lanes = {"scenes": explored.result, "the truth": scenes.scene_table(TRUE, SHOTS)}
    plots.plot_scenes(lanes, shot_spans=SHOTS, ax=ax)
    plain = Picture()
    plain.show(figure, "the plot")
    expected, drawn = pixels(plain), pixels(explored.pictures[0])
    # but for the mark at the chosen cut, before shot 3
    at = round(ax.transData.transform((15, 0))[0])
    # and but for the ends of the lines at cuts, between the bars
    low, high = (len(drawn) - round(ax.transData.transform((0, row))[1]) for row in (0.4, 0.6))
    apart = (np.delete(expected, np.arange(low, high + 1), 0) != np.delete(drawn, np.arange(low, high + 1), 0)).any(
        (0, 2)
    )
    assert apart[at]
    assert not np.delete(apart, np.arange(at - 8, at + 9)).any()


def test_the_number_of_scenes_divides_by_the_features():
    explored = explore_scenes(PLAIN, SHOTS)
    assert explored.parameters["by"] == "n_scenes"
    for number in (1, 2, 3, 4, 6):
        explored.controls["n_scenes"].value = number
        expected = scenes.scene_table(scenes.group_shots(PLAIN, number), SHOTS)
        pd.testing.assert_frame_equal(explored.result, expected)
        assert len(explored.result) == number
        check_code(explored, PLAIN)
    explored.controls["min_shots"].value = 1
    explored.controls["n_scenes"].value = 12
    assert firsts(explored) == list(range(12))
    check_code(explored, PLAIN)


def test_the_number_is_at_first_what_the_predictions_or_the_estimate_tell():
    assert explore_scenes(MOVIE, SHOTS, threshold=0.35).parameters["n_scenes"] == 6
    assert explore_scenes(PLAIN, SHOTS).parameters["n_scenes"] == 1 + scenes.group_shots(PLAIN).sum()


def test_what_decides_can_be_changed():
    explored = explore_scenes(MOVIE, SHOTS, n_scenes=2)
    assert explored.controls["n_scenes"].disabled
    explored.controls["by"].value = "n_scenes"
    assert firsts(explored) == [0, *np.flatnonzero(scenes.group_shots(MOVIE, 2)) + 1]
    assert explored.controls["threshold"].disabled
    explored.controls["by"].value = "threshold"
    assert firsts(explored) == [0, 3, 6, 8]


def test_a_threshold_that_is_no_number_is_refused_and_what_was_seen_stays():
    explored = explore_scenes(MOVIE, SHOTS, threshold=0.5)
    before = explored.parameters, explored.code
    explored.controls["threshold"].value = np.nan
    assert explored.problem == "threshold must be a finite number; got nan"
    assert (explored.parameters, explored.code) == before


def test_of_predictions_of_yes_and_no_it_is_said_that_the_threshold_has_no_effect():
    grouped = replace(PLAIN, predictions=TRUE.astype(float))
    explored = explore_scenes(grouped, SHOTS)
    assert "no threshold has an effect: set scenes by their number" in explored._status.value
    before = firsts(explored)
    explored.controls["threshold"].value = 0.9
    assert firsts(explored) == before == [0, 3, 6, 9]
    assert "no threshold has an effect" not in explore_scenes(MOVIE, SHOTS)._status.value


def test_what_cannot_be_computed_leaves_what_was_seen_and_says_why():
    explored = explore_scenes(PLAIN, SHOTS, n_scenes=4)
    before, scene, code = shown(explored), firsts(explored), explored.code
    explored.controls["n_scenes"].value = 9
    assert "each scene has at least min_shots=2" in explored.problem
    assert explored.problem in explored._status.value
    assert (shown(explored), firsts(explored), explored.code) == (before, scene, code)
    explored.controls["n_scenes"].value = 4
    assert explored.problem == ""
    # without predictions there is no threshold to choose
    assert [value for _, value in explored.controls["by"].options] == ["n_scenes"]


def test_buttons_choose_boundaries_in_order():
    explored = explore_scenes(MOVIE, SHOTS)
    buttons, place = explored.buttons, explored.controls["place"]
    assert place.value == 3
    assert buttons["previous"].disabled
    buttons["next"].click()
    buttons["next"].click()
    assert place.value == 8
    assert "chosen is the cut before shot 8, at 0:40.00, a boundary" in explored._status.value
    buttons["next"].click()
    assert explored.problem == "there is no boundary after the chosen cut"
    place.value = 7
    assert "before shot 7, at 0:35.00, no boundary" in explored._status.value
    buttons["previous"].click()
    assert place.value == 6


def test_a_click_on_the_film_chooses_a_boundary_near_it_or_else_a_cut():
    explored = explore_scenes(MOVIE, SHOTS)
    box = explored._bar.ax.get_position()

    def click(seconds):
        explored.pictures[0].pointed = [box.x0 + box.width * seconds / 60, 0.4, click.count]
        click.count += 1
        return explored.controls["place"].value

    click.count = 1
    assert explored.pictures[0].pointable
    assert [click(seconds) for seconds in (0.0, 12.0, 30.3, 32.0, 33.0, 59.9)] == [1, 2, 6, 6, 7, 11]
    # many cuts about a boundary: it is what is meant
    spans = np.stack([np.arange(1200.0), np.arange(1, 1201.0)], axis=1)
    movie = Movie("long", {}, predictions=(np.arange(1199) == 599).astype(float))
    explored = explore_scenes(movie, spans)
    box = explored._bar.ax.get_position()
    explored.pictures[0].pointed = [box.x0 + box.width * 604 / 1200, 0.4, 1]
    assert explored.controls["place"].value == 600
    explored.pictures[0].pointed = [box.x0 + box.width * 640 / 1200, 0.4, 2]
    assert explored.controls["place"].value == 640


def test_corrections_move_add_and_remove_and_are_undone():
    explored = explore_scenes(MOVIE, SHOTS)
    states = [firsts(explored)]

    def now():
        check_code(explored)
        states.append(firsts(explored))
        return states[-1]

    explored.buttons["earlier"].click()
    assert now() == [0, 2, 6, 8]
    explored.buttons["later"].click()
    explored.buttons["later"].click()
    assert explored.controls["place"].value == 4
    assert now() == [0, 4, 6, 8]
    explored.controls["place"].value = 10
    assert explored.buttons["remove"].disabled
    explored.buttons["add"].click()
    assert now() == [0, 4, 6, 8, 10]
    assert explored.parameters["corrected"] == (4, 6, 8, 10)
    explored.controls["place"].value = 6
    explored.buttons["remove"].click()
    assert now() == [0, 4, 8, 10]
    assert explored.code == "scenes.scene_table(np.isin(np.arange(1, len(cuts)), [4, 8, 10]), cuts)"
    for expected in ([0, 4, 6, 8, 10], [0, 4, 6, 8], [0, 3, 6, 8], [0, 2, 6, 8]):
        explored.buttons["undo"].click()
        assert now() == expected
    explored.buttons["undo"].click()
    assert now() == states[0]
    assert explored.parameters["corrected"] is None
    assert explored.buttons["undo"].disabled


def test_corrections_change_the_pictures():
    explored = explore_scenes(MOVIE, SHOTS, frames=IMAGES)
    before = shown(explored)
    explored.buttons["later"].click()
    assert all(new != old for new, old in zip(shown(explored), before, strict=True))
    explored.buttons["earlier"].click()
    back = shown(explored)
    # the film and its frames are as before; the curve has no threshold any more
    assert (back[0], back[2], back[3]) == (before[0], before[2], before[3])
    assert back[1] != before[1]


def test_once_corrected_the_threshold_moves_nothing_until_it_is_gone_back_to():
    explored = explore_scenes(MOVIE, SHOTS)
    explored.buttons["remove"].click()
    assert all(explored.controls[name].disabled for name in ("by", "threshold", "n_scenes", "min_shots"))
    explored.controls["threshold"].value = 0.05
    assert firsts(explored) == [0, 6, 8]
    assert "as corrected by hand; the threshold does not move them" in explored._status.value
    explored.buttons["back"].click()
    assert firsts(explored) == list(range(12))
    assert not explored.controls["threshold"].disabled
    explored.buttons["undo"].click()
    assert firsts(explored) == [0, 6, 8]


def test_corrections_stay_where_what_was_found_cannot_be_shown(tmp_path):
    explored = explore_scenes(MOVIE, SHOTS, by="n_scenes", folder=tmp_path)
    explored.buttons["remove"].click()
    kept = firsts(explored)
    explored.controls["n_scenes"].max = len(SHOTS) + 1
    explored.controls["n_scenes"].value = len(SHOTS) + 1
    explored.buttons["back"].click()
    assert "not saved, and so not done: n_scenes" in explored.problem
    assert firsts(explored) == firsts(explore_scenes(MOVIE, SHOTS, folder=tmp_path)) == kept


def test_what_could_not_be_shown_does_not_stand_in_the_way_of_going_back():
    explored = explore_scenes(MOVIE, SHOTS, by="n_scenes")
    found = firsts(explored)
    explored.buttons["remove"].click()
    explored.buttons["back"].click()
    explored.controls["min_shots"].value = len(SHOTS)
    assert explored.problem
    explored.buttons["undo"].click()
    assert firsts(explored) == found[:1] + found[2:]
    explored.buttons["back"].click()
    assert (explored.problem, firsts(explored)) == ("", found)


def test_what_cannot_be_corrected_is_told_and_changes_nothing():
    explored = explore_scenes(MOVIE, SHOTS, corrected=[1, 2, 11])
    for act, place, message in (
        (lambda: explored.shift(-1), 1, "a scene has one shot at least"),
        (lambda: explored.shift(1), 1, "a scene has one shot at least"),
        (lambda: explored.shift(1), 11, "a scene has one shot at least"),
        (lambda: explored.shift(1), 5, "there is no boundary at the chosen cut to move"),
        (explored.remove, 5, "there is no boundary at the chosen cut to remove"),
        (explored.add, 2, "a scene begins at the chosen cut already"),
    ):
        explored.controls["place"].value = place
        act()
        assert message in explored.problem
        assert firsts(explored) == [0, 1, 2, 11]
    explored.undo()
    assert firsts(explored) == [0, 1, 2, 11]


def read_back(folder):
    """Return the scenes that notebook 7 takes, by its own lines, and whether they are as corrected by hand."""
    given = exports.read_table(folder, "scenes", columns=("start",))
    boundaries = scenes.boundaries_at(given, SHOTS)
    table = scenes.scene_table(boundaries, SHOTS)
    by_hand = (folder / "scenes.corrected.csv").exists()
    return table, by_hand


def test_corrections_are_saved_at_once_and_read_back_by_the_notebook(tmp_path):
    exports.write_table(tmp_path, "scenes", scenes.scene_table(SURE >= 0.5, SHOTS))
    explored = explore_scenes(MOVIE, SHOTS, folder=tmp_path)
    assert read_back(tmp_path)[1] is False
    for press in ("later", "next", "remove", "next", "earlier"):
        explored.buttons[press].click()
        table, by_hand = read_back(tmp_path)
        pd.testing.assert_frame_equal(table, explored.result)
        assert by_hand
        check_code(explored)
    assert firsts(explored) == [0, 4, 7]
    read = f'exports.read_table({str(tmp_path)!r}, "scenes", columns=("start",))'
    assert explored.code == f"scenes.scene_table(scenes.boundaries_at({read}, cuts), cuts)"
    assert "saved as scenes.corrected.csv" in explored._status.value
    # of its own steps it keeps no files
    assert sorted(path.name for path in tmp_path.iterdir()) == ["scenes.corrected.csv", "scenes.csv"]
    for _ in range(3):
        explored.buttons["undo"].click()
    assert read_back(tmp_path)[1] is False
    assert [path.name for path in tmp_path.iterdir()] == ["scenes.csv"]


def test_the_next_run_begins_with_what_was_saved(tmp_path):
    explored = explore_scenes(MOVIE, SHOTS, folder=tmp_path / "film")
    explored.buttons["earlier"].click()
    again = explore_scenes(MOVIE, SHOTS, folder=tmp_path / "film")
    assert firsts(again) == [0, 2, 6, 8]
    assert again.parameters["corrected"] == (2, 6, 8)
    again.buttons["back"].click()
    assert firsts(again) == [0, 3, 6, 8]
    # what was given up is kept, and wins no more
    assert [path.name for path in (tmp_path / "film").iterdir()] == ["scenes.corrected-1.csv"]
    assert firsts(explore_scenes(MOVIE, SHOTS, folder=tmp_path / "film")) == [0, 3, 6, 8]
    again.buttons["undo"].click()
    assert firsts(again) == [0, 2, 6, 8]
    assert read_back(tmp_path / "film")[1]


def test_a_file_of_another_hand_is_kept(tmp_path):
    text = "start,what\n0:00.00,the street\n0:21.00,the park\n"
    (tmp_path / "scenes.corrected.csv").write_text(text)
    explored = explore_scenes(MOVIE, SHOTS, folder=tmp_path)
    assert firsts(explored) == [0, 4]
    check_code(explored)
    assert (tmp_path / "scenes.corrected.csv").read_text() == text
    explored.buttons["earlier"].click()
    assert (tmp_path / "scenes.corrected-1.csv").read_text() == text
    check_code(explored)
    # changed in another program meanwhile
    (tmp_path / "scenes.corrected.csv").write_text(text)
    before = shown(explored)
    for name in ("earlier", "undo", "back"):
        explored.buttons[name].click()
        assert "scenes.corrected.csv was saved meanwhile" in explored.problem
    assert (shown(explored), firsts(explored)) == (before, [0, 3])
    assert (tmp_path / "scenes.corrected.csv").read_text() == text
    assert not (tmp_path / "scenes.corrected-2.csv").exists()
    assert firsts(explore_scenes(MOVIE, SHOTS, folder=tmp_path)) == [0, 4]


def test_columns_of_another_hand_go_with_their_scenes(tmp_path):
    (tmp_path / "scenes.corrected.csv").write_text(
        "start;what;faces\n0:00.00;the street;\n0:21.00;the park;[1, 2]\n0:40.00;;[3]\n"
    )
    explored = explore_scenes(MOVIE, SHOTS, folder=tmp_path)

    def now():
        check_code(explored)
        table = tables.read_csv(tmp_path / "scenes.corrected.csv")
        what = table["what"].fillna("").tolist() if "what" in table else []
        return list(zip(table["first_shot"].tolist(), what, strict=False)), table["faces"].tolist()

    explored.buttons["earlier"].click()
    assert now() == ([(0, "the street"), (3, "the park"), (8, "")], [[], [1, 2], [3]])
    explored.controls["place"].value = 6
    explored.buttons["add"].click()
    assert now() == ([(0, "the street"), (3, "the park"), (6, ""), (8, "")], [[], [1, 2], [], [3]])
    explored.controls["place"].value = 3
    explored.buttons["remove"].click()
    explored.buttons["add"].click()
    # a scene that is added has no notes, also where one was that had
    assert now() == ([(0, "the street"), (3, ""), (6, ""), (8, "")], [[], [], [], [3]])
    for _ in range(2):
        explored.buttons["undo"].click()
    assert now()[0][1] == (3, "the park")
    explored.buttons["back"].click()
    explored.buttons["undo"].click()
    assert now() == ([(0, "the street"), (3, "the park"), (6, ""), (8, "")], [[], [1, 2], [], [3]])
    # the next run goes on with them
    again = explore_scenes(MOVIE, SHOTS, folder=tmp_path, **explored.parameters)
    again.controls["place"].value = 8
    again.buttons["later"].click()
    assert now_of(tmp_path) == {0: [], 3: [1, 2], 6: [], 9: [3]}
    # and of boundaries that are given, those that are there already keep theirs
    explore_scenes(MOVIE, SHOTS, folder=tmp_path, corrected=(3, 9, 10))
    assert now_of(tmp_path) == {0: [], 3: [1, 2], 9: [3], 10: []}


def now_of(folder):
    table = tables.read_csv(folder / "scenes.corrected.csv")
    return dict(zip(table["first_shot"], table["faces"], strict=True))


def test_what_cannot_be_saved_is_not_done(tmp_path):
    (tmp_path / "file").write_text("")
    explored = explore_scenes(MOVIE, SHOTS, folder=tmp_path / "file")
    before = shown(explored)
    explored.buttons["remove"].click()
    assert "not saved, and so not done: folder must be a folder" in explored.problem
    assert (shown(explored), firsts(explored)) == (before, [0, 3, 6, 8])
    assert explored.parameters["corrected"] is None


@pytest.mark.parametrize("saved", [False, True])
@pytest.mark.parametrize(
    "change",
    [
        lambda e: setattr(e.controls["threshold"], "value", 0.35),
        lambda e: setattr(e.controls["by"], "value", "n_scenes"),
        lambda e: (setattr(e.controls["by"], "value", "n_scenes"), setattr(e.controls["n_scenes"], "value", 3)),
        lambda e: setattr(e.controls["min_shots"], "value", 3),
        lambda e: setattr(e.controls["place"], "value", 10),
        lambda e: e.buttons["later"].click(),
        lambda e: (e.buttons["remove"].click(), setattr(e.controls["threshold"], "value", 0.1)),
        lambda e: (e.buttons["remove"].click(), e.buttons["back"].click()),
    ],
)
def test_parameters_show_the_same_again(change, saved, tmp_path):
    data = {"frames": Frames(IMAGES, SHOTS["start"].to_numpy() + 2.5, "x"), "folder": tmp_path if saved else None}
    explored = explore_scenes(MOVIE, SHOTS, **data)
    change(explored)
    again = explore_scenes(MOVIE, SHOTS, **data, **explored.parameters)
    assert again.parameters == explored.parameters
    assert (again.code, repr(again), shown(again)) == (explored.code, repr(explored), shown(explored))
    assert again._status.value == explored._status.value
    assert all(type(value) in (str, float, int, tuple, type(None)) for value in explored.parameters.values())
    if saved:
        # and in another folder they are saved anew
        other = explore_scenes(MOVIE, SHOTS, folder=tmp_path / "other", **explored.parameters)
        assert firsts(other) == firsts(explored)
        check_code(other)


def test_frames_are_those_of_each_scenes_first_shot():
    explored = explore_scenes(MOVIE, SHOTS, frames=IMAGES)
    sheet = pixels(explored.pictures[3])
    for scene, shot in enumerate([0, 3, 6, 8]):
        left = scene * (TILE + 6)
        np.testing.assert_allclose(sheet[20, left + 40], shot * 20, atol=4)
        np.testing.assert_allclose(sheet[2, left + 40], 255 * np.array(to_rgb(CLUSTER_COLORS[scene])), atol=40)
    assert (sheet[:40, 4 * (TILE + 6) + 8 :] > 245).all()


def test_around_the_chosen_cut_are_its_shots():
    explored = explore_scenes(MOVIE, SHOTS, frames=IMAGES)
    explored.controls["place"].value = 6
    sheet = pixels(explored.pictures[2])
    np.testing.assert_allclose(sheet[20, 40 :: TILE + 6, 0], np.arange(1, 11) * 20, atol=4)
    line = np.round(255 * np.array(to_rgb(MARK)))
    assert np.abs(sheet[20, 5 * (TILE + 6) - 3] - line).max() < 30
    explored.controls["place"].value = 7
    assert np.abs(pixels(explored.pictures[2])[20, 5 * (TILE + 6) - 3] - line).max() > 30
    explored.controls["place"].value = 3
    assert explored.pictures[2].alt == "frames of the shots 0 to 9, around the chosen cut"
    sheet = pixels(explored.pictures[2])
    np.testing.assert_allclose(sheet[20, 40 :: TILE + 6, 0], np.arange(10) * 20, atol=4)
    assert np.abs(sheet[20, 3 * (TILE + 6) - 3] - line).max() < 30


def test_frames_stand_for_the_shots_they_lie_in():
    times = np.array([1.0, 2.4, 12.0, 57.0])
    values = np.array([10, 90, 150, 200], dtype=np.uint8)
    images = np.repeat(values, 18 * 32).reshape(-1, 18, 32)
    tiles = explore_scenes(MOVIE, SHOTS, frames=Frames(images, times, "gray"))._tiles
    # the nearest to the middle, and gray where there is none
    assert tiles[[0, 1, 2, 11], 10, 40, 0].tolist() == [90, 221, 150, 200]
    empty = explore_scenes(MOVIE, SHOTS, frames=Frames(IMAGES[:0], times[:0], "none"))
    assert (empty._tiles == 221).all()


@pytest.mark.parametrize("shape", [(30, 10), (10, 60), (1, 1), (2, 500)])
def test_frames_of_any_shape_fit(shape):
    explored = explore_scenes(MOVIE, SHOTS, frames=np.zeros((12, *shape), np.uint8))
    assert explored._tiles.shape[2] == TILE
    assert explored._tiles.shape[1] <= TILE


def test_a_film_of_one_shot_is_drawn_and_says_so():
    for movie in (
        Movie("one", {"place": np.ones((1, 2), np.float32)}),
        Movie("one", {}, boundaries=[], predictions=[]),
    ):
        explored = explore_scenes(movie, SHOTS[:1], frames=IMAGES[:1])
        assert len(explored.result) == 1
        assert "a film of one shot has no boundaries" in explored._status.value
        assert explored.controls["place"].disabled
        assert all(button.disabled for button in explored.buttons.values())
        assert all(picture.value for picture in explored.pictures)
        check_code(explored, movie, SHOTS[:1])
        explored.add()
        assert explored.problem == "there is no cut to choose"
        explored.pictures[0].pointed = [0.5, 0.5, 1]
        again = explore_scenes(movie, SHOTS[:1], frames=IMAGES[:1], **explored.parameters)
        assert shown(again) == shown(explored)


def test_a_film_without_boundaries_is_drawn_and_says_so():
    explored = explore_scenes(MOVIE, SHOTS, threshold=1.0)
    assert len(explored.result) == 1
    assert "there is no boundary in the film" in explored._status.value
    assert seen(explored.pictures[0], CLUSTER_COLORS[0]) > 0
    explored.buttons["add"].click()
    assert firsts(explored) == [0, 1]


def test_without_the_truth_there_is_neither_its_bar_nor_a_score():
    explored = explore_scenes(replace(MOVIE, boundaries=None), SHOTS)
    assert "Miou" not in explored._status.value
    assert explored._bar.ax.get_yticklabels()[-1].get_text() == "scenes"
    assert explored.pictures[1].alt == "0.5 or more: 3 of 11 cuts"
    before = explored.pictures[1].value
    explored.controls["threshold"].value = 0.35
    assert explored.pictures[1].value != before
    # without predictions too there is no curve to draw
    assert len(explore_scenes(PLAIN, SHOTS).pictures) == 1


def test_the_truth_may_be_a_table_of_scenes():
    given = pd.DataFrame({"start": [0.0, 16.0, 29.0, 45.0], "end": [16.0, 29.0, 45.0, 60.0]})
    explored = explore_scenes(PLAIN, SHOTS, truth=given, n_scenes=4)
    scores = metrics.evaluate([replace(MOVIE, predictions=scenes.group_shots(PLAIN, 4).astype(float))])
    assert f"Miou {scores['Miou']:.2f}, F1 {scores['F1']:.2f}" in explored._status.value
    assert [label.get_text() for label in explored._bar.ax.get_yticklabels()] == ["scenes", "the truth"]


def test_predictions_of_any_range_have_a_slider():
    movie = replace(MOVIE, predictions=20 * SURE - 10)
    explored = explore_scenes(movie, SHOTS, threshold=0.0)
    slider = explored.controls["threshold"]
    assert (slider.min, slider.max) == (-9.0, 8.0)
    explored.controls["threshold"].value = -3.0
    pd.testing.assert_frame_equal(explored.result, scenes.scene_table(SURE >= 0.35, SHOTS))
    check_code(explored, movie)


def test_pictures_stay_small_and_every_control_says_what_it_does():
    noise = np.random.default_rng(0)
    n = 400
    movie = Movie("noise", {}, predictions=noise.random(n - 1))
    spans = np.stack([np.arange(n) * 4.0, np.arange(n) * 4.0 + 4], axis=1)
    images = noise.integers(0, 255, (n, 18, 32, 3), dtype=np.uint8).repeat(5, axis=1).repeat(5, axis=2)
    explored = explore_scenes(movie, spans, frames=images)
    assert sum(map(len, shown(explored))) < 250_000
    assert "60 scenes" in explored.pictures[-1].alt
    for widget in [*explored.controls.values(), *explored.buttons.values()]:
        assert widget.tooltip
        assert widget.description
        assert "_" not in widget.description


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"movie": SHOTS}, "movie must be a Movie"),
        ({"cuts": SHOTS[:5]}, "cuts must have the movie's 12 shots; got 5"),
        ({"cuts": "film"}, "shot_spans must be a table"),
        ({"threshold": np.nan}, "threshold must be a finite number"),
        ({"by": "hand"}, "by must be one of 'threshold', 'n_scenes'; got 'hand'"),
        ({"by": "threshold", "movie": PLAIN}, "needs a movie with predictions"),
        ({"by": "n_scenes", "movie": replace(MOVIE, features={})}, "features must hold at least one modality"),
        ({"n_scenes": 0}, "n_scenes must be a whole number of at least 1"),
        ({"n_scenes": 9, "by": "n_scenes"}, "n_scenes must be .* each scene has at least"),
        ({"min_shots": 0}, "min_shots must be a whole number of at least 1"),
        ({"corrected": [0, 3]}, "whole numbers from 1 to 11"),
        ({"corrected": [12]}, "from 1 to 11; got 12"),
        ({"corrected": "3, 6"}, "whole numbers from 1 to 11; got str of dtype"),
        ({"corrected": 3}, "whole numbers from 1 to 11; got shape"),
        (
            {"place": 12},
            "place must be a whole number of at least 1 and at most 11; got 12; a cut is named by the shot",
        ),
        ({"place": 0}, "place must be a whole number of at least 1"),
        ({"truth": [1, 2]}, "scene_spans must be a table"),
        ({"frames": IMAGES[:3]}, "frames must be one for each of the 12 shots, or Frames; got 3"),
        ({"frames": "film"}, "frames must be uint8"),
        ({"folder": 5}, "folder must be the path of a folder, or None; got 5"),
    ],
)
def test_what_cannot_be_explored_is_refused(given, message):
    with pytest.raises(ParameterError, match=message):
        explore_scenes(**{"movie": MOVIE, "cuts": SHOTS, **given})


def test_a_broken_correction_names_its_file(tmp_path):
    (tmp_path / "scenes.corrected.csv").write_text("begin\n3\n")
    with pytest.raises(DataError, match="scenes.corrected.csv"):
        explore_scenes(MOVIE, SHOTS, folder=tmp_path)
