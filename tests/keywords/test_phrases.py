"""Which words and phrases texts have, and which of them are taken."""

import numpy as np
import pytest
from word_vectors import WordVectors

from toolkit import embeddings, networks
from toolkit.embeddings import sentences
from toolkit.errors import ParameterError
from toolkit.keywords.phrases import key_phrases, phrases, stop_set

ENGLISH = stop_set("english")


def found(*groups, embed=None, top_n=10, score_threshold=-1.0, diversity=0.0, stop=ENGLISH):
    options = {"top_n": top_n, "score_threshold": score_threshold, "diversity": diversity, "stop": stop}
    return key_phrases(list(groups), embed or normal(WordVectors()), **options)


def normal(encoder):
    def embed(texts):
        vectors = encoder(texts)
        return (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)

    return embed


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a man is on a sandy beach", ["man", "sandy", "beach", "sandy beach"]),
        ("A MAN walks", ["man", "walks", "man walks"]),
        ("dogs, cats", ["dogs", "cats"]),
        ("dogs. Cats", ["dogs", "cats"]),
        ("dogs - cats", ["dogs", "cats"]),
        ("dogs—cats", ["dogs", "cats"]),
        ("a well-known close-up", ["well-known", "close-up", "well-known close-up"]),
        ("the man's dog", ["man", "dog", "man dog"]),
        ("the man’s dog", ["man", "dog", "man dog"]),
        ("she doesn't know, I'm sure; they'll won't", ["know", "sure"]),
        ("l'homme et l’eau", ["homme", "et", "eau", "homme et", "et eau"]),
        ("rock'n'roll", ["rock'n'roll"]),
        ("at 10:30 in 1940", []),
        ("apollo 13 lands", ["apollo", "lands"]),
        ("x y dog", ["dog"]),
        ("fire at the front", ["fire", "front"]),
        ("yeah okay gonna", []),
        ("кошка спит", ["кошка", "спит", "кошка спит"]),
        ("玛丽，你好吗", ["玛丽", "你好吗"]),
        ("ﬁlm ＡＢＣ", ["film", "abc", "film abc"]),
        ("*dog* 'cat' ♪dog♪", ["dog", "cat", "dog", "dog cat", "cat dog"]),
        ("", []),
    ],
    ids=repr,
)
def test_words_and_phrases(text, expected):
    assert phrases(text, ENGLISH) == expected


def test_stop_words_are_those_given():
    assert phrases("the big dog", stop_set(["Big"])) == ["the", "dog"]
    assert phrases("the dog", stop_set(None)) == ["the", "dog", "the dog"]


@pytest.mark.parametrize("stop_words", ["german", 3, [3], {"a": 1}.values()])
def test_stop_words_are_checked(stop_words):
    with pytest.raises(ParameterError, match='stop_words must be "english", a list of words, or None for none; got'):
        stop_set(stop_words)


def test_the_score_is_the_cosine_to_the_mean_of_the_texts():
    texts = ["dogs bark", "dogs run", "cats run"]
    embed = normal(WordVectors())
    mean = embed(texts).astype(float).mean(axis=0)
    expected = {
        word: round(float(embed([word])[0] @ mean / np.linalg.norm(mean)), 3)
        for word in ["dogs", "bark", "run", "cats", "dogs bark", "dogs run", "cats run"]
    }
    (words,) = found(texts)
    assert {word: round(score, 3) for word, score in words} == pytest.approx(expected, abs=0.002)
    scores = [score for _, score in words]
    assert scores == sorted(scores, reverse=True)


def test_a_text_said_twice_counts_twice():
    (once,) = found(["dogs", "cats", "birds"])
    (twice,) = found(["dogs", "cats", "cats", "birds"])
    assert dict(twice)["cats"] > dict(once)["cats"]


def test_words_below_the_threshold_are_left_out():
    (every,) = found(["dogs bark", "cats sleep"])
    threshold = every[2][1]
    (best,) = found(["dogs bark", "cats sleep"], score_threshold=threshold)
    assert best == [(word, score) for word, score in every if score >= threshold]
    assert found(["dogs bark"], score_threshold=2.0) == [[]]


def test_no_more_words_than_asked():
    assert [len(words) for words in found(["dogs bark", "cats sleep"], ["birds"], top_n=3)] == [3, 1]


def test_texts_without_words_have_none():
    assert found([], ["the of"], ["dogs"]) == [[], [], [("dogs", 1.0)]]
    assert found() == []


def test_near_duplicates_are_thinned():
    texts = ["red dogs bark", "red dogs", "dogs red", "cats sleep"]
    (best,) = found(texts, top_n=3)
    (thinned,) = found(texts, top_n=3, diversity=0.7)
    assert "cats" not in " ".join(word for word, _ in best)
    assert any(word in ("cats", "sleep", "cats sleep") for word, _ in thinned)
    assert thinned[0] == best[0]


def test_words_are_those_of_keybert():
    from keybert import KeyBERT
    from sklearn.feature_extraction.text import CountVectorizer

    text = "a chef fries onions and garlic in a hot pan while his young helper cuts fresh tomatoes"

    def embed(texts):
        return embeddings.embed_sentences(texts, cache=False, progress=False)

    model = sentences._load(str(sentences.encoder_folder()), _stamps())
    for diversity in (0.0, 0.3, 0.7):
        expected = KeyBERT(model).extract_keywords(
            text,
            vectorizer=CountVectorizer(analyzer=lambda document: phrases(document, ENGLISH)),
            use_mmr=True,
            diversity=diversity,
            top_n=6,
        )
        (words,) = found([text], embed=embed, top_n=6, diversity=diversity)
        assert [word for word, _ in words] == [word for word, _ in expected]
        assert [score for _, score in words] == pytest.approx([score for _, score in expected], abs=2e-4)


def _stamps():
    return networks.folder_stamps(sentences.encoder_folder())


def test_very_many_words_keep_the_best():
    words = [f"w{n}x" for n in range(1500)]
    (best,) = found([" . ".join(words), "w7x", "w7x", "w7x"], top_n=2)
    assert best[0][0] == "w7x"
