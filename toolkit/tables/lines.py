"""Each row of a table as one line of text, ``transition=cut; setup=3``, and back.

Flow mappings of YAML, ``{transition: cut, setup: 3}``, were tried in place of this form. People edit these lines in
ELAN, and there a comma in what is said ends a value, while an apostrophe, a colon or a dash in the wrong place leaves
the line without columns; and PyYAML takes ten times as long to write and read a row.
"""

import contextlib
import json
import re

import numpy as np
import pandas as pd

from toolkit.tables.spans import SECONDS, counts_frames
from toolkit.tables.texts import DECODER, json_value, parse_value

# a text in quotes, or what ends at a sign
_VALUE = re.compile(r'"(?:[^"\\]|\\.)*"|[^;"=]*')
_LIST = re.compile(r'\[(?:"(?:[^"\\]|\\.)*"|[^;"=])*')
_SPACES = re.compile(r"\s*")


# rows as lines, and back
def write_line(row):
    """Return a row's own columns in a line, without spans and frame numbers."""
    parts = []
    for name, value in row.items():
        if name in SECONDS or counts_frames(name):
            continue
        value = json_value(value)
        bare = isinstance(value, str) and re.fullmatch(r"[^\s=;\"\[\]{}]([^=;\"\[\]{}\n\r\t]*[^\s=;\"\[\]{}])?", value)
        # a word that would be read as a number is quoted
        if not bare or parse_value(value) != value:
            value = json.dumps(value, ensure_ascii=False)
        parts.append(f"{name}={value}")
    return "; ".join(parts)


def read_line(line):
    """Return the columns that a line tells; of a line of another form, the line as `text`."""
    columns, at = {}, 0
    while (sign := line.find("=", at)) >= 0:
        name = line[at:sign].strip()
        value, end = _read_value(line, sign + 1)
        if not name or re.search('[;"]', name) or end is None:
            break
        columns[name] = value
        at = end
    if line[at:].strip() or any(name in SECONDS for name in columns):
        return {"text": line}
    return columns


def _read_value(line, at):
    """Return the value that stands in a line, and where what follows it begins: None where it is of another form."""
    at = _SPACES.match(line, at).end()
    if (match := _LIST.match(line, at)) and (after := _after_value(line, match.end())) is not None:
        with contextlib.suppress(ValueError, RecursionError):
            return DECODER.decode(match[0]), after
    match = _VALUE.match(line, at)
    return parse_value(match[0].strip()), _after_value(line, match.end())


def _after_value(line, at):
    """Return where the next item begins, None if the value is not followed by one or by the line's end."""
    at = _SPACES.match(line, at).end()
    if at == len(line):
        return at
    return at + 1 if line[at] == ";" else None


def tiers_of(name, table, rate):
    """Return the rows of a table as (start, end, row) in as few tiers as hold none that overlap, one at least.

    The tiers are lists by their names: that of the table, "dialogues", then "dialogues (2)" and so on. Rows are by
    start; starts and ends are whole numbers, `rate` a second, so that spans that touch still do, and no span is shorter
    than one.
    """
    tiers = [[]]
    for row in table.sort_values("start", kind="stable").to_dict("records"):
        start = round(row["start"] * rate)
        end = max(start + 1, round(row["end"] * rate))
        layer = next((rows for rows in tiers if not rows or rows[-1][1] <= start), None)
        if layer is None:
            layer = []
            tiers.append(layer)
        layer.append((start, end, row))
    return {name if number == 1 else f"{name} ({number})": rows for number, rows in enumerate(tiers, 1)}


def from_rows(rows):
    """Return a table of rows that are dicts, by start; whole numbers stay whole where some rows have none."""
    table = pd.DataFrame(rows, columns=None if rows else list(SECONDS))
    table = table.astype(dict.fromkeys(SECONDS, np.float64))
    for name in table.columns:
        if name not in SECONDS and not counts_frames(name):
            cells = [row.get(name) for row in rows]
            missing = [cell is None or cell != cell for cell in cells]  # nan is not equal to itself
            whole = [type(cell) is int and abs(cell) < 2**63 for cell in cells]
            if any(missing) and any(whole) and sum(missing) + sum(whole) == len(rows):
                cells = [pd.NA if gone else cell for cell, gone in zip(cells, missing, strict=True)]
                table[name] = pd.array(cells, dtype="Int64")
    return table.sort_values("start", kind="stable", ignore_index=True)
