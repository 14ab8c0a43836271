"""What is spoken in a film: subtitles without names of speakers, sounds, music and mark-up."""

import re

import numpy as np

from toolkit import subtitles

_MARKUP = re.compile(r"\{[^{}]*\}|</?[a-zA-Z][^<>]*>")
_MUSIC = re.compile(r"[♩-♯\U0001F3B5\U0001F3B6\U0001F3BC\uFE0E\uFE0F]+")
# of a line that is sung, as "# Happy birthday #", or of one of its ends; not of "#1" or "C#"
_SONG = re.compile(r"^[ \t]*#+([^#\n]*[^#\s])[ \t]*#+[ \t]*$", re.M)
_HASHES = re.compile(r"^[ \t]*#+(?=[ \t])|(?<=[\s.,!?…])#+[ \t]*$", re.M)
# no part of a link is longer, and few have more parts: in a long line of dots all would be sought for an end
_LINK = re.compile(r"\b(?:https?://|www\.)\S+|\b[\w-]{1,63}(?:\.[\w-]{1,63}){0,8}\.(?:com|org|net)\b(?:/\S*)?", re.I)
_OPENING, _CLOSING = r"(\[（［【", r")\]）］】"
# not of child(ren); full-width ones stand without a space
_BEGIN = r"(?:(?<!\w)[(\[]|[（［【])"
# the innermost
_BRACKETS = re.compile(rf"{_BEGIN}([^{_OPENING}{_CLOSING}]*)[{_CLOSING}]")
# the other one stands in another subtitle; a closing parenthesis alone may be that of a list: 1)
_LAST_BRACKET = re.compile(rf"{_BEGIN}(?=[^\W\d_])[^{_CLOSING}]*\Z")
_FIRST_BRACKET = re.compile(rf"\A[^{_OPENING}]*[\]］】]")
# signs that stand for brackets to be kept, and for who speaks next
_PLACEHOLDERS = {0xE000: "(", 0xE001: ")"}
_NEXT = "\ue002"
# at the beginning of a line or after a sentence; a minus stays
_DASH = re.compile(
    r"^[ \t]*(?:>{2,}|[-–—‐‑−]+(?![\d.,]))[ \t]*|(?<=[.!?…\"”»])[ \t]+(?:>{2,}|[-–—](?=[ \t]*\w))[ \t]*", re.M
)
_WRAPPED_WORD = re.compile(r"(?<=[^\W\d_]-)\n(?=[^\W\d_])")
# neither that of 10:30, nor of http://, nor of a smile
_COLON = r"[ \t\u00a0\u202f]*[:：](?![\d/\\)(:])[ \t]*"
_NAME = re.compile(rf"([^\n:：,;!?…\"“”„«»¿¡()\[\]]{{1,40}}?){_COLON}")
# within a line, of capital letters alone
_LATER_NAME = re.compile(rf"(?<=[.!?…])[ \t]+([^\W\d_a-z][^\n:：,;!?…a-z]{{1,30}}?){_COLON}")
_ABBREVIATION = re.compile(
    r"\b(?:mr|mrs|ms|mx|dr|st|prof|sgt|lt|col|gen|capt|sr|jr|rev|hon|mme|mlle|sra|srta|hr|fr|no|nr|\w)\.", re.I
)
# words in a name that are not capital
_PARTICLES = """
    a al and at ben bin by da dal das de dei del della den der des di do dos du e el en et from i in ibn la las le les
    los of on over ten ter the to und van vom von with y z zu zum zur
"""
# capital words before a colon that are no one's name
_NO_NAMES = """
    achtung again also answer attention attenzione beware but caution careful conclusion example fact finally first
    fourth guess hint honestly imagine important item listen look meaning message moral motto namely nota note now
    number option ps plus point problem question quote reason remember reminder repeat rule second see so solution step
    summary then think third three tip today tomorrow tonight translation two one verdict wait warning
"""
_PARTICLES, _NO_NAMES = frozenset(_PARTICLES.split()), frozenset(_NO_NAMES.split())
MAX_NAME_WORDS, MAX_CAPITAL_WORDS, MAX_UNCASED_WORDS = 5, 6, 2


def clean_subtitle(text):
    """As `keywords.clean_subtitle`, of what is known to be a text."""
    # half of a character is nothing that models or files can take
    text = text.encode("utf-8", "replace").decode()
    text = _MARKUP.sub("", subtitles.clean_text(text))
    text = _LINK.sub(" ", _HASHES.sub("", _SONG.sub(r"\1", _MUSIC.sub(" ", text))))
    text = _DASH.sub(f"\n{_NEXT}", _without_bracketed(text))
    parts = []
    for line in _WRAPPED_WORD.sub("", text).split("\n"):
        begins = line.startswith(_NEXT)
        line, has_name = _without_name(line.lstrip(_NEXT).strip())
        parts.append(("\n" if begins or has_name else " ") + _LATER_NAME.sub(_on_its_own_line, line))
    lines = (" ".join(line.split()) for line in "".join(parts).translate(_PLACEHOLDERS).split("\n"))
    # of a line that is all music or sound nothing is left but punctuation
    return "\n".join(line for line in lines if re.search(r"\w", line))


def _without_bracketed(text):
    before = None
    while text != before:
        before, text = text, _BRACKETS.sub(_left_of_brackets, text)
    return _FIRST_BRACKET.sub(" ", _LAST_BRACKET.sub(" ", text))


def _left_of_brackets(match):
    # what holds no letter, as (555), is said
    if re.search(r"\d", match[1]) and not re.search(r"[^\W\d_]", match[1]):
        return f"\ue000{match[1]}\ue001"
    return " "


def _on_its_own_line(match):
    before = match.string[: match.start()].split()[-1]
    return "\n" if _is_name(match[1]) and not _ABBREVIATION.fullmatch(before) else match[0]


def _without_name(line):
    """Return a line without the name of who speaks, and whether there was one."""
    match = _NAME.match(line)
    if match and _is_name(match[1]):
        return line[match.end() :], True
    # a name in brackets leaves its colon
    left = re.sub(r"^[:：]\s*", "", line)
    return left, left != line


def _is_name(name):
    """Return whether what stands before a colon names a speaker: in capital letters, or of words with capitals.

    In alphabets that have none, of two words at most.
    """
    name = name.strip()
    words = name.replace("/", " ").replace("&", " ").split()
    # a full stop ends a sentence, but after Mr. and initials
    if "." in _ABBREVIATION.sub("", name) or not words or words[0].lower() in _NO_NAMES:
        return False
    if not any(letter.isalpha() for letter in name):
        return False
    if name.isupper():
        return len(words) <= MAX_CAPITAL_WORDS
    if name.lower() == name.upper():
        return len(words) <= MAX_UNCASED_WORDS
    capital = [word for word in words if word[0].isupper()]
    others = {word for word in words if not word[0].isupper() and not word.lstrip("#").isdigit()}
    return (
        len(words) <= MAX_NAME_WORDS
        and words[0][0].isupper()
        and others <= _PARTICLES
        and any(word.lower() not in _PARTICLES for word in capital)
    )


def lines_in_spans(starts, ends, texts, span_starts, span_ends):
    """Return the lines said in each span, as lists: those of the subtitles whose middle it holds, cleaned, in order.

    Parameters
    ----------
    starts, ends : ndarray of float, (n,)
        Of the subtitles, seconds.
    texts : list of str, (n,)
    span_starts, span_ends : ndarray of float, (m,)
    """
    middles = (starts + ends) / 2
    order = np.argsort(middles, kind="stable")
    lines = [clean_subtitle(texts[at]).split("\n") for at in order]
    first, last = (np.searchsorted(middles[order], edges, side="left") for edges in (span_starts, span_ends))
    return [
        [line for said in lines[begin:end] for line in said if line] for begin, end in zip(first, last, strict=True)
    ]
