import dataclasses
import json

import numpy as np
import pytest
from scene_movies import QUIET, noisy_movie
from sklearn.base import clone
from sklearn.model_selection import RandomizedSearchCV

from toolkit import DataError, ParameterError
from toolkit.scene_models import SceneNetwork, batches, random_search, search, search_ranges

# keras's conversion of a torch tensor to an array, which numpy wants otherwise
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")

SEARCHED = {"epochs": 1, "num_layers": 1, "num_blocks": 1, "filters2": 2, "projection": 2}


@pytest.fixture(scope="module")
def movies():
    return [noisy_movie(f"movie {number}") for number in range(8)]


@pytest.fixture(autouse=True)
def _few_batches(monkeypatch):
    """Keep training short where nothing need be learned."""
    monkeypatch.setattr(batches, "MIN_BATCHES", 2)


def test_a_search_tries_each_setting_on_each_fold(movies):
    estimator = SceneNetwork(**SEARCHED)
    table = random_search(estimator, movies, {"filters1": [2, 4]}, n_draws=2, n_folds=2, **QUIET)
    assert sorted(table["filters1"]) == [2, 4]
    assert table["mAP"].is_monotonic_decreasing
    assert np.allclose(table["mAP"], table[["fold_0", "fold_1"]].mean(axis=1))
    assert np.allclose(table["std_mAP"], table[["fold_0", "fold_1"]].std(axis=1, ddof=0))


def test_a_search_goes_on_where_it_stopped(movies, tmp_path, monkeypatch):
    path = tmp_path / "search.json"
    options = {"n_draws": 2, "n_folds": 2, "path": path, **QUIET}
    estimator = SceneNetwork(**SEARCHED)
    calls, run = [], search._run

    def killed(*arguments):
        calls.append(arguments)
        if len(calls) == 3:
            raise KeyboardInterrupt
        return run(*arguments)

    monkeypatch.setattr(search, "_run", killed)
    with pytest.raises(KeyboardInterrupt):
        random_search(estimator, movies[:4], {"filters1": [2, 4]}, **options)
    assert len(json.loads(path.read_text())["found"]) == 2
    table = random_search(estimator, movies[:4], {"filters1": [2, 4]}, **options)
    # the third, which was killed, and the fourth
    assert len(calls) == 5
    assert len(table) == 2
    again = random_search(estimator, movies[:4], {"filters1": [2, 4]}, **options)
    assert len(calls) == 5
    assert again.equals(table)


def test_a_search_goes_on_from_no_other_search(movies, tmp_path, monkeypatch):
    path = tmp_path / "search.json"
    monkeypatch.setattr(search, "_run", lambda *arguments: (0.5, 1.0))
    estimator = SceneNetwork(**SEARCHED)
    options = {"ranges": {"filters1": [2]}, "n_draws": 1, "path": path, **QUIET}
    random_search(estimator, movies, **options)
    with pytest.raises(ParameterError, match="results of another search"):
        random_search(estimator, movies[1:], **options)
    with pytest.raises(ParameterError, match="results of another search"):
        random_search(clone(estimator).set_params(epochs=2), movies, **options)
    changed = {**movies[0].features, "place": movies[0].features["place"].copy()}
    changed["place"][1, 0] += 1
    with pytest.raises(ParameterError, match="results of another search"):
        random_search(estimator, [dataclasses.replace(movies[0], features=changed), *movies[1:]], **options)


@pytest.mark.parametrize(
    "text",
    ["{", "[" * 100_000, "[]", '{"search": "x", "found": {"a": [NaN, 1]}}', '{"search": "x", "found": {"a": [1]}}'],
    ids=["broken", "deep", "list", "nan", "short"],
)
def test_files_that_hold_no_results(text, tmp_path):
    path = tmp_path / "search.json"
    path.write_text(text)
    with pytest.raises(DataError, match="does not hold the results of a search"):
        search._Results(path, "x")


def test_two_searches_at_once_keep_what_both_find(tmp_path):
    path = tmp_path / "search.json"
    one, other = search._Results(path, "x"), search._Results(path, "x")
    different = search._Results(path, "y")
    one.add("a", 0.5, 1.0)
    other.add("b", 0.25, 1.0)
    assert search._Results(path, "x").scores == {"a": (0.5, 1.0), "b": (0.25, 1.0)}
    with pytest.raises(ParameterError, match="results of another search"):
        different.add("c", 0.5, 1.0)


def test_a_search_that_cannot_be_kept_is_told_before_it_begins(movies, tmp_path, monkeypatch):
    monkeypatch.setattr(search, "_run", lambda *arguments: pytest.fail("a fold was trained"))
    with pytest.raises(ParameterError, match="path must be in a folder that is there"):
        random_search("wavenet", movies, path=tmp_path / "none" / "search.json", **QUIET)

    def refused(path):
        raise PermissionError(f"no writing of {path}")

    monkeypatch.setattr(search, "write_whole", refused)
    with pytest.raises(ParameterError, match="results cannot be kept in .*: no writing of"):
        random_search("wavenet", movies, path=tmp_path / "search.json", **QUIET)


def test_all_settings_are_tried_where_there_are_fewer_than_draws(movies, monkeypatch):
    monkeypatch.setattr(search, "_run", lambda *arguments: (0.5, 1.0))
    table = random_search("wavenet", movies, {"filters1": [2, 4]}, n_draws=5, **QUIET)
    assert sorted(table["filters1"]) == [2, 4]


def test_no_movie_is_trained_on_and_judged_on(movies, monkeypatch):
    folds = []
    monkeypatch.setattr(search, "_run", lambda _, __, learned, judged: folds.append((learned, judged)) or (0, 0))
    twice = [*movies, *movies[:4]]
    random_search("wavenet", twice, n_draws=1, n_folds=4, **QUIET)
    for learned, judged in folds:
        assert not {twice[i].imdb_id for i in learned} & {twice[i].imdb_id for i in judged}


@pytest.mark.parametrize("network", search.BUILDERS)
def test_the_published_ranges_are_searched_by_default(network, movies, monkeypatch):
    monkeypatch.setattr(search, "_run", lambda *arguments: (0.5, 1.0))
    table = random_search(SceneNetwork(network, published=True), movies, **QUIET)
    ranges = search_ranges(network)
    assert len(table) == 3
    assert all(table[name].isin(values).all() for name, values in ranges.items())


def test_the_estimator_runs_in_scikit_learns_search(movies):
    found = RandomizedSearchCV(
        SceneNetwork(**SEARCHED), {"filters1": [2, 4]}, n_iter=2, cv=2, random_state=0, refit=False
    )
    found.fit(movies[:4])
    assert np.isfinite(found.cv_results_["mean_test_score"]).all()


# errors


@pytest.mark.parametrize(
    ("arguments", "options", "message"),
    [
        (("trees",), {}, "estimator must be one of 'wavenet', 'bilstm'"),
        ((3,), {}, "estimator must be a SceneNetwork"),
        (("wavenet",), {"ranges": {"depth": [1]}}, "a setting of ranges must be one of"),
        (("wavenet",), {"ranges": {"filters1": 3}}, "a list or a scipy distribution"),
        (("wavenet",), {"ranges": {}}, "ranges must be a dict"),
        (
            ("wavenet",),
            {"n_folds": 9},
            "n_folds must be .* of at least 2 and at most 8; got 9. There cannot be more folds than movies",
        ),
        (("wavenet",), {"path": "search.csv"}, "path must be that of a .json file; got 'search.csv'"),
        (("wavenet",), {"path": 3}, "path must be that of a .json file; got '3'"),
        (("wavenet",), {"path": "a\0b.json"}, "path must be that of a .json file; got .* whose name is none"),
        (("wavenet",), {"ranges": {"loss": [object()]}}, "of numbers or names"),
        (("wavenet",), {"seed": 2**32}, "seed must be a whole number of at least 0 and below"),
    ],
)
def test_searches_that_cannot_be_made(arguments, options, message, movies):
    with pytest.raises(ParameterError, match=message):
        random_search(*arguments, movies, **options, **QUIET)
