"""Join: the little nodes between the large ones become single steps, each computed in one call (see `session.native`).

Nodes get levels.  A node that can be joined is in the level of what it takes; one that stays alone is in the same
level as what stays alone before it, and in the next one after what is joined.  In each level, what stays alone runs
first, then what is joined, as one step: so no path leaves a step and comes back into it.
"""

import math

from graphcore.core import flags
from graphcore.session.kernels import forms
from graphcore.session.passes.elements import Kind, leaving, type_of, view_of
from graphcore.session.passes.joining import Joining, variables_of
from graphcore.session.passes.moving import moves_of
from graphcore.session.passes.rewriting import has_effects, values_of
from graphcore.session.plan import OWN_OPS, Read, Ref, Reshaped

_MOST_ELEMENTS = 1 << 17  # of an array: threads share the loops over larger ones
_MOST_CHANGED = 1 << 14  # elements of a variable: larger ones change in place
_MOST_MULTIPLIED = 1 << 21  # multiplications of a product; BLAS is quicker at more
_MOST_NODES = 4000  # of a plan; in longer ones groups of equal form are looked for (`fuse`)
_MOST_JOINED = 100  # nodes of a step: compiling takes the square of their number
_LEAST_WEIGHT = 3  # what a step has to be worth, in calls of NumPy
_MOST_RANK = 4
_TYPES = {"float32", "float64", "int8", "int16", "int32", "int64", "bool"}
_OF_THE_LIBRARY = {"fmod"}  # words that would call the C library


def join(plan):
    """The plan with its little nodes joined."""
    if plan.shapes is None or len(plan.nodes) > _MOST_NODES:
        return plan
    parts = [_part(plan, node) for node in plan.nodes]
    _leave_alone_what_changes_twice(plan, parts)
    if sum(part.weight for part in parts if part is not None) < _LEAST_WEIGHT or not _is_possible():
        return plan
    levels, joined = _levels(plan, parts)
    order = sorted(range(len(levels)), key=lambda number: (levels[number], joined[number]))
    steps = []  # (whether it becomes one node, the numbers of its nodes)
    for inside, members in _by_level(order, levels, joined):
        for start in range(0, len(members), _MOST_JOINED):
            step = members[start:start + _MOST_JOINED]
            steps.append((inside and sum(parts[number].weight for number in step) >= _LEAST_WEIGHT, step))
    taken, nodes = leaving(plan, [members for inside, members in steps if inside]), []
    for inside, members in steps:
        if inside:
            nodes.append(Joining(plan, [(plan.nodes[number], parts[number]) for number in members], taken).node())
        else:
            nodes += [plan.nodes[number] for number in members]
    return plan._replace(nodes=tuple(nodes))


def _is_possible():
    if flags.jit.get() == "off":
        return False
    from graphcore.session.native.call import is_supported  # loads LLVM: only for plans that it is for

    return is_supported()


def _by_level(order, levels, joined):
    """(whether they are joined, node numbers) of each level: what stays alone, then what is joined."""
    start = 0
    for end in range(1, len(order) + 1):
        first, last = order[start], order[end] if end < len(order) else None
        if last is None or (levels[last], joined[last]) != (levels[first], joined[first]):
            yield joined[first], order[start:end]
            start = end


# ---------------------------------------------------------------- which nodes


class _Part:
    """How a node takes part in a step, and what that is worth, in calls of NumPy."""

    __slots__ = ("kind", "form", "weight")

    def __init__(self, form, weight, kind=None):
        self.form, self.weight, self.kind = form, weight, kind


def _part(plan, node):
    """The node's part in a step; None for one that stays alone."""
    op = node.op
    if node.guard:
        return None
    if op is Reshaped:
        return _Part("same", 0) if _is_small(plan, node.outputs[0]) else None
    if op in OWN_OPS:
        return None
    if op.becomes is not None or op.update_rule is not None:
        return _part_of_change(plan, node)
    if op.rows_become is not None:
        return _part_of_changed_rows(plan, node)
    if op.moves:
        return _part_of_moves(plan, node)
    if op.rows is not None:
        return _part_of_rows(plan, node)
    if len(node.outputs) != 1 or not _is_small(plan, node.outputs[0]):
        return None
    if op.multiplies is not None:
        return _part_of_product(plan, node)
    if op.picks_rows is not None:
        return _part_of_picked_rows(plan, node)
    kind = Kind.of(plan, node)
    if kind is None or math.prod(kind.space) > _MOST_ELEMENTS or len(kind.space) > _MOST_RANK:
        return None
    small = all(_is_small(plan, value) for value in kind.inputs.values())
    if not small or kind.text is not None and forms.names_in(kind.text) & _OF_THE_LIBRARY:
        return None
    return _Part("elements", 1, kind)


def _is_small(plan, value):
    sizes = plan.sizes.get(value)
    return sizes is not None and 0 < math.prod(sizes) <= _MOST_ELEMENTS and type_of(plan, value) in _TYPES


def _part_of_product(plan, node):
    (a, b), turned = node.inputs, node.op.multiplies(view_of(plan, node))
    if type_of(plan, a) not in forms.FLOATS or not (_is_small(plan, a) and _is_small(plan, b)):
        return None
    (rows, depth), (more, columns) = (plan.sizes[v][::-1] if flag else plan.sizes[v] for v, flag in zip(node.inputs, turned))
    if depth != more or rows * depth * columns > _MOST_MULTIPLIED:
        return None
    return _Part("product", 2, turned)


def _part_of_rows(plan, node):
    """The part of a node that computes each row from the rows of its inputs, all of one shape."""
    sizes = {plan.sizes.get(value) for value in node.inputs if not isinstance(value, tuple)}
    same = len(sizes) == 1 and all(_is_small(plan, v) and type_of(plan, v) in forms.FLOATS for v in node.inputs)
    return _Part("rows", 2 * len(node.op.rows)) if same and sizes != {()} else None


def _part_of_change(plan, node):
    """The part of a node that changes variables by an expression for each element."""
    op = node.op
    references = [item for item in node.inputs if isinstance(item, Ref)]
    values = [item for item in node.inputs if not isinstance(item, Ref)]
    if op.update_rule is not None and not hasattr(op.update_rule[0], "loop") or len(values) + len(references) != len(op.inputs):
        return None
    sizes = {_held(reference) for reference in references}
    if len(sizes) != 1 or len({reference.variable for reference in references}) != len(references):
        return None
    (kind, shape), = sizes
    if shape is None or None in shape or kind not in forms.FLOATS or not 0 < math.prod(shape) <= _MOST_CHANGED:
        return None
    if not all(_is_small(plan, v) and type_of(plan, v) == kind for v in values):
        return None
    changing = _gradient(op) if op.update_rule is not None else 0
    if any(plan.sizes[v] != (shape if position == changing else ()) for position, v in enumerate(values)):
        return None
    return _Part("change", 3)


def _part_of_moves(plan, node):
    small = all(_is_small(plan, value) for value in (*values_of(node), *node.outputs))
    moves = moves_of(plan, node) if small else None
    return None if moves is None else _Part("moves", 1, moves)


def _part_of_picked_rows(plan, node):
    array, numbers = node.inputs[:2]
    sizes = plan.sizes.get(array)
    fits = sizes and 0 not in sizes and type_of(plan, array) in _TYPES and _is_small(plan, numbers)
    return _Part("picked", 2) if fits and node.op.picks_rows(view_of(plan, node)) else None


def _part_of_changed_rows(plan, node):
    """The part of a node that changes rows of a variable where it stands."""
    reference, numbers, updates = node.inputs
    kind, shape = _held(reference)
    if shape is None or None in shape or 0 in shape or not shape or kind not in forms.FLOATS or reference.views:
        return None
    if not _is_small(plan, numbers) or not _is_small(plan, updates) or type_of(plan, updates) != kind:
        return None
    return _Part("changed", 3) if plan.sizes[updates] in ((), (*plan.sizes[numbers], *shape[1:])) else None


def _leave_alone_what_changes_twice(plan, parts):
    """A variable of which rows change is changed in no other way by a step."""
    ways = {}
    for node, part in zip(plan.nodes, parts):
        if part is not None and part.form in ("change", "changed"):
            for variable in variables_of(node):
                ways.setdefault(variable, set()).add(part.form)
    for number, node in enumerate(plan.nodes):
        if parts[number] is not None and parts[number].form == "changed" and len(ways[variables_of(node)[0]]) > 1:
            parts[number] = None


def _held(reference):
    attrs = reference.variable.attrs
    return attrs["dtype"].base.name, attrs["shape"].sizes


def _gradient(op):
    """The position of the one input of an update rule that is no number, among those that are no variables."""
    return next(i for i, name in enumerate(op.update_rule[2]) if name in ("grad", "delta"))


# ---------------------------------------------------------------- levels


def _levels(plan, parts):
    """(the level of each node, whether it is joined).

    What is joined never fails.  Changes of variables keep their order among all that may, so that a run which fails
    has done what came before, and nothing else.
    """
    levels, joined = [], [part is not None for part in parts]
    made = {}  # value → (level, whether it is joined)
    fallible, changes = 0, -1  # the latest levels of a node that may fail, and of a joined one with effects
    readers, used = {}, {}  # value → the variable that it was read from; variable → the latest level of who takes such a value
    reads, writes = {}, {}  # variable → the latest level of a read; of a change, and whether that is joined
    for number, node in enumerate(plan.nodes):
        if parts[number] is not None and parts[number].form == "same" and not made.get(node.inputs[0], (0, False))[1]:
            joined[number] = False
        alone = not joined[number]
        level = max((at + (alone and inside) for at, inside in (made.get(v, (0, False)) for v in values_of(node))), default=0)
        if node.op is Read:
            variable = node.inputs[0].variable
            level = max(level, *(at + inside for at, inside in writes.get(variable, ((0, False),))))
            reads[variable] = max(reads.get(variable, 0), level)
            readers.update(dict.fromkeys(node.outputs, variable))
        elif alone and node.op is not Reshaped:
            level = fallible = max(level, fallible, changes + 1, *(reads.get(v, 0) for v in variables_of(node)))
        elif not alone and has_effects(node):
            level = changes = max(level, fallible, changes, *(reads.get(v, 0) for v in variables_of(node)))
            if parts[number].form == "changed":  # where it stands: whoever has read it must be done
                level = changes = max(level, 1 + max((used.get(v, -1) for v in variables_of(node)), default=-1))
        if node.op is not Read:
            for variable in variables_of(node):
                writes.setdefault(variable, []).append((level, joined[number]))
        for value in values_of(node):
            if value in readers:
                used[readers[value]] = max(used.get(readers[value], 0), level)
        levels.append(level)
        made.update(dict.fromkeys(node.outputs, (level, joined[number])))
    return levels, joined
