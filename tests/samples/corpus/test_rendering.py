"""The sample corpus: its clips and captions are as promised, and kept whole."""

import csv
import os
import signal
import subprocess
import sys
import threading
import time

import av
import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import adjusted_rand_score

from toolkit import ParameterError, clustering, embeddings, samples, video
from toolkit.samples import SampleCorpus
from toolkit.samples.corpus import captions, rendering

KINDS = {"beach", "kitchen", "road", "football", "city", "forest"}


@pytest.fixture(scope="module")
def corpus():
    return samples.sample_corpus(0, progress=False)


@pytest.fixture(scope="module")
def clips(corpus):
    """Return the pictures of every clip."""
    return [video.read_frames(path, fps=12, progress=False).images for path in corpus.videos["path"]]


def test_there_are_sixty_clips_and_more_of_six_kinds_in_no_order(corpus):
    videos = corpus.videos
    counts = videos["kind"].value_counts()
    assert set(counts.index) == KINDS
    assert counts.between(10, 13).all()
    assert videos["video_id"].tolist() == [f"video{number}" for number in range(len(videos))]
    assert [path.name for path in videos["path"]] == [f"video{number}.mp4" for number in range(len(videos))]
    assert (videos["kind"] != videos["kind"].shift()).mean() > 0.6


def test_a_clip_is_what_is_promised(corpus, clips):
    for images in clips:
        assert images.shape[1:] == (120, 160, 3)
        assert 24 <= len(images) <= 48
        # nothing stands still
        assert np.abs(np.diff(images.astype(int), axis=0)).mean(axis=(1, 2, 3)).min() > 0.3
    info = video.probe(corpus.videos["path"].iloc[0])
    assert (info.width, info.height, info.fps, info.codec, info.has_audio) == (160, 120, 12, "h264", False)
    assert sum(path.stat().st_size for path in corpus.folder.iterdir()) < 5_000_000


def test_kinds_are_clusters_of_layout_and_not_of_mean_colour(corpus, clips):
    vectors = [embeddings.embed(images[::10], cache=False, progress=False).mean(axis=0) for images in clips]
    colors = [images.mean(axis=(0, 1, 2)) for images in clips]
    found = clustering.cluster_videos(np.stack(vectors), 6)
    assert adjusted_rand_score(corpus.videos["kind"], found.labels) >= 0.9
    assert adjusted_rand_score(corpus.videos["kind"], clustering.cluster_videos(np.stack(colors), 6).labels) < 0.8


def test_each_clip_has_five_captions_no_two_the_same(corpus):
    assert list(corpus.captions) == corpus.videos["video_id"].tolist()
    for told in corpus.captions.values():
        assert len(set(told)) == len(told) == 5
        assert all(caption == caption.strip() and len(caption.split()) >= 3 for caption in told)


def test_the_file_of_captions_holds_them_too(corpus):
    with open(corpus.folder / "captions.csv", encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert rows == [{"video_id": name, "caption": text} for name, told in corpus.captions.items() for text in told]


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_most_captions_name_their_topic_and_some_name_another(kind):
    noun = captions.NOUNS[kind]
    own = [text for i in range(200) for text in captions.write_captions(kind, np.random.default_rng(i))]
    other = "road" if kind != "road" else "beach"
    others = [text for i in range(200) for text in captions.write_captions(other, np.random.default_rng(i))]
    assert 0.5 < np.mean([noun in text for text in own]) < 0.65
    assert 0.005 < np.mean([noun in text for text in others]) < 0.06


def test_one_caption_in_twelve_is_of_another_kind(monkeypatch):
    # with nothing said of other kinds but by mistake, and no slips, what names another noun is wrong
    for name in ("ANY_CLIP_SHARE", "OTHER_KIND_SHARE", "HINT_SHARE", "SLIP_SHARE"):
        monkeypatch.setattr(captions, name, 0.0)
    told = [captions.write_captions("beach", np.random.default_rng(i)) for i in range(600)]
    wrong = [[any(f" {noun}" in text for noun in KINDS - {"beach"}) for text in texts] for texts in told]
    # kitchens and the like are not named by every phrase of theirs
    assert 1 / 20 < np.mean(wrong) < 1 / 11
    assert max(map(sum, wrong)) == 1


def test_a_slip_changes_one_word():
    rng, words = np.random.default_rng(0), ["a", "man", "is", "stirring", "soup"]
    for _ in range(200):
        slipped = captions._misspell(" ".join(words), rng).split()
        differ = [(word, slip) for word, slip in zip(words, slipped, strict=True) if word != slip]
        assert len(differ) <= 1
        assert all(len(word) > 3 and abs(len(word) - len(slip)) <= 1 for word, slip in differ)


def test_words_are_shared_between_topics():
    words = {}
    for number, kind in enumerate(sorted(KINDS)):
        told = [captions.write_captions(kind, np.random.default_rng((number, i))) for i in range(60)]
        words[kind] = {word for texts in told for text in texts for word in text.split()}
    shared, every = set.intersection(*words.values()), set.union(*words.values())
    assert {"man", "people", "talking", "standing", "camera"} <= shared
    assert len(shared) >= 60
    assert len(every) >= 300


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_the_same_seed_gives_the_same_bytes_and_another_another_clip(tmp_path, kind):
    found = []
    for seed in (3, 3, 3, 4):
        rendering._write_clip(tmp_path / "clip.mp4", kind, np.random.default_rng(seed))
        found.append((tmp_path / "clip.mp4").read_bytes())
    assert found[0] == found[1] == found[2]
    assert found[0] != found[3]


@pytest.mark.parametrize("seed", [-1, 0.5, 1.0, True, "0", None])
def test_a_seed_that_is_no_whole_number_is_refused(seed):
    with pytest.raises(ParameterError, match="seed must be a whole number of at least 0"):
        samples.sample_corpus(seed)


# where it is kept


@pytest.fixture
def small(tmp_path, monkeypatch):
    """Make corpora of clips of two frames, in a data folder of their own."""
    monkeypatch.setenv("TOOLKIT_DATA", str(tmp_path))
    monkeypatch.setattr(rendering, "SECONDS", (0.15, 0.2))
    return tmp_path


def test_a_second_call_reads_what_is_there(small):
    first = samples.sample_corpus(1, progress=False)
    before = {path: path.stat() for path in first.folder.iterdir()}
    again = samples.sample_corpus(1, progress=False)
    assert {path: path.stat() for path in again.folder.iterdir()} == before
    assert again.videos.equals(first.videos)
    assert (again.captions, again.topics) == (first.captions, first.topics)
    assert sorted(path.name for path in before) == sorted(
        [f"video{number}.mp4" for number in range(len(first.videos))] + ["captions.csv", "corpus.json"]
    )


def test_a_corpus_drawn_by_another_version_is_rendered_anew(small, monkeypatch):
    first = samples.sample_corpus(1, progress=False).folder.stat().st_ino
    monkeypatch.setattr(rendering, "VERSION", "another")
    corpus = samples.sample_corpus(1, progress=False)
    assert corpus.folder.stat().st_ino != first
    assert not (corpus.folder / "before").exists()
    assert [path.name for path in small.iterdir()] == ["sample_corpus_1"]


def test_two_who_ask_at_once_both_get_the_corpus(small):
    found = []
    askers = [threading.Thread(target=lambda: found.append(samples.sample_corpus(2, progress=False))) for _ in range(2)]
    for asker in askers:
        asker.start()
    for asker in askers:
        asker.join()
    assert [corpus.videos["path"][0].is_file() for corpus in found] == [True, True]
    assert [path.name for path in small.iterdir()] == ["sample_corpus_2"]


def test_a_rendering_that_fails_leaves_nothing(small, monkeypatch):
    def fail(path, *_):
        if path.name == "video40.mp4":
            raise av.error.OSError(28, "No space left on device")
        path.write_bytes(b"")

    monkeypatch.setattr(rendering, "_write_clip", fail)
    with pytest.raises(ParameterError, match=r"sample_corpus_3 cannot be written: .*No space left.* TOOLKIT_DATA"):
        samples.sample_corpus(3, progress=False)
    assert list(small.iterdir()) == []


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="no SIGKILL on this system")
def test_a_kill_leaves_no_corpus_that_would_be_taken_for_whole(tmp_path):
    code = "from toolkit import samples; samples.sample_corpus(9, progress=False)"
    process = subprocess.Popen([sys.executable, "-c", code], env={**os.environ, "TOOLKIT_DATA": str(tmp_path)})
    deadline = time.monotonic() + 60
    while not any(tmp_path.glob(".sample_corpus_9.*/*.mp4")) and time.monotonic() < deadline:
        time.sleep(0.02)
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert any(tmp_path.glob(".sample_corpus_9.*.partial"))
    assert not (tmp_path / "sample_corpus_9").exists()


# the record


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"videos": pd.DataFrame({"video_id": ["a"], "kind": ["x"]})}, "path is missing"),
        ({"captions": {}}, "captions must be a dict of one list a video"),
        ({"topics": {}}, "'x' is missing"),
    ],
)
def test_parts_of_a_corpus_must_fit(tmp_path, changed, message):
    videos = pd.DataFrame({"video_id": ["a"], "path": [tmp_path / "a.mp4"], "kind": ["x"]})
    parts = {"folder": tmp_path, "videos": videos, "captions": {"a": []}, "topics": {"x": "thing"}}
    assert SampleCorpus(**parts).topics == {"x": "thing"}
    with pytest.raises(ParameterError, match=message):
        SampleCorpus(**{**parts, **changed})
