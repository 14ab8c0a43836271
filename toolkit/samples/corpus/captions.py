"""The captions of the sample corpus, as hurried people write them: short, overlapping, some wrong, some misspelt.

What is said of a clip is put together from phrases. Most captions name what the clip's kind is about, others only hint
at it, and some fit any clip. Now and then one speaks of another kind, because someone in the clip does, or because who
wrote it was at another clip.
"""

PEOPLE = (
    "a man", "a woman", "a person", "someone", "a young man", "a young woman", "a boy", "a girl", "an old man", "a guy",
    "a lady", "two men", "two women", "people", "some people", "a group of people", "a couple", "a family",
)  # fmt: skip
PLURAL = {"two men", "two women", "people", "some people", "a group of people", "a couple", "a family"}

# what anyone may be doing anywhere: the verb's stem with -ing, and what follows it
ANYTHING = (
    "talking", "standing", "walking", "talking to each other", "looking at something", "talking to the camera",
    "explaining something", "standing and talking", "moving around", "having a conversation", "showing something",
    "looking around", "waiting for someone",
)  # fmt: skip
ANY_CLIP = (
    "{who} {is_} {anything}",
    "a video of {who} {anything}",
    "{who} {is_} {anything} while music is playing",
    "there is music and {who} {anything}",
    "this is a clip of {who} {anything}",
    "{who} {is_} {anything} and {who2} {is2} watching",
)
# of other kinds, of which one only speaks
SPOKEN = (
    "{who} {is_} talking about the {noun}",
    "{who} {is_} telling a story about a {noun}",
    "{who} {is_} {anything} before going to the {noun}",
)
NAMED = (
    "{who} {is_} {action} {place}",
    "{who} {is_} {anything} {place}",
    "{who} {action} {place}",
    "a {adjective} {noun} with {thing}",
    "{thing} and {thing2} {place}",
    "a video of {who} {action} {place}",
    "the camera shows a {adjective} {noun} and {who} {action}",
    "there is {thing} {place}",
    "a scene of a {noun} where {who} {is_} {action}",
    "{who} {is_} {anything} {place} with {thing}",
)
HINTED = (
    "{who} {is_} {action}",
    "{who} {is_} {action} near {thing}",
    "{thing} and {thing2} can be seen",
    "a clip of {who} {action} next to {thing}",
)

# of each kind: its noun, where one is, what one does there, what is there, and what it is like
KINDS = {
    "beach": (
        "beach",
        ("on the beach", "at the beach", "along the beach", "on a sandy beach", "near the water at the beach"),
        (
            "walking in the sand", "watching the waves", "enjoying the sun", "relaxing by the sea", "strolling",
            "looking at the ocean", "lying under an umbrella", "standing near the water",
        ),
        ("waves", "umbrellas", "the sea", "sand", "the ocean", "a red umbrella", "sunshine", "the shore", "blue water"),
        ("sunny", "sandy", "crowded", "beautiful", "quiet"),
    ),
    "kitchen": (
        "kitchen",
        ("in the kitchen", "in a kitchen", "in her kitchen", "in the kitchen at home", "in a small kitchen"),
        (
            "cooking", "preparing food", "stirring a pot", "making soup", "preparing a dish", "boiling water",
            "cooking dinner", "adding ingredients to a pot", "explaining a recipe", "mixing ingredients",
        ),
        ("a stove", "pots", "cupboards", "a pan", "a fridge", "ingredients", "a hot stove", "food", "the counter"),
        ("clean", "small", "modern", "bright", "busy"),
    ),
    "road": (
        "road",
        ("on the road", "down the road", "along a road", "on a country road", "on an empty road"),
        (
            "driving", "driving a car", "driving fast", "passing another car", "traveling", "driving past fields",
            "riding in a car", "speeding", "driving towards the hills",
        ),
        ("a car", "cars", "a red car", "traffic", "fields", "white lines", "hills", "a vehicle", "telephone poles"),
        ("long", "straight", "empty", "dusty", "rural"),
    ),
    "football": (
        "football",
        (
            "on the football pitch", "in a football match", "during a football game", "at a football stadium",
            "on a football field",
        ),
        (
            "playing football", "running after the ball", "kicking the ball", "playing a game", "chasing the ball",
            "running on the grass", "trying to score a goal", "passing the ball", "playing a match",
        ),
        ("players", "a ball", "the goal", "fans", "two teams", "a big crowd", "green grass", "the stadium", "a player"),
        ("exciting", "professional", "local", "fast"),
    ),
    "city": (
        "city",
        ("in the city", "in the city at night", "in a big city", "through the city", "on a city street at night"),
        (
            "walking at night", "crossing the street", "looking at the lights", "driving by night", "walking home late",
            "waiting for a taxi", "passing tall buildings", "looking at the skyline",
        ),
        (
            "tall buildings", "lights", "a neon sign", "street lamps", "headlights", "bright windows", "a skyline",
            "night traffic", "skyscrapers",
        ),
        ("dark", "busy", "modern", "big", "bright"),
    ),
    "forest": (
        "forest",
        ("in the forest", "through the forest", "in a forest", "in a dark forest", "on a path in the forest"),
        (
            "walking between the trees", "hiking", "exploring nature", "looking for mushrooms", "walking in the woods",
            "wandering", "watching birds", "walking under the trees", "hiding behind a tree",
        ),
        ("trees", "tall trees", "leaves", "a tree", "ferns", "sunlight", "grass", "green leaves", "old trunks"),
        ("deep", "green", "dense", "dark", "quiet"),
    ),
}  # fmt: skip
NOUNS = {kind: phrases[0] for kind, phrases in KINDS.items()}

# shares of captions: of another kind's clip; that fit any clip; that only speak of another kind; that do not name their
# noun; with a slip of the keys
WRONG, GENERAL, BESIDE, UNNAMED, MISSPELT = 1 / 12, 0.17, 0.05, 0.16, 0.1


def write_captions(kind, rng, count=5):
    """Return `count` captions of a clip of a kind, no two the same, at most one of them wrong."""
    others = [other for other in KINDS if other != kind]
    wrong = int(rng.integers(count)) if rng.random() < count * WRONG else -1
    captions = []
    while len(captions) < count:
        about = others[rng.integers(len(others))] if len(captions) == wrong else kind
        chance = rng.random()
        if about != kind:
            caption = _fill(_one_of(rng, NAMED), about, rng)
        elif chance < GENERAL:
            caption = _fill(_one_of(rng, ANY_CLIP), about, rng)
        elif chance < GENERAL + BESIDE:
            caption = _fill(_one_of(rng, SPOKEN), others[rng.integers(len(others))], rng)
        elif chance < GENERAL + BESIDE + UNNAMED:
            caption = _fill(_one_of(rng, HINTED), about, rng)
        else:
            caption = _fill(_one_of(rng, NAMED), about, rng)
        if rng.random() < MISSPELT:
            caption = _misspell(caption, rng)
        if caption not in captions:
            captions.append(caption)
    return captions


def _fill(template, kind, rng):
    noun, places, actions, things, adjectives = KINDS[kind]
    who, other = (PEOPLE[i] for i in rng.permutation(len(PEOPLE))[:2])
    thing, thing2 = (things[i] for i in rng.permutation(len(things))[:2])
    text = template.format(
        who=who,
        who2=other,
        is_="are" if who in PLURAL else "is",
        is2="are" if other in PLURAL else "is",
        anything=_one_of(rng, ANYTHING),
        action=_one_of(rng, actions),
        place=_one_of(rng, places),
        noun=noun,
        adjective=_one_of(rng, adjectives),
        thing=thing,
        thing2=thing2,
    )
    return (
        text.replace("a exciting", "an exciting")
        .replace("a empty", "an empty")
        .replace("a football with", "football with")
    )


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
