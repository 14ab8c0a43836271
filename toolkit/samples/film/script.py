"""The script of the sample film: who, where, which camera set-ups, which shots, and what is said.

Everything is drawn from one seed before a single picture is rendered, so that the truth of the film is known: a
Script is a plain list of places, people, set-ups and shots on the film's frame grid.
"""

import colorsys
from dataclasses import dataclass, replace

import numpy as np

from toolkit.samples.film import lines as film_lines
from toolkit.samples.film.people import HAIR_STYLES, Person
from toolkit.samples.film.places import GROUND, Place
from toolkit.samples.film.props import PROPS

FPS = 24
WIDTH, HEIGHT = 640, 360

_MANLY = ("short", "swept", "balding")
_ALIKE = (["short", "swept"], ["bob", "bob"], ["long", "long"], ["swept", "swept"])
_CELLAR_LIGHTS = ((0.6, 0.78, 1.05), (1.05, 0.76, 0.45), (0.72, 0.72, 1.0))
_MEMORIES = ((255, 222, 172), (238, 240, 236), (206, 226, 246), (255, 218, 204))


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
    key: float = 1.0


@dataclass(frozen=True)
class Line:
    """What is said: seconds of the film, the text, who says it, and whether the speaker is in the picture."""

    start: float
    end: float
    text: str
    person: int
    seen: bool


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
    people = _cast(generator)
    places = _find_places(generator)
    setups, scenes = _stage(generator, people, places)
    return _schedule(seed, generator, people, places, setups, scenes)


def syllables(line):
    """Return a line's syllables: (start and length in seconds, openness of the mouth, number of the vowel in aeiou)."""
    vowels = []
    for word in line.text.lower().split():
        heard = [
            letter
            for before, letter in zip(" " + word, word, strict=False)
            if letter in "aeiouy" and before not in "aeiouy"
        ]
        vowels += [*(heard or ["e"]), " "]
    step = (line.end - line.start) / max(len(vowels), 1)
    openness = {"a": 1.0, "e": 0.6, "i": 0.4, "y": 0.4, "o": 0.8, "u": 0.5}
    return [
        (line.start + number * step, 0.9 * step, openness[vowel], "aeiou".find(vowel) if vowel != "y" else 2)
        for number, vowel in enumerate(vowels)
        if vowel != " "
    ]


def _hsv(hue, saturation, value):
    return tuple(int(255 * channel) for channel in colorsys.hsv_to_rgb(hue % 1, saturation, value))


def _cast(generator):
    """Draw six people who look and sound apart.

    The third and the fourth, who talk with each other in colour, are of one shape and one lightness: in gray they
    are easily taken for one another, in colour never.
    """
    skins = [(238, 194, 164), (246, 208, 182), (204, 150, 114), (150, 102, 76), (226, 176, 140), (232, 186, 150)]
    hairs = [(52, 36, 30), (118, 70, 38), (30, 26, 30), (196, 154, 92), (150, 148, 152), (140, 58, 34)]
    eyes = [(64, 96, 122), (70, 50, 36), (70, 98, 66), (90, 66, 40)]
    alike = _ALIKE[int(generator.integers(len(_ALIKE)))]
    styles = [str(style) for style in generator.permutation(HAIR_STYLES) if style not in alike]
    styles[2:2] = alike
    order = generator.permutation(4)
    hue = generator.random()
    names = generator.permutation(film_lines.NAMES)
    people = []
    for number, style in enumerate(styles[:6]):
        manly = style in _MANLY
        coat_hue = hue + number / 6 + generator.uniform(-0.05, 0.05)
        twin = number in (2, 3)
        skin = skins[number + 2] if twin else skins[order[number % 4]]
        # Brows and beards are darker than the skin
        hair = hairs[5 if number == 2 else 1] if twin else hairs[int(generator.integers(3 + 2 * (skin[1] > 170)))]
        coat = _hsv(coat_hue, generator.uniform(0.3, 0.6), generator.uniform(0.4, 0.66))
        people.append(
            Person(
                name=str(names[number]),
                skin=skin,
                hair=hair,
                hair_style=style,
                beard=manly and not twin and generator.random() < 0.6,
                glasses=bool(generator.random() < 0.25),
                coat=_with_lightness(coat, 105) if twin else coat,
                shirt=_hsv(coat_hue + 0.5, 0.15, 0.88),
                trousers=_hsv(generator.random(), 0.25, 0.35),
                eyes=eyes[int(generator.integers(4))],
                jaw=float(generator.uniform(0.5, 1) if manly else generator.uniform(0, 0.4)),
                pitch=float(generator.uniform(88, 128) if manly else generator.uniform(165, 235)),
            )
        )
    return tuple(people)


def _with_lightness(color, luma):
    """Return a colour made lighter or darker until its gray value (BT.601) is `luma`."""
    gray = np.dot(color, (0.299, 0.587, 0.114))
    return tuple(int(min(channel * luma / gray, 255)) for channel in color)


def _find_places(generator):
    """Draw the six places, in the order of their parts in the story: two out of doors, three rooms, the cellar.

    The first room is seen as in a faded old film; the other two have nearly the same colours.
    """
    outdoors, rooms = generator.permutation(["street", "park"]), generator.permutation(["room", "kitchen", "cafe"])
    hue = generator.random()
    hues = [hue, hue + 0.45, hue + 0.2, hue + 0.62, hue + 0.63, 0.09]
    shared = generator.uniform(size=6)
    places = []
    for number, kind in enumerate([*outdoors, *rooms, "cellar"]):
        drawn = shared if number in (3, 4) else generator.uniform(size=6)
        sky_hue, sky_saturation = [(0.57, 0.3), (0.58, 0.14), (0.07, 0.28), (0.54, 0.4)][int(generator.integers(4))]
        colors = {
            "wall": _hsv(hues[number], 0.16 + 0.22 * drawn[0], 0.68 + 0.16 * drawn[1]),
            "wood": _hsv(0.055 + 0.04 * drawn[2], 0.4 + 0.15 * drawn[3], 0.42 + 0.2 * drawn[4]),
            "accent": _hsv(hues[number] + 0.35 + 0.3 * drawn[5], 0.5, 0.62),
            "other wall": _hsv(hues[number] + 0.35 + 0.3 * drawn[5], 0.3, 0.7),
            "sky": _hsv(sky_hue, sky_saturation, 0.92),
            "leaf": _hsv(generator.choice([0.27, 0.31, 0.12, 0.22]), 0.5, generator.uniform(0.45, 0.6)),
            "grass": _hsv(generator.uniform(0.2, 0.27), 0.42, generator.uniform(0.52, 0.66)),
            "pattern": generator.integers(3),
            "gap": generator.uniform(-3, 3),
        }
        light = (1.0, 0.98, 0.94) if number > 1 else (0.98, 1.0, 1.02)
        colors["other wall"] = _with_lightness(colors["other wall"], np.dot(colors["wall"], (0.299, 0.587, 0.114)))
        if kind == "cellar":
            colors.update(wall=_hsv(0.09, 0.12, 0.5), ambient=0.17)
            light = _CELLAR_LIGHTS[int(generator.integers(len(_CELLAR_LIGHTS)))]
        tone = _MEMORIES[int(generator.integers(len(_MEMORIES)))] if number == 2 else ()
        places.append(Place(str(kind), colors, int(generator.integers(2**31)), light, tone))
    return tuple(places)


def _wide(generator, place, side, figures=(), *, x=None):
    x = generator.uniform(-1.2, 1.2) if x is None else x
    scale = generator.uniform(13.0, 15.0)
    unit = 0.23 * WIDTH / scale
    feet = (GROUND + generator.uniform(0.7, 1.1) - 4.5) * WIDTH / scale + HEIGHT / 2
    stands = tuple(
        Figure(person, WIDTH / 2 + at, feet - 15 * unit, unit, turn, speed) for person, at, turn, speed in figures
    )
    return Setup("wide", place, side, (x, 4.5), scale, stands, key=_key(side))


def _medium(generator, place, side, figures, x):
    unit = generator.uniform(23, 26)
    spots = tuple(
        Figure(person, WIDTH / 2 + at, generator.uniform(118, 132), unit, turn) for person, at, turn in figures
    )
    return Setup("medium", place, side, (x, 3.9), generator.uniform(8.2, 9.2), spots, key=_key(side))


def _close(generator, place, side, person, x, turn):
    unit = generator.uniform(62, 69)
    spot = Figure(person, WIDTH / 2 - 50 * turn + generator.uniform(-18, 18), generator.uniform(160, 176), unit, turn)
    return Setup("close", place, side, (x, 3.4), generator.uniform(5.2, 6.2), (spot,), key=_key(side))


def _insert(place, prop):
    return Setup("insert", place, 0, (0, 4.5), 8.0, prop=prop)


def _key(side):
    return -1.0 if side == 0 else 1.0


def _stage(generator, people, places):
    """Return the set-ups, and the scenes in order: lists of shots (set-up, kind of shot, what is said or happens)."""
    setups = []

    def add(setup):
        setups.append(setup)
        return len(setups) - 1

    others = [int(number) for number in generator.permutation([0, 1, 4, 5])]
    who = [*others[:2], 2, 3, *others[2:]]
    props = [str(prop) for prop in generator.permutation(PROPS)]
    spread = generator.uniform(-1, 1, 20)

    large = "lorry" if places[0].kind == "street" else "passer"
    # 0: someone arrives
    arrive = add(_wide(generator, 0, 0, [(who[0], -160, 0.6, 55)]))
    arrive_medium = add(_medium(generator, 0, 1, [(who[0], 60 * spread[0], 0.4)], 2 * spread[1]))
    arrive_close = add(_close(generator, 0, 0, who[0], 3 + spread[2], 0.3))
    arrival = [
        (arrive, f"pan {large}", ""),
        (arrive_medium, "", "place"),
        (arrive, large, ""),
        (arrive_close, "", "place"),
        (arrive_medium, "flash", ""),
    ]
    # 1 and 2: two dialogues, the second broken by an insert
    talks = []
    for number, (place, a, b) in enumerate([(2, who[0], who[1]), (3, who[2], who[3])]):
        side = int(generator.integers(2))
        tilt = generator.uniform(0.15, 0.35) * (1 - 0.7 * number)
        both = add(_wide(generator, place, side, [(a, -70, 0.7, 0), (b, 70, -0.7, 0)]))
        if number == 0:
            first = _close(generator, place, side, a, -3.2 + spread[3], tilt)
            second = _close(generator, place, 1 - side, b, 2.8 + spread[4], -tilt)
        else:
            # Composed alike, before two walls of one lightness
            first = _close(generator, place, 2, a, 0.0, tilt)
            second = replace(first, side=3, figures=(replace(first.figures[0], person=b, turn=-tilt),))
        first, second = add(first), add(second)
        turns = [first, second] * 3 if number == 0 or generator.random() < 0.5 else [first, second] * 2 + [first]
        shots = [(both, "", "")] + [(setup, "", "talk") for setup in turns]
        if number == 1:
            thing = add(_insert(place, props[0]))
            shots.insert(int(generator.integers(4, 6)), (thing, "", ""))
        busy = 2 + int(generator.integers(3))
        shots[busy] = (shots[busy][0], "flash" if number else "passer", shots[busy][2])
        shots.append((both, "passer" if number else "", ""))
        talks.append((place, shots, (first, second)))
    # 3: two strands that are cross-cut, one of them in the dark
    stroll = add(_wide(generator, 1, 0, [(who[4], 150, -0.6, -50)]))
    stroll_medium = add(_medium(generator, 1, 1, [(who[4], -50 + 40 * spread[7], -0.4)], spread[8] * 2))
    dark = add(_wide(generator, 5, 0, [(who[5], -120, 0.5, 40)]))
    dark_close = add(_close(generator, 5, 1, who[5], 1.5 + spread[9], 0.25))
    dark_medium = add(_medium(generator, 5, 1, [(who[5], 40 * spread[10], 0.3)], -2 + spread[11]))
    dark_insert = add(_insert(5, props[1]))
    light_strand = [
        (stroll, "pan", ""),
        (stroll_medium, "", "place"),
        (stroll, "passer", ""),
        (stroll_medium, "", "place"),
    ]
    dark_strand = [
        (dark, "", ""),
        (dark_close, "", "place"),
        (dark_insert, "", ""),
        (dark_medium, "", "place"),
        (dark_close, "", ""),
    ]
    # 4: someone searches a room that looks like that of the second dialogue
    look = add(_wide(generator, 4, 0, [(who[1], 110, -0.3, -45)]))
    look_medium = add(_medium(generator, 4, 1, [(who[1], 70 * spread[12], -0.4)], 2 * spread[13]))
    look_insert = add(_insert(4, props[2]))
    look_other = add(_medium(generator, 4, 0, [(who[1], -60 * spread[14], 0.5)], -3 + spread[15]))
    search = [
        (look, "pan", ""),
        (look_medium, "", "place"),
        (look_insert, "", ""),
        (look_other, "snapshot", "place"),
        (look, "", ""),
    ]
    # 5: back where it began
    meet = add(_medium(generator, 0, 0, [(who[2], -95, 0.6), (who[3], 95, -0.6)], -2.5 + spread[16]))
    back = [(arrive, "caption", ""), (meet, large, "place"), (arrive_medium, "", ""), (meet, "", "place")]
    # 6: the end
    far = add(_wide(generator, 1, 1, [(who[4], -60, 0.4, 24), (who[0], 40, -0.4, 24)]))
    near = add(_medium(generator, 1, 0, [(who[4], -85, 0.5), (who[0], 85, -0.5)], 2 * spread[17]))
    ending = [(far, "", ""), (near, "snapshot", "place"), (far, "pan", "place")]

    blocks = {
        "talk": [(talks[0][0], talks[0][1], 2)],
        "broken talk": [(talks[1][0], talks[1][1], 3)],
        "cross": [
            (1, light_strand[:2], 4),
            (5, dark_strand[:2], 5),
            (1, light_strand[2:], 4),
            (5, dark_strand[2:], 5),
        ],
        "search": [(4, search, 6)],
        "return": [(0, back, 1)],
    }
    order = [str(name) for name in generator.permutation(list(blocks))]
    if order[0] == "return":
        order.append(order.pop(0))
    scenes = [[(0, arrival, 0)], *(blocks[name] for name in order), [(1, ending, 7)]]
    pairs = [pair for _, _, pair in talks]
    return setups, (scenes, pairs)


def _schedule(seed, generator, people, places, setups, staged):
    """Put the shots on the frame grid, with their transitions and lines."""
    blocks, pairs = staged
    topics = list(generator.permutation(len(film_lines.TALKS)))
    remarks = {kind: [str(text) for text in generator.permutation(texts)] for kind, texts in film_lines.REMARKS.items()}
    changes = ["dissolve", "fade", "dissolve", "iris", "cut", str(generator.choice(["cut", "dissolve"]))]
    changes = [""] + [str(change) for change in generator.permutation(changes)]
    pace = generator.uniform(0.92, 1.04)
    shots, scenes, dialogues, lines = [], [], [], []
    frame = 0
    for block, change in zip(blocks, changes, strict=True):
        for number, (place, plan, strand) in enumerate(block):
            first = len(shots)
            spoken = iter(film_lines.TALKS[topics.pop()] if any(said == "talk" for *_, said in plan) else ())
            for position, (index, action, said) in enumerate(plan):
                setup = setups[index]
                text = ""
                if said == "talk":
                    text = next(spoken)
                elif said == "place":
                    text = remarks[places[place].kind].pop()
                transition, span = "cut", 0
                if not shots:
                    transition = "start"
                elif position == 0 and number == 0 and change != "cut":
                    transition, span = change, int(generator.integers(16, 32))
                length = _length(generator, setup, text, pace)
                if span:
                    length += span // 2
                shot = _shoot(generator, index, setup, frame, length, transition, span, action)
                shots.append(shot)
                if text:
                    start = (frame + span - span // 2) / FPS + generator.uniform(0.1, 0.3)
                    speaker = setup.figures[int(generator.integers(len(setup.figures)))].person
                    lines.append(Line(start, start + _seconds(text), text, speaker, setup.framing != "wide"))
                frame += length
            scenes.append((first, len(shots) - 1, place, strand))
            talk = [at for at in range(first, len(shots)) if any(shots[at].setup in pair for pair in pairs)]
            if talk:
                a, b = shots[talk[0]].setup, shots[talk[1]].setup
                dialogues.append((talk[0], talk[-1], a, b, talk[-1] - talk[0] + 1 - len(talk)))
    return Script(seed, people, places, tuple(setups), tuple(shots), tuple(scenes), tuple(dialogues), tuple(lines))


def _seconds(text):
    """Return how long a line takes to say."""
    return 0.35 + len(text) / 18


def _length(generator, setup, text, pace):
    """Return the frames of a shot: room for its line, or what its framing wants."""
    if text:
        seconds = _seconds(text) + generator.uniform(0.45, 0.7)
    else:
        usual = {"wide": 2.8, "medium": 2.4, "close": 2.2, "insert": 1.7}[setup.framing]
        seconds = usual * pace * generator.uniform(0.85, 1.2)
    return round(seconds * FPS)


def _shoot(generator, index, setup, frame, length, transition, span, action):
    events = []
    begin = frame + span - span // 2
    for kind in action.split():
        at = begin + int((frame + length - begin) * generator.uniform(0.35, 0.6))
        if kind == "snapshot":
            # A photographer's flash, just before the cut
            kind, at = "flash", frame + length - int(generator.integers(8, 12))
        if kind in ("lorry", "passer", "flash"):
            events.append((kind, at, int(generator.choice([-1, 1]))))
    return Shot(
        setup=index,
        start=frame,
        end=frame + length,
        transition=transition,
        change=(frame - span // 2, frame - span // 2 + span),
        events=tuple(events),
        pan=float(generator.choice([-1, 1]) * generator.uniform(26, 44)) if "pan" in action else 0.0,
        zoom=float(generator.choice([0, 0.012, -0.01])),
        shake=float(generator.uniform(0.6, 1.6)),
        frame_at=(float(generator.uniform(-14, 14)), float(generator.uniform(-7, 7))),
        exposure=float(generator.uniform(0.94, 1.06) if setup.framing == "close" else generator.uniform(0.8, 1.1)),
        caption=str(generator.choice(film_lines.CAPTIONS)) if "caption" in action else "",
    )
