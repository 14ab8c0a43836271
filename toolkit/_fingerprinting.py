"""A film's colours in one go, as the terminal asks for them: sampled, clustered, drawn and written, and resumable.

While a film is read, its colours are kept in a journal beside the first file that is to be written: a line that says
what they are of (the film's content and every setting that decides them), then a line a frame. A run that was killed
goes on after the last whole line; a journal of anything else is begun anew. When all files are written it is removed.
"""

import contextlib
import json
import os
from pathlib import Path

import numpy as np

from toolkit import __version__, colors, sound, video
from toolkit._checks import ParameterError, VideoError, check_choice, check_count
from toolkit.storage import file_key, progress_bar, write_whole

STYLES = ("poster", "strip", "ring", "plane", "wave")
PICTURES = (".png", ".svg", ".pdf", ".jpg")
TABLES = (".csv", ".npz")
MOST_FRAMES = 3600
FRAMES_FOR_BARS = 40


def fingerprint_film(
    film,
    outs,
    *,
    style="poster",
    n_colors=1,
    n_clusters=None,
    n_frames=None,
    width=320,
    space="cielab",
    seed=0,
    keep_bars=False,
    dpi=200,
    title="",
    font=None,
    background=None,
    progress=True,
):
    """Write a film's colours as pictures and tables, and go on where an earlier run was stopped.

    Parameters
    ----------
    film : path
    outs : sequence of path
        Of pictures, .png, .svg, .pdf or .jpg, and tables, .csv or .npz; see `colors.write_fingerprint`.
    style : {"poster", "strip", "ring", "plane", "wave"}
        Of the pictures: which of the functions in `toolkit.plots` draws them.
    n_colors, n_clusters, space, seed
        As in `colors.fingerprint`; by default two clusters more than colours.
    n_frames : int, optional
        Evenly spaced; at most the film's. By default those, but at most 3,600.
    width : int
        At which frames are read; colours need few pixels.
    keep_bars : bool
        Whether black bars are part of the picture; otherwise they are found in 40 frames from all over the film.
    dpi : int
        Of the pictures.
    title, font, background
        As in `plots.plot_fingerprint_poster`; the ring has a title, too.
    progress : bool
        Whether to show progress bars.

    Raises
    ------
    ParameterError
        If an option is out of range, or a file cannot be written.
    VideoError
        If the film cannot be read, or has no sound and its wave is asked for.
    """
    check_choice("style", style, STYLES)
    check_count("dpi", dpi, at_least=1)
    for option, given, styles in (
        ("title", title, ("poster", "ring")),
        ("font", font, ("poster",)),
        ("background", background, ("poster",)),
    ):
        if given and style not in styles:
            raise ParameterError(f"{option} is for the style {' or '.join(styles)}; got it for the style {style}")
    outs = [_writable(out) for out in outs]
    pictures = [out for out in outs if out.suffix.lower() in PICTURES]
    clustering = {"n_colors": n_colors, "n_clusters": n_clusters, "space": space, "seed": seed}
    drawing = {"space": space, "title": title, "font": font, "background": background}
    # a rehearsal: what is wrong with the settings is told before the work
    black = colors.fingerprint(np.zeros((1, 1, 1), np.uint8), **clustering, progress=False)
    if pictures:
        _draw(style, *black, np.zeros(1), np.zeros(1), **drawing)
    info = video.probe(film)
    if style == "wave" and pictures and not info.has_audio:
        raise VideoError(f"{film} has no sound, which the wave shows; choose another style")
    if n_frames is None:
        n_frames = max(1, min(info.frame_count, MOST_FRAMES))
    # more would be the same pictures again
    n_frames = min(check_count("n_frames", n_frames, at_least=1), max(1, info.frame_count))
    width = check_count("width", width, at_least=1)
    settings = {"film": file_key(film), "n_frames": n_frames, "width": width, "keep_bars": keep_bars, **clustering}
    journal = outs[0].with_name(f"{outs[0].name}.partial.csv")
    found, shares, times = _sampled(info, {"version": __version__, **settings}, clustering, journal, progress)
    if pictures:
        loud = sound.loudness(film, times, progress=progress) if style == "wave" else None
        figure = _draw(style, found, shares, times, loud, **drawing)
    for out in outs:
        if out in pictures:
            with write_whole(out) as partial:
                figure.savefig(partial, dpi=dpi)
        else:
            colors.write_fingerprint(out, found, shares, times)
    journal.unlink()


def _writable(path):
    """Return the path of a file to be written, if it is of a known kind and its folder takes files."""
    path = Path(path)
    check_choice(f"the suffix of {path.name}", path.suffix.lower(), PICTURES + TABLES)
    if path.is_dir():
        raise ParameterError(f"cannot write {path}: it is a folder; give the name of a file in it")
    if not path.parent.is_dir():
        raise ParameterError(f"cannot write {path}: the folder {path.parent} does not exist; create it first")
    if not os.access(path.parent, os.W_OK):
        raise ParameterError(f"cannot write {path}: the folder {path.parent} may not be written to; choose another")
    return path


def _sampled(info, settings, clustering, journal, progress):
    """Return the colors, shares and times of a film's frames, those in the journal and the rest."""
    n_frames, size = settings["n_frames"], settings["width"]
    rows, box = _journaled(journal, settings)
    if rows is None:
        rows = []
        if not settings["keep_bars"]:
            some = video.read_frames(info.path, n_frames=FRAMES_FOR_BARS, size=size, progress=False)
            box = video.find_bars(some)
    instants = info.start + np.arange(n_frames) * (info.duration / n_frames)
    try:
        with write_whole(journal) as partial:
            partial.write_text(_lines([{"settings": settings, "box": box}, *rows]), encoding="utf-8")
    except OSError as error:
        raise ParameterError(f"cannot write beside {journal}: {error.strerror}; choose another folder") from error
    with (
        open(journal, "a", encoding="utf-8") as file,
        progress_bar(total=n_frames, description=info.path.name, unit="frame", progress=progress) as bar,
    ):
        bar.update(len(rows))
        if len(rows) < n_frames:
            batches = video.iter_frames(info.path, times=instants[len(rows) :], size=size, progress=False)
            for frames in batches:
                found, shares = colors.fingerprint(frames, **clustering, box=box, progress=False)
                done = [*zip(frames.times.tolist(), found.tolist(), shares.tolist(), strict=True)]
                file.write(_lines(done))
                file.flush()
                rows += done
                bar.update(len(done))
    times, found, shares = zip(*rows, strict=True)
    return np.array(found, np.uint8), np.array(shares), np.array(times)


def _journaled(journal, settings):
    """Return the rows of a journal of these settings, and the box it was made with; None and None without one."""
    with contextlib.suppress(OSError, ValueError, KeyError, TypeError):
        # a line that a kill cut short has no end
        first, *lines = journal.read_text(encoding="utf-8").rpartition("\n")[0].splitlines()
        head = json.loads(first)
        if head["settings"] == settings:
            return [json.loads(line) for line in lines], head["box"]
    return None, None


def _lines(rows):
    return "".join(f"{json.dumps(row)}\n" for row in rows)


def _draw(style, found, shares, times, loud, *, space, title, font, background):
    """Return a figure of the style."""
    import matplotlib

    # a terminal has no use for windows
    matplotlib.use("agg")
    from toolkit import plots

    if style == "poster":
        paper = {} if background is None else {"background": background}
        ax = plots.plot_fingerprint_poster(found, shares, title=title, font=font, **paper)
    elif style == "ring":
        ax = plots.plot_color_ring(found, shares, title=title)
    elif style == "plane":
        ax = plots.plot_color_plane(found, shares, space="oklab" if space == "oklab" else "cielab")
    elif style == "strip":
        ax = plots.plot_color_strip(found, shares, times=times)
    else:
        ax = plots.plot_color_wave(found, loud, times=times)
    return ax.figure
