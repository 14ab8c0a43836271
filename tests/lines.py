"""Lines of code, without docstrings, comments and blank lines: how large packages, files, classes and functions are.

`python tests/lines.py` prints the count of each package, and their sum.
"""

import ast
import io
import tokenize
from collections import Counter
from pathlib import Path

HOUSE = Path(__file__).parents[1] / "toolkit"
DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
WITHOUT_CODE = (tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT, tokenize.ENDMARKER)


def code_lines(text):
    """Return the numbers of the lines of a module that hold code, a set of int."""
    tokens = [token for token in tokenize.generate_tokens(io.StringIO(text).readline) if token.type not in WITHOUT_CODE]
    lines = {line for token in tokens for line in range(token.start[0], token.end[0] + 1)}
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, (ast.Module, *DEFINITIONS)) and ast.get_docstring(node, clean=False) is not None:
            lines -= set(range(node.body[0].lineno, node.body[0].end_lineno + 1))
    return lines


def sizes(path):
    """Yield each part of a module: its node, the number of its lines of code and its source."""
    text = path.read_text(encoding="utf-8")
    lines, source = code_lines(text), text.splitlines()
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Module):
            yield node, len(lines), text
        elif isinstance(node, DEFINITIONS):
            span = range(node.lineno, node.end_lineno + 1)
            yield node, len(lines & set(span)), "\n".join(source[node.lineno - 1 : node.end_lineno])


def count_packages():
    """Return the lines of code of each package and single module, a Counter."""
    counts = Counter()
    for path in HOUSE.rglob("*.py"):
        counts[path.relative_to(HOUSE).parts[0]] += len(code_lines(path.read_text(encoding="utf-8")))
    return counts


if __name__ == "__main__":
    counts = count_packages()
    print(*(f"{count:7,} {package}" for package, count in counts.most_common()), sep="\n")
    print(f"{counts.total():7,} lines of code, without docstrings, comments and blank lines")
