from .division import divide
from .final import load_model, refit, save_model
from .networks import build_bilstm, build_wavenet
from .search import SceneNetwork, random_search, search_ranges
from .training import predict, train

__all__ = [
    "SceneNetwork",
    "build_bilstm",
    "build_wavenet",
    "divide",
    "load_model",
    "predict",
    "random_search",
    "refit",
    "save_model",
    "search_ranges",
    "train",
]
