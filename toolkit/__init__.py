"""A Jupyter-first research toolkit for film.

Each name is a noun of the field; ``from toolkit import video, distances`` opens what a notebook needs. Importing the
toolkit loads nothing heavy and changes nothing global: a package loads when it is first used.

From the film up: `video`, `sound` and `subtitles` read it; `distances` and `colors` measure its frames; `embeddings`,
`projections` and `clustering` make vectors, maps and clusters; `shots`, `closeups` and `dialogue` find what is cut, how
near the camera is, and who speaks with whom; `scenes`, `scene_models` and `metrics` find scenes, learn them, and score
them; `keywords` and `exports` give words and files; `corpus` does the same for thousands of films; `plots`,
`explorers`, `reports` and `commands` show it. `samples` draws films with their truth. `records` are what is passed
along, on top of `tables`, `networks`, `storage`, `checks` and `errors`.
"""

import lazy_loader

__version__ = "0.1.0"
__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
__all__ += ["__version__"]
