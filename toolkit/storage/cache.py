"""Computed values kept on disk, keyed by text or bytes: vectors of sentences, summaries, boxes of faces.

One file of SQLite holds the values of one model. A value is kept whole or not at all, also when the program is killed,
and is sealed by a hash, so that a damaged one is noticed and recomputed; a whole file that is damaged, or another
program's, is replaced. If nothing can be written, a warning says so and the work goes on. Several programs may use one
file at once.
"""

import contextlib
import hashlib
import sqlite3

from toolkit.storage.folders import warn_not_cached

# seconds to wait for another program that writes
TIMEOUT_SECONDS = 60
SEAL_BYTES = 8
# these tell of a damaged file, or of another program's; a locked, a read-only or a full one may be whole
DAMAGE_CODES = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}
FOREIGN_CODES = {sqlite3.SQLITE_ERROR, sqlite3.SQLITE_CONSTRAINT, sqlite3.SQLITE_MISMATCH}
# the second where the text of the file's own tables, or of its error, is damaged
ERRORS = (sqlite3.Error, UnicodeDecodeError)
# SQLite takes 999 values a question, in its older versions
MAX_KEYS = 500


def _key(text):
    """Return the key of a text, or of bytes."""
    # half of a surrogate pair, as broken subtitles have it, is a text of Python too
    return hashlib.sha256(text if isinstance(text, bytes) else text.encode("utf-8", "surrogatepass")).digest()


def read_cached(path, texts):
    """Return what is kept of texts, or bytes, in the file at `path`, dict of these to bytes; nothing of the others."""
    if path is None or not path.is_file():
        return {}
    by_key = {_key(text): text for text in texts}
    keys, values = list(by_key), {}
    try:
        with _connection(path) as store:
            for start in range(0, len(keys), MAX_KEYS):
                some = keys[start : start + MAX_KEYS]
                marks = ",".join("?" * len(some))
                for key, value in store.execute(f"SELECT key, value FROM kept WHERE key IN ({marks})", some):
                    if isinstance(value, bytes) and value[:SEAL_BYTES] == _seal(key, value[SEAL_BYTES:]):
                        values[by_key[key]] = value[SEAL_BYTES:]
    except ERRORS as error:
        # what is of use in it cannot be had; writing replaces what is another program's
        if _is_of(error, DAMAGE_CODES):
            with contextlib.suppress(OSError):
                _remove(path)
        return {}
    return values


def write_cached(path, values):
    """Keep values, dict of text or bytes to bytes, in the file at `path`; None keeps nothing.

    A file that is damaged, or none of these, is replaced.

    Returns
    -------
    bool
        Whether they are kept. Where they cannot be, a warning says why.
    """
    if path is None or not values:
        return False
    rows = [(key := _key(text), _seal(key, value) + value) for text, value in values.items()]
    try:
        try:
            _write(path, rows)
        except ERRORS as error:
            if not _is_of(error, DAMAGE_CODES | FOREIGN_CODES):
                raise
            _remove(path)
            _write(path, rows)
    except (OSError, sqlite3.Error) as error:
        warn_not_cached(path.parent, error)
        return False
    return True


def _is_of(error, codes):
    # the message of a damaged file may be no text
    return isinstance(error, UnicodeDecodeError) or getattr(error, "sqlite_errorcode", 0) & 0xFF in codes


def _remove(path):
    path.unlink(missing_ok=True)
    path.with_name(f"{path.name}-journal").unlink(missing_ok=True)


def _write(path, rows):
    with _connection(path) as store, store:
        store.execute("CREATE TABLE IF NOT EXISTS kept (key BLOB PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID")
        store.executemany("INSERT OR REPLACE INTO kept VALUES (?, ?)", rows)


def _connection(path):
    return contextlib.closing(sqlite3.connect(path, timeout=TIMEOUT_SECONDS))


def _seal(key, value):
    return hashlib.sha256(key + value).digest()[:SEAL_BYTES]
