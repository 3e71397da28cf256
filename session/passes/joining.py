"""One joined step: its nodes, and how each takes part, as a recipe (see `join`)."""

import numpy as np

from graphcore.session.kernels import forms
from graphcore.session.native.call import Joint
from graphcore.session.native.recipe import Array, Changed, Inside, Moved, Nest, Picked, Product, Recipe, Same, Turned
from graphcore.session.passes.elements import Kind, Writing, groups_of, leaving
from graphcore.session.passes.rewriting import in_order
from graphcore.session.plan import Fused, Joined, Plan, PlanNode, Ref, Reshaped, values_of

_STEPS = {"added", "largest"}  # of reductions of rows


def variables_of(node):
    """The variables that a node is given."""
    return [item.variable for item in node.inputs if isinstance(item, Ref)]


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


class Joining:
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
        variables = variables_of(node)
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
