"""The tensors and arrays in files, as views of the file's bytes.

`NAMES` are the names that pickles of tensors and arrays use, each with what a call of it gives here: none is ever
looked up, and no function of numpy's or torch's that a file names is called. Whatever they give has been checked: its
numbers are within the file's.
"""

import codecs
import math
import re
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from toolkit.errors import DataError

DTYPE = re.compile(r"[<>=|]?(b1|i[1248]|u[1248]|f[248]|c8|c16|[SU]\d{1,6})")
# long texts are decoded in pieces of so many bytes
PIECE = 1 << 16


class Tensor(np.ndarray):
    """A torch tensor: a view of a storage; or a storage, all of whose numbers it shows in a row."""


class BFloat16(Tensor):
    """One of bfloat16, the upper half of float32, which numpy has not: as whole numbers of 16 bits."""


class Array:
    """A numpy array that its pickle makes empty, and fills then."""

    values = np.empty(0, np.int8)


@dataclass(eq=False)
class Type:
    """A numpy dtype of numbers or fixed texts, whose order of bytes its pickle sets then."""

    dtype: np.dtype


@dataclass(eq=False)
class Text:
    """A long text, not yet decoded."""

    data: memoryview
    codec: str


@dataclass(frozen=True, eq=False)
class Name:
    """One of `NAMES`, and the function that stands for it; a mere token has none."""

    full: str
    function: Callable | None = None


def short(value):
    """Return a few letters of a number or text, of anything else its type: what is nested deeply has no repr."""
    return repr(value)[:80] if isinstance(value, (str, int, float)) else type(value).__name__


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


def dtype_of(code):
    """Return the dtype of a code such as "<f4"."""
    if not (isinstance(code, str) and DTYPE.fullmatch(code)):
        raise DataError(f"it asks for an array of type {short(code)}; numbers and fixed texts are allowed")
    return np.dtype(code)


def array_of(data, dtype, shape, order="C"):
    """Return the array of a shape that bytes hold: a view."""
    return np.frombuffer(data, dtype).reshape(sizes_of(shape), order=order)


def storage_of(data, kind, count):
    """Return the storage that bytes begin with: `count` numbers of one of the kinds in `STORAGES`."""
    return np.frombuffer(data, kind, count).view(BFloat16 if kind == STORAGES["torch.BFloat16Storage"] else Tensor)


def copied(view, floats=None):
    """Return a view of a file's numbers as an array of its own, in this machine's order of bytes.

    Floats become the type `floats`; bfloat16 becomes float32.
    """
    array = np.asarray(view)
    if isinstance(view, BFloat16):
        wide = array.astype(np.uint32, order="C")
        wide <<= 16
        return wide.view(np.float32)
    if array.dtype == bool and array.size and array.view(np.uint8).max() > 1:
        raise DataError("it holds a truth value that is neither true nor false")
    kind = floats if floats is not None and array.dtype.kind == "f" else array.dtype.newbyteorder("=")
    with np.errstate(over="ignore", invalid="ignore"):
        return array.astype(kind, order="C")


def fill(target, state):
    """Fill an array or a dtype with what the file keeps as its state."""
    if isinstance(target, Array):
        _, shape, kind, columns_first, data = state
        target.values = _array(None, data, kind, shape, "F" if columns_first else "C")
    elif isinstance(target, Type):
        dtype = target.dtype
        # these follow from the code; others would make numpy itself crash, where torch or plain pickle read the file
        sizes = (dtype.itemsize, dtype.alignment) if dtype.kind in "SU" else (-1, -1)
        _, order, *parts = state
        if parts[:3] != [None] * 3 or order not in ("<", ">", "=", "|"):
            raise DataError("it asks for an array of a type that is not one number")
        if parts[3:] != [*sizes, dtype.flags]:
            raise DataError(f"it is broken: an array has a type {dtype.str!r} with parts of another")
        target.dtype = dtype.newbyteorder(order)
    else:
        raise DataError(f"it changes the insides of a {type(target).__name__}")


# what stands for the names; each is given the file's budget first


def _encoded(budget, text, codec):
    if codec not in ("latin1", "latin-1") or not isinstance(text, (str, Text)):
        raise DataError(f"it encodes text with {short(codec)}; only latin1 is allowed")
    encoded, pieces = bytearray(), [text]
    if isinstance(text, Text):
        starts = range(0, len(text.data), PIECE)
        pieces = codecs.iterdecode((bytes(text.data[start : start + PIECE]) for start in starts), text.codec)
    for piece in pieces:
        budget.decode(len(piece))
        encoded += piece.encode("latin1")
    return memoryview(encoded)


def _unfilled(_, _kind, shape, _code):
    # numpy itself would set the memory aside, where torch or plain pickle read the file
    if shape != (0,):
        raise DataError(f"it is broken: an array is begun with a shape of {short(shape)}")
    return Array()


def _array(_, data, kind, shape, order="C", axes=None):
    if not isinstance(kind, Type):
        raise DataError("it is broken: an array without a type")
    if not isinstance(data, (bytes, memoryview)):
        raise DataError("it has an array of objects; numbers and fixed texts are allowed")
    if order == "K" and axes is not None:
        return array_of(data, kind.dtype, shape).transpose(axes)
    return array_of(data, kind.dtype, shape, order)


def _tensor(_, storage, offset, shape, strides, _requires_grad=False, hooks=None, _metadata=None):
    _check_hooks(hooks)
    # the numbers are further on in the file, and the tensor is made again when they are known
    if storage is None:
        return None
    if not (isinstance(storage, Tensor) and storage.flags.c_contiguous):
        raise DataError("it is broken: a tensor is not made of a storage, an offset, a shape and strides")
    offset, shape, strides = size_of(offset), sizes_of(shape), sizes_of(strides)
    if 0 in shape:
        offset, strides = 0, (0,) * len(shape)
    elif offset + sum((size - 1) * stride for size, stride in zip(shape, strides, strict=True)) >= storage.size:
        raise DataError("it is broken: a tensor reaches beyond its numbers")
    if math.prod(shape) > storage.size:
        raise DataError("it has a tensor that shows the same numbers again and again; save it with .contiguous()")
    steps = [stride * storage.itemsize for stride in strides]
    return np.lib.stride_tricks.as_strided(storage.reshape(-1)[offset:], shape, steps, subok=True, writeable=False)


def _parameter(_, tensor, _requires_grad, hooks):
    _check_hooks(hooks)
    return tensor


def _check_hooks(hooks):
    if hooks is not None and not (isinstance(hooks, dict) and not hooks):
        raise DataError("it has a tensor with hooks: functions that run later")


# the kinds of torch's storages
STORAGES = {
    "torch.DoubleStorage": "<f8",
    "torch.FloatStorage": "<f4",
    "torch.HalfStorage": "<f2",
    "torch.BFloat16Storage": "<u2",
    "torch.LongStorage": "<i8",
    "torch.IntStorage": "<i4",
    "torch.ShortStorage": "<i2",
    "torch.CharStorage": "|i1",
    "torch.ByteStorage": "|u1",
    "torch.BoolStorage": "|b1",
}
FUNCTIONS = {
    "collections.OrderedDict": lambda _: {},
    "builtins.bytes": lambda _: b"",
    "__builtin__.bytes": lambda _: b"",
    "_codecs.encode": _encoded,
    "numpy.ndarray": None,
    "numpy.dtype": lambda _, code, _align=False, _copy=True: Type(dtype_of(code)),
    "torch._utils._rebuild_tensor": _tensor,
    "torch._utils._rebuild_tensor_v2": _tensor,
    "torch._utils._rebuild_parameter": _parameter,
}
for core in ("numpy.core", "numpy._core"):
    FUNCTIONS |= {
        f"{core}.multiarray._reconstruct": _unfilled,
        f"{core}.multiarray.scalar": lambda _, kind, data: _array(None, data, kind, ()),
        f"{core}.numeric._frombuffer": _array,
    }
STORAGE_NAMES = {full: Name(full) for full in STORAGES}
NAMES = STORAGE_NAMES | {full: Name(full, function) for full, function in FUNCTIONS.items()}
