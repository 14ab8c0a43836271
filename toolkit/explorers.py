"""Explorers: controls to look at a film with, to choose a parameter by, and to correct what was found.

Each returns an object that shows itself as a cell's result. A control calls a function of the toolkit, no more, and
what is on screen can be read back: `parameters` are keyword arguments that show the same again, `code` is the call of
the toolkit that gives it, ready to paste, and `result` what that call returns. So what was found with a slider leaves
as a line of code.
"""

from toolkit._explore_close_ups import CloseUpLabels, label_close_ups
from toolkit._explore_clusters import ClusterExplorer, explore_clusters
from toolkit._explore_cuts import CutsExplorer, explore_cuts
from toolkit._explore_dialogues import DialogueExplorer, explore_dialogues
from toolkit._explore_distances import DistanceExplorer, explore_distances
from toolkit._explore_fingerprint import FingerprintExplorer, explore_fingerprint
from toolkit._explore_maps import MapExplorer, explore_maps
from toolkit._explore_scenes import SceneExplorer, explore_scenes
from toolkit._explore_threshold import ThresholdExplorer, explore_threshold
from toolkit._player import Player, play

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
