"""The division of a movie into scenes that agrees best with how probable a scene's end is at each place.

Where a scene ends is often uncertain by a few shots. A network then shares one boundary among two or three places in a
row: by a low threshold there are several, by a high one none. So not places are judged here, but pairs of shots: two
are of one scene with the probability that there is no boundary at any place between them. The movie is divided so that
the sum over all pairs in one scene of that probability, less a constant, is greatest: a pair adds to it where it is
likelier than the constant to belong together, and takes away from it where it is not. Dynamic programming finds that
division exactly. Boundaries that are certain stay, however near to each other.

References
----------
N. Bansal, A. Blum and S. Chawla, Correlation clustering, Machine Learning 56 (2004), for the sum, here of clusters in a
row.
"""

import numpy as np

from toolkit.checks import check_array, check_number
from toolkit.errors import ParameterError

# chosen on sample movies, where from 0.15 to 0.2 it makes little difference
SAME_SCENE_PROBABILITY = 0.18


def divide(predictions, *, alike=SAME_SCENE_PROBABILITY):
    """Return predictions that are 0.5 or more just where scenes end, in the division that agrees with them best.

    A movie is divided so that the sum over all pairs of shots in one scene of ``s - alike`` is greatest, where s, how
    probable it is that both are of one scene, is the product of 1 - p over the places between them. Of divisions that
    are equally good it is the one whose last scenes are the longest. At its boundaries (1 + p) / 2 is told, at all
    other places p / 2: among themselves both keep their order. Scenes are told apart better so than by any threshold,
    and about as many as there are; in mean average precision a little is lost.

    Parameters
    ----------
    predictions : list of array_like of float, (n_shots - 1,), in [0, 1]
        Of each movie, as `predict` returns them.
    alike : float
        In (0, 1): the higher, the more scenes. The default is for networks trained with the "weighted" loss, which
        tell more than the probability; without weights about 0.45 is right. It can be chosen on movies held out.

    Returns
    -------
    list of ndarray of float64, (n_shots - 1,), in [0, 1]

    Raises
    ------
    ParameterError
        If the predictions are not a list of arrays of numbers from 0 to 1, or `alike` is not between 0 and 1.
    """
    from toolkit.scene_models.kernels import best_ends

    alike = check_number("alike", alike, above=0, below=1, hint=". At 1 no two shots are of one scene")
    return [(values + best_ends(values, alike)) / 2 for values in _check_predictions(predictions)]


def _check_predictions(predictions):
    wanted = "a list of arrays, (n_shots - 1,), of numbers from 0 to 1, as predict returns it"
    if isinstance(predictions, (str, dict)) or not hasattr(predictions, "__iter__"):
        raise ParameterError(f"predictions must be {wanted}; got {type(predictions).__name__}")
    options = {"wanted": wanted, "hint": lambda array: "" if array.ndim else ". One movie's alone are [predictions]"}
    arrays = [check_array("predictions", values, ("n",), **options) for values in predictions]
    for array in arrays:
        if not ((array >= 0) & (array <= 1)).all():
            raise ParameterError(f"predictions must be {wanted}; got values from {array.min():g} to {array.max():g}")
    return [array.astype(np.float64) for array in arrays]
