"""Tables of spans and the files they are written to: checked once, readable by hand, never overwritten when edited.

- `spans`: `check_table`, `check_spans`, `check_tables`, `check_columns`, `check_row` and `check_within`,
  for tables whose rows have a start and an end in seconds; `table_name`, `row_of` for messages
- `csv_files`: `write_csv`, `read_csv`, `read_rows`, `read_cells`: clock times and lists, and back
- `lines`: a row as one line of text, ``transition=cut; setup=3``, and rows in tiers, for exports
- `texts`: `decode_text`, the words of `TRUE` and `FALSE`: values as text, and text as files hold it
- `edits`: `check_path`, `check_file`, `set_aside`, `write_beside_edited`: what a person edited is never overwritten
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
