"""The page of a frame map, as a person uses it."""

import csv
import io
import math
import time

import numpy as np
import pytest
from PIL import Image

from toolkit.projections import write_frame_map

NAMES = ["mds_gray", "tsne_gray", 'umap <hsl> & "more"']
N = 60


def color(i):
    """Return a frame's own colour."""
    return (40 + 3 * i, 250 - 4 * i, 128)


@pytest.fixture(scope="module")
def film(tmp_path_factory):
    """Return the page of a film, its sources, points and times; the frames stand in rows, on a circle, and anywhere."""
    folder = tmp_path_factory.mktemp("map")
    sources = []
    for i in range(N):
        name = 'odd, "süß" </script>.png'.replace("/", "∕") if i == 7 else f"film_frame{i}.png"
        Image.new("RGB", (160, 90), color(i)).save(folder / name)
        sources.append(folder / name)
    angle = np.linspace(0, 2 * np.pi, N, endpoint=False)
    points = {
        NAMES[0]: np.stack([np.arange(N) % 10, np.arange(N) // 10], axis=1) / 9,
        NAMES[1]: np.stack([np.cos(angle), np.sin(angle)], axis=1),
        NAMES[2]: np.random.default_rng(0).normal(size=(N, 2)),
    }
    times = np.arange(N) * 2.5
    return write_frame_map(folder / "a film.json", sources, points, times=times, html=True), sources, points, times


@pytest.fixture
def shown(page, film):
    """Return the page, loaded, and see at the end that it asked for nothing and complained of nothing."""
    page.goto(film[0].as_uri())
    page.wait_for_selector("html[data-ready]")
    yield page
    assert [url for url in page.requested if not url.startswith(("data:", "blob:"))] == [film[0].as_uri()]
    assert page.errors == []


def at(page, frame):
    """Return where a frame is in the window."""
    x, y = page.evaluate(f"frameMap.position({frame})")
    box = page.locator("#map").bounding_box()
    return box["x"] + x, box["y"] + y


def state(page):
    return page.evaluate("frameMap.state()")


def wait(page, expression):
    """Wait until a JavaScript expression is true; the page allows no `wait_for_function`, which evaluates text."""
    end = time.monotonic() + 20
    while not page.evaluate(expression):
        assert time.monotonic() < end, expression
        page.wait_for_timeout(20)


def settle(page):
    wait(page, "!frameMap.state().moving")
    page.evaluate("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")


def pixel(page, x, y):
    shot = Image.open(io.BytesIO(page.screenshot(clip={"x": x - 1, "y": y - 1, "width": 3, "height": 3})))
    return np.asarray(shot.convert("RGB"))[1, 1].astype(int)


def lasso(page, frames, points=24):
    """Draw a loop round the frames with the mouse."""
    places = np.array([at(page, frame) for frame in frames])
    middle, reach = places.mean(axis=0), np.ptp(places, axis=0).max() / 2 + 30
    for step in range(points + 1):
        angle = 2 * math.pi * step / points
        page.mouse.move(middle[0] + reach * math.cos(angle), middle[1] + reach * math.sin(angle))
        if step == 0:
            page.mouse.down()
    page.mouse.up()


def selected(page):
    return page.evaluate("frameMap.selection()")


def test_frames_are_pictures_where_their_points_are(shown, film, screenshots):
    points = film[2][NAMES[0]]
    for frame in (0, 23, 41):
        assert np.abs(pixel(shown, *at(shown, frame)) - color(frame)).max() < 12
    places = np.array([at(shown, frame) for frame in range(N)])
    # the axes as in a plot, in proportion
    moved = (places - places[0]) / (points[9, 0] - points[0, 0])
    scale = moved[9, 0]
    np.testing.assert_allclose(moved, (points - points[0]) * (scale, -scale), atol=1e-6 * scale)
    assert shown.title() == "a film"
    assert shown.locator("#count").inner_text() == "60 frames"
    shown.screenshot(path=screenshots / "frame_map.png")


def test_dragging_moves_the_map(shown):
    before = np.array([at(shown, frame) for frame in (0, 30)])
    shown.mouse.move(300, 600)
    shown.mouse.down()
    shown.mouse.move(340, 590, steps=4)
    shown.mouse.move(400, 560, steps=4)
    shown.mouse.up()
    after = np.array([at(shown, frame) for frame in (0, 30)])
    np.testing.assert_allclose(after - before, [[100, -40]] * 2, atol=1e-6)
    assert selected(shown) == []


def test_the_wheel_zooms_about_the_pointer(shown):
    x, y = at(shown, 33)
    before = state(shown)["k"]
    distance = math.dist(at(shown, 0), at(shown, 59))
    shown.mouse.move(x, y)
    shown.mouse.wheel(0, -400)
    wait(shown, f"frameMap.state().k > {1.5 * before}")
    # the pointer is on a whole pixel
    np.testing.assert_allclose(at(shown, 33), (x, y), atol=1)
    zoomed = state(shown)["k"]
    assert math.dist(at(shown, 0), at(shown, 59)) == pytest.approx(distance * zoomed / before)
    shown.mouse.wheel(0, 400)
    wait(shown, f"frameMap.state().k < {1.01 * before}")


def test_buttons_and_keys_zoom_and_show_all(shown):
    shown.get_by_label("Zoom in").click()
    assert state(shown)["k"] == pytest.approx(1.4)
    shown.get_by_label("Zoom out").click()
    assert state(shown)["k"] == pytest.approx(1)
    shown.keyboard.press("+")
    assert state(shown)["k"] == pytest.approx(1.3)
    shown.keyboard.press("ArrowRight")
    shown.keyboard.press("ArrowUp")
    assert state(shown)["x"] > 0 > state(shown)["y"]
    shown.keyboard.press("0")
    assert {name: state(shown)[name] for name in "xyk"} == {"x": 0, "y": 0, "k": 1}


def test_two_fingers_zoom(film, browser):
    page = browser.new_page(viewport={"width": 800, "height": 600}, has_touch=True)
    page.goto(film[0].as_uri())
    page.wait_for_selector("html[data-ready]")
    fingers = page.context.new_cdp_session(page)
    for kind, far in (("touchStart", 50), ("touchMove", 60), ("touchMove", 100)):
        points = [{"x": 400 - far, "y": 300, "id": 0}, {"x": 400 + far, "y": 300, "id": 1}]
        fingers.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})
    fingers.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    wait(page, "frameMap.state().k > 1.9")
    assert state(page)["k"] == pytest.approx(2, rel=0.01)
    page.close()


def test_projections_change_with_a_transition(shown, film, screenshots):
    start = np.array(at(shown, 15))
    shown.get_by_role("radio", name="tsne gray").click()
    assert state(shown)["moving"]
    shown.wait_for_timeout(350)
    between = np.array(at(shown, 15))
    shown.screenshot(path=screenshots / "frame_map_moving.png")
    settle(shown)
    end = np.array(at(shown, 15))
    assert state(shown)["projection"] == NAMES[1]
    assert shown.get_by_role("radio", name="tsne gray").get_attribute("aria-checked") == "true"
    assert 0 < np.linalg.norm(between - start) < np.linalg.norm(end - start)
    # a quarter of the circle: straight above its middle
    middle = np.mean([at(shown, frame) for frame in range(N)], axis=0)
    np.testing.assert_allclose(end[0], middle[0], atol=1e-6)
    assert end[1] < middle[1]
    shown.keyboard.press("3")
    settle(shown)
    assert state(shown)["projection"] == NAMES[2]
    assert shown.get_by_role("radio").nth(2).inner_text() == NAMES[2]
    shown.keyboard.press("ArrowRight")
    assert state(shown)["projection"] in NAMES


def test_whoever_wants_no_motion_gets_none(film, browser):
    page = browser.new_page(reduced_motion="reduce")
    page.goto(film[0].as_uri())
    page.wait_for_selector("html[data-ready]")
    page.keyboard.press("2")
    page.evaluate("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")
    assert not state(page)["moving"]
    page.close()


def test_pointing_at_a_frame_shows_it_large_with_its_time(shown, screenshots):
    shown.mouse.move(*at(shown, 34))
    preview = shown.locator("#preview")
    preview.locator("canvas").wait_for(state="visible")
    assert state(shown)["hovered"] == 34
    assert shown.locator("#preview-time").inner_text() == "1:25.00"
    assert "film_frame34.png" in shown.locator("#preview-name").inner_text()
    box = preview.locator("canvas").bounding_box()
    assert box["width"] > 250
    middle = pixel(shown, box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    assert np.abs(middle - color(34)).max() < 12
    shown.screenshot(path=screenshots / "frame_map_hover.png")
    shown.mouse.move(5, 850)
    preview.wait_for(state="hidden")
    assert state(shown)["hovered"] == -1


def test_keys_walk_through_the_film(shown, film):
    shown.keyboard.press(".")
    shown.keyboard.press(".")
    assert state(shown)["hovered"] == 1
    assert shown.locator("#spoken").inner_text() == "0:02.50, film_frame1.png"
    shown.keyboard.press("Enter")
    shown.keyboard.press(",")
    assert selected(shown) == ["film_frame1.png"]
    assert state(shown)["hovered"] == 0


def test_a_lasso_selects_and_its_selection_downloads(shown, film, screenshots):
    _, sources, points, times = film
    shown.get_by_role("button", name="Lasso").click()
    # two by two, of which one has the odd name
    wanted = [6, 7, 16, 17]
    lasso(shown, wanted)
    assert selected(shown) == [sources[i].name for i in wanted]
    tray = shown.get_by_role("region", name="Selection")
    assert "4 frames of 60 selected" in tray.inner_text()
    shown.screenshot(path=screenshots / "frame_map_lasso.png")
    with shown.expect_download() as download:
        shown.get_by_role("button", name="Download CSV").click()
    assert download.value.suggested_filename == "a film_selection.csv"
    with open(download.value.path(), newline="", encoding="utf-8") as file:
        rows = list(csv.reader(file))
    assert rows[0] == ["src", "time", *(f"{name}_{axis}" for name in NAMES for axis in "xy")]
    assert [row[0] for row in rows[1:]] == [sources[i].name for i in wanted]
    for i, row in zip(wanted, rows[1:], strict=True):
        assert [float(value) for value in row[1:]] == [times[i], *(v for name in NAMES for v in points[name][i])]
    shown.get_by_role("button", name="Clear").click()
    assert selected(shown) == []
    assert tray.is_hidden()


def test_shift_draws_a_lasso_and_adds_to_the_selection(shown, film):
    names = [source.name for source in film[1]]
    shown.keyboard.down("Shift")
    lasso(shown, [0, 1])
    lasso(shown, [58, 59])
    shown.keyboard.up("Shift")
    assert selected(shown) == [names[i] for i in (0, 1, 58, 59)]
    shown.mouse.click(*at(shown, 58))
    assert selected(shown) == [names[i] for i in (0, 1, 59)]
    shown.keyboard.press("Escape")
    assert selected(shown) == []


def test_time_is_shown_as_colour_and_path(shown, screenshots):
    legend = shown.locator("#legend")
    assert legend.is_hidden()
    before = shown.screenshot()
    shown.get_by_role("button", name="Colour").click()
    shown.get_by_role("button", name="Path").click()
    assert legend.inner_text().split() == ["0:00", "1:13", "2:27"]
    settle(shown)
    shown.screenshot(path=screenshots / "frame_map_time.png")
    assert shown.screenshot() != before
    shown.keyboard.press("c")
    shown.keyboard.press("p")
    assert legend.is_hidden()


def test_pictures_have_a_size(shown):
    x, y = at(shown, 33)
    probe = x + 20, y
    slider = shown.get_by_label("Size of pictures")
    slider.fill("16")
    settle(shown)
    assert np.abs(pixel(shown, *probe) - color(33)).max() > 12
    slider.fill("60")
    settle(shown)
    assert np.abs(pixel(shown, *probe) - color(33)).max() < 12
    slider.fill("4")
    settle(shown)
    assert shown.locator("#legend").is_visible()


def test_light_and_dark(film, browser, screenshots):
    for scheme, other in (("light", "dark"), ("dark", "light")):
        page = browser.new_page(color_scheme=scheme, device_scale_factor=2)
        page.goto(film[0].as_uri())
        page.wait_for_selector("html[data-ready]")
        ground = {"light": 200, "dark": 60}
        assert (pixel(page, 5, 400).mean() > 128) == (ground[scheme] > 128)
        page.screenshot(path=screenshots / f"frame_map_{scheme}.png")
        page.get_by_role("button", name="Light or dark").click()
        settle(page)
        assert (pixel(page, 5, 400).mean() > 128) == (ground[other] > 128)
        assert page.evaluate("document.getElementById('map').width / document.getElementById('map').clientWidth") == 2
        page.close()


def test_help_lists_the_keys(shown):
    shown.keyboard.press("?")
    assert shown.get_by_role("dialog").get_by_text("the frame before, the frame after").is_visible()
    shown.keyboard.press("Escape")
    shown.get_by_role("dialog").wait_for(state="hidden")


def test_names_of_projections_are_text(shown):
    assert shown.get_by_role("radio").all_inner_texts() == ["mds gray", "tsne gray", NAMES[2]]
    assert shown.locator("hsl").count() == 0


def test_a_map_of_no_frames_and_one_of_one(tmp_path, page):
    empty = write_frame_map(tmp_path / "empty.json", [], {"mds": np.zeros((0, 2))}, html=True)
    page.goto(empty.as_uri())
    assert page.get_by_text("There are no frames on this map.").is_visible()
    Image.new("RGB", (160, 90), (200, 10, 10)).save(tmp_path / "one.png")
    one = write_frame_map(tmp_path / "one.json", [tmp_path / "one.png"], {"mds": np.zeros((1, 2))}, html=True)
    page.goto(one.as_uri())
    page.wait_for_selector("html[data-ready]")
    assert np.abs(pixel(page, *at(page, 0)) - (200, 10, 10)).max() < 12
    page.mouse.move(*at(page, 0))
    assert page.locator("#preview-time").inner_text() == "frame 0"
    assert page.errors == []


def test_a_thousand_frames_on_many_sheets_are_all_there(tmp_path, page):
    n = 1000
    rng = np.random.default_rng(0)
    sources = []
    for i in range(10):
        Image.fromarray(np.kron(rng.integers(0, 255, (9, 16, 3), np.uint8), np.ones((20, 20, 1), np.uint8))).save(
            tmp_path / f"{i}.jpg"
        )
        sources.append(tmp_path / f"{i}.jpg")
    points = {"a": rng.normal(size=(n, 2)), "b": rng.normal(size=(n, 2))}
    path = write_frame_map(tmp_path / "map.json", sources * (n // 10), points, times=np.arange(n), html=True)
    assert path.stat().st_size < 8e6
    page.goto(path.as_uri())
    page.wait_for_selector("html[data-ready]")
    page.evaluate("select(order)")
    assert len(selected(page)) == n
