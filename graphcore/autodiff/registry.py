"""Which function differentiates an operation: the op's own ``grad``, or one that the user registered."""

from graphcore.core import source
from graphcore.core.view import graph_view

_places: dict = {}  # op type or override name → the user's line that registered it
_registered: dict = {}  # op type or override name → function(op, *grads), or None: not differentiable


class RegisterGradient:
    """Decorator: the gradient function of an op type, or of a name used with ``graph.gradient_override_map``.

    The function takes the operation and a gradient for each output and returns one for each input.

    >>> import graphcore as tf
    >>> @tf.RegisterGradient("DocTwice")
    ... def twice(op, grad):
    ...     return 2.0 * grad
    >>> x = tf.constant(3.0)
    >>> with tf.get_default_graph().gradient_override_map({"Identity": "DocTwice"}):
    ...     y = tf.identity(x)
    >>> with tf.Session() as session:
    ...     print(*session.run(tf.gradients(y, x)))
    2.0
    """

    def __init__(self, op_type):
        if not isinstance(op_type, str):
            raise TypeError("op_type must be a string")
        self._op_type = op_type

    def __call__(self, f):
        _register(self._op_type, f)
        return f


def NotDifferentiable(op_type):
    """State that ``op_type`` has no gradient: a path through it counts as no path."""
    if not isinstance(op_type, str):
        raise TypeError("op_type must be a string")
    _register(op_type, None)


NoGradient = NotDifferentiable


def _register(op_type, function):
    if op_type in _registered:
        raise KeyError(f"Registering two gradient with name '{op_type}'! (Previous registration was in {_places[op_type]})")
    _registered[op_type] = function
    _places[op_type] = source.describe(source.user_frame()) or "another module"


def gradient_function(op):
    """``f(*output_gradients)`` → a gradient per flat input, or None where the op is not differentiable.

    LookupError: nobody said how to differentiate it.
    """
    if op._gradient_function is not None:  # a function whose derivative is given as a whole
        return lambda *grads: op._gradient_function(op, *grads)
    override = op.attrs.get("_gradient_op_type")
    name = override.decode() if override else op.type
    if name in _registered:
        function = _registered[name]
        return None if function is None else lambda *grads: function(op, *grads)
    if override:
        raise LookupError(f"No gradient defined for operation '{op.name}' (op type: {op.type}): gradient_override_map names "
                          f"{name!r}, register it with @tf.RegisterGradient({name!r}).")
    grad = op.definition.grad
    if op.definition.refuses:
        raise LookupError(f"No gradient defined for operation '{op.name}' (op type: {op.type})")
    if grad is None:
        return None
    return lambda *grads: _flat(op, grad(graph_view(op), *grads))


def _flat(op, grads):
    """A gradient per flat input from what a declaration's ``grad`` returned."""
    if not isinstance(grads, (list, tuple)) or hasattr(grads, "indices"):
        return [grads]
    if not any(i.is_list for i in op.definition.inputs):
        return list(grads)
    declared = op.definition.inputs
    if len(declared) == 1 and not (len(grads) == 1 and isinstance(grads[0], (list, tuple))):
        return list(grads)
    flat = []
    for item, grad in zip(declared, grads):
        if item.is_list:
            from graphcore.core.view import list_length

            flat += [None] * list_length(item, op.attrs) if grad is None else list(grad)
        else:
            flat.append(grad)
    return flat
