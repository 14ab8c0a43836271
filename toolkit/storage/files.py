"""Files that are whole or absent, locks, and hashes of files.

A file is written beside its place under another name, flushed to disk, and renamed: a reader finds the old file, the
new one, or none, also after a kill or a power cut. Read-change-write cycles of several programs lose nothing if each
runs in a `locked` block.
"""

import contextlib
import errno
import functools
import hashlib
import math
import os
import re
import shutil
import stat
import tempfile
import time
from pathlib import Path

from filelock import FileLock, Timeout

from toolkit.errors import ParameterError
from toolkit.storage.folders import require_writable

# seconds after which a folder that is being made is a killed process's
ABANDONED_SECONDS = 3600

# what a file system says that has no locks
NO_LOCK_ERRORS = {errno.ENOLCK, errno.ENOSYS, errno.EOPNOTSUPP, errno.EINVAL, errno.EBADF}


@contextlib.contextmanager
def write_whole(path):
    """Give a path to write to; when the block ends well the file appears at `path`, whole, and otherwise not at all.

    Parameters
    ----------
    path : path
        Where the file is to appear. Its folder must exist. The path given in the block is in the same folder and ends
        alike, for writers that go by the name.
    """
    path = Path(path)
    if path.is_dir():
        raise ParameterError(f"cannot write {path}: there is a folder of that name; choose another")
    if not path.parent.is_dir():
        raise ParameterError(f"cannot write {path}: the folder {path.parent} does not exist; create it first")
    handle, name = tempfile.mkstemp(prefix=f".{path.stem[:40]}.", suffix=f".partial{path.suffix}", dir=path.parent)
    os.close(handle)
    partial = Path(name)
    try:
        yield partial
        with open(partial, "rb+") as file:
            os.fsync(file.fileno())
        # mkstemp's files are private; a finished one has the permissions of that which it replaces, or of any new file
        mask = os.umask(0)
        os.umask(mask)
        partial.chmod(stat.S_IMODE(path.stat().st_mode) if path.is_file() else 0o666 & ~mask)
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)


@contextlib.contextmanager
def locked(path, *, timeout=10.0):
    """Let one block at a time work on the file at `path`, of all processes and threads that use this function.

    The lock is a file beside it, `.<name>.lock`, that is there as long as the block runs. The system holds it, not the
    file's being there: what a killed process leaves behind stops no one. Where there are no locks (some network
    drives) the block runs without one. A block within another for the same path would wait for itself.

    Parameters
    ----------
    path : path
        It need not exist, but its folder must.
    timeout : float
        Seconds to wait for others.

    Raises
    ------
    TimeoutError
        If another has not ended its block by then.
    OSError
        If nothing can be written in the folder, or another user has left a lock there that is theirs alone.
    """
    path = Path(path)
    if not path.parent.is_dir():
        raise FileNotFoundError(f"cannot lock {path}: the folder {path.parent} does not exist; create it first")
    # names end at 255 bytes
    beside = path.with_name(f".{path.name.encode()[:200].decode(errors='ignore')}.lock")
    # open to all, so that one that another user left can be locked
    lock = FileLock(beside, timeout, mode=0o666, poll_interval=0.01, thread_local=False, fallback_to_soft=False)
    try:
        # filelock tries for ever where a folder is there but takes no files, as /proc
        tempfile.TemporaryFile(dir=path.parent).close()
        lock.acquire()
    except Timeout:
        raise TimeoutError(f"another program has been writing {path} for a while; try again when it is done") from None
    except OSError as error:
        if error.errno not in NO_LOCK_ERRORS:
            raise
    try:
        yield
    finally:
        # while it is held, so that no one else's is removed
        with contextlib.suppress(OSError):
            beside.unlink()
        lock.release()


def load_or_make(folder, load, make):
    """Return what is in a folder; where that is nothing yet, make it first, whole or not at all.

    The folder is made under another name beside its place, and given its own at the end. Of several processes that want
    it at once one makes it, and the others wait.

    Parameters
    ----------
    folder : Path
        Its parent exists. One that `load` makes nothing of is replaced.
    load : callable
        Is given nothing, and returns what is in `folder`, or None where it is not there, or of another version.
    make : callable
        Is given an empty folder to write into.

    Raises
    ------
    ParameterError
        If it cannot be written.
    """
    if (content := load()) is not None:
        return content
    with require_writable(folder), locked(folder, timeout=math.inf):
        if load() is None:
            _make_folder(folder, load, make)
    return load()


def _make_folder(folder, load, make):
    for left in folder.parent.glob(f".{folder.name}.*.partial"):
        # where there are no locks another process may be at it, and may have renamed it since
        with contextlib.suppress(FileNotFoundError):
            if time.time() - left.stat().st_mtime > ABANDONED_SECONDS:
                shutil.rmtree(left, ignore_errors=True)
    partial = Path(tempfile.mkdtemp(prefix=f".{folder.name}.", suffix=".partial", dir=folder.parent))
    try:
        make(partial)
        for path in filter(Path.is_file, partial.rglob("*")):
            with open(path, "rb+") as file:
                os.fsync(file.fileno())
        partial.chmod(0o755)
        if load() is None:
            if folder.is_symlink() or folder.is_file():
                folder.unlink()
            elif folder.exists():
                shutil.rmtree(folder.rename(f"{partial}.old.partial"), ignore_errors=True)
            partial.rename(folder)
    finally:
        shutil.rmtree(partial, ignore_errors=True)


def remove_partials(folder, *, before=math.inf):
    """Remove what killed writers left in `folder`; all of it, if no one else is writing there.

    Otherwise `before` is the time, in seconds since 1970, since when no one alive has left a file of theirs alone.
    """
    for partial in Path(folder).iterdir():
        if re.fullmatch(r"\..+\.[a-z0-9_]{8}\.partial(\.\w+)?", partial.name):
            with contextlib.suppress(FileNotFoundError):
                if partial.stat().st_mtime < before:
                    partial.unlink()


def file_key(path) -> str:
    """Return a key of a file's content: the hash of its size and of its first and last mebibyte."""
    size = os.path.getsize(path)
    digest = hashlib.sha256(str(size).encode())
    with open(path, "rb") as file:
        digest.update(file.read(2**20))
        file.seek(max(0, size - 2**20))
        digest.update(file.read())
    return digest.hexdigest()[:16]


@functools.lru_cache(maxsize=64)
def _hash_of_stamped(path, size, changed, algorithm):
    with open(path, "rb") as file:
        return hashlib.file_digest(file, lambda: hashlib.new(algorithm, usedforsecurity=False)).hexdigest()


def file_hash(path, algorithm="sha256") -> str:
    """Return the hash of a file's content, as a hexadecimal number; an unchanged file is read once a process."""
    stat = os.stat(path)
    return _hash_of_stamped(str(path), stat.st_size, stat.st_mtime_ns, algorithm)
