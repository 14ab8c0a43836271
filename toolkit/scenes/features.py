"""Features of the shots of one's own film, as vectors of the form of the MovieScenes challenge.

place
    The mean of the frame embeddings of a few instants inside the shot, by default the layout descriptor.
cast
    Who is seen: the layout descriptor of each face with its hair, neck and shoulders, a box two faces wide and two and
    a half high, and the mean of those of all faces of all instants. Nothing in it was trained: it knows people by
    hair, skin and coat, within a film, as long as they wear the same. 0 where no face is found.
action
    How things move: at each instant the dense optical flow to a picture a twelfth of a second later. In each of 3x3
    blocks the share of the frame that moves in which of 8 directions, and that which rests; a pixel that crosses a
    tenth of the frame's width in a second is half at rest. The mean over instants, and the square root of the shares.
audio
    Of each of 40 mel bands over the shot: the tenth percentile in bels, which is the tone of the place when no one
    speaks, and so tells places apart best; and the mean and the standard deviation in units of four bels, which count
    a quarter in distances, for they go by who speaks.

References
----------
A. Rao et al., A local-to-global approach to multi-modal movie scene segmentation, CVPR 2020, for the four modalities.
G. Farneback, Two-frame motion estimation based on polynomial expansion, SCIA 2003, for the flow.
"""

import contextlib
import dataclasses
import hashlib
import warnings
from concurrent.futures import ThreadPoolExecutor
from importlib.metadata import version
from pathlib import Path

import numpy as np
import pandas as pd

from toolkit import embeddings, shots, sound, video
from toolkit.checks import check_choice, check_count
from toolkit.closeups import faces as closeup_faces
from toolkit.embeddings import vectors as embedding_vectors
from toolkit.errors import DataError, ParameterError, VideoError
from toolkit.records import Movie
from toolkit.scenes.movies import load_movie, write_movie
from toolkit.shots import cuts
from toolkit.storage import cache_folder, file_key, warn_not_cached

# part of the keys of cached features: raise it when they are computed differently
VERSION = "1"
# of what is looked at; a face's height is a seventh of it at least
FRAME_WIDTH = 320
# a taller film is looked at so high, for a sliver 320 wide would be a tower
MAX_FRAME_HEIGHT = 4 * FRAME_WIDTH
BATCH = 64
# seconds between two pictures that are compared, and the share of the width a second that is half at rest
FLOW_SECONDS, HALF_MOTION_SHARE = 1 / 12, 0.1
FLOW_WIDTH, FLOW_HEIGHT = 96, 54
BLOCKS, DIRECTIONS = 3, 8
# of a face's box: how far hair, shoulders and chest reach beyond it, in shares of its width and height
BUST_SIDE, BUST_TOP, BUST_BOTTOM = 0.5, 0.4, 1.1
MEL_BANDS, QUIET_PERCENTILE = 40, 10
# decibels in a unit of the percentile, and of mean and standard deviation
QUIET_DECIBELS, MEAN_DECIBELS = 10, 40
COLUMNS = ("start", "end", "end_frame")
# what else decides at which instants shots are looked at, if all are there
INSTANT_COLUMNS = ("start_frame", "transition_start_frame", "transition_end_frame")


def film_features(
    path,
    shot_table=None,
    *,
    model="layout",
    n_frames=3,
    detector="haar",
    face_model=None,
    proxy=None,
    cache=None,
    progress=True,
) -> Movie:
    """Return the features of a film's shots, of the same kind as those of the challenge's movies.

    Parameters
    ----------
    path : path
        The film.
    shot_table : DataFrame, optional
        Its shots, as `toolkit.shots.detect_shots` returns them, which is called if there is none. Needed are start, end
        and end_frame.
    model : str or callable
        Of the frame embedding, as in `toolkit.embeddings.embed`.
    n_frames : int
        At how many instants each shot is looked at, at least 1.
    detector : {"haar", "ultraface"}
        Of faces, as in `toolkit.closeups.face_scale`.
    face_model : path, optional
        For "ultraface": its file.
    proxy : path, optional
        A small copy of the film that is looked at in its place, as `toolkit.video.proxy` makes it. The film is heard.
    cache : path or False, optional
        Where results are kept: a folder, made if need be, by default `features` in the toolkit's data folder, and
        `faces` for the faces in single pictures; False to keep none. A film is known by its content, not its name. With
        a callable as model faces alone are kept.
    progress : bool
        Whether to show progress bars.

    Returns
    -------
    Movie
        Named as the file. Its features are float32, (n_shots, d): place (d is 2031 for "layout"), cast (2031), action
        (81) and audio (120), all but audio of norm 1 at most. What no shot has is left out: cast where there is no
        face, audio where there is no sound. It has `shot_end_frame`, and no boundaries: `group_shots` finds them.

    Warns
    -----
    UserWarning
        If the film has sound that cannot be decoded; it is left out.

    Raises
    ------
    VideoError
        If the film cannot be read.
    ParameterError
        If an argument is of the wrong kind, the shots are not within the film, or the detector's model is not there.
    """
    check_count("n_frames", n_frames, at_least=1)
    if not callable(model):
        check_choice("model", model, tuple(embedding_vectors.OPTIONS))
    finder = closeup_faces.Finder(detector, face_model, cache=cache, option="face_model")
    film = video.probe(path)
    if shot_table is not None:
        _check_shots(shot_table, film)
    folder = cache_folder(cache, "features")
    cache_file = None
    if folder is not None and not callable(model):
        is_smaller = proxy is not None and Path(proxy) != Path(path)
        cache_file = folder / f"{_key(path, shot_table, (model, n_frames, detector, is_smaller))}.npz"
        with contextlib.suppress(DataError):
            return dataclasses.replace(load_movie(cache_file), imdb_id=Path(path).stem, path=None)
    if shot_table is None:
        shot_table = shots.detect_shots(proxy or path, progress=progress)
    features = _picture_features(proxy or path, shot_table, model, n_frames, finder, _size(film), progress)
    audio = _sound_features(path, shot_table)
    if audio is not None:
        features["audio"] = audio
    ends = shot_table["end_frame"].to_numpy(np.int64) - 1
    movie = Movie(Path(path).stem, features, shot_end_frame=ends)
    if cache_file is not None:
        try:
            write_movie(movie, cache_file)
        except OSError as error:
            warn_not_cached(folder, error)
    return movie


def _check_shots(table, film):
    wanted = f"shot_table must be a table of shots with the columns {', '.join(COLUMNS)}, as shots.detect_shots returns"
    if not isinstance(table, pd.DataFrame):
        raise ParameterError(f"{wanted}; got {type(table).__name__}")
    missing = [column for column in COLUMNS if column not in table.columns]
    if missing:
        raise ParameterError(f"{wanted}; there is no {', '.join(missing)}")
    if not len(table):
        raise ParameterError(f"{wanted}; got no shot at all")
    for column, dtype in table[list(COLUMNS)].dtypes.items():
        if dtype.kind not in "iuf":
            raise ParameterError(f"{wanted}, of numbers; {column} is of dtype {dtype}")
    shots.times_in_shots(table, 1)
    # one that lasts no time may be at the film's first picture
    early = np.flatnonzero((table["start"] < film.start) & (table["end"] <= film.start))
    if len(early):
        raise ParameterError(
            f"shot_table must be of shots within the film, which begins at {film.start:g} s; shot {early[0]} "
            f"ends at {table['end'].iloc[early[0]]:g} s. Are the times counted from the film's first picture? "
            "Then add video.probe(path).start"
        )
    ends = table["end_frame"].to_numpy(np.float64, na_value=np.nan)
    # the difference of two that are infinite is no number
    with np.errstate(invalid="ignore"):
        rising = (np.diff(ends, prepend=0) >= 1) & (ends == np.floor(ends)) & (ends <= 2**52)
    if not rising.all():
        raise ParameterError(f"{wanted}; end_frame must be whole numbers that rise, one past each shot's last frame")


def _size(film):
    """Return the `size` at which pictures are looked at."""
    if film.height * FRAME_WIDTH <= film.width * MAX_FRAME_HEIGHT:
        return FRAME_WIDTH
    return max(1, round(MAX_FRAME_HEIGHT * film.width / film.height)), MAX_FRAME_HEIGHT


def _picture_features(path, table, model, n_frames, finder, size, progress):
    """Return place, cast and action of the shots: dict of float32 (n_shots, d)."""
    from numba import config

    from toolkit.embeddings import layout

    times = shots.times_in_shots(table, n_frames)
    ends = table["end"].to_numpy(np.float64)[:, None]
    gaps = np.diff(np.hstack([times, np.maximum(ends, times[:, -1:])]), axis=1)
    instants = np.stack([times, times + np.minimum(FLOW_SECONDS, 0.9 * gaps)], axis=2).ravel()
    # rounding may put an instant before the last
    instants = np.maximum.accumulate(instants)
    count = len(table)
    owner = np.repeat(np.arange(count), n_frames)
    place, cast, action = None, np.zeros((count, layout.LENGTH)), np.zeros((count, BLOCKS**2 * (DIRECTIONS + 1)))
    face_counts, look_counts, done = np.zeros(count), np.zeros(count), 0

    def look(pair):
        first, second, seconds, boxes = pair
        return _busts(first, boxes), _motion(first, second, seconds)

    with ThreadPoolExecutor(config.NUMBA_NUM_THREADS) as pool:
        for batch in video.iter_frames(path, times=instants, size=size, batch=2 * BATCH, progress=progress):
            # of a film that breaks off, the last picture may be alone
            images = batch.images[: len(batch) // 2 * 2]
            if not len(images):
                break
            stamps = batch.times[: len(images)].reshape(-1, 2)
            of = owner[done : done + len(stamps)]
            done += len(stamps)
            # of very short shots, many instants are of the same two pictures: these are looked at once
            stamps, once, again = np.unique(stamps, axis=0, return_index=True, return_inverse=True)
            firsts, seconds, again = images[2 * once], images[2 * once + 1], again.ravel()
            vectors = embeddings.embed(firsts, model, cache=False, progress=False)[again]
            if place is None:
                place = np.zeros((count, vectors.shape[1]))
            np.add.at(place, of, vectors)
            np.add.at(look_counts, of, 1)
            boxes = finder.find(pool, firsts)
            looks = list(pool.map(look, zip(firsts, seconds, np.diff(stamps, axis=1)[:, 0], boxes, strict=True)))
            busts, motions = zip(*(looks[number] for number in again), strict=True)
            np.add.at(action, of, motions)
            of_face = np.repeat(of, [len(each) for each in busts])
            if len(of_face):
                np.add.at(cast, of_face, layout.describe(np.concatenate(busts)))
                np.add.at(face_counts, of_face, 1)
    if place is None:
        raise VideoError(f"{path} holds no picture within its shots")
    looks, faces = np.maximum(look_counts, 1)[:, None], np.maximum(face_counts, 1)[:, None]
    features = {"place": place / looks, "cast": cast / faces, "action": np.sqrt(action / looks)}
    return {name: values.astype(np.float32) for name, values in features.items() if name == "place" or values.any()}


def _busts(image, boxes):
    """Return each face with what is around it, uint8 (n, 72, 96[, 3])."""
    import cv2

    from toolkit.embeddings import layout

    height, width = image.shape[:2]
    busts = []
    for left, top, wide, tall in boxes:
        first = np.floor([top - BUST_TOP * tall, left - BUST_SIDE * wide]).clip(0, [height - 1, width - 1]).astype(int)
        last = np.ceil([top + (1 + BUST_BOTTOM) * tall, left + (1 + BUST_SIDE) * wide]).clip(first + 1, [height, width])
        part = np.ascontiguousarray(image[first[0] : int(last[0]), first[1] : int(last[1])])
        busts.append(cv2.resize(part, (layout.WIDTH, layout.HEIGHT), interpolation=cv2.INTER_AREA))
    return np.reshape(busts, (-1, layout.HEIGHT, layout.WIDTH, *image.shape[2:])).astype(np.uint8)


def _motion(first, second, seconds):
    """Return the share of the frame that moves in each direction, and that rests, of each block, flat; its sum is 1."""
    import cv2

    small = [
        cv2.resize(cv2.cvtColor(image, cv2.COLOR_RGB2GRAY), (FLOW_WIDTH, FLOW_HEIGHT), interpolation=cv2.INTER_AREA)
        for image in (first, second)
    ]
    flow = np.zeros((FLOW_HEIGHT, FLOW_WIDTH, 2))
    if seconds > 0:
        flow = cv2.calcOpticalFlowFarneback(*small, None, 0.5, 3, 11, 3, 5, 1.1, 0) / (seconds * FLOW_WIDTH)
    speed = np.hypot(flow[..., 0], flow[..., 1])
    moving = speed / (speed + HALF_MOTION_SHARE)
    turn = np.arctan2(flow[..., 1], flow[..., 0]) / (2 * np.pi) * DIRECTIONS
    below = np.floor(turn)
    above = turn - below
    rows, columns = np.indices(speed.shape)
    block = rows * BLOCKS // FLOW_HEIGHT * BLOCKS + columns * BLOCKS // FLOW_WIDTH
    shares = np.zeros((BLOCKS**2, DIRECTIONS + 1))
    below = below.astype(int)
    np.add.at(shares, (block, below % DIRECTIONS), moving * (1 - above))
    np.add.at(shares, (block, (below + 1) % DIRECTIONS), moving * above)
    np.add.at(shares, (block, DIRECTIONS), 1 - moving)
    return shares.ravel() / speed.size


def _sound_features(path, table):
    """Return the statistics of each shot's sound, float32 (n_shots, 120); None of a film without sound."""
    if not video.probe(path).has_audio:
        return None
    hop = 512 / sound.MEL_RATE
    try:
        levels = sound.log_mel(path, n_mels=MEL_BANDS, hop=hop)
    except VideoError as error:
        warnings.warn(f"the features of {path} are without audio: {error}", stacklevel=3)
        return None
    if not len(levels) or not (levels > sound.MIN_DECIBELS).any():
        return None
    # windows that lie in the shot as a whole, one at least
    first = np.ceil(table["start"].to_numpy() / hop - 1e-6).astype(int).clip(0)
    last = np.maximum(np.floor(table["end"].to_numpy() / hop + 1e-6).astype(int) - 1, first + 1)
    rows = []
    for begin, end in zip(first, last, strict=True):
        part = levels[begin:end]
        if not len(part):
            part = np.full((1, MEL_BANDS), sound.MIN_DECIBELS)
        quiet, mean, spread = np.percentile(part, QUIET_PERCENTILE, axis=0), part.mean(axis=0), part.std(axis=0)
        rows.append(np.concatenate([quiet / QUIET_DECIBELS, mean / MEAN_DECIBELS, spread / MEAN_DECIBELS]))
    return np.array(rows, np.float32)


def _key(path, table, options):
    """Return a name for the result of a film, its shots and the options."""
    import cv2

    from toolkit.embeddings import layout

    rooms = (VERSION, closeup_faces.VERSION, sound.VERSION, layout.VERSION, cuts.VERSION if table is None else None)
    libraries = cv2.__version__, version("numpy"), version("av")
    digest = hashlib.sha256(repr((rooms, libraries, options)).encode())
    digest.update(file_key(path).encode())
    if table is not None:
        columns = [*COLUMNS, *(INSTANT_COLUMNS if set(INSTANT_COLUMNS) <= set(table.columns) else ())]
        digest.update(repr(columns).encode())
        digest.update(table[columns].to_numpy(np.float64).tobytes())
    return digest.hexdigest()[:40]
