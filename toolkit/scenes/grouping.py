"""Scene boundaries without training, by optimal sequential grouping of shots.

Shots in a row are a scene where they are near each other, all of them, not only neighbours: a dialogue goes back and
forth between set-ups that look different, and comes back to both. So the film is divided so that the sum, over scenes,
of the distances between all pairs of a scene's shots over the number of its shots is least, which dynamic programming
does exactly. (Were the sum not divided, long scenes would cost by the square of their length, and scenes would come out
equally long.)

How many scenes there are is told by the film's shots in random order, which have the same distances and no scenes. A
penalty on each scene decides how many there are; with most penalties the film in its own order is divided at a lower
cost than the shuffled one, and where the difference is greatest, the penalty is right. This is the gap statistic. Where
the film's own order is not clearly better than the shuffled ones, it is one scene. So are films of less than about
twelve shots, whatever is in them: of so few, too many orders are as good.

References
----------
D. Rotman, D. Porat and G. Ashour, Robust and efficient video scene detection using optimal sequential grouping, IEEE
International Symposium on Multimedia 2016; Optimal sequential grouping for robust video scene detection using multiple
modalities, International Journal of Semantic Computing 11 (2017). Z. Harchaoui and O. Cappé, Retrospective multiple
change-point estimation with kernels, IEEE Workshop on Statistical Signal Processing 2007, for the cost over the number
of shots. R. Tibshirani, G. Walther and T. Hastie, Estimating the number of clusters in a data set via the gap
statistic, Journal of the Royal Statistical Society B 63 (2001).
"""

from concurrent.futures import ThreadPoolExecutor

import numpy as np

from toolkit.checks import check_count, check_number
from toolkit.errors import ParameterError
from toolkit.records import Movie

# of what is not named, 1: motion says less about where a scene ends than what is seen and heard
WEIGHTS = {"action": 0.5}
# tried for a scene's penalty, in mean distances; below, single shots would be scenes, and above, all is one
PENALTIES = np.arange(0.4, 1.2501, 0.025)
# how many shuffled films, and as many more as have together so many shots: of short films each tells less
SHUFFLES, SHUFFLED_SHOTS = 19, 3000
# by how many of their standard deviations the film must be better: sample films are by 7 and more, shots without scenes
# by 4 at most
MARGIN_DEVIATIONS = 4.0
# distances that are smaller than this share of the vectors' length are rounding
ROUNDING_SHARE = 1e-6


def group_shots(features, n_scenes=None, *, weights=None, min_shots=2, seed=0):
    """Return where a film's scenes end, found without training.

    The distance of two shots is the weighted mean over modalities of the Euclidean distance of their vectors, each
    modality's in units of its mean between all pairs of shots. A shot whose vector is 0 in a modality is not known in
    it: its distances are those of the other modalities, and where none is left the mean. A modality in which all shots
    are alike says nothing and is left out.

    Parameters
    ----------
    features : Movie, dict of str to array of float (n_shots, d), or array of float (n_shots, d)
        The shots' vectors, by modality; as `film_features` gives them, or `load_movie`.
    n_scenes : int, optional
        Exactly how many scenes there are; by default it is estimated, which needs about twelve shots: fewer are one
        scene.
    weights : dict of str to float, optional
        Of modalities, at least 0; only those named are used. By default all are, "action" with a weight of 0.5 and the
        others with 1.
    min_shots : int
        How many shots a scene has at least. 1 lets a single shot that is like no other be a scene, as inserts are.
    seed : int
        Of the order in which the shuffled films come, by which the number of scenes is estimated.

    Returns
    -------
    ndarray of bool, (n_shots - 1,)
        Whether there is a boundary between shot i and shot i + 1. A film too short for two scenes has none. Of
        divisions that are equally good, the one whose last scenes are the longest.

    Raises
    ------
    ParameterError
        If an argument is of the wrong kind, or there are too few shots for so many scenes.

    Notes
    -----
    Memory is that of four to six float64 for each pair of shots: 0.4 GB for 3,000.
    """
    from toolkit.scenes.kernels import divide_into, span_costs

    movie = _movie(features)
    weights = _check_weights(weights, movie.features)
    min_shots = check_count("min_shots", min_shots, at_least=1)
    seed = check_count("seed", seed)
    count = movie.n_shots
    if n_scenes is not None:
        hint = f". Of {count} shots each scene has at least min_shots={min_shots}"
        n_scenes = check_count("n_scenes", n_scenes, at_least=1, at_most=max(1, count // min_shots), hint=hint)
    boundaries = np.zeros(count, bool)
    if n_scenes != 1 and count >= 2 * min_shots:
        distances = _distances(movie.features, weights)
        if n_scenes is None:
            starts = _estimate(distances, min_shots, seed) if distances.any() else []
        else:
            starts = divide_into(span_costs(distances, np.arange(count)), n_scenes, min_shots)
        boundaries[starts] = True
    return boundaries[1:]


def shot_distances(features, *, weights=None):
    """Return the distances of all pairs of shots that `group_shots` goes by.

    Parameters
    ----------
    features, weights
        As in `group_shots`.

    Returns
    -------
    ndarray of float64, (n_shots, n_shots)
        Of mean about 1, and 0 on the diagonal. All are 0 if no modality tells any shots apart.

    Raises
    ------
    ParameterError
        As in `group_shots`.
    """
    features = _movie(features).features
    return _distances(features, _check_weights(weights, features))


def _distances(features, weights):
    from scipy.spatial.distance import squareform

    from toolkit.shots import ward

    total = total_weight = None
    for name, weight in weights.items():
        vectors = features[name]
        rows = vectors.any(axis=1)
        if weight == 0 or rows.sum() < 2:
            continue
        pair_distances = ward.distances(vectors[rows])
        mean = pair_distances.mean()
        if mean <= ROUNDING_SHARE * np.sqrt(np.mean(np.square(vectors[rows], dtype=np.float64).sum(axis=1))):
            continue
        if total is None:
            total, total_weight = np.zeros((2, len(rows), len(rows)))
        pairs = np.ix_(rows, rows)
        total[pairs] += weight / mean * squareform(pair_distances)
        total_weight[pairs] += weight
    if total is None:
        return np.zeros((len(rows), len(rows)))
    distances = np.divide(total, total_weight, out=np.ones_like(total), where=total_weight > 0)
    np.fill_diagonal(distances, 0)
    return distances


def _movie(features):
    movie = features
    if not isinstance(features, Movie):
        movie = Movie("features", features if isinstance(features, dict) else {"features": features})
    if not movie.features:
        raise ParameterError(
            f"features must hold at least one modality; the movie {movie.imdb_id!r} has none. "
            "Of a film there is scenes.film_features"
        )
    return movie


def _check_weights(weights, features):
    if weights is None:
        return {name: WEIGHTS.get(name, 1.0) for name in features}
    wanted = f"weights must be a dict of a number for some of the modalities {', '.join(map(repr, features))}"
    if not isinstance(weights, dict):
        raise ParameterError(f"{wanted}; got {type(weights).__name__}")
    strange = [name for name in weights if name not in features]
    if strange:
        raise ParameterError(f"{wanted}; there is no {strange[0]!r}")
    checked = {name: check_number(f"weights[{name!r}]", weight, at_least=0) for name, weight in weights.items()}
    largest = max(checked.values(), default=0)
    if largest == 0:
        raise ParameterError(f"{wanted}, of which one is above 0; got {weights!r}")
    # only their proportions count, and those of any size must be added up
    return {name: weight / largest for name, weight in checked.items()}


def _estimate(distances, min_shots, seed):
    """Return the first shots of the scenes, as many as the comparison with shuffled shots tells."""
    from numba.core import config

    from toolkit.scenes.kernels import divide, least_costs, span_costs

    count = len(distances)
    penalties = PENALTIES * (distances.sum() / (count * (count - 1)))
    generator = np.random.default_rng(seed)
    shuffles = max(SHUFFLES, SHUFFLED_SHOTS // count)
    orders = [np.arange(count)] + [generator.permutation(count) for _ in range(shuffles)]
    with ThreadPoolExecutor(config.NUMBA_NUM_THREADS) as pool:
        least = np.array(
            list(pool.map(lambda order: least_costs(span_costs(distances, order), penalties, min_shots), orders))
        )
    own, shuffled = least[0], least[1:]
    best = np.argmax(shuffled.mean(axis=0) - own)
    better = shuffled[:, best].mean() - own[best]
    if better <= MARGIN_DEVIATIONS * shuffled[:, best].std(ddof=1) + ROUNDING_SHARE * own[best]:
        return np.zeros(1, np.int64)
    return divide(span_costs(distances, orders[0]), penalties[best], min_shots)
