"""VGG16: where its weights are, loading them, and running it on images.

Nothing here loads keras or torch before the network runs: finding and hashing the file of weights, which is all that
a cached result needs, works without them.
"""

import contextlib
import functools
import importlib.metadata
import os
import sys
from pathlib import Path

import numpy as np

from toolkit.errors import DataError, ParameterError
from toolkit.networks import LAYOUT_HINT, exact_convolutions, import_keras, package_versions
from toolkit.storage import download, file_hash

# raised when what is computed here changes
VERSION = "1"

SIDE = 224
VGG16_FILE = "vgg16_weights_tf_dim_ordering_tf_kernels_notop.h5"
VGG16_URL = f"https://storage.googleapis.com/tensorflow/keras-applications/vgg16/{VGG16_FILE}"
VGG16_MD5 = "6d6bbae143d832006294945121d1f1fc"

# as fast on a CPU as more images at once, which take 60 MB each
CPU_IMAGES = 8


def weights_file(path=None, *, progress=True):
    """Return the file of VGG16's weights: `path`, or keras's own copy, downloaded where it is not there yet.

    Raises
    ------
    ParameterError
        If the file is not there and cannot be had.
    DataError
        If keras's copy is broken and cannot be had anew.
    """
    if path is not None:
        if not isinstance(path, (str, os.PathLike)) or Path(path).suffix != ".h5":
            raise ParameterError(f"weights must be the path of a .h5 file of VGG16 without its top; got {path!r}")
        path = Path(path).expanduser()
        if not path.is_file():
            raise ParameterError(f"weights must be a file of VGG16's weights; there is no file {path}. {_vgg16_help()}")
        return path
    path = _keras_folder() / VGG16_FILE
    if path.is_file() and file_hash(path, "md5") == VGG16_MD5:
        return path
    try:
        download(VGG16_URL, path, VGG16_MD5, algorithm="md5", progress=progress)
    # requests raises OSErrors; a guard of the network, or a proxy's address that cannot be read, others
    except (OSError, ValueError, RuntimeError) as error:
        reason = str(error).strip("<>")
        if path.is_file():
            raise DataError(
                f"{path} is broken (its MD5 is not {VGG16_MD5}), and a whole one cannot be downloaded: {reason}. "
                f"Put a whole one in its place. {_vgg16_help()}"
            ) from None
        raise ParameterError(
            f'the weights of model "vgg16" are not in {path.parent} and cannot be downloaded: {reason}. {_vgg16_help()}'
        ) from None
    return path


def identity(weights, pooling):
    """Return what VGG16's result depends on, besides the images."""
    keras = sys.modules.get("keras")
    engine = keras.backend.backend() if keras else os.environ.get("KERAS_BACKEND", "torch")
    try:
        versions = package_versions("keras", engine, "pillow")
    except importlib.metadata.PackageNotFoundError:
        raise ParameterError(
            f"keras's engine must be installed; the environment variable KERAS_BACKEND says {engine!r}, which is not. "
            "Unset it, and torch is used"
        ) from None
    return ("vgg16", VERSION, pooling, file_hash(weights), engine, *versions)


def describe(images, weights, pooling=None):
    """Return VGG16's features of images, float32 (n, 25088), or (n, 512) with `pooling="avg"`.

    Parameters
    ----------
    images : ndarray of uint8, (n, height, width, 3) in RGB or (n, height, width) in gray
    weights : path
        As `weights_file` returns it.
    pooling : {None, "avg"}
    """
    stat = os.stat(weights)
    network = _load_vgg16(str(weights), stat.st_size, stat.st_mtime_ns, pooling)
    return run_network(network, prepare_pixels(images))


def prepare_pixels(images):
    """Return images as VGG16 takes them, float32 (n, 224, 224, 3): squeezed (bilinear), BGR, less ImageNet's means."""
    from PIL import Image

    keras = import_keras()
    pixels = np.empty((len(images), SIDE, SIDE, 3), np.float32)
    for image, place in zip(images, pixels, strict=True):
        place[:] = Image.fromarray(image).convert("RGB").resize((SIDE, SIDE), Image.Resampling.BILINEAR)
    # it returns BGR as a view with channels backwards
    return np.ascontiguousarray(keras.applications.vgg16.preprocess_input(pixels, data_format="channels_last"))


@functools.lru_cache(maxsize=2)
def _load_vgg16(weights, _size, _mtime_ns, pooling):
    # whatever a broken file makes h5py and keras raise
    try:
        return build_network(weights, pooling)
    except Exception as error:
        raise DataError(
            f"{weights} does not hold the weights of VGG16 without its top, or is broken: {error}. "
            f"Put a whole file in its place. {_vgg16_help()}"
        ) from error


def build_network(weights=None, pooling=None):
    """Return keras's VGG16 without its top, ready to run; weights None are random.

    On the torch engine it is in the format fastest on CPU: keras's "channels_first", which leaves tensors as torch has
    them, with images and kernels in torch's channels-last memory format, where keras's "channels_last" turns every
    layer's input around and back. Bias and ReLU are part of the convolution, as torch has them.
    """
    keras = import_keras()
    application = functools.partial(keras.applications.VGG16, include_top=False, weights=weights, pooling=pooling)
    if keras.backend.backend() != "torch":
        with _settings(keras, "channels_last"):
            return application(input_shape=(SIDE, SIDE, 3))
    import torch

    class Convolution(keras.layers.Conv2D):
        """A convolution of VGG16: odd kernel, same padding, ReLU."""

        def call(self, inputs):
            kernel = self.kernel.value.permute(3, 2, 0, 1)
            return torch.relu_(torch.nn.functional.conv2d(inputs, kernel, self.bias.value, padding="same"))

    def rebuild(layer):
        kind = Convolution if isinstance(layer, keras.layers.Conv2D) else type(layer)
        return kind.from_config(layer.get_config())

    with _settings(keras, "channels_first"):
        loaded = application(input_shape=(3, SIDE, SIDE))
        network = keras.models.clone_model(loaded, clone_function=rebuild)
    for rebuilt, variable in zip(network.weights, loaded.weights, strict=True):
        value = variable.value.detach()
        if value.ndim == 4:
            # height, width, in, out as keras names the axes; out, height, width, in as they lie in memory
            value = value.permute(3, 0, 1, 2).contiguous().permute(1, 2, 3, 0)
        rebuilt.value.data = value
    return network


@contextlib.contextmanager
def _settings(keras, data_format):
    """Build layers of a data format, in float32, and leave keras's settings as they were."""
    before = keras.config.image_data_format(), keras.config.dtype_policy()
    keras.config.set_image_data_format(data_format)
    keras.config.set_dtype_policy("float32")
    try:
        yield
    finally:
        keras.config.set_image_data_format(before[0])
        keras.config.set_dtype_policy(before[1])


def run_network(network, pixels):
    """Return the features, float32 (n, d), of images as `prepare_pixels` gives them."""
    keras = import_keras()
    if keras.backend.backend() != "torch":
        features = keras.ops.convert_to_numpy(network(pixels, training=False))
        return features.reshape(len(features), -1)
    import torch

    device = network.weights[0].value.device
    # seen as (n, 3, height, width), channels last in memory
    images = torch.from_numpy(pixels).permute(0, 3, 1, 2)
    parts = images.split(CPU_IMAGES) if device.type == "cpu" else [images]
    with torch.inference_mode(), exact_convolutions(torch):
        features = torch.cat([network(part.to(device), training=False) for part in parts])
        if features.ndim == 4:
            features = features.permute(0, 2, 3, 1)
        return features.reshape(len(features), -1).cpu().numpy()


def _keras_folder():
    return Path(os.environ.get("KERAS_HOME") or "~/.keras").expanduser() / "models"


def _vgg16_help():
    place = _keras_folder() / VGG16_FILE
    return (
        f"On a machine with internet: curl -L -o {VGG16_FILE} {VGG16_URL}; "
        f'then copy that file to {place}, or name where it is with weights="...". {LAYOUT_HINT}'
    )
