"""Fingerprints in files."""

import contextlib

import numpy as np
import pytest
from speckles import film

from toolkit import DataError, ParameterError, colors
from toolkit.colors import fingerprint


@pytest.mark.parametrize("suffix", [".csv", ".npz", ".NPZ"])
def test_a_written_fingerprint_is_read_back_to_the_last_bit(tmp_path, suffix):
    found, shares = fingerprint(film(5), 2, 4, progress=False)
    times = np.array([0, 1 / 3, 0.7, 1e3 / 7, 7200.1])
    colors.write_fingerprint(tmp_path / f"film{suffix}", found, shares, times)
    back = colors.read_fingerprint(tmp_path / f"film{suffix}")
    for written, expected in zip(back, (found, shares, times), strict=True):
        assert np.array_equal(written, expected)
        assert written.dtype == expected.dtype
    assert [file.name for file in tmp_path.iterdir()] == [f"film{suffix}"]


def test_a_table_holds_hex_colors(tmp_path):
    found = np.array([[[138, 90, 43], [0, 0, 0]]], np.uint8)
    colors.write_fingerprint(tmp_path / "film.csv", found, [[0.75, 0.25]], [1.5])
    header, row = (tmp_path / "film.csv").read_text().splitlines()
    assert header == "time,color_1,share_1,color_2,share_2"
    assert row == "1.5,#8a5a2b,0.75,#000000,0.25"
    assert colors.to_hex(found[0, 0]) == "#8a5a2b"


def test_a_broken_table_is_refused(tmp_path):
    whole = "time,color_1,share_1\n0.0,#8a5a2b,0.75\n"
    broken = [
        ("", "film.csv cannot be read as a fingerprint"),
        ("time,color_1,share_1\n", "expected rows of time,color_1,share_1"),
        (whole + "1.0,#8a5a2b\n", "expected rows of"),
        (whole.replace("#8a5a2b", "brown"), "expected a colour like #8a5a2b; got 'brown'"),
        (whole.replace("0.75", "much"), "could not convert"),
        (whole.replace("0.75", "7.5"), "shares from 0 to 1"),
        (whole.replace("0.0,", "nan,"), "times must be finite seconds"),
    ]
    for text, message in broken:
        (tmp_path / "film.csv").write_text(text)
        with pytest.raises(DataError, match=message):
            colors.read_fingerprint(tmp_path / "film.csv")
    (tmp_path / "film.npz").write_bytes(b"PK\x03\x04 no more")
    with pytest.raises(DataError, match="film.npz cannot be read as a fingerprint"):
        colors.read_fingerprint(tmp_path / "film.npz")
    np.savez(tmp_path / "film.npz", colors=np.array([object()], dtype=object), shares=1, times=1)
    with pytest.raises(DataError, match="cannot be read as a fingerprint"):
        colors.read_fingerprint(tmp_path / "film.npz")
    for missing in ("missing.csv", "film.txt"):
        with pytest.raises(DataError, match="is no .csv or .npz file of a fingerprint"):
            colors.read_fingerprint(tmp_path / missing)


def test_a_table_that_does_not_fit_is_not_written(tmp_path):
    found, shares = np.zeros((2, 1, 3), np.uint8), np.ones((2, 1))
    with pytest.raises(ParameterError, match=r"path must be that of a .csv or .npz file; got '.*film.xlsx'"):
        colors.write_fingerprint(tmp_path / "film.xlsx", found, shares, [0, 1])
    with pytest.raises(
        ParameterError, match=r"times must be finite seconds, one for each of the 2 frames; got list of shape \(3,\)"
    ):
        colors.write_fingerprint(tmp_path / "film.csv", found, shares, [0, 1, 2])
    with pytest.raises(ParameterError, match=r"colors must be uint8 \(n, n_colors, 3\); got ndarray of dtype float64"):
        colors.write_fingerprint(tmp_path / "film.csv", found / 255, shares, [0, 1])
    with pytest.raises(ParameterError, match="times must be finite seconds.*got nan"):
        colors.write_fingerprint(tmp_path / "film.csv", found, shares, [0, np.nan])
    with pytest.raises(ParameterError, match="does not exist; create it first"):
        colors.write_fingerprint(tmp_path / "no" / "film.csv", found, shares, [0, 1])
    with pytest.raises(ParameterError, match=r"shares must be \(n, n_colors\).*got rows of different lengths"):
        colors.write_fingerprint(tmp_path / "film.csv", found, [[1], [1, 2]], [0, 1])
    with pytest.raises(ParameterError, match="path must be that of a .csv or .npz file; got 'None'"):
        colors.write_fingerprint(None, found, shares, [0, 1])
    with pytest.raises(ParameterError, match="path must be that of a .csv or .npz file; got 7"):
        colors.read_fingerprint(7)
    assert list(tmp_path.iterdir()) == []


def test_whatever_is_damaged_in_an_archive_is_a_data_error(tmp_path):
    path = tmp_path / "f.npz"
    rng = np.random.default_rng(0)
    found = rng.integers(0, 256, (50, 2, 3), np.uint8)
    colors.write_fingerprint(path, found, np.full((50, 2), 0.5), np.arange(50.0))
    good = path.read_bytes()
    for place in range(0, len(good), 7):
        path.write_bytes(good[:place] + bytes([good[place] ^ 0x55]) + good[place + 1 :])
        # what no check covers, such as a date, may be read; nothing else is raised
        with contextlib.suppress(DataError):
            assert np.array_equal(colors.read_fingerprint(path)[0], found)
    path.write_bytes(b"")
    with pytest.raises(DataError, match="cannot be read as a fingerprint"):
        colors.read_fingerprint(path)
