"""How well scene boundaries and cuts were found.

The scores of scene boundaries are those of the eluv.io challenge on MovieScenes:

``AP``
    Average precision of all boundaries of all movies, pooled: ``sum_k (R_k - R_(k-1)) P_k`` over the distinct
    predictions from the highest down, P and R the precision and recall of all that is predicted as high or higher. What
    is predicted alike is told together: its order plays no part.
``mAP``
    The mean over movies of each one's average precision.
``Miou``
    The mean over movies of ``(a + b) / 2``: a is the mean over predicted scenes of the best intersection over union
    with any true scene, b the mean over true scenes of the best with any predicted one. Both are counted in frames.
``Precision``, ``Recall``, ``F1``
    Means over movies, exact to the shot. The mean of F1 is not the F1 of the means.

A boundary is predicted where ``p >= threshold``. A `Movie` holds predictions as float64, whatever its file does: what
was stored as float32 0.7 is 0.699999988 there, and below a threshold of 0.7. A threshold that is one of the
predictions, as `choose_threshold` returns, has no such trouble. (Of other objects with a movie's fields the predictions
are compared in their own dtype.) A movie of n shots has n - 1 places for a boundary:
place i is between shot i and shot i + 1. A scene ends at the `shot_end_frame`, inclusive, of its last shot; the first
begins at frame 0 and each other one frame after the end of the one before. Where a movie has no `shot_end_frame`, each
shot counts as one frame.

What is undefined is decided so, the same in every function:

- Where nothing is predicted, precision is 0; where nothing is true, recall and average precision are 0; where precision
  and recall are both 0, F1 is 0. To find nothing where there is nothing scores 0 too, but for Miou, which is 1: one
  scene in both.
- A movie of one shot has no place for a boundary, and counts in the means like any other.
- A scene without a frame, of shots that end at the same frame as the shot before, is left out of Miou.
- Predictions may be any finite numbers, not only probabilities. NaN, infinity and no movies at all are errors.

Scenes are few and most places are no boundary, so that scores mean little by themselves: `score_table` sets beside them
how far they would differ with other movies, and what chance gets.

References
----------
A. Rao et al., A local-to-global approach to multi-modal movie scene segmentation, CVPR 2020, for the scores.
L. Baraldi, C. Grana and R. Cucchiara, A deep siamese network for scene detection in broadcast videos, ACM Multimedia
2015, for Miou. B. Efron and R. J. Tibshirani, An introduction to the bootstrap, 1993, chapter 13, for the intervals.
"""

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from toolkit._judged_movies import read_movies
from toolkit._span_metrics import boundary_scores, count, evaluate_cuts, match_cuts, miou_of_spans
from toolkit.checks import check_choice, check_count, check_number
from toolkit.errors import ParameterError

__all__ = [
    "SCORES",
    "baselines",
    "bootstrap",
    "boundary_scores",
    "choose_threshold",
    "evaluate",
    "evaluate_cuts",
    "match_cuts",
    "miou_of_spans",
    "precision_recall_curve",
    "score_table",
]

SCORES = ("AP", "mAP", "Miou", "Precision", "Recall", "F1")
# of a table of single movies
MOVIE_SCORES = ("AP", "Miou", "Precision", "Recall", "F1")
# how many thresholds are tried
CANDIDATES = 200


def evaluate(movies, threshold=0.5):
    """Return the scores of predicted scene boundaries, of all movies and of each.

    Parameters
    ----------
    movies : iterable of Movie
        Each with `boundaries`, bool (n_shots - 1,), `predictions`, (n_shots - 1,) finite, and `shot_end_frame`,
        (n_shots,) inclusive and never falling, or None. No two have the same `imdb_id`.
    threshold : float
        From which prediction on there is a boundary. AP and mAP do not depend on it.

    Returns
    -------
    dict
        "AP", "mAP", "Miou", "Precision", "Recall" and "F1" as floats in [0, 1], and "per_movie", a DataFrame indexed by
        imdb_id, in the order of `movies`: AP, Miou, Precision, Recall, F1, and how many shots, true boundaries and
        predicted boundaries there are as shots, boundaries, predicted.

    Raises
    ------
    ParameterError
        If there are no movies, or one lacks a field, or its fields do not fit each other.
    """
    return _evaluate(read_movies(movies), check_number("threshold", threshold))


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
    return _baselines(read_movies(movies, predicted=False), check_count("draws", draws, at_least=1), seed)


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
    return _bootstrap(read_movies(movies), threshold, n, level, seed)


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
    return _bootstrap(movies, threshold, n, level, seed).join(_baselines(movies, draws=10, seed=seed).T)


def choose_threshold(movies, metric="Miou"):
    """Return the threshold at which movies score best: to be chosen on other movies than those it is judged on.

    Tried are up to 200 of the predictions, which tell from one boundary in all movies to every one, each about 6 per
    cent more than the one before for 64 movies. Of thresholds that score alike the highest is taken, which tells the
    fewest boundaries.

    Parameters
    ----------
    movies : iterable of Movie
        As in `evaluate`.
    metric : {"Miou", "F1"}

    Returns
    -------
    float
        One of the predictions.

    Raises
    ------
    ParameterError
        If no movie has two shots, or as in `evaluate`.
    """
    movies = read_movies(movies)
    check_choice("metric", metric, ("Miou", "F1"))
    pooled = np.sort(np.concatenate([movie.predicted for movie in movies]))[::-1]
    if not len(pooled):
        raise ParameterError("movies must have at least two shots for a threshold to be chosen; all have one")
    ranks = np.unique(np.geomspace(1, len(pooled), CANDIDATES).round().astype(np.int64)) - 1
    # from the highest down: the first of the best is taken
    candidates = np.unique(pooled[ranks])[::-1]
    score = _scene_overlap if metric == "Miou" else _f1
    means = [np.mean([score(movie, _told(movie, threshold)) for movie in movies]) for threshold in candidates]
    return float(candidates[np.argmax(means)])


def precision_recall_curve(movies):
    """Return the precision and recall of all boundaries of all movies, pooled, at each threshold that matters.

    AP, as `evaluate` gives it, is the area under it in steps: the sum of precision times what recall gained.

    Parameters
    ----------
    movies : iterable of Movie
        As in `evaluate`.

    Returns
    -------
    DataFrame
        A row for each distinct prediction, from the highest down: threshold, predicted (int, how many boundaries are
        told from it on), precision, recall, F1 (floats in [0, 1]). No row where no movie has two shots.

    Raises
    ------
    ParameterError
        As in `evaluate`.
    """
    movies = read_movies(movies)
    predicted = np.concatenate([movie.predicted for movie in movies])
    order = np.argsort(predicted, kind="stable")[::-1]
    values, true = predicted[order], np.concatenate([movie.true for movie in movies])[order]
    last = np.flatnonzero(np.append(values[1:] != values[:-1], np.ones(min(1, len(values)), bool)))
    right, told, known = np.cumsum(true)[last], last + 1, int(true.sum())
    return pd.DataFrame(
        {
            "threshold": values[last].astype(np.float64),
            "predicted": told,
            "precision": right / told,
            "recall": right / max(known, 1),
            "F1": 2 * right / (told + known),
        }
    )


@dataclass(frozen=True, eq=False)
class Ranking:
    """All places for a boundary of some movies, from the highest prediction down.

    Attributes
    ----------
    owners : ndarray of int, (places,)
        Which movie each is in.
    true_owners : ndarray of int, (boundaries,)
        The same of the true ones alone.
    ends, true_ends : ndarray of int, (groups,)
        Of those predicted alike, the last's position in the two; only groups with a true one among them.
    """

    owners: np.ndarray
    true_owners: np.ndarray
    ends: np.ndarray
    true_ends: np.ndarray


def _rank(movies):
    predicted = np.concatenate([movie.predicted for movie in movies])
    order = np.argsort(predicted, kind="stable")[::-1]
    owners = np.repeat(np.arange(len(movies)), [len(movie.true) for movie in movies])[order]
    true = np.concatenate([movie.true for movie in movies])[order]
    values = predicted[order]
    ends = np.flatnonzero(np.append(values[1:] != values[:-1], np.ones(min(1, len(values)), bool)))
    hits = np.cumsum(true)[ends]
    kept = np.diff(hits, prepend=0) > 0
    return Ranking(owners, owners[true], ends[kept], hits[kept] - 1)


def _average_precision(ranking, weights):
    """Return average precision where each movie is there as often as its weight, int (movies,), tells."""
    hits = np.cumsum(weights[ranking.true_owners])[ranking.true_ends]
    if not len(hits) or hits[-1] == 0:
        return 0.0
    told = np.cumsum(weights[ranking.owners])[ranking.ends]
    # of movies that are there no times, nothing may have been told yet
    return float(np.sum(np.diff(hits, prepend=0) * hits / np.maximum(told, 1)) / hits[-1])


def _evaluate(movies, threshold):
    rows = []
    for movie in movies:
        told = _told(movie, threshold)
        counts = count(*_tally(movie, told))
        rows.append(
            {
                "AP": _average_precision(_rank([movie]), np.ones(1, np.int64)),
                "Miou": _scene_overlap(movie, told),
                "Precision": counts["Precision"],
                "Recall": counts["Recall"],
                "F1": counts["F1"],
                "shots": len(movie.ends),
                "boundaries": int(movie.true.sum()),
                "predicted": int(told.sum()),
            }
        )
    table = pd.DataFrame(rows, index=pd.Index([movie.imdb_id for movie in movies], name="imdb_id"))
    means = table[list(MOVIE_SCORES)].mean()
    scores = {name: float(means["AP" if name == "mAP" else name]) for name in SCORES}
    scores["AP"] = _average_precision(_rank(movies), np.ones(len(movies), np.int64))
    return {**scores, "per_movie": table}


def _bootstrap(movies, threshold, n, level, seed):
    threshold = check_number("threshold", threshold)
    n = check_count("n", n, at_least=1)
    level = check_number("level", level, above=0)
    if level >= 1:
        raise ParameterError(f"level must be between 0 and 1, as 0.95 is; got {level:g}")
    result = _evaluate(movies, threshold)
    ranking = _rank(movies)
    each = result["per_movie"][list(MOVIE_SCORES)].to_numpy()
    drawn = np.random.default_rng(check_count("seed", seed)).integers(0, len(movies), (n, len(movies)))
    scores = np.empty((n, len(SCORES)))
    for row, chosen in zip(scores, drawn, strict=True):
        row[0] = _average_precision(ranking, np.bincount(chosen, minlength=len(movies)))
        row[1:] = each[chosen].mean(axis=0)
    low, high = np.quantile(scores, [(1 - level) / 2, (1 + level) / 2], axis=0)
    return pd.DataFrame({"score": [result[name] for name in SCORES], "low": low, "high": high}, index=list(SCORES))


def _baselines(movies, draws, seed):
    rng = np.random.default_rng(check_count("seed", seed))
    true = np.concatenate([movie.true for movie in movies])
    rate = true.mean() if len(true) else 0.0
    random = []
    for _ in range(draws):
        guessed = [replace(movie, predicted=rng.random(len(movie.true))) for movie in movies]
        result = _evaluate(guessed, 1 - rate)
        random.append([result[name] for name in SCORES])
    result = _evaluate([replace(movie, predicted=np.zeros(len(movie.true))) for movie in movies], 0.5)
    rows = [np.mean(random, axis=0), [result[name] for name in SCORES]]
    return pd.DataFrame(rows, index=["random", "all negative"], columns=list(SCORES))


def _told(movie, threshold):
    """Return where a boundary is predicted; in the predictions' own dtype, as the challenge's script compares."""
    with np.errstate(over="ignore"):
        return movie.predicted >= movie.predicted.dtype.type(threshold)


def _tally(movie, told):
    right = int((told & movie.true).sum())
    return right, int(told.sum()) - right, int(movie.true.sum()) - right


def _f1(movie, told):
    return count(*_tally(movie, told))["F1"]


def _scene_overlap(movie, told):
    """Return one movie's Miou, in a time that grows with its shots: both sets of scenes tile it from 0."""
    found, true = _edges(movie.ends, told), _edges(movie.ends, movie.true)
    # where either begins a scene: from each to the next lies what one found and one true scene have in common
    edges = np.union1d(found, true)
    common = np.diff(edges)
    of_found = np.searchsorted(found, edges[:-1], side="right") - 1
    of_true = np.searchsorted(true, edges[:-1], side="right") - 1
    overlap = common / (np.diff(found)[of_found] + np.diff(true)[of_true] - common)
    means = [np.maximum.reduceat(overlap, np.searchsorted(edges, scenes[:-1])).mean() for scenes in (found, true)]
    return float(sum(means) / 2)


def _edges(ends, boundaries):
    """Return where scenes begin and, last, where the film ends, without scenes that have no frame."""
    return np.unique(np.concatenate([[0], ends[:-1][boundaries], ends[-1:]]))
