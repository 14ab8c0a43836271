"""Words for the parts of a film."""

import numpy as np
import pandas as pd
import pytest
from word_vectors import WordVectors

from toolkit.errors import ParameterError
from toolkit.keywords import film_words

SUBTITLES = pd.DataFrame(
    [
        (1.0, 3.0, "ANNA: The <i>horses</i> are in the stable."),
        (3.0, 5.0, "[door slams]"),
        (5.0, 7.0, "- Where are the horses?\n- Anna: Gone!"),
        (10.0, 12.0, "♪ The ship sails ♪"),
        (12.0, 14.0, "A ship, captain!"),
    ],
    columns=["start", "end", "text"],
)


def words_of(subtitles, spans, **options):
    options = {"score_threshold": 0.01, "encoder": WordVectors(), "cache": False, "progress": False} | options
    return film_words(subtitles, spans, **options)


def test_each_span_gets_the_words_said_in_it():
    found = words_of(SUBTITLES, pd.DataFrame({"start": [0.0, 8.0, 20.0], "end": [8.0, 20.0, 30.0]}))
    assert list(found) == [0, 1, 2]
    assert {word for phrase, _ in found[0] for word in phrase.split()} == {"horses", "stable", "gone"}
    assert {word for phrase, _ in found[1] for word in phrase.split()} == {"ship", "sails", "captain"}
    assert found[2] == []


@pytest.mark.parametrize(("labels", "expected"), [([1, 0, 1], [0, 1]), (["b", "a", "b"], ["a", "b"])])
def test_spans_of_one_label_give_words_together(labels, expected):
    spans = pd.DataFrame({"start": [0.0, 4.0, 8.0], "end": [4.0, 8.0, 20.0], "label": labels})
    found = words_of(SUBTITLES, spans)
    assert list(found) == expected
    assert {"horses", "stable", "ship"} <= set(dict(found[expected[1]]))
    assert {"horses", "gone"} == set(dict(found[expected[0]]))


def test_a_film_in_its_own_language():
    subtitles = pd.DataFrame({"start": [0.0], "end": [2.0], "text": ["MARIE : Les chevaux sont partis"]})
    spans = pd.DataFrame({"start": [0.0], "end": [2.0]})
    found = words_of(subtitles, spans, stop_words=["les", "sont"])
    assert {word for word, _ in found[0]} == {"chevaux", "partis"}


def test_the_real_encoder_ranks_what_the_talk_is_about():
    (words,) = film_words(
        SUBTITLES[:3], pd.DataFrame({"start": [0.0], "end": [9.0]}), cache=False, progress=False
    ).values()
    assert "horses" in words[0][0]


def test_a_film_without_subtitles_or_spans():
    assert words_of(SUBTITLES[:0], pd.DataFrame({"start": [0.0], "end": [2.0]})) == {0: []}
    assert words_of(SUBTITLES, pd.DataFrame({"start": [], "end": []})) == {}


@pytest.mark.parametrize(
    ("subtitles", "spans", "message"),
    [
        (None, SUBTITLES, "subtitles must be a table .*; got NoneType"),
        (SUBTITLES.drop(columns="text"), SUBTITLES, "subtitles must have a column text"),
        (SUBTITLES.assign(text=3), SUBTITLES, "subtitles must have texts in the column text; got something else"),
        (SUBTITLES.assign(start="a"), SUBTITLES, "subtitles must be a table .* with what is not a number"),
        (SUBTITLES, SUBTITLES[["start"]], "spans must be a table with the columns start and end"),
        (SUBTITLES, SUBTITLES.assign(start=np.nan), "spans must be a table .* without NaN or infinity; got nan to"),
        (SUBTITLES, SUBTITLES.assign(end=0.0), r"each ending not before its start; got 1 to 0 in row 0"),
        (SUBTITLES, SUBTITLES.assign(label=1.5), "the column label of spans must hold whole numbers, or names"),
        (SUBTITLES, SUBTITLES.assign(label=None), "spans must have a label in every row"),
    ],
)
def test_tables_are_checked(subtitles, spans, message):
    with pytest.raises(ParameterError, match=message):
        words_of(subtitles, spans)
