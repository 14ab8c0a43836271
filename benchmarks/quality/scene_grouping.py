"""How well scenes are found without training, in films whose scenes are known; each promise with its verdict.

    python -m benchmarks.quality.scene_grouping [--quick]

The films are the ten sample films, and three of other seeds that no choice was made on; they are rendered where they
are not yet (half a minute each). `--quick` takes three and one. Shots are those that `detect_shots` finds. A true
boundary is taken to be at the detected cut that is nearest; F1 allows one shot's error, Miou is by frames, and "scenes"
is how many were found over how many there are. Beside `group_shots` stand

- uniform: as many scenes as there are, equally long; chance that knows the number;
- place only: `group_shots` by what is seen alone, and silent, without the sound;
- Rotman's H_add and H_nrm, the costs of optimal sequential grouping as published, on the same distances, with the
  number of scenes estimated as published, by the elbow of the logarithm of the distances' singular values.

With TOOLKIT_REAL_DATA set, what is found in real clips is shown; there is no truth to score it by.
"""

import sys

import numpy as np
import pandas as pd

from benchmarks.shared import film_with_scenes, finish, machine, parser_of, real_clips, report, scene_scores, timed
from toolkit import scenes

OTHER_SEEDS = (101, 102, 103)


def uniform(movie, count):
    found = np.zeros(movie.n_shots - 1, bool)
    found[np.round(np.arange(1, count) * movie.n_shots / count).astype(int) - 1] = True
    return found


def seen_only(movie):
    seen = {name: values for name, values in movie.features.items() if name != "audio"}
    return scenes.group_shots(seen)


def elbow(distances):
    """Return the number of scenes: where the log singular values are farthest below the line from first to last."""
    values = np.log(np.maximum(np.linalg.svd(distances, compute_uv=False), 1e-12))
    values = values[: len(values) // 2 + 1]
    line = np.linspace(values[0], values[-1], len(values))
    return 1 + int(np.argmax(line - values))


def published(movie, cost):
    """Return the boundaries of the published optimal sequential grouping, by loops."""
    distances = scenes.shot_distances(movie)
    n_shots, n_scenes = len(distances), elbow(distances)
    sums = np.zeros((n_shots + 1, n_shots + 1))
    sums[1:, 1:] = distances.cumsum(axis=0).cumsum(axis=1)

    def block(first, last):
        return sums[last, last] - 2 * sums[first, last] + sums[first, first]

    # best division of the first shots, by how many pairs of shots are within its scenes: that of the whole is known
    # only at the end, so that H_nrm keeps the best of each
    best = {0: {0: (0.0, ())}}
    for scene in range(n_scenes):
        following = {}
        for first, by_area in best.items():
            for last in range(first + 1, n_shots - (n_scenes - scene - 1) + 1):
                if scene == n_scenes - 1 and last != n_shots:
                    continue
                cost_here, area_here = block(first, last), (last - first) ** 2
                into = following.setdefault(last, {})
                for area, (total, starts) in by_area.items():
                    key = area + area_here if cost == "nrm" else 0
                    if key not in into or total + cost_here < into[key][0]:
                        into[key] = (total + cost_here, (*starts, first))
        best = following
    ends = best[n_shots]
    key = min(ends, key=lambda area: ends[area][0] / area) if cost == "nrm" else 0
    found = np.zeros(n_shots, bool)
    found[list(ends[key][1])] = True
    return found[1:]


METHODS = {
    "group_shots": lambda movie, count: scenes.group_shots(movie),
    "  given the number": scenes.group_shots,
    "  silent": lambda movie, count: seen_only(movie),
    "  place only": lambda movie, count: scenes.group_shots(movie, weights={"place": 1}),
    "Rotman's H_add": lambda movie, count: published(movie, "add"),
    "Rotman's H_nrm": lambda movie, count: published(movie, "nrm"),
    "uniform": uniform,
}


def table_of(films):
    """Return and print the mean scores of each method, and the span of the number of scenes."""
    rows = {}
    for name, method in METHODS.items():
        scores = [scene_scores(method(movie, len(true)), table, movie, true) for table, movie, true in films]
        scores = np.array(scores)
        rows[name] = [*scores.mean(axis=0), scores[:, 2].min(), scores[:, 2].max(), scores[:, 0].min()]
    columns = ["F1", "Miou", "scenes", "fewest", "most", "worst F1"]
    result = pd.DataFrame.from_dict(rows, orient="index", columns=columns)
    print(result.round(2).to_string(), flush=True)
    return result


def promises(result):
    ours = result.loc["group_shots"]
    peers = result.loc[["uniform", "  place only"]]
    yield "F1 at one shot's tolerance", ours["F1"], 0.75
    yield "Miou", ours["Miou"], 0.65
    yield "F1 over that of the better of uniform and place only", ours["F1"] / peers["F1"].max(), 1.0
    yield "Miou over the same", ours["Miou"] / peers["Miou"].max(), 1.0
    yield "fewest scenes, of how many there are", ours["fewest"], 0.7
    yield "how many there are, over most scenes", 1 / ours["most"], 1 / 1.3


def show_clips():
    for path in real_clips():
        movie = scenes.film_features(path, progress=False)
        found, two = scenes.group_shots(movie), ""
        if movie.n_shots >= 4:
            second = 1 + np.argmax(scenes.group_shots(movie, 2))
            two = f"; if they were two, the second would begin with shot {second}"
        print(f"{path.name}: {movie.n_shots} shots, {1 + found.sum()} scene(s){two}")


def main():
    quick = parser_of(__doc__, "three films and one").parse_args().quick
    print(machine())
    kept = []
    for title, seeds in (("sample films", range(3 if quick else 10)), ("others", OTHER_SEEDS[: 1 if quick else None])):
        films = [film_with_scenes(seed) for seed in seeds]
        print(f"\n{title}: {len(films)}, {sum(movie.n_shots for _, movie, _ in films)} shots found\n")
        for promise, value, least in promises(table_of(films)):
            kept.append(report(promise, f"{value:.2f}", f">= {least:.2f}", value >= least))
    generator = np.random.default_rng(0)
    long = {"place": (np.repeat(generator.normal(size=(250, 256)), 12, axis=0) + generator.normal(size=(3000, 256)))}
    print()
    report("3,000 shots", f"{timed(lambda: scenes.group_shots(long)).seconds:.1f} s")
    show_clips()
    return finish(kept)


if __name__ == "__main__":
    sys.exit(main())
