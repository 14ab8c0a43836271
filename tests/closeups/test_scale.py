"""How large the face in a frame is, by the cascades, and which frames are medium close-ups."""

import cv2
import numba
import numpy as np
import pytest
from found_faces import face_scale, scores

from toolkit import closeups, storage, video
from toolkit.closeups import faces, is_close_up
from toolkit.errors import ParameterError
from toolkit.records import Frames


@pytest.fixture
def measured(monkeypatch):
    """Put a detector in the cascades' place: a face is as tall as the frame's brightest pixel says."""
    monkeypatch.setattr(faces, "haar_boxes", lambda: lambda image: np.array([[0.0, 0.0, 1.0, image.max()]]))


def dark_and_light(heights, shape=(100, 60), bar=0):
    """Return gray frames, their upper half lit as brightly as the height of their face, between black bars."""
    images = np.zeros((len(heights), *shape), np.uint8)
    for image, height in zip(images, heights, strict=True):
        image[bar : shape[0] - bar] = height
    return images


# what is divided by what


def test_a_scale_is_the_faces_share_of_the_height(measured):
    assert face_scale(dark_and_light([50, 30, 100])).tolist() == [0.5, 0.3, 1.0]


def test_black_bars_are_no_part_of_the_height(measured):
    assert face_scale(dark_and_light([40, 60], bar=10)).tolist() == [0.5, 0.75]


def test_bars_at_the_sides_change_nothing(measured):
    images = dark_and_light([50, 30])
    images[:, :, :15] = images[:, :, -15:] = 0
    assert face_scale(images).tolist() == [0.5, 0.3]


def test_bars_are_those_of_all_frames_however_they_come(measured):
    # the first half of the film is dark above and below
    images = np.concatenate([dark_and_light([40] * 6, bar=10), dark_and_light([40] * 6)])
    for step in (1, 4, 6, 12):
        batches = (images[first : first + step] for first in range(0, 12, step))
        assert face_scale(batches).tolist() == [0.4] * 12
    assert face_scale(images[:6]).tolist() == [0.5] * 6


def test_a_face_is_never_taller_than_the_picture(measured):
    assert face_scale(dark_and_light([120, 95], bar=10)).tolist() == [1.0, 1.0]


# the cascades


def test_a_sample_films_medium_close_ups_are_found(film, scales):
    found = is_close_up(scales)
    recall, false = scores(found, film[1])
    print(f"sample film 0, haar: recall {recall:.2f}, false positives {false:.2f}")
    assert recall >= 0.85
    assert false <= 0.15


def test_scales_are_shares_of_the_height(scales, film):
    assert scales.dtype == np.float64
    assert scales.shape == (len(film[0]),)
    assert scales.min() >= 0
    assert scales.max() <= 1


@pytest.mark.parametrize("step", [1, 4])
def test_batches_change_nothing(few, step):
    images, expected = few
    # bars are found in the frames that are given
    assert video.find_bars(images) == (0, 0, 180, 320)
    batches = (Frames(images[i : i + step], np.arange(len(images[i : i + step])) * 1.0) for i in range(0, 6, step))
    np.testing.assert_array_equal(face_scale(batches), expected)


def test_threads_change_nothing(few, monkeypatch):
    images, expected = few
    for threads in (1, 3):
        monkeypatch.setattr(numba.config, "NUMBA_NUM_THREADS", threads)
        np.testing.assert_array_equal(face_scale(images), expected)


def test_gray_frames_are_those_of_their_luma(few):
    images, expected = few
    gray = np.stack([cv2.cvtColor(image, cv2.COLOR_RGB2GRAY) for image in images])
    np.testing.assert_array_equal(face_scale(gray), expected)


def test_views_and_maps_are_read_as_they_are(few, tmp_path):
    images, expected = few
    np.save(tmp_path / "images.npy", images[:2, :, ::-1])
    backwards = np.load(tmp_path / "images.npy", mmap_mode="r")[:, :, ::-1]
    np.testing.assert_array_equal(face_scale(backwards), expected[:2])


def assert_alike(scale, expected):
    """Hold that a changed picture's faces are as tall; which of the cascades' sizes is found may change with it."""
    assert is_close_up(scale).all()
    assert np.median(np.abs(scale - expected)) < 0.05


def test_a_larger_picture_has_the_same_scales(few):
    images, expected = few
    larger = np.stack([cv2.resize(image, (960, 540), interpolation=cv2.INTER_CUBIC) for image in images[:3]])
    assert_alike(face_scale(larger), expected[:3])


def test_a_letterboxed_picture_has_the_same_scales(few):
    images, expected = few
    assert_alike(face_scale(np.pad(images[:3], ((0, 0), (25, 25), (0, 0), (0, 0)))), expected[:3])


def test_a_picture_is_looked_at_once_and_by_no_other_shape(tmp_path, monkeypatch):
    looked = []

    def detector(image):
        looked.append(image.shape)
        return [[0, 0, 1, image.shape[0] / 2]] if image.max() else []

    monkeypatch.setattr(faces, "haar_boxes", lambda: detector)
    images = np.stack([np.full((24, 40), value, np.uint8) for value in (9, 0, 9, 7)])
    for _ in range(2):
        found = closeups.face_scale(images, cache=tmp_path, progress=False)
        assert found.tolist() == [0.5, 0, 0.5, 0.5]
        assert looked == [(24, 40)] * 3
    assert len(list(tmp_path.glob("haar-*.sqlite"))) == 1
    closeups.face_scale(images.reshape(4, 40, 24), cache=tmp_path, progress=False)
    assert looked[3:] == [(40, 24)] * 3
    closeups.face_scale(images[:1], cache=False, progress=False)
    assert len(looked) == 7


def test_kept_faces_are_those_that_are_found(few, tmp_path, data):
    images, expected = few
    for cache in (tmp_path / "kept", tmp_path / "kept", None, False):
        np.testing.assert_array_equal(closeups.face_scale(images, cache=cache, progress=False), expected)
    assert list((data / "faces").glob("haar-*.sqlite"))
    with pytest.raises(ParameterError, match="cache must be a folder"):
        closeups.face_scale(images, cache=3)


def test_where_nothing_can_be_kept_faces_are_found_all_the_same(few, data, monkeypatch):
    images, expected = few
    tried, keep = [], storage.write_cached
    monkeypatch.setattr(faces, "write_cached", lambda path, values: tried.append(path) or keep(path, values))
    path = faces.Finder("haar", None, cache=None)._cache
    path.mkdir()
    with pytest.warns(UserWarning, match=r"nothing can be kept in .*faces: .* TOOLKIT_DATA"):
        scales = closeups.face_scale((images[[at]] for at in range(len(images))), progress=False)
    np.testing.assert_array_equal(scales, expected)
    # a lock is not waited for again and again
    assert [at for at in tried if at] == [path]


def test_the_tallest_of_several_faces_counts(few):
    images, expected = few
    small = np.stack([cv2.resize(image, (160, 90), interpolation=cv2.INTER_AREA) for image in images[:3]])
    small = np.pad(small, ((0, 0), (45, 45), (0, 0), (0, 0)), constant_values=90)
    assert_alike(face_scale(np.concatenate([small, images[:3]], axis=2)), expected[:3])


@pytest.mark.parametrize("shape", [(2, 2), (2, 2, 3), (1, 900), (300, 5), (40, 40, 3), (240, 320, 3)])
def test_pictures_of_nothing_have_no_face(shape):
    random = np.random.default_rng(0)
    plain, noise = np.full((1, *shape), 130, np.uint8), random.integers(0, 256, (1, *shape), np.uint8)
    assert face_scale(np.concatenate([plain, noise, np.zeros_like(plain)])).tolist() == [0, 0, 0]


def test_a_film_without_frames_has_no_scales():
    for nothing in (np.empty((0, 240, 320, 3), np.uint8), np.empty((0, 2, 2), np.uint8), iter([])):
        scale = face_scale(nothing)
        assert scale.shape == (0,)
        assert scale.dtype == np.float64
        assert is_close_up(scale).shape == (0,)


def test_one_frame_is_a_film(few):
    np.testing.assert_array_equal(face_scale(few[0][:1]), few[1][:1])


def test_images_of_another_kind_are_refused():
    with pytest.raises(ParameterError, match=r"dtype float64. Were the pixels in \[0, 1\]"):
        face_scale(np.zeros((2, 24, 32, 3)))
    with pytest.raises(ParameterError, match=r"got shape \(240, 320, 3\), which looks like one RGB image"):
        face_scale(np.zeros((240, 320, 3), np.uint8))
    with pytest.raises(ParameterError, match="got str. Read a film with"):
        face_scale("film.mp4")
    with pytest.raises(
        ParameterError, match=r"one size, and gray or in RGB; got \(24, 32\) first and \(20, 32\) later"
    ):
        face_scale([np.zeros((1, 24, 32), np.uint8), np.zeros((1, 20, 32), np.uint8)])


def test_a_detector_of_another_name_is_refused():
    with pytest.raises(ParameterError, match="detector must be one of 'haar', 'ultraface'; got 'yolo'"):
        face_scale(np.zeros((1, 24, 32), np.uint8), "yolo")


def test_the_cascades_take_no_model():
    with pytest.raises(ParameterError, match='model is for detector="ultraface"'):
        face_scale(np.zeros((1, 24, 32), np.uint8), model="faces.onnx")


@pytest.mark.parametrize("lost", ["folder", "class"])
def test_an_opencv_without_cascades_says_which_to_install(lost, monkeypatch, tmp_path):
    if lost == "folder":
        monkeypatch.setattr(cv2.data, "haarcascades", str(tmp_path))
    else:
        monkeypatch.delattr(cv2, "CascadeClassifier")
    with pytest.raises(ParameterError, match="cascades of OpenCV 4.*pip install"):
        face_scale(np.zeros((1, 24, 32), np.uint8))


def test_a_broken_film_leaves_its_own_error():
    def broken():
        yield np.zeros((1, 24, 32), np.uint8)
        raise OSError("the disc is gone")

    with pytest.raises(OSError, match="the disc is gone"):
        face_scale(broken())


# the range


def test_the_range_is_half_open():
    assert (
        is_close_up([0.0, 0.29, 0.3, 0.59, 0.6, 1.0], low=0.3, high=0.6).tolist()
        == [False, False, True, True] + [False] * 2
    )


def test_medium_shots_and_overflowing_faces_are_outside():
    found = is_close_up(np.array([0, 0.1, 0.2, 0.23, 0.32, 0.4, 0.6, 0.8, 1.0]))
    assert found.dtype == bool
    assert found.tolist() == [False, False, False, False, True, True, True, False, False]


@pytest.mark.parametrize(
    ("scale", "message"),
    [
        ([0.1, np.nan], "got nan at position 1. It is 0 where"),
        ([-0.1], "got -0.1 at position 0"),
        (0.3, r"got shape \(\)"),
        ([[0.3]], r"got shape \(1, 1\)"),
        (["a"], "got list"),
        (None, "got NoneType of dtype object"),
    ],
)
def test_what_is_no_scale_is_refused(scale, message):
    with pytest.raises(ParameterError, match=message):
        is_close_up(scale)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"low": 0.5, "high": 0.5}, "low must be .* below 0.5; got 0.5, where the range is low"),
        ({"low": 0.8}, "low must be .* below"),
        ({"low": -1}, "low must be a finite number of at least 0"),
        ({"high": np.nan}, "high must be a finite number above 0"),
        ({"low": "a"}, "low must be a finite number"),
    ],
)
def test_a_range_of_nothing_is_refused(options, message):
    with pytest.raises(ParameterError, match=message):
        is_close_up([0.3], **options)
