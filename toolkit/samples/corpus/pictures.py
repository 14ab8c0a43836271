"""The pictures of the sample corpus: boards that know people, cars and lights, and the camera that views them."""

import cv2
import numpy as np

from toolkit.samples.brush import Board, darker, lighter

WIDTH, HEIGHT = 480, 360
CLOTHES = ((190, 60, 50), (50, 80, 160), (230, 200, 90), (70, 120, 80), (235, 235, 230), (60, 55, 60), (160, 90, 150))
SKINS = ((236, 200, 172), (198, 150, 115), (128, 86, 62))


class Picture(Board):
    """A board of HEIGHT x WIDTH, measured in shares of both; points lie on whole pixels, lines are pixels wide."""

    point_bits = 0

    def thickness(self, width):
        """Return a width, which is in pixels."""
        return width

    def copy(self):
        """Return a picture that can be drawn on without changing this one."""
        return _picture(self.canvas.copy())

    def fade(self, above, below, *, top=0.0):
        """Paint all from `top` downwards, from the color `above` as if it began at the picture's edge, to `below`."""
        first = int(top * HEIGHT)
        share = np.linspace(0, 1, HEIGHT)[: HEIGHT - first, None, None]
        rows = (1 - share) * np.asarray(above, np.float64) + share * np.asarray(below, np.float64)
        self.canvas[first:] = rows.round().astype(np.uint8)

    def grain(self, rng, top, strength):
        """Roughen the picture from `top` downwards."""
        rows = slice(int(np.clip(top, 0, 1) * HEIGHT), HEIGHT)
        band = self.canvas[rows].astype(np.float32)
        rough = rng.normal(0, strength, (*band.shape[:2], 1)).astype(np.float32)
        self.canvas[rows] = np.clip(band + cv2.GaussianBlur(rough, (0, 0), 1.2)[..., None] * 2, 0, 255)

    def box(self, left, top, right, bottom, color, rim=None):
        """Fill a rectangle of whole pixels, with a rim of another color."""
        corners = self.points([(left, top), (right, bottom)]).tolist()
        cv2.rectangle(self.canvas, *corners, color, -1)
        if rim is not None:
            cv2.rectangle(self.canvas, *corners, rim, 2)

    def dot(self, x, y, radius, color):
        """Fill a circle whose radius is a share of the picture's width."""
        center = self.points((x, y))[0].tolist()
        cv2.circle(self.canvas, center, max(1, round(radius * WIDTH)), color, -1, cv2.LINE_AA)

    def glow(self, x, y, radius, strength):
        """Brighten a round place, most in its middle."""
        reach = max(2, round(2 * radius * WIDTH))
        column, row = self.points((x, y))[0]
        top, bottom = max(0, row - reach), min(HEIGHT, row + reach)
        left, right = max(0, column - reach), min(WIDTH, column + reach)
        if top >= bottom or left >= right:
            return
        far = np.hypot(np.arange(top, bottom)[:, None] - row, np.arange(left, right) - column) / (radius * WIDTH)
        share = strength * np.exp(-(far**2))[..., None]
        part = self.canvas[top:bottom, left:right]
        part[:] = (part + share * (np.array([255, 245, 215]) - part)).astype(np.uint8)

    def person(self, x, foot, tall, shirt, trousers, skin, stride=0.0):
        """Draw someone standing at `foot`, `tall` as a share of the picture's height, who walks as `stride` grows."""
        step = 0.1 * tall * np.sin(40 * stride)
        wide = tall * HEIGHT / WIDTH
        thick = max(2, round(0.13 * tall * HEIGHT))
        hip, neck = foot - 0.46 * tall, foot - 0.82 * tall
        for side in (-1, 1):
            self.line([(x, hip), (x + side * (0.06 * wide + step), foot)], trousers, thick)
        self.line([(x, hip), (x, neck)], shirt, round(2.2 * thick))
        for side in (-1, 1):
            hand = (x + side * 0.19 * wide, hip + side * step)
            self.line([(x, neck + 0.03 * tall), hand], shirt, max(2, thick // 2))
        self.dot(x, foot - 0.93 * tall, 0.085 * wide, skin)

    def umbrella(self, rng, x, foot):
        """Draw a parasol."""
        color, tall = one_of(rng, CLOTHES[:4]), 0.2 + 0.15 * (foot - 0.5)
        self.line([(x, foot), (x, foot - tall)], (240, 240, 235), 3)
        center = self.points((x, foot - tall + 0.05))[0].tolist()
        wide, high = round(0.3 * tall * WIDTH), round(0.35 * tall * HEIGHT)
        for half, stripe in ((wide, color), (wide // 3, lighter(color, 0.6))):
            cv2.ellipse(self.canvas, center, (half, high), 0, 180, 360, stripe, -1, cv2.LINE_AA)

    def car(self, x, foot, wide, color):
        """Draw a car from the front, `wide` as a share of the picture's width."""
        tall = 0.5 * wide * WIDTH / HEIGHT
        for side in (-1, 1):
            wheel = x + side * 0.38 * wide
            self.box(wheel - 0.08 * wide, foot - 0.3 * tall, wheel + 0.08 * wide, foot, (30, 30, 32))
        self.box(x - wide / 2, foot - 0.75 * tall, x + wide / 2, foot - 0.12 * tall, color)
        self.taper(x, foot - 1.35 * tall, 0.32 * wide, foot - 0.7 * tall, 0.44 * wide, darker(color, 0.2))
        self.taper(x, foot - 1.25 * tall, 0.28 * wide, foot - 0.75 * tall, 0.37 * wide, (60, 70, 80))
        for side in (-1, 1):
            self.dot(x + side * 0.36 * wide, foot - 0.5 * tall, 0.06 * wide, (250, 245, 215))


def new_picture(above, below=None):
    """Return a picture that fades from one color to another, or is of one color."""
    picture = _picture(np.empty((HEIGHT, WIDTH, 3), np.uint8))
    picture.fade(above, above if below is None else below)
    return picture


def _picture(canvas):
    return Picture(canvas, 0, 0, (WIDTH, HEIGHT), ink=0)


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
    frame = cv2.warpAffine(soft, matrix, size, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    frame = frame.astype(np.float32) * np.float32(tint)
    frame += np.float32(haze) * (frame.mean() * 0.5 + 75 - frame)
    return np.clip(frame, 0, 255).astype(np.uint8)


def one_of(rng, choices):
    """Return a choice by lot."""
    return choices[rng.integers(len(choices))]


def vary(rng, color, by=9):
    """Return a color that is lighter or darker, and a little of another hue."""
    shift = rng.normal(0, by) + rng.normal(0, by / 3, 3)
    return tuple(int(value) for value in np.clip(np.asarray(color) + shift, 0, 255))


def tone(rng, *colors, by=9):
    """Return one of some colors, varied."""
    return vary(rng, one_of(rng, colors), by)


def outfit(rng):
    """Return the colors of someone's shirt, trousers and skin."""
    return one_of(rng, CLOTHES), darker(one_of(rng, CLOTHES), 0.4), one_of(rng, SKINS)


def walk(rng):
    """Return where someone who crosses the picture is at a time in [0, 1]."""
    start, speed = rng.uniform(0.1, 0.9), rng.choice((-1, 1)) * rng.uniform(0.15, 0.4)
    return lambda time: start + speed * (time - 0.5)
