"""Words for clusters of videos."""

import csv
import json

import numpy as np
import pandas as pd
import pytest
from word_vectors import WordVectors

from toolkit.clustering import VideoClusters
from toolkit.errors import ParameterError
from toolkit.keywords import describe_clusters, keyword_table, summaries, write_descriptions
from toolkit.samples.corpus import captions as clip_captions


def clusters_of(labels, distances=None):
    """Return clusters of the videos video0, video1..., at the distances from their centres, or at their numbers."""
    labels = np.array(labels)
    k = labels.max() + 1
    own = np.arange(len(labels), dtype=float) if distances is None else np.array(distances, dtype=float)
    every = np.full((len(labels), k), 1e3)
    every[np.arange(len(labels)), labels] = own
    return VideoClusters([f"video{n}" for n in range(len(labels))], labels, np.zeros((k, 2)), every)


def describe(clusters, captions, encoder=None, **options):
    options = {"cache": False, "progress": False, "encoder": encoder or WordVectors()} | options
    return describe_clusters(clusters, captions, **options)


@pytest.fixture(scope="module")
def corpus():
    """Return the videos and captions of the sample corpus, without its films, clustered by what they show."""
    kinds = [kind for kind in clip_captions.NOUNS for _ in range(10)]
    captions = {
        f"video{n}": clip_captions.write_captions(kind, np.random.default_rng((31, n))) for n, kind in enumerate(kinds)
    }
    return clusters_of([n // 10 for n in range(len(kinds))]), captions


# clusters


def test_each_cluster_gets_the_noun_of_its_topic(corpus, tmp_path):
    found = describe_clusters(*corpus, cache=tmp_path, progress=False)
    assert list(found) == list(range(6))
    for words, noun in zip(found.values(), clip_captions.NOUNS.values(), strict=True):
        assert any(noun in phrase.split() for phrase, _ in words[:3])
        assert len(words) <= 10
        scores = [score for _, score in words]
        assert scores == sorted(scores, reverse=True)
        assert min(scores) >= 0.2
    # from what is kept
    assert describe_clusters(*corpus, cache=tmp_path, progress=False) == found


def test_only_the_nearest_videos_tell():
    clusters = clusters_of([0, 0, 0, 1], distances=[3, 1, 2, 0])
    captions = {"video0": ["dogs"], "video1": ["cats"], "video2": ["birds"], "video3": ["fish"]}

    def words(k_nearest):
        return [{word for word, _ in one} for one in describe(clusters, captions, k_nearest=k_nearest).values()]

    assert words(1) == [{"cats"}, {"fish"}]
    assert words(2) == [{"cats", "birds"}, {"fish"}]
    assert words(20) == [{"cats", "birds", "dogs"}, {"fish"}]


def test_a_video_without_captions_gives_its_place_to_the_next():
    clusters = clusters_of([0, 0, 0, 0])
    for none in ({}, {"video0": []}, {"video0": ["", " ", None, np.nan, pd.NA]}):
        captions = {"video1": ["cats"], "video2": ["birds"], "video3": ["fish"]} | none
        found = describe(clusters, captions, k_nearest=2)
        assert {word for word, _ in found[0]} == {"cats", "birds"}


def test_videos_of_no_cluster_do_not_matter():
    found = describe(clusters_of([0]), {"video0": ["dogs"], "other": ["cats"]})
    assert found == {0: [("dogs", 1.0)]}


def test_clusters_without_captions_have_no_words_and_are_named():
    clusters = clusters_of([0, 1, 2])
    with pytest.warns(UserWarning, match="no video of cluster 1 has captions; there are no words for it"):
        found = describe(clusters, {"video0": ["dogs"], "video1": [""], "video2": ["cats"]})
    assert found == {0: [("dogs", 1.0)], 1: [], 2: [("cats", 1.0)]}
    with pytest.warns(UserWarning, match="no video of clusters 0, 1 has captions; there are no words for them"):
        describe(clusters, {"video2": ["cats"]})


def test_captions_that_are_of_other_videos():
    clusters = clusters_of([0] * 8)
    message = (
        "none of these has any; the clusters are of videos 'video0', 'video1', 'video2', 'video3', 'video4' "
        "and 3 more, the captions of "
    )
    with pytest.raises(ParameterError, match=f"{message}videos such as 7010"):
        describe(clusters, {7010: ["dogs"]})
    with pytest.raises(ParameterError, match=f"{message}none"):
        describe(clusters, {})


def test_captions_without_words_worth_telling_have_none():
    assert describe(clusters_of([0, 1]), {"video0": ["this is it", "1940"], "video1": ["dogs"]})[0] == []


def test_many_words_are_those_of_the_summaries():
    captions = {"video0": ["dogs bark", "dogs bark loudly", "dogs bark at night", "planes fly away"]}
    (few,) = describe(clusters_of([0]), captions, n_sentences=1).values()
    assert {word for phrase, _ in few for word in phrase.split()} == {"dogs", "bark"}


def test_what_one_video_alone_shows_describes_no_cluster():
    captions = {f"video{n}": ["dogs bark", f"zebra{n}x"] for n in range(10)}
    found = describe(clusters_of([0] * 10), captions)
    assert {word for word, _ in found[0]} == {"dogs", "bark", "dogs bark"}
    assert "zebra3x" in dict(describe(clusters_of([0] * 10), captions, min_share=0.1, top_n=50, score_threshold=0)[0])


def test_summaries_by_bart_give_the_words(monkeypatch):
    given = []

    def written(groups, model, **options):
        given.append((model, options["batch_size"]))
        return [" and ".join(group) + " zebras" for group in groups]

    monkeypatch.setattr(summaries, "bart", written)
    clusters, captions = clusters_of([0]), {"video0": ["dogs", "cats"]}
    found = describe(clusters, captions, method="bart", summarizer="a/model", batch_size=3)
    assert "zebras" in dict(found[0])
    assert given == [("a/model", 3)]
    # no caption has it
    table = keyword_table(found, clusters, captions)
    row = table[table["words"] == "zebras"].iloc[0]
    assert (row["video_id"], row["caption"]) == ("", "")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"k_nearest": 0}, "k_nearest must be a whole number of at least 1; got 0"),
        ({"top_n": 2.5}, "top_n must be a whole number of at least 1; got 2.5"),
        ({"score_threshold": np.nan}, "score_threshold must be a finite number of at least -1; got nan"),
        ({"diversity": 1.5}, "diversity must be a finite number of at least 0 and at most 1; got 1.5"),
        ({"min_share": 1.5}, "min_share must be .* at most 1; got 1.5"),
        ({"diversity": -1}, "diversity must be a finite number of at least 0 and at most 1; got -1"),
        ({"stop_words": "german"}, 'stop_words must be "english", a list of words, or None'),
        ({"method": "best"}, "method must be one of 'extractive', 'bart'; got 'best'"),
        ({"n_sentences": 0}, "n_sentences must be a whole number of at least 1; got 0"),
    ],
)
def test_options_are_checked(options, message):
    with pytest.raises(ParameterError, match=message):
        describe(clusters_of([0]), {"video0": ["dogs"]}, **options)


def test_clusters_are_checked():
    with pytest.raises(ParameterError, match="clusters must be VideoClusters, as clustering.cluster_videos gives it"):
        describe([0, 1], {"video0": ["dogs"]})


@pytest.mark.parametrize("captions", [None, ["dogs"], pd.DataFrame({"video_id": ["video0"]})])
def test_captions_are_a_dict(captions):
    with pytest.raises(ParameterError, match="captions must be a dict of video_id to list of captions; got"):
        describe(clusters_of([0]), captions)


def test_captions_of_a_video_are_a_list_of_texts():
    with pytest.raises(
        ParameterError, match="captions of 'video0' must be a list of texts; got str. A single one goes"
    ):
        describe(clusters_of([0]), {"video0": "dogs"})


def test_halves_of_characters_do_no_harm(tmp_path):
    clusters, captions = clusters_of([0]), {"video0": ["a dog \ud83d barks"]}
    found = describe_clusters(clusters, captions, cache=tmp_path / "cache", progress=False)
    assert "dog" in dict(found[0])
    table = keyword_table(found, clusters, captions)
    write_descriptions(tmp_path, found, table)
    assert set(table["caption"]) == {"a dog ? barks"}


# the table and the files


def test_words_come_with_their_captions():
    clusters = clusters_of([0, 0, 1], distances=[2, 1, 0])
    captions = {"video0": ["Dogs  bark", "a dogs' life"], "video1": ["the DOGS sleep", "cats"], "video2": ["fish"]}
    table = keyword_table({0: [("dogs", 0.9), ("dogs bark", 0.5)], 1: [("fish", 1.0)]}, clusters, captions)
    assert table.to_dict("split")["data"] == [
        [0, "dogs", 0.9, "video1", "the DOGS sleep"],
        [0, "dogs", 0.9, "video0", "Dogs bark"],
        [0, "dogs", 0.9, "video0", "a dogs' life"],
        [0, "dogs bark", 0.5, "video0", "Dogs bark"],
        [1, "fish", 1.0, "video2", "fish"],
    ]
    assert list(table.columns) == ["cluster", "words", "score", "video_id", "caption"]


def test_every_word_of_extractive_summaries_has_a_caption(corpus):
    found = describe(*corpus)
    table = keyword_table(found, *corpus)
    assert (table["caption"] != "").all()
    words = {(cluster, phrase) for cluster, one in found.items() for phrase, _ in one}
    assert set(zip(table["cluster"], table["words"], strict=True)) == words


def test_a_table_of_no_words_has_its_columns():
    table = keyword_table({0: []}, clusters_of([0]), {"video0": ["dogs"]})
    assert table.empty
    assert [str(table[name].dtype) for name in ("cluster", "score")] == ["int64", "float64"]


@pytest.mark.parametrize("descriptions", [None, [("dogs", 1.0)], {0: ["dogs"]}, {0: [("dogs", "high")]}, {"a": []}])
def test_descriptions_are_checked(descriptions):
    with pytest.raises(ParameterError, match="descriptions must be a dict of cluster to list of"):
        keyword_table(descriptions, clusters_of([0]), {"video0": ["dogs"]})


def test_descriptions_are_of_the_clusters():
    with pytest.raises(ParameterError, match="descriptions must be of the clusters 0 to 0; got 3"):
        keyword_table({3: []}, clusters_of([0]), {"video0": ["dogs"]})


def test_files_hold_words_and_scores(tmp_path):
    clusters, captions = clusters_of([0, 1]), {"video0": ['dogs, "großer" Hund'], "video1": ["кошки"]}
    found = describe(clusters, captions)
    table = keyword_table(found, clusters, captions)
    assert write_descriptions(tmp_path / "new" / "folder", found, table) is None
    words = json.loads((tmp_path / "new/folder/cluster_descriptions.json").read_text(encoding="utf-8"))
    assert words == {str(cluster): [word for word, _ in one] for cluster, one in found.items()}
    assert "кошки" in (tmp_path / "new/folder/cluster_descriptions.json").read_text(encoding="utf-8")
    with open(tmp_path / "new/folder/keyword_scores.csv", encoding="utf-8-sig", newline="") as file:
        rows = list(csv.reader(file))
    assert rows[0] == ["cluster", "words", "score", "video_id", "caption"]
    assert rows[1:] == [[str(cell) for cell in row] for row in table.itertuples(index=False)]
    assert len(list((tmp_path / "new/folder").iterdir())) == 2


def test_names_that_are_no_unicode_are_in_the_table_and_escaped_in_files(tmp_path):
    one = clusters_of([0])
    clusters, captions = VideoClusters(["x\udcff"], one.labels, one.centers, one.distances), {"x\udcff": ["a dog"]}
    table = keyword_table({0: [("dog", 0.5)]}, clusters, captions)
    assert table["video_id"].tolist() == ["x\udcff"]
    write_descriptions(tmp_path, {0: [("dog", 0.5), ("\ud800", 0.4)]}, table)
    assert "x\\udcff" in (tmp_path / "keyword_scores.csv").read_text(encoding="utf-8-sig")
    assert json.loads((tmp_path / "cluster_descriptions.json").read_text(encoding="utf-8")) == {"0": ["dog", "\ud800"]}


@pytest.mark.parametrize("folder", [None, 5, "a\0b"])
def test_a_folder_for_words_is_one(folder):
    table = keyword_table({0: []}, clusters_of([0]), {"video0": ["dogs"]})
    with pytest.raises(ParameterError, match="folder must be a folder to write to; got"):
        write_descriptions(folder, {0: []}, table)


def test_what_cannot_be_written_is_said_and_leaves_what_was(tmp_path):
    clusters, captions = clusters_of([0]), {"video0": ["dogs"]}
    found = describe(clusters, captions)
    table = keyword_table(found, clusters, captions)
    (tmp_path / "file").write_text("")
    with pytest.raises(ParameterError, match="cannot write into .*file.*Name another folder"):
        write_descriptions(tmp_path / "file", found, table)
    with pytest.raises(ParameterError, match="table must have the columns cluster, words, score, video_id, caption"):
        write_descriptions(tmp_path, found, table.drop(columns="score"))
    assert [path.name for path in tmp_path.iterdir()] == ["file"]
