"""``python -m toolkit embed``: a folder of videos as vectors, here or on a Dask cluster."""

import contextlib
import itertools
import sys
from pathlib import Path

from toolkit.errors import ParameterError


def embed_command(options):
    """Embed the videos of a folder; return 1 if any failed."""
    from toolkit import corpus

    found = [[path] if Path(path).is_file() else corpus.find_videos(path) for path in options.videos]
    videos = list(itertools.chain.from_iterable(found))
    with contextlib.ExitStack() as cluster:
        client = None if options.scheduler is None else cluster.enter_context(_client(options.scheduler))
        table = corpus.embed_videos(
            videos,
            options.out,
            model=options.model,
            every=options.every,
            n_jobs=options.jobs,
            client=client,
            retry=options.retry,
            overwrite=options.overwrite,
            **({} if options.pooling is None else {"pooling": options.pooling}),
        )
    counts = table["status"].value_counts()
    told = ", ".join(f"{counts[status]} {status}" for status in ("embedded", "kept", "failed") if status in counts)
    print(f"{len(table)} videos in {options.out}: {told}")
    if "failed" in counts:
        print(
            f"toolkit: those that failed are listed in {Path(options.out, 'errors.csv')}; --retry tries them again",
            file=sys.stderr,
        )
        return 1


def _client(address):
    """Return a client of a Dask cluster; raise a ParameterError if there is none at the address."""
    from distributed import Client

    try:
        return Client(address)
    except (OSError, ValueError) as error:
        raise ParameterError(f"no Dask scheduler answers at {address}: {error}") from None
