"""What chance gets, and intervals of scores."""

import numpy as np
import pytest
from judged_movies import bools, movie, random_movies

from toolkit.metrics import (
    SCORES,
    baselines,
    bootstrap,
    evaluate,
    score_table,
)


def test_no_boundary_at_all_scores_the_rate_of_boundaries_as_ap_and_nothing_else_but_miou():
    movies = random_movies(8, seed=4)
    table = baselines(movies)
    row = table.loc["all negative"]
    pooled = np.concatenate([item.boundaries for item in movies])
    assert row["AP"] == pytest.approx(pooled.mean())
    assert row.mAP == pytest.approx(np.mean([item.boundaries.mean() for item in movies]))
    assert row[["Precision", "Recall", "F1"]].tolist() == [0, 0, 0]
    silent = [movie(m.boundaries, np.zeros(len(m.boundaries)), m.shot_end_frame, m.imdb_id) for m in movies]
    assert row.Miou == evaluate(silent)["Miou"]
    assert table.columns.tolist() == list(SCORES)


def test_random_predictions_tell_about_as_many_boundaries_as_there_are_and_are_right_at_their_rate():
    rng = np.random.default_rng(0)
    movies = [movie(rng.random(2000) < 0.1, name=f"tt{i}") for i in range(10)]
    row = baselines(movies, seed=1).loc["random"]
    # 200,000 places are drawn, of which 20,000 are told: four standard errors are 0.009
    assert row[["AP", "mAP", "Precision", "Recall", "F1"]].tolist() == pytest.approx([0.1] * 5, abs=0.01)


def test_the_seed_decides_what_is_drawn():
    movies = random_movies(6)
    assert baselines(movies, seed=3).equals(baselines(movies, seed=3))
    assert not baselines(movies, seed=3).equals(baselines(movies, seed=4))
    assert bootstrap(movies, n=20, seed=3).equals(bootstrap(movies, n=20, seed=3))
    assert not bootstrap(movies, n=20, seed=3).equals(bootstrap(movies, n=20, seed=4))


def test_intervals_are_quantiles_of_the_scores_of_movies_drawn_anew():
    movies = random_movies(5, seed=8)
    # as documented: drawn with replacement, each draw scored as movies of their own
    drawn = np.random.default_rng(2).integers(0, 5, (40, 5))
    scores = []
    for chosen in drawn:
        some = [
            movie(movies[i].boundaries, movies[i].predictions, movies[i].shot_end_frame, f"{k}")
            for k, i in enumerate(chosen)
        ]
        scores.append([evaluate(some, 0.4)[name] for name in SCORES])
    table = bootstrap(movies, 0.4, n=40, level=0.8, seed=2)
    low, high = np.quantile(scores, [0.1, 0.9], axis=0)
    assert table.low.tolist() == pytest.approx(low.tolist(), abs=1e-12)
    assert table.high.tolist() == pytest.approx(high.tolist(), abs=1e-12)
    result = evaluate(movies, 0.4)
    assert table.score.tolist() == [result[name] for name in SCORES]
    assert table.index.tolist() == list(SCORES)


def test_a_single_movies_interval_has_no_width():
    table = bootstrap(random_movies(1, seed=1), n=10)
    assert table.low.tolist() == pytest.approx(table.score.tolist())
    assert table.high.tolist() == pytest.approx(table.score.tolist())


def test_movies_without_boundaries_may_be_all_that_is_drawn():
    movies = [movie(bools("000"), [0.1, 0.2, 0.3], name="a"), movie(bools("100"), [0.9, 0.2, 0.3], name="b")]
    table = bootstrap(movies, n=50)
    assert table.loc["AP", ["low", "high"]].tolist() == [0, 1]


def test_the_score_table_sets_guessing_beside_each_score():
    movies = random_movies(5)
    table = score_table(iter(movies), 0.4, n=20, seed=6)
    assert table.columns.tolist() == ["score", "low", "high", "random", "all negative"]
    assert table[["score", "low", "high"]].equals(bootstrap(movies, 0.4, n=20, seed=6))
    assert table[["random", "all negative"]].equals(baselines(movies, seed=6).T)
