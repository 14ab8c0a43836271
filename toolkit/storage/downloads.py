"""Downloads with a checksum: whole or absent."""

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
    with urllib.request.urlopen(url, timeout=TIMEOUT) as answer, write_whole(path) as partial:
        size, got = int(answer.headers.get("Content-Length") or 0) or None, 0
        with (
            open(partial, "wb") as file,
            progress_bar(total=size, description=path.name, unit="B", progress=progress) as bar,
        ):
            while chunk := answer.read(1 << 20):
                file.write(chunk)
                bar.update(len(chunk))
                got += len(chunk)
                if largest is not None and got > largest:
                    break
        found = file_hash(partial, algorithm)
        if found != digest:
            raise OSError(
                f"what came from {url} is not the file expected: its {algorithm} is {found}, not {digest}. Does "
                "something on the way, such as a login page or a proxy, answer in its place?"
            )
