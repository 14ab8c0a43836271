"""Scenes of a film, while the threshold or their number is changed; and their boundaries, put right by hand."""

from dataclasses import replace

import ipywidgets
import numpy as np

from toolkit import metrics, scenes
from toolkit.checks import check_choice, check_count, check_number
from toolkit.errors import ParameterError
from toolkit.explorers.explorer import PROBLEMS, Explorer
from toolkit.explorers.pictures import Picture
from toolkit.explorers.scene_pictures import Curves, FilmBar, first_shots, shot_tiles, shots_around
from toolkit.exports.corrections import CorrectedTable, notes_of, with_notes
from toolkit.plots import clock
from toolkit.plots.style import count_of
from toolkit.records import Movie
from toolkit.tables import check_spans

# what the toolkit says of a scene; other columns are notes
OWN = ("start", "end", "start_frame", "end_frame", "first_shot", "last_shot")


def explore_scenes(
    movie, cuts, *, threshold=0.5, by=None, n_scenes=None, min_shots=2, corrected=None, place=None, truth=None,
    frames=None, folder=None,
):  # fmt: skip
    """Show the scenes of a film by a threshold, or by their number, and put their boundaries right by hand.

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
        are as many as the predictions tell, or without these as many as `group_shots` estimates.
    corrected : sequence of int, optional
        The boundaries as put right by hand: the shots, counted from 0, with which scenes begin, but for the first.
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

    Returns
    -------
    SceneExplorer
        Its `result` is the table of `scenes.scene_table`.

    Raises
    ------
    ParameterError
        If an argument is of the wrong kind, or they do not fit each other.
    DataError
        If the folder's `scenes.corrected.csv` cannot be read.
    """
    return SceneExplorer(
        movie, cuts, threshold=threshold, by=by, n_scenes=n_scenes, min_shots=min_shots, corrected=corrected,
        place=place, truth=truth, frames=frames, folder=folder,
    )  # fmt: skip


class SceneExplorer(Explorer):
    """The scenes of a film; see `explorers.explore_scenes`. `buttons` are those for corrections, by name."""

    def __init__(self, movie, cuts, *, threshold, by, n_scenes, min_shots, corrected, place, truth, frames, folder):
        if not isinstance(movie, Movie):
            raise ParameterError(f"movie must be a Movie, as scenes.film_features gives it; got {type(movie).__name__}")
        self._movie, self._cuts, self._spans = movie, cuts, check_spans(cuts)
        count = len(self._spans)
        if count != movie.n_shots:
            raise ParameterError(f"cuts must have the movie's {movie.n_shots} shots; got {count}")
        self._true = movie.boundaries if truth is None else scenes.boundaries_at(truth, cuts)
        self._tiles = None if frames is None else shot_tiles(frames, self._spans)
        self._file, self._history = CorrectedTable(folder, "scenes"), []
        threshold = check_number("threshold", threshold)
        min_shots = check_count("min_shots", min_shots, at_least=1)
        if by is None:
            by = "n_scenes" if movie.predictions is None else "threshold"
        check_choice("by", by, ("threshold", "n_scenes"))
        if n_scenes is None:
            told = movie.predictions is not None
            found = movie.predictions >= threshold if told else scenes.group_shots(movie, min_shots=min_shots)
            n_scenes = 1 + int(found.sum())
        n_scenes = check_count("n_scenes", n_scenes, at_least=1)
        self._corrected, self._notes = self._begin_correction(corrected)
        options = {"by": by, "threshold": threshold, "n_scenes": n_scenes, "min_shots": min_shots}
        found = self._boundaries(corrected=self._corrected, **options)
        if place is None:
            place = 1 + int(found.argmax()) if count > 1 else 0
        if check_count("place", place, at_least=min(1, count - 1)) >= max(count, 1):
            raise ParameterError(f"place must be a shot from 1 to {count - 1}; got {place}")
        self._bar, self._curves = FilmBar(self._spans, self._true), Curves(movie, self._true)
        more = [Picture()] if self._has_curves else []
        more += [Picture(), Picture()] if self._tiles is not None else []
        film = Picture(pointable=count > 1)
        film.observe(self._on_point, "pointed")
        self.buttons = self._make_buttons()
        box = ipywidgets.Box([*self.buttons.values()], layout={"flex_flow": "row wrap", "align_items": "center"})
        controls = _controls(**options, place=place, count=count, values=movie.predictions)
        super().__init__(controls, (film, *more), more=[box])

    # what is shown

    def wanted(self):
        """Return the values of the controls, and the corrections, by name."""
        return {**super().wanted(), "corrected": self._corrected}

    def compute(self, *, place, **options):
        """Return the scenes as a table."""
        return scenes.scene_table(self._boundaries(**options), self._cuts)

    def call(self, *, by, threshold, n_scenes, min_shots, place, corrected):
        """Return the line that gives the scenes."""
        if corrected is not None and self._file.folder is not None:
            read = f'exports.read_table({str(self._file.folder)!r}, "scenes", columns=("start",))'
            told = f"scenes.boundaries_at({read}, cuts)"
        elif corrected is not None:
            told = f"np.isin(np.arange(1, len(cuts)), {list(corrected)})"
        elif by == "threshold":
            told = f"movie.predictions >= {threshold!r}"
        else:
            told = f"scenes.group_shots(movie, {n_scenes}, min_shots={min_shots})"
        return f"scenes.scene_table({told}, cuts)"

    def _boundaries(self, *, by, threshold, n_scenes, min_shots, corrected):
        if corrected is not None:
            return np.isin(np.arange(1, len(self._spans)), corrected)
        if by == "n_scenes":
            return scenes.group_shots(self._movie, n_scenes, min_shots=min_shots)
        if self._movie.predictions is None:
            raise ParameterError(
                "by='threshold' needs a movie with predictions, as scenes.write_predictions returns it; without them "
                "by='n_scenes' divides it into so many scenes"
            )
        return self._movie.predictions >= threshold

    @property
    def _firsts(self):
        """The shots with which scenes begin, but for the first."""
        return self.result["first_shot"].tolist()[1:]

    # corrections

    def step(self, by):
        """Choose the boundary before (-1) or after (1) the chosen cut."""
        place, firsts = self.controls["place"].value, self._firsts
        ahead = [first for first in firsts if (first - place) * by > 0]
        if ahead:
            self.controls["place"].value = min(ahead, key=lambda first: abs(first - place))
        else:
            self.tell_problem(f"there is no boundary {'before' if by < 0 else 'after'} the chosen cut")

    def shift(self, by):
        """Move the boundary at the chosen cut by so many shots."""
        place, firsts = self.controls["place"].value, self._firsts
        target = place + by
        if place not in firsts:
            self.tell_problem("there is no boundary at the chosen cut to move")
        elif target in firsts or not 0 < target < len(self._spans):
            self.tell_problem("a scene has one shot at least: remove the boundary to put two scenes together")
        else:
            notes = {target if first == place else first: note for first, note in self._notes.items()}
            self._correct({*firsts, target} - {place}, target, notes)

    def add(self):
        """Let a scene begin at the chosen cut."""
        place, firsts = self.controls["place"].value, self._firsts
        if place in firsts or not place:
            self.tell_problem("a scene begins at the chosen cut already" if place else "there is no cut to choose")
        else:
            self._correct({*firsts, place}, place, self._notes)

    def remove(self):
        """Remove the boundary at the chosen cut."""
        place, firsts = self.controls["place"].value, self._firsts
        if place in firsts:
            notes = {first: note for first, note in self._notes.items() if first != place}
            self._correct({*firsts} - {place}, place, notes)
        else:
            self.tell_problem("there is no boundary at the chosen cut to remove")

    def undo(self):
        """Take the last correction back, or that they were given up."""
        if self._history and self._put(*self._history[-1]):
            self._history.pop()
            self.refresh()

    def back(self):
        """Give the corrections up: what the threshold or the number tells is shown. Their file is kept aside."""
        if self._corrected is not None:
            self._do(None, {}, self.controls["place"].value, aside=True)

    def _correct(self, firsts, place, notes):
        self._do(tuple(sorted(firsts)), notes, place)

    def _do(self, corrected, notes, place, **options):
        """Put corrections in the place of those there are, so that it can be undone."""
        before = self._corrected, self._notes, self.controls["place"].value
        if self._put(corrected, notes, place, **options):
            self._history.append(before)
            self.refresh()

    def _put(self, corrected, notes, place, *, aside=False):
        """Save corrections, or set their file aside, and take them as those to show; return whether that went well."""
        if self.problem:
            # what was asked for and cannot be shown would stand in the way of going back
            self._set_quietly(self.parameters)
        try:
            # what cannot be shown is not taken
            self.compute(**{**self.wanted(), "corrected": corrected})
            if aside:
                self._file.set_aside()
            else:
                self._file.save(self._table(corrected, notes))
        except PROBLEMS as error:
            self.tell_problem(f"not saved, and so not done: {error}")
            return False
        self._corrected, self._notes = corrected, notes
        self._set_quietly({"place": place})
        return True

    def _set_quietly(self, values):
        """Set controls without what follows from it."""
        for name in values.keys() & self.controls.keys():
            self.controls[name].unobserve(self._on_change, "value")
            self.controls[name].value = values[name]
            self.controls[name].observe(self._on_change, "value")

    def _begin_correction(self, corrected):
        """Return the first shots of scenes as corrected by hand, or None, and their notes; what is given is saved."""
        saved, notes = self._saved()
        self._file.begin(self._table(saved, notes))
        if corrected is None:
            return saved, notes
        corrected = _check_firsts(corrected, len(self._spans))
        notes = {first: note for first, note in notes.items() if first in (0, *corrected)}
        self._file.save(self._table(corrected, notes))
        return corrected, notes

    def _saved(self):
        """Return the first shots of scenes that are saved in the folder, or None, and the notes of scenes by these."""
        given, notes = self._file.read(), {}
        if given is None:
            return None, notes
        for start, note in zip(given["start"], notes_of(given, OWN), strict=True):
            begins = np.flatnonzero(scenes.boundaries_at([(start, start)], self._cuts))
            notes.setdefault(int(begins[0]) + 1 if len(begins) else 0, note)
        return tuple((np.flatnonzero(scenes.boundaries_at(given, self._cuts)) + 1).tolist()), notes

    def _table(self, corrected, notes):
        """Return corrections as they are saved, None for none."""
        if corrected is None:
            return None
        table = scenes.scene_table(np.isin(np.arange(1, len(self._spans)), corrected), self._cuts)
        return with_notes(table, [notes.get(first, {}) for first in table["first_shot"]])

    def _make_buttons(self):
        move = "Move the boundary at the chosen cut"
        made = {}
        for name, told, icon, hint, press in (
            ("previous", "boundary before", "step-backward", "Choose the boundary before", lambda: self.step(-1)),
            ("next", "boundary after", "step-forward", "Choose the boundary after", lambda: self.step(1)),
            ("earlier", "one shot earlier", "arrow-left", move, lambda: self.shift(-1)),
            ("later", "one shot later", "arrow-right", move, lambda: self.shift(1)),
            ("add", "add", "plus", "Let a scene begin at the chosen cut", self.add),
            ("remove", "remove", "minus", "Remove the boundary at the chosen cut", self.remove),
            ("undo", "undo", "undo", "Take the last correction back", self.undo),
            ("back", "back to scenes as found", "refresh", "Give the corrections by hand up", self.back),
        ):
            made[name] = ipywidgets.Button(description=told, icon=icon, tooltip=hint, layout={"width": "auto"})
            made[name].on_click(lambda _, press=press: press())
        return made

    def _on_point(self, change):
        if len(self._spans) < 2:
            return
        self.controls["place"].value = self._bar.cut_at(change["new"][0], self._firsts)

    # pictures

    def draw(self):
        """Draw the film, the curves, and the frames; set what can be pressed."""
        pictures = iter(self.pictures)
        self._draw_film(next(pictures))
        scores = self._scores()
        if self._has_curves:
            self._draw_curve(next(pictures), scores)
        if self._tiles is not None:
            sheet, shown = shots_around(self._tiles, self.parameters["place"], self._firsts)
            next(pictures).show(sheet, f"frames of the shots {shown[0]} to {shown[-1]}, around the chosen cut")
            sheet, count = first_shots(self._tiles, self.result)
            next(pictures).show(sheet, f"a frame of the first shot of {count_of(count, 'scene')}")
        place, firsts, corrected = self.parameters["place"], self._firsts, self._corrected is not None
        by = self.parameters["by"]
        self.controls["by"].disabled = corrected
        self.controls["threshold"].disabled = corrected or by != "threshold"
        self.controls["n_scenes"].disabled = self.controls["min_shots"].disabled = corrected or by != "n_scenes"
        here = place in firsts
        off = {
            "previous": not any(first < place for first in firsts),
            "next": not any(first > place for first in firsts),
            "earlier": not here or place == 1 or place - 1 in firsts,
            "later": not here or place + 1 == len(self._spans) or place + 1 in firsts,
            "add": here or not place,
            "remove": not here,
            "undo": not self._history,
            "back": not corrected,
        }
        for name, button in self.buttons.items():
            button.disabled = off[name]
        return self._told(scores)

    def _scores(self):
        """Return precision, recall, F1 and Miou where the truth is known, else None."""
        if self._true is None:
            return None
        told = np.isin(np.arange(1, len(self._spans)), self._firsts).astype(np.float64)
        return metrics.evaluate([replace(self._movie, boundaries=self._true, predictions=told)])

    def _told(self, scores):
        place, shown = self.parameters["place"], [count_of(len(self.result), "scene")]
        if scores:
            shown[0] += f": Miou {scores['Miou']:.2f}, F1 {scores['F1']:.2f}"
        if self._corrected is not None:
            kept = ", saved as scenes.corrected.csv" if self._file.folder else ""
            what = "threshold" if self.parameters["by"] == "threshold" else "number of scenes"
            shown.append(f"as corrected by hand{kept}; the {what} does not move them")
        elif self.parameters["by"] == "threshold" and len(self._spans) > 1 and _yes_or_no(self._movie.predictions):
            shown.append(
                "the predictions are 0 or 1, and no threshold has an effect: set scenes by their number instead"
            )
        if len(self._spans) == 1:
            shown.append("a film of one shot has no boundaries")
        elif place:
            what = "a boundary" if place in self._firsts else "no boundary"
            shown.append(f"chosen is the cut before shot {place}, at {clock(self._spans[place, 0])}, {what}")
            if not self._firsts:
                shown.append("there is no boundary in the film")
        return "; ".join(shown)

    @property
    def _has_curves(self):
        return bool(self._curves.precision_recall or self._curves.ranking)

    def _draw_film(self, picture):
        figure = self._bar.draw(self.result, self.parameters["place"])
        starts = ", ".join(clock(start) for start in self.result["start"][:30])
        picture.show(figure, f"the film in {count_of(len(self.result), 'scene')}, that begin at {starts}")

    def _draw_curve(self, picture, scores):
        decides = self._corrected is None and self.parameters["by"] == "threshold"
        threshold = self.parameters["threshold"] if decides else None
        picture.show(*self._curves.draw(scores, len(self.result) - 1, threshold))


def _controls(*, by, threshold, n_scenes, min_shots, place, count, values):
    """Return the controls by name."""
    ways = [("a threshold", "threshold"), ("their number", "n_scenes")]
    if values is None and by == "n_scenes":
        ways = ways[1:]
    values = [] if values is None else values.tolist()
    low, high = min(0.0, threshold, *values), max(1.0, threshold, *values)
    cuts = max(count - 1, 0)
    return {
        "by": ipywidgets.Dropdown(
            value=by, options=ways, layout={"width": "220px"},
            description="scenes by", tooltip="Whether a threshold on the predictions decides, or the number of scenes",
        ),
        "threshold": ipywidgets.FloatSlider(
            value=threshold, min=low, max=high, step=(high - low) / 200, readout_format=".3f",
            layout={"width": "380px"}, description="threshold", tooltip="From which prediction on there is a boundary",
        ),
        "n_scenes": ipywidgets.BoundedIntText(
            value=n_scenes, min=1, max=max(count, n_scenes), layout={"width": "190px"}, description="number of scenes",
            tooltip="Into how many scenes the film is divided, where their number decides",
        ),
        "min_shots": ipywidgets.BoundedIntText(
            value=min_shots, min=1, max=max(count, min_shots), layout={"width": "230px"},
            description="shots of a scene, at least", tooltip="How many shots a scene has, where their number decides",
        ),
        "place": ipywidgets.BoundedIntText(
            value=place, min=min(1, cuts), max=cuts, layout={"width": "230px"}, description="chosen: cut before shot",
            disabled=not cuts, tooltip="Where a boundary is moved, added or removed; a click on the film sets it too",
        ),
    }  # fmt: skip


def _check_firsts(corrected, count):
    """Return the first shots of scenes as a tuple of int, rising."""
    wanted = f"corrected must be the shots that begin scenes, whole numbers from 1 to {count - 1}"
    try:
        firsts = sorted({check_count("corrected", first, at_least=1) for first in corrected})
    except (TypeError, ParameterError):
        raise ParameterError(f"{wanted}; got {corrected!r:.80}") from None
    if firsts and firsts[-1] >= count:
        raise ParameterError(f"{wanted}; got {firsts[-1]}")
    return tuple(firsts)


def _yes_or_no(predictions):
    return bool(np.isin(predictions, (0.0, 1.0)).all())
