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
predictions; that of `.npz`, `.safetensors` and plain pickles needs no torch.
"""

import codecs
import contextlib
import io
import math
import pickle
import zipfile
from pathlib import Path

import numpy as np

from toolkit.errors import DataError, ParameterError
from toolkit.scenes.files.arrays import (
    Archive,
    read_npz,
    read_safetensors,
    safetensors_part,
    safetensors_parts,
    torch_parts,
    write_npz,
    write_safetensors,
)
from toolkit.scenes.files.pickles import read_pickle, read_zipped_pickle
from toolkit.scenes.files.tensors import Array, Tensor, broken_as_data_error, tensor_pieces, text_piece
from toolkit.storage import write_whole

TRUTH = "scene_transition_boundary_ground_truth"
PREDICTION = "scene_transition_boundary_prediction"
END_FRAMES = "shot_end_frame"

PICKLES = (".pkl", ".pickle", ".pt", ".pth")
FORMATS = (*PICKLES, ".npz", ".safetensors")
ZIP = b"PK\x03\x04"
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
    """Return the dict in a file: texts, numbers, containers; tensors and arrays as records that have `array()`.

    To be called within `reading`.
    """
    data = _read_file(path)
    if format_of(path) == ".npz":
        return read_npz(data)
    if format_of(path) == ".safetensors":
        return read_safetensors(*safetensors_parts(data))
    return _checked_dict(_read_torch_zip(data) if data[:4] == ZIP else read_pickle(data).value)


@contextlib.contextmanager
def reading(path):
    """Make a DataError that names the file of whatever goes wrong with reading it."""
    try:
        with broken_as_data_error():
            yield
    except (DataError, OSError) as error:
        raise DataError(f"cannot load {path}: {error}") from None


def numbers(value):
    """Return a tensor, an array or a list of numbers as an array of its own."""
    if isinstance(value, (list, tuple)):
        items = [_single(item) for item in _few(value, len(value))]
        if all(isinstance(item, (bool, int, float, np.generic)) for item in items):
            return np.array(items)
    elif isinstance(value, (Tensor, Array)):
        return _few(value, math.prod(value.shape)).array()
    raise DataError(f"it holds a {type(value).__name__} where numbers were expected")


def _few(value, count):
    """Return a value of so many numbers, if a movie may have as many shots."""
    if count > MOST_SHOTS:
        raise DataError(f"it has {count} numbers in a row, one a shot; movies of up to {MOST_SHOTS} shots are read")
    return value


def _single(item):
    """Return the number in a tensor or array of one; others, and texts in arrays, as they are."""
    alone = isinstance(item, (Tensor, Array)) and item.shape == () and not _is_text(item)
    return item.array()[()] if alone else item


def _is_text(value):
    return isinstance(value, Array) and value.type is not None and value.type.code[0] in "SU"


def is_table(value, rows):
    """Return whether a value is a table of floats with so many rows, of any number where that is None."""
    shape = shape_of(value)
    return shape is not None and len(shape) == 2 and rows in (None, shape[0]) and value.is_float()


def text(value):
    """Return a short text, or None."""
    if _is_text(value) and value.type.code[0] == "U" and value.shape == () and value.nbytes() <= 4 * LONGEST_ID:
        value = str(value.array())
    return value if isinstance(value, str) and len(value) <= LONGEST_ID else None


def shape_of(value):
    """Return the shape of a tensor or an array, and None of anything else."""
    return tuple(value.shape) if isinstance(value, (Tensor, Array)) else None


def _read_file(path):
    # to open a pipe could wait for ever
    if path.exists() and not path.is_file():
        raise DataError("it is not a file")
    return path.read_bytes()


def _checked_dict(values):
    if not isinstance(values, dict):
        raise DataError(f"it holds a {type(values).__name__}, not a dict of a movie's features")
    return values


def _read_torch_zip(data):
    pickled, storages = torch_parts(data)
    return read_zipped_pickle(pickled, lambda key: storages.get(key, b""))


def write_values(path, values):
    """Write a dict of imdb_id and arrays; a pickle holds its arrays as torch tensors."""
    path = Path(path)
    kind = format_of(path)
    arrays = {name: value for name, value in values.items() if name != "imdb_id"}
    with write_whole(path) as partial:
        if kind == ".npz":
            write_npz(partial, {"imdb_id": np.array(values["imdb_id"]), **arrays})
        elif kind == ".safetensors":
            parts = {name: safetensors_part(array) for name, array in arrays.items()}
            write_safetensors(partial, {"imdb_id": values["imdb_id"]}, parts)
        else:
            with open(partial, "wb") as file:
                file.write(b"\x80\x04}(" + text_piece("imdb_id") + text_piece(values["imdb_id"]))
                for name, array in arrays.items():
                    file.writelines([text_piece(name), *tensor_pieces(array)])
                file.write(b"u.")


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
    kind = np.float32
    if isinstance(old, Array) and old.is_float():
        kind = "<" + old.type.code
    elif isinstance(old, Tensor) and old.is_float() and old.storage.kind != "bfloat16":
        kind = old.storage.kind
    with np.errstate(over="ignore", invalid="ignore"):
        array = predictions.astype(kind)
    return array if np.array_equal(array, predictions) else predictions


def _pickle_with(data, predictions, check):
    """Return what writes a pickle with other predictions.

    The pickle's own instructions are kept byte for byte. Its last, which stops, becomes the mark of one more item of
    the dict, and what an earlier call of this has put there is cut away.
    """
    document = None if data[:4] == ZIP else read_pickle(data)
    values = _checked_dict(_read_torch_zip(data) if document is None else document.value)
    check(values)
    # they come in the container of the old ones; else as a tensor where the file has any, or an array. A new list
    # would not do: what reads the file compares predictions with a threshold
    old = values.get(PREDICTION)
    new = type(old)(predictions.tolist()) if isinstance(old, (list, tuple)) else _as_floats(predictions, old)
    tensor = isinstance(old, Tensor) or (old is None and any(isinstance(value, Tensor) for value in values.values()))
    if document is None or document.torch_saved:
        return _torch_with(data, new, tensor=tensor, zipped=document is None)
    head = memoryview(data)[: document.end if document.tail is None else document.tail]
    # protocols 2 and 3 give what they keep numbers of their own: an item at the end may begin at 0 again
    protocol = 3 if data[:1] == b"\x80" and data[1] >= 3 else 2
    pieces = tensor_pieces(new) if tensor else [pickle.dumps(new, protocol=protocol)[2:-1]]

    def write(partial):
        with open(partial, "wb") as file:
            file.writelines([head, b"(", text_piece(PREDICTION), *pieces, b"u."])

    return write


def _torch_with(data, new, *, tensor, zipped):
    """Return what writes a file of `torch.save` with other predictions. Its names were found to be allowed ones."""
    import torch

    try:
        with torch.serialization.safe_globals(_names_of_numpy()):
            values = torch.load(io.BytesIO(data), map_location="cpu", weights_only=True)
    except (pickle.UnpicklingError, RuntimeError) as error:
        raise DataError(f"torch cannot read it again ({str(error)[:120]})") from None
    values[PREDICTION] = torch.from_numpy(new.copy()) if tensor else new
    return lambda partial: torch.save(values, partial, _use_new_zipfile_serialization=zipped)


def _names_of_numpy():
    from numpy._core import multiarray, numeric

    kinds = {type(np.dtype(code)) for code in np.typecodes["AllInteger"] + np.typecodes["Float"] + "?FDSU"}
    return [
        multiarray._reconstruct,
        multiarray.scalar,
        numeric._frombuffer,
        np.ndarray,
        np.dtype,
        codecs.encode,
        *kinds,
    ]


def _npz_with(data, predictions, check):
    values = read_npz(data)
    check(values)
    new = {PREDICTION: _as_floats(predictions, values.get(PREDICTION))}
    archive = Archive(data)
    kept = {name: archive.contents(name) for name in archive.entries if name != f"{PREDICTION}.npy"}
    packed = zipfile.ZIP_STORED if archive.stored() else zipfile.ZIP_DEFLATED
    return lambda partial: write_npz(partial, new, kept=kept, packed=packed)


def _safetensors_with(data, predictions, check):
    metadata, parts = safetensors_parts(data)
    values = read_safetensors(metadata, parts)
    check(values)
    parts[PREDICTION] = safetensors_part(_as_floats(predictions, values.get(PREDICTION)))
    return lambda partial: write_safetensors(partial, metadata, parts)
