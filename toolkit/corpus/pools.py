"""Where videos are embedded: in processes on this machine, or as futures on a Dask cluster.

Both are a pool: `room()` jobs may be under way at once, `submit(job)` returns a future, `outcome(future)` what has come
of it, None where it is not known which job its worker died of, and `close(futures)` ends it in the middle of these.

A `LocalCluster` of Dask would make one of them. For the same videos it takes 1.4 to 2.5 times as long, its workers
import the program that runs here, which then needs an ``if __name__ == "__main__"``, it does not report how a worker
ended, and any user of this machine may run code on it through its port.
"""

import contextlib
import itertools
import math
import multiprocessing
import os
import pickle
import queue
import signal
import subprocess
import sys
import threading
import time
import warnings
from concurrent.futures import CancelledError, ThreadPoolExecutor

from toolkit.corpus import worker as corpus_worker
from toolkit.errors import ParameterError

# how often a job may end its worker
ATTEMPTS = 2
# jobs under way for each process here, and futures for each thread of a Dask cluster: enough that none waits
JOBS_PER_PROCESS, FUTURES_PER_THREAD = 2, 4
# between two looks at how many threads a Dask cluster has
LOOK_INTERVAL_SECONDS = 5.0
# in which a process that no longer answers may end by itself, which shows how it ended
GRACE_SECONDS = 5.0


def run(jobs, pool):
    """Yield an outcome of each job as it is done, in any order; jobs are taken from an iterator, a few at a time.

    Those of which it is not known what their workers died of are done once more in the end, one at a time: who then
    ends its workers is the cause. Closing the generator ends the pool.

    Raises
    ------
    OSError
        If results cannot be written, no worker can be started, or the scheduler is lost.
    """
    running, done, suspects = {}, queue.SimpleQueue(), []

    def submit(job):
        future = pool.submit(job)
        running[future] = job
        future.add_done_callback(done.put)

    def finished():
        future = done.get()
        return running.pop(future), pool.outcome(future)

    jobs = iter(jobs)
    try:
        while True:
            for job in itertools.islice(jobs, max(0, pool.room() - len(running))):
                submit(job)
            if not running:
                break
            job, outcome = finished()
            if outcome is None:
                suspects.append(job)
            else:
                yield outcome
        for job in suspects:
            submit(job)
            _, outcome = finished()
            reason = "its workers on the Dask cluster died of it, each time"
            yield outcome or corpus_worker.outcome_of(job, job["stamp"], reason)
    finally:
        pool.close(list(running))


# processes here


class Processes:
    """Processes on this machine, each with one thread for computing.

    Each has a thread here that waits for it, and so it is known which job a process was at when it died. Processes are
    new, not forked: a fork of a process in which numba or torch has run may hang. They do not import the
    program that runs here, and functions defined in it are sent as they are (cloudpickle).

    Raises
    ------
    ParameterError
        If the model cannot be sent to another process; where it cannot be rebuilt there, as the outcome of a job.
    """

    def __init__(self, settings, count):
        import cloudpickle

        try:
            self.settings = cloudpickle.dumps(settings)
        # whatever a function of one's own refers to may refuse, in its own way
        except Exception as error:
            raise _unsendable(f"{error}. Let it load what it needs when it is first called") from error
        self.count, self.stopped, self.workers = count, False, {}
        self.threads = ThreadPoolExecutor(count)

    def room(self):
        """Return how many jobs to have under way."""
        return JOBS_PER_PROCESS * self.count

    def submit(self, job):
        """Return the future of a job."""
        return self.threads.submit(self._answer, job)

    def outcome(self, future):
        """Return the outcome of a finished job."""
        return future.result()

    def close(self, futures):
        """Let no job begin, and end those at work, whatever they do."""
        self.stopped = True
        for worker in list(self.workers.values()):
            worker.process.kill()
        self.threads.shutdown(cancel_futures=True)
        for worker in self.workers.values():
            worker.close()

    def _answer(self, job):
        """Return the outcome of a job, in a thread that has a process to itself."""
        for _ in range(ATTEMPTS):
            worker = self._worker()
            try:
                outcome = worker.ask(job)
            except _Dead as death:
                del self.workers[threading.get_ident()]
                reason = f"its worker process was ended by it, {ATTEMPTS} times: {death}"
                outcome = corpus_worker.outcome_of(job, job["stamp"], reason)
            else:
                break
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    def _worker(self):
        """Return the process of this thread, started if need be."""
        thread = threading.get_ident()
        if thread not in self.workers:
            worker = self.workers[thread] = _Worker()
            # closed meanwhile, when this one was not there to be ended yet
            if self.stopped:
                worker.process.kill()
            try:
                wrong = worker.ask(self.settings)
            except _Dead as death:
                raise OSError(f"a worker process cannot be started: {death}") from None
            if wrong is not None:
                raise _unsendable(wrong)
        return self.workers[thread]


def _unsendable(reason):
    return ParameterError(f"model cannot be sent to other processes, where videos are embedded: {reason}")


class _Dead(Exception):
    """A worker process ended in the middle of a job; the message says how."""


class _Worker:
    """A process that does one job after another, and answers through a pipe."""

    def __init__(self):
        self.pipe, theirs = multiprocessing.Pipe()
        handle = theirs.fileno()
        # the modules that a function of one's own is in are sought where they are here
        program = f"import sys; sys.path[:] = {sys.path!r}; from toolkit.corpus.worker import main; main({handle})"
        with theirs:
            # what a model prints is no result of the program that runs here
            self.process = subprocess.Popen(
                [sys.executable, "-c", program],
                stdin=subprocess.DEVNULL,
                stdout=2,
                pass_fds=[handle],
                env=os.environ | corpus_worker.ONE_THREAD,
            )

    def ask(self, job):
        """Return the answer to a job."""
        try:
            self.pipe.send(job)
            return self.pipe.recv()
        except (EOFError, OSError, pickle.UnpicklingError):
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.process.wait(GRACE_SECONDS)
            self.close()
            raise _Dead(_end_in_words(self.process.returncode)) from None

    def close(self):
        """End the process at once."""
        self.process.kill()
        self.process.wait()
        self.pipe.close()


def _end_in_words(code):
    """Return in words how a process ended."""
    if code < 0:
        with contextlib.suppress(ValueError):
            name = signal.Signals(-code).name
            return f"{name}{', as where memory runs out; try fewer n_jobs' if name == 'SIGKILL' else ''}"
    return f"exit status {code}"


# a Dask cluster


def check_client(client):
    """Return `client` if it is one of `dask.distributed`; otherwise raise a ParameterError."""
    from distributed import Client

    if not isinstance(client, Client) or client.asynchronous:
        raise ParameterError(
            'client must be a dask.distributed.Client, such as Client("tcp://scheduler:8786"), not asynchronous; '
            f"got {type(client).__name__}"
        )
    return client


class Cluster:
    """The workers of a Dask cluster.

    One that dies loses nothing: what it was at is done by another. A job whose workers die is given up by the scheduler
    after some (its `allowed-failures`), and so are jobs that only waited at these workers.

    Raises
    ------
    ParameterError
        If the workers lack the toolkit, the model or the folder.
    """

    def __init__(self, client, settings, folder):
        if not client.nthreads():
            warnings.warn("the Dask cluster has no workers yet; waiting for the first", stacklevel=3)
        future = client.submit(corpus_worker.check, str(folder), settings["model"], settings["options"], pure=False)
        try:
            wrong = future.result()
        # what a worker that lacks the toolkit, or is of another version, raises
        except (ImportError, AttributeError, TypeError, pickle.PickleError) as error:
            wrong = ParameterError(
                f"the workers of the Dask cluster must have this toolkit and what the model needs: {error}. Install "
                "film-toolkit where they run, in the same version"
            )
        if wrong is not None:
            raise wrong
        self.client, self.settings = client, settings
        self.threads, self.looked = 0, -math.inf

    def room(self):
        """Return how many futures to have under way."""
        if time.monotonic() - self.looked > LOOK_INTERVAL_SECONDS:
            self.threads, self.looked = sum(self.client.nthreads().values()), time.monotonic()
        return FUTURES_PER_THREAD * max(1, self.threads)

    def submit(self, job):
        """Return the future of a job."""
        return self.client.submit(corpus_worker.embed_video, job, self.settings, retries=2, pure=False)

    def outcome(self, future):
        """Return the outcome of a finished job; None where its workers died."""
        from distributed import KilledWorker

        try:
            return future.result()
        except KilledWorker:
            return None
        except CancelledError as error:
            raise OSError(f"the Dask scheduler has lost a task: was it ended, or restarted? ({error})") from error
        finally:
            future.release()

    def close(self, futures):
        """Do without what is still under way."""
        self.client.cancel(futures)
