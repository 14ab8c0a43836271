"""The files that a movie's shot features are kept in: pickles, and two formats that cannot run anything.

A file holds one dict. Its keys are those of the MovieScenes challenge: imdb_id, the modalities, and `TRUTH`,
`PREDICTION` and `END_FRAMES`. The kinds:

``.pkl``
    A pickle of torch tensors, numpy arrays or lists, or what `torch.save` writes. Read by `toolkit._safe_pickle`.
``.npz``
    numpy's zip of arrays, no pickles in it.
``.safetensors``
    Bytes behind a header of JSON; imdb_id is in its metadata.

Reading takes at most four times the memory of the file (of a compressed .npz: 64 MB more).
"""

import codecs
import contextlib
import json
import math
import pickle
import zipfile
from pathlib import Path

import numpy as np

from toolkit._checks import DataError, ParameterError
from toolkit._pickled_arrays import Array, Tensor, broken_as_data_error
from toolkit._safe_pickle import read_pickle, read_zipped_pickle
from toolkit.storage import write_whole

TRUTH = "scene_transition_boundary_ground_truth"
PREDICTION = "scene_transition_boundary_prediction"
END_FRAMES = "shot_end_frame"
MODALITIES = ("place", "cast", "action", "audio")

PICKLES = (".pkl", ".pickle", ".pt", ".pth")
FORMATS = (*PICKLES, ".npz", ".safetensors")
# what a compressed .npz may unpack to, beside four times its size: the largest movies have 44 MB
UNPACKED = 64 << 20
ENTRIES = 1000
# of the types of safetensors, those of numpy
SAFETENSORS = {
    **{"F64": "<f8", "F32": "<f4", "F16": "<f2", "I64": "<i8", "I32": "<i4", "I16": "<i2", "I8": "|i1"},
    **{"U64": "<u8", "U32": "<u4", "U16": "<u2", "U8": "|u1", "BOOL": "|b1", "BF16": "<u2"},
}
SAFETENSORS_NAMES = {np.dtype(code): name for name, code in SAFETENSORS.items() if name != "BF16"}


def format_of(path):
    """Return the kind of file by its ending: ".pkl" for all pickles, ".npz" or ".safetensors"."""
    suffix = Path(path).suffix.lower()
    if suffix not in FORMATS:
        raise ParameterError(f"a movie's file must end in one of {', '.join(FORMATS)}; got {str(path)!r}")
    return ".pkl" if suffix in PICKLES else suffix


def read_values(path):
    """Return the dict in a file: texts, numbers, containers; tensors and arrays as what has `array()`.

    To be called within `reading`.
    """
    _check_file(path)
    values = {".pkl": _read_pickled, ".npz": _read_npz, ".safetensors": _read_safetensors}[format_of(path)](path)
    return _checked_dict(values)


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
    if isinstance(value, (Tensor, Array)):
        return value.array()
    if isinstance(value, np.ndarray):
        return value
    if isinstance(value, (list, tuple)):
        items = [_single(item) if isinstance(item, (Tensor, Array)) else item for item in value]
        if all(isinstance(item, (bool, int, float, np.generic)) for item in items):
            return np.array(items)
    raise DataError(f"it holds a {type(value).__name__} where numbers were expected")


def _single(item):
    """Return the number in a tensor or array of one, and of more the shape: no number."""
    return item.array()[()] if item.shape == () else item.shape


def floats(value):
    """Return a tensor or an array as float32 if it is of floats, and else as it is."""
    if isinstance(value, (Tensor, Array)):
        return value.array(floats=np.float32)
    array = numbers(value)
    with np.errstate(over="ignore", invalid="ignore"):
        return array.astype(np.float32, copy=not array.flags.writeable) if array.dtype.kind == "f" else array


def is_table(value, rows):
    """Return whether a value is a table of floats with so many rows, of any number where that is None."""
    shape = shape_of(value)
    if shape is None or len(shape) != 2 or rows not in (None, shape[0]):
        return False
    if isinstance(value, Tensor):
        return value.storage.kind == "bfloat16" or "f" in value.storage.kind[1]
    return (value.type.code[:1] if isinstance(value, Array) else value.dtype.kind) == "f"


def copied_bytes(value):
    """Return how many bytes of a file are copied to make an array of a value."""
    return value.nbytes() if isinstance(value, (Tensor, Array)) else 0


def text(value):
    """Return a text, or None."""
    if isinstance(value, Array) or (isinstance(value, np.ndarray) and value.dtype.kind == "U"):
        value = numbers(value)
        value = str(value) if value.dtype.kind == "U" and value.shape == () else value
    return value if isinstance(value, str) else None


def shape_of(value):
    """Return the shape of a tensor or an array, and None of anything else."""
    return tuple(value.shape) if isinstance(value, (Tensor, Array, np.ndarray)) else None


def _check_file(path):
    # to open a pipe could wait for ever
    if path.exists() and not path.is_file():
        raise DataError("it is not a file")


def _checked_dict(values):
    if not isinstance(values, dict):
        raise DataError(f"it holds a {type(values).__name__}, not a dict of a movie's features")
    return values


def _read_pickled(path):
    with open(path, "rb") as file:
        if file.read(4) == b"PK\x03\x04":
            return _read_torch_zip(path)
        file.seek(0)
        return read_pickle(file.read()).value


def _entries(archive, size):
    """Return the entries of a zip of so many bytes by name."""
    entries = {entry.filename: entry for entry in archive.infolist()}
    if len(entries) > ENTRIES or len(entries) < len(archive.infolist()):
        raise DataError("it is a zip of too many files, or of two of one name")
    for entry in entries.values():
        # so many bytes are set aside before they are read
        if entry.compress_size > size:
            raise DataError("it is a zip that says it is larger than it is")
        if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED) or entry.flag_bits & 1:
            raise DataError("it is a zip compressed or encrypted as numpy and torch never do")
    return entries


def _read_torch_zip(path):
    size = path.stat().st_size
    with zipfile.ZipFile(path) as archive:
        entries = _entries(archive, size)
        folders = [name.removesuffix("data.pkl") for name in entries if name.count("/") == 1 and "/data.pkl" in name]
        if len(folders) != 1:
            raise DataError("it is a zip, but not one that torch.save wrote")
        if any(entry.compress_type != zipfile.ZIP_STORED for entry in entries.values()):
            raise DataError("it is a compressed zip, as torch.save never writes one")
        if sum(entry.file_size for entry in entries.values()) > size:
            raise DataError("it is a zip whose files overlap")
        order = entries.get(f"{folders[0]}byteorder")
        if order is not None and archive.read(order) != b"little":
            raise DataError("torch saved it on a big-endian machine; save it again on another")

        def storages(key, expected):
            entry = entries.get(f"{folders[0]}data/{key}")
            if entry is None or entry.file_size < expected:
                raise DataError("it misses the numbers of a tensor")
            return lambda: _unzipped(path, entry)[:expected]

        return read_zipped_pickle(archive.read(entries[f"{folders[0]}data.pkl"]), storages)


def _unzipped(path, entry):
    with zipfile.ZipFile(path) as archive:
        return memoryview(archive.read(entry))


def _read_npz(path):
    values, size = {}, path.stat().st_size
    with zipfile.ZipFile(path) as archive:
        entries = _entries(archive, size)
        if sum(entry.file_size for entry in entries.values()) > UNPACKED + 4 * size:
            raise DataError("it unpacks to far more than its size")
        for name, entry in entries.items():
            if not name.endswith(".npy"):
                raise DataError(f"it is a zip of other files than arrays: {name[:80]!r}")
            with archive.open(entry) as file:
                values[name.removesuffix(".npy")] = _read_npy(file, entry.file_size)
    return values


def _read_npy(file, size):
    version = np.lib.format.read_magic(file)
    if version not in ((1, 0), (2, 0)):
        raise DataError(f"it has an array of numpy's format {version}; 1.0 and 2.0 are known")
    read_header = np.lib.format.read_array_header_1_0 if version == (1, 0) else np.lib.format.read_array_header_2_0
    shape, columns_first, dtype = read_header(file)
    if dtype.kind not in "biufcSU" or dtype.itemsize == 0:
        raise DataError("it has an array of objects or records; numbers and fixed texts are allowed")
    if dtype.itemsize * math.prod(shape) != size - file.tell():
        raise DataError(f"it is broken: an array of shape {shape} has {size - file.tell()} bytes")
    flat = np.empty(math.prod(shape), dtype)
    view = memoryview(flat.view(np.uint8) if flat.size else bytearray())
    while len(view):
        got = file.readinto(view[: 1 << 20])
        if not got:
            raise DataError("it is cut off")
        view = view[got:]
    # the sum of the zip is checked at its end
    file.read(1)
    if dtype.kind == "b" and flat.size and flat.view(np.uint8).max() > 1:
        raise DataError("it holds a truth value that is neither true nor false")
    return flat.reshape(shape, order="F" if columns_first else "C").astype(dtype.newbyteorder("="), copy=False)


def _safetensors_parts(path):
    """Return the metadata and the raw parts of a safetensors file, as the library checks them."""
    import safetensors

    data = path.read_bytes()
    try:
        parts = safetensors.deserialize(data)
    except safetensors.SafetensorError as error:
        raise DataError(f"it is broken ({str(error)[:120]})") from None
    header = json.loads(data[8 : 8 + int.from_bytes(data[:8], "little")])
    return header.get("__metadata__") or {}, dict(parts)


def _read_safetensors(path):
    return _safetensors_values(*_safetensors_parts(path))


def _safetensors_values(metadata, parts):
    values = dict(metadata)
    for name, part in parts.items():
        kind = SAFETENSORS.get(part["dtype"])
        if kind is None:
            continue
        array = np.frombuffer(part["data"], dtype=kind).reshape(part["shape"])
        if kind == "|b1" and array.size and array.view(np.uint8).max() > 1:
            raise DataError("it holds a truth value that is neither true nor false")
        if part["dtype"] == "BF16":
            array = (array.astype(np.uint32) << np.uint32(16)).view(np.float32)
        values[name] = array
    return values


def write_values(path, values):
    """Write a dict of imdb_id and arrays; a pickle holds its arrays as torch tensors."""
    path = Path(path)
    kind = format_of(path)
    arrays = {name: value for name, value in values.items() if name != "imdb_id"}
    with write_whole(path) as partial:
        if kind == ".npz":
            _write_npz(partial, {"imdb_id": np.array(values["imdb_id"]), **arrays})
        elif kind == ".safetensors":
            from safetensors.numpy import save_file

            contiguous = {name: np.ascontiguousarray(value) for name, value in arrays.items()}
            save_file(contiguous, partial, metadata={"imdb_id": values["imdb_id"]})
        else:
            tensors = {name: _tensor(value) for name, value in arrays.items()}
            with open(partial, "wb") as file:
                pickle.dump({"imdb_id": values["imdb_id"], **tensors}, file, protocol=4)


def replace_prediction(source, target, predictions, check):
    """Write the file `source` to `target`, of the same kind, with other predictions and all else as it was.

    Before anything is written, `check` is called with the values of the file as it is.
    """
    source, target = Path(source), Path(target)
    with reading(source):
        _check_file(source)
        new = {".pkl": _pickle_with, ".npz": _npz_with, ".safetensors": _safetensors_with}[format_of(source)]
        write = new(source, predictions, check)
    # of a link the file behind it is replaced
    with write_whole(target.resolve()) as partial:
        write(partial)


def _tensor(array):
    import torch

    return torch.from_numpy(np.ascontiguousarray(array)).clone()


def _as_floats(predictions, kind):
    """Return predictions as floats of the old `kind`, else of float32; as float64 where those would round them."""
    if kind in (None, "bfloat16") or np.dtype(kind).kind != "f":
        kind = np.float32
    with np.errstate(over="ignore", invalid="ignore"):
        array = predictions.astype(np.dtype(kind).newbyteorder("="))
    return array if np.array_equal(array, predictions) else predictions


def _like(values, predictions):
    """Return predictions in the container of the old ones; else as a tensor where the file has any, or an array.

    A new list would not do: what reads the file compares predictions with a threshold.
    """
    old = values.get(PREDICTION)
    if isinstance(old, (list, tuple)):
        return type(old)(predictions.tolist())
    kind = None
    if isinstance(old, Tensor):
        kind = old.storage.kind
    elif isinstance(old, Array):
        kind = old.type.dtype()
    array = _as_floats(predictions, kind)
    tensors = isinstance(old, Tensor) or (old is None and any(isinstance(value, Tensor) for value in values.values()))
    return _tensor(array) if tensors else array


def _pickle_with(path, predictions, check):
    """Return what writes a pickle with other predictions.

    The pickle's own instructions are kept byte for byte. Its last, which stops, becomes the mark of one more item of
    the dict, and what an earlier call of this has put there is cut away.
    """
    with open(path, "rb") as file:
        if file.read(4) == b"PK\x03\x04":
            values, document = _checked_dict(_read_torch_zip(path)), None
        else:
            file.seek(0)
            data = file.read()
            document = read_pickle(data)
            values = _checked_dict(document.value)
    check(values)
    new = _like(values, predictions)
    if document is None or document.torch_saved:
        return _torch_with(path, new, zipped=document is None)
    head = memoryview(data)[: document.end if document.tail is None else document.tail]
    # protocols 2 and 3 give what they keep numbers of their own: an item at the end may begin at 0 again
    protocol = 3 if data[:1] == b"\x80" and data[1] >= 3 else 2
    key = PREDICTION.encode()
    item = b"X" + len(key).to_bytes(4, "little") + key + pickle.dumps(new, protocol=protocol)[2:-1]

    def write(partial):
        with open(partial, "wb") as file:
            file.write(head)
            file.write(b"(" + item + b"u.")

    return write


def _torch_with(path, new, *, zipped):
    """Return what writes a file of `torch.save` with other predictions. Its names were found to be allowed ones."""
    import torch

    try:
        with torch.serialization.safe_globals(_names_of_numpy()):
            values = torch.load(path, map_location="cpu", weights_only=True)
    except (pickle.UnpicklingError, RuntimeError) as error:
        raise DataError(f"torch cannot read it again ({str(error)[:120]})") from None
    values[PREDICTION] = new
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


def _npz_with(path, predictions, check):
    old = _read_npz(path)
    check(old)
    kind = old[PREDICTION].dtype if PREDICTION in old else None
    values = old | {PREDICTION: _as_floats(predictions, kind)}
    with zipfile.ZipFile(path) as archive:
        packed = max((entry.compress_type for entry in archive.infolist()), default=zipfile.ZIP_STORED)
    return lambda partial: _write_npz(partial, values, packed)


def _write_npz(path, arrays, packed=zipfile.ZIP_STORED):
    # numpy.savez takes no array of the name "file", or of another of its own arguments
    with zipfile.ZipFile(path, "w", packed) as archive:
        for name, array in arrays.items():
            with archive.open(f"{name}.npy", "w", force_zip64=True) as entry:
                np.lib.format.write_array(entry, np.asanyarray(array), allow_pickle=False)


def _safetensors_with(path, predictions, check):
    metadata, parts = _safetensors_parts(path)
    check(_safetensors_values(metadata, parts))
    kind = parts[PREDICTION]["dtype"] if PREDICTION in parts else None
    array = _as_floats(predictions, None if kind == "BF16" else SAFETENSORS.get(kind))
    parts[PREDICTION] = {"dtype": SAFETENSORS_NAMES[array.dtype], "shape": array.shape, "data": array.tobytes()}
    # the library writes only tensors that numpy knows; the format is a length, a header, and the bytes in its order,
    # wide numbers first, so that each stands where its kind may
    parts = dict(sorted(parts.items(), key=lambda item: -np.dtype(SAFETENSORS.get(item[1]["dtype"], "u1")).itemsize))
    header, start = {"__metadata__": metadata} if metadata else {}, 0
    for name, part in parts.items():
        end = start + len(part["data"])
        header[name] = {"dtype": part["dtype"], "shape": list(part["shape"]), "data_offsets": [start, end]}
        start = end
    told = json.dumps(header).encode()
    told += b" " * (-len(told) % 8)

    def write(partial):
        with open(partial, "wb") as file:
            file.write(len(told).to_bytes(8, "little") + told)
            for part in parts.values():
                file.write(part["data"])

    return write
