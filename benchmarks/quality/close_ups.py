"""How well medium close-ups are found, by faces and by networks that learned from other films.

    python -m benchmarks.quality.close_ups [--quick]

Ten sample films (with --quick, four), whose truth is known, five frames in two seconds; the network for one half of
them is trained on the other. Where TOOLKIT_REAL_DATA is set, one frame a shot of three real clips too, labeled by eye,
of which nothing is promised.
"""

import sys
import warnings

import numpy as np
import pandas as pd

from benchmarks.shared import finish, heading, parser_of, real_clips, real_data, report
from tests import real_close_ups
from toolkit import closeups, samples, shots, video


def read(films):
    """Return frames of each film, five in two seconds, and whether each is a close-up."""
    seen = {}
    for seed, film in films.items():
        frames = video.read_frames(film.path, fps=2.5, size=320, progress=False)
        seen[seed] = frames.images, film.close_up[shots.labels_at(film.shots, np.arange(len(film.shots)), frames.times)]
    return seen


def one_frame(path, number):
    """Return one picture of a film at a constant rate, by its number, uint8 (1, height, width, 3)."""
    info = video.probe(path)
    return video.read_frames(path, times=[info.start + (number + 0.5) / info.fps], size=640, progress=False).images


def scales(films):
    """Yield each detector that can be tried, and the heights of faces that it finds in all frames of films."""
    ultraface = real_data("models", "version-RFB-320.onnx")
    for detector, model in {"haar": None, **({"ultraface": ultraface} if ultraface else {})}.items():
        found = [closeups.face_scale(images, detector, model=model, progress=False) for images in films]
        yield detector, np.concatenate(found)


def confusion(title, true, told, promise=True):
    """Print the share of close-ups found, and of others taken for one; return whether they are as promised."""
    counts = pd.crosstab(pd.Categorical(true, [False, True]), pd.Categorical(told, [False, True]), dropna=False)
    (rest, false), (missed, right) = counts.to_numpy()
    recall, wrong = right / max(1, right + missed), false / max(1, rest + false)
    kept = recall >= 0.85 and wrong <= 0.15
    report(f"{title}: how many", f"{right} of {right + missed}", peer=f"{false} of {rest + false}")
    return report("    shares", f"{recall:.3f}", ">= 0.85, <= 0.15" * promise, kept, peer=f"{wrong:.3f}")


def drawn_films(seen, networks):
    """Yield whether close-ups of sample films that had no say in the matter are found; put the networks into a dict."""
    truth = np.concatenate([labels for _, labels in seen.values()])
    for detector, scale in scales([images for images, _ in seen.values()]):
        yield confusion(f"face_scale, {detector}", truth, closeups.is_close_up(scale))
    for title, test in (("even", 0), ("odd", 1)):
        train = {seed: pair for seed, pair in seen.items() if seed % 2 != test}
        images = np.concatenate([images for images, _ in train.values()])
        labels = np.concatenate([labels for _, labels in train.values()])
        names = np.repeat([str(seed) for seed in train], [len(labels) for _, labels in train.values()])
        networks[title] = closeups.train(images, labels, films=names, progress=False)
        judged = [pair for seed, pair in seen.items() if seed % 2 == test]
        told = np.concatenate([closeups.predict(networks[title], images, progress=False) for images, _ in judged])
        true = np.concatenate([labels for _, labels in judged])
        yield confusion(f"network, {title} films, trained on the others", true, told >= 0.5)


def real_frames(network):
    """Print how one frame of each shot of the real clips is judged."""
    clips = {path.name: path for path in real_clips()}
    if not clips:
        return
    rows = pd.DataFrame(real_close_ups.rows(), columns=["film", "frame", "close_up", "sure", "seen"])
    frames = [one_frame(clips[film], frame) for film, frame in zip(rows.film, rows.frame, strict=True)]
    true = rows["close_up"].to_numpy()
    for detector, scale in scales(frames):
        confusion(f"real clips: face_scale, {detector}", true, closeups.is_close_up(scale), promise=False)
    told = np.concatenate([closeups.predict(network, images, progress=False) for images in frames])
    confusion("real clips: network trained on drawn people only", true, told >= 0.5, promise=False)


def main():
    quick = parser_of(__doc__, "four sample films").parse_args().quick
    warnings.simplefilter("error")
    seen = read({seed: samples.sample_film(seed) for seed in range(4 if quick else 10)})
    heading("medium close-ups found, and others taken for one", "found", "others", "")
    networks = {}
    kept = [*drawn_films(seen, networks)]
    real_frames(networks["even"])
    return finish(kept)


if __name__ == "__main__":
    sys.exit(main())
