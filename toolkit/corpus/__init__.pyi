from .captions import load_captions
from .embedding import embed_videos
from .files import find_videos, video_ids
from .msrvtt import load_msrvtt
from .results import embedded_videos, load_embeddings
from .shots import embed_shots
from .statistics import video_stats

__all__ = [
    "embed_shots",
    "embed_videos",
    "embedded_videos",
    "find_videos",
    "load_captions",
    "load_embeddings",
    "load_msrvtt",
    "video_ids",
    "video_stats",
]
