"""How well a WaveNet that learned from ten films finds the scenes of others; each promise with its verdict.

    python -m benchmarks.quality.scene_films [--quick]

The WaveNet learns from the ten sample films of seeds 10 to 19, as `film_features` has their shots, and is judged on
those of seeds 20 to 29, on which no choice was made; all are rendered where they are not yet (half a minute each), and
features are kept, so that the first run takes a quarter of an hour. Beside it stands `group_shots`, which learns
nothing. Both are asked in four forms: of all there is; silent, without the sound; by place alone; and by people and
motion alone, where place is no help. Shots are those that `detect_shots` finds; F1 allows one shot's error, Miou is by
frames, "scenes" is how many were found over how many there are, and the WaveNet's are those of `scene_models.divide`,
at its default. All figures are means over films; "worst" is that of the film that comes out worst. The network is
trained from three seeds; what is shown is the mean.

A film of two minutes has about 43 shots and 10 scenes, so that ten hold 90 boundaries to learn from; films of other
makers differ among themselves far more than sample films do. `--quick` trains from one seed.
"""

import argparse
import os
import sys
import time
from dataclasses import replace

import numpy as np
import pandas as pd

from toolkit import metrics, samples, scene_models, scenes, shots

LEARNED, JUDGED = range(10, 20), range(20, 30)
FORMS = {
    "all": ("place", "cast", "action", "audio"),
    "silent": ("place", "cast", "action"),
    "place": ("place",),
    "people and motion": ("cast", "action"),
}
COLUMNS = ["F1", "Miou", "scenes", "worst F1", "worst Miou"]


def load(seed):
    """Return a sample film's features, with boundaries, its shots and its scenes."""
    film = samples.sample_film(seed)
    table = shots.detect_shots(film.path, progress=False)
    movie = scenes.film_features(film.path, table, progress=False)
    return replace(movie, boundaries=scenes.boundaries_at(film.scenes, table)), table, film.scenes


def score(found, movie, table, scene_spans):
    """Return F1 at one shot's tolerance, Miou, and the number of scenes over the true one."""
    spans = scenes.scene_table(found, table)
    overlap = metrics.miou_of_spans(spans, scene_spans)
    return metrics.boundary_scores(found, movie.boundaries)["F1"], overlap, len(spans) / len(scene_spans)


def in_form(movie, names):
    return replace(movie, features={name: values for name, values in movie.features.items() if name in names})


def learn(movies, seed):
    """Return how a WaveNet that was trained on movies finds the scenes of others."""
    model = scene_models.train(scene_models.build_wavenet(movies, seed=seed), movies, seed=seed, progress=False)
    return lambda others: [
        told >= 0.5 for told in scene_models.divide(scene_models.predict(model, others, progress=False))
    ]


def summary(found, films):
    scores = np.array([score(each, *film) for each, film in zip(found, films, strict=True)])
    return [*scores.mean(axis=0), *scores[:, :2].min(axis=0)]


def table_of(learned, judged, names, seeds):
    """Return and print how well both ways do in one form."""
    movies = [in_form(film[0], names) for film in judged]
    begin = time.perf_counter()
    rows = {"group_shots": summary([scenes.group_shots(movie) for movie in movies], judged)}
    ways = [learn([in_form(film[0], names) for film in learned], seed) for seed in range(seeds)]
    rows["WaveNet"] = np.mean([summary(way(movies), judged) for way in ways], axis=0)
    result = pd.DataFrame.from_dict(rows, orient="index", columns=COLUMNS)
    print(f"{result.round(2).to_string()}\n{time.perf_counter() - begin:.0f} s\n", flush=True)
    return result


def promises(form, result):
    for column in ("F1", "Miou"):
        yield (
            f"{form}: {column} less that of group_shots",
            result.loc["WaveNet", column] - result.loc["group_shots", column],
        )


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="train from one seed")
    seeds = 1 if parser.parse_args().quick else 3
    print(f"load average at the start: {os.getloadavg()[0]:.1f}")
    learned, judged = ([load(seed) for seed in some] for some in (LEARNED, JUDGED))
    for title, films in (("to learn from", learned), ("judged", judged)):
        print(f"{title}: {len(films)} films, {sum(film[0].n_shots for film in films)} shots", flush=True)
    print()
    made = []
    for form, names in FORMS.items():
        print(f"{form}: {', '.join(names)}\n")
        made += promises(form, table_of(learned, judged, names, seeds))
    kept = []
    for promise, value in made:
        kept.append(value > 0)
        print(f"{promise:<56}{value:>6.2f}   > 0   {'kept' if kept[-1] else 'NOT KEPT'}")
    print(f"\n{sum(kept)} of {len(kept)} promises kept")
    return 0 if all(kept) else 1


if __name__ == "__main__":
    sys.exit(main())
