"""Labels pushed apart so that none covers another.

The package adjustText was tried. It moves labels of one length once, for one size of the figure: of 25 clusters with
three words each, three pairs stayed over each other and three labels over centres, far from theirs in one column, after
three times as long. Here labels lose words where there is no room, and are placed again when the figure changes.
"""

import numpy as np
from matplotlib.artist import Artist
from matplotlib.textpath import text_to_path

# where a label may be: points from the cluster's centre to the nearest edge, and the ways there, the best first
DISTANCES = (8, 17, 28, 42, 60, 84)
DIRECTIONS = ((1, 0), (-1, 0), (0, 1), (0, -1), (0.8, 0.6), (-0.8, 0.6), (0.8, -0.6), (-0.8, -0.6))
# labels with words are no farther than so many of these: lines to them would be all over the map
WORD_REACHES = 3
# points: half of a centre's cross, what is left free around a label, and from where on a line leads to it
CROSS, MARGIN, LINE_REACH = 6, 1.5, 14


class Apart(Artist):
    """What puts the labels of a map apart. It is done when the map is drawn, as only then its size is known.

    Parameters
    ----------
    points, centers : ndarray of float64, (n, 2), (k, 2)
        What is on the map, of which labels leave the centres free, and the points where they can.
    notes : list of Annotation
        Of each centre. Their texts and places are set.
    labels : list of list of str
        Of each centre the shortest label and longer ones: the longest is taken that there is room for.
    lines : Line2D
        Is given the lines from labels to centres that are far.
    """

    def __init__(self, points, centers, notes, labels, lines):
        super().__init__()
        self._points, self._centers = points, centers
        self._notes, self._labels, self._lines = notes, labels, lines
        # as paths, which letters with an edge are drawn as: with hinting they would be of another width
        self._sizes = [[_size(text, note) for text in texts] for texts, note in zip(labels, notes, strict=True)]
        self._scale = None
        # before all others are drawn, and nothing by itself
        self.set_zorder(-1)
        self.set_in_layout(False)

    def draw(self, renderer):
        """Put each label where it is drawn next, if the map's size or limits are others than before."""
        scale = (self.axes.figure.dpi, *self.axes.bbox.extents, *self.axes.transData.get_matrix().flat)
        if scale != self._scale:
            self._place(self.axes.figure.dpi / 72)
            self._scale = scale

    def _place(self, point):
        to_pixels = self.axes.transData.transform
        anchors, dots = to_pixels(self._centers), to_pixels(self._points)
        crosses = np.concatenate([anchors - CROSS * point, anchors + CROSS * point], axis=1)
        boxes, texts = np.full((len(anchors), 4), np.nan), [""] * len(anchors)
        # a centre beyond the limits of the map has no label
        visible = [self.axes.bbox.contains(*anchor) for anchor in anchors]
        # all numbers first, then a word for each, then a second one
        for count in range(max(map(len, self._labels))):
            for own, (labels, sizes) in enumerate(zip(self._labels, self._sizes, strict=True)):
                if count >= len(labels) or not visible[own] or (count and not texts[own]):
                    continue
                places = _places(anchors[own], sizes[count], DISTANCES[: WORD_REACHES if count else None], point)
                others = np.concatenate([np.delete(boxes, own, axis=0), crosses])
                best = _best(places, others, self.axes.bbox, dots, point)
                if best is not None:
                    boxes[own], texts[own] = best, labels[count]
        ends = [np.full((1, 2), np.nan)]
        for note, text, box, anchor in zip(self._notes, texts, boxes, anchors, strict=True):
            note.set_text(text)
            if text:
                note.xyann = tuple((box[:2] - anchor) / point)
                nearest = np.clip(anchor, box[:2], box[2:])
                if np.hypot(*(nearest - anchor)) > LINE_REACH * point:
                    ends += [self.axes.transData.inverted().transform([anchor, nearest]), ends[0]]
        self._lines.set_data(*np.concatenate(ends).T)


def _size(text, note):
    """Return the width and height of a line of text, in points."""
    font = note.get_fontproperties()
    wide, *_ = text_to_path.get_text_width_height_descent(text, font, ismath=False)
    # as high as any letters, as a line is laid out
    _, high, _ = text_to_path.get_text_width_height_descent("lp", font, ismath=False)
    return wide, high


def _places(anchor, size, reaches, point):
    """Return the boxes (left, low, right, high), in pixels, where a label of a size may be, the best first."""
    ways = np.array([(reach * x, reach * y) for reach in reaches for x, y in DIRECTIONS])
    lows = anchor + (ways + (np.sign(ways) - 1) / 2 * size) * point
    return np.concatenate([lows, lows + np.multiply(size, point)], axis=1)


def _best(places, others, frame, dots, point):
    """Return the place within a frame that covers no other box, few dots, and is near; None if there is none."""
    low, high = places[:, None, :2] - MARGIN * point, places[:, None, 2:] + MARGIN * point
    # boxes that are not there are NaN, which nothing is beyond
    covers = ((low < others[:, 2:]) & (high > others[:, :2])).all(axis=2).any(axis=1)
    inside = (low[:, 0] > (frame.x0, frame.y0)).all(axis=1) & (high[:, 0] < (frame.x1, frame.y1)).all(axis=1)
    free = np.flatnonzero(inside & ~covers)
    if not len(free):
        return None
    covered = ((dots > low[free]) & (dots < high[free])).all(axis=2).sum(axis=1)
    # of many dots each counts less
    return places[free[np.argmin(4 * covered * min(1, 400 / len(dots)) + 3 * free)]]
