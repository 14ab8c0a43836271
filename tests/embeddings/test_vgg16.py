"""VGG16 and CLIP against the libraries' own, with random weights in files of the real form."""

import hashlib
import http.server
import logging
import os
import pickle
import shutil
import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from small_models import IMAGE_MEAN, IMAGE_STD, TABLE, film, write_clip, write_vgg16_weights

from toolkit import networks
from toolkit.embeddings import clip, vgg16
from toolkit.errors import DataError, ParameterError
from toolkit.networks import weights as network_weights


@pytest.fixture(scope="session")
def vgg16_file(tmp_path_factory):
    return write_vgg16_weights(tmp_path_factory.mktemp("vgg16") / "vgg16.h5")


@pytest.fixture(scope="session")
def clip_folder(tmp_path_factory):
    return write_clip(tmp_path_factory.mktemp("clip"))


@pytest.fixture
def keras_home(tmp_path, monkeypatch):
    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "keras"))
    return tmp_path / "keras" / "models"


def run_python(program, **environment):
    root = Path(__file__).parents[2]
    command = [sys.executable, "-W", "error", "-c", program]
    return subprocess.run(command, env=os.environ | environment, cwd=root, capture_output=True, text=True, timeout=120)


# VGG16


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


@pytest.fixture
def server(tmp_path):
    """Serve a folder on this machine; give the folder and its address."""
    folder = tmp_path / "served"
    folder.mkdir()

    class Handler(http.server.SimpleHTTPRequestHandler):
        def __init__(self, *args):
            super().__init__(*args, directory=str(folder))

        def log_message(self, *_):
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as served:
        thread = threading.Thread(target=served.serve_forever)
        thread.start()
        yield folder, f"http://127.0.0.1:{served.server_port}"
        served.shutdown()
        thread.join()


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


# CLIP


def expected_clip(folder, pixels):
    """Return what transformers makes of prepared pixels with the whole model."""
    import torch
    import transformers

    with networks.quiet_transformers(transformers), torch.inference_mode():
        model = transformers.CLIPModel.from_pretrained(folder).eval()
        vectors = model.get_image_features(pixel_values=torch.from_numpy(pixels)).pooler_output.numpy()
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def squeezed(images):
    """Return the whole frames as 224x224, by Pillow, normalised by hand."""
    images = [Image.fromarray(image).convert("RGB").resize((224, 224), Image.Resampling.BICUBIC) for image in images]
    pixels = (np.stack(images) / 255 - IMAGE_MEAN) / IMAGE_STD
    return pixels.transpose(0, 3, 1, 2).astype(np.float32)


def test_clip_is_that_of_transformers(clip_folder):
    images = film(3, 240, 320)
    files = clip.weight_files(clip_folder)
    vectors = clip.describe(images, files)
    assert vectors.shape == (3, 24)
    assert vectors.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, rtol=1e-6)
    # sums in another order
    np.testing.assert_allclose(vectors, expected_clip(clip_folder, squeezed(images)), atol=1e-5)
    assert np.abs(vectors[0] - vectors[1]).max() > 1e-3


def test_clip_crops_as_its_processor(clip_folder):
    import transformers

    images = film(3, 240, 320)
    processor = transformers.CLIPImageProcessorPil.from_pretrained(clip_folder)
    expected = processor(images=[Image.fromarray(image) for image in images], return_tensors="np")["pixel_values"]
    np.testing.assert_array_equal(clip.prepare_pixels(processor, images, crop=True), expected)
    cropped = clip.describe(images, clip.weight_files(clip_folder), crop=True)
    np.testing.assert_allclose(cropped, expected_clip(clip_folder, expected), atol=1e-5)


@pytest.mark.parametrize(("height", "width"), [(240, 320), (64, 500), (1, 1), (1, 300)])
def test_clip_squeezes_the_whole_frame(height, width, clip_folder):
    import transformers

    processor = transformers.CLIPImageProcessorPil.from_pretrained(clip_folder)
    images = np.random.default_rng(0).integers(0, 256, (2, height, width, 3), np.uint8)
    pixels = clip.prepare_pixels(processor, images)
    assert pixels.dtype == np.float32
    # float32 against float64
    np.testing.assert_allclose(pixels, squeezed(images), atol=1e-6)


def test_clip_takes_gray_as_the_color_that_looks_the_same(clip_folder):
    gray = film(2, channels=())
    files = clip.weight_files(clip_folder)
    np.testing.assert_array_equal(clip.describe(gray, files), clip.describe(gray[..., None].repeat(3, axis=3), files))


def test_clip_loads_an_encoder_alone(clip_folder, tmp_path):
    import transformers

    _, encoder = clip._load_clip(str(clip_folder), ())
    with networks.quiet_transformers(transformers):
        encoder.save_pretrained(tmp_path)
    shutil.copy(clip_folder / "preprocessor_config.json", tmp_path)
    images = film(2)
    np.testing.assert_array_equal(
        clip.describe(images, clip.weight_files(tmp_path)),
        clip.describe(images, clip.weight_files(clip_folder)),
    )


def test_clip_takes_the_square_of_its_processor(tmp_path):
    import transformers

    write_clip(tmp_path, image_size=64, patch_size=16)
    size = {"height": 64, "width": 64}
    transformers.CLIPImageProcessorPil(size={"shortest_edge": 64}, crop_size=size).save_pretrained(tmp_path)
    for crop in (False, True):
        assert clip.describe(film(2), clip.weight_files(tmp_path), crop).shape == (2, 24)


def test_loading_clip_is_quiet_and_leaves_the_library_as_it_was(clip_folder, tmp_path, capfd, caplog):
    import transformers

    shutil.copytree(clip_folder, tmp_path / "copy")
    verbosity = transformers.logging.get_verbosity()
    clip.describe(film(1), clip.weight_files(tmp_path / "copy"))
    assert capfd.readouterr() == ("", "")
    assert [record for record in caplog.records if record.levelno >= logging.WARNING] == []
    assert transformers.logging.get_verbosity() == verbosity
    assert transformers.utils.logging.is_progress_bar_enabled()


def save_bin(folder, state):
    import torch

    (folder / "model.safetensors").unlink()
    torch.save(state, folder / "pytorch_model.bin")


def test_clip_loads_older_weights(clip_folder, tmp_path):
    from safetensors.torch import load_file

    shutil.copytree(clip_folder, tmp_path / "old")
    save_bin(tmp_path / "old", load_file(clip_folder / "model.safetensors"))
    files = clip.weight_files(tmp_path / "old")
    assert files[-1].name == "pytorch_model.bin"
    images = film(2)
    np.testing.assert_array_equal(clip.describe(images, files), clip.describe(images, clip.weight_files(clip_folder)))


class Touch:
    """What a pickle with code in it looks like."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return Path.touch, (self.path,)


def test_weights_run_no_code(clip_folder, tmp_path):
    folder = tmp_path / "evil"
    for write in (lambda state: save_bin(folder, state), lambda state: plain_pickle(folder, state)):
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(clip_folder, folder)
        write({"visual_projection.weight": Touch(tmp_path / "ran")})
        with pytest.raises(DataError, match="does not hold a CLIP model"):
            clip.describe(film(1), clip.weight_files(folder))
        assert not (tmp_path / "ran").exists()


def plain_pickle(folder, state):
    (folder / "model.safetensors").unlink()
    (folder / "pytorch_model.bin").write_bytes(pickle.dumps(state))


def test_broken_clip_files_are_data_errors(clip_folder, tmp_path):
    for i, (name, change) in enumerate(
        [
            ("model.safetensors", lambda content: content[: len(content) // 2]),
            ("model.safetensors", lambda content: b""),
            ("config.json", lambda content: content[:-20]),
            ("config.json", lambda content: b"[]"),
            ("config.json", lambda content: b'{"model_type": "bert"}'),
            ("preprocessor_config.json", lambda content: b"{"),
        ]
    ):
        folder = tmp_path / str(i)
        shutil.copytree(clip_folder, folder)
        (folder / name).write_bytes(change((folder / name).read_bytes()))
        with pytest.raises(DataError, match=f"{folder} does not hold a CLIP model with its vision encoder"):
            clip.describe(film(1), clip.weight_files(folder))


def test_weights_that_lack_some_are_not_filled_up_with_chance(clip_folder, tmp_path):
    from safetensors.torch import load_file, save_file

    shutil.copytree(clip_folder, tmp_path / "part")
    weights = load_file(clip_folder / "model.safetensors")
    del weights["visual_projection.weight"]
    save_file(weights, tmp_path / "part" / "model.safetensors", metadata={"format": "pt"})
    with pytest.raises(DataError, match="no weights for visual_projection.weight: is it"):
        clip.describe(film(1), clip.weight_files(tmp_path / "part"))


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("config.json", "no config.json"),
        ("preprocessor_config.json", "no preprocessor_config.json"),
        ("model.safetensors", "no model.safetensors or pytorch_model.bin"),
    ],
)
def test_folders_that_lack_a_file(name, message, clip_folder, tmp_path):
    shutil.copytree(clip_folder, tmp_path / "part")
    (tmp_path / "part" / name).unlink()
    with pytest.raises(ParameterError, match=f"there is {message}. Fetch the model whole"):
        clip.weight_files(tmp_path / "part")


@pytest.mark.parametrize("model_id", ["/nowhere", "./nowhere", "~/nowhere", Path("nowhere")])
def test_folders_that_are_not_there(model_id):
    with pytest.raises(ParameterError, match=r"model_id must be .* or a folder; .*nowhere is no folder"):
        clip.weight_files(model_id)


@pytest.mark.parametrize("model_id", [None, 7, "", b"openai/clip"])
def test_model_id_must_be_a_name(model_id):
    with pytest.raises(ParameterError, match="model_id must be the name of a model of the hub, or a folder; got"):
        clip.weight_files(model_id)


def test_model_id_must_be_a_name_of_the_hub():
    with pytest.raises(ParameterError, match="as openai/clip-vit-base-patch32, or a folder; got 'a b'"):
        clip.weight_files("a b")


def test_revision_is_checked(clip_folder):
    with pytest.raises(ParameterError, match="revision must be .*; got 7"):
        clip.weight_files(revision=7)
    with pytest.raises(ParameterError, match="revision is for models of the hub"):
        clip.weight_files(clip_folder, "main")


@pytest.fixture
def hub(tmp_path, monkeypatch):
    """Give a hub that is reached and has an empty cache."""
    import huggingface_hub.constants

    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_CACHE", str(tmp_path / "hub"))
    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_OFFLINE", False)
    return huggingface_hub


def test_a_model_that_cannot_be_had_says_how_it_can(hub, capfd):
    with pytest.raises(
        ParameterError, match='"clip", openai/clip-vit-base-patch32 at revision v2, are not in'
    ) as error:
        clip.weight_files(revision="v2")
    message = str(error.value)
    assert hub.constants.HF_HUB_CACHE in message
    assert "socket" in message
    assert "hf download openai/clip-vit-base-patch32 --revision v2 --include config.json" in message
    assert "--local-dir clip-vit-base-patch32" in message
    assert 'model_id="..."' in message
    assert 'model="layout" works' in message
    assert capfd.readouterr() == ("", "")


def test_offline_mode_asks_no_one(hub, monkeypatch):
    monkeypatch.setattr(hub.constants, "HF_HUB_OFFLINE", True)
    monkeypatch.setattr(network_weights, "_reach", None)
    with pytest.raises(ParameterError, match="cannot be downloaded"):
        clip.weight_files()


def put_in_cache(hub, source, revision="main"):
    repository = Path(hub.constants.HF_HUB_CACHE, "models--someone--small-clip")
    snapshot = repository / "snapshots" / "0123456789abcdef"
    shutil.copytree(source, snapshot)
    (repository / "refs").mkdir()
    (repository / "refs" / revision).write_text(snapshot.name)
    return snapshot


def test_the_cache_of_the_hub_is_used_without_asking_the_hub(hub, clip_folder):
    snapshot = put_in_cache(hub, clip_folder)
    names = ["config.json", "preprocessor_config.json", "model.safetensors"]
    assert clip.weight_files("someone/small-clip") == [snapshot / name for name in names]
    assert clip.describe(film(1), clip.weight_files("someone/small-clip")).shape == (1, 24)
    with pytest.raises(ParameterError, match="at revision other, are not in"):
        clip.weight_files("someone/small-clip", "other")


def test_what_is_fetched_from_the_hub(hub, clip_folder, monkeypatch):
    asked = []

    def download(model_id, name, *, revision):
        asked.append((model_id, name, revision))
        if name == "model.safetensors":
            raise hub.errors.EntryNotFoundError("404")
        return str(clip_folder / name)

    monkeypatch.setattr(hub, "hf_hub_download", download)
    monkeypatch.setattr(network_weights, "_reach", lambda hub, url: asked.append(url))
    files = clip.weight_files("someone/small-clip", "v1", progress=False)
    names = ["config.json", "preprocessor_config.json", "model.safetensors", "pytorch_model.bin"]
    assert asked == [
        "https://huggingface.co/someone/small-clip/resolve/v1/config.json",
        *(("someone/small-clip", name, "v1") for name in names),
    ]
    assert [path.name for path in files] == [names[0], names[1], names[3]]
    assert not hub.utils.are_progress_bars_disabled()


def test_a_server_that_answers_is_reached(hub, server):
    _, address = server
    network_weights._reach(hub, f"{address}/nowhere")
    with pytest.raises(Exception, match="refused"):
        network_weights._reach(hub, "http://127.0.0.1:9/nowhere")
