"""JupyterLab, as `make lab` opens it, on the first notebook."""

from lab import open_notebook, run_cell


def test_the_first_notebook_opens_and_its_first_cell_runs(lab_page, lab, screenshots):
    page = lab_page
    open_notebook(page, lab, "notebooks/01_frame_extraction.ipynb")
    page.get_by_role("heading", name="Frames of a film").wait_for(timeout=60_000)
    run_cell(page, 0)
    imports = page.locator(".jp-CodeCell").first
    imports.locator(".jp-InputPrompt").filter(has_text="[1]:").wait_for(timeout=60_000)
    page.screenshot(path=screenshots / "lab.png")
    assert imports.locator(".jp-OutputArea-output").count() == 0
    allowed = lab.url, lab.url.replace("http", "ws"), "data:", "blob:"
    assert [url for url in page.requested if not url.startswith(allowed)] == []
