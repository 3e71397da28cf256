"""A data set that hands out shuffled batches: the class of the TF 1.x tutorials."""
from __future__ import annotations

from typing import NamedTuple

import numpy as np

from graphcore.core.dtypes import as_dtype, float32, uint8
from graphcore.ops.random_seed import get_seed

FAKE_EXAMPLES, FAKE_PIXELS, FAKE_CLASSES = 10000, 784, 10


class DataSet:
    """Images with their labels, batch after batch and epoch after epoch.

    Shuffling draws from NumPy's global generator, which the constructor seeds: so does TF 1.15, and
    programs that call ``np.random.seed`` themselves expect the batches that follow from it.
    """

    def __init__(self, images, labels, fake_data=False, one_hot=False, dtype=float32, reshape=True, seed=None):
        """Hold ``images`` [count, rows, columns, 1] and ``labels``, which have the same count.

        ``dtype`` float32 scales pixels to 0…1, uint8 leaves them; ``reshape`` flattens each image;
        ``one_hot`` matters to fake data alone, whose labels are made here.
        """
        seed_generator(seed)
        dtype = as_dtype(dtype).base_dtype
        if dtype not in (uint8, float32):
            raise TypeError(f"Invalid image dtype {dtype!r}, expected uint8 or float32")
        self.one_hot = one_hot
        if not fake_data:
            images = prepare(images, labels, dtype, reshape)
        self._num_examples = FAKE_EXAMPLES if fake_data else len(images)
        self._images, self._labels = images, labels
        self._epochs_completed = self._index_in_epoch = 0

    @property
    def images(self):
        """All images, in the order of the current epoch."""
        return self._images

    @property
    def labels(self):
        """All labels, in the order of the current epoch."""
        return self._labels

    @property
    def num_examples(self):
        """How many examples one epoch has."""
        return self._num_examples

    @property
    def epochs_completed(self):
        """How often every example has been handed out."""
        return self._epochs_completed

    def next_batch(self, batch_size, fake_data=False, shuffle=True):
        """Return the next ``batch_size`` images and labels, going on into the next epoch where one ends."""
        if fake_data:
            return self._fake_batch(batch_size)
        start = self._index_in_epoch
        if self._epochs_completed == 0 and start == 0 and shuffle:
            self._shuffle()
        if start + batch_size > self._num_examples:
            return self._batch_across_epochs(start, batch_size, shuffle)
        self._index_in_epoch = end = start + batch_size
        return self._images[start:end], self._labels[start:end]

    def _batch_across_epochs(self, start, batch_size, shuffle):
        """Return what is left of this epoch and the beginning of the next."""
        self._epochs_completed += 1
        images, labels = self._images[start:], self._labels[start:]
        if shuffle:
            self._shuffle()
        self._index_in_epoch = end = batch_size - (self._num_examples - start)
        return np.concatenate((images, self._images[:end])), np.concatenate((labels, self._labels[:end]))

    def _shuffle(self):
        # shuffle(arange(n)), not permutation(n): the order must be TF's under the same seed.
        order = np.arange(self._num_examples)
        np.random.shuffle(order)
        self._images, self._labels = self._images[order], self._labels[order]

    def _fake_batch(self, batch_size):
        label = [1] + [0] * (FAKE_CLASSES - 1) if self.one_hot else 0
        return [[1] * FAKE_PIXELS for _ in range(batch_size)], [label for _ in range(batch_size)]


class Datasets(NamedTuple):
    """The three parts of a data set."""

    train: DataSet
    validation: DataSet
    test: DataSet


def seed_generator(seed):
    """Seed NumPy's global generator as TF does: by ``seed``, else by the graph's seed, else by chance."""
    graph_seed, op_seed = get_seed(seed)
    np.random.seed(graph_seed if seed is None else op_seed)


def prepare(images, labels, dtype, reshape):
    """Return ``images`` flattened and scaled as asked."""
    if images.shape[0] != labels.shape[0]:
        raise AssertionError(f"images.shape: {images.shape} labels.shape: {labels.shape}: every image needs one label")
    if reshape:
        if images.shape[3] != 1:
            raise AssertionError(f"images.shape: {images.shape}: reshape=True needs one channel, in the last dimension")
        images = images.reshape(images.shape[0], images.shape[1] * images.shape[2])
    return np.multiply(images.astype(np.float32), np.float32(1 / 255)) if dtype == float32 else images


def split_off_validation(images, labels, validation_size):
    """Return the first ``validation_size`` examples and the others, as two (images, labels) pairs."""
    if not 0 <= validation_size <= len(images):
        raise ValueError(f"Validation size should be between 0 and {len(images)}. Received: {validation_size}.")
    return (images[:validation_size], labels[:validation_size]), (images[validation_size:], labels[validation_size:])


def data_sets(train, test, validation_size, **options):
    """Return :class:`Datasets` of two (images, labels) pairs; validation is cut off the front of ``train``."""
    validation, train = split_off_validation(*train, validation_size)
    # Each constructor seeds the global generator anew; TF builds them in this order.
    return Datasets(DataSet(*train, **options), DataSet(*validation, **options), DataSet(*test, **options))
