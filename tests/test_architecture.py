"""The house of DESIGN: floors, doors, light imports, and the form of the notebooks."""

import ast
import json
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import nbformat
import pytest
from lines import count_packages, sizes

ROOT = Path(__file__).parents[1]
HOUSE = ROOT / "toolkit"
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
SOURCES = sorted(HOUSE.rglob("*.py"))
SOURCE_NAMES = [path.relative_to(HOUSE).as_posix() for path in SOURCES]
PACKAGES = sorted(path.parent.name for path in HOUSE.glob("*/__init__.py"))
NOUNS = sorted({*PACKAGES, *(path.stem for path in HOUSE.glob("*.py") if not path.stem.startswith("_"))})
HEAVY = ("numba", "sklearn", "matplotlib", "torch", "keras", "cv2", "umap", "transformers", "ipywidgets")
ALLOWED = {"plots": {"matplotlib"}, "explorers": {"matplotlib", "ipywidgets"}}


@pytest.fixture(params=NOTEBOOKS, ids=lambda path: path.stem)
def notebook(request):
    return nbformat.read(request.param, as_version=4)


def run(program):
    return subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, cwd=ROOT, timeout=120)


def parsed(path):
    return ast.parse(path.read_text(encoding="utf-8"))


def face_of(package):
    """Return what a package hands out, dict of name to room, as its stub tells it."""
    imports = [node for node in parsed(HOUSE / package / "__init__.pyi").body if isinstance(node, ast.ImportFrom)]
    return {alias.name: node.module for node in imports for alias in node.names}


FACES = {package: face_of(package) for package in PACKAGES}


def is_room(dotted):
    path = HOUSE.joinpath(*dotted.split("."))
    return path.with_suffix(".py").is_file() or (path / "__init__.py").is_file()


def defined_in(dotted):
    """Return the names that a room defines at its top level."""
    names = set()
    for node in parsed(HOUSE.joinpath(*dotted.split(".")).with_suffix(".py")).body:
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            names.add(node.name)
        elif isinstance(node, (ast.Assign, ast.AnnAssign)):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            names |= {part.id for target in targets for part in ast.walk(target) if isinstance(part, ast.Name)}
    return names


# lines of code, without docstrings, comments and blank lines; what is longer says why in a comment `# long: ...`
MOST_LINES = {ast.Module: 300, ast.ClassDef: 150, ast.FunctionDef: 60, ast.AsyncFunctionDef: 60}
PARTICIPLES = {"told", "made", "kept", "seen", "called", "named", "needed"}


def imported_by(dotted):
    nodes = parsed(HOUSE.joinpath(*dotted.split(".")).with_suffix(".py")).body
    return {alias.name for node in nodes if isinstance(node, ast.ImportFrom) for alias in node.names}


def wrong_entries(path):
    """Yield what a file of the package imports from another package past its face, and not by its full path either."""
    own = path.relative_to(HOUSE).parts[0]
    tree, opened, rooms = parsed(path), {}, {}
    for node in ast.walk(tree):
        if not isinstance(node, ast.ImportFrom):
            continue
        if node.level:
            yield f"relative: {node.module}"
        elif node.module == "toolkit":
            opened |= {alias.asname or alias.name: alias.name for alias in node.names if alias.name in FACES}
        elif node.module and node.module.startswith("toolkit."):
            package, _, room = node.module.removeprefix("toolkit.").partition(".")
            for alias in node.names:
                inside = f"{package}.{room}.{alias.name}" if room else f"{package}.{alias.name}"
                if package == own or package not in FACES:
                    continue
                if is_room(inside):
                    rooms[alias.asname or alias.name] = package
                    continue
                if not room and alias.name not in FACES[package]:
                    yield f"{alias.name} is not in the face of {package}"
                if room and alias.name in FACES[package]:
                    yield f"{alias.name} of {package}.{room} is in the face of {package}"
                elif room and alias.name not in defined_in(f"{package}.{room}"):
                    yield f"{alias.name} is not defined in {package}.{room}"
    for node in ast.walk(tree):
        if not isinstance(node, ast.Attribute) or not isinstance(node.value, ast.Name) or node.attr.startswith("__"):
            continue
        name, attribute = node.value.id, node.attr
        if name in opened and attribute not in FACES[opened[name]]:
            yield f"{opened[name]}.{attribute} is not in the face of {opened[name]}"
        if name in rooms and attribute in FACES[rooms[name]]:
            yield f"{attribute} is in the face of {rooms[name]}"


def test_a_package_imports_only_from_floors_below():
    # in a process of its own: import-linter sets up logging, which closes the streams that other libraries log to
    command = [Path(sys.executable).parent / "lint-imports", "--no-cache"]
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, timeout=120)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_contract_fits_on_one_screen():
    tools = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]
    contracts = tools["importlinter"]["contracts"]
    (floors,) = [contract for contract in contracts if contract["type"] == "layers"]
    assert len(floors["layers"]) <= 16
    assert floors["exhaustive"]
    named = {name.strip() for layer in floors["layers"] for name in layer.split("|")}
    assert named == {*NOUNS, "__main__"}


def test_files_are_named_without_underscores_and_few_lie_at_the_top():
    names = [path.name for path in HOUSE.rglob("*.py*") if path.suffix in (".py", ".pyi")]
    assert {name for name in names if name.startswith("_")} <= {"__init__.py", "__init__.pyi", "__main__.py"}
    assert len([path for path in HOUSE.iterdir() if path.is_file()]) <= 12


def test_the_package_stays_thin():
    assert count_packages().total() <= 18_500


@pytest.mark.parametrize("path", SOURCES, ids=SOURCE_NAMES)
def test_files_classes_and_functions_can_be_read_at_once_or_say_why_not(path):
    parts = [
        (getattr(node, "name", "the file"), lines, source)
        for node, lines, source in sizes(path)
        if lines > MOST_LINES[type(node)]
    ]
    assert not [(name, lines) for name, lines, source in parts if "# long: " not in source]


@pytest.mark.parametrize("path", SOURCES, ids=SOURCE_NAMES)
def test_no_name_is_a_participle(path):
    names = set()
    for node in ast.walk(parsed(path)):
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            names.add(node.name)
        elif isinstance(node, ast.Name):
            names.add(node.id)
        elif isinstance(node, ast.arg):
            names.add(node.arg)
        elif isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store):
            names.add(node.attr)
    assert not {name for name in names if name.strip("_") in PARTICIPLES}


@pytest.mark.parametrize("package", PACKAGES)
def test_a_face_is_short_and_indexes_its_package(package):
    face = HOUSE / package / "__init__.py"
    text = face.read_text(encoding="utf-8")
    assert len(text.splitlines()) <= 40
    rooms = {path.stem for path in face.parent.iterdir() if path.suffix == ".py" or (path / "__init__.py").is_file()}
    docstring = ast.get_docstring(ast.parse(text))
    assert not [room for room in rooms - {"__init__"} if f"`{room}`" not in docstring]
    index = re.findall(r"^- .*(?:\n  .*)*", docstring, re.M)
    named = {name for lines in index for name in re.findall(r"(?<!`)`([a-z]\w*)`(?!`)", lines)}
    assert named <= rooms | set(FACES[package])


@pytest.mark.parametrize("package", PACKAGES)
def test_a_stub_opens_only_rooms_of_its_own_package(package):
    # the contract's checker does not see these imports
    imports = [node for node in ast.walk(parsed(HOUSE / package / "__init__.pyi")) if hasattr(node, "level")]
    assert all(node.level == 1 and is_room(f"{package}.{node.module}") for node in imports)


@pytest.mark.parametrize("package", PACKAGES)
def test_what_a_face_hands_out_is_there_and_no_room_bears_its_name(package):
    for name, room in FACES[package].items():
        # records and files of models come from the ground floor, through the room that makes them
        assert name in defined_in(f"{package}.{room}") | imported_by(f"{package}.{room}")
        assert not is_room(f"{package}.{name}")


@pytest.mark.parametrize("path", SOURCES, ids=SOURCE_NAMES)
def test_rooms_of_another_package_are_entered_through_its_face_or_by_their_full_path(path):
    assert not list(wrong_entries(path))


def test_a_test_file_is_named_for_the_room_it_tests():
    tests = ROOT / "tests"
    files = [path for path in tests.rglob("test_*.py") if "browser" not in path.parts]
    rooms = [".".join([*path.relative_to(tests).parent.parts, path.stem.removeprefix("test_")]) for path in files]
    # of the whole: this file, the guard against networks, and the set-up of the checkout
    assert {room for room in rooms if not is_room(room)} == {"architecture", "offline", "setup"}


def test_importing_the_toolkit_loads_nothing_heavy_and_brings_every_noun():
    done = run(f"import sys, toolkit; print([name for name in {HEAVY + ('av', 'pandas')!r} if name in sys.modules])")
    assert done.stdout == "[]\n", done.stderr
    done = run("import toolkit; print(toolkit.shots.detect_shots.__name__, toolkit.sound.read_audio.__name__)")
    assert done.stdout == "detect_shots read_audio\n", done.stderr


@pytest.mark.parametrize("noun", NOUNS)
def test_a_noun_with_all_its_names_loads_nothing_heavy(noun):
    program = f"import sys; from toolkit import {noun}\n"
    program += f"for name in getattr({noun}, '__all__', dir({noun})): getattr({noun}, name)\n"
    done = run(program + f"print(*(name for name in {HEAVY!r} if name in sys.modules))")
    assert done.returncode == 0, done.stderr
    assert set(done.stdout.split()) <= ALLOWED.get(noun, set())


THREADS = """
import threading
from toolkit import explorers, plots
names = [(door, name) for door in (plots, explorers) for name in door.__all__]
together, failed = threading.Barrier(len(names)), []

def enter(door, name):
    together.wait()
    try:
        getattr(door, name)
    except Exception as error:
        failed.append(repr(error))

threads = [threading.Thread(target=enter, args=pair) for pair in names]
[thread.start() for thread in threads]
[thread.join() for thread in threads]
print(len(names), failed)
"""


@pytest.mark.parametrize("attempt", range(3))
def test_threads_may_open_doors_at_once(attempt):
    done = run(THREADS)
    assert done.returncode == 0, done.stderr
    assert done.stdout == "49 []\n"


def test_no_cache_depends_on_the_text_of_sources():
    sources = [path.read_text(encoding="utf-8") for path in (ROOT / "toolkit").rglob("*.py")]
    assert not [text for text in sources if re.search(r"__file__\)*\.read_|\.getsource|\.__file__", text)]


def test_notebooks_are_numbered_one_by_one():
    assert [path.stem[:3] for path in NOTEBOOKS] == [f"{n:02d}_" for n in range(1, len(NOTEBOOKS) + 1)]


def test_a_notebook_begins_with_its_title(notebook):
    assert notebook.cells[0].cell_type == "markdown"
    assert notebook.cells[0].source.startswith("# ")


def test_a_notebook_has_one_cell_of_parameters_that_sets_film_and_out(notebook):
    (cell,) = [cell for cell in notebook.cells if "parameters" in cell.metadata.get("tags", [])]
    names = {}
    exec(cell.source, names)
    assert names["film"] is None
    assert names["out"] == "../out"


def test_code_cells_are_short_and_follow_prose(notebook):
    before = None
    for cell in notebook.cells:
        if cell.cell_type == "code":
            assert len([line for line in cell.source.splitlines() if line.strip()]) <= 12, cell.source
            assert before is not None, cell.source
            assert before.cell_type == "markdown", cell.source
        before = cell


def test_stored_outputs_are_whole_and_small(notebook):
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", [])]
    assert len(json.dumps(outputs)) <= 1_750_000
    assert not [output for output in outputs if output.output_type == "error"]
    counts = [cell.execution_count for cell in notebook.cells if cell.cell_type == "code"]
    assert counts == list(range(1, len(counts) + 1)), "run `make outputs`"
