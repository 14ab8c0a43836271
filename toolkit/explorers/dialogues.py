"""Dialogues of a film, while what counts as one is changed: inserts, turns, close-ups, how long a speaker is away."""

import ipywidgets
import numpy as np

from toolkit import dialogue
from toolkit.checks import check_choice, check_count, check_names, check_number, check_times
from toolkit.explorers.explorer import Explorer
from toolkit.explorers.pictures import WIDTH, Picture, StillCanvas, images_of, lanes, move, new_figure
from toolkit.plots import clock, plot_dialogues
from toolkit.plots.bars import draw_bars, limits, runs_of, time_axis
from toolkit.plots.shots import PICTURE, TURN
from toolkit.plots.style import GRAY, INK, POINTS, cluster_colors, count_of
from toolkit.subtitles import spoken_between

# inches
STRIP_HEIGHT = 1.25
# the longest dialogues, drawn below each other
ROWS = 4
# A B A B
LEAST_ALTERNATIONS = 3
# from the top of the strip: dialogues, the close-ups, what is spoken
LANES = {"dialogues": (0.0, 1.0), "close-ups": (1.12, 1.32), "spoken": (1.44, 1.64)}
OVERLAPS = {"keep": "all are kept", "longest": "only the longest"}


class DialogueExplorer(Explorer):
    """The dialogues of a film, and what becomes of them when more or less is tolerated.

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
        Names of speakers, in place of the numbers of their labels; such as from `exports.setup_names`.

    Attributes
    ----------
    result : DataFrame
        A table as of `dialogue.find_dialogues`, which `code` calls.

    Raises
    ------
    ParameterError
        If an argument is of the wrong kind, or they do not fit each other.
    """

    texts = {
        "inserts": ("memory (inserts tolerated)", "How many other shots may come between two turns of the speakers"),
        "min_alternations": ("alternations, at least", "Changes from one speaker to the other; 3 is A B A B"),
        "min_close_up": (
            "close-up share, at least",
            "How much of each speaker's set-up must be medium close-up; 0 takes whatever takes turns",
        ),
        "max_gap": ("away at most (frames)", "For how many frames a speaker may be gone before the dialogue is over"),
        "overlaps": ("of those that overlap", "Whether of dialogues that overlap all are kept, or only the longest"),
    }

    def __init__(
        self,
        labels,
        close_up=None,
        *,
        times,
        frames=None,
        inserts=0,
        min_alternations=LEAST_ALTERNATIONS,
        min_close_up=0.5,
        max_gap=60,
        overlaps="keep",
        subtitles=None,
        names=None,
    ):
        # which checks what they share
        dialogue.find_dialogues(labels, close_up, min_close_up=min_close_up, max_gap=max_gap, overlaps=overlaps)
        self._labels, self._close_up = np.asarray(labels, dtype=np.int64), close_up
        n = len(self._labels)
        self._times = check_times(times, n, "label", order="rising")
        images = () if frames is None else images_of(frames, n, "labels")
        self._frames, self._aspect = (frames, images.shape[2] / images.shape[1]) if len(images) else (None, None)
        self._subtitles, self._names = subtitles, check_names(names)
        self._runs, self._shares = runs_of(self._labels, self._times, None), None
        if close_up is not None:
            shares = dialogue.close_up_shares(self._labels, close_up)
            places = np.searchsorted(shares["label"], self._runs["label"])
            self._shares = shares["close_up"].to_numpy()[places] if len(places) else np.empty(0)
        inserts, max_gap = check_count("inserts", inserts), check_count("max_gap", max_gap)
        min_alternations = check_count("min_alternations", min_alternations, at_least=LEAST_ALTERNATIONS)
        min_close_up = check_number("min_close_up", min_close_up)
        check_choice("overlaps", overlaps, tuple(OVERLAPS))
        wide, most = {"layout": {"width": "400px"}}, max(20, min_alternations)
        menu = [(text, choice) for choice, text in OVERLAPS.items()]
        share = {"min": 0, "max": 1, "step": 0.01, "disabled": close_up is None}
        controls = {
            "inserts": ipywidgets.IntSlider(inserts, 0, max(8, inserts), **wide),
            "min_alternations": ipywidgets.IntSlider(min_alternations, LEAST_ALTERNATIONS, most, **wide),
            "min_close_up": ipywidgets.FloatSlider(min_close_up, **share, **wide),
            "max_gap": ipywidgets.BoundedIntText(max_gap, 0, max(n, max_gap), layout={"width": "230px"}),
            "overlaps": ipywidgets.Dropdown(options=menu, value=overlaps, layout={"width": "300px"}),
        }
        self._strip_ax = self._new_strip()
        self._rows_ax = new_figure(WIDTH, 1.0).add_axes((0.1, 0.1, 0.8, 0.8))
        super().__init__(controls, (Picture(), Picture()))
        if n > 1:
            rate = 1 / float(np.median(np.diff(self._times)))
            controls["max_gap"].tooltip += f"; {rate:.3g} frames are a second"

    def compute(self, *, min_alternations, **options):
        """Return the dialogues with so many alternations at least, their speakers by name if they have any."""
        table = dialogue.find_dialogues(self._labels, self._close_up, times=self._times, **options)
        if min_alternations > LEAST_ALTERNATIONS:
            table = table.query(f"alternations >= {min_alternations}").reset_index(drop=True)
        self._by_number = table
        return dialogue.name_speakers(table, self._names) if self._names else table

    def draw(self):
        """Draw the film with its dialogues, and the dialogues below each other."""
        self._draw_strip()
        self._draw_rows()
        table, covered = self.result, _covered(self.result)
        line = f"{count_of(len(table), 'dialogue')}, {covered:.0f} s"
        whole = self._runs["end"].max() - self._runs["start"].min() if len(self._runs) else 0.0
        if whole > 0:
            line += f", {covered / whole:.0%} of the film"
        if self._close_up is None:
            line += "; the close-up share has no effect, for close_up was not given"
        return line

    def call(self, *, inserts, min_alternations, min_close_up, max_gap, overlaps):
        """Return the line that gives the dialogues."""
        data, near = "labels", ""
        if self._close_up is not None:
            data, near = "labels, close_up", f"min_close_up={min_close_up!r}, "
        options = f"{near}inserts={inserts}, max_gap={max_gap}, overlaps={overlaps!r}"
        code = f"dialogue.find_dialogues({data}, times=times, {options})"
        if min_alternations > LEAST_ALTERNATIONS:
            code += f'.query("alternations >= {min_alternations}").reset_index(drop=True)'
        return f"dialogue.name_speakers({code}, names)" if self._names else code

    def _new_strip(self):
        """Return the axes of the strip, with what no control changes."""
        ax = new_figure(WIDTH, STRIP_HEIGHT, StillCanvas).add_axes((0.08, 0.42, 0.9, 0.55))
        begin, end = limits(self._runs["start"], self._runs["end"])
        names = ["dialogues"]
        if self._shares is not None:
            names.append("close-ups")
        if self._subtitles is not None:
            names.append("spoken")
            spoken = spoken_between(self._subtitles, begin, end)
            _draw_lane(ax, spoken["start"].clip(begin, end), spoken["end"].clip(begin, end), "spoken", INK)
        ax.set(xlim=(begin, end), ylim=(LANES[names[-1]][1] + 0.06, -0.06))
        ax.set_yticks([sum(LANES[name]) / 2 for name in names], names, size=POINTS + 1)
        ax.tick_params(axis="y", length=0)
        time_axis(ax, True)
        return ax

    def _draw_strip(self):
        ax, table = self._strip_ax, self._by_number
        ax.figure.canvas.clear()
        if self._shares is not None:
            # with a share of nothing any set-up may speak, but none becomes a close-up by that
            near = self._runs[(self._shares > 0) & (self._shares >= self.parameters["min_close_up"])]
            near = near[near["label"] >= 0]
            move(_draw_lane(ax, near["start"], near["end"], "close-ups", GRAY))
        starts, ends = table["start"].to_numpy(), table["end"].to_numpy()
        places = lanes(starts, ends)
        tall = 1 / (places.max(initial=0) + 1)
        for half, speaker in enumerate(("speaker_a", "speaker_b")):
            low = (places + half / 2) * tall
            move(draw_bars(ax, starts, ends, low, low + 0.47 * tall, cluster_colors(table[speaker]), rim=0.4))
        if not len(table):
            move(ax.text(sum(ax.get_xlim()) / 2, 0.5, "no dialogue", ha="center", va="center", color=GRAY, size=11))
        spans = ", ".join(f"{clock(start)} to {clock(end)}" for start, end in zip(starts[:20], ends[:20], strict=True))
        self.pictures[0].show(ax.figure, f"{count_of(len(table), 'dialogue')} over the film: {spans or 'none'}")

    def _draw_rows(self):
        ax, table = self._rows_ax, self.result
        for artist in [*ax.collections, *ax.texts, *ax.artists]:
            artist.remove()
        count = min(max(len(table), 1), ROWS)
        tall, below, above = (max(PICTURE, 3 * TURN) + 0.32) * count + 0.06, 0.5, 0.05
        # what is beside the turns: numbers, names, or pictures with these above
        left = 1.0 if self._names else 0.3
        if self._frames is not None:
            left = 0.3 + 2 * PICTURE * min(self._aspect, 2)
        height = tall + below + above
        ax.figure.set_size_inches(WIDTH, height)
        ax.set_position((left / WIDTH, below / height, 0.98 - left / WIDTH, tall / height))
        beside = {"images": self._frames, "subtitles": self._subtitles, "names": self._names}
        plot_dialogues(table, self._labels, self._times, **beside, rows=ROWS, ax=ax)
        self.pictures[1].show(ax.figure, f"the turns of the {count_of(min(len(table), ROWS), 'longest dialogue')}")


explore_dialogues = DialogueExplorer


def _draw_lane(ax, starts, ends, name, color):
    low, high = LANES[name]
    starts, ends = np.asarray(starts, dtype=float), np.asarray(ends, dtype=float)
    return draw_bars(ax, starts, ends, np.full(len(starts), low), np.full(len(starts), high), color, rim=0.0)


def _covered(table):
    """Return the seconds that are in one dialogue at least."""
    starts, ends = table[["start", "end"]].sort_values("start").to_numpy(dtype=np.float64).T
    before = np.maximum.accumulate(np.append(-np.inf, ends[:-1]))[: len(starts)]
    return float(np.maximum(ends - np.maximum(starts, before), 0).sum())
