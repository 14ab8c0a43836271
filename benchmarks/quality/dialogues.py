"""How well dialogues are found, from the film file alone: with the cuts, set-ups and close-ups that were found.

    python -m benchmarks.quality.dialogues [--quick]

Ten sample films (with --quick, three), whose truth is known, and, where TOOLKIT_REAL_DATA is set, one alternation in a
real clip, annotated by eye. A dialogue is found when one is told with an intersection over union of at least 0.5.
"""

import sys
import warnings

import numpy as np

from benchmarks.shared import count_spans, finish, parser_of, real_data, report
from toolkit import closeups, dialogue, embeddings, samples, shots, video

# of the labels that dialogues are looked for in, a second; and how long a speaker may be away
RATE, AWAY = 12, 12
INSERTS = (0, 1, 2, 3)


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


def spans(table):
    return table[["start", "end"]].to_numpy()


def precision_and_recall(counts):
    right, false, missed = counts
    return right / max(1, right + false), right / max(1, right + missed)


def dialogues(films):
    """Yield whether dialogues are found from the film file alone."""
    stories = [look(film.path) for film in films]

    def count(inserts, close_up):
        found = [tell(story, inserts, close_up=close_up) for story in stories]
        return sum(count_spans(spans(some), spans(film.dialogues)) for some, film in zip(found, films, strict=True))

    print("How many dialogues are found with so many inserts tolerated")
    print(f"{'inserts':<12}{'true':>8}{'told':>8}{'right':>8}{'precision':>12}{'recall':>9}{'without close-ups':>22}")
    scores = {}
    for inserts in INSERTS:
        right, false, missed = count(inserts, close_up=True)
        scores[inserts] = precision, recall = precision_and_recall((right, false, missed))
        plain = "{:.3f} {:.3f}".format(*precision_and_recall(count(inserts, close_up=False)))
        row = f"{inserts:<12}{right + missed:>8}{right + false:>8}{right:>8}{precision:>12.3f}{recall:>9.3f}"
        print(f"{row}{plain:>22}", flush=True)
    print()
    precision, recall = scores[1]
    title = "dialogues, inserts=1: precision and recall"
    yield report(title, f"{precision:.3f}, {recall:.3f}", ">= 0.9 each", min(precision, recall) >= 0.9)


def gate_and_rider():
    """Yield whether the A/B/A/B of a real film is found from its file alone."""
    path = real_data("films", "nosferatu.mp4")
    if not path:
        return
    found = spans(tell(look(path), 0, close_up=False))
    # by eye: the gate from frame 683, the rider to frame 1016
    right, _, _ = count_spans(found, [(683 / 25, 1017 / 25)])
    told = "; ".join(f"{start:.1f} to {end:.1f} s" for start, end in found)
    yield report("nosferatu.mp4: gate and rider, 27.3 to 40.7 s", told or "none", "found", right == 1)


def main():
    quick = parser_of(__doc__, "three sample films").parse_args().quick
    warnings.simplefilter("error")
    films = [samples.sample_film(seed) for seed in range(3 if quick else 10)]
    return finish([*dialogues(films), *gate_and_rider()])


if __name__ == "__main__":
    sys.exit(main())
