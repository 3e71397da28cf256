"""What can be computed element by element: how each node takes part, which nodes go together, and their loops.

Every node gets a stage: one more than the latest of what it takes, except that an element-wise node stays in the
stage of those it takes that are of its own space.  Nodes of one space and one stage, tied together by what they take,
are a group.  An edge out of a group raises the stage, and so does the order of reads and writes, so that no path
leaves a group and comes back.
"""

import math

import numpy as np

from graphcore.core.shapes import TensorShape
from graphcore.core.view import Known, NodeView
from graphcore.session.kernels import forms
from graphcore.session.kernels.loops import Loop, Operand, Result, collapsed
from graphcore.session.passes.rewriting import has_effects, takes_variable, values_of
from graphcore.session.plan import OWN_OPS

_MOST_NODES = 150  # of a group: what a compiler does in reasonable time


def leaving(plan, groups):
    """The values that the user fetches, or a node takes that is not in the group (a list of numbers) of the one that makes it."""
    home, found = {}, {value for value in plan.fetches if value is not None}  # value → the group that makes it
    number_of = [None] * len(plan.nodes)
    for number, group in enumerate(groups):
        for member in group:
            number_of[member] = number
            home.update(dict.fromkeys(plan.nodes[member].outputs, number))
    for node, number in zip(plan.nodes, number_of):
        for value in values_of(node):
            if home.get(value) != number:
                found.add(value)
    return found


class Kind:
    """How a node can take part: over which space, and as what."""

    __slots__ = ("space", "inputs", "text", "sums", "divisor", "step", "template")

    def __init__(self, space, inputs, text=None, sums=None, divisor=None, step="added", template=None):
        self.space = space
        self.inputs = inputs  # name → value
        self.text = text  # the expression of an element
        self.sums = sums  # or the axes that are added up
        self.divisor = divisor
        self.step = step  # what is done in place of adding
        self.template = template  # of the typed text of an element, if that is always the same but for the names

    @classmethod
    def of(cls, plan, node):
        """The kind of a node, or None for one that stays alone."""
        op = node.op
        if op in OWN_OPS or node.guard or op.stateful or len(node.outputs) != 1 or takes_variable(node):
            return None
        if op.has_gaps and not op.has_kernel(node.attrs):
            return None
        if op.loop is None and getattr(op, "scalar", None) is None and op.spread is None and op.adds_up is None:
            return None
        output = node.outputs[0]
        sizes, result = plan.sizes.get(output), type_of(plan, output)
        if sizes is None or 0 in sizes or result not in forms.NUMBER_TYPES:
            return None
        if op.adds_up is not None:
            return cls.of_sum(plan, node, view_of(plan, node))
        text = op.spread or forms.text_of(op, lambda: view_of(plan, node))
        if text is None:
            return None
        wanted = forms.names_in(text)
        inputs = {name: value for declared, item in zip(op.inputs, node.inputs) for name, value in _named(declared, item)
                  if name in wanted}
        try:
            template = _element(text, {name: ("{" + name + "}", type_of(plan, value)) for name, value in inputs.items()}, result)
        except (forms.NotFusable, KeyError, RecursionError):  # the last: a sum of a thousand tensors
            return None
        for value in inputs.values():
            shape = plan.sizes.get(value)
            if shape is None or type_of(plan, value) not in forms.NUMBER_TYPES or not _spreads(shape, sizes):
                return None
            if op.spread is not None and math.prod(shape) != 1:
                return None
        return cls(sizes, inputs, text, template=None if "**" in text else template)  # a power depends on its number

    @classmethod
    def of_sum(cls, plan, node, view):
        value = node.inputs[0]
        space = plan.sizes.get(value)
        if space is None or 0 in space or type_of(plan, value) not in forms.FLOATS:
            return None
        found = node.op.adds_up(view)
        if found is None:
            return None
        axes, is_mean = found
        return cls(space, {"x": value}, None, frozenset(axes), math.prod(space[axis] for axis in axes) if is_mean else None, node.op.step)


class _Kinds:
    """The kinds of a plan's nodes; most nodes are as one before was, and theirs is not worked out again."""

    def __init__(self, plan):
        self.plan = plan
        self.types = {}  # value → a number that stands for its dtype and sizes
        self.numbers = {}
        self.known = {}  # what a kind follows from → (the first such kind, name → position of the input)

    def of(self, node):
        """As `Kind.of`."""
        op, inputs = node.op, node.inputs
        if not op.is_simple or node.guard:
            return Kind.of(self.plan, node)
        types, output = self.types, node.outputs[0]
        key = op, id(node.attrs), types.get(output) or self.type(output), *[types.get(v) or self.type(v) for v in inputs]
        if op.adds_up is not None or callable(op.loop):  # these look at the values of constants
            key = (*key, *[v for v in inputs if v in self.plan.constants])
        kind, places = self.known.get(key) or self.first(node, key)
        if kind is None:
            return None
        return Kind(kind.space, {name: inputs[place] for name, place in places}, kind.text, kind.sums, kind.divisor, kind.step,
                    kind.template)

    def first(self, node, key):
        kind = Kind.of(self.plan, node)
        if kind is None:
            places = ()
        elif kind.sums is not None:
            places = [("x", 0)]
        else:
            places = [(declared.name, place) for place, declared in enumerate(node.op.inputs) if declared.name in kind.inputs]
        self.known[key] = kind, places
        return kind, places

    def type(self, value):
        found = self.plan.names[value].dtype.base, self.plan.sizes.get(value)
        number = self.types[value] = self.numbers.setdefault(found, len(self.numbers) + 1)
        return number


def kinds_of(plan):
    """For each node of the plan its Kind, or None."""
    kinds = _Kinds(plan)
    return [kinds.of(node) for node in plan.nodes]


def view_of(plan, node):
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


def type_of(plan, value):
    return plan.names[value].dtype.base.name


def _number(plan, value):
    """The text of a constant that is a single finite number; None for what the loop has to be given."""
    array = plan.constants.get(value)
    if array is None or array.size != 1 or type_of(plan, value) not in forms.NUMBER_TYPES or not np.isfinite(array).all():
        return None
    return forms.literal(array.item(), type_of(plan, value))


def _spreads(shape, sizes):
    """Whether an array of this shape goes over the space by NumPy's rules of broadcasting."""
    return shape == sizes or len(shape) <= len(sizes) and all(a == b or a == 1 for a, b in zip(reversed(shape), reversed(sizes)))


# ---------------------------------------------------------------- groups


def groups_of(plan, kinds):
    """Lists of node numbers that can be computed together, in order."""
    made = {}  # value → (its stage, its space, the number of the node that makes it)
    parent = list(range(len(plan.nodes)))

    def root(number):
        while parent[number] != number:
            parent[number] = number = parent[parent[number]]
        return number

    met = {}  # (space, stage, value) → a node that takes it
    effects = 0  # the stage of the last node whose place among its like counts
    for number, node in enumerate(plan.nodes):
        kind = kinds[number]
        own = None if kind is None else kind.space
        stage, mine = 0, number  # mine: the node's root
        for value in values_of(node):
            before, space, _ = made.get(value, _GIVEN)
            if own is None or space != own:
                before += 1
            if before > stage:
                stage = before
        if has_effects(node):
            stage = effects = max(stage, effects)
        if kind is None:
            pass
        elif kind.sums is not None:
            value, own = kind.inputs["x"], None
            _, space, source = made.get(value, _GIVEN)
            if space != kind.space:
                kinds[number] = None  # there is nothing to add up as it is made
            else:
                parent[number] = root(source)
            stage += 1
        else:
            for value in kind.inputs.values():
                before, space, maker = made.get(value, _GIVEN)
                if before == stage and space == own:
                    other = root(maker)
                    parent[mine] = mine = other
                other = root(met.setdefault((own, stage, value), number))
                parent[mine] = mine = other
        for value in node.outputs:
            made[value] = stage, own, number
    members = {}
    for number in range(len(plan.nodes)):
        if kinds[number] is not None:
            members.setdefault(root(number), []).append(number)
    return [part for group in members.values() for part in _parts(group, kinds)]


_GIVEN = 0, None, None  # the stage, space and maker of what no node of the plan makes


def _parts(group, kinds):
    """A long group in pieces that a compiler takes; its order is one in which everything is made before it is taken."""
    if len(group) <= _MOST_NODES:
        return [group]
    elements = [n for n in group if kinds[n].sums is None]
    return [elements[i:i + _MOST_NODES] for i in range(0, len(elements), _MOST_NODES)]


# ---------------------------------------------------------------- the loops of a group


class Writing:
    """Writes the loops of one group: its nodes are ``members`` of the plan."""

    def __init__(self, plan, kinds, leaving, members):
        self.plan, self.kinds = plan, kinds
        self.nodes = [plan.nodes[n] for n in members]
        self.members = members
        self.space = kinds[members[0]].space
        made = self.made = {v for node in self.nodes for v in node.outputs}
        self.outputs = [v for node in self.nodes for v in node.outputs if v in leaving]
        taken = dict.fromkeys(v for n in members for v in kinds[n].inputs.values() if v not in made)
        self.sums = {plan.nodes[n].outputs[0]: kinds[n] for n in members if kinds[n].sums is not None}
        self.numbers = {v: text for v in taken if (text := _number(plan, v)) is not None}
        self.inputs = [v for v in taken if v not in self.numbers]

    def loop(self):
        """(the nest of loops, the sizes of the loops): it takes ``inputs`` and gives ``outputs``."""
        plan = self.plan
        masks = [self.mask(plan.sizes[v]) for v in self.inputs]
        kept = [self.mask_of_result(self.sums.get(v)) for v in self.outputs]
        sizes, masks = collapsed(self.space, masks + kept)
        variables, lines = self.body()
        operands = tuple([Operand(type_of(plan, v), mask, len(plan.sizes[v])) for v, mask in zip(self.inputs, masks)])
        results = tuple([self.result(v, mask, variables) for v, mask in zip(self.outputs, masks[len(self.inputs):])])
        return Loop(len(sizes), operands, tuple(lines), results), sizes

    def divisor(self, value):
        """What the sum that becomes ``value`` is divided by, or None."""
        return self.sums[value].divisor if value in self.sums else None

    def mask(self, shape):
        """Per axis of the space, whether an array of this shape moves on with it."""
        missing = len(self.space) - len(shape)
        return (False,) * missing + tuple([size != 1 for size in shape])

    def mask_of_result(self, kind):
        return tuple([kind is None or axis not in kind.sums for axis in range(len(self.space))])

    def body(self):
        """(value → the variable that holds its element, the statements)."""
        variables = {v: (f"x{i}", type_of(self.plan, v)) for i, v in enumerate(self.inputs)}
        variables.update((v, (text, type_of(self.plan, v))) for v, text in self.numbers.items())
        lines = []
        for number, node in zip(self.members, self.nodes):
            kind = self.kinds[number]
            if kind.sums is not None:
                continue
            value, result = node.outputs[0], type_of(self.plan, node.outputs[0])
            name = f"t{len(lines)}"
            if kind.template is None:
                text = _element(kind.text, {name: variables[v] for name, v in kind.inputs.items()}, result)
            else:
                text = kind.template.format_map({name: variables[v][0] for name, v in kind.inputs.items()})
            lines.append(f"{name} = {text}")
            variables[value] = name, result
        return variables, lines

    def result(self, value, mask, variables):
        kind = self.sums.get(value)
        source = value if kind is None else kind.inputs["x"]
        text, dtype = variables[source]
        ndim = len(self.plan.sizes[value])
        return Result(text, dtype, mask, ndim, kind is not None, "added" if kind is None else kind.step)

def _element(text, known, result):
    """The typed text of one element; a mere name is converted to the type of the result."""
    if text in known:
        return forms.cast(*known[text], result)
    return forms.typed(text, known, result)
