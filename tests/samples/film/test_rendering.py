"""The sample film: its truth is whole and consistent, and the file on disk is what the truth says."""

import os
import re
import signal
import subprocess
import sys
import threading
import time

import av
import numpy as np
import pytest

from toolkit import samples
from toolkit.errors import ParameterError
from toolkit.samples.film import camera, rendering
from toolkit.samples.film import script as film_script

SEEDS = range(12)


@pytest.fixture(scope="module")
def film():
    return samples.sample_film(0, progress=False)


@pytest.fixture(scope="module")
def decoded(film):
    """Decode the film: a hash of every picture, and the stream's own facts."""
    with av.open(str(film.path)) as container:
        stream = container.streams.video[0]
        stream.thread_type = "AUTO"
        facts = {
            "size": (stream.width, stream.height),
            "fps": stream.average_rate,
            "codec": stream.codec_context.name,
            "sound": [audio.codec_context.name for audio in container.streams.audio],
        }
        facts["pictures"] = [hash(frame.to_ndarray().tobytes()) for frame in container.decode(stream)]
    return facts


@pytest.fixture(scope="module")
def truths():
    """Write the truth of many seeds, without rendering them."""
    return {seed: rendering._truth(film_script.write_script(seed)) for seed in SEEDS}


def test_shots_tile_the_film(film, decoded):
    shots = film.shots
    assert shots["start_frame"].iloc[0] == 0
    assert shots["end_frame"].iloc[-1] == len(decoded["pictures"])
    assert (shots["start_frame"].to_numpy()[1:] == shots["end_frame"].to_numpy()[:-1]).all()
    assert (shots["end_frame"] > shots["start_frame"]).all()


def test_seconds_are_frames_over_the_frame_rate(film):
    for table in (film.shots, film.scenes, film.dialogues):
        np.testing.assert_allclose(table["start"] * 24, table["start_frame"], atol=1e-9)
        np.testing.assert_allclose(table["end"] * 24, table["end_frame"], atol=1e-9)


def test_scenes_tile_the_film_and_its_shots(film):
    scenes, shots = film.scenes, film.shots
    assert scenes["first_shot"].iloc[0] == 0
    assert scenes["last_shot"].iloc[-1] == len(shots) - 1
    assert (scenes["first_shot"].to_numpy()[1:] == scenes["last_shot"].to_numpy()[:-1] + 1).all()
    assert (shots["start_frame"].to_numpy()[scenes["first_shot"]] == scenes["start_frame"]).all()
    assert (shots["end_frame"].to_numpy()[scenes["last_shot"]] == scenes["end_frame"]).all()


@pytest.mark.parametrize("seed", SEEDS)
def test_every_film_has_what_is_promised_of_it(truths, seed):
    truth = truths[seed]
    shots, scenes = truth["shots"], truth["scenes"]
    assert len(shots) >= 35
    assert len({scene["strand"] for scene in scenes}) >= 6
    assert len({scene["place"] for scene in scenes}) >= 4
    assert 110 <= shots[-1]["end"] <= 140
    kinds = [shot["transition"] for shot in shots]
    assert kinds[0] == "start"
    assert kinds.count("start") == 1
    assert kinds.count("dissolve") >= 2
    assert kinds.count("fade") == 1
    assert kinds.count("iris") == 1
    assert kinds.count("cut") >= 25


@pytest.mark.parametrize("seed", SEEDS)
def test_gradual_changes_last_half_a_second_or_more_and_split_at_their_middle(truths, seed):
    for shot in truths[seed]["shots"]:
        span = (shot["transition_start_frame"], shot["transition_end_frame"])
        if shot["transition"] in ("start", "cut"):
            assert span == (shot["start_frame"], shot["start_frame"])
        else:
            assert 12 <= span[1] - span[0] <= 36
            assert sum(span) // 2 == shot["start_frame"]


def test_setups_are_numbered_in_order_of_first_sight(film):
    seen = list(dict.fromkeys(film.setups.tolist()))
    assert seen == list(range(len(seen)))
    assert len(film.setups) == len(film.close_up) == len(film.shots)


def test_a_setup_is_a_close_up_always_or_never(film):
    for setup in np.unique(film.setups):
        assert len(np.unique(film.close_up[film.setups == setup])) == 1


@pytest.mark.parametrize("seed", SEEDS)
def test_dialogues_alternate_between_two_close_ups_but_for_their_inserts(truths, seed):
    truth = truths[seed]
    starts = [shot["start_frame"] for shot in truth["shots"]]
    ends = [shot["end_frame"] for shot in truth["shots"]]
    assert len(truth["dialogues"]) == 2
    assert sorted(talk["inserts"] for talk in truth["dialogues"]) == [0, 1]
    for talk in truth["dialogues"]:
        first, last = starts.index(talk["start_frame"]), ends.index(talk["end_frame"])
        pair = (talk["speaker_a"], talk["speaker_b"])
        inside = [(truth["setups"][number], truth["close_up"][number]) for number in range(first, last + 1)]
        spoken = [setup for setup, _ in inside if setup in pair]
        assert len(spoken) >= 4
        assert spoken == [pair[number % 2] for number in range(len(spoken))]
        assert all(close == (setup in pair) for setup, close in inside)
        assert len(inside) - len(spoken) == talk["inserts"]


@pytest.mark.parametrize("seed", SEEDS)
def test_one_pair_of_scenes_is_cross_cut_and_one_place_revisited(truths, seed):
    scenes = truths[seed]["scenes"]
    strands = [scene["strand"] for scene in scenes]
    crossing = [
        number for number in range(len(strands) - 3) if strands[number : number + 2] == strands[number + 2 : number + 4]
    ]
    assert len(crossing) == 1
    assert len({scene["place"] for scene in scenes}) < len(set(strands))
    by_strand = {}
    for scene in scenes:
        assert by_strand.setdefault(scene["strand"], scene["place"]) == scene["place"]


def test_subtitles_lie_in_the_film_in_order_and_one_at_a_time(film):
    cues = film.subtitles.read_text(encoding="utf-8").strip().split("\n\n")
    spans = []
    for number, cue in enumerate(cues, start=1):
        index, clock, text = cue.split("\n")
        assert int(index) == number
        assert re.fullmatch(r"[A-Z].*[.?!]", text)
        hours, minutes, seconds = zip(
            *(part.replace(",", ".").split(":") for part in clock.split(" --> ")), strict=True
        )
        spans.append([3600 * int(h) + 60 * int(m) + float(s) for h, m, s in zip(hours, minutes, seconds, strict=True)])
    spans = np.array(spans)
    assert len(cues) >= 15
    assert (spans[:, 1] > spans[:, 0]).all()
    assert (spans[1:, 0] >= spans[:-1, 1]).all()
    assert spans[0, 0] >= 0
    assert spans[-1, 1] <= film.shots["end"].iloc[-1]


def test_a_dissolve_is_a_blend_without_a_step():
    script = film_script.write_script(0)
    shot = next(shot for shot in script.shots if shot.transition == "dissolve")
    start, end = shot.change[0] - 4, shot.change[1] + 4
    pictures = np.stack([picture[::4, ::4].astype(float) for picture in camera.render(script, start, end)])
    steps = np.abs(np.diff(pictures, axis=0)).mean(axis=(1, 2, 3))
    whole = np.abs(pictures[-1] - pictures[0]).mean()
    # Spread over at least half a second, no step comes near the change as a whole
    assert steps.max() < whole / 3


@pytest.mark.parametrize("seed", SEEDS)
def test_a_line_is_said_within_one_shot(seed):
    script = film_script.write_script(seed)
    for line in script.lines:
        shot = next(shot for shot in script.shots if shot.start / 24 <= line.start < shot.end / 24)
        assert line.end <= shot.end / 24


def test_a_film_does_not_say_the_same_twice():
    for seed in SEEDS:
        texts = [line.text for line in film_script.write_script(seed).lines]
        assert len(texts) == len(set(texts))


def test_the_file_is_what_is_promised(film, decoded):
    assert decoded["size"] == (640, 360)
    assert decoded["fps"] == 24
    assert decoded["codec"] == "h264"
    assert decoded["sound"] == ["aac"]
    assert film.path.stat().st_size < 10_000_000


def test_no_two_pictures_of_a_shot_are_identical(film, decoded):
    for shot in film.shots.itertuples():
        pictures = decoded["pictures"][shot.start_frame : shot.end_frame]
        assert len(set(pictures)) == len(pictures)


def test_sound_lasts_as_long_as_the_pictures_and_is_louder_where_someone_speaks(film):
    with av.open(str(film.path)) as container:
        rate = container.streams.audio[0].rate
        sound = np.concatenate([frame.to_ndarray()[0] for frame in container.decode(audio=0)])
    # AAC pads what it is given to whole packets of 1024 samples, with one or two more at each end
    assert abs(len(sound) / rate - film.shots["end"].iloc[-1]) < 4 * 1024 / rate
    script = film_script.write_script(0)
    spoken = np.zeros(len(sound), dtype=bool)
    for line in script.lines:
        spoken[int(line.start * rate) : int(line.end * rate)] = True
    assert sound[spoken].std() > 2 * sound[~spoken].std()


def test_the_same_seed_gives_the_same_bytes(tmp_path):
    script = film_script.write_script(3)
    for name in ("once", "again"):
        rendering._write_video(tmp_path / f"{name}.mp4", script, frames=60, progress=False)
    assert (tmp_path / "once.mp4").read_bytes() == (tmp_path / "again.mp4").read_bytes()


def test_other_seeds_give_other_films(truths):
    lengths = {tuple(shot["start_frame"] for shot in truth["shots"]) for truth in truths.values()}
    assert len(lengths) == len(truths)
    casts = {film_script.write_script(seed).people for seed in SEEDS}
    assert len(casts) == len(truths)


def test_a_second_call_reads_the_film_that_is_there(film):
    before = film.path.stat()
    again = samples.sample_film(0, progress=False)
    assert film.path.stat() == before
    assert again.shots.equals(film.shots)
    assert again.subtitles == film.subtitles


@pytest.mark.parametrize("seed", [-1, 0.5, 1.0, True, "0", None])
def test_a_seed_that_is_no_whole_number_is_refused(seed):
    with pytest.raises(ParameterError, match="seed must be a whole number of at least 0"):
        samples.sample_film(seed)


@pytest.fixture
def short_films(tmp_path, monkeypatch):
    """Make films ten frames long, in a data folder of their own."""
    monkeypatch.setenv("TOOLKIT_DATA", str(tmp_path))
    whole = rendering._write_video
    monkeypatch.setattr(rendering, "_write_video", lambda *args, **options: whole(*args, **options, frames=10))
    return tmp_path


def test_a_film_drawn_by_another_version_is_rendered_anew(short_films, monkeypatch):
    first = samples.sample_film(5, progress=False).path.stat().st_ino
    monkeypatch.setattr(rendering, "VERSION", "another")
    assert samples.sample_film(5, progress=False).path.stat().st_ino != first
    assert [path.name for path in short_films.iterdir()] == ["sample_film_5"]


def test_two_who_ask_at_once_both_get_the_film(short_films):
    films = []
    askers = [threading.Thread(target=lambda: films.append(samples.sample_film(6, progress=False))) for _ in range(2)]
    for asker in askers:
        asker.start()
    for asker in askers:
        asker.join()
    assert [film.path.is_file() for film in films] == [True, True]
    assert [path.name for path in short_films.iterdir()] == ["sample_film_6"]


def test_a_rendering_that_fails_leaves_nothing(short_films, monkeypatch):
    def fail(*_, **__):
        raise RuntimeError("the disk is full")

    monkeypatch.setattr(rendering, "_srt", fail)
    with pytest.raises(RuntimeError, match="disk is full"):
        samples.sample_film(7, progress=False)
    assert list(short_films.iterdir()) == []


def test_what_killed_renderings_left_is_removed_when_it_is_old(short_films):
    old, new = (short_films / f".sample_film_8.{name}.partial" for name in ("old", "new"))
    for folder in (old, new):
        folder.mkdir()
    os.utime(old, (time.time() - 7200,) * 2)
    samples.sample_film(8, progress=False)
    assert not old.exists()
    assert new.exists()


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="no SIGKILL on this system")
def test_a_kill_leaves_no_film_that_would_be_taken_for_whole(tmp_path):
    code = "from toolkit import samples; samples.sample_film(9, progress=False)"
    process = subprocess.Popen([sys.executable, "-c", code], env={**os.environ, "TOOLKIT_DATA": str(tmp_path)})
    deadline = time.monotonic() + 60
    while not any(tmp_path.glob(".sample_film_9.*/*.mp4")) and time.monotonic() < deadline:
        time.sleep(0.02)
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert any(tmp_path.glob(".sample_film_9.*.partial"))
    assert not (tmp_path / "sample_film_9").exists()
    assert rendering._load(tmp_path / "sample_film_9", 9) is None
