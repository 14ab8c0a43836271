"""``python -m toolkit frames``: frames of a film, extracted to a folder."""

import argparse


def add_frames(commands):
    """Add the subcommand to a parser."""
    parser = commands.add_parser(
        "frames",
        help="write a film's frames as pictures",
        description="Write a film's frames as <film>_frame<N>.jpg, and frames.csv; run again, it goes on.",
    )
    parser.add_argument("film", help="the film's file")
    parser.add_argument("--out", required=True, metavar="DIR", help="folder for the pictures")
    rate = parser.add_mutually_exclusive_group()
    rate.add_argument("--fps", type=float, metavar="F", help="frames a second (default: 1)")
    rate.add_argument("--frames", type=int, metavar="N", help="this many frames, evenly spaced")
    rate.add_argument("--all", action="store_true", help="every picture of the film")
    parser.add_argument(
        "--size", type=_size, metavar="W or WxH", help="width, or width and height (default: the film's)"
    )
    parser.add_argument("--start", type=float, default=0.0, metavar="S", help="from this second on")
    parser.add_argument("--end", type=float, metavar="S", help="up to this second")
    parser.add_argument("--keyframes", action="store_true", help="key frames only: fewer, many times faster")
    parser.add_argument("--format", choices=("jpg", "png"), default="jpg")
    parser.add_argument("--overwrite", action="store_true", help="replace frames made with other settings")
    parser.set_defaults(run=run)


def _size(text):
    """Return the size that an argument gives, ``320`` or ``320x240``."""
    try:
        sides = tuple(int(side) for side in text.lower().split("x"))
    except ValueError:
        sides = ()
    if len(sides) not in (1, 2):
        raise argparse.ArgumentTypeError(f"expected a width such as 320, or 320x240; got {text!r}")
    return sides[0] if len(sides) == 1 else sides


def run(options):
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
