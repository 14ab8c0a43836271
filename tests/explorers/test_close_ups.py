"""The controls without a browser: buttons are pressed as ipywidgets does when a browser says so."""

import time
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from toolkit import DataError, ParameterError, closeups, explorers, storage
from toolkit.explorers import close_up_table


def _write_frames(folder, n=10, film="film", every=0.5):
    folder.mkdir()
    for number in range(n):
        Image.new("RGB", (64, 36), (number * 20, 90, 90)).save(folder / f"{film}_frame{number}.png")
    table = pd.DataFrame({"file": [f"{film}_frame{number}.png" for number in range(n)], "time": np.arange(n) * every})
    table.to_csv(folder / "frames.csv", index=False)
    return folder


@pytest.fixture
def folder(tmp_path):
    return _write_frames(tmp_path / "frames")


@pytest.fixture
def csv(tmp_path):
    return tmp_path / "close_ups.csv"


def _saved(csv):
    table = pd.read_csv(csv)
    return dict(zip(table["file"], table["label"], strict=True))


def _press(button):
    button.value = not button.value


def test_a_page_shows_its_frames_with_their_times_and_labels(folder, csv):
    labels = np.arange(10) % 3 == 0
    grid = explorers.label_close_ups(folder, path=csv, labels=labels, columns=3, rows=2)
    assert [button.description for button in grid.frames] == [
        "close-up  0:00.00",
        "0:00.50",
        "0:01.00",
        "close-up  0:01.50",
        "0:02.00",
        "0:02.50",
    ]
    assert [button.tooltip for button in grid.frames][1] == "frames/film_frame1.png"
    assert not csv.exists()
    assert not grid.looked_at.any()
    assert grid.back.disabled


def test_a_flip_is_saved_at_once_and_alone(folder, csv):
    grid = explorers.label_close_ups(folder, path=csv, columns=3, rows=2)
    _press(grid.frames[4])
    assert csv.read_text() == "film,file,time,label\nfilm,frames/film_frame4.png,2,1\n"
    assert grid.frames[4].description == "close-up  0:02.00"
    assert grid.labels.tolist() == [place == 4 for place in range(10)]
    assert grid.looked_at.tolist() == [place == 4 for place in range(10)]
    _press(grid.frames[4])
    assert _saved(csv) == {"frames/film_frame4.png": 0}
    assert grid.looked_at[4]


def test_a_page_that_is_all_right_is_saved_whole_and_the_next_one_is_shown(folder, csv):
    grid = explorers.label_close_ups(folder, path=csv, labels=np.arange(10) == 2, columns=3, rows=2)
    grid.confirm.click()
    assert _saved(csv) == {f"frames/film_frame{number}.png": int(number == 2) for number in range(6)}
    assert grid.page == 2
    assert len(grid.frames) == 4
    assert not grid.back.disabled
    assert grid.confirm.description == "All right"
    grid.confirm.click()
    assert grid.page == 2
    assert grid.looked_at.all()
    assert grid.table["label"].tolist() == [number == 2 for number in range(10)]
    assert grid.table["time"].tolist() == [0.5 * number for number in range(10)]


def test_pages_that_were_only_looked_through_are_not_saved(folder, csv):
    grid = explorers.label_close_ups(folder, path=csv, columns=2, rows=2)
    grid.jump.value = 3
    assert grid.page == 3
    assert len(grid.frames) == 2
    grid.back.click()
    assert grid.page == 2
    assert grid.jump.value == 2
    assert not csv.exists()
    assert grid.table.empty
    assert list(grid.table) == ["film", "file", "time", "label"]


def test_a_click_that_comes_late_from_the_last_page_changes_nothing_on_this_one(folder, csv):
    grid = explorers.label_close_ups(folder, path=csv, columns=3, rows=2)
    old = grid.frames[0]
    grid.confirm.click()
    _press(old)
    assert not grid.frames[0].value
    assert not grid.labels[6]


def test_labelling_goes_on_where_it_stopped(folder, csv):
    first = explorers.label_close_ups(folder, path=csv, columns=2, rows=2)
    _press(first.frames[1])
    first.confirm.click()
    again = explorers.label_close_ups(folder, path=csv, labels=[True] * 10, columns=2, rows=2)
    assert again.page == 2
    assert again.labels.tolist() == [False, True, False, False] + [True] * 6
    assert again.looked_at.tolist() == [True] * 4 + [False] * 6
    assert repr(again) == "CloseUpLabels('film', 4 of 10 frames looked at, close-ups: 1)"


def test_settings_show_the_page_again(folder, csv):
    grid = explorers.label_close_ups(folder, path=csv, film="A film", columns=2, rows=1, page=4)
    again = explorers.label_close_ups(**grid.settings)
    assert again.settings == grid.settings
    assert [button.tooltip for button in again.frames] == ["frames/film_frame6.png", "frames/film_frame7.png"]
    assert grid.settings["film"] == "A film"


def _shows_the_same(grid, folder, csv):
    again = explorers.label_close_ups(folder, path=csv, **grid.parameters)
    assert again.parameters == grid.parameters
    assert [button.description for button in again.frames] == [button.description for button in grid.frames]
    assert again.code == grid.code
    if grid.result is None:
        assert grid.code == "# no labels are saved yet"
        return again.result is None
    pd.testing.assert_frame_equal(eval(grid.code, {"closeups": closeups}), grid.result)
    pd.testing.assert_frame_equal(again.result, grid.result)
    return True


def test_every_state_can_be_read_back_as_arguments_and_as_a_line_of_code(folder, csv):
    grid = explorers.label_close_ups(folder, path=csv, labels=np.arange(10) % 3 == 0, columns=2, rows=2)
    assert grid.parameters == {
        "page": 1,
        "columns": 2,
        "rows": 2,
        "film": "film",
        "labels": (np.arange(10) % 3 == 0).tolist(),
    }
    assert _shows_the_same(grid, folder, csv)
    _press(grid.frames[1])
    assert grid.result["label"].tolist() == ["1"]
    assert grid.parameters["labels"][:3] == [True, True, False]
    assert grid.code in grid._code.value.replace("&#x27;", "'")
    assert _shows_the_same(grid, folder, csv)
    grid.confirm.click()
    assert grid.parameters["page"] == 2
    assert grid.result["file"].tolist() == [f"frames/film_frame{number}.png" for number in range(4)]
    assert _shows_the_same(grid, folder, csv)
    grid.controls["page"].value = 3
    assert grid.parameters["page"] == grid.page == 3
    assert _shows_the_same(grid, folder, csv)


def test_a_label_that_could_not_be_saved_can_be_read_back_too(folder, csv):
    grid = explorers.label_close_ups(folder, path=csv, columns=3, rows=2)
    csv.mkdir()
    _press(grid.frames[2])
    csv.rmdir()
    assert "not saved: " in grid.problem
    again = explorers.label_close_ups(folder, path=csv, **grid.parameters)
    assert again.labels.tolist() == grid.labels.tolist() == [place == 2 for place in range(10)]
    assert not again.looked_at.any()


def test_rows_of_other_films_and_columns_of_the_user_stay(folder, csv, tmp_path):
    csv.write_text(
        "film;file;label;note\nother;o/other_frame1.jpg;1;see\nfilm;frames/film_frame1.png;yes;hers\n",
        encoding="cp1252",
    )
    grid = explorers.label_close_ups(folder, path=csv, columns=2, rows=1)
    assert grid.labels[:2].tolist() == [False, True]
    assert grid.table["label"].tolist() == [True]
    assert np.isnan(grid.table["time"][0])
    _press(grid.frames[0])
    table = closeups.read_label_table(csv)
    assert table["note"].tolist() == ["see", "", "hers"]
    assert table["file"].tolist() == ["o/other_frame1.jpg", "frames/film_frame0.png", "frames/film_frame1.png"]
    assert table["label"].tolist() == ["1", "1", "1"]
    second = _write_frames(tmp_path / "second", n=3, film="B")
    other = explorers.label_close_ups(second, path=csv)
    other.confirm.click()
    assert len(_saved(csv)) == 6
    # what the other grid wrote stays
    _press(grid.frames[1])
    assert len(_saved(csv)) == 6


def test_what_is_saved_is_what_training_reads(folder, csv):
    grid = explorers.label_close_ups(folder, path=csv, labels=np.arange(10) < 3)
    grid.confirm.click()
    images, labels, films = closeups.read_labels(csv, stretches=2)
    assert images.shape == (10, 128, 128)
    assert labels.tolist() == [True] * 3 + [False] * 7
    assert films.tolist() == ["film 1/2"] * 5 + ["film 2/2"] * 5


def test_frames_without_a_table_of_times_are_numbered(folder, csv):
    (folder / "frames.csv").unlink()
    grid = explorers.label_close_ups(folder, path=csv, columns=5, rows=1, page=2)
    assert [button.description for button in grid.frames] == [f"0:{number:02d}.00" for number in range(5, 10)]


def test_a_table_that_cannot_be_saved_is_said_and_the_page_stays(folder, csv):
    grid = explorers.label_close_ups(folder, path=csv, columns=3, rows=2)
    csv.mkdir()
    grid.confirm.click()
    assert "not saved: " in grid._status.value
    assert grid.page == 1
    assert not grid.looked_at.any()
    csv.rmdir()
    grid.confirm.click()
    assert "not saved" not in grid._status.value
    assert grid.page == 2


def test_a_page_that_cannot_be_shown_is_said_and_the_last_one_stays(folder, csv):
    (folder / "film_frame8.png").write_bytes(b"<no picture>")
    grid = explorers.label_close_ups(folder, path=csv, columns=3, rows=2)
    grid.confirm.click()
    assert "page 2 cannot be shown: " in grid._status.value
    assert (grid.page, grid.jump.value, len(grid.frames)) == (1, 1, 6)
    assert len(_saved(csv)) == 6


def test_a_grid_shows_itself_and_says_what_it_holds(folder, csv):
    bundle = explorers.label_close_ups(folder, path=csv)._repr_mimebundle_()
    assert bundle["text/plain"] == "CloseUpLabels('film', 0 of 10 frames looked at, close-ups: 0)"
    assert "application/vnd.jupyter.widget-view+json" in bundle


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"folder": "nowhere"}, "folder must be a folder of frames, .* got 'nowhere'"),
        ({"folder": None}, "folder must be a folder of frames"),
        ({"path": "labels.txt"}, "path must be that of a .csv file"),
        ({"path": "no/labels.csv"}, "there is no no"),
        ({"labels": [True]}, r"labels must be True or False, one for each of the 10 frames of .*; got shape \(1,\)"),
        ({"labels": [0.5] * 10}, "labels must be True or False"),
        ({"labels": [np.nan] * 10}, "labels must be True or False"),
        ({"labels": ["a"] * 10}, "labels must be True or False"),
        ({"film": " "}, "film must be the film's name"),
        ({"columns": 0}, "columns must be a whole number of at least 1"),
        ({"rows": 2.0}, "rows must be a whole number of at least 1"),
        ({"page": 0}, "page must be a whole number of at least 1"),
        ({"page": 2}, "page must be .* at most 1; got 2; the frames fill 1 page"),
    ],
)
def test_what_cannot_be_labelled_is_refused(folder, csv, change, message):
    given = {"folder": folder, "path": csv, **change}
    with pytest.raises(ParameterError, match=message):
        explorers.label_close_ups(given.pop("folder"), **given)


def test_frames_of_several_films_or_none_are_refused(folder, csv, tmp_path):
    (tmp_path / "empty").mkdir()
    with pytest.raises(ParameterError, match="holds no frames; expected pictures named like film_frame0.jpg"):
        explorers.label_close_ups(tmp_path / "empty", path=csv)
    Image.new("RGB", (64, 36)).save(folder / "B_frame0.png")
    with pytest.raises(ParameterError, match="must hold frames of one film; it holds those of B, film"):
        explorers.label_close_ups(folder, path=csv)


def test_labels_that_several_write_at_the_same_time_are_all_kept(folder, csv, monkeypatch):
    read = closeups.read_label_table

    def read_slowly(path):
        table = read(path)
        time.sleep(0.005)
        return table

    grids = [explorers.label_close_ups(folder, path=csv, columns=1, rows=1, page=page) for page in range(1, 11)]
    monkeypatch.setattr(close_up_table, "read_label_table", read_slowly)
    with ThreadPoolExecutor(5) as pool:
        list(pool.map(lambda grid: _press(grid.frames[0]), grids))
    assert _saved(csv) == {f"frames/film_frame{number}.png": 1 for number in range(10)}
    assert sorted(path.name for path in csv.parent.iterdir()) == ["close_ups.csv", "frames"]


def test_a_label_that_had_to_wait_too_long_for_others_is_not_taken_for_saved(folder, csv, monkeypatch):
    grid = explorers.label_close_ups(folder, path=csv)
    monkeypatch.setattr(close_up_table, "locked", lambda path: storage.locked(path, timeout=0))
    with storage.locked(csv):
        _press(grid.frames[3])
    assert "not saved: another program has been writing" in grid._status.value
    assert not grid.looked_at.any()
    assert not csv.exists()


def test_a_table_of_something_else_is_not_written_over(folder, csv):
    csv.write_text("start,end\n0,1\n")
    with pytest.raises(DataError, match="lacks the column film"):
        explorers.label_close_ups(folder, path=csv)
    assert csv.read_text() == "start,end\n0,1\n"


def test_a_table_with_columns_of_its_own_is_taken_as_it_is(folder, csv):
    csv.write_text("film,file,label,end,start_frame\nfilm,frames/film_frame0.png,1,later,x\n")
    grid = explorers.label_close_ups(folder, path=csv, columns=2, rows=1)
    assert grid.result["end"].tolist() == ["later"]


def test_a_page_that_cannot_be_shown_leaves_the_times_of_the_one_that_is(folder, csv):
    grid = explorers.label_close_ups(folder, path=csv, columns=2, rows=1)
    _press(grid.frames[0])
    time_before, saved = grid.table["time"][0], csv.read_text()
    csv.write_text("no table")
    grid.jump.value = 2
    assert "no table" in grid.problem or grid.problem
    assert grid.page == 1
    csv.write_text(saved)
    _press(grid.frames[0])
    assert grid.table["time"][0] == time_before
