"""What an op that only moves elements does, as blocks to copy: found by letting its kernel move the elements' numbers.

The op says ``moves``: with these shapes, and these values of its other inputs, elements go where they go whatever they
are.  So the kernel is called once, with arrays that hold 0, 1, 2, … in place of the elements.
"""

import functools
import math

import numpy as np

from graphcore.core.opdef import public_name
from graphcore.session.native.recipe import Block
from graphcore.session.plan import Ref

_MOST_BLOCKS = 8  # of an output from one input: more is no copying of blocks


def moves_of(plan, node):
    """(the values moved, for each output the blocks that make it up); None where that is not known."""
    op = node.op
    of_elements = {i for i, declared in enumerate(op.inputs) if declared.type is op.outputs[0].type}
    moved, arguments = [], []
    for position, item in enumerate(node.inputs):
        values = item if isinstance(item, tuple) and not isinstance(item, Ref) else (item,)
        if position in of_elements:
            moved += values
            arguments.append(tuple([plan.sizes.get(value) for value in values]))
        else:
            array = plan.constants.get(item)
            if array is None:
                return None
            arguments.append((array.dtype.str, array.shape, array.tobytes()))
    if any(plan.sizes.get(value) is None for value in moved):
        return None
    attrs = tuple([(name, node.attrs[name]) for name in map(public_name, op.kernel_attrs)])
    found = _blocks(op, attrs, tuple(arguments), frozenset(of_elements))
    return None if found is None else (tuple(moved), found)


@functools.lru_cache(maxsize=10_000)
def _blocks(op, attrs, arguments, of_elements):
    """For each output its blocks: plans have many nodes that do the same."""
    numbered, start = [], 0
    for position, given in enumerate(arguments):
        if position not in of_elements:
            kind, shape, data = given
            numbered.append(np.frombuffer(data, kind).reshape(shape))
            continue
        arrays = []
        for sizes in given:
            arrays.append(np.arange(start, start + math.prod(sizes)).reshape(sizes))
            start += math.prod(sizes) + 1  # no input goes on where another ends
        numbered.append(arrays if op.inputs[position].is_list else arrays[0])
    starts = np.cumsum([0, *(math.prod(sizes) + 1 for position in sorted(of_elements) for sizes in arguments[position])])
    try:
        outputs = op.bind(dict(attrs))(*numbered)
    except Exception:  # the run reports it, with the op's name
        return None
    found = [_blocks_of(np.ravel(output), starts) for output in (outputs if op.outputs[0].is_list else [outputs])]
    return None if None in found else tuple(found)


def _blocks_of(numbers, starts):
    """The blocks from which an output comes whose elements have these ``numbers``; inputs begin at ``starts``."""
    ends = np.flatnonzero(np.diff(numbers) != 1) + 1
    targets = np.concatenate([[0], ends])
    widths = np.diff(np.concatenate([targets, [numbers.size]]))
    sources = numbers[targets]
    taken = np.searchsorted(starts, sources, side="right") - 1
    blocks = []
    for each in np.unique(taken):
        mine = taken == each
        blocks += _series(int(each), sources[mine] - starts[each], targets[mine], widths[mine])
        if len(blocks) > _MOST_BLOCKS:
            return None
    return tuple(blocks)


def _series(taken, sources, targets, widths):
    """Runs of elements as blocks: as many as go on with one width and by the same steps are one."""
    blocks, first = [], 0
    while first < len(widths) and len(blocks) <= _MOST_BLOCKS:
        count, steps = 1, (0, 0)
        if first + 1 < len(widths) and widths[first + 1] == widths[first]:
            alike = (widths[first:-1] == widths[first + 1:]) & (np.diff(sources[first:]) == sources[first + 1] - sources[first]) & \
                (np.diff(targets[first:]) == targets[first + 1] - targets[first])
            count = 1 + (len(alike) if alike.all() else int(np.argmin(alike)))
            steps = int(sources[first + 1] - sources[first]), int(targets[first + 1] - targets[first])
        blocks.append(Block(taken, count, int(widths[first]), int(sources[first]), steps[0], int(targets[first]), steps[1]))
        first += count
    return blocks
