"""What `toolkit.colors` promises of speed and closeness, each measured beside its peer in the same run.

    python -m benchmarks.speed.colors [--frames N] [--quick]

200 frames of 640x360, from the sample films and, where TOOLKIT_REAL_DATA names a folder with films/, from the real
clips. The peer of speed is scikit-learn's MiniBatchKMeans with 7 clusters and its own defaults on each frame's pixels,
float32 and already in the space before the clock starts; ours starts from the uint8 pixels. Both are run by joblib with
the same workers, in turns: in processes, as joblib does by default and as suits scikit-learn, whose own threads each
worker then restricts to its share of the cores; and in threads, our default, where scikit-learn is held to one thread a
worker. Ours is also measured in processes, so that both ways are compared like with like.

Inertia is the sum, over all pixels of a frame, of the squared distance to the nearest center, in the space. Its peer is
the full KMeans with 10 starts; that is run on the distinct colors with their counts as weights, which is the same
sum and the same algorithm, and takes an hour less.
"""

import os
import sys

import joblib
import numpy as np
from sklearn.cluster import KMeans, MiniBatchKMeans
from threadpoolctl import threadpool_limits

from benchmarks.shared import finish, heading, in_turns, machine, parser_of, real_clips, report, timed
from toolkit import colors, samples, video
from toolkit.colors import dominant, spaces

SIZE = (640, 360)
CLUSTERS = 7


def read_films(count):
    """Return (name, images) of the films, `count` frames together."""
    clips = real_clips()
    paths = [samples.sample_film(seed).path for seed in range(5 if clips else 8)] + clips
    shares = np.full(len(paths), count // len(paths))
    shares[: count % len(paths)] += 1
    return [
        (path.stem, video.read_frames(path, n_frames=int(share), size=SIZE, progress=False).images)
        for path, share in zip(paths, shares, strict=True)
    ]


def peer_fit(pixels):
    with threadpool_limits(1):
        MiniBatchKMeans(CLUSTERS, random_state=0).fit(pixels)


def peer_speed(images, space, backend, workers):
    """Return seconds of wall clock for all images; the pixels are converted before each clock starts."""
    seconds = 0.0
    with joblib.parallel_config(backend, n_jobs=workers), joblib.Parallel() as parallel:
        parallel(joblib.delayed(peer_fit)(np.eye(9, 3, dtype=np.float32)) for _ in range(workers))
        for start in range(0, len(images), 4 * workers):
            some = [
                colors.to_space(image.reshape(-1, 3), space).astype(np.float32)
                for image in images[start : start + 4 * workers]
            ]
            seconds += timed(lambda some=some: parallel(joblib.delayed(peer_fit)(pixels) for pixels in some)).seconds
    return seconds


def our_speed(images, space, backend, workers):
    with joblib.parallel_config(backend, n_jobs=workers):
        ours = {"n_clusters": CLUSTERS, "n_colors": CLUSTERS, "space": space, "n_jobs": None, "progress": False}
        # enough for every worker to start and load its kernels
        colors.fingerprint(np.repeat(images[:2], 12 * workers, axis=0), **ours)
        return timed(lambda: colors.fingerprint(images, **ours)).seconds


def inertias(image, space):
    """Return the inertia of ours and of ten full starts, or None of a frame with as few colors as clusters."""
    points, counts = dominant._count_colors(image)
    if len(points) <= CLUSTERS:
        return None
    values = colors.to_space(points, space)
    centers, _ = dominant._clusters(points, counts, CLUSTERS, space, 0)
    distances = ((values[:, None] - centers[None].astype(np.float64)) ** 2).sum(axis=2).min(axis=1)
    with threadpool_limits(1):
        peer = KMeans(CLUSTERS, n_init=10, random_state=0).fit(values, sample_weight=counts)
    return float(counts @ distances), peer.inertia_


def speed(images, workers):
    n = len(images)
    for space, backend in (("cielab", "loky"), ("cielab", "threading"), ("oklab", "threading"), ("rgb", "threading")):
        # the peer takes minutes: of the later rows a part of the frames tells as much
        some = images if (space, backend) == ("cielab", "loky") else images[:: max(1, n // 40)]
        works = {
            "ours": lambda some=some, how=(space, backend): our_speed(some, *how, workers),
            "peer": lambda some=some, how=(space, backend): peer_speed(some, *how, workers),
        }
        best = in_turns(1, {**works, "ours again": works["ours"]})
        ours = min(best["ours"].seconds, best["ours again"].seconds) / len(some)
        peer = best["peer"].seconds / len(some)
        title = f"{space}, {backend}, {len(some)} frames (peer: MiniBatchKMeans)"
        row = title, f"{1e3 * ours:.1f} ms", ">= 20", peer / ours >= 20
        yield report(*row, peer=f"{1e3 * peer:.0f} ms", ratio=f"{peer / ours:.0f}")


def closeness(images, workers):
    for space in spaces.SPACES:
        some = images if space == "cielab" else images[:: max(1, len(images) // 50)]
        work = (joblib.delayed(inertias)(image, space) for image in some)
        found = np.array([pair for pair in joblib.Parallel(workers)(work) if pair is not None])
        ratios = found[:, 0] / found[:, 1]
        ours, peer = found.sum(axis=0)
        row = f"{space}, inertia of {len(found)} frames (peer: KMeans)", f"{ours:.4g}", "<= 1.02", ours <= 1.02 * peer
        yield report(*row, peer=f"{peer:.4g}", ratio=f"{ours / peer:.4f}")
        row = "    of a frame: the median, and the worst", f"{np.median(ratios):.4f}", "<= 1.02", ratios.max() <= 1.02
        yield report(*row, ratio=f"{ratios.max():.4f}")


def main():
    parser = parser_of(__doc__, "40 frames")
    parser.add_argument("--frames", type=int, default=200)
    options = parser.parse_args()
    workers = os.cpu_count()
    films = read_films(40 if options.quick else options.frames)
    images = np.concatenate([images for _, images in films])
    print(f"{len(images)} frames of {SIZE[0]}x{SIZE[1]}, {CLUSTERS} clusters, {workers} workers:")
    print(", ".join(f"{len(images)} of {name}" for name, images in films))
    print(f"{machine()}\n")
    heading()
    return finish([*speed(images, workers), *closeness(images, workers)])


if __name__ == "__main__":
    sys.exit(main())
