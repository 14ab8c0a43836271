"""Frames on both sides of cuts: read from a film, and painted in a row with a line between them."""

import re

import numpy as np
from PIL import Image, ImageDraw

from toolkit import video
from toolkit.errors import ParameterError
from toolkit.plots import clock
from toolkit.plots.style import MARK, image_font, thumbnail

# pixels of a row of frames
WIDTH, GAP, CAPTION = 500, 4, 14
# instants whose frames are kept
MOST_INSTANTS = 240


class FilmFrames:
    """Small frames of a film on both sides of an instant, each with its seconds; kept once they were read."""

    def __init__(self, film, cuts):
        info = video.probe(film)
        self._film, self._period, self._sides_at = film, 1 / info.fps, {}
        self._begin, self._finish = float(cuts["start"].iloc[0]), float(cuts["end"].iloc[-1])
        self._size = min(info.width, WIDTH // 2)
        frames = cuts["end_frame"] - cuts["start_frame"]
        # stamps may be rounded to milliseconds
        late = np.abs((cuts["end"] - cuts["start"]) - frames * self._period)
        self._steady = bool((late <= 2e-3 + 0.02 * frames * self._period).all())

    def stamp(self, seconds):
        """Return the seconds of the frame that is shown at an instant."""
        if not self._begin <= seconds < self._finish:
            raise ParameterError(
                f"a time must lie in the film, from {clock(self._begin)} to {clock(self._finish)}; got {seconds:g} s"
            )
        return float(video.read_frames(self._film, times=[seconds], size=self._size, progress=False).times[0])

    def around(self, instants, n):
        """Return, for each instant, n + 1 frames before it and from it on, (seconds, image), as far as there are."""
        missing = [at for at in instants if (at, n) not in self._sides_at]
        if len(self._sides_at) > MOST_INSTANTS:
            self._sides_at = {key: self._sides_at[key] for key in self._sides_at if key[0] in instants}
        if missing and self._steady:
            # in the middle of each frame, so that no rounding of times matters
            steps = (np.arange(-n - 1, n + 1) + 0.5) * self._period
            times = np.clip(np.add.outer(missing, steps), self._begin, self._finish - self._period / 2)
            frames = video.read_frames(self._film, times=times.ravel(), size=self._size, progress=False)
            images = dict(zip(frames.times.tolist(), frames.images, strict=True))
            # of a film that breaks off there are fewer
            for at, stamps in zip(missing, np.array_split(frames.times, len(missing)), strict=True):
                self._sides_at[at, n] = _sides(at, {stamp: images[stamp] for stamp in stamps.tolist()}, n)
        for at in missing:
            if (at, n) not in self._sides_at or not self._is_whole(at, n):
                self._sides_at[at, n] = self._every(at, n)
        return [self._sides_at[at, n] for at in instants]

    def _is_whole(self, at, n):
        """Return whether the frames around an instant are one beside the other, as far as the film reaches."""
        before, after = self._sides_at[at, n]
        gaps = np.diff([stamp for stamp, _ in (*before, *after)])
        room = int((at - self._begin) / self._period + 0.5), int((self._finish - at) / self._period + 0.5)
        enough = len(before) > min(n, room[0] - 1) and len(after) > min(n, room[1] - 1)
        return enough and bool((np.abs(gaps - self._period) <= 2e-3 + 0.02 * self._period).all())

    def _every(self, at, n):
        """Return the frames around an instant of a film in which some are shown longer than others."""
        reach = (n + 1) * self._period
        while True:
            reach *= 2
            low, high = max(at - reach, self._begin), min(at + reach, self._finish)
            frames = {}
            for batch in video.iter_frames(self._film, fps=None, start=low, end=high, size=self._size, progress=False):
                frames |= zip(batch.times.tolist(), batch.images, strict=True)
            sides = _sides(at, frames, n)
            # a frame may be on screen for long, but who would wait for it?
            if all(len(side) > n for side in sides) or (low, high) == (self._begin, self._finish) or reach > 30:
                return sides


def _sides(at, frames, n):
    """Return the frames before an instant and from it on, at most n + 1 each, of a dict by their seconds."""
    ordered = sorted(frames.items())
    before = [frame for frame in ordered if frame[0] < at - 1e-6]
    return before[-n - 1 :], [frame for frame in ordered if frame[0] >= at - 1e-6][: n + 1]


def neighbor_of(before, after, step):
    """Return the frame before an instant, for a step of -1, or the second from it on, of its sides; None for none."""
    frames = before[-1:] if step < 0 else after[1:2]
    return frames[0] if frames else None


def in_a_row(before, after, around):
    """Return the frames of both sides from left to right, `around` of each; None where the film has none."""
    before = before[-around:]
    return [*[None] * (around - len(before)), *before, *after[:around]]


def paint_sides(before, after, around):
    """Return frames before a cut and after it in a row, a line between them and their times below."""
    wide = WIDTH // (2 * around) - GAP
    shape = (after or before)[0][1].shape
    high = max(1, round(wide * shape[0] / shape[1]))
    sheet = np.full((high + CAPTION, WIDTH, 3), 255, np.uint8)
    row = in_a_row(before, after, around)
    lefts = [GAP // 2 + column * (wide + GAP) for column in range(2 * around)]
    for left, frame in zip(lefts, row, strict=False):
        sheet[:high, left : left + wide] = 230 if frame is None else thumbnail(frame[1], (wide, high))
    painted = Image.fromarray(sheet)
    draw = ImageDraw.Draw(painted)
    for left, frame in zip(lefts, row, strict=False):
        if frame is not None:
            draw.text((left, high), clock(frame[0]), fill="#444444", font=image_font(10))
    middle = lefts[around] - GAP // 2
    draw.rectangle((middle - 2, 0, middle + 1, high + CAPTION), fill=MARK)
    return np.asarray(painted)


def parse_seconds(text):
    """Return the seconds of a time as it is typed: 62.5, 1:02.5 or 0:01:02,5."""
    match = re.fullmatch(r"(-?)(?:(?:(\d{1,3}):)?(\d{1,3}):)?(\d+(?:[.,]\d*)?)", text.strip())
    if not match or (match[3] and float(match[4].replace(",", ".")) >= 60):
        raise ParameterError(f"a time must be seconds, as 62.5, or minutes and seconds, as 1:02.50; got {text!r}")
    # of few films the clock begins below 0
    sign = -1 if match[1] else 1
    return sign * (3600 * int(match[2] or 0) + 60 * int(match[3] or 0) + float(match[4].replace(",", ".")))
