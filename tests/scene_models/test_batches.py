from dataclasses import replace

import numpy as np
import pytest
from scene_movies import SMALL, noisy_movie

from toolkit import scenes
from toolkit.scene_models import batches, build_wavenet

# keras's conversion of a torch tensor to an array, which numpy wants otherwise
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")


def segments(movies, batch_size, weight=1.0, *, augment=False):
    model = build_wavenet(movies, **SMALL)
    return batches.segments(movies, batches.compare(model, movies), batch_size, weight, augment, 0)


def numbered(*lengths):
    """Return movies of so many shots, and what was compared in them: the shots' numbers."""
    movies = [noisy_movie(str(n), n) for n in lengths]
    first = np.cumsum([0, *lengths])
    compared = [
        {
            "shots": np.ones((n, 1), np.float32),
            "known": np.ones((n, 2), np.float32),
            "content": 1.0 + first[i] + np.arange(n, dtype=np.float32)[:, None].repeat(4, axis=1),
            "distances": np.ones((n, 6), np.float32),
        }
        for i, n in enumerate(lengths)
    ]
    return movies, compared


def test_padding_counts_nowhere_in_training():
    given, true, weights = segments([noisy_movie("long", 200), noisy_movie("short", 20)], 2, 3.0)[0]
    assert given["shots"].shape == (2, 200, 1)
    short = int(given["shots"].sum(axis=(1, 2)).argmin())
    assert (weights[short, :19] >= 1).all()
    # nor does the place after the last shot
    assert (weights[short, 19:] == 0).all()
    assert not true[short, 19:].any()
    assert np.array_equal(weights == 3, true[..., 0] == 1)


def test_movies_compared_at_once_are_as_compared_alone(monkeypatch):
    movies = [noisy_movie(str(n), n) for n in (30, 1, 200, 45, 60)]
    model = build_wavenet(movies, **SMALL)
    alone = [batches.compare(model, [movie])[0] for movie in movies]
    monkeypatch.setattr(batches, "SHOTS_AT_ONCE", 130)
    for movie, one, several in zip(movies, alone, batches.compare(model, movies), strict=True):
        for name, values in one.items():
            assert len(values) == movie.n_shots
            np.testing.assert_allclose(several[name], values, atol=1e-4)


def test_a_modality_left_out_is_as_if_the_movie_had_none(monkeypatch):
    monkeypatch.setattr(batches, "MODALITY_DROPOUT", 0.5)
    whole = noisy_movie("whole", 60)
    whole = replace(whole, features={"place": whole.features["place"], "cast": whole.features["place"][::-1].copy()})
    model = build_wavenet([whole], **SMALL)
    seen = set()
    for index in range(12):
        shown = batches.segments([whole], batches.compare(model, [whole]), 1, 1.0, True, index)
        given = {name: values[0] for name, values in shown[0][0].items()}
        kept = given["known"].any(axis=0)
        features = {name: values for name, values in whole.features.items() if kept[list(whole.features).index(name)]}
        seen.add(tuple(kept))
        if features:
            expected = batches.compare(model, [replace(whole, features=features)])[0]
            for name, values in expected.items():
                np.testing.assert_allclose(given[name], values, atol=1e-4)
        else:
            assert not given["distances"].any()
            assert not given["content"].any()
    assert len(seen) == 4


def _seen(shown, first, last):
    given = [shown[index][0] for index in range(first, last)]
    return np.sort(np.concatenate([part["content"][part["shots"][..., 0] == 1] for part in given])[:, 0])


def test_stretches_hold_each_shot_once_an_epoch():
    shown = batches.segments(*numbered(250 * 20, 2), 1, 1.0, False, 0)
    assert len(shown) == 21
    for _ in range(3):
        assert np.array_equal(_seen(shown, 0, len(shown)), np.arange(1, 5003))
        shown.on_epoch_end()


def test_few_movies_are_gone_through_several_times_an_epoch(monkeypatch):
    monkeypatch.setattr(batches, "MIN_BATCHES", 8)
    shown = batches.segments(*numbered(600, 2), 3, 1.0, False, 0)
    # four stretches: four batches of three are three times all of them
    assert len(shown) == 8
    wanted = np.repeat(np.arange(1, 603), 3)
    assert np.array_equal(_seen(shown, 0, 4), wanted)
    assert np.array_equal(_seen(shown, 4, 8), wanted)


def test_a_published_network_is_given_3100_shots_of_which_padding_counts():
    movies = [noisy_movie("only")]
    model = build_wavenet(movies, published=True, num_layers=1, num_blocks=1)
    given, true = batches.padded_movies(model, movies, 4, 0)[0]
    X, y, _ = scenes.pad_movies(movies, length=3100)
    assert np.array_equal(np.concatenate(list(given.values()), axis=2), X)
    assert np.array_equal(true[..., 0], y)
