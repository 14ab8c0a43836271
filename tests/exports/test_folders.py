import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from span_tables import FPS, SHOTS, same, spans

from toolkit import DataError, ParameterError
from toolkit.dialogue import find_dialogues
from toolkit.exports import (
    add_frames,
    read_elan,
    read_setups,
    read_table,
    read_timeline,
    setup_names,
    write_elan,
    write_table,
    write_timeline,
)
from toolkit.storage import files
from toolkit.tables import read_csv
from toolkit.tables.texts import printable

# CSV


def test_tables_come_back_from_csv_the_same(tmp_path, tables):
    for name, table in tables.items():
        assert write_table(tmp_path / "out" / "film", name, table) == tmp_path / "out" / "film" / f"{name}.csv"
        same(read_table(tmp_path / "out" / "film", name), table.sort_values("start", ignore_index=True))


def test_a_table_that_is_not_there_is_none(tmp_path):
    assert read_table(tmp_path, "shots") is None
    assert read_table(tmp_path / "nowhere", "shots") is None


def test_what_was_corrected_by_hand_wins(tmp_path):
    write_table(tmp_path, "shots", SHOTS)
    (tmp_path / "shots.corrected.csv").write_text("start,end,transition\n0,2,start\n2,10,cut\n")
    table = read_table(tmp_path, "shots")
    assert table["end"].tolist() == [2, 10]
    # and what is found anew does not touch it
    write_table(tmp_path, "shots", SHOTS)
    same(read_table(tmp_path, "shots"), table)


def test_a_correction_is_written_but_never_over_another(tmp_path):
    write_table(tmp_path, "shots", SHOTS)
    write_table(tmp_path, "shots", SHOTS[:1], corrected=True)
    same(read_table(tmp_path, "shots"), SHOTS[:1])
    with pytest.raises(ParameterError, match=r"shots.corrected.csv is there already, and may hold work by hand"):
        write_table(tmp_path, "shots", SHOTS, corrected=True)
    with pytest.raises(ParameterError, match=r"with replace=True it is kept as shots.corrected-1.csv, or the next"):
        write_table(tmp_path, "shots", SHOTS, corrected=True)


def test_a_correction_that_is_replaced_is_kept_under_a_number(tmp_path):
    first, second, third = SHOTS[:1], SHOTS[:2], SHOTS
    for table in (first, second, third):
        path = write_table(tmp_path, "shots", table, corrected=True, replace=True)
        assert path.name == "shots.corrected.csv"
        same(read_table(tmp_path, "shots"), table)
    same(read_csv(tmp_path / "shots.corrected-1.csv"), first)
    same(read_csv(tmp_path / "shots.corrected-2.csv"), second)
    assert len(list(tmp_path.iterdir())) == 3
    # a number that is free is the next, whatever is there beyond it
    (tmp_path / "shots.corrected-1.csv").unlink()
    write_table(tmp_path, "shots", first, corrected=True, replace=True)
    same(read_csv(tmp_path / "shots.corrected-1.csv"), third)
    same(read_csv(tmp_path / "shots.corrected-2.csv"), second)


def test_a_correction_that_was_set_aside_is_not_read(tmp_path):
    write_table(tmp_path, "shots", SHOTS[:1], corrected=True)
    write_table(tmp_path, "shots", SHOTS[:2], corrected=True, replace=True)
    (tmp_path / "shots.corrected.csv").unlink()
    assert read_table(tmp_path, "shots") is None


def test_what_is_found_is_replaced_without_asking(tmp_path):
    for replace in (False, True):
        write_table(tmp_path, "shots", SHOTS, replace=replace)
    assert [path.name for path in tmp_path.iterdir()] == ["shots.csv"]


def test_words_that_look_like_nothing_stay_words(tmp_path):
    table = spans((0, 1), (1, 2), (2, 3), text=["NA", "None", 'a,\n"b"; [c]'])
    write_table(tmp_path, "subtitles", table)
    same(read_table(tmp_path, "subtitles"), table)


def test_text_that_looks_like_numbers_stays_text(tmp_path):
    table = spans((0, 1), (1, 2), text=["1984", "1e5"], reel=["007", "012"])
    write_table(tmp_path, "subtitles", table)
    same(read_table(tmp_path, "subtitles"), table)


def test_what_is_missing_stays_missing(tmp_path):
    table = spans((0, 1), (1, 2), note=["seen", np.nan], share=[np.nan, 0.5], nothing=np.nan)
    table["end"] = [1, np.nan]
    write_table(tmp_path, "shots", table)
    same(read_table(tmp_path, "shots"), table)


def test_whole_numbers_stay_whole_where_some_are_missing(tmp_path):
    path = tmp_path / "shots.csv"
    path.write_text("start,end,start_frame,setup,share\n0,1,0,3,1.0\n1,2,,,\n2,3,48,5,2.0\n")
    table = read_csv(path)
    assert table["setup"].dtype == "Int64"
    assert table["setup"].tolist() == [3, pd.NA, 5]
    # frame numbers and other numbers are as they were
    assert table["start_frame"].dtype == table["share"].dtype == np.float64
    write_table(tmp_path, "again", table)
    assert [line.split(",")[3] for line in (tmp_path / "again.csv").read_text().splitlines()] == ["setup", "3", "", "5"]
    same(read_table(tmp_path, "again"), table)


@settings(max_examples=200)
@given(st.lists(st.text(st.characters(exclude_categories=["Cs"]), max_size=12), min_size=1, max_size=4))
def test_any_text_comes_back_but_for_its_outer_spaces(tmp_path_factory, texts):
    folder = tmp_path_factory.getbasetemp()
    write_table(folder, "texts", spans(*((n, n + 1) for n in range(len(texts))), text=texts))
    back = read_table(folder, "texts")["text"]
    assert ["" if pd.isna(text) else text for text in back] == [printable(text).strip() for text in texts]


def test_rows_of_nearly_the_same_time_stay_apart(tmp_path):
    table = spans((0, 1), (1, 1 + 1e-7), (1 + 1e-7, 2))
    write_table(tmp_path, "shots", table)
    same(read_table(tmp_path, "shots"), table)


def test_a_table_of_spans_alone_comes_back_in_every_form(tmp_path):
    table = spans((0, 1), (1, 2.5))
    write_table(tmp_path, "shots", table)
    write_elan(tmp_path / "shots.eaf", {"shots": table})
    write_timeline(tmp_path / "shots.otio", {"shots": table}, fps=24)
    same(read_table(tmp_path, "shots"), table)
    same(read_elan(tmp_path / "shots.eaf")["shots"], table)
    same(read_timeline(tmp_path / "shots.otio")["shots"], table)
    for film in (None, tmp_path / "a film.mp4"):
        write_timeline(tmp_path / "shots.edl", {"shots": table}, fps=24, film=film)
        same(read_timeline(tmp_path / "shots.edl", fps=24)["shots"], table)


def test_an_empty_list_may_be_an_empty_cell(tmp_path):
    (tmp_path / "dialogues.csv").write_text('start,end,cutaways\n0,1,"[3, 7]"\n1,2,\n')
    assert read_table(tmp_path, "dialogues")["cutaways"].tolist() == [[3, 7], []]


def test_lists_come_back_as_lists(tmp_path):
    table = spans((0, 1), (1, 2), cutaways=[[], [3, 7]])
    write_table(tmp_path, "dialogues", table)
    assert (tmp_path / "dialogues.csv").read_text().splitlines()[2] == '1.0,2.0,"[3, 7]"'
    assert read_table(tmp_path, "dialogues")["cutaways"].tolist() == [[], [3, 7]]


def test_a_table_without_rows_keeps_its_columns(tmp_path):
    write_table(tmp_path, "dialogues", find_dialogues([]))
    assert read_table(tmp_path, "dialogues").columns.tolist() == find_dialogues([]).columns.tolist()


def test_starts_alone_are_put_in_order(tmp_path):
    (tmp_path / "shots.corrected.csv").write_text("start,transition\n4.84,cut\n0.0,start\n3.04,cut\n")
    table = read_table(tmp_path, "shots", columns=("start", "transition"))
    assert table.to_dict("list") == {"start": [0.0, 3.04, 4.84], "transition": ["start", "cut", "cut"]}


def test_other_columns_can_be_asked_for(tmp_path):
    write_table(tmp_path, "frames", pd.DataFrame({"file": ["a.jpg"], "time": [0.5]}))
    assert read_table(tmp_path, "frames", columns=("file", "time"))["time"].tolist() == [0.5]
    with pytest.raises(DataError, match=r"frames.csv lacks the column start; its first line names file, time"):
        read_table(tmp_path, "frames")


@settings(max_examples=100)
@given(st.lists(st.tuples(st.floats(0, 1e6), st.floats(0, 1e6), st.integers(-(10**17), 10**17), st.booleans())))
def test_numbers_come_back_to_the_last_bit(tmp_path_factory, rows):
    rows = [(start, start + length, count, flag) for start, length, count, flag in rows]
    table = pd.DataFrame(rows, columns=["start", "end", "count", "flag"]).sort_values("start", kind="stable")
    folder = tmp_path_factory.getbasetemp()
    write_table(folder, "numbers", table)
    same(read_table(folder, "numbers"), table.reset_index(drop=True), check_dtype=len(rows) > 0)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", r"shots.csv is empty; expected a line with the names"),
        (b"\n\n,,\n", r"is empty"),
        (b"start,end\n0,one\n", r"must have seconds in the column end; got 'one' in row 2"),
        (b"start,end\n\n0,nan\n", r"got 'nan' in row 3"),
        (b"start,end\n0,1\n,2\n", r"has no start in row 3; each row needs one, in seconds"),
        (b"start,end,start_frame\n0,1,x\n", r"must have a frame's number in the column start_frame; got 'x' in row 2"),
        (b"start,end,start_frame\n0,1,1.5\n", r"a frame's number in the column start_frame; got '1.5' in row 2"),
        (b"start,end,end_frame\n0,1,1e20\n", r"a frame's number in the column end_frame; got '1e20' in row 2"),
        (b"start,end\n0," + b"9" * 400 + b":00\n", r"must have seconds in the column end; got '999.*' in row 2"),
        (b"start,end\n0,1\n3,2\n", r"must have no row that ends before it starts; got 3 and 2 in row 3"),
        (b"start,start,end\n0,0,1\n", r"must name each column once"),
        (b"start,,end\n0,0,1\n", r"must name each column once"),
        (b"start,end\n0,1,2\n", r"has 3 values in row 2, but 2 columns"),
        (b"begin,end\n0,1\n", r"lacks the column start"),
        (b'start,end\n"0,1\n', r"is not a table of comma-separated values \(unexpected end of data\)"),
        (b'start,end\n0,1\n1,"2"x\n', r"shots.csv is not a table of comma-separated values \(.*\) in row 3"),
        (b'start,end,a\n0,1,"x\ny"\n1,no,\n', r"got 'no' in row 3"),
        (b"PK\x03\x04\0\0start,end", r"was it saved as CSV, not as a spreadsheet"),
    ],
)
def test_a_csv_that_is_no_table_is_refused(tmp_path, content, message):
    (tmp_path / "shots.csv").write_bytes(content)
    with pytest.raises(DataError, match=message):
        read_table(tmp_path, "shots")


@pytest.mark.parametrize("name", ["", "../shots", "a/b", "shots.csv", "shots.corrected", "shots.corrected-2", 3, None])
def test_a_name_is_no_path(tmp_path, name):
    for call in (lambda: write_table(tmp_path, name, SHOTS), lambda: read_table(tmp_path, name)):
        with pytest.raises(ParameterError, match="name must be a table's name without folder or ending"):
            call()


def test_what_is_no_table_is_refused(tmp_path):
    with pytest.raises(ParameterError, match=r"shots must be a table \(pandas.DataFrame\); got list"):
        write_table(tmp_path, "shots", [1, 2])
    with pytest.raises(ParameterError, match=r"shots must have columns with names, each once"):
        write_table(tmp_path, "shots", pd.DataFrame([[1, 2]], columns=["a", "a"]))


@pytest.mark.parametrize("folder", [None, 3, b"out", "a\0b"])
def test_a_folder_is_named_by_its_path(folder):
    for call in (
        lambda: write_table(folder, "shots", SHOTS),
        lambda: read_table(folder, "shots"),
        lambda: read_setups(folder),
    ):
        with pytest.raises(ParameterError, match=r"folder must be the path of a folder; got"):
            call()


def test_a_file_is_no_folder(tmp_path):
    (tmp_path / "film").write_text("")
    for folder in (tmp_path / "film", tmp_path / "film" / "out"):
        with pytest.raises(ParameterError, match=r"folder must be a folder.*; got the file"):
            write_table(folder, "shots", SHOTS)
        assert read_table(folder, "shots") is None


def test_names_are_as_long_as_a_files_name_can_be(tmp_path):
    for name in ("x" * 226, "電" * 76):
        for call in (
            lambda name=name: write_table(tmp_path, name, SHOTS),
            lambda name=name: read_table(tmp_path, name),
        ):
            with pytest.raises(ParameterError, match=r"name must have 225 bytes at most; got 22"):
                call()
    for _ in range(2):
        write_table(tmp_path, "x" * 225, SHOTS, corrected=True, replace=True)
    assert len(list(tmp_path.iterdir())) == 2
    for write, ending, options in ((write_elan, ".eaf", {}), (write_timeline, ".otio", {"fps": 24})):
        with pytest.raises(ParameterError, match=r"whose name is none, or longer than 255 bytes"):
            write(tmp_path / ("x" * 300 + ending), {"shots": SHOTS}, **options)
    for read in (read_csv, read_elan, read_timeline):
        with pytest.raises(DataError, match=r"cannot be read: File name too long"):
            read(tmp_path / ("x" * 300))


@pytest.mark.parametrize("name", ["a;b;c", "a\tb", "a\nb", " a", "a\x01"])
def test_columns_have_names_that_come_back_from_csv(tmp_path, name):
    with pytest.raises(ParameterError, match=r"shots must have columns without ; in their names, and without tabs"):
        write_table(tmp_path, "shots", SHOTS.assign(**{name: 1}))
    assert list(tmp_path.iterdir()) == []


def test_text_that_a_spreadsheet_takes_for_a_formula_is_not_changed(tmp_path):
    table = spans((0, 1), text=["=1+1"], note=["@a"])
    write_table(tmp_path, "texts", table)
    assert (tmp_path / "texts.csv").read_text().splitlines()[1] == "0.0,1.0,=1+1,@a"
    same(read_table(tmp_path, "texts"), table)


# set-ups


def test_setups_that_are_not_there_are_none(tmp_path):
    assert read_setups(tmp_path) is None


def test_numbers_of_setups_stay_as_they_are(tmp_path):
    table = spans((0, 1), (1, 2), (2, 3), setup=[7, 3, 7], close_up=[0.5, 0.0, 1.0])
    write_table(tmp_path, "setups", table)
    same(read_setups(tmp_path), table)
    assert setup_names(table) == {}
    # notes that are called so are no names
    assert setup_names(table.assign(name=["left", "right", "dark"])) == {}
    assert setup_names(table.assign(name=["left", None, "left"])) == {}
    (tmp_path / "setups.csv").write_text("Start;End;Setup\n0;1;7\n1;2;3,0\n2;3;7\n")
    same(read_setups(tmp_path), table[["start", "end", "setup"]])


def test_names_of_setups_are_numbered_in_order_of_first_sight(tmp_path):
    write_table(tmp_path, "setups", spans((0, 1), setup=[4]))
    # first sight is in the film, not in the file
    (tmp_path / "setups.corrected.csv").write_text(
        "start,end,setup\n3,4,man\n0,1,letter\n1,2,man\n2,3,letter\n4,5,007\n"
    )
    table = read_setups(tmp_path)
    assert table["setup"].dtype == np.int64
    assert table["setup"].tolist() == [0, 1, 0, 1, 2]
    assert table["name"].tolist() == ["letter", "man", "letter", "man", "007"]
    assert setup_names(table) == {0: "letter", 1: "man", 2: "007"}
    # and they come back so
    write_table(tmp_path, "setups", table, corrected=True, replace=True)
    same(read_setups(tmp_path), table)


def test_a_number_among_names_is_the_same_however_it_is_written(tmp_path):
    (tmp_path / "setups.csv").write_text("start;end;setup\n0;1;2,0\n1;2;letter\n2;3;2\n")
    assert read_setups(tmp_path)["name"].tolist() == ["2", "letter", "2"]


def test_columns_can_be_asked_for_as_text(tmp_path):
    (tmp_path / "told.csv").write_text("start,end,who\n0,1,21\n")
    assert read_table(tmp_path, "told", texts=("who",))["who"].tolist() == ["21"]


def test_numbers_among_names_are_names(tmp_path):
    (tmp_path / "setups.csv").write_text("start,end,setup\n0,1,5\n1,2,letter\n2,3,5\n")
    table = read_setups(tmp_path)
    assert table["setup"].tolist() == [0, 1, 0]
    assert table["name"].tolist() == ["5", "letter", "5"]


def test_setups_of_no_shots_are_none_of_them(tmp_path):
    (tmp_path / "setups.csv").write_text("start,end,setup\n")
    table = read_setups(tmp_path)
    assert len(table) == 0
    assert table["setup"].dtype == np.int64


def test_what_ends_after_the_film_is_refused(tmp_path):
    path = tmp_path / "dialogues.corrected.csv"
    path.write_text("start,end\n1,4\n\n60,9999\n")
    assert read_table(tmp_path, "dialogues")["end"].tolist() == [4, 9999]
    message = r"dialogues \(.*dialogues.corrected.csv\) must lie within the film, .* 90 s; got 9999 s in row 4"
    with pytest.raises(ParameterError, match=message):
        read_table(tmp_path, "dialogues", end=90)
    path.write_text("start,end\n1,4\n60,90.5\n")
    assert read_table(tmp_path, "dialogues", end=90)["end"].tolist() == [4, 90.5]


@pytest.mark.parametrize("others", [["3", "4"], ["letter", "man"]])
@pytest.mark.parametrize(
    ("cell", "got"),
    [("", "an empty cell"), ("NaN", "'NaN'"), ("1.5", "'1.5'"), ('"2,5"', "'2,5'"), ("inf", "'inf'")],
)
def test_a_setup_is_a_whole_number_or_a_name(tmp_path, cell, got, others):
    # rows are counted as in the file, whatever their order
    (tmp_path / "setups.corrected.csv").write_text(f"start,end,setup\n1,2,{others[0]}\n\n0,1,{cell}\n2,3,{others[1]}\n")
    message = rf"setups.corrected.csv must have a whole number or a name in the column setup; got {got} in row 4"
    with pytest.raises(DataError, match=message):
        read_setups(tmp_path)


def test_setups_need_their_columns(tmp_path):
    (tmp_path / "setups.csv").write_text("start,end\n0,1\n")
    with pytest.raises(DataError, match=r"setups.csv lacks the column setup"):
        read_setups(tmp_path)


# writing that fails


def test_nothing_is_left_when_writing_fails(tmp_path, monkeypatch):
    def fail(*_):
        raise OSError("no space left on device")

    monkeypatch.setattr(files.os, "fsync", fail)
    for name, write in (("film.eaf", write_elan), ("film.otio", write_timeline), ("film.edl", write_timeline)):
        options = {} if write is write_elan else {"fps": 24}
        with pytest.raises(OSError, match="no space"):
            write(tmp_path / name, {"shots": SHOTS}, **options)
    with pytest.raises(OSError, match="no space"):
        write_table(tmp_path, "shots", SHOTS)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["shots.csv", "film.eaf", "film.otio", "film.edl"])
def test_a_full_disk_is_told_and_leaves_the_old_file(tmp_path, name):
    resource = pytest.importorskip("resource")
    table = spans(*((n, n + 1) for n in range(600)), place="a place with a long name, that fills the disk")

    def write(table):
        if name == "shots.csv":
            return write_table(tmp_path, "shots", table)
        return (write_elan if name == "film.eaf" else write_timeline)(
            tmp_path / name, {"shots": table}, **({} if name == "film.eaf" else {"fps": 24})
        )

    path = write(table[:3])
    old = path.read_bytes()
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    # no file may grow beyond, which is as if there were no room
    resource.setrlimit(resource.RLIMIT_FSIZE, (len(old) + 4096, hard))
    try:
        with pytest.raises(OSError, match="File too large"):
            write(table)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert path.read_bytes() == old
    assert list(tmp_path.iterdir()) == [path]


# frame numbers


def test_frames_are_numbered_anew(film, tables, tmp_path):
    write_elan(tmp_path / "film.eaf", tables)
    times = np.arange(film.shots["end_frame"].max()) / FPS
    back = add_frames(read_elan(tmp_path / "film.eaf")["shots"], times)
    same(back[["start_frame", "end_frame"]], film.shots[["start_frame", "end_frame"]])


def test_frames_need_ascending_times():
    for times in ([1, 1], [2, 1], [0, np.nan], [[0, 1]], ["a"]):
        with pytest.raises(ParameterError, match=r"times must be finite seconds, each after the one before"):
            add_frames(SHOTS, times)
    with pytest.raises(
        ParameterError, match=r"table must be a table with the columns start and end.*; got the columns a"
    ):
        add_frames(pd.DataFrame({"a": [1]}), [0, 1])
