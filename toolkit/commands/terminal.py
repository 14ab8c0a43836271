"""The parser of ``python -m toolkit`` and its subcommands.

An option is stored under the name of the argument that it becomes, and only if the terminal names it: what else holds
is said once, by the function that does the work.
"""

import argparse
import sys
import warnings

from toolkit import __version__
from toolkit.commands.embed import add_embed
from toolkit.commands.fingerprint import add_fingerprint
from toolkit.commands.frames import add_frames
from toolkit.commands.notebooks import add_notebooks
from toolkit.errors import DataError, ParameterError, VideoError


def main(arguments=None) -> int:
    """Run a subcommand; return the exit status: 0, 1 where work failed, 2 for bad input."""
    options = vars(_parser().parse_args(arguments))
    run = options.pop("run")
    try:
        with warnings.catch_warnings():
            # a warning is for the person at the terminal, who has no use for its line of code
            warnings.showwarning = lambda message, *_, **__: print(f"toolkit: warning: {message}", file=sys.stderr)
            return run(**options) or 0
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
    add_frames(commands)
    add_fingerprint(commands)
    add_embed(commands)
    add_notebooks(commands)
    return parser
