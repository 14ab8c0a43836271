"""Proxies: small copies of long films, quick to seek in, each frame at its own timestamp."""

import glob
import math
import warnings
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import av
import numpy as np

from toolkit.checks import check_count, check_number
from toolkit.errors import VideoError
from toolkit.storage import cache_folder, data_folder, file_key, locked, progress_bar, require_writable, write_whole
from toolkit.video import decoding
from toolkit.video.frames import scaled_size
from toolkit.video.scaling import rgb, scaled

# a key frame so often, that any picture is soon reached; no pictures that wait for later ones; hardly any loss
ENCODER_OPTIONS = {"preset": "superfast", "crf": "14", "g": "12", "bf": "0", "x264-params": "log-level=none"}
MAX_QUEUE = 16


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
    for copy in folder.glob(f"[!.]*{ending}"):
        if _is_whole(copy):
            return _after_warning(film, copy)
    copy = folder / f"{film.path.stem.lstrip('.').encode()[:100].decode(errors='ignore')}{ending}"
    # of two that need it at once, the second waits for the first
    with locked(copy, timeout=math.inf):
        if _is_whole(copy):
            return _after_warning(film, copy)
        for partial in folder.glob(f".{glob.escape(copy.stem)}.*.partial.mp4"):
            partial.unlink(missing_ok=True)
        total, name = film.frame_count or None, film.path.name
        pictures = decoding.all_pictures(film)
        bar = progress_bar(pictures, total=total, description=name, unit="frame", progress=progress)
        with write_whole(copy) as partial:
            write_proxy(partial, film, bar, [side + side % 2 for side in size])
            copy.with_suffix(".txt").unlink(missing_ok=True)
            if film.lacks:
                with write_whole(copy.with_suffix(".txt")) as note:
                    note.write_text(film.lacks, encoding="utf-8")
    return copy


def _is_whole(path):
    """Return whether a copy is there and can be read; one that was damaged is removed."""
    try:
        with decoding.open_film(path):
            return True
    except VideoError:
        path.unlink(missing_ok=True)
        return False


def _after_warning(film, copy):
    """Return the path of a copy, after a warning of what is noted beside it."""
    note = copy.with_suffix(".txt")
    if note.is_file():
        warnings.warn(f"{film.path} {note.read_text(encoding='utf-8')}", stacklevel=4)
    return copy


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
        stream = out.add_stream("libx264", rate=rate, options=ENCODER_OPTIONS)
        stream.width, stream.height = size
        stream.pix_fmt, stream.codec_context.time_base = "yuv420p", film.time_base
        queue, failures = [], []

        def write(small):
            # nothing may be written after what could not be: FFmpeg breaks down over a file without a beginning
            if failures:
                return
            try:
                out.mux(stream.encode(small))
            except BaseException:
                failures.append(True)
                raise

        for number, (stamp, frame) in enumerate(pictures):
            small = _small(film, frame, size)
            small.pts, small.time_base = stamp, film.time_base
            if number == 0:
                stream.codec_context.colorspace = small.colorspace
                stream.codec_context.color_range = small.color_range
            queue.append(encoder.submit(write, small))
            if len(queue) > MAX_QUEUE:
                queue.pop(0).result()
        for encoded in queue:
            encoded.result()
        out.mux(stream.encode(None))


def _small(film, frame, size):
    if film.rotation or frame.format.is_rgb:
        frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(rgb(film, frame, size)), format="rgb24")
        return frame.reformat(format="yuv420p", dst_colorspace="ITU601", dst_color_range="MPEG")
    return scaled(film, frame, size, "yuv420p")


def proxy(path, *, width=320, longer_than=20.0, cache=None, progress=True) -> Path:
    """Return a small copy of a long film to look at in its place, made if there is none yet.

    Editors call it so: the same pictures at the same timestamps, so wide, in H.264 with two key frames a second, and no
    sound. Reading all of it takes a small part of the time that the film takes, so that of several looks at a whole
    film only one waits for it. It is lossy: levels differ by one or two of 255 on the mean. Of two hours it takes some
    hundred megabytes to a gigabyte; to make it takes hardly longer than to read all of the film. Ask `probe` of the
    film, not of the copy, which ends where a damaged film does and tells another mean rate.

    Parameters
    ----------
    path : path
        The film.
    width : int
        Of the copy, at least 16; its height follows.
    longer_than : float
        Minutes: a film that is no longer is returned itself, as is one that is not twice as wide, and one whose clock
        begins below 0.
    cache : path or False, optional
        Where copies are kept: a folder, made if need be, by default `proxies` in the toolkit's data folder; False makes
        none, and returns the film. A film is known by its content, not its name.
    progress : bool
        Whether to show a progress bar while it is made.

    Returns
    -------
    Path

    Warns
    -----
    UserWarning
        If the film breaks off or is damaged: when the copy is made, and whenever it is returned.

    Raises
    ------
    VideoError
        If the film cannot be read.
    ParameterError
        If an option is out of range, or copies cannot be kept.
    """
    width = check_count("width", width, at_least=16)
    longer_than = check_number("longer_than", longer_than, at_least=0, unit="minutes")
    with decoding.open_film(path) as film:
        path = Path(path)
        long = film.seconds(film.end - film.first) > 60 * longer_than
        if not long or film.size[0] < 2 * width or film.first < 0:
            return path
        # where it cannot be made, this raises: who wants a copy is not to wait for the film instead
        folder = cache_folder(data_folder() / "proxies" if cache is None else cache, "proxies")
        if folder is None:
            return path
        key = file_key(path)
        with require_writable(folder):
            return small_copy(film, folder, key, scaled_size(film.size, width), progress=progress)
