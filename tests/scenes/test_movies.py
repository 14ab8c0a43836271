"""Movies: loading folders, writing predictions."""

import collections
import os
import pickle
import signal
import subprocess
import sys
import time

import numpy as np
import pytest
from sklearn.metrics import average_precision_score

from toolkit import DataError, ParameterError, scenes
from toolkit.records import Movie

TRUTH = "scene_transition_boundary_ground_truth"
PREDICTION = "scene_transition_boundary_prediction"


def a_movie(imdb_id="tt1", n=5, seed=0, **parts):
    rng = np.random.default_rng(seed)
    features = {name: rng.normal(size=(n, d)).astype(np.float32) for name, d in (("place", 4), ("audio", 2))}
    return Movie(imdb_id, features, rng.random(n - 1) < 0.3, np.cumsum(rng.integers(1, 50, n)), **parts)


def same(movie, other):
    """Return whether two movies hold the same."""
    arrays = [
        (movie.features[name], other.features[name]) for name in movie.features.keys() | other.features.keys()
    ] + [(getattr(movie, name), getattr(other, name)) for name in ("boundaries", "shot_end_frame", "predictions")]
    return movie.imdb_id == other.imdb_id and all(
        (one is None and two is None) or (one.dtype == two.dtype and np.array_equal(one, two)) for one, two in arrays
    )


# The record


def test_a_movie_converts_its_parts():
    movie = Movie("tt1", {"place": np.ones((3, 2))}, [0, 1], [9.0, 19.0, 20.0], [0.5, 1])
    assert movie.n_shots == 3
    assert movie.features["place"].dtype == np.float32
    assert movie.boundaries.dtype == bool
    assert movie.shot_end_frame.tolist() == [9, 19, 20]
    assert movie.shot_end_frame.dtype == np.int64
    assert movie.predictions.dtype == np.float64
    assert repr(movie) == "Movie('tt1', 3 shots, place 2, 1 boundaries)"


def test_the_parts_of_a_movie_may_be_missing():
    assert Movie("tt1", {}, boundaries=[True]).n_shots == 2
    assert Movie("tt1", {}, predictions=[0.5]).n_shots == 2
    assert Movie("tt1", {}, shot_end_frame=[3]).n_shots == 1
    assert Movie("tt1", {"audio": np.ones((1, 7), np.float16)}, []).boundaries.shape == (0,)


@pytest.mark.parametrize(
    ("parts", "message"),
    [
        ({"imdb_id": ""}, "imdb_id must be the movie's name; got ''"),
        ({"imdb_id": 52357}, "imdb_id must be the movie's name; got 52357"),
        ({"features": np.ones((3, 2))}, r"features must be a dict of one \(n_shots, d\) array a modality; got ndarray"),
        ({"features": {"place": np.ones(3)}}, r"features\['place'\] must be floats of shape .*; got shape \(3,\)"),
        ({"features": {"place": np.ones((3, 2), int)}}, "must be floats .* got ndarray of dtype int64"),
        ({"features": {"place": [[1.0], [1.0, 2.0]]}}, "got rows of different lengths"),
        (
            {"features": {"place": np.array([[1, 2], [1, np.nan], [0, 0]])}},
            r"must be finite .*; got NaN at \(1, 1\). Fill",
        ),
        ({"features": {"place": np.full((3, 1), 1e300)}}, r"must be finite .*; got infinity at \(0, 0\)"),
        ({"boundaries": [[True, False]]}, r"boundaries must be truth values .*; got shape \(1, 2\)"),
        ({"boundaries": [0.5, 1.0]}, "boundaries must be truth values .*; got numbers other than 0 and 1"),
        ({"boundaries": ["a", "b"]}, "boundaries must be truth values .*; got list of dtype <U1"),
        (
            {"boundaries": [True, False, True]},
            r"the same shots; features\['place'\] is of 3, boundaries is of 4",
        ),
        ({"shot_end_frame": [1, 3, 2]}, "shot_end_frame must be .*rising"),
        ({"shot_end_frame": [1, 3, 3]}, "shot_end_frame must be .*rising"),
        ({"shot_end_frame": [-1, 3, 4]}, "whole numbers from 0"),
        ({"shot_end_frame": [0.5, 3, 4]}, "whole numbers from 0"),
        ({"shot_end_frame": [0, 3, np.nan]}, "whole numbers from 0"),
        ({"predictions": [0.5, np.nan]}, "predictions must be finite numbers .*; got NaN at 1"),
        ({"predictions": [0.5]}, "predictions is of 2"),
        ({"features": {"place": np.ones((0, 2))}}, "the movie 'tt1' has no shots"),
        ({"features": {}}, "the movie 'tt1' has no shots"),
    ],
)
def test_parts_that_do_not_fit_are_refused(parts, message):
    parts = {"imdb_id": "tt1", "features": {"place": np.ones((3, 2))}} | parts
    with pytest.raises(ParameterError, match=message):
        Movie(**parts)


# Loading


def write_pickle(path, **values):
    path.write_bytes(pickle.dumps(values))
    return path


def test_a_file_may_miss_parts_and_have_other_dimensions(tmp_path):
    movie = scenes.load_movie(write_pickle(tmp_path / "tt7.pkl", place=np.ones((4, 3)), cast=None, shot_end_frame=None))
    assert movie.imdb_id == "tt7"
    assert list(movie.features) == ["place"]
    assert movie.boundaries is None
    assert movie.predictions is None
    assert movie.path == tmp_path / "tt7.pkl"


def test_other_tables_of_floats_with_a_row_a_shot_are_features_too(tmp_path):
    path = write_pickle(
        tmp_path / "tt1.pkl",
        text=np.ones((4, 5)),
        place=np.ones((4, 3)),
        frames=np.ones((9, 2)),
        counts=np.ones((4, 2), int),
        year=1958,
        notes=["a", {"b": (1, 2.5, None)}],
    )
    assert list(scenes.load_movie(path).features) == ["place", "text"]


def test_truths_of_one_row_in_a_table_are_read(tmp_path):
    values = {TRUTH: np.array([[True, False, True]]), PREDICTION: np.array([[0.1], [0.2], [0.3]])}
    movie = scenes.load_movie(write_pickle(tmp_path / "tt1.pkl", **values))
    assert movie.boundaries.tolist() == [True, False, True]
    assert movie.predictions.tolist() == [0.1, 0.2, 0.3]


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"place": np.ones((4, 3)), "cast": np.ones((5, 3))}, r"fits together: .*\['place'\] is of 4, .*is of 5"),
        ({"place": "a text"}, "its 'place' is a str; a tensor or an array was expected"),
        ({"place": np.ones((4, 3), int)}, "must be floats"),
        ({"place": np.ones((4, 3)), "imdb_id": 3}, "its imdb_id is not a short text"),
        ({TRUTH: [1, 0, "yes"]}, "it holds a list where numbers were expected"),
        ({TRUTH: [1, 0, 2]}, "numbers other than 0 and 1"),
        ({"title": "Vertigo"}, "has no shots"),
    ],
)
def test_a_file_that_holds_no_movie_is_refused(tmp_path, values, message):
    path = write_pickle(tmp_path / "tt1.pkl", **values)
    with pytest.raises(DataError, match=rf"cannot load .*tt1\.pkl: .*{message}"):
        scenes.load_movie(path)


def test_a_file_of_something_else_is_refused(tmp_path):
    path = tmp_path / "tt1.pkl"
    path.write_bytes(pickle.dumps([1, 2]))
    with pytest.raises(DataError, match="it holds a list, not a dict of a movie's features"):
        scenes.load_movie(path)
    for data in (b"", b"not a pickle", b"\x89PNG\r\n", b"PK\x03\x04", b"\x80\x09}."):
        path.write_bytes(data)
        with pytest.raises(DataError, match=r"cannot load .*tt1\.pkl: it (is|asks for)"):
            scenes.load_movie(path)
    with pytest.raises(DataError, match=r"cannot load .*none\.pkl: .*No such file"):
        scenes.load_movie(tmp_path / "none.pkl")
    with pytest.raises(ParameterError, match=r"must end in one of \.pkl, .*\.safetensors; got 'film\.mp4'"):
        scenes.load_movie("film.mp4")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes on this system")
def test_a_pipe_is_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "tt1.pkl")
    with pytest.raises(DataError, match="it is not a file"):
        scenes.load_movie(tmp_path / "tt1.pkl")


def test_features_that_show_the_same_numbers_again_are_refused(tmp_path):
    import torch

    x = torch.ones(100, 1000)
    torch.save(dict.fromkeys(("place", "cast", "action", "audio"), x), tmp_path / "tt1.pt")
    with pytest.raises(DataError, match="the same numbers again and again"):
        scenes.load_movie(tmp_path / "tt1.pt")
    torch.save({"place": x[:, :600], "audio": x[:, 600:]}, tmp_path / "tt1.pt")
    assert scenes.load_movie(tmp_path / "tt1.pt").features["audio"].shape == (100, 400)


def test_a_folder_is_loaded_sorted_by_id(tmp_path):
    for imdb_id, name in (("tt3", "a.pkl"), ("tt1", "z.npz"), ("tt2", "m.safetensors")):
        scenes.write_movie(a_movie(imdb_id), tmp_path / name)
    (tmp_path / "README.md").write_text("about")
    (tmp_path / ".tt9.pkl").write_bytes(b"half")
    (tmp_path / "more.pkl").mkdir()
    movies = scenes.load_movies(tmp_path, progress=False)
    assert [movie.imdb_id for movie in movies] == ["tt1", "tt2", "tt3"]
    (tmp_path / "b.npz").write_bytes((tmp_path / "z.npz").read_bytes())
    with pytest.raises(DataError, match=r"b\.npz and .*z\.npz are of one movie, 'tt1'"):
        scenes.load_movies(tmp_path, progress=False)


def test_a_folder_without_movies_is_refused(tmp_path):
    with pytest.raises(ParameterError, match="there is no movie in"):
        scenes.load_movies(tmp_path)
    with pytest.raises(ParameterError, match="nowhere is not a folder"):
        scenes.load_movies(tmp_path / "nowhere")


def test_one_broken_file_of_a_folder_is_named(tmp_path):
    scenes.write_movie(a_movie(), tmp_path / "tt1.pkl")
    (tmp_path / "tt2.pkl").write_bytes((tmp_path / "tt1.pkl").read_bytes()[:-50])
    with pytest.raises(DataError, match=r"cannot load .*tt2\.pkl"):
        scenes.load_movies(tmp_path, progress=False)


# Writing


@pytest.mark.parametrize("suffix", [".pkl", ".npz", ".safetensors"])
def test_a_written_movie_is_the_same(tmp_path, suffix):
    for movie in (a_movie(predictions=[0.1, 0.2, 0.3, 1 / 3]), Movie("é", {"place": np.ones((1, 0))})):
        path = scenes.write_movie(movie, tmp_path / f"tt1{suffix}")
        assert same(scenes.load_movie(path), movie)


def test_a_written_pickle_is_the_challenges(tmp_path):
    import torch

    with open(scenes.write_movie(a_movie(), tmp_path / "tt1.pkl"), "rb") as file:
        values = pickle.load(file)
    assert set(values) == {"imdb_id", "place", "audio", TRUTH, "shot_end_frame"}
    assert all(isinstance(value, torch.Tensor) for name, value in values.items() if name != "imdb_id")
    assert values[TRUTH].dtype == torch.bool


def test_what_cannot_be_written_is_refused(tmp_path):
    with pytest.raises(ParameterError, match="must end in one of"):
        scenes.write_movie(a_movie(), tmp_path / "tt1.csv")
    with pytest.raises(ParameterError, match="movie must be a Movie, as load_movie returns it; got dict"):
        scenes.write_movie({}, tmp_path / "tt1.npz")
    with pytest.raises(ParameterError, match="cannot have the name 'shot_end_frame'"):
        scenes.write_movie(Movie("tt1", {"shot_end_frame": np.ones((2, 2))}), tmp_path / "tt1.npz")
    assert list(tmp_path.iterdir()) == []


PREDICTED = np.array([0.25, 0.5, 0.75, 1.0])


@pytest.mark.parametrize("protocol", range(6))
@pytest.mark.parametrize("kind", ["tensor", "array", "list"])
@pytest.mark.parametrize("container", [dict, collections.OrderedDict])
def test_predictions_replace_the_old_ones_and_nothing_else(tmp_path, protocol, kind, container):
    import torch

    make = {"tensor": torch.tensor, "array": lambda x: np.array(x, np.float32), "list": list}[kind]
    shared = ["kept", 2.5]
    values = container(
        imdb_id="tt1",
        place=torch.randn(5, 3).T.contiguous().T,
        later=torch.nn.Parameter(torch.ones(2).half()),
        **{PREDICTION: make([0.0, 0.0, 0.0, 0.0])},
        notes={"a": [None, True, shared], 3: shared},
        cast=np.asfortranarray(np.ones((5, 2))),
    )
    path = tmp_path / "tt1.pkl"
    path.write_bytes(pickle.dumps(values, protocol))
    sizes = []
    for predicted in (PREDICTED[::-1], PREDICTED):
        scenes.write_predictions(scenes.load_movie(path), predicted)
        sizes.append(path.stat().st_size)
    assert sizes[0] == sizes[1]
    # the unpickler in C, and the one in Python
    for read in (pickle.loads, lambda data: pickle._loads(data)):
        after = read(path.read_bytes())
        assert type(after) is container
        assert list(after) == list(values)
        assert type(after[PREDICTION]) is type(values[PREDICTION])
        assert np.array_equal(np.asarray(after[PREDICTION]), PREDICTED)
        if kind != "list":
            assert after[PREDICTION].dtype == values[PREDICTION].dtype
        assert torch.equal(after["place"], values["place"])
        assert after["place"].stride() == values["place"].stride()
        assert isinstance(after["later"], torch.nn.Parameter)
        assert after["notes"] == values["notes"]
        assert after["notes"]["a"][2] is after["notes"][3]
        assert np.array_equal(after["cast"], values["cast"])


@pytest.mark.parametrize("suffix", [".pkl", ".npz", ".safetensors"])
def test_predictions_are_added_where_there_are_none(tmp_path, suffix):
    path = scenes.write_movie(a_movie(), tmp_path / f"tt1{suffix}")
    movie = scenes.load_movie(path)
    written = scenes.write_predictions(movie, [0.1, 0.2, 1 / 3, 0.4])
    assert movie.predictions is None
    assert written.predictions.tolist() == [0.1, 0.2, 1 / 3, 0.4]
    assert same(scenes.load_movie(path), written)
    if suffix == ".pkl":
        import torch

        assert isinstance(pickle.loads(path.read_bytes())[PREDICTION], torch.Tensor)


def test_the_first_predictions_come_as_the_other_values(tmp_path):
    import torch

    for place, kind in ((np.ones((5, 2)), np.ndarray), (torch.ones(5, 2), torch.Tensor)):
        path = write_pickle(tmp_path / "tt1.pkl", place=place, **{TRUTH: [True, False, False, True]})
        scenes.write_predictions(scenes.load_movie(path), PREDICTED)
        written = pickle.loads(path.read_bytes())[PREDICTION]
        assert isinstance(written, kind)
        assert (written >= 0.5).tolist() == [False, True, True, True]


@pytest.mark.parametrize("zipped", [True, False])
def test_a_file_of_torch_keeps_its_format(tmp_path, zipped):
    import torch

    path = tmp_path / "tt1.pt"
    values = {"imdb_id": "tt1", "place": torch.randn(5, 3), "extra": np.float32(2), "more": np.array(["a", "b"])}
    torch.save(values, path, _use_new_zipfile_serialization=zipped)
    scenes.write_predictions(scenes.load_movie(path), PREDICTED)
    after = torch.load(path, weights_only=False)
    assert (path.read_bytes()[:2] == b"PK") == zipped
    assert torch.equal(after["place"], values["place"])
    assert after["more"].tolist() == ["a", "b"]
    assert after["extra"] == 2
    assert after[PREDICTION].tolist() == PREDICTED.tolist()


def test_other_parts_of_safe_formats_are_kept(tmp_path):
    import torch
    from safetensors import safe_open
    from safetensors.torch import save_file

    path = tmp_path / "tt1.npz"
    np.savez_compressed(path, place=np.ones((5, 2)), more=np.arange(3), title="Vertigo")
    scenes.write_predictions(scenes.load_movie(path), PREDICTED)
    with np.load(path) as after:
        assert set(after.files) == {"place", "more", "title", PREDICTION}
        assert after["more"].tolist() == [0, 1, 2]
        assert str(after["title"]) == "Vertigo"
    path = tmp_path / "tt1.safetensors"
    tensors = {
        "place": torch.ones(5, 2).bfloat16(),
        "more": torch.arange(3).to(torch.float8_e4m3fn),
        "c": torch.tensor(True),
    }
    save_file(tensors, path, metadata={"imdb_id": "tt1", "title": "Vertigo"})
    scenes.write_predictions(scenes.load_movie(path), PREDICTED)
    with safe_open(path, "pt") as after:
        assert after.metadata() == {"imdb_id": "tt1", "title": "Vertigo"}
        assert after.get_tensor("place").dtype == torch.bfloat16
        assert torch.equal(after.get_tensor("more").float(), tensors["more"].float())
        assert after.get_tensor(PREDICTION).tolist() == PREDICTED.tolist()


def test_predictions_go_to_another_file(tmp_path):
    source = scenes.write_movie(a_movie(), tmp_path / "tt1.pkl")
    before = source.read_bytes()
    movie = scenes.load_movie(source)
    for name in ("copy.pkl", "copy.npz", "copy.safetensors"):
        written = scenes.write_predictions(movie, PREDICTED, tmp_path / name)
        assert written.path == tmp_path / name
        assert same(scenes.load_movie(tmp_path / name), written)
    assert source.read_bytes() == before
    from_nowhere = scenes.write_predictions(a_movie(), PREDICTED, tmp_path / "new.pkl")
    assert same(scenes.load_movie(tmp_path / "new.pkl"), from_nowhere)


def test_of_a_link_the_file_behind_it_is_replaced(tmp_path):
    path = scenes.write_movie(a_movie(), tmp_path / "tt1.npz")
    link = tmp_path / "link.npz"
    link.symlink_to(path)
    scenes.write_predictions(scenes.load_movie(link), PREDICTED)
    assert link.is_symlink()
    assert scenes.load_movie(path).predictions.tolist() == PREDICTED.tolist()


def test_arrays_may_have_any_name(tmp_path):
    movie = Movie("tt1", {"file": np.ones((5, 2)), "allow_pickle": np.ones((5, 1)), "a/b": np.ones((5, 1))})
    for suffix in (".npz", ".safetensors", ".pkl"):
        path = scenes.write_movie(movie, tmp_path / f"tt1{suffix}")
        scenes.write_predictions(scenes.load_movie(path), PREDICTED)
        assert set(scenes.load_movie(path).features) == {"file", "allow_pickle", "a/b"}


def test_predictions_that_cannot_be_written_are_an_error_and_change_nothing(tmp_path):
    with pytest.raises(ParameterError, match="the movie 'tt1' comes from no file: give the path"):
        scenes.write_predictions(a_movie(), PREDICTED)
    path = scenes.write_movie(a_movie(), tmp_path / "tt1.pkl")
    movie = scenes.load_movie(path)
    with pytest.raises(ParameterError, match="predictions is of 4"):
        scenes.write_predictions(movie, PREDICTED[:3])
    with pytest.raises(ParameterError, match="predictions must be 4 numbers, one a boundary; got None"):
        scenes.write_predictions(movie, None)
    with pytest.raises(ParameterError, match="predictions must be finite"):
        scenes.write_predictions(movie, [0, 0, 0, np.inf])
    with pytest.raises(ParameterError, match="the folder .* does not exist"):
        scenes.write_predictions(movie, PREDICTED, tmp_path / "nowhere" / "tt1.pkl")
    scenes.write_movie(a_movie(n=9), path)
    with pytest.raises(DataError, match="it holds 9 shots of 'tt1' by now, not 5 of 'tt1'; load it again"):
        scenes.write_predictions(movie, PREDICTED)
    path.write_bytes(path.read_bytes()[:-20])
    before = path.read_bytes()
    with pytest.raises(DataError, match=r"cannot load .*tt1\.pkl"):
        scenes.write_predictions(movie, PREDICTED)
    assert path.read_bytes() == before
    path.unlink()
    with pytest.raises(DataError, match=r"cannot load .*tt1\.pkl: .*No such file"):
        scenes.write_predictions(movie, PREDICTED)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="no SIGKILL on this system")
@pytest.mark.parametrize("suffix", [".pkl", ".npz"])
def test_a_kill_at_any_moment_leaves_the_old_file_or_the_new_one(tmp_path, suffix):
    n = 2000
    features = {"place": np.random.default_rng(0).normal(size=(n, 500)).astype(np.float32)}
    path = tmp_path / f"tt1{suffix}"
    if suffix == ".pkl":
        write_pickle(path, imdb_id="tt1", **features, **{TRUTH: np.zeros(n - 1, bool)})
    else:
        scenes.write_movie(Movie("tt1", features, np.zeros(n - 1, bool)), path)
    code = (
        "import sys, numpy as np; from toolkit import scenes\n"
        "movie = scenes.load_movie(sys.argv[1])\n"
        "scenes.write_predictions(movie, np.zeros(movie.n_shots - 1)); print('begun', flush=True)\n"
        "for value in range(1, 10**6): scenes.write_predictions(movie, np.full(movie.n_shots - 1, float(value)))\n"
    )
    rng = np.random.default_rng(0)
    for _ in range(3):
        with subprocess.Popen([sys.executable, "-c", code, path], stdout=subprocess.PIPE) as process:
            process.stdout.readline()
            time.sleep(rng.random() * 0.2)
            process.send_signal(signal.SIGKILL)
        movie = scenes.load_movies(tmp_path, progress=False)[0]
        assert len(np.unique(movie.predictions)) == 1
        assert np.array_equal(movie.features["place"], features["place"])


def reference_scores(folder):
    """Return AP and mean AP as the challenge's script has them: it reads every tt*.pkl of a folder by plain pickle."""
    truths, predicted = [], []
    for path in sorted(folder.glob("tt*.pkl")):
        with open(path, "rb") as file:
            values = pickle.load(file)
        truths.append(np.asarray(values[TRUTH]))
        predicted.append(np.asarray(values[PREDICTION]))
        assert len(truths[-1]) == len(predicted[-1]) == len(values["shot_end_frame"]) - 1
        assert values["imdb_id"] == path.stem
    scores = [average_precision_score(*pair) for pair in zip(truths, predicted, strict=True)]
    return average_precision_score(np.concatenate(truths), np.concatenate(predicted)), np.mean(scores)


def test_the_reference_evaluation_reads_what_was_written(tmp_path):
    rng = np.random.default_rng(0)
    for number in range(4):
        movie = a_movie(f"tt{number}", n=40, seed=number)
        movie = scenes.load_movie(scenes.write_movie(movie, tmp_path / f"tt{number}.pkl"))
        scenes.write_predictions(movie, 0.5 * movie.boundaries + rng.random(39))
    movies = scenes.load_movies(tmp_path, progress=False)
    pooled = average_precision_score(
        np.concatenate([movie.boundaries for movie in movies]), np.concatenate([movie.predictions for movie in movies])
    )
    means = np.mean([average_precision_score(movie.boundaries, movie.predictions) for movie in movies])
    assert reference_scores(tmp_path) == (pooled, means)
