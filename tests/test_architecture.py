"""The house of DESIGN: floors, light imports, and the form of the notebooks."""

import json
import re
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

ROOT = Path(__file__).parents[1]
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
HEAVY = ("torch", "keras", "transformers", "umap", "matplotlib", "cv2")


@pytest.fixture(params=NOTEBOOKS, ids=lambda path: path.stem)
def notebook(request):
    return nbformat.read(request.param, as_version=4)


def test_a_module_imports_only_from_floors_below():
    # in a process of its own: import-linter sets up logging, which closes the streams that other libraries log to
    command = [Path(sys.executable).parent / "lint-imports", "--no-cache"]
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, timeout=120)
    assert done.returncode == 0, done.stdout + done.stderr


def test_importing_the_toolkit_loads_nothing_heavy():
    program = f"import sys, toolkit; print([name for name in {HEAVY!r} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, cwd=ROOT, timeout=60)
    assert done.stdout == "[]\n", done.stderr


def test_no_cache_depends_on_the_text_of_sources():
    sources = [path.read_text(encoding="utf-8") for path in (ROOT / "toolkit").rglob("*.py")]
    assert not [text for text in sources if re.search(r"__file__\)*\.read_|\.getsource|\.__file__", text)]


def test_notebooks_are_numbered_one_by_one():
    assert [path.stem[:3] for path in NOTEBOOKS] == [f"{n:02d}_" for n in range(1, len(NOTEBOOKS) + 1)]


def test_a_notebook_begins_with_its_title(notebook):
    assert notebook.cells[0].cell_type == "markdown"
    assert notebook.cells[0].source.startswith("# ")


def test_a_notebook_has_one_cell_of_parameters_that_sets_film_and_out(notebook):
    (cell,) = [cell for cell in notebook.cells if "parameters" in cell.metadata.get("tags", [])]
    names = {}
    exec(cell.source, names)
    assert names["film"] is None
    assert names["out"] == "../out"


def test_code_cells_are_short_and_follow_prose(notebook):
    before = None
    for cell in notebook.cells:
        if cell.cell_type == "code":
            assert len([line for line in cell.source.splitlines() if line.strip()]) <= 12, cell.source
            assert before is not None, cell.source
            assert before.cell_type == "markdown", cell.source
        before = cell


def test_stored_outputs_are_whole_and_small(notebook):
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", [])]
    assert len(json.dumps(outputs)) <= 1_750_000
    assert not [output for output in outputs if output.output_type == "error"]
    counts = [cell.execution_count for cell in notebook.cells if cell.cell_type == "code"]
    assert counts == list(range(1, len(counts) + 1)), "run `make outputs`"
