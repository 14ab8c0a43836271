"""What `embed` takes and returns, and what it keeps on disk."""

import itertools
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from small_models import film, write_clip, write_vgg16_weights

from toolkit.embeddings import clip, embed, layout, vgg16
from toolkit.embeddings import vectors as embedding_vectors
from toolkit.errors import DataError, ParameterError
from toolkit.records import Frames

ROOT = Path(__file__).parents[2]


@pytest.fixture
def cache(tmp_path):
    return tmp_path / "cache"


@pytest.fixture(scope="module")
def clip_folder(tmp_path_factory):
    return write_clip(tmp_path_factory.mktemp("clip"))


class Means:
    """The mean and the extremes of each image's pixels; remembers how many images it was given."""

    def __init__(self, cache_key=None, fail_after=None):
        if cache_key is not None:
            self.cache_key = cache_key
        self.fail_after = fail_after
        self.given = []

    def __call__(self, images):
        if len(self.given) == self.fail_after:
            raise KeyboardInterrupt
        self.given.append(len(images))
        pixels = images.reshape(len(images), -1)
        return np.stack([pixels.mean(axis=1), pixels.min(axis=1), pixels.max(axis=1)], axis=1)


def files(folder):
    return sorted(path.name for path in folder.iterdir())


def in_batches(images, size):
    for start in range(0, len(images), size):
        yield images[start : start + size]


def must_not_be_called(*arguments, **options):
    raise AssertionError("called")


def run_python(program, *arguments):
    command = [sys.executable, "-W", "error", "-c", program, *map(str, arguments)]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120)


# vectors


def test_layout_is_the_default():
    images = film(70)
    vectors = embed(images, cache=False, progress=False)
    assert vectors.shape == (70, 2031)
    assert vectors.dtype == np.float32
    np.testing.assert_array_equal(vectors, layout.describe(images))


def test_vgg16_through_embed(tmp_path):
    weights = write_vgg16_weights(tmp_path / "vgg16.h5")
    images = film(2)
    vectors = embed(images, "vgg16", weights=weights, batch_size=1, cache=False, progress=False)
    assert vectors.shape == (2, 25088)
    pooled = embed(images, "vgg16", pooling="avg", weights=weights, cache=False, progress=False)
    # channels come last; one image or two at a time, sums may be in another order
    means = vectors.reshape(2, 49, 512).mean(axis=1)
    np.testing.assert_allclose(pooled, means, rtol=1e-4, atol=1e-4 * float(vectors.max()))


def test_clip_through_embed(clip_folder):
    images = film(3, 64, 128)
    whole = embed(images, "clip", model_id=clip_folder, cache=False, progress=False)
    cropped = embed(images, "clip", crop=True, model_id=str(clip_folder), cache=False, progress=False)
    files = clip.weight_files(clip_folder)
    np.testing.assert_array_equal(whole, clip.describe(images, files))
    np.testing.assert_array_equal(cropped, clip.describe(images, files, crop=True))
    assert np.abs(whole - cropped).max() > 1e-3


def test_a_crop_does_not_see_the_sides(clip_folder):
    images = film(1, 64, 128).repeat(2, axis=0)
    images[1, :, :24] = 0
    images[1, :, -24:] = 255
    options = {"model": "clip", "model_id": clip_folder, "cache": False, "progress": False}
    whole, cropped = embed(images, **options), embed(images, **options, crop=True)
    np.testing.assert_allclose(cropped[0], cropped[1], atol=1e-6)
    assert np.abs(whole[0] - whole[1]).max() > 1e-3


@given(sizes=st.lists(st.integers(0, 40), max_size=8), batch_size=st.integers(1, 50))
def test_batches_make_no_difference(sizes, batch_size):
    images = film(80, 8, 8)
    starts = list(itertools.accumulate(sizes, initial=0))
    batches = [images[start : start + size] for start, size in zip(starts, sizes, strict=False)]
    batches.append(images[starts[-1] :])
    model = Means()
    vectors = embed(iter(batches), model, batch_size=batch_size, progress=False)
    np.testing.assert_array_equal(vectors, Means()(images).astype(np.float32))
    assert model.given == [batch_size] * (80 // batch_size) + ([80 % batch_size] if 80 % batch_size else [])


def test_frames_and_their_iterators():
    images = film(5)
    frames = Frames(images, np.arange(5))
    expected = embed(images, cache=False, progress=False)
    np.testing.assert_array_equal(embed(frames, cache=False, progress=False), expected)
    parts = (frames[start : start + 2] for start in range(0, 5, 2))
    np.testing.assert_array_equal(embed(parts, cache=False, progress=False), expected)


def test_a_memory_map_is_an_array(tmp_path, cache):
    np.save(tmp_path / "film.npy", film(3))
    mapped = np.load(tmp_path / "film.npy", mmap_mode="r")
    given = []

    def model(images):
        given.append(type(images))
        return images[:, 0, 0]

    embed(mapped, model, progress=False)
    assert given == [np.ndarray]
    np.testing.assert_array_equal(embed(mapped, cache=cache, progress=False), layout.describe(film(3)))


def test_images_of_several_sizes_are_described_each_by_itself():
    large, small, gray = film(3, 48, 80), film(2, 24, 40), film(2, 24, 40, channels=())
    vectors = embed([large, small, gray, large], cache=False, progress=False)
    np.testing.assert_array_equal(
        vectors, np.concatenate([layout.describe(part) for part in (large, small, gray, large)])
    )


def test_a_block_of_large_frames_is_small(monkeypatch):
    monkeypatch.setattr(embedding_vectors, "BLOCK_BYTES", 10 * 48 * 80 * 3 + 1)
    model = Means()
    embed(film(25), model, progress=False)
    assert model.given == [10, 10, 5]
    monkeypatch.setattr(embedding_vectors, "BLOCK_BYTES", 1)
    model = Means()
    embed(film(2), model, progress=False)
    assert model.given == [1, 1]


def test_one_frame():
    assert embed(film(1), cache=False, progress=False).shape == (1, 2031)


def test_progress_counts_frames(capsys, monkeypatch):
    monkeypatch.delenv("TQDM_DISABLE", raising=False)
    embed(film(70), cache=False)
    embed(in_batches(film(7), 3), cache=False)
    shown = capsys.readouterr().err
    assert "70/70" in shown
    assert "7frame" in shown
    embed(film(7), cache=False, progress=False)
    assert capsys.readouterr().err == ""


# a callable


@pytest.mark.parametrize(
    ("returned", "message"),
    [
        (lambda images: np.zeros((2, 4)), r"\(3, d\) for 3 images; got shape \(2, 4\)"),
        (lambda images: np.zeros(3), r"got shape \(3,\)"),
        (lambda images: np.zeros((3, 0)), r"got shape \(3, 0\)"),
        (lambda images: np.zeros((3, 7, 7, 8)), r"got shape \(3, 7, 7, 8\)"),
        (lambda images: None, "got NoneType of dtype object"),
        (lambda images: [[1], [2, 3], [4]], "got rows of different lengths"),
        (lambda images: [["a"], ["b"], ["c"]], "got list of dtype <U1"),
        (lambda images: np.zeros((3, 1), complex), "got ndarray of dtype complex128"),
        (lambda images: [[1], [np.nan], [2]], "got NaN, infinity"),
        (lambda images: [[1], [-np.inf], [2]], "got NaN, infinity"),
        (lambda images: [[1], [1e39], [2]], "or a number beyond float32"),
    ],
)
def test_what_a_callable_must_return(returned, message):
    with pytest.raises(ParameterError, match=f"the result of model must be an array of finite numbers, .*{message}"):
        embed(film(3), returned, progress=False)


def test_a_callable_may_return_whatever_is_an_array():
    import torch

    for convert in (np.ndarray.tolist, torch.from_numpy, np.float64, np.int16, lambda vectors: vectors > 1):
        vectors = embed(film(3), lambda images, convert=convert: convert(images[:, 0, 0].astype(int)), progress=False)
        assert vectors.dtype == np.float32
        assert vectors.shape == (3, 3)
    with pytest.raises(ParameterError, match="got Tensor: Can't call numpy"):
        embed(film(3), lambda images: torch.zeros(3, 2, requires_grad=True), progress=False)


def test_a_callable_returns_vectors_of_one_length():
    with pytest.raises(ParameterError, match="of one length; got 80 values a frame first and 40 from frame 3 on"):
        embed([film(3), film(3, 24, 40)], lambda images: images[:, 0, :, 0], progress=False)


def test_what_a_callable_raises_passes():
    def model(images):
        raise LookupError("mine")

    with pytest.raises(LookupError, match="mine"):
        embed(film(3), model, progress=False)


# bad input


@pytest.mark.parametrize("images", [film(0), [], iter(()), [film(0), film(0)]])
def test_no_frames(images):
    with pytest.raises(ParameterError, match="images must hold at least one frame to embed; got none"):
        embed(images, cache=False, progress=False)


@pytest.mark.parametrize("images", [film(2) / 255, film(2)[0], "film.mp4", None, [film(2), 7]])
def test_what_are_no_images(images):
    with pytest.raises(ParameterError, match="images must be"):
        embed(images, cache=False, progress=False)


@pytest.mark.parametrize("model", ["VGG16", "", None, 7, ["layout"]])
def test_unknown_models(model):
    with pytest.raises(ParameterError, match="model must be one of 'layout', 'vgg16', 'clip', or a callable; got"):
        embed(film(2), model, cache=False, progress=False)


@pytest.mark.parametrize(
    ("model", "option", "owner"),
    [
        ("layout", {"pooling": "avg"}, "vgg16"),
        ("clip", {"weights": "weights.h5"}, "vgg16"),
        ("layout", {"crop": True}, "clip"),
        ("vgg16", {"model_id": "someone/clip"}, "clip"),
        (Means(), {"revision": "main"}, "clip"),
        ("layout", {"crop": None}, "clip"),
    ],
)
def test_options_of_another_model(model, option, owner):
    (name,) = option
    with pytest.raises(ParameterError, match=f'{name} is an option of model="{owner}"; got {name}='):
        embed(film(2), model, cache=False, progress=False, **option)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"batch_size": 0}, "batch_size must be a whole number of at least 1; got 0"),
        ({"batch_size": 2.5}, "batch_size must be a whole number"),
        ({"model": "vgg16", "pooling": "max"}, "pooling must be None or \"avg\"; got 'max'"),
        ({"model": "vgg16", "pooling": 1}, 'pooling must be None or "avg"; got 1'),
        ({"model": "clip", "crop": 1}, "crop must be True or False; got 1"),
        ({"cache": True}, "cache must be a folder, None .* or False for none; got True"),
        ({"cache": 7}, "cache must be a folder"),
    ],
)
def test_wrong_options(options, message):
    with pytest.raises(ParameterError, match=message):
        embed(film(2), **{"cache": False, "progress": False} | options)


def test_missing_weights_are_told_before_a_frame_is_read(tmp_path, monkeypatch):
    import huggingface_hub.constants

    monkeypatch.setenv("KERAS_HOME", str(tmp_path))
    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_CACHE", str(tmp_path))
    for model in ("vgg16", "clip"):
        frames = iter([film(1)])
        with pytest.raises(ParameterError, match='are not in .* Without any weights, model="layout" works'):
            embed(frames, model, cache=False, progress=False)
        assert next(frames) is not None


def test_weights_that_give_nan_are_broken(monkeypatch, tmp_path):
    (tmp_path / "weights.h5").write_bytes(b"")
    monkeypatch.setattr(vgg16, "describe", lambda images, weights, pooling: np.full((len(images), 512), np.nan))
    with pytest.raises(DataError, match="vgg16 gives NaN or infinity: its weights are broken"):
        embed(film(2), "vgg16", weights=tmp_path / "weights.h5", cache=False, progress=False)


# what is kept


def test_a_second_run_describes_nothing(cache, monkeypatch):
    images = film(150)
    first = embed(images, cache=cache, progress=False)
    assert len(files(cache)) == 3
    assert all(name.startswith("layout_") and name.endswith(".npy") for name in files(cache))
    monkeypatch.setattr(layout, "describe", must_not_be_called)
    for again in (images, Frames(images, np.arange(150)), in_batches(images, 7), in_batches(images, 149)):
        second = embed(again, cache=cache, progress=False)
        assert second.dtype == np.float32
        np.testing.assert_array_equal(second, first)
    # and a memory order of its own makes no difference
    np.testing.assert_array_equal(embed(np.asfortranarray(images), cache=cache, progress=False), first)


def test_kept_files_open_as_npy(cache):
    vectors = embed(film(5), cache=cache, progress=False)
    (name,) = files(cache)
    np.testing.assert_array_equal(np.load(cache / name), vectors)


def test_other_frames_are_described(cache):
    images = film(3)
    first = embed(images, cache=cache, progress=False)
    images[1, 20, 30, 2] ^= 255
    images[1, :, 40:] ^= 255
    second = embed(images, cache=cache, progress=False)
    np.testing.assert_array_equal(second[[0, 2]], first[[0, 2]])
    assert np.abs(second[1] - first[1]).max() > 0
    assert len(files(cache)) == 2


@pytest.mark.parametrize("shape", [(1, 3, 16, 8), (2, 16, 8), (2, 4, 32), (4, 8, 8), (1, 16, 16)])
def test_the_same_bytes_in_another_shape_are_other_frames(shape, cache):
    images = film(2, 8, 16, channels=())
    model = Means("means")
    embed(images, model, cache=cache, progress=False)
    if shape[0] * shape[1] * shape[2] != images.size:
        shape = (1, 16, 16)
    embed(images.reshape(shape), model, cache=cache, progress=False)
    assert len(files(cache)) == (1 if shape == images.shape else 2)


@pytest.mark.parametrize("name", ["layout.VERSION", "vectors.version"])
def test_another_version_is_computed_anew(name, cache, monkeypatch):
    images = film(3)
    embed(images, cache=cache, progress=False)
    module, name = name.split(".")
    module = {"layout": layout, "vectors": embedding_vectors}[module]
    before = getattr(module, name)
    monkeypatch.setattr(module, name, "other" if isinstance(before, str) else lambda package: "other")
    described = []
    monkeypatch.setattr(layout, "describe", lambda images: described.append(len(images)) or np.ones((len(images), 5)))
    assert embed(images, cache=cache, progress=False).shape == (3, 5)
    assert described == [3]


def test_other_weights_are_computed_anew(clip_folder, tmp_path, cache):
    folder = tmp_path / "clip"
    shutil.copytree(clip_folder, folder)
    images = film(3)
    options = {"model": "clip", "model_id": folder, "cache": cache, "progress": False}
    first = embed(images, **options)
    np.testing.assert_array_equal(embed(images, **options), first)
    shutil.rmtree(folder)
    write_clip(folder, seed=1)
    second = embed(images, **options)
    assert np.abs(second - first).max() > 1e-3
    np.testing.assert_array_equal(second, embed(images, **options | {"cache": False}))
    assert len(files(cache)) == 2


def test_other_settings_are_computed_anew(clip_folder, tmp_path, cache):
    folder = tmp_path / "clip"
    shutil.copytree(clip_folder, folder)
    images = film(3)
    options = {"model": "clip", "model_id": folder, "cache": cache, "progress": False}
    first = embed(images, **options)
    settings = json.loads((folder / "preprocessor_config.json").read_text())
    settings["image_mean"] = [0.0, 0.0, 0.0]
    (folder / "preprocessor_config.json").write_text(json.dumps(settings))
    assert np.abs(embed(images, **options) - first).max() > 1e-4
    assert np.abs(embed(images, **options, crop=True) - first).max() > 1e-4
    assert len(files(cache)) == 3


def test_the_same_weights_elsewhere_are_the_same(clip_folder, tmp_path, cache, monkeypatch):
    shutil.copytree(clip_folder, tmp_path / "clip")
    options = {"model": "clip", "cache": cache, "progress": False}
    first = embed(film(3), model_id=clip_folder, **options)
    monkeypatch.setattr(clip, "describe", must_not_be_called)
    np.testing.assert_array_equal(embed(film(3), model_id=tmp_path / "clip", **options), first)


def test_models_and_options_are_kept_apart(tmp_path, cache, monkeypatch):
    (tmp_path / "weights.h5").write_bytes(b"some")
    called = []

    def describe(images, weights, pooling):
        called.append((weights.read_bytes(), pooling))
        return np.ones((len(images), 3))

    monkeypatch.setattr(vgg16, "describe", describe)
    options = {"model": "vgg16", "weights": tmp_path / "weights.h5", "cache": cache, "progress": False}
    for _ in range(2):
        embed(film(2), **options)
        embed(film(2), **options, pooling="avg")
    (tmp_path / "weights.h5").write_bytes(b"other")
    embed(film(2), **options)
    assert called == [(b"some", None), (b"some", "avg"), (b"other", None)]


@pytest.mark.parametrize("model", ["vgg16", "clip"])
def test_a_second_run_loads_no_network(model, clip_folder, tmp_path, cache):
    program = """
import sys
from pathlib import Path
import numpy as np
from toolkit import embeddings
from toolkit.embeddings import clip, vgg16
model, folder, cache = sys.argv[1:]
images = np.arange(2 * 16 * 16 * 3).astype(np.uint8).reshape(2, 16, 16, 3)
setattr({"vgg16": vgg16, "clip": clip}[model], "describe", lambda images, **options: np.ones((2, 4)))
options = {"weights": Path(folder, "model.h5")} if model == "vgg16" else {"model_id": folder}
embeddings.embed(images, model, cache=cache, progress=False, **options)
setattr({"vgg16": vgg16, "clip": clip}[model], "describe", lambda images, **options: 1 / 0)
embeddings.embed(images, model, cache=cache, progress=False, **options)
print([name for name in ("torch", "keras", "transformers", "matplotlib", "umap") if name in sys.modules])
"""
    shutil.copytree(clip_folder, tmp_path / "weights")
    (tmp_path / "weights" / "model.h5").write_bytes(b"some")
    done = run_python(program, model, tmp_path / "weights", cache)
    assert done.stdout == "[]\n", done.stderr


def test_callables_are_kept_only_by_a_key(cache):
    images = film(5)
    for model in (Means(), Means()):
        embed(images, model, cache=cache, progress=False)
        assert model.given == [5]
    assert files(cache) == []
    for key, described in [("a", [5]), ("a", []), ("b", [5])]:
        model = Means(key)
        embed(images, model, cache=cache, progress=False)
        assert model.given == described
    assert len(files(cache)) == 2
    with pytest.raises(ParameterError, match="the cache_key of a callable must be a string.*; got 7"):
        embed(images, Means(7), cache=cache, progress=False)
    with pytest.raises(ParameterError, match="the cache_key of a callable must be a string.*; got ''"):
        embed(images, Means(""), cache=cache, progress=False)


def test_an_interrupted_run_goes_on_where_it_stopped(cache):
    images = film(50)
    model = Means("means", fail_after=3)
    with pytest.raises(KeyboardInterrupt):
        embed(images, model, batch_size=10, cache=cache, progress=False)
    assert len(files(cache)) == 3
    model = Means("means")
    vectors = embed(in_batches(images, 7), model, batch_size=10, cache=cache, progress=False)
    assert model.given == [10, 10]
    np.testing.assert_array_equal(vectors, Means()(images).astype(np.float32))


def test_a_killed_run_loses_nothing(cache):
    program = """
import sys, time
import numpy as np
from toolkit.embeddings import embed
def model(images):
    time.sleep(0.02)
    return np.full((len(images), 5000), images[:, 0, 0, :1])
model.cache_key = "slow"
images = np.arange(200, dtype=np.uint8)[:, None, None, None] * np.ones((1, 4, 4, 3), np.uint8)
print("begun", flush=True)
embed(images, model, batch_size=1, cache=sys.argv[1], progress=False)
"""
    with subprocess.Popen([sys.executable, "-c", program, str(cache)], cwd=ROOT, stdout=subprocess.PIPE) as process:
        process.stdout.readline()
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline and len(list(cache.glob("callable_*.npy"))) < 3:
            time.sleep(0.005)
        os.kill(process.pid, signal.SIGKILL)
    kept = len(list(cache.glob("callable_*.npy")))
    assert 3 <= kept < 200
    images = np.arange(200, dtype=np.uint8)[:, None, None, None] * np.ones((1, 4, 4, 3), np.uint8)
    described = []

    def model(images):
        described.append(len(images))
        return np.full((len(images), 5000), images[:, 0, 0, :1])

    model.cache_key = "slow"
    vectors = embed(images, model, batch_size=1, cache=cache, progress=False)
    assert len(described) == 200 - kept
    np.testing.assert_array_equal(vectors[:, 4999], np.arange(200))


@pytest.mark.parametrize(
    "damage",
    [
        lambda content: b"",
        lambda content: content[:-1],
        lambda content: content[: len(content) // 2],
        lambda content: content[:200] + bytes([content[200] ^ 1]) + content[201:],
        lambda content: content[:-1] + bytes([content[-1] ^ 1]),
        lambda content: content + b"more",
        lambda content: bytes(len(content)),
    ],
)
def test_a_damaged_file_is_noticed_and_replaced(damage, cache):
    expected = embed(film(5), cache=cache, progress=False)
    (name,) = files(cache)
    content = (cache / name).read_bytes()
    (cache / name).write_bytes(damage(content))
    np.testing.assert_array_equal(embed(film(5), cache=cache, progress=False), expected)
    assert (cache / name).read_bytes() == content


def test_a_file_in_another_place_is_noticed(cache):
    first, second = film(5), film(5, seed=1)
    expected = embed(first, cache=cache, progress=False)
    (name,) = files(cache)
    embed(second, cache=cache, progress=False)
    (other,) = set(files(cache)) - {name}
    shutil.copy(cache / other, cache / name)
    np.testing.assert_array_equal(embed(first, cache=cache, progress=False), expected)


def test_the_folder_is_made_and_by_default_the_data_folders(tmp_path, monkeypatch):
    monkeypatch.setenv("TOOLKIT_DATA", str(tmp_path / "data"))
    embed(film(2), progress=False)
    assert len(files(tmp_path / "data" / "embeddings")) == 1
    embed(film(2), cache=str(tmp_path / "a" / "b"), progress=False)
    assert len(files(tmp_path / "a" / "b")) == 1
    embed(film(3), cache=False, progress=False)
    assert len(files(tmp_path / "data" / "embeddings")) == 1


def test_a_folder_that_cannot_be(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(ParameterError, match="embeddings cannot be kept: .*file.*cache=False"):
        embed(film(2), cache=tmp_path / "file", progress=False)


def test_a_full_disk_is_told_once_and_stops_no_one(cache, monkeypatch):
    def write_whole(path):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(embedding_vectors, "write_whole", write_whole)
    # of three blocks
    with pytest.warns(
        UserWarning, match="nothing can be kept in .*cache: No space left on device.* TOOLKIT_DATA"
    ) as warned:
        vectors = embed(film(150), cache=cache, progress=False)
    assert len(warned) == 1
    np.testing.assert_array_equal(vectors, layout.describe(film(150)))


def test_without_a_data_folder_vectors_are_made_all_the_same(tmp_path, monkeypatch):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("TOOLKIT_DATA", str(tmp_path / "file" / "data"))
    with pytest.warns(UserWarning, match="nothing can be kept in .*embeddings: Not a directory.* TOOLKIT_DATA"):
        vectors = embed(film(2), progress=False)
    np.testing.assert_array_equal(vectors, layout.describe(film(2)))


def test_a_kept_file_that_cannot_be_read_is_made_anew(cache):
    expected = embed(film(5), cache=cache, progress=False)
    (name,) = files(cache)
    (cache / name).unlink()
    (cache / name).symlink_to(cache / name)
    np.testing.assert_array_equal(embed(film(5), cache=cache, progress=False), expected)
    assert (cache / name).is_file()


def test_layout_vectors_of_large_frames_are_not_kept(cache):
    large = np.zeros((2, 600, 800, 3), np.uint8)
    embed(large, cache=cache, progress=False)
    assert files(cache) == []
    embed(large, Means("means"), cache=cache, progress=False)
    assert len(files(cache)) == 1


def test_a_callable_may_write_to_what_it_is_given():
    images = np.full((3, 4, 5, 3), 7, np.uint8)

    def wipe(batch):
        batch[:] = 0
        return np.ones((len(batch), 2))

    embed(images, wipe, progress=False)
    assert (images == 7).all()
