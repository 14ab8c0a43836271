"""The shots of a film: its hard cuts, and its gradual changes with their kind and span.

A film is read once, every picture of it, at 64x48 pixels, of which a thumbnail of 16x12 is kept for a while: memory
does not grow with the film but for a few numbers a frame.

Hard cuts. The step from a frame to the next is the sum of three mean absolute differences: of the luma at 64x48 and at
16x12, each frame less its mean and divided by its contrast, so that flicker and exposure do not count, and of the
colours at 16x12 in the same unit. A step is compared with the 12 on either side, less the two largest of these, which
may be cuts themselves: `step / (mean + max / 4 + 0.3)`. An absolute threshold fails on old film, where every step is
large, and on low contrast, where every step is small. A picture that is back within 8 frames was interrupted by a
flash, not by a cut, and where most of the picture stays, as under a title or behind a passer-by, there is no cut.

Dissolves. Halfway between the pictures A and B, each picture is a mixture `a A + b B`, with `a` falling from 1 to 0 and
`b` rising from 0 to 1: what moves or pans is no such mixture. The span is that of the ramp that fits `b` best.

Fades and irises. The picture loses its contrast until it is blank, step by step; in an iris the corners go first.

References
----------
J. Yu, G. Bozdagi and S. Harrington, Feature-based hierarchical video segmentation, ICIP 1997, for dissolves as
mixtures. R. Lienhart, Comparison of automatic shot boundary detection algorithms, SPIE 3656, 1999, for fades by
contrast. Y. Yusoff, W. Christmas and J. Kittler, Video shot cut detection using adaptive thresholding, BMVC 2000, for
thresholds from a step's neighbours.
"""

import itertools
import math
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pandas as pd

from toolkit import _decoding, video
from toolkit._checks import ParameterError, check_choice, check_number
from toolkit.records import Frames

# the names of PySceneDetect's detectors
PEERS = {
    "adaptive": "AdaptiveDetector",
    "content": "ContentDetector",
    "hash": "HashDetector",
    "histogram": "HistogramDetector",
    "threshold": "ThresholdDetector",
}
METHODS = ("toolkit", *PEERS)
WIDTH, HEIGHT = 64, 48
LUMA = np.array([0.299, 0.587, 0.114], dtype=np.float32)
# what is added to a contrast, in gray levels, that the noise of a blank picture be not taken for its content
EVEN = 4.0
NEIGHBOURS = 12
# how many key frames are looked at for black bars
PROBED = 12
FLASH = 8
# the frames that are looked at together, and how far beyond both ends of them
BLOCK, MARGIN = 1024, 96
# the share of the picture that changes at a cut at least, and the luma of what counts as black
CHANGED, BLACK = 0.4, 24
# of a dissolve: how different its sides are, how well it must look like a mixture, how far off its ramp it may be
DISTINCT, MIXED, UNEVEN = 0.5, 0.14, 0.125


def detect_shots(path, method="toolkit", *, threshold=1.9, progress=True) -> pd.DataFrame:
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
        above 0. Lower finds more. Of sharp cuts most are above 3, of pans and flicker few are above 1.8.
    progress : bool
        Whether to show a progress bar.

    Returns
    -------
    DataFrame
        A row for each shot, in order, with the columns

        start_frame, end_frame : the shot's frames `[start_frame, end_frame)`, numbered from 0 as the film shows them
        start, end : seconds, `start` the timestamp of the shot's first picture, `end` that of the next shot's, or the
            end of the film
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
    """
    check_choice("method", method, METHODS)
    threshold = check_number("threshold", threshold, above=0)
    if method != "toolkit":
        return _peer_shots(path, PEERS[method])
    return _shots(_ahead(_small_frames(path, progress)), threshold)


def _shots(batches, threshold):
    """Return the table of the shots of a film that comes in batches of 64x48 pixels."""
    cues, cuts, dissolves = _read(batches, threshold)
    return _table(cues["time"], _changes(cuts, dissolves, _fades(cues)))


def _peer_shots(path, detector):
    """Return the shots that a detector of PySceneDetect finds, on the film's own clock."""
    with _decoding.open_film(path) as film:
        stamps = _decoding.stamps(film, -_decoding.ENDLESS, film.end + _decoding.ENDLESS)
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
    ends = [row[0] for row in rows[1:]] + [len(times)]
    step = float(np.median(np.diff(times))) if len(times) > 1 else 0.0
    clock = np.append(times, times[-1] + step)
    return pd.DataFrame(
        {
            "start_frame": np.array([row[0] for row in rows], dtype=np.int64),
            "end_frame": np.array(ends, dtype=np.int64),
            "start": clock[[row[0] for row in rows]],
            "end": clock[ends],
            "transition": [row[1] for row in rows],
            "transition_start_frame": np.array([row[2] for row in rows], dtype=np.int64),
            "transition_end_frame": np.array([row[3] for row in rows], dtype=np.int64),
        }
    )


def _small_frames(path, progress):
    """Yield all pictures of a film, less black bars, as Frames of 64x48 pixels."""
    size, (top, left) = _inside_bars(path)
    for batch in video.iter_frames(path, batch=128, fps=None, size=size, progress=progress):
        yield Frames(batch.images[:, top : top + HEIGHT, left : left + WIDTH], batch.times, batch.name)


def _ahead(batches):
    """Yield what an iterator gives, the next of it being made in another thread meanwhile."""
    with ThreadPoolExecutor(max_workers=1) as pool:
        pending = pool.submit(next, batches, None)
        while (batch := pending.result()) is not None:
            pending = pool.submit(next, batches, None)
            yield batch


def _read(batches, threshold):
    """Go through a film; return its cues (a dict of arrays, a value a frame), hard cuts, and dissolves as spans."""
    cues = {name: [] for name in ("time", "level", "contrast")}
    cuts, dissolves = [], []
    last, base, rate = None, 0, None
    thumbs, steps = [], []
    held = 0

    def look(final):
        nonlocal base, thumbs, steps, held
        block, step = np.concatenate(thumbs), np.concatenate(steps)
        low = 0 if base == 0 else MARGIN
        high = len(block) if final else len(block) - MARGIN
        found, mixed = _look(block, step, threshold, rate)
        cuts.extend(base + cut for cut in found if low <= cut < high)
        dissolves.extend((base + a, base + b) for a, b in mixed if low <= (a + b) // 2 < high)
        kept = min(2 * MARGIN, len(block))
        base += len(block) - kept
        thumbs, steps, held = [block[-kept:]], [step[-kept:]], kept

    for batch in batches:
        if rate is None:
            rate = 1 / max(float(np.median(np.diff(batch.times))), 1e-3) if len(batch.times) > 1 else 25.0
        fine, thumb, measured = _measure(batch.images)
        step = _steps(fine, thumb, last)
        last = fine[-1:], thumb[-1:]
        for name, values in {"time": batch.times, **measured}.items():
            cues[name].append(values)
        thumbs.append(thumb)
        steps.append(step)
        held += len(thumb)
        if held >= BLOCK + 2 * MARGIN:
            look(final=False)
    look(final=True)
    return {name: np.concatenate(values) for name, values in cues.items()}, sorted(cuts), sorted(dissolves)


def _inside_bars(path):
    """Return the size (width, height) at which the picture inside a film's black bars is 64x48, and where it begins."""
    wide, high = 4 * WIDTH, 4 * HEIGHT
    probed = video.read_frames(path, n_frames=PROBED, size=(wide, high), accuracy="keyframe", progress=False)
    top, left, height, width = video.find_bars(probed.images)
    # a bar's edge may lie inside a pixel, so that one more is left out
    edges = [top, left, top + height, left + width]
    top, left = (edge and edge + 2 for edge in edges[:2])
    bottom, right = (edge if edge == whole else edge - 2 for edge, whole in zip(edges[2:], (high, wide), strict=True))
    if bottom - top < high / 4 or right - left < wide / 4:
        return (WIDTH, HEIGHT), (0, 0)
    size = math.ceil(wide * WIDTH / (right - left)), math.ceil(high * HEIGHT / (bottom - top))
    return size, (
        min(math.ceil(top * size[1] / high), size[1] - HEIGHT),
        min(math.ceil(left * size[0] / wide), size[0] - WIDTH),
    )


def _measure(images):
    """Return luma float32 (n, 3072) less its mean and by its contrast, RGB thumbnails float32 (n, 192, 3), and cues."""
    n = len(images)
    pixels = images.astype(np.float32)
    luma = pixels @ LUMA
    # rows first: a sum over both axes at once is many times slower
    thumb = pixels.reshape(n, 12, 4, 16 * 4 * 3).sum(2).reshape(n, 12, 16, 4, 3).sum(3) / 16
    fine = luma.reshape(n, -1)
    level = fine.mean(1)
    contrast = fine.std(1)
    fine = (fine - level[:, None]) / (contrast[:, None] + EVEN)
    return fine, thumb.reshape(n, -1, 3), {"level": level, "contrast": contrast}


def _coarse(thumb):
    """Return thumbnails (n, 192, 3) as luma less its mean and two colour differences, in units of contrast."""
    gray = thumb @ LUMA
    unit = gray.std(1, keepdims=True) + EVEN
    colors = (thumb[..., [0, 2]] - gray[..., None]) / unit[..., None]
    return (gray - gray.mean(1, keepdims=True)) / unit, colors


def _coarse_distance(one, other):
    """Return the distances of thumbnails, as `_steps` has them at 16x12."""
    (gray1, colors1), (gray2, colors2) = _coarse(one), _coarse(other)
    return np.abs(gray1 - gray2).mean(1) + np.abs(colors1 - colors2).mean((1, 2))


def _steps(fine, thumb, last):
    """Return the distance of each frame from the one before; 0 for the film's first, where `last` is None."""
    first = (fine[:1], thumb[:1]) if last is None else last
    fine = np.concatenate([first[0], fine])
    thumb = np.concatenate([first[1], thumb])
    return np.abs(np.diff(fine, axis=0)).mean(1) + _coarse_distance(thumb[1:], thumb[:-1])


def _prominence(steps):
    """Return how many times larger each step is than those around it."""
    padded = np.pad(steps, NEIGHBOURS, mode="symmetric")
    around = np.lib.stride_tricks.sliding_window_view(padded, 2 * NEIGHBOURS + 1)
    # without the two largest, which may be cuts themselves
    around = np.sort(np.delete(around, NEIGHBOURS, axis=1), axis=1)[:, :-2]
    return steps / (around.mean(axis=1) + around[:, -1] / 4 + 0.3)


def _look(thumb, steps, threshold, rate):
    """Return the hard cuts of a block of frames, and its dissolves as spans."""
    strength = _prominence(steps)
    found = np.flatnonzero(strength > threshold)
    peaks = [int(f) for f in found if f > 0 and steps[f] == steps[f - 1 : f + 2].max()]
    cuts = [f for f in peaks if _changed(thumb[f - 1], thumb[f]) > CHANGED and not _is_flash(thumb, f)]
    return cuts, _dissolves(thumb, cuts, rate)


def _changed(before, after):
    """Return the share of a thumbnail (192, 3) that changed, both as it is and but for its level and contrast.

    Where both are black, as in bars, is no part of it.
    """
    both = np.stack([before, after])
    gray, colors = _coarse(both)
    relative = np.abs(gray[1] - gray[0]) + np.abs(colors[1] - colors[0]).mean(1)
    luma = both @ LUMA
    absolute = np.abs(after - before).mean(1) / (luma.std(1).min() + EVEN)
    changed, lit = (relative > 0.2) & (absolute > 0.1), luma.max(0) > BLACK
    return changed[lit].mean() if lit.any() else changed.mean()


def _is_flash(thumb, f):
    """Return whether the picture before frame f is back soon after it, or that at f was there shortly before."""
    away = _coarse_distance(thumb[f - 1 : f], thumb[f : f + 1])[0]
    after, before = thumb[f + 1 : f + 1 + FLASH], thumb[max(0, f - 1 - FLASH) : f - 1]
    back = [away]
    if len(after):
        back.append(_coarse_distance(after, thumb[f - 1 : f]).min())
    if len(before):
        back.append(_coarse_distance(before, thumb[f : f + 1]).min())
    return min(back) < away / 2


def _dissolves(thumb, cuts, rate):
    """Return the spans [first, end) of the dissolves of a block of frames."""
    pixels = thumb.reshape(len(thumb), -1)
    n = len(pixels)
    halves = [max(4, min(MARGIN // 3, round(seconds * rate))) for seconds in (0.33, 0.5, 0.67)]
    scores = np.array([_mixture(pixels, half, cuts) for half in halves])
    best = scores.max(0)
    reach = max(6, min(MARGIN // 2, round(rate)))
    spans = []
    while n and best.max() > MIXED:
        middle = int(best.argmax())
        low = max([0, *(cut for cut in cuts if cut <= middle)])
        high = min([n, *(cut for cut in cuts if cut > middle)])
        bounds = max(low, middle - reach), min(high, middle + reach)
        half = halves[int(scores[:, middle].argmax())]
        first, end = middle - half + 1, middle + half
        for _ in range(3):
            first, end = _ramp(pixels, middle, bounds, max(bounds[0], first - 3), min(bounds[1], end + 3))
        best[max(0, min(first, middle - reach)) : max(end, middle + reach)] = 0
        if first - low > rate / 2 and high - end > rate / 2 and _is_mixed(pixels, first, end):
            spans.append((first, end))
    return spans


def _mixture(pixels, half, cuts):
    """Return how much each frame looks like the middle of a dissolve of 2 * half frames: 0 to about 1."""
    n, mean = len(pixels), 2
    middles = np.arange(half + mean - 1, n - half - mean + 1)
    score = np.zeros(n)
    ahead = np.searchsorted(cuts, middles - half - mean + 1, side="right")
    middles = middles[np.searchsorted(cuts, middles + half + mean - 1, side="right") == ahead]
    if not len(middles):
        return score
    a = (pixels[middles - half] + pixels[middles - half - 1]) / 2
    b = (pixels[middles + half] + pixels[middles + half + 1]) / 2
    (gray_a, _), (gray_b, _) = (_coarse(side.reshape(len(side), -1, 3)) for side in (a, b))
    away = np.abs(gray_a - gray_b).mean(1)
    distinct = away > DISTINCT
    middles, a, b, away = middles[distinct], a[distinct], b[distinct], away[distinct]
    offsets = np.unique(np.linspace(1 - half, half - 1, min(2 * half - 1, 17)).round().astype(int))
    left = plain = uneven = 0
    for offset in offsets:
        y = pixels[middles + offset]
        rest, share, whole = _unmix(y, a, b)
        left = left + rest
        plain = plain + whole
        uneven = uneven + (share - (offset + half) / (2 * half)) ** 2
    unexplained = np.sqrt(left / (plain + 1))
    uneven = np.sqrt(uneven / len(offsets))
    score[middles] = away * np.clip(1 - unexplained, 0, 1) * np.clip(1 - 4 * uneven, 0, 1)
    return score


def _unmix(y, a, b):
    """Return of pictures y, as mixtures of a and b: what is left, the share of b, and what either alone leaves."""

    def product(one, other):
        return np.einsum("ij,ij->i", one, other)

    aa, bb, ab, ya, yb, yy = (product(*pair) for pair in ((a, a), (b, b), (a, b), (y, a), (y, b), (y, y)))
    area = aa * bb * 1.001 - ab * ab + 1
    # what is left when a picture is one of the two alone, lighter or darker
    alone = yy - np.maximum(ya**2 / (aa + 1), yb**2 / (bb + 1))
    of_a, of_b = (ya * bb - yb * ab) / area, (yb * aa - ya * ab) / area
    rest = yy - 2 * of_a * ya - 2 * of_b * yb + of_a**2 * aa + 2 * of_a * of_b * ab + of_b**2 * bb
    share = of_b / (np.abs(of_a) + np.abs(of_b) + 1e-3)
    return np.maximum(rest, 0), share, np.maximum(alone, 0)


def _is_mixed(pixels, first, end):
    """Return whether the pictures of a span [first, end) go evenly from the picture before it to the one after it."""
    a, b, y = pixels[first - 3 : first].mean(0), pixels[end : end + 3].mean(0), pixels[first:end]
    _, share, _ = _unmix(y, np.broadcast_to(a, y.shape), np.broadcast_to(b, y.shape))
    ramp = np.arange(1, end - first + 1) / (end - first + 1)
    return np.sqrt(((share - ramp) ** 2).mean()) < UNEVEN


def _ramp(pixels, middle, bounds, low, high):
    """Return the span [first, end) around `middle` whose linear ramp fits the share of the later picture best.

    The pictures before and after are taken from `low` and `high`, three frames each.
    """
    a, b = pixels[low : low + 3].mean(0), pixels[high - 3 : high].mean(0)
    start, stop = max(bounds[0], low - 2), min(bounds[1], high + 2)
    y = pixels[start:stop]
    _, share, _ = _unmix(y, np.broadcast_to(a, y.shape), np.broadcast_to(b, y.shape))
    frames = np.arange(start, stop)
    spans = np.array(list(itertools.product(range(start, middle), range(middle + 1, stop + 1))))
    first, end = spans[:, :1], spans[:, 1:]
    ramps = np.clip((frames + 1 - first) / (end - first + 1), 0, 1)
    return tuple(int(edge) for edge in spans[((share - ramps) ** 2).sum(1).argmin()])


def _fades(cues):
    """Return fades and irises as (kind, first, end, boundary)."""
    level, contrast, time = cues["level"], cues["contrast"], cues["time"]
    n = len(level)
    if n < 2:
        return []
    rate = 1 / max(float(np.median(np.diff(time))), 1e-3)
    around = max(8, round(2 * rate))
    highest = pd.Series(contrast).rolling(2 * around + 1, center=True, min_periods=1).max().to_numpy()
    blank = (contrast < 0.2 * highest) & (contrast < 12)
    edges = np.flatnonzero(np.diff(np.concatenate([[False], blank, [False]]).astype(np.int8)))
    found = []
    for first, end in edges.reshape(-1, 2):
        zero = float(np.median(level[first:end])), float(contrast[first:end].min())
        out = _slope(cues, zero, np.arange(first, max(-1, first - 3 * around), -1))
        back = _slope(cues, zero, np.arange(end - 1, min(n, end - 1 + 3 * around)))
        found.append((int(first), int(end), out, back))
    changes = []
    for first, end, out, back in found:
        if out and back:
            kind = "iris" if out[1] or back[1] else "fade"
            changes.append((kind, out[0] + 1, back[0], (out[0] + 1 + back[0]) // 2))
        elif out and end < n:
            changes.append(("iris" if out[1] else "fade", out[0] + 1, end, end))
        elif back:
            changes.append(("iris" if back[1] else "fade", first, back[0], first))
    return changes


def _slope(cues, zero, frames):
    """Follow a fade from a blank frame outwards; return (first whole frame, whether it is an iris), or None.

    `frames` are those to walk along, `zero` is the level and the contrast of the blank picture.
    """
    height, contrast = np.abs(cues["level"][frames] - zero[0]), cues["contrast"][frames]
    top = 0
    while top + 1 < len(frames):
        ahead = height[top + 1 : top + 5]
        if ahead.max() <= height[top] * 1.02 + 0.5:
            break
        top += 1 + int(ahead.argmax())
    whole = int(np.argmax(height[: top + 1] >= 0.95 * height[top]))
    if whole < 4 or height[top] < 8 or np.abs(np.diff(height[: whole + 1])).max() > 0.5 * height[top]:
        return None
    if zero[1] > 0.35 * contrast[whole]:
        return None
    half = int(np.argmax(height[: whole + 1] >= 0.5 * height[top]))
    # a fade takes contrast away as it takes light away; what an iris has not reached yet keeps its contrast
    return int(frames[whole]), bool(contrast[half] - contrast[0] > 0.75 * (contrast[whole] - contrast[0]))


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
