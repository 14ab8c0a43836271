import numpy as np
import pytest

from toolkit import DataError
from toolkit import _scene_networks as networks
from toolkit._close_up_network import load_model, save_model
from toolkit._networks import import_keras
from toolkit.records import Movie

# keras's conversion of a torch tensor to an array, which numpy wants otherwise
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")

DIMENSIONS = {"place": 6, "cast": 4, "a/b": 2}


def _given(length, padding=0, seed=0, known=None):
    """Return what a network is given of one movie, and of zeros after it."""
    rng = np.random.default_rng(seed)
    zeros = ((0, 0), (0, padding), (0, 0))
    given = {
        networks.input_name(name): np.pad(rng.normal(size=(1, length, d)), zeros).astype(np.float32)
        for name, d in DIMENSIONS.items()
    }
    given["shots"] = np.pad(np.ones((1, length, 1)), zeros).astype(np.float32)
    given["known"] = np.repeat(given["shots"], len(DIMENSIONS), axis=2) if known is None else known
    return given


@pytest.fixture(scope="module")
def wavenet():
    return networks.wavenet(DIMENSIONS, 2, 1, 8, 4, 3, 0.2, 0)


@pytest.fixture(scope="module")
def bilstm():
    return networks.bilstm(DIMENSIONS, 2, 4, 3, 0.2, 0)


# the published networks


def _layers(model):
    keras = import_keras()
    left_out = (keras.layers.InputLayer, keras.layers.Concatenate)
    return [layer for layer in model.layers if not isinstance(layer, left_out)]


def test_the_published_wavenet_has_the_published_layers():
    layers = _layers(networks.published_wavenet({"place": 7, "cast": 3}, 4, 2, 10, 5, 0))
    *dilated, last, output = layers
    assert [layer.dilation_rate for layer in dilated] == [(1,), (2,), (4,), (8,)] * 2
    assert {(layer.filters, layer.kernel_size, layer.padding) for layer in dilated} == {(10, (2,), "same")}
    assert {layer.activation.__name__ for layer in dilated} == {"relu"}
    assert (last.filters, last.kernel_size, last.activation.__name__) == (5, (1,), "linear")
    assert (output.units, output.activation.__name__) == (1, "sigmoid")


def test_the_published_wavenet_has_the_weights_that_its_layers_count():
    model = networks.published_wavenet({"place": 7, "cast": 3}, 4, 2, 10, 5, 0)
    assert model.count_params() == (2 * 10 * 10 + 10) * 8 + (10 * 5 + 5) + (5 + 1)


def test_the_published_bilstm_has_the_published_layers():
    layers = _layers(networks.published_bilstm({"place": 7, "cast": 3}, 2, 32, 0))
    *recurrent, output = layers
    assert len(recurrent) == 2
    for layer in recurrent:
        assert layer.forward_layer.units == layer.backward_layer.units == 32
        assert layer.backward_layer.go_backwards
        assert layer.forward_layer.return_sequences
        assert layer.merge_mode == "concat"
    assert (output.units, output.activation.__name__) == (1, "sigmoid")


def test_the_published_bilstm_has_the_weights_that_its_layers_count():
    model = networks.published_bilstm({"place": 10}, 2, 32, 0)
    assert model.count_params() == 2 * 4 * 32 * (10 + 32 + 1) + 2 * 4 * 32 * (64 + 32 + 1) + 65


# what a network is given


@pytest.mark.parametrize("kind", ["wavenet", "published_bilstm"])
def test_a_model_knows_its_modalities_and_their_order(kind, wavenet):
    model = wavenet if kind == "wavenet" else networks.published_bilstm(DIMENSIONS, 1, 2, 0)
    assert list(networks.modalities_of(model).items()) == list(DIMENSIONS.items())
    assert networks.is_published(model) == (kind != "wavenet")


@pytest.mark.parametrize("length", [1, 2, 5, 40])
def test_padding_changes_nothing(wavenet, length):
    alone, padded = (wavenet.predict_on_batch(_given(length, padding)) for padding in (0, 50))
    # sums in another order
    assert np.allclose(alone, padded[:, :length], atol=1e-5)


def test_what_is_not_known_changes_nothing(wavenet):
    known = np.ones((1, 30, 3), np.float32)
    known[0, 10:20, 1] = 0
    one, other = _given(30, known=known), _given(30, known=known)
    other[networks.input_name("cast")][0, 10:20] = 7
    assert np.array_equal(wavenet.predict_on_batch(one), wavenet.predict_on_batch(other))


def test_the_scale_of_a_modality_changes_little_but_its_course_does(wavenet):
    plain = wavenet.predict_on_batch(_given(40))
    larger = {name: values * 3 if name.startswith("features") else values for name, values in _given(40).items()}
    turned = {name: values[:, ::-1].copy() for name, values in _given(40).items()}
    assert np.abs(wavenet.predict_on_batch(larger) - plain).max() < 0.1
    assert np.abs(wavenet.predict_on_batch(turned) - plain).max() > 1e-3


def test_a_change_of_the_features_is_seen_where_it_is():
    # comparisons alone: distances of a projection that leaves the one feature as it is
    keras = import_keras()
    x, known = keras.Input((None, 1)), keras.Input((None, 1))
    model = keras.Model([x, known], list(networks._comparisons(keras, x, known, 1, 1)))
    values = np.zeros((1, 40, 1), np.float32)
    values[0, 20:] = 5
    found = [each[0, :, 0] for each in model.predict_on_batch([values, np.ones_like(values)])]
    lags, means, near = found[:8], found[8:-2], found[-2:]
    # the place between shots 19 and 20 is position 19
    assert np.flatnonzero(lags[0] > 1).tolist() == [19]
    assert np.flatnonzero(lags[3] > 1).tolist() == [16, 17, 18, 19]
    assert {int(each.argmax()) for each in means} == {19}
    assert {int(each.argmax()) for each in near} == {19}


def test_the_nearest_pair_across_a_place_stays_near_in_a_dialogue():
    keras = import_keras()
    x, known = keras.Input((None, 1)), keras.Input((None, 1))
    model = keras.Model([x, known], list(networks._comparisons(keras, x, known, 1, 1)))
    values = np.zeros((1, 40, 1), np.float32)
    values[0, 0:20:2] = 3
    values[0, 20:] = 20
    values[0, 20::2] = 23
    found = [each[0, :, 0] for each in model.predict_on_batch([values, np.ones_like(values)])]
    assert (found[0][:39] > -0.9).all()
    assert np.flatnonzero(found[-1] > 1).tolist() == [19]


# files


@pytest.mark.parametrize("kind", ["wavenet", "bilstm", "published"])
def test_a_model_comes_back_from_its_file_the_same(request, tmp_path, kind):
    given = _given(30)
    if kind == "published":
        model = networks.published_wavenet(DIMENSIONS, 2, 1, 4, 2, 0)
        given = {name: values for name, values in given.items() if name.startswith("features")}
    else:
        model = request.getfixturevalue(kind)
    loaded = load_model(save_model(model, tmp_path / "model.keras"))
    assert np.array_equal(loaded.predict_on_batch(given), model.predict_on_batch(given))
    assert networks.modalities_of(loaded) == DIMENSIONS
    assert networks.is_published(loaded) == networks.is_published(model)


def test_a_file_with_code_is_refused(tmp_path):
    keras = import_keras()
    inputs = keras.Input((None, 2), name="features place")
    outputs = keras.layers.Lambda(lambda x: x)(inputs)
    keras.Model(inputs, outputs).save(tmp_path / "model.keras")
    with pytest.raises(DataError, match="holds code of its own"):
        load_model(tmp_path / "model.keras")


# where training begins


def _movies(n=6, d=5, informative=2, seed=0):
    """Return movies whose scenes differ in one column alone, which is not the one of most spread."""
    rng = np.random.default_rng(seed)
    found = []
    for number in range(n):
        boundaries = np.zeros(99, bool)
        boundaries[9::10] = True
        scene = np.concatenate([[0], np.cumsum(boundaries)])
        values = rng.normal(size=(100, d)) * np.linspace(5, 1, d)
        values[:, informative] = 4 * rng.normal(size=10)[scene] + rng.normal(size=100)
        found.append(Movie(f"movie {number}", {"place": values.astype(np.float32)}, boundaries))
    return found


def test_projections_begin_with_what_tells_scenes_apart():
    directions, centre = networks.discriminant(_movies(), "place", 0)
    scaled = np.abs(directions[:, 0]) * np.linspace(5, 1, 5)
    assert scaled.argmax() == 2
    assert centre.shape == (5,)


def test_the_spread_within_scenes_becomes_1():
    movies = _movies()
    directions, _ = networks.discriminant(movies, "place", 0)
    rest = np.concatenate(
        [
            values - np.repeat(values.reshape(10, 10, -1).mean(axis=1), 10, axis=0)
            for values in (movie.features["place"] @ directions[:, :1] for movie in movies)
        ]
    )
    # a tenth of the spread is taken as the same in all directions
    assert 0.5 < np.sqrt((rest**2).mean()) < 1.1


def test_projections_of_many_columns_find_the_same():
    movies = _movies(d=400, informative=399)
    directions, _ = networks.discriminant(movies, "place", 0)
    assert directions.shape == (400, networks.MOST)
    assert np.abs(directions[:, 0]).argmax() == 399


def test_projections_of_nothing_are_left_to_chance():
    movies = [Movie("still", {"place": np.ones((20, 3), np.float32)}, np.arange(19) == 9)]
    assert networks.discriminant(movies, "place", 0) == (None, None)
    assert networks.discriminant([], "place", 0) == (None, None)


def test_a_trained_networks_projections_stay():
    model = networks.wavenet({"place": 5}, 1, 1, 4, 2, 3, 0.0, 0)
    networks.fit_projections(model, _movies(), 0)
    first = model.get_layer("project 0").get_weights()
    networks.fit_projections(model, _movies(seed=1), 0)
    assert all(map(np.array_equal, first, model.get_layer("project 0").get_weights()))
    assert not model.get_layer("project 0").trainable


# speed


def test_torchs_lstm_gives_what_keras_steps_through(bilstm):
    slow = networks.bilstm(DIMENSIONS, 2, 4, 3, 0.2, 0)
    slow.set_weights(bilstm.get_weights())
    networks.quicken(bilstm)
    given = _given(60)
    # sums in another order
    assert np.allclose(bilstm.predict_on_batch(given), slow.predict_on_batch(given), atol=1e-5)


def test_a_network_of_one_seed_is_one_network():
    one, same, other = (networks.wavenet(DIMENSIONS, 2, 1, 8, 4, 3, 0.2, seed).get_weights() for seed in (1, 1, 2))
    assert all(map(np.array_equal, one, same))
    assert not all(map(np.array_equal, one, other))
