from .axes import clock
from .clusters import plot_barcode, plot_cluster_strips
from .colors import plot_color_plane, plot_color_ring, plot_color_strip, plot_color_wave, plot_fingerprint_poster
from .corpus import (
    plot_choose_k,
    plot_cluster_examples,
    plot_cluster_map,
    plot_cluster_sizes,
    plot_silhouettes,
    plot_video_grid,
    plot_video_stats,
)
from .distances import plot_curve, plot_distances
from .frames import plot_box, plot_frames
from .maps import plot_map, scatter_map
from .scenes import plot_boundaries, plot_scenes
from .shots import plot_cuts, plot_dialogues, plot_face_scale, plot_pace
from .tree import plot_dendrogram, plot_threshold_sensitivity

__all__ = [
    "clock",
    "plot_barcode",
    "plot_boundaries",
    "plot_box",
    "plot_choose_k",
    "plot_cluster_examples",
    "plot_cluster_map",
    "plot_cluster_sizes",
    "plot_cluster_strips",
    "plot_color_plane",
    "plot_color_ring",
    "plot_color_strip",
    "plot_color_wave",
    "plot_curve",
    "plot_cuts",
    "plot_dendrogram",
    "plot_dialogues",
    "plot_distances",
    "plot_face_scale",
    "plot_fingerprint_poster",
    "plot_frames",
    "plot_map",
    "plot_pace",
    "plot_scenes",
    "plot_silhouettes",
    "plot_threshold_sensitivity",
    "plot_video_grid",
    "plot_video_stats",
    "scatter_map",
]
