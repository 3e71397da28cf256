"""Maxima and means over windows of sequences, images or volumes, under names that do for all of them."""

import numpy as np

from graphcore.core.convert import to_tensor
from graphcore.core.scopes import name_scope
from graphcore.ops import arrays, dilated, pooling, pooling3d, reshaping, windowing
from graphcore.ops.convolution_nd import strides_and_rates


def pool(input, window_shape, pooling_type, padding, dilation_rate=None, strides=None, name=None, data_format=None, dilations=None):
    """The maximum or mean of each window along one to three spatial axes.

    Args:
      input: ``[batch, ...spatial axes..., channels]``, or with the channels second if ``data_format`` begins with "NC".
      window_shape: the size of a window along each spatial axis.
      pooling_type: "MAX" or "AVG".
      padding: "SAME" or "VALID"; with dilations "VALID" only.
      dilation_rate, dilations: how far the elements of a window are apart along each spatial axis.
      strides: how far windows are apart along each spatial axis; not above 1 together with dilations.

    Raises:
      ValueError: an argument is none of these.

    >>> import graphcore as tf
    >>> with tf.Session() as session:
    ...     session.run(tf.nn.pool([[[1.0], [5.0], [3.0], [4.0]]], [2], "MAX", "VALID", dilation_rate=[2])).ravel()
    array([3., 5.], dtype=float32)
    """
    rate = reshaping.renamed("dilations", dilations, "dilation_rate", dilation_rate)
    with name_scope(name, f"{pooling_type.lower()}_pool", [input]) as scope:
        input = to_tensor(input, name="input")
        count = len(window_shape)
        if not 1 <= count <= 3:
            raise ValueError("It is required that 1 <= num_spatial_dims <= 3.")
        input.get_shape().with_rank(count + 2)
        strides, rate = strides_and_rates(count, strides, rate)
        _check(window_shape, strides, rate, padding, pooling_type)
        second = data_format is not None and data_format.startswith("NC")
        around = ([1, 1], []) if second else ([1], [1])
        lists = [[*around[0], *each, *around[1]] for each in (window_shape, strides)]
        axes = range(2, count + 2) if second else range(1, count + 1)
        op = _pooling(pooling_type, count, lists, axes, data_format, scope)
        return dilated.with_space_to_batch(input=input, dilation_rate=rate, padding=padding, op=op, spatial_dims=axes,
                                           filter_shape=window_shape)


def _check(window_shape, strides, rate, padding, pooling_type):
    if padding == "SAME" and np.any(rate > 1):
        raise ValueError("pooling with SAME padding is not implemented for dilation_rate > 1")
    if np.any(strides > window_shape):
        raise ValueError("strides > window_shape not supported due to inconsistency between CPU and GPU implementations")
    if pooling_type not in ("MAX", "AVG"):
        raise ValueError(f"{len(window_shape)}-D {pooling_type} pooling is not supported.")


def _pooling(kind, count, lists, axes, data_format, name):
    """The function of blocks that pools them."""
    if count == 3:
        function = pooling3d.max_pool3d if kind == "MAX" else pooling3d.avg_pool3d
        return lambda blocks, _, padding: function(blocks, *lists, padding, name=name, data_format=data_format)
    function = pooling.max_pool if kind == "MAX" else pooling.avg_pool
    if count == 2:
        return lambda blocks, _, padding: function(blocks, *lists, padding, name=name, data_format=data_format)
    if data_format not in (None, "NWC", "NCW"):
        raise ValueError('data_format must be either "NWC" or "NCW".')
    wide_format = "NCHW" if data_format == "NCW" else "NHWC"

    def pooled(blocks, _, padding):
        result = function(arrays.expand_dims(blocks, axes[0]), *[[1, *each] for each in lists], padding, name=name, data_format=wide_format)
        return arrays.squeeze(result, [axes[0]])

    return pooled


def max_pool1d(input, ksize, strides, padding, data_format="NWC", name=None):
    """The maximum of each window of sequences ``[batch, width, channels]``, or with the channels second in the format NCW."""
    with name_scope(name, "MaxPool1d", [input]) as name:
        return _pooled_sequences(pooling.MaxPool, input, ksize, strides, padding, data_format, name)


def avg_pool1d(input, ksize, strides, padding, data_format="NWC", name=None):
    """The mean of each window of sequences, padding left out; arguments as for `max_pool1d`."""
    with name_scope(name, "AvgPool1D", [input]) as name:
        return _pooled_sequences(pooling.AvgPool, input, ksize, strides, padding, data_format, name)


def _pooled_sequences(op, input, ksize, strides, padding, data_format, name):
    data_format = data_format or "NWC"
    channels = 1 if data_format.startswith("NC") else 2
    ksize = [1, *windowing.sequence_of(ksize, channels, "ksize", 1)]
    strides = [1, *windowing.sequence_of(strides, channels, "strides", 1)]
    first, wide_format = (1, "NHWC") if data_format == "NWC" else (2, "NCHW")
    images = arrays.expand_dims(input, first)
    result = op.build(images, ksize=ksize, strides=strides, padding=padding, data_format=wide_format, name=name)
    return arrays.squeeze(result, first)


def max_pool_v2(input, ksize, strides, padding, data_format=None, name=None):
    """The maximum of each window of sequences, images or volumes, after the rank of ``input``."""
    return _pooled((None, max_pool1d, pooling.MaxPool, pooling3d.MaxPool3D), input, ksize, strides, padding, data_format, name)


def avg_pool_v2(input, ksize, strides, padding, data_format=None, name=None):
    """The mean of each window of sequences, images or volumes, after the rank of ``input``."""
    return _pooled((None, avg_pool1d, pooling.AvgPool, pooling3d.AvgPool3D), input, ksize, strides, padding, data_format, name)


def _pooled(kinds, input, ksize, strides, padding, data_format, name):
    if input.shape is None and data_format is None:
        raise ValueError("The input must have a rank or a data format must be given.")
    count = len(data_format if input.shape is None else input.shape) - 2
    if not 1 <= count <= 3:
        raise ValueError(f"Input tensor must be of rank 3, 4 or 5 but was {count + 2}.")
    second = data_format is not None and data_format.startswith("NC")
    ksize, strides = [windowing.sequence_of(each, 1 if second else -1, what, count)
                      for each, what in ((ksize, "ksize"), (strides, "strides"))]
    if count == 1:
        return kinds[1](input, ksize=ksize, strides=strides, padding=padding, data_format=data_format, name=name)
    usual = "NHWC" if count == 2 else "NDHWC"
    return kinds[count].build(input, ksize=ksize, strides=strides, padding=padding, data_format=data_format or usual, name=name)


__all__ = ["avg_pool1d", "avg_pool_v2", "max_pool1d", "max_pool_v2", "pool"]
