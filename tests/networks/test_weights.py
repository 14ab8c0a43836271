"""Weights from the hub, its cache and a server."""

import shutil
from pathlib import Path

import pytest
from small_models import film

from toolkit.embeddings import clip
from toolkit.errors import ParameterError
from toolkit.networks import weights as network_weights


@pytest.fixture
def hub(tmp_path, monkeypatch):
    """Give a hub that is reached and has an empty cache."""
    import huggingface_hub.constants

    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_CACHE", str(tmp_path / "hub"))
    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_OFFLINE", False)
    return huggingface_hub


def test_a_model_that_cannot_be_had_says_how_it_can(hub, capfd):
    with pytest.raises(
        ParameterError, match='"clip", openai/clip-vit-base-patch32 at revision v2, are not in'
    ) as error:
        clip.weight_files(revision="v2")
    message = str(error.value)
    assert hub.constants.HF_HUB_CACHE in message
    assert "socket" in message
    assert "hf download openai/clip-vit-base-patch32 --revision v2 --include config.json" in message
    assert "--local-dir clip-vit-base-patch32" in message
    assert 'model_id="..."' in message
    assert 'model="layout" works' in message
    assert capfd.readouterr() == ("", "")


def test_offline_mode_asks_no_one(hub, monkeypatch):
    monkeypatch.setattr(hub.constants, "HF_HUB_OFFLINE", True)
    monkeypatch.setattr(network_weights, "_reach", None)
    with pytest.raises(ParameterError, match="cannot be downloaded"):
        clip.weight_files()


def put_in_cache(hub, source, revision="main"):
    repository = Path(hub.constants.HF_HUB_CACHE, "models--someone--small-clip")
    snapshot = repository / "snapshots" / "0123456789abcdef"
    shutil.copytree(source, snapshot)
    (repository / "refs").mkdir()
    (repository / "refs" / revision).write_text(snapshot.name)
    return snapshot


def test_the_cache_of_the_hub_is_used_without_asking_the_hub(hub, clip_folder):
    snapshot = put_in_cache(hub, clip_folder)
    names = ["config.json", "preprocessor_config.json", "model.safetensors"]
    assert clip.weight_files("someone/small-clip") == [snapshot / name for name in names]
    assert clip.describe(film(1), clip.weight_files("someone/small-clip")).shape == (1, 24)
    with pytest.raises(ParameterError, match="at revision other, are not in"):
        clip.weight_files("someone/small-clip", "other")


def test_what_is_fetched_from_the_hub(hub, clip_folder, monkeypatch):
    asked = []

    def download(model_id, name, *, revision):
        asked.append((model_id, name, revision))
        if name == "model.safetensors":
            raise hub.errors.EntryNotFoundError("404")
        return str(clip_folder / name)

    monkeypatch.setattr(hub, "hf_hub_download", download)
    monkeypatch.setattr(network_weights, "_reach", lambda hub, url: asked.append(url))
    files = clip.weight_files("someone/small-clip", "v1", progress=False)
    names = ["config.json", "preprocessor_config.json", "model.safetensors", "pytorch_model.bin"]
    assert asked == [
        "https://huggingface.co/someone/small-clip/resolve/v1/config.json",
        *(("someone/small-clip", name, "v1") for name in names),
    ]
    assert [path.name for path in files] == [names[0], names[1], names[3]]
    assert not hub.utils.are_progress_bars_disabled()


def test_a_server_that_answers_is_reached(hub, server):
    _, address = server
    network_weights._reach(hub, f"{address}/nowhere")
    with pytest.raises(Exception, match="refused"):
        network_weights._reach(hub, "http://127.0.0.1:9/nowhere")
