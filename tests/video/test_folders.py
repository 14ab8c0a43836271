"""Frames written to a folder, also where that is killed, and loaded from one."""

import json
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from films import number_picture, numbers, write_film
from PIL import Image

from toolkit import DataError, ParameterError, video

QUIET = {"progress": False}


# --- extraction


def contents(folder):
    return {file.name: file.read_bytes() for file in sorted(Path(folder).iterdir())}


def test_extraction_names_numbers_and_lists_its_frames(film, tmp_path):
    table = video.extract_frames(film, tmp_path / "a" / "frames", fps=6, **QUIET)
    assert table["file"].tolist() == [f"film_frame{k}.jpg" for k in range(12)]
    assert table["time"].tolist() == pytest.approx([k / 6 for k in range(12)])
    pd.testing.assert_frame_equal(pd.read_csv(tmp_path / "a" / "frames" / "frames.csv"), table)
    assert set(contents(tmp_path / "a" / "frames")) == {*table["file"], "frames.csv", "extraction.json"}
    assert numbers(video.load_frames(tmp_path / "a" / "frames")) == [4 * k for k in range(12)]


def test_png_frames_are_the_pictures_themselves(film, tmp_path):
    video.extract_frames(film, tmp_path, n_frames=3, format="png", size=48, **QUIET)
    loaded, read = video.load_frames(tmp_path), video.read_frames(film, n_frames=3, size=48, **QUIET)
    assert np.array_equal(loaded.images, read.images)
    assert np.array_equal(loaded.times, read.times)
    assert loaded.name == "film"


def test_a_second_extraction_changes_nothing_and_replaces_what_is_missing(film, tmp_path):
    video.extract_frames(film, tmp_path, fps=6, **QUIET)
    before = contents(tmp_path)
    stamps = {file: (tmp_path / file).stat().st_mtime_ns for file in before if file.endswith("jpg")}
    (tmp_path / "film_frame7.jpg").unlink()
    video.extract_frames(film, tmp_path, fps=6, **QUIET)
    assert contents(tmp_path) == before
    assert (tmp_path / "film_frame6.jpg").stat().st_mtime_ns == stamps["film_frame6.jpg"]


def test_frames_made_otherwise_are_kept_unless_overwriting_is_asked_for(film, tmp_path):
    video.extract_frames(film, tmp_path, fps=6, **QUIET)
    before = contents(tmp_path)
    with pytest.raises(ParameterError, match=r"holds frames made with other settings \(fps\).*overwrite=True"):
        video.extract_frames(film, tmp_path, fps=3, **QUIET)
    assert contents(tmp_path) == before
    (tmp_path / "notes.txt").write_text("mine")
    assert len(video.extract_frames(film, tmp_path, fps=3, overwrite=True, **QUIET)) == 6
    assert len(list(tmp_path.glob("*.jpg"))) == 6
    assert (tmp_path / "notes.txt").read_text() == "mine"


def test_frames_of_another_hand_are_not_touched(film, tmp_path):
    (tmp_path / "other_frame0.png").write_bytes(b"mine")
    with pytest.raises(ParameterError, match="holds frames that video.extract_frames did not write"):
        video.extract_frames(film, tmp_path, **QUIET)
    assert contents(tmp_path) == {"other_frame0.png": b"mine"}


@pytest.mark.parametrize("options", [{"format": "bmp"}, {"quality": 0}, {"quality": 96}])
def test_extraction_refuses_formats_it_does_not_write(film, tmp_path, options):
    with pytest.raises(ParameterError, match="format must be one of|quality must be a whole number"):
        video.extract_frames(film, tmp_path, **options, **QUIET)


def test_a_file_in_the_folders_place_is_refused(film, tmp_path):
    (tmp_path / "taken").write_text("mine")
    with pytest.raises(ParameterError, match="folder must be a folder to write to"):
        video.extract_frames(film, tmp_path / "taken", **QUIET)


def test_twenty_kills_end_with_the_files_of_an_undisturbed_run(folder, tmp_path):
    pictures = [number_picture(k % 256, (640, 360)) for k in range(24 * 40)]
    path = write_film(folder / "to_kill.mp4", pictures=pictures, options={"preset": "ultrafast", "g": "48"})
    options = {"fps": 12.0, "format": "png"}
    video.extract_frames(path, tmp_path / "undisturbed", **options, **QUIET)
    killed = tmp_path / "killed"
    code = (
        "import sys; from toolkit import video; print('ready', flush=True); "
        f"video.extract_frames({str(path)!r}, {str(killed)!r}, fps=12.0, format='png', progress=False)"
    )
    rng = random.Random(3)
    kills = 0
    while kills < 20:
        process = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE)
        process.stdout.readline()
        time.sleep(rng.uniform(0.0, 0.25))
        process.send_signal(signal.SIGKILL)
        process.wait()
        process.stdout.close()
        kills += 1
        for file in killed.glob("to_kill_frame*.png"):
            Image.open(file).verify()
    subprocess.run([sys.executable, "-c", code], check=True, stdout=subprocess.DEVNULL)
    assert contents(killed) == contents(tmp_path / "undisturbed")


# --- frames of a folder


@pytest.fixture
def pictures(tmp_path):
    for number in (0, 1, 2, 10, 11):
        Image.fromarray(number_picture(number)).save(tmp_path / f"some_film_frame{number}.png")
    (tmp_path / "poster.txt").write_text("not a frame")
    return tmp_path


def test_frames_of_a_folder_are_sorted_by_number(pictures):
    frames = video.load_frames(pictures)
    assert numbers(frames) == [0, 1, 2, 10, 11]
    assert frames.times.tolist() == [0, 1, 2, 10, 11]
    assert frames.name == "some_film"


def test_first_and_last_are_a_half_open_span_of_numbers(pictures):
    assert numbers(video.load_frames(pictures, first=1, last=11)) == [1, 2, 10]
    with pytest.raises(ParameterError, match=r"no frame is in \[3, 5\); the frames of .* are 0 to 11"):
        video.load_frames(pictures, first=3, last=5)


def test_of_more_frames_than_the_limit_some_are_loaded_evenly_spaced(pictures):
    assert numbers(video.load_frames(pictures, limit=3)) == [0, 2, 11]
    assert numbers(video.load_frames(pictures, limit=3, last=11)) == [0, 2, 10]
    assert numbers(video.load_frames(pictures, limit=1)) == [0]
    assert numbers(video.load_frames(pictures, limit=5)) == [0, 1, 2, 10, 11]
    with pytest.raises(ParameterError, match="limit must be"):
        video.load_frames(pictures, limit=0)


def test_gray_pictures_load_as_rgb(tmp_path):
    Image.fromarray(np.full((4, 6), 77, dtype=np.uint8)).save(tmp_path / "gray0.png")
    assert np.array_equal(video.load_frames(tmp_path).images, np.full((1, 4, 6, 3), 77))


def test_a_folder_that_holds_no_frames_of_one_film_is_refused(pictures, tmp_path_factory):
    with pytest.raises(ParameterError, match="folder must be a folder of frames"):
        video.load_frames(pictures / "missing")
    with pytest.raises(ParameterError, match="holds no frames"):
        video.load_frames(tmp_path_factory.mktemp("nothing"))
    Image.fromarray(number_picture(3, (40, 30))).save(pictures / "some_film_frame12.png")
    with pytest.raises(ParameterError, match="pictures of mixed size: some_film_frame12.png is 40x30, .* is 96x64"):
        video.load_frames(pictures)
    assert video.load_frames(pictures, size=(20, 10)).images.shape == (6, 10, 20, 3)
    Image.fromarray(number_picture(3)).save(pictures / "other_frame0.png")
    with pytest.raises(ParameterError, match="frames of more than one film"):
        video.load_frames(pictures)


def test_a_broken_picture_or_list_is_named(pictures):
    (pictures / "frames.csv").write_text("file,time\nsome_film_frame0.png,0.5\n")
    with pytest.raises(DataError, match="does not give a time for each frame"):
        video.load_frames(pictures)
    (pictures / "some_film_frame1.png").write_bytes(b"torn")
    with pytest.raises(DataError, match="some_film_frame1.png cannot be read as a picture"):
        video.load_frames(pictures)


def test_settings_of_an_extraction_can_be_read(film, tmp_path):
    video.extract_frames(film, tmp_path, fps=2.5, size=48, **QUIET)
    settings_read = json.loads((tmp_path / "extraction.json").read_text())
    assert settings_read["film"] == "film.mp4"
    assert settings_read["fps"] == "5/2"
    assert settings_read["size"] == [48, 32]


def test_a_list_of_frames_that_was_spoilt_is_made_anew(film, tmp_path):
    video.extract_frames(film, tmp_path, fps=6, **QUIET)
    before = contents(tmp_path)
    for spoil in (b"file,time\nfilm_frame0.jpg,soon\n", b"\xff\xfe", before["frames.csv"] + b"film_frame11.jpg,1.8\n"):
        (tmp_path / "frames.csv").write_bytes(spoil)
        video.extract_frames(film, tmp_path, fps=6, **QUIET)
        assert contents(tmp_path) == before
    (tmp_path / "extraction.json").write_text("3")
    with pytest.raises(ParameterError, match="did not write"):
        video.extract_frames(film, tmp_path, fps=6, **QUIET)


@pytest.mark.parametrize("place", ["film.mp4/inside", "x" * 300, None])
def test_a_folder_that_cannot_be_made_is_refused(film, place):
    with pytest.raises(ParameterError, match="folder must be"):
        video.extract_frames(film, place if place is None else film.parent / place, **QUIET)
