import numpy as np
import pytest

from toolkit import DataError, ParameterError, scene_models
from toolkit.networks import import_keras, load_model, save_model
from toolkit.scene_models import networks

# keras's conversion of a torch tensor to an array, which numpy wants otherwise
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")

DIMENSIONS = {"place": 6, "cast": 4, "a/b": 2}
WAVENET = {"num_layers": 2, "num_blocks": 1, "filters1": 8, "filters2": 4, "projection": 3}
BILSTM = {"n_layers": 2, "n_neurons": 4, "projection": 3}


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
    return scene_models.build_wavenet(DIMENSIONS, **WAVENET)


@pytest.fixture(scope="module")
def bilstm():
    return scene_models.build_bilstm(DIMENSIONS, **BILSTM)


# the published networks


def _layers(model):
    keras = import_keras()
    left_out = (keras.layers.InputLayer, keras.layers.Concatenate)
    return [layer for layer in model.layers if not isinstance(layer, left_out)]


def test_the_published_wavenet_has_the_published_layers():
    layers = _layers(scene_models.build_wavenet({"place": 7, "cast": 3}, published=True))
    *dilated, last, output = layers
    assert [layer.dilation_rate for layer in dilated] == [(1,), (2,), (4,), (8,)] * 2
    assert {(layer.filters, layer.kernel_size, layer.padding) for layer in dilated} == {(10, (2,), "same")}
    assert {layer.activation.__name__ for layer in dilated} == {"relu"}
    assert (last.filters, last.kernel_size, last.activation.__name__) == (5, (1,), "linear")
    assert (output.units, output.activation.__name__) == (1, "sigmoid")


def test_the_published_wavenet_has_the_weights_that_its_layers_count():
    model = scene_models.build_wavenet({"place": 7, "cast": 3}, published=True)
    assert model.count_params() == (2 * 10 * 10 + 10) * 8 + (10 * 5 + 5) + (5 + 1)


def test_the_published_bilstm_has_the_published_layers():
    layers = _layers(scene_models.build_bilstm({"place": 7, "cast": 3}, published=True))
    *recurrent, output = layers
    assert len(recurrent) == 2
    for layer in recurrent:
        assert layer.forward_layer.units == layer.backward_layer.units == 32
        assert layer.backward_layer.go_backwards
        assert layer.forward_layer.return_sequences
        assert layer.merge_mode == "concat"
    assert (output.units, output.activation.__name__) == (1, "sigmoid")


def test_the_published_bilstm_has_the_weights_that_its_layers_count():
    model = scene_models.build_bilstm({"place": 10}, published=True)
    assert model.count_params() == 2 * 4 * 32 * (10 + 32 + 1) + 2 * 4 * 32 * (64 + 32 + 1) + 65


# what a network is given


@pytest.mark.parametrize("kind", ["wavenet", "published_bilstm"])
def test_a_model_knows_its_modalities_and_their_order(kind, wavenet):
    model = (
        wavenet if kind == "wavenet" else scene_models.build_bilstm(DIMENSIONS, published=True, n_layers=1, n_neurons=2)
    )
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


# files


@pytest.mark.parametrize("kind", ["wavenet", "bilstm", "published"])
def test_a_model_comes_back_from_its_file_the_same(request, tmp_path, kind):
    given = _given(30)
    if kind == "published":
        model = scene_models.build_wavenet(DIMENSIONS, published=True, num_layers=2, num_blocks=1)
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


# speed


def test_torchs_lstm_gives_what_keras_steps_through(bilstm):
    slow = scene_models.build_bilstm(DIMENSIONS, **BILSTM)
    slow.set_weights(bilstm.get_weights())
    networks.quicken(bilstm)
    given = _given(60)
    # sums in another order
    assert np.allclose(bilstm.predict_on_batch(given), slow.predict_on_batch(given), atol=1e-5)


def test_a_network_of_one_seed_is_one_network():
    one, same, other = (
        scene_models.build_wavenet(DIMENSIONS, **WAVENET, seed=seed).get_weights() for seed in (1, 1, 2)
    )
    assert all(map(np.array_equal, one, same))
    assert not all(map(np.array_equal, one, other))


@pytest.mark.parametrize("seed", [20261122, 2**32 - 1])
def test_large_seeds_give_networks_of_their_own(seed):
    one, other = (scene_models.build_bilstm(DIMENSIONS, **BILSTM, seed=each).get_weights() for each in (seed, seed - 1))
    assert not all(map(np.array_equal, one, other))


# errors


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"num_layers": 0}, "num_layers must be a whole number of at least 1"),
        ({"num_layers": 13}, "num_layers must be .* at most 12; got 13. The twelfth layer reaches over 2,048 shots"),
        ({"filters1": 2.5}, "filters1 must be a whole number"),
        ({"dropout": 1}, "dropout must be .* below 1; got 1"),
        ({"projection": 0}, "projection must be a whole number"),
        ({"seed": -1}, "seed must be a whole number"),
        ({"seed": 2**32}, r"seed must be .* below 4,294,967,296"),
    ],
)
def test_options_of_networks_that_are_out_of_range(options, message):
    with pytest.raises(ParameterError, match=message):
        scene_models.build_wavenet({"place": 4}, **options)
