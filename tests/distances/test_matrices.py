import os
import subprocess
import sys
import threading
import tracemalloc
from pathlib import Path

import naive
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from toolkit import ParameterError
from toolkit.distances import consecutive, luma, matrices, pairwise
from toolkit.records import Frames

METRICS = ("gray", "hsl")
NAIVE = {"gray": naive.naive_gray, "hsl": naive.naive_hsl}
# of hsl, as its documentation states it
QUANTISATION = 0.0011

RED, GREEN, BLUE = (255, 0, 0), (0, 255, 0), (0, 0, 255)
BLACK, GRAY, WHITE = (0, 0, 0), (128, 128, 128), (255, 255, 255)


def film(n, height=5, width=7, seed=0, channels=(3,)):
    """Return random frames; some of their pixels are gray, black or white."""
    rng = np.random.default_rng(seed)
    images = rng.integers(0, 256, (n, height, width, *channels), np.uint8)
    if channels and n:
        gray = rng.random(images.shape[:3]) < 0.2
        images[gray] = images[gray][:, :1]
        images[rng.random(images.shape[:3]) < 0.1] = 255
        images[rng.random(images.shape[:3]) < 0.1] = 0
    return images


def plain(*colors, height=3, width=2):
    """Return a frame of each colour."""
    return np.broadcast_to(np.array(colors, np.uint8)[:, None, None], (len(colors), height, width, 3)).copy()


def band(matrix, window):
    """Return what a matrix holds of frames 0 to `window` apart."""
    n = len(matrix)
    banded = np.full((n, window + 1), np.nan, np.float32)
    for i in range(n):
        part = matrix[i, i : i + window + 1]
        banded[i, : len(part)] = part
    return banded


def batches(images, sizes):
    """Yield the images in arrays of the given sizes, and what is left."""
    start = 0
    for size in sizes:
        yield images[start : start + size]
        start += size
    yield images[start:]


def run_python(program, **environment):
    command = [sys.executable, "-W", "error", "-c", program]
    root = Path(__file__).parents[2]
    return subprocess.run(command, env=os.environ | environment, cwd=root, capture_output=True, text=True, timeout=300)


# by hand


def test_black_against_white_does_not_wrap_round():
    assert pairwise(plain(BLACK, WHITE)).tolist() == [[0, 255], [255, 0]]
    assert pairwise(plain(BLACK, WHITE)[..., 0].copy()).tolist() == [[0, 255], [255, 0]]


def test_gray_weighs_colors_as_bt601():
    # 76.245, 149.685 and 29.07, rounded
    assert pairwise(plain(BLACK, RED, GREEN, BLUE))[0].tolist() == [0, 76, 150, 29]


def test_gray_is_a_mean_over_pixels():
    images = np.zeros((2, 2, 5), np.uint8)
    images[1, 0, 3] = 7
    assert pairwise(images)[0, 1] == np.float32(0.7)


@pytest.mark.parametrize(
    ("one", "other", "distance"),
    [
        (RED, RED, 0),
        (RED, (0, 255, 255), 1),  # opposite hues
        (RED, GREEN, 2 / 3),
        (RED, BLUE, 2 / 3),  # across the end of the circle
        (GREEN, BLUE, 2 / 3),
        ((255, 0, 4), (255, 4, 0), 2 * 2 / (6 * 255 / 4)),
        (BLACK, WHITE, 1),
        (GRAY, BLACK, (128 / 255) ** 2),
        (RED, WHITE, 1 + 0.25),  # white has no hue
        (RED, BLACK, 1 + 0.25),
        ((255, 254, 254), BLACK, 1 + (509 / 510) ** 2),
    ],
)
def test_hsl_by_hand(one, other, distance):
    got = pairwise(plain(one, other), "hsl")
    assert got[0, 1] == got[1, 0] == pytest.approx(distance, abs=QUANTISATION)
    assert got[0, 0] == got[1, 1] == 0


def test_lightness_is_exact():
    levels = np.arange(256, dtype=np.uint8)[:, None, None]
    expected = ((np.arange(256) - np.arange(256)[:, None]) / 255) ** 2
    np.testing.assert_array_equal(pairwise(levels, "hsl"), expected.astype(np.float32))


def test_consecutive_by_hand():
    images = np.zeros((4, 3, 3), np.uint8)
    images[1:] += 10
    images[3] = 255
    assert consecutive(images).tolist() == [10, 0, 245]


def test_results_are_float32():
    images = film(3)
    for metric in METRICS:
        assert pairwise(images, metric).dtype == np.float32
        assert pairwise(images, metric, window=1).dtype == np.float32
        assert consecutive(images, metric).dtype == np.float32


def test_luma_of_every_color():
    step = np.arange(256)
    for red in range(0, 256, 16):
        images = np.empty((16, 256, 256, 3), np.uint8)
        images[..., 0] = red + np.arange(16)[:, None, None]
        images[..., 1] = step[:, None]
        images[..., 2] = step
        expected = (299 * images[..., 0].astype(np.int32) + 587 * step[:, None] + 114 * step + 500) // 1000
        np.testing.assert_array_equal(luma(images), expected)


def test_luma_of_gray_is_itself():
    images = film(3, channels=())
    assert luma(images) is images
    np.testing.assert_array_equal(luma(Frames(film(3), np.arange(3))), [naive.naive_luma(image) for image in film(3)])
    assert luma(film(0)).shape == (0, 5, 7)


# against the oracle


@pytest.mark.parametrize("channels", [(3,), ()], ids=["rgb", "gray"])
def test_gray_equals_the_oracle(channels):
    images = film(11, channels=channels)
    expected = naive.naive_pairwise(images, naive.naive_gray).astype(np.float32)
    np.testing.assert_array_equal(pairwise(images), expected)


@pytest.mark.parametrize("channels", [(3,), ()], ids=["rgb", "gray"])
def test_hsl_equals_the_oracle(channels):
    images = film(11, channels=channels)
    expected = naive.naive_pairwise(images, naive.naive_hsl)
    np.testing.assert_allclose(pairwise(images, "hsl"), expected, rtol=0, atol=QUANTISATION / 10)


def test_hsl_of_plain_frames_is_within_its_bound():
    # rounding errors of one colour do not cancel out over pixels
    rng = np.random.default_rng(3)
    dull = rng.integers(0, 256, (30, 1)) + rng.integers(0, 3, (30, 3))
    colors = np.concatenate(
        [rng.integers(0, 256, (60, 3)), dull.clip(0, 255), [RED, BLUE, BLACK, WHITE, (254, 255, 255)]]
    )
    images = plain(*colors, height=1, width=1)
    expected = naive.naive_pairwise(images, naive.naive_hsl)
    np.testing.assert_allclose(pairwise(images, "hsl"), expected, rtol=0, atol=QUANTISATION)


@pytest.mark.parametrize("metric", METRICS)
@pytest.mark.parametrize("pixels", [1, 63, 64, 65, 511, 512, 513, 1025])
def test_any_number_of_pixels(metric, pixels):
    images = film(3, height=1, width=pixels)
    expected = naive.naive_pairwise(images, NAIVE[metric])
    np.testing.assert_allclose(pairwise(images, metric), expected, rtol=1e-7, atol=QUANTISATION * (metric == "hsl"))


@pytest.mark.parametrize("pixels", [4095, 4096, 4097, 8193, 76800])
def test_gray_of_many_pixels(pixels):
    images = film(6, height=1, width=pixels, channels=())
    sums = np.abs(images[:, None].astype(np.int64) - images).sum((2, 3))
    np.testing.assert_array_equal(pairwise(images), (sums / pixels).astype(np.float32))


def test_sums_of_large_images_do_not_overflow():
    images = np.zeros((2, 3000, 3000), np.uint8)
    images[1] = 255
    assert pairwise(images)[0, 1] == 255
    assert pairwise(images, "hsl")[0, 1] == 1


@pytest.mark.parametrize("metric", METRICS)
@pytest.mark.parametrize(("tile", "slab"), [(4, 1), (16, 1), (16, 1 << 14), (7, 1 << 20)])
def test_the_cut_into_tiles_and_slabs_changes_nothing(metric, tile, slab, monkeypatch):
    images = film(37, height=9, width=130)
    whole = pairwise(images, metric)
    monkeypatch.setattr(matrices, "TILE", tile)
    monkeypatch.setattr(matrices, "SLAB_BYTES", slab)
    np.testing.assert_array_equal(pairwise(images, metric), whole)
    np.testing.assert_array_equal(pairwise(iter([images]), metric), whole)
    for window in (0, 1, 5, 20, 36, 50):
        np.testing.assert_array_equal(pairwise(images, metric, window=window), band(whole, window))
        np.testing.assert_array_equal(pairwise(iter([images]), metric, window=window), band(whole, window))


@pytest.mark.parametrize("metric", METRICS)
def test_more_frames_than_a_tile_has(metric):
    images = film(matrices.TILE + 70, height=2, width=3)
    matrix = pairwise(images, metric)
    np.testing.assert_array_equal(matrix, matrix.T)
    assert not np.diagonal(matrix).any()
    np.testing.assert_array_equal(matrix[1000:1080, 1000:1080], pairwise(images[1000:1080], metric))
    np.testing.assert_array_equal(matrix[:50, 1044:], pairwise(images[np.r_[:50, 1044:1094]], metric)[:50, 50:])
    np.testing.assert_array_equal(pairwise(images, metric, window=1060), band(matrix, 1060))


# properties


films = st.builds(film, st.integers(0, 14), st.integers(1, 4), st.integers(1, 9), st.integers(0, 99))


@settings(max_examples=40)
@given(films, st.sampled_from(METRICS))
def test_symmetric_with_zero_diagonal_within_range(images, metric):
    matrix = pairwise(images, metric)
    np.testing.assert_array_equal(matrix, matrix.T)
    assert not np.diagonal(matrix).any()
    assert (matrix >= 0).all()
    assert (matrix <= {"gray": 255, "hsl": 3}[metric]).all()


@settings(max_examples=40)
@given(films)
def test_gray_keeps_the_triangle_inequality(images):
    matrix = pairwise(images).astype(np.float64)
    assert (matrix[:, None] <= matrix[:, :, None] + matrix[None] + 1e-4).all()


@settings(max_examples=40)
@given(films, st.sampled_from(METRICS), st.randoms(use_true_random=False))
def test_permuted_frames_permute_the_matrix(images, metric, random):
    order = random.sample(range(len(images)), len(images))
    expected = pairwise(images, metric)[np.ix_(order, order)]
    np.testing.assert_array_equal(pairwise(images[order], metric), expected)


@settings(max_examples=60)
@given(films, st.sampled_from(METRICS), st.integers(0, 20))
def test_a_window_is_the_band_of_the_matrix(images, metric, window):
    matrix = pairwise(images, metric)
    np.testing.assert_array_equal(pairwise(images, metric, window=window), band(matrix, window))
    np.testing.assert_array_equal(consecutive(images, metric), np.diagonal(matrix, 1))


@settings(max_examples=60)
@given(films, st.sampled_from(METRICS), st.integers(0, 20), st.lists(st.integers(0, 6), max_size=8))
def test_batches_of_any_size_give_the_same(images, metric, window, sizes):
    matrix = pairwise(images, metric)
    np.testing.assert_array_equal(pairwise(batches(images, sizes), metric), matrix)
    np.testing.assert_array_equal(pairwise(batches(images, sizes), metric, window=window), band(matrix, window))
    np.testing.assert_array_equal(consecutive(batches(images, sizes), metric), np.diagonal(matrix, 1))


# what may be given


@pytest.mark.parametrize("metric", METRICS)
def test_streams_longer_than_what_is_held(metric):
    images = film(500, height=2, width=3)
    for window in (1, 3, 100, 150):
        streamed = pairwise(batches(images, [70] * 6), metric, window=window)
        np.testing.assert_array_equal(streamed, pairwise(images, metric, window=window))
        np.testing.assert_array_equal(streamed, band(pairwise(images, metric), window))
    np.testing.assert_array_equal(consecutive(batches(images, [1] * 90), metric), consecutive(images, metric))


@pytest.mark.parametrize("metric", METRICS)
def test_frames_and_their_batches(metric):
    frames = Frames(film(9), np.arange(9) / 25, "film")
    expected = pairwise(frames.images, metric)
    np.testing.assert_array_equal(pairwise(frames, metric), expected)
    np.testing.assert_array_equal(pairwise([frames[:4], frames[4:4], frames[4:]], metric), expected)
    np.testing.assert_array_equal(consecutive(frames, metric), np.diagonal(expected, 1))


@pytest.mark.parametrize("metric", METRICS)
def test_a_reused_batch_is_copied(metric):
    images = film(6)

    def stream():
        buffer = np.empty_like(images[:1])
        for image in images:
            buffer[0] = image
            yield buffer

    np.testing.assert_array_equal(pairwise(stream(), metric), pairwise(images, metric))


@pytest.mark.parametrize("metric", METRICS)
@pytest.mark.parametrize(
    "view",
    [
        lambda images: images[::2],
        lambda images: images[::-1],
        lambda images: images[:, ::-1],
        lambda images: images[:, :, 3:11:2],
        lambda images: images[..., ::-1],
        lambda images: images[..., 1],
        lambda images: images.transpose(0, 2, 1, 3),
        lambda images: np.asfortranarray(images),
    ],
)
def test_views_are_as_good_as_copies(metric, view, monkeypatch):
    images = view(film(9, height=40, width=33))
    monkeypatch.setattr(matrices, "SLAB_BYTES", 1)
    copy = np.ascontiguousarray(images)
    np.testing.assert_array_equal(pairwise(images, metric), pairwise(copy, metric))
    np.testing.assert_array_equal(pairwise(iter([images]), metric, window=3), pairwise(copy, metric, window=3))
    np.testing.assert_array_equal(luma(images), luma(copy))


def test_read_only_and_mapped_images(tmp_path):
    images = film(5)
    np.save(tmp_path / "film.npy", images)
    mapped = np.load(tmp_path / "film.npy", mmap_mode="r")
    for metric in METRICS:
        result = pairwise(mapped, metric)
        assert type(result) is np.ndarray
        np.testing.assert_array_equal(result, pairwise(images, metric))
        np.testing.assert_array_equal(consecutive(iter([mapped]), metric), consecutive(images, metric))


def test_gray_images_under_hsl_are_colors_without_hue():
    images = film(5, channels=())
    np.testing.assert_array_equal(pairwise(images, "hsl"), pairwise(np.repeat(images[..., None], 3, axis=3), "hsl"))


@pytest.mark.parametrize("metric", METRICS)
@pytest.mark.parametrize("channels", [(3,), ()])
def test_no_frame_and_one(metric, channels):
    none, one = film(0, channels=channels), film(1, channels=channels)
    assert pairwise(none, metric).shape == (0, 0)
    assert pairwise(iter([]), metric).shape == (0, 0)
    assert pairwise(none, metric, window=3).shape == (0, 4)
    assert pairwise(iter([none]), metric, window=0).shape == (0, 1)
    assert consecutive(none, metric).shape == consecutive(one, metric).shape == consecutive([], metric).shape == (0,)
    assert pairwise(one, metric).tolist() == [[0]]
    np.testing.assert_array_equal(pairwise(one, metric, window=2), [[0, np.nan, np.nan]])


def test_inputs_stay_as_they_are():
    images = film(5)
    before = images.copy()
    for metric in METRICS:
        pairwise(images, metric)
        pairwise(iter([images]), metric, window=2)
    np.testing.assert_array_equal(images, before)


def test_progress_is_shown_when_wanted(capsys, monkeypatch):
    monkeypatch.delenv("TQDM_DISABLE", raising=False)
    pairwise(film(5))
    pairwise(film(5), window=2)
    assert capsys.readouterr().err == ""
    pairwise(film(5), progress=True)
    assert "distances" in capsys.readouterr().err
    for images in (film(5), iter([film(5)])):
        pairwise(images, window=2, progress=True)
        assert "distances" in capsys.readouterr().err


# results in a file


@pytest.mark.parametrize("metric", METRICS)
@pytest.mark.parametrize("window", [None, 0, 4, 60])
@pytest.mark.parametrize("streamed", [False, True])
def test_out_writes_what_would_be_returned(metric, window, streamed, tmp_path, monkeypatch):
    monkeypatch.setattr(matrices, "TILE", 16)
    images = film(50)
    given_images = batches(images, [3, 0, 20]) if streamed else images
    result = pairwise(given_images, metric, window=window, out=tmp_path / "d.npy")
    assert isinstance(result, np.memmap)
    assert not result.flags.writeable
    expected = pairwise(images, metric, window=window)
    assert result.dtype == np.float32
    np.testing.assert_array_equal(result, expected)
    np.testing.assert_array_equal(np.load(tmp_path / "d.npy"), expected)
    assert [path.name for path in tmp_path.iterdir()] == ["d.npy"]


@pytest.mark.parametrize("n", [0, 1])
@pytest.mark.parametrize("window", [None, 2])
def test_out_of_no_frame_and_one(n, window, tmp_path):
    result = pairwise(film(n), window=window, out=str(tmp_path / "d.npy"))
    np.testing.assert_array_equal(result, pairwise(film(n), window=window))


@pytest.mark.parametrize("window", [None, 2])
def test_out_is_whole_or_absent(window, tmp_path):
    def broken():
        yield film(40)
        raise OSError("the disk was pulled")

    path = tmp_path / "d.npy"
    with pytest.raises(OSError, match="pulled"):
        pairwise(broken(), window=window, out=path)
    assert not list(tmp_path.iterdir())
    pairwise(film(3), out=path)
    with pytest.raises(OSError, match="pulled"):
        pairwise(broken(), window=window, out=path)
    assert [file.name for file in tmp_path.iterdir()] == ["d.npy"]
    assert np.load(path).shape == (3, 3)


# bad input


@pytest.mark.parametrize("function", [pairwise, consecutive])
def test_a_metric_must_be_known(function):
    with pytest.raises(ParameterError, match="metric must be one of 'gray', 'hsl'; got 'rgb'"):
        function(film(2), "rgb")


@pytest.mark.parametrize("window", [-1, 1.5, "2", True])
def test_a_window_must_be_a_count(window):
    with pytest.raises(ParameterError, match="window must be a whole number of at least 0; got"):
        pairwise(film(2), window=window)


@pytest.mark.parametrize("out", [3, "d.csv", "d", Path("d.npz")])
def test_out_must_be_npy(out):
    with pytest.raises(ParameterError, match=r"out must be the path of a \.npy file to write; got"):
        pairwise(film(2), out=out)


def test_out_must_have_a_folder(tmp_path):
    with pytest.raises(ParameterError, match="does not exist; create it first"):
        pairwise(film(2), out=tmp_path / "missing" / "d.npy")
    (tmp_path / "d.npy").mkdir()
    with pytest.raises(ParameterError, match="out must be the path"):
        pairwise(film(2), out=tmp_path / "d.npy")


@pytest.mark.parametrize("function", [pairwise, consecutive, lambda images: pairwise(images, window=2)])
def test_images_must_be_of_one_size(function):
    with pytest.raises(
        ParameterError, match=r"one size, and gray or in RGB; got \(5, 7, 3\) first and \(5, 8, 3\) later"
    ):
        function(iter([film(2), film(2, width=8)]))
    with pytest.raises(ParameterError, match="one size"):
        function([film(2), film(2, channels=())])


@pytest.mark.parametrize("function", [pairwise, consecutive, luma])
@pytest.mark.parametrize(
    ("images", "message"),
    [
        (film(2).astype(float), "got dtype float64. Were the pixels in"),
        (film(2)[0, ..., 0], "got shape"),
        (film(2)[..., :2], "got shape"),
        ("film.mp4", "images must be"),
        (3, "images must be"),
        ([3], "images must be"),
        (np.empty((2, 0, 4, 3), np.uint8), "without pixels"),
    ],
)
def test_images_must_be_images(function, images, message):
    with pytest.raises(ParameterError, match=message):
        function(images)


# many threads, many processors


def test_two_threads_at_once():
    images = film(60, height=40, width=50)
    expected = {metric: pairwise(images, metric) for metric in METRICS}
    results = []

    def work(metric):
        for _ in range(5):
            results.append((metric, pairwise(images, metric)))

    threads = [threading.Thread(target=work, args=(metric,)) for metric in METRICS * 2]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(results) == 20
    for metric, result in results:
        np.testing.assert_array_equal(result, expected[metric])


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")
def test_a_forked_child_goes_on():
    program = """
import os, numpy as np
from toolkit.distances import pairwise
images = np.arange(240, dtype=np.uint8).reshape(5, 4, 12)
expected = pairwise(images)
child = os.fork()
if child == 0:
    os._exit(0 if np.array_equal(pairwise(images), expected) else 1)
assert os.waitpid(child, 0)[1] == 0
"""
    done = run_python(program)
    assert done.returncode == 0, done.stderr


TWIN = """
import numpy as np
from toolkit import distances
from toolkit.distances import kernels
rng = np.random.default_rng(5)
images = rng.integers(0, 256, (6, 7, 19, 3), np.uint8)
images[rng.random(images.shape[:3]) < 0.3] = 77
for metric in ("gray", "hsl"):
    for result in (
        distances.pairwise(images, metric),
        distances.pairwise(images[..., 0], metric, window=2),
        distances.consecutive(iter([images[:2], images[2:]]), metric),
    ):
        print(result.tobytes().hex())
print(distances.luma(images).tobytes().hex())
print(kernels.gray_square is kernels.portable_gray_square)
"""


@pytest.fixture(scope="module")
def hosts_results():
    done = run_python(TWIN)
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


@pytest.mark.parametrize(
    "environment",
    [{"NUMBA_CPU_NAME": "generic"}, {"NUMBA_DISABLE_JIT": "1"}, {"NUMBA_CPU_FEATURES": ""}],
    ids=lambda environment: next(iter(environment)),
)
def test_the_portable_twin_gives_the_same(environment, hosts_results):
    done = run_python(TWIN, **environment)
    assert done.returncode == 0, done.stderr
    *results, portable = done.stdout.splitlines()
    assert portable == "True"
    assert results == hosts_results[:-1]


def test_avx2_gives_the_same(hosts_results):
    from toolkit.distances import kernels

    if "avx2" not in kernels.host_features():
        pytest.skip("this processor has no AVX2")
    done = run_python(TWIN, NUMBA_CPU_NAME="haswell", NUMBA_CPU_FEATURES="+avx,+avx2")
    assert done.returncode == 0, done.stderr
    *results, portable = done.stdout.splitlines()
    assert portable == "False"
    assert results == hosts_results[:-1]


@pytest.mark.parametrize("metric", METRICS)
def test_a_stream_is_not_gathered(metric):
    def stream(n):
        for i in range(n):
            yield np.full((20, 60, 80, 3), i % 256, np.uint8)

    def peak(n):
        tracemalloc.start()
        consecutive(stream(n), metric)
        pairwise(stream(n), metric, window=10)
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return most

    peak(8)
    assert peak(60) < peak(8) + (1 << 20)


def test_scratch_memory_is_bounded():
    images = film(2 * matrices.TILE, height=40, width=50)
    pairwise(images[:9])
    for metric in METRICS:
        tracemalloc.start()
        matrix = pairwise(images, metric)
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert most - matrix.nbytes < 64 << 20


# real film


@pytest.mark.parametrize("name", ["sintel_clip.mp4", "nosferatu.mp4"])
def test_real_film(name):
    real = os.environ.get("TOOLKIT_REAL_DATA")
    if not real or not Path(real, "films", name).is_file():
        pytest.skip(f"TOOLKIT_REAL_DATA names no folder with films/{name}")
    import av

    with av.open(str(Path(real, "films", name))) as container:
        decoded = [frame for frame, _ in zip(container.decode(video=0), range(121), strict=False)]
    images = np.stack([frame.to_ndarray(format="rgb24", width=64, height=36) for frame in decoded[::30]])
    np.testing.assert_array_equal(pairwise(images), naive.naive_pairwise(images, naive.naive_gray).astype(np.float32))
    expected = naive.naive_pairwise(images, naive.naive_hsl)
    np.testing.assert_allclose(pairwise(images, "hsl"), expected, rtol=0, atol=QUANTISATION)
