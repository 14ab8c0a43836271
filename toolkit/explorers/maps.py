"""Maps that can be chosen and compared: projections of a film's frames, side by side, with one selection."""

import functools
import html
import re

import ipywidgets
import numpy as np
import pandas as pd

from toolkit import distances, projections
from toolkit.checks import check_choice, check_count, check_images, check_number, check_times
from toolkit.errors import ParameterError
from toolkit.explorers.explorer import SlowExplorer
from toolkit.explorers.pictures import DPI, Picture, new_figure
from toolkit.plots import clock, plot_map
from toolkit.plots.maps import move_scatter, new_scatter, scatter_table
from toolkit.plots.style import INK, MARK, thumbnail
from toolkit.records import Frames
from toolkit.video import evenly

METRICS = ("gray", "hsl")
NAMES = {"tsne": "t-SNE", "umap": "UMAP", "mds": "MDS", "pca": "PCA", "multicore_tsne": "Multicore t-SNE"}
METHODS = tuple(NAMES)
# those that need no neighbourhoods, and know no chance
PLAIN = ("mds", "pca")
# what a method counts neighbours by
COUNTED = {"tsne": "perplexity", "multicore_tsne": "perplexity", "umap": "n_neighbors"}
FEWEST = 5
# maps side by side, the one that the controls change among them
MOST_MAPS = 3
# of a map in the picture, in inches, for so many maps
SIDES = {1: 5.0, 2: 4.7, 3: 3.15}
# of a scatter, in pixels: no higher than it is wide, or it would be cut off at its sides
HEIGHTS = {1: 420, 2: 360, 3: 230}
# of a frame on it, as a share of the map
PICTURE = 0.09
# frames of the strip, in a row of it, and how wide they are
STRIP, COLUMNS, THUMBNAIL = 12, 6, 144
CAPTION = 18
WIDTH = 10.5
TITLE = '<b title="{0}" style="display: block; white-space: nowrap; overflow: hidden; text-overflow: ellipsis">{0}</b>'


class MapExplorer(SlowExplorer):
    """Maps of a film's frames, side by side; see `explorers.explore_maps`.

    `result` are the points of the map that the controls say, `selected` the frames that are selected on all maps,
    `scatters` the jscatter.Scatter of each map, that of the controls first.
    """

    def __init__(
        self, frames, vectors=None, *, method=None, perplexity=None, n_neighbors=None, seed=0, of=None, times=None,
        compare=(), selected=(),
    ):  # fmt: skip
        self._images, self._times = _check_frames(frames, times)
        n = len(self._images)
        self._vectors = _check_vectors(vectors, n)
        self._named = isinstance(vectors, dict)
        self._matrices, self.scatters, self._linking = {}, [], False
        methods = METHODS if n >= FEWEST else PLAIN
        chosen = self._check_map(methods, method, perplexity, n_neighbors, seed, of)
        self._kept = [self._computed(kept, methods) for kept in _check_compare(compare)]
        self._selected = _check_selected(selected, n)
        self._table = scatter_table(n, images=self._images if n else None, times=self._times)
        controls = _controls(methods, [*self._vectors, *METRICS], n, chosen)
        self._field = ipywidgets.Text(
            value=_told_ranges(self._selected), description="selected frames", placeholder="none; such as 40-80, 120",
            continuous_update=False, tooltip="those caught on a map; or write numbers of frames, counted from 0",
            layout={"width": "420px"},
        )  # fmt: skip
        self._field.style.description_width = "initial"
        self._field.observe(self._on_text, "value")
        self.keep, self.remove = (
            ipywidgets.Button(description=text, icon=icon, tooltip=tip, layout={"width": "auto"})
            for text, icon, tip in (
                ("Keep this map beside", "plus", "compare the next one with it"),
                ("Remove the last kept", "minus", "of the maps that were kept beside"),
            )
        )
        self.keep.on_click(lambda _: self.keep_map())
        self.remove.on_click(lambda _: self.remove_map())
        self._row = ipywidgets.HBox(layout={"overflow": "hidden", "width": "100%"})
        self._shown, self._blank = None, None
        buttons = ipywidgets.Box([self.keep, self.remove, self._field], layout={"flex_flow": "row wrap"})
        super().__init__(controls, (Picture(), Picture()), more=[buttons, self._row])
        if self.result is None:
            raise ParameterError(self.problem)
        controls["method"].observe(lambda _: _enable(self.controls), "value")

    # the maps

    def task(self, *, method, perplexity, n_neighbors, seed, of, **_):
        """Return the projection that parameters say, to be run anywhere."""
        options = {"metric": "precomputed"} if of in METRICS else {}
        if method in COUNTED:
            name = COUNTED[method]
            options[name] = perplexity if name == "perplexity" else n_neighbors
        return (functools.partial(projections.project, self._data(of), method, seed=seed, **options),)

    def call(self, *, method, perplexity, n_neighbors, seed, of, **_):
        """Return the line that gives the map."""
        data = f"vectors[{of!r}]" if self._named else "vectors"
        options = ""
        if of in METRICS:
            data, options = f'distances.pairwise(frames, "{of}")', 'metric="precomputed", '
        if method in COUNTED:
            name = COUNTED[method]
            value = perplexity if name == "perplexity" else n_neighbors
            options += f"{name}={int(value) if value == int(value) else value}, "
        return f'projections.project({data}, "{method}", {options}seed={seed})'

    def wanted(self):
        """Return the values of the controls by name, and what was kept and selected."""
        return {**super().wanted(), **self._state()}

    def take(self, parameters, result):
        """Show a map; what was kept and selected while it was computed stays."""
        super().take({**parameters, **self._state()}, result)

    def keep_map(self):
        """Keep the map that is shown beside those to come; at most two are kept."""
        with self._lock:
            map_parameters = {name: self.parameters[name] for name in self.controls}
            if len(self._kept) < MOST_MAPS - 1 and map_parameters not in [kept for kept, _ in self._kept]:
                self._kept.append((map_parameters, self.result))
                self._update()

    def remove_map(self):
        """Remove the map that was kept last."""
        with self._lock:
            if self._kept:
                self._kept.pop()
                self._update()

    # the selection

    @property
    def selected(self):
        """The frames that are selected on all maps, a list of int; set it to select others."""
        return list(self._selected)

    @selected.setter
    def selected(self, frames):
        frames = _check_selected(frames, len(self._images))
        with self._lock:
            if frames != self._selected:
                self._selected = frames
                self._update()

    @property
    def selection(self):
        """The selected frames as a DataFrame: frame, time (seconds, NaN where there are none), x and y on the map."""
        index = np.array(self._selected, dtype=np.int64)
        times = np.full(len(index), np.nan) if self._times is None else self._times[index]
        x, y = self.result[index].T
        return pd.DataFrame({"frame": index, "time": times, "x": x, "y": y})

    # what is seen

    def draw(self):
        """Draw the maps, as scatters and as a picture, and frames of the selection."""
        maps = [({name: self.parameters[name] for name in self.controls}, self.result), *self._kept]
        self.keep.disabled, self.remove.disabled = len(maps) == MOST_MAPS, len(maps) == 1
        if not len(self._images):
            for picture in self.pictures:
                picture.show(_message("There are no frames to put on a map."), "no frames")
            return "there are no frames"
        self._show_scatters(maps)
        self._draw_maps(maps)
        self._draw_strip()
        count = len(self._selected)
        drag = "draw around frames on a map to select them"
        return f"{len(self._images)} frames; {count} selected" if count else f"{len(self._images)} frames; {drag}"

    def _show_scatters(self, maps):
        """Move the points of the scatters; where maps came or went, and so have another size, make new ones."""
        self._linking = True
        tables = [self._table.assign(x=points[:, 0], y=points[:, 1]) for _, points in maps]
        if len(self.scatters) != len(maps):
            self._new_scatters(tables)
        for scatter, table in zip(self.scatters, tables, strict=True):
            if not scatter._data[["x", "y"]].equals(table[["x", "y"]]):
                move_scatter(scatter, table)
            if _frames_of(scatter.widget.selection) != self._selected:
                scatter.selection(self._selected)
        self._linking = False
        for box, (parameters, _) in zip(self._row.children, maps, strict=True):
            box.children[0].value = TITLE.format(html.escape(_titled(**parameters)))

    def _new_scatters(self, tables):
        for scatter in self.scatters:
            scatter.widget.unobserve_all()
            scatter.widget.close()
        height, layout = HEIGHTS[len(tables)], {"width": f"{100 / len(tables):.4g}%", "overflow": "hidden"}
        self.scatters = [new_scatter(table, "x", "y", height=height) for table in tables]
        for scatter in self.scatters:
            # dragging selects; the buttons beside the map change that to moving it
            scatter.mouse("lasso")
            scatter.widget.observe(functools.partial(self._on_scatter, scatter.widget), ["selection", "hovering"])
        self._row.children = [
            ipywidgets.VBox([ipywidgets.HTML(layout={"width": "98%"}), scatter.widget], layout=layout)
            for scatter in self.scatters
        ]

    def _draw_maps(self, maps):
        """Draw the maps with pictures on them, of which all but the selection is kept until they change."""
        shown = [(_titled(**parameters), points) for parameters, points in maps]
        if self._shown is None or not _same_maps(shown, self._shown):
            side = SIDES[len(maps)]
            left = (WIDTH - len(maps) * side) / (len(maps) + 1)
            figure = new_figure(WIDTH, side + 0.35)
            self._marks = []
            for place, (title, points) in enumerate(shown):
                box = (left + place * (side + left)) / WIDTH, 0.05 / (side + 0.35), side / WIDTH, side / (side + 0.35)
                ax = figure.add_axes(box)
                plot_map(points, images=self._images, size=PICTURE, title=title, ax=ax)
                ax.title.set_fontsize(11 if len(maps) < 3 else 9)
                marks = ax.plot([], [], "o", ms=5.5, mfc=MARK, mec="white", mew=0.7, zorder=5, animated=True)[0]
                self._marks.append(marks)
            figure.canvas.draw()
            self._blank, self._shown = figure.canvas.copy_from_bbox(figure.bbox), shown
        canvas = self._marks[0].figure.canvas
        canvas.restore_region(self._blank)
        for marks, (_, points) in zip(self._marks, shown, strict=True):
            marks.set_data(*points[self._selected].T)
            marks.axes.draw_artist(marks)
        alt = " and ".join(title for title, _ in shown)
        self.pictures[0].show(np.asarray(canvas.buffer_rgba())[..., :3], f"map of the frames: {alt}")

    def _draw_strip(self):
        """Draw frames of the selection, evenly chosen, with their times."""
        count = len(self._selected)
        if not count:
            self.pictures[1].show(_message("No frames are selected."), "no frames are selected")
            return
        chosen = [self._selected[i] for i in evenly(count, STRIP)]
        height = max(1, round(THUMBNAIL * self._images.shape[1] / self._images.shape[2]))
        rows = -(-len(chosen) // COLUMNS)
        figure = new_figure(WIDTH, rows * (height + CAPTION + 4) / DPI)
        pixels = figure.dpi * WIDTH, figure.bbox.height
        sheet = np.full((round(pixels[1]), round(pixels[0]), 3), 255, np.uint8)
        for place, index in enumerate(chosen):
            top, left = place // COLUMNS * (height + CAPTION + 4), place % COLUMNS * (THUMBNAIL + 3)
            sheet[top : top + height, left : left + THUMBNAIL] = thumbnail(self._images[index], (THUMBNAIL, height))
            text = f"frame {index}" if self._times is None else f"{index}: {clock(self._times[index])}"
            x, y = (left + THUMBNAIL / 2) / pixels[0], 1 - (top + height + CAPTION / 2) / pixels[1]
            figure.text(x, y, text, ha="center", va="center", fontsize=9.5)
        figure.figimage(sheet)
        figure.canvas.draw()
        told = f"{len(chosen)} of the {count} frames that are selected"
        self.pictures[1].show(np.asarray(figure.canvas.buffer_rgba())[..., :3], told)

    # helpers

    def _state(self):
        return {"compare": tuple(dict(kept) for kept, _ in self._kept), "selected": list(self._selected)}

    def _update(self):
        """Show what was kept and selected, with the map that is shown; what is being computed goes on."""
        self.redraw()
        self._field.unobserve(self._on_text, "value")
        self._field.value = _told_ranges(self._selected)
        self._field.observe(self._on_text, "value")

    def _data(self, of):
        """Return what distances are of: vectors, or distances between pixels, which are computed when first needed."""
        if of in self._vectors:
            return self._vectors[of]
        if of not in self._matrices:
            self._matrices[of] = distances.pairwise(self._images, of)
        return self._matrices[of]

    def _begin(self, turn):
        # before anything is locked, that the change can be stopped
        self._data(self.controls["of"].value)
        super()._begin(turn)

    def _check_map(self, methods, method=None, perplexity=None, n_neighbors=None, seed=0, of=None):
        """Return the parameters of a map, all of them, as the controls take them."""
        n, names = len(self._images), [*self._vectors, *METRICS]
        most = max(1.0, (n - 1) / 3)
        perplexity = float(min(30, int(most))) if perplexity is None else perplexity
        if check_number("perplexity", perplexity, at_least=1) > most:
            raise ParameterError(
                f"perplexity must be at most a third of the other frames, {most:.4g}; got {perplexity}"
            )
        n_neighbors = max(2, min(max(n // 12, 5), 50, n - 1)) if n_neighbors is None else n_neighbors
        if check_count("n_neighbors", n_neighbors, at_least=2) > max(2, n - 1):
            raise ParameterError(f"n_neighbors must be at most the {n - 1} other frames; got {n_neighbors}")
        if check_count("seed", seed) >= 2**31:
            raise ParameterError(f"seed must be below 2**31; got {seed}")
        return {
            "method": check_choice("method", methods[0] if method is None else method, methods),
            "of": check_choice("of", names[0] if of is None else of, tuple(names)),
            "perplexity": float(perplexity),
            "n_neighbors": int(n_neighbors),
            "seed": int(seed),
        }

    def _computed(self, kept, methods):
        """Return the parameters of a map to compare with, all of them, and its points."""
        parameters = self._check_map(methods, **kept)
        return parameters, self.compute(**parameters)

    def _on_scatter(self, widget, change):
        """Tell the other scatters what one selected or points at."""
        if self._linking:
            return
        if change["name"] == "selection":
            self.selected = _frames_of(change["new"])
            return
        self._linking = True
        for scatter in self.scatters:
            if scatter.widget is not widget:
                scatter.widget.hovering = -1 if change["new"] is None else change["new"]
        self._linking = False

    def _on_text(self, change):
        try:
            self.selected = _read_ranges(change["new"])
        except ParameterError as error:
            self.tell_problem(error)


def explore_maps(
    frames, vectors=None, *, method=None, perplexity=None, n_neighbors=None, seed=0, of=None, times=None,
    compare=(), selected=(),
):  # fmt: skip
    """Return an explorer of the maps of a film: choose how frames are laid out, keep maps side by side, select frames.

    A map is computed by another process and can be stopped; the first, and those of `compare`, are there at once.
    Frames are selected by drawing around them on any of the maps, or by their numbers in a field; all maps show the
    selection, and a strip up to 12 of its frames. The maps are shown twice: as dots that can be moved about in, and
    as a picture of the frames themselves, which also a page without Jupyter shows.

    Parameters
    ----------
    frames : Frames, or ndarray of uint8, (n, height, width, 3) in RGB or (n, height, width) in gray
    vectors : ndarray of numbers, (n, d), or dict of str to such; optional
        What the frames are described by, from `embeddings.embed`; a dict holds several by name.
    method : {"tsne", "umap", "mds", "pca", "multicore_tsne"}, optional
        See `projections`. By default "tsne"; of fewer than 5 frames there are "mds" and "pca" alone.
    perplexity : float, optional
        How many neighbours count, about, for "tsne" and "multicore_tsne": 30, or a third of the other frames if that
        is less. To the other methods it says nothing, and is kept for when the method changes.
    n_neighbors : int, optional
        The same for "umap": a twelfth of the frames, but at least 5 and at most 50.
    seed : int
        Of chance; "mds" and "pca" know none.
    of : str, optional
        What the distances between frames are of: "gray" or "hsl", see `distances`; or the vectors, called "embedding"
        or by their name in the dict. By default the first vectors, without any "gray".
    times : ndarray, (n,), optional
        Seconds; those of the Frames if not given.
    compare : sequence of dict
        Up to two maps to show beside, each by its method, perplexity, n_neighbors, seed and of, as far as they are not
        the defaults.
    selected : sequence of int
        Frames that are selected, counted from 0.

    Returns
    -------
    MapExplorer
        `result` are the points, float64 (n, 2); `selection` is the DataFrame of the frames selected.

    Raises
    ------
    ParameterError
        If an argument is of the wrong kind, arguments do not fit each other, or the first map cannot be computed.
    """
    return MapExplorer(
        frames, vectors, method=method, perplexity=perplexity, n_neighbors=n_neighbors, seed=seed, of=of, times=times,
        compare=compare, selected=selected,
    )  # fmt: skip


def _controls(methods, names, n, chosen):
    """Return the controls of a map by the name of their parameter."""
    slider = {"continuous_update": False, "layout": {"width": "370px"}}
    controls = {
        "method": ipywidgets.Dropdown(
            options=[(NAMES[method], method) for method in methods], value=chosen["method"], description="method",
            tooltip="t-SNE and UMAP keep neighbours together, MDS and PCA keep large distances",
            layout={"width": "220px"},
        ),
        "of": ipywidgets.Dropdown(
            options=names, value=chosen["of"], description="distances of", layout={"width": "220px"},
            tooltip="gray: brightness of pixels; hsl: their colour; others: vectors",
        ),
        "seed": ipywidgets.BoundedIntText(
            value=chosen["seed"], min=0, max=2**31 - 1, description="seed", layout={"width": "140px"},
            tooltip="of chance, in t-SNE and UMAP: another seed, another map",
        ),
        "perplexity": ipywidgets.FloatSlider(
            value=chosen["perplexity"], min=1, max=max(1.0, (n - 1) // 3, chosen["perplexity"]), step=1,
            readout_format=".1f", description="perplexity (neighbours)",
            tooltip="of t-SNE: about how many neighbours count", **slider,
        ),
        "n_neighbors": ipywidgets.IntSlider(
            value=chosen["n_neighbors"], min=2, max=max(2, n - 1), description="neighbours that count",
            tooltip="of UMAP: how many neighbours count", **slider,
        ),
    }  # fmt: skip
    _enable(controls)
    return controls


def _enable(controls):
    """Enable what the method heeds."""
    method = controls["method"].value
    for name in ("perplexity", "n_neighbors"):
        controls[name].disabled = COUNTED.get(method) != name
    controls["seed"].disabled = method in PLAIN


def _check_frames(frames, times):
    """Return the frames' images, and their seconds or None."""
    if isinstance(frames, Frames):
        images, times = frames.images, frames.times if times is None else times
    else:
        images = check_images(frames, "frames")
    return images, None if times is None or not len(images) else check_times(times, len(images))


def _check_vectors(vectors, n):
    """Return the vectors by name."""
    vectors = {} if vectors is None else vectors if isinstance(vectors, dict) else {"embedding": vectors}
    checked = {}
    for name, given in vectors.items():
        if not isinstance(name, str) or name in METRICS:
            raise ParameterError(f"vectors must have names that are text, and not 'gray' or 'hsl'; got {name!r}")
        array = np.asarray(given)
        if array.ndim != 2 or len(array) != n or array.dtype.kind not in "buif":
            raise ParameterError(
                f"vectors must be numbers, (n, d), one for each of the {n} frames, or a dict of such; got "
                f"{type(given).__name__} of shape {array.shape} and dtype {array.dtype}"
            )
        checked[name] = array
    return checked


def _check_compare(compare):
    known = ("method", "perplexity", "n_neighbors", "seed", "of")
    compare = list(compare) if isinstance(compare, (list, tuple)) else [compare]
    if len(compare) >= MOST_MAPS or not all(isinstance(kept, dict) and set(kept) <= set(known) for kept in compare):
        raise ParameterError(
            f"compare must be up to {MOST_MAPS - 1} dicts of {', '.join(known)}, such as [{{'method': 'mds'}}]; got "
            f"{compare!r:.120}"
        )
    return compare


def _check_selected(selected, n):
    """Return frames as a sorted list of int, each once."""
    array = np.asarray(selected)
    if array.ndim != 1 or (len(array) and (array.dtype.kind not in "iu" or array.min() < 0 or array.max() >= n)):
        raise ParameterError(f"selected must be numbers of the {n} frames, counted from 0; got {selected!r:.80}")
    return np.unique(array).astype(int).tolist()


def _told_ranges(selected):
    """Return frames as text: 3-5, 9."""
    index = np.array(selected, dtype=np.int64)
    runs = np.split(index, np.flatnonzero(np.diff(index) > 1) + 1) if len(index) else []
    return ", ".join(f"{run[0]}-{run[-1]}" if len(run) > 1 else f"{run[0]}" for run in runs)


def _read_ranges(text):
    """Return the frames that a text such as 3-5, 9 says."""
    frames = []
    for part in filter(None, re.split(r"[,;\s]+", re.sub(r"\s*-\s*", "-", text.strip()))):
        found = re.fullmatch(r"(\d{1,9})(?:-(\d{1,9}))?", part)
        if found is None:
            raise ParameterError(f"selected frames must be numbers and ranges, such as 40-80, 120; got {part!r}")
        first, last = sorted((int(found[1]), int(found[2] or found[1])))
        if last - first > 10_000_000:
            raise ParameterError(f"selected frames must be those there are; got {part}")
        frames.extend(range(first, last + 1))
    return frames


def _frames_of(selection):
    """Return a scatter's selection as a sorted list."""
    return [] if selection is None else np.unique(selection).astype(int).tolist()


def _same_maps(maps, others):
    same = zip(maps, others, strict=False)
    return len(maps) == len(others) and all(a == b and np.array_equal(p, q) for (a, p), (b, q) in same)


def _titled(method, of, perplexity, n_neighbors, seed):
    """Return what a map is called."""
    title = f"{NAMES[method]} of {of}"
    if method in COUNTED:
        title += f", perplexity {perplexity:.4g}" if COUNTED[method] == "perplexity" else f", {n_neighbors} neighbours"
        title += f", seed {seed}"
    return title


def _message(text):
    figure = new_figure(WIDTH, 0.7)
    figure.text(0.5, 0.5, text, ha="center", va="center", color=INK, fontsize=12)
    return figure
