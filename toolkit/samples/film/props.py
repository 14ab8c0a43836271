"""The sample film's inserts and vehicles: letters, cups, watches, keys, books, bottles."""

import cv2
import numpy as np

from toolkit.samples.brush import finish, mix, new_board, shade

PROPS = ("letter", "cup", "watch", "key", "book", "bottle")


def draw_insert(place, prop, size, seed):
    """Paint a thing on a table top, seen from above, in the light of a place; uint8 `(height, width, 3)`."""
    board = new_board((0, 4.5), 8, size)
    generator = np.random.default_rng([place.seed, seed, 7])
    wood = place.colors["wood"]
    board.rectangle(-9, -1, 9, 11, shade(wood, 0.9))
    for y in np.arange(-1, 11, 1.3):
        board.line([(-9, y), (9, y + 0.1)], shade(wood, 0.62), 0.05)
        for _ in range(7):
            x, length = generator.uniform(-6, 6), generator.uniform(0.6, 2.2)
            level = y + generator.uniform(0.2, 1.1)
            board.line([(x, level), (x + length, level + 0.02)], shade(wood, generator.uniform(0.76, 0.86)), 0.03)
    _PROPS[prop](board, place.colors, generator)
    return finish(board, size, place, [(-2, 3, 5, 0.35)], generator)


def draw_vehicle(color, size):
    """Draw a lorry's side, to drive past close to the camera: a sprite, uint8 `(height, width, 4)`."""
    width, height = size
    sprite = np.zeros((height, width, 4), dtype=np.uint8)
    sprite[: int(0.86 * height), int(0.02 * width) :] = (*color, 255)
    sprite[int(0.1 * height) : int(0.4 * height), int(0.06 * width) : int(0.2 * width)] = (*shade(color, 0.35), 255)
    sprite[int(0.55 * height) : int(0.6 * height), int(0.02 * width) :] = (*shade(color, 1.5), 255)
    for x in np.linspace(0.3, 0.97, 6):
        cv2.line(
            sprite, (int(x * width), 0), (int(x * width), int(0.8 * height)), (*shade(color, 0.75), 255), 5, cv2.LINE_AA
        )
    for x in (0.14, 0.7, 0.86):
        middle = (int(x * width), int(0.86 * height))
        cv2.circle(sprite, middle, int(0.13 * height), (28, 26, 28, 255), -1, cv2.LINE_AA)
        cv2.circle(sprite, middle, int(0.06 * height), (140, 138, 135, 255), -1, cv2.LINE_AA)
    return sprite


def _letter(board, colors, generator):
    board.polygon([(-2.3, 2.2), (1.7, 1.6), (2.3, 7.0), (-1.7, 7.6)], (238, 228, 204))
    for row in range(9):
        y = 2.9 + 0.5 * row
        x = np.arange(-1.7, generator.uniform(0.4, 1.5), 0.12)
        wave = y - 0.15 * x + 0.09 * np.sin(9 * x + generator.uniform(0, 6)) * generator.uniform(0.5, 1.3, len(x))
        board.line(np.stack([x + 0.1 * row, wave], axis=1), (58, 52, 86), 0.035)
    board.disc(1.5, 6.6, 0.34, (170, 40, 44))


def _cup(board, colors, generator):
    board.disc(0.2, 5.0, 2.1, (228, 222, 212), tall=1.75)
    board.disc(0.2, 5.0, 1.7, (212, 204, 194), tall=1.4)
    board.disc(1.35, 4.6, 0.5, mix(colors["accent"], (240, 236, 228), 0.4), tall=0.4)
    board.disc(1.4, 4.6, 0.28, (212, 204, 194), tall=0.22)
    board.disc(0.1, 4.7, 1.25, mix(colors["accent"], (240, 236, 228), 0.4), tall=1.05)
    board.disc(0.1, 4.6, 1.05, (70, 42, 26), tall=0.86)
    board.disc(-0.2, 4.4, 0.5, (96, 62, 40), tall=0.32, ink=0)
    board.line([(2.6, 6.6), (3.6, 3.6)], (190, 190, 196), 0.12)
    board.disc(2.5, 6.9, 0.28, (200, 200, 206), tall=0.42)


def _watch(board, colors, generator):
    board.line([(-4.5, 1.2), (-2.4, 2.4), (-1.2, 2.6), (0, 2.5)], (196, 160, 84), 0.14)
    board.disc(0, 4.8, 2.2, (196, 160, 84))
    board.disc(0, 4.8, 1.85, (240, 234, 216))
    for hour in range(12):
        angle = np.radians(30 * hour)
        ends = [(r * np.cos(angle), 4.8 + r * np.sin(angle)) for r in (1.5, 1.72)]
        board.line(ends, (40, 36, 40), 0.08)
    for length, wide in ((0.9, 0.12), (1.4, 0.07)):
        angle = generator.uniform(0, 2 * np.pi)
        board.line([(0, 4.8), (length * np.cos(angle), 4.8 + length * np.sin(angle))], (40, 36, 40), wide)


def _key(board, colors, generator):
    board.polygon([(-3.4, 2.4), (3.0, 2.0), (3.4, 7.2), (-3.0, 7.4)], shade(colors["accent"], 0.8))
    board.disc(-1.6, 4.6, 1.0, (176, 140, 74))
    board.disc(-1.6, 4.6, 0.6, shade(colors["accent"], 0.75))
    board.line([(-0.7, 4.7), (2.4, 5.1)], (176, 140, 74), 0.3)
    for x in (1.6, 2.2):
        board.line([(x, 5.0), (x - 0.1, 5.8)], (176, 140, 74), 0.24)


def _book(board, colors, generator):
    board.polygon([(-3.6, 2.3), (3.5, 2.1), (3.8, 7.3), (-3.8, 7.5)], shade(colors["accent"], 0.7))
    for left, right in ((-3.4, -0.05), (0.05, 3.4)):
        board.polygon([(left, 2.6), (right, 2.4), (right, 7.1), (left, 7.2)], (232, 224, 204))
        for row in range(10):
            y = 3.1 + 0.38 * row
            board.line([(left + 0.4, y), (left + generator.uniform(1.8, 2.9), y)], (92, 86, 84), 0.05)


def _bottle(board, colors, generator):
    green = (62, 96, 74)
    board.polygon(
        [(-3.6, 4.2), (0.6, 3.8), (1.4, 4.3), (3.4, 4.4), (3.4, 4.9), (1.4, 5.0), (0.7, 5.6), (-3.6, 5.9)], green
    )
    board.polygon([(-3.0, 4.5), (-0.4, 4.3), (-0.3, 5.4), (-3.0, 5.6)], (226, 214, 180))
    for row in (4.75, 5.05):
        board.line([(-2.7, row), (-0.9, row)], (90, 60, 60), 0.06)
    board.disc(2.4, 7.0, 1.0, mix((210, 214, 220), colors["wood"], 0.3), tall=0.85)
    board.disc(2.4, 7.0, 0.7, (120, 30, 44), tall=0.55)


_PROPS = {"letter": _letter, "cup": _cup, "watch": _watch, "key": _key, "book": _book, "bottle": _bottle}
