"""Windows whose elements lie apart: plain windows over blocks moved into the batch."""

import numpy as np

from graphcore.core.convert import to_tensor
from graphcore.core.dtypes import int32
from graphcore.core.shapes import as_shape
from graphcore.core.view import constant_value
from graphcore.ops import arrays, joining, space_batch


def with_space_to_batch(input, dilation_rate, padding, op, filter_shape=None, spatial_dims=None, data_format=None):
    """The result of ``op`` with windows whose elements are ``dilation_rate`` apart.

    Args:
      input: ``[batch, ...spatial axes..., channels]``, or with the channels second if ``data_format`` begins with "NC".
      dilation_rate: an int for each spatial axis.
      padding: "SAME" or "VALID".
      op: a function of a tensor, the number of spatial axes and a padding, which gives a tensor.
      filter_shape: the sizes of the windows; needed for "SAME".
      spatial_dims: the numbers of the spatial axes, rising; all but batch and channels if None.

    Raises:
      ValueError: an argument is none of these.
    """
    input = to_tensor(input, name="input")
    return dilated(input, None, dilation_rate, padding, lambda count, padding: lambda blocks: op(blocks, count, padding), filter_shape,
                   spatial_dims, data_format)


def dilated(input, filter, dilation_rate, padding, make, filter_shape, spatial_dims, data_format):
    """`with_space_to_batch` where ``make(number of spatial axes, padding)`` gives the function of the blocks."""
    rate = to_tensor(dilation_rate, dtype=int32, name="dilation_rate")
    count = _number_of_axes(rate)
    axes = _checked_axes(spatial_dims, count, data_format, as_shape(input.shape))
    known_rate = constant_value(rate)
    if known_rate is not None:
        if np.any(known_rate < 1):
            raise ValueError("dilation_rate must be positive")
        if np.all(known_rate == 1):
            return make(count, padding)(input)
    base = _base_paddings(padding, filter, filter_shape, count, rate if known_rate is None else known_rate)
    paddings, crops = space_batch.required_space_to_batch_paddings(input_shape=_spatial_sizes(input, axes), base_paddings=base(),
                                                                   block_shape=rate)
    rate, paddings, crops = _for_all_axes(rate, 1, axes), _for_all_axes(paddings, 0, axes), _for_all_axes(crops, 0, axes)
    blocks = space_batch.space_to_batch_nd(input=input, block_shape=rate, paddings=paddings)
    result = space_batch.batch_to_space_nd(input=make(count, "VALID")(blocks), block_shape=rate, crops=crops)
    if _channels_second(data_format) and filter is not None and not result.shape.dims[1].value:
        sizes = result.shape.as_list()
        sizes[1] = filter.shape[-1]
        result.set_shape(sizes)
    return result


def _channels_second(data_format):
    return data_format is not None and data_format.startswith("NC")


def _number_of_axes(rate):
    try:
        shape = rate.get_shape().with_rank(1)
    except ValueError:
        raise ValueError(f"rate must be rank 1, its shape is {rate.get_shape()}") from None
    if not shape.is_fully_defined():
        raise ValueError("rate must have known shape")
    return shape.dims[0].value


def _checked_axes(given, count, data_format, shape):
    """The spatial axes as a list; ValueError unless the input has them."""
    first = 2 if _channels_second(data_format) else 1
    given = list(range(first, count + first) if given is None else given)
    axes = sorted({int(each) for each in given})
    if axes != given or any(axis < 1 for axis in axes):
        raise ValueError(f"spatial_dims must be a montonically increasing sequence of positive integers, not {given}")
    least = axes[-1] if _channels_second(data_format) else axes[-1] + 1
    try:
        shape.with_rank_at_least(least)
    except ValueError:
        raise ValueError(f"input tensor must have rank {least} at least, its shape is {shape}") from None
    return axes


def _base_paddings(padding, filter, filter_shape, count, rate):
    """A function that gives the paddings of the dilated windows themselves."""
    if padding == "VALID":
        return lambda: np.zeros([count, 2], np.int32)
    if padding != "SAME":
        raise ValueError(f"Invalid padding method {padding!r}")
    if filter_shape is None:
        raise ValueError("filter_shape must be specified for SAME padding")
    known = constant_value(to_tensor(filter_shape, name="filter_shape"))
    if known is None:
        return lambda: _around(arrays.shape(filter), count, rate)
    paddings = _around(known, count, rate)
    return lambda: paddings


def _around(filter_sizes, count, rate):
    """How much of a dilated window lies before and behind its middle."""
    lengths = filter_sizes[:count]
    more = lengths + (lengths - 1) * (rate - 1) - 1
    before = more // 2
    behind = more - before
    return joining.stack([[before[axis], behind[axis]] for axis in range(count)])


def _spatial_sizes(input, axes):
    """The sizes of the spatial axes, as ints if all are known."""
    shape = as_shape(input.shape)
    if shape.ndims is not None:
        sizes = [shape.as_list()[axis] for axis in axes]
        if None not in sizes:
            return sizes
    sizes = arrays.shape(input)
    return joining.stack([sizes[axis] for axis in axes])


def _for_all_axes(values, filling, axes):
    """``values``, one for each of ``axes``, with ``filling`` for the axes between 1 and the last of them that are not."""
    known = constant_value(values)
    source = values if known is None else known
    parts, index, previous = [], 0, 0
    while index < len(axes):
        start, first = index, axes[index]
        if first > 1:
            parts.append(np.full([first - 1 - previous, *values.get_shape().as_list()[1:]], filling, values.dtype.np))
        while index + 1 < len(axes) and axes[index + 1] == axes[index] + 1:
            index += 1
        parts.append(source[start:index + 1])
        previous = axes[index]
        index += 1
    return np.concatenate(parts) if known is not None else joining.concat(parts, 0)


__all__ = []
