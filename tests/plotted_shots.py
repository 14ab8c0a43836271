"""Shots of a film to be drawn, and what is read of a drawing."""

import numpy as np
import pandas as pd
from matplotlib.collections import PolyCollection

from toolkit import shots

# frames of three places, the first one shown again: clusters 0 0 1 1 0 2
FEATURES = np.array([[0.0], [0.1], [10.0], [10.1], [0.2], [30.0]])
LABELS = np.array([0, 0, 1, 1, 0, 2])
TIMES = np.array([0.0, 1, 2, 3, 4, 5])
TREE = shots.linkage_tree(FEATURES)
TABLE = pd.DataFrame(
    {
        "start_frame": [0, 50, 100],
        "end_frame": [50, 100, 200],
        "start": [0.0, 2.0, 4.0],
        "end": [2.0, 4.0, 8.0],
        "transition": ["start", "cut", "dissolve"],
        "transition_start_frame": [np.nan, np.nan, 75.0],
        "transition_end_frame": [np.nan, np.nan, 125.0],
    }
)


def plain(values, height=18, width=32):
    values = np.asarray(values, np.uint8)
    return np.broadcast_to(values[:, None, None, None], (len(values), height, width, 3)).copy()


def bars(ax):
    """Return (left, right, low, high) of each bar that is drawn, and the colour of each."""
    found, painted = [], []
    for collection in ax.collections:
        if isinstance(collection, PolyCollection):
            faces = collection.get_facecolors()
            for i, path in enumerate(collection.get_paths()):
                (left, low), (right, high) = path.vertices.min(axis=0), path.vertices.max(axis=0)
                found.append((left, right, low, high))
                painted.append(faces[i % len(faces), :3])
    return np.array(found).reshape(-1, 4), np.array(painted).reshape(-1, 3)


def texts(ax):
    return [text.get_text() for text in ax.texts]


def drawn(ax):
    ax.figure.canvas.draw()
    return np.asarray(ax.figure.canvas.buffer_rgba())[..., :3].astype(int)
