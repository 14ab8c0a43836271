"""The pictures of the sample corpus: six kinds of place, each painted anew for every clip.

A painter draws a place, uint8 (HEIGHT, WIDTH, 3) in RGB, from random numbers: where things stand, their colours, how
far away they are. It returns the place and a function that draws on a copy of it what moves, at a time in [0, 1] of the
clip. `view` then looks at the picture with a camera that shakes, pans or closes in.
"""

import cv2
import numpy as np

WIDTH, HEIGHT = 480, 360
CLOTHES = ((190, 60, 50), (50, 80, 160), (230, 200, 90), (70, 120, 80), (235, 235, 230), (60, 55, 60), (160, 90, 150))
SKINS = ((236, 200, 172), (198, 150, 115), (128, 86, 62))


def paint_beach(rng):
    """Paint sky, sea and sand, with umbrellas and people; waves roll in and someone walks by."""
    horizon, shore = rng.uniform(0.26, 0.44), rng.uniform(0.56, 0.7)
    sky = _one_of(rng, ((120, 175, 225), (150, 190, 220), (235, 200, 170), (180, 200, 215)))
    picture = _gradient(sky, _lighter(sky, 0.5))
    sea = _varied(rng, _one_of(rng, ((45, 125, 160), (60, 150, 165), (60, 115, 150))))
    picture[int(horizon * HEIGHT) :] = _gradient(sea, _lighter(sea, 0.25))[: HEIGHT - int(horizon * HEIGHT)]
    sand = _varied(rng, _one_of(rng, ((222, 197, 150), (205, 180, 140), (230, 212, 180))))
    slope = rng.uniform(-0.08, 0.08)
    edge = [(0, shore - slope), (1, shore + slope)]
    _polygon(picture, [*edge, (1, 1), (0, 1)], sand)
    _grain(picture, rng, shore + abs(slope), 1.0, 9)
    if rng.random() < 0.5:
        _disc(picture, rng.uniform(0.1, 0.9), rng.uniform(0.06, horizon - 0.08), 0.035, (255, 240, 200))
    for _ in range(rng.integers(1, 5)):
        _umbrella(picture, rng, rng.uniform(0.05, 0.95), rng.uniform(shore + 0.08, 0.92))
    for _ in range(rng.integers(0, 3)):
        _person(picture, rng.uniform(0, 1), rng.uniform(shore + 0.05, 0.95), 0.2, *_dressed(rng))
    walker, way, foot = _dressed(rng), _way(rng), rng.uniform(shore + 0.06, 0.98)

    def move(canvas, time):
        for wave in range(3):
            near = (wave / 3 + 0.5 * time) % 1
            level = horizon + (shore - horizon) * (0.25 + 0.75 * near)
            points = np.linspace(0, 1, 13)
            rise = slope * (2 * points - 1) * near + 0.01 * near * np.sin(9 * points + 5 * wave)
            _path(canvas, np.stack([points, level + rise], axis=1), (240, 245, 245), 1 + int(4 * near))
        _person(canvas, way(time), foot, 0.26, *walker, stride=time)

    return picture, move


def paint_kitchen(rng):
    """Paint cupboards, a worktop, a stove and pots before a tiled wall; a cook stirs, and steam rises."""
    wall = _varied(rng, _one_of(rng, ((225, 215, 190), (230, 222, 205), (230, 205, 180), (215, 215, 195))))
    wood = _varied(rng, _one_of(rng, ((165, 115, 75), (195, 155, 110), (180, 130, 90), (150, 115, 85))))
    top = _varied(rng, (120, 110, 105), 25)
    picture = np.full((HEIGHT, WIDTH, 3), wall, np.uint8)
    line, worktop, ceiling = _darker(wood, 0.45), rng.uniform(0.58, 0.66), rng.uniform(0.28, 0.36)
    for x in np.arange(0, 1, 0.06):
        _path(picture, [(x, ceiling), (x, worktop)], _darker(wall, 0.12), 1)
    for y in np.arange(ceiling, worktop, 0.07):
        _path(picture, [(0, y), (1, y)], _darker(wall, 0.12), 1)
    doors, shift = int(rng.integers(5, 8)), rng.uniform(0, 0.1)
    for door in range(-1, doors + 1):
        left, right = (door + shift) / doors + 0.006, (door + 1 + shift) / doors - 0.006
        for low, high in ((0.0, ceiling), (worktop + 0.05, 0.97)):
            _box(picture, left, low, right, high, wood, line)
            _box(picture, left + 0.025, low + 0.035, right - 0.025, high - 0.035, _darker(wood, 0.07), line)
            _disc(picture, right - 0.02, (low + high) / 2, 0.008, (230, 225, 210))
    _box(picture, 0, worktop, 1, worktop + 0.05, top, _darker(top, 0.4))
    stove, fridge = rng.uniform(0.25, 0.65), rng.random() < 0.5
    _box(picture, stove, worktop - 0.015, stove + 0.2, 0.97, (215, 215, 215), (70, 70, 70))
    _box(picture, stove + 0.03, worktop + 0.15, stove + 0.17, 0.88, (50, 50, 55), (70, 70, 70))
    pots = [stove + 0.05, stove + 0.15]
    for pot in pots:
        color = _one_of(rng, ((170, 70, 50), (90, 95, 100), (185, 185, 190)))
        _box(picture, pot - 0.035, worktop - 0.085, pot + 0.035, worktop - 0.012, color, (50, 50, 50))
    for _ in range(rng.integers(2, 6)):
        x, color = rng.uniform(0.05, 0.95), _one_of(rng, CLOTHES)
        _box(picture, x, worktop - rng.uniform(0.05, 0.12), x + 0.035, worktop, color, (60, 60, 60))
    if fridge:
        side = 0.0 if rng.random() < 0.5 else 0.84
        _box(picture, side, 0.12, side + 0.16, 0.97, (232, 234, 236), (120, 120, 125))
        _path(picture, [(side, 0.4), (side + 0.16, 0.4)], (120, 120, 125), 2)
    cook, place, sway = _dressed(rng), stove + rng.uniform(-0.12, 0.24), rng.uniform(0.01, 0.03)

    def move(canvas, time):
        for number, pot in enumerate(pots):
            rise = (time * 3 + number / 2) % 1
            _glow(canvas, pot + 0.01 * np.sin(9 * time), worktop - 0.1 - 0.18 * rise, 0.03 + 0.03 * rise, 0.35)
        x = place + sway * np.sin(7 * time)
        _person(canvas, x, 1.05, 0.72, *cook, stride=0.0)
        hand = (pots[1] + 0.02 * np.cos(25 * time), worktop - 0.1)
        _path(canvas, [(x, 0.62), hand], cook[0], 9)

    return picture, move


def paint_road(rng):
    """Paint a road to the horizon between fields and hills; its dashes come nearer, and so do cars."""
    horizon, vanishing = rng.uniform(0.36, 0.5), rng.uniform(0.35, 0.65)
    sky = _one_of(rng, ((150, 180, 210), (175, 190, 205), (205, 195, 185), (190, 198, 206)))
    picture = _gradient(sky, _lighter(sky, 0.5))
    field = _varied(rng, _one_of(rng, ((150, 150, 90), (180, 165, 110), (150, 155, 95), (185, 175, 135))))
    picture[int(horizon * HEIGHT) :] = _gradient(_lighter(field, 0.25), field)[: HEIGHT - int(horizon * HEIGHT)]
    hill, points = _varied(rng, _darker(field, 0.25)), np.linspace(0, 1, 15)
    crest = horizon - 0.03 - rng.uniform(0.0, 0.08) * np.abs(np.sin(rng.uniform(2, 6) * points + rng.uniform(0, 6)))
    _polygon(picture, [*zip(points, crest, strict=True), (1, horizon + 0.01), (0, horizon + 0.01)], hill)
    _grain(picture, rng, horizon, 1.0, 8)
    asphalt = _varied(rng, (98, 98, 102), 10)
    left, right = vanishing - rng.uniform(0.5, 0.7), vanishing + rng.uniform(0.5, 0.7)
    _polygon(picture, [(vanishing - 0.012, horizon), (vanishing + 0.012, horizon), (right, 1), (left, 1)], asphalt)
    for side, edge in ((-1, left), (1, right)):
        _path(picture, [(vanishing + side * 0.01, horizon), (edge - side * 0.03, 1)], (230, 230, 225), 3)
    pole = _one_of(rng, (-1, 1, 0))
    for near in 0.08 * 1.9 ** np.arange(5) if pole else ():
        x, foot = vanishing + pole * 0.85 * near, horizon + (1 - horizon) * near
        _path(picture, [(x, foot), (x, foot - 0.75 * near)], (95, 80, 65), 1 + int(8 * near))
        _path(picture, [(x - 0.1 * near, foot - 0.7 * near), (x + 0.1 * near, foot - 0.7 * near)], (95, 80, 65), 2)
    colors = [_one_of(rng, CLOTHES) for _ in range(2)]
    begins, speed = rng.uniform(0.1, 0.5, 2), rng.uniform(0.25, 0.6)

    def move(canvas, time):
        for dash in range(7):
            near = ((dash + 2.5 * time) / 7 % 1) ** 2
            low, high = (horizon + (1 - horizon) * min(1, part) for part in (near, near * 1.35 + 0.004))
            wide = 0.012 * near + 0.001
            middle = [vanishing + ((left + right) / 2 - vanishing) * part for part in (near, min(1, near * 1.35))]
            quad = [(middle[0] - wide, low), (middle[0] + wide, low), (middle[1] + 1.3 * wide, high)]
            _polygon(canvas, [*quad, (middle[1] - 1.3 * wide, high)], (235, 232, 215))
        for number, lane in enumerate((left, right)):
            near = (begins[number] + (1 if number else -1) * speed * time) % 0.75
            x = vanishing + ((lane + (left + right) / 2) / 2 - vanishing) * near
            _car(canvas, x, horizon + (1 - horizon) * near, 0.02 + 0.3 * near, colors[number])

    return picture, move


def paint_pitch(rng):
    """Paint a football pitch before a stand full of people; two teams run after the ball."""
    stand, style = rng.uniform(0.2, 0.34), rng.integers(3)
    grass = _varied(rng, _one_of(rng, ((70, 140, 60), (85, 150, 70), (65, 130, 65))))
    picture = np.full((HEIGHT, WIDTH, 3), _one_of(rng, ((90, 95, 110), (120, 110, 105), (70, 75, 85))), np.uint8)
    crowd = rng.uniform((0, 0), (1, stand - 0.03), (900, 2))
    for place, color in zip(crowd, rng.integers(len(CLOTHES), size=len(crowd)), strict=True):
        _disc(picture, *place, 0.008, CLOTHES[color])
    _box(picture, 0, stand - 0.045, 1, stand, _one_of(rng, CLOTHES), (240, 240, 240))
    picture[int(stand * HEIGHT) :] = grass
    stripes = int(rng.integers(6, 10))
    for stripe in range(0, stripes, 2):
        low, high = (stripe / stripes, (stripe + 1) / stripes)
        if style:
            lean = 0.25 * (style - 1)
            quad = [(low + lean * (low - 0.5), stand), (high + lean * (high - 0.5), stand)]
            _polygon(picture, [*quad, (high, 1), (low, 1)], _lighter(grass, 0.12))
        else:
            _box(picture, 0, stand + low * (1 - stand), 1, stand + high * (1 - stand), _lighter(grass, 0.12), None)
    white, line = (238, 240, 235), rng.uniform(0.2, 0.8)
    _path(picture, [(0, stand + 0.05), (1, stand + 0.05)], white, 3)
    _path(picture, [(line, stand + 0.05), (line + rng.uniform(-0.15, 0.15), 1)], white, 3)
    center = (int(line * WIDTH), int(rng.uniform(0.62, 0.75) * HEIGHT))
    cv2.ellipse(
        picture, center, (int(rng.uniform(70, 110)), int(rng.uniform(28, 42))), 0, 0, 360, white, 3, cv2.LINE_AA
    )
    if rng.random() < 0.6:
        goal = rng.uniform(0.05, 0.8)
        _path(picture, [(goal, stand + 0.09), (goal, stand - 0.05), (goal + 0.16, stand - 0.05)], white, 4)
        _path(picture, [(goal + 0.16, stand - 0.05), (goal + 0.16, stand + 0.09)], white, 4)
    shirts = rng.permutation(len(CLOTHES))[:2]
    places, runs = rng.uniform((0.02, stand + 0.14), (0.98, 0.98), (9, 2)), rng.uniform(-0.16, 0.16, (9, 2))
    ball, kick = rng.uniform((0.2, 0.55), (0.8, 0.9)), rng.uniform((-0.5, -0.1), (0.5, 0.1))

    def move(canvas, time):
        for number in np.argsort(places[:, 1]):
            x, foot = places[number] + runs[number] * time * (1, 0.3)
            tall = 0.1 + 0.14 * (foot - stand)
            _person(canvas, x, foot, tall, CLOTHES[shirts[number % 2]], (235, 235, 235), SKINS[number % 3], stride=time)
        _disc(canvas, *(ball + kick * time), 0.012, (250, 250, 250))

    return picture, move


def paint_city(rng):
    """Paint a city by night: lit windows, signs, and lamps over a street on which headlights pass."""
    sky = _one_of(rng, ((22, 24, 48), (38, 32, 52), (18, 26, 40), (52, 44, 58)))
    picture, street = _gradient(sky, _lighter(sky, 0.18)), rng.uniform(0.72, 0.82)
    if rng.random() < 0.4:
        _disc(picture, rng.uniform(0.1, 0.9), 0.1, 0.04, (235, 232, 210))
    glow = _one_of(rng, ((250, 220, 140), (255, 240, 200), (240, 200, 120)))
    for layer in range(2):
        x = -rng.uniform(0, 0.1)
        while x < 1:
            wide, roof = rng.uniform(0.1, 0.2), rng.uniform(0.08, 0.42) + 0.12 * layer
            wall = _varied(rng, (40 + 14 * layer, 40 + 12 * layer, 52 + 10 * layer), 6)
            _box(picture, x, roof, x + wide, street, wall, _darker(wall, 0.4))
            across, lit = int(wide / 0.032), rng.uniform(0.35, 0.7)
            for column in range(across):
                for y in np.arange(roof + 0.03, street - 0.05, 0.055):
                    left = x + (column + 0.3) * wide / across
                    color = _varied(rng, glow, 12) if rng.random() < lit else _darker(wall, 0.3)
                    _box(picture, left, y, left + 0.45 * wide / across, y + 0.028, color, None)
            x += wide + rng.uniform(0.0, 0.03)
    for _ in range(rng.integers(1, 4)):
        x, y = rng.uniform(0.05, 0.85), rng.uniform(street - 0.2, street - 0.08)
        neon = _one_of(rng, ((240, 70, 110), (80, 200, 240), (120, 240, 140), (250, 160, 60)))
        _box(picture, x, y, x + rng.uniform(0.06, 0.14), y + 0.05, _darker(neon, 0.35), neon)
    _box(picture, 0, street, 1, 1, (42, 42, 50), None)
    for x in np.arange(rng.uniform(0, 0.2), 1, 0.22):
        _path(picture, [(x, street + 0.02), (x, street - 0.22)], (70, 70, 75), 3)
        _glow(picture, x, street - 0.23, 0.05, 0.8)
        _glow(picture, x, street + 0.06, 0.07, 0.25)
    lanes = rng.uniform(street + 0.06, 0.96, 3)
    begins, speeds = rng.uniform(0, 1.2, 3), rng.choice((-1, 1), 3) * rng.uniform(0.5, 1.2, 3)
    walker, way = _dressed(rng), _way(rng)

    def move(canvas, time):
        for lane, begin, speed in zip(lanes, begins, speeds, strict=True):
            x = (begin + speed * time) % 1.3 - 0.15
            _box(canvas, x - 0.07, lane - 0.05, x + 0.07, lane, (28, 28, 34), None)
            ahead = 0.07 if speed > 0 else -0.07
            _glow(canvas, x + ahead, lane - 0.02, 0.045, 0.9)
            _disc(canvas, x - ahead, lane - 0.02, 0.01, (220, 40, 40))
        _person(canvas, way(time), street + 0.02, 0.13, *(_darker(color, 0.6) for color in walker), stride=time)

    return picture, move


def paint_forest(rng):
    """Paint trunks, leaves and undergrowth, with light between them; someone walks behind the trees."""
    leaf = _varied(rng, _one_of(rng, ((70, 105, 50), (85, 115, 55), (105, 105, 45), (60, 95, 55))))
    ground = _varied(rng, _one_of(rng, ((100, 85, 50), (85, 85, 45), (110, 85, 50))))
    floor = rng.uniform(0.66, 0.78)
    picture = _gradient(_lighter(leaf, 0.45), _lighter(leaf, 0.2))
    picture[int(floor * HEIGHT) :] = _gradient(_lighter(ground, 0.12), ground)[: HEIGHT - int(floor * HEIGHT)]
    _grain(picture, rng, floor, 1.0, 16)
    bark = _varied(rng, _one_of(rng, ((80, 60, 45), (105, 95, 85), (70, 65, 55))))
    for layer in range(3):
        for _ in range((14, 8, 4)[layer]):
            x, wide = rng.uniform(0, 1), (0.012, 0.025, 0.05)[layer] * rng.uniform(0.7, 1.3)
            foot, tint = floor + (0.0, 0.06, 0.16)[layer] + rng.uniform(0, 0.05), _lighter(bark, 0.4 - 0.2 * layer)
            lean = rng.uniform(-0.03, 0.03)
            _polygon(
                picture,
                [(x - wide, foot), (x + wide, foot), (x + lean + 0.7 * wide, 0), (x + lean - 0.7 * wide, 0)],
                tint,
            )
            if layer:
                _path(picture, [(x - wide, foot), (x + lean - 0.7 * wide, 0)], _darker(tint, 0.3), 2 * layer)
    for _ in range(230):
        x, y = rng.uniform(0, 1), 0.4 * rng.beta(1, 2.2)
        _disc(picture, x, y, rng.uniform(0.012, 0.04), _varied(rng, _one_of(rng, (leaf, _darker(leaf, 0.25))), 12))
    for _ in range(70):
        x, y = rng.uniform(0, 1), rng.uniform(floor, 1)
        tip = (x + rng.uniform(-0.03, 0.03), y - rng.uniform(0.03, 0.09))
        _path(picture, [(x, y), tip], _varied(rng, leaf, 18), 3)
    rays = rng.uniform(0, 1, rng.integers(0, 4))
    walker, way, near = _dressed(rng), _way(rng), rng.uniform(0.02, 0.14)

    def move(canvas, time):
        _person(canvas, way(time), floor + near, 0.2 + near, *walker, stride=time)
        for ray in rays:
            bright = canvas.copy()
            x = ray + 0.03 * np.sin(3 * time + 9 * ray)
            _polygon(bright, [(x, 0), (x + 0.04, 0), (x + 0.24, 1), (x + 0.12, 1)], (255, 250, 210))
            cv2.addWeighted(bright, 0.22, canvas, 0.78, 0, canvas)

    return picture, move


PAINTERS = {
    "beach": paint_beach,
    "kitchen": paint_kitchen,
    "road": paint_road,
    "football": paint_pitch,
    "city": paint_city,
    "forest": paint_forest,
}


def view(picture, center, width, size, tint, haze):
    """Return what a camera sees of a picture, uint8, of `size` (width, height).

    Parameters
    ----------
    picture : ndarray of uint8, (HEIGHT, WIDTH, 3)
    center : (float, float)
        Of what is seen, in shares of the picture's width and height; moved where it would see beyond the picture.
    width : float
        Of what is seen, a share of the picture's.
    size : (int, int)
    tint : (3,)
        A factor for each channel: the light.
    haze : float
        How much of the picture is a gray of its own lightness, in [0, 1].
    """
    scale = size[0] / (width * WIDTH)
    half = np.array([width / 2, width / 2 * size[1] / size[0] * WIDTH / HEIGHT])
    middle = np.clip(center, half, 1 - half) * (WIDTH, HEIGHT)
    matrix = np.array([[scale, 0, size[0] / 2 - scale * middle[0]], [0, scale, size[1] / 2 - scale * middle[1]]])
    # blurred as far as pixels are put together, which warping alone does not
    soft = cv2.GaussianBlur(picture, (0, 0), 0.45 / scale)
    seen = cv2.warpAffine(soft, matrix, size, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    seen = seen.astype(np.float32) * np.float32(tint)
    seen += np.float32(haze) * (seen.mean() * 0.5 + 75 - seen)
    return np.clip(seen, 0, 255).astype(np.uint8)


def _one_of(rng, choices):
    return choices[rng.integers(len(choices))]


def _varied(rng, color, by=9):
    """Return a color that is lighter or darker, and a little of another hue."""
    shift = rng.normal(0, by) + rng.normal(0, by / 3, 3)
    return tuple(int(value) for value in np.clip(np.asarray(color) + shift, 0, 255))


def _lighter(color, share):
    return tuple(int(value + (255 - value) * share) for value in color)


def _darker(color, share):
    return tuple(int(value * (1 - share)) for value in color)


def _dressed(rng):
    """Return the colours of someone's shirt, trousers and skin."""
    return _one_of(rng, CLOTHES), _darker(_one_of(rng, CLOTHES), 0.4), _one_of(rng, SKINS)


def _way(rng):
    """Return where someone who crosses the picture is at a time in [0, 1]."""
    start, speed = rng.uniform(0.1, 0.9), rng.choice((-1, 1)) * rng.uniform(0.15, 0.4)
    return lambda time: start + speed * (time - 0.5)


def _points(pairs):
    return np.round(np.asarray(pairs, np.float64) * (WIDTH, HEIGHT)).astype(np.int32)


def _gradient(above, below):
    share = np.linspace(0, 1, HEIGHT)[:, None, None]
    rows = (1 - share) * np.asarray(above, np.float64) + share * np.asarray(below, np.float64)
    return np.ascontiguousarray(np.broadcast_to(rows, (HEIGHT, WIDTH, 3)).round().astype(np.uint8))


def _grain(picture, rng, top, bottom, strength):
    """Roughen a band of a picture."""
    rows = slice(int(np.clip(top, 0, 1) * HEIGHT), int(bottom * HEIGHT))
    band = picture[rows].astype(np.float32)
    rough = rng.normal(0, strength, (*band.shape[:2], 1)).astype(np.float32)
    picture[rows] = np.clip(band + cv2.GaussianBlur(rough, (0, 0), 1.2)[..., None] * 2, 0, 255)


def _polygon(picture, pairs, color):
    cv2.fillPoly(picture, [_points(pairs)], color, cv2.LINE_AA)


def _path(picture, pairs, color, thickness):
    cv2.polylines(picture, [_points(pairs)], False, color, thickness, cv2.LINE_AA)


def _box(picture, left, top, right, bottom, color, rim):
    corners = _points([(left, top), (right, bottom)])
    cv2.rectangle(picture, corners[0].tolist(), corners[1].tolist(), color, -1)
    if rim is not None:
        cv2.rectangle(picture, corners[0].tolist(), corners[1].tolist(), rim, 2)


def _disc(picture, x, y, radius, color):
    cv2.circle(picture, _points([(x, y)])[0].tolist(), max(1, round(radius * WIDTH)), color, -1, cv2.LINE_AA)


def _glow(picture, x, y, radius, strength):
    """Brighten a round place, most in its middle."""
    reach = max(2, round(2 * radius * WIDTH))
    column, row = _points([(x, y)])[0]
    top, bottom = max(0, row - reach), min(HEIGHT, row + reach)
    left, right = max(0, column - reach), min(WIDTH, column + reach)
    if top >= bottom or left >= right:
        return
    far = np.hypot(np.arange(top, bottom)[:, None] - row, np.arange(left, right) - column) / (radius * WIDTH)
    share = strength * np.exp(-(far**2))[..., None]
    part = picture[top:bottom, left:right]
    part[:] = (part + share * (np.array([255, 245, 215]) - part)).astype(np.uint8)


def _person(picture, x, foot, tall, shirt, trousers, skin, stride=0.0):
    """Draw someone standing at `foot`, `tall` as a share of the picture's height, who walks as `stride` grows."""
    step = 0.1 * tall * np.sin(40 * stride)
    wide = tall * HEIGHT / WIDTH
    thick = max(2, round(0.13 * tall * HEIGHT))
    hip, neck = foot - 0.46 * tall, foot - 0.82 * tall
    for side in (-1, 1):
        _path(picture, [(x, hip), (x + side * (0.06 * wide + step), foot)], trousers, thick)
    _path(picture, [(x, hip), (x, neck)], shirt, round(2.2 * thick))
    for side in (-1, 1):
        _path(
            picture, [(x, neck + 0.03 * tall), (x + side * 0.19 * wide, hip + side * step)], shirt, max(2, thick // 2)
        )
    _disc(picture, x, foot - 0.93 * tall, 0.085 * wide, skin)


def _umbrella(picture, rng, x, foot):
    color, tall = _one_of(rng, CLOTHES[:4]), 0.2 + 0.15 * (foot - 0.5)
    _path(picture, [(x, foot), (x, foot - tall)], (240, 240, 235), 3)
    center = _points([(x, foot - tall + 0.05)])[0].tolist()
    axes = (round(0.3 * tall * WIDTH), round(0.35 * tall * HEIGHT))
    cv2.ellipse(picture, center, axes, 0, 180, 360, color, -1, cv2.LINE_AA)
    cv2.ellipse(picture, center, (axes[0] // 3, axes[1]), 0, 180, 360, _lighter(color, 0.6), -1, cv2.LINE_AA)


def _car(picture, x, foot, wide, color):
    """Draw a car from the front, `wide` as a share of the picture's width."""
    tall = 0.5 * wide * WIDTH / HEIGHT
    for side in (-1, 1):
        wheel = x + side * 0.38 * wide
        _box(picture, wheel - 0.08 * wide, foot - 0.3 * tall, wheel + 0.08 * wide, foot, (30, 30, 32), None)
    _box(picture, x - wide / 2, foot - 0.75 * tall, x + wide / 2, foot - 0.12 * tall, color, None)
    roof = [(x - 0.32 * wide, foot - 1.35 * tall), (x + 0.32 * wide, foot - 1.35 * tall)]
    _polygon(
        picture,
        [*roof, (x + 0.44 * wide, foot - 0.7 * tall), (x - 0.44 * wide, foot - 0.7 * tall)],
        _darker(color, 0.2),
    )
    glass = [(x - 0.28 * wide, foot - 1.25 * tall), (x + 0.28 * wide, foot - 1.25 * tall)]
    _polygon(
        picture, [*glass, (x + 0.37 * wide, foot - 0.75 * tall), (x - 0.37 * wide, foot - 0.75 * tall)], (60, 70, 80)
    )
    for side in (-1, 1):
        _disc(picture, x + side * 0.36 * wide, foot - 0.5 * tall, 0.06 * wide, (250, 245, 215))
