"""Notebooks are run in real kernels here: small ones, made in the tests."""

import json
import re
from pathlib import Path

import nbformat
import pytest
from films import write_film
from small_notebooks import PARAMETERS, outputs, write

from toolkit import ParameterError, VideoError, reports

WIDGETS = """
import base64
import ipywidgets
from IPython.display import display
from tqdm.auto import tqdm
pixel = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAQAAAC1HAwCAAAAC0lEQVR42mNk+A8AAQUBAScY42YAAAAASUVORK5CYII="
)
output = ipywidgets.Output()
with output:
    print("printed into it")
ipywidgets.VBox([
    ipywidgets.HBox([ipywidgets.Label("a < b"), ipywidgets.HTML("<b>bold</b>")]),
    ipywidgets.Image(value=pixel, format="png", width="50"),
    ipywidgets.FloatSlider(0.1 + 0.2, description="threshold"),
    ipywidgets.IntRangeSlider(value=(2, 5), description="range"),
    ipywidgets.Dropdown(options=[("first", 1), ("second", 2)], value=2, description="pick"),
    ipywidgets.SelectMultiple(options=["p", "q", "r"], value=["p", "r"], description="some"),
    ipywidgets.Checkbox(True, description="on"),
    ipywidgets.Text("typed", description="note"),
    ipywidgets.Button(description="Run"),
    ipywidgets.Box([ipywidgets.IntText(1, description="p"), ipywidgets.IntText(2, description="q")]),
    ipywidgets.Box([ipywidgets.Text(""), ipywidgets.IntText(3)], layout=ipywidgets.Layout(flex_flow="column")),
    ipywidgets.Label("not to be seen", layout=ipywidgets.Layout(display="none")),
    ipywidgets.IntProgress(value=3, max=9, description="load"),
    output,
])
"""


@pytest.mark.parametrize(
    ("film", "name"),
    [
        (None, "sample_film_0"),
        ("Der letzte Mann (1924).mp4", "Der_letzte_Mann__1924_"),
        ("Страчка.mkv", "Страчка"),
        ("....mp4", "film"),
        ("x" * 200, "x" * 60),
    ],
)
def test_folder_is_called_as_the_film(tmp_path, film, name):
    if film is not None:
        film = tmp_path / film
        film.write_bytes(b"a film")
    folder = reports.film_folder(film, tmp_path / "out")
    assert folder == tmp_path / "out" / name
    assert folder.is_dir()


def test_another_film_of_the_same_name_gets_a_folder_of_its_own(tmp_path):
    for place, content in (("a", b"one film"), ("b", b"another film")):
        (tmp_path / place).mkdir()
        (tmp_path / place / "film.mp4").write_bytes(content)
    folders = [reports.film_folder(tmp_path / place / "film.mp4", tmp_path / "out").name for place in "abab"]
    assert folders == ["film", "film-2", "film", "film-2"]
    with pytest.raises(VideoError, match="missing.mp4 does not exist"):
        reports.film_folder(tmp_path / "missing.mp4", tmp_path / "out")


def test_folder_of_videos_has_a_folder_of_its_name_and_is_told_from_another(tmp_path):
    for place in ("a/my videos.2", "b/my videos.2"):
        (tmp_path / place).mkdir(parents=True)
    folders = [reports.film_folder(tmp_path / place / "my videos.2", tmp_path / "out").name for place in "abab"]
    assert folders == ["my_videos.2", "my_videos.2-2", "my_videos.2", "my_videos.2-2"]


def test_film_and_out_reach_the_notebook_as_absolute_paths(tmp_path, places, monkeypatch, capfd):
    write(places["notebooks"] / "01_first.ipynb", "# First", PARAMETERS, "print(film, out)")
    write_film(tmp_path / "my film.mp4", 2)
    monkeypatch.chdir(tmp_path)
    (page,) = reports.run_notebooks("my film.mp4", **places)
    assert page == tmp_path / "out" / "my_film" / "01_first.html"
    assert outputs(page.with_suffix(".ipynb")) == f"{tmp_path / 'my film.mp4'} {tmp_path / 'out'}\n"
    assert "<title>First - my_film</title>" in page.read_text()
    printed = capfd.readouterr()
    assert re.search(r"01_first \.\.\. done in \d+\.\d s", printed.out)
    assert str(page.parent) in printed.out
    assert printed.err == ""


def test_without_a_film_notebooks_run_in_order_in_their_own_folder(places, capfd):
    for name in ("10_last", "02_second", "01_first"):
        source = f'import os\nopen("order.txt", "a").write("{name[:2]} ")\nprint(film, os.path.basename(os.getcwd()))'
        write(places["notebooks"] / f"{name}.ipynb", "# T", PARAMETERS, source)
    pages = reports.run_notebooks(**places, progress=False)
    assert [page.stem for page in pages] == ["01_first", "02_second", "10_last"]
    assert (places["notebooks"] / "order.txt").read_text() == "01 02 10 "
    assert outputs(pages[0].with_suffix(".ipynb")) == "None notebooks\n"
    assert capfd.readouterr() == ("", "")


def test_notebooks_are_chosen_by_name_or_number(places):
    for name in ("01_first", "02_second", "03_third"):
        write(places["notebooks"] / f"{name}.ipynb", "# T", PARAMETERS)
    pages = reports.run_notebooks(**places, names=["03_third", "01"], progress=False)
    assert [page.stem for page in pages] == ["01_first", "03_third"]
    with pytest.raises(ParameterError, match="must be of 01_first, 02_second, 03_third, or their numbers; got '4'"):
        reports.run_notebooks(**places, names=["4"])


def test_a_failure_is_shown_and_the_others_run(places, capfd):
    write(places["notebooks"] / "01_fails.ipynb", "# T", PARAMETERS, "print('before')", "1 / 0", "print('after')")
    write(places["notebooks"] / "02_dies.ipynb", "# T", PARAMETERS, "import os", "os._exit(9)", "print('after')")
    write(places["notebooks"] / "03_works.ipynb", "# T", PARAMETERS, "print('fine')")
    with pytest.raises(reports.NotebookError) as failure:
        reports.run_notebooks(**places)
    message = str(failure.value)
    assert message.startswith("2 of 3 notebooks failed:")
    assert "\n  01_fails: ZeroDivisionError: division by zero" in message
    assert "\n  02_dies: the kernel died" in message
    folder = places["out"] / "sample_film_0"
    assert outputs(folder / "01_fails.ipynb") == "before\n"
    assert "division by zero" in (folder / "01_fails.html").read_text()
    assert "the kernel died" in (folder / "02_dies.html").read_text()
    assert outputs(folder / "03_works.ipynb") == "fine\n"
    assert sorted(path.name for path in folder.iterdir()) == sorted(
        f"{name}.{kind}" for name in ("01_fails", "02_dies", "03_works") for kind in ("html", "ipynb")
    )
    assert capfd.readouterr().out.count("FAILED") == 2


def test_further_parameters_go_to_the_notebooks_that_have_them(tmp_path, places, monkeypatch, capfd):
    own = PARAMETERS + "\nfps = 1.0\nlow, high = 0.28, 0.75"
    write(places["notebooks"] / "01_first.ipynb", "# T", own, "print(fps, low, high)")
    write(places["notebooks"] / "02_second.ipynb", "# T", PARAMETERS + "\nfps: float = 5.0", "low = 1\nprint(fps, low)")
    write(places["notebooks"] / "03_third.ipynb", "# T", PARAMETERS, "print('fps' in dir(), 'low' in dir())")
    pages = reports.run_notebooks(**places, parameters={"fps": 2, "low": 0.1})
    printed = [outputs(page.with_suffix(".ipynb")) for page in pages]
    assert printed == ["2 0.1 0.75\n", "2 1\n", "False False\n"]
    lines = capfd.readouterr().out.splitlines()
    assert lines[:3] == ["Film: the sample film", "fps = 2 in 01_first, 02_second", "low = 0.1 in 01_first"]


def test_a_parameter_arrives_as_it_was_given(tmp_path, places, monkeypatch):
    values = {
        "a": ("mds", "umap"),
        "b": {1: [None, True, -1e-9]},
        "c": "film = \"x\"\nЯ 'q' \\d {a}",
        "d": b"\0",
        "e": Path("model.keras"),
    }
    write(places["notebooks"] / "01_first.ipynb", PARAMETERS + "\na = b = c = d = e = 0", "print([a, b, c, d, e])")
    monkeypatch.chdir(tmp_path)
    (page,) = reports.run_notebooks(**places, parameters=values, progress=False)
    expected = [*list(values.values())[:4], str(tmp_path / "model.keras")]
    assert outputs(page.with_suffix(".ipynb")) == f"{expected}\n"


def test_an_executed_copy_can_be_run_again_with_other_parameters(places):
    write(places["notebooks"] / "01_first.ipynb", PARAMETERS + "\nfps = 1", "print(fps)")
    (page,) = reports.run_notebooks(**places, parameters={"fps": 2}, progress=False)
    (again,) = reports.run_notebooks(
        notebooks=page.parent, out=places["out"] / "again", parameters={"fps": 3}, progress=False
    )
    cells = nbformat.read(again.with_suffix(".ipynb"), as_version=4).cells
    assert [cell.metadata["tags"] for cell in cells] == [["parameters"], ["injected-parameters"], []]
    assert outputs(again.with_suffix(".ipynb")) == "3\n"


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"fsp": 2}, "notebooks to run have, fps, width; got 'fsp'"),
        ({"fps": 2, "late": 1}, "notebooks to run have, fps, width; got 'late'"),
        ({3: 2}, "notebooks to run have, fps, width; got 3"),
        ({"film": "x.mp4"}, "others than film and out: give these by themselves, film= and out="),
        ({"out": "x"}, "others than film and out"),
        ({"fps": float("inf")}, r"finite numbers, .*got for fps inf \(float\)"),
        ({"width": [object()]}, r"got for width \[<object object .*\(list\)"),
        (["fps"], "must be a dict of name and value; got list"),
    ],
)
def test_parameters_that_no_notebook_can_take_are_refused_before_anything_runs(places, parameters, message):
    write(places["notebooks"] / "01_first.ipynb", PARAMETERS + "\nwidth = 1", "late = 0")
    write(places["notebooks"] / "02_second.ipynb", PARAMETERS + "\nfps = 1")
    write(places["notebooks"] / "03_not_run.ipynb", PARAMETERS + "\nfsp = 1")
    (places["notebooks"] / "04_broken.ipynb").write_text("{}")
    with pytest.raises(ParameterError, match=message):
        reports.run_notebooks(**places, names=["1", "2", "4"], parameters=parameters)
    assert not places["out"].exists()


def test_where_no_notebook_has_further_parameters_the_message_says_so(places):
    write(places["notebooks"] / "01_first.ipynb", PARAMETERS)
    write(places["notebooks"] / "02_untagged.ipynb", "fps = 1")
    with pytest.raises(ParameterError, match="notebooks to run have, which is none; got 'fps'"):
        reports.run_notebooks(**places, parameters={"fps": 2})


@pytest.mark.parametrize(("film", "message"), [("missing.mp4", "missing.mp4 does not exist"), (".", "is a folder")])
def test_a_film_that_is_none_is_refused_before_anything_runs(tmp_path, places, film, message):
    write(places["notebooks"] / "01_first.ipynb", "# T", PARAMETERS)
    with pytest.raises(VideoError, match=message):
        reports.run_notebooks(tmp_path / film, **places)
    assert not places["out"].exists()


def test_a_folder_without_notebooks_is_refused(places):
    told = r"found none in .*\. Run it in the toolkit's checkout, .* notebooks= \(in a terminal, --notebooks\)"
    with pytest.raises(ParameterError, match=f"called NN_name.ipynb; {told}"):
        reports.run_notebooks(**places)


def test_a_page_asks_for_nothing_and_shows_widgets_as_they_stood(places):
    source = "import matplotlib.pyplot as plt\nplt.plot([1, 3, 2]);"
    bar = "for _ in tqdm(range(4), desc='frames'):\n    pass"
    write(places["notebooks"] / "01_page.ipynb", "# Page", PARAMETERS, source, WIDGETS, bar)
    (page,) = reports.run_notebooks(**places, progress=False)
    text = page.read_text()
    assert not re.search(r"""(src|href)=["'](https?:)?//""", text)
    assert not re.search(r"@import|url\(['\"]?https?:", text)
    assert "<script src" not in text
    assert len(re.findall(r'<img[^>]* src="data:image/png;base64,', text)) == 2
    stills = re.findall(r'<div class="film-still">(.*?)</div>', text, re.DOTALL)
    assert stills[0] == "a &lt; b <span><b>bold</b></span>"
    assert 'src="data:image/png;base64,iVBORw0KGgo' in stills[1]
    assert 'width="50"' in stills[1]
    assert stills[2:10] == [
        "threshold: 0.3",
        "range: 2, 5",
        "pick: second",
        "some: p, r",
        "on: yes",
        "note: typed",
        "p: 1 <span>q: 2</span>",
        "3",
    ]
    assert stills[10] == 'load: <progress max="9" value="3">3 of 9</progress>'
    assert "4 of 4" in stills[11]
    assert "4/4" in stills[11]
    assert "printed into it" in text
    assert "not to be seen" not in re.sub(r"<pre>.*?</pre>", "", text, flags=re.DOTALL)


def test_a_folder_whose_film_cannot_be_told_is_another_films(tmp_path):
    (tmp_path / "film.mp4").write_bytes(b"film")
    (tmp_path / "out" / "film").mkdir(parents=True)
    (tmp_path / "out" / "film" / "film.json").write_text("")
    assert reports.film_folder(tmp_path / "film.mp4", tmp_path / "out").name == "film-2"


def test_pages_of_a_folder_of_videos_go_to_its_folder(places, tmp_path, capsys):
    (tmp_path / "my clips").mkdir()
    write(places["notebooks"] / "01_many.ipynb", "# T", PARAMETERS + "\nvideos = None", "print(videos)")
    pages = reports.run_notebooks(**places, parameters={"videos": str(tmp_path / "my clips")})
    assert [page.parent.name for page in pages] == ["my_clips"]
    assert outputs(pages[0].with_suffix(".ipynb")).strip() == str(tmp_path / "my clips")
    assert f"Videos: {tmp_path / 'my clips'}" in capsys.readouterr().out
    with pytest.raises(VideoError, match="missing does not exist"):
        reports.run_notebooks(**places, parameters={"videos": str(tmp_path / "missing")})


def test_the_message_of_the_toolkits_own_errors_is_told_whole(places):
    advice = "do this; " * 60
    write(places["notebooks"] / "01_fails.ipynb", "# T", PARAMETERS, f"raise ValueError({advice!r})")
    with pytest.raises(reports.NotebookError) as raised:
        reports.run_notebooks(**places, progress=False)
    assert advice.strip() in str(raised.value)


def test_refreshing_twice_gives_the_same_file_without_traces(places):
    path = places["notebooks"] / "01_first.ipynb"
    bar = "from toolkit.storage import progress_bar\nfor i in progress_bar(range(3)):\n    print(i)"
    write(path, "# T", PARAMETERS, bar, "import ipywidgets\nipywidgets.IntSlider(3)", "set('abcdef')")
    ids = [cell.id for cell in nbformat.read(path, as_version=4).cells]
    assert reports.refresh_notebooks(places["notebooks"], progress=False) == [path]
    first = path.read_text()
    reports.refresh_notebooks(places["notebooks"], progress=False)
    assert path.read_text() == first
    stored = json.loads(first)
    assert [cell["id"] for cell in stored["cells"]] == ids
    assert set(stored["metadata"]) == {"kernelspec", "language_info"}
    assert stored["cells"][2]["outputs"] == [{"name": "stdout", "output_type": "stream", "text": ["0\n", "1\n", "2\n"]}]
    assert list(stored["cells"][3]["outputs"][0]["data"]) == ["text/plain"]
    assert "papermill" not in first


def test_refreshing_leaves_a_failing_notebook_as_it_was(places):
    path = places["notebooks"] / "01_first.ipynb"
    write(path, "# T", PARAMETERS, "print('ran')", "raise ValueError('two\\nlines')")
    before = path.read_bytes()
    with pytest.raises(reports.NotebookError, match="01_first: ValueError: two"):
        reports.refresh_notebooks(places["notebooks"], progress=False)
    assert path.read_bytes() == before


def test_links_between_notebooks_lead_to_their_pages(places, tmp_path):
    write(places["notebooks"] / "01_first.ipynb", "# T\n[next](02_second.ipynb)", PARAMETERS)
    (page,) = reports.run_notebooks(**places, progress=False)
    assert 'href="02_second.html"' in page.read_text()


@pytest.mark.parametrize("content", ["", "[]", "{}", "not json", '{"nbformat": 9, "nbformat_minor": 0, "cells": []}'])
def test_a_file_that_is_no_notebook_is_named_and_the_others_run(places, content):
    write(places["notebooks"] / "02_works.ipynb", "# T", PARAMETERS)
    (places["notebooks"] / "01_broken.ipynb").write_text(content)
    with pytest.raises(reports.NotebookError, match="1 of 2 notebooks failed:\n  01_broken: not a notebook"):
        reports.run_notebooks(**places, progress=False)
    assert (places["out"] / "sample_film_0" / "02_works.html").exists()
