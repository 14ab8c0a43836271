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
from toolkit.records import MODALITIES
from toolkit.scene_models.comparisons import comparisons, standard
from toolkit.scenes.movies import check_movies, feature_dimensions

FEATURES = "features "
PROJECT = "project "
FRONT, TRUNK = "front", "trunk"
PAPER_MODELS = ("published_wavenet", "published_bilstm")
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
    dimensions, seed = _dimensions(movies), check_seed(seed)
    counts = {
        "num_layers": num_layers,
        "num_blocks": num_blocks,
        "filters1": (10 if published else 32) if filters1 is None else filters1,
        "filters2": (5 if published else 16) if filters2 is None else filters2,
    }
    counts = {name: check_count(name, value, at_least=1) for name, value in counts.items()}
    hint = ". The twelfth layer reaches over 2,048 shots; more blocks make a network deeper too"
    check_count("num_layers", num_layers, at_least=1, at_most=12, hint=hint)
    if published:
        return _published("published_wavenet", _published_wavenet, dimensions, seed, counts)
    return _comparing("wavenet", _wavenet, dimensions, seed, counts, counts["filters1"], projection, dropout)


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
    dimensions, seed = _dimensions(movies), check_seed(seed)
    counts = {"n_layers": n_layers, "n_neurons": n_neurons}
    counts = {name: check_count(name, value, at_least=1) for name, value in counts.items()}
    if published:
        return _published("published_bilstm", _published_bilstm, dimensions, seed, counts)
    return _comparing("bilstm", _bilstm, dimensions, seed, counts, counts["n_neurons"], projection, dropout)


def is_published(model):
    """Return whether a model is one of the published networks, by its name."""
    return model.name in PAPER_MODELS


def modalities_of(model):
    """Return the dimension of each modality that a model takes, in its order; empty if it is no model of these."""
    modalities = {}
    layers = {layer.name: layer for layer in getattr(model, "layers", ())}
    if not (is_published(model) or {FRONT, TRUNK} <= layers.keys()):
        return modalities
    # of a network of two parts, the order is that of its front
    for layer in getattr(layers.get(FRONT, model), "layers", ()):
        if layer.name.startswith(FEATURES):
            modalities[unquote(layer.name.removeprefix(FEATURES))] = layer.output.shape[-1]
    return modalities


def input_name(modality):
    """Return the name of the input that a modality is given to; a layer's name may hold no slash."""
    return FEATURES + quote(modality, safe=" ")


def _dimensions(movies):
    """Return the dimension of each modality: the usual four in their order, then others by name."""
    if isinstance(movies, dict):
        dimensions = {str(name): check_count(f"the dimension of {name!r}", d, at_least=1) for name, d in movies.items()}
    else:
        dimensions = {name: d for name, d in feature_dimensions(check_movies(movies)).items() if d}
    if not dimensions:
        raise ParameterError("movies must have features, or name modalities and their dimensions; there are none")
    order = [name for name in MODALITIES if name in dimensions] + sorted(set(dimensions) - set(MODALITIES))
    return {name: dimensions[name] for name in order}


class _Layers:
    """Layers of keras: each with seeds of its own, in the order in which they are asked for.

    In ``dropout(...)(dense(...)(x))`` the outer one is asked for first.
    """

    def __init__(self, seed):
        self.keras = import_keras()
        # keras takes those below 2**31
        self._seeds = (number % (2**31 - 1) for number in itertools.count(1000 * seed))

    def start(self, kind="GlorotUniform"):
        """Return how weights begin."""
        return getattr(self.keras.initializers, kind)(seed=next(self._seeds))

    def dense(self, units, **options):
        return self.keras.layers.Dense(units, kernel_initializer=self.start(), **options)

    def convolution(self, filters, width, **options):
        return self.keras.layers.Conv1D(filters, width, kernel_initializer=self.start(), **options)

    def dropout(self, share):
        return self.keras.layers.Dropout(share, seed=next(self._seeds))

    def bidirectional(self, n_neurons):
        def lstm(backwards):
            return self.keras.layers.LSTM(
                n_neurons,
                return_sequences=True,
                go_backwards=backwards,
                kernel_initializer=self.start(),
                recurrent_initializer=self.start("Orthogonal"),
            )

        return self.keras.layers.Bidirectional(lstm(False), backward_layer=lstm(True))

    def beside(self, parts):
        """Return several outputs as one."""
        return self.keras.layers.Concatenate()(parts) if len(parts) > 1 else parts[0]


def _feature_inputs(keras, dimensions):
    dimensions = {input_name(modality): d for modality, d in dimensions.items()}
    return {name: keras.Input((None, d), name=name, dtype="float32") for name, d in dimensions.items()}


# the published networks: the zeros that fill up movies are shots to them


def _published(name, body, dimensions, seed, counts):
    layers = _Layers(seed)
    inputs = _feature_inputs(layers.keras, dimensions)
    x = body(layers, layers.beside(list(inputs.values())), **counts)
    return layers.keras.Model(inputs, layers.dense(1, activation="sigmoid")(x), name=name)


def _published_wavenet(layers, x, num_layers, num_blocks, filters1, filters2):
    for _ in range(num_blocks):
        for layer in range(num_layers):
            x = layers.convolution(filters1, 2, padding="same", activation="relu", dilation_rate=2**layer)(x)
    return layers.convolution(filters2, 1)(x)


def _published_bilstm(layers, x, n_layers, n_neurons):
    for _ in range(n_layers):
        x = layers.bidirectional(n_neurons)(x)
    return x


# the networks that compare


def _comparing(name, body, dimensions, seed, counts, filters, projection, dropout):
    """Return a network of a front, and of a trunk that takes what the front compares in with `filters` filters."""
    dropout = check_number("dropout", dropout, at_least=0, below=1)
    projection = check_count("projection", projection, at_least=1)
    layers = _Layers(seed)
    keras = layers.keras
    front = _front(layers, dimensions, projection)
    compared = {part: keras.Input((None, values.shape[-1]), name=part) for part, values in front.output.items()}
    compared["known"] = keras.Input((None, len(dimensions)), name="known")
    compared["shots"] = shots = keras.Input((None, 1), name="shots")
    content = layers.dropout(dropout)(compared["content"])
    content = layers.dense(max(filters // 2, 1))(content)
    x = layers.beside([compared["distances"], content, compared["known"]])
    x = keras.layers.Multiply()([layers.dense(filters)(x), shots])
    x = body(layers, x, shots, dropout, **counts)
    trunk = keras.Model(compared, layers.dense(1, activation="sigmoid")(x), name=TRUNK)
    given = {part: keras.Input(values.shape[1:], name=part, dtype="float32") for part, values in front.input.items()}
    shots = keras.Input((None, 1), name="shots", dtype="float32")
    outputs = trunk({**front(given), "known": given["known"], "shots": shots})
    return keras.Model({**given, "shots": shots}, outputs, name=name)


def _front(layers, dimensions, projection):
    """Return the part of a network that projects and compares; it has no weight that is trained."""
    keras = layers.keras
    features = _feature_inputs(keras, dimensions)
    known = keras.Input((None, len(dimensions)), name="known", dtype="float32")
    there = keras.ops.split(known, len(dimensions), axis=-1)
    projected = []
    for number, values in enumerate(features.values()):
        # what is compared is settled by training's start: see `fit_projections`
        x = layers.dense(projection, name=f"{PROJECT}{number}", trainable=False)(values)
        projected.append(keras.layers.Multiply()([x, there[number]]))
    x = layers.beside(projected)
    distances = comparisons(keras, x, known, len(dimensions), projection)
    content = standard(keras, x, keras.ops.repeat(known, projection, axis=-1))
    return keras.Model({**features, "known": known}, {"distances": distances, "content": content}, name=FRONT)


def _wavenet(layers, x, shots, dropout, num_layers, num_blocks, filters1, filters2):
    """Return what gated, dilated convolutions with residuals make of comparisons of neighbouring shots."""
    keras = layers.keras
    skips = []
    for _ in range(num_blocks):
        for layer in range(num_layers):
            y = keras.layers.LayerNormalization()(x)
            # the norm's own bias stands in the padding too
            y = keras.layers.Multiply()([y, shots])
            y = layers.convolution(2 * filters1, 3, padding="same", dilation_rate=2**layer)(y)
            y = layers.dropout(dropout)(keras.ops.glu(y, axis=-1))
            y = layers.dense(filters1)(y)
            x = keras.layers.Add()([x, y])
            skips.append(y)
    x = keras.layers.LayerNormalization()(keras.layers.Add()([x, *skips]))
    x = layers.dense(filters2, activation="relu")(x)
    return layers.dropout(dropout)(x)


def _bilstm(layers, x, shots, dropout, n_layers, n_neurons):
    """Return what bidirectional LSTMs make of comparisons of neighbouring shots."""
    keras = layers.keras
    for _ in range(n_layers):
        x = keras.layers.Multiply()([keras.layers.LayerNormalization()(x), shots])
        x = layers.bidirectional(n_neurons)(x)
        x = layers.dropout(dropout)(x)
    return x


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

    variables = layer.cell.kernel, layer.cell.recurrent_kernel, layer.cell.bias
    kernel, recurrent, bias = (variable.value for variable in variables)
    given = sequences.flip(1) if layer.go_backwards else sequences
    state = tuple(part.unsqueeze(0).contiguous() for part in initial_state)
    weights = [kernel.t().contiguous(), recurrent.t().contiguous(), bias, torch.zeros_like(bias)]
    outputs, hidden, cell = torch._VF.lstm(given, state, weights, True, 1, 0.0, training, False, True)
    return outputs[:, -1], outputs, [hidden[0], cell[0]]
