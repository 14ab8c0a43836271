"""Videos in clusters to be drawn, and what is read of a drawing."""

import numpy as np
import pandas as pd

# three to the left, two to the right, one far away
TABLE = pd.DataFrame({"x": [0.0, 10, 1, 11, 4, 30]}, index=list("abcdef"))


def picture(value, height=30, width=40):
    return np.full((height, width, 3), value, np.uint8)


VIDEOS = [picture(20 + 30 * i) for i in range(6)]


def texts(ax):
    return [text.get_text() for text in ax.texts if text.get_text()]


POINTS = np.array([[0.0, 0], [10, 0], [0, 1], [10, 1], [1, 0], [5, 9]])


def told(ax):
    return "\n".join([*texts(ax), ax.get_title()])
