"""The toolkit from a terminal."""

import subprocess
import sys

import pandas as pd
import pytest
from films import numbers, write_film

from toolkit import video
from toolkit.__main__ import main


@pytest.fixture(scope="module")
def film(tmp_path_factory):
    return write_film(tmp_path_factory.mktemp("films") / "film.mp4", 48)


def test_help_lists_the_subcommands(capsys):
    with pytest.raises(SystemExit) as ended:
        main(["--help"])
    assert ended.value.code == 0
    shown = capsys.readouterr().out
    assert "frames" in shown
    assert "notebooks" in shown


def test_frames_are_written_as_the_options_say(film, tmp_path, capsys):
    arguments = ["frames", str(film), "--fps", "4", "--size", "48x32", "--start", "0.5", "--format", "png"]
    assert main([*arguments, "--out", str(tmp_path / "f")]) == 0
    assert "6 frames in" in capsys.readouterr().out
    frames = video.load_frames(tmp_path / "f")
    assert numbers(frames) == [12, 18, 24, 30, 36, 42]
    assert frames.images.shape[1:3] == (32, 48)
    assert len(pd.read_csv(tmp_path / "f" / "frames.csv")) == 6


@pytest.mark.parametrize(
    ("options", "count"), [([], 2), (["--frames", "5"], 5), (["--all"], 48), (["--all", "--end", "1"], 24)]
)
def test_one_of_rate_number_and_all_is_chosen(film, tmp_path, options, count):
    assert main(["frames", str(film), "--out", str(tmp_path), *options]) == 0
    assert len(list(tmp_path.glob("*.jpg"))) == count


def test_bad_input_is_one_line_and_status_two(film, tmp_path, capsys):
    assert main(["frames", "missing.mp4", "--out", str(tmp_path / "a")]) == 2
    assert main(["frames", str(film), "--fps", "0", "--out", str(tmp_path / "b")]) == 2
    errors = capsys.readouterr().err.splitlines()
    assert errors[0] == "toolkit: missing.mp4 does not exist; expected the path of a film file"
    assert errors[1].startswith("toolkit: fps must be a finite number above 0")
    assert len(errors) == 2
    assert list(tmp_path.iterdir()) == []


def test_a_size_that_is_none_is_refused_by_the_parser(film, tmp_path, capsys):
    with pytest.raises(SystemExit):
        main(["frames", str(film), "--out", str(tmp_path), "--size", "wide"])
    assert "expected a width such as 320, or 320x240; got 'wide'" in capsys.readouterr().err


def test_it_runs_as_a_module():
    done = subprocess.run([sys.executable, "-m", "toolkit", "--version"], capture_output=True, text=True, check=True)
    assert done.stdout.startswith("film-toolkit ")
