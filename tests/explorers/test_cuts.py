import io

import films
import numpy as np
import pandas as pd
import pytest
from PIL import Image

from toolkit import DataError, ParameterError, VideoError, exports, samples, shots, tables, video
from toolkit.explorers import explore_cuts

FPS = 24
CUTS = (0, 10, 20, 33, 41, 60, 77, 90)
LAST = 96
SETUPS = [0, 1, 0, 1, 2, 0, 3, 2]


def table(starts=CUTS, kinds=None, last=LAST):
    """Return the table of shots that start at frames, of a film at 24 a second."""
    starts = np.array(starts)
    return pd.DataFrame(
        {
            "start_frame": starts,
            "end_frame": np.append(starts[1:], last),
            "start": starts / FPS,
            "end": np.append(starts[1:], last) / FPS,
            "transition": kinds or ["start", *["cut"] * (len(starts) - 1)],
            "transition_start_frame": starts,
            "transition_end_frame": starts,
        }
    )


TABLE = table()
KNOWN = TABLE[["start", "end"]].assign(setup=SETUPS)


@pytest.fixture(scope="module")
def film(tmp_path_factory):
    return films.write_film(tmp_path_factory.mktemp("film") / "film.mp4", LAST)


@pytest.fixture
def folder(tmp_path):
    exports.write_table(tmp_path / "film", "shots", TABLE)
    exports.write_table(
        tmp_path / "film", "setups", TABLE[["start", "end", "start_frame", "end_frame"]].assign(setup=SETUPS)
    )
    return tmp_path / "film"


def evaluated(found, folder=None, setups=KNOWN, cuts=TABLE):
    names = {"shots": shots, "exports": exports}
    return eval(found.code, names | {"cuts": cuts, "folder": folder, "setups": setups})


def same(found, folder=None, **options):
    """Check that the code gives the result, and that an explorer made with the parameters shows the same."""
    pd.testing.assert_frame_equal(evaluated(found, folder, options.get("setups")), found.result)
    again = explore_cuts(found._film._film, TABLE, folder=folder, **options, **found.parameters)
    assert [picture.value for picture in again.pictures] == [picture.value for picture in found.pictures]
    assert again.code == found.code
    assert again.parameters == found.parameters
    pd.testing.assert_frame_equal(again.result, found.result)
    assert [row.setup.value for row in again.rows] == [row.setup.value for row in found.rows]


def as_notebooks_read(folder):
    """Return shots and set-ups by the code of notebook 6."""
    detected = tables.read_csv(folder / "shots.csv")
    corrected = exports.read_table(folder, "shots", columns=("start",))
    cuts = detected if corrected is None else shots.complete_shots(corrected, detected)
    found = exports.read_setups(folder)
    by_hand = (folder / "setups.corrected.csv").exists()
    known = found is not None and (by_hand or np.array_equal(found["start"].round(2), cuts["start"].round(2)))
    return cuts, found if known else None


def numbers(picture, around):
    """Return the frames that a row of numbered pictures shows, None where there is none."""
    image = np.asarray(Image.open(io.BytesIO(picture.value)).convert("RGB"))
    wide = 500 // (2 * around)
    parts = [image[: image.shape[0] - 16, column * wide + 4 : (column + 1) * wide - 4] for column in range(2 * around)]
    return [None if part.std() < 5 and 220 < part.mean() < 240 else films.read_number(part) for part in parts]


def starts(found):
    return (found.result["start"] * FPS).round(6).tolist()


# what is shown


@pytest.mark.parametrize("around", [1, 2, 3])
def test_the_frames_on_both_sides_of_a_cut_are_shown(film, around):
    found = explore_cuts(film, TABLE, around=around)
    assert len(found.rows) == 6
    for row, cut in zip(found.rows, CUTS, strict=False):
        wanted = [number if number >= 0 else None for number in range(cut - around, cut + around)]
        assert numbers(row.picture, around) == wanted
    found.controls["page"].value = 2
    assert [numbers(row.picture, around)[around] for row in found.rows] == [77, 90]
    assert "shots 6 to 7 of 8" in found._status.value
    same(found)


def test_more_frames_can_be_shown_and_fewer(film):
    found = explore_cuts(film, TABLE)
    assert numbers(found.rows[1].picture, 2) == [8, 9, 10, 11]
    found.controls["around"].value = 3
    assert numbers(found.rows[1].picture, 3) == [7, 8, 9, 10, 11, 12]
    found.controls["around"].value = 1
    assert numbers(found.rows[1].picture, 1) == [9, 10]
    assert found.parameters == {"page": 1, "around": 1, "at": None, "changes": ()}


def test_frames_of_a_film_without_a_steady_rate_are_those_beside_the_cut(tmp_path):
    # a third of a second each for the first ten, then 1/24
    stamps = [8 * n for n in range(10)] + [80 + n for n in range(60)]
    film = films.write_film(tmp_path / "vfr.mp4", 70, stamps=stamps, time_base=films.Fraction(1, FPS))
    starts = [0, 4, 9, 40]
    seconds = np.array([stamps[start] for start in starts]) / FPS
    slow = table(starts, last=70).assign(start=seconds, end=np.append(seconds[1:], 140 / FPS))
    found = explore_cuts(film, slow)
    assert [numbers(row.picture, 2) for row in found.rows] == [
        [None, None, 0, 1], [2, 3, 4, 5], [7, 8, 9, 10], [38, 39, 40, 41]
    ]  # fmt: skip
    found.rows[1].earlier.click()
    assert numbers(found.rows[1].picture, 2) == [1, 2, 3, 4]
    assert found.result["start"].iloc[1] == 24 / FPS


def test_the_sample_film_is_shown_with_its_set_ups():
    sample = samples.sample_film()
    found = explore_cuts(sample.path, sample.shots, setups=sample.shots.assign(setup=sample.setups))
    assert [row.setup.value for row in found.rows] == [str(setup) for setup in sample.setups[:6]]
    pd.testing.assert_frame_equal(found.result, sample.shots.assign(setup=sample.setups), check_dtype=False)
    assert sum(len(picture.value) for picture in found.pictures) < 250_000
    cut = sample.shots["start"].iloc[3]
    frames = video.read_frames(sample.path, times=[cut - 1.5 / FPS, cut + 0.5 / FPS], size=121, progress=False).images
    shown = np.asarray(Image.open(io.BytesIO(found.rows[3].picture.value)))
    parts = [shown[: frames.shape[1], left : left + 121].astype(float) for left in (127, 252)]
    apart = np.array([[np.abs(part - frame).mean() for frame in frames] for part in parts])
    # as near as a small JPEG is, and far from the frame beyond the cut
    assert apart.diagonal().max() < 10
    assert apart[[0, 1], [1, 0]].min() > 20


def test_a_film_of_one_shot_says_so_and_a_cut_can_be_added(film):
    one = table([0])
    found = explore_cuts(film, one)
    assert "no cuts" in found._status.value
    assert len(found.rows) == 1
    found.controls["at"].value = "2"
    found.add.click()
    assert found.result["start"].tolist() == [0, 2]
    assert found.result["transition"].tolist() == ["start", "cut"]
    assert "1 change," in found._status.value
    pd.testing.assert_frame_equal(evaluated(found, cuts=one), found.result)
    found.undo.click()
    assert "no cuts" in found._status.value


def test_a_film_of_one_picture_is_shown(tmp_path):
    film = films.write_film(tmp_path / "one.mp4", 1)
    found = explore_cuts(film, table([0], last=1))
    assert numbers(found.rows[0].picture, 2)[:3] == [None, None, 0]


# what is changed


def test_a_cut_is_removed_and_brought_back(film):
    found = explore_cuts(film, TABLE, setups=KNOWN)
    found.rows[2].remove.click()
    assert starts(found) == [0, 10, 33, 41, 60, 77, 90]
    assert found.code == f"shots.correct_shots(cuts, [('remove', {20 / FPS!r})], setups=setups)"
    assert numbers(found.rows[2].picture, 2) == [31, 32, 33, 34]
    same(found, setups=KNOWN)
    assert not found.undo.disabled
    found.undo.click()
    assert found.undo.disabled
    pd.testing.assert_frame_equal(found.result, TABLE.assign(setup=SETUPS))
    found.undo.click()
    assert found.code == "shots.correct_shots(cuts, setups=setups)"


def test_a_cut_is_moved_frame_by_frame_and_the_same_button_moves_it_on(film):
    found = explore_cuts(film, TABLE, setups=KNOWN)
    row = found.rows[2]
    for wanted in (21, 22, 23):
        row.later.click()
        assert starts(found)[2] == wanted
        assert numbers(row.picture, 2) == [wanted - 2, wanted - 1, wanted, wanted + 1]
    row.earlier.click()
    assert starts(found) == [0, 10, 22, 33, 41, 60, 77, 90]
    assert found.result["start_frame"].tolist() == [0, 10, 22, 33, 41, 60, 77, 90]
    assert found.result["end"].iloc[1] == found.result["start"].iloc[2]
    same(found, setups=KNOWN)


def test_a_cut_is_not_moved_past_its_neighbours_or_the_end(film):
    close = table([0, 1, 2, 95])
    found = explore_cuts(film, close)
    before = [picture.value for picture in found.pictures]
    for button in (found.rows[1].earlier, found.rows[1].later, found.rows[2].earlier):
        button.click()
        assert "must start between its neighbours" in found.problem
        assert found.result["start"].tolist() == close["start"].tolist()
        assert [picture.value for picture in found.pictures] == before
    found.rows[3].later.click()
    assert starts(found) == [0, 1, 2, 95]
    found.rows[3].earlier.click()
    assert starts(found) == [0, 1, 2, 94]
    assert found.problem == ""


@pytest.mark.parametrize(
    ("typed", "frame"), [("2.2", 52), ("0:02.20", 52), ("0:00:02,2", 52), (" 2 ", 48), ("2.01", 48)]
)
def test_a_cut_is_added_at_a_time_that_is_typed_in(film, typed, frame):
    found = explore_cuts(film, TABLE)
    assert found.add.disabled
    found.controls["at"].value = typed
    assert found.parameters["at"] == pytest.approx(frame / FPS, abs=1e-9)
    assert numbers(found.pictures[-1], 2) == [frame - 2, frame - 1, frame, frame + 1]
    same(found)
    found.add.click()
    assert starts(found) == [*CUTS[:5], frame, *CUTS[5:]]
    # the page on which it is
    assert numbers(found.rows[5].picture, 2)[2] == frame
    same(found)
    found.add.click()
    assert "where there is none yet" in found.problem


def test_one_goes_on_frame_by_frame_from_a_frame_that_is_clicked_on(film):
    found = explore_cuts(film, TABLE)
    found.rows[1].picture.pointed = [0.9, 0.5, 1]
    assert found.controls["at"].value == "0:00.46"
    for _ in range(4):
        found.later.click()
    found.earlier.click()
    assert round(found.parameters["at"] * FPS) == 14
    found.add.click()
    assert starts(found)[:4] == [0, 10, 14, 20]
    # where there is no frame
    found.rows[0].picture.pointed = [0.1, 0.5, 1]
    assert round(found.parameters["at"] * FPS) == 14
    found.controls["at"].value = ""
    assert found.parameters["at"] is None
    assert len(found.pictures) == 6


def test_one_cannot_step_out_of_the_film(film):
    found = explore_cuts(film, TABLE, at=0.0)
    found.earlier.click()
    assert found.parameters["at"] == 0
    found.look_at(95 / FPS)
    found.later.click()
    assert found.parameters["at"] == pytest.approx(95 / FPS)
    assert found.problem == ""


@pytest.mark.parametrize("typed", ["soon", "1:75", "9:00", "-3", "1e3", "nan"])
def test_a_time_that_is_none_is_told_and_what_was_seen_stays(film, typed):
    found = explore_cuts(film, TABLE, at=1.0)
    before = [picture.value for picture in found.pictures]
    found.controls["at"].value = typed
    assert "a time must" in found.problem
    assert [picture.value for picture in found.pictures] == before
    assert found.parameters["at"] == 1.0
    found.controls["page"].value = 2
    assert found.problem == ""
    assert found.parameters["page"] == 2


def test_the_kind_of_a_change_is_chosen(film):
    found = explore_cuts(film, table(kinds=["start", "cut", "wipe", *["dissolve"] * 5]))
    assert found.rows[2].kind.options == ("cut", "dissolve", "fade", "iris", "wipe")
    assert found.rows[0].kind.disabled
    found.rows[1].kind.value = "fade"
    assert found.result["transition"].tolist() == ["start", "fade", "wipe", *["dissolve"] * 5]
    found.undo.click()
    assert found.rows[1].kind.value == "cut"


def test_a_set_up_is_named_and_two_are_put_together(film):
    found = explore_cuts(film, TABLE, setups=KNOWN)
    assert found.rows[0].setup.options == ("0", "1", "2", "3")
    found.rows[4].setup.value = "1"
    assert found.result["setup"].tolist() == [0, 1, 0, 1, 1, 0, 3, 2]
    assert "name" not in found.result
    same(found, setups=KNOWN)
    found.rows[0].setup.value = "the letter"
    # all shots of the set-up are called so
    assert found.result["name"].tolist() == ["the letter", "1", "the letter", "1", "1", "the letter", "3", "2"]
    assert found.result["setup"].tolist() == [0, 1, 0, 1, 1, 0, 2, 3]
    assert "the letter" in found.rows[3].setup.options
    same(found, setups=KNOWN)
    found.rows[1].setup.value = "the letter"
    assert found.result["name"].tolist()[:5] == ["the letter", "the letter", "the letter", "1", "1"]
    found.undo.click()
    found.whole.value = False
    found.rows[2].setup.value = "alone"
    assert found.result["name"].tolist()[:3] == ["the letter", "1", "alone"]
    same(found, setups=KNOWN)
    found.undo.click()
    found.undo.click()
    assert found.result["setup"].tolist() == [0, 1, 0, 1, 1, 0, 3, 2]
    assert found.rows[0].setup.value == "0"
    assert "taken back: name at 0:00.00" in found._status.value


def test_undoing_turns_to_the_page_of_the_change(film):
    found = explore_cuts(film, TABLE, setups=KNOWN, page=2)
    found.rows[1].remove.click()
    found.controls["page"].value = 1
    found.undo.click()
    assert found.parameters["page"] == 2
    assert f"taken back: remove at 0:0{TABLE['start'][7]:.2f}" in found._status.value


def test_shots_keep_their_set_ups_when_cuts_change(film):
    found = explore_cuts(film, TABLE, setups=KNOWN)
    found.whole.value = False
    found.rows[3].setup.value = "face"
    found.rows[3].later.click()
    assert found.result["name"].iloc[3] == "face"
    found.rows[2].remove.click()
    assert found.result["name"].tolist() == ["0", "1", "face", "2", "0", "3", "2"]
    found.controls["at"].value = "1.6"
    found.add.click()
    assert found.result["name"].tolist()[:5] == ["0", "1", "face", "face", "2"]
    same(found, setups=KNOWN)


@pytest.mark.parametrize("typed", ["", "  ", "2.5", "nan", "inf"])
def test_a_set_up_that_is_none_is_told(film, typed):
    found = explore_cuts(film, TABLE, setups=KNOWN)
    found.rows[1].setup.value = typed
    assert "a set-up must be a whole number or a name" in found.problem
    assert found.rows[1].setup.value == "1"
    assert found.result["setup"].tolist() == SETUPS


def test_without_set_ups_there_is_nothing_to_name(film):
    found = explore_cuts(film, TABLE)
    assert found.rows[1].setup.layout.display == "none"
    assert "setup" not in found.result
    found.change("setup", 0.0, "face")
    assert "set-ups are not known" in found.problem


def test_a_click_that_comes_late_meets_no_other_shot(film):
    found = explore_cuts(film, TABLE)
    button, picture = found.rows[2].remove, found.rows[3].picture
    button.click()
    button.click()
    picture.pointed = [0.9, 0.5, 1]
    assert starts(found) == [0, 10, 33, 41, 60, 77, 90]
    assert found.parameters["at"] is None


def test_removing_the_last_cut_of_a_page_goes_to_the_page_before(film):
    found = explore_cuts(film, table(CUTS[:7], last=LAST), page=2)
    found.rows[0].remove.click()
    assert found.parameters["page"] == 1
    assert found.controls["page"].max == 1
    found.undo.click()
    assert found.controls["page"].max == 2


# what is saved


def test_every_change_is_saved_as_the_notebooks_read_it(film, folder):
    found = explore_cuts(film, TABLE, folder=folder)
    assert found.rows[3].setup.value == "1"
    assert not list(folder.glob("*.corrected*"))
    same(found, folder)
    found.rows[2].later.click()
    found.rows[1].kind.value = "dissolve"
    found.controls["at"].value = "0:02.20"
    found.add.click()
    cuts, setups = as_notebooks_read(folder)
    assert (cuts["start"] * FPS).round(6).tolist() == [0, 10, 21, 33, 41, 52, 60, 77, 90]
    assert cuts["transition"].tolist() == ["start", "dissolve", *["cut"] * 7]
    pd.testing.assert_frame_equal(cuts, found.result[cuts.columns])
    # set-ups are left to the notebooks until one is named
    assert setups is None
    assert "set-ups are grouped anew" in found._status.value
    same(found, folder)
    found.rows[5].setup.value = "letter"
    cuts, setups = as_notebooks_read(folder)
    assert setups["name"].tolist() == ["0", "1", "0", "1", "letter", "letter", "0", "3", "letter"]
    np.testing.assert_array_equal(setups["setup"], found.result["setup"])
    pd.testing.assert_frame_equal(setups[["start", "end"]], cuts[["start", "end"]])
    same(found, folder)
    assert sorted(path.name for path in folder.iterdir()) == [
        "setups.corrected.csv", "setups.csv", "shots.corrected.csv", "shots.csv"
    ]  # fmt: skip
    assert "changes" not in found.parameters


def test_only_what_was_changed_is_saved_and_undone(film, folder):
    found = explore_cuts(film, TABLE, folder=folder)
    found.rows[0].setup.value = "7"
    assert not (folder / "shots.corrected.csv").exists()
    cuts, setups = as_notebooks_read(folder)
    assert setups["setup"].tolist() == [7, 1, 0, 1, 2, 0, 3, 2]
    same(found, folder)
    found.rows[1].remove.click()
    assert len(as_notebooks_read(folder)[1]) == 7
    found.undo.click()
    assert not (folder / "shots.corrected.csv").exists()
    assert len(as_notebooks_read(folder)[1]) == 8
    found.undo.click()
    assert sorted(path.name for path in folder.iterdir()) == ["setups.csv", "shots.csv"]
    assert found.code == "shots.correct_shots(cuts, setups=exports.read_setups(folder))"


def test_what_was_put_right_by_hand_goes_on_and_is_kept(film, folder):
    (folder / "shots.corrected.csv").write_text("start;transition;note\n0,0;start;\n0:01;cut;look again\n2.5;iris;5\n")
    (folder / "setups.corrected.csv").write_text("start,end,setup,who\n0,1,room,Ann\n1,2.5,street,\n2.5,4,room,Bo\n")
    by_hand = (folder / "shots.corrected.csv").read_text(), (folder / "setups.corrected.csv").read_text()
    found = explore_cuts(film, TABLE, folder=folder)
    assert starts(found) == [0, 24, 60]
    assert found.result["name"].tolist() == ["room", "street", "room"]
    same(found, folder)
    assert (folder / "shots.corrected.csv").read_text() == by_hand[0]
    found.rows[1].later.click()
    found.rows[1].later.click()
    cuts, setups = as_notebooks_read(folder)
    assert (cuts["start"] * FPS).round(6).tolist() == [0, 26, 60]
    assert setups["name"].tolist() == ["room", "street", "room"]
    assert setups["who"].tolist()[::2] == ["Ann", "Bo"]
    assert tables.read_csv(folder / "shots.corrected.csv")["note"].tolist()[1:] == ["look again", "5"]
    assert (folder / "shots.corrected-1.csv").read_text() == by_hand[0]
    assert (folder / "setups.corrected-1.csv").read_text() == by_hand[1]
    assert len(list(folder.glob("*.csv"))) == 6
    same(found, folder)
    found.undo.click()
    found.undo.click()
    assert starts(found) == [0, 24, 60]
    assert (as_notebooks_read(folder)[0]["start"] * FPS).round(6).tolist() == [0, 24, 60]
    same(found, folder)


@pytest.mark.parametrize("seed", range(3))
def test_after_many_clicks_what_is_saved_is_what_is_shown_and_all_can_be_undone(film, folder, seed):
    rng = np.random.default_rng(seed)
    found = explore_cuts(film, TABLE, folder=folder)
    free = explore_cuts(film, TABLE, setups=KNOWN)
    for _ in range(25):
        row, what, number = int(rng.integers(6)), int(rng.integers(7)), int(rng.integers(LAST))
        for explorer in (found, free):
            shot = explorer.rows[row % len(explorer.rows)]
            if what < 3:
                (shot.earlier, shot.later, shot.remove)[what].click()
            elif what == 3:
                explorer.look_at(number / FPS)
                explorer.add.click()
            elif what == 4:
                shot.setup.value = ("4", "face", "0")[number % 3]
            elif what == 5:
                explorer.controls["page"].value = 1 + number % explorer.controls["page"].max
            else:
                explorer.undo.click()
        pd.testing.assert_frame_equal(evaluated(found, folder), found.result)
        pd.testing.assert_frame_equal(evaluated(free), free.result)
        assert starts(free) == starts(found)
        cuts, setups = as_notebooks_read(folder)
        assert (cuts["start"] * FPS).round(6).tolist() == starts(found)
        if setups is not None:
            np.testing.assert_array_equal(setups["setup"], found.result["setup"])
    same(found, folder)
    same(free, setups=KNOWN)
    while not found.undo.disabled:
        found.undo.click()
    assert starts(found) == list(CUTS)
    assert sorted(path.name for path in folder.iterdir()) == ["setups.csv", "shots.csv"]


@pytest.mark.parametrize("first", ["setup", "remove"])
def test_two_explorers_of_one_folder_do_not_undo_each_others_work(film, folder, first):
    mine = explore_cuts(film, TABLE, folder=folder)
    if first == "setup":
        mine.rows[0].setup.value = "face"
    mine.rows[1].remove.click()
    other = explore_cuts(film, TABLE, folder=folder)
    other.rows[3].setup.value = "letter"
    other.rows[2].remove.click()
    saved = {path.name: path.read_bytes() for path in folder.iterdir()}
    shown = [picture.value for picture in mine.pictures]
    mine.undo.click()
    assert "not taken back: " in mine.problem
    assert "shots.corrected.csv was saved meanwhile" in mine.problem
    assert "run the cell again" in mine.problem
    mine.rows[4].remove.click()
    mine.rows[1].setup.value = "street"
    assert "not changed: " in mine.problem
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == saved
    assert [picture.value for picture in mine.pictures] == shown
    other.undo.click()
    assert other.problem == ""
    again = explore_cuts(film, TABLE, folder=folder)
    assert starts(again) == starts(other) == [0, 20, 33, 41, 60, 77, 90]


def test_where_one_file_cannot_be_saved_the_other_is_not(film, folder):
    found = explore_cuts(film, TABLE, folder=folder)
    found.rows[0].setup.value = "face"
    exports.write_table(folder, "setups", KNOWN, corrected=True, replace=True)
    found.rows[1].remove.click()
    assert "setups.corrected.csv was saved meanwhile" in found.problem
    assert not (folder / "shots.corrected.csv").exists()
    assert starts(found) == list(CUTS)


def test_a_set_up_for_each_part_of_the_film_that_is_known(film, folder):
    (folder / "setups.corrected.csv").write_text("start,end,setup\n0,1.7,4\n1.7,3,9\n")
    found = explore_cuts(film, TABLE, folder=folder)
    assert found.result["setup"].tolist() == [4, 4, 4, 4, 9, 9, -1, -1]
    found.rows[1].setup.value = "5"
    assert as_notebooks_read(folder)[1]["setup"].tolist() == [4, 5, 4, 4, 9, 9]
    assert found.result["setup"].tolist() == [4, 5, 4, 4, 9, 9, -1, -1]
    same(found, folder)


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("12", 12), ("-4", -4), ("3.0", 3), ("007", "007"), ("1e3", "1e3"), ("a;b", "a;b"),
        ('say "no", then', 'say "no", then'),
        ("  two   spaces ", "two spaces"), ("=1+1", "=1+1"), ("[3, 7]", "[3, 7]"), ("true", "true"), ("NA", "NA"),
        ("1_0", "1_0"), ("12345678901234567890", "12345678901234567890"), ("Gräfin", "Gräfin"), ("\x07bell", "bell"),
        ("#", "#"), ("'", "'"), ('"', '"'), ("None", "None"), ("3,0", 3),
    ],
)  # fmt: skip
def test_set_ups_come_back_as_they_were_typed(film, folder, typed, read):
    found = explore_cuts(film, TABLE, folder=folder)
    found.rows[2].setup.value = typed
    assert found.problem == ""
    setups = as_notebooks_read(folder)[1]
    assert setups["setup" if isinstance(read, int) else "name"].iloc[2] == read
    np.testing.assert_array_equal(setups["setup"], found.result["setup"])
    same(found, folder)


def test_what_cannot_be_saved_is_told_and_not_changed(film, folder):
    found = explore_cuts(film, TABLE, folder=folder)
    before = [picture.value for picture in found.pictures]
    (folder / "shots.corrected.csv").mkdir()
    found.rows[1].remove.click()
    assert "not changed: " in found.problem
    assert starts(found) == list(CUTS)
    assert [picture.value for picture in found.pictures] == before
    (folder / "shots.corrected.csv").rmdir()
    found.rows[1].remove.click()
    assert found.problem == ""
    assert len(as_notebooks_read(folder)[0]) == 7


def test_set_ups_that_are_given_are_taken_unless_corrected_by_hand(film, folder):
    given = KNOWN.assign(setup=[5] * 8)
    found = explore_cuts(film, TABLE, folder=folder, setups=given)
    assert found.result["setup"].tolist() == [5] * 8
    same(found, folder, setups=given)
    exports.write_table(folder, "setups", KNOWN.assign(setup=[6] * 8), corrected=True)
    assert explore_cuts(film, TABLE, folder=folder, setups=given).result["setup"].tolist() == [6] * 8


def test_a_film_that_is_gone_is_told_and_what_was_seen_stays(tmp_path):
    film = films.write_film(tmp_path / "film.mp4", LAST)
    found = explore_cuts(film, TABLE)
    before = [picture.value for picture in found.pictures]
    film.unlink()
    found.controls["page"].value = 2
    assert "film.mp4" in found.problem
    assert [picture.value for picture in found.pictures] == before
    assert found.parameters["page"] == 1


@pytest.mark.parametrize(
    ("name", "text", "match"),
    [
        ("shots", "begin\n0\n", "lacks the column start"),
        ("shots", "start\n0\nsoon\n", "got 'soon' in row 3"),
        ("shots", "start\n0\n\n99\n", "got one at 99 s in row 4"),
        ("shots", "start\n0\n1\n1\n", "got 1 after 1 s in row 4"),
        ("shots", "start\n", "a row for each shot; got none"),
        ("setups", "start,end,setup\n1,3,2\n0,2,1\n", "without overlap; got .* in row 2"),
        ("setups", "start,end,setup\n0,,a\n", "without NaN or infinity; got .* in row 2"),
    ],
)
def test_a_table_of_the_folder_that_cannot_be_read_is_named(film, folder, name, text, match):
    (folder / f"{name}.corrected.csv").write_text(text)
    with pytest.raises((DataError, ParameterError), match=rf"{name}\.corrected\.csv.*{match}"):
        explore_cuts(film, TABLE, folder=folder)


# arguments


def test_what_does_not_fit_is_refused(film, folder):
    with pytest.raises(ParameterError, match="detected must be a table of shots"):
        explore_cuts(film, KNOWN)
    with pytest.raises(VideoError):
        explore_cuts("nowhere.mp4", TABLE)
    with pytest.raises(ParameterError, match="page must be .* at most 2; got 3; the shots fill 2 pages"):
        explore_cuts(film, TABLE, page=3)
    with pytest.raises(ParameterError, match="page must be a whole number of at least 1"):
        explore_cuts(film, TABLE, page=0)
    with pytest.raises(ParameterError, match="around must be a whole number of at least 1 and at most 4; got 5"):
        explore_cuts(film, TABLE, around=5)
    with pytest.raises(ParameterError, match="a time must lie in the film, from 0:00.00 to 0:04.00; got 70 s"):
        explore_cuts(film, TABLE, at=70)
    with pytest.raises(ParameterError, match="changes must be none where there is a folder"):
        explore_cuts(film, TABLE, folder=folder, changes=[("add", 1.0)])
    with pytest.raises(ParameterError, match="folder must be the path of a folder, or None; got 3"):
        explore_cuts(film, TABLE, folder=3)
    with pytest.raises(ParameterError, match="setups must be a table with start, end and setup"):
        explore_cuts(film, TABLE, setups=SETUPS)
    with pytest.raises(ParameterError, match="in order and without overlap; got .* in row 1"):
        explore_cuts(film, TABLE, setups=KNOWN.assign(end=KNOWN["end"] + 1))


def test_all_controls_say_what_they_are(film):
    found = explore_cuts(film, TABLE, setups=KNOWN)
    row = found.rows[1]
    buttons = (found.undo, found.add, found.earlier, found.later, row.earlier, row.later, row.remove)
    for control in (*found.controls.values(), *buttons, row.setup):
        assert control.description
        assert control.tooltip
    assert row.kind.tooltip
    assert all(picture.alt for picture in found.pictures)
    assert repr(found) == "CutsExplorer: shots.correct_shots(cuts, setups=setups)"
