from .clusters import describe_clusters as describe_clusters
from .clusters import keyword_table as keyword_table
from .clusters import write_descriptions as write_descriptions
from .films import clean_subtitle as clean_subtitle
from .films import film_words as film_words
from .summaries import summarize as summarize
from .summaries import summarize_all as summarize_all
