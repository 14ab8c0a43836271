"""What trainings of keras networks share: batches made for each epoch, and a progress bar."""

import contextlib

from toolkit.networks.engine import import_keras, one_thread
from toolkit.networks.files import quiet_arrays
from toolkit.storage import progress_bar


def epoch_batches(count, batch):
    """Return a data set of keras with `count` batches an epoch: what `batch(epoch, index)` returns of each."""

    class EpochBatches(import_keras().utils.PyDataset):
        epoch = 0

        def __len__(self):
            return count

        def __getitem__(self, index):
            return batch(self.epoch, index)

        def on_epoch_end(self):
            self.epoch += 1

    return EpochBatches()


@contextlib.contextmanager
def training_bar(epochs, *, names=None, progress=True):
    """Run a block on one thread of torch, under a progress bar; give the callback that shows figures of epochs on it.

    Parameters
    ----------
    epochs : int
    names : sequence of str, optional
        Of the figures to show. None: all.
    progress : bool
    """
    keras = import_keras()
    bar = progress_bar(total=epochs, description="training", unit="epoch", progress=progress)

    def show(_, logs):
        bar.set_postfix({name: f"{logs[name]:.2f}" for name in names or logs}, refresh=False)
        bar.update()

    with bar, one_thread(keras), quiet_arrays():
        yield keras.callbacks.LambdaCallback(on_epoch_end=show)
