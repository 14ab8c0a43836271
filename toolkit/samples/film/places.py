"""The places of the sample film: painted backgrounds, seen through a camera's view.

A place has two sides, one facing the other, each a wall or a vista 16 units wide and 9 high: x grows to the right
from -8, y downwards from 0, and the ground begins at 6.4. A view is the part of it that a camera takes in. What
stands where is drawn by the place's own generator, so that every camera set-up sees the same furniture.
"""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from toolkit.samples.brush import finish, mix, new_board, shade
from toolkit.samples.film import furniture
from toolkit.samples.film.furniture import GROUND


@dataclass(frozen=True)
class Place:
    """A location: its kind, its colours (RGB, by name), and the seed of its layout.

    Kinds are "room", "kitchen", "cafe", "street", "park" and "cellar". `light` is a factor a channel. `tone`, where
    there is one, is the colour of a faded monochrome picture, as of a memory.
    """

    kind: str
    colors: dict
    seed: int
    light: tuple = (1.0, 1.0, 1.0)
    tone: tuple = ()


def draw_place(place, side, center, width, size, *, blur=0.0):
    """Paint what a camera sees of a place.

    Parameters
    ----------
    place : Place
    side : int
        0 or 1, which of the two facing sides; 2 or 3, one of two corners with as much in them and of one lightness.
    center : (float, float)
        Middle of the view, in units.
    width : float
        Units across `size`.
    size : (int, int)
        Width and height of the picture in pixels.
    blur : float
        Depth of field: standard deviation in pixels.

    Returns
    -------
    ndarray of uint8, (height, width, 3)
    """
    board = new_board(center, width, size)
    generator = np.random.default_rng([place.seed, side])
    painter = _PAINTERS[place.kind] if side < 2 else _corner
    lights = painter(board, place.colors, side, generator)
    return finish(board, size, place, lights, generator, blur)


def _corner(board, colors, side, generator):
    color = colors["wall" if side == 2 else "other wall"]
    furniture.wallpaper(board, color, int(colors["pattern"]))
    board.rectangle(-14, 4.6, 14, 8, shade(color, 0.72))
    board.rectangle(-14, 4.4, 14, 4.65, shade(color, 1.1))
    for x in np.arange(-13, 14, 1.3):
        board.rectangle(x, 4.9, x + 1.0, 7, shade(color, 0.8))
    furniture.picture_frame(board, 1.5, 1.6, 1.2, 1.5, shade(color, 0.85), np.random.default_rng(0))
    return [(-2.5, 2.0, 2.6, 0.35)]


def _room(board, colors, side, generator):
    wood, accent = colors["wood"], colors["accent"]
    furniture.wallpaper(board, colors["wall"], int(colors["pattern"]))
    board.rectangle(-14, 5.3, 14, GROUND, shade(wood, 1.1))
    for x in np.arange(-14, 14, 1.4):
        board.rectangle(x + 0.15, 5.5, x + 1.2, 6.2, shade(wood, 1.2))
    furniture.floor(board, shade(wood, 0.85))
    if side == 0:
        x = generator.uniform(-4.6, -3.4)
        furniture.window(board, x - 1.3, 1.2, x + 1.3, 4.4, colors, generator)
        furniture.curtains(board, x - 1.5, 1.2, x + 1.5, 4.4, accent)
        sofa = generator.uniform(1.2, 2.6)
        furniture.picture_frame(board, sofa - 1.6, 1.5, 1.5, 1.1, accent, generator)
        furniture.picture_frame(board, sofa + 0.5, 1.2, 0.9, 1.3, colors["sky"], generator)
        board.disc(0, 8.3, 5.2, shade(accent, 0.8), tall=0.8)
        board.disc(0, 8.3, 4.3, shade(accent, 1.05), tall=0.6)
        cover = mix(accent, (90, 80, 110), 0.5)
        board.rectangle(sofa - 2.1, 4.3, sofa + 2.1, 6.9, cover)
        for cushion in (-1.9, 0.05):
            board.rectangle(sofa + cushion, 5.5, sofa + cushion + 1.85, 6.5, shade(cover, 1.2))
        for arm in (-2.5, 2.0):
            board.rectangle(sofa + arm, 5.0, sofa + arm + 0.5, 7.1, shade(cover, 0.85))
        furniture.floor_lamp(board, sofa + 3.4, 7.0, colors)
        return [(x, 3.5, 4.5, 0.42), (sofa + 3.4, 2.9, 2.6, 0.5)]
    x = generator.uniform(-5.6, -4.6)
    furniture.shelf(board, x - 1.3, 1.1, x + 1.5, 6.5, colors, generator, rows=4)
    door = generator.uniform(3.8, 5.4)
    board.rectangle(door - 1.1, 1.4, door + 1.1, 6.5, shade(wood, 0.8))
    for panel in (1.7, 4.2):
        board.rectangle(door - 0.8, panel, door + 0.8, panel + 1.9, shade(wood, 0.9))
    board.disc(door - 0.9, 4.1, 0.1, (210, 180, 90))
    clock = generator.uniform(-1.4, 1.2)
    board.rectangle(clock - 0.9, 3.6, clock + 1.1, 6.5, (120, 116, 112))
    board.rectangle(clock - 0.55, 4.5, clock + 0.75, 6.5, (46, 34, 32))
    board.polygon([(clock - 0.3, 6.4), (clock + 0.1, 5.0), (clock + 0.5, 6.4)], (240, 150, 60), ink=0)
    board.rectangle(clock - 1.1, 3.4, clock + 1.3, 3.65, shade(wood, 1.1))
    board.disc(clock + 0.1, 2.0, 0.6, (235, 225, 200))
    board.line([(clock + 0.1, 1.6), (clock + 0.1, 2.0), (clock + 0.4, 2.1)], (40, 30, 30), 0.05)
    furniture.plant(board, 2.4, 7.0, 1.0, generator)
    return [(clock, 5.6, 2.8, 0.42), (-7, 1, 6, 0.25)]


def _kitchen(board, colors, side, generator):
    wood = colors["wood"]
    board.rectangle(-14, -4, 14, GROUND, shade(colors["wall"], 1.04), ink=0)
    tile = mix(colors["wall"], colors["accent"], 0.3)
    for y in np.arange(2.6, 4.9, 0.45):
        for x in np.arange(-14, 14, 0.45):
            light = 0.9 + 0.16 * ((round(x / 0.45) + round(y / 0.45)) % 2)
            board.rectangle(x, y, x + 0.42, y + 0.42, shade(tile, light), ink=0.012)
    furniture.floor(board, shade(wood, 0.95), boards=False)
    for x in np.arange(-14, 14, 1.2):
        board.polygon([(x, 6.6), (x + 0.6, 6.6), (x + 1.0, 9.5), (x, 9.5)], shade(wood, 0.75), ink=0)
    if side == 0:
        for x in np.arange(-7.2, 7.2, 1.8):
            if abs(x - colors["gap"]) > 1.2:
                board.rectangle(x, 0.2, x + 1.7, 2.3, shade(wood, 1.15))
                board.disc(x + 1.45, 1.9, 0.08, (220, 200, 150))
            board.rectangle(x, 5.0, x + 1.7, 7.2, shade(wood, 1.1))
            board.line([(x + 0.5, 5.3), (x + 1.2, 5.3)], (220, 200, 150), 0.06)
        board.rectangle(-14, 4.75, 14, 5.05, (205, 196, 182))
        stove = generator.uniform(1.5, 4.5)
        board.rectangle(stove - 1.2, 4.7, stove + 1.2, 7.2, (72, 72, 78))
        board.rectangle(stove - 0.8, 5.6, stove + 0.8, 6.7, (34, 34, 38))
        board.rectangle(stove - 0.7, 4.0, stove + 0.4, 4.7, shade(colors["accent"], 0.9))
        board.line([(stove + 0.4, 4.2), (stove + 1.0, 4.1)], (50, 44, 40), 0.1)
        for x in (-5.5, -4.6, -3.9):
            board.disc(x, 4.4, 0.28, generator.integers(120, 230, 3).tolist(), tall=0.36)
        return [(colors["gap"], 1.5, 5.0, 0.35)]
    x = generator.uniform(-1.2, 1.2)
    furniture.window(board, x - 1.5, 0.9, x + 1.5, 3.4, colors, generator, panes=3)
    furniture.shelf(board, -7.4, 1.0, x - 2.3, 3.4, colors, generator, rows=2, things="jars")
    board.line([(x + 2.2, 1.0), (7.6, 1.0)], (70, 60, 54), 0.09)
    for pan in np.arange(x + 2.6, 7.2, 1.15):
        board.line([(pan, 1.0), (pan, 1.7)], (70, 60, 54), 0.07)
        board.disc(pan, 2.1, generator.uniform(0.32, 0.5), (150, 92, 58))
    board.rectangle(-14, 4.75, 14, 5.05, (205, 196, 182))
    board.rectangle(-14, 5.05, 14, 7.0, shade(wood, 1.0))
    board.rectangle(-3.4, 6.3, 3.6, 6.6, shade(wood, 1.3))
    for leg in (-3.1, 3.1):
        board.rectangle(leg, 6.6, leg + 0.25, 9.5, shade(wood, 1.1))
    board.disc(0.6, 6.1, 0.7, mix(colors["accent"], (230, 220, 200), 0.5), tall=0.28)
    for fruit in (0.2, 0.6, 1.0):
        board.disc(fruit, 5.85, 0.24, (206, 120, 50))
    return [(x, 2.4, 4.0, 0.42)]


def _cafe(board, colors, side, generator):
    wood = colors["wood"]
    board.rectangle(-14, -4, 14, GROUND, colors["wall"], ink=0)
    board.rectangle(-14, 4.6, 14, GROUND, shade(colors["accent"], 0.7))
    furniture.floor(board, shade(wood, 0.7), boards=False)
    for row, (y, below) in enumerate(pairwise((6.5, 6.9, 7.5, 8.4, 9.9))):
        for x in np.arange(-14, 14, 1.6):
            if (row + round(x / 1.6)) % 2:
                board.rectangle(x, y, x + 1.6, below, shade(wood, 0.5), ink=0)
    if side == 0:
        furniture.shelf(board, -6.6, 0.9, -0.6, 4.1, colors, generator, rows=3, things="bottles")
        board.rectangle(1.0, 1.0, 4.0, 3.4, (42, 50, 46))
        for y in np.arange(1.4, 3.2, 0.4):
            board.line([(1.3, y), (1.3 + generator.uniform(0.9, 2.2), y)], (200, 205, 196), 0.05)
        furniture.picture_frame(board, 5.2, 1.4, 1.2, 1.6, colors["accent"], generator)
        board.rectangle(-7.4, 4.9, 3.4, 7.4, shade(wood, 0.85))
        for x in np.arange(-7.2, 3.2, 1.5):
            board.rectangle(x, 5.3, x + 1.3, 7.1, shade(wood, 1.0))
        board.rectangle(-7.6, 4.6, 3.6, 4.95, shade(wood, 1.3))
        board.rectangle(1.4, 3.7, 3.0, 4.6, (150, 150, 156))
        lamps, tables = (-4.5, 0.0, 4.5), (5.9,)
    else:
        x = generator.uniform(-2.4, -1.2)
        furniture.window(board, x - 3.4, 0.9, x + 2.6, 4.4, colors, generator, panes=4)
        board.rectangle(4.0, 1.2, 6.4, 6.5, shade(wood, 0.8))
        board.rectangle(4.4, 1.6, 6.0, 4.6, colors["sky"])
        furniture.plant(board, 2.9, 6.6, 1.0, generator)
        lamps, tables = (-2.5, 2.2), (-5.4, 5.8)
    for table in tables:
        board.rectangle(table - 0.08, 6.2, table + 0.08, 8.0, (50, 42, 40))
        board.disc(table, 6.2, 1.3, shade(wood, 1.25), tall=0.28)
        board.rectangle(table - 0.15, 5.75, table + 0.2, 6.1, (236, 230, 220))
        for chair in (-1.9, 1.5):
            board.rectangle(table + chair, 5.0, table + chair + 0.3, 8.2, shade(wood, 0.6))
    for lamp in lamps:
        board.line([(lamp, -3), (lamp, 0.9)], (40, 34, 34), 0.05)
        board.taper(lamp, 0.8, 0.2, 1.5, 0.7, mix(colors["accent"], (250, 214, 140), 0.5))
        board.disc(lamp, 1.55, 0.24, (255, 244, 200), ink=0)
    return [(lamp, 1.9, 2.6, 0.4) for lamp in lamps]


def _cellar(board, colors, side, generator):
    stone, wood = colors["wall"], colors["wood"]
    board.rectangle(-14, -4, 14, GROUND, shade(stone, 0.7), ink=0)
    for row, y in enumerate(np.arange(-1, GROUND, 0.62)):
        x = -14.0 - 0.5 * (row % 2)
        while x < 14:
            wide, light = generator.uniform(0.8, 1.5), generator.uniform(0.8, 1.1)
            board.rectangle(x, y, x + wide - 0.05, y + 0.57, shade(stone, light), ink=0.02)
            x += wide
    furniture.floor(board, shade(stone, 0.6), boards=False)
    if side == 0:
        for arch in (-5.2, 5.4):
            board.disc(arch, 3.4, 1.9, shade(stone, 0.35), start=180, stop=360)
            board.rectangle(arch - 1.9, 3.4, arch + 1.9, 6.4, shade(stone, 0.35), ink=0)
        for x in (-6.2, -4.3, 4.5, 6.4):
            board.disc(x, 5.7, 0.95, shade(wood, 0.9))
            board.disc(x, 5.7, 0.72, shade(wood, 1.1))
            for plank in (-0.4, 0.0, 0.4):
                board.line([(x + plank, 5.1), (x + plank, 6.3)], shade(wood, 0.7), 0.04)
        lantern = generator.uniform(-1.5, 1.5)
    else:
        for step in range(7):
            left, top = 2.6 + 0.75 * step, 6.3 - 0.75 * step
            board.rectangle(left, top, 12, 7.1 - 0.75 * step, shade(stone, 0.95 - 0.05 * step))
        furniture.shelf(board, -7.2, 1.6, -2.6, 6.2, colors, generator, rows=4, things="jars")
        board.rectangle(-1.6, 5.3, 0.2, 6.9, shade(wood, 1.0))
        for slat in (5.7, 6.2):
            board.line([(-1.6, slat), (0.2, slat)], shade(wood, 0.6), 0.06)
        lantern = generator.uniform(0.8, 1.8)
    board.line([(lantern, -3), (lantern, 1.6)], (30, 28, 28), 0.06)
    board.rectangle(lantern - 0.25, 1.6, lantern + 0.25, 2.4, (255, 216, 130))
    return [(lantern, 2.6, 4.2, 0.5)]


def _street(board, colors, side, generator):
    board.gradient(-1, GROUND, colors["sky"], mix(colors["sky"], (250, 236, 214), 0.6))
    cloud = mix(colors["sky"], (250, 248, 244), 0.6)
    for x, y in generator.uniform((-8, 0.0), (8, 1.2), (4, 2)):
        for puff in range(4):
            board.disc(x + 0.5 * puff, y + 0.15 * (puff % 2), 0.45, cloud, tall=0.26, ink=0)
    x = -11.0 - generator.uniform(0, 1.5)
    while x < 11:
        wide, roof = generator.uniform((2.6, 0.6), (3.9, 2.3))
        front = shade(mix(colors["wall"], generator.integers(90, 220, 3), 0.3), generator.uniform(0.85, 1.1))
        board.rectangle(x, roof, x + wide, GROUND, front)
        (_shop if side else _house)(board, x, wide, roof, front, colors, generator)
        _house_windows(board, x, wide, np.arange(roof + 0.4, 3.2 if side else 4.0, 1.35), front, colors, generator)
        x += wide
    board.rectangle(-14, GROUND, 14, 7.1, (168, 162, 156))
    for stone in np.arange(-14, 14, 0.9):
        board.line([(stone, GROUND), (stone * 1.04, 7.1)], (140, 134, 130), 0.03)
    board.rectangle(-14, 7.1, 14, 14, (104, 102, 106))
    for dash in np.arange(-14, 14, 2.4):
        board.polygon([(dash, 8.3), (dash + 1.2, 8.3), (dash + 1.3, 8.5), (dash, 8.5)], (196, 192, 178), ink=0)
    post = generator.uniform(-2, 2) + (3.6 if side else -3.0)
    board.line([(post, 1.6), (post, 6.9)], (44, 48, 50), 0.14)
    board.taper(post, 1.0, 0.25, 1.65, 0.16, (240, 226, 170))
    return [(-5 + 10 * side, 0, 7, 0.3)]


def _shop(board, x, wide, roof, front, colors, generator):
    for y in np.arange(roof + 0.2, 4.0, 0.22):
        board.line([(x, y), (x + wide, y)], shade(front, 0.86), 0.02)
    tone = mix(colors["accent"], generator.integers(60, 220, 3), 0.5)
    board.rectangle(x + 0.25, 4.3, x + wide - 0.25, GROUND, shade(tone, 0.6))
    board.rectangle(x + 0.45, 4.8, x + wide - 1.2, 6.0, mix(colors["sky"], (40, 44, 60), 0.5))
    board.rectangle(x + wide - 1.05, 4.7, x + wide - 0.4, GROUND, shade(tone, 0.85))
    for number, (left, right) in enumerate(pairwise(np.linspace(x + 0.15, x + wide - 0.15, 8))):
        color = tone if number % 2 else (236, 230, 218)
        board.polygon([(left, 3.9), (right, 3.9), (right + 0.06, 4.6), (left - 0.06, 4.6)], color, ink=0.015)


def _house(board, x, wide, roof, front, colors, generator):
    top = roof - generator.uniform(0.7, 1.3)
    board.polygon([(x - 0.15, roof), (x + wide / 2, top), (x + wide + 0.15, roof)], shade(colors["accent"], 0.75))
    door = x + 0.35 + generator.uniform(0, wide - 1.4)
    color = mix(colors["accent"], generator.integers(30, 160, 3), 0.5)
    board.rectangle(door, 4.6, door + 0.9, GROUND, shade(color, 0.7))
    board.disc(door + 0.75, 5.6, 0.06, (220, 190, 110))


def _house_windows(board, x, wide, rows, front, colors, generator):
    columns = int(wide // 1.1)
    for y in rows:
        for column in range(columns):
            left = x + (column + 0.5) * wide / columns - 0.28
            board.rectangle(left - 0.06, y - 0.06, left + 0.62, y + 0.86, shade(front, 1.25))
            pane = (250, 222, 150) if generator.random() < 0.25 else mix(colors["sky"], (50, 60, 84), 0.55)
            board.rectangle(left, y, left + 0.56, y + 0.8, pane)
            board.line([(left + 0.28, y), (left + 0.28, y + 0.8)], shade(front, 1.2), 0.04)


def _park(board, colors, side, generator):
    board.gradient(-1, GROUND, colors["sky"], mix(colors["sky"], (252, 244, 226), 0.7))
    leaf, grass = colors["leaf"], colors["grass"]
    x = np.arange(-14, 14.5, 0.5)
    for row in range(2):
        crest = 4.6 + 0.7 * row + 0.5 * np.sin(0.6 * x + 2.1 * row + colors["gap"])
        hills = [(-14, 10), *zip(x, crest, strict=True), (14, 10)]
        board.polygon(hills, mix(leaf, colors["sky"], 0.6 - 0.25 * row))
    board.rectangle(-14, 6.0, 14, 14, grass)
    if side == 0:
        board.polygon([(-1.2, 6.0), (0.2, 6.0), (4.5, 10), (-4.0, 10)], mix(grass, (214, 186, 146), 0.75))
        for x in (-6.6, -4.1, 3.2, 5.6, 7.9):
            aside, foot, size = generator.uniform((-0.5, 6.3, 0.9), (0.5, 7.2, 1.25))
            _tree(board, x + aside, foot, size, leaf, generator)
        bench = generator.uniform(-3.2, -2.2)
        for y in (5.7, 6.0, 6.35):
            board.rectangle(bench - 1.2, y, bench + 1.2, y + 0.2, shade(colors["wood"], 1.1))
        for leg in (-1.0, 0.9):
            board.rectangle(bench + leg, 6.5, bench + leg + 0.14, 7.2, (54, 50, 52))
    else:
        water = mix(colors["sky"], (90, 130, 150), 0.5)
        board.disc(0.5, 6.5, 7.2, water, tall=0.42)
        for x, y, wide in generator.uniform((-5, 6.25, 0.3), (6, 6.75, 1.1), (26, 3)):
            board.line([(x, y), (x + wide, y)], shade(water, 1.14), 0.035)
        pines = generator.uniform((-0.4, 1.6, 0.7), (0.4, 3.2, 1.0), (13, 3))
        for number, (aside, size, light) in enumerate(pines):
            _pine(board, -7.6 + 1.25 * number + aside, 6.2, size, shade(mix(leaf, (40, 80, 70), 0.5), light))
        for x, lean, top in generator.uniform((-8, -0.3, 7.2), (8, 0.3, 7.9), (40, 3)):
            board.line([(x, 8.6), (x + lean, top)], shade(leaf, 0.7), 0.05)
    for x, y, light in generator.uniform((-9, 6.3, 0.75), (9, 9.4, 1.2), (160, 3)):
        board.line([(x, y), (x + 0.06, y - 0.16)], shade(grass, light), 0.03)
    return [(-4 + 8 * side, 1, 6, 0.32)]


def _tree(board, x, foot, size, leaf, generator):
    trunk = ((-0.26, 0), (-0.14, 3), (0.14, 3), (0.26, 0))
    board.polygon([(x + aside * size, foot - high * size) for aside, high in trunk], (94, 70, 54))
    for number, (angle, far, radius) in enumerate(generator.uniform((0, 0, 0.5), (2 * np.pi, 1.1, 0.85), (12, 3))):
        y = foot - 3.6 * size + 0.8 * far * size * np.sin(angle)
        tone = shade(leaf, 0.72 + 0.045 * number)
        board.disc(x + far * size * np.cos(angle), y, radius * size, tone, ink=0.02)


def _pine(board, x, foot, size, color):
    for level in range(3):
        top = foot - size * (1.0 - 0.25 * level) - 0.4
        half, below = size * (0.16 + 0.08 * level), top + 0.52 * size
        board.polygon([(x, top), (x + half, below), (x - half, below)], shade(color, 0.85 + 0.12 * level))


_PAINTERS = {"room": _room, "kitchen": _kitchen, "cafe": _cafe, "street": _street, "park": _park, "cellar": _cellar}
