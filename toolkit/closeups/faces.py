"""Faces in frames: OpenCV's cascades, and a small network, each with a detector for every thread.

A detector is made by a function without arguments and takes one image, uint8 (height, width[, 3]); it returns the
faces' boxes, float64 (n, 4): left, top, width, height in pixels.

Cascades. Three look at each frame: the frontal one, and the one for profiles twice, the second time with the picture
mirrored, as it knows faces that look to the left only. Frames are shrunk to a height of 160 at most, where a medium
close-up's face is 45 high, twice what the cascades were trained on: the time they take grows with the pixels. Luma is
equalised: without that they took the handwriting in a faded film for a face and overlooked its writer. Faces of less
than a seventh of the frame's height are not looked for: most of what is none would be found there, in most of the time.
A face must be found at several neighbouring places, 4 for the frontal cascade and 6 for the profiles, which see more
that is none. Where a profile overlaps a face from the front, the latter counts: its box is the truer one.

Network. Ultra-Light-Fast-Generic-Face-Detector-1MB, version RFB-320, by linzai (MIT licence), as its authors run it:
the frame squeezed to 320x240, RGB less 127 over 128, scores of at least 0.7, of overlapping boxes the likeliest. The
published file has softmax and the decoding of boxes in it: boxes are corners, as shares of width and height.

References
----------
P. Viola and M. Jones, Rapid object detection using a boosted cascade of simple features, CVPR 2001. R. Lienhart and
J. Maydt, An extended set of Haar-like features for rapid object detection, ICIP 2002.
https://github.com/Linzaer/Ultra-Light-Fast-Generic-Face-Detector-1MB
"""

import functools
import hashlib
import os
import threading
from pathlib import Path

import numpy as np

from toolkit.checks import check_choice
from toolkit.errors import DataError, ParameterError
from toolkit.storage import cache_folder, data_folder, download, file_hash, read_cached, write_cached

# part of the keys of cached faces: raise it when other faces are found
VERSION = "1"
# of the cascades: the height at which frames are looked at, the smallest face as a share of it, the step from a size
# to the next, and how many neighbours must agree
MAX_HEIGHT, MIN_FACE_SHARE, STEP = 160, 1 / 7, 1.1
FRONTAL_NEIGHBORS, PROFILE_NEIGHBORS = 4, 6
FRONTAL_FILE, PROFILE_FILE = "haarcascade_frontalface_alt2.xml", "haarcascade_profileface.xml"
# the size of what the cascades were trained on
WINDOW = 20

MODEL = "version-RFB-320.onnx"
COMMIT = "dffdddda9794a50607cba8f318507a28c1c27cab"
URL = (
    f"https://raw.githubusercontent.com/Linzaer/Ultra-Light-Fast-Generic-Face-Detector-1MB/{COMMIT}/models/onnx/{MODEL}"
)
FETCH = f"curl -L -o {MODEL} {URL}"
SHA256 = "34cd7e60aeff28744c657de7a3dc64e872d506741de66987f3426f2b79f88017"
BYTES = 1_270_727
INPUT_WIDTH, INPUT_HEIGHT = 320, 240
MIN_SCORE, MAX_OVERLAP = 0.7, 0.3


class Finder:
    """Finds faces in pictures, in several threads, and keeps what it found on disk, picture by picture.

    Parameters
    ----------
    detector : {"haar", "ultraface"}
        One is made for each thread that wants one; what is wrong with it is raised here, before a film is read.
    model : path or None
        Of "ultraface".
    option : str
        What the model is called where the function was called.
    cache : path, None or False
        A folder, by default `faces` in the toolkit's data folder; False keeps nothing.
    """

    def __init__(self, detector, model, *, cache, option="model"):
        check_choice("detector", detector, ("haar", "ultraface"))
        if detector == "ultraface":
            self._make = functools.partial(ultraface_boxes, read_ultraface(model))
        elif model is None:
            self._make = haar_boxes
        else:
            raise ParameterError(f'{option} is for detector="ultraface"; detector "haar" takes none; got {model!r}')
        self._thread = threading.local()
        self._thread.detector = self._make()
        folder = cache_folder(cache, "faces")
        self._cache = None if folder is None else folder / f"{detector}-{_version()}.sqlite"

    def find(self, pool, images):
        """Return the boxes in each of images, uint8 (n, height, width[, 3]): list of float64 (m, 4)."""
        keys = [_key(image) for image in images]
        faces = {key: np.frombuffer(boxes).reshape(-1, 4) for key, boxes in read_cached(self._cache, keys).items()}
        new = {key: image for key, image in zip(keys, images, strict=True) if key not in faces}
        found = dict(zip(new, pool.map(self._look, new.values()), strict=True))
        if found and not write_cached(self._cache, {key: boxes.tobytes() for key, boxes in found.items()}):
            # what cannot be kept once is not tried for every batch: a lock is waited for
            self._cache = None
        faces.update(found)
        return [faces[key] for key in keys]

    def _look(self, image):
        if not hasattr(self._thread, "detector"):
            self._thread.detector = self._make()
        return np.asarray(self._thread.detector(image), np.float64).reshape(-1, 4)


def _key(image):
    """Return bytes that only the same picture has."""
    digest = hashlib.blake2b(np.ascontiguousarray(image), digest_size=24)
    digest.update(repr(image.shape).encode())
    return digest.digest()


@functools.cache
def _version():
    """Return a name for what finds faces here."""
    import cv2

    return hashlib.sha256(f"{VERSION} {cv2.__version__}".encode()).hexdigest()[:12]


def haar_boxes():
    """Return a detector of faces' boxes by OpenCV's cascades.

    Raises
    ------
    ParameterError
        If the OpenCV that is installed has no cascades.
    """
    import cv2

    try:
        frontal = cv2.CascadeClassifier(os.path.join(cv2.data.haarcascades, FRONTAL_FILE))
        profile = cv2.CascadeClassifier(os.path.join(cv2.data.haarcascades, PROFILE_FILE))
        missing = frontal.empty() or profile.empty()
    except (AttributeError, cv2.error):
        missing = True
    if missing:
        raise ParameterError(
            f'detector "haar" needs the cascades of OpenCV 4; the OpenCV installed, {cv2.__version__}, has none. '
            'Install it with: pip install "opencv-python-headless<5"; or choose detector="ultraface"'
        )

    def find(image):
        gray = np.ascontiguousarray(image)
        if gray.ndim == 3:
            gray = cv2.cvtColor(gray, cv2.COLOR_RGB2GRAY)
        height, width = gray.shape
        if height > MAX_HEIGHT:
            size = max(1, round(width * MAX_HEIGHT / height)), MAX_HEIGHT
            gray = cv2.resize(gray, size, interpolation=cv2.INTER_AREA)
        if min(gray.shape) < WINDOW:
            return np.empty((0, 4))
        gray = cv2.equalizeHist(gray)
        smallest = max(WINDOW, round(MIN_FACE_SHARE * len(gray)))

        def search(cascade, picture, neighbors):
            faces = cascade.detectMultiScale(
                picture, scaleFactor=STEP, minNeighbors=neighbors, minSize=(smallest, smallest)
            )
            return np.reshape(faces, (-1, 4)).astype(np.int64)

        faces = search(frontal, gray, FRONTAL_NEIGHBORS)
        to_the_left = search(profile, gray, PROFILE_NEIGHBORS)
        to_the_right = search(profile, np.ascontiguousarray(gray[:, ::-1]), PROFILE_NEIGHBORS)
        to_the_right[:, 0] = gray.shape[1] - to_the_right[:, 0] - to_the_right[:, 2]
        profiles = [face for face in (*to_the_left, *to_the_right) if not _overlaps(face, faces)]
        boxes = np.concatenate([faces, *(face[None] for face in profiles)])
        return boxes * np.array([width, height, width, height]) / np.tile(gray.shape[::-1], 2)

    return find


def _overlaps(face, others):
    """Return whether a face shares pixels with one of others; each is left, top, width, height."""
    first = np.maximum(face[:2], others[:, :2])
    end = np.minimum(face[:2] + face[2:], others[:, :2] + others[:, 2:])
    return bool((first < end).all(axis=1).any())


def ultraface_boxes(content):
    """Return a detector of faces' boxes by the network whose file has this content."""
    import cv2

    net = cv2.dnn.readNetFromONNX(np.frombuffer(content, np.uint8))

    def find(image):
        image = np.ascontiguousarray(image)
        if image.ndim == 2:
            image = cv2.cvtColor(image, cv2.COLOR_GRAY2RGB)
        shrinks = image.shape[0] >= INPUT_HEIGHT and image.shape[1] >= INPUT_WIDTH
        method = cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR
        small = cv2.resize(image, (INPUT_WIDTH, INPUT_HEIGHT), interpolation=method)
        net.setInput(cv2.dnn.blobFromImage(small, 1 / 128, mean=(127, 127, 127)))
        scores, boxes = net.forward(["scores", "boxes"])
        faces = likely_boxes(scores[0, :, 1], boxes[0])
        height, width = image.shape[:2]
        return np.hstack([faces[:, :2], faces[:, 2:] - faces[:, :2]]) * np.array([width, height, width, height])

    return find


def likely_boxes(scores, boxes):
    """Return the boxes of what is likely a face, float64 (m, 4), the likeliest first; of overlapping ones only that.

    Parameters
    ----------
    scores : ndarray of float32, (n,)
    boxes : ndarray of float32, (n, 4)
        Left, top, right, bottom, as shares of width and height; they may reach beyond the picture, which is cut off.
    """
    import cv2

    likely = scores >= MIN_SCORE
    boxes = np.clip(boxes[likely], 0, 1).astype(np.float64)
    corners_and_sides = np.hstack([boxes[:, :2], boxes[:, 2:] - boxes[:, :2]])
    places = cv2.dnn.NMSBoxes(corners_and_sides.tolist(), scores[likely].tolist(), 0.0, MAX_OVERLAP)
    return boxes[np.asarray(places, np.int64)]


def read_ultraface(path=None):
    """Return the content of the network's file: the one at `path`, or the one in the toolkit's data folder.

    Raises
    ------
    ParameterError
        If the file is not there.
    DataError
        If it is not the published one.
    """
    if path is None:
        path = model_path()
        missing = (
            f'detector "ultraface" needs its model, which is not in {path.parent}. Download it once '
            f"({BYTES / 1e6:.1f} MB) with toolkit.closeups.download_ultraface(), or fetch it with: {FETCH} and name "
            f'where it is with model="{MODEL}". Without it, detector="haar" works'
        )
    elif isinstance(path, (str, os.PathLike)):
        path = Path(path).expanduser()
        missing = (
            f"model must be the path of {MODEL}; there is no file {path}. "
            "toolkit.closeups.download_ultraface() downloads it and returns where it is"
        )
    else:
        raise ParameterError(f"model must be the path of {MODEL}; got {path!r}")
    if not path.is_file():
        raise ParameterError(missing)
    content = path.read_bytes()
    if hashlib.sha256(content).hexdigest() != SHA256:
        raise DataError(
            f"{path} is not the published {MODEL} of {BYTES:,} bytes, or is broken: it has {len(content):,} bytes, and "
            f"its SHA-256 is not {SHA256}. toolkit.closeups.download_ultraface() downloads a whole one"
        )
    return content


def model_path():
    """Return where in the toolkit's data folder the network's file is kept."""
    return data_folder() / "models" / MODEL


def download_ultraface(*, progress=True):
    """Download the model of the detector "ultraface" into the toolkit's data folder, and return where it is.

    It is a file of 1.3 MB from github.com, under the MIT licence. Where it is there already, nothing is downloaded.
    The file appears whole, with the checksum of the published one, or not at all.

    Parameters
    ----------
    progress : bool
        Whether to show a progress bar.

    Returns
    -------
    Path

    Raises
    ------
    DataError
        If it cannot be downloaded, or is not the published file.
    """
    path = model_path()
    if path.is_file() and file_hash(path) == SHA256:
        return path
    try:
        download(URL, path, SHA256, largest=BYTES, progress=progress)
    # urllib raises OSErrors; a guard of the network, or a proxy's address that cannot be read, others
    except (OSError, ValueError, RuntimeError) as error:
        raise DataError(
            f"{MODEL} cannot be downloaded: {str(error).strip('<>')}. Fetch it where there is internet, with: "
            f'{FETCH} and copy it to {path}, or name where it is with model="..."'
        ) from error
    return path
