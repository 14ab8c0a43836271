"""Samples to measure on, made here with their truth.

- `film`: `sample_film`, a short drawn film with what makes real film hard: `film.rendering` and the rooms it draws with
- `movies`: `sample_movies`, `iter_sample_movies`: vectors of the shots of whole movies, as in the MovieScenes challenge
- `corpus`: `sample_corpus`, a folder of clips of six kinds, with captions as people write them
- `brush`: what films and corpora are drawn with
- `records`: `SampleFilm`, `SampleCorpus`
- `files`: their videos, and their truth on disk

Nothing in them is borrowed: each is made from its seed, so everything that can be found in it is known.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
