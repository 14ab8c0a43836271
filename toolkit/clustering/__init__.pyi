from .cluster_map import write_cluster_map
from .clusters import VideoClusters
from .kmeans import choose_k, cluster_videos
from .mapping import read_mapping, write_mapping

__all__ = ["VideoClusters", "choose_k", "cluster_videos", "read_mapping", "write_cluster_map", "write_mapping"]
