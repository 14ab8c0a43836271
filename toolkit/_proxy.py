"""A film's pictures written anew, small and quick to seek in, each at its own timestamp."""

from concurrent.futures import ThreadPoolExecutor

import av
import numpy as np

from toolkit import _decoding

# a key frame so often, that any picture is soon reached; no pictures that wait for later ones; hardly any loss
OPTIONS = {"preset": "superfast", "crf": "14", "g": "12", "bf": "0", "x264-params": "log-level=none"}
AHEAD = 16


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
