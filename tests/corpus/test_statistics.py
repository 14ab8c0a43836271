"""What the files of videos hold."""

import json
import shutil

import pytest
from corpus_runs import embed

from toolkit import ParameterError, corpus


def test_stats_tell_what_each_file_holds(videos):
    captions = {"a": ["a man talks", "someone talks"], "b": ["a dog"]}
    table = corpus.video_stats(videos, captions, progress=False).set_index("video_id")
    assert table.index.tolist() == ["a", "b", "broken", "c", "empty", "single", "sound"]
    assert table.loc["a", ["duration", "width", "height", "fps", "frames", "codec"]].tolist() == [
        *(1.0, 64, 48, 24.0, 24, "h264")
    ]
    assert not table["has_audio"]["a"]
    assert table["captions"].tolist() == [2, 1, 0, 0, 0, 0, 0]
    assert table.index[table["error"] != ""].tolist() == ["broken", "empty", "sound"]
    assert table["duration"].isna().tolist() == [False, False, True, False, True, False, True]
    assert table["width"].sum() == 4 * 64
    assert "cannot be read as a film" in table["error"]["broken"]
    assert corpus.video_stats([videos / "a.mp4"], progress=False)["captions"].isna().all()


def test_stats_and_captions_are_of_the_names_that_embeddings_have(videos, tmp_path):
    for name in ("one", "two"):
        (videos / name).mkdir()
        shutil.copy(videos / "a.mp4", videos / name / "same.mp4")
    embed([videos / "one" / "same.mp4"], tmp_path / "out")
    table = embed([videos / "one" / "same.mp4", videos / "two" / "same.mp4", videos / "empty.mp4"], tmp_path / "out")
    assert table["video_id"].tolist() == ["same", "two/same", "empty"]
    told = {"one/same.mp4": ["x"], "two/same.mp4": ["y", "z"]}
    (tmp_path / "captions.json").write_text(json.dumps(told))
    captions = corpus.load_captions(tmp_path / "captions.json", videos=table)
    assert captions == {"same": ["x"], "two/same": ["y", "z"]}
    by_id = table.set_index("video_id")
    for paths in (table, by_id, by_id["video"], by_id["video"].to_dict()):
        stats = corpus.video_stats(paths, captions, progress=False)
        assert stats["video_id"].tolist() == ["same", "two/same", "empty"]
        assert stats["video"].tolist() == table["video"].tolist()
        assert stats["captions"].tolist() == [1, 2, 0]
    with pytest.raises(ParameterError, match="paths must name at least one video; got none"):
        corpus.video_stats({})
    # a column of paths is a sequence of them
    assert corpus.video_stats(table["video"], progress=False)["video_id"].tolist() == ["one/same", "two/same", "empty"]


@pytest.mark.parametrize("told", [None, "hello", [5]])
def test_captions_of_stats_are_lists_of_texts(videos, told):
    with pytest.raises(ParameterError, match="captions of 'a' must be a list of texts; got"):
        corpus.video_stats([videos / "a.mp4"], {"a": told}, progress=False)


def test_captions_of_stats_are_a_dict(videos):
    with pytest.raises(ParameterError, match="captions must be a dict of video_id to captions; got list"):
        corpus.video_stats(videos, ["a"])
