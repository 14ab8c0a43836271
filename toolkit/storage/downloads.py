"""Downloads with a checksum: whole or absent.

`pooch.retrieve` would do all of it, but its files are private to their user and not flushed to disk, and what a killed
download leaves has a name that `remove_partials` does not know: of pooch is the download itself.
"""

from toolkit.storage.files import file_hash, write_whole
from toolkit.storage.progress import progress_bar

# of a server that does not answer, in seconds
TIMEOUT = 10
CHUNK_BYTES = 2**20


def download(url, path, digest, *, algorithm="sha256", progress=True):
    """Download a file to a path: whole, and the one that was expected, or not at all.

    Parameters
    ----------
    url : str
    path : Path
        Its folder is created if need be.
    digest : str
        The hash of the file, in hexadecimal.
    algorithm : str
        Of the hash, as hashlib names it.
    progress : bool

    Raises
    ------
    OSError
        If it cannot be downloaded, or what came is another file.
    """
    import pooch

    path.parent.mkdir(parents=True, exist_ok=True)
    # the total is set when the server reports it; a bar without one has no truth value, which pooch asks for
    with write_whole(path) as partial, progress_bar(total=1, description=path.name, unit="B", progress=progress) as bar:
        pooch.HTTPDownloader(bar, chunk_size=CHUNK_BYTES, timeout=TIMEOUT)(url, str(partial), None)
        content_hash = file_hash(partial, algorithm)
        if content_hash != digest:
            raise OSError(
                f"what came from {url} is not the file expected: its {algorithm} is {content_hash}, not {digest}. Does "
                "something on the way, such as a login page or a proxy, answer in its place?"
            )
