"""Figures as images in a widget, drawn by matplotlib's Agg canvas and sent as PNG or JPEG."""

import io
from pathlib import Path

import anywidget
import ipywidgets
import numpy as np
import traitlets
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from PIL import Image

from toolkit.checks import check_images, check_times
from toolkit.errors import ParameterError
from toolkit.plots.style import INK
from toolkit.records import Frames

# dots an inch of the pictures: a notebook's column is some 900 wide
DPI = 84
# pixels, of a picture in a page without widgets
STILL_WIDTH = 760
# inches
WIDTH = 10.5


class Picture(anywidget.AnyWidget):
    """A picture that tells where it was clicked.

    `value` is a PNG or JPEG, `mime` says which, `alt` what is seen in words. Where it is `pointable`, `pointed` is
    where it was clicked last: from the left and from the top, each 0 to 1, and how many clicks that makes.
    """

    _esm = Path(__file__).with_name("picture.js")
    value = traitlets.Bytes().tag(sync=True)
    mime = traitlets.Unicode("image/png").tag(sync=True)
    alt = traitlets.Unicode().tag(sync=True)
    pointable = traitlets.Bool(False).tag(sync=True)
    pointed = traitlets.List([]).tag(sync=True)

    def show(self, data, alt, *, photo=None):
        """Show a Figure, or an image uint8 (height, width, 3), which `alt` tells in words.

        Photographs are shown as JPEG, what has fine lines as PNG: if it is not said, images as the one and Figures as
        the other. A Figure of pyplot's is closed.
        """
        import matplotlib.pyplot as plt

        if isinstance(data, Figure):
            data.set_dpi(DPI)
            data.canvas.draw()
            pixels = np.ascontiguousarray(np.asarray(data.canvas.buffer_rgba())[..., :3])
            plt.close(data)
        else:
            pixels, photo = np.asarray(data), photo is not False
        # PNG is written fast, and not the smallest
        kind, options = ("JPEG", {"quality": 82}) if photo else ("PNG", {"compress_level": 2})
        value = encode(Image.fromarray(pixels), kind, **options)
        with self.hold_sync():
            self.mime, self.alt, self.value = f"image/{kind.lower()}", alt, value


class StillCanvas(FigureCanvasAgg):
    """A canvas that draws what does not move once, and from then on only the artists that were given to `move`."""

    def __init__(self, figure):
        super().__init__(figure)
        self._still = None

    def draw(self):
        """Draw the moving artists over the picture of the others."""
        if self._still is None:
            super().draw()
            self._still = self.copy_from_bbox(self.figure.bbox)
        self.restore_region(self._still)
        for artist in sorted(self._moving(), key=lambda artist: artist.get_zorder()):
            artist.draw(self.renderer)

    def clear(self):
        """Take the moving artists out of the figure."""
        for artist in self._moving():
            artist.remove()

    def _moving(self):
        return [artist for ax in self.figure.axes for artist in ax.get_children() if artist.get_animated()]


def move(artist):
    """Have a StillCanvas redraw an artist each time."""
    artist.set_animated(True)
    return artist


def new_figure(width, height, canvas=FigureCanvasAgg):
    """Return an empty Figure of a size in inches, which pyplot knows nothing of."""
    figure = Figure(figsize=(width, height), dpi=DPI)
    canvas(figure)
    return figure


def message(text, height):
    """Return a Figure, as wide as others and of a height in inches, with a text in its middle."""
    figure = new_figure(WIDTH, height)
    figure.text(0.5, 0.5, text, ha="center", va="center", color=INK, fontsize=12)
    return figure


def encode(image, kind, **options):
    """Return an image of PIL's as the bytes of a file of a kind, such as "JPEG"."""
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def stack_pictures(pictures):
    """Return pictures below each other, as one JPEG no wider than STILL_WIDTH."""
    images = [Image.open(io.BytesIO(picture)).convert("RGB") for picture in pictures]
    wide, high = max(image.width for image in images), sum(image.height for image in images)
    sheet, top = Image.new("RGB", (wide, high), "white"), 0
    for image in images:
        sheet.paste(image, (0, top))
        top += image.height
    sheet.thumbnail((STILL_WIDTH, high), Image.Resampling.LANCZOS)
    return encode(sheet, "JPEG", quality=75)


def button(description, icon, tooltip, action, layout=None):
    """Return a button that does something when it is clicked; without a layout it is as wide as its text."""
    widget = ipywidgets.Button(description=description, icon=icon, tooltip=tooltip, layout=layout or {"width": "auto"})
    widget.on_click(lambda _: action())
    return widget


def check_frames(frames, times=None, *, n=None, owner="", order=None):
    """Return the images of frames, and their seconds or None; n of them, if that is how many the `owner` has."""
    if isinstance(frames, Frames):
        frames, times = frames.images, frames.times if times is None else times
    images = check_images(frames, "frames")
    if n is not None and len(images) != n:
        raise ParameterError(f"frames must be those of the {owner}, {n}; got {len(images)}")
    return images, None if times is None or not len(images) else check_times(times, len(images), order=order)


def images_of(frames, n, owners):
    """Return the images of Frames, or of an array that has one for each of the n `owners`."""
    if isinstance(frames, Frames):
        return frames.images
    images = check_images(frames, "frames")
    if len(images) != n:
        raise ParameterError(f"frames must be one for each of the {n} {owners}, or Frames; got {len(images)}")
    return images


def lanes(starts, ends, most=None):
    """Return a lane for each span, int (n,), so that those in one do not overlap: the first that is free.

    With `most`, there are at most that many lanes: spans that find none free share the last.
    """
    ends_of_lanes, places = [], np.zeros(len(starts), np.int64)
    for place in np.argsort(starts, kind="stable"):
        free = (lane for lane, end in enumerate(ends_of_lanes) if end <= starts[place] + 1e-6)
        lane = next(free, len(ends_of_lanes))
        if lane == most:
            lane -= 1
            ends_of_lanes[lane] = max(ends_of_lanes[lane], ends[place])
        else:
            ends_of_lanes[lane : lane + 1] = [ends[place]]
        places[place] = lane
    return places
