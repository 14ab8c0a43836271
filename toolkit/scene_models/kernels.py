"""The compiled loop that divides a movie where its boundary probabilities pay most."""

import numba
import numpy as np


@numba.njit(cache=True)
def best_ends(probabilities, alike):
    """Return whether a scene ends at each place, bool (n_shots - 1,)."""
    n = len(probabilities) + 1
    # of the first shots, up to each: the greatest sum, and where the last scene begins then
    best = np.full(n + 1, -np.inf)
    best[0] = 0.0
    begin = np.zeros(n + 1, np.int64)
    for end in range(1, n + 1):
        # of the scene [first, end): the sum over its pairs, and over those of its first shot of s alone
        total, of_first = 0.0, 0.0
        for first in range(end - 1, -1, -1):
            if first < end - 1:
                of_first = (1.0 - probabilities[first]) * (1.0 + of_first)
                total += of_first - alike * (end - 1 - first)
            if best[first] + total >= best[end]:
                best[end] = best[first] + total
                begin[end] = first
    ends = np.zeros(n - 1, np.bool_)
    first = begin[n]
    while first > 0:
        ends[first - 1] = True
        first = begin[first]
    return ends
