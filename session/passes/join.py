"""Join: the little nodes between the large ones become single steps, each computed in one call (see `session.native`).

Nodes get levels.  A node that can be joined is in the level of what it takes; one that stays alone is in the same
level as what stays alone before it, and in the next one after what is joined.  In each level, what stays alone runs
first, then what is joined, as one step: so no path leaves a step and comes back into it.
"""

import math

import numpy as np

from graphcore.core import flags
from graphcore.session.kernels import forms
from graphcore.session.native.call import Joint
from graphcore.session.native.recipe import Array, Nest, Product, Recipe, Same, Turned
from graphcore.session.passes.elements import Kind, Writing, groups_of, type_of, users_of, view_of
from graphcore.session.passes.rewriting import has_effects, in_order, values_of
from graphcore.session.plan import OWN_OPS, Fused, Joined, Plan, PlanNode, Read, Ref, Reshaped

_MOST_ELEMENTS = 1 << 17  # of an array: threads share the loops over larger ones
_MOST_CHANGED = 1 << 14  # elements of a variable: larger ones change in place
_MOST_MULTIPLIED = 1 << 21  # multiplications of a product; BLAS is quicker at more
_MOST_NODES = 4000  # of a plan; in longer ones groups of equal form are looked for (`fuse`)
_MOST_JOINED = 100  # nodes of a step: compiling takes the square of their number
_LEAST_WEIGHT = 3  # what a step has to be worth, in calls of NumPy
_MOST_RANK = 4
_TYPES = {"float32", "float64", "int8", "int16", "int32", "int64", "bool"}
_STEPS = {"added", "largest"}  # of reductions of rows
_OF_THE_LIBRARY = {"fmod"}  # words that would call the C library


def join(plan):
    """The plan with its little nodes joined."""
    if plan.shapes is None or len(plan.nodes) > _MOST_NODES:
        return plan
    parts = [_part(plan, node) for node in plan.nodes]
    if sum(part.weight for part in parts if part is not None) < _LEAST_WEIGHT or not _is_possible():
        return plan
    levels, joined = _levels(plan, parts)
    order = sorted(range(len(levels)), key=lambda number: (levels[number], joined[number]))
    nodes, users = [], users_of(plan)
    for inside, members in _by_level(order, levels, joined):
        if not inside:
            nodes += [plan.nodes[number] for number in members]
            continue
        for start in range(0, len(members), _MOST_JOINED):
            nodes += _step(plan, [(plan.nodes[number], parts[number]) for number in members[start:start + _MOST_JOINED]], users)
    return plan._replace(nodes=tuple(nodes))


def _step(plan, members, users):
    """The nodes that take the place of the members: one, or themselves where that is not worth it."""
    if sum(part.weight for _, part in members) < _LEAST_WEIGHT:
        return [node for node, _ in members]
    return [_Joining(plan, members, users).node()]


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
    if op.rows is not None:
        return _part_of_rows(plan, node)
    if len(node.outputs) != 1 or not _is_small(plan, node.outputs[0]):
        return None
    if op.multiplies is not None:
        return _part_of_product(plan, node)
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
        elif alone and node.op is not Reshaped:
            level = fallible = max(level, fallible, changes + 1, *(reads.get(v, 0) for v in _variables(node)))
        elif not alone and has_effects(node):
            level = changes = max(level, fallible, changes, *(reads.get(v, 0) for v in _variables(node)))
        if node.op is not Read:
            for variable in _variables(node):
                writes.setdefault(variable, []).append((level, joined[number]))
        levels.append(level)
        made.update(dict.fromkeys(node.outputs, (level, joined[number])))
    return levels, joined


def _variables(node):
    return [item.variable for item in node.inputs if isinstance(item, Ref)]


# ---------------------------------------------------------------- one step


class _Made:
    """A value that only a step knows: what stands for a tensor there."""

    def __init__(self, dtype):
        self.dtype = dtype


class _Joining:
    """Writes the recipe of one step from its nodes and their parts."""

    def __init__(self, plan, members, users):
        self.plan, self.members = plan, members
        self.size = plan.size
        self.names, self.sizes = dict(plan.names), dict(plan.sizes)
        self.nodes, self.kinds, self.turned = [], [], {}
        self.made_by_elements = set()
        self.held, self.content = {}, {}  # variable → the value that is its content before, and now
        inside = {id(node) for node, _ in members}
        for node, part in members:
            getattr(self, part.form)(node, part.kind)
        self.results = [v for node, part in members if part.form != "change" for v in node.outputs
                        if any(n is None or id(plan.nodes[n]) not in inside for n in users.get(v, ()))]

    # ------------------------------------------------------------ the nodes, as elements, products and the like
    def add(self, inputs, output, kind, op=Fused):
        self.nodes.append(PlanNode(op, {}, tuple(inputs), (output,), None, ()))
        self.kinds.append(kind)

    def new(self, dtype, sizes):
        value, self.size = self.size, self.size + 1
        self.names[value], self.sizes[value] = _Made(dtype), sizes
        return value

    def elements(self, node, kind):
        if kind.sums is None:
            self.add(kind.inputs.values(), node.outputs[0], kind)
            self.made_by_elements.add(node.outputs[0])
            return
        value = kind.inputs["x"]
        if value not in self.made_by_elements or self.sizes[value] != kind.space:
            value = self.element({"x": value}, "x", self.names[value].dtype.base, kind.space)
        self.add((value,), node.outputs[0], Kind(kind.space, {"x": value}, None, kind.sums, kind.divisor))

    def element(self, inputs, text, dtype, sizes):
        """The new value that expression ``text`` gives."""
        value = self.new(dtype, sizes)
        self.add(inputs.values(), value, Kind(sizes, inputs, text))
        self.made_by_elements.add(value)
        return value

    def same(self, node, _):
        self.add(node.inputs, node.outputs[0], None, Reshaped)

    def product(self, node, turned):
        (a, b), output = node.inputs, node.outputs[0]
        if turned[1] and min(self.sizes[output]) > 1:  # rows of b are what goes along memory then
            straight = self.new(self.names[b].dtype.base, self.sizes[b][::-1])
            self.add((b,), straight, None)
            b, turned = straight, (turned[0], False)
        self.turned[output] = turned
        self.add((a, b), output, None)

    def rows(self, node, _):
        op, dtype = node.op, self.names[node.inputs[0]].dtype.base
        sizes = self.sizes[node.inputs[0]]
        row = (*sizes[:-1], 1)
        known = {declared.name: value for declared, value in zip(op.inputs, node.inputs)}
        outputs = {declared.name: value for declared, value in zip(op.outputs, node.outputs)}
        for statement in op.rows:
            name, text = statement.split(" = ")
            step, _, over = text.rstrip(")").partition("(")
            if step in _STEPS:
                known[name] = self.reduced(known[over], step, dtype, sizes, row)
            else:
                taken = self.taken(text, known)
                known[name] = self.element(taken, text, dtype, sizes if any(self.sizes[v] == sizes for v in taken.values()) else row)
        for name, value in outputs.items():  # the output's own shape
            self.add((known[name],), value, None, Reshaped)

    def reduced(self, value, step, dtype, sizes, row):
        if value not in self.made_by_elements:
            value = self.element({"x": value}, "x", dtype, sizes)
        made = self.new(dtype, row)
        self.add((value,), made, Kind(sizes, {"x": value}, None, frozenset([len(sizes) - 1]), None, step))
        return made

    def change(self, node, _):
        op, attrs = node.op, node.attrs
        variables = _variables(node)
        dtype, sizes = variables[0].attrs["dtype"].base, variables[0].attrs["shape"].sizes
        known = {declared.name: item for declared, item in zip(op.inputs, node.inputs) if not isinstance(item, Ref)}
        names = [declared.name for declared, item in zip(op.inputs, node.inputs) if isinstance(item, Ref)]
        if op.update_rule is None:
            statements = [(names[0], op.becomes)]
        else:
            numbers, statements = op.update_rule[0].loop(**{key: attrs[key] for key in op.kernel_attrs})
            scalars = dict(known)
            for name, text in numbers.items():
                known[name] = scalars[text] if text in scalars else self.element(self.taken(text, scalars), text, dtype, ())
        for name, variable in zip(names, variables):
            if name in {word for _, text in statements for word in forms.names_in(text)}:
                known[name] = self.content_of(variable, dtype, sizes)
        for name, text in statements:
            if text != name:
                known[name] = self.element(self.taken(text, known), text, dtype, sizes)
        for name, variable in zip(names, variables):
            self.content[variable] = known[name]

    def taken(self, text, known):
        return {name: known[name] for name in sorted(forms.names_in(text)) if name in known}

    def content_of(self, variable, dtype, sizes):
        if variable not in self.content:
            self.held[variable] = self.content[variable] = self.new(dtype, sizes)
        return self.content[variable]

    # ------------------------------------------------------------ the recipe
    def node(self):
        plan = self.plan
        variables = sorted(self.content, key=lambda variable: variable._id)
        changed = [v for v in variables if self.content[v] != self.held.get(v)]
        given = [*self.results, *(self.content[v] for v in changed)]
        parts = self.parts(Plan(tuple(self.nodes), plan.constants, (), tuple(given), self.size, frozenset(), self.names, sizes=self.sizes))
        made = {v for node in self.nodes for v in node.outputs}
        held = [self.held[v] for v in variables if v in self.held]
        taken = [v for v in dict.fromkeys(v for part in parts for v in _taken(part)) if v not in made and v not in held]
        constants = [v for v in taken if v in plan.constants]
        values = [v for v in taken if v not in plan.constants]
        joint = Joint(self.own_plan(values), self.recipe(parts, [*values, *held], constants, given),
                      [_contiguous(plan.constants[v]) for v in constants], len(variables),
                      [position for position, v in enumerate(variables) if v in self.held],
                      [position for position, v in enumerate(variables) if v in changed])
        inputs = joint.plan.feeds + tuple([Ref(v) for v in variables])
        return PlanNode(Joined, {"group": joint}, inputs, tuple(self.results), self.members[-1][0].origin, ())

    def parts(self, known):
        """The parts of the recipe in order, on values as yet."""
        kinds, users = list(self.kinds), users_of(known)
        groups = groups_of(known, kinds)
        inside = {number for group in groups for number in group}
        groups += [[number] for number in range(len(self.nodes)) if number not in inside]
        groups.sort(key=lambda group: group[0])
        units = []
        for group in groups:
            node = self.nodes[group[0]]
            if self.kinds[group[0]] is None:
                units.append(self.plain(node))
                continue
            writing = Writing(known, self.kinds, users, group)
            if writing.outputs:
                units.append(Nest(*writing.loop(), tuple(writing.inputs), tuple(writing.outputs),
                                  tuple([writing.divisor(v) for v in writing.outputs])))
        return [units[i] for i in in_order([_taken(unit) for unit in units], [_made(unit) for unit in units])]

    def plain(self, node):
        if node.op is Reshaped:
            return Same(node.inputs[0], node.outputs[0])
        if len(node.inputs) == 1:
            return Turned(node.inputs[0], node.outputs[0])
        return Product(node.inputs, node.outputs[0], self.turned[node.outputs[0]])

    def recipe(self, parts, inputs, constants, outputs):
        """The recipe, with arrays numbered from 0 on."""
        values = dict.fromkeys([*inputs, *constants, *(v for part in parts for v in (*_taken(part), *_made(part))), *outputs])
        number = {value: position for position, value in enumerate(values)}

        def numbered(values):
            return tuple([number[value] for value in values])

        arrays = tuple([Array(self.names[v].dtype.base.name, tuple(self.sizes[v])) for v in values])
        parts = tuple([_numbered(part, numbered) for part in parts])
        return Recipe(arrays, numbered(inputs), numbered(constants), parts, numbered(outputs))

    def own_plan(self, values):
        """The step as a plan from what it takes to what it gives: the plain way, which may take more than the recipe does."""
        plan, nodes = self.plan, tuple([node for node, _ in self.members])
        taken = [v for node in nodes for v in values_of(node)]
        made = {v for node in nodes for v in node.outputs}
        constants = {v: plan.constants[v] for v in taken if v in plan.constants}
        feeds = dict.fromkeys([*values, *(v for v in taken if v not in made and v not in constants)])
        return Plan(nodes, constants, tuple(feeds), tuple(self.results), plan.size, frozenset(self.results), plan.names, sizes=plan.sizes)


def _contiguous(array):
    return np.ascontiguousarray(array).reshape(np.shape(array))


def _taken(part):
    return (part.takes,) if isinstance(part, (Same, Turned)) else part.takes


def _made(part):
    return part.gives if isinstance(part, Nest) else (part.gives,)


def _numbered(part, numbered):
    if isinstance(part, (Same, Turned)):
        return type(part)(*numbered((part.takes, part.gives)))
    gives = numbered(_made(part))
    return part._replace(takes=numbered(part.takes), gives=gives if isinstance(part, Nest) else gives[0])
