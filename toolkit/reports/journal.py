"""The journal of a run: which notebooks are done, so that a killed run resumes."""

import contextlib
import glob
import hashlib
import json
from pathlib import Path

from toolkit.storage import write_whole

FILE = "notebooks.partial.json"


class RunJournal:
    """The names of notebooks that a run has done, in a film's folder until the run ends.

    A run goes on with what an earlier one has left only if nothing has changed in between: not the notebooks, not their
    parameters nor the files that these name, not what lies beside the film under its name, such as subtitles, not a
    table that was corrected by hand, not this package.

    Parameters
    ----------
    folder : Path
        The film's.
    sources : list of Path
        The notebooks.
    parameters : dict
        Of each of them.
    """

    def __init__(self, folder, sources, parameters):
        self._path = folder / FILE
        digest = hashlib.sha256(repr(sorted((str(source), parameters[source]) for source in sources)).encode())
        for source in sources:
            digest.update(source.read_bytes())
        values = {value for options in parameters.values() for value in options.values() if isinstance(value, str)}
        paths = {Path(value) for value in values if value}
        beside = {other for path in paths for other in path.parent.glob(f"{glob.escape(path.stem)}.*")}
        package = Path(__file__).parents[1].rglob("*.py")
        for path in sorted({*paths, *beside, *folder.glob("*.corrected.csv"), *package}):
            # what is no path is no file either
            with contextlib.suppress(OSError, ValueError):
                if path.is_file():
                    digest.update(f"{path} {path.stat().st_mtime_ns}".encode())
        self._key = digest.hexdigest()
        self.done = set()
        with contextlib.suppress(OSError, ValueError, TypeError, KeyError):
            left = json.loads(self._path.read_text(encoding="utf-8"))
            if left["key"] == self._key:
                self.done = set(left["done"])
        if not self.done:
            # of another run, whose pages this one is about to replace
            self.close()

    def note(self, name):
        """Note that a notebook is done."""
        self.done.add(name)
        with write_whole(self._path) as partial:
            partial.write_text(json.dumps({"key": self._key, "done": sorted(self.done)}) + "\n", encoding="utf-8")

    def close(self):
        """Forget everything: the run has come to its end."""
        self._path.unlink(missing_ok=True)
