"""Words for clusters of videos, from their captions.

Captions are a dict of video_id to a list of texts, such as `corpus.load_captions` gives; empty ones, and those that are
None or NaN, count as not there. A summary of one video's captions is made of those most central to all
(``"extractive"``), or written by BART (``"bart"``). Of the summaries of the videos nearest a cluster's centre, KeyBERT
takes the words and two-word phrases whose meaning is nearest to all of them. Scores are cosines, in [-1, 1].

Meaning is told by a sentence encoder, all-MiniLM-L6-v2, which knows English; for other languages name a multilingual
one, such as sentence-transformers/paraphrase-multilingual-MiniLM-L12-v2, and the language's stop words. What models
made is kept on disk, text by text. Nothing is downloaded: where a model is missing, the message has the line that
fetches it.

References
----------
M. Grootendorst, KeyBERT: minimal keyword extraction with BERT, 2020, https://doi.org/10.5281/zenodo.4461265.
M. Lewis and others, BART: denoising sequence-to-sequence pre-training for natural language generation, translation, and
comprehension, ACL 2020.
N. Reimers and I. Gurevych, Sentence-BERT: sentence embeddings using Siamese BERT-networks, EMNLP 2019.
"""

import json
import os
import warnings
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd

from toolkit.checks import check_number
from toolkit.embeddings import embed_sentences
from toolkit.embeddings.sentences import ENCODER_ID
from toolkit.errors import ParameterError
from toolkit.keywords.inputs import check_descriptions, list_names, nearest_captions, word_options
from toolkit.keywords.phrases import key_phrases, phrases, stop_set
from toolkit.keywords.summaries import BART_ID, summarize_all
from toolkit.storage import write_whole

DESCRIPTIONS_FILE, SCORES_FILE = "cluster_descriptions.json", "keyword_scores.csv"
COLUMNS = ["cluster", "words", "score", "video_id", "caption"]


def describe_clusters(
    clusters,
    captions,
    *,
    k_nearest=20,
    top_n=10,
    score_threshold=0.2,
    min_share=0.15,
    diversity=0.3,
    stop_words="english",
    method="extractive",
    n_sentences=3,
    encoder=ENCODER_ID,
    summarizer=BART_ID,
    batch_size=8,
    cache=None,
    progress=True,
) -> dict[int, list[tuple[str, float]]]:
    """Return key words and two-word phrases for each cluster of videos.

    The captions of each of the videos nearest a cluster's centre become one summary, and the summaries together give
    the words.

    Parameters
    ----------
    clusters : VideoClusters
    captions : dict of video_id to list of str
        Videos of no cluster may be among them; those in a cluster may be missing.
    k_nearest : int
        How many videos of each cluster are summarized: the nearest its centre of those that have captions.
    top_n : int
        How many words and phrases a cluster, at most.
    score_threshold : float
        The least score, a cosine in [-1, 1].
    min_share : float
        In what share of its summaries, from 0 to 1, a word of a cluster must stand, at least: of 20 in three by
        default, so that what one video alone shows, or one person alone writes, describes no cluster.
    diversity : float
        From 0 to 1: how unlike each other the words of a cluster are to be, at the cost of their scores. With 0 they
        are those that score highest.
    stop_words : "english", list of str or None
        Words that are left out. English: those of scikit-learn, but for a few that tell what is seen, as fire, and with
        those that are said often and say nothing, as okay.
    method, n_sentences, encoder, summarizer, batch_size, cache, progress
        As `summarize_all` takes them. The encoder is needed with either method.

    Returns
    -------
    dict of int to list of (str, float)
        Of every cluster, from 0: the words, in lower case, and their scores, falling. Empty for a cluster whose videos
        have no captions, of which a warning tells, or no word that scores enough.

    Raises
    ------
    ParameterError
        If an argument is of the wrong kind, no video has captions, a model is not there, or results cannot be kept.
    DataError
        If a file of a model is broken or unsafe.
    """
    options = word_options(top_n, score_threshold, diversity, stop_words)
    options["min_share"] = check_number("min_share", min_share, at_least=0, at_most=1)
    nearest = nearest_captions(clusters, captions, k_nearest)
    summaries = summarize_all(
        {name: texts for of_cluster in nearest for name, texts in of_cluster.items()},
        method,
        n_sentences=n_sentences,
        encoder=encoder,
        summarizer=summarizer,
        batch_size=batch_size,
        cache=cache,
        progress=progress,
    )
    silent = [cluster for cluster, of_cluster in enumerate(nearest) if not of_cluster]
    if silent:
        warnings.warn(
            f"no video of {list_names('cluster', silent)} has captions; there are no words for "
            f"{'it' if len(silent) == 1 else 'them'}",
            stacklevel=2,
        )
    texts = [[summaries[name] for name in of_cluster] for of_cluster in nearest]
    embed = partial(embed_sentences, encoder=encoder, cache=cache, progress=progress)
    return dict(enumerate(key_phrases(texts, embed, **options)))


def keyword_table(descriptions, clusters, captions, *, k_nearest=20, stop_words="english") -> pd.DataFrame:
    """Return the words of clusters with the captions that they came from.

    Parameters
    ----------
    descriptions : dict of int to list of (str, float)
        As `describe_clusters` returns it.
    clusters, captions, k_nearest, stop_words
        As they were given to it.

    Returns
    -------
    DataFrame
        cluster (int), words (str), score (float), video_id and caption (str): by cluster and score, a row for each
        caption of the k_nearest videos in which the words stand, those of the nearest video first. Of words that stand
        in none, since BART chose them, one row, in which these two are empty.

    Raises
    ------
    ParameterError
        If an argument is of the wrong kind.
    """
    stop = stop_set(stop_words)
    nearest = nearest_captions(clusters, captions, k_nearest)
    rows = []
    for cluster, words in check_descriptions(descriptions).items():
        if not 0 <= cluster < len(nearest):
            raise ParameterError(f"descriptions must be of the clusters 0 to {len(nearest) - 1}; got {cluster}")
        places = {}
        for name, texts in nearest[cluster].items():
            for text in texts:
                for phrase in set(phrases(text, stop)):
                    places.setdefault(phrase, []).append((name, text))
        for phrase, score in words:
            rows += [(cluster, phrase, score, *place) for place in places.get(phrase, [("", "")])]
    # texts as Python has them: pandas' own refuse names of files that are no Unicode
    return pd.DataFrame(rows, columns=COLUMNS, dtype=object).astype({"cluster": np.int64, "score": np.float64})


def write_descriptions(folder, descriptions, table) -> None:
    """Write the words of clusters, each file whole or not at all.

    What is no Unicode in a name of a file, as the byte FF, is written as ``\\udcff``.

    Parameters
    ----------
    folder : path
        Made if need be. In it: cluster_descriptions.json, of each cluster its words, best first; keyword_scores.csv,
        `table`, in UTF-8 with a byte order mark, by which spreadsheets know it.
    descriptions : dict of int to list of (str, float)
        As `describe_clusters` returns it.
    table : DataFrame
        As `keyword_table` returns it.

    Raises
    ------
    ParameterError
        If an argument is of the wrong kind, or the files cannot be written.
    """
    if not isinstance(table, pd.DataFrame) or list(table.columns) != COLUMNS:
        raise ParameterError(f"table must have the columns {', '.join(COLUMNS)}, as keyword_table returns it")
    words = {str(cluster): [word for word, _ in found] for cluster, found in check_descriptions(descriptions).items()}
    if not isinstance(folder, (str, os.PathLike)) or "\0" in os.fspath(folder):
        raise ParameterError(f"folder must be a folder to write to; got {folder!r}")
    folder = Path(folder).expanduser()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with write_whole(folder / SCORES_FILE) as path:
            table.to_csv(path, index=False, encoding="utf-8-sig", errors="backslashreplace", lineterminator="\n")
        with write_whole(folder / DESCRIPTIONS_FILE) as path:
            text = json.dumps(words, ensure_ascii=False, indent=1) + "\n"
            path.write_text(text, encoding="utf-8", errors="backslashreplace")
    except OSError as error:
        raise ParameterError(f"cannot write into {folder}: {error}. Name another folder") from error
