"""The measures of clusters against scikit-learn's."""

import numpy as np
import pytest
from clustered import LINE, blobs
from sklearn import metrics

from toolkit.clustering import cluster_videos, measures


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("far", [0, 1000])
def test_measures_are_scikit_learns(dtype, far):
    vectors = (blobs()[0] + far).astype(dtype)
    found = cluster_videos(vectors, 7)
    exact = vectors.astype(np.float64)
    assert found.silhouette == pytest.approx(metrics.silhouette_score(exact, found.labels), abs=1e-9)
    np.testing.assert_allclose(found.video_silhouettes, metrics.silhouette_samples(exact, found.labels), atol=1e-9)
    assert found.davies_bouldin == pytest.approx(metrics.davies_bouldin_score(exact, found.labels))
    assert found.calinski_harabasz == pytest.approx(metrics.calinski_harabasz_score(exact, found.labels))
    for k in range(7):
        np.testing.assert_allclose(found.centers[k], exact[found.labels == k].mean(axis=0))
        np.testing.assert_allclose(found.distances[:, k], np.linalg.norm(exact - found.centers[k], axis=1))


def test_silhouettes_are_the_same_in_blocks_of_any_size(monkeypatch):
    vectors, _ = blobs()
    whole = cluster_videos(vectors, 4).video_silhouettes
    monkeypatch.setattr(measures, "BLOCK", 7 * len(vectors))
    np.testing.assert_allclose(cluster_videos(vectors, 4).video_silhouettes, whole, atol=1e-12)


def test_one_cluster_has_no_measures():
    found = cluster_videos(LINE, 1)
    assert found.labels.tolist() == [0] * 5
    assert np.isnan([found.silhouette, found.davies_bouldin, found.calinski_harabasz]).all()
    assert np.isnan(found.cluster_silhouettes).all()
    np.testing.assert_allclose(found.distances[:, 0], [10.4, 0.4, 9.4, 0.6, 19.6])
