"""Widgets as they stood, in a page."""

import re

import nbformat

from toolkit.reports import stills as report_stills


def test_a_widget_of_no_known_kind_gives_its_plain_text():
    data = {report_stills.WIDGET_VIEW: {"model_id": "m"}, "text/plain": "Scatter(3 points)"}
    cell = nbformat.v4.new_code_cell("", outputs=[nbformat.v4.new_output("display_data", data)])
    notebook = nbformat.v4.new_notebook(cells=[cell])
    (output,) = report_stills.freeze_widgets(notebook).cells[0].outputs
    assert output.data == {"text/plain": "Scatter(3 points)"}
    assert report_stills.WIDGET_VIEW in cell.outputs[0].data


def test_an_explorers_picture_is_in_the_page_with_its_words():
    state = {
        "_anywidget_id": "toolkit.explorers.explorer.Picture",
        "mime": "image/jpeg",
        "alt": "frames of 3 < 4 clusters",
    }
    buffers = [{"path": ["value"], "encoding": "base64", "data": "AAEC\n"}]
    models = {
        name: {"model_module": "anywidget", "model_name": "AnyModel", "state": state, "buffers": held}
        for name, held in (("drawn", buffers), ("empty", []), ("blank", [{**buffers[0], "data": ""}]))
    }
    outputs = [
        nbformat.v4.new_output(
            "display_data", {report_stills.WIDGET_VIEW: {"model_id": name}, "text/plain": "Picture()"}
        )
        for name in models
    ]
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("", outputs=outputs)])
    notebook.metadata["widgets"] = {report_stills.WIDGET_STATE: {"state": models}}
    (output,) = report_stills.freeze_widgets(notebook).cells[0].outputs
    assert '<img alt="frames of 3 &lt; 4 clusters" src="data:image/jpeg;base64,AAEC">' in output.data["text/html"]


def test_within_a_box_a_widget_of_no_known_kind_is_named():
    anywidget = {"_anywidget_id": "maps.widget.Scatter"}
    models = {
        "box": {"model_module": "@jupyter-widgets/controls", "model_name": "VBoxModel", "state": {}},
        "own": {"model_module": "anywidget", "model_name": "AnyModel", "state": anywidget},
        "other": {"model_module": "maps", "model_name": "GlobeModel", "state": {}},
    }
    models["box"]["state"]["children"] = ["IPY_MODEL_own", "IPY_MODEL_other"]
    data = {report_stills.WIDGET_VIEW: {"model_id": "box"}, "text/plain": "VBox()"}
    cell = nbformat.v4.new_code_cell("", outputs=[nbformat.v4.new_output("display_data", data)])
    notebook = nbformat.v4.new_notebook(cells=[cell])
    notebook.metadata["widgets"] = {report_stills.WIDGET_STATE: {"state": models}}
    outputs = report_stills.freeze_widgets(notebook).cells[0].outputs
    assert [re.sub("<.*?>", "", output.data["text/html"]) for output in outputs] == [
        "(Scatter: shown only while its notebook runs)",
        "(Globe: shown only while its notebook runs)",
    ]
