"""Words for clusters of videos, from their captions, and for the parts of a film, from its subtitles.

- `clusters`: `describe_clusters`, `keyword_table`, `write_descriptions`
- `summaries`: `summarize`, `summarize_all`: the captions of a video in one text
- `films`: `film_words`; `speech`: `clean_subtitle`, what is spoken without names, music and mark-up
- `phrases`: candidates and scores of KeyBERT
- `inputs`: checks of captions, spans and options
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
