"""The ops that move some rows of a variable one step: ``SparseApplyMomentum`` and its like.

``grad[i]`` is the gradient of the row ``indices[i]``; the other rows, and the rows of the slots that belong to them,
stay as they are.
"""

import numpy as np

from graphcore.core import dtypes, errors
from graphcore.core.opdef import Input, TypeAttr
from graphcore.core.shapes import merge, with_rank
from graphcore.ops import training
from graphcore.ops.kernels import row_rules
from graphcore.ops.kernels import update_rules as rules
from graphcore.ops.kernels.rows import rows_taken

_INDEX = (dtypes.int32, dtypes.int64)


def declare(op_name, rule, cells, inputs, example):
    """The op ``op_name`` and its ``Resource`` form; ``cells`` and ``inputs`` are names, as in GraphDef."""
    cells, inputs = cells.split(), inputs.split()
    Tindices = TypeAttr(_INDEX)
    extra = (("Tindices", Tindices), ("indices", Input(Tindices)))
    return training.both_forms(op_name, rule=rule, cells=cells, inputs=inputs, extra=extra, example=example,
                               kernel=_sparse_kernel(rule, cells, inputs), infer=_sparse_shape(len(cells), inputs))


def _sparse_shape(count, inputs):
    gradient = count + inputs.index("grad")

    def infer(node):
        shape = node.inputs[0].shape.sizes
        for cell in node.inputs[1:count]:
            shape = merge(shape, cell.shape.sizes)
        for position, value in enumerate(node.inputs[count:], count):
            if position not in (gradient, gradient + 1):
                with_rank(value.shape.sizes, 0)
        with_rank(node.inputs[gradient + 1].shape.sizes, 1)
        grad = node.inputs[gradient].shape.sizes
        return merge(shape, grad and (None, *grad[1:]))

    return infer


def _sparse_kernel(rule, cells, inputs):
    """The kernel that applies ``rule`` to the rows of the variables that the indices name."""
    count, gradient = len(cells), inputs.index("grad")
    names = [name for name in inputs if name != "indices"]
    scalars = [i for i in range(len(names)) if i != gradient]

    def kernel(*arguments, **options):
        held, given = arguments[:count], list(arguments[count:])
        grad, indices = given[gradient], given.pop(gradient + 1)
        for i in scalars:
            given[i] = given[i][()]  # see the dense kernel
        training.check_scalars(names, given, scalars)
        with held[0].lock:
            values = [cell.read() for cell in held]
            _check_rows(cells, values, grad, indices)
            del values  # so that the cells are seen to hold the arrays alone, and only the rows are touched
            changed = [cell.own() for cell in held]
            for rows, part in _distinct(indices, grad):
                given[gradient] = part
                moved = rule(*[rows_taken(rows, array) for array in changed], *given, **options)
                for array, new in zip(changed, moved):
                    array[rows] = new

    return kernel


def _distinct(indices, grad):
    """(rows, their gradients) such that no row comes twice in one pair: a repeated row is moved once for each time."""
    order = np.argsort(indices, kind="stable")
    same = np.diff(indices[order]) == 0
    if not same.any():
        return ((indices, grad),)
    # Each index's own number among those of its row: the first ones move together, then the second ones, and so on.
    starts = np.flatnonzero(np.r_[True, ~same])
    turns = np.empty(len(indices), np.int64)
    turns[order] = np.arange(len(indices)) - np.repeat(starts, np.diff(np.r_[starts, len(indices)]))
    return ((indices[turns == turn], grad[turns == turn]) for turn in range(turns.max() + 1))


def _check_rows(cells, values, grad, indices):
    shape = values[0].shape
    for name, value in zip(cells, values):
        if value.shape != shape:
            training.differ(cells[0], name, shape, value.shape)
    if not shape:
        _fail("var must be at least 1 dimensional")
    if indices.ndim != 1:
        _fail("indices must be one-dimensional")
    if grad.ndim != len(shape) or grad.shape[1:] != shape[1:]:
        wrong = next((i for i in range(1, min(len(shape), grad.ndim)) if grad.shape[i] != shape[i]), min(len(shape), grad.ndim))
        _fail(f"var and grad must match in dimension {wrong}")
    if grad.shape[0] != indices.shape[0]:
        _fail("grad must be the same size as indices in the first dimension.")
    bad = (indices < 0) | (indices >= shape[0])
    if bad.any():
        first = int(np.argmax(bad))
        _fail(f"Index {indices[first]} at offset {first} in indices is out of range")


def _fail(message):
    raise errors.InvalidArgumentError(None, None, message)


SparseApplyMomentum, ResourceSparseApplyMomentum = declare(
    "SparseApplyMomentum", row_rules.momentum, "var accum", "lr grad indices momentum",
    example=dict(var=[[1.0], [2.0]], accum=[[1.0], [4.0]], lr=0.5, grad=[[2.0]], indices=np.array([1], np.int32), momentum=0.5,
                 after=dict(var=[[1.0], [0.0]], accum=[[1.0], [4.0]])))
SparseApplyAdagrad, ResourceSparseApplyAdagrad = declare(
    "SparseApplyAdagrad", rules.adagrad, "var accum", "lr grad indices",
    example=dict(var=[[1.0], [2.0]], accum=[[1.0], [4.0]], lr=0.5, grad=[[2.0]], indices=np.array([1], np.int32), after=dict(var=[[1.0],
                 [1.6464466]], accum=[[1.0], [8.0]])))
SparseApplyAdagradDA, ResourceSparseApplyAdagradDA = declare(
    "SparseApplyAdagradDA", row_rules.adagrad_da, "var gradient_accumulator gradient_squared_accumulator",
    "grad indices lr l1 l2 global_step",
    example=dict(var=[[1.0], [2.0]], gradient_accumulator=[[1.0], [-2.0]], gradient_squared_accumulator=[[4.0], [1.0]], grad=[[2.0]],
                 indices=np.array([1], np.int32), lr=0.5, l1=0.25, l2=0.5, global_step=2, after=dict(var=[[1.0], [0.0]],
                 gradient_accumulator=[[1.0], [0.0]], gradient_squared_accumulator=[[4.0], [5.0]])))
SparseApplyAdadelta, ResourceSparseApplyAdadelta = declare(
    "SparseApplyAdadelta", rules.adadelta, "var accum accum_update", "lr rho epsilon grad indices",
    example=dict(var=[[1.0], [2.0]], accum=[[1.0], [4.0]], accum_update=[[1.0], [0.25]], lr=0.5, rho=0.5, epsilon=0.25, grad=[[2.0]],
                 indices=np.array([1], np.int32), after=dict(var=[[1.0], [1.6570028]], accum=[[1.0], [4.0]], accum_update=[[1.0],
                 [0.36029416]])))
SparseApplyRMSProp, ResourceSparseApplyRMSProp = declare(
    "SparseApplyRMSProp", row_rules.rms_prop, "var ms mom", "lr rho momentum epsilon grad indices",
    example=dict(var=[[1.0], [2.0]], ms=[[4.0], [1.0]], mom=[[0.5], [0.25]], lr=0.5, rho=0.5, momentum=0.5, epsilon=0.25, grad=[[2.0]],
                 indices=np.array([1], np.int32), after=dict(var=[[1.0], [1.2719773]], ms=[[4.0], [2.5]], mom=[[0.5], [0.72802269]])))
SparseApplyCenteredRMSProp, ResourceSparseApplyCenteredRMSProp = declare(
    "SparseApplyCenteredRMSProp", row_rules.centered_rms_prop, "var mg ms mom", "lr rho momentum epsilon grad indices",
    example=dict(var=[[1.0], [2.0]], mg=[[0.5], [0.25]], ms=[[4.0], [1.0]], mom=[[0.5], [0.25]], lr=0.5, rho=0.5, momentum=0.5,
                 epsilon=0.25, grad=[[2.0]], indices=np.array([1], np.int32), after=dict(var=[[1.0], [1.0542173]], mg=[[0.5], [1.125]],
                 ms=[[4.0], [2.5]], mom=[[0.5], [0.94578266]])))
SparseApplyFtrl, ResourceSparseApplyFtrl = declare(
    "SparseApplyFtrl", rules.ftrl, "var accum linear", "grad indices lr l1 l2 lr_power",
    example=dict(var=[[1.0], [2.0]], accum=[[1.0], [4.0]], linear=[[0.5], [-1.0]], grad=[[2.0]], indices=np.array([1], np.int32),
                 lr=0.5, l1=0.25, l2=0.5, lr_power=-0.5, after=dict(var=[[1.0], [0.31001255]], accum=[[1.0], [8.0]], linear=[[0.5],
                 [-2.3137083]])))
SparseApplyFtrlV2, ResourceSparseApplyFtrlV2 = declare(
    "SparseApplyFtrlV2", rules.ftrl_v2, "var accum linear", "grad indices lr l1 l2 l2_shrinkage lr_power",
    example=dict(var=[[1.0], [2.0]], accum=[[1.0], [4.0]], linear=[[0.5], [-1.0]], grad=[[2.0]], indices=np.array([1], np.int32),
                 lr=0.5, l1=0.25, l2=0.5, l2_shrinkage=0.25, lr_power=-0.5, after=dict(var=[[1.0], [0.15979144]], accum=[[1.0], [8.0]],
                 linear=[[0.5], [-1.3137083]])))
SparseApplyProximalGradientDescent, ResourceSparseApplyProximalGradientDescent = declare(
    "SparseApplyProximalGradientDescent", rules.proximal_gradient_descent, "var", "alpha l1 l2 grad indices",
    example=dict(var=[[1.0], [2.0]], alpha=0.5, l1=0.25, l2=0.5, grad=[[2.0]], indices=np.array([1], np.int32), after=dict(var=[[1.0],
                 [0.7]])))
SparseApplyProximalAdagrad, ResourceSparseApplyProximalAdagrad = declare(
    "SparseApplyProximalAdagrad", rules.proximal_adagrad, "var accum", "lr l1 l2 grad indices",
    example=dict(var=[[1.0], [2.0]], accum=[[1.0], [4.0]], lr=0.5, l1=0.25, l2=0.5, grad=[[2.0]], indices=np.array([1], np.int32),
                 after=dict(var=[[1.0], [1.4721329]], accum=[[1.0], [8.0]])))
