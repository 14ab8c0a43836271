"""Executed notebooks as HTML pages that open offline and make no request."""

import re
from pathlib import Path

from toolkit import storage
from toolkit.reports.stills import freeze_widgets

# nbconvert's own page, without the scripts that it would fetch from elsewhere
PAGE = """{% extends "lab/index.html.j2" %}
{% block html_head_js %}{% endblock %}
{% block html_head_js_mathjax %}{% endblock %}
{% block html_head_js_mermaidjs %}{% endblock %}
{% block html_head_css %}
<style>
main { max-width: 66rem; margin: 0 auto; }
.jp-RenderedMarkdown p, .jp-RenderedMarkdown li { max-width: 48rem; }
.jp-OutputArea-output { overflow-x: auto; }
.jp-OutputArea-output img, .jp-OutputArea-output svg { max-width: 100%; height: auto; }
.jp-InputArea-editor pre { white-space: pre-wrap; overflow-wrap: anywhere; }
.film-still { padding: 0.25rem; display: flex; flex-wrap: wrap; align-items: center; gap: 0.25rem 1rem; }
</style>
{% endblock %}"""


def write_page(notebook, page, *, images=None):
    """Write an executed notebook as one HTML page that opens offline.

    Parameters
    ----------
    notebook : path
        An .ipynb with its outputs.
    page : path
        The .html to write; its title is the notebook's first heading and the name of the page's folder.
    images : path, optional
        The folder that pictures named in the text are relative to; by default the notebook's own.
    """
    import nbformat
    from nbconvert import HTMLExporter

    notebook = Path(notebook)
    node = freeze_widgets(nbformat.read(notebook, as_version=4))
    for cell in node.cells:
        if cell.cell_type == "markdown":
            # the page of another notebook lies beside this one's
            cell.source = re.sub(r"\]\((\d\d_\w+)\.ipynb\)", r"](\1.html)", cell.source)
    exporter = HTMLExporter(raw_template=PAGE, embed_images=True)
    name = f"{_heading(node) or notebook.stem} - {Path(page).resolve().parent.name}"
    folder = Path(images or notebook.parent).resolve()
    text, _ = exporter.from_notebook_node(node, {"metadata": {"name": name, "path": str(folder)}})
    with storage.write_whole(page) as partial:
        partial.write_text(text, encoding="utf-8")


def _heading(notebook):
    """Return the first heading of a notebook's text, or None."""
    text = "\n\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")
    heading = re.search(r"^# +(.+)$", text, re.MULTILINE)
    return heading and heading[1].strip()
