"""The controls of clusters: each is moved, and what is then shown compared with what the toolkit's functions give."""

import io

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from toolkit import ParameterError, clustering, explorers, keywords
from toolkit.explorers import clusters as explorer_clusters
from toolkit.explorers import explore_clusters

THINGS = ("beach", "forest", "road")
N = 30


@pytest.fixture(scope="module")
def vectors():
    """Return vectors of three heaps, named."""
    rng = np.random.default_rng(0)
    places = 10 * np.eye(3)[np.arange(N) % 3]
    return pd.DataFrame(places + rng.normal(size=(N, 3)), index=[f"video{i}" for i in range(N)])


@pytest.fixture(scope="module")
def captions(vectors):
    return {name: [f"a {THINGS[i % 3]}", f"the {THINGS[i % 3]} is here"] for i, name in enumerate(vectors.index)}


@pytest.fixture(scope="module")
def images():
    """Return a picture of one gray of each video."""
    return np.zeros((N, 24, 32, 3), np.uint8) + (8 * np.arange(N, dtype=np.uint8))[:, None, None, None]


@pytest.fixture(autouse=True)
def soon(monkeypatch):
    monkeypatch.setattr(explorers.ClusterExplorer, "delay", 0.01)


def encode(texts):
    """Return a vector of each text: which of the things it names."""
    return np.array([[1e-3] + [float(thing in text) for thing in THINGS] for text in texts])


OPTIONS = {"encoder": encode, "cache": False, "min_share": 0.0}


def seen(picture):
    return np.asarray(Image.open(io.BytesIO(picture.value)).convert("RGB")).astype(int)


def same(one, other):
    return (
        np.array_equal(one.labels, other.labels)
        and np.array_equal(one.centers, other.centers)
        and one.video_ids == other.video_ids
        and np.array_equal(one.video_silhouettes, other.video_silhouettes, equal_nan=True)
    )


def test_what_it_shows_at_first_is_what_the_function_gives(vectors):
    explorer = explore_clusters(vectors, n_clusters=3)
    assert same(explorer.result, clustering.cluster_videos(vectors, 3))
    assert explorer.parameters == {"n_clusters": 3, "words": True, "curve": True, "seed": 28}
    assert explorer.code == "clustering.cluster_videos(vectors, n_clusters=3, seed=28)"
    assert repr(explorer) == f"ClusterExplorer: {explorer.code}"
    assert "no captions, and so no words" in explorer._status.value
    pd.testing.assert_frame_equal(explorer.table, clustering.choose_k(vectors, range(2, 30), progress=False))


def test_clusters_are_found_anew_for_their_number(vectors):
    explorer = explore_clusters(vectors, n_clusters=3, seed=5, curve=False)
    before = {explorer.parameters["n_clusters"]: [picture.value for picture in explorer.pictures]}
    for k in (2, 7, 1):
        explorer.controls["n_clusters"].value = k
        assert explorer.wait(60)
        assert same(explorer.result, clustering.cluster_videos(vectors, k, seed=5))
        assert same(eval(explorer.code, {"clustering": clustering, "vectors": vectors}), explorer.result)
        pictures = [picture.value for picture in explorer.pictures]
        assert all(pictures[0] != other[0] and pictures[1] != other[1] for other in before.values())
        before[k] = pictures
        again = explore_clusters(vectors, **explorer.parameters)
        assert [picture.value for picture in again.pictures] == pictures
        assert again.code == explorer.code
    assert "silhouette" not in explorer._status.value


def test_what_was_found_is_shown_again_at_once(vectors, monkeypatch):
    explorer = explore_clusters(vectors, n_clusters=3, curve=False)
    first, pictures = explorer.result, [picture.value for picture in explorer.pictures]
    explorer.controls["n_clusters"].value = 4
    assert explorer.wait(60)
    monkeypatch.setattr(explorer, "task", None)
    explorer.controls["n_clusters"].value = 3
    assert not explorer.working
    assert explorer.result is first
    assert [picture.value for picture in explorer.pictures] == pictures
    assert explorer.parameters["n_clusters"] == 3


def test_the_curve_is_computed_once_and_on_request(vectors, monkeypatch):
    explorer = explore_clusters(vectors, n_clusters=3, curve=False)
    assert explorer.table is None
    without = explorer.pictures[0].value
    explorer.controls["curve"].value = True
    assert explorer.wait(60)
    table = clustering.choose_k(vectors, range(2, 30), progress=False)
    pd.testing.assert_frame_equal(explorer.table, table)
    with_curve = explorer.pictures[0].value
    assert seen(explorer.pictures[0]).shape[0] > Image.open(io.BytesIO(without)).height
    kept = explorer.table
    explorer.controls["n_clusters"].value = 5
    assert explorer.wait(60)
    assert explorer.table is kept
    explorer.controls["n_clusters"].value = 3
    assert explorer.pictures[0].value == with_curve
    explorer.controls["curve"].value = False
    assert explorer.pictures[0].value == without
    # a table that is known is not computed
    monkeypatch.setattr(clustering, "choose_k", None)
    known = explore_clusters(vectors, n_clusters=3, table=table)
    assert known.pictures[0].value == with_curve
    monkeypatch.setattr(explorer_clusters, "AUTO_VIDEOS", N - 1)
    assert explore_clusters(vectors, n_clusters=3).parameters["curve"] is False


def test_words_are_those_of_the_captions(vectors, captions):
    explorer = explore_clusters(vectors, captions=captions, n_clusters=3, curve=False, word_options=OPTIONS)
    clusters = clustering.cluster_videos(vectors, 3)
    expected = keywords.describe_clusters(clusters, captions, progress=False, **OPTIONS)
    assert explorer.key_words == expected
    assert sorted(words[0][0] for words in explorer.key_words.values()) == sorted(THINGS)
    first, second = explorer.code.split("\n")
    assert first == "clusters = clustering.cluster_videos(vectors, n_clusters=3, seed=28)"
    assert second.startswith("words = keywords.describe_clusters(clusters, captions, encoder=")
    told = explorer.pictures[1].value
    explorer.controls["words"].value = False
    assert explorer.wait(60)
    assert explorer.key_words is None
    assert explorer.pictures[1].value != told
    assert explorer.code == "clustering.cluster_videos(vectors, n_clusters=3, seed=28)"
    again = explore_clusters(vectors, captions=captions, word_options=OPTIONS, **explorer.parameters)
    assert again.pictures[1].value == explorer.pictures[1].value
    explorer.controls["n_clusters"].value = 2
    explorer.controls["words"].value = True
    assert explorer.wait(60)
    clusters = clustering.cluster_videos(vectors, 2)
    assert explorer.key_words == keywords.describe_clusters(clusters, captions, progress=False, **OPTIONS)


def test_captions_of_other_videos_are_none(vectors):
    for captions in ({}, {"another": ["a beach"]}, {"video3": ["", "  "]}):
        explorer = explore_clusters(vectors, captions=captions, n_clusters=3, curve=False, word_options=OPTIONS)
        assert explorer.problem == ""
        assert explorer.key_words is None
        assert "no captions" in explorer._status.value


def test_a_cluster_without_captions_is_told(vectors, captions):
    few = {name: captions[name] for name in vectors.index[::3]}
    explorer = explore_clusters(vectors, captions=few, n_clusters=3, curve=False, word_options=OPTIONS)
    assert "has captions; there are no words for them" in explorer._status.value


def test_captions_of_no_video_are_refused(vectors):
    with pytest.raises(ParameterError, match="captions must be by the ids of the videos, such as '.*'; got 0"):
        explore_clusters(vectors, captions={0: ["a beach"], 1: ["a road"]})


def test_examples_are_the_videos_nearest_the_centres(vectors, images):
    explorer = explore_clusters(vectors, videos=images, n_clusters=3, curve=False)
    picture = seen(explorer.pictures[1])
    assert explorer.pictures[1].mime == "image/jpeg"
    for row in range(3):
        members = explorer.result.members(row)
        wanted = [*members[:4], *members[-2:]]
        y = int((row + 0.35) / 3 * len(picture))
        across = picture[y, :, 0]
        found = [across[int(x * picture.shape[1])] for x in (0.17, 0.31, 0.45, 0.6, 0.8, 0.94)]
        assert np.abs(np.array(found) - [8 * place for place in wanted]).max() < 8


def test_a_file_is_read_once_and_one_that_is_broken_is_told(vectors, images, tmp_path, monkeypatch):
    read = []

    def picture_of(item, width):
        read.append(item)
        return None if item == "broken.mp4" else images[int(item)]

    monkeypatch.setattr(explorer_clusters, "picture_of", picture_of)
    clusters = clustering.cluster_videos(vectors, 3)
    files = [str(place) for place in range(N)]
    explorer = explore_clusters(vectors, videos=files, n_clusters=3, curve=False)
    assert len(read) == len(set(read)) == 18
    whole = explorer.pictures[1].value
    for k in (4, 3):
        explorer.controls["n_clusters"].value = k
        assert explorer.wait(60)
    assert len(read) == len(set(read))
    assert explorer.pictures[1].value == whole
    files[clusters.members(0)[0]] = "broken.mp4"
    explorer = explore_clusters(vectors, videos=files, n_clusters=3, curve=False)
    assert explorer.problem == ""
    assert explorer.pictures[1].value != whole


def test_a_letter_without_a_font_is_told(vectors, images):
    captions = {name: ["\U00013000"] for name in vectors.index}
    explorer = explore_clusters(vectors, captions=captions, videos=images, n_clusters=3, curve=False, words=False)
    assert "font" in explorer._status.value
    assert explorer.problem == ""


def test_more_clusters_than_different_videos_are_lowered(vectors):
    few = pd.concat([vectors.iloc[:3]] * 2).set_axis(list("abcdef"))
    explorer = explore_clusters(few, n_clusters=5)
    assert explorer.result.n_clusters == 3
    assert "lowered to 3" in explorer._status.value
    assert explorer.parameters["n_clusters"] == 5


@pytest.mark.parametrize("n", [1, 2])
def test_one_video_and_two(vectors, n):
    explorer = explore_clusters(vectors.iloc[:n].to_numpy(), videos=np.zeros((n, 9, 16, 3), np.uint8), n_clusters=1)
    assert explorer.problem == ""
    assert explorer.result.video_ids == ["0", "1"][:n]
    assert len(explorer.table) == 0
    assert seen(explorer.pictures[0]).min() < 128


def test_it_can_be_stopped(vectors, monkeypatch):
    explorer = explore_clusters(vectors, n_clusters=3, curve=False)
    before = explorer.pictures[0].value
    monkeypatch.setattr(type(explorer), "delay", 60)
    explorer.controls["n_clusters"].value = 9
    assert explorer.working
    explorer.stop.click()
    assert not explorer.working
    assert (explorer.controls["n_clusters"].value, explorer.pictures[0].value) == (3, before)
    # back where it was before anything began
    explorer.controls["n_clusters"].value = 9
    explorer.controls["n_clusters"].value = 3
    assert not explorer.working


def test_pictures_are_small(vectors):
    rng = np.random.default_rng(0)
    coarse = rng.integers(0, 255, (N, 9, 16, 3), np.uint8)
    photographs = np.stack([np.asarray(Image.fromarray(one).resize((320, 180))) for one in coarse])
    explorer = explore_clusters(vectors, videos=photographs, n_clusters=25)
    assert sum(len(picture.value) for picture in explorer.pictures) < 250_000


@pytest.mark.parametrize(
    ("options", "match"),
    [
        ({"n_clusters": 0}, "n_clusters must be a whole number of at least 1"),
        ({"seed": -1}, "seed must be a whole number"),
        ({"words": 1}, "words must be True or False"),
        ({"curve": "yes"}, "curve must be True or False"),
        ({"captions": ["a"]}, "captions must be a dict of video_id"),
        ({"captions": {"video1": [3]}}, "captions must be a sequence of texts"),
        ({"videos": ["a.mp4"]}, "videos must be one for each of the 30 videos"),
        ({"table": [1]}, "table must be that of clustering.choose_k"),
        ({"word_options": 3}, "word_options must be a dict"),
        ({"word_options": {"unknown": 1}}, "word_options, .* must be one of .*'k_nearest', 'top_n', .*; got 'unknown'"),
    ],
)
def test_wrong_options_are_refused(vectors, options, match):
    with pytest.raises(ParameterError, match=match):
        explore_clusters(vectors, **options)
    with pytest.raises(ParameterError, match="embeddings must be"):
        explore_clusters(np.zeros((0, 3)))
