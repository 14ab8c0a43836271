"""Fingerprints drawn from the terminal, also by a run that was killed."""

import contextlib
import errno
import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from films import write_film
from PIL import Image

from toolkit import ParameterError, colors, video
from toolkit.commands import fingerprint, main
from toolkit.storage import cache, file_key, write_cached


@pytest.fixture(scope="module")
def colored(tmp_path_factory):
    """Return a film of 48 pictures of two colours each, letterboxed, with sound."""
    rng = np.random.default_rng(0)
    pictures = np.zeros((48, 64, 96, 3), np.uint8)
    pictures[:, 16:48] = rng.integers(40, 240, (48, 1, 1, 3))
    pictures[:, 16:48, :32] = rng.integers(40, 240, (48, 1, 1, 3))
    path = tmp_path_factory.mktemp("films") / "colored.mp4"
    return write_film(path, pictures=list(pictures), options={"crf": "10"}, sound=True)


def test_a_fingerprint_is_drawn_and_written_in_one_line(colored, tmp_path, capsys):
    outs = [tmp_path / name for name in ("poster.png", "poster.svg", "colors.csv", "colors.npz")]
    arguments = ["fingerprint", str(colored), "--title", "Ein Film\\nin Farbe", "--colors", "2", "--clusters", "3"]
    assert main([*arguments, "--frames", "12", "--dpi", "50", "--out", *map(str, outs)]) == 0
    assert capsys.readouterr().out.splitlines() == [str(out) for out in outs]
    assert sorted(tmp_path.iterdir()) == sorted(outs)
    with Image.open(outs[0]) as poster:
        assert poster.size == (450, 450)
    found, shares, times = colors.read_fingerprint(outs[2])
    for table, array in zip(colors.read_fingerprint(outs[3]), (found, shares, times), strict=True):
        assert np.array_equal(table, array)
    frames = video.read_frames(colored, n_frames=12, size=320, progress=False)
    expected = colors.fingerprint(frames, 2, 3, box=video.find_bars(frames), progress=False)
    assert np.array_equal(times, frames.times)
    assert np.array_equal(found, expected[0])
    assert np.array_equal(shares, expected[1])
    # the bars are left out: what is left is two thirds and one
    assert shares == pytest.approx(np.tile([2 / 3, 1 / 3], (12, 1)), abs=0.05)


def test_bars_are_kept_on_demand(colored, tmp_path):
    out = tmp_path / "colors.csv"
    assert main(["fingerprint", str(colored), "--keep-bars", "--frames", "4", "--out", str(out)]) == 0
    found, shares, _ = colors.read_fingerprint(out)
    assert found.max() < 10
    assert shares == pytest.approx(0.5, abs=0.05)


@pytest.mark.parametrize("style", ["poster", "strip", "ring", "plane", "wave"])
def test_every_style_is_drawn(colored, tmp_path, style):
    out = tmp_path / "picture.png"
    assert main(["fingerprint", str(colored), "--style", style, "--dpi", "40", "--out", str(out)]) == 0
    with Image.open(out) as picture:
        assert len(picture.convert("RGB").getcolors(1 << 24)) > 20


def test_all_frames_of_a_short_film_are_taken(colored, tmp_path):
    assert main(["fingerprint", str(colored), "--out", str(tmp_path / "colors.csv")]) == 0
    assert np.array_equal(colors.read_fingerprint(tmp_path / "colors.csv")[2], np.arange(48) / 24)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--colors", "5", "--clusters", "4"], "n_clusters must be a whole number of at least 5; got 4 for n_colors=5"),
        (["--colors", "0"], "n_colors must be a whole number of at least 1"),
        (["--frames", "0"], "n_frames must be a whole number of at least 1"),
        (["--size", "0"], "width must be a whole number of at least 1"),
        (["--dpi", "0"], "dpi must be a whole number of at least 1"),
        (["--dpi", "1000000000"], "dpi must be a whole number of at least 1 and at most 1,200; got 1000000000"),
        (["--title", "x" * 501], "title must have at most 500 letters; got 501"),
        (["--font", "a-b:c=d"], "font must be a family of this machine; got 'a-b:c=d'"),
        (["--background", "paper"], "background must be a colour that matplotlib knows; got 'paper'"),
        (["--font", "Comic Runes"], "font must be a family of this machine; got 'Comic Runes'"),
        (["--out", "poster.gif"], "the suffix of poster.gif must be one of '.png', '.svg', '.pdf', '.jpg', '.csv'"),
        (["--out", "missing/poster.png"], "the folder missing does not exist; create it first"),
        (["--out", "folder.png"], "it is a folder; give the name of a file in it"),
    ],
)
def test_a_bad_fingerprint_is_refused_before_the_work(colored, tmp_path, capsys, monkeypatch, arguments, message):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "folder.png").mkdir()
    assert main(["fingerprint", str(colored), "--out", "poster.png", *arguments]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("toolkit: ")
    assert message in line
    assert [file.name for file in tmp_path.iterdir()] == ["folder.png"]


@pytest.mark.parametrize(
    ("style", "option", "value"),
    [
        ("strip", "title", "T"),
        ("ring", "background", "black"),
        ("plane", "font", "DejaVu Sans"),
        ("wave", "title", "T"),
    ],
)
def test_an_option_that_a_style_has_no_use_for_is_refused(colored, tmp_path, capsys, style, option, value):
    out = tmp_path / "picture.png"
    assert main(["fingerprint", str(colored), "--style", style, f"--{option}", value, "--out", str(out)]) == 2
    assert f"{option} is for the style poster" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_no_more_frames_are_taken_than_there_are(colored, tmp_path):
    assert main(["fingerprint", str(colored), "--frames", "5000", "--out", str(tmp_path / "c.csv")]) == 0
    assert len(colors.read_fingerprint(tmp_path / "c.csv")[0]) == 48


def test_a_film_without_sound_has_no_wave(film, tmp_path, capsys):
    arguments = ["fingerprint", str(film), "--style", "wave", "--out"]
    assert main([*arguments, str(tmp_path / "wave.png")]) == 2
    assert "film.mp4 has no sound, which the wave shows; choose another style" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_takes_no_files_is_told(film, tmp_path, monkeypatch):
    monkeypatch.setattr(fingerprint.os, "access", lambda path, mode: False)
    with pytest.raises(ParameterError, match="may not be written to; choose another"):
        fingerprint.fingerprint_film(film, [tmp_path / "poster.png"])


def rows_of(journal):
    """Return the keys of what a journal holds, and its values as SQLite has them; nothing where it is not begun."""
    with contextlib.closing(sqlite3.connect(journal)) as store, contextlib.suppress(sqlite3.OperationalError):
        return dict(store.execute("SELECT key, value FROM kept"))
    return {}


def fingerprint_killed_after(film, out, frames):
    """Run the fingerprint of a film in a process, and kill it when its journal has some frames; return how many."""
    journal = out.with_name(out.name + ".partial.csv")
    # slow enough to be caught
    program = (
        "import sys, time; from toolkit import colors, video; from toolkit.__main__ import main\n"
        "plain = colors.fingerprint\n"
        "def slow(*arguments, **options):\n"
        "    time.sleep(0.2)\n"
        "    return plain(*arguments, **options)\n"
        "colors.fingerprint = slow\n"
        "batches = video.iter_frames\n"
        "video.iter_frames = lambda *arguments, **options: batches(*arguments, batch=5, **options)\n"
        "main(sys.argv[1:])"
    )
    root = Path(__file__).parents[2]
    arguments = [sys.executable, "-c", program, "fingerprint", str(film), "--out", str(out)]
    process = subprocess.Popen(arguments, cwd=root, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        give_up = time.monotonic() + 60
        while time.monotonic() < give_up and process.poll() is None:
            # one of its rows has the bars
            if journal.is_file() and len(rows_of(journal)) > frames:
                break
            time.sleep(0.02)
        assert process.poll() is None
    finally:
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
    return len(rows_of(journal)) - 1


def test_a_killed_run_goes_on_where_it_stopped(colored, tmp_path, monkeypatch):
    out, whole = tmp_path / "colors.csv", tmp_path / "whole.csv"
    count = fingerprint_killed_after(colored, out, 10)
    assert not out.exists()
    assert 10 <= count < 48
    asked = []
    iter_frames = video.iter_frames

    def watched(path, **options):
        asked.append(options["times"])
        return iter_frames(path, **options)

    monkeypatch.setattr(video, "iter_frames", watched)
    monkeypatch.setattr(video, "read_frames", None)  # nor are the bars sought again
    assert main(["fingerprint", str(colored), "--out", str(out)]) == 0
    assert [len(times) for times in asked] == [48 - count]
    monkeypatch.undo()
    assert main(["fingerprint", str(colored), "--out", str(whole)]) == 0
    assert out.read_bytes() == whole.read_bytes()
    assert sorted(file.name for file in tmp_path.iterdir()) == ["colors.csv", "whole.csv"]


@pytest.mark.parametrize(
    "change", [["--colors", "2"], ["--clusters", "5"], ["--size", "64"], ["--seed", "1"], ["--keep-bars"], ["film"]]
)
def test_a_journal_of_anything_else_is_not_used(colored, film, tmp_path, change):
    out, fresh = tmp_path / "colors.csv", tmp_path / "fresh.csv"
    frames = ["--frames", "6"]
    assert main(["fingerprint", str(colored), *frames, "--out", str(fresh)]) == 0
    # what a killed run leaves, with colours that would be seen
    settings = {"version": "0.1.0", "film": file_key(colored), "changed": colored.stat().st_mtime_ns}
    settings |= {
        "n_frames": 6,
        "width": 320,
        "keep_bars": False,
        "n_colors": 1,
        "n_clusters": None,
        "space": "cielab",
        "seed": 0,
    }
    box = video.find_bars(video.read_frames(colored, n_frames=40, size=320, progress=False))
    left = {
        f"{json.dumps(settings)} {key}": json.dumps(value).encode()
        for key, value in {"bars": box, "0": [0.0, [[1, 2, 3]], [0.5]]}.items()
    }
    journal = tmp_path / "colors.csv.partial.csv"
    write_cached(journal, left)
    source, options = (film, []) if change == ["film"] else (colored, change)
    assert main(["fingerprint", str(source), *frames, *options, "--out", str(out)]) == 0
    assert [1, 2, 3] not in colors.read_fingerprint(out)[0].tolist()[0]
    # of these very settings it would have been
    write_cached(journal, left)
    assert main(["fingerprint", str(colored), *frames, "--out", str(out)]) == 0
    assert colors.read_fingerprint(out)[0].tolist()[0] == [[1, 2, 3]]
    assert out.read_text().splitlines()[2:] == fresh.read_text().splitlines()[2:]


@pytest.mark.parametrize("damage", ["change", "drop", "exchange", "cut"])
def test_of_a_damaged_journal_no_more_than_what_is_whole_is_used(colored, tmp_path, monkeypatch, damage):
    out, whole = tmp_path / "colors.csv", tmp_path / "whole.csv"
    journal = tmp_path / "colors.csv.partial.csv"
    arguments = ["fingerprint", str(colored), "--frames", "12", "--out"]
    assert main([*arguments, str(whole)]) == 0

    def stop(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(colors, "write_fingerprint", stop)
    assert main([*arguments, str(out)]) == 130
    monkeypatch.undo()
    rows = rows_of(journal)
    assert len(rows) == 13
    (one, first), (two, second), *_ = rows.items()
    changes = {"change": {one: first + b" "}, "exchange": {one: second, two: first}}.get(damage, {})
    if damage == "cut":
        journal.write_bytes(journal.read_bytes()[:5000])
    with contextlib.closing(sqlite3.connect(journal)) as store, store:
        if damage == "drop":
            store.execute("DELETE FROM kept WHERE key = ?", (one,))
        store.executemany("UPDATE kept SET value = ? WHERE key = ?", [(value, key) for key, value in changes.items()])
    assert main([*arguments, str(out)]) == 0
    assert out.read_bytes() == whole.read_bytes()


def test_a_journal_that_another_run_removed_is_no_error(colored, tmp_path, monkeypatch):
    write = colors.write_fingerprint
    journal = tmp_path / "colors.csv.partial.csv"
    monkeypatch.setattr(colors, "write_fingerprint", lambda *found: (write(*found), journal.unlink()))
    assert main(["fingerprint", str(colored), "--frames", "3", "--out", str(tmp_path / "colors.csv")]) == 0
    assert [file.name for file in tmp_path.iterdir()] == ["colors.csv"]


def _disk_full(*_):
    raise OSError(errno.ENOSPC, "No space left on device")


def test_a_disk_that_is_full_is_told_in_a_line(colored, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(colors, "write_fingerprint", _disk_full)
    assert main(["fingerprint", str(colored), "--frames", "3", "--out", str(tmp_path / "colors.csv")]) == 1
    assert "toolkit: No space left on device. What was done is kept; run it again" in capsys.readouterr().err


def test_an_output_may_have_the_longest_name_there_is(colored, tmp_path):
    out = tmp_path / f"{'é' * 125}.csv"
    assert main(["fingerprint", str(colored), "--frames", "3", "--out", str(out)]) == 0
    assert os.listdir(tmp_path) == [out.name]


def test_the_journal_is_no_output(colored, tmp_path, capsys):
    outs = [str(tmp_path / name) for name in ("q.png", "q.png.partial.csv")]
    assert main(["fingerprint", str(colored), "--out", *outs]) == 2
    assert "q.png.partial.csv is where work in progress is kept" in capsys.readouterr().err


def test_a_folder_in_the_place_of_the_journal_is_told_before_the_work(colored, tmp_path, monkeypatch, capsys):
    (tmp_path / "q.csv.partial.csv").mkdir()
    monkeypatch.setattr(video, "iter_frames", None)
    assert main(["fingerprint", str(colored), "--out", str(tmp_path / "q.csv")]) == 2
    assert "q.csv.partial.csv is where work in progress is kept" in capsys.readouterr().err


def test_work_that_cannot_be_kept_ends_and_says_so(colored, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(cache, "_write", _disk_full)
    assert main(["fingerprint", str(colored), "--frames", "3", "--out", str(tmp_path / "colors.csv")]) == 1
    assert "colors.csv.partial.csv cannot be written: is the disk full? Free some space" in capsys.readouterr().err
    assert not (tmp_path / "colors.csv").exists()


def test_a_broken_journal_is_begun_anew(colored, tmp_path):
    (tmp_path / "colors.csv.partial.csv").write_bytes(b"\xff\xfe no journal\n\n")
    assert main(["fingerprint", str(colored), "--frames", "3", "--out", str(tmp_path / "colors.csv")]) == 0
    assert len(colors.read_fingerprint(tmp_path / "colors.csv")[0]) == 3
