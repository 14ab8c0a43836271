"""Notebooks run from the terminal."""

import pytest

from toolkit import reports
from toolkit.commands import main


def test_help_of_notebooks_shows_where_they_are_sought_and_left(capsys):
    with pytest.raises(SystemExit):
        main(["notebooks", "--help"])
    shown = " ".join(capsys.readouterr().out.split())
    assert "(default: notebooks, in the current folder" in shown
    assert "(default: out, in the current folder" in shown


def test_notebooks_get_the_parameters_that_are_set(monkeypatch):
    asked = {}
    monkeypatch.setattr(reports, "run_notebooks", lambda film, **options: asked.update(options))
    texts = {
        "inserts=2": 2,
        "low=0.3": 0.3,
        "spoken=None": None,
        "methods=('mds', 'umap')": ("mds", "umap"),
        "model=vgg16": "vgg16",
        "title=A = B": "A = B",
        "year='1922'": "1922",
        "close_up_model=/a path/m.keras": "/a path/m.keras",
        "pattern='\\d'": "\\d",
        "note=1is 2": "1is 2",
        "none=": "",
        "key={[]: 1}": "{[]: 1}",
        "deep=" + "(" * 5000: "(" * 5000,
    }
    given = [part for text in texts for part in ("--set", text)]
    assert main(["notebooks", *given]) == 0
    assert list(asked["parameters"].values()) == list(texts.values())
    assert list(asked["parameters"])[:2] == ["inserts", "low"]
    assert main(["notebooks", "--set", "inserts=2", "--set", "inserts=3"]) == 0
    assert asked["parameters"] == {"inserts": 3}
    assert main(["notebooks"]) == 0
    assert asked["parameters"] is None
    assert main(["notebooks", "--only", "05", "06", "--only", "07"]) == 0
    assert asked["names"] == ["05", "06", "07"]


@pytest.mark.parametrize("text", ["inserts", "=2", " =2"])
def test_a_parameter_without_name_or_value_is_refused_by_the_parser(text, capsys):
    with pytest.raises(SystemExit):
        main(["notebooks", "--set", text])
    assert f"expected NAME=VALUE, such as inserts=2; got {text!r}" in capsys.readouterr().err


def test_parameters_and_stored_outputs_do_not_go_together(capsys):
    assert main(["notebooks", "--in-place", "--set", "inserts=2"]) == 2
    assert "--set cannot go with --in-place" in capsys.readouterr().err


def test_outside_of_a_checkout_one_is_told_where_to_run_notebooks(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert main(["notebooks"]) == 2
    (error,) = capsys.readouterr().err.splitlines()
    assert f"found none in {tmp_path}/notebooks. Run it in the toolkit's checkout" in error
    assert list(tmp_path.iterdir()) == []
