"""``python -m toolkit frames``: frames of a film, extracted to a folder."""

import argparse


def add_frames(commands):
    """Add the subcommand to a parser."""
    parser = commands.add_parser(
        "frames",
        help="write a film's frames as pictures",
        description="Write a film's frames as <film>_frame<N>.jpg, and frames.csv; run again, it goes on.",
        argument_default=argparse.SUPPRESS,
    )
    option = parser.add_argument
    option("path", metavar="film", help="the film's file")
    option("--out", dest="folder", required=True, metavar="DIR", help="folder for the pictures")
    rate = parser.add_mutually_exclusive_group()
    rate.add_argument("--fps", type=float, metavar="F", help="frames a second (default: 1)")
    rate.add_argument("--frames", dest="n_frames", type=int, metavar="N", help="this many frames, evenly spaced")
    rate.add_argument("--all", dest="fps", action="store_const", const=None, help="every picture of the film")
    option("--size", type=_size, metavar="W or WxH", help="width, or width and height (default: the film's)")
    option("--start", type=float, metavar="S", help="from this second on")
    option("--end", type=float, metavar="S", help="up to this second")
    fewer = "key frames only: fewer, many times faster"
    option("--keyframes", dest="accuracy", action="store_const", const="keyframe", help=fewer)
    option("--format", choices=("jpg", "png"))
    option("--overwrite", action="store_true", help="replace frames made with other settings")
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


def run(path, folder, **options):
    """Extract the frames of a film to a folder, with the options of `video.extract_frames` that the terminal named."""
    from toolkit import video

    table = video.extract_frames(path, folder, **options)
    print(f"{len(table)} frames in {folder}")
