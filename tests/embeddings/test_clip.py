"""CLIP against the library's own, with random weights in files of the real form."""

import logging
import pickle
import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from small_models import IMAGE_MEAN, IMAGE_STD, film, write_clip

from toolkit import networks
from toolkit.embeddings import clip
from toolkit.errors import DataError, ParameterError


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
