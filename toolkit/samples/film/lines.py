"""What is said in the sample film, read from lines.toml: dialogues and remarks, each about something of its own."""

import tomllib
from pathlib import Path

_TEXTS = tomllib.loads(Path(__file__).with_suffix(".toml").read_text(encoding="utf-8"))
NAMES, CAPTIONS, TALKS, REMARKS = (_TEXTS[name] for name in ("names", "captions", "talks", "remarks"))
