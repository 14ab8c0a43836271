"""The networks of scene boundaries, as keras models: the published ones, and those that compare neighbouring shots.

A model takes a dict of arrays: ``features <modality>``, float32 (n, length, d), for each modality; unless it is a
published one also ``shots``, float32 (n, length, 1), 1 for shots and 0 for padding, and ``known``, float32
(n, length, modalities), 0 where a modality of a shot is not known. It returns (n, length, 1), at i how probable a
boundary is between shot i and shot i + 1. Only keras's own layers and operations are used, so that a file of the model
holds no code.

The networks that compare have two parts. The front projects the features and finds what
`toolkit.scene_models.comparisons` says of each place between two shots; training changes nothing in it. The trunk goes
on from there: it takes the front's ``distances`` and ``content``, with ``known`` and ``shots``.

Two networks were published for this task, a WaveNet of dilated convolutions and a BiLSTM, with the way to train them
(RMSprop at 2e-5, ten epochs, every movie filled up with zeros to 3,100 shots, and an end when accuracy passes 0.95);
``published=True`` builds and trains exactly those. They find nothing: the rate is too low for so few steps, what is
told right is mostly padding, and to tell no boundary at all is right in 92 places of 100. The networks built without it
have the same parts behind a front that compares the shots before a place with those after it
(`toolkit.scene_models.comparisons`), and are trained so that they learn: padding counts nowhere, boundaries weigh more
than other places, and the end comes by average precision on movies kept out.

Movies are lists of `toolkit.scenes.Movie`, of any lengths, modalities and dimensions; a movie may lack a modality that
others have. Boundary i is between shot i and shot i + 1. `predict` tells how probable each is; `divide` makes scenes of
that.

References
----------
A. van den Oord et al., WaveNet: a generative model for raw audio, 2016, for gated dilated convolutions with residuals.
R. A. Fisher, The use of multiple measurements in taxonomic problems, 1936, for the projections that training begins
with. T.-Y. Lin et al., Focal loss for dense object detection, ICCV 2017.
"""

import functools
import itertools
from urllib.parse import quote, unquote

from toolkit.checks import check_count, check_number, check_seed
from toolkit.errors import ParameterError
from toolkit.networks import import_keras
from toolkit.records import MODALITIES, Movie
from toolkit.scene_models.comparisons import comparisons, each, standard
from toolkit.scenes.movies import listed_movies

FEATURES = "features "
PROJECT = "project "
FRONT, TRUNK = "front", "trunk"
PUBLISHED = {"published_wavenet": "wavenet", "published_bilstm": "bilstm"}
PUBLISHED_LENGTH = 3100


def build_wavenet(
    movies,
    *,
    published=False,
    num_layers=4,
    num_blocks=2,
    filters1=None,
    filters2=None,
    projection=16,
    dropout=0.2,
    seed=0,
):
    """Return an untrained network of dilated convolutions, a keras model.

    Parameters
    ----------
    movies : list of Movie, or dict of str to int
        The movies it is for, or their modalities and the dimension of each, such as ``{"place": 2048, "cast": 512}``.
    published : bool
        The published network: `num_blocks` times `num_layers` convolutions of `filters1` filters over 2 shots, at
        distances 1, 2, 4 ..., each followed by ReLU; a convolution of `filters2` filters over 1; and one output.
        Without it each layer is gated, has a residual and norms, and the features are compared first.
    num_layers, num_blocks : int
        How many layers a block has, and how many blocks there are.
    filters1, filters2 : int, optional
        By default 10 and 5 where published, else 32 and 16.
    projection : int
        Into how many dimensions each modality is projected. Not of the published network.
    dropout : float
        Share of values left out in training, [0, 1). Not of the published network.
    seed : int
        Of the random weights it begins with, 0 to 2**32 - 1.

    Raises
    ------
    ParameterError
        If the movies differ in the dimension of a modality, or an option is out of range.
    """
    dimensions = _dimensions(movies)
    counts = {
        "num_layers": num_layers,
        "num_blocks": num_blocks,
        "filters1": (10 if published else 32) if filters1 is None else filters1,
        "filters2": (5 if published else 16) if filters2 is None else filters2,
    }
    counts = {name: check_count(name, value, at_least=1) for name, value in counts.items()}
    if counts["num_layers"] > 12:
        raise ParameterError(
            f"num_layers must be at most 12, where a layer reaches over 2,048 shots; got {num_layers}. More blocks "
            "make a network deeper too"
        )
    seed = check_seed(seed)
    if published:
        return _published_wavenet(dimensions, **counts, seed=seed)
    return _wavenet(dimensions, **counts, **_front(projection, dropout), seed=seed)


def build_bilstm(movies, *, published=False, n_layers=2, n_neurons=32, projection=16, dropout=0.2, seed=0):
    """Return an untrained network of bidirectional LSTMs, a keras model.

    Parameters
    ----------
    movies : list of Movie, or dict of str to int
        The movies it is for, or their modalities and the dimension of each.
    published : bool
        The published network: `n_layers` bidirectional LSTMs of `n_neurons` in each direction, and one output for each
        shot. Without it the features are compared first, and layers have norms.
    n_layers, n_neurons : int
    projection, dropout, seed
        As in `build_wavenet`.

    Raises
    ------
    ParameterError
        As in `build_wavenet`.
    """
    dimensions = _dimensions(movies)
    counts = {"n_layers": n_layers, "n_neurons": n_neurons}
    counts = {name: check_count(name, value, at_least=1) for name, value in counts.items()}
    seed = check_seed(seed)
    if published:
        return _published_bilstm(dimensions, **counts, seed=seed)
    return _bilstm(dimensions, **counts, **_front(projection, dropout), seed=seed)


def is_published(model):
    """Return whether a model is one of the published networks, by its name."""
    return model.name in PUBLISHED


def modalities_of(model):
    """Return the dimension of each modality that a model takes, in its order; empty if it is no model of these."""
    found = {}
    layers = {layer.name: layer for layer in getattr(model, "layers", ())}
    if not (is_published(model) or {FRONT, TRUNK} <= layers.keys()):
        return found
    # of a network of two parts, the order is that of its front
    for layer in getattr(layers.get(FRONT, model), "layers", ()):
        if layer.name.startswith(FEATURES):
            found[unquote(layer.name.removeprefix(FEATURES))] = layer.output.shape[-1]
    return found


def input_name(modality):
    """Return the name of the input that a modality is given to; a layer's name may hold no slash."""
    return FEATURES + quote(modality, safe=" ")


def check_movies(movies):
    """Return movies as a list, if they are some."""
    movies = listed_movies(movies)
    for movie in movies:
        if not isinstance(movie, Movie):
            raise ParameterError(f"movies must be a list of Movie; got one that is a {type(movie).__name__}")
    return movies


def _seeds(seed):
    """Return a seed for each part of a network; keras takes those below 2**31."""
    return (number % (2**31 - 1) for number in itertools.count(1000 * seed))


def _front(projection, dropout):
    dropout = check_number("dropout", dropout, at_least=0)
    if dropout >= 1:
        raise ParameterError(f"dropout must be a share below 1; got {dropout:g}")
    return {"projection": check_count("projection", projection, at_least=1), "dropout": dropout}


def _dimensions(movies):
    """Return the dimension of each modality: the usual four in their order, then others by name."""
    if isinstance(movies, dict):
        found = {str(name): check_count(f"the dimension of {name!r}", d, at_least=1) for name, d in movies.items()}
    else:
        found = {}
        for movie in check_movies(movies):
            for name, values in movie.features.items():
                if found.setdefault(name, values.shape[1]) != values.shape[1]:
                    raise ParameterError(
                        f"the feature {name!r} must be of one dimension in all movies; it is {found[name]} in some and "
                        f"{values.shape[1]} in {movie.imdb_id!r}"
                    )
        found = {name: d for name, d in found.items() if d}
    if not found:
        raise ParameterError("movies must have features, or name modalities and their dimensions; there are none")
    order = [name for name in MODALITIES if name in found] + sorted(set(found) - set(MODALITIES))
    return {name: found[name] for name in order}


# the published networks


def _published_wavenet(dimensions, num_layers, num_blocks, filters1, filters2, seed):
    """Return the published network of dilated convolutions; the zeros that fill up movies are shots to it."""
    keras = import_keras()
    inputs, x = _side_by_side(keras, dimensions)
    seeds = _seeds(seed)
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


def _published_bilstm(dimensions, n_layers, n_neurons, seed):
    """Return the published network of bidirectional LSTMs; the zeros that fill up movies are shots to it."""
    keras = import_keras()
    inputs, x = _side_by_side(keras, dimensions)
    seeds = _seeds(seed)
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


def _wavenet(dimensions, num_layers, num_blocks, filters1, filters2, projection, dropout, seed):
    """Return a network of gated, dilated convolutions with residuals over comparisons of neighbouring shots."""
    keras = import_keras()
    layers = keras.layers
    seeds = _seeds(seed)
    front = _front_part(keras, dimensions, projection, seeds)
    given, shots, x = _taken_in(keras, front, filters1, dropout, seeds)
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
    return _joined(keras, front, keras.Model(given, x, name=TRUNK), "wavenet")


def _bilstm(dimensions, n_layers, n_neurons, projection, dropout, seed):
    """Return a network of bidirectional LSTMs over comparisons of neighbouring shots."""
    keras = import_keras()
    layers = keras.layers
    seeds = _seeds(seed)
    front = _front_part(keras, dimensions, projection, seeds)
    given, shots, x = _taken_in(keras, front, n_neurons, dropout, seeds)
    for _ in range(n_layers):
        x = layers.LayerNormalization()(x)
        x = layers.Multiply()([x, shots])
        x = _bidirectional(keras, n_neurons, seeds)(x)
        x = layers.Dropout(dropout, seed=next(seeds))(x)
    x = layers.Dense(1, activation="sigmoid", kernel_initializer=_start(keras, seeds))(x)
    return _joined(keras, front, keras.Model(given, x, name=TRUNK), "bilstm")


def _front_part(keras, dimensions, projection, seeds):
    """Return the part of a network that projects and compares; it has no weight that is trained."""
    layers = keras.layers
    features = _feature_inputs(keras, dimensions)
    known = keras.Input((None, len(dimensions)), name="known", dtype="float32")
    there = keras.ops.split(known, len(dimensions), axis=-1)
    projected = []
    for number, values in enumerate(features.values()):
        # what is compared is settled by training's start: see `fit_projections`
        options = {"name": f"{PROJECT}{number}", "kernel_initializer": _start(keras, seeds), "trainable": False}
        x = layers.Dense(projection, **options)(values)
        projected.append(layers.Multiply()([x, there[number]]))
    x = layers.Concatenate()(projected) if len(projected) > 1 else projected[0]
    distances = comparisons(keras, x, known, len(dimensions), projection)
    content = standard(keras, x, each(keras, known, projection))
    return keras.Model({**features, "known": known}, {"distances": distances, "content": content}, name=FRONT)


def _taken_in(keras, front, filters, dropout, seeds):
    """Return what the rest of a network is given, which positions are shots, and (n, length, filters) to go on from."""
    layers = keras.layers
    given = {name: keras.Input((None, part.shape[-1]), name=name) for name, part in front.output.items()}
    given["known"] = keras.Input((None, front.input["known"].shape[-1]), name="known")
    given["shots"] = shots = keras.Input((None, 1), name="shots")
    content = layers.Dropout(dropout, seed=next(seeds))(given["content"])
    content = layers.Dense(max(filters // 2, 1), kernel_initializer=_start(keras, seeds))(content)
    x = layers.Concatenate()([given["distances"], content, given["known"]])
    x = layers.Dense(filters, kernel_initializer=_start(keras, seeds))(x)
    return given, shots, layers.Multiply()([x, shots])


def _joined(keras, front, trunk, name):
    given = {each: keras.Input(part.shape[1:], name=each, dtype="float32") for each, part in front.input.items()}
    shots = keras.Input((None, 1), name="shots", dtype="float32")
    return keras.Model(
        {**given, "shots": shots}, trunk({**front(given), "known": given["known"], "shots": shots}), name=name
    )


# speed


def quicken(model):
    """Let torch run a model's LSTMs, where keras would step through the shots one by one in Python."""
    keras = import_keras()
    if keras.backend.backend() != "torch":
        return
    for layer in (model if is_published(model) else model.get_layer(TRUNK)).layers:
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
