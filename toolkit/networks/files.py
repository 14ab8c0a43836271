"""Trained networks as files: written whole, and read without executing any code in the file."""

import contextlib
import json
import os
import warnings
import zipfile
from pathlib import Path

from toolkit.checks import check_choice
from toolkit.errors import DataError, ParameterError
from toolkit.networks.engine import import_keras
from toolkit.storage import write_whole

# of a file's parts when they are unpacked: keras packs nothing, and its settings are some kilobytes
MOST_SETTINGS = 16 << 20
MOST_UNPACKED = 4 << 30
MOST_PACKED = 100
_CONVERT = (
    'where it was made, convert it: python -c "import tensorflow as tf; '
    "tf.keras.models.load_model('{name}').save('{name}.h5')\" with TensorFlow 2.15 or older, and load that .h5"
)


def check_there(path):
    """Return the path of a file or folder that is there."""
    if not isinstance(path, (str, os.PathLike)):
        raise ParameterError(f"path must be that of a file or folder; got {type(path).__name__}")
    path = Path(os.path.expanduser(path))
    if not os.path.exists(path):
        whole = os.path.abspath(path)
        sought = "" if path.is_absolute() else f"; {path} was looked for from the current folder, {Path.cwd()}"
        raise ParameterError(f"there is no file or folder {whole}{sought}")
    return path


@contextlib.contextmanager
def quiet_arrays():
    """Keep keras's conversion of torch's tensors to arrays, which numpy wants otherwise, from warning of it."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "__array__ implementation", DeprecationWarning)
        yield


def save_model(model, path):
    """Write a network to a .keras file, whole or not at all, without what only training needs.

    Parameters
    ----------
    model : keras model
    path : path
        Ends in ``.keras``, and its folder must exist. A file that is there is replaced. `load_model` reads it.

    Raises
    ------
    ParameterError
        If the model is none, or the path cannot be written.
    """
    keras = import_keras()
    if not isinstance(model, keras.Model):
        raise ParameterError(f"model must be a keras model; got {type(model).__name__}")
    if not isinstance(path, (str, os.PathLike)) or Path(path).suffix != ".keras":
        raise ParameterError(f"path must end in .keras; got {path}")
    path = Path(path)
    # a clone would keep the optimizer, twice as large as the weights
    with quiet_arrays(), write_whole(path) as partial:
        bare = type(model).from_config(model.get_config())
        bare.set_weights(model.get_weights())
        bare.save(partial)
    return path


def load_model(path):
    """Return the network in a file, a keras model; no code in the file is run.

    Parameters
    ----------
    path : path
        A .keras, or an older .h5 of a whole model. A SavedModel folder must be converted first: the error says how.

    Raises
    ------
    ParameterError
        If there is no such file, or it is of another kind.
    DataError
        If it is broken, holds code (a Lambda layer, a layer that is not keras's own), or would unpack to far more than
        it is.
    """
    path = check_there(path)
    if path.is_dir():
        if (path / "saved_model.pb").is_file():
            raise ParameterError(
                f"{path} is a SavedModel, which only TensorFlow reads; " + _CONVERT.format(name=path.name)
            )
        raise ParameterError(f"{path} is a folder; a model is a .keras file, or an older .h5")
    kind = check_choice("the ending of a model's file", path.suffix.lower(), (".keras", ".h5", ".hdf5"))
    keras = import_keras()
    # whatever a broken file makes zipfile, h5py and keras raise
    try:
        config = _config_of_keras(path) if kind == ".keras" else _config_of_h5(path)
    except DataError:
        raise
    except Exception as error:
        raise DataError(f"{path} is not a model of keras, or is broken: {error}") from error
    if config is None:
        raise DataError(f"{path} holds weights without a model; build the model and call its load_weights(path)")
    _refuse_code(config, path)
    try:
        with quiet_arrays():
            return keras.saving.load_model(path, compile=False, safe_mode=True)
    except Exception as error:
        reason = str(error).strip().split("\n")[0]
        raise DataError(
            f"{path} cannot be loaded as a model: {reason}. If it was made by a much older keras, "
            + _CONVERT.format(name=path.name)
        ) from error


def _config_of_keras(path):
    with zipfile.ZipFile(path) as archive:
        _check_parts(archive, path)
        return json.loads(archive.read("config.json"))


def _check_parts(archive, path):
    """Refuse an archive that is not as keras writes them, before anything of it is unpacked."""
    parts = archive.infolist()
    outside = [part.filename for part in parts if part.filename.startswith("/") or ".." in part.filename.split("/")]
    if outside:
        raise DataError(
            f"{path} names a place outside of itself, {outside[0][:100]!r}, which no model of keras does; "
            "fetch it from where it was made"
        )
    settings = max((part.file_size for part in parts if part.filename.endswith(".json")), default=0)
    unpacked, packed = sum(part.file_size for part in parts), path.stat().st_size
    if settings > MOST_SETTINGS or unpacked > min(MOST_UNPACKED, MOST_PACKED * packed + MOST_SETTINGS):
        raise DataError(
            f"{path} would unpack to {unpacked / 2**20:,.0f} MB, its settings to {settings / 2**20:,.0f} MB, which no "
            f"model of keras of {packed / 2**20:,.1f} MB does; fetch it from where it was made"
        )


def _config_of_h5(path):
    import h5py

    with h5py.File(path, "r") as file:
        config = file.attrs.get("model_config")
    return None if config is None else json.loads(config)


def _refuse_code(config, path):
    """Refuse a model that has more than keras's own layers: keras's safe mode does too, but says less."""
    parts = [config]
    while parts:
        part = parts.pop()
        if isinstance(part, dict):
            name, module = part.get("class_name"), part.get("module")
            own = module is None or str(module).split(".")[0] == "keras" or (module, name) == ("builtins", "function")
            if name in ("Lambda", "__lambda__", "TorchModuleWrapper") or not own:
                raise DataError(
                    f"{path} holds code of its own ({name}{'' if own else f' of {module}'}), which is not run, since a "
                    "file may come from anyone. Build the model in Python without it, and save it again"
                )
            parts += part.values()
        elif isinstance(part, list):
            parts += part
