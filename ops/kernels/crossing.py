"""Array code of crossed features."""

import itertools

import numpy as np

from graphcore.ops.kernels import hashing
from graphcore.ops.kernels.sparsity import check_inside, check_parts, invalid, shape_text

_MULTIPLIER = 0xC6A4A7935BD1E995
_64_BITS = 2**64 - 1
_GREATEST = 2**63 - 1


def columns(indices, values, shapes, dense):
    """For each input a list of the features of each row: sparse inputs first, then dense ones."""
    found = []
    for position, (rows, features, sizes) in enumerate(zip(indices, values, shapes)):
        if np.ndim(rows) == 2 and rows.shape[1] != 2:
            raise invalid(f"Expected D2 of index to be 2 got {rows.shape[1]} at position {position}")
        check_parts(rows, features, sizes, f" at position {position}")
        if sizes[0] != shapes[0][0]:
            raise invalid(f"Expected batch size {shapes[0][0]} got {sizes[0]} at position {position}")
        check_inside(rows, sizes)
        order, ends = np.argsort(rows[:, 0], kind="stable"), np.cumsum(np.bincount(rows[:, 0], minlength=sizes[0]))
        found.append([part.tolist() for part in np.split(features[order], ends[:-1])] if sizes[0] else [])
    batch = shapes[0][0] if shapes else len(dense[0]) if dense else 0
    for position, features in enumerate(dense):
        if features.ndim != 2:
            raise invalid(f"Dense inputs should be a matrix but received shape {shape_text(features)} at position {position}")
        if len(features) != batch:
            raise invalid(f"Expected batch size {batch} got {len(features)} at dense tensor {position}")
        found.append(features.tolist())
    return found


def _crossed(per_input):
    """For each row the tuples of one feature from each input, the last input's changing fastest."""
    return [list(itertools.product(*row)) for row in zip(*per_input)]


def _parts(rows, values):
    """The parts of a sparse matrix with so many elements in its rows."""
    indices = [(number, column) for number, row in enumerate(rows) for column in range(len(row))]
    sizes = [len(rows), max(map(len, rows), default=0)]
    return np.array(indices, np.int64).reshape(-1, 2), values, np.array(sizes, np.int64)


def joined(per_input):
    """The parts of a sparse matrix of texts."""
    rows = _crossed([[[_text(feature) for feature in row] for row in rows] for rows in per_input])
    texts = [b"_X_".join(features) for row in rows for features in row]
    values = np.empty(len(texts), object)
    values[:] = texts
    return _parts(rows, values)


def _text(feature):
    return feature if isinstance(feature, bytes) else str(feature).encode()


def hashed(per_input, count, key):
    """The parts of a sparse matrix of hashes, below ``count`` unless that is 0."""
    rows = _crossed([_numbers(rows) for rows in per_input])
    found = []
    for features in itertools.chain.from_iterable(rows):
        value = key & _64_BITS
        for feature in features:
            value = _combined(value, feature)
        found.append(value % (count or _GREATEST))
    return _parts(rows, np.array(found, np.int64))


def _numbers(rows):
    """The features as numbers of 64 bits: integers themselves, texts by their fingerprints."""
    texts = [feature for row in rows for feature in row if isinstance(feature, bytes)]
    of_text = dict(zip(texts, hashing.fingerprints(texts).tolist())) if texts else {}
    return [[of_text[feature] if isinstance(feature, bytes) else feature & _64_BITS for feature in row] for row in rows]


def _combined(value, feature):
    """The fingerprint of two numbers of 64 bits, as TF's ``FingerprintCat64``."""
    value ^= _MULTIPLIER
    value ^= _mixed(feature * _MULTIPLIER & _64_BITS) * _MULTIPLIER & _64_BITS
    value = value * _MULTIPLIER & _64_BITS
    return _mixed(_mixed(value) * _MULTIPLIER & _64_BITS)


def _mixed(value):
    return value ^ value >> 47
