from .frame_map import read_frame_map, write_frame_map
from .methods import project, scale_to_box
from .trust import neighbor_preservation, trustworthiness

__all__ = ["neighbor_preservation", "project", "read_frame_map", "scale_to_box", "trustworthiness", "write_frame_map"]
