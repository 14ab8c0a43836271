import dataclasses

import numpy as np
import pytest
from scene_movies import QUIET, SMALL, noisy_movie

from toolkit import ParameterError, metrics
from toolkit.networks import import_keras, save_model
from toolkit.records import Movie
from toolkit.scene_models import batches, build_bilstm, build_wavenet, predict, train, training
from toolkit.scene_models.networks import modalities_of

# keras's conversion of a torch tensor to an array, which numpy wants otherwise
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")


@pytest.fixture(scope="module")
def movies():
    return [noisy_movie(f"movie {number}") for number in range(8)]


@pytest.fixture(autouse=True)
def _few_batches(request, monkeypatch):
    """Keep training short where nothing need be learned."""
    if "learns" not in request.node.name:
        monkeypatch.setattr(batches, "MIN_BATCHES", 2)


@pytest.fixture(scope="module")
def wavenet(movies):
    model = build_wavenet(movies, **SMALL)
    return train(model, movies[:6], validation=movies[6:], epochs=5, **QUIET)


def _mean_average_precision(movies, predictions):
    told = [dataclasses.replace(movie, predictions=p) for movie, p in zip(movies, predictions, strict=True)]
    return metrics.evaluate(told)["mAP"]


# learning


def test_a_wavenet_learns_where_scenes_change(movies, wavenet):
    told = predict(wavenet, movies[6:], **QUIET)
    apart = [
        sum(np.linalg.norm(np.diff(values, axis=0), axis=1) for values in movie.features.values())
        for movie in movies[6:]
    ]
    # each place is told from many shots around it, which the distance of two cannot do
    assert _mean_average_precision(movies[6:], told) > 1.2 * _mean_average_precision(movies[6:], apart)


def test_a_bilstm_learns_where_scenes_change(movies):
    model = build_bilstm(movies, n_layers=1, n_neurons=8, projection=4)
    train(model, movies[:6], validation=0, epochs=3, learning_rate=1e-2, **QUIET)
    told = predict(model, movies[6:], **QUIET)
    assert _mean_average_precision(movies[6:], told) > 0.3


def test_a_wavenet_learns_from_four_weak_columns():
    movies = [noisy_movie(f"movie {number}") for number in range(12)]
    weak = [
        dataclasses.replace(movie, features={name: values[:, :2] for name, values in movie.features.items()})
        for movie in movies
    ]
    model = build_wavenet(weak, **SMALL)
    train(model, weak[:9], validation=0, epochs=3, **QUIET)
    told = predict(model, weak[9:], **QUIET)
    # chance is at about 0.1
    assert _mean_average_precision(weak[9:], told) > 0.25


def test_training_notes_how_well_it_does_on_movies_kept_out(movies, wavenet):
    scores = wavenet.history.history["val_mAP"]
    told = predict(wavenet, movies[6:], **QUIET)
    # the model is given back as it was when best
    assert _mean_average_precision(movies[6:], told) == pytest.approx(max(scores))


def test_training_ends_when_it_gets_no_better(movies):
    noise = [
        dataclasses.replace(movie, features={"place": np.random.default_rng(0).normal(size=(150, 2))})
        for movie in movies
    ]
    model = build_wavenet(noise, **SMALL)
    train(model, noise[:5], validation=noise[5:], epochs=40, patience=1, **QUIET)
    assert len(model.history.history["val_mAP"]) < 40


@pytest.mark.parametrize("loss", training.LOSSES)
def test_the_same_seed_gives_the_same_network(movies, loss):
    told = []
    for seed in (1, 1, 2):
        model = build_wavenet(movies, **SMALL, seed=1)
        train(model, movies[:3], validation=0, epochs=1, loss=loss, seed=seed, **QUIET)
        told.append(predict(model, movies[:1], **QUIET)[0])
    assert np.array_equal(told[0], told[1])
    assert not np.array_equal(told[0], told[2])


@pytest.mark.parametrize(("count", "shots", "kept_out"), [(12, 90, 2), (12, 80, 0), (5, 300, 0), (6, 200, 1)])
def test_some_movies_are_kept_out_where_there_is_enough_of_them(count, shots, kept_out):
    movies = [Movie(str(i), {"place": np.zeros((shots, 1), np.float32)}, [False] * (shots - 1)) for i in range(count)]
    learned, judged = training._keep_out(None, movies, None, False, 0)
    assert (len(learned), len(judged)) == (count - kept_out, kept_out)
    assert training._keep_out(None, movies, None, True, 0)[1] == []


def test_a_share_to_keep_out_does_not_depend_on_the_order(movies):
    model = build_wavenet(movies, **SMALL)
    one = training._keep_out(model, movies, 0.25, False, 0)[1]
    other = training._keep_out(model, movies[::-1], 0.25, False, 0)[1]
    assert len(one) == 2
    assert {movie.imdb_id for movie in one} == {movie.imdb_id for movie in other}


# the published networks


def test_a_published_network_is_trained_as_published_and_finds_nothing(movies):
    model = build_wavenet(movies, published=True)
    train(model, movies[:2], epochs=2, **QUIET)
    assert type(model.optimizer).__name__ == "RMSprop"
    assert float(model.optimizer.learning_rate) == pytest.approx(2e-5)
    assert set(model.history.history) == {"loss", "accuracy"}
    told = predict(model, movies, **QUIET)
    assert _mean_average_precision(movies, told) < 0.3


def test_a_published_network_ends_when_accuracy_passes_95_in_100():
    # without a boundary, to tell none is always right
    still = [Movie("still", {"place": np.zeros((30, 2), np.float32)}, np.zeros(29, bool))]
    model = build_wavenet(still, published=True)
    train(model, still, epochs=10, learning_rate=0.05, **QUIET)
    accuracy = model.history.history["accuracy"]
    assert accuracy[-1] > 0.95
    assert all(value <= 0.95 for value in accuracy[:-1])
    assert len(accuracy) < 10


# prediction


def test_predictions_are_one_for_each_place_between_shots(wavenet):
    movies = [noisy_movie(f"of {n}", n) for n in (1, 2, 3, 700)]
    told = predict(wavenet, movies, **QUIET)
    assert [len(each) for each in told] == [0, 1, 2, 699]
    assert all(each.dtype == np.float64 and ((each >= 0) & (each <= 1)).all() for each in told)


def test_a_movie_is_told_the_same_beside_any_others(movies, wavenet):
    alone = predict(wavenet, movies[3:4], **QUIET)[0]
    beside = predict(wavenet, [noisy_movie("long", 400), *movies], **QUIET)[4]
    assert np.array_equal(alone, beside)


def test_boundaries_are_not_looked_at_in_prediction(movies, wavenet):
    unknown = dataclasses.replace(movies[6], boundaries=None)
    assert np.array_equal(*predict(wavenet, [unknown, movies[6]], **QUIET))


def test_a_modality_that_is_missing_is_as_one_of_zeros(wavenet):
    lacking = noisy_movie("lacking", features=("place",))
    zeros = dataclasses.replace(lacking, features={**lacking.features, "cast": np.zeros((150, 3), np.float32)})
    told = predict(wavenet, [lacking, zeros], **QUIET)
    assert np.array_equal(*told)
    assert _mean_average_precision([lacking], told[:1]) > 0.25


def test_other_features_of_a_movie_are_left_alone(movies, wavenet):
    more = dataclasses.replace(movies[0], features={**movies[0].features, "tempo": np.ones((150, 1), np.float32)})
    assert np.array_equal(*predict(wavenet, [more, movies[0]], **QUIET))


def test_a_model_of_a_file_predicts_the_same(movies, wavenet, tmp_path):
    path = save_model(wavenet, tmp_path / "model.keras")
    assert np.array_equal(predict(path, movies[:1], **QUIET)[0], predict(wavenet, movies[:1], **QUIET)[0])


def test_movies_are_scored_by_their_mean_average_precision():
    movie = Movie("four", {"place": np.zeros((5, 1), np.float32)}, [True, False, True, False])
    still = Movie("still", {"place": np.zeros((5, 1), np.float32)}, [False] * 4)
    told = np.array([0.9, 0.5, 0.4, 0.1])
    assert training.score([movie], [told]) == pytest.approx((1 + 2 / 3) / 2)
    assert training.score([movie, still], [told, told]) == pytest.approx((1 + 2 / 3) / 4)
    # two files may hold one movie
    assert training.score([movie, movie], [told, told]) == pytest.approx((1 + 2 / 3) / 2)


def test_a_modalitys_name_may_hold_anything():
    movie = Movie("odd", {"a/b c%": np.zeros((9, 2), np.float32)}, np.arange(8) == 3)
    model = build_wavenet([movie], **SMALL)
    assert modalities_of(model) == {"a/b c%": 2}
    assert len(predict(model, [movie], **QUIET)[0]) == 8


# errors


def test_what_movies_must_be(movies, wavenet):
    with pytest.raises(ParameterError, match=r"One alone is \[movie\]"):
        build_wavenet(movies[0])
    with pytest.raises(ParameterError, match="movie must be a Movie, as load_movie returns it; got str"):
        build_wavenet(["tt0052357"])
    with pytest.raises(ParameterError, match="at least one Movie"):
        predict(wavenet, [])
    with pytest.raises(ParameterError, match="one dimension in all movies; it is 4 in '.+', 2 in 'other'"):
        build_wavenet([movies[0], Movie("other", {"place": np.zeros((9, 2), np.float32)})])
    with pytest.raises(ParameterError, match="the model takes 'place' of 4 dimensions; the movie 'other' has 2"):
        predict(wavenet, [Movie("other", {"place": np.zeros((9, 2), np.float32)})])
    with pytest.raises(ParameterError, match="none of the features that the model takes, place, cast; it has sound"):
        predict(wavenet, [Movie("other", {"sound": np.zeros((9, 2), np.float32)})])
    with pytest.raises(ParameterError, match="there are none"):
        build_wavenet([Movie("other", {}, [True])])


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"loss": "hinge"}, "loss must be one of 'weighted', 'focal', 'plain'"),
        ({"epochs": 0}, "epochs must be a whole number"),
        ({"validation": 1.0}, "validation must be .* below 1; got 1.0. Or name the movies: a list of Movie"),
        ({"learning_rate": 0}, "learning_rate must be a finite number above 0"),
        ({"learning_rate": 1e30}, "learning_rate must be .* at most 1; got 1e"),
        ({"seed": 2**32}, "seed must be a whole number of at least 0 and below"),
    ],
)
def test_options_of_training_that_are_out_of_range(options, message, movies, wavenet):
    with pytest.raises(ParameterError, match=message):
        train(wavenet, movies, **options, **QUIET)


def test_movies_that_cannot_be_trained_on(movies, wavenet):
    with pytest.raises(ParameterError, match="must have boundaries to be trained on; 'movie 0' has none"):
        train(wavenet, [dataclasses.replace(movies[0], boundaries=None)], **QUIET)
    with pytest.raises(ParameterError, match="'movie 0' is in movies and in validation"):
        train(wavenet, movies, validation=movies[:1], **QUIET)
    with pytest.raises(ParameterError, match="all have one"):
        train(wavenet, [noisy_movie("one", 1)], **QUIET)
    with pytest.raises(ParameterError, match="a second movie to keep out"):
        train(wavenet, movies[:1], validation=0.5, **QUIET)


def test_models_that_are_not_of_here(movies):
    with pytest.raises(ParameterError, match="model must be one of build_wavenet or build_bilstm"):
        predict(object(), movies, **QUIET)
    keras = import_keras()
    with pytest.raises(ParameterError, match="model must be one of build_wavenet or build_bilstm"):
        train(keras.Sequential([keras.layers.Dense(1)]), movies, **QUIET)
    given = keras.Input((None, 4), name="features place")
    foreign = keras.Model(given, keras.layers.Dense(1)(given))
    with pytest.raises(ParameterError, match="model must be one of build_wavenet or build_bilstm"):
        predict(foreign, movies, **QUIET)


# numbers


def _scaled(movies, scale):
    return [
        dataclasses.replace(movie, features={**movie.features, "place": movie.features["place"] * np.float32(scale)})
        for movie in movies
    ]


@pytest.mark.parametrize("scale", [1e-42, 1e-17, 1e17, 1e30])
def test_features_of_no_sensible_scale_are_refused(scale, movies, wavenet):
    with pytest.raises(ParameterError, match="that of 'place' of the movie 'movie 0' is .* Divide 'place'"):
        predict(wavenet, _scaled(movies[:1], scale), **QUIET)
    with pytest.raises(ParameterError, match="that of 'place' of the movie 'movie 0'"):
        train(wavenet, _scaled(movies[:1], scale), **QUIET)


@pytest.mark.parametrize("scale", [1e-14, 1e-6, 1e6, 1e14])
def test_features_of_other_scales_are_learned_from(scale, movies):
    model = build_wavenet(movies, **SMALL)
    train(model, _scaled(movies[:4], scale), validation=0, epochs=1, **QUIET)
    (told,) = predict(model, _scaled(movies[4:5], scale), **QUIET)
    assert np.isfinite(told).all()
    assert told.std() > 0


def test_features_of_another_scale_than_learned_from_are_told_of(movies):
    model = build_wavenet(movies, **SMALL)
    train(model, _scaled(movies[:2], 1e-12), validation=0, epochs=1, **QUIET)
    with pytest.raises(ParameterError, match="nothing finite of the movie 'movie 4': features must be of about"):
        predict(model, _scaled(movies[4:5], 1e12), **QUIET)


def test_training_that_leaves_all_bounds_is_told_of(movies):
    model = build_wavenet(movies, published=True)
    model.set_weights([np.full_like(values, np.nan) for values in model.get_weights()])
    with pytest.raises(ParameterError, match="numbers that are not finite: learning_rate is too high"):
        train(model, movies[:2], **QUIET)


@pytest.mark.parametrize("flag", [True, False])
def test_movies_of_boundaries_all_alike_weigh_as_they_are(flag, movies):
    alike = [dataclasses.replace(movie, boundaries=np.full(149, flag)) for movie in movies[:2]]
    assert training._boundary_weight(alike) == 1
    model = build_wavenet(alike, **SMALL)
    train(model, alike, epochs=1, **QUIET)
    assert model.history.history["loss"][0] > 0.01
