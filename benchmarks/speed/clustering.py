"""What clustering of videos promises: 10,000 videos in under 20 seconds, and the measures that scikit-learn gives.

    python -m benchmarks.speed.clustering [--quick]

10,000 vectors of 512 values in 20 heaps that overlap are clustered and measured by `clustering.cluster_videos`, and by
scikit-learn's KMeans of as many starts, silhouette_samples, davies_bouldin_score and calinski_harabasz_score, one after
the other. Both find the heaps; the measures of the toolkit's clusters are compared with scikit-learn's of the same
clusters. Then `choose_k` on 1,000 vectors in 8 heaps, against `cluster_videos` for each number of
clusters. `--quick` takes 2,000 vectors in the place of 10,000.
"""

import sys

import numpy as np
from sklearn import metrics
from sklearn.cluster import KMeans

from benchmarks.shared import finish, heading, machine, parser_of, report, timed
from toolkit import clustering
from toolkit.clustering import kmeans


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


def clusters(n):
    """Yield whether vectors are clustered as soon as promised, and measured as by scikit-learn."""
    data, kinds = vectors(n)
    ours, theirs = timed(lambda: clustering.cluster_videos(data, 20)), timed(lambda: peer(data))
    found = ours.result
    ratio = theirs.seconds / ours.seconds
    report("processor's time", f"{ours.processor:.1f} s", peer=f"{theirs.processor:.1f} s")
    rand = [f"{metrics.adjusted_rand_score(kinds, labels):.3f}" for labels in (found.labels, theirs.result)]
    report("adjusted Rand index of clusters and heaps", rand[0], peer=rand[1])
    yield report("cluster_videos", f"{ours.seconds:.1f} s", "< 20 s", ours.seconds < 20)
    row = "the same (peer: scikit-learn)", f"{ours.seconds:.1f} s", ">= 0.7", ours.seconds * 0.7 < theirs.seconds
    yield report(*row, peer=f"{theirs.seconds:.1f} s", ratio=f"{ratio:.1f}")
    exact = data.astype(np.float64)
    gap = max(
        abs(found.silhouette - metrics.silhouette_score(exact, found.labels)),
        abs(found.davies_bouldin / metrics.davies_bouldin_score(exact, found.labels) - 1),
        abs(found.calinski_harabasz / metrics.calinski_harabasz_score(exact, found.labels) - 1),
    )
    yield report("difference of the measures from scikit-learn's", f"{gap:.0e}", "< 1e-9", gap < 1e-9)


def numbers_of_clusters():
    """Yield whether `choose_k` finds how many heaps there are."""
    # of 20 heaps of 20 vectors each, k-means merges two: their number is asked for where heaps are larger
    (part, _), ks = vectors(1_000, k=8), range(2, 31)
    ours = timed(lambda: clustering.choose_k(part, ks, progress=False))
    singly = timed(lambda: [clustering.cluster_videos(part, k) for k in ks])
    title = f"choose_k of {len(part)} vectors, 2 to 30 (peer: one by one)"
    report(title, f"{ours.seconds:.1f} s", peer=f"{singly.seconds:.1f} s")
    best = int(ours.result["k"][ours.result["silhouette"].argmax()])
    yield report("    the highest silhouette, of 8 heaps", f"at {best}", "at 8", best == 8)


def main():
    n = 2_000 if parser_of(__doc__, "2,000 vectors").parse_args().quick else 10_000
    print(f"{n} vectors of 512, 20 clusters; {machine()}\n")
    heading()
    return finish([*clusters(n), *numbers_of_clusters()])


if __name__ == "__main__":
    sys.exit(main())
