"""Fold: what follows from shapes and constants is computed once, not in every run.

Gradients are full of such nodes: Shape, BroadcastGradientArgs, the Reshape and Sum that undo a broadcast
that did not happen.  Nothing is assumed about values, and an op's own ``infer`` says what its shapes are,
so that an op whose result depends on data simply stays.
"""

import numpy as np

from graphcore.core.dtypes import string
from graphcore.core.shapes import TensorShape
from graphcore.core.view import Known, NodeView
from graphcore.session.passes.rewriting import renamed, replaced, takes_variable, values_of
from graphcore.session.plan import OWN_OPS, PlanNode, Read, Reshaped

_MOST_FOLDED = 4096  # elements of a folded result


def fold(plan):
    """The plan without the nodes whose value is known before the run, or is their input's."""
    return _Folding(plan).run()


class _Folding:
    """The state of one `fold`."""

    def __init__(self, plan):
        self.plan = plan
        self.constants = dict(plan.constants)
        self.shapes = {value: TensorShape.of(shape) for value, shape in zip(plan.feeds, plan.shapes or ())}
        self.views = {}  # value → what is known of it, once it has been asked for
        self.plain = {}  # (dtype, sizes) → what is known of the values of which no more is
        self.staying = {}  # (op, attributes' identity, what is known of the inputs) → the shapes of a node that stays as it is
        self.same = {}  # value → the earlier value that it equals
        self.undoing = {}  # value → (the op that made it, which undoes itself, what of)
        self.sources = {}  # value → (the earlier value whose elements it has, the shape of that)

    def run(self):
        kept = []
        for node in self.plan.nodes:
            node = renamed(node, self.same) if self.same else node
            if not self.stays(node):
                node = self.simplified(node)
            if node is not None:
                kept.append(node)
        plan = replaced(self.plan, kept, self.same, self.constants)
        sizes = {value: shape.sizes for value, shape in self.shapes.items() if shape.is_fully_defined()}
        sizes.update((value, np.shape(array)) for value, array in plan.constants.items())
        return plan._replace(owned=plan.owned - self.sources.keys(), sizes=sizes)

    def stays(self, node):
        """Whether ``node`` stays because one of its kind did; a long plan has many nodes, and of few kinds."""
        if not node.op.is_simple:
            return False
        views, shapes = self.views, None
        try:
            shapes = self.staying.get((node.op, id(node.attrs), *[views[i] for i in node.inputs]))
        except KeyError:
            pass
        if shapes is not None:
            value, = node.outputs
            self.shapes[value], views[value] = shapes
        return shapes is not None

    def simplified(self, node):
        """The node that takes the place of ``node``, if one has to; notes what follows about its outputs."""
        op = node.op
        if op is Read:
            self.shapes[node.outputs[0]] = node.inputs[0].variable.attrs["shape"]
        if op in OWN_OPS or takes_variable(node):
            return node
        try:
            view = NodeView(op, [self.known(i) for i in node.inputs], node.attrs)
            shapes = self.inferred(op, view, node)
        except (ValueError, TypeError, AttributeError, IndexError):
            return node  # the run reports it, with the op's name
        if op.stateful:
            return node
        if self.folded(op, view, node) or self.left_as_it_is(op, view, node, shapes):
            return None
        left = self.passed_on(op, view, node, shapes)
        if left is node and shapes and op.is_simple and not op.undoes_itself:
            known = self.known(node.outputs[0])
            self.staying[op, id(node.attrs), *view.all_inputs] = shapes[0], known
        return left

    def known(self, item):
        view = self.views.get(item)
        if view is None:
            if item.__class__ is tuple:
                return [self.known(i) for i in item]
            constant = self.constants.get(item)
            tensor = self.plan.names[item]
            if constant is not None:
                view = Known(tensor.dtype.base, TensorShape.of(constant.shape), constant)
            else:
                dtype, shape = tensor.dtype.base, self.shapes.get(item, tensor._shape)
                view = self.plain.get((dtype, shape.sizes))
                if view is None:
                    view = self.plain[dtype, shape.sizes] = Known(dtype, shape, None)
            self.views[item] = view
        return view

    def inferred(self, op, view, node):
        if op.infer is None:
            return None
        found = op.infer(view)
        found = found if isinstance(found, list) else [found]
        shapes = [s if s.__class__ is TensorShape else TensorShape.of(s) for s in found]
        self.shapes.update(zip(node.outputs, shapes))
        return shapes

    def folded(self, op, view, node):
        """Whether the value is known: the op says so, or all inputs are constants and the result is small."""
        if op.static_value is not None:
            value = op.static_value(view)
            if value is not None:
                self.constants[node.outputs[0]] = value
            if value is not None or not self.all_constant(node):
                return value is not None
        if op.static_values is not None:
            values = op.static_values(view)
            self.constants.update(zip(node.outputs, values or ()))
            return values is not None
        if not self.all_constant(node) or op.kernel is None and getattr(op, "scalar", None) is None:
            return False
        if any((self.shapes[v].num_elements() or 0) > _MOST_FOLDED for v in node.outputs if v in self.shapes):
            return False
        try:
            with np.errstate(all="ignore"):
                result = op.bind(node.attrs)(*[self.array(i) for i in node.inputs])
        except Exception:  # a bad value is reported when the node runs
            return False
        several = len(node.outputs) > 1 or op.outputs[0].is_list
        for value, array in zip(node.outputs, result if several else [result]):
            self.constants[value] = np.asarray(array, object if isinstance(array, bytes) else None)
        return True

    def all_constant(self, node):
        return bool(node.inputs) and self.constants.keys() >= set(values_of(node))

    def array(self, item):
        return [self.array(i) for i in item] if isinstance(item, tuple) else self.constants[item]

    def left_as_it_is(self, op, view, node, shapes):
        """Whether the result is an input's value, by a rule that the op declares; the value is known by that name then."""
        if node.guard or not shapes or not (op.neutral or op.undoes_itself):
            return False
        if op.undoes_itself:
            maker, value = self.undoing.get(node.inputs[0], (None, None))
            self.undoing[node.outputs[0]] = op, node.inputs[0]
            if maker is op:
                self.same[node.outputs[0]] = value
            return maker is op
        for name, number in op.neutral.items():
            position = [declared.name for declared in op.inputs].index(name)
            constant, other = self.constants.get(node.inputs[position]), view.all_inputs[1 - position].shape
            if constant is not None and other.is_fully_defined() and other.sizes == shapes[0].sizes and _is_everywhere(constant, number):
                self.same[node.outputs[0]] = node.inputs[1 - position]
                return True
        return False

    def passed_on(self, op, view, node, shapes):
        """Nothing, or a mere change of shape, for an op that only passes its first input's elements on."""
        if op.same_elements is None or not shapes or not shapes[0].is_fully_defined():
            return node
        sizes, given = shapes[0].sizes, view.all_inputs[0].shape
        if not given.is_fully_defined() or not op.same_elements(view, sizes):
            return node
        value, output = node.inputs[0], node.outputs[0]
        source, original = self.sources.get(value, (value, given.sizes))
        if original == sizes:
            self.same[output] = source
            return None
        if view.all_inputs[0].dtype is string:
            return node  # a single string is no array while a plan runs
        self.sources[output] = source, original
        self.shapes[output] = shapes[0]
        return PlanNode(Reshaped, {"shape": sizes}, (source,), (output,), node.origin, node.guard)


def _is_everywhere(array, number):
    """Whether all elements are ``number``, with its sign; of complex numbers nothing is said (1 times infinity is NaN in part)."""
    if array.dtype.kind not in "fiu" or not 0 < array.size <= _MOST_FOLDED:
        return False
    return bool((array == number).all()) and (array.dtype.kind != "f" or bool((np.signbit(array) == np.signbit(number)).all()))
