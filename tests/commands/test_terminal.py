"""The toolkit from a terminal."""

import subprocess
import sys

import pytest

from toolkit.commands import main


def test_help_lists_the_subcommands(capsys):
    with pytest.raises(SystemExit) as ended:
        main(["--help"])
    assert ended.value.code == 0
    shown = capsys.readouterr().out
    assert "frames" in shown
    assert "fingerprint" in shown
    assert "embed" in shown
    assert "notebooks" in shown


def test_bad_input_is_one_line_and_status_two(film, tmp_path, capsys):
    assert main(["frames", "missing.mp4", "--out", str(tmp_path / "a")]) == 2
    assert main(["frames", str(film), "--fps", "0", "--out", str(tmp_path / "b")]) == 2
    errors = capsys.readouterr().err.splitlines()
    assert errors[0] == "toolkit: missing.mp4 does not exist; expected the path of a film file"
    assert errors[1].startswith("toolkit: fps must be a finite number above 0")
    assert len(errors) == 2
    assert list(tmp_path.iterdir()) == []


def test_it_runs_as_a_module():
    done = subprocess.run([sys.executable, "-m", "toolkit", "--version"], capture_output=True, text=True, check=True)
    assert done.stdout.startswith("film-toolkit ")
