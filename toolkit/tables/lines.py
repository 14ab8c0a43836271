"""Each row of a table as one line of text, ``transition=cut; setup=3``, and back."""

import json
import math
import re

import numpy as np
import pandas as pd

from toolkit.tables.spans import SECONDS, counts_frames

_SPACES = re.compile(r"\s*")
_QUOTED = re.compile(r'"(?:[^"\\]|\\.)*"')
_IN_LIST = re.compile(r'"(?:[^"\\]|\\.)*"|[\[\]=;"]')
_BARE = re.compile(r'[^;"=]*')


# values as text, and back
def json_value(value):
    """Return a value as what JSON can hold."""
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, (list, tuple, np.ndarray)):
        return [json_value(part) for part in value]
    if value is None or value is pd.NA or value is pd.NaT:
        return None
    return value if isinstance(value, (str, bool, int, float)) else str(value)


def parse_value(text):
    """Return what a text stands for: a number, a list, a quoted text, or itself."""
    try:
        value = _DECODER.decode(text)
    except (ValueError, RecursionError):
        return text
    return value if not isinstance(value, dict) else text


def _finite(digits):
    """Return the number of its digits; raise a ValueError if it is too great, as 1e999, and would be infinite."""
    number = float(digits)
    if math.isinf(number):
        raise ValueError(f"{digits} is too great for a number")
    return number


_DECODER = json.JSONDecoder(parse_float=_finite)


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
    """Return the value that stands in a line, and where what follows it begins: None where it is of another form.

    No part of the line is read more than a few times, however it is made.
    """
    at = _SPACES.match(line, at).end()
    if line.startswith("[", at) and (last := _list_end(line, at)) is not None:
        value, end = parse_value(line[at:last]), _after_value(line, last)
        if isinstance(value, list) and end is not None:
            return value, end
    match = (line.startswith('"', at) and _QUOTED.match(line, at)) or _BARE.match(line, at)
    return parse_value(match[0].strip()), _after_value(line, match.end())


def _list_end(line, at):
    """Return where the list ends that begins at a place, None if no list does: it has = and ; in quotes alone."""
    depth = 0
    for match in _IN_LIST.finditer(line, at):
        if match[0] in ("=", ";", '"'):
            return None
        depth += {"[": 1, "]": -1}.get(match[0], 0)
        if depth == 0:
            return match.end()
    return None


def _after_value(line, at):
    """Return where the next item begins, None if the value is not followed by one or by the line's end."""
    at = _SPACES.match(line, at).end()
    if at == len(line):
        return at
    return at + 1 if line[at] == ";" else None


def layers(table, rate):
    """Return the rows as (start, end, row) in as few lists as hold none that overlap, one at least.

    Rows are by start; starts and ends are whole numbers, `rate` a second, so that spans that touch still do, and no
    span is shorter than one.
    """
    found = [[]]
    for row in table.sort_values("start", kind="stable").to_dict("records"):
        start = round(row["start"] * rate)
        end = max(start + 1, round(row["end"] * rate))
        layer = next((rows for rows in found if not rows or rows[-1][1] <= start), None)
        if layer is None:
            layer = []
            found.append(layer)
        layer.append((start, end, row))
    return found


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
