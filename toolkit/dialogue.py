"""Dialogue: camera set-ups that take turns, A/B/A/B, as a film shows two people who speak with each other.

Conventions. `labels` are int `(n,)`: the cluster (camera set-up) of each frame, the frames in order and evenly spaced.
A *run* is a stretch of successive frames of one cluster. Which number a cluster has does not matter. Frames are
positions in `labels`, spans half-open, `[start, end)`; lengths (`max_gap`) are in frames too. Frames labelled -1 have
no cluster (`shots.labels_at`): they are a run, but never a speaker or a cutaway.

The *speakers* of a dialogue are two clusters whose runs take turns; its *anchor* reaches from the first to the last
frame of either, its *cutaways* are the other clusters seen inside, and its *scene* is the anchor grown outward over
neighbouring frames of the cutaways.

References
----------
J. Muse Brown, Moviegoer, https://github.com/JohnTheTripper/moviegoer-prototype, for anchors, cutaways and the growing
of a scene. D. Bordwell, K. Thompson, Film Art, on shot/reverse-shot.
"""

import collections
import itertools

import numpy as np
import pandas as pd

from toolkit import shots
from toolkit.checks import check_array, check_choice, check_count, check_labels, check_names, check_number, check_times
from toolkit.errors import ParameterError
from toolkit.tables import check_spans

__all__ = ["alternation_table", "alternations", "at_cuts", "close_up_shares", "find_dialogues", "name_speakers"]

TYPES = {
    "speaker_a": np.int64,
    "speaker_b": np.int64,
    "anchor_start_frame": np.int64,
    "anchor_end_frame": np.int64,
    "start_frame": np.int64,
    "end_frame": np.int64,
    "start": np.float64,
    "end": np.float64,
    "cutaways": object,
    "alternations": np.int64,
}
# A B A B
MIN_TURNS = 4
NO_CLUSTER = -1


def alternations(labels, memory=1):
    """Return, for each frame, how far an alternation of clusters has come.

    The counter is 1 in the first run. At a change of cluster it grows by one if the new cluster is that of one of the
    `memory` runs before the run being left, and else is 1 again; while the cluster stays, the counter stays. So
    A B A B gives 1 1 2 3, and 3 tells of an A/B/A/B.

    Parameters
    ----------
    labels : sequence of int, (n,)
        Cluster of each frame.
    memory : int
        How many runs before the one being left are looked at, at least 1; 2 tolerates one insert.

    Returns
    -------
    ndarray of int64, (n,)
        At least 1. Empty for no frames.

    Raises
    ------
    ParameterError
        If `labels` are not whole numbers in a row, or `memory` is below 1.
    """
    labels = check_labels(labels)
    memory = check_count("memory", memory, at_least=1)
    runs = shots.shot_table(labels)
    counters = np.ones(len(runs), np.int64)
    last_run = {}
    for run, cluster in enumerate(runs["label"].tolist()):
        # the run being left is run - 1; it is of another cluster
        if run and run - last_run.get(cluster, -memory - 2) <= memory + 1:
            counters[run] = counters[run - 1] + 1
        last_run[cluster] = run
    return np.repeat(counters, runs["end_frame"] - runs["start_frame"])


def find_dialogues(
    labels, close_up=None, *, times=None, min_close_up=0.5, inserts=0, max_gap=60, overlaps="keep"
) -> pd.DataFrame:
    """Return the dialogues of a film: pairs of clusters that take turns, A B A B.

    Successive runs of the two speakers have at most `inserts` other runs in between; runs of one speaker that only
    such inserts divide are one turn, and four turns make a dialogue. A speaker away for more than `max_gap` frames ends
    it: between a speaker's frames there are no more than that many others, and where one speaker has left (or has
    not come yet), runs of the other still belong to the anchor if they begin (or end) no more than `max_gap` frames
    from there. The same pair may so have several dialogues.

    Parameters
    ----------
    labels : sequence of int, (n,)
        Cluster of each frame.
    close_up : sequence of bool, or of float in [0, 1], (n,), optional
        Whether each frame is a medium close-up, or how probably. A pair is kept if both its clusters, over all their
        frames in `labels`, have a mean of at least `min_close_up`. None keeps every pair.
    times : sequence of float, (n,), optional
        Seconds of the frames, ascending.
    min_close_up : float
        In [0, 1].
    inserts : int
        How many other runs (of neither speaker) may come between two runs of the speakers.
    max_gap : int
        In frames, at least 0.
    overlaps : {"keep", "longest"}
        What becomes of scenes that overlap: all are kept, or only the longest of them (of equal ones the first).

    Returns
    -------
    DataFrame
        A row for each dialogue, in the order in which their four turns are first seen:

        speaker_a, speaker_b : int
            The two clusters, the lower number first. (Clusters numbered in order of first sight: the one seen first.)
        anchor_start_frame, anchor_end_frame : int
            From the first to the last frame of either speaker.
        start_frame, end_frame : int
            The scene: the anchor and the frames of its cutaways that lie directly before and after it.
        start, end : float
            The scene in seconds: the time of its first frame, and of the frame after its last (of the film's last
            frame, as long after as it is after the one before). NaN without `times`.
        cutaways : list of int
            The other clusters inside the anchor, in order of first sight.
        alternations : int
            Changes from one speaker to the other in the longest series of turns, at least 3.

        No frames, or no dialogue, give no rows.

    Raises
    ------
    ParameterError
        If an argument is of the wrong kind or length, or `close_up` has NaN or values outside [0, 1].
    """
    labels = check_labels(labels)
    shares = None if close_up is None else _shares(labels, _check_close_up(close_up, len(labels)))
    times = None if times is None else check_times(times, len(labels), "label", order="ascending")
    min_close_up = check_number("min_close_up", min_close_up, at_least=0, at_most=1, hint=". 0.5 is 50 percent")
    inserts = check_count("inserts", inserts)
    max_gap = check_count("max_gap", max_gap)
    check_choice("overlaps", overlaps, ("keep", "longest"))
    # each with its number, label, start_frame and end_frame
    runs = list(shots.shot_table(labels).itertuples())
    runs_of = {}
    for run in runs:
        runs_of.setdefault(run.label, []).append(run)
    rank = {cluster: number for number, cluster in enumerate(runs_of)}
    dialogues = []
    for a, b in _neighbours([run.label for run in runs], inserts):
        if shares is not None and min(shares[a][1], shares[b][1]) < min_close_up:
            continue
        for order, anchor, changes in _dialogues_of(runs_of[a], runs_of[b], inserts, max_gap):
            dialogues.append((*order, *sorted((rank[a], rank[b])), a, b, anchor, changes))
    dialogues.sort(key=lambda dialogue: dialogue[:4])
    edges = np.full(len(labels) + 1, np.nan)
    if times is not None:
        # the film's last frame is as long as the one before
        edges = np.append(times, times[-1:] + np.diff(times[-2:]).sum())
    rows = [_row(labels, edges, *dialogue[4:]) for dialogue in dialogues]
    table = pd.DataFrame(rows, columns=list(TYPES)).astype(TYPES)
    return _longest(table) if overlaps == "longest" else table


def close_up_shares(labels, close_up) -> pd.DataFrame:
    """Return how much of each cluster is medium close-up.

    Parameters
    ----------
    labels : sequence of int, (n,)
        Cluster of each frame.
    close_up : sequence of bool, or of float in [0, 1], (n,)

    Returns
    -------
    DataFrame
        label (int), frames (int) and close_up (float, the mean over the cluster's frames, in [0, 1]); a row for each
        cluster, by label.

    Raises
    ------
    ParameterError
        As `find_dialogues`.
    """
    labels = check_labels(labels)
    shares = _shares(labels, _check_close_up(close_up, len(labels)))
    rows = [(label, frames, share) for label, (frames, share) in sorted(shares.items())]
    types = {"label": np.int64, "frames": np.int64, "close_up": np.float64}
    return pd.DataFrame(rows, columns=list(types)).astype(types)


def name_speakers(dialogues, names) -> pd.DataFrame:
    """Return dialogues in which set-ups are called by their names: those of speakers and cutaways.

    A name stays what it is when set-ups are numbered anew, so that a table by names can be kept and corrected.

    Parameters
    ----------
    dialogues : DataFrame
        As from `find_dialogues`.
    names : dict of int to str
        Such as from `exports.setup_names`; whatever it does not have stays a number.
    """
    names = check_names(names)
    columns = {name: dialogues[name].map(lambda who: names.get(who, who)) for name in ("speaker_a", "speaker_b")}
    columns["cutaways"] = [[names.get(who, who) for who in cutaways] for cutaways in dialogues["cutaways"]]
    return dialogues.assign(**columns)


def at_cuts(dialogues, cuts, times) -> pd.DataFrame:
    """Return dialogues that begin and end where shots do, in seconds alone.

    Found on pictures a tenth of a second apart, a dialogue begins up to a tenth after its first shot; and its frames
    are numbers of these pictures, not of the film's.

    Parameters
    ----------
    dialogues : DataFrame
        As from `find_dialogues`, of pictures that have the labels of shots.
    cuts : DataFrame or array of float, (n_shots, 2)
        Start and end of the shots in seconds, in order.
    times : ndarray of float, (n,)
        Seconds of these pictures, within the film.

    Returns
    -------
    DataFrame
        With start, end, anchor_start and anchor_end at cuts, in place of the frames.

    Raises
    ------
    ParameterError
        If the cuts or times are none.
    """
    spans = check_spans(cuts)
    times = check_times(times, np.size(times), "label", order="rising")
    # a picture a millionth of a second before a cut counts as after it, as in shots.labels_at
    first = np.searchsorted(spans[:, 0] - 1e-6, times, side="right") - 1
    begins = np.append(spans[first, 0], spans[-1:, 1])
    parts = {f"{part}{side}": f"{part}{side}_frame" for part in ("", "anchor_") for side in ("start", "end")}
    seconds = {name: begins[dialogues[frame].to_numpy(np.int64)] for name, frame in parts.items()}
    return dialogues.assign(**seconds).drop(columns=[*parts.values()])


def alternation_table(labels, close_up=None, *, times=None) -> pd.DataFrame:
    """Return each frame with its cluster and the counters of `alternations` for memory 1 and 2.

    Parameters
    ----------
    labels, close_up, times
        As in `find_dialogues`.

    Returns
    -------
    DataFrame
        frame, time (only with `times`), label, close_up (only with `close_up`, as given), alternations_1 and
        alternations_2; a row for each frame.

    Raises
    ------
    ParameterError
        As `find_dialogues`.
    """
    labels = check_labels(labels)
    table = pd.DataFrame({"frame": np.arange(len(labels)), "label": labels})
    if times is not None:
        table.insert(1, "time", check_times(times, len(labels), "label", order="ascending"))
    if close_up is not None:
        values = _check_close_up(close_up, len(labels))
        table["close_up"] = values.astype(bool) if np.asarray(close_up).dtype == bool else values
    for memory in (1, 2):
        table[f"alternations_{memory}"] = alternations(labels, memory)
    return table


def _neighbours(clusters, inserts):
    """Return the pairs of clusters, lower first, with enough changes between runs that `inserts` may divide."""
    counts = collections.Counter()
    for step in range(1, min(inserts + 1, len(clusters) - 1) + 1):
        counts.update((min(pair), max(pair)) for pair in zip(clusters, clusters[step:], strict=False))
    enough = (pair for pair, count in counts.items() if count >= MIN_TURNS - 1)
    return sorted(pair for pair in enough if pair[0] != pair[1] and NO_CLUSTER not in pair)


def _dialogues_of(runs_a, runs_b, inserts, max_gap):
    """Yield ((first and last run of the first four turns), anchor, changes) for each dialogue of a pair."""
    stays_a, stays_b = _stays(runs_a, max_gap), _stays(runs_b, max_gap)
    i = j = 0
    while i < len(stays_a) and j < len(stays_b):
        a, b = stays_a[i], stays_b[j]
        order, turns = _turns(sorted(a + b, key=lambda run: run.Index), inserts)
        if turns >= MIN_TURNS:
            earliest = max(a[0].start_frame, b[0].start_frame) - max_gap
            latest = min(a[-1].end_frame, b[-1].end_frame) + max_gap
            inside = [run for run in a + b if run.end_frame >= earliest and run.start_frame <= latest]
            anchor = min(run.start_frame for run in inside), max(run.end_frame for run in inside)
            yield order, anchor, turns - 1
        # the one that leaves first may yet have met the other, not those that come later
        if a[-1].end_frame < b[-1].end_frame:
            i += 1
        else:
            j += 1


def _stays(runs, max_gap):
    """Return a speaker's runs in lists, divided where the speaker is away for more than `max_gap` frames."""
    stays = [[runs[0]]]
    for before, run in itertools.pairwise(runs):
        if run.start_frame - before.end_frame > max_gap:
            stays.append([])
        stays[-1].append(run)
    return stays


def _turns(runs, inserts):
    """Return the first and last run of the first four turns (None where there are none), and the most turns."""
    longest, order = 0, None
    chain = []
    for before, run in itertools.pairwise([None, *runs]):
        if before is None or run.Index - before.Index - 1 > inserts:
            chain = []
        if not chain or run.label != before.label:
            chain.append(run)
        longest = max(longest, len(chain))
        if order is None and len(chain) == MIN_TURNS:
            order = (chain[0].Index, chain[-1].Index)
    return order, longest


def _row(labels, edges, a, b, anchor, changes):
    start, end = anchor
    inside = pd.unique(labels[start:end]).tolist()
    cutaways = [cluster for cluster in inside if cluster not in (a, b, NO_CLUSTER)]
    others = np.flatnonzero(~np.isin(labels, cutaways))
    before, after = others[others < start], others[others >= end]
    first = int(before[-1]) + 1 if len(before) else 0
    last = int(after[0]) if len(after) else len(labels)
    return a, b, start, end, first, last, edges[first], edges[last], cutaways, changes


def _longest(table):
    """Return the dialogues, in order, of which none overlaps a longer one that is left."""
    rows = []
    for row in sorted(table.itertuples(), key=lambda row: row.start_frame - row.end_frame):
        if all(row.end_frame <= other.start_frame or other.end_frame <= row.start_frame for other in rows):
            rows.append(row)
    return table.loc[sorted(row.Index for row in rows)].reset_index(drop=True)


def _shares(labels, values):
    """Return a dict from cluster to (frames, mean of its values)."""
    clusters, places, counts = np.unique(labels, return_inverse=True, return_counts=True)
    # rounded, so that a share such as 0.6 of floats is not missed by its last bit
    means = np.round(np.bincount(places, values, minlength=len(clusters)) / np.maximum(counts, 1), 12)
    return dict(zip(clusters.tolist(), zip(counts.tolist(), means.tolist(), strict=True), strict=True))


def _check_close_up(close_up, n):
    """Return close_up as float64 `(n,)` in [0, 1]; otherwise raise a ParameterError."""
    wanted = f"bool, or probabilities in [0, 1], one for each of the {n} labels"

    def hint(array):
        if array.shape != (n,):
            return ". Are both of the same frames?"
        return ". Give frames without a number 0, or leave them out of both" if array.dtype.kind == "f" else ""

    values = check_array("close_up", close_up, (n,), wanted=wanted, hint=hint).astype(np.float64)
    if n and (values.min() < 0 or values.max() > 1):
        percent = ". Were they percent? Then close_up / 100" if 1 < values.max() <= 100 else ""
        raise ParameterError(
            f"close_up must be {wanted}; got values from {values.min():g} to {values.max():g}{percent}"
        )
    return values
