"""Videos in clusters, by the vectors that describe them: k-means, and how good its clusters are.

- `kmeans`: `cluster_videos`, `choose_k`
- `clusters`: `VideoClusters`, the result
- `measures`: silhouettes, Davies-Bouldin, Calinski-Harabasz
- `mapping`: `write_mapping`, `read_mapping`: which video is in which cluster, as CSV
- `cluster_map`: `write_cluster_map`, a page with a dot for each video
- `cards`: the picture, words and captions that stand for a video
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
