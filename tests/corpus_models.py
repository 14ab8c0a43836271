"""Models that tests send to worker processes: what they return is known, and some do what a worker may suffer."""

import os
import resource
import signal
import time
from pathlib import Path

import numpy as np
from films import read_number

# width of the pictures that some models do not bear
DEADLY = 80


def numbers(images):
    """Return the number that each picture shows, and a one."""
    return np.array([[read_number(image), 1] for image in images], np.float32)


def deadly(images):
    """End the process at pictures of one width."""
    if images.shape[2] == DEADLY:
        os.kill(os.getpid(), signal.SIGKILL)
    return numbers(images)


def exiting(images):
    if images.shape[2] == DEADLY:
        os._exit(7)
    return numbers(images)


def failing(images):
    if images.shape[2] == DEADLY:
        raise ZeroDivisionError("none\nof these")
    return numbers(images)


def slow(images):
    time.sleep(0.1)
    return numbers(images)


def printing(images):
    print("what a model prints", flush=True)
    os.write(1, b"and what its libraries print\n")
    return numbers(images)


def threads(images):
    """Return how many threads libraries would use."""
    import cv2
    import numba
    import torch

    row = [numba.config.NUMBA_NUM_THREADS, cv2.getNumThreads(), torch.get_num_threads()]
    return np.array([row] * len(images), np.float32)


def process(images):
    return np.full((len(images), 1), os.getpid(), np.float32)


def on_a_full_disk(images):
    """Let this process write no file of more than 100 bytes."""
    resource.setrlimit(resource.RLIMIT_FSIZE, (100, resource.RLIM_INFINITY))
    return numbers(images)


class DyingOnce:
    """A model that ends its process at one width, the first time."""

    cache_key = "dying once"

    def __init__(self, marker):
        self.marker = marker

    def __call__(self, images):
        """Return the numbers that pictures show."""
        if images.shape[2] == DEADLY and not os.path.exists(self.marker):
            Path(self.marker).touch()
            os.kill(os.getpid(), signal.SIGKILL)
        return numbers(images)


class Endless:
    """A model that begins, and is at it for a minute."""

    cache_key = "endless"

    def __init__(self, marker):
        self.marker = marker

    def __call__(self, images):
        """Return the numbers that pictures show, late."""
        Path(self.marker).touch()
        time.sleep(60)
        return numbers(images)
