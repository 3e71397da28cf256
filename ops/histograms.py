"""How many values lie in each of several bins of equal width."""

import numpy as np

from graphcore.core import errors
from graphcore.core.convert import to_tensor
from graphcore.core.dtypes import INDICES, float32, float64, int32, int64
from graphcore.core.opdef import Input, Op, Output, TypeAttr
from graphcore.core.scopes import name_scope
from graphcore.core.shapes import ShapeMismatch, format_shape, with_rank
from graphcore.ops import arrays, casting, clipping, division, mathematics


def _invalid(text):
    return errors.InvalidArgumentError(None, None, text)


class HistogramFixedWidth(Op, refuses=True):
    """How many of ``values`` lie in each of ``nbins`` bins between the two of ``value_range``; the outer bins hold what is beyond."""

    T = TypeAttr({int32, int64, float32, float64})
    dtype = TypeAttr(INDICES, default=int32)
    values = Input(T)
    value_range = Input(T)
    nbins = Input(int32, static=True)
    out = Output(dtype)
    example = dict(values=[-1.0, 0.0, 1.5, 2.0, 5.0, 15.0], value_range=[0.0, 5.0], nbins=np.array(5, np.int32), out=[2, 1, 1, 0, 2])

    def infer(node):
        sizes = with_rank(node.value_range.shape.sizes, 1)
        if sizes is not None and sizes[0] not in (None, 2):
            raise ShapeMismatch(f"Dimension must be 2 but is {sizes[0]}")
        with_rank(node.nbins.shape.sizes, 0)
        count = node.nbins.value
        if count is not None and count <= 0:
            raise ShapeMismatch(f"Requires nbins > 0: {count}")
        return (None if count is None else int(count),)

    def kernel(values, value_range, nbins, *, dtype):
        if value_range.shape != (2,):
            raise _invalid(f"value_range should be a vector of 2 elements, but its shape is {format_shape(value_range.shape)}")
        if nbins.ndim:
            raise _invalid(f"nbins should be a scalar, but its shape is {format_shape(nbins.shape)}")
        low, high = value_range
        if not low < high:
            raise _invalid(f"value_range should satisfy value_range[0] < value_range[1], but got '[{low:g}, {high:g}]'")
        if nbins <= 0:
            raise _invalid(f"nbins should be a positive number, but got '{nbins}'")
        if np.isnan(values).any():
            raise _invalid("values holds NaN, which belongs in no bin")
        width = (np.float64(high) - np.float64(low)) / np.float64(nbins)
        with np.errstate(invalid="ignore"):  # a range without an end has one bin
            places = np.nan_to_num(np.clip((values.ravel().astype(np.float64) - np.float64(low)) / width, 0, nbins - 1))
        return np.bincount(places.astype(np.int64), minlength=int(nbins)).astype(dtype.np)


def histogram_fixed_width(values, value_range, nbins=100, dtype=int32, name=None):
    """How many of ``values`` lie in each of ``nbins`` bins of equal width.

    Args:
      values: int32, int64, float32 or float64, of any shape.
      value_range: the lower end of the first bin and the upper end of the last; what lies beyond counts as in them.
      nbins: the number of bins.
      dtype: int32 or int64, of the counts.

    Raises:
      tf.errors.InvalidArgumentError: the range is empty, when it runs.

    >>> import graphcore as tf
    >>> with tf.Session() as session:
    ...     session.run(tf.histogram_fixed_width([-1.0, 0.0, 1.5, 2.0, 5.0, 15.0], [0.0, 5.0], nbins=5))
    array([2, 1, 1, 0, 2], dtype=int32)
    """
    with name_scope(name, "histogram_fixed_width", [values, value_range, nbins]) as name:
        return HistogramFixedWidth.build(values, value_range, nbins, dtype=dtype, name=name)


def histogram_fixed_width_bins(values, value_range, nbins=100, dtype=int32, name=None):
    """The number of the bin of each of ``values``, int32; arguments as for `histogram_fixed_width`, values are floats.

    ``dtype`` has no effect, as in TF.
    """
    with name_scope(name, "histogram_fixed_width_bins", [values, value_range, nbins]):
        values = to_tensor(values, name="values")
        sizes = arrays.shape(values)
        values = arrays.reshape(values, [-1])
        value_range = to_tensor(value_range, name="value_range")
        nbins = to_tensor(nbins, dtype=int32, name="nbins")
        count = casting.cast(nbins, values.dtype)
        scaled = division.truediv(values - value_range[0], value_range[1] - value_range[0], name="scaled_values")
        places = mathematics.floor(count * scaled, name="indices")
        places = casting.cast(clipping.clip_by_value(places, 0, count - 1), int32)
        return arrays.reshape(places, sizes)


__all__ = ["histogram_fixed_width", "histogram_fixed_width_bins"]
