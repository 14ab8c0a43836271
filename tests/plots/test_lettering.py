"""Letters of any script, with the fonts that there are."""

import warnings

import pytest
from fontTools.fontBuilder import FontBuilder
from fontTools.pens.ttGlyphPen import TTGlyphPen
from matplotlib import font_manager
from plotted_clusters import POINTS, TABLE, VIDEOS, told

from toolkit import clustering, plots
from toolkit.plots import lettering as plot_lettering

ZH = "\u4e00\u4e2a\u7537\u4eba"


@pytest.fixture
def fonts(monkeypatch):
    """Have no fonts but Matplotlib's own, whatever this computer has."""
    own = [font for font in font_manager.fontManager.ttflist if "matplotlib" in font.fname]
    monkeypatch.setattr(font_manager.fontManager, "ttflist", own)


def pictures_of(text):
    """Return functions that draw a text of a user: as caption, word, title, and name of a file."""
    clusters = clustering.cluster_videos(TABLE, 3)
    return [
        lambda: plots.plot_video_grid(VIDEOS, [text] * 6),
        lambda: plots.plot_video_grid([f"/none/{text}.mp4", VIDEOS[0]]),
        lambda: plots.plot_cluster_examples(clusters, VIDEOS, [text] * 6),
        lambda: plots.plot_cluster_examples(clusters, VIDEOS, words={0: [text], 1: [text]}),
        lambda: plots.plot_cluster_map(POINTS, clusters.labels, words={0: [text], 1: [text]}),
        lambda: plots.plot_cluster_map(POINTS, clusters.labels, title=text),
        lambda: plots.plot_cluster_sizes(clusters, words={0: [text], 1: [text]}),
    ]


@pytest.mark.parametrize("place", range(7))
def test_letters_that_no_font_has_are_a_mark_each_with_one_warning(place, fonts):
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        ax = pictures_of(ZH + "\U0001fae0")[place]()
        ax.figure.canvas.draw()
    (warning,) = caught
    message = str(warning.message)
    assert warning.category is UserWarning
    assert f"these letters: {' '.join(sorted(ZH))} \U0001fae0." in message
    assert "install Noto Sans CJK, Noto Emoji, remove" in message
    assert warning.filename == __file__
    assert "\u25a1" * 5 in told(ax)


@pytest.mark.parametrize("place", range(7))
def test_what_is_no_letter_is_drawn_without_a_word(place):
    # a byte of a name that is no UTF-8, and half of a pair
    ax = pictures_of("x\udcffy\ud800z")[place]()
    ax.figure.canvas.draw()
    assert "x\ufffdy\ufffdz" in told(ax)


@pytest.mark.parametrize("place", range(7))
def test_a_font_of_the_computer_that_has_the_letters_is_used(place, fonts, tmp_path):
    font = FontBuilder(1000)
    names = {".notdef": 0, **{f"u{ord(letter):X}": ord(letter) for letter in ZH}}
    font.setupGlyphOrder([*names])
    font.setupCharacterMap({code: name for name, code in names.items() if code})
    pen = TTGlyphPen(None)
    for way, corner in ((pen.moveTo, (0, 0)), (pen.lineTo, (0, 900)), (pen.lineTo, (900, 900)), (pen.lineTo, (900, 0))):
        way(corner)
    pen.closePath()
    square = pen.glyph()
    font.setupGlyf(dict.fromkeys(names, square))
    font.setupHorizontalMetrics(dict.fromkeys(names, (1000, 0)))
    font.setupHorizontalHeader(ascent=900, descent=-100)
    font.setupNameTable({"familyName": "Squares", "styleName": "Bold"})
    font.setupOS2(usWeightClass=700)
    font.setupPost()
    font.save(tmp_path / "squares.ttf")
    font_manager.fontManager.addfont(tmp_path / "squares.ttf")
    ax = pictures_of(f"a {ZH}")[place]()
    ax.figure.canvas.draw()
    assert f"a {ZH}" in told(ax)
    drawn_in = {name for text in [*ax.texts, ax.title] if ZH in text.get_text() for name in text.get_fontfamily()}
    assert "Squares" in drawn_in
    assert "DejaVu Sans" in drawn_in


def test_wide_letters_are_wrapped_and_shortened_by_their_width():
    assert plot_lettering.wrap(ZH * 2, 6) == [(ZH * 2)[:3], (ZH * 2)[3:6], (ZH * 2)[6:]]
    assert plot_lettering.wrap("a man walks", 6) == ["a man", "walks"]
    assert plot_lettering.shorten("abcdefghij", 10) == "abcdefghij"
    assert plot_lettering.shorten("abcdefghijk", 6) == "abc…jk"
    assert plot_lettering.letters_wide(plot_lettering.shorten(ZH * 9, 10)) <= 10


@pytest.mark.parametrize(
    ("letters", "message"),
    [
        ("\u0928\u092e\u0928", r"letters: \u0928 \u092e\. .*install Noto Sans Devanagari,"),
        ("\ud55c", r"letters: \ud55c\. .*install Noto Sans CJK,"),
        ("\u30c6\u6f22", r"letters: \u30c6 \u6f22\. .*install Noto Sans CJK, remove"),
        ("\U0001fae0\u0928", r"letters: \u0928 \U0001fae0\. .*install Noto Sans Devanagari, Noto Emoji, remove"),
        ("\u3000\u3002", r"letters: \u3002\. .*install Noto Sans CJK,"),
        ("\ua7c2", r"letters: \ua7c2\. .*install Noto Sans, remove"),
        ("\ue123", r"letters: \ue123\. .*install Noto Sans Symbols 2,"),
        ("".join(map(chr, range(0x4E00, 0x4E20))), r"\u4e00 \u4e01 .* \u4e13 and others\. .*install Noto Sans CJK,"),
    ],
)
def test_letters_that_no_font_has_are_listed_with_fonts_that_have_them(letters, message, fonts):
    lettering = plot_lettering.Lettering()
    lettering.spell(letters)
    with pytest.warns(UserWarning, match=message):
        lettering.warn()


def test_what_cannot_be_seen_is_left_out():
    lettering = plot_lettering.Lettering()
    assert lettering.spell("a\0b\tc\nd\U000e0100") == "ab c\nd"
    lettering.warn()
