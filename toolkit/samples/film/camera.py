"""The camera of the sample film: turns a Script into pictures, one frame after another.

What stands still in a set-up is painted once, larger than the picture; the camera's shake, pan and zoom are one
affine warp of it. People are sprites laid over it. Then come what crosses the picture, the change to another shot,
exposure and grain.
"""

from collections import namedtuple
from functools import lru_cache

import cv2
import numpy as np

from toolkit.samples.brush import GRAY_SHARES, dim
from toolkit.samples.film import people, places, props
from toolkit.samples.film.script import FPS, HEIGHT, WIDTH, syllables

_MARGIN = (90, 36)
_TURNS = 8
_GRAIN = 4.0
# depth of field in pixels, and where a body ends in head units, by what is framed
_BLURS = {"close": 1.6, "medium": 0.7}
_BODY_BOTTOMS = {"close": 4.5, "medium": 11.0}
_MEMORY_CONTRAST = 0.58
_FULL_LIGHT = 110


# how unsteady the light is: how far exposure sways, how far it jumps between frames, how deep shadows are
Light = namedtuple("Light", "sway jump shadows")
_LIGHTS = {
    **dict.fromkeys(("room", "kitchen", "cafe"), Light(0.04, 0.01, 0.12)),
    **dict.fromkeys(("street", "park"), Light(0.1, 0.01, 0.2)),
    "cellar": Light(0.14, 0.02, 0.2),
    "memory": Light(0.06, 0.03, 0.12),
}


def render(script, start=0, end=None):
    """Yield the pictures of a script, uint8 `(360, 640, 3)` in RGB, from frame `start` up to `end`."""
    end = script.shots[-1].end if end is None else end
    stage = _Stage(script)
    for frame in range(start, end):
        yield _picture(stage, frame)


class _Stage:
    """A script and what has been painted for it so far."""

    def __init__(self, script):
        self.script = script
        self.starts = np.array([shot.start for shot in script.shots])
        generator = np.random.default_rng([script.seed, 2])
        self.motions = generator.uniform(0, 2 * np.pi, (len(script.shots), 12))
        self.grain = [_paint_grain(generator) for _ in range(6)]
        self.vignette = _paint_vignette()
        self.plate = lru_cache(maxsize=8)(self._paint_plate)
        self.head = lru_cache(maxsize=200)(self._draw_head)
        self.body = lru_cache(maxsize=100)(self._draw_body)
        self.back = lru_cache(maxsize=6)(self._draw_back)
        self.shadows = lru_cache(maxsize=8)(
            lambda strength: _paint_shadows(np.random.default_rng([script.seed, 5]), strength)
        )
        self.lorry = props.draw_vehicle(script.places[0].colors["accent"], (560, 290))
        self.mouths = [(line.start, line.end, line.person, syllables(line)) for line in script.lines if line.visible]

    def _paint_plate(self, index):
        setup = self.script.setups[index]
        place = self.script.places[setup.place]
        size = (WIDTH + 2 * _MARGIN[0], HEIGHT + 2 * _MARGIN[1])
        if setup.framing == "insert":
            return props.draw_insert(place, setup.prop, size, index)
        blur = _BLURS.get(setup.framing, 0.0)
        return places.draw_place(place, setup.side, setup.center, setup.width * size[0] / WIDTH, size, blur=blur)

    def _draw_head(self, person, unit, turn, eyes, mouth, key):
        look = self.script.people[person]
        return people.draw_head(look, unit, turn=turn / _TURNS, eyes=eyes, mouth=mouth / 4, key=key)

    def _draw_body(self, person, unit, stride, gesture, bottom, key):
        look = self.script.people[person]
        return people.draw_body(look, unit, stride=stride / 16, gesture=gesture / 8, bottom=bottom, key=key)

    def _draw_back(self, person):
        """Draw who passes close to the camera: out of focus, in motion, seen from behind."""
        return cv2.GaussianBlur(people.draw_back(self.script.people[person], 78.0), (0, 0), 9, sigmaY=4)


def _picture(stage, frame):
    number = int(np.searchsorted(stage.starts, frame, side="right")) - 1
    shots = stage.script.shots
    for later in range(number, min(number + 2, len(shots))):
        start, end = shots[later].change
        if start <= frame < end:
            before, after = _shoot(stage, later - 1, frame), _shoot(stage, later, frame)
            picture = _change(shots[later].transition, (frame + 1 - start) / (end - start + 1), before, after)
            break
    else:
        picture = _shoot(stage, number, frame)
    return _add_grain(stage, picture, frame)


def _change(kind, share, before, after):
    """Blend two pictures; `share` of the change is over, above 0 and below 1."""
    if kind == "dissolve":
        return cv2.addWeighted(before, 1 - share, after, share, 0)
    picture, light = (before, 1 - 2 * share) if share < 0.5 else (after, 2 * share - 1)
    if kind == "fade":
        return cv2.convertScaleAbs(picture, alpha=light)
    mask = np.zeros((HEIGHT, WIDTH), dtype=np.uint8)
    radius = light * np.hypot(WIDTH, HEIGHT) / 2
    cv2.circle(mask, (WIDTH * 8, HEIGHT * 8), int(radius * 16), 255, -1, cv2.LINE_AA, 4)
    return dim(picture, mask)


def _shoot(stage, number, frame):
    """Return what the camera sees in a shot: a fresh picture, still without grain."""
    shot = stage.script.shots[number]
    setup = stage.script.setups[shot.setup]
    phase = stage.motions[number]
    seconds = (frame - shot.start) / FPS
    length = (shot.end - shot.start) / FPS
    away = seconds - length / 2
    shake = np.array([_wander(seconds, phase[0:3]), _wander(seconds, phase[3:6])]) * shot.shake * 2.6
    # A pan that starts and stops inside the shot, centred on the set-up's view
    offset = shake + shot.frame_at + (np.clip(shot.pan * away, 30 - _MARGIN[0], _MARGIN[0] - 30), 0)
    zoom = 1 + max(shot.zoom * seconds, -0.04) + (0.02 if shot.zoom < 0 else 0)
    tilt = 0.25 * shot.shake * _wander(0.7 * seconds, phase[6:9])
    matrix = cv2.getRotationMatrix2D((WIDTH / 2 + _MARGIN[0], HEIGHT / 2 + _MARGIN[1]), tilt, zoom)
    matrix[:, 2] -= np.array(_MARGIN) + offset
    picture = cv2.warpAffine(
        stage.plate(shot.setup), matrix, (WIDTH, HEIGHT), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT_101
    )
    place = stage.script.places[setup.place]
    level = 0.97
    if place.kind == "cellar":
        level = 0.7 if setup.framing == "close" else 0.45
    tint = tuple(level * channel for channel in place.light)
    for order, figure in enumerate(setup.figures):
        _add_figure(stage, picture, setup, figure, frame, seconds, phase + order, offset, zoom, tint)
    if setup.framing == "insert":
        _add_shadow(picture, seconds, phase)
    for event in shot.events:
        _add_crossing(stage, picture, event, frame, setup)
    if place.tone:
        picture = _fade_colors(picture, place.tone)
    if shot.caption:
        _write_caption(picture, shot.caption)
    return _expose(stage, picture, frame, number)


def _fade_colors(picture, tone):
    """Return a picture as an old film shows it: one tone, and little contrast."""
    matrix = np.empty((3, 4))
    for channel, level in enumerate(tone):
        matrix[channel, :3] = np.array(GRAY_SHARES) * _MEMORY_CONTRAST * level / 255
        matrix[channel, 3] = level * (1 - _MEMORY_CONTRAST) * 0.56
    return cv2.transform(picture, matrix)


def _wander(seconds, phase):
    """Return a smooth, never repeating motion in about [-1, 1], for a time and three phases."""
    return (
        0.55 * np.sin(2.1 * seconds + phase[0])
        + 0.3 * np.sin(4.7 * seconds + phase[1])
        + 0.15 * np.sin(11.3 * seconds + phase[2])
    )


def _add_figure(stage, picture, setup, figure, frame, seconds, phase, offset, zoom, tint):
    unit = figure.unit
    now = frame / FPS
    talk = next((line for line in stage.mouths if line[0] <= now < line[1] and line[2] == figure.person), None)
    mouth = 0
    if talk:
        open_now = max((opened for start, length, opened, _ in talk[3] if start <= now < start + length), default=0)
        mouth = round(4 * open_now * (0.75 + 0.25 * np.sin(31 * now)))
    blink = (now + phase[0]) % (2.2 + 0.4 * np.sin(phase[1])) < 0.13
    turn = figure.turn + 0.16 * _wander(0.8 * seconds, phase[1:4])
    nod = 0.055 * unit * _wander(1.4 * seconds, phase[4:7]) * (1.6 if talk else 0.8)
    walk = figure.speed * seconds
    at = np.array([figure.x + walk, figure.y]) - offset * (1.1 if setup.framing == "close" else 1.0)
    at = (at - (WIDTH / 2, HEIGHT / 2)) * zoom + (WIDTH / 2, HEIGHT / 2)
    sway = 0.05 * unit * _wander(seconds, phase[7:10])
    stride, gesture = 0, 0
    if figure.speed:
        stride = int(seconds * 1.7 * 16) % 16
        at[1] -= 0.25 * unit * abs(np.sin(2 * np.pi * stride / 16))
    elif talk and setup.framing != "close":
        gesture = round(8 * max(0, _wander(1.3 * seconds, phase[2:5])))
    bottom = _BODY_BOTTOMS.get(setup.framing, people.BODY_BOX[3])
    left, top = people.BODY_BOX[:2]
    body = stage.body(figure.person, unit, stride, gesture, bottom, setup.key)
    people.paste(picture, body, at + (left * unit + sway, top * unit), zoom=zoom, tint=tint)
    left, top = people.HEAD_BOX[:2]
    profile = int(np.clip(round(turn * _TURNS), -_TURNS, _TURNS))
    head = stage.head(figure.person, unit, profile, 0.0 if blink else 1.0, mouth, setup.key)
    lean = 2.5 * _wander(seconds, phase[5:8])
    corner = at + (left * unit + 1.4 * sway + 0.05 * unit * turn, top * unit + nod)
    people.paste(picture, head, corner, angle=lean, zoom=zoom, tint=tint)


def _add_shadow(picture, seconds, phase):
    """Let the soft shadow of a hand move over a table."""
    x = round(WIDTH * (0.5 + 0.35 * _wander(0.5 * seconds, phase[3:6])))
    height, width = picture.shape[:2]
    shadow = np.full((height // 8, width // 8), 255, dtype=np.uint8)
    cv2.ellipse(shadow, (x // 8, height // 8), (14, 20), 20, 0, 360, 176, -1, cv2.LINE_AA)
    shadow = cv2.resize(cv2.GaussianBlur(shadow, (0, 0), 3), (width, height))
    picture[:] = dim(picture, shadow)


def _add_crossing(stage, picture, event, frame, setup):
    """Let a lorry or a passer-by cross the picture, close to the camera."""
    kind, middle, direction = event
    away = (frame - middle) * direction
    if abs(away) > 14:
        return
    if kind == "lorry":
        lorry = stage.lorry if direction < 0 else np.ascontiguousarray(stage.lorry[:, ::-1])
        people.paste(picture, lorry, (WIDTH / 2 - 280 + 118.0 * away, 62.0))
    elif kind == "passer":
        person = (setup.figures[0].person + 3) % len(stage.script.people)
        people.paste(picture, stage.back(person), (WIDTH / 2 - 330 + 74.0 * away, 10.0), tint=(0.4, 0.38, 0.4))


def _write_caption(picture, text):
    scale, font = 0.95, cv2.FONT_HERSHEY_COMPLEX
    width = cv2.getTextSize(text, font, scale, 2)[0][0]
    origin = ((WIDTH - width) // 2, HEIGHT - 36)
    cv2.putText(picture, text, origin, font, scale, (20, 18, 18), 5, cv2.LINE_AA)
    cv2.putText(picture, text, origin, font, scale, (244, 238, 214), 2, cv2.LINE_AA)


def _expose(stage, picture, frame, number):
    """Give a picture its exposure, which flickers, and the shadows that move over it."""
    shot = stage.script.shots[number]
    generator = np.random.default_rng([stage.script.seed, 4, frame, number])
    place = stage.script.places[stage.script.setups[shot.setup].place]
    light = _LIGHTS["memory" if place.tone else place.kind]
    phase = stage.motions[number]
    gain = shot.exposure + light.sway * _wander(3.1 * frame / FPS, phase[3:6]) + light.jump * generator.normal()
    for kind, at, _ in shot.events:
        if kind == "flash" and 0 <= frame - at < 7:
            gain *= 1 + 0.9 * (1, 0.8, 0.4, 0.22, 0.12, 0.06, 0.03)[frame - at]
    shadows = stage.shadows(light.shadows)
    seconds = frame / FPS
    room = np.array(shadows.shape) - (HEIGHT, WIDTH)
    path = 0.5 + 0.42 * np.array([_wander(0.9 * seconds, phase[0:3]), _wander(0.7 * seconds, phase[6:9])])
    top, left = (path * room).astype(int)
    moving = cv2.multiply(stage.vignette, shadows[top : top + HEIGHT, left : left + WIDTH], scale=1 / 128)
    return dim(picture, moving, scale=gain / _FULL_LIGHT)


def _add_grain(stage, picture, frame):
    generator = np.random.default_rng([stage.script.seed, 6, frame])
    grain = stage.grain[int(generator.integers(len(stage.grain)))]
    top, left = generator.integers(0, 64, 2)
    noise = grain[top : top + HEIGHT, left : left + WIDTH]
    # The grain lies around 128, so that 8-bit sums can go down as well as up
    return cv2.addWeighted(picture, 1.0, noise, 1.0, -128.0 + 4.0)


def _paint_grain(generator):
    shape = (HEIGHT + 64, WIDTH + 64)
    noise = cv2.GaussianBlur(generator.normal(size=shape).astype(np.float32), (0, 0), 0.7)
    noise *= _GRAIN / noise.std()
    return cv2.cvtColor(np.clip(noise + 128, 0, 255).astype(np.uint8), cv2.COLOR_GRAY2RGB)


def _paint_vignette():
    x = np.linspace(-1, 1, WIDTH, dtype=np.float32)[None, :]
    y = np.linspace(-1, 1, HEIGHT, dtype=np.float32)[:, None]
    shape = _FULL_LIGHT * (1 - 0.22 * (0.55 * x**2 + 0.45 * y**2) ** 1.5)
    return shape.astype(np.uint8)


def _paint_shadows(generator, strength):
    """Return soft blotches around 128, larger than the picture: shadows of leaves, of clouds, of a swinging lamp."""
    noise = generator.normal(size=(10, 14)).astype(np.float32)
    noise = cv2.resize(noise, (WIDTH + 800, HEIGHT + 680), interpolation=cv2.INTER_CUBIC)
    return np.clip(128 * (1 + strength * noise / noise.std()), 40, 255).astype(np.uint8)
