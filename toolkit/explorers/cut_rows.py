"""A shot to look at and to put right: the frames on both sides of its beginning, and the controls that change it."""

import html

import ipywidgets

from toolkit.explorers.cut_frames import in_a_row, paint_sides
from toolkit.explorers.pictures import Picture, button
from toolkit.plots import clock
from toolkit.shots.corrections import KINDS


class CutRow:
    """A shot on a page of `explore_cuts`.

    Its controls call `change` with a change of `shots.correct_shots`; a click on a frame calls `look_at` with the
    frame's seconds.
    """

    def __init__(self, number, change, look_at):
        self._number, self._change, self._look_at = number, change, look_at
        self.picture = Picture(pointable=True)
        self.picture.observe(lambda change: self._point(change["new"]), "pointed")
        self._head = ipywidgets.HTML()
        self.kind = ipywidgets.Dropdown(
            options=["cut"], layout={"width": "100px"}, tooltip=f"How shot {number} begins", disabled=number == 0
        )
        width = {"width": "78px"}
        self.earlier = button("earlier", "", f"Begin shot {number} a frame earlier", lambda: self._move(-1), width)
        self.later = button("later", "", f"Begin shot {number} a frame later", lambda: self._move(1), width)
        self.remove = button("remove", "", f"Join shot {number} to the one before", lambda: self._do("remove"), width)
        self.setup = ipywidgets.Combobox(
            description="set-up", continuous_update=False, layout={"width": "200px"}, placeholder="a number or a name",
            style={"description_width": "50px"}, tooltip=f"The set-up of shot {number}: a number or a name",
        )  # fmt: skip
        self.kind.observe(lambda change: self._tell("kind", change["new"]), "value")
        self.setup.observe(lambda change: self._tell("setup", change["new"]), "value")
        buttons = [self.kind, self.earlier, self.later, self.remove] if number else []
        # as wide in each row, so that the pictures are
        controls = ipywidgets.VBox(
            [self._head, ipywidgets.HBox(buttons), self.setup], layout={"width": "326px", "flex": "0 0 auto"}
        )
        self.widget = ipywidgets.HBox(
            [self.picture, controls], layout={"margin": "0 0 6px 0", "align_items": "flex-start"}
        )
        self._live, self._hears = True, False

    def show(self, shot, sides, around, setup, setups):
        """Show a shot, a row of the table, with its set-up, of the set-ups to choose from, none where none are known.

        `sides` are the frames before its beginning and from it on, of which `around` are shown on each side.
        """
        self._shot, self._sides, self._around, self._setup = shot, sides, around, setup
        start, length = clock(shot["start"]), shot["end"] - shot["start"]
        self._head.value = html.escape(f"shot {self._number}: from {start}, {length:.2f} s")
        strip = paint_sides(*sides, around)
        self.picture.show(strip, f"frames on both sides of {start}, where shot {self._number} begins")
        self._hears = False
        self.kind.options = list(dict.fromkeys([*KINDS, shot["transition"]])) if self._number else [shot["transition"]]
        self.setup.options = setups
        self.setup.layout.display = None if setups else "none"
        self.restore()

    def restore(self):
        """Let the controls say what the table says."""
        self._hears = False
        self.kind.value, self.setup.value = self._shot["transition"], self._setup
        self._hears = True

    def close(self):
        """Hear no more: a click that comes late meets no other shot."""
        self._live = False
        self.widget.close()

    def _do(self, what, *more):
        if self._live:
            self._change(what, float(self._shot["start"]), *more)

    def _tell(self, what, value):
        if self._hears:
            self._do(what, value)

    def _move(self, frames):
        before, after = self._sides
        there = before[-1:] if frames < 0 else after[1:2]
        if there and self._number:
            self._do("move", there[0][0])

    def _point(self, pointed):
        """Look at the frame that was clicked on."""
        frames = in_a_row(*self._sides, self._around)
        column = min(int(pointed[0] * 2 * self._around), 2 * self._around - 1)
        if self._live and column < len(frames) and frames[column]:
            self._look_at(frames[column][0])
