"""The decoder: from instants to the frames on screen then, decoding no more than necessary.

Time is counted in ticks of the stream's own clock. The picture on screen at an instant is the one with the latest
timestamp not after it. Packets are read a group at a time (a key frame and what depends on it): a group that no
instant falls into is not decoded, nor is the rest of a group after its last wanted picture, nor, in H.264 and MPEG-2,
an unwanted picture that no other refers to. The pictures equal those of a full decode.
"""

import itertools
import math
import warnings
from contextlib import contextmanager
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from av.video.reformatter import VideoReformatter

from toolkit.errors import VideoError
from toolkit.video.containers import check_film_path, open_container, picture_stream, scan_packets

HALF_MILLISECOND = Fraction(1, 2000)
SEEK_SECONDS = 20
GROUP_PACKETS = 2048
# formats whose key frames may build on what came before
PATCHWORK_CODECS = {"apng", "gif"}
# decoders that drop exactly the pictures that no other picture refers to
SKIPPING_CODECS = {"h264", "mpeg2video"}
MIN_INTERLACED_ORDER = 2


@dataclass
class Film:
    """An open film: its container, its picture stream, and what was learnt of its clock and its first picture.

    `first` is the first picture's timestamp and `end` the end of the last, both in ticks of `time_base`; `step` is the
    usual duration of a picture. `size` is (width, height) as displayed, `rotation` the clockwise turn that makes a
    stored picture upright. `reach` is the end of the latest picture read so far, `over` whether the file has
    been read to its end, `damaged` how many packets or pictures could not be decoded whole, and `lacks` tells in words
    what the last reading to its end missed. Where timestamps or key
    frames cannot be relied on, the film is `sequential`: it is decoded from its beginning, and where packets tell no
    time of presentation (`timeless`) its pictures follow each other by the usual step. What is decoded before the first
    whole picture, at `trusted`, is no damage.
    """

    path: Path
    container: av.container.InputContainer
    stream: av.VideoStream
    time_base: Fraction
    first: int
    end: int
    step: int
    frame_count: int
    size: tuple[int, int] = (0, 0)
    rotation: int = 0
    reach: int = 0
    over: bool = False
    sequential: bool = False
    timeless: bool = False
    trusted: int = 0
    damaged: int = 0
    lacks: str = ""
    scaler: VideoReformatter = field(default_factory=VideoReformatter)

    def forget(self):
        """Forget what was learnt by reading: a new reading tells anew how far the file goes, and what is damaged."""
        self.reach, self.over, self.damaged = self.first, False, 0

    def trust_from(self, group):
        """Begin to count damage at a group's key frame: what leads it may refer to pictures that were not decoded."""
        self.trusted = self.first if group[0].pts is None else group[0].pts

    def reopen(self):
        """Go back to the film's beginning, also where its container cannot seek."""
        self.container.close()
        self.container = open_container(self.path)
        self.stream = picture_stream(self.path, self.container)

    def seconds(self, ticks) -> float:
        """Return ticks as seconds."""
        return float(int(ticks) * self.time_base)

    @property
    def slack(self) -> Fraction:
        """Seconds by which a picture may be stamped later than it is due: containers round timestamps to their tick."""
        return min(self.time_base / 2, HALF_MILLISECOND)

    def threshold(self, instant) -> int:
        """Return the latest timestamp, in ticks, of a picture that is on screen at `instant` seconds."""
        return int((Fraction(instant) + self.slack) // self.time_base)

    def thresholds(self, grid, rate, count) -> np.ndarray:
        """Return `threshold(grid + k / rate)` for each k below `count`, as int64."""
        begin, step = (grid + self.slack) / self.time_base, 1 / (rate * self.time_base)
        whole = math.lcm(begin.denominator, step.denominator)
        begin, step = int(begin * whole), int(step * whole)
        return np.array([(begin + k * step) // whole for k in range(count)], dtype=np.int64)


@contextmanager
def open_film(path, *, count=False):
    """Open a film for decoding, and close it in the end.

    Parameters
    ----------
    path : path
    count : bool
        Whether `frame_count` must be known: a container that does not tell is then read through.

    Raises
    ------
    VideoError
        If there is no such file, or no picture stream in it that can be decoded.
    """
    film = _inspected(check_film_path(path), count)
    try:
        yield film
    finally:
        film.container.close()


def _inspected(path, count):
    """Return an open film, what it must know of its clock and its first picture found out."""
    container = open_container(path)
    stream = picture_stream(path, container)
    time_base = stream.time_base
    rate = stream.average_rate or stream.guessed_rate or stream.base_rate or Fraction(25)
    step = max(1, round(1 / rate / time_base))
    first, frame_count = stream.start_time, stream.frames
    end = first + stream.duration if stream.duration and first is not None else None
    # a header's duration adds up the times of decoding: the last picture may end later
    whole = first is None or not container.duration or (count and not frame_count)
    scan = None if whole else scan_packets(path, step, whole=False, stream_end=end)
    if scan is None and (whole or end is None):
        scan = scan_packets(path, step, whole=True)
        if scan is None:
            raise VideoError(f"{path} holds no picture that can be read; was it copied or downloaded to its end?")
    if scan is not None:
        first = scan[0] if first is None else first
        end = scan[1] if end is None else max(scan[1], end)
        frame_count = frame_count or scan[2]
    if container.format.name == "avi":
        # of a file that breaks off, FFmpeg makes up the duration; the number of pictures is the header's
        end = max(end, first + stream.frames * step)
    film = Film(path, container, stream, time_base, first, max(end, first + 1), step, frame_count)
    head, _ = next(_groups(film, container.demux(stream)), ([], None))
    film.timeless = any(packet.pts is None for packet in head) or (
        # AVI tells when pictures are decoded; where they are reordered FFmpeg can only guess
        container.format.name == "avi"
        and bool(stream.codec_context.has_b_frames)
        and all(before.pts < after.pts for before, after in itertools.pairwise(head))
    )
    film.sequential = film.timeless or stream.codec_context.name in PATCHWORK_CODECS
    film.first, frame = next(all_pictures(film))
    if film.timeless and frame_count:
        film.end = film.first + frame_count * step
    width, height = max(1, round(frame.width * (film.stream.sample_aspect_ratio or 1))), frame.height
    film.rotation = round(-(frame.rotation or 0) / 90) * 90 % 360
    film.size = (width, height) if film.rotation % 180 == 0 else (height, width)
    film.forget()
    return film


def stamps(film, low=-math.inf, high=math.inf):
    """Return the timestamps in ticks, ascending, of the film's pictures in [low, high), read without decoding."""
    film.reopen()
    packets = (packet for group, _ in _groups(film, film.container.demux(film.stream)) for packet in group)
    ticks = [packet.pts if packet.pts is not None else packet.dts for packet in packets if not packet.is_discard]
    film.forget()
    if film.timeless or None in ticks:
        ticks = [film.first + film.step * index for index in range(len(ticks))]
    return sorted(stamp for stamp in ticks if low <= stamp < high)


def all_pictures(film, low=-math.inf, high=math.inf):
    """Yield (timestamp, frame) of each picture with low <= timestamp < high, each once."""
    stamp = None
    for stamp, frame in _stamped(film, _all_frames(film, _groups(film, _seek(film, low)))):
        if stamp >= high:
            break
        if stamp >= low:
            yield stamp, frame
    _report(film, stamp is None)


def pictures(film, thresholds):
    """Yield (timestamp, frame): the picture on screen at each instant.

    Parameters
    ----------
    film : Film
    thresholds : ndarray of int64, (n,)
        Instants as `Film.threshold` gives them, ascending. Before the first picture, the first counts as on screen.

    Yields
    ------
    the picture's timestamp in ticks, the av.VideoFrame
        One for each instant; those that a film breaking off cannot serve are left out, with a warning.
    """
    position, screen, screen_stamp = 0, None, 0
    for stamp, frame in _stamped(film, _wanted_frames(film, thresholds)):
        while position < len(thresholds) and thresholds[position] < stamp:
            if screen is None:
                screen, screen_stamp = frame, stamp
            yield screen_stamp, screen
            position += 1
        if position == len(thresholds):
            break
        screen, screen_stamp = frame, stamp
    breaks = _report(film, screen is None)
    while position < len(thresholds) and (not breaks or thresholds[position] < film.reach):
        yield screen_stamp, screen
        position += 1


def key_pictures(film, thresholds):
    """Yield (timestamp, frame): of each instant the last key frame not after it, each key frame at most once."""
    film.reopen()
    codec = film.stream.codec_context
    produced = False
    for stamp, packet in _wanted_keys(film, thresholds):
        # each alone: to a decoder, key frames in a row are a film with holes
        frames = [*_decode(film, packet), *_decode(film, None)]
        codec.flush_buffers()
        if not frames or frames[0].is_corrupt:
            film.damaged += 1
        if frames:
            produced = True
            yield stamp, frames[0]
    _report(film, not produced)


def _wanted_keys(film, thresholds):
    """Yield (timestamp, packet) of the wanted key frames."""
    position, previous = 0, None
    # every packet is read: with Discard.nonkey, FFmpeg's mp4 reader mistakes the timestamps of key frames
    for group, _ in _groups(film, film.container.demux(film.stream)):
        packet = group[0]
        if film.sequential or packet.pts is None:
            raise VideoError(f'{film.path} does not tell where its key frames are; use accuracy="exact"')
        if not packet.is_keyframe or packet.is_discard:
            continue
        past = int(np.searchsorted(thresholds, packet.pts, side="left"))
        if previous is not None and past > position:
            position = past
            yield previous.pts, previous
        if position == len(thresholds):
            return
        previous = packet
    if previous is not None:
        yield previous.pts, previous


def _stamped(film, frames):
    """Yield (timestamp, frame), strictly rising; what is not whole, or not in order, is counted as damage."""
    last = None
    for frame in frames:
        stamp = frame.pts if frame.pts is not None else frame.dts
        if film.timeless or stamp is None:
            stamp = film.first if last is None else last + film.step
        ordered = last is None or stamp > last
        if stamp >= film.trusted and (frame.is_corrupt or not ordered):
            film.damaged += 1
        if ordered:
            last = stamp
            yield stamp, frame


def _wanted_frames(film, thresholds):
    """Yield the frames, in order of presentation, among which the wanted ones are."""
    origin = int(thresholds[0])
    groups = _groups(film, _seek(film, origin))
    codec = film.stream.codec_context
    skips = codec.name in SKIPPING_CODECS and codec.field_order < MIN_INTERLACED_ORDER
    gap = started = False
    while (read := next(groups, None)) is not None:
        group, next_key = read
        wanted = _wanted_packets(film, group, next_key, thresholds, started)
        if wanted is None:
            cut = len(group)
        else:
            visible = [packet.pts for packet in group if not packet.is_discard]
            if started and visible and min(visible) > thresholds[-1]:
                break
            cut = int(np.flatnonzero(wanted)[-1]) + 1 if wanted.any() else 0
            # pictures that lead the next group may refer to the last picture of this one;
            # without a next key frame, what follows may refer to any
            if next_key is None or (cut and wanted[[packet.pts for packet in group].index(max(visible))]):
                cut = len(group)
        if cut:
            if gap and started:
                yield from _decode(film, None)
                codec.flush_buffers()
            if gap or not started:
                film.trust_from(group)
            for index in range(cut):
                if skips and wanted is not None:
                    codec.skip_frame = "DEFAULT" if wanted[index] else "NONREF"
                yield from _decode(film, group[index])
            started = True
        gap = cut < len(group)
        if gap and wanted is not None and next_key is not None:
            ahead = int(np.searchsorted(thresholds, next_key, side="left"))
            if ahead < len(thresholds):
                target = int(thresholds[ahead])
                if target > origin and (target - next_key) * film.time_base > SEEK_SECONDS:
                    origin = target
                    if started:
                        yield from _decode(film, None)
                    groups = _groups(film, _seek(film, target))
                    codec = film.stream.codec_context
                    codec.flush_buffers()
                    gap = started = False
    yield from _decode(film, None)


def _wanted_packets(film, group, next_key, thresholds, started):
    """Return which packets of a group hold a picture that is on screen at an instant, or None if times are missing."""
    if film.sequential or any(packet.pts is None for packet in group):
        return None
    stamps = np.array([packet.pts for packet in group])
    visible = np.array([not packet.is_discard for packet in group])
    wanted = np.zeros(len(group), dtype=bool)
    order = np.flatnonzero(visible)[np.argsort(stamps[visible], kind="stable")]
    if not len(order):
        return wanted
    begin = np.searchsorted(thresholds, stamps[order], side="left")
    if not started:
        begin[0] = 0
    last = len(thresholds) if next_key is None else np.searchsorted(thresholds, next_key, side="left")
    end = np.append(begin[1:], max(last, begin[-1]))
    wanted[order] = end > begin
    return wanted


def _groups(film, packets):
    """Yield (packets of a group, timestamp of the next key frame or None at the end)."""
    group = []
    try:
        for packet in packets:
            if not packet.size:
                continue
            if group and (packet.is_keyframe or len(group) == GROUP_PACKETS):
                yield group, (packet.pts if packet.is_keyframe else None)
                group = []
            group.append(packet)
            if packet.pts is not None:
                film.reach = max(film.reach, packet.pts + (packet.duration or film.step))
            else:
                film.reach = film.end
    except (av.error.FFmpegError, EOFError):
        film.damaged += 1
    film.over = True
    if group:
        yield group, None


def _all_frames(film, groups):
    for number, (group, _) in enumerate(groups):
        if number == 0:
            film.trust_from(group)
        for packet in group:
            yield from _decode(film, packet)
    yield from _decode(film, None)


def _decode(film, packet):
    try:
        return film.stream.codec_context.decode(packet)
    except EOFError:
        return []
    except av.error.FFmpegError:
        film.damaged += 1
        return []


def _seek(film, target):
    """Return packets from a key frame that is shown at or before `target`, or from the beginning."""
    if not film.sequential and (target - film.first) * film.time_base > SEEK_SECONDS / 4:
        for back in (0, 2, 10, 60):
            place = int(target - back / film.time_base)
            if place <= film.first:
                break
            try:
                film.container.seek(place, stream=film.stream)
            except av.error.FFmpegError:
                break
            packets = film.container.demux(film.stream)
            head = next((p for p in packets if p.size), None)
            if head is not None and head.is_keyframe and head.pts is not None and head.pts <= target:
                return itertools.chain([head], packets)
    film.reopen()
    return film.container.demux(film.stream)


def _report(film, nothing):
    """Warn of what a film turned out to lack; return whether it breaks off before the end that its header tells."""
    if nothing:
        raise VideoError(f"{film.path} gave no picture; it is damaged, or breaks off before its first picture")
    missing = film.end - film.reach
    breaks = film.over and missing > max(2 * film.step, Fraction(1, 10) / film.time_base)
    film.lacks = ""
    if breaks:
        film.lacks = (
            f"breaks off at {film.seconds(film.reach):.2f} s: {film.seconds(missing):.2f} s of "
            f"{film.seconds(film.end - film.first):.2f} s are missing. What could be decoded is returned; "
            "copy or download the film again for the rest"
        )
    elif film.damaged:
        film.lacks = f"is damaged in {film.damaged} places; pictures near them may be wrong or missing"
    if film.lacks:
        warnings.warn(f"{film.path} {film.lacks}", stacklevel=3)
    return breaks
