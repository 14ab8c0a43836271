"""Distances between frames: all pairs, those within a window, and each frame to the next.

- `matrices`: `pairwise`, `consecutive`, `luma`; metrics ``"gray"`` in [0, 255] and ``"hsl"`` in [0, 3], defined there
- `kernels`: the compiled loops, with vector instructions where the processor has them
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
