"""Neural networks: the engine that runs them, their files, and where pretrained weights are.

- `engine`: `import_keras`, on torch, when first needed; `one_thread`, `inference_device`
- `files`: `save_model`, `load_model`: trained networks, read without executing any code in the file
- `training`: `epoch_batches`, `training_bar`: what all trainings share
- `weights`: `model_folder`, `files_of_folder`, `files_of_hub`: pretrained weights, from disk or the hub's cache
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
