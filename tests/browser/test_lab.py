"""JupyterLab, as `make lab` opens it, on the first notebook."""

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import nbformat
import pytest

NOTEBOOK = Path(__file__).parents[2] / "notebooks" / "01_frame_extraction.ipynb"


@pytest.fixture
def lab(tmp_path):
    """Yield the address of a JupyterLab with a home of its own, on a copy of the notebook without its outputs."""
    if not NOTEBOOK.exists():
        pytest.skip(f"{NOTEBOOK.name} is not there")
    (tmp_path / "notebooks").mkdir()
    notebook = nbformat.read(NOTEBOOK, as_version=4)
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    nbformat.write(notebook, tmp_path / "notebooks" / NOTEBOOK.name)
    folders = {"HOME": "home", "JUPYTER_CONFIG_DIR": "config", "JUPYTER_DATA_DIR": "data", "IPYTHONDIR": "ipython"}
    folders["JUPYTER_RUNTIME_DIR"] = "runtime"
    own = {name: str(tmp_path / folder) for name, folder in folders.items()}
    for folder in own.values():
        Path(folder).mkdir()
    settings = tmp_path / "config" / "labconfig" / "page_config.json"
    settings.parent.mkdir()
    settings.write_text(json.dumps({"disabledExtensions": {"@jupyterlab/apputils-extension:announcements": True}}))
    command = [sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root", "--port=0", "--ip=127.0.0.1"]
    command += ["--IdentityProvider.token=", "--LabApp.extension_manager=readonly"]
    with open(tmp_path / "lab.log", "w") as log:
        environment = {**os.environ, **own}
        server = subprocess.Popen(command, cwd=tmp_path / "notebooks", env=environment, stdout=log, stderr=log)
        try:
            yield _address(tmp_path / "runtime", server, tmp_path / "lab.log")
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


def test_the_first_notebook_opens_and_its_first_cell_runs(page, lab, screenshots):
    page.goto(f"{lab}lab/tree/{NOTEBOOK.name}")
    page.get_by_role("heading", name="Frames of a film").wait_for(timeout=60_000)
    page.get_by_text("| Idle").first.wait_for(timeout=60_000)
    imports = page.locator(".jp-CodeCell").first
    imports.locator(".cm-content").click()
    page.keyboard.press("Shift+Enter")
    imports.locator(".jp-InputPrompt").filter(has_text="[1]:").wait_for(timeout=60_000)
    page.screenshot(path=screenshots / "lab.png")
    assert imports.locator(".jp-OutputArea-output").count() == 0
    assert [
        url for url in page.requested if not url.startswith((lab, lab.replace("http", "ws"), "data:", "blob:"))
    ] == []
