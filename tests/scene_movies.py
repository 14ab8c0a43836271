"""Movies made for the tests of scene models, and the smallest networks that learn from them."""

import numpy as np

from toolkit.records import Movie

SMALL = {"num_layers": 2, "num_blocks": 1, "filters1": 8, "filters2": 4, "projection": 4}
QUIET = {"progress": False}


def noisy_movie(name, n_shots=150, seed=0, noise=1.0, features=("place", "cast")):
    """Return a movie whose scenes have a place and a cast each, and are seen through noise."""
    rng = np.random.default_rng([seed, *name.encode()])
    boundaries = rng.random(max(n_shots - 1, 0)) < 0.1
    scene = np.concatenate([[0], np.cumsum(boundaries)])[:n_shots]
    found = {}
    for modality, d in (("place", 4), ("cast", 3)):
        values = rng.normal(size=(scene[-1] + 1, d))[scene] + noise * rng.normal(size=(n_shots, d))
        if modality in features:
            found[modality] = values.astype(np.float32)
    return Movie(name, found, boundaries, 10 * np.arange(1, n_shots + 1))
