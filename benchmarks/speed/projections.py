"""What `toolkit.projections` promises of speed, each method beside scikit-learn's, or umap-learn's, in the same run.

    python -m benchmarks.speed.projections [--frames 7800]

The data are layout vectors of sample films, frame by frame. Both sides get the same vectors, settings, seed and, where
they take one, start. The least seconds of two or three runs in turn are taken; scikit-learn's slow methods run once.
Other work on the machine makes them uneven: processor seconds, of this process alone, stand beside them. After those
comes how good the results are: the stress of MDS and the Kullback-Leibler divergence of t-SNE, computed here for both
in the same way, the trustworthiness of UMAP, the share of the variance that PCA keeps.
"""

import sys
import warnings

import numpy as np
import umap
from numba import njit
from sklearn.decomposition import PCA
from sklearn.manifold import TSNE, smacof
from sklearn.metrics import euclidean_distances

from benchmarks.shared import best_of, finish, heading, in_turns, machine, parser_of, report, timed
from toolkit import embeddings, projections, samples, video
from toolkit.projections import methods

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


def affinities_of(vectors):
    from openTSNE.affinity import PerplexityBasedNN

    return PerplexityBasedNN(vectors, perplexity=30, method="exact", n_jobs=-1).P


def compare(title, ours, theirs, measure, quality):
    """Print how long both take, and how good both results are; return whether ours is as fast as promised."""
    ratio = ours.seconds / theirs.seconds
    row = title, f"{ours.seconds:.2f} s", "<= 1.1", ratio <= 1.1
    kept = report(*row, peer=f"{theirs.seconds:.2f} s", ratio=f"{ratio:.2f}")
    report("    processor's time", f"{ours.processor:.1f} s", peer=f"{theirs.processor:.1f} s")
    report(f"    {measure}", f"{quality(ours.result):.4f}", peer=f"{quality(theirs.result):.4f}")
    return kept


def pca(vectors):
    works = {
        "ours": lambda: projections.project(vectors, "pca"),
        "peer": lambda: PCA(2, random_state=0).fit_transform(vectors),
    }
    best = in_turns(3, works)
    whole = np.var(vectors, axis=0).sum()
    yield compare(
        "pca (peer: scikit-learn)", *best.values(), "variance kept", lambda points: np.var(points, axis=0).sum() / whole
    )


def mds(vectors, start):
    distances = euclidean_distances(vectors)
    ours = best_of(2, lambda: projections.project(vectors, "mds", max_iter=STEPS, eps=0.0))
    theirs = timed(lambda: smacof(euclidean_distances(vectors), init=start, n_init=1, max_iter=STEPS, eps=0.0)[0])
    title = f"mds, {STEPS} steps (peer: scikit-learn)"
    yield compare(title, ours, theirs, "stress", lambda points: stress(distances, points))
    full = timed(lambda: projections.project(vectors, "mds"))
    report("mds, to the end", f"{full.seconds:.2f} s")
    report("    stress", f"{stress(distances, full.result):.4f}")


def tsne(vectors, start):
    affinities = affinities_of(vectors)
    settings = {"perplexity": 30, "max_iter": ITERATIONS, "angle": 0.5, "early_exaggeration": 12.0}
    begin = start / start[:, 0].std() * 1e-4
    ours = best_of(2, lambda: projections.project(vectors, "tsne", **settings))
    model = TSNE(init=begin, learning_rate="auto", random_state=0, **settings)
    theirs = timed(lambda: model.fit_transform(vectors))
    many = timed(lambda: projections.project(vectors, "multicore_tsne", **settings))
    for title, run in (("tsne (peer: scikit-learn)", ours), ("multicore_tsne (the same)", many)):
        yield compare(title, run, theirs, "divergence", lambda points: divergence(affinities, points))


def umaps(vectors):
    settings = {"n_neighbors": 50, "min_dist": 0.1}
    works = {
        "ours": lambda: projections.project(vectors, "umap", **settings),
        "peer": lambda: umap.UMAP(random_state=0, **settings).fit_transform(vectors),
    }
    best = in_turns(2, works)
    yield compare(
        "umap (peer: umap-learn)",
        *best.values(),
        "trustworthiness",
        lambda points: projections.trustworthiness(vectors, points),
    )


def main():
    parser = parser_of(__doc__)
    parser.add_argument("--frames", type=int, default=7800)
    count = parser.parse_args().frames
    warnings.simplefilter("ignore")
    vectors = vectors_of(count)
    print(f"{vectors.shape[0]} vectors of {vectors.shape[1]} values, {vectors.dtype}; {machine()}\n")
    heading()
    # compiled and imported before the clock starts
    for method in methods.METHODS:
        projections.project(vectors[:200], method)
    TSNE(max_iter=250).fit_transform(vectors[:200])
    umap.UMAP(n_neighbors=10).fit_transform(np.random.default_rng(0).normal(size=(4200, 4)))
    start = projections.project(vectors, "pca")
    kept = [*pca(vectors), *mds(vectors, start), *tsne(vectors, start), *umaps(vectors)]
    report("trustworthiness", f"{timed(lambda: projections.trustworthiness(vectors, start)).seconds:.2f} s")
    return finish(kept)


if __name__ == "__main__":
    sys.exit(main())
