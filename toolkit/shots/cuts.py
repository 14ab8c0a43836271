"""The shots of a film: its hard cuts, and its gradual changes with their kind and span.

A film is read once, every picture of it, at 64x48 pixels, of which a thumbnail of 16x12 is kept for a while: memory
does not grow with the film but for a few numbers a frame.

Hard cuts. The step from a frame to the next is the sum of three mean absolute differences: of the luma at 64x48 and at
16x12, each frame less its mean and divided by its contrast, so that flicker and exposure do not count, and of the
colours at 16x12 in the same unit. Light that wanders through the picture moves no edges: where the gradients of the
luma stay as they were, their correlation c above 0.7, the step counts for less, times ``2.4 - 2 c``. A step is compared
with those about it, half a second on either side (12 at 24 pictures a second), less the two largest of these, which may
be cuts themselves: ``step / (mean + max / 4 + 0.3)``; pictures shown again, as in animation, count for half in the
mean. Where shots last a few frames more of the steps about a cut are cuts: as many are left out as there are large
steps alone among small ones, up to a quarter of all. With few pictures a second what moves takes larger steps, and so
fewer of them tell what is usual: 4 on either side up to 16 a second, and below that a step counts for more. Below 3
a second neighbours tell nothing, and any large step is a cut. An absolute threshold fails otherwise: on old film, where
every step is large, and on low contrast, where every step is small. A picture that is back within a third of a second
was interrupted by a flash, not by a cut, and where most of the picture stays, as under a title or behind a passer-by,
there is no cut.

Gradual changes: see `toolkit.shots.gradual`.

References
----------
R. Zabih, J. Miller and K. Mai, A feature-based algorithm for detecting and classifying production effects, Multimedia
Systems 7, 1999, for edges that stay. Y. Yusoff, W. Christmas and J. Kittler, Video shot cut detection using adaptive
thresholding, BMVC 2000, for thresholds from a step's neighbours.
"""

import collections
import itertools
import math
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pandas as pd

from toolkit import video
from toolkit.checks import check_choice, check_number
from toolkit.errors import ParameterError, VideoError
from toolkit.shots.cues import HEIGHT, NOISE_ENERGY, WIDTH, changed_share, coarse_distance, measure
from toolkit.shots.gradual import find_dissolves, find_fades, margin
from toolkit.shots.tables import tile
from toolkit.storage import progress_bar
from toolkit.video import decoding
from toolkit.video.scaling import rgb

# part of the keys of what is computed from detected shots: raise it when other shots are detected
VERSION = "1"
# PySceneDetect's detectors: of "adaptive" its AdaptiveDetector, and so on
PEERS = ("adaptive", "content", "hash", "histogram", "threshold")
METHODS = ("toolkit", *PEERS)
# the neighbours on either side at most, where there are many pictures a second; there are 12 at 24 pictures a second
MAX_NEIGHBORS = 40
# with fewer pictures a second than the first of these what moves takes larger steps: a step counts for more, no more
# below the second
LARGER_STEP_RATES = 16.0, 10.0
# a step to another picture altogether: unlike ones are about 2 apart
OTHER_PICTURE_STEP = 1.5
# with fewer pictures a second than that a step tells of a cut by itself, times the threshold how large it is
SINGLE_STEP_RATE, SINGLE_STEP = 3.0, 0.75
# the step to a picture that is the same again, but for its coding
SAME_PICTURE_STEP = 0.01
# how many key frames are looked at for black bars
BAR_PROBES = 12
# the longest flash, in seconds
MAX_FLASH_SECONDS = 1 / 3
# pictures a second, where there is one only
LONE_RATE = 25.0
# the frames that are looked at together, beside the margins at both ends
BLOCK_FRAMES = 1024
# the share of the picture that changes at a cut at least
CHANGED_SHARE = 0.4


def detect_shots(path, method="toolkit", *, threshold=2.25, progress=True) -> pd.DataFrame:
    """Return the shots of a film, which tile it, as a table.

    Parameters
    ----------
    path : path
        The film.
    method : str
        "toolkit", or a detector of PySceneDetect at its defaults: "adaptive", "content", "hash", "histogram" or
        "threshold". These find cuts, not what kind of change there is.
    threshold : float
        Of "toolkit": how many times larger than its neighbours the step from a frame to the next is at a hard cut;
        above 0. Lower finds more. Of sharp cuts most are above 4, of pans and flicker few are above 1.9.
    progress : bool
        Whether to show a progress bar.

    Returns
    -------
    DataFrame
        A row for each shot, in order, with the columns

        start_frame, end_frame : the shot's frames `[start_frame, end_frame)`, numbered from 0 as the film shows them
        start, end : seconds, `start` the timestamp of the shot's first picture, `end` that of the next shot's, or the
            end of the film; a film of one picture lasts 1/25 s
        transition : how the shot begins: "start" (of the film), "cut", "dissolve", "fade" or "iris"
        transition_start_frame, transition_end_frame : the frames `[,)` that the change takes; none at a cut

        A gradual change splits at its middle, and a fade through black is one change. Where the picture goes gradually
        and the next is there at once, the shot begins at that cut, where the change ends; where it goes at once and the
        next comes gradually, where the change begins. A film that fades in begins with a "fade" or an "iris". A change
        in which the film ends begins no shot, and is not told.

    Raises
    ------
    VideoError
        If the film cannot be read.
    ParameterError
        If an option is out of range, or a method needs a package that is not installed.

    Notes
    -----
    Hard cuts are found in films of 12 pictures a second and more, and in shots of 4 frames and more. Of fewer pictures
    a second, motion and cuts are hard to tell apart: at 8 to 10, more cuts are found than there are, and below 3, as in
    a time lapse, many more where the camera moves. Of a rate that changes the median of about a thousand pictures is
    taken: cuts may be missed where it changes again and again. A shot of up to a third of a second between two views of
    the same picture is taken for a flash. Dissolves are found of 4 frames to about 4 seconds, fades and irises of 4
    frames and more, none of them well below 12 pictures a second. A wipe is not found, and a whip pan without blur may
    be taken for a cut.
    """
    check_choice("method", method, METHODS)
    threshold = check_number("threshold", threshold, above=0)
    if method != "toolkit":
        return _peer_shots(path, f"{method.capitalize()}Detector")
    return _shots(_ahead(_small_frames(path, progress)), threshold)


def _shots(batches, threshold):
    """Return the table of the shots of a film that comes in batches of 64x48 pixels."""
    cues, cuts, dissolves = _read(batches, threshold)
    return _table(cues["time"], _changes(cuts, dissolves, find_fades(cues)))


def _peer_shots(path, detector):
    """Return the shots that a detector of PySceneDetect finds, on the film's own clock."""
    with decoding.open_film(path) as film:
        stamps = decoding.stamps(film)
        times = np.array([film.seconds(stamp) for stamp in stamps])
    try:
        import scenedetect
    except ImportError:
        raise ParameterError(
            "PySceneDetect's detectors need the package scenedetect-headless, which is not installed; "
            'pip install "scenedetect-headless>=0.7,<0.8", or use method="toolkit"'
        ) from None
    scenes = scenedetect.detect(str(path), getattr(scenedetect, detector)())
    starts = [scene[0].frame_num for scene in scenes[1:]]
    return _table(times, [(start, "cut", start, start) for start in starts if 0 < start < len(times)])


def _table(times, changes):
    """Return the table of shots for changes (start of the shot, kind, first frame of the change, end of the change)."""
    rows = [(0, "start", 0, 0), *changes]
    if len(changes) and changes[0][0] == 0:
        rows = rows[1:]
    starts, kinds, first, end = zip(*rows, strict=True)
    step = float(np.median(np.diff(times))) if len(times) > 1 else 1 / LONE_RATE
    frames = np.array([*starts, len(times)], np.int64)
    return tile(frames, np.append(times, times[-1] + step)[frames], list(kinds), np.array([first, end], np.int64))


def _small_frames(path, progress):
    """Yield all pictures of a film, less black bars, as Frames of 64x48 pixels.

    A film's clock may begin below 0, which `video.iter_frames` leaves out.
    """
    with decoding.open_film(path) as film:
        size, inside = _inside_bars(film)
        frames = decoding.all_pictures(film)
        total = film.frame_count or None
        with progress_bar(frames, total=total, description=film.path.name, unit="frame", progress=progress) as bar:
            pictures = ((film.seconds(stamp), rgb(film, frame, size)[inside]) for stamp, frame in bar)
            yield from video.in_batches(pictures, 128, film.path.stem)


def _ahead(batches):
    """Yield what an iterator gives, the next of it being made in another thread meanwhile."""
    with ThreadPoolExecutor(max_workers=1) as pool:
        pending = pool.submit(next, batches, None)
        while (batch := pending.result()) is not None:
            pending = pool.submit(next, batches, None)
            yield batch


def _read(batches, threshold):
    """Go through a film; return its cues (a dict of arrays, a value a frame), hard cuts, and dissolves as spans."""
    cues = collections.defaultdict(list)
    cuts, dissolves = [], []
    for frames, rate, base, decided in _blocks(_measured(batches, cues)):
        steps, spans = _look(frames["thumb"], frames["step"], frames["energy"], threshold, rate, base)
        cuts += [base + step for step in steps if base + step in decided]
        dissolves += [(base + first, base + end) for first, end in spans if base + (first + end) // 2 in decided]
    return {name: np.concatenate(parts) for name, parts in cues.items()}, sorted(cuts), sorted(dissolves)


def _measured(batches, cues):
    """Yield what cuts are detected from in each batch, a dict of arrays; add the batch's cues to those of the film."""
    last = None
    for batch in batches:
        looks, energy, measures = measure(batch.images)
        step, alike = _steps(looks, last)
        last = [look[-1:] for look in looks]
        for name, values in {"time": batch.times, "alike": alike, **measures}.items():
            cues[name].append(values)
        yield {"time": batch.times, "thumb": looks[1], "step": step, "energy": energy}


def _blocks(parts):
    """Yield (frames, their rate, the number of the first, the numbers to be decided upon) of blocks that overlap.

    Around the frames that are decided upon there are as many others as are looked at, but at the film's ends.
    """
    held, base, done, beside = [], 0, 0, margin(LONE_RATE)
    for part in itertools.chain(parts, [None]):
        if part is not None:
            held.append(part)
            if sum(len(part["time"]) for part in held) < BLOCK_FRAMES + 2 * beside:
                continue
        frames = {name: np.concatenate([part[name] for part in held]) for name in held[0]}
        time = frames["time"]
        # a film may change its rate, as those of telephones and of screens do
        rate = 1 / max(float(np.median(np.diff(time))), 1e-3) if len(time) > 1 else LONE_RATE
        beside = margin(rate)
        end = base + len(time) if part is None else max(done, base + len(time) - beside)
        yield frames, rate, base, range(done, end)
        done, left = end, max(0, end - beside - base)
        base += left
        held = [{name: values[left:] for name, values in frames.items()}]


def _inside_bars(film):
    """Return the size (width, height) at which the picture inside a film's black bars is 64x48, and where it is."""
    wide, high = 4 * WIDTH, 4 * HEIGHT
    begin, length = film.first * film.time_base, (film.end - film.first) * film.time_base
    thresholds = film.thresholds(begin, BAR_PROBES / length, BAR_PROBES)
    try:
        pictures = list(decoding.key_pictures(film, thresholds))
    except VideoError:
        # the film does not tell where its key frames are
        pictures = list(decoding.pictures(film, thresholds))
    probed = np.stack([rgb(film, frame, (wide, high)) for _, frame in pictures])
    top, left, height, width = video.find_bars(probed)
    film.forget()
    # a bar's edge may lie inside a pixel, so that one more is left out
    edges = [top, left, top + height, left + width]
    top, left = (edge and edge + 2 for edge in edges[:2])
    bottom, right = (edge if edge == whole else edge - 2 for edge, whole in zip(edges[2:], (high, wide), strict=True))
    if bottom - top < high / 4 or right - left < wide / 4:
        return (WIDTH, HEIGHT), (slice(HEIGHT), slice(WIDTH))
    size = math.ceil(wide * WIDTH / (right - left)), math.ceil(high * HEIGHT / (bottom - top))
    top = min(math.ceil(top * size[1] / high), size[1] - HEIGHT)
    left = min(math.ceil(left * size[0] / wide), size[0] - WIDTH)
    return size, (slice(top, top + HEIGHT), slice(left, left + WIDTH))


def _steps(looks, last):
    """Return the distance of each frame from the one before, and how their gradients correlate.

    The distance of the film's first frame, where `last` is None, is 0.
    """
    last = [look[:1] for look in looks] if last is None else last
    fine, thumb, gradient = (np.concatenate(pair) for pair in zip(last, looks, strict=True))
    step = np.abs(np.diff(fine, axis=0)).mean(1) + coarse_distance(thumb[1:], thumb[:-1])
    energy = np.einsum("ij,ij->i", gradient, gradient) + NOISE_ENERGY * WIDTH * HEIGHT
    alike = np.einsum("ij,ij->i", gradient[1:], gradient[:-1]) / np.sqrt(energy[1:] * energy[:-1])
    return step * np.clip(2.4 - 2 * alike, 0, 1), alike


def _prominence(steps, rate):
    """Return how many times larger each step is than those around it, of a film of `rate` pictures a second."""
    reach = max(4, min(MAX_NEIGHBORS, round(rate / 2), round(rate) - 12))
    # alone among small ones a large step is a cut, however many more there are near it, as in a montage of short shots
    beside = np.lib.stride_tricks.sliding_window_view(np.pad(steps, 2, mode="symmetric"), 5)[:, [0, 1, 3, 4]].max(1)
    lone = (steps > 2 * beside) & (steps > OTHER_PICTURE_STEP)
    around, lone = (_around(values, reach) for values in (steps, lone))
    around = np.sort(around, axis=1)
    # a film may show each picture twice or thrice, as animation does: what is shown again counts for half
    again = (around <= SAME_PICTURE_STEP).sum(axis=1) / 2
    # without the two largest, which may be cuts themselves
    count = 2 * reach - np.clip(lone.sum(axis=1), 2, reach // 2)
    rows = np.arange(len(steps))
    total, largest = around.cumsum(axis=1)[rows, count - 1], around[rows, count - 1]
    strength = steps / (total / (count - again) + largest / 4 + 0.3)
    strength *= (LARGER_STEP_RATES[0] / np.clip(rate, LARGER_STEP_RATES[1], LARGER_STEP_RATES[0])) ** 0.4
    return np.maximum(strength, steps / SINGLE_STEP) if rate < SINGLE_STEP_RATE else strength


def _around(values, reach):
    """Return the 2 * reach values around each."""
    windows = np.lib.stride_tricks.sliding_window_view(np.pad(values, reach, mode="symmetric"), 2 * reach + 1)
    return np.delete(windows, reach, axis=1)


def _look(thumb, steps, energy, threshold, rate, base):
    """Return the hard cuts of a block of frames that begins at number `base`, and its dissolves as spans."""
    strength = _prominence(steps, rate)
    steep = np.flatnonzero(strength > threshold)
    peaks = [int(f) for f in steep if f > 0 and (rate < SINGLE_STEP_RATE or steps[f] == steps[f - 1 : f + 2].max())]
    flash = min(MAX_NEIGHBORS, round(MAX_FLASH_SECONDS * rate))
    cuts = [
        f for f in peaks if changed_share(thumb[f - 1], thumb[f]) > CHANGED_SHARE and not _is_flash(thumb, f, flash)
    ]
    return cuts, find_dissolves(thumb, energy, cuts, rate, base)


def _is_flash(thumb, f, length):
    """Return whether the picture before frame f is back within `length` frames, or that at f was there before."""
    last, first = thumb[f - 1 : f], thumb[f : f + 1]
    after, before = thumb[f + 1 : f + 1 + length], thumb[max(0, f - 1 - length) : f - 1]
    away = coarse_distance(last, first)[0]
    back = coarse_distance(after, last), coarse_distance(before, first)
    return min(distances.min(initial=away) for distances in back) < away / 2


def _changes(cuts, dissolves, fades):
    """Return all changes as (start of the shot, kind, first, end), in order and without overlap."""
    changes = [(boundary, kind, first, end) for kind, first, end, boundary in fades]
    for first, end in dissolves:
        if not any(first < other[3] and other[2] < end for other in changes):
            changes.append(((first + end) // 2, "dissolve", first, end))
    for cut in cuts:
        if not any(first <= cut <= end for _, _, first, end in changes):
            changes.append((cut, "cut", cut, cut))
    return sorted(changes)
