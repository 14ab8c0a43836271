"""Files that are whole or absent, the folders where computed things are kept, downloads, progress bars.

- `files`: `write_whole`, `locked`, `load_or_make`, `remove_partials`, `file_key`, `file_hash`
- `folders`: `data_folder`, `cache_folder`; `require_writable`, `warn_not_cached` for folders that cannot be written
- `cache`: `write_cached`, `read_cached`: values by text or bytes in a file of SQLite
- `downloads`: `download`, with a checksum
- `progress`: `progress_bar`
- `pages`: `page_bytes`, `page_title`, `picture_sheets`, `thumbnail_width`: HTML pages that hold data and pictures
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
