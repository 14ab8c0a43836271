"""The pages that `make notebooks` leaves, as a person sees them."""

import nbformat
import pytest

from toolkit import reports

PARAMETERS = 'film = None\nout = "../out"'
FIGURE = "import matplotlib.pyplot as plt\nplt.plot([1, 3, 2])\nplt.title('a figure');"
WIDE = "plt.figure(figsize=(30, 3))\nplt.plot([1, 3, 2]);"
WIDGETS = (
    "import ipywidgets\nipywidgets.VBox([ipywidgets.IntSlider(3, description='speed'), ipywidgets.Label('a < b')])"
)


@pytest.fixture(scope="module")
def report(tmp_path_factory):
    """Return the page of a small notebook that was run."""
    folder = tmp_path_factory.mktemp("report")
    cells = [nbformat.v4.new_markdown_cell("# A small notebook\n\nWith a few words.")]
    cells += [nbformat.v4.new_code_cell(source) for source in (PARAMETERS, FIGURE, WIDE, WIDGETS, "print('the end')")]
    cells[1].metadata["tags"] = ["parameters"]
    (folder / "notebooks").mkdir()
    nbformat.write(nbformat.v4.new_notebook(cells=cells), folder / "notebooks" / "01_small.ipynb")
    (path,) = reports.run_notebooks(notebooks=folder / "notebooks", out=folder / "out", progress=False)
    return path


def test_a_page_opens_offline_with_its_figures(page, report, screenshots):
    page.goto(report.as_uri())
    page.wait_for_load_state("networkidle")
    page.screenshot(path=screenshots / "page.png", full_page=True)
    assert [url for url in page.requested if not url.startswith(("file://", "data:"))] == []
    assert page.errors == []
    assert page.title() == "A small notebook - sample_film_0"
    widths = page.eval_on_selector_all("img", "all => all.map(image => image.naturalWidth)")
    assert len(widths) == 2
    assert min(widths) > 100


def test_figures_fit_the_page(page, report):
    page.set_viewport_size({"width": 800, "height": 600})
    page.goto(report.as_uri())
    assert page.evaluate("document.documentElement.scrollWidth") <= 800
    right = page.eval_on_selector_all("img", "all => all.map(image => image.getBoundingClientRect().right)")
    assert max(right) <= 800


def test_widgets_are_seen_as_text(page, report):
    page.goto(report.as_uri())
    assert page.locator(".film-still").all_inner_texts() == ["speed: 3", "a < b"]
    assert page.get_by_text("the end", exact=True).is_visible()
