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
from graphcore.session.native.recipe import Array, Changed, Inside, Moved, Nest, Picked, Product, Recipe, Same, Turned
from graphcore.session.passes.elements import Kind, Writing, groups_of, leaving, type_of, view_of
from graphcore.session.passes.moving import moves_of
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
            nodes.append(_Joining(plan, [(plan.nodes[number], parts[number]) for number in members], taken).node())
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
            for variable in _variables(node):
                ways.setdefault(variable, set()).add(part.form)
    for number, node in enumerate(plan.nodes):
        if parts[number] is not None and parts[number].form == "changed" and len(ways[_variables(node)[0]]) > 1:
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
            level = fallible = max(level, fallible, changes + 1, *(reads.get(v, 0) for v in _variables(node)))
        elif not alone and has_effects(node):
            level = changes = max(level, fallible, changes, *(reads.get(v, 0) for v in _variables(node)))
            if parts[number].form == "changed":  # where it stands: whoever has read it must be done
                level = changes = max(level, 1 + max((used.get(v, -1) for v in _variables(node)), default=-1))
        if node.op is not Read:
            for variable in _variables(node):
                writes.setdefault(variable, []).append((level, joined[number]))
        for value in values_of(node):
            if value in readers:
                used[readers[value]] = max(used.get(readers[value], 0), level)
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


class _Beside(dict):
    """Entries beside those of another dict, which stays as it is: copying that for each step would take the square of a plan's length."""

    def __init__(self, others):
        self.others = others

    def __missing__(self, key):
        return self.others[key]

    def get(self, key, default=None):
        return self[key] if key in self else self.others.get(key, default)


class _Joining:
    """Writes the recipe of one step from its nodes and their parts."""

    def __init__(self, plan, members, taken):
        self.plan, self.members = plan, members
        self.size = plan.size
        self.names, self.sizes = _Beside(plan.names), _Beside(plan.sizes)
        self.nodes, self.kinds, self.turned = [], [], {}
        self.special = {}  # value → the part that makes it, but for what it takes and gives
        self.made_by_elements = set()
        self.held, self.content = {}, {}  # variable → the value that is its content before, and now
        self.owned, self.last = {}, []  # variable → the value that is its content, of which rows change; what changes them
        for node, part in members:
            getattr(self, part.form)(node, part.kind)
        self.results = [v for node, part in members if part.form not in ("change", "changed") for v in node.outputs if v in taken]

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
        self.add((value,), node.outputs[0], Kind(kind.space, {"x": value}, None, kind.sums, kind.divisor, kind.step))

    def element(self, inputs, text, dtype, sizes):
        """The new value that expression ``text`` gives."""
        value = self.new(dtype, sizes)
        self.add(inputs.values(), value, Kind(sizes, inputs, text))
        self.made_by_elements.add(value)
        return value

    def moves(self, node, moves):
        taken, blocks = moves
        for output, each in zip(node.outputs, blocks):
            numbers = sorted({block.taken for block in each})
            self.add([taken[n] for n in numbers], output, None)
            self.special[output] = Moved((), 0, tuple([block._replace(taken=numbers.index(block.taken)) for block in each]))

    def picked(self, node, _):
        self.add(node.inputs[:2], node.outputs[0], None)
        self.special[node.outputs[0]] = Picked((), 0)

    def changed(self, node, _):
        (reference, numbers, updates), op = node.inputs, node.op
        variable = reference.variable
        dtype, sizes = variable.attrs["dtype"].base, variable.attrs["shape"].sizes
        if variable not in self.owned:
            self.owned[variable] = self.new(dtype, sizes)
        names = dict(zip((op.inputs[0].name, op.inputs[2].name), (("x0", dtype.name), ("x1", dtype.name))))
        text = forms.typed(op.rows_become, names, dtype.name) if op.rows_become not in names else names[op.rows_become][0]
        self.last.append(Changed((self.owned[variable], numbers, updates), text))

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
        variables = sorted({*self.content, *self.owned}, key=lambda variable: variable._id)
        changed = [v for v in variables if v in self.content and self.content[v] != self.held.get(v)]
        given = [*self.results, *(self.content[v] for v in changed)]
        wanted = (*given, *(value for part in self.last for value in part.takes))
        parts = self.parts(Plan(tuple(self.nodes), plan.constants, (), wanted, self.size, frozenset(), self.names, sizes=self.sizes))
        made = {v for node in self.nodes for v in node.outputs}
        held = [*(self.held[v] for v in variables if v in self.held), *(self.owned[v] for v in variables if v in self.owned)]
        taken = [v for v in dict.fromkeys(v for part in parts for v in _taken(part)) if v not in made and v not in held]
        constants = [v for v in taken if v in plan.constants]
        values = [v for v in taken if v not in plan.constants]
        joint = Joint(self.own_plan(values), self.recipe(parts, [*values, *held], constants, given),
                      [_contiguous(plan.constants[v]) for v in constants], len(variables),
                      [position for position, v in enumerate(variables) if v in self.held],
                      [position for position, v in enumerate(variables) if v in self.owned],
                      [position for position, v in enumerate(variables) if v in changed])
        inputs = joint.plan.feeds + tuple([Ref(v) for v in variables])
        return PlanNode(Joined, {"group": joint}, inputs, tuple(self.results), self.members[-1][0].origin, ())

    def parts(self, known):
        """The parts of the recipe in order, on values as yet."""
        groups = groups_of(known, list(self.kinds))
        taken = leaving(known, groups)
        inside = {number for group in groups for number in group}
        groups += [[number] for number in range(len(self.nodes)) if number not in inside]
        groups.sort(key=lambda group: group[0])
        units = []
        for group in groups:
            node = self.nodes[group[0]]
            if self.kinds[group[0]] is None:
                units.append(self.plain(node))
                continue
            writing = Writing(known, self.kinds, taken, group)
            if writing.outputs:
                units.append(Nest(*writing.loop(), tuple(writing.inputs), tuple(writing.outputs),
                                  tuple([writing.divisor(v) for v in writing.outputs])))
        order = in_order([_taken(unit) for unit in units], [_made(unit) for unit in units])
        return self.checked([units[i] for i in order])

    def checked(self, parts):
        """The parts and then what changes rows, with a check of rows' numbers before they are used, and before any change."""
        checks, result = {}, []
        for part in parts:
            if isinstance(part, Picked):
                check = Inside(part.takes[1], self.sizes[part.takes[0]][0])
                if check not in checks:
                    result.append(check)
                checks[check] = None
            result.append(part)
        missing = dict.fromkeys(Inside(part.takes[1], self.sizes[part.takes[0]][0]) for part in self.last)
        return [*result, *(check for check in missing if check not in checks), *self.last]

    def plain(self, node):
        if node.op is Reshaped:
            return Same(node.inputs[0], node.outputs[0])
        if node.outputs[0] in self.special:
            return self.special[node.outputs[0]]._replace(takes=node.inputs, gives=node.outputs[0])
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
    return part.takes if isinstance(part.takes, tuple) else (part.takes,)


def _made(part):
    gives = getattr(part, "gives", ())
    return gives if isinstance(gives, tuple) else (gives,)


def _numbered(part, numbered):
    """The part with arrays' numbers for values."""
    fields = {name: getattr(part, name) for name in ("takes", "gives") if name in part._fields}
    return part._replace(**{name: numbered(item) if isinstance(item, tuple) else numbered((item,))[0] for name, item in fields.items()})
