"""Dendrograms, and the clusters by threshold."""

import numpy as np
import pytest
from matplotlib.collections import LineCollection
from matplotlib.colors import to_rgb
from plotted_shots import FEATURES, TREE, bars, drawn, texts

from toolkit import ParameterError, plots, shots
from toolkit.plots import style

# the tree


def test_a_tree_is_cut_where_the_line_is():
    ax = plots.plot_dendrogram(TREE, threshold=5)
    forks = next(found for found in ax.collections if isinstance(found, LineCollection))
    heights = sorted(segment[:, 1].max() for segment in forks.get_segments())
    np.testing.assert_allclose(heights, TREE[:, 2])
    assert [line.get_ydata()[0] for line in ax.lines] == [5]
    assert "5\n3 clusters" in texts(ax)


def test_branches_below_the_threshold_have_the_colours_of_their_clusters():
    ax = plots.plot_dendrogram(TREE, threshold=5)
    forks = next(found for found in ax.collections if isinstance(found, LineCollection))
    for segment, color in zip(forks.get_segments(), forks.get_colors(), strict=True):
        # left of 3 are the frames of cluster 0, between 3 and 5 those of cluster 1
        expected = 0 if segment[:, 0].max() < 3 else 1
        below = segment[:, 1].max() < 5
        wanted = style.cluster_colors([expected])[0] if below else to_rgb(style.GRAY)
        np.testing.assert_allclose(color[:3], wanted)


def test_clusters_are_named_in_order_of_first_sight():
    ax = plots.plot_dendrogram(TREE, threshold=5)
    named = {text.get_text(): text.get_position()[0] for text in ax.texts}
    assert [named[name] for name in "012"] == [1.5, 4.0, 5.5]


def test_many_frames_are_drawn_as_wedges():
    features = np.random.default_rng(0).normal(size=(400, 2)) + 30 * np.arange(400)[:, None] // 100
    tree = shots.linkage_tree(features)
    ax = plots.plot_dendrogram(tree, leaves=12)
    wedges, _ = bars(ax)
    assert len(wedges) == 12
    np.testing.assert_allclose(np.sort(wedges[:, 0]), np.arange(12) + 0.14)
    np.testing.assert_allclose(wedges[:, 3].max(), tree[-12, 2])


def test_a_wedge_of_several_clusters_says_how_many():
    ax = plots.plot_dendrogram(TREE, threshold=0.01, leaves=2)
    assert {"(5)", "5"} <= set(texts(ax)), texts(ax)


def test_a_tree_of_thousands_of_frames_in_a_chain_is_drawn():
    chain = shots.linkage_tree(np.cumsum(np.arange(3000.0))[:, None] ** 2)
    drawn(plots.plot_dendrogram(chain))


@pytest.mark.parametrize("features", [[[1.0]], [[1.0], [1.0]], [[1.0], [2.0]], np.zeros((9, 3))])
def test_trees_of_few_or_like_frames_are_drawn(features):
    tree = shots.linkage_tree(features)
    drawn(plots.plot_dendrogram(tree))
    drawn(plots.plot_threshold_sensitivity(tree))
    drawn(plots.plot_threshold_sensitivity(tree, threshold=0))


def test_a_threshold_far_above_the_tree_is_told():
    ax = plots.plot_dendrogram(TREE, threshold=1e6)
    drawn(ax)
    assert "1e+06\n1 cluster" in texts(ax)
    assert ax.get_ylim()[1] < 2 * TREE[-1, 2]


def test_arguments_of_a_dendrogram_are_checked():
    with pytest.raises(ParameterError, match="tree must be a linkage tree"):
        plots.plot_dendrogram(FEATURES)
    with pytest.raises(ParameterError, match="leaves must be a whole number of at least 2; got 1"):
        plots.plot_dendrogram(TREE, leaves=1)
    with pytest.raises(ParameterError, match="distance_threshold must be a finite number of at least 0; got -1"):
        plots.plot_dendrogram(TREE, threshold=-1)


# the threshold


def test_the_curve_counts_the_clusters_of_each_threshold():
    ax = plots.plot_threshold_sensitivity(TREE, threshold=5)
    x, y = ax.lines[0].get_data()
    for threshold in (0.09, 0.15, 5, 20, 40):
        expected = shots.cut_tree(TREE, threshold).max() + 1
        assert y[np.searchsorted(x, threshold, side="right") - 1] == expected


def test_the_chosen_threshold_and_its_range_are_marked():
    ax = plots.plot_threshold_sensitivity(TREE, threshold=5)
    assert ax.lines[1].get_xydata().tolist() == [[5, 3]]
    low, high = TREE[2, 2], TREE[3, 2]
    assert texts(ax) == [f"3 clusters from {low:.3g} to {high:.3g}"]
    suggested = shots.suggest_threshold(TREE)
    assert plots.plot_threshold_sensitivity(TREE).lines[1].get_xdata()[0] == suggested
