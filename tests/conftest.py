"""Fixtures of several packages' tests."""

import pytest


@pytest.fixture
def hub(tmp_path, monkeypatch):
    """Give a cache of the hub of this test alone."""
    import huggingface_hub.constants

    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_CACHE", str(tmp_path / "hub"))
    return tmp_path / "hub"
