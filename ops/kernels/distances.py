"""Levenshtein distances between the rows of sparse arrays."""

import numpy as np

from graphcore.core.shapes import format_shape
from graphcore.ops.kernels.sparsity import check_counts, check_inside, invalid, shape_text, starts_of_runs


def _check(parts, word):
    indices, values, sizes = parts
    if indices.ndim != 2:
        raise invalid(f"{word}_indices should be a matrix, but got shape: {shape_text(indices)}")
    if values.ndim != 1:
        raise invalid(f"{word}_values should be a vector, but got shape: {shape_text(values)}")
    if sizes.ndim != 1:
        raise invalid(f"{word}_shape should be a vector, but got shape: {shape_text(sizes)}")


def _rows(parts):
    """The sequences: index without the last axis → values."""
    indices, values, sizes = parts
    check_counts(indices, values, sizes)
    check_inside(indices, sizes)
    starts = starts_of_runs(indices[:, :-1])
    return {tuple(indices[start, :-1].tolist()): values[start:end] for start, end in zip(starts, [*starts[1:], len(indices)])}


def edit_distances(hypothesis, truth, normalize):
    """The distance of each two rows; 0 where both are empty."""
    _check(hypothesis, "hypothesis")
    _check(truth, "truth")
    ranks = len(truth[2]), len(hypothesis[2])
    if ranks[0] < 2:
        raise invalid(f"Input SparseTensors must have rank at least 2, but truth_shape rank is: {ranks[0]}")
    if ranks[0] != ranks[1]:
        raise invalid(f"Expected truth and hypothesis to have matching ranks, but their shapes are: {format_shape(ranks[:1])} and "
                      f"{format_shape(ranks[1:])}")
    heard, said = _rows(hypothesis), _rows(truth)
    result = np.zeros(np.maximum(hypothesis[2][:-1], truth[2][:-1]), np.float32)
    for at in heard.keys() | said.keys():
        result[at] = _distance(heard.get(at, ()), said.get(at, ()), normalize)
    return result


def _distance(a, b, normalize):
    """The distance of two sequences, row by row of the table of the distances of their beginnings."""
    if not len(b):
        return np.inf if normalize else len(a)
    steps = np.arange(len(b) + 1)
    row = steps
    for number, element in enumerate(a, 1):
        best = np.minimum(row[1:] + 1, row[:-1] + np.asarray(b != element, np.int64))
        # An insertion costs 1 more than the entry to the left, whose best is not known yet: a running minimum finds it.
        row = np.minimum.accumulate(np.r_[number, best] - steps) + steps
    return row[-1] / len(b) if normalize else row[-1]
