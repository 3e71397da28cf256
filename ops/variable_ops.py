"""The ops behind variables: holding, reading, assigning."""

import numpy as np

from graphcore.core import dtypes, errors
from graphcore.core.dtypes import ALL, NUMBERS, NUMERIC, QUANTIZED
from graphcore.core.opdef import Attr, Input, Op, Output, TypeAttr
from graphcore.core.shapes import ShapeMismatch, TensorShape, format_shape, merge, with_rank
from graphcore.ops.kernels.rows import rows_taken
from graphcore.ops.scatter_ops import held_by

_INDEX = {dtypes.int32, dtypes.int64}


class VariableV2(Op, stateful=True, refuses=True, variable=True):
    """Holds a tensor between runs; the output is a reference to it."""

    shape = Attr(TensorShape)
    dtype = TypeAttr(ALL)
    container = Attr(bytes, default=b"")
    shared_name = Attr(bytes, default=b"")
    ref = Output(dtype, ref=True)
    example = dict(shape=[2], dtype=dtypes.float32)

    def infer(node):
        return node.shape


class Variable(Op, stateful=True, refuses=True, variable=True):
    """The first version of VariableV2, as old GraphDefs have it."""

    shape = Attr(TensorShape)
    dtype = TypeAttr(ALL)
    container = Attr(bytes, default=b"")
    shared_name = Attr(bytes, default=b"")
    ref = Output(dtype, ref=True)
    example = dict(shape=[2], dtype=dtypes.float32)

    def infer(node):
        return node.shape


class IsVariableInitialized(Op, stateful=True, refuses=True):
    """Whether the variable has a value yet."""

    dtype = TypeAttr(ALL)
    ref = Input(dtype, ref=True)
    is_initialized = Output(dtypes.bool)
    example = dict(ref=[1.0, 2.0], is_initialized=True)

    def infer(node):
        return ()

    def kernel(ref):
        return np.bool_(ref.initialized)


class Assign(Op, stateful=True, differentiable=False):
    """Replaces the variable's content by ``value``; the output is the reference."""

    T = TypeAttr(ALL)
    validate_shape = Attr(bool, default=True)
    use_locking = Attr(bool, default=True)
    ref = Input(T, ref=True)
    value = Input(T)
    output_ref = Output(T, ref=True)
    becomes = "value"
    example = dict(ref=[1.0, 2.0], value=[3.0, 4.0], after=dict(ref=[3.0, 4.0]))

    def infer(node):
        return merge(node.ref.shape.sizes, node.value.shape.sizes) if node.validate_shape else node.value.shape

    def kernel(ref, value, *, validate_shape):
        with ref.lock:
            if validate_shape:
                _check_fits(ref, value)
            ref.assign(value)

    def keeping_kernel(ref, value, *, validate_shape):
        with ref.lock:
            if validate_shape:
                _check_fits(ref, value)
            ref.keep(np.asarray(value))


def _check_fits(cell, value):
    held = cell.value
    sizes = cell.sizes if held is None else held.shape
    shape = np.shape(value)
    if sizes is not None and (len(sizes) != len(shape) or any(a is not None and a != b for a, b in zip(sizes, shape))):
        raise errors.InvalidArgumentError(None, None, "Assign requires shapes of both tensors to match. "
                                          f"lhs shape= {format_shape(sizes)} rhs shape= {format_shape(shape)}")


def _merged_shape(node):
    return merge(node.ref.shape.sizes, node.value.shape.sizes)


def _update(cell, value, function, phrase):
    """Change what a variable that has been read holds by ``function``, a ufunc: in place, where nobody else holds it."""
    room = cell.room()
    held = cell.value
    if held.shape != np.shape(value):
        raise errors.InvalidArgumentError(None, None, phrase.format(format_shape(held.shape), format_shape(np.shape(value))))
    cell.value = function(held, value, out=room)


_OTHER_SIZE = "Parameters and update must be the same size: the variable has shape {}, the update {}"
_OTHER_SHAPE = "Cannot update variable with shape {} using a Tensor with shape {}, shapes must be equal."


class AssignAdd(Op, stateful=True, differentiable=False):
    """Adds ``value`` to the variable."""

    T = TypeAttr(NUMBERS, without_kernel=QUANTIZED)
    use_locking = Attr(bool, default=False)
    ref = Input(T, ref=True)
    value = Input(T)
    output_ref = Output(T, ref=True)
    becomes = "ref + value"
    example = dict(ref=[1.0, 2.0], value=[3.0, 4.0], after=dict(ref=[4.0, 6.0]))

    infer = _merged_shape

    def kernel(ref, value):
        with ref.lock:
            ref.read()
            _update(ref, value, np.add, _OTHER_SIZE)


class AssignSub(Op, stateful=True, differentiable=False):
    """Subtracts ``value`` from the variable."""

    T = TypeAttr(NUMBERS, without_kernel=QUANTIZED)
    use_locking = Attr(bool, default=False)
    ref = Input(T, ref=True)
    value = Input(T)
    output_ref = Output(T, ref=True)
    becomes = "ref - value"
    example = dict(ref=[1.0, 2.0], value=[3.0, 4.0], after=dict(ref=[-2.0, -2.0]))

    infer = _merged_shape

    def kernel(ref, value):
        with ref.lock:
            ref.read()
            _update(ref, value, np.subtract, _OTHER_SIZE)


class CountUpTo(Op, stateful=True, refuses=True):
    """Increments an integer variable and gives what it held; OutOfRangeError at ``limit``."""

    limit = Attr(int)
    T = TypeAttr(_INDEX)
    ref = Input(T, ref=True)
    output = Output(T)
    example = dict(ref=np.array(2, np.int32), limit=3, output=2, after=dict(ref=3))

    def infer(node):
        return with_rank(node.ref.shape.sizes, 0)

    def kernel(ref, *, limit):
        with ref.lock:
            return _counted(ref, ref.read(), limit)


def _counted(cell, held, limit):
    if held >= limit:
        raise errors.OutOfRangeError(None, None, f"Reached limit of {limit}")
    cell.value = np.asarray(held + 1, held.dtype)
    return held


# ---------------------------------------------------------------- resource variables


class VarHandleOp(Op, stateful=True, refuses=True, variable=True):
    """Holds a tensor between runs; the output is a handle to it."""

    container = Attr(bytes, default=b"")
    shared_name = Attr(bytes, default=b"")
    dtype = TypeAttr(ALL)
    shape = Attr(TensorShape)
    resource = Output(dtypes.resource)
    example = dict(dtype=dtypes.float32, shape=[2])

    def infer(node):
        return ()


class VarIsInitializedOp(Op, stateful=True, differentiable=False):
    """Whether the resource variable has a value yet."""

    resource = Input(dtypes.resource)
    is_initialized = Output(dtypes.bool)
    example = dict(resource=[1.0, 2.0], is_initialized=True)

    def infer(node):
        return ()

    def kernel(resource):
        return np.bool_(resource.initialized)


def shape_behind(handle):
    """The static shape of the variable that ``handle`` (a Tensor) leads to, as far as the graph tells."""
    op = handle.op
    while op.type in ("Identity", "Switch") and op._inputs:
        op = op._inputs[0].op
    return op.attrs["shape"] if op.definition.variable else TensorShape.of(None)


def _shape_of(static_handle):
    """The same in shape rules; they ask for the input's value (``static``) so that the answer is not reused for another."""
    return shape_behind(static_handle._tensor)


def _read(resource):
    """The content; FailedPreconditionError while uninitialised."""
    if not resource.initialized:
        raise errors.FailedPreconditionError(
            None, None, f"Error while reading resource variable {resource.name} from Container: localhost. This could mean that "
            "the variable was uninitialized. Run its initializer first, or session.run(tf.global_variables_initializer()).")
    return resource.value


class ReadVariableOp(Op, stateful=True, aliases=True):
    """What the resource variable holds when this op runs."""

    dtype = TypeAttr(ALL)
    resource = Input(dtypes.resource, static=True)
    value = Output(dtype)
    example = dict(resource=[1.0, 2.0], dtype=dtypes.float32, value=[1.0, 2.0])

    def infer(node):
        return _shape_of(node.resource)

    def kernel(resource):
        return _read(resource)

    def grad(node, dy):
        return dy


class VariableShape(Op, stateful=True, differentiable=False):
    """The shape of what the resource variable holds."""

    out_type = TypeAttr(_INDEX, default=dtypes.int32)
    input = Input(dtypes.resource, static=True)
    output = Output(out_type)
    example = dict(input=[1.0, 2.0], output=[2])

    def infer(node):
        return (_shape_of(node.input).ndims,)

    def kernel(input, *, out_type):
        return np.array(_read(input).shape, out_type.np)


class AssignVariableOp(Op, stateful=True, refuses=True):
    """Replaces the content of the resource variable."""

    dtype = TypeAttr(ALL)
    resource = Input(dtypes.resource)
    value = Input(dtype)
    becomes = "value"
    example = dict(resource=[1.0, 2.0], value=[3.0, 4.0], after=dict(resource=[3.0, 4.0]))

    def kernel(resource, value):
        with resource.lock:
            resource.assign(value)

    def keeping_kernel(resource, value):
        with resource.lock:
            resource.keep(np.asarray(value))


class AssignAddVariableOp(Op, stateful=True, refuses=True):
    """Adds ``value`` to the resource variable."""

    dtype = TypeAttr(ALL, without_kernel=ALL - NUMERIC)
    resource = Input(dtypes.resource)
    value = Input(dtype)
    becomes = "resource + value"
    example = dict(resource=[1.0, 2.0], value=[3.0, 4.0], after=dict(resource=[4.0, 6.0]))

    def kernel(resource, value):
        with resource.lock:
            held_by(resource)
            _update(resource, value, np.add, _OTHER_SHAPE)


class AssignSubVariableOp(Op, stateful=True, refuses=True):
    """Subtracts ``value`` from the resource variable."""

    dtype = TypeAttr(ALL, without_kernel=ALL - NUMERIC)
    resource = Input(dtypes.resource)
    value = Input(dtype)
    becomes = "resource - value"
    example = dict(resource=[1.0, 2.0], value=[3.0, 4.0], after=dict(resource=[-2.0, -2.0]))

    def kernel(resource, value):
        with resource.lock:
            held_by(resource)
            _update(resource, value, np.subtract, _OTHER_SHAPE)


class ResourceGather(Op, stateful=True):
    """Rows of the resource variable."""

    batch_dims = Attr(int, default=0)
    validate_indices = Attr(bool, default=True)
    dtype = TypeAttr(ALL)
    Tindices = TypeAttr(_INDEX)
    resource = Input(dtypes.resource, static=True)
    indices = Input(Tindices)
    output = Output(dtype)
    example = dict(resource=[[1.0], [2.0]], indices=np.array([1, 0], np.int32), dtype=dtypes.float32, output=[[2.0], [1.0]])

    def infer(node):
        indices, held = node.indices.shape, _shape_of(node.resource)
        if not node.batch_dims:
            return indices.concatenate(held[1:])
        if held.ndims is None or indices.ndims is None:
            return None
        batch = node.batch_dims + indices.ndims * (node.batch_dims < 0)
        if not 0 <= batch <= indices.ndims or batch >= held.ndims:
            raise ShapeMismatch(f"batch_dims {node.batch_dims} does not go with indices {indices} and params {held}")
        return held[:batch].concatenate(indices[batch:]).concatenate(held[batch + 1:])

    def kernel(resource, indices, *, batch_dims):
        held = _read(resource)
        if batch_dims:
            from graphcore.ops.gathering import gathered_in_batches, run_batch

            batch = run_batch(batch_dims, held, indices)
            return gathered_in_batches(held, indices, batch, batch)
        return rows_taken(np.asarray(indices), held)

    def grad(node, dy):
        from graphcore.ops.resource_gradients import gathered_rows

        return gathered_rows(node, dy), None


class ResourceGatherNd(Op, stateful=True):
    """The elements (or slices) of the resource variable that the last axis of ``indices`` points to."""

    dtype = TypeAttr(ALL)
    Tindices = TypeAttr(_INDEX)
    resource = Input(dtypes.resource, static=True)
    indices = Input(Tindices)
    output = Output(dtype)
    example = dict(resource=[[1.0, 2.0], [3.0, 4.0]], indices=np.array([[0, 1], [1, 0]], np.int32), dtype=dtypes.float32, output=[2.0, 3.0])

    def infer(node):
        sizes, held = node.indices.shape.sizes, _shape_of(node.resource)
        if not sizes or sizes[-1] is None or held.sizes is None:
            return None
        return sizes[:-1] + held.sizes[sizes[-1]:]

    def kernel(resource, indices):
        held = _read(resource)
        if not indices.ndim:
            raise errors.InvalidArgumentError(None, None, "indices must be at least a vector")
        if indices.shape[-1] > held.ndim:
            raise errors.InvalidArgumentError(None, None, "index innermost dimension length must be <= params rank; saw: "
                                              f"{indices.shape[-1]} vs. {held.ndim}")
        limits = np.array(held.shape[:indices.shape[-1]], indices.dtype)
        bad = ((indices < 0) | (indices >= limits)).any(axis=-1)
        if bad.any():
            first = tuple(np.argwhere(bad)[0])
            raise errors.InvalidArgumentError(None, None, f"indices{format_shape(first) if first else ''} = "
                                              f"{format_shape(indices[first])} does not index into param shape "
                                              f"{format_shape(held.shape)}")
        if not indices.shape[-1]:  # each empty vector points to the whole
            return np.array(np.broadcast_to(held, indices.shape[:-1] + held.shape))
        return held[tuple(np.moveaxis(indices, -1, 0))]

    def grad(node, dy):
        from graphcore.ops.resource_gradients import gathered_points

        return gathered_points(node, dy), None


class ResourceCountUpTo(Op, stateful=True, refuses=True):
    """Increments an integer resource variable and gives what it held; OutOfRangeError at ``limit``."""

    limit = Attr(int)
    T = TypeAttr(_INDEX)
    resource = Input(dtypes.resource)
    output = Output(T)
    example = dict(resource=np.array(2, np.int32), limit=3, T=dtypes.int32, output=2, after=dict(resource=3))

    def infer(node):
        return ()

    def kernel(resource, *, limit):
        with resource.lock:
            return _counted(resource, held_by(resource), limit)
