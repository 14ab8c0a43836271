"""How well shots, set-ups, medium close-ups and dialogues are found, on films whose truth is known.

    python -m benchmarks.quality.dialogues [--quick]

Ten sample films and, where TOOLKIT_REAL_DATA is set, three real clips with labels by eye. First cuts and gradual
changes, beside PySceneDetect's detectors; then clusters and set-ups, beside Ward's with scikit-learn; then close-ups;
then dialogues, from the film file alone: with the cuts, set-ups and close-ups that were found. A dialogue is found when
one is told with an intersection over union of at least 0.5. `--quick` takes three sample films.
"""

import argparse
import itertools
import os
import sys
import warnings
from pathlib import Path

import numpy as np
import pandas as pd

from benchmarks.speed import cuts, setups
from tests import real_close_ups
from toolkit import closeups, dialogue, embeddings, samples, shots, video

# of the labels that dialogues are looked for in, a second; and how long a speaker may be away
RATE, AWAY = 12, 12
INSERTS = (0, 1, 2, 3)


def report(title, ours, promise="", kept=None):
    """Print a row, and return whether its promise is kept; a row without one returns nothing."""
    verdict = {None: "", True: "kept", False: "NOT KEPT"}[kept]
    print(f"{title:<66}{ours:>22}   {promise:<22}{verdict}".rstrip(), flush=True)
    return kept


def look(path):
    """Return what is found in a film from its file alone: shots, their set-ups, and their shares of close-up."""
    table = shots.detect_shots(path, progress=False)
    times = shots.times_in_shots(table)
    frames = video.read_frames(path, times=times.ravel(), size=320, progress=False)
    labels = shots.group_setups(embeddings.embed(frames, progress=False), times.ravel(), table)
    close_up = closeups.is_close_up(closeups.face_scale(frames, progress=False))
    return table, labels, close_up.reshape(times.shape).mean(axis=1)


def tell(story, inserts, *, close_up=True):
    """Return the dialogues in what `look` has found; without close-ups whatever takes turns."""
    table, labels, shares = story
    times = np.arange(table["start"].iloc[0], table["end"].iloc[-1], 1 / RATE)
    shot = shots.labels_at(table, np.arange(len(table)), times)
    return dialogue.find_dialogues(
        labels[shot],
        shares[shot] if close_up else None,
        times=times,
        inserts=inserts,
        max_gap=AWAY * RATE,
        overlaps="longest",
    )


def matches(found, true):
    """Return how many of the true spans are found, each by a span of its own."""
    left, hits = list(found[["start", "end"]].to_numpy()), 0
    for start, end in true[["start", "end"]].to_numpy():
        for at, (first, last) in enumerate(left):
            common = min(end, last) - max(start, first)
            if common >= 0.5 * (max(end, last) - min(start, first)):
                left.pop(at)
                hits += 1
                break
    return hits


def confusion(title, true, told, promise=True):
    """Print how many close-ups are found, and how many others are taken for one; return whether as promised."""
    counts = pd.crosstab(pd.Categorical(true, [False, True]), pd.Categorical(told, [False, True]), dropna=False)
    (rest, false), (missed, right) = counts.to_numpy()
    recall, wrong = right / max(1, right + missed), false / max(1, rest + false)
    kept = recall >= 0.85 and wrong <= 0.15
    print(f"    {right} of {right + missed} close-ups found, {false} of {rest + false} others taken for one")
    return report(title, f"{recall:.3f} {wrong:.3f}", ">= 0.85, <= 0.15" * promise, kept if promise else None)


def read(films):
    """Return frames of each film, five in two seconds, and whether each is a close-up."""
    seen = {}
    for seed, film in films.items():
        frames = video.read_frames(film.path, fps=2.5, size=320, progress=False)
        seen[seed] = frames.images, film.close_up[shots.labels_at(film.shots, np.arange(len(film.shots)), frames.times)]
    return seen


def close_ups(films):
    """Yield whether close-ups of films that had no say in the matter are found."""
    print("\nMedium close-ups: recall, and share of other frames taken for one")
    seen = read(films)
    truth = np.concatenate([labels for _, labels in seen.values()])
    for detector, model in detectors().items():
        scale = np.concatenate(
            [closeups.face_scale(images, detector, model=model, progress=False) for images, _ in seen.values()]
        )
        yield confusion(f"face_scale, {detector}, all sample films", truth, closeups.is_close_up(scale))
    networks = {}
    for title, test in (("even", 0), ("odd", 1)):
        train = {seed: pair for seed, pair in seen.items() if seed % 2 != test}
        images = np.concatenate([images for images, _ in train.values()])
        labels = np.concatenate([labels for _, labels in train.values()])
        names = np.repeat([str(seed) for seed in train], [len(labels) for _, labels in train.values()])
        networks[title] = closeups.train(images, labels, films=names, progress=False)
        told = [closeups.predict(networks[title], seen[seed][0], progress=False) for seed in seen if seed % 2 == test]
        true = [seen[seed][1] for seed in seen if seed % 2 == test]
        yield confusion(
            f"network, {title} sample films, trained on the others", np.concatenate(true), np.concatenate(told) >= 0.5
        )
    real = os.environ.get("TOOLKIT_REAL_DATA")
    if real:
        rows = pd.DataFrame(real_close_ups.rows(), columns=["film", "frame", "close_up", "sure", "seen"])
        frames = [
            one_frame(Path(real, "films", film), frame) for film, frame in zip(rows.film, rows.frame, strict=True)
        ]
        true = rows["close_up"].to_numpy()
        print("\nOne frame a shot of three real clips, labelled by eye")
        for detector, model in detectors().items():
            scale = np.concatenate(
                [closeups.face_scale(images, detector, model=model, progress=False) for images in frames]
            )
            confusion(f"face_scale, {detector}", true, closeups.is_close_up(scale), promise=False)
        told = np.concatenate([closeups.predict(networks["even"], images, progress=False) for images in frames])
        confusion("network trained on drawn people only", true, told >= 0.5, promise=False)


def one_frame(path, number):
    """Return one picture of a film at a constant rate, by its number, uint8 (1, height, width, 3)."""
    info = video.probe(path)
    return video.read_frames(path, times=[info.start + (number + 0.5) / info.fps], size=640, progress=False).images


def detectors():
    """Return the detectors that can be tried, each with the path of its model."""
    real = os.environ.get("TOOLKIT_REAL_DATA")
    return {"haar": None} | ({"ultraface": Path(real, "models", "version-RFB-320.onnx")} if real else {})


def dialogues(films):
    """Yield whether dialogues are found from the film file alone."""
    stories = {seed: look(film.path) for seed, film in films.items()}
    print("\nDialogues at intersection over union 0.5: how many are found with so many inserts tolerated")
    print(f"{'inserts':<12}{'true':>8}{'told':>8}{'right':>8}{'precision':>12}{'recall':>9}{'without close-ups':>22}")
    scores = {}
    for inserts in INSERTS:
        counts, plain = np.zeros(3, int), np.zeros(2, int)
        for seed, film in films.items():
            found, anyone = (tell(stories[seed], inserts, close_up=known) for known in (True, False))
            counts += [len(film.dialogues), len(found), matches(found, film.dialogues)]
            plain += [len(anyone), matches(anyone, film.dialogues)]
        true, told, right = counts
        scores[inserts] = right / max(1, told), right / max(1, true)
        print(
            f"{inserts:<12}{true:>8}{told:>8}{right:>8}{scores[inserts][0]:>12.3f}{scores[inserts][1]:>9.3f}"
            f"{f'{plain[1] / max(1, plain[0]):.3f} {plain[1] / max(1, true):.3f}':>22}"
        )
    precision, recall = scores[1]
    yield report(
        "dialogues, inserts=1: precision and recall",
        f"{precision:.3f} {recall:.3f}",
        ">= 0.9 each",
        min(precision, recall) >= 0.9,
    )


def gate_and_rider():
    """Yield whether the A/B/A/B of a real film is found from its file alone."""
    real = os.environ.get("TOOLKIT_REAL_DATA")
    if not real:
        return
    path = Path(real, "films", "nosferatu.mp4")
    found = tell(look(path), 0, close_up=False)
    # by eye: the gate from frame 683, the rider to frame 1016
    truth = pd.DataFrame({"start": [683 / 25], "end": [1017 / 25]})
    told = "; ".join(f"{start:.1f} to {end:.1f} s" for start, end in found[["start", "end"]].to_numpy())
    yield report("nosferatu.mp4: gate and rider, 27.3 to 40.7 s", told or "none", "found", matches(found, truth) == 1)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="three sample films")
    quick = parser.parse_args().quick
    warnings.simplefilter("error")
    seeds = range(3 if quick else 10)
    films = {seed: samples.sample_film(seed) for seed in seeds}
    parts = cuts.quality(seeds), setups.quality(seeds), close_ups(films), dialogues(films), gate_and_rider()
    kept = [verdict for verdict in itertools.chain(*parts) if verdict is not None]
    print(f"\n{sum(kept)} of {len(kept)} promises kept")
    return 0 if all(kept) else 1


if __name__ == "__main__":
    sys.exit(main())
