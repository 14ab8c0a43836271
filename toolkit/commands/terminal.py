"""The parser of ``python -m toolkit`` and its subcommands."""

import argparse
import sys
import warnings

from toolkit import __version__
from toolkit.commands.embed import embed_command
from toolkit.commands.fingerprint import fingerprint_command
from toolkit.commands.frames import frames_command, size
from toolkit.commands.notebooks import notebooks_command, parameter
from toolkit.errors import DataError, ParameterError, VideoError


def main(arguments=None) -> int:
    """Run a subcommand; return the exit status: 0, 1 where work failed, 2 for bad input."""
    parser = _parser()
    options = parser.parse_args(arguments)
    try:
        with warnings.catch_warnings():
            # a warning is for the person at the terminal, who has no use for its line of code
            warnings.showwarning = lambda message, *_, **__: print(f"toolkit: warning: {message}", file=sys.stderr)
            return options.run(options) or 0
    except (ParameterError, VideoError, DataError) as error:
        print(f"toolkit: {error}", file=sys.stderr)
        return 2
    except OSError as error:
        where = f"{error.filename}: " if error.filename else ""
        print(f"toolkit: {where}{error.strerror or error}. What was done is kept; run it again", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\ntoolkit: stopped. What was done is kept; run the same command again.", file=sys.stderr)
        return 130


def _parser():
    parser = argparse.ArgumentParser(prog="python -m toolkit", description="A research toolkit for film.")
    parser.add_argument("--version", action="version", version=f"film-toolkit {__version__}")
    commands = parser.add_subparsers(title="subcommands", required=True, metavar="SUBCOMMAND")

    frames = commands.add_parser(
        "frames",
        help="write a film's frames as pictures",
        description="Write a film's frames as <film>_frame<N>.jpg, and frames.csv; run again, it goes on.",
    )
    frames.add_argument("film", help="the film's file")
    frames.add_argument("--out", required=True, metavar="DIR", help="folder for the pictures")
    rate = frames.add_mutually_exclusive_group()
    rate.add_argument("--fps", type=float, metavar="F", help="frames a second (default: 1)")
    rate.add_argument("--frames", type=int, metavar="N", help="this many frames, evenly spaced")
    rate.add_argument("--all", action="store_true", help="every picture of the film")
    frames.add_argument(
        "--size", type=size, metavar="W or WxH", help="width, or width and height (default: the film's)"
    )
    frames.add_argument("--start", type=float, default=0.0, metavar="S", help="from this second on")
    frames.add_argument("--end", type=float, metavar="S", help="up to this second")
    frames.add_argument("--keyframes", action="store_true", help="key frames only: fewer, many times faster")
    frames.add_argument("--format", choices=("jpg", "png"), default="jpg")
    frames.add_argument("--overwrite", action="store_true", help="replace frames made with other settings")
    frames.set_defaults(run=frames_command)

    fingerprint = commands.add_parser(
        "fingerprint",
        help="draw a film's colours as a picture",
        description="Draw the dominant colours of a film's frames, or write them as a table; run again, it goes on.",
        epilog="What is done of a long film is kept beside the first FILE, as FILE.partial.csv, until all is written.",
    )
    fingerprint.add_argument("film", help="the film's file")
    fingerprint.add_argument(
        "--out",
        required=True,
        nargs="+",
        metavar="FILE",
        help="pictures (.png, .svg, .pdf, .jpg) and tables (.csv of hex colours, .npz) to write",
    )
    fingerprint.add_argument(
        "--title", default="", metavar="TEXT", help="over the poster or in the ring (default: none); \\n breaks it"
    )
    fingerprint.add_argument(
        "--style",
        choices=("poster", "strip", "ring", "plane", "wave"),
        default="poster",
        help="of the picture (default: poster)",
    )
    fingerprint.add_argument("--colors", type=int, default=1, metavar="N", help="colours of a frame (default: 1)")
    fingerprint.add_argument(
        "--clusters", type=int, metavar="N", help="groups they are taken from (default: 2 more than colours)"
    )
    fingerprint.add_argument(
        "--frames", type=int, metavar="N", help="frames, evenly spaced (default: all of the film, at most 3600)"
    )
    fingerprint.add_argument(
        "--space", choices=("cielab", "oklab", "rgb"), default="cielab", help="of the clustering (default: cielab)"
    )
    fingerprint.add_argument(
        "--size", type=int, default=320, metavar="W", help="width at which frames are read (default: 320)"
    )
    fingerprint.add_argument("--keep-bars", action="store_true", help="count black bars as part of the picture")
    fingerprint.add_argument("--font", metavar="NAME", help="the poster's font, one of this machine's")
    fingerprint.add_argument("--background", metavar="COLOR", help="the poster's paper")
    fingerprint.add_argument("--dpi", type=int, default=200, metavar="N", help="of the picture (default: 200)")
    fingerprint.add_argument("--seed", type=int, default=0, metavar="N", help="of the clustering (default: 0)")
    fingerprint.set_defaults(run=fingerprint_command)

    embed = commands.add_parser(
        "embed",
        help="embed the frames of many videos",
        description="Embed every 10th frame of each video into OUT/<video>.npz; run again, it goes on. Videos that "
        "cannot be read are listed in OUT/errors.csv.",
        epilog="On a Dask cluster: dask scheduler; then on each machine dask worker tcp://HOST:8786 --nworkers 8 "
        "--nthreads 1; then this with --scheduler tcp://HOST:8786. All must see videos and results under the same "
        "paths.",
    )
    embed.add_argument("videos", nargs="+", metavar="FOLDER", help="a folder of videos, or videos")
    embed.add_argument("--out", required=True, metavar="DIR", help="folder for the embeddings")
    embed.add_argument(
        "--model", choices=("layout", "vgg16", "clip"), default="layout", help="of the frames (default: layout)"
    )
    embed.add_argument("--pooling", choices=("avg",), help="of vgg16: 512 values a frame instead of 25088")
    embed.add_argument("--every", type=int, default=10, metavar="N", help="every Nth frame (default: 10)")
    embed.add_argument("--jobs", type=int, default=-1, metavar="N", help="processes (default: one a core)")
    embed.add_argument("--scheduler", metavar="ADDRESS", help="of a Dask cluster to work on, such as tcp://HOST:8786")
    embed.add_argument("--retry", action="store_true", help="try those again that failed before")
    embed.add_argument("--overwrite", action="store_true", help="remove embeddings made with other settings")
    embed.set_defaults(run=embed_command)

    notebooks = commands.add_parser(
        "notebooks",
        help="run the notebooks for a film, and leave a page of each",
        description="Run every notebook top to bottom; leave executed copies and offline pages in OUT/<film>/.",
    )
    notebooks.add_argument("--film", help="the film's file (default: the sample film)")
    notebooks.add_argument(
        "--notebooks",
        default="notebooks",
        metavar="DIR",
        help="folder of the notebooks (default: notebooks, in the current folder, which is there in a checkout)",
    )
    notebooks.add_argument(
        "--out", default="out", metavar="DIR", help="folder for the results (default: out, in the current folder)"
    )
    notebooks.add_argument("--only", nargs="+", action="extend", metavar="NAME", help="only these, by name or number")
    notebooks.add_argument(
        "--set",
        action="append",
        type=parameter,
        metavar="NAME=VALUE",
        help="another value for a parameter of the notebooks, those in the cell under Parameters, in all that have it; "
        'may be given again. VALUE is a Python literal such as 0.3, None or \'("mds", "umap")\', else text; name a '
        "file by its whole path",
    )
    notebooks.add_argument(
        "--in-place", action="store_true", help="store the outputs of the sample film in the notebooks"
    )
    notebooks.set_defaults(run=notebooks_command)
    return parser
