from .notebooks import NotebookError, film_folder, refresh_notebooks, run_notebooks
from .pages import write_page

__all__ = ["NotebookError", "film_folder", "refresh_notebooks", "run_notebooks", "write_page"]
