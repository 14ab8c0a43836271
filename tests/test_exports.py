import math
import xml.etree.ElementTree as ElementTree

import numpy as np
import opentimelineio as otio
import pandas as pd
import pympi
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from toolkit import DataError, ParameterError, samples, storage
from toolkit._csv_tables import printable
from toolkit.dialogue import find_dialogues
from toolkit.exports import (
    add_frames,
    read_csv,
    read_elan,
    read_table,
    read_timeline,
    write_elan,
    write_table,
    write_timeline,
)
from toolkit.subtitles import read_subtitles

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


@pytest.mark.parametrize("number", ["1,234", "1,5.5", "1_000", "0:01", "01. Mai", "nan", "inf", "1.5s"])
def test_what_may_be_another_number_is_no_number(tmp_path, number):
    (tmp_path / "shots.csv").write_text(f'start,end\n0,"{number}"\n')
    with pytest.raises(DataError, match=rf"must have seconds in the column end; got '{number}' in row 2"):
        read_csv(tmp_path / "shots.csv")


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
        (b"start,end,start_frame\n0,1,x\n", r"must have a frame's number in the column start_frame; got 'x' in row 2"),
        (b"start,end\n0,1\n3,2\n", r"must have no row that ends before it starts; got 3 and 2 in row 3"),
        (b"start,start,end\n0,0,1\n", r"must name each column once"),
        (b"start,,end\n0,0,1\n", r"must name each column once"),
        (b"start,end\n0,1,2\n", r"has 3 values in row 2, but 2 columns"),
        (b"begin,end\n0,1\n", r"lacks the column start"),
        (b'start,end\n"0,1\n', r"is not a table of comma-separated values \(unexpected end of data\)"),
        (b"PK\x03\x04\0\0start,end", r"was it saved as CSV, not as a spreadsheet"),
    ],
)
def test_a_csv_that_is_no_table_is_refused(tmp_path, content, message):
    (tmp_path / "shots.csv").write_bytes(content)
    with pytest.raises(DataError, match=message):
        read_table(tmp_path, "shots")


@pytest.mark.parametrize("name", ["", "../shots", "a/b", "shots.csv", "shots.corrected", 3, None])
def test_a_name_is_no_path(tmp_path, name):
    for call in (lambda: write_table(tmp_path, name, SHOTS), lambda: read_table(tmp_path, name)):
        with pytest.raises(ParameterError, match="name must be a table's name without folder or ending"):
            call()


def test_what_is_no_table_is_refused(tmp_path):
    with pytest.raises(ParameterError, match=r"shots must be a table \(pandas.DataFrame\); got list"):
        write_table(tmp_path, "shots", [1, 2])
    with pytest.raises(ParameterError, match=r"shots must have columns with names, each once"):
        write_table(tmp_path, "shots", pd.DataFrame([[1, 2]], columns=["a", "a"]))


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


def test_nothing_is_left_when_writing_fails(tmp_path, monkeypatch):
    def fail(*_):
        raise OSError("no space left on device")

    monkeypatch.setattr(storage.os, "fsync", fail)
    for name, write in (("film.eaf", write_elan), ("film.otio", write_timeline), ("film.edl", write_timeline)):
        options = {} if write is write_elan else {"fps": 24}
        with pytest.raises(OSError, match="no space"):
            write(tmp_path / name, {"shots": SHOTS}, **options)
    with pytest.raises(OSError, match="no space"):
        write_table(tmp_path, "shots", SHOTS)
    assert list(tmp_path.iterdir()) == []


def test_nothing_lies_beside_what_is_written_twice(tmp_path):
    for _ in range(2):
        write_elan(tmp_path / "film.eaf", {"shots": SHOTS})
        write_timeline(tmp_path / "film.otio", {"shots": SHOTS}, fps=24)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["film.eaf", "film.otio"]


@pytest.mark.parametrize(
    "content", [b"", b"<a", b"<?xml version='1.0'?><html/>", b"hello", b"\0\1\2", b"<ANNOTATION_DOCUMENT/>"]
)
def test_what_is_no_elan_file_is_refused(tmp_path, content):
    (tmp_path / "film.eaf").write_bytes(content)
    with pytest.raises(DataError, match=r"film.eaf is not an ELAN file .*expected an .eaf that ELAN can open"):
        read_elan(tmp_path / "film.eaf")


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
        (spans((0, 1)).assign(**{"a;b": [1]}), r"without = ; and quotes in their names; got 'a;b'"),
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


def test_an_edl_counts_no_further_than_a_day(tmp_path):
    with pytest.raises(ParameterError, match=r"an .edl counts to 24 hours; shots goes on for longer"):
        write_timeline(tmp_path / "film.edl", {"shots": spans((0, 86400))}, fps=24)


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
