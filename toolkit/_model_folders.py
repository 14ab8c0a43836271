"""Folders that hold a model of language: named, in the cache of the Hugging Face hub, or absent, with what to do then.

Nothing is downloaded here: these models are of up to 1.6 GB, and the line that fetches one is in the message. Weights
are read from safetensors alone, which hold numbers and nothing else.
"""

import os
import shlex
from pathlib import Path

from toolkit._checks import ParameterError
from toolkit.storage import file_hash

# what decides on a model's results
_SUFFIXES = (".json", ".safetensors", ".txt", ".model")


def model_folder(model, option, needed, without):
    """Return the folder of a model: `model` itself, or the one in the hub's cache.

    Parameters
    ----------
    model : str or path
        The name of a model of the hub, or a folder.
    option : str
        The argument that names it, for messages.
    needed : sequence of str
        Files that must be in the folder.
    without : str
        What works without the model, for messages.

    Raises
    ------
    ParameterError
        If it is not there, or not whole.
    """
    if not isinstance(model, (str, os.PathLike)) or not os.fspath(model):
        raise ParameterError(f"{option} must be the name of a model of the hub, or a folder; got {model!r}")
    folder = Path(model).expanduser()
    if folder.is_dir():
        missing = _missing(folder, needed)
        if missing:
            raise ParameterError(
                f"{option} names the folder {folder}, in which there is no {' and no '.join(missing)}. A model is "
                f"taken whole, with its weights as safetensors. {without}"
            )
        return folder
    if isinstance(model, os.PathLike) or folder.is_absolute() or model.startswith((".", "~")):
        raise ParameterError(
            f"{option} must be the name of a model of the hub, or a folder; {folder} is no folder. {without}"
        )
    return _folder_of_hub(model, option, needed, without)


def folder_identity(folder):
    """Return the names and hashes of the files in a model's folder that decide on its results."""
    files = sorted(path for path in Path(folder).rglob("*") if path.suffix in _SUFFIXES and path.is_file())
    return tuple((path.relative_to(folder).as_posix(), file_hash(path)) for path in files)


def folder_stamps(folder):
    """Return what changes when the files of a model's folder are replaced, without reading them."""
    stats = ((path.name, path.stat()) for path in sorted(Path(folder).rglob("*")) if path.suffix in _SUFFIXES)
    return tuple((name, stat.st_size, stat.st_mtime_ns) for name, stat in stats)


def _missing(folder, needed):
    return [name for name in needed if not (folder / name).is_file()]


def _folder_of_hub(model, option, needed, without):
    # these two are not attributes of the package until they are imported
    import huggingface_hub.constants
    import huggingface_hub.errors

    try:
        found = huggingface_hub.try_to_load_from_cache(model, needed[0])
    except huggingface_hub.errors.HFValidationError:
        raise ParameterError(
            f"{option} must be the name of a model of the hub, as owner/name, or a folder; got {model!r}"
        ) from None
    cache = huggingface_hub.constants.HF_HUB_CACHE
    missing = _missing(Path(found).parent, needed) if isinstance(found, str) else [needed[0]]
    if not missing:
        return Path(found).parent
    name = model.rsplit("/")[-1]
    fetch = f"hf download {shlex.quote(model)} --include '*.json' --include '*.safetensors'"
    raise ParameterError(
        f"the model {model} ({option}) is not in {cache}, or not whole: there is no {' and no '.join(missing)}. "
        f"If https://huggingface.co/{model} is its page: pip install huggingface_hub; {fetch}. On a machine without "
        f"internet: run that elsewhere with --local-dir {shlex.quote(name)}, copy the folder here, and name where it "
        f'is with {option}="...". {without}'
    )
