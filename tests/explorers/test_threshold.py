import io

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from PIL import Image

from toolkit import ParameterError, plots, shots
from toolkit.explorers import explore_threshold
from toolkit.explorers.pictures import Picture, new_figure
from toolkit.plots import clusters, style
from toolkit.records import Frames

SETUPS = np.array([0, 0, 0, 1, 1, 0, 0, 1, 1, 1, 2, 2, 0, 2, 2, 3, 3, 3, 3, 0])
FEATURES = 10.0 * np.array([[0, 0], [1, 0], [4, 0], [4, 9]])[SETUPS] + np.random.default_rng(3).normal(size=(20, 2))
TREE = shots.linkage_tree(FEATURES)
TIMES = 0.5 * np.arange(20) + 3
IMAGES = np.broadcast_to(np.uint8(40 + 9 * np.arange(20))[:, None, None, None], (20, 27, 48, 3)).copy()


def encoded(figure):
    """Return what a picture shows of a figure."""
    picture = Picture()
    picture.show(figure, "")
    return picture.value


def explorer(**options):
    return explore_threshold(TREE, IMAGES, TIMES, **options)


def evaluated(found, tree=TREE, frames=IMAGES, times=TIMES):
    return eval(found.code, {"shots": shots, "tree": tree, "frames": frames, "times": times})


def pixels(picture):
    assert Image.open(io.BytesIO(picture.value)).get_format_mimetype() == picture.mime
    return np.asarray(Image.open(io.BytesIO(picture.value)).convert("RGB")).astype(int)


def values(found):
    return [picture.value for picture in found.pictures]


@pytest.mark.parametrize("factor", [0.05, 0.4, 1, 2.5, 100])
def test_the_slider_cuts_the_tree_and_its_pictures_are_those_of_that_cut(factor):
    found = explorer()
    before = values(found)
    found.controls["distance_threshold"].value = threshold = factor * found.suggested
    threshold = found.parameters["distance_threshold"]
    labels = shots.cut_tree(TREE, threshold)
    np.testing.assert_array_equal(found.labels, labels)
    pd.testing.assert_frame_equal(found.result, shots.shot_table(labels, TIMES))
    pd.testing.assert_frame_equal(evaluated(found), found.result)
    assert found.n_clusters.value == labels.max() + 1
    assert values(found) == values(explorer(distance_threshold=threshold))
    if factor != 1:
        assert all(a != b for a, b in zip(before, values(found), strict=True))


def test_the_tree_is_that_of_the_plot_with_the_suggested_threshold_dotted():
    found = explorer()
    for threshold in (3.0, 60.0, 12.0):
        found.controls["distance_threshold"].value = threshold
        ax = new_figure(10.5, 2.9).add_axes((0.06, 0.18, 0.85, 0.79))
        ax.axhline(found.suggested, color=style.GRAY, linewidth=1, linestyle=":", zorder=1)
        plots.plot_dendrogram(TREE, threshold=threshold, leaves=40, ax=ax)
        assert found.pictures[0].value == encoded(ax.figure)


def test_the_button_goes_back_to_the_suggested_threshold():
    found = explorer(distance_threshold=1.0)
    first = values(explorer())
    assert f"{shots.suggest_threshold(TREE):.3g}" in found.back.description
    assert values(found) != first
    found.back.click()
    assert found.parameters["distance_threshold"] == shots.suggest_threshold(TREE)
    assert values(found) == first


def test_a_number_of_clusters_moves_the_threshold_midway():
    found = explorer()
    heights = TREE[:, 2]
    for number in (1, 2, 3, 7, found.n_clusters.max):
        found.n_clusters.value = number
        assert len(np.unique(found.labels)) == number
        threshold = found.parameters["distance_threshold"]
        if 1 < number < 20:
            assert threshold == (heights[20 - number - 1] + heights[20 - number]) / 2
        pd.testing.assert_frame_equal(evaluated(found), found.result)
        assert values(found) == values(explorer(**found.parameters))
    assert set(found.parameters) == {"distance_threshold", "min_length"}


def test_a_slider_that_a_browser_puts_on_its_nearest_step_keeps_the_number_that_was_asked_for():
    found = explorer()
    slider = found.controls["distance_threshold"]
    for number in (7, 3, 12):
        found.n_clusters.value = number
        before = found.parameters
        slider.value *= 10 ** (0.4 * slider.step)
        assert found.parameters == before
        assert found.n_clusters.value == number
    # from then on each step counts
    slider.value *= 10**slider.step
    assert found.parameters["distance_threshold"] == slider.value
    slider.value *= 10 ** (0.4 * slider.step)
    assert found.parameters["distance_threshold"] == slider.value


def test_a_number_that_the_tree_does_not_have_is_told_and_nothing_changes():
    tree = shots.linkage_tree([[0.0], [0.0], [5.0], [5.0], [9.0], [9.0]])
    found = explore_threshold(tree, IMAGES[:6], distance_threshold=1.0)
    before = values(found), found.code
    assert found.n_clusters.value == 3
    found.n_clusters.max = 6
    found.n_clusters.value = 5
    assert "no 5 clusters: merges at 0 are done at once, 6 become 3" in found.problem
    assert found.n_clusters.value == 3
    assert (values(found), found.code) == before
    found.n_clusters.value = 6
    assert found.problem == ""
    assert found.labels.tolist() == [0, 1, 2, 3, 4, 5]
    assert found.parameters["distance_threshold"] == 0


def test_short_runs_are_merged_and_the_barcode_and_strips_follow():
    found = explorer(distance_threshold=8.0)
    before = values(found)
    found.controls["min_length"].value = 1.2
    expected = shots.shot_table(shots.cut_tree(TREE, 8.0), TIMES, min_length=1.2)
    pd.testing.assert_frame_equal(found.result, expected)
    pd.testing.assert_frame_equal(evaluated(found), expected)
    assert found.parameters == {"distance_threshold": 8.0, "min_length": 1.2}
    assert [a == b for a, b in zip(before, values(found), strict=True)] == [True, False, False]
    assert values(found) == values(explorer(**found.parameters))
    labels = np.repeat(expected["label"], expected["end_frame"] - expected["start_frame"]).to_numpy()
    strips = Picture()
    strips.show(clusters.paint_cluster_strips(IMAGES, labels, times=TIMES), "")
    assert found.pictures[2].value == strips.value


@pytest.mark.parametrize("threshold", [0, 1e-12, 0.3, 17.123456789, 1e9])
def test_any_threshold_can_be_given_and_comes_back(threshold):
    found = explorer(distance_threshold=threshold)
    assert found.parameters["distance_threshold"] == threshold
    assert len(found.result) == len(shots.shot_table(shots.cut_tree(TREE, threshold)))
    pd.testing.assert_frame_equal(evaluated(found), found.result)
    found.controls["min_length"].value = 0.7
    assert found.parameters == {"distance_threshold": threshold, "min_length": 0.7}


def test_the_code_tells_the_threshold_in_few_digits_between_the_same_merges():
    found = explorer(distance_threshold=12.123456789)
    assert found.code == "shots.shot_table(shots.cut_tree(tree, 12.1), times)"
    assert repr(found) == f"ThresholdExplorer: {found.code}"
    height = float(TREE[10, 2])
    for threshold in (height, np.nextafter(height, 99)):
        found = explorer(distance_threshold=float(threshold))
        np.testing.assert_array_equal(shots.cut_tree(TREE, threshold), found.labels)
        pd.testing.assert_frame_equal(evaluated(found), found.result)


def test_without_times_frames_are_counted():
    found = explore_threshold(TREE, IMAGES, distance_threshold=8.0, min_length=2)
    expected = shots.shot_table(shots.cut_tree(TREE, 8.0), min_length=2)
    pd.testing.assert_frame_equal(found.result, expected)
    pd.testing.assert_frame_equal(evaluated(found), expected)
    assert found.code.endswith("min_length=2)")
    assert values(found) == values(explore_threshold(TREE, IMAGES, **found.parameters))
    assert "times" not in found.code


def test_frames_bring_their_times_and_may_be_gray():
    frames = Frames(IMAGES[..., 0], TIMES, "film")
    found = explore_threshold(TREE, frames)
    assert "frames.times" in found.code
    pd.testing.assert_frame_equal(evaluated(found, frames=frames), explorer().result)
    assert values(found) == values(explorer())


@pytest.mark.parametrize("features", [[[1.0]], [[1.0], [1.0]], [[1.0], [2.0]], np.zeros((9, 3))])
@pytest.mark.parametrize("timed", [True, False])
def test_films_of_few_or_like_frames_are_shown(features, timed):
    tree, n = shots.linkage_tree(features), len(features)
    found = explore_threshold(tree, IMAGES[:n], TIMES[:n] if timed else None)
    assert len(found.result) == 1
    for number in range(1, n + 1):
        found.n_clusters.value = number
    found.controls["distance_threshold"].value = 0.6
    pd.testing.assert_frame_equal(evaluated(found, tree, times=TIMES[:n]), found.result)


def test_what_does_not_fit_is_refused():
    with pytest.raises(ParameterError, match="tree must be a linkage tree"):
        explore_threshold(FEATURES, IMAGES, TIMES)
    with pytest.raises(ParameterError, match="frames must be those of the tree, 20; got 4"):
        explore_threshold(TREE, IMAGES[:4], TIMES)
    with pytest.raises(ParameterError, match="frames must be uint8"):
        explore_threshold(TREE, [1], TIMES)
    with pytest.raises(ParameterError, match="times must be finite seconds.* each after the one before"):
        explore_threshold(TREE, IMAGES, np.zeros(20))
    with pytest.raises(ParameterError, match="distance_threshold must be a finite number of at least 0; got -1"):
        explorer(distance_threshold=-1)
    with pytest.raises(ParameterError, match="min_length must be a finite number of at least 0"):
        explorer(min_length=-1.0)
    with pytest.raises(ParameterError, match="min_length must be a whole number of at least 0; got 0.5"):
        explore_threshold(TREE, IMAGES, min_length=0.5)


def test_all_controls_say_what_they_are():
    found = explorer()
    for control in (*found.controls.values(), found.n_clusters, found.back):
        assert control.description
        assert control.tooltip
    assert all(picture.alt for picture in found.pictures)
    assert sum(map(len, values(found))) < 250_000


# what it paints


def test_a_painted_barcode_has_each_cluster_where_it_is():
    rng = np.random.default_rng(0)
    edges = np.append(0, np.cumsum(rng.uniform(2, 30, 60)))
    labels = rng.integers(0, 5, 60)
    spans = np.stack([edges[:-1], edges[1:]], axis=1)
    image = clusters.paint_barcode(labels, spans=spans)
    area = image[:, 64:-50]
    middles = (np.arange(area.shape[1]) + 0.5) / area.shape[1] * edges[-1]
    sure = np.abs(middles[:, None] - edges).min(axis=1) > edges[-1] / area.shape[1]
    at = shots.labels_at(spans, labels, middles)
    colors = (255 * style.cluster_colors(at)).round()
    np.testing.assert_array_equal(area[10, sure], colors[sure])
    rows = {int(label): 24 + 6 + 24 * row + 8 for row, label in enumerate(pd.unique(labels))}
    for label, row in rows.items():
        painted = (area[row] != 255).any(axis=1)
        np.testing.assert_array_equal(painted[sure], (at == label)[sure])
        np.testing.assert_array_equal(area[row, sure & painted], colors[sure & painted])


def test_a_run_of_an_instant_is_a_bar_of_a_pixel():
    labels = np.zeros(5000, int)
    labels[2500] = 1
    image = clusters.paint_barcode(labels)
    color = (255 * style.cluster_colors([1])[0]).round()
    assert (image == color).all(axis=2).any(axis=0).sum() == 1
    assert clusters.paint_barcode(np.repeat(-1, 4)).shape == image.shape


def test_painted_strips_show_the_frames_that_the_plot_shows():
    labels = shots.cut_tree(TREE, 8.0)
    image = clusters.paint_cluster_strips(IMAGES, labels, times=TIMES, rows=2, columns=3)
    ax = plots.plot_cluster_strips(IMAGES, labels, times=TIMES, rows=2, columns=3)
    grays = set(IMAGES[:, 0, 0, 0].tolist())

    def areas(sheet, least):
        found, counts = np.unique(sheet[(sheet == sheet[..., :1]).all(axis=2)][:, 0], return_counts=True)
        return {int(gray) for gray, count in zip(found, counts, strict=True) if gray in grays and count > least}

    shown = areas(image, 2000)
    assert len(shown) == 6
    assert shown == areas(np.asarray(ax.images[0].get_array()), 400)
    for row, top in enumerate((3, image.shape[0] // 2)):
        cluster = labels[IMAGES[:, 0, 0, 0].tolist().index(int(image[top, 70, 0]))]
        color = (255 * style.cluster_colors([cluster])[0]).round()
        np.testing.assert_array_equal(image[top, 3], color, err_msg=str(row))
    plt.close(ax.figure)
