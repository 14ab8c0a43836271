"""What `make` does before anything is installed."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]

pytestmark = pytest.mark.skipif(shutil.which("make") is None, reason="make is not installed")


def make(folder, *arguments):
    """Run make in a folder that has the project's Makefile, as a person would."""
    shutil.copy(ROOT / "Makefile", folder)
    for name in ("pyproject.toml", "constraints.txt"):
        (folder / name).touch()
    surroundings = {
        name: value for name, value in os.environ.items() if not name.startswith(("MAKE", "PYTHON", "MFLAGS"))
    }
    return subprocess.run(
        ["make", *arguments], cwd=folder, env=surroundings, capture_output=True, text=True, timeout=60
    )


def write_python(path, version, status):
    """Write a program that answers the Makefile's question as a Python of that version would."""
    path.parent.mkdir(exist_ok=True)
    path.write_text(f"#!/bin/sh\nprintf {version}\nexit {status}\n")
    path.chmod(0o755)
    return path


def test_make_alone_lists_the_commands(tmp_path):
    listed = make(tmp_path).stdout
    for target in ("notebooks", "lab", "test", "test-browser", "lint", "bench", "outputs"):
        assert f"make {target} " in listed
    assert not (tmp_path / ".venv").exists()


@pytest.mark.parametrize("version", ["2.7.18", "3.10.13", "3.14.0"])
def test_an_unsupported_python_is_refused_in_a_sentence(tmp_path, version):
    python = write_python(tmp_path / "a folder" / "python", version, 1)
    done = make(tmp_path, "test", f"PYTHON={python}")
    assert done.returncode != 0
    sentence = done.stderr.splitlines()[0]
    assert sentence.startswith("The toolkit needs Python 3.11, 3.12 or 3.13, but ")
    assert f"{python} is {version}: install one, or name it" in sentence
    assert not (tmp_path / ".venv").exists()


def test_a_python_that_is_not_there_is_refused_in_a_sentence(tmp_path):
    done = make(tmp_path, "test", "PYTHON=no-such-python")
    assert done.returncode != 0
    assert "no-such-python is missing: install one" in done.stderr


def test_the_question_asked_of_a_python_admits_this_one(tmp_path):
    check = next(line for line in (ROOT / "Makefile").read_text().splitlines() if line.startswith("CHECK := "))
    done = subprocess.run([sys.executable, "-c", check.removeprefix("CHECK := ")], capture_output=True, text=True)
    assert done.returncode == 0
    assert done.stdout == ".".join(str(part) for part in sys.version_info[:3])


def test_a_film_reaches_the_toolkit_whole(tmp_path):
    (tmp_path / ".venv" / "bin").mkdir(parents=True)
    python = tmp_path / ".venv" / "bin" / "python"
    python.write_text('#!/bin/sh\nprintf "<%s>" "$@"\n')
    python.chmod(0o755)
    (tmp_path / "pyproject.toml").touch()
    (tmp_path / "constraints.txt").touch()
    shutil.copy(ROOT / "Makefile", tmp_path)
    (tmp_path / ".venv" / ".ready").touch()
    run = ["make", "-s", "--assume-old=pyproject.toml", "--assume-old=constraints.txt", "notebooks"]
    plain = subprocess.run(run, cwd=tmp_path, capture_output=True, text=True, timeout=60)
    assert plain.stdout == "<-m><toolkit><notebooks>"
    named = subprocess.run([*run, "FILM=it's my film.mp4"], cwd=tmp_path, capture_output=True, text=True, timeout=60)
    assert named.stdout == "<-m><toolkit><notebooks><--film><it's my film.mp4>"


def test_constraints_pin_every_requirement_to_a_version_it_admits():
    import tomllib

    from packaging.requirements import Requirement
    from packaging.utils import canonicalize_name

    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    wanted = project["dependencies"] + [line for extra in project["optional-dependencies"].values() for line in extra]
    lines = (ROOT / "constraints.txt").read_text().splitlines()
    pins = dict(line.split("==") for line in lines if "==" in line)
    pins = {canonicalize_name(name): version for name, version in pins.items()}
    for requirement in map(Requirement, wanted):
        assert pins[canonicalize_name(requirement.name)] in requirement.specifier, requirement
