"""The features of a film's own shots: on small films made for the test, and on a part of a sample film."""

import shutil
from fractions import Fraction
from types import SimpleNamespace

import av
import numpy as np
import pandas as pd
import pytest
from films import write_film

from toolkit import ParameterError, VideoError, samples, shots, sound, storage, video
from toolkit.closeups import faces as closeup_faces
from toolkit.embeddings import layout
from toolkit.records import Movie
from toolkit.scenes import features, film_features, group_shots

FPS = 24
TEXTURE = np.random.default_rng(0).integers(0, 120, (18, 32, 1), np.uint8)


@pytest.fixture(autouse=True)
def features_folder(tmp_path, monkeypatch):
    """Keep features in a folder of the test; sample films stay where they are."""
    original = storage.cache_folder
    for module in (features, closeup_faces):
        monkeypatch.setattr(
            module, "cache_folder", lambda cache, name: original(tmp_path / name if cache is None else cache, name)
        )
    return tmp_path / "features"


@pytest.fixture(autouse=True)
def faces(monkeypatch):
    """Find no faces, quickly, but where a test says which there are by what it puts into the list."""
    boxes = []
    monkeypatch.setattr(closeup_faces, "haar_boxes", lambda: lambda image: np.array(boxes, float).reshape(-1, 4))
    return boxes


def picture(color, shift=0):
    """Return a picture of large blots in a colour, moved to the right by some pixels."""
    large = np.repeat(np.repeat(TEXTURE, 10, axis=0), 10, axis=1)
    return (np.roll(large, shift, axis=1) // 2 + np.uint8(color)).astype(np.uint8)


def three_shots():
    """Return pictures: red that rests, green that moves right, red that rests again, a second each."""
    red, green = (150, 20, 20), (20, 150, 20)
    return [picture(red)] * FPS + [picture(green, 4 * i) for i in range(FPS)] + [picture(red)] * FPS


def table(*lengths):
    """Return a table of shots of so many frames."""
    ends = np.cumsum(lengths)
    starts = ends - lengths
    return pd.DataFrame({"start_frame": starts, "end_frame": ends, "start": starts / FPS, "end": ends / FPS})


@pytest.fixture
def film(tmp_path):
    return write_film(tmp_path / "film.mp4", pictures=three_shots())


def add_sound(path, samples, rate=16000):
    """Return a film with the pictures of `path` and sound."""
    target = path.with_name("heard.mkv")
    with av.open(str(path)) as source, av.open(str(target), "w") as out:
        pictures, voice = source.streams.video[0], out.add_stream("pcm_s16le", rate=rate, layout="mono")
        stream = out.add_stream_from_template(pictures)
        for packet in source.demux(pictures):
            if packet.dts is not None:
                packet.stream = stream
                out.mux(packet)
        for first in range(0, len(samples), 1000):
            whole = (samples[first : first + 1000] * 32767).round().astype(np.int16)
            frame = av.AudioFrame.from_ndarray(whole[None], format="s16", layout="mono")
            frame.sample_rate, frame.pts = rate, first
            out.mux(voice.encode(frame))
        out.mux(voice.encode(None))
    return target


# what is in them


def test_a_film_without_faces_or_sound_has_neither_cast_nor_audio(film):
    movie = film_features(film, progress=False)
    assert isinstance(movie, Movie)
    assert movie.imdb_id == "film"
    assert {name: values.shape for name, values in movie.features.items()} == {"place": (3, 2031), "action": (3, 81)}
    assert movie.shot_end_frame.tolist() == [23, 47, 71]
    assert movie.boundaries is None


def test_shots_of_the_same_place_are_near_in_place_and_others_far(film):
    place = film_features(film, progress=False).features["place"]
    assert np.linalg.norm(place[0] - place[2]) < 0.1
    assert np.linalg.norm(place[0] - place[1]) > 0.5


def test_what_rests_is_at_rest_and_what_moves_to_the_right_moves_to_the_right(film):
    shares = film_features(film, progress=False).features["action"].reshape(3, 3, 3, 9) ** 2
    np.testing.assert_allclose(shares.sum(axis=(1, 2, 3)), 1, atol=1e-5)
    np.testing.assert_allclose(shares[0, ..., 8].sum(), 1, atol=0.01)
    # 4 of 320 pixels a frame are 0.3 of the width a second: three quarters of it count as moving
    total = shares[1].sum(axis=(0, 1))
    assert total[0] == pytest.approx(0.75, abs=0.1)
    assert total[8] == pytest.approx(0.25, abs=0.1)
    assert total[1:8].sum() < 0.05


def test_shots_may_be_given(film):
    given = table(10, 14, 24, 24)
    movie = film_features(film, given, progress=False)
    assert movie.shot_end_frame.tolist() == [9, 23, 47, 71]
    np.testing.assert_allclose(movie.features["place"][0], movie.features["place"][1], atol=0.02)


def test_shots_of_one_frame_have_features(film):
    movie = film_features(film, table(1, 22, 1, 48), progress=False)
    assert movie.n_shots == 4
    none = pd.DataFrame({"start": [0.0, 0.0], "end": [0.0, 3.0], "end_frame": [1, 72]})
    assert film_features(film, none, progress=False).n_shots == 2
    assert all(np.isfinite(values).all() for values in movie.features.values())
    np.testing.assert_allclose(movie.features["action"][0].reshape(9, 9)[:, 8] ** 2, 1 / 9, atol=0.01)


def test_a_film_whose_clock_begins_below_0_is_seen_from_its_beginning(film, tmp_path):
    options = {"avoid_negative_ts": "disabled", "mpegts_copyts": "1", "muxdelay": "0"}
    clock = {"stamps": [1000 * i // FPS - 2500 for i in range(3 * FPS)], "time_base": Fraction(1, 1000)}
    early = write_film(tmp_path / "early.ts", pictures=three_shots(), **clock, container_options=options)
    assert video.probe(early).start < -1
    found, expected = (film_features(path, progress=False).features for path in (early, film))
    np.testing.assert_allclose(found["place"], expected["place"], atol=0.05)
    np.testing.assert_allclose(found["action"], expected["action"], atol=0.05)


def test_audio_tells_the_tone_of_each_shot_under_what_is_said(film):
    rate = 16000
    times = np.arange(3 * rate) / rate
    hum, hiss = np.sin(2 * np.pi * 200 * times) / 50, np.random.default_rng(0).normal(size=3 * rate) / 50
    tone = np.where((times >= 1) & (times < 2), hiss, hum)
    # someone speaks in the last half second of the last shot
    tone += (times > 2.5) * np.sin(2 * np.pi * 1000 * times) / 2
    movie = film_features(add_sound(film, tone), table(24, 24, 24), progress=False)
    audio = movie.features["audio"]
    assert audio.shape == (3, 120)
    apart = np.linalg.norm(audio[:, None] - audio, axis=2)
    assert apart[0, 2] < apart[0, 1] / 3
    assert apart[0, 2] < apart[1, 2] / 3
    # of 100 decibels down, in bels
    assert audio[:, :40].min() >= -10


def test_a_film_whose_sound_is_silence_has_no_audio(tmp_path):
    path = write_film(tmp_path / "film.mp4", pictures=three_shots(), sound=True)
    assert "audio" not in film_features(path, table(24, 24, 24), progress=False).features


def test_cast_is_the_layout_of_the_faces_with_what_is_around_them(film, faces):
    faces.append((100, 60, 40, 40))
    movie = film_features(film, table(24, 24, 24), n_frames=1, progress=False)
    image = video.read_frames(film, times=[0.5], size=320, progress=False).images[0]
    # half a width on both sides, 0.4 heights above, 1.1 below
    expected = layout.describe(image[None, 44:144, 80:160])[0]
    np.testing.assert_allclose(movie.features["cast"][0], expected, atol=0.02)
    assert np.linalg.norm(movie.features["cast"][1] - expected) > 0.3


def test_several_faces_are_averaged_and_those_at_the_border_are_cut_off(film, faces):
    faces += [(100, 60, 40, 40), (-10, 170, 60, 60), (310, 0, 60, 60)]
    movie = film_features(film, table(24, 24, 24), n_frames=1, progress=False)
    image = video.read_frames(film, times=[0.5], size=320, progress=False).images[0]
    parts = [image[44:144, 80:160], image[146:180, 0:80], image[0:126, 280:320]]
    expected = np.mean([layout.describe(part[None])[0] for part in parts], axis=0)
    np.testing.assert_allclose(movie.features["cast"][0], expected, atol=0.02)


def test_sound_that_cannot_be_decoded_is_left_out_with_a_warning(tmp_path, monkeypatch):
    path = write_film(tmp_path / "film.mp4", pictures=three_shots(), sound=True)

    def fail(*arguments, **options):
        raise VideoError("no decoder")

    monkeypatch.setattr(sound, "log_mel", fail)
    with pytest.warns(UserWarning, match="film.mp4 are without audio: no decoder"):
        movie = film_features(path, table(24, 24, 24), progress=False)
    assert "audio" not in movie.features


def test_the_faces_of_a_sample_film_are_its_cast(monkeypatch):
    monkeypatch.undo()
    film = samples.sample_film(0)
    part = film.shots.iloc[5:17].reset_index(drop=True)
    movie = film_features(film.path, part, n_frames=1, cache=False, progress=False)
    assert {name: values.shape[1] for name, values in movie.features.items()} == {
        "place": 2031,
        "cast": 2031,
        "action": 81,
        "audio": 120,
    }
    for name in ("place", "cast", "action"):
        assert np.linalg.norm(movie.features[name], axis=1).max() <= 1 + 1e-5
    close, setups, cast = film.close_up[5:17], film.setups[5:17], movie.features["cast"]
    assert cast[close].any(axis=1).mean() > 0.8
    # the same person in close-up is nearer than any other one
    seen = np.flatnonzero(close & cast.any(axis=1))
    apart = np.linalg.norm(cast[seen, None] - cast[seen], axis=2)
    same = setups[seen, None] == setups[seen]
    assert same.sum() > len(seen)
    assert np.median(apart[same & (apart > 0)]) < 0.5 * np.median(apart[~same])


def test_a_film_s_features_go_into_group_shots(film):
    assert group_shots(film_features(film, progress=False), 2, min_shots=1).sum() == 1


@pytest.mark.parametrize("n_frames", [1, 5])
def test_any_number_of_frames_will_do(film, n_frames):
    assert film_features(film, n_frames=n_frames, progress=False).n_shots == 3


def test_a_function_may_be_the_model_of_the_place(film):
    movie = film_features(film, model=lambda images: images.mean(axis=(1, 2)), cache=False, progress=False)
    place = movie.features["place"]
    assert place.shape == (3, 3)
    assert place[0].argmax() == 0
    assert place[1].argmax() == 1


def test_of_shots_shorter_than_a_frame_the_same_pictures_are_looked_at_once(film, monkeypatch):
    looks = []
    motion = features._motion
    monkeypatch.setattr(features, "_motion", lambda *pair: looks.append(pair[2]) or motion(*pair))
    starts = np.arange(300) / 100
    short = pd.DataFrame({"start": starts, "end": starts + 0.01, "end_frame": np.arange(1, 301)})
    found = film_features(film, short, progress=False).features["place"]
    # in the worst case each of the 72 pictures with itself, and with the next
    assert len(looks) <= 2 * 72
    np.testing.assert_array_equal(found[0], found[1])
    assert np.linalg.norm(found[50] - found[150]) > 0.5


def test_a_film_many_times_as_tall_as_wide_is_looked_at_within_bounds(tmp_path):
    pictures = np.random.default_rng(0).integers(0, 256, (12, 2000, 16, 3), np.uint8)
    path = write_film(tmp_path / "tower.mp4", pictures=pictures)
    shapes = []

    def size(images):
        shapes.append(images.shape[1:3])
        return images.mean(axis=(1, 2))

    movie = film_features(path, table(6, 6), model=size, cache=False, progress=False)
    assert movie.n_shots == 2
    assert set(shapes) == {(1280, 10)}
    assert film_features(path, table(6, 6), progress=False).features["place"].shape == (2, 2031)


def test_films_up_to_four_times_as_tall_as_wide_are_looked_at_320_wide():
    sizes = [(1920, 1080), (16, 16), (100, 400), (100, 401), (16, 2000), (1, 16384)]
    found = [features._size(SimpleNamespace(width=width, height=height)) for width, height in sizes]
    assert found == [320, 320, 320, (319, 1280), (10, 1280), (1, 1280)]


# what is kept


def test_features_are_kept_and_not_computed_twice_nor_for_a_copy_of_the_film(film, monkeypatch):
    first = film_features(film, progress=False)
    monkeypatch.setattr(shots, "detect_shots", None)
    monkeypatch.setattr(features, "_picture_features", None)
    copy = shutil.copy(film, film.with_name("copy.mp4"))
    second = film_features(copy, progress=False)
    assert second.imdb_id == "copy"
    np.testing.assert_array_equal(first.shot_end_frame, second.shot_end_frame)
    for name, values in first.features.items():
        np.testing.assert_array_equal(values, second.features[name])


def test_other_shots_or_options_are_computed_anew(film, features_folder):
    film_features(film, progress=False)
    film_features(film, n_frames=2, progress=False)
    film_features(film, table(24, 48), progress=False)
    film_features(film, table(25, 47), progress=False)
    film_features(film, table(25, 47), progress=False)
    film_features(film, table(25, 47).assign(start_frame=["a", "b"]), progress=False)
    film_features(film, table(25, 47).assign(remark=["a", "b"], at_the_end="c"), progress=False)
    assert len(list(features_folder.iterdir())) == 4


@pytest.mark.parametrize("damage", ["empty", "cut", "changed"])
def test_a_damaged_file_is_computed_anew(film, features_folder, damage):
    first = film_features(film, progress=False)
    (kept,) = features_folder.iterdir()
    content = kept.read_bytes()
    middle = len(content) // 2
    kept.write_bytes(
        {"empty": b"", "cut": content[:middle], "changed": content[:middle] + b"?" * 9 + content[middle + 9 :]}[damage]
    )
    second = film_features(film, progress=False)
    np.testing.assert_array_equal(first.features["place"], second.features["place"])
    assert len(kept.read_bytes()) == len(content)


def test_without_a_cache_nothing_is_kept(film, features_folder, tmp_path):
    film_features(film, table(24, 48), cache=False, progress=False)
    film_features(film, table(24, 48), cache=tmp_path / "elsewhere", progress=False)
    assert not features_folder.exists()
    elsewhere = sorted(file.suffix for file in (tmp_path / "elsewhere").iterdir())
    assert elsewhere == [".npz", ".sqlite"]


# wrong arguments


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"shot_table": [(0, 1)]}, r"shot_table must be a table of shots with the columns start, end, end_frame"),
        ({"shot_table": table(24, 48).drop(columns="end_frame")}, r"there is no end_frame"),
        ({"shot_table": table(24, 48).iloc[:0]}, r"got no shot at all"),
        ({"shot_table": table(24, 48).iloc[::-1]}, r"in order and without overlap"),
        ({"shot_table": table(24, 48).assign(end_frame=[24, 24])}, r"end_frame must be whole numbers that rise"),
        ({"shot_table": table(24, 48).assign(end_frame=[24.5, 72])}, r"end_frame must be whole numbers that rise"),
        ({"shot_table": table(24, 48).assign(end_frame=[24, np.inf])}, r"end_frame must be whole numbers that rise"),
        (
            {"shot_table": table(24, 48).assign(end_frame=[np.inf, np.inf])},
            r"end_frame must be whole numbers that rise",
        ),
        ({"shot_table": table(24, 48).assign(end_frame=[24, 1e30])}, r"end_frame must be whole numbers that rise"),
        (
            {"shot_table": table(24, 48).assign(end_frame=np.array([48, 24], np.uint64))},
            r"end_frame must be whole numbers that rise",
        ),
        ({"shot_table": table(24, 48).assign(start=["0:00", "0:01"])}, r"of numbers; start is of dtype (str|object)"),
        (
            {"shot_table": pd.concat([table(24, 48), table(24, 48)[["end"]]], axis=1)},
            r"start and end, in seconds; got shape \(2, 3\)",
        ),
        ({"shot_table": table(24, 48).assign(end_frame=[True, True])}, r"of numbers; end_frame is of dtype bool"),
        ({"n_frames": 0}, r"n_frames must be a whole number of at least 1"),
        ({"detector": "eyes"}, r"detector must be one of 'haar', 'ultraface'"),
        ({"face_model": "a.onnx"}, r'face_model is for detector="ultraface"'),
        ({"detector": "ultraface", "face_model": "none.onnx"}, r"there is no file none.onnx"),
        ({"model": "best"}, r"model must be one of 'layout', 'vgg16', 'clip'; got 'best'"),
        ({"cache": 3}, r"cache must be a folder, None for the toolkit's own, or False"),
    ],
)
def test_wrong_options_are_said(film, options, message):
    with pytest.raises(ParameterError, match=message):
        film_features(film, **options, progress=False)


def test_shots_before_the_film_begins_are_refused(tmp_path):
    late = write_film(
        tmp_path / "late.mkv",
        pictures=three_shots(),
        stamps=[100_000 + 1000 * i // FPS for i in range(3 * FPS)],
        time_base=Fraction(1, 1000),
    )
    start = video.probe(late).start
    assert start == pytest.approx(100, abs=0.1)
    with pytest.raises(ParameterError, match=r"which begins at 100 s; shot 0 ends at 1 s. Are .* add video.probe"):
        film_features(late, table(24, 48), progress=False)
    right = table(24, 24, 24)
    place = film_features(late, right.assign(start=right.start + start, end=right.end + start), progress=False)
    assert np.linalg.norm(place.features["place"][0] - place.features["place"][1]) > 0.5


def test_what_is_no_film_is_an_error(tmp_path):
    with pytest.raises(VideoError, match="none.mp4"):
        film_features(tmp_path / "none.mp4")
    (tmp_path / "text.mp4").write_text("no film")
    with pytest.raises(VideoError, match="text.mp4"):
        film_features(tmp_path / "text.mp4")


def test_a_folder_that_cannot_be_made_is_said(film, tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(ParameterError, match=r"(features|faces) cannot be kept: .*pass cache=False"):
        film_features(film, cache=tmp_path / "file" / "folder", progress=False)
