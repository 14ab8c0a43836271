"""Gradual changes of a film: dissolves, fades and irises, each with its span.

Dissolves. On the way from a picture A to a picture B, each picture is a mixture ``(1 - b) A + b B``, with b rising from
0 to 1: what moves or pans is no such mixture. And as the edges of A and of B seldom lie in the same place, the energy
of the gradients, theirs being E and F, sinks in the middle, to ``(1 - b)^2 E + b^2 F``, and does so all over the
picture, while what moves takes its energy along. This tells of dissolves between shots that move themselves, which are
poorly explained by two still pictures. The span is that of the ramp that fits b best. Of films of many pictures a
second, every second picture is looked at, or fewer.

Fades and irises. The picture loses its contrast until it is blank, step by step; in an iris the corners go first. In a
pan to a blank wall it does so too, but there its edges move, and the corners on one side go last.

References
----------
J. Yu, G. Bozdagi and S. Harrington, Feature-based hierarchical video segmentation, ICIP 1997, for dissolves as
mixtures. A. M. Alattar, Detecting and compressing dissolve regions in video sequences with a DVI multimedia image
compression algorithm, ISCAS 1993, for the parabola of a dissolve's variance. R. Lienhart, Comparison of automatic shot
boundary detection algorithms, SPIE 3656, 1999, for fades by contrast.
"""

import itertools

import numpy as np
import pandas as pd

from toolkit.shots.cues import NOISE_ENERGY, changed_share, coarse

# how many of the pictures looked at there are before and after any
MARGIN_FRAMES = 128
# about how many pictures a second are looked at for dissolves, at most half as many again
FRAMES_A_SECOND = 25.0
# of a dissolve: half its length, in seconds; how different its sides are, how well it must look like a mixture, how far
# off its ramp it may be, the share of the picture that changes
HALF_SECONDS = 0.12, 0.33, 0.5, 0.7, 1.0, 1.4, 2.0
SIDES_DISTANCE, MIXTURE_SCORE, RAMP_ERROR, CHANGED_SHARE = 0.5, 0.026, 0.25, 0.6
# of a fade: how its gradients correlate from frame to frame, while a pan moves them; of an iris, which moves its own
# border, how much light may be left in the corners where half of it is gone
EDGES_CORRELATION, CORNERS_SHARE = 0.6, 0.3


def margin(rate):
    """Return how many frames there must be before and after any that is looked at."""
    return MARGIN_FRAMES * _stride(rate)


def find_dissolves(thumb, energy, cuts, rate, base):
    """Return the spans [first, end) of the dissolves of a block of frames that begins at number `base`."""
    every = _stride(rate)
    if every > 1:
        skip = -base % every
        thumb, energy = thumb[skip::every], energy[skip::every]
        cuts = [-(-(cut - skip) // every) for cut in cuts]
        spans = find_dissolves(thumb, energy, cuts, rate / every, 0)
        return [(skip + every * first - every // 2, skip + every * end - every // 2) for first, end in spans]
    pixels = thumb.reshape(len(thumb), -1)
    n = len(pixels)
    halves = [max(3, min(MARGIN_FRAMES // 2, round(seconds * rate))) for seconds in HALF_SECONDS]
    scores = np.array([_mixture(pixels, energy, half, cuts) for half in halves])
    best = scores.max(0)
    spans = []
    while n and best.max() > MIXTURE_SCORE:
        middle = int(best.argmax())
        half = halves[int(scores[:, middle].argmax())]
        reach = max(6, round(rate), round(1.3 * half))
        low = max([0, *(cut for cut in cuts if cut <= middle)])
        high = min([n, *(cut for cut in cuts if cut > middle)])
        bounds = max(low, middle - reach), min(high, middle + reach)
        first, end = middle - half + 1, middle + half
        for _ in range(3):
            first, end = _ramp(pixels, energy, middle, bounds, max(bounds[0], first - 3), min(bounds[1], end + 3))
        best[max(0, min(first, middle - reach)) : max(end, middle + reach)] = 0
        if first - low > rate / 2 and high - end > rate / 2 and _is_mixed(pixels, first, end):
            spans.append((first, end))
    return spans


def find_fades(cues):
    """Return fades and irises as (kind, first, end, boundary)."""
    level, contrast, time = cues["level"], cues["contrast"], cues["time"]
    n = len(level)
    if n < 2:
        return []
    rate = 1 / max(float(np.median(np.diff(time))), 1e-3)
    around, ahead = max(8, round(2 * rate)), max(4, round(rate / 6))
    highest = pd.Series(contrast).rolling(2 * around + 1, center=True, min_periods=1).max().to_numpy()
    blank = (contrast < 0.2 * highest) & (contrast < 12)
    edges = np.flatnonzero(np.diff(np.concatenate([[False], blank, [False]]).astype(np.int8)))
    changes = []
    for first, end in edges.reshape(-1, 2).tolist():
        zero = float(np.median(level[first:end])), float(contrast[first:end].min())
        out = _slope(cues, zero, np.arange(first, max(-1, first - 3 * around), -1), ahead)
        back = _slope(cues, zero, np.arange(end - 1, min(n, end - 1 + 3 * around)), ahead)
        begin, finish = out[0] + 1 if out else first, back[0] if back else end
        if out and back:
            boundary = (begin + finish) // 2
        elif out and end < n:
            boundary = end
        elif back:
            boundary = first
        else:
            continue
        kind = "iris" if any(side and side[1] for side in (out, back)) else "fade"
        changes.append((kind, begin, finish, boundary))
    return changes


def _stride(rate):
    """Return every how manieth picture is looked at for dissolves: where there are many a second, some tell enough."""
    return max(1, round(rate / FRAMES_A_SECOND))


def _mixture(pixels, energy, half, cuts):
    """Return how much each frame looks like the middle of a dissolve of 2 * half frames: 0 to about 1."""
    n, mean = len(pixels), 2
    middles = np.arange(half + mean - 1, n - half - mean + 1)
    score = np.zeros(n)
    ahead = np.searchsorted(cuts, middles - half - mean + 1, side="right")
    middles = middles[np.searchsorted(cuts, middles + half + mean - 1, side="right") == ahead]
    offsets = np.unique(np.linspace(1 - half, half - 1, min(2 * half - 1, 17)).round().astype(int))
    ramp = (offsets + half) / (2 * half)
    dip = _dip(energy, middles, half, offsets, ramp)
    middles, dip = middles[dip > 0], dip[dip > 0]
    if not len(middles):
        return score
    a = (pixels[middles - half] + pixels[middles - half - 1]) / 2
    b = (pixels[middles + half] + pixels[middles + half + 1]) / 2
    (gray_a, _), (gray_b, _) = (coarse(side.reshape(len(side), -1, 3)) for side in (a, b))
    away = np.abs(gray_a - gray_b).mean(1)
    distinct = away > SIDES_DISTANCE
    middles, dip, a, b, away = middles[distinct], dip[distinct], a[distinct], b[distinct], away[distinct]
    left = plain = uneven = 0
    for offset, due in zip(offsets, ramp, strict=True):
        rest, share, alone = _unmix(pixels[middles + offset], a, b)
        left = left + rest
        plain = plain + alone
        uneven = uneven + (share - due) ** 2
    unexplained = np.sqrt(left / (plain + 1))
    uneven = np.sqrt(uneven / len(offsets))
    score[middles] = dip * away * np.clip(1 - unexplained, 0, 1) * np.clip(1 - 2 * uneven, 0, 1)
    return score


def _dip(energy, middles, half, offsets, ramp):
    """Return how much the energy of gradients dips about each middle as it does in a dissolve: 0 to 1."""
    a = (energy[middles - half] + energy[middles - half - 1])[:, None] / 2
    b = (energy[middles + half] + energy[middles + half + 1])[:, None] / 2
    ramp = ramp[:, None].astype(np.float32)
    loss = a + ramp * (b - a) - energy[middles[:, None] + offsets]
    # what is lost where edges lie in different places; the noise of blank pictures is not to count
    due = ramp * (1 - ramp) * (a + b + 2 * NOISE_ENERGY)
    whole = np.einsum("ijk,ijk->i", due, due)
    depth = np.einsum("ijk,ijk->i", loss, due) / whole
    off = np.sqrt(((loss - depth[:, None, None] * due) ** 2).sum((1, 2)) / whole)
    return np.clip(2 * depth - 1, 0, 1) * np.clip(1 - off, 0, 1)


def _unmix(y, a, b):
    """Return of pictures y, as mixtures of a and b: what is left, the share of b, and what either alone leaves."""

    def product(one, other):
        return np.einsum("ij,ij->i", one, other)

    aa, bb, ab, ya, yb, yy = (product(*pair) for pair in ((a, a), (b, b), (a, b), (y, a), (y, b), (y, y)))
    area = aa * bb * 1.001 - ab * ab + 1
    # what is left when a picture is one of the two alone, lighter or darker
    alone = yy - np.maximum(ya**2 / (aa + 1), yb**2 / (bb + 1))
    of_a, of_b = (ya * bb - yb * ab) / area, (yb * aa - ya * ab) / area
    rest = yy - 2 * of_a * ya - 2 * of_b * yb + of_a**2 * aa + 2 * of_a * of_b * ab + of_b**2 * bb
    share = of_b / (np.abs(of_a) + np.abs(of_b) + 1e-3)
    return np.maximum(rest, 0), share, np.maximum(alone, 0)


def _is_mixed(pixels, first, end):
    """Return whether the pictures of a span [first, end) go evenly from the picture before it to quite another one."""
    a, b, y = pixels[first - 3 : first].mean(0), pixels[end : end + 3].mean(0), pixels[first:end]
    if changed_share(a.reshape(-1, 3), b.reshape(-1, 3)) < CHANGED_SHARE:
        return False
    _, share, _ = _unmix(y, np.broadcast_to(a, y.shape), np.broadcast_to(b, y.shape))
    ramp = np.arange(1, end - first + 1) / (end - first + 1)
    return np.sqrt(((share - ramp) ** 2).mean()) < RAMP_ERROR


def _ramp(pixels, energy, middle, bounds, low, high):
    """Return the span [first, end) around `middle` whose linear ramp fits the pictures best.

    That is, it fits the share of the later picture, and the energy of the gradients where shares are those of the ramp.
    The pictures before and after are taken from `low` and `high`, three frames each.
    """
    start, stop = max(bounds[0], low - 2), min(bounds[1], high + 2)
    y = pixels[start:stop]
    a, b = pixels[low : low + 3].mean(0), pixels[high - 3 : high].mean(0)
    _, share, _ = _unmix(y, np.broadcast_to(a, y.shape), np.broadcast_to(b, y.shape))
    a, b = energy[low : low + 3].mean(0), energy[high - 3 : high].mean(0)
    levels = np.linspace(0, 1, 65)
    loss = energy[start:stop, None] - ((1 - levels) ** 2)[:, None] * a - (levels**2)[:, None] * b
    cost = (loss**2).sum(2) / (((a + b + 2 * NOISE_ENERGY) / 2) ** 2).sum() + (share[:, None] - levels) ** 2
    frames = np.arange(start, stop)
    spans = np.array(list(itertools.product(range(start, middle), range(middle + 1, stop + 1))))
    first, end = spans[:, :1], spans[:, 1:]
    ramps = np.clip((frames + 1 - first) / (end - first + 1), 0, 1)
    costs = cost[frames - start, (64 * ramps).round().astype(int)].sum(1)
    return tuple(int(edge) for edge in spans[costs.argmin()])


def _slope(cues, zero, frames, ahead):
    """Follow a fade from a blank frame outwards; return (first whole frame, whether it is an iris), or None.

    `frames` are those to walk along, `zero` is the level and the contrast of the blank picture, `ahead` how many frames
    the light may stand still.
    """
    height, contrast = np.abs(cues["level"][frames] - zero[0]), cues["contrast"][frames]
    top = 0
    while top + 1 < len(frames):
        next_ones = height[top + 1 : top + 1 + ahead]
        if next_ones.max() <= height[top] * 1.02 + 0.5:
            break
        top += 1 + int(next_ones.argmax())
    whole = int(np.argmax(height[: top + 1] >= 0.95 * height[top]))
    if whole < 4 or height[top] < 8 or np.abs(np.diff(height[: whole + 1])).max() > 0.5 * height[top]:
        return None
    if zero[1] > 0.35 * contrast[whole]:
        return None
    half = int(np.argmax(height[: whole + 1] >= 0.5 * height[top]))
    # a fade takes contrast away as it takes light away; what an iris has not reached yet keeps its contrast
    iris = contrast[half] - contrast[0] > 0.75 * (contrast[whole] - contrast[0])
    # a pan to a blank wall moves all edges; an iris takes all corners first, and a pan not
    corners = max(np.abs(cues[name][frames[half]] - zero[0]) for name in ("darkest", "brightest"))
    still = np.median(cues["alike"][frames[1 : whole + 1]]) > EDGES_CORRELATION
    if not (still or (iris and corners < CORNERS_SHARE * height[top])):
        return None
    return int(frames[whole]), bool(iris)
