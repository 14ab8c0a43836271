"""The places of the sample corpus, of six kinds, each painted again for every clip.

A painter draws a place from random numbers: where things stand, their colours, how far away they are. It returns the
Picture of the place and a function that draws on a copy of it what moves, at a time in [0, 1] of the clip.
"""

import cv2
import numpy as np

from toolkit.samples.brush import darker, lighter
from toolkit.samples.corpus.pictures import CLOTHES, HEIGHT, SKINS, WIDTH, new_picture, one_of, outfit, tone, vary, walk


def paint_beach(rng):
    """Paint sky, sea and sand, with umbrellas and people; waves roll in and someone walks by."""
    horizon, shore = rng.uniform(0.26, 0.44), rng.uniform(0.56, 0.7)
    sky = one_of(rng, ((120, 175, 225), (150, 190, 220), (235, 200, 170), (180, 200, 215)))
    picture = new_picture(sky, lighter(sky, 0.5))
    sea = tone(rng, (45, 125, 160), (60, 150, 165), (60, 115, 150))
    picture.fade(sea, lighter(sea, 0.25), top=horizon)
    sand = tone(rng, (222, 197, 150), (205, 180, 140), (230, 212, 180))
    slope = rng.uniform(-0.08, 0.08)
    edge = [(0, shore - slope), (1, shore + slope)]
    picture.polygon([*edge, (1, 1), (0, 1)], sand)
    picture.grain(rng, shore + abs(slope), 9)
    if rng.random() < 0.5:
        picture.dot(rng.uniform(0.1, 0.9), rng.uniform(0.06, horizon - 0.08), 0.035, (255, 240, 200))
    for _ in range(rng.integers(1, 5)):
        picture.umbrella(rng, rng.uniform(0.05, 0.95), rng.uniform(shore + 0.08, 0.92))
    for _ in range(rng.integers(0, 3)):
        picture.person(rng.uniform(0, 1), rng.uniform(shore + 0.05, 0.95), 0.2, *outfit(rng))
    walker, way, foot = outfit(rng), walk(rng), rng.uniform(shore + 0.06, 0.98)

    def move(canvas, time):
        for wave in range(3):
            near = (wave / 3 + 0.5 * time) % 1
            level = horizon + (shore - horizon) * (0.25 + 0.75 * near)
            points = np.linspace(0, 1, 13)
            rise = slope * (2 * points - 1) * near + 0.01 * near * np.sin(9 * points + 5 * wave)
            canvas.line(np.stack([points, level + rise], axis=1), (240, 245, 245), 1 + int(4 * near))
        canvas.person(way(time), foot, 0.26, *walker, stride=time)

    return picture, move


def paint_kitchen(rng):
    """Paint cupboards, a worktop, a stove and pots before a tiled wall; a cook stirs, and steam rises."""
    wall = tone(rng, (225, 215, 190), (230, 222, 205), (230, 205, 180), (215, 215, 195))
    wood = tone(rng, (165, 115, 75), (195, 155, 110), (180, 130, 90), (150, 115, 85))
    top = vary(rng, (120, 110, 105), 25)
    picture = new_picture(wall)
    rim, worktop, ceiling = darker(wood, 0.45), rng.uniform(0.58, 0.66), rng.uniform(0.28, 0.36)
    for x in np.arange(0, 1, 0.06):
        picture.line([(x, ceiling), (x, worktop)], darker(wall, 0.12), 1)
    for y in np.arange(ceiling, worktop, 0.07):
        picture.line([(0, y), (1, y)], darker(wall, 0.12), 1)
    doors, shift = int(rng.integers(5, 8)), rng.uniform(0, 0.1)
    for door in range(-1, doors + 1):
        left, right = (door + shift) / doors + 0.006, (door + 1 + shift) / doors - 0.006
        for low, high in ((0.0, ceiling), (worktop + 0.05, 0.97)):
            picture.box(left, low, right, high, wood, rim)
            picture.box(left + 0.025, low + 0.035, right - 0.025, high - 0.035, darker(wood, 0.07), rim)
            picture.dot(right - 0.02, (low + high) / 2, 0.008, (230, 225, 210))
    picture.box(0, worktop, 1, worktop + 0.05, top, darker(top, 0.4))
    stove, fridge = rng.uniform(0.25, 0.65), rng.random() < 0.5
    picture.box(stove, worktop - 0.015, stove + 0.2, 0.97, (215, 215, 215), (70, 70, 70))
    picture.box(stove + 0.03, worktop + 0.15, stove + 0.17, 0.88, (50, 50, 55), (70, 70, 70))
    pots = [stove + 0.05, stove + 0.15]
    for pot in pots:
        color = one_of(rng, ((170, 70, 50), (90, 95, 100), (185, 185, 190)))
        picture.box(pot - 0.035, worktop - 0.085, pot + 0.035, worktop - 0.012, color, (50, 50, 50))
    for _ in range(rng.integers(2, 6)):
        x, color = rng.uniform(0.05, 0.95), one_of(rng, CLOTHES)
        picture.box(x, worktop - rng.uniform(0.05, 0.12), x + 0.035, worktop, color, (60, 60, 60))
    if fridge:
        side = 0.0 if rng.random() < 0.5 else 0.84
        picture.box(side, 0.12, side + 0.16, 0.97, (232, 234, 236), (120, 120, 125))
        picture.line([(side, 0.4), (side + 0.16, 0.4)], (120, 120, 125), 2)
    cook, place, sway = outfit(rng), stove + rng.uniform(-0.12, 0.24), rng.uniform(0.01, 0.03)

    def move(canvas, time):
        for number, pot in enumerate(pots):
            rise = (time * 3 + number / 2) % 1
            canvas.glow(pot + 0.01 * np.sin(9 * time), worktop - 0.1 - 0.18 * rise, 0.03 + 0.03 * rise, 0.35)
        x = place + sway * np.sin(7 * time)
        canvas.person(x, 1.05, 0.72, *cook, stride=0.0)
        hand = (pots[1] + 0.02 * np.cos(25 * time), worktop - 0.1)
        canvas.line([(x, 0.62), hand], cook[0], 9)

    return picture, move


def paint_road(rng):
    """Paint a road to the horizon between fields and hills; its dashes come nearer, and so do cars."""
    horizon, vanishing = rng.uniform(0.36, 0.5), rng.uniform(0.35, 0.65)
    sky = one_of(rng, ((150, 180, 210), (175, 190, 205), (205, 195, 185), (190, 198, 206)))
    picture = new_picture(sky, lighter(sky, 0.5))
    field = tone(rng, (150, 150, 90), (180, 165, 110), (150, 155, 95), (185, 175, 135))
    picture.fade(lighter(field, 0.25), field, top=horizon)
    hill, points = vary(rng, darker(field, 0.25)), np.linspace(0, 1, 15)
    crest = horizon - 0.03 - rng.uniform(0.0, 0.08) * np.abs(np.sin(rng.uniform(2, 6) * points + rng.uniform(0, 6)))
    picture.polygon([*zip(points, crest, strict=True), (1, horizon + 0.01), (0, horizon + 0.01)], hill)
    picture.grain(rng, horizon, 8)
    asphalt = vary(rng, (98, 98, 102), 10)
    left, right = vanishing - rng.uniform(0.5, 0.7), vanishing + rng.uniform(0.5, 0.7)
    picture.polygon([(vanishing - 0.012, horizon), (vanishing + 0.012, horizon), (right, 1), (left, 1)], asphalt)
    for side, edge in ((-1, left), (1, right)):
        picture.line([(vanishing + side * 0.01, horizon), (edge - side * 0.03, 1)], (230, 230, 225), 3)
    pole = one_of(rng, (-1, 1, 0))
    for near in 0.08 * 1.9 ** np.arange(5) if pole else ():
        x, foot = vanishing + pole * 0.85 * near, horizon + (1 - horizon) * near
        picture.line([(x, foot), (x, foot - 0.75 * near)], (95, 80, 65), 1 + int(8 * near))
        picture.line([(x - 0.1 * near, foot - 0.7 * near), (x + 0.1 * near, foot - 0.7 * near)], (95, 80, 65), 2)
    colors = [one_of(rng, CLOTHES) for _ in range(2)]
    begins, speed = rng.uniform(0.1, 0.5, 2), rng.uniform(0.25, 0.6)

    def move(canvas, time):
        for dash in range(7):
            near = ((dash + 2.5 * time) / 7 % 1) ** 2
            low, high = (horizon + (1 - horizon) * min(1, part) for part in (near, near * 1.35 + 0.004))
            wide = 0.012 * near + 0.001
            start, end = (vanishing + ((left + right) / 2 - vanishing) * part for part in (near, min(1, near * 1.35)))
            paint = [(start - wide, low), (start + wide, low), (end + 1.3 * wide, high), (end - 1.3 * wide, high)]
            canvas.polygon(paint, (235, 232, 215))
        for number, lane in enumerate((left, right)):
            near = (begins[number] + (1 if number else -1) * speed * time) % 0.75
            x = vanishing + ((lane + (left + right) / 2) / 2 - vanishing) * near
            canvas.car(x, horizon + (1 - horizon) * near, 0.02 + 0.3 * near, colors[number])

    return picture, move


def paint_pitch(rng):
    """Paint a football pitch before a stand full of people; two teams run after the ball."""
    stand, style = rng.uniform(0.2, 0.34), rng.integers(3)
    grass = tone(rng, (70, 140, 60), (85, 150, 70), (65, 130, 65))
    picture = new_picture(one_of(rng, ((90, 95, 110), (120, 110, 105), (70, 75, 85))))
    crowd = rng.uniform((0, 0), (1, stand - 0.03), (900, 2))
    for place, color in zip(crowd, rng.integers(len(CLOTHES), size=len(crowd)), strict=True):
        picture.dot(*place, 0.008, CLOTHES[color])
    picture.box(0, stand - 0.045, 1, stand, one_of(rng, CLOTHES), (240, 240, 240))
    picture.fade(grass, grass, top=stand)
    stripes = int(rng.integers(6, 10))
    for stripe in range(0, stripes, 2):
        low, high = (stripe / stripes, (stripe + 1) / stripes)
        if style:
            lean = 0.25 * (style - 1)
            quad = [(low + lean * (low - 0.5), stand), (high + lean * (high - 0.5), stand)]
            picture.polygon([*quad, (high, 1), (low, 1)], lighter(grass, 0.12))
        else:
            picture.box(0, stand + low * (1 - stand), 1, stand + high * (1 - stand), lighter(grass, 0.12))
    white, line = (238, 240, 235), rng.uniform(0.2, 0.8)
    picture.line([(0, stand + 0.05), (1, stand + 0.05)], white, 3)
    picture.line([(line, stand + 0.05), (line + rng.uniform(-0.15, 0.15), 1)], white, 3)
    center = (int(line * WIDTH), int(rng.uniform(0.62, 0.75) * HEIGHT))
    radii = (int(rng.uniform(70, 110)), int(rng.uniform(28, 42)))
    cv2.ellipse(picture.canvas, center, radii, 0, 0, 360, white, 3, cv2.LINE_AA)
    if rng.random() < 0.6:
        goal = rng.uniform(0.05, 0.8)
        picture.line([(goal, stand + 0.09), (goal, stand - 0.05), (goal + 0.16, stand - 0.05)], white, 4)
        picture.line([(goal + 0.16, stand - 0.05), (goal + 0.16, stand + 0.09)], white, 4)
    shirts = rng.permutation(len(CLOTHES))[:2]
    places, runs = rng.uniform((0.02, stand + 0.14), (0.98, 0.98), (9, 2)), rng.uniform(-0.16, 0.16, (9, 2))
    ball, kick = rng.uniform((0.2, 0.55), (0.8, 0.9)), rng.uniform((-0.5, -0.1), (0.5, 0.1))

    def move(canvas, time):
        for number in np.argsort(places[:, 1]):
            x, foot = places[number] + runs[number] * time * (1, 0.3)
            tall = 0.1 + 0.14 * (foot - stand)
            canvas.person(x, foot, tall, CLOTHES[shirts[number % 2]], (235, 235, 235), SKINS[number % 3], stride=time)
        canvas.dot(*(ball + kick * time), 0.012, (250, 250, 250))

    return picture, move


def paint_city(rng):
    """Paint a city by night: lit windows, signs, and lamps over a street on which headlights pass."""
    sky = one_of(rng, ((22, 24, 48), (38, 32, 52), (18, 26, 40), (52, 44, 58)))
    picture, street = new_picture(sky, lighter(sky, 0.18)), rng.uniform(0.72, 0.82)
    if rng.random() < 0.4:
        picture.dot(rng.uniform(0.1, 0.9), 0.1, 0.04, (235, 232, 210))
    glow = one_of(rng, ((250, 220, 140), (255, 240, 200), (240, 200, 120)))
    for layer in range(2):
        x = -rng.uniform(0, 0.1)
        while x < 1:
            wide, roof = rng.uniform(0.1, 0.2), rng.uniform(0.08, 0.42) + 0.12 * layer
            wall = vary(rng, (40 + 14 * layer, 40 + 12 * layer, 52 + 10 * layer), 6)
            picture.box(x, roof, x + wide, street, wall, darker(wall, 0.4))
            across, lit = int(wide / 0.032), rng.uniform(0.35, 0.7)
            for column in range(across):
                for y in np.arange(roof + 0.03, street - 0.05, 0.055):
                    left = x + (column + 0.3) * wide / across
                    color = vary(rng, glow, 12) if rng.random() < lit else darker(wall, 0.3)
                    picture.box(left, y, left + 0.45 * wide / across, y + 0.028, color)
            x += wide + rng.uniform(0.0, 0.03)
    for _ in range(rng.integers(1, 4)):
        x, y = rng.uniform(0.05, 0.85), rng.uniform(street - 0.2, street - 0.08)
        neon = one_of(rng, ((240, 70, 110), (80, 200, 240), (120, 240, 140), (250, 160, 60)))
        picture.box(x, y, x + rng.uniform(0.06, 0.14), y + 0.05, darker(neon, 0.35), neon)
    picture.box(0, street, 1, 1, (42, 42, 50))
    for x in np.arange(rng.uniform(0, 0.2), 1, 0.22):
        picture.line([(x, street + 0.02), (x, street - 0.22)], (70, 70, 75), 3)
        picture.glow(x, street - 0.23, 0.05, 0.8)
        picture.glow(x, street + 0.06, 0.07, 0.25)
    lanes = rng.uniform(street + 0.06, 0.96, 3)
    begins, speeds = rng.uniform(0, 1.2, 3), rng.choice((-1, 1), 3) * rng.uniform(0.5, 1.2, 3)
    walker, way = outfit(rng), walk(rng)

    def move(canvas, time):
        for lane, begin, speed in zip(lanes, begins, speeds, strict=True):
            x = (begin + speed * time) % 1.3 - 0.15
            canvas.box(x - 0.07, lane - 0.05, x + 0.07, lane, (28, 28, 34))
            ahead = 0.07 if speed > 0 else -0.07
            canvas.glow(x + ahead, lane - 0.02, 0.045, 0.9)
            canvas.dot(x - ahead, lane - 0.02, 0.01, (220, 40, 40))
        canvas.person(way(time), street + 0.02, 0.13, *(darker(color, 0.6) for color in walker), stride=time)

    return picture, move


def paint_forest(rng):
    """Paint trunks, leaves and undergrowth, with light between them; someone walks behind the trees."""
    leaf = tone(rng, (70, 105, 50), (85, 115, 55), (105, 105, 45), (60, 95, 55))
    ground = tone(rng, (100, 85, 50), (85, 85, 45), (110, 85, 50))
    floor = rng.uniform(0.66, 0.78)
    picture = new_picture(lighter(leaf, 0.45), lighter(leaf, 0.2))
    picture.fade(lighter(ground, 0.12), ground, top=floor)
    picture.grain(rng, floor, 16)
    bark = tone(rng, (80, 60, 45), (105, 95, 85), (70, 65, 55))
    for layer in range(3):
        for _ in range((14, 8, 4)[layer]):
            x, wide = rng.uniform(0, 1), (0.012, 0.025, 0.05)[layer] * rng.uniform(0.7, 1.3)
            foot, tint = floor + (0.0, 0.06, 0.16)[layer] + rng.uniform(0, 0.05), lighter(bark, 0.4 - 0.2 * layer)
            lean = rng.uniform(-0.03, 0.03)
            top = x + lean
            trunk = [(x - wide, foot), (x + wide, foot), (top + 0.7 * wide, 0), (top - 0.7 * wide, 0)]
            picture.polygon(trunk, tint)
            if layer:
                picture.line([(x - wide, foot), (top - 0.7 * wide, 0)], darker(tint, 0.3), 2 * layer)
    for _ in range(230):
        x, y = rng.uniform(0, 1), 0.4 * rng.beta(1, 2.2)
        picture.dot(x, y, rng.uniform(0.012, 0.04), tone(rng, leaf, darker(leaf, 0.25), by=12))
    for _ in range(70):
        x, y = rng.uniform(0, 1), rng.uniform(floor, 1)
        tip = (x + rng.uniform(-0.03, 0.03), y - rng.uniform(0.03, 0.09))
        picture.line([(x, y), tip], vary(rng, leaf, 18), 3)
    rays = rng.uniform(0, 1, rng.integers(0, 4))
    walker, way, near = outfit(rng), walk(rng), rng.uniform(0.02, 0.14)

    def move(canvas, time):
        canvas.person(way(time), floor + near, 0.2 + near, *walker, stride=time)
        for ray in rays:
            bright = canvas.copy()
            x = ray + 0.03 * np.sin(3 * time + 9 * ray)
            bright.polygon([(x, 0), (x + 0.04, 0), (x + 0.24, 1), (x + 0.12, 1)], (255, 250, 210))
            cv2.addWeighted(bright.canvas, 0.22, canvas.canvas, 0.78, 0, canvas.canvas)

    return picture, move


PAINTERS = {
    "beach": paint_beach,
    "kitchen": paint_kitchen,
    "road": paint_road,
    "football": paint_pitch,
    "city": paint_city,
    "forest": paint_forest,
}
