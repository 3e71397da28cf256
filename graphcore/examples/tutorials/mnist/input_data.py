"""Read MNIST: ``input_data.read_data_sets("MNIST_data/", one_hot=True)``.

The import path is that of the TF 1.x tutorials with ``graphcore`` for ``tensorflow``.
"""
from __future__ import annotations

from pathlib import Path
from urllib.error import URLError

import numpy as np

from graphcore.core.dtypes import float32
from graphcore.datasets import digits, idx, mnist
from graphcore.datasets.batches import DataSet, Datasets, data_sets
from graphcore.datasets.download import fetch

__all__ = ["DEFAULT_SOURCE_URL", "DataSet", "Datasets", "dense_to_one_hot", "extract_images", "extract_labels",
           "read_data_sets", "read_digits"]

DEFAULT_SOURCE_URL = "https://storage.googleapis.com/cvdf-datasets/mnist/"
NUM_CLASSES = 10

# SHA-256 of the decompressed files: gzip headers differ between mirrors, the data does not.
CHECKSUMS = {
    mnist.TRAIN_IMAGES: "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
    mnist.TRAIN_LABELS: "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
    mnist.TEST_IMAGES: "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
    mnist.TEST_LABELS: "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
}


def read_data_sets(train_dir, fake_data=False, one_hot=False, dtype=float32, reshape=True, validation_size=5000,
                   seed=None, source_url=DEFAULT_SOURCE_URL):
    """Return MNIST as ``train``, ``validation`` and ``test``, each a :class:`DataSet`.

    Files are read from ``train_dir``; one that is missing is downloaded from ``source_url`` into it.
    What comes from the default source must have the known checksum; other sources may offer other
    data under the same file names.
    """
    if fake_data:
        return Datasets(*(DataSet([], [], fake_data=True, one_hot=one_hot, dtype=dtype, seed=seed) for _ in range(3)))
    arrays = [extract(local_file(name, train_dir, source_url or DEFAULT_SOURCE_URL), one_hot) for name in mnist.FILES]
    return data_sets(arrays[:2], arrays[2:], validation_size, dtype=dtype, reshape=reshape, seed=seed)


def read_digits(one_hot=False, dtype=float32, reshape=True, validation_size=200, seed=None):
    """Return scikit-learn's digits in the form of :func:`read_data_sets`: for machines without MNIST."""
    data = digits.load()
    train, test = ((images[..., np.newaxis], dense_to_one_hot(labels, NUM_CLASSES) if one_hot else labels)
                   for images, labels in (data[:2], data[2:]))
    return data_sets(train, test, validation_size, dtype=dtype, reshape=reshape, seed=seed)


def extract_images(f):
    """Return the images of the gzipped IDX file object ``f`` as uint8 [count, rows, columns, 1]."""
    print("Extracting", f.name)
    return idx.read_images(f)[..., np.newaxis]


def extract_labels(f, one_hot=False, num_classes=NUM_CLASSES):
    """Return the labels of the gzipped IDX file object ``f`` as uint8 [count], or one-hot."""
    print("Extracting", f.name)
    labels = idx.read_labels(f)
    return dense_to_one_hot(labels, num_classes) if one_hot else labels


def dense_to_one_hot(labels_dense, num_classes):
    """Return float64 rows with a one at each label.

    >>> dense_to_one_hot(np.array([1, 0]), 3).tolist()
    [[0.0, 1.0, 0.0], [1.0, 0.0, 0.0]]
    """
    labels = np.ravel(labels_dense)
    wrong = labels[(labels < 0) | (labels >= num_classes)]
    if wrong.size:
        raise ValueError(f"Label {wrong[0]} is not one of the {num_classes} classes 0 to {num_classes - 1}")
    one_hot = np.zeros((labels_dense.shape[0], num_classes))
    one_hot[np.arange(labels.size), labels] = 1
    return one_hot


def extract(path, one_hot):
    """Return the array in one of the four files."""
    with path.open("rb") as file:
        return extract_images(file) if "images" in path.name else extract_labels(file, one_hot=one_hot)


def local_file(name, directory, source_url):
    """Return where the file ``name`` lies in ``directory``, after fetching it if it was missing."""
    path = Path(directory) / name
    if path.exists():
        return path
    try:
        fetch(source_url + name, path, CHECKSUMS[name] if source_url == DEFAULT_SOURCE_URL else None)
    except OSError as error:
        raise URLError(
            f"{name} is not in {directory} and could not be downloaded from {source_url} ({error}). "
            f"Put {', '.join(mnist.FILES)} into {directory}, or use read_digits(), which needs no download"
        ) from error
    print("Successfully downloaded", name, path.stat().st_size, "bytes.")
    return path
