"""VGG16 against the library's own, with random weights in a file of the real form."""

import hashlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from small_models import TABLE, film, write_vgg16_weights

from toolkit import networks
from toolkit.embeddings import vgg16
from toolkit.errors import DataError, ParameterError


@pytest.fixture
def keras_home(tmp_path, monkeypatch):
    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "keras"))
    return tmp_path / "keras" / "models"


def test_vgg16_has_the_published_layers():
    network = vgg16.build_network()
    rows = [
        (layer.name, tuple(layer.output.shape), [tuple(w.shape) for w in layer.weights]) for layer in network.layers
    ]
    # the height and width of the 7x7x512 stand behind the channels here
    expected = [
        (name, (None, outputs, side, side), [] if "pool" in name else [(3, 3, inputs, outputs), (outputs,)])
        for name, side, inputs, outputs in TABLE
    ]
    assert rows[1:] == expected
    assert network.count_params() == 14_714_688
    assert network.output_shape == (None, 512, 7, 7)


def test_vgg16_is_that_of_keras(vgg16_file):
    keras = networks.import_keras()
    own = keras.applications.VGG16(include_top=False, weights=str(vgg16_file), input_shape=(224, 224, 3))
    images = film(2)
    features = own(vgg16.prepare_pixels(images), training=False).detach().numpy()
    assert features.shape == (2, 7, 7, 512)
    flat = vgg16.describe(images, vgg16_file)
    assert flat.shape == (2, 25088)
    assert flat.dtype == np.float32
    # sums of up to 4,608 products in another order
    scale = float(features.max())
    for row, column, channel in [(0, 0, 0), (0, 0, 511), (0, 6, 3), (1, 0, 3), (6, 6, 511)]:
        assert flat[1, (row * 7 + column) * 512 + channel] == pytest.approx(
            features[1, row, column, channel], abs=1e-5 * scale
        )
    np.testing.assert_allclose(flat, features.reshape(2, -1), atol=1e-5 * scale)
    pooled = vgg16.describe(images, vgg16_file, "avg")
    np.testing.assert_allclose(pooled, features.mean((1, 2)), atol=1e-5 * scale)
    assert (flat > 0).mean() > 0.1


def test_vgg16_pixels_are_those_of_keras(tmp_path):
    keras = networks.import_keras()
    images = np.stack([film(1, 240, 320)[0], film(1, 240, 320, seed=1)[0]])
    expected = []
    for i, image in enumerate(images):
        Image.fromarray(image).save(tmp_path / f"{i}.png")
        loaded = keras.utils.load_img(tmp_path / f"{i}.png", target_size=(224, 224), interpolation="bilinear")
        expected.append(keras.applications.vgg16.preprocess_input(keras.utils.img_to_array(loaded)))
    np.testing.assert_array_equal(vgg16.prepare_pixels(images), expected)


def test_vgg16_pixels_of_a_plain_color_by_hand():
    images = np.empty((1, 30, 40, 3), np.uint8)
    images[:] = 200, 100, 50
    pixels = vgg16.prepare_pixels(images)
    assert pixels.shape == (1, 224, 224, 3)
    assert pixels.dtype == np.float32
    expected = np.float32([50 - 103.939, 100 - 116.779, 200 - 123.68])
    np.testing.assert_allclose(pixels, np.broadcast_to(expected, pixels.shape), rtol=1e-6)


def test_gray_images_are_those_that_look_the_same():
    gray = film(2, channels=())
    color = gray[..., None].repeat(3, axis=3)
    np.testing.assert_array_equal(vgg16.prepare_pixels(gray), vgg16.prepare_pixels(color))


def test_weights_that_cannot_be_had_say_how_they_can(keras_home):
    with pytest.raises(ParameterError, match='"vgg16" are not in') as error:
        vgg16.weights_file()
    message = str(error.value)
    assert str(keras_home) in message
    assert "curl -L -o vgg16_weights_tf_dim_ordering_tf_kernels_notop.h5 https://" in message
    assert "socket" in message
    assert 'weights="..."' in message
    assert 'model="layout" works' in message


def test_the_published_file_is_that_of_keras():
    from keras.src.applications import vgg16 as published

    assert published.WEIGHTS_PATH_NO_TOP == vgg16.VGG16_URL
    assert vgg16.VGG16_MD5 in Path(published.__file__).read_text()


def test_weights_are_downloaded_whole_or_not_at_all(server, keras_home, monkeypatch):
    folder, address = server
    content = bytes(range(256)) * 9000
    (folder / "weights.h5").write_bytes(content)
    monkeypatch.setattr(vgg16, "VGG16_URL", f"{address}/weights.h5")
    with pytest.raises(ParameterError, match="its md5 is"):
        vgg16.weights_file(progress=False)
    assert list(keras_home.iterdir()) == []
    monkeypatch.setattr(vgg16, "VGG16_MD5", hashlib.md5(content).hexdigest())
    path = vgg16.weights_file(progress=False)
    assert path == keras_home / "vgg16_weights_tf_dim_ordering_tf_kernels_notop.h5"
    assert path.read_bytes() == content
    monkeypatch.setattr(vgg16, "VGG16_URL", f"{address}/nowhere")
    assert vgg16.weights_file() == path
    path.write_bytes(content[:-1])
    with pytest.raises(DataError, match="is broken .*cannot be downloaded"):
        vgg16.weights_file(progress=False)
    monkeypatch.setattr(vgg16, "VGG16_URL", f"{address}/weights.h5")
    assert vgg16.weights_file(progress=False).read_bytes() == content


@pytest.mark.parametrize("path", ["weights.pkl", 7, "folder", b"weights.h5"])
def test_weights_must_be_an_h5_file(path):
    with pytest.raises(ParameterError, match="weights must be the path of a .h5 file"):
        vgg16.weights_file(path)


def test_weights_that_are_not_there(tmp_path):
    with pytest.raises(ParameterError, match=r"there is no file .*nowhere.h5.*curl"):
        vgg16.weights_file(tmp_path / "nowhere.h5")


def test_broken_weights_are_data_errors(vgg16_file, tmp_path):
    broken = tmp_path / "broken.h5"
    content = vgg16_file.read_bytes()
    for part in (b"", content[:100], content[: len(content) // 2]):
        broken.write_bytes(part)
        with pytest.raises(DataError, match=r"broken\.h5 does not hold the weights of VGG16"):
            vgg16.describe(film(1), broken)
    for layers in (TABLE[:-3], [*TABLE[:-2], ("block5_conv3", 14, 512, 256), TABLE[-1]]):
        write_vgg16_weights(broken, layers=layers)
        with pytest.raises(DataError, match="does not hold the weights of VGG16"):
            vgg16.describe(film(1), broken)
