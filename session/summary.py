"""What a plan costs to run, as text: its kernels, and the memory that its arrays take."""

import math

from graphcore.session.passes.rewriting import values_of
from graphcore.session.plan import GROUPS, Fused


def summary(plan):
    """Lines about the kernels of an optimised plan and the arrays that a run makes."""
    kernels = [_kernel(node) for node in plan.nodes if node.op in GROUPS]
    made, total, most, where = memory(plan)
    lines = ["kernels" if kernels else "kernels: none, every node is a call of its own", *[f"  {line}" for line in kernels]]
    at = "" if where is None else f", at {_name(where)}"
    return [*lines, f"buffers: {made} arrays, {_bytes(total)} in all", f"peak memory: {_bytes(most)}{at}"]


def _kernel(node):
    group = node.attrs["group"]
    if node.op is Fused:
        work = f"one nest of loops over {'x'.join(map(str, group.sizes))}"
    else:
        parts = group.recipe.parts
        work = f"{len(parts)} loops and products in one call, {'without' if group.recipe.is_long else 'under'} the interpreter's lock"
    return f"{_name(node)} = {node.op.op_name} of {len(group.plan.nodes)} nodes: {work}"


def _name(node):
    return ", ".join(f"%{value}" for value in node.outputs) or node.origin.name


def memory(plan):
    """(number of arrays that a run makes, their bytes, the most bytes of them at the same time, the node at which that is).

    Arrays of shapes that are not known beforehand do not count, and neither do feeds, constants and variables.
    """
    sizes = {}
    for node in plan.nodes:
        if not node.op.aliases:
            sizes.update((value, _size(plan, value)) for value in node.outputs if value in plan.sizes)
    last = {value: len(plan.nodes) for value in plan.fetches if value is not None}
    for number, node in enumerate(plan.nodes):
        for value in values_of(node):
            last[value] = max(last.get(value, 0), number)
    live = most = 0
    where = None
    for number, node in enumerate(plan.nodes):
        live += sum(sizes.get(value, 0) for value in node.outputs)
        if live > most:
            most, where = live, node
        gone = {value for value in (*values_of(node), *node.outputs) if last.get(value, number) == number}
        live -= sum(sizes.get(value, 0) for value in gone)
    return len(sizes), sum(sizes.values()), most, where


def _size(plan, value):
    dtype = plan.names[value].dtype.base.np
    return math.prod(plan.sizes[value]) * (8 if dtype is None else dtype.itemsize)


def _bytes(count):
    for unit in ("bytes", "KiB", "MiB"):
        if count < 1024:
            return f"{count:.4g} {unit}"
        count /= 1024
    return f"{count:.4g} GiB"
