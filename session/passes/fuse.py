"""Fuse: element-wise nodes over one space of elements, and the sums at their end, become one node (see `elements`)."""

import math

from graphcore.session.kernels import forms
from graphcore.session.kernels.fused import Group
from graphcore.session.passes.elements import Writing, groups_of, kinds_of, leaving
from graphcore.session.passes.rewriting import has_effects, in_order, values_of
from graphcore.session.plan import Fused, Plan, PlanNode

_MOST_LOOPS = 3
_MOST_ARRAYS = 64  # that a kernel takes: compiling one of more takes long, and there are not more words for them
_LARGE = 1024  # elements from which on a pass over memory costs more than a call


def fuse(plan):
    """The plan with groups of element-wise nodes as single nodes."""
    if plan.shapes is None:
        return plan
    kinds = kinds_of(plan)
    if not any(kinds):
        return plan
    groups = [members for members in groups_of(plan, kinds) if _is_worthwhile(plan, kinds, members)]
    taken = leaving(plan, groups)
    groups = [made for members in groups for made in _fused(plan, kinds, taken, members)]
    return _replaced(plan, groups) if groups else plan


def _is_worthwhile(plan, kinds, members):
    count = math.prod(kinds[members[0]].space)
    return len(members) >= (6 if count == 1 else 3 if count < _LARGE else 2)


def _fused(plan, kinds, taken, members):
    """(members, the node that takes their place), or nothing where a loop cannot do it or is not worth it."""
    if not _is_worthwhile(plan, kinds, members):
        return []
    try:
        writing = Writing(plan, kinds, taken, members)
        return [(members, _node(writing) if writing.outputs else None)]  # what nobody takes has no effect either
    except forms.NotFusable:
        sums = [n for n in members if kinds[n].sums is not None]
        rest = [n for n in members if kinds[n].sums is None]
        return _fused(plan, kinds, taken | {kinds[n].inputs["x"] for n in sums}, rest) if sums else []


def _node(writing):
    """The node that takes the place of a group."""
    plan = writing.plan
    if len(writing.inputs) + len(writing.outputs) > _MOST_ARRAYS:
        raise forms.NotFusable("too many arrays")
    loop, sizes = writing.loop()
    if len(sizes) > (2 if writing.sums else _MOST_LOOPS):
        raise forms.NotFusable("too many loops")
    given = [(plan.sizes[v], writing.divisor(v)) for v in writing.outputs]
    group = Group(_own_plan(writing), loop, sizes, [plan.sizes[v] for v in writing.inputs], given)
    return PlanNode(Fused, {"group": group}, tuple(writing.inputs), tuple(writing.outputs), writing.nodes[-1].origin, ())


def _own_plan(writing):
    """The group as a plan from its inputs to its outputs: the plain way."""
    plan, taken = writing.plan, {v for node in writing.nodes for v in values_of(node)}
    constants = {v: plan.constants[v] for v in taken if v in plan.constants and v not in writing.inputs}
    if any(v not in constants and v not in writing.inputs and v not in writing.made for v in taken):
        raise forms.NotFusable("takes what is no operand")
    return Plan(tuple(writing.nodes), constants, tuple(writing.inputs), tuple(writing.outputs), plan.size,
                frozenset(writing.outputs), plan.names, sizes=plan.sizes)


# ---------------------------------------------------------------- the plan afterwards


def _replaced(plan, groups):
    """The plan with the groups' nodes in the place of their members, everything after what it takes.

    What reads or writes state keeps its order; the rest keeps it as far as it can.
    """
    inside = {number: index for index, (members, _) in enumerate(groups) for number in members}
    units = [(members[0], node) for members, node in groups if node is not None]
    units += [(number, node) for number, node in enumerate(plan.nodes) if number not in inside]
    nodes = [node for _, node in sorted(units, key=lambda unit: unit[0])]
    chain = [position for position, node in enumerate(nodes) if has_effects(node)]
    order = in_order([list(values_of(node)) for node in nodes], [node.outputs for node in nodes], chain)
    return plan._replace(nodes=tuple([nodes[position] for position in order]))
