"""Many videos: which are embedded, what is written, and what is kept."""

import csv
import json
import os
import shutil
import threading
from fractions import Fraction

import corpus_models
import numpy as np
import pytest
from corpus_runs import SIZE, arrays, embed, embed_in_processes, status
from films import every_picture, write_film

from toolkit import ParameterError, corpus, embeddings
from toolkit.corpus import pools
from toolkit.storage import locked

# what is written


@pytest.mark.parametrize(("every", "expected"), [(10, [0, 10, 20, 30, 40]), (1, list(range(48))), (100, [0])])
def test_every_nth_picture_is_embedded_with_its_number_and_time(tmp_path, every, expected):
    film = write_film(tmp_path / "film.mp4", 48, size=SIZE)
    table = embed([film], tmp_path / "out", every=every)
    found = arrays(tmp_path / "out" / "film.npz")
    assert found["embeddings"].dtype == np.float32
    assert found["embeddings"].tolist() == [[number, 1] for number in expected]
    assert found["frame_indexes"].dtype == np.int64
    assert found["frame_indexes"].tolist() == expected
    assert found["times"].dtype == np.float64
    np.testing.assert_allclose(found["times"], every_picture(film, SIZE)[0][expected], rtol=0, atol=1e-9)
    assert table.loc[0, ["video_id", "video", "status", "frames", "error", "warning"]].tolist() == [
        "film",
        str(film),
        "embedded",
        len(expected),
        "",
        "",
    ]
    assert table["seconds"][0] > 0


def test_pictures_are_counted_also_where_their_times_are_uneven(tmp_path):
    stamps = np.cumsum([0, *np.random.default_rng(0).integers(1, 40, 29)])
    film = write_film(
        tmp_path / "film.mkv", 30, size=SIZE, stamps=stamps.tolist(), time_base=Fraction(1, 100), options={"bf": "3"}
    )
    embed([film], tmp_path / "out", every=7)
    found = arrays(tmp_path / "out" / "film.npz")
    assert found["frame_indexes"].tolist() == [0, 7, 14, 21, 28]
    assert found["embeddings"][:, 0].tolist() == [0, 7, 14, 21, 28]
    np.testing.assert_allclose(found["times"], stamps[::7] / 100, rtol=0, atol=1e-9)


def test_vectors_are_those_of_a_plain_loop(videos, tmp_path):
    corpus.embed_videos(videos / "a.mp4", tmp_path / "out", n_jobs=1, progress=False)
    _, pictures = every_picture(videos / "a.mp4", SIZE)
    plain = embeddings.embed(pictures[::10], "layout", cache=False, progress=False)
    np.testing.assert_array_equal(arrays(tmp_path / "out" / "a.npz")["embeddings"], plain)


def test_a_file_tells_how_it_was_made(videos, tmp_path):
    embed([videos / "a.mp4"], tmp_path / "out", every=5)
    told = json.loads(str(arrays(tmp_path / "out" / "a.npz")["made_by"]))
    assert told["settings"]["model"] == "callable corpus_models.numbers"
    assert told["settings"]["every"] == 5
    assert told["source"]["path"] == str(videos / "a.mp4")
    assert told["source"]["size"] == (videos / "a.mp4").stat().st_size
    assert (told["frames"], told["values"]) == (5, 2)


def test_what_breaks_off_is_embedded_with_a_warning(tmp_path):
    film = write_film(tmp_path / "film.mkv", 200, size=SIZE, options={"g": "24"})
    film.write_bytes(film.read_bytes()[: film.stat().st_size // 2])
    table = embed([film], tmp_path / "out")
    assert table["status"].tolist() == ["embedded"]
    assert "breaks off" in table["warning"][0]
    found = arrays(tmp_path / "out" / "film.npz")
    assert 2 < len(found["times"]) < 20
    assert (np.diff(found["times"]) > 0).all()
    assert found["frame_indexes"].tolist() == found["embeddings"][:, 0].astype(int).tolist()
    assert embed([film], tmp_path / "out")["warning"].tolist() == table["warning"].tolist()


# which videos


def test_a_broken_video_is_a_row_with_its_error_and_the_others_go_on(videos, tmp_path):
    paths = [*corpus.find_videos(videos), videos / "missing.mp4"]
    table = embed_in_processes(paths, tmp_path / "out", n_jobs=2).set_index("video_id")
    assert table.index.tolist() == ["a", "b", "broken", "c", "empty", "single", "sound", "missing"]
    assert table["status"].tolist() == [
        *("embedded", "embedded", "failed", "embedded", "failed", "embedded", "failed", "failed")
    ]
    assert table["frames"].tolist() == [3, 3, 0, 3, 0, 1, 0, 0]
    told = {"broken": "cannot be read as a film", "empty": "is empty", "sound": "no pictures", "missing": "not exist"}
    with open(tmp_path / "out" / "errors.csv", newline="", encoding="utf-8") as file:
        listed = {row["video_id"]: row["error"] for row in csv.DictReader(file)}
    assert listed.keys() == told.keys()
    for video_id, part in told.items():
        assert part in table["error"][video_id]
        assert listed[video_id] == table["error"][video_id]


def test_what_is_done_and_what_failed_is_passed_over(videos, tmp_path, monkeypatch):
    first = embed(videos, tmp_path / "out", n_jobs=2)
    before = {path.name: path.stat().st_mtime_ns for path in (tmp_path / "out").iterdir()}
    # not even a worker is started
    monkeypatch.setattr(pools, "Processes", None)
    second = embed_in_processes(videos, tmp_path / "out", n_jobs=2)
    assert second["status"].tolist() == first["status"].replace("embedded", "kept").tolist()
    assert second["error"].tolist() == first["error"].tolist()
    assert second["frames"].tolist() == first["frames"].tolist()
    assert second["seconds"].isna().all()
    assert {path.name: path.stat().st_mtime_ns for path in (tmp_path / "out").iterdir()} == before


def test_what_has_changed_is_done_anew_and_a_copy_has_not_changed(videos, tmp_path):
    embed(videos, tmp_path / "out")
    os.utime(videos / "a.mp4", (0, 0))
    write_film(videos / "b.mp4", 48, size=SIZE)
    shutil.copy(videos / "a.mp4", videos / "broken.mp4")
    table = embed(videos, tmp_path / "out")
    assert status(table) == {
        "a": "kept",
        "b": "embedded",
        "broken": "embedded",
        "c": "kept",
        "empty": "failed",
        "single": "kept",
        "sound": "failed",
    }
    assert len(arrays(tmp_path / "out" / "b.npz")["embeddings"]) == 5
    assert "broken" not in (tmp_path / "out" / "errors.csv").read_text()


def test_failed_videos_are_tried_again_where_that_is_asked_for(videos, tmp_path):
    paths = [videos / "a.mp4", videos / "empty.mp4"]
    embed(paths, tmp_path / "out")
    assert embed(paths, tmp_path / "out")["seconds"].isna().all()
    again = embed(paths, tmp_path / "out", retry=True)
    assert again["status"].tolist() == ["kept", "failed"]
    assert again["seconds"].isna().tolist() == [True, False]


def test_the_file_of_errors_goes_with_the_last_error(videos, tmp_path):
    embed([videos / "empty.mp4"], tmp_path / "out")
    assert (tmp_path / "out" / "errors.csv").is_file()
    shutil.copy(videos / "a.mp4", videos / "empty.mp4")
    embed([videos / "empty.mp4"], tmp_path / "out")
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["empty.npz"]


def test_two_videos_of_one_name_are_told_apart_by_their_folders(videos, tmp_path):
    for name in ("one", "two"):
        (videos / name).mkdir()
        shutil.copy(videos / "a.mp4", videos / name / "same.mp4")
    write_film(videos / "two" / "same.mp4", 12, size=SIZE)
    table = embed([videos / "one" / "same.mp4", videos / "two" / "same.mp4"], tmp_path / "out")
    assert table["video_id"].tolist() == ["one/same", "two/same"]
    assert len(arrays(tmp_path / "out" / "one" / "same.npz")["times"]) == 3
    assert len(arrays(tmp_path / "out" / "two" / "same.npz")["times"]) == 2
    loaded = corpus.load_embeddings(tmp_path / "out", "max")
    assert loaded.index.tolist() == ["one/same", "two/same"]
    assert loaded[0].tolist() == [20, 10]


def test_a_video_keeps_its_name_when_another_of_that_name_comes(videos, tmp_path):
    (videos / "two").mkdir()
    write_film(videos / "two" / "a.mp4", 12, size=SIZE)
    assert embed([videos / "a.mp4"], tmp_path / "out")["video_id"].tolist() == ["a"]
    both = embed([videos / "two" / "a.mp4", videos / "a.mp4"], tmp_path / "out")
    assert status(both) == {"two/a": "embedded", "a": "kept"}
    assert len(arrays(tmp_path / "out" / "a.npz")["times"]) == 3
    assert set(embed([videos / "a.mp4", videos / "two" / "a.mp4"], tmp_path / "out")["status"]) == {"kept"}


def test_videos_that_were_moved_are_not_embedded_anew(videos, tmp_path):
    embed(videos / "a.mp4", tmp_path / "out")
    videos.rename(tmp_path / "moved")
    assert status(embed(tmp_path / "moved" / "a.mp4", tmp_path / "out")) == {"a": "kept"}


def test_a_video_that_is_named_twice_is_embedded_once(videos, tmp_path, monkeypatch):
    monkeypatch.chdir(videos)
    table = embed(["a.mp4", videos / "a.mp4", "./a.mp4"], tmp_path / "out")
    assert table["video"].tolist() == [str(videos / "a.mp4")]


def test_names_may_be_of_any_letters_or_none(videos, tmp_path):
    names = ["caf\udce9", "ключ 日本", 'a\n"line", x', "-dash", "100%", "l" * 250]
    for name in names:
        shutil.copy(videos / "a.mp4", tmp_path / f"{name}.mp4")
    shutil.copy(videos / "broken.mp4", tmp_path / "cass\udce9.mp4")
    first = embed(tmp_path.glob("*.mp4"), tmp_path / "out").set_index("video_id")["status"].to_dict()
    assert first == dict.fromkeys(names, "embedded") | {"cass\udce9": "failed"}
    again = embed(tmp_path.glob("*.mp4"), tmp_path / "out")
    assert set(again["status"]) == {"kept", "failed"}
    assert again["seconds"].isna().all()
    assert set(corpus.load_embeddings(tmp_path / "out").index) == set(names)
    assert set(corpus.embedded_videos(tmp_path / "out")["video_id"]) == set(names)
    assert len(corpus.video_stats(tmp_path.glob("*.mp4"), progress=False)) == 7


def test_hidden_and_composed_names_are_kept_too(videos, tmp_path):
    for name in (".hidden", "Ka\u0308se"):
        shutil.copy(videos / "a.mp4", tmp_path / f"{name}.mp4")
    paths = [tmp_path / ".hidden.mp4", tmp_path / "Ka\u0308se.mp4"]
    assert status(embed(paths, tmp_path / "out")) == dict.fromkeys(["_hidden", "Käse"], "embedded")
    assert status(embed(paths, tmp_path / "out")) == dict.fromkeys(["_hidden", "Käse"], "kept")
    assert corpus.load_embeddings(tmp_path / "out").index.tolist() == ["Käse", "_hidden"]
    # as macOS may write it
    (tmp_path / "out" / "Käse.npz").rename(tmp_path / "out" / "Ka\u0308se.npz")
    write_film(paths[1], 48, size=SIZE)
    assert status(embed(paths, tmp_path / "out")) == {"_hidden": "kept", "Käse": "embedded"}
    assert sorted(os.listdir(tmp_path / "out")) == ["Ka\u0308se.npz", "_hidden.npz"]


def test_a_name_that_is_too_long_does_not_end_the_run(videos, tmp_path):
    paths = [tmp_path / f"{'y' * 252}.ts", tmp_path / f"{'x' * 250}.mp4", tmp_path / f"{'x' * 250}.mkv"]
    for path in paths:
        shutil.copy(videos / "a.mp4", path)
    assert set(embed(paths, tmp_path / "out")["status"]) == {"embedded"}
    assert set(embed(paths, tmp_path / "out")["status"]) == {"kept"}


# what is not there any more, or is another


def test_what_was_made_of_a_video_that_has_changed_and_fails_is_removed(videos, tmp_path):
    paths = [videos / "a.mp4", videos / "b.mp4"]
    embed(paths, tmp_path / "out")
    (videos / "a.mp4").write_text("now broken")
    assert status(embed(paths, tmp_path / "out")) == {"a": "failed", "b": "kept"}
    assert corpus.load_embeddings(tmp_path / "out").index.tolist() == ["b"]
    assert status(embed(paths, tmp_path / "out")) == {"a": "failed", "b": "kept"}


def test_what_was_made_of_a_video_that_is_away_or_has_another_name_stays(videos, tmp_path):
    embed([videos / "a.mp4", videos / "b.mp4"], tmp_path / "out")
    (videos / "b.mp4").rename(tmp_path / "b.mp4")
    assert status(embed([videos / "a.mp4", videos / "b.mp4"], tmp_path / "out")) == {"a": "kept", "b": "failed"}
    assert corpus.load_embeddings(tmp_path / "out").index.tolist() == ["a", "b"]
    (tmp_path / "b.mp4").rename(videos / "b.mp4")
    (videos / "a.mp4").rename(videos / "z.mp4")
    assert status(embed([videos / "z.mp4", videos / "b.mp4"], tmp_path / "out")) == {"z": "embedded", "b": "kept"}
    assert corpus.load_embeddings(tmp_path / "out").index.tolist() == ["a", "b", "z"]


def test_a_video_that_has_changed_in_its_middle_alone_is_done_anew(tmp_path):
    def write(color):
        pictures = [np.full((120, 160, 3), color if 80 < number < 120 else 100, np.uint8) for number in range(200)]
        return write_film(tmp_path / "raw.avi", pictures=pictures, codec="rawvideo")

    film = write(0)
    before = film.stat().st_size
    brightness = {"model": lambda images: images.mean(axis=(1, 2, 3))[:, None]}
    embed([film], tmp_path / "out", **brightness)
    os.utime(film, (0, 0))
    assert embed([film], tmp_path / "out", **brightness)["status"].tolist() == ["kept"]
    first = arrays(tmp_path / "out" / "raw.npz")["embeddings"]
    assert write(255).stat().st_size == before
    assert embed([film], tmp_path / "out", **brightness)["status"].tolist() == ["embedded"]
    assert (arrays(tmp_path / "out" / "raw.npz")["embeddings"] != first).any()


def test_what_is_damaged_is_done_anew(videos, tmp_path):
    embed([videos / "a.mp4"], tmp_path / "out")
    file = tmp_path / "out" / "a.npz"
    whole = file.read_bytes()
    at = whole.index(np.float32([0, 1, 10, 1]).tobytes())
    file.write_bytes(whole[:at] + bytes(16) + whole[at + 16 :])
    assert embed([videos / "a.mp4"], tmp_path / "out")["status"].tolist() == ["embedded"]
    assert arrays(file)["embeddings"][:, 0].tolist() == [0, 10, 20]


# settings


@pytest.mark.parametrize("change", [{"every": 5}, {"model": corpus_models.slow}, {"model": "layout"}])
def test_one_folder_holds_embeddings_of_one_kind(videos, tmp_path, change):
    paths = [videos / "a.mp4", videos / "b.mp4"]
    embed(paths, tmp_path / "out")
    kept = (tmp_path / "out" / "a.npz").read_bytes()
    with pytest.raises(ParameterError, match=rf"made with other settings \(.*{next(iter(change))}.*overwrite=True"):
        embed(paths[:1], tmp_path / "out", **change)
    assert (tmp_path / "out" / "a.npz").read_bytes() == kept
    assert embed(paths[:1], tmp_path / "out", overwrite=True, **change)["status"].tolist() == ["embedded"]
    # those of the other are gone with it
    assert [path.name for path in (tmp_path / "out").glob("*.npz")] == ["a.npz"]


def test_other_folders_of_embeddings_within_one_are_left_alone(videos, tmp_path):
    out = tmp_path / "out"
    for name in ("one", "two"):
        (videos / name).mkdir()
        shutil.copy(videos / "a.mp4", videos / name / "same.mp4")
    own = [videos / "one" / "same.mp4", videos / "two" / "same.mp4", videos / "a.mp4"]
    embed(own[:1], out / "deep", every=3)
    other = (out / "deep" / "same.npz").read_bytes()
    assert set(embed(own, out)["status"]) == {"embedded"}
    assert set(embed(own, out, every=5, overwrite=True)["status"]) == {"embedded"}
    embed(own[2:], out, every=7, overwrite=True)
    assert (out / "deep" / "same.npz").read_bytes() == other
    # its own are gone, also those in folders
    assert sorted(path.relative_to(out).as_posix() for path in out.rglob("*.npz")) == ["a.npz", "deep/same.npz"]


def test_a_file_of_another_folder_is_not_written_over(videos, tmp_path):
    for name in ("one", "two"):
        (videos / name).mkdir()
        shutil.copy(videos / "a.mp4", videos / name / "same.mp4")
    embed([videos / "one" / "same.mp4"], tmp_path / "out" / "one")
    with pytest.raises(ParameterError, match=r"one/same\.npz was written by embed_videos to another folder; choose"):
        embed([videos / "one" / "same.mp4", videos / "two" / "same.mp4"], tmp_path / "out", every=3, overwrite=True)


def test_what_another_run_is_writing_in_a_folder_within_is_left_alone(videos, tmp_path):
    for name in ("within", "left"):
        (tmp_path / "out" / name).mkdir(parents=True)
        (tmp_path / "out" / name / ".a.abcdefgh.partial.npz").touch()
    with locked(tmp_path / "out" / "within" / "errors.csv"):
        embed([videos / "a.mp4"], tmp_path / "out")
        assert (tmp_path / "out" / "within" / ".a.abcdefgh.partial.npz").exists()
        assert not (tmp_path / "out" / "left" / ".a.abcdefgh.partial.npz").exists()


def test_another_programs_errors_are_told_before_anything_is_removed(videos, tmp_path):
    embed([videos / "a.mp4"], tmp_path / "out")
    (tmp_path / "out" / "errors.csv").write_text("my;own;data\n")
    with pytest.raises(ParameterError, match=r"errors\.csv was not written by embed_videos"):
        embed([videos / "empty.mp4"], tmp_path / "out", every=3, overwrite=True)
    assert (tmp_path / "out" / "errors.csv").read_text() == "my;own;data\n"
    assert (tmp_path / "out" / "a.npz").exists()
    (tmp_path / "out" / "errors.csv").unlink()
    np.savez(tmp_path / "out" / "b.npz", mine=np.arange(3))
    with pytest.raises(ParameterError, match=r"b\.npz was not written by embed_videos"):
        embed([videos / "b.mp4"], tmp_path / "out", every=3, overwrite=True)
    assert (tmp_path / "out" / "a.npz").exists()


def test_another_programs_file_is_not_written_over(videos, tmp_path):
    (tmp_path / "out").mkdir()
    np.savez(tmp_path / "out" / "a.npz", mine=np.arange(3))
    before = (tmp_path / "out" / "a.npz").read_bytes()
    with pytest.raises(ParameterError, match=r"a.npz was not written by embed_videos; choose another folder"):
        embed(videos, tmp_path / "out")
    assert (tmp_path / "out" / "a.npz").read_bytes() == before


@pytest.mark.parametrize("left", [b"", b"PK\3\4 half", "cut"])
def test_what_another_program_has_half_written_is_done_anew(videos, tmp_path, left):
    embed([videos / "a.mp4"], tmp_path / "out")
    file = tmp_path / "out" / "a.npz"
    whole = file.read_bytes()
    file.write_bytes(whole[: len(whole) // 2] if left == "cut" else left)
    (tmp_path / "out" / ".a.abcdefgh.partial.npz").write_bytes(whole[:100])
    assert embed([videos / "a.mp4"], tmp_path / "out")["status"].tolist() == ["embedded"]
    assert arrays(file)["embeddings"][:, 0].tolist() == [0, 10, 20]
    assert os.listdir(tmp_path / "out") == ["a.npz"]


def test_a_function_of_ones_own_need_not_be_in_a_module(videos, tmp_path):
    wanted = 7
    embed_in_processes([videos / "a.mp4"], tmp_path / "out", model=lambda images: np.full((len(images), 2), wanted))
    assert arrays(tmp_path / "out" / "a.npz")["embeddings"].tolist() == [[7, 7]] * 3


def test_what_a_model_raises_fails_its_video_alone(deadly_videos, tmp_path):
    table = embed(deadly_videos, tmp_path / "out", model=corpus_models.failing)
    assert set(table["error"]) == {"", "ZeroDivisionError: none of these"}
    assert table.loc[table["error"] != "", "video_id"].tolist() == ["2", "7"]
    assert (table["status"] == "embedded").sum() == 8


def test_what_a_model_prints_does_not_come_between(videos, tmp_path, capfd):
    assert set(
        embed_in_processes([videos / "a.mp4", videos / "b.mp4"], tmp_path / "out", model=corpus_models.printing).error
    ) == {""}
    told = capfd.readouterr()
    assert told.out == ""
    assert "what its libraries print" in told.err


def test_a_worker_computes_with_one_thread(videos, tmp_path):
    embed_in_processes([videos / "a.mp4"], tmp_path / "out", model=corpus_models.threads)
    assert set(arrays(tmp_path / "out" / "a.npz")["embeddings"].ravel()) == {1}


def test_progress_counts_videos(videos, tmp_path, capsys):
    corpus.embed_videos(videos, tmp_path / "out", model=corpus_models.numbers, n_jobs=2)
    assert "7/7" in capsys.readouterr().err
    embed(videos / "a.mp4", tmp_path / "other")
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"model": "vgg19"}, "model must be one of 'layout', 'vgg16', 'clip', or a callable; got 'vgg19'"),
        ({"every": 0}, "every must be a whole number of at least 1; got 0"),
        ({"n_jobs": 0}, "n_jobs must be a number of workers, or -1 for one a core; got 0"),
        ({"n_jobs": True}, "n_jobs must be a number of workers"),
        ({"client": "tcp://127.0.0.1:8786"}, "client must be a dask.distributed.Client"),
        ({"model": "layout", "pooling": "avg"}, 'pooling is an option of model="vgg16"'),
        ({"colour": 1}, "options must be of pooling, .* got colour"),
        ({"batch_size": 0}, "batch_size must be a whole number"),
        ({"model": "vgg16", "weights": "none.h5"}, "there is no file none.h5"),
        ({"paths": []}, "paths must name at least one video; got none"),
        ({"paths": "nowhere"}, "paths must be a folder of videos, or the paths of videos; nowhere does not exist"),
        ({"paths": 5}, "paths must be a folder of videos, or the paths of videos"),
        ({"paths": [5]}, "paths must be a folder of videos, or the paths of videos"),
        ({"folder": __file__}, "folder must be a folder to write to"),
        ({"folder": None}, "folder must be a folder to write to"),
        ({"folder": ""}, "folder must be a folder to write to; got ''"),
        ({"paths": [""]}, "paths must be a folder of videos, or the paths of videos; got '' among them"),
    ],
)
def test_wrong_arguments_are_told_before_any_work(videos, tmp_path, options, message):
    arguments = {"paths": videos, "folder": tmp_path / "out", **options}
    with pytest.raises(ParameterError, match=message):
        embed(**arguments)
    assert not list(tmp_path.glob("out/*"))


def test_a_folder_without_videos_is_told(tmp_path):
    (tmp_path / "notes.txt").touch()
    with pytest.raises(ParameterError, match=r"holds no videos; expected files such as .mp4"):
        embed(tmp_path, tmp_path / "out")


def test_a_model_that_cannot_be_sent_is_told(videos, tmp_path):
    held = threading.Lock()
    with pytest.raises(ParameterError, match="model cannot be sent to other processes.*Let it load what it needs"):
        embed_in_processes(videos, tmp_path / "out", model=lambda images: held)

    class Homeless:
        def __reduce__(self):
            return (os.mkdir, ("/proc/nowhere/at/all",))

        def __call__(self, images):
            return images

    with pytest.raises(ParameterError, match="model cannot be sent to other processes.*FileNotFoundError"):
        embed_in_processes(videos, tmp_path / "out", model=Homeless())


def test_two_runs_do_not_write_to_one_folder(videos, tmp_path):
    (tmp_path / "out").mkdir()
    held = locked(tmp_path / "out" / "errors.csv")
    with held, pytest.raises(ParameterError, match="another run is writing to"):
        embed(videos, tmp_path / "out")
