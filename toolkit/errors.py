"""The three errors that the toolkit raises. Each message says what was expected, what came, and what to try."""


class ParameterError(ValueError):
    """An argument is of the wrong kind or out of range."""


class VideoError(Exception):
    """A film cannot be read."""


class DataError(Exception):
    """A data file is broken or unsafe to load."""
