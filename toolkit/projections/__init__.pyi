from .frame_map import read_frame_map as read_frame_map
from .frame_map import write_frame_map as write_frame_map
from .methods import project as project
from .methods import scale_to_box as scale_to_box
from .trust import neighbor_preservation as neighbor_preservation
from .trust import trustworthiness as trustworthiness
