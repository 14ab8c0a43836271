"""Small models with random weights, in files of the real form: VGG16 and CLIP; and a model in a cache of the hub."""

import shutil

import h5py
import numpy as np

from toolkit import networks

# Simonyan and Zisserman, table 1, column D: name, side of the output, channels in and out
TABLE = [
    ("block1_conv1", 224, 3, 64),
    ("block1_conv2", 224, 64, 64),
    ("block1_pool", 112, 64, 64),
    ("block2_conv1", 112, 64, 128),
    ("block2_conv2", 112, 128, 128),
    ("block2_pool", 56, 128, 128),
    ("block3_conv1", 56, 128, 256),
    ("block3_conv2", 56, 256, 256),
    ("block3_conv3", 56, 256, 256),
    ("block3_pool", 28, 256, 256),
    ("block4_conv1", 28, 256, 512),
    ("block4_conv2", 28, 512, 512),
    ("block4_conv3", 28, 512, 512),
    ("block4_pool", 14, 512, 512),
    ("block5_conv1", 14, 512, 512),
    ("block5_conv2", 14, 512, 512),
    ("block5_conv3", 14, 512, 512),
    ("block5_pool", 7, 512, 512),
]
ENCODER = {
    "hidden_size": 32,
    "intermediate_size": 64,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "image_size": 224,
    "patch_size": 32,
}
IMAGE_MEAN = (0.48145466, 0.4578275, 0.40821073)
IMAGE_STD = (0.26862954, 0.26130258, 0.27577711)


def film(n=2, height=48, width=80, seed=0, channels=(3,)):
    """Return frames with large and small shapes in them."""
    rng = np.random.default_rng(seed)
    coarse = rng.integers(0, 256, (n, height // 8, width // 8, *channels), np.uint8)
    fine = coarse.repeat(8, axis=1).repeat(8, axis=2)
    return fine // 2 + rng.integers(0, 128, fine.shape, np.uint8)


def write_vgg16_weights(path, seed=0, layers=TABLE):
    """Write random weights as the published file has them."""
    rng = np.random.default_rng(seed)
    with h5py.File(path, "w") as file:
        file.attrs["layer_names"] = [name.encode() for name, *_ in layers]
        for name, _, inputs, outputs in layers:
            group = file.create_group(name)
            if "pool" in name:
                group.attrs["weight_names"] = np.array([], "S1")
                continue
            kernel = rng.standard_normal((3, 3, inputs, outputs), np.float32) * np.sqrt(2 / (9 * inputs))
            arrays = {f"{name}_W_1:0": kernel, f"{name}_b_1:0": rng.standard_normal(outputs, np.float32) / 10}
            group.attrs["weight_names"] = [key.encode() for key in arrays]
            for key, array in arrays.items():
                group[key] = array.astype(np.float32)
    return path


def write_clip(folder, seed=0, projection=24, **encoder):
    """Write a small CLIP model, both encoders, with random weights."""
    import torch
    import transformers

    with networks.quiet_transformers(transformers):
        text = {"hidden_size": 16, "intermediate_size": 32, "num_hidden_layers": 1, "num_attention_heads": 2}
        config = transformers.CLIPConfig(
            vision_config=ENCODER | encoder, text_config=text | {"vocab_size": 64}, projection_dim=projection
        )
        with torch.random.fork_rng():
            torch.manual_seed(seed)
            transformers.CLIPModel(config).save_pretrained(folder)
        transformers.CLIPImageProcessorPil().save_pretrained(folder)
    return folder


def put_into_hub(hub, model_id, folder):
    place = hub / f"models--{model_id.replace('/', '--')}"
    shutil.copytree(folder, place / "snapshots" / "abc")
    (place / "refs").mkdir()
    (place / "refs" / "main").write_text("abc")
