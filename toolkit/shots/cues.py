"""Features from which cuts and gradual changes are detected."""

import numpy as np

WIDTH, HEIGHT = 64, 48
LUMA = np.array([0.299, 0.587, 0.114], dtype=np.float32)
# what is added to a contrast, in gray levels, that the noise of a blank picture be not taken for its content
NOISE_CONTRAST = 4.0
# and to the energy of a gradient, in squares of gray levels
NOISE_ENERGY = 0.5
# where corners are
CORNER_SLICES = slice(0, 8), slice(-8, None)
# the luma of what counts as black
BLACK_LUMA = 24


def measure(images):
    """Return how pictures look, the energy of their gradients in 6x8 cells, float32 (n, 48), and cues.

    How they look is their luma, float32 (n, 3072), less its mean and by its contrast; RGB thumbnails, float32
    (n, 192, 3); the gradients of the luma, float32 (n, 6144).
    """
    n = len(images)
    pixels = images.astype(np.float32)
    luma = pixels @ LUMA
    # rows first, added as they are: a sum over both axes at once is many times slower
    rows = (pixels[:, 0::4] + pixels[:, 1::4] + pixels[:, 2::4] + pixels[:, 3::4]).reshape(n, 12, 16, 4, 3)
    thumb = (rows[..., 0, :] + rows[..., 1, :] + rows[..., 2, :] + rows[..., 3, :]) / 16
    gradient = np.zeros((n, 2, HEIGHT, WIDTH), np.float32)
    np.subtract(luma[:, 1:], luma[:, :-1], out=gradient[:, 0, 1:])
    np.subtract(luma[:, :, 1:], luma[:, :, :-1], out=gradient[:, 1, :, 1:])
    energy = (gradient**2).reshape(n, 2, 6, 8, WIDTH).sum((1, 3)).reshape(n, 48, 8).sum(2) / 64
    gradient = gradient.reshape(n, -1)
    fine = luma.reshape(n, -1)
    level = fine.mean(1)
    contrast = fine.std(1)
    fine = (fine - level[:, None]) / (contrast[:, None] + NOISE_CONTRAST)
    corners = [luma[:, rows, columns].mean((1, 2)) for rows in CORNER_SLICES for columns in CORNER_SLICES]
    cues = {"level": level, "contrast": contrast, "darkest": np.min(corners, 0), "brightest": np.max(corners, 0)}
    return (fine, thumb.reshape(n, -1, 3), gradient), energy, cues


def coarse(thumb):
    """Return thumbnails (n, 192, 3) as luma less its mean and two colour differences, in units of contrast."""
    gray = thumb @ LUMA
    unit = gray.std(1, keepdims=True) + NOISE_CONTRAST
    colors = (thumb[..., [0, 2]] - gray[..., None]) / unit[..., None]
    return (gray - gray.mean(1, keepdims=True)) / unit, colors


def coarse_distance(one, other):
    """Return the distances of thumbnails, as `_steps` has them at 16x12."""
    (gray1, colors1), (gray2, colors2) = coarse(one), coarse(other)
    return np.abs(gray1 - gray2).mean(1) + np.abs(colors1 - colors2).mean((1, 2))


def changed_share(before, after):
    """Return the share of a thumbnail (192, 3) that changed, both as it is and but for its level and contrast.

    Where both are black, as in bars, is no part of it.
    """
    both = np.stack([before, after])
    gray, colors = coarse(both)
    relative = np.abs(gray[1] - gray[0]) + np.abs(colors[1] - colors[0]).mean(1)
    luma = both @ LUMA
    absolute = np.abs(after - before).mean(1) / (luma.std(1).min() + NOISE_CONTRAST)
    changed, lit = (relative > 0.2) & (absolute > 0.1), luma.max(0) > BLACK_LUMA
    return changed[lit].mean() if lit.any() else changed.mean()
