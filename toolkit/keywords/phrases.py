"""The key words and two-word phrases of texts, by KeyBERT.

Words are what is between spaces and punctuation; hyphens hold one together. "man's" counts as man, "l'homme" as homme,
"don't" as nothing. A phrase is two words side by side in one clause, neither of them a stop word: "a man is on a sandy
beach" has man, sandy, beach and sandy beach. (KeyBERT by itself drops stop words first, and would find man sandy.) How
well one describes the texts is the cosine between its vector and the mean of theirs: a sentence encoder reads only the
beginning of a long text, so that texts are not joined. Of those that score high enough, maximal marginal relevance
takes the best, then each time the one that scores high and is unlike those taken.

References
----------
M. Grootendorst, KeyBERT: minimal keyword extraction with BERT, 2020, https://doi.org/10.5281/zenodo.4461265.
J. Carbonell and J. Goldstein, The use of MMR, diversity-based reranking for reordering documents and producing
summaries, SIGIR 1998.
"""

import itertools
import re
import unicodedata
import warnings
from collections import Counter

import numpy as np

from toolkit.errors import ParameterError

# beyond, thinning takes time and memory for words that will not be among the best
MAX_CANDIDATES = 500
# of scikit-learn's English stop words those that tell what a picture shows
_PICTURE_WORDS = "bill bottom cry describe detail fill fire front interest mill move show side system top"
# what is said often and says nothing
_FILLER_WORDS = """
    ah aha ain't c'mon cause dr eh em gonna gotta ha hadn hey hi hm hmm huh just let let's like lot ma'am maybe mm mmm
    mr mrs ms near nope oh ok okay ooh ought really right said say says sir thing things uh uhh um umm wanna whoa wow
    y'all ya yeah yep yes yo
"""
_CLAUSE_END = re.compile(r"[.,;:!?…()\[\]{}\"“”„«»<>|/\\\n¿¡。，、；：！？（）「」『』]+|\s[-–—]+\s|--+|[–—]")
_APOSTROPHES = str.maketrans("’ʼ＇`´", "'''''")
_NEGATION = re.compile(r"\w*n't")
_ENGLISH_ENDING = re.compile(r"(?<=\w)'(?:s|re|ve|ll|d|m)?$")
_ELISION = re.compile(r"^(?:[cdjlmnst]|qu|jusqu|lorsqu|puisqu|quoiqu|gl|un|quest|quell|d?all|dell|nell|sull)'(?=\w)")
_EDGES = "'-‐‑_*#~^=+&%$€£@•·♪♫♬♩♭♯"


def stop_set(stop_words):
    """Return words that are left out, as a set: "english", those given, or none.

    Raises
    ------
    ParameterError
        If they are neither.
    """
    if stop_words is None:
        return frozenset()
    if isinstance(stop_words, str):
        if stop_words == "english":
            from sklearn.feature_extraction.text import ENGLISH_STOP_WORDS

            return ENGLISH_STOP_WORDS - set(_PICTURE_WORDS.split()) | set(_FILLER_WORDS.split())
    elif hasattr(stop_words, "__iter__"):
        words = list(stop_words)
        if all(isinstance(word, str) for word in words):
            return frozenset(_plain(word) for word in words)
    raise ParameterError(f'stop_words must be "english", a list of words, or None for none; got {stop_words!r:.80}')


def phrases(text, stop):
    """Return the words of a text and its phrases, in order, repeats kept; without those of `stop`, as `stop_set` gives.

    A word has at least two characters, one of them a letter. (Of a language written without spaces, as Chinese, a
    whole clause is a word.)
    """
    phrases_of_text = []
    for clause in _CLAUSE_END.split(_plain(text)):
        words = [_word(part, stop) for part in clause.split()]
        phrases_of_text += [word for word in words if word]
        phrases_of_text += [f"{first} {second}" for first, second in itertools.pairwise(words) if first and second]
    return phrases_of_text


def _plain(text):
    return unicodedata.normalize("NFKC", text).translate(_APOSTROPHES).lower()


def _word(part, stop):
    """Return the word of what stands between spaces, or None if it is not one to count."""
    word = part.strip(_EDGES)
    if word in stop or _NEGATION.fullmatch(word):
        return None
    word = _ENGLISH_ENDING.sub("", _ELISION.sub("", word))
    if len(word) < 2 or word in stop or not any(character.isalpha() for character in word):
        return None
    return word


def key_phrases(texts, embed, *, top_n, score_threshold, diversity, stop, min_share=0.0):
    """Return the key words and phrases of each of several lists of texts, best first, as lists of (words, score).

    Parameters
    ----------
    texts : list of list of str
    embed : callable
        Of texts, returns a vector of length 1 for each. It is asked for all at once.
    top_n, score_threshold, diversity
        As `keywords.describe_clusters` takes them.
    stop : set of str
    min_share : float
        In what share of the texts of a list a phrase must stand.

    Returns
    -------
    list of list of (str, float)
        Scores are rounded to four digits, as KeyBERT does it.
    """
    candidates = [_candidates(group, stop, min_share) for group in texts]
    worded = [[*group, *words] for group, words in zip(texts, candidates, strict=True) if words]
    everything = sorted({text for group in worded for text in group})
    vectors = embed(everything) if everything else None
    rows = {text: row for row, text in enumerate(everything)}
    results = []
    for group, words in zip(texts, candidates, strict=True):
        if not words:
            results.append([])
            continue
        # each text counts as often as it is said
        mean = vectors[[rows[text] for text in group]].mean(axis=0, dtype=np.float64)
        mean = (mean / max(np.linalg.norm(mean), 1e-12)).astype(np.float32)
        word_vectors = vectors[[rows[word] for word in words]]
        results.append(_best(words, word_vectors, mean, top_n, score_threshold, diversity))
    return results


def _candidates(texts, stop, min_share):
    """Return the phrases that stand in a share of the texts, sorted."""
    counts = Counter(phrase for text in texts for phrase in set(phrases(text, stop)))
    return sorted(phrase for phrase, count in counts.items() if count >= min_share * len(texts))


def _best(words, vectors, mean, top_n, score_threshold, diversity):
    # to a precision at which it does not matter with which others a text was in a batch
    scores = np.round((vectors @ mean).astype(np.float64), 5)
    order = np.argsort(-scores, kind="stable")[:MAX_CANDIDATES]
    places = np.sort(order[scores[order] >= score_threshold])
    if not len(places):
        return []
    from sklearn.feature_extraction.text import CountVectorizer

    # a document of the candidates alone, a line each
    extracted = _keybert().extract_keywords(
        "\n".join(words[at] for at in places),
        vectorizer=CountVectorizer(analyzer=str.splitlines),
        use_mmr=True,
        diversity=diversity,
        top_n=top_n,
        doc_embeddings=mean[None],
        word_embeddings=vectors[places],
    )
    return [(word, score) for word, score in extracted if score >= score_threshold]


def _keybert():
    """Return KeyBERT with no model: it is given vectors."""
    # at its import it would silence warnings of all programs
    with warnings.catch_warnings():
        from keybert import KeyBERT
        from keybert.backend import BaseEmbedder
    return KeyBERT(model=BaseEmbedder())
