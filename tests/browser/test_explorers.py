"""The explorers in the notebooks, in JupyterLab: controls are moved by the keyboard, pictures and code follow."""

import contextlib
import io
import re
import time
from dataclasses import dataclass
from pathlib import Path

import nbformat
import numpy as np
import pytest
from lab import end_kernels, open_notebook, run_all
from PIL import Image
from playwright.sync_api import Error, Locator, Page

from toolkit.explorers.distances import MATRIX

NUMBERS = ["02", "03", "04", "05", "06", "07", "08"]
# pictures by what is in them
HASHES = """(box) => Promise.all([...box.querySelectorAll("img[alt]")].map(async (image) => {
  const bytes = await (await fetch(image.src)).arrayBuffer();
  return Array.from(new Uint8Array(await crypto.subtle.digest("SHA-256", bytes))).join(" ");
}))"""
# of what is written in an explorer, the least contrast to what is behind it, as WCAG reckons it
CONTRAST = """(box) => {
  const parts = (color) => color.match(/[\\d.]+/g).map(Number);
  const over = (color, below) => {
    const [r, g, b, a = 1] = color;
    return [r, g, b].map((part, i) => a * part + (1 - a) * below[i]);
  };
  const behind = (element) => {
    if (!element) return [255, 255, 255];
    const color = parts(getComputedStyle(element).backgroundColor);
    return (color[3] ?? 1) === 1 ? color : over(color, behind(element.parentElement));
  };
  const light = (color) => {
    const [r, g, b] = color.map((part) => {
      const share = part / 255;
      return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b + 0.05;
  };
  const written = [...box.querySelectorAll("label, pre, span, b, input, select, .widget-readout")].filter(
    (element) => element.checkVisibility() && (element.value || element.innerText || "").trim()
  );
  return Math.min(...written.map((element) => {
    const below = behind(element);
    const both = [light(below), light(over(parts(getComputedStyle(element).color), below))];
    return Math.max(...both) / Math.min(...both);
  }));
}"""
PLAYS = """([low, high]) => {
  const film = document.querySelector(".film-player video");
  return film.currentTime > low && film.currentTime < high;
}"""


@dataclass(frozen=True)
class State:
    """What an explorer shows: the line of code, and its pictures by what is in them."""

    code: str
    pictures: tuple


class Explorer:
    """An explorer in the output of a cell."""

    def __init__(self, page: Page, cell: Locator):
        self.page = page
        self.box = cell.locator(".jp-OutputArea-output .widget-vbox").first
        self.code = self.box.get_by_label("the code of what is shown")
        self.problem = self.box.get_by_role("alert")

    def state(self):
        return State(self.code.text_content(), tuple(self.box.evaluate(HASHES)))

    def changed(self, before, seconds=60):
        """Wait until code and pictures are others than before, and no problem is told; return what is shown then."""
        end, now, last = time.monotonic() + seconds, before, None
        # what belongs together comes in several messages
        while now.code == before.code or now.pictures == before.pictures or now != last or self.is_working():
            assert time.monotonic() < end, f"after {seconds} s: {self.box.inner_text()}"
            self.page.wait_for_timeout(200)
            # a picture may go while it is read
            with contextlib.suppress(Error):
                last, now = now, self.state()
        assert self.problem.count() == 0
        return now

    def is_working(self):
        return self.box.get_by_text("working …").count() > 0

    def handle(self, label):
        name = self.page.locator("label").filter(has_text=re.compile(f"^{re.escape(label)}$"))
        return self.box.locator(".widget-slider").filter(has=name).locator(".noUi-handle")

    def press(self, label, key):
        """Press a key on a slider."""
        self.handle(label).focus()
        self.page.keyboard.press(key)

    def write(self, label, text):
        """Write into a field, and leave it."""
        self.box.get_by_label(label).fill(text)
        self.page.keyboard.press("Tab")

    def choose(self, label, choice):
        self.box.get_by_label(label, exact=True).select_option(label=choice)

    def click(self, button, nth=0):
        """Press a button by the keyboard."""
        self.box.get_by_role("button", name=button).nth(nth).focus()
        self.page.keyboard.press("Enter")


@dataclass(frozen=True)
class Opened:
    """A notebook in JupyterLab, all of whose cells ran."""

    page: Page
    path: Path
    outputs: list
    screenshots: Path

    def cells(self, call):
        """Return the places, among the code cells, of those with a call."""
        code = [cell for cell in nbformat.read(self.path, as_version=4).cells if cell.cell_type == "code"]
        return [place for place, cell in enumerate(code) if call in cell.source]

    def explorer(self, name):
        (place,) = self.cells(f"explorers.{name}(")
        shown = Explorer(self.page, self.page.locator(".jp-Notebook .jp-CodeCell").nth(place))
        shown.code.wait_for()
        return shown

    def player(self):
        return self.page.locator(".film-player")

    def photograph(self, box, name):
        """Take a picture of an explorer alone, once all above it has its height."""
        place = None
        while place != (place := box.bounding_box()):
            box.scroll_into_view_if_needed()
            self.page.wait_for_timeout(200)
        # nothing with a rim of the keyboard's focus
        self.page.evaluate("() => document.activeElement.blur()")
        box.screenshot(path=self.screenshots / f"{name}.png")


@pytest.fixture(scope="module")
def opened(request, wide_page, lab, screenshots):
    """Return the notebook of a number, opened, all of whose cells ran."""
    (path,) = (lab.root / "notebooks").glob(f"{request.param}_*.ipynb")
    wide_page.requested.clear()
    wide_page.errors.clear()
    open_notebook(wide_page, lab, f"notebooks/{path.name}")
    yield Opened(wide_page, path, run_all(wide_page), screenshots)
    end_kernels(wide_page)


def of(*numbers):
    return pytest.mark.parametrize("opened", numbers, indirect=True)


@of(*NUMBERS)
def test_all_cells_run(opened, lab):
    outputs = [output for cell in opened.outputs for output in cell]
    assert [output for output in outputs if output["output_type"] == "error" or output.get("name") == "stderr"] == []
    assert opened.page.get_by_text("Error displaying widget").count() == 0
    allowed = lab.url, lab.url.replace("http", "ws"), "data:", "blob:"
    assert [url for url in opened.page.requested if not url.startswith(allowed)] == []
    # with the state of its widgets
    opened.page.evaluate("() => window.jupyterapp.commands.execute('docmanager:save').then(() => null)")
    assert "application/vnd.jupyter.widget-state+json" in nbformat.read(opened.path, as_version=4).metadata["widgets"]
    assert opened.path.stat().st_size < 5_000_000


@of("02")
def test_distances_are_those_of_the_frames_that_are_pointed_at(opened):
    shown = opened.explorer("explore_distances")
    begun = shown.state()
    first, second = map(int, re.findall(r"\d+", begun.code))
    shown.press("first frame (down)", "ArrowRight")
    moved = shown.changed(begun)
    assert moved.code == f'distances.pairwise(frames, "gray")[{first + 1}, {second}]'
    shown.press("first frame (down)", "ArrowLeft")
    assert shown.changed(moved) == begun
    # half of the film down, a quarter of it across
    picture = shown.box.locator("img[alt]")
    size = picture.bounding_box()
    left, below, wide, tall = MATRIX
    x, y = left + 0.25 * wide, 1 - below - tall + 0.5 * tall
    picture.click(position={"x": size["width"] * x, "y": size["height"] * y})
    pointed = shown.changed(begun)
    down, across = map(int, re.findall(r"\d+", pointed.code))
    assert down / across == pytest.approx(2, rel=0.02)
    shown.choose("distance", "hsl")
    assert shown.changed(pointed).code == f'distances.pairwise(frames, "hsl")[{down}, {across}]'
    shown.choose("distance", "gray")
    shown.changed(shown.state())
    opened.photograph(shown.box, "explore_distances")


@of("03")
def test_a_map_is_computed_aside_and_can_be_stopped(opened):
    shown = opened.explorer("explore_maps")
    begun = shown.state()
    assert "seed=0" in begun.code
    assert shown.box.locator("canvas").count()
    shown.write("seed", "5")
    shown.box.get_by_text("working …").wait_for()
    shown.click("Stop")
    shown.box.get_by_text("stopped: what is shown is as before").wait_for()
    assert shown.box.get_by_label("seed").input_value() == "0"
    assert shown.state() == begun
    shown.choose("method", "PCA")
    assert shown.changed(begun, 120).code == 'projections.project(vectors, "pca", seed=0)'
    shown.choose("method", "UMAP")
    shown.write("seed", "5")
    again = shown.changed(shown.state(), 120)
    assert again.code == begun.code.replace("seed=0", "seed=5")
    shown.write("selected frames", "10-13, 40")
    shown.box.get_by_text("5 selected").wait_for()
    selected = shown.state()
    assert [a == b for a, b in zip(again.pictures, selected.pictures, strict=True)] == [False, False]
    # the points that can be caught lie as in the picture of the map, where its square is 420 pixels of 420
    canvas = Image.open(io.BytesIO(shown.box.locator("canvas").first.screenshot())).convert("L")
    rows = np.flatnonzero((np.asarray(canvas)[:, 60:] < 200).any(axis=1))
    assert 0.8 * 420 < rows[-1] - rows[0] < 420
    opened.photograph(shown.box, "explore_maps")


@of("04")
def test_colours_are_found_aside_and_the_title_is_written_at_once(opened):
    shown = opened.explorer("explore_fingerprint")
    begun = shown.state()
    assert "n_colors=5" in begun.code
    shown.press("colours of a frame", "ArrowLeft")
    fewer = shown.changed(begun)
    assert fewer.code == begun.code.replace("n_colors=5", "n_colors=4")
    shown.write("title", "By hand")
    titled = shown.changed(fewer)
    assert titled.code.endswith("title='By hand')")
    shown.choose("picture", "ring")
    assert "plots.plot_color_ring(" in shown.changed(titled).code
    opened.photograph(shown.box, "explore_fingerprint")


@of("05")
def test_the_tree_is_cut_where_the_threshold_says(opened):
    shown = opened.explorer("explore_threshold")
    begun = shown.state()
    shown.press("threshold", "PageUp")
    higher = shown.changed(begun)
    first, second = (float(re.search(r"tree, ([\d.]+)", state.code)[1]) for state in (begun, higher))
    assert first < second
    shown.write("clusters", "12")
    twelve = shown.changed(higher)
    shown.box.get_by_text("12 clusters in ").wait_for()
    opened.photograph(shown.box, "explore_threshold")
    shown.click("suggested: ")
    assert shown.changed(twelve) == begun


@of("05")
def test_a_cut_that_is_removed_is_saved_and_comes_back(opened, lab):
    shown = opened.explorer("explore_cuts")
    saved = lab.root / "out" / "sample_film_0" / "shots.corrected.csv"
    begun = shown.state()
    assert begun.code == "shots.correct_shots(cuts, setups=exports.read_setups(folder))"
    assert not saved.exists()
    opened.photograph(shown.box, "explore_cuts")
    shown.click("remove", nth=1)
    removed = shown.changed(begun)
    assert removed.code.startswith("shots.correct_shots(shots.complete_shots(")
    # what was seen of the shot after moved up by one
    assert removed.pictures[2] == begun.pictures[3]
    found = len((saved.parent / "shots.csv").read_text().splitlines())
    assert len(saved.read_text().splitlines()) == found - 1
    shown.click("undo")
    assert shown.changed(removed) == begun
    assert not saved.exists()


@of("06")
def test_dialogues_change_with_what_is_tolerated(opened):
    shown = opened.explorer("explore_dialogues")
    begun = shown.state()
    opened.photograph(shown.box, "explore_dialogues")
    shown.press("alternations, at least", "ArrowRight")
    shown.code.get_by_text('.query("alternations >= 4")').wait_for()
    four = shown.state()
    assert four.pictures == begun.pictures
    # the turn after the insert no longer counts
    shown.press("memory (inserts tolerated)", "ArrowLeft")
    strict = shown.changed(four)
    assert strict.code == four.code.replace("inserts=1", "inserts=0")
    shown.press("memory (inserts tolerated)", "ArrowRight")
    assert shown.changed(strict) == four


@of("07")
def test_scenes_change_with_their_number_and_by_hand(opened, lab):
    shown = opened.explorer("explore_scenes")
    saved = lab.root / "out" / "sample_film_0" / "scenes.corrected.csv"
    begun = shown.state()
    count = int(re.search(r"group_shots\(movie, (\d+)", begun.code)[1])
    opened.photograph(shown.box, "explore_scenes")
    shown.write("number of scenes", str(count - 2))
    fewer = shown.changed(begun)
    assert f"group_shots(movie, {count - 2}," in fewer.code
    assert not saved.exists()
    shown.click("boundary after")
    shown.click("remove")
    removed = shown.changed(fewer)
    assert "exports.read_table(" in removed.code
    assert len(saved.read_text().splitlines()) == count - 2
    shown.click("undo")
    assert shown.changed(removed).code == fewer.code
    assert not saved.exists()


@of("08")
def test_clusters_of_videos_change_with_their_number(opened):
    shown = opened.explorer("explore_clusters")
    begun = shown.state()
    count = int(re.search(r"n_clusters=(\d+)", begun.code)[1])
    opened.photograph(shown.box, "explore_clusters")
    shown.press("clusters", "ArrowRight")
    more = shown.changed(begun, 120)
    assert more.code == begun.code.replace(f"n_clusters={count}", f"n_clusters={count + 1}")
    # what was found once is not looked for again
    shown.press("clusters", "ArrowLeft")
    assert shown.changed(more) == begun


@of("05", "06", "07")
def test_a_span_of_the_film_is_played(opened):
    player = opened.player()
    player.scroll_into_view_if_needed()
    opened.page.wait_for_selector(".film-player[data-ready]", timeout=30_000)
    player.locator(".span").nth(1).click()
    told = player.locator(".told").inner_text()
    minutes, seconds = re.search(r" 1: (\d+):([\d.]+) to", told).groups()
    start = 60 * int(minutes) + float(seconds)
    opened.page.wait_for_function(PLAYS, arg=[start + 0.3, start + 30], timeout=30_000)
    player.locator(".timeline").focus()
    opened.page.keyboard.press(" ")
    opened.photograph(player, f"play_{opened.path.name[:2]}")


@of("05")
def test_what_is_written_can_be_read_in_the_dark_theme_too(opened):
    shown = [opened.explorer(name) for name in ("explore_threshold", "explore_cuts")]
    light = opened.page.locator("body[data-jp-theme-light='true']")
    light.wait_for(state="attached")
    assert min(each.box.evaluate(CONTRAST) for each in shown) >= 4.5
    change = "(theme) => window.jupyterapp.commands.execute('apputils:change-theme', { theme })"
    opened.page.evaluate(change, "JupyterLab Dark")
    opened.page.locator("body[data-jp-theme-light='false']").wait_for(state="attached")
    try:
        contrasts = [each.box.evaluate(CONTRAST) for each in shown]
        for each, name in zip(shown, ("threshold", "cuts"), strict=True):
            opened.photograph(each.box, f"explore_{name}_dark")
        assert min(contrasts) >= 4.5
    finally:
        opened.page.evaluate(change, "JupyterLab Light")
        light.wait_for(state="attached")


@of(*NUMBERS)
def test_no_script_fails(opened):
    opened.page.wait_for_timeout(500)
    assert opened.page.errors == []
