"""What `toolkit.projections` promises of speed, each method beside scikit-learn's, or umap-learn's, in the same run.

    python -m benchmarks.speed.projections [--frames 7800]

The data are layout vectors of sample films, frame by frame. Both sides get the same vectors, settings, seed and, where
they take one, start. The least seconds of two or three runs in turn are taken; scikit-learn's slow methods run once.
Other work on the machine makes them uneven: processor seconds, of this process alone, stand beside them. After those
comes how good the results are: the stress of MDS and the Kullback-Leibler divergence of t-SNE, computed here for both
in the same way, the trustworthiness of UMAP, the share of the variance that PCA keeps.
"""

import argparse
import os
import sys
import time
import warnings

import numpy as np
import umap
from numba import njit
from sklearn.decomposition import PCA
from sklearn.manifold import TSNE, smacof
from sklearn.metrics import euclidean_distances

from toolkit import embeddings, projections, samples, video
from toolkit.projections import inputs

STEPS = 8
ITERATIONS = 500


def vectors_of(count):
    """Return layout vectors of so many frames of sample films, (count, d)."""
    vectors, seed, done = [], 0, 0
    while done < count:
        for frames in video.iter_frames(samples.sample_film(seed).path, fps=24, size=320, batch=256, progress=False):
            vectors.append(embeddings.embed(frames.images, progress=False))
            done += len(vectors[-1])
            if done >= count:
                break
        seed += 1
    return np.concatenate(vectors)[:count]


@njit(cache=True)
def stress(vectors_distances, points):
    """Return how far the points' distances are from those of the vectors, as a share of the latter."""
    missed, all_of_it = 0.0, 0.0
    for i in range(len(points)):
        for j in range(i):
            wanted = vectors_distances[i, j]
            got = np.hypot(points[i, 0] - points[j, 0], points[i, 1] - points[j, 1])
            missed += (wanted - got) ** 2
            all_of_it += wanted**2
    return missed / all_of_it


@njit(cache=True)
def unnormalized(points):
    total = 0.0
    for i in range(len(points)):
        for j in range(i):
            square = (points[i, 0] - points[j, 0]) ** 2 + (points[i, 1] - points[j, 1]) ** 2
            total += 2 / (1 + square)
    return total


def divergence(affinities, points):
    """Return the Kullback-Leibler divergence of the points' similarities from affinities, a sparse matrix."""
    entries = affinities.tocoo()
    squares = np.square(points[entries.row] - points[entries.col]).sum(axis=1)
    q = 1 / (1 + squares) / unnormalized(points)
    return float(np.sum(entries.data * np.log(entries.data / q)))


def timed(work):
    start = time.perf_counter(), time.process_time()
    result = work()
    return time.perf_counter() - start[0], time.process_time() - start[1], result


def best(work, rounds):
    runs = [timed(work) for _ in range(rounds)]
    return min(run[0] for run in runs), min(run[1] for run in runs), runs[-1][2]


def in_turn(ours, theirs, rounds):
    """Return the best runs of both, which took turns."""
    runs = [(timed(ours), timed(theirs)) for _ in range(rounds)]
    return [(min(run[0] for run in side), min(run[1] for run in side), side[-1][2]) for side in zip(*runs, strict=True)]


def report(name, ours, theirs, quality, peer_quality, measure, most=1.1):
    ratio = ours[0] / theirs[0]
    kept = ratio <= most
    verdict = "kept" if kept else "NOT KEPT"
    print(
        f"{name:<28}{ours[0]:>8.2f} s{theirs[0]:>9.2f} s{ratio:>8.2f}   <= {most:<6}{verdict:<10}"
        f"cpu {ours[1]:.1f} / {theirs[1]:.1f} s, {measure} {quality:.4f} / {peer_quality:.4f}",
        flush=True,
    )
    return kept


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--frames", type=int, default=7800)
    count = parser.parse_args().frames
    warnings.simplefilter("ignore")
    vectors = vectors_of(count)
    print(f"{vectors.shape[0]} vectors of {vectors.shape[1]} values, {vectors.dtype}; {os.cpu_count()} cores")
    print(f"load average at the start: {os.getloadavg()[0]:.1f}\n")
    print(f"{'method (peer)':<28}{'ours':>10}{'peer':>11}{'ratio':>8}   promise  verdict")
    # compiled and imported before the clock starts
    for method in inputs.OPTIONS:
        projections.project(vectors[:200], method)
    TSNE(max_iter=250).fit_transform(vectors[:200])
    umap.UMAP(n_neighbors=10).fit_transform(np.random.default_rng(0).normal(size=(4200, 4)))
    kept = []

    ours, theirs = in_turn(
        lambda: projections.project(vectors, "pca"), lambda: PCA(2, random_state=0).fit_transform(vectors), 3
    )
    spread = [np.var(side[2], axis=0).sum() / np.var(vectors, axis=0).sum() for side in (ours, theirs)]
    kept.append(report("pca (sklearn PCA)", ours, theirs, *spread, "variance kept"))

    distances = euclidean_distances(vectors)
    start = ours[2]
    mine = best(lambda: projections.project(vectors, "mds", max_iter=STEPS, eps=0.0), 2)
    theirs = best(lambda: smacof(euclidean_distances(vectors), init=start, n_init=1, max_iter=STEPS, eps=0.0)[0], 1)
    kept.append(
        report(
            f"mds, {STEPS} steps (sklearn)", mine, theirs, *(stress(distances, s[2]) for s in (mine, theirs)), "stress"
        )
    )
    full = timed(lambda: projections.project(vectors, "mds"))
    print(f"{'mds, to the end':<28}{full[0]:>8.2f} s{'':<40}stress {stress(distances, full[2]):.4f}")
    del distances

    affinities = affinities_of(vectors)
    settings = {"perplexity": 30, "max_iter": ITERATIONS, "angle": 0.5, "early_exaggeration": 12.0}
    mine = best(lambda: projections.project(vectors, "tsne", **settings), 2)
    begin = start / start[:, 0].std() * 1e-4
    theirs = best(lambda: TSNE(init=begin, learning_rate="auto", random_state=0, **settings).fit_transform(vectors), 1)
    quality = [divergence(affinities, side[2]) for side in (mine, theirs)]
    kept.append(report("tsne (sklearn TSNE)", mine, theirs, *quality, "divergence"))
    many = best(lambda: projections.project(vectors, "multicore_tsne", **settings), 1)
    kept.append(
        report("multicore_tsne (the same)", many, theirs, divergence(affinities, many[2]), quality[1], "divergence")
    )

    settings = {"n_neighbors": 50, "min_dist": 0.1}
    mine, theirs = in_turn(
        lambda: projections.project(vectors, "umap", **settings),
        lambda: umap.UMAP(random_state=0, **settings).fit_transform(vectors),
        2,
    )
    quality = [projections.trustworthiness(vectors, side[2]) for side in (mine, theirs)]
    kept.append(report("umap (umap-learn)", mine, theirs, *quality, "trustworthiness"))

    seconds, _, _ = timed(lambda: projections.trustworthiness(vectors, start))
    print(f"{'trustworthiness':<28}{seconds:>8.2f} s")
    print(f"\n{sum(kept)} of {len(kept)} promises kept")
    return 0 if all(kept) else 1


def affinities_of(vectors):
    from openTSNE.affinity import PerplexityBasedNN

    return PerplexityBasedNN(vectors, perplexity=30, method="exact", n_jobs=-1).P


if __name__ == "__main__":
    sys.exit(main())
