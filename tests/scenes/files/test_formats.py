"""Movies' files: what good ones hold and cost, and that broken ones are errors."""

import io
import pickle
import pickletools
import struct
import subprocess
import sys
import zipfile

import numpy as np
import pytest
import safetensors.numpy
from movie_files import a_movie, assert_is, peak_of, plain

from toolkit import DataError, ParameterError, records, scenes
from toolkit.scenes.files import pickles

# What is good


@pytest.mark.parametrize("zipped", [True, False])
@pytest.mark.parametrize("kind", ["torch", "numpy"])
def test_what_torch_saved_is_read(tmp_path, zipped, kind):
    import torch

    values = a_movie(kind=kind)
    path = tmp_path / "tt0052357.pkl"
    torch.save(values, path, _use_new_zipfile_serialization=zipped)
    assert_is(scenes.load_movie(path), values)


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


def test_tensors_are_read_and_zips_written_without_torch(tmp_path):
    path = tmp_path / "tt1.pkl"
    path.write_bytes(pickle.dumps(a_movie(kind="torch"), 4))
    code = (
        "import sys, pathlib; from toolkit import scenes; movie = scenes.load_movie(sys.argv[1])\n"
        "copy = scenes.load_movie(scenes.write_movie(movie, movie.path.with_name('a.npz')))\n"
        "scenes.write_predictions(copy, [0.5] * 11)\n"
        "copy = scenes.load_movie(scenes.write_movie(movie, movie.path.with_name('a.safetensors')))\n"
        "print(movie.n_shots, copy.n_shots, 'torch' in sys.modules)"
    )
    run = subprocess.run([sys.executable, "-c", code, path], capture_output=True, text=True, check=True)
    assert run.stdout.split() == ["12", "12", "False"]


@pytest.mark.parametrize("protocol", range(6))
@pytest.mark.parametrize("kind", ["f2", "f4", "f8", "i8", "i4", "i2", "i1", "u1", "?"])
def test_a_tensor_is_read_as_torch_made_it(kind, protocol):
    import torch

    rng = np.random.default_rng(0)
    for shape in ((), (0,), (5,), (4, 3), (3, 0), (2, 3, 4)):
        for order in "CF":
            array = np.asarray(rng.integers(0, 2, shape).astype(kind), order=order)
            read = pickles.read_pickle(pickle.dumps(torch.from_numpy(array), protocol)).value
            assert read.dtype == array.dtype
            assert np.array_equal(read, array)


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


# What costs too much


def test_predictions_are_written_at_little_cost(tmp_path):
    values = a_movie(n=600) | {"place": np.random.default_rng(0).normal(size=(600, 4096)).astype(np.float32)}
    (tmp_path / "a.pkl").write_bytes(pickle.dumps(values, 4))
    movie = scenes.load_movie(tmp_path / "a.pkl")
    paths = [
        tmp_path / "a.pkl",
        *(scenes.write_movie(movie, tmp_path / f"b{end}") for end in (".npz", ".safetensors", ".pkl")),
    ]
    for path in paths:
        movie = scenes.load_movie(path)
        _, peak = peak_of(lambda movie=movie: scenes.write_predictions(movie, np.full(599, 0.5)))
        # the library of safetensors copies
        assert peak < (2.1 if path.suffix == ".safetensors" else 2) * path.stat().st_size
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


INSTRUCTIONS = [ord(opcode.code) for opcode in pickletools.opcodes]


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
            data[at] = rng.choice(INSTRUCTIONS)
        elif rng.random() < 0.2:
            del data[max(at, 1) :]
        else:
            data[at : at + 4] = struct.pack("<I", int(rng.choice([0, 1, 2**16, 2**31 - 1, 2**31, 2**32 - 1])))
    return bytes(data)


class Oracle(pickle.Unpickler):
    """Plain pickle, for files that were found to be harmless: the names that it may import are the same ones."""

    def find_class(self, module, name):
        assert f"{module}.{name}" in pickles.ALLOW_LIST
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


def test_an_id_that_is_not_unicode_is_refused_where_the_format_cannot_hold_it(tmp_path):
    movie = records.Movie("caf\udce9", {"place": np.ones((3, 2), np.float32)}, [False, True])
    with pytest.raises(ParameterError, match=r"imdb_id must be text that UTF-8 can hold in .safetensors; got 'caf"):
        scenes.write_movie(movie, tmp_path / "a.safetensors")
    assert list(tmp_path.iterdir()) == []
    assert scenes.load_movie(scenes.write_movie(movie, tmp_path / "a.npz")).imdb_id == movie.imdb_id
