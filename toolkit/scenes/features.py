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

import hashlib
import io
import warnings
import zipfile
from concurrent.futures import ThreadPoolExecutor
from importlib.metadata import version
from pathlib import Path

import numpy as np
import pandas as pd

from toolkit import embeddings, shots, sound, video
from toolkit.checks import check_choice, check_count
from toolkit.closeups import faces as closeup_faces
from toolkit.embeddings import vectors as embedding_vectors
from toolkit.errors import ParameterError, VideoError
from toolkit.records import Movie
from toolkit.shots import cuts
from toolkit.storage import cache_folder, file_key, warn_not_cached, write_whole

# part of the keys of cached features: raise it when they are computed differently
VERSION = "1"
# of what is looked at; a face's height is a seventh of it at least
WIDTH = 320
# a taller film is looked at so high, for a sliver 320 wide would be a tower
TALLEST = 4 * WIDTH
BATCH = 64
# seconds between two pictures that are compared, and the share of the width a second that is half at rest
LATER, HALF_AT_REST = 1 / 12, 0.1
FLOW_WIDTH, FLOW_HEIGHT = 96, 54
BLOCKS, DIRECTIONS = 3, 8
# of a face's box: how far hair, shoulders and chest reach beyond it, in shares of its width and height
BESIDE, ABOVE, BELOW = 0.5, 0.4, 1.1
BANDS, QUIET = 40, 10
# decibels in a unit of the percentile, and of mean and standard deviation
FINE, COARSE = 10, 40
COLUMNS = ("start", "end", "end_frame")
# what else decides at which instants shots are looked at, if all are there
MORE_COLUMNS = ("start_frame", "transition_start_frame", "transition_end_frame")


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
    if callable(model):
        folder = None
    kept = None
    if folder is not None:
        is_smaller = proxy is not None and Path(proxy) != Path(path)
        kept = folder / f"{_key(path, shot_table, (model, n_frames, detector, is_smaller))}.npz"
        movie = _read(kept, Path(path).stem)
        if movie is not None:
            return movie
    if shot_table is None:
        shot_table = shots.detect_shots(proxy or path, progress=progress)
    features = _seen(proxy or path, shot_table, model, n_frames, finder, _size(film), progress)
    audio = _heard(path, shot_table)
    if audio is not None:
        features["audio"] = audio
    ends = shot_table["end_frame"].to_numpy(np.int64) - 1
    if kept is not None:
        try:
            with write_whole(kept) as partial:
                np.savez(partial, shot_end_frame=ends, **features)
        except OSError as error:
            warn_not_cached(kept.parent, error)
    return Movie(Path(path).stem, features, shot_end_frame=ends)


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
    early = ((table["start"] < film.start) & (table["end"] <= film.start)).to_numpy(bool)
    if early.any():
        raise ParameterError(
            f"shot_table must be of shots within the film, which begins at {film.start:g} s; shot {np.argmax(early)} "
            f"ends at {table['end'].iloc[np.argmax(early)]:g} s. Are the times counted from the film's first picture? "
            "Then add video.probe(path).start"
        )
    ends = table["end_frame"].to_numpy(np.float64, na_value=np.nan)
    # before the steps between them, which are no number where two are infinite
    whole = np.isfinite(ends).all() and ends.max() <= 2**52
    if not whole or (ends < 1).any() or (np.diff(ends) < 1).any() or (ends != np.floor(ends)).any():
        raise ParameterError(f"{wanted}; end_frame must be whole numbers that rise, one past each shot's last frame")


def _size(film):
    """Return the `size` at which pictures are looked at."""
    if film.height * WIDTH <= film.width * TALLEST:
        return WIDTH
    return max(1, round(TALLEST * film.width / film.height)), TALLEST


def _seen(path, table, model, n_frames, finder, size, progress):
    """Return place, cast and action of the shots: dict of float32 (n_shots, d)."""
    from numba import config

    from toolkit.embeddings import layout

    times = shots.times_in_shots(table, n_frames)
    ends = table["end"].to_numpy(np.float64)[:, None]
    gaps = np.diff(np.hstack([times, np.maximum(ends, times[:, -1:])]), axis=1)
    instants = np.stack([times, times + np.minimum(LATER, 0.9 * gaps)], axis=2).ravel()
    # rounding may put an instant before the last
    instants = np.maximum.accumulate(instants)
    count = len(table)
    owner = np.repeat(np.arange(count), n_frames)
    place, cast, action = None, np.zeros((count, layout.LENGTH)), np.zeros((count, BLOCKS**2 * (DIRECTIONS + 1)))
    faces, looks, done = np.zeros(count), np.zeros(count), 0

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
            np.add.at(looks, of, 1)
            boxes = finder.find(pool, firsts)
            found = list(pool.map(look, zip(firsts, seconds, np.diff(stamps, axis=1)[:, 0], boxes, strict=True)))
            found = [found[number] for number in again]
            np.add.at(action, of, [motion for _, motion in found])
            of_face = np.repeat(of, [len(busts) for busts, _ in found])
            if len(of_face):
                np.add.at(cast, of_face, layout.describe(np.concatenate([busts for busts, _ in found])))
                np.add.at(faces, of_face, 1)
    if place is None:
        raise VideoError(f"{path} holds no picture within its shots")
    looks, faces = np.maximum(looks, 1)[:, None], np.maximum(faces, 1)[:, None]
    features = {"place": place / looks, "cast": cast / faces, "action": np.sqrt(action / looks)}
    return {name: values.astype(np.float32) for name, values in features.items() if name == "place" or values.any()}


def _busts(image, boxes):
    """Return each face with what is around it, uint8 (n, 72, 96[, 3])."""
    import cv2

    from toolkit.embeddings import layout

    height, width = image.shape[:2]
    busts = []
    for left, top, wide, tall in boxes:
        first = np.floor([top - ABOVE * tall, left - BESIDE * wide]).clip(0, [height - 1, width - 1]).astype(int)
        last = np.ceil([top + (1 + BELOW) * tall, left + (1 + BESIDE) * wide]).clip(first + 1, [height, width])
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
    moving = speed / (speed + HALF_AT_REST)
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


def _heard(path, table):
    """Return the statistics of each shot's sound, float32 (n_shots, 120); None of a film without sound."""
    if not video.probe(path).has_audio:
        return None
    hop = 512 / sound.MEL_RATE
    try:
        levels = sound.log_mel(path, n_mels=BANDS, hop=hop)
    except VideoError as error:
        warnings.warn(f"the features of {path} are without audio: {error}", stacklevel=3)
        return None
    if not len(levels) or not (levels > sound.FAINTEST).any():
        return None
    # windows that lie in the shot as a whole, one at least
    first = np.ceil(table["start"].to_numpy() / hop - 1e-6).astype(int).clip(0)
    last = np.maximum(np.floor(table["end"].to_numpy() / hop + 1e-6).astype(int) - 1, first + 1)
    rows = []
    for begin, end in zip(first, last, strict=True):
        part = levels[begin:end]
        if not len(part):
            part = np.full((1, BANDS), sound.FAINTEST)
        quiet, mean, spread = np.percentile(part, QUIET, axis=0), part.mean(axis=0), part.std(axis=0)
        rows.append(np.concatenate([quiet / FINE, mean / COARSE, spread / COARSE]))
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
        columns = [*COLUMNS, *(MORE_COLUMNS if set(MORE_COLUMNS) <= set(table.columns) else ())]
        digest.update(repr(columns).encode())
        digest.update(table[columns].to_numpy(np.float64).tobytes())
    return digest.hexdigest()[:40]


def _read(path, name):
    """Return the movie that is kept in a file, or None if it is absent or damaged."""
    try:
        # at once, for numpy leaves a broken file open
        with np.load(io.BytesIO(path.read_bytes()), allow_pickle=False) as file:
            arrays = {key: file[key] for key in file.files}
        ends = arrays.pop("shot_end_frame")
        return Movie(name, arrays, shot_end_frame=ends)
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile):
        return None
