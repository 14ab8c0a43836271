"""What the player is told in Python; what it does with it is seen in tests/browser/test_player.py."""

import json
import os

import av
import numpy as np
import pandas as pd
import pytest

from toolkit import ParameterError, VideoError
from toolkit.explorers import play
from toolkit.explorers import player as explorer_player
from toolkit.plots.style import CLUSTER_COLORS, NO_CLUSTER

SPANS = pd.DataFrame({"start": [0.0, 1.0, 2.5], "end": [1.0, 2.5, 4.0]})


@pytest.fixture(scope="module")
def film(tmp_path_factory):
    """Return a film of four seconds that begins at 0."""
    path = tmp_path_factory.mktemp("films") / "a film.mp4"
    with av.open(str(path), "w") as file:
        stream = file.add_stream("libx264", rate=10)
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        stream.options = {"threads": "1"}
        for number in range(40):
            picture = np.full((48, 64, 3), 40 + number, np.uint8)
            file.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
        file.mux(stream.encode())
    return path


@pytest.fixture
def root(tmp_path, monkeypatch):
    """Return the folder that a Jupyter server, of which this process is a kernel, says that it serves."""
    (tmp_path / "runtime").mkdir()
    root = tmp_path / "project"
    (root / "out").mkdir(parents=True)
    (tmp_path / "runtime" / "jpserver-12345.json").write_text(json.dumps({"root_dir": str(root)}))
    monkeypatch.setenv("JUPYTER_RUNTIME_DIR", str(tmp_path / "runtime"))
    monkeypatch.setenv("JPY_PARENT_PID", "12345")
    return root


def test_spans_have_the_colours_of_their_labels(film):
    table = SPANS.assign(setup=[0, 11, -1])
    spans = play(film, table).spans
    assert spans["color"] == [CLUSTER_COLORS[0], CLUSTER_COLORS[1], NO_CLUSTER]
    assert spans["label"] == ["0", "11", "-1"]
    assert spans["told"] == ["setup 0", "setup 11", "setup -1"]
    assert (spans["start"], spans["end"], spans["row"]) == ([0, 1, 2.5], [1, 2.5, 4], [0, 0, 0])
    named = play(film, table.assign(name=["a", "b", None])).spans
    assert (named["color"], named["label"]) == (spans["color"], ["a", "b", ""])
    assert named["told"] == ["setup a", "setup b", ""]
    # names are numbered by their first sight; what was given goes before the table's
    spans = play(film, table, labels=["b", None, "b"]).spans
    assert spans["color"] == [CLUSTER_COLORS[0], NO_CLUSTER, CLUSTER_COLORS[0]]
    assert spans["label"] == ["b", "", "b"]


def test_neighbours_without_labels_differ(film):
    colors = play(film, SPANS).spans["color"]
    assert colors[0] == colors[2] != colors[1]


def test_what_a_table_tells_of_a_span_is_told(film):
    table = SPANS.assign(transition=["start", "cut", ""], start_frame=[0, 10, 25], share=[0.25, np.nan, 1 / 3])
    told = play(film, table).spans["told"]
    assert told == ["transition start, share 0.25", "transition cut", "share 0.333"]


def test_spans_over_each_other_are_in_rows(film):
    table = pd.DataFrame({"start": [0.0, 0.5, 1.0, 1.2], "end": [1.0, 2.0, 1.5, 1.4]})
    assert play(film, table).spans["row"] == [0, 1, 0, 2]
    many = pd.DataFrame({"start": [0.0] * 6, "end": [1.0] * 6})
    assert play(film, many).spans["row"] == [0, 1, 2, 3, 3, 3]


def test_a_player_is_told_as_it_is_in_every_run(film):
    assert repr(play(film, SPANS, each="shot")) == "Player: a film.mp4, 3 shots"
    player = play(film)
    assert player.spans["start"] == []
    assert (player.film["start"], player.film["end"], player.film["begins"]) == (0, 4, 0)
    assert play(film, SPANS.iloc[:0], each="dialogue").film["none"].startswith("There is no dialogue")


def test_it_stands_where_it_is_told_and_within_the_film(film):
    assert play(film, start=2.5).time == 2.5
    assert play(film, start=-3).time == 0
    assert play(film, start=99).time == 4


def test_a_span_is_asked_for_again(film):
    player = play(film, SPANS)
    player.play(2)
    first = player.asked
    player.play(2)
    assert (first, player.asked) == ([2, 1], [2, 2])
    player.span = 1
    assert player.span == 1
    with pytest.raises(ParameterError, match="index must be .* below 3; got 3; the film has 3 spans, counted from 0"):
        player.play(3)
    with pytest.raises(ParameterError, match="whole number"):
        player.span = -1


def test_a_film_within_the_servers_folder_is_asked_for_there(film, root, tmp_path):
    place = root / "my films" / "é#1.mp4"
    place.parent.mkdir()
    place.write_bytes(film.read_bytes())
    player = play(place, folder=root / "out")
    assert (player.film["url"], player.problem) == ("my%20films/%C3%A9%231.mp4", "")
    assert list((root / "out").iterdir()) == []


def test_a_film_elsewhere_is_given_a_name_in_the_folder(film, root, monkeypatch):
    assert "lies outside of the folder" in play(film).problem
    for _ in range(2):
        player = play(film, folder=root / "out" / "a")
        assert (player.film["url"], player.problem) == ("out/a/a%20film.mp4", "")
    assert [path.name for path in (root / "out" / "a").iterdir()] == ["a film.mp4"]
    assert (root / "out" / "a" / "a film.mp4").samefile(film)
    # the file of another film is left alone
    (root / "out" / "a film.mp4").write_text("mine")
    assert play(film, folder=root / "out").film["url"] == "out/toolkit_a%20film.mp4"
    assert (root / "out" / "a film.mp4").read_text() == "mine"
    # nor is there a name in a folder that is not served
    assert "lies outside" in play(film, folder=film.parent / "other").problem
    assert not (film.parent / "other").exists()


def test_on_another_disk_a_small_film_is_copied_and_a_large_one_is_not(film, root, monkeypatch):
    def refuse(*_):
        raise OSError("Invalid cross-device link")

    monkeypatch.setattr(os, "link", refuse)
    for _ in range(2):
        assert play(film, folder=root / "out").film["url"] == "out/a%20film.mp4"
    copy = root / "out" / "a film.mp4"
    assert copy.read_bytes() == film.read_bytes()
    assert not copy.samefile(film)
    assert len(list(copy.parent.iterdir())) == 1
    copy.unlink()
    monkeypatch.setattr(explorer_player, "MOST_BYTES_COPIED", 10)
    assert "copy the film into the toolkit's folder out" in play(film, folder=root / "out").problem
    assert list(copy.parent.iterdir()) == []


def test_a_hidden_folder_is_not_served(film, root):
    hidden = root / ".cache" / "film.mp4"
    hidden.parent.mkdir()
    hidden.write_bytes(film.read_bytes())
    assert "lies outside" in play(hidden).problem
    assert play(hidden, folder=root / "out").film["url"] == "out/film.mp4"


def test_without_a_server_it_says_how_to_open_the_notebook(film, tmp_path, monkeypatch):
    monkeypatch.setenv("JUPYTER_RUNTIME_DIR", str(tmp_path))
    monkeypatch.setenv("JPY_PARENT_PID", "12345")
    player = play(film, SPANS, folder=tmp_path / "out")
    assert player.film["url"] == ""
    assert "make lab" in player.problem
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("spans", "labels", "match"),
    [
        ([(0, 1)], None, "spans must be a DataFrame with the columns start and end"),
        (pd.DataFrame({"start": [1.0]}), None, "columns start and end"),
        (pd.DataFrame({"start": ["a"], "end": ["b"]}), None, "in seconds; got DataFrame with what is not a number"),
        (pd.DataFrame({"start": [2.0], "end": [1.0]}), None, "each ending not before its start; got 2 to 1"),
        (pd.DataFrame({"start": [np.nan], "end": [1.0]}), None, "in seconds, without NaN or infinity; got nan to 1"),
        (SPANS, [1, 2], "labels must be one for each of the 3 spans"),
        (SPANS, "abc", "labels must be one for each of the 3 spans"),
        (SPANS, [[1], [2], [3]], "labels must be one for each of the 3 spans, a number or a text"),
        (SPANS, SPANS, "labels must be one for each of the 3 spans"),
        (SPANS.assign(setup=[[1], [2], [3]]), None, "labels must be one for each of the 3 spans"),
        (pd.concat([SPANS, SPANS], axis=1), None, "each column once"),
    ],
)
def test_wrong_spans_are_refused(film, spans, labels, match):
    with pytest.raises(ParameterError, match=match):
        play(film, spans, labels=labels)


def test_wrong_options_are_refused(film, tmp_path):
    with pytest.raises(ParameterError, match="each must be what one span is called"):
        play(film, each="")
    with pytest.raises(ParameterError, match="start must be a finite number"):
        play(film, start="0:10")
    with pytest.raises(VideoError, match="nothing.mp4"):
        play(tmp_path / "nothing.mp4")
