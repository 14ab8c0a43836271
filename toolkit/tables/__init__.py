"""Tables of spans and the files they are written to: checked once, readable by hand, never overwritten when edited.

- `spans`: checks of tables whose rows have a start and an end in seconds
- `csv_files`: CSV files, with clock times and lists, and back
- `lines`: a row as one line of text, ``transition=cut; setup=3``, and back
- `edits`: names and files that a person edits, kept beside what is written again
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
