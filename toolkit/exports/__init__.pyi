from .elan import read_elan, write_elan
from .folders import add_frames, read_csv, read_setups, read_table, setup_names, write_table
from .timelines import read_timeline, write_timeline

__all__ = [
    "add_frames",
    "read_csv",
    "read_elan",
    "read_setups",
    "read_table",
    "read_timeline",
    "setup_names",
    "write_elan",
    "write_table",
    "write_timeline",
]
