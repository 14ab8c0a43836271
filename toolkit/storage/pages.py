"""Pages that hold everything in one file and ask for nothing: data, pictures, and the script that draws them.

Pages share a head, looks, and the moves of a map, `page.html`. What is a page's own is in another file: a ``<style>``,
the body, and a ``<script>``, in this order.
"""

import base64
import html
import io
import itertools
import json
import math
import re
from pathlib import Path

from toolkit.errors import ParameterError

BASE = Path(__file__).with_name("page.html")
# of the pictures: pixels of all together, which a browser holds decoded, and the least width that follows from it; the
# side of a sheet, which every graphics card can take
PIXELS, MIN_WIDTH, SHEET = 28_000_000, 48, 4096


def page_title(title, path):
    """Return the title of a page, by default the name of its file."""
    if title is not None and not isinstance(title, str):
        raise ParameterError(f"title must be text; got {type(title).__name__}")
    return title or Path(path).stem


def page_bytes(template, title, data):
    """Return a page, of a file with its own style, body and script, that holds data which JSON can hold.

    What cannot be written as UTF-8, such as half a character or a byte of a file's name, becomes an escape.
    """
    style, rest = template.read_text(encoding="utf-8").removeprefix("<style>\n").split("</style>\n")
    body, script = rest.removesuffix("</script>\n").split("<script>\n")
    page = BASE.read_text(encoding="utf-8")
    for name, part in (("style", style), ("body", body), ("script", script)):
        page = page.replace(f"{{{{{name}}}}}", part)
    # "<" could begin the end of the script
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":")).replace("<", "\\u003c")
    values = {"{{title}}": html.escape(title), "{{data}}": text}
    # in one pass, as a title may have the other's name in it
    page = re.sub("|".join(values), lambda found: values[found[0]], page)
    return page.encode(errors="backslashreplace")


def thumbnail_width(n, aspect, most):
    """Return how wide thumbnails of n pictures are, of a width over height, in pixels."""
    return min(most, max(MIN_WIDTH, math.isqrt(int(PIXELS / n * aspect))))


def picture_sheets(pictures, n, width, height, quality):
    """Return sheets of n pictures, row by row, as data URLs of WebP; of images of this size, or None for a gap."""
    from PIL import Image

    columns = SHEET // width
    capacity, sheets = columns * (SHEET // height), []
    pictures = iter(pictures)
    for start in range(0, n, capacity):
        count = min(capacity, n - start)
        sheet = Image.new("RGB", (min(count, columns) * width, -(-count // columns) * height))
        for place, picture in enumerate(itertools.islice(pictures, count)):
            if picture is not None:
                sheet.paste(picture, (place % columns * width, place // columns * height))
        file = io.BytesIO()
        sheet.save(file, "WEBP", quality=quality, method=4)
        sheets.append("data:image/webp;base64," + base64.b64encode(file.getvalue()).decode())
    return sheets
