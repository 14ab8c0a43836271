"""Frames of films: sampling by timestamps, kinds of film, bad input."""

import os
import random
import tracemalloc
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from films import every_picture, number_picture, numbers, write_film, write_sound
from hypothesis import given, settings
from hypothesis import strategies as st

from toolkit import ParameterError, VideoError, video
from toolkit.video.decoding import open_film

REAL = os.environ.get("TOOLKIT_REAL_DATA")
needs_real_films = pytest.mark.skipif(
    not REAL, reason="real clips: set TOOLKIT_REAL_DATA to the folder that holds films/"
)
QUIET = {"progress": False}


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


def test_the_default_rate_yields_also_where_it_is_written_out(film):
    assert numbers(video.read_frames(film, fps=1.0, times=[0.5, 1.0], **QUIET)) == [12, 24]
    assert numbers(video.read_frames(film, fps=1, n_frames=4, **QUIET)) == [0, 12, 24, 36]


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
    ({"size": 10**6}, "size must be .* at most .*; got 1000000 .pixels"),
    ({"start": 1.0, "end": 0.5}, r"end must be after start; got start=1, end=0\.5"),
    ({"start": 1.0, "end": 1.0}, "end must be after start"),
    ({"start": -1.0}, "start must be seconds from 0 on; got -1"),
    ({"start": 5.0}, "start must lie in the film"),
    ({"end": float("inf")}, "end must be"),
    ({"fps": 2, "n_frames": 3}, "give one of fps, n_frames and times; got fps and n_frames"),
    ({"fps": 1.5, "times": [0.0]}, "give one of fps, n_frames and times; got fps and times"),
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


@pytest.mark.parametrize("path", [None, 3, "x" * 300])
def test_what_names_no_file_is_refused(path):
    with pytest.raises(VideoError, match="a film is named by the path|cannot be read: File name too long"):
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
