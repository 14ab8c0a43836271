"""Scenes without training: against every division there is, and films whose scenes are known."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from toolkit import ParameterError
from toolkit.records import Movie
from toolkit.scenes import group_shots, kernels, shot_distances


def film(lengths, *, setups=1, noise=0.1, dims=8, seed=0):
    """Return vectors (n, dims) of scenes of these lengths that go round their set-ups, and the true boundaries."""
    generator = np.random.default_rng(seed)
    rows = []
    for length in lengths:
        place = generator.normal(size=dims)
        views = place + 0.7 * generator.normal(size=(setups, dims))
        rows += [views[i % setups] + noise * generator.normal(size=dims) for i in range(length)]
    true = np.zeros(sum(lengths), bool)
    true[np.cumsum(lengths)[:-1]] = True
    return np.array(rows, np.float32), true[1:]


def naive_cost(distances, first, last):
    """Return what the scene of shots first to last costs: its pairs' distances over the number of its shots."""
    pairs = itertools.combinations(range(first, last + 1), 2)
    return sum(distances[i, j] for i, j in pairs) / (last - first + 1)


def naive_divisions(count, min_shots):
    """Yield every way to divide the shots: the first shots of the scenes."""
    for cuts in itertools.product([False, True], repeat=count - 1):
        starts = [0, *(np.flatnonzero(cuts) + 1).tolist()]
        if all(end - start >= min_shots for start, end in itertools.pairwise([*starts, count])):
            yield starts


def naive_least(distances, min_shots, scenes=None, penalty=0.0):
    """Return the least cost of all divisions."""
    count = len(distances)
    return min(
        sum(naive_cost(distances, a, b - 1) + penalty for a, b in itertools.pairwise([*starts, count]))
        for starts in naive_divisions(count, min_shots)
        if scenes is None or len(starts) == scenes
    )


def cost_of(distances, starts, penalty=0.0):
    edges = [*map(int, starts), len(distances)]
    return sum(naive_cost(distances, a, b - 1) + penalty for a, b in itertools.pairwise(edges))


def random_distances(seed, count):
    points = np.random.default_rng(seed).normal(size=(count, 2))
    return np.sqrt(((points[:, None] - points) ** 2).sum(axis=2))


# the divisions are the best there are


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10**6), st.integers(2, 9), st.integers(1, 3), st.floats(0, 1.5))
def test_a_penalised_division_costs_least_of_all(seed, count, min_shots, penalty):
    if count < min_shots:
        return
    distances = random_distances(seed, count)
    costs = kernels.span_costs(distances, np.arange(count))
    expected = naive_least(distances, min_shots, penalty=penalty)
    starts = kernels.divide(costs, penalty, min_shots)
    assert cost_of(distances, starts, penalty) == pytest.approx(expected)
    assert kernels.least_costs(costs, np.array([penalty]), min_shots)[0] == pytest.approx(expected)
    assert starts[0] == 0
    assert (np.diff([*starts, count]) >= min_shots).all()


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10**6), st.integers(2, 9), st.integers(1, 3), st.integers(1, 4))
def test_a_division_into_so_many_scenes_costs_least_of_all(seed, count, min_shots, scenes):
    if count < scenes * min_shots:
        return
    distances = random_distances(seed, count)
    costs = kernels.span_costs(distances, np.arange(count))
    starts = kernels.divide_into(costs, scenes, min_shots)
    assert len(starts) == scenes
    assert cost_of(distances, starts) == pytest.approx(naive_least(distances, min_shots, scenes))
    assert (np.diff([*starts, count]) >= min_shots).all()


def test_the_cost_of_a_scene_is_its_pairs_over_its_shots_in_the_order_given():
    distances = random_distances(1, 7)
    order = np.random.default_rng(2).permutation(7)
    costs = kernels.span_costs(distances, order)
    shuffled = distances[np.ix_(order, order)]
    for first, last in itertools.combinations_with_replacement(range(7), 2):
        assert costs[last, first] == pytest.approx(naive_cost(shuffled, first, last))


def test_the_kernels_do_the_same_without_compiling():
    distances, order = random_distances(3, 12), np.arange(12)
    costs = kernels.span_costs.py_func(distances, order)
    np.testing.assert_allclose(costs, kernels.span_costs(distances, order))
    for kernel, value in (
        (kernels.divide, 0.4),
        (kernels.divide_into, 4),
        (kernels.least_costs, np.array([0.2, 0.4])),
    ):
        np.testing.assert_allclose(kernel.py_func(costs, value, 2), kernel(costs, value, 2))


# films


@pytest.mark.parametrize("seed", range(5))
def test_scenes_that_differ_are_found_and_counted(seed):
    features, true = film([6, 4, 9, 5, 7, 3, 8], seed=seed)
    np.testing.assert_array_equal(group_shots(features), true)


def test_a_dialogue_that_alternates_between_set_ups_is_one_scene():
    features, true = film([12, 12], setups=2, dims=64)
    # the two set-ups are farther apart than either is from itself, again and again
    apart = np.linalg.norm(np.diff(features, axis=0), axis=1)
    assert apart[:11].min() > 5 * np.linalg.norm(features[0] - features[2])
    np.testing.assert_array_equal(group_shots(features, 2), true)
    several, true = film([8, 10, 12, 8, 10], setups=2, dims=64)
    np.testing.assert_array_equal(group_shots(several), true)


def test_strands_that_are_cross_cut_are_scenes_each():
    before, there, here, after = np.random.default_rng(1).normal(size=(4, 16))
    shots = [before] * 6 + [there, there, here, here, here] * 3 + [after] * 6
    shots += 0.05 * np.random.default_rng(0).normal(size=(27, 16))
    assert np.flatnonzero(group_shots(shots)).tolist() == [5, 7, 10, 12, 15, 17, 20]


@pytest.mark.parametrize("dims", [2, 20, 500])
@pytest.mark.parametrize("count", [5, 30, 150])
def test_shots_without_scenes_are_one_scene(dims, count):
    for seed in range(4):
        vectors = np.random.default_rng([seed, dims]).normal(size=(count, dims))
        assert not group_shots(vectors).any()


@pytest.mark.parametrize("count", [1, 2, 3, 40])
def test_shots_that_are_all_alike_are_one_scene(count):
    found = group_shots(np.full((count, 3), 0.1, np.float32))
    assert found.dtype == bool
    assert found.shape == (count - 1,)
    assert not found.any()
    assert not group_shots(np.zeros((count, 3))).any()


def test_a_film_of_two_shots_has_its_boundary_between_them():
    assert group_shots(np.eye(2), 2, min_shots=1).tolist() == [True]
    assert group_shots(np.eye(2), 1).tolist() == [False]


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10**6), st.integers(1, 25), st.integers(1, 3), st.integers(1, 8))
def test_there_are_as_many_scenes_as_asked_for_and_none_is_too_short(seed, count, min_shots, scenes):
    if count < scenes * min_shots:
        return
    features = np.random.default_rng(seed).integers(0, 2, (count, 2)).astype(float)
    found = group_shots(features, scenes, min_shots=min_shots)
    lengths = np.diff([0, *(np.flatnonzero(found) + 1), count])
    assert len(lengths) == scenes
    assert scenes == 1 or lengths.min() >= min_shots


def test_an_insert_is_no_scene_unless_single_shots_may_be():
    features, true = film([10, 10, 10, 10], noise=0.05)
    features[15] += 5
    np.testing.assert_array_equal(group_shots(features), true)
    alone = np.flatnonzero(group_shots(features, min_shots=1))
    assert {14, 15} <= set(alone.tolist())


def test_a_film_backwards_has_its_scenes_backwards():
    features, _ = film([6, 4, 9, 5, 7, 3, 8], noise=0.4)
    np.testing.assert_array_equal(group_shots(features[::-1], 7), group_shots(features, 7)[::-1])


# distances


def distances(features, weights=None):
    return shot_distances(features, weights=weights or dict.fromkeys(features, 1.0))


def test_the_distance_is_the_weighted_mean_of_those_of_the_modalities_in_units_of_their_means():
    place, audio = np.array([[0.0, 1], [0, 2], [0, 4]]), np.array([[10.0], [40], [10]])
    # pairs 01, 02, 12: place 1, 3, 2, of mean 2; audio 30, 0, 30, of mean 20
    found = distances({"place": place, "audio": audio}, {"place": 3.0, "audio": 1.0})
    assert found[0, 1] == pytest.approx((3 * 0.5 + 1.5) / 4)
    assert found[0, 2] == pytest.approx((3 * 1.5 + 0) / 4)
    assert found[1, 2] == pytest.approx((3 * 1.0 + 1.5) / 4)
    np.testing.assert_array_equal(found, found.T)
    assert not found.diagonal().any()


def test_what_is_not_known_of_a_shot_leaves_its_distances_to_the_other_modalities():
    place, cast = np.array([[1.0], [2], [4]]), np.array([[3.0], [0], [5]])
    found = distances({"place": place, "cast": cast})
    assert found[0, 1] == pytest.approx(0.5)
    assert found[1, 2] == pytest.approx(1.0)
    # of cast there is one pair: its distance is the mean
    assert found[0, 2] == pytest.approx((1.5 + 1) / 2)


def test_a_shot_of_which_nothing_is_known_is_as_far_as_the_mean():
    found = distances({"place": np.array([[1.0], [0], [4], [8]])})
    assert found[1, [0, 2, 3]].tolist() == [1, 1, 1]


def test_a_modality_in_which_all_shots_are_alike_is_left_out():
    features, _ = film([5, 5, 5])
    alike = np.full((15, 700), 0.3, np.float32)
    np.testing.assert_array_equal(distances({"place": features, "cast": alike}), distances({"place": features}))
    assert not distances({"cast": alike}).any()


def test_units_of_a_modality_do_not_matter():
    place, true = film([6, 4, 9, 5, 7, 3, 8], noise=0.4)
    audio = film([6, 4, 9, 5, 7, 3, 8], noise=0.4, seed=1)[0]
    once = group_shots({"place": place, "audio": audio})
    np.testing.assert_array_equal(group_shots({"place": place, "audio": 1000 * audio}), once)
    np.testing.assert_array_equal(once, true)


def test_only_the_modalities_with_a_weight_are_used():
    place, true = film([6, 4, 9, 5, 7, 3, 8])
    other, _ = film([3, 9, 4, 8, 5, 7, 6], seed=1)
    movie = Movie("film", {"place": place, "cast": other})
    np.testing.assert_array_equal(group_shots(movie, weights={"place": 1}), true)
    np.testing.assert_array_equal(group_shots(movie, weights={"place": 2, "cast": 0}), true)
    assert not np.array_equal(group_shots(movie, weights={"cast": 1}), true)


def test_the_same_seed_gives_the_same_scenes_and_nothing_is_written_to_the_features():
    features, _ = film([6, 4, 9, 5], noise=0.6)
    before = features.copy()
    np.testing.assert_array_equal(group_shots(features, seed=3), group_shots(features, seed=3))
    np.testing.assert_array_equal(features, before)


@pytest.mark.parametrize("size", [1e308, 1e-300])
def test_only_the_proportions_of_weights_count(size):
    place, true = film([8, 9, 10], setups=2)
    features = {"place": place, "cast": place[:, ::-1] * 2}
    expected = shot_distances(features, weights={"place": 1, "cast": 0.5})
    weights = {"place": size, "cast": size / 2}
    np.testing.assert_allclose(shot_distances(features, weights=weights), expected, rtol=1e-12)
    np.testing.assert_array_equal(group_shots(features, weights=weights), true)


# wrong arguments


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"n_scenes": 0}, r"n_scenes must be a whole number of at least 1 and at most 5; got 0"),
        ({"n_scenes": 2.5}, r"n_scenes must be a whole number"),
        ({"n_scenes": 6}, r"at most 5; got 6. Of 10 shots each scene has at least min_shots=2"),
        ({"min_shots": 0}, r"min_shots must be a whole number of at least 1; got 0"),
        ({"seed": -1}, r"seed must be a whole number"),
        ({"weights": 1}, r"weights must be a dict of a number for some of the modalities 'place'; got int"),
        ({"weights": {"sound": 1}}, r"modalities 'place'; there is no 'sound'"),
        ({"weights": {"place": -1}}, r"weights\['place'\] must be a finite number of at least 0; got -1"),
        ({"weights": {"place": 0}}, r"of which one is above 0"),
        ({"weights": {}}, r"of which one is above 0; got {}"),
    ],
)
def test_wrong_options_are_said(options, message):
    with pytest.raises(ParameterError, match=message):
        group_shots({"place": np.random.default_rng(0).normal(size=(10, 3))}, **options)


@pytest.mark.parametrize(
    ("features", "message"),
    [
        (np.zeros((0, 3)), r"has no shots"),
        (np.zeros(5), r"must be floats of shape \(n_shots, d\); got shape \(5,\)"),
        (np.full((5, 2), np.nan), r"must be finite .*; got NaN at \(0, 0\)"),
        (np.zeros((5, 2), int), r"must be floats"),
        ("film.mp4", r"must be floats"),
        ({}, r"has no shots"),
        ({"place": np.zeros((5, 2)), "cast": np.zeros((4, 2))}, r"must be of the same shots"),
        (Movie("film", {}, boundaries=[True, False]), r"at least one modality; the movie 'film' has none"),
    ],
)
def test_wrong_features_are_said(features, message):
    with pytest.raises(ParameterError, match=message):
        group_shots(features)
