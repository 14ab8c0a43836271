"""Fixtures of several packages' tests."""

import http.server
import threading

import pytest


@pytest.fixture
def hub(tmp_path, monkeypatch):
    """Give a cache of the hub of this test alone."""
    import huggingface_hub.constants

    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_CACHE", str(tmp_path / "hub"))
    return tmp_path / "hub"


@pytest.fixture
def server(tmp_path):
    """Serve a folder on this machine; give the folder and its address."""
    folder = tmp_path / "served"
    folder.mkdir()

    class Handler(http.server.SimpleHTTPRequestHandler):
        def __init__(self, *args):
            super().__init__(*args, directory=str(folder))

        def log_message(self, *_):
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as served:
        thread = threading.Thread(target=served.serve_forever)
        thread.start()
        yield folder, f"http://127.0.0.1:{served.server_port}"
        served.shutdown()
        thread.join()


@pytest.fixture(scope="session")
def vgg16_file(tmp_path_factory):
    from small_models import write_vgg16_weights

    return write_vgg16_weights(tmp_path_factory.mktemp("vgg16") / "vgg16.h5")


@pytest.fixture(scope="session")
def clip_folder(tmp_path_factory):
    from small_models import write_clip

    return write_clip(tmp_path_factory.mktemp("clip"))


@pytest.fixture(scope="session")
def trained():
    from discs import discs

    from toolkit import closeups

    images, labels, films = discs(4, 24)
    return closeups.train(images, labels, films=films, epochs=5, batch_size=16, progress=False)
