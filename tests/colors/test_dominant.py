"""Dominant colours against pixels counted by hand, and scikit-learn's k-means."""

import itertools
import os
import subprocess
import sys
import weakref
from pathlib import Path

import joblib
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from sklearn.cluster import KMeans
from speckles import film

from toolkit import ParameterError, colors, video
from toolkit.colors import dominant as color_dominant
from toolkit.colors import dominant_colors, fingerprint, kernels
from toolkit.records import Frames
from toolkit.video import bars

SPACES = ("cielab", "oklab", "rgb")
RED, GREEN, BLUE = (200, 30, 40), (30, 180, 60), (20, 60, 190)


def patches(*parts, width=100):
    """Return an image of (colour, pixels) parts, in a mixed order."""
    pixels = np.concatenate([np.tile(np.array(color, np.uint8), (count, 1)) for color, count in parts])
    return np.random.default_rng(0).permutation(pixels).reshape(-1, width, 3)


def speckled(*parts, spread=4, seed=0):
    """Return an image of (colour, pixels) parts, each with noise."""
    image = patches(*parts).astype(int)
    image += np.random.default_rng(seed).integers(-spread, spread + 1, image.shape)
    return np.clip(image, 0, 255).astype(np.uint8)


def inertia(image, centers, space):
    """Return the sum over all pixels of the squared distance to the nearest centre, computed plainly."""
    values = colors.to_space(image.reshape(-1, 3), space)
    return ((values[:, None] - centers) ** 2).sum(axis=2).min(axis=1).sum()


# one frame


def test_colors_come_by_share_with_their_shares():
    image = patches((RED, 5000), (GREEN, 3000), (BLUE, 2000))
    found, shares = dominant_colors(image, 3, 3)
    assert found.tolist() == [[*RED], [*GREEN], [*BLUE]]
    assert shares.tolist() == [0.5, 0.3, 0.2]
    assert (found.dtype, shares.dtype) == (np.uint8, np.float64)


def test_the_first_of_the_clusters_are_returned():
    image = patches((RED, 5000), (GREEN, 3000), (BLUE, 2000))
    found, shares = dominant_colors(image, 2, 3)
    assert found.tolist() == [[*RED], [*GREEN]]
    assert shares.tolist() == [0.5, 0.3]


@pytest.mark.parametrize("space", SPACES)
def test_clusters_are_found_in_noise(space):
    image = speckled((RED, 5000), (GREEN, 3000), (BLUE, 2000))
    found, shares = dominant_colors(image, 3, 3, space=space)
    assert np.abs(found.astype(int) - [RED, GREEN, BLUE]).max() <= 1
    assert shares.tolist() == [0.5, 0.3, 0.2]


def test_fewer_colors_than_asked_for_are_cycled_and_counted_once():
    image = patches((RED, 6000), (GREEN, 4000))
    found, shares = dominant_colors(image, 5, 7)
    assert found.tolist() == [[*RED], [*GREEN], [*RED], [*GREEN], [*RED]]
    assert shares.tolist() == [0.6, 0.4, 0, 0, 0]


def test_colors_a_level_apart_are_told_apart():
    image = patches(((10, 20, 30), 300), ((11, 20, 30), 200))
    found, shares = dominant_colors(image, 2, 7)
    assert found.tolist() == [[10, 20, 30], [11, 20, 30]]
    assert shares.tolist() == [0.6, 0.4]


def test_of_equal_shares_the_brighter_comes_first():
    for parts in itertools.permutations([(RED, 100), (GREEN, 100), (BLUE, 100)]):
        assert dominant_colors(patches(*parts), 3, 3)[0].tolist() == [[*GREEN], [*RED], [*BLUE]]


def test_a_black_frame_is_black():
    found, shares = dominant_colors(np.zeros((20, 30, 3), np.uint8))
    assert found.tolist() == [[0, 0, 0]] * 5
    assert shares.tolist() == [1, 0, 0, 0, 0]


def test_one_pixel_is_a_frame():
    found, shares = dominant_colors(np.array([[RED]], np.uint8), 1, 1)
    assert (found.tolist(), shares.tolist()) == ([[*RED]], [1])


def test_one_cluster_is_the_mean_in_the_space():
    image = film(1)[0]
    for space in SPACES:
        mean = colors.to_space(image, space).mean(axis=(0, 1))
        assert dominant_colors(image, 1, 1, space=space)[0][0].tolist() == colors.from_space(mean, space).tolist()


def test_the_dominant_color_of_several_clusters_is_truer_and_brighter_than_the_average():
    # a night picture with a neon sign: its average is a mud that is nowhere in it
    image = speckled(((240, 60, 180), 4500), ((15, 18, 25), 3000), ((20, 70, 40), 2500))
    average, dominant = (dominant_colors(image, 1, n_clusters)[0][0] for n_clusters in (1, 3))
    values = colors.to_space(image.reshape(-1, 3))

    def nearest(color):
        return np.linalg.norm(values - colors.to_space(color), axis=1).min()

    def chroma(color):
        return np.hypot(*colors.to_space(color)[1:])

    assert nearest(dominant) < 2
    assert nearest(average) > 15
    assert colors.to_space(dominant)[0] > colors.to_space(average)[0] + 10
    assert chroma(dominant) > 1.5 * chroma(average)


def test_the_noise_of_black_is_one_color_in_cielab():
    # why it is the default: near black OKLab and the levels themselves take the noise for colours
    rng = np.random.default_rng(0)
    image = rng.integers(0, 4, (90, 160, 3)).astype(np.uint8)
    for left, color in ((20, (46, 30, 22)), (60, (24, 32, 46)), (100, (30, 40, 26))):
        image[30:60, left : left + 40] = np.array(color) + rng.integers(-3, 4, (30, 40, 3))

    def blacks(space):
        return (colors.to_space(dominant_colors(image, 5, 5, space=space)[0])[:, 0] < 4).sum()

    assert [blacks(space) for space in SPACES] == [1, 2, 2]


def test_gray_images_have_gray_colors():
    image = np.random.default_rng(0).integers(0, 256, (60, 80), np.uint8)
    for space in SPACES:
        found, shares = dominant_colors(image, 5, 7, space=space)
        assert np.ptp(found, axis=1).tolist() == [0] * 5
        same = dominant_colors(np.repeat(image[..., None], 3, axis=2), 5, 7, space=space)
        assert np.array_equal(found, same[0])
        assert np.array_equal(shares, same[1])


@settings(max_examples=40)
@given(
    hnp.arrays(np.uint8, hnp.array_shapes(min_dims=2, max_dims=2, max_side=12).map(lambda shape: (*shape, 3))),
    st.integers(1, 8),
    st.sampled_from(SPACES),
)
def test_shares_fall_and_add_up_to_all_pixels(image, n_clusters, space):
    found, shares = dominant_colors(image, n_clusters, n_clusters, space=space)
    assert found.shape == (n_clusters, 3)
    assert np.all(np.diff(shares) <= 0)
    assert shares.sum() == pytest.approx(1)
    distinct = len(np.unique(image.reshape(-1, 3), axis=0))
    assert np.count_nonzero(shares) == min(n_clusters, distinct)


@settings(max_examples=25)
@given(hnp.arrays(np.uint8, (9, 11, 3), elements=st.sampled_from([0, 1, 63, 64, 127, 128, 255])))
def test_distinct_colors_are_counted_exactly(image):
    found, counts = kernels.count_colors(image.reshape(-1, 3))
    expected, expected_counts = np.unique(image.reshape(-1, 3), axis=0, return_counts=True)
    order = np.lexsort(found.T[::-1])
    assert np.array_equal(found[order], expected)
    assert np.array_equal(counts[order], expected_counts)


@pytest.mark.parametrize("space", SPACES)
def test_inertia_is_that_of_the_best_of_ten_full_kmeans(space):
    # each frame: noise of 20 colours, that the optimum be no trivial one
    rng = np.random.default_rng(1)
    for _ in range(3):
        parts = [(rng.integers(0, 256, 3), int(rng.integers(20, 250))) for _ in range(20)]
        image = speckled(*parts, (RED, -sum(count for _, count in parts) % 100), spread=12)
        points, counts = color_dominant._count_colors(image)
        centers, sizes = color_dominant._clusters(points, counts, 7, space, 0)
        values = colors.to_space(points, space)
        peer = KMeans(7, n_init=10, random_state=0).fit(values, sample_weight=counts)
        # the promise; in fact we are within 0.1 per cent, or below
        assert inertia(image, centers, space) <= 1.02 * peer.inertia_
        assert sizes.sum() == counts.sum()


def test_centers_are_means_of_their_pixels():
    image = speckled((RED, 3000), (GREEN, 3000), (BLUE, 3000), ((128, 128, 128), 1000), spread=30)
    points, counts = color_dominant._count_colors(image)
    centers, _ = color_dominant._clusters(points, counts, 5, "cielab", 0)
    values = colors.to_space(image.reshape(-1, 3))
    nearest = ((values[:, None] - centers) ** 2).sum(axis=2).argmin(axis=1)
    expected = [values[nearest == cluster].mean(axis=0) for cluster in range(5)]
    # the last round may leave a ten-thousandth of the inertia to be gained
    assert np.abs(centers - expected).max() < 0.3


def test_the_same_seed_gives_the_same_colors():
    image = np.random.default_rng(0).integers(0, 256, (60, 80, 3), np.uint8)
    first, again, other = (dominant_colors(image, 7, 7, seed=seed) for seed in (3, 3, 4))
    assert np.array_equal(first[0], again[0])
    assert np.array_equal(first[1], again[1])
    assert not np.array_equal(first[1], other[1])


def test_images_of_any_memory_layout_are_read():
    image = film(1, 40, 60)[0]
    expected = dominant_colors(image)[0]
    read_only = image.copy()
    read_only.setflags(write=False)
    for same in (np.asfortranarray(image), np.repeat(image, 2, axis=1)[:, ::2], read_only, image[::-1, ::-1]):
        assert np.array_equal(dominant_colors(same)[0], expected)


def test_more_colors_than_the_coarse_step_takes_are_clustered():
    image = np.random.default_rng(0).integers(0, 256, (200, 300, 3), np.uint8)
    found, shares = dominant_colors(image, 8, 8, space="rgb")
    # of even noise the eight octants of the cube are the clusters, each with its middle
    assert sorted(map(tuple, (found > 127).tolist())) == sorted(itertools.product([False, True], repeat=3))
    assert np.abs(np.abs(found.astype(int) - 127.5) - 64).max() < 6
    assert shares == pytest.approx(1 / 8, abs=0.02)


# films


def test_a_film_has_the_dominant_colors_of_its_frames():
    images = film(9)
    found, shares = fingerprint(images, 3, 5, progress=False)
    assert (found.shape, found.dtype, shares.shape, shares.dtype) == ((9, 3, 3), np.uint8, (9, 3), np.float64)
    for i, image in enumerate(images):
        one, share = dominant_colors(image, 3, 5)
        assert np.array_equal(found[i], one)
        assert np.array_equal(shares[i], share)


def test_arrays_frames_and_iterators_give_the_same():
    images = film(11)
    expected = fingerprint(images, 2, 4, progress=False)
    frames = Frames(images, np.arange(11), "film")
    stream = (frames[start : start + 4] for start in range(0, 11, 4))
    for same in (frames, stream, iter([images[:1], images[:0], images[1:]])):
        found, shares = fingerprint(same, 2, 4, progress=False)
        assert np.array_equal(found, expected[0])
        assert np.array_equal(shares, expected[1])


@pytest.mark.parametrize("n_jobs", [1, 2, -1, None])
def test_the_number_of_workers_changes_nothing(n_jobs):
    images = film(7, 200, 300)
    expected = [dominant_colors(image, 1, 3)[0] for image in images]
    assert np.array_equal(fingerprint(images, n_jobs=n_jobs, progress=False)[0], expected)


@pytest.mark.parametrize("backend", ["sequential", "threading", "loky"])
def test_any_joblib_backend_may_do_the_work(backend):
    images = film(5, 200, 300)
    expected = fingerprint(images, 2, 3, progress=False)
    with joblib.parallel_config(backend, n_jobs=2 if backend != "sequential" else 1):
        found, shares = fingerprint(iter([images[:3], images[3:]]), 2, 3, n_jobs=None, progress=False)
    assert np.array_equal(found, expected[0])
    assert np.array_equal(shares, expected[1])


def test_a_stream_is_read_as_it_is_needed_and_forgotten():
    alive, most = set(), 0

    def batches():
        nonlocal most
        for number in range(24):
            batch = film(10, 300, 400)
            alive.add(number)
            weakref.finalize(batch, alive.discard, number)
            most = max(most, len(alive))
            yield batch
            del batch

    assert len(fingerprint(batches(), n_jobs=2, progress=False)[0]) == 240
    # in 4 MB each of them is more than one block, and a round is four blocks
    assert most <= 6


def test_gray_films_have_gray_colors():
    images = film(3)[..., 0].copy()
    found, _ = fingerprint(images, 2, 4, progress=False)
    assert np.ptp(found, axis=2).max() == 0


def test_one_frame_is_a_film():
    found, shares = fingerprint(film(1), progress=False)
    assert (found.shape, shares.shape) == ((1, 1, 3), (1, 1))


# bars


def letterboxed(n=6):
    images = np.zeros((n, 40, 60, 3), np.uint8)
    images[:, 12:28] = film(n, 16, 60)
    return images


def test_black_bars_are_left_out():
    images = letterboxed()
    inside = fingerprint(images[:, 12:28], 2, 4, box=None, progress=False)
    for same in (images, iter([images[:2], images[2:]])):
        found, shares = fingerprint(same, 2, 4, progress=False)
        assert np.array_equal(found, inside[0])
        assert np.array_equal(shares, inside[1])
    with_bars = fingerprint(images, 1, 4, box=None, progress=False)
    assert with_bars[0].max() < 16
    # the bars are 24 rows of 40, and a few of the film's own colours may be as dark
    assert with_bars[1].min() >= 0.6


def test_the_bars_are_those_that_video_finds():
    images = letterboxed()
    box = video.find_bars(images)
    assert box == (12, 0, 16, 60)
    assert np.array_equal(fingerprint(images, progress=False)[0], fingerprint(images, box=box, progress=False)[0])


@settings(max_examples=60)
@given(
    hnp.arrays(np.uint8, (3, 7, 9), elements=st.sampled_from([0, 3, 8, 9, 16, 17, 24, 25, 255])),
    st.integers(0, 3),
    st.integers(0, 4),
    st.booleans(),
)
def test_votes_for_bars_are_those_of_the_plain_formula(images, rows, columns, colored):
    images[:2, :rows] = 5
    images[:2, :, :columns] = 12
    brightest = images
    if colored:
        images = np.stack([images // 2, images, images // 3], axis=3)

    def dark_and_even(axis):
        limit = np.minimum(24, brightest.min(axis=axis, keepdims=True).astype(int) + 16)
        return (brightest > limit).mean(axis=axis) <= 0.02

    telling = ~dark_and_even(2).all(axis=1)
    expected = [telling.sum(), *dark_and_even(2)[telling].sum(axis=0), *dark_and_even(1)[telling].sum(axis=0)]
    assert bars.count_votes(images).tolist() == expected


def test_a_dark_frame_among_others_keeps_its_edges():
    images = film(4, 40, 60)
    images[1] = 0
    images[1, 15:25, 20:40] = (230, 150, 40)
    found, shares = fingerprint(images, 1, 3, progress=False)
    assert found[1, 0].tolist() == [0, 0, 0]
    assert shares[1, 0] == pytest.approx(1 - 10 * 20 / (40 * 60))


def test_a_given_box_counts_alone():
    images = film(2)
    images[:, 2:5, 3:9] = RED
    found, shares = fingerprint(images, box=(2, 3, 3, 6), progress=False)
    assert found[:, 0].tolist() == [[*RED]] * 2
    assert shares.tolist() == [[1], [1]]


def test_a_black_film_is_black():
    found, shares = fingerprint(np.zeros((2, 20, 30, 3), np.uint8), 2, 3, progress=False)
    assert found.max() == 0
    assert shares.tolist() == [[1, 0], [1, 0]]


# bad input


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"n_colors": 6, "n_clusters": 5}, "n_clusters must be .* at least 6; got 5 for n_colors=6, which are taken"),
        ({"n_colors": 0}, "n_colors must be a whole number of at least 1 and at most 16,777,216; got 0"),
        ({"n_colors": 1 << 5000, "n_clusters": 3}, "at most 16,777,216; got one of 5001 bits"),
        ({"n_clusters": 2.5}, "n_clusters must be a whole number of at least .*; got 2.5"),
        ({"space": "hsv"}, "space must be one of 'cielab', 'oklab', 'rgb'; got 'hsv'"),
        ({"seed": -1}, "seed must be a whole number of at least 0; got -1"),
    ],
)
def test_options_out_of_range_are_refused(arguments, message):
    with pytest.raises(ParameterError, match=message):
        dominant_colors(film(1)[0], **arguments)
    with pytest.raises(ParameterError, match=message):
        fingerprint(film(1), **arguments)


@pytest.mark.parametrize(
    ("image", "message"),
    [
        (np.zeros((4, 5, 3)), r"got dtype float64. Were the pixels in \[0, 1\]\?"),
        (np.zeros((4, 5, 3), np.int64), "got dtype int64"),
        (np.zeros((4, 5, 4), np.uint8), r"got shape \(4, 5, 4\)"),
        (np.zeros((2, 4, 5, 3), np.uint8), "For many images there is colors.fingerprint"),
        (np.zeros((0, 5, 3), np.uint8), r"got shape \(0, 5, 3\)"),
        (np.zeros(3, np.uint8), r"got shape \(3,\)"),
        (Frames(film(1), [0.0]), "got Frames. For many images there is colors.fingerprint"),
        ([[1, 2, 3]], "got list"),
    ],
)
def test_what_is_no_image_is_refused(image, message):
    with pytest.raises(ParameterError, match=message):
        dominant_colors(image)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"n_jobs": 0}, "n_jobs must be a number of workers, or -1 for one a core; got 0"),
        ({"n_jobs": "all"}, "n_jobs must be a number of workers"),
        ({"box": "bars"}, "box must be one of 'auto'; got 'bars'"),
        ({"box": 7}, r'box must be "auto", None or \(top, left, height, width\); got 7'),
        ({"box": (0, 0, 3)}, 'box must be "auto", None or'),
        ({"box": (0, 0, 0, 5)}, "height must be a whole number of at least 1"),
        ({"box": (-1, 0, 4, 5)}, "top must be a whole number"),
        ({"box": (20, 0, 5, 5)}, r"the box must lie inside the 32x24 picture \(width x height\)"),
    ],
)
def test_options_of_a_fingerprint_out_of_range_are_refused(arguments, message):
    with pytest.raises(ParameterError, match=message):
        fingerprint(film(1), progress=False, **arguments)


@pytest.mark.parametrize("images", [film(0), Frames(film(0), []), iter([]), iter([film(0)])])
def test_no_frames_are_refused(images):
    with pytest.raises(ParameterError, match="at least one frame to take colours from; got none"):
        fingerprint(images, progress=False)


def test_what_are_no_images_is_refused():
    with pytest.raises(ParameterError, match="images must all be of one size"):
        fingerprint(iter([film(1), film(1, 10, 10)]), progress=False)
    with pytest.raises(ParameterError, match="use images"):
        fingerprint(film(1)[0], progress=False)
    with pytest.raises(ParameterError, match="images must be an array, a Frames, or an iterator"):
        fingerprint("film.mp4", progress=False)


# other processors


@pytest.mark.parametrize("variable", ["NUMBA_DISABLE_JIT=1", "NUMBA_CPU_NAME=generic"])
def test_kernels_give_the_same_everywhere(variable, tmp_path):
    images = film(2, 8, 12, seed=5)
    images[1] = np.random.default_rng(2).integers(0, 256, images[1].shape)
    np.save(tmp_path / "images.npy", images)
    program = (
        "import numpy as np; from toolkit import colors; images = np.load('images.npy'); "
        "np.savez('found.npz', *colors.fingerprint(images, 3, 4, n_jobs=1, progress=False))"
    )
    name, value = variable.split("=")
    ours = {name: value, "NUMBA_CACHE_DIR": str(tmp_path), "PYTHONPATH": str(Path(__file__).parents[2])}
    environment = os.environ | ours
    subprocess.run([sys.executable, "-c", program], env=environment, cwd=tmp_path, check=True, timeout=300)
    with np.load(tmp_path / "found.npz") as found:
        expected = fingerprint(images, 3, 4, progress=False)
        assert np.array_equal(found["arr_0"], expected[0])
        assert np.array_equal(found["arr_1"], expected[1])


def test_by_default_there_are_two_clusters_more_than_colours():
    image = np.random.default_rng(0).integers(0, 256, (20, 20, 3), np.uint8)
    for n in (1, 5):
        for got, wanted in zip(colors.dominant_colors(image, n), colors.dominant_colors(image, n, n + 2), strict=True):
            assert np.array_equal(got, wanted)
        found, shares = colors.fingerprint(image[None], n, progress=False)
        assert found.shape == (1, n, 3)
        assert np.array_equal(found[0], colors.dominant_colors(image, n)[0])
