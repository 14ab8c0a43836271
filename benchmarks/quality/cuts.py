"""Which cuts and gradual changes are found, beside PySceneDetect's detectors at their defaults.

    python -m benchmarks.quality.cuts [--quick]

Films are ten sample films and, where TOOLKIT_REAL_DATA is set, three real clips that were annotated by eye. A cut is
found when one is told within two frames of it. A cut that a peer tells within a gradual change is not held against it;
against ours it is. A gradual change is found when one of its kind is told with an intersection over union of at least
0.5. `--quick` takes three sample films.
"""

import sys
import warnings

import numpy as np

from benchmarks.shared import CLIPS, clip_truth, count_spans, f1, finish, parser_of, real_clips, report
from toolkit import metrics, samples
from toolkit.shots import cuts as shot_cuts
from toolkit.shots import detect_shots
from toolkit.shots import gradual as shot_gradual

THRESHOLDS = (1.8, 1.95, 2.1, 2.25, 2.4, 2.55, 2.7)
MIXTURES = (0.018, 0.022, 0.026, 0.03, 0.036)


def load_films(seeds):
    """Return a dict of name -> (path, cuts, gradual changes as (kind, first, end)), real clips first."""
    films = {}
    for path in real_clips():
        truth = clip_truth(path)
        gradual = [
            (change["type"].split("-")[0], change["frames"][0], change["frames"][1] + 1)
            for change in truth.get("gradual", [])
        ]
        films[path.name] = path, truth["cuts"], gradual
    for seed in seeds:
        film = samples.sample_film(seed, progress=False)
        cuts = film.shots.start_frame[film.shots.transition == "cut"].tolist()
        films[f"sample {seed}"] = film.path, cuts, gradual_changes(film.shots)
    return films


def gradual_changes(table):
    """Return the gradual changes of a table of shots as (kind, first, end)."""
    rows = table[~table.transition.isin(["start", "cut"])]
    columns = rows[["transition", "transition_start_frame", "transition_end_frame"]]
    return list(columns.itertuples(index=False, name=None))


def sharp(table):
    """Return the frames at which a table's shots begin at once: all but those that split a gradual change."""
    inside = (table.transition_start_frame < table.start_frame) & (table.start_frame < table.transition_end_frame)
    return table.start_frame[~inside & (table.start_frame > 0)].to_numpy()


def count_cuts(found, true, forgiven=()):
    """Return (right, false, missed); what is told within a change that is forgiven is not false."""
    pairs = metrics.match_cuts(found, true, tolerance=2)
    left = np.delete(found, pairs[:, 0])
    false = [frame for frame in left if not any(first - 1 <= frame <= end for _, first, end in forgiven)]
    return np.array([len(pairs), len(false), len(true) - len(pairs)])


def slashed(counts):
    return "/".join(map(str, counts))


def of(films, real):
    return [name for name in films if (name in CLIPS) == real]


def found_by_all(films):
    """Print the cuts that each method finds in each film; return counts by method and film, and of changes by film."""
    methods = ["toolkit", *shot_cuts.PEERS]
    counts, changes = {method: {} for method in methods}, {}
    print("\nHard cuts: right / false / missed")
    print(f"{'':28s}" + "".join(f"{method:>14s}" for method in methods))
    for name, (path, cuts, gradual) in films.items():
        for method in methods:
            table = detect_shots(path, method, progress=False)
            counts[method][name] = count_cuts(sharp(table), cuts, () if method == "toolkit" else gradual)
            if method == "toolkit":
                changes[name] = count_spans(gradual_changes(table), gradual)
        print(f"{name:28s}" + "".join(f"{slashed(counts[method][name]):>14s}" for method in methods))
    print("\nGradual changes, right / false / missed: ", end="")
    print(", ".join(f"{name} {slashed(count)}" for name, count in changes.items()), end="\n\n")
    return counts, changes


def promises(films, counts, changes):
    """Yield whether enough is found, on real clips and on sample films."""
    for real, title in ((True, "three real clips"), (False, "sample films")):
        names = of(films, real)
        if not names:
            continue
        total = {method: sum(found[name] for name in names) for method, found in counts.items()}
        ours = total["toolkit"]
        if real:
            yield report(f"hard cuts, {title}", slashed(ours), "18/0/0", tuple(ours) == (18, 0, 0))
        else:
            yield report(f"hard cuts, {title}: F1", f"{f1(ours):.4f}", ">= 0.97", f1(ours) >= 0.97)
        best = max(shot_cuts.PEERS, key=lambda method: f1(total[method]))
        ratio = f1(ours) / f1(total[best])
        row = f"    beside PySceneDetect's best, {best}", f"{f1(ours):.3f}", ">= 1", ratio >= 1
        yield report(*row, peer=f"{f1(total[best]):.3f}", ratio=f"{ratio:.2f}")
        found = sum(changes[name] for name in names)
        if real:
            both = found[0] == sum(len(films[name][2]) for name in names)
            yield report("    iris of nosferatu, fade-in of big_buck_bunny", slashed(found), "both", both)
        else:
            yield report(f"gradual changes, {title}: F1", f"{f1(found):.3f}", ">= 0.8", f1(found) >= 0.8)


def left_out(films):
    """Print scores of films that had no say in the choice of the two thresholds."""
    cut_counts, change_counts = {}, {}
    mixed = shot_gradual.MIXTURE_SCORE
    for name, (path, cuts, gradual) in films.items():
        batches = list(shot_cuts._small_frames(path, False))
        for threshold in THRESHOLDS:
            cut_counts[name, threshold] = count_cuts(sharp(shot_cuts._shots(batches, threshold)), cuts)
        for mixture in MIXTURES:
            shot_gradual.MIXTURE_SCORE = mixture
            found = gradual_changes(shot_cuts._shots(batches, THRESHOLDS[3]))
            change_counts[name, mixture] = count_spans(found, gradual)
        shot_gradual.MIXTURE_SCORE = mixed

    def best(counts, choices, names):
        # of equals the middle one
        scores = [f1(sum(counts[name, choice] for name in names)) for choice in choices]
        equal = [choice for choice, score in zip(choices, scores, strict=True) if score == max(scores)]
        return equal[len(equal) // 2]

    real, drawn = of(films, True), of(films, False)
    print("\nLeft out: thresholds chosen anew on other films")
    for clip in real:
        others = [name for name in real if name != clip] + drawn[::2]
        choice = best(cut_counts, THRESHOLDS, others)
        report(f"hard cuts of {clip}, threshold {choice} from the rest", f"{f1(cut_counts[clip, choice]):.3f}")
    for title, test, train in (("odd", drawn[1::2], drawn[::2]), ("even", drawn[::2], drawn[1::2])):
        choice = best(cut_counts, THRESHOLDS, real + train)
        score = f1(sum(cut_counts[name, choice] for name in test))
        report(f"hard cuts of {title} sample films, threshold {choice} from the rest", f"{score:.3f}")
        choice = best(change_counts, MIXTURES, real + train)
        score = f1(sum(change_counts[name, choice] for name in test))
        report(f"gradual changes of {title} sample films, mixture {choice} from the rest", f"{score:.3f}")


def main():
    quick = parser_of(__doc__, "three sample films").parse_args().quick
    warnings.simplefilter("error")
    films = load_films(range(3 if quick else 10))
    kept = [*promises(films, *found_by_all(films))]
    left_out(films)
    return finish(kept)


if __name__ == "__main__":
    sys.exit(main())
