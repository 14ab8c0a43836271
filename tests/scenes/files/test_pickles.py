"""Pickles of movies: what is read of them, and what is refused."""

import os
import pickle
import struct
import subprocess
import sys

import hostile_pickles
import numpy as np
import pytest
from hostile_pickles import ATTACKS, BOMBS
from movie_files import SLACK, a_movie, assert_is, peak_of

from toolkit import DataError, records, scenes
from toolkit.scenes.files import pickles, tensors

PROTOCOLS = range(6)


# What is good


@pytest.mark.parametrize("protocol", PROTOCOLS)
@pytest.mark.parametrize("kind", ["torch", "numpy", "lists"])
def test_a_pickle_is_read_as_plain_pickle_reads_it(tmp_path, kind, protocol):
    values = a_movie(kind=kind)
    path = tmp_path / "tt0052357.pkl"
    path.write_bytes(pickle.dumps(values, protocol))
    assert_is(scenes.load_movie(path), values)


def test_views_parameters_and_kinds_of_numbers_are_read():
    import torch

    values = {
        "columns": torch.randn(6, 5).T,
        "part": torch.randn(10, 10)[2:5, 3:6],
        "steps": torch.randn(20)[3::4],
        "brain": torch.randn(4, 4).bfloat16(),
        "half": torch.randn(3).half(),
        "parameter": torch.nn.Parameter(torch.ones(3)),
        "none": torch.zeros(0, 4),
        "whole": torch.arange(5),
        "one": torch.tensor(2.5),
    }
    for protocol in PROTOCOLS:
        read = pickles.read_pickle(pickle.dumps(values, protocol)).value
        for name, tensor in values.items():
            expected = tensor.detach().float().numpy() if name == "brain" else tensor.detach().numpy()
            assert np.array_equal(tensors.copied(read[name]), expected)
            assert tensors.copied(read[name]).dtype == expected.dtype


def test_arrays_of_either_order_and_numbers_are_read():
    values = {
        "big": np.arange(5, dtype=">i4"),
        "none": np.zeros((0, 3)),
        "number": np.float64(3.5),
        "turned": np.arange(60.0).reshape(3, 4, 5).transpose(2, 0, 1),
        "texts": np.array(["abc", "d"]),
        "flags": np.array([True, False]),
    }
    for protocol in PROTOCOLS:
        read = pickles.read_pickle(pickle.dumps(values, protocol)).value
        for name, value in values.items():
            assert np.array_equal(tensors.copied(read[name]), value)


def test_an_older_numpys_names_are_read():
    data = pickle.dumps({"place": np.ones((2, 3))}, 2).replace(b"numpy._core", b"numpy.core")
    assert np.array_equal(pickles.read_pickle(data).value["place"], np.ones((2, 3)))


# What is hostile


def test_every_attack_works_on_plain_pickle(tmp_path):
    names = []
    for number, (name, make) in enumerate(ATTACKS.items()):
        (tmp_path / f"{number}.pkl").write_bytes(make(tmp_path / f"{number}.effect"))
        names.append(name)
    code = (
        "import pathlib, pickle, sys\n"
        "for path in pathlib.Path(sys.argv[1]).glob('*.pkl'):\n"
        "    try:\n        pickle.loads(path.read_bytes())\n    except Exception: pass\n"
    )
    subprocess.run([sys.executable, "-c", code, tmp_path], check=True, capture_output=True)
    without = [name for number, name in enumerate(names) if not (tmp_path / f"{number}.effect").exists()]
    assert not without
    assert len(names) >= 40


@pytest.mark.parametrize("name", ATTACKS)
def test_an_attack_is_refused_and_has_not_happened(tmp_path, name):
    path, effect = tmp_path / "tt1.pkl", tmp_path / "tt1.effect"
    path.write_bytes(ATTACKS[name](effect))
    with pytest.raises(DataError, match=r"cannot load .*tt1\.pkl: it (asks for|makes|nests)"):
        scenes.load_movie(path)
    movie = records.Movie("tt1", {"place": np.ones((3, 2))}, path=path)
    with pytest.raises(DataError, match=r"cannot load .*tt1\.pkl"):
        scenes.write_predictions(movie, [0.5, 0.5])
    assert not effect.exists()


@pytest.mark.parametrize(
    ("name", "asked"),
    [
        ("os_system_protocol_0", r"posix\.system"),
        ("eval", r"(builtins|__builtin__)\.eval"),
        ("name_from_the_memo", r"posix\.mkdir"),
        ("instance_of_a_line_name", r"posix\.mkdir"),
        ("dotted_name_through_an_allowed_module", r"torch\.storage\.io\.FileIO"),
        ("nested_in_torchs_bytes", r"posix\.mkdir"),
        ("nested_twice_in_torchs_bytes", r"torch\.storage\._load_from_bytes"),
    ],
)
def test_what_was_asked_for_is_named(tmp_path, name, asked):
    path = tmp_path / "tt1.pkl"
    path.write_bytes(ATTACKS[name](tmp_path / "effect"))
    with pytest.raises(DataError, match=f"it asks for {asked}, which no tensor or array needs. Nothing of the file"):
        scenes.load_movie(path)


@pytest.mark.parametrize("zipped", [True, False])
def test_an_attack_that_torch_saved_is_refused(tmp_path, zipped):
    import torch

    path, effect = tmp_path / "tt1.pt", tmp_path / "effect"
    values = a_movie(kind="torch") | {"extra": hostile_pickles.Call(os.mkdir, str(effect))}
    torch.save(values, path, _use_new_zipfile_serialization=zipped)
    with pytest.raises(DataError, match=r"it asks for posix\.mkdir"):
        scenes.load_movie(path)
    assert not effect.exists()


def test_what_follows_the_end_of_a_pickle_is_not_read(tmp_path):
    path, effect = tmp_path / "tt1.pkl", tmp_path / "effect"
    values = a_movie(kind="numpy")
    path.write_bytes(pickle.dumps(values, 4) + ATTACKS["os_mkdir"](effect))
    assert_is(scenes.load_movie(path), values)
    assert not effect.exists()


@pytest.mark.parametrize(
    ("instructions", "message"),
    [
        (b"\x82\x01", "a registered extension"),
        (b"Pname\n", r"an object from outside the file \(a persistent id\)"),
        (b"K\x01Q", r"an object from outside the file \(a persistent id\)"),
        (b"\x97", "a buffer from outside the file"),
        (b"\x8f", "a set"),
        (b"ccollections\nOrderedDict\n)\x81", "an instance of a class"),
        (b"ccollections\nOrderedDict\n(](K\x01K\x02etR", "it calls collections.OrderedDict as no tensor"),
        (b"cnumpy\ndtype\n" + hostile_pickles.text("O") + b"\x85R", "it asks for an array of type 'O'"),
        (b"ctorch._utils\n_rebuild_tensor_v2\n}" + hostile_pickles.text("__code__") + b"Nsb", "the insides of a Name"),
        (b"c_codecs\nencode\n" + hostile_pickles.text("a") + hostile_pickles.text("idna") + b"\x86R", "only latin1"),
        (b"}K\x01\x85R", "it calls a dict"),
        (b"cnumpy\n" + b"a" * 5000 + b"\n", "a line of its pickle is cut off or too long"),
    ],
)
def test_other_instructions_are_refused(tmp_path, instructions, message):
    path = tmp_path / "tt1.pkl"
    path.write_bytes(hostile_pickles.in_movie(instructions))
    with pytest.raises(DataError, match=message):
        scenes.load_movie(path)


def test_frames_that_cut_an_instruction_are_refused():
    # what is said to be one frame ends within the text, where Python's two unpicklers read different names
    data = pickle.dumps({"place": np.ones((3, 2))}, 4)
    (size,) = struct.unpack_from("<Q", data, 3)
    cut = data[:3] + struct.pack("<Q", size - 30) + data[11:]
    with pytest.raises(DataError, match="an instruction of its pickle reaches beyond its frame"):
        pickles.read_pickle(cut)
    with pytest.raises(DataError, match="a frame in a frame of its pickle"):
        pickles.read_pickle(b"\x80\x04\x95" + struct.pack("<Q", 12) + b"}\x95" + struct.pack("<Q", 2) + b"0}.")


def test_hooks_of_a_tensor_are_refused():
    hooks = b"ccollections\nOrderedDict\n)R" + b"K\x01K\x02s"
    tensor = hostile_pickles._tensor(0, (2, 2), (2, 1)).replace(b"ccollections\nOrderedDict\n)R", hooks)
    with pytest.raises(DataError, match="a tensor with hooks: functions that run later"):
        pickles.read_pickle(tensor)


def test_the_steps_of_pythons_unpickler_are_those_that_were_looked_at():
    # one of another name would not be replaced, and a new one would be followed
    own = {name for name in vars(pickles._Unpickler) if name.startswith("load_") or name == "load"}
    assert own <= {step.__name__ for step in pickle._Unpickler.dispatch.values()} | {"load"}
    assert all(hasattr(pickle._Unpickler, name) for name in ("find_class", "_instantiate", "_decode_string"))
    assert len(pickles.STEPS) == len(pickle._Unpickler.dispatch) == 68
    assert pickles.STEPS[pickle.REDUCE[0]] is pickles._Unpickler.load_reduce
    assert pickles.STEPS[pickle.BUILD[0]] is pickles._Unpickler.load_build


@pytest.mark.parametrize("shape", [b"J\xff\xff\xff\x7f\x85", b"K\x01\x85", b"]"])
def test_an_array_that_claims_room_before_it_is_filled_is_refused(shape):
    names = b"cnumpy.core.multiarray\n_reconstruct\n(cnumpy\nndarray\n"
    with pytest.raises(DataError, match="an array is begun with a shape of"):
        pickles.read_pickle(hostile_pickles.in_movie(names + shape + b"C\x01btR"))


# What costs too much


@pytest.mark.parametrize("name", BOMBS)
def test_a_bomb_is_refused_at_little_cost(tmp_path, name):
    path = tmp_path / "tt1.pkl"
    path.write_bytes(BOMBS[name]())
    result, peak = peak_of(lambda: scenes.load_movie(path))
    assert isinstance(result, DataError)
    assert str(path) in str(result)
    assert len(str(result)) < 500
    assert peak < max(4 * path.stat().st_size, SLACK)
