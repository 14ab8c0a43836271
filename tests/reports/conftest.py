"""Folders of notebooks and of results."""

import pytest


@pytest.fixture
def places(tmp_path):
    """Return the options that name a folder of notebooks and one for their results."""
    return {"notebooks": tmp_path / "notebooks", "out": tmp_path / "out"}
