"""Pickles that do something when they are opened, and pickles that cost more than they should.

`ATTACKS` are functions of the path of a file: each returns a pickle that makes this file, or a folder there, when plain
pickle opens it. `BOMBS` are functions of nothing.
"""

import collections
import importlib
import io
import os
import pickle
import runpy
import struct
import subprocess
import timeit

import numpy as np

ATTACKS = {}
BOMBS = {}


class Call:
    """Pickled, it is a call of a function."""

    def __init__(self, function, *arguments, state=None):
        self.parts = (function, arguments) if state is None else (function, arguments, state)

    def __reduce__(self):
        return self.parts


def attack(function):
    ATTACKS[function.__name__] = function
    return function


def bomb(function):
    BOMBS[function.__name__] = function
    return function


def movie(**values):
    return {"imdb_id": "tt1", "place": np.ones((3, 2), np.float32), **values}


def text(value):
    return b"X" + struct.pack("<I", len(value.encode())) + value.encode()


def short(value):
    return b"\x8c" + bytes([len(value)]) + value.encode()


def in_movie(instructions):
    """Return a pickle of a dict with an imdb_id and a value that the instructions make."""
    return b"\x80\x04}(" + text("imdb_id") + text("tt1") + text("extra") + instructions + b"u."


def touch(path):
    return f"touch '{path}'"


for protocol in range(6):

    def _shell(path, protocol=protocol):
        return pickle.dumps(movie(extra=Call(os.system, touch(path))), protocol)

    def _place(path, protocol=protocol):
        return pickle.dumps(movie() | {"place": [[Call(exec, f"open({str(path)!r}, 'w').close()")]]}, protocol)

    ATTACKS[f"os_system_protocol_{protocol}"] = _shell
    ATTACKS[f"exec_in_a_nested_list_protocol_{protocol}"] = _place

CALLS = {
    "eval": lambda path: Call(eval, f"__import__('os').mkdir({str(path)!r})"),
    "open": lambda path: Call(open, str(path), "w"),
    "os_mkdir": lambda path: Call(os.mkdir, str(path)),
    "file_io": lambda path: Call(io.FileIO, str(path), "w"),
    "subprocess": lambda path: Call(subprocess.check_call, ["touch", str(path)]),
    "timeit": lambda path: Call(timeit.timeit, f"open({str(path)!r}, 'w').close()", "pass", timeit.default_timer, 1),
    "numpy_savetxt": lambda path: Call(np.savetxt, str(path), [1.0]),
    "pickle_loads": lambda path: Call(pickle.loads, pickle.dumps(Call(os.mkdir, str(path)))),
    "import_and_eval": lambda path: Call(
        eval, "os.mkdir(p)", {"os": Call(importlib.import_module, "os"), "p": str(path)}
    ),
    "run_path": lambda path: Call(runpy.run_path, _script(path)),
}


def _script(path):
    script = path.with_suffix(".py")
    script.write_text(f"open({str(path)!r}, 'w').close()")
    return str(script)


for number, (name, make) in enumerate(CALLS.items()):
    ATTACKS[name] = lambda path, make=make, protocol=number % 6: pickle.dumps(movie(extra=make(path)), protocol)


@attack
def name_in_two_lines(path):
    return b"cposix\nmkdir\n(V" + str(path).encode() + b"\ntR."


@attack
def name_on_the_stack(path):
    return in_movie(short("posix") + short("mkdir") + b"\x93" + text(str(path)) + b"\x85R")


@attack
def name_from_the_memo(path):
    # the parts of the name are put aside, and recalled where nobody would look
    kept = short("mkdir") + b"\x94" + b"0" + short("posix") + b"\x94" + b"0"
    return b"\x80\x04" + kept + in_movie(b"h\x01h\x00\x93" + text(str(path)) + b"\x85R")[2:]


@attack
def allowed_name_replaced_in_the_memo(path):
    kept = b"ccollections\nOrderedDict\nq\x000cposix\nmkdir\nq\x000"
    return b"\x80\x04" + kept + in_movie(b"h\x00" + text(str(path)) + b"\x85R")[2:]


@attack
def instance_of_a_line_name(path):
    return in_movie(b"(V" + str(path).encode() + b"\niposix\nmkdir\n")


@attack
def instance_of_a_marked_class(path):
    return in_movie(b"(c_io\nFileIO\nV" + str(path).encode() + b"\nVw\no")


@attack
def method_got_by_getattr(path):
    return in_movie(b"cbuiltins\ngetattr\n(cpathlib\nPath\n" + text(str(path)) + b"\x85R" + text("touch") + b"tR)R")


@attack
def new_instance(path):
    return in_movie(b"cnumpy\nmemmap\n(" + text(str(path)) + text("uint8") + text("w+") + b"K\0K\x01t\x81")


@attack
def new_instance_with_named_arguments(path):
    named = b"}(" + text("mode") + text("w+") + text("shape") + b"K\x01u"
    return in_movie(b"cnumpy\nmemmap\n" + text(str(path)) + b"\x85" + named + b"\x92")


@attack
def call_whose_result_is_dropped(path):
    return b"\x80\x04cposix\nmkdir\n" + text(str(path)) + b"\x85R0" + pickle.dumps(movie(), 4)[2:]


@attack
def call_as_a_key(path):
    return b"\x80\x04}(cposix\nmkdir\n" + text(str(path)) + b"\x85RK\x01u."


@attack
def dotted_name_through_an_allowed_module(path):
    return in_movie(short("torch.storage") + short("io.FileIO") + b"\x93" + text(str(path)) + text("w") + b"\x86R")


@attack
def state_of_an_instance(path):
    # a partial of len gets the state of a partial of mkdir
    partial = b"cfunctools\npartial\ncbuiltins\nlen\n\x85R"
    return in_movie(partial + b"(cposix\nmkdir\n" + text(str(path)) + b"\x85}Ntb)R")


@attack
def inside_an_array_of_objects(path):
    array = np.empty(1, object)
    array[0] = Call(os.mkdir, str(path))
    return pickle.dumps(movie(extra=array), 4)


@attack
def inside_an_ordered_dict(path):
    return pickle.dumps(collections.OrderedDict(movie(extra=(1, [Call(os.mkdir, str(path))]))), 5)


@attack
def after_a_registered_name(path):
    return in_movie(b"c_codecs\nencode\n0cposix\nmkdir\n" + text(str(path)) + b"\x85R")


def _torch_bytes(payload):
    """Return a call of torch's loader of nested bytes."""
    return in_movie(b"ctorch.storage\n_load_from_bytes\nB" + struct.pack("<I", len(payload)) + payload + b"\x85R")


MAGIC = b"\x80\x02\x8a\nl\xfc\x9cF\xf9 j\xa8P\x19.\x80\x02M\xe9\x03."
SYSTEM = pickle.dumps({"little_endian": True}, 2)


@attack
def nested_in_torchs_bytes(path):
    return _torch_bytes(MAGIC + SYSTEM + pickle.dumps(Call(os.mkdir, str(path)), 2) + pickle.dumps([], 2))


@attack
def nested_in_torchs_magic_number(path):
    return _torch_bytes(pickle.dumps(Call(os.mkdir, str(path)), 2))


@attack
def nested_in_torchs_system(path):
    return _torch_bytes(MAGIC + pickle.dumps({"little_endian": Call(os.mkdir, str(path))}, 2))


@attack
def nested_in_torchs_keys(path):
    storage = b"\x80\x02(" + text("storage") + b"ctorch\nFloatStorage\n" + text("0") + text("cpu") + b"K\x01NtQ."
    return _torch_bytes(MAGIC + SYSTEM + storage + pickle.dumps([Call(os.mkdir, str(path))], 2))


@attack
def nested_twice_in_torchs_bytes(path):
    return _torch_bytes(MAGIC + SYSTEM + nested_in_torchs_bytes(path) + pickle.dumps([], 2))


@attack
def torch_load(path):
    inner = MAGIC + SYSTEM + pickle.dumps(Call(os.mkdir, str(path)), 2) + pickle.dumps([], 2)
    load = b"cfunctools\npartial\nctorch.serialization\nload\n\x85R"
    state = b"(ctorch.serialization\nload\n)}" + text("weights_only") + b"\x89sNtb"
    data = b"c_io\nBytesIO\nB" + struct.pack("<I", len(inner)) + inner + b"\x85R"
    return in_movie(load + state + data + b"\x85R")


# What costs too much


@bomb
def a_million_marks():
    return b"(" * 1_000_000 + b"."


@bomb
def a_million_lists_in_lists():
    return b"]" * 1_000_000 + b"a" * 999_999 + b"."


@bomb
def tuples_in_tuples():
    return in_movie(b")" + b"\x85" * 300_000)


@bomb
def millions_of_empty_lists():
    return b"\x80\x04](" + b"]" * 3_000_000 + b"e."


@bomb
def millions_of_copies():
    return b"\x80\x04](" + b"]" + b"2" * 3_000_000 + b"e."


@bomb
def laughs_by_the_memo_as_a_key():
    # a tuple of 2 ** 60 ends, as a key: its hash would take for ever
    return b"\x80\x04}(" + b")" + b"2\x86" * 60 + b"K\x01u."


@bomb
def a_deep_tuple_as_a_key():
    return b"\x80\x04}()" + b"\x85" * 50_000 + b"K\x01u."


@bomb
def keys_that_collide():
    keys = b"".join(b"\x8a\x0b" + (k * (2**61 - 1)).to_bytes(11, "little") + b"N" for k in range(1, 20_000))
    return b"\x80\x04}(" + keys + b"u."


@bomb
def a_number_of_a_million_digits():
    return in_movie(b"L" + b"9" * 1_000_000 + b"L\n")


@bomb
def a_number_of_a_million_bytes():
    return in_movie(b"\x8b" + struct.pack("<I", 1_000_000) + b"\x7f" * 1_000_000)


@bomb
def a_text_said_to_be_huge():
    return in_movie(b"\x8d" + struct.pack("<Q", 2**62) + b"a")


@bomb
def an_array_said_to_be_huge():
    return in_movie(b"\x96" + struct.pack("<Q", 2**62) + b"a")


@bomb
def a_text_with_a_negative_length():
    return in_movie(b"X\xff\xff\xff\xff" + b"a")


@bomb
def a_frame_said_to_be_huge():
    return b"\x80\x04\x95" + struct.pack("<Q", 2**63) + b"}."


@bomb
def text_encoded_again_and_again():
    long = text("a" * 100_000)
    again = b"h\x01h\x00h\x02\x86R0"
    kept = b"\x80\x04" + long + b"q\x000c_codecs\nencode\nq\x010" + text("latin1") + b"q\x020"
    return kept + again * 1000 + b"}."


@bomb
def bytes_in_place_of_arguments():
    # each byte would become an argument
    return in_movie(b"c_codecs\nencode\nB" + struct.pack("<I", 6_000_000) + bytes(6_000_000) + b"R")


@bomb
def numbers_of_texts_again_and_again():
    kept = b"\x80\x04cnumpy.core.multiarray\nscalar\nq\x000cnumpy\ndtype\n" + text("U100000") + b"\x85Rq\x010"
    again = b"h\x00h\x01h\x02\x86R"
    return kept + b"B" + struct.pack("<I", 400_000) + bytes(400_000) + b"q\x020](" + again * 5000 + b"e."


@bomb
def what_is_kept_under_numbers_that_collide():
    return b"]" + b"".join(b"p%d\n" % (k * (2**61 - 1)) for k in range(1, 40_000)) + b"."


@bomb
def texts_with_one_wide_letter():
    return b"\x80\x04](" + text("a" * 4000 + "\U0001f600") * 2000 + b"e."


@bomb
def millions_of_empty_bytes():
    return b"\x80\x04](" + b"C\0" * 4_000_000 + b"e."


@bomb
def an_array_of_more_numbers_than_bytes():
    data = pickle.dumps(movie(), 2)
    # the shape (3, 2) becomes (2 ** 31 - 1, 2)
    return data.replace(b"K\x03K\x02\x86", b"J\xff\xff\xff\x7fK\x02\x86")


def _tensor(offset, shape, strides, count=4):
    key = b"X\x01\x00\x00\x000"
    storage = b"\x80\x02(" + text("storage") + b"ctorch\nFloatStorage\n" + key + text("cpu") + b"K" + bytes([count])
    values = struct.pack("<q", count) + b"\0" * 4 * count
    payload = MAGIC + SYSTEM + storage + b"NtQ.\x80\x02](" + key + b"e." + values
    load = b"ctorch.storage\n_load_from_bytes\nB" + struct.pack("<I", len(payload)) + payload + b"\x85R"
    parts = b"".join(pickle.dumps(part, 2)[2:-1] for part in (offset, shape, strides, False))
    tensor = b"ctorch._utils\n_rebuild_tensor_v2\n(" + load + parts + b"ccollections\nOrderedDict\n)RtR"
    return b"\x80\x02}(" + text("place") + tensor + b"u."


@bomb
def a_tensor_that_shows_one_number_again_and_again():
    return _tensor(0, (2**20, 2**20), (0, 0))


@bomb
def a_tensor_beyond_its_numbers():
    return _tensor(0, (2, 2), (1000, 1))


@bomb
def a_tensor_that_begins_beyond_its_numbers():
    return _tensor(4, (1, 1), (1, 1))


@bomb
def a_tensor_before_its_numbers():
    return _tensor(-4, (2, 2), (2, 1))


@bomb
def a_tensor_with_strides_backwards():
    return _tensor(3, (2, 2), (-2, -1))


@bomb
def a_tensor_with_shapes_that_overflow():
    return _tensor(0, (2**40, 2**40), (2**40, 1))


@bomb
def a_list_that_holds_itself():
    return b"\x80\x02}(" + text("place") + b"]q\x00h\x00au."


@bomb
def what_is_kept_under_the_largest_number():
    return b"\x80\x02]r\xff\xff\xff\xff\x85j\xff\xff\xff\xfe."


PREDICTION = "scene_transition_boundary_prediction"


@bomb
def a_list_of_one_long_text_in_an_array():
    # each would be copied when the numbers in the list are asked for
    return pickle.dumps(movie() | {PREDICTION: [np.array("\U0001f600" * 100_000)] * 30_000}, 4)


@bomb
def a_list_of_one_long_array_of_bytes():
    return pickle.dumps(movie() | {PREDICTION: [np.array(b"a" * 999_999)] * 30_000}, 5)


@bomb
def a_name_of_millions_of_letters():
    return pickle.dumps(movie() | {"imdb_id": np.array("a" * 900_000)}, 4)


def _row(key, kind):
    def make():
        return pickle.dumps({key: np.zeros(8_000_000, kind)}, 4)

    return make


# as whole numbers and floats of 8 bytes they would take many times the file
for key in (PREDICTION, "scene_transition_boundary_ground_truth", "shot_end_frame"):
    BOMBS[f"millions_of_{key}"] = _row(key, np.uint8)
