"""scikit-learn's 1797 handwritten digits in MNIST's form, for machines without MNIST."""
from __future__ import annotations

import numpy as np

from graphcore.datasets.mnist import Mnist

SCALE, BORDER, TESTS = 3, 2, 297


def load() -> Mnist:
    """Return 1500 training and 297 test digits, as uint8 images of 28 by 28.

    The 8 by 8 images are enlarged three times and framed by two black pixels, so that a
    model made for MNIST takes them as they are. Needs scikit-learn, which ships the data.
    """
    try:
        from sklearn.datasets import load_digits
    except ImportError as error:
        raise ImportError("The digits are part of scikit-learn: pip install scikit-learn") from error
    digits = load_digits()
    images, labels = enlarge(digits.images), digits.target.astype(np.uint8)
    return Mnist(images[:-TESTS], labels[:-TESTS], images[-TESTS:], labels[-TESTS:])


def enlarge(images: np.ndarray) -> np.ndarray:
    """Return 8 by 8 images of values 0 to 16 as 28 by 28 of values 0 to 255."""
    pixels = np.round(images * (255 / 16)).astype(np.uint8)
    large = pixels.repeat(SCALE, axis=1).repeat(SCALE, axis=2)
    return np.pad(large, ((0, 0), (BORDER, BORDER), (BORDER, BORDER)))
