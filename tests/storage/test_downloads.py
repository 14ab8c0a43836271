"""Downloads: the file that was expected, under a bar, or none."""

import hashlib
import stat

import pytest

from toolkit import storage
from toolkit.storage import downloads


def test_a_download_is_whole_or_absent_and_shows_how_far_it_is(server, tmp_path, capfd, monkeypatch):
    monkeypatch.delenv("TQDM_DISABLE", raising=False)
    folder, address = server
    content = bytes(range(256)) * 20_000
    (folder / "model").write_bytes(content)
    path = tmp_path / "models" / "model.onnx"
    with pytest.raises(OSError, match="its sha256 is .*, not 0. Does something on the way"):
        storage.download(f"{address}/model", path, "0")
    with pytest.raises(OSError, match="404"):
        storage.download(f"{address}/none", path, "0")
    assert list(path.parent.iterdir()) == []
    storage.download(f"{address}/model", path, hashlib.md5(content).hexdigest(), algorithm="md5")
    assert path.read_bytes() == content
    assert stat.S_IMODE(path.stat().st_mode) == stat.S_IMODE((folder / "model").stat().st_mode)
    assert list(path.parent.iterdir()) == [path]
    assert "model.onnx: 100%" in capfd.readouterr().err
    storage.download(f"{address}/model", path, hashlib.sha256(content).hexdigest(), progress=False)
    assert capfd.readouterr().err == ""


def test_a_server_that_sends_more_than_the_file_is_not_listened_to_for_long(server, tmp_path, monkeypatch):
    folder, address = server
    (folder / "model").write_bytes(bytes(40 << 20))
    sizes = []
    monkeypatch.setattr(downloads, "file_hash", lambda path, _: sizes.append(path.stat().st_size))
    with pytest.raises(OSError, match="is not the file expected"):
        storage.download(f"{address}/model", tmp_path / "model", "0", largest=1 << 20, progress=False)
    assert sizes[0] <= 3 << 20
    assert not (tmp_path / "model").exists()
