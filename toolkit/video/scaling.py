"""Frames as images: RGB, upright, of a size, and without the combs of interlaced film."""

from fractions import Fraction

import av
import numpy as np

from toolkit.errors import ParameterError


def rgb(film, frame, size):
    """Return a frame as uint8 `(height, width, 3)`, turned upright and scaled to `size` (width, height)."""
    size = size if film.rotation % 180 == 0 else size[::-1]
    picture = scaled(film, frame, size, "rgb24").to_ndarray()
    return np.rot90(picture, -film.rotation // 90) if film.rotation else picture


def scaled(film, frame, size, pixel_format):
    """Return a frame, deinterlaced, as another av.VideoFrame of a size (width, height) and a pixel format."""
    if frame.interlaced_frame:
        frame = _deinterlaced(frame)
    # threads=1: one small picture is not worth waking the others, who are decoding
    options = {"width": size[0], "height": size[1], "interpolation": "BICUBIC", "threads": 1}
    try:
        return film.scaler.reformat(frame, format=pixel_format, **options)
    except (av.error.FFmpegError, MemoryError) as error:
        raise ParameterError(
            f"pictures cannot be scaled to {size[0]}x{size[1]} ({error}); ask for a smaller size"
        ) from None


def _deinterlaced(frame):
    """Return one picture made of an interlaced frame's first field, its missing lines interpolated along edges."""
    graph = av.filter.Graph()
    source = graph.add_buffer(
        width=frame.width, height=frame.height, format=frame.format, time_base=frame.time_base or Fraction(1, 25)
    )
    deinterlace = graph.add("estdif", "mode=frame:parity=auto:deint=all")
    graph.link_nodes(source, deinterlace, graph.add("buffersink")).configure()
    graph.push(frame)
    graph.push(None)
    return graph.pull()
