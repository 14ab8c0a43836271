"""For every test, notebook and kernel: no network, and the same surroundings on every machine."""

import importlib.util
import os
import sys
from pathlib import Path

from hypothesis import settings

OFFLINE = Path(__file__).parent / "tests" / "offline"
INLINE_FIGURES = "module://matplotlib_inline.backend_inline"


def _go_offline():
    """Guard this process, and through PYTHONPATH every Python that it starts."""
    paths = [path for path in os.environ.get("PYTHONPATH", "").split(os.pathsep) if path and path != str(OFFLINE)]
    os.environ["PYTHONPATH"] = os.pathsep.join([str(OFFLINE), *paths])
    # a Python started with the guard, as a worker of a test run is, has it already
    if not hasattr(sys.modules.get("sitecustomize"), "is_local"):
        spec = importlib.util.spec_from_file_location("offline_guard", OFFLINE / "sitecustomize.py")
        guard = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(guard)


_go_offline()

# how long an example takes is the machine's affair
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")


def pytest_configure(config):
    """Settle what a test's outcome, or a notebook's output, would otherwise take from the machine."""
    notebooks = config.getoption("nbval", default=False)
    os.environ["MPLBACKEND"] = INLINE_FIGURES if notebooks else "Agg"
    # the order of sets is stored in outputs, and libraries that come later see to it that they ask no hub
    os.environ["PYTHONHASHSEED"] = "0"
    os.environ["HF_HUB_OFFLINE"] = "1"
    if notebooks:
        # stored outputs were made without progress bars: `make outputs`
        os.environ["TQDM_DISABLE"] = "1"
