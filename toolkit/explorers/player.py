"""A film that plays beside the timeline of its shots, dialogues or scenes.

The film's file is not put into the notebook: JupyterLab serves what lies in the folder that it was started in, and the
browser asks it for as much as it needs. A film that lies elsewhere is given a second name (a hard link, which takes no
room) in the folder of what was found in it. The times are the film's own clock, as everywhere in the toolkit.
"""

import json
import os
import shlex
import shutil
from contextlib import suppress
from pathlib import Path
from urllib.parse import quote

import anywidget
import numpy as np
import pandas as pd
import traitlets
from matplotlib.colors import to_hex

from toolkit import video
from toolkit.checks import check_count, check_number
from toolkit.errors import ParameterError
from toolkit.explorers.pictures import lanes
from toolkit.plots.style import CLUSTER_COLORS, cluster_colors, count_of
from toolkit.storage import write_whole
from toolkit.tables import check_spans
from toolkit.video import decoding

# of a table, what spans are coloured by
LABELS = ("label", "setup", "scene")
# of spans without labels, in turn
SPAN_COLORS = CLUSTER_COLORS[0], CLUSTER_COLORS[3]
# rows for spans that lie over each other
ROWS = 4
# bytes of a film that is copied where it cannot be shared
MOST_BYTES_COPIED = 300_000_000


class Player(anywidget.AnyWidget):
    """A film and a timeline of its spans; see `explorers.play`.

    Attributes
    ----------
    time : float
        Seconds of the film that are shown, told some four times a second.
    span : int or None
        Which span was chosen last, counted from 0. Setting it shows the span's first picture.
    problem : str
        Why the film cannot be played, where that is known beforehand; else "".
    """

    _esm = Path(__file__).with_name("player.js")
    film = traitlets.Dict().tag(sync=True)
    spans = traitlets.Dict().tag(sync=True)
    time = traitlets.Float(0.0).tag(sync=True)
    span = traitlets.Int(None, allow_none=True).tag(sync=True)
    # the span to play, and how often one was asked for
    asked = traitlets.List([]).tag(sync=True)

    @property
    def problem(self):
        """Why the film cannot be played, where that is known beforehand; else ""."""
        return self.film["note"]

    @traitlets.validate("span")
    def _check_span(self, proposal):
        return None if proposal["value"] is None else self._checked(proposal["value"])

    def play(self, index):
        """Play the span of a number, counted from 0, in the browser that shows this.

        Raises
        ------
        ParameterError
            If there is no such span.
        """
        self.asked = [self._checked(index), (self.asked or [0, 0])[1] + 1]

    def _checked(self, index):
        count = len(self.spans["start"])
        return check_count(
            "index", index, below=count, hint=f"; the film has {count_of(count, 'span')}, counted from 0"
        )

    def __repr__(self):
        return f"Player: {self.film['name']}, {count_of(len(self.spans['start']), self.film['each'])}"


def play(film, spans=None, *, labels=None, start=0.0, folder=None, each="span"):
    """Play a film beside the timeline of its shots, dialogues or scenes.

    A click on a span plays it from its start and stops at its end; with the timeline in focus, arrow keys go from span
    to span, Enter plays, and the space bar pauses. Where the browser cannot play the film or cannot reach it, a note
    says what to do, and the timeline stays.

    Parameters
    ----------
    film : path
    spans : DataFrame, optional
        start and end, in seconds of the film's own clock. Of the columns label, setup and scene the first that is there
        is what spans are coloured by; set-ups that have a `name` are called by it. All columns are told of the span
        that is chosen. Spans may lie over each other.
    labels : sequence of int or str, optional
        What to colour the spans by instead, one for each.
    start : float
        Seconds at which the film stands at first.
    folder : path, optional
        Where the film is linked, or if that cannot be and it has at most 300 MB copied, if JupyterLab does not show the
        folder that it lies in: such as `reports.film_folder` gives.
    each : str
        What one span is called: "shot", "dialogue", "scene".

    Returns
    -------
    Player

    Raises
    ------
    VideoError
        If the film cannot be read.
    ParameterError
        If spans are no such table, or there is not one label for each.
    """
    if not isinstance(each, str) or not each.strip():
        raise ParameterError(f'each must be what one span is called, such as "shot"; got {each!r}')
    start = check_number("start", start)
    info = video.probe(film)
    with decoding.open_film(film) as opened:
        begins = opened.container.start_time
    first, last = info.start, info.start + info.duration
    begins = first if begins is None else min(begins / 1e6, first)
    table = _columns(spans, labels)
    url, note = _address(Path(film), folder)
    name, start = info.path.name, min(max(start, first), last)
    copy = shlex.quote(name), shlex.quote(f"{info.path.stem}_to_play.mp4")
    unplayable = (
        f"This browser cannot play {name} ({info.codec}). Make a copy that it can, by typing this in a terminal, in "
        "the film's folder:\n"
        f"ffmpeg -i {copy[0]} -copyts -c:v libx264 -pix_fmt yuv420p -c:a aac {copy[1]}\n"
        "Give that to play instead; the times stay the same."
    )
    description = {
        "url": url,
        "note": note,
        "name": name,
        "each": each,
        "begins": begins,
        "start": min([first, 0.0 if first >= 0 else first, *table["start"]]),
        "end": max([last, *table["end"]]),
        "at": start,
        "fps": info.fps,
        "none": "" if spans is None else f"There is no {each} to choose: the table is empty.",
        "unplayable": unplayable,
        "unreachable": f"JupyterLab does not hand out {name}. Open the notebook with make lab, run this cell again.",
    }
    return Player(film=description, spans=table, time=start)


def _columns(spans, labels):
    """Return of spans their starts, ends, colours, rows, labels and what is written of them, a list each."""
    spans = pd.DataFrame({"start": [], "end": []}) if spans is None else spans
    if not isinstance(spans, pd.DataFrame) or not {"start", "end"} <= set(spans.columns) or not spans.columns.is_unique:
        raise ParameterError("spans must be a DataFrame with the columns start and end, in seconds, each column once")
    starts, ends = check_spans(spans, "spans", ordered=False).T
    own = next((name for name in LABELS if name in spans.columns), None) if labels is None else None
    values = labels if own is None else spans[own]
    if values is None:
        # neighbours differ
        colors, texts = [to_hex(SPAN_COLORS[place % 2]) for place in range(len(spans))], [""] * len(spans)
    else:
        values = _check_labels(values, len(spans))
        whole = pd.api.types.is_integer_dtype(values)
        colors = [to_hex(color) for color in cluster_colors(values if whole else pd.factorize(values)[0])]
        if own == "setup" and "name" in spans:
            # what its number stands for
            values = spans["name"]
            spans = spans.assign(setup=values).drop(columns="name")
        texts = ["" if missing else str(value) for value, missing in zip(values, pd.isna(values), strict=True)]
    return {
        "start": starts.round(4).tolist(),
        "end": ends.round(4).tolist(),
        "color": colors,
        "row": lanes(starts, ends, ROWS).tolist(),
        "label": texts,
        "told": [_description(row) for row in spans.to_dict("records")],
    }


def _check_labels(labels, n):
    sized = hasattr(labels, "__len__") and not isinstance(labels, (str, bytes, pd.DataFrame))
    if not sized or len(labels) != n or not all(map(pd.api.types.is_scalar, labels)):
        raise ParameterError(f"labels must be one for each of the {n} spans, a number or a text; got {labels!r:.80}")
    return pd.Series(list(labels))


def _description(row):
    """Return in words what a row of a table has beside its times."""
    parts = []
    for name, value in row.items():
        is_time = name in ("start", "end") or name.endswith("_frame")
        if not is_time and np.isscalar(value) and not pd.isna(value) and value != "":
            value = f"{value:.3g}" if isinstance(value, float) else value
            parts.append(f"{str(name).replace('_', ' ')} {value}")
    return ", ".join(parts[:6])


def _address(film, folder):
    """Return where the film is below the folder that JupyterLab serves, "" if nowhere; and why."""
    root = _server_root()
    if root is None:
        return "", "The film plays in JupyterLab: open this notebook with make lab, and run this cell there."
    film = film.resolve()
    place = _below(root, film)
    if place is None and folder is not None:
        folder = Path(folder).expanduser().resolve()
        if _below(root, folder / "film") is not None:
            place = _below(root, _shared(film, folder))
    if place is not None:
        return quote(place), ""
    return "", (
        f"{film.name} lies outside of the folder that JupyterLab was opened in, from which alone it hands out films. "
        f"Open the notebook with make lab. If this is still here then, copy the film into the toolkit's folder out, "
        "and play the copy."
    )


def _below(root, path):
    """Return a path relative to the root, with slashes; None if it is outside, or hidden, which is not served."""
    try:
        parts = path.relative_to(root).parts
    except ValueError:
        return None
    return None if any(part.startswith(".") for part in parts) else "/".join(parts)


def _shared(film, folder):
    """Return the film's file as it is in the folder, put there if need be; the film's own path if that cannot be.

    Of symbolic links Jupyter's server hands out none that lead outside of its own folder, so that a second name of the
    file is made. Another disk has no such names: there a small film is copied, and a large one is not.
    """
    stamp = film.stat()
    with suppress(OSError):
        folder.mkdir(parents=True, exist_ok=True)
        for name in (film.name.lstrip("."), f"toolkit_{film.name}"):
            place = folder / name
            if place.exists():
                other = place.stat()
                same = other.st_size == stamp.st_size and int(other.st_mtime) == int(stamp.st_mtime)
                if same or os.path.samefile(place, film):
                    return place
                # of the scholar's own, or of the film as it was before
                continue
            with suppress(OSError):
                os.link(film, place)
                return place
            if stamp.st_size <= MOST_BYTES_COPIED:
                with write_whole(place) as partial:
                    shutil.copy2(film, partial)
                return place
    return film


def _server_root():
    """Return the folder that the Jupyter server of this kernel serves, or None where there is no such server."""
    from jupyter_core.paths import jupyter_runtime_dir

    for process in (os.environ.get("JPY_PARENT_PID"), os.getppid()):
        try:
            file = Path(jupyter_runtime_dir()) / f"jpserver-{process}.json"
            return Path(json.loads(file.read_text(encoding="utf-8"))["root_dir"]).resolve()
        except (OSError, ValueError, KeyError):
            continue
    return None
