"""What stands and hangs in the rooms of the sample film: floors, wallpapers, windows, lamps, shelves, plants."""

import numpy as np

from toolkit.samples.brush import mix, shade

# the height at which a wall meets the ground, in units of a place
GROUND = 6.4


def floor(board, color, *, boards=True):
    """Lay a floor in front of a wall, of boards or of one piece."""
    board.rectangle(-14, GROUND, 14, 14, color)
    if boards:
        for x in np.arange(-30, 31, 1.9):
            board.line([(x * 0.55, GROUND), (x * 1.3, 13)], shade(color, 0.78), 0.03)
    for y in (6.8, 7.5, 8.6):
        board.line([(-14, y), (14, y)], shade(color, 0.88), 0.02)


def wallpaper(board, color, pattern):
    """Paper a wall with stripes (0), diamonds (1) or squares (2)."""
    board.rectangle(-14, -4, 14, GROUND, color, ink=0)
    mark = shade(color, 0.88)
    for x in np.arange(-14, 14, 0.7):
        if pattern == 0:
            board.rectangle(x, -4, x + 0.3, GROUND, mark, ink=0)
        elif pattern == 1:
            for y in np.arange(0.2, 6, 0.7):
                at = x + 0.35 * (round(y / 0.7) % 2)
                board.polygon([(at, y - 0.17), (at + 0.12, y), (at, y + 0.17), (at - 0.12, y)], mark, ink=0)
        else:
            board.line([(x, -4), (x, GROUND)], mark, 0.04)
    for y in np.arange(0, GROUND, 0.7) if pattern == 2 else ():
        board.line([(-14, y), (14, y)], mark, 0.04)


def window(board, left, top, right, bottom, colors, generator, *, panes=2):
    """Draw a window with the roofs of a town behind it."""
    frame, roof = shade(colors["wood"], 1.1), shade(colors["sky"], 0.72)
    board.rectangle(left - 0.18, top - 0.18, right + 0.18, bottom + 0.18, shade(colors["wood"], 1.2))
    board.rectangle(left, top, right, bottom, colors["sky"])
    for x, high, wide in generator.uniform((left + 0.2, 0.5, 0.3), (right - 0.5, 1.3, 0.9), (4, 3)):
        board.rectangle(x, bottom - high, min(x + wide, right), bottom, roof, ink=0)
    for share in np.arange(1, panes) / panes:
        x = left + share * (right - left)
        board.line([(x, top), (x, bottom)], frame, 0.09)
    board.line([(left, (top + bottom) / 2), (right, (top + bottom) / 2)], frame, 0.09)


def curtains(board, left, top, right, bottom, color):
    """Hang a curtain at both edges of a window."""
    upper, lower = top - 0.3, bottom + 0.7
    for side, edge in ((1, left), (-1, right)):
        corners = ((-0.5, upper), (0.6, upper), (0.35, bottom * 0.55), (0.5, lower), (-0.5, lower))
        board.polygon([(edge + x * side, y) for x, y in corners], color)
        for fold in (-0.25, 0.0, 0.22):
            ends = [(edge + fold * side, top - 0.2), (edge + fold * 0.8 * side, bottom + 0.6)]
            board.line(ends, shade(color, 0.75), 0.04)


def picture_frame(board, x, y, width, height, color, generator):
    """Hang a painting of mountains."""
    board.rectangle(x - 0.12, y - 0.12, x + width + 0.12, y + height + 0.12, (96, 72, 44))
    board.rectangle(x, y, x + width, y + height, shade(color, 1.25))
    crest = ((0, 1), (generator.uniform(0.3, 0.5), 0.35), (0.7, 0.7), (1, 0.45), (1, 1))
    board.polygon([(x + width * across, y + height * below) for across, below in crest], shade(color, 0.7), ink=0)


def floor_lamp(board, x, foot, colors):
    """Stand a lamp on the floor."""
    board.line([(x, 2.9), (x, foot)], (60, 46, 36), 0.09)
    board.disc(x, foot, 0.5, (60, 46, 36), tall=0.12)
    board.taper(x, 2.1, 0.35, 3.1, 0.75, mix(colors["accent"], (255, 240, 190), 0.7))


def plant(board, x, foot, size, generator):
    """Stand a plant with long leaves in a pot."""
    rim = foot - 0.8 * size
    board.taper(x, rim, 0.4 * size, foot, 0.28 * size, (166, 92, 62))
    for _ in range(13):
        angle, length = generator.uniform(-2.7, -0.45), generator.uniform(0.7, 1.6) * size
        tip = (x + length * np.cos(angle), rim + length * np.sin(angle))
        left, right = (
            (x + 0.55 * length * np.cos(edge), rim + 0.6 * length * np.sin(edge))
            for edge in (angle - 0.25, angle + 0.25)
        )
        green = shade((84, 128, 74), generator.uniform(0.7, 1.2))
        board.polygon([(x, rim), left, tip, right], green, ink=0.015)


def shelf(board, left, top, right, bottom, colors, generator, *, rows=3, things="books"):
    """Set up a shelf full of books, or else of jars or bottles."""
    board.rectangle(left, top, right, bottom, shade(colors["wood"], 0.72))
    step = (bottom - top) / rows
    for row in range(rows):
        base = top + step * (row + 1)
        x = left + 0.12
        while x < right - 0.35:
            wide, high = generator.uniform(0.14, 0.32), generator.uniform(0.5, 0.85) * step
            tone = shade(mix(generator.integers(40, 210, 3), colors["accent"], 0.35), generator.uniform(0.7, 1.1))
            if things == "books":
                board.rectangle(x, base - high, x + wide, base, tone, ink=0.015)
                board.line([(x, base - 0.75 * high), (x + wide, base - 0.75 * high)], shade(tone, 1.4), 0.03)
                x += wide + (0.25 if generator.random() < 0.1 else 0.01)
            else:
                wide, shoulder = 1.3 * wide, base - 0.6 * high
                neck = (x + 0.33 * wide, base - high, x + 0.67 * wide, shoulder)
                board.rectangle(x, shoulder, x + wide, base, tone, ink=0.015)
                board.rectangle(*neck, shade(tone, 0.85), ink=0.015)
                x += wide + 0.14
        board.rectangle(left, base - 0.04, right, base + 0.08, shade(colors["wood"], 1.05), ink=0.015)
