"""Neural networks: the engine that runs them, their files, and where pretrained weights are.

- `engine`: keras on torch, imported when first needed; threads, devices, versions
- `files`: `save_model`, `load_model`: trained networks, read without executing any code in the file
- `weights`: folders of pretrained weights, from disk or the hub's cache, and how to get them
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
