"""Movies made to measure scene models on: vectors of shots and the scenes that they were drawn from.

They have the format of the eluv.io challenge on MovieScenes and are meant to be as hard as its movies. Nothing in them
is borrowed; each is drawn from its seed:

1. A movie gets a length and scenes. Scenes differ widely in length; about 8 shots in 100 are the last of theirs.
2. Scenes have a place and a cast. A scene may return to a place seen before, stay in the place of the one before, or be
   cross-cut with it; of its cast about half were in the scene before. A third of the longer scenes move on, without a
   boundary, to another place or two.
3. A scene is filmed from a few camera set-ups, between which its shots go back and forth; old ones are given up for new
   ones, in some scenes at almost every shot. Each set-up is a view of the place with a person of the cast, or none, in
   it. Views of a place differ more than places do: the shots on both sides of a boundary are hardly further apart than
   shot and counter-shot. What tells scenes apart is rather that set-ups come back within a scene, and not after it.
4. The place of a shot is its view and the light; its cast is the person in it, or nobody; its action is how lively the
   scene is, and a mood that cares for no scene; its sound is that of the place, the voice of who speaks, and music. The
   sound of a place may begin a few shots early or late.
5. Each vector is given noise, whose strength is another for every movie, modality and shot and drifts through the
   movie. Now and then for a whole stretch a modality lies: it holds still, or is of another part of the movie, or is
   noise alone. For other stretches, and in a few movies throughout, it is missing: 0. Stretches begin and end without
   regard to scenes.
6. What came about, in 8 to 16 dimensions, is turned into as many columns as are wanted by a projection that is the
   same for all movies and seeds, as a network's would be; with fewer columns some of it is lost.
7. Shots get lengths: those of a scene have a tempo, which says little.

A single shot says nothing of boundaries, and neither does the order, the length or the norm of anything. Distances
between neighbours rank boundaries at a mean average precision of 0.13 to 0.17, where chance is 0.08; logistic
regression on windows of them does at about 0.23, a network that compares all shots around at about 0.5
(benchmarks/samples/movies_hardness.py).
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from toolkit.checks import check_choice, check_count
from toolkit.errors import ParameterError
from toolkit.records import Movie

SIZES = {
    "small": {"place": 32, "cast": 16, "action": 16, "audio": 16},
    "full": {"place": 2048, "cast": 512, "action": 512, "audio": 512},
}

# dimensions of what is drawn, before it is turned into columns
_DIMENSIONS = {"place": 16, "cast": 16, "action": 8, "audio": 12}
# strength of the noise beside what it is added to, which has a variance of about 1 in each dimension
_NOISE = {"place": 0.7, "cast": 0.6, "action": 1.6, "audio": 0.7}
_SCENE_LENGTH = 12.5
_VIEWS = 8


def sample_movies(n=64, seed=0, *, shots=(600, 3100), dims="small") -> list[Movie]:
    """Return movies whose scenes are known, about as hard to segment as real ones.

    How they are made is said at the head of `toolkit.samples.movies`.

    Parameters
    ----------
    n : int
        Number of movies, at least 1. Movie k of a seed is the same however many are made.
    seed : int
        The same seed gives the same movies, another seed others.
    shots : (int, int)
        Fewest and most shots of a movie, from 2; between them short movies are likelier than long ones.
    dims : {"small", "full"} or dict
        Columns of each modality: "small" is place 32, cast 16, action 16 and audio 16; "full" the challenge's 2048,
        512, 512 and 512; or a dict of some of these names, for example ``{"place": 4, "audio": 4}``. 64 movies of the
        default length take 30 MB of memory if small and 1.4 GB if full: `iter_sample_movies` makes one at a time.

    Returns
    -------
    list of Movie
        Sorted by imdb_id, with features, boundaries and shot_end_frame (24 frames a second).

    Raises
    ------
    ParameterError
        If an argument is out of range.
    """
    return list(iter_sample_movies(n, seed, shots=shots, dims=dims))


def iter_sample_movies(n=64, seed=0, *, shots=(600, 3100), dims="small") -> Iterator[Movie]:
    """Yield the movies that `sample_movies` returns, each made when it is asked for.

    Parameters, what is yielded and errors are those of `sample_movies`; errors come at the call.
    """
    n = check_count("n", n, at_least=1)
    seed = check_count("seed", seed)
    shots = _check_shots(shots)
    dims = _check_dims(dims)
    return (_movie(number, seed, shots, dims) for number in range(n))


def _check_shots(shots):
    if not isinstance(shots, (tuple, list)) or len(shots) != 2:
        raise ParameterError(
            f"shots must be the fewest and the most of a movie, such as (600, 3100); got {shots!r:.80}"
        )
    fewest = check_count("the fewest shots", shots[0], at_least=2)
    return fewest, check_count("the most shots", shots[1], at_least=fewest)


def _check_dims(dims):
    if isinstance(dims, str):
        return SIZES[check_choice("dims", dims, tuple(SIZES))]
    if not isinstance(dims, dict) or not dims or not set(dims) <= set(_DIMENSIONS):
        raise ParameterError(
            f'dims must be "small", "full" or a dict of columns for some of {", ".join(_DIMENSIONS)}; got {dims!r:.80}'
        )
    return {name: check_count(f"dims[{name!r}]", dims[name], at_least=1) for name in _DIMENSIONS if name in dims}


@dataclass(frozen=True)
class _Script:
    """What each shot of a movie shows; all are ndarrays of int, (n_shots,), numbered from 0.

    Attributes
    ----------
    scene, leg
        A scene that moves on to another place has several legs.
    place, view
        Where it is filmed, and from where this is seen.
    person
        Who is in the shot, -1 for nobody.
    """

    scene: np.ndarray
    leg: np.ndarray
    place: np.ndarray
    view: np.ndarray
    person: np.ndarray


def _movie(number, seed, shots, dims):
    # one stream a part: how a movie looks in one modality does not depend on which others are asked for
    streams = np.random.SeedSequence([seed, number]).spawn(2 + len(_DIMENSIONS))
    rng = np.random.default_rng(streams[0])
    fewest, most = shots
    n_shots = min(most, int(fewest * ((most + 1) / fewest) ** rng.beta(2, 2)))
    script = _script(rng, n_shots)
    tempo = np.exp(rng.normal(0, 0.25, script.scene[-1] + 1))
    lengths = 8 + np.exp(rng.normal(4, 0.7, n_shots)) * tempo[script.scene]
    people = np.random.default_rng(streams[1]).normal(size=(script.person.max() + 2, _DIMENSIONS["cast"]))
    features = {}
    for (name, draw), stream in zip(_CONTENT.items(), streams[2:], strict=True):
        if name in dims:
            rng = np.random.default_rng(stream)
            content = draw(rng, script, people)
            features[name] = _columns(rng, name, _with_noise(rng, content, _NOISE[name]), dims[name])
    return Movie(
        imdb_id=f"sample-{seed}-{number:05d}",
        features=features,
        boundaries=np.diff(script.scene) > 0,
        shot_end_frame=np.cumsum(lengths.astype(np.int64)) - 1,
    )


def _script(rng, n_shots):
    """Draw a movie's scenes, their places and casts, and what each shot shows."""
    scene = _scenes(rng, n_shots)
    n_scenes = scene[-1] + 1
    n_places, n_people = max(3, n_scenes // 4), 6 + n_scenes // 8
    places, casts = [], []
    shots, cross_cuts = [], 0
    for length in np.bincount(scene):
        if cross_cuts == 0 and len(places) > 1 and rng.random() < 0.06:
            cross_cuts = rng.integers(2, 6)
        if cross_cuts:
            cross_cuts -= 1
            places.append(places[-2])
            casts.append(casts[-2])
        else:
            places.append(_next_place(rng, places, n_places))
            casts.append(_next_cast(rng, casts, n_people))
        place = places[-1]
        for leg in _legs(rng, length):
            setups = _setups(rng, leg)
            n_setups = setups.max() + 1
            people = rng.choice(casts[-1], n_setups)
            people[rng.random(n_setups) < 0.15] = -1
            shots.append((np.full(leg, place), rng.integers(_VIEWS, size=n_setups)[setups], people[setups]))
            place = rng.integers(n_places)
    place, view, person = np.concatenate(shots, axis=1)
    leg = np.repeat(np.arange(len(shots)), [len(part[0]) for part in shots])
    return _Script(scene, leg, place, view, person)


def _legs(rng, length):
    """Return the lengths of a scene's legs: one, or where the scene moves on two or three."""
    count = rng.integers(2, 4) if length >= 6 and rng.random() < 0.35 else 1
    breaks = np.sort(rng.choice(np.arange(2, length - 1), count - 1, replace=False)) if count > 1 else []
    return np.diff([0, *breaks, length])


def _scenes(rng, n_shots):
    """Return the scene of each shot."""
    mean = _SCENE_LENGTH * np.exp(rng.normal(0, 0.2))
    spread = 0.8
    # more than enough of them
    count = 20 + n_shots
    lengths = np.exp(rng.normal(np.log(mean) - spread**2 / 2, spread, count)).round().astype(np.int64)
    return np.repeat(np.arange(count), np.clip(lengths, 1, 150))[:n_shots]


def _next_place(rng, places, n_places):
    chance = rng.random()
    if places and chance < 0.15:
        return places[-1]
    if len(places) > 2 and chance < 0.45:
        return places[-rng.integers(2, min(len(places), 8) + 1)]
    return rng.integers(n_places)


def _next_cast(rng, casts, n_people):
    cast = [person for person in casts[-1] if rng.random() < 0.5] if casts else []
    size = rng.integers(2, 5)
    # the first are the leading parts
    new = (n_people * rng.random(size) ** 2).astype(np.int64)
    return (cast + list(new))[: max(size, len(cast))]


def _setups(rng, n_shots):
    """Return the set-up of each shot of a scene, numbered from 0."""
    in_use = list(range(rng.integers(2, 5)))
    count = len(in_use)
    # some scenes are strings of ever new views; in the others, too, the camera moves on
    renewal = 0.7 if rng.random() < 0.3 else 0.2
    setups = np.empty(n_shots, dtype=np.int64)
    for shot in range(n_shots):
        chance = rng.random()
        if chance < renewal:
            in_use[rng.integers(len(in_use))] = count
            setups[shot], count = count, count + 1
        elif chance > 0.5 and shot > 1:
            setups[shot] = setups[shot - 2]
        else:
            setups[shot] = in_use[rng.integers(len(in_use))]
    return setups


def _place(rng, script, people):
    places = rng.normal(size=(script.place.max() + 1, _DIMENSIONS["place"]))
    views = rng.normal(size=(len(places), _VIEWS, _DIMENSIONS["place"]))
    light = rng.normal(size=(script.leg[-1] + 1, _DIMENSIONS["place"]))
    return 0.45 * places[script.place] + 0.9 * views[script.place, script.view] + 0.2 * light[script.leg]


def _cast(rng, script, people):
    costume = rng.normal(size=(script.scene[-1] + 1, _DIMENSIONS["cast"]))
    return people[script.person] + 0.3 * costume[script.scene]


def _action(rng, script, people):
    n_shots = len(script.scene)
    energy = rng.normal(size=(script.scene[-1] + 1, _DIMENSIONS["action"]))
    mood = np.stack([_drift(rng, n_shots, 12) for _ in range(_DIMENSIONS["action"])], axis=1)
    return 0.8 * energy[script.scene] + 0.7 * mood


def _audio(rng, script, people):
    n_shots, n_legs = len(script.leg), script.leg[-1] + 1
    ambience = rng.normal(size=(n_legs, _DIMENSIONS["audio"]))
    voices = rng.normal(size=(len(people), _DIMENSIONS["audio"]))
    music = rng.normal(size=(n_shots, _DIMENSIONS["audio"]))
    piece = np.cumsum(rng.random(n_shots) < 1 / 15)
    speaker = np.where(rng.random(n_shots) < 0.7, script.person, rng.permutation(script.person))
    # where sound and picture change apart
    late = np.rint(rng.normal(0, 1.5, n_legs)).astype(np.int64)
    shot = np.clip(np.arange(n_shots) - late[script.leg], 0, n_shots - 1)
    return 0.45 * ambience[script.leg[shot]] + 0.6 * voices[speaker] + 0.4 * music[piece]


_CONTENT = {"place": _place, "cast": _cast, "action": _action, "audio": _audio}


def _with_noise(rng, content, strength):
    """Return what is left of `content`, (n_shots, k), under noise, stretches of lies and stretches of nothing."""
    n_shots, width = content.shape
    noise = rng.normal(size=content.shape)
    for start, end in _stretches(rng, n_shots, share=0.25):
        kind = rng.integers(3)
        if kind == 0:
            content[start:end] = content[start]
        elif kind == 1:
            content[start:end] = content[(np.arange(start, end) + rng.integers(n_shots)) % n_shots]
        else:
            content[start:end] = rng.normal(size=(end - start, width))
    level = rng.normal(0, 0.2) + 0.25 * _drift(rng, n_shots) + rng.normal(0, 0.15, n_shots)
    content = content + strength * np.exp(level)[:, None] * noise
    content += 0.4 * np.stack([_drift(rng, n_shots) for _ in range(width)], axis=1)
    content *= np.exp(0.15 * _drift(rng, n_shots) + rng.normal(0, 0.05, n_shots))[:, None]
    if rng.random() < 0.03:
        content[:] = 0
    for start, end in _stretches(rng, n_shots, share=0.06):
        content[start:end] = 0
    return content


def _stretches(rng, n_shots, share):
    """Return spans of shots that cover about `share` of the movie."""
    mean = 50
    count = rng.poisson(share * n_shots / mean)
    starts = rng.integers(0, n_shots, count)
    return [(start, min(n_shots, start + 10 + int(rng.exponential(mean - 10)))) for start in starts]


def _drift(rng, n_shots, pace=100):
    """Return a curve of about unit variance that has another value after `pace` shots."""
    knots = np.arange(0, n_shots + 2 * pace, pace)
    return np.interp(np.arange(n_shots), knots, rng.normal(size=len(knots))) * 1.2


def _columns(rng, name, content, width):
    """Turn (n_shots, k) into float32 (n_shots, width); rows of 0 stay 0."""
    k = content.shape[1]
    # of the name alone, so that movies can be compared and one seed's model works on another's
    lots = np.random.default_rng(list(name.encode()))
    basis = np.linalg.qr(lots.normal(size=(max(k, width), min(k, width))))[0]
    basis = basis.T if width >= k else basis * np.sqrt(k / width)
    columns = content.astype(np.float32) @ basis.astype(np.float32)
    rows = content.any(axis=1)
    # of the same norm, whatever the width
    columns[rows] += (0.3 * np.sqrt(k / width)) * rng.standard_normal((rows.sum(), width), dtype=np.float32)
    return columns
