"""The engine of keras, and its settings."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from small_models import film

from toolkit import networks
from toolkit.embeddings import vgg16
from toolkit.errors import ParameterError


def run_python(program, **environment):
    root = Path(__file__).parents[2]
    command = [sys.executable, "-W", "error", "-c", program]
    return subprocess.run(command, env=os.environ | environment, cwd=root, capture_output=True, text=True, timeout=120)


@pytest.fixture
def keras_settings():
    keras = networks.import_keras()
    yield keras
    keras.config.set_image_data_format("channels_last")
    keras.config.set_dtype_policy("float32")


@pytest.mark.parametrize(
    ("data_format", "policy"), [("channels_first", "mixed_bfloat16"), ("channels_last", "float32")]
)
def test_keras_keeps_its_settings(data_format, policy, keras_settings, tmp_path):
    keras_settings.config.set_image_data_format(data_format)
    keras_settings.config.set_dtype_policy(policy)
    network = vgg16.build_network(pooling="avg")
    features = vgg16.run_network(network, vgg16.prepare_pixels(film(1)))
    assert features.shape == (1, 512)
    assert features.dtype == np.float32
    (tmp_path / "broken.h5").write_bytes(b"no weights")
    with pytest.raises(OSError, match="file signature not found"):
        vgg16.build_network(str(tmp_path / "broken.h5"))
    assert keras_settings.config.image_data_format() == data_format
    assert keras_settings.config.dtype_policy().name == policy


# keras itself calls numpy in an older way there
@pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")
def test_another_engine_gives_the_same(vgg16_file, keras_settings, monkeypatch):
    pixels = vgg16.prepare_pixels(film(1))
    expected = vgg16.run_network(vgg16.build_network(str(vgg16_file)), pixels)
    monkeypatch.setattr(keras_settings.backend, "backend", lambda: "another")
    keras_settings.config.set_image_data_format("channels_first")
    network = vgg16.build_network(str(vgg16_file))
    assert network.output_shape == (None, 7, 7, 512)
    np.testing.assert_allclose(vgg16.run_network(network, pixels), expected, atol=1e-5 * float(expected.max()))


def test_keras_runs_on_torch_unless_the_user_chose():
    program = "import os, toolkit.embeddings.vgg16 as n; n.import_keras(); print(os.environ['KERAS_BACKEND'])"
    environment = {key: value for key, value in os.environ.items() if key != "KERAS_BACKEND"}
    root = Path(__file__).parents[2]
    done = subprocess.run([sys.executable, "-c", program], env=environment, cwd=root, capture_output=True, text=True)
    assert done.stdout == "torch\n", done.stderr
    # an engine that is not installed cannot be imported: so it was tried
    done = run_python(program, KERAS_BACKEND="mlx")
    assert "mlx" in done.stderr


def test_an_engine_that_is_not_installed(tmp_path, monkeypatch):
    (tmp_path / "weights.h5").write_bytes(b"")
    monkeypatch.delitem(sys.modules, "keras", raising=False)
    monkeypatch.setenv("KERAS_BACKEND", "mlx")
    with pytest.raises(ParameterError, match="KERAS_BACKEND says 'mlx', which is not. Unset it"):
        vgg16.identity(tmp_path / "weights.h5", None)
