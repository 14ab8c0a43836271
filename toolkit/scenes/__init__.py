"""Scenes: the features and scene boundaries of movies, loaded safely, split, padded and written; a film's own scenes.

- `movies`: `Movie`, `load_movie`, `load_movies`, `write_movie`, `write_predictions`
- `files`: the formats: pickles read without executing anything, .npz and .safetensors
- `batches`: `split_movies`, `pad_movies`, `unpad`
- `features`: `film_features`: the shots of a film as vectors of place, cast, action and audio
- `grouping`: `group_shots`, `shot_distances`: scenes by optimal grouping, without training; compiled in `kernels`
- `tables`: `scene_table`, `boundaries_at`

Boundary i is the place between shot i and shot i + 1: n shots have n - 1 boundaries.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
