"""Timelines and edit decision lists written and read, and what is edited in between."""

import json
import math

import numpy as np
import opentimelineio as otio
import pandas as pd
import pytest
from span_tables import FPS, SHOTS, own, same, spans

from toolkit import DataError, ParameterError
from toolkit.dialogue import find_dialogues
from toolkit.exports import (
    read_timeline,
    timelines,
    write_timeline,
)


def test_whole_numbers_stay_whole_in_a_timeline(tmp_path):
    table = spans((0, 1), (1, 2), speaker_a=pd.array([3, None], dtype="Int64"), start_frame=[0, np.nan])
    write_timeline(tmp_path / "film.otio", {"dialogues": table}, fps=24)
    same(read_timeline(tmp_path / "film.otio")["dialogues"], table)


# files that were edited by hand


def edit_timeline(path, change):
    timeline = otio.adapters.read_from_file(str(path))
    change(timeline)
    otio.adapters.write_to_file(timeline, str(path))


def rename_clip(timeline):
    next(iter(timeline.find_clips())).name = "transition=fade"


def add_marker(timeline):
    next(iter(timeline.find_clips())).markers.append(otio.schema.Marker("here"))


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


def test_a_row_lasts_a_frame_at_least(tmp_path):
    table = spans((1, 1), (1, 1.01), (1.02, 2))
    write_timeline(tmp_path / "marks.otio", {"marks": table}, fps=24)
    tracks = otio.adapters.read_from_file(str(tmp_path / "marks.otio")).video_tracks()
    lengths = [clip.source_range.duration.value for track in tracks for clip in track.find_clips()]
    assert sorted(lengths) == [1, 1, 24]


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
    monkeypatch.setattr(timelines, "MAX_FILE_BYTES", path.stat().st_size)
    read_timeline(path)
    with pytest.raises(ParameterError, match=r"an .otio holds 0 MiB at most; shots, same have more rows"):
        write_timeline(path, {"shots": SHOTS, "same": SHOTS}, fps=24)
    monkeypatch.setattr(timelines, "MAX_FILE_BYTES", path.stat().st_size - 1)
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
