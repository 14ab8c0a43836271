"""Movies split in two, and padded to batches."""

import numpy as np
import pytest

from toolkit import ParameterError, scenes
from toolkit.records import Movie


def a_movie(imdb_id="tt1", n=5, seed=0, **parts):
    rng = np.random.default_rng(seed)
    features = {name: rng.normal(size=(n, d)).astype(np.float32) for name, d in (("place", 4), ("audio", 2))}
    return Movie(imdb_id, features, rng.random(n - 1) < 0.3, np.cumsum(rng.integers(1, 50, n)), **parts)


def test_the_split_is_numpys_permutation_of_movies_sorted_by_id():
    movies = [a_movie(f"tt{number:02d}") for number in range(64)]
    order = np.random.RandomState(42).permutation(64)
    train, test = scenes.split_movies(movies[::-1])
    assert [movie.imdb_id for movie in train] == [f"tt{i:02d}" for i in order[:52]]
    assert [movie.imdb_id for movie in test] == [f"tt{i:02d}" for i in order[52:]]
    assert (
        scenes.split_movies(movies, 10, seed=1)[0][0].imdb_id == f"tt{np.random.RandomState(1).permutation(64)[0]:02d}"
    )


def test_a_split_that_makes_no_sense_is_refused():
    movies = [a_movie(f"tt{number}") for number in range(10)]
    with pytest.raises(ParameterError, match="below 10; got 52. Some of the 10 movies are to test on: try 8"):
        scenes.split_movies(movies)
    with pytest.raises(ParameterError, match="got 52. Some of the 2 movies are to test on: try 1"):
        scenes.split_movies(movies[:2])
    with pytest.raises(
        ParameterError, match="movies must be at least two, one to train on and one to test on; got one"
    ):
        scenes.split_movies(movies[:1])
    with pytest.raises(ParameterError, match=r"seed must be .* below 4,294,967,296; got 4294967296"):
        scenes.split_movies(movies, 5, seed=2**32)
    with pytest.raises(ParameterError, match="train_size must be a whole number of at least 1 and below 10; got 0.8"):
        scenes.split_movies(movies, 0.8)
    with pytest.raises(ParameterError, match="there are two movies 'tt0'"):
        scenes.split_movies([*movies, a_movie("tt0")], 5)
    with pytest.raises(ParameterError, match="movies must be a list of Movie; got Movie"):
        scenes.split_movies(movies[0])
    with pytest.raises(ParameterError, match="movie must be a Movie, as load_movie returns it; got int"):
        scenes.split_movies([1, 2], 1)


def test_the_boundary_of_two_shots_stands_at_the_first():
    movie = Movie("tt1", {"place": np.array([[1.0, 2.0], [3.0, 4.0]])}, [True])
    X, y, mask = scenes.pad_movies([movie], length=4)
    assert X.tolist() == [[[1, 2], [3, 4], [0, 0], [0, 0]]]
    assert y.tolist() == [[True, False, False, False]]
    assert mask.tolist() == [[True, False, False, False]]
    assert X.dtype == np.float32
    assert y.dtype == mask.dtype == bool
    assert [labels.tolist() for labels in scenes.unpad(y, mask)] == [[True]]


def test_unpadding_gives_exactly_the_boundaries_back():
    movies = [a_movie(f"tt{n}", n=n, seed=n) for n in (7, 1, 12, 2)]
    X, y, mask = scenes.pad_movies(iter(movies))
    assert X.shape == (4, 12, 6)
    for movie, labels in zip(movies, scenes.unpad(y, mask), strict=True):
        assert np.array_equal(labels, movie.boundaries)
    likely = np.random.default_rng(0).random((4, 12, 1))
    assert [len(row) for row in scenes.unpad(likely, mask)] == [6, 0, 11, 1]
    assert np.array_equal(scenes.unpad(likely, mask)[2], likely[2, :11, 0])
    assert np.array_equal(X[0, :7], np.hstack([movies[0].features["place"], movies[0].features["audio"]]))
    assert not X[0, 7:].any()


def test_features_stand_in_the_order_asked_for_and_missing_ones_are_zero():
    movies = [a_movie("tt1"), Movie("tt2", {"audio": np.full((5, 2), 7.0)}, [0, 0, 0, 1])]
    X, _, _ = scenes.pad_movies(movies, features=("audio", "place"))
    assert X.shape == (2, 5, 6)
    assert np.array_equal(X[0, :, :2], movies[0].features["audio"])
    assert (X[1, :, :2] == 7).all()
    assert not X[1, :, 2:].any()
    assert scenes.pad_movies(movies, features="audio")[0].shape == (2, 5, 2)


def test_movies_without_truth_are_padded_without_labels():
    X, y, mask = scenes.pad_movies([Movie("tt1", {"place": np.ones((3, 2))})])
    assert y is None
    assert mask.tolist() == [[True, True, False]]
    assert X.shape == (1, 3, 2)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"movies": []}, "at least one Movie; got none"),
        ({"length": 4}, "length must be a whole number of at least 5; got 4. The longest movie has 5 shots"),
        ({"length": 5.0}, "length must be a whole number"),
        ({"features": ("plaec",)}, "features must be one of 'place', 'audio'; got 'plaec'"),
        ({"features": ("cast",)}, "no movie has any of the features cast; they have place, audio"),
        ({"features": ("place", "place")}, "features must name each modality once; got place, place"),
        ({"features": 3}, "features must be names of modalities; got int"),
        (
            {"movies": [a_movie("tt1"), Movie("tt2", {"place": np.ones((2, 9))}, [True])]},
            "the feature 'place' must be of one dimension in all movies; it is 4 in 'tt1', 9 in 'tt2'",
        ),
        (
            {"movies": [a_movie("tt1"), Movie("tt2", {"place": np.ones((2, 4))})]},
            "all movies must have boundaries, or none; 'tt2' has none",
        ),
    ],
)
def test_movies_that_cannot_be_padded_are_refused(options, message):
    options = {"movies": [a_movie()]} | options
    with pytest.raises(ParameterError, match=message):
        scenes.pad_movies(**options)


def test_what_cannot_be_unpadded_is_refused():
    mask = np.array([[True, False, False]])
    with pytest.raises(ParameterError, match=r"padded must have the shape of the mask, \(1, 3\); got \(1, 2\)"):
        scenes.unpad(np.ones((1, 2)), mask)
    with pytest.raises(ParameterError, match="True first and False then"):
        scenes.unpad(np.ones((1, 3)), mask[:, ::-1])
    with pytest.raises(ParameterError, match="got ndarray of dtype int64"):
        scenes.unpad(np.ones((1, 3)), mask.astype(int))
