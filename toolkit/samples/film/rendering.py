"""The sample film: rendered here, with its truth.

It is a short drawn film with what makes real film hard: a hand-held camera, grain, flicker, pans, things
that sweep through the picture, rooms of nearly the same colour, a dark scene, gradual changes. Nothing in it is
borrowed. It is made from a seed, so that its cuts, camera set-ups, dialogues and scenes are known to the frame.

Frames are numbered from 0 at 24 a second; a shot, a scene or a dialogue is the half-open span [start_frame, end_frame).
"""

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from fractions import Fraction

import av
import numpy as np
import pandas as pd

from toolkit.checks import check_count
from toolkit.samples.files import new_video, read_truth, write_picture, write_truth
from toolkit.samples.records import SampleFilm
from toolkit.storage import data_folder, load_or_make, progress_bar

# part of the key of a rendered film: raise it when anything in it is written, drawn or sounds differently
VERSION = "1"
_THREADS = 2
_QUALITY = 29
_SPAN = ("start", "end", "start_frame", "end_frame")


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
    return load_or_make(
        folder,
        lambda: _load(folder, seed),
        lambda partial: _render_film(film_script.write_script(seed), partial, progress),
    )


def _load(folder, seed):
    """Return the film in a folder, or None where there is none or another version of it."""
    truth = read_truth(folder / f"sample_film_{seed}.json", VERSION)
    if truth is None:
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


def _render_film(script, folder, progress):
    """Write the film, its subtitles and its truth into an empty folder."""
    path = folder / f"sample_film_{script.seed}.mp4"
    _write_video(path, script, progress=progress)
    path.with_suffix(".srt").write_text(_srt(script), encoding="utf-8")
    write_truth(path.with_suffix(".json"), VERSION, _truth(script))


def _write_video(path, script, *, frames=None, progress=True):
    """Render and encode the first `frames` frames of a script, or all of them.

    Pictures are drawn in this thread and encoded in another one; both leave Python for most of their work.
    """
    from toolkit.samples.film import camera, soundtrack
    from toolkit.samples.film.script import FPS, HEIGHT, WIDTH

    total = script.shots[-1].end if frames is None else frames
    options = {"crf": str(_QUALITY), "g": "120"}
    with new_video(path, (WIDTH, HEIGHT), FPS, threads=_THREADS, options=options) as (container, video):
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
                pending = encoder.submit(write_picture, container, video, picture, number)
                bar.update()
            pending.result()
        container.mux(video.encode())
        _encode_sound(container, audio, soundtrack.soundtrack(script)[: round(total / FPS * soundtrack.RATE)])


def _encode_sound(container, stream, sound):
    from toolkit.samples.film import soundtrack

    for start in range(0, len(sound), 1024):
        frame = av.AudioFrame.from_ndarray(sound[None, start : start + 1024], format="fltp", layout="mono")
        frame.sample_rate = soundtrack.RATE
        frame.pts, frame.time_base = start, Fraction(1, soundtrack.RATE)
        container.mux(stream.encode(frame))
    container.mux(stream.encode())


def _truth(script):
    """Return the tables of a SampleFilm as plain lists and dicts."""
    from toolkit.samples.film.script import FPS

    setups = _numbers(shot.setup for shot in script.shots)
    places = _numbers(place for *_, place, _ in script.scenes)
    strands = _numbers(strand for *_, strand in script.scenes)

    def span(first, last):
        start, end = script.shots[first].start, script.shots[last].end
        return start / FPS, end / FPS, start, end

    return {
        "shots": _rows(
            (*_SPAN[2:], *_SPAN[:2], "transition", "transition_start_frame", "transition_end_frame"),
            (
                (shot.start, shot.end, shot.start / FPS, shot.end / FPS, shot.transition, *shot.change)
                for shot in script.shots
            ),
        ),
        "setups": [setups[shot.setup] for shot in script.shots],
        "close_up": [script.setups[shot.setup].framing == "close" for shot in script.shots],
        "dialogues": _rows(
            (*_SPAN, "speaker_a", "speaker_b", "inserts"),
            ((*span(first, last), setups[a], setups[b], inserts) for first, last, a, b, inserts in script.dialogues),
        ),
        "scenes": _rows(
            (*_SPAN, "first_shot", "last_shot", "place", "strand"),
            (
                (*span(first, last), first, last, places[place], strands[strand])
                for first, last, place, strand in script.scenes
            ),
        ),
    }


def _numbers(values):
    """Return for each value its number in order of first sight."""
    return {value: number for number, value in enumerate(dict.fromkeys(values))}


def _rows(columns, rows):
    return [dict(zip(columns, row, strict=True)) for row in rows]


def _srt(script):
    """Return what is said as a .srt file."""

    def clock(seconds):
        time = datetime.min + timedelta(milliseconds=round(seconds * 1000))
        return f"{time:%H:%M:%S},{time.microsecond // 1000:03d}"

    cues = [
        f"{number}\n{clock(line.start)} --> {clock(line.end)}\n{line.text}\n"
        for number, line in enumerate(script.lines, start=1)
    ]
    return "\n".join(cues)
