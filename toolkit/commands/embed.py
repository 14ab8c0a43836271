"""``python -m toolkit embed``: a folder of videos as vectors, here or on a Dask cluster."""

import argparse
import contextlib
import itertools
import sys
from pathlib import Path

from toolkit.errors import ParameterError


def add_embed(commands):
    """Add the subcommand to a parser."""
    parser = commands.add_parser(
        "embed",
        help="embed the frames of many videos",
        description="Embed every 10th frame of each video into OUT/<video>.npz; run again, it goes on. Videos that "
        "cannot be read are listed in OUT/errors.csv.",
        epilog="On a Dask cluster: dask scheduler; then on each machine dask worker tcp://HOST:8786 --nworkers 8 "
        "--nthreads 1; then this with --scheduler tcp://HOST:8786. All must see videos and results under the same "
        "paths.",
        argument_default=argparse.SUPPRESS,
    )
    parser.add_argument("videos", nargs="+", metavar="FOLDER", help="a folder of videos, or videos")
    parser.add_argument("--out", dest="folder", required=True, metavar="DIR", help="folder for the embeddings")
    parser.add_argument("--model", choices=("layout", "vgg16", "clip"), help="of the frames (default: layout)")
    parser.add_argument("--pooling", choices=("avg",), help="of vgg16: 512 values a frame instead of 25088")
    parser.add_argument("--every", type=int, metavar="N", help="every Nth frame (default: 10)")
    parser.add_argument("--jobs", dest="n_jobs", type=int, metavar="N", help="processes (default: one a core)")
    parser.add_argument("--scheduler", metavar="ADDRESS", help="of a Dask cluster to work on, such as tcp://HOST:8786")
    parser.add_argument("--retry", action="store_true", help="try those again that failed before")
    parser.add_argument("--overwrite", action="store_true", help="remove embeddings made with other settings")
    parser.set_defaults(run=run)


def run(videos, folder, scheduler=None, **options):
    """Embed the videos of folders, with the options of `corpus.embed_videos`; return 1 if any failed."""
    from toolkit import corpus

    found = [[path] if Path(path).is_file() else corpus.find_videos(path) for path in videos]
    paths = list(itertools.chain.from_iterable(found))
    with contextlib.ExitStack() as cluster:
        client = None if scheduler is None else cluster.enter_context(_client(scheduler))
        table = corpus.embed_videos(paths, folder, client=client, **options)
    counts = table["status"].value_counts()
    tally = ", ".join(f"{counts[status]} {status}" for status in ("embedded", "kept", "failed") if status in counts)
    print(f"{len(table)} videos in {folder}: {tally}")
    if "failed" in counts:
        errors = Path(folder, "errors.csv")
        print(f"toolkit: those that failed are listed in {errors}; --retry tries them again", file=sys.stderr)
        return 1


def _client(address):
    """Return a client of a Dask cluster; raise a ParameterError if there is none at the address."""
    from distributed import Client

    try:
        return Client(address)
    except (OSError, ValueError) as error:
        raise ParameterError(f"no Dask scheduler answers at {address}: {error}") from None
