"""The sample corpus: short clips of six kinds, rendered here, with captions.

It stands for a collection such as MSR-VTT, whose clips are each told in a few captions by people who were paid by the
piece. What belongs together is known: a beach is a beach at any hour, with whoever is on it. Clips of a kind differ in
where things stand, in colours, light, haze and the camera's way, so much that the mean colour of a clip does not tell
its kind. `toolkit.samples.corpus.places` has the pictures, `toolkit.samples.corpus.captions` the words.
"""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pandas as pd

from toolkit.checks import check_count
from toolkit.samples.corpus import captions as clip_captions
from toolkit.samples.files import new_video, read_truth, write_picture, write_truth
from toolkit.samples.records import SampleCorpus
from toolkit.storage import data_folder, load_or_make, progress_bar
from toolkit.tables import write_csv

# part of the key of a rendered corpus: raise it when its clips or captions are made differently
VERSION = "1"
SIZE, FPS = (160, 120), 12
# fewest and most
CLIPS_PER_KIND = (10, 13)
SECONDS = (2.0, 4.0)
QUALITY = 24
# factors of the light, red, green and blue: by day, at evening, in the morning, under clouds, in the shade
LIGHTS = ((1.0, 1.0, 1.0), (1.07, 0.97, 0.84), (0.94, 0.99, 1.07), (0.88, 0.9, 0.92), (0.8, 0.81, 0.83))
GRAIN = 4.0


def sample_corpus(seed=0, *, progress=True):
    """Return clips of six kinds with captions, and what they are.

    There are 60 to 78 clips of 2 to 4 seconds, 160x120 at 12 frames a second, H.264 without sound, in no order, and
    five captions of each. About one caption in twelve belongs to a clip of another kind, one in ten is misspelt, and
    one in six would fit any clip. The first call with a seed renders the corpus, in under half a minute; it is kept in
    the toolkit's data folder and rendered anew only when the toolkit draws differently.

    Parameters
    ----------
    seed : int
        The same seed gives the same corpus, another seed another one.
    progress : bool
        Show a progress bar while rendering.

    Returns
    -------
    SampleCorpus
        The folder with the clips and `captions.csv`; the clips' names, paths and kinds; their captions; and for each
        kind the noun that its captions are about.

    Raises
    ------
    ParameterError
        If the seed is not a whole number of at least 0.
    """
    seed = check_count("seed", seed)
    folder = data_folder() / f"sample_corpus_{seed}"
    return load_or_make(folder, lambda: _load(folder), lambda partial: _render(partial, seed, progress))


def _load(folder):
    """Return the corpus in a folder, or None where there is none or another version of it."""
    truth = read_truth(folder / "corpus.json", VERSION)
    if truth is None:
        return None
    videos = pd.DataFrame(
        {
            "video_id": list(truth["kinds"]),
            "path": [folder / f"{video_id}.mp4" for video_id in truth["kinds"]],
            "kind": list(truth["kinds"].values()),
        }
    )
    return SampleCorpus(folder, videos, truth["captions"], dict(clip_captions.NOUNS))


def _render(folder, seed, progress):
    """Write the clips, their captions and their kinds into an empty folder."""
    from toolkit.samples.corpus import places

    rng = np.random.default_rng((seed, 0))
    counts = rng.integers(*CLIPS_PER_KIND, len(places.PAINTERS), endpoint=True)
    kinds = rng.permutation(np.repeat(list(places.PAINTERS), counts)).tolist()
    kind_of = {f"video{number}": kind for number, kind in enumerate(kinds)}
    captions = {
        video_id: clip_captions.write_captions(kind, np.random.default_rng((seed, 1, number)))
        for number, (video_id, kind) in enumerate(kind_of.items())
    }

    def render(number):
        _write_clip(folder / f"video{number}.mp4", kinds[number], np.random.default_rng((seed, 2, number)))

    # drawing and encoding leave Python for most of their work
    with (
        ThreadPoolExecutor(max_workers=2) as pool,
        progress_bar(
            total=len(kinds), description=f"rendering sample corpus {seed}", unit="clip", progress=progress
        ) as bar,
    ):
        for _ in pool.map(render, range(len(kinds))):
            bar.update()
    rows = [(video_id, caption) for video_id, texts in captions.items() for caption in texts]
    write_csv(folder / "captions.csv", pd.DataFrame(rows, columns=["video_id", "caption"]))
    write_truth(folder / "corpus.json", VERSION, {"kinds": kind_of, "captions": captions})


def _frames(kind, rng):
    """Yield the frames of a clip."""
    import cv2

    from toolkit.samples.corpus import pictures, places

    place, move = places.PAINTERS[kind](rng)
    mirrored = rng.random() < 0.5
    n = round(rng.uniform(*SECONDS) * FPS)
    start, end = rng.uniform(0.4, 0.6, (2, 2))
    width, closer = rng.uniform(0.78, 0.95), rng.uniform(-0.1, 0.1)
    shake = rng.uniform(0.0, 0.006)
    drift = np.cumsum(rng.normal(0, shake, (n, 2)), axis=0)
    tint = np.asarray(LIGHTS[rng.integers(len(LIGHTS))]) * rng.uniform(0.93, 1.05)
    haze = rng.uniform(0, 0.2) if rng.random() < 0.3 else 0.0
    for number in range(n):
        time = number / (n - 1)
        picture = place.copy()
        move(picture, time)
        canvas = cv2.flip(picture.canvas, 1) if mirrored else picture.canvas
        center = (1 - time) * start + time * end + drift[number]
        view = pictures.view(canvas, center, np.clip(width + closer * time, 0.7, 1), SIZE, tint, haze)
        grain = rng.normal(0, GRAIN, (SIZE[1], SIZE[0], 1))
        yield np.clip(view + grain, 0, 255).astype(np.uint8)


def _write_clip(path, kind, rng):
    # with a look ahead, x264 chooses otherwise from time to time for pictures as small as these
    options = {"crf": str(QUALITY), "rc-lookahead": "0"}
    with new_video(path, SIZE, FPS, threads=1, options=options) as (container, stream):
        for number, frame in enumerate(_frames(kind, rng)):
            write_picture(container, stream, frame, number)
        container.mux(stream.encode())
