"""Videos embedded from the terminal."""

import shutil
import socket

import dask
import numpy as np
import pandas as pd
import pytest
from distributed import LocalCluster
from films import write_film

from toolkit import corpus
from toolkit.commands import main


@pytest.fixture(scope="module")
def clips(tmp_path_factory):
    folder = tmp_path_factory.mktemp("clips")
    write_film(folder / "one.mp4", 24, size=(64, 48))
    shutil.copy(folder / "one.mp4", folder / "two.mp4")
    return folder


def test_videos_are_embedded_in_one_line_and_again_passed_over(clips, tmp_path, capsys):
    out = tmp_path / "out"
    assert main(["embed", str(clips), "--out", str(out), "--every", "8", "--jobs", "1"]) == 0
    assert f"2 videos in {out}: 2 embedded" in capsys.readouterr().out
    with np.load(out / "one.npz") as file:
        assert file["frame_indexes"].tolist() == [0, 8, 16]
        assert file["embeddings"].shape == (3, 2031)
    assert main(["embed", str(clips / "one.mp4"), str(clips), "--out", str(out), "--every", "8"]) == 0
    assert f"2 videos in {out}: 2 kept" in capsys.readouterr().out
    assert main(["embed", str(clips), "--out", str(out)]) == 2
    assert "embeddings made with other settings (every)" in capsys.readouterr().err


def test_the_options_of_embed_are_passed_on(clips, tmp_path, monkeypatch):
    asked = {}

    def embedded(paths, folder, **options):
        asked.update(options, paths=paths, folder=folder)
        return pd.DataFrame({"status": ["embedded"] * len(paths)})

    monkeypatch.setattr(corpus, "embed_videos", embedded)
    options = ["--model", "vgg16", "--pooling", "avg", "--every", "5", "--jobs", "3", "--retry", "--overwrite"]
    assert main(["embed", str(clips), "--out", "o", *options]) == 0
    assert asked == {
        "paths": [clips / "one.mp4", clips / "two.mp4"],
        "folder": "o",
        "model": "vgg16",
        "pooling": "avg",
        "every": 5,
        "n_jobs": 3,
        "client": None,
        "retry": True,
        "overwrite": True,
    }


def test_a_video_that_fails_is_status_one_and_listed(clips, tmp_path, capsys):
    (tmp_path / "broken.mp4").write_bytes(b"no film")
    videos = [str(clips / "one.mp4"), str(tmp_path / "broken.mp4")]
    assert main(["embed", *videos, "--out", str(tmp_path / "out"), "--jobs", "1"]) == 1
    told = capsys.readouterr()
    assert "2 videos in" in told.out
    assert "1 embedded, 1 failed" in told.out
    assert f"listed in {tmp_path / 'out' / 'errors.csv'}; --retry tries them again" in told.err
    assert len(pd.read_csv(tmp_path / "out" / "errors.csv")) == 1


def test_a_scheduler_that_does_not_answer_is_told(clips, tmp_path, capsys):
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        address = f"tcp://127.0.0.1:{closed.getsockname()[1]}"
        arguments = ["embed", str(clips), "--out", str(tmp_path), "--scheduler"]
        with dask.config.set({"distributed.comm.timeouts.connect": "0.5s"}):
            assert main([*arguments, address]) == 2
    assert f"no Dask scheduler answers at {address}" in capsys.readouterr().err
    assert main([*arguments, "nowhere"]) == 2
    assert "no Dask scheduler answers at nowhere: missing port number" in capsys.readouterr().err


def test_a_folder_without_videos_is_one_line(tmp_path, capsys):
    assert main(["embed", str(tmp_path), "--out", str(tmp_path / "out")]) == 2
    assert main(["embed", "nowhere", "--out", str(tmp_path / "out")]) == 2
    errors = capsys.readouterr().err.splitlines()
    assert errors[0].startswith(f"toolkit: {tmp_path} holds no videos")
    assert errors[1] == "toolkit: folder must be a folder of videos; got 'nowhere': there is no such folder"
    assert len(errors) == 2


def test_videos_are_embedded_on_a_cluster(clips, tmp_path, capsys):
    with LocalCluster(n_workers=1, threads_per_worker=1, dashboard_address="127.0.0.1:0", host="127.0.0.1") as cluster:
        arguments = ["embed", str(clips), "--out", str(tmp_path), "--scheduler", cluster.scheduler_address]
        assert main(arguments) == 0
    assert "2 embedded" in capsys.readouterr().out
    assert sorted(file.name for file in tmp_path.iterdir()) == ["one.npz", "two.npz"]
