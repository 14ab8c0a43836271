"""How far scores can be trusted: intervals by bootstrap, and the scores of chance.

References
----------
B. Efron and R. J. Tibshirani, An introduction to the bootstrap, 1993, chapter 13, for the intervals.
"""

from dataclasses import replace

import numpy as np
import pandas as pd

from toolkit.checks import check_count, check_number
from toolkit.metrics.boundaries import MOVIE_SCORES, SCORES, average_precision, evaluate_judged, rank
from toolkit.metrics.judgments import read_movies


def baselines(movies, *, draws=10, seed=0):
    """Return the scores of guessing: at random, and no boundary at all.

    Random predictions are uniform, with a threshold that tells as many boundaries as there are in all movies: chance
    knows that much of the truth. No boundary at all is right in more than nine places of ten, and scores in Miou alone;
    its AP is the rate of boundaries, since all places are predicted alike.

    Parameters
    ----------
    movies : iterable of Movie
        As in `evaluate`; predictions are not needed.
    draws : int
        Over how many random predictions the mean is taken, from 1.
    seed : int

    Returns
    -------
    DataFrame
        Rows "random" and "all negative", columns AP, mAP, Miou, Precision, Recall, F1.

    Raises
    ------
    ParameterError
        As in `evaluate`.
    """
    movies = read_movies(movies, predicted=False)
    draws = check_count("draws", draws, at_least=1)
    rng = np.random.default_rng(check_count("seed", seed))
    true = np.concatenate([movie.true for movie in movies])
    rate = true.mean() if len(true) else 0.0

    def scores(guess, threshold):
        result = evaluate_judged([replace(movie, predicted=guess(len(movie.true))) for movie in movies], threshold)
        return [result[name] for name in SCORES]

    rows = [np.mean([scores(rng.random, 1 - rate) for _ in range(draws)], axis=0), scores(np.zeros, 0.5)]
    return pd.DataFrame(rows, index=["random", "all negative"], columns=list(SCORES))


def bootstrap(movies, threshold=0.5, *, n=1000, level=0.95, seed=0):
    """Return how far the scores would differ with other movies of the same kind.

    The movies are drawn anew, with replacement, `n` times, and scored; an interval holds the middle `level` of those
    scores. Movies are drawn, not boundaries, for boundaries of a movie are alike. Of a single movie nothing can be
    learned about others: its intervals have no width. Of fewer than about ten movies they are too narrow.

    Parameters
    ----------
    movies : iterable of Movie
    threshold : float
        As in `evaluate`.
    n : int
        How often movies are drawn, from 1.
    level : float
        In (0, 1).
    seed : int

    Returns
    -------
    DataFrame
        Indexed by AP, mAP, Miou, Precision, Recall, F1: score, as `evaluate` gives it, low and high.

    Raises
    ------
    ParameterError
        If an argument is out of range, or as in `evaluate`.
    """
    movies = read_movies(movies)
    threshold = check_number("threshold", threshold)
    n = check_count("n", n, at_least=1)
    level = check_number("level", level, above=0, below=1, hint=". Usual is 0.95")
    result = evaluate_judged(movies, threshold)
    ranking = rank(movies)
    each = result["per_movie"][list(MOVIE_SCORES)].to_numpy()
    draws = np.random.default_rng(check_count("seed", seed)).integers(0, len(movies), (n, len(movies)))
    scores = np.empty((n, len(SCORES)))
    for row, places in zip(scores, draws, strict=True):
        row[0] = average_precision(ranking, np.bincount(places, minlength=len(movies)))
        row[1:] = each[places].mean(axis=0)
    low, high = np.quantile(scores, [(1 - level) / 2, (1 + level) / 2], axis=0)
    return pd.DataFrame({"score": [result[name] for name in SCORES], "low": low, "high": high}, index=list(SCORES))


def score_table(movies, threshold=0.5, *, n=1000, level=0.95, seed=0):
    """Return each score with its interval over movies, and what guessing scores on the same movies.

    Parameters
    ----------
    movies, threshold, n, level, seed
        As in `bootstrap`.

    Returns
    -------
    DataFrame
        Indexed by AP, mAP, Miou, Precision, Recall, F1: score, low, high, random, all negative.

    Raises
    ------
    ParameterError
        As in `bootstrap`.
    """
    movies = read_movies(movies)
    return bootstrap(movies, threshold, n=n, level=level, seed=seed).join(baselines(movies, seed=seed).T)
