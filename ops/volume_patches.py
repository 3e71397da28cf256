"""Patches of volumes, laid out one after the other along the channels."""

import numpy as np

from graphcore.core import errors
from graphcore.core.dtypes import REAL
from graphcore.core.opdef import Attr, Input, Op, Output, TypeAttr
from graphcore.core.shapes import format_shape, with_rank
from graphcore.ops import arrays, constants, convolution3d, joining, transposing, volumes, windowing
from graphcore.ops.kernels import volumes as kernels


def _check_lists(**lists):
    for name, values in lists.items():
        if len(values) < 5:
            raise ValueError(f"Attr '{name}' of 'ExtractVolumePatches' Op passed list of length {len(values)} less than minimum 5.")


class ExtractVolumePatches(Op):
    """Patches of the volumes ``input``, ``strides`` apart, each of ``ksizes`` elements, one after the other along the channels."""

    ksizes = Attr([int], minimum=5)
    strides = Attr([int], minimum=5)
    T = TypeAttr(REAL)
    padding = Attr(bytes, allowed=windowing.PADDINGS)
    input = Input(T)
    patches = Output(T)
    example = dict(input=[[[[[1.0]], [[2.0]], [[3.0]]]]], ksizes=[1, 1, 2, 1, 1], strides=[1, 1, 1, 1, 1], padding="VALID",
                   patches=[[[[[1.0, 2.0]], [[2.0, 3.0]]]]])

    def infer(node):
        sizes = with_rank(node.input.shape.sizes, 5) or (None,) * 5
        _check_lists(ksizes=node.ksizes, strides=node.strides)
        counts = [windowing.window_count(size, window, stride, 1, node.padding)
                  for size, window, stride in zip(sizes[1:4], node.ksizes[1:4], node.strides[1:4])]
        return (sizes[0], *counts, None if sizes[4] is None else sizes[4] * int(np.prod(node.ksizes[1:4])))

    def kernel(input, *, ksizes, strides, padding):
        for name, values in (("ksizes", ksizes), ("strides", strides)):
            if values[0] != 1 or values[4] != 1:
                raise errors.UnimplementedError(None, None, f"Only support {name} across space.")
        if input.ndim != 5:
            raise volumes.invalid(f"input must be 5-dimensional{format_shape(input.shape)}")
        planes, rows, columns = kernels.spans_of(input.shape[1:4], ksizes[1:4], strides[1:4], (1, 1, 1), padding)
        around = [(span.before, span.after) for span in (planes, rows, columns)]
        padded = np.pad(input, [(0, 0), *around, (0, 0)])
        taps = [padded[:, planes.tap(plane), rows.tap(row), columns.tap(column)] for plane in range(planes.window)
                for row in range(rows.window) for column in range(columns.window)]
        return np.concatenate(taps, axis=4)

    def grad(node, dy):
        # The patches of one channel are a convolution with filters that pick one element each.
        windows = list(node.ksizes[1:4])
        count = int(np.prod(windows))
        sizes, found = arrays.shape(node.input), arrays.shape(dy)
        filters = constants.constant(np.eye(count, dtype=node.input.dtype.np).reshape(*windows, 1, count))
        split = arrays.reshape(dy, joining.stack([found[0], found[1], found[2], found[3], count, sizes[4]]))
        split = transposing.transpose(split, [0, 5, 1, 2, 3, 4])
        alone = arrays.reshape(split, joining.stack([-1, found[1], found[2], found[3], count]))
        wanted = joining.stack([sizes[0] * sizes[4], sizes[1], sizes[2], sizes[3], 1])
        result = convolution3d.Conv3DBackpropInputV2.build(wanted, filters, alone, strides=node.strides, padding=node.padding)
        together = arrays.reshape(result, joining.stack([sizes[0], sizes[4], sizes[1], sizes[2], sizes[3]]))
        return transposing.transpose(together, [0, 2, 3, 4, 1])


def extract_volume_patches(input, ksizes, strides, padding, name=None):
    """Patches of volumes ``[batch, planes, rows, columns, channels]``: ``[batch, patches..., elements of a patch * channels]``.

    Args:
      ksizes: ``[1, planes, rows, columns, 1]`` of a patch.
      strides: ``[1, planes, rows, columns, 1]`` from one patch to the next.
      padding: "VALID" for patches within the volume, "SAME" for zeros around it.

    >>> import graphcore as tf
    >>> volume = tf.reshape(tf.range(4), [1, 1, 2, 2, 1])
    >>> with tf.Session() as session:
    ...     session.run(tf.extract_volume_patches(volume, [1, 1, 2, 2, 1], [1] * 5, "VALID")).ravel()
    array([0, 1, 2, 3], dtype=int32)
    """
    return ExtractVolumePatches.build(input, ksizes=ksizes, strides=strides, padding=padding, name=name)


__all__ = ["extract_volume_patches"]
