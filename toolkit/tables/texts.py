"""Values as text and back, and text as files hold it."""

import json
import math
import re

import numpy as np
import pandas as pd

# words for truth values, as spreadsheets write them
TRUE = {"true", "wahr", "vrai", "vero", "verdadero"}
FALSE = {"false", "falsch", "faux", "falso"}
_UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")


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
        value = DECODER.decode(text)
    except (ValueError, RecursionError):
        return text
    return value if not isinstance(value, dict) else text


def _finite(digits):
    """Return the number of its digits; raise a ValueError if it is too great, as 1e999, and would be infinite."""
    number = float(digits)
    if math.isinf(number):
        raise ValueError(f"{digits} is too great for a number")
    return number


DECODER = json.JSONDecoder(parse_float=_finite)


def printable(text):
    """Return text without what files of text cannot hold, its lines divided by a line feed."""
    return _UNPRINTABLE.sub("", re.sub("\r\n?", "\n", text))


def decode_text(data):
    """Return the text of a file's bytes: UTF-8, UTF-16 or UTF-32, else as Windows writes it in the west."""
    encoding = json.detect_encoding(data)
    # without a mark at the start, and with few zero bytes, it is a damaged file rather than UTF-16 or UTF-32
    if encoding.endswith("e") and 5 * data.count(0) < len(data):
        encoding = "utf-8"
    try:
        return data.decode(encoding).lstrip("\ufeff")
    except UnicodeDecodeError:
        return data.decode("cp1252" if encoding.startswith("utf-8") else encoding, errors="replace").lstrip("\ufeff")
