"""Colours of clusters."""

import numpy as np
import pytest
from matplotlib.colors import to_rgb

from toolkit import colors
from toolkit.plots import style

# as seen without red, green and blue cones, on linear RGB (Machado and others, 2009, severity 1)
CONES_MISSING = (
    [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
    [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]],
    [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]],
)


def linear(rgb):
    return np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)


def encoded(rgb):
    rgb = np.clip(rgb, 0, 1)
    return np.where(rgb <= 0.0031308, rgb * 12.92, 1.055 * rgb ** (1 / 2.4) - 0.055)


def test_a_cluster_has_the_colour_of_its_number():
    found = style.cluster_colors([3, 0, 3, -1])
    np.testing.assert_array_equal(found[0], found[2])
    np.testing.assert_allclose(found[0], to_rgb(style.CLUSTER_COLORS[3]))
    np.testing.assert_allclose(found[3], to_rgb(style.NO_CLUSTER))
    again = len(style.CLUSTER_COLORS)
    np.testing.assert_array_equal(style.cluster_colors([again + 3])[0], found[0])


@pytest.mark.parametrize("matrix", [np.eye(3), *CONES_MISSING])
def test_colours_of_clusters_differ_also_to_the_color_blind(matrix):
    seen = encoded(linear(style.cluster_colors(range(10))) @ np.array(matrix).T)
    lab = colors.to_space((255 * seen).round().astype(np.uint8))
    apart = np.linalg.norm(lab[:, None] - lab, axis=-1)
    assert apart[np.triu_indices(10, 1)].min() > 15
