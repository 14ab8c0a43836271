"""The sample film: rendered here, with its truth.

It is a short drawn film with what makes real film hard: a hand-held camera, grain, flicker, pans, things
that sweep through the picture, rooms of nearly the same colour, a dark scene, gradual changes. Nothing in it is
borrowed. It is made from a seed, so that its cuts, camera set-ups, dialogues and scenes are known to the frame.

Frames are numbered from 0 at 24 a second; a shot, a scene or a dialogue is the half-open span [start_frame, end_frame).
"""

import json
from concurrent.futures import ThreadPoolExecutor
from fractions import Fraction

import av
import numpy as np
import pandas as pd

from toolkit.checks import check_count
from toolkit.samples.records import SampleFilm
from toolkit.storage import data_folder, load_or_make, progress_bar, write_whole

# part of the key of a rendered film: raise it when anything in it is written, drawn or sounds differently
VERSION = "1"
_THREADS = 2
_QUALITY = 29


def sample_film(seed=0, *, progress=True):
    """Return a rendered film of about two minutes and its truth.

    It is 640x360 at 24 frames a second, H.264 with sound. The first call with a seed renders it, in under a minute; it
    is kept in the toolkit's data folder and rendered anew only when the toolkit draws differently.

    Parameters
    ----------
    seed : int
        The same seed gives the same film, another seed another film: other people, places, order, lengths, words.
    progress : bool
        Show a progress bar while rendering.

    Returns
    -------
    SampleFilm
        The film's path, and its shots, camera set-ups, medium close-ups, dialogues, scenes and subtitles. In the
        scenes, `place` is the number of the location, and `strand` that of the story strand: where two scenes are
        cross-cut, each is in several rows, and these have the same strand.

    Raises
    ------
    ParameterError
        If the seed is not a whole number of at least 0.
    """
    from toolkit.samples.film import script as film_script

    seed = check_count("seed", seed)
    folder = data_folder() / f"sample_film_{seed}"
    key = _rendering_key()
    return load_or_make(
        folder,
        lambda: _load(folder, seed, key),
        lambda made: _render_film(film_script.write_script(seed), made, seed, key, progress),
    )


def _rendering_key():
    """Return a key for what decides how a film looks: the version of its drawing and the libraries used."""
    import cv2

    return f"{VERSION} {cv2.__version__} {np.__version__} {av.__version__}"


def _load(folder, seed, key):
    """Return the film in a folder, or None where there is none or another version of it."""
    try:
        truth = json.loads((folder / f"sample_film_{seed}.json").read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    if truth["key"] != key:
        return None
    return SampleFilm(
        path=folder / f"sample_film_{seed}.mp4",
        shots=pd.DataFrame(truth["shots"]),
        setups=np.array(truth["setups"], dtype=np.int64),
        close_up=np.array(truth["close_up"], dtype=bool),
        dialogues=pd.DataFrame(truth["dialogues"]),
        scenes=pd.DataFrame(truth["scenes"]),
        subtitles=folder / f"sample_film_{seed}.srt",
    )


def _render_film(script, folder, seed, key, progress):
    """Write the film, its subtitles and its truth into an empty folder; the truth last."""
    with write_whole(folder / f"sample_film_{seed}.mp4") as partial:
        _write_video(partial, script, progress=progress)
    with write_whole(folder / f"sample_film_{seed}.srt") as partial:
        partial.write_text(_srt(script), encoding="utf-8")
    with write_whole(folder / f"sample_film_{seed}.json") as partial:
        partial.write_text(json.dumps({"key": key, **_truth(script)}, indent=1), encoding="utf-8")


def _write_video(path, script, *, frames=None, progress=True):
    """Render and encode the first `frames` frames of a script, or all of them.

    Pictures are drawn in this thread and encoded in another one; both leave Python for most of their work.
    """
    from toolkit.samples.film import camera, soundtrack
    from toolkit.samples.film.script import FPS, HEIGHT, WIDTH

    total = script.shots[-1].end if frames is None else frames
    # A fixed number of threads, and no names or dates in the file: the same film is the same bytes
    with av.open(str(path), "w", options={"fflags": "+bitexact"}) as container:
        video = container.add_stream("libx264", rate=FPS)
        video.width, video.height, video.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        video.codec_context.thread_count = _THREADS
        video.options = {"preset": "veryfast", "crf": str(_QUALITY), "g": "120"}
        video.codec_context.flags |= av.codec.context.Flags.bitexact
        audio = container.add_stream("aac", rate=soundtrack.RATE, layout="mono")
        audio.bit_rate = 64_000
        audio.codec_context.flags |= av.codec.context.Flags.bitexact
        with (
            ThreadPoolExecutor(max_workers=1) as encoder,
            progress_bar(
                total=total, description=f"rendering sample film {script.seed}", unit=" frames", progress=progress
            ) as bar,
        ):
            pending = None
            for number, picture in enumerate(camera.render(script, end=total)):
                if pending is not None:
                    pending.result()
                pending = encoder.submit(_encode_picture, container, video, picture, number)
                bar.update()
            pending.result()
        for packet in video.encode():
            container.mux(packet)
        _encode_sound(container, audio, soundtrack.soundtrack(script)[: round(total / FPS * soundtrack.RATE)])


def _encode_picture(container, stream, picture, number):
    import cv2

    from toolkit.samples.film.script import FPS

    frame = av.VideoFrame.from_ndarray(cv2.cvtColor(picture, cv2.COLOR_RGB2YUV_I420), format="yuv420p")
    frame.pts, frame.time_base = number, Fraction(1, FPS)
    for packet in stream.encode(frame):
        container.mux(packet)


def _encode_sound(container, stream, sound):
    from toolkit.samples.film import soundtrack

    for start in range(0, len(sound), 1024):
        frame = av.AudioFrame.from_ndarray(sound[None, start : start + 1024], format="fltp", layout="mono")
        frame.sample_rate = soundtrack.RATE
        frame.pts, frame.time_base = start, Fraction(1, soundtrack.RATE)
        for packet in stream.encode(frame):
            container.mux(packet)
    for packet in stream.encode():
        container.mux(packet)


def _truth(script):
    """Return the tables of a SampleFilm as plain lists and dicts."""
    from toolkit.samples.film.script import FPS

    first_seen = {}
    for shot in script.shots:
        first_seen.setdefault(shot.setup, len(first_seen))
    places = {}
    for _, _, place, _ in script.scenes:
        places.setdefault(place, len(places))
    strands = {}
    for *_, strand in script.scenes:
        strands.setdefault(strand, len(strands))

    def span(first, last):
        start, end = script.shots[first].start, script.shots[last].end
        return {"start": start / FPS, "end": end / FPS, "start_frame": start, "end_frame": end}

    return {
        "shots": [
            {
                "start_frame": shot.start,
                "end_frame": shot.end,
                "start": shot.start / FPS,
                "end": shot.end / FPS,
                "transition": shot.transition,
                "transition_start_frame": shot.change[0],
                "transition_end_frame": shot.change[1],
            }
            for shot in script.shots
        ],
        "setups": [first_seen[shot.setup] for shot in script.shots],
        "close_up": [script.setups[shot.setup].framing == "close" for shot in script.shots],
        "dialogues": [
            {**span(first, last), "speaker_a": first_seen[a], "speaker_b": first_seen[b], "inserts": inserts}
            for first, last, a, b, inserts in script.dialogues
        ],
        "scenes": [
            {
                **span(first, last),
                "first_shot": first,
                "last_shot": last,
                "place": places[place],
                "strand": strands[strand],
            }
            for first, last, place, strand in script.scenes
        ],
    }


def _srt(script):
    """Return what is said as a .srt file."""

    def clock(seconds):
        milliseconds = round(seconds * 1000)
        hours, rest = divmod(milliseconds, 3_600_000)
        minutes, rest = divmod(rest, 60_000)
        return f"{hours:02d}:{minutes:02d}:{rest // 1000:02d},{rest % 1000:03d}"

    cues = [
        f"{number}\n{clock(line.start)} --> {clock(line.end)}\n{line.text}\n"
        for number, line in enumerate(script.lines, start=1)
    ]
    return "\n".join(cues)
