"""A film's pictures written anew, small and quick to seek in, each at its own timestamp."""

import av
import numpy as np

# a key frame so often, that any picture is soon reached; no pictures that wait for later ones; hardly any loss
OPTIONS = {"preset": "superfast", "crf": "14", "g": "12", "bf": "0", "x264-params": "log-level=none"}


def write_proxy(path, batches, time_base, rate):
    """Write Frames as H.264 in MP4, without sound.

    Parameters
    ----------
    path : path
    batches : iterable of Frames
        Times from 0 on.
    time_base : Fraction
        Seconds in which the film counts; its timestamps are kept exactly.
    rate : Fraction
        Pictures a second, as the file is to tell.
    """
    stream = None
    with av.open(str(path), "w", format="mp4", options={"video_track_timescale": str(time_base.denominator)}) as out:
        for batch in batches:
            for image, time in zip(batch.images, batch.times, strict=True):
                if stream is None:
                    stream = out.add_stream("libx264", rate=rate, options=OPTIONS)
                    # sides that are even, as colours are stored for four pixels together
                    stream.height, stream.width = (side + side % 2 for side in image.shape[:2])
                    stream.pix_fmt, stream.codec_context.time_base = "yuv420p", time_base
                odd = [(0, side % 2) for side in image.shape[:2]]
                frame = av.VideoFrame.from_ndarray(np.pad(image, [*odd, (0, 0)], mode="edge"), format="rgb24")
                frame.pts, frame.time_base = round(time / time_base), time_base
                out.mux(stream.encode(frame))
        if stream is not None:
            out.mux(stream.encode(None))
