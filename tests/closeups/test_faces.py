"""Faces in frames: by hand, on a sample film, and on real frames labelled by eye."""

import hashlib
import os
import subprocess
import sys
from pathlib import Path

import cv2
import numba
import numpy as np
import pytest
import real_close_ups
from found_faces import face_scale, scores

from toolkit import video
from toolkit.closeups import download_ultraface, faces, is_close_up
from toolkit.errors import DataError, ParameterError

REAL = pytest.mark.skipif(
    "TOOLKIT_REAL_DATA" not in os.environ, reason="TOOLKIT_REAL_DATA names no folder of real data"
)


@pytest.fixture
def model():
    """Return where the network's file is, which is no part of the repository."""
    return Path(os.environ["TOOLKIT_REAL_DATA"]) / "models" / faces.MODEL


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
        kept = cv2.dnn.NMSBoxes(np.hstack([corner, side]).tolist(), likely.tolist(), faces.MIN_SCORE, faces.MAX_OVERLAP)
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
def server(server, monkeypatch):
    """Serve a folder on this machine in the place of the network's publisher; give the file that is asked for."""
    folder, address = server
    monkeypatch.setattr(faces, "URL", f"{address}/{faces.MODEL}")
    return folder / faces.MODEL


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
