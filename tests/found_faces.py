"""Faces found anew, and how well they fit the truth."""

import functools

from toolkit import closeups

# what is found is found anew, whatever a test puts in a detector's place
face_scale = functools.partial(closeups.face_scale, cache=False)


def scores(found, truth):
    """Return the recall, and the share of the others that are found too."""
    return found[truth].mean(), found[~truth].mean()
