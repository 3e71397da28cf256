"""Functions that change variables: `assign`, `assign_add`, `scatter_update` and their kin."""

from graphcore.core.convert import to_tensor
from graphcore.core.scopes import name_scope
from graphcore.ops import arrays, casting, joining, sequences
from graphcore.ops.scatter_ops import SCATTER_OPS
from graphcore.ops.variable_ops import Assign, AssignAdd, AssignSub, CountUpTo, IsVariableInitialized, ResourceCountUpTo

_assign, _assign_add, _assign_sub = Assign.function(), AssignAdd.function(), AssignSub.function()


def is_variable_initialized(variable):
    """Whether a variable has a value yet, as a bool tensor."""
    if _reference(variable) is not None:
        return IsVariableInitialized.build(variable)
    return variable.is_initialized()


def assign(ref, value, validate_shape=None, use_locking=None, name=None):
    """Replace what a variable holds; gives a reference to the new content.

    Raises:
      ValueError: the static shapes do not fit and ``validate_shape`` is not False.
      tf.errors.InvalidArgumentError: the same, in a run.

    >>> import graphcore as tf
    >>> v = tf.Variable([1.0, 2.0])
    >>> change = tf.assign(v, [3.0, 4.0])
    >>> with tf.Session() as session:
    ...     print(session.run(change))
    [3. 4.]
    """
    reference = _reference(ref)
    if reference is None:
        return ref.assign(value, name=name)
    return _assign(reference, value, True if validate_shape is None else validate_shape,
                   True if use_locking is None else use_locking, name)


def assign_add(ref, value, use_locking=None, name=None):
    """Add to what a variable holds; gives a reference to the new content."""
    reference = _reference(ref)
    if reference is None:
        return ref.assign_add(value)
    return _assign_add(reference, value, bool(use_locking), name)


def assign_sub(ref, value, use_locking=None, name=None):
    """Subtract from what a variable holds; gives a reference to the new content."""
    reference = _reference(ref)
    if reference is None:
        return ref.assign_sub(value)
    return _assign_sub(reference, value, bool(use_locking), name)


def count_up_to(ref, limit, name=None):
    """Increment an integer variable and give what it held; OutOfRangeError at ``limit``."""
    if _reference(ref) is not None:
        return CountUpTo.build(ref, limit=limit, name=name)
    return ResourceCountUpTo.build(ref.handle, limit=limit, T=ref.dtype, name=name)


def _reference(ref):
    """The tensor that is a variable, with which a node is built the quick way; None for a resource variable."""
    tensor = ref._ref() if hasattr(ref, "_ref") else ref
    return tensor if tensor.dtype.is_ref else None


def _scatter_function(kind, locking, doc):
    def function(ref, indices, updates, use_locking=locking, name=None):
        if _reference(ref) is not None:
            return SCATTER_OPS[kind].build(ref, indices, updates, use_locking=use_locking, name=name)
        return ref._scattered(kind, indices, updates, use_locking, name)

    function.__doc__ = doc
    return function


scatter_update = _scatter_function("ScatterUpdate", True, "Replace the rows ``indices`` of a variable by ``updates``.")
scatter_add = _scatter_function("ScatterAdd", False, "Add ``updates`` to the rows ``indices`` of a variable.")
scatter_sub = _scatter_function("ScatterSub", False, "Subtract ``updates`` from the rows ``indices`` of a variable.")
scatter_mul = _scatter_function("ScatterMul", False, "Multiply the rows ``indices`` of a variable by ``updates``.")
scatter_div = _scatter_function("ScatterDiv", False, "Divide the rows ``indices`` of a variable by ``updates``.")
scatter_min = _scatter_function("ScatterMin", False, "The minimum of the rows ``indices`` of a variable and ``updates``.")
scatter_max = _scatter_function("ScatterMax", False, "The maximum of the rows ``indices`` of a variable and ``updates``.")
scatter_nd_update = _scatter_function("ScatterNdUpdate", True, "Replace what ``indices`` point to in a variable by ``updates``.")
scatter_nd_add = _scatter_function("ScatterNdAdd", False, "Add ``updates`` to what ``indices`` point to in a variable.")
scatter_nd_sub = _scatter_function("ScatterNdSub", False, "Subtract ``updates`` from what ``indices`` point to in a variable.")


def batch_scatter_update(ref, indices, updates, use_locking=True, name=None):
    """Replace rows of each batch entry: ``ref[i, …, indices[i, …, j]] = updates[i, …, j]``."""
    with name_scope(name, ""):
        indices = to_tensor(indices, name="indices")
        rank = indices.shape.ndims
        if rank is None:
            raise ValueError("batch_gather does not allow indices with unknown shape.")
        sizes = arrays.shape(indices)
        last = arrays.expand_dims(indices, axis=-1)
        points = []
        for axis in range(rank - 1):
            size, along = sizes[axis], [1] * (rank + 1)
            along[axis] = size
            numbers = arrays.reshape(sequences.Range.build(0, size, 1), along)
            points.append(casting.cast(numbers, last.dtype) * sequences.ones_like(last))
        return scatter_nd_update(ref, joining.concat([*points, last], axis=-1), updates, use_locking=use_locking)


for _name, _function in list(globals().items()):
    if _name.startswith("scatter_"):
        _function.__name__ = _function.__qualname__ = _name

__all__ = ["assign", "assign_add", "assign_sub", "batch_scatter_update", "count_up_to", "is_variable_initialized", "scatter_add",
           "scatter_div", "scatter_max", "scatter_min", "scatter_mul", "scatter_nd_add", "scatter_nd_sub", "scatter_nd_update",
           "scatter_sub", "scatter_update"]
