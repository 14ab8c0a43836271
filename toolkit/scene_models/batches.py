"""Batches of shots that networks of scene boundaries are trained on: stretches of movies, or whole movies filled up."""

import numpy as np

from toolkit.networks import epoch_batches
from toolkit.scene_models import networks

# shots of the stretches that movies are cut into for training: more steps, less padding
SEGMENT_SHOTS = 256
# of an epoch; where movies are few they are gone through several times
MIN_BATCHES = 16
# shots that are compared at once
SHOTS_AT_ONCE = 8192
# how often a modality is left out of one, that others are learned from too
MODALITY_DROPOUT = 0.1


def compare(model, movies):
    """Return what the front of a network that compares finds in each of several movies, for its trunk.

    Returns
    -------
    list of dict of ndarray of float32, (n_shots, d)
        "distances" and "content", of which each column belongs to a modality, "known", (n_shots, modalities), and
        "shots", (n_shots, 1).
    """
    front = model.get_layer(networks.FRONT)
    compared = [None] * len(movies)
    # movies of about one length at once
    waiting = sorted(range(len(movies)), key=lambda number: movies[number].n_shots)
    while waiting:
        length = movies[waiting[-1]].n_shots
        count = max(1, SHOTS_AT_ONCE // length)
        waiting, numbers = waiting[:-count], waiting[-count:]
        arrays = inputs(model, [movies[number] for number in numbers], length)
        shots = arrays.pop("shots")
        values_by_name = {**front.predict_on_batch(arrays), "known": arrays["known"], "shots": shots}
        for row, number in enumerate(numbers):
            part = slice(movies[number].n_shots)
            compared[number] = {name: np.array(values[row, part]) for name, values in values_by_name.items()}
    return compared


def segments(movies, compared, batch_size, weight, augment, seed):
    """Return stretches of movies to train a trunk on in random order, a data set of keras.

    Parameters
    ----------
    movies, compared : list of Movie, list of dict
        The movies, and what `compare` found in each.
    weight : float
        Of places with a boundary, where others have 1.
    augment : bool
        Whether to leave modalities out of some.
    """
    # how many stretches each movie is cut into
    counts = [-(-movie.n_shots // SEGMENT_SHOTS) for movie in movies]
    total = sum(counts)
    batch_size = min(batch_size, total)
    n_batches = max(-(-total // batch_size), MIN_BATCHES)

    def pieces(epoch, turn):
        random = np.random.default_rng((seed, epoch, turn))
        spans = []
        for number, (movie, count) in enumerate(zip(movies, counts, strict=True)):
            # cut elsewhere each time, that the places at the cuts are learned from too
            edges = np.linspace(0, movie.n_shots, count + 1)
            edges[1:-1] += random.uniform(-0.25, 0.25) * movie.n_shots / count
            edges = np.round(edges).astype(int)
            spans += [(number, *edges[i : i + 2]) for i in range(count)]
        return [spans[i] for i in random.permutation(total)]

    def batch(epoch, index):
        turn, first = divmod(index * batch_size, total)
        chosen = pieces(epoch, turn)[first : first + batch_size]
        if len(chosen) < batch_size and total < batch_size * MIN_BATCHES:
            chosen += pieces(epoch, turn + 1)[: batch_size - len(chosen)]
        shape = len(chosen), max(end - start for _, start, end in chosen)
        random = np.random.default_rng((seed, epoch, index)) if augment else None
        true = np.zeros((*shape, 1), np.float32)
        weights = np.zeros(shape, np.float32)
        arrays = {name: np.zeros((*shape, values.shape[1]), np.float32) for name, values in compared[0].items()}
        for row, (number, start, end) in enumerate(chosen):
            # the place after a stretch's last shot is of the next one
            boundaries = movies[number].boundaries[start : end - 1]
            true[row, : len(boundaries), 0] = boundaries
            weights[row, : len(boundaries)] = np.where(boundaries, weight, 1)
            for name, values in arrays.items():
                values[row, : end - start] = compared[number][name][start:end]
            if augment:
                _leave_out(arrays, row, random.random(arrays["known"].shape[2]) < MODALITY_DROPOUT)
        return arrays, true, weights

    return epoch_batches(n_batches, batch)


def _leave_out(arrays, row, modalities):
    """Make a row of a batch what it would be of a movie without some modalities."""
    count = len(modalities)
    arrays["known"][row, :, modalities] = 0
    arrays["content"][row, :, np.repeat(modalities, arrays["content"].shape[2] // count)] = 0
    arrays["distances"][row, :, np.tile(modalities, arrays["distances"].shape[2] // count)] = 0


def padded_movies(model, movies, batch_size, seed):
    """Return whole movies as the published networks were given them, a data set of keras."""
    length = max([networks.PUBLISHED_LENGTH, *(movie.n_shots for movie in movies)])

    def batch(epoch, index):
        order = np.random.default_rng((seed, epoch)).permutation(len(movies))
        some = [movies[number] for number in order[index * batch_size : (index + 1) * batch_size]]
        true = np.zeros((len(some), length, 1), np.float32)
        for row, movie in enumerate(some):
            true[row, : movie.n_shots - 1, 0] = movie.boundaries
        return inputs(model, some, length), true

    return epoch_batches(-(-len(movies) // batch_size), batch)


def inputs(model, movies, length):
    """Return what a model is given of whole movies, filled up with zeros to `length`."""
    dimensions = networks.modalities_of(model)
    shape = len(movies), length
    arrays = {}
    known = np.zeros((*shape, len(dimensions)), np.float32)
    shots = np.zeros((*shape, 1), np.float32)
    for column, (name, d) in enumerate(dimensions.items()):
        arrays[networks.input_name(name)] = array = np.zeros((*shape, d), np.float32)
        for row, movie in enumerate(movies):
            values = movie.features.get(name)
            if values is not None and values.shape[1]:
                array[row, : movie.n_shots] = values
                # a shot of which all is 0 is not known
                known[row, : movie.n_shots, column] = values.any(axis=1)
    for row, movie in enumerate(movies):
        shots[row, : movie.n_shots] = 1
    return arrays if networks.is_published(model) else {**arrays, "known": known, "shots": shots}
