"""What clustering of videos promises: 10,000 videos in under 20 seconds, and the measures that scikit-learn gives.

    python -m benchmarks.speed.clustering [--quick]

10,000 vectors of 512 values in 20 heaps that overlap are clustered and measured by `clustering.cluster_videos`, and by
scikit-learn's KMeans of as many starts, silhouette_samples, davies_bouldin_score and calinski_harabasz_score, one after
the other. Both find the heaps; the measures of the toolkit's clusters are compared with scikit-learn's of the same
clusters. Then `choose_k` on 1,000 vectors in 8 heaps, against `cluster_videos` for each number of
clusters. `--quick` takes 2,000 vectors in the place of 10,000.

The sample corpora are clustered by the layout of every 10th frame of their clips, and by mean colours: how well
clusters and kinds agree, as adjusted Rand index.
"""

import argparse
import os
import sys
import time

import numpy as np
from sklearn import metrics
from sklearn.cluster import KMeans

from toolkit import clustering, embeddings, video
from toolkit.clustering import kmeans
from toolkit.samples import sample_corpus

SEEDS = range(4)


def vectors(n, d=512, k=20, seed=0):
    rng = np.random.default_rng(seed)
    kinds = rng.integers(k, size=n)
    return (0.5 * rng.normal(size=(k, d))[kinds] + rng.normal(size=(n, d))).astype(np.float32), kinds


def peer(data, k=20):
    labels = KMeans(k, n_init=kmeans.STARTS, random_state=28).fit(data).labels_
    metrics.silhouette_samples(data, labels)
    metrics.davies_bouldin_score(data, labels)
    metrics.calinski_harabasz_score(data, labels)
    return labels


def timed(function, *args, **options):
    wall, cpu = time.perf_counter(), time.process_time()
    result = function(*args, **options)
    return result, time.perf_counter() - wall, time.process_time() - cpu


def promise(told, kept):
    print(f"  {told}: {'kept' if kept else 'NOT KEPT'}")
    return kept


def of_corpus(seed):
    """Return the adjusted Rand index of clusters of a sample corpus and its kinds: of layout, and of mean colours."""
    corpus = sample_corpus(seed, progress=False)
    layouts, colors = [], []
    for path in corpus.videos["path"]:
        images = video.read_frames(path, fps=12, progress=False).images
        layouts.append(embeddings.embed(images[::10], cache=False, progress=False).mean(axis=0))
        colors.append(images.mean(axis=(0, 1, 2)))
    kinds = corpus.videos["kind"]
    return [
        metrics.adjusted_rand_score(kinds, clustering.cluster_videos(np.stack(data), 6).labels)
        for data in (layouts, colors)
    ]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="2,000 vectors")
    n = 2_000 if parser.parse_args().quick else 10_000
    data, kinds = vectors(n)
    print(f"{n} vectors of 512, 20 clusters, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}")
    print(f"{'':34}seconds   of a core   adjusted Rand")
    found, wall, cpu = timed(clustering.cluster_videos, data, 20)
    print(f"{'cluster_videos':32}{wall:9.1f}{cpu:12.1f}{metrics.adjusted_rand_score(kinds, found.labels):16.3f}")
    labels, peer_wall, peer_cpu = timed(peer, data)
    print(f"{'scikit-learn':32}{peer_wall:9.1f}{peer_cpu:12.1f}{metrics.adjusted_rand_score(kinds, labels):16.3f}")
    exact = data.astype(np.float64)
    gap = max(
        abs(found.silhouette - metrics.silhouette_score(exact, found.labels)),
        abs(found.davies_bouldin / metrics.davies_bouldin_score(exact, found.labels) - 1),
        abs(found.calinski_harabasz / metrics.calinski_harabasz_score(exact, found.labels) - 1),
    )
    kept = [
        promise("under 20 s", wall < 20),
        promise(f"{peer_wall / wall:.1f} times as fast as scikit-learn: at least 0.7 times", wall * 0.7 < peer_wall),
        promise(f"measures as scikit-learn's, to {gap:.0e}: below 1e-9", gap < 1e-9),
    ]

    # of 20 heaps of 20 vectors each, k-means merges two: their number is asked for where heaps are larger
    (part, _), ks = vectors(1_000, k=8), range(2, 31)
    table, wall, _ = timed(clustering.choose_k, part, ks, progress=False)
    _, single_wall, _ = timed(lambda: [clustering.cluster_videos(part, k) for k in ks])
    print(f"\nchoose_k of {len(part)} vectors, k from 2 to 30: {wall:.1f} s; one clustering by one {single_wall:.1f} s")
    best = int(table["k"][table["silhouette"].argmax()])
    kept.append(promise(f"the highest silhouette is at {best}: 8, as there are heaps", best == 8))

    print("\nadjusted Rand of clusters and kinds   layout   mean colour")
    worst = []
    for seed in SEEDS:
        layout, colors = of_corpus(seed)
        print(f"sample corpus {seed}{layout:30.3f}{colors:14.3f}")
        worst.append(layout)
    kept.append(promise("layout at least 0.9 of each", min(worst) >= 0.9))
    return 0 if all(kept) else 1


if __name__ == "__main__":
    sys.exit(main())
