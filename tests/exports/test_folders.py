import json
import math
import xml.etree.ElementTree as ElementTree

import numpy as np
import opentimelineio as otio
import pandas as pd
import pympi
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from toolkit import DataError, ParameterError, samples
from toolkit.dialogue import find_dialogues
from toolkit.exports import (
    add_frames,
    read_elan,
    read_setups,
    read_table,
    read_timeline,
    setup_names,
    timelines,
    write_elan,
    write_table,
    write_timeline,
)
from toolkit.storage import files
from toolkit.subtitles import read_subtitles
from toolkit.tables import printable, read_csv, read_line, write_line

FPS = 24


@pytest.fixture(scope="module")
def film():
    return samples.sample_film(0)


@pytest.fixture(scope="module")
def tables(film):
    """Return the tables that the notebooks make of a film."""
    frames = film.shots["end_frame"] - film.shots["start_frame"]
    labels = np.repeat(film.setups, frames)
    dialogues = find_dialogues(labels, inserts=1, max_gap=1000, times=np.arange(len(labels)) / FPS)
    assert len(dialogues) > 2
    setups = film.shots[["start", "end", "start_frame", "end_frame"]].assign(setup=film.setups, close_up=film.close_up)
    subtitles = read_subtitles(film.subtitles)
    return {
        "shots": film.shots,
        "setups": setups,
        "dialogues": dialogues,
        "scenes": film.scenes,
        "subtitles": subtitles,
    }


def spans(*rows, **columns):
    return pd.DataFrame(rows, columns=["start", "end"]).astype(float).assign(**columns)


def own(table):
    names = [name for name in table.columns if not name.endswith("_frame") and name not in ("start", "end")]
    return table[["start", "end", *names]]


SHOTS = spans((0, 1.5), (1.5, 2.25), (2.25, 10), transition=["start", "cut", "dissolve"])
same = pd.testing.assert_frame_equal


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


@pytest.mark.parametrize(
    "content",
    [
        "start,end,transition\n0,1.5,start\n1.5,2.25,cut\n2.25,10,dissolve\n",
        "\ufeffstart,end,transition\r\n0,1.5,start\r\n1.5,2.25,cut\r\n2.25,10,dissolve\r\n",
        "start;end;transition\n0;1,5;start\n1,5;2,25;cut\n2,25;10,0;dissolve\n",
        "start;end;transition\n0;1.5;start\n1.5;2.25;cut\n2.25;10.0;dissolve\n",
        "start\tend\ttransition\n0\t1.5\tstart\n1.5\t2.25\tcut\n2.25\t10\tdissolve\n",
        'start, end ,"transition",,\n"0",1.5,start,,\n,,,,\n\n2.25,10, dissolve,,\n1.5,2.25,cut\n',
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_csv_is_read_as_spreadsheets_save_it(tmp_path, content, encoding):
    path = tmp_path / "shots.csv"
    path.write_bytes(content.encode(encoding))
    same(read_csv(path), SHOTS)


@pytest.mark.parametrize(
    ("content", "starts"),
    [
        ("start;end\n0;1.234,5\n1.234,5;12.000\n", [0, 1234.5]),
        ("start;end\n0;1,234.5\n1,234.5;12000\n", [0, 1234.5]),
        ("start;end\n0;1,234\n1.234;2\n", [0, 1.234]),
        ("start\tend\n0\t1,5\n1,5\t2\n", [0, 1.5]),
        ('start,end\n"0,0","1,5"\n"1,5","2,25"\n', [0, 1.5]),
        ('start,end\n0,"1,234.5"\n"1,234.5","12,000.0"\n', [0, 1234.5]),
        ("start,end\n00.0,01.5\n01.5,2\n", [0, 1.5]),
        ("start,end\n-0.04,1\n1,2\n", [-0.04, 1]),
    ],
)
def test_numbers_are_read_as_they_are_written_in_a_language(tmp_path, content, starts):
    (tmp_path / "shots.csv").write_text(content)
    assert read_csv(tmp_path / "shots.csv")["start"].tolist() == starts


@pytest.mark.parametrize("number", ["1,234", "1,5.5", "1_000", "1e999", "01. Mai", "nan", "inf", "1.5s"])
def test_what_may_be_another_number_is_no_number(tmp_path, number):
    (tmp_path / "shots.csv").write_text(f'start,end\n0,"{number}"\n')
    with pytest.raises(DataError, match=rf"must have seconds in the column end; got '{number}' in row 2"):
        read_csv(tmp_path / "shots.csv")


@pytest.mark.parametrize(
    ("clock", "seconds"),
    [
        ("0:02.80", 2.8),
        ("00:00:02,8", 2.8),
        ("1:02:03", 3723),
        ("2:03", 123),
        ("90:15", 5415),
        ("01:59:59.999", 7199.999),
        ("10:00:00.", 36000),
    ],
)
def test_times_may_be_those_of_a_clock(tmp_path, clock, seconds):
    (tmp_path / "shots.csv").write_text(f"start;end\n0;{clock}\n{clock};99999,5\n")
    table = read_csv(tmp_path / "shots.csv")
    assert table["end"].tolist() == [seconds, 99999.5]
    assert table["start"].tolist() == [0, seconds]
    assert table.dtypes.tolist() == [np.float64, np.float64]


def test_times_of_a_clock_stand_beside_marks_between_thousands(tmp_path):
    (tmp_path / "shots.csv").write_text("start;end\n0:02,5;1.234,5\n1.234,5;20:36\n")
    assert read_csv(tmp_path / "shots.csv").to_numpy().tolist() == [[2.5, 1234.5], [1234.5, 1236]]


@pytest.mark.parametrize("clock", ["0:60", "1:60:00", "0:5", "1:2:03", "00:00:02:12", ":30", "-0:30", "0:30 h", "1:"])
def test_what_no_clock_shows_is_no_time(tmp_path, clock):
    (tmp_path / "shots.csv").write_text(f"start,end\n0,1\n1,{clock}\n")
    with pytest.raises(DataError, match=rf"shots.csv must have seconds in the column end; got '{clock}' in row 3"):
        read_csv(tmp_path / "shots.csv")


def test_only_starts_and_ends_are_times(tmp_path):
    (tmp_path / "shots.csv").write_text("start,end,seen\n0,1,2:03\n")
    assert read_csv(tmp_path / "shots.csv")["seen"].tolist() == ["2:03"]


def test_a_column_asked_for_may_be_in_other_case(tmp_path):
    (tmp_path / "shots.csv").write_text("Start;END;Transition;Note\n0;1,5;cut;A\n")
    table = read_csv(tmp_path / "shots.csv", columns=("start", "end", "transition"))
    assert table.to_dict("list") == {"start": [0.0], "end": [1.5], "transition": ["cut"], "Note": ["A"]}


def test_a_column_of_the_very_name_comes_before_one_in_other_case(tmp_path):
    (tmp_path / "shots.csv").write_text("start,end,Setup,setup\n0,1,A,2\n")
    table = read_csv(tmp_path / "shots.csv", columns=("start", "end", "setup"))
    assert table.to_dict("list") == {"start": [0.0], "end": [1.0], "Setup": ["A"], "setup": [2]}
    (tmp_path / "shots.csv").write_text("start,end,Setup,SETUP\n0,1,A,2\n")
    with pytest.raises(DataError, match=r"lacks the column setup; its first line names start, end, Setup, SETUP"):
        read_csv(tmp_path / "shots.csv", columns=("start", "end", "setup"))


def test_commas_in_text_are_no_decimal_commas(tmp_path):
    (tmp_path / "shots.csv").write_text("start;end;text;place;size\n0;1;1,5;2,5;2,5\n1;2;3;inn;3\n")
    table = read_csv(tmp_path / "shots.csv")
    assert table[["text", "place", "size"]].to_numpy().tolist() == [["1,5", "2,5", 2.5], ["3", "inn", 3.0]]


@pytest.mark.parametrize("words", ["True False", "TRUE FALSE", "WAHR FALSCH", "VRAI FAUX"])
def test_truth_is_read_as_spreadsheets_say_it(tmp_path, words):
    yes, no = words.split()
    (tmp_path / "shots.csv").write_text(f"start,end,close_up\n0,1,{yes}\n1,2,{no}\n")
    table = read_csv(tmp_path / "shots.csv")
    assert table["close_up"].tolist() == [True, False]
    assert table["close_up"].dtype == bool


def test_csv_in_an_old_encoding_is_read(tmp_path):
    path = tmp_path / "scenes.csv"
    path.write_bytes("start,end,place\n0,1,Café\n".encode("cp1252"))
    assert read_csv(path)["place"].tolist() == ["Café"]


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


def test_whole_numbers_stay_whole_where_a_row_was_added_by_hand(tmp_path):
    table = spans((0, 1), (2, 3), speaker_a=[3, 5], share=[0.5, 1.0])
    write_elan(tmp_path / "film.eaf", {"dialogues": table})
    eaf = pympi.Elan.Eaf(str(tmp_path / "film.eaf"))
    eaf.add_annotation("dialogues", 1000, 2000, "note=new")
    eaf.to_file(str(tmp_path / "film.eaf"))
    back = read_elan(tmp_path / "film.eaf")["dialogues"]
    assert back["speaker_a"].dtype == "Int64"
    assert back["speaker_a"].tolist() == [3, pd.NA, 5]
    assert back["share"].dtype == np.float64
    assert back["start"].dtype == np.float64
    write_table(tmp_path, "dialogues", back)
    same(read_table(tmp_path, "dialogues"), back)
    write_elan(tmp_path / "again.eaf", {"dialogues": back})
    same(read_elan(tmp_path / "again.eaf")["dialogues"][["start", "speaker_a"]], back[["start", "speaker_a"]])


def test_whole_numbers_stay_whole_in_a_timeline(tmp_path):
    table = spans((0, 1), (1, 2), speaker_a=pd.array([3, None], dtype="Int64"), start_frame=[0, np.nan])
    write_timeline(tmp_path / "film.otio", {"dialogues": table}, fps=24)
    same(read_timeline(tmp_path / "film.otio")["dialogues"], table)


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


def test_a_number_too_great_is_no_number(tmp_path):
    (tmp_path / "shots.csv").write_text("start,end,a,b,c\n0,1,1e999,[1e999],inf\n")
    assert read_csv(tmp_path / "shots.csv").iloc[0, 2:].tolist() == ["1e999", "[1e999]", math.inf]
    assert read_line("a=1e999; b=[1e999]") == {"a": "1e999", "b": "[1e999]"}


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


# ELAN


def test_tables_come_back_from_elan_to_the_millisecond(tmp_path, tables, film):
    write_elan(tmp_path / "film.eaf", tables, film=film.path)
    back = read_elan(tmp_path / "film.eaf")
    assert list(back) == list(tables)
    for name, table in tables.items():
        same(back[name], own(table).sort_values("start", ignore_index=True), atol=5.01e-4, rtol=0)


def test_elan_shows_the_film(tmp_path, film):
    write_elan(tmp_path / "film.eaf", {"shots": SHOTS}, film=film.path)
    (media,) = pympi.Elan.Eaf(str(tmp_path / "film.eaf")).media_descriptors
    assert media["MEDIA_URL"] == f"file://{film.path.resolve()}"
    assert media["MIME_TYPE"] == "video/mp4"


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("film.mp4", "video/mp4"),
        ("Der müde Tod (1921) 50%.MOV", "video/quicktime"),
        ("film.mkv", "video/*"),
        ("film.ts", "video/*"),
    ],
)
def test_elan_finds_films_by_their_plain_names(tmp_path, name, kind):
    # ELAN reads what stands here as a path, and a few kinds of film by name
    for folder, relative in ((tmp_path, f"./{name}"), (tmp_path / "out" / "a film", f"../../{name}")):
        folder.mkdir(parents=True, exist_ok=True)
        write_elan(folder / "film.eaf", {"shots": SHOTS}, film=tmp_path / name)
        (media,) = pympi.Elan.Eaf(str(folder / "film.eaf")).media_descriptors
        assert media == {
            "MEDIA_URL": f"file://{tmp_path.resolve() / name}",
            "RELATIVE_MEDIA_URL": relative,
            "MIME_TYPE": kind,
        }


def test_annotations_of_a_tier_do_not_overlap(tmp_path):
    table = spans((0, 4), (1, 2), (1.5, 3), (4, 5), speaker_a=[1, 2, 3, 4])
    write_elan(tmp_path / "film.eaf", {"dialogues": table})
    eaf = pympi.Elan.Eaf(str(tmp_path / "film.eaf"))
    assert {name: len(eaf.get_annotation_data_for_tier(name)) for name in eaf.get_tier_names()} == {
        "dialogues": 2,
        "dialogues (2)": 1,
        "dialogues (3)": 1,
    }
    same(read_elan(tmp_path / "film.eaf")["dialogues"], table)


def test_what_was_corrected_in_elan_comes_back(tmp_path):
    path = tmp_path / "film.eaf"
    write_elan(path, {"shots": SHOTS})
    document = ElementTree.parse(path)
    slots = document.findall(".//TIME_SLOT")
    for slot in slots:
        if slot.get("TIME_VALUE") == "1500":
            slot.set("TIME_VALUE", "1750")
    values = document.findall(".//ANNOTATION_VALUE")
    values[1].text = " transition = fade;note=seen twice"
    values[2].text = "a train; I think"
    document.write(path)
    table = read_elan(path)["shots"]
    assert table["start"].tolist() == [0, 1.75, 2.25]
    assert table["transition"].tolist()[:2] == ["start", "fade"]
    assert table["note"][1] == "seen twice"
    assert table["text"][2] == "a train; I think"


def test_what_was_deleted_and_added_in_elan_is_so(tmp_path):
    path = tmp_path / "film.eaf"
    overlapping = spans((0, 4), (1, 2), (5, 6), speaker_a=[1, 2, 3])
    write_elan(path, {"shots": SHOTS, "dialogues": overlapping})
    eaf = pympi.Elan.Eaf(str(path))
    eaf.remove_annotation("shots", 1600)
    eaf.remove_annotation("dialogues", 100)
    eaf.add_annotation("shots", 10_000, 11_000, "transition=cut")
    eaf.add_tier("my notes", "text")
    eaf.add_annotation("my notes", 300, 400, "size=3")
    eaf.to_file(str(path))
    tables = read_elan(path)
    same(tables["shots"], spans((0, 1.5), (2.25, 10), (10, 11), transition=["start", "dissolve", "cut"]))
    same(tables["dialogues"], overlapping[1:].reset_index(drop=True))
    same(tables["my notes"], spans((0.3, 0.4), text=["size=3"]))


def test_a_text_that_is_missing_is_an_empty_annotation(tmp_path):
    write_elan(tmp_path / "film.eaf", {"subtitles": spans((0, 1), (1, 2), text=["Hello.", None])})
    assert read_elan(tmp_path / "film.eaf")["subtitles"]["text"].tolist() == ["Hello.", ""]


def test_rows_that_overlap_by_less_than_a_unit_share_a_tier(tmp_path):
    table = spans((0, 1 + 2e-4), (1, 2), (2 - 1e-7, 3))
    write_elan(tmp_path / "film.eaf", {"shots": table})
    assert list(pympi.Elan.Eaf(str(tmp_path / "film.eaf")).get_tier_names()) == ["shots"]
    write_timeline(tmp_path / "film.edl", {"shots": table}, fps=24)
    same(read_timeline(tmp_path / "film.edl", fps=24)["film"], spans((0, 1), (1, 2), (2, 3)))


def test_tiers_made_in_elan_are_read(tmp_path):
    eaf = pympi.Elan.Eaf()
    eaf.add_linguistic_type("child", "Symbolic_Association", timealignable=False)
    eaf.add_tier("gestures")
    eaf.add_annotation("gestures", 500, 900, "nods")
    eaf.add_tier("notes", "child", parent="gestures")
    eaf.add_ref_annotation("notes", "gestures", 600, "twice")
    eaf.to_file(str(tmp_path / "own.eaf"))
    tables = read_elan(tmp_path / "own.eaf")
    assert tables["gestures"].to_dict("list") == {"start": [0.5], "end": [0.9], "text": ["nods"]}
    assert tables["notes"]["text"].tolist() == ["twice"]
    assert tables["default"].columns.tolist() == ["start", "end"]


def test_tiers_that_depend_on_parts_of_others_are_read(tmp_path):
    # in ELAN, a tier of notes on a tier of phases that lie within the gestures
    eaf = pympi.Elan.Eaf()
    eaf.add_linguistic_type("within", "Included_In")
    eaf.add_linguistic_type("note", "Symbolic_Association", timealignable=False)
    eaf.add_tier("gestures")
    eaf.add_annotation("gestures", 500, 900, "nods")
    eaf.add_tier("phases", "within", parent="gestures")
    eaf.add_annotation("phases", 600, 700, "stroke")
    eaf.add_tier("notes", "note", parent="phases")
    (phase,) = eaf.tiers["phases"][0]
    eaf.annotations["n1"] = "notes"
    eaf.tiers["notes"][1]["n1"] = (phase, "hardly seen", None, None)
    eaf.tiers["notes"][1]["n2"] = ("n1", "really", None, None)
    eaf.to_file(str(tmp_path / "own.eaf"))
    tables = read_elan(tmp_path / "own.eaf")
    same(tables["phases"], spans((0.6, 0.7), text=["stroke"]))
    same(tables["notes"], spans((0.6, 0.7), (0.6, 0.7), text=["hardly seen", "really"]))


def test_parts_without_times_are_equal_parts(tmp_path):
    eaf = pympi.Elan.Eaf()
    eaf.add_linguistic_type("parts", "Time_Subdivision")
    eaf.add_tier("said")
    eaf.add_tier("words", "parts", parent="said")
    eaf.timeslots = {"ts1": 500, "ts2": None, "ts3": None, "ts4": 800}
    eaf.tiers["said"][0]["a1"] = ("ts1", "ts4", "so you go", None)
    for number, word in enumerate(["so", "you", "go"], 1):
        eaf.tiers["words"][0][f"w{number}"] = (f"ts{number}", f"ts{number + 1}", word, None)
    eaf.to_file(str(tmp_path / "own.eaf"))
    words = read_elan(tmp_path / "own.eaf")["words"]
    same(words, spans((0.5, 0.6), (0.6, 0.7), (0.7, 0.8), text=["so", "you", "go"]))


def test_subtitles_are_their_text_in_elan(tmp_path):
    table = spans((0, 1), (1, 2), text=["a=b; c=d", "two\nlines & <more>\x07"])
    write_elan(tmp_path / "film.eaf", {"subtitles": table})
    assert read_elan(tmp_path / "film.eaf")["subtitles"]["text"].tolist() == ["a=b; c=d", "two\nlines & <more>"]


def test_the_shortest_rows_last_a_millisecond_in_elan(tmp_path):
    table = spans((1, 1), (1, 1.0001), (1.0002, 2))
    write_elan(tmp_path / "film.eaf", {"marks": table})
    back = read_elan(tmp_path / "film.eaf")["marks"]
    assert (back["end"] - back["start"]).min() == pytest.approx(0.001)
    assert len(back) == 3


values = st.one_of(
    st.integers(-(10**9), 10**9),
    st.booleans(),
    st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=12),
    st.lists(st.integers(0, 99), max_size=3),
    st.sampled_from(["12", "true", "null", "[1]", "a=b", "a; b=c", '"', "NaN", " x ", ""]),
)


@settings(max_examples=200)
@given(st.dictionaries(st.sampled_from(["a", "b c", "d_1"]), values, min_size=2))
def test_a_line_tells_every_value(tmp_path_factory, row):
    folder = tmp_path_factory.getbasetemp()
    table = spans((0, 1))
    for name, value in row.items():
        table[name] = pd.Series([value], dtype=object)
    write_elan(folder / "rows.eaf", {"rows": table})
    write_timeline(folder / "rows.edl", {"rows": table}, fps=24)
    for tables in (read_elan(folder / "rows.eaf"), read_timeline(folder / "rows.edl", fps=24)):
        assert tables["rows"].iloc[0].to_dict() == {"start": 0, "end": 1} | row


@pytest.mark.parametrize(
    "row",
    [
        {"b": [1, "a]b"]},
        {"a": [["]; c=1"], ["["]], "c": 'x"]'},
        {"a": ['\\"]', "\\"], "b": "]"},
        {"a": "1e999", "b": "[1e999]", "c": [1.5, None, True]},
        {"a": [["=;"], []], "d e": "[1] y"},
    ],
)
def test_lists_of_any_text_come_back_from_a_line(row):
    assert read_line(write_line(row)) == row


@pytest.mark.parametrize(
    ("line", "columns"),
    [
        (" a = 1 ;b=two words;", {"a": 1, "b": "two words"}),
        ("a=[1] y; b=[x", {"a": "[1] y", "b": "[x"}),
        ("a=[x, y]; b=", {"a": "[x, y]", "b": ""}),
        ('a="C:\\x"; b=1', {"a": '"C:\\x"', "b": 1}),
        ("", {}),
        *((line, {"text": line}) for line in ("a", "=1", "a=1; b", "a=b=c", 'a="x" y', 'a"=1', "a=1;; b=2", "end=3")),
    ],
)
def test_a_line_is_columns_where_all_of_it_is(line, columns):
    assert read_line(line) == columns


@settings(max_examples=300)
@given(st.text(st.sampled_from('ab1 =;"[],\\\n'), max_size=30))
def test_a_line_tells_columns_or_its_text(line):
    columns = read_line(line)
    assert columns == {"text": line} or read_line(write_line(columns)) == columns


@pytest.mark.parametrize(
    "line",
    [
        " " * 20_000 + "a b" * 3000,
        "a" + " " * 200_000 + "=" + " " * 200_000 + "b" + " " * 200_000 + '"',
        "a=[1;" * 50_000,
        "a=[" * 50_000,
        'a=["' * 50_000,
        'a="' + "\\" * 200_001,
        "a=" + "[" * 100_000,
    ],
)
def test_a_line_of_any_form_is_read(line):
    # these took hours where a pattern went back over what it had read
    assert list(read_line(line)) in (["a"], ["text"])


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


def test_nothing_lies_beside_what_is_written_twice(tmp_path):
    for _ in range(2):
        write_elan(tmp_path / "film.eaf", {"shots": SHOTS})
        write_timeline(tmp_path / "film.otio", {"shots": SHOTS}, fps=24)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["film.eaf", "film.otio"]


# files that were edited by hand


def edit_elan(path, change):
    eaf = pympi.Elan.Eaf(str(path))
    change(eaf)
    eaf.to_file(str(path))
    # pympi keeps what it replaces
    path.with_suffix(".bak").unlink()


def edit_timeline(path, change):
    timeline = otio.adapters.read_from_file(str(path))
    change(timeline)
    otio.adapters.write_to_file(timeline, str(path))


def rename_clip(timeline):
    next(iter(timeline.find_clips())).name = "transition=fade"


def add_marker(timeline):
    next(iter(timeline.find_clips())).markers.append(otio.schema.Marker("here"))


ELAN_EDITS = {
    "added": lambda eaf: eaf.add_annotation("shots", 10_000, 11_000, "transition=cut"),
    "removed": lambda eaf: eaf.remove_annotation("shots", 1600),
    "moved": lambda eaf: eaf.timeslots.update(ts2=40),
    "rewritten": lambda eaf: eaf.tiers["shots"][0].update(a2=("ts2", "ts3", "transition=fade", None)),
    "a tier added": lambda eaf: eaf.add_tier("my notes"),
    "a tier renamed": lambda eaf: eaf.rename_tier("shots", "cuts"),
    "the mark lost": lambda eaf: eaf.properties.clear(),
}


@pytest.mark.parametrize("edit", ELAN_EDITS)
def test_an_elan_file_that_was_edited_is_kept(tmp_path, edit):
    path, kept = tmp_path / "film.eaf", tmp_path / "film.edited.eaf"
    write_elan(path, {"shots": SHOTS})
    edit_elan(path, ELAN_EDITS[edit])
    edited = path.read_bytes()
    message = r"film.eaf was edited since.*kept as film.edited.eaf.*exports.read_elan\('.*edited.eaf'\)"
    with pytest.warns(UserWarning, match=message) as told:
        write_elan(path, {"shots": SHOTS})
    assert told[0].filename == __file__
    assert kept.read_bytes() == edited
    same(read_elan(path)["shots"], SHOTS)
    # once only
    write_elan(path, {"shots": SHOTS[:1]})
    assert sorted(file.name for file in tmp_path.iterdir()) == ["film.eaf", "film.edited.eaf"]


def test_each_edited_file_is_kept(tmp_path):
    for write, ending, options in ((write_elan, "eaf", {}), (write_timeline, "otio", {"fps": 24})):
        path = tmp_path / f"film.{ending}"
        for text in ("one", "two", "three"):
            path.write_text(text)
            with pytest.warns(UserWarning, match=r"or made elsewhere: it is kept as film.edited"):
                write(path, {"shots": SHOTS}, **options)
        for number, text in (("", "one"), ("-2", "two"), ("-3", "three")):
            assert (tmp_path / f"film.edited{number}.{ending}").read_text() == text


def test_what_was_not_edited_is_replaced_in_silence(tmp_path, tables, film):
    path = tmp_path / "film.eaf"
    notes = {"nötes\t<&>": spans((0, 4), (1, 2), text=[" a \r\n b\t", None])}
    write_elan(path, tables | notes, film=film.path)

    def shuffle(eaf):
        # as another program may write the same: the order of tiers and annotations, names of times, the film's place
        for name, (aligned, dependent, attributes, place) in list(eaf.tiers.items()):
            aligned = dict(reversed(aligned.items()))
            eaf.tiers[name] = (aligned, dependent, attributes, 100 - place)
        eaf.add_property("URN", "urn:nl-mpi-tools-elan-eaf:0")
        eaf.media_descriptors.clear()

    edit_elan(path, shuffle)
    write_elan(path, {"shots": SHOTS})
    assert [file.name for file in tmp_path.iterdir()] == ["film.eaf"]


@pytest.mark.parametrize("edit", [rename_clip, add_marker, lambda timeline: timeline.metadata.clear()])
def test_a_timeline_that_was_edited_is_kept(tmp_path, edit):
    path = tmp_path / "film.otio"
    write_timeline(path, {"shots": SHOTS}, fps=23.607)
    edit_timeline(path, edit)
    edited = path.read_bytes()
    with pytest.warns(UserWarning, match=r"kept as film.edited.otio.*exports.read_timeline\('.*'\)"):
        write_timeline(path, {"shots": SHOTS}, fps=24)
    assert (tmp_path / "film.edited.otio").read_bytes() == edited
    write_timeline(path, {"shots": SHOTS[:1]}, fps=24)
    assert len(list(tmp_path.iterdir())) == 2


def test_a_timeline_that_was_opened_and_saved_is_not_edited(tmp_path, tables, film):
    path = tmp_path / "film.otio"
    write_timeline(path, tables, fps=23.607, film=film.path.with_name("映画.mp4"))
    edit_timeline(path, lambda timeline: None)
    write_timeline(path, {"shots": SHOTS}, fps=24)
    assert [file.name for file in tmp_path.iterdir()] == ["film.otio"]


def test_an_edited_file_stays_where_it_is_when_writing_fails(tmp_path, monkeypatch):
    (tmp_path / "film.eaf").write_text("edited")

    def fail(*_, **__):
        raise OSError("no space left on device")

    monkeypatch.setattr(pympi.Elan, "to_string", fail)
    with pytest.raises(OSError, match="no space"):
        write_elan(tmp_path / "film.eaf", {"shots": SHOTS})
    assert [(file.name, file.read_text()) for file in tmp_path.iterdir()] == [("film.eaf", "edited")]


def test_an_edited_file_that_cannot_be_renamed_is_not_written_over(tmp_path, monkeypatch):
    path = tmp_path / "film.eaf"
    path.write_text("edited")

    def fail(*_):
        raise PermissionError("open in another program")

    monkeypatch.setattr(type(path), "replace", fail)
    with pytest.raises(PermissionError, match="open in another program"):
        write_elan(path, {"shots": SHOTS})
    assert [(file.name, file.read_text()) for file in tmp_path.iterdir()] == [("film.eaf", "edited")]


@pytest.mark.filterwarnings("error")
def test_an_edited_file_is_kept_where_warnings_are_errors(tmp_path):
    path = tmp_path / "film.eaf"
    path.write_text("edited")
    with pytest.raises(UserWarning, match="was edited"):
        write_elan(path, {"shots": SHOTS})
    assert (tmp_path / "film.edited.eaf").read_text() == "edited"
    same(read_elan(path)["shots"], SHOTS)


@pytest.mark.parametrize(
    "content", [b"", b"<a", b"<?xml version='1.0'?><html/>", b"hello", b"\0\1\2", b"<ANNOTATION_DOCUMENT/>"]
)
def test_what_is_no_elan_file_is_refused(tmp_path, content):
    (tmp_path / "film.eaf").write_bytes(content)
    with pytest.raises(DataError, match=r"film.eaf is not an ELAN file .*expected an .eaf that ELAN can open"):
        read_elan(tmp_path / "film.eaf")


@pytest.mark.parametrize(("times", "got"), [((5, 1), r"5.0 and 1.0"), ((-2, 1), r"-2.0 and 1.0")])
def test_an_annotation_without_a_span_is_refused_by_its_place(tmp_path, times, got):
    write_elan(tmp_path / "film.eaf", {"shots": SHOTS})
    document = ElementTree.parse(tmp_path / "film.eaf")
    for slot, time in zip(document.findall(".//TIME_SLOT")[2:4], times, strict=True):
        slot.set("TIME_VALUE", str(time * 1000))
    document.write(tmp_path / "film.eaf")
    message = rf"film.eaf must have no row without.*; got {got} in annotation 2 of the tier shots, 'transition=cut'"
    with pytest.raises(DataError, match=message):
        read_elan(tmp_path / "film.eaf")


def test_what_is_written_can_be_read_however_long_it_lasts(tmp_path):
    for end, message in ((1e300, r"shots must end before 9.*e\+12 seconds.*; got 1e\+300"), (2**53 / 1000, r"got 9.*")):
        with pytest.raises(ParameterError, match=message):
            write_elan(tmp_path / "film.eaf", {"shots": spans((0, end))})
    with pytest.raises(ParameterError, match=r"shots must end before 9.*e\+06 seconds, where 1e\+09 units a second"):
        write_timeline(tmp_path / "film.otio", {"shots": spans((0, 1e300))}, fps=1e9)
    assert list(tmp_path.iterdir()) == []
    same(read_elan(write_elan(tmp_path / "film.eaf", {"shots": spans((0, 9e12))}))["shots"], spans((0, 9e12)))


# OpenTimelineIO


def test_tables_come_back_from_otio_the_same(tmp_path, tables, film):
    write_timeline(tmp_path / "film.otio", tables, fps=FPS, film=film.path)
    back = read_timeline(tmp_path / "film.otio")
    assert list(back) == list(tables)
    for name, table in tables.items():
        same(back[name], table.sort_values("start", ignore_index=True))


def test_clips_lie_where_the_film_shows_them(tmp_path, film):
    write_timeline(tmp_path / "film.otio", {"marks": spans((1, 2), (5, 6.5))}, fps=25, film=film.path)
    timeline = otio.adapters.read_from_file(str(tmp_path / "film.otio"))
    (track,) = timeline.video_tracks()
    for clip, frames in zip(track.find_clips(), [(25, 25), (125, 37)], strict=True):
        inside = clip.range_in_parent()
        assert (inside.start_time.value, inside.duration.value) in [frames, (125, 38)]
        assert inside.start_time == clip.source_range.start_time
        assert clip.media_reference.target_url == film.path.resolve().as_uri()


def test_what_was_moved_in_a_timeline_comes_back_moved(tmp_path):
    path = tmp_path / "film.otio"
    table = SHOTS.assign(start_frame=[0, 36, 54], end_frame=[36, 54, 240])
    write_timeline(path, {"shots": table, "same": table}, fps=24)
    timeline = otio.adapters.read_from_file(str(path))
    clip = list(timeline.video_tracks()[0].find_clips())[1]
    clip.source_range = otio.opentime.TimeRange(otio.opentime.RationalTime(40, 24), otio.opentime.RationalTime(14, 24))
    otio.adapters.write_to_file(timeline, str(path))
    back = read_timeline(path)
    assert back["shots"]["start"].tolist() == [0, 40 / 24, 2.25]
    assert back["shots"]["transition"].tolist() == ["start", "cut", "dissolve"]
    assert "start_frame" not in back["shots"].columns
    same(back["same"], table)


def test_what_was_corrected_by_the_name_of_a_clip_comes_back(tmp_path):
    path = tmp_path / "film.otio"
    table = SHOTS.assign(start_frame=[0, 36, 54], share=[0.1, math.nan, 1 / 3])
    write_timeline(path, {"shots": table}, fps=24)
    timeline = otio.adapters.read_from_file(str(path))
    clips = list(timeline.find_clips())
    clips[1].name = clips[1].name.replace("cut", "fade")
    # as an editing program may name a clip
    clips[2].name = "film.mp4"
    otio.adapters.write_to_file(timeline, str(path))
    same(read_timeline(path)["shots"], table.assign(transition=["start", "fade", "dissolve"]))


def test_a_timeline_of_any_rate_keeps_seconds_and_moves_by_frames(tmp_path):
    # such as the mean rate of a film whose frames are not evenly spaced
    path, fps = tmp_path / "film.otio", 23.607
    table = spans((0.037, 1.5113), (1.5113, 3.7))
    write_timeline(path, {"shots": table}, fps=fps)
    same(read_timeline(path)["shots"], table)
    timeline = otio.adapters.read_from_file(str(path))
    for clip in timeline.find_clips():
        clip.source_range = otio.opentime.TimeRange(
            clip.source_range.start_time + otio.opentime.RationalTime(2, fps), clip.source_range.duration
        )
    otio.adapters.write_to_file(timeline, str(path))
    same(read_timeline(path)["shots"], table + 2 / fps, atol=0.501 / fps, rtol=0)


def test_a_timeline_from_elsewhere_is_read(tmp_path):
    timeline = otio.schema.Timeline("cut")
    track = otio.schema.Track("V1", kind="Video")
    span = otio.opentime.TimeRange(otio.opentime.RationalTime(50, 25), otio.opentime.RationalTime(25, 25))
    track.append(otio.schema.Clip("a clip", source_range=span))
    timeline.tracks.append(track)
    otio.adapters.write_to_file(timeline, str(tmp_path / "own.otio"))
    assert read_timeline(tmp_path / "own.otio")["V1"].to_dict("list") == {"start": [2], "end": [3], "text": ["a clip"]}


@pytest.mark.parametrize("fps", [23.976, 24, 25, 29.97, 30, 50, 59.94, 60])
def test_tables_come_back_from_edl_to_the_frame(tmp_path, tables, film, fps):
    for name in ("shots", "setups", "scenes", "subtitles"):
        path = tmp_path / f"{name}.edl"
        write_timeline(path, {name: tables[name]}, fps=fps, film=film.path)
        same(read_timeline(path, fps=fps)[name], own(tables[name]), atol=0.502 / fps, rtol=0)


def test_dialogues_go_to_edl_where_none_overlap(tmp_path, film):
    labels = np.repeat(film.setups, film.shots["end_frame"] - film.shots["start_frame"])
    times = np.arange(len(labels)) / FPS
    found = {
        overlaps: find_dialogues(labels, times=times, inserts=1, max_gap=1000, overlaps=overlaps)
        for overlaps in ("keep", "longest")
    }
    path = tmp_path / "dialogues.edl"
    with pytest.raises(ParameterError, match=r'rows that overlap, as those of d do.*overlaps="longest"'):
        write_timeline(path, {"d": found["keep"]}, fps=FPS)
    assert not path.exists()
    write_timeline(path, {"dialogues": found["longest"]}, fps=FPS)
    expected = own(found["longest"]).sort_values("start", ignore_index=True)
    same(read_timeline(path, fps=FPS)["dialogues"], expected, atol=1e-9, rtol=0)


@pytest.mark.parametrize("name", ["a film, with spaces (1922).mp4", "映画.mkv", "x.mp4", "BLACK.mp4", "bars.mkv"])
def test_a_film_of_any_name_goes_to_edl(tmp_path, name):
    write_timeline(tmp_path / "shots.edl", {"shots": SHOTS}, fps=24, film=tmp_path / name)
    same(read_timeline(tmp_path / "shots.edl", fps=24)["shots"], SHOTS)


def test_a_whole_films_cuts_fit_an_edl(tmp_path):
    edges = np.arange(1501) * 4.0
    write_timeline(tmp_path / "shots.edl", {"shots": spans(*zip(edges[:-1], edges[1:], strict=True))}, fps=25)
    back = read_timeline(tmp_path / "shots.edl", fps=25)["shots"]
    assert np.array_equal(back["start"], edges[:-1])


def test_a_corrected_edl_comes_back(tmp_path):
    path = tmp_path / "shots.edl"
    write_timeline(path, {"shots": SHOTS}, fps=24)
    path.write_text(path.read_text().replace("00:00:01:12", "00:00:01:18").replace("transition=cut", "transition=fade"))
    back = read_timeline(path, fps=24)["shots"]
    assert back["start"].tolist() == [0, 1.75, 2.25]
    assert back["transition"].tolist() == ["start", "fade", "dissolve"]


def test_an_edl_may_be_corrected_where_it_tells_of_the_film_alone(tmp_path):
    path = tmp_path / "shots.edl"
    write_timeline(path, {"shots": SHOTS}, fps=24)
    lines = path.read_text().splitlines()
    (line,) = (number for number, text in enumerate(lines) if text.startswith("002"))
    lines[line] = lines[line].replace("00:00:01:12", "00:00:01:18", 1)
    path.write_text("\n".join(lines) + "\n")
    assert read_timeline(path, fps=24)["shots"]["start"].tolist() == [0, 1.75, 2.25]


@pytest.mark.parametrize("fps", [24000 / 1001, 30000 / 1001, 23.98])
def test_timecodes_count_whole_frames_where_a_second_has_no_whole_number(tmp_path, fps):
    # an hour of timecode at 23.976 frames a second is 3.6 seconds longer than an hour
    table = spans((0, 1001), (1001, 3003))
    write_timeline(tmp_path / "shots.edl", {"shots": table}, fps=fps)
    same(read_timeline(tmp_path / "shots.edl", fps=fps)["shots"], table)
    if fps < 24:
        assert "00:16:40:00 00:50:00:00" in (tmp_path / "shots.edl").read_text()


def test_a_table_without_rows_is_a_tier_or_track_without_rows(tmp_path):
    write_elan(tmp_path / "film.eaf", {"shots": SHOTS[:0]})
    write_timeline(tmp_path / "film.otio", {"shots": SHOTS[:0]}, fps=24)
    for tables in (read_elan(tmp_path / "film.eaf"), read_timeline(tmp_path / "film.otio")):
        assert tables["shots"].columns.tolist() == ["start", "end"]
        assert len(tables["shots"]) == 0
    with pytest.raises(ParameterError, match=r"an .edl holds one row at least; shots has none"):
        write_timeline(tmp_path / "film.edl", {"shots": SHOTS[:0]}, fps=24)


def test_a_row_lasts_a_frame_at_least(tmp_path):
    table = spans((1, 1), (1, 1.01), (1.02, 2))
    write_timeline(tmp_path / "marks.otio", {"marks": table}, fps=24)
    tracks = otio.adapters.read_from_file(str(tmp_path / "marks.otio")).video_tracks()
    lengths = [clip.source_range.duration.value for track in tracks for clip in track.find_clips()]
    assert sorted(lengths) == [1, 1, 24]


@settings(max_examples=50)
@given(
    st.lists(st.tuples(st.floats(0, 100), st.floats(0, 10)), max_size=12),
    st.sampled_from([24.0, 25.0, 30000 / 1001]),
)
def test_no_row_is_lost_in_any_form(tmp_path_factory, rows, fps):
    folder = tmp_path_factory.getbasetemp()
    table = spans(*((start, start + length) for start, length in rows), place=[f"p{n}" for n in range(len(rows))])
    write_elan(folder / "rows.eaf", {"rows": table})
    write_timeline(folder / "rows.otio", {"rows": table}, fps=fps)
    ordered = table.sort_values("start", kind="stable", ignore_index=True)
    same(read_timeline(folder / "rows.otio")["rows"], ordered if rows else ordered[["start", "end"]], check_dtype=False)
    back = read_elan(folder / "rows.eaf")["rows"]
    assert sorted(back.get("place", [])) == sorted(table["place"])


@pytest.mark.parametrize(("name", "options"), [("film.otio", {}), ("film.edl", {"fps": 24})])
@pytest.mark.parametrize("content", [b"", b"{", b'{"a": 1}', b"001  x V C 00:00 00:00", b"\xff\0\1"])
def test_what_is_no_timeline_is_refused(tmp_path, name, options, content):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(DataError, match=rf"{name} (cannot be read as a timeline|is empty)"):
        read_timeline(tmp_path / name, **options)


def broken_timeline(path, change):
    """Write a timeline whose JSON was changed."""
    write_timeline(path, {"shots": SHOTS}, fps=24)
    content = json.loads(path.read_text())
    change(content, content["tracks"]["children"][0]["children"])
    path.write_text(json.dumps(content))


@pytest.mark.parametrize("depth", [501, 50_000, 1_000_000])
@pytest.mark.parametrize("closed", [True, False])
def test_a_timeline_of_nested_brackets_is_refused(tmp_path, depth, closed):
    # OpenTimelineIO itself would end the process
    path = tmp_path / "film.otio"
    for before, after in (("", ""), ('{"OTIO_SCHEMA": "Timeline.1", "metadata": {"a": ', "}}")):
        path.write_text(before + "[" * depth + "]" * depth * closed + after * closed)
        with pytest.raises(DataError, match=r"film.otio cannot be read as a timeline"):
            read_timeline(path)


def test_a_timeline_may_be_nested_as_programs_do(tmp_path):
    path = tmp_path / "film.otio"
    stack = otio.schema.Stack()
    inner = otio.schema.Track("inner", kind="Video")
    span = otio.opentime.TimeRange(otio.opentime.RationalTime(50, 25), otio.opentime.RationalTime(25, 25))
    inner.append(otio.schema.Clip("a clip", source_range=span))
    stack.append(inner)
    timeline = otio.schema.Timeline("cut")
    for _ in range(20):
        track, outer = otio.schema.Track("V1", kind="Video"), otio.schema.Stack()
        track.append(stack)
        outer.append(track)
        stack = outer
    timeline.tracks.append(track.deepcopy())
    otio.adapters.write_to_file(timeline, str(path))
    assert read_timeline(path)["V1"].to_dict("list") == {"start": [2], "end": [3], "text": ["a clip"]}


def test_a_timeline_that_holds_itself_is_refused(tmp_path):
    def change(content, clips):
        content["tracks"]["OTIO_REF_ID"] = "S1"
        clips.append({"OTIO_SCHEMA": "SerializableObjectRef.1", "id": "S1"})

    broken_timeline(tmp_path / "film.otio", change)
    with pytest.raises(
        DataError, match=r"film.otio cannot be read as a timeline \(a track or clip stands at two places"
    ):
        read_timeline(tmp_path / "film.otio")


def test_a_timeline_too_large_to_be_one_is_refused(tmp_path, monkeypatch):
    path = tmp_path / "film.otio"
    write_timeline(path, {"shots": SHOTS}, fps=24)
    monkeypatch.setattr(timelines, "LARGEST_FILE", path.stat().st_size)
    read_timeline(path)
    with pytest.raises(ParameterError, match=r"an .otio holds 0 MiB at most; shots, same have more rows"):
        write_timeline(path, {"shots": SHOTS, "same": SHOTS}, fps=24)
    monkeypatch.setattr(timelines, "LARGEST_FILE", path.stat().st_size - 1)
    with pytest.raises(DataError, match=r"film.otio is larger than 0 MiB, too large for a timeline"):
        read_timeline(path)


@pytest.mark.parametrize(
    ("start", "duration", "rate", "got"),
    [
        (24, -12, 24, r"1.0 and 0.5"),
        (-24, 48, 24, r"-1.0 and 1.0"),
        (24, 24, math.nan, r"nan and nan"),
        (24, 24, 0, r"\w+ and \w+"),
        (math.inf, 24, 24, r"inf and inf"),
    ],
)
@pytest.mark.parametrize("ours", [True, False])
def test_a_clip_without_a_span_is_refused_by_its_place(tmp_path, start, duration, rate, got, ours):
    def change(_, clips):
        for name, value in (("start_time", start), ("duration", duration)):
            clips[1]["source_range"][name] |= {"value": value, "rate": rate}
        clips[1]["metadata"] = clips[1]["metadata"] if ours else {}

    broken_timeline(tmp_path / "film.otio", change)
    message = rf"film.otio must have no row without.*; got {got} in clip 2 of the track shots, 'transition=cut'"
    with pytest.raises(DataError, match=message):
        read_timeline(tmp_path / "film.otio")


@pytest.mark.parametrize(
    "row", [{"start": 3, "end": 2}, {"start": None, "end": 1}, {"end": 1}, {"start": "0", "end": 1}]
)
def test_a_row_kept_in_a_timeline_has_a_span(tmp_path, row):
    def change(_, clips):
        clips[1]["metadata"]["film_toolkit"]["row"] = json.dumps(row)

    broken_timeline(tmp_path / "film.otio", change)
    with pytest.raises(DataError, match=r"must have no row without.* in clip 2 of the track shots"):
        read_timeline(tmp_path / "film.otio")


def test_an_edl_that_runs_backwards_is_refused(tmp_path):
    times = "00:00:02:00 00:00:01:00 00:00:00:00 00:00:01:00"
    (tmp_path / "cut.edl").write_text(f"TITLE: x\n001  AX V C {times}\n* FROM CLIP NAME: setup=1\n")
    with pytest.raises(
        DataError, match=r"cut.edl must have no row.*; got 2.0 and 1.0 in clip 1 of the track V, 'setup=1'"
    ):
        read_timeline(tmp_path / "cut.edl", fps=25)


def test_a_dissolve_without_a_name_tells_nothing(tmp_path):
    path = tmp_path / "cut.edl"
    cut = "TITLE: x\n001 AX V C 00:00:00:00 00:00:02:00 00:00:00:00 00:00:02:00\n"
    dissolve = "002 AX V D 010 00:00:05:00 00:00:07:00 00:00:02:00 00:00:04:00\n"
    path.write_text(cut + dissolve)
    same(read_timeline(path, fps=25)["cut"], spans((0, 2), (5, 7)))
    # as against what someone has named so
    path.write_text(cut + dissolve + "* FROM CLIP NAME: None\n")
    assert read_timeline(path, fps=25)["cut"]["text"].dropna().tolist() == ["None"]


# what is refused by all


@pytest.mark.parametrize(
    ("table", "message"),
    [
        (pd.DataFrame({"start": [0.0]}), r"shots must have start and end in seconds; end is missing"),
        (spans((0, 1), (math.nan, 2)), r"got nan and 2 in row 1. find_dialogues knows seconds where"),
        (spans((-1, 1)), r"a start from 0 and an end not before it, in seconds; got -1 and 1 in row 0$"),
        (spans((3, 2)), r"got 3 and 2 in row 0"),
        (spans((0, math.inf)), r"got 0 and inf in row 0"),
        (pd.DataFrame({"start": ["a"], "end": ["b"]}), r"got what is not a number"),
        (spans((0, 1)).assign(**{"a;b": [1]}), r"without = ; and quotes in their names, .*; got 'a;b'"),
        (spans((0, 1)).assign(**{" a": [1]}), r"without tabs, line breaks and spaces around them; got ' a'"),
        ([(0, 1)], r"shots must be a table"),
    ],
)
def test_tables_without_spans_are_refused(tmp_path, table, message):
    with pytest.raises(ParameterError, match=message):
        write_elan(tmp_path / "film.eaf", {"shots": table})
    with pytest.raises(ParameterError, match=message):
        write_timeline(tmp_path / "film.otio", {"shots": table}, fps=24)


@pytest.mark.parametrize("tables", [SHOTS, {}, None, {1: SHOTS}, {"": SHOTS}])
def test_tables_come_by_name(tmp_path, tables):
    with pytest.raises(ParameterError, match=r"tables must be a dict of tables by their names"):
        write_elan(tmp_path / "film.eaf", tables)


@pytest.mark.parametrize("path", ["film.csv", "film", 3, None])
def test_a_files_ending_tells_its_form(path):
    with pytest.raises(ParameterError, match=r"path must be that of a .eaf file; got"):
        write_elan(path, {"shots": SHOTS})
    with pytest.raises(ParameterError, match=r"path must be that of a .otio or .edl file; got"):
        write_timeline(path, {"shots": SHOTS}, fps=24)


def test_what_an_edl_cannot_hold_is_refused(tmp_path):
    path = tmp_path / "film.edl"
    with pytest.raises(ParameterError, match=r"an .edl holds one table; got 2: shots, scenes"):
        write_timeline(path, {"shots": SHOTS, "scenes": SHOTS}, fps=24)
    with pytest.raises(ParameterError, match=r"fps must be a rate that timecodes have.*got 12.3. Write an .otio"):
        write_timeline(path, {"shots": SHOTS}, fps=12.3)
    with pytest.raises(ParameterError, match=r"fps must be a finite number above 0"):
        write_timeline(path, {"shots": SHOTS}, fps=0)
    write_timeline(path, {"shots": SHOTS}, fps=24)
    with pytest.raises(ParameterError, match=r"fps must be given for an .edl"):
        read_timeline(path)
    write_timeline(tmp_path / "film.otio", {"shots": SHOTS}, fps=12.3)
    with pytest.raises(ParameterError, match=r"fps is told by the .otio itself"):
        read_timeline(tmp_path / "film.otio", fps=24)


@pytest.mark.parametrize("name", ["dialogues (2)", "shots\x01"])
def test_names_that_files_cannot_keep_apart_are_refused(tmp_path, name):
    with pytest.raises(ParameterError, match=r"tables must have printable names that do not end like \(2\)"):
        write_elan(tmp_path / "film.eaf", {name: SHOTS})


@pytest.mark.parametrize(
    ("fps", "end"),
    [(24, 86400), (25, 86399.999), (24000 / 1001, 86486.4), (30000 / 1001, 86399.92), (25, 3 * 86400 + 5), (24, 1e9)],
)
def test_an_edl_counts_no_further_than_a_day(tmp_path, fps, end):
    path = tmp_path / "film.edl"
    with pytest.raises(ParameterError, match=r"an .edl counts to 24 hours; shots goes on for longer"):
        write_timeline(path, {"shots": spans((0, end))}, fps=fps)
    assert not path.exists()
    if end < 86500:
        table = spans((0, end - 1.5 / fps))
        write_timeline(path, {"shots": table}, fps=fps)
        same(read_timeline(path, fps=fps)["film"], table, atol=0.51 / fps, rtol=0)


def test_what_is_no_file_is_refused(tmp_path):
    for read in (read_csv, read_elan, read_timeline):
        with pytest.raises(DataError, match=r"none.otio does not exist; expected the path of a file"):
            read(tmp_path / "none.otio")
        with pytest.raises(DataError, match=r"is a folder"):
            read(tmp_path)
        with pytest.raises(DataError, match=r"named by its path; got None"):
            read(None)
    with pytest.raises(ParameterError, match=r"cannot write .*nowhere.*; create it first"):
        write_elan(tmp_path / "nowhere" / "film.eaf", {"shots": SHOTS})


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
    with pytest.raises(ParameterError, match=r"table must have start and end in seconds"):
        add_frames(pd.DataFrame({"a": [1]}), [0, 1])
