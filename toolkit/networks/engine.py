"""Keras on the torch engine: imported when first needed, quiet, and with repeatable results."""

import contextlib
import importlib.metadata
import os
import sys


def package_versions(*packages):
    """Return the installed versions of packages."""
    return [importlib.metadata.version(package) for package in packages]


def import_keras():
    """Return the module keras, on the torch engine unless the user has chosen another."""
    if "keras" not in sys.modules:
        os.environ.setdefault("KERAS_BACKEND", "torch")
    import keras

    return keras


def one_thread(keras):
    """Do as `one_torch_thread` if keras runs on torch, else nothing."""
    return one_torch_thread() if keras.backend.backend() == "torch" else contextlib.nullcontext()


@contextlib.contextmanager
def one_torch_thread():
    """Keep torch from sharing a small network among threads, which wait for each other for longer than they work."""
    import torch

    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def exact_convolutions(torch):
    """Keep a GPU from rounding to 10 bits of mantissa, that one cache may serve it and the CPU."""
    if not torch.cuda.is_available():
        return contextlib.nullcontext()
    return torch.backends.cudnn.flags(enabled=torch.backends.cudnn.enabled, deterministic=True, allow_tf32=False)


def inference_device(torch):
    """Return the device on which torch runs models here."""
    if torch.cuda.is_available():
        return "cuda"
    return "mps" if torch.backends.mps.is_available() else "cpu"


@contextlib.contextmanager
def quiet_transformers(transformers):
    """Keep transformers from reporting that the text encoder of the file is not used, and what else it says."""
    logging = transformers.utils.logging
    verbosity, bar = logging.get_verbosity(), logging.is_progress_bar_enabled()
    logging.set_verbosity(logging.CRITICAL)
    logging.disable_progress_bar()
    try:
        yield
    finally:
        logging.set_verbosity(verbosity)
        if bar:
            logging.enable_progress_bar()
