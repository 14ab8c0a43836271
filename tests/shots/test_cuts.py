"""The rules of `toolkit.shots.cuts`, on films drawn here whose changes are known to the frame."""

import builtins
import json
import os
from fractions import Fraction
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from films import write_film, write_sound

from toolkit import video
from toolkit.errors import ParameterError, VideoError
from toolkit.records import Frames
from toolkit.shots import cuts, detect_shots

SIZE = (192, 144)
COLUMNS = [
    "start_frame",
    "end_frame",
    "start",
    "end",
    "transition",
    "transition_start_frame",
    "transition_end_frame",
]


def scene(seed, *, width=SIZE[0], height=SIZE[1]):
    """Return a picture of rectangles in colours and places of its own, float32 (height, width, 3)."""
    rng = np.random.default_rng(seed)
    picture = np.empty((height, width, 3), dtype=np.float32)
    picture[:] = rng.integers(40, 200, 3)
    for _ in range(14):
        top, left = rng.integers(0, height - 20), rng.integers(0, width - 20)
        tall, wide = rng.integers(16, 70, 2)
        picture[top : top + tall, left : left + wide] = rng.integers(20, 235, 3)
    return picture


def shot(seed, n, *, drift=0.0):
    """Return n pictures of a scene, the camera drifting to the right by so many pixels a frame, with a little grain."""
    wide = scene(seed, width=SIZE[0] + int(n * drift) + 1)
    rng = np.random.default_rng(seed + 1000)
    return [
        wide[:, int(i * drift) : int(i * drift) + SIZE[0]] + rng.normal(0, 2, (*SIZE[::-1], 1)).astype(np.float32)
        for i in range(n)
    ]


def blend(before, after, n):
    """Return n pictures of a dissolve between two."""
    return [before + (after - before) * (i + 1) / (n + 1) for i in range(n)]


def black():
    return np.full((*SIZE[::-1], 3), 6.0, dtype=np.float32)


def closing(picture, n):
    """Return n pictures of an iris that closes."""
    rows, columns = np.mgrid[: SIZE[1], : SIZE[0]]
    away = np.hypot(rows - SIZE[1] / 2, columns - SIZE[0] / 2)
    reach = np.hypot(*SIZE) / 2
    return [np.where((away < reach * (1 - (i + 1) / n))[..., None], picture, 6.0) for i in range(n)]


def shots_of(pictures, rate=24):
    """Return the shots of pictures, as small as they are looked at, without a film written."""
    frames = Frames(np.stack([as_small_frame(picture) for picture in pictures]), np.arange(len(pictures)) / rate)
    return cuts._shots(iter([frames]), 2.25)


def film(folder, pictures, **options):
    rounded = [np.clip(picture, 0, 255).round().astype(np.uint8) for picture in pictures]
    return write_film(folder / "film.mp4", pictures=rounded, **{"options": {"crf": "18"}, **options})


def as_small_frame(picture):
    """Return a picture at 64x48 pixels, uint8."""
    return picture.reshape(48, 3, 64, 3, 3).mean((1, 3)).clip(0, 255).round().astype(np.uint8)


def changes(table):
    """Return (kind, start of the shot) of all shots but the first."""
    return [(row.transition, row.start_frame) for row in table.iloc[1:].itertuples()]


def overlap(row, first, end):
    low, high = row.transition_start_frame, row.transition_end_frame
    return max(0, min(high, end) - max(low, first)) / (max(high, end) - min(low, first))


def check_tiles(table, n):
    assert list(table.columns) == COLUMNS
    assert table.start_frame[0] == 0
    assert table.end_frame.iloc[-1] == n
    assert (table.start_frame.to_numpy()[1:] == table.end_frame.to_numpy()[:-1]).all()
    assert (table.start.to_numpy()[1:] == table.end.to_numpy()[:-1]).all()
    assert (table.end_frame > table.start_frame).all()
    assert (table.transition_start_frame <= table.transition_end_frame).all()
    assert (table.transition_start_frame <= table.start_frame).all()
    assert (table.start_frame <= table.transition_end_frame).all()


def test_cuts_are_found_to_the_frame(tmp_path):
    pictures = shot(1, 30) + shot(2, 41) + shot(3, 17) + shot(1, 25)
    table = detect_shots(film(tmp_path, pictures), progress=False)
    check_tiles(table, 113)
    assert changes(table) == [("cut", 30), ("cut", 71), ("cut", 88)]
    assert table.transition[0] == "start"
    assert table.transition_start_frame.tolist() == table.transition_end_frame.tolist() == [0, 30, 71, 88]
    np.testing.assert_allclose(table.start, table.start_frame / 24, atol=1e-6)
    np.testing.assert_allclose(table.end, table.end_frame / 24, atol=1e-6)


def test_cuts_are_found_in_short_shots(tmp_path):
    pictures = [picture for seed in range(8) for picture in shot(seed, 9)]
    assert changes(detect_shots(film(tmp_path, pictures), progress=False)) == [("cut", 9 * k) for k in range(1, 8)]


@pytest.mark.parametrize("rate", [1, 10, 12, 16, 18, 24, 60])
def test_cuts_are_found_at_any_rate(rate):
    n = max(3, 2 * rate)
    pictures = [picture for seed in range(6) for picture in shot(seed, n, drift=min(4, 36 / rate) * (rate > 1))]
    assert changes(shots_of(pictures, rate)) == [("cut", n * k) for k in range(1, 6)]


def test_a_film_that_begins_at_another_rate_hides_nothing():
    opening, before, after = shot(1, 128), shot(2, 200), shot(3, 200)
    pictures = opening + before + blend(before[-1], after[0], 24) + after + shot(4, 60, drift=2) + shot(5, 60, drift=2)
    small = np.stack([as_small_frame(picture) for picture in pictures])
    times = np.cumsum([1.0] * 128 + [1 / 24] * (len(small) - 128))
    batches = [Frames(small[at : at + 128], times[at : at + 128]) for at in range(0, len(small), 128)]
    table = cuts._shots(iter(batches), 2.25)
    assert table.transition.tolist() == ["start", "cut", "dissolve", "cut", "cut"]
    assert overlap(table.iloc[2], 328, 352) > 0.7
    assert table.start_frame[[1, 3, 4]].tolist() == [128, 552, 612]


@pytest.mark.parametrize("rate", [10, 24, 60])
def test_a_flash_is_told_by_its_time(rate):
    pictures = shot(1, 3 * rate)
    for i in range(rate, rate + rate // 4):
        pictures[i] = scene(2)
    assert changes(shots_of(pictures, rate)) == []


@pytest.mark.parametrize("n", [4, 5, 6, 7])
@pytest.mark.parametrize("drift", [0, 2])
def test_a_montage_of_very_short_shots_is_cut(n, drift):
    pictures = shot(20, 40) + [picture for seed in range(12) for picture in shot(seed, n, drift=drift)] + shot(21, 40)
    assert changes(shots_of(pictures)) == [("cut", 40 + n * k) for k in range(13)]


def test_what_differs_from_picture_to_picture_is_not_cut():
    rng = np.random.default_rng(0)
    noise = [rng.uniform(0, 255, (*SIZE[::-1], 3)) for _ in range(60)]
    assert changes(shots_of(noise)) == []
    assert changes(shots_of([scene(seed) for seed in range(60)])) == []
    # a strobe
    assert changes(shots_of([picture if i % 8 < 4 else black() for i, picture in enumerate(shot(1, 80))])) == []


def test_one_shot_has_no_change(tmp_path):
    table = detect_shots(film(tmp_path, shot(1, 60, drift=0.3)), progress=False)
    assert len(table) == 1
    check_tiles(table, 60)


@pytest.mark.parametrize("n", [1, 2, 3])
def test_a_film_of_a_few_frames_is_one_shot(tmp_path, n):
    table = detect_shots(film(tmp_path, shot(1, n)), progress=False)
    check_tiles(table, n)
    assert len(table) == 1


def test_a_film_of_one_frame_lasts_a_25th_of_a_second(tmp_path):
    table = detect_shots(film(tmp_path, shot(1, 1)), progress=False)
    assert (table.loc[0, "start"], table.loc[0, "end"]) == (0, 0.04)


def test_a_black_film_is_one_shot(tmp_path):
    rng = np.random.default_rng(0)
    noise = [black() + rng.normal(0, 1.5, (*SIZE[::-1], 1)) for _ in range(50)]
    table = detect_shots(film(tmp_path, noise), progress=False)
    assert len(table) == 1
    check_tiles(table, 50)


def test_flicker_is_no_cut(tmp_path):
    rng = np.random.default_rng(0)
    pictures = [picture * rng.uniform(0.6, 1.15) for picture in shot(1, 40) + shot(2, 40)]
    assert changes(detect_shots(film(tmp_path, pictures), progress=False)) == [("cut", 40)]


@pytest.mark.parametrize("n", [1, 3, 6])
def test_a_flash_is_no_cut(tmp_path, n):
    pictures = shot(1, 70)
    for i in range(30, 30 + n):
        pictures[i] = np.full_like(pictures[i], 250)
    assert changes(detect_shots(film(tmp_path, pictures), progress=False)) == []


def test_a_pan_is_no_change(tmp_path):
    table = detect_shots(film(tmp_path, shot(1, 90, drift=4)), progress=False)
    assert changes(table) == []


def test_light_that_wanders_over_a_still_picture_is_no_cut(tmp_path):
    rng = np.random.default_rng(3)
    rows, columns = np.mgrid[: SIZE[1], : SIZE[0]] / 24
    pictures = [
        picture * (1 + 0.3 * np.sin(rows + rng.uniform(0, 6)) * np.cos(columns + rng.uniform(0, 6)))[..., None]
        for picture in shot(1, 40) + shot(2, 40)
    ]
    # a light that goes on, slowly out, and leaves all edges where they are
    for i in range(14):
        pictures[15 + i] = pictures[15 + i] + (1 - i / 14) * 120 * np.exp(-((rows - 3) ** 2) / 4)[..., None]
    assert changes(detect_shots(film(tmp_path, pictures), progress=False)) == [("cut", 40)]


@pytest.mark.parametrize(("seed", "drift"), [(2, 2), (5, 6), (7, 4), (8, 3)])
def test_a_pan_past_few_things_is_no_dissolve(seed, drift):
    pictures = np.stack([as_small_frame(picture) for picture in shot(seed, 90, drift=drift)])
    table = cuts._shots(iter([Frames(pictures, np.arange(90) / 24)]), 2.25)
    assert "dissolve" not in set(table.transition)


def test_what_sweeps_through_the_picture_is_no_cut(tmp_path):
    pictures = shot(1, 60)
    for i in range(12):
        left = i * 24 - 80
        pictures[20 + i][30:, max(0, left) : max(0, left + 80)] = (30, 60, 30)
    assert changes(detect_shots(film(tmp_path, pictures), progress=False)) == []


def test_a_title_that_appears_is_no_cut(tmp_path):
    pictures = shot(1, 80)
    for picture in pictures[40:]:
        picture[110:126, 40:150:4] = 250
    assert changes(detect_shots(film(tmp_path, pictures), progress=False)) == []


def test_a_dissolve_has_its_span_and_splits_at_its_middle(tmp_path):
    before, after = shot(1, 50), shot(2, 50)
    pictures = before + blend(before[-1], after[0], 20) + after
    table = detect_shots(film(tmp_path, pictures), progress=False)
    check_tiles(table, 120)
    assert table.transition.tolist() == ["start", "dissolve"]
    assert overlap(table.iloc[1], 50, 70) > 0.8
    assert table.start_frame[1] == (table.transition_start_frame[1] + table.transition_end_frame[1]) // 2


def test_a_dissolve_between_moving_shots_is_found(tmp_path):
    before, after = shot(1, 70, drift=1.5), shot(2, 70, drift=1.0)[::-1]
    pictures = (
        before[:50]
        + [a + (b - a) * (i + 1) / 21 for i, (a, b) in enumerate(zip(before[50:], after[:20], strict=True))]
        + after[20:]
    )
    table = detect_shots(film(tmp_path, pictures), progress=False)
    assert table.transition.tolist() == ["start", "dissolve"]
    assert overlap(table.iloc[1], 50, 70) > 0.7


@pytest.mark.parametrize(("n", "rate"), [(4, 25), (75, 25), (96, 24), (120, 120), (25, 50), (12, 12)])
def test_dissolves_are_told_by_their_time(n, rate):
    before, after = shot(1, max(40, 2 * rate)), shot(2, max(40, 2 * rate))
    table = shots_of(before + blend(before[-1], after[0], n) + after, rate)
    assert table.transition.tolist() == ["start", "dissolve"]
    assert overlap(table.iloc[1], len(before), len(before) + n) > 0.7


@pytest.mark.parametrize("n", [12, 24, 40])
def test_dissolves_may_be_short_or_long(tmp_path, n):
    before, after = shot(1, 60), shot(2, 60)
    table = detect_shots(film(tmp_path, before + blend(before[-1], after[0], n) + after), progress=False)
    assert table.transition.tolist() == ["start", "dissolve"]
    assert overlap(table.iloc[1], 60, 60 + n) > 0.7


def test_a_title_that_comes_slowly_is_no_dissolve(tmp_path):
    before = shot(1, 120)
    title = [picture.copy() for picture in before]
    for picture in title:
        picture[40:100:8, 20:170] = 250
        picture[41:100:8, 20:170] = 0
    pictures = before[:50] + [
        a + (b - a) * (i + 1) / 21 for i, (a, b) in enumerate(zip(before[50:70], title[50:70], strict=True))
    ]
    assert changes(detect_shots(film(tmp_path, pictures + title[70:]), progress=False)) == []


def test_a_fade_through_black_is_one_change(tmp_path):
    before, after = shot(1, 50), shot(2, 50)
    pictures = before + blend(before[-1], black(), 14) + [black()] * 8 + blend(black(), after[0], 14) + after
    table = detect_shots(film(tmp_path, pictures), progress=False)
    check_tiles(table, 136)
    assert table.transition.tolist() == ["start", "fade"]
    assert overlap(table.iloc[1], 50, 86) > 0.8


def test_a_fade_through_white_is_a_fade(tmp_path):
    white = np.full_like(black(), 250)
    before, after = shot(1, 50), shot(2, 50)
    pictures = before + blend(before[-1], white, 14) + [white] * 4 + blend(white, after[0], 14) + after
    table = detect_shots(film(tmp_path, pictures), progress=False)
    assert table.transition.tolist() == ["start", "fade"]
    assert overlap(table.iloc[1], 50, 82) > 0.8


def test_an_iris_is_told_from_a_fade(tmp_path):
    before, after = shot(1, 50), shot(2, 50)
    pictures = before + closing(before[-1], 15) + closing(after[0], 15)[::-1] + after
    table = detect_shots(film(tmp_path, pictures), progress=False)
    assert table.transition.tolist() == ["start", "iris"]
    assert overlap(table.iloc[1], 50, 80) > 0.7


@pytest.mark.parametrize("n", [8, 18, 40])
@pytest.mark.parametrize("wall", [10, 240])
def test_a_pan_to_a_blank_wall_is_no_fade(n, wall):
    for seed in range(4):
        wide = scene(seed, width=2 * SIZE[0])
        wide[:, SIZE[0] :] = wall
        lefts = np.linspace(0, SIZE[0], n).astype(int)
        out = [wide[:, left : left + SIZE[0]] for left in [0] * 40 + lefts.tolist() + [SIZE[0]] * 40]
        for pictures in (out, out[::-1]):
            assert not {"fade", "iris"} & set(shots_of(pictures).transition)


def test_after_a_fade_out_the_shot_begins_at_the_cut(tmp_path):
    before = shot(1, 50)
    pictures = before + blend(before[-1], black(), 14) + [black()] * 6 + shot(2, 50)
    table = detect_shots(film(tmp_path, pictures), progress=False)
    assert changes(table) == [("fade", 70)]
    assert table.transition_end_frame[1] == 70
    assert overlap(table.iloc[1], 50, 70) > 0.8


def test_before_a_fade_in_the_shot_begins_at_the_cut(tmp_path):
    after = shot(2, 50)
    pictures = shot(1, 50) + [black()] * 6 + blend(black(), after[0], 14) + after
    table = detect_shots(film(tmp_path, pictures), progress=False)
    assert changes(table) == [("fade", 50)]
    assert table.transition_start_frame[1] == 50
    assert overlap(table.iloc[1], 50, 70) > 0.8


def test_a_film_may_begin_with_a_fade_and_end_in_one(tmp_path):
    pictures = shot(1, 60)
    pictures = [black()] * 5 + blend(black(), pictures[0], 20) + pictures + blend(pictures[-1], black(), 20)
    table = detect_shots(film(tmp_path, pictures), progress=False)
    check_tiles(table, 105)
    assert table.transition.tolist() == ["fade"]
    assert overlap(table.iloc[0], 0, 25) > 0.8


def test_black_between_two_cuts_is_a_shot(tmp_path):
    table = detect_shots(film(tmp_path, shot(1, 50) + [black()] * 30 + shot(2, 50)), progress=False)
    assert changes(table) == [("cut", 50), ("cut", 80)]


def test_black_bars_are_left_out(tmp_path):
    pictures = shot(1, 40) + shot(2, 40)
    for picture in pictures:
        picture[:25], picture[-25:] = 0, 0
    path = film(tmp_path, pictures)
    frames = np.concatenate([batch.images for batch in cuts._small_frames(path, False)])
    assert frames.shape == (80, 48, 64, 3)
    assert frames.mean((0, 2, 3)).min() > 30
    assert changes(detect_shots(path, progress=False)) == [("cut", 40)]


@pytest.mark.parametrize("times", [2, 3, 4])
def test_animation_on_twos_has_no_cut_at_every_new_picture(tmp_path, times):
    pictures = [picture for picture in shot(1, 30, drift=6) + shot(2, 30, drift=6) for _ in range(times)]
    assert changes(detect_shots(film(tmp_path, pictures), progress=False)) == [("cut", 30 * times)]


def test_a_fade_of_a_film_shown_twice_as_fast_is_found(tmp_path):
    # 24 pictures a second in a file of 48, each shown twice
    before, after = shot(1, 50), shot(2, 50)
    pictures = before + blend(before[-1], black(), 14) + [black()] * 8 + blend(black(), after[0], 14) + after
    table = detect_shots(film(tmp_path, [p for p in pictures for _ in range(2)], fps=48), progress=False)
    assert table.transition.tolist() == ["start", "fade"]
    assert overlap(table.iloc[1], 100, 172) > 0.8


def test_pictures_repeated_to_another_rate_hide_no_cut(tmp_path):
    pictures = [p for i, p in enumerate(shot(1, 40, drift=3) + shot(2, 40, drift=3)) for _ in range(2 + i % 2)]
    assert changes(detect_shots(film(tmp_path, pictures, fps=60), progress=False)) == [("cut", 100)]


def test_times_are_the_pictures_own(tmp_path):
    # every other picture stays three times as long
    stamps = np.cumsum([0, *([40, 120] * 30)])[:60]
    path = film(tmp_path, shot(1, 31) + shot(2, 29), stamps=stamps.tolist(), time_base=Fraction(1, 1000))
    table = detect_shots(path, progress=False)
    assert table.start_frame.tolist() == [0, 31]
    assert table.start.tolist() == pytest.approx([0, stamps[31] / 1000], abs=1e-3)


def test_a_clock_that_begins_below_0_leaves_nothing_out(tmp_path):
    stamps = [40 * i - 1600 for i in range(80)]
    path = tmp_path / "film.ts"
    pictures = [picture.clip(0, 255).astype(np.uint8) for picture in shot(1, 50) + shot(2, 30)]
    options = {"avoid_negative_ts": "disabled", "mpegts_copyts": "1", "muxdelay": "0"}
    write_film(path, pictures=pictures, stamps=stamps, time_base=Fraction(1, 1000), container_options=options)
    assert video.probe(path).start < 0
    table = detect_shots(path, progress=False)
    check_tiles(table, 80)
    assert changes(table) == [("cut", 50)]
    assert table.start.tolist() == pytest.approx([video.probe(path).start, video.probe(path).start + 2.0])


@pytest.mark.parametrize(("name", "codec", "pix_fmt"), [("a.gif", "gif", "rgb8"), ("a.h264", "libx264", "yuv420p")])
def test_films_that_do_not_tell_their_key_frames_are_read(tmp_path, name, codec, pix_fmt):
    pictures = [picture.clip(0, 255).astype(np.uint8) for picture in shot(1, 40) + shot(2, 40)]
    for picture in pictures:
        picture[:25], picture[-25:] = 0, 0
    path = write_film(tmp_path / name, pictures=pictures, fps=25, codec=codec, pix_fmt=pix_fmt)
    frames = np.concatenate([batch.images for batch in cuts._small_frames(path, False)])
    assert frames.mean((0, 2, 3)).min() > 30
    assert changes(detect_shots(path, progress=False)) == [("cut", 40)]


def test_what_lies_at_the_border_of_two_blocks_is_found_once(tmp_path, monkeypatch):
    before, after = shot(4, 50), shot(5, 45)
    pictures = shot(1, 60) + shot(2, 55) + shot(3, 70) + before + blend(before[-1], after[0], 20) + after
    path = film(tmp_path, pictures)
    whole = detect_shots(path, progress=False)
    assert [kind for kind, _ in changes(whole)] == ["cut", "cut", "cut", "dissolve"]
    for block in (7, 32, 100):
        monkeypatch.setattr(cuts, "BLOCK_FRAMES", block)
        pd.testing.assert_frame_equal(detect_shots(path, progress=False), whole)


def test_a_dissolve_at_the_border_of_two_blocks_is_found_at_a_high_rate(monkeypatch):
    before, after = shot(1, 320), shot(2, 320)
    pictures = before + blend(before[-1], after[0], 120) + after
    frames = Frames(np.stack([as_small_frame(picture) for picture in pictures]), np.arange(760) / 120)
    batches = [Frames(frames.images[i : i + 64], frames.times[i : i + 64]) for i in range(0, 760, 64)]
    whole = cuts._shots(iter(batches), 2.25)
    assert whole.transition.tolist() == ["start", "dissolve"]
    for block in (7, 50):
        monkeypatch.setattr(cuts, "BLOCK_FRAMES", block)
        pd.testing.assert_frame_equal(cuts._shots(iter(batches), 2.25), whole)


def test_a_lower_threshold_finds_no_fewer_cuts(tmp_path):
    path = film(tmp_path, [picture for seed in range(5) for picture in shot(seed, 25, drift=1)])
    found = [set(detect_shots(path, threshold=t, progress=False).start_frame) for t in (1.5, 2.25, 4.0, 50.0)]
    assert found[0] >= found[1] >= found[2] >= found[3] == {0}


def test_pyscenedetect_is_an_alternative_by_name(tmp_path):
    pytest.importorskip("scenedetect", reason="needs the package scenedetect-headless")
    path = film(tmp_path, shot(1, 40) + shot(2, 40))
    for method in ("adaptive", "content"):
        table = detect_shots(path, method)
        check_tiles(table, 80)
        assert changes(table) == [("cut", 40)]


def test_without_pyscenedetect_the_message_says_how_to_install_it(tmp_path, monkeypatch):
    real = builtins.__import__

    def fail(name, *rest):
        if name == "scenedetect":
            raise ImportError(name)
        return real(name, *rest)

    path = film(tmp_path, shot(1, 3))
    monkeypatch.setattr(builtins, "__import__", fail)
    with pytest.raises(ParameterError, match=r'pip install "scenedetect-headless'):
        detect_shots(path, "adaptive")


def test_wrong_input_is_refused(tmp_path):
    path = film(tmp_path, shot(1, 3))
    with pytest.raises(ParameterError, match="method must be one of 'toolkit', 'adaptive'"):
        detect_shots(path, "magic")
    for threshold in (0, -1, np.nan, "high", None):
        with pytest.raises(ParameterError, match="threshold must be a finite number above 0"):
            detect_shots(path, threshold=threshold)
    for method in ("toolkit", "adaptive"):
        with pytest.raises(VideoError, match="does not exist"):
            detect_shots(tmp_path / "none.mp4", method)
        with pytest.raises(VideoError, match="no pictures"):
            detect_shots(write_sound(tmp_path / "sound.m4a"), method)


@pytest.mark.skipif("TOOLKIT_REAL_DATA" not in os.environ, reason="TOOLKIT_REAL_DATA is not set: no real clips")
@pytest.mark.parametrize("name", ["nosferatu.mp4", "sintel_clip.mp4", "big_buck_bunny_0_30.webm"])
def test_the_changes_of_real_clips_are_found(name):
    folder = Path(os.environ["TOOLKIT_REAL_DATA"])
    truth = json.loads((folder / "truth" / "clips.json").read_text())[name]
    table = detect_shots(folder / "films" / name, progress=False)
    check_tiles(table, truth["frames"])
    starts = table.start_frame.to_numpy()[1:]
    assert len(starts) == len(truth["cuts"])
    assert np.abs(starts - truth["cuts"]).max() <= 2
    gradual = table[~table.transition.isin(["start", "cut"])]
    assert len(gradual) == len(truth.get("gradual", []))
    for row, change in zip(gradual.itertuples(), truth.get("gradual", []), strict=True):
        assert row.transition == change["type"].split()[0].split("-")[0]
        assert overlap(row, change["frames"][0], change["frames"][1] + 1) > 0.5
