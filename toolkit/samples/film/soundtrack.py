"""The sound of the sample film: a room tone for each place, a voice for each person, and what drives by."""

import numpy as np
from scipy import signal

from toolkit.samples.film.script import FPS, syllables

RATE = 24_000

# Formants of the vowels a e i o u, in Hz
_FORMANTS = ((730, 1090, 2440), (530, 1840, 2480), (270, 2290, 3010), (570, 840, 2410), (300, 870, 2240))

# Room tone: band of the noise in Hz, its loudness, and the sounds in it: (Hz, seconds long, a second, loudness)
_TONES = {
    "street": ((60, 900), 0.030, (220, 0.5, 0.25, 0.02)),
    "park": ((400, 5000), 0.010, (3400, 0.12, 1.6, 0.03)),
    "room": ((80, 400), 0.008, (1900, 0.02, 1.0, 0.03)),
    "kitchen": ((120, 160), 0.014, (900, 0.15, 0.4, 0.02)),
    "cafe": ((250, 1800), 0.022, (4200, 0.08, 0.8, 0.025)),
    "cellar": ((40, 220), 0.016, (1300, 0.2, 0.5, 0.04)),
}


def soundtrack(script):
    """Return the film's sound, float32 `(n,)` in [-1, 1] at RATE, as long as its pictures."""
    generator = np.random.default_rng([script.seed, 3])
    total = round(script.shots[-1].end / FPS * RATE)
    sound = np.zeros(total)
    for first, last, place, _ in script.scenes:
        start, end = (round(frame / FPS * RATE) for frame in (script.shots[first].start, script.shots[last].end))
        sound[start:end] += _room_tone(script.places[place].kind, end - start, generator)
    for line in script.lines:
        start = round(line.start * RATE)
        voice = _voice(line, script.people[line.person].pitch, generator)[: total - start]
        sound[start : start + len(voice)] += voice
    for shot in script.shots:
        for kind, frame, _ in shot.events:
            if kind == "lorry":
                _add_rumble(sound, round(frame / FPS * RATE), generator)
    return np.clip(sound, -1, 1).astype(np.float32)


def _room_tone(kind, length, generator):
    (low, high), level, (pitch, seconds, rate, loudness) = _TONES[kind]
    band = signal.butter(2, (low, high), "bandpass", fs=RATE, output="sos")
    noise = signal.sosfilt(band, generator.normal(size=length))
    noise *= level / (noise.std() + 1e-9)
    ring = np.arange(round(seconds * RATE)) / RATE
    for start in np.cumsum(generator.exponential(1 / rate, int(rate * length / RATE) + 1)):
        at = round(start * RATE)
        bend = pitch * generator.uniform(0.85, 1.15)
        chime = loudness * np.exp(-4 * ring / seconds) * np.sin(2 * np.pi * bend * ring)
        if at + len(chime) < length:
            noise[at : at + len(chime)] += chime
    # A short fade at both ends, so that a cut does not click
    fade = np.minimum(1, np.minimum(np.arange(length), np.arange(length)[::-1]) / (0.01 * RATE))
    return noise * fade


def _voice(line, pitch, generator):
    """Return a line as a voice: pulses of the throat, coloured by the formants of each syllable's vowel."""
    length = round((line.end - line.start) * RATE)
    t = np.arange(length) / RATE
    contour = pitch * (1.08 - 0.16 * t / t[-1] + 0.04 * np.sin(2 * np.pi * 1.7 * t) + 0.01 * generator.normal())
    phase = np.cumsum(contour) / RATE
    source = signal.sawtooth(2 * np.pi * phase) + 0.08 * generator.normal(size=length)
    voice = np.zeros(length)
    size = 1.0 + 0.16 * (pitch > 150)
    for start, seconds, openness, vowel in syllables(line):
        begin, end = round((start - line.start) * RATE), round((start - line.start + seconds) * RATE)
        part = source[begin:end] * np.hanning(len(source[begin:end])) * (0.5 + 0.5 * openness)
        for formant, gain in zip(_FORMANTS[vowel], (1.0, 0.5, 0.25), strict=True):
            peak = signal.iirpeak(min(formant * size, RATE * 0.45), 6, fs=RATE)
            voice[begin:end] += gain * signal.lfilter(*peak, part)
    return 0.36 * voice / (np.abs(voice).max() + 1e-9)


def _add_rumble(sound, middle, generator):
    length = round(1.6 * RATE)
    start = max(0, middle - length // 2)
    part = sound[start : start + length]
    low = signal.butter(2, 300, fs=RATE, output="sos")
    rumble = signal.sosfilt(low, generator.normal(size=len(part))) * np.hanning(len(part))
    part += 0.25 * rumble / (np.abs(rumble).max() + 1e-9)
