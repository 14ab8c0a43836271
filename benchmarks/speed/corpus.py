"""What `corpus` promises: videos a second beside a plain loop, and memory that does not grow with their number.

    python -m benchmarks.speed.corpus [--quick]

The plain loop is what one would write without it: every picture by `video.iter_frames`, every 10th of them to
`embeddings.embed`. Clips are like those of MSR-VTT, 320x240, 25 pictures a second, 12 seconds. Processor time is that
of all processes, the start of the workers (a second each) among it. Memory is measured over 10,000 tiny files, with
`--quick` over 600, that of the process that asks and that of its workers.
"""

import argparse
import os
import resource
import shutil
import sys
import tempfile
import threading
import time
from pathlib import Path

import av
import numpy as np
import psutil

from toolkit import corpus, embeddings, video


def render(path, n, size, fps=25, seed=0):
    """Write a clip of a bright square that moves over grain."""
    rng = np.random.default_rng(seed)
    width, height = size
    ground = rng.integers(0, 160, (height // 8, width // 8, 3), np.uint8).repeat(8, axis=0).repeat(8, axis=1)
    with av.open(str(path), "w") as out:
        stream = out.add_stream("libx264", rate=fps, options={"preset": "veryfast"})
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        for number in range(n):
            picture = np.roll(ground, number, axis=1)
            at = number * 3 % (width - width // 4)
            picture[height // 3 : height // 2, at : at + width // 4] = 230
            out.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
        out.mux(stream.encode(None))
    return path


def plain(paths):
    """Embed every 10th picture of each video, one video after another."""
    for path in paths:
        vectors, number = [], 0
        for batch in video.iter_frames(path, fps=None, progress=False):
            vectors.append(embeddings.embed(batch.images[-number % 10 :: 10], cache=False, progress=False))
            number += len(batch)
        np.concatenate(vectors)


def processor_seconds():
    """Return the processor time of this process and of those of its children that have ended."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(part.ru_utime + part.ru_stime for part in used)


def measured(function, *arguments, **options):
    start, before = time.perf_counter(), processor_seconds()
    function(*arguments, **options)
    return time.perf_counter() - start, processor_seconds() - before


def told(promise, kept):
    print(f"{promise}: {'kept' if kept else 'NOT KEPT'}\n")
    return kept


def speed(folder, count):
    """Compare videos a second, and processor time a video."""
    clips = folder / "clips"
    clips.mkdir()
    for seed in range(4):
        render(clips / f"{seed}.mp4", 300, (320, 240), seed=seed)
    for number in range(4, count):
        shutil.copy(clips / f"{number % 4}.mp4", clips / f"{number}.mp4")
    paths = corpus.find_videos(clips)
    plain(paths[:1])
    cores = len(os.sched_getaffinity(0))
    best = {}
    for turn in range(3):
        for name, jobs in (
            ("a plain loop", None),
            ("embed_videos, n_jobs=1", 1),
            (f"embed_videos, n_jobs={cores}", cores),
        ):
            if jobs is None:
                found = measured(plain, paths)
            else:
                found = measured(corpus.embed_videos, paths, folder / f"{turn}_{jobs}", n_jobs=jobs, progress=False)
            best[name] = tuple(map(min, found, best.get(name, (np.inf, np.inf))))
    print(f"{count} clips of 12 s, best of three, {cores} cores{'':8} videos a second   processor s a video")
    for name, (wall, processor) in best.items():
        print(f"{name:54s} {count / wall:10.1f} {processor / count:18.3f}")
    (loop, of_loop), (_, of_one), (all_cores, _) = best.values()
    print()
    return [
        told(f"processor time beside the plain loop {of_one / of_loop:.2f}, at most 1.0", of_one <= of_loop),
        told(
            f"speed with all cores beside the plain loop {loop / all_cores:.2f}, at least 1.2", loop >= 1.2 * all_cores
        ),
    ]


class Watch(threading.Thread):
    """Note the memory of this process and of its workers as a folder fills."""

    def __init__(self, folder):
        super().__init__(daemon=True)
        self.folder, self.seen, self.over = folder, [], threading.Event()

    def run(self):
        """Look every fifth of a second."""
        this = psutil.Process()
        while not self.over.wait(0.2):
            workers = []
            for worker in this.children():
                try:
                    workers.append(worker.memory_info().rss)
                except psutil.NoSuchProcess:
                    continue
            done = len(os.listdir(self.folder)) if self.folder.is_dir() else 0
            self.seen.append((done, this.memory_info().rss / 1e6, max(workers, default=0) / 1e6))

    def at(self, count):
        """Return the memory of this process and of the largest worker when `count` files were there."""
        return next(((own, worker) for done, own, worker in self.seen if done >= count and worker), self.seen[-1][1:])


def memory(folder, count):
    """Measure memory over many files, and how fast they are passed over and loaded."""
    tiny = folder / "tiny"
    tiny.mkdir()
    render(tiny / "0.mp4", 12, (64, 48))
    for number in range(1, count):
        shutil.copy(tiny / "0.mp4", tiny / f"{number}.mp4")
    watch = Watch(folder / "out")
    watch.start()
    seconds, _ = measured(corpus.embed_videos, tiny, folder / "out", progress=False)
    watch.over.set()
    watch.join()
    early, late = watch.at(count // 4), watch.at(count - 20)
    print(f"{count} files of 64x48, {count / seconds:.0f} a second{'':20} MB here    MB of the largest worker")
    print(f"when {count // 4:5d} were done {'':35s} {early[0]:8.1f} {early[1]:16.1f}")
    print(f"when {count - 20:5d} were done {'':35s} {late[0]:8.1f} {late[1]:16.1f}\n")
    kept = [told("memory grows by at most 15 MB here, and in a worker", max(np.subtract(late, early)) <= 15)]
    seconds, _ = measured(corpus.embed_videos, tiny, folder / "out", progress=False)
    print(f"a run that has nothing left to do: {seconds:.2f} s, {1e3 * seconds / count:.2f} ms a video\n")
    return kept


def loading(many):
    """Compare loading to a loop over numpy.load."""
    files = sorted(many.glob("*.npz"))
    count = len(files)

    def loop():
        vectors = []
        for path in files:
            with np.load(path) as archive:
                vectors.append(archive["embeddings"].mean(axis=0))
        np.stack(vectors)

    best = {"numpy.load in a loop, which checks nothing": np.inf, "load_embeddings": np.inf}
    for _ in range(3):
        for name, function in zip(best, (loop, lambda: corpus.load_embeddings(many)), strict=True):
            best[name] = min(best[name], measured(function)[1])
    print(f"loading {count} files{'':36} processor s")
    for name, seconds in best.items():
        print(f"{name:54s} {seconds:10.2f}")
    one, other = best.values()
    print()
    each = 1e3 * other / count
    return [
        told(f"loading, with all checks, {each:.2f} ms a video ({other / one:.1f} loops), at most 1", each <= 1.0),
    ]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="fewer videos")
    quick = parser.parse_args().quick
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        kept = speed(folder, 16 if quick else 48)
        kept += memory(folder, 600 if quick else 10_000)
        kept += loading(folder / "out")
    return 0 if all(kept) else 1


if __name__ == "__main__":
    sys.exit(main())
