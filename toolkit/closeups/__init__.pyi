from .faces import download_ultraface
from .labels import read_labels
from .network import build_model, load_model, predict, save_model
from .scale import face_scale, is_close_up
from .training import train, validation_split

__all__ = [
    "build_model",
    "download_ultraface",
    "face_scale",
    "is_close_up",
    "load_model",
    "predict",
    "read_labels",
    "save_model",
    "train",
    "validation_split",
]
