"""Pictures of a film's scenes that are drawn anew often: its bar, its curves, and frames of its shots."""

from dataclasses import replace

import numpy as np
from matplotlib.colors import to_rgb
from PIL import Image, ImageDraw

from toolkit import metrics, scenes
from toolkit.explorers.pictures import WIDTH, StillCanvas, images_of, move, new_figure
from toolkit.plots import clock
from toolkit.plots.scenes import begin_bars, draw_cuts, draw_precision_recall, draw_ranking, draw_scenes
from toolkit.plots.style import MARK, POINTS, cluster_colors, image_font, thumbnail
from toolkit.records import Frames

# pixels of a frame, and of what is beside and under it
TILE, GAP, CAPTION, RIM = 82, 6, 16, 5
COLUMNS, ROWS = 10, 6
# a click this near to a boundary, as a share of the picture's width, means it
MOST_CLICK_DISTANCE = 0.007


class FilmBar:
    """The film as a bar, each scene in its colour, with the truth below it where that is known.

    Parameters
    ----------
    spans : ndarray of float64, (n_shots, 2)
        Seconds of the shots.
    true : ndarray of bool, (n_shots - 1,), optional
    """

    def __init__(self, spans, true=None):
        self._spans = spans
        names = ["scenes"] + ["the truth"] * (true is not None)
        height = 0.62 + 0.42 * len(names)
        self.figure = new_figure(WIDTH, height, StillCanvas)
        self.ax = self.figure.add_axes((0.075, 0.46 / height, 0.84, 0.42 * len(names) / height))
        begin_bars(self.ax, names, spans)
        if true is not None:
            draw_scenes(self.ax, 1, scenes.scene_table(true, spans)[["start", "end"]].to_numpy())
            draw_cuts(self.ax, spans[1:, 0], 1, 1)

    def draw(self, table, place):
        """Return the figure of a table of scenes; the cut before the shot `place` is marked, if it is above 0."""
        self.figure.canvas.clear()
        for artist in draw_scenes(self.ax, 0, table[["start", "end"]].to_numpy()):
            move(artist)
        move(draw_cuts(self.ax, self._spans[1:, 0], 0, 0))
        if place:
            instant = self._spans[place, 0]
            move(self.ax.plot([instant], [-0.5], "v", color=MARK, markersize=7, clip_on=False)[0])
            move(self.ax.vlines([instant], -0.5, 0.45, color=MARK, linewidth=1.2))
        return self.figure

    def cut_at(self, across, firsts):
        """Return the cut that a click means, `across` of the picture from the left: one of a scene's if it is near."""
        box, (low, high) = self.ax.get_position(), self.ax.get_xlim()
        seconds = low + (high - low) * (across - box.x0) / box.width
        starts, firsts = self._spans[:, 0], np.array(firsts, dtype=np.int64)
        near = firsts[np.abs(starts[firsts] - seconds) <= MOST_CLICK_DISTANCE / box.width * (high - low)]
        cuts = near if len(near) else np.arange(1, len(starts))
        return int(cuts[np.abs(starts[cuts] - seconds).argmin()])


class Curves:
    """Precision over recall, where the truth is known, and the predictions from the highest down, where there are any.

    `precision_recall` and `ranking` are their Axes; None for what there is not, as of a movie of one shot.
    """

    def __init__(self, movie, true=None):
        count = movie.n_shots - 1
        has_truth, has_predictions = true is not None and count > 0, movie.predictions is not None and count > 0
        self.figure, self.precision_recall, self.ranking = new_figure(WIDTH, 2.5, StillCanvas), None, None
        if has_truth:
            self.precision_recall = self.figure.add_axes((0.065, 0.19, 0.36, 0.76))
            judged = [replace(movie, boundaries=true)]
            curve = metrics.precision_recall_curve(judged) if has_predictions else None
            draw_precision_recall(self.precision_recall, curve)
        if has_predictions:
            box = (0.56, 0.19, 0.36, 0.76) if has_truth else (0.065, 0.19, 0.84, 0.76)
            self.ranking = self.figure.add_axes(box)
            draw_ranking(self.ranking, movie.predictions)
        self._count = count

    @property
    def has_axes(self):
        """Whether there is any of them."""
        return self.precision_recall is not None or self.ranking is not None

    def draw(self, scores, n_boundaries, threshold=None):
        """Return the figure with the scores marked, and the threshold if it gives the boundaries; and that in words."""
        self.figure.canvas.clear()
        lines = []
        if self.precision_recall:
            ax, recall, precision = self.precision_recall, scores["Recall"], scores["Precision"]
            move(ax.plot([recall], [precision], "o", color=MARK, markersize=7, clip_on=False)[0])
            lines.append(f"precision {precision:.2f}, recall {recall:.2f}")
            move(ax.text(0.02, 0.03, lines[0], transform=ax.transAxes, color=MARK, size=POINTS + 1.5))
        if self.ranking and threshold is not None:
            ax = self.ranking
            move(ax.axhline(threshold, color=MARK, linewidth=1, linestyle=(0, (5, 3))))
            move(ax.plot([n_boundaries], [threshold], "o", color=MARK, markersize=7, clip_on=False)[0])
            lines.append(f"{threshold:.3g} or more: {n_boundaries} of {self._count} cuts")
            move(ax.text(0.98, 0.9, lines[-1], transform=ax.transAxes, color=MARK, size=POINTS + 1.5, ha="right"))
        return self.figure, "; ".join(lines) or "the predictions from the highest down"


def shot_tiles(frames, spans):
    """Return a small picture of each shot, uint8 (n_shots, height, TILE, 3): gray where there is no frame of it."""
    images = images_of(frames, len(spans), "shots")
    if not len(images):
        return np.full((len(spans), TILE // 2, TILE, 3), 221, np.uint8)
    place, inside = np.arange(len(spans)), np.ones(len(spans), bool)
    if isinstance(frames, Frames):
        times = frames.times
        place = np.searchsorted((times[1:] + times[:-1]) / 2, spans.mean(axis=1))
        inside = (times[place] >= spans[:, 0] - 0.02) & (times[place] < spans[:, 1] + 0.02)
    aspect = images.shape[2] / images.shape[1]
    height, width = (round(TILE / aspect), TILE) if aspect > 1 else (TILE, max(1, round(TILE * aspect)))
    tiles = np.full((len(spans), max(height, 1), TILE, 3), 255, np.uint8)
    left = (TILE - width) // 2
    for tile, index, is_inside in zip(tiles, place, inside, strict=True):
        tile[:, left : left + width] = 221
        if is_inside:
            tile[:, left : left + width] = thumbnail(images[index], (width, max(height, 1)))
    return tiles


def shots_around(tiles, place, firsts):
    """Return the shots around a cut in a row, parted by a line, and their numbers.

    The cut is that before the shot `place`, none for 0; `firsts` are the shots with which scenes begin, but for the
    first. At the ends of the film the cut is not in the middle, so that the row is full.
    """
    begin = max(0, min(place - COLUMNS // 2, len(tiles) - COLUMNS))
    shots = np.arange(begin, min(len(tiles), begin + COLUMNS))
    scene = np.searchsorted(firsts, shots, side="right")
    sheet = _sheet(tiles[shots], shots - begin, scene, [f"shot {shot}" for shot in shots])
    if place:
        left = (place - begin) * (TILE + GAP) - GAP
        line = to_rgb(MARK if place in firsts else "#dddddd")
        sheet[:, left + 1 : left + GAP - 1] = np.round(255 * np.array(line)).astype(np.uint8)
    return sheet, shots


def first_shots(tiles, table):
    """Return a frame of the first shot of each scene of a table, as far as there is room, and how many these are."""
    rows = table[: COLUMNS * ROWS]
    left_out = len(table) - len(rows)
    names = [f"{scene}   {clock(start)[:-3]}" for scene, start in enumerate(rows["start"])]
    places = np.arange(len(rows))
    note = f"the first shots of the scenes; {left_out} more are not shown" if left_out else ""
    return _sheet(tiles[rows["first_shot"]], places, places, names, note), len(rows)


def _sheet(tiles, places, scene, names, note=""):
    """Return tiles in rows of COLUMNS, each at its place, under the colour of its scene, with its name below it."""
    tall = RIM + tiles.shape[1] + CAPTION
    rows = 1 + int(np.max(places)) // COLUMNS
    sheet = np.full((rows * tall + CAPTION * bool(note), COLUMNS * (TILE + GAP), 3), 255, np.uint8)
    colors = np.round(255 * cluster_colors(scene)).astype(np.uint8)
    corners = [(int(place) % COLUMNS * (TILE + GAP), int(place) // COLUMNS * tall) for place in places]
    for (left, top), tile, color in zip(corners, tiles, colors, strict=True):
        sheet[top : top + RIM, left : left + TILE] = color
        sheet[top + RIM : top + RIM + len(tile), left : left + TILE] = tile
    image = Image.fromarray(sheet)
    pen, font = ImageDraw.Draw(image), image_font(10)
    for (left, top), name in zip(corners, names, strict=True):
        pen.text((left, top + tall - CAPTION + 1), name, fill=(40, 40, 40), font=font)
    if note:
        pen.text((0, rows * tall + 1), note, fill=(40, 40, 40), font=font)
    return np.array(image)
