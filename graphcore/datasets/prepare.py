"""Standardizing and splitting, with the numbers scikit-learn gives, from NumPy alone."""
from __future__ import annotations

import math

import numpy as np


def standardize(features: np.ndarray) -> np.ndarray:
    """Return ``features`` with mean 0 and deviation 1 in each column, in their own dtype.

    A constant column becomes zeros, as ``sklearn.preprocessing.StandardScaler`` has it.
    """
    wide = features.astype(np.float64)
    deviation = wide.std(axis=0)
    deviation[deviation == 0] = 1
    # Mean and deviation are rounded to the array's type before they are used: so does scikit-learn.
    mean, deviation = wide.mean(axis=0).astype(features.dtype), deviation.astype(features.dtype)
    return (features - mean) / deviation


def train_test_split(*arrays: np.ndarray, test_size: float = 0.25, random_state: int | None = None) -> list[np.ndarray]:
    """Return each array's training part and test part, shuffled by the same permutation.

    >>> [part.tolist() for part in train_test_split(np.arange(5), test_size=0.2, random_state=123)]
    [[3, 4, 0, 2], [1]]
    """
    rows = common_length(arrays)
    if not 0 < test_size < 1:
        raise ValueError(f"test_size must be a fraction between 0 and 1, got {test_size!r}")
    tests = math.ceil(test_size * rows)
    if tests >= rows:
        raise ValueError(f"test_size={test_size!r} leaves nothing to train on: there are {rows} rows")
    order = np.random.RandomState(random_state).permutation(rows)
    return [array[part] for array in arrays for part in (order[tests:], order[:tests])]


def common_length(arrays: tuple[np.ndarray, ...]) -> int:
    """Return how many rows the arrays have, all the same number."""
    lengths = [len(array) for array in arrays]
    if not lengths or len(set(lengths)) != 1:
        raise ValueError(f"Expected one or more arrays of equal length, got lengths {lengths}")
    return lengths[0]
