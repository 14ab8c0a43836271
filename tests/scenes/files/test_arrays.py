"""Movies in zips of arrays and in safetensors: what is read of them, and what is refused."""

import json
import os
import struct
import zipfile

import hostile_pickles
import numpy as np
import pytest
from movie_files import SLACK, a_movie, peak_of

from toolkit import DataError, scenes

# What is good


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


def test_an_attack_in_an_array_of_a_zip_is_refused(tmp_path):
    path, effect = tmp_path / "tt1.npz", tmp_path / "effect"
    extra = np.array([hostile_pickles.Call(os.mkdir, str(effect))])
    np.savez(path, imdb_id="tt1", place=np.ones((3, 2)), extra=extra)
    with pytest.raises(DataError, match=r"it asks for an array of type '\|O'; numbers"):
        scenes.load_movie(path)
    assert not effect.exists()


# What costs too much


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
        (b"{'descr': '<U0', 'fortran_order': False, 'shape': (1000000000000,), }", "it is broken (ValueError"),
        (b"{'descr': '<f4', 'fortran_order': False, 'shape': (1099511627776, 1024), }", "cannot reshape array of"),
        (b"{'descr': '<f4', 'fortran_order': False, 'shape': (0, 10000000000), }", "cannot reshape array"),
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
    "data",
    [
        b"",
        safetensors_of(b"[" * 100_000),
        safetensors_of(b"[]"),
        safetensors_of(b"{'a'"),
        safetensors_of(b"\xff\xff"),
        safetensors_of({"__metadata__": {"a": 1}}),
        safetensors_of({"__metadata__": [1]}),
        safetensors_of({"a": part([3, 2], 0, 24), "place": part([3, 2], 0, 24)}, bytes(24)),
        safetensors_of({"a": part([2], 0, 8), "place": part([2], 16, 24)}, bytes(24)),
        safetensors_of({"place": part([3, 2], 0, 24)}, bytes(20)),
        safetensors_of({"place": part([3, 2], 0, 24)}, bytes(30)),
        safetensors_of({"place": part([3, 3], 0, 24)}, bytes(24)),
        safetensors_of({"place": part([3, 3], 0, 24, "BF16")}, bytes(24)),
        safetensors_of({"place": part([-3, -2], 0, 24)}, bytes(24)),
        safetensors_of({"place": part([3.0, 2.0], 0, 24)}, bytes(24)),
        safetensors_of({"place": part([2**33, 2**33], 0, 24)}, bytes(24)),
        safetensors_of({"place": part([3, 2], False, 24)}, bytes(24)),
        safetensors_of({"place": [1, 2]}),
        safetensors_of({"place": part([3, 2], 0, 24, "F3Z")}, bytes(24)),
        safetensors_of({"place": part([3, 2], 0, 24, ["F32"])}, bytes(24)),
    ],
)
def test_safetensors_with_a_lying_header_are_refused(tmp_path, data):
    path = tmp_path / "tt1.safetensors"
    path.write_bytes(data)
    result, peak = peak_of(lambda: scenes.load_movie(path))
    assert isinstance(result, DataError)
    assert "it is broken (SafetensorError: " in str(result)
    assert len(str(result)) < 500
    assert peak < SLACK


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (safetensors_of({}, length=2**63), "it says that its header has 9223372036854775808 bytes"),
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
