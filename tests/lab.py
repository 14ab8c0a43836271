"""JupyterLab, as `make lab` opens it, with a home of its own, and notebooks in it."""

import contextlib
import json
import os
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import nbformat
import pytest

NOTEBOOKS = Path(__file__).parents[1] / "notebooks"
HOMES = {"HOME": "home", "JUPYTER_CONFIG_DIR": "config", "JUPYTER_DATA_DIR": "data", "IPYTHONDIR": "ipython"}
NEWS = "@jupyterlab/apputils-extension:announcements"
# runs all cells, though for no more than so many seconds
RUN_ALL = """(seconds) => Promise.race([
  window.jupyterapp.commands.execute("notebook:run-all-cells").then(() => true),
  new Promise((done) => setTimeout(() => done(false), 1000 * seconds)),
])"""
OUTPUTS = "() => window.jupyterapp.shell.currentWidget.context.model.toJSON().cells.map((cell) => cell.outputs || [])"


@dataclass(frozen=True)
class Lab:
    """A JupyterLab: its address, and the folder that it was opened in, with the folders notebooks and out."""

    url: str
    root: Path

    def add_notebook(self, folder, *sources):
        """Write a notebook of code cells into a folder of the notebooks; return its path below the root."""
        (self.root / "notebooks" / folder).mkdir(exist_ok=True)
        cells = [nbformat.v4.new_code_cell(source) for source in sources]
        kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
        path = f"notebooks/{folder}/made.ipynb"
        nbformat.write(nbformat.v4.new_notebook(cells=cells, metadata=kernel), self.root / path)
        return path


@contextlib.contextmanager
def start_lab(folder):
    """Yield a Lab in a new folder, on copies of the notebooks without their outputs."""
    root = folder / "root"
    (root / "out").mkdir(parents=True)
    (root / "notebooks").mkdir()
    for path in sorted(NOTEBOOKS.glob("*.ipynb")):
        notebook = nbformat.read(path, as_version=4)
        for cell in notebook.cells:
            if cell.cell_type == "code":
                cell.outputs, cell.execution_count = [], None
        nbformat.write(notebook, root / "notebooks" / path.name)
    own = {name: str(folder / place) for name, place in {**HOMES, "JUPYTER_RUNTIME_DIR": "runtime"}.items()}
    page = folder / "config" / "labconfig" / "page_config.json"
    page.parent.mkdir(parents=True, exist_ok=True)
    page.write_text(json.dumps({"disabledExtensions": {NEWS: True}}))
    command = [sys.executable, "-m", "jupyterlab", "--ServerApp.root_dir=.", "--LabApp.default_url=/lab/tree/notebooks"]
    command += ["--LabApp.extension_manager=readonly", "--LabApp.expose_app_in_browser=True", "--no-browser"]
    command += ["--allow-root", "--port=0", "--ip=127.0.0.1", "--IdentityProvider.token="]
    # tests draw where no one sees it, kernels into their notebooks
    environment = {name: value for name, value in os.environ.items() if name != "MPLBACKEND"} | own
    with open(folder / "lab.log", "w") as log:
        server = subprocess.Popen(command, cwd=root, env=environment, stdout=log, stderr=log)
        try:
            yield Lab(_address(folder / "runtime", server, folder / "lab.log"), root)
        finally:
            server.terminate()
            server.wait(30)


def _address(runtime, server, log):
    """Return where the server listens, once it has said so."""
    end = time.monotonic() + 60
    while time.monotonic() < end and server.poll() is None:
        for path in runtime.glob("jpserver-*.json"):
            try:
                return json.loads(path.read_text())["url"]
            except ValueError:
                pass  # being written
        time.sleep(0.2)
    pytest.fail(f"JupyterLab did not start:\n{log.read_text()}")


def open_notebook(page, lab, path):
    """Open a notebook, and no other, and wait for its kernel."""
    page.goto(f"{lab.url}lab/tree/{path}?reset")
    page.get_by_text("| Idle").first.wait_for(timeout=60_000)


def run_cell(page, number):
    """Run a code cell by the keyboard."""
    page.locator(".jp-CodeCell").nth(number).locator(".cm-content").click()
    page.keyboard.press("Shift+Enter")


def run_all(page, seconds=300):
    """Run all cells, and return the outputs of each, a list of dicts."""
    if not page.evaluate(RUN_ALL, seconds):
        pytest.fail(f"the cells were not done after {seconds} seconds")
    return page.evaluate(OUTPUTS)


def end_kernels(page):
    """End the kernels of all notebooks."""
    page.evaluate("() => window.jupyterapp?.serviceManager.sessions.shutdownAll()")
