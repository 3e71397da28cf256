"""Convolutions of one to three dimensions under one name, with dilation, and transposed ones."""

from collections import abc

import numpy as np

from graphcore.core.convert import to_tensor
from graphcore.core.node import Tensor
from graphcore.core.scopes import name_scope
from graphcore.core.shapes import TensorShape, as_shape, dimension_at_index
from graphcore.ops import arrays, convolution, convolution3d, dilated, joining, reshaping, space_batch, windowing


def convolution_of_any_rank(input, filter, padding, strides=None, dilation_rate=None, name=None, data_format=None, filters=None,
                            dilations=None):
    """``tf.nn.convolution``: the convolution of sequences, images or volumes with filters.

    Args:
      input: ``[batch, ...one to three spatial axes..., channels]``, or with the channels second if ``data_format`` begins with "NC".
      filter, filters: ``[...spatial axes..., channels, channels out]``.
      padding: "SAME" or "VALID".
      strides: how far windows are apart: an int, or one for each spatial axis.
      dilation_rate, dilations: how far the elements of a window are apart; as ``strides``.  Not both may be above 1.
      data_format: "NWC", "NCW", "NHWC", "NCHW", "NDHWC" or "NCDHW".

    >>> import graphcore as tf
    >>> with tf.Session() as session:
    ...     session.run(tf.nn.convolution([[[1.0], [2.0], [3.0], [4.0]]], [[[1.0]], [[10.0]]], "VALID", dilation_rate=[2])).ravel()
    array([31., 42.], dtype=float32)
    """
    filter = reshaping.renamed("filters", filters, "filter", filter)
    rate = reshaping.renamed("dilations", dilations, "dilation_rate", dilation_rate)
    input, filter = _with_shape(input), _with_shape(filter)
    count = _spatial_count(input, filter)
    channels = 1 if data_format is not None and data_format.startswith("NC") else count + 1
    strides = _sequence(strides, count, channels, "strides")
    rate = _sequence(rate, count, channels, "dilations")
    with name_scope(name, "convolution", [input, filter]) as name:
        if all(each == 1 for each in rate):
            return _plain(count, input, filter, strides, padding, data_format, rate, name)
        inner = slice(2, None) if channels == 1 else slice(1, -1)
        return _dilated(input, filter, padding, strides[inner], rate[inner], name, data_format)


def _with_shape(value):
    return value if hasattr(value, "shape") else to_tensor(value)


def _sequence(value, count, channels, name):
    """A list with an entry for each axis; the channels are the second one or the last."""
    return windowing.sequence_of(value, 1 if channels == 1 else -1, name, count)


def _spatial_count(input, filter):
    for each in (input, filter):
        shape = as_shape(each.shape)
        if shape.rank is not None:
            if not 1 <= shape.rank - 2 <= 3:
                raise ValueError(f"Input tensor must be of rank 3, 4 or 5 but was {shape.rank}.")
            return shape.rank - 2
    raise ValueError("rank of input or filter must be known")


def _plain(count, input, filter, strides, padding, data_format, rate, name):
    if count == 1:
        return convolution.conv1d(input, filter, strides, padding=padding, data_format=data_format, dilations=rate, name=name)
    op, usual = (convolution.Conv2D, "NHWC") if count == 2 else (convolution3d.Conv3D, "NDHWC")
    return op.build(input, filter, strides=strides, padding=padding, data_format=data_format or usual, dilations=rate, name=name)


def _dilated(input, filter, padding, strides, rate, name, data_format):
    """The convolution of blocks; TF's complaints about shapes come first."""
    input_shape, filter_shape = as_shape(input.shape), as_shape(filter.shape)
    rank = input_shape.ndims if filter_shape.ndims is None else filter_shape.ndims
    count = rank - 2
    for what, shape in (("input", input_shape), ("filter", filter_shape)):
        if shape.ndims not in (None, rank):
            raise ValueError(f"{what} tensor must have rank {rank}, its shape is {shape}")
    first = 2 if data_format is not None and data_format.startswith("NC") else 1
    depth = dimension_at_index(input_shape, 1 if first == 2 else count + 1)
    if filter_shape.ndims is not None and not depth.is_compatible_with(filter_shape[count]):
        raise ValueError(f"number of input channels does not match corresponding dimension of filter, {depth} != {filter_shape[count]}")
    strides, rate = strides_and_rates(count, strides, rate)

    def make(_, padding):
        return lambda blocks: _undilated(blocks, filter, count, padding, strides, data_format, name)

    return dilated.dilated(input, filter, rate, padding, make, filter_shape,
                           range(first, count + first), data_format)


def strides_and_rates(count, strides, rate):
    """Both as arrays of ``count`` positive ints; ValueError otherwise, and if there are both strides and dilations above 1."""
    result = []
    for name, values in (("dilation_rate", rate), ("strides", strides)):
        values = [1] * count if values is None else values
        if len(values) != count:
            raise ValueError(f"len({name})={len(values)} but should be {count}")
        values = np.array(values, np.int32)
        if np.any(values < 1):
            raise ValueError(f"all values of {name} must be positive")
        result.append(values)
    rate, strides = result
    if np.any(strides > 1) and np.any(rate > 1):
        raise ValueError("strides > 1 not supported in conjunction with dilation_rate > 1")
    return strides, rate


def _undilated(input, filter, count, padding, strides, data_format, name):
    """The convolution without dilation that stands for one with, in blocks."""
    if count == 1:
        return convolution.conv1d(value=input, filters=filter, stride=strides[0], padding=padding, data_format=data_format or "NWC",
                                  name=name)
    second = data_format is not None and data_format.startswith("NC")
    strides = [1, 1, *strides] if second else [1, *strides, 1]
    function = convolution.conv2d if count == 2 else convolution3d.conv3d
    return function(input=input, filter=filter, strides=strides, padding=padding, data_format=data_format, name=name)


def atrous_conv2d(value, filters, rate, padding, name=None):
    """The convolution of images with filters whose elements are ``rate`` apart, with nothing in between.

    Args:
      value: ``[batch, rows, columns, channels]``.
      filters: ``[rows, columns, channels, channels out]``.
      rate: an int.
      padding: "SAME" or "VALID".
    """
    return convolution_of_any_rank(input=value, filter=filters, padding=padding, dilation_rate=np.broadcast_to(rate, (2,)), name=name)


# ---------------------------------------------------------------- transposed convolutions


def atrous_conv2d_transpose(value, filters, output_shape, rate, padding, name=None):
    """The gradient of `atrous_conv2d` in its images, of the shape ``output_shape``.

    Args:
      filters: ``[rows, columns, channels out, channels of value]``.
      output_shape: four ints, or a tensor of them.
    """
    with name_scope(name, "atrous_conv2d_transpose", [value, filters, output_shape]) as name:
        value, filters = to_tensor(value, name="value"), to_tensor(filters, name="filters")
        if not value.get_shape().dims[3].is_compatible_with(filters.get_shape()[3]):
            raise ValueError("value's input channels does not match filters' input channels, "
                             f"{value.get_shape()[3]} != {filters.get_shape()[3]}")
        if rate < 1:
            raise ValueError(f"rate {rate} cannot be less than one")
        if rate == 1:
            return convolution.conv2d_transpose(value, filters, output_shape, strides=[1, 1, 1, 1], padding=padding, data_format="NHWC")
        output_shape = _checked_output_shape(output_shape, filters)
        around = _paddings_around(filters, rate, padding)
        whole = [output_shape[axis + 1] + before + behind for axis, (before, behind) in enumerate(around)]
        more = [(rate - size % rate) % rate for size in whole]
        blocks = space_batch.space_to_batch(input=value, paddings=[[0, each] for each in more], block_size=rate)
        sizes = [rate * rate * output_shape[0], (whole[0] + more[0]) // rate, (whole[1] + more[1]) // rate, output_shape[3]]
        blocks = convolution.Conv2DBackpropInput.build(sizes, filters, blocks, strides=[1, 1, 1, 1], padding="VALID", data_format="NHWC")
        crops = [[before, behind + each] for (before, behind), each in zip(around, more)]
        return space_batch.batch_to_space(input=blocks, crops=crops, block_size=rate)


def _checked_output_shape(output_shape, filters):
    as_tensor = to_tensor(output_shape, name="output_shape")
    if not as_tensor.get_shape().is_compatible_with(TensorShape([4])):
        raise ValueError(f"output_shape must have shape (4,), got {as_tensor.get_shape()}")
    if isinstance(output_shape, (tuple, list, np.ndarray)) and not filters.get_shape().dims[2].is_compatible_with(output_shape[3]):
        raise ValueError(f"output_shape does not match filter's output channels, {output_shape[3]} != {filters.get_shape()[2]}")
    return output_shape


def _paddings_around(filters, rate, padding):
    """For rows and columns what a convolution with "SAME" padding would have added before and behind."""
    if padding == "VALID":
        return [(0, 0), (0, 0)]
    if padding != "SAME":
        raise ValueError(f"padding must be either VALID or SAME: {padding}")
    lengths = filters.get_shape().as_list() if filters.get_shape().is_fully_defined() else arrays.shape(filters)
    rows, columns = lengths[0], lengths[1]
    more = [length + (length - 1) * (rate - 1) - 1 for length in (rows, columns)]
    return [(each // 2, each - each // 2) for each in more]


def conv1d_transpose(input, filters, output_shape, strides, padding="SAME", data_format="NWC", dilations=None, name=None):
    """The transposed convolution, the gradient of `conv1d`: sequences of ``output_shape`` from the shorter ``input``.

    Args:
      filters: ``[width, channels out, channels of input]``.
    """
    with name_scope(name, "conv1d_transpose", [input, filters, output_shape]) as name:
        if data_format not in (None, "NWC", "NCW"):
            raise ValueError('data_format must be "NWC" or "NCW".')
        first, channels, wide_format = (2, 1, "NCHW") if data_format == "NCW" else (1, 2, "NHWC")
        strides = [1, *windowing.sequence_of(strides, channels, "stride", 1)]
        dilations = [1, *windowing.sequence_of(dilations, channels, "dilations", 1)]
        input, filters = arrays.expand_dims(input, first), arrays.expand_dims(filters, 0)
        output_shape = output_shape if isinstance(output_shape, Tensor) else list(output_shape)
        output_shape = joining.concat([output_shape[:first], [1], output_shape[first:]], 0)
        result = convolution.Conv2DBackpropInput.build(output_shape, filters, input, strides=strides, padding=padding,
                                                       data_format=wide_format, dilations=dilations, name=name)
        return arrays.squeeze(result, first)


def conv_transpose(input, filters, output_shape, strides, padding="SAME", data_format=None, dilations=None, name=None):
    """`conv1d_transpose`, `conv2d_transpose` or `conv3d_transpose`, after the length of ``output_shape``."""
    with name_scope(name, "conv_transpose", [input, filters, output_shape]) as name:
        if isinstance(output_shape, Tensor):
            count = output_shape.shape[0].value - 2
        elif isinstance(output_shape, abc.Sized):
            count = len(output_shape) - 2
        else:
            raise ValueError("output_shape must be a tensor or sized collection.")
        if not 1 <= count <= 3:
            raise ValueError(f"output_shape must be of length 3, 4 or 5 but was {count + 2}.")
        function = (conv1d_transpose, _conv2d_transpose, _conv3d_transpose)[count - 1]
        return function(input, filters, output_shape, strides, padding=padding, data_format=data_format, dilations=dilations, name=name)


def _conv2d_transpose(value, filters, output_shape, strides, **others):
    with name_scope(others.pop("name"), "conv2d_transpose", [value, filters, output_shape]) as name:
        return convolution.conv2d_transpose(value, filters, output_shape, strides, name=name, **others)


def _conv3d_transpose(value, filters, output_shape, strides, **others):
    return convolution3d.conv3d_transpose(value, filters, output_shape, strides, **others)


convolution_of_any_rank.__name__ = convolution_of_any_rank.__qualname__ = "convolution"

__all__ = ["atrous_conv2d", "atrous_conv2d_transpose", "conv1d_transpose", "conv_transpose", "convolution_of_any_rank"]
