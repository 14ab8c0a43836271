"""The page of clusters: what it holds, and what is refused."""

import base64
import io
import re

import numpy as np
import pandas as pd
import pytest
from pages import held
from PIL import Image

from toolkit import ParameterError
from toolkit.clustering import VideoClusters, cluster_videos, write_cluster_map
from toolkit.records import Frames
from toolkit.storage import pages

NAMES = ["a", "</script>", "süß", "d"]
POINTS = np.array([[0.0, 0], [1, 0], [9, 9], [9, 8]])
CLUSTERS = cluster_videos(pd.DataFrame(POINTS, index=NAMES), 2)
COLORS = [(200, 30, 30), (30, 200, 30), (30, 30, 200), (200, 200, 30)]


def sheet(page, number=0):
    url = held(page)["sheets"][number]
    assert url.startswith("data:image/webp;base64,")
    return np.asarray(Image.open(io.BytesIO(base64.b64decode(url.partition(",")[2]))).convert("RGB")).astype(int)


def flat(color, height=30, width=40):
    return np.full((height, width, 3), color, np.uint8)


def test_a_page_holds_what_it_shows(tmp_path):
    path = tmp_path / "map.html"
    captions = {"a": ["one", "two"], "d": "alone", "süß": []}
    words = {0: [("sea", 0.5), ("blue sea", 0.4)], 1: "forest"}
    assert write_cluster_map(path, CLUSTERS, POINTS, words=words, captions=captions) == path
    assert held(path) == {
        "ids": NAMES,
        "labels": [0, 0, 1, 1],
        "points": POINTS.tolist(),
        "centers": [[0.5, 0], [9, 8.5]],
        "words": [["sea", "blue sea"], ["forest"]],
        "captions": [["one"], [], [], ["alone"]],
        "thumb": [0, 0],
        "sheets": [],
    }


def test_all_captions_are_held_if_that_is_asked_for(tmp_path):
    captions = [["one", "  two\nlines ", ""], [], ("three",), "four"]
    path = write_cluster_map(tmp_path / "map.html", CLUSTERS, POINTS, captions=captions, show="all")
    assert held(path)["captions"] == [["one", "two lines"], [], ["three"], ["four"]]


def test_what_is_no_unicode_is_held_as_it_is(tmp_path):
    ids = pd.Index(["x\udcff", "b"], dtype=object)
    clusters = cluster_videos(pd.DataFrame(POINTS[:2], index=ids), 1)
    captions = {"x\udcff": "half \ud800 of one"}
    path = write_cluster_map(tmp_path / "map.html", clusters, POINTS[:2], captions=captions, title="x\udcff")
    assert held(path)["ids"] == ["x\udcff", "b"]
    assert held(path)["captions"] == [["half \ud800 of one"], []]
    assert "<title>x\\udcff</title>" in path.read_text(encoding="utf-8")


def test_a_page_asks_for_nothing(tmp_path):
    text = write_cluster_map(tmp_path / "map.html", CLUSTERS, POINTS, title="A & <b>").read_text(encoding="utf-8")
    assert "default-src 'none'" in text
    assert not re.findall(r"https?://|<link[^>]*href=\"(?!data:)|\bsrc=", text)
    assert "<title>A &amp; &lt;b&gt;</title>" in text
    assert "{{" not in text


def test_pictures_are_in_their_places(tmp_path):
    images = [flat(color) for color in COLORS]
    path = write_cluster_map(tmp_path / "map.html", CLUSTERS, POINTS, videos=images, progress=False)
    width, height = held(path)["thumb"]
    assert (width, height) == (280, 210)
    pixels = sheet(path)
    assert pixels.shape == (210, 4 * 280, 3)
    for i, color in enumerate(COLORS):
        assert np.abs(pixels[20:-20, 280 * i + 20 : 280 * i + 260] - color).max() < 12


@pytest.mark.parametrize(
    "videos", [np.stack([flat(c) for c in COLORS]), Frames(np.stack([flat(c) for c in COLORS]), range(4))]
)
def test_images_come_from_arrays_and_frames(tmp_path, videos):
    path = write_cluster_map(tmp_path / "map.html", CLUSTERS, POINTS, videos=videos, progress=False)
    assert np.abs(sheet(path)[100, 420] - COLORS[1]).max() < 12


def test_pictures_of_other_sizes_are_fitted_and_unreadable_files_leave_a_gap(tmp_path):
    (tmp_path / "broken.mp4").write_bytes(b"no film")
    videos = [flat(COLORS[0]), flat((250, 0, 0), 40, 30), tmp_path / "broken.mp4", np.full((30, 40), 90, np.uint8)]
    path = write_cluster_map(tmp_path / "map.html", CLUSTERS, POINTS, videos=videos, progress=False)
    pixels = sheet(path)
    # upright, in the middle of its cell, and gray beside
    assert np.abs(pixels[105, 420] - (250, 0, 0)).max() < 12
    assert np.abs(pixels[105, 300] - 235).max() < 12
    assert pixels[105, 700].max() < 12
    assert np.abs(pixels[105, 980] - 90).max() < 12


def test_many_pictures_are_on_several_sheets(tmp_path, monkeypatch):
    monkeypatch.setattr(pages, "SHEET", 600)
    path = write_cluster_map(tmp_path / "map.html", CLUSTERS, POINTS, videos=[flat(c) for c in COLORS], progress=False)
    assert len(held(path)["sheets"]) == 1
    monkeypatch.setattr(pages, "SHEET", 300)
    path = write_cluster_map(tmp_path / "map.html", CLUSTERS, POINTS, videos=[flat(c) for c in COLORS], progress=False)
    assert len(held(path)["sheets"]) == 4
    assert np.abs(sheet(path, 3)[100, 100] - COLORS[3]).max() < 12


def test_the_file_of_a_film_gives_its_middle(tmp_path):
    import av

    path = tmp_path / "film.mp4"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=10)
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        for number in range(9):
            color = (220, 20, 20) if number == 4 else (20, 20, 220)
            frame = av.VideoFrame.from_ndarray(np.full((48, 64, 3), color, np.uint8))
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    page = write_cluster_map(tmp_path / "map.html", CLUSTERS, POINTS, videos=[path] * 4, progress=False)
    red, _, blue = sheet(page)[100, 100]
    assert red > 150
    assert blue < 90


def test_an_empty_cluster_has_its_centre_among_all(tmp_path):
    clusters = VideoClusters(["a", "b"], [0, 0], [[0.0], [1.0]], np.zeros((2, 2)))
    path = write_cluster_map(tmp_path / "map.html", clusters, [[0, 0], [2, 4]])
    assert held(path)["centers"] == [[1, 2], [1, 2]]


def test_no_videos_are_an_empty_map(tmp_path):
    clusters = VideoClusters([], [], np.zeros((0, 2)), np.zeros((0, 0)))
    path = write_cluster_map(tmp_path / "map.html", clusters, np.zeros((0, 2)), videos=[])
    assert held(path)["ids"] == []


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"path": "map.htm"}, "path must be that of a .html file; got 'map.htm'"),
        ({"path": 7}, "path must be that of a .html file"),
        ({"clusters": POINTS}, "clusters must be VideoClusters, of clustering.cluster_videos; got ndarray"),
        ({"points": POINTS[:3]}, r"points must be finite numbers, \(4, 2\); got shape \(3, 2\)"),
        ({"points": POINTS * np.nan}, r"points must be finite numbers.*; got NaN at \(0, 0\)"),
        ({"points": "here"}, "points must be finite numbers.*; got str"),
        ({"centers": POINTS}, r"centers must be finite numbers, \(2, 2\); got shape \(4, 2\)"),
        ({"words": ["sea"]}, "words must be a dict by cluster of texts.*; got list"),
        (
            {"words": {0: [(0.5, "sea")]}},
            "words must be a dict by cluster of texts, or of pairs of a text and a score; got",
        ),
        ({"words": {0: [7]}}, "words must be a dict by cluster of texts, or of pairs of a text and a score; got"),
        ({"captions": ["a"]}, "one for each of the 4 videos; got 1"),
        ({"captions": "abcd"}, "captions must be a sequence of texts.*; got str"),
        ({"captions": {"a": 7}}, "captions must be a sequence of texts.*; got 7 among them"),
        ({"captions": {"a": [None]}}, r"captions must be a sequence of texts.*; got \[None\] among them"),
        ({"show": "some"}, "show must be one of 'first', 'all'; got 'some'"),
        ({"videos": []}, "videos must be one for each of the 4 videos of the clusters; got 0"),
        ({"videos": "a.mp4"}, "videos must be a sequence of paths or images; got str"),
        ({"videos": [1, 2, 3, 4]}, "videos must be paths or images; got int"),
        ({"videos": [np.zeros((3, 4))] * 4}, "an image of videos, .* must be uint8.*got dtype float64"),
        ({"title": 7}, "title must be text; got int"),
    ],
)
def test_what_cannot_be_on_a_page_is_refused(tmp_path, given, message, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ParameterError, match=message):
        write_cluster_map(**{"path": "map.html", "clusters": CLUSTERS, "points": POINTS, **given})
    assert list(tmp_path.iterdir()) == []
