"""The tensors and arrays in files, as records whose numbers are copied out of the file when they are asked for.

`ALLOWED` are the names that pickles of tensors and arrays use. `call` gives what they stand for; none of them is ever
looked up. Whatever a record is made of has been checked when it is made: its numbers are within the file's. The other
way round, `tensor_pieces` are a pickle's instructions that make a tensor, without torch.
"""

import codecs
import contextlib
import math
import pickle
import re
import struct
import zipfile
import zlib
from collections import OrderedDict
from dataclasses import dataclass

import numpy as np

from toolkit.errors import DataError

# what the storages of torch hold
STORAGES = {
    "torch.DoubleStorage": "<f8",
    "torch.FloatStorage": "<f4",
    "torch.HalfStorage": "<f2",
    "torch.BFloat16Storage": "bfloat16",
    "torch.LongStorage": "<i8",
    "torch.IntStorage": "<i4",
    "torch.ShortStorage": "<i2",
    "torch.CharStorage": "|i1",
    "torch.ByteStorage": "|u1",
    "torch.BoolStorage": "|b1",
}
RECONSTRUCT = {f"numpy.{core}.multiarray._reconstruct" for core in ("core", "_core")}
SCALAR = {f"numpy.{core}.multiarray.scalar" for core in ("core", "_core")}
FROM_BUFFER = {f"numpy.{core}.numeric._frombuffer" for core in ("core", "_core")}
EMPTY_BYTES = {"builtins.bytes", "__builtin__.bytes"}
ALLOWED = (
    {"collections.OrderedDict", "_codecs.encode", "numpy.ndarray", "numpy.dtype"}
    | {"torch._utils._rebuild_tensor_v2", "torch._utils._rebuild_tensor", "torch._utils._rebuild_parameter"}
    | {"torch.storage._load_from_bytes"}
    | RECONSTRUCT
    | SCALAR
    | FROM_BUFFER
    | EMPTY_BYTES
    | set(STORAGES)
)
DTYPE = re.compile(r"([<>=|]?)(b1|i[1248]|u[1248]|f[248]|c8|c16|[SU]\d{1,6})")
TORCH_MAGIC = 0x1950A86A20F9469CFC6C
TORCH_VERSION = 1001
# long texts are decoded in pieces of so many bytes
PIECE = 1 << 16


@dataclass(frozen=True)
class Name:
    """A name in `ALLOWED`. It stands for itself: nothing is imported."""

    full: str


@dataclass(eq=False)
class Text:
    """A long text, not yet decoded."""

    data: memoryview
    codec: str


@dataclass(eq=False)
class Type:
    """A numpy dtype of numbers or fixed texts."""

    code: str
    order: str = "="

    def dtype(self):
        """Return it as numpy's."""
        return np.dtype(self.code if self.order in "|=" else self.order + self.code)


@dataclass(eq=False)
class Storage:
    """The numbers that tensors show: `count` of them, whose bytes `read()` returns."""

    kind: str
    count: int
    read: object = None

    def itemsize(self):
        """Return the bytes of one number."""
        return 2 if self.kind == "bfloat16" else np.dtype(self.kind).itemsize


@dataclass(eq=False)
class Tensor:
    """A torch tensor: a view of a storage. Its shape and strides fit the storage."""

    storage: Storage
    offset: int
    shape: tuple
    strides: tuple

    def is_float(self):
        """Return whether its numbers are floats."""
        return self.storage.kind == "bfloat16" or self.storage.kind[1] == "f"

    def nbytes(self):
        """Return the bytes that its array takes, before a conversion."""
        return math.prod(self.shape) * self.storage.itemsize()

    def array(self, *, floats=None):
        """Return its numbers as an array of their own, floats of the type `floats`; bfloat16 becomes float32."""
        kind = "<u2" if self.storage.kind == "bfloat16" else self.storage.kind
        flat = np.frombuffer(self.storage.read(), dtype=kind, count=self.storage.count)[self.offset :]
        steps = tuple(stride * flat.itemsize for stride in self.strides)
        view = np.lib.stride_tricks.as_strided(flat, self.shape, steps, writeable=False)
        if self.storage.kind != "bfloat16":
            return _copied(view, floats)
        wide = view.astype(np.uint32, order="C")
        wide <<= 16
        return wide.view(np.float32)


@dataclass(eq=False)
class Array:
    """A numpy array whose bytes `read()` returns, or with `scalar` a number of numpy's; empty until it is filled."""

    type: Type | None = None
    shape: tuple = ()
    order: str = "C"
    axes: tuple | None = None
    read: object = None
    scalar: bool = False

    def is_float(self):
        """Return whether its numbers are floats."""
        return self.type is not None and self.type.code[0] == "f"

    def nbytes(self):
        """Return the bytes that its array takes, before a conversion."""
        return 0 if self.type is None else math.prod(self.shape) * self.type.dtype().itemsize

    def array(self, *, floats=None):
        """Return it as an array of its own, in this machine's order of bytes, floats of the type `floats`."""
        if self.read is None:
            raise DataError("it holds an array that it never fills")
        view = np.frombuffer(self.read(), dtype=self.type.dtype()).reshape(self.shape, order=self.order)
        if self.axes is not None:
            view = view.transpose(self.axes)
        return _copied(view, floats)


@contextlib.contextmanager
def broken_as_data_error():
    """Turn what broken bytes make numpy, the codecs and the readers of zips raise into a DataError."""
    try:
        yield
    except (
        *(ValueError, TypeError, ArithmeticError, LookupError, MemoryError, RecursionError, EOFError),
        *(struct.error, zlib.error, zipfile.BadZipFile, NotImplementedError),
    ) as error:
        raise DataError(f"it is broken ({type(error).__name__}: {str(error)[:120]})") from None


def _copied(view, floats):
    if view.dtype == bool and view.size and view.view(np.uint8).max() > 1:
        raise DataError("it holds a truth value that is neither true nor false")
    kind = floats if floats is not None and view.dtype.kind == "f" else view.dtype.newbyteorder("=")
    with np.errstate(over="ignore", invalid="ignore"):
        return view.astype(kind, order="C")


def short(value):
    """Return a few letters of a number or text, of anything else its type: what is nested deeply has no repr."""
    return repr(value)[:80] if isinstance(value, (str, int, float)) else type(value).__name__


def fill(target, state):
    """Fill an array or a dtype with what the file keeps as its state."""
    if isinstance(target, Array) and not target.scalar:
        _fill_array(target, state)
    elif isinstance(target, Type):
        _fill_type(target, state)
    else:
        raise DataError(f"it changes the insides of a {type(target).__name__}")


def call(name, arguments, budget):
    """Return what the allowed function `name` stands for, given its arguments; `budget` bounds decoded text."""
    if name == "collections.OrderedDict" and arguments == ():
        return OrderedDict()
    if name in EMPTY_BYTES and arguments == ():
        return memoryview(b"")
    if name == "_codecs.encode" and len(arguments) == 2:
        return _encoded(*arguments, budget)
    if name in ("torch._utils._rebuild_tensor_v2", "torch._utils._rebuild_tensor"):
        return _tensor(name, arguments)
    if name == "torch._utils._rebuild_parameter" and len(arguments) == 3 and isinstance(arguments[0], Tensor):
        _check_hooks(arguments[2])
        return arguments[0]
    if name == "numpy.dtype" and len(arguments) in (1, 3):
        return type_of(arguments[0])
    if name in RECONSTRUCT and len(arguments) == 3 and arguments[0] == Name("numpy.ndarray"):
        return Array()
    if name in SCALAR and len(arguments) == 2:
        return _fill_with(Array(scalar=True), arguments[0], (), "C", None, arguments[1])
    if name in FROM_BUFFER and len(arguments) in (4, 5):
        data, kind, shape, order, *axes = arguments
        return _fill_with(Array(), kind, shape, order, axes[0] if axes else None, data)
    raise DataError(f"it calls {name} as no tensor or array does")


def _encoded(text, codec, budget):
    if codec not in ("latin1", "latin-1") or not isinstance(text, (str, Text)):
        raise DataError(f"it encodes text with {short(codec)}; only latin1 is allowed")
    if isinstance(text, str):
        budget.decode(len(text))
        return memoryview(text.encode("latin1"))
    made = bytearray()
    decoder = codecs.getincrementaldecoder(text.codec)()
    for start in range(0, len(text.data), PIECE):
        piece = decoder.decode(bytes(text.data[start : start + PIECE]), start + PIECE >= len(text.data))
        budget.decode(len(piece))
        made += piece.encode("latin1")
    return memoryview(made)


def size_of(value):
    """Return a size that is one."""
    if type(value) is not int or not 0 <= value < 2**48:
        raise DataError(f"it is broken: a size is {short(value)}")
    return value


def sizes_of(values):
    """Return a shape, or the like, that is a few sizes."""
    if not isinstance(values, tuple) or len(values) > 8:
        raise DataError("it is broken: a shape is not a few numbers")
    return tuple(size_of(value) for value in values)


def _check_hooks(hooks):
    if hooks is not None and not (isinstance(hooks, dict) and not hooks):
        raise DataError("it has a tensor with hooks: functions that run later")


def _tensor(name, arguments):
    last = 4 if name.endswith("_rebuild_tensor") else 6
    # a seventh is metadata: nothing of it is kept
    if len(arguments) not in (last, last + last // 6) or not isinstance(arguments[0], Storage):
        raise DataError("it is broken: a tensor is not made of a storage, an offset, a shape and strides")
    storage, offset, shape, strides = (
        arguments[0],
        size_of(arguments[1]),
        sizes_of(arguments[2]),
        sizes_of(arguments[3]),
    )
    if last == 6:
        _check_hooks(arguments[5])
    if len(shape) != len(strides):
        raise DataError("it is broken: a tensor has other strides than sizes")
    if 0 in shape:
        offset, strides = 0, (0,) * len(shape)
    elif offset + sum((size - 1) * stride for size, stride in zip(shape, strides, strict=True)) >= storage.count:
        raise DataError("it is broken: a tensor reaches beyond its numbers")
    if math.prod(shape) > storage.count:
        raise DataError("it has a tensor that shows the same numbers again and again; save it with .contiguous()")
    return Tensor(storage, offset, shape, strides)


def _fill_type(target, state):
    if not (isinstance(state, tuple) and len(state) == 8 and state[2:5] == (None, None, None)):
        raise DataError("it asks for an array of a type that is not one number")
    # size, alignment and flags follow from the code; others would make numpy itself crash
    letters = {"U": 4, "S": 1}.get(target.code[0])
    size = (-1, -1, 0) if letters is None else (letters * int(target.code[1:]), letters, 8 if letters == 4 else 0)
    told = state[5:]
    if state[1] not in ("<", ">", "=", "|") or not all(type(part) is int for part in told) or told != size:
        raise DataError(f"it is broken: an array has a type {target.code!r} with parts of another")
    target.order = state[1]


def _fill_array(target, state):
    if not isinstance(state, tuple) or len(state) != 5:
        raise DataError("it is broken: an array is not made of a shape, a type and bytes")
    _, shape, kind, columns_first, data = state
    _fill_with(target, kind, shape, "F" if columns_first else "C", None, data)


def _fill_with(target, kind, shape, order, axes, data):
    if not isinstance(kind, Type):
        raise DataError("it is broken: an array without a type")
    if not isinstance(data, (bytes, memoryview)):
        raise DataError("it has an array of objects; numbers and fixed texts are allowed")
    return new_array(target, kind, shape, order, axes, len(data), lambda: data)


def type_of(code):
    """Return the dtype of a code such as "<f4"."""
    matched = DTYPE.fullmatch(code) if isinstance(code, str) else None
    if matched is None:
        raise DataError(f"it asks for an array of type {short(code)}; numbers and fixed texts are allowed")
    return Type(matched[2], matched[1] or "=")


def new_array(target, kind, shape, order, axes, size, read):
    """Return the array with its parts set, which fit each other: `read()` will return `size` bytes."""
    shape = sizes_of(shape)
    if order not in ("C", "F", "K") or (order == "K") != (axes is not None):
        raise DataError(f"it is broken: an array in the order {short(order)}")
    if axes is not None and sorted(sizes_of(axes)) != list(range(len(shape))):
        raise DataError("it is broken: an array with axes that are not its own")
    if math.prod(shape) * kind.dtype().itemsize != size:
        raise DataError(f"it is broken: an array of shape {shape} has {size} bytes")
    target.type, target.shape, target.read = kind, shape, read
    target.order, target.axes = "C" if order == "K" else order, axes
    return target


# writing


def text_piece(text):
    """Return the instruction of a pickle that makes a text."""
    encoded = text.encode("utf-8", "surrogatepass")
    return b"X" + struct.pack("<I", len(encoded)) + encoded


def _number_pieces(*values):
    return b"".join(b"\x8a\x08" + struct.pack("<q", value) for value in values)


def tensor_pieces(array):
    """Return a pickle's instructions that make a torch tensor of an array, in pieces; the array's bytes are one.

    They are what torch itself writes: its function `_rebuild_tensor_v2`, and as its storage what `torch.save` writes of
    one in its older format.
    """
    array = np.ascontiguousarray(array).reshape(np.shape(array))
    array = array.astype(array.dtype.newbyteorder("<"), copy=False)
    (storage,) = (name for name, kind in STORAGES.items() if kind == array.dtype.str)
    module, name = storage.split(".")
    system = {"protocol_version": TORCH_VERSION, "little_endian": True, "type_sizes": {"short": 2, "int": 4, "long": 4}}
    saved = [pickle.dumps(part, 2) for part in (TORCH_MAGIC, TORCH_VERSION, system)]
    identity = text_piece("storage") + f"c{module}\n{name}\n".encode() + text_piece("0") + text_piece("cpu")
    saved += [b"\x80\x02(" + identity + _number_pieces(array.size) + b"NtQ.", pickle.dumps(["0"], 2)]
    head = b"".join(saved) + struct.pack("<q", array.size)
    strides = [stride // array.itemsize for stride in array.strides]
    shown = b"K\0(" + _number_pieces(*array.shape) + b"t(" + _number_pieces(*strides) + b"t\x89"
    return [
        b"ctorch._utils\n_rebuild_tensor_v2\n(ctorch.storage\n_load_from_bytes\n\x8e",
        struct.pack("<Q", len(head) + array.nbytes),
        head,
        memoryview(array.reshape(-1).view(np.uint8)),
        b"\x85R" + shown + b"ccollections\nOrderedDict\n)RtR",
    ]
