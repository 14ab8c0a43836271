import numpy as np
import pytest

from toolkit.networks import import_keras
from toolkit.scene_models.comparisons import comparisons

# keras's conversion of a torch tensor to an array, which numpy wants otherwise
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")


def test_a_change_of_the_features_is_seen_where_it_is():
    # comparisons alone: distances of a projection that leaves the one feature as it is
    keras = import_keras()
    x, known = keras.Input((None, 1)), keras.Input((None, 1))
    model = keras.Model([x, known], comparisons(keras, x, known, 1, 1))
    values = np.zeros((1, 40, 1), np.float32)
    values[0, 20:] = 5
    found = list(model.predict_on_batch([values, np.ones_like(values)])[0].T)
    lags, means, near = found[:8], found[8:-2], found[-2:]
    # the place between shots 19 and 20 is position 19
    assert np.flatnonzero(lags[0] > 1).tolist() == [19]
    assert np.flatnonzero(lags[3] > 1).tolist() == [16, 17, 18, 19]
    assert {int(each.argmax()) for each in means} == {19}
    assert {int(each.argmax()) for each in near} == {19}


def test_the_nearest_pair_across_a_place_stays_near_in_a_dialogue():
    keras = import_keras()
    x, known = keras.Input((None, 1)), keras.Input((None, 1))
    model = keras.Model([x, known], comparisons(keras, x, known, 1, 1))
    values = np.zeros((1, 40, 1), np.float32)
    values[0, 0:20:2] = 3
    values[0, 20:] = 20
    values[0, 20::2] = 23
    found = list(model.predict_on_batch([values, np.ones_like(values)])[0].T)
    assert (found[0][:39] > -0.9).all()
    assert np.flatnonzero(found[-1] > 1).tolist() == [19]


def test_each_modality_is_compared_by_itself_and_what_is_not_known_is_0():
    keras = import_keras()
    x, known = keras.Input((None, 4)), keras.Input((None, 2))
    model = keras.Model([x, known], comparisons(keras, x, known, 2, 2))
    rng = np.random.default_rng(0)
    values = rng.normal(size=(1, 30, 4)).astype(np.float32)
    both = np.ones((1, 30, 2), np.float32)
    one = both.copy()
    one[..., 1] = 0
    alone = values.copy()
    alone[..., 2:] = 0
    whole, part = model.predict_on_batch([values, both])[0], model.predict_on_batch([alone, one])[0]
    np.testing.assert_allclose(part[:, ::2], whole[:, ::2], atol=1e-5)
    assert (part[:, 1::2] == 0).all()
    assert (whole[:, 1::2] != 0).any(axis=0).all()


def test_shots_that_fill_up_a_movie_change_nothing_in_it():
    keras = import_keras()
    x, known = keras.Input((None, 2)), keras.Input((None, 1))
    model = keras.Model([x, known], comparisons(keras, x, known, 1, 2))
    values = np.random.default_rng(0).normal(size=(1, 30, 2)).astype(np.float32)
    there = np.ones((1, 30, 1), np.float32)
    filled = [np.pad(each, ((0, 0), (0, 25), (0, 0))) for each in (values, there)]
    found = model.predict_on_batch(filled)[0]
    np.testing.assert_allclose(found[:30], model.predict_on_batch([values, there])[0], atol=1e-5)
    assert (found[30:] == 0).all()
