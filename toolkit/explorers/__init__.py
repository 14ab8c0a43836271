"""Explorers: controls to look at a film with, to choose a parameter by, and to correct what was found.

- `distances`: `explore_distances`; `maps`: `explore_maps`, on `map_pictures`; `fingerprint`: `explore_fingerprint`
- `threshold`: `explore_threshold`; `cuts`: `explore_cuts`, on `cut_rows`, `cut_frames` and `cut_corrections`
- `dialogues`: `explore_dialogues`; `scenes`: `explore_scenes`, on `scene_pictures` and `scene_corrections`
- `clusters`: `explore_clusters`; `close_ups`: `label_close_ups`, on `close_up_grid` and `close_up_table`
- `player`: `play`
- shared by these: `explorer`, `pictures`

Each is a class whose objects show themselves as a cell's result. A control calls a function of the toolkit, no more,
and what is on screen can be read back: `parameters` are keyword arguments that show the same again, `code` is the call
of the toolkit that gives it, ready to paste, and `result` what that call returns.
"""

# modules of these import each other in circles, which breaks where threads begin with different ones: one begins here
import ipywidgets  # noqa: F401
import lazy_loader
import matplotlib.axes  # noqa: F401

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
