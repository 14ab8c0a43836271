"""Figures of cuts, pace, face heights and dialogues over time.

As in `toolkit.plots`, which holds these functions too, each draws on an Axes and returns it.
"""

import warnings

import numpy as np
import pandas as pd
from matplotlib.collections import LineCollection
from matplotlib.offsetbox import AnnotationBbox, OffsetImage
from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator, PercentFormatter

from toolkit.checks import check_array, check_count, check_images, check_labels, check_names, check_number, check_times
from toolkit.errors import ParameterError
from toolkit.plots.axes import WIDTH, check_table, clock, new_axes, note
from toolkit.plots.bars import draw_bars, limits, runs_of, time_axis
from toolkit.plots.lettering import Lettering
from toolkit.plots.style import GRAY, INK, MARK, POINTS, TAG_LENGTH, cluster_colors, cluster_name, count_of, thumbnail
from toolkit.records import Frames
from toolkit.tables import check_spans

TRANSITION_COLORS = {"cut": INK, "dissolve": "#e69f00", "fade": "#8f1466", "iris": "#009e73"}
OTHER_TRANSITION = "#cc79a7"
# inches
TURN, PICTURE = 0.17, 0.62
# of a curve longer than this, the highest of each stretch is drawn
MAX_POINTS = 4000
# seconds by which a picture may be early
EARLY_SECONDS = 1e-6
# a speaker that no label has
UNKNOWN = -2


def plot_cuts(times, distances, shot_table, *, label="distance to the frame before", ax=None):
    """Draw the distance of each frame to the one before, and above it the shots' changes, a row for each kind.

    Parameters
    ----------
    times : ndarray, (n,)
        Seconds of the frames that the distances lead to, rising.
    distances : ndarray, (n,)
        As from `distances.consecutive`, at any rate of frames. Of many, the highest of each stretch are drawn.
    shot_table : DataFrame
        From `shots.detect_shots`, or corrected by hand: start, and transition where it is known (else all are cuts).
        With start_frame, end_frame, end, transition_start_frame and transition_end_frame, gradual changes are spans.
    label : str
        What the distances are.

    Raises
    ------
    ParameterError
        If arguments do not fit each other.
    """
    values, times = _check_curve("distances", distances, times, "distance")
    changes = _changes(shot_table)
    ax = ax or new_axes(WIDTH, 3.0)
    highest = float(np.max(values[np.isfinite(values)], initial=0.0)) or 1.0
    ax.plot(*_highest_of(times, values), color=INK, linewidth=0.7)
    kinds = [kind for kind in TRANSITION_COLORS if kind in set(changes["kind"])]
    kinds += sorted(set(changes["kind"]) - set(kinds))
    for row, kind in enumerate(kinds):
        rows = changes[changes["kind"] == kind]
        low, color = (1.05 + 0.1 * row) * highest, TRANSITION_COLORS.get(kind, OTHER_TRANSITION)
        starts, ends = rows["start"].to_numpy(), rows["end"].to_numpy()
        draw_bars(ax, starts, ends, np.full(len(rows), low), np.full(len(rows), low + 0.07 * highest), color, rim=0.9)
        if (ends > starts).any():
            draw_bars(ax, starts, ends, np.zeros(len(rows)), np.full(len(rows), highest), color, rim=0.0, alpha=0.2)
        count = count_of(len(rows), kind)
        ax.text(1.006, low, count, transform=ax.get_yaxis_transform(), color=color, size=POINTS + 1)
    ax.set(ylabel=label, ylim=(0, (1.08 + 0.1 * len(kinds)) * highest))
    ax.set_yticks([tick for tick in ax.get_yticks() if 0 <= tick <= highest])
    every = np.concatenate([times, changes["start"], changes["end"]])
    ax.set_xlim(*limits(every, every))
    time_axis(ax, True)
    return ax


def plot_pace(pace, *, shot_spans=None, ax=None):
    """Draw how long shots are over time, on a logarithmic axis: twice as long is the same step everywhere.

    Parameters
    ----------
    pace : DataFrame
        From `shots.pace`: start, end, average_length. Drawn as a line through the middles of the windows.
    shot_spans : DataFrame with the columns start and end, or array of float, (n_shots, 2); optional
        Each shot is then a line of its own, from its start to its end, as high as it is long.

    Raises
    ------
    ParameterError
        If `pace` has not those columns, or `shot_spans` are none.
    """
    columns = ("start", "end", "average_length")
    check_table("pace", pace, columns, "shots.pace")
    ax = ax or new_axes(WIDTH, 3.0)
    begin, end, average = (_numbers("pace", pace, name) for name in columns)
    spans = np.empty((0, 2)) if shot_spans is None else check_spans(shot_spans)
    lasting = spans[spans[:, 1] > spans[:, 0]]
    lengths = np.diff(lasting, axis=1)[:, 0]
    lines = np.stack([lasting, np.stack([lengths, lengths], axis=1)], axis=2)
    ax.add_collection(LineCollection(lines, colors=GRAY, linewidths=1.6, capstyle="projecting"))
    # named to the right of their ends, the higher one above and the lower one below
    texts = [(average[np.isfinite(average)][-1], "average", MARK)] if np.isfinite(average).any() else []
    if len(lengths):
        median = float(np.median(lengths))
        ax.axhline(median, color=INK, linewidth=0.9, linestyle=(0, (5, 3)), zorder=1)
        texts.append((median, f"median {median:.1f} s", INK))
    ax.plot((begin + end) / 2, average, color=MARK, linewidth=1.8, marker="o" if len(pace) < 3 else "", markersize=5)
    for place, (height, text, color) in enumerate(sorted(texts, key=lambda each: -each[0])):
        above = place == 0 and (color == MARK or len(texts) > 1)
        style = {"x": "axes fraction", "va": "bottom" if above else "top", "size": POINTS + 1, "color": color}
        note(ax, text, (1, height), (4, 1 if above else -1), **style)
    heights = np.append(average[average > 0], lengths)
    low, high = (heights.min() / 1.4, heights.max() * 1.4) if len(heights) else (0.5, 2.0)
    xlim = limits(np.append(begin, spans[:, 0]), np.append(end, spans[:, 1]))
    ax.set(yscale="log", ylim=(low, high), ylabel="length of shots, seconds", xlim=xlim)
    steps = (1, 2, 5) if high > 10 * low else (1, 1.5, 2, 3, 4, 5, 7)
    ticks = [step * 10.0**power for power in range(-3, 6) for step in steps]
    ax.yaxis.set_major_locator(FixedLocator([tick for tick in ticks if low <= tick <= high]))
    ax.yaxis.set_minor_locator(NullLocator())
    ax.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    time_axis(ax, True)
    return ax


def plot_face_scale(scale, times, *, low=0.28, high=0.75, label="tallest face / picture height", ax=None):
    """Draw how tall the tallest face of each frame is, and the range in which a frame is a medium close-up.

    Parameters
    ----------
    scale : ndarray of float, (n,)
        In [0, 1], as from `closeups.face_scale`, or probabilities as from `closeups.predict`.
    times : ndarray, (n,)
        Seconds of the frames, rising.
    low, high : float
        The range, as of `closeups.is_close_up`.
    label : str
        What the scale is.

    Raises
    ------
    ParameterError
        If arguments do not fit each other.
    """
    values, times = _check_curve("scale", scale, times, "frame")
    low, high = check_number("low", low), check_number("high", high)
    ax = ax or new_axes(WIDTH, 2.6)
    inside = (low <= values) & (values < high)
    top = max(1.0, np.nanmax(values, initial=0.0))
    ax.axhspan(low, min(high, top), color=MARK, alpha=0.1, linewidth=0)
    size = float(np.clip(6000 / max(1, len(values)), 4, 22))
    ax.scatter(times[~inside], values[~inside], s=size, color=GRAY, linewidths=0, clip_on=False)
    ax.scatter(times[inside], values[inside], s=size, color=INK, linewidths=0)
    style = {"x": "axes fraction", "va": "center", "size": POINTS + 1, "color": MARK}
    note(ax, "medium\nclose-up", (1, (low + min(high, top)) / 2), (5, 0), **style)
    ax.set(ylim=(0, top), ylabel=label, xlim=limits(times, times))
    ax.yaxis.set_major_formatter(PercentFormatter(1.0))
    time_axis(ax, True)
    return ax


def plot_dialogues(dialogues, labels, times, *, images=None, subtitles=None, names=None, rows=8, ax=None):
    """Draw dialogues below each other, from the same left edge and on one scale: who has the turn, and when.

    Each has three lanes: the first speaker, the second, and what is neither. Between the two ticks lies the anchor;
    what is outside them the scene has grown by. To the left is the time at which it begins.

    Parameters
    ----------
    dialogues : DataFrame
        From `dialogue.find_dialogues`; or corrected by hand, with speaker_a, speaker_b, start and end (seconds), where
        a speaker may be unknown.
    labels : ndarray of int, (n,)
        The labels that these were found in.
    times : ndarray, (n,)
        Seconds of the frames, rising.
    images : ndarray of uint8, (n, height, width, 3) or (n, height, width), or Frames; optional
        To show a picture of each speaker, from the middle of a turn. Frames may be fewer, and at other times: the
        nearest to a turn's middle is taken.
    subtitles : DataFrame, optional
        start, end (seconds), as from `subtitles.read_subtitles`: drawn as a line above each dialogue.
    names : dict of int to str, optional
        What speakers are called, in place of the numbers of their labels; such as from `exports.setup_names`. The
        dialogues may have these names as well, as text.
    rows : int
        Draw at most so many, the longest; a line says of how many.

    Raises
    ------
    ParameterError
        If arguments do not fit each other.
    """
    rows, names = check_count("rows", rows, at_least=1), check_names(names)
    labels = check_labels(labels)
    times = check_times(times, len(labels), order="rising")
    dialogues = _check_dialogues(dialogues, len(labels), times, names)
    runs = runs_of(labels, times, None)
    starts, ends, turns = (runs[name].to_numpy() for name in ("start", "end", "label"))
    pictures, spoken = _pictures(images, times, labels), _spoken(subtitles, starts, ends)
    # when each frame begins, and the last one ends
    clocks = np.append(times, ends[-1:])
    longest = (dialogues["end_frame"] - dialogues["start_frame"]).sort_values(ascending=False, kind="stable").index
    table = dialogues.loc[sorted(longest[:rows])]
    tall = max(PICTURE, 3 * TURN) + 0.32
    ax = ax or new_axes(WIDTH, 0.7 + tall * max(1, len(table)))
    bottom = tall * max(1, len(table)) + 0.06
    # one unit downwards is an inch in a figure of our own; in another's, pictures shrink with it
    high = ax.get_position().height * ax.figure.get_figheight()
    inches = PICTURE * min(1.0, high / bottom / 0.75)
    span, lettering = 0.0, Lettering()
    for row, each in enumerate(table.itertuples()):
        top = row * tall + 0.24
        begin, end = clocks[each.start_frame], clocks[each.end_frame]
        span = max(span, end - begin)
        inside = (ends > begin) & (starts < end)
        spans, turn = np.stack([starts[inside], ends[inside]], axis=1), turns[inside]
        lane = np.where(turn == each.speaker_a, 0, np.where(turn == each.speaker_b, 1, 2))
        low = top + lane * TURN
        tall_bar = np.where(lane < 2, 0.88, 0.5) * TURN
        draw_bars(ax, *spans.clip(begin, end).T - begin, low, low + tall_bar, cluster_colors(turn), rim=0.3)
        anchor = np.array([clocks[each.anchor_start_frame], clocks[each.anchor_end_frame]]) - begin
        ax.vlines(anchor, top - 0.05, top + 3 * TURN, color=INK, linewidth=0.9, clip_on=False)
        said = spoken[(spoken[:, 0] < end) & (spoken[:, 1] > begin)].clip(begin, end) - begin
        if len(said):
            ax.hlines(np.full(len(said), top - 0.08), *said.T, color=INK, linewidth=2.2)
        ax.text(0, top - 0.11, clock(begin), size=POINTS + 1, color=INK, va="bottom")
        for side, speaker in enumerate((each.speaker_a, each.speaker_b)):
            image = _speaker_picture(pictures, spans[turn == speaker], speaker)
            name = "?" if speaker == UNKNOWN else cluster_name(speaker, names, lettering, TAG_LENGTH)
            _draw_speaker(ax, side, cluster_colors([speaker])[0], name, lettering.style, top, image, inches)
    if not len(table):
        ax.text(0.5, 0.5, "no dialogue", transform=ax.transAxes, ha="center", va="center", color=GRAY, size=11)
    suffix = f" (the {rows} longest of {len(dialogues)})" if rows < len(dialogues) else ""
    ax.set(ylim=(bottom, 0), yticks=[], xlim=(0, span or 1.0))
    time_axis(ax, True)
    ax.set_xlabel(f"{ax.get_xlabel()} from the beginning of each{suffix}")
    lettering.warn()
    # of nothing there is no time to tell
    ax.xaxis.set_visible(len(table) > 0)
    ax.spines["bottom"].set_visible(len(table) > 0)
    return ax


def _check_dialogues(dialogues, n, times, names):
    """Return dialogues with speakers and frames; of those corrected by hand, frames by their seconds."""
    frames = ["anchor_start_frame", "anchor_end_frame", "start_frame", "end_frame"]
    wanted = ["speaker_a", "speaker_b", "start", "end"]
    numbered = isinstance(dialogues, pd.DataFrame) and {*wanted[:2], *frames} <= set(dialogues.columns)
    if not numbered:
        check_table("dialogues", dialogues, wanted, "dialogue.find_dialogues")
    numbers = {str(name).strip(): number for number, name in names.items()}

    def number_of(speaker):
        return numbers.get(speaker.strip(), speaker) if isinstance(speaker, str) else speaker

    # one that was added by hand may name no speakers
    speakers = {
        name: pd.to_numeric(dialogues[name].map(number_of), errors="coerce").fillna(UNKNOWN).astype(np.int64)
        for name in wanted[:2]
    }
    texts = pd.concat([dialogues[name] for name in wanted[:2]])[np.concatenate([*speakers.values()]) == UNKNOWN]
    lost = {name.strip(): None for name in texts if isinstance(name, str) and name.strip()}
    if lost:
        warnings.warn(
            f"dialogues name speakers that no set-up is called: {', '.join(lost)}. Was one renamed?", stacklevel=3
        )
    if numbered:
        spans = dialogues[frames]
        whole = all(kind.kind in "iu" for kind in spans.dtypes)
        if len(dialogues) and not (whole and spans.min(axis=None) >= 0 and spans.max(axis=None) <= n):
            raise ParameterError(
                f"dialogues must have frames from 0 to {n}, of the {n} labels that they were found in; got others"
            )
        return spans.assign(**speakers).reset_index(drop=True)
    seconds = {name: _numbers("dialogues", dialogues, name) for name in ("start", "end")}
    first, last = (np.searchsorted(times, side) for side in seconds.values())
    spans = {"start_frame": first, "end_frame": last}
    for name, side in seconds.items():
        # a row may have been added or moved by hand since
        anchor = _numbers("dialogues", dialogues, f"anchor_{name}") if f"anchor_{name}" in dialogues else side
        anchor = np.where(np.isnan(anchor), side, anchor)
        spans[f"anchor_{name}_frame"] = np.searchsorted(times, anchor).clip(first, last)
    return pd.DataFrame(speakers | spans)[last > first].reset_index(drop=True)


def _check_curve(name, values, times, each):
    """Return values as floats (n,), and the time of each."""
    wanted = "numbers, (n,), one for each time"
    values = check_array(name, values, ("n",), wanted=wanted, finite=False).astype(float)
    return values, check_times(times, len(values), each, order="rising")


def _numbers(name, table, column):
    """Return a column of a table as floats."""
    try:
        return table[column].to_numpy(dtype=np.float64)
    except (TypeError, ValueError):
        raise ParameterError(f"{name} must have numbers in {column}; got {table[column].dtype}") from None


def _changes(table):
    """Return kind, start and end (seconds) of the changes that shots begin with."""
    check_table("shot_table", table, ["start"], "shots.detect_shots")
    start = _numbers("shot_table", table, "start")
    if not np.isfinite(start).all():
        raise ParameterError("shot_table must have seconds in start; got NaN or infinity")
    kind = np.full(len(table), "cut", dtype=object)
    if "transition" in table.columns:
        kind = table["transition"].fillna("cut").astype(str).to_numpy()
    elif len(kind):
        kind[0] = "start"
    changes = pd.DataFrame({"kind": kind, "start": start, "end": start})
    frames = ["start_frame", "end_frame", "transition_start_frame", "transition_end_frame"]
    if {"end", *frames} <= set(table.columns) and len(table):
        begin, last, first, final = (_numbers("shot_table", table, name) for name in frames)
        numbered = np.isfinite(begin) & np.isfinite(last)
        # what frames are when, of the shots' own edges
        end = _numbers("shot_table", table, "end")
        edges, seconds = np.append(begin[numbered], last[numbered]), np.append(start[numbered], end[numbered])
        order = np.argsort(edges, kind="stable")
        gradual = np.isfinite(first) & np.isfinite(final) & (final > first)
        if gradual.any() and numbered.any():
            for name, frame in (("start", first), ("end", final)):
                changes.loc[gradual, name] = np.interp(frame[gradual], edges[order], seconds[order])
    return changes[changes["kind"] != "start"].reset_index(drop=True)


def _highest_of(times, values):
    """Return times and values, of many the highest of each stretch."""
    if len(values) <= MAX_POINTS:
        return times, values
    starts = np.unique(np.linspace(0, len(values), MAX_POINTS // 2 + 1).astype(int))[:-1]
    filled = np.where(np.isfinite(values), values, -np.inf)
    edges = np.append(starts, len(values))
    places = [a + int(filled[a:b].argmax()) for a, b in zip(edges[:-1], edges[1:], strict=True)]
    return times[places], values[places]


def _spoken(subtitles, starts, ends):
    """Return the seconds in which subtitles are on screen while runs are, (n, 2)."""
    from toolkit.subtitles import spoken_between

    if subtitles is None:
        return np.empty((0, 2))
    begin, end = (starts[0], ends[-1]) if len(starts) else (0.0, 0.0)
    return spoken_between(subtitles, begin, end)[["start", "end"]].to_numpy(np.float64)


def _draw_speaker(ax, side, color, name, style, top, image, inches):
    """Draw a speaker's picture, so many inches high, or only the name, to the left of the dialogue."""
    style = {"x": "axes fraction", "size": POINTS + 1, **style}
    if image is None:
        note(ax, name, (0, top + (side + 0.44) * TURN), (-6, 0), ha="right", va="center", color="black", **style)
        return
    # of a very wide picture less
    inches = min(inches, 2 * inches * image.shape[0] / image.shape[1])
    zoom = 72 * inches / image.shape[0]
    left = -(2 - side) * (zoom * image.shape[1] + 6)
    options = {"xycoords": ("axes fraction", "data"), "boxcoords": "offset points", "box_alignment": (0, 1)}
    options |= {"pad": 0.12, "bboxprops": {"edgecolor": color, "facecolor": color, "linewidth": 1.5}}
    ax.add_artist(AnnotationBbox(OffsetImage(image, zoom=zoom), (0, top), (left, 0), **options))
    note(ax, name, (0, top), (left + 3, 4), va="bottom", **style)


def _pictures(images, times, labels):
    """Return images, their times, and their labels; or None."""
    if images is None:
        return None
    if not isinstance(images, Frames):
        images = check_images(images)
        if len(images) != len(times):
            raise ParameterError(f"images must be one for each of the {len(times)} times, or Frames; got {len(images)}")
        return images, times, labels
    if not len(times):
        return images.images, images.times, np.full(len(images), -1)
    at = np.searchsorted(times, images.times + EARLY_SECONDS, side="right") - 1
    return images.images, images.times, labels[np.maximum(at, 0)]


def _speaker_picture(pictures, turns, speaker):
    """Return a picture of a speaker: of those in the dialogue, or else in the film, the nearest to a turn's middle.

    The speaker's turns are (n, 2), in seconds. None without pictures; a gray one where none is of the speaker.
    """
    if pictures is None:
        return None
    images, times, labels = pictures
    own = np.flatnonzero(labels == speaker)
    if not len(own) or not len(turns):
        return np.full_like(thumbnail(images[0]) if len(images) else np.empty((9, 16, 3), np.uint8), 221)
    within = own[(times[own] >= turns[0, 0]) & (times[own] < turns[-1, 1])]
    own = within if len(within) else own
    far = np.abs(times[own][:, None] - turns.mean(axis=1)).min(axis=1)
    return thumbnail(images[own[far.argmin()]])
