"""Measure whether the sample movies are as hard as real ones, and hold more than distances between neighbors.

    python -m benchmarks.samples.movies_hardness [SEED ...] [--no-network]

A row a seed (0, 1 and 2 unless others are given), 64 movies of the default size, then a verdict a line. What is
measured is the mAP of the boundaries:

- random: guessing, which is a little above the rate of boundaries; leaks: what one shot tells, by boosted trees on its
  columns, their norms, its place in the movie, and the lengths of the shots on both sides of the boundary.
- plain, cosine: the distance between neighboring shots, Euclidean or of rows of length 1, each modality over its
  movie's mean, summed.
- logistic, trees: logistic regression and boosted trees on these distances of the 11 boundaries around, by modality.
- means: the plain distance between the mean of the 6 shots before and that of the 6 after.
- network: gated dilated convolutions over the similarities of the 8 shots around; alone: the same network where it
  sees the distances of neighbors alone, 4 columns a shot.

Those that learn do so with five folds grouped by movie, but for the networks: 52 movies train them, 12 test them, and
their ratio is to the plain distance on the same 12. The challenge's own movies gave others 0.125 for a sum of
distances, 0.17 for logistic regression and 0.21 for trees. Three minutes a seed; exits with 1 if a promise fails.
"""

import dataclasses
import functools
import sys

import numpy as np
import torch
from sklearn.model_selection import GroupKFold
from torch import nn

from benchmarks.shared import (
    around,
    boosted_trees,
    finish,
    judge_samples,
    logistic,
    neighbor_distances,
    parser_of,
    timed,
)
from toolkit import metrics
from toolkit.samples import sample_movies
from toolkit.scenes import split_movies

COMPARED = 8
SPANS = {
    "rate": ("boundaries in a hundred, over a hundred", 0.07, 0.09),
    "leaks / random": ("what a single shot tells, over guessing at random", 0.0, 1.1),
    "plain": ("plain distance between neighbors", 0.13, 0.2),
    "cosine": ("cosine distance between neighbors", 0.13, 0.2),
    "logistic": ("logistic regression on windows of distances", 0.2, 0.3),
    "trees / logistic": ("boosted trees over logistic regression", 0.95, 1.25),
    "means": ("means of six shots on both sides", 0.2, 0.35),
    "network / plain": ("a network that compares shots, over the plain distance", 1.5, 10.0),
    "network / trees": ("the same over boosted trees", 1.2, 10.0),
}


def measure(seed, network):
    """Return all that is told of the movies of one seed."""
    run = timed(lambda: scores(sample_movies(64, seed), network))
    return {**run.result, "seconds": run.seconds}


def scores(movies, network):
    distances = [neighbor_distances(movie) for movie in movies]
    windows = [around(rows) for rows in distances]
    plain = [rows.sum(axis=1) for rows in distances]
    row = {
        "shots": sum(movie.n_shots for movie in movies),
        "rate": np.concatenate([movie.boundaries for movie in movies]).mean(),
        "random": metrics.baselines(movies).loc["random", "mAP"],
        "leaks": grouped(boosted_trees(), movies, [single_shots(movie) for movie in movies]),
        "plain": score(movies, plain),
        "cosine": score(movies, [neighbor_distances(movie, cosine=True).sum(axis=1) for movie in movies]),
        "logistic": grouped(logistic(), movies, windows),
        "trees": grouped(boosted_trees(), movies, windows),
        "means": score(movies, [mean_distances(movie) for movie in movies]),
    }
    row["leaks / random"] = row["leaks"] / row["random"]
    row["trees / logistic"] = row["trees"] / row["logistic"]
    if network:
        training, testing = split_movies(movies)
        of = {movie.imdb_id: i for i, movie in enumerate(movies)}
        row["network"] = score(testing, learn(training, testing, compared))
        row["alone"] = score(testing, learn(training, testing, lambda movie: neighbor_distances(movie).T))
        row["network / plain"] = row["network"] / score(testing, [plain[of[movie.imdb_id]] for movie in testing])
        row["network / trees"] = row["network"] / row["trees"]
    return row


def score(movies, predictions):
    return metrics.evaluate(
        dataclasses.replace(movie, predictions=values) for movie, values in zip(movies, predictions, strict=True)
    )["mAP"]


def single_shots(movie):
    lengths = np.diff(movie.shot_end_frame, prepend=-1)
    columns = list(movie.features.values())
    columns += [np.linalg.norm(rows, axis=1, keepdims=True) for rows in movie.features.values()]
    place = np.linspace(0, 1, movie.n_shots)
    return np.concatenate([*columns, np.stack([lengths, np.roll(lengths, -1), place], axis=1)], axis=1)[:-1]


def mean_distances(movie, n=6):
    total = 0
    boundary = np.arange(movie.n_shots - 1) + 1
    first, last = np.maximum(boundary - n, 0), np.minimum(boundary + n, movie.n_shots)
    for rows in movie.features.values():
        sums = np.concatenate([np.zeros((1, rows.shape[1])), np.cumsum(rows, axis=0, dtype=np.float64)])
        before = (sums[boundary] - sums[first]) / (boundary - first)[:, None]
        after = (sums[last] - sums[boundary]) / (last - boundary)[:, None]
        apart = np.linalg.norm(before - after, axis=1)
        total = total + apart / max(apart.mean(), 1e-9)
    return total


def grouped(model, movies, rows):
    """Return the mAP of a classifier, each movie predicted by one that has not seen it."""
    predictions = [None] * len(movies)
    numbers = np.arange(len(movies))
    for training, testing in GroupKFold(5).split(numbers, groups=numbers):
        model.fit(np.concatenate([rows[i] for i in training]), np.concatenate([movies[i].boundaries for i in training]))
        for i in testing:
            predictions[i] = model.decision_function(rows[i])
    return score(movies, predictions)


def compared(movie):
    """Return (channels, n_shots - 1): for each boundary how alike each pair across it is, at most 8 shots apart."""
    channels = []
    for rows in movie.features.values():
        length = np.linalg.norm(rows, axis=1, keepdims=True)
        unit = np.pad(rows / np.maximum(length, 1e-9), ((COMPARED, COMPARED), (0, 0)), mode="edge")
        n = len(rows) - 1
        for before in range(COMPARED):
            for after in range(1, COMPARED + 1 - before):
                left, right = COMPARED - before, COMPARED + after
                channels.append(np.einsum("ij,ij->i", unit[left : left + n], unit[right : right + n]))
        channels.append(length[1:, 0] == 0)
    return np.stack(channels)


def learn(training, testing, channels, *, epochs=8, width=32):
    """Return the predictions of a network that is made here, so that no model of the toolkit judges its own data."""

    class Gate(nn.Module):
        def __init__(self, dilation):
            super().__init__()
            self.drop = nn.Dropout(0.2)
            self.layer = nn.Conv1d(width, 2 * width, 3, dilation=dilation, padding=dilation)

        def forward(self, x):
            signal, gate = self.layer(self.drop(x)).chunk(2, dim=1)
            return x + torch.tanh(signal) * torch.sigmoid(gate)

    def tensors(movie):
        x = torch.from_numpy(channels(movie).astype(np.float32))[None]
        return x, torch.from_numpy(movie.boundaries.astype(np.float32))

    torch.set_num_threads(1)
    torch.manual_seed(0)
    order = np.random.default_rng(0)
    pairs = [tensors(movie) for movie in training]
    n_channels = pairs[0][0].shape[1]
    gates = [Gate(2**power) for power in range(4)]
    model = nn.Sequential(nn.BatchNorm1d(n_channels), nn.Conv1d(n_channels, width, 1), *gates, nn.Conv1d(width, 1, 1))
    optimizer = torch.optim.AdamW(model.parameters(), weight_decay=0.01)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, 0.004, total_steps=epochs * len(pairs))
    loss = nn.BCEWithLogitsLoss(pos_weight=torch.tensor(3.0))
    for _ in range(epochs):
        for i in order.permutation(len(pairs)):
            x, y = pairs[i]
            optimizer.zero_grad()
            loss(model(x)[0, 0], y).backward()
            optimizer.step()
            schedule.step()
    model.eval()
    with torch.no_grad():
        return [model(tensors(movie)[0])[0, 0].numpy() for movie in testing]


def main():
    parser = parser_of(__doc__)
    parser.add_argument("seeds", metavar="SEED", type=int, nargs="*", default=[0, 1, 2])
    parser.add_argument("--no-network", dest="network", action="store_false", help="leave the networks out")
    options = parser.parse_args()
    return finish([*judge_samples(options.seeds, functools.partial(measure, network=options.network), SPANS)])


if __name__ == "__main__":
    sys.exit(main())
