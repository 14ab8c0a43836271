"""Shots, and the camera set-ups they return to.

- `cuts`: `detect_shots`: hard cuts, and gradual changes from `gradual`, both by the features in `cues`
- `trees`: `linkage_tree`, `cut_tree`, `cluster_frames`, `suggest_threshold`: Ward's method, compiled in `ward`
- `setups`: `group_setups`, `shot_distances`, `suggest_setup_threshold`: shots by camera set-up
- `tables`: `shot_table`, `labels_at`, `times_in_shots`, `complete_shots`
- `statistics`: `shot_statistics`, `setup_shares`, `pace`
- `corrections`: `correct_shots`, and the edits of the explorer of cuts

Labels are int, numbered from 0 in order of first sight. Times are float64 seconds; a span of frames or of time is
half-open, ``[start, end)``. A table of shots has a row a shot, in order, with the columns `start` and `end`; a frame
lies in a shot if ``start <= time < end``, within a microsecond.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
