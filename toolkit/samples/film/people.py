"""The people of the sample film: drawn heads and bodies, as sprites.

A sprite is uint8 `(height, width, 4)`, RGB premultiplied by alpha. Measures are in head units: half the width of a
face. The middle of the face is (0, 0), x grows to the right and y downwards; the chin is at 1.35, the shoulders at
2, the soles at 15. A face is a skin whose light falls off around the head, darkened in the sockets of the eyes,
under the nose and under the lip, as faces are, so that a face detector finds it too.
"""

from dataclasses import dataclass

import cv2
import numpy as np

INK = (38, 30, 34)
HAIR_STYLES = ("short", "bob", "long", "bun", "balding", "curly", "swept")
HEAD_BOX = (-2.1, -2.3, 2.1, 2.75)
BODY_BOX = (-4.2, 0.8, 4.2, 15.4)
_SUPERSAMPLING = 2


@dataclass(frozen=True)
class Person:
    """How a character looks and sounds. Colours are RGB; pitch is in Hz."""

    name: str
    skin: tuple
    hair: tuple
    hair_style: str
    beard: bool
    glasses: bool
    coat: tuple
    shirt: tuple
    trousers: tuple
    eyes: tuple
    jaw: float
    pitch: float


def shade(color, factor):
    """Return an RGB colour made lighter or darker."""
    return tuple(int(min(max(channel * factor, 0), 255)) for channel in color)


def mix(color, other, share):
    """Return `color` with a share of another in it."""
    return tuple(int(round(a * (1 - share) + b * share)) for a, b in zip(color, other, strict=True))


def draw_head(person, unit, *, turn=0.0, eyes=1.0, mouth=0.0, key=1.0):
    """Draw a head with its neck.

    Parameters
    ----------
    person : Person
    unit : float
        Pixels in half the width of the face.
    turn : float
        How far the head is turned: -1 to the left, 1 to the right of the picture (about 35 degrees).
    eyes : float
        1 open, 0 shut.
    mouth : float
        0 shut, 1 wide open.
    key : float
        Side from which the light comes, -1 left to 1 right.

    Returns
    -------
    ndarray of uint8, (height, width, 4)
        The sprite of HEAD_BOX.
    """
    scale = unit * _SUPERSAMPLING
    canvas, points = _canvas(HEAD_BOX, scale)
    shift = 0.2 * turn
    # A lens-like turn: what is nearer to the camera moves further across
    far, near = 0.6 * shift, 1.35 * shift
    _back_hair(canvas, points, person, far)
    _neck(canvas, points, person, shift, key)
    _ears(canvas, points, person, turn, shift)
    _face(canvas, points, person, shift, near, key, scale)
    _eyes(canvas, points, person, shift, turn, eyes)
    _nose_and_mouth(canvas, points, person, near, shift, mouth)
    _front_hair(canvas, points, person, shift, key)
    if person.glasses:
        _glasses(canvas, points, shift)
    return _finish(canvas, HEAD_BOX, unit)


def draw_body(person, unit, *, stride=0.0, gesture=0.0, bottom=BODY_BOX[3], key=1.0):
    """Draw a body from the shoulders down.

    Parameters
    ----------
    person : Person
    unit : float
        Pixels in a head unit.
    stride : float
        Phase of the walk in turns, 0 to 1; 0 stands still.
    gesture : float
        How high the right forearm is raised, 0 to 1.
    bottom : float
        Where the sprite ends, in head units; the picture's edge hides the rest.
    key : float
        Side from which the light comes.

    Returns
    -------
    ndarray of uint8, (height, width, 4)
        The sprite of BODY_BOX, down to `bottom`.
    """
    box = (*BODY_BOX[:3], bottom)
    canvas, points = _canvas(box, unit * _SUPERSAMPLING)
    if bottom > 8:
        swing = np.sin(2 * np.pi * stride)
        for side in (-1, 1):
            _leg(canvas, points, person, side, side * swing)
    swing = 0.5 * np.sin(2 * np.pi * stride)
    _arm(canvas, points, person, -1, swing, 0.0)
    if not gesture:
        _arm(canvas, points, person, 1, -swing, 0.0)
    _torso(canvas, points, person, key)
    if gesture:
        _arm(canvas, points, person, 1, -swing, gesture)
    return _finish(canvas, box, unit)


def draw_back(person, unit):
    """Draw head and shoulders from behind; the sprite of BODY_BOX from y = -2 to 4.5."""
    box = (BODY_BOX[0], -2.0, BODY_BOX[2], 4.5)
    canvas, points = _canvas(box, unit * _SUPERSAMPLING)
    for side in (-1, 1):
        _arm(canvas, points, person, side, 0.0, 0.0)
    _torso(canvas, points, person, 1.0)
    _fill(canvas, points((-1.3, 1.82), (-0.5, 1.3), (0.5, 1.3), (1.3, 1.82), (0.6, 4.6), (-0.6, 4.6)), person.coat)
    _fill(canvas, points((-0.5, 0.8), (0.5, 0.8), (0.6, 1.7), (-0.6, 1.7)), shade(person.skin, 0.75))
    _fill(canvas, points(*_ellipse((0, -0.15), (1.12, 1.4))), person.hair)
    return _finish(canvas, box, unit)


def paste(picture, sprite, corner, *, angle=0.0, zoom=1.0, tint=None):
    """Lay a sprite over a picture, in place.

    Parameters
    ----------
    picture : ndarray of uint8, (height, width, 3)
    sprite : ndarray of uint8, (h, w, 4)
        Premultiplied by its alpha.
    corner : (float, float)
        Where the sprite's top left corner comes to lie, x and y in pixels, fractions included.
    angle : float
        Degrees by which the sprite is turned about its middle.
    zoom : float
        Its size over its own, about its middle.
    tint : sequence of 3 float, optional
        The light on it: a factor a channel.
    """
    height, width = sprite.shape[:2]
    matrix = cv2.getRotationMatrix2D((width / 2, height / 2), angle, zoom)
    matrix[:, 2] += corner
    ends = matrix @ np.array([[0, width, width, 0], [0, 0, height, height], [1, 1, 1, 1]], dtype=float)
    left, top = np.maximum(np.floor(ends.min(axis=1)).astype(int) - 1, 0)
    right, bottom = np.minimum(np.ceil(ends.max(axis=1)).astype(int) + 1, picture.shape[1::-1])
    if right <= left or bottom <= top:
        return
    matrix[:, 2] -= left, top
    layer = cv2.warpAffine(sprite, matrix, (int(right - left), int(bottom - top)), flags=cv2.INTER_LINEAR)
    color = layer[:, :, :3]
    if tint is not None:
        color = cv2.multiply(color, np.array([*tint, 1.0]))
    place = picture[top:bottom, left:right]
    rest = cv2.cvtColor(255 - layer[:, :, 3], cv2.COLOR_GRAY2RGB)
    place[:] = cv2.add(cv2.multiply(place, rest, scale=1 / 255), color)


def _canvas(box, scale):
    """Return an empty canvas of a box in head units, and the function from head units to its points."""
    left, top, right, bottom = box
    canvas = np.zeros((round((bottom - top) * scale), round((right - left) * scale), 4), dtype=np.uint8)

    def points(*pairs):
        pairs = np.asarray(pairs, dtype=float).reshape(-1, 2)
        # cv2 takes fixed-point coordinates with 4 binary digits
        return np.round((pairs - (left, top)) * scale * 16).astype(np.int32)

    return canvas, points


def _finish(canvas, box, unit):
    left, top, right, bottom = box
    size = (round((right - left) * unit), round((bottom - top) * unit))
    return cv2.resize(canvas, size, interpolation=cv2.INTER_AREA)


def _fill(canvas, outline, color, *, ink=0.0):
    """Fill a polygon, and draw its outline when `ink`, its width in pixels, is above 0."""
    cv2.fillPoly(canvas, [outline], (*color, 255), cv2.LINE_AA, 4)
    if ink:
        cv2.polylines(canvas, [outline], True, (*shade(color, 0.45), 255), max(1, round(ink)), cv2.LINE_AA, 4)


def _stroke(canvas, line, color, width):
    cv2.polylines(canvas, [line], False, (*color, 255), max(1, round(width)), cv2.LINE_AA, 4)


def _ellipse(center, radii, start=0, stop=360, n=40):
    """Return points of an ellipse's arc, in degrees; 0 is to the right and 90 is down."""
    angles = np.radians(np.linspace(start, stop, n))
    return np.stack([center[0] + radii[0] * np.cos(angles), center[1] + radii[1] * np.sin(angles)], axis=1)


def _blob(x, y, center, width, height):
    return np.exp(-(((x - center[0]) / width) ** 2) - ((y - center[1]) / height) ** 2)


def _pixels(points, length):
    """Return a length in head units as pixels of the canvas."""
    return (points((length, 0)) - points((0, 0)))[0, 0] / 16


def _face_outline(person, shift):
    """Return the outline of the face: a skull's round above, a jaw below."""
    angles = np.radians(np.arange(0, 360, 6))
    x, y = np.cos(angles), np.sin(angles)
    below = np.maximum(y, 0)
    x = x * (1 - (0.38 - 0.16 * person.jaw) * below**2.2)
    return np.stack([x + shift * 0.6 * below + 0.25 * shift, np.where(y > 0, 1.36 * y, 1.42 * y)], axis=1)


def _face(canvas, points, person, shift, near, key, scale):
    outline = points(*_face_outline(person, shift))
    skin = np.zeros(canvas.shape[:2], dtype=np.uint8)
    cv2.fillPoly(skin, [outline], 255, cv2.LINE_AA, 4)
    # Shading is smooth: worked out at a quarter of the size
    height, width = (max(2, side // 4) for side in canvas.shape[:2])
    x = np.linspace(HEAD_BOX[0], HEAD_BOX[2], width, dtype=np.float32)[None, :]
    y = np.linspace(HEAD_BOX[1], HEAD_BOX[3], height, dtype=np.float32)[:, None]
    depth = np.sqrt(np.clip(1 - (x / 1.16) ** 2 - (y / 1.75) ** 2, 0, 1))
    light = 0.6 + 0.42 * depth + 0.13 * key * x - 0.03 * y
    for side in (-1, 1):
        light -= 0.3 * _blob(x, y, (0.43 * side + shift, -0.13), 0.3, 0.2)
        light += 0.10 * _blob(x, y, (0.52 * side + shift, 0.36), 0.3, 0.26)
        light -= 0.06 * _blob(x, y, (0.36 * side + shift, 0.62), 0.12, 0.25)
    light += 0.09 * _blob(x, y, (shift, -0.8), 0.65, 0.32)
    light += 0.15 * _blob(x, y, (near, 0.1), 0.1, 0.42)
    light -= 0.13 * _blob(x, y, (near - 0.2 * key, 0.22), 0.1, 0.34)
    light -= 0.2 * _blob(x, y, (near, 0.57), 0.24, 0.07)
    light -= 0.16 * _blob(x, y, (shift * 1.1, 1.03), 0.3, 0.07)
    light += 0.06 * _blob(x, y, (shift * 1.1, 1.17), 0.25, 0.1)
    light -= 0.15 * _blob(x, y, (shift, -1.3), 1.1, 0.28)
    blush = sum(_blob(x, y, (0.56 * side + shift, 0.38), 0.26, 0.2) for side in (-1, 1))
    color = np.asarray(person.skin, dtype=np.float32) * light[:, :, None]
    color *= 1 + blush[:, :, None] * np.array([0.05, -0.04, -0.04], dtype=np.float32)
    color = cv2.resize(np.clip(color, 0, 255).astype(np.uint8), canvas.shape[1::-1], interpolation=cv2.INTER_LINEAR)
    cover = cv2.cvtColor(skin, cv2.COLOR_GRAY2RGB)
    under = cv2.multiply(canvas[:, :, :3], 255 - cover, scale=1 / 255)
    canvas[:, :, :3] = cv2.add(under, cv2.multiply(color, cover, scale=1 / 255))
    canvas[:, :, 3] = np.maximum(canvas[:, :, 3], skin)
    line = (*shade(person.skin, 0.5), 255)
    cv2.polylines(canvas, [outline], True, line, max(1, round(0.022 * scale)), cv2.LINE_AA, 4)


def _neck(canvas, points, person, shift, key):
    _fill(
        canvas,
        points((-0.5 + shift, 0.9), (0.5 + shift, 0.9), (0.58, 1.9), (0, 2.6), (-0.58, 1.9)),
        shade(person.skin, 0.8),
    )
    # The chin's shadow
    _fill(canvas, points(*_ellipse((shift - 0.1 * key, 1.2), (0.56, 0.42), 0, 180)), shade(person.skin, 0.56))


def _ears(canvas, points, person, turn, shift):
    for side in (-1, 1):
        # The ear on the side the head turns to goes out of sight
        size = 1 - 0.75 * max(side * turn, 0)
        middle = (0.98 * side - 0.25 * shift, 0.08)
        _fill(
            canvas, points(*_ellipse(middle, (0.19 * size, 0.3))), shade(person.skin, 0.78), ink=_pixels(points, 0.02)
        )


def _eyes(canvas, points, person, shift, turn, openness):
    lid = shade(person.skin, 0.42)
    for side in (-1, 1):
        narrow = 1 - 0.22 * max(side * turn, 0)
        x, y = 0.43 * side + shift, -0.08
        half = 0.235 * narrow
        if openness > 0.3:
            tall = 0.115 * openness
            white = np.concatenate(
                [_ellipse((x, y), (half, tall), 180, 360, 16), _ellipse((x, y), (half, tall * 0.8), 0, 180, 16)]
            )
            _fill(canvas, points(*white), (226, 219, 210))
            gaze = x + 0.07 * turn
            _fill(canvas, points(*_ellipse((gaze, y - 0.01), (0.105, min(0.115, tall)), n=24)), person.eyes)
            _fill(canvas, points(*_ellipse((gaze, y - 0.01), (0.05, min(0.055, tall)), n=16)), (16, 12, 14))
            _fill(canvas, points(*_ellipse((gaze + 0.035, y - 0.045), (0.024, 0.024), n=10)), (250, 250, 245))
            _stroke(
                canvas, points(*_ellipse((x, y), (half * 1.06, tall * 1.1), 185, 355, 16)), INK, _pixels(points, 0.055)
            )
            _stroke(canvas, points(*_ellipse((x, y), (half, tall * 0.85), 15, 165, 16)), lid, _pixels(points, 0.018))
            _stroke(
                canvas, points(*_ellipse((x, y - 0.03), (half, tall * 1.75), 205, 335, 12)), lid, _pixels(points, 0.018)
            )
        else:
            _stroke(canvas, points(*_ellipse((x, y - 0.02), (half, 0.08), 10, 170, 16)), INK, _pixels(points, 0.05))
        brow = _ellipse((x + 0.02 * side, y - 0.08), (half * 1.3, 0.25), 215, 325, 12)
        dark = min(shade(person.hair, 0.75), shade(person.skin, 0.42), key=sum)
        _stroke(canvas, points(*brow), dark, _pixels(points, 0.09))


def _nose_and_mouth(canvas, points, person, near, shift, openness):
    line = shade(person.skin, 0.5)
    side = 1 if near >= 0 else -1
    bridge = [(near * 0.7 + 0.08 * side, 0.02), (near + 0.1 * side, 0.3), (near + 0.16 * side, 0.46)]
    _stroke(canvas, points(*bridge), shade(person.skin, 0.68), _pixels(points, 0.025))
    _stroke(canvas, points(*_ellipse((near, 0.44), (0.2, 0.1), 20, 160, 14)), line, _pixels(points, 0.03))
    for nostril in (-1, 1):
        _fill(canvas, points(*_ellipse((near + 0.09 * nostril, 0.51), (0.045, 0.025), n=12)), shade(person.skin, 0.32))
    x, y = shift * 1.2, 0.82
    lips = mix(shade(person.skin, 0.72), (150, 50, 56), 0.4)
    if person.beard:
        beard = np.concatenate(
            [_ellipse((shift, 0.72), (0.78, 0.68), 5, 175, 24), _ellipse((x, 0.78), (0.42, 0.2), 180, 360, 16)]
        )
        _fill(canvas, points(*beard), shade(person.hair, 0.95))
        _fill(canvas, points(*_ellipse((x, 0.68), (0.36, 0.1), 180, 360)), shade(person.hair, 1.1))
        lips = mix(lips, person.skin, 0.3)
    half, drop = 0.31 - 0.05 * openness, 0.05 + 0.2 * openness
    upper = [(x - half, y), (x - half / 2, y - 0.06), (x, y - 0.035), (x + half / 2, y - 0.06), (x + half, y)]
    lower = _ellipse((x, y), (half, drop + 0.06), 0, 180, 16)
    _fill(canvas, points(*upper, *lower), lips)
    if openness > 0.12:
        _fill(
            canvas,
            points(*_ellipse((x, y + 0.01), (half * 0.86, drop * 0.85), 0, 180, 16), (x - half * 0.86, y)),
            (52, 20, 24),
        )
        if openness > 0.4:
            _fill(canvas, points(*_ellipse((x, y), (half * 0.7, 0.05), 0, 180, 12)), (228, 222, 212))
    _stroke(
        canvas,
        points(
            (x - half * 1.05, y - 0.01),
            (x - half / 2, y + 0.005),
            (x, y + 0.015),
            (x + half / 2, y + 0.005),
            (x + half * 1.05, y - 0.01),
        ),
        shade(lips, 0.5),
        _pixels(points, 0.028),
    )


def _back_hair(canvas, points, person, far):
    dark, ink = shade(person.hair, 0.7), _pixels(points, 0.025)
    style = person.hair_style
    if style == "bob":
        _fill(
            canvas, points(*_ellipse((far * 0.4, -0.2), (1.36, 1.45), 150, 390), (1.2, 1.2), (-1.2, 1.2)), dark, ink=ink
        )
    elif style == "long":
        _fill(
            canvas,
            points(
                *_ellipse((far * 0.4, -0.25), (1.3, 1.42), 160, 380), (1.5, 2.5), (0.7, 2.7), (-0.7, 2.7), (-1.5, 2.5)
            ),
            dark,
            ink=ink,
        )
    elif style == "bun":
        _fill(canvas, points(*_ellipse((0.1 - far, -1.72), (0.52, 0.46))), dark, ink=ink)
        _fill(canvas, points(*_ellipse((far * 0.4, -0.35), (1.12, 1.3))), dark)
    elif style == "curly":
        for x, y in _ellipse((far * 0.4, -0.45), (1.12, 1.1), 165, 375, 13):
            _fill(canvas, points(*_ellipse((x, y), (0.4, 0.4), n=18)), dark, ink=ink)
    else:
        _fill(canvas, points(*_ellipse((far * 0.4, -0.35), (1.08, 1.25))), dark)


def _front_hair(canvas, points, person, shift, key):
    style, ink = person.hair_style, _pixels(points, 0.025)
    cap = _ellipse((shift * 0.3, -0.42), (1.13, 1.22), 180, 360, 30)
    hairline = {
        "short": [(1.0, -0.5), (0.86, -0.62), (0.7, -0.88), (0.1, -0.98), (-0.5, -0.92), (-0.84, -0.65), (-1.0, -0.5)],
        "swept": [
            (1.02, -0.3),
            (0.88, -0.55),
            (0.76, -0.78),
            (0.3, -0.72),
            (-0.35, -1.02),
            (-0.84, -0.72),
            (-1.02, -0.3),
        ],
        "bob": [
            (1.2, 0.7),
            (0.96, 0.5),
            (0.9, -0.4),
            (0.62, -0.7),
            (0.0, -0.66),
            (-0.62, -0.7),
            (-0.9, -0.4),
            (-0.96, 0.5),
            (-1.2, 0.7),
        ],
        "long": [
            (1.22, 1.1),
            (0.98, 0.6),
            (0.88, -0.3),
            (0.55, -0.78),
            (-0.05, -1.12),
            (-0.6, -0.72),
            (-0.9, -0.3),
            (-0.98, 0.6),
            (-1.22, 1.1),
        ],
        "bun": [(1.0, -0.35), (0.86, -0.6), (0.5, -0.9), (0.0, -1.0), (-0.5, -0.9), (-0.86, -0.6), (-1.0, -0.35)],
        "curly": [(1.04, -0.4), (0.8, -0.7), (0.5, -0.86), (0.0, -0.82), (-0.5, -0.86), (-0.8, -0.7), (-1.04, -0.4)],
    }.get(style)
    if style == "balding":
        for side in (-1, 1):
            tuft = [
                (0.92 * side, -0.75),
                (1.16 * side, -0.5),
                (1.14 * side, 0.1),
                (0.96 * side, 0.2),
                (0.94 * side, -0.3),
            ]
            _fill(canvas, points(*[(x + 0.2 * shift, y) for x, y in tuft]), person.hair, ink=ink)
        return
    inner = [(x + shift * (0.9 if abs(x) < 0.9 else 0.3), y) for x, y in hairline]
    _fill(canvas, points(*cap, *inner), person.hair, ink=ink)
    # Strands catch the light
    for number in range(5):
        angle = 215 + 24 * number
        top = _ellipse((shift * 0.3, -0.42), (1.02 - 0.07 * number % 3, 1.08), angle, angle + 17, 6)
        lit = 1.15 + 0.25 * (key * (number - 2) > 0)
        _stroke(canvas, points(*top), shade(person.hair, lit), _pixels(points, 0.05))


def _glasses(canvas, points, shift):
    for side in (-1, 1):
        ring = points(*_ellipse((0.44 * side + shift, -0.06), (0.31, 0.25)))
        cv2.polylines(canvas, [ring], True, (60, 48, 44, 255), max(1, round(_pixels(points, 0.035))), cv2.LINE_AA, 4)
    _stroke(canvas, points((-0.13 + shift, -0.1), (0.13 + shift, -0.1)), (60, 48, 44), _pixels(points, 0.035))


def _torso(canvas, points, person, key):
    ink = _pixels(points, 0.03)
    right = [(0.55, 1.55), (1.3, 1.82), (2.0, 2.15), (2.3, 2.9), (2.15, 4.5), (1.75, 6.2), (1.9, 7.9)]
    outline = right + [(-x, y) for x, y in reversed(right)]
    _fill(canvas, points(*outline), person.coat, ink=ink)
    # The side away from the light
    shadow = [(x * -np.sign(key), y) for x, y in [(1.35, 1.85), *right[2:], (1.0, 7.9), (1.35, 4.5)]]
    _fill(canvas, points(*shadow), shade(person.coat, 0.8))
    _fill(canvas, points((-0.75, 1.62), (0, 4.4), (0.75, 1.62), (0, 1.3)), person.shirt)
    for side in (-1, 1):
        lapel = [(0.62 * side, 1.5), (1.12 * side, 2.0), (0.95 * side, 2.8), (0.03 * side, 4.5)]
        _fill(canvas, points(*lapel), shade(person.coat, 1.14), ink=ink)
    _stroke(canvas, points((0, 4.5), (0.04, 7.9)), shade(person.coat, 0.55), ink)
    for y in (5.1, 6.0, 6.9):
        _fill(canvas, points(*_ellipse((0.18, y), (0.09, 0.09), n=12)), shade(person.coat, 0.45))


def _arm(canvas, points, person, side, swing, gesture):
    shoulder = np.array([1.95 * side, 2.55])
    elbow = shoulder + [0.35 * side + 0.5 * swing, 2.5]
    down = elbow + np.array([-0.1 * side + 0.9 * swing, 2.3])
    up = elbow + np.array([-1.2 * side, -1.6])
    hand = down * (1 - gesture) + up * gesture
    ink = shade(person.coat, 0.45)
    for width, color in ((1.06, ink), (0.98, shade(person.coat, 0.92))):
        _stroke(canvas, points(shoulder, elbow, hand), color, _pixels(points, width))
    _fill(
        canvas,
        points(*_ellipse(hand + (hand - elbow) * 0.14, (0.42, 0.46), n=20)),
        shade(person.skin, 0.9),
        ink=_pixels(points, 0.03),
    )


def _leg(canvas, points, person, side, swing):
    hip = np.array([0.75 * side, 7.6])
    knee = hip + [0.15 * side + 1.1 * swing, 3.4 - 0.2 * abs(swing)]
    foot = knee + [0.7 * swing - 0.5 * max(-swing, 0), 3.5 - 0.3 * max(-swing, 0)]
    for width, color in ((1.36, shade(person.trousers, 0.45)), (1.26, person.trousers)):
        _stroke(canvas, points(hip, knee, foot), color, _pixels(points, width))
    _fill(canvas, points(*_ellipse(foot + [0.2 * side, 0.35], (0.75, 0.35), n=20)), (40, 32, 30))
