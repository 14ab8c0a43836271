"""Movies' files: what is refused, what broken ones cost, and that good ones are read as plain pickle reads them."""

import io
import json
import os
import pickle
import struct
import subprocess
import sys
import tracemalloc
import zipfile

import hostile_pickles
import numpy as np
import pytest
import safetensors.numpy
from hostile_pickles import ATTACKS, BOMBS

from toolkit import DataError, records, scenes
from toolkit.scenes.files import pickles
from toolkit.scenes.files import tensors as movie_tensors

PROTOCOLS = range(6)


def a_movie(n=12, seed=0, kind="torch"):
    """Return the dict of a movie, with tensors of torch, with arrays, or with lists where there are rows."""
    rng = np.random.default_rng(seed)
    values = {
        "imdb_id": "tt0052357",
        "place": rng.normal(size=(n, 8)).astype(np.float32),
        "cast": rng.normal(size=(n, 4)).astype(np.float32),
        "action": np.asfortranarray(rng.normal(size=(n, 3))),
        "audio": rng.normal(size=(n, 2)).astype(np.float16),
        "scene_transition_boundary_ground_truth": rng.random(n - 1) < 0.2,
        "scene_transition_boundary_prediction": rng.random(n - 1).astype(np.float32),
        "shot_end_frame": np.cumsum(rng.integers(5, 90, n)),
    }
    if kind == "torch":
        import torch

        return {name: value if name == "imdb_id" else torch.from_numpy(value.copy()) for name, value in values.items()}
    if kind == "lists":
        return {name: value.tolist() if getattr(value, "ndim", 0) == 1 else value for name, value in values.items()}
    return values


def plain(value):
    """Return a value that plain pickle read as an array."""
    return value.detach().numpy() if hasattr(value, "detach") else np.asarray(value)


def assert_is(movie, values):
    """Hold a Movie to the dict that plain pickle reads from its file."""
    assert movie.imdb_id == values["imdb_id"]
    for name in ("place", "cast", "action", "audio"):
        assert np.array_equal(movie.features[name], plain(values[name]).astype(np.float32))
        assert movie.features[name].dtype == np.float32
    assert np.array_equal(movie.boundaries, plain(values["scene_transition_boundary_ground_truth"]).reshape(-1))
    assert np.array_equal(movie.predictions, plain(values["scene_transition_boundary_prediction"]).reshape(-1))
    assert np.array_equal(movie.shot_end_frame, plain(values["shot_end_frame"]).reshape(-1))
    assert movie.boundaries.dtype == bool
    assert movie.shot_end_frame.dtype == np.int64


# What is good


@pytest.mark.parametrize("protocol", PROTOCOLS)
@pytest.mark.parametrize("kind", ["torch", "numpy", "lists"])
def test_a_pickle_is_read_as_plain_pickle_reads_it(tmp_path, kind, protocol):
    values = a_movie(kind=kind)
    path = tmp_path / "tt0052357.pkl"
    path.write_bytes(pickle.dumps(values, protocol))
    assert_is(scenes.load_movie(path), values)


@pytest.mark.parametrize("zipped", [True, False])
@pytest.mark.parametrize("kind", ["torch", "numpy"])
def test_what_torch_saved_is_read(tmp_path, zipped, kind):
    import torch

    values = a_movie(kind=kind)
    path = tmp_path / "tt0052357.pkl"
    torch.save(values, path, _use_new_zipfile_serialization=zipped)
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
            assert np.array_equal(read[name].array(), expected)
            assert read[name].array().dtype == expected.dtype


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
            assert np.array_equal(read[name].array(), value)


def test_lists_of_numpys_and_torchs_numbers_are_read(tmp_path):
    import torch

    path = tmp_path / "tt1.pkl"
    values = {
        "scene_transition_boundary_ground_truth": [np.True_, np.bool_(False), True],
        "scene_transition_boundary_prediction": (np.float32(0.5), torch.tensor(0.25), 1),
        "shot_end_frame": [np.int64(3), np.int32(5), 8, 9.0],
    }
    path.write_bytes(pickle.dumps(values))
    movie = scenes.load_movie(path)
    assert movie.boundaries.tolist() == [True, False, True]
    assert movie.predictions.tolist() == [0.5, 0.25, 1]
    assert movie.shot_end_frame.tolist() == [3, 5, 8, 9]
    path.write_bytes(pickle.dumps(values | {"shot_end_frame": [torch.ones(2), 3, 4, 5]}))
    with pytest.raises(DataError, match="it holds a list where numbers were expected"):
        scenes.load_movie(path)


def test_an_older_numpys_names_are_read():
    data = pickle.dumps({"place": np.ones((2, 3))}, 2).replace(b"numpy._core", b"numpy.core")
    assert np.array_equal(pickles.read_pickle(data).value["place"].array(), np.ones((2, 3)))


def test_tensors_are_read_and_written_without_torch(tmp_path):
    path = tmp_path / "tt1.pkl"
    path.write_bytes(pickle.dumps(a_movie(kind="torch"), 4))
    code = (
        "import sys, pathlib; from toolkit import scenes; movie = scenes.load_movie(sys.argv[1])\n"
        "movie = scenes.write_predictions(movie, [0.5] * 11)\n"
        "for name in ('a.pkl', 'a.npz', 'a.safetensors'):\n"
        "    copy = scenes.load_movie(scenes.write_movie(movie, movie.path.with_name(name)))\n"
        "    scenes.write_predictions(copy, [0.5] * 11)\n"
        "print(movie.n_shots, 'torch' in sys.modules, 'safetensors' in sys.modules)"
    )
    run = subprocess.run([sys.executable, "-c", code, path], capture_output=True, text=True, check=True)
    assert run.stdout.split() == ["12", "False", "False"]


@pytest.mark.parametrize("kind", ["f2", "f4", "f8", ">f4", "i8", "i4", "i2", "i1", "u1", "?"])
def test_a_written_tensor_is_the_one_that_torch_makes(kind):
    import torch

    rng = np.random.default_rng(0)
    for shape in ((), (0,), (5,), (4, 3), (3, 0), (2, 3, 4)):
        for order in "CF":
            array = np.asarray(rng.integers(0, 2, shape).astype(kind), order=order)
            made = pickle.loads(b"\x80\x04" + b"".join(movie_tensors.tensor_pieces(array)) + b".")
            expected = torch.from_numpy(array.astype(array.dtype.newbyteorder("=")))
            assert made.dtype == expected.dtype
            assert torch.equal(made, expected)
            assert made.is_contiguous()
            # it can be changed, and is what torch saves again
            made += 0 if kind != "?" else False
            again = pickles.read_pickle(pickle.dumps(made, 2)).value
            assert np.array_equal(again.array(), array)


def test_tensors_of_a_graphics_card_are_read(tmp_path):
    import torch

    place = torch.randn(5, 3)
    saved = io.BytesIO()
    torch.save({"place": place}, saved, _use_new_zipfile_serialization=False)
    here, there = (b"X" + struct.pack("<I", len(name)) + name for name in (b"cpu", b"cuda:0"))
    assert here in saved.getvalue()
    (tmp_path / "tt1.pt").write_bytes(saved.getvalue().replace(here, there))
    with zipfile.ZipFile(tmp_path / "tt2.pt", "w") as archive:
        torch.save({"place": place}, saved := io.BytesIO())
        with zipfile.ZipFile(saved) as old:
            for name in old.namelist():
                archive.writestr(name, old.read(name).replace(here, there))
    for path in (tmp_path / "tt1.pt", tmp_path / "tt2.pt"):
        movie = scenes.load_movie(path)
        assert np.array_equal(movie.features["place"], place)
        scenes.write_predictions(movie, [0.5] * 4)
        assert torch.equal(torch.load(path, weights_only=True)["place"], place)


def test_tensors_that_share_a_storage_in_a_zip_of_torch_are_read(tmp_path):
    import torch

    table = torch.randn(300, 40)
    likely = [table[row, 3] for row in range(299)]
    values = {f"{first}": table[:, first : first + 2] for first in range(0, 40, 2)}
    torch.save(values | {"scene_transition_boundary_prediction": likely}, tmp_path / "tt1.pt")
    movie = scenes.load_movie(tmp_path / "tt1.pt")
    assert all(np.array_equal(movie.features[name], value) for name, value in values.items())
    assert movie.predictions.tolist() == [float(value) for value in likely]


@pytest.mark.parametrize("descr", [b"'<f4'", b"'>f4'", b"'<f8'"])
@pytest.mark.parametrize(
    "form",
    [
        b"{'descr': %s, 'fortran_order': False, 'shape': (3, 2), }",
        b"{'descr': %s, 'fortran_order': True, 'shape': (3, 2), }   \n",
        # numpy of Python 2, and other writers
        b"{'descr': %s, 'fortran_order': False, 'shape': (3L, 2L), }",
        b"{'descr':%s,'fortran_order':False,'shape':(3,2)}\n",
    ],
)
def test_the_headers_of_arrays_in_zips_are_read(tmp_path, form, descr):
    dtype = np.dtype(descr.strip(b"'").decode())
    data = np.arange(6).astype(dtype).tobytes()
    path = zip_of(tmp_path / "tt1.npz", {"place.npy": npy(form % descr, data)})
    order = "F" if b"True" in form else "C"
    assert np.array_equal(scenes.load_movie(path).features["place"], np.arange(6.0).reshape(3, 2, order=order))


def npy(header, data=b"", version=1):
    """Return a file of numpy's with any header."""
    return b"\x93NUMPY" + struct.pack("<BBH" if version == 1 else "<BBI", version, 0, len(header)) + header + data


def zip_of(path, files, method=zipfile.ZIP_STORED):
    """Write a zip of any files."""
    with zipfile.ZipFile(path, "w", method) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return path


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


def test_an_attack_in_an_array_of_a_zip_is_refused(tmp_path):
    path, effect = tmp_path / "tt1.npz", tmp_path / "effect"
    extra = np.array([hostile_pickles.Call(os.mkdir, str(effect))])
    np.savez(path, imdb_id="tt1", place=np.ones((3, 2)), extra=extra)
    with pytest.raises(DataError, match=r"it asks for an array of type '\|O'; numbers"):
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


# What costs too much

SLACK = 20 << 20


def peak_of(call):
    """Return what the call returned or the DataError that it raised, and the most memory that it took."""
    tracemalloc.start()
    try:
        result = call()
    except DataError as error:
        result = error
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return result, peak


@pytest.mark.parametrize("name", BOMBS)
def test_a_bomb_is_refused_at_little_cost(tmp_path, name):
    path = tmp_path / "tt1.pkl"
    path.write_bytes(BOMBS[name]())
    result, peak = peak_of(lambda: scenes.load_movie(path))
    assert isinstance(result, DataError)
    assert str(path) in str(result)
    assert len(str(result)) < 500
    assert peak < max(4 * path.stat().st_size, SLACK)


def test_a_zip_that_unpacks_to_far_more_is_refused(tmp_path):
    path = tmp_path / "tt1.npz"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive, archive.open("place.npy", "w") as entry:
        np.lib.format.write_array_header_1_0(entry, {"descr": "<f4", "fortran_order": False, "shape": (25, 2**20)})
        for _ in range(25):
            entry.write(bytes(2**20 * 4))
    result, peak = peak_of(lambda: scenes.load_movie(path))
    assert "it unpacks to far more than its size" in str(result)
    assert peak < SLACK


def test_a_zip_that_says_it_is_larger_than_it_is_is_refused(tmp_path):
    import torch

    path = tmp_path / "tt1.pt"
    torch.save(a_movie(), path)
    data = bytearray(path.read_bytes())
    # the packed size of the first file, in the directory at the end
    struct.pack_into("<I", data, data.index(b"PK\x01\x02") + 20, 2**31 - 1)
    path.write_bytes(data)
    result, peak = peak_of(lambda: scenes.load_movie(path))
    assert "it is a zip that says it is larger than it is" in str(result)
    assert peak < SLACK


@pytest.mark.parametrize(
    ("header", "message"),
    [
        (b"(" * 9000, "broken, or of records"),
        (b"{'descr': '<f4', 'fortran_order': False, 'shape': " + b"[" * 4000 + b"]" * 4000 + b", }", "broken, or of"),
        (b"__import__('os').mkdir('effect')", "broken, or of records"),
        (b"{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (3,), }", "broken, or of records"),
        (b"{'descr': '|O', 'fortran_order': False, 'shape': (3,), }", r"an array of type '\|O'"),
        (b"{'descr': '<M8[s]', 'fortran_order': False, 'shape': (3,), }", r"an array of type '<M8\[s\]'"),
        (b"{'descr': '<U0', 'fortran_order': False, 'shape': (1000000000000,), }", "has 24 bytes"),
        (b"{'descr': '<f4', 'fortran_order': False, 'shape': (1099511627776, 1024), }", "has 24 bytes"),
        (b"{'descr': '<f4', 'fortran_order': False, 'shape': (0, 10000000000), }", "has 24 bytes"),
        (b"{'descr': '<f4', 'fortran_order': False, 'shape': (-3, -2), }", "broken, or of records"),
        (b"{'descr': '<f4', 'fortran_order': False, 'shape': (" + b"9" * 5000 + b",), }", "it is broken"),
        (b"{'descr': '<f4', 'fortran_order': False, 'shape': (" + b"1," * 70 + b"), }", "a shape is not a few numbers"),
        (b"{'descr': '<f4', 'fortran_order': False, 'shape': (3,), 'descr': '|O'}", "broken, or of records"),
    ],
)
def test_an_array_in_a_zip_with_a_lying_header_is_refused(tmp_path, header, message):
    path = zip_of(tmp_path / "tt1.npz", {"place.npy": npy(header, bytes(24))})
    result, peak = peak_of(lambda: scenes.load_movie(path))
    assert isinstance(result, DataError)
    assert message.replace("\\", "") in str(result)
    assert peak < SLACK


def test_headers_that_are_far_too_long_are_refused(tmp_path):
    long = npy(b"", version=2)[:-4] + struct.pack("<I", 60_000_000) + b" " * 60_000_000
    path = zip_of(tmp_path / "tt1.npz", {"place.npy": long}, zipfile.ZIP_DEFLATED)
    result, peak = peak_of(lambda: scenes.load_movie(path))
    assert "is broken, or of records" in str(result)
    assert peak < SLACK


@pytest.mark.parametrize("suffix", [".npz", ".pt"])
def test_a_zip_of_very_many_files_is_refused(tmp_path, suffix):
    entry = struct.pack("<4s4B4HL2L5H2L", b"PK\1\2", 20, 0, 20, 0, 0, 0, 0, 33, 0, 0, 0, 6, 0, 0, 0, 0, 0, 0)
    directory = b"".join(entry + b"%06x" % number for number in range(100_000))
    end = struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, 0, 0, len(directory), 30, 0)
    path = tmp_path / f"tt1{suffix}"
    path.write_bytes(b"PK\3\4" + bytes(26) + directory + end)
    result, peak = peak_of(lambda: scenes.load_movie(path))
    assert "it is a zip of too many files" in str(result)
    assert peak < 2 * path.stat().st_size


@pytest.mark.parametrize(
    ("key", "kind"),
    [("cast", "f2"), ("cast", "f4"), ("cast", "f8"), ("shot_end_frame", "u1"), ("imdb_id", "U1000")],
)
def test_a_compressed_zip_takes_no_more_than_is_told(tmp_path, key, kind):
    path, room = tmp_path / "tt1.npz", 64 << 20
    read = []
    for size in (20 << 20, 50 << 20):
        np.savez_compressed(path, place=np.ones((1, 1)), **{key: np.zeros((1, size // np.dtype(kind).itemsize), kind)})
        result, peak = peak_of(lambda: scenes.load_movie(path))
        read.append(not isinstance(result, DataError))
        assert peak < 4 * path.stat().st_size + room + 2**20
    assert read == [key == "cast", False]


def safetensors_of(header, data=b"", length=None):
    """Return a safetensors file with any header."""
    told = json.dumps(header).encode() if isinstance(header, dict) else header
    return struct.pack("<Q", len(told) if length is None else length) + told + data


def part(shape, start, end, kind="F32"):
    return {"dtype": kind, "shape": shape, "data_offsets": [start, end]}


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "it says that its header has 0 bytes"),
        (safetensors_of({}, length=2**63), "it says that its header has 9223372036854775808 bytes"),
        (safetensors_of(b"[" * 100_000), "it is broken (RecursionError"),
        (safetensors_of(b"[]"), "its header is no dict"),
        (safetensors_of(b"{'a'"), "it is broken (JSONDecodeError"),
        (safetensors_of(b"\xff\xff"), "it is broken (UnicodeDecodeError"),
        (safetensors_of({"__metadata__": {"a": 1}}), "its metadata are no texts"),
        (safetensors_of({"__metadata__": [1]}), "its metadata are no texts"),
        (
            safetensors_of({"a": part([3, 2], 0, 24), "place": part([3, 2], 0, 24)}, bytes(24)),
            "not where they should be",
        ),
        (safetensors_of({"a": part([2], 0, 8), "place": part([2], 16, 24)}, bytes(24)), "not where they should be"),
        (
            safetensors_of({"place": part([3, 2], 0, 24)}, bytes(20)),
            "the bytes of 'place' are not where",
        ),
        (safetensors_of({"place": part([3, 2], 0, 24)}, bytes(30)), "it has more bytes than its tensors"),
        (safetensors_of({"place": part([3, 3], 0, 24)}, bytes(24)), "an array of shape (3, 3) has 24 bytes"),
        (safetensors_of({"place": part([3, 3], 0, 24, "BF16")}, bytes(24)), "a tensor of shape (3, 3) has 24 bytes"),
        (safetensors_of({"place": part([-3, -2], 0, 24)}, bytes(24)), "a size is -3"),
        (safetensors_of({"place": part([3.0, 2.0], 0, 24)}, bytes(24)), "a size is 3.0"),
        (safetensors_of({"place": part([2**33, 2**33], 0, 24)}, bytes(24)), "has 24 bytes"),
        (safetensors_of({"place": part([3, 2], False, 24)}, bytes(24)), "a size is False"),
        (safetensors_of({"place": [1, 2]}), "it is broken"),
        (safetensors_of({"place": part([3, 2], 0, 24, "F3Z")}, bytes(24)), "it has a tensor of type 'F3Z'"),
        (safetensors_of({"place": part([3, 2], 0, 24, ["F32"])}, bytes(24)), "it is broken"),
    ],
)
def test_safetensors_with_a_lying_header_are_refused(tmp_path, data, message):
    path = tmp_path / "tt1.safetensors"
    path.write_bytes(data)
    result, peak = peak_of(lambda: scenes.load_movie(path))
    assert isinstance(result, DataError)
    assert message in str(result)
    assert peak < SLACK
    with pytest.raises(safetensors.SafetensorError):
        safetensors.deserialize(data)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (safetensors_of(b'{"__metadata__":{' + b'"a":"",' * 50_000 + b'"b":""}}'), "that its header has 350025 bytes"),
        (safetensors_of({"place": part([0, 2**62], 0, 0)}), "a size is 4611686018427387904"),
        (safetensors_of({"place": part([1] * 99, 0, 4)}, bytes(4)), "a shape is not a few numbers"),
    ],
)
def test_safetensors_with_a_header_out_of_all_bounds_are_refused(tmp_path, data, message):
    path = tmp_path / "tt1.safetensors"
    path.write_bytes(data)
    with pytest.raises(DataError, match=message):
        scenes.load_movie(path)


def test_predictions_are_written_at_little_cost(tmp_path):
    values = a_movie(n=600) | {"place": np.random.default_rng(0).normal(size=(600, 4096)).astype(np.float32)}
    (tmp_path / "a.pkl").write_bytes(pickle.dumps(values, 4))
    movie = scenes.load_movie(tmp_path / "a.pkl")
    paths = [tmp_path / "a.pkl", *(scenes.write_movie(movie, tmp_path / f"b{end}") for end in (".npz", ".safetensors"))]
    for path in paths:
        movie = scenes.load_movie(path)
        _, peak = peak_of(lambda movie=movie: scenes.write_predictions(movie, np.full(599, 0.5)))
        assert peak < 2 * path.stat().st_size
        _, peak = peak_of(lambda movie=movie, path=path: scenes.write_movie(movie, path))
        assert peak < 1.1 * path.stat().st_size


def test_a_movie_takes_less_than_four_times_its_file(tmp_path):
    import torch

    half = a_movie(n=600, kind="numpy") | {"place": np.ones((600, 2048), np.float16)}
    tensors = {name: value if name == "imdb_id" else torch.as_tensor(value) for name, value in half.items()}
    brain = tensors | {"place": tensors["place"].bfloat16()}
    for number, values in enumerate((tensors, brain)):
        for protocol in (0, 2, 4, 5, "torch", "older torch"):
            path = tmp_path / f"{number}_{protocol}.pkl"
            if isinstance(protocol, int):
                path.write_bytes(pickle.dumps(values, protocol))
            else:
                torch.save(values, path, _use_new_zipfile_serialization=protocol == "torch")
            _, peak = peak_of(lambda path=path: scenes.load_movie(path))
            assert peak < 4 * path.stat().st_size
    for suffix in (".npz", ".safetensors"):
        path = scenes.write_movie(scenes.load_movie(tmp_path / "0_4.pkl"), tmp_path / f"tt{suffix}")
        _, peak = peak_of(lambda path=path: scenes.load_movie(path))
        assert peak < 4 * path.stat().st_size


# What is broken


def good_files(folder):
    """Write the same movie in every format, and return the paths."""
    import torch

    for kind in ("torch", "numpy", "lists"):
        for protocol in (0, 2, 4, 5):
            (folder / f"{kind}_{protocol}.pkl").write_bytes(pickle.dumps(a_movie(kind=kind), protocol))
    torch.save(a_movie(), folder / "zip.pt")
    torch.save(a_movie(), folder / "older.pt", _use_new_zipfile_serialization=False)
    movie = scenes.load_movie(folder / "numpy_4.pkl")
    for name in ("a.npz", "a.safetensors"):
        scenes.write_movie(movie, folder / name)
    scenes.write_predictions(movie, movie.predictions, folder / "written.pkl")
    return sorted(folder.iterdir())


def mutated(data, rng):
    """Return bytes with something changed: a bit, a byte, a run of bytes left out, doubled, swapped or cut off."""
    data = bytearray(data)
    for _ in range(int(rng.integers(1, 4))):
        at, length = int(rng.integers(len(data))), int(rng.integers(1, 40))
        kind = int(rng.integers(7))
        if kind == 0:
            data[at] ^= 1 << int(rng.integers(8))
        elif kind == 1:
            data[at] = int(rng.integers(256))
        elif kind == 2:
            del data[at : at + length]
        elif kind == 3:
            data[at:at] = data[at : at + length]
        elif kind == 4:
            other = int(rng.integers(len(data)))
            data[at : at + length] = data[other : other + length]
        elif kind == 5:
            data[at] = rng.choice(list(pickles.INSTRUCTION))
        elif rng.random() < 0.2:
            del data[max(at, 1) :]
        else:
            data[at : at + 4] = struct.pack("<I", int(rng.choice([0, 1, 2**16, 2**31 - 1, 2**31, 2**32 - 1])))
    return bytes(data)


class Oracle(pickle.Unpickler):
    """Plain pickle, for files that were found to be harmless: the names that it may import are the same ones."""

    def find_class(self, module, name):
        assert f"{module}.{name}" in movie_tensors.ALLOWED
        return super().find_class(module, name)


def test_a_mutated_file_is_an_error_or_the_movie_that_it_holds(tmp_path):
    (tmp_path / "good").mkdir()
    paths = good_files(tmp_path / "good")
    rng = np.random.default_rng(0)
    read = 0
    for number in range(2000):
        good = paths[number % len(paths)]
        path = tmp_path / f"mutated{good.suffix}"
        data = mutated(good.read_bytes(), rng)
        path.write_bytes(data)
        movie, peak = peak_of(lambda path=path: scenes.load_movie(path))
        assert peak < 4 * len(data) + 2**20
        if isinstance(movie, DataError):
            continue
        read += 1
        # whatever has come through is whole
        assert movie.n_shots >= 1
        assert all(len(values) == movie.n_shots for values in movie.features.values())
        if good.suffix == ".pkl":
            hold_to_plain_pickle(movie, data)
        elif good.suffix in (".npz", ".safetensors"):
            hold_to_library(movie, path)
    assert 100 < read < 1500


def hold_to_library(movie, path):
    """Compare with what numpy and the library of safetensors read."""
    if path.suffix == ".npz":
        with np.load(path, allow_pickle=False) as values:
            values = dict(values)
    else:
        values = safetensors.numpy.load_file(path)
    for name, array in movie.features.items():
        assert np.array_equal(array, values[name].astype(np.float32))
    for key, array in parts_of(movie).items():
        assert (array is None) == (key not in values)
        assert array is None or np.array_equal(array, values[key])


def parts_of(movie):
    """Return the parts of a movie that are no features by their keys in a file."""
    return {
        "scene_transition_boundary_ground_truth": movie.boundaries,
        "scene_transition_boundary_prediction": movie.predictions,
        "shot_end_frame": movie.shot_end_frame,
    }


def hold_to_plain_pickle(movie, data):
    """Compare with plain pickle where that can read the file too: there may be less in it than before."""
    try:
        values = Oracle(io.BytesIO(data)).load()
    except (pickle.UnpicklingError, RuntimeError, ValueError, TypeError, AttributeError, OverflowError, Warning):
        return
    except (SystemError, MemoryError):
        # what the unpickler of Python says of a few broken files
        return
    for name, array in movie.features.items():
        with np.errstate(over="ignore", invalid="ignore"):
            assert np.array_equal(array, plain(values[name]).astype(np.float32))
    for key, array in parts_of(movie).items():
        if array is None:
            assert values.get(key) is None
        else:
            assert np.array_equal(array, plain(values[key]).reshape(-1))


@pytest.mark.parametrize("suffix", [".pkl", ".npz", ".safetensors"])
def test_a_file_that_is_cut_off_anywhere_is_an_error(tmp_path, suffix):
    movie = records.Movie("tt1", {"place": np.ones((3, 2))}, [True, False])
    data = scenes.write_movie(movie, tmp_path / f"whole{suffix}").read_bytes()
    path = tmp_path / f"cut{suffix}"
    for end in range(0, len(data), 7):
        path.write_bytes(data[:end])
        with pytest.raises(DataError, match="cannot load"):
            scenes.load_movie(path)
