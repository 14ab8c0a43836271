from .batches import evenly, image_batches
from .folders import extract_frames, load_frames
from .frames import Frames, VideoInfo, iter_frames, probe, read_frames
from .proxies import proxy
from .regions import crop, find_bars, mask_region

__all__ = [
    "Frames",
    "VideoInfo",
    "crop",
    "evenly",
    "extract_frames",
    "find_bars",
    "image_batches",
    "iter_frames",
    "load_frames",
    "mask_region",
    "probe",
    "proxy",
    "read_frames",
]
