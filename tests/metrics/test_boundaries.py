import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from judged_movies import bools, movie, random_movie, random_movies
from sklearn.metrics import average_precision_score, f1_score, precision_score, recall_score

from toolkit import ParameterError
from toolkit.metrics import (
    SCORES,
    baselines,
    bootstrap,
    boundary_scores,
    choose_threshold,
    evaluate,
    miou_of_spans,
    precision_recall_curve,
    score_table,
)
from toolkit.records import Movie

# the slow oracle: sets of frames, and loops


def naive_scenes(boundaries, ends):
    """Return the set of frames of each scene."""
    scenes, frame = [set()], 0
    for shot, end in enumerate(ends):
        while frame <= end:
            scenes[-1].add(frame)
            frame += 1
        if shot < len(boundaries) and boundaries[shot]:
            scenes.append(set())
    return scenes


def naive_best(scenes, others):
    """Return the mean over scenes of the best intersection over union with any of the others."""
    return sum(max(len(one & other) / len(one | other) for other in others) for one in scenes) / len(scenes)


def naive_miou(item, threshold):
    true = naive_scenes(item.boundaries, item.shot_end_frame)
    found = naive_scenes([p >= threshold for p in item.predictions], item.shot_end_frame)
    return (naive_best(found, true) + naive_best(true, found)) / 2


def naive_precision_recall(true, told):
    right = sum(1 for t, p in zip(true, told, strict=True) if t and p)
    precision = right / sum(told) if sum(told) else 0.0
    recall = right / sum(true) if sum(true) else 0.0
    return precision, recall


def naive_ap(true, predicted):
    """Return the sum over distinct predictions, the highest first, of the recall gained times the precision."""
    total, recall_before = 0.0, 0.0
    for threshold in sorted(set(predicted), reverse=True):
        precision, recall = naive_precision_recall(true, [p >= threshold for p in predicted])
        total += (recall - recall_before) * precision
        recall_before = recall
    return total


def naive_evaluate(movies, threshold):
    scores = dict.fromkeys(SCORES, 0.0)
    pooled_true, pooled_predicted = [], []
    for item in movies:
        true, predicted = item.boundaries.tolist(), item.predictions.tolist()
        precision, recall = naive_precision_recall(true, [p >= threshold for p in predicted])
        scores["mAP"] += naive_ap(true, predicted) / len(movies)
        scores["Miou"] += naive_miou(item, threshold) / len(movies)
        scores["Precision"] += precision / len(movies)
        scores["Recall"] += recall / len(movies)
        if precision + recall > 0:
            scores["F1"] += 2 * precision * recall / (precision + recall) / len(movies)
        pooled_true += true
        pooled_predicted += predicted
    scores["AP"] = naive_ap(pooled_true, pooled_predicted)
    return scores


def test_scores_of_a_thousand_random_movies_are_the_slow_oracles():
    movies = random_movies(1000, longest=24)
    for first in range(0, 1000, 20):
        some = movies[first : first + 20]
        threshold = [0.2, 0.5, 0.8][first % 3]
        result = evaluate(some, threshold)
        expected = naive_evaluate(some, threshold)
        assert {name: result[name] for name in SCORES} == pytest.approx(expected, abs=1e-12)


def test_a_long_movies_scores_are_those_of_sklearn_and_of_its_scenes_as_spans():
    item = random_movie(np.random.default_rng(5), 3100, steps=1000)
    result = evaluate([item], 0.7)
    told = item.predictions >= 0.7
    assert result["AP"] == result["mAP"] == pytest.approx(average_precision_score(item.boundaries, item.predictions))
    assert result["Precision"] == pytest.approx(precision_score(item.boundaries, told))
    assert result["Recall"] == pytest.approx(recall_score(item.boundaries, told))
    assert result["F1"] == pytest.approx(f1_score(item.boundaries, told))
    spans = []
    for boundaries in (told, item.boundaries):
        edges = [0, *(item.shot_end_frame[:-1][boundaries] + 1), item.shot_end_frame[-1] + 1]
        spans.append(np.column_stack([edges[:-1], edges[1:]]))
    assert result["Miou"] == pytest.approx(miou_of_spans(*spans))


# by hand


def test_scores_that_can_be_counted():
    # shots of 10 frames; true scenes 0-19, 20-49; predicted 0-9, 10-19, 20-49
    item = movie(bools("0100"), [0.6, 0.9, 0.1, 0.2], [9, 19, 29, 39, 49])
    result = evaluate([item])
    assert (result["Precision"], result["Recall"]) == (0.5, 1.0)
    assert result["F1"] == pytest.approx(2 / 3)
    assert result["AP"] == result["mAP"] == 1.0
    # predicted: 1/2, 1/2, 1; true: 1/2, 1
    assert result["Miou"] == pytest.approx((2 / 3 + 3 / 4) / 2)


def test_ap_counts_the_precision_at_each_true_boundary():
    # by rank: true, false, true, false: (1/1 + 2/3) / 2
    assert evaluate([movie(bools("1010"), [0.9, 0.8, 0.7, 0.6])])["AP"] == pytest.approx(5 / 6)


def test_places_predicted_alike_are_told_together_in_any_order():
    # two of four told with precision 1/2; then the other true one
    for true in ("1001", "0101"):
        assert evaluate([movie(bools(true), [0.9, 0.9, 0.5, 0.1])])["AP"] == pytest.approx((1 / 2 + 2 / 4) / 2)
    assert evaluate([movie(bools("1000"), [0.3] * 4)])["AP"] == 0.25


def test_ap_pools_boundaries_where_map_means_movies():
    one = movie(bools("10"), [0.2, 0.1], name="tt1")
    other = movie(bools("10"), [0.9, 0.8], name="tt2")
    result = evaluate([one, other])
    assert result["mAP"] == 1.0
    # by rank: true, false, true, false
    assert result["AP"] == pytest.approx((1 + 2 / 3) / 2)


def test_f1_is_the_mean_over_movies_and_not_of_the_means():
    movies = [movie(bools("10"), [1, 0], name="a"), movie(bools("10"), [0, 1], name="b")]
    result = evaluate(movies)
    assert (result["Precision"], result["Recall"], result["F1"]) == (0.5, 0.5, 0.5)
    movies[1] = movie(bools("11"), [1, 0], name="b")
    result = evaluate(movies)
    assert (result["Precision"], result["Recall"]) == (1.0, 0.75)
    assert result["F1"] == pytest.approx((1 + 2 / 3) / 2)


def test_a_short_movie_weighs_as_much_as_a_long_one():
    movies = [movie(bools("1"), [1.0], name="short"), movie(bools("1" + "0" * 999), np.zeros(1000), name="long")]
    assert evaluate(movies)["Recall"] == 0.5


def test_a_prediction_at_the_threshold_is_a_boundary():
    item = movie(bools("10"), [0.5, 0.4])
    assert evaluate([item], 0.5)["Recall"] == 1
    assert evaluate([item], np.nextafter(0.5, 1))["Recall"] == 0


def test_single_precision_predictions_are_compared_in_single_precision():
    # float32(0.7) is below 0.7 in double precision
    item = movie(bools("1"), np.array([0.7], np.float32))
    assert evaluate([item], 0.7)["Recall"] == 1
    assert evaluate([item], 1e300)["Recall"] == 0


def test_a_movie_holds_double_precision_and_single_precision_is_below_a_decimal_threshold():
    item = Movie("tt1", {}, boundaries=bools("1"), predictions=np.array([0.7], np.float32))
    assert evaluate([item], 0.7)["Recall"] == 0
    assert evaluate([item], choose_threshold([item]))["Recall"] == 1


def test_without_end_frames_each_shot_is_one_frame():
    item = movie(bools("0100"), [0.6, 0.9, 0.1, 0.2])
    framed = movie(bools("0100"), [0.6, 0.9, 0.1, 0.2], [0, 1, 2, 3, 4])
    assert evaluate([item])["Miou"] == evaluate([framed])["Miou"]


def test_the_first_scene_begins_at_frame_0_wherever_the_first_shot_ends():
    # true: 0-99 and 100-109; predicted: 0-109
    assert evaluate([movie(bools("1"), [0.0], [99, 109])])["Miou"] == pytest.approx((100 / 110 + (100 + 10) / 220) / 2)


def test_a_scene_without_a_frame_is_left_out():
    ends = [9, 9, 19]
    assert evaluate([movie(bools("11"), [1, 1], ends)])["Miou"] == 1
    assert evaluate([movie(bools("11"), [1, 0], ends)])["Miou"] == 1


def test_a_perfect_prediction_scores_1():
    movies = random_movies(20, seed=3)
    for item in movies:
        item.boundaries[0] = True
        item.predictions = item.boundaries.astype(float)
    result = evaluate(movies)
    assert [result[name] for name in SCORES] == [1.0] * 6


def test_nothing_predicted_has_precision_0():
    result = evaluate([movie(bools("010"), [0.1, 0.2, 0.3])])
    assert (result["Precision"], result["Recall"], result["F1"]) == (0, 0, 0)
    assert result["AP"] == 0.5


def test_without_true_boundaries_all_is_0_but_miou():
    result = evaluate([movie(bools("000"), [0.1, 0.2, 0.3])])
    assert [result[name] for name in SCORES] == [0, 0, 1, 0, 0, 0]
    result = evaluate([movie(bools("000"), [0.1, 0.2, 0.9])])
    assert [result[name] for name in SCORES] == [0, 0, pytest.approx((0.75 + (0.75 + 0.25) / 2) / 2), 0, 0, 0]


def test_a_movie_of_one_shot_counts():
    single = movie(bools(""), [], name="one")
    result = evaluate([single, movie(bools("1"), [1.0], name="two")])
    assert [result[name] for name in SCORES] == [1, 0.5, 1, 0.5, 0.5, 0.5]
    assert [evaluate([single])[name] for name in SCORES] == [0, 0, 1, 0, 0, 0]
    assert baselines([single]).loc["random"].tolist() == [0, 0, 1, 0, 0, 0]


def test_the_table_of_movies_holds_each_ones_scores_in_their_order():
    movies = random_movies(6, seed=2)[::-1]
    result = evaluate(iter(movies))
    table = result["per_movie"]
    assert table.index.tolist() == [item.imdb_id for item in movies]
    assert table.index.name == "imdb_id"
    for item in movies:
        alone = evaluate([item])
        row = table.loc[item.imdb_id]
        for name in ("AP", "Miou", "Precision", "Recall", "F1"):
            assert row[name] == alone[name]
        assert row.shots == len(item.shot_end_frame)
        assert row.boundaries == item.boundaries.sum()
        assert row.predicted == (item.predictions >= 0.5).sum()


def test_predictions_of_whole_numbers_and_bools_are_numbers():
    expected = evaluate([movie(bools("101"), [1.0, 0.0, 0.0])])
    for predicted in ([1, 0, 0], [True, False, False], np.array([1, 0, 0], np.uint8)):
        result = evaluate([movie([1, 0, 1], predicted)])
        assert [result[name] for name in SCORES] == [expected[name] for name in SCORES]


def test_a_movie_as_it_travels_is_scored():
    plain = movie(bools("0100"), [0.6, 0.9, 0.1, 0.2], [9, 19, 29, 39, 49])
    features = {"place": np.zeros((5, 3), np.float32)}
    real = Movie("tt1", features, plain.boundaries, np.array(plain.shot_end_frame), np.array(plain.predictions))
    scores, expected = evaluate([real]), evaluate([plain])
    assert scores.pop("per_movie").equals(expected.pop("per_movie"))
    assert scores == expected
    assert boundary_scores(real.predictions >= 0.5, real.boundaries, tolerance=0)["F1"] == expected["F1"]


def test_movies_are_not_changed():
    movies = random_movies(3)
    before = [(item.boundaries.copy(), item.predictions.copy(), item.shot_end_frame.copy()) for item in movies]
    score_table(movies, n=5)
    choose_threshold(movies)
    for item, arrays in zip(movies, before, strict=True):
        for now, then in zip((item.boundaries, item.predictions, item.shot_end_frame), arrays, strict=True):
            assert np.array_equal(now, then)


# properties


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10**6), st.sampled_from([np.float32, np.float64]))
def test_scores_are_shares_and_a_rising_map_of_predictions_keeps_ap(seed, dtype):
    movies = random_movies(4, seed=seed, dtype=dtype)
    result = evaluate(movies)
    assert all(0 <= result[name] <= 1 for name in SCORES)
    raised = [movie(m.boundaries, m.predictions**3 * 8 - 2, m.shot_end_frame, m.imdb_id) for m in movies]
    assert [evaluate(raised)[name] for name in ("AP", "mAP")] == [result[name] for name in ("AP", "mAP")]
    backwards = evaluate(movies[::-1])
    assert [backwards[name] for name in SCORES] == pytest.approx([result[name] for name in SCORES], abs=1e-12)


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10**6))
def test_miou_is_the_same_with_truth_and_prediction_swapped(seed):
    item = random_movie(np.random.default_rng(seed), 30)
    told = item.predictions >= 0.5
    swapped = movie(told, item.boundaries.astype(float), item.shot_end_frame)
    straight = movie(item.boundaries, told, item.shot_end_frame)
    assert evaluate([swapped])["Miou"] == pytest.approx(evaluate([straight])["Miou"], abs=1e-12)


# the chosen threshold


@pytest.mark.parametrize("metric", ["Miou", "F1"])
def test_the_chosen_threshold_is_the_best_and_highest_of_the_predictions(metric):
    movies = random_movies(5, seed=7, steps=9, dtype=np.float32)
    values = np.unique(np.concatenate([item.predictions for item in movies]))[::-1]
    scores = [evaluate(movies, float(value))[metric] for value in values]
    assert choose_threshold(movies, metric) == values[int(np.argmax(scores))]


def test_of_thresholds_that_score_alike_the_highest_is_chosen():
    assert choose_threshold([movie(bools("000"), [0.2, 0.9, 0.4])], "F1") == 0.9
    # one right of one told, of two true; or two right of four told: 2/3 both
    assert choose_threshold([movie(bools("1001"), [0.8, 0.3, 0.3, 0.3])], "F1") == 0.8


def test_a_threshold_is_found_where_all_predictions_are_small():
    rng = np.random.default_rng(1)
    true = rng.random(5000) < 0.08
    predicted = np.where(true, 0.002, 0.001) + rng.random(5000) * 1e-4
    item = movie(true, predicted)
    threshold = choose_threshold([item], "F1")
    # within one step of 1/16 of the number told
    assert evaluate([item], threshold)["F1"] > 0.96


# errors


def test_options_out_of_range_are_errors():
    movies = [movie([True], [0.5])]
    with pytest.raises(ParameterError, match="threshold must be a finite number; got nan"):
        evaluate(movies, np.nan)
    with pytest.raises(ParameterError, match="threshold must be a finite number; got 'high'"):
        bootstrap(movies, "high")
    with pytest.raises(
        ParameterError, match="level must be a finite number above 0 and below 1; got 95. Usual is 0.95"
    ):
        bootstrap(movies, level=95)
    with pytest.raises(ParameterError, match="level must be a finite number above 0 and below 1; got 0"):
        bootstrap(movies, level=0)
    with pytest.raises(ParameterError, match="n must be a whole number of at least 1; got 0"):
        bootstrap(movies, n=0)
    with pytest.raises(ParameterError, match="seed must be a whole number of at least 0; got None"):
        bootstrap(movies, seed=None)
    with pytest.raises(ParameterError, match="seed must be a whole number of at least 0; got -1"):
        baselines(movies, seed=-1)
    with pytest.raises(ParameterError, match="draws must be a whole number of at least 1; got 0"):
        baselines(movies, draws=0)
    with pytest.raises(ParameterError, match="metric must be one of 'Miou', 'F1'; got 'mAP'"):
        choose_threshold(movies, "mAP")
    with pytest.raises(ParameterError, match="movies must have at least two shots"):
        choose_threshold([movie([], [])])


def test_importing_the_scores_loads_no_heavy_library():
    heavy = "torch", "keras", "sklearn", "matplotlib", "cv2"
    program = f"import sys, toolkit.metrics; sys.exit(' '.join(n for n in {heavy} if n in sys.modules))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.stderr.strip() == ""


@given(st.integers(0, 2**32 - 1), st.integers(1, 4))
@settings(max_examples=40)
def test_the_curve_has_the_precision_and_recall_of_each_threshold(seed, n):
    movies = random_movies(n, seed, longest=25)
    curve = precision_recall_curve(movies)
    true = np.concatenate([item.boundaries for item in movies]).tolist()
    predicted = np.concatenate([item.predictions for item in movies])
    assert curve["threshold"].tolist() == sorted(set(predicted.tolist()), reverse=True)
    for row in curve.itertuples():
        told = (predicted >= row.threshold).tolist()
        precision, recall = naive_precision_recall(true, told)
        assert (row.predicted, row.precision, row.recall) == (sum(told), precision, recall)
        both = precision + recall
        assert pytest.approx(2 * precision * recall / both if both else 0, abs=1e-12) == row.F1
    # the area under it in steps
    steps = np.diff(curve["recall"], prepend=0)
    assert (steps * curve["precision"]).sum() == pytest.approx(evaluate(movies)["AP"], abs=1e-12)


def test_the_curve_of_a_movie_of_one_shot_has_no_row():
    curve = precision_recall_curve([movie(bools(""), np.empty(0))])
    assert len(curve) == 0
    assert list(curve.columns) == ["threshold", "predicted", "precision", "recall", "F1"]
    with pytest.raises(ParameterError, match="at least one movie"):
        precision_recall_curve([])


def test_the_curve_by_hand():
    curve = precision_recall_curve([movie(bools("1010"), np.array([0.9, 0.9, 0.5, 0.1]))])
    assert curve["predicted"].tolist() == [2, 3, 4]
    np.testing.assert_allclose(curve["precision"], [1 / 2, 2 / 3, 1 / 2])
    np.testing.assert_allclose(curve["recall"], [1 / 2, 1, 1])
    np.testing.assert_allclose(curve["F1"], [1 / 2, 4 / 5, 2 / 3])
