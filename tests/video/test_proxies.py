"""Small copies of long films, and what is kept of them."""

import subprocess
import sys
from fractions import Fraction

import numpy as np
import pytest
from films import write_film

from toolkit import ParameterError, VideoError, video

QUIET = {"progress": False}


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
