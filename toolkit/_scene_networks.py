"""The networks of scene boundaries, as keras models: the published ones, and those that compare neighbouring shots.

A model takes a dict of arrays: ``features <modality>``, float32 (n, length, d), for each modality; unless it is a
published one also ``shots``, float32 (n, length, 1), 1 for shots and 0 for padding, and ``known``, float32
(n, length, modalities), 0 where a modality of a shot is not known. It returns (n, length, 1), at i how probable a
boundary is between shot i and shot i + 1. Only keras's own layers and operations are used, so that a file of the model
holds no code.

A boundary is not something about a shot, but about the shots before it against those after it. The networks that
compare are therefore given, for each place between two shots and each modality, distances in a projection of the
features: of the mean of the last w shots to the mean of the next w, for w of 2 to 16; of each shot to those 1 to 8
later; and the least of any shot before the place to any after it, which stays small where a dialogue goes to and fro.
Beside these stand the projected features themselves. All have their mean and spread in the movie made 0 and 1, for
films differ in pace and colour more than their scenes do.
"""

import functools
from urllib.parse import quote, unquote

import numpy as np

from toolkit._networks import import_keras

MEANS = (2, 4, 8, 16)
LAGS = (2, 3, 4, 5, 6, 7, 8)
# of the shots how far apart at most the nearest two are sought
NEAREST = (4, 8)
# a distance of nothing, in units of the spread within scenes
LEAST = 0.02
FEATURES = "features "
PROJECT = "project "
PUBLISHED = {"published_wavenet": "wavenet", "published_bilstm": "bilstm"}
PUBLISHED_LENGTH = 3100


def is_published(model):
    """Return whether a model is one of the published networks, by its name."""
    return model.name in PUBLISHED


def modalities_of(model):
    """Return the dimension of each modality that a model takes, in its order; empty if it is no model of these."""
    found = {}
    for layer in getattr(model, "layers", ()):
        if layer.name.startswith(FEATURES):
            found[unquote(layer.name.removeprefix(FEATURES))] = layer.output.shape[-1]
    return found


def input_name(modality):
    """Return the name of the input that a modality is given to; a layer's name may hold no slash."""
    return FEATURES + quote(modality, safe=" ")


# the published networks


def published_wavenet(dimensions, num_layers, num_blocks, filters1, filters2, seed):
    """Return the published network of dilated convolutions; the zeros that fill up movies are shots to it."""
    keras = import_keras()
    inputs, x = _side_by_side(keras, dimensions)
    seeds = iter(range(1000 * seed, 1000 * (seed + 1)))
    for _ in range(num_blocks):
        for layer in range(num_layers):
            x = keras.layers.Conv1D(
                filters1,
                2,
                padding="same",
                activation="relu",
                dilation_rate=2**layer,
                kernel_initializer=_start(keras, seeds),
            )(x)
    x = keras.layers.Conv1D(filters2, 1, kernel_initializer=_start(keras, seeds))(x)
    x = keras.layers.Dense(1, activation="sigmoid", kernel_initializer=_start(keras, seeds))(x)
    return keras.Model(inputs, x, name="published_wavenet")


def published_bilstm(dimensions, n_layers, n_neurons, seed):
    """Return the published network of bidirectional LSTMs; the zeros that fill up movies are shots to it."""
    keras = import_keras()
    inputs, x = _side_by_side(keras, dimensions)
    seeds = iter(range(1000 * seed, 1000 * (seed + 1)))
    for _ in range(n_layers):
        x = _bidirectional(keras, n_neurons, seeds)(x)
    x = keras.layers.Dense(1, activation="sigmoid", kernel_initializer=_start(keras, seeds))(x)
    return keras.Model(inputs, x, name="published_bilstm")


def _side_by_side(keras, dimensions):
    inputs = _feature_inputs(keras, dimensions)
    parts = list(inputs.values())
    return inputs, parts[0] if len(parts) == 1 else keras.layers.Concatenate()(parts)


def _feature_inputs(keras, dimensions):
    names = {name: input_name(name) for name in dimensions}
    return {names[name]: keras.Input((None, d), name=names[name], dtype="float32") for name, d in dimensions.items()}


def _start(keras, seeds, kind="GlorotUniform"):
    return getattr(keras.initializers, kind)(seed=next(seeds))


def _bidirectional(keras, n_neurons, seeds):
    def lstm(backwards):
        return keras.layers.LSTM(
            n_neurons,
            return_sequences=True,
            go_backwards=backwards,
            kernel_initializer=_start(keras, seeds),
            recurrent_initializer=_start(keras, seeds, "Orthogonal"),
        )

    return keras.layers.Bidirectional(lstm(False), backward_layer=lstm(True))


# the networks that compare


def wavenet(dimensions, num_layers, num_blocks, filters1, filters2, projection, dropout, seed):
    """Return a network of gated, dilated convolutions with residuals over comparisons of neighbouring shots."""
    keras = import_keras()
    seeds = iter(range(1000 * seed, 1000 * (seed + 1)))
    inputs, shots, x = _compared(keras, dimensions, projection, filters1, dropout, seeds)
    layers = keras.layers
    skipped = []
    for _ in range(num_blocks):
        for layer in range(num_layers):
            y = layers.LayerNormalization()(x)
            # the norm's own bias stands in the padding too
            y = layers.Multiply()([y, shots])
            convolution = {"padding": "same", "dilation_rate": 2**layer}
            y = layers.Conv1D(2 * filters1, 3, kernel_initializer=_start(keras, seeds), **convolution)(y)
            y = keras.ops.glu(y, axis=-1)
            y = layers.Dropout(dropout, seed=next(seeds))(y)
            y = layers.Dense(filters1, kernel_initializer=_start(keras, seeds))(y)
            x = layers.Add()([x, y])
            skipped.append(y)
    x = layers.Add()([x, *skipped])
    x = layers.LayerNormalization()(x)
    x = layers.Dense(filters2, activation="relu", kernel_initializer=_start(keras, seeds))(x)
    x = layers.Dropout(dropout, seed=next(seeds))(x)
    x = layers.Dense(1, activation="sigmoid", kernel_initializer=_start(keras, seeds))(x)
    return keras.Model(inputs, x, name="wavenet")


def bilstm(dimensions, n_layers, n_neurons, projection, dropout, seed):
    """Return a network of bidirectional LSTMs over comparisons of neighbouring shots."""
    keras = import_keras()
    seeds = iter(range(1000 * seed, 1000 * (seed + 1)))
    inputs, shots, x = _compared(keras, dimensions, projection, n_neurons, dropout, seeds)
    layers = keras.layers
    for _ in range(n_layers):
        x = layers.LayerNormalization()(x)
        x = layers.Multiply()([x, shots])
        x = _bidirectional(keras, n_neurons, seeds)(x)
        x = layers.Dropout(dropout, seed=next(seeds))(x)
    x = layers.Dense(1, activation="sigmoid", kernel_initializer=_start(keras, seeds))(x)
    return keras.Model(inputs, x, name="bilstm")


def _compared(keras, dimensions, projection, filters, dropout, seeds):
    """Return the inputs, which positions are shots, and what the rest of a network is given, (n, length, filters)."""
    layers = keras.layers
    features = _feature_inputs(keras, dimensions)
    shots = keras.Input((None, 1), name="shots", dtype="float32")
    known = keras.Input((None, len(dimensions)), name="known", dtype="float32")
    there = keras.ops.split(known, len(dimensions), axis=-1)
    projected = []
    for number, values in enumerate(features.values()):
        # what is compared is settled by training's start: see `fit_projections`
        options = {"name": f"{PROJECT}{number}", "kernel_initializer": _start(keras, seeds), "trainable": False}
        x = layers.Dense(projection, **options)(values)
        projected.append(layers.Multiply()([x, there[number]]))
    x = layers.Concatenate()(projected) if len(projected) > 1 else projected[0]
    compared = list(_comparisons(keras, x, known, len(dimensions), projection))
    content = layers.Dropout(dropout, seed=next(seeds))(_standard(keras, x, _each(keras, known, projection)))
    content = layers.Dense(max(filters // 2, 1), kernel_initializer=_start(keras, seeds))(content)
    x = layers.Concatenate()([*compared, content, known])
    x = layers.Dense(filters, kernel_initializer=_start(keras, seeds))(x)
    x = layers.Multiply()([x, shots])
    return {**features, "shots": shots, "known": known}, shots, x


def _each(keras, values, times):
    """Return (n, length, modalities) as (n, length, modalities * times), each `times` times."""
    return keras.ops.repeat(values, times, axis=-1)


def _standard(keras, values, there):
    """Return values with their mean and spread in the movie as 0 and 1; 0 where they are not there."""
    ops = keras.ops
    count = ops.maximum(ops.sum(there, axis=1, keepdims=True), 1.0)
    mean = ops.sum(values * there, axis=1, keepdims=True) / count
    centred = (values - mean) * there
    variance = ops.sum(centred * centred, axis=1, keepdims=True) / count
    return centred / ops.sqrt(variance + 1e-3)


def _comparisons(keras, x, known, modalities, projection):
    """Yield logarithms of distances, each (n, length, modalities), at i across the place between shot i and i + 1."""
    layers, ops = keras.layers, keras.ops

    def distance(before, after):
        apart = layers.Reshape((-1, modalities, projection))(before - after)
        return ops.mean(apart * apart, axis=-1)

    def later(values, steps):
        return layers.Cropping1D((steps, 0))(layers.ZeroPadding1D((0, steps))(values))

    def told(values, there):
        return _standard(keras, ops.log(values + LEAST), there)

    def means(sums):
        counts, totals = ops.split(sums, [modalities], axis=-1)
        return totals / _each(keras, ops.maximum(counts, 1.0), projection), counts

    steps, pairs = {}, {}
    for lag in (1, *LAGS):
        steps[lag], pairs[lag] = distance(x, later(x, lag)), later(known, lag) * known
        yield told(steps[lag], pairs[lag])
    # room for the last shots of a movie to have sums after them
    room = max(MEANS)
    sums = layers.ZeroPadding1D((0, room))(layers.Concatenate()([known, x]))
    for width in MEANS:
        # sums of 2, 4 ... shots up to each
        sums = layers.Add()([sums, layers.Cropping1D((0, width // 2))(layers.ZeroPadding1D((width // 2, 0))(sums))])
        before, after = layers.Cropping1D((0, room))(sums), layers.Cropping1D((width, room - width))(sums)
        (before, counts_before), (after, counts_after) = means(before), means(after)
        yield told(distance(before, after), ops.minimum(counts_before * counts_after, 1.0))
    near = None
    for lag in (1, *LAGS):
        # nearness, 0 where there is no pair; of all pairs so far apart that have the place between them
        found = pairs[lag] / (steps[lag] + LEAST)
        if lag > 1:
            found = layers.MaxPooling1D(lag, strides=1)(layers.ZeroPadding1D((lag - 1, 0))(found))
        near = found if near is None else ops.maximum(near, found)
        if lag in NEAREST:
            yield _standard(keras, -ops.log(ops.maximum(near, 1e-6)), ops.minimum(near * 1e6, 1.0))


# training's start, and speed


def fit_projections(model, movies, seed):
    """Give a new network's projections the directions in which scenes differ most, for what shots of a scene differ.

    That is Fisher's discriminant, with scenes as classes: the spread within scenes becomes 1 in each direction. The
    projections are not trained further: they have most of a network's weights, and what is found in closed form from
    all scenes is as good and never fitted too closely. A network that was trained already is left as it is.
    """
    for number, (name, dimension) in enumerate(modalities_of(model).items()):
        layer = model.get_layer(f"{PROJECT}{number}")
        kernel, bias = layer.get_weights()
        if bias.any():
            continue
        directions, centre = discriminant([movie for movie in movies if name in movie.features], name, seed)
        if directions is None:
            continue
        kept = min(directions.shape[1], kernel.shape[1])
        # directions there are none for begin small, not at 0 from where nothing is learned
        kernel = kernel * (0.1 / max(1.0, np.sqrt(dimension)))
        kernel[:, :kept] = directions[:, :kept]
        layer.set_weights([kernel, -centre @ kernel])


# shots looked at, of them how many to find the most directions in which scenes are told apart
SAMPLE = 20_000
SAMPLE_OF_MANY = 3_000
MOST = 256


def discriminant(movies, name, seed):
    """Return directions, float32 (d, k), best first, and the mean (d,), or None and None where nothing differs."""
    from scipy.linalg import eigh

    if not movies:
        return None, None
    rng = np.random.default_rng(seed)
    d = movies[0].features[name].shape[1]
    basis = _main_directions(_some_shots(movies, name, SAMPLE_OF_MANY, rng), MOST, rng) if d > MOST else None
    spread, apart, shots, pairs = 0.0, 0.0, 0, 0
    centre = np.zeros(d)
    total = sum(movie.n_shots for movie in movies)
    for movie in movies:
        scene = np.concatenate([[0], np.cumsum(movie.boundaries)])
        # a stretch of it, where there is more than can be looked at
        length = min(max(64, SAMPLE * movie.n_shots // total), movie.n_shots)
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


def quicken(model):
    """Let torch run a model's LSTMs, where keras would step through the shots one by one in Python."""
    keras = import_keras()
    if keras.backend.backend() != "torch":
        return
    for layer in model.layers:
        if isinstance(layer, keras.layers.Bidirectional):
            for lstm in (layer.forward_layer, layer.backward_layer):
                lstm.inner_loop = functools.partial(_torch_lstm, lstm)


def _torch_lstm(layer, sequences, initial_state, mask, training=False):
    """Do what keras's LSTM does; both have their gates in the order input, forget, cell, output."""
    import torch

    kernel, recurrent, bias = (
        variable.value for variable in (layer.cell.kernel, layer.cell.recurrent_kernel, layer.cell.bias)
    )
    given = sequences.flip(1) if layer.go_backwards else sequences
    state = tuple(part.unsqueeze(0).contiguous() for part in initial_state)
    weights = [kernel.t().contiguous(), recurrent.t().contiguous(), bias, torch.zeros_like(bias)]
    outputs, hidden, cell = torch._VF.lstm(given, state, weights, True, 1, 0.0, training, False, True)
    return outputs[:, -1], outputs, [hidden[0], cell[0]]
