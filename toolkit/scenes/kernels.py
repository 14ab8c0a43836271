"""Compiled loops of optimal grouping: costs of spans of shots and the cheapest division into scenes."""

import numba
import numpy as np


@numba.njit(nogil=True, cache=True)
def span_costs(distances, order):
    """Return what a scene costs: [last, first] holds the sum over its pairs of shots over their number.

    The shots are in the given order. The sum from shot s to shot e is that of s to e - 1 and of s + 1 to e, less that
    of s + 1 to e - 1, which both have, and the distance of s and e.
    """
    n = len(order)
    costs = np.zeros((n, n))
    for last in range(1, n):
        row, before = costs[last], costs[last - 1]
        row_distances = distances[order[last]]
        for first in range(last - 1, -1, -1):
            row[first] = row[first + 1] + before[first] - before[first + 1] + row_distances[order[first]]
    for last in range(n):
        for first in range(last + 1):
            costs[last, first] /= last - first + 1
    return costs


@numba.njit(nogil=True, cache=True)
def least_costs(costs, penalties, min_shots):
    """Return the least cost of a division where each scene costs a penalty, for each penalty."""
    n, many = len(costs), len(penalties)
    least = np.full((n + 1, many), np.inf)
    least[0] = 0.0
    for end in range(min_shots, n + 1):
        row = costs[end - 1]
        for first in range(end - min_shots + 1):
            # all penalties at once: the processor adds several numbers in one step
            for k in range(many):
                least[end, k] = min(least[end, k], least[first, k] + row[first])
        least[end] += penalties
    return least[n]


@numba.njit(nogil=True, cache=True)
def divide(costs, penalty, min_shots):
    """Return the first shots of the scenes of the division of least cost where each scene costs a penalty."""
    n = len(costs)
    least = np.full(n + 1, np.inf)
    least[0] = 0.0
    begin = np.zeros(n + 1, np.int64)
    for end in range(min_shots, n + 1):
        row = costs[end - 1]
        for first in range(end - min_shots + 1):
            cost = least[first] + row[first]
            if cost < least[end]:
                least[end] = cost
                begin[end] = first
        least[end] += penalty
    return _trace(begin)


@numba.njit(nogil=True, cache=True)
def _trace(begin):
    """Return the first shots of the scenes, of which the one that ends before shot i begins at begin[i]."""
    starts = [begin[-1]]
    while starts[-1] > 0:
        starts.append(begin[starts[-1]])
    return np.array(starts[::-1])


@numba.njit(nogil=True, cache=True)
def divide_into(costs, scenes, min_shots):
    """Return the first shots of the scenes of the division of least cost into so many."""
    n = len(costs)
    least = np.full(n + 1, np.inf)
    least[0] = 0.0
    begin = np.zeros((scenes + 1, n + 1), np.int32)
    for scene in range(1, scenes + 1):
        before = least
        least = np.full(n + 1, np.inf)
        for end in range(scene * min_shots, n + 1):
            row = costs[end - 1]
            for first in range((scene - 1) * min_shots, end - min_shots + 1):
                cost = before[first] + row[first]
                if cost < least[end]:
                    least[end] = cost
                    begin[scene, end] = first
    starts = np.empty(scenes, np.int64)
    end = n
    for scene in range(scenes, 0, -1):
        end = begin[scene, end]
        starts[scene - 1] = end
    return starts
