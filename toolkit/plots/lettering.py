"""Text that fits its place: fonts chosen by script, width in letters, wrapping and shortening."""

import functools
import textwrap
import unicodedata
import warnings
from collections import Counter

import matplotlib
from matplotlib import font_manager
from matplotlib.font_manager import FontProperties, findfont, get_font

from toolkit.errors import ParameterError

# drawn for a letter that no font has, and for what is no letter: half of a pair, a byte of a name that is no UTF-8
LACKING, BROKEN = "\u25a1", "\ufffd"
# the first word of a letter's name in Unicode: what its script is called, and a font that has it
SCRIPTS = {
    "CJK": ("Chinese", "Noto Sans CJK SC"),
    "IDEOGRAPHIC": ("Chinese", "Noto Sans CJK SC"),
    "FULLWIDTH": ("Chinese", "Noto Sans CJK SC"),
    "HIRAGANA": ("Japanese", "Noto Sans CJK JP"),
    "KATAKANA": ("Japanese", "Noto Sans CJK JP"),
    "HANGUL": ("Korean", "Noto Sans CJK KR"),
    "LATIN": ("Latin", "Noto Sans"),
    "GREEK": ("Greek", "Noto Sans"),
    "CYRILLIC": ("Cyrillic", "Noto Sans"),
}
EMOJI, SIGNS = ("emoji", "Noto Emoji"), ("signs", "Noto Sans Symbols 2")
# fonts that are taken first where several have a letter, and those that show other things than their letters
PREFERENCE = (
    "Noto Sans CJK",
    "Noto Sans",
    "Source Han Sans",
    "WenQuanYi",
    "Microsoft YaHei",
    "PingFang",
    "Hiragino Sans",
)
UNSUITED = ("Last Resort", ".LastResort", "STIXNonUnicode", "cm")


class Lettering:
    """The texts of one picture, in letters that there are fonts for.

    Texts of a user may be of any script, and no font has all letters. A text is drawn as ``spell`` returns it, in
    ``style``: in a font, or those of Matplotlib's settings, and after them fonts of this computer that have what these
    lack, which Matplotlib tries in turn for each letter. At the end ``warn`` tells of all letters that no font has.

    Parameters
    ----------
    weight : {"normal", "bold"}
        Of the letters: a bold font may have fewer.
    font : str, optional
        The family to begin with.
    """

    def __init__(self, weight="normal", font=None):
        self._weight, self._lacking = weight, set()
        self._fonts = [*(matplotlib.rcParams["font.family"] if font is None else [_check_font(font)]), "DejaVu Sans"]
        self._letters = set().union(*(_letters(name, weight) for name in self._fonts))

    @property
    def style(self):
        """The fonts of all texts until now, as options of texts, whose dollar signs are no formulas."""
        return {"family": [*self._fonts], "parse_math": False}

    def spell(self, text):
        """Return a text with a mark for each letter that no font has, without those that cannot be seen."""
        lacking = set(text) - self._letters - {"\n"}
        visible = {letter for letter in lacking if unicodedata.category(letter)[0] != "C" and not letter.isspace()}
        for name in _fonts_by_choice() if visible else ():
            letters = _letters(name, self._weight)
            if visible & letters:
                self._fonts.append(name)
                self._letters |= letters
                visible -= letters
        marks = {letter: _mark(letter) for letter in lacking - self._letters}
        self._lacking |= {letter for letter, mark in marks.items() if mark == LACKING}
        return "".join(marks.get(letter, letter) for letter in text)

    def warn(self, stacklevel=3):
        """Warn, once for all texts, of the scripts that no font has; to be called by the function that draws."""
        if not self._lacking:
            return
        counts = Counter(map(_script, sorted(self._lacking)))
        letters = ", ".join(f"{script} ({count} different)" for (script, _), count in counts.items())
        fonts = ", ".join(dict.fromkeys(font for _, font in counts))
        cache = f"fontlist*.json in {matplotlib.get_cachedir()}"
        warnings.warn(
            f"no font of this computer has these letters: {letters}. Each is drawn as {LACKING}. To see them install "
            f"{fonts}, remove Matplotlib's list of fonts ({cache}), and start Python anew",
            stacklevel=stacklevel,
        )


def _check_font(font):
    """Return the name of a family if this computer has it."""
    if not isinstance(font, str):
        raise ParameterError(f"font must be the name of a family; got {font!r}")
    try:
        findfont(FontProperties(family=[font]), fallback_to_default=False)
    except ValueError:
        raise ParameterError(
            f"font must be a family of this machine; got {font!r}. matplotlib.font_manager.get_font_names() lists them"
        ) from None
    return font


def _letters(name, weight):
    """Return the letters of a family of fonts."""
    return _letters_of_file(findfont(FontProperties(family=[name], weight=weight)))


@functools.cache
def _letters_of_file(path):
    """Return the letters of a font's file, none of one that is gone."""
    try:
        return frozenset(map(chr, get_font(path).get_charmap()))
    except OSError:
        return frozenset()


def _fonts_by_choice():
    """Return the names of this computer's fonts, those that suit texts first."""

    def rank(name):
        place = next((place for place, start in enumerate(PREFERENCE) if name.startswith(start)), len(PREFERENCE))
        return place, "Serif" in name or "Mono" in name, name

    # of a font in colours nothing would be seen
    names = {font.name for font in font_manager.fontManager.ttflist if font.style == "normal"}
    return sorted((name for name in names if not name.startswith(UNSUITED) and "Color Emoji" not in name), key=rank)


def _mark(letter):
    """Return what is drawn for a letter that no font has."""
    category = unicodedata.category(letter)
    if category == "Cs":
        return BROKEN
    if letter.isspace():
        return " "
    unseen = category in ("Cc", "Cf") or unicodedata.name(letter, "").startswith("VARIATION SELECTOR")
    return "" if unseen else LACKING


def _script(letter):
    """Return the name of a letter's script, and a font that has it."""
    category, name = unicodedata.category(letter), unicodedata.name(letter, "").split(" ")[0].split("-")[0]
    if name in SCRIPTS:
        return SCRIPTS[name]
    if category[0] in "LMN" and name:
        return name.title(), f"Noto Sans {name.title()}"
    return EMOJI if ord(letter) >= 0x1F000 and category != "Co" else SIGNS


def letters_wide(text):
    """Return how wide a text is, in letters: Chinese, Japanese and Korean ones, and marks, are as wide as two."""
    return len(text) + sum(map(_is_wide, text))


def wrap(text, letters, **kwargs):
    """Return a text in lines of at most so many letters' width, as `textwrap.wrap` does with the same options."""
    # a wide letter is two, of which the second is taken out again
    doubled = "".join(letter + "\0" if _is_wide(letter) else letter for letter in text.replace("\0", ""))
    return [line.replace("\0", "") for line in textwrap.wrap(doubled, letters, **kwargs)]


def shorten(text, letters):
    """Return a text of at most so many letters' width, at least 3, without its middle, as names differ at their end."""
    if letters_wide(text) <= letters:
        return text
    kept = letters - 1
    while True:
        head = -(-kept * 3 // 5)
        short = f"{text[:head]}…{text[len(text) - (kept - head) :]}"
        if letters_wide(short) <= letters:
            return short
        kept -= 1


def _is_wide(letter):
    return letter == LACKING or unicodedata.east_asian_width(letter) in "WF"
