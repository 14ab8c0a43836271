"""Distances that can be pointed at: the matrix of a film, and the two frames that meet at a point of it."""

import ipywidgets
import numpy as np

from toolkit import distances, plots
from toolkit.checks import check_array, check_choice, check_count
from toolkit.errors import ParameterError
from toolkit.explorers.explorer import Explorer
from toolkit.explorers.pictures import WIDTH, Picture, StillCanvas, check_frames, message, move, new_figure
from toolkit.plots import clock
from toolkit.plots.style import INK, thumbnail

METRICS = ("gray", "hsl")
# of the picture, in inches, and as shares of it: the matrix, and the two frames one above the other
HEIGHT = 5.1
MATRIX = (0.1, 0.1, 0.82 * HEIGHT / WIDTH, 0.82)
FRAMES = ((0.62, 0.53, 0.37, 0.39), (0.62, 0.02, 0.37, 0.39))
# rows of the matrix that are drawn; of more, the mean of those that fall together
MOST_ROWS = 720
# pixels of a frame
MOST_WIDTH = 640


class DistanceExplorer(Explorer):
    """An explorer of a film's distance matrix: click a point of it and see the two frames that meet there.

    Sliders go to the same positions. Once a metric's matrix is there, a change draws no more than two lines and two
    frames. Of more than 720 frames the picture shows means; the distance written is that of the two frames.

    Parameters
    ----------
    frames : Frames, or ndarray of uint8, (n, height, width, 3) in RGB or (n, height, width) in gray
        An array has no times, and frames are named by their number.
    matrix : ndarray of numbers, (n, n), or dict of str to such; optional
        What ``distances.pairwise(frames, metric)`` returned, if that is available. A dict has matrices by metric, and
        may have others under names of their own, such as distances between embeddings. What is missing is computed
        once, when it is first looked at.
    metric : {"gray", "hsl"}, or another name that `matrix` has
    first, second : int, optional
        Positions in `frames`, from 0: the row and the column; by default at a third and at two thirds of the film.

    Attributes
    ----------
    result : float32
        The distance of the two frames, or None if there are no frames.
    matrix : ndarray, (n, n)
        The distances of all frames, by the metric that is shown.

    Raises
    ------
    ParameterError
        If an argument is of the wrong kind, or a matrix is not of these frames or not of its metric.
    """

    texts = {
        "metric": ("distance", "gray: brightness; hsl: colour"),
        "first": ("first frame (down)", "the row, counted from 0; or click into the matrix"),
        "second": ("second frame (across)", "the column, counted from 0; or click into the matrix"),
    }

    def __init__(self, frames, matrix=None, *, metric="gray", first=None, second=None):
        self._images, self._times = check_frames(frames)
        n = len(self._images)
        if not isinstance(metric, str):
            raise ParameterError(f"metric must be a name, such as {METRICS[0]!r}; got {metric!r}")
        matrices = matrix if isinstance(matrix, dict) else {} if matrix is None else {metric: matrix}
        # the name of a matrix that came by itself
        self._own_metric = None if matrix is None or isinstance(matrix, dict) else metric
        names = list(dict.fromkeys([*METRICS, *matrices]))
        check_choice("metric", metric, tuple(names))
        self._matrices = {name: _check_matrix(name, array, self._images) for name, array in matrices.items()}
        self._drawn_metric = None
        positions = {"first": n // 3 if first is None else first, "second": 2 * n // 3 if second is None else second}
        layout = {"flex": "1 1 310px", "max_width": "460px"}
        controls = {"metric": ipywidgets.Dropdown(options=names, value=metric, layout={"width": "180px"})}
        for name, value in positions.items():
            value = check_count(name, value, below=max(n, 1), hint=f"; there are {n} frames, counted from 0")
            controls[name] = ipywidgets.IntSlider(value, 0, max(n - 1, 0), layout=layout)
        picture = Picture(pointable=n > 0)
        self.hear(picture, self._on_point, "pointed")
        super().__init__(controls, [picture])

    @property
    def matrix(self):
        """The distances of all frames, by the metric that is shown: float32 (n, n)."""
        return self._matrix(self.parameters["metric"])

    def compute(self, *, metric, first, second):
        """Return the distance of two frames; with no frames None."""
        return self._matrix(metric)[first, second] if len(self._images) else None

    def draw(self):
        """Draw the matrix if its metric is new, and over it the two positions and their frames."""
        if not len(self._images):
            self.pictures[0].show(message("There are no frames to compare.", 1.0), "no frames")
            return "there are no frames to compare"
        metric, first, second = (self.parameters[name] for name in self.controls)
        if metric != self._drawn_metric:
            self._draw_matrix(metric)
        n = len(self._images)
        for line in self._rows:
            line.set_ydata([1 - (first + 0.5) / n] * 2)
        for line in self._columns:
            line.set_xdata([(second + 0.5) / n] * 2)
        captions = f"down: {self._name(first)}", f"across: {self._name(second)}; distance {self.result:.4g}"
        for (image, caption), index, text in zip(self._stills, (first, second), captions, strict=True):
            image.set_data(self._thumbnail(index))
            caption.set_text(text)
        line = f"distance {self.result:.4g} of {self._name(first)} to {self._name(second)}, in {metric}"
        self.pictures[0].show(self._figure, line, photo=True)
        return line

    def call(self, *, metric, first, second):
        """Return the line that gives the distance."""
        if not len(self._images):
            return "None"
        if metric == self._own_metric:
            return f"matrix[{first}, {second}]"
        if metric in METRICS:
            return f'distances.pairwise(frames, "{metric}")[{first}, {second}]'
        return f"matrix[{metric!r}][{first}, {second}]"

    def _matrix(self, metric):
        if metric not in self._matrices:
            self._matrices[metric] = distances.pairwise(self._images, metric)
        return self._matrices[metric]

    def _draw_matrix(self, metric):
        """Draw all that stays while positions change, and keep its pixels."""
        import cv2

        matrix, times = self._matrix(metric), self._times
        if len(matrix) > MOST_ROWS:
            matrix = cv2.resize(np.asarray(matrix), (MOST_ROWS, MOST_ROWS), interpolation=cv2.INTER_AREA)
            # its first and last are all that the picture takes of them
            times = None if times is None else np.linspace(times[0], times[-1], MOST_ROWS)
        figure = new_figure(WIDTH, HEIGHT, StillCanvas)
        ax = figure.add_axes(MATRIX)
        plots.plot_distances(matrix, times=times, ax=ax)
        if times is None and len(matrix) < len(self._images):
            ax.set(xticks=[], yticks=[])
        over = figure.add_axes(MATRIX, xlim=(0, 1), ylim=(0, 1))
        over.set_axis_off()
        # pale on dark, so that they are seen on dark and on bright
        styles = ({"color": INK, "linewidth": 2.6}, {"color": "white", "linewidth": 1.1})
        self._rows = [move(over.plot([0, 1], [0, 0], **style)[0]) for style in styles]
        self._columns = [move(over.plot([0, 0], [0, 1], **style)[0]) for style in styles]
        self._stills = [self._still_axes(figure, box) for box in FRAMES]
        self._figure, self._drawn_metric = figure, metric

    def _still_axes(self, figure, box):
        ax = figure.add_axes(box)
        ax.set_axis_off()
        return move(ax.imshow(self._thumbnail(0), interpolation="antialiased")), move(ax.set_title("", fontsize=11))

    def _thumbnail(self, index):
        image = self._images[index]
        height, width = image.shape[:2]
        scale = min(1.0, MOST_WIDTH / width)
        return thumbnail(image, (max(1, round(width * scale)), max(1, round(height * scale))))

    def _name(self, index):
        return f"frame {index}" if self._times is None else f"frame {index}, {clock(self._times[index])}"

    def _on_point(self, change):
        """Go to where the picture was clicked, if that is in the matrix."""
        x, y, _ = change["new"]
        across, down = (x - MATRIX[0]) / MATRIX[2], (y - (1 - MATRIX[1] - MATRIX[3])) / MATRIX[3]
        n = len(self._images)
        if n and 0 <= across <= 1 and 0 <= down <= 1:
            self.set_controls({"first": min(int(down * n), n - 1), "second": min(int(across * n), n - 1)})
            self.refresh()


explore_distances = DistanceExplorer


def _check_matrix(name, matrix, images):
    """Return a matrix of distances if it is of these images and, by a few of its values, of the metric of its name."""
    n = len(images)
    wanted = f"numbers, (n, n), of the {n} frames, or a dict of such"
    array = check_array("matrix", matrix, (n, n), "iuf", wanted=wanted, finite=False)
    if name in METRICS and n:
        some = np.unique([0, n // 3, 2 * n // 3, n - 1])
        if not np.allclose(array[np.ix_(some, some)], distances.pairwise(images[some], name), rtol=1e-3, atol=1e-3):
            raise ParameterError(
                f"matrix must be what distances.pairwise(frames, {name!r}) returns; got other distances. Give others "
                "under a name of their own: matrix={'mine': matrix}, metric='mine'"
            )
    return array
