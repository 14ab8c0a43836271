"""Is the sample film as hard as film is, and can it still be solved? Ten seeds, one row each, then a verdict a line.

    python -m benchmarks.samples.film_hardness [SEED ...]

Hard: PySceneDetect's adaptive detector at its defaults (F1 of the hard cuts, two frames' tolerance), the nearest
neighbor of a frame by gray thumbnail (share in the right set-up; neighbors closer than 0.4 s left out), Ward
clustering of gray pixels with the right number of clusters (adjusted Rand index). Solvable: the same two with 4x4
blocks of color and gradient histograms. Faces: the share of medium close-ups in which OpenCV's Haar cascades find a
face of three tenths of the picture's height, and that of the other frames in which they do.
"""

import logging
import sys

import av
import cv2
import numpy as np
from scenedetect import AdaptiveDetector, detect
from scipy.cluster.hierarchy import fcluster, linkage
from scipy.spatial.distance import cdist
from sklearn.metrics import adjusted_rand_score

from benchmarks.shared import f1, finish, judge_samples, parser_of, timed
from toolkit import metrics, samples
from toolkit.samples.film import script

FPS = 5
APART = 0.4
CLOSE_FACE = 0.3
SPANS = {
    "cuts F1": ("adaptive detector, F1 of hard cuts", 0.6, 0.92),
    "gray NN": ("nearest neighbor by gray thumbnail in the right set-up", 0.88, 0.96),
    "gray Ward": ("Ward on gray pixels, adjusted Rand", 0.0, 0.8),
    "layout NN": ("nearest neighbor by color and gradient blocks", 0.97, 1.0),
    "layout Ward": ("Ward on color and gradient blocks, adjusted Rand", 0.85, 1.0),
    "faces": ("Haar faces in medium close-ups", 0.9, 1.0),
    "false faces": ("Haar faces as large in other frames", 0.0, 0.05),
}


CASCADES = {
    name: cv2.CascadeClassifier(f"{cv2.data.haarcascades}haarcascade_{name}.xml")
    for name in ("frontalface_alt2", "profileface")
}


def measure(seed):
    """Return all that is told of one sample film."""
    made = timed(lambda: samples.sample_film(seed, progress=sys.stderr.isatty()))
    film = made.result
    images, numbers = read_frames(film.path)
    times = numbers / script.FPS
    shot = np.searchsorted(film.shots["start_frame"], numbers, side="right") - 1
    setups, close = film.setups[shot], film.close_up[shot]
    gray = np.stack([cv2.cvtColor(image, cv2.COLOR_RGB2GRAY) for image in images])
    thumbnails = np.stack([cv2.resize(image, (32, 18), interpolation=cv2.INTER_AREA).ravel() for image in gray])
    pixels = np.stack([cv2.resize(image, (64, 36), interpolation=cv2.INTER_AREA).ravel() for image in gray])
    blocks = np.stack([layout(image) for image in images])
    scale = np.array([face_scale(image) for image in gray])
    right, false, missed = count_cuts(film)
    return {
        "cuts F1": f1((right, false, missed)),
        "false": false,
        "missed": missed,
        "gray NN": nearest_is_right(thumbnails, setups, times),
        "gray Ward": ward_rand(pixels, setups),
        "layout NN": nearest_is_right(blocks, setups, times),
        "layout Ward": ward_rand(blocks, setups),
        "faces": (scale[close] > CLOSE_FACE).mean(),
        "false faces": (scale[~close] > CLOSE_FACE).mean(),
        "MB": film.path.stat().st_size / 1e6,
        "s to make": made.seconds,
    }


def read_frames(path):
    """Return the pictures on screen every fifth of a second, at half size, and their frame numbers."""
    images, numbers = [], []
    with av.open(str(path)) as container:
        container.streams.video[0].thread_type = "AUTO"
        for number, frame in enumerate(container.decode(video=0)):
            if number == round(len(numbers) * script.FPS / FPS):
                images.append(cv2.resize(frame.to_ndarray(format="rgb24"), (320, 180), interpolation=cv2.INTER_AREA))
                numbers.append(number)
    return images, np.array(numbers)


def count_cuts(film):
    """Return how many of the adaptive detector's cuts are right and false, and how many it missed."""
    found = [scene[0].frame_num for scene in detect(str(film.path), AdaptiveDetector())][1:]
    true = film.shots.loc[film.shots["transition"] == "cut", "start_frame"].to_numpy()
    right = len(metrics.match_cuts(found, true, tolerance=2))
    return right, len(found) - right, len(true) - right


def nearest_is_right(vectors, setups, times):
    distances = cdist(vectors.astype(np.float32), vectors.astype(np.float32))
    distances[np.abs(times[:, None] - times[None]) < APART] = np.inf
    return (setups[distances.argmin(axis=1)] == setups).mean()


def ward_rand(vectors, setups):
    tree = linkage(vectors.astype(np.float32), "ward")
    return adjusted_rand_score(setups, fcluster(tree, len(np.unique(setups)), "maxclust"))


def layout(image):
    """Return square roots of Lab histograms and of gradient histograms in 4x4 blocks, of equal weight."""
    lab = cv2.cvtColor(image, cv2.COLOR_RGB2LAB)
    # Colors beyond these are rare: they count as the last bin
    lab[:, :, 1:] = np.clip(lab[:, :, 1:], 96, 159)
    gray = lab[:, :, 0].astype(np.float32)
    across, down = cv2.Sobel(gray, cv2.CV_32F, 1, 0), cv2.Sobel(gray, cv2.CV_32F, 0, 1)
    size, angle = cv2.cartToPolar(across, down)
    direction = (angle / np.pi * 8).astype(int) % 8
    parts = []
    for rows in np.array_split(np.arange(image.shape[0]), 4):
        for columns in np.array_split(np.arange(image.shape[1]), 4):
            block = np.ix_(rows, columns)
            colors = cv2.calcHist([lab[block]], [0, 1, 2], None, [4, 8, 8], [0, 256, 96, 160, 96, 160]).ravel()
            edges = np.bincount(direction[block].ravel(), weights=size[block].ravel(), minlength=8)
            parts += [np.sqrt(colors / colors.sum()), np.sqrt(edges / (edges.sum() + 1e-9))]
    return np.concatenate(parts)


def face_scale(gray):
    """Return the height of the tallest face that the frontal or profile cascade finds, as a share of the picture's."""
    found = []
    for name, mirrored in (("frontalface_alt2", False), ("profileface", False), ("profileface", True)):
        cascade = CASCADES[name]
        image = np.ascontiguousarray(gray[:, ::-1]) if mirrored else gray
        found += [box[3] for box in cascade.detectMultiScale(image, 1.1, 4, minSize=(24, 24))]
    return max(found, default=0) / gray.shape[0]


def main():
    parser = parser_of(__doc__)
    parser.add_argument("seeds", metavar="SEED", type=int, nargs="*", default=list(range(10)))
    logging.getLogger("pyscenedetect").setLevel(logging.ERROR)
    return finish([*judge_samples(parser.parse_args().seeds, measure, SPANS)])


if __name__ == "__main__":
    sys.exit(main())
