"""A shot to look at and to correct: the frames on both sides of its beginning, and the controls that change it."""

import html

import ipywidgets

from toolkit.explorers.cut_frames import in_a_row, neighbor_of, paint_sides
from toolkit.explorers.pictures import Picture, button
from toolkit.plots import clock
from toolkit.shots.corrections import KINDS


class CutRow:
    """A shot on a page of `explore_cuts`.

    Its controls, which the explorer hears by its `hear`, call `change` with a change of `shots.correct_shots`; a click
    on a frame calls `look_at` with the frame's seconds.
    """

    def __init__(self, number, hear, change, look_at):
        self._number, self._change, self._look_at, self._live = number, change, look_at, True
        self.picture = Picture(pointable=True)
        self._head = ipywidgets.HTML()
        hint = f"How shot {number} begins"
        self.kind = ipywidgets.Dropdown(options=["cut"], layout={"width": "100px"}, tooltip=hint, disabled=number == 0)
        width = {"width": "78px"}
        self.earlier = button("earlier", "", f"Begin shot {number} a frame earlier", lambda: self._move(-1), width)
        self.later = button("later", "", f"Begin shot {number} a frame later", lambda: self._move(1), width)
        self.remove = button("remove", "", f"Join shot {number} to the one before", lambda: self._do("remove"), width)
        self.setup = ipywidgets.Combobox(
            description="set-up", placeholder="a number or a name", layout={"width": "200px"}
        )
        self.setup.style.description_width, self.setup.continuous_update = "50px", False
        self.setup.tooltip = f"The set-up of shot {number}: a number or a name"
        hear(self.picture, lambda change: self._point(change["new"]), "pointed")
        hear(self.kind, lambda change: self._do("kind", change["new"]))
        hear(self.setup, lambda change: self._do("setup", change["new"]))
        buttons = [self.kind, self.earlier, self.later, self.remove] if number else []
        # as wide in each row, so that the pictures are
        layout = {"width": "326px", "flex": "0 0 auto"}
        controls = ipywidgets.VBox([self._head, ipywidgets.HBox(buttons), self.setup], layout=layout)
        layout = {"margin": "0 0 6px 0", "align_items": "flex-start"}
        self.widget = ipywidgets.HBox([self.picture, controls], layout=layout)

    def show(self, shot, sides, around, setup, setups):
        """Show a shot, a row of the table, with its set-up, of the set-ups to choose from, none where none are known.

        `sides` are the frames before its beginning and from it on, of which `around` are shown on each side.
        """
        self._shot, self._sides, self._around, self._setup = shot, sides, around, setup
        start, length = clock(shot["start"]), shot["end"] - shot["start"]
        self._head.value = html.escape(f"shot {self._number}: from {start}, {length:.2f} s")
        strip = paint_sides(*sides, around)
        self.picture.show(strip, f"frames on both sides of {start}, where shot {self._number} begins")
        self.kind.options = list(dict.fromkeys([*KINDS, shot["transition"]])) if self._number else [shot["transition"]]
        self.setup.options = setups
        self.setup.layout.display = None if setups else "none"
        self.restore()

    def restore(self):
        """Let the controls say what the table says."""
        self.kind.value, self.setup.value = self._shot["transition"], self._setup

    def close(self):
        """Hear no more: a click that comes late meets no other shot."""
        self._live = False
        self.widget.close()

    def _do(self, what, *more):
        if self._live:
            self._change(what, float(self._shot["start"]), *more)

    def _move(self, frames):
        neighbor = neighbor_of(*self._sides, frames)
        if neighbor and self._number:
            self._do("move", neighbor[0])

    def _point(self, pointed):
        """Look at the frame that was clicked on."""
        frames = in_a_row(*self._sides, self._around)
        column = min(int(pointed[0] * 2 * self._around), 2 * self._around - 1)
        if self._live and column < len(frames) and frames[column]:
            self._look_at(frames[column][0])
