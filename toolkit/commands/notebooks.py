"""``python -m toolkit notebooks``: the notebooks, run for a film, as pages."""

import argparse
import ast
import sys
import warnings

from toolkit.errors import ParameterError


def add_notebooks(commands):
    """Add the subcommand to a parser."""
    parser = commands.add_parser(
        "notebooks",
        help="run the notebooks for a film, and leave a page of each",
        description="Run every notebook top to bottom; leave executed copies and offline pages in OUT/<film>/.",
    )
    option = parser.add_argument
    option("--film", help="the film's file (default: the sample film)")
    place = "folder of the notebooks (default: notebooks, in the current folder, which is there in a checkout)"
    option("--notebooks", default="notebooks", metavar="DIR", help=place)
    option("--out", default="out", metavar="DIR", help="folder for the results (default: out, in the current folder)")
    option("--only", dest="names", nargs="+", action="extend", metavar="NAME", help="only these, by name or number")
    option(
        "--set",
        dest="parameters",
        action="append",
        type=_parameter,
        metavar="NAME=VALUE",
        help="another value for a parameter of the notebooks, those in the cell under Parameters, in all that have it; "
        'may be given again. VALUE is a Python literal such as 0.3, None or \'("mds", "umap")\', else text; name a '
        "file by its whole path",
    )
    option("--in-place", action="store_true", help="store the outputs of the sample film in the notebooks")
    parser.set_defaults(run=run)


def _parameter(text):
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


def run(film, in_place, parameters, **options):
    """Run the notebooks for a film, with the options of `reports.run_notebooks`; return 1 if one fails."""
    from toolkit import reports

    if in_place and parameters:
        raise ParameterError("--set cannot go with --in-place, which stores what the notebooks give as they are")
    try:
        if in_place:
            reports.refresh_notebooks(options["notebooks"], names=options["names"])
        else:
            reports.run_notebooks(film, parameters=None if parameters is None else dict(parameters), **options)
    except reports.NotebookError as error:
        print(f"toolkit: {error}", file=sys.stderr)
        return 1
