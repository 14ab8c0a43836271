"""Frames written from the terminal."""

import pandas as pd
import pytest
from films import numbers

from toolkit import video
from toolkit.commands import main


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


def test_a_size_that_is_none_is_refused_by_the_parser(film, tmp_path, capsys):
    with pytest.raises(SystemExit):
        main(["frames", str(film), "--out", str(tmp_path), "--size", "wide"])
    assert "expected a width such as 320, or 320x240; got 'wide'" in capsys.readouterr().err
