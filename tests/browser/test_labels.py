"""Labelling in JupyterLab: a click on a frame, and what is then in the table."""

import numpy as np
import pandas as pd
import pytest
from lab import open_notebook, run_cell
from PIL import Image, ImageDraw

CODE = """from toolkit import explorers
explorers.label_close_ups("frames", path="close_ups.csv", labels=[False, True] * 4, columns=3, rows=2)"""


def _head(number):
    """Return a picture of a head on shoulders, large in odd pictures and small in even ones."""
    picture = Image.new("RGB", (320, 180), (70 + 12 * number, 96, 120))
    draw = ImageDraw.Draw(picture)
    size = 110 if number % 2 else 34
    draw.ellipse((160 - size * 0.36, 90 - size / 2, 160 + size * 0.36, 90 + size / 2), fill=(226, 184, 150))
    draw.rounded_rectangle((160 - size * 0.8, 90 + size * 0.55, 160 + size * 0.8, 200), size // 3, fill=(60, 40, 60))
    return picture


@pytest.fixture
def folder(lab):
    """Return a folder of frames, with a notebook that labels them."""
    folder = (lab.root / lab.add_notebook("labels", CODE)).parent
    (folder / "frames").mkdir()
    for number in range(8):
        _head(number).save(folder / "frames" / f"film_frame{number}.jpg")
    table = pd.DataFrame({"file": [f"film_frame{number}.jpg" for number in range(8)], "time": np.arange(8) * 2.5})
    table.to_csv(folder / "frames" / "frames.csv", index=False)
    return folder


def _labels(folder):
    table = pd.read_csv(folder / "close_ups.csv")
    return dict(zip(table["file"], table["label"], strict=True))


def test_a_click_on_a_frame_flips_its_label_in_the_table(lab_page, lab, folder, screenshots):
    page = lab_page
    open_notebook(page, lab, (folder / "made.ipynb").relative_to(lab.root))
    run_cell(page, 0)
    frames = page.locator(".widget-toggle-button")
    frames.nth(5).wait_for(timeout=60_000)
    status = page.get_by_text("frames looked at")
    assert frames.count() == 6
    assert [frames.nth(place).inner_text() for place in range(2)] == ["0:00.00", "close-up 0:02.50"]
    assert not (folder / "close_ups.csv").exists()

    frames.nth(2).click()
    page.get_by_text("1 of 8 frames looked at, close-ups: 1").wait_for()
    assert _labels(folder) == {"frames/film_frame2.jpg": 1}
    frames.nth(1).focus()
    page.keyboard.press("Space")
    page.get_by_text("2 of 8 frames looked at, close-ups: 1").wait_for()
    assert _labels(folder) == {"frames/film_frame1.jpg": 0, "frames/film_frame2.jpg": 1}
    page.screenshot(path=screenshots / "labels.png")

    shown = frames.nth(0).bounding_box()
    assert shown["width"] / shown["height"] == pytest.approx(320 / 180, rel=0.03)
    assert "url(" in frames.nth(0).evaluate("button => getComputedStyle(button).backgroundImage")
    page.get_by_role("button", name="All right, next page").click()
    page.get_by_text("6 of 8 frames looked at, close-ups: 3; page 2 of 2").wait_for()
    assert frames.count() == 2
    assert list(_labels(folder).values()) == [0, 0, 1, 1, 0, 1]
    page.get_by_role("button", name="All right").click()
    page.get_by_text("8 of 8 frames looked at, close-ups: 4").wait_for()
    assert status.count() == 1
    assert list(_labels(folder).values()) == [0, 0, 1, 1, 0, 1, 0, 1]
