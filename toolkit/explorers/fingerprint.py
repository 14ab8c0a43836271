"""A film's colours by hand: of how many groups, how many, of which frames, and in which picture."""

import ipywidgets
import numpy as np

from toolkit import colors
from toolkit.checks import check_array, check_choice, check_count
from toolkit.colors import spaces
from toolkit.errors import ParameterError
from toolkit.explorers.explorer import SlowExplorer
from toolkit.explorers.pictures import Picture, check_frames, new_figure
from toolkit.plots import plot_color_plane, plot_color_ring, plot_color_strip, plot_color_wave, plot_fingerprint_poster
from toolkit.records import Frames

# bars of a picture if `sampling` does not say how many
BARS = 360
# of each style: its function, its options, the figure in inches, and the Axes in it
STYLES = {
    "poster": (plot_fingerprint_poster, ("title",), (6.5, 6.5), (0, 0, 1, 1)),
    "strip": (plot_color_strip, ("times",), (10.4, 2.1), (0.02, 0.28, 0.96, 0.68)),
    "ring": (plot_color_ring, ("title",), (6.5, 6.5), (0.02, 0.02, 0.96, 0.96)),
    "plane": (plot_color_plane, (), (6.5, 6.5), (0.12, 0.1, 0.85, 0.87)),
    "wave": (plot_color_wave, ("times",), (10.4, 3.2), (0.02, 0.18, 0.96, 0.8)),
}
# what only the picture depends on
PICTURE_OPTIONS = ("title", "style")
MOST_COLORS, MOST_CLUSTERS = 8, 12
DEFAULTS = {"space": "cielab", "box": "auto"}


class FingerprintExplorer(SlowExplorer):
    """A film's colours, with controls for what they are taken from and how they are painted.

    Colours are computed in another process, a moment after the last change, and that can be stopped; title and style
    change at once.

    Parameters
    ----------
    frames : Frames, or ndarray of uint8, (n, height, width, 3) or (n, height, width)
        From all over the film; small ones will do, such as 160 across.
    times : ndarray of float64, (n,), optional
        Seconds of the frames, ascending, for the pictures with an axis of time; those of Frames are taken from them.
    loudness : ndarray of float64, (n,), optional
        Decibels at each frame, as `sound.loudness` gives them; with it there is the style "wave".
    n_colors, n_clusters : int
        How many colours of a frame, of how many groups of its pixels; `colors.fingerprint` says more.
    sampling : int, optional
        Take one frame of every n; by default as many that some 360 are taken.
    title : str
    style : {"poster", "strip", "ring", "plane", "wave"}
        Drawn by `plots.plot_fingerprint_poster`, `plot_color_strip`, `plot_color_ring`, `plot_color_plane`,
        `plot_color_wave`.
    space, box
        As for `colors.fingerprint`. They have no control.

    Attributes
    ----------
    result : tuple
        Colors and shares, as `colors.fingerprint` returns them.

    Raises
    ------
    ParameterError
        If an argument is of the wrong kind, or `n_colors` is above `n_clusters`.
    """

    texts = {
        "n_colors": ("colours of a frame", "how many of the groups are painted, the largest first"),
        "n_clusters": ("groups of pixels", "into how many groups of like colour a frame's pixels are sorted"),
        "sampling": ("one frame of every", "1 takes all frames, 2 every other one"),
        "title": ("title", "over the poster, within the ring"),
        "style": ("picture", "in which picture the colours are shown"),
    }

    def __init__(
        self,
        frames,
        *,
        times=None,
        loudness=None,
        n_colors=1,
        n_clusters=3,
        sampling=None,
        title="",
        style="poster",
        space=DEFAULTS["space"],
        box=DEFAULTS["box"],
    ):
        self._times_code = "frames.times" if times is None and isinstance(frames, Frames) else "times"
        self._images, self._times = check_frames(frames, times, order="ascending")
        n, wanted = len(self._images), f"finite decibels, one for each of the {len(self._images)} frames"
        self._loudness = None if loudness is None else check_array("loudness", loudness, (n,), wanted=wanted)
        if not isinstance(title, str):
            raise ParameterError(f"title must be a text; got {title!r}")
        n_colors = check_count("n_colors", n_colors, at_least=1)
        n_clusters = check_count("n_clusters", n_clusters, at_least=1)
        sampling = max(1, -(-n // BARS)) if sampling is None else check_count("sampling", sampling, at_least=1)
        styles = [name for name in STYLES if name != "wave" or loudness is not None]
        check_choice("style", style, styles)
        # parameters are compared, and written as code
        box = box.tolist() if isinstance(box, np.ndarray) else box
        self._options = {"space": check_choice("space", space, spaces.SPACES), "box": box}
        wide = {"width": "400px"}
        most = max(sampling, min(60, max(2, n // 4)))
        controls = {
            "n_colors": ipywidgets.IntSlider(n_colors, 1, max(MOST_COLORS, n_colors), layout=wide),
            "n_clusters": ipywidgets.IntSlider(n_clusters, 1, max(MOST_CLUSTERS, n_clusters), layout=wide),
            "sampling": ipywidgets.IntSlider(sampling, 1, most, layout=wide),
            "title": ipywidgets.Text(title, layout={"width": "255px"}),
            "style": ipywidgets.Dropdown(options=styles, value=style, layout={"width": "150px"}),
        }
        super().__init__(controls, [Picture()])

    def wanted(self):
        """Return the values of the controls, and of what has none."""
        return super().wanted() | self._options

    def task(self, *, n_colors, n_clusters, sampling, **_):
        """Return the function that finds the colours, and its arguments."""
        hint = f" for n_colors={n_colors}: take more groups of pixels, or fewer colours"
        check_count("n_clusters", n_clusters, at_least=n_colors, hint=hint)
        return _compute_colors, self._images[::sampling], n_colors, n_clusters, self._options

    def take(self, parameters, result):
        """Show colours, in the picture and with the title that are wanted by now."""
        super().take(parameters | {name: self.controls[name].value for name in PICTURE_OPTIONS}, result)

    def draw(self):
        """Draw the colours in the picture of the style; return how many bars and how much of the frames they are."""
        palette, shares = self.result
        title, style, sampling = (self.parameters[name] for name in ("title", "style", "sampling"))
        if not len(palette):
            figure = new_figure(6.5, 1)
            figure.text(0.5, 0.5, "There are no frames to take colours from.", ha="center", va="center")
            self.pictures[0].show(figure, "no frames")
            return "no frames"
        function, names, size, place = STYLES[style]
        figure = new_figure(*size)
        options = {"title": title, "times": None if self._times is None else self._times[::sampling]}
        second = self._loudness[::sampling] if style == "wave" else shares
        function(palette, second, **{name: options[name] for name in names}, ax=figure.add_axes(place))
        self.pictures[0].show(figure, f"{style} of the colours of {len(palette)} frames")
        bars = f"{len(palette)} frames, {palette.shape[1]} colour{'s' if palette.shape[1] > 1 else ''} of each"
        return f"{bars}, which cover {shares.sum(axis=1).mean():.0%} of a frame on average"

    def call(self, *, n_colors, n_clusters, sampling, title, style, **_):
        """Return two lines: one that finds the colours, one that draws them."""
        if not len(self._images):
            return "# there are no frames"
        every = f"[::{sampling}]" if sampling > 1 else ""
        options = [f"{name}={value!r}" for name, value in self._options.items() if value != DEFAULTS[name]]
        arguments = [f"frames{every}", f"n_colors={n_colors}", f"n_clusters={n_clusters}", *options]
        of_picture = {
            "title": f"title={title!r}" if title else "",
            "times": f"times={self._times_code}{every}" if self._times is not None else "",
        }
        function, names, *_ = STYLES[style]
        second = f"loudness{every}" if style == "wave" else "shares"
        of_plot = ["found", second, *filter(None, (of_picture[name] for name in names))]
        first = f"found, shares = colors.fingerprint({', '.join(arguments)})"
        return f"{first}\nplots.{function.__name__}({', '.join(of_plot)})"

    def _on_change(self, change):
        if change["owner"] in (self.controls[name] for name in PICTURE_OPTIONS):
            # colours that are being computed still are
            self.redraw()
        else:
            super()._on_change(change)


explore_fingerprint = FingerprintExplorer


def _compute_colors(frames, n_colors, n_clusters, options):
    """Return the colours of frames and their shares; of no frames none."""
    if not len(frames):
        return np.zeros((0, n_colors, 3), np.uint8), np.zeros((0, n_colors))
    return colors.fingerprint(frames, n_colors=n_colors, n_clusters=n_clusters, **options, progress=False)
