"""The compiled loops of `toolkit.colors`: pixels to distinct colours, and weighted k-means of those.

Points are float32 (3, n), a coordinate a row, so that compilers make SIMD of the loops over them; weights are float64
(n,), how many pixels a point stands for. Sums are float64. The kernels release Python's lock. With NUMBA_DISABLE_JIT=1
they run as plain Python: slow, with the same results.
"""

import numba
import numpy as np

# points whose distances are compared before the next are read: they stay in a processor's first cache
BLOCK = 1024
# colours are first told apart by the upper bits of each channel, and in such a bin by the lower ones
LOW_BITS = 2
HIGH_BITS = 8 - LOW_BITS


@numba.njit(nogil=True, cache=True)
def count_colors(pixels):
    """Return the distinct colours of `pixels`, uint8 (n, 3), as uint8 (d, 3), and how often each is there, int64 (d,).

    A bin's 64 colours are the bits of a mask. With all masks known, a colour's place is the number of bits before it.
    """
    flat = pixels.reshape(-1)
    masks = np.zeros(1 << 3 * HIGH_BITS, np.uint64)
    for i in range(pixels.shape[0]):
        where, low = _bin(flat[3 * i], flat[3 * i + 1], flat[3 * i + 2])
        masks[where] |= np.uint64(1) << low
    firsts = np.empty(len(masks), np.int32)
    total = 0
    for where in range(len(masks)):
        firsts[where] = total
        if masks[where]:
            total += _ones(masks[where])
    counts = np.zeros(total, np.int64)
    colors = np.empty((total, 3), np.uint8)
    for i in range(pixels.shape[0]):
        where, low = _bin(flat[3 * i], flat[3 * i + 1], flat[3 * i + 2])
        place = firsts[where] + _ones(masks[where] & ((np.uint64(1) << low) - np.uint64(1)))
        counts[place] += 1
        colors[place, 0], colors[place, 1], colors[place, 2] = flat[3 * i], flat[3 * i + 1], flat[3 * i + 2]
    return colors, counts


@numba.njit(nogil=True, cache=True, inline="always")
def _bin(red, green, blue):
    """Return the bin of a colour, and which of the bin's colours it is."""
    r, g, b = np.int64(red), np.int64(green), np.int64(blue)
    low = (r & 3) << 4 | (g & 3) << 2 | (b & 3)
    return (r >> LOW_BITS) << 2 * HIGH_BITS | (g >> LOW_BITS) << HIGH_BITS | b >> LOW_BITS, np.uint64(low)


@numba.njit(nogil=True, cache=True)
def _ones(mask):
    """Return the number of bits set in a uint64 (H. S. Warren, Hacker's Delight, section 5-1)."""
    x = np.uint64(mask)
    x = x - ((x >> np.uint64(1)) & np.uint64(0x5555555555555555))
    x = (x & np.uint64(0x3333333333333333)) + ((x >> np.uint64(2)) & np.uint64(0x3333333333333333))
    x = (x + (x >> np.uint64(4))) & np.uint64(0x0F0F0F0F0F0F0F0F)
    x = x + (x >> np.uint64(8))
    x = x + (x >> np.uint64(16))
    return np.int64((x + (x >> np.uint64(32))) & np.uint64(0x7F))


@numba.njit(nogil=True, cache=True)
def merge(colors, points, weights, shift):
    """Return the weighted means of points, and their weights, whose colours agree in all but `shift` bits a channel."""
    side = 8 - shift
    places = np.full(1 << 3 * side, -1, np.int32)
    sums = np.zeros((points.shape[1], 3), np.float64)
    merged = np.zeros(points.shape[1], np.float64)
    total = 0
    for i in range(points.shape[1]):
        r, g, b = np.int64(colors[i, 0]), np.int64(colors[i, 1]), np.int64(colors[i, 2])
        where = (r >> shift) << 2 * side | (g >> shift) << side | b >> shift
        if places[where] < 0:
            places[where] = total
            total += 1
        place = places[where]
        merged[place] += weights[i]
        for axis in range(3):
            sums[place, axis] += weights[i] * points[axis, i]
    means = np.empty((3, total), np.float32)
    for place in range(total):
        for axis in range(3):
            means[axis, place] = np.float32(sums[place, axis] / merged[place])
    return means, merged[:total].copy()


@numba.njit(nogil=True, cache=True)
def best_starts(points, weights, chances, most, max_iter, tolerance):
    """Return the centres, float32 (up to `most`, k, 3), of the starts whose k-means has the least inertia.

    `chances`, float64 (starts, k, trials) in [0, 1), decide where a start begins. Of starts whose inertias differ by
    no more than a fifth of `tolerance` one is kept: most of them have ended in the same place.
    """
    starts, k = chances.shape[:2]
    ends = np.empty((starts, k, 3), np.float32)
    inertias = np.empty(starts, np.float64)
    for start in range(starts):
        ends[start] = spread_centers(points, weights, chances[start])
        inertias[start], _ = settle(points, weights, ends[start], max_iter, tolerance)
    best = np.empty((min(most, starts), k, 3), np.float32)
    found = 0
    last = -np.inf
    for start in np.argsort(inertias, kind="mergesort"):
        if found < len(best) and inertias[start] > last + 0.2 * tolerance * inertias[start]:
            best[found] = ends[start]
            found += 1
            last = inertias[start]
    return best[: max(found, 1)].copy()


@numba.njit(nogil=True, cache=True)
def spread_centers(points, weights, chances):
    """Return k points far from each other, float32 (k, 3): greedy k-means++ (Arthur and Vassilvitskii 2007).

    Each is chosen with a chance in proportion to its weight and its squared distance to those chosen before, of a few
    trials the one that leaves the least inertia.
    """
    k, trials = chances.shape
    n = points.shape[1]
    centers = np.empty((k, 3), np.float32)
    nearest = np.full(n, np.inf, np.float32)
    tried, best = np.empty(n, np.float32), np.empty(n, np.float32)
    sums = np.cumsum(weights)
    for j in range(k):
        least, chosen = np.inf, 0
        for trial in range(trials if j else 1):
            i = min(np.searchsorted(sums, chances[j, trial] * sums[-1], side="right"), n - 1)
            inertia = 0.0
            for m in range(n):
                dx, dy, dz = points[0, m] - points[0, i], points[1, m] - points[1, i], points[2, m] - points[2, i]
                tried[m] = min(nearest[m], dx * dx + dy * dy + dz * dz)
            for m in range(n):
                inertia += weights[m] * tried[m]
            if inertia < least:
                least, chosen = inertia, i
                tried, best = best, tried
        nearest, best = best, nearest
        centers[j] = points[:, chosen]
        total = 0.0
        for m in range(n):
            total += weights[m] * nearest[m]
            sums[m] = total
    return centers


@numba.njit(nogil=True, cache=True)
def settle(points, weights, centers, max_iter, tolerance):
    """Move `centers`, float32 (k, 3), by Lloyd's algorithm; return the inertia and the weight of each, float64 (k,).

    It ends where the inertia falls by no more than `tolerance` of itself, or after `max_iter` rounds. The centres are
    then means of the points that were nearest in the last round, and the weights and the inertia are of those points
    (the inertia to the centres before).
    """
    k, n = centers.shape[0], points.shape[1]
    nearest, labels = np.empty(n, np.float32), np.empty(n, np.int32)
    sums, totals = np.empty((k, 3), np.float64), np.empty(k, np.float64)
    before = inertia = np.inf
    for _ in range(max_iter):
        assign(points, centers, nearest, labels)
        sums[:] = 0.0
        totals[:] = 0.0
        inertia = 0.0
        for i in range(n):
            j, weight = labels[i], weights[i]
            totals[j] += weight
            inertia += weight * nearest[i]
            for axis in range(3):
                sums[j, axis] += weight * points[axis, i]
        moved_empty = False
        for j in range(k):
            if totals[j] > 0.0:
                for axis in range(3):
                    centers[j, axis] = np.float32(sums[j, axis] / totals[j])
            else:
                # an empty cluster begins anew where the inertia is greatest
                farthest = np.argmax(weights * nearest)
                centers[j] = points[:, farthest]
                nearest[farthest] = 0.0
                moved_empty = True
        if not moved_empty and before - inertia <= tolerance * inertia:
            break
        before = inertia
    return inertia, totals


@numba.njit(nogil=True, cache=True)
def assign(points, centers, nearest, labels):
    """Write for each point the squared distance to the nearest centre, and which it is; of equals the first."""
    for start in range(0, points.shape[1], BLOCK):
        stop = min(start + BLOCK, points.shape[1])
        x, y, z = points[0, start:stop], points[1, start:stop], points[2, start:stop]
        least, label = nearest[start:stop], labels[start:stop]
        least[:] = np.inf
        for j in range(centers.shape[0]):
            cx, cy, cz = centers[j, 0], centers[j, 1], centers[j, 2]
            for i in range(stop - start):
                dx, dy, dz = x[i] - cx, y[i] - cy, z[i] - cz
                distance = dx * dx + dy * dy + dz * dz
                closer = distance < least[i]
                least[i] = distance if closer else least[i]
                label[i] = np.int32(j) if closer else label[i]
