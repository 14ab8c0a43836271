"""The pictures of a film's colours, read back from what is painted."""

import io

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.font_manager import FontProperties, findfont
from PIL import Image

from toolkit import ParameterError, plots
from toolkit.plots import colors as plot_colors
from toolkit.plots import lettering

mpl.use("agg")

RED, GREEN, BLUE = (200, 30, 40), (30, 180, 60), (20, 60, 190)


def colors_of(*colors):
    """Return the colours of frames, (n, 1, 3)."""
    return np.array(colors, np.uint8)[:, None]


def noise(n, k, seed=0):
    rng = np.random.default_rng(seed)
    shares = rng.uniform(0.1, 1, (n, k))
    return rng.integers(0, 256, (n, k, 3), np.uint8), shares / shares.sum(axis=1, keepdims=True)


def bars(colors, shares, edges, width, height):
    """Return what is painted in so many pixels."""
    columns, rows = np.linspace(0, 1, width + 1), np.linspace(0, 1, height + 1)
    return plot_colors._bars(*plot_colors._stacks(colors, shares), np.array(edges), columns, rows)


def drawn(ax, dpi=100):
    """Return the figure as pixels, uint8 (height, width, 3)."""
    file = io.BytesIO()
    ax.figure.savefig(file, dpi=dpi, format="png")
    return np.array(Image.open(file).convert("RGB"))


def painted(ax, dpi=100):
    """Return the part of the figure's pixels where the bars are."""
    pixels = drawn(ax, dpi)
    (picture,) = ax.images
    left, right, low, high = picture.get_extent()
    (x0, y0), (x1, y1) = ax.transData.transform([(left, low), (right, high)]) * dpi / ax.figure.dpi
    return pixels[round(len(pixels) - y1) : round(len(pixels) - y0), round(x0) : round(x1)]


# the bars


def test_bars_stand_side_by_side_without_seams():
    picture = bars(colors_of(RED, BLUE), None, [0, 0.5, 1], 10, 3)
    assert picture[:, :5].tolist() == [[[*RED, 255]] * 5] * 3
    assert picture[:, 5:].tolist() == [[[*BLUE, 255]] * 5] * 3


def test_a_pixel_shows_the_mean_of_the_bars_in_it():
    picture = bars(colors_of((0, 0, 0), (90, 0, 0), (255, 255, 255)), None, np.linspace(0, 1, 4), 2, 1)
    # two thirds of black and one third of 90, and so on
    assert picture[0, :, 0].tolist() == [30, 200]
    # of bars of several widths, by their widths
    assert bars(colors_of((0, 0, 0), (200, 0, 0)), None, [0, 0.25, 1], 1, 1)[0, 0, 0] == 150
    # no pixel is left out of many bars
    many = noise(5000, 1)[0]
    assert bars(many, None, np.linspace(0, 1, 5001), 7, 1)[0, :, 3].tolist() == [255] * 7
    whole = bars(many, None, np.linspace(0, 1, 5001), 1, 1)[0, 0, :3]
    assert whole == pytest.approx(many[:, 0].mean(axis=0), abs=1)


def test_colors_are_stacked_by_share_the_first_at_the_bottom():
    picture = bars(np.array([[RED, GREEN, BLUE]], np.uint8), [[0.5, 0.3, 0.2]], [0, 1], 1, 10)
    assert picture[::-1, 0, :3].tolist() == [[*RED]] * 5 + [[*GREEN]] * 3 + [[*BLUE]] * 2


def test_a_bar_is_filled_whatever_its_shares_add_up_to():
    colors = np.array([[RED, GREEN]], np.uint8)
    picture = bars(colors, [[0.3, 0.1]], [0, 1], 1, 8)
    assert picture[::-1, 0, :3].tolist() == [[*RED]] * 6 + [[*GREEN]] * 2
    # one that is there again by cycling has no share and no room
    assert bars(colors, [[0.3, 0.0]], [0, 1], 1, 8)[:, 0, :3].tolist() == [[*RED]] * 8


def test_of_what_is_zoomed_into_no_more_is_painted_than_is_seen():
    ax = plots.plot_color_strip(colors_of(*([RED] * 500), *([GREEN] * 500)))
    ax.set_xlim(499.9995, 500.0005)
    ax.set_ylim(0.4, 0.4001)
    pixels = drawn(ax)
    (x0, y0), (x1, y1) = ax.transAxes.transform([(0, 0), (1, 1)])
    row = pixels[round(len(pixels) - (y0 + y1) / 2)]
    assert row[round(0.9 * x0 + 0.1 * x1)].tolist() == [*RED]
    assert row[round(0.49 * x0 + 0.51 * x1)].tolist() == [*GREEN]
    ax.set_xlim(2000, 3000)
    assert drawn(ax)[round(len(pixels) - (y0 + y1) / 2), round((x0 + x1) / 2)].tolist() == [255] * 3


@pytest.mark.parametrize("dpi", [40, 100, 233])
def test_a_poster_is_square_and_crisp_at_any_dpi(dpi):
    ax = plots.plot_fingerprint_poster(colors_of(RED, GREEN, BLUE), title="Film")
    pixels = drawn(ax, dpi)
    assert pixels.shape == (9 * dpi, 9 * dpi, 3)
    shown = painted(ax, dpi)
    found = {tuple(color) for row in shown[::50].tolist() for color in row}
    between = found - {RED, GREEN, BLUE}
    # where a bar ends inside a pixel, that column is between them
    assert len(between) <= 2
    third = shown.shape[1] // 3
    assert shown[:, 2].tolist() == [[*RED]] * len(shown)
    assert shown[:, third + 2].tolist() == [[*GREEN]] * len(shown)
    assert shown[:, -2].tolist() == [[*BLUE]] * len(shown)


def test_thousands_of_bars_are_one_artist():
    ax = plots.plot_fingerprint_poster(*noise(7800, 5), title="Film")
    assert len(ax.images) == 1
    assert len(ax.patches) == 1
    drawn(ax, 50)


def test_a_vector_file_holds_the_bars_as_one_picture(tmp_path):
    for suffix in ("svg", "pdf"):
        ax = plots.plot_fingerprint_poster(*noise(500, 3), title="Film")
        ax.figure.savefig(tmp_path / f"poster.{suffix}")
    assert (tmp_path / "poster.svg").read_text().count("<image") == 1
    assert (tmp_path / "poster.svg").stat().st_size < 2_000_000
    assert (tmp_path / "poster.pdf").stat().st_size < 2_000_000


# the title


def test_a_title_stands_in_its_lines_above_the_bars():
    ax = plots.plot_fingerprint_poster(colors_of(RED), title="Ein Film\nfür Ärzte")
    assert [text.get_text() for text in ax.texts] == ["Ein Film", "für Ärzte"]
    first, second = (text.get_position()[1] for text in ax.texts)
    assert first > second > ax.images[0].get_extent()[3]


@pytest.mark.parametrize(
    "title",
    [
        "Nosferatu – Eine Symphonie des Grauens, nach dem Roman „Dracula“ von Bram Stoker, München und Lübeck",
        "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft",
        "A\nB\nC\nD\nE\nF\nG\nH",
        "word " * 80,
        "For $5 and a half_of $x^2$ more",
    ],
)
def test_letters_are_as_large_as_fit(title):
    ax = plots.plot_fingerprint_poster(colors_of(RED), title=title)
    assert "".join("".join(text.get_text() for text in ax.texts).split()) == "".join(title.split())
    ax.figure.canvas.draw()
    box = ax.get_window_extent()
    for text in ax.texts:
        extent = text.get_window_extent()
        assert extent.x1 <= box.x0 + 0.94 * box.width
        assert extent.y0 >= ax.transData.transform((0, ax.images[0].get_extent()[3]))[1]
    assert ax.images[0].get_extent()[3] > 0.5


def test_letters_that_a_font_lacks_are_taken_from_another(monkeypatch):
    default = findfont(FontProperties())
    lacking = lettering._letters_of_file(default) - {"q"}
    monkeypatch.setattr(lettering, "_letters_of_file", lambda path: lacking if path == default else {"q"})
    (text,) = plots.plot_fingerprint_poster(colors_of(RED), title="a q b").texts
    assert text.get_text() == "a q b"
    # after those of the settings, and Matplotlib's own, one that has it
    assert len(text.get_fontfamily()) == 3


def test_letters_that_no_font_has_are_boxes_and_one_warning():
    # a private character, which no font but an odd one has
    with pytest.warns(
        UserWarning, match=r"no font of this computer has these letters: \U0010fffd\. .*Symbols 2"
    ) as warned:
        ax = plots.plot_fingerprint_poster(colors_of(RED), title="a \U0010fffd b")
    assert len(warned) == 1
    # pytest turns any warning of matplotlib's into an error
    drawn(ax)
    assert [text.get_text() for text in ax.texts] == ["a \u25a1 b"]


def test_a_poster_without_title_is_all_bars():
    ax = plots.plot_fingerprint_poster(colors_of(RED), title="  ")
    assert len(ax.texts) == 0
    left, right, low, high = ax.images[0].get_extent()
    assert (right - left, high - low) == (pytest.approx(0.86), pytest.approx(0.86))


def test_letters_can_be_read_on_any_paper():
    dark = plots.plot_fingerprint_poster(colors_of(RED), title="Film", background="black")
    light = plots.plot_fingerprint_poster(colors_of(RED), title="Film", background="#ffffff")
    assert sum(mpl.colors.to_rgb(dark.texts[0].get_color())) > 2
    assert sum(mpl.colors.to_rgb(light.texts[0].get_color())) < 1
    assert drawn(dark, 40)[0, 0].tolist() == [0, 0, 0]


def test_the_font_is_one_of_the_machine():
    ax = plots.plot_fingerprint_poster(colors_of(RED), title="Film", font="DejaVu Serif")
    assert ax.texts[0].get_fontname() == "DejaVu Serif"


# strip, wave, ring, plane


def test_a_strip_lies_on_the_films_clock():
    ax = plots.plot_color_strip(colors_of(RED, GREEN, BLUE), times=[10.0, 11.0, 13.0])
    # the last frame lasts as long as the median of the others
    assert ax.get_xlim() == (10.0, 14.5)
    assert ax.get_xlabel() == "minutes and seconds"
    shown = painted(ax)
    middle = [shown[5, round((second - 10) / 4.5 * shown.shape[1])].tolist() for second in (10.5, 11.5, 12.5, 13.5)]
    assert middle == [[*RED], [*GREEN], [*GREEN], [*BLUE]]
    assert plots.plot_color_strip(colors_of(RED, GREEN)).get_xlabel() == "frame"


def test_a_wave_is_half_as_high_for_ten_decibels_less():
    ax = plots.plot_color_wave(colors_of(RED, GREEN, BLUE), [-20.0, -30.0, -70.0])
    shown = painted(ax, 200)
    heights = []
    for place, color in zip((1 / 6, 1 / 2, 5 / 6), (RED, GREEN, BLUE), strict=True):
        column = shown[:, round(place * shown.shape[1])]
        filled = (column == color).all(axis=1)
        heights.append(filled.sum())
        rows = np.flatnonzero(filled)
        # around the middle
        assert abs(rows[0] + rows[-1] - len(shown)) <= 2
    assert heights[0] >= len(shown) - 1
    assert heights[1] == pytest.approx(len(shown) / 2, abs=2)
    # silence is a line
    assert 1 <= heights[2] <= 0.1 * len(shown)


def test_a_wave_takes_the_dominant_of_several_colors():
    ax = plots.plot_color_wave(np.array([[RED, GREEN]], np.uint8), [0.0])
    assert set(map(tuple, painted(ax).reshape(-1, 3).tolist())) == {RED}


def test_a_ring_goes_clockwise_from_the_top():
    ax = plots.plot_color_ring(colors_of(RED, GREEN, BLUE, (90, 90, 90)), title="Ein\nFilm")
    pixels = drawn(ax)
    half = len(pixels) // 2
    near = round(0.25 * len(pixels))
    around = [pixels[half + y * near, half + x * near].tolist() for x, y in ((1, -1), (1, 1), (-1, 1), (-1, -1))]
    assert around == [[*RED], [*GREEN], [*BLUE], [90, 90, 90]]
    assert [text.get_text() for text in ax.texts] == ["Ein", "Film"]


def test_a_rings_colors_go_outwards():
    colors = np.array([[RED, GREEN]], np.uint8)
    pixels = drawn(plots.plot_color_ring(colors, [[0.5, 0.5]]))
    row = pixels[len(pixels) // 2, len(pixels) // 2 :]
    changes = [
        tuple(color) for color in row[np.flatnonzero(np.any(np.diff(row.astype(int), axis=0), axis=1)) + 1].tolist()
    ]
    assert [color for color in changes if color in (RED, GREEN)] == [RED, GREEN]


def test_a_plane_shows_each_color_at_its_place():
    ax = plots.plot_color_plane(colors_of((255, 0, 0), (0, 0, 255), (128, 128, 128)))
    (dots,) = ax.collections
    places = {
        tuple(np.round(255 * face[:3]).astype(int)): tuple(offset)
        for face, offset in zip(dots.get_facecolors(), dots.get_offsets().data, strict=True)
    }
    assert places[255, 0, 0] == pytest.approx((80.09, 67.20), abs=0.01)
    assert places[0, 0, 255] == pytest.approx((79.19, -107.86), abs=0.01)
    assert places[128, 128, 128] == pytest.approx((0, 0), abs=1e-6)
    assert ax.get_xlabel() == "a*: green to red"


def test_dots_are_as_large_as_their_shares():
    colors = np.array([[RED, GREEN, BLUE]], np.uint8)
    (dots,) = plots.plot_color_plane(colors, [[0.6, 0.4, 0.0]], space="oklab").collections
    assert len(dots.get_offsets()) == 2
    assert dots.get_sizes()[0] == pytest.approx(1.5 * dots.get_sizes()[1])


@pytest.mark.parametrize(
    "plot",
    [
        plots.plot_fingerprint_poster,
        plots.plot_color_strip,
        plots.plot_color_ring,
        plots.plot_color_plane,
        lambda colors, *_, **options: plots.plot_color_wave(colors, np.zeros(len(colors)), **options),
    ],
)
def test_one_frame_and_given_axes_are_drawn_on(plot):
    for colors, shares in (noise(1, 1), noise(1, 4), (np.zeros((3, 1, 3), np.uint8), np.ones((3, 1)))):
        _, ax = plt.subplots()
        assert plot(colors, shares, ax=ax) is ax
        drawn(ax, 50)
    assert plot(np.array([RED, BLUE], np.uint8)).figure is not None


# bad input


@pytest.mark.parametrize(
    ("colors", "shares", "message"),
    [
        (np.zeros((0, 1, 3), np.uint8), None, "of at least one frame"),
        (np.zeros((2, 1, 3)), None, "got float64"),
        (np.zeros((2, 4), np.uint8), None, r"shape \(2, 4\)"),
        (np.zeros((2, 2, 3), np.uint8), np.ones((2, 1)), r"shares must be finite numbers from 0.*got shape \(2, 1\)"),
        (np.zeros((1, 2, 3), np.uint8), [[1, -1]], "shares must be finite numbers from 0"),
        (np.zeros((1, 2, 3), np.uint8), [[1, np.nan]], "shares must be finite numbers from 0"),
        (np.zeros((1, 2, 3), np.uint8), [[0, 0]], "above 0 for at least one colour of each frame"),
    ],
)
def test_colors_and_shares_that_do_not_fit_are_refused(colors, shares, message):
    for plot in (plots.plot_fingerprint_poster, plots.plot_color_strip, plots.plot_color_ring, plots.plot_color_plane):
        with pytest.raises(ParameterError, match=message):
            plot(colors, shares)
    assert plt.get_fignums() == []


def test_options_of_the_wrong_kind_are_refused():
    colors = colors_of(RED, GREEN)
    with pytest.raises(ParameterError, match="title must be text; got int"):
        plots.plot_fingerprint_poster(colors, title=7)
    with pytest.raises(ParameterError, match="title must be text; got NoneType"):
        plots.plot_color_ring(colors, title=None)
    with pytest.raises(ParameterError, match="background must be a colour that matplotlib knows; got 'paper'"):
        plots.plot_fingerprint_poster(colors, background="paper")
    with pytest.raises(ParameterError, match="font must be the name of a family; got 7"):
        plots.plot_fingerprint_poster(colors, font=7)
    with pytest.raises(ParameterError, match="font must be a family of this machine; got 'Comic Runes'"):
        plots.plot_fingerprint_poster(colors, font="Comic Runes")
    with pytest.raises(ParameterError, match="shares must be finite numbers from 0.*; got rows of different lengths"):
        plots.plot_color_ring(colors, [[1], [1, 2]])
    with pytest.raises(ParameterError, match="one for each of the 2 frames"):
        plots.plot_color_strip(colors, times=[0])
    with pytest.raises(ParameterError, match="times must be finite seconds, ascending"):
        plots.plot_color_strip(colors, times=[1, 0])
    with pytest.raises(ParameterError, match=r"loudness must be finite decibels.*got shape \(1,\)"):
        plots.plot_color_wave(colors, [0.0])
    with pytest.raises(ParameterError, match="loudness must be finite decibels"):
        plots.plot_color_wave(colors, [0.0, -np.inf])
    with pytest.raises(ParameterError, match="space must be one of 'cielab', 'oklab'; got 'rgb'"):
        plots.plot_color_plane(colors, space="rgb")


def test_planes_of_one_limit_can_be_compared():
    axes = [plots.plot_color_plane(colors_of(color), limit=80) for color in (RED, GREEN)]
    assert [ax.get_xlim() for ax in axes] == [(-80, 80)] * 2
    with pytest.raises(ParameterError, match="limit must be a finite number above 0"):
        plots.plot_color_plane(colors_of(RED), limit=0)


def test_a_fingerprint_that_was_not_unpacked_is_told():
    with pytest.raises(ParameterError, match="got a tuple. colors.fingerprint returns two"):
        plots.plot_color_strip((colors_of(RED), np.ones((1, 1))))


def test_pictures_of_one_instant_leave_the_last_bar_as_wide_as_the_others():
    edges, low, high = plot_colors._time_edges(np.repeat([0, 0.04, 0.08], 5), 15)
    assert (low, round(high, 6)) == (0, 0.12)
    assert edges[-2:] == pytest.approx([2 / 3, 1])
