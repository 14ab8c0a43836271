"""Samples to be measured on, made here with their truth.

`sample_film` is a short drawn film with what makes real film hard; `sample_movies` are vectors of the shots of whole
movies, in the format of the MovieScenes challenge; `sample_corpus` is a folder of clips of a few kinds, with captions
as people write them. Nothing in them is borrowed: each is made from its seed, and so that all there is to find in it is
known.
"""

from toolkit._sample_corpus import sample_corpus
from toolkit._sample_film import sample_film
from toolkit._sample_movies import iter_sample_movies, sample_movies

__all__ = ["iter_sample_movies", "sample_corpus", "sample_film", "sample_movies"]
