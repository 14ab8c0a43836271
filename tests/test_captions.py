"""Captions from tables and JSON of many makes."""

import json

import pytest

from toolkit import DataError
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
        ("c.csv", "film,caption\nv,x\n", "must have a column that names the video, such as video_id; its first line"),
        ("c.csv", "video,words\nv,x\n", "must have a column of captions, .*names video, words. Name it: captions="),
        ("c.csv", "video,caption\n", "holds no captions"),
        ("c.csv", "", "is empty"),
        ("c.csv", "video,caption\nv,a man, a dog\n", "has 3 values in row 2, but 2 columns"),
        ("c.json", '{"v": ["x"}', "is no JSON, or broken"),
        ("c.json", "[" * 100_000, "is no JSON, or broken"),
        ("c.json", "7", "must hold a dict or a list of captions; got int"),
        ("c.json", '["x"]', "must hold a list of dicts .* got str as number 0"),
        ("c.json", '[{"video": "v", "caption": "x"}, {"video": "v"}]', "number 1 has video. Name them: video="),
        ("c.json", '[{"video": ["v"], "caption": "x"}]', r"must name each video with a text or a whole number; got \["),
        ("c.json", '{"v": {"words": 1}}', "must have captions for 'v'; got a dict of words"),
        ("c.json", '{"v": true}', "must have captions that are texts; got True for 'v'"),
        ("c.json", "{}", "holds no captions"),
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
