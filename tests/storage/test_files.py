"""Files that are whole or absent, keys of content, locks, progress bars."""

import errno
import fcntl
import hashlib
import math
import os
import stat
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from toolkit import ParameterError, storage
from toolkit.storage import files


def test_a_file_appears_only_when_the_block_ends_well(tmp_path):
    path = tmp_path / "table.csv"
    with storage.write_whole(path) as partial:
        partial.write_text("whole")
        assert not path.exists()
        assert partial.suffix == ".csv"
    assert path.read_text() == "whole"
    assert list(tmp_path.iterdir()) == [path]


def test_an_error_leaves_the_old_file_and_nothing_beside_it(tmp_path):
    path = tmp_path / "table.csv"
    path.write_text("old")

    def write():
        with storage.write_whole(path) as partial:
            partial.write_text("half")
            raise RuntimeError("stopped")

    with pytest.raises(RuntimeError, match="stopped"):
        write()
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_whole_file_has_the_permissions_of_any_new_file(tmp_path):
    (tmp_path / "plain").touch()
    with storage.write_whole(tmp_path / "whole") as partial:
        partial.write_text("x")
    modes = [stat.S_IMODE(os.stat(tmp_path / name).st_mode) for name in ("plain", "whole")]
    assert modes[0] == modes[1]


@pytest.mark.skipif(os.name == "nt", reason="Windows knows other permissions")
def test_a_file_that_is_replaced_leaves_its_permissions(tmp_path):
    path = tmp_path / "shared"
    path.touch()
    path.chmod(0o664)
    with storage.write_whole(path) as partial:
        partial.write_text("x")
    assert stat.S_IMODE(path.stat().st_mode) == 0o664


def test_a_missing_folder_is_named(tmp_path):
    with (
        pytest.raises(ParameterError, match="the folder .*nowhere does not exist"),
        storage.write_whole(tmp_path / "nowhere" / "x.csv"),
    ):
        pass


def test_only_what_killed_writers_left_is_removed(tmp_path):
    writer = storage.write_whole(tmp_path / "a.b.csv")
    writer.__enter__()
    for name in (".hidden", "kept.partial.csv", ".browser.partial"):
        (tmp_path / name).touch()
    assert len(list(tmp_path.iterdir())) == 4
    storage.remove_partials(tmp_path)
    assert {file.name for file in tmp_path.iterdir()} == {".hidden", "kept.partial.csv", ".browser.partial"}


def test_what_someone_is_writing_still_is_left_to_them(tmp_path):
    left, written = (tmp_path / f".film.{name}.partial.csv" for name in ("abcdefgh", "12345678"))
    left.touch()
    written.touch()
    os.utime(left, (1000, 1000))
    storage.remove_partials(tmp_path, before=1001)
    assert list(tmp_path.iterdir()) == [written]


def test_a_key_follows_the_content_and_not_the_name(tmp_path):
    first, copy, other = (tmp_path / name for name in ("a", "b", "c"))
    first.write_bytes(b"film" * 10**6)
    copy.write_bytes(b"film" * 10**6)
    other.write_bytes(b"film" * (10**6 - 1) + b"torn")
    assert storage.file_key(first) == storage.file_key(copy)
    assert storage.file_key(first) != storage.file_key(other)


def test_bars_are_silent_when_told_so(monkeypatch, capfd):
    assert storage.progress_bar(total=3, progress=False).disable
    monkeypatch.setenv("TQDM_DISABLE", "1")
    assert list(storage.progress_bar([1, 2, 3])) == [1, 2, 3]
    assert capfd.readouterr().err == ""


def test_bars_tell_the_rate_and_the_time_left(monkeypatch, capfd):
    monkeypatch.delenv("TQDM_DISABLE", raising=False)
    with storage.progress_bar(total=4, description="film.mp4", unit="frame") as bar:
        bar.update(4)
    shown = capfd.readouterr().err
    assert "film.mp4: 100%" in shown
    assert "frame/s" in shown


def test_a_folder_of_that_name_is_told(tmp_path):
    (tmp_path / "there.json").mkdir()
    with (
        pytest.raises(ParameterError, match="there is a folder of that name"),
        storage.write_whole(tmp_path / "there.json"),
    ):
        pass


def test_a_long_name_of_wide_letters_is_written(tmp_path):
    path = tmp_path / f"{'映' * 80}.json"
    with storage.write_whole(path) as partial:
        partial.write_text("x")
    assert path.read_text() == "x"


def test_a_file_is_hashed_anew_when_it_changes(tmp_path):
    path = tmp_path / "weights.h5"
    path.write_bytes(b"one")
    assert storage.file_hash(path) == hashlib.sha256(b"one").hexdigest()
    path.write_bytes(b"two")
    os.utime(path, ns=(1, 1))
    assert storage.file_hash(path) == hashlib.sha256(b"two").hexdigest()
    assert storage.file_hash(path, "md5") == hashlib.md5(b"two").hexdigest()


def _count_up(path, times):
    for _ in range(times):
        with storage.locked(path):
            count = int(path.read_text())
            time.sleep(0.001)
            with storage.write_whole(path) as partial:
                partial.write_text(str(count + 1))


def test_what_several_processes_write_back_is_not_lost(tmp_path):
    path = tmp_path / "count.txt"
    path.write_text("0")
    code = "import sys, test_files; test_files._count_up(test_files.Path(sys.argv[1]), 25)"
    folders = os.pathsep.join([str(Path(__file__).parent), str(Path(files.__file__).parents[2])])
    started = [
        subprocess.Popen([sys.executable, "-c", code, str(path)], env={**os.environ, "PYTHONPATH": folders})
        for _ in range(3)
    ]
    assert [process.wait() for process in started] == [0] * 3
    assert path.read_text() == "75"
    assert list(tmp_path.iterdir()) == [path]


def test_what_several_threads_write_back_is_not_lost(tmp_path):
    path = tmp_path / "count.txt"
    path.write_text("0")
    with ThreadPoolExecutor(6) as pool:
        list(pool.map(lambda _: _count_up(path, 20), range(6)))
    assert path.read_text() == "120"


def test_who_waits_too_long_for_others_is_told_so(tmp_path):
    with storage.locked(tmp_path / "labels.csv"):
        with (
            pytest.raises(TimeoutError, match=r"another program has been writing .*labels.csv for a while"),
            storage.locked(tmp_path / "labels.csv", timeout=0.02),
        ):
            pass
        with storage.locked(tmp_path / "other.csv", timeout=0.02):
            pass
    with storage.locked(tmp_path / "labels.csv", timeout=0.02):
        pass
    assert list(tmp_path.iterdir()) == []


def test_a_lock_ends_with_an_error_and_with_its_process(tmp_path):
    path = tmp_path / "labels.csv"
    with pytest.raises(RuntimeError, match="stopped"), storage.locked(path):
        raise RuntimeError("stopped")
    code = (
        "import os, sys; from toolkit import storage; lock = storage.locked(sys.argv[1]); lock.__enter__(); os._exit(9)"
    )
    environment = {**os.environ, "PYTHONPATH": str(Path(files.__file__).parents[2])}
    assert subprocess.run([sys.executable, "-c", code, str(path)], env=environment, check=False).returncode == 9
    assert [file.name for file in tmp_path.iterdir()] == [".labels.csv.lock"]
    with storage.locked(path, timeout=0):
        pass
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("reason", [errno.EOPNOTSUPP, errno.ENOSYS, errno.ENOLCK])
def test_where_there_are_no_locks_a_block_runs_without(tmp_path, monkeypatch, reason):
    def refuse(handle, kind):
        raise OSError(reason, "no locks here")

    monkeypatch.setattr(fcntl, "flock", refuse)
    with storage.locked(tmp_path / "x.csv"), storage.locked(tmp_path / "x.csv"):
        (tmp_path / "x.csv").touch()
    assert [file.name for file in tmp_path.iterdir()] == ["x.csv"]


def test_a_lock_that_cannot_be_had_for_another_reason_says_it(tmp_path, monkeypatch):
    with pytest.raises(OSError, match="nowhere"), storage.locked(tmp_path / "nowhere" / "x.csv"):
        pass

    def refuse(handle, kind):
        raise OSError(errno.EIO, "broken disk")

    monkeypatch.setattr(fcntl, "flock", refuse)
    with pytest.raises(OSError, match="broken disk"), storage.locked(tmp_path / "x.csv"):
        pass


def test_a_folder_that_takes_no_files_is_no_reason_to_wait():
    with pytest.raises(OSError, match="No such file"), storage.locked("/proc/x", timeout=30):
        pass


def test_a_file_of_a_long_name_is_locked(tmp_path):
    with storage.locked(tmp_path / f"{'映' * 80}.csv"):
        pass


def test_a_lock_is_open_to_other_users(tmp_path):
    lock = tmp_path / ".x.csv.lock"
    mask = os.umask(0o077)
    try:
        with storage.locked(tmp_path / "x.csv"):
            assert stat.S_IMODE(lock.stat().st_mode) == 0o666
    finally:
        os.umask(mask)
    assert list(tmp_path.iterdir()) == []


def test_a_thread_that_waits_for_itself_for_ever_is_told_so(tmp_path):
    with (
        storage.locked(tmp_path / "x.csv", timeout=math.inf),
        pytest.raises(RuntimeError, match="Deadlock"),
        storage.locked(tmp_path / "x.csv", timeout=math.inf),
    ):
        pass
