"""Dialogues of a film, while what counts as one is changed: inserts, turns, close-ups, how long a speaker is away."""

import ipywidgets
import numpy as np

from toolkit import dialogue
from toolkit.checks import check_choice, check_count, check_images, check_names, check_number, check_times
from toolkit.errors import ParameterError
from toolkit.explorers.explorer import Explorer
from toolkit.explorers.pictures import Picture, StillCanvas, move, new_figure
from toolkit.plots import clock, plot_dialogues
from toolkit.plots.bars import draw_bars, limits, runs_of, time_axis
from toolkit.plots.shots import PICTURE, TURN
from toolkit.plots.style import INK, PALE, SMALL, cluster_colors, count_of
from toolkit.records import Frames
from toolkit.subtitles import spoken_between

# inches
WIDE, STRIP = 10.5, 1.25
# so many dialogues are drawn below each other, the longest
ROWS = 4
# A B A B
FEWEST = 3
# from the top of the strip: dialogues, the close-ups, what is spoken
LANES = {"dialogues": (0.0, 1.0), "close-ups": (1.12, 1.32), "spoken": (1.44, 1.64)}


def explore_dialogues(
    labels, close_up=None, *, times, frames=None, inserts=0, min_alternations=FEWEST, min_close_up=0.5, max_gap=60,
    overlaps="keep", subtitles=None, names=None,
):  # fmt: skip
    """Show the dialogues of a film, and what becomes of them when more or less is tolerated.

    Above is the film from left to right, with every dialogue as a bar in the colours of its two speakers, those that
    overlap below each other; then the set-ups that count as close-ups, and what is spoken. Below are the longest
    dialogues as `plots.plot_dialogues` draws them: who has the turn, and when.

    Parameters
    ----------
    labels : sequence of int, (n,)
        The cluster (camera set-up) of each frame, the frames evenly spaced, as for `dialogue.find_dialogues`.
    close_up : sequence of bool, or of float in [0, 1], (n,), optional
        Whether each frame is a medium close-up, or how probably. Without it every pair of set-ups may speak.
    times : sequence of float, (n,)
        Seconds of the frames, rising.
    frames : Frames, or ndarray of uint8, (n, height, width, 3) or (n, height, width); optional
        To show a picture of each speaker. An array has one for each label; Frames may be fewer, at other times.
    inserts : int
        How many other shots may come between two turns.
    min_alternations : int
        How often at least the two take turns: changes from one speaker to the other, from 3, which is A B A B.
    min_close_up : float
        How much of a speaker's set-up must be medium close-up, in [0, 1].
    max_gap : int
        For how many frames a speaker may be away.
    overlaps : {"keep", "longest"}
        Whether of dialogues that overlap all are kept, or only the longest.
    subtitles : DataFrame, optional
        start, end (seconds) and text, as from `subtitles.read_subtitles`.
    names : dict of int to str, optional
        What speakers are called, in place of the numbers of their labels; such as from `exports.setup_names`.

    Returns
    -------
    DialogueExplorer
        Its `result` is a table as of `dialogue.find_dialogues`, which `code` calls.

    Raises
    ------
    ParameterError
        If an argument is of the wrong kind, or they do not fit each other.
    """
    return DialogueExplorer(
        labels, close_up, times=times, frames=frames, inserts=inserts, min_alternations=min_alternations,
        min_close_up=min_close_up, max_gap=max_gap, overlaps=overlaps, subtitles=subtitles, names=names,
    )  # fmt: skip


class DialogueExplorer(Explorer):
    """The dialogues of a film; see `explorers.explore_dialogues`."""

    def __init__(
        self, labels, close_up, *, times, frames, inserts, min_alternations, min_close_up, max_gap, overlaps,
        subtitles, names,
    ):  # fmt: skip
        # which checks what they share
        dialogue.find_dialogues(labels, close_up, min_close_up=min_close_up, max_gap=max_gap, overlaps=overlaps)
        self._labels, self._close_up = np.asarray(labels, dtype=np.int64), close_up
        self._times = check_times(times, len(self._labels), "label", order="rising")
        self._frames, self._subtitles = _check_frames(frames, len(self._labels)), subtitles
        self._names = check_names(names)
        self._runs = runs_of(self._labels, self._times, None)
        self._shares = None
        if close_up is not None:
            shares = dialogue.close_up_shares(self._labels, close_up)
            places = np.searchsorted(shares["label"], self._runs["label"])
            self._shares = shares["close_up"].to_numpy()[places] if len(places) else np.empty(0)
        controls = _controls(
            check_count("inserts", inserts),
            check_count("min_alternations", min_alternations, at_least=FEWEST),
            check_number("min_close_up", min_close_up),
            check_count("max_gap", max_gap),
            check_choice("overlaps", overlaps, ("keep", "longest")),
            _frames_a_second(self._times),
            len(self._labels),
        )
        controls["min_close_up"].disabled = close_up is None
        self._strip, self._strip_ax = self._begin_strip()
        self._rows = new_figure(WIDE, 1.0)
        self._rows_ax = self._rows.add_axes((0.1, 0.1, 0.8, 0.8))
        super().__init__(controls, (Picture(), Picture()))
        if self.problem:
            raise ParameterError(self.problem)

    def compute(self, *, min_alternations, **options):
        """Return the dialogues with so many alternations at least, their speakers by name if they have any."""
        found = dialogue.find_dialogues(self._labels, self._close_up, times=self._times, **options)
        self._found = _enough(found, min_alternations)
        return dialogue.name_speakers(self._found, self._names) if self._names else self._found

    def draw(self):
        """Draw the film with its dialogues, and the dialogues below each other."""
        self._draw_strip()
        self._draw_rows()
        return self._told()

    def call(self, *, inserts, min_alternations, min_close_up, max_gap, overlaps):
        """Return the line that gives the dialogues."""
        data, near = "labels", ""
        if self._close_up is not None:
            data, near = "labels, close_up", f"min_close_up={min_close_up!r}, "
        options = f"{near}inserts={inserts}, max_gap={max_gap}, overlaps={overlaps!r}"
        told = f"dialogue.find_dialogues({data}, times=times, {options})"
        if min_alternations > FEWEST:
            told += f'.query("alternations >= {min_alternations}").reset_index(drop=True)'
        return f"dialogue.name_speakers({told}, names)" if self._names else told

    def _begin_strip(self):
        """Return the figure of the strip, and its axes, with what no control changes."""
        figure = new_figure(WIDE, STRIP)
        StillCanvas(figure)
        ax = figure.add_axes((0.08, 0.42, 0.9, 0.55))
        begin, end = limits(self._runs["start"], self._runs["end"])
        names = ["dialogues"]
        if self._shares is not None:
            names.append("close-ups")
        if self._subtitles is not None:
            names.append("spoken")
            spoken = spoken_between(self._subtitles, begin, end)
            _draw_lane(ax, spoken["start"].clip(begin, end), spoken["end"].clip(begin, end), "spoken", INK)
        ax.set(xlim=(begin, end), ylim=(LANES[names[-1]][1] + 0.06, -0.06))
        ax.set_yticks([sum(LANES[name]) / 2 for name in names], names, size=SMALL + 1)
        ax.tick_params(axis="y", length=0)
        time_axis(ax, True)
        return figure, ax

    def _draw_strip(self):
        ax, found = self._strip_ax, self._found
        self._strip.canvas.clear()
        if self._shares is not None:
            # with a share of nothing any set-up may speak, but none becomes a close-up by that
            near = self._runs[(self._shares > 0) & (self._shares >= self.parameters["min_close_up"])]
            near = near[near["label"] >= 0]
            move(_draw_lane(ax, near["start"], near["end"], "close-ups", PALE))
        starts, ends = found["start"].to_numpy(), found["end"].to_numpy()
        lanes = _lanes(starts, ends)
        tall = 1 / max(lanes.max(initial=0) + 1, 1)
        for half, speaker in enumerate(("speaker_a", "speaker_b")):
            low = (lanes + half / 2) * tall
            move(draw_bars(ax, starts, ends, low, low + 0.47 * tall, cluster_colors(found[speaker]), rim=0.4))
        if not len(found):
            move(ax.text(sum(ax.get_xlim()) / 2, 0.5, "no dialogue", ha="center", va="center", color=PALE, size=11))
        told = ", ".join(f"{clock(start)} to {clock(end)}" for start, end in zip(starts[:20], ends[:20], strict=True))
        self.pictures[0].show(self._strip, f"{count_of(len(found), 'dialogue')} over the film: {told or 'none'}")

    def _draw_rows(self):
        figure, ax = self._rows, self._rows_ax
        for artist in [*ax.collections, *ax.texts, *ax.artists]:
            artist.remove()
        count = min(max(len(self.result), 1), ROWS)
        tall, below, above = (max(PICTURE, 3 * TURN) + 0.32) * count + 0.06, 0.5, 0.05
        # what is beside the turns: numbers, names, or pictures with these above
        left = 1.0 if self._names else 0.3
        if self._frames is not None:
            left = 0.3 + 2 * min(PICTURE * _aspect(self._frames), 2 * PICTURE)
        height = tall + below + above
        figure.set_size_inches(WIDE, height)
        ax.set_position((left / WIDE, below / height, 0.98 - left / WIDE, tall / height))
        plot_dialogues(
            self.result, self._labels, self._times, images=self._frames, subtitles=self._subtitles, names=self._names,
            rows=ROWS, ax=ax,
        )  # fmt: skip
        self.pictures[1].show(figure, f"the turns of the {count_of(min(len(self.result), ROWS), 'longest dialogue')}")

    def _told(self):
        found = self.result
        told = f"{count_of(len(found), 'dialogue')}, {_covered(found):.0f} s"
        whole = self._runs["end"].max() - self._runs["start"].min() if len(self._runs) else 0.0
        if whole > 0:
            told += f", {_covered(found) / whole:.0%} of the film"
        if self._close_up is None:
            told += "; the close-up share has no effect, for close_up was not given"
        return told


def _controls(inserts, min_alternations, min_close_up, max_gap, overlaps, rate, n):
    """Return the controls by name."""
    wide = {"width": "400px"}
    away = f"; {rate:.3g} frames are a second" if rate else ""
    return {
        "inserts": ipywidgets.IntSlider(
            value=inserts, min=0, max=max(8, inserts), layout=wide, description="memory (inserts tolerated)",
            tooltip="How many other shots may come between two turns of the speakers",
        ),
        "min_alternations": ipywidgets.IntSlider(
            value=min_alternations, min=FEWEST, max=max(20, min_alternations), layout=wide,
            description="alternations, at least", tooltip="Changes from one speaker to the other; 3 is A B A B",
        ),
        "min_close_up": ipywidgets.FloatSlider(
            value=min_close_up, min=0, max=1, step=0.01, layout=wide, description="close-up share, at least",
            tooltip="How much of each speaker's set-up must be medium close-up; 0 takes whatever takes turns",
        ),
        "max_gap": ipywidgets.BoundedIntText(
            value=max_gap, min=0, max=max(n, max_gap), layout={"width": "230px"}, description="away at most (frames)",
            tooltip=f"For how many frames a speaker may be gone before the dialogue is over{away}",
        ),
        "overlaps": ipywidgets.Dropdown(
            value=overlaps, options=[("all are kept", "keep"), ("only the longest", "longest")],
            layout={"width": "300px"}, description="of those that overlap",
            tooltip="Whether of dialogues that overlap all are kept, or only the longest",
        ),
    }  # fmt: skip


def _enough(found, min_alternations):
    if min_alternations <= FEWEST:
        return found
    return found.query(f"alternations >= {min_alternations}").reset_index(drop=True)


def _check_frames(frames, n):
    """Return frames if they are Frames, or an array with one for each label; None if there are none."""
    if frames is None or isinstance(frames, Frames):
        return None if frames is None or not len(frames) else frames
    if len(check_images(frames, "frames")) != n:
        raise ParameterError(f"frames must be one for each of the {n} labels, or Frames; got {len(frames)}")
    return frames if n else None


def _aspect(frames):
    """Return how wide frames are by their height."""
    shape = (frames.images if isinstance(frames, Frames) else frames).shape
    return shape[2] / shape[1]


def _frames_a_second(times):
    """Return how many frames a second has, or 0 where that is not known."""
    return 1 / float(np.median(np.diff(times))) if len(times) > 1 else 0.0


def _draw_lane(ax, starts, ends, name, color):
    low, high = LANES[name]
    starts, ends = np.asarray(starts, dtype=float), np.asarray(ends, dtype=float)
    return draw_bars(ax, starts, ends, np.full(len(starts), low), np.full(len(starts), high), color, rim=0.0)


def _lanes(starts, ends):
    """Return a lane for each span, int (n,), so that those in one lane do not overlap: the first that is free."""
    lanes, free = np.zeros(len(starts), np.int64), []
    for place in np.argsort(starts, kind="stable"):
        lane = next((lane for lane, until in enumerate(free) if until <= starts[place]), len(free))
        free[lane : lane + 1] = [ends[place]]
        lanes[place] = lane
    return lanes


def _covered(found):
    """Return the seconds that are in one dialogue at least."""
    seconds, until = 0.0, -np.inf
    for start, end in found[["start", "end"]].sort_values("start").to_numpy():
        seconds += max(0.0, end - max(start, until))
        until = max(until, end)
    return seconds
