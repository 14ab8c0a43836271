"""Frames of a film as buttons in a grid, each framed in yellow while it is pressed."""

import base64

import ipywidgets
from PIL import Image

from toolkit.explorers.pictures import encode
from toolkit.plots import clock

STYLE = """
.{name} {{ gap: 6px; }}
.{name} .jupyter-button {{
  width: auto; height: auto; margin: 0; padding: 0 0 5px; aspect-ratio: {aspect:.4f}; border-radius: 4px; border: none;
  display: flex; align-items: flex-end; justify-content: center; line-height: 1.2; font-size: 12px; color: #fff;
  background-color: #222; background-size: 100% 100%; opacity: 1; box-shadow: inset 0 0 0 1px rgba(128, 128, 128, 0.6);
  text-shadow: 0 0 3px #000, 0 0 2px #000; overflow: hidden; }}
.{name} .jupyter-button:hover {{ box-shadow: inset 0 0 0 2px #fff, 0 1px 5px rgba(0, 0, 0, 0.5); color: #fff; }}
.{name} .jupyter-button.mod-active {{
  box-shadow: inset 0 0 0 5px #ffb000; font-weight: bold; color: #ffc94d; background-color: #222; }}
.{name} .jupyter-button:focus-visible {{ outline: 3px solid #1e88e5; outline-offset: 1px; }}
"""
PICTURE_STYLE = """
.{name} .{name}-{slot} {{
  background-image: linear-gradient(transparent 70%, rgba(0, 0, 0, 0.75)), url("data:image/jpeg;base64,{data}"); }}
"""


class FrameGrid:
    """Buttons with the pictures of frames, in `box`; `style` is the widget that gives them these."""

    def __init__(self, columns):
        self._name = f"frames-{id(self):x}"
        self.style = ipywidgets.HTML()
        self.box = ipywidgets.GridBox(layout={"grid_template_columns": f"repeat({columns}, minmax(0, 1fr))"})
        self.box.add_class(self._name)

    def show(self, frames, files, labels):
        """Show Frames on new buttons, and return these: a click that comes late from the last page meets none."""
        height, width = frames.images.shape[1:3]
        styles = [STYLE.format(name=self._name, aspect=width / height)]
        styles += [
            PICTURE_STYLE.format(name=self._name, slot=slot, data=_jpeg(image))
            for slot, image in enumerate(frames.images)
        ]
        rows = enumerate(zip(frames.times, files, labels, strict=True))
        buttons = [self._button(slot, clock(time), file, bool(label)) for slot, (time, file, label) in rows]
        self.style.value = f"<style>{''.join(styles)}</style>"
        last, self.box.children = self.box.children, buttons
        for button in last:
            button.unobserve_all()
            button.close()
        return buttons

    def _button(self, slot, time, file, label):
        button = ipywidgets.ToggleButton(value=label, tooltip=file)
        button.add_class(f"{self._name}-{slot}")

        def describe(_=None):
            button.description = f"close-up  {time}" if button.value else time

        describe()
        button.observe(describe, "value")
        return button


def _jpeg(image):
    return base64.b64encode(encode(Image.fromarray(image), "JPEG", quality=80)).decode("ascii")
