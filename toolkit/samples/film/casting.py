"""The cast and the locations of the sample film: people, some hard to tell apart, and places in their colors."""

import colorsys

import numpy as np

from toolkit.samples.brush import GRAY_SHARES
from toolkit.samples.film import lines as film_lines
from toolkit.samples.film.people import HAIR_STYLES, Person
from toolkit.samples.film.places import Place

_SKINS = ((238, 194, 164), (246, 208, 182), (204, 150, 114), (150, 102, 76), (226, 176, 140), (232, 186, 150))
_HAIRS = ((52, 36, 30), (118, 70, 38), (30, 26, 30), (196, 154, 92), (150, 148, 152), (140, 58, 34))
_EYES = ((64, 96, 122), (70, 50, 36), (70, 98, 66), (90, 66, 40))
# hair styles of men, and those that two people may have who are taken for one another
_MEN = ("short", "swept", "balding")
_TWINS = (["short", "swept"], ["bob", "bob"], ["long", "long"], ["swept", "swept"])
# hue and saturation
_SKIES = ((0.57, 0.3), (0.58, 0.14), (0.07, 0.28), (0.54, 0.4))
_CELLAR_LIGHTS = ((0.6, 0.78, 1.05), (1.05, 0.76, 0.45), (0.72, 0.72, 1.0))
_MEMORIES = ((255, 222, 172), (238, 240, 236), (206, 226, 246), (255, 218, 204))


def draw_people(generator):
    """Draw six people who look and sound apart.

    The third and the fourth, who talk with each other in colour, are of one shape and one lightness: in gray they
    are easily taken for one another, in colour never.
    """
    twins = _TWINS[int(generator.integers(len(_TWINS)))]
    styles = [str(style) for style in generator.permutation(HAIR_STYLES) if style not in twins]
    styles[2:2] = twins
    order = generator.permutation(4)
    hue = generator.random()
    names = generator.permutation(film_lines.NAMES)
    people = []
    for number, style in enumerate(styles[:6]):
        man, twin = style in _MEN, number in (2, 3)
        coat_hue = hue + number / 6 + generator.uniform(-0.05, 0.05)
        skin = _SKINS[number + 2] if twin else _SKINS[order[number % 4]]
        # Brows and beards are darker than the skin
        hair = _HAIRS[5 if number == 2 else 1] if twin else _HAIRS[int(generator.integers(3 + 2 * (skin[1] > 170)))]
        coat = _hsv(coat_hue, generator.uniform(0.3, 0.6), generator.uniform(0.4, 0.66))
        people.append(
            Person(
                name=str(names[number]),
                skin=skin,
                hair=hair,
                hair_style=style,
                beard=man and not twin and generator.random() < 0.6,
                glasses=bool(generator.random() < 0.25),
                coat=_with_gray(coat, 105) if twin else coat,
                shirt=_hsv(coat_hue + 0.5, 0.15, 0.88),
                trousers=_hsv(generator.random(), 0.25, 0.35),
                eyes=_EYES[int(generator.integers(4))],
                jaw=float(generator.uniform(*((0.5, 1) if man else (0, 0.4)))),
                pitch=float(generator.uniform(*((88, 128) if man else (165, 235)))),
            )
        )
    return tuple(people)


def draw_places(generator):
    """Draw the six places, in the order of their parts in the story: two out of doors, three rooms, the cellar.

    The first room is seen as in a faded old film; the other two have nearly the same colours.
    """
    outdoors, rooms = generator.permutation(["street", "park"]), generator.permutation(["room", "kitchen", "cafe"])
    hue = generator.random()
    hues = [hue, hue + 0.45, hue + 0.2, hue + 0.62, hue + 0.63, 0.09]
    shared = generator.uniform(size=6)
    places = []
    for number, kind in enumerate([*outdoors, *rooms, "cellar"]):
        levels = shared if number in (3, 4) else generator.uniform(size=6)
        sky = _SKIES[int(generator.integers(len(_SKIES)))]
        wall = _hsv(hues[number], 0.16 + 0.22 * levels[0], 0.68 + 0.16 * levels[1])
        accent_hue = hues[number] + 0.35 + 0.3 * levels[5]
        colors = {
            "wall": wall,
            "wood": _hsv(0.055 + 0.04 * levels[2], 0.4 + 0.15 * levels[3], 0.42 + 0.2 * levels[4]),
            "accent": _hsv(accent_hue, 0.5, 0.62),
            "other wall": _with_gray(_hsv(accent_hue, 0.3, 0.7), np.dot(wall, GRAY_SHARES)),
            "sky": _hsv(*sky, 0.92),
            "leaf": _hsv(generator.choice([0.27, 0.31, 0.12, 0.22]), 0.5, generator.uniform(0.45, 0.6)),
            "grass": _hsv(generator.uniform(0.2, 0.27), 0.42, generator.uniform(0.52, 0.66)),
            "pattern": generator.integers(3),
            "gap": generator.uniform(-3, 3),
        }
        light = (1.0, 0.98, 0.94) if number > 1 else (0.98, 1.0, 1.02)
        if kind == "cellar":
            colors.update(wall=_hsv(0.09, 0.12, 0.5), ambient=0.17)
            light = _CELLAR_LIGHTS[int(generator.integers(len(_CELLAR_LIGHTS)))]
        tone = _MEMORIES[int(generator.integers(len(_MEMORIES)))] if number == 2 else ()
        places.append(Place(str(kind), colors, int(generator.integers(2**31)), light, tone))
    return tuple(places)


def _hsv(hue, saturation, value):
    return tuple(int(255 * channel) for channel in colorsys.hsv_to_rgb(hue % 1, saturation, value))


def _with_gray(color, gray):
    """Return a colour made lighter or darker until its gray value (BT.601) is `gray`."""
    before = np.dot(color, GRAY_SHARES)
    return tuple(int(min(channel * gray / before, 255)) for channel in color)
