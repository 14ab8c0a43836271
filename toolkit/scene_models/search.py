"""Settings of networks of scene boundaries, drawn at random and judged on movies kept out."""

import hashlib
import inspect
import json
import math
import time
import warnings
from dataclasses import KW_ONLY, dataclass, fields

import numpy as np
import pandas as pd

from toolkit.checks import check_choice, check_count, check_seed
from toolkit.errors import DataError, ParameterError
from toolkit.scene_models.networks import build_bilstm, build_wavenet
from toolkit.scene_models.training import check_labelled, predict, score, train
from toolkit.storage import locked, progress_bar, write_whole
from toolkit.tables import check_path

BUILDERS = {"wavenet": build_wavenet, "bilstm": build_bilstm}


@dataclass(eq=False)
class SceneNetwork:
    """A network of this package as an estimator of scikit-learn, so that its searches and validations run on it.

    X is a list of Movie and y is not needed: a movie is one sample, and folds keep movies whole by themselves. The
    score is mean average precision. (It has the methods of an estimator without inheriting them: scikit-learn is
    loaded only by what uses it.)

    Parameters
    ----------
    network : {"wavenet", "bilstm"}
    published : bool
    num_layers, num_blocks, filters1, filters2, projection, dropout
        Of `build_wavenet`.
    n_layers, n_neurons
        Of `build_bilstm`.
    epochs, batch_size, loss, learning_rate, seed
        Of `train`; seed also of the weights.
    """

    network: str = "wavenet"
    _: KW_ONLY
    published: bool = False
    num_layers: int = 4
    num_blocks: int = 2
    filters1: int | None = None
    filters2: int | None = None
    n_layers: int = 2
    n_neurons: int = 32
    projection: int = 16
    dropout: float = 0.2
    epochs: int | None = None
    batch_size: int | None = None
    loss: str = "weighted"
    learning_rate: float | None = None
    seed: int = 0

    def get_params(self, deep=True):
        """Return all settings by name; none of them is an estimator, so `deep` changes nothing."""
        return {field.name: getattr(self, field.name) for field in fields(self)}

    def set_params(self, **settings):
        """Change settings, and return this estimator."""
        for name, value in settings.items():
            setattr(self, check_choice("a setting", name, sorted(self.get_params())), value)
        return self

    def __sklearn_tags__(self):
        """Return what scikit-learn asks of every estimator."""
        from sklearn.base import BaseEstimator

        return BaseEstimator.__sklearn_tags__(self)

    def build(self, movies):
        """Return an untrained network of these settings for movies."""
        builder = BUILDERS[check_choice("network", self.network, BUILDERS)]
        return builder(movies, **self._options_of(builder))

    def fit(self, movies, y=None):
        """Train a new network on a list of Movie, and return this estimator; the network is its `model_`."""
        self.model_ = train(self.build(movies), movies, **self._options_of(train), progress=False)
        return self

    def predict(self, movies):
        """Return the predictions for a list of Movie, as `predict` does."""
        return predict(self.model_, movies, progress=False)

    def score(self, movies, y=None):
        """Return the mean average precision on a list of Movie."""
        return score(movies, self.predict(movies))

    def _options_of(self, function):
        """Return the settings that a function takes."""
        parameters = inspect.signature(function).parameters
        return {name: value for name, value in self.get_params().items() if name in parameters}


def search_ranges(network="wavenet"):
    """Return the ranges that the published search went through, for `random_search`: dict of str to list of int.

    Parameters
    ----------
    network : {"wavenet", "bilstm"}
    """
    if check_choice("network", network, BUILDERS) == "bilstm":
        return {"n_layers": list(range(1, 11)), "n_neurons": list(range(2, 65, 2))}
    return {
        "num_blocks": [2, 3],
        "num_layers": list(range(4, 11)),
        "filters1": list(range(10, 21)),
        "filters2": list(range(2, 11)),
    }


def random_search(estimator, movies, ranges=None, *, n_draws=3, n_folds=3, path=None, seed=0, progress=True):
    """Return how well settings that are drawn at random do, each on movies kept out.

    The movies are divided into folds; each setting is trained on all folds but one and judged on that one, in turn.

    Parameters
    ----------
    estimator : SceneNetwork, or "wavenet" or "bilstm"
        Its settings are those of every draw, but for what the ranges say.
    movies : list of Movie
        With boundaries.
    ranges : dict of str to list or scipy distribution, optional
        For each setting what to draw from. None: as published (`search_ranges`).
    n_draws : int
        How many settings are tried: all there are, if lists hold fewer.
    n_folds : int
    path : path, optional
        A .json file that results are kept in as they come: where it is there, the search goes on from it, also with
        other ranges or more draws. One of other movies, folds, seed or settings is refused. Several searches may keep
        theirs in one at once.
    seed : int
        Of the draws and the folds, 0 to 2**32 - 1.
    progress : bool
        Whether to show a progress bar.

    Returns
    -------
    DataFrame
        A row a setting, best first: the settings that were drawn, mAP (mean over folds), std_mAP, a column for each
        fold (fold_0 ...), and seconds, how long it took in all.

    Raises
    ------
    ParameterError
        If a setting is unknown, there are fewer movies than folds, or the file is of another search or cannot be
        written.
    DataError
        If the file is broken.
    """
    from sklearn.base import clone
    from sklearn.model_selection import GroupKFold, ParameterSampler

    if isinstance(estimator, str):
        estimator = SceneNetwork(check_choice("estimator", estimator, BUILDERS))
    if not isinstance(estimator, SceneNetwork):
        raise ParameterError(
            f"estimator must be a SceneNetwork, or one of {tuple(BUILDERS)}; got {type(estimator).__name__}"
        )
    movies = check_labelled(estimator.build(movies), movies)
    ranges = search_ranges(estimator.network) if ranges is None else ranges
    if not isinstance(ranges, dict) or not ranges:
        raise ParameterError(f"ranges must be a dict of what to draw for each setting; got {ranges!r:.80}")
    for name in ranges:
        check_choice("a setting of ranges", name, sorted(estimator.get_params()))
    n_draws, seed = check_count("n_draws", n_draws, at_least=1), check_seed(seed)
    groups = [movie.imdb_id for movie in movies]
    hint = ". There cannot be more folds than movies"
    n_folds = check_count("n_folds", n_folds, at_least=2, at_most=len(set(groups)), hint=hint)
    try:
        with warnings.catch_warnings():
            # lists may hold fewer than are asked for
            warnings.filterwarnings("ignore", "The total space of parameters", UserWarning)
            draws = [
                {name: value.item() if isinstance(value, np.generic) else value for name, value in draw.items()}
                for draw in ParameterSampler(ranges, n_draws, random_state=seed)
            ]
        keys = [[json.dumps([draw, number], sort_keys=True) for number in range(n_folds)] for draw in draws]
    except (TypeError, ValueError) as error:
        raise ParameterError(
            f"ranges must give a list or a scipy distribution for each setting, of numbers or names: {error}"
        ) from None
    folds = list(GroupKFold(n_folds, shuffle=True, random_state=seed).split(movies, groups=groups))
    results = _Results(path, None if path is None else _fingerprint(estimator, movies, n_folds, seed))
    if any(key not in results.scores for of_draw in keys for key in of_draw):
        # that it cannot be is told before hours of training
        results.keep()
    rows = []
    with progress_bar(total=len(draws) * n_folds, description="search", unit="fold", progress=progress) as bar:
        for draw, of_draw in zip(draws, keys, strict=True):
            scores, seconds = [], 0.0
            for key, (learned, judged) in zip(of_draw, folds, strict=True):
                if key not in results.scores:
                    results.add(key, *_run(clone(estimator).set_params(**draw), movies, learned, judged))
                score, took = results.scores[key]
                scores.append(score)
                seconds += took
                bar.update()
            each = {f"fold_{number}": score for number, score in enumerate(scores)}
            rows.append({**draw, "mAP": np.mean(scores), "std_mAP": np.std(scores), **each, "seconds": seconds})
    return pd.DataFrame(rows).sort_values("mAP", ascending=False, kind="stable", ignore_index=True)


def _run(estimator, movies, learned, judged):
    start = time.perf_counter()
    estimator.fit([movies[i] for i in learned])
    score = estimator.score([movies[i] for i in judged])
    return score, time.perf_counter() - start


def _fingerprint(estimator, movies, n_folds, seed):
    """Return a name for all that a search's results depend on, but for what is drawn."""
    digest = hashlib.sha256(json.dumps([estimator.get_params(), n_folds, seed], sort_keys=True, default=str).encode())
    for movie in movies:
        digest.update(repr((movie.imdb_id, movie.n_shots)).encode())
        digest.update(movie.boundaries.tobytes())
        for name, values in sorted(movie.features.items()):
            digest.update(repr((name, values.shape)).encode())
            digest.update(np.ascontiguousarray(values))
    return digest.hexdigest()


class _Results:
    """The scores of a search that were found already, kept in a file that is whole at any moment."""

    def __init__(self, path, search):
        self.path, self.search = None if path is None else check_path(path, ".json"), search
        self.scores = self._stored()

    def _stored(self):
        """Return what the file holds, which another search may be writing too."""
        if self.path is None or not self.path.is_file():
            return {}
        try:
            stored = json.loads(self.path.read_text(encoding="utf-8"))
            other, scores = stored["search"], {key: (float(s), float(t)) for key, (s, t) in stored["found"].items()}
            if not all(map(math.isfinite, sum(scores.values(), ()))):
                raise ValueError("a score or a time in it is not finite")
        except (ValueError, TypeError, KeyError, AttributeError, OverflowError, RecursionError, OSError) as error:
            raise DataError(f"{self.path} does not hold the results of a search: {error}. Name another file") from None
        if other != self.search:
            raise ParameterError(
                f"{self.path} holds the results of another search, of other movies, folds, seed or settings; name "
                "another file"
            )
        return scores

    def add(self, key, score, seconds):
        self.scores[key] = (score, seconds)
        self.keep()

    def keep(self):
        """Write what was found into the file, beside what others have found."""
        if self.path is None:
            return
        if not self.path.parent.is_dir():
            raise ParameterError(f"path must be in a folder that is there; there is no {self.path.parent}")
        try:
            with locked(self.path):
                self.scores |= self._stored()
                with write_whole(self.path) as partial:
                    partial.write_text(json.dumps({"search": self.search, "found": self.scores}), encoding="utf-8")
        except OSError as error:
            raise ParameterError(f"results cannot be kept in {self.path}: {error}. Name another path") from error
