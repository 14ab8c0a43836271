from .close_ups import CloseUpLabels, label_close_ups
from .clusters import ClusterExplorer, explore_clusters
from .cuts import CutsExplorer, explore_cuts
from .dialogues import DialogueExplorer, explore_dialogues
from .distances import DistanceExplorer, explore_distances
from .fingerprint import FingerprintExplorer, explore_fingerprint
from .maps import MapExplorer, explore_maps
from .player import Player, play
from .scenes import SceneExplorer, explore_scenes
from .threshold import ThresholdExplorer, explore_threshold

__all__ = [
    "CloseUpLabels",
    "ClusterExplorer",
    "CutsExplorer",
    "DialogueExplorer",
    "DistanceExplorer",
    "FingerprintExplorer",
    "MapExplorer",
    "Player",
    "SceneExplorer",
    "ThresholdExplorer",
    "explore_clusters",
    "explore_cuts",
    "explore_dialogues",
    "explore_distances",
    "explore_fingerprint",
    "explore_maps",
    "explore_scenes",
    "explore_threshold",
    "label_close_ups",
    "play",
]
