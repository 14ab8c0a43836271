"""What `corpus` promises: videos a second beside a plain loop, and memory that does not grow with their number.

    python -m benchmarks.speed.corpus [--quick]

The plain loop is what one would write without it: every picture by `video.iter_frames`, every 10th of them to
`embeddings.embed`. Clips are like those of MSR-VTT, 320x240, 25 pictures a second, 12 seconds. Processor time is that
of all processes, the start of the workers (a second each) among it. Memory is measured over 10,000 tiny files, with
`--quick` over 600, that of the process that asks and that of its workers.
"""

import itertools
import os
import shutil
import sys
import tempfile
import threading
from pathlib import Path

import av
import numpy as np
import psutil

from benchmarks.shared import finish, heading, in_turns, machine, parser_of, report, timed
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


def speed(folder, count):
    """Yield whether videos are embedded as fast, and with as little of the processor, as by a plain loop."""
    clips = folder / "clips"
    clips.mkdir()
    for seed in range(4):
        render(clips / f"{seed}.mp4", 300, (320, 240), seed=seed)
    for number in range(4, count):
        shutil.copy(clips / f"{number % 4}.mp4", clips / f"{number}.mp4")
    paths = corpus.find_videos(clips)
    plain(paths[:1])
    cores, outs = len(os.sched_getaffinity(0)), itertools.count()

    def embedded(jobs):
        corpus.embed_videos(paths, folder / f"speed_{next(outs)}", n_jobs=jobs, progress=False)

    works = {
        "a plain loop": lambda: plain(paths),
        "embed_videos, n_jobs=1": lambda: embedded(1),
        f"embed_videos, n_jobs={cores}": lambda: embedded(cores),
    }
    runs = in_turns(3, works)
    heading(f"{count} clips of 12 s, best of three", "videos a s", "", "")
    for name, run in runs.items():
        report(name, f"{count / run.seconds:.1f}")
        report("    processor's time a video", f"{run.processor / count:.3f} s")
    loop, one, all_cores = runs.values()
    ratio = one.processor / loop.processor
    yield report("processor's time beside the plain loop's, n_jobs=1", f"{ratio:.2f}", "<= 1.0", ratio <= 1)
    ratio = loop.seconds / all_cores.seconds
    yield report("speed with all cores beside the plain loop's", f"{ratio:.2f}", ">= 1.2", ratio >= 1.2)


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
    """Yield whether memory stays the same over many files, and tell how fast those that are done are passed over."""
    tiny = folder / "tiny"
    tiny.mkdir()
    render(tiny / "0.mp4", 12, (64, 48))
    for number in range(1, count):
        shutil.copy(tiny / "0.mp4", tiny / f"{number}.mp4")
    watch = Watch(folder / "out")
    watch.start()
    embedded = timed(lambda: corpus.embed_videos(tiny, folder / "out", progress=False))
    watch.over.set()
    watch.join()
    early, late = watch.at(count // 4), watch.at(count - 20)
    print()
    heading(f"{count} files of 64x48, memory in MB", "here", "a worker", "")
    for done, (here, worker) in ((count // 4, early), (count - 20, late)):
        report(f"when {done} were done", f"{here:.1f}", peer=f"{worker:.1f}")
    grown = max(np.subtract(late, early))
    yield report("memory grows, here or in a worker, by", f"{grown:.1f} MB", "<= 15 MB", grown <= 15)
    report("files a second", f"{count / embedded.seconds:.0f}")
    again = timed(lambda: corpus.embed_videos(tiny, folder / "out", progress=False)).seconds
    report("a run that has nothing left to do", f"{again:.2f} s")
    report("    a video", f"{1e3 * again / count:.2f} ms")


def loading(many):
    """Yield whether vectors are loaded soon enough; beside it a loop over numpy.load, which checks nothing."""
    files = sorted(many.glob("*.npz"))
    count = len(files)

    def loop():
        vectors = []
        for path in files:
            with np.load(path) as archive:
                vectors.append(archive["embeddings"].mean(axis=0))
        np.stack(vectors)

    runs = in_turns(3, {"loop": loop, "ours": lambda: corpus.load_embeddings(many)})
    ours, peer = (1e3 * runs[name].processor / count for name in ("ours", "loop"))
    print()
    heading(f"loading {count} files, processor's time")
    row = "load_embeddings, a video (peer: numpy.load)", f"{ours:.2f} ms", "<= 1 ms", ours <= 1
    yield report(*row, peer=f"{peer:.2f} ms", ratio=f"{ours / peer:.1f}")


def main():
    quick = parser_of(__doc__, "fewer videos").parse_args().quick
    print(f"{machine()}\n")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        kept = [*speed(folder, 16 if quick else 48), *memory(folder, 600 if quick else 10_000)]
        kept += loading(folder / "out")
    return finish(kept)


if __name__ == "__main__":
    sys.exit(main())
