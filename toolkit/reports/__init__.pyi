from .notebooks import NotebookError as NotebookError
from .notebooks import film_folder as film_folder
from .notebooks import refresh_notebooks as refresh_notebooks
from .notebooks import run_notebooks as run_notebooks
from .pages import write_page as write_page
