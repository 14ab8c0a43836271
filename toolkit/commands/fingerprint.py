"""``python -m toolkit fingerprint``: a film's colors sampled, clustered, drawn and written in one go, resumably.

While a film is read, its colours are kept frame by frame in a journal (SQLite) next to the first file to be written,
under a name made from the film's file and every setting that decides them. A run that was killed resumes after the last
whole frame; frames of other settings are ignored. When all files are written the journal is removed.
"""

import argparse
import itertools
import json
import os
import warnings
from pathlib import Path

import numpy as np

from toolkit import __version__, colors, sound, video
from toolkit.checks import check_choice, check_count
from toolkit.errors import ParameterError, VideoError
from toolkit.storage import file_key, progress_bar, read_cached, write_cached, write_whole

STYLES = ("poster", "strip", "ring", "plane", "wave")
PICTURES = (".png", ".svg", ".pdf", ".jpg")
TABLES = (".csv", ".npz")
MAX_FRAMES = 3600
FRAMES_FOR_BARS = 40
# a poster of 10,800 pixels a side
MAX_DPI = 1200


def add_fingerprint(commands):
    """Add the subcommand to a parser."""
    parser = commands.add_parser(
        "fingerprint",
        help="draw a film's colours as a picture",
        description="Draw the dominant colours of a film's frames, or write them as a table; run again, it goes on.",
        epilog="What is done of a long film is kept beside the first FILE, as FILE.partial.csv, until all is written.",
        argument_default=argparse.SUPPRESS,
    )
    option = parser.add_argument
    option("film", help="the film's file")
    files = "pictures (.png, .svg, .pdf, .jpg) and tables (.csv of hex colours, .npz) to write"
    option("--out", dest="outs", required=True, nargs="+", metavar="FILE", help=files)
    breaks = "over the poster or in the ring (default: none); \\n breaks it"
    option("--title", type=lambda text: text.replace("\\n", "\n"), metavar="TEXT", help=breaks)
    option("--style", choices=STYLES, help="of the picture (default: poster)")
    number = {"type": int, "metavar": "N"}
    option("--colors", dest="n_colors", **number, help="colours of a frame (default: 1)")
    option("--clusters", dest="n_clusters", **number, help="groups they are taken from (default: 2 more than colours)")
    option("--frames", dest="n_frames", **number, help="frames, evenly spaced (default: all of the film, at most 3600)")
    option("--space", choices=("cielab", "oklab", "rgb"), help="of the clustering (default: cielab)")
    option("--size", dest="width", type=int, metavar="W", help="width at which frames are read (default: 320)")
    option("--keep-bars", action="store_true", help="count black bars as part of the picture")
    option("--font", metavar="NAME", help="the poster's font, one of this machine's")
    option("--background", metavar="COLOR", help="the poster's paper")
    option("--dpi", **number, help="of the picture (default: 200)")
    option("--seed", **number, help="of the clustering (default: 0)")
    parser.set_defaults(run=fingerprint_film)


def fingerprint_film(
    film,
    outs,
    *,
    style="poster",
    n_colors=1,
    n_clusters=None,
    n_frames=MAX_FRAMES,
    width=320,
    space="cielab",
    seed=0,
    keep_bars=False,
    dpi=200,
    title="",
    font=None,
    background=None,
):
    """Write a film's colours as pictures and tables, print their paths, and resume a run that was stopped.

    Parameters
    ----------
    film : path
    outs : sequence of path
        Of pictures, .png, .svg, .pdf or .jpg, and tables, .csv or .npz; see `colors.write_fingerprint`.
    style : {"poster", "strip", "ring", "plane", "wave"}
        Of the pictures: which of the functions in `toolkit.plots` draws them.
    n_colors, n_clusters, space, seed
        As in `colors.fingerprint`; by default two clusters more than colours.
    n_frames : int
        Evenly spaced; at most the film's.
    width : int
        At which frames are read; colours need few pixels.
    keep_bars : bool
        Whether black bars are part of the picture; otherwise they are found in 40 frames from all over the film.
    dpi : int
        Of the pictures.
    title, font, background
        As in `plots.plot_fingerprint_poster`; the ring has a title, too.

    Raises
    ------
    ParameterError
        If an option is out of range, or a file cannot be written.
    VideoError
        If the film cannot be read, or has no sound and its wave is asked for.
    """
    check_choice("style", style, STYLES)
    check_count("dpi", dpi, at_least=1, at_most=MAX_DPI)
    for option, value in (("title", title), ("font", font), ("background", background)):
        if value and style != "poster" and (option, style) != ("title", "ring"):
            styles = "poster or ring" if option == "title" else "poster"
            raise ParameterError(f"{option} is for the style {styles}; got it for the style {style}")
    paths = [_writable(out) for out in outs]
    pictures = [path for path in paths if path.suffix.lower() in PICTURES]
    clustering = {"n_colors": n_colors, "n_clusters": n_clusters, "space": space, "seed": seed}
    drawing = {"space": space, "title": title, "font": font, "background": background}
    # a rehearsal: what is wrong with the settings is told before the work
    black = colors.fingerprint(np.zeros((1, 1, 1), np.uint8), **clustering, progress=False)
    if pictures:
        _draw(style, *black, np.zeros(1), np.zeros(1), **drawing)
    info = video.probe(film)
    if style == "wave" and pictures and not info.has_audio:
        raise VideoError(f"{film} has no sound, which the wave shows; choose another style")
    # more would be the same pictures again
    n_frames = min(check_count("n_frames", n_frames, at_least=1), max(1, info.frame_count))
    width = check_count("width", width, at_least=1)
    settings = {"version": __version__, "film": file_key(film), "changed": os.stat(film).st_mtime_ns}
    settings |= {"n_frames": n_frames, "width": width, "keep_bars": keep_bars, **clustering}
    # names end at 255 bytes
    journal = paths[0].with_name(f"{os.fsencode(paths[0].name)[:200].decode(errors='ignore')}.partial.csv")
    if journal in paths or journal.is_dir():
        raise ParameterError(f"{journal} is where work in progress is kept; choose another name for the output")
    found, shares, times = _sampled(info, settings, clustering, journal)
    if pictures:
        loud = sound.loudness(film, times) if style == "wave" else None
        figure = _draw(style, found, shares, times, loud, **drawing)
    for path in paths:
        if path in pictures:
            with write_whole(path) as partial:
                figure.savefig(partial, dpi=dpi)
        else:
            colors.write_fingerprint(path, found, shares, times)
    # another run with the same output may have removed it
    journal.unlink(missing_ok=True)
    print(*outs, sep="\n")


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


def _sampled(info, settings, clustering, journal):
    """Return the colors, shares and times of a film's frames, those in the journal and the rest."""
    n_frames, size, name = settings["n_frames"], settings["width"], json.dumps(settings)
    instants = info.start + np.arange(n_frames) * (info.duration / n_frames)
    bars, keys = f"{name} bars", [f"{name} {number}" for number in range(n_frames)]
    stored = {key: json.loads(value) for key, value in read_cached(journal, [bars, *keys]).items()}
    if not settings["keep_bars"] and bars not in stored:
        some = video.read_frames(info.path, n_frames=FRAMES_FOR_BARS, size=size, progress=False)
        stored[bars] = video.find_bars(some)
        _keep(journal, {bars: stored[bars]})
    rows = [stored[key] for key in itertools.takewhile(stored.__contains__, keys)]
    with progress_bar(total=n_frames, description=info.path.name, unit="frame") as bar:
        bar.update(len(rows))
        if len(rows) < n_frames:
            for frames in video.iter_frames(info.path, times=instants[len(rows) :], size=size, progress=False):
                found, shares = colors.fingerprint(frames, **clustering, box=stored.get(bars), progress=False)
                colored = [*zip(frames.times.tolist(), found.tolist(), shares.tolist(), strict=True)]
                _keep(journal, dict(zip(keys[len(rows) :], colored, strict=False)))
                rows += colored
                bar.update(len(colored))
    times, found, shares = zip(*rows, strict=True)
    return np.array(found, np.uint8), np.array(shares), np.array(times)


def _keep(journal, values):
    """Keep values in the journal; where that fails, work that goes on would be lost when it is stopped."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        if not write_cached(journal, {key: json.dumps(value).encode() for key, value in values.items()}):
            raise OSError(f"{journal} cannot be written: is the disk full? Free some space, or write to another folder")


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
