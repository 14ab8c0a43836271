"""What the scripts share: rows of what was measured, clocks, real clips, and what is scored in several places."""

import argparse
import json
import os
import resource
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

import av
import numpy as np

from toolkit import metrics, networks, samples, scenes, shots
from toolkit.clustering import VideoClusters
from toolkit.samples.corpus import captions as clip_captions

CLIPS = ("nosferatu.mp4", "sintel_clip.mp4", "big_buck_bunny_0_30.webm")
# shots on each side that classifiers of boundaries see
AROUND = 5

# put before every program that runs in a process of its own; getrusage would begin at what the parent had
RESIDENT = """
def resident(field):
    '''Return the bytes that this process holds (VmRSS) or held at the most (VmHWM), on Linux.'''
    with open("/proc/self/status") as file:
        return next(int(line.split()[1]) * 1024 for line in file if line.startswith(field))
"""


# ---- command line and reports


def parser_of(doc, quick=""):
    """Return a parser of the command line, with --quick if `quick` says what that does."""
    parser = argparse.ArgumentParser(description=doc.splitlines()[0])
    if quick:
        parser.add_argument("--quick", action="store_true", help=quick)
    return parser


def machine():
    """Return a description of the machine and its load."""
    return f"{os.cpu_count()} cores, load average at the start {os.getloadavg()[0]:.1f}"


def heading(title="", value="ours", peer="peer", ratio="ratio"):
    """Print what the columns of `report` hold."""
    print(_row(title, value, peer, ratio, "promised", ""), flush=True)


def report(title, value="", wanted="", kept=True, *, peer="", ratio=""):
    """Print a row: what was measured, the value, what is promised of it, and whether that is kept.

    Returns whether it is kept. Of a row without a promise no verdict is printed, and it counts as kept.
    """
    kept = bool(kept) or not wanted
    verdict = ("kept" if kept else "MISSED") if wanted else ""
    print(_row(title, value, peer, ratio, wanted, verdict), flush=True)
    return kept


def finish(kept):
    """Print how many promises are kept, and return the exit status."""
    print(f"\n{sum(kept)} of {len(kept)} promises kept")
    return int(not all(kept))


def _row(title, value, peer, ratio, wanted, verdict):
    figures = f"{value:>14}{peer:>11}{ratio:>8}".rstrip()
    return f"{title:<58} {figures:<33}   {wanted:<18}{verdict}".rstrip()


# ---- clocks


class Run(NamedTuple):
    """What a piece of work took, and what came of it."""

    seconds: float
    processor: float
    result: Any = None


def processor_seconds():
    """Return the processor's time of this process and of those of its children that have ended."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(part.ru_utime + part.ru_stime for part in used)


def timed(work):
    """Do a piece of work, and return it as a `Run`."""
    used, start = processor_seconds(), time.perf_counter()
    result = work()
    seconds = time.perf_counter() - start
    return Run(seconds, processor_seconds() - used, result)


def best_of(rounds, work):
    """Return the least seconds of several rounds, of either clock, and the last result."""
    return in_turns(rounds, {"": work})[""]


def in_turns(rounds, works):
    """Return the same of each of several works, which are done in turn, since other work comes and goes.

    One that times itself returns its seconds, a float.
    """
    best = dict.fromkeys(works, Run(np.inf, np.inf))
    for _ in range(rounds):
        for name, work in works.items():
            run = timed(work)
            seconds = run.result if isinstance(run.result, float) else run.seconds
            least = best[name]
            best[name] = Run(min(least.seconds, seconds), min(least.processor, run.processor), run.result)
    return best


def in_process(program, *arguments, **environment):
    """Run a Python program in a process of its own, where it can call `resident`; return the numbers it prints."""
    command = [sys.executable, "-c", RESIDENT + program, *map(str, arguments)]
    printed = subprocess.run(command, check=True, capture_output=True, text=True, env=os.environ | environment).stdout
    return [float(number) for number in printed.split()]


# ---- films


def real_data(*parts):
    """Return a path within the folder that TOOLKIT_REAL_DATA names, or None where it names none, or it is not there."""
    folder = os.environ.get("TOOLKIT_REAL_DATA")
    path = Path(folder, *parts) if folder else None
    return path if path and path.exists() else None


def real_clips():
    """Return the paths of the three real clips; where they are not there it is said that they are left out."""
    clips = [path for name in CLIPS if (path := real_data("films", name))]
    if not clips:
        print("The real clips are left out: TOOLKIT_REAL_DATA names no folder with films/.")
    return clips


def clip_truth(path):
    """Return what is known, by eye, of a real clip: its frames, fps, cuts, gradual changes, set-ups."""
    return json.loads(real_data("truth", "clips.json").read_text(encoding="utf-8"))[path.name]


def repeat_film(path, target, times, *, sound=False):
    """Write the pictures of a film, and its sound if asked, several times over, without encoding them anew."""
    with av.open(str(target), "w") as out:
        written, last = None, {}
        for turn in range(times):
            with av.open(str(path)) as source:
                streams = source.streams if sound else source.streams.video[:1]
                if written is None:
                    length = max(stream.duration * stream.time_base for stream in streams)
                    written = {stream.index: out.add_stream_from_template(stream) for stream in streams}
                for packet in source.demux(*streams):
                    if packet.dts is None:
                        continue
                    shift, number = round(turn * length / packet.time_base), packet.stream.index
                    packet.pts, packet.dts = packet.pts + shift, packet.dts + shift
                    # sound begins with a packet before the first picture, which the turn before has covered
                    if packet.dts > last.get(number, -np.inf):
                        last[number], packet.stream = packet.dts, written[number]
                        out.mux(packet)
    return target


# ---- scores


def f1(counts):
    """Return F1 of (right, false, missed)."""
    right, false, missed = counts
    return 2 * right / max(1, 2 * right + false + missed)


def count_spans(found, true):
    """Return (right, false, missed) of spans, each (start, end) or (kind, start, end).

    A true one is found by one of its kind with an intersection over union of at least 0.5; each finds one at the most.
    """
    left, right = list(found), 0
    for *kind, start, end in true:
        for at, (*other, first, last) in enumerate(left):
            common = min(end, last) - max(start, first)
            if kind == other and common >= 0.5 * (max(end, last) - min(start, first)):
                del left[at]
                right += 1
                break
    return np.array([right, len(left), len(true) - right])


def film_with_scenes(seed):
    """Return a sample film's shots as they are detected, its features with the true boundaries, and its scenes."""
    film = samples.sample_film(seed)
    table = shots.detect_shots(film.path, progress=False)
    movie = scenes.film_features(film.path, table, progress=False)
    return table, replace(movie, boundaries=scenes.boundaries_at(film.scenes, table)), film.scenes


def scene_scores(found, table, movie, true_scenes):
    """Return F1 at one shot's tolerance, Miou by frames, and the number of scenes over the true one."""
    spans = scenes.scene_table(found, table)
    overlap = metrics.miou_of_spans(spans, true_scenes)
    return metrics.boundary_scores(found, movie.boundaries)["F1"], overlap, len(spans) / len(true_scenes)


# ---- classifiers of scene boundaries


def neighbor_distances(movie, *, cosine=False):
    """Return (n_shots - 1, modalities), each column of mean 1: how far apart the two shots beside each place are."""
    columns = []
    for rows in movie.features.values():
        if cosine:
            rows = rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-9)
        apart = np.linalg.norm(np.diff(rows, axis=0), axis=1)
        columns.append(apart / max(apart.mean(), 1e-9))
    return np.stack(columns, axis=1)


def around(rows):
    """Return each row side by side with the AROUND before and after it."""
    padded = np.pad(rows, ((AROUND, AROUND), (0, 0)), mode="edge")
    return np.concatenate([padded[i : i + len(rows)] for i in range(2 * AROUND + 1)], axis=1)


def logistic():
    """Return a logistic regression that learns boundaries."""
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    return make_pipeline(StandardScaler(), LogisticRegression(C=0.1))


def boosted_trees():
    """Return boosted trees that learn boundaries."""
    from sklearn.ensemble import HistGradientBoostingClassifier

    return HistGradientBoostingClassifier(max_iter=150, learning_rate=0.06, max_leaf_nodes=15, random_state=0)


# ---- captions and key words


def judge_samples(seeds, measure, spans):
    """Print what `measure` tells of each seed, and yield of each column of `spans` whether its mean is within it."""
    import pandas as pd

    rows = {}
    for seed in seeds:
        rows[seed] = measure(seed)
        print(pd.DataFrame({seed: rows[seed]}).T.round(3).to_string(header=len(rows) == 1), flush=True)
    table = pd.DataFrame(rows).T
    print(pd.DataFrame({"mean": table.mean(), "lowest": table.min(), "highest": table.max()}).T.round(3).to_string())
    print()
    for column, (title, low, high) in spans.items():
        if column in table:
            mean, inside = table[column].mean(), int(table[column].between(low, high).sum())
            value = f"{mean:.3f}, {inside} of {len(table)} inside"
            yield report(title, value, f"{low:g} to {high:g}", low <= mean <= high)


def captioned_clusters(kinds, videos, captions, seed):
    """Return clusters, one for each of the kinds, and the captions of their videos, drawn as the sample corpus's."""
    labels = np.repeat(np.arange(len(kinds)), videos)
    told = {}
    for number, label in enumerate(labels):
        rng = np.random.default_rng((seed, number))
        lines = []
        while len(lines) < captions:
            lines += clip_captions.write_captions(kinds[label], rng)
        told[f"video{number}"] = lines[:captions]
    distances = np.random.default_rng(seed).random((len(labels), len(kinds)))
    return VideoClusters(list(told), labels, np.zeros((len(kinds), 2)), distances), told


def plain_keybert(clusters, captions):
    """Return the words of each cluster by KeyBERT alone."""
    from keybert import KeyBERT

    from toolkit.embeddings import sentences

    folder = sentences.encoder_folder()
    model = KeyBERT(sentences._load(str(folder), networks.folder_stamps(folder)))
    found = {}
    for cluster in range(len(clusters.centers)):
        names = np.array(clusters.video_ids)[clusters.labels == cluster]
        text = ". ".join(caption for name in names for caption in captions[name])
        found[cluster] = model.extract_keywords(
            text, keyphrase_ngram_range=(1, 2), use_mmr=True, diversity=0.3, top_n=10
        )
    return found
