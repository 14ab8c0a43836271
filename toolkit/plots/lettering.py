"""Text that fits its place: fonts chosen by script, width in letters, wrapping and shortening."""

import functools
import textwrap
import unicodedata
import warnings

import matplotlib
from matplotlib import font_manager
from matplotlib.font_manager import FontProperties, findfont, get_font

from toolkit.errors import ParameterError

# drawn for a letter that no font has, and for what is no letter: half of a pair, a byte of a name that is no UTF-8
SQUARE, REPLACEMENT = "\u25a1", "\ufffd"
# the first words of the names in Unicode of letters that one font has, and of those that the plainest has
CJK = ("CJK", "IDEOGRAPHIC", "FULLWIDTH", "HIRAGANA", "KATAKANA", "HANGUL")
EUROPEAN = ("LATIN", "GREEK", "CYRILLIC")
# letters that a warning lists
MAX_LISTED = 20
# fonts that are taken first where several have a letter, and those that show other things than their letters
FONTS = ("Noto Sans CJK", "Noto Sans", "Source Han Sans", "WenQuanYi", "Microsoft YaHei", "PingFang", "Hiragino Sans")
SYMBOL_FONTS = ("Last Resort", ".LastResort", "STIXNonUnicode", "cm")


class Lettering:
    """The texts of one picture, in letters that there are fonts for.

    Texts of a user may be of any script, and no font has all letters. A text is drawn as ``spell`` returns it, in
    ``style``: in a font, or those of Matplotlib's settings, and after them fonts of this computer that have what these
    lack, which Matplotlib tries in turn for each letter. At the end ``warn`` lists all letters that no font has.

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
        paths = (findfont(FontProperties(family=[name], weight=weight)) for name in self._fonts)
        self._letters = set().union(*map(_letters_of_file, paths))

    @property
    def style(self):
        """The fonts of all texts until now, as options of texts, whose dollar signs are no formulas."""
        return {"family": [*self._fonts], "parse_math": False}

    def spell(self, text):
        """Return a text with a mark for each letter that no font has, without those that cannot be seen."""
        lacking = set(text) - self._letters - {"\n"}
        visible = {letter for letter in lacking if unicodedata.category(letter)[0] != "C" and not letter.isspace()}
        for font in _fonts_by_choice(self._weight) if visible else ():
            letters = _letters_of_file(font.fname)
            if visible & letters:
                self._fonts.append(font.name)
                self._letters |= letters
                visible -= letters
        marks = {letter: _mark(letter) for letter in lacking - self._letters}
        self._lacking |= {letter for letter, mark in marks.items() if mark == SQUARE}
        return "".join(marks.get(letter, letter) for letter in text)

    def warn(self, stacklevel=3):
        """Warn, once for all texts, of the letters that no font has; to be called by the function that draws."""
        if not self._lacking:
            return
        letters = sorted(self._lacking)
        listed = " ".join(letters[:MAX_LISTED]) + (" and others" if len(letters) > MAX_LISTED else "")
        fonts = ", ".join(dict.fromkeys(map(_font_with, letters)))
        cache = f"fontlist*.json in {matplotlib.get_cachedir()}"
        warnings.warn(
            f"no font of this computer has these letters: {listed}. Each is drawn as {SQUARE}. To see them install "
            f"{fonts}, remove Matplotlib's list of fonts ({cache}), and restart Python",
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


@functools.cache
def _letters_of_file(path):
    """Return the letters of a font's file, none of one that is gone."""
    try:
        return frozenset(map(chr, get_font(path).get_charmap()))
    except OSError:
        return frozenset()


def _fonts_by_choice(weight):
    """Return this computer's fonts, those that suit texts first; of each name the one of about a weight."""

    def rank(font):
        place = [font.name.startswith(start) for start in (*FONTS, "")].index(True)
        unlike = "Serif" in font.name or "Mono" in font.name
        own = font_manager.weight_dict.get(font.weight, font.weight)
        return place, unlike, font.name, abs(own - font_manager.weight_dict[weight])

    fonts = {}
    for font in sorted(font_manager.fontManager.ttflist, key=rank):
        # of a font in colours nothing would be seen
        if font.style == "normal" and not font.name.startswith(SYMBOL_FONTS) and "Color Emoji" not in font.name:
            fonts.setdefault(font.name, font)
    return list(fonts.values())


def _mark(letter):
    """Return what is drawn for a letter that no font has."""
    category = unicodedata.category(letter)
    if category == "Cs":
        return REPLACEMENT
    if letter.isspace():
        return " "
    unseen = category in ("Cc", "Cf") or unicodedata.name(letter, "").startswith("VARIATION SELECTOR")
    return "" if unseen else SQUARE


def _font_with(letter):
    """Return the name of a font that has a letter."""
    category, name = unicodedata.category(letter), unicodedata.name(letter, "").split(" ")[0].split("-")[0]
    if name in CJK:
        return "Noto Sans CJK"
    if category[0] in "LMN" and name:
        return "Noto Sans" if name in EUROPEAN else f"Noto Sans {name.title()}"
    return "Noto Emoji" if ord(letter) >= 0x1F000 and category != "Co" else "Noto Sans Symbols 2"


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
    count = letters - 1
    while True:
        head = -(-count * 3 // 5)
        short = f"{text[:head]}…{text[len(text) - (count - head) :]}"
        if letters_wide(short) <= letters:
            return short
        count -= 1


def _is_wide(letter):
    return letter == SQUARE or unicodedata.east_asian_width(letter) in "WF"
