"""Tables of spans read as spreadsheets and people write them."""

import math

import numpy as np
import pytest
from span_tables import SHOTS, same

from toolkit import DataError
from toolkit.tables import read_csv
from toolkit.tables.lines import read_line


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


def test_a_few_zero_bytes_are_damage_and_not_utf_16(tmp_path):
    path = tmp_path / "shots.csv"
    path.write_bytes(b"s\0art,end\n0,1\n1,2\n")
    with pytest.raises(DataError, match="is not a table of comma-separated values"):
        read_csv(path)


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


def test_a_number_too_great_is_no_number(tmp_path):
    (tmp_path / "shots.csv").write_text("start,end,a,b,c\n0,1,1e999,[1e999],inf\n")
    assert read_csv(tmp_path / "shots.csv").iloc[0, 2:].tolist() == ["1e999", "[1e999]", math.inf]
    assert read_line("a=1e999; b=[1e999]") == {"a": "1e999", "b": "[1e999]"}
