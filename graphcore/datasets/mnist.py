"""MNIST from its four IDX files, wherever they lie on this machine."""
from __future__ import annotations

import os
from pathlib import Path
from typing import NamedTuple

import numpy as np

from graphcore.datasets import idx

TRAIN_IMAGES, TRAIN_LABELS = "train-images-idx3-ubyte.gz", "train-labels-idx1-ubyte.gz"
TEST_IMAGES, TEST_LABELS = "t10k-images-idx3-ubyte.gz", "t10k-labels-idx1-ubyte.gz"
FILES = (TRAIN_IMAGES, TRAIN_LABELS, TEST_IMAGES, TEST_LABELS)
FOLDER = "mnist_real"


class Mnist(NamedTuple):
    """Images are uint8 [count, 28, 28], black 0 to white 255; labels are uint8 [count]."""

    train_images: np.ndarray
    train_labels: np.ndarray
    test_images: np.ndarray
    test_labels: np.ndarray


def candidates() -> list[Path]:
    """Return the folders where :func:`find` looks, in its order."""
    clone = Path(__file__).resolve().parents[2]
    folders = [start.parent / "shared" / "data" / FOLDER for start in (Path.cwd(), clone)]
    data = os.environ.get("GRAPHCORE_DATA")
    return [Path(data) / FOLDER, *folders] if data else folders


def find(directory: str | os.PathLike[str] | None = None) -> Path | None:
    """Return the folder that holds all four files, or None.

    Looks in ``directory`` alone if it is given; else in ``$GRAPHCORE_DATA/mnist_real``, then in
    ``../shared/data/mnist_real`` seen from the working directory and from a clone's root.
    """
    folders = candidates() if directory is None else [Path(directory)]
    return next((folder for folder in folders if all((folder / name).is_file() for name in FILES)), None)


def load(directory: str | os.PathLike[str] | None = None) -> Mnist:
    """Return the data set from the folder that :func:`find` finds."""
    folder = find(directory)
    if folder is None:
        looked = [str(directory)] if directory is not None else [str(path) for path in candidates()]
        raise FileNotFoundError(
            f"MNIST not found in {', '.join(looked)}. Put {', '.join(FILES)} into one folder and name it, "
            f"or set GRAPHCORE_DATA to the folder above one called {FOLDER}"
        )
    data = Mnist(*(read(folder / name) for name in FILES))
    for images, labels in ((data.train_images, data.train_labels), (data.test_images, data.test_labels)):
        if len(images) != len(labels):
            raise ValueError(f"{folder}: {len(images)} images but {len(labels)} labels")
    return data


def read(path: Path) -> np.ndarray:
    """Return the array in one of the four files."""
    reader = idx.read_images if "images" in path.name else idx.read_labels
    with path.open("rb") as file:
        return reader(file)
