"""What is kept of texts and bytes is whole, found again, and noticed when it is damaged."""

import contextlib
import os
import re
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from toolkit.storage import read_cached, write_cached

ROOT = Path(__file__).parents[2]


@pytest.fixture
def path(tmp_path):
    return tmp_path / "kept.sqlite"


def test_what_is_kept_is_found_again(path):
    values = {f"text {n}": bytes([n % 256]) * (n % 7) for n in range(1200)}
    write_cached(path, values)
    assert read_cached(path, [*values, "another"]) == values


def test_nothing_is_found_where_nothing_is_kept(path):
    assert read_cached(path, ["text"]) == {}
    assert read_cached(None, ["text"]) == {}
    write_cached(None, {"text": b"value"})
    write_cached(path, {})
    assert not path.exists()


def test_a_later_value_replaces_the_one_before(path):
    write_cached(path, {"text": b"first"})
    write_cached(path, {"text": b"second"})
    assert read_cached(path, ["text"]) == {"text": b"second"}


def test_bytes_and_texts_of_any_characters(path):
    values = {b"\x00\xff": b"6", "": b"1", "\0": b"2", "é": b"3", "e\u0301": b"4", "\ud800": b"5", "玛丽": b"6"}
    write_cached(path, values)
    assert read_cached(path, values) == values


def test_a_damaged_value_is_not_found(path):
    write_cached(path, {"one": b"value one", "two": b"value two"})
    content = path.read_bytes()
    path.write_bytes(content.replace(b"value one", b"value 0ne"))
    assert read_cached(path, ["one", "two"]) == {"two": b"value two"}
    write_cached(path, {"one": b"value one"})
    assert len(read_cached(path, ["one", "two"])) == 2


@pytest.mark.parametrize("damage", [lambda content: b"x" * 5000, lambda content: content[:100], lambda content: b""])
def test_a_damaged_file_is_replaced(damage, path):
    write_cached(path, {"one": b"value"})
    path.write_bytes(damage(path.read_bytes()))
    assert read_cached(path, ["one"]) == {}
    write_cached(path, {"one": b"value", "two": b"another"})
    assert read_cached(path, ["one", "two"]) == {"one": b"value", "two": b"another"}


@pytest.mark.parametrize(
    "schema",
    [
        "CREATE TABLE kept (a TEXT)",
        "CREATE TABLE kept (key INTEGER PRIMARY KEY, value BLOB)",
        "CREATE TABLE kept (key BLOB, value BLOB CHECK (length(value) < 3))",
        "PRAGMA journal_mode=wal; CREATE VIEW kept AS SELECT 1 AS key, 2 AS value",
    ],
)
def test_a_file_of_another_program_is_replaced(schema, path):
    with contextlib.closing(sqlite3.connect(path)) as other:
        other.executescript(schema)
    assert read_cached(path, ["one"]) == {}
    assert write_cached(path, {"one": b"value"})
    assert read_cached(path, ["one"]) == {"one": b"value"}


def test_a_page_that_only_reading_meets_is_replaced(path):
    values = {f"text {n}": bytes(200) for n in range(300)}
    write_cached(path, values)
    content = path.read_bytes()
    # pages are of 4096 bytes; all but the first two are spoilt
    path.write_bytes(content[:8192] + b"x" * (len(content) - 8192))
    assert read_cached(path, values) == {}
    assert not path.exists()


def test_what_names_its_tables_in_no_text_is_replaced(path):
    write_cached(path, {"one": b"value"})
    path.write_bytes(
        path.read_bytes().replace(b"CREATE TABLE", b"CREATE\xffTABLE").replace(b"tablekept", b"table\xffept")
    )
    assert read_cached(path, ["one"]) == {}
    write_cached(path, {"one": b"value"})
    assert read_cached(path, ["one"]) == {"one": b"value"}


def test_what_cannot_be_written_is_said_once_and_stops_no_one(tmp_path):
    folder = tmp_path / "kept.sqlite"
    folder.mkdir()
    told = f"nothing can be kept in {re.escape(str(tmp_path))}: unable to open .* TOOLKIT_DATA"
    with pytest.warns(UserWarning, match=told) as warned:
        assert [write_cached(folder, {"text": b"value"}) for _ in range(2)] == [False, False]
    assert len(warned) == 1


def test_another_program_that_writes_is_waited_for(path, monkeypatch):
    write_cached(path, {"text": b"value"})
    monkeypatch.setattr("toolkit.storage.cache.TIMEOUT_SECONDS", 0.01)
    other = sqlite3.connect(path)
    other.execute("BEGIN IMMEDIATE")
    with pytest.warns(UserWarning, match="nothing can be kept in .*: database is locked"):
        assert not write_cached(path, {"text": b"another"})
    # one that is locked is not taken for damaged
    other.rollback()
    other.close()
    assert read_cached(path, ["text"]) == {"text": b"value"}


def test_a_killed_writer_leaves_what_it_kept_before(path):
    program = (
        "import sys; from pathlib import Path; from toolkit.storage import write_cached\n"
        "for n in range(10**6):\n"
        "    write_cached(Path(sys.argv[1]), {f'{n} {k}': bytes(1000) for k in range(100)})\n"
        "    print(n, flush=True)"
    )
    writer = subprocess.Popen([sys.executable, "-c", program, path], cwd=ROOT, stdout=subprocess.PIPE, text=True)
    try:
        for _ in range(5):
            writer.stdout.readline()
    finally:
        os.kill(writer.pid, signal.SIGKILL)
        writer.communicate()
    kept = read_cached(path, [f"{n} {k}" for n in range(5) for k in range(100)])
    assert len(kept) == 500
    write_cached(path, {"after": b"value"})
    assert read_cached(path, ["after"]) == {"after": b"value"}
