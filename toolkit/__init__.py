"""A Jupyter-first research toolkit for film.

Each module is a noun of the field; ``from toolkit import video, distances`` brings in what a notebook needs.
Importing the package itself loads nothing heavy and changes nothing global.
"""

from toolkit.errors import DataError, ParameterError, VideoError

__version__ = "0.1.0"
__all__ = ["DataError", "ParameterError", "VideoError", "__version__"]
