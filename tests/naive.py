"""The toolkit's measures as a newcomer would write them: plain loops in float64, slow and easy to check by eye."""

import colorsys

import numpy as np


def naive_luma(image):
    """Luma of an RGB image, (height, width, 3), by the exact fraction, halves upwards; a gray image is its own."""
    if image.ndim == 2:
        return image.copy()
    luma = np.empty(image.shape[:2], np.uint8)
    for y, x in np.ndindex(*luma.shape):
        r, g, b = (int(channel) for channel in image[y, x])
        luma[y, x] = (299 * r + 587 * g + 114 * b + 500) // 1000
    return luma


def naive_gray(one, other):
    """Mean absolute difference of the luma of two images."""
    total = 0
    for a, b in zip(naive_luma(one).ravel(), naive_luma(other).ravel(), strict=True):
        total += abs(int(a) - int(b))
    return total / (one.shape[0] * one.shape[1])


def naive_hsl(one, other):
    """Mean over pixels of squared saturation and lightness differences plus the hue distance, 0 where one is gray."""
    total = 0.0
    for y, x in np.ndindex(*one.shape[:2]):
        first, second = (np.broadcast_to(image[y, x], 3) / 255 for image in (one, other))
        h1, l1, s1 = colorsys.rgb_to_hls(*first)
        h2, l2, s2 = colorsys.rgb_to_hls(*second)
        total += (s1 - s2) ** 2 + (l1 - l2) ** 2
        if min(np.ptp(first), np.ptp(second)) > 0:
            d = abs(h1 - h2)
            total += 2 * min(d, 1 - d)
    return total / (one.shape[0] * one.shape[1])


def naive_pairwise(images, distance):
    """All pairs of images under a distance, each pair both ways round."""
    return np.array([[distance(one, other) for other in images] for one in images]).reshape(len(images), len(images))
