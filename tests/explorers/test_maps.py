"""The explorer of maps: selections are set as the browser sets them, projections compared with the function's own."""

import io
import time
import warnings

import numpy as np
import psutil
import pytest
from PIL import Image

from toolkit import ParameterError, distances, projections
from toolkit.explorers import MapExplorer, explore_maps, map_pictures, pictures
from toolkit.records import Frames

N = 24
SECONDS = 120
PLAIN = {"method": "pca"}


@pytest.fixture(scope="module")
def frames():
    random = np.random.default_rng(0)
    shades = random.integers(0, 200, (N, 1, 1, 3)) + random.integers(0, 40, (N, 18, 32, 3))
    return Frames(shades.astype(np.uint8), np.arange(N) * 0.5)


@pytest.fixture(scope="module")
def vectors():
    return np.random.default_rng(1).normal(size=(N, 6)).astype(np.float32)


def _pixels(picture):
    return np.asarray(Image.open(io.BytesIO(picture.value))).astype(int)


def _evaluated(explorer, frames, vectors):
    names = {"projections": projections, "distances": distances, "frames": frames, "vectors": vectors}
    return eval(explorer.code, names)


def _change(explorer, **values):
    explorer.delay = 0.01
    for name, value in values.items():
        explorer.controls[name].value = value
    assert explorer.wait(SECONDS)
    assert explorer.problem == ""


def _same(explorer, frames, vectors):
    again = explore_maps(frames, vectors, **explorer.parameters)
    assert again.parameters == explorer.parameters
    assert [picture.value for picture in again.pictures] == [picture.value for picture in explorer.pictures]
    assert again.code == explorer.code
    np.testing.assert_array_equal(again.result, explorer.result)
    return True


# the maps


@pytest.mark.parametrize(
    ("options", "code"),
    [
        ({}, 'projections.project(vectors, "tsne", perplexity=7, seed=0)'),
        ({"perplexity": 4.5, "seed": 3}, 'projections.project(vectors, "tsne", perplexity=4.5, seed=3)'),
        (
            {"perplexity": (N - 1) / 3},
            f'projections.project(vectors, "tsne", perplexity={(N - 1) / 3}, seed=0)',
        ),
        ({"method": "mds"}, 'projections.project(vectors, "mds", seed=0)'),
        ({"method": "umap", "n_neighbors": 6}, 'projections.project(vectors, "umap", n_neighbors=6, seed=0)'),
        (
            {"method": "mds", "of": "gray"},
            'projections.project(distances.pairwise(frames, "gray"), "mds", metric="precomputed", seed=0)',
        ),
        (
            {"of": "hsl"},
            'projections.project(distances.pairwise(frames, "hsl"), "tsne", metric="precomputed", '
            "perplexity=7, seed=0)",
        ),
    ],
)
def test_a_map_is_what_its_line_gives(frames, vectors, options, code):
    explorer = explore_maps(frames, vectors, **options)
    assert explorer.code == code
    np.testing.assert_array_equal(explorer.result, _evaluated(explorer, frames, vectors))
    assert _same(explorer, frames, vectors)


def test_each_control_changes_the_map_to_what_another_process_computes(frames, vectors):
    explorer = explore_maps(frames, vectors, **PLAIN)
    before = explorer.pictures[0].value
    for values in ({"method": "mds"}, {"of": "gray"}, {"method": "tsne"}, {"perplexity": 3.0}, {"seed": 5}):
        _change(explorer, **values)
        assert {name: explorer.parameters[name] for name in values} == values
        np.testing.assert_array_equal(explorer.result, _evaluated(explorer, frames, vectors))
        np.testing.assert_array_equal(explorer.scatters[0]._data[["x", "y"]], explorer.result)
        assert explorer.pictures[0].value != before
        before = explorer.pictures[0].value
    assert _same(explorer, frames, vectors)


def test_defaults_are_those_of_the_function(frames, vectors):
    explorer = explore_maps(frames, vectors, method="umap")
    np.testing.assert_array_equal(explorer.result, projections.project(vectors, "umap"))
    many = explore_maps(Frames(np.zeros((100, 4, 4, 3), np.uint8), np.arange(100)), np.eye(100), **PLAIN)
    assert (many.parameters["perplexity"], many.parameters["n_neighbors"]) == (30, 8)


def test_only_what_the_method_heeds_can_be_set(frames, vectors):
    explorer = explore_maps(frames, vectors)
    heeded = {"tsne": ["perplexity", "seed"], "umap": ["n_neighbors", "seed"], "mds": [], "pca": []}
    heeded["multicore_tsne"] = heeded["tsne"]
    assert set(dict(explorer.controls["method"].options).values()) == set(heeded)
    for method, names in heeded.items():
        explorer.controls["method"].value = method
        enabled = [name for name in ("perplexity", "n_neighbors", "seed") if not explorer.controls[name].disabled]
        assert enabled == names
    explorer.halt()
    assert explorer.controls["perplexity"].disabled is False
    assert all(control.description and control.tooltip for control in explorer.controls.values())


def test_distances_between_pixels_are_computed_once_and_only_when_needed(frames, vectors, monkeypatch):
    pairwise, asked = distances.pairwise, []
    monkeypatch.setattr(distances, "pairwise", lambda images, metric: asked.append(metric) or pairwise(images, metric))
    explorer = explore_maps(frames, vectors, **PLAIN)
    assert asked == []
    for of in ("gray", "hsl", "embedding", "gray"):
        _change(explorer, of=of)
    _change(explorer, method="mds")
    assert asked == ["gray", "hsl"]


def test_vectors_of_several_kinds_are_chosen_by_name(frames, vectors):
    several = {"layout": vectors, "other": vectors[:, ::-1] ** 2}
    explorer = explore_maps(frames, several, **PLAIN)
    assert explorer.controls["of"].options == ("layout", "other", "gray", "hsl")
    _change(explorer, of="other")
    assert explorer.code == "projections.project(vectors['other'], \"pca\", seed=0)"
    np.testing.assert_array_equal(explorer.result, _evaluated(explorer, frames, several))
    alone = explore_maps(frames, **PLAIN)
    assert alone.controls["of"].options == ("gray", "hsl")


def test_what_cannot_be_computed_is_told_and_the_map_stays(frames, vectors):
    explorer = explore_maps(frames, vectors, method="pca", of="gray")
    before, explorer.delay = explorer.pictures[0].value, 0.01
    explorer.controls["method"].value = "multicore_tsne"
    assert explorer.wait(SECONDS)
    assert "takes vectors" in explorer.problem
    assert explorer.problem in explorer._status.value.replace("&#x27;", "'")
    assert explorer.pictures[0].value == before
    assert explorer.parameters["method"] == "pca"
    _change(explorer, method="mds")
    with pytest.raises(ParameterError, match="takes vectors"):
        explore_maps(frames, vectors, method="multicore_tsne", of="gray")


# stopping


class SlowMap(MapExplorer):
    slow = False

    def task(self, **parameters):
        return (time.sleep, 60) if self.slow else super().task(**parameters)


def test_a_long_computation_can_be_stopped_and_its_process_is_gone(frames, vectors):
    explorer = SlowMap(frames, vectors, **PLAIN)
    shown = explorer.result
    explorer.slow, explorer.delay = True, 0.01
    explorer.controls["method"].value = "mds"
    explorer.controls["of"].value = "gray"
    end = time.monotonic() + 60
    while not explorer._busy or not explorer._pool._processes:
        assert time.monotonic() < end
        time.sleep(0.05)
    processes = [psutil.Process(pid) for pid in explorer._pool._processes]
    assert explorer.working
    assert not explorer.stop.disabled
    assert "working" in explorer._status.value
    explorer.selected = [3, 4]
    assert "working" in explorer._status.value
    begin = time.monotonic()
    explorer.stop.click()
    assert not explorer.working
    assert psutil.wait_procs(processes, timeout=20)[1] == []
    assert time.monotonic() - begin < 30
    assert (explorer.controls["method"].value, explorer.controls["of"].value) == ("pca", "embedding")
    assert explorer.stop.disabled
    assert explorer.result is shown
    assert explorer.selected == [3, 4]
    explorer.slow = False
    _change(explorer, method="mds")
    np.testing.assert_array_equal(explorer.result, projections.project(vectors, "mds"))


# maps side by side


def test_maps_are_kept_beside_and_removed(frames, vectors):
    explorer = explore_maps(frames, vectors, **PLAIN)
    assert (explorer.keep.disabled, explorer.remove.disabled) == (False, True)
    pca = explorer.result
    explorer.keep.click()
    explorer.keep.click()
    assert len(explorer.scatters) == 2
    _change(explorer, method="mds")
    mds = explorer.result
    explorer.keep.click()
    _change(explorer, of="gray")
    assert explorer.keep.disabled
    for scatter, points in zip(explorer.scatters, (explorer.result, pca, mds), strict=True):
        np.testing.assert_array_equal(scatter._data[["x", "y"]], points)
    assert [kept["method"] for kept in explorer.parameters["compare"]] == ["pca", "mds"]
    assert "MDS of gray and PCA of embedding and MDS of embedding" in explorer.pictures[0].alt
    assert [box.children[0].value.partition("</b>")[0].rpartition(">")[2] for box in explorer._row.box.children] == [
        "MDS of gray",
        "PCA of embedding",
        "MDS of embedding",
    ]
    assert _same(explorer, frames, vectors)
    widgets = [scatter.widget for scatter in explorer.scatters]
    explorer.remove.click()
    assert [kept["method"] for kept in explorer.parameters["compare"]] == ["pca"]
    assert len(explorer.scatters) == len(explorer._row.box.children) == 2
    assert all(widget.comm is None for widget in widgets)
    explorer.remove.click()
    explorer.remove.click()
    assert explorer.parameters["compare"] == ()
    assert _same(explorer, frames, vectors)


def test_what_is_kept_while_a_map_is_computed_stays(frames, vectors):
    explorer = explore_maps(frames, vectors, **PLAIN)
    explorer.delay = 0.3
    explorer.controls["method"].value = "mds"
    explorer.keep.click()
    explorer.selected = [2]
    assert explorer.wait(SECONDS)
    assert explorer.parameters["method"] == "mds"
    assert [kept["method"] for kept in explorer.parameters["compare"]] == ["pca"]
    assert explorer.parameters["selected"] == [2]


# the selection


def test_a_selection_on_one_map_is_on_all_and_in_the_strip(frames, vectors):
    explorer = explore_maps(frames, vectors, **PLAIN, compare=[{"method": "mds"}])
    for place, chosen in enumerate(([3, 9, 10], [20, 1])):
        before = [picture.value for picture in explorer.pictures]
        # as the browser tells it
        explorer.scatters[place].widget.selection = np.array(chosen, np.uint32)
        assert explorer.selected == sorted(chosen)
        for scatter in explorer.scatters:
            assert sorted(scatter.selection()) == sorted(chosen)
        assert all(old != picture.value for old, picture in zip(before, explorer.pictures, strict=True))
        assert explorer.pictures[1].alt == f"{len(chosen)} of the {len(chosen)} frames that are selected"
    assert _same(explorer, frames, vectors)
    explorer.scatters[0].selection([7])
    assert explorer.selected == [7]
    explorer.scatters[1].selection(None)
    assert explorer.selected == []
    assert "no frames" in explorer.pictures[1].alt


def test_the_strip_shows_the_frames_selected(frames, vectors):
    explorer = explore_maps(frames, vectors, **PLAIN, selected=[5, 17])
    pixels = _pixels(explorer.pictures[1])
    for place, index in enumerate((5, 17)):
        part = pixels[10:70, place * 147 + 10 : place * 147 + 130].mean(axis=(0, 1))
        assert np.abs(part - frames.images[index].mean(axis=(0, 1))).max() < 6
    assert (pixels[:, 320:] > 250).all()
    explorer.selected = range(N)
    assert explorer.pictures[1].alt == "12 of the 24 frames that are selected"
    assert len(_pixels(explorer.pictures[1])) > 1.9 * len(pixels)


def test_the_selection_is_marked_where_its_points_are(frames, vectors):
    explorer = explore_maps(frames, vectors, **PLAIN)
    before = _pixels(explorer.pictures[0])
    explorer.selected = [4]
    changed = np.abs(_pixels(explorer.pictures[0]) - before).max(axis=2) > 60
    ax = explorer._figure.marks[0].axes
    x, y = ax.transData.transform(explorer.result[4])
    rows, columns = np.nonzero(changed)
    assert np.hypot(columns.mean() - x, len(before) - rows.mean() - y) < 3


def test_the_selection_as_a_table(frames, vectors):
    explorer = explore_maps(frames, vectors, **PLAIN, selected=(9, 2))
    table = explorer.selection
    assert list(table) == ["frame", "time", "x", "y"]
    assert table["frame"].tolist() == [2, 9]
    assert table["time"].tolist() == [1.0, 4.5]
    np.testing.assert_array_equal(table[["x", "y"]], explorer.result[[2, 9]])
    _change(explorer, method="mds")
    np.testing.assert_array_equal(explorer.selection[["x", "y"]], projections.project(vectors, "mds")[[2, 9]])
    explorer.selected = []
    assert len(explorer.selection) == 0
    untimed = explore_maps(frames.images, vectors, **PLAIN, selected=[0])
    assert untimed.selection["time"].isna().all()


def test_frames_are_selected_by_their_numbers_too(frames, vectors):
    explorer = explore_maps(frames, vectors, **PLAIN)
    explorer._field.value = " 3 - 5, 9;11 "
    assert explorer.selected == [3, 4, 5, 9, 11]
    assert sorted(explorer.scatters[0].selection()) == [3, 4, 5, 9, 11]
    assert explorer._field.value == "3-5, 9, 11"
    explorer._field.value = "11,9,5-3"
    assert explorer.selected == [3, 4, 5, 9, 11]
    before = explorer.pictures[1].value
    explorer._field.value = "3, five"
    assert "got 'five'" in explorer.problem
    explorer._field.value = "3-99"
    assert "numbers of the 24 frames" in explorer.problem
    assert explorer.selected == [3, 4, 5, 9, 11]
    assert explorer.pictures[1].value == before
    explorer._field.value = ""
    assert explorer.selected == []
    assert explorer.problem == ""
    explorer.scatters[0].widget.selection = np.array([6, 7], np.uint32)
    assert explorer._field.value == "6-7"


def test_pointing_at_a_frame_points_at_it_on_all_maps(frames, vectors):
    explorer = explore_maps(frames, vectors, **PLAIN, compare=[{"method": "mds"}])
    explorer.scatters[1].widget.hovering = 8
    assert explorer.scatters[0].widget.hovering == 8
    explorer.scatters[1].widget.hovering = None
    assert explorer.scatters[0].widget.hovering == -1


# what is kept with a notebook


def test_each_map_more_adds_little_to_a_saved_notebook(frames, vectors):
    explorer = explore_maps(frames, vectors, **PLAIN, compare=[{"method": "mds"}, {"of": "gray", "method": "mds"}])
    for scatter in explorer.scatters:
        assert sum(len(repr(value)) for value in scatter.widget.get_state().values()) < 60_000
    holder = next(iter({_holder(scatter.widget._esm) for scatter in explorer.scatters}))
    assert len(holder.packed) < 600_000
    assert sum(len(picture.value) for picture in explorer.pictures) < 250_000


def _holder(loader):
    import re

    import ipywidgets

    (model_id,) = set(re.findall(r"[0-9a-f]{32}", loader))
    return ipywidgets.widgets.widget._instances[model_id]


def test_it_says_what_it_is_in_words_that_stay(frames, vectors):
    explorer = explore_maps(frames, vectors, **PLAIN)
    assert repr(explorer) == 'MapExplorer: projections.project(vectors, "pca", seed=0)'


# edges


@pytest.mark.parametrize("n", [1, 2, 4])
def test_few_frames(frames, vectors, n):
    explorer = explore_maps(frames[:n], vectors[:n])
    assert set(dict(explorer.controls["method"].options).values()) == {"mds", "pca"}
    np.testing.assert_array_equal(explorer.result, projections.project(vectors[:n], "mds"))
    explorer.selected = [n - 1]
    assert _same(explorer, frames[:n], vectors[:n])
    with pytest.raises(ParameterError, match="method must be one of 'mds', 'pca'; got 'tsne'"):
        explore_maps(frames[:n], vectors[:n], method="tsne")


def test_no_frames_are_told(frames, vectors):
    explorer = explore_maps(frames[:0], vectors[:0])
    assert explorer.result.shape == (0, 2)
    assert _evaluated(explorer, frames[:0], vectors[:0]).shape == (0, 2)
    assert explorer.pictures[0].alt == "no frames"
    assert explorer.scatters == []
    assert len(explorer.selection) == 0
    assert _same(explorer, frames[:0], vectors[:0])


def test_gray_frames_and_times_of_their_own(frames, vectors):
    explorer = explore_maps(frames.images[..., 0], vectors, **PLAIN, times=np.arange(N) + 60, selected=[1])
    assert explorer.selection["time"].tolist() == [61]
    assert explorer.scatters[0]._data["at"][1] == "1:01.00"


def test_it_warns_of_nothing(frames, vectors):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        explore_maps(frames, vectors, compare=[PLAIN], selected=[1])


def test_arguments_are_checked(frames, vectors):
    def refused(message, given=vectors, **options):
        with pytest.raises(ParameterError, match=message):
            explore_maps(frames, given, **options)

    refused("method must be one of 'tsne', 'umap', 'mds', 'pca', 'multicore_tsne'; got 'lda'", method="lda")
    refused("of must be one of 'embedding', 'gray', 'hsl'; got 'rgb'", of="rgb")
    refused(
        "perplexity must be a finite number .* and at most 7.66.*; got 30; at most a third of the other frames count",
        perplexity=30,
    )
    refused("perplexity must be a finite number of at least 1 .*; got 0;", perplexity=0)
    refused(
        "n_neighbors must be a whole number of at least 2 and at most 23; got 24; there are 23 other frames",
        n_neighbors=24,
    )
    refused("n_neighbors must be a whole number of at least 2 .*; got 2.5", n_neighbors=2.5)
    refused("seed must be a whole number of at least 0 and below 2,147,483,648", seed=2**31)
    refused("seed must be a whole number", seed=None)
    refused(r"vectors must be numbers, \(n, d\), one for each of the 24 frames, .*got shape \(5, 6\)", vectors[:5])
    refused("vectors must have names that are text, and not 'gray' or 'hsl'; got 'gray'", {"gray": vectors})
    refused("times must be finite seconds, one for each of the 24 frames", times=[1, 2])
    refused("compare must be up to 2 dicts of method", compare=[{}, {}, {}])
    refused("compare must be up to 2 dicts of method, .*got .*'name'", compare=[{"name": 3}])
    refused("method must be one of", compare=[{"method": "lda"}])
    refused("selected must be numbers of the 24 frames, counted from 0; got .24.", selected=[24])
    refused("selected must be", selected=[0.5])
    nan = vectors.copy()
    nan[3] = np.nan
    refused(r"got NaN at \(3, 0\)", nan)


def test_the_strip_of_frames_is_no_wider_than_the_picture():
    assert map_pictures.COLUMNS * (map_pictures.THUMBNAIL + 3) - 3 <= pictures.WIDTH * pictures.DPI


def test_a_map_that_moves_is_sent_in_one_message(frames, vectors, monkeypatch):
    # of two, the browser would draw the first, and have no time for the second
    explorer = explore_maps(frames, vectors, **PLAIN)
    widget, sent = explorer.scatters[0].widget, []
    monkeypatch.setattr(
        type(widget), "send_state", lambda self, key: sent.append({key} if isinstance(key, str) else set(key))
    )
    explorer.take({**explorer.parameters, "method": "mds"}, 5 + explorer.result[:, ::-1] ** 3)
    assert sum("points" in names for names in sent) == 1
