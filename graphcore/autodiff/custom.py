"""``tf.custom_gradient``: a function that brings its own derivative."""

import functools
import inspect

from graphcore.core.convert import to_tensor
from graphcore.core.current import get_collection
from graphcore.core.keys import GraphKeys
from graphcore.core.scopes import get_default_graph
from graphcore.core.structure import flatten, pack_sequence_as
from graphcore.ops import identities
from graphcore.ops.variable_scope import get_variable_scope

_PREFIX = "If using @custom_gradient with a function that uses variables, "


def custom_gradient(f):
    """Decorator for a function of tensors that returns ``(result, grad_fn)``.

    ``grad_fn`` takes a gradient for each tensor of the result and returns one for each argument. Where ``f`` uses resource
    variables it is also called with ``variables=``, a list of them, and returns ``(gradients of the arguments, gradients of
    the variables)``.

    >>> import graphcore as tf
    >>> @tf.custom_gradient
    ... def log1pexp(x):
    ...     e = tf.exp(x)
    ...     return tf.log(1.0 + e), lambda dy: dy * (1.0 - 1.0 / (1.0 + e))
    >>> x = tf.constant(100.0)
    >>> with tf.Session() as session:
    ...     print(*session.run(tf.gradients(log1pexp(x), x)))
    1.0
    """
    @functools.wraps(f)
    def with_own_gradient(*args, **kwargs):
        if kwargs:
            raise ValueError("The custom_gradient decorator currently supports keywords arguments only when eager execution is "
                             f"enabled. Pass {', '.join(kwargs)} by position.")
        return _apply(f, [to_tensor(arg) for arg in args])

    return with_own_gradient


def _apply(f, args):
    graph = get_default_graph()
    before, known = len(graph.get_operations()), set(map(id, _variables()))
    result, grad_fn = f(*args)
    _check_kind([variable for variable in _variables() if id(variable) not in known])
    used = _resource_variables_read_by(graph.get_operations()[before:])
    _check_signature(grad_fn, used)
    tensors = [to_tensor(each) for each in flatten(result)]
    for tensor in tensors:
        identities.identity(tensor)  # TF leaves these behind
    outputs = identities.identity_n(tensors + args + used)
    _read_again(used)
    outputs[0].op._gradient_function = _gradient_of(grad_fn, len(tensors), used)
    return pack_sequence_as(result, outputs[:len(tensors)])


def _variables():
    return get_collection(GraphKeys.GLOBAL_VARIABLES) + get_collection(GraphKeys.LOCAL_VARIABLES)


def _is_resource(variable):
    return getattr(variable, "handle", None) is not None


def _check_kind(made):
    for variable in made:
        if not _is_resource(variable):
            raise TypeError("All variables used by a function wrapped with @custom_gradient must be `ResourceVariable`s. Ensure "
                            "that no `variable_scope` is created with `use_resource=False`; "
                            f"{variable.name!r} was made without use_resource=True.")


def _resource_variables_read_by(operations):
    """The variables that these operations read, in the order in which they were made."""
    handles = {tensor for op in operations if op.type == "ReadVariableOp" for tensor in op.inputs}
    return [variable for variable in _variables() if _is_resource(variable) and variable.handle in handles]


def _check_signature(grad_fn, used):
    signature = inspect.getfullargspec(grad_fn)
    takes = "variables" in signature.args or "variables" in signature.kwonlyargs or signature.varkw
    if used and not takes:
        raise TypeError(_PREFIX + "then grad_fn must accept a keyword argument 'variables'.")
    if takes and not used and not get_variable_scope().use_resource:
        raise TypeError(_PREFIX + "the enclosing variable scope must have use_resource=True.")


def _read_again(used):
    for variable in used:
        variable.value()  # TF leaves these behind, too


def _gradient_of(grad_fn, results, used):
    """The gradient of the node that ends the function: its inputs are the results, the arguments and the variables."""
    def gradient(op, *grads):
        if not used:
            return [None] * results + flatten(grad_fn(*grads[:results]))
        to_arguments, to_variables = grad_fn(*grads[:results], variables=list(used))
        if len(to_variables) != len(used):
            raise ValueError("Must return gradient for each variable from @custom_gradient grad_fn: "
                             f"{len(to_variables)} came for {len(used)} variables.")
        return [None] * results + flatten(to_arguments) + list(to_variables)

    return gradient


__all__ = ["custom_gradient"]
