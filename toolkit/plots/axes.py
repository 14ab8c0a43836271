"""Axes that all figures share: their width, new ones, clock times along them, color bars; and a check of tables."""

import numpy as np
import pandas as pd
from matplotlib.ticker import FuncFormatter, Locator, MaxNLocator

from toolkit.errors import ParameterError

WIDTH = 11.0
# seconds from tick to tick on a time axis, and how many ticks it has at most
CLOCK_STEPS, TICKS = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1200, 1800, 3600, 7200, 14400, 36000), 9


def new_axes(width, height, layout="constrained"):
    """Return the Axes of a new figure, in inches, with room for its labels."""
    import matplotlib.pyplot as plt

    return plt.subplots(figsize=(width, height), layout=layout)[1]


def new_sheet(width, height, *, margin=0.0, **options):
    """Return Axes that fill a new figure, in inches, but for a margin in shares of its sides."""
    import matplotlib.pyplot as plt

    box = (margin, margin, 1 - 2 * margin, 1 - 2 * margin)
    return plt.figure(figsize=(width, height), **options).add_axes(box)


def clock(seconds) -> str:
    """Return seconds as they are written under a frame: 7.5 s is 0:07.50, an hour 1:00:00.00."""
    hundredths = round(float(seconds) * 100)
    minutes, hundredths = divmod(hundredths, 6000)
    hours, minutes = divmod(minutes, 60)
    head = f"{hours}:{minutes:02d}" if hours else f"{minutes}"
    return f"{head}:{hundredths // 100:02d}.{hundredths % 100:02d}"


def minutes(seconds, _position=None):
    """Return the label of a tick on a time axis."""
    return clock(seconds).removesuffix(".00")


def ticks(low, high, steps, most):
    """Return the multiples from low to high of the first of some rising steps that gives no more than `most`."""
    step = next((step for step in steps if (high - low) / step <= most), steps[-1])
    return step * np.arange(np.ceil(low / step - 1e-9), np.floor(high / step + 1e-9) + 1)


class ClockLocator(Locator):
    """Ticks at whole seconds, minutes or hours, as many as there is room for; of a film of a second or two, others."""

    def __call__(self):
        """Return the ticks of the axis as it is shown."""
        return self.tick_values(*self.axis.get_view_interval())

    def tick_values(self, low, high):
        """Return the ticks from low to high."""
        low, high = sorted((float(low), float(high)))
        room = self.axis.get_tick_space()
        if self.axis.axis_name == "x":
            # Matplotlib counts on labels three times as wide as high; with space, hours or hundredths, they are wider
            room *= 0.55 if high >= 3600 or high - low < 2 else 0.75
        most = np.clip(room, 2, TICKS)
        if high - low < 2 * CLOCK_STEPS[0]:
            return MaxNLocator(int(most)).tick_values(low, high)
        return ticks(low, high, CLOCK_STEPS, most)


def time_name(last):
    """Return what a time axis is called that reaches to so many seconds."""
    return "minutes and seconds" if last < 3600 else "hours, minutes and seconds"


def set_clock(axis):
    """Write times along an axis, given in seconds, and what they are."""
    axis.set_major_locator(ClockLocator())
    axis.set_major_formatter(FuncFormatter(minutes))
    axis.set_label_text(time_name(max(axis.get_view_interval())))


def note(ax, text, place, offset, *, x="data", y="data", **options):
    """Annotate a place with a text at an offset in points; `x` and `y` are "data" or "axes fraction"."""
    # Matplotlib omits a text whose place is outside the axes if both of its coordinates are in data
    coordinates = x if x == y else (x, y)
    return ax.annotate(text, place, xycoords=coordinates, xytext=offset, textcoords="offset points", **options)


def hide_spines(ax, *sides):
    """Hide the spines of axes at the top, at the right, and at further sides."""
    ax.spines[["top", "right", *sides]].set_visible(False)


def color_bar(ax, mappable):
    """Return a bar of the colours of something drawn, beside a picture and as high as it."""
    # a square one is else put into the middle of its room, and what is written along the bar out of it
    ax.set_anchor("W")
    return ax.figure.colorbar(mappable, cax=ax.inset_axes((1.03, 0, 0.04, 1)))


def check_table(name, table, columns, maker, each=None):
    """Return the names of a table's columns if it has these, and where `each` says of what, at least one row.

    Otherwise raise a ParameterError, which says what makes such tables.
    """
    names = list(table.columns) if isinstance(table, pd.DataFrame) else []
    if not set(columns) <= set(names) or (each and not len(table)):
        wanted = f"a table with {', '.join(columns)}, as {maker} gives it{f', of at least one {each}' if each else ''}"
        kind = type(table).__name__
        if isinstance(table, pd.DataFrame):
            kind = f"{len(table)} rows of the columns {', '.join(map(str, names)) or 'none'}"
        raise ParameterError(f"{name} must be {wanted}; got {kind}")
    return names
