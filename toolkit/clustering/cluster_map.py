"""The page of clusters: videos as dots on a map, with pictures and captions where one points, in one file.

It asks for nothing: pictures, captions and the script that draws them are in it. It is made from `cluster_map.html`.
"""

import base64
import html as markup
import io
import json
import math
import os
from pathlib import Path

import numpy as np

from toolkit.checks import check_choice
from toolkit.clustering.cards import captions_of, cell_height, check_plane, check_videos, paste, picture_of, words_of
from toolkit.clustering.clusters import VideoClusters
from toolkit.errors import ParameterError
from toolkit.storage import progress_bar, write_whole

TEMPLATE = Path(__file__).with_name("cluster_map.html")
# of the pictures: pixels of all together, which a browser holds decoded, and the widths that follow from it; the side
# of a sheet, which every graphics card can take
PIXELS, NARROWEST, WIDEST, SHEET = 28_000_000, 48, 280, 4096
QUALITY = 70


def write_cluster_map(
    path, clusters, points, *, centers=None, words=None, captions=None, show="first", videos=None, title=None,
    progress=True,
):  # fmt: skip
    """Write a page on which videos are dots in the colours of their clusters, to point at.

    Where one points, the video's picture, name and captions are shown; beside the map are the clusters with their sizes
    and words, to single one out, and a field that finds videos by words of their captions. The page needs neither a
    server nor a network.

    Parameters
    ----------
    path : path
        Of the ``.html`` file; its folder must exist. A file that is there is replaced.
    clusters : VideoClusters
    points : ndarray of numbers, (n, 2)
        Of the videos, from `projections.project`.
    centers : ndarray of numbers, (k, 2), optional
        Where the clusters' centres are. (t-SNE places nothing afterwards: project videos and centres together.) By
        default the medians of their videos' points.
    words : dict of int to words, optional
        Of each cluster, as `keywords.describe_clusters` returns them.
    captions : dict by video_id, or sequence, of texts or of lists of texts; optional
        A video without any has none.
    show : {"first", "all"}
        Whether the page holds the first caption of each video or all of them.
    videos : sequence of paths, or of images, uint8 (height, width, 3) or (height, width); or Frames; optional
        One for each video; of a file the picture in the middle is read, and of one that cannot be read there is none.
    title : str, optional
        By default the name of the file.
    progress : bool
        Whether to show a progress bar while pictures are read.

    Returns
    -------
    Path
        Of the page.

    Raises
    ------
    ParameterError
        If arguments are of the wrong kind or do not fit each other.
    """
    if not isinstance(path, (str, os.PathLike)) or Path(path).suffix.lower() != ".html":
        raise ParameterError(f"path must be that of a .html file to write; got {path!r}")
    if not isinstance(clusters, VideoClusters):
        raise ParameterError(
            f"clusters must be VideoClusters, of clustering.cluster_videos; got {type(clusters).__name__}"
        )
    n, k = len(clusters.video_ids), clusters.n_clusters
    points = check_plane("points", points, n)
    if centers is None:
        found = [points[clusters.labels == cluster] for cluster in range(k)]
        # of an empty cluster nothing is known
        centers = np.array([np.median(own if len(own) else points, axis=0) for own in found]).reshape(k, 2)
    centers = check_plane("centers", centers, k)
    words = words_of(words, k)
    told = captions_of(captions, n, clusters.video_ids)
    if check_choice("show", show, ("first", "all")) == "first":
        told = [texts[:1] for texts in told]
    if title is not None and not isinstance(title, str):
        raise ParameterError(f"title must be text; got {type(title).__name__}")
    title = title or Path(path).stem
    width, height, sheets = _sheets(check_videos(videos, n), progress) if videos is not None and n else (0, 0, [])
    data = {
        "ids": clusters.video_ids,
        "labels": clusters.labels.tolist(),
        "points": points.tolist(),
        "centers": centers.tolist(),
        "words": words,
        "captions": told,
        "thumb": [width, height],
        "sheets": sheets,
    }
    # "<" could begin the end of the script
    held = json.dumps(data, ensure_ascii=False, separators=(",", ":")).replace("<", "\\u003c")
    before, after = TEMPLATE.read_text(encoding="utf-8").split("{{data}}")
    page = before.replace("{{title}}", markup.escape(title)) + held + after
    with write_whole(path) as partial:
        # in the script such an escape stands for what is no Unicode, as half a character or a byte of a file's name
        partial.write_bytes(page.encode(errors="backslashreplace"))
    return Path(path)


def _sheets(videos, progress):
    """Return the width and height of thumbnails, and sheets of them, row by row, as data URLs."""
    from PIL import Image

    width = min(WIDEST, max(NARROWEST, math.isqrt(int(PIXELS / len(videos) * 1.4))))
    # of a few, as reading takes time
    first = [picture_of(item, width) for item in videos[:9]]
    height = cell_height(first, width)
    columns = SHEET // width
    a_sheet, sheets = columns * (SHEET // height), []
    with progress_bar(total=len(videos), description="pictures", unit="video", progress=progress) as bar:
        for start in range(0, len(videos), a_sheet):
            part = videos[start : start + a_sheet]
            rows = -(-len(part) // columns)
            sheet = np.zeros((rows * height, min(len(part), columns) * width, 3), np.uint8)
            for place, item in enumerate(part):
                picture = first[start + place] if start + place < len(first) else picture_of(item, width)
                top, left = place // columns * height, place % columns * width
                if picture is not None:
                    paste(sheet[top : top + height, left : left + width], picture)
                bar.update()
            file = io.BytesIO()
            Image.fromarray(sheet).save(file, "WEBP", quality=QUALITY, method=4)
            sheets.append("data:image/webp;base64," + base64.b64encode(file.getvalue()).decode())
    return width, height, sheets
