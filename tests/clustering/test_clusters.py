"""The record of clusters."""

import numpy as np
import pandas as pd
import pytest
from clustered import LINE

from toolkit import ParameterError
from toolkit.clustering import VideoClusters, cluster_videos


def given_clusters(**changed):
    return VideoClusters(
        **{
            "video_ids": ("a", "b"),
            "labels": [1, 0],
            "centers": [[1, 2], [3, 4], [5, 6]],
            "distances": [[1, 0, 2], [0, 1, 2]],
            **changed,
        }
    )


def test_clusters_made_otherwise_have_measures_that_are_not_known():
    found = given_clusters()
    assert found.video_ids == ["a", "b"]
    assert (found.labels.dtype, found.centers.dtype, found.distances.dtype) == (np.int64, np.float64, np.float64)
    assert found.n_clusters == 3
    assert found.sizes.tolist() == [1, 1, 0]
    assert np.isnan(found.silhouette)
    assert np.isnan(found.cluster_silhouettes).tolist() == [True] * 3
    assert np.isnan(found.video_silhouettes).tolist() == [True] * 2
    assert repr(cluster_videos(LINE, 3)) == "VideoClusters(5 videos in 3 clusters, silhouette 0.720)"


def test_members_are_the_nearest_first():
    found = cluster_videos(pd.DataFrame({"x": [0.0, 4, 5, 50, 51, 57, 51]}), 2)
    assert found.members(0).tolist() == [4, 6, 3, 5]
    assert found.members(1).tolist() == [1, 2, 0]
    assert given_clusters().members(2).tolist() == []
    with pytest.raises(ParameterError, match="cluster must be a whole number of at least 0 and below 2; got 2"):
        found.members(2)
    with pytest.raises(ParameterError, match="cluster must be a whole number"):
        found.members(-1)


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"video_ids": "ab"}, "video_ids must be texts, one for each video; got str"),
        ({"video_ids": ["a", 2]}, "none empty; got 2"),
        ({"video_ids": ["a", "a"]}, "no two the same; got 'a' twice"),
        ({"labels": [0]}, "labels must be whole numbers, one for each of the 2 videos"),
        ({"labels": [0, 3]}, "labels must be from 0 to 2, one of the 3 centres; got 0 to 3"),
        ({"labels": [-1, 0]}, "got -1 to 0"),
        ({"centers": [1, 2, 3]}, r"centers must be finite numbers, \(k, d\), a centre a cluster; got shape \(3,\)"),
        ({"centers": [[np.nan]]}, "centers must be finite numbers.*; got NaN at"),
        ({"distances": [[1, 0], [0, 1]]}, r"distances must be .*\(2, 3\).*; got shape \(2, 2\)"),
        ({"distances": [[1, 0, -1], [0, 1, 2]]}, "from 0.*; got -1"),
        ({"silhouette": "high"}, "silhouette must be a number"),
        ({"davies_bouldin": [1.0]}, r"davies_bouldin must be a number; got shape \(1,\)"),
        (
            {"cluster_silhouettes": [0.5]},
            r"cluster_silhouettes must be numbers, \(3,\), one a cluster; got shape \(1,\)",
        ),
        ({"video_silhouettes": [[0.5]]}, r"video_silhouettes must be numbers, .*; got shape \(1, 1\)"),
    ],
)
def test_parts_of_clusters_must_fit(changed, message):
    with pytest.raises(ParameterError, match=message):
        given_clusters(**changed)
