"""MSR-VTT in the forms in which it has been published."""

import json

import pytest

from toolkit import DataError, ParameterError
from toolkit.corpus import load_captions, load_msrvtt

INFO = {"contributor": "Microsoft MSM group", "data_created": "2016-04-14 14:30:20", "version": "1.0", "year": "2016"}


def published(videos, first=0):
    """Return a JSON as MSR-VTT's makers wrote it, of videos by their split, two captions each."""
    rows, sentences = [], []
    for number, (name, split) in enumerate(videos.items(), first):
        rows.append(
            {
                "category": 9,
                "url": "https://www.youtube.com/watch?v=none",
                "video_id": name,
                "start time": 137.72,
                "end time": 149.44,
                "split": split,
                "id": number,
            }
        )
        for of_video in range(2):
            sentences.append(
                {"caption": f"caption {of_video} of {name}", "video_id": name, "sen_id": 2 * number + of_video}
            )
    return {"info": INFO, "videos": rows, "sentences": sentences[::-1]}


def captions(*names):
    return {name: [f"caption 1 of {name}", f"caption 0 of {name}"] for name in names}


TRAIN = {"video0": "train", "video1": "train", "video6513": "validate"}
TEST = {"video7010": "test", "video9770": "test"}


@pytest.fixture
def makers(tmp_path):
    """Return a folder of the two files of MSR-VTT's makers, each in a folder of its own, as they unpack."""
    for name, videos in (("train_val", TRAIN), ("test", TEST)):
        folder = tmp_path / f"{name}_annotation"
        folder.mkdir()
        (folder / f"{name}_videodatainfo.json").write_text(json.dumps(published(videos, len(TRAIN))))
        (folder / f"._{name}_videodatainfo.json").write_bytes(b"\0\5\x16\7 of a Mac")
        (folder / "category.txt").write_text("music\t0\n")
    return tmp_path


@pytest.fixture
def retold(tmp_path):
    """Return a folder of the one file, and the lists, that most retrieval papers use."""
    (tmp_path / "MSRVTT_data.json").write_text(json.dumps(published(TRAIN | TEST)))
    (tmp_path / "MSRVTT_train.9k.csv").write_text("video_id\nvideo0\nvideo6513\nvideo7010\n")
    (tmp_path / "MSRVTT_train.7k.csv").write_text("video_id\nvideo0\n")
    (tmp_path / "MSRVTT_JSFUSION_test.csv").write_text(
        "key,vid_key,video_id,sentence\nret0,msr9770,video9770,a person is connecting something to system\n"
    )
    (tmp_path / "train_list_jsfusion.txt").write_text("video1\nvideo9770\n\n")
    (tmp_path / "msrvtt_ret_test1k.json").write_text(
        json.dumps([{"video": "video9770.mp4", "caption": "a person is connecting something"}])
    )
    return tmp_path


def test_the_makers_two_files_are_one_corpus(makers):
    assert load_msrvtt(makers) == captions(*TRAIN, *TEST) | captions("video0")
    assert load_msrvtt(makers / "test_annotation") == captions(*TEST)


@pytest.mark.parametrize(("split", "names"), [("train", TRAIN.keys() - {"video6513"}), ("test", TEST.keys())])
def test_a_split_is_what_the_videos_tell(makers, split, names):
    assert load_msrvtt(makers, split=split) == captions(*names)
    assert load_msrvtt(makers, split="validate") == captions("video6513")


def test_one_file_and_its_lists_are_a_corpus_and_its_cuts(retold):
    assert load_msrvtt(retold) == captions(*TRAIN, *TEST)
    assert load_msrvtt(retold, split="train") == captions("video0", "video1")
    assert load_msrvtt(retold, split="MSRVTT_train.9k") == captions("video0", "video6513", "video7010")
    assert load_msrvtt(retold, split="MSRVTT_train.7k.csv") == captions("video0")
    assert load_msrvtt(retold, split="train_list_jsfusion") == captions("video1", "video9770")
    # lists with captions have their own
    assert load_msrvtt(retold, split="MSRVTT_JSFUSION_test") == {
        "video9770": ["a person is connecting something to system"]
    }
    assert load_msrvtt(retold, split="msrvtt_ret_test1k") == {"video9770": ["a person is connecting something"]}


def test_captions_are_of_the_videos_that_are_given(retold):
    videos = {"train/video0": "/v/train/video0.mp4", "video0": "/v/video0.mp4", "x": "/v/video1.avi"}
    with pytest.warns(UserWarning, match="those of 3 names that fit none of the 3 videos, or several alike, such as"):
        found = load_msrvtt(retold, videos=videos)
    # what is called by the whole id is that one
    assert found == {"video0": captions("video0")["video0"], "x": captions("video1")["video1"]}


def test_a_list_of_other_videos_is_told(retold):
    (retold / "test_list_mine.txt").write_text("nope\n")
    with pytest.raises(DataError, match=r"test_list_mine\.txt must list videos that have captions; got 'nope', and"):
        load_msrvtt(retold, split="test_list_mine")
    (retold / "test_list_mine.txt").write_text("clips/video0.mp4\n")
    assert load_msrvtt(retold, split="test_list_mine") == captions("video0")


def test_videos_without_sentences_are_told(tmp_path):
    table = published({"video0": "train"})
    del table["sentences"]
    (tmp_path / "test_videodatainfo.json").write_text(json.dumps(table))
    with pytest.raises(DataError, match='must have captions, as a list "sentences" .* beside its "videos"; got'):
        load_msrvtt(tmp_path)


def test_lists_with_captions_will_do(retold):
    (retold / "MSRVTT_data.json").unlink()
    assert load_msrvtt(retold).keys() == {"video9770"}
    (retold / "MSRVTT_JSFUSION_test.csv").unlink()
    (retold / "msrvtt_ret_test1k.json").unlink()
    with pytest.raises(DataError, match=r"lists videos without captions; expected MSRVTT_data.json beside it"):
        load_msrvtt(retold)


def test_the_form_of_annotations_is_read(tmp_path):
    (tmp_path / "annotation").mkdir()
    rows = [{"image_id": "video0", "caption": line} for line in captions("video0")["video0"]]
    (tmp_path / "annotation" / "MSR_VTT.json").write_text(json.dumps({"annotations": rows}))
    assert load_msrvtt(tmp_path) == captions("video0")


def test_the_whole_beside_its_parts_does_not_double_captions(makers):
    (makers / "MSRVTT_data.json").write_text(json.dumps(published(TRAIN | TEST)))
    (makers / "videodatainfo_2017.json").write_text(json.dumps(published(TRAIN | {"video10000": "train"})))
    found = load_msrvtt(makers)
    assert found == captions(*TRAIN, *TEST, "video10000")


def test_what_several_people_wrote_is_there_as_often_and_empty_captions_are_counted(tmp_path):
    table = published({"video0": "train"})
    table["sentences"] += [{**table["sentences"][0], "sen_id": 2}, {"caption": " ", "video_id": "video0", "sen_id": 3}]
    (tmp_path / "train_val_videodatainfo.json").write_text(json.dumps(table))
    with pytest.warns(UserWarning, match="were left out: 1 that are empty"):
        assert load_msrvtt(tmp_path)["video0"] == ["caption 1 of video0", "caption 0 of video0", "caption 1 of video0"]


def test_one_of_its_files_is_a_file_of_captions(makers):
    assert load_captions(makers / "test_annotation" / "test_videodatainfo.json") == captions(*TEST)


def test_what_is_not_there_is_told(retold, tmp_path):
    with pytest.raises(
        ParameterError, match="split must be one of 'train', 'validate', 'test', 'MSRVTT_JSFUSION_test'"
    ):
        load_msrvtt(retold, split="val")
    with pytest.raises(ParameterError, match="folder must be that of MSR-VTT's files; got 'nowhere'"):
        load_msrvtt("nowhere")
    (tmp_path / "other").mkdir()
    with pytest.raises(DataError, match=r"holds no captions of MSR-VTT; expected train_val_videodatainfo.json"):
        load_msrvtt(tmp_path / "other")
    (tmp_path / "other" / "test_videodatainfo.json").write_text('{"videos": [')
    with pytest.raises(DataError, match=r"test_videodatainfo.json is no JSON, or broken"):
        load_msrvtt(tmp_path / "other")
