from .clusters import describe_clusters, keyword_table, write_descriptions
from .films import clean_subtitle, film_words
from .summaries import summarize, summarize_all

__all__ = [
    "clean_subtitle",
    "describe_clusters",
    "film_words",
    "keyword_table",
    "summarize",
    "summarize_all",
    "write_descriptions",
]
