import dataclasses
import itertools

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from toolkit import ParameterError, metrics
from toolkit.samples import iter_sample_movies, sample_movies
from toolkit.samples.movies import SIZES
from toolkit.scenes import load_movie, split_movies, write_movie

MODALITIES = ("place", "cast", "action", "audio")


@pytest.fixture(scope="module")
def movies():
    return sample_movies()


def score(movies, predictions):
    return metrics.evaluate(
        dataclasses.replace(movie, predictions=values) for movie, values in zip(movies, predictions, strict=True)
    )["mAP"]


def rate(movies):
    return np.concatenate([movie.boundaries for movie in movies]).mean()


def plain_distance(movie, cosine=False):
    """Return the distance between neighbouring shots, each modality over its mean, summed."""
    total = 0
    for rows in movie.features.values():
        if cosine:
            rows = rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-9)
        apart = np.linalg.norm(np.diff(rows, axis=0), axis=1)
        total = total + apart / max(apart.mean(), 1e-9)
    return total


def mean_distance(movie, n):
    """Return the distance between the means of the n shots before and the n after, summed over modalities."""
    total = np.zeros(movie.n_shots - 1)
    for rows in movie.features.values():
        apart = np.array(
            [
                np.linalg.norm(rows[max(i + 1 - n, 0) : i + 1].mean(axis=0) - rows[i + 1 : i + 1 + n].mean(axis=0))
                for i in range(movie.n_shots - 1)
            ]
        )
        total += apart / max(apart.mean(), 1e-9)
    return total


def same(movie, other):
    return (
        movie.imdb_id == other.imdb_id
        and movie.features.keys() == other.features.keys()
        and all(np.array_equal(movie.features[name], other.features[name]) for name in movie.features)
        and np.array_equal(movie.boundaries, other.boundaries)
        and np.array_equal(movie.shot_end_frame, other.shot_end_frame)
    )


# the format


def test_there_are_64_movies_of_600_to_3100_shots_sorted_by_id(movies):
    assert len(movies) == 64
    assert all(600 <= movie.n_shots <= 3100 for movie in movies)
    assert min(movie.n_shots for movie in movies) < 900
    assert max(movie.n_shots for movie in movies) > 2200
    ids = [movie.imdb_id for movie in movies]
    assert ids == sorted(set(ids))
    training, testing = split_movies(movies)
    assert (len(training), len(testing)) == (52, 12)


def test_a_movie_has_the_modalities_of_the_challenge_in_its_order(movies):
    for movie in movies:
        assert tuple(movie.features) == MODALITIES
        assert {name: rows.shape for name, rows in movie.features.items()} == {
            name: (movie.n_shots, width) for name, width in SIZES["small"].items()
        }
        assert all(rows.dtype == np.float32 and rows.flags.owndata for rows in movie.features.values())
        assert movie.boundaries.dtype == bool
        assert movie.shot_end_frame.dtype == np.int64


def test_full_size_is_that_of_the_challenge():
    (movie,) = sample_movies(1, shots=(20, 20), dims="full")
    assert [rows.shape for rows in movie.features.values()] == [(20, 2048), (20, 512), (20, 512), (20, 512)]


def test_a_movie_is_written_and_read(tmp_path):
    (movie,) = sample_movies(1, shots=(30, 40))
    assert same(load_movie(write_movie(movie, tmp_path / "movie.npz")), movie)


def test_dims_choose_modalities_and_columns_whatever_their_order():
    (movie,) = sample_movies(1, shots=(20, 30), dims={"audio": 3, "place": 40})
    assert [(name, rows.shape[1]) for name, rows in movie.features.items()] == [("place", 40), ("audio", 3)]


@pytest.mark.parametrize("shots", [(2, 2), (2, 3), (7, 7), (9, 40)])
def test_short_movies_are_made_too(shots):
    lengths = {movie.n_shots for movie in iter_sample_movies(40, shots=shots, dims={"cast": 1})}
    assert min(lengths) >= shots[0]
    assert max(lengths) <= shots[1]
    assert len(lengths) >= min(4, shots[1] - shots[0] + 1)


# chance


def test_the_same_seed_gives_the_same_movies_and_another_seed_others():
    few = {"n": 3, "shots": (40, 60)}
    first, again, other = (sample_movies(seed=seed, **few) for seed in (5, 5, 6))
    assert all(map(same, first, again))
    for movie, stranger in itertools.product(first, other):
        assert movie.imdb_id != stranger.imdb_id
        assert not np.array_equal(movie.boundaries, stranger.boundaries)


def test_a_movie_is_the_same_however_many_are_made():
    assert same(sample_movies(1, shots=(40, 60))[0], sample_movies(4, shots=(40, 60))[0])


def test_a_modality_is_the_same_whichever_others_are_asked_for():
    (whole,) = sample_movies(1, shots=(40, 60))
    (alone,) = sample_movies(1, shots=(40, 60), dims={"audio": 16})
    assert np.array_equal(whole.features["audio"], alone.features["audio"])
    assert np.array_equal(whole.boundaries, alone.boundaries)


def test_movies_are_made_when_they_are_asked_for():
    endless = iter_sample_movies(10**9, shots=(40, 60))
    assert all(map(same, itertools.islice(endless, 2), sample_movies(2, shots=(40, 60))))


def test_columns_mean_the_same_in_all_seeds():
    def main_directions(seed):
        rows = np.concatenate([m.features["place"] for m in iter_sample_movies(3, seed, dims={"place": 40})])
        return np.linalg.svd(rows - rows.mean(axis=0), full_matrices=False)[2][:16]

    # cosines of the angles between the two spaces: 1 where they are one, 0.5 as the middle of random ones
    assert np.linalg.svd(main_directions(0) @ main_directions(1).T)[1].min() > 0.95


# how movies are


def test_about_8_boundaries_in_100_and_movies_differ(movies):
    assert 0.07 < rate(movies) < 0.09
    rates = [movie.boundaries.mean() for movie in movies]
    assert min(rates) > 0.03
    assert max(rates) < 0.16
    assert np.std(rates) > 0.01


def test_scenes_differ_widely_in_length(movies):
    lengths = np.concatenate([np.diff(np.flatnonzero(np.r_[True, m.boundaries, True])) for m in movies])
    assert np.percentile(lengths, 10) <= 4
    assert np.percentile(lengths, 90) >= 22
    assert lengths.max() <= 150


def test_shots_are_as_long_as_a_films(movies):
    seconds = np.concatenate([np.diff(movie.shot_end_frame, prepend=-1) for movie in movies]) / 24
    assert 2 < np.median(seconds) < 4
    assert seconds.min() >= 8 / 24
    assert np.percentile(seconds, 99) < 30


def test_modalities_go_missing_for_stretches_and_in_a_few_movies_throughout(movies):
    missing = [~rows.any(axis=1) for movie in movies for rows in movie.features.values()]
    assert 0.05 < np.concatenate(missing).mean() < 0.15
    assert 2 <= sum(gone.all() for gone in missing) <= 20
    # a stretch is long
    assert np.concatenate([gone[1:] & gone[:-1] for gone in missing]).sum() > 20 * sum(
        (gone[1:] & ~gone[:-1]).sum() for gone in missing
    )


def test_a_missing_modality_does_not_take_another_with_it(movies):
    missing = np.concatenate([[~rows.any(axis=1) for rows in m.features.values()] for m in movies], axis=1)
    together = (missing[0] & missing[1]).mean()
    assert together < 3 * missing[0].mean() * missing[1].mean()


# how hard they are


def test_plain_distances_rank_boundaries_as_badly_as_in_real_movies(movies):
    assert 0.12 < score(movies, map(plain_distance, movies)) < 0.2
    assert 0.12 < score(movies, [plain_distance(movie, cosine=True) for movie in movies]) < 0.2


def test_more_columns_do_not_make_it_easier():
    scores = []
    for width in (20, 200):
        movies = sample_movies(12, shots=(600, 1000), dims=dict.fromkeys(MODALITIES, width))
        scores.append(score(movies, map(plain_distance, movies)))
    # what differs is the noise of the columns
    assert abs(scores[0] - scores[1]) < 0.015


def test_fewer_columns_make_it_harder(movies):
    some = movies[:30]
    thin = sample_movies(30, dims=dict.fromkeys(MODALITIES, 1))
    assert rate(thin) < score(thin, map(plain_distance, thin)) < score(some, map(plain_distance, some)) - 0.02


def test_the_shots_around_tell_more_than_neighbours(movies):
    some = movies[:12]
    assert score(some, [mean_distance(m, 4) for m in some]) > 1.4 * score(some, map(plain_distance, some))


def test_every_modality_tells_something_and_none_of_them_all(movies):
    for name in MODALITIES:
        alone = [dataclasses.replace(movie, features={name: movie.features[name]}) for movie in movies]
        assert 0.09 < score(alone, map(plain_distance, alone)) < 0.13


# no leaks


def test_a_single_shot_says_nothing_of_boundaries(movies):
    def rows(movie):
        features = movie.features.values()
        norms = [np.linalg.norm(columns, axis=1, keepdims=True) for columns in features]
        columns = np.concatenate([*features, *norms], axis=1)
        return np.concatenate([columns, columns**2], axis=1)

    model = make_pipeline(StandardScaler(), LogisticRegression(C=0.1))
    for shift in (0, 1):
        train, test = movies[:25], movies[25:]
        x = np.concatenate([rows(movie)[shift : shift + movie.n_shots - 1] for movie in train])
        model.fit(x, np.concatenate([movie.boundaries for movie in train]))
        found = [model.decision_function(rows(movie)[shift : shift + movie.n_shots - 1]) for movie in test]
        # by chance a movie's average precision is a little above its share of boundaries
        chance = metrics.baselines(test).loc["random", "mAP"]
        assert score(test, found) < 1.1 * chance


@pytest.mark.parametrize("sign", [-1, 1])
def test_lengths_of_shots_say_little(movies, sign):
    chance = metrics.baselines(movies).loc["random", "mAP"]
    lengths = [np.log(np.diff(movie.shot_end_frame, prepend=-1)) for movie in movies]
    clues = {
        "before": [values[:-1] for values in lengths],
        "after": [values[1:] for values in lengths],
        "change": [np.abs(np.diff(values)) for values in lengths],
    }
    for values in clues.values():
        assert score(movies, [sign * value for value in values]) < 1.15 * chance


def test_where_a_modality_goes_missing_says_nothing(movies):
    edges, hits = 0, 0
    for movie in movies:
        for rows in movie.features.values():
            edge = np.diff(rows.any(axis=1))
            edges += edge.sum()
            hits += (edge & movie.boundaries).sum()
    # three standard deviations of a binomial count
    spread = 3 * np.sqrt(rate(movies) * (1 - rate(movies)) * edges)
    assert abs(hits - rate(movies) * edges) < spread


def test_nothing_is_without_noise(movies):
    for movie in movies[:10]:
        for rows in movie.features.values():
            for column in rows[rows.any(axis=1)].T:
                assert len(np.unique(column)) >= 0.9 * len(column)


def test_the_place_in_the_movie_says_nothing(movies):
    chance = metrics.baselines(movies).loc["random", "mAP"]
    place = [np.arange(movie.n_shots - 1) for movie in movies]
    assert score(movies, place) < 1.1 * chance
    assert score(movies, [-values for values in place]) < 1.1 * chance


# errors


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"n": 0}, "n must be a whole number of at least 1; got 0"),
        ({"n": 2.0}, "n must be a whole number"),
        ({"seed": -1}, "seed must be a whole number of at least 0; got -1"),
        ({"seed": None}, "seed must be a whole number"),
        ({"shots": 600}, r"shots must be the fewest and the most of a movie, such as \(600, 3100\); got 600"),
        ({"shots": (1, 2, 3)}, "shots must be the fewest and the most"),
        ({"shots": (1, 100)}, "the fewest shots must be a whole number of at least 2; got 1"),
        ({"shots": (100, 99)}, "the most shots must be a whole number of at least 100; got 99"),
        ({"shots": (100, 200.5)}, "the most shots must be a whole number"),
        ({"dims": "large"}, "dims must be one of 'small', 'full'; got 'large'"),
        ({"dims": 32}, 'dims must be "small", "full" or a dict .* got 32'),
        ({"dims": {}}, 'dims must be "small", "full" or a dict'),
        ({"dims": {"sound": 3}}, "a dict of columns for some of place, cast, action, audio; got {'sound': 3}"),
        ({"dims": {"place": 0}}, r"dims\['place'\] must be a whole number of at least 1; got 0"),
    ],
)
@pytest.mark.parametrize("function", [sample_movies, iter_sample_movies])
def test_errors_come_at_the_call(function, arguments, message):
    with pytest.raises(ParameterError, match=message):
        function(**arguments)
