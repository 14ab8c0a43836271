"""Scenes of a film, while the threshold or their number is changed; and their boundaries, corrected by hand."""

from dataclasses import replace

import ipywidgets
import numpy as np

from toolkit import metrics, scenes
from toolkit.checks import check_choice, check_count, check_number
from toolkit.errors import ParameterError
from toolkit.explorers.pictures import Picture
from toolkit.explorers.scene_corrections import SceneCorrections, ScenesByHand
from toolkit.explorers.scene_pictures import Curves, FilmBar, first_shots, shot_tiles, shots_around
from toolkit.plots import clock
from toolkit.plots.style import count_of
from toolkit.records import Movie
from toolkit.tables import check_spans

CHOICES = {"threshold": "a threshold", "n_scenes": "their number"}


class SceneExplorer(ScenesByHand):
    """The scenes of a film by a threshold, or by their number, and their boundaries corrected by hand.

    Above is the film as a bar, each scene in its colour, with the truth below it where that is known; then precision
    and recall at every threshold, and the predictions from the highest down; then frames of the shots around the chosen
    cut, and one of each scene's first shot. A click on the bar, or the buttons, choose a cut. There a boundary is moved
    by one shot, removed or added. From then on neither threshold nor number moves the boundaries, until "back" is
    pressed.

    Parameters
    ----------
    movie : Movie
        With `predictions`, or features from which `scenes.group_shots` finds scenes.
    cuts : DataFrame or array of float, (n_shots, 2)
        The shots, as for `scenes.scene_table`.
    threshold : float
        From which prediction on there is a boundary.
    by : {"threshold", "n_scenes"}, optional
        What decides; by default the threshold where the movie has predictions, else the number of scenes.
    n_scenes, min_shots : int
        How many scenes there are, and how many shots each has at least, as of `scenes.group_shots`. By default there
        are as many as the predictions say, or without these as many as `group_shots` estimates.
    corrected : sequence of int, optional
        The boundaries as corrected by hand: the shots, counted from 0, with which scenes begin, but for the first.
        Where a folder is given they are saved there. By default those saved in the folder are taken, if there are any.
    place : int, optional
        The chosen cut: the shot that begins there, from 1. By default the first boundary.
    truth : DataFrame or array of float, (n, 2), optional
        The true scenes in seconds; by default those of `movie.boundaries`.
    frames : Frames, or ndarray of uint8, (n_shots, height, width, 3) or (n_shots, height, width); optional
        Of Frames the one nearest to a shot's middle is shown; an array has one for each shot.
    folder : path, optional
        The film's folder, as of `reports.film_folder`. Each correction is saved there at once as
        `scenes.corrected.csv`, which every notebook honours; such a file of another hand is kept as
        `scenes.corrected-1.csv`, or the next number that is free, and its other columns go with their scenes.

    Attributes
    ----------
    result : DataFrame
        The table of `scenes.scene_table`.
    buttons : dict of str to ipywidgets.Button
        Those for corrections, by name.

    Raises
    ------
    ParameterError
        If an argument is of the wrong kind, or they do not fit each other.
    DataError
        If the folder's `scenes.corrected.csv` cannot be read.
    """

    texts = {
        "by": ("scenes by", "Whether a threshold on the predictions decides, or the number of scenes"),
        "threshold": ("threshold", "From which prediction on there is a boundary"),
        "n_scenes": ("number of scenes", "Into how many scenes the film is divided, where their number decides"),
        "min_shots": ("shots of a scene, at least", "How many shots a scene has, where their number decides"),
        "place": (
            "chosen: cut before shot",
            "Where a boundary is moved, added or removed; a click on the film sets it too",
        ),
    }

    def __init__(
        self,
        movie,
        cuts,
        *,
        threshold=0.5,
        by=None,
        n_scenes=None,
        min_shots=2,
        corrected=None,
        place=None,
        truth=None,
        frames=None,
        folder=None,
    ):
        if not isinstance(movie, Movie):
            raise ParameterError(f"movie must be a Movie, as scenes.film_features gives it; got {type(movie).__name__}")
        self._movie, self._cuts, self._spans = movie, cuts, check_spans(cuts)
        count = len(self._spans)
        if count != movie.n_shots:
            raise ParameterError(f"cuts must have the movie's {movie.n_shots} shots; got {count}")
        self._true = movie.boundaries if truth is None else scenes.boundaries_at(truth, cuts)
        self._tiles = None if frames is None else shot_tiles(frames, self._spans)
        options = self._check_options(by, threshold, n_scenes, min_shots)
        self._corrections = SceneCorrections(folder, cuts, count, corrected)
        if place is None:
            boundaries = self._boundaries(corrected=self._corrections.firsts, **options)
            place = 1 + int(boundaries.argmax()) if count > 1 else 0
        hint = f"; a cut is named by the shot after it, and there are {count} shots, counted from 0"
        check_count("place", place, at_least=min(1, count - 1), at_most=max(count - 1, 0), hint=hint)
        self._bar, self._curves = FilmBar(self._spans, self._true), Curves(movie, self._true)
        film = Picture(pointable=count > 1)
        self.hear(film, self._on_point, "pointed")
        pictures = [film, *(Picture() for _ in range(self._curves.has_axes + 2 * (self._tiles is not None)))]
        self.buttons = self._new_buttons()
        box = ipywidgets.Box([*self.buttons.values()], layout={"flex_flow": "row wrap", "align_items": "center"})
        super().__init__(_controls(**options, place=place, count=count, values=movie.predictions), pictures, more=[box])

    def _check_options(self, by, threshold, n_scenes, min_shots):
        """Return what decides, and its options, by name."""
        predictions, threshold = self._movie.predictions, check_number("threshold", threshold)
        min_shots = check_count("min_shots", min_shots, at_least=1)
        by = ("n_scenes" if predictions is None else "threshold") if by is None else by
        check_choice("by", by, tuple(CHOICES))
        if n_scenes is None and predictions is None:
            n_scenes = 1 + int(scenes.group_shots(self._movie, min_shots=min_shots).sum())
        elif n_scenes is None:
            n_scenes = 1 + int((predictions >= threshold).sum())
        n_scenes = check_count("n_scenes", n_scenes, at_least=1)
        return {"by": by, "threshold": threshold, "n_scenes": n_scenes, "min_shots": min_shots}

    # what is shown

    def wanted(self):
        """Return the values of the controls, and the corrections, by name."""
        return super().wanted() | {"corrected": self._corrections.firsts}

    def compute(self, *, place, **options):
        """Return the scenes as a table."""
        return scenes.scene_table(self._boundaries(**options), self._cuts)

    def call(self, *, by, threshold, n_scenes, min_shots, place, corrected):
        """Return the line that gives the scenes."""
        folder = self._corrections.file.folder
        if corrected is not None and folder is not None:
            table = f'exports.read_table({str(folder)!r}, "scenes", columns=("start",))'
            boundaries = f"scenes.boundaries_at({table}, cuts)"
        elif corrected is not None:
            boundaries = f"np.isin(np.arange(1, len(cuts)), {list(corrected)})"
        elif by == "threshold":
            boundaries = f"movie.predictions >= {threshold!r}"
        else:
            boundaries = f"scenes.group_shots(movie, {n_scenes}, min_shots={min_shots})"
        return f"scenes.scene_table({boundaries}, cuts)"

    def _boundaries(self, *, by, threshold, n_scenes, min_shots, corrected):
        if corrected is not None:
            return self._corrections.boundaries(corrected)
        if by == "n_scenes":
            return scenes.group_shots(self._movie, n_scenes, min_shots=min_shots)
        if self._movie.predictions is None:
            raise ParameterError(
                "by='threshold' needs a movie with predictions, as scenes.write_predictions returns it; without them "
                "by='n_scenes' divides it into so many scenes"
            )
        return self._movie.predictions >= threshold

    def draw(self):
        """Draw the film, the curves, and the frames; enable what can be pressed."""
        pictures, place, firsts = iter(self.pictures), self.parameters["place"], self._firsts
        scene_count = count_of(len(self.result), "scene")
        starts = ", ".join(clock(start) for start in self.result["start"][:30])
        bar = self._bar.draw(self.result, place)
        next(pictures).show(bar, f"the film in {scene_count}, that begin at {starts}")
        scores = self._scores()
        if self._curves.has_axes:
            decides = self._corrections.firsts is None and self.parameters["by"] == "threshold"
            threshold = self.parameters["threshold"] if decides else None
            next(pictures).show(*self._curves.draw(scores, len(firsts), threshold))
        if self._tiles is not None:
            sheet, shots = shots_around(self._tiles, place, firsts)
            next(pictures).show(sheet, f"frames of the shots {shots[0]} to {shots[-1]}, around the chosen cut")
            sheet, count = first_shots(self._tiles, self.result)
            next(pictures).show(sheet, f"a frame of the first shot of {count_of(count, 'scene')}")
        self._enable(place, firsts)
        if scores:
            scene_count += f": Miou {scores['Miou']:.2f}, F1 {scores['F1']:.2f}"
        return "; ".join([scene_count, *self._remarks(place, firsts)])

    def _scores(self):
        """Return precision, recall, F1 and Miou where the truth is known, else None."""
        if self._true is None:
            return None
        boundaries = self._corrections.boundaries(self._firsts).astype(np.float64)
        return metrics.evaluate([replace(self._movie, boundaries=self._true, predictions=boundaries)])

    def _enable(self, place, firsts):
        by_hand, by = self._corrections.firsts is not None, self.parameters["by"]
        here, first, last = place in firsts, min(firsts, default=place), max(firsts, default=place)
        disabled = {
            "by": by_hand,
            "threshold": by_hand or by != "threshold",
            "n_scenes": by_hand or by != "n_scenes",
            "min_shots": by_hand or by != "n_scenes",
            "previous": first >= place,
            "next": last <= place,
            "earlier": not here or place == 1 or place - 1 in firsts,
            "later": not here or place + 1 == len(self._spans) or place + 1 in firsts,
            "add": here or not place,
            "remove": not here,
            "undo": not self._corrections.history,
            "back": not by_hand,
        }
        widgets = self.controls | self.buttons
        for name, value in disabled.items():
            widgets[name].disabled = value

    def _remarks(self, place, firsts):
        """Yield what is written below the pictures, but for the number of scenes."""
        predictions, by_threshold = self._movie.predictions, self.parameters["by"] == "threshold"
        if self._corrections.firsts is not None:
            saved = ", saved as scenes.corrected.csv" if self._corrections.file.folder else ""
            what = "threshold" if by_threshold else "number of scenes"
            yield f"as corrected by hand{saved}; the {what} does not move them"
        elif by_threshold and len(self._spans) > 1 and np.isin(predictions, (0.0, 1.0)).all():
            yield "the predictions are 0 or 1, and no threshold has an effect: set scenes by their number instead"
        if len(self._spans) == 1:
            yield "a film of one shot has no boundaries"
        elif place:
            what = "a boundary" if place in firsts else "no boundary"
            yield f"chosen is the cut before shot {place}, at {clock(self._spans[place, 0])}, {what}"
            if not firsts:
                yield "there is no boundary in the film"


explore_scenes = SceneExplorer


def _controls(*, by, threshold, n_scenes, min_shots, place, count, values):
    """Return the controls by name."""
    ways = [(text, way) for way, text in CHOICES.items() if way == by or way == "n_scenes" or values is not None]
    values = [] if values is None else values.tolist()
    low, high, cuts = min(0.0, threshold, *values), max(1.0, threshold, *values), max(count - 1, 0)
    slider = {"readout_format": ".3f", "layout": {"width": "380px"}}
    medium = {"layout": {"width": "230px"}}
    return {
        "by": ipywidgets.Dropdown(value=by, options=ways, layout={"width": "220px"}),
        "threshold": ipywidgets.FloatSlider(threshold, min=low, max=high, step=(high - low) / 200, **slider),
        "n_scenes": ipywidgets.BoundedIntText(n_scenes, 1, max(count, n_scenes), layout={"width": "190px"}),
        "min_shots": ipywidgets.BoundedIntText(min_shots, 1, max(count, min_shots), **medium),
        "place": ipywidgets.BoundedIntText(place, min(1, cuts), cuts, disabled=not cuts, **medium),
    }
