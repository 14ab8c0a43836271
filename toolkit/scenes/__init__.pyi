from .batches import pad_movies, split_movies, unpad
from .features import film_features
from .grouping import group_shots, shot_distances
from .movies import Movie, load_movie, load_movies, write_movie, write_predictions
from .tables import boundaries_at, scene_table

__all__ = [
    "Movie",
    "boundaries_at",
    "film_features",
    "group_shots",
    "load_movie",
    "load_movies",
    "pad_movies",
    "scene_table",
    "shot_distances",
    "split_movies",
    "unpad",
    "write_movie",
    "write_predictions",
]
