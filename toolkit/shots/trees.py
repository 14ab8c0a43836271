"""Frames clustered by Ward's method: one tree, cut at any threshold in milliseconds.

Labels are int, numbered from 0 in order of first sight.

References
----------
J. H. Ward, Hierarchical grouping to optimize an objective function, Journal of the American Statistical Association 58
(1963). P. J. Rousseeuw, Silhouettes, Journal of Computational and Applied Mathematics 20 (1987).
"""

import numpy as np
import pandas as pd

from toolkit.checks import check_array, check_number
from toolkit.errors import ParameterError

# squares of larger values would not be finite
MAX_VALUE = 1e150
# what a silhouette of nought may come to when it is summed up
ROUNDING = 1e-9


def linkage_tree(features):
    """Return the tree of Ward's agglomerative clustering of frame vectors.

    For at most some 2e9 differences (n^2 d / 2) distances are taken plainly, and the tree is the one scikit-learn
    cuts. Beyond, they come from products of blocks in float64, exact to about 1e-8 of the vectors' distance from
    their mean. Beside the features it takes memory for two float64 for each pair of frames: 0.5 GB for 7,800.

    Parameters
    ----------
    features : ndarray of real numbers, (n, d), or what becomes one
        A vector a frame, as from `toolkit.embeddings.embed`; in the order of the frames, as `suggest_threshold` wants.

    Returns
    -------
    ndarray of float64, (n - 1, 4)
        As of `scipy.cluster.hierarchy.linkage`. Empty for one frame.

    Raises
    ------
    ParameterError
        If `features` are not finite numbers of that shape, or there is no frame.
    """
    from toolkit.shots import ward

    return ward.linkage_tree(check_features(features))


def cut_tree(tree, distance_threshold):
    """Return the cluster of each frame when the tree is cut at a height.

    Merges below the threshold are done; one at the threshold is not, as in scikit-learn's AgglomerativeClustering.

    Parameters
    ----------
    tree : ndarray of float64, (n - 1, 4)
        As from `linkage_tree`.
    distance_threshold : float
        At least 0; in the unit of the features, times the root of the frames merged.

    Returns
    -------
    ndarray of int64, (n,)
        Numbered from 0 in order of first sight.

    Raises
    ------
    ParameterError
        If the tree is none, or the threshold no number of at least 0.
    """
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    tree = check_tree(tree)
    distance_threshold = check_number("distance_threshold", distance_threshold, at_least=0)
    count = len(tree) + 1
    merges = int(np.searchsorted(tree[:, 2], distance_threshold))
    children = tree[:merges, :2].ravel().astype(np.int64)
    parents = count + np.repeat(np.arange(merges), 2)
    graph = coo_array((np.ones(len(parents), bool), (children, parents)), shape=(count + merges, count + merges))
    _, labels = connected_components(graph, directed=False)
    return pd.factorize(labels[:count])[0]


def cluster_frames(features, distance_threshold=None):
    """Return the cluster of each frame by Ward's agglomerative clustering.

    The labels are those of scikit-learn's ``AgglomerativeClustering(n_clusters=None, linkage="ward",
    distance_threshold=...)`` up to renaming. To try several thresholds, make the tree once and cut it.

    Parameters
    ----------
    features : ndarray of real numbers, (n, d)
        A vector a frame, in the order of the frames.
    distance_threshold : float, optional
        At least 0; by default that of `suggest_threshold`.

    Returns
    -------
    ndarray of int64, (n,)
        Numbered from 0 in order of first sight.

    Raises
    ------
    ParameterError
        As `linkage_tree` and `cut_tree` do.
    """
    if distance_threshold is not None:
        check_number("distance_threshold", distance_threshold, at_least=0)
    tree = linkage_tree(features)
    return cut_tree(tree, suggest_threshold(tree) if distance_threshold is None else distance_threshold)


def suggest_threshold(tree):
    """Return the height to cut Ward's tree at, so that clusters are as much apart as they can be.

    Of all numbers of clusters the one of the highest silhouette is taken, and the height midway between the merges it
    lies between. Ward's heights tell all that is needed: the squares within each cluster, and how far apart are the
    means of the two merged. So the silhouette of a cluster C, merged next with a cluster N, is taken as
    ``(b - a) / max(a, b)``, a the root mean square of distances within C, b that of the distances from C to N; 0 for
    a single frame. Clusters count by their frames.

    A shot that moves falls into pieces as well, one after the other in time, which are no set-ups. So where a cluster
    is one run of frames and is split into two runs, the silhouette of its pieces is 0, unless they are farther apart
    than the halves of an even, straight movement: ``D^2 > 6 (u + v)``, D the distance of their means, u and v their
    variances. The frames must have been in order of time.

    Parameters
    ----------
    tree : ndarray of float64, (n - 1, 4)
        As from `linkage_tree`; only of Ward's linkage do the heights say what is read from them.

    Returns
    -------
    float
        Above the top of the tree, so that all frames are one cluster, where no number of clusters has a silhouette
        above 0, as with fewer than three frames.

    Raises
    ------
    ParameterError
        If the tree is none.
    """
    from toolkit.shots import ward

    tree = check_tree(tree)
    count = len(tree) + 1
    # heights below and above a cut into 0, 1, ..., n clusters; frames merged at one height cannot be told apart
    heights = np.concatenate([[0.0], tree[:, 2]])
    top = float(heights[-1])
    scores = ward.scores(tree)
    clusters = np.arange(2, count + 1)
    can_be_cut = heights[count - clusters] < heights[count - clusters + 1]
    scores = np.where(can_be_cut, scores[2:], 0.0)
    if not len(scores) or scores.max() <= ROUNDING:
        return 2 * top if top > 0 else 1.0
    best = clusters[scores.argmax()]
    below, above = heights[count - best], heights[count - best + 1]
    middle = (below + above) / 2
    return float(middle if middle > below else above)


def check_features(features):
    """Return features as float (n, d), finite; otherwise raise a ParameterError."""
    wanted = "finite numbers, (n, d), a vector a frame"

    def hint(array):
        if array.dtype.kind not in "fiub":
            return ". Take toolkit.embeddings.embed(images)"
        return ". Are these images? Take toolkit.embeddings.embed(images)" if array.ndim > 2 else ""

    features = check_array("features", features, ("n", "d"), wanted=wanted, hint=hint)
    if not features.size:
        came = f"shape {features.shape}" if len(features) else "no frame at all"
        raise ParameterError(f"features must be {wanted}; got {came}")
    if features.dtype == np.float16 or features.dtype.kind == "b":
        features = features.astype(np.float32)
    # the extremes need no array as large as the features
    extreme = max(abs(float(features.min())), abs(float(features.max())))
    if extreme > MAX_VALUE:
        raise ParameterError(f"features must be {wanted}; got values of {extreme:g}")
    return features


def check_tree(tree):
    """Return `tree` as an array if it is a tree of merges whose heights never fall."""
    wanted = "a linkage tree, float64 (n - 1, 4), as shots.linkage_tree returns it"

    hint = ". For frame vectors there is shots.cluster_frames"
    options = {"finite": False, "hint": lambda array: "" if array.shape[1:] == (4,) else hint}
    tree = check_array("tree", tree, ("n - 1", 4), wanted=wanted, **options)
    tree = np.ascontiguousarray(tree, np.float64)
    if not _is_tree(tree):
        raise ParameterError(
            f"tree must be {wanted}: each node merged once, heights finite, at least 0 and never falling; got "
            "something else. Was it a linkage by centroid or median? Their heights may fall"
        )
    return tree


def _is_tree(tree):
    """Return whether each node is merged once, not before it is there, and heights are finite and never fall."""
    nodes, heights = tree[:, :2], np.append(0.0, tree[:, 2])
    numbers = len(tree) + 1 + np.arange(len(tree))[:, None]
    exist = (nodes >= 0) & (nodes < numbers) & (nodes == np.floor(nodes))
    once = len(np.unique(nodes)) == nodes.size
    return bool(exist.all() and once and np.isfinite(heights).all() and (np.diff(heights) >= 0).all())
