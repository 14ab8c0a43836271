"""How well frames are clustered and shots are grouped by camera set-up, on films whose truth is known.

    python -m benchmarks.quality.setups [--quick]

Films are ten sample films (with --quick, three) and the real clips, where TOOLKIT_REAL_DATA is set. Frames are read at
5 a second, their vectors are those of the layout model. Scores are adjusted Rand indices, frame by frame: of Ward's
clusters at the suggested threshold, and of set-ups of shots, with the true cuts, with the detected ones, and with the
true and the detected cuts and three frames a shot.

The suggested threshold has no number that was fitted. `group_setups` has one that matters, the share of the median
distance between shots; left out means that the share which is best for the other films is taken for this one. Last,
Ward's clusters are compared with scikit-learn's.
"""

import sys
import warnings

import numpy as np
from sklearn.cluster import AgglomerativeClustering
from sklearn.metrics import adjusted_rand_score

from benchmarks.shared import clip_truth, finish, parser_of, real_clips, report
from toolkit import embeddings, samples, shots, video
from toolkit.shots import setups as shot_setups

FPS = 5
LEAST = {
    # the least score by frames, by shots
    "nosferatu.mp4": (0.8, 0.95),
    "big_buck_bunny_0_30.webm": (0.8, 0.95),
    "sintel_clip.mp4": (None, 0.9),
}
SAMPLES = (0.9, 0.95)
SHARES = (0.3, 0.35, 0.4, 0.45, 0.5, 0.55, 0.6, 0.65, 0.7)


def films(seeds):
    """Yield the name of each film, its path, the spans of its shots and their true set-ups, and the least scores."""
    for path in real_clips():
        clip = clip_truth(path)
        edges = video.probe(path).start + np.array([0, *clip["cuts"], clip["frames"]]) / clip["fps"]
        names = clip.get("shots", list(range(len(edges) - 1)))
        spans = np.stack([edges[:-1], edges[1:]], axis=1)
        yield path.name, path, spans, np.unique(names, return_inverse=True)[1], LEAST[path.name]
    for seed in seeds:
        film = samples.sample_film(seed, progress=False)
        yield f"sample film {seed}", film.path, film.shots[["start", "end"]].to_numpy(), film.setups, SAMPLES


def three_a_shot(table, times):
    """Return positions of three frames of each shot, those nearest the instants that the toolkit names."""
    return np.unique(np.abs(times[:, None] - shots.times_in_shots(table).ravel()).argmin(axis=0))


def look(path, spans, setups):
    """Return vectors and times of a film's frames, true set-ups by frame, scores, and how many clusters and set-ups."""
    frames = video.read_frames(path, fps=FPS, size=(320, 240), progress=False)
    features, times = embeddings.embed(frames.images, progress=False), frames.times
    true = shots.labels_at(spans, setups, times)
    clusters = shots.cluster_frames(features)
    found = shots.group_setups(features, times, spans)
    cuts = shots.detect_shots(path, progress=False)
    scores = [adjusted_rand_score(true, clusters)]
    some = [(table, three_a_shot(table, times)) for table in (spans, cuts)]
    for table, chosen in ((spans, slice(None)), (cuts, slice(None)), *some):
        with warnings.catch_warnings(action="ignore", category=UserWarning):
            grouped = shots.group_setups(features[chosen], times[chosen], table)
        scores.append(adjusted_rand_score(true, shots.labels_at(table, grouped, times)))
    return (features, times, spans, true), scores, (clusters.max() + 1, len(set(setups)), found.max() + 1)


def quality(seeds):
    """Print how well the frames and shots of each film are put together, and yield whether the promises are kept."""
    rows, known, chosen = [], {}, list(films(seeds))
    head = "by frames", "true cuts", "detected", "three of true", "of detected", "clusters", "true set-ups", "found"
    print(("{:<28}" + "{:>14}" * 8).format("film", *head))
    for name, path, spans, setups, least in chosen:
        known[name], scores, counts = look(path, spans, setups)
        cells = [*(f"{score:.3f}" for score in scores), *counts]
        print(f"{name:<28}" + "".join(f"{cell:>14}" for cell in cells), flush=True)
        rows.append((name, least, scores))
    print()
    for name, (by_frames, by_shots), scores in rows:
        if by_frames is not None:
            yield report(f"{name}: by frames", f"{scores[0]:.3f}", f">= {by_frames}", scores[0] >= by_frames)
        for title, score in (
            ("true cuts", scores[1]),
            ("detected cuts", scores[2]),
            ("detected cuts, three frames a shot", scores[4]),
        ):
            yield report(f"{name}: {title}", f"{score:.3f}", f">= {by_shots}", score >= by_shots)
    left_out(known)
    yield from same_as_sklearn(next(iter(known.values()))[0])


def left_out(known):
    """Print the score of each film with the share of the median that is best for the other films."""
    default, scores = shot_setups.MEDIAN_SHARE, {}
    for share in SHARES:
        shot_setups.MEDIAN_SHARE = share
        scores[share] = {}
        for name, (features, times, spans, true) in known.items():
            grouped = shots.group_setups(features, times, spans)
            scores[share][name] = adjusted_rand_score(true, shots.labels_at(spans, grouped, times))
    shot_setups.MEDIAN_SHARE = default
    print()
    for share in SHARES:
        values = list(scores[share].values())
        title = f"share {share:.2f}, true cuts: mean and least of all films"
        report(title, f"{np.mean(values):.3f}, {min(values):.3f}")
    for name in known:
        share = max(SHARES, key=lambda share: np.mean([scores[share][other] for other in known if other != name]))
        report(f"left out: {name}", f"share {share:.2f}: {scores[share][name]:.3f}")
    print()


def same_as_sklearn(features):
    tree = shots.linkage_tree(features)
    thresholds = [*np.quantile(tree[:, 2], [0.1, 0.5, 0.9, 0.97, 1]), shots.suggest_threshold(tree)]
    same = 0
    for threshold in thresholds:
        model = AgglomerativeClustering(n_clusters=None, distance_threshold=threshold, linkage="ward")
        theirs = model.fit_predict(features.astype(np.float64))
        same += adjusted_rand_score(theirs, shots.cut_tree(tree, threshold)) == 1
    title = "thresholds with the clusters of scikit-learn, some at a merge"
    yield report(title, f"{same} of {len(thresholds)}", "all", same == len(thresholds))


def main():
    quick = parser_of(__doc__, "three sample films").parse_args().quick
    warnings.simplefilter("error")
    return finish([*quality(range(3 if quick else 10))])


if __name__ == "__main__":
    sys.exit(main())
