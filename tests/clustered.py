"""Videos to be clustered, as vectors."""

import numpy as np
import pandas as pd

# two pairs and one alone, on a line: the clusters are plain
LINE = pd.DataFrame({"x": [0.0, 10, 1, 11, 30]}, index=["a", "b", "c", "d", "e"])


def blobs(n=200, k=5, d=12, spread=0.5, seed=0):
    """Return vectors about k middles, and the middle of each."""
    rng = np.random.default_rng(seed)
    kinds = rng.integers(k, size=n)
    return rng.normal(size=(k, d))[kinds] + spread * rng.normal(size=(n, d)), kinds
