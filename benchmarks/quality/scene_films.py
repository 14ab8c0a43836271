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

import sys
from dataclasses import replace

import numpy as np
import pandas as pd

from benchmarks.shared import film_with_scenes, finish, machine, parser_of, report, scene_scores, timed
from toolkit import scene_models, scenes

LEARNED, JUDGED = range(10, 20), range(20, 30)
FORMS = {
    "all": ("place", "cast", "action", "audio"),
    "silent": ("place", "cast", "action"),
    "place": ("place",),
    "people and motion": ("cast", "action"),
}
COLUMNS = ["F1", "Miou", "scenes", "worst F1", "worst Miou"]


def in_form(movie, names):
    return replace(movie, features={name: values for name, values in movie.features.items() if name in names})


def learn(movies, seed):
    """Return how a WaveNet that was trained on movies finds the scenes of others."""
    model = scene_models.train(scene_models.build_wavenet(movies, seed=seed), movies, seed=seed, progress=False)
    return lambda others: [
        told >= 0.5 for told in scene_models.divide(scene_models.predict(model, others, progress=False))
    ]


def summary(found, films):
    scores = np.array([scene_scores(each, *film) for each, film in zip(found, films, strict=True)])
    return [*scores.mean(axis=0), *scores[:, :2].min(axis=0)]


def table_of(learned, judged, names, seeds):
    """Return how well both ways do in one form."""
    movies = [in_form(movie, names) for _, movie, _ in judged]
    rows = {"group_shots": summary([scenes.group_shots(movie) for movie in movies], judged)}
    ways = [learn([in_form(movie, names) for _, movie, _ in learned], seed) for seed in range(seeds)]
    rows["WaveNet"] = np.mean([summary(way(movies), judged) for way in ways], axis=0)
    return pd.DataFrame.from_dict(rows, orient="index", columns=COLUMNS)


def main():
    seeds = 1 if parser_of(__doc__, "train from one seed").parse_args().quick else 3
    print(machine())
    learned, judged = ([film_with_scenes(seed) for seed in some] for some in (LEARNED, JUDGED))
    for title, films in (("to learn from", learned), ("judged", judged)):
        print(f"{title}: {len(films)} films, {sum(movie.n_shots for _, movie, _ in films)} shots", flush=True)
    tables = {}
    for form, names in FORMS.items():
        print(f"\n{form}: {', '.join(names)}\n")
        run = timed(lambda names=names: table_of(learned, judged, names, seeds))
        tables[form] = run.result
        print(f"{run.result.round(2).to_string()}\n{run.seconds:.0f} s", flush=True)
    print()
    kept = []
    for form, table in tables.items():
        for column in ("F1", "Miou"):
            more = table.loc["WaveNet", column] - table.loc["group_shots", column]
            kept.append(report(f"{form}: {column} less that of group_shots", f"{more:.2f}", "> 0", more > 0))
    return finish(kept)


if __name__ == "__main__":
    sys.exit(main())
