import numpy as np
import pytest
from judged_movies import movie

from toolkit import ParameterError
from toolkit.metrics import evaluate, score_table


@pytest.mark.parametrize(
    ("item", "message"),
    [
        (movie(None, [0.5]), r"boundaries of movie 'tt1' are needed, and are None: there is no truth"),
        (movie([0.5], [0.5]), r"boundaries of movie 'tt1' must be bool, \(n_shots - 1,\); got dtype float64 with 0.5"),
        (movie([[True]], [0.5]), r"must be bool, .* got shape \(1, 1\)"),
        (movie(["yes"], [0.5]), r"must be bool, .* got list of dtype <U3"),
        (movie([[True], []], [0.5]), r"must be bool, .* got rows of different lengths"),
        (
            movie([True], None),
            r"one for each of 1 places .* got NoneType of dtype object. dataclasses.replace",
        ),
        (movie([True], [np.nan]), r"predictions of movie 'tt1' must be finite numbers.*; got NaN at 0"),
        (movie([True, True], [0, np.inf]), r"finite numbers.*; got infinity at 1"),
        (movie([True], ["0.5"]), "got list of dtype <U3"),
        (movie([True], [1j]), "got list of dtype complex128"),
        (movie([True], [[1], []]), "got rows of different lengths"),
        (movie([True], [object()]), "got list of dtype object"),
        (movie([True], [0.1, 0.2]), r"got shape \(2,\). Cut padding off first"),
        (movie([True], [[0.1]]), r"one for each of 1 places for a boundary; got shape \(1, 1\)"),
        (
            movie([True], [0.1], [5]),
            r"shot_end_frame of movie 'tt1' must .* one for each of 2 shots; got shape \(1,\)",
        ),
        (movie([True], [0.1], [5, 4]), r"never falling, one for each of 2 shots; got 4 for shot 1"),
        (movie([True], [0.1], [-1, 4]), r"whole numbers from 0, .*; got -1 for shot 0"),
        (movie([True], [0.1], [1, 2.5]), r"whole numbers from 0, .*; got 2.5 for shot 1"),
        (movie([True], [0.1], [1, np.nan]), r"shot_end_frame of movie 'tt1' must be whole numbers.*; got NaN at 1"),
        (movie([True], [0.1], [1, 1e300]), r"got 1e\+300 for shot 1"),
    ],
)
def test_a_movie_that_does_not_fit_is_an_error(item, message):
    with pytest.raises(ParameterError, match=message):
        evaluate([item])


def test_what_is_no_list_of_movies_is_an_error():
    item = movie([True], [0.5])
    with pytest.raises(ParameterError, match=r"movies must be a list of Movie; got SimpleNamespace. One movie alone"):
        evaluate(item)
    with pytest.raises(ParameterError, match="movies must be a list of Movie; got str$"):
        score_table("movies")
    with pytest.raises(ParameterError, match="got one that is a dict, without imdb_id, boundaries"):
        evaluate([{"imdb_id": "tt1"}])
    with pytest.raises(ParameterError, match="movies must hold at least one movie to be scored; got none"):
        evaluate([])
    with pytest.raises(ParameterError, match="imdb_id of their own; 'tt1' is there twice"):
        evaluate([item, item])
