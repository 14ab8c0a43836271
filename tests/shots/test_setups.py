import json
import os
import warnings
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from sklearn.metrics import adjusted_rand_score
from takes import takes

from toolkit import ParameterError, shots
from toolkit.shots import (
    cluster_frames,
    group_setups,
    labels_at,
    shot_distances,
    suggest_setup_threshold,
)


def in_order_of_first_sight(labels):
    """Return labels renamed as they first come, the slow way."""
    names = {}
    return [names.setdefault(label, len(names)) for label in labels]


def spans_of(lengths, fps=5.0):
    edges = np.concatenate([[0], np.cumsum(lengths)]) / fps
    return np.stack([edges[:-1], edges[1:]], axis=1)


# set-ups


def test_shots_of_one_place_are_one_setup():
    places, lengths = [0, 1, 0, 1, 2, 0], [10, 8, 5, 12, 9, 4]
    features, _ = takes(places, lengths)
    times = np.arange(sum(lengths)) / 5
    assert group_setups(features, times, spans_of(lengths)).tolist() == [0, 1, 0, 1, 2, 0]


def test_frames_of_a_shot_stay_together_however_they_move():
    places, lengths = [0, 1, 0, 2, 3, 1], [20, 20, 20, 20, 20, 20]
    features, _ = takes(places, lengths, drift=4.0)
    times = np.arange(120) / 5
    assert group_setups(features, times, spans_of(lengths)).tolist() == [0, 1, 0, 2, 3, 1]


def test_two_letters_that_do_not_move_are_two_setups():
    # apart by 0.5, where places are apart by 14: the median alone would put them together
    lengths = [10] * 5
    features, shot = takes([0, 1, 0, 2, 3], lengths, noise=0.0)
    features[shot == 2, 4] += 1.2
    times = np.arange(50) / 5
    assert group_setups(features, times, spans_of(lengths)).tolist() == [0, 1, 2, 3, 4]
    features[shot == 2, 4] -= 1.2
    assert group_setups(features, times, spans_of(lengths)).tolist() == [0, 1, 0, 2, 3]


def test_a_film_of_a_single_setup_is_one():
    lengths = [20] * 4
    features, _ = takes([0, 0, 0, 0], lengths, noise=1.0)
    assert group_setups(features, np.arange(80) / 5, spans_of(lengths)).tolist() == [0, 0, 0, 0]


def test_a_setup_holds_only_shots_that_are_all_near_each_other():
    # a chain of places: each is near the next, the first is not near the last
    centers = np.array([[0.0], [1.0], [2.0], [50.0]])
    features = np.repeat(centers, 4, axis=0) + np.tile([[-0.4], [0.4], [-0.4], [0.4]], (4, 1))
    setups = group_setups(features, np.arange(16), spans_of([4] * 4, fps=1), distance_threshold=1.5)
    assert len({setups[0], setups[2]}) == 2
    assert setups[3] not in setups[:3]


def test_the_threshold_given_is_the_limit():
    features, _ = takes([0, 1], [6, 6], noise=9.0, seed=3)
    apart = np.linalg.norm(features[:6].mean(0) - features[6:].mean(0))
    spans, times = spans_of([6, 6]), np.arange(12) / 5
    assert group_setups(features, times, spans, 0.999 * apart).tolist() == [0, 1]
    assert group_setups(features, times, spans, 1.001 * apart).tolist() == [0, 0]


def test_the_order_of_the_frames_and_their_unit_do_not_matter():
    places, lengths = [0, 1, 0, 1, 2, 0], [10, 8, 5, 12, 9, 4]
    features, _ = takes(places, lengths, noise=2.0)
    times = np.arange(sum(lengths)) / 5
    order = np.random.default_rng(0).permutation(len(times))
    expected = group_setups(features, times, spans_of(lengths)).tolist()
    assert group_setups(1e-3 * features[order], times[order], spans_of(lengths)).tolist() == expected


def test_a_shot_without_a_frame_has_no_setup_and_is_told():
    features, times = np.eye(3), [0.5, 2.5, 9.0]
    with pytest.warns(UserWarning, match="1 of 3 shots have no frame, the first of them shot 1"):
        setups = group_setups(features, times, [[0, 1], [1, 2], [2, 3]])
    assert setups.tolist() == [0, -1, 1]
    with pytest.warns(UserWarning, match="1 of 1 shots"):
        assert group_setups(features, times, [[20, 21]]).tolist() == [-1]


def test_one_frame_a_shot_will_do():
    features = np.array([[0.0], [9.0], [0.1], [9.2], [30.0], [0.05]])
    assert group_setups(features, np.arange(6), spans_of([1] * 6, fps=1)).tolist() == [0, 1, 0, 1, 2, 0]


def test_one_shot_is_one_setup_and_no_shots_are_none():
    assert group_setups(np.eye(3), [0, 1, 2], [[0, 3]]).tolist() == [0]
    none = group_setups(np.eye(3), [0, 1, 2], pd.DataFrame({"start": [], "end": []}))
    assert none.tolist() == []
    assert none.dtype == np.int64


def test_a_table_of_shots_is_as_good_as_an_array():
    table = pd.DataFrame({"end": [1.0, 2.0], "start": [0.0, 1.0], "transition": ["start", "cut"]})
    assert group_setups(np.eye(2), [0.5, 1.5], table).tolist() == [0, 1]


@pytest.mark.parametrize(
    ("times", "message"),
    [
        ([0], r"times must be .* shape \(1,\)"),
        ([0, np.nan], "times must be finite"),
        ("no", "times must be"),
        ([[0, 1]], "shape"),
    ],
)
def test_times_must_fit_the_frames(times, message):
    with pytest.raises(ParameterError, match=message):
        group_setups(np.eye(2), times, [[0, 2]])


def test_a_threshold_of_setups_is_above_nought():
    with pytest.raises(ParameterError, match="above 0"):
        group_setups(np.eye(2), [0, 1], [[0, 1]], 0)


# as other modules and other processors see it


def test_all_names_are_there():
    assert all(callable(getattr(shots, name)) for name in shots.__all__)
    assert sorted(shots.__all__) == shots.__all__


# real clips


@pytest.mark.skipif("TOOLKIT_REAL_DATA" not in os.environ, reason="TOOLKIT_REAL_DATA names no folder of real clips")
@pytest.mark.parametrize(
    ("film", "by_frames", "by_shots"),
    [("nosferatu.mp4", 0.8, 0.95), ("big_buck_bunny_0_30.webm", 0.8, 0.95), ("sintel_clip.mp4", 0.0, 0.9)],
)
def test_setups_of_a_real_clip(film, by_frames, by_shots):
    from toolkit import embeddings, video

    folder = Path(os.environ["TOOLKIT_REAL_DATA"])
    truth = json.loads((folder / "truth" / "clips.json").read_text())[film]
    edges = np.array([0, *truth["cuts"], truth["frames"]]) / truth["fps"]
    spans = np.stack([edges[:-1], edges[1:]], axis=1)
    names = truth.get("shots", list(range(len(spans))))
    frames = video.read_frames(folder / "films" / film, fps=5, size=(320, 240), progress=False)
    times = frames.times - video.probe(folder / "films" / film).start
    features = embeddings.embed(frames.images, progress=False)
    true = labels_at(spans, np.array(in_order_of_first_sight(names)), times)
    assert adjusted_rand_score(true, cluster_frames(features)) >= by_frames
    with warnings.catch_warnings(action="error"):
        setups = group_setups(features, times, spans)
    assert adjusted_rand_score(true, labels_at(spans, setups, times)) >= by_shots


# how far shots are from each other


def test_shots_are_as_far_apart_as_the_means_of_their_frames():
    spans = [[0, 2], [2, 4], [4, 5]]
    apart = shot_distances([[0.0], [2.0], [11.0], [11.0]], [0, 1, 2, 3], spans)
    np.testing.assert_allclose(apart[:2, :2], [[0, 10], [10, 0]])
    # of the third shot there is no frame
    assert np.isnan(apart[2]).all()
    assert np.isnan(apart[:, 2]).all()
    assert suggest_setup_threshold(apart) == 5


def test_the_threshold_of_setups_is_half_the_median_between_shots():
    assert suggest_setup_threshold([[0, 1, 4], [1, 0, 9], [4, 9, 0]]) == 2
    assert suggest_setup_threshold(np.zeros((3, 3))) == 0
    assert suggest_setup_threshold(np.zeros((1, 1))) == 1
    for wrong in (np.zeros(3), np.zeros((2, 3)), "near"):
        with pytest.raises(ParameterError, match="distances must be"):
            suggest_setup_threshold(wrong)


@given(st.integers(2, 12), st.integers(0, 9))
def test_the_suggested_threshold_given_by_hand_parts_the_same_shots_unless_they_mingle(n, seed):
    rng = np.random.default_rng(seed)
    places = rng.integers(0, 4, n) * 50.0
    features = np.repeat(places, 3)[:, None] + rng.normal(0, 1, (3 * n, 1))
    spans = np.stack([np.arange(n), np.arange(n) + 1], axis=1)
    times = np.repeat(np.arange(n), 3) + np.tile([0.2, 0.5, 0.8], n)
    threshold = suggest_setup_threshold(shot_distances(features, times, spans))
    assume(threshold > 10)
    assert np.array_equal(group_setups(features, times, spans, threshold), group_setups(features, times, spans))
