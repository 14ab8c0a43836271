"""Films kept out, and training."""

import itertools
import random

import numpy as np
import pytest
from discs import discs, keras_warns
from hypothesis import given
from hypothesis import strategies as st

from toolkit import ParameterError, closeups
from toolkit.closeups import labels as closeup_labels
from toolkit.closeups import network, training

# what the network sees


def test_a_varied_picture_is_another_of_the_same_scale():
    picture = network.stretch(closeup_labels.shrink(discs(1, 3)[0]))[0]
    varied = np.stack([training.vary(picture, np.random.default_rng(seed)) for seed in range(40)])
    assert varied.dtype == np.float32
    assert varied.min() >= 0
    assert varied.max() <= 1
    assert len(np.unique(varied.mean(axis=(1, 2)))) == 40
    again = training.vary(picture, np.random.default_rng(7))
    assert np.array_equal(again, varied[7])


def test_a_picture_is_mirrored_about_its_middle():
    class Chance:
        uniform = staticmethod(lambda low, high, size=None: (low + high) / 2 if size is None else np.zeros(size))
        normal = None

        def __init__(self, value):
            self.random = lambda: value

    picture = np.random.default_rng(0).random((128, 128)).astype(np.float32)
    same = training.vary(picture, Chance(0.9))
    mirrored = training.vary(picture, Chance(0.4))
    assert same == pytest.approx(picture, abs=1e-6)
    assert mirrored == pytest.approx(picture[:, ::-1], abs=1e-6)


# films kept out


@given(
    st.lists(st.tuples(st.integers(0, 5), st.booleans()), min_size=8, max_size=60),
    st.integers(0, 99),
    st.floats(0.05, 0.9),
)
def test_films_are_kept_out_whole_and_both_sides_have_both_classes(frames, seed, share):
    films, labels = [film for film, _ in frames], [label for _, label in frames]
    try:
        kept_out = closeups.validation_split(labels, films=films, validation=share, seed=seed)
    except ParameterError:
        # what no choice of films can do
        def fits(chosen):
            inside = {label for film, label in frames if film in chosen}
            return len(inside) == 2 and len({label for film, label in frames if film not in chosen}) == 2

        every = set(films)
        assert not any(fits(chosen) for n in range(1, len(every)) for chosen in itertools.combinations(every, n))
        return
    assert kept_out.shape == (len(frames),)
    for side in (kept_out, ~kept_out):
        assert {label for label, here in zip(labels, side, strict=True) if here} == {True, False}
    assert not {film for film, out in zip(films, kept_out, strict=True) if out} & {
        film for film, out in zip(films, kept_out, strict=True) if not out
    }


def test_the_share_kept_out_is_the_nearest_of_whole_films():
    labels = np.tile([0, 1], 50)
    films = np.repeat(["a", "b", "c", "d"], [60, 20, 10, 10])
    assert closeups.validation_split(labels, films=films, validation=0.2).sum() == 20
    assert closeups.validation_split(labels, films=films, validation=0.9).sum() == 90


def test_films_can_be_kept_out_by_name():
    labels, films = [0, 1, 0, 1, 1, 0], ["a", "a", "b", "b", "c", "c"]
    kept_out = closeups.validation_split(labels, films=films, validation=["c", "a"])
    assert kept_out.tolist() == [True, True, False, False, True, True]
    numbered = closeups.validation_split(labels, films=[1, 1, 2, 2, 3, 3], validation=[2])
    assert numbered.tolist() == [False, False, True, True, False, False]


@pytest.mark.parametrize(
    ("labels", "films", "validation", "message"),
    [
        ([0, 1, 0, 1], "aaaa", 0.25, "films must be the film's name for each of the 4 frames; got shape"),
        ([0, 1, 0, 1], list("aab"), 0.25, r"film's name for each of the 4 frames; got shape \(3,\)"),
        ([0, 1, 0, 1], None, 0.25, "films must be the film's name for each"),
        (
            [0, 1, 0, 1],
            [["a"], ["a", "b"], "b", "b"],
            0.25,
            "film's name for each of the 4 frames; got rows of different lengths",
        ),
        ([0, 1, 0, 1], ["a", "b", None, "a"], 0.25, "film's name for each of the 4 frames; got none at 2"),
        ([0, 1, 0, 1], list("aaaa"), 0.25, r"at least two films.*all frames are of 'a'.*stretches=8"),
        ([0, 0, 1, 1], list("aabb"), 0.25, "no films can be kept out so that both"),
        ([0, 1, 0, 1], list("aabb"), 1, "validation must be .* above 0 and below 1; got 1. Or give the names of films"),
        ([0, 1, 0, 1], list("aabb"), 0, "validation must be a finite number above 0"),
        ([0, 1, 0, 1], list("aabb"), "b", "validation must be a finite number above 0"),
        ([0, 1, 0, 1], list("aabb"), ["x"], "validation must name films of a, b; got 'x'"),
        ([0, 1, 0, 1], list("aabb"), [["a"], ["a", "b"]], "validation must name films of a, b; got "),
        ([0, 1, 0, 1], list("aabb"), [], "validation must name films of a, b; got 'no name'"),
        ([0, 1, 0, 1], list("aabb"), ["a", "b"], r"the films to keep out \(a, b\).*must each have frames"),
    ],
)
def test_a_split_that_cannot_be_by_film_is_refused(labels, films, validation, message):
    with pytest.raises(ParameterError, match=message):
        closeups.validation_split(labels, films=films, validation=validation)


# training and prediction


def test_a_trained_network_tells_what_it_was_shown_in_a_film_it_was_not_trained_on(trained):
    images, labels, _ = discs(1, 60, seed=9)
    found = closeups.predict(trained, images, progress=False)
    assert found.dtype == np.float64
    assert found.shape == (60,)
    assert ((found > 0.5) == labels).mean() >= 0.95
    assert list(trained.history.history) == ["accuracy", "loss", "recall", "val_accuracy", "val_loss", "val_recall"]


def test_the_same_seed_trains_the_same_network():
    images, labels, films = discs(3, 9)
    before = random.getstate()
    found = [
        closeups.predict(
            closeups.train(images, labels, films=films, epochs=2, batch_size=8, seed=seed, progress=False),
            images,
            progress=False,
        )
        for seed in (3, 3, 4)
    ]
    assert np.array_equal(found[0], found[1])
    assert not np.array_equal(found[0], found[2])
    assert random.getstate() == before


def test_the_network_is_given_back_as_it_was_when_best():
    images, labels, films = discs(4, 9)
    model = closeups.train(images, labels, films=films, epochs=8, patience=2, batch_size=8, seed=1, progress=False)
    kept_out = closeups.validation_split(labels, films=films, seed=1)
    pictures = network.stretch(closeup_labels.shrink(images[kept_out]))[..., None]
    loss = model.evaluate(
        pictures,
        labels[kept_out].astype(np.float32)[:, None],
        sample_weight=training._balanced(labels[kept_out]),
        verbose=0,
        return_dict=True,
    )["loss"]
    assert loss == pytest.approx(min(model.history.history["val_loss"]), rel=1e-4)


def test_few_frames_are_shown_as_often_as_each_other_in_each_epoch():
    labels = np.arange(10) < 4
    pictures = np.arange(10, dtype=np.float32)[:, None, None] * np.ones((1, 2, 2), np.float32)
    shown = training._shown_frames(pictures, labels, np.ones(10), 7, False, 3)
    assert len(shown) == 20
    numbers = np.concatenate([shown[index][0][:, 0, 0, 0] for index in range(20)])
    assert np.bincount(numbers.astype(int)).tolist() == [14] * 10
    assert all(len(set(numbers[turn * 10 : turn * 10 + 10])) == 10 for turn in range(14))
    assert np.array_equal(shown[3][1][:, 0], labels[shown[3][0][:, 0, 0, 0].astype(int)])
    shown.on_epoch_end()
    assert not np.array_equal(np.concatenate([shown[index][0][:, 0, 0, 0] for index in range(20)]), numbers)


def test_each_frame_is_shown_once_where_there_are_many():
    pictures = np.arange(500, dtype=np.float32)[:, None, None] * np.ones((1, 2, 2), np.float32)
    shown = training._shown_frames(pictures, np.ones(500, bool), np.ones(500), 20, False, 0)
    assert sorted(np.concatenate([shown[index][0][:, 0, 0, 0] for index in range(len(shown))])) == list(range(500))


def test_both_classes_weigh_the_same():
    labels = np.array([True, False, False, False])
    weights = training._balanced(labels)
    assert weights[labels].sum() == pytest.approx(weights[~labels].sum())
    assert weights.sum() == pytest.approx(4)


@keras_warns
def test_training_goes_on_from_a_network(trained):
    images, labels, films = discs(3, 9, seed=5)
    model = closeups.build_model()
    model.set_weights(trained.get_weights())
    tuned = closeups.train(images, labels, films=films, epochs=1, model=model, progress=False)
    assert tuned is model
    assert tuned.history.history["val_loss"][0] < 0.5


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"labels": [1] * 6}, "labels must hold both medium close-ups and other frames; got 6 and 0"),
        ({"labels": [0] * 6}, "got 0 and 6"),
        ({"labels": [0, 1, 0, 1, 0]}, r"labels must be True .*, one for each of the 6 images; got shape \(5,\)"),
        (
            {"labels": [0, 1, 0, np.nan, 0, 1]},
            "labels must be True or False, or 1 or 0, .*; got NaN at 3. Leave out frames without a label",
        ),
        (
            {"labels": [0, 1, 0, 0.7, 0, 1]},
            "labels must be True or False, or 1 or 0, .*; got 0.7 at 3. Leave out frames",
        ),
        ({"labels": [0, 1, 0, 1j, 0, 1]}, "labels must be True or False, or 1 or 0"),
        ({"labels": [0, [1], 0, 1, 0, 1]}, "labels must be True or False, or 1 or 0"),
        ({"labels": list("abcdef")}, "labels must be True or False, or 1 or 0"),
        ({"images": np.empty((0, 9, 9), np.uint8)}, "one for each of the 0 images"),
        ({"images": np.zeros((6, 9, 9), np.float32)}, r"got dtype float32. Were the pixels in \[0, 1\]"),
        ({"films": list("aaaaaa")}, "films must name at least two films"),
        ({"epochs": 0}, "epochs must be a whole number of at least 1"),
        ({"patience": 0}, "patience must be a whole number of at least 1"),
        ({"batch_size": 1.5}, "batch_size must be a whole number of at least 1"),
        ({"seed": -1}, "seed must be a whole number"),
        ({"seed": 2**28}, r"seed must be .* below 268,435,456; got 268435456. Any small number"),
        ({"seed": 2**70}, "Any small number will do"),
        ({"films": [["a"], *"abbcc"]}, "film's name for each of the 6 frames; got rows of different lengths"),
        ({"model": "m.keras"}, "model must be one of build_model or train"),
    ],
)
def test_what_cannot_be_trained_on_is_refused(change, message):
    given = {"images": np.zeros((6, 9, 9), np.uint8), "labels": [0, 1, 0, 1, 0, 1], "films": list("aabbcc"), **change}
    with pytest.raises(ParameterError, match=message):
        closeups.train(given.pop("images"), given.pop("labels"), **given, progress=False)
