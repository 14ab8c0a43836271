"""Runs that were killed, and go on."""

import re
import subprocess
import sys
import time
from pathlib import Path

import pytest
from small_notebooks import PARAMETERS, write

from toolkit import reports
from toolkit.reports import journal

RUN = """
import sys
from pathlib import Path
from toolkit import reports
reports.run_notebooks(notebooks=Path(sys.argv[1]), out=Path(sys.argv[2]))
"""


def killed_in_the_second(places):
    """Run two notebooks in a process of its own, and kill it in the second; return the folder of the film."""
    count = "from pathlib import Path\nwith open('{0}', 'a') as file:\n    file.write('x')"
    first, second = (places["notebooks"].parent / name for name in ("first", "second"))
    write(places["notebooks"] / "01_first.ipynb", "# T", PARAMETERS, count.format(first))
    wait = f"import time\nwhile not Path('{second}.go').exists():\n    time.sleep(0.05)"
    write(places["notebooks"] / "02_second.ipynb", "# T", PARAMETERS, f"{count.format(second)}\n{wait}")
    process = subprocess.Popen([sys.executable, "-c", RUN, str(places["notebooks"]), str(places["out"])])
    while not second.exists():
        assert process.poll() is None
        time.sleep(0.05)
    process.kill()
    process.wait()
    Path(f"{second}.go").touch()
    return first, second


def test_a_run_that_was_killed_goes_on_where_it_stopped(places, capfd):
    first, second = killed_in_the_second(places)
    assert list((places["out"] / "sample_film_0").glob(".02_second.*.partial.ipynb"))
    pages = reports.run_notebooks(**places)
    assert sorted(path.stem for path in pages[0].parent.iterdir()) == ["01_first"] * 2 + ["02_second"] * 2
    told = capfd.readouterr().out
    assert "01_first ... done, before the last run was stopped" in told
    assert re.search(r"02_second ... done in", told)
    assert (first.read_text(), second.read_text()) == ("x", "xx")
    assert [page.exists() for page in pages] == [True, True]
    # what came to its end is run anew
    reports.run_notebooks(**places, progress=False)
    assert (first.read_text(), second.read_text()) == ("xx", "xxx")


@pytest.mark.parametrize("change", ["a notebook", "a correction", "the package"])
def test_a_run_that_was_killed_begins_anew_where_something_changed(places, change, monkeypatch):
    first, second = killed_in_the_second(places)
    if change == "a notebook":
        write(places["notebooks"] / "02_second.ipynb", "# T", PARAMETERS, "print('other')")
    elif change == "the package":
        monkeypatch.setattr(journal, "__file__", str(places["out"] / "elsewhere" / "_run_journal.py"))
    else:
        (places["out"] / "sample_film_0" / "shots.corrected.csv").write_text("start,transition\n0,start\n")
    reports.run_notebooks(**places, progress=False)
    assert first.read_text() == "xx"


def test_what_another_run_has_left_does_not_count_once_one_with_other_parameters_began(places):
    first, second = killed_in_the_second(places)
    notebook = (places["notebooks"] / "01_first.ipynb").read_bytes()
    write(places["notebooks"] / "01_first.ipynb", "# T", PARAMETERS, "raise ValueError('other')")
    with pytest.raises(reports.NotebookError):
        reports.run_notebooks(**places, names=["01"], progress=False)
    (places["notebooks"] / "01_first.ipynb").write_bytes(notebook)
    reports.run_notebooks(**places, progress=False)
    assert first.read_text() == "xx"
