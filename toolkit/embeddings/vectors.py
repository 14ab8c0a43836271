"""A vector for each frame, so that similar frames are near each other.

Three models are at hand, and any function of one's own:

``"layout"``
    Where which colours and edges are in the picture. It needs no weights, and tells camera set-ups apart.
``"vgg16"``
    The convolutional part of VGG16, trained on ImageNet, by keras on the torch engine: what is in the picture, and
    where. The whole frame is squeezed to 224x224 (bilinear, with antialiasing, by Pillow) and prepared by keras's
    ``vgg16.preprocess_input``: BGR, less the means of ImageNet. The output of the last block, 7x7x512, is flattened in
    row, column, channel order to 25,088 values, as is usual for shot clustering; ``pooling="avg"`` means over the 7x7.
``"clip"``
    The vision encoder of a CLIP model with its projection, by transformers: what the picture is about. The whole frame
    is squeezed to the encoder's square, 224x224 for the default model, by the model's own image processor, with its
    resampling and normalisation; ``crop=True`` has the processor's own centre crop instead, which drops half of a wide
    frame. Vectors have length 1.

What was computed is kept on disk. Frames are taken in blocks, of 64 where they are not large, whatever batches they
come in, and the result of a block is one file, whole or absent: a run that was killed goes on where it stopped, and the
same frames are not computed twice. The file is named by a hash of the pixels, the model, its options, its weights, and
the versions of what computes, so that what has changed is computed anew, and sealed by another, so that a damaged file
is noticed and replaced. With all blocks there, neither keras nor transformers is loaded. Layout vectors of frames of
more than 512x512 pixels are not kept, since to hash such frames takes as long as to describe them. Nothing is ever
removed from the folder: delete it, or any of its files, to free the disk. (VGG16 flattened takes 100 kB a frame.)

References
----------
K. Simonyan and A. Zisserman, Very deep convolutional networks for large-scale image recognition, ICLR 2015.
A. Radford and others, Learning transferable visual models from natural language supervision, ICML 2021.
"""

import hashlib
import io
import math
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from importlib.metadata import version

import numpy as np

from toolkit import networks
from toolkit.checks import check_count
from toolkit.embeddings import clip, vgg16
from toolkit.embeddings.results import cache_key, check_vectors
from toolkit.errors import ParameterError
from toolkit.records import Frames
from toolkit.storage import cache_folder, progress_bar, warn_not_cached, write_whole
from toolkit.video import image_batches

# which options a model takes, and what stands for not given
OPTIONS = {
    "layout": {},
    "vgg16": {"pooling": None, "weights": None},
    "clip": {"crop": False, "model_id": networks.CLIP_ID, "revision": None},
}
BLOCK_FRAMES = 64
# an iterator's frames are held until their block is full
BLOCK_BYTES = 128 << 20
# beyond, hashing a frame takes as long as its layout vector
MAX_LAYOUT_PIXELS = 512 * 512
SEAL_BYTES = hashlib.sha256().digest_size


def embed(
    images,
    model="layout",
    *,
    pooling=None,
    weights=None,
    crop=False,
    model_id=networks.CLIP_ID,
    revision=None,
    batch_size=32,
    cache=None,
    progress=True,
):
    """Return a vector for each frame.

    Parameters
    ----------
    images : ndarray of uint8, (n, height, width, 3) in RGB or (n, height, width) in gray; Frames; or iterator of either
        An iterator's batches may be of any length and of different sizes of image: each image is described by itself.
        A gray image is described as the RGB image that looks the same.
    model : {"layout", "vgg16", "clip"} or callable
        A callable is given images, uint8, at most `batch_size` at a time and all of one size, and returns a vector of
        finite numbers for each, (n, d).
    pooling : {None, "avg"}
        For ``"vgg16"``: None for 25,088 values, ``"avg"`` for their means over the picture, 512 values.
    weights : path, optional
        For ``"vgg16"``: a .h5 file of weights. By default keras's own for ImageNet, in its cache folder, downloaded at
        first use.
    crop : bool
        For ``"clip"``: whether to take the centre of each frame instead of the whole.
    model_id : str or path
        For ``"clip"``: the name of a CLIP model of the Hugging Face hub, downloaded at first use, or a folder with its
        config.json, preprocessor_config.json and model.safetensors (or pytorch_model.bin).
    revision : str, optional
        For ``"clip"``: a branch, a tag or a commit of a model of the hub. A copy in the hub's cache is used without
        asking the hub for a newer one.
    batch_size : int
        How many images a network is given at a time, at most. (On a CPU, VGG16 takes 8 of them at once, which is as
        fast as more and needs 500 MB.)
    cache : path or False, optional
        Where results are kept: a folder, made if need be, by default `embeddings` in the toolkit's data folder; False
        to keep none. Those of a callable are kept only if it has an attribute `cache_key`, a string that changes
        whenever what it returns would.
    progress : bool
        Whether to show a progress bar.

    Returns
    -------
    ndarray of float32, (n, d)
        In the order of the frames; d is 2031 for ``"layout"``, 25088 or 512 for ``"vgg16"``, 512 for the default model
        of ``"clip"``.

    Raises
    ------
    ParameterError
        If an argument is of the wrong kind, there is no frame, a callable returns something else, the folder named as
        cache cannot be made, or weights are needed that are neither there nor to be downloaded.
    DataError
        If a file of weights is broken.
    """
    batch_size = check_count("batch_size", batch_size, at_least=1)
    options = {"pooling": pooling, "weights": weights, "crop": crop, "model_id": model_id, "revision": revision}
    described_by = model_of(model, options, batch_size, progress)
    folder = cache_folder(cache, "embeddings")
    total = len(images) if isinstance(images, (np.ndarray, Frames)) else 0
    vectors, count = np.empty((0, 0), np.float32), 0
    with progress_bar(total=total or None, description=described_by.name, unit="frame", progress=progress) as bar:
        for block in _blocks(images, described_by.block):
            part = _vectors_of(block, described_by, folder)
            if count and part.shape[1] != vectors.shape[1]:
                raise ParameterError(
                    f"model must return vectors of one length; got {vectors.shape[1]} values a frame first and "
                    f"{part.shape[1]} from frame {count} on"
                )
            if count + len(part) > len(vectors):
                # in place: a list of blocks would be held beside what they are joined to
                rows = max(total, 2 * len(vectors), count + len(part))
                vectors.resize((rows, part.shape[1]), refcheck=False)
            vectors[count : count + len(part)] = part
            count += len(part)
            bar.update(len(part))
    if not count:
        raise ParameterError("images must hold at least one frame to embed; got none")
    vectors.resize((count, vectors.shape[1]), refcheck=False)
    return vectors


@dataclass(frozen=True)
class Model:
    """What describes images.

    Attributes
    ----------
    name : str
    describe : callable
        Of images, returns a vector for each.
    identity : tuple, optional
        What the vectors depend on besides the images; None if that is not known, and they are not kept.
    block : int
        How many frames are described, and kept, together, at most.
    step : int
        How many images are given at a time, at most.
    max_pixels : float
        Of how many pixels a frame may be for its vector to be kept.
    """

    name: str
    describe: Callable
    identity: tuple | None
    block: int
    step: int
    max_pixels: float = np.inf


def model_of(model, options, batch_size, progress):
    """Return the `Model` for a name or a function, with its options checked."""
    from toolkit.embeddings import layout

    name = model if isinstance(model, str) else "callable"
    if name not in OPTIONS and not callable(model):
        listed = ", ".join(repr(choice) for choice in OPTIONS)
        raise ParameterError(f"model must be one of {listed}, or a callable; got {model!r}")
    for owner, own in OPTIONS.items():
        for option, default in own.items():
            value = options[option]
            if owner != name and not (isinstance(value, type(default)) and value == default):
                raise ParameterError(f'{option} is an option of model="{owner}"; got {option}={value!r} with {name}')
    if callable(model):
        key = cache_key(model, "a callable")
        # a copy, that the callable may write to
        return Model(name, lambda images: model(images.copy()), key and ("callable", key), batch_size, batch_size)
    if name == "layout":
        import cv2

        identity = ("layout", layout.VERSION, version("numpy"), version("numba"), cv2.__version__)
        return Model(name, layout.describe, identity, BLOCK_FRAMES, BLOCK_FRAMES, MAX_LAYOUT_PIXELS)
    if name == "vgg16":
        pooling = options["pooling"]
        if pooling is not None and (not isinstance(pooling, str) or pooling != "avg"):
            raise ParameterError(f'pooling must be None or "avg"; got {pooling!r}')
        weights = vgg16.weights_file(options["weights"], progress=progress)
        describe = partial(vgg16.describe, weights=weights, pooling=pooling)
        identity = vgg16.identity(weights, pooling)
        return Model(name, describe, identity, BLOCK_FRAMES, batch_size)
    crop = options["crop"]
    if not isinstance(crop, (bool, np.bool_)):
        raise ParameterError(f"crop must be True or False; got {crop!r}")
    files = clip.weight_files(options["model_id"], options["revision"], progress=progress)
    describe = partial(clip.describe, files=files, crop=bool(crop))
    identity = clip.identity(files, bool(crop))
    return Model(name, describe, identity, BLOCK_FRAMES, batch_size)


def _blocks(images, most):
    """Yield the images, in order, as arrays of `most` of them: fewer if they are large, before another size, and last.

    They depend on the frames alone, not on the batches these come in. What is whole in a batch is a view of it.
    """
    buffer, count = None, 0
    for batch in image_batches(images):
        if not len(batch):
            continue
        shape = batch.shape[1:]
        size = max(1, min(most, BLOCK_BYTES // math.prod(shape)))
        if count and buffer.shape[1:] != shape:
            yield buffer[:count]
            count = 0
        # a memory map is one too
        left = np.asarray(batch)
        while len(left):
            if not count and len(left) >= size:
                yield left[:size]
                left = left[size:]
                continue
            if not count:
                buffer = np.empty((size, *shape), np.uint8)
            part = left[: size - count]
            buffer[count : count + len(part)] = part
            left, count = left[len(part) :], count + len(part)
            if count == size:
                yield buffer
                count = 0
    if count:
        yield buffer[:count]


def _vectors_of(block, model, folder):
    if folder is None or model.identity is None or math.prod(block.shape[1:3]) > model.max_pixels:
        return _describe(block, model)
    digest = hashlib.sha256(repr((model.identity, block.shape)).encode())
    # hashing leaves Python's lock to other threads
    with ThreadPoolExecutor() as pool:
        for of_frame in pool.map(lambda image: hashlib.sha256(np.ascontiguousarray(image)).digest(), block):
            digest.update(of_frame)
    path = folder / f"{model.name}_{digest.hexdigest()[:40]}.npy"
    vectors = _read(path, digest)
    if vectors is None:
        vectors = _describe(block, model)
        _write(path, digest, vectors)
    return vectors


def _describe(block, model):
    parts = [block[start : start + model.step] for start in range(0, len(block), model.step)]
    own = None if model.name == "callable" else model.name
    return np.concatenate(
        [check_vectors("model", model.describe(part), len(part), "images", model=own) for part in parts]
    )


def _read(path, digest):
    """Return the vectors of a file, or None if it is absent, damaged or cannot be read."""
    try:
        content = path.read_bytes()
    except OSError:
        return None
    body, seal = content[:-SEAL_BYTES], content[-SEAL_BYTES:]
    if _seal(body, digest) != seal:
        return None
    return np.load(io.BytesIO(body), allow_pickle=False)


def _write(path, digest, vectors):
    """Write vectors as .npy and after it, where readers of .npy look no more, the seal."""
    buffer = io.BytesIO()
    np.save(buffer, vectors, allow_pickle=False)
    body = buffer.getbuffer()
    try:
        # the folder may have been deleted to free the disk
        path.parent.mkdir(parents=True, exist_ok=True)
        with write_whole(path) as partial_path, open(partial_path, "wb") as file:
            file.write(body)
            file.write(_seal(body, digest))
    except OSError as error:
        warn_not_cached(path.parent, error)


def _seal(body, digest):
    """Return a hash of a file's content and of what it is the result for."""
    seal = digest.copy()
    seal.update(body)
    return seal.digest()
