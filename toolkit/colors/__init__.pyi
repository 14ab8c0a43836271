from .dominant import dominant_colors, fingerprint
from .files import read_fingerprint, to_hex, write_fingerprint
from .spaces import from_space, to_space

__all__ = [
    "dominant_colors",
    "fingerprint",
    "from_space",
    "read_fingerprint",
    "to_hex",
    "to_space",
    "write_fingerprint",
]
