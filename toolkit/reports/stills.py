"""Widgets as they stood when a notebook ended: pictures and text, for a page in which no kernel runs."""

import copy
import html

WIDGET_STATE = "application/vnd.jupyter.widget-state+json"
WIDGET_VIEW = "application/vnd.jupyter.widget-view+json"
# of the widgets that have a picture or a text
MODULES = "@jupyter-widgets/controls", "@jupyter-widgets/output"
# letters of a widget's own text that say what it is
LETTERS = 100


def freeze_widgets(notebook):
    """Return a copy of an executed notebook in which pictures and text stand where the widgets were.

    A picture widget, an explorer's too, gives its picture; HTML and labels their text; an Output what was printed into
    it; a box its children, in order, those that lie in a row in one line; a slider, menu or other control
    `description: value`; a progress bar the bar. A button, which a page has no use for, gives nothing, and a widget of
    any other kind what it is called.

    Parameters
    ----------
    notebook : nbformat.NotebookNode
        With the widgets' state in its metadata, as nbclient, papermill and JupyterLab leave it.
    """
    notebook = copy.deepcopy(notebook)
    models = notebook.metadata.pop("widgets", {}).get(WIDGET_STATE, {}).get("state", {})
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs = [still for output in cell.outputs for still in _stills(output, models)]
    return notebook


def _stills(output, models):
    """Return the outputs that take the place of one: itself, where it is no widget."""
    from nbformat.v4 import new_output

    data = output.get("data", {})
    if WIDGET_VIEW not in data:
        return [output]
    model_id = data[WIDGET_VIEW]["model_id"]
    # of a widget whose state was not saved
    if model_id not in models:
        plain = {mime: value for mime, value in data.items() if mime != WIDGET_VIEW}
        return [new_output("display_data", plain)]
    parts = _parts(model_id, models, text=data.get("text/plain", ""))
    line = '<div class="film-still">{}</div>'
    return [
        new_output("display_data", {"text/html": line.format(part)}) if isinstance(part, str) else part
        for part in parts
    ]


def _parts(model_id, models, text=""):
    """Return what a widget shows, top to bottom: an HTML string for each line, an output for what was printed.

    `text` is the widget's own text.
    """
    model = models.get(model_id)
    if model is not None and _kind(model) == "Picture":
        return _picture(model)
    if model is None or model["model_module"] not in MODULES:
        name = text if 0 < len(text) <= LETTERS else _kind(model)
        return [f"({html.escape(name)}: shown only while its notebook runs)"]
    kind, state = model["model_name"], model["state"]
    if _layout(state, models).get("display") == "none":
        return []
    if kind == "OutputModel":
        return [still for output in state["outputs"] for still in _stills(output, models)]
    if "children" in state:
        parts = [part for child in state["children"] for part in _parts(child.removeprefix("IPY_MODEL_"), models)]
        row = kind in ("BoxModel", "HBoxModel") and "column" not in (_layout(state, models).get("flex_flow") or "")
        return _side_by_side(parts) if row else parts
    if kind == "ImageModel":
        return _picture(model)
    text, description = _text(kind, state), html.escape(state.get("description") or "")
    return [] if text is None else [f"{description}: {text}" if description else text]


def _kind(model):
    """Return what a widget of an unknown kind is called."""
    if model is None:
        return "A widget"
    # those made with anywidget share one model, and tell the name of their own
    own = model["state"].get("_anywidget_id", "").rpartition(".")[2]
    return own or model["model_name"].removesuffix("Model")


def _layout(state, models):
    """Return how a widget is laid out."""
    return models.get((state.get("layout") or "").removeprefix("IPY_MODEL_"), {}).get("state", {})


def _side_by_side(parts):
    """Return the parts with neighbouring lines joined into one."""
    joined = []
    for part in parts:
        if isinstance(part, str) and joined and isinstance(joined[-1], str):
            joined[-1] += f" <span>{part}</span>"
        else:
            joined.append(part)
    return joined


def _picture(model):
    """Return a picture widget, of ipywidgets or an explorer's, as an <img> that holds its bytes, if there are any."""
    state = model["state"]
    data = "".join(buffer["data"] for buffer in model.get("buffers", []) if buffer["path"] == ["value"])
    if not data:
        return []
    size = "".join(f' {side}="{html.escape(state[side])}"' for side in ("width", "height") if state.get(side))
    kind = html.escape(state.get("mime") or f"image/{state['format']}")
    text = html.escape(state.get("alt") or "a picture")
    return [f'<img alt="{text}" src="data:{kind};base64,{"".join(data.split())}"{size}>']


def _text(kind, state):
    """Return the text that a control shows beside its description, or None."""
    value = state.get("value")
    if kind in ("HTMLModel", "HTMLMathModel"):
        return value
    if kind.endswith("ProgressModel"):
        full, done = state["max"] - state["min"], value - state["min"]
        return f'<progress max="{full:g}" value="{done:g}">{done:g} of {full:g}</progress>'
    if kind in ("ButtonModel", "PlayModel"):
        return None
    if "_options_labels" in state:
        labels, index = state["_options_labels"], state.get("index")
        # a menu's index, or the indexes of one in which several can be chosen
        several = isinstance(index, (list, tuple))
        value = [labels[i] for i in index] if several else None if index is None else labels[index]
    return None if value is None or value == "" else html.escape(_plain(value))


def _plain(value):
    """Return a control's value as a person would write it."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:.10g}"
    if isinstance(value, (list, tuple)):
        return ", ".join(_plain(item) for item in value)
    return str(value)
