"""The notebooks, run for a film: executed copies, and pages that open offline.

- `notebooks`: `run_notebooks`, `refresh_notebooks`, `film_folder`, `NotebookError`
- `pages`: `write_page`; `stills`: widgets replaced by their picture or text
- `journal`: which notebooks of a run are done, so that a killed run resumes
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
