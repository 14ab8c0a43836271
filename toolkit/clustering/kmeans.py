"""Videos in clusters, by the vectors that describe them: k-means, for one number of clusters or several.

The measures of a clustering are defined in `toolkit.clustering.measures`.

References
----------
S. Lloyd, Least squares quantization in PCM, IEEE Transactions on Information Theory 28, 1982. D. Arthur and
S. Vassilvitskii, k-means++, SODA 2007.
"""

import warnings

import numpy as np
import pandas as pd

from toolkit.checks import check_array, check_count, check_video_ids
from toolkit.clustering.clusters import VideoClusters
from toolkit.clustering.measures import calinski_harabasz, davies_bouldin, silhouette_values
from toolkit.errors import ParameterError
from toolkit.storage import progress_bar

# of k-means, of which the best is kept
STARTS = 10

MEASURES = (davies_bouldin, calinski_harabasz)
# beyond, squares could not be told apart from infinity
MAX_VALUE = 1e100


def cluster_videos(embeddings, n_clusters=20, *, seed=28):
    """Put videos into clusters by k-means, the best of ten starts.

    Clusters are numbered by their size, the largest 0; of two of one size, that of the earlier video is first.

    Parameters
    ----------
    embeddings : DataFrame of numbers, indexed by video_id; or ndarray of numbers, (n, d)
        A vector a video, as `corpus.load_embeddings` returns them. Videos of an array are named by their row, "0", "1"
        and so on.
    n_clusters : int
        At least 1. Where fewer videos are different, it is lowered to their number, with a warning: videos of the same
        vector cannot be parted.
    seed : int
        Of the starts; the same seed gives the same clusters.

    Returns
    -------
    VideoClusters
        A centre is the mean of its cluster's vectors; distances are Euclidean.

    Raises
    ------
    ParameterError
        If there is no video, two are of one name, or a vector has NaN or infinity.

    Warns
    -----
    UserWarning
        If `n_clusters` was lowered.
    """
    video_ids, vectors, middle, scale = _check_embeddings(embeddings)
    n_clusters, seed = check_count("n_clusters", n_clusters, at_least=1), check_count("seed", seed)
    labels = _kmeans(vectors, n_clusters, seed)
    k = int(labels.max()) + 1
    if k < n_clusters:
        few = f"{len(labels)} video{'s' if len(labels) > 1 else ''}"
        if k < len(labels):
            few = f"{k} different vector{'s' if k > 1 else ''}, of {few}"
        warnings.warn(f"n_clusters {n_clusters} is too many for {few}: lowered to {k}", UserWarning, stacklevel=2)
    centers, distances, measures = _measure(vectors, labels)
    (silhouettes,) = silhouette_values(vectors, [labels])
    return VideoClusters(
        video_ids=video_ids,
        labels=labels,
        centers=centers * scale + middle,
        distances=distances * scale,
        silhouette=silhouettes.mean(),
        **measures,
        cluster_silhouettes=np.bincount(labels, silhouettes) / np.bincount(labels),
        video_silhouettes=silhouettes,
    )


def choose_k(embeddings, ks=range(2, 31), *, seed=28, progress=True):
    """Cluster videos into several numbers of clusters, to see which suits.

    No measure decides: look for a number at which the silhouette is high and Davies-Bouldin low, and from which on
    inertia falls slowly (`plots.plot_choose_k`).

    Parameters
    ----------
    embeddings : DataFrame or ndarray
        As for `cluster_videos`.
    ks : iterable of int
        Numbers of clusters, each at least 2. Those that are not below the number of different videos are left out.
    seed : int
    progress : bool
        Whether to show a progress bar.

    Returns
    -------
    DataFrame
        k, in rising order; inertia: sum of the squared distances of videos to their centres; silhouette,
        davies_bouldin, calinski_harabasz.

    Raises
    ------
    ParameterError
        If no number is left, or as `cluster_videos` raises it.
    """
    _, vectors, _, scale = _check_embeddings(embeddings)
    seed = check_count("seed", seed)
    if not hasattr(ks, "__iter__") or isinstance(ks, (str, bytes)):
        raise ParameterError(f"ks must be numbers of clusters, such as range(2, 31); got {ks!r}")
    ks = sorted({check_count("each of ks", k, at_least=2) for k in ks})
    different = _count_different(vectors)
    rows, labelings = [], []
    with progress_bar(total=len(ks), description="choosing k", unit="clustering", progress=progress) as bar:
        for k in ks:
            bar.update()
            # each different video by itself is no cluster
            labels = _kmeans(vectors, k, seed) if k < different else np.zeros(1, np.int64)
            if labels.max() + 1 == k:
                _, distances, measures = _measure(vectors, labels)
                inertia = np.square(scale * distances[np.arange(len(labels)), labels]).sum()
                rows.append({"k": k, "inertia": inertia, "silhouette": np.nan, **measures})
                labelings.append(labels)
    if not rows:
        raise ParameterError(f"ks must have a number below that of different videos, {different}; got {ks or 'none'}")
    table = pd.DataFrame(rows)
    # in one pass over the distances, which take longest
    table["silhouette"] = [silhouettes.mean() for silhouettes in silhouette_values(vectors, labelings)]
    return table


def _check_embeddings(embeddings):
    """Return the videos' names; their vectors less the middle and over the scale, float64 in [-1, 1]; middle; scale."""
    wanted = "a DataFrame of numbers indexed by video_id, or an array of numbers, (n, d)"
    video_ids, array = None, embeddings
    if isinstance(embeddings, pd.DataFrame):
        for name, kind in embeddings.dtypes.items():
            if kind.kind not in "buif":
                raise ParameterError(
                    f"embeddings must be {wanted}; its column {str(name)!r} is none. Is video_id the index?"
                )
        video_ids = check_video_ids([str(video_id) for video_id in embeddings.index])
        array = embeddings.to_numpy(dtype=np.float64, na_value=np.nan)
    array = check_array("embeddings", array, ("n", "d"), wanted=wanted, finite=False)
    if not array.size:
        raise ParameterError(f"embeddings must be {wanted}, of at least one video; got shape {array.shape}")
    if video_ids is None:
        video_ids = [str(row) for row in range(len(array))]
    # a copy, to change
    vectors = np.array(array, dtype=np.float64, order="C")
    bad = ~(np.maximum(vectors.max(axis=1), -vectors.min(axis=1)) < MAX_VALUE)
    if bad.any():
        which = video_ids[int(np.argmax(bad))]
        wanted += f"; that of the video {which!r} has NaN, infinity, or a number beyond {MAX_VALUE:g}"
        raise ParameterError(f"embeddings must be {wanted}")
    # less the first: exactly 0 where all are the same
    first = vectors[0].copy()
    vectors -= first
    mean = vectors.mean(axis=0)
    vectors -= mean
    scale = float(max(vectors.max(), -vectors.min())) or 1.0
    vectors /= scale
    return video_ids, vectors, first + mean, scale


def _count_different(vectors):
    # 0 is -0 too
    return len({(row + 0.0).tobytes() for row in vectors})


def _kmeans(vectors, n_clusters, seed):
    """Return each vector's cluster; the clusters are fewer where different vectors are, and the largest is 0."""
    from sklearn.cluster import KMeans
    from sklearn.exceptions import ConvergenceWarning
    from threadpoolctl import threadpool_limits

    model = KMeans(min(n_clusters, _count_different(vectors)), n_init=STARTS, random_state=seed % 2**32)
    # its threads wait for each other many times a second: on a machine with other work one is up to ten times as fast,
    # and adds in the same order each time
    with threadpool_limits(1), warnings.catch_warnings():
        # of vectors that differ by rounding only
        warnings.simplefilter("ignore", ConvergenceWarning)
        labels = model.fit(vectors).labels_
    _, firsts, labels, sizes = np.unique(labels, return_index=True, return_inverse=True, return_counts=True)
    rank = np.empty(len(sizes), np.int64)
    rank[np.lexsort((firsts, -sizes))] = np.arange(len(sizes))
    return rank[labels]


def _measure(vectors, labels):
    """Return the means of clusters, the distance of each vector to each of them, and how good the clusters are."""
    from scipy.spatial.distance import cdist

    centers = np.stack([vectors[labels == label].mean(axis=0) for label in range(labels.max() + 1)])
    distances = cdist(vectors, centers)
    known = 1 < len(centers) < len(labels)
    measures = {each.__name__: each(distances, labels, centers) if known else np.nan for each in MEASURES}
    return centers, distances, measures
