"""Activation functions, element by element: the rectifiers and their smooth relatives, with their gradient ops."""

import numpy as np

from graphcore.core.convert import to_tensor
from graphcore.core.dtypes import FLOATS, REAL, float32, qint8
from graphcore.core.opdef import Attr, Elementwise, Input, Output, TypeAttr
from graphcore.core.scopes import name_scope
from graphcore.core.shapes import merge
from graphcore.ops import arithmetic, arrays, casting, joining, mathematics, operands, selection, sequences
from graphcore.ops.kernels import activating


class _Slope(Elementwise, abstract=True, equal_shapes=True):
    """What the gradient ops share: both inputs have one shape, nothing is broadcast."""

    def infer(node):
        first, second = node.inputs
        return merge(first.shape.sizes, second.shape.sizes)


def _no_curve(build, node, dy):
    """The gradients of a slope that is piecewise constant."""
    x = node.features
    return build(dy, x), sequences.zeros(shape=arrays.shape(x), dtype=x.dtype.base)


class Relu(Elementwise):
    """``features`` where they are positive, else 0; NaN stays NaN."""

    T = TypeAttr(REAL | {qint8}, without_kernel={qint8})
    features = Input(T)
    activations = Output(T)

    scalar = "where(features < 0, 0, features)"
    example = dict(features=[-1.0, 0.5, 2.0], activations=[0.0, 0.5, 2.0])

    def kernel(features):
        return np.maximum(features.dtype.type(0), features)  # this order keeps -0.0

    def grad(node, dy):
        return ReluGrad.build(dy, node.activations)


class ReluGrad(_Slope):
    """``gradients`` where ``features`` are positive, else 0."""

    T = TypeAttr(REAL)
    gradients = Input(T)
    features = Input(T)
    backprops = Output(T)

    scalar = "gradients * (features > 0)"
    example = dict(gradients=[1.0, 2.0, 3.0], features=[-1.0, 0.5, 2.0], backprops=[0.0, 2.0, 3.0])

    def grad(node, dy):
        return _no_curve(ReluGrad.build, node, dy)


class Relu6(Elementwise):
    """``features`` between 0 and 6, those bounds outside; NaN stays NaN."""

    T = TypeAttr(REAL)
    features = Input(T)
    activations = Output(T)

    scalar = "where(features < 0, 0, where(features > 6, 6, features))"
    example = dict(features=[-1.0, 0.5, 8.0], activations=[0.0, 0.5, 6.0])

    def grad(node, dy):
        return Relu6Grad.build(dy, node.activations)


class Relu6Grad(_Slope):
    """``gradients`` where ``features`` lie between 0 and 6, else 0."""

    T = TypeAttr(REAL)
    gradients = Input(T)
    features = Input(T)
    backprops = Output(T)

    scalar = "gradients * ((features > 0) & (features < 6))"
    example = dict(gradients=[1.0, 2.0, 3.0], features=[-1.0, 0.5, 7.0], backprops=[0.0, 2.0, 0.0])

    def kernel(gradients, features):
        return gradients * ((features > 0) & (features < 6))

    def grad(node, dy):
        return _no_curve(Relu6Grad.build, node, dy)


class Elu(Elementwise):
    """``features`` where they are positive, else ``exp(features) - 1``."""

    T = TypeAttr(FLOATS)
    features = Input(T)
    activations = Output(T)

    scalar = "where(features < 0, expm1(features), features)"
    example = dict(features=[-1.0, 0.5, 2.0], activations=[-0.63212055, 0.5, 2.0])

    def grad(node, dy):
        return EluGrad.build(dy, node.activations)


class EluGrad(_Slope):
    """The gradient of `Elu` from its ``outputs``."""

    T = TypeAttr(FLOATS)
    gradients = Input(T)
    outputs = Input(T)
    backprops = Output(T)

    scalar = "where(outputs < 0, gradients * (outputs + 1), gradients)"
    example = dict(gradients=[1.0, 2.0, 3.0], outputs=[-0.5, 0.5, 2.0], backprops=[0.5, 2.0, 3.0])

    def grad(node, dy):
        x, gradients = node.inputs[1], node.inputs[0]
        slope = EluGrad.build(dy, x)
        return slope, selection.where(x < 0, dy * gradients, sequences.zeros_like(x))


class Selu(Elementwise):
    """The self-normalizing activation: 1.0507 ``features`` where positive, else 1.7581 ``(exp(features) - 1)``."""

    T = TypeAttr(FLOATS)
    features = Input(T)
    activations = Output(T)

    scalar = "where(features < 0, 1.7580993408473766 * expm1(features), 1.0507009873554805 * features)"
    example = dict(features=[-1.0, 0.5, 2.0], activations=[-1.1113307, 0.52535049, 2.101402])

    def grad(node, dy):
        return SeluGrad.build(dy, node.activations)


class SeluGrad(_Slope):
    """The gradient of `Selu` from its ``outputs``."""

    T = TypeAttr(FLOATS)
    gradients = Input(T)
    outputs = Input(T)
    backprops = Output(T)

    scalar = "where(outputs < 0, gradients * (outputs + 1.7580993408473766), gradients * 1.0507009873554805)"
    example = dict(gradients=[1.0, 2.0], outputs=[-0.5, 2.0], backprops=[1.2580993, 2.101402])

    def grad(node, dy):
        x, gradients = node.inputs[1], node.inputs[0]
        slope = SeluGrad.build(dy, x)
        return slope, selection.where(x < 0.0, dy * gradients, sequences.zeros_like(x))


class Softplus(Elementwise):
    """``log(exp(features) + 1)``, without overflow."""

    T = TypeAttr(FLOATS)
    features = Input(T)
    activations = Output(T)

    example = dict(features=[-1.0, 0.0, 2.0], activations=[0.31326166, 0.6931472, 2.126928])

    def loop(node):
        return activating.softplus_loop(node.T)


    def kernel(features):
        return activating.softplus(features)

    def grad(node, dy):
        return dy * mathematics.sigmoid(node.features)


class SoftplusGrad(_Slope):
    """The gradient of `Softplus`: ``gradients / (exp(-features) + 1)``."""

    T = TypeAttr(FLOATS)
    gradients = Input(T)
    features = Input(T)
    backprops = Output(T)

    scalar = "gradients / (exp(-features) + 1)"
    example = dict(gradients=[1.0, 2.0], features=[0.0, 2.0], backprops=[0.5, 1.761594])

    def grad(node, dy):
        gradients, x = node.inputs
        with operands.after(dy):
            slope = SoftplusGrad.build(dy, x)
            curve = dy * gradients / (mathematics.exp(-x) + 2.0 + mathematics.exp(x))
        return slope, curve


class Softsign(Elementwise):
    """``features / (abs(features) + 1)``."""

    T = TypeAttr(FLOATS)
    features = Input(T)
    activations = Output(T)

    scalar = "features / (abs(features) + 1)"
    example = dict(features=[-1.0, 0.0, 3.0], activations=[-0.5, 0.0, 0.75])

    def grad(node, dy):
        return SoftsignGrad.build(dy, node.features)


class SoftsignGrad(_Slope):
    """The gradient of `Softsign`: ``gradients / (abs(features) + 1)**2``."""

    T = TypeAttr(FLOATS)
    gradients = Input(T)
    features = Input(T)
    backprops = Output(T)

    scalar = "gradients / square(abs(features) + 1)"
    example = dict(gradients=[1.0, 2.0], features=[-1.0, 3.0], backprops=[0.25, 0.125])

    def grad(node, dy):
        # TF has none here (LookupError): no nodes to match.
        gradients, x = node.inputs
        size = arithmetic.abs(x) + 1.0
        return SoftsignGrad.build(dy, x), dy * gradients * -2.0 * arithmetic.sign(x) / (size * size * size)


class LeakyRelu(Elementwise):
    """``features`` where they are positive, else ``alpha * features``."""

    alpha = Attr(float, default=0.2)
    T = TypeAttr(FLOATS, default=float32)
    features = Input(T)
    activations = Output(T)

    example = dict(features=[-1.0, 0.5, 2.0], alpha=0.25, activations=[-0.25, 0.5, 2.0])

    def loop(node):
        return f"where(features > 0, features, features * {float(np.float32(node.alpha))!r})"


    def kernel(features, *, alpha):
        return activating.leaky_relu(features, alpha)

    def grad(node, dy):
        return LeakyReluGrad.build(dy, node.features, alpha=node.alpha)


class LeakyReluGrad(_Slope):
    """``gradients`` where ``features`` are positive, else ``alpha * gradients``."""

    alpha = Attr(float, default=0.2)
    T = TypeAttr(FLOATS, default=float32)
    gradients = Input(T)
    features = Input(T)
    backprops = Output(T)

    example = dict(gradients=[1.0, 2.0, 3.0], features=[-1.0, 0.5, 2.0], alpha=0.25, backprops=[0.25, 2.0, 3.0])

    def loop(node):
        return f"where(features > 0, gradients, gradients * {float(np.float32(node.alpha))!r})"


    def kernel(gradients, features, *, alpha):
        return activating.leaky_relu_grad(gradients, features, alpha)

    def grad(node, dy):
        x = node.features
        slope = LeakyReluGrad.build(dy, x, alpha=node.alpha)
        return slope, sequences.zeros(shape=arrays.shape(x), dtype=x.dtype.base)


# ---------------------------------------------------------------- public functions

relu = Relu.function()
elu = Elu.function()
selu = Selu.function()
softplus = Softplus.function()
softsign = Softsign.function()


def relu6(features, name=None):
    """``features`` between 0 and 6: ``min(max(features, 0), 6)``."""
    with name_scope(name, "Relu6", [features]) as name:
        return Relu6.build(to_tensor(features, name="features"), name=name)


def crelu(features, name=None, axis=-1):
    """The rectified ``features`` and the rectified ``-features`` side by side along ``axis``, which doubles in size."""
    with name_scope(name, "CRelu", [features]) as name:
        features = to_tensor(features, name="features")
        return relu(joining.concat([features, -features], axis, name=name))


def leaky_relu(features, alpha=0.2, name=None):
    """``features`` where they are positive, else ``alpha * features``; integers become float32.

    >>> import graphcore as tf
    >>> with tf.Session() as session:
    ...     session.run(tf.nn.leaky_relu([-1.0, 2.0], alpha=0.5))
    array([-0.5,  2. ], dtype=float32)
    """
    with name_scope(name, "LeakyRelu", [features, alpha]) as name:
        features = to_tensor(features, name="features")
        if features.dtype.is_integer:
            features = casting.cast(features, float32)
        alpha = alpha.item() if isinstance(alpha, np.ndarray) else alpha
        return LeakyRelu.build(features, alpha=alpha, name=name)


def swish(features):
    """``features * sigmoid(features)``."""
    features = to_tensor(features, name="features")
    product = features * mathematics.sigmoid(features)
    arrays.identity(product)  # TF leaves this one behind
    result, _ = arrays.identity_n([product, features])
    result.op._gradient_function = _swish_grad
    return result


def _swish_grad(op, dy, _):
    """The gradients of the node that ends `swish`: all for the features, which are its second input."""
    features = op.inputs[1]
    with operands.after(dy):  # the sigmoid is computed anew rather than kept
        slope = mathematics.sigmoid(features)
    return None, dy * (slope * (1.0 + features * (1.0 - slope)))


__all__ = ["crelu", "elu", "leaky_relu", "relu", "relu6", "selu", "softplus", "softsign", "swish"]
