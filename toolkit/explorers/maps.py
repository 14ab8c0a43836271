"""Maps that can be chosen and compared: projections of a film's frames, side by side, with one selection."""

import functools
import re

import ipywidgets
import numpy as np
import pandas as pd

from toolkit import distances, projections
from toolkit.checks import check_array, check_choice, check_count, check_number
from toolkit.errors import ParameterError
from toolkit.explorers.explorer import SlowExplorer
from toolkit.explorers.map_pictures import MapFigure, ScatterRow, draw_strip, frames_of
from toolkit.explorers.pictures import Picture, button, check_frames, message
from toolkit.plots.maps import scatter_table

METRICS = ("gray", "hsl")
NAMES = {"tsne": "t-SNE", "umap": "UMAP", "mds": "MDS", "pca": "PCA", "multicore_tsne": "Multicore t-SNE"}
METHODS = tuple(NAMES)
# those that need no neighbourhoods, and have no chance
GLOBAL_METHODS = ("mds", "pca")
# what a method counts neighbours by
COUNTS = {"tsne": "perplexity", "multicore_tsne": "perplexity", "umap": "n_neighbors"}
LEAST_FRAMES = 5
# maps side by side, the one that the controls change among them
MOST_MAPS = 3


class MapExplorer(SlowExplorer):
    """An explorer of the maps of a film: choose how frames are laid out, keep maps side by side, select frames.

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
        Of chance; "mds" and "pca" have none.
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

    Attributes
    ----------
    result : ndarray of float64, (n, 2)
        The points of the map that the controls say.
    selected : list of int
        The frames that are selected on all maps; set it to select others.
    selection : DataFrame
        The frames selected: frame, time, x and y.
    scatters : list of jscatter.Scatter
        That of each map, that of the controls first.

    Raises
    ------
    ParameterError
        If an argument is of the wrong kind, arguments do not fit each other, or the first map cannot be computed.
    """

    texts = {
        "method": ("method", "t-SNE and UMAP keep neighbours together, MDS and PCA keep large distances"),
        "of": ("distances of", "gray: brightness of pixels; hsl: their colour; others: vectors"),
        "seed": ("seed", "of chance, in t-SNE and UMAP: another seed, another map"),
        "perplexity": ("perplexity (neighbours)", "of t-SNE: about how many neighbours count"),
        "n_neighbors": ("neighbours that count", "of UMAP: how many neighbours count"),
        "selected": ("selected frames", "those caught on a map; or write numbers of frames, counted from 0"),
    }

    def __init__(
        self,
        frames,
        vectors=None,
        *,
        method=None,
        perplexity=None,
        n_neighbors=None,
        seed=0,
        of=None,
        times=None,
        compare=(),
        selected=(),
    ):
        self._images, self._times = check_frames(frames, times)
        n = len(self._images)
        self._vectors, self._by_name, self._matrices = _check_vectors(vectors, n), isinstance(vectors, dict), {}
        names = [*self._vectors, *METRICS]
        options = _check_map(n, names, method, perplexity, n_neighbors, seed, of)
        others = [_check_map(n, names, **other) for other in _check_compare(compare)]
        self._compared = [(other, self.compute(**other)) for other in others]
        self._selected = _check_selected(selected, n)
        text, layout = _write_ranges(self._selected), {"width": "420px"}
        field = ipywidgets.Text(text, placeholder="none; such as 40-80, 120", continuous_update=False, layout=layout)
        self._field = self.label("selected", field)
        self.hear(self._field, self._on_text)
        self.keep = button("Keep this map beside", "plus", "compare the next one with it", self.keep_map)
        self.remove = button("Remove the last kept", "minus", "of the maps that were kept beside", self.remove_map)
        buttons = ipywidgets.Box([self.keep, self.remove, self._field], layout={"flex_flow": "row wrap"})
        table = scatter_table(n, images=self._images if n else None, times=self._times)
        self._row = ScatterRow(table, lambda widget: self.hear(widget, self._on_scatter, ["selection", "hovering"]))
        self._figure = MapFigure(self._images)
        controls = _controls(n, names, **options)
        super().__init__(controls, (Picture(), Picture()), more=[buttons, self._row.box])
        controls["method"].observe(lambda _: _enable(controls), "value")

    # the maps

    def task(self, *, method, seed, of, **options):
        """Return the projection that parameters say, to be run anywhere."""
        metric = {"metric": "precomputed"} if of in METRICS else {}
        arguments = metric | _count_of_neighbors(method, options)
        return (functools.partial(projections.project, self._data(of), method, seed=seed, **arguments),)

    def call(self, *, method, seed, of, **options):
        """Return the line that gives the map."""
        data, arguments = f"vectors[{of!r}]" if self._by_name else "vectors", ""
        if of in METRICS:
            data, arguments = f'distances.pairwise(frames, "{of}")', 'metric="precomputed", '
        for name, value in _count_of_neighbors(method, options).items():
            arguments += f"{name}={int(value) if value == int(value) else value}, "
        return f'projections.project({data}, "{method}", {arguments}seed={seed})'

    def wanted(self):
        """Return the values of the controls by name, and what was kept and selected."""
        return super().wanted() | self._state()

    def take(self, parameters, result):
        """Show a map; what was kept and selected while it was computed stays."""
        super().take(parameters | self._state(), result)

    def keep_map(self):
        """Keep the map that is shown beside those to come; at most two are kept."""
        with self._lock:
            options, points = self._map
            if len(self._compared) < MOST_MAPS - 1 and options not in [other for other, _ in self._compared]:
                self._compared.append((options, points))
                self._update()

    def remove_map(self):
        """Remove the map that was kept last."""
        with self._lock:
            if self._compared:
                self._compared.pop()
                self._update()

    @property
    def scatters(self):
        """The jscatter.Scatter of each map, that of the controls first."""
        return self._row.scatters

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
        maps, count = [self._map, *self._compared], len(self._selected)
        self.keep.disabled, self.remove.disabled = len(maps) == MOST_MAPS, len(maps) == 1
        if not len(self._images):
            for picture in self.pictures:
                picture.show(message("There are no frames to put on a map.", 0.7), "no frames", photo=False)
            return "there are no frames"
        maps = [(_title(**options), points) for options, points in maps]
        with self.unheard():
            self._row.show(maps, self._selected)
        words = f"map of the frames: {' and '.join(title for title, _ in maps)}"
        self.pictures[0].show(self._figure.draw(maps, self._selected), words, photo=True)
        if not count:
            self.pictures[1].show(message("No frames are selected.", 0.7), "no frames are selected")
            return f"{len(self._images)} frames; draw around frames on a map to select them"
        strip, length = draw_strip(self._images, self._times, self._selected)
        self.pictures[1].show(strip, f"{length} of the {count} frames that are selected", photo=True)
        return f"{len(self._images)} frames; {count} selected"

    # helpers

    @property
    def _map(self):
        """The options and the points of the map that the controls say."""
        return {name: self.parameters[name] for name in self.controls}, self.result

    def _state(self):
        return {"compare": tuple(dict(other) for other, _ in self._compared), "selected": list(self._selected)}

    def _update(self):
        """Show what was kept and selected, with the map that is shown; what is being computed is not disturbed."""
        self.redraw()
        with self.unheard():
            self._field.value = _write_ranges(self._selected)

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

    def _on_scatter(self, change):
        """Select on all maps what is selected on one, and point at what is pointed at."""
        if change["name"] == "selection":
            self.selected = frames_of(change["new"])
            return
        with self.unheard():
            for scatter in self.scatters:
                if scatter.widget is not change["owner"]:
                    scatter.widget.hovering = -1 if change["new"] is None else change["new"]

    def _on_text(self, change):
        try:
            self.selected = _read_ranges(change["new"])
        except ParameterError as error:
            self.tell_problem(error)


explore_maps = MapExplorer


def _controls(n, names, *, method, of, perplexity, n_neighbors, seed):
    """Return the controls of a map by the name of their parameter."""
    methods = [(NAMES[name], name) for name in _methods(n)]
    menu, slider = {"layout": {"width": "220px"}}, {"layout": {"width": "370px"}, "continuous_update": False}
    most = max(1.0, (n - 1) // 3, perplexity)
    controls = {
        "method": ipywidgets.Dropdown(options=methods, value=method, **menu),
        "of": ipywidgets.Dropdown(options=names, value=of, **menu),
        "seed": ipywidgets.BoundedIntText(seed, 0, 2**31 - 1, layout={"width": "140px"}),
        "perplexity": ipywidgets.FloatSlider(perplexity, min=1, max=most, step=1, readout_format=".1f", **slider),
        "n_neighbors": ipywidgets.IntSlider(n_neighbors, 2, max(2, n - 1), **slider),
    }
    _enable(controls)
    return controls


def _enable(controls):
    """Enable what the method heeds."""
    method = controls["method"].value
    for name in ("perplexity", "n_neighbors"):
        controls[name].disabled = COUNTS.get(method) != name
    controls["seed"].disabled = method in GLOBAL_METHODS


def _methods(n):
    return METHODS if n >= LEAST_FRAMES else GLOBAL_METHODS


def _count_of_neighbors(method, options):
    """Return, of the options of a map, the one by which its method counts neighbours, as a dict."""
    return {name: options[name] for name in [COUNTS.get(method)] if name}


def _check_map(n, names, method=None, perplexity=None, n_neighbors=None, seed=0, of=None):
    """Return the options of a map, all of them, as the controls take them."""
    most = max(1.0, (n - 1) / 3)
    perplexity = min(30, int(most)) if perplexity is None else perplexity
    n_neighbors = max(2, min(max(n // 12, 5), 50, n - 1)) if n_neighbors is None else n_neighbors
    third, others = "; at most a third of the other frames count", f"; there are {n - 1} other frames"
    return {
        "method": check_choice("method", _methods(n)[0] if method is None else method, _methods(n)),
        "of": check_choice("of", names[0] if of is None else of, tuple(names)),
        "perplexity": check_number("perplexity", perplexity, at_least=1, at_most=most, hint=third),
        "n_neighbors": check_count("n_neighbors", n_neighbors, at_least=2, at_most=max(2, n - 1), hint=others),
        "seed": check_count("seed", seed, below=2**31),
    }


def _check_vectors(vectors, n):
    """Return the vectors by name."""
    vectors = {} if vectors is None else vectors if isinstance(vectors, dict) else {"embedding": vectors}
    for name in vectors:
        if not isinstance(name, str) or name in METRICS:
            raise ParameterError(f"vectors must have names that are text, and not 'gray' or 'hsl'; got {name!r}")
    wanted = f"numbers, (n, d), one for each of the {n} frames, or a dict of such"
    options = {"wanted": wanted, "finite": False}
    return {name: check_array("vectors", values, (n, "d"), **options) for name, values in vectors.items()}


def _check_compare(compare):
    names = ("method", "perplexity", "n_neighbors", "seed", "of")
    compare = list(compare) if isinstance(compare, (list, tuple)) else [compare]
    if len(compare) >= MOST_MAPS or not all(isinstance(other, dict) and set(other) <= set(names) for other in compare):
        raise ParameterError(
            f"compare must be up to {MOST_MAPS - 1} dicts of {', '.join(names)}, such as [{{'method': 'mds'}}]; got "
            f"{compare!r:.120}"
        )
    return compare


def _check_selected(selected, n):
    """Return frames as a sorted list of int, each once."""
    wanted = f"numbers of the {n} frames, counted from 0"
    array = check_array("selected", selected, ("n",), "iu", wanted=wanted)
    if len(array) and (array.min() < 0 or array.max() >= n):
        raise ParameterError(f"selected must be {wanted}; got {selected!r:.80}")
    return np.unique(array).astype(int).tolist()


def _write_ranges(selected):
    """Return frames as text: 3-5, 9."""
    index = np.array(selected, dtype=np.int64)
    runs = np.split(index, np.flatnonzero(np.diff(index) > 1) + 1) if len(index) else []
    return ", ".join(f"{run[0]}-{run[-1]}" if len(run) > 1 else f"{run[0]}" for run in runs)


def _read_ranges(text):
    """Return the frames that a text such as 3-5, 9 says."""
    frames = []
    for part in filter(None, re.split(r"[,;\s]+", re.sub(r"\s*-\s*", "-", text.strip()))):
        match = re.fullmatch(r"(\d{1,9})(?:-(\d{1,9}))?", part)
        if match is None:
            raise ParameterError(f"selected frames must be numbers and ranges, such as 40-80, 120; got {part!r}")
        first, last = sorted((int(match[1]), int(match[2] or match[1])))
        if last - first > 10_000_000:
            raise ParameterError(f"selected frames must be those there are; got {part}")
        frames.extend(range(first, last + 1))
    return frames


def _title(method, of, perplexity, n_neighbors, seed):
    """Return what a map is called."""
    title = f"{NAMES[method]} of {of}"
    if method in COUNTS:
        title += f", perplexity {perplexity:.4g}" if COUNTS[method] == "perplexity" else f", {n_neighbors} neighbours"
        title += f", seed {seed}"
    return title
