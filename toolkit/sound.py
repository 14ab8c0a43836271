"""The sound of a film, on the clock of its pictures.

Sound is float32 `(n,)` in [-1, 1], the channels mixed down to one. Sample k is what is heard at `start + k / rate`
seconds, where seconds are those of frames, subtitles and shots: presentation timestamps, the container's start not
subtracted. Where the sound begins later than `start`, or has a gap, there is silence; what lies before is left out.

References
----------
ITU-R BS.1770-5 (2023), Algorithms to measure audio programme loudness, for the K-weighting and the scale. The filters
for rates other than 48 kHz: B. De Man, Evaluation of implementations of the EBU R128 loudness measurement, 2018.
S. S. Stevens, J. Volkmann and E. B. Newman, A scale for the measurement of the psychological magnitude pitch, Journal
of the Acoustical Society of America 8 (1937), for the mel; its formula is that of D. O'Shaughnessy, Speech
communication (1987).
"""

import itertools
import math
import operator
import os
import warnings
from contextlib import contextmanager
from fractions import Fraction
from pathlib import Path

import av
import numpy as np

from toolkit.checks import check_array, check_count, check_number, check_times
from toolkit.errors import ParameterError, VideoError
from toolkit.storage import progress_bar
from toolkit.video import containers
from toolkit.video.frames import check_part

__all__ = ["iter_audio", "log_mel", "loudness", "read_audio"]

# part of the keys of what is computed from a film's sound: raise it when levels are measured differently
VERSION = "1"
RATE = 48_000
# speech and rooms differ below 8 kHz
MEL_RATE = 16_000
MAX_RATE = 768_000
# of samples, which are within 1 but where something went wrong: what is squared and added up must stay a number
MAX_SAMPLE = 1e6
MAX_HOP_SECONDS = 10.0
BLOCK_SECONDS = 10
# a container rounds timestamps, and coders pad: what is off by less is no gap
MAX_GAP_SECONDS = Fraction(1, 20)
# far enough ahead for decoding to begin in the middle, and for a seek to be worth it
SEEK_SECONDS = 20
# the gate of ITU-R BS.1770: what is below is silence
SILENCE = -70.0
# of a mel band, in decibels: what 16 bits can hold of it
MIN_DECIBELS = -100.0
MIN_PITCH_HERTZ = 30.0


def read_audio(path, rate=16_000, *, start=0.0, end=None, max_gb=4.0):
    """Return the sound of a film, mixed down to one channel.

    Parameters
    ----------
    path : path
        The film, or a file of sound alone.
    rate : int
        Samples a second.
    start, end : float
        Seconds of the film, `[start, end)`; `end=None` is where the sound ends. Sample k is at `start + k / rate`.
    max_gb : float
        Refuse to read sound that takes more memory than this, `4 n / 1e9` gigabytes.

    Returns
    -------
    ndarray of float32, (n,)
        In [-1, 1]. With `end`, exactly `round((end - start) * rate)` samples: silence where the film has ended.

    Raises
    ------
    VideoError
        If the file cannot be read, or holds no sound.
    ParameterError
        If an option is out of range, or the sound would take more than `max_gb`.
    """
    max_gb = check_number("max_gb", max_gb, above=0, unit="gigabytes")
    parts, length = [], 0
    for part in iter_audio(path, rate, start=start, end=end):
        length += len(part)
        if 4 * length / 1e9 > max_gb:
            raise ParameterError(
                f"the sound of {path} takes more than max_gb={max_gb:g}; read a part of it with start and end "
                "(it may begin late on the film's clock: see video.probe(path).start), take a lower rate, "
                "or stream it with sound.iter_audio"
            )
        parts.append(part)
    return np.concatenate(parts) if parts else np.zeros(0, np.float32)


def iter_audio(path, rate=16_000, *, start=0.0, end=None):
    """Yield the sound of a film in pieces of about ten seconds, each float32 `(m,)`, in constant memory.

    The options are those of `read_audio`; together the pieces are what it returns. The film is opened, and what is
    wrong with it or with an option is raised, at once, not at the first piece.
    """
    rate = _check_rate(rate, at_least=1)
    start, end = check_part(start, end, at_least=0)
    with _open_sound(path):
        pass
    return _pieces(path, rate, start, end)


def loudness(sound, times, *, rate=None, start=0.0, progress=True):
    """Return how loud a film is at each of its frames.

    A frame's span goes from its time to that of the next, a tenth of a second at least; that of the last is as long as
    the one before, that of a frame alone a second. Its loudness is the mean square z of its K-weighted sound, as
    ``-0.691 + 10 log10(z)`` (ITU-R BS.1770): about how loud it is heard, in LUFS. It is that of the channels mixed
    down, as of one channel: a sine of 997 Hz and full scale has -3.01. The K-weighting raises what is above 1.5 kHz by
    4 decibels, and leaves out rumble below 40 Hz.

    Parameters
    ----------
    sound : path, or ndarray of float, (n,)
        The film, whose sound is then read piece by piece, in constant memory; or sound, as `read_audio` gives it.
    times : ndarray of float64, (m,)
        Seconds of the frames, ascending.
    rate, start : int, float
        Of sound that is an array: samples a second, from 8,000 to 768,000, and the second of its first sample.
    progress : bool
        Whether to show a progress bar while a film is read.

    Returns
    -------
    ndarray of float64, (m,)
        At least -70, which stands for silence, also where the film has no sound yet or any more.

    Raises
    ------
    VideoError
        If the film cannot be read, or holds no sound.
    ParameterError
        If an argument is of the wrong kind.
    """
    starts, ends = _spans(times)
    if isinstance(sound, (str, os.PathLike)):
        if rate is not None or start != 0.0:
            raise ParameterError("rate and start describe sound that is an array; a film is read on its own clock")
        rate, start = RATE, float(starts[0])
        pieces = _until(float(ends.max()) - start, iter_audio(sound, rate, start=start), sound, progress)
    else:
        rate, pieces = _pieces_of_array(sound, rate)
        start = check_number("start", start, unit="seconds")
    # as far as whole numbers of samples go
    instants = np.minimum((np.concatenate([starts, ends]) - start) * rate, 2.0**52)
    edges, places = np.unique(np.round(instants), return_inverse=True)
    energies = _energies(pieces, edges.astype(np.int64), _k_weighting(rate))[places]
    lengths = np.maximum(1, np.diff(edges[places].reshape(2, -1), axis=0)[0])
    power = (energies[len(starts) :] - energies[: len(starts)]) / lengths
    return np.maximum(SILENCE, -0.691 + 10 * np.log10(np.maximum(power, 1e-12)))


def log_mel(sound, *, n_mels=40, hop=0.032, rate=None):
    """Return how loud a film's sound is in each band of pitch, over time.

    Row k is of the sound from ``k hop`` to ``(k + 2) hop`` seconds after its first sample, under a Hann window. Bands
    are triangles of height 1, spaced evenly from 30 Hz to half the rate on the mel scale, ``2595 log10(1 + f / 700)``,
    each from the middle of the one below to that of the one above. Their powers are added up so that a sine of
    amplitude 1 at the middle of a band that is wider than the window's resolution, 2 / hop, has about 0 decibels there.

    Parameters
    ----------
    sound : path, or ndarray of float, (n,)
        The film, whose sound is then read piece by piece, from second 0 of its clock; or sound, as `read_audio` gives
        it.
    n_mels : int
        How many bands, at least 1. Of low bands, when there are many, some may be too narrow to hold a frequency of
        the window; they are silent.
    hop : float
        Seconds from a row to the next, at most 10, rounded to whole samples, of which there must be at least 8.
    rate : int
        Of sound that is an array: samples a second, from 8,000 to 768,000. A film is read at 16,000.

    Returns
    -------
    ndarray of float32, (ceil(n / (hop rate)), n_mels)
        Decibels, at least -100. Beyond the last sample there is silence. No row for no sound.

    Raises
    ------
    VideoError
        If the film cannot be read, or holds no sound.
    ParameterError
        If an argument is of the wrong kind.
    """
    n_mels = check_count("n_mels", n_mels, at_least=1)
    hop = check_number("hop", hop, above=0, at_most=MAX_HOP_SECONDS, unit="seconds")
    if isinstance(sound, (str, os.PathLike)):
        if rate is not None:
            raise ParameterError(f"rate describes sound that is an array; a film is read at {MEL_RATE:,}")
        rate, pieces = MEL_RATE, iter_audio(sound, MEL_RATE)
    else:
        rate, pieces = _pieces_of_array(sound, rate)
    step = round(hop * rate)
    if step < 8:
        raise ParameterError(f"hop must be at least 8 samples, {8 / rate:g} seconds; got {hop:g}")
    rows = [np.empty((0, n_mels), np.float32)]
    left = np.zeros(0, np.float32)
    for piece in itertools.chain(pieces, [None]):
        # a window reaches one step beyond the samples of its row; after the last there is silence
        last = -(-len(left) // step) * step + step - len(left) if len(left) else 0
        left = np.concatenate([left, np.zeros(last, np.float32) if piece is None else piece.astype(np.float32)])
        count = len(left) // step - 1
        if count > 0:
            rows.append(_levels(left[: (count + 1) * step], n_mels, step, rate))
            left = left[count * step :]
    return np.concatenate(rows)


def _levels(sound, n_mels, step, rate):
    """Return the decibels of bands under windows of two steps, float32 (windows, n_mels)."""
    import librosa

    with warnings.catch_warnings():
        # low bands that hold no frequency of the window are silent
        warnings.filterwarnings("ignore", message="Empty filters", category=UserWarning)
        bands = {"n_mels": n_mels, "fmin": MIN_PITCH_HERTZ, "htk": True, "norm": None}
        window = {"n_fft": 2 * step, "hop_length": step, "center": False}
        power = librosa.feature.melspectrogram(y=sound, sr=rate, **window, **bands).T
    # a Hann window's values add up to a step, their squares to three quarters of it
    return np.maximum(10 * np.log10(np.maximum(power * (8 / 3 / step**2), 1e-12)), MIN_DECIBELS).astype(np.float32)


def _spans(times):
    """Return where the span of each frame begins and ends, in seconds."""
    starts = check_times(times, order="ascending", at_least=0)
    last = starts[-1] - starts[-2] if len(starts) > 1 else 1.0
    return starts, np.maximum(np.append(starts[1:], starts[-1] + last), starts + 0.1)


def _pieces_of_array(sound, rate):
    """Return the rate of sound that is an array, and an iterator of its pieces."""
    sound = _check_sound(sound)
    rate = _check_rate(rate, at_least=8000)
    block = BLOCK_SECONDS * rate
    return rate, (sound[first : first + block] for first in range(0, len(sound), block))


def _check_sound(sound):
    hint = ". Whole numbers are divided by their greatest first, 32768 for 16 bits"
    wanted = "a film's path or finite float samples, (n,), as sound.read_audio gives them"
    options = {"wanted": wanted, "hint": lambda array: hint if array.dtype.kind in "iu" else ""}
    sound = check_array("sound", sound, ("n",), "f", **options)
    loudest = max(-float(sound.min(initial=0)), float(sound.max(initial=0)))
    if loudest > MAX_SAMPLE:
        raise ParameterError(
            f"sound must be in [-1, 1], or of samples of {MAX_SAMPLE:,.0f} at most; got {loudest:g}. Divide it by its "
            "greatest first"
        )
    return sound


def _check_rate(rate, at_least):
    if rate is None:
        raise ParameterError("rate must be given for sound that is an array: its samples a second")
    return check_count("rate", rate, at_least=at_least, at_most=MAX_RATE, hint=" (samples a second)")


def _until(seconds, pieces, path, progress):
    """Yield pieces of a film's sound until those seconds are reached, or its end, and show how far they are."""
    total, heard = math.ceil(seconds), 0
    with progress_bar(total=total, description=f"sound of {Path(path).name}", unit="s", progress=progress) as bar:
        for piece in pieces:
            yield piece
            heard += len(piece)
            bar.update(min(round(heard / RATE), total) - bar.n)
            if heard >= seconds * RATE:
                break


def _energies(pieces, edges, weighting):
    """Return the sum of the squares of the weighted sound before each of the `edges`, ascending sample numbers."""
    from scipy import signal

    sums = np.zeros(len(edges))
    state = np.zeros((len(weighting), 2))
    before, position = 0.0, 0
    for piece in pieces:
        weighted, state = signal.sosfilt(weighting, piece.astype(np.float64), zi=state)
        running = np.concatenate([[0.0], np.cumsum(weighted * weighted)]) + before
        inside = slice(*np.searchsorted(edges, [position, position + len(piece)], side="right"))
        sums[inside] = running[edges[inside] - position]
        before, position = running[-1], position + len(piece)
    sums[np.searchsorted(edges, position) :] = before
    return sums


def _k_weighting(rate):
    """Return the two filters of ITU-R BS.1770 for a rate, as second-order sections (2, 6)."""
    turn, bend = math.tan(math.pi * 1681.974450955533 / rate), 0.7071752369554196
    high, band = 10 ** (3.999843853973347 / 20), 10 ** (3.999843853973347 / 20 * 0.4996667741545416)
    scale = 1 + turn / bend + turn**2
    shelf = [high + band * turn / bend + turn**2, 2 * (turn**2 - high), high - band * turn / bend + turn**2]
    shelf += [scale, 2 * (turn**2 - 1), 1 - turn / bend + turn**2]
    turn, bend = math.tan(math.pi * 38.13547087602444 / rate), 0.5003270373238773
    low_scale = 1 + turn / bend + turn**2
    low_cut = [1, -2, 1, 1, 2 * (turn**2 - 1) / low_scale, (1 - turn / bend + turn**2) / low_scale]
    return np.array([[value / scale for value in shelf], low_cut])


@contextmanager
def _open_sound(path):
    """Open a film's sound; give the container and the stream, other streams left unread."""
    path = containers.check_film_path(path)
    with containers.open_container(path) as container:
        if not container.streams.audio:
            raise VideoError(f"{path} has no sound: there is no sound stream in it")
        stream = container.streams.best("audio") or container.streams.audio[0]
        if stream.codec_context is None:
            raise VideoError(f"{path} has sound in a coding that this installation cannot decode")
        containers.leave_unread(container, stream)
        yield container, stream


def _pieces(path, rate, start, end):
    """Yield float32 arrays of about BLOCK_SECONDS: the sound from `start` on, without holes."""
    limit = None if end is None else round((end - start) * rate)
    parts, count = [], 0
    for part in _without_holes(_placed(path, rate, start), limit, BLOCK_SECONDS * rate):
        parts.append(part)
        count += len(part)
        if count >= BLOCK_SECONDS * rate:
            yield np.concatenate(parts)
            parts, count = [], 0
    if parts:
        yield np.concatenate(parts)


def _without_holes(placed, limit, block):
    """Yield the samples of (first number, samples) in a row, with silence between, no longer than `block`.

    What lies before sample 0, overlaps what came before, or lies beyond `limit` is left out; a `limit` is reached.
    """
    position = 0
    if limit is not None:
        placed = itertools.chain(placed, [(limit, np.zeros(0, np.float32))])
    for first, samples in placed:
        silent = first if limit is None else min(first, limit)
        while position < silent:
            part = np.zeros(min(block, silent - position), np.float32)
            yield part
            position += len(part)
        samples = samples[max(0, position - first) : None if limit is None else max(0, limit - first)]
        if len(samples):
            yield samples
            position += len(samples)
        if limit is not None and position >= limit:
            return


def _placed(path, rate, start):
    """Yield (number of the first sample, samples) of runs of sound, resampled to `rate`; sample 0 is at `start`."""
    with _open_sound(path) as (container, stream):
        frames = _in_runs(_frames(container, stream, path, start))
        for (_, begin), run in itertools.groupby(frames, key=operator.itemgetter(0)):
            resampler = av.AudioResampler(format="fltp", rate=rate)
            first = round((begin - Fraction(start)) * rate)
            # with no frame, a resampler gives what it still holds
            for frame in itertools.chain((frame for _, frame in run), [None]):
                for resampled in resampler.resample(frame):
                    samples = resampled.to_ndarray().mean(axis=0, dtype=np.float32)
                    yield first, samples
                    first += len(samples)


def _in_runs(frames):
    """Yield ((number of its run, second at which that begins), frame): a run is of one kind of sound without a gap."""
    number, kind, begin, length = 0, None, Fraction(0), Fraction(0)
    for frame in frames:
        time = begin + length if frame.pts is None else frame.pts * frame.time_base
        own = (frame.rate, frame.layout.name, frame.format.name)
        if kind != own or abs(time - begin - length) > MAX_GAP_SECONDS:
            number, kind, begin, length = number + 1, own, time, Fraction(0)
        length += Fraction(frame.samples, frame.rate)
        yield (number, begin), frame


def _frames(container, stream, path, start):
    """Yield the decoded frames of the sound, from somewhat before `start` on."""
    if start > SEEK_SECONDS:
        try:
            container.seek(int((start - SEEK_SECONDS / 4) / stream.time_base), stream=stream)
        except av.error.FFmpegError:
            container.seek(0)
    subject = f"the sound of {path}"
    yield from containers.decode_packets(container, stream, stream.codec_context.decode, subject, "there it is silent")
