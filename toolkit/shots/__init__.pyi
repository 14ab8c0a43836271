from .corrections import correct_shots
from .cuts import detect_shots
from .setups import group_setups, shot_distances, suggest_setup_threshold
from .statistics import pace, setup_shares, shot_statistics
from .tables import complete_shots, labels_at, shot_table, times_in_shots
from .trees import cluster_frames, cut_tree, linkage_tree, suggest_threshold

__all__ = [
    "cluster_frames",
    "complete_shots",
    "correct_shots",
    "cut_tree",
    "detect_shots",
    "group_setups",
    "labels_at",
    "linkage_tree",
    "pace",
    "setup_shares",
    "shot_distances",
    "shot_statistics",
    "shot_table",
    "suggest_setup_threshold",
    "suggest_threshold",
    "times_in_shots",
]
