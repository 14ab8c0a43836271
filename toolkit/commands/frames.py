"""``python -m toolkit frames``: frames of a film, extracted to a folder."""

import argparse


def size(text):
    """Return the size that an argument gives, ``320`` or ``320x240``."""
    try:
        sides = tuple(int(side) for side in text.lower().split("x"))
    except ValueError:
        sides = ()
    if len(sides) not in (1, 2):
        raise argparse.ArgumentTypeError(f"expected a width such as 320, or 320x240; got {text!r}")
    return sides[0] if len(sides) == 1 else sides


def frames_command(options):
    """Extract the frames of a film to a folder."""
    from toolkit import video

    sampling = {"n_frames": options.frames} if options.frames is not None else {}
    if options.fps is not None or options.all:
        sampling = {"fps": options.fps}
    table = video.extract_frames(
        options.film,
        options.out,
        **sampling,
        size=options.size,
        start=options.start,
        end=options.end,
        accuracy="keyframe" if options.keyframes else "exact",
        format=options.format,
        overwrite=options.overwrite,
    )
    print(f"{len(table)} frames in {options.out}")
