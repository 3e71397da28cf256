"""What the begins, ends, strides and five bit masks of a strided slice mean: a NumPy index, or static sizes."""

from collections import namedtuple

Masks = namedtuple("Masks", "begin end ellipsis new_axis shrink_axis")

# Kinds of places in a slice, in the order of the result's axes.
FULL, NEW, SHRINK, PART = "full", "new", "shrink", "part"


def places(rank, count, masks, error):
    """[(kind, number of the spec)] such that every axis of the input is met once; NEW ones meet none."""
    ellipses = [i for i in range(count) if masks.ellipsis >> i & 1]
    if len(ellipses) > 1:
        raise error("Multiple ellipses in slice spec not allowed")
    kinds = [_kind(i, masks) for i in range(count)]
    rest = rank - sum(kind in (SHRINK, PART) for kind in kinds)
    if rest < 0:
        raise error(f"Index out of range using input dim {rank}; input has only {rank} dims")
    result = []
    for i, kind in enumerate(kinds):
        result += [(FULL, i)] * rest if kind is FULL else [(kind, i)]
    return result if ellipses else result + [(FULL, None)] * rest


def _kind(i, masks):
    if masks.ellipsis >> i & 1:
        return FULL
    if masks.new_axis >> i & 1:
        return NEW
    return SHRINK if masks.shrink_axis >> i & 1 else PART


def part(i, begin, end, strides, masks, error):
    """The Python slice of spec ``i``."""
    step = int(strides[i])
    if step == 0:
        raise error(f"strides[{i}] must be non-zero")
    return slice(None if masks.begin >> i & 1 else int(begin[i]), None if masks.end >> i & 1 else int(end[i]), step)


def numpy_index(sizes, begin, end, strides, masks, error):
    """The index that takes this slice from an array with these sizes."""
    index, axis = [], 0
    for kind, i in places(len(sizes), len(begin), masks, error):
        if kind is NEW:
            index.append(None)
            continue
        if kind is FULL:
            index.append(slice(None))
        elif kind is SHRINK:
            index.append(_position(int(begin[i]), int(strides[i]), sizes[axis], axis, i, error))
        else:
            index.append(part(i, begin, end, strides, masks, error))
        axis += 1
    return tuple(index)


def _position(begin, step, size, axis, i, error):
    if step == 0:
        raise error(f"strides[{i}] must be non-zero")
    if step < 0:
        raise error("only stride 1 allowed on non-range indexing.")
    if size is not None and not -size <= begin < size:
        raise error(f"slice index {begin if begin >= 0 else begin + size} of dimension {axis} out of bounds.")
    return begin


def static_sizes(sizes, begin, end, strides, masks, error):
    """The sizes of the slice; ``begin`` and ``end`` are None where they are not known while building."""
    result, axis = [], 0
    known = begin is not None and end is not None
    for kind, i in places(len(sizes), len(strides), masks, error):
        if kind is NEW:
            result.append(1)
            continue
        size = sizes[axis]
        if kind is FULL:
            result.append(size)
        elif kind is SHRINK:
            if known:
                _position(int(begin[i]), int(strides[i]), size, axis, i, error)
        else:
            result.append(_length(size, i, begin if known else None, end, strides, masks, error))
        axis += 1
    return tuple(result)


def _length(size, i, begin, end, strides, masks, error):
    both_masked = masks.begin >> i & 1 and masks.end >> i & 1
    if begin is None and not both_masked:
        if int(strides[i]) == 0:
            raise error(f"strides[{i}] must be non-zero")
        return None
    wanted = part(i, begin, end, strides, masks, error)
    return None if size is None else len(range(*wanted.indices(size)))
