"""Figures of projections: frames on a map, still or to pan and zoom.

As in `toolkit.plots`, which holds these functions too, each draws on an Axes and returns it; `scatter_map` returns a
widget.
"""

import base64
import functools
import gzip
import threading
import warnings

import numpy as np
from matplotlib import colormaps
from matplotlib.cm import ScalarMappable
from matplotlib.collections import LineCollection
from matplotlib.colors import Normalize, to_rgba

from toolkit.checks import check_array, check_count, check_images, check_number, check_times
from toolkit.errors import ParameterError
from toolkit.plots.axes import WIDTH, clock, color_bar, new_axes, set_clock
from toolkit.records import Frames

TIME_COLORS = "viridis"
# that differ also to the color-blind (Okabe and Ito, 2008), then matplotlib's for more labels
LABEL_COLORS = ("#0072b2", "#e69f00", "#009e73", "#d55e00", "#cc79a7", "#56b4e9", "#f0e442", "#000000")
# groups that a legend lists
MAX_GROUPS = 12
# of the map around its points, as a share of its side
MARGIN = 0.06
# of thumbnails, as shares of the map's side
SIZES = (0.16, 0.13, 0.1, 0.08, 0.065, 0.05, 0.04, 0.03)
# with the largest of which so many are drawn, or so large a share of all
MIN_PICTURES, MIN_SHARE = 100, 0.6
# how close the middles of thumbnails may be, as a share of their width and height: closer ones are left out
MIN_GAP = 0.5
# of the widget's pictures
PREVIEW, PREVIEW_QUALITY = 192, 60
# jupyter-scatter's own script has 2.1 MB, which each of its widgets would hold, and each saved notebook once for every
# one of them: here they all take it, packed, from one widget
_LOADER = """
const load = async (model) => {
  const holder = await model.widget_manager.get_model("%s");
  const packed = new Blob([holder.get("packed")]).stream().pipeThrough(new DecompressionStream("gzip"));
  const script = new Blob([await new Response(packed).arrayBuffer()], { type: "text/javascript" });
  return import(URL.createObjectURL(script));
};
const held = (globalThis.toolkitScatter ??= {});
export default {
  async render(context) {
    const script = await (held["%s"] ??= load(context.model));
    return script.default.render(context);
  },
};
"""
_LOCK = threading.Lock()


def plot_map(points, *, images=None, times=None, path=False, labels=None, size=None, title="", ax=None):
    """Draw a projection: frames as small pictures, or as dots, where they lie.

    A picture that would lie within half a picture of another is left out, and a dot marks its place: those that stay
    are spread through the film. The map is square and keeps the proportions of the points.

    Parameters
    ----------
    points : ndarray of numbers, (n, 2)
        From `projections.project`.
    images : ndarray of uint8, (n, height, width, 3) or (n, height, width), or Frames; optional
        Otherwise frames are dots.
    times : ndarray, (n,), optional
        Seconds, shown as colour: of the dots, and of the pictures' rims.
    path : bool
        Whether to join the frames in the order of their times, or of their numbers.
    labels : sequence, (n,), optional
        A group for each frame, shown as colour in place of the time, with a legend for up to 12 groups.
    size : float, optional
        Width of a picture as a share of the map's; otherwise the largest that leaves enough of them.
    title : str

    Raises
    ------
    ParameterError
        If there are no points, or arguments do not fit each other.
    """
    points = _check_points(points)
    n = len(points)
    images = None if images is None else _check_pictures(images, n)
    times = None if times is None else check_times(times, n, "point")
    if labels is not None and len(labels) != n:
        raise ParameterError(f"labels must be one for each of the {n} points; got {len(labels)}")
    size = None if size is None else check_number("size", size, above=0, at_most=1, unit="a share of the map's width")
    colored = times is not None or labels is not None
    ax = ax or new_axes((0.74 if colored else 0.6) * WIDTH, 0.6 * WIDTH)
    xlim, ylim = _limits(points)
    ax.set(xlim=xlim, ylim=ylim, title=title, xticks=[], yticks=[], aspect="equal")
    ax.spines[:].set_color("#bbbbbb")

    colors = _colors(ax, n, times, labels)
    if path:
        order = np.argsort(times, kind="stable") if times is not None else np.arange(n)
        steps = np.stack([points[order[:-1]], points[order[1:]]], axis=1)
        ax.add_collection(LineCollection(steps, colors=colors[order[:-1]], linewidths=0.7, alpha=0.6, zorder=1))
    dot = float(np.clip(900 / n, 6, 36))
    if images is None:
        ax.scatter(*points.T, s=dot, c=colors, linewidths=0, zorder=2)
        return ax
    shares = (points - (xlim[0], ylim[0])) / (xlim[1] - xlim[0])
    sheet, visible = _sheet(ax, shares, images, colors, size, rims=colored)
    ax.scatter(*points[~visible].T, s=min(dot, 9), c=colors[~visible], linewidths=0, zorder=2)
    ax.imshow(sheet, extent=(*xlim, *ylim), interpolation="antialiased", zorder=3)
    return ax


def scatter_map(projections, *, images=None, times=None, height=420):
    """Return a jupyter-scatter widget of one or several projections, in which pointing at a dot shows its frame.

    Several are shown side by side and share what is pointed at and selected. `widget.scatters` has the
    `jscatter.Scatter` of each by name; its `selection()` are the numbers of the frames that a lasso caught (press Shift
    and drag).

    Parameters
    ----------
    projections : dict of str to ndarray of numbers, (n, 2)
        As for `projections.write_frame_map`.
    images : ndarray of uint8, (n, height, width, 3) or (n, height, width), or Frames; optional
        Each is sent to the browser, as a JPEG 192 pixels wide, when the pointer comes to its dot.
    times : ndarray, (n,), optional
        Seconds, shown as colour.
    height : int
        Of the widget, in pixels.

    Raises
    ------
    ParameterError
        If arguments do not fit each other.
    """
    if not isinstance(projections, dict) or not projections:
        raise ParameterError(
            f"projections must be a dict of names to points, such as {{'mds': points}}; got {projections!r:.80}"
        )
    height = check_count("height", height, at_least=100)
    maps = {name: _check_points(points) for name, points in projections.items()}
    n = len(next(iter(maps.values())))
    for name, points in maps.items():
        if len(points) != n:
            raise ParameterError(f"projections must have the same frames; got {n} first and {len(points)} of {name!r}")
    table = scatter_table(n, images=images, times=times)
    for number, points in enumerate(maps.values()):
        table[f"x{number}"], table[f"y{number}"] = points.T
    scatters = {name: new_scatter(table, f"x{number}", f"y{number}", height=height) for number, name in enumerate(maps)}
    if len(scatters) == 1:
        widget = scatters[next(iter(maps))].show()
    else:
        import jscatter

        pairs = [(scatter, str(name)) for name, scatter in scatters.items()]
        widget = jscatter.compose(pairs, sync_selection=True, sync_hover=True, rows=1, row_height=height)
    widget.scatters = scatters
    return widget


def scatter_table(n, *, images=None, times=None):
    """Return what `new_scatter` shows of n frames: `at`, in words, and if given their `time` and `picture`."""
    import pandas as pd

    table = pd.DataFrame(index=range(n))
    if times is not None:
        table["time"] = check_times(times, n, "point")
        table["at"] = [clock(second) for second in table["time"]]
    else:
        table["at"] = [f"frame {number}" for number in range(n)]
    if images is not None:
        table["picture"] = [_data_url(image) for image in _check_pictures(images, n)]
    return table


def new_scatter(table, x, y, *, height):
    """Return a jscatter.Scatter of the points in columns x and y of a table made by `scatter_table`.

    Their script is held by one widget for all, so that each more adds little to a saved notebook.
    """
    with warnings.catch_warnings():
        # pandas' of what jupyter-scatter calls
        warnings.simplefilter("ignore", DeprecationWarning)
        import jscatter

        scatter = jscatter.Scatter(data=table, x=x, y=y, height=height)
        _scale(scatter, table)
        scatter.axes(False)
        scatter.size(default=float(np.clip(120 / np.sqrt(len(table)), 4, 12)))
        if "time" in table:
            scatter.color(by="time", map=TIME_COLORS)
        preview = {"preview": "picture", "preview_type": "image", "preview_image_height": 64}
        scatter.tooltip(enable=True, properties=["at"], size="large", **(preview if "picture" in table else {}))
        _show_by_shared_script(scatter)
    return scatter


def move_scatter(scatter, table):
    """Move a scatter's points to where a table of the same frames has them, in the columns it was made with."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        # the browser draws what comes first, here by the scales as they were, and does not hear what comes meanwhile
        with scatter.widget.hold_sync():
            scatter.data(table, skip_widget_update=True)
            _scale(scatter, table, skip_widget_update=True)
            # domains are for axes, and there are none
            scatter.widget.points = scatter.get_point_list()


def _scale(scatter, table, **options):
    """Show the square that `plot_map` shows: jupyter-scatter would leave out the margin."""
    xlim, ylim = _limits(table[[scatter.x()["x"], scatter.y()["y"]]].to_numpy())
    scatter.x(scale=xlim, **options)
    scatter.y(scale=ylim, **options)


def _show_by_shared_script(scatter):
    """Make a scatter's widget, with a script that takes jupyter-scatter's own from the widget that holds it."""
    from jscatter.widget import JupyterScatter

    with _LOCK:
        own = JupyterScatter._esm
        holder = _script_holder(str(own))
        if holder.comm is None:
            # closed, as by Widget.close_all
            holder.open()
        # what a widget of anywidget sends is read from its class when it is made
        JupyterScatter._esm = _LOADER % (holder.model_id, holder.model_id)
        try:
            return scatter.widget
        finally:
            JupyterScatter._esm = own


@functools.cache
def _script_holder(script):
    import ipywidgets
    import traitlets

    class ScatterScript(ipywidgets.Widget):
        packed = traitlets.Bytes().tag(sync=True)

    return ScatterScript(packed=gzip.compress(script.encode(), mtime=0))


def _limits(points):
    """Return the ends of both axes of the map's square, as pairs of floats."""
    least, most = points.min(axis=0), points.max(axis=0)
    # also of points in one place, far from 0, wide enough to differ from it
    half = max((most - least).max(), 1e-12, 1e-9 * np.abs(points).max()) * (0.5 + MARGIN)
    return [(middle - half, middle + half) for middle in ((least + most) / 2).tolist()]


def _sheet(ax, shares, images, colors, size, rims):
    """Return the map's pictures, RGBA of uint8, and which frames are among them; `shares` of the map's side."""
    n, aspect = len(images), images.shape[2] / images.shape[1]
    # twice the figure's own pixels, for what is enlarged or printed
    side = int(np.clip(2 * min(ax.bbox.width, ax.bbox.height), 500, 2400))
    middles = np.stack([shares[:, 0] * side, (1 - shares[:, 1]) * side], axis=1)
    for share in SIZES if size is None else (size,):
        wide = max(4, round(side * share))
        high = max(4, round(wide / aspect))
        visible = _apart(middles / (wide, high))
        if visible.sum() >= min(MIN_PICTURES, MIN_SHARE * n):
            break
    rim = max(1, round(wide / 36)) if rims else 0
    sheet = np.zeros((side + 2 * high, side + 2 * wide, 4), np.uint8)
    for i in np.flatnonzero(visible):
        left, top = np.round(middles[i] + (wide / 2, high / 2)).astype(int)
        rimmed = sheet[top - rim : top + high + rim, left - rim : left + wide + rim]
        rimmed[..., :3], rimmed[..., 3] = np.round(255 * colors[i, :3]), 255
        sheet[top : top + high, left : left + wide, :3] = _resized(images[i], wide, high)
    return sheet[high:-high, wide:-wide], visible


def _apart(middles):
    """Return which points to draw so that no two of them are within MIN_GAP of each other on both axes."""
    visible, cells = np.zeros(len(middles), bool), {}
    for i in _spread_order(len(middles)):
        x, y = middles[i]
        column, row = int(np.floor(x / MIN_GAP)), int(np.floor(y / MIN_GAP))
        around = ((c, r) for c in range(column - 1, column + 2) for r in range(row - 1, row + 2))
        near = [cells[cell] for cell in around if cell in cells]
        if not any(abs(x - middles[j, 0]) < MIN_GAP and abs(y - middles[j, 1]) < MIN_GAP for j in near):
            visible[i] = True
            # a cell is as wide as two of these are apart, so it holds one at most
            cells[column, row] = i
    return visible


def _spread_order(n):
    """Return 0 to n - 1 so that the first of any number are spread evenly: by their binary digits read backwards."""
    digits = int(n - 1).bit_length()
    return np.array(sorted(range(n), key=lambda number: f"{number:0{digits}b}"[::-1]))


def _colors(ax, n, times, labels):
    """Return an RGBA colour for each frame, and draw what they mean beside the map."""
    if labels is not None:
        groups, group = np.unique(_comparable(labels), return_inverse=True)
        palette = [to_rgba(color) for color in LABEL_COLORS]
        if len(groups) > len(palette):
            palette = colormaps["nipy_spectral"](np.linspace(0.05, 0.95, len(groups)))
        if len(groups) <= MAX_GROUPS:
            for name, color in zip(groups, palette, strict=False):
                ax.scatter([], [], color=color, s=36, label=str(name))
            ax.legend(loc="upper left", bbox_to_anchor=(1.0, 1.0), frameon=False, handletextpad=0.2)
        return np.asarray(palette)[group]
    if times is not None:
        span = Normalize(times.min(), times.max())
        scale = ScalarMappable(span, TIME_COLORS)
        bar = color_bar(ax, scale)
        set_clock(bar.long_axis)
        bar.outline.set_visible(False)
        return scale.to_rgba(times)
    return np.tile(to_rgba("#1f3b57"), (n, 1))


def _comparable(labels):
    """Return labels as an array of one kind: numbers or text."""
    labels = list(labels)
    kinds = {np.asarray(label).dtype.kind for label in labels if np.ndim(label) == 0}
    return np.asarray(labels if kinds <= set("bui") or kinds <= set("f") else [str(label) for label in labels])


def _resized(image, width, height):
    """Return a picture of another size, of shape (height, width, 3) or, of a gray one, (height, width, 1)."""
    import cv2

    small = cv2.resize(np.ascontiguousarray(image), (width, height), interpolation=cv2.INTER_AREA)
    return small.reshape(height, width, -1)


def _data_url(image):
    import cv2

    small = _resized(image, PREVIEW, max(1, round(PREVIEW * image.shape[0] / image.shape[1])))
    # OpenCV writes blue first
    _, encoded = cv2.imencode(".jpg", small[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, PREVIEW_QUALITY])
    return "data:image/jpeg;base64," + base64.b64encode(encoded).decode()


def _check_points(points):
    wanted = "finite numbers, (n, 2), of at least one frame"
    points = check_array("points", points, ("n", 2), wanted=wanted).astype(np.float64)
    if not len(points):
        raise ParameterError(f"points must be {wanted}; got shape {points.shape}")
    return points


def _check_pictures(images, n):
    images = images.images if isinstance(images, Frames) else check_images(images)
    if len(images) != n:
        raise ParameterError(f"images must be one for each of the {n} points; got {len(images)}")
    return images
