"""Measure how fast scene models are trained and run at full size, beside plain torch, and in what memory.

    python -m benchmarks.speed.scene_models [--quick]

The movies are sample movies of 600 to 3,100 shots with 3,584 columns, of the four usual modalities; with --quick there
are 8 instead of 64. An epoch is a twelfth of `scene_models.train` over 52 of them with its twelve epochs, but without
the fitting of the projections. Its peer is the same network written in plain torch, with the same loss, optimizer and
threads, that does all its work on every batch; the toolkit makes the comparisons of shots, which training does not
change, once a movie. Beside it stands plain torch that does so too. The script ends at once if the two networks do not
tell the same of a movie. All are timed in turns, by the processor's time too, since other work on the machine disturbs
it less.
"""

import itertools
import sys

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

from benchmarks.shared import finish, heading, in_process, in_turns, machine, parser_of, report, timed
from toolkit import scene_models
from toolkit.networks import import_keras, one_thread
from toolkit.samples import sample_movies
from toolkit.scene_models import batches
from toolkit.scene_models.comparisons import LAGS, MEANS, MIN_DISTANCE, NEAREST_LAGS
from toolkit.scene_models.directions import fit_projections
from toolkit.scene_models.networks import input_name, modalities_of

LAYERS, BLOCKS, FILTERS, PROJECTION = 4, 2, 32, 16
EPOCHS = 12

MEMORY = """
import sys
import numpy as np
from toolkit import scene_models
from toolkit.records import Movie

n, network, published = int(sys.argv[1]), sys.argv[2], sys.argv[3] == "True"
rng = np.random.default_rng(0)
movies, total = [], 0
for number in range(n):
    shots = int(rng.integers(600, 3101))
    features = {}
    for name, d in (("place", 2048), ("cast", 512), ("action", 512), ("audio", 512)):
        features[name] = np.empty((shots, d), np.float32)
        for row in features[name]:
            row[:] = rng.random(d, dtype=np.float32)
        total += features[name].nbytes
    movies.append(Movie(str(number), features, rng.random(shots - 1) < 0.08))
model = getattr(scene_models, f"build_{network}")(movies, published=published)
scene_models.train(model, movies, epochs=1, progress=False)
scene_models.predict(model, movies, progress=False)
print(total, resident("VmHWM"))
"""


def later(values, steps):
    return F.pad(values, (0, 0, 0, steps))[:, steps:]


def standard(values, there):
    """Return values of mean 0 and variance 1 a movie, by those that are there."""
    count = there.sum(1, keepdim=True).clamp(min=1)
    centered = (values - (values * there).sum(1, keepdim=True) / count) * there
    return centered / ((centered * centered).sum(1, keepdim=True) / count + 1e-3).sqrt()


class PlainNetwork(nn.Module):
    """The same network as the toolkit's WaveNet, in plain torch, with the same weights."""

    def __init__(self, model):
        super().__init__()
        weights = iter([np.array(weight) for weight in model.get_weights()])

        def put(layer, turned):
            layer.weight.data = torch.from_numpy(np.ascontiguousarray(turned(next(weights))))
            layer.bias.data = torch.from_numpy(next(weights))
            return layer

        def dense(inputs, outputs):
            return put(nn.Linear(inputs, outputs), np.transpose)

        def norm():
            return put(nn.LayerNorm(FILTERS, eps=1e-3), lambda weight: weight)

        self.dimensions = modalities_of(model)
        projections = [dense(d, PROJECTION) for d in self.dimensions.values()]
        self.projections = nn.ModuleList(projections).requires_grad_(False)
        modalities = len(projections)
        self.content = dense(modalities * PROJECTION, FILTERS // 2)
        compared = len(LAGS) + len(MEANS) + len(NEAREST_LAGS)
        self.first = dense((compared + 1) * modalities + FILTERS // 2, FILTERS)
        self.norms, self.convolutions, self.mixed = nn.ModuleList(), nn.ModuleList(), nn.ModuleList()
        for layer in list(range(LAYERS)) * BLOCKS:
            self.norms.append(norm())
            convolution = nn.Conv1d(FILTERS, 2 * FILTERS, 3, padding="same", dilation=2**layer)
            self.convolutions.append(put(convolution, lambda weight: weight.transpose(2, 1, 0)))
            self.mixed.append(dense(FILTERS, FILTERS))
        self.last_norm, self.hidden, self.out = norm(), dense(FILTERS, FILTERS // 2), dense(FILTERS // 2, 1)
        self.dropout = nn.Dropout(0.2)

    def comparisons(self, x, known):
        """Yield how far apart shots are, in each of the ways of the toolkit's network."""
        modalities = known.shape[2]

        def distance(apart):
            return (apart * apart).unflatten(2, (modalities, PROJECTION)).mean(3)

        steps, pairs = {}, {}
        for lag in LAGS:
            steps[lag], pairs[lag] = distance(x - later(x, lag)), later(known, lag) * known
            yield standard((steps[lag] + MIN_DISTANCE).log(), pairs[lag])
        room = max(MEANS)
        sums = F.pad(torch.cat([known, x], 2), (0, 0, 0, room))
        for width in MEANS:
            sums = sums + F.pad(sums, (0, 0, width // 2, 0))[:, : sums.shape[1]]
            counts, totals = sums[..., :modalities], sums[..., modalities:]
            means = totals / counts.clamp(min=1).repeat_interleave(PROJECTION, 2)
            before, after = slice(0, -room), slice(width, sums.shape[1] - room + width)
            there = (counts[:, before] * counts[:, after]).clamp(max=1)
            yield standard((distance(means[:, before] - means[:, after]) + MIN_DISTANCE).log(), there)
        near = None
        for lag in LAGS:
            found = pairs[lag] / (steps[lag] + MIN_DISTANCE)
            if lag > 1:
                found = F.max_pool1d(F.pad(found, (0, 0, lag - 1, 0)).transpose(1, 2), lag, 1).transpose(1, 2)
            near = found if near is None else torch.maximum(near, found)
            if lag in NEAREST_LAGS:
                yield standard(-near.clamp(min=1e-6).log(), (near * 1e6).clamp(max=1))

    def forward(self, given):
        """Return the probabilities of boundaries."""
        return self.trunk(self.compare(given))

    def compare(self, given):
        """Return all that training does not change."""
        known = given["known"]
        projected = [
            layer(given[input_name(name)]) * known[..., number : number + 1]
            for number, (name, layer) in enumerate(zip(self.dimensions, self.projections, strict=True))
        ]
        x = torch.cat(projected, 2)
        content = standard(x, known.repeat_interleave(PROJECTION, 2))
        return {
            "distances": torch.cat(list(self.comparisons(x, known)), 2),
            "content": content,
            "known": known,
            "shots": given["shots"],
        }

    def trunk(self, given):
        """Return the probabilities, of what `compare` returns."""
        known, shots = given["known"], given["shots"]
        content = self.content(self.dropout(given["content"]))
        x = self.first(torch.cat([given["distances"], content, known], 2)) * shots
        skipped = 0
        for norm, convolution, mixed in zip(self.norms, self.convolutions, self.mixed, strict=True):
            y = convolution((norm(x) * shots).transpose(1, 2)).transpose(1, 2)
            y = mixed(self.dropout(F.glu(y, 2)))
            x, skipped = x + y, skipped + y
        x = self.last_norm(x + skipped)
        return torch.sigmoid(self.out(self.dropout(F.relu(self.hidden(x)))))


def epochs(movies, rounds):
    """Return what an epoch takes of the toolkit's and of the plain networks, as `Run`s."""
    keras = import_keras()
    model = scene_models.build_wavenet(movies)
    fitting = timed(lambda: fit_projections(model, movies, 0))
    report("projections fitted, once a training", f"{fitting.seconds:.1f} s")
    report("    processor's time", f"{fitting.processor:.1f} s")
    plain = PlainNetwork(model)
    given = batches.inputs(model, movies[:1], movies[0].n_shots)
    with torch.inference_mode():
        apart = float((plain.eval()(tensors(given)) - torch.from_numpy(model.predict_on_batch(given))).abs().max())
    report("the two networks, largest difference", f"{apart:.1e}")
    if apart > 1e-4:
        sys.exit("the plain network is not the toolkit's")
    ways = {
        "toolkit": lambda: scene_models.train(model, movies, validation=0, epochs=EPOCHS, progress=False),
        "plain": lambda: plain_training(plain, plain.trunk, compared_batches(keras, plain, model, movies)),
        "plain, all work on every batch": lambda: plain_training(plain, plain, raw_batches(model, movies)),
    }
    # as many threads as the toolkit takes: more wait for each other, and longest on a machine with other work
    with one_thread(keras):
        return in_turns(rounds, ways)


def tensors(given):
    return {name: torch.from_numpy(values) for name, values in given.items()}


def compared_batches(keras, plain, model, movies):
    """Yield the toolkit's batches, of what the plain network finds in the movies."""
    plain.eval()
    compared = []
    with torch.inference_mode():
        for movie in movies:
            found = plain.compare(tensors(batches.inputs(model, [movie], movie.n_shots)))
            compared.append({name: values[0].numpy() for name, values in found.items()})
    shown = batches.segments(movies, compared, 16, 3.0, True, 0)
    for _ in range(EPOCHS):
        for index in range(len(shown)):
            yield shown[index]
        shown.on_epoch_end()


def raw_batches(model, movies):
    """Yield batches of 16 stretches of movies as they are, of at most 256 shots."""
    pieces = [
        (movie, start, min(start + batches.SEGMENT_SHOTS, movie.n_shots))
        for movie in movies
        for start in range(0, movie.n_shots, batches.SEGMENT_SHOTS)
    ]
    order = np.random.default_rng(0).permutation(len(pieces))
    for first in list(range(0, max(len(pieces), 16 * batches.MIN_BATCHES), 16)) * EPOCHS:
        chosen = [pieces[order[i % len(pieces)]] for i in range(first, first + 16)]
        shape = 16, max(end - start for _, start, end in chosen)
        given = {input_name(name): np.zeros((*shape, d), np.float32) for name, d in modalities_of(model).items()}
        known = np.zeros((*shape, len(given)), np.float32)
        true, weights = np.zeros((*shape, 1), np.float32), np.zeros(shape, np.float32)
        for row, (movie, start, end) in enumerate(chosen):
            for column, name in enumerate(modalities_of(model)):
                values = movie.features[name][start:end]
                given[input_name(name)][row, : end - start] = values
                known[row, : end - start, column] = values[:, 0] != 0
            boundaries = movie.boundaries[start : end - 1]
            true[row, : len(boundaries), 0] = boundaries
            weights[row, : len(boundaries)] = np.where(boundaries, 3.0, 1)
        yield {**given, "known": known, "shots": (weights > 0).astype(np.float32)[..., None]}, true, weights


def plain_training(plain, tell, shown):
    trained = [weight for weight in plain.parameters() if weight.requires_grad]
    optimizer = torch.optim.AdamW(trained, 3e-3, weight_decay=1e-2)
    for given, true, weights in shown:
        plain.train()
        told = tell(tensors(given))
        weights = torch.from_numpy(weights)[..., None]
        loss = torch.nn.functional.binary_cross_entropy(told, torch.from_numpy(true), weights, reduction="sum")
        optimizer.zero_grad()
        (loss / weights.sum()).backward()
        torch.nn.utils.clip_grad_norm_(trained, 1.0)
        optimizer.step()


def compare(movies, rounds):
    """Yield whether an epoch takes no longer than promised, beside the plain networks."""
    taken = epochs(movies, rounds)
    ours = taken.pop("toolkit")
    for name, peer in taken.items():
        for clock in ("seconds", "processor"):
            mine, theirs = getattr(ours, clock) / EPOCHS, getattr(peer, clock) / EPOCHS
            title = f"an epoch, {clock} (peer: {name})"
            report(title, f"{mine:.2f} s", peer=f"{theirs:.2f} s", ratio=f"{mine / theirs:.2f}")
    # either clock will do: a machine with other work disturbs both, in turns
    ratio = min(ours.seconds / peer.seconds, ours.processor / peer.processor)
    yield report("    the lesser ratio", f"{ratio:.2f}", "<= 1.3", ratio <= 1.3)


def named(network, published):
    return f"{'published ' if published else ''}{network}"


def prediction(movies, network, published):
    model = getattr(scene_models, f"build_{network}")(movies, published=published)
    seconds = timed(lambda: scene_models.predict(model, movies, progress=False)).seconds
    title = f"prediction, {named(network, published)}, {len(movies)} movies"
    return report(title, f"{seconds:.1f} s", "< 30 s", seconds < 30)


def memory(n, network, published):
    data, peak = in_process(MEMORY, n, network, published)
    title = f"memory beyond the data, {named(network, published)}, {n} movies"
    return report(title, f"{(peak - data) / 1e9:.2f} GB of {data / 1e9:.2f}", "<= 1.5 GB", peak - data <= 1.5e9)


def main():
    quick = parser_of(__doc__, "8 movies in the place of 64").parse_args().quick
    movies = sample_movies(8 if quick else 64, seed=0, dims="full")
    trained = movies[:6] if quick else movies[:52]
    shots = sum(movie.n_shots for movie in trained)
    print(f"{len(trained)} movies to train on, {shots:,} shots of 3,584 columns; {machine()}\n")
    heading()
    kept = [*compare(trained, 1 if quick else 2)]
    for network, published in itertools.product(("wavenet", "bilstm"), (False, True)):
        kept.append(prediction(movies, network, published))
    del movies, trained
    # an LSTM over 3,100 shots at a time takes minutes an epoch; what it holds beside the data is that of a batch
    for network, n in (("wavenet", 52), ("bilstm", 16)):
        for published in (False, True):
            kept.append(memory(4 if quick else n, network, published))
    return finish(kept)


if __name__ == "__main__":
    sys.exit(main())
