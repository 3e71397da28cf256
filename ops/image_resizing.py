"""Images of other sizes: resized bilinearly, bicubically, by area or by the nearest pixel."""

import numpy as np

from graphcore.core import errors
from graphcore.core.convert import to_tensor
from graphcore.core.dtypes import FLOATS, bfloat16, float16, float32, float64, int8, int16, int32, int64, uint8, uint16
from graphcore.core.opdef import Attr, Input, Op, Output, TypeAttr
from graphcore.core.scopes import name_scope
from graphcore.core.shapes import ShapeMismatch, TensorShape, format_shape, with_rank
from graphcore.core.view import partial_value
from graphcore.ops import arithmetic, arrays, casting, image_checks, mathematics, reshaping
from graphcore.ops.kernels import resizing
from graphcore.ops.kernels.resizing import Axis

_PIXELS = frozenset({int8, uint8, int16, uint16, int32, int64, float16, float32, float64})


class ResizeMethod:
    """The ways to resize that `resize_images` knows."""

    BILINEAR = 0
    NEAREST_NEIGHBOR = 1
    BICUBIC = 2
    AREA = 3


# ---------------------------------------------------------------- what the declarations share


def _invalid(text):
    return errors.InvalidArgumentError(None, None, text)


def sizes_given(size, count=2):
    """The entries of a ``size`` input, None for each that is not known while building."""
    (length,) = with_rank(size.shape.sizes, 1)
    if length is not None and length != count:
        raise ShapeMismatch(f"Dimension must be {count} but is {length}")
    if size.value is None:
        return (None,) * count
    for each in size.value.tolist():
        if each < -1:
            raise ValueError(f"Dimension {each} must be >= 0")
    return tuple(None if each == -1 else each for each in size.value.tolist())


def _resized(node, images):
    batch, _, _, channels = with_rank(images.shape.sizes, 4)
    return (batch, *sizes_given(node.size), channels)


def _axes(images, size, align_corners, half_pixel_centers=False):
    """The rows and the columns, before and after; TF's errors for sizes that are none."""
    if half_pixel_centers and align_corners:
        raise _invalid("If half_pixel_centers is True, align_corners must be False.")
    if images.ndim != 4:
        raise _invalid(f"input must be 4-dimensional{format_shape(images.shape)}")
    if size.ndim != 1:
        raise _invalid(f"shape_t must be 1-dimensional{format_shape(size.shape)}")
    if size.size != 2:
        raise _invalid(f"shape_t must have two elements{format_shape(size.shape)}")
    if size.min() <= 0:
        raise _invalid(f"output dimensions must be positive, got {size.tolist()}")
    if 0 in images.shape[1:3]:
        raise _invalid(f"input image must be of non-zero size, its shape is {format_shape(images.shape)}")
    if images.shape[3] == 0:
        raise _invalid("image must have at least one channel")
    return [Axis(before, int(after), align_corners, half_pixel_centers) for before, after in zip(images.shape[1:3], size)]


def _axes_back(gradients, image, align_corners, half_pixel_centers):
    """The rows and the columns of the image that the gradients belong to, which is ``image``."""
    if half_pixel_centers and align_corners:
        raise _invalid("If half_pixel_centers is True, align_corners must be False.")
    for name, value in (("input_grad", gradients), ("original_image", image)):
        if value.ndim != 4:
            raise _invalid(f"{name} must be 4-dimensional{format_shape(value.shape)}")
    if (len(gradients), gradients.shape[3]) != (len(image), image.shape[3]):
        raise _invalid(f"input_grad and original_image must have the same batch and channels: {format_shape(gradients.shape)} and "
                       f"{format_shape(image.shape)}")
    return [Axis(before, after, align_corners, half_pixel_centers) for before, after in zip(image.shape[1:3], gradients.shape[1:3])]


def _back(gradients, rows, columns, dtype, way):
    """``way`` of these gradients; zeros if there are none."""
    if gradients.size == 0 or not (rows.size and columns.size):
        return np.zeros((gradients.shape[0], rows.size, columns.size, gradients.shape[3]), dtype)
    return way(gradients, rows, columns, dtype)


def _centers(node):
    return {"align_corners": node.align_corners, "half_pixel_centers": node.half_pixel_centers}


# ---------------------------------------------------------------- declarations

_IMAGE = np.array([[[[1.0], [5.0]], [[4.0], [2.0]]]], np.float32)
_SIZE = np.array([4, 2], np.int32)


class ResizeBilinear(Op):
    """``images`` resized to ``size``: each pixel from the four around its place, by how near they are; float32."""

    T = TypeAttr(_PIXELS | {bfloat16})
    align_corners = Attr(bool, default=False)
    half_pixel_centers = Attr(bool, default=False)
    images = Input(T)
    size = Input(int32, static=True)
    resized_images = Output(float32)
    example = dict(images=_IMAGE, size=_SIZE, resized_images=[[[[1.0], [5.0]], [[2.5], [3.5]], [[4.0], [2.0]], [[4.0], [2.0]]]])

    def infer(node):
        return _resized(node, node.images)

    def kernel(images, size, *, align_corners, half_pixel_centers):
        return resizing.bilinear(images, *_axes(images, size, align_corners, half_pixel_centers))

    def grad(node, dy):
        return ResizeBilinearGrad.build(dy, node.images, **_centers(node)), None


class ResizeBilinearGrad(Op, refuses=True):
    """The gradient of `ResizeBilinear` in its images, whose sizes and type are those of ``original_image``."""

    T = TypeAttr(FLOATS)
    align_corners = Attr(bool, default=False)
    half_pixel_centers = Attr(bool, default=False)
    grads = Input(float32)
    original_image = Input(T)
    output = Output(T)
    example = dict(grads=np.ones((1, 4, 2, 1), np.float32), original_image=_IMAGE, output=[[[[1.5], [1.5]], [[2.5], [2.5]]]])

    def infer(node):
        return node.original_image.shape

    def kernel(grads, original_image, *, align_corners, half_pixel_centers, T):
        axes = _axes_back(grads, original_image, align_corners, half_pixel_centers)
        return _back(grads, *axes, T.np, resizing.bilinear_gradient)


class ResizeNearestNeighbor(Op):
    """``images`` resized to ``size``: each pixel the one at its place; of the images' type."""

    T = TypeAttr(_PIXELS)
    align_corners = Attr(bool, default=False)
    half_pixel_centers = Attr(bool, default=False)
    images = Input(T)
    size = Input(int32, static=True)
    resized_images = Output(T)
    example = dict(images=_IMAGE, size=_SIZE, resized_images=[[[[1.0], [5.0]], [[1.0], [5.0]], [[4.0], [2.0]], [[4.0], [2.0]]]])

    def infer(node):
        return _resized(node, node.images)

    def kernel(images, size, *, align_corners, half_pixel_centers):
        return resizing.nearest(images, *_axes(images, size, align_corners, half_pixel_centers))

    def grad(node, dy):
        sizes = node.images.get_shape()[1:3]
        sizes = sizes if sizes.is_fully_defined() else arrays.shape(node.images)[1:3]
        return ResizeNearestNeighborGrad.build(dy, sizes, **_centers(node)), None


class ResizeNearestNeighborGrad(Op, refuses=True):
    """The gradient of `ResizeNearestNeighbor` in its images, which are of ``size``."""

    T = TypeAttr({uint8, int8, int32, float16, float32, float64})
    align_corners = Attr(bool, default=False)
    half_pixel_centers = Attr(bool, default=False)
    grads = Input(T)
    size = Input(int32, static=True)
    output = Output(T)
    example = dict(grads=_IMAGE, size=np.array([1, 2], np.int32), output=[[[[5.0], [7.0]]]])

    def infer(node):
        return _resized(node, node.grads)

    def kernel(grads, size, *, align_corners, half_pixel_centers, T):
        if grads.ndim != 4:
            raise _invalid(f"input must be 4-dimensional{format_shape(grads.shape)}")
        if size.ndim != 1:
            raise _invalid(f"shape_t must be 1-dimensional{format_shape(size.shape)}")
        if size.size != 2:
            raise _invalid(f"shape_t must have two elements{format_shape(size.shape)}")
        if size.min() <= 0:
            raise _invalid("shape_t's elements must be positive")
        axes = [Axis(int(before), after, align_corners, half_pixel_centers) for before, after in zip(size, grads.shape[1:3])]
        return _back(grads, *axes, T.np, resizing.nearest_gradient)


class ResizeBicubic(Op):
    """``images`` resized to ``size``: each pixel from the sixteen around its place, by a cubic; float32."""

    T = TypeAttr(_PIXELS)
    align_corners = Attr(bool, default=False)
    half_pixel_centers = Attr(bool, default=False)
    images = Input(T)
    size = Input(int32, static=True)
    resized_images = Output(float32)
    example = dict(images=_IMAGE, size=_SIZE, resized_images=[[[[1.0], [5.0]], [[2.5], [3.5]], [[4.0], [2.0]], [[4.28125], [1.71875]]]])

    def infer(node):
        return _resized(node, node.images)

    def kernel(images, size, *, align_corners, half_pixel_centers):
        return resizing.bicubic(images, *_axes(images, size, align_corners, half_pixel_centers))

    def grad(node, dy):
        if node.images.dtype not in (float32, float64):
            return None, None
        return ResizeBicubicGrad.build(dy, node.images, **_centers(node)), None


class ResizeBicubicGrad(Op, refuses=True):
    """The gradient of `ResizeBicubic` in its images, whose sizes and type are those of ``original_image``."""

    T = TypeAttr({float32, float64})
    align_corners = Attr(bool, default=False)
    half_pixel_centers = Attr(bool, default=False)
    grads = Input(float32)
    original_image = Input(T)
    output = Output(T)
    example = dict(grads=np.ones((1, 4, 2, 1), np.float32), original_image=_IMAGE,
                   output=[[[[1.40625], [1.40625]], [[2.59375], [2.59375]]]])

    def infer(node):
        return node.original_image.shape

    def kernel(grads, original_image, *, align_corners, half_pixel_centers, T):
        axes = _axes_back(grads, original_image, align_corners, half_pixel_centers)
        return _back(grads, *axes, T.np, resizing.bicubic_gradient)


class ResizeArea(Op, refuses=True):
    """``images`` resized to ``size``: each pixel the mean of the area that it stands for; float32."""

    T = TypeAttr(_PIXELS)
    align_corners = Attr(bool, default=False)
    images = Input(T)
    size = Input(int32, static=True)
    resized_images = Output(float32)
    example = dict(images=_IMAGE, size=np.array([1, 2], np.int32), resized_images=[[[[2.5], [3.5]]]])

    def infer(node):
        return _resized(node, node.images)

    def kernel(images, size, *, align_corners):
        return resizing.area(images, *_axes(images, size, align_corners))


# ---------------------------------------------------------------- functions


def resize_bilinear(images, size, align_corners=False, name=None, half_pixel_centers=False):
    """Images ``[batch, rows, columns, channels]`` of another ``size``, interpolated linearly; float32."""
    return ResizeBilinear.build(images, size, align_corners=align_corners, half_pixel_centers=half_pixel_centers, name=name)


def resize_nearest_neighbor(images, size, align_corners=False, name=None, half_pixel_centers=False):
    """Images ``[batch, rows, columns, channels]`` of another ``size``, made of the pixels that they have."""
    return ResizeNearestNeighbor.build(images, size, align_corners=align_corners, half_pixel_centers=half_pixel_centers, name=name)


def resize_bicubic(images, size, align_corners=False, name=None, half_pixel_centers=False):
    """Images ``[batch, rows, columns, channels]`` of another ``size``, interpolated with cubics; float32."""
    return ResizeBicubic.build(images, size, align_corners=align_corners, half_pixel_centers=half_pixel_centers, name=name)


resize_area = ResizeArea.function()

_WAYS = {ResizeMethod.BILINEAR: resize_bilinear, "bilinear": resize_bilinear,
         ResizeMethod.NEAREST_NEIGHBOR: resize_nearest_neighbor, "nearest": resize_nearest_neighbor,
         ResizeMethod.BICUBIC: resize_bicubic, "bicubic": resize_bicubic,
         ResizeMethod.AREA: resize_area, "area": resize_area}


def resize_images(images, size, method=ResizeMethod.BILINEAR, align_corners=False, preserve_aspect_ratio=False, name=None):
    """One image or a batch of images of another size.

    Args:
      images: ``[rows, columns, channels]`` or ``[batch, rows, columns, channels]``.
      size: the new numbers of rows and columns; int32.
      method: one of `ResizeMethod`, or "bilinear", "nearest", "bicubic", "area".
      align_corners: whether the corner pixels stay at the corners.
      preserve_aspect_ratio: make the largest image that fits into ``size`` undistorted.

    The result is float32, but of the images' type for nearest neighbours, and if nothing is to be done.

    Raises:
      ValueError: images of another rank, a size that is not two numbers, an unknown method.

    >>> import graphcore as tf
    >>> with tf.Session() as session:
    ...     session.run(tf.image.resize_images([[[1], [5]]], [1, 4]))[0, :, 0]
    array([1., 3., 5., 5.], dtype=float32)
    """
    with name_scope(name, "resize", [images, size]):
        images = to_tensor(images, None, "images")
        images, single = _with_batch(images)
        size = _size_tensor(size)
        if preserve_aspect_ratio:
            size = to_tensor(_undistorted(images, partial_value(size)), int32, "size")
        height, width = _known_sizes(size)
        if None not in (height, width) and images.get_shape().sizes[1:3] == (height, width):
            resized = images
        else:
            way = _WAYS.get(method) if isinstance(method, (str, int)) else None
            if way is None:
                raise ValueError(f"Resize method is not implemented. It is {method!r}; there are {list(_WAYS)}.")
            resized = way(images, size, align_corners=align_corners)
            resized.set_shape([None, height, width, None])
        return reshaping.squeeze(resized, axis=[0]) if single else resized


def _with_batch(images):
    """``images`` with four axes, and whether there was one image alone."""
    rank = images.get_shape().ndims
    if rank is None:
        raise ValueError("'images' contains no shape.")
    if rank not in (3, 4):
        raise ValueError("'images' must have either 3 or 4 dimensions.")
    return (reshaping.expand_dims(images, 0), True) if rank == 3 else (images, False)


def _size_tensor(size):
    try:
        size = to_tensor(size, int32, "size")
    except (TypeError, ValueError):
        raise ValueError("'size' must be a 1-D int32 Tensor") from None
    if not size.get_shape().is_compatible_with(TensorShape([2])):
        raise ValueError("'size' must be a 1-D Tensor of 2 elements: new_height, new_width")
    return size


def _known_sizes(size):
    """The two entries of a size, None for each that is not known, -1 or calculated from floats: TF does not look through these."""
    if size.op.type == "Pack" and any(entry.op.type == "Cast" for entry in size.op.inputs):
        return None, None
    return [None if each is None or each < 0 else int(each) for each in partial_value(size) or (None, None)]


def _undistorted(images, wanted):
    """The sizes of ``images`` times the one factor that makes them fit."""
    _, height, width, _ = image_checks.dimensions(images, 4)
    sizes = height, width
    factors = [casting.cast(new, float32) / casting.cast(old, float32) for new, old in zip(wanted or (None, None), sizes)]
    factor = arithmetic.minimum(*factors)
    return [casting.cast(mathematics.round(factor * casting.cast(size, float32)), int32) for size in sizes]


__all__ = ["ResizeMethod", "resize_area", "resize_bicubic", "resize_bilinear", "resize_images", "resize_nearest_neighbor"]
