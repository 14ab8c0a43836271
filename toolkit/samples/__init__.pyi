from .corpus.rendering import sample_corpus
from .film.rendering import sample_film
from .movies import iter_sample_movies, sample_movies
from .records import SampleCorpus, SampleFilm

__all__ = ["SampleCorpus", "SampleFilm", "iter_sample_movies", "sample_corpus", "sample_film", "sample_movies"]
