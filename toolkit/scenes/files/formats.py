"""The files that a movie's shot features are kept in: pickles, and two formats that cannot run anything.

A file holds one dict. Its keys are those of the MovieScenes challenge: imdb_id, the modalities, and `TRUTH`,
`PREDICTION` and `END_FRAMES`. The kinds:

``.pkl``
    A pickle of torch tensors, numpy arrays or lists, or what `torch.save` writes. Read by
    `toolkit.scenes.files.pickles`.
``.npz``
    numpy's zip of arrays, no pickles in it.
``.safetensors``
    Bytes behind a header of JSON; imdb_id is in its metadata.

Reading takes at most four times the memory of the file (of a compressed .npz: 64 MB more), and so does writing
predictions. Reading and `.npz` need no torch, which takes seconds to import.
"""

import codecs
import contextlib
import io
import pickle
from pathlib import Path

import numpy as np

from toolkit.errors import DataError, ParameterError
from toolkit.scenes.files.arrays import Archive, read_npz, read_safetensors, safetensors_metadata, write_npz
from toolkit.scenes.files.pickles import ZIP, read_pickle, single
from toolkit.scenes.files.tensors import BFloat16, Tensor, copied
from toolkit.storage import write_whole

TRUTH = "scene_transition_boundary_ground_truth"
PREDICTION = "scene_transition_boundary_prediction"
END_FRAMES = "shot_end_frame"

PICKLES = (".pkl", ".pickle", ".pt", ".pth")
FORMATS = (*PICKLES, ".npz", ".safetensors")
# a row of more numbers is no movie's, and as other numbers would take many times its bytes
MOST_SHOTS = 1 << 20
LONGEST_ID = 1000


def format_of(path):
    """Return the kind of file by its ending: ".pkl" for all pickles, ".npz" or ".safetensors"."""
    suffix = Path(path).suffix.lower()
    if suffix not in FORMATS:
        raise ParameterError(f"a movie's file must end in one of {', '.join(FORMATS)}; got {str(path)!r}")
    return ".pkl" if suffix in PICKLES else suffix


def read_values(path):
    """Return the dict in a file: texts, numbers, containers; tensors and arrays as views, of which `copied` makes own.

    To be called within `reading`.
    """
    read = {
        ".pkl": lambda data: _checked_dict(read_pickle(data).value),
        ".npz": read_npz,
        ".safetensors": read_safetensors,
    }
    return read[format_of(path)](_read_file(path))


@contextlib.contextmanager
def reading(path):
    """Make a DataError that names the file of whatever goes wrong with reading it."""
    try:
        yield
    except (DataError, OSError) as error:
        raise DataError(f"cannot load {path}: {error}") from None
    # whatever broken bytes make the unpickler, numpy, the codecs, zipfile and safetensors raise
    except Exception as error:
        raise DataError(f"cannot load {path}: it is broken ({type(error).__name__}: {str(error)[:120]})") from None


def numbers(value):
    """Return a tensor, an array or a list of numbers as an array of its own."""
    if isinstance(value, (list, tuple)):
        items = [_number(item) for item in _few(value, len(value))]
        if all(isinstance(item, (bool, int, float, np.number, np.bool_)) for item in items):
            return np.array(items)
    elif isinstance(value, np.ndarray):
        return copied(_few(value, value.size))
    raise DataError(f"it holds a {type(value).__name__} where numbers were expected")


def _few(value, count):
    """Return a value of so many numbers, if a movie may have as many shots."""
    if count > MOST_SHOTS:
        raise DataError(f"it has {count} numbers in a row, one a shot; movies of up to {MOST_SHOTS} shots are read")
    return value


def _number(item):
    """Return the number in a tensor or array of one; others, and texts in arrays, as they are."""
    item = single(item)
    return copied(item)[()] if shape_of(item) == () and item.dtype.kind not in "SU" else item


def is_table(value, rows):
    """Return whether a value is a table of floats with so many rows, of any number where that is None."""
    shape = shape_of(value) or ()
    return len(shape) == 2 and rows in (None, shape[0]) and (value.dtype.kind == "f" or isinstance(value, BFloat16))


def text(value):
    """Return a short text, or None."""
    if shape_of(value) == () and value.dtype.kind == "U" and value.nbytes <= 4 * LONGEST_ID:
        value = str(value)
    return value if isinstance(value, str) and len(value) <= LONGEST_ID else None


def shape_of(value):
    """Return the shape of a tensor or an array, and None of anything else."""
    return value.shape if isinstance(value, np.ndarray) else None


def _read_file(path):
    # to open a pipe could wait for ever
    if path.exists() and not path.is_file():
        raise DataError("it is not a file")
    return path.read_bytes()


def _checked_dict(values):
    if not isinstance(values, dict):
        raise DataError(f"it holds a {type(values).__name__}, not a dict of a movie's features")
    return values


def write_values(path, values):
    """Write a dict of imdb_id and arrays; a pickle holds its arrays as torch tensors."""
    path = Path(path)
    kind = format_of(path)
    arrays = {name: value for name, value in values.items() if name != "imdb_id"}
    with write_whole(path) as partial:
        if kind == ".npz":
            write_npz(partial, {"imdb_id": np.array(values["imdb_id"]), **arrays})
        elif kind == ".safetensors":
            from safetensors.numpy import save_file

            arrays = {name: np.ascontiguousarray(array) for name, array in arrays.items()}
            try:
                save_file(arrays, partial, metadata={"imdb_id": values["imdb_id"]})
            except UnicodeEncodeError:
                came = f"{values['imdb_id']!r:.80}. Write .npz, or give the movie another imdb_id"
                raise ParameterError(f"imdb_id must be text that UTF-8 can hold in .safetensors; got {came}") from None
        else:
            tensors = {name: _tensor(array) for name, array in arrays.items()}
            with open(partial, "wb") as file:
                pickle.dump({"imdb_id": values["imdb_id"], **tensors}, file, protocol=4)


def _tensor(array):
    import torch

    return torch.from_numpy(np.require(array, requirements=["C", "W"]))


def replace_prediction(source, target, predictions, check):
    """Write the file `source` to `target`, of the same kind, with other predictions and all else as it was.

    Before anything is written, `check` is called with the values of the file as it is.
    """
    source, target = Path(source), Path(target)
    with reading(source):
        new = {".pkl": _pickle_with, ".npz": _npz_with, ".safetensors": _safetensors_with}[format_of(source)]
        write = new(_read_file(source), predictions, check)
    # of a link the file behind it is replaced
    with write_whole(target.resolve()) as partial:
        write(partial)


def _as_floats(predictions, old):
    """Return predictions as floats of the old kind, else of float32; as float64 where those would round them."""
    kind = old.dtype.newbyteorder("<") if isinstance(old, np.ndarray) and old.dtype.kind == "f" else np.float32
    with np.errstate(over="ignore", invalid="ignore"):
        array = predictions.astype(kind)
    return array if np.array_equal(array, predictions) else predictions


def _pickle_with(data, predictions, check):
    """Return what writes a pickle with other predictions.

    The pickle's own instructions are kept byte for byte. Its last, which stops, becomes the mark of one more item of
    the dict, and what an earlier call of this has put there is cut away.
    """
    document = read_pickle(data)
    values = _checked_dict(document.value)
    check(values)
    # they come in the container of the old ones; else as a tensor where the file has any, or an array. A new list
    # would not do: what reads the file compares predictions with a threshold
    old = values.get(PREDICTION)
    new = type(old)(predictions.tolist()) if isinstance(old, (list, tuple)) else _as_floats(predictions, old)
    if isinstance(old, Tensor) or (old is None and any(isinstance(value, Tensor) for value in values.values())):
        new = _tensor(new)
    if document.torch_saved:
        return _torch_with(data, new)
    key, begin, end = document.last or (None, 0, 0)
    head = memoryview(data)[: begin if (key, end) == (PREDICTION, document.end) else document.end]
    # protocols 2 and 3 give what they keep numbers of their own: an item at the end may begin at 0 again
    protocol = 3 if data[:1] == pickle.PROTO and data[1] >= 3 else 2
    item = [pickle.dumps(part, protocol)[2:-1] for part in (PREDICTION, new)]

    def write(partial):
        with open(partial, "wb") as file:
            file.writelines([head, pickle.MARK, *item, pickle.SETITEMS, pickle.STOP])

    return write


def _torch_with(data, new):
    """Return what writes a file of `torch.save` with other predictions. Its names were found to be allowed ones."""
    import torch

    with torch.serialization.safe_globals(_names_of_numpy()):
        values = torch.load(io.BytesIO(data), map_location="cpu", weights_only=True)
    values[PREDICTION] = new
    return lambda partial: torch.save(values, partial, _use_new_zipfile_serialization=data[:4] == ZIP)


def _names_of_numpy():
    from numpy._core import multiarray, numeric

    kinds = {type(np.dtype(code)) for code in np.typecodes["AllInteger"] + np.typecodes["Float"] + "?FDSU"}
    functions = multiarray._reconstruct, multiarray.scalar, numeric._frombuffer, codecs.encode
    return [*functions, np.ndarray, np.dtype, *kinds]


def _npz_with(data, predictions, check):
    values = read_npz(data)
    check(values)
    new = {PREDICTION: _as_floats(predictions, values.get(PREDICTION))}
    return lambda partial: write_npz(partial, new, old=Archive(data))


def _safetensors_with(data, predictions, check):
    import safetensors.torch

    values = read_safetensors(data)
    check(values)
    new = _tensor(_as_floats(predictions, values.get(PREDICTION)))
    del values
    tensors = safetensors.torch.load(data) | {PREDICTION: new}
    return lambda partial: safetensors.torch.save_file(tensors, partial, safetensors_metadata(data))
