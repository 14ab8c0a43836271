"""Is a frame a medium close-up? By the height of its faces, or by a small network trained on your labels.

- `scale`: `face_scale`, `is_close_up`: the tallest face as a share of the picture's height; needs no training
- `faces`: the detectors, OpenCV's cascades and ultraface, and the cache of what they found; `download_ultraface`
- `labels`: `read_labels`, `read_label_table`: frames labeled by hand
- `network`: `build_model`, `predict`, `save_model`, `load_model`
- `training`: `train`, `validation_split`
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
