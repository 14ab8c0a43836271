"""A sentence encoder that is quick and known, for tests of what is done with vectors."""

import re

import numpy as np

# each word that was met, and its place
PLACES = {}
DIMENSIONS = 4096


class WordVectors:
    """How often each word stands in a text; remembers what it was given."""

    def __init__(self, cache_key=None, fail_after=None):
        if cache_key is not None:
            self.cache_key = cache_key
        self.fail_after = fail_after
        self.given = []

    def __call__(self, texts):
        if self.fail_after is not None and len(self.given) >= self.fail_after:
            raise KeyboardInterrupt
        self.given += texts
        vectors = np.zeros((len(texts), DIMENSIONS))
        for text, vector in zip(texts, vectors, strict=True):
            for word in re.findall(r"\w+", text.lower()):
                vector[PLACES.setdefault(word, len(PLACES))] += 1
        return vectors
