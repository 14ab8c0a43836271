"""Pictures as the network sees them, and their labels in folders and tables."""

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from toolkit import DataError, ParameterError, closeups, networks
from toolkit.closeups import labels as closeup_labels

# what the network sees


def test_what_the_network_sees_is_the_luma_of_128_by_128():
    images = np.zeros((3, 256, 512, 3), np.uint8)
    images[0, ..., 0] = images[1, ..., 1] = images[2, ..., 2] = 255
    seen = closeup_labels.shrink(images)
    assert seen.shape == (3, 128, 128)
    assert seen.dtype == np.uint8
    assert (seen == np.reshape([76, 150, 29], (3, 1, 1))).all()


def test_a_picture_is_shrunk_by_averaging_areas():
    gray = np.arange(256 * 256, dtype=np.uint32).reshape(256, 256).astype(np.uint8)
    means = gray.reshape(128, 2, 128, 2).mean(axis=(1, 3))
    assert np.abs(closeup_labels.shrink(gray[None])[0] - means).max() <= 0.5


def test_gray_of_128_by_128_is_taken_as_it_is():
    gray = np.random.default_rng(0).integers(0, 256, (2, 128, 128), np.uint8)
    assert np.array_equal(closeup_labels.shrink(gray), gray)


def test_a_tiny_picture_is_enlarged():
    assert (closeup_labels.shrink(np.full((1, 1, 2), 7, np.uint8)) == 7).all()


# labels


def _write_picture(path, level=90, size=(40, 30)):
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("RGB", size, (level, level, level)).save(path)


def test_labels_are_read_from_two_folders(tmp_path):
    for number in (2, 10):
        _write_picture(tmp_path / "close_up" / f"A_frame{number}.jpg", 50 + number)
    _write_picture(tmp_path / "other" / "B_frame0.png", 200)
    (tmp_path / "other" / "notes.txt").write_text("not a picture")
    images, labels, films = closeups.read_labels(tmp_path)
    assert images.shape == (3, 128, 128)
    assert images[:, 0, 0].tolist() == [52, 60, 200]
    assert labels.tolist() == [True, True, False]
    assert films.tolist() == ["A", "A", "B"]


@pytest.mark.parametrize(
    "text",
    [
        "film,file,label\nA,p/A_frame1.jpg,1\nB,p/B_frame0.jpg,0\n",
        "\ufefffilm;file;label\r\nA;p\\A_frame1.jpg;TRUE\r\n\r\nB;p/B_frame0.jpg;no\r\n",
        "time\tlabel\tfile\tfilm\n0\t1.0\tp/A_frame1.jpg\t\n2\tfalse\tp/B_frame0.jpg\t\n9\t\tp/B_frame7.jpg\tB\n",
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_labels_are_read_from_a_table_as_spreadsheets_save_it(tmp_path, text, encoding):
    _write_picture(tmp_path / "p" / "A_frame1.jpg", 60)
    _write_picture(tmp_path / "p" / "B_frame0.jpg", 160)
    (tmp_path / "labels.csv").write_bytes(text.encode(encoding))
    images, labels, films = closeups.read_labels(tmp_path / "labels.csv")
    assert images[:, 0, 0].tolist() == [60, 160]
    assert labels.tolist() == [True, False]
    assert films.tolist() == ["A", "B"]


def test_stretches_of_a_film_follow_one_another(tmp_path):
    lines = ["film,file,label"]
    for number in (30, 4, 12, 8, 100, 2, 55):
        _write_picture(tmp_path / f"A_frame{number}.png", number)
        lines.append(f"A,A_frame{number}.png,{number % 4 // 2}")
    (tmp_path / "labels.csv").write_text("\n".join(lines))
    images, _, films = closeups.read_labels(tmp_path / "labels.csv", stretches=3)
    found = dict(zip(images[:, 0, 0].tolist(), films.tolist(), strict=True))
    assert [number for number, _ in sorted(found.items())] == [2, 4, 8, 12, 30, 55, 100]
    assert [name for _, name in sorted(found.items())] == ["A 1/3"] * 3 + ["A 2/3"] * 2 + ["A 3/3"] * 2


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "is empty; expected"),
        ("file,label\nx.jpg,1\n", "lacks the column film"),
        ("film,file,label,film\nA,x.jpg,1,A\n", "must name each column once"),
        ("film,file,label\nA,x.jpg,2\n", "0 or 1 in the column label; got '2' in row 2"),
        ("film,file,label\nA,x.jpg,nan\n", "got 'nan' in row 2"),
        ("film,file,label\nA,,1\n", "must name a file in each row; got none in row 2"),
        ("film,file,label\nA,there.jpg,1\nA,gone.jpg,1\n", "names 1 pictures that are not there, the first .*gone.jpg"),
        (
            f"film,file,label\nA,{'x' * 5000}.jpg,1\n",
            r"names 1 pictures that are not there, the first .*xx\.\.\.; file must",
        ),
        ("film,file,label\nA,x\x01.jpg,1\n", "names 1 pictures that are not there"),
        ("film,file,label\n,there.jpg,1\n", "there.jpg does not say which film it is of"),
        ("film,file,label\nA,broken.jpg,1\n", "broken.jpg cannot be read as a picture"),
    ],
)
def test_a_table_that_is_no_table_of_labels_is_refused(tmp_path, text, message):
    _write_picture(tmp_path / "there.jpg")
    (tmp_path / "broken.jpg").write_bytes(b"\xff\xd8\xff no picture")
    (tmp_path / "labels.csv").write_text(text)
    with pytest.raises(DataError, match=message):
        closeups.read_labels(tmp_path / "labels.csv")


def test_labels_that_are_not_there_are_refused(tmp_path):
    (tmp_path / "close_ups").mkdir()
    with pytest.raises(DataError, match="close_up and other, not close_ups; there is no close_up"):
        closeups.read_labels(tmp_path)
    with pytest.raises(ParameterError, match=f"^there is no file or folder {tmp_path / 'none.csv'}$"):
        closeups.read_labels(tmp_path / "none.csv")
    with pytest.raises(ParameterError, match="got int"):
        closeups.read_labels(3)
    for name in ("x" * 5000, "a\0b", "~no_such_user/x.csv"):
        with pytest.raises(ParameterError, match="there is no file or folder"):
            closeups.read_labels(name)
    with pytest.raises(ParameterError, match="stretches must be a whole number of at least 2"):
        closeups.read_labels(tmp_path, stretches=1)


def test_a_large_scan_is_read_without_a_warning(tmp_path, monkeypatch):
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 1000)
    _write_picture(tmp_path / "A_frame0.jpg", 60, (40, 30))
    _write_picture(tmp_path / "A_frame1.jpg", 60, (80, 30))
    (tmp_path / "labels.csv").write_text("film,file,label\nA,A_frame0.jpg,1\n")
    assert (closeups.read_labels(tmp_path / "labels.csv")[0] == 60).all()
    (tmp_path / "labels.csv").write_text("film,file,label\nA,A_frame1.jpg,1\n")
    with pytest.raises(DataError, match=r"A_frame1.jpg cannot be read as a picture .*exceeds limit"):
        closeups.read_labels(tmp_path / "labels.csv")


def test_a_path_from_the_current_folder_that_is_not_there_is_shown_whole(tmp_path, monkeypatch):
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    message = (
        f"no file or folder {tmp_path}/m.keras; ../m.keras was looked for from the current folder, {tmp_path}/here$"
    )
    for read in (networks.load_model, closeups.read_labels):
        with pytest.raises(ParameterError, match=message):
            read("../m.keras")


def test_a_picture_without_its_film_is_refused_so_that_frames_never_count_as_films(tmp_path):
    for name in ("close_up", "other"):
        _write_picture(tmp_path / name / "face.jpg")
    with pytest.raises(DataError, match="does not say which film it is of; name pictures <film>_frame<N>.jpg"):
        closeups.read_labels(tmp_path)


def test_a_table_of_labels_is_written_as_it_is_read(tmp_path):
    table = pd.DataFrame({"film": ["Ä, b"], "file": ["p/x_frame1.jpg"], "time": ["0.5"], "label": ["1"]})
    closeup_labels.write_label_table(tmp_path / "labels.csv", table)
    assert closeups.read_label_table(tmp_path / "labels.csv").equals(table)
