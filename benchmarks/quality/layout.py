"""What the layout embedding promises: how often it finds the set-up, beside plainer descriptors, and how fast.

    python -m benchmarks.quality.layout [--quick]

Frames are read 5 times a second at 320x240. A frame's nearest neighbor is looked for among all frames of the film but
those within 0.4 s (of the real clips: among the frames of all three); it is right where it shows the same camera
set-up. The real clips and their truth are found through TOOLKIT_REAL_DATA; without it those columns are left out.
`--quick` takes two sample films instead of ten. The same is measured, without promise, on altered frames: in black and
white, flickering (each frame darkened by up to a quarter), unsteady (shifted by up to 12 pixels), cropped.
"""

import sys

import cv2
import numpy as np

from benchmarks.shared import clip_truth, finish, heading, in_turns, machine, parser_of, real_clips, report
from toolkit import embeddings, samples, video

SIZE = (320, 240)


def gray(images):
    return np.stack([cv2.cvtColor(image, cv2.COLOR_RGB2GRAY) for image in images])


def gray_pixels(images):
    return gray(images).reshape(len(images), -1).astype(np.float32)


def gray_thumbnails(images):
    return np.stack([cv2.resize(image, (32, 24), interpolation=cv2.INTER_AREA).ravel() for image in gray(images)])


def color_blocks(images, blocks=4, bins=8):
    """Return histograms of RGB in 4x4 blocks, 8 bins a channel."""
    rows, columns = (np.arange(side) * blocks // side for side in images.shape[1:3])
    place = (rows[:, None] * blocks + columns) * bins**3
    code = (images // (256 // bins)) @ np.array([bins * bins, bins, 1])
    return np.stack([np.bincount((place + c).ravel(), minlength=blocks**2 * bins**3) for c in code]) / code[0].size


def gradients(images, blocks=4, orientations=8):
    """Return histograms of oriented gradients in 4x4 blocks."""
    vectors = []
    for image in gray(images).astype(np.float32):
        dx, dy = cv2.Sobel(image, cv2.CV_32F, 1, 0), cv2.Sobel(image, cv2.CV_32F, 0, 1)
        turned = (np.arctan2(dy, dx) % np.pi / np.pi * orientations).astype(int) % orientations
        rows, columns = (np.arange(side) * blocks // side for side in image.shape)
        place = (rows[:, None] * blocks + columns) * orientations
        counted = np.bincount((place + turned).ravel(), np.hypot(dx, dy).ravel(), blocks**2 * orientations)
        vectors.append(counted / (counted.sum() + 1))
    return np.stack(vectors)


def layout(images):
    return embeddings.embed(images, "layout", cache=False, progress=False)


def altered(rng):
    def flicker(images):
        return (images * rng.uniform(0.75, 1, (len(images), 1, 1, 1))).astype(np.uint8)

    def unsteady(images):
        return np.stack([np.roll(image, tuple(rng.integers(-12, 13, 2)), (0, 1)) for image in images])

    return {
        "in black and white": gray,
        "flickering": flicker,
        "unsteady": unsteady,
        "cropped": lambda images: images[:, 20:-20, 30:-10],
    }


def found(vectors, times, setups):
    """Return of each frame whether its nearest neighbor, at least 0.4 s away, is of its set-up."""
    vectors = np.asarray(vectors, np.float64)
    squares = (vectors**2).sum(axis=1)
    distances = squares[:, None] + squares - 2 * vectors @ vectors.T
    distances[np.abs(times[:, None] - times) < 0.4 - 1e-6] = np.inf
    return setups[distances.argmin(axis=1)] == setups


def read_samples(count):
    for seed in range(count):
        film = samples.sample_film(seed)
        frames = video.read_frames(film.path, fps=5, size=SIZE, progress=False)
        shots = np.searchsorted(film.shots["start"], frames.times + 1e-6, side="right") - 1
        yield frames.images, frames.times, film.setups[shots]


def read_clips():
    for number, path in enumerate(real_clips()):
        clip = clip_truth(path)
        frames = video.read_frames(path, fps=5, size=SIZE, progress=False)
        pictures = np.round((frames.times - frames.times[0]) * clip["fps"])
        shots = np.searchsorted(clip["cuts"], pictures, side="right")
        names = clip.get("shots") or list(range(len(clip["cuts"]) + 1))
        yield frames.images, frames.times + 1e4 * number, np.array([f"{path.name} {names[shot]}" for shot in shots])


def quality(describe, films, clips):
    """Return the share of right neighbors on the clips together, on the films (mean), and on the worst film."""
    right = [found(describe(images), times, setups).mean() for images, times, setups in films]
    together = np.nan
    if clips:
        images, times, setups = zip(*clips, strict=True)
        vectors = np.concatenate([describe(part) for part in images])
        together = found(vectors, np.concatenate(times), np.concatenate(setups)).mean()
    return 100 * together, 100 * np.mean(right), 100 * min(right)


PLAIN = {f.__name__.replace("_", " "): f for f in (gray_pixels, gray_thumbnails, gradients, color_blocks, layout)}


def neighbors(films, clips):
    """Print how often each descriptor finds the set-up, and yield whether the layout does as often as promised."""
    print(f"right neighbors in 100{'':24}real clips   {len(films)} sample films   the worst")
    measured = {}
    changed = {f"layout, {name}": lambda x, f=f: layout(f(x)) for name, f in altered(np.random.default_rng(0)).items()}
    for name, describe in {**PLAIN, **changed}.items():
        measured[name] = quality(describe, films, clips)
        print(f"{name:45s} {measured[name][0]:10.1f} {measured[name][1]:16.1f} {measured[name][2]:11.1f}", flush=True)
    real, drawn, _ = measured["layout"]
    print()
    yield report("layout, sample films", f"{drawn:.1f}", ">= 98", drawn >= 98)
    if clips:
        yield report("layout, real clips", f"{real:.1f}", ">= 97", real >= 97)


def speed(images):
    """Yield whether layout is as fast as promised."""
    works = {name: lambda name=name: PLAIN[name](images) for name in ("layout", "color blocks", "gray thumbnails")}
    print()
    heading(f"{len(images)} frames of 320x240, best of three", "frames a s", "", "")
    for name, run in in_turns(3, works).items():
        rate = len(images) / run.seconds
        if name == "layout":
            yield report(name, f"{rate:.0f}", ">= 400", rate >= 400)
        else:
            report(name, f"{rate:.0f}")


def main():
    quick = parser_of(__doc__, "two sample films").parse_args().quick
    print(machine())
    films, clips = list(read_samples(2 if quick else 10)), list(read_clips())
    return finish([*neighbors(films, clips), *speed(films[0][0])])


if __name__ == "__main__":
    sys.exit(main())
