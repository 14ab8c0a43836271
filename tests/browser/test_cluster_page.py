"""The page of clusters, as a person uses it."""

import io

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from toolkit.clustering import cluster_videos, write_cluster_map

N, K = 60, 4
WORDS = {0: [("beach", 0.6), ("sea", 0.5)], 1: ["forest"], 3: 'road <b>&"'}


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """Return the page of videos in four heaps, and what is on it; videos have colours of their own."""
    rng = np.random.default_rng(0)
    points = rng.normal(size=(N, 2)) + 12 * np.array([[0, 0], [0, 1], [1, 0], [1, 1]])[np.arange(N) % K]
    names = [f"video{i}" for i in range(N - 1)] + ["</script><b>süß"]
    clusters = cluster_videos(pd.DataFrame(points, index=names), K)
    images = np.zeros((N, 60, 80, 3), np.uint8) + (np.arange(N) * 4)[:, None, None, None].astype(np.uint8)
    captions = {name: [f"caption {i} of it", "a Second one", "<i>third</i>"] for i, name in enumerate(names[:-2])}
    path = write_cluster_map(
        tmp_path_factory.mktemp("page") / "clusters.html", clusters, points, words=WORDS, captions=captions,
        show="all", videos=images, title="Clusters & <more>", progress=False,
    )  # fmt: skip
    return path, clusters, points


@pytest.fixture
def shown(page, made):
    """Return the page, loaded, and see at the end that it asked for nothing and complained of nothing."""
    page.goto(made[0].as_uri())
    page.wait_for_selector("html[data-ready]")
    yield page
    assert [url for url in page.requested if not url.startswith(("data:", "blob:"))] == [made[0].as_uri()]
    assert page.errors == []


def at(page, i):
    """Return where a video is in the window."""
    x, y = page.evaluate(f"clusterMap.position({i})")
    box = page.locator("#map").bounding_box()
    return box["x"] + x, box["y"] + y


def state(page):
    page.evaluate("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")
    return page.evaluate("clusterMap.state()")


def pixel(page, x, y):
    shot = Image.open(io.BytesIO(page.screenshot(clip={"x": x - 1, "y": y - 1, "width": 3, "height": 3})))
    return np.asarray(shot.convert("RGB"))[1, 1].astype(int)


def test_it_says_what_it_shows(shown, made, screenshots):
    assert shown.title() == "Clusters & <more>"
    assert shown.locator("#count").inner_text() == f"{N} videos in {K} clusters"
    told = [button.inner_text().split() for button in shown.locator("nav button").all()]
    sizes = made[1].sizes
    assert told[0] == ["0", str(sizes[0]), "videos", "beach,", "sea"]
    assert told[2] == ["2", str(sizes[2]), "videos"]
    assert told[3] == ["3", str(sizes[3]), "videos", "road", '<b>&"']
    shown.screenshot(path=screenshots / "cluster_map.png")


def test_pointing_at_a_video_shows_its_picture_name_and_captions(shown, made, screenshots):
    shown.mouse.move(*at(shown, 40))
    assert state(shown)["hovered"] == 40
    card = shown.locator("#card")
    assert card.locator("b").inner_text() == "video40"
    assert card.locator("li").all_inner_texts() == ["caption 40 of it", "a Second one", "<i>third</i>"]
    box = card.locator("canvas").bounding_box()
    assert np.abs(pixel(shown, box["x"] + box["width"] / 2, box["y"] + box["height"] / 2) - 160).max() < 12
    shown.screenshot(path=screenshots / "cluster_map_card.png")
    shown.mouse.move(*at(shown, N - 1))
    assert card.locator("b").inner_text() == "</script><b>süß"
    assert card.locator("li").count() == 0
    shown.mouse.move(5, 5)
    assert state(shown)["hovered"] == -1
    assert not card.is_visible()


def test_a_video_has_the_colour_of_its_cluster_where_plots_have_it(shown, made):
    _, clusters, points = made
    from toolkit.plots.style import cluster_colors

    far = np.argmax(np.linalg.norm(points - points.mean(axis=0), axis=1))
    expected = 255 * cluster_colors([clusters.labels[far]])[0]
    assert np.abs(pixel(shown, *at(shown, far)) - (0.85 * expected + 0.15 * 243)).max() < 8


def test_a_cluster_is_singled_out_and_let_go(shown, made):
    _, clusters, _ = made
    button = shown.locator("nav button").nth(1)
    button.click()
    members = [clusters.video_ids[i] for i in np.flatnonzero(clusters.labels == 1)]
    assert state(shown)["shown"] == members
    assert shown.locator("#found").inner_text() == f"{len(members)} videos"
    assert button.get_attribute("aria-pressed") == "true"
    other = int(np.flatnonzero(clusters.labels == 0)[0])
    shown.mouse.move(*at(shown, other))
    assert state(shown)["hovered"] != other
    button.click()
    assert len(state(shown)["shown"]) == N
    assert shown.locator("#found").inner_text() == ""


def test_words_of_captions_are_found(shown):
    shown.locator("#search").fill("second CAPTION 7")
    assert state(shown)["shown"] == ["video7"] + [f"video{i}" for i in (17, 27, 37, 47, 57)]
    shown.locator("#search").fill("süß")
    assert len(state(shown)["shown"]) == 1
    shown.keyboard.press("Escape")
    assert len(state(shown)["shown"]) == N


def test_the_wheel_zooms_where_the_pointer_is_and_dragging_moves(shown):
    x, y = at(shown, 10)
    shown.mouse.move(x, y)
    shown.mouse.wheel(0, -400)
    assert state(shown)["view"]["k"] > 1.5
    assert np.abs(np.subtract(at(shown, 10), (x, y))).max() < 1
    shown.mouse.down()
    shown.mouse.move(x + 50, y - 30, steps=4)
    shown.mouse.up()
    assert np.abs(np.subtract(at(shown, 10), (x + 50, y - 30))).max() < 1
    shown.get_by_role("button", name="Show all").click()
    assert state(shown)["view"] == {"x": 0, "y": 0, "k": 1}


def test_keys_go_from_video_to_video(shown):
    shown.locator("#map canvas").focus()
    for _ in range(3):
        shown.keyboard.press(".")
    assert state(shown)["hovered"] == 2
    assert shown.locator("#spoken").inner_text().startswith("video2, cluster ")
    shown.keyboard.press(",")
    assert state(shown)["hovered"] == 1
    shown.keyboard.press("/")
    shown.keyboard.type("caption 3 ")
    assert "video3" in state(shown)["shown"]


def test_it_can_be_dark(shown):
    corner = shown.locator("#map").bounding_box()
    light = pixel(shown, corner["x"] + 4, corner["y"] + 4)
    shown.locator("#theme").click()
    shown.wait_for_timeout(100)
    dark = pixel(shown, corner["x"] + 4, corner["y"] + 4)
    assert light.min() > 200
    assert dark.max() < 60
