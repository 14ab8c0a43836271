"""Pickles of tensors and arrays, read without running anything.

Python's own unpickler imports what a file names and calls it; a list of allowed names does not help where one of them
runs pickles again, as `torch.storage._load_from_bytes` does. Here a pickle is interpreted instead: names are only
compared with the few of `toolkit.scenes.files.tensors`, calls of those give the records there, and numbers are copied
out of the file when they are asked for. Neither torch nor pickle is imported, nothing that a file names is ever looked
up, and what torch nests in a file is read by the same interpreter, which admits nothing in it but a storage of numbers.

What a file may cost is bounded: by a number of instructions (some 4 MB of objects, or the file's size) and by decoded
text of twice the file's size; an array has no more numbers than the bytes that it is made of hold.

References
----------
Python's `pickletools` for the instructions of protocols 0 to 5. `torch.serialization` for the layout of what
`torch.save` writes, in both of its formats.
"""

import codecs
import struct
import sys
from typing import NamedTuple

from toolkit.errors import DataError
from toolkit.scenes.files.tensors import (
    ALLOWED,
    PIECE,
    STORAGES,
    TORCH_MAGIC,
    TORCH_VERSION,
    Name,
    Storage,
    Text,
    broken_as_data_error,
    call,
    fill,
    short,
    size_of,
)

# instructions that any file may have, and how many more for each byte of it
INSTRUCTIONS = 50_000
INSTRUCTIONS_A_BYTE = 1 / 64
# text up to this many bytes is decoded where it stands; a longer one is the bytes of an array, decoded piece by piece
SHORT = 4096
LINE = 512
EMPTY_TEXT = sys.getsizeof("")
MARK = object()


class Document(NamedTuple):
    """What a pickle holds.

    Attributes
    ----------
    value : object
        Containers and numbers as Python's own, tensors and arrays as records.
    end : int
        Where the pickle's last instruction stands.
    tail : int or None
        Where, if at all, the pickle begins to set one last key of the dict that it holds, outside of its frames.
    torch_saved : bool
        Whether `torch.save` wrote it (in its older format; the newer is a zip of files).
    """

    value: object
    end: int
    tail: int | None
    torch_saved: bool = False


def read_pickle(data: bytes) -> Document:
    """Interpret a pickle, or a file of `torch.save` in its older format.

    Raises
    ------
    DataError
        If it asks for a name outside `ALLOWED`, is broken, or costs more than a file of its size may.
    """
    with broken_as_data_error():
        data = memoryview(data)
        budget = Budget(len(data))
        machine = _Machine(data, 0, budget, nested=False)
        value = machine.run()
        if not (type(value) is int and value == TORCH_MAGIC):
            return Document(value, machine.position - 1, machine.tail)
        value = _read_torch(data, machine.position, budget, storage_only=False)
        return Document(value, len(data), None, torch_saved=True)


def read_zipped_pickle(data: bytes, storages) -> object:
    """Interpret the pickle in a zip of `torch.save`; `storages(key)` returns the bytes of a storage."""
    with broken_as_data_error():
        data = memoryview(data)

        def keep(kind, key, count):
            storage, found = Storage(kind, count), storages(key)
            if len(found) < storage.itemsize() * count:
                raise DataError("it misses the numbers of a tensor")
            storage.read = lambda: found
            return storage

        return _Machine(data, 0, Budget(len(data)), nested=False, keep=keep).run()


class Budget:
    """What a file may still cost: instructions, and bytes decoded from text."""

    def __init__(self, size):
        self.instructions = INSTRUCTIONS + int(size * INSTRUCTIONS_A_BYTE)
        # every text may become bytes again
        self.decoded = 2 * size + PIECE

    def decode(self, count):
        """Take away `count` bytes of decoded text."""
        self.decoded -= count
        if self.decoded < 0:
            raise DataError("its texts take far more than its size")


def _read_torch(data, position, budget, *, storage_only):
    """Return what `torch.save` wrote in its older format, `position` behind the magic number."""
    found = {}

    def keep(kind, key, count):
        storage = found.setdefault(key, Storage(kind, count))
        if (storage.kind, storage.count) != (kind, count):
            raise DataError("two storages of torch have one name")
        return storage

    def read(keep=None):
        nonlocal position
        machine = _Machine(data, position, budget, nested=storage_only, keep=keep)
        value = machine.run()
        position = machine.position
        return value

    version, system = read(), read()
    if type(version) is not int or version != TORCH_VERSION:
        raise DataError(f"it holds what torch saved in a version that is not known, {short(version)}")
    if not isinstance(system, dict) or system.get("little_endian") is not True:
        raise DataError("it holds what torch saved on a big-endian machine; save it again on another")
    value = read(keep)
    if storage_only and not isinstance(value, Storage):
        raise DataError("it nests something in a tensor that is not a storage of numbers")
    keys = read()
    if not isinstance(keys, list) or not all(isinstance(key, str) for key in keys) or sorted(keys) != sorted(found):
        raise DataError("the storages of its tensors are not those that it names")
    for key in keys:
        (count,) = struct.unpack_from("<q", data, position)
        position += 8
        size = found[key].itemsize() * found[key].count
        if count != found[key].count or position + size > len(data):
            raise DataError("it ends within a tensor")
        found[key].read = _part(data, position, size)
        position += size
    return value


def _part(data, start, size):
    return lambda: data[start : start + size]


def _nested_storage(data, budget):
    """Return the storage that torch wrote within a pickle, as `torch.save` of a storage alone."""
    if not isinstance(data, (bytes, memoryview)):
        raise DataError("it is broken: a tensor's numbers are no bytes")
    machine = _Machine(data, 0, budget, nested=True)
    magic = machine.run()
    if type(magic) is not int or magic != TORCH_MAGIC:
        raise DataError("it nests something in a tensor that torch did not save")
    return _read_torch(data, machine.position, budget, storage_only=True)


class _Machine:
    """The stack, the marks and the memo that a pickle's instructions work on.

    `nested` admits only what a storage needs. `keep(kind, key, count)` returns the storage of that key, where the
    pickle is one of torch's with storages beside it.
    """

    def __init__(self, data, position, budget, *, nested, keep=None):
        self.data, self.position, self.budget = data, position, budget
        self.nested, self.keep = nested, keep
        self.stack, self.memo = [], {}
        self.frame_end, self.tail, self.mark = 0, None, None

    def run(self):
        """Follow the instructions to the end and return what they leave."""
        while True:
            code = self.take(1)[0]
            self.budget.instructions -= 1
            if self.budget.instructions < 0:
                raise DataError(
                    "it takes more instructions than a file of its size should. Many numbers must be in arrays or "
                    "tensors, not in lists"
                )
            if code == 0x2E:
                if len(self.stack) != 1 or self.stack[0] is MARK:
                    raise DataError("it is broken: its pickle ends too early")
                return self.stack[0]
            step = INSTRUCTION.get(code)
            if step is None:
                raise DataError(f"it is broken, or no pickle: {chr(code)!r} at byte {self.position - 1}")
            if code not in KEEPS_TAIL:
                self.tail = None
            step(self)

    # reading

    def take(self, count):
        """Return the next `count` bytes."""
        if count > len(self.data) - self.position:
            raise DataError("it is cut off")
        return self.move_to(self.position + count)

    def move_to(self, end):
        """Return the bytes up to `end`, and go on from there."""
        # the unpicklers of Python differ in what they read there
        if self.position < self.frame_end < end:
            raise DataError("it is broken: an instruction of its pickle reaches beyond its frame")
        part = self.data[self.position : end]
        self.position = end
        return part

    def number(self, count):
        """Return the next `count` bytes as a number."""
        return int.from_bytes(self.take(count), "little")

    def line(self, limit=LINE):
        """Return the bytes up to the end of the line."""
        start = self.position
        for piece in range(start, min(len(self.data), start + limit), PIECE):
            found = bytes(self.data[piece : piece + PIECE]).find(b"\n")
            if found >= 0 and piece + found - start < limit:
                return self.move_to(piece + found + 1)[:-1]
        raise DataError("it is broken: a line of its pickle is cut off or too long")

    # the stack

    def pop(self):
        """Take the topmost value."""
        value = self.top()
        self.stack.pop()
        return value

    def top(self):
        """Return the topmost value."""
        if not self.stack or self.stack[-1] is MARK:
            raise DataError("it is broken: its pickle takes a value that is not there")
        return self.stack[-1]

    def pop_mark(self):
        """Take the values above the last mark, and the mark."""
        items = []
        while self.stack and self.stack[-1] is not MARK:
            items.append(self.stack.pop())
        if not self.stack:
            raise DataError("it is broken: its pickle misses a mark")
        self.stack.pop()
        items.reverse()
        return items

    def push(self, value):
        """Put a value on top."""
        self.stack.append(value)

    def push_mark(self):
        """Put a mark on top, and notice where the first above a dict stands."""
        if len(self.stack) == 1 and isinstance(self.stack[0], dict) and self.position >= self.frame_end:
            self.mark = self.position - 1
        self.push(MARK)

    def push_tuple(self, count):
        """Put the topmost `count` values together."""
        items = [self.pop() for _ in range(count)]
        self.push(tuple(reversed(items)))

    def push_text(self, data, codec):
        """Put a text on top: a long one undecoded."""
        if len(data) > SHORT:
            self.push(Text(data, codec))
            return
        decoded = codecs.decode(data, codec, "surrogatepass" if codec == "utf-8" else "strict")
        # one letter of an astral plane makes all of them four bytes wide
        self.budget.decode(sys.getsizeof(decoded) - EMPTY_TEXT)
        self.push(decoded)

    def push_bytes(self, data):
        """Put bytes on top: a few as they are, for that takes less than a view of them."""
        self.push(bytes(data) if len(data) < 256 else data)

    def push_quoted(self):
        """Put a text of Python 2 on top that stands in quotes."""
        line = bytes(self.line(SHORT))
        if len(line) < 2 or line[:1] != line[-1:] or line[:1] not in (b"'", b'"'):
            raise DataError("it is broken: a text in its pickle has no quotes")
        self.push_text(codecs.escape_decode(line[1:-1])[0], "ascii")

    def push_whole(self):
        """Put a number on top that stands in digits, or a truth value."""
        line = bytes(self.line(40))
        self.push({b"00": False, b"01": True}[line] if line in (b"00", b"01") else int(line.removesuffix(b"L")))

    def push_long(self, count):
        """Put a number of `count` bytes on top."""
        if count > 16:
            raise DataError(f"it holds a number of {count} bytes")
        self.push(int.from_bytes(self.take(count), "little", signed=True))

    def push_persistent(self):
        """Put a storage on top that stands beside the pickle."""
        identity = self.pop()
        if self.keep is None:
            raise DataError("it asks for an object from outside the file (a persistent id)")
        if not (isinstance(identity, tuple) and len(identity) in (5, 6) and identity[0] == "storage"):
            raise DataError("it asks for something else than a storage of torch")
        kind, key, _, count = identity[1:5]
        if not (isinstance(kind, Name) and kind.full in STORAGES and isinstance(key, str)):
            raise DataError("it asks for a storage of torch that is not known")
        if identity[5:] not in ((), (None,)):
            raise DataError("it asks for a view of a storage, as torch 0.3 wrote them; save it again")
        self.push(self.keep(STORAGES[kind.full], key, size_of(count)))

    # names and calls

    def push_name(self, module, name):
        """Put a name on top if it is an allowed one."""
        if not (isinstance(module, str) and isinstance(name, str)):
            raise DataError("it is broken: it asks for a name that is no text")
        full = f"{module}.{name}"
        # split elsewhere ("os.path", "join" for "os", "path.join") a name would be another
        if full not in ALLOWED or "." in name or (self.nested and full not in STORAGES):
            raise DataError(
                f"it asks for {short(full)[1:-1]}, which no tensor or array needs. Nothing of the file was run. If "
                "you trust its source, have it saved again with tensors, arrays, lists and texts alone"
            )
        self.push(Name(full))

    def push_line_name(self):
        """Put a name on top that stands in two lines."""
        module, name = (codecs.decode(self.line(), "utf-8") for _ in range(2))
        self.push_name(module, name)

    def push_stack_name(self):
        """Put a name on top whose parts are on the stack."""
        name, module = self.pop(), self.pop()
        self.push_name(module, name)

    def refuse_instance(self):
        """Name what an instance is asked of, and refuse it."""
        self.push_line_name()
        raise DataError(f"it makes an instance of {self.pop().full}, as no tensor or array does")

    def call(self):
        """Put on top what an allowed name makes of its arguments."""
        arguments, name = self.pop(), self.pop()
        if not isinstance(name, Name) or not isinstance(arguments, tuple):
            raise DataError(f"it calls a {type(name).__name__}, which nothing in it makes a function")
        if name.full == "torch.storage._load_from_bytes" and len(arguments) == 1:
            self.push(_nested_storage(arguments[0], self.budget))
        else:
            self.push(call(name.full, arguments, self.budget))

    def build(self):
        """Fill an array or a dtype."""
        state = self.pop()
        fill(self.top(), state)

    # containers and the memo

    def append(self, items):
        """Append to the list on top."""
        target = self.top()
        if type(target) is not list:
            raise DataError(f"it appends to a {type(target).__name__}")
        target.extend(items)

    def set_items(self, items):
        """Set keys of the dict on top."""
        if len(items) % 2:
            raise DataError("it is broken: a key without a value")
        target = self.top()
        if not isinstance(target, dict):
            raise DataError(f"it sets a key of a {type(target).__name__}")
        for key, value in zip(items[::2], items[1::2], strict=True):
            # the hash of a tuple may be nested too deeply; those of large numbers may all collide
            if not (key is None or isinstance(key, str) or (isinstance(key, int) and abs(key) < 2**31)):
                raise DataError(f"it has a key that is neither text nor a small number but {short(key)}")
            target[key] = value

    def set_marked_items(self):
        """Set keys of the dict below the mark; one alone, and last, is a tail."""
        items = self.pop_mark()
        self.set_items(items)
        if len(items) == 2 and len(self.stack) == 1 and self.mark is not None:
            self.tail = self.mark

    def set_item(self):
        """Set a key of the dict below it and its value."""
        value, key = self.pop(), self.pop()
        self.set_items([key, value])

    def append_one(self):
        """Append to the list below the value."""
        value = self.pop()
        self.append([value])

    def push_dict(self):
        """Put together a dict from what is above the mark."""
        items = self.pop_mark()
        self.push({})
        self.set_items(items)

    def drop(self):
        """Take the topmost value or mark."""
        if not self.stack:
            raise DataError("it is broken: its pickle takes a value that is not there")
        self.stack.pop()

    def remember(self, index):
        """Keep the topmost value under a number."""
        self.memo[index] = self.top()

    def recall(self, index):
        """Put a kept value on top."""
        if index not in self.memo:
            raise DataError("it is broken: its pickle recalls what it never kept")
        self.push(self.memo[index])

    def skip_frame(self):
        """Notice where a frame ends."""
        size = self.number(8)
        if self.position < self.frame_end:
            raise DataError("it is broken: a frame in a frame of its pickle")
        if size > len(self.data) - self.position:
            raise DataError("it is cut off")
        self.frame_end = self.position + size

    def check_protocol(self):
        """Refuse protocols that are not known."""
        protocol = self.number(1)
        if protocol > 5:
            raise DataError(f"it is a pickle of protocol {protocol}; 0 to 5 are known")


def _refuse(what):
    def step(_machine):
        raise DataError(f"it asks for {what}, as no tensor or array does")

    return step


KEEPS_TAIL = {ord("u")}
INSTRUCTION = {
    ord(code): step
    for code, step in {
        "(": _Machine.push_mark,
        "0": _Machine.drop,
        "1": _Machine.pop_mark,
        "2": lambda machine: machine.push(machine.top()),
        "F": lambda machine: machine.push(float(bytes(machine.line(40)))),
        "I": _Machine.push_whole,
        "J": lambda machine: machine.push(int.from_bytes(machine.take(4), "little", signed=True)),
        "K": lambda machine: machine.push(machine.number(1)),
        "L": _Machine.push_whole,
        "M": lambda machine: machine.push(machine.number(2)),
        "N": lambda machine: machine.push(None),
        "P": _refuse("an object from outside the file (a persistent id)"),
        "Q": _Machine.push_persistent,
        "R": _Machine.call,
        "S": _Machine.push_quoted,
        "T": lambda machine: machine.push_text(machine.take(machine.number(4)), "ascii"),
        "U": lambda machine: machine.push_text(machine.take(machine.number(1)), "ascii"),
        "V": lambda machine: machine.push_text(machine.line(len(machine.data)), "raw-unicode-escape"),
        "X": lambda machine: machine.push_text(machine.take(machine.number(4)), "utf-8"),
        "a": _Machine.append_one,
        "b": _Machine.build,
        "c": _Machine.push_line_name,
        "d": _Machine.push_dict,
        "e": lambda machine: machine.append(machine.pop_mark()),
        "g": lambda machine: machine.recall(int(bytes(machine.line(40)))),
        "h": lambda machine: machine.recall(machine.number(1)),
        "i": _Machine.refuse_instance,
        "j": lambda machine: machine.recall(machine.number(4)),
        "l": lambda machine: machine.push(machine.pop_mark()),
        "o": _refuse("an instance of a class"),
        "p": lambda machine: machine.remember(int(bytes(machine.line(40)))),
        "q": lambda machine: machine.remember(machine.number(1)),
        "r": lambda machine: machine.remember(machine.number(4)),
        "s": _Machine.set_item,
        "t": lambda machine: machine.push(tuple(machine.pop_mark())),
        "u": _Machine.set_marked_items,
        "}": lambda machine: machine.push({}),
        "]": lambda machine: machine.push([]),
        ")": lambda machine: machine.push(()),
        "B": lambda machine: machine.push_bytes(machine.take(machine.number(4))),
        "C": lambda machine: machine.push_bytes(machine.take(machine.number(1))),
        "G": lambda machine: machine.push(struct.unpack(">d", machine.take(8))[0]),
        "\x80": _Machine.check_protocol,
        "\x81": _refuse("an instance of a class"),
        "\x82": _refuse("a registered extension"),
        "\x83": _refuse("a registered extension"),
        "\x84": _refuse("a registered extension"),
        "\x85": lambda machine: machine.push_tuple(1),
        "\x86": lambda machine: machine.push_tuple(2),
        "\x87": lambda machine: machine.push_tuple(3),
        "\x88": lambda machine: machine.push(True),
        "\x89": lambda machine: machine.push(False),
        "\x8a": lambda machine: machine.push_long(machine.number(1)),
        "\x8b": lambda machine: machine.push_long(machine.number(4)),
        "\x8c": lambda machine: machine.push_text(machine.take(machine.number(1)), "utf-8"),
        "\x8d": lambda machine: machine.push_text(machine.take(machine.number(8)), "utf-8"),
        "\x8e": lambda machine: machine.push_bytes(machine.take(machine.number(8))),
        "\x8f": _refuse("a set"),
        "\x90": _refuse("a set"),
        "\x91": _refuse("a set"),
        "\x92": _refuse("an instance of a class"),
        "\x93": _Machine.push_stack_name,
        "\x94": lambda machine: machine.remember(len(machine.memo)),
        "\x95": _Machine.skip_frame,
        "\x96": lambda machine: machine.push_bytes(machine.take(machine.number(8))),
        "\x97": _refuse("a buffer from outside the file"),
        "\x98": _refuse("a buffer from outside the file"),
    }.items()
}
