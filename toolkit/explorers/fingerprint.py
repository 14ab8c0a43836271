"""A film's colours by hand: of how many groups, how many, of which frames, and in which picture."""

import warnings

import ipywidgets
import numpy as np

from toolkit import colors
from toolkit.checks import check_choice, check_count, check_images, check_times
from toolkit.colors import spaces
from toolkit.errors import ParameterError
from toolkit.explorers.explorer import SlowExplorer
from toolkit.explorers.pictures import Picture, new_figure
from toolkit.plots import plot_color_plane, plot_color_ring, plot_color_strip, plot_color_wave, plot_fingerprint_poster
from toolkit.records import Frames

# of so many bars a picture is made if it is not said of how many
BARS = 360
# of each style: its function, what it is told beside the colours, the figure in inches, and the Axes in it
STYLES = {
    "poster": (plot_fingerprint_poster, ("title",), (6.5, 6.5), (0, 0, 1, 1)),
    "strip": (plot_color_strip, ("times",), (10.4, 2.1), (0.02, 0.28, 0.96, 0.68)),
    "ring": (plot_color_ring, ("title",), (6.5, 6.5), (0.02, 0.02, 0.96, 0.96)),
    "plane": (plot_color_plane, (), (6.5, 6.5), (0.12, 0.1, 0.85, 0.87)),
    "wave": (plot_color_wave, ("times",), (10.4, 3.2), (0.02, 0.18, 0.96, 0.8)),
}
# what only the picture depends on
DRAWN = ("title", "style")
MOST_COLORS, MOST_CLUSTERS = 8, 12


class FingerprintExplorer(SlowExplorer):
    """A film's colours in a picture; see `explorers.explore_fingerprint`.

    `result` is what `colors.fingerprint` returns: colors and shares.
    """

    def __init__(self, frames, *, times, loudness, n_colors, n_clusters, sampling, title, style, space, box):
        self._frames, self._times, self._loudness = frames, times, loudness
        self._options = {"space": space, "box": box}
        wide = {"width": "400px"}
        controls = {
            "n_colors": ipywidgets.IntSlider(
                value=n_colors, min=1, max=max(MOST_COLORS, n_colors), description="colours of a frame", layout=wide,
                tooltip="how many of the groups are painted, the largest first",
            ),
            "n_clusters": ipywidgets.IntSlider(
                value=n_clusters, min=1, max=max(MOST_CLUSTERS, n_clusters), description="groups of pixels",
                tooltip="into how many groups of like colour a frame's pixels are sorted", layout=wide,
            ),
            "sampling": ipywidgets.IntSlider(
                value=sampling, min=1, max=max(sampling, min(60, max(2, len(frames) // 4))),
                description="one frame of every", layout=wide, tooltip="1 takes all frames, 2 every other one",
            ),
            "title": ipywidgets.Text(
                value=title, description="title", layout={"width": "255px"}, tooltip="over the poster, within the ring"
            ),
            "style": ipywidgets.Dropdown(
                options=_styles(loudness), value=style, description="picture", layout={"width": "150px"},
                tooltip="in which picture the colours are shown",
            ),
        }  # fmt: skip
        super().__init__(controls, [Picture()])

    def wanted(self):
        """Return the values of the controls, and of what has none."""
        return {**super().wanted(), **self._options}

    def task(self, *, n_colors, n_clusters, sampling, **_):
        """Return the function that finds the colours, and its arguments."""
        if n_colors > n_clusters:
            raise ParameterError(
                f"n_colors must be at most n_clusters, from which the colours are taken; got n_colors={n_colors} "
                f"of n_clusters={n_clusters}: take more groups of pixels, or fewer colours"
            )
        return _found, self._frames[::sampling], n_colors, n_clusters, self._options

    def take(self, parameters, result):
        """Show colours, in the picture and with the title that are wanted by now."""
        now = {name: self.controls[name].value for name in DRAWN}
        super().take({**parameters, **now}, result)

    def draw(self):
        """Draw the colours in the picture of the style; return how many bars and how much of the frames they are."""
        found, shares = self.result
        title, style, sampling = (self.parameters[name] for name in ("title", "style", "sampling"))
        if not len(found):
            figure = new_figure(6.5, 1)
            figure.text(0.5, 0.5, "There are no frames to take colours from.", ha="center", va="center")
            self.pictures[0].show(figure, "no frames")
            return "no frames"
        function, takes, size, place = STYLES[style]
        figure = new_figure(*size)
        told = {"title": title, "times": None if self._times is None else self._times[::sampling]}
        second = self._loudness[::sampling] if style == "wave" else shares
        # a letter that no font has is told of
        with warnings.catch_warnings(record=True) as noted:
            warnings.simplefilter("always")
            function(found, second, **{name: told[name] for name in takes}, ax=figure.add_axes(place))
            self.pictures[0].show(figure, f"{style} of the colours of {len(found)} frames")
        bars = f"{len(found)} frames, {found.shape[1]} colour{'s' if found.shape[1] > 1 else ''} of each, which cover "
        parts = [f"{bars}{shares.sum(axis=1).mean():.0%} of a frame on average", *(str(note.message) for note in noted)]
        return "; ".join(parts)

    def call(self, *, n_colors, n_clusters, sampling, title, style, **_):
        """Return two lines: one that finds the colours, one that draws them."""
        if not len(self._frames):
            return "# there are no frames"
        every = f"[::{sampling}]" if sampling > 1 else ""
        options = [f"{name}={value!r}" for name, value in self._options.items() if value != _DEFAULTS[name]]
        given = [f"frames{every}", f"n_colors={n_colors}", f"n_clusters={n_clusters}", *options]
        times = "frames.times" if isinstance(self._frames, Frames) and not self._own_times else "times"
        told = {
            "title": f"title={title!r}" if title else "",
            "times": f"times={times}{every}" if self._times is not None else "",
        }
        function, takes, *_ = STYLES[style]
        second = f"loudness{every}" if style == "wave" else "shares"
        drawn = ["found", second, *filter(None, (told[name] for name in takes))]
        return f"found, shares = colors.fingerprint({', '.join(given)})\nplots.{function.__name__}({', '.join(drawn)})"

    @property
    def _own_times(self):
        return isinstance(self._frames, Frames) and self._times is not self._frames.times

    def _on_change(self, change):
        if all(change["owner"] is not self.controls[name] for name in DRAWN):
            super()._on_change(change)
            return
        # colours that are being looked for still are
        with self._lock:
            self.redraw()


_DEFAULTS = {"space": "cielab", "box": "auto"}


def explore_fingerprint(
    frames,
    *,
    times=None,
    loudness=None,
    n_colors=1,
    n_clusters=3,
    sampling=None,
    title="",
    style="poster",
    space="cielab",
    box="auto",
):
    """Show a film's colours with controls for what they are taken from and how they are painted.

    Colours are looked for in another process, a moment after the last change, and that can be stopped; title and style
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
        Take one frame of every so many; by default so many that some 360 are taken.
    title : str
    style : {"poster", "strip", "ring", "plane", "wave"}
        Drawn by `plots.plot_fingerprint_poster`, `plot_color_strip`, `plot_color_ring`, `plot_color_plane`,
        `plot_color_wave`.
    space, box
        As for `colors.fingerprint`. They have no control.

    Returns
    -------
    FingerprintExplorer
        Its `result` is (colors, shares), as `colors.fingerprint` returns them.

    Raises
    ------
    ParameterError
        If an argument is of the wrong kind, or `n_colors` is above `n_clusters`.
    """
    if isinstance(frames, Frames):
        times = frames.times if times is None else times
    else:
        check_images(frames, "frames")
    n = len(frames)
    times = None if times is None else check_times(times, n, order="ascending")
    if loudness is not None:
        wanted = f"loudness must be finite decibels, one for each of the {n} frames"
        try:
            loudness = np.asarray(loudness, dtype=np.float64)
        except (TypeError, ValueError):
            raise ParameterError(f"{wanted}; got {loudness!r:.80}") from None
        if loudness.shape != (n,) or not np.isfinite(loudness).all():
            raise ParameterError(f"{wanted}; got shape {loudness.shape}")
    if not isinstance(title, str):
        raise ParameterError(f"title must be a text; got {title!r}")
    return FingerprintExplorer(
        frames,
        times=times,
        loudness=loudness,
        n_colors=check_count("n_colors", n_colors, at_least=1),
        n_clusters=check_count("n_clusters", n_clusters, at_least=1),
        sampling=max(1, -(-n // BARS)) if sampling is None else check_count("sampling", sampling, at_least=1),
        title=title,
        style=check_choice("style", style, _styles(loudness)),
        space=check_choice("space", space, spaces.SPACES),
        # parameters are compared, and written as code
        box=box.tolist() if isinstance(box, np.ndarray) else box,
    )


def _styles(loudness):
    return [name for name in STYLES if name != "wave" or loudness is not None]


def _found(frames, n_colors, n_clusters, options):
    """Return the colours of frames and their shares; of no frames none."""
    if not len(frames):
        return np.zeros((0, n_colors, 3), np.uint8), np.zeros((0, n_colors))
    return colors.fingerprint(frames, n_colors=n_colors, n_clusters=n_clusters, **options, progress=False)
