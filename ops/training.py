"""The ops that move a variable one step: ``ApplyAdam`` and its like, for references and for resources.

Each op is declared by its rule (kernels/update_rules.py) and the names of its inputs; the ``Resource…`` form takes
handles and has no output.  The rows of a variable are moved by the ops of `training_sparse`.
"""

import numpy as np

from graphcore.core import dtypes, errors
from graphcore.core.dtypes import FLOATS, NUMBERS
from graphcore.core.opdef import Attr, Input, Op, Output, TypeAttr
from graphcore.core.shapes import format_shape, merge, with_rank
from graphcore.ops.kernels import update_rules as rules

GRADIENTS = ("grad", "delta")
_TYPES = {"global_step": dtypes.int64}


def declare(op_name, rule, cells, inputs, example):
    """The op ``op_name`` and its ``Resource`` form; ``cells`` and ``inputs`` are GraphDef's names.

    ``example`` says what all of them hold and, under "after", what the variables hold then.
    """
    cells, inputs = cells.split(), inputs.split()
    return both_forms(op_name, rule=rule, cells=cells, inputs=inputs, kernel=dense_kernel(rule, cells, inputs),
                      infer=_dense_shape(len(cells), inputs), update_rule=(rule, cells, inputs), example=example)


def both_forms(op_name, **description):
    """The op on references and the op on resources."""
    return _declared(op_name, **description), _declared("Resource" + op_name, **description)


def _declared(op_name, rule, cells, inputs, kernel, infer, example, extra=(), update_rule=None):
    """One op; ``extra`` are further (attribute or input name, declaration) pairs."""
    T, resource = TypeAttr(NUMBERS, without_kernel=NUMBERS - FLOATS), op_name.startswith("Resource")
    extra = dict(extra)
    body = {"T": T, **{k: v for k, v in extra.items() if isinstance(v, TypeAttr)}, "use_locking": Attr(bool, default=False)}
    options = rule.__kwdefaults__ or {}
    body.update({name: Attr(bool, default=default) for name, default in options.items()})
    for name in cells:
        body[name] = Input(dtypes.resource) if resource else Input(T, ref=True)
    for name in inputs:
        body[name + "_"] = extra.get(name) or Input(_TYPES.get(name, T))
    if not resource:
        body.update(out=Output(T, ref=True), infer=infer)
    handles = "of resource variables" if resource else "of variables"
    body.update(kernel=kernel, update_rule=update_rule, example=example, __module__=__name__,
                __doc__=f"{rule.__doc__}  ({' and '.join(cells)} {handles} change together.)")
    cls = type(op_name, (Op,), body, stateful=True, refuses=True)
    cls.kernel_attrs = tuple(options)
    return cls


def _dense_shape(count, inputs):
    gradient = next(count + i for i, name in enumerate(inputs) if name in GRADIENTS)

    def infer(node):
        shape = node.inputs[0].shape.sizes
        for cell in node.inputs[1:count]:
            shape = merge(shape, cell.shape.sizes)
        for position, value in enumerate(node.inputs[count:], count):
            if position != gradient:
                with_rank(value.shape.sizes, 0)
        return merge(shape, node.inputs[gradient].shape.sizes)

    return infer


def dense_kernel(rule, cells, inputs):
    """The kernel that applies ``rule`` to whole variables."""
    count = len(cells)
    gradient = next(i for i, name in enumerate(inputs) if name in GRADIENTS)
    scalars = [i for i in range(len(inputs)) if i != gradient]
    names = [*cells, inputs[gradient]]

    def kernel(*arguments, **options):
        held, given = arguments[:count], list(arguments[count:])
        for i in scalars:
            given[i] = given[i][()]  # NumPy computes much faster with its scalars than with arrays of one element
        # One lock is enough: whoever changes a slot holds the lock of the variable it belongs to.
        with held[0].lock:
            values = [cell.read() for cell in held]
            shape = values[0].shape
            for name, value in zip(names, (*values, given[gradient])):
                if value.shape != shape:
                    differ(names[0], name, shape, value.shape)
            check_scalars(inputs, given, scalars)
            for cell, value in zip(held, rule(*values, *given, **options)):
                cell.value = np.asarray(value)

    return kernel


def check_scalars(names, given, positions):
    """InvalidArgumentError unless the inputs at these positions are scalars."""
    for i in positions:
        if given[i].shape:
            raise errors.InvalidArgumentError(None, None, f"{names[i]} is not a scalar: {format_shape(given[i].shape)}")


def differ(first, second, shape, other):
    """InvalidArgumentError for two tensors whose shapes should be the same."""
    raise errors.InvalidArgumentError(
        None, None, f"{first} and {second} do not have the same shape{format_shape(shape)} {format_shape(other)}")


ApplyGradientDescent, ResourceApplyGradientDescent = declare(
    "ApplyGradientDescent", rules.gradient_descent, "var", "alpha delta",
    example=dict(var=[1.0, 2.0], alpha=0.5, delta=[2.0, -1.0], after=dict(var=[0.0, 2.5])))
ApplyMomentum, ResourceApplyMomentum = declare(
    "ApplyMomentum", rules.momentum, "var accum", "lr grad momentum",
    example=dict(var=[1.0, 2.0], accum=[1.0, 4.0], lr=0.5, grad=[2.0, -1.0], momentum=0.5, after=dict(var=[-0.25, 1.5], accum=[2.5,
                 1.0])))
ApplyAdagrad, ResourceApplyAdagrad = declare(
    "ApplyAdagrad", rules.adagrad, "var accum", "lr grad",
    example=dict(var=[1.0, 2.0], accum=[1.0, 4.0], lr=0.5, grad=[2.0, -1.0], after=dict(var=[0.55278641, 2.2236068], accum=[5.0, 5.0])))
ApplyAdagradDA, ResourceApplyAdagradDA = declare(
    "ApplyAdagradDA", rules.adagrad_da, "var gradient_accumulator gradient_squared_accumulator", "grad lr l1 l2 global_step",
    example=dict(var=[1.0, 2.0], gradient_accumulator=[1.0, -2.0], gradient_squared_accumulator=[4.0, 1.0], grad=[2.0, -1.0], lr=0.5,
                 l1=0.25, l2=0.5, global_step=2, after=dict(var=[-0.37555277, 0.65300971], gradient_accumulator=[3.0, -3.0],
                 gradient_squared_accumulator=[8.0, 2.0])))
ApplyAdadelta, ResourceApplyAdadelta = declare(
    "ApplyAdadelta", rules.adadelta, "var accum accum_update", "lr rho epsilon grad",
    example=dict(var=[1.0, 2.0], accum=[1.0, 4.0], accum_update=[1.0, 0.25], lr=0.5, rho=0.5, epsilon=0.25, grad=[2.0, -1.0],
                 after=dict(var=[0.32580012, 2.2132008], accum=[2.5, 2.5], accum_update=[1.409091, 0.21590909])))
ApplyAdam, ResourceApplyAdam = declare(
    "ApplyAdam", rules.adam, "var m v", "beta1_power beta2_power lr beta1 beta2 epsilon grad",
    example=dict(var=[1.0, 2.0], m=[0.5, 1.0], v=[1.0, 4.0], beta1_power=0.5, beta2_power=0.75, lr=0.5, beta1=0.5, beta2=0.75,
                 epsilon=0.25, grad=[2.0, -1.0], after=dict(var=[0.6026386, 2.0], m=[1.25, 0.0], v=[1.75, 3.25])))
ApplyAdaMax, ResourceApplyAdaMax = declare(
    "ApplyAdaMax", rules.adamax, "var m v", "beta1_power lr beta1 beta2 epsilon grad",
    example=dict(var=[1.0, 2.0], m=[0.5, 1.0], v=[1.0, 4.0], beta1_power=0.5, lr=0.5, beta1=0.5, beta2=0.75, epsilon=0.25, grad=[2.0,
                 -1.0], after=dict(var=[0.44444442, 2.0], m=[1.25, 0.0], v=[2.0, 3.0])))
ApplyRMSProp, ResourceApplyRMSProp = declare(
    "ApplyRMSProp", rules.rms_prop, "var ms mom", "lr rho momentum epsilon grad",
    example=dict(var=[1.0, 2.0], ms=[4.0, 1.0], mom=[0.5, 0.25], lr=0.5, rho=0.5, momentum=0.5, epsilon=0.25, grad=[2.0, -1.0],
                 after=dict(var=[0.2649287, 2.3222136], ms=[4.0, 1.0], mom=[0.7350713, -0.32221359])))
ApplyCenteredRMSProp, ResourceApplyCenteredRMSProp = declare(
    "ApplyCenteredRMSProp", rules.centered_rms_prop, "var mg ms mom", "lr rho momentum epsilon grad",
    example=dict(var=[1.0, 2.0], mg=[0.5, 0.25], ms=[4.0, 1.0], mom=[0.5, 0.25], lr=0.5, rho=0.5, momentum=0.5, epsilon=0.25, grad=[2.0,
                 -1.0], after=dict(var=[0.14000571, 2.3497126], mg=[1.25, -0.375], ms=[4.0, 1.0], mom=[0.85999429, -0.3497127])))
ApplyFtrl, ResourceApplyFtrl = declare(
    "ApplyFtrl", rules.ftrl, "var accum linear", "grad lr l1 l2 lr_power",
    example=dict(var=[1.0, 2.0], accum=[1.0, 4.0], linear=[0.5, -1.0], grad=[2.0, -1.0], lr=0.5, l1=0.25, l2=0.5, lr_power=-0.5,
                 after=dict(var=[0.0, 0.49236205], accum=[5.0, 5.0], linear=[0.027863979, -2.944272])))
ApplyFtrlV2, ResourceApplyFtrlV2 = declare(
    "ApplyFtrlV2", rules.ftrl_v2, "var accum linear", "grad lr l1 l2 l2_shrinkage lr_power",
    example=dict(var=[1.0, 2.0], accum=[1.0, 4.0], linear=[0.5, -1.0], grad=[2.0, -1.0], lr=0.5, l1=0.25, l2=0.5, l2_shrinkage=0.25,
                 lr_power=-0.5, after=dict(var=[-0.050777975, 0.30961806], accum=[5.0, 5.0], linear=[0.52786398, -1.944272])))
ApplyProximalGradientDescent, ResourceApplyProximalGradientDescent = declare(
    "ApplyProximalGradientDescent", rules.proximal_gradient_descent, "var", "alpha l1 l2 delta",
    example=dict(var=[1.0, 2.0], alpha=0.5, l1=0.25, l2=0.5, delta=[2.0, -1.0], after=dict(var=[0.0, 1.9])))
ApplyProximalAdagrad, ResourceApplyProximalAdagrad = declare(
    "ApplyProximalAdagrad", rules.proximal_adagrad, "var accum", "lr l1 l2 grad",
    example=dict(var=[1.0, 2.0], accum=[1.0, 4.0], lr=0.5, l1=0.25, l2=0.5, grad=[2.0, -1.0], after=dict(var=[0.44691777, 1.9497198],
                 accum=[5.0, 5.0])))
