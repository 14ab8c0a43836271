"""The captions of the sample corpus, as hurried people write them: short, overlapping, some wrong, some misspelt.

What is said of a clip is put together from phrases, which are in captions.toml. Most captions name what the clip's kind
is about, others only hint at it, and some fit any clip. Now and then one speaks of another kind, because someone in the
clip does, or because who wrote it was at another clip.
"""

import tomllib
from pathlib import Path

_PHRASES = tomllib.loads(Path(__file__).with_suffix(".toml").read_text(encoding="utf-8"))
KINDS = _PHRASES["kinds"]
# the noun of each kind
NOUNS = {kind: kind for kind in KINDS}
_PEOPLE = [*_PHRASES["people"]["one"], *_PHRASES["people"]["many"]]

# shares of captions: of another kind's clip; that fit any clip; that only speak of another kind; that only hint at
# theirs; with a slip of the keys
WRONG_SHARE, ANY_CLIP_SHARE, OTHER_KIND_SHARE, HINT_SHARE, SLIP_SHARE = 1 / 12, 0.17, 0.05, 0.16, 0.1


def write_captions(kind, rng, count=5):
    """Return `count` captions of a clip of a kind, no two the same, at most one of them wrong."""
    others = [other for other in KINDS if other != kind]
    wrong = int(rng.integers(count)) if rng.random() < count * WRONG_SHARE else -1
    captions = []
    while len(captions) < count:
        about = _one_of(rng, others) if len(captions) == wrong else kind
        chance, form = rng.random(), "kind"
        if about == kind:
            if chance < ANY_CLIP_SHARE:
                form = "any_clip"
            elif chance < ANY_CLIP_SHARE + OTHER_KIND_SHARE:
                form = "other_kind"
            elif chance < ANY_CLIP_SHARE + OTHER_KIND_SHARE + HINT_SHARE:
                form = "hint"
        template = _one_of(rng, _PHRASES["templates"][form])
        caption = _fill(template, _one_of(rng, others) if form == "other_kind" else about, rng)
        if rng.random() < SLIP_SHARE:
            caption = _misspell(caption, rng)
        if caption not in captions:
            captions.append(caption)
    return captions


def _fill(template, kind, rng):
    phrases, many = KINDS[kind], _PHRASES["people"]["many"]
    who, other = (_PEOPLE[i] for i in rng.permutation(len(_PEOPLE))[:2])
    thing, thing2 = (phrases["things"][i] for i in rng.permutation(len(phrases["things"]))[:2])
    text = template.format(
        who=who,
        who2=other,
        is_="are" if who in many else "is",
        is2="are" if other in many else "is",
        anything=_one_of(rng, _PHRASES["anything"]),
        action=_one_of(rng, phrases["actions"]),
        place=_one_of(rng, phrases["places"]),
        noun=kind,
        adjective=_one_of(rng, phrases["adjectives"]),
        thing=thing,
        thing2=thing2,
    )
    for slip, right in (("a exciting", "an exciting"), ("a empty", "an empty"), ("a football with", "football with")):
        text = text.replace(slip, right)
    return text


def _misspell(text, rng):
    """Return a text in which two letters of a word are swapped, or one is missing or doubled."""
    words = text.split()
    long = [place for place, word in enumerate(words) if len(word) > 3]
    place = long[rng.integers(len(long))]
    word = words[place]
    i, slip = int(rng.integers(1, len(word) - 1)), rng.integers(3)
    words[place] = (
        word[:i] + word[i + 1] + word[i] + word[i + 2 :],
        word[:i] + word[i + 1 :],
        word[:i] + word[i] + word[i:],
    )[slip]
    return " ".join(words)


def _one_of(rng, choices):
    return choices[rng.integers(len(choices))]
