"""Program: a Plan bound to one session's state, as flat steps over slots."""

import functools
import operator
from typing import NamedTuple

import numpy as np

from graphcore.core import compiled
from graphcore.core.opdef import Elementwise
from graphcore.core.threads import threads_of
from graphcore.core.view import NodeView
from graphcore.session.buffers import made_here, overwritable
from graphcore.session.failure import cause, complain_unfed, explain
from graphcore.session.interpreter import interpret
from graphcore.session.plan import OWN_OPS, Choose, Fused, Joined, Read, Ref, Reshaped, values_of

# What only a plan that runs often needs is imported where it is used: `import graphcore` and first runs stay quick.


def _library(module, kind):
    """The compiler that ops' kernels count on."""
    from graphcore.session.kernels.libraries import library

    return library(module, kind)


compiled.compiler = _library


class Step(NamedTuple):
    """``slots[outputs] = call(*slots[inputs])`` if the guards hold; then ``frees`` are not needed any more."""

    call: object
    inputs: tuple  # per argument a slot, or a tuple of slots
    outputs: tuple  # slots; empty: the result is dropped
    several: bool  # the call gives a tuple, one entry an output
    origin: object
    guard: tuple  # ((slot, bool), …)
    frees: tuple


class Program:
    """Steps over slots.  ``template`` holds the constants and variables; the feeds go into ``feeds``.

    ``moves`` are the steps as the interpreter takes them, tuples (call, a, b, out, free, free_too): ``slots[out] =
    call(slots[a], slots[b])``, then two slots are emptied.  Without a second argument ``b`` is None.  A step of any other form
    is ``a`` itself: then ``out`` is None too.
    """

    def __init__(self, plan, store):
        self.plan = plan
        self.template = [None] * (plan.size + 1)
        self._nothing = plan.size  # a slot that is always empty
        for value, array in plan.constants.items():
            self.template[value] = array
        self._cells = {}
        self._bound = {}  # (op, its attributes' identity) → kernel
        self._store = store
        self.feeds, self.fetches = plan.feeds, plan.fetches
        self._last = _last_uses(plan)
        self.moves = [self._move(node, number) for number, node in enumerate(plan.nodes)]

    @functools.cached_property
    def steps(self):
        """The program as a list of Steps."""
        return [a if out is None else
                Step(call, node.inputs, node.outputs, False, node.origin, (), self._frees(node.inputs, node.outputs, number))
                for number, ((call, a, _, out, *_), node) in enumerate(zip(self.moves, self.plan.nodes))]

    @functools.cached_property
    def _keepable(self):
        """What the program makes itself and then needs no more than once: it may become what a variable holds."""
        return made_here(self.plan) - self.plan.constants.keys() - set(self.plan.fetches)

    @functools.cached_property
    def overwritable(self):
        """The values whose arrays belong to a run alone."""
        return overwritable(self.plan)

    @property
    def quiet(self):
        """Whether nothing in it makes NumPy warn of floating-point errors."""
        return all(node.op in (Read, Reshaped, Joined) for node in self.plan.nodes)

    @property
    def takes_one_thread(self):
        """Whether nothing in it works with several threads, BLAS's or ours: whatever their number, it need not be set."""
        return all(node.op in (Read, Reshaped, Joined) or node.op not in OWN_OPS and issubclass(node.op, Elementwise)
                   for node in self.plan.nodes)

    def step_of(self, slot):
        """The Step that fills ``slot``."""
        return next(step for step in self.steps if slot in step.outputs)

    def _slots(self, inputs):
        return tuple(self._slot(i) for i in inputs)

    def _slot(self, item):
        if isinstance(item, Ref):
            slot = self._cells.get(item.variable)
            if slot is None:
                slot = self._cells[item.variable] = len(self.template)
                self.template.append(cell_of(item.variable, self._store))
            return slot
        return tuple(self._slot(i) for i in item) if isinstance(item, tuple) else item

    def _move(self, node, number):
        op, inputs, last, nothing = node.op, node.inputs, self._last, self._nothing
        count = len(inputs)
        if not op.is_simple or node.guard or not 0 < count < 3:
            return None, self._step(node, number), None, None, nothing, nothing
        out, = node.outputs
        first = inputs[0]
        free = first if last[first] == number else nothing
        dropped = out if last[out] == number else nothing
        if count == 1:
            return self._call(node), first, None, out, free, dropped
        second = inputs[1]
        if dropped != nothing:  # three slots may have to be emptied
            return None, self._step(node, number), None, None, nothing, nothing
        return self._call(node), first, second, out, free, second if last[second] == number else nothing

    def _step(self, node, number):
        op, outputs = node.op, node.outputs
        inputs = node.inputs if op.is_simple else self._slots(node.inputs)
        several = False
        if not op.is_simple:
            outputs = outputs if outputs and outputs_are_values(node) else ()
            several = len(outputs) > 1 or bool(outputs) and _is_list(node)
        return Step(self._call(node), inputs, outputs, several, node.origin, node.guard, self._frees(_values(node), node.outputs, number))

    def _frees(self, taken, made, number):
        """The slots that step ``number`` is the last to need."""
        last = self._last
        return tuple([value for value in dict.fromkeys((*taken, *made)) if last[value] == number])

    def _call(self, node):
        """The function of the input values alone that computes a node."""
        op = node.op
        key = op, id(node.attrs)  # nodes of one kind share their attributes
        call = self._bound.get(key)
        if call is None:
            if op not in OWN_OPS and op.keeping_kernel is not None and node.inputs[-1] in self._keepable:
                return op.bind(node.attrs, op.keeping_kernel)
            call = _call(node, self._store)
            if op is Read or op not in OWN_OPS and not op.stateful and op.inputs:
                self._bound[key] = call
        return call


def cell_of(op, store):
    """The cell of the variable that an operation stands for."""
    attrs = op.attrs
    name = attrs.get("shared_name") or b""
    shape = attrs.get("shape")  # what is no tensor, such as an event file, has none
    return store.cell((attrs.get("container") or b"").decode(), name.decode() or op.name, None if shape is None else shape.sizes)


def outputs_are_values(node):
    """Whether the outputs are computed (a reference that is handed on is not)."""
    return node.op in OWN_OPS or not node.origin.outputs[0].dtype.is_ref


def _is_list(node):
    return node.op not in OWN_OPS and node.op.outputs[0].is_list


def _call(node, store):
    """The function of the input values alone that computes a node."""
    if node.op is Read:
        return _read
    if node.op is Reshaped:
        return operator.methodcaller("reshape", node.attrs["shape"])
    if node.op is Fused:
        from graphcore.session.kernels.fused import fused_call

        group = node.attrs["group"]
        return fused_call(group, _Plain(group.plan, store), threads_of(0), store.jit)
    if node.op is Joined:
        from graphcore.session.native.call import joined_call

        joint = node.attrs["group"]
        return joined_call(joint, _Plain(joint.plan, store), store.jit)
    if node.op is Choose:
        return functools.partial(_choose, node.attrs["conditions"])
    origin = node.origin
    if _has_to_be_fed(node.op):
        return functools.partial(complain_unfed, origin)
    call = node.op.bind(node.attrs)
    if node.op.update_rule is not None and hasattr(node.op.update_rule[0], "loop"):
        from graphcore.session.kernels.updates import UpdateCall

        rule, cells, inputs = node.op.update_rule
        return UpdateCall(rule, cells, inputs, {k: node.attrs[k] for k in node.op.kernel_attrs}, call, threads_of(0),
                          store.jit)
    if node.op.takes_state:
        view = NodeView(node.op, (), node.attrs)
        try:
            state = store.state(origin.name, functools.partial(node.op.new_state, view))
        except Exception as error:
            explained = explain(error, origin, ())
            raise explained from cause(error, explained)
        return functools.partial(call, state)
    return call


class _Plain:
    """A group of nodes as NumPy calls; they become code of their own if there are many runs before there is a kernel."""

    def __init__(self, plan, store):
        self.plan, self.store = plan, store
        self.runs = 0
        self.patience = 5 if len(plan.nodes) < 50 else 100
        self.code = None

    @functools.cached_property
    def program(self):
        from graphcore.session.passes.rewriting import compacted

        return Program(compacted(self.plan), self.store)

    def __call__(self, *values):
        if self.code is not None:
            return self.code(*values)
        self.runs += 1
        if self.runs >= self.patience:
            from graphcore.session.straightline import compile_program

            self.code = compile_program(self.program)
        return interpret(self.program, values)


def _has_to_be_fed(op):
    """Whether nothing but a feed gives the output a value: there is no kernel, and nothing to compute from."""
    return op.kernel is None and not op.inputs and getattr(op, "scalar", None) is None


def _read(cell):
    return cell.read()


def _choose(conditions, choices, deciding):
    for index, condition in enumerate(conditions):
        if all(bool(deciding[i]) is sense for i, sense in condition):
            return choices[index], np.int32(index)
    raise AssertionError("no branch of a merge has run")


def _values(node):
    """The values that a node takes as inputs."""
    for item in node.inputs:
        if item.__class__ is int:
            yield item
        elif not isinstance(item, Ref):
            for part in item:
                if part.__class__ is int:
                    yield part


def _last_uses(plan):
    """Per value the number of the last node that takes it, or makes it if none does; -1 for what is needed to the end."""
    last = [-1] * plan.size
    for number, node in enumerate(plan.nodes):
        for value in node.outputs:
            last[value] = number
        for value in values_of(node):
            last[value] = number
    for value in (*plan.constants, *plan.fetches):
        if value is not None:
            last[value] = -1
    return last
