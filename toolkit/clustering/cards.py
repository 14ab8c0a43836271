"""What stands for a video or a cluster in a figure: a frame, captions, key words."""

import os

import numpy as np

from toolkit import video
from toolkit.checks import check_array, check_images
from toolkit.clustering.clusters import VideoClusters
from toolkit.errors import ParameterError, VideoError
from toolkit.records import Frames

# of a cell, whose proportions are those of most pictures: height over width
MIN_ASPECT, MAX_ASPECT = 0.4, 1.6
GRAY = 235
# of points on a plane: a plane of larger ones cannot be drawn
MAX_VALUE = 1e100


def check_videos(videos, n=None):
    """Return videos as a list of images and paths, n of them if that is given."""
    if isinstance(videos, Frames):
        videos = videos.images
    if isinstance(videos, np.ndarray) and videos.dtype != object:
        videos = check_images(videos, "videos")
    elif isinstance(videos, (str, bytes, os.PathLike)) or not hasattr(videos, "__iter__"):
        raise ParameterError(f"videos must be a sequence of paths or images; got {type(videos).__name__}")
    videos = list(videos)
    for item in videos:
        if isinstance(item, np.ndarray):
            check_images(item[None], "an image of videos, as image[None],")
        elif not isinstance(item, (str, os.PathLike)):
            raise ParameterError(f"videos must be paths or images; got {type(item).__name__}")
    if n is not None and len(videos) != n:
        raise ParameterError(f"videos must be one for each of the {n} videos of the clusters; got {len(videos)}")
    return videos


def captions_of(captions, n, video_ids=None):
    """Return the captions of n videos, a list of texts each: from a sequence, or from a dict by video_id."""
    if captions is None:
        return [[] for _ in range(n)]
    if isinstance(captions, dict):
        if video_ids is None:
            raise ParameterError("captions must be in the order of the videos: [captions[name] for name in names]")
        captions = [captions.get(video_id, ()) for video_id in video_ids]
    wanted = f"captions must be a sequence of texts, or of lists of texts, one for each of the {n} videos"
    if isinstance(captions, (str, bytes)) or not hasattr(captions, "__iter__"):
        raise ParameterError(f"{wanted}; got {type(captions).__name__}")
    captions = list(captions)
    if len(captions) != n:
        raise ParameterError(f"{wanted}; got {len(captions)}")
    return [[line for line in _lines(texts, wanted) if line] for texts in captions]


def words_of(words, k):
    """Return the words of each of k clusters, a list of texts each, without their scores."""
    if words is None:
        return [[] for _ in range(k)]
    wanted = "words must be a dict by cluster of texts, or of pairs of a text and a score"
    if not isinstance(words, dict):
        raise ParameterError(f"{wanted}; got {type(words).__name__}")
    return [
        _lines(words.get(cluster, ()), wanted, lambda word: word if isinstance(word, str) else word[0])
        for cluster in range(k)
    ]


def _lines(texts, wanted, text_of=str.strip):
    """Return texts, or a single one, on one line each; `text_of` is the text of each."""
    try:
        return [" ".join(text_of(each).split()) for each in ([texts] if isinstance(texts, str) else texts)]
    except (TypeError, LookupError, AttributeError):
        raise ParameterError(f"{wanted}; got {texts!r:.80} among them") from None


def check_clusters(clusters):
    """Raise a ParameterError if `clusters` are no VideoClusters."""
    if not isinstance(clusters, VideoClusters):
        raise ParameterError(
            f"clusters must be VideoClusters, of clustering.cluster_videos; got {type(clusters).__name__}"
        )


def check_plane(name, points, n="n"):
    """Return `points` as float64 (n, 2) if they are numbers that can be drawn; otherwise raise a ParameterError."""
    array = check_array(name, points, (n, 2)).astype(np.float64)
    if (np.abs(array) > MAX_VALUE).any():
        largest = array.flat[np.abs(array).argmax()]
        raise ParameterError(f"{name} must be finite numbers, ({n}, 2), none beyond {MAX_VALUE:g}; got {largest:g}")
    return array


def centers_of(points, labels, k):
    """Return the medians of the points of each of k clusters, (k, 2); of an empty cluster, that of all points."""
    own = [points[labels == cluster] for cluster in range(k)]
    return np.array([np.median(part if len(part) else points, axis=0) for part in own]).reshape(k, 2)


def picture_of(item, width):
    """Return a picture of a video: the image that was given, or the middle of its file; None if that is unreadable."""
    if isinstance(item, np.ndarray):
        return item
    try:
        info = video.probe(item)
        middle = info.start + info.duration / 2
        frames = video.read_frames(item, times=[middle], size=min(info.width, width), progress=False)
    except VideoError:
        return None
    return frames.images[0]


def cell_height(pictures, width):
    """Return how high cells of a width are that suit most of the pictures."""
    shapes = [picture.shape[0] / picture.shape[1] for picture in pictures if picture is not None]
    return round(width * float(np.clip(np.median(shapes or [0.75]), MIN_ASPECT, MAX_ASPECT)))


def paste(cell, picture):
    """Fit a picture into a cell, uint8 (height, width, 3), gray where their proportions differ; return the cell."""
    import cv2

    height, width = cell.shape[:2]
    share = min(width / picture.shape[1], height / picture.shape[0])
    # a few pixels are no bar
    size = [
        whole if abs(whole - side * share) <= 0.03 * whole else max(1, round(side * share))
        for whole, side in ((width, picture.shape[1]), (height, picture.shape[0]))
    ]
    way = cv2.INTER_AREA if share < 1 else cv2.INTER_LINEAR
    fitted = cv2.resize(np.ascontiguousarray(picture), size, interpolation=way)
    top, left = (height - size[1]) // 2, (width - size[0]) // 2
    cell[:] = GRAY
    cell[top : top + size[1], left : left + size[0]] = fitted if fitted.ndim == 3 else fitted[..., None]
    return cell
