"""Figures of scenes, and of how sure a model is of their boundaries.

As in `toolkit.plots`, which holds these functions too, each draws on an Axes and returns it.
"""

import numpy as np

from toolkit.checks import check_count, check_number
from toolkit.errors import ParameterError
from toolkit.plots.axes import WIDTH, hide_spines, new_axes
from toolkit.plots.bars import draw_bars, limits, time_axis
from toolkit.plots.lettering import Lettering, shorten
from toolkit.plots.style import GRAY, INK, LANE, NAME_LENGTH, POINTS, cluster_colors, count_of
from toolkit.records import Movie
from toolkit.tables import check_spans

# how what is told differs from what is true
VERDICTS = {"right": "#009e73", "false": "#d55e00", "missed": "#8f1466"}
# points that a scene's number needs
DIGIT = 5.0
# curves on which F1 is the same
LEVELS = (0.2, 0.4, 0.6, 0.8)


def plot_scenes(scenes, *, shot_spans=None, ax=None):
    """Draw a film as a bar in which each scene has a colour and its number.

    Parameters
    ----------
    scenes : DataFrame with the columns start and end, or array of float, (n, 2); or a dict of these
        Seconds; in order, without overlap. Of a dict each is a bar of its own, under its name: what was found above
        what is true. Of a name longer than 24 letters the first are written, and an ellipsis.
    shot_spans : DataFrame with the columns start and end, or array of float, (n_shots, 2); optional
        A line is drawn wherever a shot begins.

    Raises
    ------
    ParameterError
        If the spans are none, or there is no bar to draw.
    """
    lanes = scenes if isinstance(scenes, dict) else {"scenes": scenes}
    if not lanes:
        raise ParameterError("scenes must be a table of scenes, or a dict of at least one; got an empty dict")
    lanes = {str(name): check_spans(spans, "scenes") for name, spans in lanes.items()}
    shot_spans = np.empty((0, 2)) if shot_spans is None else check_spans(shot_spans)
    ax = ax or new_axes(WIDTH, 0.55 + 1.3 * LANE * len(lanes))
    begin_bars(ax, lanes, np.concatenate([*lanes.values(), shot_spans]))
    for row, spans in enumerate(lanes.values()):
        draw_scenes(ax, row, spans)
    draw_cuts(ax, shot_spans[1:, 0], 0, len(lanes) - 1)
    return ax


def begin_bars(ax, names, spans):
    """Set axes up for rows of bars with these names, and for all of these spans, (n, 2) in seconds."""
    ax.set(xlim=limits(spans[:, 0], spans[:, 1]), ylim=(len(names) - 0.5, -0.5))
    lettering = Lettering()
    names = [shorten(lettering.spell(name), NAME_LENGTH) for name in names]
    ax.set_yticks(range(len(names)), names, size=POINTS + 1, **lettering.style)
    lettering.warn()
    ax.tick_params(axis="y", length=0)
    time_axis(ax, True)


def draw_scenes(ax, row, spans):
    """Draw scenes, (n, 2) in seconds, as a row of bars with their numbers and how many they are; return the artists."""
    second = 72 * ax.get_position().width * ax.figure.get_figwidth() / np.ptp(ax.get_xlim())
    count = len(spans)
    colors = cluster_colors(np.arange(count))
    artists = [draw_bars(ax, *spans.T, np.full(count, row - 0.4), np.full(count, row + 0.4), colors, rim=0.0)]
    for number, (start, end) in enumerate(spans):
        if (end - start) * second > DIGIT * (1 + len(str(number))):
            light = colors[number] @ (0.299, 0.587, 0.114) > 0.5
            middle, color = (start + end) / 2, "black" if light else "white"
            artists.append(ax.text(middle, row, number, ha="center", va="center", size=POINTS, color=color))
    text = count_of(count, "scene")
    artists.append(ax.text(1.006, row, text, transform=ax.get_yaxis_transform(), va="center", size=POINTS))
    return artists


def draw_cuts(ax, cuts, first, last):
    """Draw a line at each cut, in seconds, from one row of bars to another; return the lines."""
    return ax.vlines(cuts, first - 0.4, last + 0.4, color="white", linewidth=min(0.6, 150 / max(len(cuts), 1)))


def draw_precision_recall(ax, curve=None):
    """Draw a curve of `metrics.precision_recall_curve`, if there is one, over lines on which F1 is the same."""
    recall = np.linspace(0.005, 1, 200)
    for level in LEVELS:
        recalls = recall[2 * recall - level > level * recall]
        ax.plot(recalls, level * recalls / (2 * recalls - level), color=GRAY, linewidth=0.6, alpha=0.6)
        ax.text(1.01, level / (2 - level), f"F1 {level:g}", size=POINTS, color=GRAY, va="center")
    if curve is not None:
        ax.plot(curve["recall"], curve["precision"], color=INK, linewidth=1.3)
    ax.set(xlim=(0, 1), ylim=(0, 1.03), xlabel="recall", ylabel="precision")
    hide_spines(ax)


def draw_ranking(ax, predictions):
    """Draw predictions, (n,) and at least one, from the highest down."""
    ranked = np.sort(predictions)[::-1]
    ax.step(np.arange(len(ranked) + 1), np.append(ranked[:1], ranked), where="pre", color=INK, linewidth=1.3)
    low, high = min(0.0, ranked[-1]), max(1.0, ranked[0])
    ax.set(xlim=(0, len(ranked)), ylim=(low, high + 0.03 * (high - low)), ylabel="prediction")
    ax.set_xlabel("cuts, from the highest prediction down")
    hide_spines(ax)


def plot_boundaries(movie, *, threshold=0.5, first=0, last=None, ax=None):
    """Draw how sure a model is of a scene boundary after each shot, and where it is right.

    A bar stands at each place between two shots, as high as its prediction; those at or above the threshold are told to
    be boundaries. Where the truth is known, these are right or false, and true ones below the threshold are missed; a
    triangle below the axis is at each true one.

    Parameters
    ----------
    movie : Movie
        With predictions; shot i is from i to i + 1 on the axis.
    threshold : float
        From which prediction on a boundary is told.
    first, last : int
        The shots to draw, ``[first, last)``, by default all.

    Raises
    ------
    ParameterError
        If the movie has no predictions, or fewer than two shots are to be drawn.
    """
    if not isinstance(movie, Movie) or movie.predictions is None:
        raise ParameterError("movie must be a Movie with predictions, as scenes.write_predictions returns it")
    threshold = check_number("threshold", threshold)
    first = check_count("first", first)
    last = movie.n_shots if last is None else min(check_count("last", last), movie.n_shots)
    if last - first < 2:
        raise ParameterError(
            f"first and last must leave at least two of the movie's {movie.n_shots} shots; got {first} and {last}"
        )
    places = np.arange(first, last - 1)
    values = movie.predictions[places]
    likely = values >= threshold
    if movie.boundaries is None:
        kinds = {"told": likely, "not told": ~likely}
    else:
        true = movie.boundaries[places]
        kinds = {"right": likely & true, "false": likely & ~true, "missed": ~likely & true, "rest": ~likely & ~true}
    ax = ax or new_axes(WIDTH, 2.8)
    low, high = min(0.0, values.min(), threshold), max(values.max(), threshold)
    room = (high - low or 1.0) * 0.06
    for row, (kind, chosen) in enumerate(kinds.items()):
        color = {"told": INK, **VERDICTS}.get(kind, GRAY)
        at = places[chosen] + 1
        draw_bars(ax, at - 0.4, at + 0.4, np.full(len(at), low), values[chosen], color, rim=0.5)
        if kind in VERDICTS or kind == "told":
            text = f"{chosen.sum()} {kind}"
            ax.text(1.006, 0.9 - 0.12 * row, text, transform=ax.transAxes, color=color, size=POINTS + 1)
        if kind in ("right", "missed"):
            ax.plot(at, np.full(len(at), low - room), "^", color=color, markersize=4.5)
    ax.axhline(threshold, color=INK, linewidth=0.8, linestyle="--")
    ax.set(xlabel="shot", ylabel="how sure", xlim=(first, last), ylim=(low - 2 * room, high + room))
    hide_spines(ax)
    return ax
