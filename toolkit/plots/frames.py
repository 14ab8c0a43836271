"""Contact sheets of frames, and a box drawn on a frame."""

import numpy as np
from matplotlib.patches import Rectangle

from toolkit.checks import check_count
from toolkit.errors import ParameterError
from toolkit.plots.axes import WIDTH, clock, new_axes, new_sheet
from toolkit.records import Frames
from toolkit.video import evenly

GAP = 6
LETTERS = 8.5


def plot_frames(frames, *, columns=6, limit=24, times=True, ax=None):
    """Draw frames as a contact sheet, row by row, each with its time.

    Parameters
    ----------
    frames : Frames, or ndarray of uint8, (n, height, width, 3) or (n, height, width)
    columns : int
        Frames in a row.
    limit : int
        Draw at most so many, evenly spaced.
    times : bool
        Write each frame's time under it; an array of images has none.

    Raises
    ------
    ParameterError
        If there are no frames.
    """
    columns, limit = check_count("columns", columns, at_least=1), check_count("limit", limit, at_least=1)
    images = frames.images if isinstance(frames, Frames) else np.asarray(frames)
    if not len(images):
        raise ParameterError("frames must hold at least one picture to draw; got none")
    chosen = evenly(len(images), limit)
    columns = min(columns, len(chosen))
    rows = -(-len(chosen) // columns)
    height, width = images.shape[1:3]
    inches = WIDTH * min(1.0, 0.3 * columns)
    sheet_width = columns * (width + GAP) - GAP
    captioned = times and isinstance(frames, Frames)
    # a line that holds letters of LETTERS points, in pixels of the sheet
    caption = round(1.6 * LETTERS / 72 * sheet_width / inches) if captioned else 0
    sheet = np.full((rows * (height + caption + GAP) - GAP, sheet_width, 3), 255, dtype=np.uint8)
    ax = ax or new_sheet(inches, inches * sheet.shape[0] / sheet_width)
    for place, index in enumerate(chosen):
        top, left = place // columns * (height + caption + GAP), place % columns * (width + GAP)
        picture = images[index]
        sheet[top : top + height, left : left + width] = picture if picture.ndim == 3 else picture[..., None]
        if caption:
            x, y = left + width / 2, top + height + caption / 2
            ax.text(x, y, clock(frames.times[index]), ha="center", va="center", size=LETTERS)
    ax.imshow(sheet, interpolation="antialiased")
    ax.set_axis_off()
    return ax


def plot_box(image, box, *, ax=None):
    """Draw a picture and, over it, the outline of a box (top, left, height, width) in pixels."""
    ax = ax or new_axes(WIDTH / 2, WIDTH / 2 * image.shape[0] / image.shape[1], layout=None)
    top, left, height, width = box
    ax.imshow(image, cmap="gray", vmin=0, vmax=255)
    ax.add_patch(Rectangle((left - 0.5, top - 0.5), width, height, fill=False, edgecolor="#ff7f0e", linewidth=2.5))
    ax.set_axis_off()
    return ax
