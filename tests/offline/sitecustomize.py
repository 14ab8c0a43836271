"""Keep this process on this machine: whatever reaches beyond loopback raises.

Python imports this file at its start from the front of PYTHONPATH, which the root conftest.py sets, so it holds in
every Python that a test starts: kernels, workers, scripts.
"""

import importlib.machinery
import importlib.util
import ipaddress
import sys
from pathlib import Path

LOCAL_NAMES = {"", "localhost", "localhost.localdomain", "ip6-localhost", "ip6-loopback"}


def is_local(host):
    """Return whether a host, as sockets are given it, is this machine itself."""
    if host is None:
        return True
    name = host.decode("ascii", "replace") if isinstance(host, (bytes, bytearray)) else str(host)
    if name.lower() in LOCAL_NAMES:
        return True
    try:
        address = ipaddress.ip_address(name.partition("%")[0])
    except ValueError:
        return False
    address = getattr(address, "ipv4_mapped", None) or address
    return address.is_loopback or address.is_unspecified


def _named_host(event, args):
    """Return the host that a socket call names; None where it names none, or a path or a device of this machine."""
    if event in ("socket.getaddrinfo", "socket.gethostbyname", "socket.gethostbyaddr"):
        return args[0]
    if event == "socket.getnameinfo":
        return args[0][0]
    if event in ("socket.connect", "socket.sendto", "socket.sendmsg"):
        address = args[1]
        return address[0] if isinstance(address, tuple) and address and isinstance(address[0], (str, bytes)) else None
    return None


def _guard(event, args):
    if not event.startswith("socket."):
        return
    host = _named_host(event, args)
    if not is_local(host):
        # a RuntimeError: no library takes it for a network that is down, and any process can unpickle a worker's
        raise RuntimeError(
            f"{event} reached for {host!r}: tests, kernels and workers stay on this machine. "
            "Use 127.0.0.1, or a file made in the test"
        )


def _run_the_next():
    """Run the environment's own sitecustomize, which this one stands before."""
    here = Path(__file__).resolve().parent
    others = [entry for entry in sys.path if Path(entry or ".").resolve() != here]
    spec = importlib.machinery.PathFinder.find_spec("sitecustomize", others)
    if spec is not None and spec.loader is not None:
        spec.loader.exec_module(importlib.util.module_from_spec(spec))


sys.addaudithook(_guard)
if __name__ == "sitecustomize":
    _run_the_next()
