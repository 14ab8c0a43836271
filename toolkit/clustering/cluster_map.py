"""The page of clusters: videos as dots on a map, with pictures and captions where one points, in one file.

It asks for nothing: pictures, captions and the script that draws them are in it. It is made from `cluster_map.html`.
"""

from pathlib import Path

import numpy as np

from toolkit.checks import check_choice
from toolkit.clustering import cards
from toolkit.storage import page_bytes, page_title, picture_sheets, progress_bar, thumbnail_width, write_whole
from toolkit.tables import check_path

TEMPLATE = Path(__file__).with_name("cluster_map.html")
# of the thumbnails
MAX_WIDTH, ASPECT, QUALITY = 280, 1.4, 70


def write_cluster_map(
    path,
    clusters,
    points,
    *,
    centers=None,
    words=None,
    captions=None,
    show="first",
    videos=None,
    title=None,
    progress=True,
):
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
    path = check_path(path, ".html")
    cards.check_clusters(clusters)
    n, k = len(clusters.video_ids), clusters.n_clusters
    points = cards.check_plane("points", points, n)
    centers = cards.centers_of(points, clusters.labels, k) if centers is None else centers
    centers = cards.check_plane("centers", centers, k)
    words, captions = cards.words_of(words, k), cards.captions_of(captions, n, clusters.video_ids)
    if check_choice("show", show, ("first", "all")) == "first":
        captions = [texts[:1] for texts in captions]
    title = page_title(title, path)
    width, height, sheets = _sheets(cards.check_videos(videos, n), progress) if videos is not None and n else (0, 0, [])
    data = {
        "ids": clusters.video_ids,
        "labels": clusters.labels.tolist(),
        "points": points.tolist(),
        "centers": centers.tolist(),
        "words": words,
        "captions": captions,
        "thumb": [width, height],
        "sheets": sheets,
    }
    with write_whole(path) as partial:
        partial.write_bytes(page_bytes(TEMPLATE, title, data))
    return path


def _sheets(videos, progress):
    """Return the width and height of thumbnails, and sheets of them as data URLs."""
    from PIL import Image

    n = len(videos)
    width = thumbnail_width(n, ASPECT, MAX_WIDTH)
    # of a few, as reading takes time
    first = [cards.picture_of(item, width) for item in videos[:9]]
    height = cards.cell_height(first, width)

    def thumbnails(bar):
        for place, item in enumerate(videos):
            picture = first[place] if place < len(first) else cards.picture_of(item, width)
            cell = np.empty((height, width, 3), np.uint8)
            # before, as nobody asks for what comes after the last
            bar.update()
            yield None if picture is None else Image.fromarray(cards.paste(cell, picture))

    with progress_bar(total=n, description="pictures", unit="video", progress=progress) as bar:
        return width, height, picture_sheets(thumbnails(bar), n, width, height, QUALITY)
