from .cluster_map import write_cluster_map as write_cluster_map
from .clusters import VideoClusters as VideoClusters
from .kmeans import choose_k as choose_k
from .kmeans import cluster_videos as cluster_videos
from .mapping import read_mapping as read_mapping
from .mapping import write_mapping as write_mapping
