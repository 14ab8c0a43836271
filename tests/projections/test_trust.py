"""How good a map is."""

import numpy as np
import pytest
from scipy.spatial.distance import cdist
from sklearn import manifold

from toolkit import ParameterError
from toolkit.projections import (
    neighbor_preservation,
    neighbors,
    trustworthiness,
)


def cloud(n=50, d=6, seed=0):
    return np.random.default_rng(seed).normal(size=(n, d)) * np.linspace(3, 0.5, d)


@pytest.mark.parametrize("k", [1, 4, 9])
def test_trustworthiness_is_that_of_scikit_learn(k):
    vectors, points = cloud(40), cloud(40, 2, seed=1)
    expected = manifold.trustworthiness(vectors, points, n_neighbors=k)
    assert trustworthiness(vectors, points, k) == pytest.approx(expected)
    distances = cdist(vectors, vectors)
    assert trustworthiness(distances, points, k, metric="precomputed") == pytest.approx(expected)


def test_measures_do_not_depend_on_how_many_rows_are_done_at_a_time(monkeypatch):
    vectors, points = cloud(50), cloud(50, 2, seed=1)
    whole = trustworthiness(vectors, points), neighbor_preservation(vectors, points)
    monkeypatch.setattr(neighbors, "ROWS", 7)
    assert (trustworthiness(vectors, points), neighbor_preservation(vectors, points)) == pytest.approx(whole)


def test_a_plane_is_its_own_best_map():
    plane = cloud(40, 2)
    assert trustworthiness(plane, plane) == neighbor_preservation(plane, plane) == 1


def test_neighbor_preservation_by_hand():
    line = np.array([[0.0], [1], [3], [6], [10]])
    # the last two change places: the nearest are now 1, 0, 1, 4, 2 in place of 1, 0, 1, 2, 3
    points = np.array([[0.0, 0], [1, 0], [3, 0], [10, 0], [6, 0]])
    assert neighbor_preservation(line, points, 1) == 3 / 5


def test_ties_go_to_the_first_frame():
    distances = 1.0 - np.eye(6)
    points = np.column_stack([np.arange(6.0), np.zeros(6)])
    # of frames all as far, the two first are nearest; of points on a line those beside
    own = [{1, 2}, {0, 2}, {0, 1}, {0, 1}, {0, 1}, {0, 1}]
    shown = [{1, 2}, {0, 2}, {1, 3}, {2, 4}, {3, 5}, {4, 3}]
    expected = sum(len(a & b) for a, b in zip(own, shown, strict=True)) / 12
    assert neighbor_preservation(distances, points, 2, metric="precomputed") == expected
    # of those shown and not nearest, their places in the frame's order beyond the second
    places = {2: [3], 3: [3, 4], 4: [4, 5], 5: [5, 4]}
    beyond = sum(place - 2 for row in places.values() for place in row)
    assert trustworthiness(distances, points, 2, metric="precomputed") == pytest.approx(1 - beyond * 2 / (6 * 2 * 5))


def test_measures_refuse_what_does_not_fit():
    with pytest.raises(ParameterError, match="points must be one for each of the 40 frames; got 39"):
        trustworthiness(cloud(40), cloud(39, 2))
    with pytest.raises(
        ParameterError, match="n_neighbors must be .* at most 11; got 12. They are fewer than half of the 24"
    ):
        neighbor_preservation(cloud(24), cloud(24, 2), 12)
    with pytest.raises(ParameterError, match=r"points must be finite numbers, \(n, 2\); got shape \(40, 3\)"):
        trustworthiness(cloud(40), cloud(40, 3))


@pytest.mark.parametrize(("n", "used"), [(3, 1), (9, 4), (25, 12), (60, 12)])
@pytest.mark.parametrize("measure", [trustworthiness, neighbor_preservation])
def test_as_many_neighbours_as_the_frames_allow_are_compared(n, used, measure):
    vectors = np.random.default_rng(0).normal(size=(n, 5))
    points = vectors[:, :2]
    assert measure(vectors, points) == measure(vectors, points, used)
    with pytest.raises(ParameterError, match="at least 3 frames; got 2"):
        measure(vectors[:2], points[:2])
