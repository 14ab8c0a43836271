from .engine import (
    exact_convolutions,
    import_keras,
    inference_device,
    one_thread,
    package_versions,
    quiet_transformers,
    show_epochs,
)
from .files import check_there, load_model, quiet_arrays, save_model
from .weights import CLIP_ID, LAYOUT_HINT, files_of_folder, files_of_hub, folder_identity, folder_stamps, model_folder

__all__ = [
    "CLIP_ID",
    "LAYOUT_HINT",
    "check_there",
    "exact_convolutions",
    "files_of_folder",
    "files_of_hub",
    "folder_identity",
    "folder_stamps",
    "import_keras",
    "inference_device",
    "load_model",
    "model_folder",
    "one_thread",
    "package_versions",
    "quiet_arrays",
    "quiet_transformers",
    "save_model",
    "show_epochs",
]
