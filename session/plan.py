"""Plan: the part of a graph that one (fetches, feeds) pair needs, in the order it runs.

`lower` walks back from the fetches, orders what it found (creation order, bent only by dependencies) and
says for every consumer which value it reads.  A value is a number.  References to variables do not become
values by themselves: a consumer that wants the content gets a read node, placed where it runs, so that it
sees every write before it.  Conditional branches become guards: a node runs if its guards hold.
"""

import heapq
from typing import NamedTuple

import numpy as np

from graphcore.core import dtypes, errors
from graphcore.core.dtypes import runtime_name
from graphcore.core.node import Tensor
from graphcore.core.view import list_length


class Read:
    """The op of a plan node that takes the content of a variable at this point of the run."""

    op_name = "Read"
    stateful = True
    aliases = True
    checks = False
    takes_state = False
    is_simple = False


class Choose:
    """The op of a plan node that takes the value of the branch that ran, and which one that was."""

    op_name = "Choose"
    stateful = False
    aliases = True
    checks = False
    takes_state = False
    is_simple = False


class Reshaped:
    """The op of a plan node that gives its input's elements in another shape, known beforehand."""

    op_name = "Reshaped"
    stateful = False
    aliases = True
    checks = False
    takes_state = False
    is_simple = False


class Fused:
    """The op of a plan node that stands for a group of nodes and computes them in one nest of loops."""

    op_name = "Fused"
    stateful = False
    aliases = False
    checks = False
    takes_state = False
    is_simple = False


class Joined:
    """The op of a plan node that stands for a step of many little nodes, variables' changes among them."""

    op_name = "Joined"
    stateful = False
    aliases = False
    checks = False
    takes_state = False
    is_simple = False


GROUPS = {Fused, Joined}  # they stand for nodes of a plan of their own
OWN_OPS = {Read, Choose, Reshaped, Fused, Joined}  # of plans; all others are the graph's


class Ref(NamedTuple):
    """A reference to a variable, seen through ``views`` (operations that pass its buffer on)."""

    variable: object  # the Operation that holds it
    views: tuple = ()


class PlanNode:
    """One step to be: an op applied to values.  Never changed once made."""

    __slots__ = ("op", "attrs", "inputs", "outputs", "origin", "guard")

    def __init__(self, op, attrs, inputs, outputs, origin, guard):
        self.op = op  # a declaration, or Read
        self.attrs = attrs
        self.inputs = inputs  # per input: a value, a Ref (the variable itself), or a tuple of these
        self.outputs = outputs  # values
        self.origin = origin  # the graph Operation
        self.guard = guard  # ((value, bool), …): runs only if every value is so


class Plan(NamedTuple):
    """What one (fetches, feeds) pair needs; values are numbers below ``size``."""

    nodes: tuple
    constants: dict  # value → array
    feeds: tuple  # values, in the order of the feeds
    fetches: tuple  # value, or None for an operation
    size: int
    owned: frozenset  # fetched values that nothing else holds: they go to the user without a copy
    names: dict  # value → the tensor it was first, to print and to explain
    roots: frozenset = frozenset()  # operations that nothing takes anything from: they run for their own sake
    targets: frozenset = frozenset()  # operations that are fetched
    shapes: tuple | None = None  # shapes of the fed arrays, for a plan made for these alone
    sizes: dict = {}  # value → its shape, as far as that follows from the fed ones


def values_of(node):
    """The values that a node takes, those that decide whether it runs included; for most nodes that is ``inputs``."""
    if not node.guard:
        for item in node.inputs:
            if item.__class__ is not int:
                break
        else:
            return node.inputs
    values = []
    for item in node.inputs:
        if item.__class__ is int:
            values.append(item)
        elif item.__class__ is not Ref:
            values += item
    return (*values, *[value for value, _ in node.guard])


def lower(fetches, feeds):
    """The Plan that computes ``fetches`` (tensors and operations) when ``feeds`` (tensors) are given."""
    return Lowering(feeds).run(fetches)


def needed_operations(fetches, feeds):
    """The operations that have to run, in their order."""
    fed = set(feeds)
    marked, stack = {}, []
    for fetch in fetches:
        op = fetch.op if isinstance(fetch, Tensor) else fetch
        if fetch not in fed and op._id not in marked:
            marked[op._id] = op
            stack.append(op)
    bent = False
    while stack:
        op = stack.pop()
        number = op._id
        for tensor in op._inputs:
            other = tensor.op
            if other._id > number:
                bent = True
            if other._id not in marked and tensor not in fed:
                marked[other._id] = other
                stack.append(other)
        for other in op._control_inputs:
            if other._id > number:
                bent = True
            if other._id not in marked:
                marked[other._id] = other
                stack.append(other)
    if bent:
        return _in_order(marked, fed)
    return [marked[number] for number in sorted(marked)]


def _in_order(marked, fed):
    """Repeatedly the oldest operation whose inputs are done; only edges added later make this differ from age."""
    waiting, users = {}, {}
    for number, op in marked.items():
        sources = {t.op._id for t in op._inputs if t not in fed} | {c._id for c in op._control_inputs}
        waiting[number] = len(sources)
        for source in sources:
            users.setdefault(source, []).append(number)
    ready = [number for number, count in waiting.items() if not count]
    heapq.heapify(ready)
    order = []
    while ready:
        number = heapq.heappop(ready)
        order.append(marked[number])
        for user in users.get(number, ()):
            waiting[user] -= 1
            if not waiting[user]:
                heapq.heappush(ready, user)
    if len(order) < len(marked):
        stuck = sorted(set(marked) - {op._id for op in order})
        raise errors.InvalidArgumentError(None, marked[stuck[0]], "The graph couldn't be sorted in topological order: "
                                          f"operation '{marked[stuck[0]].name}' depends on itself.")
    return order


class Lowering:
    """The state of one `lower`; a run in parts lowers some operations at a time."""

    def __init__(self, feeds):
        self.feeds = feeds
        self.fed = set(feeds)
        self.nodes = []
        self.constants = {}
        self.values = {}  # Tensor → value or Ref
        self.names = {}
        self.size = 0
        self.guards = {}  # Operation id → guard, where it is not ()
        self.predicates = {}  # Operation id of a switch → the value that decides
        self.reads = {}  # variable → {(Ref, guard): value}, until the variable is written
        self.aliasing = set()  # values that may share memory with something the run does not own

    def run(self, fetches):
        feeds = self.begin()
        for op in needed_operations(fetches, self.feeds):
            self.lower_operation(op)
        results = tuple(self.content(f) if isinstance(f, Tensor) else None for f in fetches)
        fetched = [v for v in results if v is not None]
        owned = frozenset(v for v in fetched if v not in self.aliasing and fetched.count(v) == 1)
        return Plan(tuple(self.nodes), self.constants, feeds, results, self.size, owned, self.names, self.roots(fetched),
                    frozenset([f for f in fetches if not isinstance(f, Tensor)]))

    def roots(self, fetched):
        used = bytearray(self.size)
        for value in fetched:
            used[value] = True
        for node in self.nodes:
            for item in node.inputs:
                if item.__class__ is int:
                    used[item] = True
                elif item.__class__ is not Ref:
                    for part in item:
                        if part.__class__ is int:
                            used[part] = True
        return frozenset([node.origin for node in self.nodes if True not in [used[v] for v in node.outputs]])

    def begin(self):
        """The values of the feeds."""
        feeds = tuple(self.new_value(t) for t in self.feeds)
        for tensor, value in zip(self.feeds, feeds):
            self.values[tensor] = value
            self.aliasing.add(value)
        return feeds

    def new_value(self, tensor):
        value = self.size
        self.size += 1
        self.names[value] = tensor
        return value

    # ------------------------------------------------------------ one operation
    def lower_operation(self, op):
        definition = op.definition
        if definition.is_simple and not self.predicates:
            self.emit_simple(op, definition)
            return
        guard = self.guard_of(op) if self.predicates else ()
        if guard:
            self.guards[op._id] = guard
        if all(t in self.values for t in op.outputs) and op.outputs:
            return  # every output is fed
        if definition.branch:
            (self.lower_switch if definition.branch == "switch" else self.lower_merge)(op, guard)
        elif definition.constant_value is not None:
            self.lower_constant(op)
        elif definition.variable:
            self.values[op.outputs[0]] = Ref(op)
        elif definition.view and isinstance(self.values[op._inputs[0]], Ref):
            ref = self.values[op._inputs[0]]
            views = ref.views if definition.same else (*ref.views, op)
            self.values[op.outputs[0]] = Ref(ref.variable, views)
        elif definition.same:
            self.values[op.outputs[0]] = self.values[op._inputs[0]]
        else:
            self.emit(op, definition, guard)

    def lower_constant(self, op):
        tensor = op.outputs[0]
        value = self.values[tensor] = self.new_value(tensor)
        self.constants[value] = op.definition.constant_value(op.attrs)
        self.aliasing.add(value)

    def emit_simple(self, op, definition):
        """A node with plain inputs and one output: `emit`, without what such a node has no need of."""
        values, tensor = self.values, op._outputs
        if tensor in values:
            return  # it is fed
        inputs = tuple([v if (v := values[t]).__class__ is int else self.content(t) for t in op._inputs])
        value = values[tensor] = self.size
        self.size += 1
        self.names[value] = tensor
        if definition.aliases:
            self.aliasing.add(value)
        self.nodes.append(PlanNode(definition, op.attrs, inputs, (value,), op, ()))

    def emit(self, op, definition, guard):
        inputs, written = self.arguments(op, definition, guard)
        outputs = []
        for tensor in op.outputs:
            if tensor.dtype.is_ref:
                outputs.append(self.new_value(tensor))  # a placeholder: the reference itself is what counts
                self.values.setdefault(tensor, Ref(written[0]) if written else outputs[-1])
            else:
                value = self.new_value(tensor)
                outputs.append(value)
                self.values.setdefault(tensor, value)
                if definition.aliases:
                    self.aliasing.add(value)
        self.nodes.append(PlanNode(definition, op.attrs, inputs, tuple(outputs), op, guard))
        for variable in written:
            self.reads.pop(variable, None)

    def arguments(self, op, definition, guard):
        """(inputs of the plan node, variables that it may write)."""
        arguments, written, position = [], [], 0
        for declared in definition.inputs:
            if not declared.is_list:
                arguments.append(self.argument(op, op._inputs[position], declared, guard, written))
                position += 1
            else:
                length = list_length(declared, op.attrs)
                arguments.append(tuple(self.argument(op, t, declared, guard, written)
                                       for t in op._inputs[position:position + length]))
                position += length
        return tuple(arguments), written

    def argument(self, op, tensor, declared, guard, written):
        source = self.values[tensor]
        handle = declared.type is dtypes.resource
        if not declared.ref and not (handle and isinstance(source, Ref)):
            return self.content(tensor, guard)
        if not isinstance(source, Ref):
            kind = runtime_name(tensor.dtype)
            raise errors.InvalidArgumentError(
                None, op, f"Input {op._inputs.index(tensor)} of node {op.name} was passed {kind} from {tensor.name} incompatible "
                f"with expected {kind}_ref: input '{declared.name}' has to be the variable itself, which was fed or computed.")
        if not handle:  # what a handle leads to is read by operations of its own, never by a read node
            written.append(source.variable)
        return Ref(source.variable)

    # ------------------------------------------------------------ reading variables
    def content(self, tensor, guard=()):
        """The value a consumer reads now: the tensor's own, or what the variable behind it holds at this point."""
        source = self.values[tensor]
        if not isinstance(source, Ref):
            return source
        return self.read_of(source, guard)

    def read(self, ref, guard):
        if ref.views:
            view = ref.views[-1]
            first = self.read_of(Ref(ref.variable, ref.views[:-1]), guard)
            others = tuple(self.content(t, guard) for t in view._inputs[1:])
            op, attrs, inputs, origin = view.definition, view.attrs, (first, *others), view
        else:
            op, attrs, inputs, origin = Read, {}, (ref,), ref.variable
        value = self.new_value(origin.outputs[0])
        self.aliasing.add(value)
        self.nodes.append(PlanNode(op, attrs, inputs, (value,), origin, guard))
        self.reads.setdefault(ref.variable, {})[ref, guard] = value
        return value

    def read_of(self, ref, guard):
        known = self.reads.get(ref.variable, {})
        value = known.get((ref, guard))
        if value is None:
            value = known.get((ref, ()))
        return self.read(ref, guard) if value is None else value

    # ------------------------------------------------------------ branches
    def guard_of(self, op):
        """When ``op`` runs: the conditions of everything it waits for, together."""
        found = {}
        if op.definition.branch == "merge":
            first, *others = [self.guard_at(t) for t in op._inputs]
            common = [condition for condition in first if all(condition in other for other in others)]
            found.update(dict.fromkeys(common))
        else:
            for tensor in op._inputs:
                found.update(dict.fromkeys(self.guard_at(tensor)))
        for control in op._control_inputs:
            found.update(dict.fromkeys(self.guards.get(control._id, ())))
        return tuple(found)

    def guard_at(self, tensor):
        """When ``tensor`` has a value."""
        if tensor in self.fed:
            return ()
        guard = self.guards.get(tensor.op._id, ())
        if tensor.op.definition.branch == "switch":
            guard = (*guard, (self.predicates[tensor.op._id], bool(tensor.value_index)))
        return guard

    def lower_switch(self, op, guard):
        self.predicates[op._id] = self.content(op._inputs[1], guard)
        for output in op.outputs:
            self.values.setdefault(output, self.values[op._inputs[0]])

    def lower_merge(self, op, guard):
        """A merge takes the first of its inputs whose own conditions hold."""
        choices, conditions, deciding = [], [], []
        for tensor in op._inputs:
            inside = self.guard_at(tensor)
            own = [condition for condition in inside if condition not in guard]
            choices.append(self.content(tensor, inside))
            conditions.append(tuple((len(deciding) + i, sense) for i, (_, sense) in enumerate(own)))
            deciding += [predicate for predicate, _ in own]
        outputs = tuple(self.new_value(t) for t in op.outputs)
        for tensor, value in zip(op.outputs, outputs):
            self.values.setdefault(tensor, value)
        self.aliasing.add(outputs[0])
        attrs = {"conditions": tuple(conditions)}
        self.nodes.append(PlanNode(Choose, attrs, (tuple(choices), tuple(deciding)), outputs, op, guard))


def show(plan):
    """The plan as text, a line a node."""
    lines = []
    for value, array in plan.constants.items():
        lines.append(f"%{value} = {_brief(array)} : {_kind(plan, value)}")
    for value in plan.feeds:
        lines.append(f"%{value} = Feed({plan.names[value].name}) : {_kind(plan, value)}")
    for node in plan.nodes:
        left = ", ".join(f"%{v}" for v in node.outputs)
        when = "".join(f" if {'' if sense else 'not '}%{v}" for v, sense in node.guard)
        lines.append(f"{left + ' = ' if left else ''}{node.op.op_name}({', '.join(_argument(i) for i in node.inputs)})"
                     f"{' : ' + _kind(plan, node.outputs[0]) if node.outputs else ''}{when}"
                     + (f"      # {node.origin.source}" if node.origin.source else ""))
        if node.op in GROUPS:
            lines += [f"    {line}" for line in show(node.attrs["group"].plan).splitlines() if line.startswith("%") and "(" in line]
    lines.append("return " + ", ".join("-" if v is None else f"%{v}" for v in plan.fetches))
    return "\n".join(lines)


def _argument(item):
    if isinstance(item, tuple) and not isinstance(item, Ref):
        return "[" + ", ".join(_argument(i) for i in item) + "]"
    return f"&{item.variable.name}" if isinstance(item, Ref) else f"%{item}"


def _kind(plan, value):
    tensor = plan.names[value]
    sizes = tensor.shape.sizes
    shape = "?" if sizes is None else ",".join("?" if s is None else str(s) for s in sizes)
    return f"{tensor.dtype.base.name}[{shape}]"


def _brief(array):
    if array.ndim == 0:
        return str(array[()])
    return np.array2string(array, threshold=4, separator=", ").replace("\n", "")
