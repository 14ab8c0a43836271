from .cache import read_cached, write_cached
from .downloads import download
from .files import file_hash, file_key, load_or_make, locked, remove_partials, write_whole
from .folders import cache_folder, data_folder, require_writable, warn_not_cached
from .progress import progress_bar

__all__ = [
    "cache_folder",
    "data_folder",
    "download",
    "file_hash",
    "file_key",
    "load_or_make",
    "locked",
    "progress_bar",
    "read_cached",
    "remove_partials",
    "require_writable",
    "warn_not_cached",
    "write_cached",
    "write_whole",
]
