"""What explorers have in common: controls above pictures, the code that gives what is seen, and a process that helps.

An explorer's `parameters` are the values of its controls. Whenever one changes, the explorer computes its `result` by
the toolkit's own functions and draws it. What takes long is computed by another process, which can be stopped.
"""

import base64
import contextlib
import html
import threading
import warnings
from concurrent.futures import BrokenExecutor

import ipywidgets

from toolkit.checks import check_number
from toolkit.errors import DataError, ParameterError, VideoError
from toolkit.explorers.pictures import button, stack_pictures

# what a user's data or a disk may bring about; anything else is an error of ours
PROBLEMS = ParameterError, VideoError, DataError, OSError

CODE = """<pre tabindex="0" aria-label="the code of what is shown" style="user-select: all; white-space: pre-wrap;
word-break: normal; margin: 2px 0; padding: 4px 8px; line-height: 1.4; border-radius: 3px;
color: var(--jp-content-font-color1, #222); background: var(--jp-layout-color2, #eee)">{}</pre>"""
STATUS = '<span style="color: var(--jp-content-font-color2, #444)">{}</span>'
PROBLEM = '<b role="alert" style="color: var(--jp-error-color1, #c62828)">{}</b>'
WAIT_NOTE = (
    '<span role="status" style="color: var(--jp-warn-color0, #b35900)">working … (what is shown is as before)</span>'
)


class Explorer:
    """Controls, pictures, and the line of code that gives what is seen.

    A subclass has in `texts` the description and the tooltip of each control, by name.

    Attributes
    ----------
    controls : dict of str to widget
        By the name of the parameter that each sets.
    parameters : dict
        Of what is shown: keyword arguments that show the same again when the explorer is made with them.
    code : str
        The call of the toolkit that gives `result`, ready to paste.
    result
        What that call returns.
    pictures : tuple of Picture
    problem : str
        What was wrong with the last change, else "".
    widget : ipywidgets.VBox
    """

    def __init__(self, controls, pictures, *, more=()):
        self.controls, self.pictures = dict(controls), tuple(pictures)
        self.problem, self.result, self.parameters = "", None, {}
        self._lock, self._hears = threading.RLock(), True
        self._code, self._status = ipywidgets.HTML(), ipywidgets.HTML()
        for name, control in self.controls.items():
            self.hear(self.label(name, control), self._on_change)
        layout = {"flex_flow": "row wrap", "align_items": "center", "grid_gap": "0 12px"}
        row = ipywidgets.Box([*self.controls.values()], layout=layout)
        self.widget = ipywidgets.VBox([row, *more, *self.pictures, self._status, self._code])
        self.refresh()

    # what a subclass says

    def compute(self, **parameters):
        """Return the result for parameters."""

    def draw(self):
        """Draw `result` into the pictures; return what is written about it in a line."""

    def call(self, **parameters):
        """Return the line of code that gives the result for parameters."""

    # what they have in common

    def label(self, name, control):
        """Give a control the description and the tooltip that it has in `texts`; return it."""
        control.description, control.tooltip = self.texts[name]
        control.style.description_width = "initial"
        return control

    @property
    def code(self):
        """The call of the toolkit that gives `result`, ready to paste."""
        return self.call(**self.parameters)

    def wanted(self):
        """Return the values of the controls, by name."""
        return {name: control.value for name, control in self.controls.items()}

    def hear(self, widget, action, trait="value"):
        """Call an action with each change of a widget, except inside `unheard`."""

        def pass_on(change):
            with self._lock:
                if self._hears:
                    action(change)

        widget.observe(pass_on, trait)

    @contextlib.contextmanager
    def unheard(self):
        """Ignore changes of widgets inside this block."""
        hears, self._hears = self._hears, False
        try:
            yield
        finally:
            self._hears = hears

    def set_controls(self, values):
        """Set the controls that have a value, by name, without computing anything."""
        with self.unheard():
            for name, control in self.controls.items():
                control.value = values.get(name, control.value)

    def refresh(self):
        """Compute and draw what the controls say. If that fails, the problem is shown, and the rest stays as it was."""
        try:
            parameters = self.wanted()
            for name, value in parameters.items():
                if isinstance(value, float):
                    check_number(name, value)
            result = self.compute(**parameters)
        except PROBLEMS as error:
            self.tell_problem(error)
            return
        self.take(parameters, result)

    def take(self, parameters, result):
        """Show a result that was computed for parameters. If drawing fails, the previous ones are restored."""
        before = self.parameters, self.result
        self.parameters, self.result = parameters, result
        try:
            # warnings, such as of letters that no font has, are shown in the status
            with warnings.catch_warnings(record=True) as notes:
                warnings.simplefilter("always", UserWarning)
                line = self.draw()
        except PROBLEMS as error:
            self.parameters, self.result = before
            self.tell_problem(error)
            return
        self.problem = ""
        self._status.value = STATUS.format(html.escape("; ".join([line, *(str(note.message) for note in notes)])))
        self._code.value = CODE.format(html.escape(self.code))

    def tell_problem(self, error):
        """Write what went wrong under the pictures; where nothing is shown yet that could stay, raise it."""
        if not self.parameters:
            raise error
        self.problem = str(error)
        self._status.value = PROBLEM.format(html.escape(self.problem))

    def _on_change(self, _):
        self.refresh()

    def __repr__(self):
        return f"{type(self).__name__}: {self.code}"

    def _repr_mimebundle_(self, **options):
        bundle = self.widget._repr_mimebundle_(**options) or {}
        values = [picture.value for picture in self.pictures if picture.value]
        # where no widgets are shown, as on a page of a repository, the pictures are
        still = {"image/jpeg": base64.b64encode(stack_pictures(values)).decode("ascii")} if values else {}
        return {**bundle, **still, "text/plain": repr(self)}


class SlowExplorer(Explorer):
    """An explorer that computes in another process, some time after the last change, and can be stopped.

    What it shows when it is made is computed at once, so that a notebook that runs top to bottom has it.

    Attributes
    ----------
    working : bool
        Whether something is being computed.
    stop : ipywidgets.Button
    """

    delay = 0.4

    def __init__(self, controls, pictures, *, more=()):
        self._timer, self._pool, self._turn, self._busy = None, None, 0, False
        self._rests = threading.Event()
        self._rests.set()
        self.stop = button("Stop", "stop", None, self.halt, {"width": "6em"})
        self.stop.disabled = True
        super().__init__(controls, pictures, more=[self.stop, *more])

    def task(self, **parameters):
        """Return a function that another process can import, and its arguments, which give the result."""

    def compute(self, **parameters):
        """Return the result for parameters, computed here."""
        function, *arguments = self.task(**parameters)
        return function(*arguments)

    @property
    def working(self):
        """Whether something is being computed."""
        return not self._rests.is_set()

    def wait(self, timeout=None):
        """Wait until nothing is being computed; return whether that came about."""
        return self._rests.wait(timeout)

    def halt(self):
        """Stop what is being computed: its process is ended. What is shown stays, and the controls go back to it."""
        with self._lock:
            self._end()
            self._rest()
            self.set_controls(self.parameters)
            self._status.value = STATUS.format("stopped: what is shown is as before")

    def redraw(self):
        """Redraw what is shown, such as with another title; what is written of controls that wait stays."""
        before = self._status.value, self.problem
        self.take(self.parameters, self.result)
        if not self.problem and self.wanted() != self.parameters:
            self._status.value, self.problem = before

    def _on_change(self, _):
        self._end()
        if self.wanted() == self.parameters:
            self._rest()
            return
        self._rests.clear()
        self.stop.disabled = False
        self._status.value = WAIT_NOTE
        self._timer = threading.Timer(self.delay, self._begin, [self._turn])
        self._timer.daemon = True
        self._timer.start()

    def _begin(self, turn):
        with self._lock:
            if turn != self._turn:
                return
            parameters = self.wanted()
            try:
                function, *arguments = self.task(**parameters)
                future = self._submit(function, *arguments)
            # whatever it is, this thread has no one else to tell
            except Exception as error:
                self._rest()
                self.tell_problem(error)
                return
            self._busy = True
        future.add_done_callback(lambda done: self._finish(turn, parameters, done))

    def _submit(self, function, *arguments):
        """Hand work to the process, to a new one if there is none, or if it was killed while it had nothing to do."""
        from joblib.externals.loky import ProcessPoolExecutor

        for _ in range(2):
            if self._pool is None:
                self._pool = ProcessPoolExecutor(max_workers=1, timeout=600)
            try:
                return self._pool.submit(function, *arguments)
            except BrokenExecutor as error:
                self._pool, broken = None, error
        raise broken

    def _finish(self, turn, parameters, future):
        with self._lock:
            # of a turn that was given up
            if turn != self._turn or future.cancelled():
                return
            self._busy = False
            try:
                self.take(parameters, future.result())
            except BrokenExecutor:
                self._pool = None
                self.tell_problem("what computes was ended from outside, as where memory runs out; try again")
            # whatever it is, this thread has no one else to tell
            except Exception as error:
                self.tell_problem(error)
            self._rest()

    def _end(self):
        """Give up what is planned, and end the process if it is at work."""
        self._turn += 1
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._busy:
            self._pool.shutdown(wait=False, kill_workers=True)
            self._pool, self._busy = None, False

    def _rest(self):
        self.stop.disabled = True
        if self._status.value == WAIT_NOTE:
            self._status.value = ""
        self._rests.set()
