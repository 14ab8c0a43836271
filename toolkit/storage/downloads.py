"""Downloads with a checksum: whole or absent.

`pooch.retrieve` leaves files that are private to their user and not flushed to disk, and what a killed download leaves
has a name that `remove_partials` does not know. Its `HTTPDownloader` alone reads without end what a server sends
without end, and its bar shows nothing where the server does not say how much comes.
"""

from toolkit.storage.files import file_hash, write_whole
from toolkit.storage.progress import progress_bar

# of a server that does not answer, in seconds
TIMEOUT = 10


def download(url, path, digest, *, algorithm="sha256", largest=None, progress=True):
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
    largest : int, optional
        Bytes after which to stop, whatever the server sends.
    progress : bool

    Raises
    ------
    OSError
        If it cannot be downloaded, or what came is another file.
    """
    import urllib.request

    path.parent.mkdir(parents=True, exist_ok=True)
    with (
        urllib.request.urlopen(url, timeout=TIMEOUT) as answer,
        write_whole(path) as partial,
        progress_bar(total=getattr(answer, "length", None), description=path.name, unit="B", progress=progress) as bar,
    ):
        with open(partial, "wb") as file:
            while (chunk := answer.read(1 << 20)) and (largest is None or file.tell() <= largest):
                bar.update(file.write(chunk))
        content_hash = file_hash(partial, algorithm)
        if content_hash != digest:
            raise OSError(
                f"what came from {url} is not the file expected: its {algorithm} is {content_hash}, not {digest}. Does "
                "something on the way, such as a login page or a proxy, answer in its place?"
            )
