import numpy as np
import pytest
from discs import discs, mean_model

from toolkit import ParameterError, closeups
from toolkit.closeups import labels as closeup_labels
from toolkit.closeups import network
from toolkit.networks import import_keras
from toolkit.records import Frames

# what the network sees


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


# training and prediction


def test_probabilities_do_not_depend_on_how_frames_are_given(trained):
    gray = discs(1, 9, seed=2)[0]
    images = np.repeat(gray[..., None], 3, axis=3)
    frames = Frames(images, np.arange(9.0))
    found = closeups.predict(trained, images, progress=False)
    for way in (gray, frames, iter([frames[:4], frames[4:]]), (frames[:1], images[1:]), closeup_labels.shrink(images)):
        # sums are made in another order in batches of other sizes
        assert closeups.predict(trained, way, batch_size=5, progress=False) == pytest.approx(found, abs=1e-5)
    assert closeups.predict(trained, images[:0], progress=False).shape == (0,)


@pytest.mark.parametrize("form", [(128, 128, 1), (128, 128, 3), (64, 96, 3), (None, None, 1)])
@pytest.mark.parametrize("scale", [None, 1 / 255])
def test_an_older_model_is_given_the_size_and_levels_it_takes(form, scale):
    model = mean_model(form, scale=scale)
    images = np.full((3, 100, 150, 3), [[[[51]]], [[[102]]], [[[204]]]], np.uint8)
    expected = 1 / (1 + np.exp(-np.array([0.2, 0.4, 0.8])))
    for shown in (images, images[..., 0]):
        assert closeups.predict(model, shown, progress=False) == pytest.approx(expected, abs=1e-5)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: mean_model((128, 128, 1), units=2), r"this one returns \(None, 2\). Of several"),
        (lambda: mean_model((128, 128, 2)), r"this one takes \(None, 128, 128, 2\)"),
        (lambda: mean_model((128, 128, 1), scale=9, activation=None), "must return probabilities, 0 to 1; got 2295"),
        (lambda: import_keras().Sequential([import_keras().layers.Flatten()]), "must be built"),
        (lambda: "nowhere.keras", "there is no file or folder /.*/nowhere.keras; nowhere.keras was looked for"),
        (lambda: None, "must be a keras model, or the path of one; got NoneType"),
    ],
)
def test_a_model_that_gives_no_probability_of_a_picture_is_refused(make, message):
    with pytest.raises(ParameterError, match=message):
        closeups.predict(make(), np.full((1, 8, 8), 255, np.uint8), progress=False)


def test_the_largest_seed_is_taken():
    assert closeups.build_model(seed=2**28 - 1).count_params() == closeups.build_model().count_params()
