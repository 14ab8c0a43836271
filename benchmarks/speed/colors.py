"""What `toolkit.colors` promises of speed and closeness, each measured beside its peer in the same run.

    python -m benchmarks.speed.colors [--frames N] [--quick]

200 frames of 640x360, from the sample films and, where TOOLKIT_REAL_DATA names a folder with films/, from the real
clips. The peer of speed is scikit-learn's MiniBatchKMeans with 7 clusters and its own defaults on each frame's pixels,
float32 and already in the space before the clock starts; ours starts from the uint8 pixels. Both are run by joblib with
the same workers, in turns: in processes, as joblib does by default and as suits scikit-learn, whose own threads each
worker then restricts to its share of the cores; and in threads, our default, where scikit-learn is held to one thread a
worker. Ours is also measured in processes, so that both ways are compared like with like.

Inertia is the sum, over all pixels of a frame, of the squared distance to the nearest centre, in the space. Its peer is
the full KMeans with 10 starts; that is run on the distinct colours with their counts as weights, which is the same
sum and the same algorithm, and takes an hour less.
"""

import argparse
import os
import sys
import time
from pathlib import Path

import joblib
import numpy as np
from sklearn.cluster import KMeans, MiniBatchKMeans
from threadpoolctl import threadpool_limits

from toolkit import colors, samples, video
from toolkit.colors import dominant, spaces

SIZE = (640, 360)
CLUSTERS = 7
CLIPS = ("nosferatu.mp4", "sintel_clip.mp4", "big_buck_bunny_0_30.webm")


def read_films(count):
    """Return (name, images) of the films, `count` frames together, and say what is left out."""
    real = os.environ.get("TOOLKIT_REAL_DATA")
    clips = [Path(real, "films", name) for name in CLIPS] if real else []
    if not all(clip.is_file() for clip in clips) or not clips:
        clips = []
        print("The real clips are left out: TOOLKIT_REAL_DATA names no folder with films/.")
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
            begin = time.perf_counter()
            parallel(joblib.delayed(peer_fit)(pixels) for pixels in some)
            seconds += time.perf_counter() - begin
    return seconds


def our_speed(images, space, backend, workers):
    with joblib.parallel_config(backend, n_jobs=workers):
        ours = {"n_clusters": CLUSTERS, "n_colors": CLUSTERS, "space": space, "n_jobs": None, "progress": False}
        # enough for every worker to start and load its kernels
        colors.fingerprint(np.repeat(images[:2], 12 * workers, axis=0), **ours)
        begin = time.perf_counter()
        colors.fingerprint(images, **ours)
        return time.perf_counter() - begin


def inertias(image, space):
    """Return the inertia of ours and of ten full starts, or None of a frame with as few colours as clusters."""
    points, counts = dominant._count_colors(image)
    if len(points) <= CLUSTERS:
        return None
    values = colors.to_space(points, space)
    centers, _ = dominant._clusters(points, counts, CLUSTERS, space, 0)
    distances = ((values[:, None] - centers[None].astype(np.float64)) ** 2).sum(axis=2).min(axis=1)
    with threadpool_limits(1):
        peer = KMeans(CLUSTERS, n_init=10, random_state=0).fit(values, sample_weight=counts)
    return float(counts @ distances), peer.inertia_


def report(title, ours, peer="", ratio="", promise="", kept=None):
    """Print a row, and return whether its promise is kept; a row without one returns nothing."""
    verdict = {None: "", True: "kept", False: "NOT KEPT"}[kept]
    print(f"{title:<52}{ours:>12}{peer:>12}{ratio:>9}   {promise:<10}{verdict}".rstrip(), flush=True)
    return kept


def speed(images, workers, rounds):
    n = len(images)
    for space, backend in (("cielab", "loky"), ("cielab", "threading"), ("oklab", "threading"), ("rgb", "threading")):
        # the peer takes minutes: of the later rows a part of the frames tells as much
        some = images if (space, backend) == ("cielab", "loky") else images[:: max(1, n // 40)]
        ours, peer = [], []
        for _ in range(rounds):
            ours.append(our_speed(some, space, backend, workers))
            peer.append(peer_speed(some, space, backend, workers))
            ours.append(our_speed(some, space, backend, workers))
        mine, theirs = min(ours) / len(some), min(peer) / len(some)
        title = f"{space}, {backend}, {len(some)} frames (peer: MiniBatchKMeans)"
        row = f"{1e3 * mine:.1f} ms", f"{1e3 * theirs:.0f} ms", f"{theirs / mine:.0f}"
        yield report(title, *row, ">= 20", theirs / mine >= 20)


def closeness(images, workers):
    for space in spaces.SPACES:
        some = images if space == "cielab" else images[:: max(1, len(images) // 50)]
        work = (joblib.delayed(inertias)(image, space) for image in some)
        found = np.array([pair for pair in joblib.Parallel(workers)(work) if pair is not None])
        ratios = found[:, 0] / found[:, 1]
        ours, peer = found.sum(axis=0)
        row = f"{ours:.4g}", f"{peer:.4g}", f"{ours / peer:.4f}"
        yield report(f"{space}, inertia of {len(found)} frames (peer: KMeans)", *row, "<= 1.02", ours <= 1.02 * peer)
        row = f"{np.median(ratios):.4f}", "", f"{ratios.max():.4f}"
        yield report("    of a frame: the median, and the worst", *row, "<= 1.02", ratios.max() <= 1.02)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--frames", type=int, default=200)
    parser.add_argument("--quick", action="store_true", help="40 frames")
    options = parser.parse_args()
    workers = os.cpu_count()
    films = read_films(40 if options.quick else options.frames)
    images = np.concatenate([images for _, images in films])
    print(f"{len(images)} frames of {SIZE[0]}x{SIZE[1]}, {CLUSTERS} clusters, {workers} workers:")
    print(", ".join(f"{len(images)} of {name}" for name, images in films))
    print(f"load average at the start: {os.getloadavg()[0]:.1f}\n")
    report("", "ours", "peer", "ratio", "promise   verdict")
    kept = [*speed(images, workers, 1), *closeness(images, workers)]
    print(f"\n{sum(kept)} of {len(kept)} promises kept")
    return 0 if all(kept) else 1


if __name__ == "__main__":
    sys.exit(main())
