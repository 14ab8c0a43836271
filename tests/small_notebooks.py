"""Notebooks of a few cells, and what they printed."""

import nbformat

PARAMETERS = 'film = None\nout = "../out"'


def write(path, *sources):
    """Write a notebook: a source that begins with # is text, one that sets film is the parameters cell."""
    notebook = nbformat.v4.new_notebook()
    for source in sources:
        new = nbformat.v4.new_markdown_cell if source.startswith("#") else nbformat.v4.new_code_cell
        cell = new(source)
        cell.metadata["tags"] = ["parameters"] if source.startswith("film =") else []
        notebook.cells.append(cell)
    path.parent.mkdir(exist_ok=True)
    nbformat.write(notebook, path)


def outputs(path):
    """Return everything that a notebook's cells printed."""
    notebook = nbformat.read(path, as_version=4)
    return "".join(output.get("text", "") for cell in notebook.cells for output in cell.get("outputs", []))
