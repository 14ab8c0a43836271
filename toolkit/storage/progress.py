"""Progress bars."""

import os


def progress_bar(iterable=None, *, total=None, description="", unit="it", progress=True):
    """Return a tqdm bar: rate and time left, in a terminal or a notebook.

    It stays silent with `progress=False`, and wherever TQDM_DISABLE=1 is set (as when the notebooks are tested).
    """
    from tqdm.auto import tqdm

    disabled = not progress or os.environ.get("TQDM_DISABLE", "").lower() in ("1", "true", "yes")
    return tqdm(
        iterable, total=total, desc=description, unit=unit, disable=disabled, dynamic_ncols=True, mininterval=0.25
    )
