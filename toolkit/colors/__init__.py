"""Colors: the dominant colors of a frame, and the color fingerprint of a film.

- `dominant`: `dominant_colors`, `fingerprint`: k-means of a frame's pixels, in a space of seen differences
- `spaces`: `to_space`, `from_space`: sRGB to CIELAB and OKLab, and back
- `files`: `write_fingerprint`, `read_fingerprint`, `to_hex`
- `kernels`: the compiled loops
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
