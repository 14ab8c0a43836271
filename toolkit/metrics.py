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

A boundary is predicted where ``p >= threshold``, compared in the predictions' own dtype. A movie of n shots has n - 1
places for a boundary: place i is between shot i and shot i + 1. A scene ends at the `shot_end_frame`, inclusive, of its
last shot; the first begins at frame 0 and each other one frame after the end of the one before. Where a movie has no
`shot_end_frame`, each shot counts as one frame.

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

from toolkit._checks import ParameterError, check_choice, check_count, check_number

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
    return _evaluate(_read(movies), check_number("threshold", threshold))


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
    return _baselines(_read(movies, predicted=False), check_count("draws", draws, at_least=1), seed)


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
    return _bootstrap(_read(movies), threshold, n, level, seed)


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
    movies = _read(movies)
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
    movies = _read(movies)
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


def match_cuts(found, true, *, tolerance=2):
    """Return which cuts that were found are which true ones: as many pairs as can be made.

    Each is in one pair at most. Pairs are made in order of time, of the earliest that are within the tolerance; no
    other way makes more. Of two that were found near one true cut it is therefore the earlier that is paired.

    Parameters
    ----------
    found, true : array_like of numbers, (n,) and (m,)
        Frames, or seconds, in any order. What is there twice counts twice.
    tolerance : float
        How far apart the two of a pair may be, in the same unit, inclusive.

    Returns
    -------
    ndarray of int, (pairs, 2)
        Positions in `found` and in `true`, by time.

    Raises
    ------
    ParameterError
        If `found` or `true` are not finite numbers, or the tolerance is below 0.
    """
    found = _moments("found must be finite numbers, (n,)", found)
    true = _moments("true must be finite numbers, (n,)", true)
    tolerance = check_number("tolerance", tolerance, at_least=0)
    found_order, true_order = np.argsort(found, kind="stable"), np.argsort(true, kind="stable")
    lefts, rights = found[found_order].tolist(), true[true_order].tolist()
    pairs, i, j = [], 0, 0
    while i < len(lefts) and j < len(rights):
        if abs(lefts[i] - rights[j]) <= tolerance:
            pairs.append((found_order[i], true_order[j]))
            i, j = i + 1, j + 1
        elif lefts[i] < rights[j]:
            i += 1
        else:
            j += 1
    return np.array(pairs, dtype=np.int64).reshape(-1, 2)


def evaluate_cuts(found, true, *, tolerance=2):
    """Return precision, recall and F1 of cuts, each true cut paired with at most one that was found.

    Parameters
    ----------
    found, true : array_like of numbers, (n,) and (m,)
    tolerance : float
        As in `match_cuts`.

    Returns
    -------
    dict
        "Precision", "Recall", "F1" as floats in [0, 1], and "right", "false", "missed" as ints. To score many films as
        one, add up these: F1 is ``2 right / (2 right + false + missed)``.

    Raises
    ------
    ParameterError
        As in `match_cuts`.
    """
    right = len(match_cuts(found, true, tolerance=tolerance))
    return _count(right, np.size(found) - right, np.size(true) - right)


def boundary_scores(found, true, *, tolerance=1):
    """Return precision, recall and F1 of one movie's scene boundaries, told to within some shots.

    Parameters
    ----------
    found, true : array_like of bool, (n_shots - 1,)
        Whether there is a boundary between shot i and shot i + 1, as `toolkit.scenes.group_shots` returns it.
    tolerance : int
        How many shots a boundary may be off, from 0. Each true one is paired with at most one that was found.

    Returns
    -------
    dict
        As `evaluate_cuts` returns it.

    Raises
    ------
    ParameterError
        If the arrays are not bool or differ in length, or the tolerance is not a whole number from 0.
    """
    found, true = _flags("found", found), _flags("true", true)
    if len(found) != len(true):
        raise ParameterError(
            f"found and true must be of the same shots; got {len(found)} and {len(true)} places for a boundary"
        )
    tolerance = check_count("tolerance", tolerance)
    return evaluate_cuts(np.flatnonzero(found), np.flatnonzero(true), tolerance=tolerance)


def miou_of_spans(found, true):
    """Return Miou of spans of frames or time, which need not tile the film.

    Parameters
    ----------
    found, true : DataFrame or array_like of numbers, (n, 2) and (m, 2)
        Half-open spans, ``[start, end)``, in the same unit. Of tables the columns start_frame and end_frame are read
        or, where either table has none, start and end.

    Returns
    -------
    float
        In [0, 1]: ``(a + b) / 2``, a the mean over `found` of the best intersection over union with any of `true`, b
        the reverse. 0 where either is empty.

    Raises
    ------
    ParameterError
        If a span is not finite or does not end after its start, or a table has no such columns.
    """
    frames = all({"start_frame", "end_frame"} <= set(spans.columns) for spans in (found, true) if _is_table(spans))
    columns = ["start_frame", "end_frame"] if frames else ["start", "end"]
    found, true = _spans("found", found, columns), _spans("true", true, columns)
    if not len(found) or not len(true):
        return 0.0
    best_found, best_true = np.zeros(len(found)), np.zeros(len(true))
    # a row at a time, for all pairs of many spans would not fit in memory
    for i, (start, end) in enumerate(found):
        common = np.maximum(np.minimum(end, true[:, 1]) - np.maximum(start, true[:, 0]), 0)
        overlap = common / ((end - start) + (true[:, 1] - true[:, 0]) - common)
        best_found[i] = overlap.max()
        np.maximum(best_true, overlap, out=best_true)
    return float((best_found.mean() + best_true.mean()) / 2)


@dataclass(frozen=True, eq=False)
class Judged:
    """What is read of a movie.

    Attributes
    ----------
    imdb_id : str
    true : ndarray of bool, (n_shots - 1,)
    predicted : ndarray of float, (n_shots - 1,), or None
    ends : ndarray of int64, (n_shots,)
        One past each shot's last frame.
    """

    imdb_id: str
    true: np.ndarray
    predicted: np.ndarray | None
    ends: np.ndarray


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
        counts = _count(*_tally(movie, told))
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


def _count(right, false, missed):
    return {
        "Precision": right / max(1, right + false),
        "Recall": right / max(1, right + missed),
        "F1": 2 * right / max(1, 2 * right + false + missed),
        "right": right,
        "false": false,
        "missed": missed,
    }


def _f1(movie, told):
    return _count(*_tally(movie, told))["F1"]


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


def _read(movies, predicted=True):
    """Return what is needed of each movie, checked."""
    if not hasattr(movies, "__iter__") or isinstance(movies, (str, bytes, dict, pd.DataFrame)):
        hint = ". One movie alone is [movie]" if hasattr(movies, "boundaries") else ""
        raise ParameterError(f"movies must be a list of Movie; got {type(movies).__name__}{hint}")
    read = [_read_movie(movie, predicted) for movie in movies]
    if not read:
        raise ParameterError("movies must hold at least one movie to be scored; got none")
    ids = pd.Index([movie.imdb_id for movie in read])
    if not ids.is_unique:
        raise ParameterError(
            f"movies must each have an imdb_id of their own; {ids[ids.duplicated()][0]!r} is there twice"
        )
    return read


def _read_movie(movie, predicted):
    missing = [name for name in ("imdb_id", "boundaries", "predictions", "shot_end_frame") if not hasattr(movie, name)]
    if missing:
        raise ParameterError(
            f"movies must be a list of Movie; got one that is a {type(movie).__name__}, without {', '.join(missing)}"
        )
    name = movie.imdb_id
    if movie.boundaries is None:
        raise ParameterError(f"boundaries of movie {name!r} are needed, and are None: there is no truth to judge by")
    true = _flags(f"boundaries of movie {name!r}", movie.boundaries)
    values = None
    if predicted:
        values = _predictions(name, movie.predictions, len(true))
    if movie.shot_end_frame is None:
        return Judged(name, true, values, np.arange(1, len(true) + 2))
    wanted = f"shot_end_frame of movie {name!r} must be whole numbers from 0, never falling, one for each shot"
    ends = _moments(wanted, movie.shot_end_frame)
    if len(ends) != len(true) + 1:
        raise ParameterError(f"{wanted}; got {len(ends)} for {len(true)} places for a boundary")
    wrong = (ends != np.floor(ends)) | (ends < 0) | (np.diff(ends, prepend=0) < 0) | (ends > 2**52)
    if wrong.any():
        raise ParameterError(f"{wanted}; got {ends[wrong][0]:g} for shot {np.argmax(wrong)}")
    return Judged(name, true, values, ends.astype(np.int64) + 1)


def _predictions(name, predictions, n):
    wanted = f"predictions of movie {name!r} must be finite numbers, one for each of {n} places for a boundary"
    if predictions is None:
        raise ParameterError(f"{wanted}; they are None. dataclasses.replace(movie, predictions=...) sets them")
    values = _numbers(wanted, predictions)
    if values.shape != (n,):
        hint = ". Cut padding off first" if values.ndim == 1 and len(values) > n else ""
        raise ParameterError(f"{wanted}; got shape {values.shape}{hint}")
    wrong = ~np.isfinite(values)
    if wrong.any():
        raise ParameterError(f"{wanted}; got {values[wrong][0]} at place {np.argmax(wrong)}")
    return values


def _flags(name, values):
    """Return `values` as bool (n,) if they are bool or 0 and 1."""
    try:
        array = np.asarray(values)
    except ValueError:
        raise ParameterError(f"{name} must be bool, (n_shots - 1,); got lists of different lengths") from None
    if array.ndim != 1 or not (array.dtype.kind in "biuf" or not len(array)) or not np.isin(array, (0, 1)).all():
        raise ParameterError(f"{name} must be bool, (n_shots - 1,); got dtype {array.dtype} of shape {array.shape}")
    return array.astype(bool)


def _numbers(wanted, values):
    """Return `values` as an array of floats, in their own dtype if they are floats; text is no number."""
    try:
        array = np.asarray(values)
        if array.dtype.kind == "f":
            return array
        if array.dtype.kind in "biuO":
            return array.astype(np.float64)
    except (TypeError, ValueError):
        pass
    raise ParameterError(f"{wanted}; got {type(values).__name__} with what is not a number")


def _moments(wanted, values):
    """Return `values` as float64 (n,) if they are finite numbers; otherwise raise a ParameterError."""
    numbers = _numbers(wanted, values).astype(np.float64)
    if np.asarray(values).dtype == bool:
        raise ParameterError(f"{wanted}; got bool. np.flatnonzero tells where they are True")
    if numbers.ndim != 1:
        raise ParameterError(f"{wanted}; got shape {numbers.shape}")
    if not np.isfinite(numbers).all():
        raise ParameterError(f"{wanted}; got {numbers[~np.isfinite(numbers)][0]}")
    return numbers


def _is_table(spans):
    return isinstance(spans, pd.DataFrame)


def _spans(name, spans, columns):
    """Return `spans` as float64 (n, 2) if each ends after its start."""
    wanted = f"{name} must be spans [start, end), (n, 2) or a table with {columns[0]} and {columns[1]}"
    if _is_table(spans):
        if not set(columns) <= set(spans.columns):
            raise ParameterError(f"{wanted}; got a table of {', '.join(map(str, spans.columns)) or 'no columns'}")
        spans = spans[columns].to_numpy()
    array = _numbers(wanted, spans).astype(np.float64)
    if not array.size and array.ndim <= 2:
        return np.empty((0, 2))
    if array.ndim != 2 or array.shape[1] != 2:
        raise ParameterError(f"{wanted}; got shape {array.shape}")
    wrong = ~(np.isfinite(array).all(axis=1) & (array[:, 0] < array[:, 1]))
    if wrong.any():
        start, end = array[wrong][0]
        raise ParameterError(f"{wanted}, each ending after its start; got [{start:g}, {end:g})")
    return array
