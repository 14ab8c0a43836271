"""Sound against tones made for the test, on the clock of the pictures."""

import os
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from films import number_picture, write_film
from hypothesis import given, settings
from hypothesis import strategies as st

from toolkit import ParameterError, VideoError, sound, video

RATE = 16_000
REAL = os.environ.get("TOOLKIT_REAL_DATA")


def tone(seconds, *, pitch=440, rate=RATE, level=0.5):
    return (level * np.sin(2 * np.pi * pitch * np.arange(round(seconds * rate)) / rate)).astype(np.float32)


def write_sound(path, parts, *, rate=RATE, layout="mono", codec="pcm_s16le", pictures_from=None):
    """Write a film of sound: (start in seconds, samples (n,) or (channels, n)) parts, and pictures if wanted."""
    with av.open(str(path), "w") as out:
        film = None
        if pictures_from is not None:
            film = out.add_stream("libx264", rate=24)
            film.width, film.height, film.pix_fmt = 96, 64, "yuv420p"
        voice = out.add_stream(codec, rate=rate, layout=layout)
        if film is not None:
            for number in range(24):
                frame = av.VideoFrame.from_ndarray(number_picture(number), format="rgb24")
                frame.pts, frame.time_base = number + round(24 * pictures_from), Fraction(1, 24)
                out.mux(film.encode(frame))
            out.mux(film.encode(None))
        for start, samples in parts:
            planes = np.atleast_2d(samples)
            for first in range(0, planes.shape[1], 1000):
                block = planes[:, first : first + 1000]
                if codec == "aac":
                    frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(block), format="fltp", layout=layout)
                else:
                    whole = (block * 32767).round().astype(np.int16)
                    frame = av.AudioFrame.from_ndarray(whole.T.reshape(1, -1), format="s16", layout=layout)
                frame.sample_rate, frame.time_base = rate, Fraction(1, rate)
                frame.pts = round(start * rate) + first
                out.mux(voice.encode(frame))
        out.mux(voice.encode(None))
    return path


def first_loud(samples, rate=RATE):
    """Return the second of the first sample that is no silence."""
    return np.flatnonzero(np.abs(samples) > 0.05)[0] / rate


# the samples


def test_a_tone_is_read_as_it_was_written(tmp_path):
    expected = tone(2)
    samples = sound.read_audio(write_sound(tmp_path / "tone.wav", [(0, expected)]), RATE)
    assert samples.dtype == np.float32
    assert samples.shape == expected.shape
    # 16 bits
    assert np.abs(samples - expected).max() < 1 / 32767


def test_a_tone_keeps_its_pitch_at_another_rate(tmp_path):
    path = write_sound(tmp_path / "tone.wav", [(0, tone(2, rate=44100))], rate=44100)
    samples = sound.read_audio(path, 8000)
    assert len(samples) == 16000
    spectrum = np.abs(np.fft.rfft(samples))
    assert np.argmax(spectrum) / 2 == 440
    # not the first and last hundredth: a resampler's filter begins and ends in silence
    assert np.abs(samples - tone(2, rate=8000))[80:-80].max() < 0.01


def test_channels_are_averaged(tmp_path):
    left, right = tone(1), tone(1, pitch=1000)
    samples = sound.read_audio(write_sound(tmp_path / "a.wav", [(0, np.stack([left, right]))], layout="stereo"), RATE)
    assert np.abs(samples - (left + right) / 2).max() < 1 / 32767
    loud = tone(1, level=1.0)
    samples = sound.read_audio(write_sound(tmp_path / "b.wav", [(0, np.stack([loud, loud]))], layout="stereo"), RATE)
    assert np.abs(samples).max() <= 1


def test_sample_zero_is_at_second_zero_when_the_sound_begins_late(tmp_path):
    path = write_sound(tmp_path / "late.mkv", [(0.75, tone(1))], pictures_from=0)
    samples = sound.read_audio(path, RATE)
    assert first_loud(samples) == pytest.approx(0.75, abs=0.002)
    assert len(samples) / RATE == pytest.approx(1.75, abs=0.002)


def test_sound_and_pictures_share_a_clock_when_both_begin_late(tmp_path):
    path = write_sound(tmp_path / "late.mkv", [(1.5, tone(1))], pictures_from=1.0)
    assert video.probe(path).start == pytest.approx(1.0, abs=0.001)
    assert first_loud(sound.read_audio(path, RATE)) == pytest.approx(1.5, abs=0.002)


def test_a_transport_stream_far_on_the_clock_is_read_from_there(tmp_path):
    with av.open(str(tmp_path / "far.ts"), "w", options={"output_ts_offset": "3600"}) as out:
        voice = out.add_stream("mp2", rate=48000, layout="mono")
        frame = av.AudioFrame.from_ndarray((tone(1, rate=48000)[None] * 32767).astype(np.int16), "s16", "mono")
        frame.sample_rate, frame.pts, frame.time_base = 48000, 0, Fraction(1, 48000)
        out.mux(voice.encode(frame))
        out.mux(voice.encode(None))
    with pytest.raises(ParameterError, match=r"takes more than max_gb=0.1.*may begin late on the film's clock"):
        sound.read_audio(tmp_path / "far.ts", RATE, max_gb=0.1)
    samples = sound.read_audio(tmp_path / "far.ts", RATE, start=3600, end=3604)
    assert len(samples) == 4 * RATE
    assert np.abs(samples).max() == pytest.approx(0.5, abs=0.05)


def test_a_hole_in_the_sound_is_silence(tmp_path):
    path = write_sound(tmp_path / "hole.mkv", [(0, tone(1)), (1.5, tone(1))])
    samples = sound.read_audio(path, RATE)
    assert len(samples) / RATE == pytest.approx(2.5, abs=0.002)
    assert np.abs(samples[round(1.02 * RATE) : round(1.48 * RATE)]).max() == 0
    assert first_loud(samples[RATE + 100 :]) == pytest.approx(0.5, abs=0.01)


def test_a_part_is_that_of_the_whole(tmp_path):
    path = write_sound(tmp_path / "noise.mkv", [(0, np.random.default_rng(0).uniform(-0.5, 0.5, 60 * RATE))])
    whole = sound.read_audio(path, RATE)
    for start, end in ((0, 1), (0.5, 2), (30, 33.25), (58, 60)):
        part = sound.read_audio(path, RATE, start=start, end=end)
        assert np.array_equal(part, whole[round(start * RATE) : round(end * RATE)])
    assert np.array_equal(sound.read_audio(path, RATE, start=59), whole[59 * RATE :])


def test_beyond_the_sound_is_silence_only_if_it_is_asked_for(tmp_path):
    path = write_sound(tmp_path / "tone.wav", [(0, tone(1))])
    asked = sound.read_audio(path, RATE, end=30)
    assert len(asked) == 30 * RATE
    assert np.abs(asked[RATE:]).max() == 0
    assert len(sound.read_audio(path, RATE, start=5)) == 0


def test_pieces_are_the_whole(tmp_path):
    path = write_sound(tmp_path / "noise.wav", [(0, np.random.default_rng(0).uniform(-0.5, 0.5, 35 * RATE))])
    pieces = list(sound.iter_audio(path, RATE))
    assert [round(len(piece) / RATE) for piece in pieces] == [10, 10, 10, 5]
    assert np.array_equal(np.concatenate(pieces), sound.read_audio(path, RATE))


@settings(max_examples=100)
@given(
    st.lists(st.tuples(st.integers(-20, 60), st.integers(0, 15)), max_size=6),
    st.none() | st.integers(0, 70),
    st.integers(1, 9),
)
def test_samples_are_where_their_numbers_say(runs, limit, block):
    # each sample is its own number; runs come in any order, overlap, and leave holes
    placed = [(first, np.arange(first, first + n, dtype=np.float32)) for first, n in runs]
    parts = list(sound._without_holes(iter(placed), limit, block))
    joined = np.concatenate([np.zeros(0), *parts])
    numbers = np.arange(len(joined))
    assert np.all((joined == numbers) | (joined == 0))
    if limit is not None:
        assert len(joined) == limit
    else:
        assert len(joined) == max([0, *(first + n for first, n in runs), *(first for first, _ in runs)])
    heard = {number for first, n in runs for number in range(first, first + n)}
    ascending = [first for first, _ in runs] == sorted(first for first, _ in runs)
    if ascending:
        assert all(joined[number] == number for number in numbers if number in heard)


def test_damaged_sound_is_read_around_and_told(tmp_path):
    path = write_sound(tmp_path / "tone.mkv", [(0, tone(20))], codec="aac")
    whole = bytearray(path.read_bytes())
    middle = len(whole) // 2
    whole[middle : middle + 4000] = np.random.default_rng(0).integers(0, 256, 4000, np.uint8).tobytes()
    path.write_bytes(whole)
    with pytest.warns(UserWarning, match="the sound of .*tone.mkv is damaged in .* places; there it is silent"):
        samples = sound.read_audio(path, RATE)
    assert len(samples) / RATE == pytest.approx(20, abs=0.2)
    for second in (1, 18):
        part = samples[second * RATE : (second + 1) * RATE]
        assert np.sqrt(np.mean(part**2)) == pytest.approx(0.5 / np.sqrt(2), abs=0.01)


# loudness


def test_a_full_sine_has_the_loudness_of_the_standard():
    # ITU-R BS.1770-5, annex 1: 997 Hz at 0 dB FS in one channel reads -3.01
    samples = tone(5, pitch=997, rate=48000, level=1.0)
    loud = sound.loudness(samples, [0, 1, 2, 3, 4], rate=48000)
    assert loud[1:] == pytest.approx(-3.01, abs=0.005)
    assert sound.loudness(samples / 10, [1, 2], rate=48000) == pytest.approx(-23.01, abs=0.005)


def test_the_filters_at_48_khz_are_those_of_the_standard():
    # ITU-R BS.1770-5, tables 1 and 2
    shelf = [1.53512485958697, -2.69169618940638, 1.19839281085285, 1, -1.69065929318241, 0.73248077421585]
    low_cut = [1, -2, 1, 1, -1.99004745483398, 0.99007225036621]
    assert sound._k_weighting(48000) == pytest.approx(np.array([shelf, low_cut]), abs=1e-8)


@pytest.mark.parametrize("rate", [8000, 16000, 44100, 96000])
def test_loudness_hardly_depends_on_the_rate(rate):
    samples = tone(3, pitch=997, rate=rate, level=1.0)
    assert sound.loudness(samples, [1, 2], rate=rate) == pytest.approx(-3.01, abs=0.1)


def test_rumble_is_heard_less_than_voices():
    loud = [sound.loudness(tone(3, pitch=pitch, rate=48000), [1], rate=48000)[0] for pitch in (20, 200, 3000)]
    assert loud[0] + 10 < loud[1] < loud[2]


def test_silence_is_the_floor():
    samples = np.concatenate([np.zeros(RATE), tone(1), np.zeros(RATE)])
    loud = sound.loudness(samples, [0, 1, 2.5, 7], rate=RATE)
    assert loud.dtype == np.float64
    assert loud[[0, 3]].tolist() == [-70, -70]
    assert loud[1] > -15


def test_a_frame_sounds_until_the_next():
    samples = np.concatenate([tone(1, level=0.1), tone(1, level=0.5)])
    # the spans [0, 1), [1, 1.5) and, as long as that, [1.5, 2)
    quiet, loud, last = sound.loudness(samples, [0, 1, 1.5], rate=RATE)
    assert loud - quiet == pytest.approx(20 * np.log10(5), abs=0.2)
    assert last == pytest.approx(loud, abs=0.2)
    (both,) = sound.loudness(samples, [0.5], rate=RATE)
    assert both == pytest.approx(10 * np.log10((10 ** (quiet / 10) + 10 ** (loud / 10)) / 2), abs=0.2)


def test_frames_at_one_time_sound_alike():
    loud = sound.loudness(tone(2), [0.5, 0.5, 0.5, 1.0], rate=RATE)
    assert loud[0] == loud[1]
    assert loud[2] == pytest.approx(loud[0], abs=0.1)


def test_a_film_sounds_as_its_samples(tmp_path):
    path = write_sound(tmp_path / "late.mkv", [(0.5, tone(24)), (26, tone(3, level=0.1))], pictures_from=0)
    times = np.arange(0, 29.5, 0.5)
    loud = sound.loudness(path, times, progress=False)
    expected = sound.loudness(sound.read_audio(path, 48000), times, rate=48000)
    # the last frame is after the sound, where the film's filters ring out
    assert loud[:-1] == pytest.approx(expected[:-1], abs=0.01)
    assert loud[0] == -70
    later = sound.loudness(path, times[50:], progress=False)
    # the filters begin anew
    assert later[1:] == pytest.approx(loud[51:], abs=0.05)


def test_frames_far_beyond_the_film_are_silent(tmp_path):
    path = write_sound(tmp_path / "tone.wav", [(0, tone(1))])
    for loud in (sound.loudness(path, [0, 1e9, 1e300], progress=False), sound.loudness(tone(1), [0, 1e9], rate=RATE)):
        assert loud[1:].tolist() == [-70] * (len(loud) - 1)


def test_sound_before_its_array_begins_is_silence():
    loud = sound.loudness(tone(2), [0.0, 1.0, 10.0, 11.0], rate=RATE, start=10.0)
    assert loud[0] == -70
    assert loud[2:].min() > -15


# bad input


def test_a_film_without_sound_says_so(tmp_path):
    path = write_film(tmp_path / "silent.mp4", 12)
    for read in (
        lambda: sound.read_audio(path),
        lambda: sound.iter_audio(path),
        lambda: sound.loudness(path, [0.0], progress=False),
    ):
        with pytest.raises(VideoError, match="silent.mp4 has no sound"):
            read()


def test_what_is_no_film_is_refused(tmp_path):
    (tmp_path / "text.mp4").write_text("no film")
    (tmp_path / "empty.mp4").touch()
    with pytest.raises(VideoError, match="text.mp4 cannot be read as a film"):
        sound.read_audio(tmp_path / "text.mp4")
    with pytest.raises(VideoError, match="empty.mp4 is empty"):
        sound.read_audio(tmp_path / "empty.mp4")
    with pytest.raises(VideoError, match="missing.mp4 does not exist"):
        sound.read_audio(tmp_path / "missing.mp4")
    with pytest.raises(VideoError, match="is a folder; expected a film file"):
        sound.read_audio(tmp_path)
    with pytest.raises(VideoError, match="a film is named by the path of its file; got 7"):
        sound.read_audio(7)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"rate": 0}, "rate must be a whole number of at least 1 and at most 768,000; got 0 .samples a second"),
        ({"rate": 16e3}, "rate must be a whole number"),
        ({"rate": 10**10}, "rate must be .* at most 768,000; got 10000000000"),
        ({"start": -1}, "start must be a finite number of at least 0"),
        ({"start": 2, "end": 1}, "end must be after start; got start=2, end=1"),
        ({"max_gb": 0}, "max_gb must be a finite number above 0"),
        ({"max_gb": 1e-6}, "takes more than max_gb=1e-06; read a part of it"),
    ],
)
def test_options_out_of_range_are_refused(tmp_path, options, message):
    path = write_sound(tmp_path / "tone.wav", [(0, tone(1))])
    with pytest.raises(ParameterError, match=message):
        sound.read_audio(path, **options)


@pytest.mark.parametrize(
    ("samples", "times", "options", "message"),
    [
        (tone(1), [], {"rate": RATE}, r"ascending, at least one; got list of shape \(0,\)"),
        (tone(1), [1, 0], {"rate": RATE}, "ascending.*got 0 after 1"),
        (tone(1), [-1, 0], {"rate": RATE}, "from 0.*got -1"),
        (tone(1), [0, np.nan], {"rate": RATE}, "finite.*got nan"),
        (tone(1), ["now"], {"rate": RATE}, "got list with what is not a number"),
        (tone(1), [0], {}, "rate must be given for sound that is an array"),
        (tone(1), [0], {"rate": 4000}, "rate must be a whole number of at least 8,000"),
        (tone(1)[None], [0], {"rate": RATE}, r"got shape \(1, 16000\)"),
        (np.zeros(9, np.int16), [0], {"rate": RATE}, "are divided by their greatest first, 32768"),
        (np.full(9, np.nan), [0], {"rate": RATE}, "sound must be .* finite float samples.*; got NaN"),
        (np.full(9, -1e300), [0], {"rate": RATE}, r"sound must be in \[-1, 1\], or .* got 1e\+300. Divide it"),
        (tone(1), [0], {"rate": 10**9}, "rate must be .* at most 768,000; got 1000000000"),
        ("film.mp4", [0], {"rate": RATE}, "rate and start describe sound that is an array"),
    ],
)
def test_sound_and_times_of_the_wrong_kind_are_refused(samples, times, options, message):
    with pytest.raises(ParameterError, match=message):
        sound.loudness(samples, times, **options)


@pytest.mark.skipif(not REAL, reason="TOOLKIT_REAL_DATA is not set")
@pytest.mark.parametrize("name", ["sintel_clip.mp4", "big_buck_bunny_0_30.webm"])
def test_real_sound_is_as_long_as_its_pictures(name):
    path = Path(REAL, "films", name)
    info = video.probe(path)
    samples = sound.read_audio(path)
    assert len(samples) / 16000 == pytest.approx(info.start + info.duration, abs=0.15)
    assert 0.1 < np.abs(samples).max() <= 1


# bands of pitch


def naive_log_mel(samples, *, n_mels, hop, rate):
    """Return the levels, a window and a band at a time."""
    step = round(hop * rate)

    def mel(pitch):
        return 2595 * np.log10(1 + pitch / 700)

    edges = [700 * (10 ** (value / 2595) - 1) for value in np.linspace(mel(30), mel(rate / 2), n_mels + 2)]
    window = 0.5 - 0.5 * np.cos(np.pi * np.arange(2 * step) / step)
    rows = []
    for first in range(0, len(samples), step):
        part = samples[first : first + 2 * step]
        power = np.abs(np.fft.rfft(np.pad(part, (0, 2 * step - len(part))) * window)) ** 2
        row = []
        for low, middle, high in zip(edges, edges[1:], edges[2:], strict=False):
            weights = np.interp(np.arange(step + 1) * rate / (2 * step), [low, middle, high], [0, 1, 0])
            row.append(10 * np.log10(max(1e-10, 8 / 3 * (weights * power).sum() / window.sum() ** 2)))
        rows.append(row)
    return np.array(rows)


@pytest.mark.parametrize(("seconds", "rate", "n_mels", "hop"), [(1.01, 16000, 40, 0.032), (0.5, 8000, 12, 0.01)])
def test_levels_of_bands_are_those_of_a_window_and_a_band_at_a_time(seconds, rate, n_mels, hop):
    noise = np.random.default_rng(0).normal(size=round(seconds * rate)).astype(np.float32) / 10
    levels = sound.log_mel(noise, n_mels=n_mels, hop=hop, rate=rate)
    assert levels.dtype == np.float32
    np.testing.assert_allclose(levels, naive_log_mel(noise, n_mels=n_mels, hop=hop, rate=rate), atol=1e-3)


def test_a_sine_of_amplitude_1_has_about_0_decibels_in_the_band_of_its_pitch_and_a_tenth_20_less():
    bands = 20
    edges = np.linspace(0, 2595 * np.log10(1 + RATE / 2 / 700), bands + 2)
    edges += (1 - np.arange(bands + 2) / (bands + 1)) * 2595 * np.log10(1 + 30 / 700)
    pitch = 700 * (10 ** (edges[13] / 2595) - 1)
    full, tenth = (sound.log_mel(tone(1, pitch=pitch, level=level), n_mels=bands, rate=RATE) for level in (1, 0.1))
    # not the last two rows, whose windows reach beyond the sound
    assert (full[:-2].argmax(axis=1) == 12).all()
    assert (full[:-2, 12] > -0.2).all()
    assert (full[:-2, 12] < 0.01).all()
    np.testing.assert_allclose(full[:-2, 12] - tenth[:-2, 12], 20, atol=0.01)


def test_silence_is_100_decibels_down_and_no_sound_has_no_row():
    assert (sound.log_mel(np.zeros(RATE), rate=RATE) == -100).all()
    assert sound.log_mel(np.zeros(RATE), rate=RATE).shape == (32, 40)
    assert sound.log_mel(np.zeros(0), rate=RATE).shape == (0, 40)
    assert sound.log_mel(np.zeros(1), rate=RATE).shape == (1, 40)


def test_a_row_is_of_the_sound_from_its_hop_to_the_end_of_the_next():
    samples = np.zeros(10 * 512, np.float32)
    samples[5 * 512 : 6 * 512] = tone(512 / RATE)
    heard = (sound.log_mel(samples, rate=RATE) > -100).any(axis=1)
    assert np.flatnonzero(heard).tolist() == [4, 5]


def test_a_film_s_bands_are_those_of_its_sound_at_once(tmp_path):
    samples = np.random.default_rng(0).normal(size=25 * RATE).astype(np.float32) / 10
    path = write_sound(tmp_path / "noise.wav", [(0, samples)])
    levels = sound.log_mel(path)
    assert levels.shape == (np.ceil(25 * RATE / 512), 40)
    np.testing.assert_allclose(levels, sound.log_mel(sound.read_audio(path), rate=RATE), atol=1e-3)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"n_mels": 0}, r"n_mels must be a whole number of at least 1"),
        ({"hop": 0}, r"hop must be a finite number above 0"),
        ({"hop": 1e-4}, r"hop must be at least 8 samples, 0.0005 seconds; got 0.0001"),
        ({"hop": 10.1}, r"hop must be .* at most 10 .seconds.; got 10.1"),
        ({"hop": 1e300}, r"hop must be .* at most 10 .seconds.; got 1e\+300"),
        ({"rate": 10**9}, r"rate must be .* at most 768,000; got 1000000000"),
        ({"sound": np.array([0, 1e30])}, r"sound must be in \[-1, 1\], or of samples of 1,000,000 at most; got 1e\+30"),
        ({"rate": None}, r"rate must be given for sound that is an array"),
        ({"rate": 4000}, r"rate must be a whole number of at least 8,000"),
        ({"sound": np.zeros(9, int)}, r"sound must be a film's path or finite float samples"),
        ({"sound": np.array([np.nan])}, r"sound must be .* finite float samples.*; got NaN"),
        ({"sound": "film.mp4"}, r"rate describes sound that is an array; a film is read at 16,000"),
    ],
)
def test_what_bands_cannot_be_told_of_is_said(arguments, message):
    with pytest.raises(ParameterError, match=message):
        sound.log_mel(**{"sound": np.zeros(99), "rate": RATE, **arguments})


@pytest.mark.parametrize("options", [{"hop": 10}, {"rate": sound.MAX_RATE}])
def test_bands_at_the_bounds_are_numbers(options):
    levels = sound.log_mel(np.full(9, 1e6), **{"rate": RATE, **options})
    assert levels.shape == (1, 40)
    assert np.isfinite(levels).all()


def test_bands_of_a_film_without_sound_are_an_error(tmp_path):
    with pytest.raises(VideoError, match="has no sound"):
        sound.log_mel(write_film(tmp_path / "film.mp4"))
