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

from dataclasses import dataclass

import numpy as np
import pandas as pd

from toolkit.checks import check_choice, check_number
from toolkit.errors import ParameterError
from toolkit.metrics.judgments import read_movies
from toolkit.metrics.spans import count

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
    return evaluate_judged(read_movies(movies), check_number("threshold", threshold))


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
    means = [np.mean([score(movie, _boundaries(movie, threshold)) for movie in movies]) for threshold in candidates]
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
    _, values, true, ends = _ranked(movies)
    right, predicted, n_true = np.cumsum(true)[ends], ends + 1, int(true.sum())
    return pd.DataFrame(
        {
            "threshold": values[ends].astype(np.float64),
            "predicted": predicted,
            "precision": right / predicted,
            "recall": right / max(n_true, 1),
            "F1": 2 * right / (predicted + n_true),
        }
    )


def _ranked(movies):
    """Return all places of movies from the highest prediction down, as order, predictions and truth.

    With them come the positions of the last of each group of equal predictions.
    """
    predicted = np.concatenate([movie.predicted for movie in movies])
    order = np.argsort(predicted, kind="stable")[::-1]
    values, true = predicted[order], np.concatenate([movie.true for movie in movies])[order]
    ends = np.flatnonzero(np.append(values[1:] != values[:-1], np.ones(min(1, len(values)), bool)))
    return order, values, true, ends


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


def rank(movies):
    """Return the `Ranking` of all predictions of movies, highest first."""
    order, _, true, ends = _ranked(movies)
    owners = np.repeat(np.arange(len(movies)), [len(movie.true) for movie in movies])[order]
    hits = np.cumsum(true)[ends]
    has_true = np.diff(hits, prepend=0) > 0
    return Ranking(owners, owners[true], ends[has_true], hits[has_true] - 1)


def average_precision(ranking, weights):
    """Return average precision where each movie is there as often as its weight, int (movies,), tells."""
    hits = np.cumsum(weights[ranking.true_owners])[ranking.true_ends]
    if not len(hits) or hits[-1] == 0:
        return 0.0
    predicted = np.cumsum(weights[ranking.owners])[ranking.ends]
    # of movies that are there no times, nothing may have been predicted yet
    return float(np.sum(np.diff(hits, prepend=0) * hits / np.maximum(predicted, 1)) / hits[-1])


def evaluate_judged(movies, threshold):
    """Return the scores of checked movies, as `evaluate` does."""
    rows = []
    for movie in movies:
        predicted = _boundaries(movie, threshold)
        rows.append(
            {
                "AP": average_precision(rank([movie]), np.ones(1, np.int64)),
                "Miou": _scene_overlap(movie, predicted),
                **_counts(movie, predicted),
                "shots": len(movie.ends),
                "boundaries": int(movie.true.sum()),
                "predicted": int(predicted.sum()),
            }
        )
    index = pd.Index([movie.imdb_id for movie in movies], name="imdb_id")
    table = pd.DataFrame(rows, index, [*MOVIE_SCORES, "shots", "boundaries", "predicted"])
    means = table[list(MOVIE_SCORES)].mean()
    scores = {name: float(means["AP" if name == "mAP" else name]) for name in SCORES}
    scores["AP"] = average_precision(rank(movies), np.ones(len(movies), np.int64))
    return {**scores, "per_movie": table}


def _boundaries(movie, threshold):
    """Return where a boundary is predicted; in the predictions' own dtype, as the challenge's script compares."""
    with np.errstate(over="ignore"):
        return movie.predicted >= movie.predicted.dtype.type(threshold)


def _counts(movie, predicted):
    right = int((predicted & movie.true).sum())
    return count(right, int(predicted.sum()) - right, int(movie.true.sum()) - right)


def _f1(movie, predicted):
    return _counts(movie, predicted)["F1"]


def _scene_overlap(movie, predicted):
    """Return one movie's Miou, in a time that grows with its shots: both sets of scenes tile it from 0."""
    found, true = _edges(movie.ends, predicted), _edges(movie.ends, movie.true)
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
