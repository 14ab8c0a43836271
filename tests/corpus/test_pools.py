"""Workers that die, here and on a Dask cluster of two workers."""

import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import corpus_models
import pandas as pd
import psutil
import pytest
from corpus_runs import check_whole, embed, embed_in_processes

from toolkit import ParameterError, corpus
from toolkit.corpus import pools
from toolkit.corpus import worker as corpus_worker

ROOT = Path(__file__).parents[2]


def children():
    """Return the processes that this one has started, also in other tests."""
    return set(psutil.Process().children())


def test_a_disk_that_is_full_ends_the_run(videos, tmp_path):
    before = children()
    with pytest.raises(OSError, match="File too large"):
        embed_in_processes(videos, tmp_path / "out", model=corpus_models.on_a_full_disk, n_jobs=2)
    assert not list((tmp_path / "out").glob("*.npz"))
    assert children() <= before


# workers that die


def test_a_video_that_kills_its_worker_each_time_is_reported_and_the_rest_finish(deadly_videos, tmp_path):
    paths = corpus.find_videos(deadly_videos)[:6]
    table = embed_in_processes(paths, tmp_path / "out", model=corpus_models.deadly, n_jobs=2).set_index("video_id")
    assert table.index[table["status"] == "failed"].tolist() == ["2"]
    told = "its worker process was ended by it, 2 times: SIGKILL, as where memory runs out; try fewer n_jobs"
    assert table["error"]["2"] == told
    check_whole(tmp_path / "out", "01345")
    assert pd.read_csv(tmp_path / "out" / "errors.csv")["error"].tolist() == [told]


def test_how_a_worker_ended_is_told(deadly_videos, tmp_path):
    paths = [deadly_videos / "2.mp4", deadly_videos / "3.mp4"]
    table = embed_in_processes(paths, tmp_path / "out", model=corpus_models.exiting)
    assert table["error"].tolist() == ["its worker process was ended by it, 2 times: exit status 7", ""]


def test_how_a_model_that_leaves_ended_its_worker_is_told(videos, tmp_path):
    def leave(images):
        import sys

        sys.exit(3)

    table = embed_in_processes([videos / "a.mp4"], tmp_path / "out", model=leave)
    assert table["error"].tolist() == ["its worker process was ended by it, 2 times: exit status 3"]


def test_a_worker_that_dies_once_loses_nothing(deadly_videos, tmp_path):
    model = corpus_models.DyingOnce(tmp_path / "died")
    assert set(embed_in_processes(deadly_videos, tmp_path / "out", model=model).status) == {"embedded"}
    assert (tmp_path / "died").exists()


def test_closing_a_run_ends_its_workers(deadly_videos, tmp_path):
    before = children()
    paths = corpus.find_videos(deadly_videos)
    drawn = []

    def jobs():
        for number, path in enumerate(paths):
            drawn.append(number)
            yield {"video_id": str(number), "video": path, "file": tmp_path / f"{number}.npz", "stamp": {}}

    settings = {"model": corpus_models.slow, "every": 10, "options": {}, "record": {}}
    run = pools.run(jobs(), pools.Processes(settings, 2))
    next(run)
    # few jobs are drawn before their worker is free
    assert len(drawn) <= 4
    assert len(children() - before) == 2
    run.close()
    assert children() <= before


def run_killed(paths, folder, count):
    """Run an embedding in a process of its own, kill it once it has written `count` files; return the workers' ids."""
    program = (
        "import sys; sys.path.insert(0, 'tests'); import corpus_models; from toolkit import corpus\n"
        "corpus.embed_videos(sys.argv[1], sys.argv[2], model=corpus_models.slow, n_jobs=2, progress=False)"
    )
    run = subprocess.Popen([sys.executable, "-c", program, paths, folder], cwd=ROOT, stderr=subprocess.DEVNULL)
    try:
        give_up = time.monotonic() + 60
        while len(list(folder.glob("*.npz"))) < count and run.poll() is None and time.monotonic() < give_up:
            time.sleep(0.02)
        assert run.poll() is None
        workers = psutil.Process(run.pid).children()
    finally:
        os.kill(run.pid, signal.SIGKILL)
        run.wait()
    return workers


def test_a_run_that_was_killed_goes_on_where_it_stopped(clips, tmp_path):
    paths = tmp_path / "videos"
    paths.mkdir()
    for number in range(12):
        shutil.copy(clips / "a.mp4", paths / f"{number}.mp4")
    workers = run_killed(paths, tmp_path / "out", 3)
    assert len(workers) == 2
    # without their parent they end too
    psutil.wait_procs(workers, timeout=30)
    assert not [worker for worker in workers if worker.is_running()]
    done = {path.stem for path in (tmp_path / "out").glob("[!.]*.npz")}
    assert 3 <= len(done) < 12
    table = embed_in_processes(paths, tmp_path / "out", model=corpus_models.slow, n_jobs=2)
    assert set(table.loc[table["status"] == "kept", "video_id"]) == done
    assert set(table["status"]) == {"kept", "embedded"}
    check_whole(tmp_path / "out", [str(number) for number in range(12)])


def test_workers_end_at_once_when_their_run_is_killed(clips, tmp_path):
    program = (
        "import sys; sys.path.insert(0, 'tests'); import corpus_models; from toolkit import corpus\n"
        "model = corpus_models.Endless(sys.argv[3])\n"
        "corpus.embed_videos(sys.argv[1], sys.argv[2], model=model, n_jobs=1, progress=False)"
    )
    begun = tmp_path / "begun"
    run = subprocess.Popen(
        [sys.executable, "-c", program, clips / "a.mp4", tmp_path / "out", begun],
        cwd=ROOT,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        give_up = time.monotonic() + 60
        while not begun.exists() and run.poll() is None and time.monotonic() < give_up:
            time.sleep(0.02)
        assert begun.exists()
        (worker,) = psutil.Process(run.pid).children()
    finally:
        run.kill()
        run.wait()
    # in the middle of a video that it would be at for a minute
    gone, _ = psutil.wait_procs([worker], timeout=15)
    assert gone == [worker]


# on a Dask cluster


@pytest.fixture(scope="module")
def client():
    import dask
    from distributed import Client, LocalCluster

    # a task is given up after two deaths: the default of three takes longer
    with (
        dask.config.set({"distributed.scheduler.allowed-failures": 1}),
        LocalCluster(
            n_workers=2, threads_per_worker=1, processes=True, dashboard_address="127.0.0.1:0", host="127.0.0.1"
        ) as cluster,
        Client(cluster) as client,
    ):
        yield client


def workers_of(client, count=2):
    client.wait_for_workers(count, timeout=60)
    return client.run(os.getpid)


def test_with_a_worker_of_a_cluster_killed_midway_every_video_is_embedded_or_reported(client, clips, tmp_path):
    paths = tmp_path / "videos"
    paths.mkdir()
    for number in range(30):
        shutil.copy(clips / "a.mp4", paths / f"{number}.mp4")
    shutil.copy(clips / "broken.mp4", paths / "broken.mp4")
    victim = next(iter(workers_of(client).values()))

    def killing(jobs, pool, run=pools.run):
        for done, outcome in enumerate(run(jobs, pool)):
            if done == 5:
                os.kill(victim, signal.SIGKILL)
            yield outcome

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pools, "run", killing)
        table = embed_in_processes(paths, tmp_path / "out", model=corpus_models.slow, client=client)
    assert victim not in workers_of(client).values()
    assert table.loc[table["status"] != "embedded", "video_id"].tolist() == ["broken"]
    assert "cannot be read as a film" in table.set_index("video_id")["error"]["broken"]
    check_whole(tmp_path / "out", [str(number) for number in range(30)])
    # what is there is there for a run here, too
    assert set(embed(paths, tmp_path / "out", model=corpus_models.slow)["status"]) == {"kept", "failed"}


def test_on_a_cluster_a_video_that_kills_its_workers_is_reported_and_the_rest_finish(client, deadly_videos, tmp_path):
    workers_of(client)
    paths = corpus.find_videos(deadly_videos)[:6]
    table = embed_in_processes(paths, tmp_path / "out", model=corpus_models.deadly, client=client)
    table = table.set_index("video_id")
    assert table.index[table["status"] == "failed"].tolist() == ["2"]
    assert set(table["error"][["2"]]) == {"its workers on the Dask cluster died of it, each time"}
    check_whole(tmp_path / "out", "01345")


def test_few_futures_are_under_way_at_a_time(client, clips, tmp_path):
    workers_of(client)
    under_way, drawn = [], 0

    def jobs():
        nonlocal drawn
        for number in range(40):
            drawn += 1
            file = tmp_path / f"{number}.npz"
            yield {"video_id": str(number), "video": clips / "single.mp4", "file": file, "stamp": {}}

    settings = {"model": corpus_models.numbers, "every": 10, "options": {}, "record": {}}
    for done, _ in enumerate(pools.run(jobs(), pools.Cluster(client, settings, tmp_path))):
        under_way.append(drawn - done)
    assert done == 39
    assert max(under_way) <= 2 * pools.FUTURES_PER_THREAD
    assert len(list(tmp_path.glob("*.npz"))) == 40


def test_what_is_wrong_at_a_worker_is_told_before_any_work(client, clips, tmp_path):
    workers_of(client)
    with pytest.raises(ParameterError, match="there is no file none.h5"):
        embed_in_processes(clips, tmp_path / "out", model="vgg16", weights="none.h5", client=client)
    wrong = corpus_worker.check(tmp_path / "nowhere", "layout", {})
    with pytest.raises(ParameterError, match="folder must be seen by the workers under the same path"):
        raise wrong


def test_a_cluster_without_workers_is_told_and_waited_for(clips, tmp_path):
    from distributed import Client, LocalCluster

    options = {"threads_per_worker": 1, "dashboard_address": "127.0.0.1:0", "host": "127.0.0.1"}
    with LocalCluster(n_workers=0, **options) as cluster, Client(cluster) as client:
        arrival = threading.Timer(0.5, cluster.scale, (1,))
        arrival.start()
        with pytest.warns(UserWarning, match="the Dask cluster has no workers yet; waiting for the first"):
            table = embed_in_processes(clips / "a.mp4", tmp_path / "out", client=client)
        arrival.join()
    assert table["status"].tolist() == ["embedded"]


def test_on_a_cluster_a_disk_that_is_full_ends_the_run(client, clips, tmp_path):
    workers_of(client)
    with pytest.raises(OSError, match="File too large"):
        embed_in_processes(clips, tmp_path / "out", model=corpus_models.on_a_full_disk, client=client)
    # what a worker of the cluster is still at, it leaves behind as a partial file
    assert not list((tmp_path / "out").glob("[!.]*.npz"))
