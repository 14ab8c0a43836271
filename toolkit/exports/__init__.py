"""Tables of shots, set-ups, dialogues and scenes as files, for other tools and for correction by hand, and back.

- `folders`: `write_table`, `read_table`, `read_setups`, `setup_names`, `add_frames`, `read_csv`: a film's folder of CSV
  files, where ``<name>.corrected.csv`` wins
- `elan`: `write_elan`, `read_elan`: all tables in one .eaf, a tier each
- `timelines`: `write_timeline`, `read_timeline`: OpenTimelineIO (.otio) and edit decision lists (.edl)
- `corrections`: a table corrected by an explorer, saved at once
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
