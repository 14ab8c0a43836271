"""Labels on a map that stay apart."""

import itertools

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.textpath import TextPath
from matplotlib.transforms import Bbox
from plotted_clusters import texts

from toolkit import plots


def crowd(k, n=400, many=3):
    """Return points, labels, centres and words of k clusters, those in the middle one over the other."""
    rng = np.random.default_rng(k)
    centers, labels = rng.normal(size=(k, 2)), np.arange(n) % k
    words = {
        cluster: [f"{name} of {cluster}" for name in ("sea", "meadow", "street", "room")[:many]] for cluster in range(k)
    }
    return centers[labels] + 0.2 * rng.normal(size=(n, 2)), labels, {"centers": centers, "words": words}


def check_apart(ax):
    """Hold, of what is on a map now, that no label lies over another or a centre, or leaves the frame."""
    boxes, dpi = [], ax.figure.dpi
    for text in ax.texts:
        if text.get_text():
            box = text.get_window_extent()
            # letters with an edge are drawn as paths, which are narrower or wider than with hinting
            ink = TextPath((0, 0), text.get_text(), prop=text.get_fontproperties()).get_extents()
            boxes.append(Bbox([[box.x0, box.y0 + 1], [box.x0 + ink.x1 * dpi / 72, box.y1 - 1]]))
    assert not [1 for a, b in itertools.combinations(boxes, 2) if a.overlaps(b)]
    crosses = ax.transData.transform(ax.collections[1].get_offsets())
    assert not [1 for box in boxes for x, y in crosses if box.contains(x, y)]
    frame = ax.bbox.padded(1)
    assert all(frame.contains(box.x0, box.y0) and frame.contains(box.x1, box.y1) for box in boxes)


@pytest.mark.parametrize("k", [6, 20, 40])
def test_labels_cover_neither_each_other_nor_a_centre(k):
    points, labels, given = crowd(k)
    ax = plots.plot_cluster_map(points, labels, **given)
    ax.figure.canvas.draw()
    check_apart(ax)
    # there is room for each number
    assert [text.split("  ")[0] for text in texts(ax)] == [str(cluster) for cluster in range(k)]


def test_labels_stay_apart_where_maps_are_laid_out_anew():
    points, labels, given = crowd(20, many=4)
    figure, axes = plt.subplots(1, 2, figsize=(13, 6.5), gridspec_kw={"wspace": 0.04})
    for ax in axes:
        plots.plot_cluster_map(points, labels, title="two maps", **given, ax=ax)
    for width, dpi in ((13, 100), (13, 72), (6, 72), (20, 150)):
        figure.set_size_inches(width, width / 2)
        figure.set_dpi(dpi)
        figure.canvas.draw()
        for ax in axes:
            check_apart(ax)
    before = [text.xyann for text in ax.texts]
    ax.set(xlim=(-1, 1), ylim=(-1, 1))
    figure.canvas.draw()
    check_apart(ax)
    assert [text.xyann for text in ax.texts] != before


def test_labels_have_fewer_words_in_a_small_map_and_more_again_in_a_large_one():
    points, labels, given = crowd(12)
    ax = plots.plot_cluster_map(points, labels, **given)
    lengths = []
    for size in (2, 4, 16, 2):
        ax.figure.set_size_inches(size, size)
        ax.figure.canvas.draw()
        lengths.append(len("".join(texts(ax))))
    assert lengths[0] < lengths[1] < lengths[2]
    assert lengths[3] == lengths[0]


def test_of_very_many_clusters_there_are_only_numbers():
    points, labels, given = crowd(26)
    assert texts(plots.plot_cluster_map(points, labels, **given)) == [str(cluster) for cluster in range(26)]
    points, labels, given = crowd(25)
    assert texts(plots.plot_cluster_map(points, labels, **given))[24] == "24  sea of 24, meadow of 24, street of 24"


def test_a_label_without_room_is_left_out():
    ax = plots.plot_cluster_map(np.zeros((200, 2)), np.arange(200))
    ax.figure.canvas.draw()
    check_apart(ax)
    assert 8 <= len(texts(ax)) < 200


@pytest.mark.parametrize("size", [1e99, 1e17, 1e-9, 1e-310, 0.0])
def test_a_map_is_drawn_at_any_scale(size):
    ax = plots.plot_cluster_map(np.array([[size, -size], [2 * size, size], [size, size]]), [0, 1, 0])
    ax.figure.canvas.draw()
    check_apart(ax)
