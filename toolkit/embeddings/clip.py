"""CLIP: where its weights are, loading them, and running its vision encoder on images.

Nothing here loads torch or transformers before the network runs: finding and hashing the files of weights, which is
all that a cached result needs, works without them.
"""

import functools
import json
import os
from pathlib import Path

import numpy as np

from toolkit.errors import DataError, ParameterError
from toolkit.networks import (
    CLIP_ID,
    LAYOUT_HINT,
    exact_convolutions,
    files_of_folder,
    files_of_hub,
    inference_device,
    package_versions,
    quiet_transformers,
)
from toolkit.storage import file_hash

# part of the keys of cached vectors: raise it when what is computed here changes
VERSION = "1"


def weight_files(model_id=CLIP_ID, revision=None, *, progress=True):
    """Return the files of a CLIP model: two of settings, then the weights.

    They are those of a folder where `model_id` is one. Otherwise they are sought in the cache of the Hugging Face hub,
    and downloaded from it only where they are not there.

    Raises
    ------
    ParameterError
        If the files are not there and cannot be had.
    """
    if not isinstance(model_id, (str, os.PathLike)) or not os.fspath(model_id):
        raise ParameterError(f"model_id must be the name of a model of the hub, or a folder; got {model_id!r}")
    if revision is not None and (not isinstance(revision, str) or not revision):
        raise ParameterError(f"revision must be the name of a branch or a tag, or a commit's hash; got {revision!r}")
    folder = Path(model_id).expanduser()
    if folder.is_dir():
        if revision is not None:
            raise ParameterError(f"revision is for models of the hub; model_id is a folder, {folder}")
        return files_of_folder(folder)
    if isinstance(model_id, os.PathLike) or folder.is_absolute() or model_id.startswith((".", "~")):
        raise ParameterError(f"model_id must be the name of a model of the hub, or a folder; {folder} is no folder")
    return files_of_hub(model_id, revision, progress)


def identity(files, crop):
    """Return what CLIP's result depends on, besides the images."""
    return ("clip", VERSION, crop, *map(file_hash, files), *package_versions("transformers", "torch", "pillow"))


def describe(images, files, crop=False):
    """Return CLIP's vectors of images, float32 (n, d), each of length 1.

    Parameters
    ----------
    images : ndarray of uint8, (n, height, width, 3) in RGB or (n, height, width) in gray
    files : sequence of path
        As `weight_files` returns them.
    crop : bool
    """
    stamps = tuple((stat.st_size, stat.st_mtime_ns) for stat in map(os.stat, files))
    processor, network = _load_clip(str(Path(files[0]).parent), stamps)
    import torch

    pixels = prepare_pixels(processor, images, crop)
    with torch.inference_mode(), exact_convolutions(torch):
        vectors = network(pixel_values=torch.from_numpy(pixels).to(network.device)).image_embeds
        return torch.nn.functional.normalize(vectors, dim=-1).cpu().numpy()


def prepare_pixels(processor, images, crop=False):
    """Return images as CLIP takes them, float32 (n, 3, side, side): the whole frame squeezed, or its centre cropped."""
    if images.ndim == 3:
        images = np.repeat(images[..., None], 3, axis=3)
    options = {}
    if not crop:
        options = {"do_center_crop": False, "size": dict(processor.crop_size)}
    prepared = processor(images=list(images), input_data_format="channels_last", return_tensors="np", **options)
    return np.ascontiguousarray(prepared["pixel_values"], np.float32)


@functools.lru_cache(maxsize=1)
def _load_clip(folder, _stamps):
    import torch
    import transformers

    with quiet_transformers(transformers):
        # whatever broken files make json, safetensors, torch and transformers raise
        try:
            processor = transformers.CLIPImageProcessorPil.from_pretrained(folder, local_files_only=True)
            network, report = transformers.CLIPVisionModelWithProjection.from_pretrained(
                folder,
                config=_vision_config(transformers, folder),
                dtype=torch.float32,
                local_files_only=True,
                trust_remote_code=False,
                output_loading_info=True,
            )
        except Exception as error:
            raise DataError(
                f"{folder} does not hold a CLIP model with its vision encoder, or a file there is broken: {error}. "
                f"Fetch it anew. {LAYOUT_HINT}"
            ) from error
    if report["missing_keys"]:
        missing = ", ".join(sorted(report["missing_keys"])[:3])
        raise DataError(
            f"{folder} holds no weights for {missing}{' and others' if len(report['missing_keys']) > 3 else ''}: is it "
            f"a CLIP model with its vision encoder? {LAYOUT_HINT}"
        )
    return processor, network.eval().to(inference_device(torch))


def _vision_config(transformers, folder):
    """Return the settings of the vision encoder, from those of a whole CLIP model or of an encoder alone."""
    settings = json.loads(Path(folder, "config.json").read_text(encoding="utf-8"))
    kind = settings.get("model_type")
    if kind == "clip_vision_model":
        return transformers.CLIPVisionConfig.from_dict(settings)
    if kind != "clip":
        raise ValueError(f'its config.json is of model_type {kind!r}, not "clip"')
    config = transformers.CLIPConfig.from_dict(settings)
    # the whole model goes by the setting of its own
    config.vision_config.projection_dim = config.projection_dim
    return config.vision_config
