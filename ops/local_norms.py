"""Normalization of each channel of images by its neighbours."""

from graphcore.core import errors
from graphcore.core.dtypes import bfloat16, float16, float32
from graphcore.core.opdef import Attr, Input, Op, Output, TypeAttr
from graphcore.core.shapes import format_shape, merge, with_rank
from graphcore.ops.kernels import normalizing

_HALVES = {float16, bfloat16, float32}


class LRN(Op):
    """``input`` divided by ``(bias + alpha * squares)^beta``, the squares summed over the channels within ``depth_radius``."""

    depth_radius = Attr(int, default=5)
    bias = Attr(float, default=1.0)
    alpha = Attr(float, default=1.0)
    beta = Attr(float, default=0.5)
    T = TypeAttr(_HALVES, default=float32)
    input = Input(T)
    output = Output(T)
    example = dict(input=[[[[2.0, 2.0, 1.0]]]], depth_radius=1, bias=1.0, alpha=1.0, beta=1.0,
                   output=[[[[2.0 / 9.0, 2.0 / 10.0, 1.0 / 6.0]]]])

    def infer(node):
        return with_rank(node.input.shape.sizes, 4)

    def kernel(input, *, depth_radius, bias, alpha, beta):
        if input.ndim != 4:
            raise errors.InvalidArgumentError(None, None, f"in must be 4-dimensional: its shape is {format_shape(input.shape)}")
        return normalizing.locally_normalized(input, depth_radius, bias, alpha, beta)

    def grad(node, dy):
        return LRNGrad.build(dy, node.input, node.outputs[0], depth_radius=node.depth_radius, bias=node.bias, alpha=node.alpha,
                             beta=node.beta)


class LRNGrad(Op, refuses=True, strict=True):
    """The gradient of `LRN` in ``input_image``, from ``input_grads``, that in its result ``output_image``."""

    depth_radius = Attr(int, default=5)
    bias = Attr(float, default=1.0)
    alpha = Attr(float, default=1.0)
    beta = Attr(float, default=0.5)
    T = TypeAttr(_HALVES, default=float32)
    input_grads = Input(T)
    input_image = Input(T)
    output_image = Input(T)
    output = Output(T)
    example = dict(input_grads=[[[[1.0]]]], input_image=[[[[2.0]]]], output_image=[[[[0.4]]]], depth_radius=1, bias=1.0, alpha=1.0,
                   beta=1.0, output=[[[[-0.12]]]])

    def infer(node):
        sizes = with_rank(node.input_grads.shape.sizes, 4)
        return merge(merge(sizes, with_rank(node.input_image.shape.sizes, 4)), with_rank(node.output_image.shape.sizes, 4))

    def kernel(input_grads, input_image, output_image, *, depth_radius, bias, alpha, beta):
        return normalizing.local_gradient(input_grads, input_image, output_image, depth_radius, bias, alpha, beta)


def local_response_normalization(input, depth_radius=5, bias=1, alpha=1, beta=0.5, name=None):
    """Images divided by ``(bias + alpha * squares)^beta``, the squares summed over the channels within ``depth_radius``.

    >>> import graphcore as tf
    >>> with tf.Session() as session:
    ...     session.run(tf.nn.local_response_normalization([[[[3.0, 4.0]]]], bias=0.0))
    array([[[[0.6, 0.8]]]], dtype=float32)
    """
    return LRN.build(input, depth_radius=depth_radius, bias=float(bias), alpha=float(alpha), beta=float(beta), name=name)


lrn = local_response_normalization

__all__ = ["local_response_normalization", "lrn"]
