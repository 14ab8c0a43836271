"""The record of videos in clusters, `VideoClusters`."""

import math
from dataclasses import dataclass

import numpy as np

from toolkit.checks import check_array, check_count, check_labels, check_video_ids
from toolkit.errors import ParameterError


@dataclass(frozen=True, eq=False)
class VideoClusters:
    """Videos in clusters, and how well they lie in them.

    Attributes
    ----------
    video_ids : list of str
        One for each video, no two the same.
    labels : ndarray of int64, (n,)
        Each video's cluster, from 0.
    centers : ndarray of float64, (k, d)
    distances : ndarray of float64, (n, k)
        From each video to each centre.
    silhouette : float
        Mean of the videos' silhouettes, in [-1, 1]: high where videos are nearer to those of their own cluster than to
        those of any other. This and what follows is NaN where it is not known.
    davies_bouldin : float
        From 0; low where clusters are narrow and far apart.
    calinski_harabasz : float
        From 0; high where clusters are narrow and far apart.
    cluster_silhouettes : ndarray of float64, (k,)
        Mean of the silhouettes of each cluster's videos.
    video_silhouettes : ndarray of float64, (n,)

    Raises
    ------
    ParameterError
        If the parts do not fit each other.
    """

    video_ids: list[str]
    labels: np.ndarray
    centers: np.ndarray
    distances: np.ndarray
    silhouette: float = math.nan
    davies_bouldin: float = math.nan
    calinski_harabasz: float = math.nan
    cluster_silhouettes: np.ndarray | None = None
    video_silhouettes: np.ndarray | None = None

    def __post_init__(self):
        video_ids = check_video_ids(self.video_ids)
        n = len(video_ids)
        labels = check_labels(self.labels, n, "video")
        wanted = "finite numbers, (k, d), a centre a cluster"
        centers = check_array("centers", self.centers, ("k", "d"), wanted=wanted).astype(np.float64)
        k = len(centers)
        wanted = f"finite numbers from 0, ({n}, {k}), of each video to each centre"
        distances = check_array("distances", self.distances, (n, k), wanted=wanted).astype(np.float64)
        if (distances < 0).any():
            raise ParameterError(f"distances must be {wanted}; got {distances.min():g}")
        if n and not (labels.min() >= 0 and labels.max() < k):
            raise ParameterError(
                f"labels must be from 0 to {k - 1}, one of the {k} centres; got {labels.min()} to {labels.max()}"
            )
        fields = {"video_ids": video_ids, "labels": labels, "centers": centers, "distances": distances}
        for name in ("silhouette", "davies_bouldin", "calinski_harabasz"):
            fields[name] = float(check_array(name, getattr(self, name), (), "iuf", wanted="a number", finite=False))
        for name, count, each in (("cluster_silhouettes", k, "cluster"), ("video_silhouettes", n, "video")):
            values = getattr(self, name)
            values = np.full(count, np.nan) if values is None else values
            wanted = f"numbers, ({count},), one a {each}"
            values = check_array(name, values, (count,), "iuf", wanted=wanted, finite=False)
            fields[name] = values.astype(np.float64)
        for name, value in fields.items():
            object.__setattr__(self, name, value)

    @property
    def n_clusters(self) -> int:
        """Number of clusters."""
        return len(self.centers)

    @property
    def sizes(self) -> np.ndarray:
        """Number of videos in each cluster, int64 (k,)."""
        return np.bincount(self.labels, minlength=len(self.centers))

    def members(self, cluster) -> np.ndarray:
        """Return the places of a cluster's videos, int64 (m,), the nearest to its centre first."""
        cluster = check_count("cluster", cluster, below=len(self.centers))
        places = np.flatnonzero(self.labels == cluster)
        return places[np.argsort(self.distances[places, cluster], kind="stable")]

    def __repr__(self):
        measures = f"silhouette {self.silhouette:.3f}"
        return f"VideoClusters({len(self.video_ids)} videos in {len(self.centers)} clusters, {measures})"
