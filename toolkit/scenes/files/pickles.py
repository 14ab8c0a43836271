"""Pickles of tensors and arrays, read without running anything.

Python's own unpickler imports what a file names and calls it; a list of allowed names does not help where one of them
runs pickles again, as `torch.storage._load_from_bytes` does. Here the steps of the standard library's unpickler that
import, call, fill and set keys are replaced: names are only compared with the few of `toolkit.scenes.files.tensors`,
whose functions give views of the file's bytes; nothing that a file names is ever looked up; and what torch nests in a
file is read in the same way, with no name in it but those of storages.

It is the unpickler in Python, not the one in C, which hashes any key (that of shared tuples for ever) and sets memory
aside for whatever a file declares (900 MB for one of 9 bytes): a pass over the instructions before it can bound what
they declare, but not know what a key is. Nor is it `torch.load`, which reads no plain pickle, takes seconds to import,
and bounds nothing.

What a file may cost is bounded: by a number of instructions (some 4 MB of objects, or the file's size) and by decoded
text of twice the file's size; an array has no more numbers than the bytes that it is made of hold.

References
----------
Python's `pickletools` for the instructions of protocols 0 to 5. `torch.serialization` for the layout of what
`torch.save` writes, in both of its formats.
"""

import codecs
import pickle
import re
import struct
import sys
from typing import NamedTuple

import numpy as np

from toolkit.errors import DataError
from toolkit.scenes.files.arrays import torch_parts
from toolkit.scenes.files.tensors import (
    NAMES,
    PIECE,
    STORAGE_NAMES,
    STORAGES,
    Array,
    Name,
    Tensor,
    Text,
    fill,
    short,
    size_of,
    storage_of,
)

ZIP = b"PK\x03\x04"
TORCH_MAGIC = 0x1950A86A20F9469CFC6C
TORCH_VERSION = 1001
# instructions that any file may have, and how many more for each byte of it
INSTRUCTIONS = 50_000
INSTRUCTIONS_A_BYTE = 1 / 64
# text up to this many bytes is decoded where it stands; a longer one is the bytes of an array, decoded piece by piece
TEXT_BYTES = 4096
NEWLINE = re.compile(b"\n")
EMPTY_TEXT = sys.getsizeof("")
REFUSALS = {
    "an object from outside the file (a persistent id)": [pickle.PERSID],
    "an instance of a class": [pickle.OBJ, pickle.NEWOBJ, pickle.NEWOBJ_EX],
    "a registered extension": [pickle.EXT1, pickle.EXT2, pickle.EXT4],
    "a set": [pickle.EMPTY_SET, pickle.ADDITEMS, pickle.FROZENSET],
    "a buffer from outside the file": [pickle.NEXT_BUFFER, pickle.READONLY_BUFFER],
}


class Document(NamedTuple):
    """What a pickle holds.

    Attributes
    ----------
    value : object
        Containers and numbers as Python's own, tensors and arrays as views.
    end : int
        Where the pickle's last instruction stands.
    last : tuple of (object, int, int), or None
        If the pickle sets one key alone, outside of its frames, of the dict that it holds: this key, and where the
        instructions for it begin and end.
    torch_saved : bool
        Whether `torch.save` wrote it.
    """

    value: object
    end: int
    last: tuple | None = None
    torch_saved: bool = False


class Budget:
    """What a file may still cost: instructions, and bytes decoded from text."""

    def __init__(self, size):
        self.instructions = INSTRUCTIONS + int(size * INSTRUCTIONS_A_BYTE)
        # every text may become bytes again
        self.decoded = 2 * size + PIECE

    def __getitem__(self, code):
        """Return the step for an instruction, and take it away."""
        self.instructions -= 1
        if self.instructions < 0:
            raise DataError(
                "it takes more instructions than a file of its size should. Many numbers must be in arrays or tensors, "
                "not in lists"
            )
        if code not in STEPS:
            raise DataError(f"it is broken, or no pickle: it has {chr(code)!r} where an instruction should be")
        return STEPS[code]

    def decode(self, count):
        """Take away `count` bytes of decoded text."""
        self.decoded -= count
        if self.decoded < 0:
            raise DataError("its texts take far more than its size")


def read_pickle(data: bytes) -> Document:
    """Return what a pickle holds, or a file of `torch.save` in either of its formats.

    Raises
    ------
    DataError
        If it asks for a name outside `ALLOW_LIST`, or costs more than a file of its size may. What is broken may be any
        other error.
    """
    if data[:4] == ZIP:
        data, parts = torch_parts(data)
        unpickler = _Unpickler(
            _Reader(data), Budget(len(data)), ALLOW_LIST, lambda key, *kind: storage_of(parts.get(key, b""), *kind)
        )
        return Document(_resolved(unpickler.load()), len(data), torch_saved=True)
    reader, budget = _Reader(data), Budget(len(data))
    unpickler = _Unpickler(reader, budget, ALLOW_LIST)
    value = unpickler.load()
    if type(value) is int and value == TORCH_MAGIC:
        return Document(_resolved(_read_torch(reader, budget, ALLOW_LIST)), len(data), torch_saved=True)
    return Document(_resolved(value), reader.position - 1, unpickler.last)


def single(value):
    """Return the array that is to be filled as the one that it was filled with, and all else as it is."""
    return value.values if isinstance(value, Array) else value


def _resolved(value):
    return {key: single(part) for key, part in value.items()} if isinstance(value, dict) else value


def _read_torch(reader, budget, names):
    """Return what `torch.save` wrote in its older format, from behind the magic number on."""
    version, system = (_Unpickler(reader, budget, {}).load() for _ in range(2))
    if type(version) is not int or version != TORCH_VERSION:
        raise DataError(f"it holds what torch saved in a version that is not known, {short(version)}")
    if not isinstance(system, dict) or system.get("little_endian") is not True:
        raise DataError("it holds what torch saved on a big-endian machine; save it again on another")
    kinds, storages = {}, {}
    start, left = reader.position, (budget.instructions, budget.decoded)

    def note(key, *kind):
        if kinds.setdefault(key, kind) != kind:
            raise DataError("two storages of torch have one name")

    # the numbers are behind the pickle, in an order that stands there too: so it is read twice
    _Unpickler(reader, budget, names, note).load()
    keys = _Unpickler(reader, budget, {}).load()
    if not isinstance(keys, list) or not all(isinstance(key, str) for key in keys) or sorted(keys) != sorted(kinds):
        raise DataError("the storages of its tensors are not those that it names")
    for key in keys:
        kind, count = kinds[key]
        if reader.read(8) != struct.pack("<q", count):
            raise DataError("it is broken: a storage of torch has another length")
        storages[key] = storage_of(reader.read(np.dtype(kind).itemsize * count), kind, count)
    reader.position, (budget.instructions, budget.decoded) = start, left
    return _Unpickler(reader, budget, names, lambda key, *_: storages[key]).load()


def _nested_storage(budget, data):
    """Return the storage that torch wrote within a pickle, as `torch.save` of a storage alone."""
    reader = _Reader(data)
    magic = _Unpickler(reader, budget, STORAGE_NAMES).load()
    if type(magic) is not int or magic != TORCH_MAGIC:
        raise DataError("it nests something in a tensor that torch did not save")
    storage = _read_torch(reader, budget, STORAGE_NAMES)
    if not isinstance(storage, Tensor):
        raise DataError("it nests something in a tensor that is not a storage of numbers")
    return storage


LOAD = "torch.storage._load_from_bytes"
ALLOW_LIST = NAMES | {LOAD: Name(LOAD, _nested_storage)}


class _Reader:
    """The bytes of a file, from a position on, in its frames."""

    def __init__(self, data):
        self.data, self.position, self.frame_end = memoryview(data), 0, 0

    def read(self, count):
        """Return the next `count` bytes: a view, but of a few, for that takes more than they do."""
        end = self.position + count
        if end > len(self.data):
            raise DataError("it is cut off")
        # the unpicklers of Python differ in what they read there
        if self.position < self.frame_end < end:
            raise DataError("it is broken: an instruction of its pickle reaches beyond its frame")
        part = self.data[self.position : end]
        self.position = end
        return bytes(part) if count < 256 else part

    def readline(self, limit=TEXT_BYTES):
        """Return the bytes up to the end of the line, and that."""
        newline = NEWLINE.search(self.data, self.position, self.position + limit)
        if newline is None:
            raise DataError("it is broken: a line of its pickle is cut off or too long")
        return self.read(newline.end() - self.position)


class _Unpickler(pickle._Unpickler):
    """Python's unpickler, in which nothing is imported or called but the functions of `names`.

    `storage(key, kind, count)` returns a storage of torch that stands beside the pickle.
    """

    def __init__(self, reader, budget, names, storage=None):
        super().__init__(reader)
        self.reader, self.budget, self.names, self.storage = reader, budget, names, storage
        # where Python's unpickler looks up its steps
        self.dispatch = budget
        self.mark = self.last = None

    def load(self):
        """Follow the instructions to the end and return what they leave."""
        value = super().load()
        if self.stack or self.metastack:
            raise DataError("it is broken: its pickle ends too early")
        return value

    # names and calls

    def find_class(self, module, name):
        """Return a name if it is an allowed one."""
        full = f"{module}.{name}"
        # split elsewhere ("os.path", "join" for "os", "path.join") a name would be another
        if full not in self.names or "." in name:
            raise DataError(
                f"it asks for {short(full)[1:-1]}, which no tensor or array needs. Nothing of the file was run. If "
                "you trust its source, have it saved again with tensors, arrays, lists and texts alone"
            )
        return self.names[full]

    def _instantiate(self, klass, args):
        raise DataError(f"it makes an instance of {klass.full}, as no tensor or array does")

    def load_reduce(self):
        """Put on top what an allowed name makes of its arguments."""
        arguments, name = self.stack.pop(), self.stack.pop()
        if not isinstance(name, Name) or type(arguments) is not tuple:
            raise DataError(f"it calls a {type(name).__name__}, which nothing in it makes a function")
        try:
            self.append(name.function(self.budget, *arguments))
        except TypeError:
            raise DataError(f"it calls {name.full} as no tensor or array does") from None

    def load_build(self):
        """Fill an array or a dtype."""
        state = self.stack.pop()
        fill(self.stack[-1], state)

    def persistent_load(self, pid):
        """Return a storage that stands beside the pickle."""
        if self.storage is None:
            raise DataError("it asks for an object from outside the file (a persistent id)")
        _, kind, key, _, count, *view = pid
        if not (isinstance(kind, Name) and kind.full in STORAGES and isinstance(key, str)):
            raise DataError("it asks for something else than a storage of torch that is known")
        if view not in ([], [None]):
            raise DataError("it asks for a view of a storage, as torch 0.3 wrote them; save it again")
        return self.storage(key, STORAGES[kind.full], size_of(count))

    # texts and bytes

    def _text(self, data, codec="utf-8", errors="surrogatepass"):
        """Return a text: a long one undecoded."""
        if len(data) > TEXT_BYTES:
            return Text(data, codec)
        text = codecs.decode(data, codec, errors)
        # one letter of an astral plane makes all of them four bytes wide
        self.budget.decode(sys.getsizeof(text) - EMPTY_TEXT)
        return text

    def _decode_string(self, value):
        return self._text(value, "ascii", "strict")

    def load_unicode(self):
        """Put a text of protocol 0 on top."""
        self.append(self._text(self.reader.readline(len(self.reader.data))[:-1], "raw-unicode-escape", "strict"))

    def load_short_binunicode(self):
        """Put a text of up to 255 bytes on top."""
        self.append(self._text(self.read(*self.read(1))))

    def load_binunicode(self):
        """Put a text on top."""
        self.append(self._text(self.read(*struct.unpack("<I", self.read(4)))))

    def load_binunicode8(self):
        """Put a text on top whose length has 8 bytes."""
        self.append(self._text(self.read(*struct.unpack("<Q", self.read(8)))))

    def load_bytearray8(self):
        """Put bytes on top, for which nothing is set aside before they are there."""
        self.load_binbytes8()

    def load_frame(self):
        """Notice where a frame ends; Python's unpickler would copy it."""
        (size,) = struct.unpack("<Q", self.read(8))
        end = self.reader.position + size
        if self.reader.position < self.reader.frame_end or end > len(self.reader.data):
            raise DataError("it is broken: a frame in a frame of its pickle, or one that is cut off")
        self.reader.frame_end = end

    # keys

    def set_items(self, items):
        """Set keys of the dict on top."""
        target = self.stack[-1]
        if not isinstance(target, dict):
            raise DataError(f"it sets a key of a {type(target).__name__}")
        for key, value in zip(items[::2], items[1::2], strict=True):
            # the hash of a tuple may be nested too deeply; those of large numbers may all collide
            if not (key is None or isinstance(key, str) or (isinstance(key, int) and abs(key) < 2**31)):
                raise DataError(f"it has a key that is neither text nor a small number but {short(key)}")
            target[key] = value

    def load_setitem(self):
        """Set a key of the dict below it and its value."""
        items = [self.stack.pop(-2), self.stack.pop()]
        self.set_items(items)

    def load_dict(self):
        """Put together a dict from what is above the mark."""
        items = self.pop_mark()
        self.append({})
        self.set_items(items)

    def load_setitems(self):
        """Set keys of the dict below the mark, and notice one alone."""
        items = self.pop_mark()
        self.set_items(items)
        if len(items) == 2 and not self.metastack and self.mark is not None:
            self.last = items[0], self.mark, self.reader.position

    def load_mark(self):
        """Begin a group of values, and notice where one above a dict alone begins, outside of frames."""
        if not self.metastack:
            alone = len(self.stack) == 1 and isinstance(self.stack[0], dict)
            self.mark = self.reader.position - 1 if alone and self.reader.position >= self.reader.frame_end else None
        super().load_mark()

    def load_put(self):
        """Keep the topmost value under a number, which is not so large that its hash could be chosen."""
        self.memo[size_of(int(self.readline()))] = self.stack[-1]


def _refuse(what):
    def step(_unpickler):
        raise DataError(f"it asks for {what}, as no tensor or array does")

    return step


# Python's table of steps has functions, not names: those of the same name above take their places
STEPS = {code: getattr(_Unpickler, step.__name__) for code, step in pickle._Unpickler.dispatch.items()}
STEPS |= {code[0]: _refuse(what) for what, codes in REFUSALS.items() for code in codes}
