"""``python -m toolkit notebooks``: the notebooks, run for a film, as pages."""

import argparse
import ast
import sys
import warnings

from toolkit.errors import ParameterError


def parameter(text):
    """Return the name and value of an argument ``name=value``."""
    name, sign, value = text.partition("=")
    if not sign or not name.strip():
        raise argparse.ArgumentTypeError(f"expected NAME=VALUE, such as inserts=2; got {text!r}")
    try:
        with warnings.catch_warnings():
            # text may look like an odd literal, which Python would remark on
            warnings.simplefilter("ignore")
            value = ast.literal_eval(value)
    except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError):
        pass
    return name.strip(), value


def notebooks_command(options):
    """Run the notebooks for a film."""
    from toolkit import reports

    parameters = None if options.set is None else dict(options.set)
    if options.in_place and parameters:
        raise ParameterError("--set cannot go with --in-place, which stores what the notebooks give as they are")
    try:
        if options.in_place:
            reports.refresh_notebooks(options.notebooks, names=options.only)
        else:
            reports.run_notebooks(
                options.film,
                notebooks=options.notebooks,
                out=options.out,
                names=options.only,
                parameters=parameters,
            )
    except reports.NotebookError as error:
        print(f"toolkit: {error}", file=sys.stderr)
        return 1
