"""Projections of features in which scenes lie apart, found in closed form before a network's training begins.

References
----------
R. A. Fisher, The use of multiple measurements in taxonomic problems, 1936.
"""

import numpy as np

from toolkit.scene_models.networks import FRONT, PROJECT, modalities_of

# shots looked at, of them how many to find the most directions in which scenes are told apart
SAMPLE_SHOTS = 20_000
SAMPLE_SHOTS_OF_MANY = 3_000
MAX_DIRECTIONS = 256


def fit_projections(model, movies, seed):
    """Give a new network's projections the directions in which scenes differ most, for what shots of a scene differ.

    That is Fisher's discriminant, with scenes as classes: the spread within scenes becomes 1 in each direction. The
    projections are not trained further: they have most of a network's weights, and what is found in closed form from
    all scenes is as good and never fitted too closely. A network that was trained already is left as it is.
    """
    for number, (name, dimension) in enumerate(modalities_of(model).items()):
        layer = model.get_layer(FRONT).get_layer(f"{PROJECT}{number}")
        kernel, bias = layer.get_weights()
        if bias.any():
            continue
        directions, centre = discriminant([movie for movie in movies if name in movie.features], name, seed)
        if directions is None:
            continue
        count = min(directions.shape[1], kernel.shape[1])
        # directions there are none for begin small, not at 0 from where nothing is learned
        kernel = kernel * (0.1 / max(1.0, np.sqrt(dimension)))
        kernel[:, :count] = directions[:, :count]
        layer.set_weights([kernel, -centre @ kernel])


def discriminant(movies, name, seed):
    """Return directions, float32 (d, k), best first, and the mean (d,), or None and None where nothing differs."""
    from scipy.linalg import eigh

    if not movies:
        return None, None
    rng = np.random.default_rng(seed)
    d = movies[0].features[name].shape[1]
    basis = None
    if d > MAX_DIRECTIONS:
        basis = _main_directions(_some_shots(movies, name, SAMPLE_SHOTS_OF_MANY, rng), MAX_DIRECTIONS, rng)
    spread, apart, shots, pairs = 0.0, 0.0, 0, 0
    centre = np.zeros(d)
    total = sum(movie.n_shots for movie in movies)
    for movie in movies:
        scene = np.concatenate([[0], np.cumsum(movie.boundaries)])
        # a stretch of it, where there is more than can be looked at
        length = min(max(64, SAMPLE_SHOTS * movie.n_shots // total), movie.n_shots)
        first = int(rng.integers(movie.n_shots - length + 1))
        values, scene = movie.features[name][first : first + length], scene[first : first + length]
        centre += values.mean(axis=0, dtype=np.float64) / len(movies)
        values = (values if basis is None else values @ basis).astype(np.float64)
        starts = np.flatnonzero(np.diff(scene, prepend=-1))
        counts = np.diff(starts, append=length)
        means = np.add.reduceat(values, starts) / counts[:, None]
        rest, steps = values - np.repeat(means, counts, axis=0), np.diff(means, axis=0)
        spread, apart = spread + rest.T @ rest, apart + steps.T @ steps
        shots, pairs = shots + length, pairs + len(steps)
    spread, apart = spread / shots, apart / max(pairs, 1)
    size = (np.trace(spread) or np.trace(apart)) / len(spread)
    if not size:
        return None, None
    spread = 0.9 * spread + 0.1 * size * np.eye(len(spread))
    directions = eigh(apart, spread)[1][:, ::-1]
    if basis is not None:
        directions = basis @ directions
    # eigenvectors have no sign of their own
    directions = directions * np.sign(directions[np.abs(directions).argmax(axis=0), np.arange(directions.shape[1])])
    return directions.astype(np.float32), centre.astype(np.float32)


def _some_shots(movies, name, count, rng):
    """Return shots of all movies, float32 (about count, d), each less its movie's mean."""
    total = sum(movie.n_shots for movie in movies)
    parts = []
    for movie in movies:
        share = min(movie.n_shots, max(2, count * movie.n_shots // total))
        part = movie.features[name][np.sort(rng.choice(movie.n_shots, share, replace=False))]
        parts.append(part - part.mean(axis=0))
    return np.concatenate(parts)


def _main_directions(values, k, rng):
    """Return about the k directions of most spread, float32 (d, k), by a random projection and a power iteration."""
    start = values.T @ (values @ rng.standard_normal((values.shape[1], k), dtype=np.float32))
    return np.linalg.qr(start)[0]
