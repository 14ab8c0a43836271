"""Measure how fast scene models are trained and run at full size, beside plain torch, and in what memory.

    python benchmarks/scene_models_speed.py [--quick]

The movies are sample movies of 600 to 3,100 shots with 3,584 columns, of the four usual modalities; with --quick there
are 8 instead of 64. An epoch is that of `scene_models.train` over 52 of them. Its peer is the same network written in
plain torch, given the same batches, with the same loss and optimizer: the script ends at once if the two do not tell
the same of a movie. Both are timed in turns, one epoch after the other, by the processor's time too, since other work
on the machine disturbs it less.
"""

import argparse
import itertools
import subprocess
import sys
import time

import numpy as np

from toolkit import _scene_networks as networks
from toolkit import scene_models
from toolkit._networks import import_keras
from toolkit._sample_movies import sample_movies

LAYERS, BLOCKS, FILTERS, PROJECTION = 4, 2, 32, 16

MEMORY = r"""
import re
from pathlib import Path
import numpy as np
from toolkit import scene_models
from toolkit.records import Movie

rng = np.random.default_rng(0)
movies, total = [], 0
for number in range({n}):
    shots = int(rng.integers(600, 3101))
    features = {{}}
    for name, d in (("place", 2048), ("cast", 512), ("action", 512), ("audio", 512)):
        features[name] = np.empty((shots, d), np.float32)
        for row in features[name]:
            row[:] = rng.random(d, dtype=np.float32)
        total += features[name].nbytes
    movies.append(Movie(str(number), features, rng.random(shots - 1) < 0.08))
model = scene_models.build_{network}(movies, published={published})
scene_models.train(model, movies, epochs=1, progress=False)
scene_models.predict(model, movies, progress=False)
# this process's own peak: getrusage tells its parent's too
peak = re.search(r"VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text())[1]
print(total, int(peak) * 1024)
"""


def report(title, ours, promise="", kept=None):
    """Print a row, and return whether its promise is kept; a row without one returns nothing."""
    verdict = {None: "", True: "kept", False: "NOT KEPT"}[kept]
    print(f"{title:<58}{ours:>26}   {promise:<18}{verdict}".rstrip(), flush=True)
    return kept


def plain_network(model):
    """Return the same network as the toolkit's WaveNet, in plain torch, with the same weights."""
    import torch
    from torch import nn
    from torch.nn import functional as F

    weights = iter([np.array(weight) for weight in model.get_weights()])

    def put(layer, turned):
        layer.weight.data = torch.from_numpy(np.ascontiguousarray(turned(next(weights))))
        layer.bias.data = torch.from_numpy(next(weights))
        return layer

    def dense(inputs, outputs):
        return put(nn.Linear(inputs, outputs), np.transpose)

    def norm():
        return put(nn.LayerNorm(FILTERS, eps=1e-3), lambda weight: weight)

    def later(values, steps):
        return F.pad(values, (0, 0, 0, steps))[:, steps:]

    def standard(values, there):
        count = there.sum(1, keepdim=True).clamp(min=1)
        centred = (values - (values * there).sum(1, keepdim=True) / count) * there
        return centred / ((centred * centred).sum(1, keepdim=True) / count + 1e-3).sqrt()

    class Plain(nn.Module):
        def __init__(self):
            super().__init__()
            self.dimensions = networks.modalities_of(model)
            projections = [dense(d, PROJECTION) for d in self.dimensions.values()]
            self.projections = nn.ModuleList(projections).requires_grad_(False)
            modalities = len(projections)
            self.content = dense(modalities * PROJECTION, FILTERS // 2)
            compared = 1 + len(networks.LAGS) + len(networks.MEANS) + len(networks.NEAREST)
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
            modalities = known.shape[2]

            def distance(apart):
                return (apart * apart).unflatten(2, (modalities, PROJECTION)).mean(3)

            steps, pairs = {}, {}
            for lag in (1, *networks.LAGS):
                steps[lag], pairs[lag] = distance(x - later(x, lag)), later(known, lag) * known
                yield standard((steps[lag] + networks.LEAST).log(), pairs[lag])
            room = max(networks.MEANS)
            sums = F.pad(torch.cat([known, x], 2), (0, 0, 0, room))
            for width in networks.MEANS:
                sums = sums + F.pad(sums, (0, 0, width // 2, 0))[:, : sums.shape[1]]
                counts, totals = sums[..., :modalities], sums[..., modalities:]
                means = totals / counts.clamp(min=1).repeat_interleave(PROJECTION, 2)
                before, after = slice(0, -room), slice(width, sums.shape[1] - room + width)
                there = (counts[:, before] * counts[:, after]).clamp(max=1)
                yield standard((distance(means[:, before] - means[:, after]) + networks.LEAST).log(), there)
            near = None
            for lag in (1, *networks.LAGS):
                found = pairs[lag] / (steps[lag] + networks.LEAST)
                if lag > 1:
                    found = F.max_pool1d(F.pad(found, (0, 0, lag - 1, 0)).transpose(1, 2), lag, 1).transpose(1, 2)
                near = found if near is None else torch.maximum(near, found)
                if lag in networks.NEAREST:
                    yield standard(-near.clamp(min=1e-6).log(), (near * 1e6).clamp(max=1))

        def forward(self, given):
            known, shots = given["known"], given["shots"]
            projected = [
                layer(given[networks.input_name(name)]) * known[..., number : number + 1]
                for number, (name, layer) in enumerate(zip(self.dimensions, self.projections, strict=True))
            ]
            x = torch.cat(projected, 2)
            content = self.content(self.dropout(standard(x, known.repeat_interleave(PROJECTION, 2))))
            x = self.first(torch.cat([*self.comparisons(x, known), content, known], 2)) * shots
            skipped = 0
            for norm, convolution, mixed in zip(self.norms, self.convolutions, self.mixed, strict=True):
                y = convolution((norm(x) * shots).transpose(1, 2)).transpose(1, 2)
                y = mixed(self.dropout(F.glu(y, 2)))
                x, skipped = x + y, skipped + y
            x = self.last_norm(x + skipped)
            return torch.sigmoid(self.out(self.dropout(F.relu(self.hidden(x)))))

    return Plain()


def epochs(movies, rounds):
    """Return the least seconds, and processor's seconds, of an epoch of the toolkit's and of the plain network."""
    import torch

    keras = import_keras()
    taken = {"toolkit": [], "plain": []}
    model = scene_models.build_wavenet(movies)
    start = time.perf_counter()
    networks.fit_projections(model, movies, 0)
    report("projections fitted, once a training", f"{time.perf_counter() - start:.1f} s")
    plain = plain_network(model)
    given = scene_models._segments(keras, model, movies[:1], 1, 1.0, False, 0)[0][0]
    tensors = {name: torch.from_numpy(values) for name, values in given.items()}
    with torch.inference_mode():
        apart = float((plain.eval()(tensors) - torch.from_numpy(model.predict_on_batch(given))).abs().max())
    report("the two networks, largest difference", f"{apart:.1e}")
    if apart > 1e-4:
        sys.exit("the plain network is not the toolkit's")
    for _ in range(rounds):
        clocks = time.perf_counter(), time.process_time()
        scene_models.train(model, movies, validation=0, epochs=1, progress=False)
        taken["toolkit"].append((time.perf_counter() - clocks[0], time.process_time() - clocks[1]))
        clocks = time.perf_counter(), time.process_time()
        plain_epoch(plain, scene_models._segments(keras, model, movies, 16, 3.0, True, 0))
        taken["plain"].append((time.perf_counter() - clocks[0], time.process_time() - clocks[1]))
    return {name: np.min(values, axis=0) for name, values in taken.items()}


def plain_epoch(plain, batches):
    import torch

    plain.train()
    trained = [weight for weight in plain.parameters() if weight.requires_grad]
    optimizer = torch.optim.AdamW(trained, 3e-3, weight_decay=1e-2)
    for index in range(len(batches)):
        given, true, weights = batches[index]
        told = plain({name: torch.from_numpy(values) for name, values in given.items()})
        weights = torch.from_numpy(weights)[..., None]
        loss = torch.nn.functional.binary_cross_entropy(told, torch.from_numpy(true), weights, reduction="sum")
        optimizer.zero_grad()
        (loss / weights.sum()).backward()
        torch.nn.utils.clip_grad_norm_(trained, 1.0)
        optimizer.step()


def memory(n, network, published):
    code = MEMORY.format(n=n, network=network, published=published)
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    data, peak = map(int, done.stdout.split())
    title = f"memory beyond the data, {'published ' if published else ''}{network}, {n} movies"
    return report(title, f"{(peak - data) / 1e9:.2f} GB of {data / 1e9:.2f}", "<= 1.5 GB", peak - data <= 1.5e9)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true")
    quick = parser.parse_args().quick
    movies = sample_movies(8 if quick else 64, seed=0, dims="full")
    trained = movies[:6] if quick else movies[:52]
    shots = sum(movie.n_shots for movie in trained)
    print(f"{len(trained)} movies to train on, {shots:,} shots of 3,584 columns")
    kept = []
    taken = epochs(trained, 2 if quick else 3)
    for clock, name in enumerate(("seconds", "processor's seconds")):
        ours, theirs = taken["toolkit"][clock], taken["plain"][clock]
        # either clock will do: a machine with other work disturbs both, in turns
        report(f"a WaveNet epoch, {name}, beside plain torch", f"{ours:.1f} / {theirs:.1f} = {ours / theirs:.2f}")
    ratio = min(taken["toolkit"] / taken["plain"])
    kept.append(report("the lesser ratio", f"{ratio:.2f}", "<= 1.3", ratio <= 1.3))
    for network, published in itertools.product(("wavenet", "bilstm"), (False, True)):
        model = getattr(scene_models, f"build_{network}")(movies, published=published)
        start = time.perf_counter()
        scene_models.predict(model, movies, progress=False)
        seconds = time.perf_counter() - start
        title = f"prediction, {'published ' if published else ''}{network}, {len(movies)} movies"
        kept.append(report(title, f"{seconds:.1f} s", "< 30 s", seconds < 30))
    del movies, trained, model
    for network, published in itertools.product(("wavenet", "bilstm"), (False, True)):
        kept.append(memory(4 if quick else 16, network, published))
    return 0 if all(kept) else 1


if __name__ == "__main__":
    sys.exit(main())
