"""Faces in frames and the range of medium close-ups: by hand, on a sample film, and on real frames labelled by eye."""

import functools
import hashlib
import http.server
import os
import subprocess
import sys
import threading
from pathlib import Path

import cv2
import numba
import numpy as np
import pytest
import real_close_ups

from toolkit import closeups, samples, storage, video
from toolkit.closeups import download_ultraface, faces, is_close_up
from toolkit.errors import DataError, ParameterError
from toolkit.records import Frames

REAL = pytest.mark.skipif(
    "TOOLKIT_REAL_DATA" not in os.environ, reason="TOOLKIT_REAL_DATA names no folder of real data"
)


# what is found is found anew, whatever a test puts in a detector's place
face_scale = functools.partial(closeups.face_scale, cache=False)


@pytest.fixture(scope="module")
def film():
    """Return the frame in the middle of each shot of a sample film, and whether it is a medium close-up."""
    film = samples.sample_film(0)
    times = (film.shots["start"] + film.shots["end"]) / 2
    return video.read_frames(film.path, times=times.to_numpy(), size=320, progress=False), film.close_up


@pytest.fixture(scope="module")
def scales(film):
    return face_scale(film[0])


@pytest.fixture(scope="module")
def few(film, scales):
    """Return six frames, close-ups first, and their scales."""
    order = np.concatenate([np.flatnonzero(film[1])[:3], np.flatnonzero(~film[1])[:3]])
    return film[0].images[order], scales[order]


@pytest.fixture
def model():
    """Return where the network's file is, which is no part of the repository."""
    return Path(os.environ["TOOLKIT_REAL_DATA"]) / "models" / faces.MODEL


@pytest.fixture
def data(tmp_path, monkeypatch):
    """Give the toolkit an empty data folder."""
    monkeypatch.setenv("TOOLKIT_DATA", str(tmp_path / "data"))
    return tmp_path / "data"


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


def scores(found, truth):
    """Return the recall, and the share of the others that are found too."""
    return found[truth].mean(), found[~truth].mean()


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
    path = faces.Finder("haar", None, cache=None)._kept
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
    with pytest.raises(ParameterError, match=r"one size; got \(24, 32\) and \(20, 32\)"):
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
        (None, r"got shape \(\)"),
    ],
)
def test_what_is_no_scale_is_refused(scale, message):
    with pytest.raises(ParameterError, match=message):
        is_close_up(scale)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"low": 0.5, "high": 0.5}, "low must be below high.*low=0.5, high=0.5"),
        ({"low": 0.8}, "low must be below high"),
        ({"low": -1}, "low must be a finite number of at least 0"),
        ({"high": np.nan}, "high must be a finite number above 0"),
        ({"low": "a"}, "low must be a finite number"),
    ],
)
def test_a_range_of_nothing_is_refused(options, message):
    with pytest.raises(ParameterError, match=message):
        is_close_up([0.3], **options)


# the network


def test_the_boxes_of_the_cascades_hold_the_face_in_pixels_of_the_frame(film):
    find = faces.haar_boxes()
    images = film[0].images[film[1]][:4]
    height, width = images.shape[1:3]
    tallest = face_scale(images, progress=False) * height
    for image, measured_height in zip(images, tallest, strict=True):
        boxes = find(image)
        assert boxes.shape[1:] == (4,)
        assert measured_height == pytest.approx(boxes[:, 3].max(initial=0), rel=1e-12)
        assert (boxes[:, :2] >= 0).all()
        assert (boxes[:, :2] + boxes[:, 2:] <= np.array([width, height]) + 1).all()
        # twice as large a frame has its faces at twice the place
        larger = cv2.resize(image, None, fx=2, fy=2, interpolation=cv2.INTER_NEAREST)
        face, same = boxes[boxes[:, 3].argmax()], find(larger)
        np.testing.assert_allclose(same[same[:, 3].argmax()] / 2, face, atol=0.1 * height)
    assert faces.haar_boxes()(np.zeros((10, 10), np.uint8)).shape == (0, 4)


def test_the_likely_boxes_by_hand():
    boxes = np.float32([[0.1, 0.1, 0.5, 0.5], [0.12, 0.1, 0.5, 0.5], [0.6, 0.75, 1.2, 1.3]])
    found = faces.likely_boxes(np.float32([0.8, 0.9, 0.7]), boxes)
    np.testing.assert_allclose(found, [[0.12, 0.1, 0.5, 0.5], [0.6, 0.75, 1, 1]], atol=1e-6)
    assert faces.likely_boxes(np.float32([0.1, 0.2, 0.3]), boxes).shape == (0, 4)


def tallest_box(scores, boxes):
    found = faces.likely_boxes(scores, boxes)
    return float((found[:, 3] - found[:, 1]).max(initial=0.0))


def test_the_tallest_box_by_hand():
    boxes = np.float32([[0.1, 0.1, 0.5, 0.5], [0.1, 0.05, 0.5, 0.6], [0.7, 0.2, 0.9, 0.5], [0, 0, 1, 1]])
    # the second covers the first, which is likelier; the third stands alone; the last is too unsure
    assert tallest_box(np.float32([0.9, 0.8, 0.75, 0.69]), boxes) == pytest.approx(0.4)
    assert tallest_box(np.float32([0.8, 0.9, 0.75, 0.69]), boxes) == pytest.approx(0.55)
    assert tallest_box(np.float32([0.1, 0.2, 0.75, 0.69]), boxes) == pytest.approx(0.3)
    assert tallest_box(np.float32([0.1, 0.2, 0.3, 0.69]), boxes) == 0.0
    assert tallest_box(np.float32([0.7]), np.float32([[0.5, 0.75, 1.2, 1.3]])) == pytest.approx(0.25)


def test_boxes_are_chosen_as_opencv_chooses_them():
    random = np.random.default_rng(1)
    for _ in range(50):
        corner, side = random.uniform(0, 0.7, (40, 2)), random.uniform(0.1, 0.3, (40, 2))
        likely = random.permutation(np.linspace(0.4, 0.99, 40))
        kept = cv2.dnn.NMSBoxes(np.hstack([corner, side]).tolist(), likely.tolist(), faces.SURE, faces.OVERLAP)
        boxes = np.hstack([corner, corner + side])
        assert tallest_box(likely, boxes) == pytest.approx(side[kept, 1].max())


@REAL
def test_the_network_finds_a_sample_films_medium_close_ups(film, model):
    frames, truth = film
    scale = face_scale(frames, "ultraface", model=model)
    recall, false = scores(is_close_up(scale), truth)
    print(f"sample film 0, ultraface: recall {recall:.2f}, false positives {false:.2f}")
    assert recall >= 0.9
    assert false <= 0.1


@REAL
def test_the_network_gives_the_same_in_batches_threads_and_gray(few, model, monkeypatch):
    images, _ = few
    expected = face_scale(images, "ultraface", model=model)
    assert (expected[:3] > 0.3).all()
    batches = (images[i : i + 1] for i in range(6))
    monkeypatch.setattr(numba.config, "NUMBA_NUM_THREADS", 3)
    np.testing.assert_array_equal(face_scale(batches, "ultraface", model=str(model)), expected)
    gray = np.stack([cv2.cvtColor(image, cv2.COLOR_RGB2GRAY) for image in images])
    colored = gray[..., None].repeat(3, axis=3)
    np.testing.assert_array_equal(
        face_scale(gray, "ultraface", model=model), face_scale(colored, "ultraface", model=model)
    )


@REAL
@pytest.mark.parametrize("shape", [(2, 2), (1, 900, 3), (240, 320, 3)])
def test_the_network_finds_no_face_in_nothing(shape, model):
    assert face_scale(np.full((1, *shape), 130, np.uint8), "ultraface", model=model).tolist() == [0]


@REAL
def test_the_network_is_found_in_the_data_folder(few, model, data):
    (data / "models").mkdir(parents=True)
    (data / "models" / faces.MODEL).write_bytes(model.read_bytes())
    assert download_ultraface() == data / "models" / faces.MODEL
    assert face_scale(few[0][:1], "ultraface")[0] > 0.3


def test_without_its_model_the_network_says_how_to_get_it(data):
    with pytest.raises(ParameterError, match="not in .*models. Download it once") as error:
        face_scale(np.zeros((1, 24, 32), np.uint8), "ultraface")
    message = str(error.value)
    assert "toolkit.closeups.download_ultraface()" in message
    assert f"curl -L -o version-RFB-320.onnx {faces.URL}" in message
    assert 'detector="haar" works' in message


@pytest.mark.parametrize(
    ("path", "message"),
    [(7, "must be the path of version-RFB-320.onnx; got 7"), ("nowhere.onnx", "there is no file nowhere.onnx")],
)
def test_a_model_that_is_no_file_is_refused(path, message):
    with pytest.raises(ParameterError, match=message):
        face_scale(np.zeros((1, 24, 32), np.uint8), "ultraface", model=path)


def test_another_file_than_the_published_one_is_refused(tmp_path, data):
    other = tmp_path / "other.onnx"
    other.write_bytes(b"a model of someone else's")
    with pytest.raises(DataError, match=r"other.onnx is not the published .* 1,270,727 bytes.*it has 25 bytes"):
        face_scale(np.zeros((1, 24, 32), np.uint8), "ultraface", model=other)
    (data / "models").mkdir(parents=True)
    other.rename(data / "models" / faces.MODEL)
    with pytest.raises(DataError, match="is not the published"):
        face_scale(np.zeros((1, 24, 32), np.uint8), "ultraface")


# the download


@pytest.fixture
def server(tmp_path, monkeypatch):
    """Serve a folder on this machine in the place of the network's publisher; give the file that is asked for."""
    folder = tmp_path / "served"
    folder.mkdir()

    class Handler(http.server.SimpleHTTPRequestHandler):
        def __init__(self, *args):
            super().__init__(*args, directory=str(folder))

        def log_message(self, *_):
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as served:
        thread = threading.Thread(target=served.serve_forever)
        thread.start()
        monkeypatch.setattr(faces, "URL", f"http://127.0.0.1:{served.server_port}/{faces.MODEL}")
        yield folder / faces.MODEL
        served.shutdown()
        thread.join()


def test_the_model_is_downloaded_whole_or_not_at_all(server, data, monkeypatch):
    content = bytes(range(256)) * 4000
    monkeypatch.setattr(faces, "BYTES", len(content))
    monkeypatch.setattr(faces, "SHA256", hashlib.sha256(content).hexdigest())
    for wrong in (b"<html>Please log in</html>", content[:-1], content + b"!", b"!" + content[1:]):
        server.write_bytes(wrong)
        with pytest.raises(DataError, match="is not the file expected: its sha256 is"):
            download_ultraface(progress=False)
        assert list((data / "models").iterdir()) == []
    server.write_bytes(content)
    path = download_ultraface(progress=False)
    assert path == data / "models" / "version-RFB-320.onnx"
    assert path.read_bytes() == content
    # it is there: nothing is asked for again
    server.unlink()
    assert download_ultraface(progress=False) == path
    # one that is broken is replaced
    path.write_bytes(content[:-1])
    with pytest.raises(DataError, match="cannot be downloaded: HTTP Error 404"):
        download_ultraface(progress=False)
    server.write_bytes(content)
    assert download_ultraface(progress=False).read_bytes() == content


def test_a_model_that_cannot_be_downloaded_says_where_to_put_it(data):
    with pytest.raises(DataError, match="cannot be downloaded") as error:
        download_ultraface(progress=False)
    assert f"curl -L -o version-RFB-320.onnx {faces.URL} and copy it to {data}" in str(error.value)


def test_measuring_downloads_nothing(server, data):
    server.write_bytes(b"")
    with pytest.raises(ParameterError, match="Download it once"):
        face_scale(np.zeros((1, 24, 32), np.uint8), "ultraface")
    assert not (data / "models").exists()


@REAL
def test_the_checksum_is_that_of_the_published_model(model):
    content = model.read_bytes()
    assert len(content) == faces.BYTES
    assert hashlib.sha256(content).hexdigest() == faces.SHA256


# real frames


def real_frames(film):
    """Return the frames of a real clip that are labelled."""
    path = Path(os.environ["TOOLKIT_REAL_DATA"]) / "films" / film
    info = video.probe(path)
    numbers = np.array([frame for name, frame, *_ in real_close_ups.rows() if name == film])
    return video.read_frames(path, times=info.start + (numbers + 0.5) / info.fps, size=320, progress=False)


@REAL
@pytest.mark.parametrize(("detector", "close", "least"), [("haar", 0, 0), ("ultraface", 1, 1)])
def test_real_frames_labelled_by_eye(detector, close, least, model):
    rows = real_close_ups.rows()
    names = list(dict.fromkeys(row[0] for row in rows))
    path = model if detector == "ultraface" else None
    scale = np.concatenate([face_scale(real_frames(name), detector, model=path) for name in names])
    truth, sure = (np.array([row[column] for row in rows]) for column in (2, 3))
    found = is_close_up(scale)
    for (name, frame, label, _, seen), value in zip(rows, scale, strict=True):
        print(f"{name:26} {frame:5} {'close-up' if label else '-':8} {value:5.2f}  {seen}")
    for which, chosen in (("all", np.ones_like(sure)), ("sure", sure)):
        recall, false = scores(found[chosen], truth[chosen])
        print(f"{detector}, {which}: {truth[chosen].sum()} medium close-ups, recall {recall:.2f}, false {false:.2f}")
    # no picture of these is taken for a medium close-up that is none
    assert not found[~truth].any()
    assert found[truth].sum() >= close
    assert found[truth & sure].sum() >= least


@REAL
def test_a_face_turned_aside_is_found_from_either_side(model):
    writer = real_frames("nosferatu.mp4").images[1:2]
    for images in (writer, writer[:, :, ::-1]):
        for detector, path in (("haar", None), ("ultraface", model)):
            assert face_scale(images, detector, model=path)[0] == pytest.approx(0.26, abs=0.03)


def test_the_labels_are_one_a_shot():
    rows = real_close_ups.rows()
    assert [sum(name == film for name, *_ in rows) for film in dict.fromkeys(row[0] for row in rows)] == [10, 7, 4]
    assert all(seen for *_, seen in rows)


def test_nothing_heavy_is_loaded_by_the_module():
    program = "import sys, toolkit.closeups; print([m for m in ('cv2', 'torch', 'keras') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=120)
    assert done.stdout == "[]\n", done.stderr
