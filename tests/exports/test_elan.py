"""ELAN files written and read, and what is edited in between."""

import math
import xml.etree.ElementTree as ElementTree

import numpy as np
import pandas as pd
import pympi
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from span_tables import SHOTS, own, same, spans

from toolkit import DataError, ParameterError
from toolkit.exports import (
    read_elan,
    read_table,
    read_timeline,
    write_elan,
    write_table,
    write_timeline,
)
from toolkit.tables import read_csv


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


def test_a_table_without_rows_is_a_tier_or_track_without_rows(tmp_path):
    write_elan(tmp_path / "film.eaf", {"shots": SHOTS[:0]})
    write_timeline(tmp_path / "film.otio", {"shots": SHOTS[:0]}, fps=24)
    for tables in (read_elan(tmp_path / "film.eaf"), read_timeline(tmp_path / "film.otio")):
        assert tables["shots"].columns.tolist() == ["start", "end"]
        assert len(tables["shots"]) == 0
    with pytest.raises(ParameterError, match=r"an .edl holds one row at least; shots has none"):
        write_timeline(tmp_path / "film.edl", {"shots": SHOTS[:0]}, fps=24)


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


# what is refused by all


@pytest.mark.parametrize(
    ("table", "message"),
    [
        (
            pd.DataFrame({"start": [0.0]}),
            r"shots must be a table with the columns start and end.*; got the columns start",
        ),
        (spans((0, 1), (math.nan, 2)), r"got nan to 2 in row 1. Was it made .* find_dialogues takes times="),
        (spans((-1, 1)), r"in seconds, from 0 on; got -1 to 1 in row 0$"),
        (spans((3, 2)), r"got 3 to 2 in row 0"),
        (spans((0, math.inf)), r"got 0 to inf in row 0"),
        (pd.DataFrame({"start": ["a"], "end": ["b"]}), r"with what is not a number"),
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


@pytest.mark.parametrize("name", ["dialogues (2)", "shots\x01"])
def test_names_that_files_cannot_keep_apart_are_refused(tmp_path, name):
    with pytest.raises(ParameterError, match=r"tables must have printable names that do not end like \(2\)"):
        write_elan(tmp_path / "film.eaf", {name: SHOTS})


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
