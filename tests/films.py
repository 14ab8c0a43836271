"""Small films made for the tests, whose every picture shows its own number."""

from fractions import Fraction

import av
import numpy as np

BITS = 8


def number_picture(number, size=(96, 64)):
    """Return an RGB picture of eight bars, bright where a bit of the number is set; the lowest bit is at the left."""
    width, height = size
    picture = np.empty((height, width, 3), dtype=np.uint8)
    for bit in range(BITS):
        picture[:, width * bit // BITS : width * (bit + 1) // BITS] = 210 if number >> bit & 1 else 40
    return picture


def read_number(picture):
    """Return the number that a picture shows."""
    width = picture.shape[1]
    bars = [picture[:, width * bit // BITS : width * (bit + 1) // BITS] for bit in range(BITS)]
    return sum(1 << bit for bit, bar in enumerate(bars) if bar.mean() > 125)


def numbers(frames):
    """Return the numbers that frames show."""
    return [read_number(image) for image in frames.images]


def write_film(
    path,
    n=48,
    *,
    fps=24,
    size=(96, 64),
    codec="libx264",
    pix_fmt="yuv420p",
    options=None,
    container_options=None,
    stamps=None,
    time_base=None,
    pictures=None,
    rotation=0,
    aspect=None,
    sound=False,
    colorspace=None,
    color_range=None,
):
    """Write a film of n numbered pictures, or of the RGB `pictures` given; `stamps` are timestamps in `time_base`.

    `colorspace` and `color_range` are FFmpeg's numbers, which the file is to tell, and by which colours are stored.
    """
    if pictures is None:
        pictures = [number_picture(number % 2**BITS, size) for number in range(n)]
    told = {"colorspace": colorspace, "color_range": color_range}
    colors = {name: value for name, value in told.items() if value is not None}
    with av.open(str(path), "w", options=container_options or {}) as out:
        stream = out.add_stream(codec, rate=Fraction(fps).limit_denominator(1001), options=options or {})
        stream.height, stream.width = pictures[0].shape[:2]
        stream.pix_fmt = pix_fmt
        stream.thread_count = 1
        if time_base is not None:
            stream.codec_context.time_base = time_base
        for name, value in colors.items():
            setattr(stream.codec_context, name, value)
        if aspect is not None:
            stream.codec_context.sample_aspect_ratio = aspect
        if rotation:
            stream.set_display_rotation(rotation)
        voice = out.add_stream("aac", rate=16000, layout="mono") if sound else None
        for index, picture in enumerate(pictures):
            frame = av.VideoFrame.from_ndarray(picture, format="rgb24")
            frame = frame.reformat(format=pix_fmt, **{f"dst_{name}": value for name, value in colors.items()})
            frame.pts = index if stamps is None else stamps[index]
            frame.time_base = time_base or 1 / Fraction(fps).limit_denominator(1001)
            out.mux(stream.encode(frame))
        out.mux(stream.encode(None))
        if voice is not None:
            _write_silence(out, voice, len(pictures) / fps)
    return path


def write_sound(path, seconds=1):
    """Write a file that holds sound and no pictures."""
    with av.open(str(path), "w") as out:
        _write_silence(out, out.add_stream("aac", rate=16000, layout="mono"), seconds)
    return path


def _write_silence(out, voice, seconds):
    samples = np.zeros((1, int(16000 * seconds)), dtype=np.float32)
    frame = av.AudioFrame.from_ndarray(samples, format="fltp", layout="mono")
    frame.sample_rate, frame.pts, frame.time_base = 16000, 0, Fraction(1, 16000)
    out.mux(voice.encode(frame))
    out.mux(voice.encode(None))


def every_picture(path, size):
    """Return (timestamps in seconds, RGB pictures) of a full, plain decode."""
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        found = [
            (
                float(frame.pts * frame.time_base),
                frame.reformat(width=size[0], height=size[1], format="rgb24", interpolation="BICUBIC").to_ndarray(),
            )
            for frame in container.decode(stream)
        ]
    return np.array([time for time, _ in found]), np.stack([picture for _, picture in found])
