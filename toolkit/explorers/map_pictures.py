"""Maps side by side, as dots to select frames on and as a picture of the frames; and a strip of those selected."""

import html

import ipywidgets
import numpy as np

from toolkit.explorers.pictures import DPI, WIDTH, StillCanvas, new_figure
from toolkit.plots import clock, plot_map
from toolkit.plots.maps import move_scatter, new_scatter
from toolkit.plots.style import MARK, thumbnail
from toolkit.video import evenly

# of a map in the picture, in inches, by the number of maps
SIDES = {1: 5.0, 2: 4.7, 3: 3.15}
# of a scatter, in pixels: no higher than it is wide, or it would be cut off at its sides
HEIGHTS = {1: 420, 2: 360, 3: 230}
# of a frame on it, as a share of the map
PICTURE = 0.09
# frames of the strip, in a row of it, and how wide they are
STRIP, COLUMNS, THUMBNAIL = 12, 6, 144
CAPTION = 18
TITLE = '<b title="{0}" style="display: block; white-space: nowrap; overflow: hidden; text-overflow: ellipsis">{0}</b>'


class ScatterRow:
    """Maps as dots, side by side in `box`; `watch` is called with the widget of each new scatter."""

    def __init__(self, table, watch):
        self._table, self._watch, self.scatters = table, watch, []
        self.box = ipywidgets.HBox(layout={"overflow": "hidden", "width": "100%"})

    def show(self, maps, selected):
        """Move the points of the scatters to those of maps, (title, points) each, and select frames on them.

        Where maps came or went, and so have another size, new scatters take their place.
        """
        tables = [self._table.assign(x=points[:, 0], y=points[:, 1]) for _, points in maps]
        if len(self.scatters) != len(maps):
            self._replace(tables)
        for box, scatter, table, (title, _) in zip(self.box.children, self.scatters, tables, maps, strict=True):
            if not scatter._data[["x", "y"]].equals(table[["x", "y"]]):
                move_scatter(scatter, table)
            if frames_of(scatter.widget.selection) != selected:
                scatter.selection(selected)
            box.children[0].value = TITLE.format(html.escape(title))

    def _replace(self, tables):
        for scatter in self.scatters:
            scatter.widget.unobserve_all()
            scatter.widget.close()
        height, layout = HEIGHTS[len(tables)], {"width": f"{100 / len(tables):.4g}%", "overflow": "hidden"}
        self.scatters = [new_scatter(table, "x", "y", height=height) for table in tables]
        for scatter in self.scatters:
            # dragging selects; the buttons beside the map change that to moving it
            scatter.mouse("lasso")
            self._watch(scatter.widget)
        self.box.children = [
            ipywidgets.VBox([ipywidgets.HTML(layout={"width": "98%"}), scatter.widget], layout=layout)
            for scatter in self.scatters
        ]


class MapFigure:
    """Maps as a picture of the frames, side by side, of which all but the selection stays until a map changes."""

    def __init__(self, images):
        self._images, self._maps, self.marks = images, [], []

    def draw(self, maps, selected):
        """Return the figure of maps, (title, points) each, with marks on the selected frames."""
        if not _same_maps(maps, self._maps):
            self._begin(maps)
        for marks, (_, points) in zip(self.marks, maps, strict=True):
            marks.set_data(*points[selected].T)
        return self.marks[0].figure

    def _begin(self, maps):
        side = SIDES[len(maps)]
        left, height = (WIDTH - len(maps) * side) / (len(maps) + 1), side + 0.35
        figure = new_figure(WIDTH, height, StillCanvas)
        self._maps, self.marks = maps, []
        for place, (title, points) in enumerate(maps):
            box = (left + place * (side + left)) / WIDTH, 0.05 / height, side / WIDTH, side / height
            ax = figure.add_axes(box)
            plot_map(points, images=self._images, size=PICTURE, title=title, ax=ax)
            ax.title.set_fontsize(11 if len(maps) < 3 else 9)
            self.marks += ax.plot([], [], "o", ms=5.5, mfc=MARK, mec="white", mew=0.7, zorder=5, animated=True)


def draw_strip(images, times, selected):
    """Return a figure of frames of the selection, evenly chosen, with times or numbers, and how many these are."""
    places = [selected[i] for i in evenly(len(selected), STRIP)]
    high = max(1, round(THUMBNAIL * images.shape[1] / images.shape[2]))
    row = high + CAPTION + 4
    figure = new_figure(WIDTH, -(-len(places) // COLUMNS) * row / DPI)
    wide, tall = figure.dpi * WIDTH, figure.bbox.height
    sheet = np.full((round(tall), round(wide), 3), 255, np.uint8)
    for place, index in enumerate(places):
        top, left = place // COLUMNS * row, place % COLUMNS * (THUMBNAIL + 3)
        sheet[top : top + high, left : left + THUMBNAIL] = thumbnail(images[index], (THUMBNAIL, high))
        text = f"frame {index}" if times is None else f"{index}: {clock(times[index])}"
        x, y = (left + THUMBNAIL / 2) / wide, 1 - (top + high + CAPTION / 2) / tall
        figure.text(x, y, text, ha="center", va="center", fontsize=9.5)
    figure.figimage(sheet)
    return figure, len(places)


def frames_of(selection):
    """Return a scatter's selection as a sorted list."""
    return [] if selection is None else np.unique(selection).astype(int).tolist()


def _same_maps(maps, others):
    pairs = zip(maps, others, strict=False)
    return len(maps) == len(others) and all(a == b and np.array_equal(p, q) for (a, p), (b, q) in pairs)
