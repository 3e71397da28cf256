"""Batch normalization in one op, in the three versions that TF has, and its gradient."""

import numpy as np

from graphcore.core import errors
from graphcore.core.convert import to_tensor
from graphcore.core.dtypes import bfloat16, float16, float32
from graphcore.core.opdef import Attr, Input, Op, Output, TypeAttr
from graphcore.core.shapes import format_shape, merged_size, with_rank
from graphcore.ops import (
    arithmetic,
    casting,
    constants,
    mathematics,
    normalization,
    reductions,
    reshaping,
    transposing,
    windowing,
)
from graphcore.ops.kernels import normalizing

_HALVES = {float16, bfloat16, float32}
_LEAST_EPSILON = 1.001e-5


def _channel_count(node, vectors):
    """``(sizes of x, channels)`` as far as they are known."""
    sizes = with_rank(node.x.shape.sizes, 4)
    channels = windowing.spatial(node.data_format)[2]
    count = sizes[channels]
    for vector in vectors:
        count = merged_size(count, with_rank(vector.shape.sizes, 1)[0])
    return (*sizes[:channels], count, *sizes[channels + 1:]), count


def _inferred(node, reserved):
    vectors = [node.scale, node.offset] + ([] if node.is_training else [node.mean, node.variance])
    sizes, count = _channel_count(node, vectors)
    return [sizes, *[(count,)] * 4, *[None] * reserved]


def _normalized(x, scale, offset, mean, variance, epsilon, data_format, is_training):
    """``y``, mean and variance of the batch, and both as the gradient wants them."""
    if x.ndim != 4:
        raise errors.InvalidArgumentError(None, None, f"input must be 4-dimensional{format_shape(x.shape)}")
    for name, vector in (("scale", scale), ("offset", offset), ("estimated_mean", mean), ("estimated_variance", variance)):
        if vector.ndim != 1:
            raise errors.InvalidArgumentError(None, None, f"{name} must be 1-dimensional{format_shape(vector.shape)}")
    if is_training and mean.size:
        raise errors.InvalidArgumentError(None, None, f"estimated_mean must be empty for training{format_shape(mean.shape)}")
    images = windowing.channels_last(x, data_format)
    unbiased = variance
    if is_training:
        mean, variance, unbiased = normalizing.statistics(images)
    y = normalizing.normalized(images, scale, offset, mean, variance, epsilon)
    return windowing.in_format(y, data_format), np.array(mean), np.array(unbiased), np.array(mean), np.array(variance)


def _gradient_of(node, dy, build):
    """The gradients in all five inputs while training, else in the first three."""
    settings = dict(epsilon=node.epsilon, is_training=node.is_training)
    reserved = node.outputs[5:]
    if node.is_training:
        return tuple(build(dy, node.x, node.scale, *node.outputs[3:5], *reserved, data_format=node.data_format, **settings))
    x = node.x
    turned = node.data_format == b"NCHW"
    if turned:
        x, dy = transposing.transpose(x, [0, 2, 3, 1]), transposing.transpose(dy, [0, 2, 3, 1])
    dx, dscale, doffset, *_ = build(dy, x, node.scale, node.mean, node.variance, *reserved, data_format="NHWC", **settings)
    return transposing.transpose(dx, [0, 3, 1, 2]) if turned else dx, dscale, doffset, None, None


def _gradients_inferred(node):
    sizes, count = _channel_count(node, [node.scale, node.reserve_space_1, node.reserve_space_2])
    unused = (0,) if node.is_training else (count,)
    return [sizes, (count,), (count,), unused, unused]


def _gradients(y_backprop, x, scale, mean, variance, epsilon, data_format, is_training):
    if y_backprop.shape != x.shape:
        raise errors.InvalidArgumentError(None, None, f"x and y_backprop must have the same shape, but x is {format_shape(x.shape)} and "
                                          f"y_backprop is {format_shape(y_backprop.shape)}")
    outputs, images = (windowing.channels_last(each, data_format) for each in (y_backprop, x))
    dx, dscale, doffset = normalizing.gradients(outputs, images, scale, mean, variance, epsilon, is_training)
    unused = np.zeros(0 if is_training else len(scale), np.float32)
    return windowing.in_format(dx, data_format), dscale, doffset, unused, unused


def _second_gradients(node, a, b, c):
    """The gradients in the incoming gradient, the images and the scale, from those in what they gave: ``a``, ``b`` and ``c``.

    While training the derivative of normalizing is r P, r being the reciprocal of the deviation and P what takes from
    a value its mean and its part along the normalized images; so the gradient in the images is scale r P(g), and P is symmetric.
    """
    channels = windowing.spatial(node.data_format)[2]
    axes = [axis for axis in range(4) if axis != channels]
    sides = [1] * 4
    sides[channels] = -1

    def mean(value):
        return reductions.reduce_mean(value, axes, keepdims=True)

    def total(value):
        return reductions.reduce_sum(value, axes)

    g, x, a = [casting.cast(each, float32) for each in (node.y_backprop, node.x, a)]
    scale, b, c = [reshaping.reshape(each, sides) for each in (node.scale, b, c)]
    if not node.is_training:
        center, variance = [reshaping.reshape(each, sides) for each in (node.reserve_space_1, node.reserve_space_2)]
        r = mathematics.rsqrt(variance + node.epsilon)
        in_g, in_x, in_scale = a * scale * r + b * (x - center) * r + c, b * g * r, total(a * g * r)
    else:
        center = mean(x)
        r = mathematics.rsqrt(mean(arithmetic.square(x - center)) + node.epsilon)
        normal = (x - center) * r

        def projected(value):
            return value - mean(value) - normal * mean(value * normal)

        along = a * mean(g * normal) + g * mean(a * normal)
        in_g = scale * r * projected(a) + b * normal + c
        in_x = r * projected(b * g - scale * r * along) - scale * r * r * normal * mean(a * projected(g))
        in_scale = total(r * a * projected(g))
    return (casting.cast(in_g, node.y_backprop.dtype), casting.cast(in_x, node.x.dtype), in_scale, None, None)


_TRAINING = dict(x=[[[[1.0]], [[3.0]]]], scale=[2.0], offset=[1.0], mean=np.zeros(0, np.float32), variance=np.zeros(0, np.float32),
                 epsilon=3.0, y=[[[[0.0]], [[2.0]]]], batch_mean=[2.0], batch_variance=[2.0], reserve_space_1=[2.0],
                 reserve_space_2=[1.0])
_GRADIENT = dict(y_backprop=[[[[1.0]], [[3.0]]]], x=[[[[1.0]], [[3.0]]]], scale=[2.0], reserve_space_1=[2.0], reserve_space_2=[1.0],
                 epsilon=3.0, x_backprop=[[[[-0.75]], [[0.75]]]], scale_backprop=[1.0], offset_backprop=[4.0])
_UNUSED = np.zeros(0, np.float32)


class FusedBatchNorm(Op):
    """``x`` normalized channel by channel: by its own mean and variance if ``is_training``, else by those given."""

    T = TypeAttr({float32})
    epsilon = Attr(float, default=0.0001)
    data_format = windowing.format_attr()
    is_training = Attr(bool, default=True)
    x = Input(T)
    scale = Input(T)
    offset = Input(T)
    mean = Input(T)
    variance = Input(T)
    y = Output(T)
    batch_mean = Output(T)
    batch_variance = Output(T)
    reserve_space_1 = Output(T)
    reserve_space_2 = Output(T)
    example = _TRAINING

    def infer(node):
        return _inferred(node, 0)

    def kernel(x, scale, offset, mean, variance, *, epsilon, data_format, is_training):
        return _normalized(x, scale, offset, mean, variance, epsilon, data_format, is_training)

    def grad(node, dy, *_):
        return _gradient_of(node, dy, FusedBatchNormGrad.build)


class FusedBatchNormV2(Op):
    """`FusedBatchNorm` of images that may be 16-bit floats; everything else stays float32."""

    T = TypeAttr(_HALVES)
    U = TypeAttr({float32})
    epsilon = Attr(float, default=0.0001)
    data_format = windowing.format_attr()
    is_training = Attr(bool, default=True)
    x = Input(T)
    scale = Input(U)
    offset = Input(U)
    mean = Input(U)
    variance = Input(U)
    y = Output(T)
    batch_mean = Output(U)
    batch_variance = Output(U)
    reserve_space_1 = Output(U)
    reserve_space_2 = Output(U)
    example = _TRAINING

    def infer(node):
        return _inferred(node, 0)

    def kernel(x, scale, offset, mean, variance, *, epsilon, data_format, is_training):
        return _normalized(x, scale, offset, mean, variance, epsilon, data_format, is_training)

    def grad(node, dy, *_):
        return _gradient_of(node, dy, FusedBatchNormGradV2.build)


class FusedBatchNormV3(Op):
    """`FusedBatchNormV2` with one more output, which only GPUs use."""

    T = TypeAttr(_HALVES)
    U = TypeAttr({float32})
    epsilon = Attr(float, default=0.0001)
    data_format = windowing.format_attr()
    is_training = Attr(bool, default=True)
    x = Input(T)
    scale = Input(U)
    offset = Input(U)
    mean = Input(U)
    variance = Input(U)
    y = Output(T)
    batch_mean = Output(U)
    batch_variance = Output(U)
    reserve_space_1 = Output(U)
    reserve_space_2 = Output(U)
    reserve_space_3 = Output(U)
    example = dict(**_TRAINING, reserve_space_3=0.0)

    def infer(node):
        return _inferred(node, 1)

    def kernel(x, scale, offset, mean, variance, *, epsilon, data_format, is_training):
        return (*_normalized(x, scale, offset, mean, variance, epsilon, data_format, is_training), np.zeros((), np.float32))

    def grad(node, dy, *_):
        return _gradient_of(node, dy, FusedBatchNormGradV3.build)


class FusedBatchNormGrad(Op, strict=True):
    """The gradients of `FusedBatchNorm` in its images, scale and offset; what is reserved are mean and variance."""

    T = TypeAttr({float32})
    epsilon = Attr(float, default=0.0001)
    data_format = windowing.format_attr()
    is_training = Attr(bool, default=True)
    y_backprop = Input(T)
    x = Input(T)
    scale = Input(T)
    reserve_space_1 = Input(T)
    reserve_space_2 = Input(T)
    x_backprop = Output(T)
    scale_backprop = Output(T)
    offset_backprop = Output(T)
    reserve_space_3 = Output(T)
    reserve_space_4 = Output(T)
    example = dict(**_GRADIENT, reserve_space_3=_UNUSED, reserve_space_4=_UNUSED)

    def infer(node):
        return _gradients_inferred(node)

    def kernel(y_backprop, x, scale, reserve_space_1, reserve_space_2, *, epsilon, data_format, is_training):
        return _gradients(y_backprop, x, scale, reserve_space_1, reserve_space_2, epsilon, data_format, is_training)

    def grad(node, a, b, c, *_):
        return _second_gradients(node, a, b, c)


class FusedBatchNormGradV2(Op, strict=True):
    """The gradients of `FusedBatchNormV2`, as `FusedBatchNormGrad` those of `FusedBatchNorm`."""

    T = TypeAttr(_HALVES)
    U = TypeAttr({float32})
    epsilon = Attr(float, default=0.0001)
    data_format = windowing.format_attr()
    is_training = Attr(bool, default=True)
    y_backprop = Input(T)
    x = Input(T)
    scale = Input(float32)
    reserve_space_1 = Input(U)
    reserve_space_2 = Input(U)
    x_backprop = Output(T)
    scale_backprop = Output(U)
    offset_backprop = Output(U)
    reserve_space_3 = Output(U)
    reserve_space_4 = Output(U)
    example = dict(**_GRADIENT, reserve_space_3=_UNUSED, reserve_space_4=_UNUSED)

    def infer(node):
        return _gradients_inferred(node)

    def kernel(y_backprop, x, scale, reserve_space_1, reserve_space_2, *, epsilon, data_format, is_training):
        return _gradients(y_backprop, x, scale, reserve_space_1, reserve_space_2, epsilon, data_format, is_training)

    def grad(node, a, b, c, *_):
        return _second_gradients(node, a, b, c)


class FusedBatchNormGradV3(Op, strict=True):
    """The gradients of `FusedBatchNormV3`; ``reserve_space_3`` has no effect."""

    T = TypeAttr(_HALVES)
    U = TypeAttr({float32})
    epsilon = Attr(float, default=0.0001)
    data_format = windowing.format_attr()
    is_training = Attr(bool, default=True)
    y_backprop = Input(T)
    x = Input(T)
    scale = Input(float32)
    reserve_space_1 = Input(U)
    reserve_space_2 = Input(U)
    reserve_space_3 = Input(U)
    x_backprop = Output(T)
    scale_backprop = Output(U)
    offset_backprop = Output(U)
    reserve_space_4 = Output(U)
    reserve_space_5 = Output(U)
    example = dict(**_GRADIENT, reserve_space_3=0.0, reserve_space_4=_UNUSED, reserve_space_5=_UNUSED)

    def infer(node):
        return _gradients_inferred(node)

    def kernel(y_backprop, x, scale, reserve_space_1, reserve_space_2, reserve_space_3, *, epsilon, data_format, is_training):
        return _gradients(y_backprop, x, scale, reserve_space_1, reserve_space_2, epsilon, data_format, is_training)

    def grad(node, a, b, c, *_):
        return (*_second_gradients(node, a, b, c), None)


# ---------------------------------------------------------------- public functions


def fused_batch_norm(x, scale, offset, mean=None, variance=None, epsilon=0.001, data_format="NHWC", is_training=True, name=None):
    """``(y, mean, variance)``: images normalized channel by channel, and what they were normalized by.

    Args:
      x: images of rank 4; float16 is computed in float32.
      scale, offset: vectors with one float32 for each channel.
      mean, variance: as these; given if and only if ``is_training`` is False.

    Raises:
      ValueError: mean or variance is given for training.

    >>> import graphcore as tf
    >>> y, mean, variance = tf.nn.fused_batch_norm([[[[1.0]], [[3.0]]]], [1.0], [0.0], epsilon=3.0)
    >>> with tf.Session() as session:
    ...     session.run([mean, variance])
    [array([2.], dtype=float32), array([2.], dtype=float32)]
    """
    x, scale, offset = to_tensor(x, name="input"), to_tensor(scale, name="scale"), to_tensor(offset, name="offset")
    if is_training and (mean is not None or variance is not None):
        raise ValueError("Both 'mean' and 'variance' must be None if is_training is True.")
    mean = constants.constant([]) if mean is None else mean
    variance = constants.constant([]) if variance is None else variance
    results = FusedBatchNormV3.build(x, scale, offset, mean, variance, epsilon=max(epsilon, _LEAST_EPSILON), data_format=data_format,
                                     is_training=is_training, name=name)
    return tuple(results[:3])


def batch_norm_with_global_normalization(t=None, m=None, v=None, beta=None, gamma=None, variance_epsilon=None,
                                         scale_after_normalization=None, name=None, input=None, mean=None, variance=None):
    """`batch_normalization` by the older names: ``gamma`` scales only if ``scale_after_normalization``."""
    t, m = reshaping.renamed("input", input, "t", t), reshaping.renamed("mean", mean, "m", m)
    v = reshaping.renamed("variance", variance, "v", v)
    return normalization.batch_normalization(t, m, v, beta, gamma if scale_after_normalization else None, variance_epsilon, name)


__all__ = ["batch_norm_with_global_normalization", "fused_batch_norm"]
