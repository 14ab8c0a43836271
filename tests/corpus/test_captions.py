"""Captions from tables and JSON of many makes."""

import csv
import json
import time
from contextlib import nullcontext

import pytest

from toolkit import DataError, ParameterError
from toolkit.corpus import load_captions

TWO = {"video1": ["a man talks", "someone is talking"], "video2": ["a dog"]}


@pytest.mark.parametrize(
    "text",
    [
        "video_id,caption\nvideo1,a man talks\nvideo1,someone is talking\nvideo2,a dog\n",
        "Video ID;Description\nvideo1;a man talks\nvideo1;someone is talking\nvideo2;a dog\n",
        "key\tvid_key\tvideo_id\tsentence\nret0\tmsr1\tvideo1\ta man talks\nret1\tmsr1\tvideo1\tsomeone is talking\n"
        "ret2\tmsr2\tvideo2\ta dog\n",
        "video,caption_1,caption_2\nvideo1,a man talks,someone is talking\nvideo2.mp4,a dog,a dog\n".replace(
            "a dog,a dog", "a dog,"
        ),
        'file,captions\nclips/video1.mp4,"[""a man talks"", ""someone is talking""]"\nclips/video2.mp4,a dog\n',
        "file,captions\nC:\\clips\\video1.mp4,\"['a man talks', 'someone is talking']\"\nC:\\clips\\video2.mp4,a dog\n",
        'path,text\r\nvideo1.mkv,"a man\r\ntalks"\r\nvideo1.mkv,  someone is   talking \r\nvideo2.mkv,a dog\r\n',
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.filterwarnings("ignore:captions of .* were left out. 1 that are empty:UserWarning")
def test_tables_are_read_whatever_their_columns_are_called(tmp_path, text, encoding):
    path = tmp_path / "captions.csv"
    path.write_bytes(text.encode(encoding))
    assert load_captions(path) == TWO


@pytest.mark.parametrize(
    "value",
    [
        TWO,
        {"video1.mp4": TWO["video1"], "video2.mp4": "a dog"},
        {"video1": {"captions": TWO["video1"]}, "video2": {"captions": ["a dog"], "split": "train"}},
        {"video1": [{"caption": "a man talks"}, {"caption": "someone is talking"}], "video2": [{"caption": "a dog"}]},
        [
            {"video_id": "video1", "caption": "a man talks", "sen_id": 0},
            {"video_id": "video2", "caption": "a dog", "sen_id": 1},
            {"video_id": "video1", "caption": "someone is talking", "sen_id": 2},
        ],
        [{"video": "video1.mp4", "caption": TWO["video1"]}, {"video": "video2.mp4", "caption": ["a dog"]}],
        {"annotations": [{"image_id": name, "caption": line} for name, own in TWO.items() for line in own]},
        {"videos": [{"video_id": name, "captions": own} for name, own in TWO.items()]},
        {"videos": [], "sentences": [{"video_id": name, "caption": line} for name, own in TWO.items() for line in own]},
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_json_is_read_in_its_usual_forms(tmp_path, value, encoding):
    path = tmp_path / "captions.json"
    path.write_bytes(json.dumps(value).encode(encoding))
    assert load_captions(path) == TWO


def test_lines_of_json_are_read(tmp_path):
    path = tmp_path / "captions.jsonl"
    rows = [{"clip": name, "text": line} for name, own in TWO.items() for line in own]
    path.write_text("\n".join(json.dumps(row) for row in rows) + "\n\n")
    assert load_captions(path) == TWO


def test_other_encodings_are_read(tmp_path):
    (tmp_path / "c.csv").write_bytes("video,caption\nv,ein Café in Köln\n".encode("cp1252"))
    (tmp_path / "c.json").write_bytes('{"v": "ein Café in Köln"}'.encode("cp1252"))
    assert load_captions(tmp_path / "c.csv") == load_captions(tmp_path / "c.json") == {"v": ["ein Café in Köln"]}


def test_numbers_name_videos_too(tmp_path):
    (tmp_path / "c.json").write_text('[{"id": 7, "caption": "a dog"}, {"id": 8, "caption": 1984}]')
    assert load_captions(tmp_path / "c.json") == {"7": ["a dog"], "8": ["1984"]}
    (tmp_path / "c.csv").write_text("id,caption\n0007,a dog\n")
    assert load_captions(tmp_path / "c.csv") == {"0007": ["a dog"]}


def test_videos_of_one_name_are_called_by_their_folders(tmp_path):
    (tmp_path / "c.csv").write_text("file,caption\na/x.mp4,one\nb/x.mp4,two\na/y.mp4,three\n")
    assert load_captions(tmp_path / "c.csv") == {"a/x": ["one"], "b/x": ["two"], "y": ["three"]}


def test_a_name_with_its_ending_and_without_is_one_video(tmp_path):
    (tmp_path / "c.csv").write_text("id,caption\nvideo7.mp4,one\nvideo7,two\nvideo7.MP4,three\nvideo8,four\n")
    assert load_captions(tmp_path / "c.csv") == {"video7": ["one", "two", "three"], "video8": ["four"]}
    (tmp_path / "c.csv").write_text("id,caption\na/x.mp4,one\na/x,one\nb/x.mp4,two\n")
    with pytest.warns(UserWarning, match="1 that are there twice"):
        assert load_captions(tmp_path / "c.csv") == {"a/x": ["one"], "b/x": ["two"]}
    # of which of two it is cannot be told
    (tmp_path / "c.csv").write_text("id,caption\nx.mp4,one\nx.mkv,two\nx,three\n")
    assert load_captions(tmp_path / "c.csv") == {"x.mp4": ["one"], "x.mkv": ["two"], "x": ["three"]}


NONE = None


@pytest.mark.parametrize(
    ("names", "videos", "owners", "left"),
    [
        # a part of the videos, and a part of the captions
        (
            ["train/clip1.mp4", "test/clip1.mp4", "train/clip2.mp4"],
            {"clip1": "/v/train/clip1.mp4", "clip2": "/v/train/clip2.mp4"},
            ["clip1", NONE, "clip2"],
            "1 names",
        ),
        (
            ["train/clip1.mp4", "train/clip2.mp4"],
            {"train/clip1": "/v/train/clip1.mp4", "test/clip1": "/v/test/clip1.mp4", "clip2": "/v/train/clip2.mp4"},
            ["train/clip1", "clip2"],
            "",
        ),
        # a video beside a folder that has one of its name
        (
            ["clip1.mp4", "train/clip1.mp4"],
            {"sp/clip1": "/v/sp/clip1.mp4", "train/clip1": "/v/sp/train/clip1.mp4"},
            ["sp/clip1", "train/clip1"],
            "",
        ),
        # ids of an earlier run
        (["a/clip.mp4", "b/clip.mp4"], {"clip": "/v/a/clip.mp4", "b/clip": "/v/b/clip.mp4"}, ["clip", "b/clip"], ""),
        (["clip", "b/clip"], {"clip": "/v/a/clip.mp4", "b/clip": "/v/b/clip.mp4"}, ["clip", "b/clip"], ""),
        (["clip"], {"clip": "/v/a/clip.mp4", "b/clip": "/v/b/clip.mp4"}, ["clip"], ""),
        (["x~01234567", "_y"], {"x~01234567": "/v/x.mp4", "_y": "/v/.y.mp4"}, ["x~01234567", "_y"], ""),
        # other places, other endings, other forms of letters; capitals count
        (
            ["/theirs/all/Ka\u0308se.avi", "C:\\all\\Video7.mp4", "./a.mp4", "dr. no", "Dr. No"],
            {"Käse": "/mine/Käse.mp4", "v": "/mine/video7.mp4", "V": "/mine/Video7.mkv", "a": "a.mp4", "no": "Dr. No"},
            ["Käse", "V", "a", NONE, "no"],
            "1 names",
        ),
        (["x.mp4", "x.mkv"], {"x": "/v/x.mp4", "x.mkv": "/v/x.mkv"}, ["x", "x.mkv"], ""),
        (["x.avi", "x.mp4"], {"x": "/v/x.mp4"}, [NONE, "x"], "1 names"),
        # no one knows
        (["x"], {"x.mp4": "/v/x.mp4", "x.mkv": "/v/x.mkv"}, [NONE], "1 names"),
        (["c/x.mp4", "d/x.mp4"], {"x": "/v/x.mp4"}, [NONE, NONE], "2 names"),
        (["c/x.mp4"], {"a/x": "/a/x.mp4", "b/x": "/b/x.mp4"}, [NONE], "1 names"),
        (["a", "b", "c", "d"], {}, [NONE] * 4, "4 names .* none of the 0 videos, .*such as 'a', 'b', 'c'$"),
    ],
)
def test_captions_find_the_videos_whose_paths_end_as_they_say(tmp_path, names, videos, owners, left):
    path = tmp_path / "c.json"
    path.write_text(json.dumps([{"video": name, "caption": f"of {name}"} for name in names]))
    with pytest.warns(UserWarning, match=left) if left else nullcontext():
        found = load_captions(path, videos=videos)
    pairs = [(owner, [f"of {name}"]) for name, owner in zip(names, owners, strict=True) if owner]
    assert list(found.items()) == pairs


def test_many_captions_find_many_videos_of_one_name_soon(tmp_path):
    videos = {f"{number}/clip": f"/v/{number}/clip.mp4" for number in range(5000)}
    rows = [{"video": f"{number}/clip.mp4", "caption": "x"} for number in range(2500, 7500)]
    (tmp_path / "c.json").write_text(json.dumps(rows))
    start = time.perf_counter()
    with pytest.warns(UserWarning, match="2500 names"):
        assert load_captions(tmp_path / "c.json", videos=videos).keys() == set(list(videos)[2500:])
    # pairs of all with all would take minutes
    assert time.perf_counter() - start < 20


def test_videos_of_captions_are_paths_by_id(tmp_path):
    (tmp_path / "c.json").write_text('{"a": "x"}')
    with pytest.raises(ParameterError, match="videos must tell each video's path by its video_id: .*; got list"):
        load_captions(tmp_path / "c.json", videos=["a.mp4"])


def test_accents_are_the_same_however_they_are_written(tmp_path):
    (tmp_path / "c.json").write_text('{"Ka\\u0308se.mp4": "x", "Käse": "y"}', encoding="utf-8")
    assert load_captions(tmp_path / "c.json") == {"Käse": ["x", "y"]}


def test_lines_of_json_may_have_other_line_breaks_in_them(tmp_path):
    rows = [{"video": "a", "caption": "one\u2028two\x85three"}, {"video": "b", "caption": "four"}]
    text = "\r\n".join(json.dumps(row, ensure_ascii=False) for row in rows)
    (tmp_path / "c.jsonl").write_text(text, encoding="utf-8", newline="")
    assert load_captions(tmp_path / "c.jsonl") == {"a": ["one two three"], "b": ["four"]}


def test_a_video_that_is_named_twice_in_json_has_all_its_captions(tmp_path):
    (tmp_path / "c.json").write_text('{"a": "x", "a": ["y", "z"], "a": "w"}')
    assert load_captions(tmp_path / "c.json") == {"a": ["x", "y", "z", "w"]}


def test_captions_in_a_table_may_be_long(tmp_path):
    before = csv.field_size_limit()
    (tmp_path / "c.csv").write_text(f"video,caption\na,{'x' * 200_000}\nb,y\n")
    assert len(load_captions(tmp_path / "c.csv")["a"][0]) == 200_000
    assert csv.field_size_limit() == before


@pytest.mark.parametrize("given", [{"captions": 5}, {"captions": [5]}, {"captions": []}, {"video": 5}])
def test_columns_are_texts(tmp_path, given):
    (tmp_path / "c.csv").write_text("video,caption\nv,x\n")
    with pytest.raises(ParameterError, match="video must name a column, and captions one or a list of some; got"):
        load_captions(tmp_path / "c.csv", **given)


def test_empty_captions_and_those_that_are_there_already_are_left_out_with_their_number(tmp_path):
    (tmp_path / "c.json").write_text('{"a": ["x", " x ", "", null, "X"], "b": [" "], "c": NaN, "d": ["x"]}')
    with pytest.warns(UserWarning, match="were left out: 4 that are empty, 1 that are there twice"):
        assert load_captions(tmp_path / "c.json") == {"a": ["x", "X"], "d": ["x"]}


def test_columns_may_be_named(tmp_path):
    (tmp_path / "c.csv").write_text("film,said,thought,caption\nv,one,two,three\n")
    assert load_captions(tmp_path / "c.csv", video="film", captions=["thought", "said"]) == {"v": ["two", "one"]}
    assert load_captions(tmp_path / "c.csv", video="film", captions="said") == {"v": ["one"]}
    (tmp_path / "c.json").write_text('[{"film": "v", "said": "one"}]')
    assert load_captions(tmp_path / "c.json", video="film", captions="said") == {"v": ["one"]}


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        (
            "c.csv",
            "film,caption\nv,x\n",
            "must name its video, such as video_id; its first line has film, caption. Name it: video=",
        ),
        (
            "c.csv",
            "video,words\nv,x\n",
            "must name its captions, such as caption .*has video, words. Name them: captions=",
        ),
        ("c.csv", "video,caption\n", "holds no captions"),
        ("c.csv", "", "is empty"),
        ("c.csv", "video,caption\nv,a man, a dog\n", "has 3 values in row 2, but 2 columns"),
        ("c.json", '{"v": ["x"}', "is no JSON, or broken"),
        ("c.json", "[" * 100_000, "is no JSON, or broken"),
        ("c.json", "7", "must hold a dict or a list of captions; got int"),
        ("c.json", '["x"]', "must hold a list of dicts .* got str as number 0"),
        ("c.json", '[{"video": "v", "caption": "x"}, {"video": "v"}]', "number 1 has video. Name them: captions="),
        ("c.json", '[{"video": ["v"], "caption": "x"}]', r"must name each video with a text or a whole number; got \["),
        ("c.json", '{"v": {"words": 1}}', "must have captions for 'v'; got a dict of words"),
        ("c.json", '{"v": true}', "must have captions that are texts; got True for 'v'"),
        ("c.json", "{}", "holds no captions"),
        (
            "c.json",
            '{"videos": [{"video_id": "v"}]}',
            'must have captions, as a list "sentences" .*got a dict of videos',
        ),
        ("missing.csv", None, "does not exist"),
    ],
)
def test_what_holds_no_captions_is_told(tmp_path, name, text, message):
    if text is not None:
        (tmp_path / name).write_text(text)
    with pytest.raises(DataError, match=message):
        load_captions(tmp_path / name)


def test_a_column_that_is_named_must_be_there(tmp_path):
    (tmp_path / "c.csv").write_text("video,caption\nv,x\n")
    with pytest.raises(DataError, match="lacks the column film"):
        load_captions(tmp_path / "c.csv", video="film")
