"""Fuse: element-wise nodes over one space of elements, and the sums at their end, become one node.

Every node gets a stage: one more than the latest of what it takes, except that an element-wise node stays in the
stage of those it takes that are of its own space.  Nodes of one space and one stage, tied together by what they take,
are a group.  An edge out of a group raises the stage, and so does the order of reads and writes, so that no path
leaves a group and comes back.
"""

import heapq
import math

import numpy as np

from graphcore.core.shapes import TensorShape
from graphcore.core.view import NodeView
from graphcore.session.kernels import forms
from graphcore.session.kernels.fused import Group
from graphcore.session.kernels.loops import Loop, Operand, Result, collapsed
from graphcore.session.passes.fold import Known
from graphcore.session.passes.rewriting import values_of
from graphcore.session.plan import OWN_OPS, Fused, Plan, PlanNode, Ref

_MOST_NODES = 150  # of a group: what a compiler does in reasonable time
_MOST_LOOPS = 3
_LARGE = 1024  # elements from which on a pass over memory costs more than a call


def fuse(plan):
    """The plan with groups of element-wise nodes as single nodes."""
    if plan.shapes is None:
        return plan
    kinds = [_Kind.of(plan, node) for node in plan.nodes]
    if not any(kinds):
        return plan
    users = _users(plan)
    groups = [made for members in _groups(plan, kinds) for made in _fused(plan, kinds, users, members)]
    return _replaced(plan, groups) if groups else plan


def _users(plan):
    """value → the numbers of the nodes that take it; None stands for the user, who fetches it."""
    users = {value: [None] for value in plan.fetches if value is not None}
    for number, node in enumerate(plan.nodes):
        for value in values_of(node):
            users.setdefault(value, []).append(number)
    return users


class _Kind:
    """How a node can take part: over which space, and as what."""

    __slots__ = ("space", "inputs", "text", "sums", "divisor")

    def __init__(self, space, inputs, text=None, sums=None, divisor=None):
        self.space = space
        self.inputs = inputs  # name → value
        self.text = text  # the expression of an element
        self.sums = sums  # or the axes that are added up
        self.divisor = divisor

    @classmethod
    def of(cls, plan, node):
        """The kind of a node, or None for one that stays alone."""
        op = node.op
        if op in OWN_OPS or node.guard or op.stateful or len(node.outputs) != 1 or any(isinstance(i, Ref) for i in node.inputs):
            return None
        if op.loop is None and getattr(op, "scalar", None) is None and op.spread is None and op.adds_up is None:
            return None
        output = node.outputs[0]
        sizes = plan.sizes.get(output)
        if sizes is None or 0 in sizes or _type(plan, output) not in forms.NUMBER_TYPES:
            return None
        if op.adds_up is not None:
            return cls.of_sum(plan, node, _view(plan, node))
        text = op.spread or forms.text_of(op, lambda: _view(plan, node))
        if text is None:
            return None
        wanted = forms.names_in(text)
        inputs = {name: value for declared, item in zip(op.inputs, node.inputs) for name, value in _named(declared, item)
                  if name in wanted}
        try:
            _element(text, {name: ("x", _type(plan, value)) for name, value in inputs.items()}, _type(plan, output))
        except (forms.NotFusable, KeyError):
            return None
        for value in inputs.values():
            shape = plan.sizes.get(value)
            if shape is None or _type(plan, value) not in forms.NUMBER_TYPES or not _spreads(shape, sizes):
                return None
            if op.spread is not None and math.prod(shape) != 1:
                return None
        return cls(sizes, inputs, text)

    @classmethod
    def of_sum(cls, plan, node, view):
        value = node.inputs[0]
        space = plan.sizes.get(value)
        if space is None or 0 in space or _type(plan, value) not in forms.FLOATS:
            return None
        found = node.op.adds_up(view)
        if found is None:
            return None
        axes, is_mean = found
        return cls(space, {"x": value}, None, frozenset(axes), math.prod(space[axis] for axis in axes) if is_mean else None)


def _view(plan, node):
    return NodeView(node.op, [_known(plan, item) for item in node.inputs], node.attrs)


def _known(plan, item):
    if isinstance(item, tuple):
        return [_known(plan, i) for i in item]
    return Known(plan.names[item].dtype.base, TensorShape.of(plan.sizes.get(item)), plan.constants.get(item))


def _named(declared, item):
    """(the name in the op's expression, value) of an input, or of each entry of a list."""
    if isinstance(item, tuple):
        return [(f"{declared.name}_{i}", value) for i, value in enumerate(item)]
    return ((declared.name, item),)


def _type(plan, value):
    return plan.names[value].dtype.base.name


def _number(plan, value):
    """The text of a constant that is a single finite number; None for what the loop has to be given."""
    array = plan.constants.get(value)
    if array is None or array.size != 1 or _type(plan, value) not in forms.NUMBER_TYPES or not np.isfinite(array).all():
        return None
    return forms.literal(array.item(), _type(plan, value))


def _spreads(shape, sizes):
    """Whether an array of this shape goes over the space by NumPy's rules of broadcasting."""
    return len(shape) <= len(sizes) and all(a == b or a == 1 for a, b in zip(reversed(shape), reversed(sizes)))


# ---------------------------------------------------------------- groups


def _groups(plan, kinds):
    """Lists of node numbers that can be computed together, in order."""
    stages, spaces, makers = {}, {}, {}
    parent = list(range(len(plan.nodes)))

    def root(number):
        while parent[number] != number:
            parent[number] = parent[parent[number]]
            number = parent[number]
        return number

    met = {}  # (space, stage, value) → a node that takes it
    effects = 0  # the stage of the last node whose place among its like counts
    for number, node in enumerate(plan.nodes):
        kind = kinds[number]
        taken = list(values_of(node))
        stage = max((stages.get(v, 0) + (kind is None or spaces.get(v) != kind.space) for v in taken), default=0)
        if _has_effects(node):
            stage = effects = max(stage, effects)
        own = None
        if kind is not None and kind.sums is not None:
            source = makers.get(kind.inputs["x"])
            if source is None or spaces.get(kind.inputs["x"]) != kind.space:
                kinds[number] = None  # there is nothing to add up as it is made
            else:
                parent[number] = root(source)
            stage += 1
        elif kind is not None:
            own = kind.space
            for value in kind.inputs.values():
                maker = makers.get(value)
                if maker is not None and spaces.get(value) == own and stages[value] == stage:
                    parent[root(number)] = root(maker)
                other = met.setdefault((own, stage, value), number)
                parent[root(number)] = root(other)
        for value in node.outputs:
            stages[value], spaces[value], makers[value] = stage, own, number
    members = {}
    for number in range(len(plan.nodes)):
        if kinds[number] is not None:
            members.setdefault(root(number), []).append(number)
    return [part for group in members.values() for part in _parts(group, kinds)]


def _parts(group, kinds):
    """A long group in pieces that a compiler takes; its order is one in which everything is made before it is taken."""
    if len(group) <= _MOST_NODES:
        return [group]
    elements = [n for n in group if kinds[n].sums is None]
    return [elements[i:i + _MOST_NODES] for i in range(0, len(elements), _MOST_NODES)]


def _is_worthwhile(plan, kinds, members):
    count = math.prod(kinds[members[0]].space)
    return len(members) >= (6 if count == 1 else 3 if count < _LARGE else 2)


# ---------------------------------------------------------------- one group


def _fused(plan, kinds, users, members):
    """(members, the node that takes their place), or nothing where a loop cannot do it or is not worth it."""
    if not _is_worthwhile(plan, kinds, members):
        return []
    try:
        writing = _Writing(plan, kinds, users, members)
        return [(members, writing.node() if writing.outputs else None)]  # what nobody takes has no effect either
    except forms.NotFusable:
        sums = [n for n in members if kinds[n].sums is not None]
        rest = [n for n in members if kinds[n].sums is None]
        return _fused(plan, kinds, users, rest) if sums else []


class _Writing:
    """Writes the loops of one group."""

    def __init__(self, plan, kinds, users, members):
        self.plan, self.kinds = plan, kinds
        self.nodes = [plan.nodes[n] for n in members]
        self.members = members
        self.space = kinds[members[0]].space
        made = self.made = {v for node in self.nodes for v in node.outputs}
        inside = set(members)
        self.outputs = [v for node in self.nodes for v in node.outputs if any(n not in inside for n in users.get(v, ()))]
        taken = dict.fromkeys(v for n in members for v in kinds[n].inputs.values() if v not in made)
        self.numbers = {v: text for v in taken if (text := _number(plan, v)) is not None}
        self.inputs = [v for v in taken if v not in self.numbers]

    def node(self):
        plan = self.plan
        masks = [self.mask(plan.sizes[v]) for v in self.inputs]
        sums = {plan.nodes[n].outputs[0]: self.kinds[n] for n in self.members if self.kinds[n].sums is not None}
        kept = [self.mask_of_result(sums.get(v)) for v in self.outputs]
        sizes, masks = collapsed(self.space, masks + kept)
        if len(sizes) > (2 if sums else _MOST_LOOPS):
            raise forms.NotFusable("too many loops")
        variables, lines = self.body()
        operands = tuple([Operand(_type(plan, v), mask, len(plan.sizes[v])) for v, mask in zip(self.inputs, masks)])
        results = tuple([self.result(v, sums.get(v), mask, variables) for v, mask in zip(self.outputs, masks[len(self.inputs):])])
        loop = Loop(len(sizes), operands, tuple(lines), results)
        given = [(plan.sizes[v], sums[v].divisor if v in sums else None) for v in self.outputs]
        group = Group(self.own_plan(), loop, sizes, [plan.sizes[v] for v in self.inputs], given)
        return PlanNode(Fused, {"group": group}, tuple(self.inputs), tuple(self.outputs), self.nodes[-1].origin, ())

    def mask(self, shape):
        """Per axis of the space, whether an array of this shape moves on with it."""
        missing = len(self.space) - len(shape)
        return (False,) * missing + tuple([size != 1 for size in shape])

    def mask_of_result(self, kind):
        return tuple([kind is None or axis not in kind.sums for axis in range(len(self.space))])

    def body(self):
        """(value → the variable that holds its element, the statements)."""
        variables = {v: (f"x{i}", _type(self.plan, v)) for i, v in enumerate(self.inputs)}
        variables.update((v, (text, _type(self.plan, v))) for v, text in self.numbers.items())
        lines = []
        for number, node in zip(self.members, self.nodes):
            kind = self.kinds[number]
            if kind.sums is not None:
                continue
            value, result = node.outputs[0], _type(self.plan, node.outputs[0])
            known = {name: variables[v] for name, v in kind.inputs.items()}
            name = f"t{len(lines)}"
            lines.append(f"{name} = {_element(kind.text, known, result)}")
            variables[value] = name, result
        return variables, lines

    def result(self, value, kind, mask, variables):
        source = value if kind is None else kind.inputs["x"]
        text, dtype = variables[source]
        ndim = len(self.plan.sizes[value])
        return Result(text, dtype, mask, ndim, kind is not None)

    def own_plan(self):
        """The group as a plan from its inputs to its outputs: the plain way."""
        taken = {v for node in self.nodes for v in values_of(node)}
        constants = {v: self.plan.constants[v] for v in taken if v in self.plan.constants and v not in self.inputs}
        if any(v not in constants and v not in self.inputs and v not in self.made for v in taken):
            raise forms.NotFusable("takes what is no operand")
        return Plan(tuple(self.nodes), constants, tuple(self.inputs), tuple(self.outputs), self.plan.size, frozenset(self.outputs),
                    self.plan.names, sizes=self.plan.sizes)


def _element(text, known, result):
    """The typed text of one element; a mere name is converted to the type of the result."""
    if text in known:
        return forms.cast(*known[text], result)
    return forms.typed(text, known, result)


# ---------------------------------------------------------------- the plan afterwards


def _replaced(plan, groups):
    """The plan with the groups' nodes in the place of their members, everything after what it takes.

    What reads or writes state keeps its order; the rest keeps it as far as it can.
    """
    inside = {number: index for index, (members, _) in enumerate(groups) for number in members}
    units = [(members[0], node) for members, node in groups if node is not None]
    units += [(number, node) for number, node in enumerate(plan.nodes) if number not in inside]
    units.sort(key=lambda unit: unit[0])
    maker = {v: position for position, (_, node) in enumerate(units) for v in node.outputs}
    waiting, users, before = [0] * len(units), [[] for _ in units], None
    for position, (_, node) in enumerate(units):
        sources = {maker[v] for v in values_of(node) if v in maker}
        if _has_effects(node):
            if before is not None:
                sources.add(before)
            before = position
        waiting[position] = len(sources)
        for source in sources:
            users[source].append(position)
    ready = [position for position, count in enumerate(waiting) if not count]
    heapq.heapify(ready)
    nodes = []
    while ready:
        position = heapq.heappop(ready)
        nodes.append(units[position][1])
        for user in users[position]:
            waiting[user] -= 1
            if not waiting[user]:
                heapq.heappush(ready, user)
    if len(nodes) < len(units):
        raise AssertionError("fusing made a circle")
    return plan._replace(nodes=tuple(nodes))


def _has_effects(node):
    return node.op.stateful or node.op.checks or any(isinstance(i, Ref) for i in node.inputs)
