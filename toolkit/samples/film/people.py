"""The people of the sample film: drawn heads and bodies, as sprites.

A sprite is uint8 `(height, width, 4)`, RGB premultiplied by alpha. Measures are in head units: half the width of a
face. The middle of the face is (0, 0), x grows to the right and y downwards; the chin is at 1.35, the shoulders at
2, the soles at 15. A face is a skin whose light falls off around the head, darkened in the sockets of the eyes,
under the nose and under the lip, as faces are, so that a face detector finds it too.
"""

from dataclasses import dataclass

import cv2
import numpy as np

from toolkit.samples.brush import SUPERSAMPLING, Board, arc, dim, mix, shade

INK = (38, 30, 34)
HEAD_BOX = (-2.1, -2.3, 2.1, 2.75)
BODY_BOX = (-4.2, 0.8, 4.2, 15.4)
# where the hair of the front ends, from the right to the left: x, and y at each
_HAIRLINES = {
    "short": ((1.0, 0.86, 0.7, 0.1, -0.5, -0.84, -1.0), (-0.5, -0.62, -0.88, -0.98, -0.92, -0.65, -0.5)),
    "bob": (
        (1.2, 0.96, 0.9, 0.62, 0.0, -0.62, -0.9, -0.96, -1.2),
        (0.7, 0.5, -0.4, -0.7, -0.66, -0.7, -0.4, 0.5, 0.7),
    ),
    "long": (
        (1.22, 0.98, 0.88, 0.55, -0.05, -0.6, -0.9, -0.98, -1.22),
        (1.1, 0.6, -0.3, -0.78, -1.12, -0.72, -0.3, 0.6, 1.1),
    ),
    "bun": ((1.0, 0.86, 0.5, 0.0, -0.5, -0.86, -1.0), (-0.35, -0.6, -0.9, -1.0, -0.9, -0.6, -0.35)),
    "balding": ((), ()),
    "curly": ((1.04, 0.8, 0.5, 0.0, -0.5, -0.8, -1.04), (-0.4, -0.7, -0.86, -0.82, -0.86, -0.7, -0.4)),
    "swept": ((1.02, 0.88, 0.76, 0.3, -0.35, -0.84, -1.02), (-0.3, -0.55, -0.78, -0.72, -1.02, -0.72, -0.3)),
}
HAIR_STYLES = tuple(_HAIRLINES)
_HAIR_INK = 0.025


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


class _Sprite(Board):
    """A transparent board of a box in head units; the widths of its lines are rounded as its points are."""

    @classmethod
    def of(cls, box, unit):
        """Return an empty sprite with `unit` pixels in a head unit."""
        left, top, right, bottom = box
        scale = unit * SUPERSAMPLING
        canvas = np.zeros((round((bottom - top) * scale), round((right - left) * scale), 4), dtype=np.uint8)
        return cls(canvas, left, top, scale, ink=0.0, ink_shade=0.45)

    def thickness(self, width):
        start, end = self.points([(0, 0), (width, 0)])[:, 0]
        return max(1, round((end - start) / 16))

    def finish(self, box, unit):
        """Return the sprite's picture at its own size."""
        left, top, right, bottom = box
        size = (round((right - left) * unit), round((bottom - top) * unit))
        return cv2.resize(self.canvas, size, interpolation=cv2.INTER_AREA)


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
    sprite = _Sprite.of(HEAD_BOX, unit)
    shift = 0.2 * turn
    # A lens-like turn: what is nearer to the camera moves further across
    far, near = 0.6 * shift, 1.35 * shift
    _back_hair(sprite, person, far)
    _neck(sprite, person, shift, key)
    _ears(sprite, person, turn, shift)
    _face(sprite, person, shift, near, key)
    _eyes(sprite, person, shift, turn, eyes)
    _nose(sprite, person, near)
    _mouth(sprite, person, shift, mouth)
    _front_hair(sprite, person, shift, key)
    if person.glasses:
        _glasses(sprite, shift)
    return sprite.finish(HEAD_BOX, unit)


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
    sprite = _Sprite.of(box, unit)
    swing = np.sin(2 * np.pi * stride)
    if bottom > 8:
        for side in (-1, 1):
            _leg(sprite, person, side, side * swing)
    _arm(sprite, person, -1, 0.5 * swing, 0.0)
    if not gesture:
        _arm(sprite, person, 1, -0.5 * swing, 0.0)
    _torso(sprite, person, key)
    if gesture:
        _arm(sprite, person, 1, -0.5 * swing, gesture)
    return sprite.finish(box, unit)


def draw_back(person, unit):
    """Draw head and shoulders from behind; the sprite of BODY_BOX from y = -2 to 4.5."""
    box = (BODY_BOX[0], -2.0, BODY_BOX[2], 4.5)
    sprite = _Sprite.of(box, unit)
    for side in (-1, 1):
        _arm(sprite, person, side, 0.0, 0.0)
    _torso(sprite, person, 1.0)
    sprite.polygon([(-1.3, 1.82), (-0.5, 1.3), (0.5, 1.3), (1.3, 1.82), (0.6, 4.6), (-0.6, 4.6)], person.coat)
    sprite.polygon([(-0.5, 0.8), (0.5, 0.8), (0.6, 1.7), (-0.6, 1.7)], shade(person.skin, 0.75))
    sprite.polygon(arc((0, -0.15), (1.12, 1.4)), person.hair)
    return sprite.finish(box, unit)


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
    place[:] = cv2.add(dim(place, 255 - layer[:, :, 3]), color)


def _blob(x, y, center, width, height):
    return np.exp(-(((x - center[0]) / width) ** 2) - ((y - center[1]) / height) ** 2)


def _face_outline(person, shift):
    """Return the outline of the face: a skull's round above, a jaw below."""
    angles = np.radians(np.arange(0, 360, 6))
    x, y = np.cos(angles), np.sin(angles)
    below = np.maximum(y, 0)
    x = x * (1 - (0.38 - 0.16 * person.jaw) * below**2.2)
    return np.stack([x + shift * 0.6 * below + 0.25 * shift, np.where(y > 0, 1.36 * y, 1.42 * y)], axis=1)


def _face(sprite, person, shift, near, key):
    canvas, outline = sprite.canvas, sprite.points(_face_outline(person, shift))
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
    canvas[:, :, :3] = cv2.add(dim(canvas[:, :, :3], 255 - skin), dim(color, skin))
    canvas[:, :, 3] = np.maximum(canvas[:, :, 3], skin)
    sprite.stroke(outline, shade(person.skin, 0.5), max(1, round(0.022 * sprite.scale)), closed=True)


def _neck(sprite, person, shift, key):
    neck = [(-0.5 + shift, 0.9), (0.5 + shift, 0.9), (0.58, 1.9), (0, 2.6), (-0.58, 1.9)]
    sprite.polygon(neck, shade(person.skin, 0.8))
    # The chin's shadow
    sprite.polygon(arc((shift - 0.1 * key, 1.2), (0.56, 0.42), 0, 180), shade(person.skin, 0.56))


def _ears(sprite, person, turn, shift):
    for side in (-1, 1):
        # The ear on the side the head turns to goes out of sight
        size = 1 - 0.75 * max(side * turn, 0)
        ear = arc((0.98 * side - 0.25 * shift, 0.08), (0.19 * size, 0.3))
        sprite.polygon(ear, shade(person.skin, 0.78), ink=0.02)


def _eyes(sprite, person, shift, turn, openness):
    lid = shade(person.skin, 0.42)
    for side in (-1, 1):
        x, y, half = 0.43 * side + shift, -0.08, 0.235 * (1 - 0.22 * max(side * turn, 0))
        if openness > 0.3:
            tall = 0.115 * openness
            white = [*arc((x, y), (half, tall), 180, 360, 16), *arc((x, y), (half, tall * 0.8), 0, 180, 16)]
            sprite.polygon(white, (226, 219, 210))
            gaze = x + 0.07 * turn
            sprite.disc(gaze, y - 0.01, 0.105, person.eyes, tall=min(0.115, tall), n=24)
            sprite.disc(gaze, y - 0.01, 0.05, (16, 12, 14), tall=min(0.055, tall), n=16)
            sprite.disc(gaze + 0.035, y - 0.045, 0.024, (250, 250, 245), n=10)
            sprite.line(arc((x, y), (half * 1.06, tall * 1.1), 185, 355, 16), INK, 0.055)
            sprite.line(arc((x, y), (half, tall * 0.85), 15, 165, 16), lid, 0.018)
            sprite.line(arc((x, y - 0.03), (half, tall * 1.75), 205, 335, 12), lid, 0.018)
        else:
            sprite.line(arc((x, y - 0.02), (half, 0.08), 10, 170, 16), INK, 0.05)
        brow = arc((x + 0.02 * side, y - 0.08), (half * 1.3, 0.25), 215, 325, 12)
        sprite.line(brow, min(shade(person.hair, 0.75), lid, key=sum), 0.09)


def _nose(sprite, person, near):
    side = 1 if near >= 0 else -1
    bridge = [(near * 0.7 + 0.08 * side, 0.02), (near + 0.1 * side, 0.3), (near + 0.16 * side, 0.46)]
    sprite.line(bridge, shade(person.skin, 0.68), 0.025)
    sprite.line(arc((near, 0.44), (0.2, 0.1), 20, 160, 14), shade(person.skin, 0.5), 0.03)
    for nostril in (-1, 1):
        sprite.disc(near + 0.09 * nostril, 0.51, 0.045, shade(person.skin, 0.32), tall=0.025, n=12)


def _mouth(sprite, person, shift, openness):
    x, y = shift * 1.2, 0.82
    lips = mix(shade(person.skin, 0.72), (150, 50, 56), 0.4)
    if person.beard:
        beard = [*arc((shift, 0.72), (0.78, 0.68), 5, 175, 24), *arc((x, 0.78), (0.42, 0.2), 180, 360, 16)]
        sprite.polygon(beard, shade(person.hair, 0.95))
        sprite.polygon(arc((x, 0.68), (0.36, 0.1), 180, 360), shade(person.hair, 1.1))
        lips = mix(lips, person.skin, 0.3)
    half, drop = 0.31 - 0.05 * openness, 0.05 + 0.2 * openness
    upper = [(x - half, y), (x - half / 2, y - 0.06), (x, y - 0.035), (x + half / 2, y - 0.06), (x + half, y)]
    sprite.polygon([*upper, *arc((x, y), (half, drop + 0.06), 0, 180, 16)], lips)
    if openness > 0.12:
        hollow = [*arc((x, y + 0.01), (half * 0.86, drop * 0.85), 0, 180, 16), (x - half * 0.86, y)]
        sprite.polygon(hollow, (52, 20, 24))
        if openness > 0.4:
            sprite.disc(x, y, half * 0.7, (228, 222, 212), tall=0.05, start=0, stop=180, n=12)
    across = ((-half * 1.05, -0.01), (-half / 2, 0.005), (0, 0.015), (half / 2, 0.005), (half * 1.05, -0.01))
    sprite.line([(x + right, y + below) for right, below in across], shade(lips, 0.5), 0.028)


def _back_hair(sprite, person, far):
    dark, style = shade(person.hair, 0.7), person.hair_style
    if style == "bob":
        sprite.polygon([*arc((far * 0.4, -0.2), (1.36, 1.45), 150, 390), (1.2, 1.2), (-1.2, 1.2)], dark, ink=_HAIR_INK)
    elif style == "long":
        ends = [(1.5, 2.5), (0.7, 2.7), (-0.7, 2.7), (-1.5, 2.5)]
        sprite.polygon([*arc((far * 0.4, -0.25), (1.3, 1.42), 160, 380), *ends], dark, ink=_HAIR_INK)
    elif style == "bun":
        sprite.polygon(arc((0.1 - far, -1.72), (0.52, 0.46)), dark, ink=_HAIR_INK)
        sprite.polygon(arc((far * 0.4, -0.35), (1.12, 1.3)), dark)
    elif style == "curly":
        for x, y in arc((far * 0.4, -0.45), (1.12, 1.1), 165, 375, 13):
            sprite.disc(x, y, 0.4, dark, ink=_HAIR_INK, n=18)
    else:
        sprite.polygon(arc((far * 0.4, -0.35), (1.08, 1.25)), dark)


def _front_hair(sprite, person, shift, key):
    if person.hair_style == "balding":
        for side in (-1, 1):
            tuft = [(0.92, -0.75), (1.16, -0.5), (1.14, 0.1), (0.96, 0.2), (0.94, -0.3)]
            sprite.polygon([(x * side + 0.2 * shift, y) for x, y in tuft], person.hair, ink=_HAIR_INK)
        return
    cap = arc((shift * 0.3, -0.42), (1.13, 1.22), 180, 360, 30)
    hairline = zip(*_HAIRLINES[person.hair_style], strict=True)
    inner = [(x + shift * (0.9 if abs(x) < 0.9 else 0.3), y) for x, y in hairline]
    sprite.polygon([*cap, *inner], person.hair, ink=_HAIR_INK)
    # Strands catch the light
    for number in range(5):
        angle = 215 + 24 * number
        strand = arc((shift * 0.3, -0.42), (1.02 - 0.07 * number % 3, 1.08), angle, angle + 17, 6)
        sprite.line(strand, shade(person.hair, 1.15 + 0.25 * (key * (number - 2) > 0)), 0.05)


def _glasses(sprite, shift):
    for side in (-1, 1):
        sprite.line(arc((0.44 * side + shift, -0.06), (0.31, 0.25)), (60, 48, 44), 0.035, closed=True)
    sprite.line([(-0.13 + shift, -0.1), (0.13 + shift, -0.1)], (60, 48, 44), 0.035)


def _torso(sprite, person, key):
    right = [(0.55, 1.55), (1.3, 1.82), (2.0, 2.15), (2.3, 2.9), (2.15, 4.5), (1.75, 6.2), (1.9, 7.9)]
    sprite.polygon(right + [(-x, y) for x, y in reversed(right)], person.coat, ink=0.03)
    # The side away from the light
    shadow = [(x * -np.sign(key), y) for x, y in [(1.35, 1.85), *right[2:], (1.0, 7.9), (1.35, 4.5)]]
    sprite.polygon(shadow, shade(person.coat, 0.8))
    sprite.polygon([(-0.75, 1.62), (0, 4.4), (0.75, 1.62), (0, 1.3)], person.shirt)
    for side in (-1, 1):
        lapel = [(0.62 * side, 1.5), (1.12 * side, 2.0), (0.95 * side, 2.8), (0.03 * side, 4.5)]
        sprite.polygon(lapel, shade(person.coat, 1.14), ink=0.03)
    sprite.line([(0, 4.5), (0.04, 7.9)], shade(person.coat, 0.55), 0.03)
    for y in (5.1, 6.0, 6.9):
        sprite.disc(0.18, y, 0.09, shade(person.coat, 0.45), n=12)


def _arm(sprite, person, side, swing, gesture):
    shoulder = np.array([1.95 * side, 2.55])
    elbow = shoulder + [0.35 * side + 0.5 * swing, 2.5]
    low = elbow + np.array([-0.1 * side + 0.9 * swing, 2.3])
    high = elbow + np.array([-1.2 * side, -1.6])
    hand = low * (1 - gesture) + high * gesture
    for width, factor in ((1.06, 0.45), (0.98, 0.92)):
        sprite.line([shoulder, elbow, hand], shade(person.coat, factor), width)
    fist = arc(hand + (hand - elbow) * 0.14, (0.42, 0.46), n=20)
    sprite.polygon(fist, shade(person.skin, 0.9), ink=0.03)


def _leg(sprite, person, side, swing):
    hip = np.array([0.75 * side, 7.6])
    knee = hip + [0.15 * side + 1.1 * swing, 3.4 - 0.2 * abs(swing)]
    foot = knee + [0.7 * swing - 0.5 * max(-swing, 0), 3.5 - 0.3 * max(-swing, 0)]
    for width, color in ((1.36, shade(person.trousers, 0.45)), (1.26, person.trousers)):
        sprite.line([hip, knee, foot], color, width)
    sprite.polygon(arc(foot + [0.2 * side, 0.35], (0.75, 0.35), n=20), (40, 32, 30))
