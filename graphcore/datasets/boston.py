"""The Boston housing data: 506 districts, 13 features, the median house value in $1000s."""
from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import numpy as np

PATH = Path(__file__).with_name("data") / "boston.csv"

# scikit-learn before 0.20 shipped this crime rate without its leading 10, and
# figures printed in books and courses of that time depend on it.
OLD_ROW, OLD_CRIME_RATE = 445, 0.6718


class Boston(NamedTuple):
    """Arrays of float64: ``data`` [506, 13] and ``target`` [506]; the columns' names."""

    data: np.ndarray
    target: np.ndarray
    feature_names: tuple[str, ...]


def load(old_value: bool = False) -> Boston:
    """Return the data set; with ``old_value`` as it was published until 2018.

    The two differ in one number, the crime rate of row 445 (10.6718, once 0.6718).

    >>> load().data.shape
    (506, 13)
    """
    with PATH.open(encoding="ascii") as file:
        names = file.readline().strip().split(",")
        table = np.loadtxt(file, delimiter=",", ndmin=2)
    if table.shape[1] != len(names):
        raise ValueError(f"{PATH}: {len(names)} column names but {table.shape[1]} columns of numbers")
    if old_value:
        table[OLD_ROW, names.index("crim")] = OLD_CRIME_RATE
    return Boston(table[:, :-1].copy(), table[:, -1].copy(), tuple(names[:-1]))
