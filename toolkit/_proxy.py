"""A film's pictures written anew, small and quick to seek in, each at its own timestamp."""

import glob
import math
import warnings
from concurrent.futures import ThreadPoolExecutor

import av
import numpy as np

from toolkit import _decoding
from toolkit.errors import VideoError
from toolkit.storage import locked, progress_bar, write_whole

# a key frame so often, that any picture is soon reached; no pictures that wait for later ones; hardly any loss
OPTIONS = {"preset": "superfast", "crf": "14", "g": "12", "bf": "0", "x264-params": "log-level=none"}
AHEAD = 16


def small_copy(film, folder, key, size, *, progress):
    """Return the path of a film's small copy in a folder, made if there is none yet; warn of what the film lacks.

    Beside the copy of a film that breaks off, or is damaged, a text of the same name says so: the copy is whole, and
    would not tell.

    Parameters
    ----------
    film : Film
    folder : Path
    key : str
        Of the film's content.
    size : (int, int)
        Width and height, as displayed. The copy's are even.
    progress : bool
    """
    # named as the film, for people; found again by what it holds
    ending = f"-{key}-{size[0]}.mp4"
    for made in folder.glob(f"[!.]*{ending}"):
        if _is_whole(made):
            return _told(film, made)
    made = folder / f"{film.path.stem.lstrip('.').encode()[:100].decode(errors='ignore')}{ending}"
    # of two that need it at once, the second waits for the first
    with locked(made, timeout=math.inf):
        if _is_whole(made):
            return _told(film, made)
        for left in folder.glob(f".{glob.escape(made.stem)}.*.partial.mp4"):
            left.unlink(missing_ok=True)
        found = _decoding.all_pictures(film, 0, film.end + _decoding.ENDLESS)
        bar = progress_bar(
            found, total=film.frame_count or None, description=film.path.name, unit="frame", progress=progress
        )
        with write_whole(made) as partial:
            write_proxy(partial, film, bar, [side + side % 2 for side in size])
            made.with_suffix(".txt").unlink(missing_ok=True)
            if film.lacks:
                with write_whole(made.with_suffix(".txt")) as note:
                    note.write_text(film.lacks, encoding="utf-8")
    return made


def _is_whole(path):
    """Return whether a copy is there and can be read; one that was damaged is removed."""
    try:
        with _decoding.open_film(path):
            return True
    except VideoError:
        path.unlink(missing_ok=True)
        return False


def _told(film, made):
    """Return the path of a copy, after a warning of what is noted beside it."""
    note = made.with_suffix(".txt")
    if note.is_file():
        warnings.warn(f"{film.path} {note.read_text(encoding='utf-8')}", stacklevel=4)
    return made


def write_proxy(path, film, pictures, size):
    """Write pictures of a film as H.264 in MP4, without sound.

    Parameters
    ----------
    path : path
    film : Film
    pictures : iterable of (int, av.VideoFrame)
        Timestamps in the film's ticks, from 0 on, which are kept exactly, and the pictures as they are decoded.
    size : (int, int)
        The copy's width and height, as displayed; both even, as colours are stored for four pixels together.
    """
    rate = film.stream.average_rate or film.stream.guessed_rate
    clock = {"video_track_timescale": str(film.time_base.denominator)}
    with (
        av.open(str(path), "w", format="mp4", options=clock) as out,
        # scaled here, encoded there, while the decoder's own threads are at work on what follows
        ThreadPoolExecutor(1) as encoder,
    ):
        stream = out.add_stream("libx264", rate=rate, options=OPTIONS)
        stream.width, stream.height = size
        stream.pix_fmt, stream.codec_context.time_base = "yuv420p", film.time_base
        waiting, failed = [], []

        def write(small):
            # nothing may be written after what could not be: FFmpeg breaks down over a file without a beginning
            if failed:
                return
            try:
                out.mux(stream.encode(small))
            except BaseException:
                failed.append(True)
                raise

        for number, (stamp, frame) in enumerate(pictures):
            small = _small(film, frame, size)
            small.pts, small.time_base = stamp, film.time_base
            if number == 0:
                stream.codec_context.colorspace = small.colorspace
                stream.codec_context.color_range = small.color_range
            waiting.append(encoder.submit(write, small))
            if len(waiting) > AHEAD:
                waiting.pop(0).result()
        for encoded in waiting:
            encoded.result()
        out.mux(stream.encode(None))


def _small(film, frame, size):
    if film.rotation or frame.format.is_rgb:
        frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(_decoding.rgb(film, frame, size)), format="rgb24")
        return frame.reformat(format="yuv420p", dst_colorspace="ITU601", dst_color_range="MPEG")
    return _decoding.scaled(film, frame, size, "yuv420p")
