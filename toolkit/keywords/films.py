"""Words for the parts of a film, from its subtitles."""

from functools import partial

from toolkit.embeddings import embed_sentences
from toolkit.embeddings.sentences import ENCODER_ID
from toolkit.errors import ParameterError
from toolkit.keywords import speech
from toolkit.keywords.inputs import labels_of, texts_of, word_options
from toolkit.keywords.phrases import key_phrases
from toolkit.tables import check_spans, check_table


def film_words(
    subtitles,
    spans,
    *,
    top_n=10,
    score_threshold=0.2,
    diversity=0.3,
    stop_words="english",
    encoder=ENCODER_ID,
    cache=None,
    progress=True,
) -> dict[int, list[tuple[str, float]]]:
    """Return key words and two-word phrases of what is said in each shot cluster, dialogue or scene of a film.

    Parameters
    ----------
    subtitles : DataFrame
        start, end (seconds) and text, such as `subtitles.read_subtitles` gives. Texts are cleaned by `clean_subtitle`.
    spans : DataFrame
        start and end, in seconds. With a column label, whole numbers or names, spans of one label give words together,
        as the shots of a cluster; else each gives its own. A subtitle belongs to every span that holds its middle.
    top_n, score_threshold, diversity, stop_words
        As `describe_clusters` takes them.
    encoder, cache, progress
        As `summarize_all` takes them.

    Returns
    -------
    dict of int (or str) to list of (str, float)
        Of each label, sorted, or of each row of `spans`, from 0: the words and their scores, falling. Empty where
        nothing is said, or no word scores enough.

    Raises
    ------
    ParameterError
        If an argument is of the wrong kind, the encoder is not there, or results cannot be kept.
    DataError
        If a file of the encoder is broken or unsafe.
    """
    options = word_options(top_n, score_threshold, diversity, stop_words)
    spoken, places = (
        check_spans(check_table(name, table), name, ordered=False)
        for name, table in (("subtitles", subtitles), ("spans", spans))
    )
    texts = texts_of(subtitles)
    lines = speech.lines_in_spans(*spoken.T, texts, *places.T)
    labels = labels_of(spans["label"]) if "label" in spans.columns else range(len(lines))
    groups = {label: [] for label in sorted(set(labels))}
    for label, lines_of_span in zip(labels, lines, strict=True):
        groups[label] += lines_of_span
    embed = partial(embed_sentences, encoder=encoder, cache=cache, progress=progress)
    return dict(zip(groups, key_phrases(list(groups.values()), embed, **options), strict=True))


def clean_subtitle(text) -> str:
    """Return what is said in a subtitle, and nothing else.

    What goes: tags and positions of HTML, SubStation and MicroDVD; music signs, but not what is sung; sounds and asides
    in brackets or parentheses, also where one of a pair stands in another subtitle; links; dashes of speakers; and the
    names of who speaks: before a colon in capital letters (JOHN:), of words with capitals (Mr. Smith:, Old Man:), or in
    alphabets without capitals of two words at most. 10:30 stays, and so does "Remember:" with a few more such words; a
    noun that begins a sentence in this way ("Wahrheit:") is taken for a name.

    Parameters
    ----------
    text : str
        Lines of one sentence are divided by line breaks.

    Returns
    -------
    str
        What each speaker says on one line; "" where nothing is said.

    Raises
    ------
    ParameterError
        If it is not a text.
    """
    if not isinstance(text, str):
        raise ParameterError(f"text must be that of a subtitle; got {type(text).__name__}")
    return speech.clean_subtitle(text)
