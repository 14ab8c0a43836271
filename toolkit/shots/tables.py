"""Tables of shots: lookups by time, conversions and completion."""

import numpy as np
import pandas as pd

from toolkit.checks import check_count, check_labels, check_number, check_times
from toolkit.errors import ParameterError
from toolkit.tables import ROUNDING_SECONDS, SAME_SECONDS, check_spans, row_of, table_name

# of a table of shots
_CHANGE = ("transition", "transition_start_frame", "transition_end_frame")
COLUMNS = ("start_frame", "end_frame", "start", "end", *_CHANGE)


def labels_at(shot_spans, labels, times):
    """Return the label that the shot at each time has.

    Parameters
    ----------
    shot_spans : DataFrame with the columns start and end, or array of float, (n_shots, 2)
        Seconds; in order, without overlap.
    labels : ndarray of int, (n_shots,)
    times : ndarray of float, (n,)
        Seconds, in any order.

    Returns
    -------
    ndarray of int64, (n,)
        -1 where there is no shot.

    Raises
    ------
    ParameterError
        If an argument is of the wrong kind, or there is not one label a shot.
    """
    spans = check_spans(shot_spans)
    labels = check_labels(labels, len(spans), "shot")
    try:
        count = np.size(times)
    except ValueError:
        count = 0
    return np.append(labels, -1)[shots_of(spans, check_times(times, count))]


def times_in_shots(shot_spans, n=3):
    """Return instants inside each shot, at which to look for what it shows.

    They divide the shot evenly: the middles of its n equal parts. Where the table tells of gradual changes, as that of
    `detect_shots` does, these parts are of what lies between the change at the shot's beginning and that at its end;
    of the whole shot, if nothing does.

    Parameters
    ----------
    shot_spans : DataFrame with the columns start and end, or array of float, (n_shots, 2)
        Seconds; in order, without overlap. Of a table with the columns start_frame, end_frame, transition_start_frame
        and transition_end_frame, a gradual change lies in the shot that it begins and in the one before.
    n : int
        How many instants a shot, at least 1.

    Returns
    -------
    ndarray of float64, (n_shots, n)
        Seconds, rising, after the start of the shot and before its end. Of a shot that lasts no time, its start.

    Raises
    ------
    ParameterError
        If an argument is of the wrong kind.
    """
    spans = check_spans(shot_spans)
    n = check_count("n", n, at_least=1)
    first, last = _outside_changes(shot_spans, spans).T[:, :, None]
    return first + (last - first) * (np.arange(n) + 0.5) / n


def shot_table(labels, times=None, *, min_length=None, end=None):
    """Return the runs of equal labels as a table.

    With `min_length`, shorter runs are given away, the shortest first (of equals, the earliest): to both neighbours at
    once where these have the same label, else to the longer (of equals, the earlier). Runs that meet with the same
    label become one. So it goes on until no run is short, or one is left.

    Parameters
    ----------
    labels : ndarray of int, (n,)
        A label a frame.
    times : ndarray of float, (n,), optional
        Seconds of the frames, rising.
    min_length : number, optional
        Seconds where there are times, else a number of frames.
    end : float, optional
        Seconds at which the last frame ends; by default it lasts as long as the median frame. Only with times.

    Returns
    -------
    DataFrame
        label, start_frame, end_frame, and with times start, end (seconds). Frames are positions in `labels`; a run
        ends where the next one starts. No row for no frames.

    Raises
    ------
    ParameterError
        If an argument is of the wrong kind, or they do not fit each other.
    """
    labels = check_labels(labels)
    if times is None:
        if end is not None:
            raise ParameterError(f"end is that of the last frame in seconds, and needs times; got end={end!r} alone")
        edges = np.arange(len(labels) + 1)
        least = 0 if min_length is None else check_count("min_length", min_length)
    else:
        edges = _frame_edges(check_times(times, len(labels), order="rising"), end)
        least = 0 if min_length is None else check_number("min_length", min_length, at_least=0, unit="seconds")
    starts = np.flatnonzero(np.diff(labels, prepend=labels[:1] - 1))
    starts, values = _without_short(starts, labels[starts], edges, least)
    ends = np.append(starts, len(labels))[1:]
    table = pd.DataFrame({"label": values, "start_frame": starts, "end_frame": ends})
    if times is not None:
        table["start"], table["end"] = edges[table["start_frame"]], edges[table["end_frame"]]
    return table


def complete_shots(corrected, detected):
    """Return shots that were corrected by hand as a table like that of `detect_shots`.

    Of the corrected table no more is read than where shots start and by what change; ends and frames follow from that,
    and shots tile the film again. A shot that starts where a detected one does, to two milliseconds, has its frames,
    and if the change is of the same kind, that change's frames too. Other shots' frames lie evenly between those that
    are known, which is exact at a constant frame rate; of their changes the frames are not known, and none are told.

    Parameters
    ----------
    corrected : DataFrame
        start, in seconds and in order, and where there is one transition; without it each shot begins with a cut.
    detected : DataFrame
        From `detect_shots`, of the same film.

    Returns
    -------
    DataFrame
        With the columns of `detected`.

    Raises
    ------
    ParameterError
        If the corrected table has no such column, no shots, or shots that are not in order or not within the film.
    """
    if not isinstance(detected, pd.DataFrame) or not set(COLUMNS) <= set(detected.columns) or not len(detected):
        raise ParameterError("detected must be a table of shots, as shots.detect_shots gives it")
    name = table_name("corrected", corrected)
    if not isinstance(corrected, pd.DataFrame) or "start" not in corrected.columns:
        raise ParameterError(f"{name} must be a table with the column start, in seconds: a row for each shot")
    if not len(corrected):
        raise ParameterError(f"{name} must have a row for each shot; got none. Remove the file to use what was found")
    start = check_times(corrected["start"], len(corrected), "shot")
    # two as near as that may be one and the same detected cut
    fallen = np.flatnonzero(np.diff(start) <= 2 * SAME_SECONDS)
    if len(fallen):
        here = int(fallen[0]) + 1
        raise ParameterError(
            f"{name} must have shots that start each after the one before, and not at once; got {start[here]:g} after "
            f"{start[here - 1]:g} s{row_of(corrected, here)}"
        )
    begin, finish = float(detected["start"].iloc[0]), float(detected["end"].iloc[-1])
    outside = np.flatnonzero((start < begin - SAME_SECONDS) | (start >= finish))
    if len(outside):
        raise ParameterError(
            f"{name} must have shots that start within the film, from {begin:g} to {finish:g} s; got one at "
            f"{start[outside[0]]:g} s{row_of(corrected, outside[0])}. Is it of another film, or another copy?"
        )
    kind = np.full(len(start), "cut", dtype=object)
    if "transition" in corrected.columns:
        kind = corrected["transition"].astype(object).fillna("cut").astype(str).to_numpy(dtype=object)
    elif start[0] <= begin + SAME_SECONDS:
        kind[0] = "start"
    starts, frames = detected["start"].to_numpy(), detected["start_frame"].to_numpy()
    nearest = np.abs(start[:, None] - starts).argmin(axis=1)
    same = np.abs(start - starts[nearest]) <= SAME_SECONDS
    last = int(detected["end_frame"].iloc[-1])
    between = np.interp(start, np.append(starts, finish), np.append(frames, last)).round().astype(np.int64)
    frame = np.where(same, frames[nearest], np.minimum(between, last - 1))
    edges = np.append(np.where(same, starts[nearest], start), finish)
    same &= kind == detected["transition"].to_numpy()[nearest]
    changes = [np.where(same, detected[name].to_numpy()[nearest], frame) for name in _CHANGE[1:]]
    return tile(np.append(frame, last), edges, kind, changes)


def tile(frames, seconds, transitions, changes):
    """Return the table of n shots, each of which ends where the next one starts.

    Parameters
    ----------
    frames, seconds : ndarray of int64, of float, (n + 1,)
        Where shots start, and where the last one ends.
    transitions : sequence of str, (n,)
    changes : pair of ndarray of int64, (n,)
        The first frame of each change, and the frame after its last.
    """
    values = frames[:-1], frames[1:], seconds[:-1], seconds[1:], transitions, *changes
    return pd.DataFrame(dict(zip(COLUMNS, values, strict=True)))


def _outside_changes(table, spans):
    """Return the part of each span that lies in no gradual change, (n_shots, 2), as far as a table tells of them."""
    columns = [*COLUMNS[:2], *_CHANGE[1:]]
    if not isinstance(table, pd.DataFrame) or not set(columns) <= set(table.columns):
        return spans
    try:
        first, end, begun, over = table[columns].to_numpy(np.float64).T
    except (TypeError, ValueError):
        raise ParameterError(f"the columns {', '.join(columns)} must be numbers of frames; got others") from None
    begun = np.append(begun[1:], np.inf)
    with np.errstate(divide="ignore", invalid="ignore"):
        shares = np.stack([over - first, begun - first]) / (end - first)
    # frames that are not given tell of no change
    shares = np.nan_to_num(np.clip(np.where(np.isnan(shares), [[0.0], [1.0]], shares), 0, 1))
    shares = np.where(shares[0] < shares[1], shares, [[0.0], [1.0]])
    return spans[:, :1] + np.diff(spans, axis=1) * shares.T


def _without_short(starts, values, edges, least):
    """Return the starts and labels of runs when those shorter than `least` are given away."""
    values = values.copy()
    while len(starts) > 1:
        lengths = np.diff(edges[starts], append=edges[-1])
        short = int(lengths.argmin())
        if lengths[short] >= least:
            break
        before = lengths[short - 1] if short else -np.inf
        after = lengths[short + 1] if short + 1 < len(starts) else -np.inf
        if short and short + 1 < len(starts) and values[short - 1] == values[short + 1]:
            drop = [short, short + 1]
        elif before >= after:
            drop = short
        else:
            values[short] = values[short + 1]
            drop = short + 1
        starts, values = np.delete(starts, drop), np.delete(values, drop)
    return starts, values


def _frame_edges(times, end):
    """Return when each frame starts, and when the last one ends."""
    if end is not None:
        end = check_number("end", end, unit="seconds")
        if len(times) and end <= times[-1]:
            raise ParameterError(f"end must lie after the last frame, at {times[-1]:g} s; got {end!r}")
    elif len(times):
        end = times[-1] + (np.median(np.diff(times)) if len(times) > 1 else 0.0)
    return np.append(times, end if len(times) else 0.0)


def shots_of(spans, times):
    """Return the shot each time lies in, or -1."""
    if len(spans) == 0:
        return np.full(len(times), -1)
    shot = np.searchsorted(spans[:, 0] - ROUNDING_SECONDS, times, side="right") - 1
    inside = (shot >= 0) & (times < spans[shot, 1] - ROUNDING_SECONDS)
    return np.where(inside, shot, -1)
