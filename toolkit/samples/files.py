"""The files of rendered samples: videos that come out as the same bytes each time, and their truth with a key."""

import json
from contextlib import contextmanager
from fractions import Fraction

import av
import numpy as np


def write_truth(path, version, truth):
    """Write a dict as JSON, with the key of what was rendered."""
    path.write_text(json.dumps({"key": _key(version), **truth}, indent=1), encoding="utf-8")


def read_truth(path, version):
    """Return the dict in a file, or None where there is none, or only that of another version."""
    try:
        truth = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    return truth if truth["key"] == _key(version) else None


def _key(version):
    """Return a key for what decides how a sample looks: the version of its drawing and the libraries used."""
    import cv2

    return f"{version} {cv2.__version__} {np.__version__} {av.__version__}"


@contextmanager
def new_video(path, size, fps, *, threads, options):
    """Open a file for an H.264 stream and, where it is added, others; yield the container and the stream.

    A fixed number of threads, and no names or dates in the file: the same pictures are the same bytes.
    """
    with av.open(str(path), "w", options={"fflags": "+bitexact"}) as container:
        stream = container.add_stream("libx264", rate=fps)
        stream.width, stream.height = size
        stream.pix_fmt = "yuv420p"
        stream.codec_context.thread_count = threads
        stream.options = {"preset": "veryfast", **options}
        stream.codec_context.flags |= av.codec.context.Flags.bitexact
        yield container, stream


def write_picture(container, stream, picture, number):
    """Encode a picture, uint8 `(height, width, 3)` in RGB, as a frame of a stream, numbered from 0."""
    import cv2

    frame = av.VideoFrame.from_ndarray(cv2.cvtColor(picture, cv2.COLOR_RGB2YUV_I420), format="yuv420p")
    frame.pts, frame.time_base = number, 1 / Fraction(stream.codec_context.framerate)
    container.mux(stream.encode(frame))
