"""The notebooks, run for a film: executed copies, and a page of each.

A notebook is run top to bottom by papermill, in a kernel of the environment that this package runs in, with the
notebooks' folder as its working folder. What it asks of a notebook is one cell tagged `parameters` that sets two names:

    film = None     # path of your own film; None is the sample film
    out = "../out"  # tables and pictures go to a folder of the film's name in here

`run_notebooks` puts a cell after that one which sets both again, as absolute paths (`film` stays None for the sample
film), and with them what it is given for other names of that one cell. A notebook asks `film_folder(film, out)` for the
folder where its tables go: the copy and the page appear there too.

A page holds its pictures and scripts and makes no request; TeX formulas, which a browser draws only with a script from
elsewhere, stay as they were typed. Widgets need a running kernel, so each is replaced by its picture or its text as it
stood when the notebook ended.
"""

import ast
import contextlib
import itertools
import json
import logging
import os
import re
import tempfile
import textwrap
import time
import warnings
from pathlib import Path

from toolkit import storage, video
from toolkit.errors import ParameterError, VideoError
from toolkit.reports.journal import RunJournal
from toolkit.reports.pages import write_page
from toolkit.reports.stills import WIDGET_VIEW

SAMPLE_FILM = "sample_film_0"
# letters of an error that are shown where notebooks failed: those of the toolkit say what to do, at some length
MOST_LETTERS = 1200

INLINE_FIGURES = "module://matplotlib_inline.backend_inline"


class NotebookError(Exception):
    """Notebooks failed while they ran; the message names each, with its error."""


def film_folder(film=None, out="out") -> Path:
    """Return `out/<film>`, the folder for what is found in a film, created if need be.

    Parameters
    ----------
    film : path, optional
        The film, or a folder of videos; what is found in it goes to a folder that is called as the file without its
        ending, with whatever is no letter, digit, dot, dash or underscore written as an underscore. None is the sample
        film, `sample_film_0`.
    out : path
        The folder for all films. Its folders remember their film, in `film.json`: another film of the same name gets
        `<film>-2`, and so on.

    Raises
    ------
    VideoError
        If there is no such film.
    """
    out = Path(out).expanduser()
    if film is None:
        (out / SAMPLE_FILM).mkdir(parents=True, exist_ok=True)
        return out / SAMPLE_FILM
    film = Path(film).expanduser()
    if film.is_dir():
        stem, key = film.resolve().name, str(film.resolve())
    elif film.is_file():
        stem, key = film.stem, storage.file_key(film)
    else:
        raise VideoError(f"{film} does not exist; expected the path of a film file, or of a folder of videos")
    name = re.sub(r"[^\w.-]", "_", stem).strip(".")[:60] or "film"
    identity = {"film": film.name, "key": key}
    for number in itertools.count(1):
        file = out / (name if number == 1 else f"{name}-{number}") / "film.json"
        file.parent.mkdir(parents=True, exist_ok=True)
        if not file.exists():
            with storage.write_whole(file) as partial:
                partial.write_text(json.dumps(identity) + "\n", encoding="utf-8")
        # a file that was damaged is not this film's
        with contextlib.suppress(ValueError):
            if json.loads(file.read_text(encoding="utf-8")) == identity:
                return file.parent


def run_notebooks(
    film=None, *, notebooks="notebooks", out="out", names=None, parameters=None, progress=True
) -> list[Path]:
    """Run every notebook for a film; leave an executed copy and a page of each in `out/<film>/`.

    A run that was killed, or broken off, goes on where it stopped when it is started again with the same notebooks and
    parameters.

    Parameters
    ----------
    film : path, optional
        A film's file; None is the sample film.
    notebooks : path
        The folder with the notebooks, `NN_name.ipynb`, run in order of their numbers.
    out : path
        Where to put `<film>/NN_name.ipynb` and `<film>/NN_name.html`; see `film_folder`.
    names : list of str, optional
        Run only these, by name or number: `["02_distance_matrices"]` or `["02"]`.
    parameters : dict, optional
        Values for further names of the cells tagged `parameters`, such as `{"min_close_up": 0, "inserts": 2}`: finite
        numbers, text, None, True or False, tuples, lists or dicts of these. Each notebook that has a name gets its
        value, and the others are left alone. A notebook runs in its own folder, so name a file by its whole path (a
        pathlib.Path is made absolute). Where `videos` is a folder and there is no film, the pages go to its folder.
    progress : bool
        Print which notebook runs, how long it took, and where the pages are.

    Returns
    -------
    list of Path
        The pages, in order.

    Raises
    ------
    VideoError, ParameterError
        If the film cannot be read, there is no such notebook, or a parameter that no notebook to run has, or a value
        that is none of these; nothing has been run then.
    NotebookError
        If a notebook failed. The others have run all the same, and the copy and page of the one that failed show where.
    """
    sources, parameters = _find_notebooks(notebooks, names), {} if parameters is None else parameters
    further = _choose_parameters(parameters, sources)
    if film is not None:
        film = Path(film).expanduser().resolve()
        video.probe(film)
    videos = parameters.get("videos") if film is None else None
    folder = film_folder(videos or film, Path(out).expanduser().resolve())
    both = {"film": None if film is None else str(film), "out": str(folder.parent)}
    values = {source: both | further[source] for source in sources}
    pages = {source: folder / f"{source.stem}.html" for source in sources}
    journal = RunJournal(folder, sources, values)

    def run(source):
        executed = folder / source.name
        error = _execute(source, executed, values[source])
        if executed.exists():
            write_page(executed, pages[source], images=source.parent)
        if error is None:
            journal.note(source.stem)
        return error

    def is_done(source):
        return source.stem in journal.done and (folder / source.name).exists() and pages[source].exists()

    if progress:
        print(f"Videos: {videos}" if videos else f"Film: {film or 'the sample film'}")
        for name in parameters:
            users = [source for source in sources if name in further[source]]
            print(f"{name} = {further[users[0]][name]!r} in {', '.join(source.stem for source in users)}")
    begin = time.time()
    try:
        errors = _run_each(run, sources, progress, is_done)
        journal.close()
        # of runs that were killed; another that is on writes to its own after each cell
        storage.remove_partials(folder, before=begin)
        _raise_for(errors, sources)
    finally:
        lines = [f"  {page.name}" for page in pages.values() if page.exists()]
        if progress and lines:
            print(f"Pages, in {folder}:", *lines, sep="\n")
    return list(pages.values())


def refresh_notebooks(notebooks="notebooks", *, names=None, progress=True) -> list[Path]:
    """Run the notebooks on the sample film in place, so that their stored outputs are what the code prints now.

    What differs from run to run (times, widget numbers, the patch version of Python) is taken out, and progress bars
    are off. A notebook that fails is left as it was. `names` as in `run_notebooks`.

    Returns
    -------
    list of Path
        The notebooks, in order.

    Raises
    ------
    ParameterError, NotebookError
        As `run_notebooks` does.
    """
    sources = _find_notebooks(notebooks, names)

    def refresh(source):
        import nbformat

        with tempfile.TemporaryDirectory() as folder:
            executed = Path(folder) / source.name
            error = _execute(source, executed, {}, TQDM_DISABLE="1", PYTHONHASHSEED="0")
            if error is None:
                notebook = _without_traces(nbformat.read(executed, as_version=4))
                with storage.write_whole(source) as partial:
                    nbformat.write(notebook, partial)
        return error

    _raise_for(_run_each(refresh, sources, progress), sources)
    return sources


def _find_notebooks(folder, names):
    """Return the absolute paths of the folder's numbered notebooks, or of those asked for."""
    folder = Path(folder).expanduser().resolve()
    found = sorted(folder.glob("[0-9][0-9]_*.ipynb"))
    if not found:
        raise ParameterError(
            f"notebooks must be a folder with notebooks called NN_name.ipynb; found none in {folder}. Run it in the "
            "toolkit's checkout, which holds the folder notebooks, or name that folder with notebooks= (in a terminal, "
            "--notebooks)"
        )
    if names is None:
        return found
    known = {name: source for source in found for name in (source.stem, source.stem[:2], source.stem[:2].lstrip("0"))}
    for name in names:
        if name not in known:
            listed = ", ".join(source.stem for source in found)
            raise ParameterError(f"names must be of {listed}, or their numbers; got {name!r}")
    return sorted({known[name] for name in names})


def _choose_parameters(parameters, sources):
    """Return for each notebook those of the further parameters that it has."""
    if not isinstance(parameters, dict):
        raise ParameterError(f"parameters must be a dict of name and value; got {type(parameters).__name__}")
    names_of = {source: _parameter_names(source) - {"film", "out"} for source in sources} if parameters else {}
    names = sorted(set().union(*names_of.values()))
    for name in parameters:
        if name in ("film", "out"):
            raise ParameterError(
                "parameters must be others than film and out: give these by themselves, film= and out= (in a "
                "terminal, --film and --out)"
            )
        if name not in names:
            raise ParameterError(
                f"parameters must be of those that the notebooks to run have, {', '.join(names) or 'which is none'}; "
                f"got {name!r}"
            )
    values = {name: _check_literal(name, value) for name, value in parameters.items()}
    return {source: {name: value for name, value in values.items() if name in names_of[source]} for source in sources}


def _parameter_names(source):
    """Return the names that a notebook's cell tagged `parameters` sets; of a broken notebook, none."""
    import nbformat

    try:
        cells = nbformat.read(source, as_version=4).cells
        place = _tagged(cells, "parameters")
        tree = ast.parse("" if place is None else cells[place].source)
    except Exception:  # of a broken file nbformat raises whatever it met; `_execute` reports it
        return set()
    return {node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}


def _tagged(cells, tag):
    """Return the place of the first cell with a tag, or None."""
    return next((place for place, cell in enumerate(cells) if tag in cell.metadata.get("tags", [])), None)


def _check_literal(name, value):
    """Return a value that can be written into a notebook's cell; a path is written as text."""
    if isinstance(value, os.PathLike):
        value = os.path.abspath(Path(value).expanduser())
    try:
        same = ast.literal_eval(repr(value)) == value
    except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError):
        same = False
    if same is not True:
        raise ParameterError(
            "parameters must be finite numbers, text, None, True or False, or tuples, lists or dicts of these, which "
            f"can be written into a cell; got for {name} {repr(value)[:80]} ({type(value).__name__})"
        )
    return value


def _run_each(run, sources, progress, is_done=lambda source: False):
    """Call `run` with each notebook that is not done yet; return the errors that it returned, by notebook."""
    errors = {}
    for source in sources:
        if progress:
            print(f"  {source.stem} ... ", end="", flush=True)
        begin, words = time.monotonic(), "done, before the last run was stopped"
        if not is_done(source):
            error = run(source)
            if error is not None:
                errors[source.stem] = error
            words = f"{'done' if error is None else 'FAILED'} in {time.monotonic() - begin:.1f} s"
        if progress:
            print(words, flush=True)
    return errors


def _raise_for(errors, sources):
    """Raise one NotebookError for all errors, if there are any."""
    if errors:
        listed = "".join(f"\n  {name}: {error}" for name, error in errors.items())
        raise NotebookError(f"{len(errors)} of {len(sources)} notebooks failed:{listed}")


def _execute(source, target, parameters, **environment):
    """Write the executed copy of a notebook; return None, or the line that says why it failed."""
    import nbformat
    import papermill
    from nbclient.exceptions import DeadKernelError
    from papermill.exceptions import PapermillExecutionError

    try:
        notebook = nbformat.read(source, as_version=4)
        nbformat.validate(notebook)
    except Exception as failure:  # of a broken file nbformat raises whatever it met, AttributeError too
        target.unlink(missing_ok=True)
        return f"not a notebook that can be read: {type(failure).__name__}"
    error = None
    with storage.write_whole(target) as partial, _quiet():
        nbformat.write(_with_parameters(notebook, parameters) if parameters else notebook, partial)
        options = {"kernel_name": "python3", "language": "python", "kernel_manager_class": _kernel_here(environment)}
        # else the kernel is interrupted first, and may say so on the terminal
        options |= {"shutdown_kernel": "immediate", "progress_bar": False, "coalesce_streams": True}
        try:
            papermill.execute_notebook(partial, partial, cwd=source.parent, **options)
        except PapermillExecutionError as failure:
            error = f"{failure.ename}: {textwrap.shorten(failure.evalue, MOST_LETTERS)}"
        except DeadKernelError:
            error = "the kernel died, perhaps for want of memory"
            _mark_death(partial, error)
    return error


def _with_parameters(notebook, parameters):
    """Return the notebook with a cell that sets parameters, after the one tagged `parameters`, else at the top.

    papermill's own cell would have a tuple as text, and the keys of a dict too.
    """
    import nbformat

    notebook = nbformat.v4.upgrade(notebook)
    # what is there already when an executed copy is run
    notebook.cells = [cell for cell in notebook.cells if "injected-parameters" not in cell.metadata.get("tags", [])]
    lines = ["# Parameters", *(f"{name} = {value!r}" for name, value in parameters.items())]
    cell = nbformat.v4.new_code_cell("\n".join(lines), metadata={"tags": ["injected-parameters"]})
    place = _tagged(notebook.cells, "parameters")
    notebook.cells.insert(0 if place is None else place + 1, cell)
    return notebook


def _kernel_here(environment):
    """Return a kernel manager that starts the Python we run in, whatever kernels are installed; figures are inline."""
    from ipykernel.kernelspec import get_kernel_dict
    from jupyter_client import AsyncKernelManager
    from jupyter_client.kernelspec import KernelSpec

    class KernelHere(AsyncKernelManager):
        transport_encryption = "auto"  # else ipykernel warns of it on every start
        kernel_spec = KernelSpec(**get_kernel_dict(), env={"MPLBACKEND": INLINE_FIGURES, **environment})

    return KernelHere


@contextlib.contextmanager
def _quiet():
    """Keep the libraries' remarks on notebook formats from a reader who cannot act on them."""
    logger = logging.getLogger("papermill")
    level = logger.level
    logger.setLevel(logging.CRITICAL)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logger.setLevel(level)


def _mark_death(path, error):
    """Put an error under the cell that was running when the kernel died; papermill leaves none there."""
    import nbformat

    notebook = nbformat.read(path, as_version=4)
    started = [cell for cell in notebook.cells if cell.metadata.get("papermill", {}).get("start_time")]
    output = nbformat.v4.new_output("error", ename="DeadKernelError", evalue=error, traceback=[error])
    started[-1].outputs.append(output)
    nbformat.write(notebook, path)


def _without_traces(notebook):
    """Return the notebook without what differs between two runs of the same code."""
    for cell in notebook.cells:
        cell.metadata.pop("papermill", None)
        cell.metadata.pop("execution", None)
        for output in cell.get("outputs", []):
            output.get("data", {}).pop(WIDGET_VIEW, None)
    notebook.metadata.clear()
    notebook.metadata["kernelspec"] = {"display_name": "Python 3", "language": "python", "name": "python3"}
    notebook.metadata["language_info"] = {"name": "python"}
    return notebook
