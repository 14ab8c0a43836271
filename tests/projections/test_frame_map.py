import base64
import html
import io
import json
import os
import re

import numpy as np
import pytest
from pages import held
from PIL import Image

from toolkit import DataError, ParameterError
from toolkit.projections import read_frame_map, write_frame_map
from toolkit.storage import pages

POINTS = {"mds_gray": [[0.1, 0.2], [1 / 3, 0.9], [0.9, 0.1]], "umap_hsl": [[-5, 0], [3, 2], [1e-9, 7]]}
COLORS = [(200, 30, 30), (30, 200, 30), (30, 30, 200)]


@pytest.fixture
def film(tmp_path):
    """Return the pictures of three frames of different colours, in a folder beside the map's."""
    folder = tmp_path / "frames of it"
    folder.mkdir()
    (tmp_path / "map").mkdir()
    paths = [folder / name for name in ("süße 'film' &amp; <b>.png", "b#1%20?.png", "c d.png")]
    for path, color in zip(paths, COLORS, strict=True):
        Image.new("RGB", (64, 36), color).save(path)
    return paths


def sheet(page, number=0):
    url = held(page)["sheets"][number]
    assert url.startswith("data:image/webp;base64,")
    return Image.open(io.BytesIO(base64.b64decode(url.partition(",")[2])))


# the JSON file


def test_a_map_is_a_list_with_an_object_a_frame(film, tmp_path):
    path = tmp_path / "map" / "film.json"
    assert write_frame_map(path, film, POINTS, times=[0, 0.5, 7.25]) == path
    assert json.loads(path.read_text(encoding="utf-8")) == [
        {
            "src": f"../frames of it/{source.name}",
            "time": time,
            "mds_gray": [float(value) for value in mds],
            "umap_hsl": [float(value) for value in umap],
        }
        for source, time, mds, umap in zip(film, [0.0, 0.5, 7.25], *POINTS.values(), strict=True)
    ]


def test_without_times_there_are_none(film, tmp_path):
    path = write_frame_map(tmp_path / "film.json", film, {"mds": np.array(POINTS["mds_gray"])})
    assert list(json.loads(path.read_text(encoding="utf-8"))[0]) == ["src", "mds"]
    assert read_frame_map(path)[2] is None


def test_what_was_written_is_read_again(film, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    relative = [os.path.relpath(path) for path in film]
    write_frame_map("map/film.json", relative, POINTS, times=np.array([0.1, 0.2, 0.3]))
    sources, projections, times = read_frame_map("map/film.json")
    assert [source.resolve() for source in sources] == film
    assert list(projections) == list(POINTS)
    for name, points in projections.items():
        assert points.dtype == np.float64
        np.testing.assert_array_equal(points, POINTS[name])
    assert times.dtype == np.float64
    assert times.tolist() == [0.1, 0.2, 0.3]


def test_a_map_may_be_moved_with_its_pictures(film, tmp_path):
    path = write_frame_map(tmp_path / "film.json", film, POINTS)
    (tmp_path / "elsewhere").mkdir()
    film[0].parent.rename(tmp_path / "elsewhere" / film[0].parent.name)
    path = path.rename(tmp_path / "elsewhere" / "film.json")
    assert all(source.is_file() for source in read_frame_map(path)[0])


def test_no_frames_are_an_empty_list(tmp_path):
    page = write_frame_map(tmp_path / "film.json", [], {"mds": np.zeros((0, 2))}, html=True)
    assert json.loads((tmp_path / "film.json").read_text()) == []
    assert read_frame_map(tmp_path / "film.json") == ([], {}, None)
    assert held(page)["src"] == []


def test_a_map_that_is_there_is_replaced_only_by_a_whole_one(film, tmp_path):
    path = write_frame_map(tmp_path / "film.json", film, POINTS)
    before = path.read_bytes()
    with pytest.raises(ParameterError):
        write_frame_map(path, film, {"mds": np.zeros((2, 2))})
    assert path.read_bytes() == before
    write_frame_map(path, film[:1], {"mds": np.zeros((1, 2))})
    assert len(read_frame_map(path)[0]) == 1
    assert sorted(entry.name for entry in tmp_path.iterdir()) == ["film.json", "frames of it", "map"]


# the page


def test_a_page_holds_what_it_shows(film, tmp_path):
    page = write_frame_map(tmp_path / "map" / "film.json", film, POINTS, times=[0, 1, 2], html=True)
    assert page == tmp_path / "map" / "film.html"
    data = held(page)
    assert data["src"] == [f"../frames of it/{source.name}" for source in film]
    assert data["times"] == [0, 1, 2]
    assert data["projections"] == POINTS
    assert data["thumb"] == [64, 36]
    pixels = np.asarray(sheet(page).convert("RGB")).astype(int)
    assert pixels.shape == (36, 192, 3)
    for i, color in enumerate(COLORS):
        assert np.abs(pixels[10:26, 64 * i + 20 : 64 * i + 44] - color).max() < 12


def test_a_page_has_the_title_that_is_asked_for(film, tmp_path):
    page = write_frame_map(tmp_path / "film.json", film, POINTS, html=True, title="Der müde Tod & <i>")
    assert f"<title>{html.escape('Der müde Tod & <i>')}</title>" in page.read_text(encoding="utf-8")
    with pytest.raises(ParameterError, match="title must be text; got int"):
        write_frame_map(tmp_path / "film.json", film, POINTS, html=True, title=7)


def test_a_page_shows_the_part_of_the_pictures_that_is_asked_for(film, tmp_path):
    page = write_frame_map(tmp_path / "film.json", film, POINTS, html=True, box=(9, 16, 18, 32))
    assert held(page)["thumb"] == [32, 18]
    assert sheet(page).size == (96, 18)
    with pytest.raises(ParameterError, match="box must lie inside the pictures; .* has 64x36 pixels"):
        write_frame_map(tmp_path / "film.json", film, POINTS, html=True, box=(9, 16, 28, 32))
    with pytest.raises(ParameterError, match="top must be a whole number of at least 0; got -1"):
        write_frame_map(tmp_path / "film.json", film, POINTS, html=True, box=(-1, 0, 4, 4))
    with pytest.raises(ParameterError, match=r"box must be \(top, left, height, width\); got 7"):
        write_frame_map(tmp_path / "film.json", film, POINTS, html=True, box=7)


def test_nothing_in_a_page_ends_its_script_or_asks_for_anything(film, tmp_path):
    page = write_frame_map(tmp_path / "<i>&.json", film, {"</script><script>alert(1)": POINTS["mds_gray"]}, html=True)
    text = page.read_text(encoding="utf-8")
    assert text.count("</script>") == 2
    assert f"<title>{html.escape('<i>&')}</title>" in text
    assert list(held(page)["projections"]) == ["</script><script>alert(1)"]
    assert re.findall(r"(?:src|href)\s*=\s*[\"'](?!data:)", text) == []
    assert re.findall(r"https?://", text) == []
    assert "default-src 'none'" in text


def test_thumbnails_shrink_and_sheets_add_up_for_many_frames(film, tmp_path, monkeypatch):
    monkeypatch.setattr(pages, "SHEET", 128)
    monkeypatch.setattr(pages, "PIXELS", 20 * 48 * 27)
    page = write_frame_map(tmp_path / "film.json", film * 4, {"a": np.zeros((12, 2))}, html=True)
    data = held(page)
    assert data["thumb"] == [61, 34]
    # two across and three down make six a sheet
    assert len(data["sheets"]) == 2
    assert sheet(page).size == (122, 102)
    assert np.asarray(sheet(page, 1).convert("RGB"))[17, 30].argmax() == 0
    assert np.asarray(sheet(page, 1).convert("RGB"))[17, 91].argmax() == 1


def test_pictures_of_other_proportions_get_bars(film, tmp_path):
    Image.new("L", (36, 36), 255).save(film[1])
    page = write_frame_map(tmp_path / "film.json", film, POINTS, html=True)
    pixels = np.asarray(sheet(page).convert("L"))
    assert pixels[18, 96] > 240
    assert pixels[18, 68] < 15


# what is refused


def test_arguments_are_checked(film, tmp_path):
    good = tmp_path / "film.json"

    def refused(message, path=good, sources=film, projections=POINTS, **options):
        with pytest.raises(ParameterError, match=message):
            write_frame_map(path, sources, projections, **options)

    refused("path must be that of a .json file; got 'film.html'", path="film.html")
    refused("path must be that of a .json file; got '3'", path=3)
    refused("the folder .* does not exist; create it first", path=tmp_path / "none" / "film.json")
    refused("sources must be a sequence of picture files, one a frame; got 'a.jpg'", sources="a.jpg")
    refused("sources must be paths of picture files; got int", sources=[1, 2, 3])
    refused("sources must be picture files; there is no .*x.jpg", sources=[*film[:2], "x.jpg"])
    refused("projections must be a dict of names to points", projections=POINTS["mds_gray"])
    refused("projections must be a dict of names to points", projections={})
    refused("a projection's name must be text, and not 'src' or 'time'; got 'time'", projections={"time": []})
    refused("a projection's name must be text, .*got 3", projections={3: []})
    refused(
        r"points of 'a' must be finite numbers, \(3, 2\), one for each source; got shape \(2, 2\)",
        projections={"a": np.eye(2)},
    )
    refused(r"points of 'a' must be finite numbers, \(3, 2\), .*got str", projections={"a": "abc"})
    refused("points of 'a' must be finite numbers.*; got NaN", projections={"a": np.full((3, 2), np.nan)})
    refused(r"times must be finite seconds, one for each of the 3 sources; got list of shape \(2,\)", times=[1, 2])
    refused("one for each of the 3 sources; got list with what is not a number", times=["a", "b", "c"])
    assert not good.exists()


def test_a_path_from_the_maps_folder_gets_a_hint(film, tmp_path, monkeypatch):
    monkeypatch.chdir("/")
    with pytest.raises(ParameterError, match="Paths are from the current folder: did you mean .*c d.png"):
        write_frame_map(tmp_path / "film.json", [f"frames of it/{film[2].name}"], {"a": np.zeros((1, 2))})


def test_a_picture_that_is_none_is_named(film, tmp_path):
    film[2].write_text("no picture")
    with pytest.raises(ParameterError, match="sources must be pictures; .*c d.png cannot be read"):
        write_frame_map(tmp_path / "film.json", film, POINTS, html=True)
    Image.effect_noise((64, 36), 50).save(film[1])
    film[1].write_bytes(film[1].read_bytes()[:300])
    with pytest.raises(ParameterError, match="sources must be pictures; .*b#1%20.* cannot be read"):
        write_frame_map(tmp_path / "film.json", film[:2], {"a": np.zeros((2, 2))}, html=True)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "it is not JSON"),
        ("3", "got something else"),
        ("[3]", "got something else"),
        ('[{"mds": [1, 2]}]', "object 0 has 'mds'"),
        ('[{"src": "a", "mds": [1, 2]}, {"src": "b"}]', "object 1 has 'src'"),
        ('[{"src": "a", "mds": [1, 2, 3]}]', "'mds' must be two finite numbers; got shape"),
        ('[{"src": "a", "mds": "x"}]', "'mds' must be two finite numbers; got list of dtype <U1"),
        ('[{"src": "a", "mds": [1, NaN]}]', "'mds' must be two finite numbers; got NaN"),
        ('[{"src": "a", "time": [1]}]', "'time' must be a finite number; got shape"),
    ],
)
def test_a_file_that_is_no_map_is_refused(text, message, tmp_path):
    path = tmp_path / "film.json"
    path.write_text(text)
    with pytest.raises(DataError, match=f"film.json.*{message}"):
        read_frame_map(path)


def test_a_missing_map_is_named(tmp_path):
    with pytest.raises(DataError, match="cannot read the frame map .*none.json: No such file"):
        read_frame_map(tmp_path / "none.json")


def test_sixteen_bits_are_shown_as_eight(tmp_path):
    gray = np.full((36, 64), 126, np.uint16) * 257
    Image.fromarray(gray).save(tmp_path / "deep.png")
    page = write_frame_map(tmp_path / "map.json", [tmp_path / "deep.png"], {"mds": [[0, 0]]}, html=True)
    assert np.abs(np.asarray(sheet(page).convert("L")).astype(int) - 126).max() <= 2
    Image.fromarray(np.full((36, 64), 0.5, np.float32)).save(tmp_path / "float.tif")
    with pytest.raises(ParameterError, match="must be pictures of 8 or 16 bits; .*float.tif has numbers of 32 bits"):
        write_frame_map(tmp_path / "map.json", [tmp_path / "float.tif"], {"mds": [[0, 0]]}, html=True)


def test_a_title_that_looks_like_the_template_is_shown(film, tmp_path):
    page = write_frame_map(tmp_path / "film.json", film, POINTS, html=True, title="{{data}}")
    assert "<title>{{data}}</title>" in page.read_text(encoding="utf-8")
    assert held(page)["projections"] == POINTS


def test_names_that_are_no_text_are_told(film, tmp_path):
    odd = tmp_path / os.fsdecode(b"lat\xff.png")
    odd.write_bytes(film[0].read_bytes())
    with pytest.raises(
        ParameterError, match="can be written as UTF-8; got 'lat|names must be text that can be written"
    ):
        write_frame_map(tmp_path / "film.json", [odd, *film[1:]], POINTS)


def test_a_map_in_a_linked_folder_finds_its_pictures(film, tmp_path):
    (tmp_path / "deep" / "er").mkdir(parents=True)
    (tmp_path / "link").symlink_to(tmp_path / "deep" / "er")
    path = write_frame_map(tmp_path / "link" / "film.json", film, POINTS)
    assert all(source.is_file() for source in read_frame_map(path)[0])


@pytest.mark.parametrize(
    "content",
    [
        "[" * 100_000,
        '[{"src": "a", "m": ["1", "2"]}]',
        f'[{{"src": "a", "m": [1, {10**400}]}}]',
        '[{"src": "a", "time": true, "m": [1, 2]}]',
    ],
)
def test_odd_json_is_no_frame_map(tmp_path, content):
    (tmp_path / "odd.json").write_text(content)
    with pytest.raises(DataError, match="odd.json"):
        read_frame_map(tmp_path / "odd.json")
    with pytest.raises(ParameterError, match="path must be that of a frame map"):
        read_frame_map(None)
