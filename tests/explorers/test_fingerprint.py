"""The controls of colours: each is moved, and what is then shown compared with what the toolkit's functions give."""

import io
import os
import signal
import threading
import time

import matplotlib.pyplot as plt
import numpy as np
import pytest
from PIL import Image

from toolkit import ParameterError, colors, explorers, plots
from toolkit.explorers import explore_fingerprint
from toolkit.explorers.fingerprint import STYLES
from toolkit.explorers.pictures import Picture, new_figure
from toolkit.records import Frames

N = 24


def encoded(figure):
    """Return what a picture shows of a figure."""
    picture = Picture()
    picture.show(figure, "")
    return picture.value


@pytest.fixture(scope="module")
def frames():
    """Return frames of two colours and a few pixels of others, whose shares change over time."""
    rng = np.random.default_rng(0)
    images = np.empty((N, 30, 40, 3), np.uint8)
    for number in range(N):
        images[number] = (200, 40 + 5 * number, 60)
        images[number, : 4 + number % 5] = (30, 60, 220 - 4 * number)
        images[number, 20:22] = rng.integers(0, 255, (2, 40, 3))
    return Frames(images, np.arange(N) * 0.5 + 1.0, "film")


@pytest.fixture(autouse=True)
def soon(monkeypatch):
    monkeypatch.setattr(explorers.FingerprintExplorer, "delay", 0.01)


def seen(explorer):
    return np.asarray(Image.open(io.BytesIO(explorer.pictures[0].value)).convert("RGB")).astype(int)


def drawn(style, *data, **options):
    """Return what the plot of a style itself draws at the explorer's size."""
    function, _, size, place = STYLES[style]
    figure = new_figure(*size)
    function(*data, **options, ax=figure.add_axes(place))
    return encoded(figure)


def run(explorer, frames, **given):
    """Return what the two lines of the explorer's code give: colours and shares, and the Axes."""
    names = {"colors": colors, "plots": plots, "frames": frames, **given}
    first, second = explorer.code.split("\n")
    exec(first.replace(")", ", progress=False)"), names)
    ax = eval(second, names)
    plt.close(ax.figure)
    return names["found"], names["shares"]


def same(result, expected):
    return all(np.array_equal(one, other) for one, other in zip(result, expected, strict=True))


def test_what_it_shows_at_first_is_what_the_functions_give(frames):
    explorer = explore_fingerprint(frames, n_colors=2, n_clusters=4, title="A film")
    expected = colors.fingerprint(frames, n_colors=2, n_clusters=4, progress=False)
    assert same(explorer.result, expected)
    assert explorer.pictures[0].value == drawn("poster", *expected, title="A film")
    assert explorer.parameters == {
        "n_colors": 2, "n_clusters": 4, "sampling": 1, "title": "A film", "style": "poster",
        "space": "cielab", "box": "auto",
    }  # fmt: skip
    assert explorer.code == (
        "found, shares = colors.fingerprint(frames, n_colors=2, n_clusters=4)\n"
        "plots.plot_fingerprint_poster(found, shares, title='A film')"
    )
    assert repr(explorer) == f"FingerprintExplorer: {explorer.code}"


@pytest.mark.parametrize(("name", "values"), [("n_colors", (2, 1, 3)), ("n_clusters", (1, 5)), ("sampling", (2, 5))])
def test_colours_are_found_anew_for_what_a_control_says(frames, name, values):
    explorer = explore_fingerprint(frames)
    for value in values:
        before = explorer.pictures[0].value
        explorer.controls[name].value = value
        assert explorer.wait(60)
        wanted = {"n_colors": 1, "n_clusters": 3, "sampling": 1, name: value}
        every = wanted.pop("sampling")
        expected = colors.fingerprint(frames[::every], **wanted, progress=False)
        assert same(explorer.result, expected)
        assert explorer.pictures[0].value == drawn("poster", *expected, title="")
        assert explorer.pictures[0].value != before
        assert same(run(explorer, frames), expected)
        again = explore_fingerprint(frames, **explorer.parameters)
        assert again.pictures[0].value == explorer.pictures[0].value
        assert (again.code, again.problem) == (explorer.code, "")


def test_title_and_style_are_drawn_at_once_from_the_same_colours(frames, monkeypatch):
    loudness = np.linspace(-40.0, -10.0, N)
    explorer = explore_fingerprint(frames, loudness=loudness, n_colors=2, sampling=2)
    found, shares = result = explorer.result
    monkeypatch.setattr(explorer, "task", None)
    times = frames.times[::2]
    for title in ("One", ""):
        explorer.controls["title"].value = title
        expected = {
            "strip": drawn("strip", found, shares, times=times),
            "ring": drawn("ring", found, shares, title=title),
            "plane": drawn("plane", found, shares),
            "wave": drawn("wave", found, loudness[::2], times=times),
            "poster": drawn("poster", found, shares, title=title),
        }
        assert len(set(expected.values())) == len(STYLES)
        for style, picture in expected.items():
            explorer.controls["style"].value = style
            assert explorer.pictures[0].value == picture
            assert explorer.result is result
            assert explorer.parameters["style"] == style
            assert same(run(explorer, frames, loudness=loudness), result)
            again = explore_fingerprint(frames, loudness=loudness, **explorer.parameters)
            assert (again.pictures[0].value, again.code) == (picture, explorer.code)


def test_a_title_that_is_written_while_colours_are_looked_for_stays(frames, monkeypatch):
    explorer = explore_fingerprint(frames, n_colors=2)
    free = threading.Event()
    begin = explorer._begin

    def later(turn):
        free.wait(60)
        begin(turn)

    monkeypatch.setattr(explorer, "_begin", later)
    explorer.controls["sampling"].value = 3
    explorer.controls["title"].value = "Later"
    assert explorer.working
    assert "working" in explorer._status.value
    assert explorer.parameters["sampling"] == 1
    assert explorer.pictures[0].value == drawn("poster", *explorer.result, title="Later")
    free.set()
    assert explorer.wait(60)
    assert explorer.parameters == {
        "n_colors": 2, "n_clusters": 3, "sampling": 3, "title": "Later", "style": "poster",
        "space": "cielab", "box": "auto",
    }  # fmt: skip
    assert len(explorer.result[0]) == 8
    assert explorer.pictures[0].value == drawn("poster", *explorer.result, title="Later")


def test_it_can_be_stopped(frames, monkeypatch):
    explorer = explore_fingerprint(frames)
    before = explorer.pictures[0].value
    monkeypatch.setattr(type(explorer), "delay", 60)
    explorer.controls["n_clusters"].value = 7
    assert explorer.working
    explorer.stop.click()
    assert not explorer.working
    assert explorer.controls["n_clusters"].value == 3
    assert explorer.pictures[0].value == before


@pytest.mark.parametrize("at_work", [False, True])
def test_a_process_that_is_killed_is_told_or_replaced(frames, monkeypatch, at_work):
    explorer = explore_fingerprint(frames)
    explorer.controls["n_clusters"].value = 5
    assert explorer.wait(60)
    (process,) = explorer._pool._processes.values()
    if at_work:
        task = explorer.task
        explorer.task = lambda **parameters: (time.sleep, 60)
        explorer.controls["n_clusters"].value = 6
        while not explorer._busy:
            time.sleep(0.05)
        explorer.task = task
        time.sleep(0.5)
    os.kill(process.pid, signal.SIGKILL)
    if at_work:
        assert explorer.wait(60)
        assert "ended from outside" in explorer.problem
    else:
        while explorer._pool._flags.broken is None:
            time.sleep(0.05)
    explorer.controls["n_clusters"].value = 7
    assert explorer.wait(60)
    assert (explorer.problem, explorer.parameters["n_clusters"]) == ("", 7)


def test_what_goes_wrong_before_the_process_is_asked_is_told(frames, monkeypatch):
    explorer = explore_fingerprint(frames)

    def task(**parameters):
        raise MemoryError("none is left")

    monkeypatch.setattr(explorer, "task", task)
    explorer.controls["n_clusters"].value = 5
    assert explorer.wait(60)
    assert explorer.problem == "none is left"
    assert explorer.stop.disabled


def test_more_colours_than_groups_are_told_and_what_was_seen_stays(frames):
    explorer = explore_fingerprint(frames)
    before, code = explorer.pictures[0].value, explorer.code
    explorer.controls["n_colors"].value = 4
    assert explorer.wait(60)
    assert "take more groups of pixels, or fewer colours" in explorer.problem
    assert (explorer.pictures[0].value, explorer.code) == (before, code)
    # another title does not mend it
    explorer.controls["title"].value = "A film"
    assert explorer.parameters["title"] == "A film"
    assert "take more groups of pixels" in explorer.problem
    assert "take more groups of pixels" in explorer._status.value
    explorer.controls["n_clusters"].value = 5
    assert explorer.wait(60)
    assert explorer.problem == ""
    assert explorer.result[0].shape == (N, 4, 3)


def test_an_array_and_its_times(frames):
    explorer = explore_fingerprint(frames.images, style="strip")
    assert explorer.code.split("\n")[1] == "plots.plot_color_strip(found, shares)"
    times = np.arange(N) * 3.0
    explorer = explore_fingerprint(frames.images, times=times, style="strip", sampling=2)
    assert explorer.code.split("\n")[1] == "plots.plot_color_strip(found, shares, times=times[::2])"
    assert same(run(explorer, frames.images, times=times), explorer.result)
    explorer = explore_fingerprint(frames, times=times, style="strip")
    assert explorer.code.split("\n")[1] == "plots.plot_color_strip(found, shares, times=times)"
    assert explorer.pictures[0].value == drawn("strip", *explorer.result, times=times)


def test_space_and_box_are_in_the_code(frames):
    explorer = explore_fingerprint(frames, space="rgb", box=None)
    assert (explorer.parameters["space"], explorer.parameters["box"]) == ("rgb", None)
    assert explorer.code.startswith(
        "found, shares = colors.fingerprint(frames, n_colors=1, n_clusters=3, space='rgb', box=None)\n"
    )
    assert same(run(explorer, frames), explorer.result)
    assert same(explorer.result, colors.fingerprint(frames, 1, 3, space="rgb", box=None, progress=False))


def test_a_box_may_be_an_array(frames):
    explorer = explore_fingerprint(frames, box=np.array([0, 0, 10, 40]))
    assert same(run(explorer, frames), explorer.result)
    assert same(explorer.result, colors.fingerprint(frames, 1, 3, box=(0, 0, 10, 40), progress=False))
    explorer.controls["n_clusters"].value = 4
    assert explorer.wait(60)
    assert (explorer.problem, explorer.parameters["n_clusters"]) == ("", 4)


def test_many_frames_are_sampled():
    images = np.zeros((721, 2, 2, 3), np.uint8)
    assert explore_fingerprint(images).parameters["sampling"] == 3
    assert explore_fingerprint(images[:360]).parameters["sampling"] == 1


def test_none_and_one_frame(frames):
    one = explore_fingerprint(frames[:1], style="strip")
    assert same(run(one, frames[:1]), one.result)
    none = explore_fingerprint(frames[:0])
    assert none.pictures[0].alt == "no frames"
    assert seen(none).min() < 128
    assert none.result[0].shape == (0, 1, 3)
    none.controls["style"].value = "ring"
    none.controls["n_clusters"].value = 4
    assert none.wait(60)
    assert none.code == "# there are no frames"


def test_a_letter_without_a_font_is_told(frames):
    explorer = explore_fingerprint(frames)
    explorer.controls["title"].value = "\U0001f9ff\U00013000"
    assert "font" in explorer._status.value
    assert explorer.problem == ""


def test_a_picture_is_small(frames):
    rng = np.random.default_rng(0)
    noise = rng.integers(0, 255, (360, 8, 8, 3), np.uint8)
    explorer = explore_fingerprint(noise, n_colors=5, n_clusters=7, title="Noise", loudness=rng.normal(-20, 5, 360))
    for style in STYLES:
        explorer.controls["style"].value = style
        assert len(explorer.pictures[0].value) < 250_000


@pytest.mark.parametrize(
    ("options", "match"),
    [
        ({"style": "wave"}, "style must be one of 'poster', 'strip', 'ring', 'plane'; got 'wave'"),
        ({"n_colors": 0}, "n_colors must be a whole number of at least 1"),
        ({"sampling": 0}, "sampling must be a whole number of at least 1"),
        ({"title": 3}, "title must be a text"),
        ({"space": "hsv"}, "space must be one of"),
        ({"loudness": [1.0]}, "one for each of the 24 frames"),
        ({"loudness": "text"}, "loudness must be finite decibels, one for each of the 24 frames; got str"),
        ({"box": np.full((N, 4), 0.5)}, "box must be"),
        ({"box": np.array([0.0, 0.0, 9.5, 9.5])}, "top must be a whole number"),
        ({"times": [1.0]}, "one for each of the 24 frames"),
    ],
)
def test_wrong_options_are_refused(frames, options, match):
    with pytest.raises(ParameterError, match=match):
        explore_fingerprint(frames, **options)
    with pytest.raises(ParameterError, match="frames must be uint8"):
        explore_fingerprint("film.mp4")
