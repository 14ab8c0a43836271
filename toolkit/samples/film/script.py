"""The script of the sample film: who, where, which camera set-ups, which shots, and what is said.

Everything is drawn from one seed before a single picture is rendered, so that the truth of the film is known: a
Script is a plain list of places, people, set-ups and shots on the film's frame grid.
"""

import re
from dataclasses import dataclass, replace

import numpy as np

from toolkit.samples.film import casting
from toolkit.samples.film import lines as film_lines
from toolkit.samples.film.furniture import GROUND
from toolkit.samples.film.props import PROPS

FPS = 24
WIDTH, HEIGHT = 640, 360

# how wide the mouth is open for a vowel, and its number in aeiou
_VOWELS = {"a": (1.0, 0), "e": (0.6, 1), "i": (0.4, 2), "y": (0.4, 2), "o": (0.8, 3), "u": (0.5, 4)}
_SHOT_SECONDS = {"wide": 2.8, "medium": 2.4, "close": 2.2, "insert": 1.7}


@dataclass(frozen=True)
class Figure:
    """A person in a set-up.

    `x` and `y` are the middle of the face and `unit` a head unit, in pixels; `turn` is the head's, -1 to 1; `speed` is
    in pixels a second, walked to the right.
    """

    person: int
    x: float
    y: float
    unit: float
    turn: float = 0.0
    speed: float = 0.0


@dataclass(frozen=True)
class Setup:
    """A camera set-up: what it frames ("wide", "medium", "close" or "insert"), and the view that it has of a place."""

    framing: str
    place: int
    side: int
    center: tuple
    width: float
    figures: tuple = ()
    prop: str = ""

    @property
    def key(self):
        """The side from which the light comes: -1 left, 1 right."""
        return -1.0 if self.side == 0 else 1.0


@dataclass(frozen=True)
class Line:
    """What is said: seconds of the film, the text, who says it, and whether the speaker is in the picture."""

    start: float
    end: float
    text: str
    person: int
    visible: bool


@dataclass(frozen=True)
class Shot:
    """A shot: frames of the film, how it begins, and what happens in it.

    `change` is the span of frames of its beginning (empty for a cut). `events` are (kind, frame of the film,
    direction). `pan` is pixels to the right a second; `zoom` the share by which the picture grows in a second. A
    camera never comes back quite as it was: `frame_at` is where it points, in pixels off the set-up's view, and
    `exposure` a factor.
    """

    setup: int
    start: int
    end: int
    transition: str
    change: tuple
    events: tuple = ()
    pan: float = 0.0
    zoom: float = 0.0
    shake: float = 1.0
    frame_at: tuple = (0.0, 0.0)
    exposure: float = 1.0
    caption: str = ""


@dataclass(frozen=True)
class Script:
    """The whole film.

    `scenes` are (first shot, last shot, place, strand), `dialogues` (first shot, last shot, set-ups a and b, inserts).
    """

    seed: int
    people: tuple
    places: tuple
    setups: tuple
    shots: tuple
    scenes: tuple
    dialogues: tuple
    lines: tuple


def write_script(seed):
    """Return the Script of a seed."""
    generator = np.random.default_rng([seed, 1])
    people = casting.draw_people(generator)
    places = casting.draw_places(generator)
    story = _Story(generator, places)
    return _schedule(seed, generator, people, places, story.setups, story.blocks)


def syllables(line):
    """Return a line's syllables: (start and length in seconds, openness of the mouth, number of the vowel in aeiou)."""
    vowels = []
    for word in line.text.lower().split():
        sounds = [group[0] for group in re.findall("[aeiouy]+", word)]
        vowels += [*(sounds or "e"), " "]
    step = (line.end - line.start) / max(len(vowels), 1)
    return [
        (line.start + number * step, 0.9 * step, *_VOWELS[vowel]) for number, vowel in enumerate(vowels) if vowel != " "
    ]


class _Story:
    """What happens in a film, from which camera set-ups.

    Attributes
    ----------
    setups : list of Setup
    blocks : list of list of (place, shots, strand)
        The scenes in order; those of one block are cross-cut. A shot is its set-up's number and, in words, what is
        said ("talk", "remark") and what happens ("pan", "flash", "snapshot", "passer", "lorry", "caption").
    """

    def __init__(self, generator, places):
        self.generator, self.setups = generator, []
        others = [int(number) for number in generator.permutation([0, 1, 4, 5])]
        self.who = [*others[:2], 2, 3, *others[2:]]
        self.props = [str(prop) for prop in generator.permutation(PROPS)]
        self.spread = generator.uniform(-1, 1, 20)
        self.blocks = self._plot("lorry" if places[0].kind == "street" else "passer")

    def _plot(self, large):
        """Return the blocks; `large` is what crosses the picture in the first place."""
        who, spread = self.who, self.spread
        # Someone arrives
        arrive = self._wide(0, 0, (who[0], -160, 0.6, 55))
        arrive_medium = self._medium(0, 1, 2 * spread[1], (who[0], 60 * spread[0], 0.4))
        arrive_close = self._close(0, 0, who[0], 3 + spread[2], 0.3)
        arrival = [(arrive, f"pan {large}"), (arrive_medium, "remark")]
        arrival += [(arrive, large), (arrive_close, "remark"), (arrive_medium, "flash")]
        # Two dialogues, the second broken by an insert
        talk = self._talk(2, who[0], who[1])
        broken_talk = self._talk(3, who[2], who[3], broken=True)
        # Two strands that are cross-cut, one of them in the dark
        stroll = self._wide(1, 0, (who[4], 150, -0.6, -50))
        stroll_medium = self._medium(1, 1, 2 * spread[8], (who[4], -50 + 40 * spread[7], -0.4))
        strolls = [(stroll, "pan"), (stroll_medium, "remark"), (stroll, "passer"), (stroll_medium, "remark")]
        dark = self._wide(5, 0, (who[5], -120, 0.5, 40))
        dark_close = self._close(5, 1, who[5], 1.5 + spread[9], 0.25)
        dark_medium = self._medium(5, 1, -2 + spread[11], (who[5], 40 * spread[10], 0.3))
        dark_insert = self._insert(5, self.props[1])
        cellar = [(dark, ""), (dark_close, "remark"), (dark_insert, ""), (dark_medium, "remark"), (dark_close, "")]
        cross = [(1, strolls[:2], 4), (5, cellar[:2], 5), (1, strolls[2:], 4), (5, cellar[2:], 5)]
        # Someone searches a room that looks like that of the second dialogue
        look = self._wide(4, 0, (who[1], 110, -0.3, -45))
        look_medium = self._medium(4, 1, 2 * spread[13], (who[1], 70 * spread[12], -0.4))
        look_insert = self._insert(4, self.props[2])
        look_other = self._medium(4, 0, -3 + spread[15], (who[1], -60 * spread[14], 0.5))
        search = [(look, "pan"), (look_medium, "remark"), (look_insert, "")]
        search += [(look_other, "snapshot remark"), (look, "")]
        # Back where it began
        meet = self._medium(0, 0, -2.5 + spread[16], (who[2], -95, 0.6), (who[3], 95, -0.6))
        back = [(arrive, "caption"), (meet, f"{large} remark"), (arrive_medium, ""), (meet, "remark")]
        # The end
        far = self._wide(1, 1, (who[4], -60, 0.4, 24), (who[0], 40, -0.4, 24))
        near = self._medium(1, 0, 2 * spread[17], (who[4], -85, 0.5), (who[0], 85, -0.5))
        ending = [(far, ""), (near, "snapshot remark"), (far, "pan remark")]

        # In any order, but the way back does not follow the arrival
        middle = [[(2, talk, 2)], [(3, broken_talk, 3)], cross, [(4, search, 6)], [(0, back, 1)]]
        order = [int(number) for number in self.generator.permutation(len(middle))]
        if order[0] == len(middle) - 1:
            order.append(order.pop(0))
        return [[(0, arrival, 0)], *(middle[number] for number in order), [(1, ending, 7)]]

    def _talk(self, place, a, b, *, broken=False):
        """Return the shots of a dialogue; one that is broken has an insert in it and speakers taken for one another."""
        generator = self.generator
        side = int(generator.integers(2))
        tilt = generator.uniform(0.15, 0.35) * (1 - 0.7 * broken)
        both = self._wide(place, side, (a, -70, 0.7, 0), (b, 70, -0.7, 0))
        if broken:
            # Composed alike, before two walls of one lightness
            first = self._close(place, 2, a, 0.0, tilt)
            setup = self.setups[first]
            twin = replace(setup.figures[0], person=b, turn=-tilt)
            second = self._add(replace(setup, side=3, figures=(twin,)))
        else:
            first = self._close(place, side, a, -3.2 + self.spread[3], tilt)
            second = self._close(place, 1 - side, b, 2.8 + self.spread[4], -tilt)
        turns = 5 if broken and generator.random() >= 0.5 else 6
        shots = [(both, ""), *((second if turn % 2 else first, "talk") for turn in range(turns))]
        if broken:
            shots.insert(int(generator.integers(4, 6)), (self._insert(place, self.props[0]), ""))
        busy = 2 + int(generator.integers(3))
        setup, words = shots[busy]
        shots[busy] = (setup, f"{words} {'flash' if broken else 'passer'}")
        return [*shots, (both, "passer" if broken else "")]

    def _wide(self, place, side, *figures):
        """Add a wide shot of figures: (person, pixels right of the middle, turn, speed); return its number."""
        x, scale = self.generator.uniform(-1.2, 1.2), self.generator.uniform(13.0, 15.0)
        unit = 0.23 * WIDTH / scale
        feet = (GROUND + self.generator.uniform(0.7, 1.1) - 4.5) * WIDTH / scale + HEIGHT / 2
        stands = tuple(
            Figure(person, WIDTH / 2 + at, feet - 15 * unit, unit, turn, speed) for person, at, turn, speed in figures
        )
        return self._add(Setup("wide", place, side, (x, 4.5), scale, stands))

    def _medium(self, place, side, x, *figures):
        """Add a medium shot of figures: (person, pixels right of the middle, turn); return its number."""
        generator = self.generator
        unit = generator.uniform(23, 26)
        spots = tuple(
            Figure(person, WIDTH / 2 + at, generator.uniform(118, 132), unit, turn) for person, at, turn in figures
        )
        return self._add(Setup("medium", place, side, (x, 3.9), generator.uniform(8.2, 9.2), spots))

    def _close(self, place, side, person, x, turn):
        generator = self.generator
        unit = generator.uniform(62, 69)
        across = WIDTH / 2 - 50 * turn + generator.uniform(-18, 18)
        spot = Figure(person, across, generator.uniform(160, 176), unit, turn)
        return self._add(Setup("close", place, side, (x, 3.4), generator.uniform(5.2, 6.2), (spot,)))

    def _insert(self, place, prop):
        return self._add(Setup("insert", place, 0, (0, 4.5), 8.0, prop=prop))

    def _add(self, setup):
        self.setups.append(setup)
        return len(self.setups) - 1


def _schedule(seed, generator, people, places, setups, blocks):
    """Put the shots on the frame grid, with their transitions and lines."""
    topics = list(generator.permutation(len(film_lines.TALKS)))
    remarks = {kind: [str(text) for text in generator.permutation(texts)] for kind, texts in film_lines.REMARKS.items()}
    changes = ["dissolve", "fade", "dissolve", "iris", "cut", str(generator.choice(["cut", "dissolve"]))]
    changes = ["cut"] + [str(change) for change in generator.permutation(changes)]
    pace = generator.uniform(0.92, 1.04)
    shots, scenes, dialogues, lines = [], [], [], []
    frame = 0
    for block, change in zip(blocks, changes, strict=True):
        for place, plan, strand in block:
            first, turns = len(shots), []
            talk = iter(film_lines.TALKS[topics.pop()] if any("talk" in words for _, words in plan) else ())
            for index, words in plan:
                setup, events, text = setups[index], words.split(), ""
                if "talk" in events:
                    events.remove("talk")
                    turns.append(len(shots))
                    text = next(talk)
                elif "remark" in events:
                    events.remove("remark")
                    text = remarks[places[place].kind].pop()
                transition, span = "cut" if shots else "start", 0
                # Of a block, only the first shot begins gradually
                if change != "cut":
                    transition, change, span = change, "cut", int(generator.integers(16, 32))
                length = _length(generator, setup, text, pace) + span // 2
                shots.append(_shoot(generator, index, setup, frame, length, transition, span, events))
                if text:
                    start = (frame + span - span // 2) / FPS + generator.uniform(0.1, 0.3)
                    speaker = setup.figures[int(generator.integers(len(setup.figures)))].person
                    lines.append(Line(start, start + _seconds(text), text, speaker, setup.framing != "wide"))
                frame += length
            scenes.append((first, len(shots) - 1, place, strand))
            if turns:
                a, b = (shots[turn].setup for turn in turns[:2])
                dialogues.append((turns[0], turns[-1], a, b, turns[-1] - turns[0] + 1 - len(turns)))
    return Script(seed, people, places, tuple(setups), tuple(shots), tuple(scenes), tuple(dialogues), tuple(lines))


def _seconds(text):
    """Return how long a line takes to say."""
    return 0.35 + len(text) / 18


def _length(generator, setup, text, pace):
    """Return the frames of a shot: room for its line, or what its framing wants."""
    if text:
        return round((_seconds(text) + generator.uniform(0.45, 0.7)) * FPS)
    return round(_SHOT_SECONDS[setup.framing] * pace * generator.uniform(0.85, 1.2) * FPS)


def _shoot(generator, index, setup, frame, length, transition, span, words):
    events = []
    begin, end = frame + span - span // 2, frame + length
    for kind in words:
        at = begin + int((end - begin) * generator.uniform(0.35, 0.6))
        if kind == "snapshot":
            # A photographer's flash, just before the cut
            kind, at = "flash", end - int(generator.integers(8, 12))
        if kind in ("lorry", "passer", "flash"):
            events.append((kind, at, int(generator.choice([-1, 1]))))
    return Shot(
        setup=index,
        start=frame,
        end=end,
        transition=transition,
        change=(frame - span // 2, frame - span // 2 + span),
        events=tuple(events),
        pan=float(generator.choice([-1, 1]) * generator.uniform(26, 44)) if "pan" in words else 0.0,
        zoom=float(generator.choice([0, 0.012, -0.01])),
        shake=float(generator.uniform(0.6, 1.6)),
        frame_at=(float(generator.uniform(-14, 14)), float(generator.uniform(-7, 7))),
        exposure=float(generator.uniform(0.94, 1.06) if setup.framing == "close" else generator.uniform(0.8, 1.1)),
        caption=str(generator.choice(film_lines.CAPTIONS)) if "caption" in words else "",
    )
