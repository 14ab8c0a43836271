"""Frames of films: sampling by timestamps, kinds of film, bad input, extraction that survives a kill, borders."""

import json
import os
import random
import signal
import subprocess
import sys
import time
import tracemalloc
from fractions import Fraction
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from films import every_picture, number_picture, numbers, write_film, write_sound
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from toolkit import DataError, ParameterError, VideoError, video
from toolkit.records import Frames
from toolkit.video.decoding import open_film

REAL = os.environ.get("TOOLKIT_REAL_DATA")
needs_real_films = pytest.mark.skipif(
    not REAL, reason="real clips: set TOOLKIT_REAL_DATA to the folder that holds films/"
)
QUIET = {"progress": False}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("films")


@pytest.fixture(scope="module")
def film(folder):
    """Return two seconds at 24 frames a second, a key frame every 12, each picture showing its number."""
    return write_film(folder / "film.mp4", 48, options={"x264-params": "keyint=12:min-keyint=12:scenecut=0"})


# --- what a film holds


def test_probe_tells_what_was_written(folder):
    path = write_film(folder / "sound.mp4", 48, sound=True)
    info = video.probe(path)
    assert (info.width, info.height, info.frame_count, info.codec) == (96, 64, 48, "h264")
    assert (info.fps, info.duration, info.start) == (24.0, pytest.approx(2.0), 0.0)
    assert (info.rotation, info.pixel_aspect, info.has_audio, info.path) == (0, 1.0, True, path)


def test_a_container_that_does_not_count_its_pictures_is_counted(folder):
    info = video.probe(write_film(folder / "uncounted.mkv", 48))
    assert info.frame_count == 48
    assert info.duration == pytest.approx(2.0, abs=2e-3)


# --- sampling


@pytest.mark.parametrize("fps", [0.7, 1, 5, 7.3, 10, 23.976, 24])
def test_frame_k_is_the_picture_on_screen_at_k_over_fps(film, fps):
    frames = video.read_frames(film, fps=fps, **QUIET)
    on_screen = [int(k / fps * 24 + 1e-6) for k in range(60) if k / fps < 2 - 1e-6]
    assert numbers(frames) == on_screen
    assert frames.times == pytest.approx(np.array(on_screen) / 24)


def test_a_rate_above_the_films_own_repeats_pictures_with_their_own_time(film):
    frames = video.read_frames(film, fps=48, end=0.5, **QUIET)
    assert numbers(frames) == [k // 2 for k in range(24)]
    assert frames.times == pytest.approx(np.repeat(np.arange(12) / 24, 2))


@pytest.mark.parametrize(
    ("name", "codec"), [("whole.webm", "libvpx-vp9"), ("whole.mkv", "libx264"), ("whole.mp4", "libx264")]
)
def test_the_films_own_rate_gives_every_picture_once_whatever_the_containers_clock(folder, name, codec):
    path = write_film(folder / name, 48, codec=codec)
    assert numbers(video.read_frames(path, fps=24, **QUIET)) == list(range(48))
    assert numbers(video.read_frames(path, fps=None, **QUIET)) == list(range(48))


def test_a_variable_frame_rate_is_sampled_by_timestamps(folder):
    stamps = [0, 1, 2, 10, 11, 30, 31, 47]
    path = write_film(folder / "variable.mp4", 8, stamps=stamps, time_base=Fraction(1, 24))
    frames = video.read_frames(path, fps=4, end=1.9, **QUIET)
    assert numbers(frames) == [0, 2, 4, 4, 4, 5, 6, 6]
    assert frames.times == pytest.approx(np.array([0, 2, 11, 11, 11, 30, 31, 31]) / 24)


def test_the_grid_starts_at_the_first_picture_of_a_delayed_film(folder):
    path = write_film(folder / "delayed.mkv", 48, stamps=[48 + k for k in range(48)])
    frames = video.read_frames(path, fps=2, **QUIET)
    assert numbers(frames) == [0, 12, 24, 36]
    assert frames.times == pytest.approx([2, 2.5, 3, 3.5], abs=1e-3)
    assert video.probe(path).start == 2.0


def test_the_grid_starts_at_start_where_that_is_later(film):
    frames = video.read_frames(film, fps=4, start=1.1, **QUIET)
    assert numbers(frames) == [26, 32, 38, 44]
    assert video.read_frames(film, fps=4, start=1.1, end=1.35, **QUIET).times == pytest.approx([26 / 24])


def test_n_frames_are_evenly_spaced_from_the_start(film):
    assert numbers(video.read_frames(film, n_frames=4, **QUIET)) == [0, 12, 24, 36]
    assert numbers(video.read_frames(film, n_frames=1, start=1.5, **QUIET)) == [36]
    assert len(video.read_frames(film, n_frames=7, **QUIET)) == 7


def test_given_times_come_in_the_order_given(film):
    frames = video.read_frames(film, times=[1.5, 0.0, 0.99, 1.5], **QUIET)
    assert numbers(frames) == [36, 0, 23, 36]
    assert frames.times == pytest.approx(np.array([36, 0, 23, 36]) / 24)


def test_an_instant_before_the_first_picture_gives_the_first(folder):
    path = write_film(folder / "late.mkv", 12, stamps=[24 + k for k in range(12)])
    assert numbers(video.read_frames(path, times=[0.2, 1.1], **QUIET)) == [0, 2]


def test_the_times_of_frames_read_give_the_same_frames_again(film):
    frames = video.read_frames(film, fps=7.3, **QUIET)
    again = video.read_frames(film, times=frames.times, **QUIET)
    assert np.array_equal(again.images, frames.images)


def test_key_frames_come_once_each_with_their_own_times(film):
    frames = video.read_frames(film, fps=24, accuracy="keyframe", **QUIET)
    assert numbers(frames) == [0, 12, 24, 36]
    assert frames.times == pytest.approx([0, 0.5, 1, 1.5])
    assert numbers(video.read_frames(film, fps=1, start=0.7, accuracy="keyframe", **QUIET)) == [12, 36]


FLAVOURS = {
    "b_pyramid": ("mp4", "libx264", {"g": "20", "bf": "3", "b_strategy": "0", "x264-params": "b-pyramid=normal"}),
    "no_b_frames": ("mp4", "libx264", {"g": "9", "bf": "0"}),
    "open_groups": ("mkv", "libx264", {"x264-params": "open-gop=1:keyint=15:min-keyint=15:bframes=4:b-adapt=0"}),
    "one_group": ("mp4", "libx264", {"g": "9999", "x264-params": "scenecut=0"}),
    "hevc": ("mp4", "libx265", {"x265-params": "keyint=16:log-level=none"}),
    "mpeg2": ("ts", "mpeg2video", {"g": "12", "bf": "2"}),
    "mpeg4": ("avi", "mpeg4", {"g": "12", "bf": "2"}),
    "vp9": ("webm", "libvpx-vp9", {"g": "25", "deadline": "realtime"}),
}


@pytest.fixture(scope="module", params=sorted(FLAVOURS))
def moving_film(request, folder):
    """Return a film of a drifting texture, where a wrongly decoded reference would show, and its full decode."""
    ending, codec, options = FLAVOURS[request.param]
    rng = np.random.default_rng(5)
    texture = np.kron(rng.integers(0, 256, (24, 60, 3)), np.ones((4, 4, 1))).astype(np.uint8)
    pictures = [texture[k % 29 : k % 29 + 64, k : k + 96] for k in range(120)]
    path = write_film(folder / f"{request.param}.{ending}", pictures=pictures, fps=25, codec=codec, options=options)
    return path, *every_picture(path, (96, 64))


@settings(max_examples=12)
@given(data=st.data())
def test_skipping_what_is_not_wanted_gives_the_pictures_of_a_full_decode(moving_film, data):
    path, times, pictures = moving_film
    wanted = sorted(data.draw(st.lists(st.integers(0, len(times) - 1), min_size=1, max_size=6)))
    frames = video.read_frames(path, times=times[wanted], **QUIET)
    assert frames.times == pytest.approx(times[wanted])
    assert np.array_equal(frames.images, pictures[wanted])


def test_a_far_instant_is_sought_and_exact(folder):
    pictures = [number_picture(k % 256) for k in range(25 * 60)]
    path = write_film(folder / "minute.mp4", pictures=pictures, fps=25, options={"g": "50", "bf": "2"})
    times = np.array([3.0, 31.32, 31.36, 58.0])
    assert numbers(video.read_frames(path, times=times, **QUIET)) == [int(round(t * 25)) % 256 for t in times]
    assert numbers(video.read_frames(path, fps=25, start=40.0, end=40.2, **QUIET)) == [1000 % 256 + k for k in range(5)]


# --- kinds of film


@pytest.mark.parametrize(("stored", "clockwise"), [(-90, 90), (180, 180), (90, 270)])
def test_a_turned_film_is_upright(folder, stored, clockwise):
    half = np.zeros((64, 96, 3), dtype=np.uint8)
    half[:32] = 220
    path = write_film(folder / f"turned{clockwise}.mp4", pictures=[half] * 5, rotation=stored)
    image = video.read_frames(path, n_frames=1, **QUIET).images[0].astype(int)
    assert video.probe(path).rotation == clockwise
    bright = {90: image[:, -20:], 180: image[-20:], 270: image[:, :20]}[clockwise]
    dark = {90: image[:, :20], 180: image[:20], 270: image[:, -20:]}[clockwise]
    assert image.shape == ((64, 96, 3) if clockwise == 180 else (96, 64, 3))
    assert bright.min() > 190
    assert dark.max() < 40


def test_pixels_that_are_not_square_widen_the_picture(folder):
    path = write_film(folder / "anamorphic.mp4", 5, aspect=Fraction(4, 3))
    info = video.probe(path)
    assert (info.width, info.height, info.pixel_aspect) == (128, 64, pytest.approx(4 / 3))
    assert video.read_frames(path, n_frames=1, **QUIET).images.shape == (1, 64, 128, 3)
    assert video.read_frames(path, n_frames=1, size=64, **QUIET).images.shape == (1, 32, 64, 3)


def test_an_interlaced_film_has_no_combs(folder):
    def woven(k):
        picture = np.full((96, 128, 3), 30, dtype=np.uint8)
        picture[0::2, 8 * k : 8 * k + 24] = 220
        picture[1::2, 8 * k + 4 : 8 * k + 28] = 220
        return picture

    options = {"flags": "+ildct+ilme", "x264-params": "tff=1:qp=10"}
    path = write_film(folder / "interlaced.mp4", pictures=[woven(k) for k in range(10)], fps=25, options=options)
    combs = np.abs(np.diff(video.read_frames(path, fps=25, **QUIET).images.astype(int), axis=1)).mean()
    woven_combs = np.abs(np.diff(np.stack([woven(k) for k in range(10)]).astype(int), axis=1)).mean()
    assert combs < woven_combs / 5


KINDS = {
    "odd": ("mkv", "ffv1", "yuv444p", (97, 65)),
    "odd_subsampled": ("mkv", "ffv1", "yuv420p", (97, 65)),
    "ten_bit": ("mkv", "ffv1", "yuv420p10le", (96, 64)),
    "gray": ("mkv", "ffv1", "gray", (96, 64)),
    "gray_ten_bit": ("mkv", "ffv1", "gray10le", (96, 64)),
    "alpha": ("mov", "png", "rgba", (96, 64)),
    "full_range": ("mkv", "mjpeg", "yuvj420p", (96, 64)),
}


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_every_kind_of_picture_becomes_rgb(folder, kind):
    ending, codec, pix_fmt, size = KINDS[kind]
    path = write_film(folder / f"{kind}.{ending}", 20, codec=codec, pix_fmt=pix_fmt, size=size)
    frames = video.read_frames(path, fps=None, **QUIET)
    assert frames.images.shape == (20, size[1], size[0], 3)
    assert frames.images.dtype == np.uint8
    assert numbers(frames) == list(range(20))
    # the bars are 40 and 210; chroma and quantisation may shift them a little
    assert np.abs(frames.images[7].astype(int) - number_picture(7, size)).mean() < 6


def test_sizes_are_width_and_height_as_displayed(film):
    shapes = [
        video.read_frames(film, n_frames=1, size=size, **QUIET).images.shape[1:3] for size in (None, 48, (30, 50))
    ]
    assert shapes == [(64, 96), (32, 48), (50, 30)]


# --- streams and memory


@pytest.mark.parametrize("options", [{"fps": 5}, {"n_frames": 7}, {"times": [0.1, 0.5, 1.9]}, {"fps": None}])
def test_batches_joined_are_the_frames_read(film, options):
    batches = list(video.iter_frames(film, batch=3, **options, **QUIET))
    whole = video.read_frames(film, **options, **QUIET)
    assert [len(batch) for batch in batches[:-1]] == [3] * (len(batches) - 1)
    assert np.array_equal(np.concatenate([batch.images for batch in batches]), whole.images)
    assert np.array_equal(np.concatenate([batch.times for batch in batches]), whole.times)


def test_streaming_holds_a_few_batches_at_most(folder):
    path = write_film(folder / "long.mp4", pictures=[number_picture(k % 256, (320, 240)) for k in range(400)])
    tracemalloc.start()
    for _ in video.iter_frames(path, batch=16, fps=None, **QUIET):
        pass
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 4 * 16 * 320 * 240 * 3


def test_frames_beyond_the_limit_are_refused_with_what_they_would_take(film):
    with pytest.raises(
        ParameterError, match=r"48 frames of 96x64 would take 0\.0 GB, more than max_gb=0\.0001; .*iter_frames"
    ):
        video.read_frames(film, fps=None, max_gb=1e-4, **QUIET)
    assert len(video.read_frames(film, fps=None, max_gb=1e-3, **QUIET)) == 48


# --- bad input


@pytest.fixture(scope="module")
def bad_files(folder):
    (folder / "empty.mp4").touch()
    (folder / "text.txt").write_text("a page of text\n" * 40)
    (folder / "text.mp4").write_text("a page of text\n" * 40)
    (folder / "noise.mp4").write_bytes(random.Random(0).randbytes(5000))
    (folder / "lines.srt").write_text("1\n00:00:01,000 --> 00:00:02,000\nHello.\n\n")
    (folder / "list.m3u8").write_text("#EXTM3U\n#EXTINF:10,\nhttp://192.0.2.1/part.ts\n")
    write_sound(folder / "sound.m4a")
    whole = write_film(folder / "indexed_at_the_end.mp4", 48).read_bytes()
    (folder / "without_its_index.mp4").write_bytes(whole[: len(whole) // 2])
    return folder


BAD_FILES = {
    "missing.mp4": "does not exist",
    ".": "is a folder; expected a film file",
    "empty.mp4": r"is empty \(0 bytes\)",
    "text.txt": "is not a film: it holds no pictures",
    "text.mp4": "cannot be read as a film",
    "noise.mp4": "cannot be read as a film",
    "lines.srt": "is not a film: it holds no pictures",
    "list.m3u8": "cannot be read as a film|is not a film",
    "sound.m4a": "holds sound but no pictures",
    "without_its_index.mp4": "cannot be read as a film",
}


@pytest.mark.parametrize("name", sorted(BAD_FILES))
def test_what_is_not_a_film_is_refused_and_nothing_left_behind(bad_files, tmp_path, name):
    calls = [
        lambda path: video.probe(path),
        lambda path: video.read_frames(path, **QUIET),
        lambda path: video.iter_frames(path, **QUIET),
        lambda path: video.extract_frames(path, tmp_path / "frames", **QUIET),
    ]
    for call in calls:
        with pytest.raises(VideoError, match=BAD_FILES[name]):
            call(bad_files / name)
    assert not (tmp_path / "frames").exists()


BAD_OPTIONS = [
    ({"fps": 0}, r"fps must be a finite number above 0 \(frames a second\); got 0"),
    ({"fps": -1}, "fps must be"),
    ({"fps": float("nan")}, "fps must be"),
    ({"fps": "2"}, "fps must be"),
    ({"fps": 10**400}, "fps must be"),
    ({"fps": 1e9}, "at most 1000 frames a second"),
    ({"n_frames": 0}, "n_frames must be a whole number of at least 1"),
    ({"n_frames": 2.5}, "n_frames must be"),
    ({"n_frames": 10**12}, "at most 1000 frames a second"),
    ({"times": []}, r"times must be finite seconds.*, at least one; got list of shape \(0,\)"),
    ({"times": [1.0, float("nan")]}, "times must be finite seconds.*got nan"),
    ({"times": [-0.1]}, r"times must be seconds from 0 on; got -0\.1"),
    ({"times": "soon"}, "got str with what is not a number"),
    ({"times": [99.0]}, r"times must lie in the film, which ends at 2\.000 s; got 99\.000 s"),
    ({"size": 0}, "size must be a whole number of at least 1"),
    ({"size": (0, 10)}, "size must be"),
    ({"size": (10, 10, 3)}, r"size must be None, a width, or \(width, height\)"),
    ({"size": 10**6}, "size must be at most"),
    ({"start": 1.0, "end": 0.5}, r"end must be after start; got start=1, end=0\.5"),
    ({"start": 1.0, "end": 1.0}, "end must be after start"),
    ({"start": -1.0}, "start must be seconds from 0 on; got -1"),
    ({"start": 5.0}, "start must lie in the film"),
    ({"end": float("inf")}, "end must be"),
    ({"fps": 2, "n_frames": 3}, "give one of fps, n_frames and times; got fps and n_frames"),
    ({"fps": 1.0, "times": [0.0]}, "give one of fps, n_frames and times; got fps and times"),
    ({"n_frames": 2, "times": [0.0]}, "give one of fps, n_frames and times; got n_frames and times"),
    ({"times": [0.0], "start": 1.0}, "leave start and end out"),
    ({"accuracy": "rough"}, "accuracy must be one of 'exact', 'keyframe'; got 'rough'"),
    ({"fps": None, "accuracy": "keyframe"}, "fps=None asks for every picture"),
]


@pytest.mark.parametrize(("options", "message"), BAD_OPTIONS)
def test_options_out_of_range_are_refused_and_nothing_left_behind(film, tmp_path, options, message):
    for call in (video.read_frames, video.iter_frames):
        with pytest.raises(ParameterError, match=message):
            call(film, **options, **QUIET)
    with pytest.raises(ParameterError, match=message):
        video.extract_frames(film, tmp_path / "frames", **options, **QUIET)
    assert not (tmp_path / "frames").exists()


def test_streams_ask_for_times_in_order(film, tmp_path):
    with pytest.raises(ParameterError, match="times must be .*ascending.*; got 0 after 1"):
        video.iter_frames(film, times=[1.0, 0.0], **QUIET)
    with pytest.raises(ParameterError, match="times must be .*ascending.*; got 0 after 1"):
        video.extract_frames(film, tmp_path / "frames", times=[1.0, 0.0], **QUIET)


@pytest.mark.parametrize("ending", ["mp4", "mkv"])
@pytest.mark.parametrize("accuracy", ["exact", "keyframe"])
def test_a_film_that_breaks_off_gives_what_it_has_and_says_what_is_missing(folder, ending, accuracy):
    rng = np.random.default_rng(0)
    pictures = [rng.integers(0, 256, (64, 96, 3), dtype=np.uint8) for _ in range(200)]
    options = {"movflags": "faststart"} if ending == "mp4" else {}
    whole = write_film(
        folder / f"whole_{accuracy}.{ending}", pictures=pictures, fps=25, options={"g": "25"}, container_options=options
    )
    cut = folder / f"cut_{accuracy}.{ending}"
    cut.write_bytes(whole.read_bytes()[: whole.stat().st_size // 2])
    with pytest.warns(UserWarning, match=r"breaks off at \d\.\d\d s: \d\.\d\d s of \d\.\d\d s are missing"):
        frames = video.read_frames(cut, fps=5, accuracy=accuracy, **QUIET)
    complete = video.read_frames(whole, fps=5, accuracy=accuracy, **QUIET)
    assert 0.3 * len(complete) < len(frames) < 0.7 * len(complete)
    # the very last picture may be torn
    assert np.array_equal(frames.images[:-1], complete.images[: len(frames) - 1])


def test_a_part_of_a_film_is_no_film_that_breaks_off(film):
    assert len(video.read_frames(film, fps=2, end=1.0, **QUIET)) == 2
    assert len(video.read_frames(film, times=[0.3], **QUIET)) == 1


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
    with pytest.raises(ParameterError, match="is not a folder"):
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


# --- borders


def lit(n=10, height=60, width=80, seed=0):
    return np.random.default_rng(seed).integers(30, 256, (n, height, width, 3), dtype=np.uint8)


def test_letterbox_and_pillarbox_are_found():
    images = lit()
    assert video.find_bars(images) == (0, 0, 60, 80)
    images[:, :7], images[:, 52:] = 0, 2
    assert video.find_bars(images) == (7, 0, 45, 80)
    images[:, :, :10] = 1
    assert video.find_bars(images) == (7, 10, 45, 70)


def test_a_dark_scene_is_no_bar():
    images = lit()
    images[:5] //= 12
    assert video.find_bars(images) == (0, 0, 60, 80)
    night = np.random.default_rng(1).integers(0, 22, (10, 60, 80, 3), dtype=np.uint8)
    assert video.find_bars(night) == (0, 0, 60, 80)
    images = lit()
    images[:4, :20] = 0
    assert video.find_bars(images) == (0, 0, 60, 80)


def test_black_frames_say_nothing_about_bars():
    images = lit(20)
    images[:, :6] = 0
    images[:15] = 0
    assert video.find_bars(images) == (6, 0, 54, 80)
    assert video.find_bars(np.zeros((3, 60, 80, 3), dtype=np.uint8)) == (0, 0, 60, 80)


def test_bars_are_the_same_from_gray_and_from_a_stream():
    images = lit()
    images[:, :9] = 0
    stream = (Frames(images[k : k + 3], np.arange(len(images[k : k + 3])), "film") for k in range(0, 10, 3))
    assert video.find_bars(stream) == video.find_bars(images) == video.find_bars(images[..., 1]) == (9, 0, 51, 80)
    with pytest.raises(ParameterError, match="at least one frame"):
        video.find_bars(images[:0])


def test_crop_cuts_the_box_out():
    images = lit()
    assert np.array_equal(video.crop(images, (5, 8, 20, 30)), images[:, 5:25, 8:38])
    with pytest.raises(ParameterError, match="the region must lie inside the 80x60 picture"):
        video.crop(images, (50, 0, 20, 30))
    with pytest.raises(ParameterError, match=r"box must be \(top, left, height, width\)"):
        video.crop(images, (1, 2, 3))


def test_a_mask_paints_the_region_and_leaves_what_was_given():
    images = lit()
    before = images.copy()
    masked = video.mask_region(images, 50, 10, 8, 60, value=128)
    assert (masked[:, 50:58, 10:70] == 128).all()
    masked[:, 50:58, 10:70] = images[:, 50:58, 10:70]
    assert np.array_equal(masked, before)
    assert np.array_equal(images, before)
    assert (video.mask_region(images, 0, 0, 2, 2, value=(1, 2, 3))[:, 1, 1] == (1, 2, 3)).all()


def test_a_mask_comes_back_in_the_form_that_went_in():
    frames = Frames(lit(4), np.arange(4.0), "film")
    masked = video.mask_region(frames, 0, 0, 5, 5)
    assert isinstance(masked, Frames)
    assert masked.name == "film"
    streamed = list(video.mask_region(iter([frames, frames[:2]]), 0, 0, 5, 5))
    assert [len(batch) for batch in streamed] == [4, 2]
    assert np.array_equal(streamed[0].images, masked.images)


@pytest.mark.parametrize(
    ("region", "message"),
    [
        ((0, 0, 61, 10), "the region must lie inside the 80x60 picture"),
        ((0, 75, 10, 10), "the region must lie inside"),
        ((-1, 0, 5, 5), "top must be a whole number of at least 0"),
        ((0, 0, 0, 5), "height must be a whole number of at least 1"),
        ((0, 0, 5, 2.5), "width must be a whole number"),
    ],
)
def test_a_region_outside_the_picture_is_refused(region, message):
    with pytest.raises(ParameterError, match=message):
        video.mask_region(lit(), *region)


@pytest.mark.parametrize("value", [-1, 256, 0.5, (1, 2), "black"])
def test_a_mask_is_painted_in_a_colour(value):
    with pytest.raises(ParameterError, match="value must be"):
        video.mask_region(lit(), 0, 0, 5, 5, value=value)


@pytest.mark.parametrize(
    "images", [[[1, 2], [3, 4]], np.zeros((2, 4, 4, 3)), np.zeros((4, 4), dtype=np.uint8), "film.mp4"]
)
def test_what_is_not_images_is_refused(images):
    with pytest.raises(ParameterError, match="images must be"):
        video.find_bars(images)


# --- real clips


@needs_real_films
def test_counter_gives_its_thirty_frames():
    path = Path(REAL, "films", "counter.mp4")
    frames = video.read_frames(path, fps=10, size=(480, 270), **QUIET)
    times, pictures = every_picture(path, (480, 270))
    assert frames.times == pytest.approx(np.arange(30) / 10)
    assert np.array_equal(frames.images, pictures)
    assert len({picture.tobytes() for picture in frames.images}) == 30


@needs_real_films
def test_a_real_film_with_a_delayed_start_keeps_its_clock():
    path = Path(REAL, "films", "delayed_start.mp4")
    assert video.probe(path).start == pytest.approx(1.075)
    frames = video.read_frames(path, fps=5, **QUIET)
    assert frames.times == pytest.approx(1.075 + np.arange(5) / 5)


@needs_real_films
@pytest.mark.parametrize("name", ["nosferatu.mp4", "sintel_clip.mp4", "big_buck_bunny_0_30.webm"])
@pytest.mark.parametrize("fps", [0.4, 3, 25])
def test_real_films_equal_a_full_decode(name, fps):
    path = Path(REAL, "films", name)
    times, pictures = every_picture(path, (80, 60))
    info = video.probe(path)
    frames = video.read_frames(path, fps=fps, size=(80, 60), **QUIET)
    grid = info.start + np.arange(len(frames)) / fps
    on_screen = np.searchsorted(times, grid + 5e-4, side="right") - 1
    assert frames.times == pytest.approx(times[on_screen])
    assert np.array_equal(frames.images, pictures[on_screen])
    assert grid[-1] < info.start + info.duration <= grid[-1] + 1 / fps + 1e-3


@needs_real_films
def test_the_letterbox_of_a_real_film_is_found():
    frames = video.read_frames(Path(REAL, "films", "sintel_clip.mp4"), n_frames=24, **QUIET)
    top, left, height, width = video.find_bars(frames)
    assert (left, width) == (0, 848)
    # by eye: the first lit row is 58, the last 420; compression blurs both edges
    assert top == pytest.approx(58, abs=4)
    assert top + height == pytest.approx(421, abs=4)


def test_settings_of_an_extraction_can_be_read(film, tmp_path):
    video.extract_frames(film, tmp_path, fps=2.5, size=48, **QUIET)
    settings_read = json.loads((tmp_path / "extraction.json").read_text())
    assert settings_read["film"] == "film.mp4"
    assert settings_read["fps"] == "5/2"
    assert settings_read["size"] == [48, 32]


def test_damage_in_a_films_middle_is_reported_and_the_rest_returned(folder):
    rng = np.random.default_rng(0)
    pictures = [rng.integers(0, 256, (64, 96, 3), dtype=np.uint8) for _ in range(120)]
    path = write_film(folder / "sound_pictures.mp4", pictures=pictures, fps=24, options={"g": "12"})
    content = bytearray(path.read_bytes())
    middle = len(content) // 2
    content[middle : middle + 3000] = rng.bytes(3000)
    damaged = folder / "damaged.mp4"
    damaged.write_bytes(content)
    with pytest.warns(UserWarning, match=r"is damaged in \d+ places"):
        frames = video.read_frames(damaged, fps=24, **QUIET)
    whole = video.read_frames(path, fps=24, **QUIET)
    assert np.array_equal(frames.images[:40], whole.images[:40])
    assert np.array_equal(frames.images[-40:], whole.images[-40:])


def test_open_groups_give_their_key_frames_each_alone(folder):
    pictures = [number_picture(k) for k in range(120)]
    options = {"x264-params": "open-gop=1:keyint=12:min-keyint=12:bframes=3:b-pyramid=normal:scenecut=0"}
    path = write_film(folder / "open_keys.mp4", pictures=pictures, fps=25, options=options)
    frames = video.read_frames(path, fps=25, accuracy="keyframe", **QUIET)
    assert len(frames) == 10
    assert [round(time * 25) for time in frames.times] == numbers(frames)


def test_damage_that_no_instant_shows_is_reported_too(folder):
    rng = np.random.default_rng(0)
    pictures = [rng.integers(0, 256, (64, 96, 3), dtype=np.uint8) for _ in range(48)]
    path = write_film(folder / "whole_references.mp4", pictures=pictures, options={"g": "48", "bf": "0"})
    content = bytearray(path.read_bytes())
    middle = len(content) // 2
    content[middle : middle + 200] = bytes(200)
    damaged = folder / "damaged_reference.mp4"
    damaged.write_bytes(content)
    with pytest.warns(UserWarning, match=r"is damaged in \d+ places"):
        video.read_frames(damaged, fps=1, **QUIET)


def test_an_avi_with_reordered_pictures_gives_each_once_in_order(folder):
    path = write_film(folder / "reordered.avi", 48, options={"bf": "2"})
    assert numbers(video.read_frames(path, fps=None, **QUIET)) == list(range(48))
    assert numbers(video.read_frames(path, fps=24, **QUIET)) == list(range(48))


def test_a_film_that_begins_in_the_middle_of_a_group_is_whole_from_its_first_picture(folder):
    path = write_film(folder / "broadcast.ts", 100, fps=25, codec="mpeg2video", options={"g": "12", "bf": "2"})
    content = path.read_bytes()
    late = folder / "switched_on_late.ts"
    late.write_bytes(content[len(content) // 3 // 188 * 188 :])
    shown = numbers(video.read_frames(late, fps=None, **QUIET))
    assert shown == list(range(shown[0], 100))
    assert numbers(video.read_frames(late, fps=25, **QUIET)) == shown


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


@pytest.mark.parametrize("path", [None, 3, "x" * 300])
def test_what_names_no_file_is_refused(path):
    with pytest.raises(VideoError, match="a film is named by the path|does not exist"):
        video.probe(path)


def test_rates_may_be_numbers_of_numpy_or_fractions(film, tmp_path):
    for rate in (np.float32(2.5), np.int8(3), Fraction(24000, 1001)):
        frames = video.read_frames(film, fps=rate, **QUIET)
        assert len(frames) == int(np.ceil(2 * float(rate) - 1e-6))
    table = video.extract_frames(film, tmp_path, fps=np.float32(2.5), start=np.float32(0.5), **QUIET)
    assert len(table) == 4


def test_a_grid_of_instants_is_that_of_single_instants(film):
    with open_film(film) as opened:
        for rate in (Fraction(24000, 1001), Fraction(7.3), Fraction(25)):
            grid = Fraction(1, 3)
            singly = [opened.threshold(grid + k / rate) for k in range(50)]
            assert opened.thresholds(grid, rate, 50).tolist() == singly


def test_a_film_some_of_whose_packets_tell_no_time_is_read_whole(folder):
    # packets before time 0 come without a time of presentation
    path = write_film(
        folder / "before_zero.mkv",
        48,
        options={"bf": "2"},
        stamps=[k - 12 for k in range(48)],
        container_options={"avoid_negative_ts": "disabled"},
    )
    shown = numbers(video.read_frames(path, fps=None, **QUIET))
    assert shown == list(range(shown[0], 48))
    assert len(shown) >= 36


def test_pictures_before_nought_are_read_by_their_times(folder):
    path = write_film(
        folder / "below_zero.ts",
        48,
        stamps=[k - 24 for k in range(48)],
        container_options={"avoid_negative_ts": "disabled", "mpegts_copyts": "1"},
    )
    begin = video.probe(path).start
    assert begin == -1
    assert numbers(video.read_frames(path, times=[-1.0, -0.5, 0.5], **QUIET)) == [0, 12, 36]
    assert numbers(video.read_frames(path, fps=None, start=-1.0, **QUIET)) == list(range(48))
    assert numbers(video.read_frames(path, fps=2, start=-0.5, **QUIET)) == [12, 24, 36]
    # as for any film, seconds are counted from 0 where nothing else is said
    assert numbers(video.read_frames(path, fps=2, **QUIET)) == [24, 36]
    with pytest.raises(ParameterError, match="start must be seconds from -1 on; got -2"):
        video.read_frames(path, fps=1, start=-2.0, **QUIET)


# --- a small copy of a long film


@pytest.mark.parametrize(
    ("name", "stamps", "time_base"),
    [
        ("film.mp4", None, None),
        ("film.mkv", None, None),
        ("late.mp4", np.arange(120, 160), Fraction(1, 24)),
        ("ntsc.mp4", np.arange(40) * 1001, Fraction(1, 24000)),
        ("uneven.mkv", np.cumsum([0, 40, 33, 7, 500, *[41] * 35]), Fraction(1, 1000)),
    ],
)
def test_a_proxy_has_the_films_pictures_at_the_films_times(tmp_path, name, stamps, time_base):
    path = write_film(tmp_path / name, 40, size=(200, 100), stamps=stamps, time_base=time_base)
    small = video.proxy(path, width=64, longer_than=0, cache=tmp_path / "kept", **QUIET)
    assert small.parent == tmp_path / "kept"
    film, copy = (video.read_frames(file, fps=None, size=(64, 32), **QUIET) for file in (path, small))
    np.testing.assert_array_equal(copy.times, film.times)
    # what is lost is less than the numbers that the pictures show differ by
    assert np.abs(copy.images.astype(int) - film.images).mean() < 4
    assert video.probe(small).width == 64


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("untold.mp4", {}),
        ("bt709.mp4", {"colorspace": 1, "color_range": 1}),
        ("full_range.mp4", {"colorspace": 1, "color_range": 2}),
        ("jpeg.avi", {"codec": "mjpeg", "pix_fmt": "yuvj420p", "color_range": 2}),
        ("bt2020.mkv", {"pix_fmt": "yuv420p10le", "colorspace": 9, "color_range": 1}),
        ("rgb.mkv", {"codec": "ffv1", "pix_fmt": "bgr0"}),
        ("gray.mkv", {"codec": "ffv1", "pix_fmt": "gray"}),
        ("turned.mp4", {"rotation": 90}),
    ],
)
def test_a_proxy_has_the_films_colours(tmp_path, name, options):
    colours = np.array([[(230, 20, 20), (20, 200, 30)], [(30, 40, 220), (250, 250, 250)]], np.uint8)
    picture = colours.repeat(64, axis=0).repeat(96, axis=1)
    path = write_film(tmp_path / name, pictures=[picture] * 12, **options)
    small = video.proxy(path, width=48, longer_than=0, cache=tmp_path / "kept", **QUIET)
    film, copy = (
        video.read_frames(file, fps=None, size=(48, 48), **QUIET).images.astype(int) for file in (path, small)
    )
    middles = [slice(None), slice(12, None, 24), slice(12, None, 24)]
    np.testing.assert_allclose(copy[*middles], film[*middles], atol=4)
    assert np.ptp(film[*middles], axis=(1, 2)).min() > 100


def test_a_proxy_is_made_once(tmp_path):
    path = write_film(tmp_path / "film.mp4", 24)
    first = video.proxy(path, width=32, longer_than=0, cache=tmp_path / "kept", **QUIET)
    written = first.stat().st_mtime_ns
    path.rename(tmp_path / "moved.mp4")
    assert video.proxy(tmp_path / "moved.mp4", width=32, longer_than=0, cache=tmp_path / "kept", **QUIET) == first
    assert first.stat().st_mtime_ns == written
    assert [file.name for file in (tmp_path / "kept").iterdir()] == [first.name]
    assert first.name.startswith("film-")


@pytest.mark.parametrize("name", ["[a]*?{0}.mp4", ".hidden.mp4", f"{'ü' * 120}.mp4", "a.b.mp4"])
def test_a_proxy_of_a_film_of_any_name_is_found_again(tmp_path, name):
    path = write_film(tmp_path / name, 12)
    options = {"width": 32, "longer_than": 0, "cache": tmp_path / "kept", **QUIET}
    first = video.proxy(path, **options)
    written = first.stat().st_mtime_ns
    assert video.proxy(path, **options) == first
    assert first.stat().st_mtime_ns == written


def test_what_a_killed_process_left_of_a_proxy_goes_when_it_is_made_anew(tmp_path):
    path, kept = write_film(tmp_path / "film.mp4", 24), {"width": 32, "longer_than": 0, "cache": tmp_path / "kept"}
    whole = video.proxy(path, **kept, **QUIET)
    another = whole.with_name(".another-32.abcdefgh.partial.mp4")
    left = whole.with_name(f".{whole.stem}.abcdefgh.partial.mp4")
    for partial in (left, another):
        partial.write_bytes(b"half")
    data = whole.read_bytes()
    whole.unlink()
    assert video.proxy(path, **kept, **QUIET).read_bytes() == data
    # another film's may be being made
    assert sorted(whole.parent.iterdir()) == sorted([another, whole])


@pytest.mark.parametrize("damage", [lambda data: b"", lambda data: data[: len(data) // 3]])
def test_a_damaged_proxy_is_made_anew(tmp_path, damage):
    path, options = write_film(tmp_path / "film.mp4", 24), {"width": 32, "longer_than": 0, "cache": tmp_path / "kept"}
    first = video.proxy(path, **options, **QUIET)
    data = first.read_bytes()
    first.write_bytes(damage(data))
    assert video.proxy(path, **options, **QUIET).read_bytes() == data


FULL = """
import resource, signal, sys
from toolkit import ParameterError, video
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
video.probe(sys.argv[1])
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[3]), resource.RLIM_INFINITY))
try:
    video.proxy(sys.argv[1], width=32, longer_than=0, cache=sys.argv[2], progress=False)
except ParameterError as error:
    print("told:", error)
"""


@pytest.mark.parametrize("room", [0, 20, 2000])
def test_a_proxy_for_which_there_is_no_room_is_told_and_leaves_nothing(tmp_path, room):
    path = write_film(tmp_path / "film.mp4", 480)
    command = [sys.executable, "-c", FULL, str(path), str(tmp_path / "kept"), str(room)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert done.stdout.startswith(f"told: {tmp_path / 'kept'} cannot be written: File too large"), done.stderr[-500:]
    assert "TOOLKIT_DATA" in done.stdout
    assert not list((tmp_path / "kept").glob("*.mp4"))


@pytest.mark.parametrize("kind", ["breaks off at", "is damaged in"])
def test_what_a_film_lacks_is_told_whenever_its_proxy_is_returned(tmp_path, kind):
    rng = np.random.default_rng(0)
    pictures = [rng.integers(0, 256, (64, 96, 3), dtype=np.uint8) for _ in range(100)]
    path = write_film(tmp_path / "film.mkv", pictures=pictures, fps=25, options={"g": "25"})
    content, half = path.read_bytes(), path.stat().st_size // 2
    path.write_bytes(
        content[:half] if kind == "breaks off at" else content[:half] + bytes(2000) + content[half + 2000 :]
    )
    told = []
    for name in ("film.mkv", "moved.mkv"):
        with pytest.warns(UserWarning, match=kind) as warned:
            small = video.proxy(path, width=32, longer_than=0, cache=tmp_path / "kept", **QUIET)
        (message,) = [str(warning.message) for warning in warned]
        assert message.startswith(str(tmp_path / name))
        told.append(message.removeprefix(str(tmp_path / name)))
        path = path.rename(tmp_path / "moved.mkv")
    assert told[0] == told[1]
    assert small.name.startswith("film-")


def test_a_proxy_that_cannot_be_kept_is_told_where_to_be(tmp_path, monkeypatch):
    path = write_film(tmp_path / "film.mp4", 24)
    monkeypatch.setenv("TOOLKIT_DATA", str(path / "data"))
    with pytest.raises(ParameterError, match=r"data cannot be written: Not a directory\. .* TOOLKIT_DATA"):
        video.proxy(path, width=32, longer_than=0, **QUIET)


def test_a_short_or_narrow_film_is_looked_at_itself(film, tmp_path):
    assert video.proxy(film) == film
    assert video.proxy(film, cache=film / "no" / "folder") == film
    assert video.proxy(film, longer_than=0, cache=tmp_path) == film
    assert video.proxy(film, width=32, longer_than=0, cache=False) == film
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(ParameterError, match="longer_than must be"):
        video.proxy(film, longer_than=-1)
    with pytest.raises(VideoError, match="missing"):
        video.proxy(tmp_path / "missing.mp4")
    with pytest.raises(VideoError, match="named by the path of its file; got None"):
        video.proxy(None)
