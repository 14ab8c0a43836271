from .corpus.rendering import sample_corpus as sample_corpus
from .film.rendering import sample_film as sample_film
from .movies import iter_sample_movies as iter_sample_movies
from .movies import sample_movies as sample_movies
from .records import SampleCorpus as SampleCorpus
from .records import SampleFilm as SampleFilm
