"""Progress bars."""

import os


def progress_bar(iterable=None, *, total=None, description="", unit="it", progress=True):
    """Return a tqdm bar: rate and time left, in a terminal or a notebook.

    It stays silent with `progress=False`, and wherever TQDM_DISABLE=1 is set (as when the notebooks are tested).
    """
    from tqdm.auto import tqdm

    # None, not False: False would override TQDM_DISABLE
    disable = None if progress else True
    if progress and os.environ.get("TQDM_DISABLE", "").lower() in ("1", "true", "yes"):
        disable = True
    return tqdm(
        iterable,
        total=total,
        desc=description,
        unit=unit,
        disable=bool(disable),
        dynamic_ncols=True,
        mininterval=0.25,
        leave=True,
    )
