"""Where videos are embedded: in processes on this machine, or as futures on a Dask cluster.

Both take jobs from an iterator, a few at a time, and yield an outcome for each as it is done, in any order; a job that
ends its worker every time has an outcome too. Closing the generator ends its workers.
"""

import contextlib
import itertools
import os
import pickle
import queue
import signal
import subprocess
import sys
import threading
import time
import warnings
from concurrent.futures import CancelledError

from toolkit.corpus import worker as corpus_worker
from toolkit.errors import ParameterError

# how often a job may end its worker
ATTEMPTS = 2
# futures for each thread of a Dask cluster: enough that none waits for the next
AHEAD = 4
# seconds between two looks at how many threads a Dask cluster has
LOOK = 5.0
# seconds in which a process that answers no more may end by itself, which tells how it ended
GRACE = 5.0


def failed(job, error):
    """Return the outcome of a job that no worker could finish."""
    source = {"path": str(job["video"]), **job["stamp"]}
    return {"video_id": job["video_id"], "source": source, "frames": 0, "error": error, "warning": "", "seconds": 0.0}


# processes here


class _Dead(Exception):
    """A worker process ended in the middle of a job."""


class _Worker:
    """A process that does one job after another, and answers through pipes."""

    def __init__(self):
        # the modules that a function of one's own is in are sought where they are here
        program = f"import sys; sys.path[:] = {sys.path!r}; from toolkit.corpus.worker import main; main()"
        self.process = subprocess.Popen(
            [sys.executable, "-c", program],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=os.environ | corpus_worker.ONE_THREAD,
        )

    def ask(self, job):
        """Return the answer to a job."""
        try:
            pickle.dump(job, self.process.stdin)
            self.process.stdin.flush()
            return pickle.load(self.process.stdout)
        except (EOFError, OSError, pickle.UnpicklingError):
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.process.wait(GRACE)
            self.process.kill()
            raise _Dead(_end(self.process.wait())) from None

    def close(self):
        """End the process: at once, whatever it does."""
        self.process.kill()
        self.process.wait()
        for pipe in (self.process.stdin, self.process.stdout):
            # what was not sent needs no more sending
            with contextlib.suppress(OSError):
                pipe.close()


def run_here(jobs, settings, n_jobs):
    """Yield the outcomes of jobs done by `n_jobs` processes of this machine, each with one thread.

    Each process has a thread here that waits for it, and so it is known which job a process was at when it died. The
    processes are started anew, not forked: a fork of a process in which numba or torch has run may hang. They do not
    import the program that runs here, which needs no ``if __name__ == "__main__"``, and functions defined in it are
    sent as they are (cloudpickle).

    Raises
    ------
    ParameterError
        If the model cannot be sent to another process.
    OSError
        If results cannot be written.
    """
    import cloudpickle

    try:
        settings = cloudpickle.dumps(settings)
    # whatever a function of one's own refers to may refuse, in its own way
    except Exception as error:
        raise ParameterError(
            f"model cannot be sent to other processes, where videos are embedded: {error}. Let it load what it needs "
            "when it is first called"
        ) from error
    pool = _Pool(iter(jobs), settings)
    threads = [threading.Thread(target=pool.tend, daemon=True) for _ in range(n_jobs)]
    try:
        for thread in threads:
            thread.start()
        running = n_jobs
        while running:
            outcome = pool.outcomes.get()
            if isinstance(outcome, BaseException):
                raise outcome
            if outcome is None:
                running -= 1
            else:
                yield outcome
    finally:
        pool.stop()
        for thread in threads:
            thread.join()


class _Pool:
    """Workers, each tended by a thread: jobs are drawn from one iterator, outcomes go into one queue."""

    def __init__(self, jobs, settings):
        self.jobs, self.settings = jobs, settings
        self.outcomes = queue.SimpleQueue()
        self.lock, self.stopped, self.workers = threading.Lock(), False, set()

    def tend(self):
        """Keep one worker at work until there are no more jobs, and tell of it with a last outcome, None."""
        worker = None
        try:
            while (job := self._next()) is not None:
                for attempt in range(ATTEMPTS):
                    worker = worker or self._start()
                    try:
                        outcome = worker.ask(job)
                        break
                    except _Dead as death:
                        self._end(worker)
                        worker, last = None, attempt + 1 == ATTEMPTS
                        if self.stopped:
                            return
                        if last:
                            outcome = failed(job, f"its worker process was ended by it, {ATTEMPTS} times: {death}")
                self.outcomes.put(outcome)
        # also those that a worker cannot be started by
        except BaseException as error:
            self.outcomes.put(error)
        finally:
            if worker is not None:
                self._end(worker)
            self.outcomes.put(None)

    def _next(self):
        with self.lock:
            return None if self.stopped else next(self.jobs, None)

    def _start(self):
        worker = _Worker()
        with self.lock:
            self.workers.add(worker)
        try:
            if self.stopped:
                raise _Dead("stopped")
            wrong = worker.ask(self.settings)
        except _Dead as death:
            self._end(worker)
            raise OSError(f"a worker process cannot be started: {death}") from None
        if wrong is not None:
            self._end(worker)
            raise ParameterError(f"model cannot be sent to other processes, where videos are embedded: {wrong}")
        return worker

    def _end(self, worker):
        worker.close()
        with self.lock:
            self.workers.discard(worker)

    def stop(self):
        """Let no job begin, and end those at work."""
        with self.lock:
            self.stopped = True
            for worker in self.workers:
                worker.process.kill()


def _end(code):
    """Return in words how a process ended."""
    if code < 0:
        with contextlib.suppress(ValueError):
            name = signal.Signals(-code).name
            return f"{name}{', as where memory runs out; try fewer n_jobs' if name == 'SIGKILL' else ''}"
    return f"exit status {code}"


# a Dask cluster


def check_client(client):
    """Return `client` if it is one of `dask.distributed`; otherwise raise a ParameterError."""
    try:
        from distributed import Client
    except ImportError as error:
        raise ParameterError(f"client needs dask.distributed: pip install distributed ({error})") from None
    if not isinstance(client, Client) or client.asynchronous:
        raise ParameterError(
            'client must be a dask.distributed.Client, such as Client("tcp://scheduler:8786"), not asynchronous; '
            f"got {type(client).__name__}"
        )
    return client


def run_on_cluster(jobs, settings, client, folder):
    """Yield the outcomes of jobs done as futures of a Dask cluster.

    A worker that dies loses nothing: what it was at is done by another. A job whose workers die is given up by the
    scheduler after some (its `allowed-failures`), and so are jobs that only waited at these workers: all of them are
    done once more in the end, one at a time, and who then ends its workers is the cause.

    Raises
    ------
    ParameterError
        If the workers lack the toolkit, the model or the folder.
    OSError
        If results cannot be written, or the scheduler is lost.
    """
    from distributed import as_completed

    wrong = _first_answer(client, folder, settings)
    if wrong is not None:
        raise wrong
    jobs, suspects, running = iter(jobs), [], {}
    done = as_completed(loop=client.loop)

    def submit(job, retries):
        future = client.submit(corpus_worker.embed_video, job, settings, retries=retries, pure=False)
        running[future] = job
        done.add(future)

    def finished():
        future = next(done)
        job = running.pop(future)
        return job, _outcome(future)

    room, looked = _room(client), time.monotonic()
    try:
        while True:
            if time.monotonic() - looked > LOOK:
                room, looked = _room(client), time.monotonic()
            for job in itertools.islice(jobs, max(0, room - len(running))):
                submit(job, retries=2)
            if not running:
                break
            job, outcome = finished()
            if outcome is None:
                suspects.append(job)
            else:
                yield outcome
        for job in suspects:
            submit(job, retries=0)
            _, outcome = finished()
            yield outcome or failed(job, "its workers on the Dask cluster died of it, each time")
    finally:
        client.cancel(list(running))


def _first_answer(client, folder, settings):
    """Return what a worker of the cluster finds wrong with a model, its options, or the folder."""
    if not client.nthreads():
        warnings.warn("the Dask cluster has no workers yet; waiting for the first", stacklevel=5)
    future = client.submit(corpus_worker.check, str(folder), settings["model"], settings["options"], pure=False)
    try:
        return future.result()
    # what a worker that lacks the toolkit, or is of another version, raises
    except (ImportError, AttributeError, TypeError, pickle.PickleError) as error:
        return ParameterError(
            f"the workers of the Dask cluster must have this toolkit and what the model needs: {error}. Install "
            "film-toolkit where they run, in the same version"
        )


def _outcome(future):
    """Return what a finished future has found; None where its workers died."""
    from distributed import KilledWorker

    try:
        return future.result()
    except KilledWorker:
        return None
    except CancelledError as error:
        raise OSError(f"the Dask scheduler has lost a task: was it ended, or restarted? ({error})") from error
    finally:
        future.release()


def _room(client):
    """Return how many futures to have under way."""
    return max(AHEAD, AHEAD * sum(client.nthreads().values()))
