"""What the tests of pages share."""

import json
import re


def held(page):
    """Return the data that a page holds."""
    text = page.read_text(encoding="utf-8")
    (inner,) = re.findall(r'<script id="data" type="application/json">(.*?)</script>', text, re.DOTALL)
    return json.loads(inner)
