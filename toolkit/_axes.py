"""What pictures share: their width, how time is written on them, texts of any script, and labels that lie apart."""

import functools
import textwrap
import unicodedata
import warnings

import matplotlib
import numpy as np
from matplotlib import font_manager
from matplotlib.artist import Artist
from matplotlib.font_manager import FontProperties, findfont, get_font
from matplotlib.textpath import text_to_path
from matplotlib.ticker import FuncFormatter, Locator, MaxNLocator

WIDTH = 11.0
# seconds from tick to tick on a time axis, and how many ticks it has at most
CLOCK_STEPS, TICKS = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1200, 1800, 3600, 7200, 14400, 36000), 9
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
FIRST = ("Noto Sans CJK", "Noto Sans", "Source Han Sans", "WenQuanYi", "Microsoft YaHei", "PingFang", "Hiragino Sans")
NEVER = ("Last Resort", ".LastResort", "STIXNonUnicode", "cm")
# where a label may be: points from the cluster's centre to the nearest edge, and the ways there, the best first
REACHES = (8, 17, 28, 42, 60, 84)
WAYS = ((1, 0), (-1, 0), (0, 1), (0, -1), (0.8, 0.6), (-0.8, 0.6), (0.8, -0.6), (-0.8, -0.6))
# labels with words are no farther than so many of these: lines to them would be all over the map
NEAR = 3
# points: half of a centre's cross, what is left free around a label, and from where on a line leads to it
CROSS, FREE, FAR = 6, 1.5, 14


def clock(seconds) -> str:
    """Return seconds as they are written under a frame: 7.5 s is 0:07.50, an hour 1:00:00.00."""
    hundredths = round(float(seconds) * 100)
    minutes, hundredths = divmod(hundredths, 6000)
    hours, minutes = divmod(minutes, 60)
    head = f"{hours}:{minutes:02d}" if hours else f"{minutes}"
    return f"{head}:{hundredths // 100:02d}.{hundredths % 100:02d}"


def minutes(seconds, _position):
    """Return the label of a tick on a time axis."""
    return clock(seconds).removesuffix(".00")


def ticks(low, high, steps, most):
    """Return the multiples from low to high of the first of some rising steps that gives no more than `most`."""
    step = next((step for step in steps if (high - low) / step <= most), steps[-1])
    return step * np.arange(np.ceil(low / step - 1e-9), np.floor(high / step + 1e-9) + 1)


class ClockLocator(Locator):
    """Ticks at whole seconds, minutes or hours, as many as there is room for; of a film of a second or two, others."""

    def __call__(self):
        return self.tick_values(*self.axis.get_view_interval())

    def tick_values(self, low, high):
        """Return the ticks from low to high."""
        low, high = sorted((float(low), float(high)))
        room = self.axis.get_tick_space()
        if self.axis.axis_name == "x":
            # Matplotlib counts on labels three times as wide as high; with space, hours or hundredths, they are wider
            room *= 0.55 if high >= 3600 or high - low < 2 else 0.75
        most = np.clip(room, 2, TICKS)
        if high - low < 2 * CLOCK_STEPS[0]:
            return MaxNLocator(int(most)).tick_values(low, high)
        return ticks(low, high, CLOCK_STEPS, most)


def time_name(last):
    """Return what a time axis is called that reaches to so many seconds."""
    return "minutes and seconds" if last < 3600 else "hours, minutes and seconds"


def set_clock(axis):
    """Write times along an axis, given in seconds, and what they are."""
    axis.set_major_locator(ClockLocator())
    axis.set_major_formatter(FuncFormatter(minutes))
    axis.set_label_text(time_name(max(axis.get_view_interval())))


def color_bar(ax, drawn):
    """Return a bar of the colours of something drawn, beside a picture and as high as it."""
    # a square one is else put into the middle of its room, and what is written along the bar out of it
    ax.set_anchor("W")
    return ax.figure.colorbar(drawn, cax=ax.inset_axes((1.03, 0, 0.04, 1)))


class Lettering:
    """The texts of one picture, in letters that there are fonts for.

    Texts of a user may be of any script, and no font has all letters. A text is drawn as ``spell`` returns it, in
    ``fonts``: those of Matplotlib's settings, and after them fonts of this computer that have what these lack. At the
    end ``warn`` tells of all letters of the picture that no font has.

    Parameters
    ----------
    weight : {"normal", "bold"}
        Of the letters: a bold font may have fewer.
    """

    def __init__(self, weight="normal"):
        self._weight = weight
        self._fonts = [*matplotlib.rcParams["font.family"], "DejaVu Sans"]
        paths = [findfont(FontProperties(family=[name], weight=weight)) for name in self._fonts]
        self._letters = set().union(*map(_letters, paths))
        self._lacking = set()

    @property
    def fonts(self):
        """Names of the fonts of all texts until now, for ``family=``."""
        return [*self._fonts]

    def spell(self, text):
        """Return a text with a mark for each letter that no font has, without those that cannot be seen."""
        lacking = set(text) - self._letters - {"\n"}
        named = {letter for letter in lacking if unicodedata.category(letter)[0] != "C" and not letter.isspace()}
        for font in _fonts_by_choice(self._weight) if named else ():
            if named & _letters(font.fname):
                self._fonts.append(font.name)
                self._letters |= _letters(font.fname)
                named -= self._letters
        marks = {letter: _mark(letter) for letter in lacking - self._letters}
        self._lacking |= {letter for letter, mark in marks.items() if mark == LACKING}
        return "".join(marks.get(letter, letter) for letter in text)

    def warn(self):
        """Warn, once for all texts, of the scripts that no font has; to be called by the function that draws."""
        if not self._lacking:
            return
        counts = {}
        for letter in sorted(self._lacking):
            script = _script(letter)
            counts[script] = counts.get(script, 0) + 1
        told = ", ".join(f"{name} ({count} different)" for (name, _), count in counts.items())
        fonts = ", ".join(dict.fromkeys(font for _, font in counts))
        listed = f"fontlist*.json in {matplotlib.get_cachedir()}"
        warnings.warn(
            f"no font of this computer has these letters: {told}. Each is drawn as {LACKING}. To see them install "
            f"{fonts}, remove Matplotlib's list of fonts ({listed}), and start Python anew",
            stacklevel=3,
        )


@functools.cache
def _letters(path):
    """Return the letters of a font's file, none of one that is gone."""
    try:
        return frozenset(map(chr, get_font(path).get_charmap()))
    except OSError:
        return frozenset()


def _fonts_by_choice(weight):
    """Return this computer's fonts, those that suit texts first; of each name the one of about a weight."""

    def rank(font):
        first = [place for place, start in enumerate(FIRST) if font.name.startswith(start)]
        place = first[0] if first else len(FIRST) + ("Serif" in font.name or "Mono" in font.name)
        known = font_manager.weight_dict.get(font.weight, font.weight)
        return place, font.name, abs(known - font_manager.weight_dict[weight])

    # of a font in colours nothing would be seen
    fonts = [font for font in font_manager.fontManager.ttflist if font.style == "normal"]
    fonts = [font for font in fonts if not font.name.startswith(NEVER) and "Color Emoji" not in font.name]
    return list({font.name: font for font in sorted(fonts, key=rank, reverse=True)}.values())[::-1]


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
    return EMOJI if ord(letter) >= 0x1F000 else SIGNS


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


class Apart(Artist):
    """What puts the labels of a map apart. It is done when the map is drawn, as only then its size is known.

    Parameters
    ----------
    points, centers : ndarray of float64, (n, 2), (k, 2)
        What is on the map, of which labels leave the centres free, and the points where they can.
    notes : list of Annotation
        Of each centre. Their texts and places are set.
    labels : list of list of str
        Of each centre the shortest label and longer ones: the longest is taken that there is room for.
    lines : Line2D
        Is given the lines from labels to centres that are far.
    """

    def __init__(self, points, centers, notes, labels, lines):
        super().__init__()
        self._points, self._centers = points, centers
        self._notes, self._labels, self._lines = notes, labels, lines
        # as paths, which letters with an edge are drawn as: with hinting they would be of another width
        self._sizes = [[_size(text, note) for text in texts] for texts, note in zip(labels, notes, strict=True)]
        self._drawn = None
        # before all others are drawn, and nothing by itself
        self.set_zorder(-1)
        self.set_in_layout(False)

    def draw(self, renderer):
        """Put each label where it is drawn next, if the map's size or limits are others than before."""
        scale = (self.axes.figure.dpi, *self.axes.bbox.extents, *self.axes.transData.get_matrix().flat)
        if scale != self._drawn:
            self._place(self.axes.figure.dpi / 72)
            self._drawn = scale

    def _place(self, point):
        to_pixels = self.axes.transData.transform
        anchors, dots = to_pixels(self._centers), to_pixels(self._points)
        crosses = np.concatenate([anchors - CROSS * point, anchors + CROSS * point], axis=1)
        boxes, found = np.full((len(anchors), 4), np.nan), [""] * len(anchors)
        # a centre beyond the limits of the map has no label
        shown = [self.axes.bbox.contains(*anchor) for anchor in anchors]
        # all numbers first, then a word for each, then a second one
        for count in range(max(map(len, self._labels))):
            for own, (labels, sizes) in enumerate(zip(self._labels, self._sizes, strict=True)):
                if count >= len(labels) or not shown[own] or (count and not found[own]):
                    continue
                places = _places(anchors[own], sizes[count], REACHES[: NEAR if count else None], point)
                others = np.concatenate([np.delete(boxes, own, axis=0), crosses])
                best = _best(places, others, self.axes.bbox, dots, point)
                if best is not None:
                    boxes[own], found[own] = best, labels[count]
        ends = [np.full((1, 2), np.nan)]
        for note, text, box, anchor in zip(self._notes, found, boxes, anchors, strict=True):
            note.set_text(text)
            if text:
                note.xyann = tuple((box[:2] - anchor) / point)
                nearest = np.clip(anchor, box[:2], box[2:])
                if np.hypot(*(nearest - anchor)) > FAR * point:
                    ends += [self.axes.transData.inverted().transform([anchor, nearest]), ends[0]]
        self._lines.set_data(*np.concatenate(ends).T)


def _size(text, note):
    """Return the width and height of a line of text, in points."""
    font = note.get_fontproperties()
    wide, *_ = text_to_path.get_text_width_height_descent(text, font, ismath=False)
    # as high as any letters, as a line is laid out
    _, high, _ = text_to_path.get_text_width_height_descent("lp", font, ismath=False)
    return wide, high


def _places(anchor, size, reaches, point):
    """Return the boxes (left, low, right, high), in pixels, where a label of a size may be, the best first."""
    ways = np.array([(reach * x, reach * y) for reach in reaches for x, y in WAYS])
    lows = anchor + (ways + (np.sign(ways) - 1) / 2 * size) * point
    return np.concatenate([lows, lows + np.multiply(size, point)], axis=1)


def _best(places, others, frame, dots, point):
    """Return the place within a frame that covers no other box, few dots, and is near; None if there is none."""
    low, high = places[:, None, :2] - FREE * point, places[:, None, 2:] + FREE * point
    # boxes that are not there are NaN, which nothing is beyond
    covers = ((low < others[:, 2:]) & (high > others[:, :2])).all(axis=2).any(axis=1)
    inside = (low[:, 0] > (frame.x0, frame.y0)).all(axis=1) & (high[:, 0] < (frame.x1, frame.y1)).all(axis=1)
    free = np.flatnonzero(inside & ~covers)
    if not len(free):
        return None
    covered = ((dots > low[free]) & (dots < high[free])).all(axis=2).sum(axis=1)
    # of many dots each counts less
    return places[free[np.argmin(4 * covered * min(1, 400 / len(dots)) + 3 * free)]]
