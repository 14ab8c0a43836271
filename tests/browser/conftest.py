"""A headless Chromium of the system; where there is none, these tests are left out, in a sentence."""

import os
import shutil
from pathlib import Path

import pytest
from lab import end_kernels, start_lab

LOOKED_FOR = ("chromium", "chromium-browser", "google-chrome")
# nothing but loopback has an address, and the browser asks for nothing of its own
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost",
]


def _find_browser():
    named = os.environ.get("CHROMIUM")
    return named or next(filter(None, map(shutil.which, LOOKED_FOR)), None)


def pytest_collection_modifyitems(items):
    if _find_browser() is None:
        for item in items:
            item.add_marker(pytest.mark.skip(reason="no browser"))


def pytest_terminal_summary(terminalreporter):
    if _find_browser() is None:
        terminalreporter.write_line(
            f"No browser was found ({', '.join(LOOKED_FOR)}), so the tests that need one were left out; "
            "install Chromium, or name one: CHROMIUM=/path/to/chromium make test-browser"
        )


@pytest.fixture(scope="session")
def browser():
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=_find_browser(), args=ARGUMENTS)
        yield browser
        browser.close()


def _new_page(browser, width, height):
    page = browser.new_page(viewport={"width": width, "height": height})
    page.requested, page.errors = [], []
    page.on("request", lambda request: page.requested.append(request.url))
    page.on("console", lambda message: page.errors.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: page.errors.append(str(error)))
    return page


@pytest.fixture
def page(browser):
    """Return a page that keeps a list of the addresses it asked for, and one of the errors in its console."""
    page = _new_page(browser, 1200, 900)
    yield page
    page.close()


@pytest.fixture(scope="session")
def lab(tmp_path_factory):
    """Return the JupyterLab that all tests share."""
    with start_lab(tmp_path_factory.mktemp("lab")) as lab:
        yield lab


@pytest.fixture
def lab_page(page):
    """Return a page to open notebooks of JupyterLab in, whose kernels end with it."""
    yield page
    end_kernels(page)


@pytest.fixture(scope="module")
def wide_page(browser):
    """Return a page for the tests of a module, in which an explorer is seen as a whole."""
    page = _new_page(browser, 1340, 1600)
    yield page
    page.close()


@pytest.fixture(scope="session")
def screenshots():
    """Return the folder for pictures of what the tests saw: `out/screenshots`."""
    folder = Path(__file__).parents[2] / "out" / "screenshots"
    folder.mkdir(parents=True, exist_ok=True)
    return folder
