"""Networks that find scene boundaries in the features of shots: built, trained, searched for, and run.

- `networks`: `build_wavenet`, `build_bilstm`, as published and so that they learn
- `training`: `train`, `predict`; `final`: `refit`, `save_model`, `load_model`
- `search`: `random_search`, `search_ranges`, `SceneNetwork`
- `division`: `divide`: scenes from boundary probabilities, compiled in `kernels`
- `comparisons`: the shots before a place compared with those after it
- `directions`: the projections that training begins with
- `batches`: padding and segments for training
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
