"""The player in JupyterLab: a film outside of its folder is played by its spans; and its timeline on a bare page."""

import json
from pathlib import Path

import av
import numpy as np
import pandas as pd
import pytest
from lab import open_notebook, run_cell

from toolkit import explorers
from toolkit.explorers import player as explorer_player

SETUP = """import pandas as pd
from toolkit.explorers.player import play
spans = pd.DataFrame({{"start": [5.0, 6.0, 7.2], "end": [6.0, 7.2, 9.0], "setup": [0, 1, 0]}})
spans["transition"] = ["start", "cut", "cut"]
player = play({film!r}, spans, folder="out/a film", each="shot")
player"""
FPS = 25


def _write_film(path, codec, seconds=4, begin=5):
    """Write a film whose first picture is at `begin` seconds, each picture of another gray."""
    with av.open(str(path), "w") as file:
        stream = file.add_stream(codec, rate=FPS)
        stream.width, stream.height, stream.pix_fmt = 160, 120, "yuv420p"
        stream.options = {"threads": "1"}
        for number in range(seconds * FPS):
            frame = av.VideoFrame.from_ndarray(np.full((120, 160, 3), 40 + number, np.uint8), format="rgb24")
            frame.pts = number + begin * FPS
            file.mux(stream.encode(frame))
        file.mux(stream.encode())


@pytest.fixture
def opened(request, tmp_path, lab, lab_page):
    """Return a function that opens a notebook of a player of a film, and runs it; and its folder."""
    folder = "".join(filter(str.isalnum, request.node.name))

    def open_made(film, codec):
        film = tmp_path / "elsewhere" / film
        film.parent.mkdir()
        _write_film(film, codec)
        told = 'import json\nprint("told", json.dumps([player.time, player.span, player.problem]))'
        path = lab.add_notebook(folder, SETUP.format(film=str(film)), told, "player.play(0)")
        open_notebook(lab_page, lab, path)
        run_cell(lab_page, 0)
        player = lab_page.locator(".film-player")
        player.wait_for(timeout=120_000)
        return player

    return open_made, lab.root / "notebooks" / folder


def now(page):
    return page.evaluate("document.querySelector('.film-player video').currentTime")


def wait_until(page, condition, low, high):
    film = "const film = document.querySelector('.film-player video')"
    page.wait_for_function(f"([low, high]) => {{ {film}; return {condition} }}", arg=[low, high], timeout=20_000)


def stopped(page, low, high):
    """Wait until the film stands still between two seconds, and return where."""
    still = "film.paused && !film.seeking && film.currentTime >= low && film.currentTime <= high"
    wait_until(page, still, low, high)
    return now(page)


def passed(page, low, high):
    wait_until(page, "!film.paused && film.currentTime > low && film.currentTime < high", low, high)


@pytest.mark.parametrize(("film", "codec"), [("a film.mp4", "libx264"), ("film.webm", "libvpx")])
def test_a_span_is_played_from_its_start_to_its_end(opened, page, screenshots, tmp_path, film, codec):
    open_made, folder = opened
    player = open_made(film, codec)
    page.wait_for_selector(".film-player[data-ready]", timeout=30_000)
    assert (folder / "out" / "a film" / film).samefile(tmp_path / "elsewhere" / film)
    # the film's clock begins at 5 s, and so does that of Debian's Chromium
    assert stopped(page, 4.99, 5.1) == pytest.approx(5, abs=0.05)
    player.locator(".span").nth(1).click()
    passed(page, 6.05, 7.15)
    page.screenshot(path=screenshots / "player.png")
    assert stopped(page, 7.1, 7.2) == pytest.approx(7.18, abs=0.015)
    assert player.locator(".told").inner_text() == "shot 1: 0:06.00 to 0:07.20, setup 1, transition cut"
    run_cell(page, 1)
    page.get_by_text("told [").wait_for()
    time, span, problem = json.loads(page.get_by_text("told [").inner_text().removeprefix("told "))
    assert time == pytest.approx(7.18, abs=0.015)
    assert (span, problem) == (1, "")

    # by the keyboard: to the next without playing, then playing it to the film's end
    player.locator(".timeline").focus()
    page.keyboard.press("ArrowRight")
    assert stopped(page, 7.19, 7.3) == pytest.approx(7.2, abs=0.01)
    page.keyboard.press("Enter")
    passed(page, 7.3, 8.8)
    page.keyboard.press(" ")
    paused = stopped(page, 7.3, 8.9)
    page.keyboard.press(" ")
    passed(page, paused, 9)
    assert stopped(page, 8.9, 9.05) > 8.9
    page.keyboard.press("Home")
    assert stopped(page, 4.99, 5.02) == pytest.approx(5, abs=0.01)
    # no key was JupyterLab's
    assert page.locator(".jp-CodeCell").count() == 3
    # from Python
    run_cell(page, 2)
    passed(page, 5.1, 5.95)
    assert stopped(page, 5.9, 6.0) == pytest.approx(5.98, abs=0.015)


def test_what_cannot_be_played_or_reached_is_told(opened, page, screenshots, tmp_path):
    open_made, folder = opened
    player = open_made("old film.avi", "mpeg4")
    note = player.locator(".note")
    note.wait_for(timeout=30_000)
    assert note.inner_text().startswith("This browser cannot play old film.avi (mpeg4).")
    assert "ffmpeg -i 'old film.avi' -copyts" in note.inner_text()
    assert player.locator("video").is_hidden()
    # the timeline is there all the same
    player.locator(".span").nth(2).click()
    assert player.locator(".told").inner_text().startswith("shot 2: 0:07.20 to 0:09.00")
    page.screenshot(path=screenshots / "player_note.png")
    run_cell(page, 1)
    page.get_by_text("told [").wait_for()
    assert json.loads(page.get_by_text("told [").inner_text().removeprefix("told "))[:2] == [7.201, 2]
    (folder / "out" / "a film" / "old film.avi").unlink()
    (tmp_path / "elsewhere" / "old film.avi").rename(tmp_path / "elsewhere" / "gone.avi")
    page.evaluate("document.querySelector('.film-player video').load()")
    page.wait_for_function("document.querySelector('.film-player .note').textContent.startsWith('JupyterLab does not')")


# what of a widget's model the script uses
MODEL = """([film, spans]) => {
  const state = { film, spans, span: null, time: 0, asked: [] };
  const heard = {};
  window.model = {
    get: (name) => state[name],
    set: (name, value) => {
      const before = state[name];
      state[name] = value;
      if (before !== value) (heard["change:" + name] || []).forEach((listener) => listener());
    },
    on: (name, listener) => (heard[name] = heard[name] || []).push(listener),
    off: () => {},
    save_changes: () => {},
  };
  document.body.innerHTML = "";
  window.draw({ model: window.model, el: document.body });
}"""


@pytest.fixture
def bare(page, tmp_path):
    """Return a function that draws a player of spans in a page, of a film that no browser can reach."""
    _write_film(tmp_path / "film.mp4", "libx264", begin=0)
    script = Path(explorer_player.__file__).with_name("player.js").read_text(encoding="utf-8")
    page.set_content("<html><body></body></html>")
    page.add_script_tag(content=script.replace("export default { render };", "window.draw = render;"))

    def draw(spans, **options):
        player = explorers.play(tmp_path / "film.mp4", spans, **options)
        page.evaluate(MODEL, [player.film, player.spans])
        return page.locator(".film-player")

    yield draw
    assert page.errors == []


def state(page, name):
    return page.evaluate(f"model.get({name!r})")


def test_many_spans_are_drawn_a_second_time_near_the_position(bare, page, screenshots):
    edges = np.arange(1001) * 2.0
    table = pd.DataFrame({"start": edges[:-1], "end": edges[1:], "setup": np.arange(1000) % 12})
    player = bare(table, each="shot")
    assert player.locator(".note").inner_text().startswith("The film plays in JupyterLab")
    lanes = player.locator(".lane")
    assert (lanes.count(), lanes.nth(0).locator(".span").count()) == (2, 1000)
    assert lanes.nth(1).locator(".span").count() == 24
    assert player.locator(".told").inner_text() == "1000 shots in all: choose one"
    # in the middle of the film
    box = lanes.nth(0).bounding_box()
    page.mouse.click(box["x"] + box["width"] * 0.5005, box["y"] + 10)
    assert state(page, "span") in (500, 501)
    page.evaluate("model.set('span', 500)")
    near = lanes.nth(1).locator(".span")
    assert lanes.nth(1).locator(".chosen").get_attribute("data-index") == "500"
    shown = [int(near.nth(place).get_attribute("data-index")) for place in range(near.count())]
    assert shown == list(range(shown[0], shown[0] + len(shown)))
    assert len(shown) in (24, 25)
    lanes.nth(1).locator("[data-index='503']").click()
    assert (state(page, "span"), state(page, "time")) == (503, 1006.001)
    player.locator(".timeline").focus()
    for key, place in (("ArrowRight", 504), ("ArrowLeft", 503), ("End", 999), ("ArrowRight", 999), ("Home", 0)):
        page.keyboard.press(key)
        assert state(page, "span") == place
        assert lanes.nth(1).locator(".chosen").get_attribute("data-index") == str(place)
        assert player.locator(".timeline").get_attribute("aria-valuetext").startswith(f"shot {place}: ")
    page.evaluate("model.set('span', 640)")
    page.screenshot(path=screenshots / "player_timeline.png")


def test_spans_over_each_other_have_rows_and_no_spans_a_word(bare, page):
    table = pd.DataFrame({"start": [0.0, 1.0, 3.0], "end": [2.0, 2.5, 4.0]})
    player = bare(table, each="dialogue")
    tops = [round(span.bounding_box()["y"]) for span in player.locator(".span").all()]
    assert tops[0] == tops[2] < tops[1]
    # beside all spans the film goes there
    box = player.locator(".lane").bounding_box()
    page.mouse.click(box["x"] + box["width"] * 2.75 / 4, box["y"] + 5)
    assert state(page, "time") == pytest.approx(2.75, abs=0.01)
    assert state(page, "span") is None
    player = bare(table.iloc[:0], each="dialogue")
    assert player.locator(".told").inner_text() == "There is no dialogue to choose: the table is empty."
    player.locator(".timeline").focus()
    page.keyboard.press("Enter")
    assert state(page, "span") is None
