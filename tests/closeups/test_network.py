import itertools
import json
import random
import zipfile

import cv2
import h5py
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from toolkit import DataError, ParameterError, closeups, networks
from toolkit.closeups import labels as closeup_labels
from toolkit.closeups import network, training
from toolkit.networks import import_keras
from toolkit.records import Frames

# where a test calls keras itself: its conversion of torch's tensors to arrays, which numpy wants otherwise
keras_warns = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")


def _disc(radius, rng, size=64):
    """Return a gray picture of a bright disc on a dark ground, with grain."""
    picture = np.full((size, size), 60.0, np.float32)
    centre = rng.integers(size * 3 // 8, size * 5 // 8, 2)
    cv2.circle(picture, [int(side) for side in centre], radius, float(rng.uniform(150, 230)), -1)
    return np.clip(picture + rng.normal(0, 5, picture.shape), 0, 255).astype(np.uint8)


def _discs(films, each, seed=0):
    """Return pictures of large discs (labelled 1) and small ones, and which film each is of."""
    rng = np.random.default_rng(seed)
    labels = np.tile([True, False, False], films * each // 3 + 1)[: films * each]
    images = np.stack([_disc(rng.integers(15, 22) if large else rng.integers(4, 8), rng) for large in labels])
    return images, labels, np.repeat([f"film {number}" for number in range(films)], each)


@pytest.fixture(scope="module")
def trained():
    images, labels, films = _discs(4, 24)
    return closeups.train(images, labels, films=films, epochs=5, batch_size=16, progress=False)


# what the network sees


def test_what_the_network_sees_is_the_luma_of_128_by_128():
    images = np.zeros((3, 256, 512, 3), np.uint8)
    images[0, ..., 0] = images[1, ..., 1] = images[2, ..., 2] = 255
    seen = closeup_labels.shrink(images)
    assert seen.shape == (3, 128, 128)
    assert seen.dtype == np.uint8
    assert (seen == np.reshape([76, 150, 29], (3, 1, 1))).all()


def test_a_picture_is_shrunk_by_averaging_areas():
    gray = np.arange(256 * 256, dtype=np.uint32).reshape(256, 256).astype(np.uint8)
    means = gray.reshape(128, 2, 128, 2).mean(axis=(1, 3))
    assert np.abs(closeup_labels.shrink(gray[None])[0] - means).max() <= 0.5


def test_gray_of_128_by_128_is_taken_as_it_is():
    gray = np.random.default_rng(0).integers(0, 256, (2, 128, 128), np.uint8)
    assert np.array_equal(closeup_labels.shrink(gray), gray)


def test_a_tiny_picture_is_enlarged():
    assert (closeup_labels.shrink(np.full((1, 1, 2), 7, np.uint8)) == 7).all()


def test_dark_and_faded_film_look_like_film_of_full_contrast():
    rng = np.random.default_rng(0)
    full = rng.integers(0, 256, (1, 128, 128))
    dark, faded = (full // 4).astype(np.uint8), (100 + full // 3).astype(np.uint8)
    seen = [network.stretch(gray) for gray in (full.astype(np.uint8), dark, faded)]
    # levels that were rounded to a quarter or a third of the scale
    assert np.abs(seen[0] - seen[1]).max() < 4 / 255 + 0.01
    assert np.abs(seen[0] - seen[2]).max() < 4 / 255 + 0.01
    assert seen[0].dtype == np.float32
    assert seen[0].min() == 0
    assert seen[0].max() == 1


def test_contrast_is_stretched_eightfold_at_most():
    gray = np.full((1, 128, 128), 20, np.uint8)
    gray[:, ::2] = 22
    assert np.unique(network.stretch(gray)) == pytest.approx([0, 2 * 8 / 255])
    assert (network.stretch(np.zeros((1, 128, 128), np.uint8)) == 0).all()


def test_black_bars_do_not_decide_the_contrast():
    gray = np.random.default_rng(0).integers(100, 140, (1, 128, 128), np.uint8)
    barred = gray.copy()
    barred[:, :16] = barred[:, -16:] = 0
    assert np.array_equal(network.stretch(barred)[:, 16:-16], network.stretch(gray)[:, 16:-16])


def test_no_picture_gives_none():
    assert network.stretch(closeup_labels.shrink(np.empty((0, 9, 9, 3), np.uint8))).shape == (0, 128, 128)


def test_a_varied_picture_is_another_of_the_same_scale():
    picture = network.stretch(closeup_labels.shrink(_discs(1, 3)[0]))[0]
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


# labels


def _write_picture(path, level=90, size=(40, 30)):
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("RGB", size, (level, level, level)).save(path)


def test_labels_are_read_from_two_folders(tmp_path):
    for number in (2, 10):
        _write_picture(tmp_path / "close_up" / f"A_frame{number}.jpg", 50 + number)
    _write_picture(tmp_path / "other" / "B_frame0.png", 200)
    (tmp_path / "other" / "notes.txt").write_text("not a picture")
    images, labels, films = closeups.read_labels(tmp_path)
    assert images.shape == (3, 128, 128)
    assert images[:, 0, 0].tolist() == [52, 60, 200]
    assert labels.tolist() == [True, True, False]
    assert films.tolist() == ["A", "A", "B"]


@pytest.mark.parametrize(
    "text",
    [
        "film,file,label\nA,p/A_frame1.jpg,1\nB,p/B_frame0.jpg,0\n",
        "\ufefffilm;file;label\r\nA;p\\A_frame1.jpg;TRUE\r\n\r\nB;p/B_frame0.jpg;no\r\n",
        "time\tlabel\tfile\tfilm\n0\t1.0\tp/A_frame1.jpg\t\n2\tfalse\tp/B_frame0.jpg\t\n9\t\tp/B_frame7.jpg\tB\n",
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_labels_are_read_from_a_table_as_spreadsheets_save_it(tmp_path, text, encoding):
    _write_picture(tmp_path / "p" / "A_frame1.jpg", 60)
    _write_picture(tmp_path / "p" / "B_frame0.jpg", 160)
    (tmp_path / "labels.csv").write_bytes(text.encode(encoding))
    images, labels, films = closeups.read_labels(tmp_path / "labels.csv")
    assert images[:, 0, 0].tolist() == [60, 160]
    assert labels.tolist() == [True, False]
    assert films.tolist() == ["A", "B"]


def test_stretches_of_a_film_follow_one_another(tmp_path):
    lines = ["film,file,label"]
    for number in (30, 4, 12, 8, 100, 2, 55):
        _write_picture(tmp_path / f"A_frame{number}.png", number)
        lines.append(f"A,A_frame{number}.png,{number % 4 // 2}")
    (tmp_path / "labels.csv").write_text("\n".join(lines))
    images, _, films = closeups.read_labels(tmp_path / "labels.csv", stretches=3)
    found = dict(zip(images[:, 0, 0].tolist(), films.tolist(), strict=True))
    assert [number for number, _ in sorted(found.items())] == [2, 4, 8, 12, 30, 55, 100]
    assert [name for _, name in sorted(found.items())] == ["A 1/3"] * 3 + ["A 2/3"] * 2 + ["A 3/3"] * 2


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "is empty; expected"),
        ("file,label\nx.jpg,1\n", "lacks the column film"),
        ("film,file,label,film\nA,x.jpg,1,A\n", "must name each column once"),
        ("film,file,label\nA,x.jpg,2\n", "0 or 1 in the column label; got '2' in row 2"),
        ("film,file,label\nA,x.jpg,nan\n", "got 'nan' in row 2"),
        ("film,file,label\nA,,1\n", "must name a file in each row; got none in row 2"),
        ("film,file,label\nA,there.jpg,1\nA,gone.jpg,1\n", "names 1 pictures that are not there, the first .*gone.jpg"),
        (
            f"film,file,label\nA,{'x' * 5000}.jpg,1\n",
            r"names 1 pictures that are not there, the first .*xx\.\.\.; file must",
        ),
        ("film,file,label\nA,x\x01.jpg,1\n", "names 1 pictures that are not there"),
        ("film,file,label\n,there.jpg,1\n", "there.jpg does not say which film it is of"),
        ("film,file,label\nA,broken.jpg,1\n", "broken.jpg cannot be read as a picture"),
    ],
)
def test_a_table_that_is_no_table_of_labels_is_refused(tmp_path, text, message):
    _write_picture(tmp_path / "there.jpg")
    (tmp_path / "broken.jpg").write_bytes(b"\xff\xd8\xff no picture")
    (tmp_path / "labels.csv").write_text(text)
    with pytest.raises(DataError, match=message):
        closeups.read_labels(tmp_path / "labels.csv")


def test_labels_that_are_not_there_are_refused(tmp_path):
    (tmp_path / "close_ups").mkdir()
    with pytest.raises(DataError, match="close_up and other, not close_ups; there is no close_up"):
        closeups.read_labels(tmp_path)
    with pytest.raises(ParameterError, match=f"^there is no file or folder {tmp_path / 'none.csv'}$"):
        closeups.read_labels(tmp_path / "none.csv")
    with pytest.raises(ParameterError, match="got int"):
        closeups.read_labels(3)
    for name in ("x" * 5000, "a\0b", "~no_such_user/x.csv"):
        with pytest.raises(ParameterError, match="there is no file or folder"):
            closeups.read_labels(name)
    with pytest.raises(ParameterError, match="stretches must be a whole number of at least 2"):
        closeups.read_labels(tmp_path, stretches=1)


def test_a_large_scan_is_read_without_a_warning(tmp_path, monkeypatch):
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 1000)
    _write_picture(tmp_path / "A_frame0.jpg", 60, (40, 30))
    _write_picture(tmp_path / "A_frame1.jpg", 60, (80, 30))
    (tmp_path / "labels.csv").write_text("film,file,label\nA,A_frame0.jpg,1\n")
    assert (closeups.read_labels(tmp_path / "labels.csv")[0] == 60).all()
    (tmp_path / "labels.csv").write_text("film,file,label\nA,A_frame1.jpg,1\n")
    with pytest.raises(DataError, match=r"A_frame1.jpg cannot be read as a picture .*exceeds limit"):
        closeups.read_labels(tmp_path / "labels.csv")


def test_a_path_from_the_current_folder_that_is_not_there_is_shown_whole(tmp_path, monkeypatch):
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    message = (
        f"no file or folder {tmp_path}/m.keras; ../m.keras was looked for from the current folder, {tmp_path}/here$"
    )
    for read in (networks.load_model, closeups.read_labels):
        with pytest.raises(ParameterError, match=message):
            read("../m.keras")


def test_a_picture_without_its_film_is_refused_so_that_frames_never_count_as_films(tmp_path):
    for name in ("close_up", "other"):
        _write_picture(tmp_path / name / "face.jpg")
    with pytest.raises(DataError, match="does not say which film it is of; name pictures <film>_frame<N>.jpg"):
        closeups.read_labels(tmp_path)


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
        ([0, 1, 0, 1], "aaaa", 0.25, "films must name the film of each of the 4 frames"),
        ([0, 1, 0, 1], list("aab"), 0.25, r"films must name the film of each of the 4 frames; got shape \(3,\)"),
        ([0, 1, 0, 1], None, 0.25, "films must name the film of each"),
        ([0, 1, 0, 1], [["a"], ["a", "b"], "b", "b"], 0.25, "one name each; got sequences of different lengths"),
        ([0, 1, 0, 1], ["a", "b", None, "a"], 0.25, "films must name the film of each frame; got none at 2"),
        ([0, 1, 0, 1], list("aaaa"), 0.25, r"at least two films.*all frames are of 'a'.*stretches=8"),
        ([0, 0, 1, 1], list("aabb"), 0.25, "no films can be kept out so that both"),
        ([0, 1, 0, 1], list("aabb"), 1, "validation must be a share of the frames below 1"),
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
    images, labels, _ = _discs(1, 60, seed=9)
    found = closeups.predict(trained, images, progress=False)
    assert found.dtype == np.float64
    assert found.shape == (60,)
    assert ((found > 0.5) == labels).mean() >= 0.95
    assert list(trained.history.history) == ["accuracy", "loss", "recall", "val_accuracy", "val_loss", "val_recall"]


def test_the_same_seed_trains_the_same_network():
    images, labels, films = _discs(3, 9)
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
    images, labels, films = _discs(4, 9)
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
    shown = training._shown_frames(import_keras(), pictures, labels, np.ones(10), 7, False, 3)
    assert len(shown) == 20
    numbers = np.concatenate([shown[index][0][:, 0, 0, 0] for index in range(20)])
    assert np.bincount(numbers.astype(int)).tolist() == [14] * 10
    assert all(len(set(numbers[turn * 10 : turn * 10 + 10])) == 10 for turn in range(14))
    assert np.array_equal(shown[3][1][:, 0], labels[shown[3][0][:, 0, 0, 0].astype(int)])
    shown.on_epoch_end()
    assert not np.array_equal(np.concatenate([shown[index][0][:, 0, 0, 0] for index in range(20)]), numbers)


def test_each_frame_is_shown_once_where_there_are_many():
    pictures = np.arange(500, dtype=np.float32)[:, None, None] * np.ones((1, 2, 2), np.float32)
    shown = training._shown_frames(import_keras(), pictures, np.ones(500, bool), np.ones(500), 20, False, 0)
    assert sorted(np.concatenate([shown[index][0][:, 0, 0, 0] for index in range(len(shown))])) == list(range(500))


def test_both_classes_weigh_the_same():
    labels = np.array([True, False, False, False])
    weights = training._balanced(labels)
    assert weights[labels].sum() == pytest.approx(weights[~labels].sum())
    assert weights.sum() == pytest.approx(4)


@keras_warns
def test_training_goes_on_from_a_network(trained):
    images, labels, films = _discs(3, 9, seed=5)
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
        ({"labels": [0, 1, 0, 1, 0]}, r"labels must be \(n,\), one for each of the 6 images; got shape \(5,\)"),
        ({"labels": [0, 1, 0, np.nan, 0, 1]}, "labels must be 0 or 1; got nan at 3"),
        ({"labels": [0, 1, 0, 0.7, 0, 1]}, "labels must be 0 or 1; got 0.7 at 3"),
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
        ({"seed": 2**28}, r"seed must be below 2 \*\* 28; got one of 29 bits"),
        ({"seed": 2**70}, "got one of 71 bits"),
        ({"films": [["a"], *"abbcc"]}, "films must name the film of each of the 6 frames, one name each"),
        ({"model": "m.keras"}, "model must be one of build_model or train"),
    ],
)
def test_what_cannot_be_trained_on_is_refused(change, message):
    given = {"images": np.zeros((6, 9, 9), np.uint8), "labels": [0, 1, 0, 1, 0, 1], "films": list("aabbcc"), **change}
    with pytest.raises(ParameterError, match=message):
        closeups.train(given.pop("images"), given.pop("labels"), **given, progress=False)


def test_probabilities_do_not_depend_on_how_frames_are_given(trained):
    gray = _discs(1, 9, seed=2)[0]
    images = np.repeat(gray[..., None], 3, axis=3)
    frames = Frames(images, np.arange(9.0))
    found = closeups.predict(trained, images, progress=False)
    for way in (gray, frames, iter([frames[:4], frames[4:]]), (frames[:1], images[1:]), closeup_labels.shrink(images)):
        # sums are made in another order in batches of other sizes
        assert closeups.predict(trained, way, batch_size=5, progress=False) == pytest.approx(found, abs=1e-5)
    assert closeups.predict(trained, images[:0], progress=False).shape == (0,)


def _mean_model(form, *, scale=None, units=1, activation="sigmoid"):
    """Return a model that gives the sigmoid of the mean of what it takes."""
    keras = import_keras()
    layers = [keras.layers.Input(form)]
    if scale:
        layers.append(keras.layers.Rescaling(scale))
    layers += [keras.layers.GlobalAveragePooling2D(), keras.layers.Dense(units, activation=activation)]
    model = keras.Sequential(layers)
    model.layers[-1].set_weights([np.full((form[-1], units), 1 / form[-1]), np.zeros(units)])
    return model


@pytest.mark.parametrize("form", [(128, 128, 1), (128, 128, 3), (64, 96, 3), (None, None, 1)])
@pytest.mark.parametrize("scale", [None, 1 / 255])
def test_an_older_model_is_given_the_size_and_levels_it_takes(form, scale):
    model = _mean_model(form, scale=scale)
    images = np.full((3, 100, 150, 3), [[[[51]]], [[[102]]], [[[204]]]], np.uint8)
    expected = 1 / (1 + np.exp(-np.array([0.2, 0.4, 0.8])))
    for shown in (images, images[..., 0]):
        assert closeups.predict(model, shown, progress=False) == pytest.approx(expected, abs=1e-5)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: _mean_model((128, 128, 1), units=2), r"this one returns \(None, 2\). Of several"),
        (lambda: _mean_model((128, 128, 2)), r"this one takes \(None, 128, 128, 2\)"),
        (lambda: _mean_model((128, 128, 1), scale=9, activation=None), "must return probabilities, 0 to 1; got 2295"),
        (lambda: import_keras().Sequential([import_keras().layers.Flatten()]), "must be built"),
        (lambda: "nowhere.keras", "there is no file or folder /.*/nowhere.keras; nowhere.keras was looked for"),
        (lambda: None, "must be a keras model, or the path of one; got NoneType"),
    ],
)
def test_a_model_that_gives_no_probability_of_a_picture_is_refused(make, message):
    with pytest.raises(ParameterError, match=message):
        closeups.predict(make(), np.full((1, 8, 8), 255, np.uint8), progress=False)


# files


@keras_warns
def test_a_model_comes_back_from_its_file(trained, tmp_path):
    path = networks.save_model(trained, tmp_path / "close_ups.keras")
    images = _discs(1, 6)[0]
    assert [file.name for file in tmp_path.iterdir()] == ["close_ups.keras"]
    assert path.stat().st_size < 500_000
    found = closeups.predict(trained, images, progress=False)
    assert np.array_equal(closeups.predict(str(path), images, progress=False), found)
    # keras's own way of saving, with what training needs
    trained.save(tmp_path / "whole.keras")
    assert np.array_equal(closeups.predict(tmp_path / "whole.keras", images, progress=False), found)


@keras_warns
def test_an_older_h5_is_loaded(tmp_path):
    model = _mean_model((128, 128, 1))
    model.save(tmp_path / "old.h5")
    images = np.full((1, 20, 20), 102, np.uint8)
    assert closeups.predict(tmp_path / "old.h5", images, progress=False) == pytest.approx(
        1 / (1 + np.exp(-0.4)), abs=1e-5
    )


def _with_lambda():
    keras = import_keras()
    return keras.Sequential(
        [keras.layers.Input((128, 128, 1)), keras.layers.Lambda(lambda x: x), *_mean_model((128, 128, 1)).layers]
    )


@keras_warns
@pytest.mark.parametrize("name", ["model.keras", "model.h5"])
def test_a_model_with_code_is_refused(tmp_path, name):
    _with_lambda().save(tmp_path / name)
    with pytest.raises(DataError, match=r"holds code of its own \(Lambda\), which is not run"):
        networks.load_model(tmp_path / name)


@keras_warns
def test_a_layer_of_another_module_is_refused_before_it_is_imported(tmp_path):
    model = _mean_model((128, 128, 1))
    model.save(tmp_path / "model.keras")
    with zipfile.ZipFile(tmp_path / "model.keras") as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    config = json.loads(parts["config.json"])
    config["config"]["layers"][1].update(module="os", class_name="system")
    parts["config.json"] = json.dumps(config).encode()
    with zipfile.ZipFile(tmp_path / "evil.keras", "w") as archive:
        for name, data in parts.items():
            archive.writestr(name, data)
    with pytest.raises(DataError, match=r"holds code of its own \(system of os\)"):
        networks.load_model(tmp_path / "evil.keras")


def _packed(path, parts):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in parts.items():
            archive.writestr(name, data)
    return path


@pytest.fixture(scope="module")
def parts(trained, tmp_path_factory):
    path = networks.save_model(trained, tmp_path_factory.mktemp("model") / "model.keras")
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


@pytest.mark.parametrize("name", ["config.json", "metadata.json", "assets/more.json", "model.weights.h5", "assets/x"])
def test_a_file_that_unpacks_to_far_more_than_it_is_is_refused_before_it_is_unpacked(
    parts, tmp_path, monkeypatch, name
):
    path = _packed(tmp_path / "bomb.keras", {**parts, name: b" " * (48 << 20)})
    monkeypatch.setattr(zipfile.ZipFile, "read", lambda *_: pytest.fail("it was unpacked"))
    with pytest.raises(DataError, match=r"bomb.keras would unpack to 48 MB, .*which no model of keras of 0.\d MB does"):
        networks.load_model(path)


def test_a_model_that_was_packed_again_is_loaded(trained, parts, tmp_path):
    path = _packed(tmp_path / "packed.keras", parts)
    images = _discs(1, 6)[0]
    found = closeups.predict(path, images, progress=False)
    assert np.array_equal(found, closeups.predict(trained, images, progress=False))


@pytest.mark.parametrize("name", ["../../evil.txt", "/evil.txt", "assets/../../evil.txt"])
def test_a_file_with_a_part_outside_of_itself_is_refused(parts, tmp_path, name):
    path = _packed(tmp_path / "evil.keras", {**parts, name: b"x"})
    with pytest.raises(DataError, match=r"evil.keras names a place outside of itself, '.*evil.txt'"):
        networks.load_model(path)


def test_broken_files_of_models_are_refused(trained, tmp_path):
    networks.save_model(trained, tmp_path / "whole.keras")
    data = (tmp_path / "whole.keras").read_bytes()
    for name, content in {"half.keras": data[: len(data) // 2], "empty.keras": b"", "text.h5": b"text"}.items():
        (tmp_path / name).write_bytes(content)
        with pytest.raises(DataError, match=f"{name} is not a model of keras, or is broken"):
            networks.load_model(tmp_path / name)
    with zipfile.ZipFile(tmp_path / "whole.keras") as archive:
        config = archive.read("config.json")
    with zipfile.ZipFile(tmp_path / "no_weights.keras", "w") as archive:
        archive.writestr("config.json", config)
    with pytest.raises(DataError, match="no_weights.keras cannot be loaded as a model"):
        networks.load_model(tmp_path / "no_weights.keras")
    with h5py.File(tmp_path / "of.weights.h5", "w"):
        pass
    with pytest.raises(DataError, match="holds weights without a model"):
        networks.load_model(tmp_path / "of.weights.h5")


def test_a_folder_or_another_kind_of_file_says_what_to_do(tmp_path):
    with pytest.raises(ParameterError, match="is a folder; a model is a .keras file"):
        networks.load_model(tmp_path)
    (tmp_path / "saved_model.pb").touch()
    with pytest.raises(
        ParameterError, match=r"is a SavedModel, which only TensorFlow reads; .*load_model\('.*'\).save"
    ):
        networks.load_model(tmp_path)
    (tmp_path / "model.pt").touch()
    with pytest.raises(ParameterError, match=r"the ending of a model's file must be one of '.keras', '.h5', '.hdf5'"):
        networks.load_model(tmp_path / "model.pt")


def test_what_is_no_model_is_not_saved(trained, tmp_path):
    with pytest.raises(ParameterError, match="model must be a keras model; got str"):
        networks.save_model("model", tmp_path / "model.keras")
    with pytest.raises(ParameterError, match=r"path must end in .keras; got .*model.h5"):
        networks.save_model(trained, tmp_path / "model.h5")
    with pytest.raises(ParameterError, match="seed must be a whole number"):
        closeups.build_model(seed=0.5)
    with pytest.raises(ParameterError, match="seed must be below"):
        closeups.build_model(seed=2**40)


def test_the_largest_seed_is_taken():
    assert closeups.build_model(seed=2**28 - 1).count_params() == closeups.build_model().count_params()


def test_a_table_of_labels_is_written_as_it_is_read(tmp_path):
    table = pd.DataFrame({"film": ["Ä, b"], "file": ["p/x_frame1.jpg"], "time": ["0.5"], "label": ["1"]})
    closeup_labels.write_label_table(tmp_path / "labels.csv", table)
    assert closeup_labels.read_label_table(tmp_path / "labels.csv").equals(table)
