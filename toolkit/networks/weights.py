"""Folders of pretrained weights: where transformers models are, which files they need, and how to get them."""

import contextlib
import os
import shlex
from pathlib import Path

from toolkit.errors import ParameterError
from toolkit.storage import downloads, file_hash

# what decides on a model's results
_SUFFIXES = (".json", ".safetensors", ".txt", ".model")

CLIP_ID = "openai/clip-vit-base-patch32"
CLIP_SETTINGS = ("config.json", "preprocessor_config.json")
# safetensors hold numbers and nothing else; the older form is read by torch with weights_only, which runs no code
CLIP_WEIGHTS = ("model.safetensors", "pytorch_model.bin")

LAYOUT_HINT = 'Without any weights, model="layout" works'


def model_folder(model, option, files, without):
    """Return the folder of a model: `model` itself, or the one in the hub's cache.

    Parameters
    ----------
    model : str or path
        The name of a model of the hub, or a folder.
    option : str
        The argument that names it, for messages.
    files : sequence of str
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
        missing = _missing(folder, files)
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
    return _folder_of_hub(model, option, files, without)


def folder_identity(folder):
    """Return the names and hashes of the files in a model's folder that decide on its results."""
    files = sorted(path for path in Path(folder).rglob("*") if path.suffix in _SUFFIXES and path.is_file())
    return tuple((path.relative_to(folder).as_posix(), file_hash(path)) for path in files)


def folder_stamps(folder):
    """Return what changes when the files of a model's folder are replaced, without reading them."""
    stats = ((path.name, path.stat()) for path in sorted(Path(folder).rglob("*")) if path.suffix in _SUFFIXES)
    return tuple((name, stat.st_size, stat.st_mtime_ns) for name, stat in stats)


def _missing(folder, files):
    return [name for name in files if not (folder / name).is_file()]


def _folder_of_hub(model, option, files, without):
    hub = _import_hub()
    try:
        path = hub.try_to_load_from_cache(model, files[0])
    except hub.errors.HFValidationError:
        raise ParameterError(
            f"{option} must be the name of a model of the hub, as owner/name, or a folder; got {model!r}"
        ) from None
    missing = _missing(Path(path).parent, files) if isinstance(path, str) else [files[0]]
    if not missing:
        return Path(path).parent
    name = model.rsplit("/")[-1]
    fetch = f"hf download {shlex.quote(model)} --include '*.json' --include '*.safetensors'"
    raise ParameterError(
        f"the model {model} ({option}) is not in {hub.constants.HF_HUB_CACHE}, or not whole: there is no "
        f"{' and no '.join(missing)}. If https://huggingface.co/{model} is its page: pip install huggingface_hub; "
        f"{fetch}. On a machine without internet: run that elsewhere with --local-dir {shlex.quote(name)}, copy the "
        f'folder here, and name where it is with {option}="...". {without}'
    )


def _import_hub():
    # these two are not attributes of the package until they are imported
    import huggingface_hub.constants
    import huggingface_hub.errors

    return huggingface_hub


def files_of_folder(folder):
    """Return a folder's files of settings and weights."""
    files, missing = _clip_files(lambda name: folder / name if (folder / name).is_file() else None)
    if missing:
        raise ParameterError(
            f"model_id names the folder {folder}, in which there is no {' and no '.join(missing)}. "
            f"Fetch the model whole. {_clip_help(CLIP_ID, None)}"
        )
    return files


def files_of_hub(model_id, revision, progress):
    """Return the files of settings and weights of a model on the hub, from its cache or downloaded."""
    hub = _import_hub()

    def cached(name):
        path = hub.try_to_load_from_cache(model_id, name, revision=revision)
        return Path(path) if isinstance(path, str) else None

    try:
        files, missing = _clip_files(cached)
        return _fetched_files(hub, model_id, revision, progress) if missing else files
    except hub.errors.HFValidationError:
        raise ParameterError(
            f"model_id must be the name of a model of the hub, as {CLIP_ID}, or a folder; got {model_id!r}"
        ) from None
    # the hub's own errors, those of the libraries below it, and those of a guard of the network
    except Exception as error:
        at = f" at revision {revision}" if revision else ""
        reason = str(error).strip().split("\n")[0].rstrip(".")
        raise ParameterError(
            f'the weights of model "clip", {model_id}{at}, are not in {hub.constants.HF_HUB_CACHE} and cannot be '
            f"downloaded: {reason}. {_clip_help(model_id, revision)}"
        ) from None


def _clip_files(find):
    """Return the files of settings and weights, and the names of those that `find` does not find."""
    files = {name: find(name) for name in CLIP_SETTINGS}
    files[" or ".join(CLIP_WEIGHTS)] = next(filter(None, map(find, CLIP_WEIGHTS)), None)
    return list(files.values()), [name for name, path in files.items() if path is None]


def _fetched_files(hub, model_id, revision, progress):
    if not hub.constants.HF_HUB_OFFLINE:
        # the hub's own functions would try for half a minute, and say so at each try
        _reach(hub, hub.hf_hub_url(model_id, CLIP_SETTINGS[0], revision=revision))
    with quiet_hub(hub, progress):
        files = [Path(hub.hf_hub_download(model_id, name, revision=revision)) for name in CLIP_SETTINGS]
        try:
            weights = hub.hf_hub_download(model_id, CLIP_WEIGHTS[0], revision=revision)
        except hub.errors.EntryNotFoundError:
            weights = hub.hf_hub_download(model_id, CLIP_WEIGHTS[1], revision=revision)
    return [*files, Path(weights)]


def _reach(hub, url):
    """Raise whatever the hub's library does where there is no server to answer; any answer is well."""
    hub.utils.get_session().head(url, timeout=downloads.TIMEOUT)


@contextlib.contextmanager
def quiet_hub(hub, progress):
    """Keep the hub from logging and, without progress, from showing bars."""
    verbosity, hidden = hub.logging.get_verbosity(), hub.utils.are_progress_bars_disabled()
    hub.logging.set_verbosity_error()
    if not progress:
        hub.utils.disable_progress_bars()
    try:
        yield
    finally:
        hub.logging.set_verbosity(verbosity)
        if not progress and not hidden:
            hub.utils.enable_progress_bars()


def _clip_help(model_id, revision):
    folder = model_id.rsplit("/")[-1]
    at = f" --revision {shlex.quote(revision)}" if revision else ""
    files = " ".join(f"--include {name}" for name in (*CLIP_SETTINGS, *CLIP_WEIGHTS))
    return (
        f"On a machine with internet: pip install huggingface_hub; "
        f"hf download {shlex.quote(model_id)}{at} {files} --local-dir {shlex.quote(folder)}; "
        f'then copy that folder here and name where it is with model_id="...". {LAYOUT_HINT}'
    )
