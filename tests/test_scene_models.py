import dataclasses
import json

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.model_selection import RandomizedSearchCV

from toolkit import DataError, ParameterError, scene_models, scenes
from toolkit import _scene_networks as networks
from toolkit.records import Movie

# keras's conversion of a torch tensor to an array, which numpy wants otherwise
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")

SMALL = {"num_layers": 2, "num_blocks": 1, "filters1": 8, "filters2": 4, "projection": 4}
QUIET = {"progress": False}


def _movie(name, n_shots=150, seed=0, noise=1.0, features=("place", "cast")):
    """Return a movie whose scenes have a place and a cast each, and are seen through noise."""
    rng = np.random.default_rng([seed, *name.encode()])
    boundaries = rng.random(max(n_shots - 1, 0)) < 0.1
    scene = np.concatenate([[0], np.cumsum(boundaries)])[:n_shots]
    found = {}
    for modality, d in (("place", 4), ("cast", 3)):
        values = rng.normal(size=(scene[-1] + 1, d))[scene] + noise * rng.normal(size=(n_shots, d))
        if modality in features:
            found[modality] = values.astype(np.float32)
    return Movie(name, found, boundaries, 10 * np.arange(1, n_shots + 1))


@pytest.fixture(scope="module")
def movies():
    return [_movie(f"movie {number}") for number in range(8)]


@pytest.fixture(autouse=True)
def _few_batches(request, monkeypatch):
    """Keep training short where nothing need be learned."""
    if "learns" not in request.node.name:
        monkeypatch.setattr(scene_models, "LEAST_BATCHES", 2)


@pytest.fixture(scope="module")
def wavenet(movies):
    model = scene_models.build_wavenet(movies, **SMALL)
    return scene_models.train(model, movies[:6], validation=movies[6:], epochs=5, **QUIET)


# learning


def test_a_wavenet_learns_where_scenes_change(movies, wavenet):
    told = scene_models.predict(wavenet, movies[6:], **QUIET)
    apart = [
        sum(np.linalg.norm(np.diff(values, axis=0), axis=1) for values in movie.features.values())
        for movie in movies[6:]
    ]
    # each place is told from many shots around it, which the distance of two cannot do
    assert scene_models.mean_average_precision(movies[6:], told) > 1.2 * scene_models.mean_average_precision(
        movies[6:], apart
    )


def test_a_bilstm_learns_where_scenes_change(movies):
    model = scene_models.build_bilstm(movies, n_layers=1, n_neurons=8, projection=4)
    scene_models.train(model, movies[:6], validation=0, epochs=3, learning_rate=1e-2, **QUIET)
    told = scene_models.predict(model, movies[6:], **QUIET)
    assert scene_models.mean_average_precision(movies[6:], told) > 0.3


def test_a_wavenet_learns_from_four_weak_columns():
    movies = [_movie(f"movie {number}") for number in range(12)]
    weak = [
        dataclasses.replace(movie, features={name: values[:, :2] for name, values in movie.features.items()})
        for movie in movies
    ]
    model = scene_models.build_wavenet(weak, **SMALL)
    scene_models.train(model, weak[:9], validation=0, epochs=3, **QUIET)
    told = scene_models.predict(model, weak[9:], **QUIET)
    # chance is at about 0.1
    assert scene_models.mean_average_precision(weak[9:], told) > 0.25


def test_training_notes_how_well_it_does_on_movies_kept_out(movies, wavenet):
    scores = wavenet.history.history["val_mAP"]
    told = scene_models.predict(wavenet, movies[6:], **QUIET)
    # the model is given back as it was when best
    assert scene_models.mean_average_precision(movies[6:], told) == pytest.approx(max(scores))


def test_training_ends_when_it_gets_no_better(movies):
    noise = [
        dataclasses.replace(movie, features={"place": np.random.default_rng(0).normal(size=(150, 2))})
        for movie in movies
    ]
    model = scene_models.build_wavenet(noise, **SMALL)
    scene_models.train(model, noise[:5], validation=noise[5:], epochs=40, patience=1, **QUIET)
    assert len(model.history.history["val_mAP"]) < 40


@pytest.mark.parametrize("loss", scene_models.LOSSES)
def test_the_same_seed_gives_the_same_network(movies, loss):
    told = []
    for seed in (1, 1, 2):
        model = scene_models.build_wavenet(movies, **SMALL, seed=1)
        scene_models.train(model, movies[:3], validation=0, epochs=1, loss=loss, seed=seed, **QUIET)
        told.append(scene_models.predict(model, movies[:1], **QUIET)[0])
    assert np.array_equal(told[0], told[1])
    assert not np.array_equal(told[0], told[2])


def test_padding_counts_nowhere_in_training(movies):
    model = scene_models.build_wavenet(movies, **SMALL)
    keras = scene_models.import_keras()
    batches = scene_models._segments(keras, model, [_movie("long", 200), _movie("short", 20)], 2, 3.0, False, 0)
    given, true, weights = batches[0]
    assert given["shots"].shape == (2, 200, 1)
    short = int(given["shots"].sum(axis=(1, 2)).argmin())
    assert (weights[short, :19] >= 1).all()
    # nor does the place after the last shot
    assert (weights[short, 19:] == 0).all()
    assert not true[short, 19:].any()
    assert np.array_equal(weights == 3, true[..., 0] == 1)


def _seen(batches, first, last):
    given = [batches[index][0] for index in range(first, last)]
    return np.sort(np.concatenate([part["features place"][part["shots"][..., 0] == 1] for part in given])[:, 0])


def test_stretches_hold_each_shot_once_an_epoch():
    movies = [_movie("long", 250 * 20), _movie("short", 2)]
    model = scene_models.build_wavenet(movies, **SMALL)
    batches = scene_models._segments(scene_models.import_keras(), model, movies, 1, 1.0, False, 0)
    wanted = np.sort(np.concatenate([movie.features["place"] for movie in movies])[:, 0])
    assert len(batches) == 21
    for _ in range(3):
        assert np.array_equal(_seen(batches, 0, len(batches)), wanted)
        batches.on_epoch_end()


def test_few_movies_are_gone_through_several_times_an_epoch(monkeypatch):
    monkeypatch.setattr(scene_models, "LEAST_BATCHES", 8)
    movies = [_movie("long", 600), _movie("short", 2)]
    model = scene_models.build_wavenet(movies, **SMALL)
    batches = scene_models._segments(scene_models.import_keras(), model, movies, 3, 1.0, False, 0)
    # four stretches: four batches of three are three times all of them
    assert len(batches) == 8
    wanted = np.sort(np.concatenate([movie.features["place"] for movie in movies])[:, 0])
    assert np.array_equal(_seen(batches, 0, 4), np.sort(np.tile(wanted, 3)))
    assert np.array_equal(_seen(batches, 4, 8), np.sort(np.tile(wanted, 3)))


def test_a_share_to_keep_out_does_not_depend_on_the_order(movies):
    model = scene_models.build_wavenet(movies, **SMALL)
    one = scene_models._keep_out(model, movies, 0.25, False, 0)[1]
    other = scene_models._keep_out(model, movies[::-1], 0.25, False, 0)[1]
    assert len(one) == 2
    assert {movie.imdb_id for movie in one} == {movie.imdb_id for movie in other}


# the published networks


def test_a_published_network_is_trained_as_published_and_finds_nothing(movies):
    model = scene_models.build_wavenet(movies, published=True)
    scene_models.train(model, movies[:2], epochs=2, **QUIET)
    assert type(model.optimizer).__name__ == "RMSprop"
    assert float(model.optimizer.learning_rate) == pytest.approx(2e-5)
    assert set(model.history.history) == {"loss", "accuracy"}
    told = scene_models.predict(model, movies, **QUIET)
    assert scene_models.mean_average_precision(movies, told) < 0.3


def test_a_published_network_is_given_3100_shots_of_which_padding_counts(movies):
    model = scene_models.build_wavenet(movies, published=True, num_layers=1, num_blocks=1)
    given, true = scene_models._padded_movies(scene_models.import_keras(), model, movies[:1], 4, 0)[0]
    X, y, _ = scenes.pad_movies(movies[:1], length=3100)
    assert np.array_equal(np.concatenate(list(given.values()), axis=2), X)
    assert np.array_equal(true[..., 0], y)


def test_a_published_network_ends_when_accuracy_passes_95_in_100():
    # without a boundary, to tell none is always right
    still = [Movie("still", {"place": np.zeros((30, 2), np.float32)}, np.zeros(29, bool))]
    model = scene_models.build_wavenet(still, published=True)
    scene_models.train(model, still, epochs=10, learning_rate=0.05, **QUIET)
    accuracy = model.history.history["accuracy"]
    assert accuracy[-1] > 0.95
    assert all(value <= 0.95 for value in accuracy[:-1])
    assert len(accuracy) < 10


# prediction


def test_predictions_are_one_for_each_place_between_shots(wavenet):
    movies = [_movie(f"of {n}", n) for n in (1, 2, 3, 700)]
    told = scene_models.predict(wavenet, movies, **QUIET)
    assert [len(each) for each in told] == [0, 1, 2, 699]
    assert all(each.dtype == np.float64 and ((each >= 0) & (each <= 1)).all() for each in told)


def test_a_movie_is_told_the_same_beside_any_others(movies, wavenet):
    alone = scene_models.predict(wavenet, movies[3:4], **QUIET)[0]
    beside = scene_models.predict(wavenet, [_movie("long", 400), *movies], **QUIET)[4]
    assert np.array_equal(alone, beside)


def test_boundaries_are_not_looked_at_in_prediction(movies, wavenet):
    unknown = dataclasses.replace(movies[6], boundaries=None)
    assert np.array_equal(*scene_models.predict(wavenet, [unknown, movies[6]], **QUIET))


def test_a_modality_that_is_missing_is_as_one_of_zeros(wavenet):
    lacking = _movie("lacking", features=("place",))
    zeros = dataclasses.replace(lacking, features={**lacking.features, "cast": np.zeros((150, 3), np.float32)})
    told = scene_models.predict(wavenet, [lacking, zeros], **QUIET)
    assert np.array_equal(*told)
    assert scene_models.mean_average_precision([lacking], told[:1]) > 0.25


def test_other_features_of_a_movie_are_left_alone(movies, wavenet):
    more = dataclasses.replace(movies[0], features={**movies[0].features, "tempo": np.ones((150, 1), np.float32)})
    assert np.array_equal(*scene_models.predict(wavenet, [more, movies[0]], **QUIET))


def test_a_model_of_a_file_predicts_the_same(movies, wavenet, tmp_path):
    path = scene_models.save_model(wavenet, tmp_path / "model.keras")
    assert np.array_equal(
        scene_models.predict(path, movies[:1], **QUIET)[0], scene_models.predict(wavenet, movies[:1], **QUIET)[0]
    )


def test_mean_average_precision_by_hand():
    movie = Movie("four", {"place": np.zeros((5, 1), np.float32)}, [True, False, True, False])
    still = Movie("still", {"place": np.zeros((5, 1), np.float32)}, [False] * 4)
    told = np.array([0.9, 0.5, 0.4, 0.1])
    assert scene_models.mean_average_precision([movie], [told]) == pytest.approx((1 + 2 / 3) / 2)
    assert scene_models.mean_average_precision([movie, still], [told, told]) == pytest.approx((1 + 2 / 3) / 4)


# refit


def test_refit_trains_on_all_and_writes_every_prediction(movies, tmp_path):
    for movie in movies[:2]:
        scenes.write_movie(movie, tmp_path / f"{movie.imdb_id}.npz")
    stored = scenes.load_movies(tmp_path)
    model = scene_models.build_wavenet(stored, **SMALL)
    model, told = scene_models.refit(model, stored, epochs=2, **QUIET)
    assert len(model.history.history["loss"]) == 2
    for movie, again in zip(told, scenes.load_movies(tmp_path), strict=True):
        assert np.array_equal(movie.predictions, again.predictions)
        assert np.array_equal(movie.predictions, scene_models.predict(model, [movie], **QUIET)[0])


def test_refit_writes_into_a_folder_or_nothing(movies, tmp_path):
    model = scene_models.build_wavenet(movies, **SMALL)
    _, told = scene_models.refit(model, movies[:1], epochs=1, folder=tmp_path, **QUIET)
    assert told[0].path == tmp_path / "movie 0.npz"
    _, told = scene_models.refit(model, movies[:1], epochs=1, write=False, **QUIET)
    assert told[0].path is None
    assert len(told[0].predictions) == 149


def test_refit_says_before_it_trains_that_it_cannot_write(movies, tmp_path):
    model = scene_models.build_wavenet(movies, **SMALL)
    with pytest.raises(ParameterError, match="comes from no file: name a folder"):
        scene_models.refit(model, movies, **QUIET)
    with pytest.raises(ParameterError, match="folder must be a folder"):
        scene_models.refit(model, movies, folder=tmp_path / "none", **QUIET)


# search

SEARCHED = {"epochs": 1, "num_layers": 1, "num_blocks": 1, "filters2": 2, "projection": 2}


def test_a_search_tries_each_setting_on_each_fold(movies):
    estimator = scene_models.SceneNetwork(**SEARCHED)
    table = scene_models.random_search(estimator, movies, {"filters1": [2, 4]}, n_draws=2, n_folds=2, **QUIET)
    assert sorted(table["filters1"]) == [2, 4]
    assert table["mAP"].is_monotonic_decreasing
    assert np.allclose(table["mAP"], table[["fold_0", "fold_1"]].mean(axis=1))
    assert np.allclose(table["std_mAP"], table[["fold_0", "fold_1"]].std(axis=1, ddof=0))


def test_a_search_goes_on_where_it_stopped(movies, tmp_path, monkeypatch):
    path = tmp_path / "search.json"
    options = {"n_draws": 2, "n_folds": 2, "path": path, **QUIET}
    estimator = scene_models.SceneNetwork(**SEARCHED)
    calls, run = [], scene_models._run

    def killed(*arguments):
        calls.append(arguments)
        if len(calls) == 3:
            raise KeyboardInterrupt
        return run(*arguments)

    monkeypatch.setattr(scene_models, "_run", killed)
    with pytest.raises(KeyboardInterrupt):
        scene_models.random_search(estimator, movies[:4], {"filters1": [2, 4]}, **options)
    assert len(json.loads(path.read_text())["found"]) == 2
    table = scene_models.random_search(estimator, movies[:4], {"filters1": [2, 4]}, **options)
    # the third, which was killed, and the fourth
    assert len(calls) == 5
    assert len(table) == 2
    again = scene_models.random_search(estimator, movies[:4], {"filters1": [2, 4]}, **options)
    assert len(calls) == 5
    assert again.equals(table)


def test_a_search_goes_on_from_no_other_search(movies, tmp_path, monkeypatch):
    path = tmp_path / "search.json"
    monkeypatch.setattr(scene_models, "_run", lambda *arguments: (0.5, 1.0))
    estimator = scene_models.SceneNetwork(**SEARCHED)
    options = {"ranges": {"filters1": [2]}, "n_draws": 1, "path": path, **QUIET}
    scene_models.random_search(estimator, movies, **options)
    with pytest.raises(ParameterError, match="results of another search"):
        scene_models.random_search(estimator, movies[1:], **options)
    with pytest.raises(ParameterError, match="results of another search"):
        scene_models.random_search(clone(estimator).set_params(epochs=2), movies, **options)
    path.write_text("{")
    with pytest.raises(DataError, match="does not hold the results of a search"):
        scene_models.random_search(estimator, movies, **options)


def test_no_movie_is_trained_on_and_judged_on(movies, monkeypatch):
    folds = []
    monkeypatch.setattr(scene_models, "_run", lambda _, __, learned, judged: folds.append((learned, judged)) or (0, 0))
    twice = [*movies, *movies[:4]]
    scene_models.random_search("wavenet", twice, n_draws=1, n_folds=4, **QUIET)
    for learned, judged in folds:
        assert not {twice[i].imdb_id for i in learned} & {twice[i].imdb_id for i in judged}


@pytest.mark.parametrize("network", scene_models.NETWORKS)
def test_the_published_ranges_are_searched_by_default(network, movies, monkeypatch):
    monkeypatch.setattr(scene_models, "_run", lambda *arguments: (0.5, 1.0))
    table = scene_models.random_search(scene_models.SceneNetwork(network, published=True), movies, **QUIET)
    ranges = scene_models.search_ranges(network)
    assert len(table) == 3
    assert all(table[name].isin(values).all() for name, values in ranges.items())


def test_the_estimator_runs_in_scikit_learns_search(movies):
    search = RandomizedSearchCV(
        scene_models.SceneNetwork(**SEARCHED), {"filters1": [2, 4]}, n_iter=2, cv=2, random_state=0, refit=False
    )
    search.fit(movies[:4])
    assert np.isfinite(search.cv_results_["mean_test_score"]).all()


# errors


def test_what_movies_must_be(movies, wavenet):
    build, predict = scene_models.build_wavenet, scene_models.predict
    with pytest.raises(ParameterError, match=r"One alone is \[movie\]"):
        build(movies[0])
    with pytest.raises(ParameterError, match="got one that is a str"):
        build(["tt0052357"])
    with pytest.raises(ParameterError, match="at least one Movie"):
        predict(wavenet, [])
    with pytest.raises(ParameterError, match="one dimension in all movies; it is 4 in some and 2 in 'other'"):
        build([movies[0], Movie("other", {"place": np.zeros((9, 2), np.float32)})])
    with pytest.raises(ParameterError, match="the model takes 'place' of 4 dimensions; the movie 'other' has 2"):
        predict(wavenet, [Movie("other", {"place": np.zeros((9, 2), np.float32)})])
    with pytest.raises(ParameterError, match="none of the features that the model takes, place, cast; it has sound"):
        predict(wavenet, [Movie("other", {"sound": np.zeros((9, 2), np.float32)})])
    with pytest.raises(ParameterError, match="there are none"):
        build([Movie("other", {}, [True])])


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"num_layers": 0}, "num_layers must be a whole number of at least 1"),
        ({"num_layers": 13}, "num_layers must be at most 12"),
        ({"filters1": 2.5}, "filters1 must be a whole number"),
        ({"dropout": 1}, "dropout must be a share below 1"),
        ({"projection": 0}, "projection must be a whole number"),
        ({"seed": -1}, "seed must be a whole number"),
    ],
)
def test_options_of_networks_that_are_out_of_range(options, message):
    with pytest.raises(ParameterError, match=message):
        scene_models.build_wavenet({"place": 4}, **options)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"loss": "hinge"}, "loss must be one of 'weighted', 'focal', 'plain'"),
        ({"epochs": 0}, "epochs must be a whole number"),
        ({"validation": 1.0}, "validation must be a list of Movie, or a share"),
        ({"learning_rate": 0}, "learning_rate must be a finite number above 0"),
    ],
)
def test_options_of_training_that_are_out_of_range(options, message, movies, wavenet):
    with pytest.raises(ParameterError, match=message):
        scene_models.train(wavenet, movies, **options, **QUIET)


def test_movies_that_cannot_be_trained_on(movies, wavenet):
    with pytest.raises(ParameterError, match="must have boundaries to be trained on; 'movie 0' has none"):
        scene_models.train(wavenet, [dataclasses.replace(movies[0], boundaries=None)], **QUIET)
    with pytest.raises(ParameterError, match="'movie 0' is in movies and in validation"):
        scene_models.train(wavenet, movies, validation=movies[:1], **QUIET)
    with pytest.raises(ParameterError, match="all have one"):
        scene_models.train(wavenet, [_movie("one", 1)], **QUIET)
    with pytest.raises(ParameterError, match="a second movie to keep out"):
        scene_models.train(wavenet, movies[:1], validation=0.5, **QUIET)


def test_models_that_are_not_of_here(movies):
    with pytest.raises(ParameterError, match="model must be one of build_wavenet or build_bilstm"):
        scene_models.predict(object(), movies, **QUIET)
    keras = scene_models.import_keras()
    with pytest.raises(ParameterError, match="model must be one of build_wavenet or build_bilstm"):
        scene_models.train(keras.Sequential([keras.layers.Dense(1)]), movies, **QUIET)


@pytest.mark.parametrize(
    ("arguments", "options", "message"),
    [
        (("trees",), {}, "estimator must be one of 'wavenet', 'bilstm'"),
        ((3,), {}, "estimator must be a SceneNetwork"),
        (("wavenet",), {"ranges": {"depth": [1]}}, "a setting of ranges must be one of"),
        (("wavenet",), {"ranges": {"filters1": 3}}, "a list or a scipy distribution"),
        (("wavenet",), {"ranges": {}}, "ranges must be a dict"),
        (("wavenet",), {"n_folds": 9}, "n_folds must be at most the number of movies, 8"),
        (("wavenet",), {"path": "search.csv"}, "path must end in .json"),
    ],
)
def test_searches_that_cannot_be_made(arguments, options, message, movies):
    with pytest.raises(ParameterError, match=message):
        scene_models.random_search(*arguments, movies, **options, **QUIET)


def test_a_modalitys_name_may_hold_anything():
    movie = Movie("odd", {"a/b c%": np.zeros((9, 2), np.float32)}, np.arange(8) == 3)
    model = scene_models.build_wavenet([movie], **SMALL)
    assert networks.modalities_of(model) == {"a/b c%": 2}
    assert len(scene_models.predict(model, [movie], **QUIET)[0]) == 8
