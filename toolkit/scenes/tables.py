"""Scenes as tables of spans, and as boundaries between shots."""

import numpy as np
import pandas as pd

from toolkit.checks import check_array, check_times
from toolkit.errors import ParameterError
from toolkit.tables import check_spans, check_within


def scene_table(boundaries, shot_spans) -> pd.DataFrame:
    """Return the scenes that boundaries between shots make, as a table.

    Parameters
    ----------
    boundaries : array of bool, (n_shots - 1,)
        Whether there is a boundary between shot i and shot i + 1, as `group_shots` returns it.
    shot_spans : DataFrame or array of float, (n_shots, 2)
        The shots, as `toolkit.shots.detect_shots` returns them: start and end, in seconds, in order.

    Returns
    -------
    DataFrame
        A row a scene: start and end, from the start of its first shot to the end of its last; start_frame and end_frame
        alike where the shots have them; and first_shot and last_shot, counted from 0, both in the scene.

    Raises
    ------
    ParameterError
        If the boundaries are not bool or not one fewer than the shots, or the spans are none.
    """
    spans = check_spans(shot_spans)
    wanted = f"bool, one between each two of the {len(spans)} shots"
    boundaries = check_array("boundaries", boundaries, (max(len(spans) - 1, 0),), "b", wanted=wanted)
    edges = np.concatenate([[0], np.flatnonzero(boundaries) + 1, [len(spans)]]) if len(spans) else np.zeros(1, int)
    first, last = edges[:-1], edges[1:] - 1
    columns = {"start": spans[first, 0], "end": spans[last, 1], "first_shot": first, "last_shot": last}
    if isinstance(shot_spans, pd.DataFrame) and {"start_frame", "end_frame"} <= set(shot_spans.columns):
        starts, ends = shot_spans["start_frame"].to_numpy(), shot_spans["end_frame"].to_numpy()
        columns = {"start_frame": starts[first], "end_frame": ends[last], **columns}
    return pd.DataFrame(columns)


def boundaries_at(scene_spans, shot_spans) -> np.ndarray:
    """Return between which shots scenes change, for scenes that are known by their times.

    Each scene begins at the shot whose start is nearest to its own, of two that are equally near at the earlier. Where
    scenes end is not looked at: each lasts until the next begins, and the first from the first shot on. So scenes may
    be those of another hand, on other cuts or on none.

    Parameters
    ----------
    scene_spans : DataFrame or array of float, (n, 2)
        Start and end of the scenes, in seconds; of a table `start` alone is needed.
    shot_spans : DataFrame or array of float, (n_shots, 2)
        As in `scene_table`.

    Returns
    -------
    ndarray of bool, (n_shots - 1,)

    Raises
    ------
    ParameterError
        If the spans are none, a scene begins after the last shot's end, or there are no shots.
    """
    spans = check_spans(shot_spans)
    if not len(spans):
        raise ParameterError("shot_spans must hold at least one shot; got none")
    starts, scene_starts = spans[:, 0], _starts(scene_spans)
    check_within("scenes", scene_spans, scene_starts, spans[-1, 1])
    boundaries = np.zeros(len(starts), bool)
    if len(starts) > 1:
        after = np.searchsorted(starts, scene_starts).clip(1, len(starts) - 1)
        boundaries[after - (scene_starts - starts[after - 1] <= starts[after] - scene_starts)] = True
    return boundaries[1:]


def _starts(scene_spans):
    """Return when scenes begin, float64 (n,)."""
    wanted = "a table with the column start, or an array (n, 2), in seconds"
    if isinstance(scene_spans, pd.DataFrame):
        if "start" not in scene_spans.columns:
            columns = ", ".join(map(str, scene_spans.columns)) or "none"
            raise ParameterError(f"scene_spans must be {wanted}; got the columns {columns}")
        starts = scene_spans["start"]
    else:
        starts = check_array("scene_spans", scene_spans, ("n", 2), wanted=wanted, finite=False)[:, 0]
    return check_times(starts, len(starts), "scene")
